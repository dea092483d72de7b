"""The reader's measures, on messages and annotations of our own making; and how well it reads people, blind."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cicero_lite.bench.amr import AmrError, parse_amr
from cicero_lite.bench.annotations import AnnotationError, measure_annotations
from cicero_lite.bench.blind import measure_blind
from cicero_lite.bench.deeds import Deed, DeedKind, agreeing, deeds_of_acts, deeds_of_amr
from cicero_lite.bench.games import HELD_BACK
from cicero_lite.bench.press_labels import LabelFileError, load_labels
from cicero_lite.bench.press_sample import draw, human_press, names_something
from cicero_lite.cli import main
from dialogue.acts import ActKind, ActOrder, SpeechAct
from engine.board import Board
from engine.game import Game
from engine.notation import parse_order
from engine.types import Power, Province

TESTS = Path(__file__).resolve().parents[1]
LABELS = TESTS / "dialogue" / "press_labels.jsonl"
A, E, F, G = Power.AUSTRIA, Power.ENGLAND, Power.FRANCE, Power.GERMANY
BOARD = Board(Game().position)

SAID = (
    (E, F, "Could you move Mar to Spain?"),
    (G, F, "Please move Par to Burgundy"),
    (F, E, "Sure!"),
    (F, E, "I will move Par to Pic"),
    (F, None, "Good luck"),
    (A, G, "Redacted: [REDACTED]"),
    (F, G, "good luck!"),
)
"""Germany is a machine, the others are people."""


def press_folder(folder: Path) -> Path:
    """Public data with one game, in which `SAID` was said in S1901M and a little more in F1901M."""
    game = Game(game_id="made")
    for sender, recipient, text in SAID:
        game.say(sender, recipient, text)
    game.process()
    game.say(F, E, "I will not move Bre to the Channel")
    data = game.to_saved_game()
    data["players"] = {power: "cicero" if power == G else "human" for power in game.powers}
    for part in (HELD_BACK, "games-train.jsonl.gz"):
        with gzip.open(folder / part, "wt") as out:
            out.write(json.dumps(data) + "\n")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return press_folder(tmp_path_factory.mktemp("data"))


def label(message: int, *acts: dict[str, Any], phase: str = "S1901M") -> dict[str, Any]:
    return {"game": "made", "phase": phase, "message": message, "acts": list(acts)}


def written(path: Path, lines: Sequence[object]) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


ASKED = {"kind": "propose", "orders": ["FRANCE A MAR - SPA"]}
AGREED = {"kind": "agree", "orders": ["FRANCE A MAR - SPA"]}
PROMISED = {"kind": "promise", "orders": ["FRANCE A PAR - PIC"]}
REFUSED = {"kind": "promise", "polarity": "not", "orders": ["FRANCE F BRE - ENG"]}


def test_labels_find_their_messages(folder: Path, tmp_path: Path) -> None:
    choice = {"either": [[AGREED, {"kind": "thank"}], []]}
    path = written(tmp_path / "labels", [label(0, REFUSED, phase="F1901M"), label(2, choice, PROMISED)])
    spring, fall = load_labels(path, folder / HELD_BACK)
    assert (spring.said.message.text, fall.said.message.text) == ("Sure!", "I will not move Bre to the Channel")
    assert [message.text for message in spring.said.talk] == [text for *_, text in SAID[:2]]
    assert str(fall.said.board.phase) == "F1901M"
    kinds = [[act.kind for act in labelling] for labelling in spring.labellings]
    assert kinds == [[ActKind.AGREE, ActKind.THANK, ActKind.PROMISE], [ActKind.PROMISE]]
    (act,) = fall.labellings[0]
    assert (act.speaker, act.addressee, act.orders) == (F, E, (ActOrder(F, parse_order("F BRE - ENG")),))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 1: expected a label"),
        ("[]", "an object with acts, game, message, phase, got []"),
        ({**label(0, ASKED), "text": "?"}, "'text' is none of acts, game, message, phase"),
        ({"game": "made", "phase": "S1901M", "acts": []}, "missing 'message'"),
        (label(0, ASKED, phase="spring"), "expected a label"),
        (label(0, {"orders": []}), "missing 'kind'"),
        (label(0, {"kind": "sing"}), "'sing' is not a valid ActKind"),
        (label(0, {"kind": "ask", "provinces": ["XYZ"]}), "no province 'XYZ'; expected the code of one"),
        (label(0, {"kind": "ask", "powers": ["SPAIN"]}), "'SPAIN' is not a valid Power"),
        (label(0, {"kind": "ask", "orders": ["FRANCE go"]}), "line 1: expected a label"),
        (label(0, {"kind": "ask", "condition": {"kind": "inform", "unit": 1}}), "'unit' is none of condition"),
        (label(0, {"either": [[ASKED]]}), "'either' is a choice of two or more lists of acts, got 1"),
        (label(0, *[{"either": [[], [ASKED]]}] * 12), "4096 labellings; expected 2000 at most"),
        (label(1, ASKED), "has no message of a person at made S1901M 1 (1 such labels)"),
        (label(99, ASKED), "has no message of a person at made S1901M 99"),
    ],
)
def test_bad_labels_are_refused(line: object, problem: str, folder: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "labels", [line])
    with pytest.raises(LabelFileError) as error:
        load_labels(path, folder / HELD_BACK)
    assert problem in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_files_without_labels(folder: Path, tmp_path: Path) -> None:
    twice = written(tmp_path / "twice", [label(0, ASKED), label(0, ASKED)])
    with pytest.raises(LabelFileError, match=r"line 2: made S1901M 0 is labelled twice; the other is .*line 1"):
        load_labels(twice, folder / HELD_BACK)
    with pytest.raises(LabelFileError, match="is empty: expected labels"):
        load_labels(written(tmp_path / "empty", []), folder / HELD_BACK)
    with pytest.raises(LabelFileError, match="cannot read"):
        load_labels(tmp_path / "none", folder / HELD_BACK)


def test_measures_by_hand(folder: Path, tmp_path: Path) -> None:
    other = {"kind": "promise", "orders": ["FRANCE A PAR - BUR"]}
    lines = [label(0, ASKED), label(2, AGREED), label(3, other, {"kind": "thank"}), label(4, {"kind": "small_talk"})]
    found = measure_blind(load_labels(written(tmp_path / "labels", lines), folder / HELD_BACK))
    # Read are the proposal, the agreement and a promise of another order; the thanks are not there to be read.
    assert (found.acts.rate.right, found.acts.rate.read, found.acts.rate.expected) == (2, 3, 4)
    assert found.acts.rate.f1 == pytest.approx(4 / 7)
    assert (found.kinds.rate.right, found.orders.rate.right, found.orders.rate.expected) == (3, 2, 3)
    assert (found.exact.count, found.exact.of) == (3, 4)
    assert (found.silent.count, found.silent.of) == (1, 1)
    assert (found.understood.count, found.understood.of) == (3, 4)
    assert found.unread.count == 0
    promise = found.classes[ActKind.PROMISE].rate
    assert (promise.right, promise.read, promise.expected) == (0, 1, 1)
    assert found.class_kinds[ActKind.PROMISE].rate.right == 1
    assert (found.naming.rate.expected, found.others.rate.expected) == (3, 1)
    for score in (found.acts, found.kinds, found.orders):
        assert 0 <= score.low <= score.rate.f1 <= score.high <= 1
    assert found.exact.low < found.exact.high


def test_the_labelling_that_differs_least_counts(folder: Path, tmp_path: Path) -> None:
    thanked = {"kind": "thank"}
    either = {"either": [[{"kind": "refuse"}, thanked], [AGREED], []]}
    found = measure_blind(load_labels(written(tmp_path / "labels", [label(2, either)]), folder / HELD_BACK))
    assert found.exact.count == 1
    assert (found.first_labels.rate.right, found.first_labels.rate.expected) == (0, 2)
    # Where nothing is read, what need not be said is no miss.
    silent = written(tmp_path / "silent", [label(4, {"either": [[thanked], []]})])
    assert measure_blind(load_labels(silent, folder / HELD_BACK)).exact.count == 1
    with pytest.raises(ValueError, match="expected labelled messages, got none"):
        measure_blind([])


def test_the_draw_is_fixed_and_spread(folder: Path) -> None:
    press = tuple(human_press(folder / HELD_BACK))
    assert [said.message.sender for said in press].count(G) == 0
    everything = draw(press, naming=9, others=9)
    texts = [said.message.text for said in everything]
    assert texts == [
        "Could you move Mar to Spain?",
        "Sure!",
        "I will move Par to Pic",
        "Good luck",
        "I will not move Bre to the Channel",
    ]
    first = draw(press, naming=2, others=0)
    assert first == draw(reversed(press), naming=2, others=0)[::-1]
    assert len({(said.message.sender, said.key.phase) for said in first}) == 2
    assert {draw(press, seed, naming=1, others=0)[0].key for seed in range(20)} != {first[0].key}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bounce?", True),
        ("to BUR", True),
        ("the Turk", True),
        ("st. petersburg", True),
        ("war and peace", False),
        ("hi there", False),
    ],
)
def test_what_names_something(text: str, names: bool) -> None:
    assert names_something(text) is names


ALLIANCE = (
    '(p / propose-01 :ARG0 (c / country :name (n / name :op1 "France")) :ARG3 c2 :ARG1 (a / ally-01 '
    ':ARG1 (a2 / and :op1 c :op2 (c2 / country :name (n2 / name :op1 "England"))) '
    ':ARG3 (c3 / country :name (n3 / name :op1 "Germany"))))'
)


def test_amr_is_read_with_its_references() -> None:
    graph = parse_amr(ALLIANCE)
    assert graph.concept == "propose-01"
    addressee = graph.get("ARG3")
    assert addressee is not None
    assert addressee.concept == "country"
    assert addressee is graph.edges[2][1].edges[0][1].edges[1][1]
    assert [node.concept for node in graph.walk()].count("country") == 3
    constant = parse_amr('(m / move-01 :polarity - :ARG1 "a b")')
    assert [(role, node.concept) for role, node in constant.edges] == [("polarity", "-"), ("ARG1", "a b")]
    looped = parse_amr("(a / and :op1 (b / be-01 :ARG0 a))")
    assert [node.concept for node in looped.walk()] == ["and", "be-01"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected '(' at the end"),
        ("(a / b", "expected ')' at the end"),
        ("(a b)", "expected '/', got 'b'"),
        ("(a / )", "expected a concept, got ')'"),
        ("(a / b :ARG0 )", "expected a node, variable or constant, got ')'"),
        ("(a / b) c", "expected the end, got 'c'"),
        ('(a / b :op1 "c)', "expected a closing quotation mark"),
    ],
)
def test_what_is_no_amr(text: str, problem: str) -> None:
    with pytest.raises(AmrError) as error:
        parse_amr(text)
    assert problem in str(error.value)


def country(name: str) -> str:
    return f'(c{name} / country :name (n{name} / name :op1 "{name}"))'


def place(name: str, kind: str = "province") -> str:
    words = " ".join(f':op{n} "{word}"' for n, word in enumerate(name.split(), start=1))
    return f"(p{name[:3]} / {kind} :name (q{name[:3]} / name {words}))"


@pytest.mark.parametrize(
    ("text", "deeds"),
    [
        (ALLIANCE, ["ENGLAND ally FRANCE", "None against GERMANY"]),
        (f"(m / move-01 :ARG1 (u / army :location {place('Paris')}) :ARG2 {place('Burgundy')})", ["FRANCE move BUR"]),
        (f"(m / move-01 :ARG1 (u / fleet) :ARG2 {place('English Channel', 'sea')})", ["None move ENG"]),
        (
            f"(m / move-01 :ARG1 (u / unit :mod {country('Italy')}) "
            f":ARG2 (o / or :op1 {place('Tyrolia')} :op2 {place('Trieste')}))",
            ["ITALY move TYR", "ITALY move TRI"],
        ),
        (
            f"(s / support-01 :ARG0 {country('Germany')} :ARG1 (m / move-01 :ARG1 (u / unit :mod {country('France')}) "
            f":ARG2 {place('Belgium')}))",
            ["GERMANY support BEL", "FRANCE move BEL"],
        ),
        (f"(s / support-01 :ARG0 {country('Germany')} :ARG1 {place('Munich')})", ["GERMANY support MUN"]),
        (f"(a / attack-01 :ARG0 {country('Russia')} :ARG1 {country('Turkey')})", ["RUSSIA attack TURKEY"]),
        (f"(a / attack-01 :ARG0 {country('Russia')} :ARG1 {place('Rumania')})", ["RUSSIA move RUM"]),
        (f"(d / demilitarize-01 :ARG1 {country('Italy')} :ARG2 {place('Piedmont')})", ["None demilitarise PIE"]),
        (f"(b / bounce-03 :ARG1 (u / unit) :ARG3 {place('Galicia')})", ["None bounce GAL"]),
        (
            f"(b / build-01 :ARG0 {country('France')} :ARG1 (f / fleet) :location {place('Brest')})",
            ["FRANCE build BRE"],
        ),
        (
            f"(t / transport-01 :ARG0 (f / fleet :mod {country('England')}) :ARG1 (a / army) :ARG3 {place('Norway')})",
            ["ENGLAND convoy NWY"],
        ),
        (f"(h / hold-03 :ARG0 {country('Italy')} :ARG1 {place('Venice')})", ["ITALY hold VEN"]),
        (f"(r / remove-01 :ARG1 (a / army :location {place('Marseille')}))", ["FRANCE disband MAR"]),
        (f"(r / retreat-01 :ARG1 (a / army) :destination {place('Tunisia')})", ["None retreat TUN"]),
        ("(a / amr-empty)", []),
    ],
)
def test_deeds_of_amr(text: str, deeds: list[str]) -> None:
    found = deeds_of_amr(parse_amr(text), BOARD)
    assert [f"{deed.power} {deed.kind} {deed.target}" for deed in found] == deeds


def act(kind: ActKind, *orders: str, provinces: Sequence[str] = (), powers: Sequence[Power] = ()) -> SpeechAct:
    said = tuple(ActOrder(F, parse_order(text)) for text in orders)
    return SpeechAct(kind, F, E, said, tuple(map(Province, provinces)), tuple(powers))


@pytest.mark.parametrize(
    ("said", "deeds"),
    [
        (act(ActKind.INFORM, "A PAR - BUR", "F BRE B"), ["FRANCE move BUR", "FRANCE build BRE"]),
        (act(ActKind.OFFER, "A PAR S A MUN - BUR"), ["FRANCE support BUR", "GERMANY move BUR"]),
        (act(ActKind.OFFER, "A PAR S A MAR"), ["FRANCE support MAR"]),
        (act(ActKind.DEMILITARISE, provinces=["ENG"]), ["None demilitarise ENG"]),
        (act(ActKind.BOUNCE, provinces=["ENG"]), ["None bounce ENG"]),
        (act(ActKind.ALLY, powers=[G]), ["ENGLAND ally FRANCE", "None against GERMANY"]),
        (act(ActKind.PROPOSE, powers=[G]), ["ENGLAND attack GERMANY"]),
        (act(ActKind.INFORM, powers=[G]), ["FRANCE attack GERMANY"]),
        (act(ActKind.INFORM, powers=[G, A]), ["GERMANY attack AUSTRIA"]),
        (act(ActKind.WARN, powers=[G]), ["GERMANY attack ENGLAND"]),
        (act(ActKind.THREATEN), ["FRANCE attack ENGLAND"]),
        (act(ActKind.INFORM, provinces=["BUR"], powers=[G]), []),
        (act(ActKind.ASK, powers=[G]), []),
    ],
)
def test_deeds_of_acts(said: SpeechAct, deeds: list[str]) -> None:
    found = deeds_of_acts([said, said], BOARD)
    assert [f"{deed.power} {deed.kind} {deed.target}" for deed in found] == deeds


def test_deeds_agree_as_far_as_both_say_who() -> None:
    ours = [Deed(F, DeedKind.MOVE, "BUR"), Deed(F, DeedKind.MOVE, "PIC")]
    assert agreeing(ours, [Deed(None, DeedKind.MOVE, "BUR"), Deed(G, DeedKind.MOVE, "PIC")]) == 1
    assert agreeing(ours, [Deed(F, DeedKind.HOLD, "BUR")]) == 0
    assert agreeing(ours[:1] * 2, ours[:1]) == 1


def annotated(text: str, sender: Power, recipient: Power, amr: str | None, **more: object) -> dict[str, object]:
    its = {"game_id": "made", "phase": "S1901M", "sender": sender, "recipient": recipient, "text": text, "amr": amr}
    return {**its, "daide_status": "NO-DAIDE", **more}


MOVE = (
    f"(p / propose-01 :ARG0 {country('England')} "
    f":ARG1 (m / move-01 :ARG1 (a / army :location {place('Marseilles')}) :ARG2 {place('Spain')}))"
)
ANNOTATED = (
    annotated(SAID[0][2], E, F, MOVE),
    annotated("Sure!", F, E, None),
    annotated(SAID[3][2], F, E, f"(m / move-01 :ARG1 (a / army :location {place('Paris')}) :ARG2 {place('Burgundy')})"),
    annotated("nobody annotated this", F, E, None, daide_status=None),
)


def annotated_folder(folder: Path, lines: Sequence[object]) -> Path:
    press_folder(folder)
    for part in ("train", "validation"):
        with gzip.open(folder / f"press-labelled-{part}.jsonl.gz", "wt") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)
    return folder


def test_annotations_by_hand(tmp_path: Path) -> None:
    found = measure_annotations(annotated_folder(tmp_path, ANNOTATED))
    assert set(found) == {"train", "validation"}
    part = found["validation"]
    assert (part.messages, part.meaningful) == (3, 2)
    # "Sure!" repeats the order it agrees to, and Picardy is not Burgundy.
    assert (part.deeds.right, part.deeds.read, part.deeds.expected) == (1, 3, 2)
    assert part.kinds[DeedKind.MOVE] == part.deeds
    assert part.kinds[DeedKind.HOLD].expected == 0
    assert (part.speech["propose-01"].right, part.speech["propose-01"].expected) == (1, 1)
    assert (part.speech["agree-01"].right, part.speech["agree-01"].read) == (0, 1)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (annotated("never said", F, E, None), "has no such message of FRANCE in made"),
        (annotated("Sure!", F, E, "(a / b"), "expected ')' at the end of the graph"),
        ({"daide_status": "NO-DAIDE"}, "expected a message of labelled press: KeyError('game_id')"),
        ([], "expected a message of labelled press"),
    ],
)
def test_bad_annotations_are_refused(line: object, problem: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError) as error:
        measure_annotations(annotated_folder(tmp_path, [line]))
    assert problem in str(error.value)
    assert "press-labelled-train.jsonl.gz, line 1" in str(error.value)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TESTS.parent)
    labels = str(written(tmp_path / "labels", [label(0, ASKED), label(2, AGREED)]))
    command = ["bench", "reader", "--labels", labels, "--data", str(annotated_folder(tmp_path, ANNOTATED))]
    assert main([*command, "--annotations"]) == 0
    out = capsys.readouterr().out
    assert "120 messages" in out
    assert "2 messages of people, labelled blind" in out
    assert "labelled press, train: 3 annotated messages, 2 with AMR" in out
    assert main([*command, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["people"]["acts"]["rate"]["f1"] == 1.0
    assert shown["people"]["classes"]["agree"]["rate"]["right"] == 1
    assert shown["annotations"] is None


def test_without_public_games_people_are_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogue = TESTS / "dialogue"
    monkeypatch.chdir(tmp_path)
    files = [f"--{name}={dialogue / file}" for name, file in (("cases", "reader_cases.jsonl"), ("labels", LABELS.name))]
    command = ["bench", "reader", *files, f"--positions={dialogue / 'reader_positions.json'}"]
    assert main(command) == 0
    assert "people's messages are not measured: no ../shared/data/games-validation.jsonl.gz" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] is None
    for options in (["--data", "none"], ["--annotations"]):
        assert main([*command, *options]) == 2
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 1)
        assert "no such file" in err


def test_the_labelled_messages_were_drawn(shared_data: Path) -> None:
    keys = [said.key for said in draw(human_press(shared_data / HELD_BACK))]
    labelled = load_labels(LABELS, shared_data / HELD_BACK)
    assert [one.said.key for one in labelled] == keys
    assert sum(names_something(one.said.message.text) for one in labelled) >= 2 / 3 * len(labelled) > 240


def test_people_are_read_no_worse_than_when_they_were_labelled(shared_data: Path) -> None:
    """The floors are a little below what was first measured, blind."""
    found = measure_blind(load_labels(LABELS, shared_data / HELD_BACK))
    assert found.messages == 384
    assert found.acts.rate.f1 > 0.40
    assert found.kinds.rate.f1 > 0.53
    assert found.orders.rate.f1 > 0.54
    assert found.acts.rate.precision > 0.57
    assert found.exact.share > 0.39
    assert found.understood.share > 0.51
