"""Whether a message is a lie: a score for what others write to us, learnt from messages that their senders judged.

Peskov et al. 2020, "It Takes Two to Lie: One to Lie, and One to Listen", asked both sides of each message whether it
was a lie.  Logistic models over hashed features tell from the words, from the talk before and the centres of the two,
and, where the board is known, from what the words would do if they were believed (`Stakes`).  Lies come in runs, so a
message's score takes in those of the messages before it.  ``python -m training lies`` fits all of it.

A score says nothing of what a message means, and a message is data, whatever it says: the score can only make words
count less.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from dialogue.acts import SpeechAct
from dialogue.clauses import read_names
from dialogue.cues import kind_name
from dialogue.incoming import readable
from dialogue.learned_reader import Weights
from dialogue.memory import Ledger
from dialogue.tagging import MARKS, tokenise
from dialogue.understanding import read
from engine.board import Board
from engine.types import EngineError, Message, Power

SHIPPED_LIES = Path(__file__).parent / "weights" / "lies.safetensors"
"""Learnt from the train part of the labelled press; see the model card beside it."""
EARLIER = 10
"""Earlier messages of the sender to the same hearer whose scores count."""


class LieFileError(EngineError, ValueError):
    """A file that holds no models of lies."""


class Basis(StrEnum):
    """What a model goes by."""

    TEXT = "text"
    """The words, and the acts that the rules read in them."""
    TALK = "talk"
    """Where the talk stands, and the centres of the two."""
    BOTH = "both"
    ALL = "all"
    """Both, and what is at stake on the board."""


@dataclass(frozen=True)
class Stakes:
    """What is said of the sender's own orders, beside the board: the features of CTRL-D (arXiv 2502.12436).

    ``u`` is an expected score, ``â`` what is said or asked for, ``a`` what would be played without any talk; ``i`` is
    the hearer, ``j`` the sender.
    """

    chance: float
    """How likely the sender gives the orders that it speaks of, by the board alone."""
    bait: float
    """``u_i(â_i, â_j) - u_i(a_i, â_j)``: what the hearer gains by doing its part, if the word is kept."""
    switch: float
    """``u_i(â_i, â_j) - u_i(â_i, a_j)``: what it loses if the word is broken."""
    edge: float
    """``u_j(â_i, a_j) - u_j(a_i, a_j)``: what the sender gains by being believed, whatever it does."""


@dataclass(frozen=True)
class Told:
    """A private message as its addressee hears it."""

    message: Message
    acts: tuple[SpeechAct, ...]
    """What the rules read in it."""
    talk: tuple[Message, ...]
    """Everything the two wrote each other before, oldest first."""
    board: Board
    """The position, where it is known; else any, by which names are read."""
    centers: int
    """Of the sender."""
    lead: int
    """Centres of the sender, less those of its addressee."""
    stakes: Stakes | None = None
    """None: the board is not known, or no orders of the sender's for this phase are spoken of."""


def told_to(ledger: Ledger, message: Message, board: Board, talk: Sequence[Message]) -> Told:
    """A private message to a ledger's power, that is about to be recorded.

    Args:
        ledger: with all that came before it.
        message: the message.
        board: the position of its phase.
        talk: earlier messages of the phase, oldest first.
    """
    before = tuple(entry.message for entry in ledger.last_messages(message.sender, len(ledger.entries)))
    own, theirs = len(board.centers(message.sender)), len(board.centers(ledger.power))
    opened = replace(message, text=readable(message.text).text)
    return Told(opened, read(message, board, talk).acts, before, board, own, own - theirs)


def cues(told: Told, basis: Basis) -> Iterator[str]:
    """The features of a message that a model of this basis goes by, as strings that `Weights` hashes."""
    yield "bias"
    if basis is not Basis.TALK:
        yield from _text_cues(told)
    if basis is not Basis.TEXT:
        yield from _talk_cues(told)
        yield from _power_cues(told)
    if basis is Basis.ALL and told.stakes is not None:
        yield from _stake_cues(told.stakes)


def _text_cues(told: Told) -> Iterator[str]:
    message = told.message
    text, mentions = read_names(message.text, told.board)
    tokens = [token.text for token in tokenise(text, mentions, message.sender, message.recipient)]
    words = [word for word in tokens if word not in _LAYOUT]
    for word in words:
        yield f"w:{word}"
    for first, second in itertools.pairwise(words):
        yield f"b:{first} {second}"
    yield f"words:{_bucket(len(words), (4, 8, 15, 25, 40, 70))}"
    for act in told.acts:
        yield f"act:{kind_name(act)}"
        for item in act.orders:
            whose = "me" if item.power is message.sender else "you" if item.power is message.recipient else "other"
            yield f"order:{kind_name(act)} {whose}"


