"""Advice on one phase of any game: what to order, what to expect of the others, what to say to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.agent import build_agent
from cicero_lite.arena.codec import encode
from cicero_lite.arena.log import Believed, EventLog, IntentFormed, Searched, SpeechPlanned
from cicero_lite.config import AgentConfig
from cicero_lite.display import phase_name, power_text
from cicero_lite.errors import CiceroLiteError
from cicero_lite.registry import seed_of
from dialogue.acts import SpeechAct
from engine.board import neighbours
from engine.game import GameView
from engine.mapfile import load_map
from engine.saved import load_game
from engine.types import POWERS, Action, Intent, Phase, PlannedOrders, Power


class AdviceError(CiceroLiteError, ValueError):
    """Advice asked for a power that is out of the game."""


@dataclass(frozen=True)
class RatedAction:
    """Orders a power may give, with what the search thinks of them."""

    orders: Action
    probability: float
    """In the equilibrium found, 0 to 1."""
    expected_score: float | None
    """Of the power that gives them, 0 to 1; None: not searched."""


@dataclass(frozen=True)
class Letter:
    """A drafted message, or None where the agent has nothing to say that passes its filters."""

    recipient: Power
    text: str | None
    acts: tuple[SpeechAct, ...]
    intent: Intent | None
    source: str = ""
    """Who worded it."""


@dataclass(frozen=True)
class Advice:
    """All the advice on one phase."""

    game: str
    phase: Phase
    power: Power
    chosen: Action
    """What the agent would play."""
    actions: tuple[RatedAction, ...]
    """The power's own, likeliest first."""
    expected_scores: Mapping[Power, float]
    others: Mapping[Power, tuple[RatedAction, ...]]
    """What every other living power will probably do, likeliest first."""
    letters: tuple[Letter, ...]
    """One to each neighbour."""
    players: tuple[str, ...] = ()
    """What the others are like, by what they played in the last phases: a line for each of whom something is known."""


def advise(
    path: Path,
    game_id: str | None,
    phase: Phase,
    power: Power,
    config: AgentConfig,
    *,
    talk: bool = False,
    seed: int = 0,
) -> Advice:
    """What the negotiating agent would do in a phase of a game, knowing what the power may know.

    Args:
        path: a saved game, or a file of games.
        game_id: which game, where the file holds several.
        phase: the phase to advise on, as it begins.
        power: who asks.
        config: the agent's.
        talk: whether to read the messages of the phase itself too, as at its end.
        seed: the same seed gives the same advice.

    Raises:
        GameFileError: the file holds no such game, or the game no such phase.
        AdviceError: the power is out of the game, or it is a game of another board.
    """
    whole = load_game(path, game_id)
    if whole.map_data.locations != load_map().locations or whole.powers != POWERS:
        raise AdviceError(
            f"no advice on the map {whole.map_name!r}: expected a game of the seven powers on the standard board"
        )
    game = whole.at_phase(phase)
    if talk and game is not whole:
        game.messages = list(whole.history[len(game.history)].messages)
    view = game.view(power)
    if power not in view.alive:
        living = ", ".join(view.alive)
        raise AdviceError(f"no advice for {power} in {phase} of {view.game_id}: expected a living power ({living})")
    return advise_view(view, config, seed)


def advise_view(view: GameView, config: AgentConfig, seed: int = 0) -> Advice:
    """See `advise`; for a view that the caller has."""
    events = EventLog()
    agent = build_agent(view.power, config, seed_of(seed, view.power), events)
    agent.begin_phase(view)
    for message in view.messages:
        if message.sender is not view.power:
            agent.hear(message, view)
    letters = tuple(_letter(other, agent.write_to(other, view), events) for other in neighbours(view, view.power))
    found = [event for event in events if isinstance(event, Searched)]
    believed = [event.words for event in events if isinstance(event, Believed)]
    searched = found[-1] if found else Searched(view.power, view.phase, {}, view.scores(), ())
    rated = {power: _rated(searched, power) for power in view.alive}
    return Advice(
        game=view.game_id,
        phase=view.phase,
        power=view.power,
        chosen=searched.action,
        actions=rated[view.power],
        expected_scores=searched.expected_scores,
        others={power: actions for power, actions in rated.items() if power is not view.power},
        letters=letters,
        players=believed[-1] if believed else (),
    )


