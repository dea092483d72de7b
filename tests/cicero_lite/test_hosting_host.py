"""A seat on a server, played by processes that are killed: nothing twice, nothing lost, nothing forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from cicero_lite.adapters.base import MessageReceived, Moment, OutgoingMessage, PhaseBegan, TableEvent
from cicero_lite.adapters.settings import DrawPolicy, TableConfig
from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_responses import SeatRef
from cicero_lite.adapters.webdiplomacy_sandbox.adjudication import finish
from cicero_lite.adapters.webdiplomacy_sandbox.site import PressType, Vote
from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.log import (
    DrawVoted,
    EventLog,
    GameEnded,
    GameStarted,
    OrdersSubmitted,
    PhaseResolved,
    PhaseStarted,
    Sent,
    event_of,
)
from cicero_lite.bench.soak_checks import MemoryWatch
from cicero_lite.bench.soak_kills import memory
from cicero_lite.config import AgentConfig, config_yaml, load_config
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.host import Host, Told
from cicero_lite.hosting.settings import HostConfig, Mode
from cicero_lite.hosting.steering import steer_seat
from cicero_lite.hosting.store import Standing, Store, StoredSeat
from cicero_lite.hosting.watchdog import ServiceManager, Watchdog
from cicero_lite.registry import Agent
from cicero_lite.steer.controls import NEUTRAL, Controls
from cicero_lite.testing import ScriptedAgent
from dialogue.acts import ActKind, SpeechAct
from engine.game import Game, GameView
from engine.notation import parse_order
from engine.types import Action, Message, Phase, Power
from planner.baselines import DumbBot
from planner.plan import Plan
from planner.rollout import Evaluator
from planner.search import SearchConfig, search
from tests.virtual_site import EnoughError, KilledError, VirtualSite, kills, passes, refuses, times_out

FRANCE, ENGLAND, GERMANY = Power.FRANCE, Power.ENGLAND, Power.GERMANY
REF = SeatRef(game_id=1, country_id=COUNTRY_OF[FRANCE])
TABLE = TableConfig(turns=2, typing=False)
TO_ENGLAND, TO_GERMANY = "Leave the Channel?", "Burgundy is mine"


class Script(ScriptedAgent):
    """Says two lines in spring, whatever it said in an earlier process if that does not tell it."""

    said: int = 0

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        lines = [(ENGLAND, TO_ENGLAND), (GERMANY, TO_GERMANY)]
        if str(view.phase) != "S1901M" or self.said >= len(lines):
            return ()
        recipient, text = lines[self.said]
        self.said += 1
        acts = (SpeechAct(ActKind.DEMILITARISE, FRANCE, recipient),)
        return (OutgoingMessage(recipient, text, acts, source="script"),)

    def state(self) -> dict[str, Any]:
        return {"said": self.said}

    def restore(self, state: dict[str, Any], view: GameView) -> None:
        self.said = state["said"]

    def orders_so_far(self, view: GameView) -> Action:
        return self.act(view, FRANCE)


def script(seed: int, events: EventLog) -> Script:
    orders: dict[str, Action] = {"S1901M": (parse_order("A PAR - BUR"),), "F1901M": (parse_order("A BUR - MUN"),)}
    return Script(orders=orders)


class Eager(Script):
    """Says both lines at once."""

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        return (*super().speak(view), *super().speak(view))


def eager(seed: int, events: EventLog) -> Eager:
    return Eager(orders=script(seed, events).orders)


@dataclass
class Process:
    """What one process has."""

    site: VirtualSite
    folder: Path
    make: Callable[[int, EventLog], Agent] = script
    config: HostConfig = field(default_factory=HostConfig)
    table: TableConfig = TABLE
    hour: int = 12
    told: list[Told] = field(default_factory=list)
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.store = Store(self.folder / "store.sqlite")
        settings = config_yaml(load_config((), self.settings)) if self.settings else ""
        self.seat: StoredSeat = self.store.take_seat("https://site.test", "1", FRANCE, "script", 3, settings)
        self.guard = Guard(self.store, self.config.mode, self.told.append)

    def host(self) -> Host:
        return Host(
            self.seat,
            self.make,
            lambda: GameStarted("1", "standard", 3, {FRANCE: "script"}, {}, None, False, {}),
            self.store,
            self.config,
            self.guard,
            Gate(1),
            self.told.append,
            lambda: self.site.now,
            lambda: time_of_day(self.hour),
        )

    def play(self, until: Callable[[], bool], once: bool = False) -> bool:
        """Plays until then; whether the process was killed."""
        self.site.until = until
        host = self.host()
        client = self.site.client(FRANCE, self.folder)
        table = WebDiplomacyTable(client, REF, self.table, self.site.sleep, host.note, host.permits, host.unsaid)
        try:
            host.run(table, once)
        except EnoughError:
            pass
        except KilledError:
            return True
        finally:
            client.close()
            self.store.close()
        return False

    def events(self) -> list[Any]:
        return [event_of(line) for line in self.store.log_lines(self.seat.id)]


def at_turn(site: VirtualSite, turn: int) -> Callable[[], bool]:
    """When the host has seen a turn of the site."""
    seen: list[float] = []

    def until() -> bool:
        if site.game.turn >= turn:
            seen.append(site.now)
        return bool(seen) and site.now > seen[0] + 60

    return until


def both_said(site: VirtualSite) -> bool:
    return sorted(site.said(FRANCE)) == sorted([(1, TO_ENGLAND), (COUNTRY_OF[GERMANY], TO_GERMANY)])


def first_orders(site: VirtualSite) -> list[str]:
    return [str(order) for order in site.game.game.history[0].orders[FRANCE]]


def test_a_phase_is_played_and_kept(tmp_path: Path) -> None:
    site = VirtualSite()
    process = Process(site, tmp_path)
    assert not process.play(at_turn(site, 1))
    assert both_said(site)
    assert "A PAR - BUR" in first_orders(site)
    routes = [route for route, _ in site.calls]
    assert routes.index("game/orders") < routes.index("game/sendmessage"), "safe orders first"
    events = process.events()
    assert isinstance(events[0], GameStarted)
    assert [str(e.phase) for e in events if isinstance(e, PhaseStarted)] == ["S1901M", "F1901M"]
    assert [str(e.phase) for e in events if isinstance(e, PhaseResolved)] == ["S1901M"]
    assert [(e.message.text, len(e.acts)) for e in events if isinstance(e, Sent)] == [(TO_ENGLAND, 1), (TO_GERMANY, 1)]
    assert [m.standing for m in process.store.messages()] == [Standing.SENT] * 2
    assert process.store.pulses()[0].doing == "waiting"
    readies = [body.get("ready") for route, body in site.calls if route == "game/orders" and body["turn"] == 0]
    assert readies[0] is None, "orders that can be replaced leave the mark as it is"
    assert readies[-1] == "Yes"


def _patched(name: str, number: int, after: bool) -> Callable[[pytest.MonkeyPatch], None]:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        method, calls = getattr(Store, name), iter(range(100))

        def dying(self: Store, *args: Any, **kwargs: Any) -> Any:
            is_last = next(calls) == number
            if is_last and not after:
                raise KilledError
            returned = method(self, *args, **kwargs)
            if is_last:
                raise KilledError
            return returned

        monkeypatch.setattr(Store, name, dying)

    return patch


def _hooked(when: str, route: str, number: int) -> Callable[[VirtualSite], None]:
    def hook(site: VirtualSite) -> None:
        getattr(site, when)[route] = [*[passes] * number, kills]

    return hook


AT_STORE = [
    ("mean", 0, True),
    ("mean", 1, False),
    ("claim", 0, False),
    ("claim", 1, True),
    ("settle", 0, False),
    ("settle", 1, True),
    ("mean_orders", 0, True),
    ("mean_orders", 1, False),
    ("handed_in", 0, False),
    ("keep_state", 3, False),
    ("log", 2, True),
]


@pytest.mark.parametrize(("name", "number", "after"), AT_STORE)
def test_a_kill_at_the_store_repeats_and_loses_nothing(
    name: str, number: int, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = VirtualSite()
    with monkeypatch.context() as patched:
        _patched(name, number, after)(patched)
        assert Process(site, tmp_path).play(at_turn(site, 1)), "killed"
    assert site.game.turn == 0
    _goes_on(site, tmp_path)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("route", "number"), [("game/sendmessage", 0), ("game/sendmessage", 1), ("game/orders", 0)])
def test_a_kill_during_a_request_repeats_and_loses_nothing(when: str, route: str, number: int, tmp_path: Path) -> None:
    site = VirtualSite()
    _hooked(when, route, number)(site)
    assert Process(site, tmp_path).play(at_turn(site, 1)), "killed"
    _goes_on(site, tmp_path)


def _goes_on(site: VirtualSite, folder: Path) -> None:
    process = Process(site, folder)
    process.play(at_turn(site, 1))
    assert both_said(site)
    assert "A PAR - BUR" in first_orders(site)
    events = process.events()
    assert sorted(e.message.text for e in events if isinstance(e, Sent)) == sorted([TO_ENGLAND, TO_GERMANY])
    assert [str(e.phase) for e in events if isinstance(e, PhaseStarted)] == ["S1901M", "F1901M"]
    assert [str(e.phase) for e in events if isinstance(e, OrdersSubmitted)] == ["S1901M"]
    assert sum(isinstance(e, GameStarted) for e in events) == 1
    assert {m.standing for m in process.store.messages()} == {Standing.SENT}


def test_what_was_heard_is_no_news_even_after_two_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes before the table has told again what was heard."""
    site = VirtualSite()
    site.say(ENGLAND, FRANCE, "Hello")
    processes = [Process(site, tmp_path)]
    processes[0].play(lambda: both_said(site))
    processes.append(Process(site, tmp_path))
    with monkeypatch.context() as patched:
        _patched("keep_state", 0, True)(patched)
        assert processes[1].play(at_turn(site, 1)), "killed"
    processes.append(Process(site, tmp_path))
    processes[2].play(at_turn(site, 1))
    heard = [[what for what in process.told if isinstance(what, MessageReceived)] for process in processes]
    assert [len(messages) for messages in heard] == [1, 0, 0]


