"""Changes to a text or a JSON value that keep most of its form, so that what is wrong lies deep inside."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

ODD_TEXTS = ("", " ", "\0", "é", "\ud800", "ﬀ", "İ", "٣", "\u202e", "A PAR\n", "*", "/", "*A PAR", "-1", "x" * 300)
"""Empty, control, lone surrogate, letters whose case changes their number, foreign digits, right-to-left, ..."""

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 7, 1.5, 2**31, -(2**63), 2**64, 10**400, 1e308, float("nan"), float("inf")),
    *([], {}, [[]], [None], {"": None}, {"A PAR": "A PAR"}),
)
"""What a field may hold instead of what belongs there."""

DEPTHS = (10, 900, 5_000, 100_000)
"""How deep brackets are nested: below, about and far above the interpreter's recursion limit."""


def to_text(data: bytes) -> str:
    """Any bytes as text; those that are no UTF-8 become lone surrogates, which programs must also survive."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The reverse; a surrogate that stands for no byte is written as it would be in careless UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def mutate_text(text: str, rng: Random, words: Sequence[str]) -> str:
    """A text with one to four changes.

    Args:
        text: what is changed.
        rng: decides everything.
        words: what may be put in besides odd texts: the vocabulary of the format.
    """
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 1, 3, 8, 40)))
        piece = text[start:end]
        match rng.randrange(7):
            case 0:
                piece = ""
            case 1:
                piece = rng.choice(words)
            case 2:
                piece = rng.choice(ODD_TEXTS)
            case 3:
                piece *= rng.choice((2, 2, 3, 200))
            case 4:
                piece = piece.swapcase()
            case 5:
                return _swap_words(text, rng)
            case _:
                other = rng.randint(0, len(text))
                piece = text[other : other + rng.choice((1, 3, 8, 80))]
        text = text[:start] + piece + text[end:]
    return text


def _swap_words(text: str, rng: Random) -> str:
    lines = text.split("\n")
    row = rng.randrange(len(lines))
    parts = lines[row].split(" ")
    first, second = rng.randrange(len(parts)), rng.randrange(len(parts))
    parts[first], parts[second] = parts[second], parts[first]
    lines[row] = " ".join(parts)
    return "\n".join(lines)


def mutate_json_text(data: bytes, rng: Random, words: Sequence[str]) -> bytes:
    """A JSON text with a few changes of its values, now and then of its letters or of its depth."""
    try:
        value = json.loads(data)
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            value = _mutate_value(value, rng, words)
        text = json.dumps(value)
    except (ValueError, RecursionError):
        return to_bytes(mutate_text(to_text(data), rng, words))
    if rng.random() < 0.05:
        text = mutate_text(text, rng, words)
    if rng.random() < 0.02:
        depth = rng.choice(DEPTHS)
        hollow = rng.choice(("[" * depth + "]" * depth, '{"a":' * depth + "0" + "}" * depth))
        text = text.replace(rng.choice(('""', "[]", "{}", "null", "0")), hollow, 1)
    return to_bytes(text)


def _mutate_value(value: Any, rng: Random, words: Sequence[str]) -> Any:
    places = list(_places(value))
    if not places:
        return copy.deepcopy(rng.choice((value, *ODD_VALUES)))
    holder, key = rng.choice(places)
    here = holder[key]
    match rng.randrange(8):
        case 0:
            holder[key] = copy.deepcopy(rng.choice(ODD_VALUES))
        case 1:
            del holder[key]
        case 2:
            holder[key] = mutate_text(here, rng, words) if isinstance(here, str) else rng.choice(words)
        case 3 | 4:
            holder[key] = rng.choice(words)
        case 5:  # the same thing twice, or under another name
            if isinstance(holder, list):
                holder.insert(rng.randint(0, len(holder)), copy.deepcopy(here))
            else:
                holder[rng.choice((rng.choice(words), *map(str, holder)))] = copy.deepcopy(here)
        case 6:  # what stands elsewhere
            other, name = rng.choice(places)
            holder[key] = copy.deepcopy(other[name])
        case _:
            if isinstance(here, int | float) and not isinstance(here, bool):
                holder[key] = here + rng.choice((-1, 1, 1000))
            else:
                holder[key] = [here] if rng.random() < 0.5 else {rng.choice(words): here}
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place inside a value: the list or object, and the index or key."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if not isinstance(holder, list | dict):
            continue
        keys = range(len(holder)) if isinstance(holder, list) else list(holder)
        for key in keys:
            yield holder, key
            waiting.append(holder[key])


def shrink(data: bytes, fails: Callable[[bytes], bool], tries: int = 1500) -> bytes:
    """A smaller input that still fails in the same way: pieces are left out as long as that succeeds.

    Args:
        data: an input that fails.
        fails: whether an input fails in the same way.
        tries: how often to ask at most.
    """
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(data):
            tries -= 1
            if tries < 0:
                return data
            if len(smaller) < len(data) and fails(smaller):
                data, progress = smaller, True
                break
    return data


def _smaller(data: bytes) -> Iterator[bytes]:
    """The input with something left out, large pieces first: values of JSON, else lines, else bytes."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list | dict):
        for number, _ in enumerate(_places(value)):
            rest = json.loads(data)
            holder, key = next(place for index, place in enumerate(_places(rest)) if index == number)
            del holder[key]
            yield json.dumps(rest).encode()
        return
    lines = data.splitlines(keepends=True)
    pieces = lines if len(lines) > 1 else [data[i : i + 1] for i in range(len(data))]
    size = len(pieces) // 2
    while size:
        for start in range(0, len(pieces), size):
            yield b"".join(pieces[:start] + pieces[start + size :])
        size //= 2
