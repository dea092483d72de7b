"""Whether messages propose the orders that their sender means: words against intents.

A message proposes orders of its sender (promises, news, offers, agreements, proposals of a joint plan) and of its
addressee (proposals and requests), for the phase at hand.  It is consistent if each of them is in its intent: what the
sender will order, and what it wants of the addressee.  Cicero's messages were judged so by two people (Bakhtin et al.
2022, "Human-level play in the game of Diplomacy by combining language models with strategic reasoning", supplement).
Here our reader judges, on the text alone: it is the same reader that let the message pass, so that what it
misreads it misreads twice.  What it cannot see is for people to find, in the file that has every text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cicero_lite.arena.codec import encode
from cicero_lite.arena.log import Drafted
from cicero_lite.bench.moments import Attempt, Origin, Writer, in_order, public_moments, self_play
from cicero_lite.bench.shares import NONE, Share
from cicero_lite.bench.talks import act_words
from cicero_lite.config import Config
from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.generation import Source
from dialogue.reading import Reading
from dialogue.understanding import read
from engine.notation import same_move
from engine.types import Action, Intent, Message, Order, Power

_OF_SENDER = frozenset(
    {ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER, ActKind.AGREE, ActKind.PROPOSE, ActKind.COUNTER}
)
_OF_ADDRESSEE = frozenset({ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER})
_T = TypeVar("_T")
_LISTED = 20
"""Inconsistent messages shown at the terminal, at most."""


@dataclass(frozen=True)
class Proposal:
    """An order that a message proposes."""

    kind: str
    """Kind of its act; with `` if`` behind it where it holds on a condition."""
    power: Power
    order: Order
    fits: bool
    """Whether the intent has it, coasts aside."""

    def __str__(self) -> str:
        return f"{self.kind} {self.power}: {self.order}"


def proposals(acts: Iterable[SpeechAct], intent: Intent) -> tuple[Proposal, ...]:
    """The orders that acts propose for the phase at hand; not those of third powers, nor what a condition names."""
    return tuple(
        Proposal(
            act.kind.value if act.condition is None else f"{act.kind.value} if",
            item.power,
            item.order,
            any(same_move(item.order, meant) for meant in _meant(intent, item.power)),
        )
        for act in acts
        if act.polarity is Polarity.DO and act.phase in (None, intent.own.phase)
        for item in act.orders
        if (item.power is intent.sender and act.kind in _OF_SENDER)
        or (item.power is intent.recipient and act.kind in _OF_ADDRESSEE)
    )


def _meant(intent: Intent, power: Power) -> Action:
    return intent.own.orders if power is intent.sender else intent.wanted.orders


def ruled_out(acts: Iterable[SpeechAct], intent: Intent) -> list[bool]:
    """Of each own order that acts say will not be given in the phase at hand: whether the intent lacks it, too."""
    return [
        not any(same_move(item.order, meant) for meant in intent.own.orders)
        for act in acts
        if act.polarity is Polarity.NOT and act.phase in (None, intent.own.phase) and act.kind in _OF_SENDER
        for item in act.orders
        if item.power is intent.sender
    ]


@dataclass(frozen=True)
class Judged:
    """A text and what the reader makes of it."""

    origin: Origin
    attempt: Attempt
    draft: Drafted
    reading: Reading
    proposals: tuple[Proposal, ...]

    @property
    def is_sent(self) -> bool:
        """Whether it was sent, not one of the other candidates."""
        return self.draft is self.attempt.sent

    @property
    def consistent(self) -> bool | None:
        """Whether it proposes only orders of its intent; None: it proposes none."""
        return all(p.fits for p in self.proposals) if self.proposals else None

    def as_json(self) -> dict[str, Any]:
        """All of it, for a line of a file."""
        draft, intent, view = self.draft, self.attempt.intent, self.attempt.view
        return {
            "origin": self.origin.value,
            "game": view.game_id,
            "phase": str(view.phase),
            "sender": intent.sender.value,
            "recipient": intent.recipient.value,
            "text": draft.text,
            "source": draft.source,
            "sent": self.is_sent,
            "rejected_by": draft.rejected_by,
            "consistent": self.consistent,
            "astray": [str(p) for p in self.proposals if not p.fits],
            "intent": {"own": encode(intent.own.orders), "wanted": encode(intent.wanted.orders)},
            "plan": [act_words(act) for act in self.attempt.plan.acts],
            "reading": [act_words(act) for act in self.reading.acts],
            "unread": list(self.reading.unread),
        }

    def lines(self) -> Iterator[str]:
        """For a reader at the terminal."""
        intent, draft = self.attempt.intent, self.draft
        yield f"{self.attempt.view.phase} {intent.sender} to {intent.recipient} ({draft.source}): {draft.text}"
        yield f"    not meant:  {'; '.join(str(p) for p in self.proposals if not p.fits)}"
        yield f"    will order: {', '.join(map(str, intent.own.orders))}"
        yield f"    wants:      {', '.join(map(str, intent.wanted.orders))}"
        yield f"    read as:    {'; '.join(map(act_words, self.reading.acts))}"


def reread(text: str, attempt: Attempt) -> Reading:
    """A text read as its recipient would read it, with the talk before it."""
    intent, talk = attempt.intent, attempt.view.talk_with(attempt.recipient)
    after = max((message.sequence for message in talk), default=-1) + 1
    message = Message(intent.sender, intent.recipient, attempt.view.phase, text, after)
    return read(message, attempt.view, talk)


def judge(attempt: Attempt, origin: Origin) -> list[Judged]:
    """Every candidate of an attempt."""
    found = []
    for draft in attempt.drafts:
        reading = reread(draft.text, attempt)
        found.append(Judged(origin, attempt, draft, reading, proposals(reading.acts, attempt.intent)))
    return found


# --- figures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """Texts, and of those that propose orders the share that proposes only orders of the intent."""

    texts: int
    unread: int
    """Texts of which the reader could not read a clause: what that proposes is not judged."""
    consistent: Share
    """Of the texts that propose any order."""
    own: Share
    """Of those that propose orders of the sender: these alone."""
    addressee: Share
    """Of those that propose orders of the addressee: these alone."""
    kinds: Mapping[str, Share]
    """Of those that propose orders by an act of one kind: these alone."""
    sources: Mapping[str, Share]
    """`consistent`, by who worded the text."""
    ruled_out: Share
    """Of the texts that say of own orders that they will not be given: those of which the intent has none."""

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Figures:
        """The figures of some texts."""
        kinds = sorted({p.kind for item in judged for p in item.proposals})
        denied = [ruled_out(item.reading.acts, item.attempt.intent) for item in judged]
        return cls(
            texts=len(judged),
            unread=sum(bool(item.reading.unread) for item in judged),
            consistent=_share(judged, lambda item, p: True),
            own=_share(judged, lambda item, p: p.power is item.attempt.intent.sender),
            addressee=_share(judged, lambda item, p: p.power is item.attempt.intent.recipient),
            kinds={kind: _share(judged, lambda item, p, kind=kind: p.kind == kind) for kind in kinds},
            sources={
                source.value: _share([item for item in judged if item.draft.source == source], lambda item, p: True)
                for source in Source
            },
            ruled_out=Share.counted(all(some) for some in denied if some),
        )

    def rows(self) -> dict[str, Share]:
        """For a table."""
        return {
            "propose only orders of the intent": self.consistent,
            "  own orders": self.own,
            "  the addressee's": self.addressee,
            **{f"  worded by the {source}": share for source, share in self.sources.items()},
            **{f"  {kind.replace('_', ' ')}": share for kind, share in self.kinds.items()},
            "rule out only orders beyond it": self.ruled_out,
        }


def _share(judged: Iterable[Judged], counts: Callable[..., bool]) -> Share:
    """Texts whose proposals fit, of those proposals that count; texts without any are left out."""
    fitting = ([p.fits for p in item.proposals if counts(item, p)] for item in judged)
    return Share.counted(all(fits) for fits in fitting if fits)


@dataclass(frozen=True)
class ConsistencyResult:
    """What was measured."""

    seed: int
    model: str
    attempts: Mapping[str, int]
    """By origin: messages that agents set out to write."""
    unsent: Mapping[str, int]
    """By origin: those of which every candidate was rejected."""
    sent: Mapping[str, Figures]
    """By origin, ``all`` first: the messages sent."""
    candidates: Mapping[str, Figures]
    """The same before any filter: every candidate that was read, the grammar's among them."""
    inconsistent: tuple[Mapping[str, Any], ...]
    """The messages sent that propose an order beyond their intent; see `Judged.as_json`."""

    def lines(self) -> list[str]:
        """For a reader at the terminal."""
        found = [
            "judged by our reader on the text alone, the same that the filters ask: what it misreads it misreads twice",
            "shares of the texts that have any such order, with 95 % intervals",
        ]
        for origin, sent in self.sent.items():
            before, unsent = self.candidates[origin], self.unsent[origin]
            found += [
                "",
                f"{origin}: {self.attempts[origin]} messages planned, {unsent} without a candidate that passed",
                f"{'':<35}{'sent':<34}before filters",
                f"{'texts':<35}{sent.texts:<34}{before.texts}",
                f"{'with a clause that is not read':<35}{sent.unread:<34}{before.unread}",
            ]
            shares = sent.rows()
            found += [f"{row:<35}{shares.get(row, NONE)!s:<34}{share}" for row, share in before.rows().items()]
        return found


