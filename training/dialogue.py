"""`python -m training dialogue`: the language model that words speech plans, new and small, or a base fine-tuned.

Examples are made by `annotate` (generated press, and public human press read by our reader); each is a prompt
(`dialogue.prompt`), of which it is drawn how much is shown, and a message with slots.  The loss counts the message's
tokens only: the prompt is given in play, so learning to predict it would spend a small model on what nobody asks of it.
The model that is kept is the one whose held-out messages read back best, not the one of the lowest perplexity.

    python -m training dialogue --out runs/small --minutes 30
    python -m training dialogue --base Qwen/Qwen3-0.6B --out runs/qwen --minutes 60 --length 1536 --budget 1200
    accelerate launch --num-processes 8 -m training dialogue --base ... --out ...
    accelerate launch --config-file configs/accelerate/fsdp.yaml -m training dialogue --base ... --lora 0 --out ...
"""

from __future__ import annotations

import json
import logging
import math
import pickle
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast, set_seed
from numpy.random import default_rng
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors import SafetensorError
from torch.utils.tensorboard import SummaryWriter
from transformers import AutoTokenizer

from dialogue.annotation import BOOK, PEOPLE, Example
from dialogue.language_model import Precision
from dialogue.lm import LocalModel
from dialogue.model_files import is_adapter
from dialogue.prompt import FULL, SHORT_PROMPT, Form, PromptConfig, assemble, symbols
from training.annotate import HELD_OUT_SEED, generated_plans, prepare_examples, read_back, rehearsed, sample_sheet
from training.language_models import (
    base_network,
    check_packing,
    learnt_parameters,
    loss_of,
    new_network,
    save_network,
    with_lora,
)
from training.packing import Batch, Drawn, Shares, packed, share_left_out, tokenised
from training.runs import (
    SHARED_DATA,
    CheckpointError,
    MetricsLog,
    TrainingError,
    check_run,
    parse_config,
    run_settings,
    start_run,
)
from training.tokenizer import train_tokenizer


