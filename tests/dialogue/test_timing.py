"""When to write: what a moment of a talk is judged by, the shipped figures, and how long writing takes."""

import json
from pathlib import Path

import numpy as np
import pytest

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.memory import Ledger
from dialogue.timing import FEATURES, Delay, Moment, Pace, Stand, Timing, TimingFileError, delay, load_timing, moment
from engine.game import Game
from engine.notation import parse_order
from engine.types import Power

FRANCE, GERMANY, TURKEY = Power.FRANCE, Power.GERMANY, Power.TURKEY


class Talk:
    """A game whose talks one power keeps in its ledger."""

    def __init__(self, power: Power) -> None:
        self.game, self.ledger = Game(), Ledger(power)

    def say(self, act: SpeechAct, text: str = "...") -> None:
        self.ledger.record(self.game.say(act.speaker, act.addressee, text), (act,))

    def at(self, other: Power, elapsed: float | None = 0.0) -> Moment:
        return moment(self.ledger, self.game, self.game.history, other, elapsed)


def request() -> SpeechAct:
    order = ActOrder(FRANCE, parse_order("A PAR - BUR"))
    return SpeechAct(ActKind.PROPOSE, GERMANY, FRANCE, (order,))


def test_a_moment_says_who_wrote_last_and_what_is_open() -> None:
    talk = Talk(FRANCE)
    assert talk.at(GERMANY).stand is Stand.OPEN
    talk.say(request(), "Move to Burgundy?")
    heard = talk.at(GERMANY)
    assert heard.stand is Stand.HEARD
    assert (heard["asked"], heard["questioned"], heard["query"], heard["closing"]) == (1.0, 0.0, 1.0, 0.0)
    assert heard["heard"] == pytest.approx(np.log(2))
    talk.say(SpeechAct(ActKind.AGREE, FRANCE, GERMANY))
    said = talk.at(GERMANY)
    assert said.stand is Stand.SAID
    assert (said["asked"], said["closing"]) == (0.0, 1.0)
    assert said["pledged"] > 0
    assert talk.at(TURKEY)["busy"] == pytest.approx(np.log(3))
    assert talk.at(TURKEY).stand is Stand.OPEN


def test_a_moment_knows_the_board_and_the_past() -> None:
    talk = Talk(FRANCE)
    talk.say(SpeechAct(ActKind.PROMISE, GERMANY, FRANCE, (ActOrder(GERMANY, parse_order("A MUN - RUH")),)))
    assert talk.at(GERMANY)["first_phase"] == 1.0
    assert (talk.at(GERMANY)["near"], talk.at(TURKEY)["near"]) == (1.0, 0.0)
    talk.game.set_orders(GERMANY, ["A MUN - BUR"])
    talk.ledger.settle(talk.game.process())
    talk.game.set_orders(GERMANY, ["A BUR - PAR"])
    after = talk.at(GERMANY)
    assert (after["first_phase"], after["betrayed"], after["attacked"], after["strangers"]) == (0.0, 1.0, 0.0, 0.0)
    assert after["talked_last_phase"] > 0
    assert talk.at(TURKEY)["strangers"] == 1.0
    talk.ledger.settle(talk.game.process())
    assert talk.at(GERMANY)["attacked"] == 1.0


def test_a_game_without_a_clock_is_a_slow_one() -> None:
    talk = Talk(FRANCE)
    assert talk.at(GERMANY, None).pace is Pace.SLOW
    assert talk.at(GERMANY, 0.5).pace is Pace.CLOCK
    assert talk.at(GERMANY, 0.5)["elapsed"] == 0.5


def test_the_shipped_figures_speak_like_people() -> None:
    timing, talk = load_timing(), Talk(FRANCE)
    assert timing.chance(talk.at(GERMANY)) > timing.chance(talk.at(TURKEY))
    early, late = (timing.chance(talk.at(GERMANY, share)) for share in (0.0, 0.9))
    assert early > late
    talk.say(request(), "Could you move Paris to Burgundy?")
    asked = timing.chance(talk.at(GERMANY))
    talk.say(SpeechAct(ActKind.AGREE, FRANCE, GERMANY), "Sure.")
    assert asked > 0.5 > timing.chance(talk.at(GERMANY))
    talk.say(SpeechAct(ActKind.THANK, GERMANY, FRANCE), "Thanks!")
    assert timing.chance(talk.at(GERMANY)) < asked
    assert all(0 < share < 1 for share in timing.assent.values())


def test_figures_survive_a_file(tmp_path: Path) -> None:
    shipped = load_timing()
    path = tmp_path / "timing.json"
    path.write_text(json.dumps(shipped.to_json()))
    again = load_timing(path)
    assert again.to_json() == shipped.to_json()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weights": {"open": {}}, "delay": {}, "assent": {}}'])
def test_a_file_of_something_else_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "timing.json"
    path.write_text(text)
    with pytest.raises(TimingFileError, match=r"timing\.json: expected figures"):
        load_timing(path)
    with pytest.raises(TimingFileError, match="cannot read"):
        load_timing(tmp_path / "none.json")


def test_a_chance_is_logistic() -> None:
    rows = {(stand, pace): np.zeros(len(FEATURES)) for stand in Stand for pace in Pace}
    rows[Stand.OPEN, Pace.CLOCK][0] = np.log(3)
    timing = Timing(rows, Delay(0.0, 0.0, 0.0, 1.0), {})
    talk = Talk(FRANCE)
    assert timing.chance(talk.at(GERMANY)) == pytest.approx(0.75)
    assert timing.chance(talk.at(GERMANY, None)) == pytest.approx(0.5)


def test_writing_takes_longer_the_more_there_is_to_read_and_write() -> None:
    short = [delay("Ok?", "Ok.", np.random.default_rng(n)).total_seconds() for n in range(200)]
    long = [delay("words " * 60, "words " * 60, np.random.default_rng(n)).total_seconds() for n in range(200)]
    assert np.median(long) > np.median(short)
    assert all(2 <= seconds <= 180 for seconds in short + long)
    assert delay("Ok?", "Ok.", np.random.default_rng(1)) == delay("Ok?", "Ok.", np.random.default_rng(1))
    exact = Delay(start=np.log(10), read=0.0, written=0.0, spread=0.0)
    assert delay("a", "b", np.random.default_rng(0), exact).total_seconds() == pytest.approx(10)
