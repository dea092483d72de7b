"""What a message says, or asks, of words said before: "Did you say you'd move to Burgundy?", "I never told you that".

A sentence about words is taken apart here: who is said to have said it, to whom, when, and what, put back into the
first person of who said it.  The reader reads that as it reads any message, over the board of the phase in which it
would have been said, so that "you'd move to Burgundy" means the unit that stood there then.  Whether it is on record
is asked of the ledger (`dialogue.sayings`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialogue.board import Board
from dialogue.first_person import JOINT, in_first_person
from dialogue.names import find_names
from dialogue.saying_verbs import POWERS, SAID, SAY, SAYING, plain
from engine.record import PhaseRecord
from engine.types import Phase, PhaseKind, Power, Province, Season


@dataclass(frozen=True)
class Recalled:
    """A sentence about words of one of the two who talk."""

    by: Power
    """Who is said to have said it."""
    to: Power | None
    """To whom; None: to whoever it may be."""
    words: str
    """What was said, in the first person of who said it, or, in quotation marks, the very words; "": "that"."""
    asks: bool = False
    denies: bool = False
    """Says that it was not said."""
    is_open: bool = False
    """Asks, or says, what was said rather than whether something was."""
    quote: str = ""
    """The words, where they are quoted."""
    provinces: tuple[Province, ...] = ()
    """What an open question is about."""
    phase: Phase | None = None
    """When it was said; None: not told."""
    start: int = 0
    end: int = 0
    """The sentence, and a yes or no before it that belongs to it, within the text."""


_WHO = rf"(?P<who>you|i|we|{POWERS})"
_YOU = (
    r"you(?!'| (?:(?:would|were|was|are|could|should|had|have|might|wo|ca|do|did)(?:n't)?|will|can|never|"
    r"plan(?:ned)?|intend(?:ed)?|meant|wanted)\b)"
)
""" "You" as whom, not as who: "told you", beside "said you would"."""
_WHOM = (
    rf"me|us|{_YOU}|him|her|them|{POWERS}(?! channel)|(?:any|every|some)(?:one|body)(?: else)?|"
    rf"(?:the )?others?(?: players)?|"
    r"another (?:power|player)"
)
_OBJECT = rf"(?:,? (?:to |with |of )?(?P<whom>{_WHOM})(?!\w| and\b))?"
_SURELY = (
    r"(?: (?:\w{2,}ly|not|ever|never|just|once|also|both|yourself|myself|even|been|indeed|then|first|"
    r"at any (?:point|time|stage)|at (?:some|one) point|in fact|at all|so much as|do|did))*"
)
_NOT = r"(?:n't| not)"
_ASKED_WHAT = re.compile(
    r"\b(?:what|which \w+)(?: exactly| precisely| else| all| was it| is it)?(?: that)?(?: again)? "
    rf"(?:(?:did|have|had|were) (?:i hear(?:d)? )?{_WHO}|have i heard (?P<heard>you)){_SURELY} "
    rf"(?:{SAY}|{SAID}|{SAYING})\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WHAT_IT_WAS = re.compile(
    r"\b(?:what(?:ever)?|all|anything|everything)(?: (?:was|is) it)?(?: again)?(?: exactly)? ?(?:that )?"
    rf"\b{_WHO}(?: have| had|'ve|'d)?{_SURELY} {SAID}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WANTED = re.compile(
    r"\b(?:remind|tell|repeat|say|forg[eo]t\w*|recall|remember|recollect|know|wonder|lost|quote|hear|"
    r"look up|check|clear|sure)\b",
    re.I,
)
"""What wants to be told "what you said": "consistent with what you said" does not."""
_WHAT_WERE = re.compile(
    r"\bwhat(?:'s| (?:was|were|is|are|have|has))(?: been)? (?:(?P<who>your|my) (?:exact )?"
    r"(?:words?|promises?|assurances?|commitments?|statements?)|(?:\w+ )?(?:on|in the) record from (?P<whose>you|me))"
    rf"(?: been)?(?: (?:again|exactly))?{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WHAT_LINE_WAS = re.compile(
    r"\bwhat (?:was|had been|has been) (?P<who>your|my) (?:line|position|stance|message|answer|story)(?P<rest>.*)$",
    re.I,
)
_WHETHER = re.compile(
    rf"\b(?:(?:did|have|had|has){_NOT}?|(?:(?:were|are|was){_NOT}?(?= we\b)|were{_NOT}?(?= (?:you|i){_SURELY} "
    rf"{SAYING}))) {_WHO}{_NOT}?{_SURELY} (?:{SAY}|{SAID}|{SAYING})\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WAS_IT = re.compile(
    rf"\b(?:was|were|is|are)(?:{_NOT})? (?:it )?(?P<who>you|i)(?:{_NOT})?(?: the one)? (?:who|that|to have)(?: had)?"
    rf"{_SURELY} {SAID}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_REMEMBERED = re.compile(
    rf"\b(?P<owner>i|you)?\s?(?P<no>(?:do|did|can|could)(?:{_NOT})|can't|cannot|never)?\s?(?:do )?"
    r"\b(?:remember|recall|recollect|deny|denied|admit|have|noted|memory of|record of|stand by|forget|forgotten)"
    rf"(?: (?P<who>you|me|us|your|my))?(?: down)?(?: as)?(?: ever)? (?:{SAYING}|having{_SURELY} {SAID})\b"
    rf"{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_STATED = re.compile(
    r"(?:^|[,;:(–—-] ?|\b(?:tell me|know|remember|sure|recall|check|ask|asking|asked(?: me)?|confirm|wonder|wondering|"
    r"remind me|see) if |"
    r"\b(?!(?:as|like|than|what|which|where|how|why|if|unless|once|until|should|all|everything|than|not|"
    r"nor|are|is|were|was)\b)"
    r"[\w']+[,:]? |\b(?:message|time|place|point) where |\bhow come )"
    rf"(?P<who>you|i|we)(?:(?P<did> did(?:{_NOT})?{_SURELY}| (?:forgot|failed|neglected) to) {SAY}|"
    rf"(?P<unreal>(?<=\byou) (?:could|should|ought to) have)(?: ever| just| at least)? {SAID}(?!.* if )|"
    rf"(?: have| had|'ve|'d| were(?= \w+ing\b))?(?P<adv>(?:{_NOT})?{_SURELY}) (?:{SAID}|(?<=were ){SAYING}))\b"
    rf"{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_AND_STATED = re.compile(
    rf"\b(?P<who>you|i)\b(?P<adv>) [^,;:]*? and(?: then)?{_SURELY} {SAID}\b{_OBJECT}(?P<rest> .*)$", re.I
)
""" "You looked at me and said ..."."""
_NAMED = re.compile(
    r"(?<!\bdo i have )\b(?P<who>your|my) (?:word|promise|assurance)\b(?: to (?:me|you))?(?: was| had been)?"
    r"(?P<rest> (?:to|not to|that) .*)$",
    re.I,
)
_BEEN = r"(?:have|had)(?=(?:n't)?(?: \w+){0,2} been\b)"
_PASSIVE = re.compile(
    rf"\b(?:(?P<asked>was|were|{_BEEN}){_NOT}? (?P<heard>i|you|it)|(?P<hearer>i|you|it) (?:was|were|{_BEEN}))"
    rf"(?P<adv>(?:{_NOT})?{_SURELY}) {SAID}(?: to (?:you|me))?"
    r"(?: (?:by|between|among)(?: the two of)? (?P<giver>you|me|us|both of us|(?:any|no)(?:body|one)))?"
    r"(?P<rest>,? (?:that|to|not to|you|i)\b.*)$",
    re.I,
)
""" "I was never told that ...", "was it agreed between us that ...?", "were you told by me that ...?"."""
_ELLIPTIC = re.compile(
    rf"^(?:so |and |but |what[,?!]? )?(?:(?P<who>me|i|you)[,?!] )?(?P<adv>(?:ever |never )?)"
    rf"(?:{SAID}|(?:(?<=ever )|(?<=[,?!] )){SAY})\b{_OBJECT}"
    r"(?P<rest>[ ,:]*(?:(?:that|so|this|it|you|i|we|to|not|no|anything|nothing|something|about|support|\w+ing)\b.*)?)$",
    re.I,
)
""" "Said you'd hold, did you?": whose words, the tag says; "me, say I'd hold?"."""
_TAG = re.compile(
    r"[,.]* *(?:\b(?:did(?:n't| not)? (?:you|i|we)(?: not)?|right|correct|no|yes|remember|true|or (?:not|no)|"
    r"is(?:n't| not) (?:it|that so|that right)|was(?:n't| not) it|am i (?:wrong|right|mistaken)|or am i \w+|"
    r"have(?:n't| not) you|had(?:n't| not) you|were(?:n't| not) you|don't you (?:remember|recall)|eh|huh))[ ?.!]*$",
    re.I,
)
_CONFIRM = re.compile(
    r"(?:(?:did|didn't|have|haven't) (?:you|i|we)(?: not)?|"
    r"(?:is|isn't|was|wasn't) (?:that|it)(?: not)? (?:right|so|true|correct)|"
    r"right|true|correct|yes|no|yes or no|or not|remember|am i (?:right|wrong|mistaken)|is that a lie)\?+",
    re.I,
)
"""A question that asks only whether what was just said is so."""
_TRULY = re.compile(
    r"\b(?:is|was|isn't|wasn't) it (?:not )?(?:true|right|correct|so|the case)\b|\bam i right\b|"
    r"\b(?:confirm|tell me (?:honestly|whether|if)|whether|check)\b",
    re.I,
)
_TOPIC = re.compile(
    r"^[ ,]*(?:(?:anything|nothing|something|things?|a word|so much as a word)(?: at all)? )?"
    r"(?:about|regarding|concerning|on|as to|with regard to|for|in regard to|of)\b",
    re.I,
)
_NOTHING = re.compile(r"^[ ,]*(?:nothing|not a word|no word)\b", re.I)
_ANYTHING = re.compile(r"^[ ,]*(?:anything|something)(?: at all| else)?[ ,.]*$", re.I)
_SHIFTED = re.compile(r"\b(?:would|wouldn't|was|wasn't|were|could|had)\b|'d\b|^[ ,]*(?:(?:not|never) )?to\b", re.I)
""" "I said I would", beside "as I told you, I will", which says it anew."""
_NEVER_BEFORE = re.compile(
    r"\b(?:at no (?:point|time|stage)|not once|never(?: once)?|no way|in no way|by no means|nowhere|"
    r"on no occasion)[ ,]*$",
    re.I,
)
""" "At no point did you tell me": no question."""
_WHY = re.compile(r"\b(?:why|how come|what (?:made you|for))\b", re.I)
_NOT_SO = re.compile(
    rf"\b(?:(?:do|did|does|can|could|would|will){_NOT}|can't|cannot|never|no longer)(?: \w+ly| ever| even)? "
    r"(?:think|believe|remember|recall|recollect|hear|heard|see|find|accept|know)\b(?!.*\b(?:if|whether)\b)|"
    rf"(?:\b(?:is|was|'s){_NOT}|\bnot) (?:at all |really )?(?:true|right|correct|so|the case)\b|"
    r"\b(?:a lie|untrue|false|nonsense|news to me|wrong to say|denied|(?<!\bdare )(?<!not )(?<!n't )deny)\b|"
    r"\bno (?:memory|recollection|record|trace)\b|"
    r"\byou (?:keep |kept |are |were )?(?:claim|say|insist|pretend|alleg|accus)\w*(?: me of)?(?: that)?[ ,]*$",
    re.I,
)
"""What stands before words that were, it says, not said."""
_DOUBT = re.compile(
    r"\b(?:whether|i wonder|wondering|i forget|remind me|refresh my memory|confirm|correct me|"
    r"am i (?:right|wrong|mistaken)|"
    r"(?:know|remember|recall|sure|check|see|ask|asked me|asking|tell me|find out|figure out|make out) if|"
    r"is it (?:true|so))\b",
    re.I,
)
"""What makes a question of words, whosever they are."""
_CHALLENGE = re.compile(
    r"\bi(?:'d| had| have|'ve)?(?: could have)? (?:thought|sworn|believed?|understood)\b|\bunder the impression\b|"
    r"\b(?:seem to|do|distinctly|clearly|i) (?:remember|recall)\b|\bmemory serves\b|\bunless i|\bas far as i\b|"
    r"\bif i (?:remember|recall|am not|'m not|understood)\b|\bto my (?:knowledge|recollection)\b|\baccording to\b|"
    r"\b(?:notes|record|messages) (?:say|says|show|have)\b|\bdoubt\w*\b|\bdeny\b|\bhow come\b",
    re.I,
)
"""What calls on the one whose words they are to say yes or no."""
_RETORT = re.compile(
    r"(?:no,? |but |well,? |sorry,? )?(?:(?:and )?(?:i|we) (?:did|have|had)(?:n't| not)(?: at all)?|"
    r"(?:and )?(?:i|we) never (?:did|have)|never|"
    r"(?:that|this|it)(?:'s| is| was) (?:not (?:true|so|right)|a lie|false|wrong|nonsense|untrue))[ .!]*",
    re.I,
)
"""A sentence that says only that what was just said is not so."""
_WITH_ANOTHER = re.compile(rf"\b(?:{POWERS}|he|she|they) and $", re.I)
""" "England and I agreed": not the two who talk."""
_FURTHER = re.compile(
    r"(?:,? (?:and (?:that|this|now)|whatever|because|so (?:please|stop|why|what|that|don't)|although|"
    r"though|please|thanks|thank you)\b"
    r"|;).*$",
    re.I,
)
"""What comes after the words and is none of them."""
_CONTENT_CLAUSE = re.compile(
    r"^(?:(?:and|but|so|well|ok|hey)[ ,]+)?(?P<that>(?:that )?(?:you|i|we)(?:'d|'ll|'re|'m| (?:would|will|"
    r"were|was|are|am|"
    r"wouldn't|won't|weren't|wasn't|planned|intended|meant))\b.*?)"
    r"[ ,:;–—-]*(?:(?:that(?:'s| is| was)|this is|it(?:'s| is|"
    r" was)) (?:what|how))?[ ,:;–—-]*$",
    re.I,
)
"""Words that stand before "you said so"."""
_THAT = re.compile(
    r"^[ ,:]*(?:that|so|it|this|the same|any such thing|such a thing|anything like that|anything of the (?:sort|kind)|"
    r"any of that|those words|these words|no such thing|nothing of the (?:sort|kind))?[ ,.!?]*$",
    re.I,
)
_BEFORE = re.compile(
    r"(?:\b(?:yes|yeah|indeed|right|no|nope|true|of course|correct|ok|okay|sure|i did(?: not|n't)?|"
    r"you did(?: not|n't)?|i did say so|you did say so|not quite|not exactly|wait|hey|well|not so)[ ,.:;!–—-]*)+$",
    re.I,
)
_WHEN = re.compile(
    r",? ?\b(?:(?:back )?(?:in|during|from) )?(?:(?P<code>[SF]\d{4}[MR]?|W\d{4}A?)\b|"
    r"(?:the )?(?P<season>spring|fall|autumn|winter)(?: of|,)? (?P<year>\d{4})\b|"
    r"(?P<last>last|the previous|the last) (?P<what>turn|phase|season|move|round|spring|fall|autumn|winter|year)\b|"
    r"in \d{4}\b|"
    r"(?:a (?:long time|while|few (?:turns|phases|years)) ago|(?:some|\w+) (?:turns|phases|years) ago|back then|"
    r"at the (?:very )?(?:start|beginning)(?: of the game)?|ages ago|(?:way )?earlier|before)\b)",
    re.I,
)
_QUOTED = re.compile(r'"([^"\n]{2,320})"')
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.](?=\d|[a-z])[^.!?\n]*)*[.!?\n]*")
_SAINT = re.compile(r"\bSt\.(?= )", re.I)
_HOLD = "\ue001"
"""Stands for a quotation while sentences are looked for."""
_PLAIN = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"'})


def recalled(text: str, speaker: Power, addressee: Power | None, board: Board) -> tuple[Recalled, ...]:
    """The sentences of a text that are about words of the two who talk, in order.

    Sentences about what third powers said, and about words that nobody could make out, are not among them; nor is
    anything in a message to all, in which "you" is nobody.

    >>> from engine import Game
    >>> found = recalled("Did you say you'd hold in Munich?", Power.FRANCE, Power.GERMANY, Game().view(Power.FRANCE))
    >>> [(said.by.value, said.words, said.asks) for said in found]
    [('GERMANY', 'I will hold in Munich', True)]
    """
    if addressee is None:
        return ()
    straight = text.translate(_PLAIN)
    quotes = [match[1] for match in _QUOTED.finditer(straight)]
    held = _QUOTED.sub(_held, straight)
    held = _SAINT.sub("St ", held)
    found: list[Recalled] = []
    seen, last = 0, ""
    for match in _SENTENCE.finditer(held):
        sentence = match[0]
        here = quotes[seen : seen + sentence.count(_HOLD)]
        seen += sentence.count(_HOLD)
        before, last = last, sentence
        follows = bool(found) and found[-1].end == match.start()
        if follows and _CONFIRM.fullmatch(sentence.strip()):
            found[-1] = replace(found[-1], asks=True, denies=False, end=match.end())
            continue
        if follows and _retorts(found[-1], speaker) and _RETORT.fullmatch(sentence.strip()):
            found[-1] = replace(found[-1], asks=False, denies=True, end=match.end())
            continue
        said = _recalled(sentence, speaker, addressee, board, here, before)
        if said is not None:
            yes = _BEFORE.search(held[: match.start()])
            start = match.start() if yes is None else yes.start()
            found.append(replace(said, start=start, end=match.end()))
    return tuple(found)


def _retorts(said: Recalled, speaker: Power) -> bool:
    """Whether "I never did" after this denies it: of a question about the other's words it says nothing."""
    return said.by is speaker or not said.asks


