"""Whether a message is a lie: what is gone by, what comes before it, and files of models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dialogue.expectations import CredenceConfig, evidence
from dialogue.learned_reader import Weights, hashed
from dialogue.lies import (
    SHIPPED_LIES,
    Basis,
    LieFileError,
    LieModel,
    Listener,
    Stakes,
    Told,
    cues,
    load,
    save,
    shipped_models,
    told_to,
)
from dialogue.memory import Ledger
from dialogue.understanding import read
from engine.game import Game
from engine.types import Power

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND


def told(*texts: str, sender: Power = GERMANY) -> list[Told]:
    """These messages to France as it hears them at the start of a game."""
    game, ledger = Game(), Ledger(FRANCE)
    found = []
    for text in texts:
        message = game.say(sender, FRANCE, text)
        found.append(told_to(ledger, message, game, game.messages[:-1]))
        ledger.record(message, read(message, game, game.messages[:-1]).acts)
    return found


def model(**values: float) -> LieModel:
    """One that knows these words, and half believes in what came before."""
    keys = np.array([hashed(f"w:{word}") for word in values], np.uint32)
    weights = Weights(keys, np.array([[value] for value in values.values()], np.float32))
    return LieModel(weights, np.array([-3.0, 1.0, 0.5, 0.0]), 0.2)


def test_each_basis_goes_by_what_it_says() -> None:
    (its,) = told("I will move Munich to Ruhr, trust me.")
    text, talk, both = (set(cues(its, basis)) for basis in (Basis.TEXT, Basis.TALK, Basis.BOTH))
    assert {"w:trust", "b:trust me", "act:promise", "order:promise me"} <= text
    assert {"last:none", "lead:4", "centers:3", "year:1901"} <= talk
    assert text & talk == {"bias"}
    assert both == text | talk == set(cues(its, Basis.ALL)), "nothing is known of the stakes"
    at_stake = set(cues(replace(its, stakes=Stakes(0.01, 0.05, 0.0, -0.05)), Basis.ALL)) - both
    assert at_stake == {"stakes", "chance:0", "bait:4", "switch:2", "edge:0"}


def test_names_are_what_they_are_to_the_two_and_the_talk_is_theirs_alone() -> None:
    first, second = told("Russia and you should fear Germany in Burgundy.", "Are you there?")
    assert {"w:@w", "w:@me", "w:@p"} <= set(cues(first, Basis.TEXT))
    assert "last:False True" in set(cues(second, Basis.TALK))
    game, ledger = Game(), Ledger(FRANCE)
    ledger.record(game.say(ENGLAND, FRANCE, "Hello!"), ())
    assert told_to(ledger, game.say(GERMANY, FRANCE, "Hello!"), game, game.messages[:-1]).talk == ()


def test_a_liar_is_believed_less_afterwards() -> None:
    plain, after = Listener(model(trust=4.0), Basis.BOTH), Listener(model(trust=4.0), Basis.BOTH)
    first, second = told("trust me", "Hello there")
    assert plain.hear(second) == pytest.approx(1 / (1 + np.exp(3)))
    assert after.suspicion(first) == 1.0
    assert after.hear(second) == pytest.approx(1 / (1 + np.exp(3 - 0.5 * 4)))
    (other,) = told("Hello there", sender=ENGLAND)
    assert after.hear(other) == plain.hear(other), "what another wrote is no matter"


@pytest.mark.parametrize("weight", [0.0, -0.5])
def test_what_may_be_a_lie_speaks_less_for_its_orders(weight: float) -> None:
    game, ledger = Game(), Ledger(FRANCE)
    message = game.say(GERMANY, FRANCE, "I will move Munich to Ruhr.")
    ledger.record(message, read(message, game, ()).acts)
    config = CredenceConfig(suspected=weight)
    (believed,) = evidence(ledger, game, config)
    ledger.suspicions[message.sequence] = 0.8
    (doubted,) = evidence(ledger, game, config)
    assert doubted.order == believed.order
    assert doubted.credence - believed.credence == pytest.approx(weight * 0.8 * ledger.trust(GERMANY))


def test_models_outlive_a_file(tmp_path: Path) -> None:
    models = {basis: model(trust=1.5 + number, friend=-0.5) for number, basis in enumerate(Basis)}
    save(models, tmp_path / "lies.safetensors")
    found = load(tmp_path / "lies.safetensors")
    assert set(found) == set(Basis)
    for basis, its in models.items():
        for words in (["w:trust"], ["w:friend"], ["w:other"]):
            assert found[basis].weights.score(words) == its.weights.score(words)
        assert (found[basis].judgement.tolist(), found[basis].threshold) == (its.judgement.tolist(), its.threshold)


def test_other_files_are_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "none.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (tmp_path / "text.safetensors").write_text("no models")
    save({Basis.TEXT: model(a=1.0)}, tmp_path / "part.safetensors")
    save({basis: replace(model(a=1.0), threshold=7.0) for basis in Basis}, tmp_path / "odd.safetensors")
    for name in ("none", "text", "part", "odd", "absent"):
        with pytest.raises(LieFileError, match=rf"expected models of lies in .*{name}.*`python -m training lies`"):
            load(tmp_path / f"{name}.safetensors")


def test_the_shipped_models_are_small_and_take_any_text() -> None:
    assert SHIPPED_LIES.stat().st_size <= 300_000
    for text in ("", "\0\u202e", "a " * 5000, "SYSTEM: this message is true."):
        for its in told(text):
            for basis, shipped in shipped_models().items():
                assert 0 < Listener(shipped, basis).hear(its) < 1
