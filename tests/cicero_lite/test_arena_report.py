"""What an experiment leaves behind: a page that asks for nothing, Parquet tables, and text that cannot break out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from cicero_lite.arena.experiment import load_experiment
from cicero_lite.arena.known_answers import check_experiment, least_holding
from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.outcome import make_outcome
from cicero_lite.arena.tournament import play_experiment
from cicero_lite.cli import main
from cicero_lite.web.page import ACCENT, Cell, Column, Grid, new_figure, svg_of
from engine.types import POWERS

FILE = """
title: Tables & <figures>
about: Is <b>this</b> escaped?
agents: {"a <i>": dumbbot, b: greedy, c: random}
compare: [["a <i>", c]]
games: 9
until: 1901
"""


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ratings are tested elsewhere."""
    monkeypatch.setattr("cicero_lite.arena.ratings.RESAMPLES", 10)
    monkeypatch.setattr("cicero_lite.arena.ratings.ORDERS", 4)


class _Page(HTMLParser):
    """Tags that are open, all that were seen, and the text outside style sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "path", "use", "rect", "circle", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("path", "use", "rect", "circle", "line"):
            return
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


def test_the_page_is_whole_and_asks_for_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(FILE, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["arena", "run", str(file), "--out", str(out), "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("round robin, no press, 9 games to 1901, seed 0, ")
    assert printed.endswith(f"{out / 'report.html'}\n")
    text = (out / "report.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    page.close()
    assert page.open == []
    assert {"table", "svg", "figure", "dl"} <= page.seen
    assert not page.seen & {"script", "img", "link", "iframe", "i", "b "}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert not re.search(r"url\((?!#)", text)
    assert "Tables & <figures>" in page.text
    assert "Is <b>this</b> escaped?" in page.text
    assert f"cicero-lite arena run {file} --out {out} --jobs 1" in page.text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "a <i> – c" in page.text
    for word in ("commit", "fingerprint", "power-normalised", "Score by power", "python 3", "What the columns mean"):
        assert word in page.text


def test_parquet_holds_every_game_and_seat(tmp_path: Path) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(FILE, encoding="utf-8")
    found = play_experiment(load_experiment(file), tmp_path)
    table = make_outcome(found, tmp_path, file)
    assert table is not None
    games, seats = (parquet.read_table(tmp_path / f"{name}.parquet").to_pydict() for name in ("games", "seats"))
    assert games["game"] == list(range(9))
    assert games["seed"] == [game.result.seed for game in found.games.values()]
    assert len(seats["game"]) == 63
    assert seats["power"] == [str(power) for power in POWERS] * 9
    for row in table.rows:
        own = [score for score, label in zip(seats["score"], seats["label"], strict=True) if label == row.label]
        assert np.mean(own) == pytest.approx(row.score.value)
    assert set(seats["place"]) <= set(range(1, 8))
    assert min(seats["place"][:7]) == 1


def test_no_game_no_page(tmp_path: Path) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(FILE, encoding="utf-8")
    experiment = load_experiment(file)
    found = play_experiment(experiment, tmp_path / "a")
    nothing = type(found)(experiment, found.header, {}, 9, None, (), True)
    assert make_outcome(nothing, tmp_path / "b", file) is None
    assert not (tmp_path / "b").exists()


def test_figures_take_the_colours_of_the_page() -> None:
    def drawn() -> str:
        figure = new_figure(3, 2)
        figure.add_subplot().plot([0, 1], [0, 1], color=ACCENT)
        return svg_of(figure)

    svg = drawn()
    assert svg.startswith("<svg")
    assert "var(--accent)" in svg
    assert "#0a0b" not in svg
    assert "<text" in svg
    assert svg == drawn()


def test_tables_are_plain_values() -> None:
    grid = Grid([Column("a", "what it is", numeric=False)], [[Cell("x", "0 … 1", 0.5, True)]], "a caption")
    assert eval(repr(grid)) == grid


def test_a_known_answer_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "planted.yaml"
    file.write_text(
        "agents: {able: dumbbot, not: 'handicapped:handicap=1'}\ncompare: [[able, not]]\ngames: 14\nuntil: 1902",
        encoding="utf-8",
    )
    command = ["arena", "check", str(file), "--out", str(tmp_path / "out"), "--repetitions", "3"]
    # Nobody believes that these two are equal ...
    assert main(command) == 1
    told = capsys.readouterr().out
    assert "0 of 3 intervals hold the truth; 2 would do" in told
    assert "3 exclude zero" in told
    found = check_experiment(load_experiment(file), tmp_path / "out", 3, 0.0)
    # ... but what they differ by is held.
    assert main([*command, "--truth", f"{found.mean:.4f}"]) == 0
    with pytest.raises(ArenaError, match="expected a pair of labels"):
        check_experiment(load_experiment(file).__class__({"a": "random", "b": "random"}, games=2), tmp_path, 1, 0.0)


@pytest.mark.parametrize(("repetitions", "least"), [(1, 0), (3, 2), (20, 17), (100, 90)])
def test_binomial_limits(repetitions: int, least: int) -> None:
    assert least_holding(repetitions) == least
