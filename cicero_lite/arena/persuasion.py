"""Persuasion: is what a message asks for ordered more often than without the message?

Games of self-play with press, in which messages are drawn that ask their recipient for orders of the phase at hand.
The phase of each is played again from its beginning, by agents that go on from what they knew then and with the same
seeds, in four ways that differ in this message alone:

    sent        as it was
    deleted     nobody gets it
    shuffled    another power gets it, with the same words
    no content  the recipient gets courtesies of the same length in its place

and the recipient's orders are looked at: do they hold what was asked?  What each control is for, what is counted and
what is not: docs/press-measures.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from cicero_lite.adapters.base import OrdersDue, PhaseEnded, TableClosed, TableEvent, ownership
from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.asked import Asked, asked_by
from cicero_lite.arena.codec import decode, encode
from cicero_lite.arena.log import EventLog, Searched, Sent
from cicero_lite.arena.match import ArenaError, check_range
from cicero_lite.arena.one_v_six import game_seed
from cicero_lite.arena.placebos import courtesies
from cicero_lite.arena.results import fingerprint
from cicero_lite.arena.statistics import ratio_of_games
from cicero_lite.config import Config, config_values
from cicero_lite.errors import UndeliveredError
from cicero_lite.output import check_folder, provenance, write_files
from cicero_lite.processes import in_processes
from cicero_lite.registry import Agent, Resumable
from cicero_lite.session import local_agents, run
from dialogue.acts import Polarity, SpeechAct
from dialogue.understanding import read
from engine.game import Game
from engine.record import PhaseRecord
from engine.types import Action, Message, Phase, PhaseKind, Power

_STREAM = 29
"""Keeps the draws of messages and of other recipients apart from the games' random numbers."""
_TABLE_STREAM = 31
_FURTHER = (
    "session.py",
    "adapters/local.py",
    "arena/asked.py",
    "arena/persuasion.py",
)
"""Code that decides what is counted, beside that of the arena's games."""
_LIKELY, _UNLIKELY = 0.5, 0.1


class Arm(StrEnum):
    """What became of the message."""

    SENT = "sent"
    DELETED = "deleted"
    SHUFFLED = "shuffled"
    EMPTY = "no content"


CONTROLLED = (Arm.SENT, Arm.SHUFFLED, Arm.EMPTY)
"""Those that are compared with `Arm.DELETED`."""


class Chance(StrEnum):
    """How likely the sender's search thought what was asked, before it was."""

    UNLIKELY = "unlikely"
    """Below 10 %."""
    OPEN = "open"
    LIKELY = "likely"
    """From 50 % on."""


@dataclass(frozen=True)
class Ask:
    """One thing that a message asked for, and whether it was ordered."""

    phase: Phase
    by: Power
    of: Power
    kind: str
    """Kind of act that asked; with ``if`` before it where it is the condition of an offer or a promise."""
    text: str
    wanted: str
    """The orders or provinces, for a reader."""
    chance: float
    """That the sender's last search before gave to it, 0 to 1."""
    other: Power
    """Who got it in place of the recipient, where it is shuffled."""
    done: Mapping[Arm, bool]
    """Whether the recipient ordered it."""

    @property
    def chance_class(self) -> Chance:
        """How likely it was before."""
        if self.chance < _UNLIKELY:
            return Chance.UNLIKELY
        return Chance.LIKELY if self.chance >= _LIKELY else Chance.OPEN


@dataclass(frozen=True)
class Misdirected:
    """A thing that a message asks of whoever gets it by mistake, as the reader reads it there, and has a choice in."""

    phase: Phase
    other: Power
    kind: str
    done: Mapping[Arm, bool]
    """Whether it was ordered by who got the message by mistake: SHUFFLED and DELETED."""


@dataclass(frozen=True)
class GameAsks:
    """What was found in one game; equal for equal settings."""

    number: int
    seed: int
    phases: int
    """Movement phases played."""
    messages: int
    """Private messages sent in them."""
    eligible: int
    """Of those: messages that ask for what can be checked."""
    replayed: int
    """Phases that were played again unchanged."""
    reproduced: int
    """Of those: phases in which everybody then said and ordered the same."""
    asks: tuple[Ask, ...]
    misdirected: tuple[Misdirected, ...] = ()


