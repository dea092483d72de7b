"""How people speak of words: the verbs and nouns of saying, however misspelt, and roundabout ways put plainly.

`plain` rewrites a sentence so that `dialogue.recalling` need know only plain ones: "u gave me ur word that", "there was
a promise from you to", "I had your assurance that" all become "you promised".
"""

from __future__ import annotations

import re
from collections.abc import Callable

_FORMS = """
say said said saying|tell told told telling|promise promised promised promising|agree agreed agreed agreeing
swear swore sworn swearing|assure assured assured assuring|claim claimed claimed claiming
mention mentioned mentioned mentioning|write wrote written writing|announce announced announced announcing
pledge pledged pledged pledging|vow vowed vowed vowing|guarantee guaranteed guaranteed guaranteeing
state stated stated stating|inform informed informed informing|commit committed committed committing
indicate indicated indicated indicating|declare declared declared declaring|confirm confirmed confirmed confirming
hint hinted hinted hinting|imply implied implied implying|insist insisted insisted insisting
maintain maintained maintained maintaining|offer offered offered offering|settle settled settled settling
reassure reassured reassured reassuring|undertake undertook undertaken undertaking|report reported reported reporting
admit admitted admitted admitting
"""
_VERBS = tuple(tuple(forms.split()) for forms in _FORMS.replace("\n", "|").strip("|").split("|"))


def _one_of(forms: list[str]) -> str:
    return rf"(?:{'|'.join(dict.fromkeys(forms))})"


SAY = _one_of([verb[0] for verb in _VERBS])
SAID = _one_of([form for verb in _VERBS for form in verb[1:3]])
SAYING = _one_of([verb[3] for verb in _VERBS])
PAST_OF = {verb[3]: verb[1] for verb in _VERBS} | {verb[0]: verb[1] for verb in _VERBS}
""" "Saying", "say" -> "said"."""

_TOKENS = {
    "u": "you", "ya": "you", "ye": "you", "yu": "you", "ur": "your", "pls": "please", "plz": "please", "wat": "what",
    "wut": "what", "whatd": "what did", "what'd": "what did", "didnt": "didn't", "dont": "don't", "doesnt": "doesn't",
    "havent": "haven't", "hadnt": "hadn't", "hasnt": "hasn't", "wasnt": "wasn't", "werent": "weren't",
    "isnt": "isn't", "arent": "aren't", "cant": "can't", "couldnt": "couldn't", "wouldnt": "wouldn't",
    "wont": "won't", "im": "I'm", "ive": "I've", "youd": "you'd", "youve": "you've", "youre": "you're",
    "youll": "you'll", "gonna": "going to", "gunna": "going to",
}  # fmt: skip
_WELL_SPELT = frozenset(
    {form for verb in _VERBS for form in verb}
    | {"promises", "mentions", "claims", "says", "tells", "you", "your", "did", "didn't", "never", "remember", "recall"}
    | {"whether", "believe", "correct", "right", "word", "have", "that", "what", "would", "agreement", "assurance"}
)
_LONG = frozenset(
    {"promise", "promised", "promising", "remember", "mention", "mentioned", "believe", "whether", "guarantee"}
    | {"guaranteed", "agreement", "assurance", "correct", "announced", "confirm", "confirmed", "committed"}
)
"""Words that one wrong letter makes into no other word."""


def _spelt(word: str) -> str:
    """The word that a misspelt one stands for, if it is one of these; else itself."""
    low = word.lower()
    if low in _TOKENS:
        return _TOKENS[low]
    if len(low) < 3 or low in _WELL_SPELT or not low.isalpha():
        return word
    swapped = {low[:n] + low[n + 1] + low[n] + low[n + 2 :] for n in range(len(low) - 1)}
    single = {low[:n] + low[n + 1 :] for n in range(len(low) - 1) if low[n] == low[n + 1]}
    found = (swapped | single) & _WELL_SPELT
    if not found and len(low) >= 6:
        found = {right for right in _LONG if _one_letter_off(low, right)}
    return min(found) if found else word


def _one_letter_off(word: str, right: str) -> bool:
    short, long = sorted((word, right), key=len)
    if len(long) - len(short) > 1:
        return False
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


