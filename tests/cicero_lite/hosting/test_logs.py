"""The log of a bot that plays, and every way we know by which a secret could get into it."""

from __future__ import annotations

import base64
import io
import json
import logging
import stat
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from rich.console import Console

from cicero_lite.adapters.settings import ClientConfig
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_responses import SeatRef, WebDiplomacyError
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules
from cicero_lite.hosting import logs as module
from cicero_lite.hosting.lines import live_lines
from cicero_lite.hosting.logs import REDACTED, LogError, Secrets
from cicero_lite.hosting.store import Store
from engine.types import FIRST_PHASE, Power

KEY = "n0t/for+anybody's\"eyes"
"""With what URLs, JSON and ``repr`` write in other ways."""
PLAIN = "s3cret-of-the-bot"
SPELLINGS = (KEY, quote(KEY, safe=""), json.dumps(KEY)[1:-1], repr(KEY)[1:-1], base64.b64encode(KEY.encode()).decode())


class Logged:
    """A log under way, and what it has written."""

    def __init__(self, folder: Path) -> None:
        self.file, self.terminal, self.secrets = folder / "logs" / "bot.jsonl", io.StringIO(), Secrets()
        self.log = logging.getLogger("cicero_lite")
        self.handlers: list[logging.Handler] = []

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Of the file."""
        return [json.loads(line) for line in self.file.read_text(encoding="ascii").splitlines()]

    @property
    def all_text(self) -> str:
        """Both, with what JSON escapes as it was, too."""
        return f"{self.file.read_text()}\n{self.terminal.getvalue()}\n{self.lines!r}"

    def shows(self) -> list[str]:
        """Spellings of the secrets that got through."""
        return [spelling for spelling in (*SPELLINGS, PLAIN) if spelling in self.all_text]


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    made = Logged(tmp_path)
    made.secrets.add(KEY)
    made.secrets.add(PLAIN)
    with live_lines(made.secrets, Console(file=made.terminal), file=made.file):
        made.log.setLevel(logging.DEBUG)
        made.handlers = logging.getLogger().handlers[:]
        yield made


def test_a_line_in_both_forms(logged: Logged) -> None:
    logged.log.info("orders are in for %s", "S1901M", extra={"seat": 3, "game": "7", "message_": "x y", "_own": 1})
    logged.log.warning("late")
    first, second = logged.lines
    assert first.pop("at").endswith("+00:00")
    assert first == {
        "level": "info",
        "logger": "cicero_lite",
        "message": "orders are in for S1901M",
        "seat": 3,
        "game": "7",
        "message_": "x y",
    }
    assert (second["level"], second["message"]) == ("warning", "late")
    shown = [line.split(" ", 1)[1] for line in logged.terminal.getvalue().splitlines()]
    assert shown == ['orders are in for S1901M seat=3 game=7 message_="x y"', "warning: late"]


def test_the_file_is_its_owners_alone_and_so_are_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 500)
    file = tmp_path / "bot.jsonl"
    file.write_text("")
    file.chmod(0o644)
    with live_lines(Secrets(), Console(file=io.StringIO()), file=file) as lines:
        for number in range(40):
            lines.log.info("line %d", number)
    files = sorted(tmp_path.glob("bot.jsonl*"))
    assert len(files) == 10
    assert {stat.S_IMODE(found.stat().st_mode) for found in files} == {0o600}
    assert "line 39" in file.read_text() + (tmp_path / "bot.jsonl.1").read_text()


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(LogError, match=r"cannot write the log .*choose another file"),
        live_lines(Secrets(), Console(file=io.StringIO()), file=tmp_path / "file" / "bot.jsonl"),
    ):
        pass


def test_afterwards_all_is_as_before(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, warnings.showwarning)
    with live_lines(Secrets(), Console(file=io.StringIO()), file=tmp_path / "bot.jsonl"):
        assert root.handlers != before[0]
    assert (root.handlers[:], root.level, sys.excepthook, threading.excepthook, warnings.showwarning) == before


class Shown:
    """Something whose ``repr`` holds the key."""

    def __repr__(self) -> str:
        return f"Shown({KEY!r})"


class Unshowable:
    def __repr__(self) -> str:
        raise ValueError(KEY)


def test_messages_arguments_and_fields(logged: Logged) -> None:
    logged.log.info(f"the key is {KEY}")
    logged.log.info("%s %r", KEY, KEY)
    logged.log.info("%s", Shown())
    logged.log.info("%(key)s", {"key": KEY})
    nested = {
        "a": [{"b": (KEY, {KEY: 1}, {KEY.encode()})}],
        "bytes": KEY.encode(),
        "config": Shown(),
        "odd": Unshowable(),
    }
    logged.log.info("nested", extra={"data": nested, "other": Shown(), KEY: KEY})
    deep: Any = KEY
    for _ in range(100):
        deep = [deep]
    logged.log.info("deep", extra={"deep": deep})
    logged.log.info("a URL: https://x.org/?q=%s", quote(KEY, safe=""))
    logged.log.info("basic: %s", base64.b64encode(KEY.encode()).decode())
    unfit: list[tuple[str, Any]] = [("%d %d", KEY), ("%s %s", KEY), ("%(no)s", KEY), ("%s", Unshowable())]
    for text, argument in unfit:
        record = logging.LogRecord("cicero_lite", logging.INFO, "", 0, text, (argument,), None)
        for handler in logged.handlers:  # pytest has handlers of its own, which refuse what does not fit
            handler.handle(record)
    assert logged.shows() == []
    assert len(logged.lines) == 12
    assert logged.all_text.count(REDACTED) > 20


def test_numbers_and_short_passwords(logged: Logged) -> None:
    logged.secrets.add("12345678")
    logged.secrets.add("pw")
    logged.secrets.add("")
    logged.log.info("pw is no part of pwd: (pw)", extra={"pin": 12345678, "turn": 3})
    (line,) = logged.lines
    assert line["message"] == f"{REDACTED} is no part of pwd: ({REDACTED})"
    assert (line["pin"], line["turn"]) == (REDACTED, 3)


def test_tracebacks_causes_and_groups(logged: Logged) -> None:
    try:
        try:
            raise KeyError(KEY)
        except KeyError:
            raise ExceptionGroup(KEY, [ValueError(KEY)])  # noqa: B904 (its context is to be told)
    except ExceptionGroup as error:
        error.add_note(f"note: {KEY}")
        logged.log.exception("it failed with %s", KEY, stack_info=True)
    (line,) = logged.lines
    assert "ExceptionGroup: [redacted] (1 sub-exception)" in line["traceback"]
    assert "KeyError: '[redacted]'" in line["traceback"]
    assert "note: [redacted]" in line["traceback"]
    assert "test_logs.py" in line["traceback"]
    assert logged.shows() == []
    assert "Traceback" not in logged.terminal.getvalue()


def test_errors_that_nobody_catches(logged: Logged, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError(KEY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert [line["level"] for line in logged.lines] == ["critical", "critical"]
    assert all("ValueError: [redacted]" in line["traceback"] for line in logged.lines)
    assert logged.shows() == []
    assert KEY not in "".join(capsys.readouterr())


def test_other_packages_and_warnings(logged: Logged) -> None:
    logging.getLogger("httpx").warning("HTTP Request: GET https://x.org/?key=%s", PLAIN)
    logging.getLogger("httpx").info("each request is left out")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"deprecated: {KEY}", stacklevel=1)
    assert len(logged.lines) == 2
    assert logged.shows() == []


def test_a_record_that_cannot_be_written_shows_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As on a full disk; logging itself would print message and arguments."""
    terminal = io.StringIO()
    secrets = Secrets()
    secrets.add(KEY)
    with live_lines(secrets, Console(file=terminal)) as lines:
        terminal.close()
        lines.log.info("%s", KEY)
    told = capsys.readouterr().err
    assert told == "a record of cicero_lite cannot be logged: ValueError\n"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer UNKNOWN",
        "{'authorization': 'Bearer UNKNOWN'}",
        '{"Authorization": "UNKNOWN", "a": 1}',
        "Authorization: UNKNOWN",
        "authorization: basic UNKNOWN",
        "Headers([('authorization', '[secure]'), ('x', 'bearer UNKNOWN')])",
        "GET https://x.org/api.php?route=a&key=UNKNOWN&gameID=7",
        "GET https://x.org/?api_key=UNKNOWN",
        "GET https://x.org/?a=1%26key%3DUNKNOWN",
        "https://me:UNKNOWN@x.org/",
        "token=UNKNOWN",
        "password='UNKNOWN or two'",
        "ClientConfig(url='x', key='UNKNOWN')",
        'b\'{"password": "UNKNOWN"}\'',
        '"{\\"password\\": \\"UNKNOWN\\"}"',
        "cookie=UNKNOWN",
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    found = Secrets().redact(text)
    assert "UNKNOWN" not in found, found
    assert "x.org" in found or "x.org" not in text