# --- one game --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Moment:
    """All that a phase is played from."""

    game: Game
    states: Mapping[Power, Mapping[str, Any]]
    table: Mapping[str, Any]
    """State of the table's random numbers."""


@dataclass(frozen=True)
class Change:
    """What is done to one message of a phase."""

    arm: Arm
    number: int
    """Which message of the phase, from 0."""
    message: Message
    asked: tuple[Asked, ...]
    other: Power
    empty: str
    """The courtesies in its place."""


class _OnePhase:
    """A table that closes after the phase at hand, and may tamper with one message of it."""

    def __init__(self, table: LocalTable, change: Change | None = None) -> None:
        self._table = table
        self._change = change
        self._calls = 0

    @property
    def seats(self) -> tuple[Power, ...]:
        """See `Adapter.seats`."""
        return self._table.seats

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`."""
        for event in self._table.events():
            if self._change is not None and isinstance(event, PhaseEnded):
                break  # nobody need learn from what is only looked at
            if isinstance(event, OrdersDue) and not self._matters(event.power):
                self.submit(event.power, ())
                continue
            yield event
            if isinstance(event, PhaseEnded):
                break
        game = self._table.game
        yield TableClosed(game.phase, "until", game.winner, ownership(game), game.scores())

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`."""
        self._table.submit(power, orders)

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """The message, or what is made of it; later ones that ask the same of the same power are withheld.

        Raises:
            UndeliveredError: it is withheld.
            ArenaError: the phase does not go as it went before.
        """
        number, change = self._calls, self._change
        self._calls += 1
        if change is None or change.arm is Arm.SENT or number < change.number:
            return self._table.send(sender, recipient, text)
        if number > change.number:
            if self._asks_again(sender, recipient, text, change):
                raise UndeliveredError("it asks again for what was withheld")
            return self._table.send(sender, recipient, text)
        said = change.message
        if (sender, recipient, text) != (said.sender, said.recipient, said.text):
            raise ArenaError(
                f"persuasion: expected {said.sender} to say {said.text!r} again in {said.phase}, got {text!r} of "
                f"{sender}: agents must think by iterations (search.think=16it), not by the clock"
            )
        if change.arm is Arm.DELETED:
            raise UndeliveredError("it is deleted")
        if change.arm is Arm.SHUFFLED:
            return self._table.send(sender, change.other, text)
        return self._table.send(sender, recipient, change.empty)

    def _matters(self, power: Power) -> bool:
        """Whether the orders of a power are looked at; as they are given unseen, those of the others change nothing."""
        change = self._change
        return change is None or change.arm is Arm.SENT or power in (change.message.recipient, change.other)

    def _asks_again(self, sender: Power, recipient: Power | None, text: str, change: Change) -> bool:
        if (sender, recipient) != (change.message.sender, change.message.recipient):
            return False
        return any(
            _overlaps(asked, before) for asked in self._asked(sender, recipient, text) for before in change.asked
        )

    def _asked(self, sender: Power, recipient: Power | None, text: str) -> list[Asked]:
        view = self._table.game.view(sender)
        message = Message(sender, recipient, view.phase, text, self._calls)
        return asked_by(read(message, view, view.messages).acts, view.phase)


def play_game(config: Config, seed: int, per_phase: int, number: int) -> GameAsks:
    """Plays a game, and the phases of the messages drawn from it again.

    Args:
        config: the table and the agents; its seed is not used.
        seed: of the experiment.
        per_phase: messages drawn from each movement phase, at most.
        number: of the game, from 0 on.

    Raises:
        ArenaError: an agent that cannot go on from what it knew, or does not repeat itself.
    """
    own_seed = game_seed(seed, number)
    config = replace(config, play=replace(config.play, seed=own_seed), agent=config.agent.in_game(own_seed))
    game = Game(config.play.map_name, game_id=f"persuasion-{own_seed}")
    events = EventLog()
    agents = local_agents(config, events)
    for power, agent in agents.items():
        if not isinstance(agent, Resumable):
            name = config.play.agent_of(power)
            raise ArenaError(f"persuasion: expected agents that can go on from what they knew, got {name!r}")
    table = np.random.default_rng(np.random.SeedSequence([own_seed, _TABLE_STREAM]))
    rng = np.random.default_rng(np.random.SeedSequence([own_seed, _STREAM]))
    asks: list[Ask] = []
    misdirected: list[Misdirected] = []
    phases = messages = eligible = replayed = reproduced = 0
    while not game.is_done and game.phase.year <= config.play.until:
        moment = _moment(game, agents, table) if game.phase.kind is PhaseKind.MOVEMENT else None
        begun = len(events)
        record = _play_phase(config, game, agents, table, events)
        if moment is None:
            continue
        thought = events.events[begun:]
        candidates = _candidates(record, thought)
        drawn = sorted(rng.permutation(len(candidates))[:per_phase].tolist())
        phases += 1
        messages += sum(message.recipient is not None for message in record.messages)
        eligible += len(candidates)
        if not drawn:
            continue
        again = _replay(config, moment, None)
        replayed += 1
        reproduced += again.orders == record.orders and again.messages == record.messages
        for place in drawn:
            change, chances = candidates[place]
            change = _completed(change, record, rng)
            records = {Arm.SENT: again}
            for arm in (Arm.DELETED, Arm.SHUFFLED, Arm.EMPTY):
                records[arm] = _replay(config, moment, replace(change, arm=arm))
            asks += _asks(change, chances, records)
            misdirected += _misdirected(change, records)
    return GameAsks(number, own_seed, phases, messages, eligible, replayed, reproduced, tuple(asks), tuple(misdirected))


def _moment(game: Game, agents: Mapping[Power, Agent], table: np.random.Generator) -> _Moment:
    states = {}
    for power, agent in agents.items():
        assert isinstance(agent, Resumable)
        # As text: what is kept cannot change with the agent.
        states[power] = json.loads(json.dumps(agent.state()))
    return _Moment(game.copy(), states, json.loads(json.dumps(table.bit_generator.state)))


def _play_phase(
    config: Config,
    game: Game,
    agents: Mapping[Power, Agent],
    table: np.random.Generator,
    events: EventLog,
    change: Change | None = None,
) -> PhaseRecord:
    play = config.play
    local = LocalTable(game, until=play.until, rounds=play.rounds, late_rounds=play.late_rounds, rng=table)
    run(_OnePhase(local, change), agents, events)
    return game.history[-1]


def _replay(config: Config, moment: _Moment, change: Change | None) -> PhaseRecord:
    """The phase played again by agents built anew, from all that they knew."""
    game, events = moment.game.copy(), EventLog()
    agents = local_agents(config, events)
    for power, agent in agents.items():
        assert isinstance(agent, Resumable)
        agent.restore(moment.states[power], game.view(power))
    table = np.random.default_rng()
    table.bit_generator.state = moment.table
    return _play_phase(config, game, agents, table, events, change)


# --- which messages --------------------------------------------------------------------------------------


def _candidates(record: PhaseRecord, thought: Sequence[object]) -> list[tuple[Change, dict[Asked, float]]]:
    """Messages that ask for orders of the phase which the recipient may give or leave, with what was thought of them.

    Left out is what was asked, or spoken of by the recipient, before in the phase: there the message is not what
    brought it up.
    """
    found: list[tuple[Change, dict[Asked, float]]] = []
    spoken: dict[frozenset[Power], list[Asked]] = {}
    searched: dict[Power, Searched] = {}
    if len(record.board.alive) < 3:
        return found  # nobody else could get it
    number = 0
    for event in thought:
        if isinstance(event, Searched):
            searched[event.power] = event
        if not isinstance(event, Sent):
            continue
        message = event.message
        if message.recipient is not None:
            acts = event.acts or read(message, record.board, record.messages[:number]).acts
            before = spoken.setdefault(frozenset((message.sender, message.recipient)), [])
            asked = tuple(
                one
                for one in dict.fromkeys(asked_by(acts, message.phase))
                if one.phase == record.phase
                and one.is_open(record.board)
                and not any(_overlaps(one, other) for other in before)
            )
            if asked:
                change = Change(Arm.SENT, number, message, asked, message.sender, "")
                found.append((change, {one: _chance(one, searched.get(message.sender)) for one in asked}))
            before += [*asked_by(acts, message.phase), *_of_itself(acts, message.sender, message.phase)]
        number += 1
    return found


def _of_itself(acts: Sequence[SpeechAct], speaker: Power, phase: Phase) -> Iterator[Asked]:
    """What a speaker's acts name of its own orders and of places, as if somebody had asked it to."""
    for act in acts:
        orders = tuple(item.order for item in act.orders if item.power is speaker)
        yield Asked(act.kind, speaker, speaker, phase, orders, act.provinces)


