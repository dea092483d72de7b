"""Words in groups by the company they keep in people's press: no labels needed, so all of the press can be used.

Positive pointwise mutual information of a word with the frequent words up to two places away, reduced by singular
value decomposition, then k-means by cosine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dialogue.tagging import WordGroups

_LEAST = 4
"""How often a word has to be seen."""
_COMPANY, _PLACES = 600, (-2, -1, 1, 2)
"""How many frequent words count as company, and where they may stand."""
_DIMENSIONS = 64
_FINE, _COARSE = 200, 60
_ROUNDS = 12
"""Of k-means."""


def word_groups(texts: Sequence[Sequence[str]], seed: int) -> WordGroups:
    """The groups of the words of some texts, each a list of tokens."""
    counts = Counter(token for text in texts for token in text)
    words = [word for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count >= _LEAST]
    vectors = _vectors(texts, words)
    rng = np.random.default_rng(seed)
    fine, coarse = (_clusters(vectors, min(count, len(words)), rng) for count in (_FINE, _COARSE))
    return WordGroups(dict(zip(words, fine.tolist(), strict=True)), dict(zip(words, coarse.tolist(), strict=True)))


def _vectors(texts: Sequence[Sequence[str]], words: Sequence[str]) -> NDArray[np.float32]:
    """``[W, D]``, of length 1."""
    rows = {word: row for row, word in enumerate(words)}
    together = np.zeros((len(words), _COMPANY * len(_PLACES)), dtype=np.float32)
    for text in texts:
        known = [rows.get(token, -1) for token in text]
        for i, row in enumerate(known):
            if row < 0:
                continue
            for n, place in enumerate(_PLACES):
                if 0 <= i + place < len(known) and 0 <= known[i + place] < _COMPANY:
                    together[row, n * _COMPANY + known[i + place]] += 1
    total = together.sum()
    of_word = together.sum(axis=1, keepdims=True) + 1e-9
    of_company = together.sum(axis=0, keepdims=True) ** 0.75  # rare company would count too much otherwise
    of_company = of_company / of_company.sum() * total + 1e-9
    mutual = np.maximum(np.log(together * total / (of_word * of_company) + 1e-9), 0)
    values, directions = np.linalg.eigh(mutual.T @ mutual)
    best = np.argsort(-values)[:_DIMENSIONS]
    vectors = mutual @ directions[:, best] / (np.maximum(values[best], 1e-9) ** 0.25)
    scaled: NDArray[np.float32] = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    return scaled


def _clusters(vectors: NDArray[np.float32], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The cluster of each vector: ``[W]``."""
    centres = vectors[rng.choice(len(vectors), count, replace=False)]
    nearest = np.argmax(vectors @ centres.T, axis=1)
    for _ in range(_ROUNDS):
        means = [vectors[nearest == n].mean(axis=0) if (nearest == n).any() else centres[n] for n in range(count)]
        centres = np.stack(means)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True) + 1e-9
        nearest = np.argmax(vectors @ centres.T, axis=1)
    found: NDArray[np.int64] = nearest
    return found