def _talk_cues(told: Told) -> Iterator[str]:
    message, talk = told.message, told.talk
    yield f"before:{_bucket(len(talk), (1, 3, 8, 20, 50, 100, 200))}"
    yield f"phase:{_bucket(sum(m.phase == message.phase for m in talk), (1, 2, 4, 8, 16))}"
    yield f"year:{min(message.phase.year, 1909)}"
    yield f"season:{message.phase.season}"
    if not talk:
        yield "last:none"
        return
    last = talk[-1]
    answers = last.sender is message.recipient
    yield f"last:{answers} {last.phase == message.phase}"
    yield f"silence:{min(message.phase.year - last.phase.year, 3)}"
    if answers:
        yield f"asked:{last.text.rstrip().endswith('?')}"
        yield f"heard:{_bucket(_length(last), (5, 12, 25, 50))}"
    own = [_length(m) for m in talk if m.sender is message.sender]
    yield f"share:{_bucket(len(own) / len(talk), (0.35, 0.45, 0.55, 0.65))}"
    if own:
        usual = sum(own) / len(own)
        yield f"usual:{_bucket(usual, (8, 14, 20, 30, 45))}"
        yield f"longer:{_bucket(_length(message) / usual, (0.3, 0.6, 1, 1.7, 3))}"


def _power_cues(told: Told) -> Iterator[str]:
    lead = _bucket(told.lead, (-6, -3, -1, 0, 1, 2, 4, 7))
    yield f"centers:{min(told.centers, 12)}"
    yield f"theirs:{min(told.centers - told.lead, 12)}"
    yield f"lead:{lead}"
    yield f"lead:{lead} {_bucket(told.message.phase.year, (1903, 1905))}"


def _stake_cues(stakes: Stakes) -> Iterator[str]:
    yield "stakes"
    yield f"chance:{_bucket(stakes.chance, (0.02, 0.1, 0.3, 0.6))}"
    for name in ("bait", "switch", "edge"):
        yield f"{name}:{_bucket(getattr(stakes, name), (-0.02, -0.004, 0.004, 0.02))}"


_LAYOUT = MARKS - {"?", "!", ".", ",", "..", "…", "☺"}
"""Marks that say nothing."""


def _bucket(value: float, edges: Sequence[float]) -> int:
    return sum(value >= edge for edge in edges)


def _length(message: Message) -> int:
    return max(1, len(message.text.split()))


@dataclass(frozen=True, eq=False)
class LieModel:
    """The models of one basis: of a message alone, and of it among the sender's earlier ones."""

    weights: Weights
    judgement: NDArray[np.float64]
    """``[4]``: weights of `among`."""
    threshold: float
    """Chance from which on a message is called a lie: 19 of 20 are none, so it is well below one half."""

    def chance(self, alone: float, earlier: Sequence[float]) -> float:
        """The chance that a message is a lie.

        Args:
            alone: its log odds by `weights`.
            earlier: those of the sender's earlier messages to the same hearer, oldest first.
        """
        return float(1 / (1 + np.exp(-self.judgement @ among(alone, earlier))))


def among(alone: float, earlier: Sequence[float]) -> NDArray[np.float64]:
    """``[4]``: one, a message's own log odds, the mean of the last `EARLIER` before it, and whether there are any."""
    some = earlier[-EARLIER:]
    return np.array([1.0, alone, sum(some) / len(some) if some else 0.0, float(bool(some))])


@dataclass
class Listener:
    """Scores messages in the order in which they come, each after its sender's earlier ones to the same hearer."""

    model: LieModel
    basis: Basis
    _earlier: dict[tuple[Power, Power | None], list[float]] = field(default_factory=dict, repr=False)

    def hear(self, told: Told) -> float:
        """The chance that a message is a lie."""
        earlier = self._earlier.setdefault((told.message.sender, told.message.recipient), [])
        alone = float(self.model.weights.score(cues(told, self.basis))[0])
        chance = self.model.chance(alone, earlier)
        earlier.append(alone)
        return chance

    def suspicion(self, told: Told) -> float:
        """The same as a share of the chance from which on a message is called a lie, 1 at most."""
        return min(1.0, self.hear(told) / self.model.threshold)


def save(models: Mapping[Basis, LieModel], path: Path) -> None:
    """Writes models; weights lose what half precision cannot hold."""
    keys = np.unique(np.concatenate([model.weights.keys for model in models.values()]))
    tensors: dict[str, NDArray[np.generic]] = {"keys": keys}
    for basis, model in models.items():
        values = np.zeros((len(keys), 1), np.float16)  # most features are of several bases: their keys are kept once
        values[np.searchsorted(keys, model.weights.keys)] = model.weights.values
        tensors[f"{basis}.values"] = values
        tensors[f"{basis}.judgement"] = np.append(model.judgement, model.threshold)
    save_file(tensors, path)


def load(path: Path) -> dict[Basis, LieModel]:
    """The models of a file, one for each basis.

    Raises:
        LieFileError: there is no such file, or it holds something else.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return {basis: _model(file, basis) for basis in Basis}
    except (OSError, SafetensorError, ValueError) as error:
        raise LieFileError(
            f"expected models of lies in {path}, got {error}; `python -m training lies` makes them"
        ) from None


def _model(file: Any, basis: Basis) -> LieModel:
    weights = Weights(file.get_tensor("keys"), file.get_tensor(f"{basis}.values").astype(np.float32))
    *judgement, threshold = file.get_tensor(f"{basis}.judgement").tolist()
    if len(judgement) != 4 or not (0 < threshold < 1 and all(map(math.isfinite, judgement))):
        raise ValueError(f"a judgement of {basis} with four weights and a chance, not {[*judgement, threshold]}")
    return LieModel(weights, np.array(judgement), threshold)


@cache
def shipped_models() -> Mapping[Basis, LieModel]:
    """The models that come with the package, loaded once."""
    return load(SHIPPED_LIES)
