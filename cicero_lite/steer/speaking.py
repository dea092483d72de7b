"""What the controls make of how an agent speaks."""

from __future__ import annotations

from dataclasses import replace

from cicero_lite.steer.controls import Controls
from dialogue.situation import SpeechConfig


def speech_of(controls: Controls, speech: SpeechConfig) -> SpeechConfig:
    """The settings of speech under these controls; the same object under neutral ones.

    Budgets are multiplied by the verbosity and rounded, what is worth saying is divided by it.  A message that is sent
    at all has one act at least.
    """
    if controls.honesty is not None:
        speech = replace(speech, honesty=controls.honesty)
    times = controls.verbosity
    if times == 1:
        return speech
    return replace(
        speech,
        max_messages=round(times * speech.max_messages),
        max_phase_messages=round(times * speech.max_phase_messages),
        max_initiatives=round(times * speech.max_initiatives),
        max_first_initiatives=round(times * speech.max_first_initiatives),
        max_acts=max(1, round(times * speech.max_acts)),
        max_public=round(times * speech.max_public),
        least_worth=speech.least_worth / times if times else 1.0,
    )
