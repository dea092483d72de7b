"""The bench of the filters: what is spoilt and how, what it costs to be real, what is counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.attack_wordings import WORDINGS, Lot, of_lot
from cicero_lite.bench.corruptions import SWAPS, Pool
from cicero_lite.bench.filters import REAL, Case, cases, chain_of, measure, tried
from cicero_lite.bench.forbidden import ATTACKS, CORRUPTIONS
from cicero_lite.bench.moments import self_play
from cicero_lite.bench.options import BenchError
from cicero_lite.bench.originals import Corpus, Original, OriginalsError, own_corpus, public_corpus, read_games
from cicero_lite.cli import main
from cicero_lite.config import load_config
from dialogue.filters import DEFAULT_NAMES, FilterConfig, Verdict
from dialogue.filters.naming import named_by
from engine.game import Game
from engine.types import Power

FRANCE, GERMANY, ITALY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ITALY, Power.ENGLAND
QUICK = (
    "agent.search.policy=rules",
    "agent.search.think=2it",
    "agent.generation.candidates=0",
    "play.rounds=1",
    "play.until=1901",
)


def game_played(name: str) -> Game:
    """Two phases with talk among people, and what they ordered."""
    game = Game(game_id=name)
    game.say(ITALY, FRANCE, "I will move from Venice to Trieste and I hope that nobody minds that move.")
    game.say(GERMANY, FRANCE, "Hi France! Will you move to Burgundy?")
    game.say(FRANCE, GERMANY, "No, I will not move from Paris to Burgundy this spring. Watch Italy, please.")
    game.say(FRANCE, ENGLAND, "I will move from Brest to the Mid-Atlantic. Please stay out of the Channel, neighbour.")
    game.say(GERMANY, FRANCE, "Thanks, the German army in Munich will stay where it is.")
    game.set_orders(FRANCE, ["A PAR - PIC", "F BRE - MAO", "A MAR - SPA"])
    game.process()
    game.say(FRANCE, GERMANY, "Will you support me from Ruhr to Belgium? I have 3 centers only.")
    game.say(GERMANY, FRANCE, "Yes, of course, my friend.")
    game.set_orders(FRANCE, ["A PIC - BEL"])
    game.process()
    return game


def games_file(folder: Path, *names: str) -> Path:
    path = folder / "games.jsonl"
    players = dict.fromkeys(("FRANCE", "GERMANY", "ENGLAND", "ITALY"), "human")
    lines = [json.dumps({**game_played(name).to_saved_game(), "players": players}) for name in names or ("one", "two")]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return public_corpus(read_games(games_file(tmp_path_factory.mktemp("games"))), 100, 0)


@pytest.fixture(scope="module")
def refusal(corpus: Corpus) -> Original:
    """France's answer to Germany."""
    return next(o for o in corpus.originals if o.message.text.startswith("No, I will not"))


def drawn(kind: str, at: Original, corpus: Corpus, lot: Lot = Lot.JUDGING) -> set[str]:
    """What a kind of corruption makes of a message, drawn a few times."""
    pool = Pool(corpus, lot)
    found = (CORRUPTIONS[kind](at, pool, np.random.default_rng(n)) for n in range(20))
    return {text for text in found if text is not None}


def test_a_message_comes_with_what_its_sender_knew(corpus: Corpus, refusal: Original) -> None:
    assert len(corpus.originals) == 14
    assert [m.text[:6] for m in refusal.view.messages] == ["I will", "Hi Fra"]
    assert {e.message.sender for e in refusal.ledger.entries} == {ITALY, GERMANY}
    assert refusal.plan.answers is not None
    assert refusal.plan.answers.text.startswith("Hi France")
    assert {str(o) for o in refusal.own} == {"A PAR - PIC", "F BRE - MAO", "A MAR - SPA"}
    places, powers = named_by(refusal.plan.acts)
    assert {"PAR", "BUR"} <= places
    assert ITALY in powers
    assert refusal.verbatim == {"no i will not move from paris to burgundy this spring", "watch italy please"}


