"""Replies: everything another said since we last wrote, answered in one message, with an idea of ours beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from dialogue.acts import REQUESTING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.answering import Reply, reply_to
from dialogue.ideas import Idea, all_orders, asks, clash, is_first_turn, joined
from dialogue.initiatives import ideas
from dialogue.memory import Remembered
from dialogue.recollecting import recollections
from dialogue.records import enters
from dialogue.situation import Situation, SpeechPlan
from engine.notation import same_move
from engine.types import Power, Province


@dataclass(frozen=True)
class Replies:
    """What could be said to another's last words."""

    plans: tuple[SpeechPlan, ...] = ()
    """Best first, the bare answer next; empty: nothing."""
    due: bool = False
    """Whether something was asked, so that silence would be rude."""
    allied: tuple[Power, ...] | None = None
    """Whom the alliance that is granted is against; None: none is."""


def replies(situation: Situation, other: Power) -> Replies:
    """Answers to everything the other said since we last wrote: alone, with an idea of ours, with a condition.

    Nothing if nothing was said, or nothing that wants an answer.
    """
    unread, config = situation.unread_from(other), situation.config
    if not unread or situation.sent_to(other) >= config.max_messages:
        return Replies()
    found = [reply for entry in unread for reply in _replies_to(situation, other, entry) if reply.acts]
    due, worth = any(r.due for r in found), max((r.worth for r in found), default=0.0)
    conditional = [replace(r, acts=r.instead, to=None) if r.instead else r for r in found]
    plain, bargaining = (_together(situation, other, each) for each in (found, conditional))
    reasons = [r.reason for r in found]
    plans = [_plan(situation, other, unread, acts, reasons, worth) for acts in (plain, bargaining) if acts]
    bare = plans[0].acts if plans else ()
    refused = any(a.kind is ActKind.REFUSE for a in plain)
    beginning = _is_opening(situation, unread) or (bool(plain) and not situation.talk_has_begun(other))
    puzzled = not any(e.acts for e in unread)  # who understood nothing asks or proposes something
    if len(plain) < config.max_acts:
        room, heard = config.max_acts - len(plain), [a for e in unread for a in e.acts]
        beside = ideas_beside(situation, other, plain, room, heard)
        # A talk under way is for what matters; small questions and news belong to its beginning.
        weighty = [i for i in beside if i.measured and i.worth >= config.min_gain]
        inviting = [i for i in beside if i in weighty or _invites(i)]
        fitting = beside if beginning or refused else inviting if puzzled else weighty
        for idea in fitting[: config.alternatives]:
            acts = joined(_with_idea(plain, idea), ActKind.INFORM)
            plans.append(_plan(situation, other, unread, acts, [*reasons, idea.reason], worth, idea))
    for idea in _to_be_said(situation, other, [*plain, *(a for e in unread for a in e.acts)])[: config.alternatives]:
        acts = [*_shortened(plain, config.max_acts - len(idea.acts)), *idea.acts]
        plans.append(_plan(situation, other, unread, acts, [*reasons, idea.reason], worth, idea))
    distinct = {plan.acts: plan for plan in plans}
    best = sorted(distinct.values(), key=lambda plan: -plan.worth)
    # The bare answer is always worth comparing with what looks best.
    best = [*best[:1], *(p for p in best[1:] if p.acts == bare), *(p for p in best[1:] if p.acts != bare)]
    granted = [r.to.powers for r in found if r.to is not None and r.to.kind is ActKind.ALLY and _is_yes(r)]
    return Replies(tuple(best[: config.alternatives]), due, granted[0] if granted else None)


def _replies_to(situation: Situation, other: Power, entry: Remembered) -> list[Reply]:
    """What one message calls for; what it says of words exchanged before is answered by the record."""
    of_words = recollections(situation, other, entry)
    acts = [act for act in entry.acts if act.quote is None and not (of_words and _asks_nothing(act))]
    others = [reply_to(situation, other, entry, act) for act in acts]
    return [*(Reply(r.acts, r.reason, evades=r.declines) for r in of_words), *others]


def _asks_nothing(act: SpeechAct) -> bool:
    """ "Well?", "True?": beside a question that is answered, none."""
    return act.kind is ActKind.ASK and not (act.orders or act.provinces or act.powers)


def _is_yes(found: Reply) -> bool:
    return found.acts[0].kind is ActKind.AGREE