POWERS = r"(?:the )?(?:austria|engl|france|french|german|ital|russia|turk)[a-z]*"
WHOM = r"(?:me|us|you|him|her|them|[A-Z][a-z]+)"
NOUN = r"(?:word|promise|assurance|commitment|guarantee|pledge|vow|undertaking|offer)s?"
_SAYS = r"(?= (?:that|about|on|regarding|concerning|you|i|we)\b)"
"""What follows where words are heard from somebody, not just anything."""
_BOND = r"(?:agreement|deal|understanding|arrangement|plan)"
_HIS = {"your": "you", "you": "you", "my": "I", "me": "I", "i": "I", "our": "we", "us": "we"}


def _asked(who: str, verb: str, negated: bool) -> str:
    """ "Did you promise", "didn't I say"."""
    aux = "didn't" if negated else "did"
    return f"{aux} {who} {verb}"


def _stated(who: str, verb: str, negated: bool) -> str:
    """ "You promised", "I never said"."""
    return f"{who} {'never ' if negated else ''}{PAST_OF[verb]}"


def _had(match: re.Match[str]) -> str:
    """ "Did I have your word", "have I got a promise from you" -> "did you promise"."""
    if (match["aux"] or "").lower().startswith("do") and re.search(r"\b(?:you|I)(?:'ll| will)\b", match.string, re.I):
        return match[0]  # "do I have your word that you'll hold?": asks for it
    who = _HIS[(match["whose"] or match["giver"]).lower()]
    negated = re.search(r"n't|not|never", match["aux"] or match["adverb"] or "", re.I) is not None
    if match["aux"]:
        return _asked(who, "promise", negated)
    return _stated(who, "promise", negated or match["no"] is not None)


def _was_there(match: re.Match[str]) -> str:
    """ "Was there a promise from you" -> "did you promise", "there was no promise from me" -> "I never promised"."""
    who = _HIS[match["giver"].lower()]
    if match["asked"]:
        return _asked(who, "promise", "n't" in match["asked"].lower())
    return _stated(who, "promise", match["no"] is not None)


def _gave(match: re.Match[str]) -> str:
    """ "Gave me your word", "make no promise" -> "promised me", "never promised"."""
    never = "never " if match["no"].lower() == "no" else ""
    promised = "promising" if match["verb"].lower().endswith("ing") else "promised"
    return f"{never}{promised} {match['whom'] or ''}".strip()


def _perceived(match: re.Match[str]) -> str:
    """ "Hear you say" -> "hear that you said"."""
    who = _HIS[match["who"].lower()]
    return f"{match['heard']} that {who} {PAST_OF[match['say'].lower()]}"


def _were_words(match: re.Match[str]) -> str:
    """ "Were those your words" -> "did you say", "that was not my promise" -> "I never said"."""
    who = _HIS[match["whose"].lower()]
    groups = match.groupdict()
    negated = bool(groups.get("n") or match["not"])
    verb = "promise" if match["promised"] else "say"
    return _asked(who, verb, negated) if groups.get("be") else _stated(who, verb, negated)


def _understood(match: re.Match[str]) -> str:
    """ "Did I understand you rightly that" -> "did you say that", "I took you to mean" -> "you said"."""
    return "did you say" if " " in match["aux"] else "I understood you said"


