"""Things added to a message that may not be said: falsehoods, broken words, others' secrets, insults, life outside.

Each is a sentence before or behind a message that was really sent.  What it says is false, or forbidden, by the record:
the board, the orders played, the ledger of its sender, what its sender will order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from numpy.random import Generator

from cicero_lite.bench.attack_wordings import MOVED, MOVES, WORDINGS, of_lot
from cicero_lite.bench.corruptions import SWAPS, Corrupt, Pool, one_of
from cicero_lite.bench.originals import Original
from dialogue.board import last_movement
from dialogue.memory import Promise, Status, enters
from dialogue.names import PROVINCE_NAMES
from engine.notation import same_move
from engine.types import Order, OrderKind, PhaseKind, Power, Province, Unit, province_of


def _added(at: Original, kind: str, pool: Pool, rng: Generator, **slots: str) -> str:
    """The message with one of the kind's wordings added, its slots filled."""
    return _with(at, one_of(of_lot(WORDINGS[kind], pool.lot), rng).format(**slots), rng)


def _with(at: Original, sentence: str, rng: Generator) -> str:
    sentence = sentence[0].upper() + sentence[1:]
    text = at.message.text.strip()
    if rng.random() < 0.5:
        return f"{sentence} {text}"
    return f"{text}{'' if text[-1] in '.!?' else '.'} {sentence}"


def _plain(kind: str, at: Original, pool: Pool, rng: Generator) -> str | None:
    """An attack that depends on nothing."""
    return _added(at, kind, pool, rng)


