"""What was said beside what was ordered: how much talk tells an observer of the orders that people give.

In public games with press, whoever hears from another in a movement phase is an observer of it.  Each of the other's
units had legal orders, with their likelihood by the board alone (the anchor) given the orders of its power's other
units; and features: for each kind of word that the observer's ledger knows (`dialogue.expectations.CredenceConfig`),
how much of it speaks for the order.  The dialogue-conditional policy is ``τ(a)·exp(Σ_k w_k·f_k(a))``, as the search
tilts its anchors; without words it is the anchor.  A language model's scores of the orders (`word_scores`) can take the
place of the features, or be added to them.  `training.credences` fits the weights w, and those of scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

import numpy as np

from cicero_lite.bench.agreement import Mean, mean_of
from cicero_lite.config import AgentConfig
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import provenance
from dialogue.expectations import CredenceConfig, signs
from dialogue.lies import Basis, LieModel, Listener, told_to
from dialogue.memory import Ledger, Promise, Status
from dialogue.press import read_into
from dialogue.reading import Reader
from dialogue.understanding import read
from engine.record import PhaseRecord
from engine.saved import SeatedGame, seated_games
from engine.types import POWERS, PhaseKind, Power
from planner.candidates import Codes
from planner.equilibrium import FloatArray, IntArray
from planner.geometry import geometry
from planner.options import Situation, situation
from planner.sources import AnchorSource
from planner.talk import Beliefs, Talk

KINDS: tuple[str, ...] = tuple(field.name for field in fields(CredenceConfig))
"""Kinds of words, in the order of features."""


class WordsError(CiceroLiteError, ValueError):
    """A measurement that cannot be made."""


class Word(StrEnum):
    """Whether a power did what it had told the observer that it would."""

    KEPT = "kept"
    BROKEN = "broken"
    """At least one order announced or promised was not given."""
    NONE = "none"
    """It had said nothing of its own orders."""


@dataclass(frozen=True, eq=False)
class WordCase:
    """One power's orders in a phase, as one observer might have foretold them."""

    game: str
    phase: str
    observer: Power
    power: Power
    word: Word
    units: IntArray
    """``[N]``: the unit, from 0 on, that each legal order is of."""
    codes: IntArray
    """``[N]``: the legal orders."""
    log_anchor: FloatArray
    """``[N]``: log τ of each unit's legal orders, given what the power's other units did; sums to 1 over a unit's."""
    features: FloatArray
    """``[N, K]``: for each of `KINDS`, the trust in words that speak for an order, less those against."""
    scores: FloatArray
    """``[N]``: nats by which the power's messages are likelier from one who means the order than on average over the
    orders tried of the unit; 0 for orders that were not, and without a language model."""
    played: IntArray
    """``[U]``: number of the order that each unit was given."""

    def log_policy(self, weights: FloatArray, score_weight: float = 0.0) -> FloatArray:
        """``[N]``: log π of the dialogue-conditional policy; weights ``[K]`` in nats, and that of scores (β)."""
        tilted = self.log_anchor + self.features @ weights + self.scores * score_weight
        return np.asarray(
            tilted - np.logaddexp.reduceat(tilted, np.unique(self.units, return_index=True)[1])[self.units]
        )


def word_cases(
    games: Iterable[SeatedGame],
    source: AnchorSource,
    style: str,
    reader: Reader = read,
    suspects_by: LieModel | None = None,
) -> Iterator[WordCase]:
    """Every observer's cases in some games: of people, in movement phases, that the observer talked with."""
    for seated in games:
        ledgers = {power: Ledger(power) for power in POWERS}
        listener = None if suspects_by is None else Listener(suspects_by, Basis.BOTH)
        for record in seated.game.history:
            heard = _read_messages(record, ledgers, reader, listener)
            if record.phase.kind is PhaseKind.MOVEMENT and heard:
                yield from _cases(seated, record, heard, ledgers, source, style)
            for ledger in ledgers.values():
                ledger.settle(record)


def _read_messages(
    record: PhaseRecord, ledgers: Mapping[Power, Ledger], reader: Reader, listener: Listener | None
) -> set[tuple[Power, Power]]:
    """Enters the phase's messages into the ledgers of those who saw them; (observer, power) of all private ones."""
    board, heard = record.board, set()
    for number, message in enumerate(record.messages):
        if listener is not None and message.recipient is not None:
            hearer = ledgers[message.recipient]
            suspicion = listener.suspicion(told_to(hearer, message, board, record.messages[:number]))
            hearer.suspicions[message.sequence] = suspicion
        read_into(ledgers, message, board, record.messages[:number], reader)
        if message.recipient is not None:
            heard.add((message.recipient, message.sender))
    return heard