def test_a_message_of_which_nobody_knows_is_looked_for(tmp_path: Path) -> None:
    """The answer is lost, and the talks cannot be read right after it."""
    site = VirtualSite()

    def lost() -> None:
        site.before["game/getmessages"] = [times_out] * 5
        times_out()

    site.after["game/sendmessage"] = [lost]
    process = Process(site, tmp_path)
    process.play(at_turn(site, 1))
    assert both_said(site)
    assert {m.standing for m in process.store.messages()} == {Standing.SENT}
    assert any(isinstance(t, str) and "may have arrived" in t for t in process.told)


def test_what_a_killed_process_was_sending_has_time_to_arrive(tmp_path: Path) -> None:
    """A server may carry a request out after its sender was killed, and after a new process has read the talks."""
    site = VirtualSite()
    site.before["game/sendmessage"] = [kills]
    process = Process(site, tmp_path)
    waits: list[float] = []
    process.host().wait_for_requests(waits.append)
    assert not waits, "nothing was being sent"
    assert process.play(at_turn(site, 1))
    process.host().wait_for_requests(waits.append)
    assert 0 < waits.pop() <= 10
    with process.store.transaction() as connection:
        connection.execute("UPDATE message SET changed_s = changed_s - 60")
    process.host().wait_for_requests(waits.append)
    assert not waits, "it is there by now, or never will be"


