"""People's and Cicero's press of the training games as tokens, with no labels."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from dialogue.clauses import read_names
from dialogue.tagging import tokenise
from engine.types import POWERS
from training.runs import ExampleFileError

_FILES = ("games-train.jsonl.gz", "press-labelled-train.jsonl.gz")


def press_tokens(data: Path) -> tuple[tuple[str, ...], ...]:
    """The tokens of every different message of the training parts; names as for a writer who names nobody present.

    Raises:
        ExampleFileError: a file is missing, or is no labelled press or games.
    """
    texts = dict.fromkeys(text for name in _FILES for text in _texts(data / name) if "[REDACTED]" not in text)
    found = []
    for text in texts:
        plain, mentions = read_names(text, None)
        named = {mention.power for mention in mentions}
        writer = next(power for power in POWERS if power not in named) if named < set(POWERS) else POWERS[0]
        found.append(tuple(token.text for token in tokenise(plain, mentions, writer, None)))
    return tuple(found)


def _texts(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                data = json.loads(line)
                messages = (m for phase in data["phases"] for m in phase["messages"]) if "phases" in data else (data,)
                yield from (message.get("text") or "" for message in messages)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"missing {error}" if isinstance(error, KeyError) else str(error)
        raise ExampleFileError(
            f"cannot read {path}: expected the press of the public data, {' and '.join(_FILES)}, "
            f"in the folder that --data names; got {problem}"
        ) from None
