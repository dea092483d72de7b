"""What agents write, measured: against their intents, under changed intents, and side by side with another's."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cicero_lite.agent import build_agent
from cicero_lite.arena.log import Drafted, EventLog, FilterFinding, SpeechPlanned
from cicero_lite.bench.consistency import Figures, judge, measure, proposals, ruled_out
from cicero_lite.bench.moments import Attempt, Moment, MomentError, Origin, public_moments, self_play, self_play_moments
from cicero_lite.bench.pairs import (
    ANSWERS,
    HEADER,
    KEY,
    SHEET,
    Against,
    Compared,
    PairsFound,
    against_cicero,
    find_pairs,
    sheet,
    stand_apart,
    write_comparison,
)
from cicero_lite.bench.steering import measure_steering, two_intents, write_pair
from cicero_lite.bench.tally import TallyError, sign_test, tally
from cicero_lite.cli import main
from cicero_lite.config import Config, load_config
from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from engine.game import Game
from engine.notation import parse_order
from engine.types import Intent, Phase, PlannedOrders, Power

FRANCE, GERMANY, ITALY = Power.FRANCE, Power.GERMANY, Power.ITALY
SPRING = Phase.parse("S1901M")
QUICK = (
    "agent.search.policy=rules",
    "agent.search.think=2it",
    "agent.generation.candidates=0",
    "play.rounds=1",
)
SETTINGS = [word for setting in QUICK for word in ("--set", setting)]


def quick(*more: str) -> Config:
    return load_config(settings=[*QUICK, "play.until=1901", *more])


def intent(own: Sequence[str], wanted: Sequence[str] = ()) -> Intent:
    mine = PlannedOrders(FRANCE, SPRING, tuple(map(parse_order, own)))
    return Intent(FRANCE, GERMANY, mine, PlannedOrders(GERMANY, SPRING, tuple(map(parse_order, wanted))))


def act(kind: ActKind, power: Power, order: str) -> SpeechAct:
    return SpeechAct(kind, FRANCE, GERMANY, (ActOrder(power, parse_order(order)),))


MEANT = intent(["A PAR - BUR", "F BRE - MAO", "A MAR - SPA"], ["A MUN - RUH", "F KIE - DEN"])


def attempt(*drafts: tuple[str, str, str | None], meant: Intent = MEANT) -> Attempt:
    """Made of texts, who worded each, and the filter that rejected it."""
    planned = SpeechPlanned(FRANCE, GERMANY, SPRING, (act(ActKind.INFORM, FRANCE, "A PAR - BUR"),))
    found = tuple(
        Drafted(FRANCE, GERMANY, SPRING, text, source, (), () if by is None else (FilterFinding(by, "reject"),))
        for text, source, by in drafts
    )
    return Attempt(Game().view(FRANCE), GERMANY, meant, planned, found)


# --- consistency -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        (act(ActKind.PROMISE, FRANCE, "A PAR - BUR"), True),
        (act(ActKind.AGREE, FRANCE, "A PAR - PIC"), False),
        (act(ActKind.OFFER, FRANCE, "A MAR S A PAR - BUR"), False),
        (act(ActKind.PROPOSE, GERMANY, "A MUN - RUH"), True),
        (act(ActKind.REQUEST_SUPPORT, GERMANY, "A MUN S A PAR - BUR"), False),
        (act(ActKind.PROPOSE, FRANCE, "F BRE - ENG"), False),
    ],
)
def test_an_order_proposed_fits_if_the_intent_has_it(said: SpeechAct, fits: bool) -> None:
    assert [p.fits for p in proposals([said], MEANT)] == [fits]


def test_coasts_do_not_matter() -> None:
    meant = intent(["F GAS - SPA/NC"])
    assert [p.fits for p in proposals([act(ActKind.INFORM, FRANCE, "F GAS - SPA")], meant)] == [True]


@pytest.mark.parametrize(
    "said",
    [
        act(ActKind.INFORM, ITALY, "A VEN - TYR"),
        act(ActKind.INFORM, GERMANY, "A MUN - BUR"),
        act(ActKind.ASK, GERMANY, "A MUN - BUR"),
        act(ActKind.CLAIM_PAST, FRANCE, "A PAR - PIC"),
        replace(act(ActKind.PROMISE, FRANCE, "A PAR - PIC"), polarity=Polarity.NOT),
        replace(act(ActKind.PROMISE, FRANCE, "A PAR - PIC"), phase=Phase.parse("F1901M")),
    ],
)
def test_what_is_no_proposal_for_now_is_not_judged(said: SpeechAct) -> None:
    assert proposals([said], MEANT) == ()


def test_what_holds_on_a_condition_is_counted_apart() -> None:
    offer = replace(
        act(ActKind.OFFER, FRANCE, "A MAR S A PAR - BUR"), condition=act(ActKind.INFORM, GERMANY, "A MUN H")
    )
    assert [(p.kind, p.fits) for p in proposals([offer], MEANT)] == [("offer if", False)]


def test_an_own_order_ruled_out_must_not_be_meant() -> None:
    never = [replace(act(ActKind.PROMISE, FRANCE, o), polarity=Polarity.NOT) for o in ("A PAR - BUR", "A PAR - PIC")]
    assert ruled_out(never, MEANT) == [False, True]


def test_texts_are_read_anew_and_counted_before_and_after_the_filters() -> None:
    judged = judge(
        attempt(
            ("I will move from Paris to Picardy.", "model", "read_back"),
            ("I will move from Paris to Burgundy.", "model", None),
            ("I am moving Paris to Burgundy. Could you move from Munich to Burgundy?", "grammar", None),
            ("Hello there!", "model", None),
        ),
        Origin.PEOPLE,
    )
    assert [item.consistent for item in judged] == [False, True, False, None]
    assert [item.is_sent for item in judged] == [False, True, False, False]
    before, sent = Figures.of(judged), Figures.of([item for item in judged if item.is_sent])
    assert (before.texts, before.consistent.count, before.consistent.of) == (4, 1, 3)
    assert (sent.consistent.count, sent.consistent.of) == (1, 1)
    assert (before.own.count, before.own.of) == (2, 3), "the third says of its own only what is meant"
    assert (before.addressee.count, before.addressee.of) == (0, 1)
    assert (before.sources["grammar"].count, before.sources["model"].of) == (0, 2)
    line = judged[2].as_json()
    assert line["astray"] == ["propose GERMANY: A MUN - BUR"]
    assert (line["sent"], line["consistent"], line["source"]) == (False, False, "grammar")


def test_self_play_is_judged_the_same_again_and_what_is_read_anew_is_what_was_read_back() -> None:
    watched: list[tuple[int, int]] = []
    found, judged = measure(quick(), 30, 5, None, lambda done, total: watched.append((done, total)))
    again, _ = measure(quick(), 30, 5, None)
    assert found == again
    assert found.attempts == {"all": 30, "self-play": 30, "public games": 0}
    assert [item.reading.acts for item in judged] == [item.draft.read_back for item in judged]
    assert found.sent["all"].consistent.of > 0
    assert watched[-1] == (30, 30)
    assert {line["consistent"] for line in found.inconsistent} <= {False}


def test_players_that_do_not_talk_are_a_plain_error() -> None:
    with pytest.raises(MomentError, match="expected agents that talk"):
        self_play(quick("play.rounds=0"), 0, 5)


# --- moments of public games -----------------------------------------------------------------------------


def games_file(folder: Path, *, cicero_orders: str = "A PAR - BUR") -> Path:
    """A game of one phase in which Cicero, as France, and Germany talk."""
    game = Game(game_id="made")
    game.say(FRANCE, GERMANY, "Hello!")
    game.say(FRANCE, GERMANY, "How are you?")
    game.say(GERMANY, FRANCE, "Hi. Will you move to Burgundy?")
    game.say(GERMANY, ITALY, "Beware of Austria.")
    game.say(FRANCE, GERMANY, "I will move from Paris to Burgundy.")
    game.set_orders(FRANCE, [cicero_orders])
    game.process()
    players = {power.value: "cicero" if power is FRANCE else "human" for power in game.powers}
    path = folder / "games.jsonl"
    path.write_text(json.dumps({**game.to_saved_game(), "players": players}) + "\n")
    return path


def test_a_moment_is_what_the_seat_had_seen_when_its_player_began_to_write(tmp_path: Path) -> None:
    found = public_moments(games_file(tmp_path), seed=0)
    assert {m.said.text for m in found if m.said} == {
        "Hello!",
        "Hi. Will you move to Burgundy?",
        "Beware of Austria.",
        "I will move from Paris to Burgundy.",
    }
    last = next(m for m in found if m.said and m.said.text.startswith("I will"))
    assert (last.view.power, last.recipient, last.author) == (FRANCE, GERMANY, "cicero")
    assert [m.text for m in last.view.messages] == ["Hello!", "How are you?", "Hi. Will you move to Burgundy?"]
    assert parse_order("A PAR - BUR") in last.orders
    assert {m.author for m in public_moments(games_file(tmp_path), 0, ["cicero"])} == {"cicero"}


def test_an_agent_writes_from_a_seat_of_people(tmp_path: Path) -> None:
    found, judged = measure(quick(), 8, 0, games_file(tmp_path))
    assert found.attempts["public games"] == 4
    assert found.attempts["self-play"] == 4
    seats = {item.attempt.view.power for item in judged if item.origin is Origin.PEOPLE}
    assert seats == {FRANCE, GERMANY}


def test_games_without_talk_are_a_plain_error(tmp_path: Path) -> None:
    path = tmp_path / "silent.jsonl"
    path.write_text(json.dumps(Game().to_saved_game()) + "\n")
    with pytest.raises(MomentError, match="wrote in a movement phase, got none"):
        public_moments(path, 0)


# --- steering --------------------------------------------------------------------------------------------


def test_an_agent_holds_to_the_intent_that_it_is_given() -> None:
    game = Game()
    game.say(GERMANY, FRANCE, "Could you support me from Paris to Burgundy?")
    view = game.view(FRANCE)
    agent = build_agent(FRANCE, quick().agent, 1, EventLog())
    agent.begin_phase(view)
    free = agent.act(view, FRANCE)
    meant = intent(["A PAR - GAS", "F BRE - PIC", "A MAR H"], ["A MUN - TYR"])
    assert set(free) != set(meant.own.orders)
    agent.hold_to(meant, view)
    said = agent.write_to(GERMANY, view)
    assert said is not None
    assert said.intent == meant
    game.say(GERMANY, FRANCE, "Please leave Gascony alone.")
    agent.hear(game.messages[-1], game.view(FRANCE))
    assert agent.act(game.view(FRANCE), FRANCE) == meant.own.orders
    agent.begin_phase(view)
    assert set(agent.act(view, FRANCE)) != set(meant.own.orders)


def test_pairs_differ_in_the_intent_alone_and_say_so() -> None:
    found = measure_steering(quick("play.until=1902"), 2, 3, None)
    assert len(found.pairs) == found.follow.of == 2
    for pair in found.pairs:
        first, second = pair.intents
        assert (first.sender, first.recipient) == (second.sender, second.recipient)
        assert first != second
        assert pair.kinds
    assert found.follow.count > 0


def test_a_text_that_ignores_the_intent_does_not_follow_it() -> None:
    config = quick("play.until=1902")
    moments = self_play_moments(config, 2)
    moment, intents = next((m, found) for m in moments if (found := two_intents(m, config, 2, 0)) is not None)
    pair, unsteered = (write_pair(moment, both, config, 2) for both in (intents, (intents[0], intents[0])))
    assert pair is not None
    assert pair.follows
    assert unsteered is not None
    assert unsteered.texts[0] == unsteered.texts[1]
    assert not unsteered.follows


# --- pairs and their tally -------------------------------------------------------------------------------


def compared(number: int) -> Compared:
    moment = Moment(Origin.SELF_PLAY, Game().view(FRANCE), GERMANY)
    return Compared(moment, MEANT, f"Ours, {number}.", f"Theirs, {number}.", "model")


@pytest.fixture
def comparison(tmp_path: Path) -> Path:
    found = PairsFound(Against.GRAMMAR, tuple(map(compared, range(1, 9))), 10)
    write_comparison(tmp_path, found, quick(), seed=0)
    return tmp_path


def answer(folder: Path, better: Sequence[str]) -> None:
    lines = [",".join(HEADER), *(f"{n},{text},a remark" for n, text in enumerate(better, start=1))]
    (folder / ANSWERS).write_text("\n".join(lines) + "\n")


def ours(folder: Path) -> list[str]:
    return ["A" if pair["A"] == "ours" else "B" for pair in json.loads((folder / KEY).read_text())["pairs"]]


def test_the_sheet_does_not_say_whose_is_which(comparison: Path) -> None:
    text = (comparison / SHEET).read_text()
    sides = ours(comparison)
    assert set(sides) == {"A", "B"}, "in random order"
    for number, side in enumerate(sides, start=1):
        assert f"**{side}:** Ours, {number}." in text
    for word in ("model", "grammar", "cicero"):
        assert word not in text.lower()
    assert "France means to order A PAR - BUR, F BRE - MAO, A MAR - SPA." in text
    rows = csv.DictReader((comparison / ANSWERS).read_text().splitlines())
    assert [row["pair"] for row in rows] == [str(n) for n in range(1, 9)]


def test_answers_are_counted_by_the_key(comparison: Path) -> None:
    sides = ours(comparison)
    worse = {"A": "b", "B": "a"}[sides[6]]
    answer(comparison, [*sides[:6], worse, " TIE "])
    found = tally(comparison)
    assert (found.wins, found.losses, found.ties) == (6, 1, 1)
    assert (found.win_share.count, found.win_share.of) == (6, 7)
    assert found.p_value == pytest.approx(2 * 8 / 128)


def test_the_sign_test_knows_no_side() -> None:
    assert sign_test(0, 0) == sign_test(5, 5) == 1.0
    assert sign_test(10, 0) == sign_test(0, 10) == pytest.approx(2 / 1024)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["A"] * 8 + ["A"], r"line 10: expected the number of a pair, 1 to 8, got '9'"),
        (["A", "both"] + ["A"] * 6, r"line 3, pair 2: expected A, B or tie, got 'both'"),
        (["A"] * 5 + ["", "", "B"], r"expected an answer to each of 8 pairs, got none to 6, 7"),
        (["A"] * 2, r"got none to 3, 4, 5, 6, 7 and 1 more"),
    ],
)
def test_odd_and_missing_answers_are_plain_errors(comparison: Path, answers: list[str], said: str) -> None:
    answer(comparison, answers)
    with pytest.raises(TallyError, match=said):
        tally(comparison)


def test_other_files_are_plain_errors(comparison: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (comparison / ANSWERS).write_text("pair;better;remark\n1;A;\n")
    with pytest.raises(TallyError, match="line 1: expected pair,better,remark"):
        tally(comparison)
    answer(comparison, ["A"] * 7)
    (comparison / ANSWERS).write_text((comparison / ANSWERS).read_text() + "7,B,\n")
    with pytest.raises(TallyError, match="got pair 7 again"):
        tally(comparison)
    (comparison / KEY).write_text("{}")
    assert main(["bench", "tally", str(comparison)]) == 2
    assert "expected the key that bench pairs wrote" in capsys.readouterr().err
    assert main(["bench", "tally", str(comparison / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_against_cicero_ours_holds_to_the_orders_that_cicero_gave_if_it_meant_its_words(tmp_path: Path) -> None:
    def compared(path: Path) -> list[Compared]:
        found = (against_cicero(m, quick(), 0) for m in public_moments(path, 0, ["cicero"]))
        return [pair for pair in found if pair is not None]

    honest = compared(games_file(tmp_path))
    assert all(parse_order("A PAR - BUR") in p.intent.own.orders for p in honest if p.intent is not None)
    assert {p.other for p in honest} == {"Hello!", "I will move from Paris to Burgundy."}
    false = compared(games_file(tmp_path, cicero_orders="A PAR - PIC"))
    told = {p.other: p.intent for p in false}
    assert told["I will move from Paris to Burgundy."] is None
    assert told["Hello!"] is not None, "what names no order is not belied by any"
    pair = next(p for p in false if p.intent is None)
    assert "means to order" not in sheet([pair], [True])


def test_no_talk_on_the_sheet_shows_another_pair_s_words(tmp_path: Path) -> None:
    found = find_pairs(quick(), Against.CICERO, 2, 0, games_file(tmp_path))
    assert (len(found.pairs), found.moments) == (1, 2), "one of a talk in a phase"
    game = Game(game_id="made")
    written: list[Moment] = []
    for phase, lines in enumerate(("Hi.", "?" * 8, "And now?"), start=1):
        written.append(Moment(Origin.PEOPLE, game.view(FRANCE), GERMANY))
        for line in lines if phase == 2 else [lines]:
            game.say(FRANCE, GERMANY, line)
        game.process()
    first, second, third = written
    assert not stand_apart(first, second)
    assert not stand_apart(third, second)
    assert stand_apart(first, third), "eight messages of the second phase hide the first"
    assert stand_apart(second, Moment(Origin.PEOPLE, first.view, ITALY))


def test_the_model_and_the_grammar_word_one_plan() -> None:
    config = quick("agent.generation.candidates=4")
    found = find_pairs(config, Against.GRAMMAR, 1, 1, None)
    (pair,) = found.pairs
    assert pair.source == "model"
    assert pair.ours != pair.other


# --- the commands ----------------------------------------------------------------------------------------


def test_consistency_as_json_and_every_text_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no public games are beside
    command = ["bench", "consistency", "--messages", "12", "--seed", "3", "--until", "1901", *SETTINGS]
    assert main([*command, "--out", "texts/all.jsonl", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    lines = [json.loads(line) for line in (tmp_path / "texts" / "all.jsonl").read_text().splitlines()]
    assert sum(line["sent"] for line in lines) == found["sent"]["all"]["texts"]
    assert len(lines) == found["candidates"]["all"]["texts"]
    assert sum(line["sent"] and line["consistent"] is False for line in lines) == len(found["inconsistent"])
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "self-play alone" in shown
    assert "propose only orders of the intent" in shown


def test_a_comparison_is_written_and_never_over_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = str(games_file(tmp_path)), str(tmp_path / "sheet")
    command = ["bench", "pairs", "--pairs", "1", "--against", "cicero", "--data", data, "--out", out, *SETTINGS]
    assert main(command) == 0
    assert f"bench tally {out}" in capsys.readouterr().out
    assert main(["bench", "tally", out]) == 2
    assert "got none to 1\n" in capsys.readouterr().err
    assert main(command) == 2
    assert "expected a folder without a comparison" in capsys.readouterr().err
    answer(Path(out), ["tie"])
    assert main(["bench", "tally", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ties"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["consistency", "--messages", "0"], "--messages: expected 1 or more, got 0"),
        (["steering", "--pairs", "0"], "--pairs: expected 1 or more, got 0"),
        (["pairs", "--out", "x", "--against", "us"], "--against: expected one of grammar, cicero, got 'us'"),
        (["pairs", "--out", "x", "--set", "agent.generation.candidates=0"], "expected a language model"),
        (["pairs", "--out", "x", "--against", "cicero"], "expected public games with Cicero in them"),
        (["consistency", "--data", "none.jsonl"], "no such file: none.jsonl"),
        (["consistency", "--precision", "half"], "--precision: agent.precision: expected 'auto'"),
        (["steering", "--model", "nowhere", "--messages", "1"], "No such option"),
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
    assert main(["bench", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "x").exists()


def test_a_model_that_is_not_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "steering", "--model", str(tmp_path / "nowhere"), "--set", "agent.search.policy=rules"]) == 2
    assert str(tmp_path / "nowhere") in capsys.readouterr().err
