"""The command ``cicero-lite``: each command parses its options, calls one public function and prints.

A user's mistake gives one line on stderr and exit code 2; Ctrl-C gives 130.  Modules are imported where they
are used, so that a command does not wait for the language model of another.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cicero_lite.arena import commands as arena
from cicero_lite.bench import commands as bench
from cicero_lite.bench.options import AsJson, ConfigFiles
from cicero_lite.errors import CiceroLiteError, ConfigError
from cicero_lite.hosting import desk_commands as desk
from cicero_lite.steer import commands as steer
from cicero_lite.web.options import LOOPBACK, Host, Names, Port, TokenFile, door_asked_for
from dialogue.language_model import LanguageModelError
from engine.types import POWERS, EngineError, Phase, Power, UnknownPowerError

app = typer.Typer(
    name="cicero-lite",
    help="A controllable negotiation agent for Diplomacy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(arena.app, name="arena")
app.add_typer(bench.app, name="bench")
app.add_typer(desk.app, name="desk")
app.add_typer(steer.app, name="steer")

_CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""Base of the errors of the option parser; typer gives it no public name."""

_INTERRUPTED = 130
"""Exit code after Ctrl-C; newer versions of typer return it themselves."""

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one setting, such as play.rounds=3."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing while it runs.")]
GameId = Annotated[
    str | None,
    typer.Option("--game", metavar="ID", help="Which game, where the file holds several (.jsonl)."),
]

StoreFile = Annotated[
    Path | None, typer.Option(help="File that keeps everything; default: cicero-lite.sqlite.", metavar="FILE")
]
ModeName = Annotated[str | None, typer.Option(help="Who decides: auto, approve, advise or shadow.", metavar="MODE")]
NewConfig = Annotated[
    bool,
    typer.Option(
        "--new-config", help="Games under way take the agent's settings given now, not those they began with."
    ),
]
JsonLines = Annotated[bool, typer.Option("--json-lines", help="Print JSON, one line for each event.")]
LogFile = Annotated[
    Path | None, typer.Option(help="File that gets all lines as JSON, mode 600, rotated at 10 MB.", metavar="FILE")
]
MetricsPort = Annotated[
    int | None,
    typer.Option(help="Port of 127.0.0.1 for Prometheus' figures; 0: any that is free.", metavar="NUMBER"),
]


@app.command()
def play(
    powers: Annotated[
        str | None, typer.Option(help="Powers that negotiate: all, none, or names with commas.", metavar="NAMES")
    ] = None,
    agents: Annotated[
        str | None,
        typer.Option(
            help="Agents of single seats: FRANCE=dumbbot,ITALY=cicero:speech.honesty=binding.", metavar="SEATS"
        ),
    ] = None,
    until: Annotated[int | None, typer.Option(help="Last year played, winter included.", metavar="YEAR")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed plays the same game.", metavar="NUMBER")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; default: runs/seed-SEED.", metavar="DIR")
    ] = None,
    map_name: Annotated[str | None, typer.Option("--map", help="Map to play on.", metavar="NAME")] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    quiet: Quiet = False,
) -> None:
    """Play a whole game at one table, and keep it: game.json, events.jsonl, replay.html, config.yaml."""
    from cicero_lite.config import load_config
    from cicero_lite.display import final_table
    from cicero_lite.live import make_view
    from cicero_lite.session import play as play_game

    resolved = load_config(config or (), settings or (), _play_options(powers, agents, until, seed, map_name))
    folder = out or Path("runs") / f"seed-{resolved.play.seed}"
    console = Console()
    with make_view(console, resolved.play.until, quiet) as view:
        game = play_game(resolved, folder, [view.event], view.table_event)
    if not quiet:
        console.print(final_table(game))
    console.print(f"{folder / 'replay.html'}", soft_wrap=True, highlight=False)