def test_draws_are_fixed_by_the_seed_and_take_turns_among_games(tmp_path: Path) -> None:
    games = read_games(games_file(tmp_path))
    some, same, others = (public_corpus(games, 4, seed) for seed in (1, 1, 2))
    assert [o.message for o in some.originals] == [o.message for o in same.originals]
    assert [o.message for o in some.originals] != [o.message for o in others.originals]
    assert [o.view.game_id for o in some.originals] == ["one", "one", "two", "two"]


def test_one_saved_game_will_do_and_silence_will_not(tmp_path: Path) -> None:
    path = tmp_path / "game.json"
    path.write_text(json.dumps(game_played("alone").to_saved_game()))
    assert len(public_corpus(read_games(path), 100, 0).originals) == 7, "nobody is known to be a person: all count"
    path.write_text(json.dumps(Game().to_saved_game()))
    with pytest.raises(OriginalsError, match="expected games with private messages"):
        public_corpus(read_games(path), 100, 0)


def test_names_are_swapped_all_through_and_nothing_else(refusal: Original, corpus: Corpus) -> None:
    for text in drawn("power_swap", refusal, corpus):
        assert text.startswith("No, I will not move from Paris to Burgundy this spring. Watch ")
        assert "Italy" not in text
    for text in drawn("place_swap", refusal, corpus):
        assert ("Paris" in text) is not ("Burgundy" in text)


def test_a_no_becomes_a_yes(refusal: Original, corpus: Corpus) -> None:
    assert drawn("negation_flip", refusal, corpus) == {refusal.message.text.replace("No,", "yes,")}


def test_other_messages_come_from_where_they_should(refusal: Original, corpus: Corpus) -> None:
    assert drawn("wrong_recipient", refusal, corpus) == {
        "I will move from Brest to the Mid-Atlantic. Please stay out of the Channel, neighbour."
    }
    assert all("Belgium" in text for text in drawn("wrong_phase", refusal, corpus))
    assert all("Venice" in text for text in drawn("non_sequitur", refusal, corpus))
    assert drawn("wrong_board", refusal, corpus)
    assert not drawn("repeated", refusal, corpus), "it has said nothing to Germany before"


def test_attacks_are_false_by_the_record(refusal: Original, corpus: Corpus) -> None:
    for text in drawn("against_intent", refusal, corpus):
        assert not any(words in text for words in ("from Brest to the Mid-Atlantic", "from Marseilles to Spain.")) or (
            "won't" in text or "not to" in text
        )
    for text in drawn("false_board", refusal, corpus):
        assert "have 3 centers" not in text
    assert not drawn("false_past", refusal, corpus), "nothing was played"
    assert not drawn("dead_power", refusal, corpus), "nobody is out"
    assert all("Italy" in text for text in drawn("leak", refusal, corpus))
    assert any("nobody minds" in text for text in drawn("leaked_quote", refusal, corpus))


def test_what_is_learned_from_does_not_judge(refusal: Original, corpus: Corpus) -> None:
    for kind, wordings in WORDINGS.items():
        taught, judging = (set(of_lot(wordings, lot)) for lot in Lot)
        assert not taught & judging, kind
        assert len(wordings) == len(taught | judging)
    taught, judging = (drawn("insult", refusal, corpus, lot) for lot in Lot)
    assert not taught & judging


def test_a_real_message_passes_what_compares_with_its_own_plan(corpus: Corpus) -> None:
    chain = chain_of(DEFAULT_NAMES)
    for original in corpus.originals:
        found = tried(Case(REAL, original.message.text, original), chain, FilterConfig())
        for name in ("read_back", "naming", "negation"):
            assert found.planned[name].verdict is Verdict.PASS, original.message.text


def test_what_is_not_meant_is_stopped_and_text_alone_knows_no_plan(refusal: Original) -> None:
    chain = chain_of(DEFAULT_NAMES)
    text = refusal.message.text.replace("not ", "")
    found = tried(Case("negation_flip", text, refusal), chain, FilterConfig())
    assert "read_back" in found.stopped_by
    assert not {"read_back", "naming", "intention"} & set(found.text_only)
    insult = tried(Case("insult", "You idiot. " + refusal.message.text, refusal), chain, FilterConfig())
    assert insult.text_only["rudeness"].verdict is Verdict.REJECT


