"""What a language model makes of people's words beside their orders: scores of the orders, by Bayes.

To an observer who took every order for as likely as the board makes it, a message m of a power makes its orders ``a``
as likely as ``τ(a)·p(m | a)``: the model tells how likely the message is from somebody who means to give them.  Of each
unit a few orders are tried, the power's other units doing what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cicero_lite.bench.words import WordCase, WordsError
from dialogue.annotation import planless_example
from dialogue.briefing import planned_text
from dialogue.language_model import slots_in
from dialogue.lm import LocalModel
from dialogue.names import PROVINCE_NAMES
from dialogue.press import PressMessage, press
from dialogue.prompt import Form, Piece, Section, fitting, joined
from engine.saved import SeatedGame
from engine.types import Intent, PlannedOrders, Power
from planner.equilibrium import FloatArray, IntArray
from planner.geometry import geometry


@dataclass(frozen=True)
class ScoringConfig:
    """What is scored; the rest counts as average."""

    orders: int = 4
    """Of each unit, the likeliest by the board."""
    least: float = 0.05
    """Probability by the board below which an order is not tried."""
    messages: int = 3
    """Of the power to the observer in the phase, the last that name a place: others go with any orders."""


def load_scorer(name: str) -> LocalModel:
    """The language model in a folder, or by its hub name.

    Raises:
        ModelFileError: there is none.
        WordsError: it was not trained on prompts that tell what their writer means to order.
    """
    model = LocalModel.load(name)
    if not model.prompt.knows(Form.INTENTS):
        raise WordsError(
            f"expected a language model whose prompts tell intents, got {name}, whose prompts tell "
            f"{', '.join(model.prompt.sections)}; train one on the full form (python -m training dialogue)"
        )
    return model


def scored(
    games: Iterable[SeatedGame],
    cases: Sequence[WordCase],
    model: LocalModel,
    config: ScoringConfig | None = None,
    reached: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[WordCase]:
    """The cases with the model's scores.

    Args:
        games: those that the cases are of.
        cases: those of a game together, games in the same order.
        model: one that knows intents.
        config: what is scored.
        reached: told of each case, and of how many there are.
    """
    config, done = config or ScoringConfig(), 0
    wanted: dict[str, list[WordCase]] = {}
    for case in cases:
        wanted.setdefault(case.game, []).append(case)
    for seated in games:
        its = wanted.pop(seated.game.game_id, [])
        heard = _heard(seated, its)
        for case in its:
            messages = heard[case.phase, case.observer, case.power][-config.messages :]
            yield replace(case, scores=_scores(case, messages, model, config))
            done += 1
            reached(done, len(cases))


def _heard(
    seated: SeatedGame, cases: Sequence[WordCase]
) -> Mapping[tuple[str, Power | None, Power], list[PressMessage]]:
    """Messages to the observers of the cases that name a place; not the coarse or very long, which nobody trains on."""
    found: dict[tuple[str, Power | None, Power], list[PressMessage]] = {
        (case.phase, case.observer, case.power): [] for case in cases
    }
    for item in press([seated]) if cases else ():
        key = (str(item.message.phase), item.message.recipient, item.message.sender)
        example = planless_example(item) if key in found else None
        if example is not None and any(_place(slot) in PROVINCE_NAMES for slot in slots_in(example.message)):
            found[key].append(item)
    return found


def _place(slot: str) -> str:
    """What a slot stands for, such as BUR of ``<BUR:kind>``."""
    return slot.strip("<>").partition(":")[0]


def _scores(case: WordCase, messages: Sequence[PressMessage], model: LocalModel, config: ScoringConfig) -> FloatArray:
    """``[N]``: see `WordCase.scores`."""
    tried = [_likeliest(case, unit, config) for unit in range(len(case.played))]
    total = dict.fromkeys((_with(case, number) for numbers in tried for number in numbers), 0.0)
    for item in messages:
        for codes, score in zip(total, _log_likelihoods(item, list(total), model), strict=True):
            total[codes] += score
    scores = np.zeros(len(case.codes))
    for numbers in tried:
        anchor = np.exp(case.log_anchor[numbers])
        found = np.array([total[_with(case, number)] for number in numbers])
        scores[numbers] = found - anchor @ found / anchor.sum()
    return scores


def _likeliest(case: WordCase, unit: int, config: ScoringConfig) -> IntArray:
    """Numbers of the orders of a unit that are tried, the likeliest first; one at least."""
    numbers = np.flatnonzero(case.units == unit)
    best = numbers[np.argsort(-case.log_anchor[numbers], kind="stable")][: config.orders]
    count = max(1, int((np.exp(case.log_anchor[best]) >= config.least).sum()))
    return np.asarray(best[:count], np.int32)


def _with(case: WordCase, number: int) -> tuple[int, ...]:
    """The power's action with this order of one unit, the others doing what they did."""
    codes = case.codes[case.played]
    codes[case.units[number]] = case.codes[number]
    return tuple(codes.tolist())


def _log_likelihoods(item: PressMessage, actions: Sequence[tuple[int, ...]], model: LocalModel) -> list[float]:
    """How likely the message is from somebody who means each of some actions, in nats.

    Told is what both who talk know; not what the addressee orders, nor whether the writer called its message a lie.
    """
    message, known = item.message, item.known
    order = geometry(known.view.position.map.name).order
    plans = [PlannedOrders(message.sender, message.phase, tuple(map(order, codes))) for codes in actions]
    longest = max(plans, key=lambda plan: len(planned_text(plan)))
    assert message.recipient is not None  # observers were written to
    nothing = PlannedOrders(message.recipient, message.phase, ())
    meant = Intent(message.sender, message.recipient, longest, nothing)
    example = planless_example(replace(item, known=replace(known, intent=meant), truthful=None))
    assert example is not None  # `_heard` has left out others
    # What is cut off for want of room is the same whatever is meant.
    prompt = model.prompt.telling(Form.INTENTS.sections)
    pieces = fitting(example.pieces, prompt, model.count_tokens)
    prompts = [joined([_meaning(piece, plan) for piece in pieces], prompt) for plan in plans]
    return [score.log_likelihood for score in model.score_alike(prompts, example.message)]


def _meaning(piece: Piece, plan: PlannedOrders) -> Piece:
    return replace(piece, text=planned_text(plan)) if piece.section is Section.INTENTS else piece


__all__ = ["ScoringConfig", "load_scorer", "scored"]
