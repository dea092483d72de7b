"""What happens in the games of a bot, a line for each thing worth knowing: for people, or for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from cicero_lite.adapters.base import MessageReceived
from cicero_lite.arena.codec import encode
from cicero_lite.arena.log import (
    GameEnded,
    ModelFailed,
    OrdersSubmitted,
    PhaseResolved,
    PhaseStarted,
    PromiseSettled,
    Sent,
)
from cicero_lite.display import message_text, outcome_text, phase_name, power_text, promise_text
from cicero_lite.hosting.host import Told
from cicero_lite.hosting.store import StoredSeat
from dialogue.incoming import visible
from engine.types import POWERS, Power


class Lines(Protocol):
    """Where the lines go."""

    def tell(self, seat: StoredSeat | None, what: Told) -> None:
        """Shows what has happened, if it is worth it."""


class PlainLines:
    """For people."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, seat: StoredSeat | None, what: Told) -> None:
        """See `Lines`."""
        for line in _lines(what, None if seat is None else seat.power):
            head = Text(datetime.now().strftime("%H:%M:%S "), style="dim")
            if seat is not None:
                head.append(f"{seat.game} ", style="dim")
                head.append_text(power_text(seat.power)).append("  ")
            self._console.print(head + line, soft_wrap=True, highlight=False)


class JsonLines:
    """For programs: one JSON object a line."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, seat: StoredSeat | None, what: Told) -> None:
        """See `Lines`."""
        if not any(True for _ in _lines(what, None)):
            return
        value: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        if seat is not None:
            value |= {"game": seat.game, "power": seat.power.value}
        match what:
            case str():
                value |= {"event": "note", "text": what}
            case MessageReceived():
                value |= {"event": "heard", "message": encode(what.message)}
            case _:
                value |= {"event": what.TAG, **encode(what)}
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
        self._console.print(line, soft_wrap=True, highlight=False, markup=False)


def _lines(what: Told, power: Power | None) -> Iterator[Text]:
    match what:
        case str():
            yield Text(visible(what), style="yellow")
        case PhaseStarted():
            counts = ", ".join(f"{p.title()} {len(what.centers[p])}" for p in POWERS)
            yield Text.assemble((phase_name(what.phase), "bold"), (f"  {counts}", "dim"))
        case MessageReceived():
            yield message_text(Sent(what.message))
        case Sent():
            yield message_text(what)
        case OrdersSubmitted():
            yield Text(f"orders {', '.join(map(str, what.orders)) or 'nothing'}")
        case PhaseResolved():
            ours = [outcome for outcome in what.outcomes if outcome.power is power]
            if ours:
                yield Text("played ") + Text(", ").join(map(outcome_text, ours))
        case PromiseSettled(outcome="broken"):
            yield promise_text(what)
        case ModelFailed():
            yield Text(f"the language model gave no answer, so the grammar words what is said: {visible(what.reason)}")
        case GameEnded():
            counts = ", ".join(f"{p.title()} {len(what.centers[p])}" for p in POWERS)
            yield Text(f"the game is over ({what.reason}): {counts}", style="bold")
        case _:
            pass
