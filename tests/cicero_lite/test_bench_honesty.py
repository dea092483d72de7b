"""One seat at each level of honesty: what the agent does with its word, how games are counted, kept and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.log import EventLog
from cicero_lite.arena.promises import Fate, Kind, fates, kind_of
from cicero_lite.arena.statistics import ratio_of_games, wilson
from cicero_lite.bench.honesty import measure_honesty
from cicero_lite.bench.honesty_games import HonestyGame, play_game
from cicero_lite.bench.honesty_log import HonestyLog, header_of
from cicero_lite.bench.options import BenchError
from cicero_lite.cli import main
from cicero_lite.config import AgentConfig, Config, load_config
from dialogue.acts import ActKind, Polarity
from dialogue.honesty import Honesty
from dialogue.speech import SpeechConfig
from engine.game import Game
from engine.notation import parse_order
from engine.types import Phase, Power
from planner.rollout import Evaluator
from planner.search import SearchConfig
from tests.dialogue.table import ENGLAND, FRANCE, GERMANY, Talk, act

QUICK = (
    "agent.search.policy=rules",
    "agent.search.think=2it",
    "agent.generation.candidates=0",
    "play.rounds=1",
)
SETTINGS = [word for setting in QUICK for word in ("--set", setting)]


def quick(*more: str) -> Config:
    return load_config(settings=[*QUICK, "play.until=1901", *more])


# --- the agent ---------------------------------------------------------------------------------------------


def france(speech: SpeechConfig) -> tuple[NegotiatingAgent, Game]:
    """An agent that has told Germany that it holds in Paris, which is no good opening."""
    game = Game()
    agent = NegotiatingAgent(
        FRANCE,
        AgentConfig(search=SearchConfig(think="4it"), speech=speech),
        None,
        Evaluator(),
        np.random.default_rng(0),
        EventLog(),
    )
    game.say(FRANCE, GERMANY, "I promise that I will hold in Paris.")
    agent.begin_phase(game.view(FRANCE))
    (promise,) = agent.ledger.promises_by(FRANCE)
    assert str(promise.order) == "A PAR H"
    return agent, game


@pytest.mark.parametrize(
    ("speech", "keeps", "warns"),
    [
        (SpeechConfig(Honesty.BINDING, price_of_promise=0.0), True, False),
        (SpeechConfig(Honesty.TRUTHFUL, price_of_promise=0.0), False, True),
        (SpeechConfig(Honesty.OPPORTUNIST), False, False),
        (SpeechConfig(Honesty.CHEAP_TALK), False, False),
    ],
)
def test_a_word_that_costs_something_is_kept_or_taken_back_or_broken_knowingly(
    speech: SpeechConfig, keeps: bool, warns: bool
) -> None:
    agent, game = france(speech)
    said = [m for m in agent.speak(game.view(FRANCE)) if m.recipient is GERMANY]
    assert any(a.kind is ActKind.APOLOGISE for m in said for a in m.acts) is warns
    assert (parse_order("A PAR H") in agent.act(game.view(FRANCE), FRANCE)) is keeps


def test_cheap_talk_says_yes_in_words_and_plays_its_own_game() -> None:
    kinds = {}
    for level in (Honesty.TRUTHFUL, Honesty.CHEAP_TALK):
        game = Game()
        game.say(ENGLAND, FRANCE, "Please move Brest to Gascony, Marseilles to Piedmont and hold in Paris.")
        config = AgentConfig(search=SearchConfig(think="4it"), speech=SpeechConfig(level))
        agent = NegotiatingAgent(FRANCE, config, None, Evaluator(), np.random.default_rng(0), EventLog())
        agent.begin_phase(game.view(FRANCE))
        said = [m for m in agent.speak(game.view(FRANCE)) if m.recipient is ENGLAND]
        kinds[level] = {a.kind for m in said for a in m.acts}
        assert parse_order("A PAR H") not in agent.act(game.view(FRANCE), FRANCE)
    assert ActKind.AGREE in kinds[Honesty.CHEAP_TALK]
    assert ActKind.AGREE not in kinds[Honesty.TRUTHFUL]


# --- counting ----------------------------------------------------------------------------------------------


def test_what_became_of_a_promise() -> None:
    talk = Talk(FRANCE)
    talk.say("To Burgundy.", act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - BUR"))
    talk.say("To Spain.", act(ActKind.INFORM, FRANCE, GERMANY, "A MAR - SPA"))
    talk.say(
        "I stay out of the Channel.", act(ActKind.PROMISE, FRANCE, ENGLAND, provinces="ENG", polarity=Polarity.NOT)
    )
    talk.say("To Picardy.", act(ActKind.PROMISE, FRANCE, ENGLAND, "A PAR - PIC"))
    talk.say("Not to Picardy.", act(ActKind.REFUSE, FRANCE, ENGLAND, "A PAR - PIC"))
    talk.say("I could hold.", act(ActKind.OFFER, FRANCE, GERMANY, "F BRE H"))
    talk.say("I support you.", act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN S A PAR - BUR"))
    phase = talk.game.phase
    talk.play(france=("A PAR - BUR", "A MAR - PIE", "F BRE H"))
    found = fates(talk.ledger, {phase: talk.game.history[0]})
    assert [(str(p.order or p.provinces[0]), kind_of(p), fate) for p, fate in found] == [
        ("A PAR - BUR", Kind.MOVE, Fate.KEPT),
        ("A MAR - SPA", Kind.MOVE, Fate.BROKEN),
        ("ENG", Kind.ABSENCE, Fate.KEPT),
        ("A PAR - PIC", Kind.MOVE, Fate.WARNED),
    ], "neither an offer that nobody took up nor promises of others"
    assert fates(talk.ledger, {}) == [], "about phases that were not played"


def game_of(level: Honesty, number: int, score: float, kept: int, broken: int, warned: int = 0) -> HonestyGame:
    none = dict.fromkeys(Fate, 0)
    moves = {**none, Fate.KEPT: kept, Fate.BROKEN: broken, Fate.WARNED: warned}
    given: Mapping[Kind, Mapping[Fate, int]] = {Kind.SUPPORT: none, Kind.MOVE: moves, Kind.ABSENCE: none}
    header = quick()
    return HonestyGame(
        level=level,
        number=number,
        seat=tuple(Power)[number % 7],
        seed=header.play.seed,
        score=score,
        centers=4,
        last_phase=Phase.parse("W1901A"),
        messages=3,
        given=given,
        received={**none, Fate.KEPT: 1},
        trust=0.5,
        seconds=2.0,
    )


def test_levels_are_compared_game_by_game_from_the_log_alone(tmp_path: Path) -> None:
    config, path = quick(), tmp_path / "games.jsonl"
    log = HonestyLog(path, header_of(config))
    for number in range(7):
        log.add(game_of(Honesty.TRUTHFUL, number, 0.1 + number / 100, kept=3, broken=1, warned=2))
        log.add(game_of(Honesty.CHEAP_TALK, number, 0.2 + number / 100, kept=number % 3, broken=2))
    found = measure_honesty(config, [Honesty.TRUTHFUL, Honesty.CHEAP_TALK], 7, out=path)
    truthful, cheap = found.levels
    assert (truthful.kept.count, truthful.kept.of) == (21, 28)
    assert (truthful.played_as_said.count, truthful.played_as_said.of) == (21, 42)
    assert (truthful.warned.count, truthful.warned.of) == (14, 21)
    assert (cheap.kept.count, cheap.kept.of) == (6, 20)
    assert truthful.versus is None
    assert cheap.versus is not None
    assert cheap.versus.mean == pytest.approx(0.1)
    assert found.seconds_per_year == 2.0
    assert any(line.startswith("cheap talk: 7 games") for line in found.lines())


def test_the_interval_of_a_rate_draws_whole_games() -> None:
    alike = [(5, 10)] * 10
    apart = [(10, 10), (0, 10)] * 5
    plain = wilson(50, 100)
    assert ratio_of_games(alike) == plain, "no difference between games: Wilson's"
    wide = ratio_of_games(apart)
    assert wide.share == plain.share
    assert wide.high - wide.low > 1.5 * (plain.high - plain.low)


# --- games -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("honesty") / "games.jsonl"
    command = ["bench", "honesty", "--games", "1", "--until", "1901", "--levels", "truthful,cheap talk", *SETTINGS]
    assert main([*command, "--out", str(path)]) == 0
    return path


def test_games_are_kept_and_not_played_again(
    log_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    header, *games = map(json.loads, log_file.read_text().splitlines())
    assert header["honesty"] == 1
    assert [(g["level"], g["number"]) for g in games] == [("truthful", 0), ("cheap talk", 0)]
    assert games[0]["seed"] == games[1]["seed"]
    monkeypatch.setattr("cicero_lite.bench.honesty.play_game", None)
    cut = log_file.with_name("cut.jsonl")
    cut.write_text(log_file.read_text() + '{"level":"bind')
    command = ["bench", "honesty", "--games", "1", "--until", "1901", "--levels", "truthful,cheap talk", *SETTINGS]
    assert main([*command, "--out", str(cut), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [level["level"] for level in found["levels"]] == ["truthful", "cheap talk"]
    assert found["levels"][0]["games"] == 1


def test_the_same_game_comes_out_the_same(log_file: Path) -> None:
    config = quick()
    kept = HonestyLog(log_file, header_of(config)).games[Honesty.TRUTHFUL, 0]
    assert play_game(config, Honesty.TRUTHFUL, 0, 0) == kept
    assert kept.messages > 0
    assert sum(sum(counts.values()) for counts in kept.given.values()) > 0
    assert sum(kept.received.values()) > 0


@pytest.mark.parametrize("setting", ["play.seed=1", "agent.speech.max_acts=2", "play.until=1902"])
def test_games_of_another_experiment_are_refused(log_file: Path, setting: str) -> None:
    with pytest.raises(BenchError, match="name another file"):
        HonestyLog(log_file, header_of(quick(setting)))


def test_games_of_other_code_are_refused(log_file: Path) -> None:
    with pytest.raises(BenchError, match="another code; name another file"):
        HonestyLog(log_file, replace(header_of(quick()), code="0123456789abcdef"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--levels", "honest"], "--levels: expected one of binding, truthful, opportunist, cheap talk, got 'honest'"),
        (["--games", "0"], "--games: expected 1 or more, got 0"),
        (["--processes", "0"], "--processes: expected 1 or more, got 0"),
        (["--set", "play.others=dumbbot", "--set", "play.powers=[FRANCE]"], "expected the agent cicero on all seats"),
        (["--out", "README.md/x.jsonl"], "cannot write to"),
    ],
)
def test_mistakes_are_one_line(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "honesty", *SETTINGS, *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_file_that_is_no_log_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary\n")
    assert main(["bench", "honesty", *SETTINGS, "--out", str(path)]) == 2
    assert "line 1: expected the first line of a log of bench honesty, got 'Dear diary'" in capsys.readouterr().err
