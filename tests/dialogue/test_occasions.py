"""Occasions are legal, varied and repeatable; generated examples say their plans."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import numpy as np

from dialogue.acts import ActKind
from dialogue.grammar import WordingError, word_template
from dialogue.names import SlotError
from dialogue.occasions import draw_occasion, fits, occasions, play_at_random
from dialogue.prompt import SLOTS, Voice
from engine.game import Game
from engine.types import OrderKind
from training.annotate import generated_examples, generated_plans


def test_orders_are_legal() -> None:
    """Of everything but the past and what is heard of it."""
    for occasion in islice(occasions(np.random.default_rng(0)), 150):
        for act in occasion.acts:
            if act.kind in (ActKind.CLAIM_PAST, ActKind.DENY, ActKind.AGREE, ActKind.REFUSE, ActKind.PROMISE):
                continue
            assert act.speaker is occasion.speaker
            for said in act.orders:
                if said.order.kind is OrderKind.MOVE and said.order.via_convoy:
                    continue  # a convoy proposed together with its army's move
                found = occasion.board.legal_form(said.power, said.order)  # coasts aside, as in talk
                assert found is not None, f"{act} on {occasion.board.phase}"


def test_every_kind_is_drawn() -> None:
    kinds = Counter(act.kind for o in islice(occasions(np.random.default_rng(1)), 1500) for act in o.acts)
    assert set(kinds) == set(ActKind)


def test_the_grammar_says_rare_acts() -> None:
    """What is claimed of the past, denied and threatened, and questions about a place, as faithfully as the rest."""
    rng = np.random.default_rng(3)
    said: dict[ActKind, list[bool]] = {
        kind: [] for kind in (ActKind.CLAIM_PAST, ActKind.DENY, ActKind.THREATEN, ActKind.ASK, ActKind.PROMISE)
    }
    for occasion in islice(occasions(rng), 2500):
        kinds = said.keys() & {act.kind for act in occasion.acts}
        if not kinds:
            continue
        try:
            template = word_template(occasion.acts, occasion.context, rng)[0]
        except (WordingError, SlotError):
            continue
        for kind in kinds:
            said[kind].append(occasion.says(template, rng))
    for kind, rights in said.items():
        assert len(rights) >= 8, kind
        assert sum(rights) >= 0.9 * len(rights), kind  # some supports could have been another unit's


def test_no_unit_gets_two_orders() -> None:
    for occasion in islice(occasions(np.random.default_rng(2)), 200):
        answers = [a for a in occasion.acts if a.kind not in (ActKind.AGREE, ActKind.REFUSE)]
        assert all(fits(act, answers[:place]) for place, act in enumerate(answers))


def test_same_seed_same_press() -> None:
    first = [(s.pieces(Voice.BOOK, is_short=False), s.heard_text) for s in generated_plans(20, 5)]
    assert first == [(s.pieces(Voice.BOOK, is_short=False), s.heard_text) for s in generated_plans(20, 5)]
    assert first != [(s.pieces(Voice.BOOK, is_short=False), s.heard_text) for s in generated_plans(20, 6)]


def test_examples_say_their_plans() -> None:
    rng = np.random.default_rng(0)
    pairs = list(zip(generated_plans(40, 9), generated_examples(40, 9, is_short=True), strict=True))
    for occasion, example in pairs:
        assert example.pieces == occasion.pieces(Voice.BOOK, is_short=True)
        names = {slot for slot in SLOTS if slot in example.message}
        assert names <= set(occasion.slots.allowed)
    said = sum(occasion.says(example.message, rng) for occasion, example in pairs)
    assert said >= 36, "with other spellings of the names nearly all still read back"
    wrong = sum(occasion.says("I will hold in <P0>.", rng) for occasion, _ in pairs)
    assert wrong <= 4


def test_random_games_end() -> None:
    game, rng = Game(), np.random.default_rng(3)
    while game.phase.year < 1904:
        play_at_random(game, rng)
    assert draw_occasion(game, rng) is None or len(game.alive) > 1
