"""Supports and convoys: what follows "support" or "convoy"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialogue.acts import ActOrder
from dialogue.deeds import (
    ENDS,
    OWNERS,
    PARTICLES,
    SUPPORT,
    TOWARDS,
    UNIT_WORDS,
    Deed,
    DeedKind,
    Form,
    UnitPhrase,
    word_set,
)
from dialogue.noun_phrases import NounPhrases
from engine.types import Location, Order, OrderKind, Power, Province, Unit, UnitKind, province_of

_TAKING = word_set("taking moving attacking take move attack get getting entering going retake hit")
"""What may stand between a support and where it leads: "support me in taking Bel"."""


_DRIVES = word_set("attack assault move push attempt")


class Aids(NounPhrases):
    """Reads the object of a support or a convoy."""

    def _support_object(
        self, i: int, powers: Sequence[Power], form: Form, supporter: UnitPhrase | None = None
    ) -> tuple[Deed, int] | None:
        """What follows "support"."""
        scene = self.scene
        i += self.at(i) == "out" and self.at(i + 1) in TOWARDS
        led = self.unit(i + 1) if supporter is None and self.at(i) == "from" else None
        if led is not None and self.at(led[1]) in ("to", "into", "for"):
            supporter, i = led
        default = scene.addressee if scene.speaker in powers else scene.speaker
        if default is None:
            default = scene.speaker
        moved = {
            "move",
            "attack",
            "advance",
            "push",
            "entry",
            "assault",
            "attempt",
            "order",
            "invasion",
            "moving",
            "hold",
        }
        owner: Power | None = None
        if self.at(i) in OWNERS and self.at(i + 1) in moved:
            owner, i = self._pronoun(OWNERS[self.at(i)]), i + 1
        elif self.mention(i, "w") and self.at(i + 1) == "'s" and self.at(i + 2) in moved:
            owner, i = self._owner(i), i + 2
        elif (
            self.at(i) in OWNERS
            and self.at(i + 1) in UNIT_WORDS
            and self.at(i + 2) in ("to", "into", "moving", "going")
        ):
            owner, i = self._pronoun(OWNERS[self.at(i)]), i + 1  # "support my fleet to Aeg"
        elif self.at(i) in ("the", "a", "an", "that") and self.at(i + 1) in moved:
            owner, i = default, i + 1
        elif self.mention(i, "a") and self.at(i + 1) in moved:
            owner, i = self._owner(i), i + 1
        if owner is not None and self.at(i) == "hold":
            i += 1
            i += self.at(i) in ("in", "on", "at", "of")
            return self._supported_hold(i, powers, form, supporter, owner)
        if owner is not None:
            i += 1
            return self._supported_move(i, powers, form, supporter, (owner,))
        if self.at(i) in ("hold", "holding"):
            return self._supported_hold(i + 1, powers, form, supporter, None)
        led_by = self.unit(i + 1) if supporter is None and self.at(i) == "from" else None
        if led_by is not None and self.at(led_by[1]) in ENDS:
            return Deed(DeedKind.ORDER, form, provinces=led_by[0].places[:1], is_aid=True), led_by[1]
        if self.at(i) in ENDS and SUPPORT.get(self.at(i - 1), ("back",))[0] != "back":
            return Deed(DeedKind.BACK, form, powers=(default,), is_aid=True), i
        if read_order := self._plain_order(i):
            (unit, target), j = read_order
            return self._aid(powers, form, supporter, unit, target, j)
        beneficiary = self.power(i)
        if beneficiary is not None and self.at(beneficiary[1]) != "'s":
            power, j = beneficiary
            by = self.unit(j + 1) if supporter is None and self.at(j) in ("with", "from", "using") else None
            if by is not None and self.at(by[1]) in ("to", "into", "in", "for", "on"):
                found = self.standing(by[0])
                if found is not None and found[0] is power:
                    return self._supported_move(j, powers, form, supporter, (power,))
                supporter, j = by
            if self.at(j) in ("hold", "holding", "stay", "staying") or self.at(j, 2) in (
                "to hold",
                "in holding",
            ):
                j += 2 if self.at(j) in ("to", "in") else 1
                j += self.at(j) in ("in", "at", "on", "onto")
                return self._supported_hold(j, powers, form, supporter, power)
            return self._supported_move(j, powers, form, supporter, (power,))
        taking = self.at(i) in ("to", "in", "for", "with") and self.at(i + 1) in _TAKING
        if taking or (self.at(i) in TOWARDS and self.at(i) != ">" and self.place(i + 1, pronouns=True)):
            return self._supported_move(i, powers, form, supporter, (default,))
        if unit_read := self.unit(i):
            phrase, j = unit_read
            if self.at(j, 2) == "in place" or self.at(j) in ("there", "too"):
                j += 2 if self.at(j) == "in" else 1
            return self._aid_holder(powers, form, supporter, phrase, j)
        return None

    def _more_supports(self, read: tuple[Deed, int], powers: Sequence[Power]) -> tuple[Deed, int]:
        """The further objects of one "support": "supporting Gre-Bul and Rum to hold"."""
        deed, i = read
        while deed.orders and self.at(i) == "and" and (more := self._plain_order(i + 1)) is not None:
            (unit, target), j = more
            before = len(self.scene.ordered)
            further, end = self._aid(powers, deed.form, None, unit, target, j)
            if not further.orders or unit[0] in powers:
                del self.scene.ordered[before:]
                break
            deed, i = replace(deed, orders=(*deed.orders, *further.orders)), end
        return deed, i

    def _plain_order(self, i: int) -> tuple[tuple[tuple[Power, Unit], Location | None], int] | None:
        """The move or hold that is supported, led by its unit."""
        read = self.unit(i)
        if read is None:
            if self.at(i) == "from" and (start := self.unit(i + 1)) and self.at(start[1]) in ("to", "into", ">"):
                read = start
            else:
                return None
        phrase, j = read
        found = self.standing(phrase)
        if found is None:
            return None
        if self.at(j) in ("moving", "move", "going", "go", "attacking", "taking", "s'"):
            j += 1
        elif self.at(j, 2) in ("to move", "to take", "to attack", "to go"):
            j += 2
        elif self.at(j) in ("hold", "holding", "holds", "staying") or self.at(j, 2) == "to hold":
            return (found, None), j + (2 if self.at(j) == "to" else 1)
        if self.at(j) in ("to", "into", ">", "in", "on", "onto", "attack") or self.mention(j, "p"):
            k = j if self.mention(j, "p") else j + 1
            paired = self.mention(j - 1, "p") is not None  # "support Tri Vie"
            if k == j and not paired and self.at(j - 1) not in ("taking", "attacking", "take", "attack"):
                return None
            place = self.place(k, pronouns=True)
            if place is None:
                return None
            mention, places, after = place
            for province in places:
                if self.map.reaches(found[1], province) or self.map.reaches_by_convoy(
                    found[1], province, self.scene.board
                ):
                    coast = "" if mention is None else mention.coast
                    return (found, self.map.destination(found[1], province, coast)), after
        return None

    def _supported_move(
        self,
        i: int,
        powers: Sequence[Power],
        form: Form,
        supporter: UnitPhrase | None,
        owners: tuple[Power, ...],
    ) -> tuple[Deed, int] | None:
        """After "support me" or "support your move": "into Bel [from Pic] [with Bur]"."""
        mover: UnitPhrase | None = None
        is_in = False
        if self.at(i) in ("with", "by") and self.at(i + 1) in ("moving", "taking", "going"):
            i += 1
        if (
            self.at(i) in ("in", "with", "for")
            and self.at(i + 1) in ("an", "the", "my", "a")
            and self.at(i + 2) in _DRIVES
        ):
            i += 3
        if self.at(i) in ("in", "to", "for") and self.at(i + 1) in _TAKING:
            i += 1
        if self.at(i) == "from" and (read := self.unit(i + 1)) and self.at(read[1]) in TOWARDS:
            mover, i = read
        if self.at(i) in _TAKING | {"moves", "trying"}:
            i += 1
        if self.at(i) in ("with", "using") and (read := self.unit(i + 1)) and self._stands_for(read[0], powers):
            return self._recent_move(powers, form, read[0], owners, read[1])
        start = i
        while self.at(i) in TOWARDS or self.at(i) in ("with", "back", "over", "up", "down", "at"):
            if self.at(i) == "against" and self.power(i + 1) is not None:
                return Deed(DeedKind.BACK, form, powers=owners[:1], is_aid=True), i
            is_in = is_in or (self.at(i) in ("in", "at", "on", "with"))
            i += 1
        if (place := self.place(i, pronouns=True)) is None:
            if start != i and not (self.at(start) == "in" and self.at(i) in ("", ",", "?", "and", "but")):
                return None
            power = owners[0] if owners else None
            return Deed(DeedKind.BACK, form, powers=() if power is None else (power,), is_aid=True), i
        mention, places, j = place
        if self.at(j) in ("to", ">", "into") and (further := self.place(j + 1)):
            mover = UnitPhrase(places)
            mention, places, j = further
            is_in = False
        coast = "" if mention is None else mention.coast
        while True:
            if self.at(j) == "from" and (read := self.unit(j + 1)):
                found = self.standing(read[0])
                if found is not None and found[0] in owners and mover is None:
                    mover = read[0]
                elif supporter is None:
                    supporter = read[0]
                j = read[1]
            elif self.at(j) in ("with", "using", "via") and (read := self.unit(j + 1)):
                found = self.standing(read[0])
                if supporter is None and (found is None or found[0] not in owners or found[0] in powers):
                    supporter = read[0]
                elif mover is None:
                    mover = read[0]
                j = read[1]
            else:
                break
        self.scene.place = places[0]
        if is_in and mover is None:
            there = self.scene.board.unit_at(places[0])
            if there is not None and there[0] in owners:
                return self._aid(powers, form, supporter, there, None, j)
        besides = None if supporter is None else self.standing(supporter)
        move = self.move(mover, places, coast, owners)
        if move is None and mover is None and besides is not None:
            options = self._movers(owners, places[0], besides[1])
            if len(options) == 1:
                move = self.move(UnitPhrase((options[0][1].province,)), places, coast, owners)
        if mover is None and (move is None or move.order.unit is None):
            spoken_of = self._spoken_of(owners, places)
            move = move if spoken_of is None else self.move(UnitPhrase((spoken_of.province,)), places, coast, owners)
        if move is None or move.order.unit is None:
            named = (*(() if mover is None else mover.places[:1]), places[0])
            if supporter is not None:
                named = (supporter.places[0], *named)
            return Deed(DeedKind.ORDER, form, provinces=named, is_aid=True), j
        aided = move.power, move.order.unit
        return self._aid(powers, form, supporter, aided, move.order.target, j, is_inferred=mover is None)

    def _spoken_of(self, owners: Sequence[Power], places: Sequence[Province]) -> Unit | None:
        """The one unit of these powers that was said, just before, to go there, or to be helped there."""
        found = set()
        for said in (*self.scene.ordered, *self.scene.recent):
            order = said.order
            if order.target is None or province_of(order.target) not in places:
                continue
            unit = order.unit if order.kind is OrderKind.MOVE else order.aided
            standing = None if unit is None else self.scene.board.unit_at(unit.province)
            if standing is not None and standing[0] in owners:
                found.add(standing[1])
        return found.pop() if len(found) == 1 else None

    def _recent_move(
        self, powers: Sequence[Power], form: Form, supporter: UnitPhrase, owners: Sequence[Power], i: int
    ) -> tuple[Deed, int] | None:
        """ "I'll support you with Bud": the move of that power that was spoken of, if it was one."""
        moves = [
            said
            for said in (*self.scene.ordered, *self.scene.recent)
            if said.order.kind is OrderKind.MOVE and said.power in owners
        ]
        if len(set(moves)) == 1 and moves[0].order.unit is not None:
            return self._aid(powers, form, supporter, (moves[0].power, moves[0].order.unit), moves[0].order.target, i)
        return Deed(DeedKind.ORDER, form, provinces=supporter.places[:1], is_aid=True), i

    def _supported_hold(
        self, i: int, powers: Sequence[Power], form: Form, supporter: UnitPhrase | None, owner: Power | None
    ) -> tuple[Deed, int] | None:
        i += self.at(i) in ("in", "at", "for", "on")
        read = self.unit(i)
        if read is None and (there := self.place(i, pronouns=True)) is not None:
            read = UnitPhrase(there[1]), there[2]
        if read is None:
            return None
        phrase, j = read
        if owner is not None and phrase.owner is None:
            phrase = replace(phrase, owner=owner)
        return self._aid_holder(powers, form, supporter, phrase, j)

    def _aid_holder(
        self, powers: Sequence[Power], form: Form, supporter: UnitPhrase | None, phrase: UnitPhrase, i: int
    ) -> tuple[Deed, int]:
        found = self.standing(phrase)
        if self.at(i) in ("hold", "holding", "holds"):
            i += 1
        self.scene.place = phrase.places[0]
        if found is None:
            if self.at(i) in ("with", "from", "using") and (read := self.unit(i + 1)):
                i = read[1]
            return Deed(DeedKind.ORDER, form, provinces=phrase.places[:1], is_aid=True), i
        return self._aid(powers, form, supporter, found, None, i)

    def _aid(
        self,
        powers: Sequence[Power],
        form: Form,
        supporter: UnitPhrase | None,
        aided: tuple[Power, Unit],
        target: Location | None,
        i: int,
        is_inferred: bool = False,
    ) -> tuple[Deed, int]:
        """A support of a unit that was named, or inferred from where it is to go."""
        while supporter is None and self.at(i) in ("with", "from", "using", "via", "by") and (read := self.unit(i + 1)):
            supporter, i = read
        order = self.support(supporter, powers, aided[1], target)
        self.scene.place = aided[1].province if target is None else province_of(target)
        if order is None:
            named = [] if is_inferred else [aided[1].province]
            named += [] if target is None else [province_of(target)]
            if supporter is not None:
                named.insert(0, supporter.places[0])
            return Deed(DeedKind.ORDER, form, provinces=tuple(named), is_aid=True), i
        self._note(order)
        return Deed(DeedKind.ORDER, form, (order,), is_aid=True), i

    def _convoy_object(
        self, i: int, powers: Sequence[Power], form: Form, fleet: UnitPhrase | None = None
    ) -> tuple[Deed, int] | None:
        """What follows "convoy": "me to Nwy", "my army in Edi to Nwy with North Sea"."""
        scene = self.scene
        default = scene.addressee if scene.speaker in powers else scene.speaker
        owner, army = default, None
        if (read := self.unit(i)) and self.at(read[1]) in ("to", "into", ">", "over", "across"):
            army, i = read
        elif self.at(i) in ("my", "your", "his", "their", "the", "an") and self.at(i + 1) in UNIT_WORDS:
            owner, i = self._pronoun(OWNERS.get(self.at(i))) or default, i + 2
        elif (someone := self.power(i)) is not None:
            owner, i = someone
        if self.at(i) == "from" and (read := self.unit(i + 1)):
            army, i = read
        while self.at(i) in TOWARDS or self.at(i) in PARTICLES:
            i += 1
        place = self.place(i, pronouns=True)
        if place is None:
            return None if army is None else (Deed(DeedKind.ORDER, form, provinces=army.places[:1], is_aid=True), i)
        _, places, i = place
        mover = None if army is None else self.standing(army)
        if len(places) > 1 and mover is not None:
            places = tuple(sorted(places, key=lambda one: not self.map.reaches_by_convoy(mover[1], one, scene.board)))
        while self.at(i) in ("from", "with", "using", "via", "through"):
            read = self.unit(i + 1)
            if read is None:
                break
            if self.at(i) == "from" and army is None:
                army = read[0]
            else:
                fleet = fleet or read[0]
            i = read[1]
        scene.place = places[0]
        named = (*(() if army is None else army.places[:1]), places[0])
        unresolved = Deed(DeedKind.ORDER, form, provinces=named, is_aid=True), i
        if army is not None:
            found = self.standing(army)
        else:
            armies = [
                (whose, unit)
                for whose in (() if owner is None else (owner,))
                for unit in scene.board.units(whose)
                if self.map.reaches_by_convoy(unit, places[0], scene.board)
            ]
            found = armies[0] if len(armies) == 1 else None
        if found is None or found[1].kind is not UnitKind.ARMY:
            return unresolved
        if not self.map.reaches_by_convoy(found[1], places[0], scene.board):
            return unresolved
        self._note(ActOrder(found[0], Order(OrderKind.MOVE, found[1], Location(places[0]), via_convoy=True)))
        if fleet is not None:
            standing = self.standing(fleet)
            fleets = [] if standing is None else [standing]
        else:
            fleets = [
                (power, unit)
                for power in powers
                for unit in scene.board.units(power)
                if unit.province in self.map.seas
                and unit.province in self.map.neighbours[places[0]]
                and unit.province in self.map.neighbours[found[1].province]
            ]
        if len(fleets) != 1 or fleets[0][1].province not in self.map.seas:
            return unresolved
        order = ActOrder(fleets[0][0], Order(OrderKind.CONVOY, fleets[0][1], Location(places[0]), found[1]))
        self._note(order)
        return Deed(DeedKind.ORDER, form, (order,), is_aid=True), i

    def _helper(self, i: int) -> tuple[tuple[UnitPhrase | None, tuple[Power, ...]], int] | None:
        """After "with": "support from Pic", "my support", "your help", "Pic's support", "Pic supporting"."""
        if self.at(i) in ("the", "a", "some"):
            i += 1
        if self.at(i) in ("my", "your") and self.at(i + 1) in ("support", "help", "backing"):
            power = self._pronoun(OWNERS[self.at(i)])
            j = i + 2
            if self.at(j) in ("from", "in", "by") and (read := self.unit(j + 1)):
                return (read[0], ()), read[1]
            return None if power is None else ((None, (power,)), j)
        if self.at(i) in ("support", "help") and self.at(i + 1) in ("from", "by", "in", "of"):
            if read := self.unit(i + 2):
                return (read[0], ()), read[1]
            power_read = self.power(i + 2)
            return None if power_read is None else ((None, (power_read[0],)), power_read[1])
        if (read := self.unit(i)) and self.at(read[1]) in ("support", "supporting", "in"):
            if self.at(read[1]) == "in" and self.at(read[1] + 1) != "support":
                return None
            return (read[0], ()), read[1] + (2 if self.at(read[1]) == "in" else 1)
        return None
