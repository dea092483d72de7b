"""Games: playing, files, and what one power may see."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from engine import (
    POWERS,
    Game,
    GameFileError,
    IllegalOrderError,
    Phase,
    Power,
    game_from_json,
    load_game,
    parse_order,
)
from engine.saved import seated_games
from engine.types import OrderResult, PhaseKind, Province, Unit


def random_game(seed: int, phases: int) -> Game:
    """A game of random legal orders, with a message in every movement phase."""
    rng = np.random.default_rng(seed)
    game = Game(game_id=f"random-{seed}")
    for _ in range(phases):
        if game.is_done:
            break
        if game.phase.kind is PhaseKind.MOVEMENT:
            game.say(Power.FRANCE, Power.GERMANY, f"Bonjour from {game.phase}")
        for power in POWERS:
            options = game.legal_orders(power)
            orders = [choices[rng.integers(len(choices))] for choices in options.values()]
            if game.phase.kind is PhaseKind.ADJUSTMENTS:
                orders = orders[: abs(game.build_count(power))]
            game.set_orders(power, orders)
        game.process()
    return game


def test_opening() -> None:
    game = Game()
    assert str(game.phase) == "S1901M"
    assert game.units(Power.RUSSIA) == tuple(map(Unit.parse, ("A MOS", "A WAR", "F SEV", "F STP/SC")))
    assert game.unit_at(Province("STP")) == (Power.RUSSIA, Unit.parse("F STP/SC"))
    assert game.owner_of(Province("BEL")) is None
    assert sum(map(len, game.legal_orders(Power.RUSSIA).values())) > 20


def test_results_say_what_became_of_orders() -> None:
    game = Game()
    game.set_orders(Power.FRANCE, [parse_order("A PAR - BUR")])
    game.set_orders(Power.GERMANY, [parse_order("A MUN - BUR")])
    record = game.process()
    assert record.results[Unit.parse("A PAR")] == (OrderResult.BOUNCE,)
    assert record.results[Unit.parse("A MAR")] == ()
    assert parse_order("A MAR H") in record.orders[Power.FRANCE]


@pytest.mark.parametrize(
    ("power", "text", "why"),
    [
        (Power.FRANCE, "A PAR - MOS", "A PAR cannot reach MOS"),
        (Power.FRANCE, "A MUN - BUR", "FRANCE has no A MUN to order; there stands A MUN of GERMANY"),
        (Power.FRANCE, "A RUH H", "no unit is there"),
    ],
)
def test_illegal_order_says_why_and_changes_nothing(power: Power, text: str, why: str) -> None:
    game = Game()
    with pytest.raises(IllegalOrderError, match=f"illegal order '{text}' for {power} in S1901M: .*{why}"):
        game.set_orders(power, [parse_order(text)])
    assert parse_order("A PAR H") in game.process().orders[Power.FRANCE]


def test_one_order_a_unit() -> None:
    with pytest.raises(IllegalOrderError, match="two orders for PAR"):
        Game().set_orders(Power.FRANCE, [parse_order("A PAR H"), parse_order("A PAR - BUR")])


def test_a_view_holds_no_talk_of_others() -> None:
    game = Game()
    game.say(Power.FRANCE, Power.GERMANY, "between us")
    game.say(Power.ENGLAND, None, "hello all")
    game.process()
    game.say(Power.GERMANY, Power.FRANCE, "indeed")
    seen = {p: [m.text for r in game.view(p).history for m in r.messages] for p in POWERS}
    assert seen[Power.FRANCE] == seen[Power.GERMANY] == ["between us", "hello all"]
    assert all(seen[p] == ["hello all"] for p in POWERS if p not in (Power.FRANCE, Power.GERMANY))
    assert game.view(Power.ENGLAND).messages == ()
    assert [m.text for m in game.view(Power.FRANCE).talk_with(Power.GERMANY)] == ["between us", "indeed"]


def test_scores_are_shares_of_squares() -> None:
    scores = Game().scores()
    assert scores[Power.RUSSIA] == pytest.approx(16 / 70)
    assert sum(scores.values()) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_saved_game_round_trip(seed: int) -> None:
    game = random_game(seed, 40)
    saved = json.loads(json.dumps(game.to_saved_game()))
    again = game_from_json(saved)
    assert again.to_saved_game() == game.to_saved_game()
    assert [r.phase for r in again.history] == [r.phase for r in game.history]


@pytest.mark.parametrize("seed", range(2))
def test_the_diplomacy_package_replays_our_saved_games(seed: int) -> None:
    from diplomacy.utils.export import from_saved_game_format

    game = random_game(seed, 25)
    theirs = from_saved_game_format(json.loads(json.dumps(game.to_saved_game())))
    assert theirs.get_current_phase() == str(game.phase)
    texts = [m.message for phase in theirs.get_phase_history() for m in phase.messages.values()]
    assert texts == [m.text for r in game.history for m in r.messages]
    replay = type(theirs)()
    for record in game.history:
        assert replay.get_current_phase() == str(record.phase)
        for power in POWERS:
            replay.set_orders(power, [str(o) for o in record.orders[power]])
        replay.process()
        for power in POWERS:
            assert sorted(replay.get_units(power)) == sorted(_units_with_dislodged(game, record.phase, power))


def _units_with_dislodged(game: Game, after: Phase, power: Power) -> list[str]:
    phases = [r.phase for r in game.history]
    following = phases.index(after) + 1
    board = game.history[following].board if following < len(phases) else game
    return [*map(str, board.units(power)), *(f"*{u}" for u in board.dislodged(power))]


def test_at_phase_goes_back_and_names_phases_it_has() -> None:
    game = random_game(1, 12)
    earlier = game.at_phase(game.history[5].phase)
    assert earlier.position == game.history[5].position
    assert len(earlier.history) == 5
    with pytest.raises(GameFileError, match=r"no phase S1950M .*it has S1901M, \.\.\."):
        game.at_phase(Phase.parse("S1950M"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not JSON"),
        ('{"phases": [', "is not JSON"),
        ("[1, 2]", "is no saved game"),
        ('{"phases": []}', "non-empty list 'phases'"),
        ('{"phases": [{"name": "S1901M"}]}', r"phase 0 \(S1901M\): missing 'state'"),
        ('{"map": "moon", "phases": [{"name": "S1901M"}]}', "moon"),
        ('{"phases": [{"name": "S1901Q", "state": {"units": {}, "centers": {}}}]}', "unknown phase 'S1901Q'"),
        (
            '{"phases": [{"name": "S1901M", "state": {"units": {"SPAIN": []}, "centers": {}}}]}',
            "unknown power 'SPAIN'",
        ),
        ('{"phases": [{"name": "S1901M", "state": {"units": {"ITALY": ["A XXX"]}, "centers": {}}}]}', "XXX"),
        ('{"phases": [{"name": "S1901M", "state": {"units": 3, "centers": {}}}]}', "phase 0"),
    ],
)
def test_broken_files_say_what_is_wrong(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "game.json"
    path.write_text(content)
    with pytest.raises(GameFileError, match=problem) as caught:
        load_game(path)
    assert "\n" not in str(caught.value)


def test_missing_and_truncated_files(tmp_path: Path) -> None:
    with pytest.raises(GameFileError, match="no such file"):
        load_game(tmp_path / "none.json")
    whole = gzip.compress(json.dumps(random_game(0, 5).to_saved_game()).encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GameFileError, match="cannot read"):
        load_game(tmp_path / "cut.jsonl.gz")


def test_a_file_of_several_games_needs_an_id(tmp_path: Path) -> None:
    path = tmp_path / "games.jsonl"
    path.write_text("".join(json.dumps(random_game(s, 3).to_saved_game()) + "\n" for s in range(2)))
    assert load_game(path, "random-1").game_id == "random-1"
    with pytest.raises(GameFileError, match="holds 2 games: say which"):
        load_game(path)
    with pytest.raises(GameFileError, match="no game 'x'"):
        load_game(path, "x")


def test_a_line_of_a_file_ends_at_a_newline_alone(tmp_path: Path) -> None:
    """Text may hold other separators, which JSON does not ask to be escaped."""
    saved = random_game(0, 1).to_saved_game()
    saved["phases"][0]["messages"][0]["message"] = said = "Hello\u2028and\x85welcome"
    (tmp_path / "games.jsonl").write_text(f"{json.dumps(saved, ensure_ascii=False)}\r\n\n", encoding="utf-8")
    assert load_game(tmp_path / "games.jsonl").history[0].messages[0].text == said


def test_what_a_file_says_of_players_and_messages(tmp_path: Path) -> None:
    """Numbers are those of the game's messages, whatever else was said beside them."""
    saved = random_game(0, 2).to_saved_game() | {"players": {"FRANCE": "human"}}
    first, second = (phase["messages"] for phase in saved["phases"][:2])
    first[0] |= {"t": 3, "label": {"sender_truth": False}}
    first.insert(0, {"sender": "OBSERVER", "recipient": "GLOBAL", "text": "Hush!", "t": 1.0})
    second[0] |= {"t": None, "label": {"sender_truth": None}}
    (tmp_path / "games.jsonl").write_text(json.dumps(saved))
    (found,) = seated_games(tmp_path / "games.jsonl")
    assert (found.players, found.times, found.truths) == ({"FRANCE": "human"}, {0: 3.0}, {0: False})
    assert [m.sequence for record in found.game.history for m in record.messages] == [0, 1]