def test_a_message_that_never_arrived_is_dropped_when_its_phase_is_over(tmp_path: Path) -> None:
    site = VirtualSite()
    site.before["game/sendmessage"] = [kills]
    assert Process(site, tmp_path).play(at_turn(site, 1))
    site.sleep(60 * 11)  # nobody is there; the phase ends
    process = Process(site, tmp_path)
    process.play(at_turn(site, 2))
    assert (1, TO_ENGLAND) not in site.said(FRANCE)
    (message, *_) = process.store.messages()
    assert (message.standing, message.reason) == (Standing.DROPPED, "its phase ended, and the talks do not show it")
    events = process.events()
    assert [str(e.phase) for e in events if isinstance(e, PhaseResolved)] == ["S1901M", "F1901M"]
    assert "A PAR - BUR" in first_orders(site), "the orders of the first process were in"


def test_a_server_that_is_down_gets_the_message_later(tmp_path: Path) -> None:
    site = VirtualSite()
    site.before["game/sendmessage"] = [refuses] * 7
    process = Process(site, tmp_path)
    process.play(at_turn(site, 1))
    assert both_said(site)


# --- modes, stop, quiet hours -------------------------------------------------------------------------------


def test_shadow_writes_nothing(tmp_path: Path) -> None:
    site = VirtualSite()
    site.say(ENGLAND, FRANCE, "Hello")
    process = Process(site, tmp_path, config=HostConfig(Mode.SHADOW, introduction="I am a bot"))
    process.play(at_turn(site, 1))
    assert site.writes() == []
    assert [m.text for m in process.store.messages()] == [TO_ENGLAND, TO_GERMANY]
    assert {m.standing for m in process.store.messages()} == {Standing.DROPPED}
    stored = process.store.orders(process.seat.id, process.events()[1].phase)
    assert stored is not None
    assert (str(stored.orders[0]), stored.handed_in) == ("A PAR - BUR", False)


