"""Makes the index of a gallery: a page with a card for each game, that leads to where in its replay it turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from cicero_lite.web.files import asset
from cicero_lite.web.page import LINE, SERIES, SOFT, Picture, new_figure, render, svg_of
from engine.drawing import style
from engine.render import SHORT_NAMES, shape_definitions
from engine.types import POWERS, Power

_APART = 0.075
"""Least distance of the names at the ends of lines, in heights of the chart, so that none covers another."""


@dataclass(frozen=True)
class Moment:
    """A turning point, as the page tells it."""

    when: str
    kind: str
    told: str
    quote: str
    """The words behind it; empty: there are none."""
    speaker: str
    """Who said them to whom."""
    links: Sequence[tuple[str, str]]
    """What is there, and its address; the first is that of the moment itself."""


@dataclass(frozen=True)
class Card:
    """What the page shows of a game."""

    file: str
    """Of its replay, beside the page."""
    title: str
    caption: str
    board: str
    """Picture of the last position, as `engine.render.render_small` makes it."""
    centers: Mapping[Power, Sequence[int]]
    """Of each power, at the start and at the end of each year."""
    years: Sequence[int]
    seats: Sequence[tuple[str, str]]
    """Whose, and who played them."""
    facts: Sequence[tuple[str, str]]
    """Figures, each with its name."""
    moments: Sequence[Moment]
    made: str
    """Seed and code."""


def gallery_html(title: str, about: str, cards: Sequence[Card]) -> str:
    """The page.

    Args:
        title: of the whole.
        about: what is to be seen, below it.
        cards: of the games, which are on the standard board or one with its places.
    """
    return render(
        "gallery.html",
        title=title,
        about=about,
        cards=[(card, Markup(card.board), _standing(card), _chart(card)) for card in cards],
        shapes=Markup(shape_definitions()),
        sheet=Markup(style() + asset("gallery.css")),
    )


def _standing(card: Card) -> list[tuple[str, str, int]]:
    """Power, its name and its centres at the end, most first; those without are left out."""
    ends = [(power.value, power.title(), card.centers[power][-1]) for power in POWERS]
    return sorted((end for end in ends if end[2]), key=lambda end: -end[2])


def _chart(card: Card) -> Picture:
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(5.6, 2.5)
    axes = figure.add_subplot()
    x = list(range(len(card.years) + 1))
    ends = []
    for number, power in enumerate(POWERS):
        counts = card.centers[power]
        axes.plot(x, [count + (number - 3) * 0.05 for count in counts], color=SERIES[number], linewidth=2.2)
        ends.append((counts[-1], number, power))
    top = max(max(counts) for counts in card.centers.values())
    height = -1.0
    for count, number, power in sorted(ends):
        height = max(float(count), height + _APART * top)
        axes.annotate(
            SHORT_NAMES[power],
            (x[-1], height),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=SERIES[number],
            weight="bold",
        )
    axes.set_xticks(x, ["start", *map(str, card.years)] if len(x) < 12 else ["start", *map(_short, card.years)])
    axes.set_xlim(0, max(1, x[-1]))
    axes.set_ylim(-0.4, max(top, height) + 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.tick_params(length=0, labelcolor=SOFT)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    told = ", ".join(f"{name} {count}" for _, name, count in _standing(card))
    return Picture(
        svg_of(figure), "Supply centres at the end of each year", f"Supply centres by year; at the end: {told}"
    )


def _short(year: int) -> str:
    return f"{year % 100:02d}" if year % 2 else ""


__all__ = ["Card", "Moment", "gallery_html"]
