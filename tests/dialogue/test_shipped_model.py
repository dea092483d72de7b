"""The model that comes with the project loads like any other and says simple plans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.generation import GenerationConfig, Source, draft, prefer
from dialogue.language_model import SHIPPED_WEIGHTS
from dialogue.lm import LocalModel
from dialogue.prompt import Form, symbols
from dialogue.situation import SpeechPlan
from engine.game import Game
from engine.notation import parse_order
from engine.types import Power, Province

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY


@pytest.fixture(scope="module")
def shipped() -> LocalModel:
    return LocalModel.load()


def plan(kind: ActKind, *orders: tuple[Power, str], **more: Any) -> SpeechPlan:
    said = tuple(ActOrder(power, parse_order(text)) for power, text in orders)
    return SpeechPlan(FRANCE, GERMANY, (SpeechAct(kind, FRANCE, GERMANY, said, **more),))


def test_it_is_a_plain_transformers_model() -> None:
    model: Any = AutoModelForCausalLM.from_pretrained(SHIPPED_WEIGHTS)
    tokenizer: Any = AutoTokenizer.from_pretrained(SHIPPED_WEIGHTS)
    with torch.inference_mode():
        assert torch.isfinite(model(**tokenizer("S1901M FRANCE to", return_tensors="pt")).logits).all()
    files = [path for path in SHIPPED_WEIGHTS.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 30e6, "all weights of the project are to stay under 40 MB"
    assert (SHIPPED_WEIGHTS / "README.md").is_file()


def test_its_tokenizer_knows_the_tags_of_today(shipped: LocalModel) -> None:
    """A change of the prompt's tags needs a newly trained model."""
    unknown = [s for s in symbols(shipped.prompt) if len(shipped.tokenizer.encode(s, add_special_tokens=False)) != 1]
    assert unknown == []


def test_it_was_trained_on_every_form_of_the_full_prompt(shipped: LocalModel) -> None:
    assert all(shipped.prompt.knows(form) for form in Form)


@pytest.mark.parametrize(
    "said",
    [
        plan(ActKind.INFORM, (FRANCE, "A PAR - BUR")),
        plan(ActKind.REQUEST_SUPPORT, (GERMANY, "A MUN S A PAR - BUR")),
        plan(ActKind.PROPOSE, (GERMANY, "F KIE - DEN")),
        plan(ActKind.PROMISE, (FRANCE, "F BRE - ENG"), polarity=Polarity.NOT),
        plan(ActKind.DEMILITARISE, provinces=(Province("BUR"),)),
        plan(ActKind.WARN, powers=(Power.ENGLAND,)),
        plan(ActKind.SMALL_TALK),
    ],
    ids=lambda said: str(said.acts[0].kind),
)
def test_it_says_simple_plans(shipped: LocalModel, said: SpeechPlan) -> None:
    """Of eight texts at least one says the plan, so that it, and not the grammar's, is sent."""
    view = Game().view(FRANCE)
    drafts = draft(said, view, (), shipped, GenerationConfig(candidates=8), np.random.default_rng(0))
    best = prefer(drafts)
    assert best is not None
    assert best.matches
    assert best.source is Source.MODEL, [d.text for d in drafts]