def test_advice_sends_what_is_approved_and_hands_in_no_orders(tmp_path: Path) -> None:
    site = VirtualSite()
    process = Process(site, tmp_path, eager, HostConfig(Mode.ADVISE))
    process.play(lambda: len(process.store.messages()) == 2)
    number = process.store.messages()[0].id
    assert process.store.approve(number)
    process = Process(site, tmp_path, eager, HostConfig(Mode.ADVISE))
    process.play(at_turn(site, 1))
    assert site.said(FRANCE) == [(1, TO_ENGLAND)]
    assert "game/orders" not in site.writes()
    assert [m.standing for m in process.store.messages()] == [Standing.SENT, Standing.DROPPED]


def test_approved_words_are_sent_as_they_were_changed(tmp_path: Path) -> None:
    site = VirtualSite()
    process = Process(site, tmp_path, eager, HostConfig(Mode.APPROVE))

    def approve() -> bool:
        waiting = process.store.messages(None, (Standing.WAITING,))
        if len(waiting) == 2:
            process.store.approve(waiting[0].id, "I will move Paris to Burgundy.")
            process.store.reject(waiting[1].id, "no")
        return site.game.turn >= 1

    process.play(approve)
    assert site.said(FRANCE) == [(1, "I will move Paris to Burgundy.")]
    (sent,) = [e for e in process.events() if isinstance(e, Sent)]
    assert (sent.source, [act.kind for act in sent.acts]) == ("edited", [ActKind.PROMISE])
    assert "A PAR - BUR" in first_orders(site)


def test_a_seat_is_steered_while_it_is_played(tmp_path: Path) -> None:
    class Steered(Script):
        controls = NEUTRAL

        def steer(self, controls: Controls) -> None:
            self.controls = controls
            taken.append((controls, str(phases[-1])))

        def orders_so_far(self, view: GameView) -> Action:
            phases.append(view.phase)
            moves = {0.0: "A PAR - PIC", 0.02: "A PAR - BUR"}
            return (parse_order(moves[self.controls.aggression]),) if str(view.phase) == "S1901M" else ()

    def make(seed: int, events: EventLog) -> Steered:
        phases.append(Phase.parse("S1901M"))
        return Steered()

    taken: list[tuple[Controls, str]] = []
    phases: list[Phase] = []
    site = VirtualSite()
    process = Process(site, tmp_path, make)
    process.store.set_config(process.seat.id, "agent: {}\n")
    spring = Phase.parse("S1901M")

    def steered() -> bool:
        orders = process.store.orders(process.seat.id, spring)
        if orders is not None and not taken:
            assert str(orders.orders[0]) == "A PAR - PIC"
            steer_seat(process.store, process.seat.id, ["aggression=0.02"], "somebody")
        return bool(taken) and orders is not None and str(orders.orders[0]) == "A PAR - BUR"

    process.play(steered)
    assert taken == [(Controls(aggression=0.02), "S1901M")]
    assert "steered by somebody: aggression=0.02" in [notice.text for notice in process.store.notices(9)]
    again = Process(site, tmp_path, make)
    again.play(lambda: len(taken) == 2)
    assert taken[1][0] == Controls(aggression=0.02), "the next process is steered as the last one was"


def test_a_newer_draft_takes_the_place_of_one_that_waits(tmp_path: Path) -> None:
    class Wavering(Script):
        def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
            self.said += 1
            return (OutgoingMessage(ENGLAND, f"draft {min(self.said, 2)}"),) if view.phase.year == 1901 else ()

    site = VirtualSite()
    table = replace(TABLE, turns=3)
    process = Process(site, tmp_path, lambda seed, events: Wavering(), HostConfig(Mode.APPROVE), table)

    def answered() -> bool:
        if site.now > site.game.start_time + 100 and len(site.game.messages) == 0:
            assert len(process.store.messages()) == 1, "what waits is not worded anew for nothing"
            site.say(GERMANY, FRANCE, "Hello")
        return len(process.store.messages()) == 2

    process.play(answered)
    first, second = process.store.messages()
    assert (first.standing, first.reason) == (Standing.DROPPED, "a newer draft took its place")
    assert second.standing is Standing.WAITING
    process = Process(site, tmp_path, make=lambda seed, events: Wavering(), config=HostConfig(Mode.APPROVE))
    process.play(at_turn(site, 1))
    assert site.said(FRANCE) == []
    old = [m for m in process.store.messages() if str(m.phase) == "S1901M"]
    assert {m.standing for m in old} == {Standing.DROPPED}


