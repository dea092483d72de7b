"""Requests to webDiplomacy's bot API: polite, tried again where that is safe, and never a message twice.

    GET  {url}/api.php?route=game/status&gameID=1&countryID=2       Authorization: Bearer <key>
    POST {url}/api.php?route=game/orders  {"gameID": 1, "countryID": 2, "turn": 0, "phase": "Diplomacy", "orders": []}

One client serves all games of a key, from any number of threads.  What can be asked twice without harm is asked again
when the server fails for the moment, each time later.  A message is not: the server may fail after storing it, so the
talks are read first.  The key is in the header of the requests and nowhere else; cookies are not kept, as one of a web
session would win over the key.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from cicero_lite.adapters.base import letters
from cicero_lite.adapters.settings import LONGEST_REST_S, ClientConfig
from cicero_lite.adapters.webdiplomacy_clock import ServerClock, Turns
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF, EVERYBODY
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder
from cicero_lite.adapters.webdiplomacy_press import LONGEST_TEXT_BYTES, PressMessage, as_kept, plain_text, press_message
from cicero_lite.adapters.webdiplomacy_responses import (
    ActiveGame,
    ActiveGames,
    Answer,
    Envelope,
    GameStatus,
    Messages,
    Overview,
    PhaseName,
    RefusedError,
    ResponseError,
    SeatRef,
    SendReply,
    ServerMessage,
    StoredOrders,
    UnavailableError,
    WebDiplomacyError,
    check,
    read,
)
from dialogue.keys import KeyPlaceError, read_key
from engine.types import Power

_M = TypeVar("_M", bound=BaseModel)
_T = TypeVar("_T")
_PAGE = "api.php"
_SHORTEST_KEY = 8
"""A shorter one cannot be taken out of texts without harm to their words; sites give 40 or 80 letters."""


class Ready(StrEnum):
    """Whether the phase may end before its deadline, as far as we are concerned."""

    YES = "Yes"
    NO = "No"
    KEEP = ""
    """As it was."""


class Delivery(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    MUTED = "muted"
    """The recipient has muted us; nothing was stored."""


@dataclass(frozen=True)
class Sent:
    """A message that the server took."""

    delivery: Delivery
    message: PressMessage | None
    """As stored; None: it was not."""


class UnansweredError(UnavailableError):
    """A request that may have been carried out, or may yet be."""


class _NotSentError(UnavailableError):
    """A request that never left."""


class _BrokenError(UnavailableError):
    """A connection that broke before the answer."""


_LOOKS_S: Mapping[type[WebDiplomacyError], tuple[float, ...]] = {
    UnansweredError: (1.0, 2.0, 4.0, 8.0),
    _BrokenError: (0.5, 1.0, 2.0),
}
"""Waits before each look whether a message arrived; the server may still be at it.  Others: one look at once."""


class _Bearer(httpx.Auth):
    """Adds the key to each request; shows it nowhere else."""

    def __init__(self, key: str) -> None:
        self._header = f"Bearer {key}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header
        yield request


class WebDiplomacyClient:
    """The bot API of one site, with one key."""

    def __init__(
        self,
        config: ClientConfig,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        count: Callable[[str, str, float], None] = lambda route, outcome, seconds: None,
    ) -> None:
        """Prepares to ask the server; nothing is sent yet.

        Args:
            config: where and how.
            transport: what carries the requests; None: the network.
            sleep: waits, seconds.
            clock: our time, seconds since 1970.
            monotonic: seconds that only grow.
            rng: spreads the waits, so that clients that failed together do not come back together.
            count: told of each request: its route, its status, or ``error`` if no answer came, seconds.

        Raises:
            WebDiplomacyError: no usable URL, or no key where the configuration says.
        """
        self.config = config
        self.clock = ServerClock()
        self.key = _read_key(config)
        """Opens the API; not to be shown."""
        self._sleep, self._now, self._monotonic = sleep, clock, monotonic
        self._rng, self._count = rng or random.Random(), count
        self._turns = Turns(config.gap_s, monotonic, sleep)
        self._known_key = False
        self._empty_pages = 0
        self._confirmed: Counter[tuple[int, int, int, str]] = Counter()
        """Messages that are known to have arrived: game, recipient, second, letters."""
        self._games: tuple[ActiveGame, ...] = ()
        self._games_at = -float("inf")
        self._games_lock = threading.Lock()
        self._client = httpx.Client(
            base_url=_checked_url(config.url),
            auth=_Bearer(self.key),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=config.timeout_s,
            transport=transport,
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"<WebDiplomacyClient {self._client.base_url}>"

    def close(self) -> None:
        """Ends the connections."""
        self._client.close()

    def server_time(self) -> float:
        """Now by the server's clock, seconds since 1970."""
        return self.clock.at(self._now())

    # --- reading -------------------------------------------------------------------------------------------

    def active_games(self, max_age_s: float = 0.0) -> tuple[ActiveGame, ...]:
        """The games under way in which the key plays, of those that it has neither left nor lost.

        Args:
            max_age_s: an answer that old will do; so games that ask at the same time share one request.

        Raises:
            WebDiplomacyError: no usable answer.
        """
        with self._games_lock:
            if self._monotonic() - self._games_at > max_age_s or max_age_s <= 0:
                self._games = self._read(ActiveGames, "players/active_games", {}).games
                self._games_at = self._monotonic()
            return self._games

    def status(self, seat: SeatRef) -> GameStatus:
        """A game with its whole history, as the seat sees it.

        Raises:
            WebDiplomacyError: no usable answer, or one about another seat.
        """
        status = self._read(GameStatus, "game/status", _seat(seat), seat.game_id)
        if (status.game_id, status.country_id) != (seat.game_id, seat.country_id):
            raise ResponseError(
                f"game/status: expected game {seat.game_id} for country {seat.country_id}, "
                f"got game {status.game_id} for country {status.country_id}"
            )
        return status

    def overview(self, game_id: int) -> Overview:
        """Members of a game and their centres, which ``game/status`` does not tell at a game's end.

        Raises:
            WebDiplomacyError: no usable answer.
        """
        return self._read(Envelope[Overview], "game/overview", {"gameID": game_id}, game_id).data

    def messages(self, seat: SeatRef, since: int | None = None) -> tuple[ServerMessage, ...]:
        """What the seat has sent and received, in no particular order.

        Args:
            since: a second; nothing older is told.  Must be before the newest message that is known, as the server
                tells nothing when nothing is newer than that.

        Raises:
            WebDiplomacyError: no usable answer.
        """
        return self._messages(seat, since).messages

    # --- what may be done twice ----------------------------------------------------------------------------

    def submit(
        self, seat: SeatRef, turn: int, phase: PhaseName, orders: Sequence[ServerOrder], ready: Ready = Ready.KEEP
    ) -> StoredOrders:
        """Hands in orders for a phase, in place of those that the same units had; others keep theirs.

        Returns:
            All that the server keeps now: compare it with `webdiplomacy_orders.rejections`.

        Raises:
            MovedOnError: the game is in another phase.
            WebDiplomacyError: no usable answer.
        """
        body = {**_seat(seat), "turn": turn, "phase": phase, "orders": [order.to_json() for order in orders]}
        if ready is not Ready.KEEP:
            body["ready"] = ready.value
        return self._patiently("game/orders", {}, body, partial(read, StoredOrders))

    def set_vote(self, seat: SeatRef, vote: str, on: bool) -> frozenset[str]:
        """Casts a vote, ``Draw`` or ``Pause``, or takes it back.

        Returns:
            The votes of the seat that stand now.

        Raises:
            WebDiplomacyError: no usable answer.
        """
        body = {**_seat(seat), "vote": vote, "voteOn": "Yes" if on else "No"}
        said = self._patiently("game/setvote", {}, body, _text)
        return frozenset(filter(None, said.split(",")))

    def mark_seen(self, seat: SeatRef, country_id: int) -> None:
        """Takes a sender, or everybody's press (0), off the list of those whose messages are new.

        Raises:
            WebDiplomacyError: no usable answer.
        """
        self._patiently("game/messagesseen", {}, {**_seat(seat), "seenCountryID": country_id}, _text)

    def mark_back(self, seat: SeatRef) -> None:
        """Takes a seat back that was left.

        Raises:
            WebDiplomacyError: no usable answer.
        """
        self._patiently("game/markbackfromleft", {}, _seat(seat), _text)

    # --- messages ------------------------------------------------------------------------------------------

    def send(self, seat: SeatRef, recipient: Power | None, text: str) -> Sent:
        """Sends a message once.

        Args:
            recipient: None: everybody.
            text: plain words.

        Raises:
            RefusedError: a message that the game does not allow, empty, or too long.
            UnansweredError: nobody knows whether it has arrived; it is not sent again.
            WebDiplomacyError: no usable answer, and the message has not arrived.
        """
        to = EVERYBODY if recipient is None else COUNTRY_OF[recipient]
        if not as_kept(text) or to == seat.country_id:
            raise RefusedError("game/sendmessage: expected words to another country, got none, or our own")
        if len(text.encode()) > LONGEST_TEXT_BYTES:
            raise RefusedError(f"game/sendmessage: expected at most {LONGEST_TEXT_BYTES} bytes, got more")
        if self.clock.offset_s is None:
            self._messages(seat, None)  # to know the time there
        start = int(self.server_time()) - 2
        body = {**_seat(seat), "toCountryID": to, "message": text}
        for attempt in range(1, self.config.attempts + 1):
            try:
                reply = read(SendReply, self._once("game/sendmessage", {}, body))
                return self._confirm(seat, to, text, reply.messages)
            except _NotSentError as error:
                failure: WebDiplomacyError = error
            except (UnavailableError, ResponseError) as error:
                failure = error
                if (found := self._find(seat, to, text, start, error)) is not None:
                    return found
            if isinstance(failure, UnansweredError) or attempt == self.config.attempts:
                raise failure
            self._sleep(self._wait(attempt, failure))
        raise AssertionError("a loop of at least one attempt returns or raises")

    def _confirm(self, seat: SeatRef, to: int, text: str, told: Sequence[ServerMessage]) -> Sent:
        """The message among those that the pair sent in this second."""
        if not told:
            return Sent(Delivery.MUTED, None)
        return self._among(seat, to, text, told) or self._delivered(seat, to, told[-1])

    def _among(self, seat: SeatRef, to: int, text: str, told: Sequence[ServerMessage]) -> Sent | None:
        """The message, if it is one of these and not one that was sent before."""
        alike = [m for m in told if letters(plain_text(m.message)) == letters(as_kept(text))]
        counts = Counter(m.time_sent for m in alike)
        for message in alike:
            if counts[message.time_sent] > self._confirmed[_identity(seat, to, message)]:
                return self._delivered(seat, to, message)
        return None

    def _delivered(self, seat: SeatRef, to: int, message: ServerMessage) -> Sent:
        self._confirmed[_identity(seat, to, message)] += 1
        return Sent(Delivery.DELIVERED, press_message(message, message.phase_marker or "Diplomacy"))

    def _find(self, seat: SeatRef, to: int, text: str, start: int, failure: WebDiplomacyError) -> Sent | None:
        """Looks whether a message arrived although its request failed."""
        for wait in _LOOKS_S.get(type(failure), (0.0,)):
            self._sleep(wait)
            try:
                told = self._messages(seat, start - 1).messages
            except WebDiplomacyError as error:
                raise UnansweredError(f"{failure}; nobody knows whether the message arrived, since {error}") from None
            ours = [m for m in told if (m.from_country_id, m.to_country_id) == (seat.country_id, to)]
            if found := self._among(seat, to, text, [m for m in ours if m.time_sent >= start]):
                return found
        return None

    # --- requests ------------------------------------------------------------------------------------------

    def _messages(self, seat: SeatRef, since: int | None) -> Messages:
        query = _seat(seat) if since is None else {**_seat(seat), "sinceTime": since}
        return self._read(Envelope[Messages], "game/getmessages", query, seat.game_id).data

    def _read(self, kind: type[_M], route: str, query: Mapping[str, Any], game_id: int | None = None) -> _M:
        return self._patiently(route, query, None, partial(read, kind), game_id)

    def _patiently(
        self,
        route: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        take: Callable[[Answer], _T],
        game_id: int | None = None,
    ) -> _T:
        """What is taken from the answer to a request that may be made twice; answers can be cut off, too."""

        def ask() -> _T:
            if game_id is not None:
                self._turns.wait(game_id)
            return take(self._once(route, query, body))

        tries = Retrying(
            stop=stop_after_attempt(self.config.attempts),
            wait=lambda state: self._wait(state.attempt_number, state.outcome.exception() if state.outcome else None),
            retry=retry_if_exception_type((UnavailableError, ResponseError)),
            sleep=self._sleep,
            reraise=True,
        )
        return tries(ask)

    def _wait(self, attempt: int, error: BaseException | None) -> float:
        """Seconds to wait after a failed attempt, counted from 1: what the server asks for, else longer each time."""
        if isinstance(error, UnavailableError) and error.retry_after_s is not None:
            return min(error.retry_after_s, LONGEST_REST_S)
        longest = min(self.config.longest_wait_s, self.config.back_off_s * 2.0 ** (attempt - 1))
        return longest * self._rng.uniform(0.5, 1.0)

    def _once(self, route: str, query: Mapping[str, Any], body: Mapping[str, Any] | None) -> Answer:
        """One request."""
        asked, began, outcome = self._now(), self._monotonic(), "error"
        try:
            response = self._client.request(
                "GET" if body is None else "POST", _PAGE, params={"route": route, **query}, json=body
            )
            text, outcome = response.text, str(response.status_code)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise _NotSentError(self._unreachable(route, error)) from None
        except httpx.TimeoutException as error:
            raise UnansweredError(self._unreachable(route, error)) from None
        except httpx.HTTPError as error:
            raise _BrokenError(self._unreachable(route, error)) from None
        finally:
            self._count(route, outcome, self._monotonic() - began)
        self._hear(asked, response)
        kind = response.headers.get("Content-Type", "").lower()
        answer = Answer(route, response.status_code, kind, text.replace(self.key, "[key]"), _retry_after(response))
        if answer.status == httpx.codes.OK and not kind.startswith("application/json") and not text.strip():
            self._empty_pages += 1
            if self._known_key or self._empty_pages == 1:  # it was good a moment ago, or may be
                raise UnavailableError(f"{route}: expected JSON, got an empty page")
        elif answer.status == httpx.codes.OK and kind.startswith("application/json"):
            self._known_key = True
        return answer

    def _hear(self, asked: float, response: httpx.Response) -> None:
        """Takes note of the server's time."""
        try:
            said = int(parsedate_to_datetime(response.headers["Date"]).timestamp())
        except (KeyError, ValueError, TypeError, OverflowError):
            return  # left out, or no date
        self.clock.heard(asked, self._now(), said)

    def _unreachable(self, route: str, error: httpx.HTTPError) -> str:
        what = " ".join(f"{type(error).__name__} {error}".replace(self.key, "[key]").split())
        return f"{route}: no answer from {self._client.base_url}: {what}; check the URL and the network"


