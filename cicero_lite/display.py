"""How powers, phases, messages and orders look in the terminal: pieces for the live view and for advice."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from cicero_lite.arena.log import Drafted, Outcome, PhaseResolved, PromiseSettled, Sent
from dialogue.incoming import visible
from engine.game import Game
from engine.types import POWERS, OrderResult, Phase, PhaseKind, Power, Season

POWER_STYLE: dict[Power, str] = {
    Power.AUSTRIA: "red1",
    Power.ENGLAND: "dodger_blue1",
    Power.FRANCE: "turquoise2",
    Power.GERMANY: "grey66",
    Power.ITALY: "green3",
    Power.RUSSIA: "orchid1",
    Power.TURKEY: "yellow1",
}
"""Terminal colour of each power, after the traditional colours of the pieces."""

_SEASON = {Season.SPRING: "Spring", Season.FALL: "Fall", Season.WINTER: "Winter"}
_KIND = {PhaseKind.MOVEMENT: "movement", PhaseKind.RETREATS: "retreats", PhaseKind.ADJUSTMENTS: "adjustments"}


def phase_name(phase: Phase) -> str:
    """The phase in words.

    >>> phase_name(Phase.parse("F1902R"))
    'Fall 1902, retreats'
    """
    return f"{season_of(phase)}, {_KIND[phase.kind]}"


def season_of(phase: Phase) -> str:
    """Its season and year, in words.

    >>> season_of(Phase.parse("F1902R"))
    'Fall 1902'
    """
    return f"{_SEASON[phase.season]} {phase.year}"


def power_text(power: Power, width: int = 0) -> Text:
    """The power's name in its colour."""
    return Text(power.title().ljust(width), style=f"bold {POWER_STYLE[power]}")


def message_text(event: Sent) -> Text:
    """One line: who says what to whom."""
    to = Text("all", style="bold") if event.message.recipient is None else power_text(event.message.recipient)
    return Text.assemble(power_text(event.message.sender), " → ", to, "  ", visible(event.message.text))


def dropped_text(event: Drafted) -> Text:
    """One line: a draft that a filter rejected, and why."""
    finding = next(f for f in event.verdicts if f.verdict == "reject")
    to = "all" if event.recipient is None else event.recipient.title()
    return Text.assemble(
        (f"✗ {finding.filter}", "red"),
        (f"  {event.sender.title()} → {to}  ", "dim"),
        (f"{finding.reason}  " if finding.reason else "", "dim red"),
        (event.text, "dim strike"),
    )


def promise_text(event: PromiseSettled) -> Text:
    """One line: a promise and what became of it."""
    orders = ", ".join(str(entry.order) for entry in event.act.orders)
    return Text.assemble(
        ("⚑ ", "yellow"),
        power_text(event.power),
        f" has {event.outcome} its word to ",
        power_text(event.to),
        (f"  {orders}", "dim"),
    )


def outcome_text(outcome: Outcome) -> Text:
    """An order and, where it did not succeed, what became of it."""
    if not outcome.results:
        return Text(str(outcome.order))
    lost = OrderResult.DISLODGED in outcome.results or OrderResult.DISBAND in outcome.results
    style = "red" if lost else "yellow"
    words = ", ".join(result.value for result in outcome.results)
    return Text.assemble((str(outcome.order), style), (f" {words}", f"dim {style}"))


def orders_table(resolved: PhaseResolved) -> Table:
    """All orders of a phase, a row for each power that gave any."""
    rows = Table(expand=True, box=None, padding=(0, 1), show_header=False)
    rows.add_column(width=8)
    rows.add_column(ratio=1)
    for power in POWERS:
        orders = [outcome_text(outcome) for outcome in resolved.outcomes if outcome.power is power]
        if orders:
            rows.add_row(power_text(power), Text(" · ", style="dim").join(orders))
    return rows


def final_table(game: Game) -> Table:
    """How a game stands at its end: centres, score and messages sent of each power."""
    scores = game.scores()
    rows = Table(
        box=None,
        padding=(0, 2, 0, 0),
        title=f"after {phase_name(game.history[-1].phase)}" if game.history else None,
    )
    for name, justify in (("power", False), ("centres", True), ("score", True), ("sent", True)):
        rows.add_column(name, justify="right" if justify else "left", header_style="dim")
    for power in sorted(POWERS, key=lambda p: (-len(game.centers(p)), p.number)):
        sent = sum(m.sender is power for record in game.history for m in record.messages)
        rows.add_row(power_text(power), str(len(game.centers(power))), f"{scores[power]:.2f}", str(sent))
    return rows
