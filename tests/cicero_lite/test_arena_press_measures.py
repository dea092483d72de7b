"""What is counted of a game's talk: on games whose every word and order is known, and against the log's own figures."""

from __future__ import annotations

from dataclasses import fields

import pytest

from cicero_lite.arena.asked import asked_by
from cicero_lite.arena.log import (
    Event,
    PhaseResolved,
    PhaseStarted,
    PromiseSettled,
    Sent,
    Understood,
    event_of,
    line_of,
)
from cicero_lite.arena.press_measures import RATES, PressMeasures, measure, press_record, total
from cicero_lite.arena.supports import supports_in
from cicero_lite.bench.press import count
from cicero_lite.config import load_config
from cicero_lite.session import play
from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from engine.board import Board
from engine.game import Game
from engine.notation import parse_order
from engine.types import POWERS, Action, Intent, Message, Phase, PlannedOrders, Province
from tests.scripted_games import Lines, Orders, orders, played

AUSTRIA, ENGLAND, FRANCE, GERMANY, ITALY, RUSSIA, TURKEY = POWERS
SPRING = Phase.parse("S1901M")


def supported(text: str, *given: str) -> list[tuple[bool, bool, bool]]:
    """Of each support: whether it is for another's unit, is matched, is effective."""
    game = Game(position=Board.from_text(text).position)
    for power in POWERS:
        mine = [o for o in orders(*given) if game.is_legal(power, o)]
        game.set_orders(power, mine)
    return [(s.is_crossing, s.is_matched, s.is_effective) for s in supports_in(game.process())]


# --- supports ----------------------------------------------------------------------------------------------

BOARD = "S1902M; AUSTRIA A VIE; FRANCE A BUR, A MAR; GERMANY A MUN, A RUH; ITALY A PIE, A TYR"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # Germany holds Munich: Burgundy alone would bounce.
        (["A BUR - MUN", "A TYR S A BUR - MUN", "A MUN H"], [(True, True, True)]),
        # Nobody in the way: the move arrives without it.
        (["A BUR - BEL", "A RUH S A BUR - BEL"], [(True, True, False)]),
        # The unit does something else.
        (["A BUR H", "A TYR S A BUR - MUN"], [(True, False, False)]),
        # The support is cut, and the move fails.
        (["A BUR - MUN", "A TYR S A BUR - MUN", "A VIE - TYR", "A MUN H"], [(True, True, False)]),
        # An own unit's support.
        (["A MUN - BUR", "A RUH S A MUN - BUR", "A BUR H"], [(False, True, True)]),
        # The defender's support is cut, the attacker's decides.
        (
            ["A MUN - BUR", "A RUH S A MUN - BUR", "A PIE - MAR", "A MAR S A BUR"],
            [(False, True, False), (False, True, True)],
        ),
        # A support to hold that keeps the unit where it is.
        (["A BUR - MUN", "A TYR S A MUN", "A MUN H", "A RUH H"], [(True, True, False)]),
    ],
)
def test_a_support_is_effective_if_its_move_or_hold_would_have_failed_without_it(
    given: list[str], expected: list[tuple[bool, bool, bool]]
) -> None:
    assert supported(BOARD, *given) == expected


def test_a_support_to_hold_is_effective_where_the_unit_would_have_been_dislodged() -> None:
    board = "S1902M; FRANCE A BUR; GERMANY A MUN, A SIL; ITALY A TYR, A BOH; RUSSIA A BER"
    given = ["A TYR - MUN", "A BOH S A TYR - MUN", "A MUN H", "A BER S A MUN"]
    assert supported(board, *given) == [(False, True, False), (True, True, True)]


# --- what is asked -----------------------------------------------------------------------------------------


def test_what_is_asked_is_checked_in_orders() -> None:
    bel = ActOrder(GERMANY, parse_order("A MUN S A PAR - BUR"))
    request = SpeechAct(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (bel,))
    zone = SpeechAct(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces=(Province("BUR"),))
    stay = SpeechAct(ActKind.INFORM, FRANCE, GERMANY, provinces=(Province("RUH"),), polarity=Polarity.NOT)
    offer = SpeechAct(ActKind.OFFER, FRANCE, GERMANY, condition=stay)
    asked = asked_by([request, zone, offer], SPRING)
    does = orders("A MUN S A PAR - BUR", "A BER - KIE")
    enters = orders("A MUN - BUR")
    assert [one.is_done_by(does) for one in asked] == [True, True, True]
    assert [one.is_done_by(enters) for one in asked] == [False, False, True]
    assert [one.is_open(Game()) for one in asked] == [True, True, True]
    assert asked[2].on_condition


def test_orders_of_others_and_questions_ask_nothing_of_the_addressee() -> None:
    third = ActOrder(ITALY, parse_order("A VEN - TYR"))
    acts = [
        SpeechAct(ActKind.PROPOSE, FRANCE, GERMANY, (third,)),
        SpeechAct(ActKind.ASK, FRANCE, GERMANY, (ActOrder(GERMANY, parse_order("A MUN - BUR")),)),
        SpeechAct(ActKind.ALLY, FRANCE, GERMANY),
    ]
    assert asked_by(acts, SPRING) == []


