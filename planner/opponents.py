"""What the other players are like, inferred from what they played and whether they kept their promises.

Exact Bayes over *types*, as DiL-piKL has them (Bakhtin et al. 2022, "Mastering the game of no-press Diplomacy via
human-regularized reinforcement learning and planning"): a style of play, which is an anchor τ, and a price λ of
leaving it.  Player p of type (s, λ) who bears q the hostility h_pq plays

    π(a) ∝ τ_s(a) · exp((S[a, p] − Σ_q h_pq·S[a, q]) / λ)

where ``S[a, q]`` is the score that q may expect when p plays a.  Cicero held the belief about types uniform
throughout; here it follows the evidence, with four brakes: a floor under every likelihood, so that one surprise
is no certainty; forgetting, so that old evidence fades; a *safe mixture* of prior and posterior, so that trust in
the evidence can be limited (see `planner.trust`); and grids and priors that expect nobody to be special.

Types and hostilities are kept apart (mean field): each is updated as if the others were at their means, with the
prior of the moment.  Players are numbers; nothing here knows the game.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from planner.equilibrium import FloatArray

_FORMAT = 1
_STEEPEST = 200.0
"""Nats for a hostility of 1 that make any other as good as impossible."""
_LEAST_LOG_ANCHOR = -27.6
"""Of an action nobody of a style plays, beside the likeliest: 1e-12, as in `planner.equilibrium`."""


@dataclass(frozen=True)
class PlayerType:
    """A way to play."""

    style: str
    """Name of the anchor."""
    lambda_: float
    """Price of leaving the anchor, in units of score, where as much is at stake as in a usual phase."""


@dataclass(frozen=True)
class OpponentConfig:
    """What players may be like, and how fast to believe it."""

    styles: tuple[str, ...] = ("human", "search", "dumbbot", "rules")
    """Names of the anchors, in the order of `Evidence.log_anchors`."""
    lambdas: tuple[float, ...] = (0.001, 0.0031, 0.0098, 0.031, 0.096, 0.3)
    """λ of the types of each style; log-uniform as in Cicero.  Positive; infinity is allowed."""
    prior: tuple[float, ...] = ()
    """Weights of the types, in the order of `types`; default all equal."""
    hostilities: tuple[tuple[float, float], ...] = ((-0.3, 0.03), (0.0, 0.954), (0.3, 0.01), (1.0, 0.006))
    """What h_pq may be, negative for a friend, 1 for one who gives a point to take a point; each with its weight.  Of
    mean zero, so that nothing is believed of somebody unknown; most of the weight is on zero, as of one who takes what
    it can get it is hard to tell whether it means to hurt whom it takes it from."""
    memory: float = 0.97
    """Factor on all evidence about a player, promises included, when its next phase is observed."""
    doubt: float = 0.2
    """Share of its play that any type makes at random: the floor under likelihoods.  Large, as half of the actions
    that searching players play are none of those that another search of the position considers."""
    trust: float = 0.7
    """From 0, the prior whatever happened, to 1, the posterior.  Below 1, players known to reckon are still allowed to
    reckon otherwise than we do."""
    promise_prior: tuple[float, float] = (3.0, 1.0)
    """Promises kept and broken, as if seen before the game."""
    promise_shrinkage: float = 4.0
    """Promises to one player that weigh as much as how the promiser treats everybody."""

    def __post_init__(self) -> None:
        for name, low, high in (("memory", 0.0, 1.0), ("doubt", 0.0, 1.0), ("trust", 0.0, 1.0)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"expected {name} from {low} to {high}, got {getattr(self, name)}")
        if not self.styles or not self.lambdas or min(self.lambdas) <= 0:
            raise ValueError(f"expected styles and positive lambdas, got {self.styles} and {self.lambdas}")
        if len(self.prior) not in (0, len(self.types)):
            raise ValueError(f"expected {len(self.types)} weights of types, got {self.prior}")
        if not self.hostilities:
            raise ValueError("expected hostilities, got none")
        if min((*self.prior, *(weight for _, weight in self.hostilities), *self.promise_prior)) <= 0:
            raise ValueError("expected priors of positive weights, got one that is not")

    @property
    def types(self) -> tuple[PlayerType, ...]:
        """All types: every λ of the first style, then of the next."""
        return tuple(PlayerType(*pair) for pair in product(self.styles, self.lambdas))

    def among(self, known: Sequence[str]) -> OpponentConfig:
        """The same with only those styles that are known; where there are none, with the first known one.

        >>> OpponentConfig(styles=("human", "rules")).among(["rules", "dumbbot"]).styles
        ('rules',)
        """
        kept = [number for number, style in enumerate(self.styles) if style in known]
        styles = tuple(self.styles[number] for number in kept) or (known[0],)
        if not self.prior:
            return replace(self, styles=styles)
        table = np.reshape(self.prior, (len(self.styles), len(self.lambdas)))
        prior = table[kept] if kept else table.mean(axis=0)
        return replace(self, styles=styles, prior=tuple(prior.reshape(-1).tolist()))


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one player could play in one phase, and what it played."""

    log_anchors: FloatArray
    """``[styles, A]``: log τ of each style over the candidate actions; any constant may be added to a row."""
    scores: FloatArray
    """``[A, n]``: everybody's expected score for each action, the others playing as was predicted."""
    played: int
    """Number of the action played."""
    stake: float = 1.0
    """Factor on λ: how much is at stake, see `planner.bilateral.dynamic_lambda`."""