def _held(match: re.Match[str]) -> str:
    """What stands for a quotation, as long as it; where its words end a sentence, so does it."""
    ends = match[1].rstrip()[-1:] in (".", "!", "?")
    return _HOLD + " " * (len(match[0]) - 2) + ("." if ends else " ")


def without(text: str, found: Sequence[Recalled]) -> str:
    """The text less those sentences."""
    pieces, last = [], 0
    for said in found:
        pieces.append(text[last : said.start])
        last = max(last, said.end)
    return " ".join([*pieces, text[last:]]).strip()


def unquoted(text: str) -> str:
    """The text less what is quoted in it: other words, said at another time."""
    return _QUOTED.sub('""', text.translate(_PLAIN))


def boards(board: Board, phase: Phase | None = None) -> tuple[Board, ...]:
    """The boards over which words may have been said: of a phase, or of all from now backwards."""
    history: Sequence[PhaseRecord] = getattr(board, "history", ())
    earlier = tuple(record.board for record in reversed(history) if record.phase.kind is PhaseKind.MOVEMENT)
    if phase is None:
        return (board, *earlier)
    named = tuple(record.board for record in history if record.phase == phase)
    return named or (board, *earlier)


# --- one sentence ----------------------------------------------------------------------------------------


def _recalled(
    sentence: str, speaker: Power, addressee: Power, board: Board, quotes: Sequence[str], before: str
) -> Recalled | None:
    times = [(_phase(match, board.phase), match) for match in _WHEN.finditer(sentence)]
    phase, when = next((time for time in times if time[0] is not None), times[0] if times else (None, None))
    told = sentence if when is None else f"{sentence[: when.start()]} {sentence[when.end() :]}"
    told = plain(re.sub(r"  +", " ", told).strip().lstrip(", "))
    asks = told.endswith("?")
    tag = _TAG.search(told)
    if tag is not None:
        told = told[: tag.start()]
        asks = asks or tag.start() > 0
    challenged = asks or told.rstrip().endswith("!")
    told = told.strip().rstrip(".!?, ")
    scene = _Scene(_Two(speaker, addressee), board, phase, quotes, before)
    for pattern in (_ASKED_WHAT, _WHAT_WERE, _WHAT_LINE_WAS):
        if (match := pattern.search(told)) is not None:
            return _open(match, scene)
    if (match := _WHAT_IT_WAS.search(told)) is not None:
        head = told[: match.start()]
        return _open(match, scene) if asks or not head.strip() or _WANTED.search(head) is not None else None
    if (match := _PASSIVE.search(told)) is not None:
        return _passive(match, scene, asks)
    for pattern in (_WAS_IT, _WHETHER):
        if (match := pattern.search(told)) is not None:
            return _inverted(match, scene)
    if (match := _REMEMBERED.search(told)) is not None:
        return _remembered(match, scene, asks)
    match = _STATED.search(told) or _NAMED.search(told) or _AND_STATED.search(told)
    if match is not None:
        return _stated(match, scene, asks, challenged)
    match = _ELLIPTIC.search(told)
    if match is None or not asks:
        return None
    tag_of_speaker = tag is not None and re.search(r"\bi\b", tag[0], re.I) is not None
    by = scene.two.subject(match["who"]) if match["who"] else speaker if tag_of_speaker else addressee
    return None if by is None else _of_words(match, scene, by, asks=True, denies=False)