def test_what_cannot_be_ordered_leaves_no_choice() -> None:
    far = ActOrder(GERMANY, parse_order("A MUN S A VEN - TRI"))
    (asked,) = asked_by([SpeechAct(ActKind.REQUEST_SUPPORT, ITALY, GERMANY, (far,))], SPRING)
    assert not asked.is_open(Game())


# --- games of others ---------------------------------------------------------------------------------------


def test_a_game_of_agents_that_record_no_thoughts_is_read() -> None:
    lines: dict[str, Lines] = {
        "S1901M": {
            FRANCE: [(GERMANY, "Please support my move from Paris to Burgundy with Munich.")],
            GERMANY: [(FRANCE, "Yes, I will support Paris to Burgundy.")],
            ITALY: [(AUSTRIA, "I promise that I will hold in Venice."), (None, "Good luck, everyone!")],
        }
    }
    given: Orders = {
        "S1901M": {
            FRANCE: ["A PAR - BUR"],
            GERMANY: ["A MUN S A PAR - BUR"],
            ITALY: ["A VEN - TRI"],
        }
    }
    found = measure(played(lines, given))
    assert (found[FRANCE].messages, found[ITALY].messages, found[ITALY].public_messages) == (1, 1, 1)
    assert found[FRANCE].characters == len(lines["S1901M"][FRANCE][0][1])
    assert found[FRANCE].acts == {"request_support": 1}
    assert (found[FRANCE].supports_asked, found[FRANCE].requests, found[FRANCE].requests_granted) == (1, 1, 1)
    assert (found[FRANCE].requests_checked, found[FRANCE].requests_played) == (1, 1)
    germany = found[GERMANY]
    assert (germany.agreements, germany.supports_promised, germany.supports_promised_given) == (1, 1, 1)
    assert (germany.cross_supports, germany.cross_supports_matched, germany.cross_supports_effective) == (1, 1, 0)
    assert (germany.promises, germany.promises_kept, germany.heard_kept) == (1, 1, 1)
    italy = found[ITALY]
    assert (italy.promises, italy.promises_broken, italy.heard_broken, italy.attacks) == (1, 1, 1, 1)
    assert italy.promises_planned == 0  # nobody told what it meant to play
    assert found[TURKEY] == PressMeasures(movement_phases=2)


def test_an_attack_on_a_power_at_peace_ends_the_peace() -> None:
    lines: dict[str, Lines] = {
        "S1901M": {
            ITALY: [(AUSTRIA, "Shall we be allies?")],
            AUSTRIA: [(ITALY, "Yes, let us be allies.")],
        }
    }
    given: Orders = {"F1901M": {ITALY: ["A VEN - TRI"]}, "S1902M": {AUSTRIA: ["A VIE - TRI"], ITALY: ["A VEN - TRI"]}}
    record = press_record(played(lines, given, until=1902))
    found = record.measures
    assert (found[ITALY].peace_phases, found[ITALY].peace_phases_broken) == (2, 1)
    assert (found[AUSTRIA].peace_phases, found[AUSTRIA].peace_phases_broken) == (2, 0)
    assert found[ITALY].attacks == 2
    (breach,) = record.breaches
    assert (breach.phase, breach.by, breach.victim) == (Phase.parse("F1901M"), ITALY, AUSTRIA)
    assert breach.orders == orders("A VEN - TRI")
    assert breach.agreed.quote == "Shall we be allies?"


def test_a_move_that_its_victim_was_told_of_is_no_attack() -> None:
    lines: dict[str, Lines] = {"S1901M": {ITALY: [(AUSTRIA, "I will move to Trieste.")]}}
    given: Orders = {"S1901M": {ITALY: ["A VEN - TRI"]}}
    assert measure(played(lines, given))[ITALY].attacks == 0
    assert measure(played({}, given))[ITALY].attacks == 1


def test_a_false_claim_about_the_past_counts() -> None:
    lines: dict[str, Lines] = {"F1901M": {FRANCE: [(GERMANY, "Italy moved from Venice to Tyrolia last turn.")]}}
    true, false = (
        measure(played(lines, {"S1901M": {ITALY: [order]}}))[FRANCE] for order in ("A VEN - TYR", "A VEN - PIE")
    )
    assert (true.claims_checked, true.claims_false) == (1, 0)
    assert (false.claims_checked, false.claims_false) == (1, 1)


# --- what the log says of plans and suspicions ---------------------------------------------------------------