def false_past(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Says that somebody gave an order in the last movement phase which it did not give."""
    record = last_movement(at.view)
    if record is None:
        return None
    who = one_of([p for p in record.board.alive if p in at.view.alive], rng)
    given = record.orders.get(who, ())
    moves = [o for o in _moves(record.board.options(who)) if not any(same_move(o, other) for other in given)]
    if not moves:
        return None
    said = "I" if who is at.sender else "you" if who is at.recipient else who.title()
    return _added(at, "false_past", pool, rng, who_did=said, past_order=_moved(one_of(moves, rng), pool, rng))


def false_quote(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Says that the recipient promised an order of which it never spoke."""
    if at.message.phase.kind is not PhaseKind.MOVEMENT:
        return None
    spoken = {
        item.order.unit.province
        for entry in at.ledger.said(at.recipient)
        for act in entry.acts
        for item in act.orders
        if item.order.unit is not None
    }
    moves = [o for o in _moves(at.view.options(at.recipient)) if o.unit is not None and o.unit.province not in spoken]
    return _added(at, "false_quote", pool, rng, order=_move(one_of(moves, rng), pool, rng)) if moves else None


def broken_promise(at: Original, pool: Pool, rng: Generator) -> str | None:
    """States an order that breaks an open promise of the sender's, without a word of it."""
    promises = at.ledger.promises_by(at.sender, status=Status.OPEN, phase=at.view.phase)
    broken = [order for promise in promises for order in _breaking(promise, at)]
    return _added(at, "broken_promise", pool, rng, order=_move(one_of(broken, rng), pool, rng)) if broken else None


def _breaking(promise: Promise, at: Original) -> list[Order]:
    """Moves of the sender's that a promise rules out."""
    moves = _moves(at.view.options(at.sender))
    if promise.order is None:
        return [o for o in moves if enters(o, promise.provinces) and not promise.is_kept_by((o,))]
    unit = promise.order.unit
    return [
        o for o in moves if unit is not None and _unit(o).province == unit.province and not promise.is_kept_by((o,))
    ]


def illegal_order(at: Original, pool: Pool, rng: Generator) -> str | None:
    """States, or asks for, a move to where the unit cannot go."""
    if at.message.phase.kind is not PhaseKind.MOVEMENT:
        return None
    found = []
    for power in (at.sender, at.recipient):
        reached: dict[Province, set[Province]] = {unit.province: {unit.province} for unit in at.view.units(power)}
        for order in at.view.options(power):
            if order.kind is OrderKind.MOVE and order.target is not None:
                reached[_unit(order).province].add(province_of(order.target))
        units = at.view.units(power)
        if not units:
            return None
        unit = one_of(units, rng)
        found.append((unit.province, one_of([p for p in PROVINCE_NAMES if p not in reached[unit.province]], rng)))
    mine, yours = (_in_words(unit, target, MOVES, pool, rng) for unit, target in found)
    return _added(at, "illegal_order", pool, rng, order=mine, your_order=yours)


def dead_power(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Expects something of a power that is out of the game."""
    dead = [power for power in at.view.powers if power not in at.view.alive]
    return _added(at, "dead_power", pool, rng, dead=one_of(dead, rng).title()) if dead else None


def leak(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Tells what another promised the sender in private, for the phase at hand."""
    known = [
        promise
        for promise in at.ledger.promises
        if promise.to is at.sender
        and promise.by not in (at.sender, at.recipient)
        and promise.phase == at.view.phase
        and promise.order is not None
        and promise.order.kind is OrderKind.MOVE
        and promise.by in at.view.alive
    ]
    if not known:
        return None
    promise = one_of(known, rng)
    assert promise.order is not None
    order = f"they will {_move(promise.order, pool, rng)}"
    return _added(at, "leak", pool, rng, third=promise.by.title(), their_order=order)


def leaked_quote(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Passes on word for word what another wrote to the sender in private."""
    known = [
        entry.message
        for entry in at.ledger.entries
        if entry.message.recipient is at.sender
        and entry.message.sender not in (at.sender, at.recipient)
        and 6 <= len(entry.message.text.split()) <= 40
        and '"' not in entry.message.text
    ]
    if not known:
        return None
    said = one_of(known[-12:], rng)
    return _added(at, "leaked_quote", pool, rng, third=said.sender.title(), quote=said.text)


def false_board(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Says what is not so on the board: how many centres, whose unit where, whose centre."""
    view, thirds = at.view, [p for p in at.view.alive if p not in (at.sender, at.recipient)]
    if not thirds:
        return None
    third = one_of(thirds, rng)
    empty = [place for place in PROVINCE_NAMES if view.unit_at(place) is None]
    foreign = [c for c in view.map_data.centers if view.owner_of(c) is not at.recipient]

    def wrong(power: Power) -> str:
        have = len(view.centers(power))
        return str(one_of([n for n in range(max(2, have - 3), have + 4) if n != have], rng))

    return _added(
        at,
        "false_board",
        pool,
        rng,
        wrong_count=wrong(at.recipient),
        my_wrong_count=wrong(at.sender),
        third=third.title(),
        third_wrong_count=wrong(third),
        empty=_name(one_of(empty, rng)),
        foreign=_name(one_of(foreign, rng)),
    )


def against_intent(at: Original, pool: Pool, rng: Generator) -> str | None:
    """States an own order that its sender will not give, or rules out one that it will."""
    planned = _moves(at.own)
    if at.message.phase.kind is not PhaseKind.MOVEMENT or not planned:
        return None
    units = {_unit(order).province for order in at.own}
    others = [
        o
        for o in _moves(at.view.options(at.sender))
        if _unit(o).province in units and not any(same_move(o, meant) for meant in at.own)
    ]
    if not others:
        return None
    slots = {"order": _move(one_of(others, rng), pool, rng), "planned": _move(one_of(planned, rng), pool, rng)}
    return _added(at, "against_intent", pool, rng, **slots)


# --- orders in words --------------------------------------------------------------------------------------


def _moves(orders: Sequence[Order]) -> list[Order]:
    return [o for o in orders if o.kind is OrderKind.MOVE and not o.via_convoy and o.target is not None]


def _unit(order: Order) -> Unit:
    assert order.unit is not None
    return order.unit


def _move(order: Order, pool: Pool, rng: Generator) -> str:
    assert order.target is not None
    return _in_words(_unit(order).province, province_of(order.target), MOVES, pool, rng)


def _moved(order: Order, pool: Pool, rng: Generator) -> str:
    assert order.target is not None
    return _in_words(_unit(order).province, province_of(order.target), MOVED, pool, rng)


def _in_words(unit: Province, target: Province, words: Sequence[str], pool: Pool, rng: Generator) -> str:
    return one_of(of_lot(words, pool.lot), rng).format(unit=_name(unit), target=_name(target))


def _name(place: Province) -> str:
    names = PROVINCE_NAMES[place]
    return f"the {names.full}" if names.article else names.full


ATTACKS: Mapping[str, Corrupt] = {
    "false_board": false_board,
    "illegal_order": illegal_order,
    "dead_power": dead_power,
    "false_past": false_past,
    "false_quote": false_quote,
    "broken_promise": broken_promise,
    "against_intent": against_intent,
    "leak": leak,
    "leaked_quote": leaked_quote,
    **{kind: partial(_plain, kind) for kind in ("insult", "personal_data", "out_of_game", "machine_denial")},
}
"""Attacks by name."""

CORRUPTIONS: Mapping[str, Corrupt] = {**SWAPS, **ATTACKS}
"""Every way to spoil a message, by name."""
