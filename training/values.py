"""Fitting the value network to examples; shared by the commands that do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import load_file

from engine._core import Position
from planner.value_network import ValueNetwork, ValueShape
from planner.values import SCORINGS, Scoring, load_value
from training.examples import ValueExamples


def load_value_network(path: Path, start: Position) -> ValueNetwork:
    """The value network in a file, to be trained further.

    Raises:
        NetworkFileError: there is no such file, or it holds no value network.
    """
    load_value(path)  # whatever is wrong with the file, the error is the player's
    arrays = {name: tensor.float() for name, tensor in load_file(str(path)).items()}
    network = ValueNetwork(start, ValueShape(arrays["own"].shape[0], arrays["own"].shape[1]))
    with torch.no_grad():
        # What all centres share is in the rows of each already.
        network.each.copy_(arrays["table"])
        network.shared.zero_()
        network.bias.copy_(arrays["bias"])
        network.own.weight.copy_(arrays["own"].T)
        network.own.bias.copy_(arrays["inner"])
        network.context.weight.copy_(arrays["context"].T)
        network.head.weight.copy_(arrays["head"])
        network.trust.copy_(arrays["trust"])
        network.nobody.copy_(arrays["nobody"][SCORINGS.index(Scoring.SOLO)])
    return network


def joined_examples(parts: Sequence[ValueExamples]) -> ValueExamples:
    """The examples of all; numbers of games stay as they are."""
    return ValueExamples(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(ValueExamples)})


def fit_value(
    accelerator: Accelerator,
    model: torch.nn.Module,
    examples: ValueExamples,
    epochs: int,
    batch: int,
    learning_rate: float,
) -> float:
    """Fits a prepared value network to examples, with a learning rate that rises and falls once; the mean loss.

    Args:
        accelerator: it has prepared the model.
        model: the network.
        examples: at least one.
        epochs: passes over them.
        batch: positions a step.
        learning_rate: its peak.
    """
    features, threat = torch.from_numpy(examples.features), torch.from_numpy(examples.threat)
    targets = torch.from_numpy(examples.targets)
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=1e-4)
    size = min(batch, len(features))
    steps = epochs * (len(features) // size)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, total_steps=steps + 1)
    prepared = accelerator.prepare(optimiser)
    total = 0.0
    for _ in range(epochs):
        order = torch.randperm(len(features))
        for at in range(0, len(features) - size + 1, size):
            rows = order[at : at + size]
            lesson = [tensor[rows].to(accelerator.device) for tensor in (features, threat, targets)]
            loss = loss_of(model, *lesson)
            prepared.zero_grad()
            accelerator.backward(loss)
            prepared.step()
            rates.step()
            total += float(loss.detach())
    return total / max(1, steps)


def loss_of(
    network: torch.nn.Module, features: torch.Tensor, threat: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy of the scores to be expected, summed over scorings; what a solo's targets lack is nobody's."""
    logs: torch.Tensor = network(features.long(), threat.float())
    goal = targets.float()
    loss = -(goal * logs.clamp_min(-20)).sum(dim=2)
    nobody = 1 - logs.exp().sum(dim=2)
    loss = loss - (1 - goal.sum(dim=2)).clamp_min(0) * nobody.clamp_min(1e-6).log()
    return loss.sum(dim=1).mean()


def squared_error(network: ValueNetwork, examples: ValueExamples, device: torch.device) -> float:
    """Mean over positions of the summed squared error of the sum-of-squares scores."""
    total = 0.0
    with torch.no_grad():
        for at in range(0, len(examples), 4096):
            features = torch.from_numpy(examples.features[at : at + 4096]).to(device)
            threat = torch.from_numpy(examples.threat[at : at + 4096]).float().to(device)
            goal = torch.from_numpy(examples.targets[at : at + 4096, 0]).float().to(device)
            found = network(features.long(), threat)[:, 0].exp()
            total += float(((found - goal) ** 2).sum())
    return total / len(examples)


def error_of_threat(examples: ValueExamples) -> float:
    """The same of the hand-made value."""
    return float(((examples.threat.astype(np.float32) - examples.targets[:, 0]) ** 2).sum(axis=1).mean())
