"""Public games dealt into folds, so that each is judged by what was learned from the others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from numpy.random import Generator

from cicero_lite.bench.originals import private_messages
from engine.saved import SeatedGame
from training.data import Part, seated_games
from training.runs import ExampleFileError, TrainingError


def games_with_talk(folder: Path, folds: int) -> list[SeatedGame]:
    """The public games of the train part in which somebody writes to somebody, enough for so many folds.

    Raises:
        TrainingError: fewer than two folds.
        ExampleFileError: fewer such games than folds.
        GameFileError: a line holds no game.
    """
    if folds < 2:
        raise TrainingError(f"--folds: expected 2 or more, got {folds}")
    games = [g for g in seated_games(folder, Part.TRAIN) if private_messages(g.game)]
    if len(games) < folds:
        raise ExampleFileError(f"expected public games with talk in {folder}, one a fold of {folds}, got {len(games)}")
    return games


def shuffled(items: Iterable[str], rng: Generator) -> list[str]:
    """The items in an order drawn at random, whatever order they come in."""
    ordered = sorted(items)
    return [ordered[n] for n in rng.permutation(len(ordered)).tolist()]


def fold_of_each(games: Iterable[str], folds: int, rng: Generator) -> dict[str, int]:
    """The fold of each game, drawn at random, as many games in each as can be."""
    return {game: place % folds for place, game in enumerate(shuffled(games, rng))}
