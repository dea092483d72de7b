"""When people write, and to whom: learnt from public games, and how long they take to read and type.

A `Moment` says where the talk of two powers stands, seen by one of them.  Small logistic models, one for each `Stand`
and pace, give the chance that a person would be the next of the two to write before the phase ends.  `delay` draws how
long such a message takes.  `python -m training timing` fits all of it; the shipped figures are `SHIPPED_TIMING`.
What is good manners (answer what was asked, nobody is written to twice without a reply) is `dialogue.speech`'s
business: people have worse ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dialogue.acts import ActKind
from dialogue.memory import Ledger, Remembered, Status
from dialogue.situation import is_near, touches
from engine.board import Board
from engine.record import PhaseRecord
from engine.types import PhaseKind, Power

SHIPPED_TIMING = Path(__file__).parent / "weights" / "timing.json"
"""Fitted to people's messages in the public games; see the model card beside it."""


class TimingFileError(ValueError):
    """A file that holds no figures of timing."""


class Stand(StrEnum):
    """Where the talk of two powers stands, seen by one of them."""

    OPEN = "open"
    """Nothing was said in this phase."""
    HEARD = "heard"
    """The other wrote last."""
    SAID = "said"
    """It wrote last itself."""


class Pace(StrEnum):
    """How a game runs."""

    CLOCK = "clock"
    """In phases of minutes, with their end known."""
    SLOW = "slow"
    """In phases of hours or days."""


FEATURES = (
    "constant",
    "elapsed",
    "first_phase",
    "late_phase",
    "near",
    "allied",
    "talked_last_phase",
    "strangers",
    "said",
    "heard",
    "run",
    "asked",
    "questioned",
    "query",
    "waiting",
    "closing",
    "news",
    "words",
    "pledged",
    "attacked",
    "betrayed",
    "busy",
    "centers",
    "their_centers",
)
"""What a moment is judged by; see `moment` for each."""

_CLOSING = frozenset({ActKind.THANK, ActKind.AGREE, ActKind.REFUSE, ActKind.SMALL_TALK})
_NEWS = frozenset({ActKind.INFORM, ActKind.PROMISE, ActKind.WARN, ActKind.OFFER, ActKind.CLAIM_PAST})


@dataclass(frozen=True, eq=False)
class Moment:
    """One power looks at its talk with another."""

    stand: Stand
    pace: Pace
    features: NDArray[np.float64]
    """``[F]``, in the order of `FEATURES`."""

    def __getitem__(self, name: str) -> float:
        return float(self.features[FEATURES.index(name)])


def moment(
    ledger: Ledger,
    board: Board,
    history: Sequence[PhaseRecord],
    other: Power,
    elapsed: float | None = None,
) -> Moment:
    """How the talk between the ledger's power and another stands.

    Args:
        ledger: of the power that may write, with all it said and heard so far.
        board: the position of the phase at hand.
        history: the phases before.
        other: whom it may write to.
        elapsed: share of the phase's time that has passed, 0 to 1; None: a slow game, where it is not known.
    """
    power, phase = ledger.power, board.phase
    talk = ledger.messages_this_phase(other, phase)
    before = ledger.last_messages(other, len(ledger.entries))
    private = sum(e.message.phase == phase and e.message.recipient is not None for e in ledger.entries)
    mine = sum(e.message.sender is power for e in talk)
    last = talk[-1] if talk else None
    stand = Stand.OPEN if last is None else Stand.SAID if last.message.sender is power else Stand.HEARD
    played = next((r for r in reversed(history) if r.phase.kind is PhaseKind.MOVEMENT), None)
    asked = [r.act.kind for r in ledger.open_requests_from(other) if r.phase == phase]
    allied = ledger.accepted(ActKind.ALLY, other)
    pledges = [p for pair in ((power, other), (other, power)) for p in ledger.promises_by(*pair, Status.OPEN, phase)]
    broken = played and ledger.promises_by(other, power, Status.BROKEN, played.phase)
    attacks = played is not None and any(touches(played.board, o, power) for o in played.orders.get(other, ()))
    found: dict[str, float] = {
        "constant": 1.0,
        "elapsed": elapsed or 0.0,
        "first_phase": not history,
        "late_phase": phase.kind is not PhaseKind.MOVEMENT,
        "near": is_near(board, power, other),
        "allied": bool(allied) and phase.year - allied[-1].phase.year < 2,
        "talked_last_phase": math.log1p(sum(played is not None and e.message.phase == played.phase for e in before)),
        "strangers": bool(history) and len(before) == len(talk),
        "said": math.log1p(mine),
        "heard": math.log1p(len(talk) - mine),
        "run": _run(talk) - 1.0 if talk else 0.0,
        "asked": any(kind is not ActKind.ASK for kind in asked),
        "questioned": ActKind.ASK in asked,
        "query": last is not None and "?" in last.message.text,
        "waiting": any(r.phase == phase for r in ledger.open_requests_to(other)),
        "closing": last is not None and all(act.kind in _CLOSING for act in last.acts),
        "news": last is not None and any(act.kind in _NEWS for act in last.acts),
        "words": math.log1p(len(last.message.text.split())) if last is not None else 0.0,
        "pledged": math.log1p(len(pledges)),
        "attacked": attacks,
        "betrayed": bool(broken),
        "busy": math.log1p(private - len(talk)),
        "centers": len(board.centers(power)) / 10,
        "their_centers": len(board.centers(other)) / 10,
    }
    pace = Pace.SLOW if elapsed is None else Pace.CLOCK
    return Moment(stand, pace, np.array([float(found[name]) for name in FEATURES]))