def _text(answer: Answer) -> str:
    """A success that is a bare text."""
    check(answer)
    return answer.body.strip()


def _seat(seat: SeatRef) -> dict[str, Any]:
    return {"gameID": seat.game_id, "countryID": seat.country_id}


def _identity(seat: SeatRef, to: int, message: ServerMessage) -> tuple[int, int, int, str]:
    return seat.game_id, to, message.time_sent, letters(plain_text(message.message))


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None  # not given, or a date


def _checked_url(text: str) -> str:
    try:
        url = httpx.URL(text.removesuffix(_PAGE))
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.query:
        raise WebDiplomacyError(f"url: expected one such as https://webdiplomacy.net, got {text[:200]!r}")
    if url.userinfo:
        raise WebDiplomacyError("url: expected no password in it; the key stands in a file or a variable")
    return str(url)


def _read_key(config: ClientConfig) -> str:
    try:
        key = read_key("webDiplomacy", config.key_variable, config.key_file)
    except KeyPlaceError as error:
        raise WebDiplomacyError(str(error)) from None
    if key is None:
        raise WebDiplomacyError(
            "expected webDiplomacy's key in a file or an environment variable, got neither: see --key-file and "
            "--key-variable"
        )
    if len(key) < _SHORTEST_KEY:
        raise WebDiplomacyError(f"expected webDiplomacy's key of {_SHORTEST_KEY} letters or more, got {len(key)}")
    return key
