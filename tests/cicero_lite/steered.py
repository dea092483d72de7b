"""Runs of steering experiments made up for tests, with behaviours that answer a dose as they are told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from cicero_lite.arena.one_v_six import seat_of
from cicero_lite.steer.behaviours import BEHAVIOURS
from cicero_lite.steer.experiments import Arm, Experiment, Run
from cicero_lite.steer.playing import Line, Ran
from engine.notation import parse_order
from engine.types import Power

Answer = Callable[[Run], float]
"""What a run's dose adds to a behaviour."""


def made_up(experiment: Experiment, answers: Mapping[str, Answer], noise: float = 0.3) -> dict[Run, Ran]:
    """All runs of an experiment: every behaviour has a level of its moment; those named answer the dose, with noise."""
    return {run: _ran(run, answers, noise) for run in experiment.runs()}


def _ran(run: Run, answers: Mapping[str, Answer], noise: float) -> Ran:
    values: dict[str, float | None] = {}
    for place, name in enumerate(BEHAVIOURS):
        rng = np.random.default_rng([place, run.number, *run.at.encode()])
        level = float(rng.poisson(2.0))
        if name in answers and run.dose:
            own = np.random.default_rng([place, run.number, *run.at.encode(), *repr(run.dose).encode(), len(run.by)])
            level += answers[name](run) + noise * float(own.normal())
        values[name] = level
    seat = seat_of(run.number)
    said = Line(seat, Power.FRANCE, f"<b>I & {run.dose}</b>")
    score = None if run.arm is Arm.MOMENT else float(np.random.default_rng([run.number]).random()) / 4
    return Ran(run, seat, values, 1, score, (said,), (parse_order("A PAR - BUR"),), Power.ITALY, seconds=2.0)