def _inverted(match: re.Match[str], scene: _Scene) -> Recalled | None:
    """ "Did you say ...?"; but "at no point did you say ..." and "why didn't you say ..." are no questions of it."""
    head = match.string[: match.start()]
    own = match[0][: match.start("rest") - match.start()]
    why = _WHY.search(head) is not None and re.search(rf"\bnever\b|{_NOT}\b", own, re.I) is not None
    denies = why or _NEVER_BEFORE.search(head) is not None
    by = scene.two.subject(match["who"])
    return None if by is None else _of_words(match, scene, by, asks=not denies, denies=denies)


def _passive(match: re.Match[str], scene: _Scene, asks: bool) -> Recalled | None:
    """ "Was I told by you that ...?"; who is told nothing is told nothing by the other of the two."""
    asked = match["asked"] is not None and _NEVER_BEFORE.search(match.string[: match.start()]) is None
    hearer = (match["heard"] or match["hearer"]).lower()
    giver = (match["giver"] or "").lower()
    never = not asked and (
        match["asked"] is not None or re.search(rf"\bnever\b|{_NOT}\b|^no", f"{match['adv']} {giver}") is not None
    )
    if giver in ("you", "me"):
        by = scene.two.addressee if giver == "you" else scene.two.speaker
    elif giver.endswith("us") or hearer == "i" or (hearer == "it" and never):
        by = scene.two.addressee
    else:
        by = scene.two.speaker
    if not giver and not never and (hearer != "i" or not asked):
        return None  # by whom, it does not say
    return _of_words(match, scene, by, asks=asked or (asks and not never), denies=never)