def _overlaps(one: Asked, other: Asked) -> bool:
    """Whether two are about the same orders, or places, of the same power."""
    if one.of is not other.of:
        return False
    return bool(set(map(str, one.orders)) & set(map(str, other.orders)) or set(one.provinces) & set(other.provinces))


def _chance(asked: Asked, searched: Searched | None) -> float:
    """What a search gives to an ask being done: the share of the likeliest actions that do it."""
    policy = None if searched is None else searched.policies.get(asked.of)
    if policy is None:
        return 0.0
    rated = zip(policy.actions, policy.probabilities, strict=True)
    return round(sum(probability for action, probability in rated if asked.is_done_by(action)), 4)


def _completed(change: Change, record: PhaseRecord, rng: np.random.Generator) -> Change:
    """The change with another recipient and a text of no content, drawn."""
    said = change.message
    others = [power for power in record.board.alive if power not in (said.sender, said.recipient)]
    other = others[int(rng.integers(len(others)))]
    return replace(change, other=other, empty=courtesies(len(said.text), rng))


# --- what came of it -------------------------------------------------------------------------------------


def _asks(change: Change, chances: Mapping[Asked, float], records: Mapping[Arm, PhaseRecord]) -> Iterator[Ask]:
    for asked in change.asked:
        yield Ask(
            phase=asked.phase,
            by=asked.by,
            of=asked.of,
            kind=_kind(asked),
            text=change.message.text,
            wanted=_wanted(asked),
            chance=chances[asked],
            other=change.other,
            done=_done(asked, records),
        )


