"""Controls as people write and read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

from cicero_lite.arena.codec import encode
from cicero_lite.steer.controls import NEUTRAL, Controls

RESET = "neutral"
"""In place of a setting: all controls as if none was ever set."""


def controls_words(controls: Controls) -> str:
    """The controls that are set, as they would be written; "neutral" where none is."""
    return ", ".join(_set(encode(controls), encode(NEUTRAL), "")) or RESET


@lru_cache(maxsize=64)
def stored_controls_words(config: str) -> str:
    """The same of the settings that a store keeps; "" where none is set, or they are another version's."""
    try:
        kept = yaml.safe_load(config)["agent"]["controls"]
        return ", ".join(_set(kept, encode(NEUTRAL), ""))
    except (yaml.YAMLError, LookupError, TypeError, AttributeError):
        return ""


def _set(values: Mapping[str, Any], neutral: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in values.items():
        usual = neutral.get(key)
        if isinstance(value, dict) and isinstance(usual, dict):
            yield from _set(value, usual, f"{prefix}{key}.")
        elif value != usual:
            yield f"{prefix}{key}={json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}"
