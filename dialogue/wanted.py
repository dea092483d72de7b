"""What to write where a message is wanted, though manners or prudence would keep silent.

Whoever asks the agent for a message (an adviser, a benchmark) gets the best there is: a word to what was just said, an
idea worth less than would be said unasked, a question, and only then an order of its own that concerns the reader.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dialogue.acts import ActKind, SpeechAct
from dialogue.ideas import Idea, asks, is_neighbour, said_lately
from dialogue.memory import Remembered
from dialogue.replies import ideas_beside
from dialogue.situation import Situation, SpeechPlan
from engine.types import Power

_KIND = (ActKind.AGREE, ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER, ActKind.WARN, ActKind.APOLOGISE)
"""What one may thank for."""
_SLIGHT = 0.25
"""Share of the least gain for which it would propose something unasked."""


def message_wanted(situation: Situation, other: Power) -> SpeechPlan:
    """One message to the other."""
    unread = situation.unread_from(other)
    heard = [act for entry in unread for act in entry.acts]
    answer = next(_answers(situation, other, unread, heard), None)
    said = [] if answer is None else [answer]
    idea = next(iter(_slight_ideas(situation, other, said, heard)), None)
    if idea is not None:
        said += idea.acts
    if not said:
        said = [next(_last_resorts(situation, other))]
    to = unread[-1].message if unread else None
    consent = idea.consent if idea is not None and any(map(asks, idea.acts)) else 1.0
    return SpeechPlan(situation.power, other, tuple(said), to, "asked for a message", consent=consent)


def _answers(
    situation: Situation, other: Power, unread: Sequence[Remembered], heard: Sequence[SpeechAct]
) -> Iterator[SpeechAct]:
    """A word to what was said: thanks for what was told or granted, else a question about it."""
    if not unread:
        return
    to = unread[-1].message.sequence
    told = any(act.kind in _KIND for act in heard)
    if told and not situation.has_said_kind(ActKind.THANK, other):
        yield SpeechAct(ActKind.THANK, situation.power, other, answers=to)
    if not told and not situation.has_said_kind(ActKind.ASK, other) and situation.is_movement:
        yield SpeechAct(ActKind.ASK, situation.power, other, answers=to)


def _slight_ideas(
    situation: Situation, other: Power, said: Sequence[SpeechAct], heard: Sequence[SpeechAct]
) -> Iterator[Idea]:
    """Ideas that are worth less than would be said unasked; no question beside another, no thanks beside thanks."""
    config = replace(situation.config, min_gain=_SLIGHT * situation.config.min_gain, max_ideas=sys.maxsize)
    eager = replace(situation, config=config)
    for idea in ideas_beside(eager, other, said, config.max_acts - len(said), heard):
        if idea.measured or not said:
            yield idea


def _last_resorts(situation: Situation, other: Power) -> Iterator[SpeechAct]:
    """A question, an order that concerns the other, small talk."""
    is_open = is_neighbour(situation, other) and not said_lately(situation, ActKind.ASK, other, phases=1)
    if is_open and situation.is_movement:
        yield SpeechAct(ActKind.ASK, situation.power, other)
    for order in situation.tellable(other):
        inform = situation.act(ActKind.INFORM, other, order)
        if not situation.has_said(inform):
            yield inform
    yield SpeechAct(ActKind.SMALL_TALK, situation.power, other)