@app.command()
def advise(
    game: Annotated[Path, typer.Argument(help="A saved game (.json) or a file of games (.jsonl, .jsonl.gz).")],
    phase: Annotated[str, typer.Option(help="Phase to advise on, such as F1903M.", metavar="PHASE")],
    power: Annotated[str, typer.Option(help="Power to advise.", metavar="NAME")],
    game_id: GameId = None,
    talk: Annotated[bool, typer.Option("--talk", help="Read the messages of the phase itself, too.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same advice.", metavar="NUMBER")] = 0,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Advise a power in a phase of any game: what to order, what to expect, what to say to whom."""
    from cicero_lite.advise import advice_json, print_advice
    from cicero_lite.advise import advise as give_advice
    from cicero_lite.config import load_config

    wanted, asking = Phase.parse(phase), Power.parse(power)
    resolved = load_config(config or (), settings or ())
    advice = give_advice(game, game_id, wanted, asking, resolved.agent, talk=talk, seed=seed)
    if as_json:
        _print_json(advice_json(advice))
    else:
        print_advice(advice, Console())


@app.command()
def view(
    game: Annotated[Path, typer.Argument(help="A saved game, a file of games, or a folder that play wrote.")],
    game_id: GameId = None,
    out: Annotated[Path | None, typer.Option(help="File to write; default: GAME-ID.html here.", metavar="FILE")] = None,
) -> None:
    """Make one self-contained web page of a game: every map with its orders, every talk."""
    from cicero_lite.view import write_replay

    print(write_replay(game, game_id, out))


@app.command()
def gallery(
    games: Annotated[list[Path], typer.Argument(metavar="GAME...", help="Folders that play wrote, or saved games.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.", metavar="DIR")],
    captions: Annotated[
        Path | None,
        typer.Option(help="YAML with titles and captions of ours, by the names of the games.", metavar="FILE"),
    ] = None,
) -> None:
    """Make an index of games, with a replay of each, that leads to the phases and messages where they turned."""
    from cicero_lite.gallery import write_gallery

    for page in write_gallery(games, out, captions):
        print(page)


@app.command("inspect")
def inspect_game(
    game: Annotated[Path, typer.Argument(help="A folder that play wrote, a saved game, or a file of games.")],
    game_id: GameId = None,
    host: Host = LOOPBACK,
    port: Port = 8732,
    names: Names = None,
    token_file: TokenFile = None,
    config: ConfigFiles = None,
    settings: Settings = None,
) -> None:
    """Serve the replay of a game that can be asked why the agent did what it did, and what if. Ctrl-C ends it."""
    from cicero_lite.config import load_config
    from cicero_lite.inspection import open_record
    from cicero_lite.web.inspector import InspectorServer

    door = door_asked_for(host, port, names, token_file)
    thinks = load_config(config or (), settings or ()).agent if config or settings else None
    with InspectorServer(open_record(game, game_id, thinks), door) as server:
        print(door.way_in(server.url, server.token), flush=True)
        server.wait()


@app.command()
def ledger(
    game: Annotated[Path, typer.Argument(help="A saved game, a file of games, or a folder that play wrote.")],
    power: Annotated[str, typer.Option(help="Whose ledger is asked.", metavar="NAME")],
    about: Annotated[str | None, typer.Option(help="A province; default: anything.", metavar="PLACE")] = None,
    by: Annotated[str | None, typer.Option(help="Who said it; default: the power itself.", metavar="NAME")] = None,
    to: Annotated[str | None, typer.Option(help="To whom; default: to anybody.", metavar="NAME")] = None,
    game_id: GameId = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a power said to whom, or was told, in which words, and what became of it."""
    from cicero_lite.arena.codec import encode
    from cicero_lite.ledger import ask_ledger

    named = [None if name is None else Power.parse(name) for name in (by, to)]
    answer = ask_ledger(game, game_id, Power.parse(power), about, *named)
    if as_json:
        _print_json(encode(answer))
    else:
        print("\n".join(answer.lines()))


@app.command("config")
def show_config(config: ConfigFiles = None, settings: Settings = None, as_json: AsJson = False) -> None:
    """Print the resolved configuration, with what each key means."""
    from cicero_lite.config import config_values, config_yaml, load_config

    resolved = load_config(config or (), settings or ())
    if as_json:
        _print_json(config_values(resolved))
    else:
        print(config_yaml(resolved), end="")


@app.command()
def web(
    store: Annotated[
        Path | None, typer.Option(help="File that keeps the games; default: cicero-lite-web.sqlite.", metavar="FILE")
    ] = None,
    host: Host = LOOPBACK,
    port: Port = 8732,
    names: Names = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the token that opens games, mode 600; default: a new one at each start.", metavar="FILE"
        ),
    ] = None,
    personas: Annotated[
        Path | None, typer.Option(help="Folder of personas, YAML; default: configs/personas.", metavar="DIR")
    ] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
) -> None:
    """Sit down at a table with agents, or with friends and agents: games in the browser. Ctrl-C ends it."""
    from cicero_lite.config import load_config
    from cicero_lite.web.table.command import PERSONAS, STORE, Web, run_web

    door = door_asked_for(host, port, names, token_file)
    run_web(Web(store or STORE, door, personas or PERSONAS), load_config(config or (), settings or ()))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of 127.0.0.1; 0: any that is free.", metavar="NUMBER")] = 0,
    press: Annotated[
        str, typer.Option(help="Regular, PublicPressOnly, NoPress or RulebookPress.", metavar="TYPE")
    ] = "Regular",
    phase_minutes: Annotated[int, typer.Option(help="Length of each phase.", metavar="MINUTES")] = 5,
    speed: Annotated[float, typer.Option(help="Seconds of the site for each real one.", metavar="FACTOR")] = 1.0,
    skew: Annotated[float, typer.Option(help="How far the site's clock is ahead of ours.", metavar="SECONDS")] = 0.0,
    faults: Annotated[
        str, typer.Option(help="Faults to inject: slow=0.05,stored_error=0.02, or all=0.02.", metavar="RATES")
    ] = "",
    seed: Annotated[int, typer.Option(help="The same seed injects the same faults.", metavar="NUMBER")] = 0,
    keys: Annotated[
        Path | None, typer.Option(help="New file for the keys, mode 600; default: print them.", metavar="FILE")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="File from which the site comes back after a restart.", metavar="FILE")
    ] = None,
) -> None:
    """Run a webDiplomacy site on this machine, to rehearse: one game, seven keys. Ctrl-C ends it."""
    from cicero_lite.adapters.webdiplomacy_sandbox.command import Rehearsal, run_rehearsal

    run_rehearsal(Rehearsal(port, press, phase_minutes, speed, skew, faults, seed, keys, journal), Console())


