"""Agents that think in another process: they do there what they do here, and what they knew outlives neither."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cicero_lite import agent as agent_module
from cicero_lite.arena.log import EventLog, PhaseResolved, line_of
from cicero_lite.config import AgentConfig, load_config
from cicero_lite.registry import Agent, Negotiator, Observer, Resumable, Seat, Steerable, make_agent
from cicero_lite.session import phase_resolved
from cicero_lite.web.table.settings import PERSON
from cicero_lite.web.table.store import new_game
from cicero_lite.web.table.thinkers import Thinkers, ThoughtError
from dialogue.language_model import LanguageModel
from engine.game import Game
from engine.types import POWERS, Power
from tests.table_games import rooms_in, settings, until, year

FRANCE, ITALY = Power.FRANCE, Power.ITALY
QUICK = ("agent.search.think=policy", "agent.generation.candidates=0")


@pytest.fixture
def thinkers() -> Iterator[Thinkers]:
    here = Thinkers()
    yield here
    here.close()


def config() -> AgentConfig:
    return load_config((), QUICK).agent


def acts_through_a_phase(agent: Agent, game: Game, log: EventLog, said: str) -> list[str]:
    """What an agent of Italy says, orders and knows in the phase at hand, in which France writes to it."""
    assert isinstance(agent, Negotiator)
    assert isinstance(agent, Resumable)
    agent.begin_phase(game.view(ITALY))
    done = [repr(agent.speak(game.view(ITALY)))]
    message = game.say(FRANCE, ITALY, said)
    agent.hear(message, game.view(ITALY))
    done += [repr(agent.speak(game.view(ITALY))), repr(agent.act(game.view(ITALY), ITALY))]
    record = game.process()
    log.append(phase_resolved(record, {power: game.centers(power) for power in POWERS}))
    agent.phase_resolved(record.seen_by(ITALY))
    return [*done, json.dumps(agent.state())]


def test_an_agent_does_in_the_other_process_what_it_does_here(thinkers: Thinkers) -> None:
    found = []
    for is_away in (False, True):
        log, game = EventLog(), new_game("other", json.dumps(year()))
        game.say(FRANCE, Power.GERMANY, "Nobody else reads this.")
        seat = Seat(ITALY, 7, config(), log)
        agent = (
            thinkers.line("other", json.dumps(year()), log).seat("cicero", seat)
            if is_away
            else make_agent("cicero", seat)
        )
        done = acts_through_a_phase(agent, game, log, "Would you order F NAP - TYS? I will not move to the south.")
        done += acts_through_a_phase(agent, game, log, "Thank you. Please order A ROM H.")
        found.append((done, [line_of(event) for event in log]))
    assert found[0] == found[1]
    assert len(found[0][1]) > 6
    assert sum(f'"event":"{PhaseResolved.TAG}"' in line for line in found[0][1]) == 2


def test_it_can_do_what_the_agent_can_do_and_no_more(thinkers: Thinkers) -> None:
    line = thinkers.line("other", None, EventLog())
    cicero = line.seat("cicero", Seat(FRANCE, 0, config(), EventLog()))
    dumbbot = line.seat("dumbbot", Seat(ITALY, 0, config(), EventLog()))
    assert isinstance(cicero, Negotiator)
    assert isinstance(cicero, Resumable)
    assert not isinstance(dumbbot, Negotiator | Resumable | Observer | Steerable)
    view = Game().view(ITALY)
    assert dumbbot.act(view, ITALY) == make_agent("dumbbot", Seat(ITALY, 0, config(), EventLog())).act(view, ITALY)


def test_what_went_wrong_there_is_told_here_in_a_line(thinkers: Thinkers) -> None:
    line = thinkers.line("other", None, EventLog())
    with pytest.raises(ThoughtError, match="unknown agent 'cicerone'"):
        line.seat("cicerone", Seat(FRANCE, 0, config(), EventLog()))
    dumbbot = line.seat("dumbbot", Seat(FRANCE, 0, config(), EventLog()))
    with pytest.raises(ThoughtError, match=r"an agent broke down \(\w+: .*\); the game is kept as it was before"):
        dumbbot.act(None, FRANCE)  # type: ignore[arg-type]


def test_a_process_that_was_killed_is_told_of_and_the_game_goes_on_in_another(tmp_path: Path) -> None:
    rooms = rooms_in(tmp_path)
    game = rooms.open(settings({FRANCE: PERSON}, others="cicero"))
    room = rooms.take_up(game).room
    until(lambda: room.turns, "an agent has spoken")
    said = [message.text for message in room.messages_seen_by(None)]
    pid = rooms.thinkers.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with room.changed:
        room.once(FRANCE, "a-key-of-mine", str(room.game.phase), lambda: room.say(FRANCE, ITALY, "Hello there!"))
    assert "start the server again" in until(lambda: room.failure, "the room knows")
    rooms.close()

    rooms = rooms_in(tmp_path)
    room = rooms.take_up(game).room
    until(lambda: not room.has_unheard and room.thinking is None and len(room.turns) == 6, "all have spoken")
    assert room.failure is None
    now = [message.text for message in room.messages_seen_by(None)]
    assert now[: len(said)] == said
    assert now.count("Hello there!") == 1
    rooms.close()


SERVER = """
import time
from cicero_lite.arena.log import EventLog
from cicero_lite.web.table.thinkers import Thinkers
if __name__ == "__main__":
    thinkers = Thinkers()
    thinkers.line("other", None, EventLog())
    print(thinkers.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process in /proc")
def test_the_process_ends_with_a_server_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        server.kill()
    until(lambda: _is_gone(pid), "the process has ended")


def _is_gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_games_that_begin_together_load_one_language_model() -> None:
    agent_module._load_model.cache_clear()
    found: list[LanguageModel | None] = []
    together = threading.Barrier(3)

    def load() -> None:
        together.wait()
        found.append(agent_module.language_model(load_config((), ()).agent))

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len({id(model) for model in found}) == 1
    assert found[0] is not None
