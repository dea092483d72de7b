"""How odd words are: the figures, the share of people's messages that are as odd, files, the filter, a real model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from dialogue.filters import FilterConfig, FilterContext, Verdict
from dialogue.filters.fluency import fluency
from dialogue.fluency import (
    FIGURES,
    FLUENCY_FILE,
    SHARES,
    Fluency,
    FluencyFileError,
    figures,
    judge_of,
    load_fluency,
    prompt_for,
    slotted,
)
from dialogue.language_model import SHIPPED_WEIGHTS, TokenScore
from dialogue.lm import LocalModel
from dialogue.memory import Ledger
from dialogue.prompt import SHORT_PROMPT, PromptConfig
from dialogue.situation import SpeechPlan
from engine.game import Game
from tests.dialogue.table import FRANCE, GERMANY
from tests.dialogue.test_filters import draft


def learned(tokens: int = 3) -> Fluency:
    """One to which a text is as odd as its mean surprise."""
    weights = np.zeros(FIGURES)
    weights[1] = 1
    return Fluency(np.log(np.full(tokens, 1 / tokens)), weights, np.linspace(9, 1, len(SHARES)))


def scored(*nats: float) -> list[TokenScore]:
    return [TokenScore(0, lost) for lost in nats]


def test_a_word_counts_by_what_it_surprises_beyond_its_rarity() -> None:
    common, rare = np.log([0.5, 0.001])
    log_shares = np.array([common, rare])
    same = [figures([TokenScore(n, 8.0)], log_shares) for n in (0, 1)]
    assert same[0][1] == same[1][1] == 8, "the mean surprise"
    assert same[0][12] == pytest.approx(8 + common), "the highest excess"
    assert same[1][12] == pytest.approx(8 + rare)
    assert len(same[0]) == FIGURES


def test_runs_longer_than_the_text_are_the_text() -> None:
    found = figures(scored(1.0, 3.0), np.zeros(1))
    assert found[14:18] == pytest.approx([2.0] * 4)
    assert figures(scored(1.0, 3.0, 5.0), np.zeros(1))[14:18] == pytest.approx([4.0, 3.0, 3.0, 3.0])


def test_the_odder_the_fewer_are_as_odd() -> None:
    found = learned()
    assert [found.share(odd) for odd in (9.5, 9.0, 1.0, -5.0)] == [0.0, SHARES[0], 1.0, 1.0]
    shares = [found.share(odd) for odd in np.linspace(9, 1, 50)]
    assert shares == sorted(shares)
    assert found.oddity(scored(2.0, 4.0)) == 3


def test_files(tmp_path: Path) -> None:
    assert load_fluency(tmp_path / "none") is None
    (tmp_path / "good").mkdir()
    learned().save(tmp_path / "good" / FLUENCY_FILE)
    read = load_fluency(tmp_path / "good")
    assert read is not None
    assert read.share(5.0) == pytest.approx(learned().share(5.0))
    for name in ("damaged", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "damaged" / FLUENCY_FILE).write_bytes(b"nothing")
    held = {"log_shares": np.zeros(3), "weights": np.zeros(2), "limits": np.zeros(1)}
    save_file(held, tmp_path / "other" / FLUENCY_FILE)
    for name in ("damaged", "other"):
        with pytest.raises(FluencyFileError, match="expected"):
            load_fluency(tmp_path / name)


def test_a_file_of_another_model_is_refused(tiny_model: LocalModel, tmp_path: Path) -> None:
    assert judge_of(tiny_model, tmp_path / "none") is None
    learned().save(tmp_path / FLUENCY_FILE)
    with pytest.raises(FluencyFileError, match="got one for 3"):
        judge_of(tiny_model, tmp_path)


def test_tokens_add_up_to_the_text(tiny_model: LocalModel) -> None:
    prompt, texts = "S1901M FRANCE to GERMANY <msg>", ["Hello <W0>.", "I will move to <P0>, can you support me?", ""]
    found = tiny_model.token_scores(prompt, texts)
    (scores,) = tiny_model.score([prompt], [texts])
    assert [sum(token.nats for token in tokens) for tokens in found] == pytest.approx(
        [-score.log_likelihood for score in scores], abs=1e-3
    )
    assert [len(tokens) for tokens in found] == [score.tokens for score in scores]
    assert {tokens[-1].token for tokens in found} == {tiny_model.tokenizer.eos_token_id}
    assert tiny_model.token_scores(prompt, []) == []


def test_the_model_is_asked_with_slots() -> None:
    view = Game().view(FRANCE)
    asked = [slotted("Hi Germany,  I go\nto Bur.", view, FRANCE, GERMANY, p) for p in (PromptConfig(), SHORT_PROMPT)]
    assert asked == ["Hi <GERMANY>, I go to <BUR>.", "Hi <W0>, I go to <P0>."]
    assert prompt_for(view.phase, FRANCE, GERMANY, PromptConfig()) == (
        "<head> S1901M FRANCE to GERMANY <controls> voice people <msg>"
    )


def test_the_filter_stops_what_few_of_people_s_messages_match() -> None:
    view = Game().view(FRANCE)
    context = FilterContext(view, Ledger(FRANCE), SpeechPlan(FRANCE, GERMANY, ()), ())
    assert fluency(draft("Hi!"), context).score is None, "nobody to ask"
    odd = replace(context, as_odd=lambda text: 0.01 if text == "Hi hi!" else 0.4)
    assert [fluency(draft(text), odd).verdict for text in ("Hi hi!", "Hi!")] == [Verdict.REJECT, Verdict.PASS]
    assert fluency(draft("Hi!"), odd).score == pytest.approx(0.6)
    off = replace(odd, config=FilterConfig(fluency=0.0))
    assert fluency(draft("Hi hi!"), off).verdict is Verdict.PASS


def test_the_shipped_model_tells_jumbled_words() -> None:
    judge = judge_of(LocalModel.load(), SHIPPED_WEIGHTS)
    assert judge is not None
    as_odd = judge.of(Game().view(FRANCE), GERMANY)
    sound = ("I would like to work with you this year.", "Thanks, that sounds good to me. What about Burgundy?")
    jumbled = ("I like would you to with work year this.", "Thanks that that good me sounds to. Burgundy about what?")
    least = FilterConfig().fluency
    assert min(map(as_odd, sound)) > 3 * least
    assert max(map(as_odd, jumbled)) < least