@dataclass(frozen=True)
class Step:
    """What one observation taught about a player."""

    phase: str
    type_nats: float
    """Information gained about its type: KL(after ‖ before)."""
    hostility_nats: float
    """The same about whom it is hostile to, all pairs together."""
    surprise: float
    """``−log p`` of what it played, as was predicted."""


@dataclass(frozen=True, eq=False)
class OpponentBeliefs:
    """Beliefs about all n players; every update returns new ones."""

    config: OpponentConfig
    type_evidence: FloatArray
    """``[n, K]``: log-likelihood of what each player played, by type, faded."""
    hostility_evidence: FloatArray
    """``[n, n, H]``: the same by its hostility to another."""
    kept: FloatArray
    """``[n, n]``: promises of the first to the second kept, faded."""
    broken: FloatArray
    """``[n, n]``: promises broken, faded."""
    steps: tuple[tuple[Step, ...], ...]
    """What was learned of each player, oldest first."""

    @classmethod
    def start(cls, players: int, config: OpponentConfig | None = None) -> OpponentBeliefs:
        """Before anything was observed."""
        config = config or OpponentConfig()
        return cls(
            config,
            np.zeros((players, len(config.types))),
            np.zeros((players, players, len(config.hostilities))),
            np.zeros((players, players)),
            np.zeros((players, players)),
            ((),) * players,
        )

    def with_posteriors(self, player: int, types: FloatArray, hostility: FloatArray) -> OpponentBeliefs:
        """The beliefs in which a player's posterior is this, where no more of the evidence is known.

        Args:
            player: about whom.
            types: its `posterior`, ``[K]``, any positive sum.
            hostility: its `hostility`, ``[n]``; of each the evidence is taken that leads there from the prior with the
                least information, and means beyond the grid's ends are brought back to them.
        """
        type_evidence, hostility_evidence = self.type_evidence.copy(), self.hostility_evidence.copy()
        log_types = np.log(np.maximum(types / np.sum(types), 1e-5)) - np.log(self.prior())
        type_evidence[player] = log_types - log_types.max()
        values = np.array([h for h, _ in self.config.hostilities])
        for other in range(self.players):
            mean = float(hostility[other]) / self.config.trust if self.config.trust and other != player else 0.0
            tilt = self._tilt_towards(mean, values) * values
            hostility_evidence[player, other] = tilt - tilt.max()
        return replace(self, type_evidence=type_evidence, hostility_evidence=hostility_evidence)

    def _tilt_towards(self, mean: float, values: FloatArray) -> float:
        """t for which the prior times ``exp(t·h)`` has this mean, by bisection."""
        prior = np.array([weight for _, weight in self.config.hostilities])
        low, high = -_STEEPEST, _STEEPEST
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if _posterior(prior, middle * values) @ values < mean else (low, middle)
        return (low + high) / 2

    # --- updates -----------------------------------------------------------------------------------------

    def observe(self, player: int, evidence: Evidence, phase: str) -> OpponentBeliefs:
        """The beliefs after seeing a player's action.

        What was known of the player fades first, unless its last observation was of the same phase.

        Raises:
            ValueError: the evidence is not of these players and styles.
        """
        shapes = evidence.log_anchors.shape, evidence.scores.shape
        actions = evidence.scores.shape[0]
        if shapes != ((len(self.config.styles), actions), (actions, self.players)):
            raise ValueError(
                f"expected log anchors of {len(self.config.styles)} styles and scores of {self.players} players "
                f"for the same actions, got arrays of shapes {shapes[0]} and {shapes[1]}"
            )
        faded = self._faded(player) if self.steps[player] and self.steps[player][-1].phase != phase else self
        before, means = faded.posterior(player), faded._hostility_means(player)
        by_type = faded._play(player, evidence, means)[..., evidence.played]
        others = [q for q in range(faded.players) if q != player]
        # Each pair's hostility varied while the others stay at their means: [n - 1, H, n].
        tried = np.broadcast_to(means, (len(others), len(self.config.hostilities), len(means))).copy()
        tried[np.arange(len(others)), :, others] = [h for h, _ in self.config.hostilities]
        by_hostility = faded._play(player, evidence, tried)[..., evidence.played] @ before
        type_evidence, hostility_evidence = faded.type_evidence.copy(), faded.hostility_evidence.copy()
        type_evidence[player] += np.log(np.maximum(by_type, 1e-300))
        hostility_evidence[player, others] += np.log(np.maximum(by_hostility, 1e-300))
        # Only ratios matter; small numbers print and fade better.
        type_evidence[player] -= type_evidence[player].max()
        hostility_evidence[player] -= hostility_evidence[player].max(axis=-1, keepdims=True)
        after = replace(faded, type_evidence=type_evidence, hostility_evidence=hostility_evidence)
        step = Step(
            phase,
            _information(after.posterior(player), before),
            _information(after.hostility_posterior(player)[others], faded.hostility_posterior(player)[others]),
            max(0.0, -float(np.log(max(float(before @ by_type), 1e-300)))),
        )
        return replace(after, steps=_put(self.steps, player, (*self.steps[player], step)))

    def note_promise(self, player: int, to: int, kept: bool, weight: float = 1.0) -> OpponentBeliefs:
        """The beliefs after a player kept or broke its word to another; the weight says how firm a word it was."""
        counts = (self.kept if kept else self.broken).copy()
        counts[player, to] += weight
        return replace(self, kept=counts) if kept else replace(self, broken=counts)

    # --- what is believed --------------------------------------------------------------------------------

    @property
    def players(self) -> int:
        """n."""
        return len(self.type_evidence)

    def prior(self) -> FloatArray:
        """``[K]``: weights of the types before any evidence."""
        weights = np.array(self.config.prior or (1.0,) * len(self.config.types))
        return np.asarray(weights / weights.sum())

    def posterior(self, player: int) -> FloatArray:
        """``[K]``: weights of the types after it."""
        return _posterior(self.prior(), self.type_evidence[player])

    def weights(self, player: int) -> FloatArray:
        """``[K]``: the safe mixture ``(1 − trust)·prior + trust·posterior`` of types, for an equilibrium search."""
        trust = self.config.trust
        return np.asarray((1 - trust) * self.prior() + trust * self.posterior(player))

    def hostility_posterior(self, player: int) -> FloatArray:
        """``[n, H]``: weights of each hostility of the player to each other; its own row is the prior."""
        prior = np.array([weight for _, weight in self.config.hostilities])
        return _posterior(prior / prior.sum(), self.hostility_evidence[player])

    def hostility(self, player: int) -> FloatArray:
        """``[n]``: mean hostility h_pq, times trust; zero to itself."""
        return np.asarray(self.config.trust * self._hostility_means(player))

    def utility_weights(self) -> FloatArray:
        """W, ``[n, n]``, of utilities ``Σ_q W_pq·score_q``: the identity less hostility."""
        return np.asarray(np.eye(self.players) - np.stack([self.hostility(p) for p in range(self.players)]))

    def reliability(self, player: int, to: int | None = None) -> float:
        """The chance that a player keeps its word, to another or (None) to anybody.

        Beta means: of all its promises, shrunk to the prior; of those to one player, shrunk to that.  Then the
        safe mixture with the prior, as for types.
        """
        good, bad = self.config.promise_prior
        kept, made = self.kept[player].sum(), self.kept[player].sum() + self.broken[player].sum()
        mean = (good + kept) / (good + bad + made)
        if to is not None:
            strength, made = self.config.promise_shrinkage, self.kept[player, to] + self.broken[player, to]
            if strength + made > 0:
                mean = (strength * mean + self.kept[player, to]) / (strength + made)
        return float((1 - self.config.trust) * good / (good + bad) + self.config.trust * mean)

    def predict(self, player: int, evidence: Evidence) -> FloatArray:
        """``[A]``: what the player will play, by the safe mixture; ``evidence.played`` is not looked at."""
        return np.asarray(self.weights(player) @ self._play(player, evidence, self.hostility(player)))

    def entropy(self, player: int) -> float:
        """Nats of doubt left about a player's type."""
        p = self.posterior(player)
        return float(-(p * np.log(np.maximum(p, 1e-300))).sum())

    # --- in words, and to keep ---------------------------------------------------------------------------

    def describe(self, names: Sequence[str]) -> list[str]:
        """One line a player of whom anything is known: its type, to whom it is hostile, its word, the evidence."""
        return [self._line(p, names) for p in range(self.players) if self.steps[p] or self._promises(p) > 0]

    def to_json(self) -> str:
        """Everything, as text for `from_json`."""
        record = {
            "format": _FORMAT,
            "config": asdict(self.config),
            "type_evidence": self.type_evidence.tolist(),
            "hostility_evidence": self.hostility_evidence.tolist(),
            "kept": self.kept.tolist(),
            "broken": self.broken.tolist(),
            "steps": [[asdict(step) for step in steps] for steps in self.steps],
        }
        return json.dumps(record)

    @classmethod
    def from_json(cls, text: str) -> OpponentBeliefs:
        """The beliefs that `to_json` wrote, bit by bit.

        Raises:
            ValueError: not such a text, or of another version.
        """
        record = json.loads(text)
        if not isinstance(record, dict) or record.get("format") != _FORMAT:
            raise ValueError(f"expected beliefs about players of format {_FORMAT}, got {text[:60]!r}")
        config: dict[str, Any] = {name: _tuples(value) for name, value in record["config"].items()}
        return cls(
            config=OpponentConfig(**config),
            type_evidence=np.asarray(record["type_evidence"], np.float64),
            hostility_evidence=np.asarray(record["hostility_evidence"], np.float64),
            kept=np.asarray(record["kept"], np.float64),
            broken=np.asarray(record["broken"], np.float64),
            steps=tuple(tuple(Step(**step) for step in steps) for steps in record["steps"]),
        )

    # --- parts -------------------------------------------------------------------------------------------

    def _play(self, player: int, evidence: Evidence, hostility: FloatArray) -> FloatArray:
        """``[..., K, A]``: what each type would play, bearing the others this hostility (``[..., n]``)."""
        log_tau = evidence.log_anchors - evidence.log_anchors.max(axis=-1, keepdims=True)
        log_tau = np.maximum(log_tau, _LEAST_LOG_ANCHOR)
        utilities = evidence.scores[:, player] - hostility @ evidence.scores.T
        lambdas = np.array(self.config.lambdas) * evidence.stake
        logits = log_tau[:, None] + utilities[..., None, None, :] / lambdas[:, None]
        logits = logits.reshape(*logits.shape[:-3], -1, logits.shape[-1])
        play = np.exp(logits - logits.max(axis=-1, keepdims=True))
        play /= play.sum(axis=-1, keepdims=True)
        return np.asarray((1 - self.config.doubt) * play + self.config.doubt / play.shape[-1])

    def _hostility_means(self, player: int) -> FloatArray:
        means = self.hostility_posterior(player) @ np.array([h for h, _ in self.config.hostilities])
        means[player] = 0.0
        return np.asarray(means)

    def _faded(self, player: int) -> OpponentBeliefs:
        fade = np.ones(self.players)
        fade[player] = self.config.memory
        return replace(
            self,
            type_evidence=self.type_evidence * fade[:, None],
            hostility_evidence=self.hostility_evidence * fade[:, None, None],
            kept=self.kept * fade[:, None],
            broken=self.broken * fade[:, None],
        )

    def _promises(self, player: int) -> float:
        return float(self.kept[player].sum() + self.broken[player].sum())

    def _line(self, player: int, names: Sequence[str]) -> str:
        styles, lambdas = self.config.styles, np.array(self.config.lambdas)
        table = self.posterior(player).reshape(len(styles), len(lambdas))
        best = int(table.sum(axis=1).argmax())
        share = float(table[best].sum())
        price = float(np.exp(table[best] @ np.log(lambdas) / share))
        doubt = f"entropy {self.entropy(player):.2f} of {np.log(table.size):.2f} nats"
        parts = [f"plays like {styles[best]!r} ({share:.2f}, λ≈{price:.2g}), {doubt}"]
        means = self._hostility_means(player)
        for q in np.argsort(-np.abs(means), kind="stable"):
            if abs(means[q]) >= 0.1:
                parts.append(f"{'hostile' if means[q] > 0 else 'friendly'} to {names[q]} ({means[q]:+.2f})")
        if self._promises(player) > 0:
            parts.append(f"reliability {self.reliability(player):.2f} ({self._promises(player):.1f} promises)")
        moved = sorted(self.steps[player], key=lambda step: -(step.type_nats + step.hostility_nats))[:3]
        told = [f"{s.phase} (+{s.type_nats + s.hostility_nats:.1f} nats)" for s in moved]
        if told:
            parts.append(f"moved by {', '.join(told)}")
        return f"{names[player]}: {'; '.join(parts)}"


def _tuples(value: Any) -> Any:
    """Lists of JSON as the tuples that they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _posterior(prior: FloatArray, evidence: FloatArray) -> FloatArray:
    """Over the last axis; exactly the prior where there is no evidence."""
    weights = prior * np.exp(evidence - evidence.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _information(after: FloatArray, before: FloatArray) -> float:
    """KL(after ‖ before), rows of a table together."""
    return max(0.0, float((after * (np.log(np.maximum(after, 1e-300)) - np.log(np.maximum(before, 1e-300)))).sum()))


def _put(rows: tuple[tuple[Step, ...], ...], number: int, row: tuple[Step, ...]) -> tuple[tuple[Step, ...], ...]:
    return (*rows[:number], row, *rows[number + 1 :])
