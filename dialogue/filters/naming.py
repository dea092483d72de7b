"""Rejects places, powers, times and numbers that the plan does not speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dialogue.acts import ActKind, SpeechAct
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.memory import due_phase
from dialogue.names import find_names
from dialogue.recalling import unquoted
from engine.game import GameView
from engine.types import Phase, PhaseKind, Power, Province, Season, province_of


def naming(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Names in the text are the plan's, or those of the two who talk; times are the plan's, or now; no numbers."""
    places, powers = named_by(context.plan.acts)
    powers |= {context.sender, context.recipient}
    text = unquoted(context.beyond(draft.text))
    named = () if context.is_public else find_names(text, context.view)  # all may be called by name
    for mention in named:
        if mention.power not in powers and not places & set(mention.provinces):
            return verdict("naming", f"names {text[mention.start : mention.end]!r}, which is not in the plan")
    due = {context.view.phase, *times_of(context.plan.acts, context.view)}
    for words, time in times_named(text, context.view):
        if not any(map(time.holds, due)):
            return verdict("naming", f"speaks of {words!r}, and the plan does not")
    if number := _NUMBER.search(text):
        return verdict("naming", f"says {number[0]!r}; no plan holds numbers")
    return verdict("naming", None)


_NUMBER = re.compile(
    r"(?<![\w'/.:-])(?!19[01]\d)(?:\d+|(?:two|three|four|five|six|seven|eight|nine|ten|dozen)(?! of us\b))(?![\w'])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Time:
    """A year, or a season of a year, that a text names."""

    year: int
    season: Season | None = None
    """None: the whole year."""

    def holds(self, phase: Phase) -> bool:
        """Whether a phase falls into it."""
        return self.year == phase.year and self.season in (None, phase.season)

    @property
    def phase(self) -> Phase:
        """Its first phase."""
        kind = PhaseKind.ADJUSTMENTS if self.season is Season.WINTER else PhaseKind.MOVEMENT
        return Phase(self.year, self.season or Season.SPRING, kind)


_TIME = re.compile(
    r"\b(?:(?P<which>this|next|last|previous|coming)\s+(?P<what>turn|phase|season|round|year|spring|fall|autumn|winter)"
    r"|(?P<year>19[01]\d))\b",
    re.IGNORECASE,
)
_SEASONS = {"spring": Season.SPRING, "fall": Season.FALL, "autumn": Season.FALL, "winter": Season.WINTER}


def times_named(text: str, view: GameView) -> list[tuple[str, Time]]:
    """The times that a text names, in its words and counted from the phase at hand."""
    return [(match[0], _time(match, view.phase)) for match in _TIME.finditer(text)]


def _time(match: re.Match[str], now: Phase) -> Time:
    if match["year"]:
        return Time(int(match["year"]))
    which, what = match["which"].lower(), match["what"].lower()
    step = {"next": 1, "last": -1, "previous": -1}.get(which, 0)
    if what == "year":
        return Time(now.year + step)
    if what in _SEASONS:
        season = _SEASONS[what]
        here = "SFW".index(now.season)
        year = now.year
        if step == 1 or which == "coming":
            year += "SFW".index(season) <= here
        elif step == -1:
            year -= "SFW".index(season) >= here
        return Time(year, season)
    if step == 1:
        return Time(now.next_movement.year, now.next_movement.season)
    if step == -1:
        before = now.season is Season.SPRING
        return Time(now.year - 1, Season.FALL) if before else Time(now.year, Season.SPRING)
    return Time(now.year, now.season)


def times_of(acts: Iterable[SpeechAct], view: GameView) -> set[Phase]:
    """The phases that some acts speak of; of those about the past, every phase that was played."""
    found: set[Phase] = set()
    for act in acts:
        found.add(due_phase(act, view.phase))
        if act.kind in _OF_THE_PAST:
            found |= {record.phase for record in view.history}
    return found


_OF_THE_PAST = frozenset({ActKind.CLAIM_PAST, ActKind.DENY, ActKind.APOLOGISE, ActKind.THANK})


def named_by(acts: Iterable[SpeechAct]) -> tuple[set[Province], set[Power | None]]:
    """The places and the powers that some acts, and their conditions, are about."""
    places: set[Province] = set()
    powers: set[Power | None] = set()
    for act in acts:
        places |= set(act.provinces)
        powers |= set(act.powers)
        for item in act.orders:
            order = item.order
            powers.add(item.power)
            places |= {unit.province for unit in (order.unit, order.aided) if unit is not None}
            places |= {province_of(order.target)} if order.target is not None else set()
        if act.condition is not None:
            further, others = named_by([act.condition])
            places |= further
            powers |= others
    return places, powers
