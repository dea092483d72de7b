"""Clauses that one pattern reads whole: denials, threats, warnings, claims to a province, standing with a power.

Each idiom is a pattern and the method that makes its act; they are tried in the order of the table at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from dialogue.acts import ActKind, Polarity
from dialogue.answers import Answers
from dialogue.conditions import Conditions
from dialogue.dealings import places_named, powers_named
from dialogue.frames import W
from dialogue.markers import CONDITION, NOTICED, QUESTION, WATCH
from dialogue.openers import BREAKS
from dialogue.reading_state import count_words
from engine.types import Power, Province

_NEEDED = re.compile(
    r"(?:i|we) (?:need|have|want)(?: to (?:keep|use))? (?:(?:my|the|our) )?(?:(?:army|fleet|unit) (?:in|at) "
    r")?(?:the )?@p\d+(?: (?:and|,) @p\d+)* "
    r"(?:to|for|in order to) (?:cover|guard|protect|defend|hold|block|watch|stop|elsewhere|keep|something "
    r"else)(?: (?:against|off|out|the|my|from|in|@[wda]\d+|'s|@p\d+))*"
)
_OPINION = re.compile(
    r"(?:what do you (?:think|say)|what say you|how does that sound|does that (?:work|make sense)|sound good|"
    r"what about you|how about you|"
    r"what do you reckon|your thoughts|any thoughts)(?= ?$| [,?])"
)
"""A question for what the other side thinks, wherever it stands."""
_DENIAL = re.compile(
    r"i (?:have |had )?never (?:told|lied to) @[wd]\d+|"
    r"(?:it|that|this) (?:was|is) not (?:really |meant |intended |a |an |any |to be |as )*(?:attack|stab|threat|"
    r"aimed|directed|move|hostile|"
    r"aggression|lie)\b"
)
"""It was not what it was taken for."""
_COMPLIMENT = re.compile(
    r"(?:(?:very )?(?:nice|good|great|well|excellent|impressive|solid|tough|bad) (?:job|moves?|work|play|played|call|"
    r"guess|retreat|defense|shot|try|luck)|congrats|congratulations|well done)(?: (?:on|in|with|to|into|at|by|of|"
    r"taking|getting|against))* (?:the )?@[pw]\d+"
)
"""Praise, which claims nothing."""
_TOPIC = re.compile(
    r"(?:after|about|regarding|as for|as to|re|concerning|with regards? to|in terms of|speaking of|on) (?:the )?"
    r"(?P<m>@[pwa]\d+)(?: (?:and|,|or) @[pwa]\d+)* ,"
)
"""What a sentence is about, put before it."""
_LEFT_TO_YOU = re.compile(r"(?:it|that) (?:is|can be|will be) (?:all |still )*yours\b")
"""The same of a province named before."""
_YOURS = re.compile(
    r"(?:the )?(?P<p>@p\d+) (?:is|are|will be|can be|should be) (?:all |still |now )*yours\b(?: to (?:take|keep|"
    r"have))?"
)
"""A province left to the other side."""
_WELCOME_TO = re.compile(r"you (?:are|would be) (?:more than |very )?welcome to (?:have |take )?(?:the )?(?P<p>@p\d+)")
"""The same of the other side: "you're welcome to Belgium"."""
_ABREAST = re.compile(r"(?:you and (?:me|i)|me and you|us two|us|we two|we) (?:both )?(?:against|vs|versus) ")
"""Two against others, without a verb: "you and me against Italy"."""
_MINE = re.compile(r"(?:the )?(?P<p>@p\d+) (?:is|are|should be|must be|has to be|will be|needs to be|can be) mine\b")
_AGREED_WITH = re.compile(
    r"(?:i (?:am|would be) )?(?:totally |perfectly |all )?(?:fine|ok|okay|good|cool|happy|down|on board|content|"
    r"alright) with (?=(?:a|an|the|no|another|that|your)\b)"
)
"""Before what is agreed to, as a noun."""
_DEALING = re.compile(
    rf"(?:i (?P<n>do not )?have (?P<n2>no )?(?:a |an |any |some )?(?:\w+ ){{0,2}}"
    rf"(?:deal|agreement|alliance|pact|truce|arrangement|understanding|treaty|nonaggression|relationship|relations) "
    rf"with|i am (?P<n3>not )?(?:in an alliance|allied|allies|friends|"
    rf"at war|at peace|in league) with|there is (?P<n4>no )?(?:a |an )?(?:deal|agreement|alliance|pact|truce) between "
    rf"(?:me|us) and) {W}"
)
"""How the speaker stands with a third power."""
_PEACEFUL = re.compile(
    r"i (?:really )?do not (?:want|need|wish for) (?:a |any |to have a )?(?:war|fight|conflict|trouble|problems?) with "
    r"(?P<w>you|@[wd]\d+|the @[ad]\d+)"
)
"""Whom the speaker would not fight."""
_FOCUSED = re.compile(
    r"(?:i am (?:more |mostly |mainly |entirely |completely |fully |totally |primarily |all )*focused|my (?:\w+ )?"
    r"(?:focus|attention|priority|target) (?:is|will be))(?: on| against)? (?=@[wd]|the @[ad])"
)
"""Whom the speaker is after."""
_COVETS = re.compile(
    rf"{W} (?:also |still )?(?P<n>does not )?(?:wants?|needs?|(?:has|have) (?:his|her|their|its) (?:eyes?|sights) "
    r"(?:set )?on|is eyeing|is interested in|is after|is targeting|is angling for|is aiming for)(?: to (?:have|get))? "
    r"(?=(?:the )?@p)"
)
"""What a third power would have."""
_CLAIMED = re.compile(
    r"i have(?: absolutely)?(?: (?P<n>no|zero))?(?: real| further| other)?(?: designs?| interest| ambitions?|"
    r" plans?| claims?| intentions?|"
    r"(?: got)? my (?:eyes?|sights|heart))(?: set)? (?:on|in|for|to|of taking|to take|of going to) (?:the )?(?=@p)|"
    r"i deserve (?=(?:the )?@p)"
)
"""What the speaker wants or does not want to have."""
_STANDING = re.compile(
    r"i (?:will|would|am going to) not (?:stand|get|be) in your way (?:in|at|to|on|around) (?:the )?(?=@p)"
)
_PLACES_PONDERED = re.compile(
    r"i (?:was|am) (?:also )?thinking (?:of |about |maybe )?(?=(?:the )?@p)|"
    r"i am (?:a (?:little |bit |little bit )?|very |quite |really |still |more )*(?:worried|concerned|nervous) about "
    r"(?:losing |leaving )?(?=(?:the )?@p)"
)
_SHARE = re.compile(
    r"(?:(?:is|are|goes|go|would go|should go|can go|should be|will be|can be|being|going) )?(?:all )?(?:for|to) "
    r"(?P<who>me|you|us|@w\d+)(?= (?:,|and|but|\?|while|or|because)(?: |$)|$)"
)
"""To whom provinces that are named go: "Holland for you, Belgium for me"."""
_COMING = re.compile(
    rf"{W} (?:is|are|will be) (?:coming for|coming after|coming at|after|out to get|a threat to|a danger to|"
    rf"plotting against|"
    r"gunning for|planning against|lining up against|eyeing) (?P<o>you|us|the |your |@[wd]\d+)(?: (?P<p>@p\d+))?"
)
_THREAT = re.compile(
    r"(?:or else|you will regret|you (?:are going to|will) pay|i will make you pay|i will make sure you|do not "
    r"make me|i will have no choice|"
    r"i will retaliate|i will (?:come|be coming) (?:after|for) you|i will not forget|there will be consequences|"
    r"i will throw|"
    r"expect (?:a war|an attack|retaliation|my armies|consequences)|you will be sorry|i will hit back|i will "
    r"have to hit back|"
    r"i (?:will|would|am going to) (?:have to|be forced to|need to) (?:defend myself|respond|retaliate|react|fight "
    r"back|attack you|turn on you)|"
    r"i am coming for you|we will be at war|it means war|you will not like)"
)
_REPORT = re.compile(
    rf"(?:that )?{W} (?:has |have |just |also |is |are |was |were )*(?:told (?:me|us|you)|tells me|telling me|said|"
    r"says|saying|claims|claimed|mentioned|mentions|thinks|believes|suspects|worried|afraid|concerned|informed me|"
    r"informs me|showed me|forwarded me|sent me|assured me|swears|insists|insisted|admitted|confirmed|hinted|"
    r"suggested|suggests|indicated|implied|warned me)\b(?! (?:hi|hello)\b)"
)
"""What somebody else says, where its words are no clause that could be read."""
_ACCUSED = re.compile(
    r"you (?:have )?(?:lied|stabbed me|broke (?:your (?:word|promise)|our (?:deal|agreement))|betrayed "
    r"me|attacked me|backstabbed me)"
)


class Idioms(Answers, Conditions):
    """Reads the clauses that are idioms."""

    def _idiom(self, i: int, rest: str) -> int | None:
        for pattern, method, asks_too in _IDIOMS:
            if self.question and not asks_too:
                continue
            match = pattern.match(rest)
            if match is not None and (end := method(self, i, match)) is not None:
                return end
        return self._shared(i)

    def _passed(self, i: int, match: re.Match[str]) -> int:
        """What claims nothing."""
        return i + count_words(match[0])

    def _asked_opinion(self, i: int, match: re.Match[str]) -> int | None:
        if i == 0:
            return None
        self._ask(self.reader.act(ActKind.ASK))
        return i + count_words(match[0])

    def _noticed(self, i: int, match: re.Match[str]) -> int:
        whose = self.reader.mentions[int(match["w"][2:])].power
        powers = self._thirds(() if whose is None else (whose,))
        self._add(ActKind.CLAIM_PAST, powers, self._place_of(match["p"]))
        return i + count_words(match[0])

    def _denied(self, i: int, match: re.Match[str]) -> int:
        end = self._segment_end(i + count_words(match[0]))
        self._add(ActKind.DENY, self._powers(i, end), self._places(i, end))
        return end

    def _topic(self, i: int, match: re.Match[str]) -> int | None:
        if i > 0:
            return None
        after = i + count_words(match[0])
        if QUESTION.match(self.rest(after)):
            return self._asked(i)
        if match["m"].startswith("@p"):
            self.reader.scene.place = self._place_of(match["m"])[0]
        return after

    def _left_to_you(self, i: int, match: re.Match[str]) -> int | None:
        place = self.reader.scene.place or self.reader.scene.recent_place
        return None if place is None else self._placed(ActKind.OFFER, (place,), i + count_words(match[0]))

    def _yours(self, i: int, match: re.Match[str]) -> int:
        return self._placed(ActKind.OFFER, self._place_of(match["p"]), i + count_words(match[0]))

    def _abreast(self, i: int, match: re.Match[str]) -> int | None:
        return self._about_powers(ActKind.ALLY, i + count_words(match[0]))

    def _focused(self, i: int, match: re.Match[str]) -> int | None:
        return self._about_powers(ActKind.INFORM, i + count_words(match[0]))

    def _mine(self, i: int, match: re.Match[str]) -> int:
        return self._placed(ActKind.INFORM, self._place_of(match["p"]), i + count_words(match[0]))

    def _agreed_with(self, i: int, match: re.Match[str]) -> int | None:
        return self._agreed_on(i + count_words(match[0]) - 1)

    def _dealing(self, i: int, match: re.Match[str]) -> int | None:
        thirds = self._thirds(self._third(match["w"]) or ())
        if not thirds:
            return None
        negative = any(match[group] for group in ("n", "n2", "n3", "n4"))
        self._add(ActKind.INFORM, thirds, polarity=Polarity.NOT if negative else Polarity.DO)
        return i + count_words(match[0])

    def _peaceful(self, i: int, match: re.Match[str]) -> int | None:
        whom = self.reader.addressee if match["w"] == "you" else (self._third(match["w"]) or (None,))[0]
        if whom is None:
            return None
        self._add(ActKind.PROMISE, (whom,), polarity=Polarity.NOT)
        return i + count_words(match[0])

    def _coveted(self, i: int, match: re.Match[str]) -> int | None:
        polarity = Polarity.NOT if match["n"] else Polarity.DO
        end = self._about_places(ActKind.INFORM, i + count_words(match[0]), polarity)
        if end is not None:
            thirds = self._thirds(self._third(match["w"]) or ())
            self.reader.acts[-1] = replace(self.reader.acts[-1], powers=thirds)
        return end

    def _claimed(self, i: int, match: re.Match[str]) -> int | None:
        polarity = Polarity.NOT if match["n"] else Polarity.DO
        return self._about_places(ActKind.INFORM, i + count_words(match[0]), polarity)

    def _standing_off(self, i: int, match: re.Match[str]) -> int | None:
        return self._about_places(ActKind.PROMISE, i + count_words(match[0]), Polarity.NOT)

    def _pondered(self, i: int, match: re.Match[str]) -> int | None:
        return self._about_places(ActKind.INFORM, i + count_words(match[0]))

    def _watch(self, i: int, match: re.Match[str]) -> int | None:
        power = self.reader.mentions[int(match["w"][2:])].power
        if power is None or power in (self.reader.speaker, self.reader.addressee):
            return None
        self._add(ActKind.WARN, (power,), self._place_of(match["p"]))
        self.reader.scene.third = power
        self.warned = True
        return i + count_words(match[0])

    def _coming(self, i: int, match: re.Match[str]) -> int | None:
        who = self._third(match["w"])
        if who is None:
            return None
        whom = self.reader.mentions[int(match["o"][2:])].power if match["o"].startswith("@") else None
        third = whom is not None and whom is not self.reader.addressee
        powers = self._thirds((*who, *(() if whom is None else (whom,))))
        self._add(ActKind.INFORM if third else ActKind.WARN, powers, self._place_of(match["p"]))
        return i + count_words(match[0])

    def _threatened(self, i: int, match: re.Match[str]) -> int | None:
        end = i + count_words(match[0])
        conditional = CONDITION.match(self.rest(end)) is not None
        if "@p" in self.rest(i) and not conditional:
            return None
        self.reader.acts.append(self.reader.act(ActKind.THREATEN, condition=self._take_condition()))
        self.last = [len(self.reader.acts) - 1]
        return end if conditional else len(self.tokens)

    def _accused(self, i: int, match: re.Match[str]) -> int:
        self._add(ActKind.CLAIM_PAST)
        return i + count_words(match[0])

    def _shared(self, i: int) -> int | None:
        """ "Holland for you, Belgium for me"; asked, it is a proposal."""
        if i > 0 and self.tokens[i - 1] not in BREAKS and self.tokens[i - 1] != "thinking":
            return None
        named = places_named(self.phrases, i)
        share = None if named is None else _SHARE.match(self.rest(named[1]))
        if named is None or share is None:
            return None
        places, end = named[0], named[1] + count_words(share[0])
        whose = self._subject({"me": "i", "us": "we"}.get(share["who"], share["who"]), share["who"])
        if self.question:
            last = self.reader.acts[-1] if len(self.reader.acts) > self.first else None
            if last is not None and last.kind is ActKind.PROPOSE and not last.orders:
                self.reader.acts[-1] = replace(last, provinces=tuple(dict.fromkeys((*last.provinces, *places))))
                return end
            return self._placed(ActKind.PROPOSE, places, end)
        if share["who"] == "us" or whose is None:
            return None
        kind = ActKind.OFFER if whose is self.reader.addressee else ActKind.INFORM
        end = self._placed(kind, places, end)
        self.reader.acts[-1] = replace(self.reader.acts[-1], powers=self._thirds((whose,)))
        return end

    def _reported(self, i: int, end: int) -> int | None:
        """What somebody else said, with all that it names: "Italy says you want to attack me"."""
        report = None if self.question else _REPORT.match(self.rest(i))
        who = None if report is None else self._third(report["w"])
        if report is None or who is None or {"not", "never", "no"} & set(self.tokens[i:end]):
            return None
        thirds = self._thirds((*who, *self._powers(i, end)))
        if not thirds:
            return None
        self.reader.acts.append(self.reader.act(ActKind.INFORM, powers=thirds, provinces=self._places(i, end)))
        return end

    def _about_powers(self, kind: ActKind, i: int) -> int | None:
        """An act about the powers that are listed at a position and end the clause."""
        named = powers_named(self.phrases, i)
        if named is None or not self._complete(named[1]):
            return None
        self._add(kind, self._thirds(named[0]))
        return named[1]

    def _about_places(self, kind: ActKind, i: int, polarity: Polarity = Polarity.DO) -> int | None:
        """An act about the places that are listed at a position and end the clause."""
        named = places_named(self.phrases, i)
        if named is None or not self._complete(named[1]):
            return None
        return self._placed(kind, named[0], named[1], polarity)

    def _add(
        self,
        kind: ActKind,
        powers: tuple[Power, ...] = (),
        provinces: tuple[Province, ...] = (),
        polarity: Polarity = Polarity.DO,
    ) -> None:
        self.reader.acts.append(self.reader.act(kind, provinces=provinces, powers=powers, polarity=polarity))

    def _place_of(self, token: str | None) -> tuple[Province, ...]:
        """The province that a placeholder stands for; none for None."""
        return () if token is None else self.reader.mentions[int(token[2:])].provinces[:1]

    def _placed(self, kind: ActKind, places: tuple[Province, ...], end: int, polarity: Polarity = Polarity.DO) -> int:
        """Adds an act about places; returns where to go on."""
        self.reader.scene.place = places[-1]
        act = self.reader.act(kind, provinces=places, polarity=polarity, phase=self.phase)
        self.reader.acts.append(act)
        self.last = [len(self.reader.acts) - 1]
        return end

    def _complete(self, i: int) -> bool:
        return i >= len(self.tokens) or self.tokens[i] in BREAKS or self.tokens[i].startswith("~")


_IDIOMS: tuple[tuple[re.Pattern[str], Callable[[Idioms, int, re.Match[str]], int | None], bool], ...] = (
    (_NEEDED, Idioms._passed, True),
    (_OPINION, Idioms._asked_opinion, True),
    (NOTICED, Idioms._noticed, False),
    (_DENIAL, Idioms._denied, False),
    (_COMPLIMENT, Idioms._passed, True),
    (_TOPIC, Idioms._topic, True),
    (_LEFT_TO_YOU, Idioms._left_to_you, False),
    (_YOURS, Idioms._yours, False),
    (_WELCOME_TO, Idioms._yours, False),
    (_ABREAST, Idioms._abreast, True),
    (_MINE, Idioms._mine, False),
    (_AGREED_WITH, Idioms._agreed_with, False),
    (_DEALING, Idioms._dealing, False),
    (_PEACEFUL, Idioms._peaceful, False),
    (_FOCUSED, Idioms._focused, False),
    (_COVETS, Idioms._coveted, False),
    (_CLAIMED, Idioms._claimed, False),
    (_STANDING, Idioms._standing_off, False),
    (_PLACES_PONDERED, Idioms._pondered, False),
    (WATCH, Idioms._watch, True),
    (_COMING, Idioms._coming, False),
    (_THREAT, Idioms._threatened, True),
    (_ACCUSED, Idioms._accused, True),
)
"""Patterns, what reads them, and whether a question may be one."""