def _stated(match: re.Match[str], scene: _Scene, asks: bool, challenged: bool) -> Recalled | None:
    """ "You said ...", and whether it is asked, or denied, by what stands before it."""
    by = scene.two.subject(match["who"])
    if by is None:
        return None
    groups = match.groupdict()
    head = match.string[: match.start("who")]
    if _WITH_ANOTHER.search(head) is not None:
        return None
    adverbs = f"{groups.get('did') or ''}{groups.get('adv') or ''}"
    adverbs += groups.get("unreal") or ""  # "you should have told me": you did not
    never = re.search(rf"\bnever\b|{_NOT}\b|\b(?:forgot|failed|neglected|have)\b", adverbs, re.I) is not None
    denies = never or _NOT_SO.search(head) is not None
    why = never and _WHY.search(head) is not None
    asks = asks or _DOUBT.search(head) is not None or _TRULY.search(match.string) is not None
    if not denies and by is scene.two.addressee:
        asks = asks or challenged or _CHALLENGE.search(head) is not None
    return _of_words(match, scene, by, asks=asks and not why, denies=denies)


@dataclass(frozen=True)
class _Scene:
    """What a sentence is read beside."""

    two: _Two
    board: Board
    phase: Phase | None
    """When it says that the words were said."""
    quotes: Sequence[str]
    before: str
    """The sentence before it."""


