"""Builds what a search needs from its configuration: the value, and the source of anchors with its network."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from planner.dumbbot import WithDumbBot
from planner.prior import TABLE
from planner.public import SearchConfig
from planner.rollout import Evaluator, ValueConfig
from planner.sources import RULES, AnchorSource, NetworkSource, RuleSource

if TYPE_CHECKING:
    from planner.policy_model import PolicyModel

SHIPPED_POLICY = Path(__file__).parent / "weights" / "policy.safetensors"
"""Weights of the shipped policy network."""


def load_evaluator(config: SearchConfig | None = None, threads: int = 1) -> Evaluator:
    """The evaluator that a configuration asks for; one with the style `TABLE` learns, and is one player's.

    Raises:
        NetworkFileError: the file of a network or an acquaintance is missing or damaged.
    """
    config = config or SearchConfig()
    if not _learns(config):
        return Evaluator(config.value, load_source(config.policy), threads)
    from planner.adaptation import TableModel

    learner = TableModel(_load_model(config.policy), acquaintance=config.acquaintance or None)
    return Evaluator(config.value, WithDumbBot(NetworkSource(learner)), threads, learner)


def shared_evaluator(config: SearchConfig) -> Evaluator:
    """The same, once a process: agents at one table share what the board alone says.

    Those whose anchors learn share nothing: what they think of a board depends on what they have seen.

    Raises:
        NetworkFileError: a network's file is missing or damaged.
    """
    return load_evaluator(config) if _learns(config) else _shared(config.value, config.policy)


def _learns(config: SearchConfig) -> bool:
    return TABLE in config.opponents.styles and config.policy != RULES


@lru_cache(maxsize=8)
def _shared(value: ValueConfig, policy: str) -> Evaluator:
    return Evaluator(value, load_source(policy))


@lru_cache(maxsize=4)
def load_source(policy: str) -> AnchorSource:
    """The anchors' source of this name: ``rules``, ``network`` (the shipped one), or a policy network's file.

    All know the style of DumbBot as well.

    Raises:
        NetworkFileError: there is no such file, or it holds no policy network.
    """
    return WithDumbBot(RuleSource() if policy == RULES else NetworkSource(_load_model(policy)))


@lru_cache(maxsize=4)
def _load_model(policy: str) -> PolicyModel:
    # Imported late: torch is slow to load, and rules do without.
    from planner.policy_model import PolicyModel

    return PolicyModel.load(SHIPPED_POLICY if policy == "network" else policy)