@app.command()
def webdip(
    url: Annotated[str | None, typer.Option(help="The site, such as https://webdiplomacy.net.", metavar="URL")] = None,
    key_file: Annotated[Path | None, typer.Option(help="File with the key.", metavar="FILE")] = None,
    key_variable: Annotated[str | None, typer.Option(help="Environment variable with the key.", metavar="NAME")] = None,
    store: StoreFile = None,
    mode: ModeName = None,
    game: Annotated[
        list[str] | None,
        typer.Option(help="Play only this game, by number or name; may be given repeatedly.", metavar="ID"),
    ] = None,
    agent: Annotated[str, typer.Option(help="Who plays in games that begin.", metavar="NAME")] = "cicero",
    once: Annotated[bool, typer.Option("--once", help="One pass over all games: read, think, speak, order.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing to the server: mode shadow.")] = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Rehearse on a site of its own.")] = False,
    power: Annotated[str, typer.Option(help="Whom to play in a rehearsal.", metavar="NAME")] = "FRANCE",
    opponents: Annotated[str, typer.Option(help="Agent of the others in a rehearsal.", metavar="NAME")] = "dumbbot",
    phase_minutes: Annotated[int, typer.Option(help="Length of a phase in a rehearsal.", metavar="MINUTES")] = 3,
    faults: Annotated[
        str,
        typer.Option(help="Faults of a rehearsal's site: slow=0.05,stored_error=0.02, or all=0.02.", metavar="RATES"),
    ] = "",
    new_config: NewConfig = False,
    json_lines: JsonLines = False,
    log_file: LogFile = None,
    metrics_port: MetricsPort = None,
    config: ConfigFiles = None,
    settings: Settings = None,
) -> int:
    """Play all games of a webDiplomacy key, for days. Ctrl-C ends it; the next start goes on where it was."""
    from cicero_lite.adapters.webdiplomacy_sandbox.command import Rehearsal
    from cicero_lite.config import load_config
    from cicero_lite.hosting.service import Watched
    from cicero_lite.hosting.webdip_command import Webdip, run_webdip

    if dry_run and mode not in (None, "shadow"):
        raise ConfigError(f"--dry-run is mode shadow: expected no --mode beside it, got {mode}")
    if sandbox and (url or key_file or key_variable):
        raise ConfigError("--sandbox has a site and keys of its own: expected no --url, --key-file or --key-variable")
    if faults and not sandbox:
        raise ConfigError("--faults is for rehearsals: expected --sandbox beside it")
    options = _live_options(url, key_file, key_variable, "shadow" if dry_run else mode, game)
    resolved = load_config(config or (), settings or (), options)
    wanted = Webdip(
        agent=agent,
        store=store,
        once=once,
        watched=Watched(json_lines, log_file, metrics_port),
        is_new_config=new_config,
        rehearsal=Rehearsal(phase_minutes=phase_minutes, faults=faults) if sandbox else None,
        power=Power.parse(power),
        opponents=opponents,
    )
    return run_webdip(wanted, resolved, Console())


