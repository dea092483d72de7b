"""What talk tells of orders: features by kind of word, and weights that make it count."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.word_scores import ScoringConfig, load_scorer, scored
from cicero_lite.bench.words import (
    KINDS,
    ScoreWeights,
    Word,
    WordCase,
    Words,
    WordsError,
    compared,
    foretold,
    measure,
    weights_of,
    word_cases,
)
from cicero_lite.cli import main
from cicero_lite.config import AgentConfig
from dialogue.expectations import CredenceConfig
from dialogue.language_model import ModelFileError, Score
from dialogue.learned_reader import ReaderConfig
from dialogue.lm import LocalModel
from dialogue.prompt import SHORT_PROMPT, PromptConfig
from engine.game import Game
from engine.saved import SeatedGame
from engine.types import POWERS, Power
from planner.equilibrium import FloatArray
from planner.geometry import geometry
from planner.sources import RuleSource
from tests.language_models import save_llama
from training.credences import newton_step, score_weights

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


def gain(cases: list[WordCase], acts: FloatArray, scores: ScoreWeights, words: Words) -> float:
    return foretold(cases, compared(acts, scores)).words[words].gain.mean


def test_words_that_were_kept_foretell_and_broken_ones_mislead() -> None:
    weights, scores = weights_of(CredenceConfig(), 6.0), ScoreWeights()
    kept, broken = cases(game(kept=True)), cases(game(kept=False))
    assert [case.word for case in broken] == [Word.BROKEN, Word.NONE]
    assert gain(kept, weights, scores, Words.ACTS) > 0.05
    assert gain(broken, weights, scores, Words.ACTS) < -0.05
    assert gain(kept, np.zeros(len(KINDS)), scores, Words.ACTS) == 0


def likely_from_who_keeps_its_word(its: WordCase) -> WordCase:
    """With the scores of a model that takes the order to the Ruhr for one nat likelier than average."""
    scores = [float(str(geometry("standard").order(code)) == "A MUN - RUH") for code in its.codes.tolist()]
    return replace(its, scores=np.array(scores))


def test_scores_count_alone_and_beside_acts() -> None:
    acts = weights_of(CredenceConfig(), 6.0)
    kept, broken = cases(game(kept=True)), cases(game(kept=False))
    for some, sign in ((kept, 1), (broken, -1)):
        scored_cases = [likely_from_who_keeps_its_word(case) for case in some]
        weights = ScoreWeights(alone=0.7, beside_acts=0.4)
        found = foretold(scored_cases, compared(acts, weights)).words
        assert sign * found[Words.SCORES].gain.mean > 0
        assert sign * found[Words.BOTH].beside_acts.mean > 0
        (germany,) = (case for case in scored_cases if case.power is GERMANY)
        expected = germany.log_policy(np.zeros_like(acts), 0.7) - germany.log_anchor
        assert found[Words.SCORES].gain.mean * 6 == pytest.approx(expected[germany.played].sum())
        assert found[Words.BOTH].gain.mean == pytest.approx(
            found[Words.ACTS].gain.mean + found[Words.BOTH].beside_acts.mean
        )
    nothing = foretold(kept, compared(acts, ScoreWeights())).words
    assert nothing[Words.SCORES].gain.mean == nothing[Words.BOTH].beside_acts.mean == 0


def test_weights_of_scores_are_those_of_greatest_likelihood() -> None:
    many = [*cases(*[game(kept=True)] * 4), *cases(game(kept=False))]
    some = [likely_from_who_keeps_its_word(case) for case in many]
    acts = weights_of(CredenceConfig(), 6.0)
    found = score_weights(some, acts, prior=10.0)

    def best(beside: FloatArray) -> float:
        def posterior(weight: float) -> float:
            return sum(float(c.log_policy(beside, weight)[c.played].sum()) for c in some) - weight**2 / 200

        tried: list[float] = np.linspace(-5, 9, 281).tolist()
        return max(tried, key=posterior)

    assert found.alone == pytest.approx(best(np.zeros_like(acts)), abs=0.05)
    assert found.beside_acts == pytest.approx(best(acts), abs=0.05)
    assert found.alone > found.beside_acts + 1, "acts say the same already"


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
    assert found["by_word"]["kept"]["words"]["acts"]["gain"]["mean"] > 0
    assert set(found["all"]["words"]) == {"acts"}


def test_the_configuration_says_who_reads_and_what_words_are_worth(file: Path) -> None:
    by_rules = measure(file, RuleSource(), "rules").all
    nothing = AgentConfig(learned_reader=True, reader=ReaderConfig(least_confidence=1.0))
    assert measure(file, RuleSource(), "rules", nothing).all.words[Words.ACTS].gain.mean == 0
    learned = measure(file, RuleSource(), "rules", AgentConfig(learned_reader=True)).all
    assert learned.board == by_rules.board
    assert learned.words[Words.ACTS].mean.mean != learned.board.mean
    worthless = AgentConfig(credence=CredenceConfig(promise=0.0, inform=0.0))
    assert measure(file, RuleSource(), "rules", worthless).all.words[Words.ACTS].gain.mean == 0


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="no such file"):
        measure(tmp_path / "none.jsonl", RuleSource(), "rules")
    (tmp_path / "silent.jsonl").write_text(json.dumps(Game().to_saved_game()))
    with pytest.raises(WordsError, match="games of people with private talk"):
        measure(tmp_path / "silent.jsonl", RuleSource(), "rules")


class LiteralModel(LocalModel):
    """Takes a message for likelier the more of its places the prompt's intents order somebody to; records prompts."""

    def __init__(self, budget: int = 10_000) -> None:
        self.prompt = PromptConfig(budget=budget)
        self.asked: list[list[str]] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def score_alike(self, prompts: Sequence[str], text: str) -> list[Score]:
        self.asked.append(list(prompts))
        places = {word.strip(".,!") for word in text.split() if word.startswith("<")}
        told = [prompt.split("<intents>")[1].split("<head>")[0] for prompt in prompts]
        return [Score(-5.0 + sum(f"- {place}" in intents for place in places), 5, 5) for intents in told]


