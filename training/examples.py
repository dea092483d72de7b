"""Games as examples for the value network: features, and what the game came to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine._core import Batch
from engine.types import POWERS
from planner._planner import GamesConfig, Scoring, final_scores, value_features
from planner.values import SCORINGS, threat_value
from training.runs import ExampleFileError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Arrays = TypeVar("Arrays", bound=DataclassInstance)


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
        save_arrays(path, self)

    @classmethod
    def load(cls, path: Path) -> ValueExamples:
        """Reads examples.

        Raises:
            ExampleFileError: there is no such file, or it is damaged or holds something else.
        """
        return load_arrays(cls, path)

    def part(self, wanted: NDArray[np.bool_]) -> ValueExamples:
        """The positions so marked, ``[N]``."""
        return ValueExamples(**{f.name: getattr(self, f.name)[wanted] for f in fields(self)})


def save_arrays(path: Path, arrays: DataclassInstance) -> None:
    """Writes a dataclass of arrays; the file appears only once it is complete."""
    fresh = path.with_suffix(".new.npz")
    np.savez_compressed(fresh, **{f.name: getattr(arrays, f.name) for f in fields(arrays)})
    fresh.rename(path)


def load_arrays(kind: type[Arrays], path: Path) -> Arrays:
    """Reads a dataclass of arrays that `save_arrays` wrote.

    Raises:
        ExampleFileError: there is no such file, or it is damaged or holds something else.
    """
    names = [f.name for f in fields(kind)]
    try:
        with np.load(path) as arrays:
            return kind(**{name: arrays[name] for name in names})
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise ExampleFileError(f"expected examples ({', '.join(names)}) in {path}: {error}") from None


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


class PlayedGames(Protocol):
    """Every phase of some games, one after another, such as `planner._planner.GameRecords`."""

    @property
    def batch(self) -> Batch:
        """Positions before each phase."""
        ...

    @property
    def ends(self) -> Batch:
        """Last position of each game."""
        ...

    @property
    def games(self) -> NDArray[np.int32]:
        """``[N]``: number of each phase's game."""
        ...


def value_examples(
    records: PlayedGames,
    hazard: float,
    threads: int = 1,
    searched: NDArray[np.float32] | None = None,
    trace: float = 1.0,
) -> ValueExamples:
    """The movement phases of some games with what each came to; a value is asked of no other (`Judge`).

    The target is the score that is to be expected if after every year the game ends with a chance of ``hazard``:
    ``T = h·(score as it stands) + (1 - h)·T'`` at the turn of a year.  It varies less than the game's last score, and
    what happens soon counts more.  Who wins alone is taken from the game's end.

    Where phases were searched, ``T'`` is in part what the search expected: ``θ·T' + (1 - θ)·V`` with trace θ, as in
    TD(λ), for the sum-of-squares score, which is the one that is searched for.

    Args:
        records: the games.
        hazard: chance that a game ends with a year, 0 to 1.
        threads: threads for the features.
        searched: V, ``[N, 7]``: scores that the search expected of what follows a phase; nan where it knows none.
        trace: θ, 0 to 1; at 1 the games alone count.
    """
    batch, games = records.batch, records.games
    phases = np.array(batch.phases)
    years = np.array([int(phase[1:5]) for phase in phases])
    now = np.stack([final_scores(batch, scoring) for scoring in SCORINGS], axis=1)
    ends = np.stack([final_scores(records.ends, scoring) for scoring in SCORINGS], axis=1)
    squares = SCORINGS.index(Scoring.SUM_OF_SQUARES)
    thought = np.full((len(games), len(POWERS)), np.nan) if searched is None else searched
    targets = np.empty_like(now)
    for row in range(len(games) - 1, -1, -1):
        last = row + 1 == len(games) or games[row + 1] != games[row]
        targets[row] = ends[games[row]] if last else targets[row + 1]
        if not np.isnan(thought[row, 0]):
            targets[row, squares] = trace * targets[row, squares] + (1 - trace) * thought[row]
        if not last and years[row + 1] != years[row]:
            targets[row] = hazard * now[row + 1] + (1 - hazard) * targets[row]
    solo = SCORINGS.index(Scoring.SOLO)
    targets[:, solo] = ends[games, solo]
    kept = np.char.endswith(phases, "M")
    features = value_features(batch, threads)
    threat = threat_value().scores(batch, threads=threads)
    return ValueExamples(features.astype(np.int16), threat.astype(np.float16), targets.astype(np.float16), games).part(
        kept
    )
