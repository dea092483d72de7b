"""Reads the clauses of one sentence from left to right."""

from __future__ import annotations

import re
from dataclasses import replace

from dialogue.acts import ActKind, Polarity
from dialogue.answers import Answers
from dialogue.conditions import Conditions
from dialogue.dealings import places_named, powers_named
from dialogue.markers import (
    ABREAST,
    ADVICE,
    AGREED_WITH,
    CLAIMED,
    COMING,
    COMPLIMENT,
    CONDITION,
    CONNECTORS,
    COVETS,
    DEALING,
    DENIAL,
    DOUBT,
    EXCHANGE,
    FOCUSED,
    LEFT_TO_YOU,
    MAIN_CLAUSE,
    MEANS,
    MINE,
    NEEDED,
    NO_CLAUSE_AFTER,
    NOTICED,
    OPINION,
    PEACEFUL,
    PLACES_PONDERED,
    POLITE_IF,
    PURPOSE,
    QUESTION,
    REMARK,
    REPORT,
    SHARE,
    STANDING,
    SUBORDINATING,
    TAGS,
    THINK,
    THREAT,
    TOPIC,
    WARNING,
    WATCH,
    WELCOME_TO,
    YOURS,
)
from dialogue.openers import BREAKS
from dialogue.reading_state import count_words
from dialogue.statements import Statements
from engine.types import Phase, Province, Season