_REWRITINGS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.I), new)
    for pattern, new in (
        (rf"\blet(?:ting)? (?P<whom>{WHOM}) know\b(?! if\b| whether\b| when\b)", r"told \g<whom>"),
        (
            rf"(?:(?P<aux>\b(?:did|do|have|had)(?:n't)?) )?\b(?:i|you)(?:'ve)? (?P<adverb>never )?(?:ever )?"
            rf"(?:have|had|got|get|gotten|received?|been given)(?: (?P<whose>your|my)|(?: (?P<no>no)| an?| any)?) "
            rf"(?:\w+ )?{NOUN}(?(whose)| (?:from|by|of) (?P<giver>you|me))\b",
            _had,
        ),
        (
            rf"\b(?:(?P<asked>(?:was|were|is)(?:n't)? there)|there(?:'s| was| is| were))(?: ever| never| not)? "
            rf"(?:(?P<no>no)|an?|any)? ?(?:\w+ )?{NOUN} (?:from|by|of|on) (?P<giver>you|me|your|my)(?: side| part)?\b",
            _was_there,
        ),
        (
            rf"\b(?P<verb>g[ia]ve|giving|given|make|made|making)(?: (?P<whom>{WHOM}))? "
            rf"(?P<no>your|my|our|an?|any|the|no) (?:\w+ )?{NOUN}\b(?: (?:to|of) (?:you|me)\b)?",
            _gave,
        ),
        (
            rf"\b(?P<be>(?:was|were|is|are)(?P<n>n't)?) (?:it|that|this|those|these)(?P<not> not)? (?P<whose>your|my) "
            rf"(?:own |exact |very )*(?:words?|statement|message|(?P<promised>{NOUN}))\b",
            _were_words,
        ),
        (
            rf"\b(?:it|that|this|those|these)(?:'s| was| were| is| are)(?P<not> not|n't)? (?P<whose>your|my) "
            rf"(?:own |exact |very )*(?:words?|statement|message|(?P<promised>{NOUN}))\b",
            _were_words,
        ),
        (
            r"(?:^|[ ,;:–—-]+)(?:that|this|it)(?:'s| is| was)(?: exactly| precisely| just)? (?:what|how)"
            rf"(?= (?:you|i)(?: have| had|'ve|'d)? {SAID}\b)",
            ",",
        ),
        (
            rf"\b(?P<what>what|which) (?:\w+ of )?{NOUN} (?P<aux>did|have|had|has) (?P<who>you|i)(?: ever)? "
            rf"(?:ma[dk]e|g[ia]ven?)\b",
            r"what \g<aux> \g<who> promise",
        ),
        (rf"\b(?:nobody|no one|no-one)(?: ever)? (?P<said>{SAID}) me(?= (?:that )?you\b)", r"you never \g<said> me"),
        (r"\bhave to say (?=about |on )", "say "),
        (r"\bkept (?:(?:it|this) )?(?:from (?P<whom>me|us|you)|secret|quiet|silent)\b", r"never told \g<whom>"),
        (
            rf"\b(?:talk|speak)(?P<to> (?:to|with) {WHOM})? (?:about|of|on)(?= )",
            r"say\g<to> about",
        ),
        (rf"\b(?:talked|spoke|spoken)(?P<to> (?:to|with) {WHOM})? (?:about|of|on)(?= )", r"said\g<to> about"),
        (rf"\b(?:talking|speaking)(?P<to> (?:to|with) {WHOM})? (?:about|of|on)(?= )", r"saying\g<to> about"),
        (r"\b(?:bring up|brought up|touch(?:ed)? on|discuss(?:ed)?)(?= )", "said about"),
        (rf"\b(?P<heard>heard?) (?P<who>you|me) (?P<say>{SAY}|{SAYING})\b", _perceived),
        (
            r"\b(?P<aux>(?:did|do|have)(?:n't)? i|i) (?:understand|understood|get|got|read|misread|misunderstand|"
            r"misunderstood|take|took|hear|heard) you(?: (?:\w+ly|right|wrong|to mean))*"
            r"(?= that (?:you|i|we)\b| (?:you|i)(?:'d|'ll| w)|:)",
            _understood,
        ),
        (
            rf"\b(?P<aux>did|has|have)(?P<n>n't)? (?P<whom>{POWERS}|he|she|they)(?: ever)? heard? from you\b",
            r"\g<aux>\g<n> you tell \g<whom>",
        ),
        (r"\b(?P<heard>heard?) from you" + _SAYS, r"\g<heard> you told me"),
        (r"\b(?P<heard>heard?) from me" + _SAYS, r"\g<heard> I told you"),
        (
            rf"\b(?:none of|nothing in|nowhere in) your \w+ (?:ever |has |have |had )*(?P<said>{SAID})\b",
            r"you never \g<said>",
        ),
        (
            rf"\b(?:none of|nothing in|nowhere in) my \w+ (?:ever |has |have |had )*(?P<said>{SAID})\b",
            r"I never \g<said>",
        ),
        (rf"\bwas(?:n't| not) (?:the|our) {_BOND} that\b", "didn't we agree that"),
        (rf"\b(?:the|our) {_BOND}(?: between us)? was (?P<how>that|to)\b", r"we agreed \g<how>"),
        (
            rf"\b(?P<aux>did|have|had|do)(?P<n>n't)? we (?:have|had|make|made|got) an? {_BOND}(?: between us)?"
            rf"(?= that| to\b)",
            r"\g<aux>\g<n> we agreed",
        ),
    )
)


def plain(sentence: str) -> str:
    """The sentence well spelt, and with plain verbs where it goes a long way round.

    >>> plain("u gave me ur word that you'd hold")
    "you promised me that you'd hold"
    """
    told = re.sub(r"[A-Za-z]+(?:'[a-z]+)?", lambda match: _spelt(match[0]), sentence)
    for pattern, new in _REWRITINGS:
        told = pattern.sub(new, told)
    return told
