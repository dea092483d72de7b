"""What a model says itself is learned only where it reads back as its plan, and is likely."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogue.annotation import OWN
from dialogue.language_model import LanguageModel, Sample
from dialogue.prompt import SHORT_PROMPT, Form, PromptConfig, Section, Voice
from tests.speaking_models import SpeakingModel
from training.annotate import REHEARSAL_SEED, generated_examples, generated_plans, rehearsed

PLANS, SEED = 40, 3


class Parrot(SpeakingModel):
    """Says the grammar's sentences of these plans in their order, the second of two texts; every third is unlikely."""

    def __init__(self, prompt: PromptConfig) -> None:
        super().__init__(prompt)
        self.texts = [e.message for e in generated_examples(PLANS, SEED + REHEARSAL_SEED, prompt.is_short)]

    def say(self, number: int, prompt: str, count: int) -> list[Sample]:
        chance = -2.0 if number % 3 == 0 else -0.3
        return [
            Sample("My orders: A PAR - BUR, F BRE - ENG, A MAR H.", -0.1, True),
            Sample(self.texts[number], chance, True),
        ]


@pytest.mark.parametrize("prompt", [SHORT_PROMPT, PromptConfig()], ids=["short", "full"])
def test_own_words_that_pass_are_kept(prompt: PromptConfig, tmp_path: Path) -> None:
    parrot = Parrot(prompt)
    model: LanguageModel = parrot
    kept = rehearsed(model, PLANS, SEED, tmp_path, writes=True)
    assert len(parrot.prompts) == PLANS
    plans = list(generated_plans(PLANS, SEED + REHEARSAL_SEED))
    shown = prompt if prompt.is_short else prompt.telling(Form.PLAN_ALONE.sections)
    assert parrot.prompts == [plan.prompt(Voice.PEOPLE, shown, parrot.count_tokens) for plan in plans]
    likely = [n for n in range(PLANS) if n % 3]
    assert [e.message for e in kept] == [parrot.texts[n] for n in likely]
    assert [e.pieces for e in kept] == [plans[n].pieces(Voice.PEOPLE, prompt.is_short) for n in likely]
    assert {(e.author, e.source, e.voice) for e in kept} == {(OWN, OWN, Voice.PEOPLE)}
    assert prompt.is_short or any(p.section is Section.BOARD for e in kept for p in e.pieces), "all that is known"
    assert rehearsed(model, PLANS, SEED, tmp_path, writes=True) == kept
    assert len(parrot.prompts) == PLANS, "kept in the run's folder, not asked again"
