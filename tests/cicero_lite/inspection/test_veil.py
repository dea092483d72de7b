"""What a player may see of an agent while the game goes on: its thoughts, and nobody else's words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from cicero_lite.inspection import Inspection, Moment, inspect, reconstruct
from cicero_lite.inspection.findings import Choice, Message, Word
from cicero_lite.inspection.veil import VEILED, seen_by
from dialogue.acts import ActKind, ActOrder, SpeechAct
from engine.notation import parse_order
from engine.types import POWERS, Power
from tests.inspected_game import FALL, record

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND
BY_SEA = parse_order("F LON - NTH")


@cache
def inspection() -> Inspection:
    """Everything about Germany in fall."""
    return inspect(reconstruct(record(), Moment(FALL, GERMANY)))


def test_its_own_thoughts_are_seen() -> None:
    seen = seen_by(inspection(), FRANCE, 0)
    for field in ("orders", "logged", "candidates", "phase", "power"):
        assert getattr(seen, field) == getattr(inspection(), field)
    assert seen.scores[GERMANY] == inspection().scores[GERMANY]
    assert VEILED in seen.doubts


def test_of_third_powers_nothing_is_seen() -> None:
    assert len(inspection().others) == 6  # there is something to be closed
    seen = seen_by(inspection(), FRANCE, 0)
    assert set(seen.scores) == {FRANCE, GERMANY}
    assert set(seen.others) == set(seen.beliefs) == {FRANCE}
    assert [{t.first, t.second} for t in seen.pairs] == [{FRANCE, GERMANY}]
    assert set(seen.convergence.actions) <= {FRANCE, GERMANY}
    assert all(set(step.chances) | set(step.gaps) <= {FRANCE, GERMANY} for step in seen.convergence.steps)
    assert {choice.recipient for choice in seen.choices} <= {FRANCE}
    assert {said.recipient for said in seen.said} <= {FRANCE, None}
    assert all(said.intent is None for said in seen.said)
    assert seen.drafts == ()


@pytest.mark.parametrize("power", [p for p in POWERS if p is not GERMANY])
def test_no_name_of_a_third_power_is_left_in_what_it_believes(power: Power) -> None:
    seen = seen_by(inspection(), power, 0)
    assert {word.by for belief in seen.beliefs.values() for word in belief.words} <= {power, None}


def test_what_third_powers_said_is_left_out() -> None:
    told = Word(ENGLAND, "claim", parse_order("A PAR - BUR"), 0.8, 0.25)
    found = inspection()
    belief = replace(found.beliefs[FRANCE], words=(*found.beliefs[FRANCE].words, told))
    seen = seen_by(replace(found, beliefs={**found.beliefs, FRANCE: belief}), FRANCE, 0)
    assert told not in seen.beliefs[FRANCE].words


def test_it_does_not_tell_what_it_could_have_passed_on() -> None:
    def message(kind: ActKind, power: Power) -> Message:
        return Message((SpeechAct(kind, GERMANY, FRANCE, (ActOrder(power, BY_SEA),)),), 0.01, "because")

    passed_on, own, idea = (
        message(ActKind.INFORM, ENGLAND),
        message(ActKind.INFORM, GERMANY),
        message(ActKind.PROPOSE, ENGLAND),
    )
    found = replace(inspection(), choices=(Choice(FRANCE, False, 1.0, (passed_on, own, idea), None),))
    (choice,) = seen_by(found, FRANCE, 0).choices
    assert choice.alternatives == (own, idea)
