"""When an agent votes for a draw."""

from __future__ import annotations

import numpy as np
import pytest

from cicero_lite.arena.log import EventLog
from cicero_lite.arena.placebos import controlled
from cicero_lite.config import AgentConfig, load_config
from cicero_lite.draws import DrawConfig, DrawRule, decide, is_stalemate
from cicero_lite.registry import Expecting, Negotiator, Seat, make_agent
from engine.board import position_from_text
from engine.game import Game
from engine.types import Power

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY
LATE = "S1907M; FRANCE A PAR, A MAR = PAR MAR BRE SPA; GERMANY A MUN = MUN BER KIE"
"""France has 16 of 25 squared centres."""


def late() -> Game:
    return Game(position=position_from_text(LATE))


@pytest.mark.parametrize(
    ("expected", "config", "wanted", "scoring"),
    [
        (0.5, DrawConfig(), True, "sum_of_squares"),
        (0.65, DrawConfig(), True, "sum_of_squares"),
        (0.65, DrawConfig(margin=0.0), False, "sum_of_squares"),
        (0.7, DrawConfig(), False, "sum_of_squares"),
        (0.5, DrawConfig(), True, "draw_size"),
        (0.6, DrawConfig(), False, "draw_size"),
        (0.1, DrawConfig(), False, "solo"),
        (0.01, DrawConfig(), True, "solo"),
        (0.1, DrawConfig(from_year=1908), False, "sum_of_squares"),
        (0.1, DrawConfig(rule=DrawRule.NEVER), False, "sum_of_squares"),
        (0.1, DrawConfig(rule=DrawRule.STALEMATE), False, "sum_of_squares"),
    ],
)
def test_a_draw_is_weighed_against_playing_on(expected: float, config: DrawConfig, wanted: bool, scoring: str) -> None:
    assert decide(late().view(FRANCE), FRANCE, expected, scoring, config).wanted is wanted


def test_the_reason_has_both_figures() -> None:
    found = decide(late().view(FRANCE), FRANCE, 0.25, "sum_of_squares", DrawConfig())
    assert (found.worth, found.expected) == (0.64, 0.25)
    assert found.reason == "a draw now is worth 64.0% to it, playing on 25.0%"


def test_who_expects_nothing_goes_by_the_board() -> None:
    game = late()
    assert not decide(game.view(FRANCE), FRANCE, None, "sum_of_squares", DrawConfig()).wanted
    for _ in range(9):  # nobody orders anything: three years in which no centre changes hands
        assert not is_stalemate(game, 3)
        game.process()
    assert decide(game.view(FRANCE), FRANCE, None, "sum_of_squares", DrawConfig()).wanted
    assert not decide(game.view(FRANCE), FRANCE, None, "sum_of_squares", DrawConfig(still_years=4)).wanted
    assert not decide(game.view(FRANCE), FRANCE, None, "sum_of_squares", DrawConfig(rule=DrawRule.NEVER)).wanted


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="margin: expected 0 to 1, got 2"):
        DrawConfig(margin=2)
    with pytest.raises(ValueError, match="still_years: expected 1 or more, got 0"):
        DrawConfig(still_years=0)


def test_our_agent_expects_what_its_plan_does_under_control_too() -> None:
    settings = ["agent.search.think=policy", "agent.generation.candidates=0"]
    config: AgentConfig = load_config((), settings).agent
    seat = Seat(FRANCE, 1, config, EventLog())
    agent, game = make_agent("cicero", seat), late()
    assert isinstance(agent, Expecting)
    assert isinstance(agent, Negotiator)
    agent.begin_phase(game.view(FRANCE))
    expected = agent.expected_score(game.view(FRANCE))
    assert 0 < expected < 1
    within = controlled(agent, seat)
    assert isinstance(within, Expecting)
    assert within.expected_score(game.view(FRANCE)) == expected
    assert not isinstance(make_agent("dumbbot", seat), Expecting)
    assert np.isclose(sum(game.scores().values()), 1)
