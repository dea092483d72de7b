"""A second adjudicator of movement phases: slow, plain, and written to be believed.

It shares nothing with the compiled rules but the tables of the board and the notation.  Those decide by need,
by guess and repair; this one narrows all decisions at once and never guesses where the rules do not ask for it:

1. Every order that may fail is a decision with three values: yes, no, open.  A move arrives or not, a support
   is given or not, the convoy of an army gets through or not.
2. Each decision follows from the strengths of DATC chapter 5.B, which are kept as a least and a greatest value
   as long as other decisions are open.  What follows whatever the open ones become is settled, until nothing is.
3. Decisions that stay open depend on each other in rings.  A ring that waits for no decision outside of itself
   is taken with all the ways to settle it that agree with the rules:
   one way: it is the outcome; several, in all of which the same convoys get through: units move in a circle,
   and move (rulebook: three or more units may rotate; DATC 6.C.1); none, or several with different convoys: a
   convoy paradox, for which Szykman's rule takes the convoyed army to stay where it is without effect
   (DATC 4.A.2).  Then again from 2.

Choices where the rulebook leaves one, the same as the compiled rules make (letters as in DATC 3.0):
4.A.1 several convoy routes: the convoy gets through while one route is whole (b; every rulebook since 1982).
4.A.2 paradoxes: the 2000 rule (c), that a convoyed army cuts no support against a fleet that it needs, applied
      to support for such a fleet too, but not to a supporter that the army dislodges; and Szykman's rule (f) for
      the paradoxes which that leaves.
4.A.3 convoy to an adjacent place: by sea if ordered VIA, or if a fleet of the army's own power convoys it and
      could do so with the fleets on the board (c; 2000 rulebook).  By land otherwise, and also if that convoy is
      broken, unless VIA was ordered, or if VIA was ordered and nobody convoys.  (DATC 3.0 would not have the army
      walk in the last two cases; version 2.4 and the ``diplomacy`` package have it walk.)
4.A.4 support against the province from which an attack comes is cut only by dislodgement, whether that attack
      comes by land or by sea (a).
4.A.5 a unit dislodged by an army that came by sea may retreat to where that army came from (b).
4.A.6 convoy routes are not specified (a).
4.A.7 a unit dislodged still contests the province its dislodger came from, unless they met head to head (b).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from engine.mapfile import MapData, Terrain
from engine.notation import parse_order
from engine.types import Location, NotationError, Order, OrderKind, Province, Unit, UnitKind, province_of


@dataclass(frozen=True)
class Dislodgement:
    """A unit driven from its province."""

    power: str
    by: str
    """The unit that did it, as it stood before: ``A MUN``."""
    retreats: tuple[str, ...]
    """Locations it may retreat to, sorted; none: it must disband."""


@dataclass(frozen=True)
class Outcome:
    """What a movement phase leads to."""

    units: Mapping[str, tuple[str, ...]]
    """Power -> its units after the moves, sorted, without dislodged ones; of every power given."""
    dislodged: Mapping[str, Dislodgement]
    """Unit as it stood -> how it was dislodged; those without a retreat included."""
    results: Mapping[str, frozenset[str]]
    """Unit as it stood -> values of ``engine.types.OrderResult``; empty: the order succeeded."""


Maybe = bool | None
"""Yes, no, or open."""

NOWHERE = Location("")
NO_PROVINCE = Province("")

Span = tuple[int, int]
"""The least and the greatest strength possible while decisions are open."""


def negation(value: Maybe) -> Maybe:
    """Whether it is not so."""
    return None if value is None else not value


def both(first: Maybe, second: Maybe) -> Maybe:
    """Whether both are so; no as soon as one is not."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def either(first: Maybe, second: Maybe) -> Maybe:
    """Whether one is so; yes as soon as one is."""
    if first is True or second is True:
        return True
    return None if first is None or second is None else False


def all_of(values: Iterable[Maybe]) -> Maybe:
    """Whether every one is so."""
    found: Maybe = True
    for value in values:
        if value is False:
            return False
        found = both(found, value)
    return found


