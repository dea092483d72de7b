"""Language models in this process: sampling after prompts, and scoring.

Whatever `AutoModelForCausalLM` can load from a local folder (or from the hub, by name; see `model_files`) can word
messages; the default is the small model shipped in `dialogue/weights`.  This file knows prompts and texts, nothing of
Diplomacy except that slots (`<P0>`, `<W1:adj>`, `<BUR>`, see `prompt`) outside the plan must never be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers.modeling_outputs import CausalLMOutputWithPast

from dialogue.language_model import (
    SHIPPED_WEIGHTS,
    Precision,
    Sample,
    SamplingConfig,
    Score,
    TokenScore,
    one_line,
    slots_in,
)
from dialogue.model_files import load_model
from dialogue.prompt import PromptConfig

_CACHE = "cache" if "cache" in CausalLMOutputWithPast.__dataclass_fields__ else "past_key_values"
"""What this version of transformers calls the keys and values of the tokens so far."""


class LocalModel:
    """A causal language model in this process."""

    usage = None

    def __init__(self, model: Any, tokenizer: Any, prompt: PromptConfig | None = None) -> None:
        """Wrap a loaded model and its tokenizer; `load` does both from files.

        Args:
            model: on its device.
            prompt: the prompts it was trained on; None: the full form.
        """
        tokenizer.padding_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.device = next(model.parameters()).device
        self.prompt = prompt or PromptConfig()
        self.vocabulary_size = int(model.get_output_embeddings().weight.shape[0])
        """Tokens that there are; each has a number below it."""
        # A piece with and one without the space before it, in a tokenizer made for slots; none in others.
        self._slot_tokens = [
            (number, slots[0])
            for piece, number in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
            if (slots := slots_in(piece))
        ]
        stops = model.generation_config.eos_token_id if model.generation_config is not None else None
        self._stops = {tokenizer.eos_token_id, *(stops if isinstance(stops, list) else [stops])}
        self._ends_message: dict[int, bool] = {}
        small = sum(weights.numel() for weights in model.parameters()) < _SMALL
        self._threads = 1 if small and self.device.type == "cpu" else None

    @classmethod
    def load(
        cls,
        path_or_name: str | Path = SHIPPED_WEIGHTS,
        adapter: str | Path | None = None,
        device: str = "cpu",
        precision: Precision = Precision.AUTO,
    ) -> LocalModel:
        """The model in a local folder, or by its hub name (`owner/name`), with an optional LoRA adapter.

        The folder, or the adapter's, says which prompts it was trained on; one that does not is given the full form.

        Raises:
            ModelFileError: files are missing, damaged, or do not hold all weights; or it was trained on other prompts.
        """
        loaded = load_model(path_or_name, adapter, device, precision)
        return cls(loaded.model, loaded.tokenizer, loaded.prompt)

    @property
    def weight_bytes(self) -> int:
        """Memory of the weights."""
        return sum(weights.numel() * weights.element_size() for weights in self.model.parameters())

    @property
    def gpu_peak_bytes(self) -> int | None:
        """The most memory that this process had on the model's GPU so far; None: it runs on none of NVIDIA's."""
        return torch.cuda.max_memory_allocated(self.device) if self.device.type == "cuda" else None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As `LanguageModel.count_tokens`, exactly."""
        return [len(tokens) for tokens in self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]]

    def _masks(self, allowed_slots: Sequence[frozenset[str]]) -> torch.Tensor:
        """What is added to the logits: `[len(allowed_slots), vocabulary]`, -inf at every other slot."""
        masks = torch.zeros(len(allowed_slots), self.vocabulary_size)
        for row, allowed in enumerate(allowed_slots):
            masks[row, [number for number, slot in self._slot_tokens if slot not in allowed]] = -torch.inf
        return masks.to(self.device)

    def _ends(self, token: int) -> bool:
        """Whether a token ends the message: the end of the text, or of the line."""
        if token not in self._ends_message:
            self._ends_message[token] = token in self._stops or "\n" in str(self.tokenizer.decode([token]))
        return self._ends_message[token]

    def sample(
        self,
        prompts: Sequence[str],
        per_prompt: int,
        config: SamplingConfig,
        allowed_slots: Sequence[frozenset[str]],
        seed: int,
    ) -> list[list[Sample]]:
        """As `LanguageModel.sample`: one pass over the prompts, then token by token for all texts at once."""
        if not prompts or per_prompt < 1:
            return [[] for _ in prompts]
        with torch.inference_mode(), _threads(self._threads):
            return self._sample(prompts, per_prompt, config, allowed_slots, seed)

    def _sample(
        self,
        prompts: Sequence[str],
        per_prompt: int,
        config: SamplingConfig,
        allowed_slots: Sequence[frozenset[str]],
        seed: int,
    ) -> list[list[Sample]]:
        count = len(prompts) * per_prompt
        # All chance is drawn at once, a row for each text: none depends on when the others end.
        source = torch.Generator().manual_seed(seed)
        chance = torch.rand(count, config.max_tokens, generator=source).to(self.device)
        masks = self._masks(allowed_slots).repeat_interleave(per_prompt, dim=0)
        cache, attention, position, logits = self._read(prompts, [per_prompt] * len(prompts))
        tokens: list[list[int]] = [[] for _ in range(count)]
        log_likelihood = [0.0] * count
        finished = [False] * count
        rows = list(range(count))  # the texts that go on, in the order of the batch
        for step in range(config.max_tokens):
            chosen, log_probability = draw(logits + masks[rows], chance[rows, step], config)
            for row, token, value in zip(rows, chosen.tolist(), log_probability.tolist(), strict=True):
                tokens[row].append(token)
                log_likelihood[row] += value
                finished[row] = self._ends(token)
            going = [place for place, row in enumerate(rows) if not finished[row]]
            if not going or step + 1 == config.max_tokens:
                break
            if len(going) < len(rows):
                rows = [rows[place] for place in going]
                index = torch.tensor(going, device=self.device)
                cache.batch_select_indices(index)
                attention, position, chosen = attention[index], position[index], chosen[index]
            attention = torch.cat([attention, attention.new_ones(len(rows), 1)], dim=-1)
            position = position + 1
            out = self.model(
                input_ids=chosen[:, None],
                attention_mask=attention,
                position_ids=position,
                use_cache=True,
                **{_CACHE: cache},
            )
            logits = out.logits[:, -1].float()

        texts = self.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        samples = [
            Sample(one_line(text), total / len(of), done)
            for text, of, total, done in zip(texts, tokens, log_likelihood, finished, strict=True)
        ]
        groups = [samples[start : start + per_prompt] for start in range(0, count, per_prompt)]
        # A foreign tokenizer may spell a slot with several tokens, which the mask cannot stop.
        return [
            [sample for sample in group if allowed.issuperset(slots_in(sample.text))]
            for group, allowed in zip(groups, allowed_slots, strict=True)
        ]

    def _read(
        self, prompts: Sequence[str], copies: Sequence[int]
    ) -> tuple[Any, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Passes over the prompts once; then so many copies of each, for the texts that go on from it.

        Returns:
            The cache, the attention mask `[B, T]`, the last position `[B, 1]` and the logits that follow, `[B, V]`.
        """
        batch = self.tokenizer(list(prompts), return_tensors="pt", padding=True).to(self.device)
        attention = batch["attention_mask"]
        positions = (attention.cumsum(-1) - 1).clamp(min=0)
        out = self.model(
            input_ids=batch["input_ids"],
            attention_mask=attention,
            position_ids=positions,
            use_cache=True,
            logits_to_keep=1,
        )
        cache = out[_CACHE]
        rows = torch.tensor([row for row, number in enumerate(copies) for _ in range(number)], device=self.device)
        cache.batch_select_indices(rows)
        return cache, attention[rows], positions[rows, -1:], out.logits[rows, -1].float()

    def score(self, prompts: Sequence[str], texts: Sequence[Sequence[str]]) -> list[list[Score]]:
        """How likely each text is after its prompt; of one prompt's texts, the prompt is read once.

        Args:
            texts: for each prompt the texts, slots as its prompts write them.
        """
        scores: list[list[Score]] = [[] for _ in prompts]
        with torch.inference_mode(), _threads(self._threads):
            for group in _batches([len(some) for some in texts]):
                found = iter(self._score([prompts[n] for n in group], [texts[n] for n in group]))
                for number in group:
                    scores[number] = [next(found) for _ in texts[number]]
        return scores

    def token_scores(self, prompt: str, texts: Sequence[str]) -> list[list[TokenScore]]:
        """As `Scorer.token_scores`; the prompt is read once for a few texts."""
        found: list[list[TokenScore]] = []
        with torch.inference_mode(), _threads(self._threads):
            for start in range(0, len(texts), _SCORED_AT_ONCE):
                some = texts[start : start + _SCORED_AT_ONCE]
                tokens, nats = self._nats([prompt], [some])
                for said, lost in zip(tokens, nats.tolist(), strict=True):
                    found.append([TokenScore(*pair) for pair in zip(said, lost, strict=False)])
        return found

    def _score(self, prompts: Sequence[str], texts: Sequence[Sequence[str]]) -> list[Score]:
        tokens, nats = self._nats(prompts, texts)
        every = (text for some in texts for text in some)
        return [
            Score(-lost, len(said), len(text.split()))
            for lost, said, text in zip(nats.sum(-1).tolist(), tokens, every, strict=True)
        ]

    def _nats(self, prompts: Sequence[str], texts: Sequence[Sequence[str]]) -> tuple[list[list[int]], torch.Tensor]:
        """The tokens of each text, its end included; and what each of them loses, `[N, longest]`, 0 behind the end."""
        cache, attention, position, first = self._read(prompts, [len(some) for some in texts])
        end = self.tokenizer.eos_token_id
        tokens = [[*self.tokenizer.encode(t, add_special_tokens=False), end] for some in texts for t in some]
        longest = max(map(len, tokens))
        targets = torch.full((len(tokens), longest), _NO_TARGET)
        for row, numbers in enumerate(tokens):
            targets[row, : len(numbers)] = torch.tensor(numbers)
        targets = targets.to(self.device)
        logits = first[:, None]
        if longest > 1:
            known = (targets[:, :-1] != _NO_TARGET).long()
            out = self.model(
                input_ids=targets[:, :-1].clamp(min=0),
                attention_mask=torch.cat([attention, known], dim=-1),
                position_ids=position + 1 + torch.arange(longest - 1, device=self.device),
                use_cache=True,
                **{_CACHE: cache},
            )
            logits = torch.cat([logits, out.logits.float()], dim=1)
        return tokens, cross_entropy(logits.transpose(1, 2), targets, ignore_index=_NO_TARGET, reduction="none")

    def score_alike(self, prompts: Sequence[str], text: str) -> list[Score]:
        """How likely one text is after each of several prompts; what they all begin with is read once for a few."""
        with torch.inference_mode(), _threads(self._threads):
            starts = range(0, len(prompts), _ALIKE_AT_ONCE)
            return [score for n in starts for score in self._score_alike(prompts[n : n + _ALIKE_AT_ONCE], text)]

    def _score_alike(self, prompts: Sequence[str], text: str) -> list[Score]:
        asked: list[list[int]] = self.tokenizer(list(prompts))["input_ids"]
        said = [*self.tokenizer.encode(text, add_special_tokens=False), self.tokenizer.eos_token_id]
        shortest = min(map(len, asked)) - 1  # the last token is read with the text
        alike = next((n for n, at in enumerate(zip(*asked, strict=False)) if len(set(at)) > 1), shortest)
        alike = min(alike, shortest)
        rest = [numbers[alike:] + said[:-1] for numbers in asked]
        width, rows = max(map(len, rest)), len(rest)
        tokens = torch.full((rows, width), self.tokenizer.pad_token_id)
        attention = torch.zeros(rows, alike + width, dtype=torch.long)
        for row, numbers in enumerate(rest):
            tokens[row, : len(numbers)] = torch.tensor(numbers)
            attention[row, : alike + len(numbers)] = 1
        begun = {}
        if alike:
            out = self.model(
                input_ids=torch.tensor([asked[0][:alike]], device=self.device), use_cache=True, logits_to_keep=1
            )
            out[_CACHE].batch_select_indices(torch.zeros(rows, dtype=torch.long, device=self.device))
            begun = {_CACHE: out[_CACHE]}
        first = torch.tensor([len(numbers) - len(said) for numbers in rest], device=self.device)
        out = self.model(
            input_ids=tokens.to(self.device),
            attention_mask=attention.to(self.device),
            position_ids=(alike + torch.arange(width, device=self.device)).expand(rows, -1),
            use_cache=True,
            logits_to_keep=width - int(first.min()),
            **begun,
        )
        places = first[:, None] - first.min() + torch.arange(len(said), device=self.device)
        logits = out.logits[torch.arange(rows, device=self.device)[:, None], places].float()
        targets = torch.tensor(said, device=self.device).expand(rows, -1)
        nats = cross_entropy(logits.transpose(1, 2), targets, reduction="none").sum(-1)
        return [Score(-lost, len(said), len(text.split())) for lost in nats.tolist()]


_NO_TARGET = -100
"""Marks the padding after a text."""
_SCORED_AT_ONCE = 16
"""Texts scored in one pass, or those of one prompt if they are more."""
_ALIKE_AT_ONCE = 32
"""Prompts that share their beginning, read in one pass."""


def _batches(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of neighbouring groups, so many that their sizes add up to what is scored at once; none of size 0."""
    batch: list[int] = []
    for number, size in enumerate(sizes):
        if batch and sum(sizes[n] for n in batch) + size > _SCORED_AT_ONCE:
            yield batch
            batch = []
        if size:
            batch.append(number)
    if batch:
        yield batch


def draw(logits: torch.Tensor, chance: torch.Tensor, config: SamplingConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """One token for each row, and its log-probability at temperature 1.

    Args:
        logits: `[B, V]`.
        chance: `[B]`, uniform in 0 to 1: where the cumulated probabilities pass it, there is the token.
    """
    log_probabilities = logits.log_softmax(-1)
    if config.temperature <= 0:
        chosen = logits.argmax(-1)
    else:
        probabilities, order = (logits / config.temperature).softmax(-1).topk(min(config.top_k, logits.shape[-1]))
        cumulated = probabilities.cumsum(-1)
        kept = cumulated - probabilities < config.top_p
        mass = (probabilities * kept).sum(-1, keepdim=True)
        place = (cumulated < chance[:, None] * mass).sum(-1, keepdim=True)
        chosen = order.gather(-1, place.minimum(kept.sum(-1, keepdim=True) - 1))[:, 0]
    return chosen, log_probabilities.gather(-1, chosen[:, None])[:, 0]


_SMALL = 20_000_000
"""Parameters below which more than one thread gains nothing; with one, texts do not depend on the machine's cores."""


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Torch with this many threads, and as before afterwards; None changes nothing."""
    before = torch.get_num_threads()
    if count is not None and count != before:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)
