"""The value network in torch, for training and for batches on a GPU; play reads the same file without torch.

Each power sees the board from its own side.  Its features are rows of one table: for each centre who stands in it,
owns it and could reach it (144 classes, as seen by the power); builds due, centres owned, own units by place.  Their
sum is the first layer (as in efficiently updatable networks, Nasu 2018), the same for all powers; a second layer adds
the mean of all powers' first layers.  Its output corrects the logarithm of the hand-made threat value, from which the
network starts; a softmax over the living powers makes scores.  The claims of all centres share a part of their rows,
so that what is learnt at one centre helps at all.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from engine._core import Position
from planner._planner import BUILD_LEVELS, CLAIMS, LEAST_SCORE, OWN_LEVELS, Scoring, feature_rows
from planner.values import SCORINGS, VALUE_FORMAT, ThreatConfig, Value, network_value

_DEAD = -1e9


@dataclass(frozen=True)
class ValueShape:
    """Sizes of a value network."""

    width: int = 64
    """Of the first layer."""
    hidden: int = 32
    """Of the second layer."""


class ValueNetwork(nn.Module):
    """Features of the seven powers -> log scores under the three scorings.

    Args:
        start: any position of the board it is for.
        shape: its sizes.
    """

    def __init__(self, start: Position, shape: ValueShape | None = None) -> None:
        super().__init__()
        self.shape = shape or ValueShape()
        self.rows = feature_rows(start)
        self.centers = len(start.map.centers)
        width, hidden = self.shape.width, self.shape.hidden
        self.each = nn.Parameter(torch.randn(self.rows, width) * 0.02)
        self.shared = nn.Parameter(torch.randn(2 * CLAIMS + 1, width) * 0.1)
        self.bias = nn.Parameter(torch.zeros(width))
        self.own = nn.Linear(width, hidden)
        self.context = nn.Linear(width, hidden, bias=False)
        self.head = nn.Linear(hidden, len(SCORINGS), bias=False)
        nn.init.zeros_(self.head.weight)
        self.trust = nn.Parameter(torch.ones(len(SCORINGS), 2))
        self.nobody = nn.Parameter(torch.zeros(()))
        season = self.centers * CLAIMS + BUILD_LEVELS + OWN_LEVELS
        claims = torch.arange(self.centers * CLAIMS) % CLAIMS
        kind = torch.full((self.rows,), 2 * CLAIMS)
        for moves, first in enumerate((0, season)):
            kind[first : first + len(claims)] = claims + moves * CLAIMS
        used = torch.ones(self.rows, 1)
        used[-1] = 0
        shares = (kind < 2 * CLAIMS).float()[:, None]
        self._season = season
        self.register_buffer("_kind", kind, persistent=False)
        self.register_buffer("_used", used, persistent=False)
        self.register_buffer("_shares", shares, persistent=False)

    def table(self) -> Tensor:
        """``[rows, width]``: what each feature adds to the first layer; the last row is zero."""
        kind, used, shares = self.get_buffer("_kind"), self.get_buffer("_used"), self.get_buffer("_shares")
        return (self.each + self.shared[kind] * shares) * used

    def forward(self, features: Tensor, threat: Tensor) -> Tensor:
        """Log scores ``[B, 3, 7]`` under the scorings of `planner.values.SCORINGS`; a solo may go to nobody.

        Args:
            features: integers ``[B, 7, F]``, see `planner._planner.value_features`.
            threat: ``[B, 7]``: scores by the hand-made value.
        """
        batch, powers, _ = features.shape
        summed = functional.embedding_bag(features.reshape(batch * powers, -1), self.table(), mode="sum")
        first = functional.relu(summed + self.bias).view(batch, powers, -1)
        second = functional.relu(self.own(first) + self.context(first.mean(dim=1, keepdim=True)))
        seasons = (features[:, 0, self.centers + 1] >= self._season).long()
        trusted = self.trust.T[seasons][:, None] * torch.log(threat[:, :, None] + LEAST_SCORE)
        logits = self.head(second) + trusted
        logits = logits.masked_fill(self._dead(features)[:, :, None], _DEAD).transpose(1, 2)
        nobody = torch.full_like(logits[:, :, :1], _DEAD)
        nobody[:, SCORINGS.index(Scoring.SOLO)] = self.nobody
        return functional.log_softmax(torch.cat([logits, nobody], dim=2), dim=2)[:, :, :-1]

    def _dead(self, features: Tensor) -> Tensor:
        """``[B, 7]``: powers without centre and unit."""
        owned, unit = features[:, :, self.centers + 1], features[:, :, self.centers + 2]
        no_center = owned % self._season == self.centers * CLAIMS + BUILD_LEVELS
        return no_center & (unit == self.rows - 1)

    def arrays(self, correction: float = 1.0) -> dict[str, Tensor]:
        """The tensors of a value file; see `planner.values.load_value`.

        Args:
            correction: share of the network's correction; the rest is the hand-made value, by geometric mean.
        """
        nobody = torch.full((len(SCORINGS),), -1e30)
        nobody[SCORINGS.index(Scoring.SOLO)] = correction * self.nobody.detach()
        found = {
            "table": self.table(),
            "bias": self.bias,
            "own": self.own.weight.T,
            "context": self.context.weight.T,
            "inner": self.own.bias,
            "head": correction * self.head.weight,
            "nobody": nobody,
            "trust": correction * self.trust + (1 - correction),
        }
        return {name: tensor.detach().cpu().float().contiguous() for name, tensor in found.items()}

    def core(self, scoring: Scoring = Scoring.SUM_OF_SQUARES) -> Value:
        """The same network in C++, under one scoring."""
        return network_value({name: tensor.numpy() for name, tensor in self.arrays().items()}, scoring)

    def save(self, path: Path, half: bool = True, correction: float = 1.0) -> None:
        """Writes a value file, in half precision unless told otherwise; the file appears only once it is complete."""
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = self.arrays(correction)
        if half:
            arrays = {n: t.half() if n in ("table", "own", "context") else t for n, t in arrays.items()}
        fresh = path.with_suffix(".new")
        shape = {name: str(size) for name, size in asdict(self.shape).items()}
        save_file(
            arrays, str(fresh), metadata={"format": VALUE_FORMAT, "threat": json.dumps(asdict(ThreatConfig())), **shape}
        )
        fresh.rename(path)
