"""A seat at a table on a server, played through: phases, talk, orders, and what goes wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import pairwise
from random import Random
from typing import Any, TypeAlias

import httpx
import pytest

from cicero_lite.adapters.base import (
    CarriesVotes,
    MessageReceived,
    Moment,
    OrdersDue,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
    TableEvent,
    Write,
)
from cicero_lite.adapters.settings import ClientConfig, DrawPolicy, TableConfig
from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, turn_of
from cicero_lite.adapters.webdiplomacy_orders import our_order
from cicero_lite.adapters.webdiplomacy_responses import GameGoneError, PastOrder, SeatRef
from cicero_lite.arena.log import EventLog
from cicero_lite.arena.log import Sent as SentEvent
from cicero_lite.errors import AdapterError, UndeliveredError
from cicero_lite.session import run
from cicero_lite.testing import RandomMoves, ScriptedAgent, check_adapter
from engine.game import Game
from engine.notation import parse_order
from engine.types import Order, OrderKind, PhaseKind, Power
from tests.cicero_lite.webdiplomacy import JSON, status_json

FRANCE, ENGLAND = Power.FRANCE, Power.ENGLAND
SEAT = SeatRef(game_id=7, country_id=COUNTRY_OF[FRANCE])
PHASE_S = 300
Hook: TypeAlias = Callable[[], httpx.Response | None]
"""Happens before an answer, or gives another."""
START = 1_795_414_470.0


@dataclass
class TableServer:
    """One game on a server of this process, whose time passes when somebody waits; others play at random."""

    until: int = 1901
    """The game is drawn after this year."""
    press: str = "Regular"
    result: str = "Drawn"
    """How the game ends; by a solo of England, the last turn of which the server strips, or a draw of all."""
    drops: Callable[[dict[str, Any]], bool] = lambda order: False
    """Orders that the server does not take."""
    hooks: dict[str, list[Hook]] = field(default_factory=dict)
    """Route -> what happens instead of, or before, its next answers."""
    game: Game = field(default_factory=lambda: Game(game_id="7"))
    now: float = START
    deadline: float | None = START + PHASE_S
    messages: list[dict[str, Any]] = field(default_factory=list)
    unread: set[int] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    votes: str = ""
    member: str = "Playing"
    stored: dict[int, dict[str, Any]] = field(default_factory=dict)
    reads: dict[str, list[float]] = field(default_factory=dict)
    submitted: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    """Phase and orders of every call."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        route = request.url.params["route"]
        self.now += 0.05
        self._pass_time()
        self.reads.setdefault(route, []).append(self.now)
        hooks = self.hooks.get(route, [])
        answer = hooks.pop(0)() if hooks else None
        if answer is None:
            body = json.loads(request.content) if request.content else dict(request.url.params)
            answer = getattr(self, "_" + route.replace("/", "_"))(body)
        assert isinstance(answer, httpx.Response)
        answer.headers["Date"] = formatdate(self.now, usegmt=True)
        return answer

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += seconds
        self._pass_time()

    def say(self, sender: Power, text: str, to: int = SEAT.country_id) -> None:
        """Another power writes."""
        self._store(COUNTRY_OF[sender], to, text)
        self.unread.add(COUNTRY_OF[sender] if to else 0)

    def play(self) -> None:
        """The phase ends."""
        for power in self.game.alive:
            agent = RandomMoves(len(self.game.history) * 10 + power.number)
            given = self._given() if power is FRANCE else agent.act(self.game.view(power), power)
            self.game.set_orders(power, given)
        self.game.process()
        if self.game.phase.year > self.until:
            self.game.draw()
        self.flags, self.stored = set(), {}
        if self.deadline is not None:
            self.deadline = self.now + PHASE_S

    def _pass_time(self) -> None:
        over = self.deadline is not None and self.now >= self.deadline
        if (over or "Ready" in self.flags) and not self.game.is_done and self.deadline is not None:
            self.play()

    def _given(self) -> list[Order]:
        rows = [PastOrder.model_validate_json(json.dumps({**o, "countryID": 2})) for o in self.stored.values()]
        orders = [our_order(self.game, FRANCE, row) for row in rows]
        return [order for order in orders if order is not None and order.kind is not OrderKind.WAIVE]

    def _store(self, sender: int, to: int, text: str) -> None:
        turn, phase = turn_of(self.game.phase)
        about = {"fromCountryID": sender, "toCountryID": to, "timeSent": int(self.now), "turn": turn}
        self.messages.append({**about, "message": text, "phaseMarker": phase})

    def _status(self) -> dict[str, Any]:
        due = bool(self.game.legal_orders(FRANCE)) and not self.game.is_done
        flags = ",".join(sorted(self.flags)) or ("" if due else "None")
        return status_json(
            self.game,
            processTime=None if self.deadline is None else str(int(self.deadline)),
            phaseLengthInMinutes=str(PHASE_S // 60),
            pressType=self.press,
            gameOver=self.result if self.game.is_done else "No",
            votes=self.votes,
            orderStatus=flags,
            status=self.member,
        )

    def _game_status(self, body: Any) -> httpx.Response:
        return ok(self._status())

    def _players_active_games(self, body: Any) -> httpx.Response:
        told = self._status()
        row = {
            **{key: told[key] for key in ("gameID", "countryID", "orderStatus", "pressType", "turn", "phase")},
            "newMessagesFrom": sorted(self.unread),
            "processTime": 0 if self.deadline is None else int(self.deadline),
            "phaseMinutes": PHASE_S // 60,
            "variantID": 1,
        }
        return ok({"games": [] if self.game.is_done or self.member != "Playing" else [row]})

    def _game_getmessages(self, body: Any) -> httpx.Response:
        since = int(body.get("sinceTime", 0))
        newest = max((m["timeSent"] for m in self.messages), default=0)
        told = [m for m in self.messages if m["timeSent"] >= since] if newest > since else []
        return ok({"msg": "", "success": True, "data": {"messages": told}})

    def _game_messagesseen(self, body: Any) -> httpx.Response:
        self.unread.discard(body["seenCountryID"])
        return ok("")

    def _game_sendmessage(self, body: Any) -> httpx.Response:
        self._store(body["countryID"], body["toCountryID"], body["message"])
        told = {k: v for k, v in self.messages[-1].items() if k != "phaseMarker"}
        return ok({"messages": [told]})

    def _game_setvote(self, body: Any) -> httpx.Response:
        self.votes = "Draw" if body["voteOn"] == "Yes" else ""
        return ok(self.votes)

    def _game_markbackfromleft(self, body: Any) -> httpx.Response:
        self.member = "Playing"
        return ok("")

    def _game_overview(self, body: Any) -> httpx.Response:
        told = self._status()
        members = [
            {"countryID": n, "status": status, "supplyCenterNo": len(self.game.centers(p)), "unitNo": 0}
            for n, p in COUNTRIES.items()
            for status in ("Drawn" if self.result == "Drawn" else "Won" if p is ENGLAND else "Survived",)
        ]
        about = {key: told[key] for key in ("gameID", "phase", "turn", "gameOver", "pressType", "processTime")}
        data = {**about, "members": members, "name": "x", "phaseMinutes": 5, "processStatus": "Not-processing"}
        return ok({"msg": "", "success": True, "data": data})

    def _game_orders(self, body: Any) -> httpx.Response:
        if (body["turn"], body["phase"]) != turn_of(self.game.phase):
            return httpx.Response(400, text=f"Invalid turn, expected `?`, got `{body['turn']}`.")
        if body["orders"]:
            self.submitted.append((str(self.game.phase), body["orders"]))
        for order in body["orders"]:
            if not self.drops(order):
                self.stored[order["terrID"] or 0] = order
        self.flags |= {"Saved", "Completed"} | ({"Ready"} if body.get("ready") == "Yes" else set())
        slots = self.game.phase.kind is PhaseKind.ADJUSTMENTS
        rows = [
            {**order, "terrID": None if slots else order["terrID"], "countryID": "2", "viaConvoy": order["viaConvoy"]}
            for order in self.stored.values()
        ]
        return ok(rows)


def nothing(times: int) -> list[Hook]:
    """The next answers are as they should be."""
    return [lambda: None] * times


def ok(body: Any) -> httpx.Response:
    """A success."""
    return httpx.Response(200, headers={"Content-Type": JSON}, text=body if isinstance(body, str) else json.dumps(body))


def table_of(
    server: TableServer, monkeypatch: pytest.MonkeyPatch, **config: Any
) -> tuple[WebDiplomacyTable, list[str]]:
    """A seat at the server's table, and what people were told."""
    monkeypatch.setenv("WEBDIP_KEY", "opens-the-api")
    client = WebDiplomacyClient(
        ClientConfig("https://example.org", key_variable="WEBDIP_KEY"),
        transport=httpx.MockTransport(server),
        sleep=server.sleep,
        clock=lambda: server.now,
        monotonic=lambda: server.now,
        rng=Random(1),
    )
    told: list[str] = []
    return WebDiplomacyTable(client, SEAT, TableConfig(**config), server.sleep, told.append), told


def play(table: WebDiplomacyTable, seed: int = 3) -> list[TableEvent]:
    """Orders at random and says nothing, to the end."""
    agent, found = RandomMoves(seed), list[TableEvent]()
    for event in table.events():
        found.append(event)
        if isinstance(event, OrdersDue):
            table.submit(FRANCE, agent.act(event.view, FRANCE))
    return found


@pytest.mark.parametrize("press", ["Regular", "NoPress"])
def test_a_game_is_played_to_its_end(press: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(until=1903, press=press)
    table, told = table_of(server, monkeypatch)
    events = play(table)
    ended = [event.record for event in events if isinstance(event, PhaseEnded)]
    assert [r.phase for r in ended] == [r.phase for r in server.game.history]
    assert [r.orders[FRANCE] for r in ended] == [r.orders[FRANCE] for r in server.game.history]
    assert (type(events[0]), type(events[-1])) == (PhaseBegan, TableClosed)
    closed = events[-1]
    assert isinstance(closed, TableClosed)
    assert (closed.reason, closed.winner) == ("draw", None)
    assert closed.centers == {power: server.game.centers(power) for power in server.game.powers}
    assert sum(isinstance(event, SpeakingTurn) for event in events) > 0 or press == "NoPress"
    assert told == []
    times = sorted(server.reads["game/status"] + server.reads["game/getmessages"])
    assert all(after - before >= 0.99 for before, after in pairwise(times))


def test_the_servers_own_result_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = play(table_of(TableServer(result="Won"), monkeypatch)[0])[-1]
    assert isinstance(closed, TableClosed)
    assert (closed.reason, closed.winner, closed.scores[ENGLAND], closed.scores[FRANCE]) == ("solo", ENGLAND, 1.0, 0.0)


def test_the_table_keeps_what_every_table_owes(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(until=1902)
    table, _ = table_of(server, monkeypatch)
    check_adapter(table, at_least_phases=4)
    sent = [m["message"] for m in server.messages]
    assert len(sent) >= 4
    assert len(set(map(str, server.messages))) == len(sent), "no message twice"


def test_a_session_hears_answers_and_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(until=1901)
    server.say(ENGLAND, "Hello &lt;France&gt;")
    server.now += 1
    server.say(ENGLAND, "to all", to=0)
    server.messages.append(
        {**server.messages[0], "fromCountryID": 0, "toCountryID": 0, "message": "<b>GameMaster:</b> x"}
    )

    def answer() -> None:
        server.say(ENGLAND, "Fine")

    server.hooks["players/active_games"] = [*nothing(1), answer]
    table, told = table_of(server, monkeypatch)
    agent = ScriptedAgent(
        lines={"S1901M": [(ENGLAND, "Leave the Channel?"), (None, "Good luck")]},
        orders={"S1901M": (parse_order("A PAR - BUR"),)},
    )
    events = EventLog()
    closed = run(table, {FRANCE: agent}, events)
    assert [(m.sender, m.recipient, m.text) for m in agent.heard] == [
        (ENGLAND, FRANCE, "Hello <France>"),
        (ENGLAND, None, "to all"),
        (ENGLAND, FRANCE, "Fine"),
    ]
    assert [e.message.text for e in events if isinstance(e, SentEvent)] == ["Leave the Channel?", "Good luck"]
    assert [m.text for m in agent.records[0].messages] == [
        *("Hello <France>", "to all", "Leave the Channel?", "Fine", "Good luck")
    ]
    assert "A PAR - BUR" in [str(o) for o in agent.records[0].orders[FRANCE]]
    assert told == ["game 7: the server says: x"]
    assert closed.reason == "draw"


def test_orders_that_are_dropped_in_silence_are_told_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(drops=lambda order: order["type"] == "Move")
    table, told = table_of(server, monkeypatch)
    agent = ScriptedAgent(orders={"S1901M": (parse_order("A PAR - BUR"), parse_order("A MAR S A PAR - BUR"))})
    run(table, {FRANCE: agent}, EventLog())
    assert told == ["game 7, Diplomacy of turn 0: expected Move PAR - BUR, the server keeps nothing"]
    assert [str(o) for o in server.game.history[0].orders[FRANCE]] == ["F BRE H", "A MAR S A PAR - BUR", "A PAR H"]


def test_an_extended_deadline_does_not_leave_us_unready(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer()
    kept = server.play

    def extend() -> None:
        """Somebody else was late: the phase goes on, and everybody's mark is gone."""
        server.play = kept  # type: ignore[method-assign]
        server.flags = {"Saved"}
        server.deadline = server.now + PHASE_S

    server.play = extend  # type: ignore[method-assign]
    table, _ = table_of(server, monkeypatch)
    play(table)
    first = [orders for phase, orders in server.submitted if phase == "S1901M"]
    assert len(first) == 2
    assert first[0] == first[1]
    assert server.game.is_done


def test_orders_come_early_and_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer()
    server.say(ENGLAND, "Hello")
    table, told = table_of(server, monkeypatch)
    kinds: list[type[TableEvent]] = []
    early = (parse_order("A PAR - BUR"),), (parse_order("A PAR - PIC"),)
    for event in table.events():
        kinds.append(type(event))
        if isinstance(event, Moment) and kinds.count(Moment) <= len(early):
            assert event.left_s is not None
            assert 0 < event.left_s <= PHASE_S
            table.submit(FRANCE, early[kinds.count(Moment) - 1])
            assert table.has_orders
            assert "Ready" not in server.flags
            assert table.send(FRANCE, ENGLAND, "At once").text == "At once"
        if isinstance(event, OrdersDue):
            break  # it abstains, and is left with those
    assert kinds[:4] == [PhaseBegan, MessageReceived, Moment, SpeakingTurn]
    assert kinds.count(Moment) > len(early)
    server.sleep(PHASE_S)
    assert [str(o) for o in server.game.history[0].orders[FRANCE] if "PAR" in str(o)] == ["A PAR - PIC"]
    assert told == []


def test_without_permission_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(member="Left")
    server.say(ENGLAND, "Hello")
    table, _ = table_of(server, monkeypatch, draw=DrawPolicy.AGREE)
    asked: set[Write] = set()

    def permits(write: Write) -> bool:
        asked.add(write)
        return False

    silent = WebDiplomacyTable(table._client, SEAT, TableConfig(), server.sleep, permits=permits)
    for event in silent.events():
        if isinstance(event, Moment):
            with pytest.raises(UndeliveredError, match="held back"):
                silent.send(FRANCE, ENGLAND, "psst")
        if isinstance(event, OrdersDue):
            silent.submit(FRANCE, ())
            break
    reads = {"game/status", "game/getmessages", "players/active_games"}
    assert set(server.reads) <= reads
    assert asked >= {Write.MESSAGE, Write.ORDERS, Write.MARK}


def test_orders_of_a_phase_never_reach_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The phase ends while the agent thinks."""
    server = TableServer()
    table, told = table_of(server, monkeypatch)
    thought = False
    for event in table.events():
        if isinstance(event, OrdersDue):
            if not thought:
                server.sleep(2 * PHASE_S)
                thought = True
            table.submit(FRANCE, ())
    assert any("Invalid turn" in line for line in told)
    assert [phase for phase, _ in server.submitted][:1] == ["F1901M"]
    assert server.game.is_done


def test_a_phase_that_ends_while_we_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others were all ready, and our orders were in from an earlier start."""
    server = TableServer()

    def end_phase() -> None:
        server.play()

    server.hooks["players/active_games"] = [*nothing(1), end_phase]
    table, told = table_of(server, monkeypatch)
    events = play(table)
    begun = [str(event.view.phase) for event in events if isinstance(event, PhaseBegan)]
    ended = [str(event.record.phase) for event in events if isinstance(event, PhaseEnded)]
    assert begun[:2] == ["S1901M", str(server.game.history[1].phase)]
    assert ended == [str(record.phase) for record in server.game.history]
    assert server.submitted[0][0] == begun[1]
    assert told == []


def test_a_paused_game_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(deadline=None)

    def unpause() -> None:
        server.deadline = server.now + PHASE_S

    server.hooks["players/active_games"] = [*nothing(5), unpause]
    table, _ = table_of(server, monkeypatch)
    play(table)
    assert server.game.is_done
    assert server.reads["players/active_games"][5] - START > 200, "slowly"


def test_a_seat_that_was_left_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(member="Left")
    table, _ = table_of(server, monkeypatch)
    play(table)
    assert (server.member, server.game.is_done) == ("Playing", True)


def test_an_outage_is_told_and_outlasted(monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> httpx.Response:
        return httpx.Response(503, text="busy")

    server = TableServer()
    server.hooks = {"game/orders": [down] * 12, "players/active_games": [down] * 12}
    table, told = table_of(server, monkeypatch)
    play(table)
    assert server.submitted[0][0] == "S1901M"
    assert any("orders are not in yet: game/orders: the server says (503): busy" in line for line in told)
    assert server.game.is_done


def test_a_game_that_is_cancelled_closes_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[Hook] = [
        lambda: httpx.Response(400, text="Could not fetch row for give gameID, game may have been cancelled")
    ]
    server = TableServer(hooks={"players/active_games": [lambda: ok({"games": []})]})
    server.hooks["game/status"] = [*nothing(1), *gone]
    table, told = table_of(server, monkeypatch)
    closed = play(table)[-1]
    assert isinstance(closed, TableClosed)
    assert closed.reason == "abandoned"
    assert "game may have been cancelled" in told[-1]
    server = TableServer(hooks={"game/getmessages": gone})
    with pytest.raises(GameGoneError):
        play(table_of(server, monkeypatch)[0])


def test_messages_that_are_not_delivered_stop_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    muted: list[Hook] = [lambda: ok({"messages": []})]
    server = TableServer(hooks={"game/sendmessage": muted})
    table, _ = table_of(server, monkeypatch)
    agent = ScriptedAgent(lines={"S1901M": [(ENGLAND, "muted"), (ENGLAND, "heard")]})
    events = EventLog()
    run(table, {FRANCE: agent}, events)
    assert [e.message.text for e in events if isinstance(e, SentEvent)] == ["heard"]
    public = TableServer(press="PublicPressOnly")
    table, _ = table_of(public, monkeypatch)
    for event in table.events():
        if isinstance(event, SpeakingTurn):
            with pytest.raises(UndeliveredError, match="PublicPressOnly allows no message to ENGLAND"):
                table.send(FRANCE, ENGLAND, "psst")
            assert table.send(FRANCE, None, "hello all").recipient is None
            break
    with pytest.raises(AdapterError, match="the server was not asked for the game yet"):
        table_of(server, monkeypatch)[0].send(FRANCE, ENGLAND, "early")


def test_a_draw_is_voted_for_as_the_policy_says(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(until=1902)
    table, _ = table_of(server, monkeypatch, draw=DrawPolicy.AGREE)
    play(table)
    assert "game/setvote" not in server.reads
    held = Game(game_id="7")
    for _ in range(4):
        held.process()
    server = TableServer(until=1903, game=held)
    table, _ = table_of(server, monkeypatch, draw=DrawPolicy.STALEMATE, draw_years=2)
    for event in table.events():
        if isinstance(event, OrdersDue):
            break
    assert server.votes == "Draw"


def test_the_agents_own_vote_is_cast_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer(until=1902)
    table, _ = table_of(server, monkeypatch, draw=DrawPolicy.AGENT)
    assert isinstance(table, CarriesVotes)
    seen = []
    for event in table.events():
        if isinstance(event, OrdersDue):
            assert table.asks_agent
            for wanted in (True, True, False) if event.view.phase.season == "F" else ():
                before = len(server.reads.get("game/setvote", ()))
                table.vote_draw(wanted)
                seen.append((server.votes, len(server.reads["game/setvote"]) - before))
            table.submit(FRANCE, ())
    assert seen[:3] == [("Draw", 1), ("Draw", 0), ("", 1)]  # the same word is not said twice
    other, _ = table_of(TableServer(until=1901), monkeypatch, draw=DrawPolicy.AGREE)
    assert next(iter(other.events())) is not None
    assert not other.asks_agent


def test_received_messages_come_with_the_game_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TableServer()
    server.say(ENGLAND, "one")
    table, _ = table_of(server, monkeypatch)
    for event in play(table):
        if isinstance(event, MessageReceived):
            assert event.message in event.view.messages
            assert (event.power, str(event.message.phase)) == (FRANCE, "S1901M")
            return
    raise AssertionError("expected a message")