@dataclass(frozen=True)
class DialogueTraining:
    """Train the language model on press."""

    out: Path = Path("runs/dialogue")
    """Folder of the run; the trained model, or its adapter, lands in its `model` folder."""
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
    rehearsed: int = 0
    """Generated plans that --base words itself, in people's voice; what reads back as its plan is learned, too."""
    people_share: float = 0.25
    """Share of people's messages among the examples drawn; the others are generated."""
    own_share: float = 0.3
    """The same of what --base itself said; none without --rehearsed."""
    rare_times: int = 1
    """How often generated examples with an act of a rare kind (less than .03 of them) are drawn for once that others
    are; the same of what --base itself said."""
    planless_share: float = 0.4
    """Share of people's messages whose plan is not known, among people's; the short form has none."""

    prompt: str = "full"
    """`full` (sections) or `short` (the plan alone, with numbered slots)."""
    budget: int = 288
    """Tokens of a full prompt; what is least useful is left out first."""
    text_share: float = 0.1
    """Weight of full prompts that tell the talk alone."""
    state_share: float = 0.1
    """The same with the board, the last orders and the ledger."""
    intents_share: float = 0.1
    """The same with the intents, too."""
    plan_share: float = 0.35
    """The same with the plan, too: everything."""
    plan_alone_share: float = 0.35
    """Of the plan without anything else."""

    base: str = ""
    """Model to fine-tune, a local folder or a hub name; empty: a new small one."""
    lora: int = 16
    """Rank of the LoRA adapter that is trained on --base; 0: all its weights are."""
    lora_alpha: float = 32.0
    """What the adapter's weights are multiplied by, times the rank."""
    lora_dropout: float = 0.0
    """Share of the adapter's inputs left out at random."""
    lora_targets: str = "all-linear"
    """Layers that get an adapter, with commas; all-linear: all but the embeddings."""
    base_share: float = 0.0
    """Share of --base's own weights in those that are evaluated and kept, beside the trained ones: the average forgets
    less (Wortsman et al. 2022, arXiv 2109.01903)."""
    checkpointing: bool = False
    """Works activations out again in the backward pass: less memory, a third more time."""
    pieces: int = 3_000
    """Vocabulary of a new model's tokenizer."""
    width: int = 192
    """Width of a new model, in steps of 64; 192 and 6 layers are 3 M parameters, which half an hour can fill."""
    layers: int = 6
    """Layers of a new model."""

    length: int = 384
    """Tokens of a training sequence, into which examples are packed; longer examples are left out."""
    batch: int = 8
    """Sequences a step, on each device."""
    accumulate: int = 1
    """Batches whose gradients make one step."""
    learning_rate: float = 0.0
    """Peak, reached after --warmup steps; 0: 2e-3 for a new model, 2e-4 for LoRA, 2e-5 for a whole base."""
    warmup: int = 100
    """Steps of rising learning rate."""
    weight_decay: float = 0.05
    """Of the matrices; norms and biases have none."""

    evaluate_minutes: float = 5.0
    """Between evaluations, each with a checkpoint and a sheet of samples."""
    evaluate_steps: int = 1_000_000
    """The same in steps, whichever comes first."""
    evaluate_plans: int = 100
    """Held-out plans that are worded and read back at each evaluation."""
    evaluate_messages: int = 150
    """Held-out messages of each source that perplexity is measured on."""
    workers: int = 0
    """Processes that turn examples into tokens ahead of need, for fast GPUs; 0: this one does."""
    threads: int = 0
    """Threads of torch; 0 leaves its default."""
    precision: str = "bf16"
    """`bf16` (autocast; twice as fast where the processor has it) or `no`."""

    @property
    def prompts(self) -> PromptConfig:
        """The prompts that the model is trained on.

        Raises:
            TrainingError: settings that cannot be.
        """
        if self.prompt == "short":
            return SHORT_PROMPT
        if self.prompt != "full":
            raise TrainingError(f"--prompt: expected full or short, got {self.prompt!r}")
        if self.budget + _MESSAGE_ROOM > self.length:
            raise TrainingError(
                f"--length: expected --budget and {_MESSAGE_ROOM} tokens for the message at least, "
                f"{self.budget + _MESSAGE_ROOM}, got {self.length}"
            )
        return PromptConfig(FULL, budget=self.budget)

    @property
    def shares(self) -> Shares:
        """What examples are drawn from."""
        own = self.own_share if self.rehearsed else 0.0
        if self.prompt == "short":
            return Shares(self.people_share, 0.0, {Form.PLAN_ALONE: 1.0}, own, self.rare_times)
        forms = {
            Form.TEXT: self.text_share,
            Form.STATE: self.state_share,
            Form.INTENTS: self.intents_share,
            Form.PLAN: self.plan_share,
            Form.PLAN_ALONE: self.plan_alone_share,
        }
        sources = {"people": self.people_share, "own": own}
        for name, share in {**{form.value: share for form, share in forms.items()}, **sources}.items():
            if share < 0 or (name in sources and share > 1):
                raise TrainingError(f"--{name.replace('_', '-')}-share: expected 0 to 1, got {share}")
        if sum(sources.values()) > 1:
            raise TrainingError(f"--people-share and --own-share: expected 1 at most together, got {sources}")
        return Shares(self.people_share, self.planless_share, forms, own, self.rare_times)

    @property
    def peak_rate(self) -> float:
        """The peak learning rate."""
        return self.learning_rate or (2e-3 if not self.base else 2e-4 if self.lora else 2e-5)


_MESSAGE_ROOM = 48
_TOKENIZER_PROMPTS = 3_000
"""Prompts whose words a new tokenizer sees, beside those of all messages."""
_SHEET_PLANS = 12
"""Plans on a sheet of samples."""


