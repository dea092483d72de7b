"""The log of a bot that plays: JSON lines in a file, plain lines on the terminal, and no secret in either.

    secrets = Secrets()
    secrets.add(key)
    with live_logs(secrets, Path("logs/bot.jsonl"), shown) as log:
        log.info("orders are in", extra={"seat": 3, "game": "7", "phase": "S1901M"})

All that is logged in the process passes here, other packages' records and uncaught errors too.  Secrets are taken out
where a record becomes text, after its arguments, its extra fields and its traceback were put in, so that it does not
matter by which way they came.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus

from cicero_lite.errors import CiceroLiteError

LOGGER = "cicero_lite"
"""Name of the logger of the live commands."""
REDACTED = "[redacted]"
_MOST_BYTES = 10_000_000
_OLD_FILES = 9
_LONG = 6
"""Letters from which a secret is taken out even in the middle of a word."""
_DEEPEST = 12
"""Values within values, of an extra field, that are told apart."""
_NAME = r"[\w-]*(?:(?<!tur)key|token|password|passwd|secret|authorization|cookie)"
"""What secrets are called; Turkey is none."""
_SECRET_NAME = re.compile(rf"{_NAME}\Z", re.IGNORECASE)
_PATTERNS = (
    (re.compile(r"\b(Bearer|Basic)(\s+)[^\s\"',;)}\]]+", re.IGNORECASE), rf"\1\2{REDACTED}"),
    (re.compile(rf"({_NAME}\\*[\"']?\s*:\s*b?\\*[\"'])[^\"']*", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(rf"({_NAME}\\*[\"']?\s*=\s*)b?(\\*[\"'])[^\"']*", re.IGNORECASE), rf"\1\2{REDACTED}"),
    (
        re.compile(rf"({_NAME}(?:=|%3D))(?!\\*[\"']|\[redacted\]|b[\"'])[^\s\"',;&)}}\]]+", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
    (
        re.compile(r"(Authorization\s*:\s*)(?!Bearer|Basic|\[redacted\])[^\s\"',;)}\]]+", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(://)[^/\s\"'@]+@"), rf"\1{REDACTED}@"),
)
"""What looks like a secret although nobody has named it: headers, parameters, passwords in a URL."""
STYLED = "styled"
"""Field of a record: how a terminal shows it."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", STYLED}
_FIELDS = frozenset({"at", "level", "logger", "message", "traceback"})


class LogError(CiceroLiteError, RuntimeError):
    """A file to which the log cannot be written."""


class Secrets:
    """What must not be shown: the values that were named, in any of their usual spellings, and what looks like one."""

    def __init__(self) -> None:
        self._pattern: re.Pattern[str] | None = None
        self._spellings: set[str] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Secrets: {len(self._spellings)} spellings>"

    def add(self, value: str) -> None:
        """Names a key, a token or a password; nothing, if it is empty."""
        if not value:
            return
        raw = value.encode("utf-8", "surrogatepass")
        found = {value, quote(raw, safe=""), quote_plus(raw), repr(value)[1:-1], repr(raw)[2:-1], raw.hex()}
        found |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        found |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
        with self._lock:
            self._spellings |= found
            longest_first = sorted(self._spellings, key=lambda text: (-len(text), text))
            self._pattern = re.compile("|".join(map(_exactly, longest_first)))

    def redact(self, text: str) -> str:
        """The text with `REDACTED` in place of each secret."""
        if self._pattern is not None:
            text = self._pattern.sub(REDACTED, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def redact_value(self, value: Any, depth: int = 0) -> Any:
        """A JSON value made of any value, without secrets, nor what a key or a password is called by name."""
        if value is None or isinstance(value, bool | int | float):
            return self._number(value)
        if isinstance(value, str):
            return self.redact(value)
        if depth < _DEEPEST and isinstance(value, Mapping):
            return {
                self.redact(str(name)): REDACTED
                if _SECRET_NAME.match(str(name))
                else self.redact_value(inside, depth + 1)
                for name, inside in value.items()
            }
        if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [self.redact_value(inside, depth + 1) for inside in value]
        return self.redact(_shown(value))

    def _number(self, value: bool | int | float | None) -> Any:
        """A key may be a number, too."""
        told = str(value)
        return value if self.redact(told) == told else REDACTED


def _exactly(text: str) -> str:
    """A pattern for a secret; a short one that is part of a longer word is none."""
    return re.escape(text) if len(text) >= _LONG else rf"(?<!\w){re.escape(text)}(?!\w)"


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def _message(record: logging.LogRecord) -> str:
    """The record's words; if they do not fit its arguments, both."""
    try:
        return record.getMessage()
    except Exception:
        return f"{_shown(record.msg)} {_shown(record.args)}"


class _Redacting(logging.Formatter):
    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def _extra(self, record: logging.LogRecord) -> dict[str, Any]:
        # What begins with an underscore some library added for itself, as Ray does to every record.
        given = {n: value for n, value in vars(record).items() if n not in _STANDARD and not n.startswith("_")}
        return dict(self._secrets.redact_value(given))

    def _traceback(self, record: logging.LogRecord) -> str | None:
        shown = None
        if record.exc_info and record.exc_info[0] is not None:
            try:
                shown = self.formatException(record.exc_info)
            except Exception as error:
                shown = f"{record.exc_info[0].__name__} that cannot be shown: {type(error).__name__}"
        parts = [part for part in (shown or record.exc_text, record.stack_info) if part]
        return self._secrets.redact("\n".join(parts)) if parts else None


class JsonFormatter(_Redacting):
    """Each record as one line of JSON: ``at``, ``level``, ``logger``, ``message``, its extra fields, ``traceback``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, all of it ASCII."""
        extra = self._extra(record)
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._secrets.redact(_message(record)),
            **{f"{name}_" if name in _FIELDS else name: value for name, value in extra.items()},
        }
        if (shown := self._traceback(record)) is not None:
            line["traceback"] = shown
        return json.dumps(line)


