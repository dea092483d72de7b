"""A game of the arena: the same from the same seed, seen by those who look."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cicero_lite.arena import match
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.codec import decode, encode
from cicero_lite.arena.match import ArenaError, GameResult, play_match
from cicero_lite.registry import Agent, Seat
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import POWERS, Action, Phase, Power

RANDOM, GREEDY, DUMBBOT = AgentSpec("random"), AgentSpec("greedy"), AgentSpec("dumbbot")
MIXED = {power: (RANDOM, GREEDY, DUMBBOT)[power.number % 3] for power in POWERS}


def test_a_game_is_a_function_of_its_seed() -> None:
    first = play_match(MIXED, 5, 1902)
    assert play_match(MIXED, 5, 1902) == first
    assert play_match(MIXED, 6, 1902) != first
    assert first.seats == {power: str(spec) for power, spec in MIXED.items()}
    assert first.last_phase.year == 1902
    assert first.winner is None
    assert sum(first.scores.values()) == pytest.approx(1)
    assert sum(first.centers.values()) <= 34
    assert first.movements == dict.fromkeys(POWERS, 4)
    assert all(spent > 0 for spent in first.seconds.values())
    assert first.phases >= 5


def test_a_result_is_read_as_it_was_written() -> None:
    result = play_match(MIXED, 5, 1901)
    read = decode(GameResult, encode(result))
    assert read == result
    assert read.seconds == result.seconds


@dataclass
class Looking:
    """Holds, and looks."""

    power: Power
    records: list[PhaseRecord] = field(default_factory=list)

    def act(self, view: GameView, power: Power) -> Action:
        assert view.messages == ()
        return ()

    def phase_resolved(self, record: PhaseRecord) -> None:
        self.records.append(record)


def test_who_looks_sees_every_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    seated: dict[Power, Looking] = {}

    def make(name: str, seat: Seat) -> Agent:
        return seated.setdefault(seat.power, Looking(seat.power))

    monkeypatch.setattr(match, "make_agent", make)
    result = play_match(dict.fromkeys(POWERS, RANDOM), 0, 1901)
    for agent in seated.values():
        assert [record.phase for record in agent.records] == [Phase.parse("S1901M"), Phase.parse("F1901M")]
    assert result.phases == 2


@pytest.mark.parametrize(("seed", "until", "expected"), [(-1, 1901, "seed"), (0, 1900, "until: expected 1901 to")])
def test_what_cannot_be_played_is_refused(seed: int, until: int, expected: str) -> None:
    with pytest.raises(ArenaError, match=expected):
        play_match(MIXED, seed, until)
    with pytest.raises(ArenaError, match="got none for AUSTRIA"):
        play_match({Power.FRANCE: RANDOM}, 0, 1901)
