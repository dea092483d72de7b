"""The reader's figures together: made messages, messages of people, others' annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.bench.annotations import PartFigures, measure_annotations
from cicero_lite.bench.blind import BlindFigures, measure_blind
from cicero_lite.bench.press_labels import load_labels
from cicero_lite.bench.reader import ReaderFigures, load_cases, measure
from cicero_lite.bench.scoring import Rate
from dialogue.learned_reader import understand
from dialogue.understanding import read


@dataclass(frozen=True)
class ReaderReport:
    """What was measured; None: it was not asked for, or there is no data for it."""

    cases: ReaderFigures
    people: BlindFigures | None
    annotations: Mapping[str, PartFigures] | None


def measure_reader(
    cases: Path, positions: Path, labels: Path, games: Path | None, annotated: Path | None, by_rules: bool = False
) -> ReaderReport:
    """Measures the reader.

    Args:
        cases: made messages with their acts.
        positions: the positions they were written on.
        labels: labels of messages of people.
        games: the file of public games that has these messages; None: they are not measured.
        annotated: the folder of public data with labelled press; None: it is not compared.
        by_rules: whether people's messages are read by the rules alone.

    Raises:
        LabelFileError: the labels, or a message of theirs, cannot be found.
        GameFileError: the games cannot be read.
        AnnotationError: the labelled press cannot be read.
    """
    return ReaderReport(
        measure(load_cases(cases, positions)),
        None if games is None else measure_blind(load_labels(labels, games), read if by_rules else understand),
        None if annotated is None else measure_annotations(annotated),
    )


def show(found: ReaderReport, console: Console) -> None:
    """Prints all of it."""
    for line in _case_lines(found.cases):
        console.print(line, highlight=False, soft_wrap=True)
    if found.people is not None:
        for line in _people_lines(found.people):
            console.print(line, highlight=False, soft_wrap=True)
        console.print(_class_table(found.people))
    for part, figures in (found.annotations or {}).items():
        for line in _annotation_lines(part, figures):
            console.print(line, highlight=False, soft_wrap=True)
        console.print(_annotation_table(figures))


def _case_lines(found: ReaderFigures) -> Iterator[str]:
    yield f"{found.messages} messages, {found.exact} read exactly"
    yield f"kinds:  {found.kinds}"
    yield f"acts:   {found.acts}"
    yield f"orders: {found.orders}"


def _people_lines(found: BlindFigures) -> Iterator[str]:
    yield ""
    yield f"{found.messages} messages of people, labelled blind; intervals of 95 %, by bootstrap over messages"
    yield f"read exactly:                {found.exact}"
    yield f"acts with all their content: {found.acts}"
    yield f"  against first labels only: {found.first_labels}"
    yield f"  where something is named:  {found.naming}"
    yield f"  where nothing is named:    {found.others}"
    yield f"acts by kind and polarity:   {found.kinds}"
    yield f"orders:                      {found.orders}"
    yield f"of what it claims to understand, right:         {found.understood}"
    yield f"of messages it reads as saying nothing, right:  {found.silent}"
    yield f"messages with a clause it says it cannot read:  {found.unread}"


def _class_table(found: BlindFigures) -> Table:
    table = _table("act", "said", "read", "right", "P", "R", "F1", "95 %", "kind alone: right", "P", "R", "F1")
    for kind, score in found.classes.items():
        loose = found.class_kinds[kind].rate
        if score.rate.read or score.rate.expected:
            interval = f"{score.low:.2f}–{score.high:.2f}"
            table.add_row(kind, *_cells(score.rate), interval, *_cells(loose)[2:])
    return table


def _annotation_lines(part: str, found: PartFigures) -> Iterator[str]:
    yield ""
    yield (
        f"labelled press, {part}: {found.messages} annotated messages, {found.meaningful} with AMR; "
        "who does what where, whatever the modality"
    )
    yield f"DAIDE, {found.daide.messages} messages: zones {found.daide.zones}; alliances {found.daide.alliances}"


def _annotation_table(found: PartFigures) -> Table:
    table = _table("AMR", "annotated", "read", "right", "P", "R", "F1")
    for name, rate in (("all deeds", found.deeds), *found.kinds.items(), *found.speech.items()):
        table.add_row(name, *_cells(rate))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=True)
    return table


def _cells(rate: Rate) -> tuple[str, ...]:
    """Expected, read, right, precision, recall, F1; a dash where there is nothing to divide by."""
    return (
        str(rate.expected),
        str(rate.read),
        str(rate.right),
        f"{rate.precision:.2f}" if rate.read else "–",
        f"{rate.recall:.2f}" if rate.expected else "–",
        f"{rate.f1:.2f}" if rate.read or rate.expected else "–",
    )
