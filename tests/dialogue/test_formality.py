"""The score of tone, and that a larger wish for it never gets less of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.formality import best_toned, formality
from dialogue.generation import GenerationConfig, draft_many
from dialogue.speech import SpeechPlan
from engine import Game, Power
from engine.notation import parse_order

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY


@dataclass(frozen=True)
class Text:
    text: str


def test_the_order_of_plain_examples() -> None:
    ordered = [
        "hey, can't u move 2 ruhr?! lol",
        "Hey! I'm moving to Bur, ok?",
        "I'm moving to Burgundy.",
        "I move to Burgundy.",
        "I will move to Burgundy.",
        "I will move to Burgundy. Would you please hold in Munich?",
    ]
    scores = [formality(text) for text in ordered]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)
    assert all(-1 < score < 1 for score in scores)
    assert scores[0] < -0.5
    assert scores[-1] > 0.5
    assert formality("") == formality("  ") == 0.0


@pytest.mark.parametrize(
    ("mark", "sign"), [("!", -1), (" lol.", -1), (" btw.", -1), (" please.", 1), (" and I would be grateful.", 1)]
)
def test_each_mark_moves_the_score_in_its_direction(mark: str, sign: int) -> None:
    plain = "I hold in Munich"
    assert sign * (formality(plain + mark) - formality(plain + ".")) > 0


def test_the_choice_is_monotone() -> None:
    drafts = [Text(t) for t in ("I'm holding in Munich.", "ok i hold", "I will hold in Munich.", "Holding!")]
    assert best_toned(drafts, 0.0) is drafts[0]
    assert best_toned([], 1.0) is None
    chosen = [best_toned(drafts, f / 20) for f in range(-20, 21)]
    scores = [formality(draft.text) for draft in chosen if draft is not None]
    assert scores == sorted(scores)
    assert scores[0] == min(formality(d.text) for d in drafts)
    assert scores[-1] == max(formality(d.text) for d in drafts)


def test_the_grammar_is_as_formal_as_it_is_asked_to_be() -> None:
    orders = (ActOrder(GERMANY, parse_order("A MUN - RUH")),)
    plan = SpeechPlan(FRANCE, GERMANY, (SpeechAct(ActKind.PROPOSE, FRANCE, GERMANY, orders),))
    view = Game().view(FRANCE)

    def mean(weight: float) -> float:
        texts = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            (said,) = draft_many([plan], view, [()], None, GenerationConfig(), rng, formality=weight)
            assert said[-1].matches
            texts.append(said[-1].text)
        return float(np.mean([formality(text) for text in texts]))

    means = [mean(weight) for weight in (-1.0, 0.0, 1.0)]
    assert means == sorted(means)
    assert means[0] < means[1] - 0.2
    assert means[-1] > means[1] + 0.2
