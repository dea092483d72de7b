"""The agent made again from a game and its log: the same plan, and other plans where things are otherwise."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cicero_lite.arena.log import Believed, Searched, Understood, line_of
from cicero_lite.errors import ConfigError
from cicero_lite.inspection import (
    Changes,
    GameRecord,
    InspectionError,
    MessageChange,
    Moment,
    NewMessage,
    changes_of,
    open_record,
    reconstruct,
)
from cicero_lite.inspection.moments import States, messages_at
from engine.game import Game, GameFileError
from engine.notation import parse_order
from engine.types import POWERS, Phase, Power
from planner.plan import contains
from tests.inspected_game import FALL, SETTINGS, SPRING, game_folder, record

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY


@pytest.mark.parametrize("phase", [SPRING, FALL])
@pytest.mark.parametrize("power", POWERS)
def test_it_plans_what_it_planned_in_the_game(phase: Phase, power: Power) -> None:
    found = reconstruct(record(), Moment(phase, power))
    plan = found.agent.plan(found.view)
    played = next(r.orders[power] for r in record().game.history if r.phase == phase)
    logged = record().searches(power, phase)[-1]
    assert plan.action == found.logged == logged.action
    assert set(found.agent.orders_so_far(found.view)) == set(played)
    chances = dict(zip(plan.policies[power].actions, plan.policies[power].probabilities, strict=True))
    for action, chance in zip(logged.policies[power].actions, logged.policies[power].probabilities, strict=True):
        assert chances.get(action, 0.0) == pytest.approx(chance, abs=0.05)  # beliefs are rounded in the log


def test_an_earlier_moment_knows_less() -> None:
    power = next(p for p in POWERS if len(messages_at(record(), SPRING, p)) > 2)
    every = messages_at(record(), SPRING, power)
    found = reconstruct(record(), Moment(SPRING, power, heard=1))
    assert found.view.messages == every[:1]
    assert [e.message for e in found.agent.ledger.entries] == list(every[:1])
    assert reconstruct(record(), Moment(SPRING, power, heard=0)).view.messages == ()


def test_the_ledger_is_that_of_the_log() -> None:
    found = reconstruct(record(), Moment(FALL, FRANCE))
    understood = [e for e in record().events if isinstance(e, Understood) and e.power is FRANCE]
    read = {e.message.sequence: e.acts for e in understood if e.message.phase == SPRING}
    assert read
    kept = {e.message.sequence: e.acts for e in found.agent.ledger.entries}
    assert all(kept[number] == acts for number, acts in read.items())


def test_beliefs_about_players_are_those_of_the_log() -> None:
    told = record().believed(FRANCE, FALL)[-1].players[GERMANY]
    players = reconstruct(record(), Moment(FALL, FRANCE)).agent.players
    assert players is not None
    names = [f"{kind.style} {kind.lambda_:g}" for kind in players.config.types]
    for name, weight in zip(names, players.posterior(GERMANY.number), strict=True):
        assert weight == pytest.approx(told.types[name], abs=2e-4)
    assert players.hostility(GERMANY.number)[FRANCE.number] == pytest.approx(told.hostility[FRANCE], abs=2e-4)
    assert [step.phase for step in players.steps[GERMANY.number]] == ["S1901M"]


def test_without_a_log_it_joins_the_game() -> None:
    bare = GameRecord(record().game, config=record().config, doubts=("no log",))
    states: States = {}
    found = reconstruct(bare, Moment(FALL, FRANCE), states=states)
    assert found.doubts == ("no log",)
    assert found.agent.players is not None
    assert [step.phase for step in found.agent.players.steps[GERMANY.number]] == ["S1901M"]
    assert list(states) == [(FALL, FRANCE)]
    again = reconstruct(bare, Moment(FALL, FRANCE), states=states)
    assert again.agent.plan(again.view).action == found.agent.plan(found.view).action


def test_a_seat_that_is_not_in_the_log_is_joined() -> None:
    events = tuple(e for e in record().events if not (isinstance(e, Searched | Believed) and e.power is FRANCE))
    found = reconstruct(GameRecord(record().game, events, record().config), Moment(FALL, FRANCE))
    assert found.logged is None
    assert "our agent would think, joining here" in found.doubts[0]
    assert found.agent.players is not None
    assert found.agent.players.steps[GERMANY.number]


def test_an_old_log_is_doubted() -> None:
    events = tuple(replace(e, rng=None) if isinstance(e, Searched) else e for e in record().events)
    old = GameRecord(record().game, events, record().config)
    assert any("kept no random numbers" in doubt for doubt in reconstruct(old, Moment(SPRING, FRANCE)).doubts)


def test_an_order_is_imposed() -> None:
    order = parse_order("A PAR - PIC")
    found = reconstruct(record(), Moment(SPRING, FRANCE), Changes(orders=(order,)))
    plan = found.agent.plan(found.view)
    assert all(contains(action, [order]) for action in plan.policies[FRANCE].actions)


def test_a_message_is_added_edited_and_left_out() -> None:
    power, before = next(
        (p, m) for p in POWERS for m in messages_at(record(), SPRING, p) if m.recipient is p and m.sender is not p
    )
    edited = Changes(messages=(MessageChange(before.sequence, "I will stay out of the Channel."),))
    found = reconstruct(record(), Moment(SPRING, power), edited)
    assert next(m.text for m in found.view.messages if m.sequence == before.sequence) == edited.messages[0].text
    left_out = reconstruct(record(), Moment(SPRING, power), Changes(messages=(MessageChange(before.sequence, None),)))
    assert before.sequence not in [m.sequence for m in left_out.view.messages]
    assert before.sequence not in [e.message.sequence for e in left_out.agent.ledger.entries]
    added = Changes(new_messages=(NewMessage(before.sender, power, "I will not attack you, I promise."),))
    more = reconstruct(record(), Moment(SPRING, power), added)
    assert more.agent.ledger.entries[-1].message.text == added.new_messages[0].text
    assert len(more.view.messages) == len(messages_at(record(), SPRING, power)) + 1


def test_words_change_what_is_expected() -> None:
    order = parse_order("A MUN - BUR")
    said = NewMessage(GERMANY, FRANCE, "I will move Munich to Burgundy.")
    plain = reconstruct(record(), Moment(SPRING, FRANCE, heard=0))
    told = reconstruct(record(), Moment(SPRING, FRANCE, heard=0), Changes(new_messages=(said,)))
    before, after = (f.agent.plan(f.view).probability(GERMANY, [order]) for f in (plain, told))
    assert after > before


def test_controls_and_thinking_time_are_changed() -> None:
    changes = Changes(controls=("honesty=cheap talk", "lambda_=1000", "aggression=0.05"), think="policy")
    found = reconstruct(record(), Moment(SPRING, FRANCE), changes)
    assert found.agent.controls.aggression == 0.05
    assert found.agent.config.search.think == "policy"
    assert found.agent.plan(found.view).prediction is not None


@pytest.mark.parametrize(
    ("moment", "changes", "says"),
    [
        (Moment(SPRING, FRANCE), Changes(messages=(MessageChange(999, None),)), "no message number 999"),
        (
            Moment(SPRING, FRANCE),
            Changes(new_messages=(NewMessage(GERMANY, Power.ITALY, "x"),)),
            "expected a message by",
        ),
        (Moment(Phase.parse("S1950M"), FRANCE), Changes(), "no phase S1950M"),
        (Moment(SPRING, FRANCE), Changes(controls=("agression=1",)), "did you mean"),
    ],
)
def test_what_cannot_be_is_one_clear_line(moment: Moment, changes: Changes, says: str) -> None:
    with pytest.raises((InspectionError, GameFileError, ConfigError)) as caught:
        reconstruct(record(), moment, changes)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"order": []}, "unknown change 'order'"),
        ({"orders": "A PAR - BUR"}, "orders: expected a list"),
        ({"orders": ["A PAR"]}, "A PAR"),
        ({"messages": [{"sequence": "1"}]}, "expected the number of a message"),
        ({"messages": [3]}, "messages: expected an object"),
        ({"new_messages": [{"sender": "FRANCE", "recipient": "SPAIN", "text": ""}]}, "SPAIN"),
        ({"new_messages": [{"sender": "FRANCE", "recipient": "ITALY", "text": "x" * 5000}]}, "at most 4000 letters"),
        ({"think": "3h"}, "think: expected"),
        ({"think": "9999s"}, "at most 60s"),
        ({"controls": [1]}, "controls: expected text"),
    ],
)
def test_a_change_that_is_none_is_one_clear_line(values: dict[str, object], says: str) -> None:
    with pytest.raises(InspectionError) as caught:
        changes_of(values)
    assert says in str(caught.value)


def test_changes_are_read() -> None:
    assert changes_of({}) == Changes()
    assert changes_of(
        {
            "orders": ["A PAR - BUR"],
            "messages": [{"sequence": 4, "text": None}, {"sequence": 5, "text": "No."}],
            "new_messages": [{"sender": "ITALY", "recipient": "GLOBAL", "text": "Hello all"}],
            "controls": ["risk=1"],
            "think": "2s",
        }
    ) == Changes(
        orders=(parse_order("A PAR - BUR"),),
        messages=(MessageChange(4, None), MessageChange(5, "No.")),
        new_messages=(NewMessage(Power.ITALY, None, "Hello all"),),
        controls=("risk=1",),
        think="2s",
    )


def test_a_record_of_another_configuration_says_so(tmp_path: Path) -> None:
    shutil.copytree(game_folder(), tmp_path / "game")
    log = tmp_path / "game" / "events.jsonl"
    first, rest = log.read_text(encoding="utf-8").split("\n", 1)
    started = json.loads(first)
    started["config"]["agent"]["of_the_future"] = 1
    log.write_text(json.dumps(started) + "\n" + rest, encoding="utf-8")
    opened = open_record(tmp_path / "game")
    assert "configuration of another version" in opened.doubts[0]
    assert "of_the_future" in opened.doubts[0]


def test_a_game_alone_is_opened(tmp_path: Path) -> None:
    shutil.copy(game_folder() / "game.json", tmp_path / "saved.json")
    opened = open_record(tmp_path / "saved.json")
    assert opened.events == ()
    assert "no log beside this game" in opened.doubts[0]


def test_other_boards_are_refused() -> None:
    from cicero_lite.inspection.record import record_of

    with pytest.raises(InspectionError, match="cannot inspect a game on the map 'ancmed'"):
        record_of(Game("ancmed"))


def test_the_log_keeps_what_it_takes() -> None:
    searched = record().searches(FRANCE, SPRING)[-1]
    assert searched.rng is not None
    assert len(searched.anchors[FRANCE]) == len(searched.policies[FRANCE].actions)
    assert '"rng":{' in line_of(searched)
    assert record().config.search.think == dict(s.split("=") for s in SETTINGS)["agent.search.think"]