@dataclass(frozen=True)
class _Two:
    """Who talks to whom."""

    speaker: Power
    addressee: Power

    def subject(self, word: str) -> Power | None:
        """Who "you", "I", "your" is; None: somebody else."""
        word = word.lower()
        if word in ("you", "your", "we"):
            return self.addressee
        if word in ("i", "my", "me"):
            return self.speaker
        return None

    def other(self, one: Power) -> Power:
        """The other of the two."""
        return self.speaker if one is self.addressee else self.addressee

    def hearer(self, by: Power, word: str | None, board: Board) -> Power | None:
        """Whom words are said to have been said to; None: others, or nobody knows whom."""
        word = (word or "").lower()
        if word in ("", "me", "us", "you"):
            return self.other(by)
        named = [m.power for m in find_names(word.title(), board) if m.power is not None]
        return named[0] if named else None


def _open(match: re.Match[str], scene: _Scene) -> Recalled | None:
    groups = match.groupdict()
    by = scene.two.subject(next(groups[name] for name in ("who", "heard", "whose") if groups.get(name)))
    if by is None:
        return None
    rest = match["rest"]
    if (
        rest.strip()
        and _TOPIC.match(rest) is None
        and re.match(r"[ ,]*(?:back|in|then|again|there|so)\b", rest) is None
    ):
        return None
    places = _places(rest, scene.board) or _places(match.string[: match.start()], scene.board)
    if rest.strip() and not places:
        return None  # about a power, or about anything else that is no place
    to = scene.two.hearer(by, groups.get("whom"), scene.board)
    return Recalled(by, to, "", asks=True, is_open=True, provinces=places, phase=scene.phase)


