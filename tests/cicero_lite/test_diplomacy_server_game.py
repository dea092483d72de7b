"""The history that a server tells, played again by our rules."""

from __future__ import annotations

import pytest

from cicero_lite.adapters.diplomacy_server_game import ServedGame, replay
from cicero_lite.adapters.diplomacy_server_responses import ResponseError, ServerGame, ServerMessage, ServerPhase, read
from cicero_lite.testing import RandomMoves
from engine.game import Game
from engine.types import POWERS, PhaseKind, Power, Unit

FRANCE, ENGLAND = Power.FRANCE, Power.ENGLAND
CREATED_US = 1_795_750_985_522_922


def played_game(years: int, seed: int = 1) -> Game:
    """A game of units that move at random; England writes to France in each phase."""
    game, agents = Game(game_id="g"), {power: RandomMoves(seed * 10 + power.number) for power in POWERS}
    while game.phase.year < 1901 + years:
        game.say(ENGLAND, FRANCE, f"Hello in {game.phase}")
        for power in game.alive:
            game.set_orders(power, agents[power].act(game.view(power), power))
        game.process()
    return game


def phases_of(game: Game) -> list[ServerPhase]:
    """As a server tells them, with its times."""
    saved = game.to_saved_game()["phases"]
    for phase in saved:
        for message in phase["messages"]:
            message["time_sent"] += CREATED_US
    return [read(ServerPhase, phase, "test") for phase in saved]


def test_a_history_is_the_same_game_again() -> None:
    games = (played_game(years=3, seed=seed) for seed in range(1, 30))
    game = next(g for g in games if any(r.phase.kind is PhaseKind.RETREATS for r in g.history))
    *played, at_hand = phases_of(game)
    served = replay("g", CREATED_US, played, at_hand)
    assert served.differences == []
    assert [r.board.to_text() for r in served.game.history] == [r.board.to_text() for r in game.history]
    assert [r.orders for r in served.game.history] == [r.orders for r in game.history]
    assert served.game.to_text() == game.to_text()
    told = [m for record in served.game.history for m in record.messages]
    assert [m.text for m in told] == [m.text for record in game.history for m in record.messages]
    assert [m.sequence for m in told] == [n * 1_000_000 for n in range(len(told))]


def test_the_servers_position_wins_and_a_line_says_so() -> None:
    *played, at_hand = phases_of(played_game(years=1))
    units = {**played[1].state.units, FRANCE: ["A PAR", "A MAR", "F MAO"]}
    odd = played[1].model_copy(update={"state": played[1].state.model_copy(update={"units": units})})
    served = ServedGame("g", CREATED_US)
    served.begin(played[0])
    served.advance(played[0], odd)
    assert set(served.game.units(FRANCE)) == set(map(Unit.parse, ("F MAO", "A MAR", "A PAR")))
    assert len(served.differences) == 1
    assert (
        "F1901M: the server's position is not what our rules make of the orders: units of FRANCE"
        in (served.differences[0])
    )
    assert at_hand.name == "S1902M"


def test_a_draw_is_no_phase_that_was_played() -> None:
    game = played_game(years=1)
    *played, at_hand = phases_of(game)
    note = at_hand.state.model_copy(update={"name": "COMPLETED", "note": "Victory by: FRA, ENG"})
    served = replay("g", CREATED_US, played, at_hand)
    served.advance(at_hand, ServerPhase(name="COMPLETED", state=note))
    assert served.is_over
    assert served.game.drawn_by == (ENGLAND, FRANCE)
    assert len(served.game.history) == len(game.history)
    again = replay("g", CREATED_US, [*played, at_hand], None)
    assert again.game.drawn_by == again.game.alive
    assert len(again.game.history) == len(game.history)


def test_messages_are_known_by_their_time_and_sorted_by_it() -> None:
    served = ServedGame("g", CREATED_US)
    first, second, ours = (
        ServerMessage(sender="ENGLAND", recipient="FRANCE", time_sent=CREATED_US + n, phase="S1901M", message="Yes")
        for n in (5, 9, 7)
    )
    for message in (second, first, ours, first):
        served.hear(message)
    assert [m.sequence for m in served.game.messages] == [5, 7, 9]
    watcher = ServerMessage(sender="SYSTEM", recipient="GLOBAL", time_sent=3, phase="S1901M", message="Late\x1b[2J")
    assert served.hear(watcher) is None
    assert served.notices == ["Late [2J"]


@pytest.mark.parametrize(
    ("value", "text"), [({}, "test: game_id: Field required"), ("x", "test: answer: "), ({"game_id": 3}, "game_id")]
)
def test_an_answer_of_another_form_is_refused_in_one_line(value: object, text: str) -> None:
    with pytest.raises(ResponseError, match=text):
        read(ServerGame, value, "test")
