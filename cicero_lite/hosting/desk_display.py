"""How the desk looks in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cicero_lite.display import phase_name, power_text
from cicero_lite.hosting.desk import SILENCE_S, Desk, MessageCard, SeatCard
from dialogue.incoming import visible
from engine.types import Power


def span(seconds: float) -> str:
    """A length of time, in the two units that matter.

    >>> span(9.7), span(75), span(7400), span(200_000)
    ('9 s', '1 min 15 s', '2 h 3 min', '2 d 7 h')
    """
    whole = max(0, int(seconds))
    for size, unit, part_size, part in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // part_size} {part}"
    return f"{whole} s"


def print_waiting(desk: Desk, console: Console) -> None:
    """What waits, with what the agent meant by it."""
    if desk.stopped is not None:
        console.print(_stopped(desk))
    if not desk.waiting:
        console.print("nothing waits", highlight=False)
    for card in desk.waiting:
        console.print(Group(*_card(card, desk.now_s)), highlight=False)


def print_status(desk: Desk, console: Console) -> None:
    """What each seat does, what waits, the last notices."""
    if desk.stopped is not None:
        console.print(_stopped(desk))
    if not desk.seats:
        console.print("no seat yet", highlight=False)
    for card in desk.seats:
        console.print(Group(*_seat(card, desk)), highlight=False)
    console.print(f"{len(desk.waiting)} waiting", highlight=False)
    powers = {card.seat.id: card.seat.power for card in desk.seats}
    for notice in reversed(desk.notices):
        whose = "" if notice.seat not in powers else f"{powers[notice.seat].title()}: "
        console.print(
            Text.assemble((f"{span(desk.now_s - notice.at_s)} ago  ", "dim"), whose, visible(notice.text)),
            highlight=False,
        )


def _stopped(desk: Desk) -> Text:
    assert desk.stopped is not None
    ago = span(desk.now_s - desk.stopped.at_s)
    return Text(f"STOPPED {ago} ago by {desk.stopped.by}: nothing is sent, ordered or voted", style="bold red")


def _card(card: MessageCard, now_s: float) -> Iterator[RenderableType]:
    left = "" if card.deadline_s is None else f", deadline in {span(card.deadline_s - now_s)}"
    late = ", its phase is over" if card.is_of_past_phase else ""
    yield Text.assemble(
        (f"{card.number}  ", "bold"),
        power_text(card.power),
        " → ",
        _recipient(card.recipient),
        (f"  game {visible(card.game)}, {phase_name(card.phase)}, waits {span(now_s - card.meant_s)}{left}", "dim"),
        (late, "yellow"),
    )
    yield Padding(Text(visible(card.text)), (0, 0, 0, 4))
    acts = "; ".join(f"{act.kind} {act.content}".strip() for act in card.acts)
    rows = [("means", acts), *((p.word, f"({p.power.title()} {p.phase}) {', '.join(p.orders)}") for p in card.plans)]
    rows.append(("worded by", card.source))
    for name, words in rows:
        if words:
            yield Padding(Text(f"{name} {words}", style="dim"), (0, 0, 0, 8))


def _recipient(power: Power | None) -> Text:
    return Text("all", style="bold") if power is None else power_text(power)


def _seat(card: SeatCard, desk: Desk) -> Iterator[RenderableType]:
    seat, pulse = card.seat, card.pulse
    yield Text.assemble(
        (f"{seat.id}  ", "bold"),
        power_text(seat.power),
        (f"  game {visible(seat.game)} at {visible(seat.server)}", "dim"),
    )
    rows = Table.grid(padding=(0, 2, 0, 0))
    if seat.ended is not None:
        rows.add_row("ended", Text(visible(seat.ended)))
    elif pulse is None:
        rows.add_row("doing", "no sign yet")
    else:
        quiet = desk.now_s - pulse.at_s
        silent = f", silent for {span(quiet)}" if quiet > SILENCE_S else ""
        rows.add_row("phase", phase_name(pulse.phase))
        rows.add_row("doing", Text.assemble(visible(pulse.doing), (silent, "red")))
        rows.add_row("deadline", "none" if pulse.deadline_s is None else f"in {span(pulse.deadline_s - desk.now_s)}")
    if card.orders is not None:
        state = ("final" if card.orders.final else "not final") + (", handed in" if card.orders.handed_in else "")
        orders = ", ".join(map(str, card.orders.orders))
        rows.add_row("orders", Text.assemble(orders, (f"  ({state})", "dim")) if orders else "nothing to order")
    if card.controls:
        rows.add_row("controls", Text(visible(card.controls)))
    yield Padding(rows, (0, 0, 0, 4))
