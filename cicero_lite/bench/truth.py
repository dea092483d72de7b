"""Whether what agents send is true: whole games of self-play, every message checked against the record.

What counts as false, and what decides it, is in `cicero_lite.bench.truth_oracle`.  Beside the shares of messages: what
became of the promises, and how many drafts each filter rejected in live play.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cicero_lite.arena.log import Drafted, Event, GameEnded, Sent, SpeechPlanned, read_events
from cicero_lite.bench.options import Reached
from cicero_lite.bench.press import count
from cicero_lite.bench.shares import Share
from cicero_lite.bench.talks import act_words
from cicero_lite.bench.truth_oracle import About, Checked, GameChecked, check_game
from cicero_lite.config import Config
from cicero_lite.session import play
from dialogue.memory import Status
from engine.game import Game
from engine.saved import load_game


@dataclass(frozen=True)
class Rejections:
    """What filters did with the drafts of one source."""

    drafts: int
    passed: Share
    by_filter: Mapping[str, Share]
    """Drafts that each filter rejected; one may be rejected by several."""


@dataclass(frozen=True)
class Case:
    """A false message."""

    game: str
    phase: str
    sender: str
    recipient: str
    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class TruthFigures:
    """What was said in some games, and how much of it was false."""

    games: int
    messages: int
    false: Share
    """Messages with a statement about the board, past orders or past words that the record contradicts."""
    against_promises: Share
    """Messages that state an order which an open promise of their sender rules out, and was not taken back."""
    stating: Mapping[str, int]
    """Messages that state anything about each subject."""
    by_subject: Mapping[str, Share]
    """Of those, the false ones."""
    promises: Mapping[str, int]
    """What became of the promises made, as the texts were read."""
    kept: Share
    """Of those kept or broken."""
    drafts: Mapping[str, Rejections]
    """By who worded them."""
    cases: tuple[Case, ...]

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        lines = [
            f"{self.messages} messages sent in {self.games} games; Wilson's 95 % intervals, of independent messages",
            f"false about board, past orders or words  {self.false}",
            f"against an open promise of the sender    {self.against_promises}",
            "of messages that state anything about it, false:",
        ]
        lines += [f"  {name:<28} {share}" for name, share in self.by_subject.items()]
        outcomes = ", ".join(f"{name} {number}" for name, number in sorted(self.promises.items()))
        lines += [f"promises: {outcomes or 'none'}; of those kept or broken, kept {self.kept}"]
        for source, rejections in self.drafts.items():
            lines.append(f"{rejections.drafts} drafts of the {source}; every filter passed {rejections.passed}")
            lines += [f"  {name:<12} rejected {share}" for name, share in rejections.by_filter.items()]
        for case in self.cases:
            lines += ["", f"{case.game} {case.phase} {case.sender} to {case.recipient}: {case.text}"]
            lines += [f"    {problem}" for problem in case.problems]
        return lines


@dataclass(frozen=True)
class PlayedGame:
    """A game with its log, checked."""

    game: Game
    events: tuple[Event, ...]
    checked: GameChecked


def measure_truth(
    config: Config,
    games: int,
    keep: Path | None = None,
    reached: Reached = lambda done, total: None,
) -> tuple[TruthFigures, list[PlayedGame]]:
    """Plays games of agents among themselves, one a seed, and checks what they said.

    Args:
        config: seats, first seed and last year; the agents' settings.
        games: how many.
        keep: folder for the games, each in its own; one that stands there finished is not played again.
        reached: told of the number of games checked.

    Raises:
        LanguageModelError: the language model cannot be loaded.
        OutputError, EventLogError, GameFileError: the folder cannot be written, or what is there cannot be read.
    """
    played: list[PlayedGame] = []
    for number in range(games):
        seeded = replace(config, play=replace(config.play, seed=config.play.seed + number))
        game, events = _played(seeded, None if keep is None else keep / f"seed-{seeded.play.seed}")
        played.append(PlayedGame(game, tuple(events), check_game(game)))
        reached(number + 1, games)
    return figures(played), played


def _played(config: Config, folder: Path | None) -> tuple[Game, list[Event]]:
    if folder is not None and (folder / "events.jsonl").is_file():
        events = read_events(folder / "events.jsonl")
        if events and isinstance(events[-1], GameEnded):
            return load_game(folder / "game.json"), events
    events = []
    return play(config, folder, [events.append]), events


def figures(played: Sequence[PlayedGame]) -> TruthFigures:
    """Counts what was said in games that were checked."""
    messages = [(one.game.game_id, checked) for one in played for checked in one.checked.messages]
    stating = {about: [c for _, c in messages if about in c.states] for about in About}
    outcomes = Counter(p.status for one in played for p in one.checked.promises)
    settled = [status is Status.KEPT for status in outcomes.elements() if status in (Status.KEPT, Status.BROKEN)]
    return TruthFigures(
        games=len(played),
        messages=len(messages),
        false=Share.counted(any(u.about is not About.PROMISE for u in c.untruths) for _, c in messages),
        against_promises=Share.counted(any(u.about is About.PROMISE for u in c.untruths) for _, c in messages),
        stating={about.value: len(found) for about, found in stating.items()},
        by_subject={
            about.value: Share.counted(any(u.about is about for u in c.untruths) for c in found)
            for about, found in stating.items()
        },
        promises={status.value: number for status, number in outcomes.items()},
        kept=Share.counted(settled),
        drafts=_rejections([event for one in played for event in one.events]),
        cases=tuple(_case(name, checked) for name, checked in messages if checked.untruths),
    )


def _rejections(events: Iterable[Event]) -> dict[str, Rejections]:
    found = count(events)
    return {
        source: Rejections(
            number,
            Share.among(found.passed[source], number),
            {
                name: Share.among(rejected, number)
                for name, rejected in sorted(found.rejected[source].items(), key=lambda item: -item[1])
            },
        )
        for source, number in sorted(found.drafts.items())
    }


def _case(game: str, checked: Checked) -> Case:
    message = checked.message
    problems = tuple(f"{untruth.about}: {untruth.what}" for untruth in checked.untruths)
    recipient = "all" if message.recipient is None else message.recipient.title()
    return Case(game, str(message.phase), message.sender.title(), recipient, message.text, problems)


def json_lines(played: Sequence[PlayedGame]) -> str:
    """Every message as a line of JSON, to be read by eye: what was planned, said, read, rejected before it, false."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for one in played for line in _lines(one))


