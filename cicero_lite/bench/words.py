"""What was said beside what was ordered: how much talk tells an observer of the orders that people give.

In public games with press, whoever hears from another in a movement phase is an observer of it.  Each of the other's
units had legal orders, with their likelihood by the board alone (the anchor) given the orders of its power's other
units; and features: for each kind of word that the observer's ledger knows (`dialogue.expectations.CredenceConfig`),
how much of it speaks for the order.  The dialogue-conditional policy is ``τ(a)·exp(Σ_k w_k·f_k(a))``, as the search
tilts its anchors; without words it is the anchor.  `training.credences` fits the weights w.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

import numpy as np

from cicero_lite.bench.agreement import Mean, mean_of
from cicero_lite.config import AgentConfig
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import provenance
from dialogue.expectations import CredenceConfig, signs
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
    log_anchor: FloatArray
    """``[N]``: log τ of each unit's legal orders, given what the power's other units did; sums to 1 over a unit's."""
    features: FloatArray
    """``[N, K]``: for each of `KINDS`, the trust in words that speak for an order, less those against."""
    played: IntArray
    """``[U]``: number of the order that each unit was given."""

    def log_policy(self, weights: FloatArray) -> FloatArray:
        """``[N]``: log π of the dialogue-conditional policy; weights ``[K]`` in nats."""
        tilted = self.log_anchor + self.features @ weights
        return np.asarray(
            tilted - np.logaddexp.reduceat(tilted, np.unique(self.units, return_index=True)[1])[self.units]
        )


def word_cases(
    games: Iterable[SeatedGame], source: AnchorSource, style: str, reader: Reader = read
) -> Iterator[WordCase]:
    """Every observer's cases in some games: of people, in movement phases, that the observer talked with."""
    for seated in games:
        ledgers = {power: Ledger(power) for power in POWERS}
        for record in seated.game.history:
            heard = _read_messages(record, ledgers, reader)
            if record.phase.kind is PhaseKind.MOVEMENT and heard:
                yield from _cases(seated, record, heard, ledgers, source, style)
            for ledger in ledgers.values():
                ledger.settle(record)


def _read_messages(record: PhaseRecord, ledgers: Mapping[Power, Ledger], reader: Reader) -> set[tuple[Power, Power]]:
    """Enters the phase's messages into the ledgers of those who saw them; (observer, power) of all private ones."""
    board, heard = record.board, set()
    for number, message in enumerate(record.messages):
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
            log_anchor=per_unit(log_anchor, its.units),
            features=_features(ledgers[observer], record, power, here, its.codes),
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


@dataclass(frozen=True)
class Foretold:
    """Some cases, by the board alone and with what was said: −log probability of each order, in nats."""

    cases: int
    orders: int
    board: Mean
    words: Mean
    gain: Mean
    """By how much words lower it."""


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


def measure(data: Path, source: AnchorSource, policy: str, config: AgentConfig | None = None) -> WordsResult:
    """Games with talk, and what an agent's reader and credences make of it.

    Args:
        data: the file of games, one a line.
        source: the anchor.
        policy: its name, for the record.
        config: of the agent; None: the default.

    Raises:
        WordsError: no such file, or nobody in it talked to another before ordering.
        GameFileError: a game cannot be read.
    """
    if not data.is_file():
        raise WordsError(f"expected public games in {data}, got no such file")
    agent = config or AgentConfig()
    weights = weights_of(agent.credence, agent.search.tilt)
    cases = list(word_cases(seated_games(data), source, source.styles[0], agent.hears_by))
    if not cases:
        raise WordsError(f"{data}: expected games of people with private talk, got none")
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


def foretold(cases: Sequence[WordCase], weights: FloatArray) -> Foretold:
    """Anchor and dialogue-conditional policy beside what was ordered; all of a phase is one observation."""
    phases: dict[tuple[str, str], list[WordCase]] = {}
    for case in cases:
        phases.setdefault((case.game, case.phase), []).append(case)
    counts = np.array([sum(len(case.played) for case in its) for its in phases.values()], np.float64)

    def surprise(of: FloatArray) -> FloatArray:
        return np.array([-sum(float(c.log_policy(of)[c.played].sum()) for c in its) for its in phases.values()])

    board, words = surprise(np.zeros(len(KINDS))), surprise(weights)
    return Foretold(
        cases=len(cases),
        orders=int(counts.sum()),
        board=mean_of(board, counts),
        words=mean_of(words, counts),
        gain=mean_of(board - words, counts, least=-math.inf),
    )


__all__ = [
    "KINDS", "Foretold", "Word", "WordCase", "WordsError", "WordsResult", "foretold", "measure", "per_unit",
    "weights_of", "word_cases",
]  # fmt: skip
