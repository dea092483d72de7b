"""Builds what a search needs from its configuration: the value, and the source of anchors with its network."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from planner.dumbbot import WithDumbBot
from planner.public import SearchConfig
from planner.rollout import Evaluator, ValueConfig
from planner.sources import RULES, AnchorSource, NetworkSource, RuleSource

SHIPPED_POLICY = Path(__file__).parent / "weights" / "policy.safetensors"
"""Weights of the shipped policy network."""


def load_evaluator(config: SearchConfig | None = None, threads: int = 1) -> Evaluator:
    """The evaluator that a configuration asks for.

    Raises:
        NetworkFileError: a network's file is missing or damaged.
    """
    config = config or SearchConfig()
    return Evaluator(config.value, load_source(config.policy), threads)


def shared_evaluator(config: SearchConfig) -> Evaluator:
    """The same, once a process: agents at one table share what the board alone says.

    Raises:
        NetworkFileError: a network's file is missing or damaged.
    """
    return _shared(config.value, config.policy)


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
    if policy == RULES:
        return WithDumbBot(RuleSource())
    # Imported late: torch is slow to load, and rules do without.
    from planner.policy_model import PolicyModel

    return WithDumbBot(NetworkSource(PolicyModel.load(SHIPPED_POLICY if policy == "network" else policy)))
