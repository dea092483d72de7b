"""The views: what the screen and the plain lines show of a scripted game."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from cicero_lite.adapters.base import TableEvent
from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.log import Drafted, Event, EventLog, FilterFinding, GameStarted, PromiseSettled
from cicero_lite.live import LiveView, PlainView, QuietView, make_view, progress_of
from cicero_lite.registry import Agent
from cicero_lite.session import run
from cicero_lite.testing import RandomMoves, ScriptedAgent
from dialogue.acts import ActKind, SpeechAct
from engine.game import Game
from engine.types import POWERS, Phase, Power

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY
SPRING = Phase.parse("S1901M")


def watch_a_game(view: LiveView | PlainView, until: int = 1902) -> list[float]:
    """Plays a game before the view and returns the progress after each table event."""
    table = LocalTable(Game(), until=until, rounds=2, late_rounds=0, rng=np.random.default_rng(0))
    agents: dict[Power, Agent] = {power: RandomMoves(power.number) for power in POWERS}
    agents[FRANCE] = ScriptedAgent({"S1902M": [(GERMANY, "Shall we leave [bold]Burgundy[/] empty?")]})
    progress: list[float] = []

    def table_event(event: TableEvent) -> None:
        view.table_event(event)
        progress.append(progress_of(SPRING, until, event))

    log = EventLog(listeners=[view.event])
    verdicts = (FilterFinding("legality", "pass"), FilterFinding("repetition", "reject", "said before"))
    promise = SpeechAct(ActKind.PROMISE, FRANCE, GERMANY)
    first: list[Event] = [
        GameStarted("g", "standard", 9, dict.fromkeys(POWERS, "random"), {}, None, False, {}),
        Drafted(FRANCE, GERMANY, SPRING, "As I said before", "model", (), verdicts),
        PromiseSettled(FRANCE, GERMANY, SPRING, promise, "broken"),
    ]
    with view:
        for event in first:
            log.append(event)
        run(table, agents, log, table_event)
    return progress


def terminal(width: int, height: int) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=width,
        height=height,
        color_system="truecolor",
        legacy_windows=False,
    )


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (200, 60)])
def test_the_screen_shows_board_talk_and_orders(width: int, height: int) -> None:
    console = terminal(width, height)
    view = LiveView(console, until=1902)
    watch_a_game(view)
    console.print(view.screen())
    last = written(console)
    for expected in ("France", "board", "talk", "orders of", "seed 9", *(["repetition"] if height > 30 else [])):
        assert expected in last


def test_plain_lines_tell_the_same_story_without_control_codes() -> None:
    console = Console(file=io.StringIO(), width=200)
    watch_a_game(PlainView(console))
    text = written(console)
    assert "France → Germany  Shall we leave [bold]Burgundy[/] empty?" in text
    assert "✗ repetition  France → Germany  said before  As I said before" in text
    assert "France has broken its word to Germany" in text
    assert "S1902M  Spring 1902, movement" in text
    assert "\x1b" not in text


def test_quiet_is_quiet() -> None:
    console = Console(file=io.StringIO())
    watch_a_game(QuietView(console))
    assert written(console) == ""


def test_progress_never_goes_back_and_ends_at_the_end() -> None:
    done = [value for value in watch_a_game(QuietView(Console(file=io.StringIO()))) if value > 0]
    assert done == sorted(done)
    assert max(done) == 4.0


def test_the_output_decides_the_view() -> None:
    assert isinstance(make_view(terminal(80, 24), 1902, quiet=False), LiveView)
    assert isinstance(make_view(terminal(80, 24), 1902, quiet=True), QuietView)
    assert type(make_view(Console(file=io.StringIO()), 1902, quiet=False)) is PlainView