def test_a_stop_holds_everything_back_until_it_is_taken_back(tmp_path: Path) -> None:
    site = VirtualSite()
    process = Process(site, tmp_path)
    process.store.stop("the operator")
    process.play(lambda: site.now > site.game.start_time + 300)
    assert site.writes() == []
    assert [t for t in process.told if isinstance(t, str)] == [
        "stopped by the operator: nothing is sent, ordered or voted until that is taken back"
    ]
    process.store.go_on()
    process = Process(site, tmp_path)
    process.play(at_turn(site, 1))
    assert both_said(site)
    assert "A PAR - BUR" in first_orders(site)


def test_a_stop_that_is_taken_back_late_still_lets_the_orders_in(tmp_path: Path) -> None:
    site = VirtualSite()
    process = Process(site, tmp_path)
    process.store.stop("the operator")

    def late() -> bool:
        if site.now > site.game.start_time + 500:
            process.store.go_on()
        return site.game.turn >= 1

    process.play(late)
    assert "A PAR - BUR" in first_orders(site)


def test_quiet_hours_hold_messages_back_but_no_orders(tmp_path: Path) -> None:
    site = VirtualSite()
    config = HostConfig(quiet="22:00-06:00")
    process = Process(site, tmp_path, eager, config, hour=23)

    def morning() -> bool:
        if site.now > site.game.start_time + 200:
            process.hour = 7
        return site.game.turn >= 1 or (process.hour == 23 and site.said(FRANCE) != [])

    process.play(morning)
    assert site.game.turn == 1
    assert both_said(site)
    times = [route for route, _ in site.calls]
    assert times.index("game/orders") < times.index("game/sendmessage")


@pytest.mark.parametrize("press", [PressType.REGULAR, PressType.PUBLIC, PressType.NONE])
def test_the_introduction_comes_first_and_once(press: PressType, tmp_path: Path) -> None:
    site = VirtualSite(press)
    config = HostConfig(introduction="I am a bot.")
    Process(site, tmp_path, config=config).play(lambda: site.now > site.game.start_time + 60)
    Process(site, tmp_path, config=config).play(at_turn(site, 2))
    said = [to for to, text in site.said(FRANCE) if text == "I am a bot."]
    everybody = {PressType.REGULAR: [1, 3, 4, 5, 6, 7], PressType.PUBLIC: [0], PressType.NONE: []}
    assert sorted(said) == everybody[press]
    if press is PressType.REGULAR:
        assert site.said(FRANCE)[:6] == [(to, "I am a bot.") for to in said]


def test_the_introduction_is_no_word_of_the_agent(tmp_path: Path) -> None:
    class Watching(Script):
        seen: ClassVar[set[str]] = set()

        def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
            self.seen.update(message.text for message in view.messages)
            return super().speak(view)

    agent = Watching()
    site = VirtualSite()
    config = HostConfig(introduction="I am a bot.")
    Process(site, tmp_path, make=lambda seed, events: agent, config=config).play(at_turn(site, 1))
    assert agent.seen == {TO_ENGLAND}
    assert len(site.said(FRANCE)) == 8


def test_one_pass_reads_speaks_and_orders(tmp_path: Path) -> None:
    site = VirtualSite()
    table = TableConfig(turns=1, quiet_share=0.0, typing=False)
    process = Process(site, tmp_path, table=table)
    process.play(lambda: site.game.turn >= 1, once=True)
    assert site.game.turn == 0
    assert site.said(FRANCE) == [(1, TO_ENGLAND)]
    stored = process.store.orders(process.seat.id, process.events()[1].phase)
    assert stored is not None
    assert (stored.final, stored.handed_in) == (True, True)


class Hopeful(Script):
    """Expects a tenth of the score."""

    def expected_score(self, view: GameView) -> float:
        return 0.1


def hopeful(seed: int, events: EventLog) -> Hopeful:
    return Hopeful(orders=script(seed, events).orders)