def _cases(
    seated: SeatedGame,
    record: PhaseRecord,
    heard: set[tuple[Power, Power]],
    ledgers: Mapping[Power, Ledger],
    source: AnchorSource,
    style: str,
) -> Iterator[WordCase]:
    wanted = [
        (observer, power)
        for observer, power in sorted(heard, key=lambda pair: (pair[0].number, pair[1].number))
        if seated.players.get(power) == "human" and record.played.codes[power.number]
    ]
    if not wanted:
        return
    here = situation(record.position, geometry(record.position.map.name))
    policies = source.policies(record.position, here, (style,), np.random.default_rng(0))
    powers = {power for _, power in wanted}
    alternatives = [_alternatives(record, power, here) if power in powers else _NOTHING for power in POWERS]
    rows = source.log_likelihoods(policies, [its.actions for its in alternatives], (style,))
    for observer, power in wanted:
        its, (log_anchor,) = alternatives[power.number], rows[power.number]
        yield WordCase(
            game=seated.game.game_id,
            phase=str(record.phase),
            observer=observer,
            power=power,
            word=_word(ledgers[observer].promises_by(power, to=observer, phase=record.phase), record),
            units=its.units,
            codes=np.array(its.codes, np.int32),
            log_anchor=per_unit(log_anchor, its.units),
            features=_features(ledgers[observer], record, power, here, its.codes),
            scores=np.zeros(len(its.codes)),
            played=its.played,
        )


def per_unit(logits: FloatArray, units: IntArray) -> FloatArray:
    """Log-probabilities ``[N]`` that sum to 1 over the orders of each unit; units ``[N]``, those of one together."""
    starts = np.unique(units, return_index=True)[1]
    return np.asarray(logits - np.logaddexp.reduceat(logits, starts)[units])


@dataclass(frozen=True, eq=False)
class _Alternatives:
    """What each unit of a power might have done beside what the others of its power did."""

    actions: Sequence[Codes]
    codes: Sequence[int]
    """The order that makes the difference."""
    units: IntArray
    played: IntArray


_NOTHING = _Alternatives(((),), (), np.zeros(0, np.int32), np.zeros(0, np.int32))


def _alternatives(record: PhaseRecord, power: Power, here: Situation) -> _Alternatives:
    given = tuple(map(here.geometry.code, record.orders[power]))
    actions, codes, units, played = list[Codes](), list[int](), list[int](), list[int]()
    for unit, order in enumerate(record.orders[power]):
        assert order.unit is not None  # units without an order hold
        for code in record.position.legal_orders(order.unit.province):
            if code == given[unit]:
                played.append(len(codes))
            actions.append((*given[:unit], code, *given[unit + 1 :]))
            codes.append(code)
            units.append(unit)
    return _Alternatives(actions, codes, np.array(units, np.int32), np.array(played, np.int32))


def _features(ledger: Ledger, record: PhaseRecord, power: Power, here: Situation, codes: Sequence[int]) -> FloatArray:
    """``[N, K]``; see `WordCase.features`."""
    talk = Talk(here, Beliefs(), ledger.power)
    features = np.zeros((len(codes), len(KINDS)))
    for sign in signs(ledger, record.board):
        if sign.power is power:
            meant = talk.matching(power.number, sign.order)
            features[:, KINDS.index(sign.kind)] += [sign.scale * (code in meant) for code in codes]
    return features


def _word(promises: Sequence[Promise], record: PhaseRecord) -> Word:
    given = record.orders.get(promises[0].by, ()) if promises else ()
    own = [p for p in promises if p.order is not None and p.status in (Status.OPEN, Status.OFFERED)]
    if not own:
        return Word.NONE
    return Word.KEPT if all(promise.is_kept_by(given) for promise in own) else Word.BROKEN


# --- the measure -------------------------------------------------------------------------------------


class Words(StrEnum):
    """What is made of the words."""

    ACTS = "acts"
    """What our reader reads in them."""
    SCORES = "scores"
    """How well they go with each order by a language model."""
    BOTH = "both"


@dataclass(frozen=True)
class ScoreWeights:
    """β: what a nat of a language model's scores is worth.

    The defaults were fitted to 100 cases with a model of 6.8 M parameters, and are 0 within standard errors of 0.26;
    another model needs its own (`python -m training credences --model`).
    """

    alone: float = -0.17
    beside_acts: float = -0.08


@dataclass(frozen=True)
class Lowered:
    """−log probability of each order with what was said, in nats."""

    mean: Mean
    gain: Mean
    """By how much it is lower than by the board alone."""
    beside_acts: Mean
    """By how much it is lower than by acts."""


