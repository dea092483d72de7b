"""Orders to the server and back: every legal order of many positions, and what the server keeps of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

import pytest

from cicero_lite.adapters.webdiplomacy_ids import ID_OF, province_id
from cicero_lite.adapters.webdiplomacy_orders import (
    Rejection,
    ServerOrder,
    convoy_path,
    our_order,
    rejections,
    server_orders,
    substitute,
)
from cicero_lite.adapters.webdiplomacy_responses import (
    Answer,
    PastOrder,
    ResponseError,
    StoredOrders,
    read,
)
from engine.board import Board
from engine.notation import parse_order, same_move
from engine.types import IllegalOrderError, Order, OrderKind, PhaseKind, Power, Province
from tests.cicero_lite.webdiplomacy import JSON, example, needs_examples, past_order, random_game, stored_rows


def one(board: Board, power: Power, text: str) -> dict[str, object]:
    """The order as it is sent."""
    order = parse_order(text)
    sent = server_orders(board, power, (order,))
    place = ID_OF[order.unit.location] if order.unit else None
    return next(s for s in sent if place in (s.terr_id, None) or s.type == "Destroy").to_json()


BOARD = Board.from_text(
    "S1902M; ENGLAND A YOR, F NTH, F NWY, A LON; FRANCE F MAO, A MAR, F SPA/SC; RUSSIA F STP/NC, A FIN; TURKEY F CON"
)


@pytest.mark.parametrize(
    ("power", "text", "sent"),
    [
        ("ENGLAND", "A YOR H", {"terrID": 4, "type": "Hold", "toTerrID": "", "fromTerrID": "", "viaConvoy": ""}),
        ("ENGLAND", "A YOR - EDI", {"type": "Move", "toTerrID": 2, "viaConvoy": "No"}),
        ("ENGLAND", "A YOR - EDI VIA", {"toTerrID": 2, "viaConvoy": "Yes", "convoyPath": [4, 53]}),
        ("ENGLAND", "F NTH C A YOR - HOL", {"toTerrID": 43, "fromTerrID": 4, "convoyPath": [4, 53]}),
        ("FRANCE", "F MAO - SPA/NC", {"terrID": 61, "toTerrID": 76}),
        ("FRANCE", "F SPA/SC - MAR", {"terrID": 77, "toTerrID": 49}),
        ("FRANCE", "A MAR S F SPA/SC", {"type": "Support hold", "toTerrID": 8, "fromTerrID": ""}),
        ("RUSSIA", "A FIN S F STP/NC", {"type": "Support hold", "toTerrID": 32}),
        ("RUSSIA", "F STP/NC - NWY", {"terrID": 78}),
        ("RUSSIA", "F STP/NC S A FIN - NWY", {"type": "Support move", "toTerrID": 35, "fromTerrID": 33}),
        ("TURKEY", "F CON - BUL/EC", {"toTerrID": 80}),
    ],
)
def test_orders_of_a_movement_phase(power: str, text: str, sent: dict[str, object]) -> None:
    assert one(BOARD, Power(power), text).items() >= sent.items()


def test_only_a_support_of_what_comes_by_sea_has_a_way() -> None:
    board = Board.from_text("S1902M; ENGLAND A YOR, F NTH, F SKA, A FIN, F NWG")
    by_land = one(board, Power.ENGLAND, "F NWG S A YOR - EDI")
    by_sea = one(board, Power.ENGLAND, "F SKA S A YOR - NWY")
    assert "convoyPath" not in by_land
    assert by_sea["convoyPath"] == [4, 53]


def test_the_way_of_a_convoy_leads_through_the_fleet_that_convoys() -> None:
    board = Board.from_text("S1902M; ENGLAND A LON, F ENG, F NTH, F MAO, F IRI, F NAO")
    lon, spa = Province("LON"), Province("SPA")
    assert convoy_path(board, lon, spa) == (6, 60, 61)
    assert convoy_path(board, lon, spa, through=Province("IRI")) == (6, 60, 59, 61)
    assert convoy_path(board, lon, spa, without=Province("ENG")) == ()


def test_builds_have_a_wait_for_what_is_not_used_and_removals_are_complete() -> None:
    builds = Board.from_text("W1901A; RUSSIA A LON = STP MOS SEV")
    sent = server_orders(builds, Power.RUSSIA, (parse_order("F STP/NC B"),))
    assert [order.to_json()["type"] for order in sent] == ["Build Fleet", "Wait"]
    assert (sent[0].terr_id, sent[0].to_terr_id, sent[1].terr_id) == (78, 78, None)
    removals = Board.from_text("W1901A; RUSSIA A LON, F STP/NC = MOS")
    assert server_orders(removals, Power.RUSSIA, (parse_order("F STP/NC D"),)) == (ServerOrder("Destroy", 32, 32),)
    left_out = server_orders(removals, Power.RUSSIA, ())
    assert left_out == (ServerOrder("Destroy", 6, 6),)  # the farthest from home, as our rules have it


def test_units_without_an_order_hold_or_disband_in_so_many_words() -> None:
    assert [order.type for order in server_orders(BOARD, Power.ENGLAND, ())] == ["Hold"] * 4
    out = Board.from_text("F1902R; FRANCE A MUN, *F BRE > ENG MAO")
    assert server_orders(out, Power.FRANCE, ()) == (ServerOrder("Disband", 46),)
    assert server_orders(out, Power.FRANCE, (parse_order("F BRE R ENG"),)) == (ServerOrder("Retreat", 46, 60),)


def test_an_illegal_order_never_leaves() -> None:
    with pytest.raises(IllegalOrderError, match="A YOR cannot reach MOS"):
        server_orders(BOARD, Power.ENGLAND, (parse_order("A YOR - MOS"),))


# --- back again -------------------------------------------------------------------------------------------


def positions() -> Iterator[Board]:
    """Positions of random games: all kinds of phases."""
    for seed in range(8):
        for record in random_game(seed, 36).history:
            yield record.board


SHARES = {OrderKind.HOLD: 0.05, OrderKind.MOVE: 0.08, OrderKind.SUPPORT: 0.05, OrderKind.CONVOY: 0.2}
"""Of the many orders of these kinds; of others, all."""


def test_legal_orders_of_every_kind_come_back_the_same() -> None:
    seen: dict[OrderKind, int] = {}
    rng = Random(4)
    coasts = doors = 0
    for board in positions():
        for power in board.powers:
            for order in board.options(power):
                if order.unit is None or rng.random() > SHARES.get(order.kind, 1.0):
                    continue
                sent = sent_for(board, power, order)
                row = PastOrder.model_validate({**past_order(sent), "countryID": 1})
                back = our_order(board, power, row)
                assert back is not None, f"{order} in {board.phase}: {sent}"
                assert back == order or (order.kind is OrderKind.SUPPORT and same_move(back, order)), (order, back)
                assert (order.kind is OrderKind.CONVOY or order.via_convoy) <= bool(sent.convoy_path), order
                seen[order.kind] = seen.get(order.kind, 0) + 1
                coasts += "/" in str(order)
                doors += len(sent.convoy_path) > 2
    assert set(seen) == set(OrderKind) - {OrderKind.WAIVE}
    assert min(seen.values()) >= 20
    assert coasts >= 100
    assert doors >= 100


def sent_for(board: Board, power: Power, order: Order) -> ServerOrder:
    """The one order of a call that is for the unit."""
    assert order.unit is not None
    places = {ID_OF[order.unit.location], province_id(order.unit.location)}
    return next(sent for sent in server_orders(board, power, (order,)) if sent.terr_id in places)


def test_a_call_is_kept_as_it_was_meant() -> None:
    for number, board in enumerate(positions()):
        for power in board.powers:
            order = board.options(power)[:1]
            sent = server_orders(board, power, tuple(o for o in order if o.unit is not None)) if order else ()
            slots = abs(board.build_count(power)) if board.phase.kind is PhaseKind.ADJUSTMENTS else None
            rows = stored_rows(power, sent, slots if sent else None)
            rows = rows[number % 3 :] + rows[: number % 3]  # in any order
            assert rejections(power, sent, StoredOrders.model_validate_json(json.dumps(rows))) == ()


@needs_examples
@pytest.mark.parametrize("name", ["movement", "convoy", "retreat", "build", "destroy"])
def test_recorded_orders_were_kept(name: str) -> None:
    recorded = example(f"game_orders_{name}")
    asked = recorded.request["json_body"]
    sent = {order["terrID"]: order for order in asked["orders"]}
    kept = read(StoredOrders, recorded.answer)
    meant = tuple(
        ServerOrder(o["type"], place, o["toTerrID"] or None, o["fromTerrID"] or None, o["viaConvoy"])
        for place, o in sent.items()
    )
    power = {1: Power.ENGLAND, 2: Power.FRANCE, 3: Power.ITALY}[asked["countryID"]]
    others = [r for r in rejections(power, meant, kept) if r.meant is not None]
    assert others == []


@needs_examples
def test_an_order_that_was_dropped_in_silence_is_found() -> None:
    kept = read(StoredOrders, example("game_orders_illegal_silently_kept").answer)
    meant = (ServerOrder("Move", 2, 38, None, "No"), ServerOrder("Move", 3, 4, None, "No"), ServerOrder("Hold", 6))
    found = rejections(Power.ENGLAND, meant, kept)
    assert [str(rejection) for rejection in found] == [
        "expected Move EDI - BER, the server keeps Move EDI - NTH",
        "expected Hold LON, the server keeps Move LON - ENG",
    ]
    incomplete = read(StoredOrders, example("game_orders_missing_viaConvoy").answer)
    assert [r.meant for r in rejections(Power.ENGLAND, meant[1:2], incomplete) if r.meant] == [meant[1]]


def test_what_the_server_keeps_beside_what_was_meant_is_found() -> None:
    meant = (ServerOrder("Build Fleet", 78, 78), ServerOrder("Wait"))
    rows = stored_rows(Power.RUSSIA, (ServerOrder("Build Army", 32, 32), ServerOrder("Wait")))
    found = rejections(Power.RUSSIA, meant, StoredOrders.model_validate_json(json.dumps(rows)))
    assert [(r.meant, r.stored and r.stored.to_terr_id) for r in found] == [(meant[0], 32)]
    assert rejections(Power.RUSSIA, meant[:1], StoredOrders(())) == (Rejection(meant[0], None),)
    unasked = StoredOrders.model_validate_json(json.dumps(stored_rows(Power.RUSSIA, (ServerOrder("Hold", 31),))))
    assert [r.meant for r in rejections(Power.RUSSIA, (), unasked)] == [None]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (stored_rows(Power.ITALY, (ServerOrder("Hold", 31),)), "expected the orders of RUSSIA, got one of ITALY"),
        (stored_rows(Power.RUSSIA, (ServerOrder("Hold", 31), ServerOrder("Hold", 31))), "got two for one, or"),
    ],
)
def test_answers_about_other_orders_are_refused(rows: list[dict[str, object]], problem: str) -> None:
    with pytest.raises(ResponseError, match=problem):
        rejections(
            Power.RUSSIA, (ServerOrder("Hold", 31),), read(StoredOrders, Answer("r", 200, JSON, json.dumps(rows)))
        )


def test_what_the_server_will_not_take_has_a_substitute() -> None:
    assert substitute(ServerOrder("Move", 3, 4, None, "No")) == ServerOrder("Hold", 3)
    assert substitute(ServerOrder("Retreat", 3, 4)) == ServerOrder("Disband", 3)
    assert substitute(ServerOrder("Build Army", 3, 3)) == ServerOrder("Wait")
    assert substitute(ServerOrder("Hold", 3)) is None
