"""Whether the words of a text follow each other as people's do, by how much they surprise a language model.

A model is surprised by rare words as much as by words out of their place.  So the surprise at each token is set against
that at the token by itself, by how often people write it: what is left, its excess, is high where a word does not fit
behind those before it.  A logistic model over a few figures of both, learned from people's messages and jumbled ones
(``python -m training fluency``), tells how odd a text is; how many of people's messages are as odd tells what to make
of that.  All of it belongs to one language model, and its file lies in that model's folder.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from dialogue.language_model import Scorer, TokenScore
from dialogue.names import Slots, Standing, delexicalise
from dialogue.plan_text import Scene, clean
from dialogue.prompt import Controls, Detail, Piece, PromptConfig, Section, Voice, joined
from engine.game import GameView
from engine.types import EngineError, Phase, Power

FLUENCY_FILE = "fluency.safetensors"
"""File in a language model's folder."""
SHARES = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Shares of people's messages for which it is kept how odd the least odd of them is."""
_RUNS = (2, 3, 5, 8)
"""Tokens in a row whose mean is looked at, where it is highest."""
_STRANGE = 1.5
"""Excess in nats from which a token counts as out of its place."""
FIGURES = 24
"""Figures of a text that the logistic model weighs, a 1 for its bias among them."""

Floats = NDArray[np.float64]


class FluencyFileError(EngineError, ValueError):
    """A file that does not hold what tells how odd texts are."""


def figures(tokens: Sequence[TokenScore], log_shares: Floats) -> Floats:
    """``[FIGURES]``: what is looked at of a text.

    Args:
        tokens: of the text, its end being the last.
        log_shares: ``[V]``, of each token among those that people write, in nats.
    """
    nats = np.array([token.nats for token in tokens])
    excess = nats + log_shares[[token.token for token in tokens]]
    above = np.maximum(excess, 0)
    return np.array(
        [
            1.0,
            nats.mean(),
            nats.std(),
            nats.max(),
            nats[0],
            nats[-1],
            np.sort(nats)[-3:].mean(),
            *(_highest(nats, length) for length in (3, 5)),
            excess.mean(),
            excess.std(),
            excess.sum(),
            excess.max(),
            np.sort(excess)[-3:].mean(),
            *(_highest(excess, length) for length in _RUNS),
            above.sum(),
            above.mean(),
            math.sqrt(above.sum()),
            (excess > 0).sum(),
            (excess > _STRANGE).sum(),
            math.log(len(tokens)),
        ]
    )


def _highest(values: Floats, length: int) -> float:
    """The highest mean of so many in a row, or of all if there are fewer."""
    length = min(length, len(values))
    return float(np.convolve(values, np.ones(length) / length, "valid").max())


@dataclass(frozen=True)
class Fluency:
    """What a language model's surprise says of a text."""

    log_shares: Floats
    """``[V]``, as in `figures`."""
    weights: Floats
    """``[FIGURES]``."""
    limits: Floats
    """``[len(SHARES)]``: oddity from which on so large a share of people's messages lies."""

    def oddity(self, tokens: Sequence[TokenScore]) -> float:
        """How odd a text is, in log odds of a jumbled one, if these are as many as sound ones."""
        return float(figures(tokens, self.log_shares) @ self.weights)

    def share(self, oddity: float) -> float:
        """The share of people's messages that are as odd or odder, between 0 and 1."""
        return float(np.interp(-oddity, -self.limits, SHARES, left=0.0))

    def save(self, path: Path) -> None:
        """Writes the file that `load_fluency` reads."""
        held = {"log_shares": self.log_shares, "weights": self.weights, "limits": self.limits}
        save_file({name: values.astype(np.float32) for name, values in held.items()}, path)


@lru_cache(maxsize=4)
def load_fluency(folder: Path) -> Fluency | None:
    """What belongs to the language model in a folder; None: nothing of that is there.

    Raises:
        FluencyFileError: the file is damaged or holds something else.
    """
    path = folder / FLUENCY_FILE
    if not path.is_file():
        return None
    try:
        held = {name: values.astype(np.float64) for name, values in load_file(path).items()}
        found = Fluency(held["log_shares"], held["weights"], held["limits"])
        sizes = found.weights.shape, found.limits.shape
    except (OSError, KeyError, SafetensorError) as error:
        raise FluencyFileError(
            f"{path}: expected a file that `python -m training fluency` writes, got {error!r}"
        ) from None
    if sizes != ((FIGURES,), (len(SHARES),)):
        raise FluencyFileError(f"{path}: expected {FIGURES} weights and {len(SHARES)} limits, got {sizes}")
    return found


# --- asking the model ------------------------------------------------------------------------------------


def prompt_for(phase: Phase, sender: Power, recipient: Power, config: PromptConfig) -> str:
    """Who writes to whom, in people's voice; no board, no talk and no plan, which would excuse any words."""
    head = Piece(Section.HEAD, Detail.KEPT, str(Scene(phase, sender, recipient)))
    voice = Voice.PEOPLE.value if config.is_short else str(Controls(Voice.PEOPLE))
    return joined([head, Piece(Section.CONTROLS, Detail.KEPT, voice)], config)


def slotted(text: str, board: Standing, sender: Power, recipient: Power, config: PromptConfig) -> str:
    """A text as the model knows texts, with slots in place of names."""
    template, slots = delexicalise(clean(text), board, Slots((), (recipient, sender)))
    return config.write(template, slots)


@dataclass(frozen=True)
class FluencyJudge:
    """A language model, and what its surprise says."""

    model: Scorer
    fluency: Fluency

    def of(self, view: GameView, recipient: Power) -> Callable[[str], float]:
        """What tells, of a text to a recipient, the share of people's messages whose words are as odd."""

        @cache
        def share(text: str) -> float:
            config = self.model.prompt
            prompt = prompt_for(view.phase, view.power, recipient, config)
            said = slotted(text, view, view.power, recipient, config)
            return self.fluency.share(self.fluency.oddity(self.model.token_scores(prompt, [said])[0]))

        return share


def judge_of(model: Scorer, folder: Path) -> FluencyJudge | None:
    """The judge of a language model from a folder; None: nothing in it says how odd texts are.

    Raises:
        FluencyFileError: the file is damaged, or belongs to another model.
    """
    fluency = load_fluency(folder)
    if fluency is None:
        return None
    if len(fluency.log_shares) != model.vocabulary_size:
        raise FluencyFileError(
            f"{folder / FLUENCY_FILE}: expected a file for the {model.vocabulary_size} tokens of the model in this "
            f"folder, got one for {len(fluency.log_shares)}; make it again (python -m training fluency)"
        )
    return FluencyJudge(model, fluency)
