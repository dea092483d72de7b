"""Positions -> expected scores of the seven powers: a hand-made value, and the network that self-play made.

Both look past the position itself, run in C++ (`planner/src/value.hpp`) and need no torch.  Scores are shares
that sum to 1: of the squares of the centres, of a draw among the living, or the chances of a solo.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner._planner import CLAIMS, NetworkValue, Scoring, ThreatValue, Value
from planner.weight_files import NetworkFileError, read_weights

__all__ = [
    "SHIPPED_VALUE", "Claims", "Scoring", "ThreatConfig", "Value", "load_value", "threat_value",
]  # fmt: skip

SHIPPED_VALUE = Path(__file__).parent / "weights" / "value.safetensors"
"""Weights of the shipped value network."""

VALUE_FORMAT = "cicero-lite value 2"
"""What the metadata of a value file says under ``format``."""

SCORINGS = (Scoring.SUM_OF_SQUARES, Scoring.DRAW_SIZE, Scoring.SOLO)
"""In the order of the columns of ``head`` in a value file."""

_REACH_LEVELS = 4
_SHAPES = {
    "table": ("rows", "width"), "bias": ("width",), "own": ("width", "hidden"), "context": ("width", "hidden"),
    "inner": ("hidden",), "head": ("scorings", "hidden"), "nobody": ("scorings",), "trust": ("scorings", "seasons"),
}  # fmt: skip


@dataclass(frozen=True)
class Claims:
    """Log-weights of a power's claim to own a centre after the next autumn; the chances are their softmax.

    Each tuple is by margin, own units that could be there less those of the strongest other power: -2 (or
    worse), -1, 0, 1, 2.  Shapes and sizes follow a conditional logit fit to who owned what in public games and in
    games among rule-based agents, made monotonic by hand.
    """

    stands: tuple[float, float, float, float, float]
    """A unit of the power stands in the centre."""
    empty: tuple[float, float, float, float, float]
    """Nobody stands there."""
    against: tuple[float, float, float, float, float]
    """Another power's unit stands there."""
    owns_standing: float
    """Added if the power owns the centre and stands in it."""
    owns_empty: float
    """Added if it owns the centre and nobody stands there."""
    owns_against: float
    """Added if it owns the centre in which another stands."""
    owns_remote: float
    """Added if it owns the centre and has no unit near."""
    nobody: float
    """Log-weight of a neutral centre staying neutral."""


@dataclass(frozen=True)
class ThreatConfig:
    """Constants of the hand-made value: threat and reach one move ahead."""

    one_move: Claims = Claims(
        stands=(0.5, 1.1, 1.7, 1.9, 2.0),
        empty=(-1.3, -1.2, -0.8, 0.0, 0.7),
        against=(-2.6, -1.6, -0.1, 0.4, 0.8),
        owns_standing=0.1,
        owns_empty=1.1,
        owns_against=0.2,
        owns_remote=0.6,
        nobody=-0.6,
    )
    """When one move remains before centres change hands."""
    two_moves: Claims = Claims(
        stands=(-0.4, 0.1, 0.6, 0.7, 0.8),
        empty=(-0.8, -0.2, 0.1, 0.8, 0.9),
        against=(-1.9, -1.1, 0.2, 0.7, 1.1),
        owns_standing=0.9,
        owns_empty=0.9,
        owns_against=0.0,
        owns_remote=0.6,
        nobody=-0.4,
    )
    """When two moves remain."""
    solo_centers: float = 17.5
    """Expected centres at which a solo is as likely as not."""
    solo_slope: float = 1.5
    """Log-odds of a solo per expected centre."""


