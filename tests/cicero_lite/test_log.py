"""The event log: every kind of event survives the file, and what is no log is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cicero_lite.arena.log import (
    EVENT_TYPES,
    SCHEMA,
    AnswerRefused,
    Believed,
    Drafted,
    DrawVoted,
    Event,
    EventLog,
    Fault,
    FilterFinding,
    GameEnded,
    GameStarted,
    IntentFormed,
    ModelFailed,
    ModelUsed,
    NotImposed,
    OrdersSubmitted,
    Outcome,
    PhaseResolved,
    PhaseStarted,
    PlayerBelief,
    PromiseSettled,
    Searched,
    SeatChanged,
    Sent,
    Silent,
    SpeechPlanned,
    Steered,
    Understood,
    event_of,
    line_of,
    read_events,
)
from cicero_lite.errors import EventLogError
from cicero_lite.steer.controls import Controls, Imposed
from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from engine.notation import parse_order
from engine.types import (
    POWERS,
    Intent,
    Message,
    OrderResult,
    Phase,
    PlannedOrders,
    Policy,
    Power,
    Province,
    Unit,
)

FRANCE, ENGLAND = Power.FRANCE, Power.ENGLAND
PHASE = Phase.parse("F1901M")
BUR = parse_order("A PAR - BUR")
SUPPORT = parse_order("F ENG S F NTH - BEL")
MESSAGE = Message(FRANCE, ENGLAND, PHASE, "Let's bounce in the Channel.\u2028“D'accord?”", 12)
LEAVE = SpeechAct(ActKind.DEMILITARISE, ENGLAND, FRANCE, provinces=(Province("ENG"),))
ACT = SpeechAct(
    kind=ActKind.PROMISE,
    speaker=FRANCE,
    addressee=ENGLAND,
    orders=(ActOrder(FRANCE, BUR), ActOrder(ENGLAND, SUPPORT)),
    powers=(Power.GERMANY,),
    polarity=Polarity.NOT,
    phase=PHASE.next_movement,
    condition=LEAVE,
    answers=11,
    confidence=0.75,
)
INTENT = Intent(FRANCE, ENGLAND, PlannedOrders(FRANCE, PHASE, (BUR,)), PlannedOrders(ENGLAND, PHASE, (SUPPORT,)))
CENTERS = {power: (Province("PAR"),) if power is FRANCE else () for power in POWERS}

SAMPLES: list[Event] = [
    GameStarted("cicero-lite-7", "standard", 7, {FRANCE: "cicero"}, {"play": {"seed": 7}}, None, True, {"python": "3"}),
    PhaseStarted(PHASE, {FRANCE: (Unit.parse("F STP/SC"),)}, CENTERS),
    Searched(
        FRANCE,
        PHASE,
        {FRANCE: Policy(FRANCE, ((BUR,), ()), (0.75, 0.25))},
        {FRANCE: 1.0},
        (BUR,),
        {FRANCE: (0.2, 0.1)},
    ),
    IntentFormed(INTENT),
    Understood(ENGLAND, MESSAGE, (ACT,), ("zut alors",)),
    SpeechPlanned(FRANCE, ENGLAND, PHASE, (ACT, LEAVE), answers=3, reason="it asked"),
    Drafted(FRANCE, ENGLAND, PHASE, "Hi", "model", (), (FilterFinding("legality", "reject", "no such unit"),)),
    Sent(MESSAGE, (ACT,), INTENT, "grammar"),
    Silent(FRANCE, PHASE, None, "nothing new"),
    ModelUsed(FRANCE, PHASE, 7, 2100, 90, 0.02),
    ModelFailed(FRANCE, PHASE, "no answer from http://localhost/v1/completions: 503"),
    AnswerRefused(
        FRANCE, PHASE, "orders", Fault.ILLEGAL_ORDER, "a legal order", "A PAR - MOS", (Unit.parse("A PAR"),), True
    ),
    OrdersSubmitted(FRANCE, PHASE, (BUR, parse_order("WAIVE"))),
    DrawVoted(FRANCE, PHASE, True, "a draw now is worth 12.0% to it, playing on 10.0%", 0.12, 0.1),
    SeatChanged(FRANCE, PHASE, "cicero", "honest"),
    PhaseResolved(PHASE, (Outcome(FRANCE, BUR, (OrderResult.BOUNCE, OrderResult.DISLODGED)),), CENTERS),
    PromiseSettled(FRANCE, ENGLAND, PHASE, ACT, "broken"),
    Believed(FRANCE, PHASE, {ENGLAND: PlayerBelief({"rules 0.1": 1.0}, {FRANCE: -0.3}, 0.75, None)}, ("England: ?",)),
    Steered(FRANCE, PHASE, Controls(aggression=0.02, weights={ENGLAND: -0.5}, imposed=Imposed(own=("A PAR - BUR",)))),
    NotImposed(FRANCE, PHASE, BUR, "not legal in this phase"),
    GameEnded(PHASE, "solo", CENTERS, dict.fromkeys(POWERS, 0.5), FRANCE),
]


def test_there_is_a_sample_of_every_kind() -> None:
    assert {type(event) for event in SAMPLES} == set(EVENT_TYPES)
    assert len({kind.TAG for kind in EVENT_TYPES}) == len(EVENT_TYPES)


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.TAG)
def test_every_event_survives_its_line(event: Event) -> None:
    line = line_of(event)
    assert "\n" not in line
    assert event_of(line) == event
    assert line_of(event_of(line)) == line


def test_a_log_survives_its_file_and_tells_its_listeners(tmp_path: Path) -> None:
    told: list[Event] = []
    log = EventLog(listeners=[told.append])
    for event in SAMPLES:
        log.append(event)
    path = tmp_path / "events.jsonl"
    path.write_text(log.to_text(), encoding="utf-8")
    assert read_events(path) == SAMPLES == told == list(log)


def test_logs_of_earlier_versions_are_read() -> None:
    failed = event_of('{"event":"model_failed","power":"FRANCE","phase":"F1901M","reason":"503"}')
    assert failed == ModelFailed(FRANCE, PHASE, "503", "the grammar words what is said")


def test_first_rejecting_filter_is_named() -> None:
    assert [event.rejected_by for event in SAMPLES if isinstance(event, Drafted)] == ["legality"]


def _log_text(*lines: str) -> str:
    return "".join(line + "\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        (_log_text(line_of(SAMPLES[1])), ":1: expected game_started, got phase_started"),
        (
            _log_text(line_of(SAMPLES[0]).replace(f'"schema":{SCHEMA}', '"schema":99')),
            ":1: expected schema 1, got 99",
        ),
        (_log_text(line_of(SAMPLES[0])) + line_of(SAMPLES[7])[:60], ":2: no JSON"),
        (
            _log_text(line_of(SAMPLES[0]), '{"event":"sung"}'),
            ":2: expected an event tag such as 'sent', got 'sung'",
        ),
        (_log_text(line_of(SAMPLES[0]), "[1]"), ":2: expected an event tag"),
        (_log_text(line_of(SAMPLES[0]), '{"event":"silent","sender":"FRANCE"}'), ":2: Silent: missing phase"),
        (
            _log_text(line_of(SAMPLES[0]), '{"event":"silent","sender":"FRANCE","phase":"S1901M","mood":1}'),
            ":2: Silent: unknown field 'mood'",
        ),
        (
            _log_text(line_of(SAMPLES[0]), '{"event":"silent","sender":"GAUL","phase":"S1901M"}'),
            ":2: sender: 'GAUL'",
        ),
        (
            _log_text(line_of(SAMPLES[0]), '{"event":"silent","sender":"FRANCE","phase":1}'),
            "phase: expected Phase, got 1",
        ),
    ],
)
def test_what_is_no_log_is_refused_with_file_and_line(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EventLogError) as refused:
        read_events(path)
    assert expected in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="No such file"):
        read_events(tmp_path / "none.jsonl")