def _of_words(match: re.Match[str], scene: _Scene, by: Power, asks: bool, denies: bool) -> Recalled | None:
    two, board, phase = scene.two, scene.board, scene.phase
    groups = match.groupdict()
    rest = _FURTHER.sub("", match["rest"])
    if (groups.get("who") or "").lower() == "we" and re.match(r"[ ,]*(?:that )?i\b", rest, re.I) is not None:
        by = two.speaker  # what was agreed is, for each, what it would do
    to = two.hearer(by, groups.get("whom"), board)
    if to is by:
        to = two.other(by)
    if scene.quotes:
        quote = scene.quotes[0]
        return Recalled(by, to, quote, asks, denies, quote=quote, phase=phase)
    if _THAT.match(rest):
        told = _CONTENT_CLAUSE.match(_head(match)) or (
            _CONTENT_CLAUSE.match(scene.before.strip().rstrip(".!?")) if asks else None
        )
        if told is not None:
            rest = f" {told['that']}"
        else:
            return Recalled(by, to, "", asks, denies, phase=phase) if denies and not asks else None
    if _TOPIC.match(rest) or _NOTHING.match(rest) or _BARE_PLACE.match(rest):
        places = _places(rest, board)
        doing = _ABOUT_DOING.match(rest)
        if doing is not None:
            rest = doing["doing"]
        elif places and (_BARE_PLACE.match(rest) is None or _is_place(rest, board)) and not _OWN_TOPIC.match(rest):
            denied = denies or _NOTHING.match(rest) is not None
            return Recalled(by, to, "", asks, denied, is_open=True, provinces=places, phase=phase)
    if _ANYTHING.match(rest):
        return Recalled(by, to, "", asks, denies, is_open=True, phase=phase) if asks else None
    shifted = denies or _SHIFTED.search(rest) is not None or JOINT.match(rest.strip()) is not None
    if by is two.speaker and not asks and not shifted:
        return None
    words = in_first_person(rest, swap=by is two.addressee)
    return None if not words else Recalled(by, to, words, asks, denies, phase=phase)


