"""Options that the commands share which serve pages: the desk, the inspector, the tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cicero_lite.web.door import Door

Host = Annotated[str, typer.Option(help="Address to listen on.", metavar="ADDRESS")]
Port = Annotated[int, typer.Option(help="Port; 0: any that is free.", metavar="NUMBER")]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", help="Host name under which browsers reach the page; repeatable.", metavar="NAME"),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(help="File with the token, mode 600; default: a new one at each start.", metavar="FILE"),
]
LOOPBACK = "127.0.0.1"


def door_asked_for(host: str, port: int, names: list[str] | None, token_file: Path | None) -> Door:
    """The door that the options ask for.

    Raises:
        ConfigError: as `read_token` and `checked_door`.
    """
    from cicero_lite.web.door import checked_door, read_token

    return checked_door(host, port, names or (), None if token_file is None else read_token(token_file))
