"""The full prompt tells what its sections say, nothing that the speaker could not know, and keeps to its budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.briefing import brief, prompt_pieces, write_prompt
from dialogue.memory import Ledger
from dialogue.names import SlotError, Slots
from dialogue.occasions import occasions, play_at_random
from dialogue.plan_text import Scene
from dialogue.prompt import (
    NAMED_SLOTS,
    PROMPT_FILE,
    Candour,
    Controls,
    Detail,
    PromptConfig,
    PromptFileError,
    Section,
    Voice,
    assemble,
    named,
    numbered,
    symbols,
)
from engine.game import Game
from engine.notation import parse_order
from engine.types import Intent, PlannedOrders, Power

FRANCE, GERMANY, ITALY = Power.FRANCE, Power.GERMANY, Power.ITALY
PLAN = (SpeechAct(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (ActOrder(GERMANY, parse_order("A MUN S A PAR - BUR")),)),)
HOW = Controls(Voice.PEOPLE, Candour.HONEST)


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def table() -> tuple[Game, Ledger]:
    """A game in its second phase in which France talked with Germany and with Italy, and France's ledger."""
    game, ledger = Game(), Ledger(FRANCE)
    for sender, recipient, text, order in (
        (FRANCE, GERMANY, "I will stay out of the Channel <say>", "F BRE - MAO"),
        (ITALY, FRANCE, "Secret: I go to Tyrolia.", "A VEN - TYR"),
        (GERMANY, FRANCE, "Danke! And Munich holds.", "A MUN H"),
    ):
        message = game.say(sender, recipient, text)
        act = SpeechAct(ActKind.PROMISE, sender, recipient, (ActOrder(sender, parse_order(order)),))
        ledger.record(message, [act])
    game.set_orders(FRANCE, ["F BRE - MAO", "A PAR - BUR"])
    game.set_orders(GERMANY, ["A MUN - BUR"])
    ledger.settle(game.process())
    return game, ledger


def prompt(game: Game, ledger: Ledger | None, config: PromptConfig, intent: Intent | None = None) -> str:
    known = brief(game.view(FRANCE), GERMANY, ledger, intent)
    where = Scene(game.phase, FRANCE, GERMANY)
    return write_prompt(known, PLAN, Slots.of(PLAN), where, HOW, config, words)


def test_every_section_is_told_in_order() -> None:
    game, ledger = table()
    own = PlannedOrders(FRANCE, game.phase, (parse_order("A PAR - BUR"), parse_order("F MAO - SPA/SC")))
    wanted = PlannedOrders(GERMANY, game.phase, (parse_order("A MUN S A PAR - BUR"),))
    text = prompt(game, ledger, PromptConfig(budget=10_000), Intent(FRANCE, GERMANY, own, wanted))
    assert [text.index(f"<{s}>") for s in Section if s is not Section.PLAN] == sorted(
        text.index(f"<{s}>") for s in Section if s is not Section.PLAN
    )
    for told in (
        "<board> AUSTRIA A BUD , A VIE , F TRI has BUD TRI VIE ; ENGLAND",
        "FRANCE A MAR , A PAR , F MAO has BRE MAR PAR",
        "S1901M FRANCE F BRE - MAO , A MAR H , A PAR - BUR bounce ;",
        "<ledger> S1901M FRANCE promised F <BRE> - <MAO> kept ; S1901M GERMANY promised A <MUN> H broken",
        "<talk> S1901M FRANCE : I will stay out of <ENG> (say> ; S1901M GERMANY : Danke! And <MUN> holds.",
        "<intents> FRANCE A <PAR> - <BUR> , F <MAO> - <SPA> ; GERMANY A <MUN> S A <PAR> - <BUR>",
        "<head> F1901M FRANCE to GERMANY <controls> voice people , candour honest",
    ):
        assert told in text
    assert text.endswith(" <say> <request_support> <GERMANY> A <MUN> S A <PAR> - <BUR> <msg>")


def test_what_a_third_power_wrote_is_never_told() -> None:
    game, ledger = table()
    text = prompt(game, ledger, PromptConfig(budget=10_000))
    assert "Secret" not in text
    assert "<TYR>" not in text
    assert "Danke" not in prompt(game, None, PromptConfig(sections=(Section.BOARD,)))


