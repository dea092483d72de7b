"""The policy network: how likely each joint action of a power is, given the board and the kind of player.

A transformer over the 81 places of the standard map encodes a position once, for all powers and styles.  Orders
are embedded by their parts (form, and the encodings of the unit's, target's and aided unit's places), so any legal
order of any phase can be scored.  A GRU then decides over a power's slots (`planner.slots`) one after another.
Where actions of other powers are given, their orders are added to the places they touch and one more layer follows.

The torch module and its file; `planner.policy_model` is what a planner calls, `planner.decisions` what it learns from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from engine.types import POWERS, EngineError
from planner.decisions import PolicyBatch
from planner.geometry import geometry
from planner.prior import STYLES
from planner.slots import NO_ORDER_FORM
from planner.weight_files import NetworkFileError, read_weights

_FORMAT = "cicero-lite policy network 1"
_RELATIONS = 5
"""Of two places: none, next to each other for armies, for fleets, for both, of the same province."""
_POWERS = len(POWERS)


class NetworkError(EngineError, ValueError):
    """A mistake in using a policy network."""


@dataclass(frozen=True)
class PolicyConfig:
    """Shape of a policy network."""

    width: int = 96
    """Width of every vector."""
    layers: int = 4
    """Transformer layers of the encoder."""
    heads: int = 4
    """Attention heads; they divide the width."""
    expansion: int = 2
    """Width of the feed-forward parts, in widths."""
    dropout: float = 0.0
    """Share of values dropped in training."""
    styles: tuple[str, ...] = STYLES
    """Kinds of players told apart."""

    def __post_init__(self) -> None:
        if min(self.width, self.layers, self.heads, self.expansion) < 1 or self.width % self.heads:
            raise NetworkError(
                f"expected sizes of at least 1 and heads that divide the width, got {self.width=}, {self.layers=}, "
                f"{self.heads=}, {self.expansion=}"
            )
        if not self.styles or len(set(self.styles)) < len(self.styles):
            raise NetworkError(f"expected different styles, at least one, got {self.styles!r}")


@dataclass(frozen=True)
class Judged:
    """What the network thinks of the decisions of a `PolicyBatch`."""

    log_prob: Tensor
    """``[S]``: log-probability of what was chosen, the seat's earlier choices known."""
    mean_log_prob: Tensor
    """``[S]``: mean over the slot's open choices."""
    is_best: Tensor
    """bool ``[S]``: whether nothing is likelier."""