def test_scores_are_those_of_the_orders_tried() -> None:
    its, model = game(kept=True), LiteralModel()
    seated, some = [SeatedGame(its, PEOPLE)], cases(its)
    found = list(scored(seated, some, model, ScoringConfig(orders=30, least=0.0)))
    assert [(case.observer, case.power) for case in found] == [(case.observer, case.power) for case in some]
    germany, france = found if found[0].power is GERMANY else found[::-1]
    assert france.scores == pytest.approx(0), "good luck goes with every order"
    order = geometry("standard").order
    # The word names Munich, where none of its units can go, and Ruhr, where the army of Munich goes.
    told = {str(order(code)): score for code, score in zip(germany.codes.tolist(), germany.scores, strict=True)}
    others = [score for name, score in told.items() if name.startswith("A MUN") and name != "A MUN - RUH"]
    assert [told["A MUN - RUH"] - score for score in others] == pytest.approx([1.0] * len(others))
    assert np.exp(germany.log_anchor) @ germany.scores == pytest.approx(0, abs=1e-6), "as likely as on average"
    (prompts,) = (asked for asked in model.asked if "GERMANY to FRANCE" in asked[0])
    assert len(set(prompts)) == len(prompts) == len(germany.codes) - 2, "what was really done, once for three units"
    assert all("<plan>" not in prompt and "<intents> GERMANY" in prompt for prompt in prompts)
    intents = [prompt.split("<intents>")[1].split("<head>")[0] for prompt in prompts]
    assert not any("FRANCE" in told for told in intents), "the observer's orders are not told"


def test_few_orders_and_messages_are_tried() -> None:
    its = Game()
    for text in ("I will move Munich to Ruhr.", "Or to Burgundy!", "No, really to Ruhr.", "Good luck!"):
        its.say(GERMANY, FRANCE, text)
    its.set_orders(GERMANY, ["A MUN - RUH"])
    its.process()
    (case,), seated = cases(its), [SeatedGame(its, PEOPLE)]
    for messages in (1, 2, 4):
        model = LiteralModel(budget=40)
        list(scored(seated, [case], model, ScoringConfig(orders=2, least=0.0, messages=messages)))
        assert len(model.asked) == min(messages, 3), "the last names no place"
        for prompts in model.asked:
            assert 4 <= len(prompts) <= 6, "two orders for each of three units, or one beside what was really done"
            assert len({prompt.split("<intents>")[0] for prompt in prompts}) == 1, "cut alike, whatever is meant"
    (found,) = scored(seated, [case], LiteralModel(), ScoringConfig(orders=2, least=1.0))
    assert found.scores == pytest.approx(0), "one order a unit is neither likelier nor less likely than others"


def test_a_model_scores_in_the_command(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_llama(tmp_path)
    PromptConfig().save(tmp_path)
    command = ["bench", "words", "--data", str(file), "--policy", "rules", "--model", str(tmp_path)]
    assert main(command) == 0
    assert "both beside acts" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["all"]["words"]
    assert set(found) == {"acts", "scores", "both"}
    assert found["scores"]["gain"]["mean"] != 0


def test_a_model_without_intents_is_refused(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_llama(tmp_path)
    SHORT_PROMPT.save(tmp_path)
    assert main(["bench", "words", "--data", str(file), "--policy", "rules", "--model", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "whose prompts tell intents, got" in line
    assert "whose prompts tell head, plan" in line
    with pytest.raises(ModelFileError, match="expected a model folder"):
        load_scorer(str(tmp_path / "nowhere"))
