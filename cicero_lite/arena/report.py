"""The report of an experiment: one HTML page with what was played, the tables, the plots and what they mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cicero_lite.arena.clusters import Interval
from cicero_lite.arena.experiment import DesignKind
from cicero_lite.arena.played import Failure
from cicero_lite.arena.press_measures import RATES
from cicero_lite.arena.standings import Pair, Standing, Standings
from cicero_lite.arena.statistics import PARITY, Ending, Rate
from cicero_lite.arena.times import Times
from cicero_lite.web.page import (
    ACCENT,
    INK,
    LINE,
    SERIES,
    SOFT,
    Cell,
    Column,
    Grid,
    Picture,
    new_figure,
    render,
    svg_of,
)
from engine.types import POWERS

_DESIGNS = {
    DesignKind.ROUND_ROBIN: "round robin: the agents turn through the powers in balanced blocks, each on every power "
    "once a block, and meet each other as equally as possible",
    DesignKind.ONE_V_SIX: "one against six: each agent alone among six of the base, all in games of the same seeds",
    DesignKind.POPULATION: "population: every seat is drawn from the agents",
    DesignKind.LADDER: "ladder: groups of near rating, drawn anew in each round by the games of the rounds before",
}
_SHADE_FULL = 0.15
"""Difference of score that is shaded in full."""
_SHOWN_PAIRS = 14


@dataclass(frozen=True)
class Made:
    """How the report came about."""

    command: str
    """Exact, from the project's folder."""
    file: str
    """Text of the experiment's file."""


def report_html(table: Standings, spent: Times, failures: Sequence[Failure], made: Made) -> str:
    """The page.

    Args:
        table: what was found.
        spent: how long it took.
        failures: games that an error ended.
        made: how to make it again.
    """
    standing = standings_grid(table)
    return render(
        "arena.html",
        title=table.title,
        about=table.about,
        heading=heading(table),
        facts=_facts(table, spent),
        warnings=warnings(table, failures),
        failures=failures,
        standing=standing,
        pictures=_pictures(table),
        named=_named(table),
        matrix=_matrix(table),
        powers=_powers(table),
        press=_press(table),
        costs=_costs(table, spent),
        anytime=_anytime(table),
        agents=[(row.label, row.agent) for row in table.rows],
        design=_DESIGNS[table.design],
        table=table,
        made=made,
    )


def heading(table: Standings) -> str:
    """The experiment in one line."""
    press = "no press" if table.press is None else f"press, {table.press['rounds']} rounds of talk a phase"
    name = str(table.design).replace("_", " ")
    return f"{name}, {press}, {table.games} games to {table.until}, seed {table.seed}, {table.commit}"


def warnings(table: Standings, failures: Sequence[Failure]) -> list[str]:
    """What a reader must know before believing the tables."""
    found = []
    if not table.complete:
        found.append(
            f"{table.games} of {table.wanted} games: the same command plays the rest; until then the design is uneven"
        )
    if failures:
        found.append(f"{len(failures)} games ended in an error and are left out; the same command tries them again")
    if "with changes" in table.commit or table.commit == "no commit":
        found.append(f"played by code that is in no commit ({table.commit})")
    if table.games < 42:
        found.append(f"only {table.games} games: intervals of so few are too narrow as often as too wide")
    return found


