"""What an experiment found, in lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from cicero_lite.steer.behaviours import BEHAVIOURS
from cicero_lite.steer.findings import Findings
from cicero_lite.steer.responses import SURE, Change

_SHOWN = 8
"""Side effects that are told, the surest first."""


def lines_of(found: Findings) -> Iterator[str]:
    """For a reader: what was claimed, what else changed, what it cost."""
    turned = " x ".join(f"{name} {list(doses)}" for name, doses in found.experiment.turned.items())
    yield f"{found.name}: {turned}, {found.moments} moments of {found.experiment.moments.games} games"
    if found.passed_over:
        yield f"  {found.passed_over} moments had no seat with what the control needs"
    if found.missing:
        yield f"  {found.missing} runs are missing: the same command plays them"
    for claim in found.claims:
        levels = ", ".join(f"{level.dose}: {level.mean:.3g}" for level in claim.response.levels)
        what = f"a step {change_text(claim.evidence)}" if not claim.claim.dose else change_text(claim.evidence)
        dose = f" at {claim.claim.dose!r}" if claim.claim.dose else ""
        yield f"  {claim.claim.behaviour} {claim.claim.way}{dose}: {claim.verdict}; {what}; {levels}"
    for name, share in found.shares.items():
        yield f"  {name}: {share}"
    for contrast in found.contrasts:
        sure = sorted((e for e in contrast.effects if e.p is not None and e.p < SURE), key=lambda e: e.p or 0.0)
        told = "; ".join(f"{e.behaviour} {change_text(e.change)}" for e in sure[:_SHOWN])
        yield f"  beside it, {contrast.low} to {contrast.high}: {told or 'nothing that is sure'}"
    for interaction in found.interactions:
        if interaction.contrast is not None and interaction.contrast.is_sure:
            yield f"  interaction in {interaction.behaviour}: {change_text(interaction.contrast)}"
    for one in found.compared:
        if one.difference.is_sure and any(one.behaviour == c.claim.behaviour for c in found.claims):
            ways = f"objective {change_text(one.objective)}, words {change_text(one.words)}"
            yield f"  {one.behaviour} at {one.dose}: {ways}"
    for cost in found.costs:
        interval = "" if cost.score.low is None else f" [{cost.score.low:+.3f}, {cost.score.high:+.3f}]"
        yield f"  score of {cost.games} games at {cost.dose}, by {cost.by}: {cost.score.mean:+.3f}{interval}"
    times = f"{found.seconds_a_moment:.1f} s a run at a moment"
    yield f"  {times}" + ("" if found.seconds_a_game is None else f", {found.seconds_a_game:.0f} s a game")


def change_text(change: Change | None) -> str:
    """A change with its interval.

    >>> change_text(Change(0.5, 0.25, 0.75, 0.01, 24, 12))
    '+0.5 [+0.25, +0.75]'
    """
    if change is None:
        return "–"
    if change.low is None or change.high is None:
        return f"{change.mean:+.3g}"
    return f"{change.mean:+.3g} [{change.low:+.3g}, {change.high:+.3g}]"


def name_of(behaviour: str) -> str:
    """A behaviour in a few words."""
    return words_of(behaviour).partition(":")[0]


def words_of(behaviour: str) -> str:
    """What a behaviour counts; its name, where a card is made without the file that has it."""
    return BEHAVIOURS[behaviour].words if behaviour in BEHAVIOURS else behaviour.replace("_", " ")


__all__ = ["change_text", "lines_of", "name_of", "words_of"]
