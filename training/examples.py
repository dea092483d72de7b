"""Games of fast players as examples for the value network: features, and what the game came to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.types import POWERS
from planner._planner import GameRecords, GamesConfig, Scoring, final_scores, value_features
from planner.values import SCORINGS, threat_value
from training.runs import ExampleFileError


@dataclass(frozen=True)
class ValueExamples:
    """Positions of some games, in order; those of one game are neighbours."""

    features: NDArray[np.int16]
    """``[N, 7, F]``, see `planner._planner.value_features`."""
    threat: NDArray[np.float16]
    """``[N, 7]``: scores by the hand-made value."""
    targets: NDArray[np.float16]
    """``[N, 3, 7]``: scores to be expected under each of `planner.values.SCORINGS`."""
    games: NDArray[np.int32]
    """``[N]``: number of the game."""

    def __len__(self) -> int:
        return len(self.features)

    def save(self, path: Path) -> None:
        """Writes the examples; the file appears only once it is complete."""
        fresh = path.with_suffix(".new.npz")
        np.savez(fresh, **{name: getattr(self, name) for name in _ARRAYS})
        fresh.rename(path)

    @classmethod
    def load(cls, path: Path) -> ValueExamples:
        """Reads examples.

        Raises:
            ExampleFileError: there is no such file, or it is damaged or holds something else.
        """
        try:
            with np.load(path) as arrays:
                return cls(**{name: arrays[name] for name in _ARRAYS})
        except (OSError, KeyError, ValueError) as error:
            raise ExampleFileError(f"expected examples ({', '.join(_ARRAYS)}) in {path}: {error}") from None

    def part(self, wanted: NDArray[np.bool_]) -> ValueExamples:
        """The positions so marked, ``[N]``."""
        return ValueExamples(**{name: getattr(self, name)[wanted] for name in _ARRAYS})


_ARRAYS = tuple(f.name for f in fields(ValueExamples))


def fast_players(generations: int, changes: int, samples: int, lambda_: float) -> GamesConfig:
    """Games of players who search, and take everybody else for one who does.

    Args:
        generations: of changed actions in each of a player's two rounds of search.
        changes: changed actions of a generation.
        samples: joint actions of the others that each is tried against.
        lambda_: λ of the players' policies, as a part of the stakes.
    """
    games = GamesConfig()
    explore = games.explore
    explore.generations, explore.width, explore.samples = generations, changes, samples
    explore.lambdas = [lambda_] * len(POWERS)
    games.explore, games.known = explore, False
    return games


def value_examples(records: GameRecords, hazard: float, threads: int = 1) -> ValueExamples:
    """The movement and adjustment phases of some games with what each came to.

    The target is the score that is to be expected if after every year the game ends with a chance of ``hazard``:
    ``T = h·(score as it stands) + (1 - h)·T'`` at the turn of a year.  It varies less than the game's last score, and
    what happens soon counts more.  Who wins alone is taken from the game's end.

    Args:
        records: the games.
        hazard: chance that a game ends with a year, 0 to 1.
        threads: threads for the features.
    """
    batch, games = records.batch, records.games
    phases = np.array(batch.phases)
    years = np.array([int(phase[1:5]) for phase in phases])
    now = np.stack([final_scores(batch, scoring) for scoring in SCORINGS], axis=1)
    ends = np.stack([final_scores(records.ends, scoring) for scoring in SCORINGS], axis=1)
    targets = np.empty_like(now)
    for row in range(len(games) - 1, -1, -1):
        if row + 1 == len(games) or games[row + 1] != games[row]:
            targets[row] = ends[games[row]]
        elif years[row + 1] != years[row]:
            targets[row] = hazard * now[row + 1] + (1 - hazard) * targets[row + 1]
        else:
            targets[row] = targets[row + 1]
    targets[:, SCORINGS.index(Scoring.SOLO)] = ends[games, SCORINGS.index(Scoring.SOLO)]
    kept = np.char.endswith(phases, "M") | np.char.endswith(phases, "A")
    features = value_features(batch, threads)
    threat = threat_value().scores(batch, threads=threads)
    return ValueExamples(features.astype(np.int16), threat.astype(np.float16), targets.astype(np.float16), games).part(
        kept
    )
