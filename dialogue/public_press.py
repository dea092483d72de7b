"""Public press, with restraint: a few harmless words to all in a game, and the one grievance that is worth them.

A greeting if nobody has greeted, congratulations to one who took much, a word for a draw where nothing moves any more,
a firm promise to us that was broken, and once the truth about a false claim of that sort about us.  Provocations get no
other answer.  Everything is worded here or by the grammar, read back, and reviewed as if said to each power alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from numpy.random import Generator

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import last_movement
from dialogue.filters import FilterVerdict, passes, review
from dialogue.filters.verdict import Filter, FilterConfig, FilterContext
from dialogue.generation import Draft, Source
from dialogue.grammar import WordingContext, word
from dialogue.memory import Ledger, Promise, Remembered, Status, fulfils
from dialogue.situation import SpeechConfig, SpeechPlan
from dialogue.understanding import matches, read_text
from engine.board import Board
from engine.game import GameView
from engine.types import Action, PhaseKind, Power, Season

_READY = 0.5
"""How often it speaks up where it might."""
_MANY = 3
"""Centres won in a year that earn congratulations."""
_STALE_YEARS = 2
"""Years in which no centre changes hands after which it would take a draw."""


class Topic(StrEnum):
    """What may be said to all."""

    GREETING = "greeting"
    CONGRATULATION = "congratulation"
    DRAW = "draw"
    GRIEVANCE = "grievance"
    TRUTH = "truth"


_WORDS: dict[Topic, tuple[str, ...]] = {
    Topic.GREETING: ("Hi all, good luck!", "Good luck, everyone!", "Hello everybody, good luck and have fun!"),
    Topic.CONGRATULATION: ("Well played, {who}!", "Nicely played, {who}.", "Congratulations, {who}."),
    Topic.DRAW: ("I would agree to a draw.", "I'd be happy with a draw between all of us."),
}
"""What the grammar has no acts for."""


@dataclass(frozen=True)
class PublicPlan:
    """One message to all."""

    sender: Power
    topic: Topic
    acts: tuple[SpeechAct, ...]
    reason: str
    about: Power | None = None
    """Whom it names."""


def plan_public(view: GameView, ledger: Ledger, config: SpeechConfig, rng: Generator) -> PublicPlan | None:
    """What to say to all now; None nearly always.

    Args:
        view: the board and history as the power sees them.
        ledger: of the power that speaks.
        config: whether, and how often.
        rng: draws whether to speak up, once for each thing that might be said.
    """
    said = [e for e in ledger.entries if e.message.sender is ledger.power and e.message.recipient is None]
    now = any(e.message.phase == view.phase for e in said)
    if not config.public or now or len(said) >= config.max_public or view.phase.kind is not PhaseKind.MOVEMENT:
        return None
    for plan in (*_truths(view, ledger), *_grievances(view, ledger), *_pleasantries(view, ledger)):
        if not _was_said(plan, said) and rng.random() < _READY:
            return plan
    return None


def _was_said(plan: PublicPlan, said: Sequence[Remembered]) -> bool:
    """Whether we spoke of this in public before: of a power's breach of faith, or its claims, once a game."""
    for entry in said:
        for act in entry.acts:
            same = act.kind is plan.acts[0].kind
            named = {o.power for o in act.orders} == {o.power for o in plan.acts[0].orders}
            if same and act.orders and named:
                return True
    lines = {text.format(who=_name(plan.about)) for text in _WORDS.get(plan.topic, ())}
    return any(entry.message.text in lines for entry in said)


# --- what there is to say ------------------------------------------------------------------------------------


def _pleasantries(view: GameView, ledger: Ledger) -> Iterator[PublicPlan]:
    small_talk = (SpeechAct(ActKind.SMALL_TALK, ledger.power, None),)
    if not view.history:
        if not any(message.recipient is None for message in view.messages):
            yield PublicPlan(ledger.power, Topic.GREETING, small_talk, "nobody has greeted yet")
        return
    if view.phase.season is not Season.SPRING:
        return
    won = _centers_won(view)
    best = max(won, key=lambda p: (won[p], -p.number), default=None)
    if best is not None and best is not ledger.power and won[best] >= _MANY:
        yield PublicPlan(ledger.power, Topic.CONGRATULATION, small_talk, f"{won[best]} centres won in a year", best)
    if _is_stale(view):
        yield PublicPlan(ledger.power, Topic.DRAW, small_talk, "no centre has changed hands for years")


def _centers_won(view: GameView) -> dict[Power, int]:
    """By how many centres each power has grown since spring a year ago."""
    before = _spring(view, view.phase.year - 1)
    return {} if before is None else {p: len(view.centers(p)) - len(before.centers(p)) for p in view.alive}