def standings_grid(table: Standings) -> Grid:
    """The main table, a row for each agent."""
    adjusted = any(row.adjusted is not None for row in table.rows)
    columns = [
        Column("agent", numeric=False),
        Column("games", "games in which the agent had a seat"),
        Column("seats", "seats it had in them, all counted"),
        Column(
            "score",
            "mean sum-of-squares score of a seat: its share of the squared centre counts at the end, a solo takes all; "
            "parity is 0.143",
        ),
        Column(
            "for its powers",
            "power-normalised: score less the mean that the same power scored over all games here, so that easy and "
            "hard powers weigh nothing; parity is 0",
        ),
        *(
            [Column("adjusted", "score by control variates: without the luck of draws that can be drawn again")]
            if adjusted
            else []
        ),
        Column(
            "rating",
            "openskill's Plackett-Luce rating over the order in which seats finish by score, ties by lot; all begin at "
            "25; mean over 40 orders of the games",
        ),
        Column("win %", "seats that won alone"),
        Column("most %", "seats of games that nobody won, with the most centres, alone or shared"),
        Column("surv. %", "seats with a centre at the end, but neither of these"),
        Column("def. %", "seats without a centre; these four make 100 %"),
        Column("centres", "mean at the end"),
    ]
    rows = []
    for row in table.rows:
        rate = row.rating
        rows.append(
            [
                Cell(row.label, strong=True),
                Cell(str(row.games)),
                Cell(str(row.seats)),
                _cell(row.score, strong=True),
                _cell(row.normalised, sign=True, shade=True),
                *([_adjusted(row)] if adjusted else []),
                _cell(Interval(rate.mean, rate.low, rate.high), digits=1),
                *(_rate(row.endings[how]) for how in Ending),
                _cell(row.centers, digits=1),
            ]
        )
    return Grid(columns, rows, "small figures: 95 % intervals, by drawing whole games")


def _adjusted(row: Standing) -> Cell:
    if row.adjusted is None:
        return Cell("–")
    score = row.adjusted.score
    return _cell(Interval(score.mean, score.low, score.high))


def _facts(table: Standings, spent: Times) -> list[tuple[str, str]]:
    facts = [
        ("agents", str(len(table.rows))),
        ("games", f"{table.games:,}".replace(",", " ")),
        ("last year", str(table.until)),
        ("press", "none" if table.press is None else f"{table.press['rounds']} rounds"),
        ("thinking time", _duration(spent.seconds)),
        ("a game", _duration(spent.seconds_per_game)),
    ]
    cost = sum(row.usage.get("cost", 0.0) for row in table.rows)
    return [*facts, ("cost", f"{cost:.2f}")] if cost else facts


def _named(table: Standings) -> Grid:
    columns = [
        Column("pair", numeric=False),
        Column("difference", "score of the first less that of the second, game by game"),
        Column("ahead %", "how often a seat of the first finished before one of the second; ties count half"),
        Column("games", "in which both had a seat; none: compared over games of the same seeds"),
    ]
    rows = [
        [
            Cell(f"{pair.one} – {pair.other}"),
            _cell(pair.difference, sign=True, shade=True, strong=pair.difference.excludes_zero),
            Cell("–") if pair.ahead is None else _percent(pair.ahead),
            Cell(str(pair.games)),
        ]
        for pair in table.pairs[:_SHOWN_PAIRS]
    ]
    return Grid(columns, rows, "bold: the interval excludes zero; of many pairs, one in twenty does so by chance")


def _matrix(table: Standings) -> Grid | None:
    if len(table.rows) < 3:
        return None
    labels = [row.label for row in table.rows]
    of = {(pair.one, pair.other): pair for pair in table.pairs}
    rows = []
    for one in labels:
        cells = [Cell(one)]
        for other in labels:
            pair, back = of.get((one, other)), of.get((other, one))
            found = None if pair is None and back is None else _difference(pair, back)
            cells.append(Cell("") if found is None else _cell(found, sign=True, shade=True))
        rows.append(cells)
    return Grid([Column("row less column", numeric=False), *(Column(label) for label in labels)], rows)


def _difference(pair: Pair | None, back: Pair | None) -> Interval:
    if pair is not None:
        return pair.difference
    assert back is not None
    found = back.difference
    low, high = (None if end is None else -end for end in (found.high, found.low))
    return Interval(-found.value, low, high)


