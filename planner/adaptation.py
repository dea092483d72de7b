"""The style of the table: a policy network that learns, during a game, how those who play it order.

Players need not be of any kind that the network was trained on.  So one more style starts at the mean of the known
ones and, after every phase, takes a few steps of gradient descent on what was ordered in the latest phases: towards
the likeliest orders, and back to where it started (Gaussian prior).  The encoder stays as it is and is shared with the
other styles; what reads an encoding - embeddings of orders, and decoder - is the style's own.

Whoever has met these players before starts from an *acquaintance* instead of the mean: the same parts, learnt from
whole games (`python -m training acquaintance`).
"""

from __future__ import annotations

import copy
import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine._core import Batch, Position
from engine.types import POWERS
from planner.candidates import Codes
from planner.decisions import PolicyBatch, policy_batch
from planner.encoded import Encoded
from planner.geometry import FloatArray, IntArray
from planner.network import PolicyNetwork, write_weights
from planner.policy_model import PolicyModel
from planner.prior import STYLES, TABLE, Draw, Drawn
from planner.slots import choices, slots_of
from planner.weight_files import NetworkFileError, read_weights

_FORMAT = "cicero-lite acquaintance 1"
_OWN = ("parts", "form", "order_out", "power", "style", "pooled", "gru", "query")
"""Parts of the network that the style has to itself."""
_NO_GIVEN: Mapping[int, Codes] = {}


@dataclass(frozen=True)
class AdaptationConfig:
    """How fast to learn.

    The defaults were chosen on games among quantal, grudging, stabbing, greedy and best-responding players, by how
    well each phase was predicted from those before it; DumbBot was left out, to be measured against.
    """

    phases: int = 12
    """Latest phases that are learnt from; those before have left their trace."""
    steps: int = 6
    """Steps of Adam after each phase."""
    learning_rate: float = 2e-4
    """Of Adam."""
    prior: float = 30.0
    """Nats that a squared distance of 1 from the start costs, beside the log-likelihood of those phases' orders."""
    smoothing: float = 0.05
    """Label smoothing, over a unit's legal orders."""


@dataclass(frozen=True)
class TableEncoded:
    """A position as the network's styles read it, and as the table's does."""

    base: Encoded
    table: Encoded


@dataclass(frozen=True)
class _Seen:
    """What some powers ordered in a position."""

    encoded: Encoded
    played: Mapping[int, Codes]