def test_an_agent_votes_for_a_draw_by_what_it_expects(tmp_path: Path) -> None:
    site, agrees = VirtualSite(), replace(TABLE, draw=DrawPolicy.AGENT)
    process = Process(site, tmp_path, make=hopeful, table=agrees, settings=("agent.draw.from_year=1901",))
    process.play(at_turn(site, 1))
    voted = [event for event in process.events() if isinstance(event, DrawVoted)]
    assert [event.wanted for event in voted] == [True] * len(voted)
    assert voted[0].reason == "a draw now is worth 12.9% to it, playing on 10.0%"
    (ours,) = [member for member in site.game.members.values() if member.country == COUNTRY_OF[FRANCE]]
    assert ours.votes == {Vote.DRAW}
    assert site.writes().count("game/setvote") == 1
    # The next process takes the vote back, as its settings say never.
    never = Process(site, tmp_path, make=hopeful, table=agrees)
    never.store.set_config(never.seat.id, config_yaml(load_config((), ["agent.draw.rule=never"])))
    never.play(at_turn(site, 2))
    assert ours.votes == set()
    refused = [event.reason for event in never.events() if isinstance(event, DrawVoted) and not event.wanted]
    assert refused[0] == "its settings say never"


def test_nobody_is_asked_about_a_draw_unless_the_vote_is_the_agents(tmp_path: Path) -> None:
    site = VirtualSite()
    process = Process(site, tmp_path, make=hopeful)
    process.play(at_turn(site, 1))
    assert not [event for event in process.events() if isinstance(event, DrawVoted)]
    assert "game/setvote" not in site.writes()
    site = VirtualSite()
    shadow = Process(site, tmp_path / "shadow", make=hopeful, table=replace(TABLE, draw=DrawPolicy.AGENT),
                     config=HostConfig(mode=Mode.SHADOW), settings=("agent.draw.from_year=1901",))  # fmt: skip
    shadow.play(at_turn(site, 1))
    assert any(event.wanted for event in shadow.events() if isinstance(event, DrawVoted))
    assert site.writes() == []


def test_a_game_that_ended_while_nobody_was_there_is_closed(tmp_path: Path) -> None:
    site = VirtualSite()
    site.before["game/sendmessage"] = [kills]
    assert Process(site, tmp_path).play(at_turn(site, 1))
    finish(site.game, "Drawn")
    process = Process(site, tmp_path)
    process.play(lambda: False)
    assert [seat.ended for seat in process.store.seats()] == ["draw"]
    assert isinstance(process.events()[-1], GameEnded)
    assert {m.standing for m in process.store.messages()} == {Standing.DROPPED}


def test_time_that_is_short_is_not_spent_on_thoughts(tmp_path: Path) -> None:
    class Slow(Script):
        asked = 0

        def act(self, view: GameView, power: Power) -> Action:
            self.asked += str(view.phase) == "S1901M"
            return super().act(view, power)

    agent = Slow(orders={"S1901M": (parse_order("A PAR - BUR"),)})
    site = VirtualSite()
    process = Process(site, tmp_path, make=lambda seed, events: agent, config=HostConfig(lead_s=599.9))
    process.play(at_turn(site, 1))
    assert agent.asked == 1
    assert site.said(FRANCE) == []
    assert "A PAR - BUR" in first_orders(site)


class Turning(Script):
    """Means to go to Picardy from the moment it says so; before it has said anything, to Burgundy."""

    def act(self, view: GameView, power: Power) -> Action:
        return (parse_order("A PAR - PIC"),) if self.said and str(view.phase) == "S1901M" else super().act(view, power)


def turning(seed: int, events: EventLog) -> Turning:
    return Turning(orders={"S1901M": (parse_order("A PAR - BUR"),)})


def test_what_was_said_binds_a_process_that_comes_too_late_to_think(tmp_path: Path) -> None:
    """The first is killed when it has just spoken of other orders than the server has."""
    site = VirtualSite()
    site.after["game/sendmessage"] = [kills]
    first = Process(site, tmp_path, make=turning)
    assert first.play(at_turn(site, 1)), "killed"
    assert site.said(FRANCE) == [(1, TO_ENGLAND)]
    stored = first.store.orders(first.seat.id, Phase.parse("S1901M"))
    assert stored is not None
    assert (stored.orders, stored.handed_in) == ((parse_order("A PAR - PIC"),), False)
    site.sleep(60 * 10 - 30 - (site.now - site.game.start_time))
    late = Process(site, tmp_path, make=turning)
    assert late.config.lead_s > 30
    late.play(at_turn(site, 1))
    assert "A PAR - PIC" in first_orders(site)