def _powers(table: Standings) -> Grid:
    columns = [Column("agent", numeric=False), *(Column(str(power).title()) for power in POWERS)]
    rows = [[Cell("all"), *(Cell(f"{table.power_means[power]:.3f}") for power in POWERS)]]
    for row in table.rows:
        cells = [Cell(row.label)]
        for power in POWERS:
            found = row.by_power.get(power)
            shade = None if found is None else _shade(found.value - table.power_means[power])
            cells.append(Cell("–") if found is None else _cell(found, shade_by=shade))
        rows.append(cells)
    return Grid(columns, rows, "mean score of a seat; coloured by how far it is from the mean of all agents there")


def _press(table: Standings) -> list[Grid]:
    """Shares, counts, and counts of single acts."""
    names = [name for name in table.rows[0].press if any(row.press[name].value for row in table.rows)]
    if not names:
        return []
    rates = [name for name in RATES if any(name in row.rates for row in table.rows)]
    shares = [
        [Cell(name), *(_rate(row.rates[name]) if name in row.rates else Cell("–") for row in table.rows)]
        for name in rates
    ]
    acts = [name for name in names if name.startswith("act ")]
    counts = [name for name in names if name not in acts]
    return [
        _by_agent(table, "share, %", shares, "of all its seats together; –: nothing to have a share of"),
        _by_agent(table, "a seat and game", _counts(table, counts), "what is counted how: docs/press-measures.md"),
        _by_agent(table, "acts of a seat and game", _counts(table, acts), "kinds of speech acts in private messages"),
    ]


def _counts(table: Standings, names: Sequence[str]) -> list[list[Cell]]:
    return [
        [Cell(name.removeprefix("act ").replace("_", " ")), *(_cell(row.press[name], digits=2) for row in table.rows)]
        for name in names
    ]


def _by_agent(table: Standings, name: str, rows: Sequence[Sequence[Cell]], caption: str) -> Grid:
    return Grid([Column(name, numeric=False), *(Column(row.label) for row in table.rows)], rows, caption)


def _costs(table: Standings, spent: Times) -> Grid:
    names = sorted({name for row in table.rows for name in row.usage})
    columns = [
        Column("agent", numeric=False),
        Column("s/phase", "seconds of a seat for a movement phase, talk included; wall clock"),
        Column("in all", "of all its seats"),
        *(Column(name.replace("_", " ")) for name in names),
    ]
    rows = [
        [
            Cell(row.label),
            Cell(f"{spent.seconds_per_movement.get(row.label, 0.0):.3f}"),
            Cell(_duration(spent.seconds_of[row.label])),
            *(Cell(f"{row.usage.get(name, 0):,.6g}") for name in names),
        ]
        for row in table.rows
    ]
    return Grid(columns, rows)


def _anytime(table: Standings) -> Grid | None:
    if not table.anytime:
        return None
    columns = [
        Column("what the rule looks at", numeric=False),
        Column("estimate"),
        Column("excludes zero", numeric=False),
    ]
    rows = [
        [Cell(name), _cell(found, sign=True), Cell("yes" if found.excludes_zero else "no")]
        for name, found in table.anytime.items()
    ]
    return Grid(columns, rows, "intervals that hold at all times together, so wider than those of the tables")


def _pictures(table: Standings) -> dict[str, Picture]:
    scores = [(row.label, row.score) for row in table.rows]
    rates = [(row.label, Interval(row.rating.mean, row.rating.low, row.rating.high)) for row in table.rows]
    pairs = [(f"{pair.one} – {pair.other}", pair.difference) for pair in table.pairs[:_SHOWN_PAIRS]]
    pictures = {
        "scores": _dots(scores, PARITY, "mean score, 95 % interval; dashed: parity", "Mean score of each agent"),
        "ratings": _dots(rates, 25.0, "rating, 95 % interval; dashed: where all begin", "Rating of each agent"),
        "pairs": _dots(pairs, 0.0, "difference in score, 95 % interval", "Difference in score of pairs of agents"),
    }
    if any("messages" in row.press and row.press["messages"].value for row in table.rows):
        pictures["messages"] = _scatter(table)
    return pictures


