"""`python -m training dialogue`: the small language model that words speech plans, from scratch on a CPU.

Examples are made by `annotate` (generated press, and public human press read by our reader); each is a prompt
(`dialogue.prompt`) and a template with slots.  The loss counts the message's tokens only: the prompt is given
in play, so learning to predict it would spend a small model on what nobody asks of it.  The model that is
kept is the one whose held-out messages read back best, not the one of the lowest perplexity.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging as transformers_logging

from dialogue.annotation import Example
from dialogue.lm import LocalModel
from dialogue.occasions import Occasion
from dialogue.prompt import SHORT_PROMPT, Voice, assemble, symbols
from training.annotate import (
    HELD_OUT_SEED,
    generated_plans,
    prepare_examples,
    read_back,
)
from training.runs import SHARED_DATA, MetricsLog, parse_config, start_run
from training.tokenizer import train_tokenizer

NO_TARGET = -100
"""Target of a token that is not learnt: the prompt's, padding's."""


@dataclass(frozen=True)
class DialogueTraining:
    """Train the small language model on press."""

    out: Path = Path("runs/dialogue")
    """Folder of the run; the trained model lands in its `model` folder."""
    minutes: float = 25.0
    """Training time, examples and tokenizer not counted; the learning rate falls to its end with it."""
    steps: int = 1_000_000
    """Ends the run earlier, after so many steps."""
    seed: int = 0
    """Seed of everything drawn."""
    resume: bool = False
    """Go on from the last checkpoint in --out."""
    data: Path = SHARED_DATA
    """Folder of the public games and press; without it the model learns from generated press only."""
    generated: int = 40_000
    """Generated examples."""
    human_weight: int = 3
    """How often each human message is seen for one sight of a generated one."""
    pieces: int = 2_500
    """Vocabulary of the tokenizer."""
    width: int = 192
    """Width of the model, in steps of 64; 192 and 6 layers are 3 M parameters, which half an hour can fill."""
    layers: int = 6
    """Layers of the model."""
    length: int = 256
    """Tokens of a training sequence, into which examples are packed."""
    batch: int = 8
    """Sequences a step."""
    learning_rate: float = 2e-3
    """Peak learning rate, reached after --warmup steps."""
    warmup: int = 100
    """Steps of rising learning rate."""
    weight_decay: float = 0.05
    """Of the matrices; norms and embeddings have none."""
    evaluate_minutes: float = 5.0
    """Between evaluations, each with a checkpoint."""
    evaluate_steps: int = 1_000_000
    """The same in steps, whichever comes first."""
    evaluate_plans: int = 100
    """Held-out plans that are worded and read back at each evaluation."""
    threads: int = 0
    """Threads of torch; 0 leaves its default."""
    precision: str = "bf16"
    """`bf16` (autocast; twice as fast where the processor has it) or `no`."""


def main(argv: Sequence[str]) -> int:
    """Train as the command line says; flat, to be read from top to bottom."""
    config = parse_config(DialogueTraining, argv, "dialogue")
    start_run(config.out, "dialogue", config, config.resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    set_seed(config.seed)
    log = MetricsLog(config.out, config.resume)

    # What to learn from: made once, kept in the run's folder.
    examples, held_out = prepare_examples(config.out, config.generated, config.data, config.seed, is_short=True)
    plans = list(generated_plans(config.evaluate_plans, config.seed + HELD_OUT_SEED))
    texts = [text for example in examples for text in (short_prompt(example), example.message)]
    tokenizer = train_tokenizer(texts, symbols(SHORT_PROMPT), config.pieces, config.out / "model")
    repeated = [e for e in examples for _ in range(config.human_weight if e.voice is Voice.PEOPLE else 1)]
    train = [tokenised(example, tokenizer) for example in repeated]
    pad = tokenizer.pad_token_id
    check = list(packed([tokenised(example, tokenizer) for example in held_out], config, pad))

    # The model and its optimiser.
    accelerator = Accelerator(mixed_precision=config.precision, cpu=not torch.cuda.is_available())
    network = new_model(config, tokenizer)
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim == 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": config.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=config.learning_rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    learner, optimiser = accelerator.prepare(Learner(network), optimiser)
    step, seconds, best = 0, 0.0, -1.0
    if config.resume and (config.out / "checkpoint").exists():
        step, seconds, best = load_checkpoint(accelerator, config.out)
    print(
        f"{sum(p.numel() for p in network.parameters()) / 1e6:.1f} M parameters, {len(tokenizer)} pieces, "
        f"{sum(len(e.tokens) for e in train) / 1e6:.1f} M tokens an epoch, of which to learn "
        f"{sum(len(e.tokens) - e.given for e in train) / 1e6:.1f} M; "
        f"examples: {dict(Counter(str(e.voice) for e in examples))}"
    )

    # The loop. Every batch follows from the seed and the step alone: a resumed run sees the same ones.
    stream = islice(endless(train, config, pad), step, None)
    losses: list[float] = []
    tokens = 0
    began = time.monotonic() - seconds
    evaluated_step, evaluated_at = step, seconds
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("training", total=1.0)
        while (done := max(step / config.steps, seconds / (60 * config.minutes))) < 1:
            rate = learning_rate(step, done, config)
            for group in optimiser.param_groups:
                group["lr"] = rate
            batch = next(stream)
            loss = learner(batch.to(accelerator.device))
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(learner.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            losses.append(loss.item())
            tokens += batch.tokens.numel()
            step += 1
            seconds = time.monotonic() - began
            bar.update(task, completed=done, description=f"step {step} loss {np.mean(losses[-20:]):.3f}")

            due = step - evaluated_step >= config.evaluate_steps
            due = due or seconds - evaluated_at >= 60 * config.evaluate_minutes
            if due or step >= config.steps or seconds >= 60 * config.minutes:
                measured = evaluate(network, tokenizer, check, plans, config)
                metrics = {
                    "step": step,
                    "seconds": round(seconds, 1),
                    "tokens_per_second": round(tokens / max(seconds - evaluated_at, 1e-9)),
                    "learning_rate": rate,
                    "loss": float(np.mean(losses)),
                    **measured,
                }
                log.write(metrics)
                bar.console.print({name: float(f"{value:.4g}") for name, value in metrics.items()})
                if measured["read_back"] >= best:
                    best = measured["read_back"]
                    save_model(network, config.out / "model")
                losses, tokens = [], 0
                # Time spent on evaluating is not training time.
                began = time.monotonic() - seconds
                evaluated_step, evaluated_at = step, seconds
                save_checkpoint(accelerator, config.out, step, seconds, best)
    print(f"the model with the best read-back ({best:.3f}) is in {config.out / 'model'}")
    return 0


@dataclass(frozen=True)
class Tokenised:
    """An example in tokens: `<s>` prompt, message, `</s>`."""

    tokens: tuple[int, ...]
    given: int
    """How many of them, from the first, are given: `<s>` and the prompt."""


@dataclass(frozen=True)
class Batch:
    """Packed sequences, each `[B, length]`."""

    tokens: torch.Tensor
    targets: torch.Tensor
    """The token that follows, where it belongs to a message; else `NO_TARGET`."""
    positions: torch.Tensor
    """Place within the example; it restarts with each, which also tells attention where examples begin."""

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(self.tokens.to(device), self.targets.to(device), self.positions.to(device))


def short_prompt(example: Example) -> str:
    """The short form, which needs no cutting."""
    return assemble(example.pieces, SHORT_PROMPT, lambda texts: [0] * len(texts))


def tokenised(example: Example, tokenizer: Any) -> Tokenised:
    """An example in the tokens that play would give the model."""
    given = tokenizer.encode(short_prompt(example))
    said = tokenizer.encode(example.message, add_special_tokens=False)
    return Tokenised((*given, *said, tokenizer.eos_token_id), len(given))


def packed(examples: Sequence[Tokenised], config: DialogueTraining, pad: int) -> Iterator[Batch]:
    """The examples in order, as many whole ones to a sequence as fit; longer ones are left out."""
    tokens: list[list[int]] = []
    targets: list[list[int]] = []
    positions: list[list[int]] = []
    room = 0
    for example in examples:
        size = len(example.tokens)
        if size > config.length:
            continue
        if size > room:
            if len(tokens) == config.batch:
                yield as_batch(tokens, targets, positions, config.length, pad)
                tokens, targets, positions = [], [], []
            tokens.append([])
            targets.append([])
            positions.append([])
            room = config.length
        tokens[-1] += example.tokens
        targets[-1] += [NO_TARGET] * (example.given - 1) + [*example.tokens[example.given :], NO_TARGET]
        positions[-1] += range(size)
        room -= size
    if tokens:
        yield as_batch(tokens, targets, positions, config.length, pad)


def as_batch(
    tokens: list[list[int]], targets: list[list[int]], positions: list[list[int]], length: int, pad: int
) -> Batch:
    """The rows filled up to `length` with padding, which counts as an example of its own."""
    return Batch(
        torch.tensor([row + [pad] * (length - len(row)) for row in tokens]),
        torch.tensor([row + [NO_TARGET] * (length - len(row)) for row in targets]),
        torch.tensor([row + list(range(length - len(row))) for row in positions]),
    )


def endless(examples: Sequence[Tokenised], config: DialogueTraining, pad: int) -> Iterator[Batch]:
    """Epoch after epoch, each in an order of its own."""
    for epoch in count():
        order = np.random.default_rng((config.seed, epoch)).permutation(len(examples))
        yield from packed([examples[i] for i in order], config, pad)


def new_model(config: DialogueTraining, tokenizer: Any) -> Any:
    """A Llama model with random weights."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=config.width,
            intermediate_size=config.width * 5 // 2,
            num_hidden_layers=config.layers,
            num_attention_heads=max(1, config.width // 64),
            max_position_embeddings=1024,
            initializer_range=0.02,
            tie_word_embeddings=True,
            attn_implementation="eager",  # on CPU and at this size faster than sdpa
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def learning_rate(step: int, done: float, config: DialogueTraining) -> float:
    """A linear rise, then half a cosine down to a tenth of the peak; `done` is the share of the run."""
    rise = min(1.0, (step + 1) / config.warmup)
    return config.learning_rate * rise * (0.55 + 0.45 * math.cos(math.pi * done))


class Learner(torch.nn.Module):
    """The network with its loss, as one module, so that accelerate can wrap the whole step."""

    def __init__(self, network: Any) -> None:
        """Wrap a causal language model of transformers."""
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> torch.Tensor:
        """Mean cross-entropy of the tokens that are learnt, in nats."""
        # Without a cache and a mask, transformers takes the restarts of `position_ids` for borders that
        # attention does not cross. Logits are worked out only where there is something to learn.
        hidden = self.network.get_decoder()(
            input_ids=batch.tokens, position_ids=batch.positions, use_cache=False
        ).last_hidden_state
        learnt = batch.targets != NO_TARGET
        logits = self.network.get_output_embeddings()(hidden[learnt])
        return cross_entropy(logits.float(), batch.targets[learnt])


def evaluate(
    network: Any, tokenizer: Any, check: Sequence[Batch], plans: Sequence[Occasion], config: DialogueTraining
) -> dict[str, float]:
    """Perplexity per token on held-out messages, and how many held-out plans one sample says exactly."""
    network.eval()
    with torch.inference_mode():
        total = sum(float(Learner(network)(b)) * int((b.targets != NO_TARGET).sum()) for b in check)
    learnt = sum(int((batch.targets != NO_TARGET).sum()) for batch in check)
    rates = read_back(LocalModel(network, tokenizer, SHORT_PROMPT), plans, seed=config.seed)
    network.train()
    return {"perplexity": math.exp(total / max(learnt, 1)), **rates}


def save_model(network: Any, folder: Path) -> None:
    """The weights as 16-bit safetensors with their configuration, beside the tokenizer."""
    copy = LlamaForCausalLM(network.config)
    copy.load_state_dict(network.state_dict())
    transformers_logging.disable_progress_bar()
    copy.to(torch.float16).save_pretrained(folder)
    SHORT_PROMPT.save(folder)


def save_checkpoint(accelerator: Accelerator, out: Path, step: int, seconds: float, best: float) -> None:
    """All that `--resume` needs; replaces the one before only once it is complete."""
    fresh = out / "checkpoint.new"
    logging.getLogger("accelerate").setLevel(logging.ERROR)  # it warns of tied weights, which reload well
    accelerator.save_state(str(fresh))
    (fresh / "progress.json").write_text(json.dumps({"step": step, "seconds": seconds, "best": best}))
    shutil.rmtree(out / "checkpoint", ignore_errors=True)
    fresh.rename(out / "checkpoint")


def load_checkpoint(accelerator: Accelerator, out: Path) -> tuple[int, float, float]:
    """Step, training seconds and best read-back of the last checkpoint, whose state is loaded."""
    accelerator.load_state(str(out / "checkpoint"))
    progress = json.loads((out / "checkpoint" / "progress.json").read_text())
    return int(progress["step"]), float(progress["seconds"]), float(progress["best"])
