"""The local table and the conformance checks, which must also be able to fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from cicero_lite.adapters.base import OutgoingMessage, SpeakingTurn, TableClosed, TableEvent
from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.log import EventLog, PhaseStarted, Sent
from cicero_lite.errors import AdapterError
from cicero_lite.registry import Agent
from cicero_lite.session import run
from cicero_lite.testing import RandomMoves, ScriptedAgent, check_adapter, check_agent
from engine.game import Game, GameView
from engine.notation import parse_order
from engine.types import POWERS, Action, IllegalOrderError, Order, OrderKind, PhaseKind, Power, Unit

ENGLAND, FRANCE, GERMANY = Power.ENGLAND, Power.FRANCE, Power.GERMANY


def table(until: int = 1901, rounds: int = 3, seed: int = 3) -> LocalTable:
    return LocalTable(Game(), until=until, rounds=rounds, late_rounds=0, rng=np.random.default_rng(seed))


def seats(**named: Agent) -> dict[Power, Agent]:
    return {power: named.get(power.value, RandomMoves(power.number)) for power in POWERS}


def test_the_local_table_is_a_table() -> None:
    check_adapter(table(until=1902))


def test_random_moves_is_an_agent() -> None:
    check_agent(lambda power, seed: RandomMoves(seed), years=3)


def test_a_scripted_agent_is_an_agent() -> None:
    check_agent(lambda power, seed: ScriptedAgent({"S1901M": [(GERMANY, "Hello"), (None, "Peace!")]}))


def test_private_talk_stays_between_two_and_public_talk_reaches_all() -> None:
    france = ScriptedAgent({"S1901M": [(GERMANY, "Burgundy stays empty, agreed?"), (None, "Long live Europe!")]})
    germany = ScriptedAgent({"S1901M": [(FRANCE, "First word")], "F1901M": [(FRANCE, "And now?")]})
    england = ScriptedAgent()
    log = EventLog()
    run(table(), seats(FRANCE=france, GERMANY=germany, ENGLAND=england), log)
    assert [m.text for m in england.heard] == ["Long live Europe!"]
    assert [m.text for m in germany.heard] == ["Burgundy stays empty, agreed?", "Long live Europe!"]
    assert sorted(m.text for m in france.heard) == ["And now?", "First word"]
    assert [m.text for m in england.records[0].messages] == ["Long live Europe!"]
    assert len(france.records[0].messages) == 3
    sent = [event.message for event in log if isinstance(event, Sent)]
    assert [m.sequence for m in sent] == list(range(4))


def test_everybody_is_told_of_every_phase_and_silence_ends_the_talk() -> None:
    france = ScriptedAgent({"S1901M": [(GERMANY, "Hello")]})
    turns: list[SpeakingTurn] = []

    def watch(event: TableEvent) -> None:
        if isinstance(event, SpeakingTurn) and str(event.view.phase) == "S1901M":
            turns.append(event)

    log = EventLog()
    run(table(rounds=5), seats(FRANCE=france), log, watch)
    assert len(turns) == 14  # a round with one message, a silent one
    assert {turn.at_most for turn in turns} == {35}
    assert sorted(turn.power for turn in turns[:7]) == sorted(POWERS)
    assert france.begun == [event.phase for event in log if isinstance(event, PhaseStarted)]
    assert france.begun == [record.phase for record in france.records]


def test_whoever_speaks_later_in_a_round_has_heard_the_earlier() -> None:
    @dataclass
    class Parrot(ScriptedAgent):
        def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
            if len(view.messages) != 1:
                return ()
            return (OutgoingMessage(self.heard[-1].sender, f"You said: {self.heard[-1].text}"),)

    france = ScriptedAgent({"S1901M": [(GERMANY, "Hello")]})
    run(table(rounds=2), seats(FRANCE=france, GERMANY=Parrot()), EventLog())
    assert [m.text for m in france.heard] == ["You said: Hello"]


def test_the_seed_fixes_the_order_of_speaking() -> None:
    def order(seed: int) -> list[Power]:
        turns: list[Power] = []

        def watch(event: TableEvent) -> None:
            if isinstance(event, SpeakingTurn):
                turns.append(event.power)

        run(table(seed=seed, rounds=1), seats(), EventLog(), watch)
        return turns

    assert order(3) == order(3)
    assert order(3) != order(4)


def test_orders_are_unseen_until_all_are_given() -> None:
    class Spy(RandomMoves):
        def act(self, view: GameView, power: Power) -> Action:
            assert all(record.phase < view.phase for record in view.history)
            return super().act(view, power)

    closed = run(table(), seats(TURKEY=Spy(1)), EventLog())
    assert (closed.reason, str(closed.phase), closed.winner) == ("until", "S1902M", None)
    assert sum(closed.scores.values()) == pytest.approx(1)


def test_a_whole_game_without_press_takes_retreats_and_adjustments() -> None:
    log = EventLog()
    closed = run(table(until=1910, rounds=0), seats(), log)
    kinds = {event.phase.kind for event in log if isinstance(event, PhaseStarted)}
    assert kinds == set(PhaseKind)
    assert isinstance(closed, TableClosed)
    assert sum(len(owned) for owned in closed.centers.values()) <= 34


@pytest.mark.parametrize("recipient", [FRANCE, None])
def test_nobody_speaks_out_of_turn(recipient: Power | None) -> None:
    with pytest.raises(AdapterError, match="cannot speak now in S1901M"):
        table().send(FRANCE, recipient, "psst")
    with pytest.raises(AdapterError, match="not due"):
        table().submit(FRANCE, ())


@pytest.mark.parametrize(
    ("agent", "error", "text"),
    [
        (ScriptedAgent({"S1901M": [(FRANCE, "me again")]}), AdapterError, "expected another living power"),
        (ScriptedAgent({"S1901M": [(ENGLAND, "  ")]}), AssertionError, "expected words"),
        (ScriptedAgent(orders={"S1901M": (parse_order("A PAR - MOS"),)}), IllegalOrderError, "A PAR - MOS"),
    ],
)
def test_the_agent_check_finds_a_bad_agent(agent: ScriptedAgent, error: type[Exception], text: str) -> None:
    def make(power: Power, seed: int) -> Agent:
        return ScriptedAgent({k: list(v) for k, v in agent.lines.items()}, agent.orders)

    with pytest.raises(error, match=text):
        check_agent(make, years=1)


def test_the_agent_check_finds_one_that_ignores_its_seed() -> None:
    made: list[RandomMoves] = []

    def make(power: Power, seed: int) -> Agent:
        made.append(RandomMoves(len(made)))
        return made[-1]

    with pytest.raises(AssertionError, match="same orders from the same seed in S1901M"):
        check_agent(make, years=1)


class _LosesMessages(LocalTable):
    def _deliver(self, living):  # type: ignore[no-untyped-def]
        self._arriving = []
        return iter(())


class _AsksTwice(LocalTable):
    def _collect_orders(self, power):  # type: ignore[no-untyped-def]
        yield from super()._collect_orders(power)
        yield from super()._collect_orders(power)


@pytest.mark.parametrize(
    ("kind", "text"), [(_LosesMessages, "never delivered|expected delivery"), (_AsksTwice, "asked for twice")]
)
def test_the_adapter_check_finds_a_bad_table(kind: type[LocalTable], text: str) -> None:
    bad = kind(Game(), until=1901, rounds=1, late_rounds=0, rng=np.random.default_rng(0))
    with pytest.raises(AssertionError, match=text):
        check_adapter(bad)


def test_an_agent_that_hands_in_nothing_is_named() -> None:
    events = table(rounds=0).events()
    with pytest.raises(AdapterError, match="no orders of AUSTRIA in S1901M"):
        list(events)


def test_holding_is_what_units_without_orders_do() -> None:
    closed = table(rounds=0)
    run(closed, seats(FRANCE=ScriptedAgent()), EventLog())
    spring = closed.game.history[0].orders[FRANCE]
    assert spring == tuple(Order(OrderKind.HOLD, Unit.parse(unit)) for unit in ("F BRE", "A MAR", "A PAR"))