def _head(match: re.Match[str]) -> str:
    """What stands before "did you say", "you said": a word that a frame looks at before it is none of the frame."""
    return match.string[: match.start("who" if match.re is _STATED else 0)]


_ABOUT_DOING = re.compile(r"^[ ,]*(?:about|of|on)(?P<doing> (?:not )?[a-z]+ing\b.*)$", re.I)
_OWN_TOPIC = re.compile(r"[ ,]*(?:for|on|of)\b", re.I)
""" "Agreed on Burgundy" is no telling about it."""
_BARE_PLACE = re.compile(r"^ (?:the )?[A-Z][\w. ]*(?: (?:to (?:me|you)|at all))?[ ,]*$")


def _is_place(text: str, board: Board) -> bool:
    """Whether a text is the name of a province and no more."""
    left = " " + re.sub(r" (?:to (?:me|you)|at all)[ ,]*$", "", text.strip()).strip()  # "Den" begins no sentence here
    named = [m for m in find_names(left, board) if m.provinces]
    return len(named) == 1 and len(re.sub(r"\W|^the ", "", left)) <= len(
        re.sub(r"\W|^the ", "", left[named[0].start : named[0].end])
    )


def _places(text: str, board: Board) -> tuple[Province, ...]:
    return tuple(dict.fromkeys(m.provinces[0] for m in find_names(text, board) if m.provinces))


