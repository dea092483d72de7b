"""A game watched in the terminal while it is played: the board, the talks, the drafts dropped, the orders.

`LiveView` redraws a full screen; `PlainView` prints a line an event, for logs and pipes.  Both are told the
events of the log and of the table, and know nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cicero_lite.adapters.base import OrdersDue, PhaseBegan, PhaseEnded, SpeakingTurn, TableEvent
from cicero_lite.adapters.local import phases_until
from cicero_lite.arena.log import (
    Drafted,
    Event,
    GameEnded,
    GameStarted,
    OrdersSubmitted,
    PhaseResolved,
    PhaseStarted,
    PromiseSettled,
    Sent,
)
from cicero_lite.display import (
    POWER_STYLE,
    dropped_text,
    message_text,
    orders_table,
    outcome_text,
    phase_name,
    power_text,
    promise_text,
)
from engine.types import POWERS, Phase, PhaseKind, Power, Province, Season, Unit, UnitKind

_SHARE_OF_TALK = 0.85
"""Part of a movement phase's bar that the speaking turns fill; the orders fill the rest."""


class View(Protocol):
    """Something that shows a game as it is played."""

    def __enter__(self) -> Self:
        """Starts to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the terminal as it was."""

    def event(self, event: Event) -> None:
        """Takes note of an event of the log."""

    def table_event(self, event: TableEvent) -> None:
        """Takes note of an event at the table, before it is handled."""


def progress_of(first: Phase, until: int, event: TableEvent) -> float:
    """How much of the game is behind us, in movement phases, when this table event happens."""
    match event:
        case SpeakingTurn(view=view, number=number, at_most=at_most):
            return _movements_before(first, view.phase) + _SHARE_OF_TALK * number / max(at_most, 1)
        case OrdersDue(view=view, power=power) if view.phase.kind is PhaseKind.MOVEMENT:
            within = _SHARE_OF_TALK + (1 - _SHARE_OF_TALK) * power.number / len(POWERS)
            return _movements_before(first, view.phase) + within
        case PhaseBegan(view=view) if view.phase.kind is PhaseKind.MOVEMENT:
            return float(_movements_before(first, view.phase))
        case PhaseEnded(record=record):
            return _movements_before(first, record.phase) + 1.0
    return 0.0


def _movements_before(first: Phase, phase: Phase) -> int:
    """Movement phases before this one; retreats and adjustments belong to the movement before them."""
    fall = 0 if phase.season is Season.SPRING else 1
    return 2 * (phase.year - first.year) + fall - (0 if first.season is Season.SPRING else 1)


@dataclass
class _Said:
    """A line of the talk: a message, or a draft that was dropped."""

    line: Text
    dropped: bool = False


@dataclass
class _Board:
    """What the screen knows of the game."""

    seed: int = 0
    agents: Mapping[Power, str] = field(default_factory=dict)
    phase: Phase | None = None
    units: Mapping[Power, tuple[Unit, ...]] = field(default_factory=dict)
    centers: Mapping[Power, tuple[Province, ...]] = field(default_factory=dict)
    at_start: Mapping[Power, int] = field(default_factory=dict)
    """Centres of each power at the start of the year, to show the changes."""
    talk: deque[_Said] = field(default_factory=lambda: deque(maxlen=200))
    sent: dict[Power, int] = field(default_factory=lambda: dict.fromkeys(POWERS, 0))
    dropped: dict[str, int] = field(default_factory=dict)
    resolved: PhaseResolved | None = None

    def learn(self, event: Event) -> None:
        """Takes note of an event."""
        match event:
            case GameStarted():
                self.seed, self.agents = event.seed, event.agents
            case PhaseStarted():
                if self.phase is None or self.phase.year != event.phase.year:
                    self.at_start = {p: len(event.centers[p]) for p in POWERS}
                self.phase, self.units, self.centers = event.phase, event.units, event.centers
                self.talk.append(_Said(Text(f"── {phase_name(event.phase)} ──", style="dim")))
            case Sent():
                self.sent[event.message.sender] += 1
                self.talk.append(_Said(message_text(event)))
            case Drafted() if event.rejected_by is not None:
                self.dropped[event.rejected_by] = self.dropped.get(event.rejected_by, 0) + 1
                self.talk.append(_Said(dropped_text(event), dropped=True))
            case PromiseSettled(outcome="broken"):
                self.talk.append(_Said(promise_text(event)))
            case PhaseResolved():
                self.resolved, self.centers = event, event.centers
            case _:
                pass


