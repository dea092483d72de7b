"""Games as the server tells them become games as the agents know them; histories that cannot be are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cicero_lite.adapters.settings import DrawPolicy
from cicero_lite.adapters.webdiplomacy_game import ServerGame, read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, phase_of, turn_of
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder
from cicero_lite.adapters.webdiplomacy_press import PressMessage
from cicero_lite.adapters.webdiplomacy_responses import Answer, GameStatus, Member, ResponseError, read
from cicero_lite.adapters.webdiplomacy_votes import wants_draw
from cicero_lite.draws import is_stalemate
from engine.game import Game
from engine.notation import without_coasts
from engine.record import PhaseRecord
from engine.types import POWERS, OrderKind, Phase, PhaseKind, Power
from tests.cicero_lite.webdiplomacy import JSON, example, needs_examples, phase_json, random_game, status_json

FRANCE = Power.FRANCE


def served(body: dict[str, Any], *press: PressMessage, seat: Power = FRANCE) -> ServerGame:
    """The game of a status."""
    status = read(GameStatus, Answer("game/status", 200, JSON, json.dumps(body)))
    return read_game(status, seat, press)


def of_example(name: str, seat: Power) -> ServerGame:
    """The game of a recorded status."""
    return served(example(f"game_status_{name}").body, seat=seat)


@needs_examples
def test_recorded_games_are_read_with_their_histories() -> None:
    builds = of_example("builds", Power.ENGLAND)
    assert builds.game.to_text() == (
        "W1901A; AUSTRIA A BUD, A VIE, F GRE = BUD GRE TRI VIE; ENGLAND A BEL, F ENG, F NTH = BEL EDI LON LVP; "
        "FRANCE A BRE, A MAR, F MAO = BRE MAR PAR; GERMANY A MUN, A SIL, F KIE = BER KIE MUN; "
        "ITALY A PIE, A VEN, F NAP = NAP ROM VEN; RUSSIA A UKR, A WAR, F BLA, F LVN = MOS SEV STP WAR; "
        "TURKEY A ARM, A CON, F ANK = ANK CON SMY"
    )
    assert [str(record.phase) for record in builds.game.history] == ["S1901M", "F1901M"]
    convoy = {str(order) for order in builds.game.history[1].orders[Power.ENGLAND]}
    assert convoy >= {"A YOR - BEL VIA", "F NTH C A YOR - BEL"}
    retreats = of_example("retreats", Power.ITALY)
    assert str(retreats.game.phase) == str(retreats.phase) == "F1903R"
    assert {str(u): to for u, to in retreats.game.dislodged(Power.ITALY).items()} == {"A APU": ("VEN",)}
    assert len(retreats.game.history) == 8


@needs_examples
def test_recorded_games_that_do_not_go_on() -> None:
    paused = of_example("paused", Power.ENGLAND)
    assert (paused.is_paused, paused.is_over, str(paused.phase)) == (True, False, "S1902M")
    drawn = of_example("drawn", Power.ENGLAND)
    assert (drawn.is_over, drawn.is_paused, drawn.game.drawn_by) == (True, False, POWERS)
    status = read(GameStatus, example("game_status_drawn").answer)
    shared = [
        Member(country_id=n, status="Drawn" if n < 3 else "Defeated", supply_center_no=0, unit_no=0) for n in COUNTRIES
    ]
    assert read_game(status, Power.ENGLAND, members=shared).game.drawn_by == (Power.ENGLAND, FRANCE)


@pytest.mark.parametrize("seed", range(6))
def test_games_come_back_as_they_were_played(seed: int) -> None:
    game = random_game(seed, 30)
    for phases in (5 * seed, 30):
        earlier = game
        if phases < len(game.history):
            earlier = game.at_phase(game.history[phases].phase)
        again = served(status_json(earlier)).game
        assert again.position == earlier.position
        assert [orders_in(r) for r in again.history] == [orders_in(r) for r in earlier.history]


def orders_in(record: PhaseRecord) -> list[object]:
    """The orders of a phase; supports without coasts, builds not used left out."""
    kept = [order for action in record.orders.values() for order in action if order.kind is not OrderKind.WAIVE]
    return [without_coasts(order) if order.kind is OrderKind.SUPPORT else order for order in kept]


def test_messages_are_said_in_their_phases() -> None:
    game = random_game(3, 3)
    turn, name = turn_of(game.phase)

    def said(turn: int, phase: Any, text: str) -> PressMessage:
        return PressMessage(Power.ITALY, FRANCE, text, turn, phase, 1000 + turn)

    press = (
        said(0, "Pre-game", "hello"),
        said(0, "Diplomacy", "one"),
        said(turn, name, "now"),
        said(99, "Builds", "?"),
    )
    again = served(status_json(game), *press).game
    assert [(str(m.phase), m.text) for record in again.history for m in record.messages] == [
        ("S1901M", "hello"),
        ("S1901M", "one"),
    ]
    assert [(m.phase, m.text) for m in again.messages] == [(game.phase, "now")]
    assert again.view(FRANCE).messages == tuple(again.messages)


# --- what the server does in its own way ------------------------------------------------------------------


def test_a_retreat_without_a_choice_is_passed_by() -> None:
    game = Game(game_id="7")
    game.process()
    body = status_json(game)
    waiting = phase_json(game, [])
    # As if the server still asked for the retreat of a unit that our rules have taken off the board.
    body["phases"][-1] = {**waiting, "turn": 0, "phase": "Retreats"}
    body["phases"][-1]["units"] = [
        *waiting["units"],
        {"terrID": 15, "countryID": COUNTRY_OF[Power.ITALY], "unitType": "Army", "retreating": "Yes"},
    ]
    found = served({**body, "phase": "Retreats", "turn": 0, "countryID": 3}, seat=Power.ITALY)
    assert (found.is_ahead, str(found.phase), str(found.game.phase)) == (True, "S1901R", "F1901M")
    assert found.doomed == (ServerOrder("Disband", 15),)
    assert served({**body, "phase": "Retreats", "turn": 0}).doomed == ()


def winter() -> Game:
    """A game in which two powers have to remove units."""
    for seed in range(40):
        game = random_game(seed, 40)
        for record in game.history:
            board = record.board
            due = [p for p in board.powers if board.build_count(p) < 0]
            if board.phase.kind is PhaseKind.ADJUSTMENTS and due and game.history[-1] is not record:
                return game.at_phase(record.phase)
    raise AssertionError("no removals in 40 games")


def test_removals_that_the_server_chose_are_taken_over() -> None:
    game = winter()
    power = next(p for p in game.powers if game.build_count(p) < 0)
    by_rule = game.copy()
    by_rule.process()
    chosen = next(u for u in game.units(power) if u in by_rule.units(power))  # our rules would have kept it
    body = status_json(game)
    others = [u for u in game.units(power) if u not in by_rule.units(power)]
    removed = [chosen, *others[1:]]
    after = game.copy()
    after.set_orders(power, [f"{unit} D" for unit in removed])
    after.process()
    body = status_json(after)
    for state in body["phases"]:
        if (state["turn"], state["phase"]) == turn_of(game.phase):
            state["orders"] = [o for o in state["orders"] if o["type"] != "Destroy"]
    assert served(body).game.position == after.position


def test_fleets_without_a_coast_stand_where_their_orders_make_sense() -> None:
    game = Game(game_id="7")
    for orders in (["F BRE - MAO"], ["F MAO - SPA/SC"], [], ["F SPA/SC - LYO"]):
        while game.phase.kind is not PhaseKind.MOVEMENT:
            game.process()
        game.set_orders(FRANCE, orders)
        game.process()
    text = (
        json.dumps(status_json(game)).replace('"terrID": 77', '"terrID": 8').replace('"toTerrID": 77', '"toTerrID": 8')
    )
    found = served(json.loads(text)).game
    assert found.position == game.position
    assert [str(u) for u in found.units(FRANCE)] == ["A MAR", "A PAR", "F LYO"]


def test_a_game_that_has_not_begun() -> None:
    body = {**status_json(Game()), "phase": "Pre-game", "phases": [], "publicVotes": [], "orderStatuses": []}
    found = served(body)
    assert (found.has_begun, found.is_paused, found.is_over, found.game.history) == (False, False, False, [])


# --- histories that cannot be -----------------------------------------------------------------------------


def _moved_unit(body: dict[str, Any]) -> None:
    body["phases"][-1]["units"][0]["terrID"] = 65


def _another_owner(body: dict[str, Any]) -> None:
    body["phases"][-1]["centers"][0]["countryID"] = 6 if body["phases"][-1]["centers"][0]["countryID"] != 6 else 5


def _another_order(body: dict[str, Any]) -> None:
    for order in body["phases"][0]["orders"]:
        if order["type"] != "Hold":
            order["type"] = "Hold"


def _phase_left_out(body: dict[str, Any]) -> None:
    del body["phases"][0]


def _unit_twice(body: dict[str, Any]) -> None:
    body["phases"][-1]["units"].append(body["phases"][-1]["units"][0])


def _other_turn(body: dict[str, Any]) -> None:
    body["turn"] += 2


def _other_variant(body: dict[str, Any]) -> None:
    body["variantID"] = 15


def _other_seat(body: dict[str, Any]) -> None:
    body["countryID"] = COUNTRY_OF[Power.ITALY]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_moved_unit, r"the position of F1902M does not follow .* is in the server's units alone"),
        (_another_owner, r"ANK belongs to AUSTRIA, by our rules to TURKEY"),
        (_another_order, r"the position of .* does not follow"),
        (_phase_left_out, r"expected S1901M among phases"),
        (_unit_twice, r"is in the server's units twice"),
        (_other_turn, r"expected phases to end with turn 5, Diplomacy, got turn 3"),
        (_other_variant, r"variantID: expected 1 \(Classic\), got 15"),
        (_other_seat, r"countryID: expected FRANCE, got ITALY"),
    ],
)
def test_a_history_that_cannot_be_is_one_clear_error(change: Any, problem: str) -> None:
    game = random_game(1, 12)
    body = status_json(game.at_phase(Phase.parse("F1902M")))
    change(body)
    with pytest.raises(ResponseError, match=problem) as caught:
        served(body)
    assert "\n" not in str(caught.value)


def test_builds_in_spring_are_no_phase() -> None:
    with pytest.raises(ResponseError, match="expected turn 0 or later with"):
        served({**status_json(Game()), "phase": "Builds", "phases": [{**phase_json(Game(), []), "phase": "Builds"}]})
    with pytest.raises(ValueError, match="got turn 4, 'Builds'"):
        phase_of(4, "Builds")


# --- votes ------------------------------------------------------------------------------------------------


def holding(years: int) -> Game:
    """A game in which nobody moves."""
    game = Game(game_id="7")
    for _ in range(2 * years):
        game.process()
    return game


def test_a_stalemate_is_years_without_a_change() -> None:
    assert is_stalemate(holding(3), 3)
    assert not is_stalemate(holding(3), 4)
    game = holding(1)
    game.set_orders(Power.GERMANY, ["F KIE - HOL"])
    game.process()
    assert not is_stalemate(game, 1), "a centre is about to change hands"
    for _ in range(5):
        game.process()
    assert str(game.phase) == "S1904M"
    assert not is_stalemate(game, 2)
    assert is_stalemate(game, 1)


def test_draw_votes_follow_the_policy() -> None:
    votes = {str(n): "Draw" if n != COUNTRY_OF[FRANCE] else None for n in range(1, 8)}
    agreed = served(status_json(holding(2), publicVotes=votes))
    open_votes = served(status_json(holding(2), publicVotes={**votes, "7": "Pause"}))
    hidden = served(status_json(holding(2), publicVotes=[]))
    assert [wants_draw(DrawPolicy.AGREE, g, 1, None) for g in (agreed, open_votes, hidden)] == [True, False, False]
    assert [wants_draw(policy, hidden, 2, None) for policy in DrawPolicy] == [None, True, False, None]
    assert [wants_draw(DrawPolicy.AGENT, hidden, 2, agents) for agents in (True, False)] == [True, False]
    assert not wants_draw(DrawPolicy.STALEMATE, hidden, 3, None)
    over = holding(2)
    over.draw()
    assert not wants_draw(DrawPolicy.STALEMATE, served(status_json(over)), 1, None)
