"""Control variates: of mean zero, seen by no agent, and worth their while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.arena import one_v_six as module
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import EventLog
from cicero_lite.arena.match import ArenaError, GameResult, play_match
from cicero_lite.arena.one_v_six import one_v_six
from cicero_lite.arena.results import read_results
from cicero_lite.arena.statistics import summarize
from cicero_lite.arena.variates import Luck, Variates
from cicero_lite.registry import Agent, Redrawable, Seat, make_agent
from engine.game import Game, GameView
from engine.notation import parse_order
from engine.types import POWERS, Action, Power
from planner.baselines import DumbBot

RANDOM, DUMBBOT = AgentSpec("random"), AgentSpec("dumbbot")
F = Power.FRANCE
REDRAWABLE = ("random", "greedy", "dumbbot", "quantal", "grudge", "stabber", "mixed")


class Holding:
    """Lets its units hold, and cannot say what else it might have done."""

    def act(self, view: GameView, power: Power) -> Action:
        return ()


@dataclass
class Choosing(Holding):
    """Says that it might have ordered what it is told to say."""

    drawn: Sequence[Action]

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> Sequence[Action]:
        return self.drawn


def luck_of(played: Action, drawn: Sequence[Action]) -> float:
    """Of France in the first phase of a game, when only England chooses."""
    game = Game()
    agents: dict[Power, Agent] = dict.fromkeys(POWERS, Holding())
    agents[Power.ENGLAND] = Choosing(drawn)
    game.set_orders(Power.ENGLAND, played)
    luck = Luck(Variates(F, len(drawn)), 0, 1905)
    luck.look(game, agents)
    return luck.total


def test_the_mean_over_two_possible_actions_is_zero() -> None:
    attack, retire = ((parse_order(text),) for text in ("F LON - ENG", "F EDI - NTH"))
    chances = {attack: 0.3, retire: 0.7}
    mean = size = 0.0
    for played, *drawn in product(chances, repeat=3):
        chance = chances[played] * chances[drawn[0]] * chances[drawn[1]]
        found = luck_of(played, drawn)
        mean, size = mean + chance * found, size + chance * abs(found)
    assert mean == pytest.approx(0, abs=1e-9)
    assert size > 1e-4
    assert luck_of(attack, [retire, retire]) < 0 < luck_of(retire, [attack, retire])
    assert luck_of(attack, [attack, retire]) == pytest.approx(luck_of(attack, [retire, retire]) / 2)


def test_the_mean_over_games_is_zero() -> None:
    results = [play_match(dict.fromkeys(POWERS, DUMBBOT), seed, 1901, None, Variates(F, 4)) for seed in range(60)]
    found = np.array([result.variate for result in results], np.float64)
    assert found.std() > 0.003
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(len(found))


@pytest.mark.parametrize("name", REDRAWABLE)
def test_no_game_depends_on_them(name: str, tmp_path: Path) -> None:
    seats = dict.fromkeys(POWERS, AgentSpec(name)) | {F: DUMBBOT}
    plain = play_match(seats, 3, 1902, tmp_path / "plain.jsonl")
    looked_at = play_match(seats, 3, 1902, tmp_path / "looked_at.jsonl", Variates(F, 5))
    assert looked_at.variate not in (None, 0.0)
    assert plain.variate is None
    assert replace(looked_at, variate=None) == plain
    assert (tmp_path / "looked_at.jsonl").read_bytes() == (tmp_path / "plain.jsonl").read_bytes()


@pytest.mark.parametrize("name", REDRAWABLE)
def test_what_might_have_been_ordered_could_have_been(name: str) -> None:
    game = Game()
    agent = make_agent(name, Seat(F, 4, AgentSpec(name).config, EventLog()))
    assert isinstance(agent, Redrawable)
    view = game.view(F)
    first = agent.act(view, F)
    actions = agent.redraw(view, F, 7, np.random.default_rng(1))
    assert len(actions) == 7
    for action in (first, *actions):
        game.set_orders(F, action)
    assert agent.redraw(view, F, 7, np.random.default_rng(1)) == actions


def test_draws_are_what_the_agent_draws_from() -> None:
    view, rng = Game().view(F), np.random.default_rng(0)
    agent = DumbBot(np.random.default_rng(1))
    before = agent.rng.bit_generator.state
    drawn = agent.redraw(view, F, 2000, rng)
    assert agent.rng.bit_generator.state == before
    played = [agent.act(view, F) for _ in range(2000)]
    for order in {order for action in played for order in action}:
        shares = [sum(order in action for action in actions) / 2000 for actions in (played, drawn)]
        assert shares[0] == pytest.approx(shares[1], abs=0.06)


def test_they_explain_short_games() -> None:
    found = one_v_six(DUMBBOT, DUMBBOT, games=42, until=1902, variates=16)
    adjusted = summarize(found.of_the_one()).adjusted
    assert adjusted is not None
    assert adjusted.gain is not None
    assert adjusted.gain > 1.2


def test_who_is_out_has_no_luck_left(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = Luck(Variates(F, 4), 0, 1905)
    game = Game()
    monkeypatch.setattr(type(game), "alive", tuple(power for power in POWERS if power is not F))
    luck.look(game, {})
    assert luck.total == 0


def test_six_that_cannot_be_drawn_again_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArenaError) as caught:
        one_v_six(RANDOM, AgentSpec("responder"), games=1, until=1901, log=tmp_path / "log.jsonl", variates=4)
    assert str(caught.value) == (
        "--variates: expected six agents whose orders can be drawn again, such as dumbbot, got 'responder'; leave "
        "--variates out"
    )
    assert not (tmp_path / "log.jsonl").exists()
    with pytest.raises(ArenaError, match="--variates: expected 0 to"):
        one_v_six(RANDOM, DUMBBOT, games=1, until=1901, variates=-1)


def test_an_interrupted_experiment_keeps_its_variates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log.jsonl"
    whole = one_v_six(RANDOM, DUMBBOT, games=3, until=1901, variates=4)
    assert len({result.variate for _, result in whole.results}) == 3

    def impatient(*arguments: object) -> GameResult:
        raise KeyboardInterrupt

    one_v_six(RANDOM, DUMBBOT, games=2, until=1901, log=log, variates=4)
    with monkeypatch.context() as patched:
        patched.setattr(module, "play_match", impatient)
        assert one_v_six(RANDOM, DUMBBOT, games=3, until=1901, log=log, variates=4).interrupted
    assert one_v_six(RANDOM, DUMBBOT, games=3, until=1901, log=log, variates=4, jobs=2).results == whole.results
    header, games = read_results(log)
    assert header is not None
    assert header.variates == 4
    assert tuple(games.items()) == whole.results
    for other in (0, 8):
        with pytest.raises(ArenaError, match=f"is of another experiment: expected variates {other}, got 4"):
            one_v_six(RANDOM, DUMBBOT, games=3, until=1901, log=log, variates=other)


def test_a_log_from_before_there_were_variates_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    expected = one_v_six(RANDOM, DUMBBOT, games=2, until=1901, log=log).results
    log.write_text(log.read_text().replace(',"variates":0', "").replace(',"variate":null', ""))
    assert "variate" not in log.read_text()
    assert one_v_six(RANDOM, DUMBBOT, games=2, until=1901, log=log).results == expected
