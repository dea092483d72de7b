"""From a frame and a verb phrase to the speech act that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dialogue.acts import REQUESTING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.deeds import Deed, DeedKind, Form, is_attack
from dialogue.frames import Frame
from dialogue.past_phases import movement_before
from dialogue.reading import holds
from dialogue.reading_state import SentenceState
from engine.types import OrderKind, Province, province_of

COMMITTED = {
    "promise": ActKind.PROMISE,
    "inform": ActKind.INFORM,
    "offer": ActKind.OFFER,
    "expect": ActKind.INFORM,
    "other": ActKind.INFORM,
}


class Making(SentenceState):
    """Makes the act of a verb phrase in its frame."""

    def _emit(self, deed: Deed, frame: Frame) -> None:
        reader = self.reader
        act = self._make(deed, frame)
        confidence = min(frame.confidence, deed.confidence, 0.6 if self.hedged else 1.0)
        if frame.name in ("ask", "ask_you", "will_you") or act.kind is ActKind.ASK:
            confidence = deed.confidence
        phase = self.phase
        if act.kind is ActKind.CLAIM_PAST and self.is_past:
            phase = movement_before(reader.board.phase)
        act = replace(act, confidence=confidence, phase=phase)
        if self.condition is not None and act.kind not in (ActKind.AGREE,):
            act = self._conditional(act, self.condition)
        elif self.conditional or (self.question and not self.after_yes and frame.subject == "I" and deed.is_aid):
            act = self._softened(act)
        if self.last and self.frame is frame and act.condition is None and self._merge(act):
            return
        if act.kind is ActKind.ASK:
            self._ask(act)
        else:
            reader.acts.append(act)
        self.last = [len(reader.acts) - 1]

    def _merge(self, act: SpeechAct) -> bool:
        """Joins an act to the one before of the same kind: one act, several orders."""
        acts = self.reader.acts
        if len(self.last) != 1 or not act.orders:
            return False
        old = acts[self.last[0]]
        if not old.orders or replace(act, orders=(), confidence=1.0) != replace(old, orders=(), confidence=1.0):
            return False
        acts[self.last[0]] = replace(old, orders=(*old.orders, *(o for o in act.orders if o not in old.orders)))
        return True

    def _conditional(self, act: SpeechAct, condition: SpeechAct) -> SpeechAct:
        kind = act.kind
        own = kind is ActKind.PROMISE or (kind is ActKind.INFORM and self._is_own(act))
        if own and act.polarity is Polarity.DO and self._hostile(act):
            kind = ActKind.THREATEN
        elif own:
            kind = ActKind.OFFER
        return replace(act, kind=kind, condition=condition)

    def _hostile(self, act: SpeechAct) -> bool:
        """Whether the speaker's orders go against the addressee."""
        addressee = self.reader.addressee
        if addressee is None:
            return False
        for said in act.orders:
            if said.order.kind is OrderKind.MOVE and said.order.target is not None:
                place = province_of(said.order.target)
                standing = self.reader.board.unit_at(place)
                if self.reader.board.owner_of(place) is addressee or (standing and standing[0] is addressee):
                    return True
        for place in act.provinces:
            standing = self.reader.board.unit_at(place)
            hers = self.reader.board.owner_of(place) is addressee or (standing is not None and standing[0] is addressee)
            if hers and any(is_attack(word) for word in self.tokens):
                return True
        return False

    def _softened(self, act: SpeechAct) -> SpeechAct:
        willing = act.kind in (ActKind.PROMISE, ActKind.INFORM) and act.polarity is Polarity.DO
        if willing and self._is_own(act):
            return replace(act, kind=ActKind.OFFER)
        return act

    def _is_own(self, act: SpeechAct) -> bool:
        """Whether an act is about what the speaker does, and not about what a third power does."""
        own = all(said.power is self.reader.speaker for said in act.orders)
        return own and (act.kind is ActKind.PROMISE or bool(act.orders) or not act.powers)

    def _make(self, deed: Deed, frame: Frame) -> SpeechAct:
        reader = self.reader
        negative = frame.negative ^ deed.is_negative
        polarity = Polarity.NOT if negative else Polarity.DO
        provinces = () if deed.orders else deed.provinces
        name = frame.name
        if name == "will_you":
            name = "propose" if deed.is_aid or deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY) else "ask"
        if name == "ask_you":
            name = "ask" if self.question else "expect"
        if name == "expect" and self.question:
            name = "ask"
        if name == "propose_both":
            name = "together" if frame.subject in ("we", "both") and not deed.orders else "propose"
            if frame.subject == "I":
                name = "offer"
        if name == "unit_wanted":
            unit = reader.board.unit_at(deed.provinces[0]) if deed.provinces else None
            whose = deed.orders[0].power if deed.orders else None if unit is None else unit[0]
            own = whose is reader.speaker
            name, frame = ("offer", replace(frame, subject="I")) if own else ("propose", replace(frame, subject="you"))
        if name == "willing":
            name, frame = ("propose_both", replace(frame, subject="you")) if self.question else ("offer", frame)
            if name == "propose_both":
                name = "together" if not deed.orders else "propose"
        if name == "propose" and self.question and not deed.is_aid and self.states_you:
            name = "ask"
        if name in ("other",) and self.question:
            name = "ask"
        if deed.kind is DeedKind.SAME:
            return self._same(name, negative)
        if deed.kind is not DeedKind.ORDER and deed.kind is not DeedKind.BACK:
            return self._make_other(deed, name, frame, negative)
        powers = deed.powers if deed.kind is DeedKind.BACK and not deed.orders else ()
        powers = tuple(power for power in powers if power not in (reader.speaker, reader.addressee))
        fields = {"orders": deed.orders, "provinces": provinces, "powers": powers, "polarity": polarity}
        if frame.subject == "w" and name in ("past", "past_word", "other", "asked", "ask") and not deed.orders:
            fields["powers"] = self._thirds((*self._actors(frame), *powers))
        match name:
            case "asked":
                return reader.act(
                    ActKind.INFORM,
                    provinces=deed.provinces or tuple(dict.fromkeys(_goals(deed.orders))),
                    powers=self._thirds((*self._actors(frame), *deed.powers)),
                    polarity=polarity,
                )
            case "consent":
                return reader.act(ActKind.REFUSE if negative else ActKind.AGREE, **{**fields, "polarity": Polarity.DO})
            case "unable":
                return reader.act(ActKind.INFORM, **{**fields, "polarity": Polarity.NOT})
            case "grant":
                return reader.act(ActKind.OFFER, provinces=provinces, polarity=polarity)
            case "threaten":
                return self._threat(reader.act(ActKind.INFORM, **fields))
            case "promise" | "inform" | "offer" | "expect":
                kind = COMMITTED[name]
                if name == "offer" and self.after_yes:
                    kind = ActKind.PROMISE
                if deed.is_aid and provinces and frame.subject == "I":
                    kind = ActKind.OFFER  # nobody is bound to an order that cannot be made out, nor to go there
                if kind is ActKind.OFFER and negative:
                    kind = ActKind.REFUSE
                    fields["polarity"] = Polarity.DO
                if negative and self._was_asked(deed.orders):
                    return reader.act(ActKind.REFUSE, orders=deed.orders, answers=reader.previous.sequence)
                if name in ("promise", "inform") and self.question and name == "inform":
                    kind = ActKind.INFORM
                act = reader.act(kind, **fields)
                return self._threat(act) if frame.subject == "I" and self._is_alternative() else act
            case "cannot":
                if self.sorry or self._was_asked(deed.orders) or deed.is_aid or self._was_named(provinces):
                    return reader.act(
                        ActKind.REFUSE,
                        orders=deed.orders,
                        provinces=provinces,
                        powers=powers,
                        answers=reader.previous.sequence,
                    )
                fields["polarity"] = Polarity.DO if negative else Polarity.NOT
                return reader.act(ActKind.INFORM, **fields)
            case "ask":
                return reader.act(ActKind.ASK, **fields)
            case "past" | "past_word" | "deny":
                if name == "deny" or (name == "past" and frame.negative and frame.subject == "I"):
                    fields["polarity"] = Polarity.DO
                    return reader.act(ActKind.DENY, **fields)
                if name == "past":
                    fields |= self._as_named(deed)
                return reader.act(ActKind.CLAIM_PAST, **fields)
            case "other":
                kind = ActKind.WARN if self.warned else ActKind.INFORM
                if kind is ActKind.WARN:
                    fields["powers"] = self._thirds((*self._actors(frame), *powers))
                return reader.act(kind, **fields)
        two = (reader.speaker, reader.addressee)
        if self.question and deed.form is Form.NONE and deed.orders and deed.orders[0].power not in two:
            return reader.act(ActKind.ASK, **fields)
        kind = ActKind.PROPOSE
        if self.instead or (self.sorry and "rather" in self.tokens):
            kind = ActKind.COUNTER
        elif deed.is_aid and (name == "propose" or self._by_addressee(deed)) and self._aids_other(deed):
            kind = ActKind.REQUEST_SUPPORT
        return reader.act(kind, **fields)

    def _is_alternative(self) -> bool:
        """Whether the clause at hand says what comes of not listening ("back off, or I'll ...")."""
        before = self.tokens[: self.position]
        return before[-1:] == ["or"] or before[:2] == ["be", "warned"]

    def _threat(self, act: SpeechAct) -> SpeechAct:
        """The act as a threat, if it goes against the addressee."""
        hostile = act.polarity is Polarity.DO and self._hostile(act)
        return replace(act, kind=ActKind.THREATEN) if hostile else act

    def _as_named(self, deed: Deed) -> dict[str, Any]:
        """What was ordered in the past, as far as it was named: the board shows where units went, not whence."""
        named = set(self._places(0, len(self.tokens)))
        orders = tuple(said for said in deed.orders if said.order.unit is None or said.order.unit.province in named)
        if len(orders) == len(deed.orders):
            return {}
        third = {said.power for said in deed.orders}
        return {
            "orders": (),
            "provinces": tuple(dict.fromkeys(_goals(deed.orders))),
            "powers": self._thirds([power for power in third if power is not None]),
        }

    def _by_addressee(self, deed: Deed) -> bool:
        return bool(deed.orders) and all(said.power is self.reader.addressee for said in deed.orders)

    def _aids_other(self, deed: Deed) -> bool:
        """Whether the addressee is asked to help a unit that is not its own."""
        if not deed.orders:
            return True
        aided = deed.orders[-1].order.aided
        standing = None if aided is None else self.reader.board.unit_at(aided.province)
        return standing is None or standing[0] is not self.reader.addressee

    def _was_asked(self, orders: Sequence[ActOrder]) -> bool:
        asked = [said for act in self.reader.previous.heard if act.kind in REQUESTING for said in act.orders]
        return bool(orders) and all(holds(asked, said) for said in orders)

    def _was_named(self, provinces: Sequence[Province]) -> bool:
        """Whether a request of the other side was about these provinces."""
        named = {place for act in self.reader.previous.heard if act.kind in REQUESTING for place in act.provinces}
        return bool(provinces) and set(provinces) <= named

    def _same(self, name: str, negative: bool) -> SpeechAct:
        if name == "offer" and not negative and not self.previous_asked():
            return self.reader.act(ActKind.OFFER)
        if name in ("promise", "inform", "offer"):
            return self.reader.answer(ActKind.REFUSE if negative else ActKind.AGREE)
        if name == "cannot":
            return self.reader.answer(ActKind.REFUSE)
        if name in ("past", "past_word", "deny"):
            return self.reader.act(ActKind.DENY if negative or name == "deny" else ActKind.CLAIM_PAST)
        if name == "together" and self.previous_asked():
            return self.reader.answer(ActKind.AGREE)
        return self.reader.act(ActKind.ASK if self.question else ActKind.SMALL_TALK)

    def _make_other(self, deed: Deed, name: str, frame: Frame, negative: bool) -> SpeechAct:
        """Bounces, demilitarised zones, alliances, attacks on a power."""
        reader = self.reader
        polarity = Polarity.NOT if negative else Polarity.DO
        own = frame.subject == "I"
        content = {"provinces": deed.provinces, "powers": deed.powers, "polarity": polarity}
        if name in ("past", "past_word", "deny"):
            kind = ActKind.DENY if name == "deny" or (negative and own) else ActKind.CLAIM_PAST
            if kind is ActKind.DENY:
                content["polarity"] = Polarity.DO
            who = self._actors(frame) if frame.subject == "w" else ()
            content["powers"] = self._thirds((*who, *deed.powers))
            return reader.act(kind, **content)
        if name == "asked":
            content["powers"] = self._thirds((*self._actors(frame), *deed.powers))
            return reader.act(ActKind.INFORM, **content)
        if name == "unable":
            return reader.act(ActKind.INFORM, **{**content, "polarity": Polarity.NOT})
        if name == "cannot" and deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY):
            return reader.act(
                ActKind.REFUSE, provinces=deed.provinces, powers=deed.powers, answers=reader.previous.sequence
            )
        match deed.kind:
            case DeedKind.DMZ:
                if name == "other" or (name == "ask" and frame.subject == "w"):
                    kind = ActKind.INFORM if name == "other" else ActKind.ASK
                    return reader.act(kind, **{**content, "powers": self._actors(frame)})
                if own and name in COMMITTED and deed.form is not Form.NONE and self._stays_out():
                    flipped = Polarity.DO if negative else Polarity.NOT
                    return reader.act(
                        COMMITTED[name],
                        provinces=deed.provinces,
                        polarity=flipped,
                    )
                return reader.act(ActKind.DEMILITARISE, provinces=deed.provinces, polarity=polarity)
            case DeedKind.BOUNCE:
                if name == "ask" and frame.subject != "I":
                    powers = (*deed.powers, *(self._actors(frame) if frame.subject == "w" else ()))
                    return reader.act(ActKind.ASK, **{**content, "powers": powers})
                if name == "other":
                    kind = ActKind.WARN if self.warned else ActKind.INFORM
                    return reader.act(kind, **{**content, "powers": (*self._actors(frame), *deed.powers)})
                return reader.act(ActKind.BOUNCE, **content)
            case DeedKind.ALLY:
                if (
                    frame.subject == "w"
                    or name in ("other", "expect")
                    or (name == "ask" and deed.powers and frame.subject != "we")
                ):
                    powers = (*(self._actors(frame) if frame.subject == "w" else ()), *deed.powers)
                    kind = ActKind.ASK if name == "ask" else ActKind.INFORM
                    return reader.act(kind, **{**content, "powers": self._thirds(powers)})
                return reader.act(ActKind.ALLY, **content)
        return self._attack(deed, name, frame, negative)

    def _stays_out(self) -> bool:
        words = set(self.tokens)
        return "dmz" not in words and bool(
            words
            & {
                "out",
                "away",
                "leave",
                "leaving",
                "off",
                "clear",
                "vacate",
                "vacating",
                "withdraw",
                "withdrawing",
                "evacuate",
            }
        )

    def _attack(self, deed: Deed, name: str, frame: Frame, negative: bool) -> SpeechAct:
        reader = self.reader
        polarity = Polarity.NOT if negative else Polarity.DO
        targets = deed.powers
        at_you = reader.addressee in targets
        content = {"provinces": deed.provinces, "powers": targets, "polarity": polarity}
        match name:
            case "promise" | "inform" | "offer" | "cannot":
                if name == "cannot":
                    return reader.act(ActKind.PROMISE, **{**content, "polarity": Polarity.NOT})
                if at_you and not negative:
                    return reader.act(ActKind.THREATEN, **{**content, "powers": ()})
                kind = ActKind.PROMISE if name == "promise" or (name == "offer" and negative) else ActKind.INFORM
                return reader.act(kind, **content)
            case "other":
                who = self._actors(frame)
                if (at_you or "us" in self.tokens) and not negative:
                    return reader.act(ActKind.WARN, **{**content, "powers": who})
                kind = ActKind.WARN if self.warned else ActKind.INFORM
                return reader.act(kind, **{**content, "powers": self._thirds((*who, *targets))})
            case "ask" | "expect":
                who = self._actors(frame) if frame.subject == "w" else ()
                targets = tuple(dict.fromkeys(power for power in (*who, *targets) if power is not reader.speaker))
                kind = ActKind.ASK if name == "ask" else ActKind.INFORM
                return reader.act(kind, **{**content, "powers": targets})
            case "together" if not negative and at_you:
                return reader.act(ActKind.SMALL_TALK)  # "we'll all turn on each other"
            case "together" if not negative:
                return reader.act(ActKind.ALLY, **content)
            case "together" if targets in ((), (reader.addressee,)):
                return reader.act(ActKind.ALLY)  # "let's not attack each other"
        kind = ActKind.COUNTER if self.instead else ActKind.PROPOSE
        if targets == (reader.speaker,) and not negative:
            return reader.act(ActKind.INFORM, **{**content, "powers": ()})
        if not negative and ("together" in self.tokens or "us" in self.tokens):
            kind = ActKind.ALLY
        return reader.act(kind, **{**content, "powers": tuple(p for p in targets if p is not reader.speaker)})


def _goals(orders: Sequence[ActOrder]) -> list[Province]:
    """Where orders lead."""
    return [province_of(said.order.target) for said in orders if said.order.target is not None]
