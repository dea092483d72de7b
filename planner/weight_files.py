"""Files of weights: safetensors, whose header says what kind of network they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from engine.types import EngineError


class NetworkFileError(EngineError, ValueError):
    """A file that holds no network that this program can use."""


@dataclass(frozen=True)
class StoredWeights:
    """What a file of weights holds."""

    header: Mapping[str, str]
    arrays: Mapping[str, Any]
    """Name -> tensor or array of numpy, as asked for, in the precision in which it is stored."""


def read_weights(path: Path | str, framework: Literal["pt", "numpy"], kind: str, what: str, cure: str) -> StoredWeights:
    """The weights in a file.

    Args:
        path: the file.
        framework: what makes the arrays.
        kind: expected in the header, as its ``format``.
        what: the same in words, for the errors.
        cure: how to get such a file, for the errors.

    Raises:
        NetworkFileError: there is no such file, it is damaged, or of another kind.
    """
    try:
        with safe_open(str(path), framework=framework) as stored:
            header: dict[str, str] = stored.metadata() or {}
            arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise NetworkFileError(f"expected {what} in {path}, got no such file: {cure}") from None
    except (SafetensorError, OSError) as error:
        raise NetworkFileError(f"expected {what} (safetensors) in {path}, got {error}: {cure}") from None
    if header.get("format") != kind:
        raise NetworkFileError(
            f"expected {kind!r} in the header of {path}, got {header.get('format')!r}: another kind of file; {cure}"
        )
    return StoredWeights(header, arrays)
