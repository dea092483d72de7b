"""``/api.php`` over HTTP: the answers of the site, the faults on their way, and an eye on what clients do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.utils import formatdate

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cicero_lite.adapters.webdiplomacy_sandbox import routes
from cicero_lite.adapters.webdiplomacy_sandbox.calls import ApiAnswer, ApiRequest
from cicero_lite.adapters.webdiplomacy_sandbox.connections import Dropped
from cicero_lite.adapters.webdiplomacy_sandbox.faults import (
    LOSES_REQUEST,
    UNSURE_AFTER,
    Fault,
    Faults,
    answer_instead,
    asked_again,
    broken_off,
    told_again,
)
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import number
from cicero_lite.adapters.webdiplomacy_sandbox.site import Account, Site

_READS = frozenset({"game/status", "game/getmessages"})
_SEND = "game/sendmessage"


@dataclass(frozen=True)
class CallRecord:
    """One call, as the site saw it."""

    time: int
    user_id: int
    """0: no key, or an unknown one."""
    route: str
    status: int
    """0: the connection was cut."""
    fault: Fault | None
    game_id: int = 0
    """0: it names no game."""


class Api:
    """Answers requests to ``/api.php``."""

    def __init__(self, site: Site, faults: Faults) -> None:
        self.site = site
        self.faults = faults
        self.calls: list[CallRecord] = []

    async def answer(self, request: Request) -> Response:
        """The response to a request, or what a fault makes of it."""
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response()  # whoever asked is gone, as a process that was killed
        asked = ApiRequest(dict(request.query_params), request.headers.get("authorization"), body)
        self.site.look_at_clock()
        account = routes.caller(self.site, asked)
        if account is None or asked.route not in routes.ROUTES:
            return self._respond(asked, 0, None, routes.answer(self.site, asked))
        fault = self.faults.draw(account.user_id, asked.route)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.faults.policy.slow_s)
        return self._respond(asked, account.user_id, fault, self._carry_out(asked, account, fault))

    def _carry_out(self, asked: ApiRequest, account: Account, fault: Fault | None) -> ApiAnswer:
        arguments = routes.arguments_of(asked)
        game_id, user = number(arguments.get("gameID")), account.user_id
        sent = (number(arguments.get("toCountryID")), str(arguments.get("message")))
        if asked.route == _SEND:
            self.site.bugs.message_sent(user, game_id, *sent)
        if fault in LOSES_REQUEST:
            answer = answer_instead(fault, asked)
        else:
            answer = routes.answer(self.site, asked_again(asked) if fault is Fault.REPEATED else asked)
            self._record(asked, answer)
        if asked.route == _SEND and fault in UNSURE_AFTER:
            self.site.bugs.send_failed(user, game_id, *sent, self.site.now)
        if asked.route in _READS and answer.status == 200 and fault in (None, Fault.SLOW, Fault.REPEATED):
            self.site.bugs.game_read(user, game_id, asked.route)
            if number(arguments.get("countryID")):
                self.site.bugs.messages_read(user, game_id, number(arguments.get("sinceTime")))
        return answer

    def _record(self, asked: ApiRequest, answer: ApiAnswer) -> None:
        """Writes a call that changed something into the journal of the site."""
        if asked.route in routes.WRITES and answer.status == 200:
            self.site.record(
                "call", query=dict(asked.query), authorization=asked.authorization, body=asked.body.decode()
            )

    def _respond(self, asked: ApiRequest, user_id: int, fault: Fault | None, answer: ApiAnswer) -> Response:
        match fault:
            case Fault.STORED_ERROR if answer.status == 200:
                answer = answer_instead(fault, asked)
            case Fault.REPEATED:
                answer = told_again(asked.route, answer)
            case Fault.MALFORMED:
                answer = broken_off(answer)
        dropped = fault in (Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER)
        now = self.site.now
        status, game_id = 0 if dropped else answer.status, number(routes.arguments_of(asked).get("gameID"))
        self.calls.append(CallRecord(now, user_id, asked.route, status, fault, game_id))
        if dropped:
            return Dropped()
        headers = {"content-type": answer.content_type, "date": formatdate(now, usegmt=True)}
        return Response(answer.body, answer.status, headers)
