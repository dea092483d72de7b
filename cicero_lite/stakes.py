"""What a message puts at stake: what is said and asked beside what the search would expect without any talk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dialogue.acts import Polarity
from dialogue.lies import Stakes, Told
from dialogue.records import due_phase
from engine.types import Order, Power
from planner.equilibrium import sample_profiles
from planner.public import ExploreConfig, PublicSearch, SearchConfig, scorer
from planner.sources import normalised
from planner.talk import Beliefs, Talk, anchors_for

UNSEARCHED = SearchConfig(explore=ExploreConfig(passes=0), tables=0, scout_iterations=1)
"""The anchors' own candidates: all that stakes are told by."""
_PROFILES = 16
"""Joint actions of everybody, drawn from the anchors, that each value is the mean over."""


def stakes(told: Told, public: PublicSearch) -> Stakes | None:
    """The chance of the orders that a sender speaks of, and what the hearer's part in them is worth to both.

    An estimate from a few draws of the anchors: cheap, and the same whoever asks.

    Args:
        told: the message; its board is that of the search.
        public: what follows from the board.

    Returns:
        None where the message speaks of no order of its sender's for this phase that a candidate contains.
    """
    message = told.message
    assert message.recipient is not None  # what is said to all has no hearer
    sender, hearer = message.sender.number, message.recipient.number
    spoken = {power: tuple(_spoken(told, power)) for power in (message.sender, message.recipient)}
    if not spoken[message.sender]:
        return None
    considered = tuple((power, order) for power, orders in spoken.items() for order in orders)
    talk = Talk(public.situation, Beliefs(consider=considered), message.recipient)
    count = public.config.candidates.asked
    sets = tuple(talk.enlarged(n, own, count) if n in (sender, hearer) else own for n, own in enumerate(public.sets))
    anchors = [np.exp(normalised(rows)).mean(axis=0) for rows in anchors_for(public, sets)]
    said = {
        power.number: _containing(sets[power.number].actions, [talk.matching(power.number, o) for o in orders])
        for power, orders in spoken.items()
    }
    if not said[sender].any():
        return None
    chance = float(anchors[sender] @ said[sender])
    profiles = sample_profiles(anchors, _PROFILES, np.random.default_rng(public.position.hash))
    variants = [profiles.copy() for _ in range(4)]
    for player, rows in ((hearer, (2, 3)), (sender, (1, 3))):
        if said[player].any():
            for row in rows:
                variants[row][:, player] = int(np.argmax(np.where(said[player], anchors[player], -1.0)))
    scores = scorer(public.position, sets, public.evaluator)(np.concatenate(variants))
    none, word, deed, both = scores.reshape(4, _PROFILES, -1).mean(axis=1)
    return Stakes(
        chance,
        bait=float(both[hearer] - word[hearer]),
        switch=float(both[hearer] - deed[hearer]),
        edge=float(deed[sender] - none[sender]),
    )


def _spoken(told: Told, power: Power) -> Iterator[Order]:
    """The orders of a power for the phase at hand that a message says, or asks, will be given."""
    phase = told.message.phase
    for act in told.acts:
        if act.polarity is Polarity.DO and due_phase(act, phase) == phase:
            yield from (item.order for item in act.orders if item.power is power)


def _containing(actions: tuple[tuple[int, ...], ...], orders: list[frozenset[int]]) -> NDArray[np.bool_]:
    """``[A]``: which actions have one of the codes of each order; none, if an order has no code."""
    wanted = [codes for codes in orders if codes]
    return np.array([bool(wanted) and all(not codes.isdisjoint(action) for codes in wanted) for action in actions])
