"""Blind comparison: two messages for the same moment, side by side on a sheet that does not say whose they are.

Against the grammar: one agent, one plan of what to say, worded by the language model and by our grammar, both past
every filter.  Against Cicero: what Cicero sent in the held-back public games, and what our agent writes for the same
seat, talk and moment.  There the agent holds to the orders that Cicero then gave, if they agree with what our reader
finds of them in Cicero's message; what it wants of the recipient, and what it says, are its own affair.  Otherwise
Cicero changed its mind, or did not mean what it said: the agent follows its own plan, and the sheet is silent about
orders, lest Cicero be judged by ours.

A folder holds the sheet, the answers to be filled in, and the key; `tally` reads the latter two.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from cicero_lite.arena.log import Drafted
from cicero_lite.bench.consistency import model_name, proposals, ruled_out
from cicero_lite.bench.moments import Attempt, Moment, Writer, moments, public_moments
from cicero_lite.config import Config
from cicero_lite.errors import CiceroLiteError, OutputError
from cicero_lite.output import write_files
from dialogue.generation import Source
from dialogue.understanding import read
from engine.types import POWERS, Intent, Message, PlannedOrders
from planner.intents import wanted_action

SHEET, ANSWERS, KEY = "sheet.md", "answers.csv", "key.json"
"""Files of a comparison's folder."""
HEADER = ("pair", "better", "remark")
"""Columns of the answers."""
_TALK = 8
"""Messages of the talk that the sheet shows, at most."""
_ORDER_STREAM = 16
"""Keeps the draw of what is A and what is B apart from other random numbers."""
_MOMENTS_PER_PAIR = 20
"""So many moments for each pair asked for are looked at, at most."""
_REDACTED = "REDACTED"


class PairsError(CiceroLiteError, ValueError):
    """A comparison that cannot be made."""


class Against(StrEnum):
    """Whose messages ours are compared with."""

    GRAMMAR = "grammar"
    CICERO = "cicero"


@dataclass(frozen=True)
class Compared:
    """Two messages for one moment."""

    moment: Moment
    intent: Intent | None
    """What the writer means, for the sheet; None: it is not told."""
    ours: str
    other: str
    source: str
    """Who worded ours: ``model`` or ``grammar``."""


@dataclass(frozen=True)
class PairsFound:
    """What is compared, and what was passed over for want of two messages."""

    against: Against
    pairs: tuple[Compared, ...]
    moments: int
    """Looked at."""