@app.command()
def join(
    game: Annotated[str, typer.Option(help="Name of the game.", metavar="ID")],
    power: Annotated[str, typer.Option(help="Whom to play.", metavar="NAME")],
    host: Annotated[str, typer.Option(help="Where the server is.", metavar="NAME")] = "localhost",
    port: Annotated[int, typer.Option(help="Its port.", metavar="NUMBER")] = 8432,
    user: Annotated[str, typer.Option(help="The account; made if it is new.", metavar="NAME")] = "cicero-lite",
    password_file: Annotated[Path | None, typer.Option(help="File with its password.", metavar="FILE")] = None,
    password_variable: Annotated[
        str | None, typer.Option(help="Environment variable with its password.", metavar="NAME")
    ] = None,
    registration_file: Annotated[
        Path | None, typer.Option(help="File with the game's password, where it has one.", metavar="FILE")
    ] = None,
    agent: Annotated[str, typer.Option(help="Who plays.", metavar="NAME")] = "cicero",
    store: StoreFile = None,
    mode: ModeName = None,
    once: Annotated[bool, typer.Option("--once", help="One pass: read, think, speak, order.")] = False,
    create: Annotated[bool, typer.Option("--create", help="Make the game if there is none of the name.")] = False,
    press: Annotated[str, typer.Option(help="Of a game that is made: full, public or none.", metavar="TYPE")] = "full",
    deadline: Annotated[
        int, typer.Option(help="Of a game that is made: seconds a phase; 0: until all are ready.", metavar="SECONDS")
    ] = 0,
    players: Annotated[
        int, typer.Option(help="Of a game that is made: how many powers are played.", metavar="NUMBER")
    ] = 7,
    new_config: NewConfig = False,
    json_lines: JsonLines = False,
    log_file: LogFile = None,
    metrics_port: MetricsPort = None,
    config: ConfigFiles = None,
    settings: Settings = None,
) -> int:
    """Play a seat on a server of the diplomacy package. Ctrl-C ends it; the next start goes on where it was."""
    from cicero_lite.config import load_config
    from cicero_lite.hosting.join import Join, new_game, run_join
    from cicero_lite.hosting.service import Watched

    wanted = Join(
        host=host,
        port=port,
        game=game,
        power=Power.parse(power),
        user=user,
        password_file=password_file,
        password_variable=password_variable,
        registration_file=registration_file,
        agent=agent,
        store=store,
        once=once,
        watched=Watched(json_lines, log_file, metrics_port),
        is_new_config=new_config,
        new_game=new_game(press, deadline, players) if create else None,
    )
    resolved = load_config(config or (), settings or (), _live_options(None, None, None, mode, None))
    return run_join(wanted, resolved, Console())


