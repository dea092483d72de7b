"""Persuasion: phases played again go as before, known listeners give known effects, games are kept and refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cicero_lite import session
from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.arena import persuasion
from cicero_lite.arena.asked import asked_by
from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.persuasion import Arm, Ask, Chance, Effect, GameAsks, measure_persuasion, play_game, summary
from cicero_lite.cli import main
from cicero_lite.config import Config, load_config
from cicero_lite.registry import Seat
from dialogue.understanding import read
from engine.game import GameView
from engine.notation import parse_order
from engine.record import PhaseRecord
from engine.types import POWERS, Action, Message, Phase, Power

AUSTRIA, ENGLAND, FRANCE, GERMANY, ITALY, RUSSIA, TURKEY = POWERS
QUICK = (
    "agent.search.policy=rules",
    "agent.search.think=2it",
    "agent.generation.candidates=0",
    "play.rounds=2",
)
ASK = "Please support my move from Paris to Burgundy with Munich."
HELP = parse_order("A MUN S A PAR - BUR")
ZONE = "Could you please stay out of Burgundy?"


def quick(*more: str) -> Config:
    return load_config(settings=[*QUICK, "play.until=1901", *more])


# --- our agents ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_game() -> GameAsks:
    return play_game(quick("play.rounds=1"), 0, 1, 0)


def test_a_phase_played_again_unchanged_goes_as_before(own_game: GameAsks) -> None:
    assert own_game.phases == own_game.replayed == own_game.reproduced == 2


def test_what_is_drawn_asks_for_something_that_can_be_checked(own_game: GameAsks) -> None:
    assert own_game.messages >= own_game.eligible >= own_game.replayed
    assert len(own_game.asks) >= own_game.replayed
    for ask in own_game.asks:
        assert set(ask.done) == set(Arm)
        assert len({ask.by, ask.of, ask.other}) == 3
        assert 0 <= ask.chance <= 1


def test_the_same_settings_find_the_same(own_game: GameAsks) -> None:
    assert play_game(quick("play.rounds=1"), 0, 1, 0) == own_game


# --- listeners whose minds are known -----------------------------------------------------------------------------


@dataclass
class Player:
    """Says its lines at every turn, and orders what it always does and what it was asked for."""

    power: Power
    says: Sequence[tuple[Power, str]] = ()
    always: Action = ()
    obeys: bool = False
    asked: list[str] = field(default_factory=list)

    def act(self, view: GameView, power: Power) -> Action:
        heard = [m for m in view.messages if m.recipient is power] if self.obeys else []
        wanted = [o for m in heard for a in asked_by(read(m, view).acts, view.phase) for o in a.orders if a.of is power]
        return tuple(dict.fromkeys(order for order in (*wanted, *self.always) if view.is_legal(power, order)))

    def begin_phase(self, view: GameView) -> None:
        self.asked.clear()

    def hear(self, message: Message, view: GameView) -> None:
        self.asked.append(message.text)

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        said = view.phase == Phase.parse("S1901M")
        return [OutgoingMessage(to, text) for to, text in self.says] if said else ()

    def phase_resolved(self, record: PhaseRecord) -> None:
        pass

    def state(self) -> Mapping[str, Any]:
        return {}

    def restore(self, state: Mapping[str, Any], view: GameView) -> None:
        pass


def among(monkeypatch: pytest.MonkeyPatch, **players: Callable[[Power], Player]) -> GameAsks:
    """What is found in a spring in which these play, and the others keep silent and hold."""

    def make(name: str, seat: Seat) -> Player:
        return players.get(seat.power.lower(), Player)(seat.power)

    monkeypatch.setattr(session, "make_agent", make)
    return play_game(quick(), 0, 5, 0)


def asking(text: str) -> Callable[[Power], Player]:
    return lambda power: Player(power, [(GERMANY, text)])


def test_whoever_does_what_it_is_asked_is_wholly_persuaded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = among(monkeypatch, france=asking(ASK), germany=lambda power: Player(power, obeys=True))
    (ask,) = found.asks  # that it is asked again at every turn asks for nothing new
    assert (ask.by, ask.of, ask.kind, ask.wanted) == (FRANCE, GERMANY, "request_support", str(HELP))
    assert ask.done == {Arm.SENT: True, Arm.DELETED: False, Arm.SHUFFLED: False, Arm.EMPTY: False}
    group = summary([found], quick()).overall
    assert group is not None
    assert {arm: effect.difference for arm, effect in group.effects.items()} == {
        Arm.SENT: 1.0,
        Arm.SHUFFLED: 0.0,
        Arm.EMPTY: 0.0,
    }


def test_whoever_would_have_done_it_anyway_is_not_persuaded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = among(monkeypatch, france=asking(ASK), germany=lambda power: Player(power, always=(HELP,)))
    (ask,) = found.asks
    assert set(ask.done.values()) == {True}
    assert summary([found], quick()).by_kind["request_support"].effects[Arm.SENT].difference == 0.0


def test_whoever_hears_nothing_is_not_persuaded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = among(monkeypatch, france=asking(ASK))
    assert [set(ask.done.values()) for ask in found.asks] == [{False}]


def test_what_the_other_had_spoken_of_itself_is_not_asked_for_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def offering(power: Power) -> Player:
        return Player(power, [(FRANCE, "I will support Paris to Burgundy with Munich.")], obeys=True)

    def replying(power: Power) -> Player:
        player = Player(power)

        def speak(view: GameView) -> Sequence[OutgoingMessage]:
            return [OutgoingMessage(GERMANY, ASK)] if player.asked else ()

        player.speak = speak  # type: ignore[method-assign]
        return player

    found = among(monkeypatch, france=replying, germany=offering)
    assert found.messages > 2
    assert [ask for ask in found.asks if ask.of is GERMANY] == []


def test_words_that_reach_somebody_else_may_persuade_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def wary(power: Power) -> Player:
        """Goes to Burgundy, unless somebody asks it not to."""
        player = Player(power)

        def act(view: GameView, power: Power) -> Action:
            return (
                ()
                if player.asked
                else tuple(o for o in view.options(power) if str(o)[2:] in ("MUN - BUR", "PAR - BUR"))
            )

        player.act = act  # type: ignore[method-assign]
        return player

    others = {power.lower(): wary for power in POWERS if power is not ITALY}
    found = [
        among(monkeypatch, **others, italy=lambda power: Player(power, [(GERMANY, ZONE)])),
        among(monkeypatch, **others, italy=lambda power: Player(power, [(FRANCE, ZONE)])),
    ]
    assert [ask.done for game in found for ask in game.asks] == [
        {Arm.SENT: True, Arm.DELETED: False, Arm.SHUFFLED: False, Arm.EMPTY: True}
    ] * 2
    for game in found:
        reached = {ask.other for ask in game.asks} & {FRANCE, GERMANY}
        assert [m.done for m in game.misdirected] == [{Arm.SHUFFLED: True, Arm.DELETED: False}] * len(reached)


# --- experiments ---------------------------------------------------------------------------------------------------


def ask(sent: bool, deleted: bool, chance: float = 0.3, kind: str = "propose") -> Ask:
    done = {Arm.SENT: sent, Arm.DELETED: deleted, Arm.SHUFFLED: deleted, Arm.EMPTY: deleted}
    return Ask(Phase.parse("S1901M"), FRANCE, GERMANY, kind, ASK, str(HELP), chance, ITALY, done)


def game(number: int, *asks: Ask) -> GameAsks:
    return GameAsks(number, number, 8, 50, len(asks), 8, 8, asks)


def test_the_interval_of_an_effect_draws_whole_games() -> None:
    alike = Effect.of_games([[1, 0, 0, 0]] * 12)
    assert alike is not None
    assert alike.difference == 0.25
    some = [[1, 1, 1, 1]] * 3 + [[0, 0, 0, 0]] * 9
    clustered, spread = Effect.of_games(some), Effect.of_games([[1, 0, 0, 0]] * 11 + [[1, 0, 0, 1]])
    assert clustered is not None
    assert spread is not None
    assert clustered.difference == 0.25
    assert clustered.low <= 0.25 <= clustered.high
    assert clustered.high - clustered.low > 2 * (spread.high - spread.low)
    assert Effect.of_games([[], []]) is None


def test_figures_by_kind_and_by_chance() -> None:
    games = [
        game(0, ask(True, False, 0.05), ask(True, True, 0.9, "demilitarise")),
        game(1, ask(False, False, 0.3), ask(True, False, 0.5)),
    ]
    found = summary(games, quick())
    assert found.overall is not None
    assert found.overall.asks == 4
    assert found.overall.done == {Arm.SENT: 0.75, Arm.DELETED: 0.25, Arm.SHUFFLED: 0.25, Arm.EMPTY: 0.25}
    assert found.overall.effects[Arm.SENT].difference == 0.5
    assert {kind: group.asks for kind, group in found.by_kind.items()} == {"demilitarise": 1, "propose": 3}
    assert {chance: group.asks for chance, group in found.by_chance.items()} == {
        Chance.UNLIKELY: 1,
        Chance.OPEN: 1,
        Chance.LIKELY: 2,
    }
    text = "\n".join(found.lines())
    assert "+50.0" in text
    assert "unlikely before" in text


def test_nothing_asked_for_is_no_figure() -> None:
    assert summary([game(0)], quick()).lines()[-1] == "no message was drawn"


def test_games_are_kept_and_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []

    def play(config: Config, seed: int, per_phase: int, number: int) -> GameAsks:
        played.append(number)
        return game(number, ask(number % 2 == 0, False))

    monkeypatch.setattr(persuasion, "play_game", play)
    once = measure_persuasion(quick(), 3, 2, keep=tmp_path)
    more = measure_persuasion(quick(), 5, 2, keep=tmp_path)
    assert played == [0, 1, 2, 3, 4]
    assert (once.games, more.games) == (3, 5)
    unbroken = measure_persuasion(quick(), 5, 2)
    assert more == unbroken
    with pytest.raises(ArenaError, match=r"00000\.json was played with another per_phase; name another folder"):
        measure_persuasion(quick(), 3, 4, keep=tmp_path)
    with pytest.raises(ArenaError, match="was played with another config"):
        measure_persuasion(quick("play.rounds=3"), 3, 2, keep=tmp_path)
    (tmp_path / "00001.json").write_text('{"persuasion": 1', encoding="utf-8")
    with pytest.raises(ArenaError, match="expected games of arena persuasion, got another file 00001"):
        measure_persuasion(quick(), 3, 2, keep=tmp_path)


def test_what_was_done_is_told_when_it_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(config: Config, seed: int, per_phase: int, number: int) -> GameAsks:
        if number == 2:
            raise KeyboardInterrupt
        return game(number, ask(True, False))

    monkeypatch.setattr(persuasion, "play_game", play)
    found = measure_persuasion(quick(), 4, 1)
    assert (found.games, found.interrupted) == (2, True)


def test_agents_that_forget_are_refused() -> None:
    with pytest.raises(ArenaError, match="expected agents that can go on from what they knew, got 'dumbbot'"):
        play_game(quick("play.powers=[FRANCE]"), 0, 1, 0)


def test_agents_that_do_not_repeat_themselves_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []

    def fickle(power: Power) -> Player:
        player = Player(power)

        def speak(view: GameView) -> Sequence[OutgoingMessage]:
            turns.append(str(view.phase))
            return [OutgoingMessage(GERMANY, ASK if len(turns) < 3 else "Hello!")]

        player.speak = speak  # type: ignore[method-assign]
        return player

    with pytest.raises(ArenaError, match=r"agents must think by iterations \(search.think=16it\), not by the clock"):
        among(monkeypatch, france=fickle)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ArenaError, match="--games: expected 1 to"):
        measure_persuasion(quick(), 0, 1)
    with pytest.raises(ArenaError, match="--per-phase: expected 1 to"):
        measure_persuasion(quick(), 1, 0)


def test_the_command_prints_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = [word for setting in (*QUICK, "play.rounds=1") for word in ("--set", setting)]
    command = ["arena", "persuasion", "--games", "1", "--until", "1901", "--seed", "1", "--per-phase", "1", *settings]
    assert main([*command, "--keep", str(tmp_path)]) == 0
    assert "played again unchanged went as before" in capsys.readouterr().out
    assert main([*command, "--keep", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["games"], found["until"], found["seed"]) == (1, 1901, 1)
    assert found["reproduced"] == found["replayed"]
