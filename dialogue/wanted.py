"""What to write where a message is wanted, though manners or prudence would keep silent.

Whoever asks the agent for a message (an adviser, a benchmark) gets the best there is: a word to what was just said, an
idea worth less than would be said unasked, a question, and only then an order of its own that concerns the reader.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dialogue.acts import ActKind, SpeechAct
from dialogue.ideas import Idea, asks
from dialogue.replies import ideas_beside
from dialogue.situation import Situation, SpeechPlan, is_near
from engine.types import Power

_KIND = (ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER, ActKind.WARN, ActKind.APOLOGISE)
"""What one may thank for."""
_SLIGHT = 0.25
"""Share of the least gain for which it would propose something unasked."""


def message_wanted(situation: Situation, other: Power) -> SpeechPlan:
    """One message to the other."""
    unread = situation.unread_from(other)
    heard = [act for entry in unread for act in entry.acts]
    to = unread[-1].message if unread else None
    said: list[SpeechAct] = []
    if any(map(_is_kind, heard)) and not situation.has_said_kind(ActKind.THANK, other):
        said.append(SpeechAct(ActKind.THANK, situation.power, other, answers=unread[-1].message.sequence))
    idea = next(_slight_ideas(situation, other, said, heard), None)
    said += idea.acts if idea is not None else ()
    consent = idea.consent if idea is not None and any(map(asks, idea.acts)) else 1.0
    said = said or [next(_last_resorts(situation, other))]
    return SpeechPlan(situation.power, other, tuple(said), to, "asked for a message", consent=consent)


def _is_kind(act: SpeechAct) -> bool:
    """Whether one may thank for an act; for a yes only if it is to something that can be named."""
    return act.kind in _KIND or (act.kind is ActKind.AGREE and bool(act.orders or act.provinces))


def _slight_ideas(
    situation: Situation, other: Power, said: Sequence[SpeechAct], heard: Sequence[SpeechAct]
) -> Iterator[Idea]:
    """Ideas that are worth less than would be said unasked; beside thanks only what would be worth something."""
    config = replace(situation.config, min_gain=_SLIGHT * situation.config.min_gain, max_ideas=sys.maxsize)
    eager = replace(situation, config=config)
    for idea in ideas_beside(eager, other, said, config.max_acts - len(said), heard):
        if idea.measured or not said:
            yield idea


def _last_resorts(situation: Situation, other: Power) -> Iterator[SpeechAct]:
    """What they plan, what they think of a neighbour of both, an order that concerns them, small talk."""
    ask = SpeechAct(ActKind.ASK, situation.power, other)
    if situation.is_movement:
        if not situation.has_said_kind(ActKind.ASK, other):
            yield ask
        thirds = [p for p in situation.view.alive if p not in (situation.power, other) and situation.is_near(p)]
        shared = [p for p in thirds if is_near(situation.view, other, p)]
        if shared:
            about = replace(ask, powers=(max(shared, key=lambda p: (len(situation.view.centers(p)), -p.number)),))
            if not situation.has_said(about):
                yield about
    for order in situation.tellable(other):
        inform = situation.act(ActKind.INFORM, other, order)
        if not situation.has_said(inform):
            yield inform
    yield SpeechAct(ActKind.SMALL_TALK, situation.power, other)
