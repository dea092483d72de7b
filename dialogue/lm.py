"""Language models: the one file that knows transformers and peft.

Whatever `AutoModelForCausalLM` can load from a local folder (or from the hub, by name) can word messages;
the default is the small model shipped in `dialogue/weights`.  This file knows prompts and texts, nothing of
Diplomacy except that slots (`<P0>`, `<W1:adj>`, `<BUR>`, see `prompt`) outside the plan must never be said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.utils import logging as transformers_logging

from dialogue.language_model import SHIPPED_WEIGHTS, ModelFileError, Sample, SamplingConfig
from dialogue.prompt import PromptConfig, PromptFileError

_CACHE = "cache" if "cache" in CausalLMOutputWithPast.__dataclass_fields__ else "past_key_values"
"""What this version of transformers calls the keys and values of the tokens so far."""


class LocalModel:
    """A causal language model in this process."""

    def __init__(self, model: Any, tokenizer: Any, device: str = "cpu", prompt: PromptConfig | None = None) -> None:
        """Wrap a loaded model and its tokenizer; `load` does both from files.

        Args:
            prompt: that it was trained on; None: the full form.
        """
        tokenizer.padding_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        self.model = model.to(device).eval()
        self.tokenizer = tokenizer
        self.device = torch.device(device)
        self.prompt = prompt or PromptConfig()
        self._vocabulary_size = int(model.get_output_embeddings().weight.shape[0])
        # A piece with and one without the space before it, in a tokenizer made for slots; none in others.
        self._slot_tokens = [
            (number, match[0])
            for piece, number in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
            if (match := _SLOT.search(piece))
        ]
        self._ends_message: dict[int, bool] = {}
        small = sum(weights.numel() for weights in model.parameters()) < _SMALL
        self._threads = 1 if small and self.device.type == "cpu" else None

    @classmethod
    def load(
        cls,
        path_or_name: str | Path = SHIPPED_WEIGHTS,
        adapter: str | Path | None = None,
        device: str = "cpu",
    ) -> LocalModel:
        """The model in a local folder, or by its hub name (`owner/name`), with an optional LoRA adapter.

        The folder, or the adapter's, says which prompts it was trained on; one that does not is given the full form.

        Raises:
            ModelFileError: files are missing, damaged, or do not hold all weights; or it was trained on other prompts.
        """
        place = _checked_place(path_or_name)
        prompt = _prompt_of(adapter) or _prompt_of(place)
        try:
            tokenizer = AutoTokenizer.from_pretrained(place)
            model, report = _quietly(
                lambda: AutoModelForCausalLM.from_pretrained(
                    place, dtype=torch.float32 if device == "cpu" else "auto", output_loading_info=True
                )
            )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelFileError(f"cannot load a language model from {place}: {_first_line(error)}; {_CURE}") from error
        if absent := sorted(report["missing_keys"]) or sorted(str(key) for key in report["mismatched_keys"]):
            raise ModelFileError(
                f"expected all weights of the model in {place}, got none for {len(absent)}, first {absent[0]}; {_CURE}"
            )
        if adapter is not None:
            model = _with_adapter(model, adapter)
        return cls(model, tokenizer, device, prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As `LanguageModel.count_tokens`, exactly."""
        return [len(tokens) for tokens in self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]]

    def _masks(self, allowed_slots: Sequence[frozenset[str]]) -> torch.Tensor:
        """What is added to the logits: `[len(allowed_slots), vocabulary]`, -inf at every other slot."""
        masks = torch.zeros(len(allowed_slots), self._vocabulary_size)
        for row, allowed in enumerate(allowed_slots):
            masks[row, [number for number, slot in self._slot_tokens if slot not in allowed]] = -torch.inf
        return masks.to(self.device)

    def _ends(self, token: int) -> bool:
        """Whether a token ends the message: the end of the text, or of the line."""
        if token not in self._ends_message:
            self._ends_message[token] = token == self.tokenizer.eos_token_id or "\n" in str(
                self.tokenizer.decode([token])
            )
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
        batch = self.tokenizer(list(prompts), return_tensors="pt", padding=True).to(self.device)
        count = len(prompts) * per_prompt
        # All chance is drawn at once, a row for each text: none depends on when the others end.
        source = torch.Generator().manual_seed(seed)
        chance = torch.rand(count, config.max_tokens, generator=source).to(self.device)
        masks = self._masks(allowed_slots).repeat_interleave(per_prompt, dim=0)
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
        cache.batch_repeat_interleave(per_prompt)
        logits = out.logits[:, -1].float().repeat_interleave(per_prompt, dim=0)
        attention = attention.repeat_interleave(per_prompt, dim=0)
        position = positions[:, -1:].repeat_interleave(per_prompt, dim=0)

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
            Sample(_one_line(text), total / len(of), done)
            for text, of, total, done in zip(texts, tokens, log_likelihood, finished, strict=True)
        ]
        groups = [samples[start : start + per_prompt] for start in range(0, count, per_prompt)]
        # A foreign tokenizer may spell a slot with several tokens, which the mask cannot stop.
        return [
            [sample for sample in group if allowed.issuperset(_SLOT.findall(sample.text))]
            for group, allowed in zip(groups, allowed_slots, strict=True)
        ]


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


_SLOT = re.compile(r"<[A-Z]+\d?(?::\w+)?>")

_CURE = "restore the folder from version control, or train it: python -m training dialogue"


def _checked_place(path_or_name: str | Path) -> str:
    """The folder or hub name as given; an error for a folder that is not there or has no model in it."""
    place = str(path_or_name)
    folder = Path(place)
    if folder.is_dir():
        for name in ("config.json", "tokenizer_config.json"):
            if not (folder / name).is_file():
                raise ModelFileError(f"expected {name} in the model folder {place}, got no such file; {_CURE}")
        if not any(folder.glob("*.safetensors")) and not any(folder.glob("*.bin")):
            raise ModelFileError(f"expected weights (*.safetensors) in {place}, got none; {_CURE}")
    elif isinstance(path_or_name, Path) or place.startswith((".", "~", os.sep)) or place.count("/") != 1:
        raise ModelFileError(f"expected a model folder or a hub name such as owner/name, got {place!r}; {_CURE}")
    return place


def _prompt_of(place: str | Path | None) -> PromptConfig | None:
    """What a model's or adapter's folder says about its prompts; None: nothing."""
    try:
        return None if place is None else PromptConfig.load(Path(place))
    except PromptFileError as error:
        raise ModelFileError(str(error)) from None


def _with_adapter(model: Any, adapter: str | Path) -> Any:
    from peft import PeftModel  # slow to import, and few need it

    try:
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelFileError(
            f"cannot load a LoRA adapter from {adapter}: {_first_line(error)}; "
            "expected the folder that peft's save_pretrained wrote for this very model"
        ) from error


def _quietly(load: Any) -> Any:
    """What `load` returns; what it would warn of, the caller reports itself."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        return load()
    finally:
        transformers_logging.set_verbosity(level)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _one_line(text: str) -> str:
    return " ".join(text.strip().split("\n", 1)[0].split())
