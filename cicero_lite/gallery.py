"""Makes a gallery of games: an index, and a replay of each, that need nothing but each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from cicero_lite.arena.log import Drafted, Event, GameStarted, Searched, Sent, Steered
from cicero_lite.arena.press_measures import PressRecord, press_record, total
from cicero_lite.arena.turning_points import Turn, TurningPoint, turning_points
from cicero_lite.config import load_file_as
from cicero_lite.errors import CiceroLiteError
from cicero_lite.inspection import GameRecord, open_record
from cicero_lite.output import check_folder, commit_told, write_files
from cicero_lite.session import phase_resolved, phase_started
from cicero_lite.steer.controls import NEUTRAL
from cicero_lite.steer.words import controls_words
from cicero_lite.view import replay_of
from cicero_lite.web.gallery import Card, Moment, gallery_html
from cicero_lite.web.replay import phase_title
from engine.board import Board
from engine.game import Game
from engine.render import influence_over, render_small, scene_of
from engine.types import POWERS, Power

INDEX = "index"


class GalleryError(CiceroLiteError, ValueError):
    """Games of which no gallery can be made."""


@dataclass(frozen=True)
class Caption:
    """What to write over a game; empty: what its record says."""

    title: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Captions:
    """A file of captions."""

    title: str = "Gallery of games"
    """Of the whole gallery."""
    about: str = ""
    """What is to be seen in it."""
    games: Mapping[str, Caption] = field(default_factory=dict)
    """By the name of a game's folder, or of its file without the ending."""


def write_gallery(paths: Sequence[Path], out: Path, captions: Path | None = None) -> list[Path]:
    """Writes ``index.html`` and a replay of each game, and returns all of them.

    Args:
        paths: folders that `cicero-lite play` wrote, or saved games; they are shown in this order.
        out: the folder to write into; what is there already is replaced if it has the same name.
        captions: a YAML file of `Captions`.

    Raises:
        GameFileError, EventLogError, InspectionError: a game or its log cannot be read.
        ConfigError: the file of captions cannot be read.
        GalleryError: two games have one name, or a caption is of none of them.
        OutputError: the folder cannot be written.
    """
    check_folder(out)
    written = Captions() if captions is None else load_file_as(Captions, captions)
    named = _named(paths)
    if unknown := sorted(set(written.games) - set(named)):
        raise GalleryError(f"{captions}: no game {unknown[0]!r}: expected one of {', '.join(sorted(named))}")
    pages, cards = {}, []
    for name, path in named.items():
        record = open_record(path)
        pages[f"{name}.html"] = replay_of(record.game, record.events)
        cards.append(card_of(record, f"{name}.html", written.games.get(name, Caption())))
    pages = {f"{INDEX}.html": gallery_html(written.title, written.about, cards)} | pages
    write_files(out, pages)
    return [out / name for name in pages]


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    """The games by what their replays will be called."""
    named: dict[str, Path] = {}
    for path in paths:
        whole = path.absolute()
        name = re.sub(r"[^\w.-]+", "_", whole.name if path.is_dir() else whole.stem)
        if name in named or name == INDEX:
            there = f"{named[name]}" if name in named else "the index"
            raise GalleryError(f"{path} and {there} would both be {name}.html: rename one of them")
        named[name] = path
    return named


# --- what a card says ----------------------------------------------------------------------------------------


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
        moments=[_moment(point, record) for point in turning_points(events, press)],
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
        return f"A draw of {_listed(game.drawn_by)} in {last}"
    most = max(len(game.centers(power)) for power in POWERS)
    ahead = [power for power in POWERS if len(game.centers(power)) == most]
    return f"{_listed(ahead)} {'lead' if len(ahead) > 1 else 'leads'} with {most} centres at the end of {last}"


def _caption(record: GameRecord) -> str:
    game = record.game
    said = sum(len(played.messages) for played in game.history) + len(game.messages)
    years = [played.phase.year for played in game.history] or [game.phase.year]
    talk = f"{said} messages" if said else "no press"
    steered = [power for power, words in _steered(record).items() if words]
    parts = [f"{years[0]} to {years[-1]}", talk, *(f"{player}: {seats}" for seats, player in _players(record))]
    if steered:
        parts.append(f"steered: {_listed(steered)}")
    return "; ".join(parts)


def _players(record: GameRecord) -> list[tuple[str, str]]:
    """Seats and who played them, one row for each kind of player."""
    played: dict[str, list[Power]] = defaultdict(list)
    for power, agent in record.agents.items():
        played[agent].append(power)
    return [("all seats" if len(powers) == len(POWERS) else _listed(powers), name) for name, powers in played.items()]


def _steered(record: GameRecord) -> dict[Power, str]:
    """The controls that each steered seat had last."""
    last = {event.power: event.controls for event in record.events if isinstance(event, Steered)}
    return {power: controls_words(controls) for power, controls in last.items() if controls != NEUTRAL}


def _seats(record: GameRecord) -> list[tuple[str, str]]:
    return _players(record) + [(f"{power.title()}, steered", words) for power, words in _steered(record).items()]


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


def _moment(point: TurningPoint, record: GameRecord) -> Moment:
    thought = f"{point.phase}/why/{point.power}"
    searched = any(isinstance(e, Searched) and e.power is point.power and e.phase == point.phase for e in record.events)
    links = [] if point.message is None else [("the words", f"{point.message.phase}/talks/{point.message.sequence}")]
    if searched:
        links.append((f"what {point.power.title()} thought", thought))
    links.append(("the orders", f"{point.phase}/orders"))
    if point.kind is Turn.STAB:
        links = links[::-1]
    message = point.message
    speaker = "" if message is None else f"{message.sender.title()} to {_hearer(message.recipient)}, {message.phase}"
    return Moment(
        when=phase_title(str(point.phase)).partition(",")[0],
        kind=point.kind.value,
        told=point.told,
        quote="" if message is None else message.text,
        speaker=speaker,
        links=links,
    )


def _hearer(power: Power | None) -> str:
    return "everybody" if power is None else power.title()


def _picture(game: Game) -> str:
    influence = influence_over([*(scene_of(played.board) for played in game.history), scene_of(game)])[-1]
    counts = ", ".join(f"{power.title()} {len(game.centers(power))}" for power in POWERS if game.centers(power))
    return render_small(game, influence, f"Last position. Centres: {counts}")


def _made(record: GameRecord) -> str:
    started = next((event for event in record.events if isinstance(event, GameStarted)), None)
    if started is None:
        return "a saved game without a log"
    return f"seed {started.seed}, {commit_told(started.commit, started.dirty)}"


def _listed(powers: Sequence[Power]) -> str:
    """Names in a row.

    >>> _listed(POWERS[:3])
    'Austria, England and France'
    """
    names = [power.title() for power in powers]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


__all__ = ["Caption", "Captions", "GalleryError", "card_of", "write_gallery"]
