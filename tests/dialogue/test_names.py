"""Names of provinces and powers: read in any spelling, written into slots."""

from __future__ import annotations

import numpy as np
import pytest

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.names import (
    POWER_NAMES,
    PROVINCE_NAMES,
    Mention,
    NameKind,
    NameStyle,
    ProvinceStyle,
    SlotError,
    Slots,
    delexicalise,
    fill,
    find_names,
)
from engine.game import Game
from engine.notation import parse_order
from engine.types import Power, Province, UnitKind


def provinces(text: str) -> list[str]:
    return [str(mention.province) for mention in find_names(text) if mention.province is not None]


def powers(text: str) -> list[Power]:
    return [mention.power for mention in find_names(text) if mention.power is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("G and E are allied, R's fleet", [Power.GERMANY, Power.ENGLAND, Power.RUSSIA]),
        ("E and F, not G", [Power.ENGLAND, Power.FRANCE, Power.GERMANY]),
        ("F Lon holds, A Bur too; R/T? plan B", []),
    ],
)
def test_powers_by_letter(text: str, expected: list[Power]) -> None:
    assert powers(text) == expected


def test_a_coast_may_be_possessive() -> None:
    assert [(m.province, m.coast) for m in find_names("a fleet in St Pete's south coast")] == [("STP", "SC")]


@pytest.mark.parametrize("code", sorted(PROVINCE_NAMES))
def test_every_form_written_is_read_back(code: Province) -> None:
    names = PROVINCE_NAMES[code]
    for form in (names.full, names.full.lower(), str(code), *names.nicknames):
        assert provinces(f"I am moving my unit to {form} now.") == [code], form


@pytest.mark.parametrize("power", list(Power))
def test_powers_by_name_adjective_and_people(power: Power) -> None:
    name, adjective, people = POWER_NAMES[power]
    assert powers(f"I spoke to {name} about the {adjective} fleets; {people} agree.") == [power] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Par-Bur, mar to spa", ["PAR", "BUR", "MAR", "SPA"]),
        ("the Channel, EC and the Black", ["ENG", "ENG", "BLA"]),
        ("St. Petersburg or St Pete or STP", ["STP", "STP", "STP"]),
        ("Mid-Atlantic, GOL, Skag, West Med", ["MAO", "LYO", "SKA", "WES"]),
        ("I'll take Burgandy and Marsailles, maybe Tyrolea", ["BUR", "MAR", "TYR"]),
        ("war with gas in the den is a con, pie at par", []),
        ("no point in a war over black and white, nor a bar fight", []),
        ("war to gal", ["WAR", "GAL"]),
        ("Eng-MAO", ["ENG", "MAO"]),
        ("F Bre Eng", ["BRE", "ENG"]),
        ("could you support war hold, then take con?", ["WAR", "CON"]),
        ("bounce in black, in the black and in Ions", ["BLA", "BLA", "ION"]),
        ("this is a serious advance, france", []),
        ("", []),
    ],
)
def test_provinces_in_text(text: str, expected: list[str]) -> None:
    assert provinces(text) == expected


def test_eng_is_the_power_unless_it_stands_like_a_place() -> None:
    (power,) = find_names("I talked with Eng about it")
    assert power.power is Power.ENGLAND
    (place,) = find_names("going to Eng")
    assert place.province == "ENG"


def test_the_board_settles_an_ambiguous_name() -> None:
    (mention,) = find_names("the army in Liv", Game())
    assert mention.province == "LVP"
    assert mention.provinces == ("LVP", "LVN")


def test_a_coast_belongs_to_its_province() -> None:
    mention = find_names("MAO to Spain (nc), thanks")[1]
    assert mention == Mention(7, 17, NameKind.PROVINCE, (Province("SPA"),), None, "NC", 1.0)


def plan() -> tuple[SpeechAct, ...]:
    support = ActOrder(Power.GERMANY, parse_order("A MUN S A PAR - BUR"))
    return (
        SpeechAct(ActKind.REQUEST_SUPPORT, Power.FRANCE, Power.GERMANY, orders=(support,)),
        SpeechAct(ActKind.WARN, Power.FRANCE, Power.GERMANY, powers=(Power.ITALY,), provinces=(Province("TYR"),)),
    )


def test_slots_are_numbered_in_order_of_mention() -> None:
    slots = Slots.of(plan())
    assert slots.provinces == ("MUN", "PAR", "BUR", "TYR")
    assert slots.powers == (Power.GERMANY, Power.FRANCE, Power.ITALY)
    assert slots.kinds == (UnitKind.ARMY, UnitKind.ARMY, None, None)
    assert slots.province_slot(Province("BUR")) == "<P2>"
    assert "<P3:kind>" not in slots.allowed


def test_fill_writes_articles_kinds_and_adjectives() -> None:
    slots = Slots((Province("BLA"), Province("ANK")), (Power.RUSSIA, Power.TURKEY), (None, UnitKind.FLEET), ("", ""))
    rng = np.random.default_rng(0)
    text = fill("<P0> is mine: my <P1:kind> in <P1> keeps the <W0:adj> fleets out.", slots, NameStyle(), rng)
    assert text == "The Black Sea is mine: my fleet in Ankara keeps the Russian fleets out."
    assert fill("<P1:k> <P1>-<P0>", slots, NameStyle(ProvinceStyle.UPPER), rng) == "F ANK-BLA"


def test_fill_is_consistent_within_a_message_and_under_a_seed() -> None:
    slots = Slots((Province("WES"),), (None, Power.ITALY), (None,), ("",))
    style = NameStyle(ProvinceStyle.NICKNAME)
    texts = {fill("<P0>, <P0>", slots, style, np.random.default_rng(seed)) for seed in range(20)}
    assert len(texts) > 1
    for text in texts:
        first, second = text.removeprefix("The ").split(", ")
        assert first == second.removeprefix("the ")
    again = fill("<P0>", slots, style, np.random.default_rng(3))
    assert again == fill("<P0>", slots, style, np.random.default_rng(3))


def test_a_slot_outside_the_plan_is_refused() -> None:
    with pytest.raises(SlotError, match="expected a slot among"):
        fill("<P7>", Slots.of(plan()), NameStyle(), np.random.default_rng(0))


def test_delexicalise_uses_the_numbers_of_the_plan() -> None:
    slots = Slots.of(plan())
    text = "Hi Germany! Munich S Par-Bur? Watch Italy in Tyrolia, and the Black Sea."
    template, grown = delexicalise(text, slots=slots)
    assert template == "Hi <W0>! <P0> S <P1>-<P2>? Watch <W2> in <P3>, and <P4>."
    assert grown.provinces == (*slots.provinces, "BLA")


def test_filling_what_was_delexicalised_names_the_same_things() -> None:
    text = "Germany, my army in Paris goes to Burgundy and the Germans keep the Channel."
    template, slots = delexicalise(text, Game())
    filled = fill(template, slots, NameStyle(), np.random.default_rng(0))
    assert filled.replace("the English Channel", "the Channel") == text
