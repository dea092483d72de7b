"""Where anchors come from: rules of thumb, or a policy network that imitates several kinds of players.

A source proposes candidate actions of every power and says how likely each *style* of player would give them.
Knows networks by what they can do (`planner.prior.ActionModel`) and nothing of torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from engine._core import Position
from engine.types import EngineError
from planner.candidates import Codes, RulePolicy, rule_policies
from planner.equilibrium import FloatArray, IntArray
from planner.options import Situation
from planner.prior import LEAST, ActionModel, NetworkPolicy, PriorConfig, network_policies

RULES = "rules"
"""The style of the rules of thumb of `planner.anchor`."""


class StyleError(EngineError, ValueError):
    """A style of player that the anchors' source does not know."""


class AnchorSource(Protocol):
    """Plausible actions of all powers, and their likelihood by style of player."""

    styles: tuple[str, ...]
    """Kinds of players it knows."""

    def policies(
        self, position: Position, here: Situation, styles: Sequence[str], rng: np.random.Generator
    ) -> tuple[RulePolicy, ...]:
        """What each of the seven powers would plausibly order: likely by the first style, proposed by all."""
        ...

    def log_likelihoods(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        styles: Sequence[str],
        known: Sequence[FloatArray] | None = None,
    ) -> list[FloatArray]:
        """Per power, log τ ``[S, A]`` of its actions in each style, up to a constant of each row.

        Args:
            policies: of the position, from `policies`.
            actions: per power.
            styles: some of `styles`.
            known: what was returned for the first of the actions; saves a source to ask again.
        """
        ...

    def log_ties(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str,
    ) -> FloatArray | None:
        """How well joint actions of a movement phase go together, ``log p(a_1, a_2, ...) − Σ_j log p(a_j)``, ``[K]``.

        None: it knows each power alone.

        Args:
            policies: of the position, from `policies`.
            actions: per power.
            profiles: ``[K, 7]``: numbers of actions.
            powers: those whose actions count.
            style: one of `styles`.
        """
        ...


class RuleSource:
    """Rules of thumb; one style."""

    styles: tuple[str, ...] = (RULES,)

    def policies(
        self, position: Position, here: Situation, styles: Sequence[str], rng: np.random.Generator
    ) -> tuple[RulePolicy, ...]:
        """See `AnchorSource.policies`."""
        return rule_policies(here)

    def log_likelihoods(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        styles: Sequence[str],
        known: Sequence[FloatArray] | None = None,
    ) -> list[FloatArray]:
        """See `AnchorSource.log_likelihoods`."""
        # All anew: the opening book's share depends on which actions stand beside it.
        rows = [policy.energies(own) for policy, own in zip(policies, actions, strict=True)]
        return [np.tile(row, (len(styles), 1)) for row in rows]

    def log_ties(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str,
    ) -> FloatArray | None:
        """See `AnchorSource.log_ties`."""
        return None


class NetworkSource:
    """A policy network; its styles.

    Args:
        model: the network.
        config: how candidates are drawn.
    """

    def __init__(self, model: ActionModel, config: PriorConfig | None = None) -> None:
        self.model = model
        self.config = config or PriorConfig()
        self.styles = model.styles

    def policies(
        self, position: Position, here: Situation, styles: Sequence[str], rng: np.random.Generator
    ) -> tuple[RulePolicy, ...]:
        """See `AnchorSource.policies`."""
        return network_policies(position, self.model, rng, styles, self.config)

    def log_likelihoods(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        styles: Sequence[str],
        known: Sequence[FloatArray] | None = None,
    ) -> list[FloatArray]:
        """See `AnchorSource.log_likelihoods`."""
        first = policies[0]
        assert isinstance(first, NetworkPolicy)
        known = [np.empty((len(styles), 0)) for _ in actions] if known is None else known
        fresh = [own[rows.shape[1] :] for own, rows in zip(actions, known, strict=True)]
        found = self.model.log_probs_all(first.encoded, fresh, styles)
        return [np.hstack([rows, np.maximum(more, LEAST)]) for rows, more in zip(known, found, strict=True)]

    def log_ties(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str,
    ) -> FloatArray | None:
        """See `AnchorSource.log_ties`."""
        first = policies[0]
        assert isinstance(first, NetworkPolicy)
        return self.model.log_ties(first.encoded, actions, profiles, powers, style)


def normalised(logits: FloatArray) -> FloatArray:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
