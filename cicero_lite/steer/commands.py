"""``cicero-lite steer``: runs experiments with the controls, and makes their card; parses, plays, prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cicero_lite.bench.options import AsJson

if TYPE_CHECKING:
    from cicero_lite.steer.findings import Findings

app = typer.Typer(
    help="Measure what the controls do: dose and response, side effects, cost, with intervals.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_CARD = "card.html"


@app.command()
def run(
    files: Annotated[
        list[Path], typer.Argument(help="Experiments, such as configs/steer/aggression.yaml.", metavar="FILES")
    ],
    out: Annotated[
        Path, typer.Option(help="Keep what is played here; the same command goes on from it.", metavar="DIR")
    ] = Path("runs") / "steer",
    jobs: Annotated[int, typer.Option(help="Processes to play in.", metavar="NUMBER")] = 1,
    as_json: AsJson = False,
) -> None:
    """Try the doses of a control at moments and in games, each against the neutral one, all else equal."""
    from cicero_lite.progress import CountingBars
    from cicero_lite.steer.experiments import ExperimentError, load_experiment
    from cicero_lite.steer.findings import findings_of
    from cicero_lite.steer.runs import NamedExperiment, run_experiments

    if jobs < 1:
        raise ExperimentError(f"--jobs: expected 1 or more, got {jobs}")
    named = [NamedExperiment(path.stem, load_experiment(path)) for path in files]
    if doubled := {one.name for one in named if sum(other.name == one.name for other in named) > 1}:
        raise ExperimentError(f"expected files of different names, got {min(doubled)} twice")
    counting = CountingBars()
    lines = {what: counting.bars.add_task(what, total=None, visible=False) for what in ("games of self-play", "runs")}

    def watch(what: str, done: int, total: int) -> None:
        counting.bars.update(lines[what], visible=True)
        counting.reached(lines[what], done, total)

    with counting.bars:
        log = run_experiments(named, out, jobs, watch)
    _show([findings_of(one.name, one.experiment, log.ran) for one in named], as_json)


@app.command()
def card(
    folders: Annotated[list[Path], typer.Argument(help="Folders that steer run wrote.", metavar="DIR")],
    out: Annotated[
        Path | None, typer.Option(help="File to write; default: card.html in the first folder.", metavar="FILE")
    ] = None,
) -> None:
    """Make the steerability card of what was run: one web page with plots, tables and talks, to read or print."""
    from cicero_lite.output import write_files
    from cicero_lite.steer.card import card_html, read_folder

    found = [read_folder(folder) for folder in folders]
    path = out or folders[0] / _CARD
    write_files(path.parent, {path.name: card_html(found)})
    print(path)


def _show(found: list[Findings], as_json: bool) -> None:
    from cicero_lite.arena.codec import encode
    from cicero_lite.steer.told import lines_of

    if as_json:
        print(json.dumps(encode(found), indent=1, ensure_ascii=False))
        return
    for number, one in enumerate(found):
        print("\n".join(([""] if number else []) + list(lines_of(one))))


__all__ = ["app"]
