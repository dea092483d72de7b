"""The dialogue benchmark counts what is said rightly, by kind and by voice."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from cicero_lite.bench.commands import app
from cicero_lite.bench.dialogue import distinct_2, measure
from dialogue.acts import ActKind
from dialogue.annotation import planned_example
from dialogue.language_model import Sample
from dialogue.lm import LocalModel
from dialogue.press import press
from dialogue.prompt import SHORT_PROMPT, Form, Voice, assemble
from engine.game import Game
from engine.saved import seated_games
from tests.language_models import save_llama
from tests.speaking_models import SpeakingModel


class BookishModel(SpeakingModel):
    """Says yes in the grammar's voice and talks nonsense in people's."""

    def say(self, number: int, prompt: str, count: int) -> list[Sample]:
        text = "Sounds good!" if Voice.BOOK.value in prompt else "I will hold in <P0>."
        return [Sample(text, -1.0, finished=True)] * count


def test_counts() -> None:
    found = measure(60, seed=3, model=BookishModel())
    assert found.plans == 60
    assert found.readback_grammar > 0.9
    assert found.readback_voices["people"] < 0.1
    assert found.readback_exact == pytest.approx(sum(found.readback_voices.values()) / 2)
    assert found.readback_exact <= found.readback_best_8 <= 2 * found.readback_exact + 1e-9
    kinds = found.readback_kinds
    assert set(kinds) == set(ActKind)
    assert min(result.plans for result in kinds.values()) >= 25, "of rare kinds, further plans are drawn"
    assert kinds["agree"].voices["book"] > kinds["agree"].voices["people"]
    assert kinds["agree"].one == pytest.approx(sum(kinds["agree"].voices.values()) / 2)
    assert kinds["agree"].best_8 > max(kinds[kind].best_8 for kind in ("propose", "request_support"))
    assert found.distinct_2["grammar"] > 5 * found.distinct_2["book"]
    assert set(found.perplexity.values()) == {None}, "only a model in this process tells"
    assert found.candidates_8_s > 0
    assert found.prompt_tokens["longest"] >= found.prompt_tokens["mean"] > 5


def games_file(tmp_path: Path, texts: Sequence[str]) -> Path:
    """Public games in which France, a person, and Turkey, nobody knows who, write these to Germany."""
    start = Game().to_saved_game()["phases"][0]
    messages = [
        {"sender": power, "recipient": "GERMANY", "text": text} for text in texts for power in ("FRANCE", "TURKEY")
    ]
    first = {"name": "S1901M", "state": start["state"], "orders": {"FRANCE": ["A PAR - BUR"]}, "messages": messages}
    last = {"name": "F1901M", "state": start["state"], "orders": {}, "messages": []}
    game = {"id": "one", "map": "standard", "players": {"FRANCE": "human"}, "phases": [first, last]}
    path = tmp_path / "games.jsonl.gz"
    with gzip.open(path, "wt") as out:
        out.write(json.dumps(game) + "\n")
    return path


def test_variety_is_that_of_the_same_plans(tmp_path: Path) -> None:
    said = ["Could you support me to Burgundy from Munich?", "Hello!", "My dog ate the map.", "Hello there!"]
    found = measure(6, seed=3, model=BookishModel(), human=games_file(tmp_path, said))
    # Three have a clear plan: seven, none and one pair of words. The model's "I will hold in <P0>." has four.
    assert found.distinct_2_people == {"human": 1.0, "model": pytest.approx(4 / 12)}
    assert "human" not in found.distinct_2
    assert measure(6, seed=3, model=BookishModel()).distinct_2_people == {}


def token_by_token(model: LocalModel, path: Path, form: Form) -> float:
    """Perplexity per word of the first two messages of a person, each from one pass over prompt and message."""
    nats, words = 0.0, 0
    for item in [item for item in press(seated_games(path)) if item.author == "human"][:2]:
        example = planned_example(item, model.prompt.is_short, Counter())
        assert example is not None
        given = model.tokenizer.encode(
            assemble(example.pieces, model.prompt.telling(form.sections), model.count_tokens)
        )
        said = [*model.tokenizer.encode(example.message, add_special_tokens=False), model.tokenizer.eos_token_id]
        with torch.inference_mode():
            table = model.model(torch.tensor([given + said])).logits[0].log_softmax(-1)
        nats -= float(table[len(given) - 1 : -1].gather(-1, torch.tensor(said)[:, None]).sum())
        words += len(example.message.split())
    return math.exp(nats / words)


@pytest.mark.parametrize("is_short", [True, False])
def test_perplexity_is_per_word_of_the_same_messages(tmp_path: Path, is_short: bool) -> None:
    save_llama(tmp_path)
    model = LocalModel.load(tmp_path)
    if is_short:
        model.prompt = SHORT_PROMPT
    path = games_file(tmp_path, ["Could you support me to Burgundy from Munich?", "Hello!", "My dog ate the map."])
    found = measure(2, seed=0, model=model, human=path)
    assert found.perplexity_messages == 2, "one has no clear plan, the others are not a person's"
    forms = {"plan_alone"} if is_short else {"text", "state", "intents", "plan", "plan_alone"}
    assert {form for form, value in found.perplexity.items() if value is not None} == forms
    for form in forms:
        assert found.perplexity[form] == pytest.approx(token_by_token(model, path, Form(form)), rel=1e-3)
    assert found.memory_mb["weights"] > 0
    assert len(set(found.perplexity.values())) == len(forms) + is_short, "what is told makes a difference"


def test_the_command_prints_every_figure(tmp_path: Path) -> None:
    save_llama(tmp_path)
    words = ["dialogue", "--model", str(tmp_path), "--plans", "2", "--human", str(games_file(tmp_path, ["Hello!"]))]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    wanted = {"candidates_8_s", "tokens_per_s", "first_token_s", "readback_exact", "readback_best_8", "readback_kinds"}
    assert wanted | {"distinct_2", "prompt_tokens", "memory_mb"} <= set(found)
    assert {"text", "state", "intents", "plan"} <= set(found["perplexity"])
    text = CliRunner().invoke(app, words).stdout
    assert "perplexity per word of 1 messages by people: text" in text
    assert "best of 8" in text


def test_distinct_2_of_nothing() -> None:
    assert distinct_2([]) == 0.0
    assert distinct_2(["word"]) == 0.0