class PlaceLayer(nn.Module):
    """One transformer layer over the places, with an attention bias learnt for each relation of two places."""

    def __init__(self, config: PolicyConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.norm = nn.LayerNorm(width)
        self.mixed = nn.Linear(width, 3 * width)
        self.bias = nn.Parameter(torch.zeros(_RELATIONS, config.heads))
        self.out = nn.Linear(width, width)
        self.forward_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, config.expansion * width)
        self.narrow = nn.Linear(config.expansion * width, width)

    def forward(self, x: Tensor, relations: Tensor) -> Tensor:
        """``[B, L, W]`` of ``[B, L, W]``; relations are one-hot ``[L, L, R]``."""
        count, size, width = x.shape
        mixed = self.mixed(self.norm(x)).view(count, size, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        bias = (relations @ self.bias).permute(2, 0, 1).to(query.dtype)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias[None])
        x = x + self._dropped(self.out(seen.transpose(1, 2).reshape(count, size, width)))
        return x + self._dropped(self.narrow(functional.gelu(self.widen(self.forward_norm(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training) if self.dropout else x


class PolicyNetwork(nn.Module):
    """Encoder, order embedding and decoder; see the module."""

    relations: Tensor

    def __init__(self, config: PolicyConfig) -> None:
        super().__init__()
        self.config = config
        board = geometry("standard")
        width, size = config.width, len(board.locations)
        self.place_in = nn.Linear(len(board.core.place_columns), width)
        self.board_in = nn.Linear(len(board.core.board_columns), width)
        self.place = nn.Parameter(0.1 * torch.randn(size, width))
        self.layers = nn.ModuleList(PlaceLayer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.parts = nn.Linear(width, 3 * width, bias=False)
        self.form = nn.Embedding(NO_ORDER_FORM + 1, width)
        self.order_out = nn.Linear(width, width)
        self.given_out = nn.Linear(width, 3 * width)
        self.given_layer = PlaceLayer(config)
        self.given_norm = nn.LayerNorm(width)
        self.power = nn.Embedding(_POWERS, 2 * width)
        self.style = nn.Embedding(len(config.styles), 2 * width)
        self.pooled = nn.Linear(2 * width, width)
        self.gru = nn.GRU(2 * width, width)
        self.query = nn.Linear(2 * width, width)
        relations = np.zeros((size, size), np.int64)
        relations[board.army], relations[board.fleet], relations[board.army & board.fleet] = 1, 2, 3
        relations[board.province_of_location[:, None] == board.province_of_location] = 4
        one_hot = functional.one_hot(torch.from_numpy(relations), _RELATIONS).float()
        self.register_buffer("relations", one_hot, persistent=False)

    def encode(self, places: Tensor, board: Tensor) -> Tensor:
        """Encodings ``[N, L, W]`` of positions as ``Batch.encode`` writes them."""
        x = self.place_in(places.to(board.dtype)) + self.place + self.board_in(board)[:, None]
        for layer in self.layers:
            x = layer(x, self.relations)
        return cast(Tensor, self.norm(x))

    def embed(self, encoding: Tensor, orders: Tensor) -> Tensor:
        """Embeddings ``[M, W]`` of orders.

        Args:
            encoding: ``[V, L, W]``.
            orders: ``[M, 5]``: view, form, location, target, aided; a place of L stands for none.
        """
        views, size, width = encoding.shape
        # A row of zeros stands for no place.
        parts = functional.pad(self.parts(encoding), (0, 0, 0, 1)).view(views * (size + 1), 3, width)
        view, form, location, target, aided = orders.unbind(1)
        base = view * (size + 1)
        unit, there, helped = parts.unbind(1)
        mixed = self.form(form) + unit[base + location] + there[base + target] + helped[base + aided]
        return cast(Tensor, self.order_out(functional.gelu(mixed)))

    def informed(self, encoding: Tensor, given_orders: Tensor) -> Tensor:
        """Encodings ``[V, L, W]`` with given orders ``[G, 5]``, whose embeddings are added where they touch."""
        views, size, width = encoding.shape
        pieces = self.given_out(self.embed(encoding, given_orders))
        base = given_orders[:, :1] * (size + 1) + given_orders[:, 2:]
        added = torch.zeros(views * (size + 1), width, dtype=pieces.dtype, device=pieces.device)
        added = added.index_add(0, base.reshape(-1), pieces.reshape(-1, width))
        x = encoding + added.view(views, size + 1, width)[:, :size]
        return cast(Tensor, self.given_norm(self.given_layer(x, self.relations)))

    def begin(self, overall: Tensor, own: Tensor, power: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """First state and constant input of the decoder, each ``[Q, W]``.

        Args:
            overall, own: ``[Q, W]``: mean encoding of all places, and of those of the seat's slots.
        """
        who = self.power(power) + self.style(style)
        state, constant = who.chunk(2, dim=-1)
        return torch.tanh(state + self.pooled(torch.cat([overall, own], -1))), constant

    def ask(self, state: Tensor, where: Tensor) -> Tensor:
        """Query ``[Q, W]`` of decoder states for the slots at encodings ``where``; scaled for the dot product."""
        return cast(Tensor, self.query(torch.cat([state, where], -1))) / math.sqrt(self.config.width)

    def forward(self, batch: PolicyBatch) -> Judged:
        """How likely the decisions of a batch are."""
        return self.judge(self.encode(batch.places, batch.board), batch)

    def judge(self, encoding: Tensor, batch: PolicyBatch) -> Judged:
        """The same, its positions being encoded."""
        if len(batch.given_position):
            told = self.informed(encoding[batch.given_position], batch.given_orders)
            encoding = torch.cat([encoding, told.to(encoding.dtype)])
        embedded = self.embed(encoding, batch.orders)
        view, power, style = batch.seat.unbind(1)
        where = encoding[view[batch.slot_seat], batch.slot_location]
        own = torch.zeros(len(view), where.shape[1], dtype=where.dtype, device=where.device)
        own = own.index_add(0, batch.slot_seat, where)
        own = own / batch.slot_count[:, None].to(own.dtype)
        state, constant = self.begin(encoding.mean(1)[view], own, power, style)
        before = embedded[batch.chosen].roll(1, 0).masked_fill(batch.first[:, None], 0.0)
        inputs = torch.cat([where + constant[batch.slot_seat], before], -1)
        packed = PackedSequence(inputs[batch.packed], batch.packed_sizes)
        states = self.gru(packed, state[None].to(inputs.dtype))[0].data
        back = torch.empty_like(batch.packed)
        back[batch.packed] = torch.arange(len(back), device=back.device)
        query = self.ask(states[back], where)
        logits = (query[batch.slot] * embedded).sum(-1).float().masked_fill(~batch.open, -torch.inf)
        return _judged(logits, batch)


def _judged(logits: Tensor, batch: PolicyBatch) -> Judged:
    """Softmax within each slot; logits ``[M]``."""
    count = len(batch.chosen)
    top = torch.full((count,), -torch.inf, device=logits.device)
    top = top.scatter_reduce(0, batch.slot, logits.detach(), "amax")
    zeros = torch.zeros(count, device=logits.device)
    total = zeros.index_add(0, batch.slot, torch.exp(logits - top[batch.slot]))
    log_total = torch.log(total) + top
    opened = zeros.index_add(0, batch.slot, batch.open.float())
    mean = zeros.index_add(0, batch.slot, logits.masked_fill(~batch.open, 0.0)) / opened - log_total
    picked = logits[batch.chosen]
    return Judged(picked - log_total, mean, picked >= top)


def save_network(network: PolicyNetwork, path: Path | str) -> None:
    """Writes the weights as safetensors with the configuration in the header; complete or not at all."""
    write_weights(network.state_dict(), path, {"format": _FORMAT, "config": json.dumps(asdict(network.config))})


def write_weights(weights: Mapping[str, Tensor], path: Path | str, header: Mapping[str, str]) -> None:
    """Writes a file that `planner.weight_files.read_weights` reads; complete or not at all."""
    path = Path(path)
    fresh = path.with_name(path.name + ".new")
    plain = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
    save_file(plain, fresh, metadata=dict(header))
    fresh.replace(path)


def load_network(path: Path | str) -> PolicyNetwork:
    """The network in a file that `save_network` wrote.

    Raises:
        NetworkFileError: there is no such file, or it holds no policy network.
    """
    cure = "make one with `python -m training imitation`"
    stored = read_weights(path, "pt", _FORMAT, "a policy network", cure)
    weights = {name: value.float() for name, value in stored.arrays.items()}
    try:
        stored_config = json.loads(stored.header["config"])
        config = PolicyConfig(**{**stored_config, "styles": tuple(stored_config["styles"])})
        network = PolicyNetwork(config)
        network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        problem = str(error).splitlines()[0]
        raise NetworkFileError(
            f"expected weights that fit the configuration in {path}, got {problem}: {cure}"
        ) from None
    broken = next((name for name, value in weights.items() if not torch.isfinite(value).all()), None)
    if broken is not None:
        raise NetworkFileError(f"expected finite weights in {path}, got others in {broken}: {cure}")
    return network