def _misdirected(change: Change, records: Mapping[Arm, PhaseRecord]) -> Iterator[Misdirected]:
    """What the text asks of whoever got it by mistake, read as that power reads it."""
    board = records[Arm.DELETED].board
    message = replace(change.message, recipient=change.other)
    of_two = {arm: records[arm] for arm in (Arm.SHUFFLED, Arm.DELETED)}
    for asked in dict.fromkeys(asked_by(read(message, board).acts, board.phase)):
        if asked.phase == board.phase and asked.is_open(board):
            yield Misdirected(board.phase, change.other, _kind(asked), _done(asked, of_two))


def _done(asked: Asked, records: Mapping[Arm, PhaseRecord]) -> dict[Arm, bool]:
    return {arm: asked.is_done_by(record.orders.get(asked.of, ())) for arm, record in records.items()}


def _kind(asked: Asked) -> str:
    return f"if {asked.kind}" if asked.on_condition else asked.kind.value


def _wanted(asked: Asked) -> str:
    sign = "not " if asked.polarity is Polarity.NOT else ""
    return sign + (", ".join(map(str, asked.orders)) or "in " + " ".join(asked.provinces))


# --- all games -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """How much more often something is ordered; the interval draws whole games."""

    difference: float
    """-1 to 1: share in the arm less share where the message is deleted."""
    low: float
    high: float
    """95 %."""

    @classmethod
    def of_games(cls, differences: Sequence[Sequence[int]]) -> Effect | None:
        """Of each thing asked in each game: 1, 0 or -1; None: there is nothing.

        >>> Effect.of_games([[1, 0], [0, 0]]).difference
        0.25
        """
        counts = [(sum(found) + len(found), 2 * len(found)) for found in differences if found]
        if not counts:
            return None
        rate = ratio_of_games(counts)  # of (d + 1) / 2, which lies between 0 and 1
        return cls(2 * rate.share - 1, 2 * rate.low - 1, 2 * rate.high - 1)

    def __str__(self) -> str:
        return f"{100 * self.difference:+.1f} [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"


