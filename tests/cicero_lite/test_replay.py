"""The replay page: one file, everything in it, nothing from players that could run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cicero_lite.arena.log import (
    Believed,
    Drafted,
    Event,
    FilterFinding,
    PromiseSettled,
    Searched,
    Sent,
    Silent,
    SpeechPlanned,
    Understood,
)
from cicero_lite.view import read_promises
from cicero_lite.web.replay import ReplayError, phase_title, replay_data, replay_html
from dialogue.acts import ActKind, ActOrder, SpeechAct
from engine.game import Game
from engine.notation import parse_order
from engine.saved import load_game
from engine.types import ExpectedOrder, Intent, Phase, PlannedOrders, Policy, Power

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> @@DATA@@ \u2028 <!--"
PHASE = Phase.parse("S1901M")
MOVE = parse_order("A PAR - BUR")


class Page(HTMLParser):
    """Tags of the page, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.in_script = tag == "script"
        if self.in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_script:
            self.scripts[-1] += data

    @property
    def data(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.scripts[0])
        return value


def played() -> tuple[Game, list[Event]]:
    """A game of one phase with a negotiated, twice drafted, understood and kept promise."""
    game = Game(game_id="test-7")
    message = game.say(Power.FRANCE, Power.ENGLAND, "I will move Paris to Burgundy.")
    heard_by_all = game.say(Power.ENGLAND, None, EVIL)
    act = SpeechAct(ActKind.PROMISE, Power.FRANCE, Power.ENGLAND, (ActOrder(Power.FRANCE, MOVE),))
    own = PlannedOrders(Power.FRANCE, PHASE, (MOVE,))
    wanted = PlannedOrders(Power.ENGLAND, PHASE, (parse_order("F LON - NTH"),))
    intent = Intent(Power.FRANCE, Power.ENGLAND, own, wanted)
    policy = Policy(Power.FRANCE, ((MOVE,),), (0.75,))
    other = Policy(Power.ENGLAND, (wanted.orders,), (0.5,))
    policies, scores, values = (
        {Power.FRANCE: policy, Power.ENGLAND: other},
        {Power.FRANCE: 0.14},
        {Power.FRANCE: (0.15,)},
    )
    first = Searched(Power.FRANCE, PHASE, policies, scores, (parse_order("A PAR H"),), values)
    heard = ExpectedOrder(Power.ENGLAND, PHASE, wanted.orders[0], 0.314)
    threat = SpeechAct(ActKind.THREATEN, Power.FRANCE, Power.ENGLAND)
    bad = FilterFinding("legality", "reject", "PAR is not adjacent to MOS")
    events: list[Event] = [
        first,
        SpeechPlanned(
            Power.FRANCE, Power.ENGLAND, PHASE, (act,), None, "asks for peace", 0.012, (-0.004,), ((threat,),)
        ),
        Drafted(Power.FRANCE, Power.ENGLAND, PHASE, "I will move Paris to Moscow.", "model", (), (bad,)),
        Drafted(
            Power.FRANCE, Power.ENGLAND, PHASE, message.text, "grammar", (act,), (FilterFinding("legality", "pass"),)
        ),
        Sent(message, (act,), intent, "grammar"),
        Understood(Power.ENGLAND, message, (act,), ("sort of",)),
        Drafted(Power.ITALY, Power.TURKEY, PHASE, "nonsense", "model", (), (bad,)),
        Silent(Power.ITALY, PHASE, Power.TURKEY, "no draft passed"),
        Understood(Power.FRANCE, heard_by_all, ()),
        Understood(Power.ITALY, message, ()),  # nothing that France heard
        replace(first, action=(MOVE,), anchors={Power.FRANCE: (0.4,)}, expected=(heard,)),
        PromiseSettled(Power.FRANCE, Power.ENGLAND, PHASE, act, "kept", 0),
        Believed(Power.FRANCE, PHASE, {}, ("England: plays like 'human'",)),
    ]
    game.set_orders(Power.FRANCE, [MOVE])
    game.process()
    return game, events


def test_the_page_holds_every_phase_and_message() -> None:
    game, events = played()
    data = Page(replay_html(game.to_saved_game(), events)).data
    assert [phase["name"] for phase in data["phases"]] == ["S1901M", "F1901M"]
    assert [len(phase["units"]) for phase in data["phases"]] == [22, 22]
    assert len(data["phases"][0]["orders"]) == len(data["phases"][0]["marks"]) == 22
    assert data["phases"][0]["counts"] == [3, 3, 3, 3, 3, 4, 3]
    assert [(m["from"], m["to"]) for m in data["messages"]] == [("FRANCE", "ENGLAND"), ("ENGLAND", "GLOBAL")]
    assert data["messages"][1]["text"] == EVIL


def test_each_message_tells_why_it_was_sent() -> None:
    game, events = played()
    data = Page(replay_html(game.to_saved_game(), events)).data
    message = data["messages"][0]
    assert message["intent"][0] == ["plays", "FRANCE", "S1901M", ["A PAR - BUR"]]
    assert message["intent"][1] == ["wants", "ENGLAND", "S1901M", ["F LON - NTH"]]
    assert message["acts"] == [["promise", "France A PAR - BUR"]]
    assert message["reason"] == "asks for peace"
    assert message["drafts"] == 2
    assert message["rejected"] == [
        {"text": "I will move Paris to Moscow.", "source": "model", "by": [["legality", "PAR is not adjacent to MOS"]]}
    ]
    assert message["read"][0]["power"] == "ENGLAND"
    assert message["read"][0]["unread"] == ["sort of"]
    silent, kept = data["notes"]
    assert (silent["kind"], silent["from"], silent["to"], len(silent["rejected"])) == ("silent", "ITALY", "TURKEY", 1)
    assert (kept["kind"], kept["from"], kept["to"]) == ("kept", "FRANCE", "ENGLAND")
    assert message["worth"] == 0.012
    assert message["others"] == [[[["threaten", ""]], -0.004]]
    assert kept["said"] == 0


