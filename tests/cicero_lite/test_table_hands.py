"""Draws, seats that go to an agent and back, and looking on, over HTTP: done once, kept, told to whom it may be."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from cicero_lite.adapters.base import OrdersDue, SpeakingTurn
from cicero_lite.arena.log import DrawVoted, Event, GameEnded, SeatChanged, event_of
from cicero_lite.draws import DrawConfig
from cicero_lite.errors import UndeliveredError
from cicero_lite.hosting.gate import Gate
from cicero_lite.web.table.agents import AgentsTable, Seated, Sitting
from cicero_lite.web.table.pictures import Album, Have, saved_for, state
from cicero_lite.web.table.room import Room
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.seating import Player
from cicero_lite.web.table.settings import PERSON, DrawVotes
from engine.notation import parse_order
from engine.types import POWERS, Power
from planner.baselines import RandomAgent
from tests.table_games import Guest, rooms_in, serving, settings, still, until, year

FRANCE, GERMANY, ITALY, TURKEY = Power.FRANCE, Power.GERMANY, Power.ITALY, Power.TURKEY
AGREEABLE = ("agent.draw.margin=1.0", "agent.draw.from_year=1901")
"""With these, agents that expect a score always agree to a draw."""


class Table:
    """A server, and those who come to it."""

    def __init__(self, folder: Path, *more: str) -> None:
        self._all = ExitStack()
        self.server, self.rooms = self._all.enter_context(serving(folder, *more))

    def guest(self, game: int, power: Power | None = FRANCE) -> Guest:
        """Somebody at a seat, or (None) who looks on."""
        return self._all.enter_context(Guest(self.server.url, self.server.link(game, power)))

    def events(self, game: int) -> list[Event]:
        """The game's log."""
        return [event_of(line) for line in self.rooms.store.log_lines(game)]

    def listed(self) -> dict[str, Any]:
        """The first game in the list of games."""
        headers = {"Authorization": f"Bearer {self.server.token}"}
        games = httpx.get(f"{self.server.url}games", headers=headers, trust_env=False).json()["games"]
        return dict(games[0])

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self._all.close()


@contextmanager
def table(folder: Path, *more: str) -> Iterator[Table]:
    with Table(folder, *more) as opened:
        yield opened


def others(*powers: Power) -> list[str]:
    return [power.value for power in POWERS if power not in powers]


# --- draws -----------------------------------------------------------------------------------------------------


def test_a_draw_is_agreed_by_all_who_are_alive_and_kept(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        game = here.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}), still())
        france, germany = here.guest(game), here.guest(game, GERMANY)
        # The agents have seen nothing move for three years.
        until(lambda: france.state()["draw"]["for"] == others(FRANCE, GERMANY), "the agents' votes")
        assert france.state()["draw"]["open"] == ["FRANCE", "GERMANY"]
        for _ in range(2):  # the second comes twice under one key
            assert france.does("vote", key="the same key", draw=True) == {"vote": True, "drawn": False}
        assert france.does("vote", draw=False) == {"vote": False, "drawn": False}
        assert france.state()["draw"]["mine"] is False
        france.does("vote", draw=True)
        assert germany.state()["draw"] == {
            "public": True, "mine": False, "for": others(GERMANY), "open": ["GERMANY"],
        }  # fmt: skip
        assert france.state()["over"] is None

    with table(tmp_path) as here:  # another process: the votes stand
        france, germany = here.guest(game), here.guest(game, GERMANY)
        assert france.state()["draw"]["mine"] is True
        assert germany.does("vote", draw=True) == {"vote": True, "drawn": True}
        over = france.state()["over"]
        assert (over["reason"], over["winner"], over["drawn"]) == ("draw", None, list(POWERS))
        late = germany.asks("vote", draw=False)
        assert (late.status_code, late.json()["error"]) == (409, "the game is over")
        until(lambda: here.listed()["ended"] == "draw", "the list of games knows")
        note = france.client.get("/game.json").json()["phases"][-1]["state"]["note"]
        assert note == "Draw: " + ", ".join(POWERS)
        shared = "The end: a draw of Austria, England, France, Germany, Italy, Russia and Turkey"
        assert shared in france.client.get("/replay.html").text
        assert france.state()["scenes"][-1]["title"] == shared
        ended = here.events(game)[-1]
        assert isinstance(ended, GameEnded)
        assert (ended.reason, str(ended.phase)) == ("draw", "S1904M")

    with table(tmp_path) as here:
        assert here.guest(game).state()["over"]["reason"] == "draw"