@pytest.mark.parametrize(
    "text",
    [
        "key_file='/etc/bot/key', key_variable='WEBDIP_KEY'",
        "players/active_games: the server does not know the key (a key is good for one site alone); expected the key",
        "FRANCE in game 7: S1901M ends in 119 s and no orders are handed in",
        "The bearer of this letter",
        "Turkey: 'leave Armenia', it says; turkey='yes', TURKEY=3",
        "A PAR - BUR; F BRE - MAO",
        "https://webdiplomacy.net/api.php?route=game/status&gameID=7",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    found = Secrets().redact(text)
    assert found == text or text.startswith("The bearer"), found


def test_fields_that_are_called_secrets(logged: Logged) -> None:
    logged.log.info(
        "x", extra={"headers": {"Authorization": "UNKNOWN", "X": 1}, "api_key": 77, "tokens": 5, "key_file": "k"}
    )
    (line,) = logged.lines
    assert line["headers"] == {"Authorization": REDACTED, "X": 1}
    assert (line["api_key"], line["tokens"], line["key_file"]) == (REDACTED, 5, "k")


def test_what_others_wrote_cannot_forge_lines(logged: Logged) -> None:
    logged.log.info("England says: %s", 'hi\n{"level": "critical"}\x1b[2J\r\u202eevil')
    assert len(logged.lines) == 1
    assert len(logged.terminal.getvalue().splitlines()) == 1
    assert not {"\x1b", "\r", "\u202e"} & set(logged.terminal.getvalue())


# --- the client that we have ------------------------------------------------------------------------------


def test_the_client_its_errors_and_the_store(logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that fails in every way against a site that repeats the key; all of it logged and noted."""
    key_file = tmp_path / "key"
    key_file.write_text(PLAIN)
    store = Store(tmp_path / "bot.sqlite")
    seat = store.take_seat("https://example.org", "7", Power.FRANCE, "cicero", 1, "")
    answers: list[Any] = [
        httpx.Response(400, text=f"bad key {PLAIN}"),
        httpx.Response(200, headers={"Content-Type": "application/json"}, text=f'{{"gameID": "{PLAIN}"}}'),
        httpx.Response(503, text=PLAIN),
        httpx.ConnectError(f"cannot reach {PLAIN}"),
        httpx.ReadTimeout(f"Bearer {PLAIN}"),
        httpx.RemoteProtocolError(PLAIN),
    ]
    for answer in answers:

        def carry(request: httpx.Request, answer: Any = answer) -> httpx.Response:
            logged.log.debug("%r %s %s", request, request.headers, dict(request.headers), extra={"request": request})
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

        config = ClientConfig("https://example.org", key_file=str(key_file), attempts=1)
        client = WebDiplomacyClient(config, httpx.MockTransport(carry), lambda seconds: None)
        with pytest.raises(WebDiplomacyError) as caught:
            client.status(SeatRef(game_id=7, country_id=2))
        try:
            raise caught.value
        except WebDiplomacyError:
            logged.log.exception(
                "%r %s", client, config, extra={"client": vars(client), "auth": vars(client)["_client"]}
            )
        store.note(str(caught.value), seat.id)
        store.beat(seat.id, FIRST_PHASE, repr(client), None)
        client.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("bot.sqlite*"))
    store.close()
    assert b"game/status" in stored
    assert PLAIN.encode() not in stored
    assert logged.shows() == []
    assert "ConnectError" in logged.all_text


def test_a_whole_session_with_the_sandbox_leaves_no_key(tmp_path: Path) -> None:
    """In a process of its own: its command line, its output, its log and its store, over real connections."""
    with SandboxServer(policy=FaultPolicy.parse("all=0.08", seed=3, slow_s=0.0)) as server:
        game = server.open_game(GameRules(phase_minutes=60))
        key = server.seats[1].key
        (tmp_path / "key").write_text(key)
        script = tmp_path / "session.py"
        script.write_text(_SESSION.format(url=server.url, folder=str(tmp_path), game=game.game_id), encoding="utf-8")
        done = subprocess.run([sys.executable, str(script)], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert b"asked" in done.stdout
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != "key"}
    assert {"bot.jsonl", "bot.sqlite", "cmdline"} <= set(left)
    left |= {"out": done.stdout, "err": done.stderr}
    assert [name for name, found in left.items() if key.encode() in found] == []


_SESSION = """
import gc, logging, sys
from pathlib import Path
from cicero_lite.adapters.settings import ClientConfig
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_responses import SeatRef, WebDiplomacyError
from cicero_lite.hosting.lines import live_lines
from cicero_lite.hosting.logs import Secrets
from cicero_lite.hosting.store import Store
from engine.types import Power
from rich.console import Console

folder = Path({folder!r})
secrets = Secrets()
secrets.add((folder / "key").read_text())
store = Store(folder / "bot.sqlite")
with live_lines(secrets, Console(stderr=True), file=folder / "bot.jsonl") as lines:
    log = lines.log
    logging.getLogger().setLevel(logging.DEBUG)  # httpx and httpcore tell all they know
    config = ClientConfig({url!r}, key_file=str(folder / "key"), attempts=3, gap_s=0.0)
    client = WebDiplomacyClient(config, sleep=lambda s: None)
    for number in range(12):
        try:
            log.info("asked", extra={{"games": repr(client.active_games())}})
            client.send(SeatRef(game_id={game}, country_id=2), Power.ITALY, f"Hello {{number}}")
        except WebDiplomacyError as error:
            log.exception("failed", extra={{"client": vars(client)}})
            store.note(str(error))
    listed = Path("/proc/self/cmdline")  # where there is one
    (folder / "cmdline").write_bytes(listed.read_bytes() if listed.exists() else b"")
    client.close()
    print("asked")
store.close()
"""
