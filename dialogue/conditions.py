"""Conditions, exchanges and wishes: what hangs on what."""

from __future__ import annotations

import re
from dataclasses import replace

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.deeds import DeedKind
from dialogue.making import Making
from dialogue.markers import CONNECTORS, FIRM, IF_SUBJECT, MAIN_CLAUSE, WISHED
from dialogue.reading_state import count_words
from engine.types import Power


class Conditions(Making):
    """Reads "if", "unless", "in return for"."""

    def _condition(self, i: int, match: re.Match[str] | None) -> int:
        assert match is not None
        head = self.tokens[i : i + count_words(match[0])]
        words = [word for word in head if word != "you" and not word.startswith("@w")]
        j = i + len(words)
        read = self._what_if(j, negative=match["k"] == "unless")
        if read is None:
            end = self._condition_end(i + 1)
            if self._places(i, end) or self._powers(i, end):
                self._report()
            self.skipped = True
            if match["k"] in FIRM:
                return end
            self._soften()
            self.conditional = self.conditional or not self.last
            return end
        condition, end = read
        while end < len(self.tokens) and self.tokens[end] in ("and", ",") and (more := self._what_if(end + 1, False)):
            if not more[0].orders or self.tokens[end] == ",":
                break
            condition = replace(condition, orders=(*condition.orders, *more[0].orders))
            end = more[1]
        begins = i == 0 or self.tokens[i - 1] in CONNECTORS
        if (
            begins
            and condition.polarity is Polarity.DO
            and WISHED.match(self.rest(end))
            and self._asks_of_you(condition)
        ):
            self._wish(condition)
            return self._pass_over(end, self._segment_end(end + 1))
        leads = end < len(self.tokens) and self.tokens[end] == "then"
        answered = any(self.reader.acts[n].kind in (ActKind.AGREE, ActKind.REFUSE) for n in self.last)
        if self.last and i > 0 and not leads and not answered:
            acts = self.reader.acts
            for index in self.last:
                act = acts[index]
                keeps = match["k"] == "unless" and act.kind is ActKind.INFORM
                acts[index] = replace(act, condition=condition) if keeps else self._conditional(act, condition)
            self.last = []
        else:
            self.condition = condition
            if end < len(self.tokens) and self.tokens[end] in (",", "then"):
                end += 1
        return end

    def _asks_of_you(self, condition: SpeechAct) -> bool:
        """Whether a condition is something that the addressee would do."""
        return bool(condition.provinces) or any(said.power is self.reader.addressee for said in condition.orders)

    def _dangling(self, condition: SpeechAct) -> None:
        """A condition on which nothing hangs: a wish ("if you could support Tri?"), or half a thought."""
        politely = any(token in ("could", "would", "can") for token in self.tokens[:4])
        if politely and condition.polarity is Polarity.DO and self._asks_of_you(condition):
            self._wish(condition)
        elif condition.orders or condition.provinces:
            self._report()

    def _wish(self, wished: SpeechAct) -> None:
        """ "If you could support Tri, that would be nice" asks for it."""
        aids = any(said.order.aided is not None for said in wished.orders)
        kind = ActKind.REQUEST_SUPPORT if aids else ActKind.PROPOSE
        self.reader.acts.append(replace(wished, kind=kind))
        self.last = [len(self.reader.acts) - 1]

    def _condition_end(self, i: int) -> int:
        """Where a condition that is not read ends: at a break, or where the main clause begins without one."""
        end = self._segment_end(i)
        for j in range(i + 2, end):
            if MAIN_CLAUSE.match(self.rest(j)) and self.tokens[j - 1] not in (
                "that",
                "if",
                "what",
                "when",
                "where",
                "and",
            ):
                return j
        return end

    def _what_if(self, i: int, negative: bool) -> tuple[SpeechAct, int] | None:
        """What must come true, as an INFORM act."""
        reader = self.reader
        match = IF_SUBJECT.match(self.rest(i) + " ")
        if match is None:
            return None
        subject: Power | None = reader.addressee
        if match["s"]:
            subject = self._subject(match["s"], match["w"])
        elif i > 0 and self.tokens[i - 1] in ("i",):
            subject = reader.speaker
        j = i + count_words(match[0])
        negative ^= bool(match["n"]) ^ bool(match["n2"])
        if subject is None:
            return None
        actors = (reader.speaker, subject) if match["s"] == "we" and subject is not reader.speaker else (subject,)
        if match["s"] == "we" and reader.addressee is not None:
            actors = (reader.speaker, reader.addressee)
        found = self.phrases.deed(j, actors)
        if found is None:
            return None
        deed = found[0]
        negative ^= deed.is_negative
        if deed.kind is DeedKind.SAME:
            asked = reader.answer(ActKind.AGREE)
            if not (asked.orders or asked.provinces):
                return None
            return reader.act(ActKind.INFORM, orders=asked.orders, provinces=asked.provinces), found[1]
        kind = ActKind.INFORM
        provinces = () if deed.orders else deed.provinces
        third = (subject,) if match["w"] else ()
        powers = deed.powers if deed.kind in (DeedKind.ATTACK, DeedKind.ALLY, DeedKind.BACK) else ()
        powers = () if deed.orders else self._thirds((*third, *powers))
        if deed.kind is DeedKind.DMZ:
            negative = not negative
        return (
            reader.act(
                kind,
                orders=deed.orders,
                provinces=provinces,
                powers=powers,
                polarity=Polarity.NOT if negative else Polarity.DO,
            ),
            found[1],
        )

    def _exchange(self, i: int) -> int:
        reader = self.reader
        found = self.phrases.deed(i, (reader.addressee,) if reader.addressee else ())
        if found is None or not self.last:
            end = self._segment_end(i)
            if self._places(i, end):
                self._report()
                return len(self.tokens)
            return end
        deed = found[0]
        condition = reader.act(ActKind.INFORM, orders=deed.orders, provinces=() if deed.orders else deed.provinces)
        for index in self.last:
            reader.acts[index] = self._conditional(reader.acts[index], condition)
        return found[1]

    def _soften(self) -> None:
        """ "if you want": what was promised is only offered."""
        for index in self.last:
            self.reader.acts[index] = self._softened(self.reader.acts[index])

    def _take_condition(self) -> SpeechAct | None:
        condition, self.condition = self.condition, None
        return condition