def _remembered(match: re.Match[str], scene: _Scene, asks: bool) -> Recalled | None:
    """ "Do you remember promising ...?", "I don't remember you saying ..."."""
    whose = {"you": "you", "your": "you", "me": "i", "my": "i", "us": "i"}.get((match["who"] or "").lower())
    by = scene.two.subject(whose or (match["owner"] or ("you" if asks else "i")))
    if by is None:
        return None
    denies = bool(match["no"]) or _NOT_SO.search(match.string[: match.start("rest")]) is not None
    challenged = asks or (not denies and by is scene.two.addressee)
    return _of_words(match, scene, by, asks=challenged, denies=denies and not asks)


# --- when ------------------------------------------------------------------------------------------------

_SEASONS = {"spring": Season.SPRING, "fall": Season.FALL, "autumn": Season.FALL, "winter": Season.WINTER}


def _phase(match: re.Match[str], now: Phase) -> Phase | None:
    """The phase that an expression names, if it is none to come."""
    found: Phase | None = None
    if match["code"]:
        code = match["code"].upper()
        found = Phase.parse(code if code[-1].isalpha() else code + ("A" if code[0] == "W" else "M"))
    elif match["season"]:
        found = _in(_SEASONS[match["season"].lower()], int(match["year"]))
    elif match["last"]:
        what = match["what"].lower()
        if what in _SEASONS:
            season = _SEASONS[what]
            past = _in(season, now.year)
            found = past if past < now else _in(season, now.year - 1)
        elif what != "year":
            found = movement_before(now)
    return None if found is None or now < found else found


def _in(season: Season, year: int) -> Phase:
    return Phase(year, season, PhaseKind.ADJUSTMENTS if season is Season.WINTER else PhaseKind.MOVEMENT)


def movement_before(now: Phase) -> Phase:
    """The movement phase before this one."""
    if now.season is Season.SPRING and now.kind is PhaseKind.MOVEMENT:
        return _in(Season.FALL, now.year - 1)
    if now.season is Season.FALL and now.kind is not PhaseKind.MOVEMENT:
        return _in(Season.FALL, now.year)
    return _in(Season.FALL, now.year) if now.season is Season.WINTER else _in(Season.SPRING, now.year)


def when_said(phase: Phase, now: Phase) -> str:
    """How a phase is named as the time at which something was said, such as ``in spring 1901``; "": just now."""
    if phase == now:
        return ""
    if phase.kind is PhaseKind.RETREATS:
        return f"in {phase}"
    return f"in {phase.season.name.lower()} {phase.year}"