def main(argv: Sequence[str]) -> int:
    """Train as the command line says; flat, to be read from top to bottom."""
    config = parse_config(DialogueTraining, argv, "dialogue")
    prompt, shares = config.prompts, config.shares
    check_settings(config)
    if config.threads:
        torch.set_num_threads(config.threads)
    accelerator = Accelerator(
        mixed_precision=config.precision,
        cpu=not torch.cuda.is_available(),
        gradient_accumulation_steps=config.accumulate,
    )
    leads = accelerator.is_main_process
    set_seed(config.seed)
    # A base first: what is wrong with it shall be said before examples are made and a folder is taken.
    check_run(config.out, "dialogue", config.resume)
    if config.resume:
        check_unchanged(run_settings(config.out), settled(config), config.out)
    base = fine_tuned(config) if config.base else None
    accelerator.wait_for_everyone()
    if leads:
        start_run(config.out, "dialogue", config, config.resume)
    accelerator.wait_for_everyone()
    log = MetricsLog(config.out, config.resume or not leads)

    # What to learn from: made once, kept in the run's folder.
    with accelerator.main_process_first():
        examples, held_out = prepare_examples(config.out, config.generated, config.data, config.seed, prompt.is_short)
    plans = list(generated_plans(config.evaluate_plans, config.seed + HELD_OUT_SEED))

    # The model and its optimiser.
    if base is not None:
        network, tokenizer = base
    else:
        with accelerator.main_process_first():
            tokenizer = own_tokenizer(examples, prompt, config)
        network = new_network(config.width, config.layers, tokenizer)
    pad = tokenizer.pad_token_id
    optimiser = torch.optim.AdamW(
        learnt_parameters(network, config.weight_decay), lr=config.peak_rate, betas=(0.9, 0.98), fused=True
    )
    network, optimiser = accelerator.prepare(network, optimiser)
    if config.base:
        check_packing(network, config.length, accelerator.device)
    untrained = [p.detach().clone() for p in network.parameters()] if config.base_share else []
    step, seconds, best = 0, 0.0, -1.0
    if config.resume and (config.out / "checkpoint").exists():
        step, seconds, best = load_checkpoint(accelerator, config)
    if config.rehearsed:
        speaker = LocalModel(accelerator.unwrap_model(network), tokenizer, prompt)
        examples += rehearsed(speaker, config.rehearsed, config.seed, config.out, leads)
        network.train()
    checks = held_out_checks(held_out, prompt, tokenizer, config)
    board = SummaryWriter(str(config.out / "tensorboard"), purge_step=step + 1) if leads else None
    if leads:
        learnt, every = (sum(p.numel() for p in network.parameters() if p.requires_grad or not only) for only in (1, 0))
        print(
            f"{every / 1e6:.1f} M parameters, of which {learnt / 1e6:.1f} M learn, {len(tokenizer)} pieces; examples: "
            f"{dict(Counter(e.source if e.has_plan else f'{e.source} without a plan' for e in examples))}"
        )

    # The loop. Every batch follows from the seed, the step and the process alone: a resumed run sees the same ones.
    world = accelerator.num_processes
    drawn = Drawn(examples, shares, prompt, tokenizer, config.seed, accelerator.process_index, world)
    if too_long := share_left_out(drawn, config.length):
        accelerator.print(f"{100 * too_long:.0f} % of the examples are longer than --length and left out")
    sequences = packed(drawn.tokens(config.workers), config.length, config.batch, pad)
    stream = islice(sequences, step * config.accumulate, None)
    losses: list[float] = []
    tokens = 0
    began = time.monotonic() - seconds
    evaluated_step, evaluated_at = step, seconds
    network.train()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not leads) as bar:
        task = bar.add_task("training", total=1.0)
        while (done := max(step / config.steps, seconds / (60 * config.minutes))) < 1:
            rate = learning_rate(step, done, config)
            for group in optimiser.param_groups:
                group["lr"] = rate
            for batch in islice(stream, config.accumulate):
                with accelerator.accumulate(network):
                    loss = loss_of(network, batch.to(accelerator.device))
                    accelerator.backward(loss)
                    if accelerator.sync_gradients:
                        accelerator.clip_grad_norm_(network.parameters(), 1.0)
                    optimiser.step()
                    optimiser.zero_grad()
                losses.append(loss.item())
                tokens += batch.tokens.numel() * world
            step += 1
            seconds = agreed(time.monotonic() - began, accelerator)
            bar.update(task, completed=done, description=f"step {step} loss {np.mean(losses[-20:]):.3f}")

            due = step - evaluated_step >= config.evaluate_steps
            due = due or seconds - evaluated_at >= 60 * config.evaluate_minutes
            if due or step >= config.steps or seconds >= 60 * config.minutes:
                learnt_so_far = [p.detach().clone() for p in network.parameters()] if untrained else []
                average_in(network, untrained, config.base_share)
                model = LocalModel(accelerator.unwrap_model(network), tokenizer, prompt)
                measured = {**perplexities(model.model, checks, accelerator), **read_back(model, plans, config.seed)}
                network.train()
                metrics = {
                    "step": step,
                    "seconds": round(seconds, 1),
                    "tokens_per_second": round(tokens / max(seconds - evaluated_at, 1e-9)),
                    "learning_rate": rate,
                    "loss": float(np.mean(losses)),
                    **measured,
                }
                sheet = sample_sheet(model, plans[:_SHEET_PLANS], config.seed)
                network.train()
                state = accelerator.get_state_dict(network)
                better = measured["read_back"] >= best
                best = max(best, measured["read_back"])
                if leads and board is not None:
                    log.write(metrics)
                    bar.console.print({name: float(f"{value:.4g}") for name, value in metrics.items()})
                    for name, value in metrics.items():
                        board.add_scalar(name, value, step)
                    board.flush()
                    (config.out / f"samples-{step}.md").write_text(sheet, encoding="utf-8")
                    if better:
                        half = not (config.base and config.lora)
                        save_network(model.model, state, tokenizer, prompt, config.out / "model", half)
                average_in(network, learnt_so_far, 1.0)
                losses, tokens = [], 0
                # Time spent on evaluating is not training time.
                began = time.monotonic() - seconds
                evaluated_step, evaluated_at = step, seconds
                save_checkpoint(accelerator, config, step, seconds, best)
    if leads:
        print(f"the model with the best read-back ({best:.3f}) is in {config.out / 'model'}")
    accelerator.end_training()
    return 0