class PlainFormatter(_Redacting):
    """Each record as one line for people; nothing in it that a terminal would obey."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level if it is more than a remark, message, extra fields, kind of the error."""
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        fields = "".join(f" {name}={_plain(value)}" for name, value in self._extra(record).items())
        error = ""
        if record.exc_info and record.exc_info[1] is not None:
            error = f" ({self._secrets.redact(type(record.exc_info[1]).__name__)}: see the log file)"
        return _printable(f"{at} {level}{self._secrets.redact(_message(record))}{fields}{error}")


def _plain(value: object) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value, ensure_ascii=False)


def _printable(text: str) -> str:
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)


class _OwnFile(RotatingFileHandler):
    """A rotated file that its owner alone can read."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_open_own)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name of logging)
        complain(record)


def _open_own(path: str, flags: int) -> int:
    number = os.open(path, flags, 0o600)
    os.fchmod(number, 0o600)  # it may be there from before
    return number


def complain(record: logging.LogRecord) -> None:
    """Tells that a record is lost; logging itself would print it as it came."""
    kind = sys.exc_info()[0]
    with suppress(Exception):
        print(f"a record of {record.name} cannot be logged: {kind.__name__ if kind else '?'}", file=sys.stderr)


@contextmanager
def live_logs(secrets: Secrets, file: Path | None, shown: logging.Handler) -> Iterator[logging.Logger]:
    """All logs of the process, until the end of the block.

    Args:
        secrets: what is taken out; more may be added while it runs.
        file: gets JSON lines, 10 MB and then a new one, the last ten are kept; its folder is made; None: no file.
        shown: shows them to people, in a form from which it takes the secrets.

    Raises:
        LogError: the file cannot be written.
    """
    handlers = [shown]
    if file is not None:
        handlers.append(_file_handler(secrets, file))
    root, ours = logging.getLogger(), logging.getLogger(LOGGER)
    before = (root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook)
    root.handlers[:] = handlers
    root.setLevel(logging.WARNING)  # other packages' remarks, such as each request, are left out
    ours.setLevel(logging.INFO)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    logging.captureWarnings(True)
    try:
        yield ours
    except CiceroLiteError as error:  # the command shows it; the files keep it
        last = ours.makeRecord(LOGGER, logging.ERROR, "", 0, "ended: %s", (error,), None)
        for handler in handlers[1:]:
            handler.handle(last)
        raise
    finally:
        logging.captureWarnings(False)
        root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook = before
        for handler in handlers:
            handler.close()


def _file_handler(secrets: Secrets, file: Path) -> logging.Handler:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _OwnFile(file, maxBytes=_MOST_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
    except OSError as error:
        raise LogError(f"cannot write the log {file}: {error.strerror}; choose another file") from None
    handler.setFormatter(JsonFormatter(secrets))
    return handler


def _log_uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    shown = (kind, error or kind(), traceback)
    logging.getLogger(LOGGER).critical("ended by an error of our own", exc_info=shown)