def measure(
    config: Config,
    messages: int,
    seed: int,
    games: Path | None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[ConsistencyResult, list[Judged]]:
    """Has agents write, in games among themselves and from people's seats, half and half, and judges every text.

    Args:
        config: of the games of self-play, and of all agents.
        messages: that they set out to write.
        seed: of the first game, and of the draw of moments.
        games: the public games; None: self-play alone.
        watch: told of the messages written, and of those to be written.

    Returns:
        The figures, and every candidate behind them.

    Raises:
        MomentError, GameFileError: as `public_moments`.
        LanguageModelError: the language model cannot be loaded.
    """
    from_people = [] if games is None else public_moments(games, seed)[: messages // 2]
    of_self_play = messages - len(from_people)
    judged: list[Judged] = []
    attempts = {Origin.SELF_PLAY: 0, Origin.PEOPLE: 0}
    unsent = dict(attempts)

    def take(attempt: Attempt, origin: Origin) -> None:
        attempts[origin] += 1
        unsent[origin] += attempt.sent is None
        judged.extend(judge(attempt, origin))

    number = seed
    while (done := attempts[Origin.SELF_PLAY]) < of_self_play:
        for attempt in self_play(config, number, of_self_play - done, _after(done, messages, watch)):
            take(attempt, Origin.SELF_PLAY)
        number += 1
    for place, moment in enumerate(in_order(from_people), start=1):
        written = Writer(moment, config, seed).write()
        if written is not None:
            take(written, Origin.PEOPLE)
        watch(of_self_play + place, messages)
    return _result(config, seed, judged, attempts, unsent), judged


def _after(done: int, total: int, watch: Callable[[int, int], None]) -> Callable[[int], None]:
    """Tells of what a game has, on top of what is done already."""
    return lambda more: watch(done + more, total)


def _result(
    config: Config, seed: int, judged: Sequence[Judged], attempts: Mapping[Origin, int], unsent: Mapping[Origin, int]
) -> ConsistencyResult:
    sent = [item for item in judged if item.is_sent]
    return ConsistencyResult(
        seed=seed,
        model=model_name(config),
        attempts=_by_origin(lambda origin: sum(n for place, n in attempts.items() if origin in (None, place))),
        unsent=_by_origin(lambda origin: sum(n for place, n in unsent.items() if origin in (None, place))),
        sent=_by_origin(lambda origin: Figures.of([j for j in sent if origin in (None, j.origin)])),
        candidates=_by_origin(lambda origin: Figures.of([j for j in judged if origin in (None, j.origin)])),
        inconsistent=tuple(item.as_json() for item in sent if item.consistent is False),
    )


def _by_origin(make: Callable[[Origin | None], _T]) -> dict[str, _T]:
    """What is made of everything, under ``all``, and of each origin."""
    return {"all": make(None), **{origin.value: make(origin) for origin in Origin}}


def model_name(config: Config) -> str:
    """Which language model words the messages, with its adapter."""
    agent = config.agent
    if agent.generation.candidates == 0:
        return "none"
    if agent.endpoint.url is not None:
        return agent.endpoint.url
    return " + ".join([agent.model or "shipped", *([agent.adapter] if agent.adapter else [])])


def cases(judged: Sequence[Judged]) -> list[str]:
    """The inconsistent messages sent, for a reader at the terminal: the first of them, and how many more there are."""
    found = [item for item in judged if item.is_sent and item.consistent is False]
    lines = [line for item in found[:_LISTED] for line in item.lines()]
    more = [f"... and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
    return ["", f"{len(found)} messages sent propose an order that is not meant", *lines, *more] if found else []


def json_lines(judged: Iterable[Judged]) -> str:
    """Every candidate as a line of JSON."""
    return "".join(json.dumps(item.as_json(), ensure_ascii=False) + "\n" for item in judged)