def find_pairs(
    config: Config,
    against: Against,
    pairs: int,
    seed: int,
    games: Path | None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> PairsFound:
    """Writes messages until there are so many pairs.

    Args:
        config: of the games of self-play, and of all agents.
        pairs: how many; fewer are found only if there are too few moments.
        seed: of all draws.
        games: the public games; None, against the grammar alone: self-play alone.
        watch: told of the pairs found, and of those wanted.

    Raises:
        PairsError: no public games to find Cicero in, no model to compare with the grammar, or not one pair.
        MomentError, GameFileError: as `moments.public_moments`.
        LanguageModelError: the language model cannot be loaded.
    """
    if against is Against.GRAMMAR and config.agent.generation.candidates == 0:
        raise PairsError("--against grammar: expected a language model, got agent.generation.candidates=0")
    found: list[Compared] = []
    looked_at = 0
    for moment in _moments(config, against, seed, games):
        if len(found) >= pairs or looked_at >= _MOMENTS_PER_PAIR * pairs:
            break
        looked_at += 1
        if not all(stand_apart(moment, pair.moment) for pair in found):
            continue
        compare = against_grammar if against is Against.GRAMMAR else against_cicero
        pair = compare(moment, config, seed)
        if pair is not None:
            found.append(pair)
        watch(len(found), pairs)
    if not found:
        raise PairsError(f"--against {against}: expected moments with two messages to compare, got none of {looked_at}")
    return PairsFound(against, tuple(found), looked_at)


def stand_apart(moment: Moment, other: Moment) -> bool:
    """Whether two moments may be on one sheet: not of one talk in one phase, and none shows the other's words.

    What was written at a moment includes what its writer went on to say in that phase.
    """
    talks = [(m.view.game_id, {m.view.power, m.recipient}) for m in (moment, other)]
    if talks[0] != talks[1]:
        return True
    one_phase = moment.view.phase == other.view.phase
    return not (one_phase or _shows_words_of(moment, other) or _shows_words_of(other, moment))


def _shows_words_of(moment: Moment, other: Moment) -> bool:
    """Whether the sheet's talk of a moment has what was written at another of the same talk."""
    return any(
        m.phase == other.view.phase and m.sender is other.view.power and m not in other.view.messages
        for m in _shown_talk(moment)
    )


def _shown_talk(moment: Moment) -> Sequence[Message]:
    return moment.view.talk_with(moment.recipient)[-_TALK:]


def _moments(config: Config, against: Against, seed: int, games: Path | None) -> Iterator[Moment]:
    if against is Against.GRAMMAR:
        yield from moments(config, games, seed)
        return
    if games is None:
        raise PairsError("--against cicero: expected public games with Cicero in them, got none; name them by --data")
    yield from public_moments(games, seed, ("cicero",))


def against_grammar(moment: Moment, config: Config, seed: int) -> Compared | None:
    """One plan in the model's words and in the grammar's; None: not both passed the filters, or they are the same."""
    attempt = Writer(moment, config, seed).write()
    if attempt is None:
        return None
    ours, other = (_first_passing(attempt, source) for source in (Source.MODEL, Source.GRAMMAR))
    if ours is None or other is None:
        return None
    return Compared(moment, attempt.intent, ours.text, other.text, ours.source)


def _first_passing(attempt: Attempt, source: Source) -> Drafted | None:
    return next((d for d in attempt.drafts if d.source == source and d.rejected_by is None), None)


def against_cicero(moment: Moment, config: Config, seed: int) -> Compared | None:
    """What Cicero wrote at a moment, and what we write; None: nothing of ours passed, or Cicero's is redacted."""
    said = moment.said
    if said is None or _REDACTED in said.text:
        return None
    writer = Writer(moment, config, seed)
    intent = cicero_intent(moment, said, writer) if meant_it(moment, said) else None
    attempt = writer.write(intent)
    if attempt is None or attempt.sent is None:
        return None
    return Compared(moment, intent, attempt.sent.text, said.text, attempt.sent.source)


def meant_it(moment: Moment, said: Message) -> bool:
    """Whether what our reader finds in a message of the writer's own orders, done or not, agrees with what it gave."""
    acts = read(said, moment.view, moment.view.talk_with(moment.recipient)).acts
    gave = PlannedOrders(said.sender, said.phase, moment.orders)
    played = Intent(said.sender, moment.recipient, gave, PlannedOrders(moment.recipient, said.phase, ()))
    own = (p.fits for p in proposals(acts, played) if p.power is said.sender)
    return all(own) and all(ruled_out(acts, played))


def cicero_intent(moment: Moment, said: Message, writer: Writer) -> Intent:
    """The orders that Cicero gave, and what our search wants of the recipient."""
    wanted = wanted_action(writer.agent.plan(moment.view), moment.recipient)
    return Intent(
        said.sender,
        moment.recipient,
        PlannedOrders(said.sender, said.phase, moment.orders),
        PlannedOrders(moment.recipient, said.phase, wanted),
    )


# --- the files -------------------------------------------------------------------------------------------


def check_new(folder: Path) -> None:
    """Returns if a comparison may be written to this folder.

    Raises:
        OutputError: there is one, perhaps with answers in it.
    """
    there = [name for name in (SHEET, ANSWERS, KEY) if (folder / name).exists()]
    if there:
        raise OutputError(f"cannot write to {folder}: it has a {there[0]}; expected a folder without a comparison")


def write_comparison(folder: Path, found: PairsFound, config: Config, seed: int) -> None:
    """Writes the sheet, empty answers and the key.

    Raises:
        OutputError: the folder cannot be written.
    """
    ours_first = np.random.default_rng([seed, _ORDER_STREAM]).integers(2, size=len(found.pairs)) == 0
    texts = {
        SHEET: sheet(found.pairs, ours_first.tolist()),
        ANSWERS: _answers(len(found.pairs)),
        KEY: json.dumps(_key(found, ours_first.tolist(), config, seed), indent=1) + "\n",
    }
    write_files(folder, texts)


def sheet(pairs: Sequence[Compared], ours_first: Sequence[bool]) -> str:
    """The pairs to be judged, as Markdown."""
    lines = [
        "# Which message is better?",
        "",
        f"{len(pairs)} pairs of messages, A and B, each for the same moment of a game of Diplomacy. Which would you",
        "rather have sent? A good message fits the board and the talk, serves what its writer means to do, and reads",
        f"as if a good player had written it. Put A, B or tie beside each pair in {ANSWERS}, and a remark if you like.",
    ]
    for number, (pair, first) in enumerate(zip(pairs, ours_first, strict=True), start=1):
        lines += ["", *_entry(number, pair, first)]
    return "\n".join(lines) + "\n"


def _entry(number: int, pair: Compared, ours_first: bool) -> Iterator[str]:
    view, recipient = pair.moment.view, pair.moment.recipient
    writer = view.power
    first, second = (pair.ours, pair.other) if ours_first else (pair.other, pair.ours)
    yield f"## Pair {number}"
    yield ""
    yield f"{view.phase}, **{writer.title()} writes to {recipient.title()}**."
    yield ""
    yield "Centres: " + ", ".join(f"{p.title()} {len(view.centers(p))}" for p in POWERS if p in view.alive) + ".  "
    for power in (writer, recipient):
        yield f"{power.title()} has {', '.join(map(str, view.units(power)))}.  "
    yield ""
    talk = _shown_talk(pair.moment)
    yield from (f"> {m.phase} {m.sender.title()}: {_one_line(m.text)}  " for m in talk)
    if not talk:
        yield "> They have not talked yet."
    yield ""
    if pair.intent is not None:
        yield f"{writer.title()} means to order {', '.join(map(str, pair.intent.own.orders))}.  "
        yield f"It would like {recipient.title()} to order {', '.join(map(str, pair.intent.wanted.orders))}."
        yield ""
    yield f"**A:** {_one_line(first)}"
    yield ""
    yield f"**B:** {_one_line(second)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _answers(pairs: int) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    rows.writerows((number, "", "") for number in range(1, pairs + 1))
    return text.getvalue()


def _key(found: PairsFound, ours_first: Collection[bool], config: Config, seed: int) -> dict[str, Any]:
    other = found.against.value
    return {
        "against": other,
        "model": model_name(config),
        "seed": seed,
        "moments": found.moments,
        "pairs": [
            {
                "pair": number,
                "A": "ours" if first else other,
                "B": other if first else "ours",
                "worded_by": pair.source,
                "origin": pair.moment.origin.value,
                "moment": pair.moment.key,
                "held_to_played_orders": found.against is Against.CICERO and pair.intent is not None,
            }
            for number, (pair, first) in enumerate(zip(found.pairs, ours_first, strict=True), start=1)
        ],
    }