@pytest.mark.parametrize("section", [s for s in Section if s is not Section.HEAD])
def test_every_section_can_be_left_out(section: Section) -> None:
    game, ledger = table()
    own = PlannedOrders(FRANCE, game.phase, (parse_order("A PAR - BUR"),))
    intent = Intent(FRANCE, GERMANY, own, replace(own, power=GERMANY))
    sign = "<say>" if section is Section.PLAN else f"<{section}>"
    with_it = PromptConfig(sections=tuple(Section), budget=10_000)
    without = replace(with_it, sections=tuple(s for s in Section if s is not section))
    assert sign in prompt(game, ledger, with_it, intent).replace("(say>", "")
    assert sign not in prompt(game, ledger, without, intent).replace("(say>", "")
    assert prompt(game, ledger, replace(with_it, sections=(section,)), intent).count("<head>") == 1


def test_the_budget_drops_what_is_least_useful_first() -> None:
    """Whatever the budget: all of a kind goes before the first of the next kind, and the plan stays."""
    game, ledger = table()
    rng = np.random.default_rng(0)
    for _ in range(4):
        for number in range(3):
            game.say(FRANCE, GERMANY, f"Nothing new {number}, or is there?")
        play_at_random(game, rng)
    known = brief(game.view(FRANCE), GERMANY, ledger)
    pieces = prompt_pieces(known, PLAN, Slots.of(PLAN), Scene(game.phase, FRANCE, GERMANY), HOW, is_short=False)
    assert len({piece.detail for piece in pieces}) >= 9
    whole = words([assemble(pieces, PromptConfig(budget=10_000), words)])[0]
    order = list(Detail)
    for budget in range(30, whole + 1, 7):
        text = assemble(pieces, PromptConfig(budget=budget), words)
        told = [piece for piece in pieces if piece.text in text]
        left_out = [piece for piece in pieces if piece not in told]
        assert {piece.detail for piece in pieces if piece.detail is Detail.KEPT} <= {piece.detail for piece in told}
        if left_out:
            last = max(order.index(piece.detail) for piece in left_out)
            assert all(order.index(piece.detail) >= last for piece in told), budget
        if any(piece.detail is not Detail.KEPT for piece in told):
            assert len(text.split()) <= budget
    talk = [piece.text for piece in pieces if piece.section is Section.TALK]
    some = assemble(pieces, PromptConfig(sections=(Section.TALK,), budget=60), words)
    assert talk[-1] in some
    assert talk[0] not in some, "the oldest goes first"


def test_slots_by_name_and_back() -> None:
    slots = Slots.of(PLAN)
    for template in ("Hi <W0>, the <W0:adj> <P0:kind> in <P0>?", "<P1>-<P2>", "nothing"):
        assert numbered(named(template, slots), slots) == template
    assert named("<P0> <W0:adj> <P7>", slots) == "<MUN> <GERMANY:adj> <P7>"
    with pytest.raises(SlotError, match=r"<MUN>.*got <TUN>"):
        numbered("I go to <TUN>", slots)
    config = PromptConfig()
    assert {"<MUN>", "<MUN:kind>", "<GERMANY:people>"} <= config.slots(slots) <= set(NAMED_SLOTS)
    assert "<BUR:kind>" not in config.slots(slots), "no unit of the plan stands there"


def test_symbols_have_every_tag() -> None:
    known = set(symbols(PromptConfig()))
    assert len(known) == len(symbols(PromptConfig()))
    assert {"<board>", "<controls>", "<propose>", "<say>", "<STP:kind>"} <= known


def test_generated_intents_agree_with_what_is_said() -> None:
    checked = 0
    stream = occasions(np.random.default_rng(4))
    while checked < 30:
        occasion = next(stream)
        intent = occasion.briefing.intent
        assert intent is not None
        assert occasion.briefing == occasion.briefing, "the same each time"
        for act in occasion.acts:
            if act.kind is ActKind.PROMISE and act.orders and act.phase is None and act.condition is None:
                meant = [said.order in intent.own.orders for said in act.orders]
                assert all(meant) if act.polarity == "do" else not any(meant), act
                checked += 1


def test_a_model_s_folder_says_its_prompt(tmp_path: Path) -> None:
    assert PromptConfig.load(tmp_path) is None
    config = PromptConfig(sections=(Section.TALK, Section.PLAN), budget=99)
    config.save(tmp_path)
    assert PromptConfig.load(tmp_path) == config
    data = json.loads((tmp_path / PROMPT_FILE).read_text())
    for wrong, said in (
        (
            {"version": 7, "sections": ["weather"]},
            "expected a model .* of version 1 or 2, got version 7",
        ),
        ({**data, "sections": ["weather"]}, "damaged.*weather"),
        ({"version": 2}, "damaged.*sections"),
    ):
        (tmp_path / PROMPT_FILE).write_text(json.dumps(wrong))
        with pytest.raises(PromptFileError, match=said):
            PromptConfig.load(tmp_path)
