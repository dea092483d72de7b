"""Loads causal language models of transformers: from a local folder or by a hub name, with or without a LoRA adapter.

What cannot be loaded gives one line that says what was expected, what was found, and what to do.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import cached_file
from transformers.utils import logging as transformers_logging

from dialogue.language_model import SHIPPED_WEIGHTS, ModelFileError, Precision
from dialogue.prompt import PROMPT_FILE, PromptConfig, PromptFileError

_ADAPTER_FILE = "adapter_config.json"
_LOADING_ERRORS = (OSError, ValueError, KeyError, RuntimeError, SafetensorError, ImportError)


@dataclass(frozen=True)
class LoadedModel:
    """What stands in a model's files."""

    model: Any
    """A causal language model of transformers, on its device."""
    tokenizer: Any
    prompt: PromptConfig | None
    """The prompts it was trained on; None: the files do not say."""


def load_model(path_or_name: str | Path, adapter: str | Path | None, device: str, precision: Precision) -> LoadedModel:
    """The model in a local folder or of a hub name (`owner/name`); a folder of an adapter names its base itself.

    Raises:
        ModelFileError: files are missing, damaged, or do not hold all weights; its tokenizer has no sign for the end of
            a text; it was trained on prompts of another version; or the precision needs what is not there.
    """
    place = str(path_or_name)
    _check_device(device)
    kept = _weights(device, precision)
    if adapter is None and is_adapter(place):
        place, adapter = _base_of(Path(place)), place
    elif adapter is not None and not is_adapter(adapter) and not _is_on_the_hub(str(adapter)):
        raise ModelFileError(f"expected a folder of a LoRA adapter ({_ADAPTER_FILE}), got {str(adapter)!r}")
    _check_place(place)
    prompt = (None if adapter is None else _prompt_of(str(adapter))) or _prompt_of(place)
    try:
        tokenizer = _quietly(lambda: AutoTokenizer.from_pretrained(place))
        model, report = _quietly(lambda: AutoModelForCausalLM.from_pretrained(place, output_loading_info=True, **kept))
    except _LOADING_ERRORS as error:
        raise ModelFileError(
            f"cannot load a language model from {place}: {_first_line(error)}; {_cure(place)}"
        ) from error
    if absent := sorted(report["missing_keys"]) or sorted(str(key) for key in report["mismatched_keys"]):
        raise ModelFileError(
            f"expected all weights of the model in {place}, got none for {len(absent)}, first {absent[0]}; "
            f"{_cure(place)}"
        )
    if tokenizer.eos_token_id is None:
        raise ModelFileError(
            f"expected a tokenizer with a sign for the end of a text in {place}, got none; "
            "name it as eos_token in tokenizer_config.json"
        )
    if precision is not Precision.INT8:
        model = model.to(device)
    if adapter is not None:
        model = _with_adapter(model, adapter, merge=precision is not Precision.INT8)
    return LoadedModel(model, tokenizer, prompt)


def _weights(device: str, precision: Precision) -> dict[str, Any]:
    """How `from_pretrained` is to keep the weights."""
    match precision:
        case Precision.FP32:
            return {"dtype": torch.float32}
        case Precision.BF16:
            return {"dtype": torch.bfloat16}
        case Precision.INT8:
            if importlib.util.find_spec("bitsandbytes") is None:
                raise ModelFileError(
                    "expected the package bitsandbytes for a language model in 8 bits, got none; "
                    "pip install bitsandbytes, or another precision (bf16, fp32)"
                )
            return {"quantization_config": BitsAndBytesConfig(load_in_8bit=True), "device_map": {"": device}}
    return {"dtype": torch.float32 if device == "cpu" else "auto"}


def _check_device(device: str) -> None:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelFileError(
            f"expected a device of this machine such as cpu, got {device!r}: {_first_line(error)}"
        ) from None


def is_adapter(place: str | Path) -> bool:
    """Whether there is a LoRA adapter in a folder."""
    return (Path(place) / _ADAPTER_FILE).is_file()


def _check_place(place: str) -> None:
    """Returns for a hub name, or for a folder with a model in it."""
    folder = Path(place)
    if folder.is_dir():
        for name in ("config.json", "tokenizer_config.json"):
            if not (folder / name).is_file():
                raise ModelFileError(f"expected {name} in the model folder {place}, got no such file; {_cure(place)}")
        if not any(folder.glob("*.safetensors")) and not any(folder.glob("*.bin")):
            raise ModelFileError(f"expected weights (*.safetensors) in {place}, got none; {_cure(place)}")
    elif not _is_on_the_hub(place):
        raise ModelFileError(f"expected a model folder or a hub name such as owner/name, got {place!r}; {_cure(place)}")


def _is_on_the_hub(place: str) -> bool:
    """Whether it may be a name there; where its owner is a folder here, a folder was meant."""
    looks_like_a_path = place.startswith((".", "~", os.sep)) or place.count("/") != 1
    return not looks_like_a_path and not Path(place).exists() and not Path(place).parent.is_dir()


def _cure(place: str) -> str:
    """What to do about a model that cannot be loaded from there."""
    folder = Path(place)
    if folder.resolve() == SHIPPED_WEIGHTS.resolve():
        return "restore the folder from version control, or train it: python -m training dialogue"
    if folder.suffix == ".gguf" or any(folder.glob("*.gguf")):
        return "GGUF files are for servers such as llama.cpp: start one and set agent.endpoint.url"
    if is_adapter(folder / "model") or (folder / "model" / "config.json").is_file():
        return f"a run of training has its model in {folder / 'model'}"
    if _is_on_the_hub(place):
        return "there is no folder of this name here either"
    beside = [path.name for path in folder.parent.iterdir() if path.is_dir()] if folder.parent.is_dir() else []
    if not folder.exists() and (near := difflib.get_close_matches(folder.name, beside, n=1)):
        return f"did you mean {folder.parent / near[0]}?"
    return "a model's folder has config.json, the tokenizer's files and weights, as save_pretrained writes them"


def _base_of(adapter: Path) -> str:
    """The model that an adapter was trained on, by its own word."""
    path = adapter / _ADAPTER_FILE
    try:
        base = json.loads(path.read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(
            f"expected a LoRA adapter that names its model in {path}, got {error!r}; "
            f"name the model yourself, and {adapter} as its adapter"
        ) from None
    if not isinstance(base, str) or not (Path(base).is_dir() or _is_on_the_hub(base)):
        raise ModelFileError(
            f"expected the model of the adapter in {adapter} where its {_ADAPTER_FILE} says, got no folder {base!r}; "
            f"if it was moved, name the model yourself, and {adapter} as its adapter"
        )
    return base


def _prompt_of(place: str) -> PromptConfig | None:
    """What a model's or adapter's files say about its prompts; None: nothing."""
    try:
        found = cached_file(
            place,
            PROMPT_FILE,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
    except OSError:
        return None  # whatever is wrong with the place, loading the model from it says so
    try:
        return None if found is None else PromptConfig.load(Path(found).parent)
    except PromptFileError as error:
        raise ModelFileError(str(error)) from None


def _with_adapter(model: Any, adapter: str | Path, merge: bool) -> Any:
    from peft import PeftModel  # slow to import, and few need it

    try:
        adapted = _quietly(lambda: PeftModel.from_pretrained(model, str(adapter)))
        return adapted.merge_and_unload() if merge else adapted
    except _LOADING_ERRORS as error:
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft and transformers are not always of one mind
            return load()
    finally:
        transformers_logging.set_verbosity(level)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(" .:")