def _is_stale(view: GameView) -> bool:
    before = _spring(view, view.phase.year - _STALE_YEARS)
    return before is not None and all(set(view.centers(p)) == set(before.centers(p)) for p in before.alive)


def _spring(view: GameView, year: int) -> Board | None:
    """The board in spring of a year; None: not on record."""
    records = (r for r in view.history if r.phase.year == year and r.phase.season is Season.SPRING)
    return next((r.board for r in records), None)


def _grievances(view: GameView, ledger: Ledger) -> Iterator[PublicPlan]:
    """A firm promise to us broken in the last movement phase by one who is no smaller than we are."""
    record = last_movement(view)
    if record is None:
        return
    for promise in ledger.promises:
        if promise.status is Status.BROKEN and promise.phase == record.phase and _is_grave(promise, ledger):
            if not _can_be_told(promise, view) or len(view.centers(promise.by)) < len(view.centers(ledger.power)):
                continue
            assert promise.order is not None
            orders = (ActOrder(promise.by, promise.order),)
            claim = SpeechAct(ActKind.CLAIM_PAST, ledger.power, None, orders, polarity=Polarity.NOT, phase=record.phase)
            reason = f"broke its word: {promise.order} ({promise.quote!r})"
            yield PublicPlan(ledger.power, Topic.GRIEVANCE, (claim,), reason, promise.by)


def _can_be_told(promise: Promise, view: GameView) -> bool:
    """Whether the unit is where it was, so that all who read of its order know which one is meant."""
    unit = None if promise.order is None else promise.order.unit
    standing = None if unit is None else view.unit_at(unit.province)
    return standing is not None and standing[0] is promise.by


def _is_grave(promise: Promise, ledger: Ledger) -> bool:
    firm = promise.source in (ActKind.AGREE, ActKind.PROMISE) and promise.order is not None
    return firm and promise.to is ledger.power and promise.by is not ledger.power and promise.polarity is Polarity.DO


def _truths(view: GameView, ledger: Ledger) -> Iterator[PublicPlan]:
    """The truth about a false public claim that we did not give an order, or gave one."""
    for entry in ledger.entries:
        if entry.message.recipient is not None or entry.message.phase != view.phase:
            continue
        for act in entry.acts:
            ours = tuple(item for item in act.orders if item.power is ledger.power)
            if act.kind is ActKind.CLAIM_PAST and ours and entry.message.sender is not ledger.power:
                yield from _truth(view, ledger, act, ours)


def _truth(view: GameView, ledger: Ledger, act: SpeechAct, ours: tuple[ActOrder, ...]) -> Iterator[PublicPlan]:
    record = last_movement(view)
    if record is None or act.phase not in (None, record.phase):
        return
    played = record.orders.get(ledger.power, ())
    given = all(any(fulfils(o, item.order) for o in played) for item in ours)
    if given is not (act.polarity is Polarity.DO):
        kind = ActKind.CLAIM_PAST if given else ActKind.DENY
        truth = SpeechAct(kind, ledger.power, None, ours, phase=record.phase)
        yield PublicPlan(ledger.power, Topic.TRUTH, (truth,), f"a false claim by {act.speaker.title()}", act.speaker)


# --- how it is said --------------------------------------------------------------------------------------------


def draft_public(plan: PublicPlan, view: GameView, rng: Generator) -> Draft:
    """The plan in words, read back."""
    options = _WORDS.get(plan.topic)
    if options is None:
        text = word(plan.acts, WordingContext(view, plan.sender, None, reasons=False), rng)
    else:
        text = options[int(rng.integers(len(options)))].format(who=_name(plan.about))
    reading = read_text(text, plan.sender, None, view)
    return Draft(text, plan.acts, reading, Source.GRAMMAR, "", matches(plan.acts, reading))


def review_public(
    draft: Draft,
    plan: PublicPlan,
    view: GameView,
    ledger: Ledger,
    own: Action,
    config: FilterConfig,
    filters: Sequence[Filter],
) -> tuple[FilterVerdict, ...]:
    """Every filter's verdict on a draft for all: a rejection if it would be rejected in private by one of them.

    Args:
        own: the sender's planned orders, which nobody should learn of this way.
    """
    verdicts: tuple[FilterVerdict, ...] = ()
    for other in view.alive:
        if other is not plan.sender:
            context = FilterContext(view, ledger, SpeechPlan(plan.sender, other, plan.acts), own, config)
            verdicts = review(draft, context, filters)
            if not passes(verdicts):
                return verdicts
    return verdicts


def _name(power: Power | None) -> str:
    return "" if power is None else power.title()


__all__ = ["PublicPlan", "Topic", "draft_public", "plan_public", "review_public"]