# --- the model -----------------------------------------------------------------------------------------


def check_settings(config: DialogueTraining) -> None:
    """Returns if the settings can be together.

    Raises:
        TrainingError: they cannot.
    """
    for name in (
        "minutes",
        "steps",
        "budget",
        "length",
        "batch",
        "accumulate",
        "evaluate_minutes",
        "evaluate_steps",
        "rare_times",
    ):
        if asdict(config)[name] <= 0:
            raise TrainingError(f"--{name.replace('_', '-')}: expected more than 0, got {asdict(config)[name]}")
    if config.rehearsed and not config.base:
        raise TrainingError("--rehearsed: expected a --base that has learned to speak, got none")
    if not 0 <= config.base_share < 1 or (config.base_share and not config.base):
        raise TrainingError(f"--base-share: expected 0 to less than 1, and a --base, got {config.base_share}")
    if config.precision not in ("bf16", "no"):
        raise TrainingError(f"--precision: expected bf16 or no (32 bits), got {config.precision!r}")
    if config.lora < 0:
        raise TrainingError(f"--lora: expected the rank of an adapter, or 0 for none, got {config.lora}")
    if not 0 <= config.lora_dropout < 1:
        raise TrainingError(f"--lora-dropout: expected 0 to less than 1, got {config.lora_dropout}")
    if config.lora and config.base and is_adapter(config.base):
        raise TrainingError(
            f"--base: expected a whole model to train an adapter on, got the adapter in {config.base}; "
            "--lora 0 trains it and its own base as one model"
        )


def fine_tuned(config: DialogueTraining) -> tuple[Any, Any]:
    """The base, with an adapter to be trained if one is wanted, and its tokenizer."""
    network, tokenizer = base_network(config.base, base_precision(config), config.length)
    # Of a base that was an adapter and its own base, peft has frozen the weights.
    network = with_lora(network, *lora_settings(config)) if config.lora else network.requires_grad_(True)
    if config.checkpointing:
        network.gradient_checkpointing_enable({"use_reentrant": False})
    return network, tokenizer


def own_tokenizer(examples: Sequence[Example], prompt: PromptConfig, config: DialogueTraining) -> Any:
    """A tokenizer made for the examples; a resumed run's own."""
    folder = config.out / "model"
    if config.resume and (folder / "tokenizer.json").is_file():
        return AutoTokenizer.from_pretrained(folder)
    some = default_rng(config.seed).permutation(len(examples))[:_TOKENIZER_PROMPTS]
    prompts = [assemble(examples[n].pieces, prompt, lambda texts: [0] * len(texts)) for n in some]
    return train_tokenizer([*prompts, *(e.message for e in examples)], symbols(prompt), config.pieces, folder)


def base_precision(config: DialogueTraining) -> Precision:
    """Weights that stay as they are may be in 16 bits; those that learn need 32."""
    frozen = config.lora and config.precision == "bf16" and torch.cuda.is_available()
    return Precision.BF16 if frozen else Precision.FP32


def lora_settings(config: DialogueTraining) -> tuple[int, float, float, str]:
    """Rank, alpha, dropout and targets."""
    return config.lora, config.lora_alpha, config.lora_dropout, config.lora_targets


def average_in(network: Any, weights: Sequence[torch.Tensor], share: float) -> None:
    """Let this share of other weights into the network's; none given leave them as they are."""
    with torch.no_grad():
        for own, other in zip(network.parameters(), weights, strict=False):
            own.lerp_(other, share)


def learning_rate(step: int, done: float, config: DialogueTraining) -> float:
    """A linear rise, then half a cosine down to a tenth of the peak; `done` is the share of the run."""
    rise = min(1.0, (step + 1) / max(1, config.warmup))
    return config.peak_rate * rise * (0.55 + 0.45 * math.cos(math.pi * done))


def agreed(seconds: float, accelerator: Accelerator) -> float:
    """The main process's time, so that all stop at the same step."""
    told = broadcast(torch.tensor([seconds], dtype=torch.float64, device=accelerator.device))
    return float(told.item())


# --- evaluation ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """Held-out messages in one form."""

    name: str
    batches: tuple[Batch, ...]
    words: int