def _together(situation: Situation, other: Power, found: Sequence[Reply]) -> list[SpeechAct]:
    """The acts of all replies as one message says them."""
    decided = [r for r in found if r.to is not None]
    if not decided and any(a.kind in _FORTHCOMING for r in found for a in r.acts):
        # Who tells or asks something keeps no options open; a proposal still wants its answer.
        found = [r for r in found if not r.evades or r.puts_off]
    granted = [r.to for r in found if r.to is not None and r.to.kind is ActKind.DEMILITARISE and _is_yes(r)]
    zones = {place for asked in granted for place in asked.provinces}
    greets, evades = not situation.has_ever_written(other), any(r.evades for r in found)
    kinds, messages = {r.acts[0].kind for r in decided}, {r.acts[0].answers for r in decided}
    if len(kinds) > 1 or len(messages) > 1 or (decided and evades):
        found = [named for r in found if (named := _named(r)).acts]
    return _merge([a for r in found for act in r.acts if (a := _outside(act, zones)) is not None], greets, evades)


def _outside(act: SpeechAct, zones: Collection[Province]) -> SpeechAct | None:
    """What an act tells, but for moves into zones to which the same message says yes: who lies does so in one voice."""
    if act.kind is not ActKind.INFORM or not act.orders:
        return act
    orders = tuple(item for item in act.orders if not enters(item.order, zones))
    return replace(act, orders=orders) if orders else None


def _plan(
    situation: Situation,
    other: Power,
    unread: Sequence[Remembered],
    acts: list[SpeechAct],
    reasons: Sequence[str],
    worth: float,
    idea: Idea | None = None,
) -> SpeechPlan:
    """One message, with what it is worth: the answer, and an idea beside it."""
    is_told = idea is not None and idea.instructed  # what it is told to say finds room beside any answer
    said = tuple(acts if is_told else _shortened(acts, situation.config.max_acts))
    gain = idea.worth if idea is not None else 0.0
    manners = worth + (gain if idea is None or not idea.measured else 0.0)
    consent = idea.consent if idea is not None and any(asks(a) for a in idea.acts) else 1.0
    reason = "; ".join(dict.fromkeys(reasons))
    return SpeechPlan(situation.power, other, said, unread[-1].message, reason, worth + gain, manners, consent)


def _is_opening(situation: Situation, unread: Sequence[Remembered]) -> bool:
    """Whether the talk of this phase still waits for our first word."""
    closing = (ActKind.AGREE, ActKind.REFUSE, ActKind.THANK)
    return situation.sent_to(unread[0].message.sender) == 0 and not all(
        a.kind in closing for e in unread for a in e.acts
    )


def _invites(idea: Idea) -> bool:
    """Whether an idea wants an answer, so that the talk goes on."""
    return any(act.kind in REQUESTING for act in idea.acts)


def _named(found: Reply) -> Reply:
    """A yes or no that says to what, where one message answers several things differently."""
    if found.to is None:
        return found
    first = found.acts[0]
    if first.kind not in (ActKind.AGREE, ActKind.REFUSE):
        return found
    says_yes, joint = first.kind is ActKind.AGREE, (ActKind.ALLY, ActKind.DEMILITARISE, ActKind.BOUNCE)
    if says_yes and found.to.kind in joint:  # a yes to one thing alone is said by proposing the same
        same = replace(first, kind=found.to.kind, provinces=found.to.provinces, powers=found.to.powers)
        return replace(found, acts=(same, *found.acts[1:]))
    if found.to.kind is ActKind.ALLY:  # a no spares the third; to an offer of peace it is left unsaid
        spares = replace(first, kind=ActKind.INFORM, polarity=Polarity.NOT, powers=found.to.powers)
        return replace(found, acts=(spares,) if found.to.powers else ())
    named = replace(
        first,
        orders=found.to.orders if first.kind is ActKind.REFUSE else (),
        provinces=found.to.provinces,
        powers=found.to.powers,
    )
    return replace(found, acts=(named, *found.acts[1:]))


_ORDER_SAID = (
    ActKind.APOLOGISE,
    ActKind.SMALL_TALK,
    ActKind.DENY,
    ActKind.AGREE,
    ActKind.PROMISE,
    ActKind.REFUSE,
    ActKind.COUNTER,
    ActKind.ALLY,
    ActKind.DEMILITARISE,
    ActKind.BOUNCE,
    ActKind.THANK,
)


