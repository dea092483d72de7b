"""Our rules against the ``diplomacy`` package in random games; ``cicero-lite bench rules`` does it at length."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cicero_lite.bench.chunks import Chunk, Play, Task, play_chunk
from cicero_lite.bench.differential import Cause, Verdict
from cicero_lite.bench.rules import ARBITER, Against, RulesBenchError, Settings, compare_rules
from cicero_lite.bench.shrink import find_with, shrink
from cicero_lite.bench.situations import After, Situation, Words
from engine.mapfile import core_map
from engine.notation import parse_order

needs_arbiter = pytest.mark.skipif(not ARBITER.is_file(), reason="the arbiter is not there")


class OursWithDefect:
    """Our own rules with the package's first defect, in the package's place."""

    def __init__(self) -> None:
        self.position = core_map().start()

    def place(self, position: object) -> None:
        assert isinstance(position, type(self.position))
        self.position = position

    def process(self, written: Sequence[Sequence[str]]) -> Words:
        codes = [[core_map().order_code(text) for text in orders] for orders in written]
        self.position, results = self.position.step(codes, defects=1)
        return {unit: frozenset(words) for unit, words in results.items()}

    def after(self) -> After:
        return After.of(self.position)

    def legal(self) -> Mapping[str, Sequence[str]]:
        codes = self.position.legal_codes()
        return {place: [core_map().order_text(code) for code in given] for place, given in codes.items()}


def timeless(chunk: Chunk) -> Chunk:
    """The chunk without the times it took."""
    return replace(chunk, our_step_s=0, rival_step_s=0, our_legal_s=0, rival_legal_s=0, seconds=0)


@pytest.mark.parametrize("play", [Play.UNIFORM, Play.COHERENT])
def test_no_difference_speaks_against_us(play: Play) -> None:
    """Positions, results and legal orders agree wherever none of the package's known defects shows."""
    report = compare_rules(Settings(phases=80, play=play, seed=3))
    assert report.phases["M"] == 80
    assert report.legal_phases == sum(report.phases.values()) > 100
    assert report.legal_orders > 10_000
    assert report.open == 0, "\n".join(report.lines())
    if play is Play.COHERENT:
        assert report.differing > 0, "coherent games are expected to meet defects of the package"


@needs_arbiter
@pytest.mark.parametrize("play", [Play.UNIFORM, Play.COHERENT])
def test_we_agree_with_the_arbiter(play: Play) -> None:
    """Units, dislodged units, retreats and results of movement phases, without the package."""
    report = compare_rules(Settings(phases=80, play=play, seed=4, against=Against.ARBITER))
    assert report.phases == {"M": 80}
    assert report.differing == 0, "\n".join(report.lines())


@needs_arbiter
def test_the_arbiter_judges_every_difference() -> None:
    """In movement phases it finds the package wrong, and us never."""
    report = compare_rules(Settings(phases=80, play=Play.COHERENT, seed=3))
    assert {tally.verdict for tally in report.tallies} == {Verdict.OURS}


def test_a_chunk_is_the_same_each_time() -> None:
    """Whatever was played before, in this process or another."""
    task = Task(Play.COHERENT, 1, 25, seed=5, last_year=1915, legal_every=7)
    first = timeless(play_chunk(task, None))
    assert timeless(play_chunk(task, None)) == first
    assert timeless(play_chunk(replace(task, index=2), None)) != replace(first, index=2)


def test_a_planted_difference_is_found_and_shrunk() -> None:
    """Defect 1 needs a supporter and an attacked unit of one power, an army and a fleet that convoys it."""
    task = Task(Play.COHERENT, 0, 150, seed=0, last_year=1915, legal_every=0)
    chunk = play_chunk(task, None, OursWithDefect)
    assert {tally.cause for tally in chunk.tallies} == {Cause.SELF_DISLODGEMENT_VIA}
    case = chunk.cases[0]
    found = shrink(case.situation, case.finding, find_with(OursWithDefect, None))
    assert found is not None
    situation, finding = found
    assert finding.cause is Cause.SELF_DISLODGEMENT_VIA
    assert (situation.phase, situation.centers) == ("S1901M", {})
    orders = [parse_order(text) for given in situation.orders.values() for text in given]
    assert len(orders) == 4
    assert sum(order.via_convoy for order in orders) == 1


def test_what_does_not_show_on_a_fresh_board_is_not_shrunk() -> None:
    """A difference that hangs on the game before it is shown as it was met."""
    case = play_chunk(Task(Play.COHERENT, 0, 150, 0, 1915, 0), None, OursWithDefect).cases[0]
    peaceful = replace(case.situation, orders={})
    assert shrink(peaceful, case.finding, find_with(OursWithDefect, None)) is None


def test_a_situation_is_its_position() -> None:
    """Dislodged units and their retreats included."""
    position = core_map().start()
    orders = {"AUSTRIA": ("A VIE - BOH",), "GERMANY": ("A MUN H",)}
    situation = replace(Situation.of(position, [[] for _ in range(7)]), orders=orders)
    assert situation.position() == position
    retreats = {"ITALY": {"A TYR": ("PIE", "TRI")}}
    later = replace(situation, phase="S1902R", retreats=retreats, orders={})
    assert Situation.of(later.position(), later.written()) == later


class TestLog:
    """``--log``: what is done is not done again."""

    SETTINGS = Settings(phases=60, seed=1, legal_every=0)

    def test_a_log_is_taken_up(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        log = tmp_path / "rules.jsonl"
        whole = compare_rules(self.SETTINGS, log=log)
        lines = log.read_bytes().splitlines(keepends=True)
        assert len(lines) == 2
        log.write_bytes(lines[0] + lines[1][:100])  # killed while it wrote
        played: list[int] = []
        again = compare_rules(self.SETTINGS, log=log, progress=lambda done, *_: played.append(done))
        assert played == [60]
        assert (again.tallies, again.phases, again.years) == (whole.tallies, whole.phases, whole.years)
        assert [example.shrunk for example in again.examples] == [example.shrunk for example in whole.examples]
        assert [json.loads(line)["task"] for line in log.read_text().splitlines()] == [
            json.loads(line)["task"] for line in lines
        ]
        monkeypatch.setattr("cicero_lite.bench.rules.play_chunk", None)
        assert compare_rules(self.SETTINGS, log=log).phases == whole.phases

    def test_other_settings_are_played_anew(self, tmp_path: Path) -> None:
        log = tmp_path / "rules.jsonl"
        for seed in (1, 2):
            compare_rules(Settings(phases=5, play=Play.UNIFORM, seed=seed, legal_every=0), log=log)
        assert len(log.read_text().splitlines()) == 2

    def test_another_file_is_no_log(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("notes\n")
        with pytest.raises(RulesBenchError, match=r"line 1: expected a chunk"):
            compare_rules(self.SETTINGS, log=path)
        assert path.read_text() == "notes\n"


def test_processes_change_nothing(tmp_path: Path) -> None:
    """The chunks are the same in one process and in two."""
    settings = Settings(phases=30, seed=9, legal_every=5)
    one, two = compare_rules(settings), compare_rules(settings, jobs=2)
    assert (one.tallies, one.years, one.legal_orders) == (two.tallies, two.years, two.legal_orders)