def any_of(values: Iterable[Maybe]) -> Maybe:
    """Whether at least one is so."""
    found: Maybe = False
    for value in values:
        if value is True:
            return True
        found = either(found, value)
    return found


@dataclass(eq=False)
class Decision:
    """Whether an order, or a convoy, succeeds."""

    what: str
    judge: Callable[[], Maybe]
    """What follows from the other decisions as they are now."""
    value: Maybe = None


@dataclass(eq=False)
class Piece:
    """A unit with what it does in this phase."""

    text: str
    power: str
    kind: UnitKind
    location: Location
    province: Province
    order: OrderKind = OrderKind.HOLD
    goal: Location = NOWHERE
    """Location to which it moves, or to which the unit it aids is to move."""
    toward: Province = NO_PROVINCE
    """Province of that goal; for support to hold, of the supported unit."""
    aided: Piece | None = None
    via: bool = False
    flaws: set[str] = field(default_factory=set)
    """Results that are known from the orders alone."""
    convoyers: list[Piece] = field(default_factory=list)
    """Fleets ordered to convoy this army to its goal."""
    routes: list[list[Piece]] = field(default_factory=list)
    """Chains of them that bring it there, none with a fleet to spare."""
    land: bool = False
    """It goes by land, or by land too when its convoy is broken."""
    supporters: list[Piece] = field(default_factory=list)
    """Units ordered to support what it does, each with an order that fits."""
    success: Decision | None = None
    """Of a move or a support that can succeed at all."""
    convoy: Decision | None = None
    """Of an army that goes by sea."""
    walks: bool = False
    """Its convoy is broken, and it goes by land instead."""
    stays: bool = False
    """Its convoy is broken in a ring of decisions, and it does nothing."""
    disrupted: bool = False
    """A fleet whose convoy is disrupted by that rule, though it may not be dislodged."""

    @property
    def moves(self) -> bool:
        """Whether it has a move that could take place; else it can only be where it is."""
        return self.order is OrderKind.MOVE and self.success is not None


def adjudicate(board: MapData, units: Mapping[str, Sequence[str]], orders: Mapping[str, Sequence[str]]) -> Outcome:
    """What becomes of these orders.

    Args:
        board: any board.
        units: power -> its units, such as ``F STP/SC``.
        orders: power -> its orders in the notation of ``engine.notation``.  Units without an order hold; an
            order that is not legal is reported void, and its unit holds; of two legal ones the first counts.
    """
    phase = _Phase(board, units, orders)
    phase.resolve()
    return phase.outcome()


