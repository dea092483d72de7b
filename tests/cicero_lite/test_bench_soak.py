"""The soak: its checks see what is wrong, its kills come as drawn, and a short game with faults and kills holds."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cicero_lite.adapters.webdiplomacy_sandbox.adjudication import process_phase
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.bench.cut_line import CutLine
from cicero_lite.bench.options import BenchError
from cicero_lite.bench.soak import Soak, measure_soak
from cicero_lite.bench.soak_checks import (
    Check,
    Memory,
    MemoryWatch,
    PlayedPhase,
    SeatAccount,
    ServerAccount,
    Spoken,
    checks,
    cut_off,
    memory_checks,
)
from cicero_lite.bench.soak_kills import KillPlan, When, draw_kills
from cicero_lite.bench.soak_webdip import _rebuilt
from cicero_lite.cli import main
from cicero_lite.hosting.store import Standing, StoredMessage, StoredOrders
from engine.notation import parse_order
from engine.types import Action, Phase, Power

SPRING, FALL, WINTER = Phase.parse("S1901M"), Phase.parse("F1901M"), Phase.parse("W1901A")
FRANCE, ITALY = Power.FRANCE, Power.ITALY
MOVES = (parse_order("A PAR - BUR"), parse_order("F BRE - MAO"))
HOLDS = (parse_order("A VEN H"),)


def message(number: int, text: str, standing: Standing = Standing.SENT, phase: Phase = SPRING) -> StoredMessage:
    return StoredMessage(number, 1, phase, ITALY, text, text, (), None, "grammar", standing, "", 1.0, 2.0)


def orders(phase: Phase, action: Action, handed_in: bool = True) -> StoredOrders:
    return StoredOrders(phase, action, final=True, handed_in=handed_in)


SERVER = ServerAccount(
    phases=(
        PlayedPhase(SPRING, {FRANCE: MOVES, ITALY: HOLDS}, frozenset({FRANCE, ITALY})),
        PlayedPhase(FALL, {FRANCE: HOLDS, ITALY: HOLDS}, frozenset({FRANCE, ITALY})),
    ),
    at_hand=None,
    messages=(Spoken(FRANCE, ITALY, "Peace?"), Spoken(FRANCE, ITALY, "Peace?"), Spoken(FRANCE, ITALY, "Good & well")),
    put_off=(),
    left=(),
    orders_taken=((0, 1), (0, 1), (1, 1), (1, 3)),
    orders_refused=2,
    mistakes=(),
    rebuilt=(),
)
SEATS = (
    SeatAccount(
        FRANCE,
        (
            message(1, "Peace?"),
            message(2, "Peace?", phase=FALL),
            message(3, "Good & well"),
            message(4, "Too late", Standing.DROPPED),
        ),
        {SPRING: orders(SPRING, MOVES), FALL: orders(FALL, HOLDS)},
        (SPRING, FALL),
    ),
    SeatAccount(ITALY, (), {SPRING: orders(SPRING, ()), FALL: orders(FALL, HOLDS)}, (SPRING, FALL)),
)


def failed(server: ServerAccount = SERVER, france: SeatAccount = SEATS[0]) -> list[str]:
    return [check.name for check in checks(server, (france, SEATS[1])) if not check.is_ok]


def test_a_game_that_went_well_passes() -> None:
    found = checks(SERVER, SEATS)
    assert not [check for check in found if not check.is_ok]
    assert [check.counted for check in found] == [4, 3, 3, 4, 4, 4, 2, 4, 1]


def with_messages(*messages: StoredMessage) -> SeatAccount:
    return replace(SEATS[0], messages=messages)


def with_orders(action: Action, handed_in: bool = True) -> SeatAccount:
    return replace(SEATS[0], orders={**SEATS[0].orders, SPRING: orders(SPRING, action, handed_in)})


@pytest.mark.parametrize(
    ("server", "france", "names"),
    [
        (
            replace(SERVER, messages=(*SERVER.messages, SERVER.messages[2])),
            SEATS[0],
            ["messages on the server, sent once each"],
        ),
        (replace(SERVER, messages=SERVER.messages[1:]), SEATS[0], ["messages sent, on the server once each"]),
        (SERVER, with_messages(*SEATS[0].messages[1:]), ["messages on the server, sent once each"]),
        (
            SERVER,
            with_messages(*SEATS[0].messages, message(9, "Hm", Standing.SENDING)),
            ["messages meant, settled when their phase is over"],
        ),
        (SERVER, with_orders(MOVES[:1]), ["orders used = meant last and handed in"]),
        (SERVER, replace(SEATS[0], orders={FALL: orders(FALL, HOLDS)}), ["orders used = meant last and handed in"]),
        (
            replace(SERVER, put_off=("Missing orders for France, extending deadline by 0 hour(s).",)),
            SEATS[0],
            ["orders in at every deadline, nobody left"],
        ),
        (replace(SERVER, left=(FRANCE,)), SEATS[0], ["orders in at every deadline, nobody left"]),
        (
            replace(SERVER, orders_taken=(*SERVER.orders_taken, (1, 1))),
            SEATS[0],
            ["orders taken, none for another phase"],
        ),
        (replace(SERVER, mistakes=("France: sent blindly",)), SEATS[0], ["nothing that a client must not do"]),
        (replace(SERVER, rebuilt=("another position in F1901M",)), SEATS[0], ["positions by our rules = the server's"]),
        (SERVER, replace(SEATS[0], logged=(SPRING, FALL, FALL)), ["phases in the log, once each"]),
        (SERVER, replace(SEATS[0], logged=(SPRING,)), ["phases in the log, once each"]),
        (SERVER, replace(SEATS[0], logged=(FALL, SPRING)), ["phases in the log, once each"]),
    ],
)
def test_a_check_fails_if_something_is_wrong(server: ServerAccount, france: SeatAccount, names: list[str]) -> None:
    assert failed(server, france) == names


@pytest.mark.parametrize(
    ("meant", "used", "is_same"),
    [
        ("A CON S F BLA - BUL/EC", "A CON S F BLA - BUL", True),
        ("A CON S F BLA - BUL/EC", "A CON S F BLA - RUM", False),
        ("F BLA - BUL/EC", "F BLA - BUL/SC", False),
    ],
)
def test_the_coast_of_a_move_counts_that_of_a_support_does_not(meant: str, used: str, is_same: bool) -> None:
    spring = replace(SERVER.phases[0], orders={FRANCE: (parse_order(used),), ITALY: HOLDS})
    found = failed(replace(SERVER, phases=(spring, *SERVER.phases[1:])), with_orders((parse_order(meant),)))
    assert found == ([] if is_same else ["orders used = meant last and handed in"])


def test_better_orders_that_were_not_handed_in_are_told_but_no_failure() -> None:
    found = checks(SERVER, (with_orders(MOVES[:1], handed_in=False), SEATS[1]))
    assert not [check for check in found if not check.is_ok]
    assert [check.note for check in found if "late" in check.note] == ["better ones came too late: 1"]


def test_a_message_under_way_in_the_phase_at_hand_may_have_arrived() -> None:
    server = replace(SERVER, at_hand=WINTER, messages=(*SERVER.messages, Spoken(FRANCE, ITALY, "Hm")))
    under_way = with_messages(*SEATS[0].messages, message(9, "Hm", Standing.SENDING, WINTER))
    assert not failed(server, under_way)
    assert failed(server) == ["messages on the server, sent once each"]


def test_a_message_that_came_when_the_game_was_over_may_be_unknown_to_its_sender() -> None:
    late = Spoken(FRANCE, ITALY, "Well played", after_end=True)
    found = checks(replace(SERVER, messages=(*SERVER.messages, late)), SEATS)
    assert not [check for check in found if not check.is_ok]
    assert [check.note for check in found if "over" in check.note] == ["1 more when the game was over"]
    sent = with_messages(*SEATS[0].messages, message(9, "Well played"))
    assert not failed(replace(SERVER, messages=(*SERVER.messages, late)), sent)


def test_a_power_that_is_out_of_the_game_need_not_know_how_it_goes_on() -> None:
    later = PlayedPhase(WINTER, {FRANCE: MOVES}, frozenset({FRANCE}))
    server, france = replace(SERVER, phases=(*SERVER.phases, later)), SEATS[0]
    france = replace(france, orders={**france.orders, WINTER: orders(WINTER, MOVES)})
    assert failed(server, france) == ["phases in the log, once each"]
    assert not failed(server, replace(france, logged=(SPRING, FALL, WINTER)))


def test_of_a_game_that_was_left_only_the_years_that_are_over_count() -> None:
    assert cut_off(SERVER, 1901) == SERVER
    later = PlayedPhase(Phase.parse("S1902M"), {FRANCE: MOVES}, frozenset({FRANCE}))
    cut = cut_off(replace(SERVER, phases=(*SERVER.phases, later), at_hand=Phase.parse("F1902M")), 1901)
    assert (cut.phases, cut.at_hand) == (SERVER.phases, Phase.parse("S1902M"))


def memory(known: Sequence[str] = ("a",), action: Action = MOVES, phase: Phase = SPRING, told: int = 0) -> Memory:
    return Memory(phase, Counter(known), told, orders(phase, action))


def looked(*looks: Callable[[MemoryWatch], None]) -> tuple[Check, ...]:
    watch = MemoryWatch(FRANCE)
    for look in looks:
        look(watch)
    watch.end()
    return memory_checks([watch])


def look(now: Memory, is_killed: bool = False) -> Callable[[MemoryWatch], None]:
    return lambda watch: watch.look(now, is_killed)


def test_a_ledger_that_shrinks_is_seen() -> None:
    ledger, _, _ = looked(look(memory("aab")), look(memory("aabc")), look(memory("abc")))
    assert (ledger.counted, len(ledger.problems)) == (3, 1)
    assert "forgot 1" in ledger.problems[0]


@pytest.mark.parametrize(
    ("after", "kept", "wrong", "unclear"),
    [
        (memory(), 1, 0, False),
        (memory(action=HOLDS), 1, 1, False),
        (memory("ab", action=HOLDS), 0, 0, True),
        (memory(action=HOLDS, told=1), 0, 0, True),
        (memory(action=HOLDS, phase=FALL), 1, 0, False),
    ],
)
def test_orders_that_a_kill_has_changed_are_seen(after: Memory, kept: int, wrong: int, unclear: bool) -> None:
    _, _, plan = looked(look(memory(), is_killed=True), look(after))
    assert (plan.counted, len(plan.problems), bool(plan.note)) == (kept, wrong, unclear)


def test_orders_that_are_not_those_of_the_plan_are_seen() -> None:
    _, same, _ = looked(look(memory()), look(replace(memory(), planned=MOVES[::-1])))
    assert (same.counted, same.problems) == (1, ())
    apart = replace(memory(), planned=HOLDS)
    _, different, _ = looked(look(apart), look(replace(apart, has_news=True)))
    assert (different.counted, len(different.problems)) == (1, 1), "with news the plan is due for another look"
    assert "the plan is A VEN H; the orders are A PAR - BUR, F BRE - MAO" in different.problems[0]


def test_orders_may_change_after_a_kill_if_something_was_heard_before_it() -> None:
    _, _, plan = looked(look(replace(memory(), has_news=True), is_killed=True), look(memory(action=HOLDS)))
    assert plan.is_ok
    assert plan.note


# --- kills -----------------------------------------------------------------------------------------------


def test_kills_are_drawn_by_the_seed() -> None:
    kills = draw_kills(1, FRANCE, 10, turns=10)
    assert kills == draw_kills(1, FRANCE, 10, turns=10)
    assert kills != draw_kills(2, FRANCE, 10, turns=10)
    assert len(kills) == 10
    assert [kill.turn for kill in kills] == sorted(kill.turn for kill in kills)
    assert max(kill.turn for kill in kills) < 9
    assert kills[0].when is not When.STARTING


def test_a_kill_waits_for_its_moment_but_not_longer_than_its_turn() -> None:
    (kill,) = [replace(draw_kills(1, FRANCE, 1, turns=2)[0], when=When.SENDING, delay_s=1.0)]
    plan = KillPlan([kill])
    none: frozenset[When] = frozenset()
    assert not plan.is_due(0, 0.0, frozenset({When.ORDERING}), now=100.0)
    assert plan.awaits_moment(0)
    assert not plan.is_due(0, 0.0, frozenset({When.SENDING}), now=200.0)
    assert not plan.awaits_moment(0)
    assert plan.is_due(0, 0.0, none, now=201.0)
    plan.done()
    assert plan.next is None
    assert not plan.is_due(0, 0.0, none, now=300.0)
    late = KillPlan([kill])
    assert not late.awaits_moment(1)
    assert not late.is_due(1, 0.0, none, now=100.0)
    assert late.is_due(1, 0.0, none, now=101.0)


# --- servers ---------------------------------------------------------------------------------------------


def test_a_position_that_does_not_follow_from_the_orders_is_seen() -> None:
    game = SandboxServer().open_game()
    process_phase(game, 0)
    process_phase(game, 0)
    assert not list(_rebuilt(game))
    game.history[1].units.pop()
    (problem,) = _rebuilt(game)
    assert "is missing from the server's units" in problem


def test_a_line_is_cut_and_can_be_had_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = CutLine(listener.getsockname()[1])
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", line.port), 10) as near:
                near.sendall(b"word")
                far, _ = listener.accept()
                with far:
                    assert far.recv(4) == b"word"
                    assert line.cut() == 1
                    assert near.recv(4) == b""
        line.close()


@pytest.mark.parametrize("faults", ["slow=0.1", "cut=2", "cut"])
def test_the_package_s_server_has_one_fault(faults: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "soak", "--server", "diplomacy", "--faults", faults]) == 2
    assert f"expected cut=SHARE with a share of 0 to 1, got '{faults}'" in capsys.readouterr().err


# --- the whole -------------------------------------------------------------------------------------------


def test_a_short_game_with_faults_and_kills_holds(tmp_path: Path) -> None:
    options = ("--set", "live.table.turns=0", "--set", "live.table.late_turns=0")
    found = measure_soak(Soak(until=1901, kills=1, agent="dumbbot", phase_minutes=10, options=options), tmp_path)
    assert found.is_ok, "\n".join(found.lines())
    assert sum(found.kills.values()) == 7
    assert found.faults_met
    assert found.phases >= 2
    assert found.lines()[-1].endswith("ok")


def test_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    with pytest.raises(BenchError, match="--keep: expected a new or empty folder"):
        measure_soak(Soak(), tmp_path)


def test_numbers_out_of_range_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "soak", "--until", "1900"]) == 2
    assert "expected a year from 1901 on" in capsys.readouterr().err
    assert main(["bench", "capacity", "--games", "0"]) == 2
    assert "--games: expected 1 or more, got 0" in capsys.readouterr().err
