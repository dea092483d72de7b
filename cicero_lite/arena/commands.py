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
    help="Play agents against each other, and say how sure the result is.",
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
