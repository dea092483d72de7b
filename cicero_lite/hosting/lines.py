"""What happens in the games of a bot, a line for each thing worth knowing: for people, or for programs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cicero_lite.adapters.base import MessageReceived
from cicero_lite.arena.codec import encode
from cicero_lite.arena.log import (
    DrawVoted,
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
from cicero_lite.hosting.logs import STYLED, JsonFormatter, PlainFormatter, Secrets, complain, live_logs
from cicero_lite.hosting.store import StoredSeat
from dialogue.incoming import visible
from engine.types import POWERS, Power


class Lines:
    """Makes one record of the log of each thing that happens: the terminal shows it, the file keeps it."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    @property
    def log(self) -> logging.Logger:
        """For records of another kind."""
        return self._log

    def tell(self, seat: StoredSeat | None, what: Told, error: BaseException | None = None) -> None:
        """Tells what has happened, if it is worth it.

        Args:
            seat: that it is about; None: all.
            what: an event, a message, or a line.
            error: of ours, behind the line: the file gets its traceback.
        """
        lines = list(_lines(what, None if seat is None else seat.power))
        if not lines:
            return
        fields = {} if seat is None else {"seat": seat.id, "game": seat.game, "power": seat.power.value}
        level = logging.INFO if error is None else logging.ERROR
        styled = Text("\n").join(_head(seat) + line for line in lines)
        text = "; ".join(line.plain for line in lines)
        self._log.log(level, "%s", text, exc_info=error, extra={**fields, **_values(what), STYLED: styled})


@contextmanager
def live_lines(secrets: Secrets, console: Console, as_json: bool = False, file: Path | None = None) -> Iterator[Lines]:
    """All that the process has to say, until the end of the block; see `live_logs`.

    Args:
        secrets: what is taken out.
        console: gets the lines.
        as_json: as the file gets them.
        file: gets JSON lines; None: no file.

    Raises:
        LogError: the file cannot be written.
    """
    shown = _Shown(console, secrets)
    shown.setFormatter(JsonFormatter(secrets) if as_json else PlainFormatter(secrets))
    with live_logs(secrets, file, shown) as log:
        yield Lines(log)


class _Shown(logging.Handler):
    """Shows records on a console, in colour where they have any and no secret is in them."""

    def __init__(self, console: Console, secrets: Secrets) -> None:
        super().__init__()
        self._console, self._secrets = console, secrets

    def emit(self, record: logging.LogRecord) -> None:
        try:
            styled = getattr(record, STYLED, None)
            if styled is None or not isinstance(self.formatter, PlainFormatter):
                line = Text(self.format(record))
            else:
                clean = self._secrets.redact(styled.plain)
                line = styled if clean == styled.plain else Text(clean)
            self._console.print(line, soft_wrap=True, highlight=False)
        except Exception:
            complain(record)


def _head(seat: StoredSeat | None) -> Text:
    head = Text(datetime.now().strftime("%H:%M:%S "), style="dim")
    if seat is not None:
        head.append(f"{visible(seat.game)} ", style="dim")
        head.append_text(power_text(seat.power)).append("  ")
    return head


def _values(what: Told) -> dict[str, Any]:
    """What a program wants to know of it."""
    match what:
        case str():
            return {"event": "note"}
        case MessageReceived():
            return {"event": "heard", "data": {"message": encode(what.message)}}
        case _:
            return {"event": what.TAG, "data": encode(what)}


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
        case DrawVoted(wanted=True):
            yield Text(f"agrees to a draw: {what.reason}")
        case PhaseResolved():
            ours = [outcome for outcome in what.outcomes if outcome.power is power]
            if ours:
                yield Text("played ") + Text(", ").join(map(outcome_text, ours))
        case PromiseSettled(outcome="broken"):
            yield promise_text(what)
        case ModelFailed():
            yield Text(f"the language model gave no answer, so {what.instead}: {visible(what.reason)}")
        case GameEnded():
            counts = ", ".join(f"{p.title()} {len(what.centers[p])}" for p in POWERS)
            yield Text(f"the game is over ({what.reason}): {counts}", style="bold")
        case _:
            pass
