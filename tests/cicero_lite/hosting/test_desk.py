"""The desk in the terminal: decisions reach the store, everything else gets one line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cicero_lite.arena.log import GameEnded, PhaseStarted, Sent, Understood, line_of, read_events
from cicero_lite.cli import main
from cicero_lite.config import load_config
from cicero_lite.hosting.desk import DeskError, approve, desk_of, open_store, sendable
from cicero_lite.hosting.desk_display import print_status
from cicero_lite.hosting.seat_log import played
from cicero_lite.hosting.store import Standing, Store, StoredSeat
from cicero_lite.session import play
from engine.game import Game
from engine.saved import load_game
from engine.types import Message, Phase, Power
from tests.desk_store import EVIL, PHASE, fill, proposal, take_france


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite"


@pytest.fixture
def filled(path: Path) -> Iterator[tuple[Store, StoredSeat]]:
    store, seat = fill(path)
    yield store, seat
    store.close()


@pytest.fixture
def store(filled: tuple[Store, StoredSeat]) -> Store:
    return filled[0]


def run(capsys: pytest.CaptureFixture[str], path: Path, *arguments: str) -> str:
    assert main(["desk", *arguments, "--store", str(path)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys: pytest.CaptureFixture[str], path: Path, *arguments: str) -> str:
    assert main(["desk", *arguments, "--store", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cicero-lite: ")
    assert err.count("\n") == 1
    return err


def standing(store: Store, number: int) -> tuple[Standing, str, str]:
    message = store.message(number)
    assert message is not None
    return message.standing, message.text, message.reason


def test_list_shows_words_and_what_is_meant_by_them(
    store: Store, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = run(capsys, path, "list")
    for words in (
        "France → Germany",
        "Spring 1901, movement",
        proposal().text,
        "means propose Germany A MUN - BUR",
        "plays (France S1901M) A PAR - PIC, F BRE - MAO",
        "wants (Germany S1901M) A MUN - BUR",
        "worded by grammar",
        "France → all",
        "<script>",
    ):
        assert words in shown
    assert "\u202e" not in shown

    first, second = json.loads(run(capsys, path, "list", "--json"))
    assert (first["number"], first["recipient"], first["acts"]) == (
        1,
        "GERMANY",
        [{"kind": "propose", "content": "Germany A MUN - BUR"}],
    )
    assert (second["recipient"], second["text"]) == (None, EVIL)
    assert first["deadline_s"] > time.time()


def test_decisions_reach_the_store(store: Store, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (third,) = store.mean(1, PHASE, [proposal("A third.")], Standing.WAITING)
    assert run(capsys, path, "approve", "1") == "message 1 is approved\n"
    assert standing(store, 1) == (Standing.READY, proposal().text, "")
    run(capsys, path, "edit", "2", " Good luck,\r\nall. ")
    assert standing(store, 2) == (Standing.READY, "Good luck,\nall.", "")
    run(capsys, path, "reject", str(third), "--reason", "rude")
    assert standing(store, third) == (Standing.REJECTED, "A third.", "rude")
    assert run(capsys, path, "list") == "nothing waits\n"


def test_what_cannot_be_decided_gets_one_line(store: Store, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.reject(1, "rude")
    assert "message 1 waits no more: it is rejected (rude)" in refused(capsys, path, "approve", "1")
    assert "message 1 waits no more" in refused(capsys, path, "reject", "1")
    assert "no message 99" in refused(capsys, path, "edit", "99", "Words.")
    assert "got none" in refused(capsys, path, "edit", "2", "   ")
    assert "U+001B" in refused(capsys, path, "edit", "2", "red \x1b[31m")
    assert "at most 500" in refused(capsys, path, "reject", "2", "--reason", "x" * 501)
    assert "no seat 99" in refused(capsys, path, "log", "99")
    assert "nothing is stopped" in refused(capsys, path, "go-on")
    assert standing(store, 2)[0] is Standing.WAITING


def test_no_store_is_made_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = tmp_path / "none.sqlite"
    for command in (["list"], ["status"], ["approve", "1"], ["stop"], ["log", "1"], ["serve"]):
        assert "no store at" in refused(capsys, nowhere, *command)
    assert not nowhere.exists()
    text = tmp_path / "notes.txt"
    text.write_text("Dear diary,\n" * 100)
    assert "expected a store of cicero-lite" in refused(capsys, text, "list")


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\x9b", "\x7f", "\ud800", "\u2028", "\u202e", "\u2066"])
def test_letters_that_steer_or_turn_are_refused(letter: str) -> None:
    with pytest.raises(DeskError, match=rf"U\+{ord(letter):04X} at 3"):
        sendable(f"ab{letter}cd", 100)


@pytest.mark.parametrize(("server", "at_most"), [("https://site.example", 10_833), ("ws://localhost:8432", 32_000)])
def test_words_have_the_length_that_their_server_takes(path: Path, server: str, at_most: int) -> None:
    store = Store(path)
    seat = store.take_seat(server, "7", Power.FRANCE, "cicero", 1, "{}")
    (number,) = store.mean(seat.id, PHASE, [proposal()], Standing.WAITING)
    assert desk_of(store, time.time()).waiting[0].longest_bytes == at_most
    with pytest.raises(DeskError, match=f"at most {at_most} bytes, got {at_most + 1}"):
        approve(store, number, "x" * (at_most + 1))
    assert approve(store, number, "é" * (at_most // 2)).standing is Standing.READY
    store.close()


def test_stop_and_go_on(store: Store, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, path, "stop")
    run(capsys, path, "stop")
    stopped = store.stopped()
    assert stopped is not None
    assert "STOPPED" in run(capsys, path, "list")
    assert "STOPPED" in run(capsys, path, "status")
    run(capsys, path, "go-on")
    assert store.stopped() is None
    assert store.notices(1)[0].text == f"the stop is taken back by {stopped.by}"


def test_status_shows_seats(
    filled: tuple[Store, StoredSeat], path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    store, seat = filled
    italy = store.take_seat(seat.server, "9", Power.ITALY, "cicero-lite", 7, "a long configuration")
    shown = run(capsys, path, "status")
    for words in ("talking", "in 14 min", "A PAR - PIC, F BRE - MAO  (not final)", "no sign yet", "a message arrived"):
        assert words in shown
    store.end_seat(italy.id, "solo of Turkey [/bold]")
    assert "solo of Turkey [/bold]" in run(capsys, path, "status")
    values = json.loads(run(capsys, path, "status", "--json"))
    assert [card["seat"]["power"] for card in values["seats"]] == ["FRANCE", "ITALY"]
    assert values["seats"][0]["orders"]["orders"] == ["A PAR - PIC", "F BRE - MAO"]
    assert "a long configuration" not in json.dumps(values)


def test_a_seat_without_a_sign_for_long_is_told_as_silent(store: Store) -> None:
    shown = StringIO()
    print_status(desk_of(store, time.time() + 600), Console(file=shown, width=120))
    assert "silent for 10 min" in shown.getvalue()


def test_messages_of_the_phase_at_hand_are_told_apart(filled: tuple[Store, StoredSeat]) -> None:
    store, seat = filled
    store.approve(1)
    assert [card.number for card in desk_of(store, 0).decided] == [1]
    store.beat(seat.id, Phase.parse("F1901M"), "talking", None)
    desk = desk_of(store, 0)
    assert desk.decided == ()
    assert [(card.number, card.is_of_past_phase, card.deadline_s) for card in desk.waiting] == [(2, True, None)]


# --- the log of a seat -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> tuple[Game, Path]:
    """A game of random players, which has retreats and adjustments, and its folder."""
    folder = tmp_path_factory.mktemp("game")
    seats = [("the test", {"play": {"powers": [], "until": 1902, "seed": 3}})]
    return play(load_config((), ["play.others=random"], seats), folder), folder


def test_the_log_makes_the_game_again(game: tuple[Game, Path]) -> None:
    whole, folder = game
    again, events = played(read_events(folder / "events.jsonl"))
    assert again is not None
    phases: list[dict[str, Any]] = again.to_saved_game()["phases"]
    assert phases == whole.to_saved_game()["phases"]
    assert any(phase["name"].endswith("A") for phase in phases)
    assert events == read_events(folder / "events.jsonl")


def test_a_seat_taken_in_the_middle_has_the_game_from_there(game: tuple[Game, Path]) -> None:
    whole, folder = game
    events = read_events(folder / "events.jsonl")
    begin = next(n for n, e in enumerate(events) if isinstance(e, PhaseStarted) and str(e.phase) == "W1901A")
    again, _ = played([events[0], *events[begin:]])
    assert again is not None
    kept = again.to_saved_game()["phases"]
    assert kept[0]["name"] == "W1901A"
    assert kept == whole.to_saved_game()["phases"][-len(kept) :]


def test_log_writes_a_folder_that_view_opens(
    game: tuple[Game, Path], path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = game
    events = read_events(folder / "events.jsonl")
    spring = events[1]
    assert isinstance(spring, PhaseStarted)
    heard = Message(Power.ITALY, Power.FRANCE, spring.phase, f"Hello {EVIL}", 17)
    said = Message(Power.FRANCE, Power.ITALY, spring.phase, "Peace?", 19)
    store = Store(path)
    seat = take_france(store)
    assert "has no log yet" in refused(capsys, path, "log", "1", "--out", str(tmp_path / "seat"))
    talk = (Understood(Power.FRANCE, heard, ()), Sent(said, proposal().acts, None, "model"))
    for event in (*events[:2], *talk, *events[2:]):
        store.log(seat.id, line_of(event))
    store.close()

    assert run(capsys, path, "log", "1").splitlines()[0] == line_of(events[0])
    printed = run(capsys, path, "log", "1", "--out", str(tmp_path / "seat")).split()
    assert [Path(name).name for name in printed] == ["events.jsonl", "game.json", "replay.html"]
    assert isinstance(read_events(tmp_path / "seat" / "events.jsonl")[-1], GameEnded)
    spoken = load_game(tmp_path / "seat" / "game.json").history[0].messages
    assert [(m.sender, m.text) for m in spoken] == [(Power.ITALY, heard.text), (Power.FRANCE, "Peace?")]
    page = tmp_path / "page.html"
    assert main(["view", str(tmp_path / "seat"), "--out", str(page)]) == 0
    assert '"source":"model"' in page.read_text()
    assert main(["ledger", str(tmp_path / "seat"), "--power", "france"]) == 0


def test_a_log_without_a_board_is_written_alone(
    game: tuple[Game, Path], path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(path)
    seat = take_france(store)
    store.log(seat.id, line_of(read_events(game[1] / "events.jsonl")[0]))
    printed = run(capsys, path, "log", "1", "--out", str(tmp_path / "seat")).split()
    assert [Path(name).name for name in printed] == ["events.jsonl"]
    store.log(seat.id, "no event")
    assert "the log of seat 1, line 2" in refused(capsys, path, "log", "1", "--out", str(tmp_path / "seat"))
    store.close()


def test_open_store_tells_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match=r"none\.sqlite"):
        open_store(tmp_path / "none.sqlite")


def test_a_seat_is_steered(capsys: pytest.CaptureFixture[str], path: Path, filled: tuple[Store, StoredSeat]) -> None:
    store, seat = filled
    number = str(seat.id)
    assert run(capsys, path, "steer", number) == f"seat {number}: neutral\n"
    told = run(capsys, path, "steer", number, "aggression=0.02", "weights.ENGLAND=0.3")
    assert told == f"seat {number}: aggression=0.02, weights.ENGLAND=0.3\n"
    assert run(capsys, path, "steer", number, "aggression=0") == f"seat {number}: weights.ENGLAND=0.3\n"
    assert "controls  weights.ENGLAND=0.3" in run(capsys, path, "status")
    assert json.loads(run(capsys, path, "status", "--json"))["seats"][0]["controls"] == "weights.ENGLAND=0.3"
    assert "steered by" in store.notices(1)[0].text
    for setting, words in (
        ("aggression=9", "expected -1 to 1, got 9"),
        ("agression=0", "did you mean 'aggression'?"),
        ("hawk", "expected control=value"),
    ):
        assert words in refused(capsys, path, "steer", number, setting)
    assert "no seat 9" in refused(capsys, path, "steer", "9", "aggression=0")
    assert run(capsys, path, "steer", number, "neutral", "risk=2") == f"seat {number}: risk=2.0\n"
    store.end_seat(seat.id, "solo")
    assert "has ended (solo)" in refused(capsys, path, "steer", number, "risk=0")