def one_phase(message: Message, meant: Action, given: Action, suspicion: float | None = None) -> list[Event]:
    """A spring in which France says one thing, meaning to play some orders, and plays some."""
    game = Game()
    act = SpeechAct(ActKind.PROMISE, FRANCE, GERMANY, (ActOrder(FRANCE, parse_order("A PAR - PIC")),))
    intent = Intent(FRANCE, GERMANY, PlannedOrders(FRANCE, SPRING, meant), PlannedOrders(GERMANY, SPRING, ()))
    started = PhaseStarted(SPRING, {p: game.units(p) for p in POWERS}, {p: game.centers(p) for p in POWERS})
    events: list[Event] = [started, Sent(message, (act,), intent, "grammar")]
    events.append(Understood(GERMANY, message, (act,), (), suspicion))
    fought = played({}, {"S1901M": {FRANCE: [str(order) for order in given]}})
    return [*events, next(event for event in fought if isinstance(event, PhaseResolved))]


@pytest.mark.parametrize("meant", ["A PAR - PIC", "A PAR - BUR"])
@pytest.mark.parametrize("given", ["A PAR - PIC", "A PAR - BUR"])
def test_a_promise_against_the_plan_is_a_lie_whatever_becomes_of_it(meant: str, given: str) -> None:
    message = Message(FRANCE, GERMANY, SPRING, "I promise to move to Picardy.", 0)
    france = measure(one_phase(message, orders(meant), orders(given), suspicion=1.0))[FRANCE]
    assert (france.promises_planned, france.promises_not_meant) == (1, int(meant != "A PAR - PIC"))
    assert france.promises_broken == france.heard_broken == int(given != "A PAR - PIC")
    assert (france.judged, france.suspected) == (1, 1)


def test_what_nobody_suspects_enough_is_no_lie_to_them() -> None:
    message = Message(FRANCE, GERMANY, SPRING, "I promise to move to Picardy.", 0)
    france = measure(one_phase(message, orders("A PAR - PIC"), orders("A PAR - PIC"), suspicion=0.4))[FRANCE]
    assert (france.judged, france.suspected) == (1, 0)


# --- a game of our agents ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_game() -> list[Event]:
    settings = ["agent.search.policy=rules", "agent.search.think=2it", "agent.generation.candidates=0"]
    config = load_config(settings=[*settings, "play.rounds=2", "play.until=1902", "play.seed=5"])
    events: list[Event] = []
    play(config, None, [events.append])
    return events


def test_it_counts_what_the_log_counts(own_game: list[Event]) -> None:
    found, figures = measure(own_game), count(own_game)
    sent = {power: one.messages + one.public_messages for power, one in found.items()}
    assert {power: number for power, number in sent.items() if number} == dict(figures.sent)
    assert sum(sent.values()) > 20
    settled = [event for event in own_game if isinstance(event, PromiseSettled)]
    for power, one in found.items():
        for outcome, number in (("kept", one.promises_kept), ("broken", one.promises_broken)):
            # Both parties settle; what only the hearer takes for a promise is the giver's word to it, not here.
            assert number <= sum(event.power is power and event.outcome == outcome for event in settled)
    everybody = total(found.values())
    assert everybody.promises_kept > 0
    assert figures.measures == found
    told = f"promises kept, of those given: {everybody.promises_kept} of {everybody.promises}"
    assert told in figures.lines()


def test_our_agents_mean_what_they_promise(own_game: list[Event]) -> None:
    everybody = total(measure(own_game).values())
    assert everybody.promises_planned > 10
    assert everybody.promises_not_meant == 0


def test_a_log_that_was_read_back_gives_the_same(own_game: list[Event]) -> None:
    assert measure([event_of(line_of(event)) for event in own_game]) == measure(own_game)


def test_without_acts_and_thoughts_the_reader_finds_about_as_much(own_game: list[Event]) -> None:
    bare = [Sent(e.message) if isinstance(e, Sent) else e for e in own_game if not isinstance(e, Understood)]
    known, read = (total(measure(events).values()) for events in (own_game, bare))
    assert (read.messages, read.characters, read.supports) == (known.messages, known.characters, known.supports)
    assert read.promises == pytest.approx(known.promises, rel=0.2)


def test_a_log_that_begins_later_is_counted_from_there(own_game: list[Event]) -> None:
    starts = [n for n, event in enumerate(own_game) if isinstance(event, PhaseStarted)]
    later = measure(own_game[starts[1] :])
    whole = measure(own_game)
    assert all(later[power].movement_phases == whole[power].movement_phases - 1 for power in POWERS)
    assert sum(one.messages for one in later.values()) < sum(one.messages for one in whole.values())


def test_counts_add_up_and_rates_name_them(own_game: list[Event]) -> None:
    found = measure(own_game)
    everybody = total(found.values())
    assert everybody.messages == sum(one.messages for one in found.values())
    assert sum(everybody.acts.values()) == sum(sum(one.acts.values()) for one in found.values())
    names = {entry.name for entry in fields(PressMeasures)}
    assert all({part, whole} <= names for part, whole in RATES.values())
    assert all(getattr(everybody, part) <= getattr(everybody, whole) for part, whole in RATES.values())


def test_a_game_without_events_gives_zeros() -> None:
    assert measure([]) == dict.fromkeys(POWERS, PressMeasures())
