"""Faults on demand: what can go wrong between a client and the site, at a rate for each kind, under a seed.

The nth call of an account to a route meets the same fault whatever the others do, so that a run can be repeated.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cicero_lite.adapters.webdiplomacy_sandbox.calls import ApiAnswer, ApiRequest
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import (
    DEADLOCK,
    HTML,
    MAINTENANCE,
    MOVED_ON,
    RefusalError,
    notice,
    php_error,
    uncaught,
)
from cicero_lite.errors import ConfigError


class Fault(StrEnum):
    """What can go wrong with a request."""

    SLOW = "slow"
    """The answer takes `FaultPolicy.slow_s` longer."""
    SERVER_ERROR = "server_error"
    """501 or 509, as the site answers while the game master writes; nothing is changed."""
    STORED_ERROR = "stored_error"
    """509 to a message that is stored all the same; of other requests, nothing."""
    DROPPED_BEFORE = "dropped_before"
    """The connection is cut before the request is looked at."""
    DROPPED_AFTER = "dropped_after"
    """The connection is cut when the request was carried out, before the first byte of the answer."""
    REPEATED = "repeated"
    """Events are told again: older messages with the new ones, each game of a list twice."""
    MALFORMED = "malformed"
    """The answer breaks off in the middle of its JSON; the request was carried out."""
    NOTICE = "notice"
    """200, but a page for browsers; nothing is changed."""
    EXPIRED_KEY = "expired_key"
    """The key is not known for once: 200 and an empty page."""


UNSURE_AFTER = frozenset(
    {Fault.SERVER_ERROR, Fault.STORED_ERROR, Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER, Fault.MALFORMED}
)
"""After these a client cannot know whether its message is stored."""

LOSES_REQUEST = frozenset({Fault.SERVER_ERROR, Fault.DROPPED_BEFORE, Fault.NOTICE, Fault.EXPIRED_KEY})
"""With these the request is not carried out."""

_SEND = "game/sendmessage"


@dataclass(frozen=True)
class FaultPolicy:
    """How often what goes wrong."""

    seed: int = 0
    rates: Mapping[Fault, float] | None = None
    """Share of requests that meet each fault, 0 to 1 together; None: none do."""
    slow_s: float = 2.0
    """In real seconds."""

    @classmethod
    def parse(cls, text: str, seed: int = 0, slow_s: float = 2.0) -> FaultPolicy:
        """The policy written ``slow=0.1,stored_error=0.02``; ``all=0.02`` stands for every kind.

        Raises:
            ConfigError: an unknown kind, or no share.
        """
        rates: dict[Fault, float] = {}
        for entry in filter(None, text.split(",")):
            name, _, share = entry.partition("=")
            kinds = list(Fault) if name.strip() == "all" else [fault for fault in Fault if fault == name.strip()]
            try:
                rate = float(share)
            except ValueError:
                rate = -1.0
            if not kinds or not 0 <= rate <= 1:
                names = ", ".join(Fault)
                raise ConfigError(f"faults: expected KIND=SHARE with a share of 0 to 1, got {entry!r}; kinds: {names}")
            rates |= dict.fromkeys(kinds, rate)
        if sum(rates.values()) > 1:
            raise ConfigError(f"faults: expected shares of at most 1 together, got {sum(rates.values()):g} in {text!r}")
        return cls(seed, rates, slow_s)


class Faults:
    """Draws the fault of each request.

    >>> faults = Faults(FaultPolicy.parse("slow=0.5,notice=0.5"))
    >>> [faults.draw(5, "game/status").value for _ in range(4)]
    ['notice', 'notice', 'slow', 'slow']
    """

    def __init__(self, policy: FaultPolicy) -> None:
        self.policy = policy
        self.met: Counter[Fault] = Counter()
        """How often each fault has happened."""
        self._calls: Counter[tuple[int, str]] = Counter()

    def draw(self, user_id: int, route: str) -> Fault | None:
        """The fault of the next call of this account to this route."""
        self._calls[user_id, route] += 1
        chance = random.Random(f"{self.policy.seed}/{user_id}/{route}/{self._calls[user_id, route]}").random()
        for fault, rate in (self.policy.rates or {}).items():
            chance -= rate
            if chance < 0:
                if fault is Fault.STORED_ERROR and route != _SEND:
                    return None
                self.met[fault] += 1
                return fault
        return None


def answer_instead(fault: Fault, request: ApiRequest) -> ApiAnswer:
    """What a client is told of a request that is not carried out, or of a message stored in spite of an error."""
    refusal: RefusalError
    if fault is Fault.EXPIRED_KEY:
        refusal = RefusalError(200, HTML, "")
    elif fault is Fault.NOTICE:
        refusal = notice(MOVED_ON if request.route == "game/orders" else MAINTENANCE)
    elif request.route == "game/status":
        refusal = uncaught("Game state error: no centers found for turn 0, phase Builds.")
    else:
        refusal = php_error(DEADLOCK)
    return ApiAnswer(refusal.status, refusal.content_type, refusal.body)


def asked_again(request: ApiRequest) -> ApiRequest:
    """The request as it is answered when events are repeated: without the time from which on they are wanted."""
    return replace(request, query={key: value for key, value in request.query.items() if key != "sinceTime"})


def told_again(route: str, answer: ApiAnswer) -> ApiAnswer:
    """The answer with each game of a list named twice."""
    if answer.status != 200 or route not in ("players/missing_orders", "players/active_games"):
        return answer
    body = json.loads(answer.body)
    doubled = {"games": body["games"] * 2} if isinstance(body, dict) else body * 2
    return replace(answer, body=json.dumps(doubled))


def broken_off(answer: ApiAnswer) -> ApiAnswer:
    """The answer without its second half."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])
