"""The policy network as planners call it: positions and tuples of order codes, numpy arrays and generators."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine._core import Batch, Position
from engine.types import POWERS
from planner.candidates import Codes
from planner.decisions import informed_batch
from planner.encoded import WAIVE_CODE, Encoded, View
from planner.geometry import BoolArray, FloatArray, IntArray, same_board
from planner.network import NetworkError, PolicyNetwork, load_network
from planner.prior import STYLES, Draw, Drawn
from planner.slots import NO_ORDER, LongArray, Slots, forced_choices, locations_of, order_parts, slots_of

_POWERS = len(POWERS)
_MOST_VIEWS = 64
"""Sets of given actions that an encoded position remembers."""
_NO_GIVEN: Mapping[int, Codes] = {}


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
        other = next((p.map.name for p in positions if not same_board(p.map.name)), None)
        if other is not None:
            raise NetworkError(
                f"expected positions of the standard board, got one of {other!r}: the network knows no other"
            )
        slots = [slots_of(Batch.of([position], 1)) for position in positions]
        places = torch.from_numpy(np.concatenate([s.places for s in slots])).to(self.device)
        board = torch.from_numpy(np.concatenate([s.board for s in slots])).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            encodings = self.network.encode(places, board)
        made = []
        for position, its, encoding in zip(positions, slots, encodings.float(), strict=True):
            encoded = Encoded(position, its)
            encoded.views[()] = self._view(its, encoding)
            made.append(encoded)
        return made

    @torch.inference_mode()
    def read_again(self, encoded: Encoded) -> Encoded:
        """A position that a network of the same encoder has read, as this one reads it: no second encoding."""
        again = Encoded(encoded.position, encoded.slots)
        again.views[()] = self._view(encoded.slots, encoded.views[()].places)
        return again

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
        wanted = [Draw(power, style, count, temperature)]
        return self._draw(encoded, self._seen(encoded, power, given), wanted, rng, fixed)[0].actions

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
        wanted = [Draw(power, its, count, temperature) for power, its in enumerate(styles)]
        return [drawn.actions for drawn in self.draw(encoded, wanted, rng)]

    def draw(self, encoded: Encoded, wanted: Sequence[Draw], rng: np.random.Generator) -> list[Drawn]:
        """Draws actions of several powers, styles and temperatures in one go.

        Raises:
            NetworkError: an unknown style, or a temperature of 0 or less.
        """
        return self._draw(encoded, encoded.views[()], wanted, rng, {})

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
        return self._log_probs(encoded, encoded.views[()], range(_POWERS), actions, numbers)

    @torch.inference_mode()
    def log_ties(
        self,
        encoded: Encoded,
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str = STYLES[0],
    ) -> FloatArray:
        """How well actions go together: ``log p(a_1, a_2, ...) − Σ_j log p(a_j)``, ``[K]``, in a movement phase.

        The joint probability is that of each power's action when those of the powers before it are given.

        Args:
            actions: of each of the seven powers, legal ones.
            profiles: ``[K, 7]``: numbers of actions.
            powers: those whose actions count.
        """
        ties = np.zeros(len(profiles))
        powers = [power for power in powers if encoded.slot_count(power)]
        chosen = {p: np.array([encoded.choice(p, action) for action in actions[p]], np.int64) for p in powers}
        alone = self.log_probs_all(encoded, [its if p in chosen else () for p, its in enumerate(actions)], (style,))
        plain = encoded.views[()].places[None]
        for number, power in enumerate(powers[1:], 1):
            # Joint actions that begin alike are asked about once.
            rows, place = np.unique(profiles[:, powers[: number + 1]], axis=0, return_inverse=True)
            known, view = np.unique(rows[:, :-1], axis=0, return_inverse=True)
            told = np.hstack([chosen[p][known[:, column]] for column, p in enumerate(powers[:number])])
            batch = informed_batch(encoded.slots, power, self._style(style), chosen[power][rows[:, -1]], view, told)
            log_prob = self.network.judge(plain, batch.to(self.device)).log_prob.cpu().numpy()
            given = log_prob.astype(np.float64).reshape(len(rows), -1).sum(axis=1)
            ties += (given - alone[power][0][rows[:, -1]])[place]
        return ties

    def _style(self, style: str) -> int:
        if style not in self.styles:
            near = difflib.get_close_matches(style, self.styles, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise NetworkError(f"expected a style of this network ({', '.join(self.styles)}), got {style!r}{hint}")
        return self.styles.index(style)

    def _view(self, slots: Slots, encoding: Tensor) -> View:
        """Embeds the choices of one position, whose encoding is ``[L, W]``."""
        orders = np.stack(
            [np.zeros(len(slots.codes), np.int64), slots.form, slots.location[slots.slot], slots.target, slots.aided],
            axis=1,
        )
        embedded = self.network.embed(encoding[None], torch.from_numpy(orders).to(self.device))
        own = torch.zeros(_POWERS, encoding.shape[1], device=self.device)
        own = own.index_add(0, self._at(slots.seat), encoding[self._at(slots.location)])
        lengths = self._at(np.maximum(np.diff(slots.seat_starts), 1))
        return View(encoding, embedded, encoding.mean(0), own / lengths[:, None])

    def _at(self, numbers: LongArray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(numbers)).to(self.device)

    @torch.inference_mode()
    def _seen(self, encoded: Encoded, power: int, given: Mapping[int, Codes]) -> View:
        """The view of a power that knows the given actions; its own count for nothing."""
        known = tuple(sorted((other, tuple(action)) for other, action in given.items() if other != power and action))
        if known not in encoded.views:
            codes = np.array([code for _, action in known for code in action if code != WAIVE_CODE], np.int32)
            size = encoded.slots.places.shape[1]
            form, target, aided = order_parts(codes, size)
            none = np.zeros(len(codes), np.int64)
            orders = np.stack([none, form, locations_of(codes, size), target, aided], axis=1)
            plain = encoded.views[()].places
            told = self.network.informed(plain[None], self._at(orders))[0] if len(codes) else plain
            if len(encoded.views) > _MOST_VIEWS:  # the first is the plain one, which stays
                del encoded.views[list(encoded.views)[1]]
            encoded.views[known] = self._view(encoded.slots, told)
        return encoded.views[known]

    def _draw(
        self,
        encoded: Encoded,
        view: View,
        wanted: Sequence[Draw],
        rng: np.random.Generator,
        fixed: Mapping[int, LongArray],
    ) -> list[Drawn]:
        cold = next((draw.temperature for draw in wanted if draw.temperature <= 0), None)
        if cold is not None:
            raise NetworkError(f"expected a temperature above 0, got {cold}")
        seats = [_Seat(draw.power, self._style(draw.style), draw.count, draw.temperature) for draw in wanted]
        steps = max((encoded.slot_count(seat.power) for seat in seats), default=0)
        uniform = rng.random((steps, sum(seat.count for seat in seats)), np.float32)
        total, chosen = self._decide(encoded, view, seats, fixed, uniform=uniform)
        codes = np.where(chosen < 0, NO_ORDER, encoded.slots.codes[chosen]) if len(encoded.slots.codes) else chosen
        drawn, begin = [], 0
        for seat in seats:
            end = begin + seat.count
            rows = codes[begin:end].tolist()
            actions = [tuple([code for code in row if code != NO_ORDER]) for row in rows]
            drawn.append(Drawn(actions, total[begin:end]))
            begin = end
        return drawn

    def _log_probs(
        self,
        encoded: Encoded,
        view: View,
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
                    choice = _some_choice(encoded.slots, power).tolist()
                row[: len(choice)] = choice
            possible.append(np.array([choice is not None for choice in found], np.bool_))
            seats += [_Seat(power, style, len(its)) for style in styles]
            blocks += [block] * len(styles)
        total, _ = self._decide(encoded, view, seats, {}, known=np.concatenate(blocks))
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
        view: View,
        seats: Sequence[_Seat],
        fixed: Mapping[int, LongArray],
        uniform: NDArray[np.float32] | None = None,
        known: LongArray | None = None,
    ) -> tuple[FloatArray, LongArray]:
        """Runs the decoder over the slots of some seats, each with as many rows as its count.

        Rows of one power and style that have chosen alike so far are one *node*, for which the network is asked once.

        Args:
            fixed: power -> the choice ``[U]`` of each slot, -1 where it is free.
            uniform: ``[steps, R]`` numbers in [0, 1) that decide; or
            known: ``[R, steps]`` the choices taken.

        Returns:
            Log-probabilities ``[R]`` of the choices, and the choices ``[R, steps]``, -1 after a seat's last slot.
        """
        slots, net = encoded.slots, self.network
        counts = [seat.count for seat in seats]
        lengths = np.repeat([encoded.slot_count(seat.power) for seat in seats], counts)
        steps = int(lengths.max(initial=0))
        total, chosen = np.zeros(len(lengths)), np.full((len(lengths), steps), -1, np.int64)
        # Rows with more slots come first, so that those still at work are always the first rows.
        rows = np.argsort(-lengths, kind="stable")[: int((lengths > 0).sum())]
        if not len(rows):
            return total, chosen
        styles = len(self.styles)
        kinds = np.repeat(np.array([seat.power * styles + seat.style for seat in seats]), counts)[rows]
        temperatures = np.repeat([seat.temperature for seat in seats], counts)[rows]
        nodes, node = np.unique(kinds, return_inverse=True)
        powers = nodes // styles
        power_at = self._at(powers)
        state, constant = net.begin(
            view.overall.expand(len(nodes), -1), view.own[power_at], power_at, self._at(nodes % styles)
        )
        before, given = torch.zeros_like(state), np.zeros(len(nodes), np.int64)
        weights = cast(tuple[Tensor, Tensor, Tensor, Tensor], net.gru.all_weights[0])
        for step in range(steps):
            where = view.places[self._at(slots.location[slots.seat_starts[powers] + step])]
            state = torch.gru_cell(torch.cat([where + constant, before], -1), state, *weights)
            columns, owner = _columns_of(slots, powers, step)
            shut = torch.from_numpy(~_open(slots, fixed, step, powers, given, columns, owner)).to(self.device)
            logits = net.ask(state, where) @ view.orders[self._at(columns)].T
            log_shares = torch.log_softmax(logits.masked_fill(shut, -torch.inf), -1).cpu().numpy()
            if uniform is not None:
                picked = _picked(log_shares, node, temperatures[: len(rows)], uniform[step, rows])
            else:
                assert known is not None
                place = np.argsort(columns, kind="stable")
                picked = place[np.searchsorted(columns[place], known[rows, step])]
            total[rows] += log_shares[node, picked]
            chosen[rows, step] = columns[picked]
            # Where rows of a node chose differently, they go on as different ones.
            rows = rows[lengths[rows] > step + 1]
            branches, node = np.unique((node * len(columns) + picked)[: len(rows)], return_inverse=True)
            parents, numbers = branches // len(columns), columns[branches % len(columns)]
            parents_at = self._at(parents)
            state, constant, before = state[parents_at], constant[parents_at], view.orders[self._at(numbers)]
            powers, given = powers[parents], given[parents] + (slots.codes[numbers] != NO_ORDER)
        return total, chosen


@dataclass(frozen=True)
class _Seat:
    """A power to decide for, in a style, so many times."""

    power: int
    style: int
    count: int
    temperature: float = 1.0


def _columns_of(slots: Slots, powers: LongArray, step: int) -> tuple[LongArray, LongArray]:
    """Choices ``[O]`` of the slots that some powers decide at one step, and whose they are ``[O]``."""
    columns, owners = [], []
    for power in dict.fromkeys(powers.tolist()):
        slot = slots.seat_starts[power] + step
        columns.append(np.arange(slots.starts[slot], slots.starts[slot + 1]))
        owners.append(np.full(len(columns[-1]), power))
    return np.concatenate(columns), np.concatenate(owners)


def _open(
    slots: Slots,
    fixed: Mapping[int, LongArray],
    step: int,
    powers: LongArray,
    given: LongArray,
    columns: LongArray,
    owner: LongArray,
) -> BoolArray:
    """``[nodes, O]``: which of the choices ``columns`` each node, of a power that gave so many orders, may take."""
    open_to = np.asarray(powers[:, None] == owner)
    if slots.adjusts[0]:
        skips = slots.codes[columns] == NO_ORDER
        later = np.array([(fixed[p][step + 1 :] >= 0).sum() if p in fixed else 0 for p in powers.tolist()], np.int64)
        needed, left = slots.due[powers] - given, np.diff(slots.seat_starts)[powers] - step
        open_to &= np.where(skips, (needed < left)[:, None], (needed > later)[:, None])
    for power, choice in fixed.items():
        if step < len(choice) and choice[step] >= 0:
            open_to[powers == power] = columns == choice[step]
    return open_to


def _picked(
    log_shares: NDArray[np.float32], node: LongArray, temperatures: FloatArray, uniform: NDArray[np.float32]
) -> LongArray:
    """``[R]``: the choice that a number in [0, 1) picks for each row, by the log-shares ``[nodes, O]`` of its node."""
    picked = np.empty(len(node), np.int64)
    # Never the whole of it: the last open choice stays the last.
    limit = np.minimum(uniform, 1 - 2.0**-20)
    for temperature in np.unique(temperatures).tolist():
        at = np.flatnonzero(temperatures == temperature)
        shares = np.exp(log_shares / temperature).cumsum(axis=1)[node[at]]
        picked[at] = (shares > (limit[at] * shares[:, -1])[:, None]).argmax(axis=1)
    return picked


def _some_choice(slots: Slots, power: int) -> LongArray:
    """A choice ``[U]`` that is legal for every slot: the first orders, as many as are due, then none."""
    first, last = slots.seat_starts[power], slots.seat_starts[power + 1]
    chosen = slots.starts[first:last].copy()
    if slots.adjusts[0]:
        chosen[slots.due[power] :] = slots.starts[first + 1 : last + 1][slots.due[power] :] - 1
    return chosen
