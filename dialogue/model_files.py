"""Loads causal language models of transformers: from a local folder or by a hub name, with or without a LoRA adapter.

What cannot be loaded gives one line that says what was expected, what was found, and what to do.
"""

from __future__ import annotations

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

from dialogue.language_model import ModelFileError, Precision
from dialogue.prompt import PROMPT_FILE, PromptConfig, PromptFileError

_CURE = "restore the folder from version control, or train it: python -m training dialogue"
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
        ModelFileError: files are missing, damaged, or do not hold all weights; it was trained on prompts of another
            version; or the precision needs what is not there.
    """
    place = _checked_place(path_or_name)
    _check_device(device)
    if adapter is None and (Path(place) / _ADAPTER_FILE).is_file():
        place, adapter = _checked_place(_base_of(Path(place))), place
    prompt = (None if adapter is None else _prompt_of(str(adapter))) or _prompt_of(place)
    try:
        tokenizer = AutoTokenizer.from_pretrained(place)
        model, report = _quietly(
            lambda: AutoModelForCausalLM.from_pretrained(place, output_loading_info=True, **_weights(device, precision))
        )
    except _LOADING_ERRORS as error:
        raise ModelFileError(f"cannot load a language model from {place}: {_first_line(error)}; {_CURE}") from error
    if absent := sorted(report["missing_keys"]) or sorted(str(key) for key in report["mismatched_keys"]):
        raise ModelFileError(
            f"expected all weights of the model in {place}, got none for {len(absent)}, first {absent[0]}; {_CURE}"
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


def _checked_place(path_or_name: str | Path) -> str:
    """The folder or hub name as given; an error for a folder that is not there or has no model in it."""
    place = str(path_or_name)
    folder = Path(place)
    if (folder / _ADAPTER_FILE).is_file():
        return place
    if folder.is_dir():
        for name in ("config.json", "tokenizer_config.json"):
            if not (folder / name).is_file():
                raise ModelFileError(f"expected {name} in the model folder {place}, got no such file; {_CURE}")
        if not any(folder.glob("*.safetensors")) and not any(folder.glob("*.bin")):
            raise ModelFileError(f"expected weights (*.safetensors) in {place}, got none; {_CURE}")
    elif isinstance(path_or_name, Path) or place.startswith((".", "~", os.sep)) or place.count("/") != 1:
        raise ModelFileError(f"expected a model folder or a hub name such as owner/name, got {place!r}; {_CURE}")
    return place


def _base_of(adapter: Path) -> str:
    """The model that an adapter was trained on, by its own word."""
    try:
        return str(json.loads((adapter / _ADAPTER_FILE).read_text(encoding="utf-8"))["base_model_name_or_path"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(
            f"expected a LoRA adapter that names its model in {adapter / _ADAPTER_FILE}, got {error!r}; {_CURE}"
        ) from None


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
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