def test_figures_count_kinds_and_false_alarms(corpus: Corpus) -> None:
    every = cases(corpus, 3, 0)
    found, all_tried = measure(corpus, chain_of(DEFAULT_NAMES), FilterConfig(), 3, 0)
    assert len(all_tried) == len(every)
    assert found.messages == 14
    kinds = {case.kind for case in every} - {REAL}
    assert set(found.recall) == kinds
    assert kinds >= {"insult", "wrong_board", "place_swap", "machine_denial"}
    assert len(kinds) >= 12
    assert found.recall["insult"] == found.chain.recall["insult"].share
    assert found.false_alarm == sum(bool(t.stopped_by) for t in all_tried if not t.is_spoilt) / 14
    assert found.people.false_alarm.of == found.understood.of == 14
    last = found.steps[list(found.steps)[-1]]
    assert last == (found.chain.false_alarm.share, found.chain.caught)
    assert len(found.filters["repetition"].roc) == 1
    assert {point for its in found.filters.values() for point in its.roc if not 0 <= point.recall <= 1} == set()


def test_a_filter_that_grades_has_a_curve_and_a_calibration(corpus: Corpus, tmp_path: Path) -> None:
    mine = tmp_path / "shouting.py"
    mine.write_text(
        "from dialogue.filters.verdict import verdict\n\n\n"
        "def shouting(draft, context):\n"
        "    share = sum(c.isupper() for c in draft.text) / len(draft.text)\n"
        "    return verdict('shouting', 'shouts' if share > 0.5 else None, share)\n"
    )
    found, _ = measure(corpus, chain_of([*DEFAULT_NAMES, f"{mine}:shouting"]), FilterConfig(), 3, 0)
    roc = found.filters["shouting"].roc
    assert len(roc) > 1
    assert roc[0].false_alarm == 1.0
    assert [p.recall for p in roc] == sorted((p.recall for p in roc), reverse=True)
    assert sum(b.count for b in found.filters["shouting"].calibration) > found.messages
    with pytest.raises(BenchError, match="unknown filter 'shout'"):
        chain_of(["shout"])


def test_without_a_message_there_is_nothing_to_try() -> None:
    with pytest.raises(BenchError, match="expected messages to try, got none"):
        measure(Corpus(()), chain_of(DEFAULT_NAMES), FilterConfig(), 3, 0)


def test_our_own_messages_come_with_their_plans() -> None:
    attempts = self_play(load_config(settings=QUICK), 0, 10)
    corpus = own_corpus(attempts)
    assert corpus.originals
    assert len(corpus.originals) == sum(a.sent is not None for a in attempts)
    first = corpus.originals[0]
    assert first.plan.acts == attempts[0].plan.acts
    assert first.own == attempts[0].intent.own.orders
    chain = chain_of(DEFAULT_NAMES)
    for original in corpus.originals:
        case = Case(REAL, original.message.text, original)
        assert not tried(case, chain, FilterConfig()).stopped_by, "they passed in play"


def test_the_command_prints_json_for_programs_and_lines_for_readers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    games = str(games_file(tmp_path))
    settings = [word for setting in QUICK for word in ("--set", setting)]
    command = [
        "bench",
        "filters",
        "--games",
        games,
        "--per-kind",
        "2",
        "--messages",
        "6",
        "--self-play",
        "5",
        *settings,
    ]
    out = tmp_path / "tried.jsonl"
    assert main([*command, "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["messages"] == 6 + found["origins"]["self-play"]
    assert 0 <= found["false_alarm"] <= 1
    assert found["recall"]["insult"] >= 0
    assert found["live"]["messages"] == 5
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert sum(line["kind"] == REAL for line in lines) == found["messages"]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "with plans" in shown
    assert "candidates of the grammar, rejected" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--games", "none.jsonl"], "no such file: none.jsonl"),
        (["--messages", "0"], "--messages: expected 1 or more, got 0"),
        (["--filter", "polite.py:polite"], "cannot load the filter 'polite.py:polite'"),
        (["--self-play", "0"], "expected messages to try"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "filters", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_every_kind_is_listed_once() -> None:
    assert set(CORRUPTIONS) == set(SWAPS) | set(ATTACKS)
    assert len(CORRUPTIONS) == len(SWAPS) + len(ATTACKS)
