"""``cicero-lite bench``: a command for each benchmark; parses, measures, prints."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cicero_lite.arena.codec import encode
from cicero_lite.errors import CiceroLiteError

app = typer.Typer(
    help="Measure a part: rules, search, strength.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Seed = Annotated[int, typer.Option(help="Fixes the games.", metavar="NUMBER")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class BenchError(CiceroLiteError, ValueError):
    """A benchmark asked for what there is not."""


@app.command()
def rules(
    phases: Annotated[int, typer.Option(help="Phases to play.", metavar="NUMBER")] = 2000,
    seed: Seed = 0,
    coherent: Annotated[bool, typer.Option("--coherent", help="Supports and convoys mostly match real moves.")] = False,
) -> None:
    """Play random games on our rules and on the diplomacy package side by side: differences and speed."""
    from cicero_lite.bench.rules import compare

    print("\n".join(compare(phases, seed, coherent).lines()))


@app.command("search")
def search_speed(
    until: Annotated[int, typer.Option(help="Last year of the game searched.", metavar="YEAR")] = 1904,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Time the search along one game."""
    from cicero_lite.bench.planner import search_speed as measure

    found = measure(until=until, seed=seed)
    lines = [
        f"{found.phases} movement phases, {found.actions:.0f} candidate actions of all powers",
        f"search from nothing: median {found.first_s:.2f} s, worst {found.first_worst_s:.2f} s",
        f"again after talk:    median {found.again_s:.2f} s, worst {found.again_worst_s:.2f} s",
        f"{found.positions_per_s:.0f} joint actions scored per second of search",
    ]
    _show(found, lines, as_json)


@app.command()
def match(
    agent: Annotated[str, typer.Option(help="Agent that plays alone.", metavar="NAME")] = "search",
    against: Annotated[str, typer.Option(help="Agent on the six other seats.", metavar="NAME")] = "dumbbot",
    games: Annotated[int, typer.Option(help="Games to play; the seat rotates.", metavar="NUMBER")] = 14,
    until: Annotated[int, typer.Option(help="Last year played.", metavar="YEAR")] = 1905,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Play one agent against six of another, without press."""
    from cicero_lite.bench.planner import AGENTS
    from cicero_lite.bench.planner import against as play_match

    for name in (agent, against):
        if name not in AGENTS:
            raise BenchError(f"unknown agent {name!r}: expected one of {', '.join(AGENTS)}")
    found = play_match(AGENTS[agent], AGENTS[against], games, seed, until)
    low, high = found.interval
    lines = [
        f"{agent} against six {against}, {found.games} games to {until}:",
        f"score {found.mean_score:.3f} (95 %: {low:.3f} to {high:.3f}; parity 0.143), "
        f"{found.mean_centers:.1f} centres, {found.wins} solos, {found.defeats} lost to a solo",
        f"{found.seconds_per_phase:.2f} s a movement phase",
    ]
    _show(found, lines, as_json)


def _show(found: object, lines: list[str], as_json: bool) -> None:
    print(json.dumps(encode(found), indent=1) if as_json else "\n".join(lines))
