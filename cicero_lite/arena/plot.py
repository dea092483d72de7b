"""The picture of a sweep: mean score with its interval against the values of a setting."""

from __future__ import annotations

from pathlib import Path

from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.statistics import PARITY
from cicero_lite.arena.sweep import Sweep, axis_of
from cicero_lite.errors import OutputError

FORMATS = (".png", ".svg", ".pdf")
"""Endings of pictures that can be written."""


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
    # Not pyplot: no state is kept, and no display looked for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    check_picture(path)
    rows = list(zip(found.values, found.table.rows, strict=False))
    points = [(value, row.summary.score) for value, row in rows if row.summary is not None]
    values = [value for value, _ in points]
    axis = axis_of(values) if values else None
    at = axis.numbers if axis is not None else tuple(float(n) for n in range(len(values)))
    points = [point for _, point in sorted(zip(at, points, strict=True), key=lambda pair: pair[0])]
    at = tuple(sorted(at))
    scores = [score for _, score in points]
    below = [0.0 if s.low is None else max(0.0, s.mean - s.low) for s in scores]
    above = [0.0 if s.high is None else max(0.0, s.high - s.mean) for s in scores]

    figure = Figure(figsize=(7.2, 4.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.errorbar(at, [s.mean for s in scores], yerr=[below, above], marker="o", capsize=3, label=f"one {found.one}")
    axes.axhline(PARITY, linestyle="--", linewidth=1, color="0.4", label="parity, 1/7")
    if axis is not None and axis.logarithmic:
        axes.set_xscale("log")
    if axis is None or len(at) <= 12:
        axes.set_xticks(at, [value for value, _ in points])
        axes.minorticks_off()
    unit = f" ({axis.unit})" if axis is not None and axis.unit else ""
    axes.set_xlabel(f"{label or found.key}{unit}")
    axes.set_ylabel("mean sum-of-squares score, 95 % interval")
    axes.set_ylim(bottom=0)
    axes.set_title(f"one {found.one} against six {found.table.six}", fontsize=10, wrap=True)
    axes.legend(loc="best", fontsize=8)
    axes.grid(alpha=0.3)
    table = found.table
    caption = f"{table.games} games a point to {table.until}, seed {table.seed}, no press; {', '.join(table.commits)}"
    figure.supxlabel(caption, fontsize=7)
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


__all__ = ["FORMATS", "check_picture", "draw"]
