"""``cicero-lite desk``: what a bot means to send waits here for somebody's word."""

from __future__ import annotations

import getpass
import json
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cicero_lite.bench.options import AsJson
from cicero_lite.hosting.settings import STORE
from cicero_lite.web.options import LOOPBACK, Host, Names, Port, TokenFile, door_asked_for

app = typer.Typer(
    help="Approve, change or reject what a bot means to send; stop it; see what it does.", no_args_is_help=True
)

StoreFile = Annotated[Path, typer.Option("--store", help="The file that the bot keeps.", metavar="FILE")]
Number = Annotated[int, typer.Argument(help="The message's number, as `desk list` shows it.")]


@app.command("list")
def show_waiting(store: StoreFile = STORE, as_json: AsJson = False) -> None:
    """Show the messages that wait, with what the agent meant by them."""
    from cicero_lite.hosting.desk import desk_of, open_store
    from cicero_lite.hosting.desk_display import print_waiting

    with closing(open_store(store)) as opened:
        desk = desk_of(opened, time.time())
    if as_json:
        _print_json(desk.values()["waiting"])
    else:
        print_waiting(desk, Console())


@app.command()
def approve(number: Number, store: StoreFile = STORE) -> None:
    """Let a message go as it is."""
    from cicero_lite.hosting import desk

    with closing(desk.open_store(store)) as opened:
        desk.approve(opened, number)
    print(f"message {number} is approved")


@app.command()
def edit(
    number: Number,
    text: Annotated[str, typer.Argument(help="The words to send in its place.")],
    store: StoreFile = STORE,
) -> None:
    """Let a message go with other words."""
    from cicero_lite.hosting import desk

    with closing(desk.open_store(store)) as opened:
        desk.approve(opened, number, text)
    print(f"message {number} is approved with other words")


@app.command()
def reject(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; kept with the message.", metavar="TEXT")] = "",
    store: StoreFile = STORE,
) -> None:
    """Keep a message from being sent."""
    from cicero_lite.hosting import desk

    with closing(desk.open_store(store)) as opened:
        desk.reject(opened, number, reason)
    print(f"message {number} is rejected")


@app.command()
def stop(store: StoreFile = STORE) -> None:
    """Stop every seat: nothing is sent, ordered or voted until `desk go-on`."""
    from cicero_lite.hosting.desk import open_store

    with closing(open_store(store)) as opened:
        opened.stop(_somebody())
    print("everything is stopped")


@app.command("go-on")
def go_on(store: StoreFile = STORE) -> None:
    """Take the stop back."""
    from cicero_lite.hosting import desk

    with closing(desk.open_store(store)) as opened:
        desk.go_on(opened, _somebody())
    print("everything goes on")


@app.command()
def steer(
    seat: Annotated[int, typer.Argument(help="The seat's number, as `desk status` shows it.")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            help="Controls to set, such as aggression=0.02 or weights.ENGLAND=0.3; `neutral` takes all back. Without "
            "any, those in force are shown.",
            metavar="[KEY=VALUE ...]",
        ),
    ] = None,
    store: StoreFile = STORE,
) -> None:
    """Steer a seat while it is played; docs/controls.md says what can be set."""
    from cicero_lite.hosting.desk import open_store
    from cicero_lite.hosting.steering import steer_seat
    from cicero_lite.steer.words import controls_words

    with closing(open_store(store)) as opened:
        controls = steer_seat(opened, seat, settings or (), _somebody())
    print(f"seat {seat}: {controls_words(controls)}")


@app.command()
def status(store: StoreFile = STORE, as_json: AsJson = False) -> None:
    """Show every seat with its phase, its deadline, what it does and means to order, and the last notices."""
    from cicero_lite.hosting.desk import desk_of, open_store
    from cicero_lite.hosting.desk_display import print_status

    with closing(open_store(store)) as opened:
        desk = desk_of(opened, time.time())
    if as_json:
        _print_json(desk.values())
    else:
        print_status(desk, Console())


@app.command()
def log(
    seat: Annotated[int, typer.Argument(help="The seat's number, as `desk status` shows it.")],
    store: StoreFile = STORE,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for events.jsonl, game.json and replay.html; default: print the log.", metavar="DIR"),
    ] = None,
) -> None:
    """Print a seat's log, or make a folder of it that view and ledger can open."""
    from cicero_lite.hosting.desk import open_store, seat_of
    from cicero_lite.hosting.seat_log import write_seat_log

    with closing(open_store(store)) as opened:
        asked = seat_of(opened, seat)
        lines = opened.log_lines(asked.id) if out is None else [*map(str, write_seat_log(opened, asked, out))]
    for line in lines:
        print(line)


@app.command()
def serve(
    store: StoreFile = STORE,
    host: Host = LOOPBACK,
    port: Port = 8731,
    names: Names = None,
    token_file: TokenFile = None,
) -> None:
    """Serve the desk as a page on this machine. Ctrl-C ends it."""
    from cicero_lite.hosting.desk import open_store
    from cicero_lite.web.desk import DeskServer

    door = door_asked_for(host, port, names, token_file)
    with closing(open_store(store)) as opened, DeskServer(opened, door) as server:
        print(door.way_in(server.url, server.token), flush=True)
        server.wait()


def _somebody() -> str:
    return f"{getpass.getuser()} at the terminal"


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=1, ensure_ascii=False))