def test_an_agent_that_only_orders_is_asked_once_and_built_anew(tmp_path: Path) -> None:
    seeds: list[int] = []

    def dumbbot(seed: int, events: EventLog) -> DumbBot:
        seeds.append(seed)
        return DumbBot(np.random.default_rng(seed))

    site = VirtualSite()
    process = Process(site, tmp_path, make=dumbbot)
    process.play(lambda: site.now > site.game.start_time + 30)
    before = process.store.orders(process.seat.id, process.events()[1].phase)
    process = Process(site, tmp_path, make=dumbbot)
    process.play(at_turn(site, 1))
    assert before is not None
    assert set(map(str, before.orders)) == set(first_orders(site))
    assert len(seeds) == 2
    assert seeds[0] == seeds[1], "built in the same phase"


# --- the negotiating agent ----------------------------------------------------------------------------------

QUICK = AgentConfig(search=SearchConfig(think="4it"))
EVALUATOR = Evaluator()


def test_a_seat_lives_though_its_table_tells_nothing(tmp_path: Path) -> None:
    site = VirtualSite()
    first, second = Process(site, tmp_path), Process(site, tmp_path)
    first.host().show_life()
    (pulse,) = first.store.pulses()
    assert (str(pulse.phase), pulse.doing, pulse.deadline_s) == ("S1901M", "waiting for the game", None)
    first.play(at_turn(site, 1))
    first.host().show_life()
    (pulse,) = first.store.pulses()
    assert (str(pulse.phase), pulse.doing) == ("F1901M", "waiting for the game"), "as it was kept"

    host = second.host()
    host.run(Quiet(site))
    (before,) = second.store.pulses()
    site.now += 60
    host.show_life()
    (pulse,) = second.store.pulses()
    assert pulse.at_s > before.at_s
    assert (pulse.phase, pulse.doing, pulse.deadline_s) == (before.phase, before.doing, before.deadline_s)
    second.store.close()


class Quiet:
    """A table of one phase in which France has nothing to order."""

    seats = (FRANCE,)

    def __init__(self, site: VirtualSite) -> None:
        self.site = site

    def events(self) -> Iterator[TableEvent]:
        game = Game()
        units = {power.value: [str(unit) for unit in game.units(power)] for power in game.powers}
        centers = {power.value: list(game.centers(power)) for power in game.powers}
        game.position = game.position.map.position("W1901A", units, {**centers, "RUSSIA": centers["RUSSIA"][:3]}, {})
        yield PhaseBegan(FRANCE, game.view(FRANCE))
        for left_s in (80.0, 60.0):
            yield Moment(FRANCE, game.view(FRANCE), left_s)
            self.site.now += 20

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        raise AssertionError("nothing is to be said")

    def submit(self, power: Power, orders: Action) -> None:
        raise AssertionError("nothing is to be ordered")


def test_nobody_is_warned_where_nothing_is_to_be_ordered(tmp_path: Path) -> None:
    process = Process(VirtualSite(), tmp_path)
    process.site.now = time.time()
    assert process.host().run(Quiet(process.site)) is None
    (pulse,) = process.store.pulses()
    stored = process.store.orders(process.seat.id, Phase.parse("W1901A"))
    assert stored is not None
    assert (stored.orders, stored.final, stored.handed_in) == ((), True, True)
    assert pulse.deadline_s is not None
    dog = Watchdog(process.store, manager=ServiceManager(None), clock=lambda: process.site.now + 30)
    assert dog.troubles() == ()
    process.store.close()


def negotiator(seed: int, events: EventLog) -> NegotiatingAgent:
    return NegotiatingAgent(FRANCE, QUICK, None, EVALUATOR, np.random.default_rng(seed), events)


def test_a_killed_negotiator_keeps_plan_and_promises(tmp_path: Path) -> None:
    site = VirtualSite()
    site.say(ENGLAND, FRANCE, "Shall we demilitarise the English Channel?")
    agents: list[NegotiatingAgent] = []

    def make(seed: int, events: EventLog) -> NegotiatingAgent:
        agents.append(negotiator(seed, events))
        return agents[-1]

    process = Process(site, tmp_path, make=make)
    process.play(lambda: len(site.said(FRANCE)) >= 2)
    first, said = agents[0], site.said(FRANCE)
    phase = process.events()[1].phase
    before = process.store.orders(process.seat.id, phase)
    process = Process(site, tmp_path, make=make)
    process.play(lambda: site.now > site.game.start_time + 150)
    again = agents[1]
    assert site.said(FRANCE)[: len(said)] == said
    assert len(set(site.said(FRANCE))) == len(site.said(FRANCE))
    kept = {(p.by, p.to, str(p.order), p.provinces, p.status) for p in first.ledger.promises}
    assert kept <= {(p.by, p.to, str(p.order), p.provinces, p.status) for p in again.ledger.promises}
    assert {(e.message.sender, e.message.text) for e in first.ledger.entries} <= {
        (e.message.sender, e.message.text) for e in again.ledger.entries
    }
    assert before is not None
    after = process.store.orders(process.seat.id, phase)
    assert after is not None
    assert set(after.orders) == set(before.orders)


