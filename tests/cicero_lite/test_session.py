"""Playing from a configuration: what is written, that it is whole, and that the seed fixes it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.adapters.local import LocalTable
from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.log import Event, EventLog, GameEnded, GameStarted, PhaseResolved, read_events
from cicero_lite.config import Config, config_values, load_config
from cicero_lite.errors import OutputError, UnknownAgentError
from cicero_lite.inspection import open_record
from cicero_lite.output import check_folder, write_files
from cicero_lite.registry import agent_names, seed_of
from cicero_lite.session import local_agents, play, run
from dialogue.honesty import Honesty
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.saved import load_game
from engine.types import POWERS, Action, EngineError, Message, Power

NO_PRESS = ("play.powers=[]", "play.others=random", "play.until=1902", "play.seed=11")
FILES = ["config.yaml", "events.jsonl", "game.json", "replay.html"]


def no_press(*settings: str) -> Config:
    return load_config(settings=[*NO_PRESS, *settings])


def test_a_game_is_kept_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "run"
    game = play(no_press(), out)
    assert sorted(path.name for path in out.iterdir()) == FILES
    kept = load_game(out / "game.json")
    assert [r.position for r in kept.history] == [r.position for r in game.history]
    assert kept.position == game.position
    events = read_events(out / "events.jsonl")
    assert isinstance(events[0], GameStarted)
    expected = config_values(no_press())
    expected["agent"]["search"]["seed"] = expected["play"]["seed"]
    assert events[0].config == expected
    assert isinstance(events[-1], GameEnded)
    assert (events[-1].reason, str(events[-1].phase)) == ("until", "S1903M")
    assert [e.phase for e in events if isinstance(e, PhaseResolved)] == [r.phase for r in game.history]
    assert config_values(load_config([out / "config.yaml"])) == expected
    assert "</html>" in (out / "replay.html").read_text()


def test_the_seed_fixes_the_saved_game_byte_for_byte(tmp_path: Path) -> None:
    for name in ("a", "b"):
        play(no_press(), tmp_path / name)
    play(no_press("play.seed=12"), tmp_path / "c")
    a, b, c = ((tmp_path / name / "game.json").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    assert json.loads(a)["id"] == "cicero-lite-11"


def test_a_seat_has_settings_of_its_own(tmp_path: Path) -> None:
    persona = tmp_path / "cautious.yaml"
    persona.write_text("agent: {controls: {risk: 3.0}}")
    seats = "{TURKEY: 'cicero:speech.honesty=binding,search.think=2it', ITALY: 'search@" + str(persona) + "'}"
    quick = ("agent.search.policy=rules", "agent.search.value.value=threat", "agent.generation.candidates=0")
    config = no_press(f"play.agents={seats}", "play.until=1901", *quick)
    agent = local_agents(config, EventLog())[Power.TURKEY]
    assert isinstance(agent, NegotiatingAgent)
    assert (agent.config.speech.honesty, agent.config.search.think) == (Honesty.BINDING, "2it")
    assert agent.config.search.policy == "rules", "what it does not set is the game's"
    play(config, tmp_path / "run")
    record = open_record(tmp_path / "run")
    assert record.agents[Power.ITALY] == "search:controls.risk=3.0"
    assert record.config_of(Power.ITALY, record.game.phase).controls.risk == 3.0
    assert record.config_of(Power.TURKEY, record.game.phase).speech.honesty is Honesty.BINDING
    assert record.config_of(Power.FRANCE, record.game.phase).search.policy == "rules"
    persona.unlink()
    assert play(load_config([tmp_path / "run" / "config.yaml"]), None).position == record.game.position


def test_every_power_has_its_own_seed() -> None:
    seeds = {seed_of(seed, power) for seed in (0, 1) for power in POWERS}
    assert len(seeds) == 14


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_game_leaves_its_finished_phases(tmp_path: Path, stop: type[BaseException]) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, PhaseResolved) and str(event.phase) == "F1901M":
            raise stop

    with pytest.raises(stop):
        play(no_press(), tmp_path, [interrupt])
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    kept = load_game(tmp_path / "game.json")
    assert [str(record.phase) for record in kept.history][:1] == ["S1901M"]
    assert "F1901M" not in [str(record.phase) for record in kept.history]
    assert not any(isinstance(event, GameEnded) for event in read_events(tmp_path / "events.jsonl"))


def test_a_game_stopped_in_its_first_phase_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(event: Event) -> None:
        if not isinstance(event, GameStarted):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(no_press(), tmp_path / "out", [interrupt])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("setting", ["play.others=napoleon", "play.agents.FRANCE=dumbot", "play.map_name=mars"])
def test_what_there_is_not_is_refused_before_anything_is_written(tmp_path: Path, setting: str) -> None:
    with pytest.raises((UnknownAgentError, EngineError)) as refused:
        play(no_press(setting), tmp_path / "out")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="is a file, expected a folder"):
            play(no_press(), folder)
        with pytest.raises(OutputError):
            write_files(folder, {"x": "y"})
    assert (tmp_path / "file").read_text() == "mine"


def test_files_are_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": "old", "b": "old"})
    (tmp_path / "b").unlink()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "inside").write_text("x")
    with pytest.raises(OutputError):
        write_files(tmp_path, {"a": "new", "b": "new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    check_folder(tmp_path / "not" / "there" / "yet")
    assert not (tmp_path / "not").exists()


def test_the_built_in_agents_are_known() -> None:
    assert {"cicero", "dumbbot", "greedy", "random"} <= set(agent_names())


@pytest.mark.parametrize("name", ["random", "greedy", "dumbbot"])
def test_baselines_play(tmp_path: Path, name: str) -> None:
    play(no_press(f"play.others={name}", "play.until=1901"), tmp_path)
    saved = yaml.safe_load((tmp_path / "config.yaml").read_text())
    assert saved["play"]["others"] == name


class Watcher:
    """An agent that notes the time and says nothing."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def act(self, view: GameView, power: Power) -> Action:
        return ()

    def begin_phase(self, view: GameView) -> None:
        self.seen.append(-1.0)

    def watch_clock(self, elapsed: float) -> None:
        self.seen.append(elapsed)

    def hear(self, message: Message, view: GameView) -> None: ...

    def speak(self, view: GameView) -> list[OutgoingMessage]:
        return [OutgoingMessage(None, "Still here.")]

    def phase_resolved(self, record: PhaseRecord) -> None: ...


def test_who_watches_the_clock_is_told_how_much_of_a_phase_has_passed() -> None:
    watchers = {power: Watcher() for power in POWERS}
    table = LocalTable(Game(), until=1901, rounds=3, late_rounds=0, rng=np.random.default_rng(0))
    run(table, watchers, EventLog())
    for watcher in watchers.values():
        spring = watcher.seen[1 : watcher.seen.index(-1.0, 1)]
        assert len(spring) == 3
        assert spring == sorted(spring)
        assert all(0 <= share < 1 for share in spring)
        assert [int(3 * share) for share in spring] == [0, 1, 2], "once in each third"
