"""Checkpoints between the iterations of a run: networks, and how many iterations are done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from training.runs import CheckpointError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NAME = "checkpoint.safetensors"
"""File of a checkpoint in a run's folder."""


def save_checkpoint(
    folder: Path, networks: Mapping[str, nn.Module], shapes: Mapping[str, DataclassInstance], done: int
) -> None:
    """Everything the next iteration needs beside the games; the file appears only once it is complete.

    Args:
        folder: of the run.
        networks: by name.
        shapes: of each.
        done: iterations.
    """
    fresh = folder / "checkpoint.new"
    state = {
        f"{name}.{part}": tensor.detach().cpu().contiguous()
        for name, network in networks.items()
        for part, tensor in network.state_dict().items()
    }
    save_file(state, str(fresh), metadata={"iterations": str(done), "shapes": _text(shapes)})
    fresh.rename(folder / NAME)


def load_checkpoint(folder: Path, networks: Mapping[str, nn.Module], shapes: Mapping[str, DataclassInstance]) -> int:
    """Restores the networks; the iterations done, none if there is no checkpoint yet.

    Raises:
        CheckpointError: the checkpoint is damaged, or of networks of other shapes.
    """
    path = folder / NAME
    if not path.exists():
        return 0
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
        done, stored = int(metadata["iterations"]), metadata["shapes"]
        state = load_file(str(path))
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise CheckpointError(
            f"{path}: expected a checkpoint of this command, got a damaged or foreign file: {error}"
        ) from None
    if stored != _text(shapes):
        raise CheckpointError(f"{path}: expected networks of shapes {_text(shapes)}, got {stored}")
    for name, network in networks.items():
        prefix = f"{name}."
        network.load_state_dict({n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)})
    return done


def _text(shapes: Mapping[str, DataclassInstance]) -> str:
    return json.dumps({name: asdict(shape) for name, shape in shapes.items()}, sort_keys=True)
