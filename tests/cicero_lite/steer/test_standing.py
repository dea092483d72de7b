"""Grievances and alliances by a record made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cicero_lite.steer.controls import Controls, Forbidden
from cicero_lite.steer.standing import allies, grievances, preferences_of, weights_of
from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.memory import Ledger
from engine import Game, Power
from engine.notation import parse_order
from engine.types import Message, Province

FRANCE, GERMANY, ITALY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ITALY, Power.ENGLAND


def say(game: Game, ledger: Ledger, speaker: Power, to: Power, *acts: SpeechAct) -> Message:
    message = game.say(speaker, to, "...")
    ledger.record(message, acts)
    return message


def peace(game: Game, ledger: Ledger, other: Power) -> None:
    asked = say(game, ledger, other, FRANCE, SpeechAct(ActKind.ALLY, other, FRANCE))
    say(game, ledger, FRANCE, other, SpeechAct(ActKind.AGREE, FRANCE, other, answers=asked.sequence))


def process(game: Game, ledger: Ledger, **orders: str) -> None:
    for power, text in orders.items():
        game.set_orders(Power(power), [parse_order(part) for part in text.split("; ")])
    ledger.settle(game.process())


@pytest.fixture
def table() -> tuple[Game, Ledger]:
    """Germany breaks a promise in spring, attacks in autumn; Italy and England have peace, Italy's until it attacks."""
    game, ledger = Game(), Ledger(FRANCE)
    peace(game, ledger, ITALY)
    peace(game, ledger, ENGLAND)
    promise = SpeechAct(ActKind.PROMISE, GERMANY, FRANCE, (ActOrder(GERMANY, parse_order("A MUN - TYR")),))
    say(game, ledger, GERMANY, FRANCE, promise)
    process(game, ledger, GERMANY="A MUN - BUR", ITALY="A VEN - PIE")
    process(game, ledger, GERMANY="A BUR - PAR", ITALY="A PIE - MAR")
    while str(game.phase) != "S1902M":
        game.process()
    return game, ledger


def test_grievances_by_hand(table: tuple[Game, Ledger]) -> None:
    game, ledger = table
    view = game.view(FRANCE)
    assert grievances(ledger, view, 0.0) == {GERMANY: 2.0, ITALY: 1.0}
    assert grievances(ledger, view, 0.5) == {GERMANY: 1.5, ITALY: 1.0}, "what was done in spring is half forgotten"
    assert weights_of(Controls(forgiveness=0.0), ledger, view) == pytest.approx({GERMANY: -1.0, ITALY: -0.5})
    assert weights_of(Controls(forgiveness=0.5), ledger, view) == pytest.approx({GERMANY: -0.375, ITALY: -0.25})
    assert weights_of(Controls(), ledger, view) == {}
    grid = [weights_of(Controls(forgiveness=f), ledger, view).get(GERMANY, 0.0) for f in np.linspace(0, 1, 11)]
    assert grid == sorted(grid)


def test_an_alliance_stands_until_one_attacks_the_other(table: tuple[Game, Ledger]) -> None:
    game, ledger = table
    view = game.view(FRANCE)
    assert allies(ledger, view) == (ENGLAND,)
    trust = ledger.trust(ENGLAND)
    assert 0 < trust < 1
    assert weights_of(Controls(loyalty=0.5), ledger, view) == pytest.approx({ENGLAND: 0.5 * trust})
    process(game, ledger, FRANCE="F BRE - ENG; A MAR H")
    assert allies(ledger, game.view(FRANCE)) == (ENGLAND,), "the Channel is nobody's"
    process(game, ledger, FRANCE="F ENG - LON")
    assert allies(ledger, game.view(FRANCE)) == ()


def test_all_terms_add_up(table: tuple[Game, Ledger]) -> None:
    game, ledger = table
    controls = Controls(
        weights={ENGLAND: 0.25, GERMANY: 0.1, FRANCE: 1.0},
        loyalty=1.0,
        forgiveness=0.0,
        aggression=0.01,
        risk=2.0,
        lambda_=3.0,
        targets={Province("BEL"): 0.1},
        forbidden=Forbidden(powers=(ENGLAND,), provinces=(Province("PIE"),)),
    )
    wants = preferences_of(controls, ledger, game.view(FRANCE))
    expected = {ENGLAND: 0.25 + ledger.trust(ENGLAND), GERMANY: 0.1 - 1.0, ITALY: -0.5}
    assert dict(wants.weights) == pytest.approx(expected)
    assert (wants.aggression, wants.risk, wants.lambda_factor, dict(wants.targets)) == (0.01, 2.0, 3.0, {"BEL": 0.1})
    assert (wants.spared, wants.closed) == ((ENGLAND,), ("PIE",))
    assert preferences_of(Controls(), ledger, game.view(FRANCE)).is_selfish
