"""What a program does with a game: orders as texts, results in words, taking back, draws, copies, boards as text."""

from __future__ import annotations

import copy
import pickle

import pytest

from engine import (
    Board,
    Game,
    GameOverError,
    IllegalOrderError,
    NotationError,
    Order,
    OrderResult,
    Phase,
    Power,
    Unit,
    UnknownPowerError,
    available_maps,
    game_from_json,
    parse_order,
)
from engine._core import IllegalStateError
from engine.mapfile import core_map
from engine.types import OrderKind


def random_game(phases: int, map_name: str = "standard") -> Game:
    """A game of coherent random orders."""
    game = Game(map_name)
    for seed in range(phases):
        for power, codes in zip(game.powers, game.position.sample(seed, coherent=True), strict=True):
            game.set_orders(power, [game.position.map.order_text(code) for code in codes])
        game.process()
    return game


def test_orders_as_texts_are_the_same_orders() -> None:
    """Texts and orders mixed; a later call takes the place of an earlier one; mistakes change nothing."""
    game = Game()
    game.set_orders(Power.FRANCE, ["A PAR - BUR", parse_order("A MAR S A PAR - BUR")])
    assert [str(order) for order in game.orders_of(Power.FRANCE)] == ["A MAR S A PAR - BUR", "A PAR - BUR"]
    for wrong, error, message in (
        ("A PAR - LON", IllegalOrderError, "A PAR cannot reach LON"),
        ("A PAR-BUR", NotationError, "unknown order 'A PAR-BUR'"),
        ("A PAR S A XXX", IllegalOrderError, "there is no XXX on the map 'standard'"),
        ("A VEN H", IllegalOrderError, "FRANCE has no A VEN to order; there stands A VEN of ITALY"),
    ):
        with pytest.raises(error, match=message):
            game.set_orders(Power.FRANCE, [wrong])
    with pytest.raises(IllegalOrderError, match="two orders for PAR"):
        game.set_orders(Power.FRANCE, ["A PAR H", "A PAR - BUR"])
    assert len(game.orders_of(Power.FRANCE)) == 2
    assert game.orders_of(Power.ITALY) == ()
    record = game.process()
    assert [str(order) for order in record.orders[Power.FRANCE]] == ["F BRE H", "A MAR S A PAR - BUR", "A PAR - BUR"]


def test_outcomes_say_who_dislodged_whom() -> None:
    """Every word of the results, as a player reads it."""
    board = Board.from_text(
        "S1901M; AUSTRIA A BUD, A SER, F TRI; ITALY A VEN, F ADR, F ION, A TUN; TURKEY F AEG, F GRE, A BUL"
    )
    game = Game(position=board.position)
    game.set_orders(Power.AUSTRIA, ["F TRI H", "A BUD - SER", "A SER - BUL"])
    game.set_orders(Power.ITALY, ["A VEN - TRI", "F ADR S A VEN - TRI", "F ION C A TUN - ALB", "A TUN - ALB VIA"])
    game.set_orders(Power.TURKEY, ["F AEG - ION", "F GRE S F AEG - ION", "A BUL - SER"])
    record = game.process()
    assert [str(outcome) for outcome in record.outcomes] == [
        "AUSTRIA A BUD - SER: bounce",
        "AUSTRIA A SER - BUL: bounce",
        "AUSTRIA F TRI H: dislodged by A VEN (ITALY)",
        "ITALY F ADR S A VEN - TRI: succeeds",
        "ITALY F ION C A TUN - ALB: dislodged by F AEG (TURKEY)",
        "ITALY A TUN - ALB VIA: no convoy",
        "ITALY A VEN - TRI: succeeds",
        "TURKEY F AEG - ION: succeeds",
        "TURKEY A BUL - SER: bounce",
        "TURKEY F GRE S F AEG - ION: succeeds",
    ]
    assert record.results[Unit.parse("F TRI")] == (OrderResult.DISLODGED,)
    assert str(game.phase) == "S1901R"
    game.set_orders(Power.AUSTRIA, ["F TRI R ALB"])
    assert [str(outcome) for outcome in game.process().outcomes] == [
        "AUSTRIA F TRI R ALB: succeeds",
        "ITALY F ION D: disband",
    ]


def test_undo_takes_back_orders_messages_and_draws() -> None:
    game = Game()
    game.say(Power.ITALY, Power.AUSTRIA, "Peace?")
    game.set_orders(Power.ITALY, ["A VEN - TYR"])
    before = game.position
    record = game.process()
    game.process()
    game.draw()
    game.undo()
    assert not game.is_done
    assert game.undo() is record
    assert game.position == before
    assert [message.text for message in game.messages] == ["Peace?"]
    assert [str(order) for order in game.orders_of(Power.ITALY)] == ["A VEN - TYR"]
    assert game.process().orders == record.orders
    game.undo()
    with pytest.raises(GameOverError, match="has no phase to take back"):
        game.undo()


