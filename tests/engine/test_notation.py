"""Order text and orders are the same thing, written twice."""

import copy
import pickle
import subprocess
import sys

import pytest

from engine.notation import parse_order, same_move
from engine.types import POWERS, NotationError, OrderKind, Phase, Power, UnknownPowerError

ORDERS = [
    "A PAR H",
    "A PAR - BUR",
    "A LON - BRE VIA",
    "F STP/SC - BOT",
    "F MAO - SPA/NC",
    "A PAR S A MAR",
    "A PAR S A MAR - BUR",
    "F ENG C A LON - BRE",
    "A BUD R SER",
    "F STP/SC R LVN",
    "A BUD D",
    "F STP/NC B",
    "WAIVE",
]


@pytest.mark.parametrize("text", ORDERS)
def test_print_of_parse_is_identity(text: str) -> None:
    assert str(parse_order(text)) == text


@pytest.mark.parametrize("text", ORDERS)
def test_repr_evaluates(text: str) -> None:
    from engine.types import Location, Order, Unit, UnitKind  # noqa: F401  # names that repr uses

    order = parse_order(text)
    plain = repr(order)
    for kind in (*OrderKind, *UnitKind):
        plain = plain.replace(repr(kind), f"{type(kind).__name__}({kind.value!r})")
    assert eval(plain) == order


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A PAR",
        "A PAR -",
        "A PAR C A LON",
        "a par - bur",
        "A PAR - BUR - MUN",
        "F ENG C A LON",
        "A PAR R BUR VIA",
    ],
)
def test_nonsense_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(NotationError, match="unknown order"):
        parse_order(text)


def test_same_move_ignores_coast_and_via_only() -> None:
    assert same_move(parse_order("A LON - BRE VIA"), parse_order("A LON - BRE"))
    assert not same_move(parse_order("A LON - BRE"), parse_order("A LON - PIC"))


@pytest.mark.parametrize("text", ["S1901M", "F1903R", "W1910A", "S0001M", "F0901R"])
def test_phase_round_trip(text: str) -> None:
    assert str(Phase.parse(text)) == text


@pytest.mark.parametrize("text", ["S1901A", "W1901M", "X1901M", "S901M", ""])
def test_no_such_phase(text: str) -> None:
    with pytest.raises(NotationError, match="expected a phase"):
        Phase.parse(text)


def test_phases_sort_in_time() -> None:
    names = ["W1901A", "S1901M", "F1901R", "S1902M", "F1901M", "S1901R"]
    assert [str(p) for p in sorted(map(Phase.parse, names))] == [
        "S1901M",
        "S1901R",
        "F1901M",
        "F1901R",
        "W1901A",
        "S1902M",
    ]


def test_unknown_power_names_the_known() -> None:
    with pytest.raises(NotationError, match="'ATLANTIS': expected one of AUSTRIA, ENGLAND"):
        Power.parse("ATLANTIS")


def test_variants_declare_powers() -> None:
    rome = Power.declare("ROME")
    assert Power.declare("ROME") is Power("ROME") is Power.parse(" rome ") is rome
    assert (rome, rome.value, rome.title(), repr(rome)) == ("ROME", "ROME", "Rome", "<Power.ROME: 'ROME'>")
    assert Power.declare("FRANCE") is Power.FRANCE
    assert list(Power) == list(POWERS)
    assert len(POWERS) == 7
    with pytest.raises(UnknownPowerError, match=r"ROME has no number: .* its place in map_data\.powers"):
        _ = rome.number


@pytest.mark.parametrize("name", ["", "R", "rome", "NEW-YORK", "ROME\n", "4TH", "X" * 33, "UNOWNED", "GLOBAL", "ÉIRE"])
def test_names_that_no_power_can_have(name: str) -> None:
    with pytest.raises(UnknownPowerError, match="no name for a power"):
        Power.declare(name)


def test_declared_powers_keep_their_identity() -> None:
    rome = Power.declare("ROME")
    assert copy.copy(rome) is copy.deepcopy(rome) is rome
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps((rome, Power.FRANCE), protocol)) == (rome, Power.FRANCE)
        assert pickle.loads(pickle.dumps(rome, protocol)) is rome
    elsewhere = (
        f"import pickle; from engine.types import Power; power = pickle.loads({pickle.dumps(rome)!r}); "
        "assert power is Power('ROME') and len(list(Power)) == 7"
    )
    subprocess.run([sys.executable, "-c", elsewhere], check=True)