class LiveView:
    """A full screen, redrawn as the game goes on."""

    def __init__(self, console: Console, until: int) -> None:
        self._board = _Board()
        self._until = until
        self._first: Phase | None = None
        self._progress = Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=console,
            expand=True,
        )
        self._task: TaskID = self._progress.add_task("the powers take their seats", total=1.0)
        self._console = console
        self._live = Live(self.screen(), console=console, screen=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        """See `View`."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """See `View`."""
        self._live.__exit__(kind, error, trace)

    def event(self, event: Event) -> None:
        """See `View`."""
        self._board.learn(event)
        self._live.update(self.screen())

    def table_event(self, event: TableEvent) -> None:
        """See `View`."""
        if isinstance(event, PhaseBegan) and self._first is None:
            self._first = event.view.phase
            self._progress.update(self._task, total=phases_until(self._first, self._until))
        if self._first is not None:
            done = progress_of(self._first, self._until, event)
            already = self._progress.tasks[self._task].completed
            self._progress.update(self._task, completed=max(done, already), description=_doing(event))

    def screen(self) -> RenderableType:
        """The screen as it stands."""
        screen = Layout()
        screen.split_column(
            Layout(self._heading(), size=3),
            Layout(name="middle", ratio=3),
            Layout(self._orders(), name="orders", size=self._orders_height()),
        )
        screen["middle"].split_row(Layout(self._powers(), size=44), Layout(_TalkPanel(self._board), ratio=1))
        return screen

    def _heading(self) -> RenderableType:
        phase = "setting the table" if self._board.phase is None else phase_name(self._board.phase)
        return Panel(self._progress, title=f"[bold]{phase}[/]  seed {self._board.seed}", title_align="left")

    def _powers(self) -> RenderableType:
        rows = Table(expand=True, box=None, padding=(0, 1))
        for name, justify in (("power", "left"), ("centres", "left"), ("units", "left"), ("sent", "right")):
            rows.add_column(name, justify="right" if justify == "right" else "left", header_style="dim")
        for power in POWERS:
            rows.add_row(power_text(power), self._bar(power), self._units(power), str(self._board.sent[power]))
        parts: list[RenderableType] = [rows]
        if self._board.dropped:
            parts += ["", Text("drafts dropped", style="dim"), _counts(self._board.dropped)]
        return Panel(Group(*parts), title="board", title_align="left")

    def _bar(self, power: Power) -> Text:
        count = len(self._board.centers.get(power, ()))
        change = count - self._board.at_start.get(power, count)
        text = Text.assemble((f"{count:>2} ", "bold"), ("■" * count, POWER_STYLE[power]))
        if change:
            text.append(f" {change:+d}", style="green" if change > 0 else "red")
        return text

    def _units(self, power: Power) -> str:
        units = self._board.units.get(power, ())
        armies = sum(unit.kind is UnitKind.ARMY for unit in units)
        return f"{armies}A {len(units) - armies}F" if units else "-"

    def _orders_height(self) -> int:
        """Rows for the orders: as many as they need, at most two fifths of the screen."""
        if self._board.resolved is None:
            return 3
        width = self._console.width - 2
        table = orders_table(self._board.resolved)
        lines = self._console.render_lines(table, self._console.options.update(width=width, height=None))
        return min(len(lines) + 2, 2 * self._console.height // 5)

    def _orders(self) -> RenderableType:
        resolved = self._board.resolved
        if resolved is None:
            return Panel(Text("no orders yet", style="dim"), title="orders", title_align="left")
        return Panel(orders_table(resolved), title=f"orders of {phase_name(resolved.phase)}", title_align="left")


class _TalkPanel:
    """The newest lines of the talk that fit the space they are given."""

    def __init__(self, board: _Board) -> None:
        self._board = board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[RenderableType]:
        height = (options.height or console.height) - 2
        width = options.max_width - 4
        lines: list[Text] = []
        for said in reversed(self._board.talk):
            wrapped = list(said.line.wrap(console, width))
            lines = [*_first_line(wrapped, width), *lines] if said.dropped else [*wrapped, *lines]
            if len(lines) >= height:
                break
        yield Panel(Group(*lines[-height:]), title="talk", title_align="left", height=height + 2)


def _first_line(wrapped: Sequence[Text], width: int) -> list[Text]:
    first = wrapped[0]
    if len(wrapped) > 1:
        first.truncate(width - 1)
        first.append("…")
    return [first]


def _counts(dropped: Mapping[str, int]) -> Text:
    by_count = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))
    parts = (Text.assemble((name, "red"), (f" {count}", "dim")) for name, count in by_count)
    return Text("  ").join(parts)


def _doing(event: TableEvent) -> str:
    match event:
        case SpeakingTurn(power=power):
            return f"{power.title()} speaks"
        case OrdersDue(power=power):
            return f"{power.title()} decides its orders"
        case PhaseEnded():
            return "the orders are carried out"
    return "the powers look at the board"


class PlainView:
    """A line for everything that happens, without colours or redrawing where the output is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        """See `View`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """See `View`."""

    def event(self, event: Event) -> None:
        """See `View`."""
        for line in self._lines(event):
            self._console.print(line, soft_wrap=True, highlight=False)

    def table_event(self, event: TableEvent) -> None:
        """See `View`."""

    def _lines(self, event: Event) -> Iterable[Text]:
        match event:
            case PhaseStarted():
                yield Text(f"{event.phase}  {phase_name(event.phase)}", style="bold")
            case Sent():
                yield Text("  ") + message_text(event)
            case Drafted() if event.rejected_by is not None:
                yield Text("  ") + dropped_text(event)
            case PromiseSettled(outcome="broken"):
                yield Text("  ") + promise_text(event)
            case OrdersSubmitted():
                yield Text.assemble("  ", power_text(event.power), f" orders {', '.join(map(str, event.orders))}")
            case PhaseResolved():
                failed = [outcome for outcome in event.outcomes if outcome.results]
                for outcome in failed:
                    yield Text.assemble("  ", power_text(outcome.power), "  ", outcome_text(outcome))
            case GameEnded():
                counts = ", ".join(f"{p.title()} {len(event.centers[p])}" for p in POWERS)
                yield Text(f"{event.reason}: {counts}", style="bold")
            case _:
                pass


class QuietView(PlainView):
    """Nothing at all."""

    def event(self, event: Event) -> None:
        """See `View`."""


def make_view(console: Console, until: int, quiet: bool) -> LiveView | PlainView:
    """The view that suits the output: a live screen on a terminal, else plain lines, or nothing."""
    if quiet:
        return QuietView(console)
    return LiveView(console, until) if console.is_terminal else PlainView(console)
