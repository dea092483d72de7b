"""The steerability card: one page that says of each control what it does, what else it does, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from cicero_lite.arena.codec import encode
from cicero_lite.output import commit_told
from cicero_lite.steer.behaviours import read_behaviours
from cicero_lite.steer.card_plots import effects_picture, response_picture
from cicero_lite.steer.dosing import Way, dosable
from cicero_lite.steer.findings import ClaimFound, Contrast, Findings, GameCost, findings_of
from cicero_lite.steer.responses import SURE, Change, Verdict
from cicero_lite.steer.runs import RunsHeader, read_experiments, read_runs
from cicero_lite.steer.told import name_of, words_of
from cicero_lite.web.page import Cell, Column, Grid, Picture, render

_SHADES = {Verdict.HELD: 1.0, Verdict.UNSTEADY: 0.3, Verdict.UNSEEN: None, Verdict.REVERSED: -1.0}
_LARGE = 1.0
"""Standard deviations that are shaded in full."""


@dataclass(frozen=True)
class FolderFound:
    """What a folder of runs says."""

    folder: str
    header: RunsHeader
    findings: tuple[Findings, ...]


@dataclass(frozen=True)
class Section:
    """One experiment on the page."""

    name: str
    title: str
    definition: str
    formula: str
    about: str
    pictures: tuple[Picture, ...]
    claims: Grid | None
    shares: Grid | None
    costs: Grid | None
    compared: Grid | None
    interactions: Grid | None
    effects: tuple[tuple[str, Grid], ...]
    samples: tuple[object, ...]
    command: str
    file: str


def read_folder(folder: Path) -> FolderFound:
    """What the runs of a folder say of its experiments.

    Raises:
        ExperimentError: there are none, or they are damaged.
        BehaviourError: a file of behaviours that they were measured by cannot be used.
    """
    header, ran = read_runs(folder)
    named = read_experiments(folder)
    read_behaviours(tuple(dict.fromkeys(file for one in named for file in one.experiment.behaviours)))
    found = (findings_of(one.name, one.experiment, ran) for one in named)
    return FolderFound(str(folder), header, tuple(found))


def card_html(folders: Sequence[FolderFound]) -> str:
    """The page of one or more folders of runs."""
    pairs = [(folder, found) for folder in folders for found in folder.findings]
    every = [found for _, found in pairs]
    return render(
        "steering.html",
        title="Steerability card",
        facts=[
            ("experiments", str(len(every))),
            ("claims that held", f"{_count(every, Verdict.HELD)} of {sum(len(one.claims) for one in every)}"),
            ("moments, neutral dose", str(max((one.moments for one in every), default=0))),
            ("missing runs", str(sum(one.missing for one in every))),
        ],
        summary=_summary(every),
        sections=[_section(folder, found) for folder, found in pairs],
        headers=[(one.folder, one.header, commit_told(one.header.commit, one.header.dirty)) for one in folders],
    )


def _count(every: Sequence[Findings], verdict: Verdict) -> int:
    return sum(claim.verdict is verdict for one in every for claim in one.claims)


# --- the table of all ------------------------------------------------------------------------------------


def _summary(every: Sequence[Findings]) -> Grid:
    columns = [
        Column("control", numeric=False),
        Column("behaviour it claims to change", numeric=False),
        Column("lowest dose", "mean of a moment's movement phase with it"),
        Column("neutral", "the same with the neutral dose"),
        Column("highest dose", "the same with the highest"),
        Column(
            "change",
            "by how much a step from one dose to the next changes it: a line over the doses' ranks; of a claim "
            "about one dose, the change against neutral; with its 95 % interval, by whole games",
        ),
        Column("claim", "held: the change is surely the way that was claimed, and steady", numeric=False),
        Column("side effects", "behaviours not claimed that surely change between the extreme doses, adjusted (Holm)"),
        Column(
            "score of games", "sum-of-squares score of whole games with the dose, less that of the neutral seat in them"
        ),
    ]
    rows = [row for one in every for row in _summary_rows(one)]
    return Grid(columns, rows)


def _summary_rows(found: Findings) -> Iterator[list[Cell]]:
    title = dosable(found.experiment.control).title
    sure = sum(e.p is not None and e.p < SURE for c in found.contrasts for e in c.effects)
    looked_at = sum(e.p is not None for c in found.contrasts for e in c.effects)
    costs = [f"{c.dose}: {c.score.mean:+.3f}" for c in found.costs if c.by is found.experiment.by[0]]
    for number, claim in enumerate(found.claims):
        levels, dose = claim.response.levels, claim.claim.dose
        neutral = next((level for level in levels if level.change is None), None)
        last = next((level for level in levels if level.dose == dose), levels[-1])
        yield [
            Cell(title if not number else "", strong=True),
            Cell(f"{name_of(claim.claim.behaviour)} {_arrow(claim.claim.way)}", below=dose),
            Cell("") if dose else Cell(f"{levels[0].mean:.3g}", below=levels[0].dose),
            Cell("–" if neutral is None else f"{neutral.mean:.3g}"),
            Cell(f"{last.mean:.3g}", below="" if dose else last.dose),
            _change_cell(claim.evidence),
            Cell(claim.verdict.value, shade=_SHADES[claim.verdict]),
            Cell(f"{sure} of {looked_at}" if not number and looked_at else ""),
            Cell("; ".join(costs) if not number else ""),
        ]


def _arrow(way: Way) -> str:
    return "↑" if way is Way.UP else "↓"


def _change_cell(change: Change | None, strong: bool = False) -> Cell:
    if change is None:
        return Cell("–")
    interval = "" if change.low is None or change.high is None else f"{change.low:+.3g} to {change.high:+.3g}"
    return Cell(f"{change.mean:+.3g}", below=interval, strong=strong)


# --- one experiment --------------------------------------------------------------------------------------


def _section(folder: FolderFound, found: Findings) -> Section:
    experiment = found.experiment
    controls = [dosable(name) for name in experiment.turned]
    return Section(
        name=found.name,
        title=" × ".join(control.title for control in controls) + _ways(found),
        definition=" ".join(control.definition for control in controls),
        formula="    ".join(control.formula for control in controls),
        about=_about(found),
        pictures=tuple(_pictures(found)),
        claims=_claims(found.claims),
        shares=_shares(found),
        costs=_costs(found),
        compared=_compared(found),
        interactions=_interactions(found),
        effects=tuple((f"{c.low} to {c.high}", _effects(c)) for c in found.contrasts),
        samples=found.samples,
        command=f"cicero-lite steer run configs/steer/{found.name}.yaml --out {folder.folder}",
        file=yaml.safe_dump(encode(experiment), sort_keys=False, allow_unicode=True, width=110),
    )


def _ways(found: Findings) -> str:
    return ": by objective and by words" if len(found.experiment.by) > 1 else ""


def _about(found: Findings) -> str:
    config = found.experiment.moments
    parts = [
        f"{found.moments} moments of {config.games} games of self-play (seed {config.seed}; {', '.join(config.at)}), "
        f"{config.phases} movement phase{'s' if config.phases > 1 else ''} each with {config.rounds} rounds of talk"
    ]
    if found.passed_over:
        parts.append(f"{found.passed_over} moments had no seat with what the control needs and are left out")
    if found.costs:
        games = found.experiment.games
        parts.append(f"{found.costs[0].games} games of each dose to {games.until} (seed {games.seed})")
    if found.missing:
        parts.append(f"{found.missing} runs are missing: the figures are of those that there are")
    return "; ".join(parts) + "."


def _pictures(found: Findings) -> Iterator[Picture]:
    for claim in found.claims:
        name = claim.claim.behaviour
        others = [r for r in found.responses if r.behaviour == name]
        alt = ", ".join(f"{level.dose}: {level.mean:.3g}" for level in claim.response.levels)
        caption = f"{words_of(name)}; mean of a movement phase; intervals are of the difference from neutral, 95 %"
        yield Picture(response_picture(others, name_of(name)), caption, f"{name_of(name)} by dose: {alt}")
    if found.contrasts and (effects := found.contrasts[0].effects):
        contrast = found.contrasts[0]
        caption = (
            f"What else changes from {contrast.low} to {contrast.high}: the largest, in standard deviations between "
            "moments, with 95 % intervals; filled: sure after adjustment for all that was looked at"
        )
        svg = effects_picture(effects, name_of)
        if svg is not None:
            yield Picture(svg, caption, "Side effects in standard deviations, a row each; the table has all")


def _claims(claims: Sequence[ClaimFound]) -> Grid | None:
    if not claims:
        return None
    doses = [level.dose for level in claims[0].response.levels]
    columns = [
        Column("behaviour", numeric=False),
        *(Column(dose) for dose in doses),
        Column("change"),
        Column("p"),
        Column(
            "steady p",
            "chance of means as far from any steady response, were there none; below 0.05 the doses do not keep "
            "to the order",
        ),
        Column("claim", numeric=False),
    ]
    rows = []
    for one in claims:
        by_dose = {level.dose: level for level in one.response.levels}
        levels = [by_dose.get(dose) for dose in doses]
        p = None if one.evidence is None else one.evidence.p
        rows.append(
            [
                Cell(f"{name_of(one.claim.behaviour)} {_arrow(one.claim.way)}", below=one.claim.dose),
                *(
                    Cell("–") if level is None else Cell(f"{level.mean:.3g}", below=_interval(level.change))
                    for level in levels
                ),
                _change_cell(one.evidence, strong=True),
                Cell("–" if p is None else f"{p:.2g}"),
                Cell("–" if one.steady_p is None else f"{one.steady_p:.2f}"),
                Cell(one.verdict.value, shade=_SHADES[one.verdict]),
            ]
        )
    return Grid(columns, rows, "Means by dose; below them the 95 % interval of the difference from neutral.")


def _interval(change: Change | None) -> str:
    if change is None:
        return "neutral"
    return "" if change.low is None or change.high is None else f"{change.low:+.2g} to {change.high:+.2g}"


def _shares(found: Findings) -> Grid | None:
    if not found.shares:
        return None
    rows = [[Cell(name_of(name)), Cell(str(share))] for name, share in found.shares.items()]
    return Grid([Column("with the orders imposed", numeric=False), Column("how often")], rows)


def _costs(found: Findings) -> Grid | None:
    """A column for each dose that was played in whole games."""
    if not found.costs:
        return None
    names = dict.fromkeys(name for cost in found.costs for name in cost.changes)
    columns = [Column("whole games, change from neutral", numeric=False), Column("neutral")]
    columns += [Column(f"{cost.dose}{_by(found, cost.by.value)}") for cost in found.costs]
    scores = [Cell(f"{cost.score.mean:+.3f}", below=_score_interval(cost), strong=True) for cost in found.costs]
    rows = [[Cell("score, sum of squares"), Cell(f"{found.costs[0].neutral_score:.3f}"), *scores]]
    for name in names:
        rows.append([Cell(name_of(name)), Cell(""), *(_change_cell(cost.changes.get(name)) for cost in found.costs)])
    return Grid(columns, rows, f"{found.costs[0].games} games of each dose; behaviours are means of a movement phase.")


def _score_interval(cost: GameCost) -> str:
    low, high = cost.score.low, cost.score.high
    return "" if low is None or high is None else f"{low:+.3f} to {high:+.3f}"


def _by(found: Findings, by: str) -> str:
    return f" by {by}" if len(found.experiment.by) > 1 else ""


def _compared(found: Findings) -> Grid | None:
    if not found.compared:
        return None
    last = found.compared[-1].dose
    rows = [
        [
            Cell(name_of(one.behaviour)),
            _change_cell(one.objective),
            _change_cell(one.words),
            _change_cell(one.difference, strong=one.difference.is_sure),
        ]
        for one in found.compared
        if one.dose == last and (_differs(one.objective) or _differs(one.words))
    ]
    columns = [
        Column(f"change from neutral to {last}", numeric=False),
        Column("by objective", "the search and the words follow the control"),
        Column("by words", "the words follow the control, the orders the neutral search"),
        Column("difference", "bold: its interval lies on one side of zero"),
    ]
    return Grid(columns, rows)


def _interactions(found: Findings) -> Grid | None:
    if not found.interactions:
        return None
    cells = list(found.interactions[0].cells)
    rows = [
        [
            Cell(name_of(one.behaviour)),
            *(Cell(f"{one.cells[name]:.3g}" if name in one.cells else "–") for name in cells),
            _change_cell(one.contrast, strong=one.contrast is not None and one.contrast.is_sure),
        ]
        for one in found.interactions
        if len(set(one.cells.values())) > 1
    ]
    columns = [Column("behaviour", numeric=False), *map(Column, cells), Column("interaction")]
    caption = (
        "Interaction: both at their highest, less each alone at it, plus both at their lowest; bold: surely not 0."
    )
    return Grid(columns, rows, caption)


def _effects(contrast: Contrast) -> Grid:
    rows = [
        [
            Cell(name_of(one.behaviour)),
            _change_cell(one.change),
            Cell(
                "–" if one.standardised is None else f"{one.standardised:+.2f}",
                shade=None if one.standardised is None or not _is_sure(one.p) else _shade(one.standardised),
            ),
            Cell("–" if one.change.p is None else f"{one.change.p:.2g}"),
            Cell("–" if one.p is None else f"{one.p:.2g}", strong=_is_sure(one.p)),
            Cell(str(one.change.pairs)),
        ]
        for one in contrast.effects
        if _differs(one.change)
    ]
    columns = [
        Column("behaviour", numeric=False),
        Column("change", "from the lower dose to the higher, moment by moment, with its 95 % interval"),
        Column("in SD", "in standard deviations between moments at the neutral dose"),
        Column("p"),
        Column("adjusted p", "Holm, for all behaviours of the table"),
        Column("pairs", "moments measured with both doses"),
    ]
    return Grid(columns, rows, _unchanged([e.behaviour for e in contrast.effects if not _differs(e.change)]))


def _differs(change: Change) -> bool:
    """Whether any pair differs."""
    return change.mean != 0 or change.p != 1


def _unchanged(names: Sequence[str]) -> str:
    return f"Not changed at any moment: {'; '.join(map(name_of, names))}." if names else ""


def _is_sure(p: float | None) -> bool:
    return p is not None and p < SURE


def _shade(standardised: float) -> float:
    return max(-1.0, min(1.0, standardised / _LARGE))


__all__ = ["FolderFound", "card_html", "read_folder"]