def test_who_has_voted_is_told_only_where_the_game_was_opened_so(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        opened = settings({FRANCE: PERSON, GERMANY: PERSON}, draw_votes=DrawVotes.HIDDEN)
        game = here.rooms.open(opened, still())
        france, germany = here.guest(game), here.guest(game, GERMANY)
        germany.does("vote", draw=True)
        assert france.state()["draw"] == {"public": False, "mine": False, "for": [], "open": []}
        assert germany.state()["draw"]["for"] == ["GERMANY"]
        assert '"for":["GERMANY"' not in france.client.get("/state").text
        france.does("vote", draw=True)
        until(lambda: france.state()["over"], "the agents agree, too")
        assert france.state()["draw"]["for"] == list(POWERS)


def test_an_agent_agrees_by_what_it_expects_and_says_why_in_the_log(tmp_path: Path) -> None:
    with table(tmp_path, *AGREEABLE) as here:
        game = here.rooms.open(settings({FRANCE: PERSON, ITALY: "cicero"}))
        france = here.guest(game)
        until(lambda: france.state()["draw"]["for"] == ["ITALY"], "Italy's vote; DumbBots see moves to come")
        france.does("vote", draw=True)
        france.does("ready", ready=True)
        until(lambda: france.state()["phase"] != "S1901M", "the game goes on: DumbBots do not agree")
        voted = [e for e in here.events(game) if isinstance(e, DrawVoted) and e.power is ITALY]
        assert voted[0].wanted
        assert voted[0].worth == pytest.approx(9 / 70)
        assert voted[0].expected is not None
        assert voted[0].reason.startswith("a draw now is worth 12.9% to it, playing on ")
        refused = [e for e in here.events(game) if isinstance(e, DrawVoted) and e.power is TURKEY]
        assert not any(event.wanted for event in refused)


def test_a_vote_of_the_dead_is_refused_and_not_awaited(tmp_path: Path) -> None:
    with table(tmp_path) as here:  # four are alive
        game = here.rooms.open(settings({FRANCE: PERSON, TURKEY: PERSON}, others="random"), year())
        refused = here.guest(game, TURKEY).asks("vote", draw=True)
        assert (refused.status_code, "out of the game" in refused.json()["error"]) == (400, True)
        assert here.guest(game).state()["draw"]["open"] == ["AUSTRIA", "FRANCE", "GERMANY", "ITALY"]


# --- a seat goes to an agent, and back -------------------------------------------------------------------------


def test_an_agent_plays_on_with_all_that_was_said_and_the_person_comes_back(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        game = here.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}))
        france, germany = here.guest(game), here.guest(game, GERMANY)
        france.does("say", to="GERMANY", text="I will stay out of Burgundy, I promise.")
        germany.does("say", to="FRANCE", text="Where do you go instead?")
        france.does("order", order="A PAR - BUR")
        france.does("ready", ready=True)
        for _ in range(2):
            given = france.does("hand-over", key="the same key", agent="cicero", persona="truthful")
            assert given == {"agent": "cicero"}
        assert france.state()["standIn"] == {
            "power": "FRANCE", "phase": "S1901M", "agent": "cicero", "persona": "truthful",
        }  # fmt: skip
        # It knows what the person has said, and the person only looks on.
        until(lambda: here.rooms.store.state(game, FRANCE), "the agent has spoken")
        kept = here.rooms.store.state(game, FRANCE)
        assert kept is not None
        promised = [p["quote"] for p in kept.value["ledger"]["promises"] if p["by"] == "FRANCE"]
        assert promised[0] == "I will stay out of Burgundy, I promise."  # the person's, for the agent to keep
        for what, values in (
            ("say", {"to": "GERMANY", "text": "It is me."}), ("order", {"order": "A PAR H"}),
            ("ready", {"ready": True}), ("clear", {"province": "PAR"}), ("vote", {"draw": True}),
            ("hand-over", {"agent": "dumbbot", "persona": ""}),
        ):  # fmt: skip
            refused = france.asks(what, **values)
            assert (refused.status_code, refused.json()["error"]) == (
                400, "cicero plays your seat: take it back first",
            )  # fmt: skip
        assert france.client.get("/advice").status_code == 400
        assert [p["agent"] for p in germany.state()["players"] if p["power"] == "FRANCE"] == ["cicero"]
        germany.does("ready", ready=True)
        until(lambda: germany.state()["phase"] != "S1901M", "the agent has ordered")
        (record,) = [r for r in germany.state()["scenes"] if r["name"] == "S1901M"]
        assert [o for o in record["orders"] if o[0] == POWERS.index(FRANCE)]

    with table(tmp_path) as here:  # another process: the agent sits there
        france, germany = here.guest(game), here.guest(game, GERMANY)
        assert france.state()["standIn"]["agent"] == "cicero"
        assert france.takes_back("another key").json() == france.takes_back("another key").json() == {"agent": None}
        assert france.takes_back().json()["error"] == "you play this seat already"
        state = france.state()
        assert (state["standIn"], state["ready"], state["awaited"]) == (None, False, True)
        france.does("say", to="GERMANY", text="Back again.")
        france.does("order", order=next(iter(state["legal"].values()))[0])
        for guest in (france, germany):
            guest.does("ready", ready=True)
        until(lambda: france.state()["phase"] != state["phase"], "play goes on")
        changed = [e for e in here.events(game) if isinstance(e, SeatChanged)]
        assert [(e.power, e.agent, e.persona) for e in changed][-1] == (FRANCE, PERSON, "")


