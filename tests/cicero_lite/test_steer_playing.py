"""A seat with a dose: paired with itself exactly, kept through a kill, and measured as the board and the talk say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import Sent
from cicero_lite.cli import main
from cicero_lite.steer.behaviours import BEHAVIOURS, BehaviourError, Seen, measured, read_behaviours
from cicero_lite.steer.circumstances import Circumstances, Outlook
from cicero_lite.steer.dosing import Needs
from cicero_lite.steer.experiments import Arm, Experiment, ExperimentError, MomentsConfig, Pursuit, Run
from cicero_lite.steer.playing import Snapshot, play, snapshots
from cicero_lite.steer.runs import POSITIONS, RUNS, NamedExperiment, read_runs, run_experiments
from dialogue.acts import ActKind, ActOrder, SpeechAct
from engine.game import Game
from engine.notation import parse_order
from engine.types import Message, OrderKind, Phase, Power, Province

QUICK = "cicero:generation.candidates=0,search.policy=rules,search.think=2it"
NEUTRAL = Run(QUICK, QUICK, Arm.MOMENT, 5, 0, "F1901M", 1, 1, Needs.NOTHING, Pursuit.OBJECTIVE, ())
FRANCE, GERMANY, ENGLAND, ITALY = Power.FRANCE, Power.GERMANY, Power.ENGLAND, Power.ITALY


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return snapshots(AgentSpec.parse(QUICK), 5, 0, ("F1901M",), 1)["F1901M"]


# --- a moment ----------------------------------------------------------------------------------------------


def test_a_neutral_dose_differs_from_the_neutral_agent_by_exactly_nothing(snapshot: Snapshot) -> None:
    without = play(NEUTRAL, snapshot)
    for dose in ((("loyalty", 0.0),), (("lambda_", 1.0),)):
        found = play(replace(NEUTRAL, dose=dose), snapshot)
        assert replace(found, run=NEUTRAL) == without
    assert without.phases == 1
    assert without.values["expected_score"] is not None
    assert set(without.values) == set(BEHAVIOURS)


def test_a_dose_reaches_the_agent_that_goes_on_from_the_snapshot(snapshot: Snapshot) -> None:
    without, silent = play(NEUTRAL, snapshot), play(replace(NEUTRAL, dose=(("verbosity", 0.0),)), snapshot)
    assert without.values["messages"] != 0
    assert silent.values["messages"] == 0
    assert silent.seat is without.seat


def test_imposed_orders_are_played_and_words_alone_leave_the_orders_to_another_head(snapshot: Snapshot) -> None:
    imposed = replace(NEUTRAL, dose=(("imposed", "orders"),))
    assert play(imposed, snapshot).values["imposed_played"] == 1
    words = play(replace(NEUTRAL, dose=(("verbosity", 0.0),), by=Pursuit.WORDS), snapshot)
    assert words.values["messages"] == 0
    assert words.orders


def test_a_seat_without_what_the_control_needs_is_passed_over(snapshot: Snapshot) -> None:
    nobody = {
        power: {**state, "ledger": {**state["ledger"], "requests": []}} for power, state in snapshot.states.items()
    }
    found = play(replace(NEUTRAL, needs=Needs.FRIEND), replace(snapshot, states=nobody))
    assert found.seat is None
    assert found.values == {}


def test_whole_games_are_scored(tmp_path: Path) -> None:
    game = Run(QUICK, QUICK, Arm.GAME, 5, 1, "", 1901, 1, Needs.NOTHING, Pursuit.OBJECTIVE, ())
    found = play(game, None)
    assert found.seat is ENGLAND
    assert found.phases == 2
    assert found.score is not None
    assert 0 < found.score < 1
    assert play(game, None) == found


# --- experiments -------------------------------------------------------------------------------------------

EXPERIMENT = Experiment(
    "verbosity", (0.0, 1.0, 3.0), base=QUICK, moments=MomentsConfig(games=2, at=("S1901M", "F1901M"), rounds=1)
)


def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path) -> None:
    named = [NamedExperiment("verbosity", EXPERIMENT)]
    whole = run_experiments(named, tmp_path / "whole")
    assert len(whole.ran) == 2 * 2 * 3
    cut = tmp_path / "cut"
    run_experiments(
        [NamedExperiment("verbosity", replace(EXPERIMENT, moments=replace(EXPERIMENT.moments, games=1)))], cut
    )
    text = (cut / RUNS).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    (cut / RUNS).write_text("".join(lines[:4]) + lines[4][:50], encoding="utf-8")
    again = run_experiments(named, cut, jobs=2)
    assert again.ran == whole.ran
    assert read_runs(cut)[1] == whole.ran
    assert sorted(p.name for p in (cut / POSITIONS).iterdir()) == sorted(
        p.name for p in (tmp_path / "whole" / POSITIONS).iterdir()
    )


def test_the_command_plays_a_file_and_tells_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "talk.yaml"
    text = f"control: verbosity\ndoses: [0, 1]\nbase: '{QUICK}'\nmoments: {{games: 2, at: [S1901M], rounds: 1}}\n"
    file.write_text(text, encoding="utf-8")
    command = ["steer", "run", str(file), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert "talk: verbosity [0.0, 1.0], 2 moments of 2 games" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    claim = next(one for one in found["claims"] if one["claim"]["behaviour"] == "messages")
    assert claim["response"]["levels"][0] == {**claim["response"]["levels"][0], "dose": "0", "mean": 0.0}
    assert found["missing"] == 0


def test_runs_of_other_code_are_refused(tmp_path: Path) -> None:
    (tmp_path / RUNS).write_text(
        json.dumps({"steer": 1, "code": "0" * 16, "commit": None, "dirty": False, "versions": {}}) + "\n",
        encoding="utf-8",
    )
    with pytest.raises(ExperimentError, match="played by other code"):
        run_experiments([NamedExperiment("verbosity", EXPERIMENT)], tmp_path)


# --- behaviours --------------------------------------------------------------------------------------------


def seen_of(orders: dict[Power, list[str]], **facts: object) -> Seen:
    """France's part in a first phase in which these orders are given."""
    game = Game()
    for power, texts in orders.items():
        game.set_orders(power, texts)
    record = game.process()
    here = Circumstances(
        FRANCE,
        neighbour=GERMANY,
        place=Province("BUR"),
        haunt=Province("SPA"),
        own=(parse_order("A PAR - BUR"),),
        wanted=parse_order("A MUN - RUH"),
        friends=(ITALY,),
    )
    return Seen(replace(here, **facts), record, ())  # type: ignore[arg-type]


