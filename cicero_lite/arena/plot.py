"""Pictures: the mean score with its interval against the values of a setting, and what other pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cicero_lite.arena.axis import Axis, axis_of
from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.statistics import PARITY
from cicero_lite.arena.sweep import Sweep
from cicero_lite.errors import OutputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
"""Endings of pictures that can be written."""
_MOST_TICKS = 12
"""Values that are each written below the axis."""


def check_picture(path: Path) -> None:
    """Returns if a picture can be written there; to be asked before hours of play.

    Raises:
        ArenaError: an ending that is no picture's, or no folder.
    """
    if path.suffix.lower() not in FORMATS:
        raise ArenaError(f"--out {path}: expected a file ending in {', '.join(FORMATS)}, got {path.suffix or 'none'!r}")
    if not path.absolute().parent.is_dir():
        raise ArenaError(f"--out {path}: no such folder: {path.parent}")
    if path.is_dir():
        raise ArenaError(f"--out {path}: it is a folder, expected a file")


def new_figure(width: float, height: float = 4.6) -> Figure:
    """An empty figure, in inches, that draws itself without a display."""
    # Not pyplot: no state is kept, and no display looked for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Writes the picture.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def draw_points(
    axes: Axes,
    axis: Axis,
    means: Sequence[float],
    bounds: Sequence[tuple[float | None, float | None]],
    label: str,
    color: str = "C0",
) -> None:
    """Points with intervals; a line joins them, dotted where a logarithmic axis has no place for a number.

    Args:
        axis: a number for each point.
        bounds: lower and upper end of each interval.
    """
    points = sorted(zip(axis.places, axis.numbers, means, bounds, strict=True), key=lambda point: point[0])
    at, numbers, means = [p[0] for p in points], [p[1] for p in points], [p[2] for p in points]
    below = [0.0 if low is None else max(0.0, mean - low) for _, _, mean, (low, _) in points]
    above = [0.0 if high is None else max(0.0, high - mean) for _, _, mean, (_, high) in points]
    axes.errorbar(at, means, yerr=[below, above], fmt="o", capsize=3, color=color, label=label)
    first, last = 0, len(points)
    if axis.logarithmic:
        first, last = numbers.index(axis.inner[0]), numbers.index(axis.inner[-1]) + 1
    axes.plot(at[first:last], means[first:last], color=color)
    axes.plot(at, means, linestyle=":", linewidth=1, color=color)


def label_values(axes: Axes, axis: Axis, labels: Sequence[str]) -> None:
    """Writes the values below the axis, and makes it logarithmic where they need it."""
    if axis.logarithmic:
        axes.set_xscale("log")
    if len(labels) <= _MOST_TICKS:
        axes.set_xticks(axis.places, labels)
        axes.minorticks_off()


def draw(found: Sweep, path: Path, label: str | None = None) -> None:
    """Writes the picture of a sweep; values without a game are left out.

    Args:
        found: the sweep.
        path: .png, .svg or .pdf.
        label: of the x axis; None: the key.

    Raises:
        ArenaError: `check_picture` refuses the path.
        OutputError: it cannot be written.
    """
    check_picture(path)
    table = found.table
    rows = [(v, r.summary) for v, r in zip(found.values, table.rows, strict=False) if r.summary is not None]
    values = [value for value, _ in rows]
    numbered = axis_of(values)
    axis = numbered or Axis(tuple(map(float, range(len(values)))), "")
    figure = new_figure(7.2)
    axes = figure.add_subplot()
    if rows:
        scores = [summary.score for _, summary in rows]
        draw_points(axes, axis, [s.mean for s in scores], [(s.low, s.high) for s in scores], f"one {found.one}")
        ticks = [f"{value}\n{summary.seconds_per_movement:.2g} s" for value, summary in rows]
        label_values(axes, axis, ticks)
    axes.axhline(PARITY, linestyle="--", linewidth=1, color="0.4", label="parity, 1/7")
    unit = f" ({numbered.unit})" if numbered is not None and numbered.unit else ""
    axes.set_xlabel(f"{label or found.key}{unit}; below it the seconds a movement phase took")
    axes.set_ylabel("mean sum-of-squares score, 95 % interval")
    axes.set_ylim(bottom=0)
    axes.set_title(f"one {found.one} against six {table.six}", fontsize=10, wrap=True)
    axes.legend(loc="best", fontsize=8)
    axes.grid(alpha=0.3)
    caption = f"{table.games} games a point to {table.until}, seed {table.seed}, no press; {', '.join(table.commits)}"
    if (trend := found.trend) is not None:
        caption += f"; ten times as much: {trend.per_tenfold:+.3f} [{trend.low:+.3f}, {trend.high:+.3f}]"
    figure.supxlabel(caption, fontsize=7)
    save_figure(figure, path)


__all__ = ["FORMATS", "check_picture", "draw", "draw_points", "label_values", "new_figure", "save_figure"]