class SentenceReader(Answers, Conditions, Statements):
    """Reads a sentence; what it cannot read it reports."""

    def read(self) -> None:
        i = 0
        acts_before = len(self.reader.acts)
        unread_before = len(self.reader.unread)
        while i < len(self.tokens):
            i = self._step(i)
        self.reader.scene.third = self._named_before(len(self.tokens)) or self.reader.scene.third
        if self.condition is not None and len(self.reader.acts) == acts_before:
            self._dangling(self.condition)
        if self.weak is not None and self.weak == len(self.reader.acts) - 1:
            self.reader.acts[self.weak] = self.reader.act(ActKind.SMALL_TALK)
        quiet = len(self.reader.acts) == acts_before and len(self.reader.unread) == unread_before
        nothing_read = len(self.reader.acts) == acts_before and self.sentence.is_question and not self.reader.soft
        if ((quiet and self.question) or nothing_read) and self.tokens:
            del self.reader.unread[unread_before:]
            self._asked(0)
        elif quiet and not self.reader.soft and self.tokens:
            self.reader.acts.append(self.reader.act(ActKind.SMALL_TALK))

    def _step(self, i: int) -> int:
        """Reads what begins at a token; returns where to go on."""
        token = self.tokens[i]
        self.position = i
        self.reader.scene.third = self._named_before(i) or self.reader.scene.third
        if token.startswith("~"):
            phase = _later(self.reader.board.phase, token == "~later")
            trails = i > 0 and self.tokens[i - 1] not in CONNECTORS
            if trails and self.last:
                for index in self.last:
                    self.reader.acts[index] = replace(self.reader.acts[index], phase=phase)
                self.last = []
            elif not trails:
                self.phase = phase
            return i + 1
        if token in CONNECTORS or token == "?":
            if token == "because" and i > 0 and self.tokens[i - 1] == "not":
                return self._pass_over(i + 1, self._segment_end(i + 1))
            if token in ("but", "because", "since"):
                self.frame = None
            if token == "that" and (opened := self._opener(i) or self._approved(i, self.rest(i))) is not None:
                return opened
            if self.question and i == 0 and token in ("which", "where", "who"):
                return self._asked(i)
            if not (token in ("so", "as", "with") and PURPOSE.match(self.rest(i))) and not (
                token in ("so", "as") and CONDITION.match(self.rest(i))
            ):
                return i + 1
        rest = self.rest(i)
        advice = ADVICE.match(rest)
        if advice is not None:
            if advice["whom"] not in ("you", "in your"):
                return self._pass_over(i, len(self.tokens))  # what somebody else should do
            self.advice = True
            return i + count_words(advice[0])
        polite = POLITE_IF.match(rest)
        if polite is not None:
            self._soften()
            self.conditional = self.conditional or i == 0
            return i + count_words(polite[0])
        if CONDITION.match(rest):
            return self._condition(i, CONDITION.match(rest))
        exchange = EXCHANGE.match(rest)
        if exchange is not None and " for " in exchange[0] + " ":
            return self._exchange(i + count_words(exchange[0]))
        if PURPOSE.match(rest) and (i > 0 or token in ("so", "in")):
            return self._skip_reason(i)
        opened = self._opener(i)
        if opened is not None:
            return opened
        doubt = DOUBT.match(rest)
        if doubt is not None:
            self.doubt = True
            return i + count_words(doubt[0])
        approved = self._approved(i, rest)
        if approved is not None:
            return approved
        think = THINK.match(rest)
        if think is not None and count_words(think[0]) < len(self.tokens) - i:
            self.warned = self.warned or WARNING.match(think[0]) is not None
            watch = WATCH.match(rest) or NOTICED.match(rest)
            if watch is None:
                return i + count_words(think[0])
        special = self._special(i, rest)
        if special is not None:
            return special
        framed = self._framed(i, rest)
        if framed is not None:
            return framed
        bare = self._bare(i)
        if bare is not None:
            return bare
        return self._unread(i)

    def _special(self, i: int, rest: str) -> int | None:
        reader = self.reader
        needed = NEEDED.match(rest)
        if needed is not None:
            return i + count_words(needed[0])
        opinion = OPINION.match(rest)
        if opinion is not None and i > 0:
            self._ask(reader.act(ActKind.ASK))
            return i + count_words(opinion[0])
        noticed = NOTICED.match(rest)
        if noticed is not None and not self.question:
            whose = reader.mentions[int(noticed["w"][2:])].power
            place = reader.mentions[int(noticed["p"][2:])].provinces[:1]
            powers = self._thirds(() if whose is None else (whose,))
            reader.acts.append(reader.act(ActKind.CLAIM_PAST, provinces=place, powers=powers))
            return i + count_words(noticed[0])
        denial = DENIAL.match(rest)
        if denial is not None and not self.question:
            end = self._segment_end(i + count_words(denial[0]))
            reader.acts.append(reader.act(ActKind.DENY, provinces=self._places(i, end), powers=self._powers(i, end)))
            return end
        praise = COMPLIMENT.match(rest)
        if praise is not None:
            return i + count_words(praise[0])
        topic = TOPIC.match(rest) if i == 0 else None
        if topic is not None:
            after = i + count_words(topic[0])
            if QUESTION.match(self.rest(after)):
                return self._asked(i)
            if (provinces := reader.mentions[int(topic["m"][2:])].provinces) and topic["m"].startswith("@p"):
                reader.scene.place = provinces[0]
            return after
        if (left := LEFT_TO_YOU.match(rest)) and not self.question and reader.scene.recent_place is not None:
            return self._placed(
                ActKind.OFFER, (reader.scene.place or reader.scene.recent_place,), i + count_words(left[0])
            )
        yours = YOURS.match(rest) or WELCOME_TO.match(rest)
        if yours is not None and not self.question:
            place = reader.mentions[int(yours["p"][2:])].provinces[:1]
            reader.scene.place = place[0]
            reader.acts.append(reader.act(ActKind.OFFER, provinces=place, phase=self.phase))
            self.last = [len(reader.acts) - 1]
            return i + count_words(yours[0])
        if (wanted := self._wanted(i, rest)) is not None:
            return wanted
        watch = WATCH.match(rest)
        if watch is not None:
            power = reader.mentions[int(watch["w"][2:])].power
            if power is not None and power not in (reader.speaker, reader.addressee):
                places = () if watch["p"] is None else reader.mentions[int(watch["p"][2:])].provinces[:1]
                reader.acts.append(reader.act(ActKind.WARN, powers=(power,), provinces=places))
                reader.scene.third = power
                self.warned = True
                return i + count_words(watch[0])
        coming = COMING.match(rest)
        if coming is not None and not self.question and (who := self._third(coming["w"])) is not None:
            places = () if coming["p"] is None else reader.mentions[int(coming["p"][2:])].provinces[:1]
            whom = reader.mentions[int(coming["o"][2:])].power if coming["o"].startswith("@") else None
            third = whom is not None and whom is not reader.addressee
            powers = self._thirds((*who, *(() if whom is None else (whom,))))
            kind = ActKind.INFORM if third else ActKind.WARN
            reader.acts.append(reader.act(kind, powers=powers, provinces=places))
            return i + count_words(coming[0])
        threat = THREAT.match(rest)
        if threat is not None and "@p" not in rest:
            reader.acts.append(reader.act(ActKind.THREATEN, condition=self._take_condition()))
            self.last = [len(reader.acts) - 1]
            end = i + count_words(threat[0])
            return end if CONDITION.match(self.rest(end)) else len(self.tokens)
        lied = re.match(
            r"you (?:have )?(?:lied|stabbed me|broke (?:your (?:word|promise)|our (?:deal|agreement))|betrayed "
            r"me|attacked me|backstabbed me)",
            rest,
        )
        if lied is not None:
            reader.acts.append(reader.act(ActKind.CLAIM_PAST))
            return i + count_words(lied[0])
        return None

    def _wanted(self, i: int, rest: str) -> int | None:
        """What the speaker would have or keep out of, by its places: "I have no designs on Sweden"."""
        reader = self.reader
        abreast = ABREAST.match(rest)
        others = None if abreast is None else powers_named(self.phrases, i + count_words(abreast[0]))
        if others is not None and self._complete(others[1]):
            reader.acts.append(reader.act(ActKind.ALLY, powers=self._thirds(others[0])))
            return others[1]
        if self.question:
            return self._shared(i)
        mine = MINE.match(rest)
        if mine is not None:
            place = reader.mentions[int(mine["p"][2:])].provinces[:1]
            return self._placed(ActKind.INFORM, place, i + count_words(mine[0]))
        agreed = AGREED_WITH.match(rest)
        if agreed is not None:
            return self._agreed_on(i + count_words(agreed[0]) - 1)
        dealing = DEALING.match(rest)
        if dealing is not None and (thirds := self._thirds(self._third(dealing["w"]) or ())):
            negative = any(dealing[group] for group in ("n", "n2", "n3", "n4"))
            polarity = Polarity.NOT if negative else Polarity.DO
            reader.acts.append(reader.act(ActKind.INFORM, powers=thirds, polarity=polarity))
            return i + count_words(dealing[0])
        peaceful = PEACEFUL.match(rest)
        if peaceful is not None:
            whom = self.reader.addressee if peaceful["w"] == "you" else (self._third(peaceful["w"]) or (None,))[0]
            if whom is not None:
                reader.acts.append(reader.act(ActKind.PROMISE, powers=(whom,), polarity=Polarity.NOT))
                return i + count_words(peaceful[0])
        focused = FOCUSED.match(rest)
        whom_on = None if focused is None else powers_named(self.phrases, i + count_words(focused[0]))
        if whom_on is not None and self._complete(whom_on[1]):
            reader.acts.append(reader.act(ActKind.INFORM, powers=self._thirds(whom_on[0])))
            return whom_on[1]
        covets = COVETS.match(rest)
        named = None if covets is None else places_named(self.phrases, i + count_words(covets[0]))
        if covets is not None and named is not None and self._complete(named[1]):
            thirds = self._thirds(self._third(covets["w"]) or ())
            end = self._placed(ActKind.INFORM, named[0], named[1], Polarity.NOT if covets["n"] else Polarity.DO)
            reader.acts[-1] = replace(reader.acts[-1], powers=thirds)
            return end
        for pattern, kind in (
            (CLAIMED, ActKind.INFORM),
            (STANDING, ActKind.PROMISE),
            (PLACES_PONDERED, ActKind.INFORM),
        ):
            match = pattern.match(rest)
            named = None if match is None else places_named(self.phrases, i + count_words(match[0]))
            if match is None or named is None or not self._complete(named[1]):
                continue
            negative = kind is ActKind.PROMISE or match.groupdict().get("n") is not None
            return self._placed(kind, named[0], named[1], Polarity.NOT if negative else Polarity.DO)
        return self._shared(i)

    def _shared(self, i: int) -> int | None:
        """ "Holland for you, Belgium for me"; asked, it is a proposal."""
        if i > 0 and self.tokens[i - 1] not in BREAKS and self.tokens[i - 1] != "thinking":
            return None
        named = places_named(self.phrases, i)
        share = None if named is None else SHARE.match(self.rest(named[1]))
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

    def _placed(self, kind: ActKind, places: tuple[Province, ...], end: int, polarity: Polarity = Polarity.DO) -> int:
        """Adds an act about places; returns where to go on."""
        self.reader.scene.place = places[-1]
        act = self.reader.act(kind, provinces=places, polarity=polarity, phase=self.phase)
        self.reader.acts.append(act)
        self.last = [len(self.reader.acts) - 1]
        return end

    def _complete(self, i: int) -> bool:
        return i >= len(self.tokens) or self.tokens[i] in BREAKS or self.tokens[i].startswith("~")

    def _skip_reason(self, i: int) -> int:
        """Passes over a purpose ("so that we can take Munich next year"), which claims nothing."""
        j = i + 1
        if MEANS.match(self.rest(i)):
            return self._pass_over(i, self._segment_end(j))
        while j < len(self.tokens):
            if self.tokens[j] in (",", "but", "if", "unless") and j + 1 < len(self.tokens):
                return j
            j += 1
        return j

    def _unread(self, i: int) -> int:
        """A clause that none of the rules reads."""
        rest = self.rest(i)
        self.skipped = True
        if self.question and i == 0 and QUESTION.match(rest):
            return self._asked(i)
        if rest.startswith(("how about", "what about", "thoughts on", "any thoughts")):
            return self._asked(i)
        if self.question and re.match(
            r"(?:what|where|who|whom|how|when|which|why|any|have you|did you|do you|are you|is|does|did|will|"
            r"has|have|would|should|can|could|may|so what|thoughts|anything|got)\b",
            rest,
        ):
            return self._asked(i)
        end = self._segment_end(i)
        end = max(end, i + 1)
        if (reported := self._reported(i, end)) is not None:
            return reported
        if self._places(i, end):
            short = i == 0 and end == len(self.tokens) and len(self.tokens) <= 6
            if self.question and (short or self.tokens[-1] in TAGS):
                return self._asked(i)
            if (listed := self._listed(i)) is not None:
                return listed
            if (begun := self._begun(i, end)) is not None:
                return begun
            self._report()
            return self._resume(i, end)
        if self.question and end == len(self.tokens) and self._powers(i, end):
            return self._asked(0 if len(self.reader.acts) == self.first else i)
        if powers := self._powers(i, end):
            remark = REMARK.match(rest)
            if remark is not None and count_words(remark[0]) >= end - i:
                return i + count_words(remark[0])
            if self.warned and len(self.reader.acts) == self.first:
                self.reader.acts.append(self.reader.act(ActKind.WARN, powers=powers))
            else:
                self._report()
        self.frame = None
        for j in range(i + 1, end):
            if self.tokens[j - 1] in SUBORDINATING:
                break
            if MAIN_CLAUSE.match(self.rest(j)) and self.tokens[j - 1] not in NO_CLAUSE_AFTER:
                return j
        while end < len(self.tokens) and self.tokens[end] == ",":
            end += 1
        return end

    def _reported(self, i: int, end: int) -> int | None:
        """What somebody else said, with all that it names: "Italy says you want to attack me"."""
        report = None if self.question else REPORT.match(self.rest(i))
        who = None if report is None else self._third(report["w"])
        if report is None or who is None or {"not", "never", "no"} & set(self.tokens[i:end]):
            return None
        thirds = self._thirds((*who, *self._powers(i, end)))
        if not thirds:
            return None
        self.reader.acts.append(self.reader.act(ActKind.INFORM, powers=thirds, provinces=self._places(i, end)))
        return end

    def _listed(self, i: int) -> int | None:
        """A place more for the act before, which names places and no orders: "... Ion, or Tyrs"."""
        named = places_named(self.phrases, i)
        if named is None or not self.last or i == 0 or self.tokens[i - 1] not in ("or", "and", "/", ","):
            return None
        index = self.last[-1]
        act = self.reader.acts[index]
        goes_on = named[1] < len(self.tokens) and self.tokens[named[1]] not in BREAKS
        if act.orders or not act.provinces or goes_on:
            return None
        self.reader.acts[index] = replace(act, provinces=tuple(dict.fromkeys((*act.provinces, *named[0]))))
        return named[1]

    def _begun(self, i: int, end: int) -> int | None:
        """Where a main clause begins after words that name no place ("With my build I will ...")."""
        for j in range(i + 1, end):
            if self.tokens[j].startswith("@p") or self.tokens[j - 1] in SUBORDINATING:
                return None
            if MAIN_CLAUSE.match(self.rest(j)) and self.tokens[j - 1] not in NO_CLAUSE_AFTER:
                return j
        return None

    def _resume(self, i: int, end: int) -> int:
        """Where reading goes on after a clause not read: at a new main clause that cannot hang on that one."""
        if self.frame is not None:
            return end
        if any(token in SUBORDINATING for token in self.tokens[i:end]):
            return len(self.tokens)
        for j in range(end + 1, len(self.tokens)):
            if self.tokens[j - 1] in (",", "and", "but", "so") and MAIN_CLAUSE.match(self.rest(j)):
                return j
        return len(self.tokens)


def _later(now: Phase, is_year: bool) -> Phase:
    following = now.next_movement
    return following.next_movement if is_year and now.season is Season.SPRING else following
