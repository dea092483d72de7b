"""The door of a page of ours: who may come in, and what the page may do in a browser.

A token opens it: it comes in the fragment of the printed address, which no browser sends and no server logs, and is
exchanged for a cookie that scripts cannot read and other sites cannot use.  Requests under another host's name are
refused (a foreign site whose name was made to point here), so are writes that another site's page asks for.  The page
runs no script and loads no file but its own.  Off this machine it listens only with a token that its owner chose and
keeps.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from starlette.requests import ClientDisconnect, HTTPConnection, Request

from cicero_lite.errors import ConfigError

LONGEST_BODY = 64 * 1024
"""Bytes of a request; the longest message has half of it."""
SHORTEST_TOKEN = 20
"""Letters of a token that somebody chose."""
_LAST_PORT = 65535
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{sheet}'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of a page with one script and one style sheet, given by their `digest`."""
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer."""


@dataclass(frozen=True)
class Door:
    """Where the page is reached, and with what."""

    host: str
    port: int
    names: frozenset[str]
    """Host names, lower case, under which requests may come; any port, as a tunnel has another."""
    token: str | None
    """None: a new one at each start."""

    def url(self, port: int) -> str:
        """The address of the page on this port, which is the one that was free if any was asked for."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{port}/"

    def way_in(self, url: str, token: str) -> str:
        """What to open in a browser: with the token in force, unless its owner brought it and has it."""
        return url if self.token is not None else f"{url}#{token}"


class RefusalError(Exception):
    """A request that gets no more than a line."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


def checked_door(host: str, port: int, names: Sequence[str], token: str | None) -> Door:
    """A door that is safe to open.

    Args:
        host: address to listen on.
        port: 0: any that is free.
        names: further names under which browsers reach it.
        token: None: a new one at each start.

    Raises:
        ConfigError: another address than this machine's own without a token of its owner's, or without a name.
    """
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError(f"--port: expected 0 to {_LAST_PORT}, got {port}")
    known = {name.lower() for name in names}
    if _is_loopback(host):
        return Door(host, port, frozenset({*known, host.lower(), "localhost", "127.0.0.1", "::1"}), token)
    if token is None:
        raise ConfigError(f"--host {host}: others can reach this address; expected --token-file with a token of yours")
    if _is_wildcard(host) and not known:
        raise ConfigError(f"--host {host}: expected --name with the host name under which browsers reach it")
    return Door(host, port, frozenset({*known, host.lower()}), token)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host == ""


def read_token(path: Path) -> str:
    """The token in a file.

    Raises:
        ConfigError: the file cannot be read, others may read it, or what it holds is no token.
    """
    try:
        mode = path.stat().st_mode
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"cannot read the token in {path}: {reason}") from None
    if mode & 0o077:
        raise ConfigError(
            f"{path}: expected a file that its owner alone may read, got mode {mode & 0o777:o}; chmod 600"
        )
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(f"{path}: expected a token of {SHORTEST_TOKEN} or more ASCII letters without blanks")
    return token


def is_same(given: str, expected: str) -> bool:
    """Takes as long whatever is given."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def bearer(request: HTTPConnection) -> str | None:
    """The token that a request brings in its header; None: it has no such header."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else None


def split(address: str) -> SplitResult:
    """The parts of an address, all empty where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def is_secure(request: HTTPConnection) -> bool:
    """Whether the browser came by https, through a proxy in front of us."""
    return split(request.headers.get("origin", "")).scheme == "https"


def check_names(request: HTTPConnection, names: frozenset[str], method: str) -> None:
    """Returns if a request comes under a name of ours, and from a page of ours.

    Args:
        request: the request, or the opening of a websocket.
        names: host names, lower case.
        method: ``GET`` for what only reads.

    Raises:
        RefusalError: another name, or another site asks.
    """
    host = request.headers.get("host", "")
    if split(f"//{host}").hostname not in names:
        raise RefusalError(403, "this host name is not ours; name it with --name")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RefusalError(403, "asked for by another site")
    origin = request.headers.get("origin")
    if origin is not None and split(origin).netloc.lower() != host.lower():
        raise RefusalError(403, "asked for by another site")
    if origin is None and method != "GET" and bearer(request) is None:
        raise RefusalError(403, "expected the header Origin, or the token as Authorization: Bearer")


async def json_object(request: Request, at_most: int = LONGEST_BODY) -> Mapping[str, Any]:
    """The JSON object that a request carries.

    Raises:
        RefusalError: it carries something else, or more bytes than `at_most`.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusalError(415, "expected application/json")
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > at_most:
                raise RefusalError(413, f"expected at most {at_most} bytes")
        given = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect):
        given = None
    if not isinstance(given, dict):
        raise RefusalError(400, "expected a JSON object")
    return given


def text_of(given: Mapping[str, Any], key: str) -> str | None:
    """The text under a key; None: there is none.

    Raises:
        RefusalError: something else is there.
    """
    value = given.get(key)
    if value is not None and not isinstance(value, str):
        raise RefusalError(400, f"{key}: expected text")
    return value
