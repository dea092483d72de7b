"""Whether words follow the intent: matched pairs of messages, of which only the intent differs.

At one moment (the same position, talk, recipient, and seed) an agent writes twice: once meaning what its search chose,
once meaning something else that the search thinks plausible, for itself, for the recipient, or for both.  The other
intent is one by which the speech plan names other orders.  The message changed accordingly if the reader reads in each
of the two orders of its own intent alone, and at least one that the other intent lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from pathlib import Path

from cicero_lite.bench.consistency import Proposal, model_name, proposals, reread
from cicero_lite.bench.moments import Attempt, Moment, Writer, moments
from cicero_lite.bench.shares import Share
from cicero_lite.config import Config
from dialogue.acts import SpeechAct
from engine.types import Action, Intent, PlannedOrders, Power
from planner.intents import wanted_action
from planner.plan import Plan, contains

_PLAUSIBLE = 0.01
"""An action is plausible here whose probability is at least this share of the likeliest one's."""
_OTHERS = 3
"""Other actions of a power that are tried, the likeliest."""
_MOMENTS_PER_PAIR = 20
"""So many moments for each pair asked for are looked at, at most."""


class Changed(StrEnum):
    """Which part of the intent differs."""

    OWN = "own orders"
    WANTED = "orders wanted"
    BOTH = "both"


@dataclass(frozen=True)
class SteeredPair:
    """Two messages of one moment."""

    moment: str
    changed: Changed
    intents: tuple[Intent, Intent]
    texts: tuple[str, str]
    sources: tuple[str, str]
    kinds: tuple[str, ...]
    """Kinds of the acts by which the two plans name what the other intent lacks."""
    fits_own: tuple[bool, bool]
    """Whether what is read of each is in its own intent."""
    fits_other: tuple[bool, bool]
    """Whether it is in the other's, too."""

    @property
    def follows(self) -> bool:
        """Whether both messages fit their own intent and not the other's."""
        return all(self.fits_own) and not any(self.fits_other)


@dataclass(frozen=True)
class SteeringResult:
    """What was measured."""

    seed: int
    model: str
    moments: int
    """Looked at; those of which no pair came had no other intent by which the plan names other orders, or every
    candidate of one of the messages was rejected."""
    rejected: int
    """Of these the latter."""
    follow: Share
    """Pairs in which the message changed as the intent did."""
    kinds: Mapping[str, Share]
    """The same by kind of act that names what differs."""
    changed: Mapping[str, Share]
    """The same by what part of the intent was changed."""
    by_model: Share
    """The same of pairs that the model worded both of."""
    own: Share
    """Messages whose orders are all in their own intent, two a pair."""
    same_text: Share
    """Pairs of which both texts are the same word by word."""
    pairs: tuple[SteeredPair, ...]

    def lines(self) -> list[str]:
        """For a reader at the terminal."""
        return [
            f"{len(self.pairs)} pairs from {self.moments} moments; in {self.rejected} more no candidate passed",
            f"the message changed as the intent did        {self.follow}",
            *(f"  {kind.replace('_', ' '):<42}{share}" for kind, share in self.kinds.items()),
            *(f"  changed: {part:<33}{share}" for part, share in self.changed.items()),
            f"  both worded by the model                  {self.by_model}",
            f"messages with orders of their intent alone   {self.own}",
            f"the same text whatever the intent            {self.same_text}",
            *(line for pair in self.pairs if not pair.follows for line in _lines(pair)),
        ]