def _merge(acts: Sequence[SpeechAct], greets: bool, evades: bool) -> list[SpeechAct]:
    """The acts without repetition, in the order one says them; thanks only where nothing else is said.

    Small talk is left out beside other acts, but where it greets or stands for an answer (`evades`).
    """
    kept: list[SpeechAct] = []
    for act in acts:
        if not any(act.content == k.content for k in kept):
            kept.append(act)
    if evades and any(a.kind is ActKind.AGREE for a in kept):
        kept = _without_putting_off(kept)
        evades = any(a.kind is ActKind.SMALL_TALK for a in kept)
    if evades and all(a.kind in (ActKind.THANK, ActKind.SMALL_TALK) for a in kept):
        kept = [a for a in kept if a.kind is ActKind.SMALL_TALK]  # who will not answer does not thank
    if any(a.kind not in (ActKind.THANK, ActKind.SMALL_TALK) for a in kept):
        dropped = (ActKind.THANK,) if greets or evades else (ActKind.THANK, ActKind.SMALL_TALK)
        kept = [a for a in kept if a.kind not in dropped]
    kept = joined(joined(kept, ActKind.PROMISE), ActKind.INFORM)
    promised = {o.order.unit for a in kept if a.kind is ActKind.PROMISE for o in a.orders}
    kept = [
        replace(a, orders=tuple(o for o in a.orders if o.order.unit not in promised)) if a.kind is ActKind.INFORM else a
        for a in kept
    ]
    kept = [a for a in kept if a.kind is not ActKind.INFORM or a.orders or a.provinces or a.powers]
    rank = {kind: number for number, kind in enumerate(_ORDER_SAID)}
    if evades:  # what is not answered comes after what is, and before what is asked
        rank |= {ActKind.INFORM: len(rank), ActKind.SMALL_TALK: len(rank) + 1, ActKind.ASK: len(rank) + 2}
    if not any(a.kind is ActKind.AGREE for a in kept):  # what is promised follows what it is promised for
        rank[ActKind.PROMISE] = rank[ActKind.THANK]
    return sorted(kept, key=lambda a: rank.get(a.kind, len(_ORDER_SAID)))


_FORTHCOMING = (ActKind.ASK, ActKind.INFORM)


def _without_putting_off(acts: Sequence[SpeechAct]) -> list[SpeechAct]:
    """What is granted, by its name alone: a bare yes would grant what is undecided, too; who agrees does not stall.

    A yes that binds us to nothing waits with the rest.
    """
    named = [a for a in acts if a.kind is not ActKind.AGREE]
    firm = [a for a in named if a.kind not in (ActKind.SMALL_TALK, ActKind.THANK)]
    return firm or named


_DISPENSABLE = (ActKind.SMALL_TALK, ActKind.THANK, ActKind.ASK, ActKind.INFORM)
"""What a message that has grown too long does without, first things first; answers are never cut."""


def _shortened(acts: list[SpeechAct], most: int) -> list[SpeechAct]:
    for kind in _DISPENSABLE:
        while len(acts) > most and any(a.kind is kind for a in acts):
            last = max(n for n, a in enumerate(acts) if a.kind is kind)
            acts = acts[:last] + acts[last + 1 :]
    answers = sum(a.kind in (ActKind.AGREE, ActKind.REFUSE, ActKind.PROMISE, ActKind.COUNTER) for a in acts)
    return acts[: max(most, answers)]


def ideas_beside(
    situation: Situation, other: Power, acts: Sequence[SpeechAct], room: int, heard: Sequence[SpeechAct]
) -> list[Idea]:
    """Ideas of ours to put beside an answer, that are not what was just said by either; best first."""
    used = [*acts, *heard]
    return [
        idea
        for idea in ideas(situation, other)
        if (is_first_turn(situation) or not acts or not _is_open_question(idea))
        and len(idea.acts) <= room
        and not any(clash(a, u) for a in idea.acts for u in used)
    ]


def _to_be_said(situation: Situation, other: Power, said: Sequence[SpeechAct]) -> list[Idea]:
    """What we are told to ask for, but for orders that were just named by either side."""
    named = [item for act in said for item in all_orders(act)]

    def is_named(item: ActOrder) -> bool:
        return any(item.power is n.power and same_move(item.order, n.order) for n in named)

    told = [idea for idea in ideas(situation, other) if idea.instructed]
    return [idea for idea in told if not all(is_named(item) for act in idea.acts for item in act.orders)]


def _is_open_question(idea: Idea) -> bool:
    """Whether an idea only asks what they are up to: no answer, and after the first turn no news, goes with that."""
    return all(a.kind is ActKind.ASK and not (a.orders or a.provinces or a.powers) for a in idea.acts)


def _with_idea(acts: list[SpeechAct], idea: Idea) -> list[SpeechAct]:
    """A no with a proposal in its place is a counter-offer; what is about the past comes first."""
    first = idea.acts[0]
    if first.kind is ActKind.CLAIM_PAST:  # nobody thanks and reproaches in one breath
        acts = [a for a in acts if a.kind is not ActKind.THANK]
    if first.kind in (ActKind.APOLOGISE, ActKind.CLAIM_PAST, ActKind.THANK):
        return [*idea.acts[:1], *acts, *idea.acts[1:]]
    proposes = first.kind is ActKind.PROPOSE and first.polarity is Polarity.DO
    for number, act in enumerate(acts):
        if act.kind is ActKind.REFUSE and proposes and not act.orders and not act.provinces:
            counter = replace(first, kind=ActKind.COUNTER, answers=act.answers)
            return [*acts[:number], counter, *acts[number + 1 :], *idea.acts[1:]]
    return [*acts, *idea.acts]
