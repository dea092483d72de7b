"""The planner's inner loops, compiled from ``planner/src``, for boards of the standard size.

Powers are numbered as ``Map.powers``; orders are the int32 codes of ``engine._core``.  Calls free the GIL.
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine._core import Batch, Position

CLAIMS: int
"""Classes of a power's claim on a centre."""
LEAST_SCORE: float
"""Added to the threat value's scores before the value network takes their logarithm."""
BUILD_LEVELS: int
"""Rows of the value network's table for the builds a power is due."""
OWN_LEVELS: int
"""The same for the centres it owns."""

class Scoring(Enum):
    """What the score of a game is."""

    SUM_OF_SQUARES = 0
    DRAW_SIZE = 1
    SOLO = 2

class Value:
    """Expected scores of the seven powers in a position."""

    def scores(
        self, batch: Batch, ending: float = 0.0, scoring: Scoring = ..., threads: int = 1
    ) -> NDArray[np.float32]:
        """float32 ``[N, 7]``, retreats played out first.

        Args:
            ending: chance that the game ends at the turn of the year, scored as it then stands.
            scoring: of that end.
        """

class Memo:
    """Scores of positions judged before by one value; threads may share it.  Results do not depend on it."""

    def __init__(self) -> None: ...

class ThreatValue(Value):
    """The hand-made value; see ``planner.values.threat_value``."""

    def __init__(
        self,
        one_move: NDArray[np.float32],
        two_moves: NDArray[np.float32],
        nobody_one_move: float,
        nobody_two_moves: float,
        solo_centers: float,
        solo_slope: float,
    ) -> None: ...

class NetworkValue(Value):
    """The value network; see ``planner.values.load_value``.

    ``a_p = relu(bias + Σ rows of table)``, ``h_p = relu(a_p·own + mean_q a_q·context + inner)``, scores are the softmax
    of ``h_p·head + trust·log(threat value + LEAST_SCORE)`` over the living powers and, with a logit ``nobody``, nobody;
    ``trust`` by whether two moves are left or one.
    """

    def __init__(
        self,
        table: NDArray[np.float32],
        bias: NDArray[np.float32],
        own: NDArray[np.float32],
        context: NDArray[np.float32],
        inner: NDArray[np.float32],
        head: NDArray[np.float32],
        trust: Sequence[float],
        threat: ThreatValue,
        nobody: float = -1e30,
    ) -> None: ...

def final_scores(batch: Batch, scoring: Scoring = ...) -> NDArray[np.float32]:
    """float32 ``[N, 7]``: scores if the games ended as they stand; a solo takes all."""

def value_features(batch: Batch, threads: int = 1) -> NDArray[np.int32]:
    """int32 ``[N, 7, F]``: rows of the value network's table for each power; unused entries name its last row."""

def feature_rows(position: Position) -> int:
    """Rows of the value network's table on this board."""

def score_profiles(
    position: Position,
    actions: Sequence[Sequence[Sequence[int]]],
    profiles: NDArray[np.int32],
    value: Value,
    ending: float = 0.0,
    scoring: Scoring = ...,
    memo: Memo | None = None,
    threads: int = 1,
) -> NDArray[np.float32]:
    """Scores ``[N, 7]`` after each joint action: a row of ``profiles`` names one action of each power.

    Raises:
        OrderLegalityError, CoreError: orders that cannot be given; a profile that names no action.
    """

