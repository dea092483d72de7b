"""The policy network: how likely each joint action of a power is, given the board and the kind of player.

A transformer over the 81 places of the standard map encodes a position once, for all powers and styles.  Orders
are embedded by their parts (form, and the encodings of the unit's, target's and aided unit's places), so any legal
order of any phase can be scored.  A GRU then decides over a power's slots (`planner.slots`) one after another.
Where actions of other powers are given, their orders are added to the places they touch and one more layer follows.

`PolicyNetwork` is the torch module, `PolicyModel` what a planner calls: numpy and tuples of order codes.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from engine._core import Batch, Position
from engine.types import POWERS, EngineError
from planner.candidates import Codes
from planner.geometry import DISBAND, HOLD, FloatArray, geometry
from planner.prior import STYLES
from planner.slots import (
    NO_ORDER,
    NO_ORDER_FORM,
    LongArray,
    Slots,
    allowed,
    forced_choices,
    locations_of,
    order_parts,
    slots_of,
)
from planner.values import NetworkFileError

_FORMAT = "cicero-lite policy network 1"
_RELATIONS = 5
"""Of two places: none, next to each other for armies, for fleets, for both, of the same province."""
_POWERS = len(POWERS)
_MOST_VIEWS = 64
"""Sets of given actions that an encoded position remembers."""
_NO_GIVEN: Mapping[int, Codes] = {}


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
class PolicyBatch:
    """Decisions that were taken in N positions, as tensors: Q seats with S slots and M choices.

    Encodings are those of N positions, then those of ``V - N`` positions again with some actions given: a view.
    """

    places: Tensor
    """uint8 ``[N, L, C]``"""
    board: Tensor
    """``[N, F]``"""
    given_position: Tensor
    """``[V - N]``: the positions that are seen again with actions given."""
    given_orders: Tensor
    """``[G, 5]``: view less N, form, location, target, aided of each given order."""
    orders: Tensor
    """``[M, 5]``: view, form, location, target, aided of each choice."""
    slot: Tensor
    """``[M]``: slot of each choice."""
    open: Tensor
    """bool ``[M]``: choices that could be taken."""
    chosen: Tensor
    """``[S]``: the choice that was taken in each slot."""
    first: Tensor
    """bool ``[S]``: the first slot of a seat."""
    slot_seat: Tensor
    """``[S]``"""
    slot_location: Tensor
    """``[S]``"""
    seat: Tensor
    """``[Q, 3]``: view, power, style, seats with more slots first."""
    slot_count: Tensor
    """``[Q]``"""
    packed: Tensor
    """``[S]``: slots in the order of a packed sequence, step by step."""
    packed_sizes: Tensor
    """``[T]``, on the CPU: seats that have a slot at each step."""

    def to(self, device: torch.device) -> PolicyBatch:
        """The same on a device; a GPU copies while the processor goes on."""
        moved = {name: value for name, value in vars(self).items() if name != "packed_sizes"}
        if device.type == "cuda":
            moved = {name: value.pin_memory() for name, value in moved.items()}
        moved = {name: value.to(device, non_blocking=True) for name, value in moved.items()}
        return replace(self, **moved)


@dataclass(frozen=True)
class Judged:
    """What the network thinks of the decisions of a `PolicyBatch`."""

    log_prob: Tensor
    """``[S]``: log-probability of what was chosen, the seat's earlier choices known."""
    mean_log_prob: Tensor
    """``[S]``: mean over the slot's open choices."""
    is_best: Tensor
    """bool ``[S]``: whether nothing is likelier."""