def test_a_game_that_nobody_plays_any_more_is_played_to_its_end(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        game = here.rooms.open(settings({FRANCE: PERSON}, press=False, until=1902))
        here.guest(game).does("hand-over", agent="dumbbot", persona="")
        assert here.listed()["seats"][0]["agent"] == "dumbbot"
    with table(tmp_path) as here:  # goes on though nobody comes
        assert until(lambda: here.listed()["ended"], "the end") == "until"
        over = here.guest(game).state()["over"]
        assert (over["reason"], over["drawn"]) == ("until", [])


def test_orders_that_the_agent_gave_are_the_persons_to_change(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        game = here.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}, press=False))
        france = here.guest(game)
        france.does("vote", draw=True)
        france.does("hand-over", agent="dumbbot", persona="")
        assert france.state()["draw"]["mine"] is False  # whoever plays on may see it otherwise
        given = until(lambda: france.state()["orders"], "the agent's orders")
        assert france.takes_back().status_code == 200
        assert france.state()["orders"] == given
        france.does("order", order="A PAR H")
        assert "A PAR H" in france.state()["orders"]
        assert france.state()["phase"] == "S1901M"


def room_of(folder: Path, **more: Any) -> tuple[Rooms, Room]:
    """France and Germany are people; no thread plays."""
    rooms = rooms_in(folder)
    stored = rooms.store.game(rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}, **more)))
    assert stored is not None
    return rooms, Room(rooms.store, stored)


def seated(power: Power, player: Player) -> Seated:
    assert player.is_agent
    return Seated(RandomAgent(np.random.default_rng(power.number)), DrawConfig())


