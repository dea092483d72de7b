"""The figures of timing, fitted: moments found in games, weights and pauses recovered, a whole run."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dialogue.acts import ActKind
from dialogue.memory import RequestStatus
from dialogue.timing import FEATURES, Delay, Moment, Pace, Stand, delay, load_timing
from engine.game import Game
from training import timing
from training.data import Part, seated_games
from training.runs import ExampleFileError
from training.timing import Case, Pause, assent, by_rule, fit, fit_delay, gather

HUMANS = dict.fromkeys(["AUSTRIA", "ENGLAND", "FRANCE", "GERMANY", "ITALY", "RUSSIA"], "human")


def game(*said: tuple[str, str, str, float | None], name: str = "made") -> dict[str, Any]:
    """One phase with these messages: sender, recipient, text, time."""
    played = Game(game_id=name)
    played.process()
    saved = played.to_saved_game()
    saved["phases"][0]["messages"] = [
        {"sender": a, "recipient": b, "text": text} | ({} if t is None else {"t": t}) for a, b, text, t in said
    ]
    return saved | {"players": HUMANS | {"TURKEY": "cicero"}}


def folder_of(tmp_path: Path, **parts: list[dict[str, Any]]) -> Path:
    for part, games in parts.items():
        with gzip.open(tmp_path / f"games-{part}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(played) + "\n" for played in games)
    return tmp_path


TALK = (
    ("FRANCE", "GLOBAL", "Hi all!", 0.0),
    ("FRANCE", "ENGLAND", "Shall we demilitarize the English Channel?", 10.0),
    ("ENGLAND", "FRANCE", "Deal!", 40.0),
    ("TURKEY", "FRANCE", "Hello France!", 50.0),
    ("FRANCE", "TURKEY", "Hello!", 61.0),
)


def test_moments_are_those_of_people_whose_talk_is_known(tmp_path: Path) -> None:
    found = gather(seated_games(folder_of(tmp_path, train=[game(*TALK)]), Part.TRAIN))
    by_stand = Counter((case.at.stand, case.wrote) for case in found.cases)
    # Before any word, and at the quarters for those still silent: France and England; France, but not Turkey.
    assert by_stand[Stand.OPEN, True] == 1
    assert by_stand[Stand.OPEN, False] == 2
    # England's answer; France's answer to Turkey; nothing follows the rest.
    assert by_stand[Stand.HEARD, True] == 2
    assert by_stand[Stand.HEARD, False] == 1
    assert by_stand[Stand.SAID, True] == 0
    assert all(case.at.pace is Pace.CLOCK for case in found.cases)
    assert [(p.seconds, p.written) for p in found.pauses] == [(30.0, "Deal!"), (11.0, "Hello!")]
    assert found.answers[ActKind.DEMILITARISE, RequestStatus.ACCEPTED] == 1


def test_games_without_times_are_slow_and_have_no_pauses(tmp_path: Path) -> None:
    said = [(a, b, text, None) for a, b, text, _ in TALK]
    found = gather(seated_games(folder_of(tmp_path, train=[game(*said)]), Part.TRAIN))
    assert found.cases
    assert all(case.at.pace is Pace.SLOW for case in found.cases)
    assert not found.pauses
    assert list(seated_games(tmp_path, Part.VALIDATION)) == []


def test_weights_are_recovered() -> None:
    rng = np.random.default_rng(0)
    truth = {Pace.SLOW: np.zeros(len(FEATURES)), Pace.CLOCK: np.zeros(len(FEATURES))}
    truth[Pace.SLOW][:2] = -0.5, 1.0
    truth[Pace.CLOCK][:2] = 0.5, 1.5
    cases = []
    for number in range(8000):
        pace = list(Pace)[number % 2]
        x = np.concatenate([[1.0], rng.standard_normal(2), np.zeros(len(FEATURES) - 3)])
        cases.append(Case(Moment(Stand.OPEN, pace, x), bool(rng.random() < 1 / (1 + np.exp(-truth[pace] @ x)))))
    found = fit(cases, 1.0, 1.0)
    for pace, weights in truth.items():
        assert np.abs(found[pace] - weights).max() < 0.12


def test_pauses_are_recovered() -> None:
    truth, rng = Delay(start=1.0, read=0.2, written=0.4, spread=0.5, least_s=0.0, most_s=1e9), np.random.default_rng(0)
    pauses = []
    for _ in range(4000):
        read, written = ("x" * int(n) for n in rng.integers(1, 200, 2))
        pauses.append(Pause(delay(read, written, rng, truth).total_seconds(), read, written))
    found = fit_delay(pauses)
    assert (found.read, found.written, found.spread) == pytest.approx((0.2, 0.4, 0.5), abs=0.05)
    assert fit_delay(pauses, lengths=False).spread > found.spread
    assert fit_delay([]).spread == 1.0


def test_assent_counts_what_was_left_unanswered() -> None:
    counts = {(ActKind.BOUNCE, RequestStatus.ACCEPTED): 2, (ActKind.BOUNCE, RequestStatus.LAPSED): 4}
    found = assent(counts)
    assert found[ActKind.BOUNCE] == pytest.approx(3 / 8)
    assert found[ActKind.ALLY] == 0.5
    assert ActKind.ASK not in found


def test_a_run_leaves_figures_that_can_be_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    games = [game(*TALK, name="one"), game(*TALK[:2], name="two")]
    folder = folder_of(tmp_path, train=games, validation=[game(*TALK, name="three")])
    assert timing.main(["--out", str(tmp_path / "run"), "--data", str(folder)]) == 0
    learnt = load_timing(tmp_path / "run" / "timing.json")
    assert set(learnt.weights) == {(stand, pace) for stand in Stand for pace in Pace}
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [line["part"] for line in lines] == ["train", "validation"]
    assert lines[0]["model"] < lines[0]["base_rate"]
    assert "validation" in capsys.readouterr().out


def test_no_games_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match="expected public games"):
        timing.main(["--out", str(tmp_path / "run"), "--data", str(tmp_path)])


def test_the_rules_compared_with_have_an_answer_to_every_moment() -> None:
    def at(stand: Stand, **features: float) -> Moment:
        return Moment(stand, Pace.CLOCK, np.array([features.get(name, 0.0) for name in FEATURES]))

    assert by_rule(at(Stand.OPEN, near=1.0)) == "opens"
    assert by_rule(at(Stand.OPEN)) == "leaves alone"
    assert by_rule(at(Stand.HEARD, asked=1.0)) == "answers"
    assert by_rule(at(Stand.HEARD, closing=1.0)) == "lets it rest"
    assert by_rule(at(Stand.SAID)) == "waits said"