def held_out_checks(
    held_out: Sequence[Example], prompt: PromptConfig, tokenizer: Any, config: DialogueTraining
) -> list[Check]:
    """Generated messages with all that prompts tell, and people's in every form: of these, the same messages."""
    whole = Form.PLAN if prompt.knows(Form.PLAN) else Form.PLAN_ALONE
    checks = []
    for source, author, forms in ((BOOK, BOOK, [whole]), (PEOPLE, "human", [f for f in Form if prompt.knows(f)])):
        messages = [example for example in held_out if example.author == author][: config.evaluate_messages]
        tokens = {form: [tokenised(e, prompt.telling(form.sections), tokenizer) for e in messages] for form in forms}
        fitting = [n for n in range(len(messages)) if all(len(tokens[f][n].tokens) <= config.length for f in forms)]
        words = sum(len(messages[n].message.split()) for n in fitting)
        for form in forms if words else ():
            name = f"perplexity_{source}" if form is whole else f"perplexity_{source}_{form}"
            some = (tokens[form][n] for n in fitting)
            checks.append(Check(name, tuple(packed(some, config.length, config.batch, tokenizer.pad_token_id)), words))
    return checks


def perplexities(network: Any, checks: Sequence[Check], accelerator: Accelerator) -> dict[str, float]:
    """Per word of each kind of held-out message: exp of the nats of its tokens, the end's included, by its words."""
    network.eval()
    found = {}
    with torch.inference_mode(), accelerator.autocast():
        for check in checks:
            nats = sum(loss_of(network, batch.to(accelerator.device)).item() * batch.learnt for batch in check.batches)
            found[check.name] = math.exp(nats / check.words)
    network.train()
    return found


# --- checkpoints ---------------------------------------------------------------------------------------

_MAY_CHANGE = frozenset(
    {
        "out",
        "minutes",
        "steps",
        "resume",
        "data",
        "evaluate_minutes",
        "evaluate_steps",
        "evaluate_plans",
        "evaluate_messages",
        "base_share",
        "workers",
        "threads",
    }
)
"""Settings that a resumed run may have otherwise."""


def settled(config: DialogueTraining) -> dict[str, Any]:
    """What a run that goes on must have as it was."""
    return {name: value for name, value in asdict(config).items() if name not in _MAY_CHANGE}


def check_unchanged(before: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Returns if the run in a folder can go on with these settings.

    Raises:
        CheckpointError: it had others.
    """
    for name, value in now.items():
        if before.get(name) != value:
            raise CheckpointError(
                f"expected the settings of the run in {folder} to go on with, --{name.replace('_', '-')} "
                f"{before.get(name)}, got {value}; give them again, or another --out"
            )


def save_checkpoint(accelerator: Accelerator, config: DialogueTraining, step: int, seconds: float, best: float) -> None:
    """All that `--resume` needs; replaces the one before only once it is complete."""
    fresh = config.out / "checkpoint.new"
    logging.getLogger("accelerate").setLevel(logging.ERROR)  # it warns of tied weights, which reload well
    accelerator.save_state(str(fresh))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        progress = {"step": step, "seconds": seconds, "best": best, "sizes": sizes(fresh)}
        told = {**progress, "settings": {**settled(config), "processes": accelerator.num_processes}}
        (fresh / "progress.json").write_text(json.dumps(told))
        shutil.rmtree(config.out / "checkpoint", ignore_errors=True)
        fresh.rename(config.out / "checkpoint")
    accelerator.wait_for_everyone()


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of each file of a checkpoint but its `progress.json`."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "progress.json"]
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}


def load_checkpoint(accelerator: Accelerator, config: DialogueTraining) -> tuple[int, float, float]:
    """Step, training seconds and best read-back of the last checkpoint, whose state is loaded.

    Raises:
        CheckpointError: it is damaged, or of a run with other settings.
    """
    folder = config.out / "checkpoint"
    cure = "another --out, or remove that folder to begin again from the examples"
    try:
        progress = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        step, seconds, best = int(progress["step"]), float(progress["seconds"]), float(progress["best"])
        before: Mapping[str, Any] = progress["settings"]
        if changed := sorted(dict(sizes(folder).items() ^ progress["sizes"].items())):
            raise ValueError(f"{changed[0]} of another size than was written")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"expected a checkpoint of this command in {folder}, got: {error}; {cure}") from None
    check_unchanged(before, {**settled(config), "processes": accelerator.num_processes}, config.out)
    try:
        accelerator.load_state(str(folder))
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, SafetensorError, pickle.UnpicklingError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"expected a whole checkpoint in {folder}, got a damaged one: {first}; {cure}") from None
    return step, seconds, best