class _Phase:
    """One movement phase on its way from orders to outcome."""

    def __init__(self, board: MapData, units: Mapping[str, Sequence[str]], orders: Mapping[str, Sequence[str]]) -> None:
        self.board = board
        self.powers = tuple(units)
        self.at: dict[Province, Piece] = {}
        """Province -> the unit there."""
        for power, texts in units.items():
            for text in texts:
                unit = Unit.parse(text)
                self.at[unit.province] = Piece(text, power, unit.kind, unit.location, unit.province)
        self.pieces = list(self.at.values())
        self.attackers: dict[Province, list[Piece]] = {}
        """Province -> units with a move there that could take place."""
        self.decisions: list[Decision] = []
        self.asked: list[Decision] = []
        """Open decisions on which the answer depends, while one is judged."""
        self.trying = False
        """Whether ways to settle a ring are tried."""
        self._chains: dict[tuple[Province, Location], list[list[Piece]]] = {}
        self._read(orders)
        self._match_convoys()
        self._match_supports()
        self._list_decisions()

    # ---- orders -------------------------------------------------------------------------------------

    def _read(self, orders: Mapping[str, Sequence[str]]) -> None:
        """Gives each unit its order; the first legal one counts."""
        ordered: set[str] = set()
        for power, texts in orders.items():
            for text in texts:
                words = text.split()
                piece = self.at.get(Province(words[1][:3])) if len(words) > 1 else None
                if piece is None or piece.power != power:
                    continue  # nobody orders a unit of another power (DATC 6.A.6)
                try:
                    order = parse_order(text)
                except NotationError:
                    order = None
                if order is None or not self._is_legal(piece, order):
                    piece.flaws.add("void")
                elif piece.text not in ordered:
                    ordered.add(piece.text)
                    self._take(piece, order)

    def _take(self, piece: Piece, order: Order) -> None:
        piece.order, piece.via = order.kind, order.via_convoy
        if order.aided is not None:
            piece.aided = self.at[order.aided.province]
            piece.toward = piece.aided.province
        if order.target is not None:
            piece.goal, piece.toward = order.target, province_of(order.target)

    def _is_legal(self, piece: Piece, order: Order) -> bool:
        """Whether the order can be carried out on this board at all; orders of other units do not count."""
        if order.unit is None or (order.unit.kind, order.unit.location) != (piece.kind, piece.location):
            return False  # also a coast that the fleet is not on (DATC 6.B.11)
        match order.kind:
            case OrderKind.HOLD:
                return True
            case OrderKind.MOVE:
                return order.target is not None and self._may_move(piece, order.target, order.via_convoy)
            case OrderKind.SUPPORT:
                return self._may_support(piece, order)
            case OrderKind.CONVOY:
                aided = self._aided(piece, order)
                return (
                    aided is not None
                    and aided.kind is UnitKind.ARMY
                    and order.target is not None
                    and any(piece in chain for chain in self.chains(aided.province, order.target))
                )
        return False

    def _may_move(self, piece: Piece, goal: Location, by_sea: bool) -> bool:
        """By one step on the board, or with VIA by fleets that stand in the right places (DATC 6.A.1 to 6.A.5)."""
        if by_sea:
            return piece.kind is UnitKind.ARMY and bool(self.chains(piece.province, goal))
        return goal in self._steps(piece)

    def _steps(self, piece: Piece) -> tuple[Location, ...]:
        """Where the unit can go without a convoy; fleets with the coast they need (DATC 6.B.1, 6.B.3)."""
        moves = self.board.army_moves if piece.kind is UnitKind.ARMY else self.board.fleet_moves
        return moves.get(piece.location, ())

    def _aided(self, piece: Piece, order: Order) -> Piece | None:
        """The unit that the order means, if it is there and another one (DATC 6.A.8)."""
        if order.aided is None:
            return None
        aided = self.at.get(order.aided.province)
        if aided is None or aided is piece or (aided.kind, aided.location) != (order.aided.kind, order.aided.location):
            return None
        return aided

    def _may_support(self, piece: Piece, order: Order) -> bool:
        """A unit supports into provinces where it could go itself without convoy (rulebook, "support").

        The coast does not matter to the supporter (DATC 6.B.4), and the supported fleet's goal may be written
        without coast (6.B.7); the supported move must be possible (6.D.22 to 6.D.24, 6.D.34), and not only by a
        convoy of the supporter (6.D.31).
        """
        aided = self._aided(piece, order)
        if aided is None:
            return False
        reach = {goal[:3] for goal in self._steps(piece)}
        if order.target is None:
            return aided.province in reach
        goal = order.target
        if province_of(goal) not in reach:
            return False
        if goal in self._steps(aided):
            return True
        if aided.kind is UnitKind.FLEET:
            return goal in {step[:3] for step in self._steps(aided)}
        return any(piece not in chain for chain in self.chains(aided.province, goal))

    # ---- convoys ------------------------------------------------------------------------------------

    def chains(self, start: Province, goal: Location) -> list[list[Piece]]:
        """Chains of fleets at sea, whatever their orders, that lead from coast to coast.

        Only those from which no fleet can be spared: each touches its neighbours in the chain and no other
        link of it.  A fleet outside of them takes no part in the convoy (DATC 6.F.12).  Fleets in coastal
        provinces do not convoy (6.F.1).
        """
        if (start, goal) not in self._chains:
            found: list[list[Piece]] = []
            terrain = self.board.terrain
            ends = (terrain.get(start), terrain.get(Province(goal)))
            if str(start) != str(goal) and ends == (Terrain.COAST, Terrain.COAST):
                self._extend([], start, goal, found)
            self._chains[start, goal] = found
        return self._chains[start, goal]

    def _extend(self, chain: list[Piece], start: Province, goal: Location, found: list[list[Piece]]) -> None:
        for fleet in self.pieces:
            if fleet.kind is not UnitKind.FLEET or self.board.terrain[fleet.province] is not Terrain.SEA:
                continue
            beside = self._beside(fleet)
            links = [start, *(link.province for link in chain)]
            if fleet in chain or [link for link in links if link in beside] != [links[-1]]:
                continue
            if goal in beside:
                found.append([*chain, fleet])
            else:
                self._extend([*chain, fleet], start, goal, found)

    def _beside(self, fleet: Piece) -> set[str]:
        return {goal[:3] for goal in self._steps(fleet)}

    def _match_convoys(self) -> None:
        """Finds for each moving army the fleets that convoy it, and whether it goes by land or by sea."""
        for fleet in self.pieces:
            army = fleet.aided
            if fleet.order is not OrderKind.CONVOY or army is None:
                continue
            if army.order is OrderKind.MOVE and army.goal == fleet.goal:
                army.convoyers.append(fleet)
            else:
                fleet.flaws.add("void")  # the army does something else
        for army in self.pieces:
            if army.order is OrderKind.MOVE:
                self._choose_route(army)

    def _choose_route(self, army: Piece) -> None:
        """DATC 4.A.3: by sea or by land."""
        army.land = army.goal in self._steps(army)
        chains = self.chains(army.province, army.goal) if army.convoyers else []
        own = [fleet for fleet in army.convoyers if fleet.power == army.power]
        # Intent: VIA (6.G.8, 6.G.10), or a fleet of the own power (6.G.1, 6.G.5; none in 6.G.2) that could take
        # part with the fleets there are (6.G.6; it could not in 6.G.7).
        if army.via or not army.land or any(fleet in chain for fleet in own for chain in chains):
            army.routes = [chain for chain in chains if all(fleet in army.convoyers for fleet in chain)]
        if not army.routes and not army.land:
            army.flaws.add("no convoy")
        if army.routes and army.via:
            army.land = False
        for fleet in army.convoyers:
            if not any(fleet in route for route in army.routes):
                fleet.flaws |= {"no convoy", "void"}  # nobody goes that way (6.G.2)

    def _match_supports(self) -> None:
        """A support counts only if the supported unit does what is supported (DATC 6.D.7, 6.D.9, 6.B.9)."""
        for piece in self.pieces:
            aided = piece.aided
            if piece.order is not OrderKind.SUPPORT or aided is None:
                continue
            if not piece.goal:
                # Also a unit whose support or convoy fails can be supported (6.D.25 to 6.D.27), and one with an
                # illegal move (6.D.28); not one whose move fails (6.D.8).
                fits = aided.order is not OrderKind.MOVE
            else:
                # Without coast it fits a move to any coast (6.B.7, 6.B.8).
                fits = (
                    aided.order is OrderKind.MOVE
                    and "no convoy" not in aided.flaws
                    and (piece.goal == aided.goal or str(piece.goal) == str(aided.toward))
                )
            if fits:
                aided.supporters.append(piece)
            else:
                piece.flaws.add("void")

    def _list_decisions(self) -> None:
        for piece in self.pieces:
            if piece.order is OrderKind.MOVE and "no convoy" not in piece.flaws:
                piece.success = Decision(f"{piece.text} arrives", partial(self._arrives, piece))
                self.attackers.setdefault(piece.toward, []).append(piece)
                self.decisions.append(piece.success)
                if piece.routes:
                    piece.convoy = Decision(f"convoy of {piece.text}", partial(self._gets_through, piece))
                    self.decisions.append(piece.convoy)
            elif piece.order is OrderKind.SUPPORT and not piece.flaws:
                piece.success = Decision(f"{piece.text} supports", partial(self._is_given, piece))
                self.decisions.append(piece.success)

    # ---- what follows from what: DATC chapter 5.B ---------------------------------------------------

    def ask(self, decision: Decision | None) -> Maybe:
        """How the decision stands; remembers that it was asked while open.  None: it could never succeed."""
        if decision is None:
            return False
        if decision.value is None:
            self.asked.append(decision)
        return decision.value

    def weigh(self, question: Callable[[], Maybe]) -> Maybe:
        """Answers a question; what was asked for it counts only if it stays open."""
        before = len(self.asked)
        answer = question()
        if answer is not None:
            del self.asked[before:]
        return answer

    def by_sea(self, piece: Piece) -> Maybe:
        """Whether the move goes by a convoy that gets through."""
        return self.ask(piece.convoy)

    def by_land(self, piece: Piece) -> Maybe:
        """Whether the move goes by land (DATC 4.A.3).

        An army with a convoy may walk only once it is settled that the convoy is broken.  In a ring that asks
        whether it is, the army does not: else its walk could save the convoy by which it did not go (6.G.11).
        """
        if not piece.land or piece.stays:
            return False
        if piece.convoy is None or piece.walks:
            return True
        if piece.convoy.value is False:
            return False if self.trying else None
        return negation(self.ask(piece.convoy))

    def has_path(self, piece: Piece) -> Maybe:
        """DATC 5.B.4: a move without a path has no effect."""
        return self.weigh(lambda: either(self.by_land(piece), self.by_sea(piece)))

    def head_to_head(self, piece: Piece) -> Maybe:
        """Whether the unit in its goal moves against it, both by land (DATC 5.A; not by convoy: 6.G.1)."""
        other = self.at.get(piece.toward)
        if other is None or not other.moves or other.toward != piece.province:
            return False
        return self.weigh(lambda: both(self.by_land(piece), self.by_land(other)))

    def support(self, piece: Piece, without: str | None = None) -> Span:
        """Least and greatest number of supports given, those of one power left out."""
        given = [self.ask(s.success) for s in piece.supporters if s.power != without]
        return given.count(True), len(given) - given.count(False)

    def attack_strength(self, piece: Piece) -> Span:
        """DATC 5.B.8."""
        path = self.has_path(piece)
        if path is False:
            return 0, 0
        other = self.at.get(piece.toward)
        free: Maybe = True
        if other is not None:
            # The unit there makes room, other than for a unit that it meets head to head.
            free = self.weigh(
                lambda: both(negation(self.head_to_head(piece)), self.ask(other.success) if other.moves else False)
            )
        possible: list[Span] = []
        if free is not False:
            possible.append(_plus_one(self.support(piece)))
        if free is not True and other is not None:
            # No power dislodges its own unit (6.D.10), or helps others to it (6.D.12).
            own = other.power == piece.power
            possible.append((0, 0) if own else _plus_one(self.support(piece, without=other.power)))
        least, greatest = _span(possible)
        return (least if path else 0), greatest

    def hold_strength(self, province: Province) -> Span:
        """DATC 5.B.5: of the unit in a province against attacks that it does not meet head to head."""
        piece = self.at.get(province)
        if piece is None:
            return 0, 0
        if piece.order is not OrderKind.MOVE:
            return _plus_one(self.support(piece))
        # It leaves, or stands alone: a unit ordered to move cannot be supported to hold (6.D.7).
        leaves = self.ask(piece.success)
        return (0 if leaves is not False else 1), (0 if leaves else 1)

    def defend_strength(self, piece: Piece) -> Span:
        """DATC 5.B.6: of a unit head to head."""
        return _plus_one(self.support(piece))

    def prevent_strength(self, piece: Piece) -> Span:
        """DATC 5.B.7: with how much a move keeps others out of its goal."""
        path = self.has_path(piece)
        met, other = self.head_to_head(piece), self.at.get(piece.toward)
        # The loser of a battle head to head has no effect on where the winner came from (6.E.1).
        loses = False if other is None else self.weigh(lambda: both(met, self.ask(other.success)))
        if path is False or loses is True:
            return 0, 0
        least, greatest = _plus_one(self.support(piece))
        return (least if path and loses is False else 0), greatest

    def _arrives(self, piece: Piece) -> Maybe:
        """DATC 5.B.1: it is stronger than the unit there, and than every other move to that place."""
        strength = self.attack_strength(piece)
        beats = [self.weigh(lambda: _exceeds(strength, self._resistance(piece)))]
        for rival in self.attackers[piece.toward]:
            if rival is not piece:
                beats.append(self.weigh(partial(self._beats, strength, rival)))
        return all_of(beats)

    def _beats(self, strength: Span, rival: Piece) -> Maybe:
        return _exceeds(strength, self.prevent_strength(rival))

    def _resistance(self, piece: Piece) -> Span:
        """Of the unit in the goal: to defend itself head to head, else to hold."""
        met = self.head_to_head(piece)
        possible: list[Span] = []
        if met is not False:
            possible.append(self.defend_strength(self.at[piece.toward]))
        if met is not True:
            possible.append(self.hold_strength(piece.toward))
        return _span(possible)

    def _is_given(self, piece: Piece) -> Maybe:
        """DATC 5.B.2: a support is given unless it is cut."""
        attackers = self.attackers.get(piece.province, [])
        # No power cuts its own support (6.D.20).
        return negation(any_of(self._cuts(attacker, piece) for attacker in attackers if attacker.power != piece.power))

    def _cuts(self, attacker: Piece, supporter: Piece) -> Maybe:
        """Whether this attack cuts this support: by dislodging the supporter (6.D.17), or by being made (6.D.2)."""
        return self.weigh(lambda: either(self.ask(attacker.success), self._cuts_by_attack(attacker, supporter)))

    def _cuts_by_attack(self, attacker: Piece, supporter: Piece) -> Maybe:
        if supporter.goal and attacker.province == supporter.toward:
            return False  # the unit attacked does not cut the support against itself (6.D.15; by sea 6.G.13)
        needs = self._needs(attacker, supporter.toward)
        if needs is False:
            return self.has_path(attacker)
        return self.weigh(lambda: either(self.by_land(attacker), both(self.by_sea(attacker), negation(needs))))

    def _needs(self, army: Piece, province: str) -> Maybe:
        """2000 rule: whether the army arrives only by the fleet in a province, about which the support is."""
        if not any(fleet.province == province for fleet in army.convoyers):
            return False
        others = [route for route in army.routes if all(fleet.province != province for fleet in route)]
        return negation(self._one_is_whole(others))

    def _gets_through(self, army: Piece) -> Maybe:
        """DATC 4.A.1, 6.F.9: a convoy gets through if one route is whole."""
        return self._one_is_whole(army.routes)

    def _one_is_whole(self, routes: list[list[Piece]]) -> Maybe:
        return self.weigh(lambda: any_of(all_of(self._survives(fleet) for fleet in route) for route in routes))

    def _survives(self, fleet: Piece) -> Maybe:
        """Attacks that fail do not harm a convoy (DATC 6.F.4, 6.F.5)."""
        attackers = self.attackers.get(fleet.province, [])
        return self.weigh(lambda: negation(any_of(self.ask(attacker.success) for attacker in attackers)))

    # ---- resolution ---------------------------------------------------------------------------------

    def resolve(self) -> None:
        """Makes every decision."""
        self.settle(self.decisions)
        while True:
            walkers = [p for p in self.pieces if p.land and p.convoy and p.convoy.value is False]
            if fresh := [piece for piece in walkers if not piece.walks and not piece.stays]:
                for piece in fresh:
                    piece.walks = True
            elif any(decision.value is None for decision in self.decisions):
                for ring in self._rings():
                    self._close(ring)
            else:
                return
            self.settle(self.decisions)

    def settle(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Settles what follows from what is settled, until nothing does; returns what it settled."""
        settled: list[Decision] = []
        waiting = [decision for decision in decisions if decision.value is None]
        while True:
            left = []
            for decision in waiting:
                decision.value = decision.judge()
                if decision.value is None:
                    left.append(decision)
                else:
                    settled.append(decision)
            if len(left) == len(waiting):
                return settled
            waiting = left

    def _depends_on(self, decision: Decision) -> set[Decision]:
        """The open decisions on which an open one depends."""
        self.asked.clear()
        decision.judge()
        return set(self.asked)

    def _rings(self) -> list[list[Decision]]:
        """The sets of open decisions that all depend on each other and on no other open one."""
        open_ones = [decision for decision in self.decisions if decision.value is None]
        needs = {decision: self._depends_on(decision) for decision in open_ones}
        reach = {decision: _reachable(decision, needs) for decision in open_ones}
        rings: list[list[Decision]] = []
        for decision in open_ones:
            ring = [other for other in open_ones if other in reach[decision]]
            if all(decision in reach[other] for other in ring) and not any(decision in found for found in rings):
                rings.append(ring)
        return rings

    def _close(self, ring: list[Decision]) -> None:
        """Settles a ring, or the convoys in it."""
        convoyed = {piece.convoy: piece for piece in self.pieces if piece.convoy is not None and piece.convoy in ring}
        self.trying = True
        ways = list(self._ways(ring))
        self.trying = False
        torn = [c for c in convoyed if len({way[c] for way in ways}) != 1]
        if ways and not torn:
            # One way, or movement in a circle: the units move (DATC 6.C.1 to 6.C.4).
            moves = [piece.success for piece in self.pieces if piece.moves and piece.success in ring]
            best = max(ways, key=lambda way: sum(way[move] for move in moves))
            assert all(best[move] or not way[move] for way in ways for move in moves), "circles exclude each other"
            for decision, value in best.items():
                decision.value = value
            for convoy, army in convoyed.items():
                army.stays = convoy.value is False
            return
        assert torn, f"no way to settle {[decision.what for decision in ring]}, and no convoy in it"
        for decision in torn:
            self._disrupt(convoyed[decision], ring, ways)

    def _disrupt(self, army: Piece, ring: list[Decision], ways: list[dict[Decision, bool]]) -> None:
        """Szykman's rule (DATC 4.A.2.f): the army stays, as if it had been ordered to hold, without effect."""
        assert army.convoy is not None
        army.convoy.value = False
        army.stays = True
        for fleet in {fleet for route in army.routes for fleet in route}:
            # The fleets with which the paradox has to do are reported as disrupted.
            attacks = [a.success for a in self.attackers.get(fleet.province, []) if a.success in ring]
            fates = {any(way[attack] for attack in attacks if attack is not None) for way in ways}
            fleet.disrupted |= bool(attacks) and len(fates) != 1

    def _ways(self, ring: list[Decision]) -> Iterator[dict[Decision, bool]]:
        """Every way to settle the ring that agrees with the rules."""
        first = next((decision for decision in ring if decision.value is None), None)
        if first is None:
            values = {decision: bool(decision.value) for decision in ring}
            if all(decision.judge() == value for decision, value in values.items()):
                yield values
            return
        for value in (True, False):
            first.value = value
            settled = self.settle(ring)
            yield from self._ways(ring)
            for decision in (first, *settled):
                decision.value = None

    # ---- outcome ------------------------------------------------------------------------------------

    def moved(self, piece: Piece) -> bool:
        """Whether it went to another place."""
        return piece.moves and bool(self.ask(piece.success))

    def dislodger(self, piece: Piece) -> Piece | None:
        """The unit that took its place."""
        if self.moved(piece):
            return None
        return next((attacker for attacker in self.attackers.get(piece.province, []) if self.moved(attacker)), None)

    def outcome(self) -> Outcome:
        """What all this leads to; every decision is made."""
        units: dict[str, list[str]] = {power: [] for power in self.powers}
        driven = {piece.text: by for piece in self.pieces if (by := self.dislodger(piece)) is not None}
        for piece in self.pieces:
            if self.moved(piece):
                units[piece.power].append(f"{piece.kind.value} {piece.goal}")
            elif piece.text not in driven:
                units[piece.power].append(piece.text)
        held = {text[2:5] for texts in units.values() for text in texts}
        # Where a move failed but kept others out, nobody retreats to (rulebook, "retreats"; DATC 6.H.6).
        contested = {
            piece.toward
            for piece in self.pieces
            if piece.moves and not self.moved(piece) and self.prevent_strength(piece)[0] > 0
        }
        dislodged: dict[str, Dislodgement] = {}
        for piece in self.pieces:
            by = driven.get(piece.text)
            if by is None:
                continue
            # Not to where the attack came from (6.H.5), unless it came by sea (DATC 4.A.5, 6.H.11).
            closed = {by.province} if self.by_land(by) else set()
            retreats = [goal for goal in self._steps(piece) if goal[:3] not in held | contested | closed]
            dislodged[piece.text] = Dislodgement(piece.power, by.text, tuple(sorted(retreats)))
        results = {piece.text: frozenset(self._results(piece, piece.text in driven)) for piece in self.pieces}
        return Outcome({power: tuple(sorted(texts)) for power, texts in units.items()}, dislodged, results)

    def _results(self, piece: Piece, dislodged: bool) -> set[str]:
        """What is reported of its order; the words are those of the ``diplomacy`` package."""
        results = set(piece.flaws)
        if dislodged:
            results.add("dislodged")
        if piece.moves and not self.moved(piece):
            results.add("bounce" if self.has_path(piece) else "no convoy")
        elif piece.order is OrderKind.SUPPORT and piece.success is not None:
            results |= self._support_results(piece)
        elif piece.order is OrderKind.CONVOY and not piece.flaws and not dislodged and piece.aided is not None:
            if piece.disrupted:
                results.add("disrupted")
            elif not self.has_path(piece.aided):
                results.add("no convoy")
        return results

    def _support_results(self, piece: Piece) -> set[str]:
        attackers = [a for a in self.attackers.get(piece.province, []) if a.power != piece.power]
        if any(self._cuts_by_attack(attacker, piece) for attacker in attackers):
            return {"cut"}
        # For an army that went nowhere; this is said rather than that the supporter was dislodged.
        if piece.aided is not None and piece.aided.moves and not self.has_path(piece.aided):
            return {"no convoy"}
        for attacker in attackers:
            # The package does not call it a cut when an army with VIA dislodges the supporter of a fleet it needs.
            against_it = bool(piece.goal) and attacker.province == piece.toward
            if self.moved(attacker) and (against_it or not attacker.via):
                return {"cut"}
        if self.ask(piece.success) and piece.aided is not None and self._is_wasted(piece.aided, piece.power):
            return {"void"}
        return set()

    def _is_wasted(self, piece: Piece, power: str) -> bool:
        """Whether a support of this power for the move would help to dislodge its own unit (DATC 6.D.12).

        It is called void against an own unit that it meets head to head, or that stays and would be dislodged
        with it; where the move fails even so, the support is called given.
        """
        other = self.at.get(piece.toward)
        if not piece.moves or other is None or other.power != power or not self.has_path(piece):
            return False
        if self.head_to_head(piece):
            return True
        if self.moved(other) or self.moved(piece):
            return not self.moved(other)
        strength = self.support(piece)[0]
        if strength <= (0 if other.order is OrderKind.MOVE else self.support(other)[0]):
            return False
        rivals = [rival for rival in self.attackers[piece.toward] if rival is not piece and self.has_path(rival)]
        return all(strength > self.support(rival)[0] for rival in rivals)


def _plus_one(span: Span) -> Span:
    """The unit itself, with its supports."""
    return 1 + span[0], 1 + span[1]


def _span(spans: Sequence[Span]) -> Span:
    """The least and greatest of them all."""
    return min(least for least, _ in spans), max(greatest for _, greatest in spans)


def _exceeds(first: Span, second: Span) -> Maybe:
    """Whether the first strength is greater."""
    if first[0] > second[1]:
        return True
    return False if first[1] <= second[0] else None


def _reachable(start: Decision, needs: Mapping[Decision, set[Decision]]) -> set[Decision]:
    """A decision with all those on which it depends, directly or through others."""
    found, waiting = {start}, [start]
    while waiting:
        for decision in needs[waiting.pop()] - found:
            found.add(decision)
            waiting.append(decision)
    return found
