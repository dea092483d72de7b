"""The benchmarks of play on servers: a game in spite of faults and kills, and many games at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from cicero_lite.bench.options import AsJson, ConfigFiles, Seed, Settings, choice, counting_bar, show_result

AgentName = Annotated[str, typer.Option(help="Who plays.", metavar="NAME")]
Keep = Annotated[
    Path | None, typer.Option(help="New folder for stores, keys, journal and what the clients print.", metavar="DIR")
]


def soak(
    server: Annotated[
        str, typer.Option(help="Whose: webdiplomacy (the sandbox) or diplomacy (the package).", metavar="KIND")
    ] = "webdiplomacy",
    until: Annotated[int, typer.Option(help="Last year played.", metavar="YEAR")] = 1905,
    kills: Annotated[int, typer.Option(help="Of each of the seven clients.", metavar="NUMBER")] = 10,
    faults: Annotated[
        str,
        typer.Option(
            help="Shares of requests, as of sandbox --faults; of the package's server cut=0.02, of seconds.",
            metavar="RATES",
        ),
    ] = "all=0.02",
    seed: Seed = 0,
    phase_minutes: Annotated[
        int, typer.Option(help="Length of a phase, which ends as soon as all are ready.", metavar="MINUTES")
    ] = 5,
    agent: AgentName = "cicero",
    keep: Keep = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Play a game with seven clients that are killed, on a site that fails; exit status 1 if anything went amiss."""
    from cicero_lite.bench.soak import ServerKind, Soak, measure_soak

    options = _client_options(agent, config, settings)
    kind = choice(ServerKind, "--server", server)
    wanted = Soak(kind, until, kills, faults, seed, phase_minutes, agent, options)
    with _terminable(), counting_bar("springs and autumns") as reached:
        found = measure_soak(wanted, keep, reached)
    show_result(found, found.lines(), as_json)
    if not found.is_ok:
        raise typer.Exit(1)


def capacity(
    games: Annotated[int, typer.Option(help="With one seat in each.", metavar="NUMBER")] = 20,
    deadline_minutes: Annotated[int, typer.Option(help="Length of every phase.", metavar="MINUTES")] = 5,
    phases: Annotated[int, typer.Option(help="Of each game.", metavar="NUMBER")] = 3,
    letters: Annotated[
        int, typer.Option(help="Messages to the seat in each game and movement phase.", metavar="NUMBER")
    ] = 6,
    seed: Seed = 0,
    agent: AgentName = "cicero",
    quick: Annotated[bool, typer.Option("--quick", help="Phases end as soon as the seat is ready.")] = False,
    keep: Keep = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Let one process play many games whose deadlines come at once; exit status 1 if it missed one."""
    from cicero_lite.bench.capacity import Capacity, measure_capacity

    options = _client_options(agent, config, settings)
    wanted = Capacity(games, deadline_minutes, phases, letters, seed, agent, quick, options)
    with _terminable(), counting_bar("phases") as reached:
        found = measure_capacity(wanted, keep, reached)
    show_result(found, found.lines(), as_json)
    if not found.is_ok:
        raise typer.Exit(1)


def table(
    tabs: Annotated[
        int, typer.Option(help="Of the browser; tab n sits in game n modulo --games.", metavar="NUMBER")
    ] = 20,
    games: Annotated[int, typer.Option(help="Each with a person and six agents.", metavar="NUMBER")] = 4,
    quiet_s: Annotated[float, typer.Option("--quiet", help="Measured with no agent.", metavar="SECONDS")] = 40.0,
    thinking_s: Annotated[
        float, typer.Option("--thinking", help="Measured while agents think.", metavar="SECONDS")
    ] = 80.0,
    pause_s: Annotated[
        float, typer.Option("--pause", help="Of each tab between two things done in it, on average.", metavar="SECONDS")
    ] = 5.0,
    seed: Seed = 0,
    agent: AgentName = "cicero",
    keep: Keep = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Play at the table in many tabs of a browser on this machine; exit status 1 if anything was lost or doubled."""
    from cicero_lite.bench.table import TableWanted, measure_table

    options = _client_options(agent, config, settings)
    wanted = TableWanted(tabs, games, quiet_s, thinking_s, pause_s, seed=seed, agent=agent, options=options)
    with _terminable(), counting_bar("seconds") as reached:
        found = measure_table(wanted, keep, reached)
    show_result(found, found.lines(), as_json)
    if not found.is_ok:
        raise typer.Exit(1)


def _client_options(agent: str, config: list[Path] | None, settings: list[str] | None) -> tuple[str, ...]:
    """The same configuration for a client.

    Raises:
        UnknownAgentError, ConfigError: no client could play by these.
    """
    from cicero_lite.config import load_config
    from cicero_lite.registry import check_agent_name

    check_agent_name(agent)
    load_config(config or (), settings or ())
    files = [word for path in config or () for word in ("--config", str(path))]
    return (*files, *(word for setting in settings or () for word in ("--set", setting)))


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM within is like Ctrl-C: no client is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