def test_what_an_agent_has_not_sent_or_ordered_when_its_seat_is_taken_back_is_nobodys(tmp_path: Path) -> None:
    rooms, room = room_of(tmp_path)
    room.hand_over(FRANCE, "dumbbot", "")
    table = AgentsTable(room, Sitting(room, seated), Gate(1), rounds=1)
    assert FRANCE in table.seats
    for event in table.events():
        if isinstance(event, SpeakingTurn) and event.power is FRANCE:
            assert table.send(FRANCE, ITALY, "Hello.").text == "Hello."
            room.take_back(FRANCE)
            with pytest.raises(UndeliveredError, match="the seat was taken back"):
                table.send(FRANCE, ITALY, "And again.")
            break
    assert [m.text for m in room.game.messages] == ["Hello."]
    room.hand_over(GERMANY, "dumbbot", "")
    room.set_ready(FRANCE, True)
    for event in table.events():
        if isinstance(event, OrdersDue) and event.power is GERMANY:
            room.is_closing = False  # as if the person had been quicker
            room.take_back(GERMANY)
            table.submit(GERMANY, (parse_order("A MUN - BUR"),))
            break
        if isinstance(event, OrdersDue):
            table.submit(event.power, ())
    assert room.orders_of(GERMANY) == ()
    rooms.close()


def test_a_seat_can_be_taken_back_while_another_agent_is_built(tmp_path: Path) -> None:
    rooms, room = room_of(tmp_path)
    room.hand_over(FRANCE, "dumbbot", "")
    room.hand_over(GERMANY, "dumbbot", "")

    def make(power: Power, player: Player) -> Seated:
        if power is FRANCE and room.seating.stand_in(GERMANY) is not None:
            room.take_back(GERMANY)
        return seated(power, player)

    sitting = Sitting(room, make)
    sitting.renew()
    assert FRANCE in sitting.agents
    assert GERMANY not in sitting.agents
    room.take_back(FRANCE)
    room.hand_over(FRANCE, "random", "")
    assert not sitting.is_in(FRANCE)  # another agent has the seat now
    before = sitting.agents[FRANCE]
    assert sitting.renew() == [FRANCE]
    assert sitting.agents[FRANCE] is not before
    rooms.close()


@pytest.mark.parametrize("tells", [True, False])
def test_others_are_told_that_a_seat_changed_hands_if_the_game_says_so(tmp_path: Path, tells: bool) -> None:
    with table(tmp_path) as here:
        opened = settings({FRANCE: PERSON, GERMANY: PERSON}, tells=tells)
        game = here.rooms.open(opened)
        france, germany = here.guest(game), here.guest(game, GERMANY)
        france.does("hand-over", agent="dumbbot", persona="")
        seen = germany.state()
        (player,) = [p for p in seen["players"] if p["power"] == "FRANCE"]
        assert player["agent"] == ("dumbbot" if tells else None)
        hand = {"power": "FRANCE", "phase": "S1901M", "agent": "dumbbot", "persona": ""}
        assert seen["hands"] == ([hand] if tells else [])
        assert france.state()["hands"] == [hand]
        germany.does("ready", ready=True)
        until(lambda: germany.state()["phase"] != "S1901M", "play goes on")
        why = germany.client.get("/why?of=france&phase=S1901M")
        assert why.status_code == (200 if tells else 400)


