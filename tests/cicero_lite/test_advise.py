"""Advice on games of people: every kind of phase, late boards, dead powers, coasts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cicero_lite.advise import Advice, AdviceError, advise
from cicero_lite.cli import main
from cicero_lite.config import AgentConfig
from engine.board import neighbours
from engine.game import Game
from engine.saved import load_game
from engine.types import Phase, PhaseKind, Power, UnitKind
from planner.public import SearchConfig

GAMES = "games-validation.jsonl.gz"


@pytest.fixture(autouse=True)
def grammar_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights are needed: the grammar words the messages."""
    monkeypatch.setattr("cicero_lite.agent._load_model", lambda *_: None)


@pytest.fixture
def opening(tmp_path: Path) -> Path:
    """A saved game at its first phase, with a message to France."""
    game = Game(game_id="opening")
    game.say(Power.ENGLAND, Power.FRANCE, "Shall we demilitarise the English Channel?")
    path = tmp_path / "game.json"
    path.write_text(json.dumps(game.to_saved_game()))
    return path


def check(advice: Advice, game: Game) -> None:
    """What every piece of advice must be."""
    earlier = game.at_phase(advice.phase)
    for power, actions in {advice.power: advice.actions, **advice.others}.items():
        assert power in earlier.alive
        assert sum(rated.probability for rated in actions) <= 1 + 1e-6
        for rated in actions:
            earlier.check_action(power, rated.orders)
    assert set(advice.others) == {power for power in earlier.alive if power is not advice.power}
    assert advice.chosen in [rated.orders for rated in advice.actions]
    assert {letter.recipient for letter in advice.letters} == set(neighbours(earlier, advice.power))


def test_advice_on_an_opening_answers_what_was_said(opening: Path) -> None:
    advice = advise(opening, None, Phase.parse("S1901M"), Power.FRANCE, AgentConfig())
    check(advice, load_game(opening))
    letters = {letter.recipient: letter for letter in advice.letters}
    assert {Power.ENGLAND, Power.GERMANY, Power.ITALY} <= set(letters)
    assert letters[Power.ENGLAND].text
    for letter in letters.values():
        if letter.text is not None:
            assert letter.intent is not None
            assert letter.intent.recipient is letter.recipient


def test_the_seed_fixes_the_advice(opening: Path) -> None:
    first, again = (advise(opening, None, Phase.parse("S1901M"), Power.FRANCE, AgentConfig(), seed=3) for _ in "ab")
    assert first == again


def test_the_command_prints_tables_or_json(opening: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["advise", str(opening), "--phase", "S1901M", "--power", "france"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    for expected in (
        "France, Spring 1901, movement",
        "what the others will probably do",
        "to England: ",
        "I mean to play",
    ):
        assert expected in printed
    assert main([*arguments, "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["power"] == "FRANCE"
    assert len(values["others"]) == 6
    assert all(isinstance(order, str) for action in values["actions"] for order in action["orders"])


@pytest.mark.parametrize("kind", list(PhaseKind))
def test_advice_on_every_kind_of_phase(shared_data: Path, kind: PhaseKind) -> None:
    file = shared_data / GAMES
    game = load_game(file, "cicero-437495")
    record = next(r for r in reversed(game.history) if r.phase.kind is kind)
    power = next(p for p in game.at_phase(record.phase).alive if game.at_phase(record.phase).legal_orders(p))
    check(advise(file, "cicero-437495", record.phase, power, AgentConfig()), game)


def test_advice_on_twenty_four_phases_of_four_games(shared_data: Path) -> None:
    """Early and late, all kinds of phase, boards with dead powers."""
    file = shared_data / GAMES
    quick = AgentConfig(search=SearchConfig(think="4it"))
    kinds: set[PhaseKind] = set()
    with_dead = 0
    for game_id in ("cicero-449418", "cicero-437495", "cicero-436345", "searchbot-AUS.1009"):
        game = load_game(file, game_id)
        for number in range(6):
            record = game.history[(number * (len(game.history) - 1)) // 5]
            earlier = game.at_phase(record.phase)
            ordering = [p for p in earlier.alive if earlier.legal_orders(p)]
            check(advise(file, game_id, record.phase, ordering[number % len(ordering)], quick), game)
            kinds.add(record.phase.kind)
            with_dead += len(earlier.alive) < 7
    assert kinds == set(PhaseKind)
    assert with_dead >= 4


def test_advice_for_a_fleet_on_a_coast(shared_data: Path) -> None:
    file = shared_data / GAMES
    game = load_game(file, "cicero-436345")
    phase, power = next(
        (record.phase, power)
        for record in game.history
        for power, unit in record.board.all_units()
        if unit.kind is UnitKind.FLEET and "/" in unit.location and record.phase.kind is PhaseKind.MOVEMENT
    )
    advice = advise(file, "cicero-436345", phase, power, AgentConfig(), talk=True)
    check(advice, game)
    assert any("/" in str(order) for rated in advice.actions for order in rated.orders)


def test_a_dead_power_gets_one_line(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared_data / GAMES
    game = load_game(file, "searchbot-AUS.1009")
    last = game.history[-1].phase
    dead = next(power for power in Power if power not in game.at_phase(last).alive)
    with pytest.raises(AdviceError, match=f"no advice for {dead} in {last}"):
        advise(file, game.game_id, last, dead, AgentConfig())
    assert main(["advise", str(file), "--game", game.game_id, "--phase", str(last), "--power", dead]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    living = game.at_phase(last).alive[0]
    check(advise(file, game.game_id, last, living, AgentConfig()), game)


def test_a_model_that_is_not_there_gives_one_line(
    opening: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    arguments = ["advise", str(opening), "--phase", "S1901M", "--power", "FRANCE"]
    (tmp_path / "corrupt").mkdir()
    (tmp_path / "corrupt" / "config.json").write_text('{"model_type": "llama"')
    (tmp_path / "corrupt" / "model.safetensors").write_bytes(b"\x00" * 40)
    for place in ("missing", "corrupt"):
        assert main([*arguments, "--set", f"agent.model={tmp_path / place}"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert str(tmp_path / place) in err
        assert main(["play", "--out", str(tmp_path / "run"), "--set", f"agent.model={tmp_path / place}"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert not (tmp_path / "run").exists()


def test_other_boards_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The planner knows the standard board; variants of it are advised on, other boards are not."""
    for name, status in (("ancmed", 2), ("standard_fleet_rome", 0)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(Game(name).to_saved_game()))
        phase = str(Game(name).phase)
        assert main(["advise", str(path), "--phase", phase, "--power", "ITALY"]) == status
    assert "no advice on the map 'ancmed': expected a game of the seven powers" in capsys.readouterr().err
