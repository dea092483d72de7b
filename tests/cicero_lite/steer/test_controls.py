"""What can be set, what cannot, and how it is said."""

from __future__ import annotations

import pytest

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import NotImposed, Steered, event_of, line_of
from cicero_lite.config import changed_controls, config_yaml, load_config, stored_config
from cicero_lite.errors import ConfigError
from cicero_lite.steer.controls import NEUTRAL, Controls, Forbidden, Imposed
from cicero_lite.steer.speaking import speech_of
from cicero_lite.steer.words import controls_words, stored_controls_words
from dialogue.acts import ActKind
from dialogue.honesty import Honesty
from dialogue.situation import SpeechConfig
from engine.notation import parse_order
from engine.types import Phase, Power, Province

SPRING = Phase.parse("S1901M")
FULL = Controls(
    honesty=Honesty.BINDING,
    lambda_=2.0,
    aggression=0.02,
    risk=-3.0,
    weights={Power.ENGLAND: 0.3},
    targets={Province("BUR"): 0.1},
    loyalty=0.5,
    forgiveness=0.25,
    verbosity=0.5,
    formality=-1.0,
    imposed=Imposed("S1901M", ("A PAR - BUR",), {Power.GERMANY: ("A MUN - RUH",)}),
    forbidden=Forbidden((ActKind.THREATEN,), (Power.ITALY,), (Province("PIE"),)),
)


def test_they_are_written_and_read_again() -> None:
    event = Steered(Power.FRANCE, SPRING, FULL)
    assert event_of(line_of(event)) == event
    missed = NotImposed(Power.FRANCE, SPRING, parse_order("A PAR - MOS"), "not legal in this phase")
    assert event_of(line_of(missed)) == missed
    config = load_config(settings=["agent.controls.aggression=0.02", "agent.controls.weights={ENGLAND: 0.3}"])
    again = stored_config(config_yaml(config), "the settings")
    assert again.agent.controls == config.agent.controls == Controls(aggression=0.02, weights={Power.ENGLAND: 0.3})
    spec = AgentSpec.parse("cicero:controls.imposed={own: [A PAR - BUR], wanted: {GERMANY: [A MUN - RUH]}}")
    assert AgentSpec.parse(str(spec)) == spec
    assert spec.config.controls.imposed.own_orders(SPRING) == (parse_order("A PAR - BUR"),)


def test_neutral_is_neutral() -> None:
    assert Controls().is_neutral
    assert not FULL.is_neutral
    speech = SpeechConfig()
    assert speech_of(NEUTRAL, speech) is speech
    assert controls_words(NEUTRAL) == "neutral"
    assert stored_controls_words(config_yaml(load_config())) == ""
    assert stored_controls_words("") == stored_controls_words("agent: {}") == stored_controls_words("{") == ""


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("aggression=2", "aggression: expected -1 to 1, got 2.0"),
        ("aggression=often", "aggression: expected a valid number"),
        ("lambda_=0", "lambda_: expected a factor above 0"),
        ("risk=.nan", "risk: expected -100 to 100, got nan"),
        ("forgiveness=1.5", "forgiveness: expected 0 to 1"),
        ("weights.ENGLAND=3", "weights.ENGLAND: expected -2 to 2"),
        ("weights.ENGLND=1", "expected 'AUSTRIA', 'ENGLAND'"),
        ("targets.XXX=0.1", "targets: expected provinces such as BUR, without coasts, got 'XXX'"),
        ("forbidden.provinces=[STP/NC]", "provinces: expected provinces such as BUR"),
        ("forbidden.acts=[hug]", "expected 'propose'"),
        ("imposed.own=[Paris]", "own: unknown order 'Paris'"),
        ("imposed.own=[A PAR - BUR, A PAR H]", "own: expected one order for A PAR, got 2"),
        ("imposed.wanted={GERMANY: [A MUN]}", "wanted.GERMANY: unknown order 'A MUN'"),
        ("imposed.phase=spring", "phase: unknown phase 'spring'"),
        ("agression=0.1", "did you mean 'aggression'?"),
        ("aggression", "expected control=value"),
        ("aggression.high=1", "expected a single value"),
    ],
)
def test_a_bad_value_gets_one_clear_line(setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        changed_controls(Controls(), setting)
    text = str(caught.value)
    assert words in text
    assert text.startswith(setting)
    assert "\n" not in text


def test_one_control_after_the_other() -> None:
    controls = Controls()
    for setting in ("aggression=0.02", "weights.ENGLAND=0.3", "weights.ITALY=-1", "honesty=cheap talk"):
        controls = changed_controls(controls, setting)
    assert controls == Controls(
        aggression=0.02, weights={Power.ENGLAND: 0.3, Power.ITALY: -1.0}, honesty=Honesty.CHEAP_TALK
    )
    assert changed_controls(controls, "weights={}").weights == {}, "what it held before is replaced"
    assert controls_words(controls) == "honesty=cheap talk, aggression=0.02, weights.ENGLAND=0.3, weights.ITALY=-1.0"


def test_orders_are_imposed_in_their_phase_or_in_every() -> None:
    once, always = (Imposed(phase, ("A PAR - BUR",), {Power.GERMANY: ("A MUN - RUH",)}) for phase in ("S1901M", ""))
    for imposed, phase, holds in ((once, "S1901M", True), (once, "F1901M", False), (always, "F1901M", True)):
        assert bool(imposed.own_orders(Phase.parse(phase))) is holds
        assert bool(imposed.wanted_orders(Phase.parse(phase))) is holds


def test_verbosity_moves_every_budget_and_only_those() -> None:
    speech = SpeechConfig()
    grid = [speech_of(Controls(verbosity=v), speech) for v in (0, 0.5, 1, 2, 4)]
    for name in ("max_messages", "max_phase_messages", "max_initiatives", "max_acts", "max_public"):
        values = [getattr(config, name) for config in grid]
        assert values == sorted(values)
        assert values[0] < values[2] < values[-1]
    worths = [config.least_worth for config in grid]
    assert worths == sorted(worths, reverse=True)
    assert grid[0].max_messages == grid[0].max_phase_messages == 0
    assert {config.max_unanswered for config in grid} == {speech.max_unanswered}
    assert speech_of(Controls(honesty=Honesty.BINDING), speech).honesty is Honesty.BINDING
