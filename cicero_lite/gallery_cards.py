"""What the index of a gallery says of a game: a card, made of the game's record and of captions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cicero_lite.arena.log import Drafted, Event, GameStarted, Searched, Sent, Steered
from cicero_lite.arena.press_measures import PressRecord, press_record, total
from cicero_lite.arena.turning_points import Turn, TurningPoint, turning_points
from cicero_lite.display import season_of
from cicero_lite.errors import CiceroLiteError
from cicero_lite.inspection import GameRecord
from cicero_lite.output import commit_told
from cicero_lite.session import phase_resolved, phase_started
from cicero_lite.steer.controls import NEUTRAL
from cicero_lite.steer.words import controls_words
from cicero_lite.web.gallery import Card, Moment
from cicero_lite.web.replay import listed
from engine.board import Board
from engine.game import Game
from engine.render import influence_over, render_small, scene_of
from engine.types import POWERS, Message, Phase, Power


class GalleryError(CiceroLiteError, ValueError):
    """Games of which no gallery can be made."""


@dataclass(frozen=True)
class Pick:
    """A moment that somebody picked by hand."""

    at: str
    """Its address in the replay, such as F1903M/talks/12, F1903M/orders or F1903M/why/FRANCE."""
    told: str
    """What is to be seen there, without the full stop."""


@dataclass(frozen=True)
class Caption:
    """What to write over a game; empty: what its record says."""

    title: str = ""
    caption: str = ""
    picks: tuple[Pick, ...] = ()
    """Shown among the turning points that the record shows."""


def card_of(record: GameRecord, file: str, caption: Caption | None = None) -> Card:
    """The card of a game.

    Args:
        record: of the game.
        file: of its replay.
        caption: what to write over it, where it says something.
    """
    game, events = record.game, record.events or _events_of(record.game)
    press, own = press_record(events), caption or Caption()
    years = _years(game)
    return Card(
        file=file,
        title=own.title or _title(game),
        caption=own.caption or _caption(record),
        board=_picture(game),
        centers={power: [len(board.centers(power)) for board in years.values()] for power in POWERS},
        years=[year for year in years if year is not None],
        seats=_seats(record),
        facts=_facts(events, press, bool(record.events)),
        moments=_moments(turning_points(events, press), own.picks, record, file),
        made=_made(record),
    )


def _events_of(game: Game) -> tuple[Event, ...]:
    """What all could see of a game that has no log, as a log would have it."""
    events: list[Event] = []
    for played, following in pairwise([*game.history, None]):
        if played is not None:
            after = game if following is None else following.board
            events += [phase_started(played.board), *map(Sent, played.messages)]
            events.append(phase_resolved(played, {power: after.centers(power) for power in POWERS}))
    return tuple(events)


def _years(game: Game) -> dict[int | None, Board]:
    """The boards at the start (None) and at the end of each year."""
    boards: list[Board] = [*(played.board for played in game.history), game]
    years: dict[int | None, Board] = {None: boards[0]}
    for before, after in pairwise(boards):
        years[before.phase.year] = after
    return years


def _title(game: Game) -> str:
    last = game.history[-1].phase.year if game.history else game.phase.year
    if game.winner is not None:
        return f"{game.winner.title()} wins alone in {last}"
    if game.drawn_by:
        return f"A draw of {_named(game.drawn_by)} in {last}"
    most = max(len(game.centers(power)) for power in POWERS)
    ahead = [power for power in POWERS if len(game.centers(power)) == most]
    return f"{_named(ahead)} {'lead' if len(ahead) > 1 else 'leads'} with {most} centres at the end of {last}"


def _caption(record: GameRecord) -> str:
    game = record.game
    said = sum(len(played.messages) for played in game.history) + len(game.messages)
    years = [played.phase.year for played in game.history] or [game.phase.year]
    talk = f"{said} messages" if said else "no press"
    steered = [power for power, words in _steered(record).items() if words]
    kinds = {power: agent.partition(":")[0] for power, agent in record.agents.items()}
    parts = [f"{years[0]} to {years[-1]}", talk, *(f"{kind}: {seats}" for seats, kind in _players(kinds))]
    if steered:
        parts.append(f"steered: {_named(steered)}")
    return "; ".join(parts)


def _players(agents: Mapping[Power, str]) -> list[tuple[str, str]]:
    """Seats and who played them, one row for each name."""
    played: dict[str, list[Power]] = defaultdict(list)
    for power, agent in agents.items():
        played[agent].append(power)
    every = len(POWERS)
    return [("all seats" if len(seats) == every else _named(seats), name) for name, seats in played.items()]


def _steered(record: GameRecord) -> dict[Power, str]:
    """The controls that each steered seat had last."""
    last = {event.power: event.controls for event in record.events if isinstance(event, Steered)}
    return {power: controls_words(controls) for power, controls in last.items() if controls != NEUTRAL}


def _seats(record: GameRecord) -> list[tuple[str, str]]:
    """Who played, and the controls of seats whose name does not tell them."""
    steered = {p: words for p, words in _steered(record).items() if ":" not in record.agents.get(p, "")}
    return _players(record.agents) + [(f"{power.title()}, steered", words) for power, words in steered.items()]


def _facts(events: Sequence[Event], press: PressRecord, is_logged: bool) -> list[tuple[str, str]]:
    everybody = total(press.measures.values())
    messages = everybody.messages + everybody.public_messages
    if not messages:
        return []
    rejected = sum(isinstance(event, Drafted) and event.rejected_by is not None for event in events)
    return [
        ("messages", str(messages)),
        *([("drafts rejected", str(rejected))] if is_logged else []),
        ("promises given", str(everybody.promises)),
        ("kept", str(everybody.promises_kept)),
        ("broken", str(everybody.promises_broken)),
        ("taken back in time", str(everybody.promises_withdrawn)),
    ]


def _moments(points: Sequence[TurningPoint], picks: Sequence[Pick], record: GameRecord, file: str) -> list[Moment]:
    """What was found and what was picked, in the order of the game."""
    found = [(point.phase, _moment(point, record)) for point in points]
    found += [_picked(pick, record.game, file) for pick in picks]
    return [moment for _, moment in sorted(found, key=lambda item: item[0])]


def _picked(pick: Pick, game: Game, file: str) -> tuple[Phase, Moment]:
    name, *more = pick.at.split("/")
    played = next((played for played in game.history if str(played.phase) == name), None)
    said = {str(message.sequence): message for message in played.messages} if played else {}
    message = None
    match more:
        case ["talks", number] if played is not None and number in said:
            message, words = said[number], "the words"
        case ["orders"] if played is not None:
            words = "the orders"
        case ["why", power] if played is not None and power in POWERS:
            words = f"what {power.title()} thought"
        case _:
            raise GalleryError(
                f"{file}: expected the address of a phase or message of this game, such as F1903M/orders, "
                f"F1903M/talks/12 or F1903M/why/FRANCE, got {pick.at!r}"
            )
    return played.phase, Moment(
        when=season_of(played.phase),
        kind="picked by hand",
        told=pick.told,
        quote="" if message is None else message.text,
        speaker=_speaker(message),
        links=[(words, pick.at)],
    )


def _moment(point: TurningPoint, record: GameRecord) -> Moment:
    thought = f"{point.phase}/why/{point.power}"
    searched = any(isinstance(e, Searched) and e.power is point.power and e.phase == point.phase for e in record.events)
    links = [] if point.message is None else [("the words", f"{point.message.phase}/talks/{point.message.sequence}")]
    if searched:
        links.append((f"what {point.power.title()} thought", thought))
    links.append(("the orders", f"{point.phase}/orders"))
    if point.kind is Turn.STAB:
        links = links[::-1]
    return Moment(
        when=season_of(point.phase),
        kind=point.kind.value,
        told=point.told,
        quote="" if point.message is None else point.message.text,
        speaker=_speaker(point.message),
        links=links,
    )


def _speaker(message: Message | None) -> str:
    if message is None:
        return ""
    hearer = "everybody" if message.recipient is None else message.recipient.title()
    return f"{message.sender.title()} to {hearer}, {season_of(message.phase)}"


def _picture(game: Game) -> str:
    influence = influence_over([*(scene_of(played.board) for played in game.history), scene_of(game)])[-1]
    counts = ", ".join(f"{power.title()} {len(game.centers(power))}" for power in POWERS if game.centers(power))
    return render_small(game, influence, f"Last position. Centres: {counts}")


def _made(record: GameRecord) -> str:
    started = next((event for event in record.events if isinstance(event, GameStarted)), None)
    if started is None:
        return "a saved game without a log"
    return f"seed {started.seed}, {commit_told(started.commit, started.dirty)}"


def _named(powers: Sequence[Power]) -> str:
    return listed([power.title() for power in powers])


__all__ = ["Caption", "GalleryError", "Pick", "card_of"]