class ExploreConfig:
    """How `explore` searches."""

    def __init__(self) -> None: ...

    rounds: int
    """In each, all powers search against the policies of the round before."""
    generations: int
    """Of changed actions in a round."""
    width: int
    """Changed actions of a generation."""
    samples: int
    """Joint actions of the others that each is tried against."""
    profiles: Sequence[Sequence[int]]
    """``[N][7]``: the joint actions that each is tried against, instead of draws; numbers of the actions passed."""
    parents: int
    """Actions that are changed: the best so far."""
    kept: int
    """Actions found that a power keeps."""
    lambdas: Sequence[float]
    """λ of each power's policy."""
    scaled: bool
    """Whether they are for usual stakes, and follow each power's."""
    care: Sequence[Sequence[float]]
    """``[7][7]``: the utility of a power is its row times everybody's scores; the identity unless told otherwise."""
    unknown_anchor: float
    """Nats by which an action found is taken to be less likely in the anchor than the one it came from."""
    tolerance: float
    """An action this much worse after a third of the samples is given up."""
    searches: Sequence[bool]
    """Per power; the others keep their actions and policies."""

    def pledge(self, power: int, pledges: Sequence[tuple[Sequence[int], float, bool]], fixed: Sequence[int]) -> None:
        """Prices on a power's actions, (orders, price, wanted): on having none of them, or, not wanted, any.

        All its new actions have the ``fixed`` orders.
        """

    def prefer(self, bonuses: Sequence[tuple[Sequence[int], float]], banned: Sequence[int], risk: float) -> None:
        """What that power likes beside scores: bonuses, (orders, amount), each counted once on having any of them.

        None of its new actions has ``banned`` orders.  With a ``risk`` ρ other than 0 its own score counts as
        ``-1/ρ·log E[exp(-ρ·score)]`` over the profiles.
        """

def explore(
    position: Position,
    actions: Sequence[Sequence[Sequence[int]]],
    log_anchors: Sequence[Sequence[float]],
    policies: Sequence[Sequence[float]],
    value: Value,
    config: ExploreConfig,
    seed: int,
    ending: float = 0.0,
    scoring: Scoring = ...,
    memo: Memo | None = None,
    threads: int = 1,
) -> list[list[tuple[tuple[int, ...], Sequence[float], float]]]:
    """Per power its actions, given ones first: (order codes, scores of the seven powers, probability).

    Local search over joint orders: change a move, support an own unit, attack together, convoy, support a foreign unit.
    A power without actions starts from its first legal orders and random ones.

    Raises:
        OrderLegalityError, CoreError: orders that cannot be given; lists that do not match.
    """

def dumbbot(position: Position, power: int, count: int, seed: int) -> list[tuple[int, ...]]:
    """Actions that DumbBot would play."""

class GamesConfig:
    """How `play_games` plays."""

    def __init__(self) -> None: ...

    until: int
    """Last year played."""
    random_phases: int
    """So many first movement phases, at most, are played at random."""
    lambda_spread: float
    """Each seat's λ is up to so many times the configured one, log-uniformly."""
    noise: float
    """Chance that a searching power plays any of the actions it kept."""
    styles: Sequence[float]
    """Weights with which each seat draws its style: search, rival (the same with another value), DumbBot, random."""
    seats: Sequence[int]
    """Styles of seats; -1: drawn."""
    rotate: bool
    """Whether seat s of game g takes ``seats[(s + g) % 7]``."""
    known: bool
    """Whether searching powers know who does not search, and how it plays."""
    samples_known: int
    """Actions that they then believe in, of each such power."""
    explore: ExploreConfig

class GameRecords:
    """Every phase of some games, one after another."""

    @property
    def batch(self) -> Batch:
        """Positions before each phase."""
    @property
    def ends(self) -> Batch:
        """Last position of each game."""
    @property
    def codes(self) -> NDArray[np.int32]:
        """int32 ``[N, W]``: the orders of all powers, then -1."""
    @property
    def games(self) -> NDArray[np.int32]:
        """int32 ``[N]``: number of each phase's game."""
    @property
    def styles(self) -> NDArray[np.uint8]:
        """uint8 ``[games, 7]``: number of each seat's style."""
    @property
    def scores(self) -> NDArray[np.float32]:
        """float32 ``[N, 7]``: what each searching power expected for itself; 0 elsewhere."""

def play_games(
    start: Position,
    count: int,
    value: Value,
    config: GamesConfig,
    seed: int,
    ending: float = 0.0,
    rival: Value | None = None,
    threads: int = 1,
) -> GameRecords:
    """Whole games among fast players, each with its own random numbers: thread counts do not change them."""
