"""``cicero-lite arena``: a command for each kind of experiment; parses, plays, prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cicero_lite.bench.options import ConfigFiles, Settings

if TYPE_CHECKING:
    from cicero_lite.arena.sweep import Sweep
    from cicero_lite.arena.table import Setting, Table

app = typer.Typer(
    help="Play agents against each other, with press or without, and say how sure the result is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_INTERRUPTED = 130

Six = Annotated[str, typer.Option(help="Agent on the six other seats.", metavar="AGENT")]
Games = Annotated[int, typer.Option(help="Games of each agent; best a multiple of 7.", metavar="NUMBER")]
Until = Annotated[int, typer.Option(help="Last year played.", metavar="YEAR")]
Seed = Annotated[int, typer.Option(help="Fixes all games.", metavar="NUMBER")]
Jobs = Annotated[int, typer.Option(help="Processes to play in.", metavar="NUMBER")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Alone = Annotated[str, typer.Option(help="Agent that plays alone: NAME[@FILE][:key=value,...].", metavar="AGENT")]
Folder = Annotated[
    Path | None, typer.Option(help="Keep what is played in this folder; the same command goes on.", metavar="DIR")
]
Picture = Annotated[Path | None, typer.Option(help="Draw it: .png, .svg or .pdf.", metavar="FILE")]


@app.command("run")
def run_experiment(
    file: Annotated[Path, typer.Argument(help="The experiment, such as configs/arena/quick.yaml.", metavar="FILE")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for games, tables and report; the same command goes on; default: runs/arena/NAME.",
            metavar="DIR",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Processes to play in; default: as the file says.", metavar="NUMBER", min=1)
    ] = None,
    ray: Annotated[
        str | None, typer.Option(help="Play on the Ray cluster at this address, such as auto.", metavar="ADDRESS")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play an experiment of a YAML file: tables, ratings and a report, all with intervals."""
    from cicero_lite.arena.codec import encode
    from cicero_lite.arena.display import print_standings, watching
    from cicero_lite.arena.experiment import load_experiment
    from cicero_lite.arena.outcome import make_outcome
    from cicero_lite.arena.tournament import play_experiment

    experiment = load_experiment(file)
    folder = out or Path("runs") / "arena" / file.stem
    with watching() as watch:
        found = play_experiment(experiment, folder, jobs, ray, watch)
    for failure in found.failures:
        typer.echo(f"game {failure.number}, seed {failure.seed}: {failure.problem}", err=True)
    table = make_outcome(found, folder, file, jobs, ray)
    if table is None:
        typer.echo("no game is over yet; the same command goes on", err=True)
    elif as_json:
        print(json.dumps(encode(table), indent=1, ensure_ascii=False))
    else:
        print_standings(table, found.failures)
        typer.echo(str(folder / "report.html"))
    if found.interrupted:
        raise typer.Exit(_INTERRUPTED)
    if found.failures:
        raise typer.Exit(1)


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(help="An experiment with a known answer, such as configs/arena/null.yaml.", metavar="FILE")
    ],
    truth: Annotated[float, typer.Option(help="By how much the first of its pair scores more.", metavar="SCORE")] = 0.0,
    repetitions: Annotated[
        int, typer.Option(help="Experiments, each with a seed of its own.", metavar="NUMBER", min=1)
    ] = 20,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the games; the same command goes on; default: runs/arena/NAME.", metavar="DIR"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Processes to play in; default: as the file says.", metavar="NUMBER", min=1)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Repeat an experiment whose answer is known: how often do the intervals hold it?"""
    from cicero_lite.arena.codec import encode
    from cicero_lite.arena.display import print_check, watching
    from cicero_lite.arena.experiment import load_experiment
    from cicero_lite.arena.known_answers import check_experiment

    experiment = load_experiment(file)
    folder = out or Path("runs") / "arena" / file.stem
    with watching() as watch:
        found = check_experiment(experiment, folder, repetitions, truth, jobs, watch)
    if as_json:
        print(json.dumps(encode(found), indent=1))
    else:
        print_check(found)
    if found.interrupted:
        raise typer.Exit(_INTERRUPTED)
    if not found.passed:
        raise typer.Exit(1)


@app.command("one-v-six")
def one_v_six(
    one: Annotated[
        list[str],
        typer.Option(
            help="Agent that plays alone: NAME[@FILE][:key=value,...]; repeated: a row for each.",
            metavar="AGENT",
        ),
    ],
    six: Six = "dumbbot",
    games: Games = 28,
    until: Until = 1920,
    seed: Seed = 0,
    jobs: Jobs = 1,
    versus: Annotated[
        str | None, typer.Option(help="Agent to compare with, in the same games.", metavar="AGENT")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            help="Keep what is played, in a folder if there are several agents; the same command goes on from there.",
            metavar="FILE",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(help="Write the games played to this folder, to look at or to learn from.", metavar="DIR"),
    ] = None,
    variates: Annotated[
        int,
        typer.Option(
            help="Draw all orders of a phase so many times again, such as 32, to take luck out of the score.",
            metavar="NUMBER",
        ),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Play one agent against six of another, its seat rotating: wins, survival, score, with intervals."""
    from cicero_lite.arena.agents import AgentSpec
    from cicero_lite.arena.display import print_table, showing
    from cicero_lite.arena.table import make_table

    ones = [AgentSpec.parse(text) for text in one]
    against = None if versus is None else AgentSpec.parse(versus)
    setting = _setting(six, games, until, seed, variates)
    with showing() as watch:
        table = make_table(ones, setting, against, jobs, log, watch, keep=keep)
    if as_json:
        _print_json(table)
    else:
        print_table(table)
    _leave_if_interrupted(table)


