"""Pages that report something: one HTML file each, that asks for nothing outside itself, in light, dark and print.

A page is a Jinja template in ``assets/`` that extends ``page.html``; ``parts.html`` has the tables and figures that all
of them share.  Whatever is put into a template is escaped; pictures are drawn by matplotlib and stand in the page as
SVG, in the colours of the page's style, so that they follow it from light to dark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cicero_lite.web.files import sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, SOFT, LINE, ACCENT = "#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04"
"""Colours to draw with: text, second text, grid, what matters; the page decides what they look like."""
SERIES = tuple(f"#0a0c{number:02x}" for number in range(8))
"""Colours of things that are to be told apart, in this order."""
_VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", ACCENT: "--accent"} | {
    color: f"--series-{number}" for number, color in enumerate(SERIES)
}
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cicero-lite",
    "font.family": "sans-serif",
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": LINE,
    "axes.titlesize": 10.0,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "grid.color": LINE,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    about: str = ""
    """What it is, in a sentence; shown when pointed at, and in the list of meanings below the table."""
    numeric: bool = True
    """Whether it is set to the right."""


@dataclass(frozen=True)
class Cell:
    """What stands in a table."""

    text: str
    below: str = ""
    """In small letters below it, such as an interval."""
    shade: float | None = None
    """-1 to 1: how far it is coloured as bad or good; None: not at all."""
    strong: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: the first cell of each row names it."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure of the page."""

    svg: Markup
    caption: str
    alt: str
    """What it shows, for those who do not see it."""


def render(template: str, **values: Any) -> str:
    """The page that a template of ``assets/`` makes of these values.

    Args:
        template: its file name, such as ``arena.html``.
        values: what it asks for; it is an error to leave one out.
    """
    return _environment().get_template(template).render(**values) + "\n"


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, to be drawn in the colours above; see `svg_of`."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        return Figure(figsize=(width, height), layout="constrained")


def svg_of(figure: Figure) -> Markup:
    """The figure as an element that can stand in a page, in the page's colours and letters."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    FigureCanvasSVG(figure)
    text = io.StringIO()
    with rc_context(_STYLE):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"font: ([^;\"]*?)'[^;\"]*", r"font: \1inherit", svg)
    svg = re.sub(r"font-family: [^;\"]*; ", "", svg)  # as newer versions of matplotlib write it
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var({variable})")
    return Markup(svg)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cicero_lite.web", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup(sheet("page.css"))
    return environment


__all__ = [
    "ACCENT",
    "INK",
    "LINE",
    "SERIES",
    "SOFT",
    "Cell",
    "Column",
    "Grid",
    "Picture",
    "new_figure",
    "render",
    "svg_of",
]
