"""The speed benchmark measures the same work on both engines, and says all it promises; speeds are not judged here."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from cicero_lite.bench.chunks import Play
from cicero_lite.bench.engine import EngineBenchError, Settings, Speed, measure_engine
from cicero_lite.bench.engine_corpus import Corpus, draw_corpus
from cicero_lite.bench.engine_features import StateEncoder, new_arrays
from cicero_lite.bench.engine_ops import Times
from cicero_lite.bench.engine_report import ROWS, Target
from cicero_lite.bench.situations import PackageRules
from cicero_lite.cli import main
from engine.game import Game

WITHOUT_REFERENCE = {"hash", "movement_compiled"}


@pytest.fixture(scope="module", params=[Play.UNIFORM, Play.COHERENT])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    return draw_corpus(request.param, games=3, seed=5)


def check_ops(ops: dict[str, dict[str, float | None]]) -> None:
    assert set(ops) == {row.op for row in ROWS}
    for name, speed in ops.items():
        assert set(speed) == {"per_second", "reference_per_second", "ratio"}
        known = [speed["per_second"]] if name in WITHOUT_REFERENCE else list(speed.values())
        assert all(number is not None and number > 0 for number in known), name


def check_batch(batch: dict[str, Any]) -> None:
    assert batch["threads"] == 2
    assert batch["speedup"] == batch["step"]["speedup"]
    for part in ("step", "legal_arrays", "encode", "random_games"):
        assert all(number > 0 for number in batch[part].values())


def test_quick_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "engine", "--quick", "--games", "1", "--threads", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"ops", "batch", "corpora", "memory", "settings"}
    check_ops(found["ops"])
    assert set(found["corpora"]) == {"uniform", "coherent"}
    for part in found["corpora"].values():
        check_ops(part["ops"])
        assert part["positions"] == sum(part["phases"].values()) > 0
    check_batch(found["batch"])
    assert 0 < found["memory"]["position_bytes"] <= found["memory"]["python_bytes"]
    assert {"games", "seed", "threads", "machine", "versions", "commit", "quick"} <= set(found["settings"])


def test_quick_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "engine", "--quick", "--games", "1"]) == 0
    out = capsys.readouterr().out
    for said in (
        *(row.label for row in ROWS),
        "65x",
        "80x",
        "< 0.2 us",
        "load average",
        "seed 0",
        "diplomacy 1.",
        "commit",
    ):
        assert said in out


def test_encoding_equals_the_reference(corpus: Corpus) -> None:
    package, encoder = PackageRules(), StateEncoder()
    for moment in corpus.moments:
        package.place(moment.position)
        ours, theirs = new_arrays(), new_arrays()
        for array in (*ours, *theirs):
            array.fill(9)  # what was there before must not show
        moment.position.encode(*ours)
        encoder.fill(package.game.get_state(), *theirs)
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(mine, other, err_msg=str(moment.position))


def test_corpora_are_the_same_for_the_same_seed(corpus: Corpus) -> None:
    def played(other: Corpus) -> list[tuple[int, tuple[list[int], ...]]]:
        return [(moment.position.hash, moment.codes) for moment in other.moments]

    assert played(corpus) == played(draw_corpus(corpus.play, games=3, seed=5))
    assert played(corpus) != played(draw_corpus(corpus.play, games=3, seed=6))
    assert len({moment.position for moment in corpus.moments}) == sum(corpus.phases.values())


def test_all_forms_of_the_orders_do_the_same(corpus: Corpus) -> None:
    package, agreed, count = PackageRules(), 0, 0
    for moment in corpus.moments:
        after = moment.position.step(moment.codes)[0]
        assert moment.position.step_texts(moment.texts)[0] == after
        game = Game(position=moment.position)
        for power, orders in moment.orders.items():
            game.set_orders(power, orders)
        game.process()
        assert game.position == after
        package.place(moment.position)
        package.process(list(moment.texts.values()))
        agreed += package.after().units == after.units()
        count += 1
    assert agreed >= 0.9 * count  # its known defects show in some coherent phases


def test_speed_is_the_median_of_both() -> None:
    speed = Speed.of(Times(ours=[0.25, 0.5, 9.0], theirs=[1.0, 2.0, 70.0]))
    assert (speed.per_second, speed.reference_per_second, speed.ratio) == (2.0, 0.5, 4.0)
    assert Target(ratio=4).is_met(speed)
    assert not Target(ratio=4.1).is_met(speed)
    assert Target(per_second=2).is_met(Speed.of(Times(ours=[0.5])))
    assert not Target(ratio=1).is_met(Speed.of(Times(ours=[0.5])))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(games=0), "--games: expected 1 or more, got 0"),
        (Settings(threads=-1), "--threads: expected 0 or more, got -1"),
        (Settings(seed=-2), "--seed: expected 0 or more, got -2"),
    ],
)
def test_senseless_settings(settings: Settings, said: str) -> None:
    with pytest.raises(EngineBenchError, match=said):
        measure_engine(settings)
