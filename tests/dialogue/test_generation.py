"""Candidates are read back against their plan, do not repeat, and end with the grammar's sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.generation import Draft, GenerationConfig, Knowledge, Source, draft, draft_many, prefer
from dialogue.language_model import Sample
from dialogue.lm import LocalModel
from dialogue.names import Slots
from dialogue.prompt import SHORT_PROMPT, PromptConfig, Section, Voice
from dialogue.situation import SpeechPlan
from engine.game import Game, GameView
from engine.notation import parse_order
from engine.types import Intent, Message, PlannedOrders, Power
from tests.speaking_models import SpeakingModel

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND
CONFIG = GenerationConfig(candidates=4)


class ScriptedModel(SpeakingModel):
    """Says what it is told to."""

    def __init__(self, lines: Sequence[tuple[str, float]], prompt: PromptConfig = SHORT_PROMPT) -> None:
        super().__init__(prompt)
        self.lines = lines

    def say(self, number: int, prompt: str, count: int) -> list[Sample]:
        return [Sample(text, score, finished=score > -9) for text, score in self.lines]


def request(sender: Power = FRANCE, recipient: Power = GERMANY, order: str = "A MUN S A PAR - BUR") -> SpeechPlan:
    act = SpeechAct(ActKind.REQUEST_SUPPORT, sender, recipient, (ActOrder(recipient, parse_order(order)),))
    return SpeechPlan(sender, recipient, (act,))


def drafts(model: ScriptedModel | None, plan: SpeechPlan, view: GameView, seed: int = 0) -> list[Draft]:
    return draft(plan, view, view.talk_with(plan.recipient), model, CONFIG, np.random.default_rng(seed))


def test_without_a_model_the_grammar_speaks() -> None:
    (only,) = drafts(None, request(), Game().view(FRANCE))
    assert only.source is Source.GRAMMAR
    assert only.matches
    assert prefer([only]) is only


def test_only_what_says_the_plan_matches() -> None:
    model = ScriptedModel(
        [
            ("Could you support <P1> to <P2> from <P0>?", -1.1),
            ("Please support me from <P1> to <P2> with <P0>.", -0.5),
            ("Could you move <P0> to <P2>?", -0.1),
            ("Could you support <P1> to <P2> from <P0>? I'll hold <P0>.", -0.2),
            ("Could you support <P1> to <P2> from <P0>", -10.0),
            ("Could you support <P7>?", -0.1),
            ("Support <P1> to <P2> from <P0> you could, could you?", -1.3),
        ]
    )
    found = drafts(model, request(), Game().view(FRANCE))
    said = [(d.template, d.matches) for d in found if d.source is Source.MODEL]
    assert said[:2] == [(model.lines[1][0], True), (model.lines[0][0], True)], "the likelier first"
    assert {text for text, right in said if not right} == {model.lines[2][0], model.lines[3][0]}
    assert [d.source for d in found].index(Source.GRAMMAR) == len(found) - 1
    assert prefer(found) is found[0]
    assert "<" not in found[0].text


def test_nothing_right_leaves_the_grammar() -> None:
    found = drafts(ScriptedModel([("I like trains.", -0.1)]), request(), Game().view(FRANCE))
    best = prefer(found)
    assert best is not None
    assert best.source is Source.GRAMMAR
    assert best.matches
    assert prefer([]) is None


def test_candidates_do_not_repeat() -> None:
    model = ScriptedModel([("Good luck!", -0.5), ("good luck!", -0.6), ("Good luck!", -0.7)])
    plan = SpeechPlan(FRANCE, GERMANY, (SpeechAct(ActKind.SMALL_TALK, FRANCE, GERMANY),))
    texts = [d.text.lower() for d in drafts(model, plan, Game().view(FRANCE))]
    assert len(set(texts)) == len(texts)


def test_the_prompt_has_the_plan_and_its_slots_only() -> None:
    model = ScriptedModel([])
    plan = request()
    drafts(model, plan, Game().view(FRANCE))
    assert model.calls == 1, "both voices in one call"
    for prompt, voice in zip(model.prompts, Voice, strict=True):
        assert prompt.endswith(f"<say> <request_support> <W0> A <P0> S A <P1> - <P2> {voice.value} <msg>")
    assert set(model.allowed) == {frozenset(Slots.of(plan.acts).allowed)}


def test_answers_are_read_with_what_they_answer() -> None:
    game = Game()
    asked = game.say(GERMANY, FRANCE, "Would you move Paris to Burgundy?")
    view = game.view(FRANCE)
    plan = SpeechPlan(FRANCE, GERMANY, (SpeechAct(ActKind.AGREE, FRANCE, GERMANY),), asked)
    model = ScriptedModel([("Sounds good!", -0.5), ("No way.", -0.4)])
    found = drafts(model, plan, view)
    assert [(d.text.lower(), d.matches) for d in found if d.source is Source.MODEL] == [
        ("sounds good!", True),
        ("no way.", False),
    ]
    assert all("<heard> <propose> <say> <agree>" in prompt for prompt in model.prompts)


def test_a_model_of_the_full_form_is_told_what_the_speaker_knows() -> None:
    """And no more of it than is asked for."""
    view = Game().view(FRANCE)
    own = PlannedOrders(FRANCE, view.phase, (parse_order("A PAR - BUR"),))
    intent = Intent(FRANCE, GERMANY, own, PlannedOrders(GERMANY, view.phase, ()))
    knowledge = Knowledge(intents={GERMANY: intent, ENGLAND: intent})
    lines = [
        ("Could you support <BUR> to <MUN> from <PAR>?", -0.4),
        ("Could you support <PAR> to <BUR> from <MUN>?", -0.5),
    ]
    model = ScriptedModel([*lines, ("Could you support <PAR> to <TUN>?", -0.1)], prompt=PromptConfig())
    found = draft(request(), view, (), model, CONFIG, np.random.default_rng(0), knowledge)
    assert found[0].template == "Could you support <P1> to <P2> from <P0>?", "numbered again"
    assert found[0].matches
    assert "<TUN>" not in " ".join(d.template for d in found)
    assert all("<intents> FRANCE A <PAR> - <BUR> <head>" in prompt for prompt in model.prompts)
    assert all("candour honest" in prompt for prompt in model.prompts)
    assert model.allowed[0] >= {"<PAR>", "<BUR>", "<MUN:kind>", "<GERMANY>"}
    model.prompts.clear()
    config = replace(CONFIG, sections=(Section.PLAN,))
    draft(request(), view, (), model, config, np.random.default_rng(0), knowledge)
    expected = (
        "<head> S1901M FRANCE to GERMANY opening <say> <request_support> <GERMANY> A <MUN> S A <PAR> - <BUR> <msg>"
    )
    assert model.prompts == [expected] * 2


def test_texts_without_a_likelihood_keep_their_order() -> None:
    class Silent(ScriptedModel):
        def say(self, number: int, prompt: str, count: int) -> list[Sample]:
            return [replace(s, log_likelihood=None) for s in super().say(number, prompt, count)]

    lines = ["Could you support <P1> to <P2> from <P0>?", "Please support me from <P1> to <P2> with <P0>."]
    found = drafts(Silent([(line, -2.0) for line in lines]), request(), Game().view(FRANCE))
    assert [d.template for d in found[:2]] == lines
    assert found[0].log_likelihood is None


def test_several_plans_in_one_call_each() -> None:
    view = Game().view(FRANCE)
    plans = [request(), request(recipient=ENGLAND, order="F LON S F BRE - ENG")]
    model = ScriptedModel([("Could you support <P1> to <P2> from <P0>?", -1.1)])
    talks: list[tuple[Message, ...]] = [(), ()]
    first, second = draft_many(plans, view, talks, model, CONFIG, np.random.default_rng(0))
    assert model.calls == 1
    assert first[0].matches
    assert second[0].matches
    assert "channel" in second[0].text.lower() or "eng" in second[0].text.lower() or "EC" in second[0].text


def test_a_real_model_s_nonsense_is_marked(tiny_model: LocalModel) -> None:
    """Random weights: every candidate is valid text without foreign names, and the grammar's is preferred."""
    view = Game().view(FRANCE)
    args = (request(), view, (), tiny_model, GenerationConfig(candidates=6))
    found = draft(*args, np.random.default_rng(3))
    assert found == draft(*args, np.random.default_rng(3)), "the same seed gives the same drafts"
    best = prefer(found)
    assert best is not None
    assert best.source is Source.GRAMMAR
