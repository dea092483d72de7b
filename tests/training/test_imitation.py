"""The imitation command for a few steps on the CPU: it measures, saves a loadable network, and resumes exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

import training.imitation
from engine.types import POWERS
from planner.network import PolicyConfig, PolicyNetwork
from planner.policy_model import PolicyModel
from planner.prior import STYLES
from training.chunks import NO_STYLE, Chunk, FastTeachers, Mixture, joined, public_chunk
from training.data import Part
from training.imitation import lesson_of, main
from training.runs import TrainingError

TEACHERS = FastTeachers(workers=0, games=1, random_phases=1, until=1901, generations=1, changes=4, samples=3)

SETTINGS = {
    "width": 16,
    "layers": 1,
    "heads": 2,
    "batch": 4,
    "pool": 8,
    "warmup": 2,
    "steps": 4,
    "evaluate-steps": 2,
    "threads": 1,
    "data": "nowhere",
}
FLAGS = [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]

# accelerate, torch and tensorboard warn of what they do on a CPU
pytestmark = pytest.mark.filterwarnings("ignore")


class StoppedError(Exception):
    """Ends a run from inside."""


def metrics(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Chunk:
    """Games of teachers in place of people's, of which there may be none beside the checkout."""
    chunk = next(TEACHERS.chunks(9))
    people = Chunk(chunk.positions, chunk.codes, np.zeros_like(chunk.styles))
    monkeypatch.setattr(training.imitation, "public_chunk", lambda folder, part: people)
    return people


def test_resumed_run_equals_an_uninterrupted_one(
    public: Chunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "whole"), *FLAGS], TEACHERS) == 0
    whole = metrics(tmp_path / "whole")
    assert [m["step"] for m in whole] == [2, 4]
    assert {"human_cross_entropy", "informed_human_action_accuracy", "train_search_order_accuracy"} <= set(whole[0])

    save = training.imitation.save_checkpoint

    def save_and_stop(*args: object) -> None:
        save(*args)  # type: ignore[arg-type]
        raise StoppedError

    monkeypatch.setattr(training.imitation, "save_checkpoint", save_and_stop)
    with pytest.raises(StoppedError):
        main(["--out", str(tmp_path / "parts"), *FLAGS], TEACHERS)
    monkeypatch.setattr(training.imitation, "save_checkpoint", save)
    assert main(["--out", str(tmp_path / "parts"), *FLAGS, "--resume"], TEACHERS) == 0
    timed = {"seconds", "positions_per_second", "waiting", "learning_rate"}
    for one, other in zip(whole, metrics(tmp_path / "parts"), strict=True):
        assert one.keys() == other.keys()
        for name in one.keys() - timed:
            assert other[name] == pytest.approx(one[name], rel=1e-4), name

    model = PolicyModel.load(tmp_path / "parts" / "policy.safetensors")
    encoded = model.encode(public.positions[0])
    assert len(model.sample_all(encoded, 2, np.random.default_rng(0))) == 7
    assert list((tmp_path / "parts" / "tensorboard").iterdir())

    with pytest.raises(TrainingError, match="expected a new folder"):
        main(["--out", str(tmp_path / "whole"), *FLAGS], TEACHERS)
    with pytest.raises(TrainingError, match="width 16, not 32"):
        main(["--out", str(tmp_path / "whole"), *FLAGS, "--width", "32", "--resume"], TEACHERS)
    for name in ("optimizer.bin", "pool_0.pkl", "progress.json"):
        (tmp_path / "whole" / "checkpoint" / name).write_bytes(b"no checkpoint")
        with pytest.raises(TrainingError, match=r"expected a (complete )?checkpoint in .*another --out"):
            main(["--out", str(tmp_path / "whole"), *FLAGS, "--resume"], TEACHERS)


def test_it_needs_something_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="nothing to learn from"):
        main(["--out", str(tmp_path / "run"), *FLAGS, "--no-teachers"])


def test_the_network_learns_what_it_sees_again_and_again() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    chunk = next(TEACHERS.chunks(0))
    network = PolicyNetwork(PolicyConfig(width=32, layers=1, heads=2))
    learner = training.imitation.Learner(network, 0.0)
    optimiser = torch.optim.AdamW(learner.parameters(), lr=5e-3)
    lesson = lesson_of(chunk)
    losses = []
    for _ in range(40):
        loss = learner(lesson)[0]
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss))
    assert losses[-1] < 0.6 * losses[0]


def test_teachers_play_legal_orders_and_the_same_games_for_the_same_seed() -> None:
    first, again = (list(islice(TEACHERS.chunks(4), 2)) for _ in range(2))
    for chunk, other in zip(first, again, strict=True):
        assert np.array_equal(chunk.codes, other.codes)
        assert list(chunk.positions) == list(other.positions)
        assert set(np.unique(chunk.styles)) <= {NO_STYLE, STYLES.index("search")}
        lesson_of(chunk)
        for position, row in zip(chunk.positions, chunk.codes, strict=True):
            legal = {code for codes in position.legal_codes().values() for code in codes}
            assert set(row[row >= 0].tolist()) <= legal
    assert not np.array_equal(first[0].codes, first[1].codes)
    assert any((chunk.styles >= 0).any() for chunk in first)


def test_processes_play_the_same_chunks() -> None:
    teachers = FastTeachers(workers=1, games=1, random_phases=1, until=1901, generations=1, changes=4, samples=3)
    with_processes = teachers.chunks(1)
    chunk = next(with_processes)
    with_processes.close()  # type: ignore[attr-defined]
    assert np.array_equal(chunk.codes, teachers.chunk(1, 0).codes)


def test_a_mixture_keeps_the_share_and_uses_each_position_so_often() -> None:
    chunks = [next(TEACHERS.chunks(seed)) for seed in (1, 2)]
    chunk = joined(chunks)
    people = Chunk(chunk.positions, chunk.codes, np.zeros_like(chunk.styles))

    def numbered() -> Iterator[Chunk]:
        for number in range(1000):
            yield Chunk([chunk.positions[0]], np.full((1, 1), number, np.int32), np.full((1, 7), 3, np.int8))

    batches = list(islice(Mixture(people, numbered(), 8, 0.25, 16, 2, np.random.default_rng(0)), 60))
    assert all(len(batch) == 8 and (batch.styles[:, 0] == 0).sum() == 2 for batch in batches)
    seen = np.concatenate([batch.codes[2:, 0] for batch in batches])
    counts = np.bincount(seen)
    assert counts.max() == 2
    assert (counts[: len(counts) // 2] == 2).mean() > 0.5
    alone = next(Mixture(people, None, 8, 0.25, 16, 2, np.random.default_rng(0)))
    assert len(alone) == 8


def test_public_games_say_who_played(shared_data: Path) -> None:
    chunk = public_chunk(shared_data, Part.VALIDATION)
    assert len(chunk) > 300
    known = set(np.unique(chunk.styles))
    assert {NO_STYLE, STYLES.index("human"), STYLES.index("cicero")} <= known
    lesson = lesson_of(chunk)
    taught = np.flatnonzero(chunk.styles.reshape(-1) >= 0)
    assert len(lesson.seat) > 0.95 * len(taught)
    assert public_chunk(shared_data / "nowhere", Part.TRAIN).styles.shape == (0, len(POWERS))