def _dots(items: Sequence[tuple[str, Interval]], mark: float, caption: str, alt: str) -> Picture:
    """A row for each item: a point and its interval."""
    figure = new_figure(6.4, 0.75 + 0.34 * len(items))
    axes = figure.add_subplot()
    for place, (_, found) in enumerate(items):
        if found.low is not None and found.high is not None:
            axes.plot([found.low, found.high], [place, place], color=ACCENT, linewidth=2.2, solid_capstyle="round")
        axes.plot([found.value], [place], "o", color=ACCENT, markersize=6.5)
    axes.axvline(mark, linestyle="--", linewidth=1, color=SOFT, zorder=0)
    axes.set_yticks(range(len(items)), [name for name, _ in items], color=INK)
    axes.set_ylim(len(items) - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.tick_params(axis="x", colors=SOFT)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    return Picture(svg_of(figure), caption, alt)


def _scatter(table: Standings) -> Picture:
    """Score against messages: what talk alone buys, and what it does not."""
    figure = new_figure(6.4, 4.0)
    axes = figure.add_subplot()
    labelled: list[tuple[float, float]] = []
    points = [(row.press["messages"].value, row.score.value) for row in table.rows]
    wide, high = (max(values) - min(values) or 1.0 for values in zip(*points, strict=True))
    for place, row in enumerate(table.rows):
        messages, color = row.press["messages"], SERIES[place % len(SERIES)]
        if row.score.low is not None and row.score.high is not None:
            axes.plot([messages.value] * 2, [row.score.low, row.score.high], color=color, linewidth=2)
        axes.plot([messages.value], [row.score.value], "o", color=color, markersize=7, label=row.label)
        at = (messages.value, row.score.value)
        # Labels of points that all but coincide stand below each other.
        close = sum(abs(x - at[0]) < 0.15 * wide and abs(y - at[1]) < 0.06 * high for x, y in labelled)
        labelled.append(at)
        axes.annotate(row.label, at, xytext=(8, 4 - 11 * close), textcoords="offset points", color=INK, fontsize=9)
    axes.axhline(PARITY, linestyle="--", linewidth=1, color=SOFT, zorder=0)
    axes.set_xlabel("private messages of a seat and game", color=SOFT)
    axes.set_ylabel("mean score, 95 % interval", color=SOFT)
    axes.tick_params(colors=SOFT, length=0)
    axes.margins(x=0.16)
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    caption = "Is it the words or their number? Agents that only talk more stand to the right, not above."
    return Picture(svg_of(figure), caption, "Mean score of each agent against its number of messages")


def _cell(
    found: Interval,
    digits: int = 3,
    sign: bool = False,
    shade: bool = False,
    shade_by: float | None = None,
    strong: bool = False,
) -> Cell:
    form = f"{'+' if sign else ''}.{digits}f"
    below = "" if found.low is None or found.high is None else f"{found.low:{form}} … {found.high:{form}}"
    shaded = _shade(found.value) if shade else shade_by
    return Cell(f"{found.value:{form}}", below, shaded, strong)


def _shade(value: float) -> float:
    return math.copysign(min(1.0, abs(value) / _SHADE_FULL), value)


def _rate(found: Rate) -> Cell:
    return Cell(f"{100 * found.share:.1f}", f"{100 * found.low:.0f} … {100 * found.high:.0f}")


def _percent(found: Interval) -> Cell:
    below = "" if found.low is None or found.high is None else f"{100 * found.low:.0f} … {100 * found.high:.0f}"
    return Cell(f"{100 * found.value:.0f}", below)


def _duration(seconds: float) -> str:
    """In the unit that suits.

    >>> _duration(7.25), _duration(754), _duration(9000)
    ('7.2 s', '12.6 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


__all__ = ["Made", "heading", "report_html", "standings_grid", "warnings"]