def test_a_plan_tells_why() -> None:
    game, events = played()
    data = Page(replay_html(game.to_saved_game(), events)).data
    (plan,) = data["plans"]
    assert (plan["phase"], plan["power"], plan["score"], plan["chosen"]) == (0, "FRANCE", 0.14, ["A PAR - BUR"])
    assert plan["top"] == [[["A PAR - BUR"], 0.75, 0.4, 0.15]]
    assert plan["others"] == {"ENGLAND": [[["F LON - NTH"], 0.5, None, None]]}
    assert plan["heard"] == [["ENGLAND", "F LON - NTH", 0.31]]
    assert plan["changed"] == [[[], ["A PAR H"]], [[1], ["A PAR - BUR"]]]
    assert data["beliefs"] == [[0, "FRANCE", ["England: plays like 'human'"]]]


def test_promises_of_people_are_read_by_our_reader() -> None:
    game, _ = played()
    (promise,) = read_promises(game)
    assert (promise.power, promise.to, promise.outcome, promise.message) == (Power.FRANCE, Power.ENGLAND, "kept", 0)
    data = Page(replay_html(game.to_saved_game(), [promise], reader=True)).data
    assert data["reader"] == 1
    assert data["notes"][0]["kind"] == "kept"


def test_typed_events_and_their_json_give_the_same_page() -> None:
    from cicero_lite.arena.log import line_of

    game, events = played()
    saved = game.to_saved_game()
    assert replay_html(saved, events) == replay_html(saved, [json.loads(line_of(event)) for event in events])


def test_nothing_a_player_wrote_becomes_markup() -> None:
    game, _ = played()
    saved = game.to_saved_game()
    saved["id"] = EVIL
    text = replay_html(saved)
    page = Page(text)
    assert sum(tag == "script" for tag, _ in page.tags) == 2
    assert not any(tag == "img" for tag, _ in page.tags)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.data["id"] == page.data["messages"][1]["text"] == EVIL
    # the page writes text only: no way of making markup out of strings but the fixed shapes of the tokens
    script = page.scripts[1]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|setTimeout\(\s*[\"']", script)


def test_only_the_page_s_own_script_may_run() -> None:
    import base64
    import hashlib

    page = Page(replay_html(Game().to_saved_game()))
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    digest = base64.b64encode(hashlib.sha256(page.scripts[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in (policy or "")
    assert "default-src 'none'" in (policy or "")


def test_the_page_needs_nothing_outside_itself() -> None:
    text = replay_html(Game().to_saved_game())
    assert "://" not in text
    assert not any("src" in a or (tag == "link") for tag, a in Page(text).tags)


def test_the_page_is_small_even_for_long_games(shared_data: Path) -> None:
    lines = load_games(shared_data)
    longest = max(lines, key=lambda game: sum(len(p["messages"]) for p in game["phases"]))
    game = load_game(shared_data / "games-validation.jsonl.gz", longest["id"])
    text = replay_html(game.to_saved_game())
    data = Page(text).data
    assert len(text.encode()) < 3_000_000
    assert len(data["messages"]) == sum(len(r.messages) for r in game.history) + len(game.messages)
    assert [p["name"] for p in data["phases"]][: len(game.history)] == [str(r.phase) for r in game.history]


def load_games(folder: Path) -> list[dict[str, Any]]:
    import gzip

    with gzip.open(folder / "games-validation.jsonl.gz", "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@pytest.mark.parametrize(
    ("game", "says"),
    [
        ({}, "expected a saved game with a non-empty list 'phases'"),
        ({"phases": []}, "expected a saved game with a non-empty list 'phases'"),
        ({"phases": [{"name": "S1901M"}]}, "phase 0 (S1901M)"),
        ({"phases": [7]}, "phase 0"),
        ({"phases": [{"name": "S1901M", "state": {"units": {"SPAIN": []}, "centers": {}}}]}, "unknown power 'SPAIN'"),
        ({"phases": [{"name": "S1901M", "state": {"units": {}, "centers": []}}]}, "phase 0 (S1901M)"),
        ({"phases": [{"name": "S1901M", "state": {"units": {}, "centers": {}}}], "map": "ancmed"}, "ancmed"),
    ],
)
def test_a_broken_game_is_one_clear_line(game: dict[str, Any], says: str) -> None:
    with pytest.raises(ReplayError) as caught:
        replay_html(game)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_event_is_one_clear_line() -> None:
    with pytest.raises(ReplayError, match="event 'drafted' lacks or misforms 'verdicts'"):
        replay_data(Game().to_saved_game(), [{"event": "drafted", "sender": "ITALY"}])
    assert replay_data(Game().to_saved_game(), [{"event": "of the future"}])["messages"] == []


def test_phases_have_readable_names() -> None:
    assert phase_title("S1901M") == "Spring 1901, orders"
    assert phase_title("W1902A") == "Winter 1902, adjustments"
    assert phase_title("COMPLETED") == "The end"
