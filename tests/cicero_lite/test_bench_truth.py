"""The oracle of truth, games checked by it, questions about words, and the ledger of a saved game."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.press_sample import HumanMessage, PressKey
from cicero_lite.bench.recall import judge, measure_recall
from cicero_lite.bench.recall_press import measure_taken
from cicero_lite.bench.recall_talks import (
    FAR,
    TRUE,
    Kind,
    LongTalk,
    Probe,
    Sense,
    long_talk,
    probes,
    wordings_by_name,
)
from cicero_lite.bench.truth import figures, json_lines, measure_truth
from cicero_lite.bench.truth_oracle import About, Checked, check_game
from cicero_lite.cli import main
from cicero_lite.config import Config, load_config
from cicero_lite.ledger import LedgerError, ask_ledger
from engine.game import Game
from engine.types import Power

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND
SETS = wordings_by_name()
QUICK = (
    "agent.search.policy=rules",
    "agent.search.think=2it",
    "agent.search.adapt=false",
    "agent.generation.candidates=0",
    "play.rounds=1",
)


def quick(*more: str) -> Config:
    return load_config(settings=[*QUICK, *more])


def checked(*said: tuple[Power, Power, str], before: tuple[tuple[Power, Power, str], ...] = ()) -> list[Checked]:
    """What the oracle says of messages in the second phase, after these in the first."""
    game = Game()
    for message in before:
        game.say(*message)
    game.set_orders(FRANCE, ["A PAR - BUR", "A MAR S A PAR - BUR", "F BRE - MAO"])
    game.set_orders(GERMANY, ["A MUN - RUH", "F KIE - DEN"])
    game.set_orders(Power.ITALY, ["A VEN - TRI"])
    game.set_orders(Power.AUSTRIA, ["F TRI - VEN"])
    game.process()
    for message in said:
        game.say(*message)
    game.set_orders(FRANCE, ["A BUR - BEL"])
    game.process()
    return list(check_game(game).messages[len(before) :])


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("You have four centers.", About.BOARD),
        ("Could you support my army in Paris?", About.BOARD),
        ("Last turn you moved to Burgundy.", About.ORDERS),
        ("Last turn you moved Berlin to Silesia.", About.ORDERS),
        ("Thanks for keeping your word!", About.ORDERS),
        ("You broke your word!", About.ORDERS),
        ("In spring 1901 I told you I would move Paris to Picardy.", About.WORDS),
        ("I never said I would move Paris to Burgundy.", About.WORDS),
        ('You wrote: "I will hold in Berlin for ever."', About.WORDS),
        ("Italy moved Venice to Trieste last turn.", About.ORDERS),
        ("I'll keep staying out of Burgundy.", About.ORDERS),
        ("Are you still planning to move Ruhr to Holland?", About.WORDS),
        ("Could you take Kiel with Berlin?", About.BOARD),
    ],
)
def test_a_false_statement_is_found(text: str, about: About) -> None:
    before = ((FRANCE, GERMANY, "I'm moving Paris to Burgundy."),)
    (found,) = checked((FRANCE, GERMANY, text), before=before)
    assert [untruth.about for untruth in found.untruths] == [about], found


@pytest.mark.parametrize(
    "text",
    [
        "I have three centers.",
        "Could you support my army in Burgundy?",
        "Last turn you moved to the Ruhr.",
        "Italy tried to move Venice to Trieste last turn.",
        "I'll keep staying out of Picardy.",
        "Are you planning to move Ruhr to Holland?",
        "Could you take Holland with Ruhr?",
        "In spring 1901 I told you I would move Paris to Burgundy.",
        'In spring 1901 I told you: "I\'m moving Paris to Burgundy."',
        "I never said I would move Paris to Picardy.",
        "Hi, how are you?",
    ],
)
def test_what_is_true_is_let_be(text: str) -> None:
    before = ((FRANCE, GERMANY, "I'm moving Paris to Burgundy."),)
    (found,) = checked((FRANCE, GERMANY, text), before=before)
    assert not found.untruths, found


def test_a_word_against_an_open_promise_unless_it_is_taken_back() -> None:
    promised = (FRANCE, ENGLAND, "I promise I'll move Burgundy to Belgium.")
    against = (FRANCE, GERMANY, "I'm moving Burgundy to Ruhr.")
    sorry = (FRANCE, ENGLAND, "Sorry about that. I'm moving Burgundy to Ruhr.")
    _, broken = checked(promised, against)
    assert [untruth.about for untruth in broken.untruths] == [About.PROMISE]
    assert not any(found.untruths for found in checked(promised, against, sorry))


def test_games_are_played_checked_kept_and_not_played_again(tmp_path: Path) -> None:
    config = quick("play.until=1901")
    found, played = measure_truth(config, 1, tmp_path)
    assert (found.games, found.messages) == (1, len(played[0].checked.messages))
    assert found.messages > 0
    assert json_lines(played).count("\n") == found.messages
    assert {"text", "planned", "read", "false", "rejected"} <= set(json.loads(json_lines(played).split("\n")[0]))
    log = tmp_path / "seed-0" / "events.jsonl"
    written = log.stat().st_mtime_ns
    again, _ = measure_truth(config, 1, tmp_path)
    assert log.stat().st_mtime_ns == written
    assert again == found == figures(played)
    assert any(line.startswith("promises: ") for line in found.lines())


# --- questions about words -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talk() -> LongTalk:
    return long_talk(3)


def test_a_long_talk_has_far_words_and_all_kinds_of_questions(talk: LongTalk) -> None:
    assert max(talk.distance(told.sequence) for told in talk.between(talk.me, talk.other)) >= FAR
    asked = list(probes(talk, 28, SETS["known"], np.random.default_rng(1)))
    assert len({probe.kind for probe in asked}) >= len(Kind) - 2
    assert not {probe.wording for probe in probes(talk, 28, SETS["fresh"], np.random.default_rng(1))} & {
        probe.wording for probe in asked
    }
    for probe in asked:
        said = talk.between(probe.by, talk.other if probe.by is talk.me else talk.me)
        if probe.kind in (Kind.ELSEWHERE, Kind.TO_ANOTHER, Kind.OPPOSITE, Kind.BY_ASKER):
            assert not any(told.says(probe.claim) for told in said)


def test_the_halves_share_no_wording_and_every_one_can_be_asked(talk: LongTalk) -> None:
    tuning, judging = SETS["tuning"], SETS["judging"]
    for kind in ("said", "yours", "open", "denied", "never_told", "private", "give", "stay_out", "hold", "support"):
        assert not set(getattr(tuning, kind)) & set(getattr(judging, kind))
    for lot in (tuning, judging, SETS["second"]):
        asked = list(probes(talk, 56, lot, np.random.default_rng(2)))
        assert len({probe.wording for probe in asked}) > 25
        assert not any("{" in probe.text or "  " in probe.text or " ?" in probe.text for probe in asked)


def test_messages_of_people_taken_for_words_are_counted() -> None:
    game = Game()
    texts = ("Did you say you'd hold in Munich?", "I never said I'd hold in Paris.", "Are you moving to Burgundy?")
    messages = [game.say(FRANCE, GERMANY, text) for text in texts] + [game.say(FRANCE, None, texts[0])]
    board = game.view(FRANCE)
    press = [HumanMessage(PressKey("made", "S1901M", n), m, board, ()) for n, m in enumerate(messages)]
    found = measure_taken(press)
    assert (found.messages, found.taken.count, found.asking.count, found.denying.count) == (3, 2, 1, 1)
    assert [one.key.index for one in found.found] == [0, 1]
    assert texts[0] in "\n".join(found.lines())


def test_answers_are_judged_by_what_was_said(talk: LongTalk) -> None:
    told = next(t for t in talk.between(talk.me, talk.other) if t.sense is Sense.STAY_OUT)
    message = next(m for r in talk.game.history for m in r.messages if m.sequence == told.sequence)
    probe = Probe(Kind.SAID, "?", talk.me, told, "", 90)
    quoted = f'In {told.phase} I told you: "{message.text}"'
    assert not judge(talk, probe, quoted)
    assert "quotes" in judge(talk, probe, quoted.replace(message.text, message.text + " Trust me."))
    assert "denies" in judge(talk, probe, f"I never said I would stay out of {told.place.title()}.")
    assert judge(talk, probe, "I can't say.")
    assert judge(talk, probe, "") == "silent"


def test_an_agent_answers_from_the_record() -> None:
    found, answered = measure_recall(quick(), 6, 3, SETS["known"])
    assert (found.questions, found.talks) == (6, 1)
    assert found.right.count >= 5, found.wrong
    assert sum(one.kind in TRUE for one in answered) == found.on_record.of


# --- the ledger of a saved game ------------------------------------------------------------------------


def test_a_saved_game_is_asked_what_was_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    game = Game()
    game.say(GERMANY, FRANCE, "I promise I'll stay out of Burgundy.")
    game.say(FRANCE, ENGLAND, "I'm moving Brest to the Mid-Atlantic Ocean.")
    game.set_orders(GERMANY, ["A MUN - BUR"])
    game.set_orders(FRANCE, ["F BRE - MAO"])
    game.process()
    path = tmp_path / "game.json"
    path.write_text(json.dumps(game.to_saved_game()))
    assert main(["ledger", str(path), "--power", "germany", "--about", "Burgundy"]) == 0
    printed = capsys.readouterr().out
    assert "S1901M Germany to France: promise not BUR: broken" in printed
    assert "I promise I'll stay out of Burgundy." in printed
    assert main(["ledger", str(path), "--power", "france", "--by", "germany", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["found"][0]["provinces"] == ["BUR"]
    assert ask_ledger(path, None, FRANCE, about="TUN").lines() == ["nothing on record"]
    assert not ask_ledger(path, None, FRANCE, about="MAO", to=GERMANY).found
    assert main(["ledger", str(path), "--power", "france", "--about", "xyzzy"]) == 2
    assert "--about: expected a province" in capsys.readouterr().err
    with pytest.raises(LedgerError, match="expected words by FRANCE or to it"):
        ask_ledger(path, None, FRANCE, by=ENGLAND, to=GERMANY)
