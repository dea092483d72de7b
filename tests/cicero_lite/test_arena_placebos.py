"""Talk under control: what is let out, to whom, in which words, and what the agent within believes that it said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.adapters.local import LocalTable
from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import EventLog, Sent, Silent
from cicero_lite.arena.placebos import COURTESIES, SOURCE, ControlledTalk, controlled, courtesies
from cicero_lite.config import AgentConfig, load_config
from cicero_lite.errors import ConfigError
from cicero_lite.registry import (
    Agent,
    ClockWatcher,
    Improving,
    Negotiator,
    Observer,
    Redrawable,
    Resumable,
    Seat,
    make_agent,
)
from cicero_lite.session import run
from cicero_lite.talk import Placebo, TalkConfig
from cicero_lite.testing import RandomMoves, ScriptedAgent, check_agent
from dialogue.acts import ActKind
from dialogue.understanding import read
from engine.game import Game, GameView
from engine.types import POWERS, Action, Message, Power

AUSTRIA, ENGLAND, FRANCE, GERMANY, ITALY, RUSSIA, TURKEY = POWERS
ASK = "Please support my move from Paris to Burgundy with Munich."
QUICK = "search.policy=rules,search.think=2it,generation.candidates=0"


@dataclass
class Talker(ScriptedAgent):
    """Says the same three things at every turn."""

    asked: int = 0

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        self.asked += 1
        return [
            OutgoingMessage(GERMANY, ASK, source="script"),
            OutgoingMessage(ENGLAND, "I will move to Burgundy.", source="script"),
            OutgoingMessage(None, "Good luck, everyone!", source="script"),
        ]


@dataclass
class Everything(Talker):
    """Has every protocol that an agent may have."""

    given: list[object] = field(default_factory=list)

    def watch_clock(self, elapsed: float) -> None:
        self.given.append(elapsed)

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> Sequence[Action]:
        return [()] * times

    def orders_so_far(self, view: GameView) -> Action:
        return ()

    def state(self) -> dict[str, Any]:
        return {"asked": self.asked}

    def restore(self, state: Any, view: GameView) -> None:
        self.asked = state["asked"]


def under(talk: TalkConfig, agent: Negotiator, seed: int = 1) -> tuple[ControlledTalk, EventLog]:
    events = EventLog()
    return controlled(agent, Seat(FRANCE, seed, AgentConfig(talk=talk), events)), events


def game_of(agent: Agent, rounds: int = 2, until: int = 1901) -> tuple[Game, EventLog]:
    """France is played by the agent; the others order nothing and say nothing."""
    game, events = Game(), EventLog()
    agents: dict[Power, Agent] = {power: ScriptedAgent() for power in POWERS}
    agents[FRANCE] = agent
    run(LocalTable(game, until=until, rounds=rounds, late_rounds=0, rng=np.random.default_rng(0)), agents, events)
    return game, events


def said(game: Game) -> list[list[tuple[Power | None, str]]]:
    """What France said in each phase that had talk."""
    return [[(m.recipient, m.text) for m in record.messages] for record in game.history if record.messages]


# --- what goes out ---------------------------------------------------------------------------------------------


def test_budgets_hold_by_phase_and_game() -> None:
    by_phase, events = under(TalkConfig(per_phase=4), Talker())
    assert [len(phase) for phase in said(game_of(by_phase)[0])] == [4, 4]
    withheld = [e for e in events if isinstance(e, Silent)]
    assert [e.recipient for e in withheld] == [ENGLAND, None] * 2
    assert {e.reason for e in withheld} == {"its budget of messages is spent"}
    assert [len(phase) for phase in said(game_of(under(TalkConfig(per_game=7), Talker())[0])[0])] == [6, 1]
    assert said(game_of(under(TalkConfig(per_game=0), Talker())[0])[0]) == []


def test_who_has_nothing_left_to_say_is_not_asked() -> None:
    for talk in (TalkConfig(Placebo.SILENT), TalkConfig(per_phase=0)):
        talker = Talker()
        agent, events = under(talk, talker)
        assert said(game_of(agent)[0]) == []
        assert talker.asked == 0
        assert any(isinstance(event, Silent) for event in events)
        assert len(talker.records) > 0


def test_shuffled_words_reach_another_living_power_than_meant() -> None:
    agent, _ = under(TalkConfig(Placebo.SHUFFLED), Talker())
    game, events = game_of(agent, rounds=3)
    phases = said(game)
    asked = [to for phase in phases for to, text in phase if text == ASK]
    assert len(asked) == 6
    assert len(set(asked)) > 1
    assert not {GERMANY, FRANCE, None} & set(asked)
    assert all(to is None for phase in phases for to, text in phase if text.startswith("Good luck"))
    sources = {event.source for event in events if isinstance(event, Sent) and event.message.recipient}
    assert sources == {SOURCE}
    assert all(not e.acts and e.intent is None for e in events if isinstance(e, Sent))
    again, _ = under(TalkConfig(Placebo.SHUFFLED), Talker())
    assert said(game_of(again, rounds=3)[0]) == phases
    other, _ = under(TalkConfig(Placebo.SHUFFLED), Talker(), seed=2)
    assert said(game_of(other, rounds=3)[0]) != phases


def test_random_words_go_to_whom_they_were_meant_for_and_say_nothing() -> None:
    agent, _ = under(TalkConfig(Placebo.RANDOM), Talker())
    game, _ = game_of(agent)
    for phase in said(game):
        assert [to for to, _ in phase] == [GERMANY, ENGLAND, None] * 2
        for _, text in phase:
            (kind,) = {act.kind for act in read(Message(FRANCE, GERMANY, game.phase, text, 0), game).acts}
            assert kind is ActKind.SMALL_TALK


@pytest.mark.parametrize("text", COURTESIES)
def test_a_courtesy_says_nothing_about_the_board(text: str) -> None:
    for recipient in (GERMANY, None):
        reading = read(Message(FRANCE, recipient, Game().phase, text, 0), Game())
        assert {act.kind for act in reading.acts} == {ActKind.SMALL_TALK}
        assert not reading.unread
        assert not any(act.orders or act.provinces or act.powers for act in reading.acts)


@pytest.mark.parametrize("length", [3, 20, 60, 150, 300])
def test_courtesies_are_about_as_long_as_what_they_replace(length: int) -> None:
    drawn = [courtesies(length, np.random.default_rng(seed)) for seed in range(20)]
    assert len(set(drawn)) > 1 or length == 3
    longest = max(map(len, COURTESIES))
    assert all(abs(len(text) - length) <= longest / 2 + 1 for text in drawn)


# --- what it believes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("placebo", [Placebo.SHUFFLED, Placebo.RANDOM, Placebo.NONE])
def test_its_ledger_holds_what_was_really_said_to_whom(placebo: Placebo) -> None:
    spec = AgentSpec.parse(f"cicero:{QUICK},talk.placebo={placebo},talk.per_phase=3")
    agents = {power: make_agent("cicero", Seat(power, power.number, spec.config, EventLog())) for power in POWERS}
    game = Game()
    run(LocalTable(game, until=1901, rounds=2, late_rounds=0, rng=np.random.default_rng(3)), agents, EventLog())
    told = 0
    for power, agent in agents.items():
        assert isinstance(agent, ControlledTalk)
        assert isinstance(agent.agent, NegotiatingAgent)
        real = {m for record in game.history for m in record.messages if m.sender is power}
        ledger = agent.agent.ledger
        assert {entry.message for entry in ledger.entries if entry.message.sender is power} == real
        assert all(sum(m.phase == record.phase for m in real) <= 3 for record in game.history)
        promised = [p for p in ledger.promises if p.by is power and p.to is not None]
        told += len(promised)
        # A promise is to whoever read the words that made it.
        pairs = {(m.sequence, power) for m in real for power in (m.sender, m.recipient)}
        assert all((p.message, p.to) in pairs or p.message not in {m.sequence for m in real} for p in promised)
    assert (told == 0) is (placebo is Placebo.RANDOM)


# --- the agent around it ---------------------------------------------------------------------------------------


def test_it_has_the_protocols_of_the_agent_within_and_no_others() -> None:
    further = (ClockWatcher, Redrawable, Improving, Resumable)
    bare, _ = under(TalkConfig(per_phase=1), Talker())
    assert isinstance(bare, Negotiator)
    assert isinstance(bare, Observer)
    assert not any(isinstance(bare, protocol) for protocol in further)
    inner = Everything(asked=5)
    full, _ = under(TalkConfig(per_phase=1), inner)
    assert all(isinstance(full, protocol) for protocol in further)
    assert isinstance(full, Resumable)
    assert full.state() == {"asked": 5}
    full.restore({"asked": 7}, Game().view(FRANCE))
    assert inner.asked == 7
    assert isinstance(full, ClockWatcher)
    full.watch_clock(0.5)
    assert inner.given == [0.5]
    assert isinstance(full, Redrawable)
    assert full.redraw(Game().view(FRANCE), FRANCE, 2, np.random.default_rng(0)) == [(), ()]
    assert isinstance(full, Improving)
    assert full.orders_so_far(Game().view(FRANCE)) == ()


def test_it_is_made_where_the_configuration_asks_for_it() -> None:
    plain, quiet = (AgentSpec.parse(text) for text in (f"cicero:{QUICK}", f"cicero:{QUICK},talk.placebo=silent"))
    assert isinstance(make_agent("cicero", Seat(FRANCE, 1, plain.config, EventLog())), NegotiatingAgent)
    assert isinstance(make_agent("cicero", Seat(FRANCE, 1, quiet.config, EventLog())), ControlledTalk)
    # Who does not talk is left as it is.
    assert not isinstance(make_agent("dumbbot", Seat(FRANCE, 1, quiet.config, EventLog())), ControlledTalk)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"agent\.talk\.per_phase: expected 0 or more messages"):
        load_config(settings=["agent.talk.per_phase=-1"])
    with pytest.raises(ConfigError, match=r"agent\.talk\.placebo"):
        load_config(settings=["agent.talk.placebo=loud"])


@pytest.mark.parametrize("placebo", [Placebo.SHUFFLED, Placebo.RANDOM])
def test_it_owes_its_table_what_every_agent_does(placebo: Placebo) -> None:
    spec = AgentSpec.parse(f"cicero:{QUICK},talk.placebo={placebo}")
    check_agent(lambda power, seed: make_agent("cicero", Seat(power, seed, spec.config, EventLog())), years=1)


def test_it_goes_on_in_another_process_as_it_would_have() -> None:
    spec = AgentSpec.parse(f"cicero:{QUICK},talk.placebo=shuffled")

    def table(game: Game, until: int) -> LocalTable:
        return LocalTable(game, until=until, rounds=1, late_rounds=0, rng=np.random.default_rng(8))

    def make() -> Agent:
        return make_agent("cicero", Seat(FRANCE, 4, spec.config, EventLog()))

    def others() -> dict[Power, Agent]:
        return {power: RandomMoves(power.number) for power in POWERS}

    game, agent = Game(), make()
    run(table(game, 1901), {**others(), FRANCE: agent}, EventLog())
    assert isinstance(agent, Resumable)
    state = json.loads(json.dumps(agent.state()))
    resumed, copy = make(), game.copy()
    assert isinstance(resumed, Resumable)
    resumed.restore(state, copy.view(FRANCE))
    for board, player in ((game, agent), (copy, resumed)):
        run(table(board, 1902), {**others(), FRANCE: player}, EventLog())
    assert [r.messages for r in copy.history] == [r.messages for r in game.history]
    assert [r.orders for r in copy.history] == [r.orders for r in game.history]
