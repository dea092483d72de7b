"""Pictures of the steerability card: how a behaviour follows the doses, and what else changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from cicero_lite.steer.findings import Response, SideEffect
from cicero_lite.steer.responses import SURE
from cicero_lite.web.page import ACCENT, INK, LINE, SERIES, SOFT, new_figure, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS = 12
"""Side effects that are drawn."""
_LONGEST = 46
"""Letters of a row's name."""


def response_picture(responses: Sequence[Response], label: str) -> Markup:
    """The mean at each dose, with the interval of its difference from neutral; a line for each way of pursuit."""
    figure = new_figure(5.6, 3.1)
    axes = _axes(figure)
    for number, response in enumerate(responses):
        color = ACCENT if number == 0 else SERIES[1]
        places = [place + 0.08 * number for place in range(len(response.levels))]
        means = [level.mean for level in response.levels]
        neutral = next((level.mean for level in response.levels if level.change is None), None)
        below, above = [], []
        for level in response.levels:
            change = level.change
            known = change is not None and change.low is not None and change.high is not None
            below.append(change.mean - change.low if known and change and change.low is not None else 0.0)
            above.append(change.high - change.mean if known and change and change.high is not None else 0.0)
        axes.plot(places, means, color=color, linewidth=1.4, alpha=0.7)
        axes.errorbar(places, means, yerr=[below, above], fmt="o", capsize=3, color=color, label=f"by {response.by}")
        if neutral is not None and number == 0:
            axes.axhline(neutral, linestyle="--", linewidth=1, color=SOFT)
    axes.set_xticks(range(len(responses[0].levels)), [level.dose for level in responses[0].levels])
    axes.set_xlim(-0.4, len(responses[0].levels) - 0.6)
    axes.margins(y=0.15)
    axes.set_xlabel("dose", color=SOFT)
    axes.set_title(_short(label), loc="left", color=INK)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    if len(responses) > 1:
        axes.legend(loc="best", fontsize=8, frameon=False, labelcolor=INK)
    return svg_of(figure)


def effects_picture(effects: Sequence[SideEffect], words: Callable[[str], str]) -> Markup | None:
    """The largest side effects in standard deviations; None: none has any."""
    sized = [(one, one.standardised) for one in effects if one.standardised is not None and one.change.mean]
    largest = sorted(sized, key=lambda item: abs(item[1]))[-_ROWS:]
    if not largest:
        return None
    figure = new_figure(5.6, 0.9 + 0.26 * len(largest))
    axes = _axes(figure)
    for row, (one, size) in enumerate(largest):
        scale = size / one.change.mean
        sure = one.p is not None and one.p < SURE
        color = ACCENT if sure else SOFT
        if one.change.low is not None and one.change.high is not None:
            axes.plot([scale * one.change.low, scale * one.change.high], [row, row], color=color, linewidth=1.6)
        axes.plot([size], [row], "o", color=color, markersize=5, fillstyle="full" if sure else "none")
    axes.axvline(0, color=SOFT, linewidth=1)
    axes.set_yticks(range(len(largest)), [_short(words(one.behaviour)) for one, _ in largest], fontsize=8)
    axes.set_ylim(-0.6, len(largest) - 0.4)
    axes.set_xlabel("standard deviations", color=SOFT)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    return svg_of(figure)


def _axes(figure: Figure) -> Axes:
    axes = figure.add_subplot()
    axes.tick_params(colors=SOFT)
    axes.tick_params(axis="y", labelcolor=INK)
    for side, spine in axes.spines.items():
        spine.set_color(LINE)
        spine.set_visible(side in ("left", "bottom"))
    return axes


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


__all__ = ["effects_picture", "response_picture"]
