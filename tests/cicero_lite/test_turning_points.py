"""Where a game turned: games made so that it is known, and the record of one that agents played."""

from __future__ import annotations

import pytest

from cicero_lite.arena.log import Event, OrdersSubmitted, Searched, Sent, Understood
from cicero_lite.arena.press_measures import press_record
from cicero_lite.arena.turning_points import AT_MOST, Turn, TurningPoint, turning_points
from dialogue.acts import ActKind, ActOrder, SpeechAct
from engine.notation import parse_order
from engine.types import POWERS, Message, Phase, Policy, Power
from tests.inspected_game import record
from tests.scripted_games import Lines, Orders, orders, played

AUSTRIA, ENGLAND, FRANCE, GERMANY, ITALY, RUSSIA, TURKEY = POWERS
SPRING, FALL = Phase.parse("S1901M"), Phase.parse("F1901M")


def points(events: list[Event]) -> list[TurningPoint]:
    return turning_points(events, press_record(events))


def test_a_broken_promise_is_told_with_its_words_and_what_was_done_instead() -> None:
    lines: dict[str, Lines] = {"S1901M": {FRANCE: [(GERMANY, "I will move Paris to Picardy.")]}}
    (found,) = points(played(lines, {"S1901M": {FRANCE: ["A PAR - BUR"]}}))
    assert (found.kind, found.phase, found.power) == (Turn.BROKEN, SPRING, FRANCE)
    assert found.message is not None
    assert found.message.text == "I will move Paris to Picardy."
    assert found.told == "France had told Germany that it would order A PAR - PIC; it ordered A PAR - BUR"
    assert points(played(lines, {"S1901M": {FRANCE: ["A PAR - PIC"]}})) == []


def test_the_promise_that_cost_its_hearer_a_centre_comes_first() -> None:
    words = "I will move Venice to Tyrolia."
    lines: dict[str, Lines] = {
        "S1901M": {
            FRANCE: [(GERMANY, "I will move Paris to Picardy.")],
            ENGLAND: [(GERMANY, "I will move London to Wales.")],
        },
        "F1901M": {ITALY: [(AUSTRIA, words)]},
    }
    given: Orders = {"S1901M": {AUSTRIA: ["F TRI - ALB"]}, "F1901M": {ITALY: ["A VEN - TRI"]}}
    broken = [point for point in points(played(lines, given)) if point.kind is Turn.BROKEN]
    assert [point.power for point in broken] == [ENGLAND, ITALY]  # in the order of the game; France's is left out
    assert AT_MOST == 2


@pytest.mark.parametrize("takes", [True, False])
def test_a_stab_takes_a_centre_of_a_friend(takes: bool) -> None:
    lines: dict[str, Lines] = {
        "S1901M": {ITALY: [(AUSTRIA, "Shall we be allies?")], AUSTRIA: [(ITALY, "Yes, let us be allies.")]}
    }
    stays = {} if takes else {AUSTRIA: ["A VIE - TRI"]}
    given: Orders = {"S1901M": {AUSTRIA: ["F TRI - ALB"]}, "F1901M": {ITALY: ["A VEN - TRI"], **stays}}
    found = [point for point in points(played(lines, given)) if point.kind is Turn.STAB]
    assert len(found) == takes
    for point in found:
        assert (point.phase, point.power) == (FALL, ITALY)
        assert "A VEN - TRI" in point.told
        assert point.told.endswith("that year it took TRI")
        assert point.message is not None
        assert point.message.text == "Shall we be allies?"


def test_without_searches_the_year_in_which_most_centres_changed_is_the_swing() -> None:
    given: Orders = {
        "S1901M": {TURKEY: ["A CON - BUL"]},
        "S1902M": {TURKEY: ["A BUL - SER"], GERMANY: ["F KIE - DEN", "A MUN - RUH"]},
        "F1902M": {GERMANY: ["A RUH - HOL"], TURKEY: []},
    }
    found, less = points(played({}, given, until=1902))
    assert (found.kind, found.phase, found.power) == (Turn.SWING, Phase.parse("F1902M"), GERMANY)
    assert less.power is TURKEY
    assert found.told == "Germany had 3 centres at the end of 1901, and 5 a year later"


def searched(phase: Phase, order: str, chance: float, score: float) -> Searched:
    asked, other = orders("A MUN S A PAR - BUR"), orders("A MUN - TYR")
    policy = Policy(GERMANY, (asked, other), (chance, 1 - chance))
    return Searched(GERMANY, phase, {GERMANY: policy}, {GERMANY: score}, orders(order))


def asking(given: str) -> list[Event]:
    """Germany plans Tyrolia, is asked for a support by France, and plans that."""
    wanted = parse_order("A MUN S A PAR - BUR")
    act = SpeechAct(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (ActOrder(GERMANY, wanted),))
    message = Message(FRANCE, GERMANY, SPRING, "Can you support me to Burgundy?", 0)
    return [
        searched(SPRING, "A MUN - TYR", 0.04, 0.2),
        Sent(message, (act,)),
        Understood(GERMANY, message, (act,)),
        searched(SPRING, "A MUN S A PAR - BUR", 0.9, 0.25),
        OrdersSubmitted(GERMANY, SPRING, orders(given)),
        searched(FALL, "A MUN - TYR", 0.1, 0.15),
    ]


def test_a_message_changed_its_reader_s_mind_if_what_it_asked_was_new_to_the_plan_and_was_done() -> None:
    mind, swing = points(asking("A MUN S A PAR - BUR"))[::-1]
    assert (mind.kind, mind.power, mind.phase) == (Turn.PERSUADED, GERMANY, SPRING)
    assert "a chance of 4 %" in mind.told
    assert "(90 %)" in mind.told
    assert mind.message is not None
    assert mind.message.text == "Can you support me to Burgundy?"
    assert (swing.kind, swing.power, swing.phase) == (Turn.SWING, GERMANY, SPRING)
    assert swing.told == "Germany expected a score of 25 of 100 before these orders, 15 after them"


def test_what_was_planned_but_not_done_is_no_change_of_mind() -> None:
    assert [point.kind for point in points(asking("A MUN - TYR"))] == [Turn.SWING]


def test_turning_points_of_a_played_game_are_in_its_order_and_its_words() -> None:
    events = list(record().events)
    found = points(events)
    said = [event.message for event in events if isinstance(event, Sent)]
    assert found == sorted(found, key=lambda point: point.phase)
    assert all(point.message is None or point.message in said for point in found)
    assert any(point.kind is Turn.SWING for point in found)
    assert all(sum(p.kind is kind for p in found) <= AT_MOST for kind in Turn)
    assert all(isinstance(point.power, Power) for point in found)
