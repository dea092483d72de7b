"""A game with full press in which one seat has a honesty of its own, and what became of promises by it and to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean

from cicero_lite.agent import NegotiatingAgent, build_agent
from cicero_lite.arena.log import EventLog
from cicero_lite.arena.one_v_six import game_seed, seat_of
from cicero_lite.arena.promises import Fate, Kind, fates, kind_of
from cicero_lite.config import Config
from cicero_lite.registry import seed_of
from cicero_lite.session import local_table, run
from dialogue.honesty import Honesty
from engine.game import Game
from engine.types import POWERS, Phase, Power


@dataclass(frozen=True)
class HonestyGame:
    """One game and what became of the words of the seat in question; equal for equal settings, times apart."""

    level: Honesty
    """Of the seat in question."""
    number: int
    """Seat and seed follow from it."""
    seat: Power
    seed: int
    score: float
    """Sum of squares, of the seat."""
    centers: int
    """Of the seat, at the end."""
    last_phase: Phase
    """The last phase played."""
    messages: int
    """That the seat wrote to single powers."""
    given: Mapping[Kind, Mapping[Fate, int]]
    """Promises of the seat."""
    received: Mapping[Fate, int]
    """Promises to the seat."""
    trust: float | None
    """How far the others believe the seat at the end, 0 to 1, their mean; None: no other is left."""
    seconds: float = field(compare=False)
    """Of processor time."""


def play_game(config: Config, level: Honesty, seed: int, number: int) -> HonestyGame:
    """Plays the game of this number: the negotiating agent on all seats, as configured but for one seat's honesty.

    Args:
        config: length, rounds of talk, the agents; its seed is not used.
        level: of the one seat.
        seed: of the experiment.
        number: from 0 on.

    Raises:
        LanguageModelError: a language model is asked for that cannot be loaded.
    """
    start = time.process_time()
    seat, own_seed = seat_of(number), game_seed(seed, number)
    six = config.agent.in_game(own_seed)
    one = replace(six, speech=replace(six.speech, honesty=level))
    game, events = Game(config.play.map_name, game_id=f"honesty-{own_seed}"), EventLog()
    agents: dict[Power, NegotiatingAgent] = {
        power: build_agent(power, one if power is seat else six, seed_of(own_seed, power), events) for power in POWERS
    }
    ended = run(local_table(game, replace(config.play, seed=own_seed)), agents, events)
    records = {record.phase: record for record in game.history}
    given: dict[Kind, dict[Fate, int]] = {kind: dict.fromkeys(Fate, 0) for kind in Kind}
    for promise, fate in fates(agents[seat].ledger, records):
        given[kind_of(promise)][fate] += 1
    received = dict.fromkeys(Fate, 0)
    others = [power for power in POWERS if power is not seat]
    for other in others:
        for promise, fate in fates(agents[other].ledger, records):
            received[fate] += promise.to is seat
    left = [power for power in others if power in game.alive]
    return HonestyGame(
        level=level,
        number=number,
        seat=seat,
        seed=own_seed,
        score=ended.scores[seat],
        centers=len(game.centers(seat)),
        last_phase=game.history[-1].phase,
        messages=sum(m.sender is seat and m.recipient is not None for r in game.history for m in r.messages),
        given=given,
        received=received,
        trust=fmean(agents[power].ledger.trust(seat) for power in left) if left else None,
        seconds=round(time.process_time() - start, 3),
    )


__all__ = ["HonestyGame", "play_game"]
