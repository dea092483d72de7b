"""`python -m training <step>`: how the shipped models are made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from cicero_lite.errors import CiceroLiteError
from engine.types import EngineError
from training.runs import TrainingError

STEPS = {
    "dialogue": "the small language model that words messages (training/dialogue.py)",
    "imitation": "the policy network that predicts orders (training/imitation.py)",
    "selfplay": "the value network, from games played with it (training/selfplay.py)",
    "acquaintance": "how players met in earlier games order (training/acquaintance.py)",
    "credences": "how much each kind of word says about the orders that follow (training/credences.py)",
    "timing": "when people write, to whom, and how long they take (training/timing.py)",
    "reader": "the reader of people's press, from labelled messages (training/reader.py)",
    "lies": "how likely a message is a lie, from messages that their senders judged (training/lies.py)",
    "discriminators": "judges of nonsense, from real and spoilt messages (training/discriminators.py)",
    "fluency": "how odd the words of a text are, by a language model's surprise (training/fluency.py)",
    "distillation": "both networks, from games in which every phase is searched (training/distillation.py)",
}
"""Each is a module of this package with `main(argv) -> int`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one step; its own `--help` lists the settings. Returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        print("usage: python -m training STEP [--help] [settings]\n\nsteps:")
        for step, about in STEPS.items():
            print(f"  {step:14} {about}")
        return 0 if words else 2
    if words[0] not in STEPS:
        print(f"expected a step ({', '.join(STEPS)}), got {words[0]!r}", file=sys.stderr)
        return 2
    module = import_module(f"training.{words[0]}")
    try:
        return int(module.main(words[1:]))
    except (TrainingError, CiceroLiteError, EngineError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
