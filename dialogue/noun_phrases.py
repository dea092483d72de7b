"""Noun phrases over tokens, and what they mean on the board: places, powers, units, and the moves units can make."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue.acts import ActOrder
from dialogue.board import geography
from dialogue.deeds import (
    MODALS,
    NEAR_UNIT,
    OBJECTS,
    ORDER_WORDS,
    OWNERS,
    SUBJECT_OF,
    UNIT_WORDS,
    Deed,
    DeedKind,
    Form,
    Scene,
    UnitPhrase,
    is_verb,
)
from dialogue.names import Mention
from engine.types import Location, Order, OrderKind, Power, Province, Unit, province_of


class NounPhrases:
    """The names of one token sequence, resolved on the board."""

    def __init__(self, tokens: Sequence[str], scene: Scene) -> None:
        self.tokens = tokens
        self.scene = scene
        self.map = geography()

    def at(self, i: int, count: int = 1) -> str:
        """The token or tokens at a position, joined by spaces; "" past the end."""
        return self.tokens[i] if count == 1 and i < len(self.tokens) else " ".join(self.tokens[i : i + count])

    def mention(self, i: int, kinds: str) -> Mention | None:
        """The name at a position if it is of one of the kinds (``p``, ``w``, ``a``, ``d``)."""
        token = self.at(i)
        if len(token) > 2 and token[0] == "@" and token[1] in kinds:
            return self.scene.mentions[int(token[2:])]
        return None

    def power(self, i: int) -> tuple[Power, int] | None:
        """A power: its name or people, or an object pronoun."""
        if self.at(i) == "the" and self.mention(i + 1, "wad"):
            i += 1
        mention = self.mention(i, "wd") or (self.mention(i, "a") if self.at(i - 1) == "the" else None)
        if mention is not None and mention.power is not None:
            return mention.power, i + 1
        meant = self._pronoun(OBJECTS.get(self.at(i)))
        return None if meant is None else (meant, i + 1)

    def place(self, i: int, pronouns: bool = False) -> tuple[Mention | None, tuple[Province, ...], int] | None:
        """A province by name, or "there" and "it" for the last one mentioned."""
        start = i
        if self.at(i) in ("the", "a", "my", "your", "his", "their") and self.mention(i + 1, "p"):
            i += 1
        elif self.at(i, 2).startswith("@w") and self.at(i + 1) == "'s" and self.mention(i + 2, "p"):
            i += 2
        elif self.mention(i, "a") and self.mention(i + 1, "p"):
            i += 1
        mention = self.mention(i, "p")
        if mention is not None:
            return mention, mention.provinces, i + 1
        meant = self.scene.place
        if meant is None and self.at(start) == "there":
            meant = self.scene.recent_place
        if meant is not None and (self.at(start) == "there" or (pronouns and self.at(start) == "it")):
            return None, (meant,), start + 1
        return None

    def is_subject(self, i: int) -> bool:
        """Whether what stands before a position is the subject of a clause: an auxiliary or a finite verb follows."""
        word = self.at(i)
        return word in SUBJECT_OF or is_verb(word) in (Form.THIRD, Form.PAST)

    def leads_order(self, i: int) -> bool:
        """Whether a place is the unit of an order of its own ("..., Mar to Spa") and not one more of a list."""
        read = self.unit(i)
        if read is None:
            return False
        word = self.at(read[1])
        return (
            word in ORDER_WORDS
            or word in MODALS
            or word in ("is", "are")
            or (word != "back" and is_verb(word) is not None)
        )

    def place_near(self, i: int) -> bool:
        """Whether a place follows within a few words."""
        return any(self.mention(j, "p") is not None or self.at(j) == "there" for j in range(i, i + 4))

    def _pronoun(self, word: str | None) -> Power | None:
        scene = self.scene
        return {"I": scene.speaker, "you": scene.addressee, "they": scene.third}.get(word or "")

    def unit(self, i: int) -> tuple[UnitPhrase, int] | None:
        """A unit: "my army in Paris", "your Paris army", "F Bre", "Austria's fleet in Tri", "Par"."""
        owner: Power | None = None
        owned = False
        while True:
            word = self.at(i)
            if word in OWNERS:
                owner, owned, i = self._pronoun(OWNERS[word]), True, i + 1
            elif self.mention(i, "w") and self.at(i + 1) == "'s":
                owner, owned, i = self._owner(i), True, i + 2
            elif self.mention(i, "ad"):
                owner, owned, i = self._owner(i), True, i + 1
            elif word in ("the", "that", "this", "an", "a"):
                i += 1
            else:
                break
        kind, explicit = None, False
        if self.at(i) in UNIT_WORDS:
            kind, explicit, i = UNIT_WORDS[self.at(i)], True, i + 1
            if self.at(i, 2) in ("that is", "which is"):
                i += 2
            while self.at(i) in NEAR_UNIT or (self.at(i) == "the" and self.mention(i + 1, "p")):
                i += 1
        mention = self.mention(i, "p")
        if mention is None:
            return None
        i += 1
        if self.at(i) == "'s" and self.at(i + 1) in UNIT_WORDS:
            i += 1
        if not explicit and self.at(i) in UNIT_WORDS and self.at(i) != "units":
            kind, explicit, i = UNIT_WORDS[self.at(i)], True, i + 1
        return UnitPhrase(mention.provinces, owner, kind, explicit or owned), i

    def _owner(self, i: int) -> Power | None:
        mention = self.mention(i, "wad")
        return None if mention is None else mention.power

    def standing(self, phrase: UnitPhrase) -> tuple[Power, Unit] | None:
        """The unit that stands there and fits the description."""
        for place in phrase.places:
            found = self.scene.board.unit_at(place)
            if found is None or (phrase.kind is not None and found[1].kind is not phrase.kind):
                continue
            if phrase.owner is None or found[0] is phrase.owner:
                return found
        return None

    def _stands_for(self, phrase: UnitPhrase, powers: Sequence[Power]) -> bool:
        """Whether a unit of these powers stands there."""
        found = self.standing(phrase)
        return found is not None and found[0] in powers

    def _movers(
        self, powers: Sequence[Power], place: Province, besides: Unit | None = None
    ) -> list[tuple[Power, Unit]]:
        """Units of these powers that can get to a place: by themselves, or failing that by convoy."""
        board = self.scene.board
        used = {said.order.unit for said in self.scene.ordered}
        every = [(power, unit) for power in powers for unit in board.units(power) if unit != besides]
        direct = [pair for pair in every if self.map.reaches(pair[1], place)]
        if not direct:
            direct = [pair for pair in every if self.map.reaches_by_convoy(pair[1], place, board)]
        return direct if len(direct) < 2 else [pair for pair in direct if pair[1] not in used]

    def move(
        self, mover: UnitPhrase | None, places: Sequence[Province], coast: str, powers: Sequence[Power]
    ) -> ActOrder | None:
        """The move meant, if it is one that the board allows and there is no second reading."""
        standing = self.scene.board.unit_at
        if len(places) > 1:  # of a name for two places, nobody goes to where his own unit stands
            places = sorted(places, key=lambda one: (found := standing(one)) is not None and found[0] in powers)
        for place in places:
            if mover is None:
                earlier = [
                    said
                    for said in (*self.scene.ordered, *self.scene.recent)
                    if said.order.kind is OrderKind.MOVE
                    and said.power in powers
                    and said.order.target is not None
                    and said.order.target[:3] == place
                ]
                if earlier:
                    return earlier[-1]
                options = self._movers(powers, place)
            else:
                found = self.standing(mover)
                options = [] if found is None else [found]
                if found is not None and not self.map.reaches(found[1], place):
                    by_sea = self.map.reaches_by_convoy(found[1], place, self.scene.board)
                    options = [found] if by_sea else []
            if len(options) == 1:
                power, unit = options[0]
                via = not self.map.reaches(unit, place)
                target = self.map.destination(unit, place, coast)
                return ActOrder(power, Order(OrderKind.MOVE, unit, target, via_convoy=via))
            if options:
                return None
        return None

    def support(
        self,
        supporter: UnitPhrase | None,
        powers: Sequence[Power],
        aided: Unit,
        target: Location | None,
        via_convoy: bool = False,
    ) -> ActOrder | None:
        """The support meant, if one unit can give it."""
        place = aided.province if target is None else province_of(target)
        if supporter is not None:
            found = self.standing(supporter)
            options = [found] if found is not None and self.map.reaches(found[1], place) else []
        else:
            every = [(power, unit) for power in powers for unit in self.scene.board.units(power)]
            options = [pair for pair in every if self.map.reaches(pair[1], place)]
        options = [pair for pair in options if pair[1] != aided and pair[1].province != place]
        if len(options) > 1:
            meant = [
                said.order.unit
                for said in self.scene.recent
                if said.order.kind is OrderKind.SUPPORT and said.order.aided == aided and said.order.target == target
            ]
            used = {said.order.unit for said in self.scene.ordered}
            options = [pair for pair in options if pair[1] in meant] or [
                pair for pair in options if pair[1] not in used
            ]
        if len(options) != 1:
            return None
        return ActOrder(options[0][0], Order(OrderKind.SUPPORT, options[0][1], target, aided))

    def _note(self, order: ActOrder) -> None:
        self.scene.ordered.append(order)

    def _held(self, phrase: UnitPhrase, powers: Sequence[Power], form: Form) -> Deed:
        found = self.standing(phrase)
        self.scene.place = phrase.places[0]
        if found is None or (powers and found[0] not in powers):
            return Deed(DeedKind.ORDER, form, provinces=phrase.places[:1])
        order = ActOrder(found[0], Order(OrderKind.HOLD, found[1]))
        self._note(order)
        return Deed(DeedKind.ORDER, form, (order,))
