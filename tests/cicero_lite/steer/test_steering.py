"""An agent that is steered: before a game, in the middle of a phase, and by the next process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.log import Drafted, EventLog, NotImposed, Searched, Silent, SpeechPlanned, Steered
from cicero_lite.config import AgentConfig
from cicero_lite.steer.controls import Controls, Forbidden, Imposed
from dialogue.acts import ActKind
from dialogue.formality import formality
from dialogue.honesty import Honesty
from engine import Game, Power
from engine.notation import parse_order, same_move
from engine.types import OrderKind, PhaseKind, Province
from planner.preferences import enters
from planner.rollout import Evaluator
from planner.search import SearchConfig

QUICK = AgentConfig(search=SearchConfig(policy="rules", think="4it"))
FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND
BURGUNDY, RUHR = parse_order("A PAR - BUR"), parse_order("A MUN - RUH")


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return Evaluator()


def seat(
    evaluator: Evaluator, controls: Controls | None = None, power: Power = FRANCE
) -> tuple[NegotiatingAgent, EventLog]:
    events = EventLog()
    config = QUICK if controls is None else replace(QUICK, controls=controls)
    return NegotiatingAgent(power, config, None, evaluator, np.random.default_rng(0), events), events


def asks_for(said: Sequence[OutgoingMessage], to: Power, text: str) -> bool:
    wanted = parse_order(text)
    kinds = (ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER)
    acts = [act for message in said if message.recipient is to for act in message.acts if act.kind in kinds]
    return any(same_move(item.order, wanted) for act in acts for item in act.orders if item.power is to)


def test_neutral_controls_are_as_none_were(evaluator: Evaluator) -> None:
    """The same plans, drafts and words, event by event, as with terms that are there and count for nothing."""
    nothing = Controls(weights={GERMANY: 0.0, FRANCE: 1.0}, targets={Province("BUR"): 0.0})
    logs = []
    for controls in (None, Controls(), nothing):
        game = Game()
        france, events = seat(evaluator, controls)
        game.say(GERMANY, FRANCE, "Hi! Shall we keep Burgundy empty?")
        france.begin_phase(game.view(FRANCE))
        france.speak(game.view(FRANCE))
        france.act(game.view(FRANCE), FRANCE)
        logs.append([e for e in events if not isinstance(e, Steered)])
    assert logs[0] == logs[1] == logs[2]
    assert any(isinstance(event, Drafted) for event in logs[0])


def test_controls_are_told_once(evaluator: Evaluator) -> None:
    game = Game()
    quiet, events = seat(evaluator)
    quiet.begin_phase(game.view(FRANCE))
    assert not [e for e in events if isinstance(e, Steered)]
    hawk, events = seat(evaluator, Controls(aggression=0.02))
    for _ in range(2):
        hawk.begin_phase(game.view(FRANCE))
        hawk.steer(Controls(aggression=0.02))
    assert [e for e in events if isinstance(e, Steered)] == [Steered(FRANCE, game.phase, Controls(aggression=0.02))]


def test_own_orders_are_imposed_and_what_is_not_legal_is_told(evaluator: Evaluator) -> None:
    game = Game()
    hold, absurd = parse_order("A MAR H"), parse_order("F BRE - MOS")
    france, events = seat(evaluator, Controls(imposed=Imposed(own=("A PAR - BUR", "A MAR H", "F BRE - MOS"))))
    france.begin_phase(game.view(FRANCE))
    action = france.act(game.view(FRANCE), FRANCE)
    france.act(game.view(FRANCE), FRANCE)
    assert {BURGUNDY, hold} <= set(action)
    assert len(action) == 3, "the fleet is planned for"
    missed = [e for e in events if isinstance(e, NotImposed)]
    assert missed == [NotImposed(FRANCE, game.phase, absurd, "not legal in this phase")]
    game.set_orders(FRANCE, action)
    game.process()
    france.begin_phase(game.view(FRANCE))
    later = france.act(game.view(FRANCE), FRANCE)
    assert {order.unit for order in later} == set(game.view(FRANCE).units(FRANCE))
    assert [e.phase for e in events if isinstance(e, NotImposed)].count(game.phase) == 2, (
        "what cannot be given any more"
    )


def test_what_cannot_be_given_together_is_told_and_planned_for(evaluator: Evaluator) -> None:
    """One build, of which two are imposed."""
    game = Game()
    game.set_orders(FRANCE, [parse_order("A MAR - SPA"), BURGUNDY])
    while game.phase.kind is not PhaseKind.ADJUSTMENTS:
        game.process()
    view = game.view(FRANCE)
    france, events = seat(evaluator, Controls(imposed=Imposed(own=("A PAR B", "A MAR B", "A BUR - MUN"))))
    france.begin_phase(view)
    (built,) = france.act(view, FRANCE)
    assert built.kind is OrderKind.BUILD
    assert [str(e.order) for e in events if isinstance(e, NotImposed)] == ["A PAR B", "A MAR B"]
    france.steer(Controls(imposed=Imposed(own=("A MAR B",))))
    assert [str(order) for order in france.act(view, FRANCE)] == ["A MAR B"]


@pytest.mark.parametrize("heard", [None, "Hi! What are your plans?", "Shall we keep Burgundy empty? I go to Denmark."])
@pytest.mark.parametrize("wanted", ["A MUN - RUH", "A MUN S A PAR - BUR", "F KIE - HOL"])
def test_it_asks_for_what_is_wanted(heard: str | None, wanted: str, evaluator: Evaluator) -> None:
    game = Game()
    controls = Controls(imposed=Imposed(own=("A PAR - BUR",), wanted={GERMANY: (wanted,)}))
    france, _ = seat(evaluator, controls)
    if heard is not None:
        game.say(GERMANY, FRANCE, heard)
    france.begin_phase(game.view(FRANCE))
    said = france.speak(game.view(FRANCE))
    assert asks_for(said, GERMANY, wanted)
    (intent,) = {m.intent for m in said if m.recipient is GERMANY}
    assert intent is not None
    assert any(same_move(order, parse_order(wanted)) for order in intent.wanted.orders)


def test_it_takes_a_trade_for_what_is_wanted(evaluator: Evaluator) -> None:
    """A price that it would not pay otherwise."""
    offer = "If you move from Paris to Picardy, I'll move from Munich to Ruhr."
    answers = []
    for wanted in ({}, {GERMANY: ("A MUN - RUH",)}):
        game = Game()
        france, _ = seat(evaluator, Controls(imposed=Imposed(wanted=wanted)))
        view = game.view(FRANCE)
        france.begin_phase(view)
        plan = france.plan(view)
        game.say(GERMANY, FRANCE, offer)
        options = france._options(plan, game.view(FRANCE))
        answers.append(max(p.worth for o in options if o.recipient is GERMANY for p in o.alternatives))
    assert answers[0] < answers[1]


def test_forbidden_acts_are_neither_planned_nor_said(evaluator: Evaluator) -> None:
    said_kinds, planned_kinds = [], []
    kinds = (ActKind.PROPOSE, ActKind.ALLY, ActKind.DEMILITARISE, ActKind.ASK)
    for forbidden in ((), kinds):
        game = Game()
        france, events = seat(evaluator, Controls(forbidden=Forbidden(acts=forbidden)))
        for other in (GERMANY, ENGLAND):
            game.say(other, FRANCE, "Hi! Shall we be allies? What are your plans?")
        france.begin_phase(game.view(FRANCE))
        said = france.speak(game.view(FRANCE))
        assert said
        said_kinds.append({act.kind for message in said for act in message.acts})
        planned_kinds.append({act.kind for e in events if isinstance(e, SpeechPlanned) for act in e.acts})
        drafts = [e for e in events if isinstance(e, Drafted)]
        assert all(("forbidden" in {f.filter for f in e.verdicts}) is bool(forbidden) for e in drafts)
    assert said_kinds[0] & set(kinds)
    assert not said_kinds[1] & set(kinds)
    assert not planned_kinds[1] & set(kinds)


def test_provinces_are_never_entered(evaluator: Evaluator) -> None:
    view = Game().view(FRANCE)
    france, events = seat(evaluator, Controls(forbidden=Forbidden(provinces=(Province("MAO"), Province("BUR")))))
    france.begin_phase(view)
    assert not any(enters(order) in ("MAO", "BUR") for order in france.act(view, FRANCE))
    searched = [e for e in events if isinstance(e, Searched)]
    assert searched
    assert not any(enters(o) in ("MAO", "BUR") for e in searched for a in e.policies[FRANCE].actions for o in a)


def test_silence(evaluator: Evaluator) -> None:
    game = Game()
    game.say(GERMANY, FRANCE, "What are your plans?")
    france, events = seat(evaluator, Controls(verbosity=0, imposed=Imposed(wanted={GERMANY: ("A MUN - RUH",)})))
    france.begin_phase(game.view(FRANCE))
    assert france.speak(game.view(FRANCE)) == []
    assert [e.reason for e in events if isinstance(e, Silent)] == ["its controls keep it silent"]
    france.steer(Controls())
    assert france.speak(game.view(FRANCE)), "until it is told otherwise"


def test_it_is_steered_in_the_middle_of_a_phase(evaluator: Evaluator) -> None:
    game = Game()
    france, events = seat(evaluator)
    view = game.view(FRANCE)
    france.begin_phase(view)
    before = france.act(view, FRANCE)
    unit = next(order.unit for order in before if order.unit is not None and order.unit.location == "PAR")
    other = next(o for o in view.legal_orders(FRANCE)[unit.province] if o not in before)
    controls = Controls(honesty=Honesty.BINDING, imposed=Imposed(own=(str(other),)))
    france.steer(controls)
    assert france.controls == controls
    assert other in france.act(view, FRANCE)
    assert [e.controls for e in events if isinstance(e, Steered)] == [controls]
    france.steer(Controls())
    assert france.act(view, FRANCE) == before
    assert [e.controls for e in events if isinstance(e, Steered)] == [controls, Controls()]


def test_a_promise_stays_when_it_is_steered(evaluator: Evaluator) -> None:
    game = Game()
    france, _ = seat(evaluator, Controls(honesty=Honesty.BINDING))
    view = game.view(FRANCE)
    france.begin_phase(view)
    move = next(o for o in france.act(view, FRANCE) if enters(o))
    place = enters(move)
    assert place is not None
    assert move.unit is not None
    names = game.map_data.full_names
    game.say(
        ENGLAND,
        FRANCE,
        f"Could you move from {names[move.unit.location]} to {names[move.target or move.unit.location]}?",
    )
    said = [m for m in france.speak(game.view(FRANCE)) if m.recipient is ENGLAND]
    assert any(act.kind is ActKind.AGREE for m in said for act in m.acts)
    for message in said:
        game.say(FRANCE, ENGLAND, message.text)
    france.steer(Controls(honesty=Honesty.BINDING, targets={place: -1.0}))
    assert move in france.act(game.view(FRANCE), FRANCE)
    france.steer(Controls(honesty=Honesty.OPPORTUNIST, targets={place: -1.0}))
    assert move not in france.act(game.view(FRANCE), FRANCE), "whose word does not bind it goes where it is told"


def test_the_next_process_goes_on_with_the_same_controls(evaluator: Evaluator) -> None:
    game = Game()
    france, _ = seat(evaluator)
    view = game.view(FRANCE)
    france.begin_phase(view)
    controls = Controls(imposed=Imposed(own=("A PAR - BUR", "A MAR H")), formality=1.0)
    france.steer(controls)
    state = france.state()
    again, events = seat(evaluator)
    again.restore(state, view)
    assert again.controls == controls
    assert set(again.act(view, FRANCE)) == set(france.act(view, FRANCE)) > {BURGUNDY}
    again.begin_phase(view)
    assert not [e for e in events if isinstance(e, Steered)], "it was told before"
    del state["controls"]
    older, _ = seat(evaluator, Controls(loyalty=1.0))
    older.restore(state, view)
    assert older.controls == Controls(loyalty=1.0), "a state of a version without controls leaves those configured"


def test_tone_is_chosen_among_what_passes(evaluator: Evaluator) -> None:
    means = []
    for tone in (-1.0, 0.0, 1.0):
        game = Game()
        france, _ = seat(evaluator, Controls(formality=tone))
        france.begin_phase(game.view(FRANCE))
        said = [m for m in france.speak(game.view(FRANCE)) if m.recipient is not None]
        means.append(float(np.mean([formality(m.text) for m in said])))
    assert means == sorted(means)
    assert means[0] < means[-1] - 0.3
