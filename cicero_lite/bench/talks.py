"""Conversations as they come: games of seven agents by seed, and from each the talk of one pair, drawn by the seed.

Nothing is selected by what was said: the pairs of powers are shuffled before the game is looked at, and the first that
exchanged any word is shown, with the acts behind each message, why it was written, and what the two then ordered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from cicero_lite.arena.log import Event, Sent, SpeechPlanned
from cicero_lite.config import Config
from cicero_lite.session import play
from dialogue.acts import Polarity, SpeechAct
from engine.game import Game
from engine.types import POWERS, Action, Phase, PhaseKind, Power

_STREAM = 11
"""Keeps the draw of pairs apart from the games' random numbers."""


@dataclass(frozen=True)
class Line:
    """One message of a talk."""

    sender: Power
    text: str
    acts: tuple[SpeechAct, ...]
    reason: str
    """Why it was written; "" where the agent does not say."""


@dataclass(frozen=True)
class TalkPhase:
    """What two powers said in a movement phase, and did then."""

    phase: Phase
    lines: tuple[Line, ...]
    orders: tuple[tuple[Power, Action], ...]


@dataclass(frozen=True)
class Talk:
    """The talk of one pair in one game."""

    seed: int
    pair: tuple[Power, Power]
    phases: tuple[TalkPhase, ...]


def talk_of(config: Config) -> Talk:
    """Plays the game that a configuration says, and takes the talk of a pair that its seed draws."""
    events: list[Event] = []
    game = play(config, None, [events.append])
    pairs = list(combinations(POWERS, 2))
    order = np.random.default_rng([config.play.seed, _STREAM]).permutation(len(pairs))
    shuffled = [pairs[int(number)] for number in order]
    spoken = {frozenset((m.sender, m.recipient)) for record in game.history for m in record.messages if m.recipient}
    pair = next((p for p in shuffled if frozenset(p) in spoken), shuffled[0])
    return Talk(config.play.seed, pair, tuple(_phases(game, events, pair)))


def talks(config: Config, count: int, done: Callable[[int], None] = lambda number: None) -> list[Talk]:
    """The talks of games with this many seeds, from that of the configuration on.

    Args:
        done: called with the number of games played, after each.
    """
    found = []
    for number in range(count):
        seeded = replace(config, play=replace(config.play, seed=config.play.seed + number))
        found.append(talk_of(seeded))
        done(number + 1)
    return found


def _phases(game: Game, events: Sequence[Event], pair: tuple[Power, Power]) -> Iterable[TalkPhase]:
    both = set(pair)
    planned: dict[tuple[Power, Power | None], SpeechPlanned] = {}
    lines: dict[Phase, list[Line]] = {}
    for event in events:
        if isinstance(event, SpeechPlanned):
            planned[event.sender, event.recipient] = event
        elif isinstance(event, Sent) and {event.message.sender, event.message.recipient} == both:
            message = event.message
            why = planned.get((message.sender, message.recipient))
            reason = why.reason if why is not None and why.acts == event.acts else ""
            lines.setdefault(message.phase, []).append(Line(message.sender, message.text, event.acts, reason))
    for record in game.history:
        if record.phase.kind is PhaseKind.MOVEMENT and any(record.board.units(power) for power in pair):
            orders = tuple((power, record.orders.get(power, ())) for power in pair)
            yield TalkPhase(record.phase, tuple(lines.get(record.phase, ())), orders)


# --- as text ---------------------------------------------------------------------------------------------


def markdown(found: Sequence[Talk], command: str) -> str:
    """The talks as a page."""
    lines = [
        "# Conversations",
        "",
        f"{len(found)} conversations from {len(found)} games of seven agents, as they came: of each game the first",
        "pair, in an order drawn by its seed, that exchanged any word. Under each message the acts that it was planned",
        "to say, and why it was written. The same command writes the same page:",
        "",
        f"    {command}",
    ]
    for talk in found:
        first, second = (power.title() for power in talk.pair)
        lines += ["", f"## Seed {talk.seed}: {first} and {second}"]
        for phase in talk.phases:
            lines += ["", f"### {phase.phase}", ""]
            lines += [text for line in phase.lines for text in _line(line)] or ["Not a word.", ""]
            for power, orders in phase.orders:
                lines.append(
                    f"{power.title()} then ordered {', '.join(f'`{order}`' for order in orders) or 'nothing'}.  "
                )
    return "\n".join(lines) + "\n"


def _line(line: Line) -> list[str]:
    because = f"; {line.reason}" if line.reason else ""
    return [f"**{line.sender.title()}:** {line.text}  ", f"*{'; '.join(map(act_words, line.acts))}{because}*", ""]


def act_words(act: SpeechAct) -> str:
    """An act in a line, such as ``promise not FRANCE: A PAR - BUR``."""
    parts = [act.kind.value.replace("_", " ")]
    parts += ["not"] if act.polarity is Polarity.NOT else []
    parts += [", ".join(map(str, act.orders))] if act.orders else []
    parts += ["in " + " ".join(act.provinces)] if act.provinces else []
    parts += ["about " + ", ".join(power.title() for power in act.powers)] if act.powers else []
    parts += [f"({act.phase})"] if act.phase is not None else []
    parts += [f"if ({act_words(act.condition)})"] if act.condition is not None else []
    return " ".join(parts)