def _lines(one: PlayedGame) -> Iterable[dict[str, Any]]:
    checked = {c.message.sequence: c for c in one.checked.messages}
    planned: dict[object, SpeechPlanned] = {}
    drafts: dict[object, list[Drafted]] = {}
    for event in one.events:
        match event:
            case SpeechPlanned():
                planned[event.sender, event.recipient] = event
                drafts[event.sender, event.recipient] = []
            case Drafted():
                drafts.setdefault((event.sender, event.recipient), []).append(event)
            case Sent(message=message):
                pair = (message.sender, message.recipient)
                why = planned.get(pair)
                found = checked.get(message.sequence)
                yield {
                    "game": one.game.game_id,
                    "phase": str(message.phase),
                    "from": message.sender.value,
                    "to": None if message.recipient is None else message.recipient.value,
                    "text": message.text,
                    "source": event.source,
                    "reason": "" if why is None else why.reason,
                    "planned": [act_words(act) for act in event.acts],
                    "read": [] if found is None else [act_words(act) for act in found.acts],
                    "false": [] if found is None else [f"{u.about}: {u.what}" for u in found.untruths],
                    "rejected": [
                        {"text": d.text, "by": {v.filter: v.reason for v in d.verdicts if v.verdict == "reject"}}
                        for d in drafts.get(pair, ())
                        if d.rejected_by is not None
                    ],
                }