def _live_options(
    url: str | None, key_file: Path | None, key_variable: str | None, mode: str | None, games: list[str] | None
) -> list[tuple[str, Mapping[str, Any]]]:
    given: list[tuple[str, str, str, Any]] = [
        ("--url", "webdiplomacy", "url", url),
        ("--key-file", "webdiplomacy", "key_file", None if key_file is None else str(key_file)),
        ("--key-variable", "webdiplomacy", "key_variable", key_variable),
        ("--mode", "host", "mode", mode),
        ("--game", "host", "games", games or None),
    ]
    return [(option, {"live": {part: {key: value}}}) for option, part, key, value in given if value is not None]


def _play_options(
    powers: str | None, agents: str | None, until: int | None, seed: int | None, map_name: str | None
) -> list[tuple[str, Mapping[str, Any]]]:
    given: list[tuple[str, str, Any]] = [
        ("--powers", "powers", None if powers is None else _power_names(powers)),
        ("--agents", "agents", None if agents is None else _seats(agents)),
        ("--until", "until", until),
        ("--seed", "seed", seed),
        ("--map", "map_name", map_name),
    ]
    return [(option, {"play": {key: value}}) for option, key, value in given if value is not None]


def _power_names(text: str) -> list[str]:
    named = {"all": [power.value for power in POWERS], "none": []}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    return [Power.parse(name).value for name in text.split(",")]


def _seats(text: str) -> dict[str, str]:
    from cicero_lite.arena.agents import split_values

    seats: dict[str, str] = {}
    last = None
    for entry in split_values(text):
        name, equals, agent = entry.partition("=")
        if last is not None and ":" in seats[last] and not _names_power(name):
            seats[last] += f",{entry}"  # one more setting of that seat
            continue
        if not equals:
            raise ConfigError(f"--agents: expected POWER=AGENT, such as FRANCE=dumbbot, got {entry!r}")
        last = Power.parse(name).value
        seats[last] = agent.strip()
    return seats


def _names_power(text: str) -> bool:
    try:
        Power.parse(text)
    except UnknownPowerError:
        return False
    return True


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=1, ensure_ascii=False))


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the arguments after the program's name; None: those of the process.

    Returns:
        The exit code: 0, 2 for a user's mistake, 130 after Ctrl-C.
    """
    try:
        returned = app(args=None if argv is None else list(argv), standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        returned = _INTERRUPTED
    except _CLICK_ERROR as error:
        return _refuse(error.format_message() if hasattr(error, "format_message") else str(error))
    except Exception as error:
        if not isinstance(error, CiceroLiteError | EngineError | LanguageModelError):
            raise
        return _refuse(str(error))
    if returned == _INTERRUPTED:
        print("cicero-lite: interrupted", file=sys.stderr)
    return returned if isinstance(returned, int) else 0


def _refuse(message: str) -> int:
    print(f"cicero-lite: {' '.join(message.split())}", file=sys.stderr)
    return 2


def entry_point() -> None:
    """The console script."""
    sys.exit(main())


__all__ = ["app", "entry_point", "main"]