def test_a_draw_ends_the_game_and_is_kept_in_its_file() -> None:
    game = random_game(6)
    game.draw([Power.TURKEY, Power.FRANCE])
    assert game.is_done
    assert game.winner is None
    assert game.drawn_by == (Power.FRANCE, Power.TURKEY)
    assert sum(game.scores().values()) == pytest.approx(1)
    with pytest.raises(GameOverError, match="is over"):
        game.process()
    with pytest.raises(GameOverError, match="is over"):
        game.draw()
    saved = game.to_saved_game()
    assert saved["phases"][-1]["name"] == "COMPLETED"
    again = game_from_json(saved)
    assert again.drawn_by == game.drawn_by
    assert again.to_saved_game() == saved
    with pytest.raises(UnknownPowerError):
        Game().draw([Power.declare("ROME")])
    all_alive = Game()
    all_alive.draw()
    assert all_alive.drawn_by == all_alive.powers


def test_a_copy_goes_its_own_way() -> None:
    game = random_game(4)
    game.say(Power.ITALY, None, "To all")
    other = game.copy()
    other.process()
    other.say(Power.ITALY, None, "Again")
    assert len(game.history) == 4
    assert len(other.history) == 5
    assert [message.text for message in game.messages] == ["To all"]
    assert other.messages[0].sequence == game.messages[0].sequence + 1


@pytest.mark.parametrize("name", ["standard", "ancmed", "world"])
def test_boards_as_text(name: str) -> None:
    """Every position of a game can be written and read, retreats and builds among them."""
    game = random_game(40, name)
    kinds = set()
    for record in game.history:
        board = record.board
        kinds.add(board.phase.kind)
        for text in (board.to_text(), str(board)):
            assert Board.from_text(text, name).position == record.position
    assert len(kinds) == 3
    assert repr(Board.from_text("S1901M; FRANCE A PAR")) == "<Board S1901M, 1 unit, map 'standard'>"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", NotationError, "unknown phase ''"),
        ("Spring", NotationError, "unknown phase 'Spring'"),
        ("S1901M; SPAIN A MAD", UnknownPowerError, "unknown power 'SPAIN'"),
        ("S1901M; FRANCE X PAR", NotationError, "unknown unit 'X PAR'"),
        ("S1901M; FRANCE A PAR; ITALY A PAR", IllegalStateError, "PAR already holds a unit of FRANCE"),
        ("S1901M; FRANCE A PAR = LYO", IllegalStateError, "expected a supply centre"),
        ("F1901R; FRANCE *A PAR > MOS", IllegalStateError, "expected a place it can retreat to, got 'MOS'"),
        ("S1901M; FRANCE *A PAR > PIC", IllegalStateError, "expected no dislodged units outside a retreat phase"),
    ],
)
def test_texts_that_are_no_board(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Board.from_text(text)


def test_boards_show_themselves_in_notebooks() -> None:
    picture = Game()._repr_svg_()
    assert picture is not None
    assert picture.startswith("<svg")
    assert Game("pure")._repr_svg_() is None


@pytest.mark.parametrize("name", ["standard", "world"])
def test_positions_and_orders_survive_pickling(name: str) -> None:
    """As worker processes need it; equal again, with equal hashes."""
    game = random_game(20, name)
    for record in game.history:
        again = pickle.loads(pickle.dumps(record.position))
        assert again == record.position
        assert again.hash == record.position.hash
        assert copy.deepcopy(record.position) == copy.copy(record.position) == record.position
    order = parse_order("A PAR S A MAR - BUR")
    assert hash(order) == hash(Order(OrderKind.SUPPORT, order.unit, order.target, order.aided))
    thawed = pickle.loads(pickle.dumps(order))
    assert thawed == order
    assert "_hash" not in vars(thawed) or thawed is order
    won = core_map().position("W1910A", {"FRANCE": ["A PAR"]}, {}, winner="FRANCE")
    assert won.is_over
    assert pickle.loads(pickle.dumps(won)).winner == "FRANCE"


def test_a_solo_ends_the_game() -> None:
    """Eighteen centres after the fall: no further orders, the winner takes all."""
    data = Game().map_data
    centers = [str(center) for center in data.centers]
    position = core_map().position("F1908M", {"TURKEY": ["A BUL"]}, {"TURKEY": [c for c in centers if c != "BUL"][:17]})
    game = Game(position=position)
    game.process()
    assert game.winner is Power.TURKEY
    assert game.is_done
    assert game.scores()[Power.TURKEY] == 1
    assert not any(game.legal_orders(power) for power in game.powers)
    assert game.to_saved_game()["phases"][-1]["name"] == "COMPLETED"


def test_every_shipped_map_is_listed() -> None:
    assert {"standard", "ancmed", "modern", "world"} <= set(available_maps())
    assert str(Game("ancmed").phase) == str(Phase.parse("S0001M")) == "S0001M"
