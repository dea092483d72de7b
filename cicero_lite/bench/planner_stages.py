"""Where the time of a plan goes.  The planner's functions are timed from outside, so that the search has no clocks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import planner.private
import planner.public
import planner.search
from planner.bilateral import PairwiseTables
from planner.sources import AnchorSource


class Stage(StrEnum):
    """Parts of a plan, in the order in which they come."""

    ANCHOR = "candidates and anchor"
    """Candidates drawn, and their likelihood under the anchor whenever it is asked."""
    EXPLORING = "exploring"
    """The double oracle: short equilibria, and local search of all powers against them."""
    TABLES = "tables of pairs"
    EQUILIBRIUM = "equilibrium"
    """The updates of all seven powers' policies on those tables, or on sampled profiles without them."""
    RESPONSE = "own response"
    """Local search over the planning power's joint orders."""
    ASSEMBLY = "replies and plan"
    """What each action of the others is worth to the planning power, and the plan put into words."""
    REST = "the rest"


_FUNCTIONS: tuple[tuple[Any, str, Stage], ...] = (
    (planner.public, "candidates", Stage.ANCHOR),
    (planner.public, "_stakes", Stage.EXPLORING),
    (planner.public, "_scouted", Stage.EXPLORING),
    (planner.public, "explored", Stage.EXPLORING),
    (planner.public, "pairwise_tables", Stage.TABLES),
    (planner.private, "tables_for", Stage.TABLES),
    (PairwiseTables, "game", Stage.TABLES),
    (planner.search, "_predicted", Stage.EQUILIBRIUM),
    (planner.search, "_respond", Stage.RESPONSE),
    (planner.search, "_values_to_me", Stage.ASSEMBLY),
    (planner.search, "_plan", Stage.ASSEMBLY),
)
"""(where a function is looked up, its name, its stage); of two stages, one inside the other, the inner one counts."""


class StageClock:
    """Seconds by stage; no second counts twice.

    Args:
        now: seconds since any moment, such as `time.perf_counter`.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.seconds: dict[Stage, float] = dict.fromkeys(Stage, 0.0)
        self._running: list[Stage] = []
        self._since = 0.0

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """The time in the block counts for this stage, but for that of stages within."""
        self._lap()
        self._running.append(stage)
        try:
            yield
        finally:
            self._lap()
            self._running.pop()

    @contextmanager
    def plan(self, source: AnchorSource) -> Iterator[None]:
        """The time in the block, in which a plan is searched with this source of anchors, counts by stage."""
        asked = [(type(source), name, Stage.ANCHOR) for name in ("policies", "log_likelihoods")]
        replaced = [(owner, name, getattr(owner, name), stage) for owner, name, stage in (*_FUNCTIONS, *asked)]
        try:
            for owner, name, function, stage in replaced:
                setattr(owner, name, self._timed(function, stage))
            with self.stage(Stage.REST):
                yield
        finally:
            for owner, name, function, _ in replaced:
                setattr(owner, name, function)

    def _lap(self) -> None:
        now = self._now()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def _timed(self, function: Callable[..., Any], stage: Stage) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.stage(stage):
                return function(*args, **kwargs)

        return timed


__all__ = ["Stage", "StageClock"]
