"""Agreement with people: its figures by hand, and the whole comparison on a game of our own making."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.agreement import Agreement, judge, orders_of_units
from cicero_lite.bench.games import HELD_BACK
from cicero_lite.bench.people import Settings, compare
from cicero_lite.cli import main
from engine.game import Game
from engine.types import POWERS
from planner.baselines import GreedyAgent
from planner.geometry import geometry

SMALL = ("--policy", "rules", "--lambdas", "0,0.01,100", "--limit", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a game in which two people played, and the others are bots."""
    game, player = Game(), GreedyAgent(np.random.default_rng(3), draw=True)
    while game.phase.year == 1901:
        for power in game.alive:
            game.set_orders(power, player.act(game.view(power), power))
        game.process()
    data = game.to_saved_game()
    data["players"] = {power: "human" if power in ("FRANCE", "TURKEY") else "bot" for power in POWERS}
    made = tmp_path_factory.mktemp("data")
    with gzip.open(made / HELD_BACK, "wt") as out:
        out.write(json.dumps(data) + "\n")
    return made


def test_figures_by_hand() -> None:
    orders = np.array([[1, 7], [1, 8], [2, 8]], np.int32)
    policy, anchor, values = np.array([0.4, 0.25, 0.35]), np.array([0.2, 0.5, 0.3]), np.array([0.1, 0.3, 0.2])
    found = judge(orders, 1, policy, anchor, values)
    # The likeliest orders are 1 (.65) and 8 (.6), both played; the likeliest action is the first, which was not.
    assert (found.units, found.order_accuracy, found.action_accuracy) == (2, 2, False)
    assert found.order_cross_entropy == pytest.approx(-math.log(0.65) - math.log(0.6))
    assert found.action_cross_entropy == pytest.approx(-math.log(0.25))
    assert found.gain == pytest.approx(0.185 - 0.23)
    assert found.regret == pytest.approx(0.3 - 0.185)
    assert found.divergence == pytest.approx(0.4 * math.log(2) + 0.25 * math.log(0.5) + 0.35 * math.log(7 / 6))
    # Of equals the first counts.
    even = judge(np.array([[1], [2]], np.int32), 1, np.full(2, 0.5), np.full(2, 0.5), np.zeros(2))
    assert (even.order_accuracy, even.action_accuracy) == (0, False)


def test_means_are_over_units_or_actions() -> None:
    tau = np.array([0.75, 0.25])
    two_units = judge(np.array([[1, 3], [2, 3]], np.int32), 1, tau, tau, np.zeros(2))
    one_unit = judge(np.array([[1], [2]], np.int32), 0, tau, tau, np.zeros(2))
    found = Agreement.of([[two_units], [one_unit, one_unit]])
    assert found.order_accuracy.mean == pytest.approx(3 / 4)
    assert found.action_accuracy.mean == pytest.approx(2 / 3)
    assert found.gain.mean == 0.0
    assert found.order_accuracy.low is not None
    assert found.order_accuracy.low < 3 / 4
    assert Agreement.of([[two_units, one_unit]]).order_accuracy.low is None


def test_units_are_in_one_order_throughout() -> None:
    board = geometry("standard")
    code = board.core.order_code
    here, there = code("A PAR H"), code("A MAR - SPA")
    found = orders_of_units([(here, there), (there, code("A PAR - BUR"))], board)
    assert found[:, 0].tolist() == [there, there]
    assert found[0, 1] == here


def test_lambda_leads_from_the_best_response_to_the_anchor(folder: Path) -> None:
    found = compare(folder, Settings(policy="rules", lambdas=(0.0, 0.01, 1e4)))
    assert (found.games, found.phases, found.actions) == (1, 2, 4)
    assert found.orders >= 4 * 3
    greedy, middle, close = (at.agreement for at in found.lambdas)
    for name in ("order_accuracy", "order_cross_entropy", "action_accuracy", "action_cross_entropy", "gain", "regret"):
        assert getattr(close, name).mean == pytest.approx(getattr(found.anchor, name).mean, abs=1e-3), name
    assert greedy.gain.mean > middle.gain.mean > close.gain.mean
    assert greedy.regret.mean < middle.regret.mean < close.regret.mean
    assert greedy.divergence.mean > middle.divergence.mean > close.divergence.mean
    assert found.anchor.gain.mean == found.anchor.divergence.mean == 0.0
    assert found.anchor == compare(folder, Settings(policy="rules", lambdas=(1.0,))).anchor


def test_the_command_prints_and_draws(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["bench", "people", "--data", str(folder), *SMALL]
    assert main([*command, "--out", "people.png"]) == 0
    out = capsys.readouterr().out
    assert "1 held-back games, 2 movement phases, 4 actions of people" in out
    assert "types" in out
    assert Path("people.png").read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [at["lambda_"] for at in shown["lambdas"]] == [0.0, 0.01, 100.0]
    assert 0 <= shown["proposed"] <= 1
    assert shown["anchor"]["order_cross_entropy"]["mean"] > 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--data", "none"), f"--data none: expected {HELD_BACK} of the public games there, got no such file"),
        (("--lambdas", "0,x"), "--lambdas: expected numbers with commas between them, got '0,x'"),
        (("--lambdas", "inf"), "--lambdas: expected numbers from 0 on, the anchor being infinity, got inf"),
        (("--limit", "-1"), "--limit: expected 0 or more, got -1"),
        (("--policy", "none.safetensors"), "policy network in none.safetensors, got"),
        (("--out", "people.txt"), "--out people.txt: expected a file ending in .png"),
    ],
)
def test_mistakes_are_one_line(options: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "people", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