@dataclass(frozen=True)
class Group:
    """Some of the things asked for."""

    asks: int
    done: Mapping[Arm, float]
    """Share ordered."""
    effects: Mapping[Arm, Effect]
    """Of SENT, SHUFFLED and EMPTY, against DELETED."""


@dataclass(frozen=True)
class Persuasion:
    """What was measured."""

    seed: int
    until: int
    games: int
    phases: int
    messages: int
    eligible: int
    replayed: int
    reproduced: int
    overall: Group | None
    """None: nothing was asked for."""
    by_kind: Mapping[str, Group]
    by_chance: Mapping[str, Group]
    """By how likely the sender thought it before (`Chance`)."""
    misdirected: int
    """Things that messages asked of whoever got them by mistake."""
    misdirected_effect: Effect | None
    """How much more often that power ordered them for it."""
    commit: str | None
    dirty: bool
    interrupted: bool = False

    def lines(self) -> list[str]:
        """For a reader at the terminal."""
        lines = [
            f"{self.games} games of seed {self.seed} to {self.until}, {self.phases} movement phases, {self.messages} "
            f"private messages; {self.eligible} ask for what can be checked",
            f"{self.reproduced} of {self.replayed} phases that were played again unchanged went as before",
        ]
        if self.overall is None:
            return [*lines, "no message was drawn"]
        lines += ["", f"{'':<24}{'asks':>5}   {'ordered, %':<36}more often than if deleted, points"]
        lines.append(
            f"{'':<32}{'sent':<9}{'deleted':<9}{'shuffled':<9}{'empty':<9}{'sent':<24}{'shuffled':<24}no content"
        )
        lines.append(_row("all", self.overall))
        lines += [_row(kind.replace("_", " "), group) for kind, group in self.by_kind.items()]
        lines += [_row(f"{chance} before", group) for chance, group in self.by_chance.items()]
        what = f"{self.misdirected} things asked by mistake of who got a shuffled message"
        more = "" if self.misdirected_effect is None else f": ordered {self.misdirected_effect} more often for it"
        return [*lines, what + more]


