"""What talk tells of orders: features by kind of word, and weights that make it count."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.words import KINDS, Word, WordCase, WordsError, foretold, measure, weights_of, word_cases
from cicero_lite.cli import main
from cicero_lite.config import AgentConfig
from dialogue.expectations import CredenceConfig
from dialogue.learned_reader import ReaderConfig
from engine.game import Game
from engine.saved import SeatedGame
from engine.types import POWERS, Power
from planner.sources import RuleSource
from training.credences import newton_step

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND
PEOPLE: dict[str, str] = dict.fromkeys(POWERS, "human")


def game(kept: bool) -> Game:
    """A phase in which Germany announces a move to France, and keeps its word or not."""
    found = Game(game_id="kept" if kept else "broken")
    found.say(GERMANY, FRANCE, "I will move Munich to Ruhr.")
    found.say(FRANCE, GERMANY, "Good luck!")
    found.say(ENGLAND, None, "Hello everybody!")
    found.set_orders(GERMANY, ["A MUN - RUH" if kept else "A MUN - BUR", "F KIE - HOL", "A BER - KIE"])
    found.set_orders(FRANCE, ["A PAR - BUR"])
    found.process()
    return found


def cases(*games: Game) -> list[WordCase]:
    return list(word_cases([SeatedGame(its, PEOPLE) for its in games], RuleSource(), "rules"))


def test_a_case_for_everyone_who_was_written_to() -> None:
    found = {(case.observer, case.power): case for case in cases(game(kept=True))}
    assert set(found) == {(FRANCE, GERMANY), (GERMANY, FRANCE)}
    case = found[FRANCE, GERMANY]
    assert (case.word, found[GERMANY, FRANCE].word) == (Word.KEPT, Word.NONE)
    assert len(case.played) == 3
    assert len(found[GERMANY, FRANCE].played) == 3  # two units hold, for want of an order
    assert np.exp(case.log_anchor) @ (case.units == 0) == pytest.approx(1)
    ((order, kind),) = np.argwhere(case.features).tolist()
    assert order in case.played
    assert KINDS[kind] == "promise"
    assert not found[GERMANY, FRANCE].features.any()


def test_words_that_were_kept_foretell_and_broken_ones_mislead() -> None:
    weights = weights_of(CredenceConfig(), 6.0)
    kept, broken = cases(game(kept=True)), cases(game(kept=False))
    assert [case.word for case in broken] == [Word.BROKEN, Word.NONE]
    assert foretold(kept, weights).gain.mean > 0.05
    assert foretold(broken, weights).gain.mean < -0.05
    assert foretold(kept, np.zeros(len(KINDS))).gain.mean == 0


def test_weights_are_those_of_greatest_likelihood() -> None:
    some = [*cases(*[game(kept=True)] * 4), *cases(game(kept=False))]
    weights = prior = np.zeros(len(KINDS))
    for _ in range(30):
        weights = weights + newton_step(some, weights, prior, prior=10.0)
    promise = KINDS.index("promise")
    assert np.flatnonzero(np.abs(weights) > 1e-9).tolist() == [promise]

    def posterior(weight: float) -> float:
        tried = np.where(np.arange(len(KINDS)) == promise, weight, 0.0)
        return sum(float(c.log_policy(tried)[c.played].sum()) for c in some) - weight**2 / 200

    assert max(np.linspace(-3, 9, 241), key=posterior) == pytest.approx(weights[promise], abs=0.05)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "games.jsonl"
    lines = [json.dumps(game(kept).to_saved_game() | {"players": PEOPLE}) for kept in (True, False)]
    path.write_text("\n".join(lines))
    return path


def test_the_command_prints_parts_and_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "words", "--data", str(file), "--policy", "rules"]) == 0
    assert "own word broken" in capsys.readouterr().out
    assert main(["bench", "words", "--data", str(file), "--policy", "rules", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["all"]["cases"] == 4
    assert set(found["by_pair"]) == {"FRANCE-GERMANY"}
    assert found["by_word"]["kept"]["gain"]["mean"] > 0


def test_the_configuration_says_who_reads_and_what_words_are_worth(file: Path) -> None:
    by_rules = measure(file, RuleSource(), "rules").all
    nothing = AgentConfig(learned_reader=True, reader=ReaderConfig(least_confidence=1.0))
    assert measure(file, RuleSource(), "rules", nothing).all.gain.mean == 0
    learned = measure(file, RuleSource(), "rules", AgentConfig(learned_reader=True)).all
    assert learned.board == by_rules.board
    assert learned.words.mean != learned.board.mean
    worthless = AgentConfig(credence=CredenceConfig(promise=0.0, inform=0.0))
    assert measure(file, RuleSource(), "rules", worthless).all.gain.mean == 0


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="no such file"):
        measure(tmp_path / "none.jsonl", RuleSource(), "rules")
    (tmp_path / "silent.jsonl").write_text(json.dumps(Game().to_saved_game()))
    with pytest.raises(WordsError, match="games of people with private talk"):
        measure(tmp_path / "silent.jsonl", RuleSource(), "rules")
