"""The public games, played again by our rules from their first position to their last."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cicero_lite.bench.games import IRREGULAR, REPAIRED, UNLIMITED, GamesFound, replay, replay_files
from engine.game import Game
from engine.types import PhaseKind


@pytest.fixture(scope="module")
def found(shared_data: Path) -> GamesFound:
    """All of them; it takes two seconds."""
    return replay_files(shared_data / f"games-{part}.jsonl.gz" for part in ("train", "validation"))


def test_every_game_replays(found: GamesFound) -> None:
    assert (found.games, found.phases, found.orders) == (69, 4016, 71445)
    assert found.unknown == []
    assert found.compared == {
        "positions": 3939,
        "retreats": 1652,
        "builds": 2889,
        "lost": 220,
        "ends": 69,
    }
    assert found.passed_over == 8


def test_what_the_data_knows_of(found: GamesFound) -> None:
    """Nine phases, for three reasons; those that the data names itself are two games and four retreat lists."""
    assert sorted((d.known, d.game, d.phase) for d in found.differences) == sorted(
        [
            (IRREGULAR, "cicero-443777", "F1907R"),
            (IRREGULAR, "meta-double-convoy", "S1908M"),
            (REPAIRED, "meta-russia-four-builds", "F1902R"),
            (REPAIRED, "peskov-6", "F1903R"),
            (REPAIRED, "searchbot-RUS.1167", "S1906R"),
            (REPAIRED, "searchbot-RUS.1465", "F1925R"),
            (UNLIMITED, "cicero-448105", "W1906A"),
            (UNLIMITED, "cicero-448105", "W1908A"),
            (UNLIMITED, "searchbot-docs-example", "W1905A"),
        ]
    )


def test_illegal_orders_are_those_that_the_data_counts(found: GamesFound) -> None:
    """Game by game as many (that is compared at the end of each): 32 by Peskov's players, 3 elsewhere."""
    assert Counter(m.game.split("-")[0] for m in found.illegal) == {"peskov": 32, "cicero": 2, "meta": 1}
    assert found.late_disbands == 23
    assert found.surplus == 0
    assert found.unordered == {"held": 103, "disbanded": 1, "removed": 59, "waived": 111}


def test_a_retreat_too_many_is_not_known_elsewhere(shared_data: Path) -> None:
    """What the data says of one phase excuses nothing but that, and there only places where a bounce was."""
    with gzip.open(shared_data / "games-train.jsonl.gz", "rt", encoding="utf-8") as lines:
        game = next(data for data in map(json.loads, lines) if data["id"] == "peskov-6")
    phase = next(phase for phase in game["phases"] if phase["name"] == "F1903R")
    phase["state"]["retreats"]["RUSSIA"]["F NWY"].append("SKA")
    (difference,) = replayed(game).unknown
    assert (difference.game, difference.phase) == ("peskov-6", "F1903R")
    phase["state"]["retreats"]["RUSSIA"]["F NWY"].remove("SKA")
    phase["retreat_options_filtered"] = False
    assert len(replayed(game).unknown) == 1


# ---- games of our own --------------------------------------------------------------------------------


def random_game(seed: int, map_name: str = "standard", phases: int = 40) -> dict[str, Any]:
    """A saved game of random orders, through JSON as from a file."""
    rng, game = np.random.default_rng(seed), Game(map_name, game_id=f"random-{seed}")
    for _ in range(phases):
        for power in game.powers:
            orders = [options[rng.integers(len(options))] for options in game.legal_orders(power).values()]
            if game.phase.kind is PhaseKind.ADJUSTMENTS:
                orders = orders[: abs(game.build_count(power))]
            game.set_orders(power, orders)
        game.process()
    saved: dict[str, Any] = json.loads(json.dumps(game.to_saved_game()))
    return saved


def replayed(data: Any) -> GamesFound:
    found = GamesFound()
    replay(data, found)
    return found


@pytest.mark.parametrize("map_name", ["standard", "ancmed", "pure", "standard_age_of_empires"])
def test_our_own_games_replay(map_name: str) -> None:
    game = random_game(1, map_name)
    found = replayed(game)
    assert found.differences == []
    assert found.illegal == []
    assert found.compared["positions"] == len(game["phases"]) - 1
    assert found.compared["results"] == sum(len(phase["results"]) for phase in game["phases"]) > 100


def test_a_unit_moved_by_hand_is_told() -> None:
    game = random_game(2)
    phase = next(p for p in game["phases"][2:] if p["name"].endswith("M"))
    (power, units) = next((p, units) for p, units in phase["state"]["units"].items() if units)
    gone, units[:] = units[0], units[1:]
    first, *_ = replayed(game).unknown
    assert (first.game, first.phase) == ("random-2", phase["name"])
    assert first.what == [f"units of {power}: {gone} ours, none stored"]


def test_other_tampering_is_told() -> None:
    """A centre, a result, an end that the orders do not lead to."""
    centre = random_game(3)
    phase = next(p for p in centre["phases"] if p["name"] == "W1901A")
    power = next(p for p, owned in phase["state"]["centers"].items() if owned)
    taken = phase["state"]["centers"][power].pop()
    assert any(f"centres of {power}: {taken} ours, none stored" in d.what for d in replayed(centre).unknown)

    result = random_game(3)
    result["phases"][0]["results"]["A PAR"] = ["dislodged"]
    (difference,) = replayed(result).unknown
    assert difference.phase == "S1901M"
    assert difference.what[0].startswith("result of A PAR: ")
    assert difference.what[0].endswith(" ours, dislodged stored")

    end = random_game(3) | {"outcome": {"solo": "FRANCE"}, "validation": {"orders": 7}}
    (difference,) = replayed(end).unknown
    assert "won by: None ours, FRANCE stored" in difference.what


def test_orders_are_taken_as_written() -> None:
    """Illegal ones are counted and the unit holds; of two to one unit the first legal one counts."""
    game = Game(game_id="mistakes")
    game.process()
    saved = game.to_saved_game()
    first = saved["phases"][0]
    first["orders"]["FRANCE"] = ["A PAR - MUN", "A PAR H", "A PAR - BUR", "F BRE - SPA", "A MAR - LON", "F LON - NTH"]
    first["results"] = {}
    found = replayed(saved)
    assert found.differences == []
    assert [mistake.order for mistake in found.illegal] == ["A PAR - MUN", "F BRE - SPA", "A MAR - LON", "F LON - NTH"]
    assert found.surplus == 1
    assert found.unordered["held"] == 2  # Brest and Marseilles; every other unit was ordered to hold


def test_a_saved_game_that_was_won_ends() -> None:
    game = Game("pure", game_id="won")
    france = game.powers[2]
    start = game.position.map.position(
        "F1901M", {"FRANCE": ["A BER", "A LON", "A PAR", "A ROM"], "RUSSIA": ["A MOS"]}, {"RUSSIA": ["MOS"]}
    )
    game = Game("pure", "won", start)
    game.process()
    assert game.winner is france
    saved = json.loads(json.dumps(game.to_saved_game()))
    assert replayed(saved).differences == []
    saved["phases"][-1]["name"] = "W1901A"
    assert replayed(saved).unknown[0].what[0] == "phase: COMPLETED ours, W1901A stored"