def _run(talk: Sequence[Remembered]) -> int:
    """How many messages whoever wrote last has written in a row."""
    writer = talk[-1].message.sender
    return next((n for n, e in enumerate(reversed(talk)) if e.message.sender is not writer), len(talk))


@dataclass(frozen=True)
class Delay:
    """Seconds between hearing and answering: log-normal, its median growing with what is read and written.

    ``ln seconds ~ N(start + read · ln(1 + characters read) + written · ln(1 + characters written), spread²)``
    """

    start: float
    read: float
    written: float
    spread: float
    least_s: float = 2.0
    """Nobody answers faster."""
    most_s: float = 180.0
    """Longer pauses are no reading and typing."""

    def median_log(self, text_read: str, text_written: str) -> float:
        """The logarithm of the median, in seconds."""
        return self.start + self.read * math.log1p(len(text_read)) + self.written * math.log1p(len(text_written))


@dataclass(frozen=True)
class Timing:
    """When people write, how long they take, and what they say to requests."""

    weights: Mapping[tuple[Stand, Pace], NDArray[np.float64]]
    """``[F]`` each, in the order of `FEATURES`."""
    delay: Delay
    assent: Mapping[ActKind, float]
    """Of people's requests of each kind, the share that was granted; most of the others got no answer."""

    def chance(self, at: Moment) -> float:
        """How likely a person would be the next of the two to write, before the phase ends."""
        return float(1.0 / (1.0 + np.exp(-self.weights[at.stand, at.pace] @ at.features)))

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values; `from_json` gives equal ones."""
        return {
            "weights": {
                stand.value: {
                    pace.value: dict(zip(FEATURES, map(float, self.weights[stand, pace]), strict=True)) for pace in Pace
                }
                for stand in Stand
            },
            "delay": {name: getattr(self.delay, name) for name in Delay.__dataclass_fields__},
            "assent": {kind.value: share for kind, share in self.assent.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Timing:
        """The figures in plain values.

        Raises:
            KeyError, TypeError, ValueError: the values are none.
        """
        weights = {
            (stand, pace): np.array([float(data["weights"][stand.value][pace.value][name]) for name in FEATURES])
            for stand in Stand
            for pace in Pace
        }
        assent = {ActKind(kind): float(share) for kind, share in data["assent"].items()}
        return cls(weights, Delay(**{name: float(value) for name, value in data["delay"].items()}), assent)


@cache
def load_timing(path: Path = SHIPPED_TIMING) -> Timing:
    """The figures in a file.

    Raises:
        TimingFileError: there is no such file, or it holds something else.
    """
    try:
        return Timing.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise TimingFileError(f"cannot read the timing file {path}: {error.strerror}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TimingFileError(
            f"{path}: expected figures that `python -m training timing` writes, got {error!r}"
        ) from None


def delay(text_read: str, text_written: str, rng: Generator, figures: Delay | None = None) -> timedelta:
    """How long a person would take from the arrival of one message to the sending of the next.

    >>> short = delay("Bounce in Gal?", "Sure.", np.random.default_rng(0))
    >>> timedelta(seconds=1) < short < timedelta(minutes=3)
    True

    Args:
        text_read: what is answered; "": nothing, the talk is opened.
        text_written: the answer.
        rng: draws one number.
        figures: default: the shipped ones.
    """
    figures = figures or load_timing().delay
    seconds = math.exp(figures.median_log(text_read, text_written) + figures.spread * float(rng.standard_normal()))
    return timedelta(seconds=min(max(seconds, figures.least_s), figures.most_s))