def measure_steering(
    config: Config,
    pairs: int,
    seed: int,
    games: Path | None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> SteeringResult:
    """Finds so many moments with two intents to tell apart, and has both worded.

    Args:
        config: of the games of self-play, and of all agents.
        pairs: how many; fewer are found only if few moments have one.
        seed: of the first game of self-play, and of all draws.
        games: public games, whose moments are taken by turns with self-play's; None: self-play alone.
        watch: told of the pairs found, and of those wanted.

    Raises:
        MomentError, GameFileError: as `moments.public_moments`.
        LanguageModelError: the language model cannot be loaded.
    """
    found: list[SteeredPair] = []
    looked_at = rejected = 0
    for moment in moments(config, games, seed):
        if len(found) >= pairs or looked_at >= _MOMENTS_PER_PAIR * pairs:
            break
        looked_at += 1
        intents = two_intents(moment, config, seed, turn=len(found))
        if intents is not None:
            pair = write_pair(moment, intents, config, seed)
            if pair is None:
                rejected += 1
            else:
                found.append(pair)
        watch(len(found), pairs)
    return _result(config, seed, looked_at, rejected, found)


# --- the two intents -------------------------------------------------------------------------------------


def two_intents(moment: Moment, config: Config, seed: int, turn: int) -> tuple[Intent, Intent] | None:
    """What the search chose, and the first plausible intent by which the plan names other orders; None: there is none.

    Args:
        turn: which part is changed first if it can be, in turn.
    """
    wordless = replace(config.agent, generation=replace(config.agent.generation, candidates=0))
    probe = Writer(moment, replace(config, agent=wordless), seed)
    plan = probe.agent.plan(moment.view)
    meant = _intent(plan, moment.recipient, plan.action, wanted_action(plan, moment.recipient))
    first = probe.write(meant)
    if first is None:
        return None
    for other in _variants(plan, meant, first, turn):
        second = probe.write(other)
        if second is not None and _lacking(first, second) and _lacking(second, first):
            return meant, other
    return None


def _intent(plan: Plan, recipient: Power, own: Action, wanted: Action) -> Intent:
    return Intent(
        plan.power,
        recipient,
        PlannedOrders(plan.power, plan.phase, own),
        PlannedOrders(recipient, plan.phase, wanted),
    )


def _variants(plan: Plan, meant: Intent, said: Attempt, turn: int) -> Iterator[Intent]:
    """Other plausible intents that lack an order which was said: own orders changed, those wanted, and both.

    Args:
        said: with the first intent; where it names no order, there is none.
        turn: which of the three comes first, in turn.
    """
    named = proposals(said.plan.acts, meant)
    own, wanted = meant.own, meant.wanted
    owns, wanteds = _others(plan, own), _others(plan, wanted)
    new_owns, new_wanteds = _without(owns, named, plan.power), _without(wanteds, named, meant.recipient)
    parts = [
        list(product(new_owns, [wanted.orders])),
        list(product([own.orders], new_wanteds)),
        [*product(new_owns, wanteds[:1]), *product(owns[:1], new_wanteds)],
    ]
    for number in range(len(parts)):
        for actions in parts[(turn + number) % len(parts)]:
            yield _intent(plan, meant.recipient, *actions)


def _others(plan: Plan, meant: PlannedOrders) -> list[Action]:
    """The other actions of a power that are plausible, the likeliest first."""
    policy = plan.policies[meant.power]
    least = _PLAUSIBLE * max(policy.probabilities)
    rated = zip(policy.actions, policy.probabilities, strict=True)
    return [action for action, p in rated if p >= least and set(action) != set(meant.orders)]


def _without(actions: Sequence[Action], named: Sequence[Proposal], power: Power) -> list[Action]:
    """The first of a power's actions that lack an order of its own that was named; none where none was."""
    orders = [p.order for p in named if p.power is power]
    return [action for action in actions if not contains(action, orders)][:_OTHERS]


def _lacking(named: Attempt, other: Attempt) -> list[Proposal]:
    """What a plan names and another intent lacks."""
    return [p for p in proposals(named.plan.acts, other.intent) if not p.fits]


# --- the two messages ------------------------------------------------------------------------------------


def write_pair(moment: Moment, intents: tuple[Intent, Intent], config: Config, seed: int) -> SteeredPair | None:
    """Both messages, each by an agent of its own with the same seed; None: one of them never passed the filters."""
    first, second = (Writer(moment, config, seed).write(intent) for intent in intents)
    if first is None or second is None or first.sent is None or second.sent is None:
        return None
    said = first.sent, second.sent
    readings = tuple(reread(draft.text, attempt).acts for draft, attempt in zip(said, (first, second), strict=True))
    return SteeredPair(
        moment=moment.key,
        changed=_changed(*intents),
        intents=intents,
        texts=(said[0].text, said[1].text),
        sources=(said[0].source, said[1].source),
        kinds=tuple(sorted({p.kind for p in (*_lacking(first, second), *_lacking(second, first))})),
        fits_own=(_fits(readings[0], intents[0]), _fits(readings[1], intents[1])),
        fits_other=(_fits(readings[0], intents[1]), _fits(readings[1], intents[0])),
    )


def _fits(acts: Iterable[SpeechAct], intent: Intent) -> bool:
    """Whether acts propose orders, and all of them in the intent."""
    named = proposals(acts, intent)
    return bool(named) and all(p.fits for p in named)


def _changed(first: Intent, second: Intent) -> Changed:
    if first.own == second.own:
        return Changed.WANTED
    return Changed.OWN if first.wanted == second.wanted else Changed.BOTH


def _result(config: Config, seed: int, looked_at: int, rejected: int, pairs: Sequence[SteeredPair]) -> SteeringResult:
    def follow(some: Iterable[SteeredPair]) -> Share:
        return Share.counted(pair.follows for pair in some)

    kinds = sorted({kind for pair in pairs for kind in pair.kinds})
    return SteeringResult(
        seed=seed,
        model=model_name(config),
        moments=looked_at,
        rejected=rejected,
        follow=follow(pairs),
        kinds={kind: follow(pair for pair in pairs if kind in pair.kinds) for kind in kinds},
        changed={part.value: follow(pair for pair in pairs if pair.changed is part) for part in Changed},
        by_model=follow(pair for pair in pairs if set(pair.sources) == {"model"}),
        own=Share.counted(fits for pair in pairs for fits in pair.fits_own),
        same_text=Share.counted(pair.texts[0] == pair.texts[1] for pair in pairs),
        pairs=tuple(pairs),
    )


def _lines(pair: SteeredPair) -> Iterator[str]:
    yield f"did not follow: {pair.moment}"
    for intent, text, fits in zip(pair.intents, pair.texts, pair.fits_own, strict=True):
        yield f"  {'fits' if fits else 'does not fit'}: {text}"
        yield f"    will order: {', '.join(map(str, intent.own.orders))}"
        yield f"    wants:      {', '.join(map(str, intent.wanted.orders))}"
