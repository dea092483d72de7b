"""Conversations of seeded games as a page, and the talks of a game in numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cicero_lite.arena.log import Event, PhaseResolved, PhaseStarted, Sent, SpeechPlanned
from cicero_lite.bench.press import count
from cicero_lite.bench.talks import Line, Talk, TalkPhase, act_words, markdown, talk_of
from cicero_lite.cli import main
from cicero_lite.config import load_config
from cicero_lite.session import play
from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from engine.board import Board
from engine.game import Game
from engine.notation import parse_order
from engine.types import POWERS, Message, Phase, Power, Province

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY
QUICK = (
    "agent.search.policy=rules",
    "agent.search.think=2it",
    "agent.generation.candidates=0",
    "play.rounds=2",
    "play.until=1901",
)


def test_a_page_shows_one_pair_of_each_game_and_is_the_same_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [word for setting in QUICK[:4] for word in ("--set", setting)]
    command = ["bench", "talks", "--seeds", "2", "--seed", "3", *settings]
    assert main([*command, "--out", str(tmp_path / "docs" / "talks.md")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "docs" / "talks.md")
    page = (tmp_path / "docs" / "talks.md").read_text()
    assert page.count("## Seed") == 2
    assert "## Seed 3: " in page
    assert "## Seed 4: " in page
    assert page.count("### S1901M") == page.count("### F1901M") == 2
    assert main(command) == 0
    again = capsys.readouterr().out
    assert again.splitlines()[8:] == page.splitlines()[8:], "but for the command that the page names"


def test_the_pair_is_drawn_by_the_seed_and_not_by_what_was_said() -> None:
    config = load_config(settings=[*QUICK, "play.seed=3"])
    talk = talk_of(config)
    game = play(config, None)
    said = [m.text for r in game.history for m in r.messages if {m.sender, m.recipient} == set(talk.pair)]
    assert [line.text for phase in talk.phases for line in phase.lines] == said
    assert said, "a pair that exchanged a word"
    for phase in talk.phases:
        record = next(r for r in game.history if r.phase == phase.phase)
        assert phase.orders == tuple((power, record.orders[power]) for power in talk.pair)
        assert all(line.acts and line.reason for line in phase.lines)


def test_a_line_names_its_acts() -> None:
    order = ActOrder(FRANCE, parse_order("A PAR - BUR"))
    condition = SpeechAct(ActKind.INFORM, FRANCE, GERMANY, provinces=(Province("RUH"),), polarity=Polarity.NOT)
    offer = SpeechAct(ActKind.OFFER, FRANCE, GERMANY, (order,), condition=condition)
    assert act_words(offer) == "offer FRANCE: A PAR - BUR if (inform not in RUH)"
    past = SpeechAct(ActKind.ALLY, FRANCE, GERMANY, powers=(Power.ITALY,), phase=Phase.parse("S1901M"))
    assert act_words(past) == "ally about Italy (S1901M)"
    line = Line(FRANCE, "I'll move.", (offer,), "because")
    talk = Talk(7, (FRANCE, GERMANY), (TalkPhase(Phase.parse("S1901M"), (line,), ((FRANCE, (order.order,)),)),))
    page = markdown([talk], "the command")
    assert "    the command" in page
    assert "**France:** I'll move." in page
    assert "; because*" in page
    assert "France then ordered `A PAR - BUR`." in page


def test_no_games_is_a_plain_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "talks", "--seeds", "0"]) == 2
    assert "--seeds: expected 1 or more" in capsys.readouterr().err


def test_talks_in_numbers() -> None:
    phase, game = Phase.parse("S1901M"), Game()
    board = Board(game.position)
    units = {p: board.units(p) for p in POWERS}
    messages = [
        Message(FRANCE, GERMANY, phase, "Hi.", 0),
        Message(GERMANY, FRANCE, phase, "Hello.", 1),
        Message(FRANCE, Power.ITALY, phase, "Hi.", 2),
        Message(FRANCE, None, phase, "Hi all.", 3),
    ]
    centers = {p: board.centers(p) for p in POWERS}
    events: list[Event] = [PhaseStarted(phase, units, centers), *(Sent(m) for m in messages)]
    found = count([*events, PhaseResolved(phase, (), centers)])
    assert (found.pairs, found.public, dict(found.talking)) == (21, 1, {2: 1, 1: 1})
    assert "10 % of pairs talk" in found.lines()[1]
    assert "0.1 messages a pair, 1.5 a pair that talks, 2 at most" in found.lines()[1]


def test_plans_in_the_log_say_what_they_are_worth() -> None:
    events: list[Event] = []
    play(load_config(settings=[*QUICK, "play.seed=5", "agent.speech.judged=2"]), None, [events.append])
    planned = [e for e in events if isinstance(e, SpeechPlanned) and e.recipient is not None]
    compared = [e for e in planned if e.passed_over]
    assert compared
    for event in compared:
        assert event.worth is not None
        assert event.worth >= max(event.passed_over)