def _rated(searched: Searched, power: Power) -> tuple[RatedAction, ...]:
    policy = searched.policies.get(power)
    if policy is None:
        return ()
    values = searched.values.get(power, (None,) * len(policy.actions))
    rated = [RatedAction(*entry) for entry in zip(policy.actions, policy.probabilities, values, strict=True)]
    return tuple(sorted(rated, key=lambda action: -action.probability))


def _letter(recipient: Power, said: OutgoingMessage | None, events: EventLog) -> Letter:
    if said is not None:
        return Letter(recipient, said.text, said.acts, said.intent, said.source)
    meant = [e.intent for e in events if isinstance(e, IntentFormed) and e.intent.recipient is recipient]
    planned = [e.acts for e in events if isinstance(e, SpeechPlanned) and e.recipient is recipient]
    return Letter(recipient, None, planned[-1] if planned else (), meant[-1] if meant else None)


def advice_json(advice: Advice) -> dict[str, Any]:
    """The advice as plain values, for programs."""
    values: dict[str, Any] = encode(advice)
    return values


def print_advice(advice: Advice, console: Console) -> None:
    """The advice for a reader at the terminal."""
    console.print(Group(*_sections(advice)), highlight=False)


def _sections(advice: Advice) -> Iterator[RenderableType]:
    score = advice.expected_scores.get(advice.power)
    heading = Text.assemble(power_text(advice.power), f", {phase_name(advice.phase)}", (f"  {advice.game}", "dim"))
    if score is not None:
        heading.append(f"  expected score {100 * score:.1f} %")
    yield heading
    yield from ("", Text("orders, likeliest first", style="bold"), _own_table(advice))
    yield from ("", Text("what the others will probably do", style="bold"), _others_table(advice))
    if advice.players:
        yield from ("", Text("what they are like", style="bold"))
    for line in advice.players:
        yield Padding(Text(line), (0, 0, 0, 2))
    if advice.letters:
        yield from ("", Text("what to say", style="bold"))
    for letter in advice.letters:
        yield _letter_text(letter)


def _own_table(advice: Advice) -> RenderableType:
    if not any(rated.orders for rated in advice.actions):
        return Text("  nothing to order in this phase", style="dim")
    rows = _table(("", "left"), ("chance", "right"), ("score", "right"), ("orders", "left"))
    for rated in advice.actions:
        mark = "→" if rated.orders == advice.chosen else ""
        score = "" if rated.expected_score is None else f"{100 * rated.expected_score:.1f} %"
        rows.add_row(mark, f"{100 * rated.probability:.0f} %", score, _orders(rated.orders))
    return rows


def _others_table(advice: Advice) -> RenderableType:
    rows = _table(("", "left"), ("power", "left"), ("chance", "right"), ("score", "right"), ("orders", "left"))
    for power, actions in advice.others.items():
        if actions and actions[0].orders:
            score = f"{100 * advice.expected_scores.get(power, 0.0):.1f} %"
            chance = f"{100 * actions[0].probability:.0f} %"
            rows.add_row("", power_text(power), chance, score, _orders(actions[0].orders))
    return rows if rows.row_count else Text("  nobody else has anything to order", style="dim")


def _table(*columns: tuple[str, str]) -> Table:
    rows = Table(box=None, padding=(0, 2, 0, 0))
    for name, side in columns:
        rows.add_column(name, justify="right" if side == "right" else "left", header_style="dim")
    return rows


def _letter_text(letter: Letter) -> RenderableType:
    said = Text.assemble("to ", power_text(letter.recipient), ": ")
    said.append(letter.text or "(no draft passed the filters)", style="" if letter.text else "dim")
    parts: list[RenderableType] = [Padding(said, (0, 0, 0, 2))]
    if letter.intent is not None:
        for label, planned in (("I mean to play", letter.intent.own), ("I want", letter.intent.wanted)):
            parts.append(Padding(Text(f"{label} {_orders_of(planned)}", style="dim"), (0, 0, 0, 6)))
    return Group(*parts)


def _orders_of(planned: PlannedOrders) -> str:
    return f"({planned.power.title()}) {_orders(planned.orders)}"


def _orders(orders: Action) -> str:
    return ", ".join(str(order) for order in orders) or "nothing to order"