def policy_batch(
    slots: Slots, chosen: LongArray, styles: NDArray[np.int8], given: NDArray[np.bool_] | None = None
) -> PolicyBatch:
    """The seats to learn, or to judge, as tensors.

    Args:
        slots: of N positions.
        chosen: ``[S]``, as `planner.slots.choices` returns it; seats with a -1 are left out.
        styles: ``[N, 7]``: style number of each seat; -1 leaves it out.
        given: ``[N, 7]``: powers whose actions the others know.
    """
    count, size = slots.places.shape[:2]
    bad = np.zeros(len(slots.due), np.bool_)
    bad[slots.seat[chosen < 0]] = True
    lengths = np.diff(slots.seat_starts)
    gives = np.zeros(len(slots.due), np.bool_) if given is None else given.reshape(-1) & ~bad & (lengths > 0)
    informed = np.flatnonzero(gives.reshape(count, _POWERS).any(axis=1))
    view_of = np.arange(count)
    view_of[informed] = count + np.arange(len(informed))
    view = np.where(gives, np.arange(len(slots.due)) // _POWERS, np.repeat(view_of, _POWERS))

    # Seats with more slots first, slots of one seat together.
    wanted = np.flatnonzero((styles.reshape(-1) >= 0) & ~bad & (lengths > 0))
    wanted = wanted[np.argsort(-lengths[wanted], kind="stable")]
    length = lengths[wanted]
    slot_seat = np.repeat(np.arange(len(wanted)), length)
    begins = np.cumsum(length) - length
    rank = np.arange(len(slot_seat)) - begins[slot_seat]
    taken = slots.seat_starts[wanted][slot_seat] + rank
    packed = np.lexsort((slot_seat, rank))

    choice_count = np.diff(slots.starts)[taken]
    slot = np.repeat(np.arange(len(taken)), choice_count)
    choice_begins = np.cumsum(choice_count) - choice_count
    flat = np.arange(len(slot)) - choice_begins[slot] + slots.starts[taken][slot]
    orders = np.stack(
        [
            view[wanted][slot_seat][slot],
            slots.form[flat],
            slots.location[taken][slot],
            slots.target[flat],
            slots.aided[flat],
        ],
        axis=1,
    )
    told = np.flatnonzero(gives[slots.seat])
    told = told[slots.codes[chosen[told]] != NO_ORDER]
    place = locations_of(slots.codes[chosen[told]], size)
    given_orders = np.stack(
        [
            view_of[slots.seat[told] // _POWERS] - count,
            slots.form[chosen[told]],
            place,
            slots.target[chosen[told]],
            slots.aided[chosen[told]],
        ],
        axis=1,
    )
    safe = np.maximum(chosen, slots.starts[:-1])
    return PolicyBatch(
        places=torch.from_numpy(slots.places),
        board=torch.from_numpy(slots.board),
        given_position=torch.from_numpy(informed),
        given_orders=torch.from_numpy(given_orders),
        orders=torch.from_numpy(orders),
        slot=torch.from_numpy(slot),
        open=torch.from_numpy(allowed(slots, safe)[flat]),
        chosen=torch.from_numpy(chosen[taken] - slots.starts[taken] + choice_begins),
        first=torch.from_numpy(rank == 0),
        slot_seat=torch.from_numpy(slot_seat),
        slot_location=torch.from_numpy(slots.location[taken]),
        seat=torch.from_numpy(np.stack([view[wanted], wanted % _POWERS, styles.reshape(-1)[wanted]], axis=1)),
        slot_count=torch.from_numpy(length),
        packed=torch.from_numpy(packed),
        packed_sizes=torch.from_numpy(np.bincount(rank)),
    )


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
        encoding = self.encode(batch.places, batch.board)
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


@dataclass(frozen=True)
class _View:
    """Encodings of one position, with or without given actions."""

    places: Tensor
    """``[L, W]``"""
    orders: Tensor
    """``[M, W]``: embeddings of all choices."""
    overall: Tensor
    """``[W]``"""
    own: Tensor
    """``[7, W]``"""


@dataclass(frozen=True)
class Encoded:
    """A position with the work that all questions about it share; made by `PolicyModel.encode`."""

    position: Position
    slots: Slots
    _views: dict[tuple[tuple[int, Codes], ...], _View] = field(default_factory=dict, repr=False)
    _numbers: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict, repr=False)

    def slot_count(self, power: int) -> int:
        """Slots that the power decides over."""
        return int(self.slots.seat_starts[power + 1] - self.slots.seat_starts[power])

    def numbers(self, power: int) -> dict[int, tuple[int, int]]:
        """Order code -> (slot of the power, choice)."""
        if power not in self._numbers:
            first, last = self.slots.seat_starts[power], self.slots.seat_starts[power + 1]
            begin, end = int(self.slots.starts[first]), int(self.slots.starts[last])
            self._numbers[power] = {
                code: (int(slot), begin + number)
                for number, (code, slot) in enumerate(
                    zip(self.slots.codes[begin:end].tolist(), self.slots.slot[begin:end] - first, strict=True)
                )
                if code != NO_ORDER
            }
        return self._numbers[power]

    def choice(self, power: int, action: Codes) -> LongArray | None:
        """Choices ``[U]`` of an action; None if the power cannot give it."""
        first, last = self.slots.seat_starts[power], self.slots.seat_starts[power + 1]
        numbers = self.numbers(power)
        chosen = np.full(last - first, -1, np.int64)
        given = 0
        for code in action:
            found = numbers.get(code)
            if found is None:
                if code == _WAIVE_CODE:
                    continue
                return None
            given += chosen[found[0]] < 0
            chosen[found[0]] = found[1]
        for slot in np.flatnonzero(chosen < 0):
            bounds = self.slots.starts[first + slot : first + slot + 2]
            codes = self.slots.codes[bounds[0] : bounds[1]]
            kinds = np.where(codes == NO_ORDER, NO_ORDER, codes >> 8 & 15)
            idle = (codes == NO_ORDER) if self.slots.adjusts[0] else (kinds == HOLD) | (kinds == DISBAND)
            chosen[slot] = bounds[0] + int(idle.argmax())
        return chosen if not self.slots.adjusts[0] or given == self.slots.due[power] else None


_WAIVE_CODE = geometry("standard").core.order_code("WAIVE")


class PolicyModel:
    """A policy network as planners call it: positions and tuples of order codes, numpy arrays and generators.

    Actions are in the order of the units' locations.  All draws follow from the generator that is passed in.
    """

    def __init__(self, network: PolicyNetwork, device: str = "cpu", half: bool = False) -> None:
        """Wraps a network.

        Args:
            device: where it runs, as torch names it.
            half: encode in bfloat16: for GPUs, and processors with instructions for it; on others it is slower.
        """
        self.network = network.to(device).eval()
        self.device = torch.device(device)
        self.half = half

    @classmethod
    def load(cls, path: Path | str, device: str = "cpu", half: bool = False) -> PolicyModel:
        """The network in a file that `save_network` wrote.

        Raises:
            NetworkFileError: there is no such file, or it holds no policy network.
        """
        return cls(load_network(path), device, half)

    @property
    def styles(self) -> tuple[str, ...]:
        """Kinds of players that the network imitates."""
        return tuple(self.network.config.styles)

    def encode(self, position: Position) -> Encoded:
        """The work that all questions about a position share."""
        return self.encode_batch([position])[0]

    @torch.inference_mode()
    def encode_batch(self, positions: Sequence[Position]) -> list[Encoded]:
        """The same for several positions, encoded together.

        Raises:
            NetworkError: a position of another map.
        """
        if not positions:
            return []
        other = next((p.map.name for p in positions if p.map.name != "standard"), None)
        if other is not None:
            raise NetworkError(
                f"expected positions of the standard map, got one of {other!r}: the network knows no other"
            )
        slots = [slots_of(Batch.of([position], 1)) for position in positions]
        places = torch.from_numpy(np.concatenate([s.places for s in slots])).to(self.device)
        board = torch.from_numpy(np.concatenate([s.board for s in slots])).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            encodings = self.network.encode(places, board)
        made = []
        for position, its, encoding in zip(positions, slots, encodings.float(), strict=True):
            encoded = Encoded(position, its)
            encoded._views[()] = self._view(its, encoding)
            made.append(encoded)
        return made

    def sample(
        self,
        encoded: Encoded,
        power: int,
        count: int,
        rng: np.random.Generator,
        style: str = STYLES[0],
        temperature: float = 1.0,
        given: Mapping[int, Codes] = _NO_GIVEN,
        forced: Sequence[int] = (),
    ) -> list[Codes]:
        """Draws whole actions of one power, equal ones included.

        Args:
            count: how many.
            style: kind of player.
            temperature: below 1 likelier orders become likelier still.
            given: actions of other powers that are taken as known.
            forced: orders that every action has.

        Raises:
            NetworkError: an unknown style.
            ForcedOrderError: the power cannot give the forced orders together.
        """
        fixed = {power: forced_choices(encoded.slots, power, forced)} if forced else {}
        seats = [_Seat(power, self._style(style), count)]
        view = self._seen(encoded, power, given)
        return self._sample(encoded, view, seats, rng, temperature, fixed)[0]

    def sample_all(
        self,
        encoded: Encoded,
        count: int,
        rng: np.random.Generator,
        style: str | Sequence[str] = STYLES[0],
        temperature: float = 1.0,
    ) -> list[list[Codes]]:
        """The same for each of the seven powers, in one go; one style for all, or one for each."""
        styles = [style] * _POWERS if isinstance(style, str) else list(style)
        seats = [_Seat(power, self._style(styles[power]), count) for power in range(_POWERS)]
        return self._sample(encoded, encoded._views[()], seats, rng, temperature, {})

    def log_probs(
        self,
        encoded: Encoded,
        power: int,
        actions: Sequence[Codes],
        style: str = STYLES[0],
        given: Mapping[int, Codes] = _NO_GIVEN,
    ) -> FloatArray:
        """Log-probability ``[A]`` of each action; -inf for one that the power cannot give.

        Units of movement phases without an order hold, dislodged ones disband.
        """
        view = self._seen(encoded, power, given)
        return np.asarray(self._log_probs(encoded, view, [power], [actions], [self._style(style)])[0][0])

    def log_probs_all(
        self, encoded: Encoded, actions: Sequence[Sequence[Codes]], styles: Sequence[str] = STYLES[:1]
    ) -> list[FloatArray]:
        """Log-probabilities ``[S, A]`` for each power, of its actions under each style."""
        numbers = [self._style(style) for style in styles]
        return self._log_probs(encoded, encoded._views[()], range(_POWERS), actions, numbers)

    def _style(self, style: str) -> int:
        if style not in self.styles:
            near = difflib.get_close_matches(style, self.styles, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise NetworkError(f"expected a style of this network ({', '.join(self.styles)}), got {style!r}{hint}")
        return self.styles.index(style)

    def _view(self, slots: Slots, encoding: Tensor) -> _View:
        """Embeds the choices of one position, whose encoding is ``[L, W]``."""
        orders = np.stack(
            [np.zeros(len(slots.codes), np.int64), slots.form, slots.location[slots.slot], slots.target, slots.aided],
            axis=1,
        )
        embedded = self.network.embed(encoding[None], torch.from_numpy(orders).to(self.device))
        own = torch.zeros(_POWERS, encoding.shape[1], device=self.device)
        own = own.index_add(0, self._at(slots.seat), encoding[self._at(slots.location)])
        lengths = self._at(np.maximum(np.diff(slots.seat_starts), 1))
        return _View(encoding, embedded, encoding.mean(0), own / lengths[:, None])

    def _at(self, numbers: LongArray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(numbers)).to(self.device)

    @torch.inference_mode()
    def _seen(self, encoded: Encoded, power: int, given: Mapping[int, Codes]) -> _View:
        """The view of a power that knows the given actions; its own count for nothing."""
        known = tuple(sorted((other, tuple(action)) for other, action in given.items() if other != power and action))
        if known not in encoded._views:
            codes = np.array([code for _, action in known for code in action if code != _WAIVE_CODE], np.int32)
            size = encoded.slots.places.shape[1]
            form, target, aided = order_parts(codes, size)
            none = np.zeros(len(codes), np.int64)
            orders = np.stack([none, form, locations_of(codes, size), target, aided], axis=1)
            plain = encoded._views[()].places
            told = self.network.informed(plain[None], self._at(orders))[0] if len(codes) else plain
            if len(encoded._views) > _MOST_VIEWS:  # the first is the plain one, which stays
                del encoded._views[list(encoded._views)[1]]
            encoded._views[known] = self._view(encoded.slots, told)
        return encoded._views[known]

    def _sample(
        self,
        encoded: Encoded,
        view: _View,
        seats: Sequence[_Seat],
        rng: np.random.Generator,
        temperature: float,
        fixed: Mapping[int, LongArray],
    ) -> list[list[Codes]]:
        if temperature <= 0:
            raise NetworkError(f"expected a temperature above 0, got {temperature}")
        steps = max((encoded.slot_count(seat.power) for seat in seats), default=0)
        drawn = rng.random((steps, sum(seat.count for seat in seats)), np.float32)
        _, chosen = self._decide(encoded, view, seats, temperature, fixed, uniform=drawn)
        codes = np.where(chosen < 0, NO_ORDER, encoded.slots.codes[chosen]) if len(encoded.slots.codes) else chosen
        actions, begin = [], 0
        for seat in seats:
            rows = codes[begin : begin + seat.count].tolist()
            actions.append([tuple([code for code in row if code != NO_ORDER]) for row in rows])
            begin += seat.count
        return actions

    def _log_probs(
        self,
        encoded: Encoded,
        view: _View,
        powers: Sequence[int],
        actions: Sequence[Sequence[Codes]],
        styles: Sequence[int],
    ) -> list[FloatArray]:
        steps = max(encoded.slot_count(power) for power in powers)
        seats: list[_Seat] = []
        blocks: list[LongArray] = []
        possible: list[NDArray[np.bool_]] = []
        for power, its in zip(powers, actions, strict=True):
            found = [encoded.choice(power, action) for action in its]
            block = np.full((len(its), steps), -1, np.int64)
            for row, choice in zip(block, found, strict=True):
                if choice is None:  # any action that the power can give will do: what comes out is not used
                    choice = _some_choice(encoded.slots, power)
                row[: len(choice)] = choice
            possible.append(np.array([choice is not None for choice in found], np.bool_))
            seats += [_Seat(power, style, len(its)) for style in styles]
            blocks += [block] * len(styles)
        total, _ = self._decide(encoded, view, seats, 1.0, {}, known=np.concatenate(blocks))
        results: list[FloatArray] = []
        begin = 0
        for mask in possible:
            found_log = total[begin : begin + len(styles) * len(mask)].reshape(len(styles), len(mask))
            results.append(np.where(mask, found_log, -np.inf))
            begin += len(styles) * len(mask)
        return results

    @torch.inference_mode()
    def _decide(
        self,
        encoded: Encoded,
        view: _View,
        seats: Sequence[_Seat],
        temperature: float,
        fixed: Mapping[int, LongArray],
        uniform: NDArray[np.float32] | None = None,
        known: LongArray | None = None,
    ) -> tuple[FloatArray, LongArray]:
        """Runs the decoder over the slots of some seats, each with as many rows as its count.

        Args:
            fixed: power -> the choice ``[U]`` of each slot, -1 where it is free.
            uniform: ``[steps, R]`` numbers in [0, 1) that decide; or
            known: ``[R, steps]`` the choices taken.

        Returns:
            Log-probabilities ``[R]`` of the choices, and the choices ``[R, steps]``, -1 after a seat's last slot.
        """
        slots, net = encoded.slots, self.network
        steps = max((encoded.slot_count(seat.power) for seat in seats), default=0)
        counts = np.array([seat.count for seat in seats], np.int64)
        rows = int(counts.sum())
        total, chosen = np.zeros(rows), np.full((rows, steps), -1, np.int64)
        if not rows or not steps:
            return total, chosen
        # Rows of seats with more slots come first, so that those still at work are always the first rows.
        by_length = sorted(range(len(seats)), key=lambda n: -encoded.slot_count(seats[n].power))
        first_row = np.cumsum(counts) - counts
        order = np.concatenate([np.arange(first_row[n], first_row[n] + counts[n]) for n in by_length])
        inner_seats, counts = [seats[n] for n in by_length], counts[by_length]
        powers = np.array([seat.power for seat in inner_seats], np.int64)
        lengths = np.array([encoded.slot_count(seat.power) for seat in inner_seats], np.int64)
        of_row = np.repeat(np.arange(len(inner_seats)), counts)
        power_at, style_at = self._at(powers), self._at(np.array([s.style for s in inner_seats], np.int64))
        state, constant = net.begin(view.overall.expand(len(powers), -1), view.own[power_at], power_at, style_at)
        rows_at = self._at(of_row)
        state, before = state[rows_at], torch.zeros(rows, state.shape[1], device=self.device)
        given = np.zeros(rows, np.int64)
        sums = torch.zeros(rows, dtype=torch.float64, device=self.device)
        weights = cast(tuple[Tensor, Tensor, Tensor, Tensor], net.gru.all_weights[0])
        for step in range(steps):
            active = int((lengths > step).sum())
            live = int(counts[:active].sum())
            at = slots.seat_starts[powers[:active]] + step
            where = view.places[self._at(slots.location[at])]
            inputs = torch.cat([(where + constant[:active])[rows_at[:live]], before[:live]], -1)
            state = torch.gru_cell(inputs, state[:live], *weights)
            query = net.ask(state, where[rows_at[:live]])
            columns, owner = _columns_of(slots, powers[:active], step)
            logits = query @ view.orders[self._at(columns)].T
            open_to = powers[of_row[:live], None] == owner
            if slots.adjusts[0]:
                skips = slots.codes[columns] == NO_ORDER
                later = np.array([(fixed[p][step + 1 :] >= 0).sum() if p in fixed else 0 for p in powers[:active]])
                needed = slots.due[powers[of_row[:live]]] - given[:live]
                may_order, may_skip = needed > later[of_row[:live]], needed < (lengths - step)[of_row[:live]]
                open_to &= np.where(skips, may_skip[:, None], may_order[:, None])
            for power, choice in fixed.items():
                if step < len(choice) and choice[step] >= 0:
                    open_to[powers[of_row[:live]] == power] = columns == choice[step]
            logits = logits.masked_fill(~torch.from_numpy(open_to).to(self.device), -torch.inf)
            if uniform is not None:
                shares = torch.softmax(logits / temperature, -1).cumsum(-1)
                # Never the whole of it: the last open choice stays the last.
                limit = torch.from_numpy(np.minimum(uniform[step, order[:live]], 1 - 2.0**-20)).to(self.device)
                picked = (shares > (limit * shares[:, -1])[:, None]).to(torch.uint8).argmax(-1)
                number = columns[picked.cpu().numpy()]
            else:
                assert known is not None
                number = known[order[:live], step]
                place = np.argsort(columns, kind="stable")
                picked = self._at(place[np.searchsorted(columns[place], number)])
                sums[:live] += torch.log_softmax(logits, -1).gather(1, picked[:, None])[:, 0]
            before = view.orders[self._at(number)]
            given[:live] += slots.codes[number] != NO_ORDER
            chosen[order[:live], step] = number
        total[order] = sums.cpu().numpy()
        return total, chosen


@dataclass(frozen=True)
class _Seat:
    """A power to decide for, in a style, so many times."""

    power: int
    style: int
    count: int


def _columns_of(slots: Slots, powers: LongArray, step: int) -> tuple[LongArray, LongArray]:
    """Choices ``[O]`` of the slots that some powers decide at one step, and whose they are ``[O]``."""
    columns, owners = [], []
    for power in dict.fromkeys(powers.tolist()):
        slot = slots.seat_starts[power] + step
        columns.append(np.arange(slots.starts[slot], slots.starts[slot + 1]))
        owners.append(np.full(len(columns[-1]), power))
    return np.concatenate(columns), np.concatenate(owners)


def _some_choice(slots: Slots, power: int) -> LongArray:
    """A choice ``[U]`` that is legal for every slot: the first orders, as many as are due, then none."""
    first, last = slots.seat_starts[power], slots.seat_starts[power + 1]
    chosen = slots.starts[first:last].copy()
    if slots.adjusts[0]:
        chosen[slots.due[power] :] = slots.starts[first + 1 : last + 1][slots.due[power] :] - 1
    return chosen


def save_network(network: PolicyNetwork, path: Path | str) -> None:
    """Writes the weights as safetensors with the configuration in the header; complete or not at all."""
    path = Path(path)
    fresh = path.with_name(path.name + ".new")
    weights = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    save_file(weights, fresh, metadata={"format": _FORMAT, "config": json.dumps(asdict(network.config))})
    fresh.replace(path)


def load_network(path: Path | str) -> PolicyNetwork:
    """The network in a file that `save_network` wrote.

    Raises:
        NetworkFileError: there is no such file, or it holds no policy network.
    """
    cure = "make one with `python -m training imitation`"
    try:
        with safe_open(str(path), framework="pt") as stored:
            header: dict[str, str] = stored.metadata() or {}
            weights: dict[str, Any] = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise NetworkFileError(f"expected a policy network in {path}, got no such file: {cure}") from None
    except (SafetensorError, OSError) as error:
        raise NetworkFileError(f"expected a policy network (safetensors) in {path}, got {error}: {cure}") from None
    if header.get("format") != _FORMAT:
        raise NetworkFileError(
            f"expected {_FORMAT!r} in the header of {path}, got {header.get('format')!r}: another kind of file; {cure}"
        )
    try:
        stored_config = json.loads(header["config"])
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
