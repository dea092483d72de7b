"""Reads the clauses of one sentence from left to right."""

from __future__ import annotations

import re
from dataclasses import replace

from dialogue.acts import ActKind
from dialogue.dealings import places_named
from dialogue.idioms import Idioms
from dialogue.markers import (
    ADVICE,
    CONDITION,
    CONNECTORS,
    DOUBT,
    EXCHANGE,
    MAIN_CLAUSE,
    MEANS,
    NO_CLAUSE_AFTER,
    NOTICED,
    POLITE_IF,
    PURPOSE,
    QUESTION,
    REMARK,
    SUBORDINATING,
    TAGS,
    THINK,
    WARNING,
    WATCH,
)
from dialogue.openers import BREAKS
from dialogue.reading_state import count_words
from dialogue.statements import Statements
from engine.types import Phase, Season


class SentenceReader(Idioms, Statements):
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
        idiom = self._idiom(i, rest)
        if idiom is not None:
            return idiom
        framed = self._framed(i, rest)
        if framed is not None:
            return framed
        bare = self._bare(i)
        if bare is not None:
            return bare
        return self._unread(i)

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