def test_orders_are_counted_by_what_they_do_on_the_board() -> None:
    seen = seen_of(
        {FRANCE: ["A PAR - BUR", "A MAR S A MUN - BUR", "F BRE H"], GERMANY: ["A MUN - BUR"]},
        own=(parse_order("A PAR - BUR"), parse_order("F BRE H")),
    )
    found = measured(seen)
    assert found["supports_of_others"] == found["supports_of_neighbour"] == 1
    assert found["supports_of_friends"] == 0
    assert (found["holds"], found["in_place"], found["in_haunt"], found["moves_stopped"]) == (1, 1, 0, 1)
    assert (found["imposed_played"], found["wanted_played"]) == (1, 0)
    assert found["attacks"] == 0
    assert found["anchor_log_likelihood"] is None
    assert found["attacks_on_aggressor"] is None


def test_attacks_are_counted_by_victim() -> None:
    game = Game()
    for power, texts in {FRANCE: ["A PAR - BUR", "A MAR S A PAR - BUR"], GERMANY: ["A MUN - RUH"]}.items():
        game.set_orders(power, texts)
    game.process()
    game.set_orders(FRANCE, ["A BUR - MUN", "A MAR - PIE"])
    seen = replace(seen_of({}), record=game.process())
    assert [BEHAVIOURS[name].measure(seen) for name in ("attacks", "attacks_on_neighbour", "attacks_on_friends")] == [
        1,
        1,
        0,
    ]
    assert BEHAVIOURS["centres_entered"].measure(seen) == 1
    assert BEHAVIOURS["friends_attacked"].measure(seen) == 0


def test_a_wanted_order_is_argued_for_where_it_is_named_to_the_neighbour() -> None:
    def sent(to: Power, *orders: str) -> Sent:
        act = SpeechAct(ActKind.PROPOSE, FRANCE, to, tuple(ActOrder(GERMANY, parse_order(o)) for o in orders))
        return Sent(Message(FRANCE, to, Phase.parse("S1901M"), "Please.", 0), (act,))

    seen = seen_of({})
    argued = BEHAVIOURS["wanted_argued"].measure
    assert argued(seen) is None
    assert argued(replace(seen, events=(sent(GERMANY, "A MUN - RUH"),))) == 1
    assert argued(replace(seen, events=(sent(GERMANY, "A MUN - BER"),))) == 0
    assert argued(replace(seen, events=(sent(ENGLAND, "A MUN - RUH"),))) is None


def test_a_user_adds_a_behaviour_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cicero_lite.steer.behaviours.BEHAVIOURS", known := dict(BEHAVIOURS))
    file = tmp_path / "mine.py"
    file.write_text(
        "from cicero_lite.steer.behaviours import Group, behaviour\n"
        "@behaviour(Group.ORDERS)\n"
        "def orders_given(seen):\n"
        '    """Orders given."""\n'
        "    return len(seen.orders)\n",
        encoding="utf-8",
    )
    read_behaviours([str(file)])
    assert known["orders_given"].measure(seen_of({})) == 3
    (tmp_path / "none.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(BehaviourError, match="got none in"):
        read_behaviours([str(tmp_path / "none.py")])
    with pytest.raises(BehaviourError, match=r"cannot run .*gone\.py"):
        read_behaviours([str(tmp_path / "gone.py")])


# --- circumstances -----------------------------------------------------------------------------------------


def test_what_is_drawn_is_legal_and_the_same_for_the_same_seed() -> None:
    game = Game()
    outlook = Outlook(game, FRANCE, AgentSpec.parse(QUICK).config)
    drawn = [Circumstances.of(game, FRANCE, outlook, seed) for seed in range(8)]
    assert drawn[3] == Circumstances.of(game, FRANCE, outlook, 3)
    assert len({here.own for here in drawn}) > 1
    for here in drawn:
        assert all(game.is_legal(FRANCE, order) for order in here.own)
        assert here.wanted is not None
        assert game.is_legal(here.neighbour, here.wanted)
        assert here.neighbour in (GERMANY, ENGLAND, ITALY)


def test_prospects_are_those_of_the_orders_and_the_same_again() -> None:
    game = Game()
    outlook = Outlook(game, FRANCE, AgentSpec.parse(QUICK).config)
    likely, odd = outlook.actions(FRANCE)[0][0], tuple(map(parse_order, ("F BRE H", "A MAR H", "A PAR H")))
    assert all(order.kind is OrderKind.HOLD for order in odd)
    first, second = outlook.prospects(likely), outlook.prospects(odd)
    assert first == outlook.prospects(likely)
    assert first.log_likelihood > second.log_likelihood
    assert first.worst <= first.mean
    assert first.spread > 0
    assert first.scores[FRANCE] == first.mean
    assert sum(first.scores.values()) == pytest.approx(1, abs=1e-3)