def test_the_orders_kept_are_those_of_the_plan_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it answers at once, and what was just heard has changed its mind."""
    site = VirtualSite()
    keep, watch = Store.keep_state, MemoryWatch(FRANCE)
    turned = tuple(map(parse_order, ("F BRE - ENG", "A MAR - BUR", "A PAR - PIC")))
    plans: list[Action | None] = []

    def looks(store: Store, seat: int, state: Mapping[str, Any]) -> None:
        keep(store, seat, state)
        kept = memory(store, store.seats()[0])
        assert kept is not None
        watch.look(kept)
        plans.append(kept.planned)

    def turns(view: GameView, *args: Any) -> Plan:
        found = search(view, *args)
        return replace(found, action=turned) if any(m.sender is GERMANY for m in view.messages) else found

    site.after["game/sendmessage"] = [passes, lambda: site.say(GERMANY, FRANCE, "I am moving Munich to Ruhr.")]
    monkeypatch.setattr(Store, "keep_state", looks)
    monkeypatch.setattr("cicero_lite.agent.search", turns)
    Process(site, tmp_path, make=negotiator).play(lambda: turned in plans)
    assert any(plan not in (None, turned) for plan in plans)
    assert watch.compared > 2
    assert not watch.apart


@pytest.mark.parametrize("away_s", [0, 60 * 11])
def test_words_whose_sender_was_killed_are_remembered_as_they_were_meant(away_s: int, tmp_path: Path) -> None:
    """Also if the next process comes in the next phase: not as our reader would take them."""
    site = VirtualSite()
    site.after["game/sendmessage"] = [kills]
    assert Process(site, tmp_path, make=negotiator).play(at_turn(site, 1)), "killed"
    site.sleep(away_s)
    agents: list[NegotiatingAgent] = []

    def make(seed: int, events: EventLog) -> NegotiatingAgent:
        agents.append(negotiator(seed, events))
        return agents[-1]

    process = Process(site, tmp_path, make=make)
    start = site.now
    process.play(lambda: site.now > start + 10)
    sent = process.store.messages(process.seat.id, (Standing.SENT,))[0]
    (entry,) = [
        e for e in agents[0].ledger.entries if (e.message.recipient, e.message.text) == (sent.recipient, sent.text)
    ]
    assert sent.acts
    assert entry.acts == sent.acts


def test_a_state_is_restored_whatever_order_the_messages_come_in() -> None:
    game = Game()
    game.say(ENGLAND, FRANCE, "I will move to the North Sea. Will you stay out of the Channel?")
    game.say(GERMANY, FRANCE, "Do you want Belgium?")
    first = negotiator(5, EventLog())
    first.begin_phase(game.view(FRANCE))
    for said in first.speak(game.view(FRANCE)):
        game.say(FRANCE, said.recipient, said.text)
    meant = first.orders_so_far(game.view(FRANCE))
    state = first.state()
    other = Game()
    for message in (game.messages[1], game.messages[0], *game.messages[2:]):  # as another process may see them
        other.say(message.sender, message.recipient, message.text)
    second = negotiator(6, EventLog())
    second.restore(state, other.view(FRANCE))
    assert set(second.orders_so_far(other.view(FRANCE))) == set(meant)
    numbered = ("ledger", "meant")
    assert {k: v for k, v in second.state().items() if k not in numbered} == {
        k: v for k, v in state.items() if k not in numbered
    }
    assert [e.message.text for e in second.ledger.entries] == [e.message.text for e in first.ledger.entries]
    assert {e.message for e in second.ledger.entries} == set(other.view(FRANCE).messages)
    assert [replace(p, message=0) for p in second.ledger.promises] == [
        replace(p, message=0) for p in first.ledger.promises
    ]
    assert set(second.plan(other.view(FRANCE)).action) == set(meant), "searched again for the others alone"
    second.begin_phase(other.view(FRANCE))
    assert len(second.ledger.entries) == len(first.ledger.entries)