def test_an_agent_or_persona_that_there_is_not_gets_one_line(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        france = here.guest(here.rooms.open(settings({FRANCE: PERSON})))
        for agent, persona, words in (
            ("cicerro", "", "did you mean 'cicero'"),
            ("cicero", "grin", "there is no persona 'grin'"),
            (PERSON, "", "unknown agent 'person'"),
        ):
            refused = france.asks("hand-over", agent=agent, persona=persona)
            assert (refused.status_code, words in refused.json()["error"]) == (400, True), refused.text
        assert france.state()["standIn"] is None


def test_an_agent_plays_on_for_who_lets_two_deadlines_pass_only_if_it_was_agreed(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        seats = {FRANCE: PERSON, GERMANY: PERSON}
        game = here.rooms.open(settings(seats, press=False, deadline_s=1, stand_in="dumbbot"))
        plain = here.rooms.open(settings(seats, press=False, deadline_s=1, until=1902))
        france, germany, other = here.guest(game), here.guest(game, GERMANY), here.guest(plain)

        def playing() -> Any:
            """Germany orders in each phase; France never comes."""
            if (state := germany.state())["awaited"] and not state["orders"]:
                germany.asks("order", phase=state["phase"], order=next(iter(state["legal"].values()))[0])
            return france.state()["standIn"]

        found = until(playing, "an agent takes the seat")
        assert found["agent"] == "dumbbot"
        assert found["phase"] != "S1901M"
        assert germany.state()["standIn"] is None
        until(lambda: other.state()["over"], "two years pass without a person")
        assert other.state()["standIn"] is None
        assert other.state()["hands"] == []


# --- looking on, and tables of any number of people ------------------------------------------------------------


def test_somebody_looks_on_at_a_game_of_agents(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        talking = {FRANCE: "cicero", GERMANY: "cicero"}
        game = here.rooms.open(settings(talking, until=1901))
        closed = here.rooms.open(settings(talking, until=1901, reasons=False))
        assert here.listed()["watch"].startswith(f"/seat/{closed}/watch#")
        onlooker = here.guest(game, None)
        assert onlooker.client.get("/facts").json()["you"] is None
        over = until(lambda: (found := onlooker.state())["over"] and found, "the agents play to the end")
        private = [m for m in over["messages"] if m["to"] != "GLOBAL"]
        assert private  # their reasons are open, so their talks are
        for what, values in (("say", {"to": "GLOBAL", "text": "Bravo!"}), ("ready", {"ready": True}),
                             ("vote", {"draw": True}), ("hand-over", {"agent": "cicero", "persona": ""})):  # fmt: skip
            refused = onlooker.asks(what, **values)
            assert (refused.status_code, "you look on" in refused.json()["error"]) == (403, True)
        assert onlooker.takes_back().status_code == 403
        assert onlooker.client.get("/replay.html").status_code == 200
        assert here.listed()["seats"] == []


def test_whoever_looks_on_at_a_closed_game_reads_public_talk_alone(tmp_path: Path) -> None:
    rooms = rooms_in(tmp_path)
    for reasons, texts in ((False, ["Peace!"]), (True, ["Peace!", "Attack!"])):
        stored = rooms.store.game(rooms.open(settings({}, reasons=reasons)))
        assert stored is not None
        room = Room(rooms.store, stored)
        said = [room.say_unseen(FRANCE, None, "Peace!"), room.say_unseen(FRANCE, ITALY, "Attack!")]
        room.keep_turn(FRANCE, said, None, counts=True)
        seen = state(room, Album(room), None, "boot", Have())
        assert [message["text"] for message in seen["messages"]] == texts
        assert ("Attack!" in json.dumps(saved_for(room, None))) is reasons
        assert seen["orders"] == []
    rooms.close()


def test_seven_people_play_without_an_agent(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        game = here.rooms.open(settings(dict.fromkeys(POWERS, PERSON)))
        guests = [here.guest(game, power) for power in POWERS]
        for guest in guests:
            guest.does("ready", ready=True)
        guests[0].comes_to("F1901M")
        for guest in guests:
            guest.does("vote", draw=True)
        assert guests[0].state()["over"]["reason"] == "draw"


def test_a_store_of_before_goes_on(tmp_path: Path) -> None:
    with table(tmp_path) as here:
        game = here.rooms.open(settings({FRANCE: PERSON}))
        here.guest(game).does("order", order="A PAR H")
    with sqlite3.connect(tmp_path / "web.sqlite") as connection:  # as the version before left it
        for name in ("vote", "hand", "missed"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("PRAGMA user_version = 1")
        (settings_,) = connection.execute("SELECT settings FROM game").fetchone()
        kept = {k: v for k, v in json.loads(settings_).items() if k not in ("draw_votes", "stand_in", "tells")}
        connection.execute("UPDATE game SET settings = ?", (json.dumps(kept),))
    connection.close()
    with table(tmp_path) as here:
        france = here.guest(game)
        assert france.state()["orders"] == ["A PAR H"]
        france.does("vote", draw=True)
        assert france.state()["draw"]["mine"] is True