@app.command("compute-curve")
def compute_curve(
    budgets: Annotated[
        str, typer.Option(help="Values of the budget, with commas.", metavar="VALUES")
    ] = "policy,1it,4it,16it,64it,256it,1024it",
    one: Alone = "search",
    six: Six = "dumbbot",
    budget_key: Annotated[
        str, typer.Option(help="Setting that holds the budget of thought.", metavar="KEY")
    ] = "search.think",
    games: Games = 28,
    until: Until = 1920,
    seed: Seed = 0,
    jobs: Jobs = 1,
    log: Folder = None,
    out: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Score against thinking: one agent with growing budgets, against six of another."""
    found = _swept(one, budget_key, budgets, "--budgets", _setting(six, games, until, seed), jobs, log, out)
    _show_sweep(found, out, f"thinking budget, {budget_key}", as_json)


@app.command()
def sweep(
    key: Annotated[str, typer.Option(help="Setting to vary, such as search.lambda_.", metavar="KEY")],
    values: Annotated[str, typer.Option(help="Its values, with commas.", metavar="VALUES")],
    one: Alone = "search",
    six: Six = "dumbbot",
    games: Games = 28,
    until: Until = 1920,
    seed: Seed = 0,
    jobs: Jobs = 1,
    log: Folder = None,
    out: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Score against any setting of an agent, value by value, against six of another."""
    found = _swept(one, key, values, "--values", _setting(six, games, until, seed), jobs, log, out)
    _show_sweep(found, out, None, as_json)


@app.command()
def persuasion(
    games: Annotated[int, typer.Option(help="Games with press, of seven agents.", metavar="NUMBER")] = 14,
    until: Annotated[int | None, typer.Option(help="Last year played.", metavar="YEAR")] = None,
    seed: Annotated[int | None, typer.Option(help="Fixes all games.", metavar="NUMBER")] = None,
    per_phase: Annotated[
        int, typer.Option(help="Messages drawn from each movement phase, at most.", metavar="NUMBER")
    ] = 3,
    config: ConfigFiles = None,
    settings: Settings = None,
    jobs: Jobs = 1,
    keep: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Is what a message asks for ordered more often than without it? The same phases again, the message changed."""
    from cicero_lite.arena.persuasion import measure_persuasion
    from cicero_lite.bench.options import counting_bar
    from cicero_lite.config import load_config

    given = {"until": until, "seed": seed}
    options = [(f"--{key}", {"play": {key: value}}) for key, value in given.items() if value is not None]
    resolved = load_config(config or (), settings or (), options)
    with counting_bar("games") as reached:
        found = measure_persuasion(resolved, games, per_phase, jobs, keep, reached)
    if as_json:
        _print_json(found)
    else:
        print("\n".join(found.lines()))
    if found.interrupted:
        raise typer.Exit(_INTERRUPTED)


def _setting(six: str, games: int, until: int, seed: int, variates: int = 0) -> Setting:
    from cicero_lite.arena.agents import AgentSpec
    from cicero_lite.arena.table import Setting

    return Setting(AgentSpec.parse(six), games, seed, until, variates)


def _swept(
    one: str, key: str, values: str, option: str, setting: Setting, jobs: int, log: Path | None, out: Path | None
) -> Sweep:
    from cicero_lite.arena.agents import AgentSpec, AgentSpecError, split_values
    from cicero_lite.arena.display import showing
    from cicero_lite.arena.plot import check_picture
    from cicero_lite.arena.sweep import sweep as play_sweep

    if out is not None:
        check_picture(out)
    try:
        given = split_values(values)
    except AgentSpecError as error:
        raise AgentSpecError(f"{option}: {error}") from None
    with showing() as watch:
        return play_sweep(AgentSpec.parse(one), key, given, setting, jobs, log, watch)


def _show_sweep(found: Sweep, out: Path | None, label: str | None, as_json: bool) -> None:
    from cicero_lite.arena.display import print_table
    from cicero_lite.arena.plot import draw

    if out is not None:
        draw(found, out, label)
    if as_json:
        _print_json(found)
    else:
        print(f"{found.one}, {found.key} varied:")
        print_table(found.table, found.key, found.values)
        if (trend := found.trend) is not None:
            interval = f"[{trend.low:+.3f}, {trend.high:+.3f}]"
            print(
                f"ten times the {found.key}: score {trend.per_tenfold:+.3f} {interval}, by a straight line; 0 left out"
            )
        if out is not None:
            print(out)
    _leave_if_interrupted(found.table)


def _print_json(value: object) -> None:
    from cicero_lite.arena.codec import encode

    print(json.dumps(encode(value), indent=1, ensure_ascii=False))


def _leave_if_interrupted(table: Table) -> None:
    if table.interrupted:
        raise typer.Exit(_INTERRUPTED)


__all__ = ["app"]