class TableModel:
    """A policy model with one more style, `planner.prior.TABLE`; a `planner.prior.ActionModel` and `Learner`.

    It belongs to one player in one game.  What it learns follows from the phases observed alone.

    Args:
        base: knows the other styles; it is not changed.
        config: how fast to learn.
        acquaintance: file of `save_acquaintance` to start from; None: the mean of the known styles.

    Raises:
        NetworkFileError: the acquaintance is missing, damaged, or of another network.
    """

    def __init__(
        self, base: PolicyModel, config: AdaptationConfig | None = None, acquaintance: Path | str | None = None
    ) -> None:
        self.base = base
        self.config = config or AdaptationConfig()
        network = with_own_head(base.network)
        if acquaintance is not None:
            network.load_state_dict(_load_acquaintance(acquaintance, base.network), strict=False)
        self._own = PolicyModel(network, str(base.device), base.half)
        self._learnt = own_head(network)
        self._start = [weight.detach().clone() for weight in self._learnt]
        self._adam = torch.optim.Adam(self._learnt, self.config.learning_rate)
        self._seen: deque[_Seen] = deque(maxlen=self.config.phases)
        self._last: Encoded | None = None

    @property
    def styles(self) -> tuple[str, ...]:
        """Those of the network, and the table's."""
        return (*self.base.styles, TABLE)

    # --- learning ----------------------------------------------------------------------------------------

    def observe(self, position: Position, played: Mapping[int, Codes]) -> None:
        """Learns from what some powers, by number, ordered; what was encoded before is not to be asked any more."""
        encoded = self._read(position)
        if any(encoded.slot_count(power) for power in played):
            self._seen.append(_Seen(encoded, dict(played)))
            self._fit(_lesson(self._seen).to(self.base.device))

    def _fit(self, lesson: PolicyBatch) -> None:
        count = len(lesson.chosen)
        if not count:  # nobody gave orders that are legal
            return
        # Stacked anew, as tensors made in inference mode have no place in a graph.
        encodings = torch.stack([seen.encoded.views[()].places for seen in self._seen])
        smoothing = self.config.smoothing
        for _ in range(self.config.steps):
            judged = self._own.network.judge(encodings, lesson)
            fit = (1 - smoothing) * judged.log_prob.sum() + smoothing * judged.mean_log_prob.sum()
            away = torch.stack([((w - w0) ** 2).sum() for w, w0 in zip(self._learnt, self._start, strict=True)]).sum()
            loss = (self.config.prior * away - fit) / count
            self._adam.zero_grad()
            torch.autograd.backward(loss)
            self._adam.step()

    # --- the model ---------------------------------------------------------------------------------------

    def encode(self, position: Position) -> TableEncoded:
        """The work that all questions about a position share; the encoder runs once for all styles."""
        base = self._read(position)
        return TableEncoded(base, self._own.read_again(base))

    def sample(
        self,
        encoded: TableEncoded,
        power: int,
        count: int,
        rng: np.random.Generator,
        style: str = STYLES[0],
        temperature: float = 1.0,
        given: Mapping[int, Codes] = _NO_GIVEN,
        forced: Sequence[int] = (),
    ) -> list[Codes]:
        """See `PolicyModel.sample`."""
        model, its = self._asked(encoded, style)
        return model.sample(its, power, count, rng, style, temperature, given, forced)

    def draw(self, encoded: TableEncoded, wanted: Sequence[Draw], rng: np.random.Generator) -> list[Drawn]:
        """See `PolicyModel.draw`."""
        others = iter(self.base.draw(encoded.base, [draw for draw in wanted if draw.style != TABLE], rng))
        table = iter(self._own.draw(encoded.table, [draw for draw in wanted if draw.style == TABLE], rng))
        return [next(table if draw.style == TABLE else others) for draw in wanted]

    def log_probs(
        self,
        encoded: TableEncoded,
        power: int,
        actions: Sequence[Codes],
        style: str = STYLES[0],
        given: Mapping[int, Codes] = _NO_GIVEN,
    ) -> FloatArray:
        """See `PolicyModel.log_probs`."""
        model, its = self._asked(encoded, style)
        return model.log_probs(its, power, actions, style, given)

    def log_probs_all(
        self, encoded: TableEncoded, actions: Sequence[Sequence[Codes]], styles: Sequence[str] = STYLES[:1]
    ) -> list[FloatArray]:
        """See `PolicyModel.log_probs_all`."""
        others = [style for style in styles if style != TABLE]
        found = [np.empty((0, len(its))) for its in actions]
        if others:
            found = self.base.log_probs_all(encoded.base, actions, others)
        if TABLE not in styles:
            return found
        table = self._own.log_probs_all(encoded.table, actions, (TABLE,))
        place = list(styles).index(TABLE)
        return [np.insert(rows, place, row, axis=0) for rows, row in zip(found, table, strict=True)]

    def log_ties(
        self,
        encoded: TableEncoded,
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str = STYLES[0],
    ) -> FloatArray:
        """See `PolicyModel.log_ties`."""
        model, its = self._asked(encoded, style)
        return model.log_ties(its, actions, profiles, powers, style)

    def _asked(self, encoded: TableEncoded, style: str) -> tuple[PolicyModel, Encoded]:
        return (self._own, encoded.table) if style == TABLE else (self.base, encoded.base)

    def _read(self, position: Position) -> Encoded:
        """The encoding of a position; that of the last one is kept, to be learnt from once it was played."""
        if self._last is None or self._last.position != position:
            self._last = self.base.encode(position)
        return self._last


def with_own_head(network: PolicyNetwork) -> PolicyNetwork:
    """A network of the one style `TABLE`, at the mean of the others, that has all but its own parts in common."""
    common = [part for name, part in network.named_children() if name not in _OWN]
    made = copy.deepcopy(network, {id(part): part for part in (*common, network.place, network.relations)})
    made.config = replace(network.config, styles=(TABLE,))
    made.style = nn.Embedding(1, network.style.embedding_dim, _weight=network.style.weight.detach().mean(0, True))
    return made


def own_head(network: PolicyNetwork) -> list[nn.Parameter]:
    """The weights that the style has to itself."""
    return [weight for name in _OWN for weight in network.get_submodule(name).parameters()]


def save_acquaintance(network: PolicyNetwork, base: PolicyNetwork, path: Path) -> None:
    """Writes the style's own weights, and the mark of the network that it belongs to; complete or not at all."""
    own = {name: value for name, value in network.state_dict().items() if _is_own(name)}
    write_weights(own, path, {"format": _FORMAT, "network": _mark(base)})


def _load_acquaintance(path: Path | str, base: PolicyNetwork) -> Mapping[str, Tensor]:
    cure = "make one with `python -m training acquaintance`"
    stored = read_weights(path, "pt", _FORMAT, "an acquaintance", cure)
    if stored.header.get("network") != _mark(base):
        raise NetworkFileError(f"expected an acquaintance of the policy network in use in {path}, got another: {cure}")
    return stored.arrays


def _is_own(name: str) -> bool:
    return name.split(".")[0] in _OWN


def _mark(network: PolicyNetwork) -> str:
    """Tells networks apart by their weights."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _lesson(phases: Sequence[_Seen]) -> PolicyBatch:
    """What was ordered in some phases, as the network takes it."""
    slots = slots_of(Batch.of([seen.encoded.position for seen in phases], 1))
    rows = [[code for action in seen.played.values() for code in action] for seen in phases]
    codes = np.full((len(rows), max(map(len, rows))), -1, np.int32)
    styles = np.full((len(rows), len(POWERS)), -1, np.int8)
    for number, (row, seen) in enumerate(zip(rows, phases, strict=True)):
        codes[number, : len(row)] = row
        styles[number, list(seen.played)] = 0
    return policy_batch(slots, choices(slots, codes), styles)
