"""Slopes of scores on control variates, on plain arrays."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_FloatArray: TypeAlias = NDArray[np.float64]
_LongArray: TypeAlias = NDArray[np.int64]


def slope(scores: _FloatArray, variates: _FloatArray, groups: _LongArray) -> float:
    """The slope of the regression of scores ``[N]`` on variates ``[N]`` with a constant for each group ``[N]``.

    0 where no two variates of a group differ.
    """
    y, x = _centred(scores, groups), _centred(variates, groups)
    return float(_ratio(x @ y, x @ x, _rounding(variates)))


def slopes_without(scores: _FloatArray, variates: _FloatArray, groups: _LongArray) -> _FloatArray:
    """For each game ``[N]``, the slope by the other games.

    Without a game of a group of n, a group's sum of products is smaller by ``n / (n - 1)`` times the game's own.
    """
    y, x = _centred(scores, groups), _centred(variates, groups)
    count = np.bincount(groups)[groups]
    share = count / np.maximum(count - 1, 1)
    return _ratio(x @ y - share * x * y, x @ x - share * x * x, _rounding(variates))


def _centred(values: _FloatArray, groups: _LongArray) -> _FloatArray:
    return values - (np.bincount(groups, values) / np.maximum(np.bincount(groups), 1))[groups]


def _ratio(products: _FloatArray | np.float64, squares: _FloatArray | np.float64, least: float) -> _FloatArray:
    return np.where(squares > least, products / np.where(squares > least, squares, 1.0), 0.0)


def _rounding(variates: _FloatArray) -> float:
    """A sum of squares that may be nothing but rounding."""
    return 1e-20 + 1e-12 * float(variates @ variates)


__all__ = ["slope", "slopes_without"]
