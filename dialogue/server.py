"""A server with OpenAI's interface: requests that are tried again where that may help, counted, the key never shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from dialogue.keys import KeyPlaceError, read_key
from dialogue.language_model import EndpointError, RefusedError, ServerConfig, Usage

_PASSING = frozenset({408, 429, 500, 502, 503, 504, 529})
"""Answers after which the same request may succeed later."""
_SHOWN = 200
"""Letters of a server's words in our errors."""
_LONGEST = 4_000_000
"""Bytes of an answer; no model writes as much."""


class Server:
    """Where language models are asked; any number of threads may."""

    def __init__(
        self,
        config: ServerConfig,
        setting: str,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepares to ask; nothing is sent yet.

        Args:
            config: where, and how patiently.
            setting: path of that configuration, for the error texts: ``agent.endpoint``.
            sleep: waits between tries, seconds.
            clock: seconds.

        Raises:
            EndpointError: no usable URL, or the key is not where the configuration says.
        """
        self.config, self.setting = config, setting
        self._sleep, self._clock = sleep, clock
        self._key = _key(config, setting)
        self._usage = Usage()
        self._lock = threading.Lock()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.Client(
            base_url=_checked_url(config.url, setting), headers=headers, timeout=httpx.Timeout(config.timeout_s)
        )

    @property
    def usage(self) -> Usage:
        """What all threads asked so far."""
        return self._usage

    def close(self) -> None:
        """Ends the connections."""
        self._client.close()

    def place(self, path: str) -> str:
        """The URL of a path, for people."""
        return f"{self._client.base_url}{path}"

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that the server answers to this one; asked until it succeeds or patience ends.

        Raises:
            RefusedError: the server takes no such request.
            EndpointError: no answer, or one that is no JSON.
        """
        tries = Retrying(
            stop=stop_after_attempt(self.config.attempts) | stop_before_delay(self.config.patience_s),
            wait=_wait,
            retry=retry_if_exception_type(_PassingError),
            sleep=self._sleep,
            before_sleep=lambda _: self.count(Usage(retries=1)),
            reraise=True,
        )
        try:
            return tries(self._post, path, body)
        except _PassingError as error:
            where, said = self.place(path), self.shown(str(error))
            raise EndpointError(f"no answer from {where}: {said}; expected a server with OpenAI's interface") from None

    def used(self, answer: Mapping[str, Any]) -> Usage:
        """What an answer says it took, at the prices of the configuration.

        Raises:
            TypeError, ValueError, AttributeError: it says so in another form.
        """
        told = answer.get("usage") or {}
        return self.priced(_tokens(told.get("prompt_tokens")), _tokens(told.get("completion_tokens")))

    def priced(self, prompt_tokens: int, text_tokens: int) -> Usage:
        """One answered request of so many tokens."""
        cost = (prompt_tokens * self.config.prompt_price + text_tokens * self.config.text_price) / 1e6
        return Usage(1, 0, prompt_tokens, text_tokens, cost)

    def count(self, more: Usage) -> None:
        """Adds to the usage."""
        with self._lock:
            self._usage += more

    def strange(self, path: str, wanted: str, got: str, cure: str) -> EndpointError:
        """The error of an answer of another form."""
        return EndpointError(f"expected {wanted} from {self.place(path)}, got {self.shown(got)!r}; {cure}")

    def without_key(self, text: str) -> str:
        """A server's words without the key, should it repeat that."""
        return text.replace(self._key, "[key]") if self._key else text

    def shown(self, text: str) -> str:
        """The first of a server's words, on one line, without the key."""
        return " ".join(self.without_key(text).split())[:_SHOWN]

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        try:
            answer, content = self._exchange(path, body)
        except httpx.HTTPError as error:
            raise _PassingError(f"{type(error).__name__} {error}".strip()) from None
        if answer.status_code in _PASSING:
            raise _PassingError(f"{_status(answer)} {_words_of(content)}", _retry_after(answer))
        if answer.status_code != httpx.codes.OK:
            said = self.shown(f"{_status(answer)} {_words_of(content)}")
            raise RefusedError(f"{self.place(path)} refuses: {said}")
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            cure = "is it a server with OpenAI's interface?"
            raise self.strange(path, "JSON", content.decode(errors="replace"), cure) from None

    def _exchange(self, path: str, body: Mapping[str, Any]) -> tuple[httpx.Response, bytes]:
        """The answer and its content, which no server can make longer or slower than anybody waits for."""
        content, ends = bytearray(), self._clock() + self.config.timeout_s
        with self._client.stream("POST", path, json=body) as answer:
            for part in answer.iter_bytes():
                content += part
                if len(content) > _LONGEST:
                    raise EndpointError(f"expected at most {_LONGEST} bytes from {self.place(path)}, got more")
                if self._clock() > ends:
                    raise _PassingError(f"the answer took longer than {self.config.timeout_s:g} s")
        return answer, bytes(content)


class _PassingError(Exception):
    """A failure that may pass."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


_backing_off = wait_random_exponential(multiplier=0.5, max=10)


def _wait(state: RetryCallState) -> float:
    """Seconds to the next try: what the server asks for, else twice as long each time, by chance a little less."""
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, _PassingError) and error.retry_after_s is not None:
        return error.retry_after_s
    return _backing_off(state)


def _tokens(told: Any) -> int:
    if told is not None and (type(told) is not int or told < 0):
        raise ValueError(f"expected a number of tokens, got {told!r}")
    return told or 0


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        return max(0.0, float(answer.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None  # not given, or a date


def _status(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.reason_phrase}".strip()


def _words_of(content: bytes) -> str:
    """What a server says of its refusal."""
    try:
        told = json.loads(content)
        error = told.get("error", told.get("detail", told.get("message", "")))
        words = error.get("message", error) if isinstance(error, dict) else error
    except (ValueError, AttributeError, RecursionError):
        words = content.decode(errors="replace")
    return str(words)


def _checked_url(text: str | None, setting: str) -> str:
    try:
        url = httpx.URL(text or "")
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise EndpointError(f"{setting}.url: expected a URL such as http://localhost:8000/v1, got {text!r}")
    if url.userinfo:
        raise EndpointError(f"{setting}.url: expected no password in it; give {setting}.key_variable or key_file")
    return str(url)


def _key(config: ServerConfig, setting: str) -> str | None:
    """The key, from where the configuration says; None: it names no place."""
    try:
        return read_key(setting, config.key_variable, config.key_file)
    except KeyPlaceError as error:
        raise EndpointError(str(error)) from None