@dataclass(frozen=True)
class Foretold:
    """Some cases, by the board alone and with what was said: −log probability of each order, in nats."""

    cases: int
    orders: int
    board: Mean
    words: Mapping[Words, Lowered]


@dataclass(frozen=True)
class WordsResult:
    """What talk tells, over all cases and parts of them."""

    games: int
    policy: str
    all: Foretold
    by_word: Mapping[str, Foretold]
    by_pair: Mapping[str, Foretold]
    """By pair of powers, as ``FRANCE-GERMANY``: what each foretells of the other."""
    commit: str | None
    dirty: bool


def weights_of(config: CredenceConfig, tilt: float) -> FloatArray:
    """``[K]``: nats of each kind of word, as the search takes them."""
    return np.array([tilt * getattr(config, kind) for kind in KINDS])


def measure(
    data: Path,
    source: AnchorSource,
    policy: str,
    config: AgentConfig | None = None,
    score: Callable[[Sequence[SeatedGame], Sequence[WordCase]], Iterable[WordCase]] | None = None,
) -> WordsResult:
    """Games with talk, and what an agent's reader and credences make of it.

    Args:
        data: the file of games, one a line.
        source: the anchor.
        policy: its name, for the record.
        config: of the agent; None: the default.
        score: gives cases a language model's scores (`word_scores.scored`); None: acts alone are measured.

    Raises:
        WordsError: no such file, or nobody in it talked to another before ordering.
        GameFileError: a game cannot be read.
    """
    if not data.is_file():
        raise WordsError(f"expected public games in {data}, got no such file")
    agent = config or AgentConfig()
    weights = compared(weights_of(agent.credence, agent.search.tilt), None if score is None else ScoreWeights())
    games = list(seated_games(data))
    cases = list(word_cases(games, source, source.styles[0], agent.hears_by, agent.suspects_by))
    if not cases:
        raise WordsError(f"{data}: expected games of people with private talk, got none")
    if score is not None:
        cases = list(score(games, cases))
    pairs = sorted({_pair(case) for case in cases})
    running = provenance()
    return WordsResult(
        games=len({case.game for case in cases}),
        policy=policy,
        all=foretold(cases, weights),
        by_word={
            word.value: foretold(some, weights) for word in Word if (some := [c for c in cases if c.word is word])
        },
        by_pair={pair: foretold([case for case in cases if _pair(case) == pair], weights) for pair in pairs},
        commit=running.commit,
        dirty=running.dirty,
    )


def _pair(case: WordCase) -> str:
    return "-".join(sorted((case.observer, case.power)))


Policies = Mapping[Words, tuple[FloatArray, float]]
"""What is made of the words -> weights ``[K]`` of acts and weight of scores."""


def compared(acts: FloatArray, scores: ScoreWeights | None = None) -> Policies:
    """Those that are compared; acts ``[K]``, as `weights_of` gives them; without weights of scores, acts alone."""
    if scores is None:
        return {Words.ACTS: (acts, 0.0)}
    return {
        Words.ACTS: (acts, 0.0),
        Words.SCORES: (np.zeros_like(acts), scores.alone),
        Words.BOTH: (acts, scores.beside_acts),
    }


def foretold(cases: Sequence[WordCase], weights: Policies) -> Foretold:
    """Anchor and dialogue-conditional policies beside what was ordered; all of a phase is one observation."""
    phases: dict[tuple[str, str], list[WordCase]] = {}
    for case in cases:
        phases.setdefault((case.game, case.phase), []).append(case)
    counts = np.array([sum(len(case.played) for case in its) for its in phases.values()], np.float64)

    def surprise(acts: FloatArray, scores: float) -> FloatArray:
        return np.array(
            [-sum(float(c.log_policy(acts, scores)[c.played].sum()) for c in its) for its in phases.values()]
        )

    def lowered(some: FloatArray) -> Lowered:
        gain, beside = (mean_of(other - some, counts, least=-math.inf) for other in (board, by_acts))
        return Lowered(mean_of(some, counts), gain, beside)

    board, by_acts = surprise(np.zeros(len(KINDS)), 0.0), surprise(*weights[Words.ACTS])
    return Foretold(
        cases=len(cases),
        orders=int(counts.sum()),
        board=mean_of(board, counts),
        words={words: lowered(surprise(*its)) for words, its in weights.items()},
    )


__all__ = [
    "KINDS", "Foretold", "Lowered", "Policies", "ScoreWeights", "Word", "WordCase", "Words", "WordsError",
    "WordsResult", "compared", "foretold", "measure", "per_unit", "weights_of", "word_cases",
]  # fmt: skip