def threat_value(config: ThreatConfig | None = None) -> ThreatValue:
    """The hand-made value: expected centres x by who stands in, owns and could reach each, then ``x_p² / Σ x²``.

    Near 18 centres there is a growing chance of a solo, which takes all.
    """
    config = config or ThreatConfig()
    return ThreatValue(
        one_move=_claim_weights(config.one_move),
        two_moves=_claim_weights(config.two_moves),
        nobody_one_move=float(np.exp(config.one_move.nobody)),
        nobody_two_moves=float(np.exp(config.two_moves.nobody)),
        solo_centers=config.solo_centers,
        solo_slope=config.solo_slope,
    )


def _claim_weights(claims: Claims) -> NDArray[np.float32]:
    """Weight of a claim, ``[own reach, others' reach, stands, owns]`` flattened: the classes of `Claims` in C++.

    ``stands``: 0 nobody, 1 this power, 2 another; ``owns`` likewise.  A power that neither owns nor reaches a centre
    has weight 0.
    """
    by_margin = np.array([claims.empty, claims.stands, claims.against])
    owning = (claims.owns_empty, claims.owns_standing, claims.owns_against)
    table = np.zeros((_REACH_LEVELS, _REACH_LEVELS, 3, 3), np.float32)
    for own, other, stands, owns in np.ndindex(table.shape):
        if own > 0 or owns == 1:
            claim = by_margin[stands, np.clip(own - other, -2, 2) + 2]
            claim += owning[stands] * (owns == 1) + claims.owns_remote * (owns == 1 and own == 0)
            table[own, other, stands, owns] = np.exp(claim)
    assert table.size == CLAIMS
    return table.reshape(-1)


def load_value(path: Path | str = SHIPPED_VALUE, scoring: Scoring = Scoring.SUM_OF_SQUARES) -> Value:
    """The value network in a file, as a value under one scoring.

    Raises:
        NetworkFileError: there is no such file, it is damaged, or it holds something else.
    """
    cure = "make one with `python -m training selfplay`"
    stored = read_weights(path, "numpy", VALUE_FORMAT, "a value network", cure)
    arrays = {name: array.astype(np.float32) for name, array in stored.arrays.items()}
    threat = _threat_config(stored.header.get("threat", ""))
    if threat is None:
        raise NetworkFileError(f"{path}: expected the settings of a threat value in the metadata, got none or others")
    _check_shapes(path, arrays)
    return network_value(arrays, scoring, threat)


def network_value(
    arrays: Mapping[str, NDArray[np.float32]], scoring: Scoring, threat: ThreatConfig | None = None
) -> Value:
    """The value network of these arrays, those of a value file, under one scoring.

    Args:
        arrays: see `_SHAPES`.
        scoring: what the scores are of.
        threat: settings of the hand-made value that the network corrects.
    """
    column = SCORINGS.index(scoring)
    first = {name: arrays[name] for name in ("table", "bias", "own", "context", "inner")}
    return NetworkValue(
        **first,
        head=np.ascontiguousarray(arrays["head"][column]),
        trust=arrays["trust"][column].tolist(),
        threat=threat_value(threat),
        nobody=float(arrays["nobody"][column]),
    )


def _threat_config(text: str) -> ThreatConfig | None:
    try:
        stored = json.loads(text)
        one_move, two_moves = (Claims(**stored.pop(name)) for name in ("one_move", "two_moves"))
        return ThreatConfig(one_move, two_moves, **stored)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _check_shapes(path: Path | str, arrays: dict[str, NDArray[np.float32]]) -> None:
    sizes: dict[str, int] = {"scorings": len(SCORINGS), "seasons": 2}
    for name, sides in _SHAPES.items():
        if name not in arrays:
            raise NetworkFileError(f"{path}: expected an array {name!r}, got {', '.join(sorted(arrays)) or 'none'}")
        shape = arrays[name].shape
        wanted = tuple(sizes.setdefault(side, size) for side, size in zip(sides, shape, strict=False))
        if len(shape) != len(sides) or wanted != shape:
            raise NetworkFileError(f"{path}: {name}: expected shape {sides} = {wanted}, got {shape}")
