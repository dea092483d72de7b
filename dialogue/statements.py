"""Clauses with a verb phrase: after a frame, or by itself."""

from __future__ import annotations

import re
from dataclasses import replace

from dialogue.deeds import MODALS, Deed, DeedKind, Form, is_verb
from dialogue.frames import AUXILIARY, FRAMES, MAY_LEAD, Frame, W
from dialogue.making import Making
from dialogue.markers import CIRCUMSTANCE, COPULAS, HAVING, WELCOME, WITHOUT_SUBJECT
from dialogue.openers import BREAKS
from dialogue.reading_state import count_words
from engine.types import Power


class Statements(Making):
    """Reads clauses that say what somebody does."""

    def _framed(self, i: int, rest: str) -> int | None:
        matched: tuple[Frame, int] | None = None
        if not (self.tokens[i] in MAY_LEAD or self.tokens[i].startswith(("@w", "@d"))):
            return None
        goes_on = self.frame is not None and i > 0 and self.tokens[i - 1] in ("and", "then")
        for pattern, frame in FRAMES:
            match = pattern.match(rest + " ")
            if match is None or not match[0].strip():
                continue
            if goes_on and self.frame is not None and match[0] in ("try to ", "maybe ", "try "):
                frame = self.frame
            if i > 0 and self.tokens[i] in WITHOUT_SUBJECT and self.tokens[i - 1] not in BREAKS:
                continue
            if self.doubt and frame.name in ("together", "propose"):
                frame = replace(frame, name="unable", negative=True)
            if frame.name == "unsaid":
                frame = (
                    Frame("ask", "you") if self.question else Frame("promise" if self.tokens[i] == "will" else "inform")
                )
            if self.advice and frame.subject == "I" and frame.name in ("offer", "promise", "inform"):
                frame = Frame("propose", "you")
            groups = match.groupdict()
            negative = bool(groups.get("n")) ^ bool(groups.get("n2")) ^ frame.negative
            if frame.name == "past_word" and "not going" in match[0]:
                negative = True
            subject = frame.subject
            power: Power | None = None
            if subject in ("?", "s"):
                subject = {"i": "I", "me": "I", "you": "you", None: "both", "you and me": "we", "you and i": "we"}.get(
                    groups.get("s"), "we" if groups.get("s") in ("we", "us", "both of us") else "w"
                )
            if subject == "w":
                thirds = self._third(groups.get("w"))
                if thirds is None:
                    continue
                power = thirds[0]
                if {self.reader.speaker, self.reader.addressee} <= set(thirds) and frame.name == "other":
                    frame, subject = Frame("together", "we"), "we"
                elif power is self.reader.addressee:
                    subject = "you"
                elif power is self.reader.speaker:
                    subject = "I"
                also = tuple(one for one in thirds if one not in (self.reader.addressee, self.reader.speaker))
            else:
                also = ()
            self.states_you = match[0] == "you "
            found = replace(frame, subject=subject, negative=negative ^ self.doubt, power=power, others=also)
            if frame.name == "past_word" and subject == "w":
                found = replace(found, name="other", confidence=0.8)
            end = self._apply(i + count_words(match[0]), found)
            if end is not None:
                return end
            matched = matched or (found, i + count_words(match[0]))
        if matched is not None and matched[0].name in ("ask", "ask_you", "will_you", "propose_both") and self.question:
            return self._asked(i)
        return None

    def _apply(self, i: int, frame: Frame) -> int | None:
        """Reads the verb phrase after a frame; None: there is none."""
        while (aux := AUXILIARY.match(self.rest(i))) and aux[0].strip():
            i += count_words(aux[0])
        actors = self._actors(frame)
        if frame.subject == "I_noun":
            actors = (self.reader.speaker,)
        ordered = len(self.reader.scene.ordered)
        found = self._deed(i, actors, frame)
        if found is None:
            del self.reader.scene.ordered[ordered:]
            return None
        deed, end = found
        if not self._fits(deed, frame):
            del self.reader.scene.ordered[ordered:]
            return None
        self._emit(deed, frame)
        self.frame = frame
        self.doubt = False
        return end

    def _deed(self, i: int, actors: tuple[Power, ...], frame: Frame) -> tuple[Deed, int] | None:
        """The verb phrase at a token: of what was done, over the board it was done on; of what was said, over today's
        or else that one."""
        scene, then = self.reader.scene, self.reader.then
        if then is None or frame.name not in ("past", "past_word", "deny"):
            return self.phrases.deed(i, actors)
        now, ordered = scene.board, len(scene.ordered)
        found = None
        for board in (then, now) if frame.name == "past" or self.is_past else (now, then):
            scene.board = board
            read = self.phrases.deed(i, actors)
            scene.board = now
            if read is not None and read[0].orders:
                return read
            del scene.ordered[ordered:]
            found = found or read
        return found

    def _fits(self, deed: Deed, frame: Frame) -> bool:
        """Whether a verb phrase can follow a frame: its form, and whose units are ordered."""
        may_be_past = frame.name in ("past", "past_word", "ask", "propose", "propose_both", "together", "deny") or (
            frame.name == "inform" and deed.kind is DeedKind.ORDER
        )
        if deed.form is Form.PAST and (not may_be_past or (frame.name == "propose" and frame.negative)):
            return False
        if frame.subject in ("I", "you", "w") and deed.orders and not deed.is_aid:
            actors = self._actors(frame)
            if deed.orders[0].power not in actors:
                return (
                    frame.name in ("propose", "propose_both", "past_word", "expect", "ask") and deed.form is Form.NONE
                )
        return True

    def _bare(self, i: int) -> int | None:
        """A verb phrase by itself ("moving to Bur", "support me into Bel", "Par-Bur"), or a third power's."""
        reader = self.reader
        past = self._past_clause(i)
        if past is not None:
            return past
        other = re.match(rf"{W} (?=\w)", self.rest(i))
        if i > 0 and self.tokens[i - 1] in CIRCUMSTANCE:
            other = None
        if other is not None and (who := self._third(other["w"])) is not None:
            j = i + count_words(other[0])
            form = is_verb(self.tokens[j]) if j < len(self.tokens) else None
            if form in (Form.THIRD, Form.BASE, Form.ING):
                found = self.phrases.deed(j, who)
                if found is not None and found[0].form in (Form.THIRD, Form.BASE, Form.ING):
                    self._emit(found[0], Frame("other", "w", 0.8, negative=self.doubt, power=who[0]))
                    return found[1]
        ordered = len(reader.scene.ordered)
        you = () if reader.addressee is None else (reader.addressee,)
        found = None
        if self.frame is not None:
            found = self._deed(i, self._actors(self.frame), self.frame)
            if found is not None and self._goes_on(found[0], self.frame, i):
                self._emit(found[0], self.frame)
                return found[1]
            del reader.scene.ordered[ordered:]
        word = self.tokens[i]
        if word in ("i", "you", "we", "he", "they"):
            return None
        leading = is_verb(self.tokens[i + 1] if word in ("not", "never") and i + 1 < len(self.tokens) else word)
        if word in HAVING and not (word == "have" and self.phrases.unit(i + 1)):
            return None
        if i > 1 and self.tokens[i - 1] == "," and self.tokens[i - 2] in MODALS:
            return None
        if self.skipped and self.frame is None and self.tokens[i - 1] in ("and", "or"):
            return None  # whose verb this is was not read
        actors: tuple[Power, ...] = you
        if leading is Form.ING and not self.question:
            actors = (reader.speaker,)
        found = self.phrases.deed(i, actors)
        if found is None:
            return None
        deed, end = found
        talked_about = end < len(self.tokens) and self.tokens[end] in COPULAS
        noun = word in ("a", "an", "the", "another", "some", "any", "our")
        if talked_about and (deed.form is Form.NONE or deed.kind is DeedKind.ALLY or noun):
            del reader.scene.ordered[ordered:]
            return None
        if deed.form is Form.ING and talked_about:
            if WELCOME.match(self.rest(end)) is None:
                del reader.scene.ordered[ordered:]
                return None
            self._emit(deed, Frame("propose", "you", 0.7))
            return self._pass_over(end, len(self.tokens))
        if (
            deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE)
            and end < len(self.tokens)
            and self.tokens[end] in ("was", "were")
        ):
            self._emit(deed, Frame("past", "we"))
            return self._pass_over(end, self._segment_end(end))
        frame = self._bare_frame(deed)
        if frame is None:
            del reader.scene.ordered[ordered:]
            return None
        if self.doubt:
            name = "expect" if frame.name == "propose" else frame.name
            frame, self.doubt = replace(frame, name=name, negative=not frame.negative), False
        self._emit(deed, frame)
        self.frame = frame
        return end

    def _aids_me(self, deed: Deed, i: int) -> bool:
        """ "I'm attacking Por, support me": nobody supports himself."""
        return deed.is_aid and self.tokens[i + 1 : i + 2] == ["me"]

    def _goes_on(self, deed: Deed, frame: Frame, i: int) -> bool:
        """Whether a verb phrase continues the clause before: "I'll move to Bur and support Pic"."""
        if not self._fits(deed, frame) or (frame.subject == "I" and self._aids_me(deed, i)):
            return False
        if deed.form is not Form.NONE or not deed.orders:
            return deed.form is not Form.NONE or deed.is_aid
        return deed.orders[0].power in self._actors(frame) or frame.name in ("together", "propose_both")

    def _bare_frame(self, deed: Deed) -> Frame | None:
        if deed.form is Form.THIRD:
            return None
        if deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY):
            if deed.form is Form.PAST:
                return Frame("past", "I")
            return Frame("together", "we")
        match deed.form:
            case Form.ING:
                return Frame("ask", "you", 0.8) if self.question else Frame("inform", "I")
            case Form.BASE:
                return None if self.is_past else Frame("propose", "you", 0.9)
            case Form.PAST:
                return None if self.conditional else Frame("past", "I")
            case Form.NONE:
                if not deed.orders:
                    return None
                power = deed.orders[0].power
                if power is self.reader.speaker and "will" in self.tokens[self.position : self.position + 6]:
                    return Frame("promise", "I", 0.9)
                if power is self.reader.speaker:
                    return Frame("ask", "I") if self.question and not deed.is_aid else Frame("inform", "I", 0.9)
                if power is self.reader.addressee:
                    return Frame("propose", "you", 0.8)
                return Frame("other", "w", 0.7, power=power)
        return None

    def _past_clause(self, i: int) -> int | None:
        if i > 0 and self.tokens[i - 1] == "and" and self.condition is not None:
            return None  # "if you took Bel and I took Hol"
        match = re.match(
            rf"(?P<s>i|you|we|{W}) (?:(?:have|had|has) )?(?P<n>not |never )?"
            r"(?P<tried>(?:tried|attempted|was trying|were trying) (?:to (?=\w)|(?=\w+ing )))?(?=\w)",
            self.rest(i),
        )
        if match is None:
            return None
        j = i + count_words(match[0])
        if j >= len(self.tokens):
            return None
        unmarked = self.is_past and self.tokens[j] in ("hit", "put", "cut", "bounce")
        wanted = {Form.BASE, Form.ING} if match["tried"] else {Form.PAST}
        if is_verb(self.tokens[j]) not in wanted and not unmarked:
            return None
        subject = self._subject(match["s"], match["w"])
        if subject is None:
            return None
        actors = (subject, self.reader.speaker) if match["s"] == "we" else (subject,)
        names = {"i": "I", "you": "you", "we": "we"}
        frame = Frame("past", names.get(match["s"], "w"), negative=bool(match["n"]), power=subject)
        ordered = len(self.reader.scene.ordered)
        found = self._deed(j, actors, frame)
        if found is None or not self._fits(found[0], frame):  # nobody moved another's unit
            del self.reader.scene.ordered[ordered:]
            return None
        if self.question:
            frame = replace(frame, name="ask")
        self._emit(found[0], frame)
        self.frame = frame
        return found[1]
