"""People's and Cicero's press of the training games as tokens, with no labels."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from dialogue.clauses import read_names
from dialogue.tagging import tokenise
from engine.types import POWERS

_FILES = ("games-train.jsonl.gz", "press-labelled-train.jsonl.gz")


def press_tokens(data: Path) -> tuple[tuple[str, ...], ...]:
    """The tokens of every different message of the training parts; names as for a writer who names nobody present."""
    texts = dict.fromkeys(text for name in _FILES for text in _texts(data / name) if "[REDACTED]" not in text)
    found = []
    for text in texts:
        plain, mentions = read_names(text, None)
        named = {mention.power for mention in mentions}
        writer = next(power for power in POWERS if power not in named) if named < set(POWERS) else POWERS[0]
        found.append(tuple(token.text for token in tokenise(plain, mentions, writer, None)))
    return tuple(found)


def _texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            for message in (m for phase in data["phases"] for m in phase["messages"]) if "phases" in data else (data,):
                yield message.get("text") or ""