def measure_persuasion(
    config: Config,
    games: int,
    per_phase: int,
    jobs: int = 1,
    keep: Path | None = None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Persuasion:
    """Plays so many games, or what is left of them, and compares.

    Args:
        config: the table, the agents, the seed of all games, the last year.
        games: how many.
        per_phase: messages drawn from a movement phase, at most.
        jobs: processes to play in.
        keep: folder to keep a file of each game in; games that are in it already are not played again.
        watch: told of the games done, and of those wanted.

    Raises:
        ArenaError: numbers out of range, agents that cannot be replayed, a folder of another experiment.
        OutputError: the folder cannot be written.
    """
    check_range("--games", games, 1, 10**6)
    check_range("--per-phase", per_phase, 1, 10**3)
    check_range("--jobs", jobs, 1, 10**4)
    identity = _identity(config, per_phase)
    done = {} if keep is None else _kept(keep, identity, games)
    missing = [number for number in range(games) if number not in done]
    work = partial(play_game, config, config.play.seed, per_phase)
    interrupted = False
    watch(len(done), games)
    try:
        for number, found in _played(work, missing, jobs):
            done[number] = found
            if keep is not None:
                text = json.dumps(identity | {"game": encode(found)}, ensure_ascii=False, indent=1)
                write_files(keep, {_name(number): text + "\n"})
            watch(len(done), games)
    except KeyboardInterrupt:
        interrupted = True
    return summary([done[number] for number in sorted(done)], config, interrupted)


def summary(games: Sequence[GameAsks], config: Config, interrupted: bool = False) -> Persuasion:
    """The figures of some games."""
    asks = [ask for game in games for ask in game.asks]
    kinds, chances = sorted({ask.kind for ask in asks}), [c for c in Chance if any(a.chance_class is c for a in asks)]
    wrong = [[_more(m.done, Arm.SHUFFLED) for m in game.misdirected] for game in games]
    running = provenance()
    return Persuasion(
        seed=config.play.seed,
        until=config.play.until,
        games=len(games),
        phases=sum(game.phases for game in games),
        messages=sum(game.messages for game in games),
        eligible=sum(game.eligible for game in games),
        replayed=sum(game.replayed for game in games),
        reproduced=sum(game.reproduced for game in games),
        overall=_group([game.asks for game in games]),
        by_kind={k: g for k in kinds if (g := _group([[a for a in game.asks if a.kind == k] for game in games]))},
        by_chance={
            c: g for c in chances if (g := _group([[a for a in game.asks if a.chance_class is c] for game in games]))
        },
        misdirected=sum(map(len, wrong)),
        misdirected_effect=Effect.of_games(wrong),
        commit=running.commit,
        dirty=running.dirty,
        interrupted=interrupted,
    )


def _group(games: Sequence[Sequence[Ask]]) -> Group | None:
    asks = [ask for game in games for ask in game]
    if not asks:
        return None
    effects = {arm: Effect.of_games([[_more(ask.done, arm) for ask in game] for game in games]) for arm in CONTROLLED}
    return Group(
        asks=len(asks),
        done={arm: fmean(ask.done[arm] for ask in asks) for arm in Arm},
        effects={arm: effect for arm, effect in effects.items() if effect is not None},
    )


def _more(done: Mapping[Arm, bool], arm: Arm) -> int:
    return done[arm] - done[Arm.DELETED]


def _row(name: str, group: Group) -> str:
    shares = "".join(f"{100 * group.done[arm]:<9.1f}" for arm in Arm)
    effects = "".join(f"{group.effects[arm]!s:<24}" for arm in CONTROLLED)
    return f"{name:<24}{group.asks:>5}   {shares}{effects}".rstrip()


def _played(work: Callable[[int], GameAsks], numbers: Sequence[int], jobs: int) -> Iterator[tuple[int, GameAsks]]:
    if jobs == 1 or len(numbers) < 2:
        return ((number, work(number)) for number in numbers)
    return in_processes(work, numbers, jobs, _prepare, None)


def _prepare(_: None) -> None:
    """Nothing: all that a process needs comes with its games."""


def _identity(config: Config, per_phase: int) -> dict[str, Any]:
    """What a kept game must have been played with."""
    return {
        "persuasion": 1,
        "per_phase": per_phase,
        "config": config_values(config),
        "code": fingerprint(*_FURTHER),
    }


def _name(number: int) -> str:
    return f"{number:05}.json"


def _kept(folder: Path, identity: Mapping[str, Any], games: int) -> dict[int, GameAsks]:
    """The games that a folder holds.

    Raises:
        ArenaError: a file is something else, or a game of other settings or code.
        OutputError: the folder cannot be written.
    """
    check_folder(folder)
    found: dict[int, GameAsks] = {}
    for number in range(games):
        path = folder / _name(number)
        if not path.exists():
            continue
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            game = decode(GameAsks, values.pop("game"))
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            raise ArenaError(
                f"--keep {folder}: expected games of arena persuasion, got another file {path.name}"
            ) from None
        if values != json.loads(json.dumps(identity)):
            other = next((key for key in identity if values.get(key) != identity[key]), "format")
            raise ArenaError(f"--keep {folder}: {path.name} was played with another {other}; name another folder")
        found[number] = game
    return found


__all__ = [
    "Arm",
    "Ask",
    "Chance",
    "Change",
    "Effect",
    "GameAsks",
    "Group",
    "Misdirected",
    "Persuasion",
    "measure_persuasion",
    "play_game",
    "summary",
]
