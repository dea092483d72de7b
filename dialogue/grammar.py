"""The grammar: a speech plan -> a sentence of our own.

Fallback, baseline and teacher of the language model.  Wordings are written as small productions: ``(a|b)`` is a choice,
``[a]`` an option, ``{vp}`` a verb phrase of the act's orders.  Short wordings ("I'm moving to Burgundy") are used only
where the board leaves one reading; `word` reads its text back and draws again if the plan is not what it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from dialogue.acts import ANSWERING, COMMITTING, REQUESTING, TELLING, ActKind, ActOrder, Polarity, SpeechAct, sayer
from dialogue.board import Board, geography, has
from dialogue.names import NameStyle, ProvinceStyle, Slots, fill
from dialogue.past_phases import when_said
from dialogue.records import enters
from dialogue.understanding import ReadContext, matches, read_text
from dialogue.wordings import COMMENTS, GREETINGS, REASONS, REFUSE_REASONS, SENTENCES
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import FIRST_PHASE, Location, Order, OrderKind, Power, Province, Unit, UnitKind, province_of


class WordingError(ValueError):
    """Acts for which the grammar has no sentence."""


@dataclass(frozen=True)
class WordingContext:
    """What a wording may lean on."""

    board: Board
    speaker: Power
    addressee: Power | None
    answered: tuple[SpeechAct, ...] = ()
    """The acts of the message that is answered: "Sounds good" then says enough."""
    opening: bool = False
    """The first message of this talk: it may greet."""
    style: NameStyle | None = None
    """How names are written; None: drawn."""
    reasons: bool = True
    """Whether reasons may be added ("Italy is getting too big")."""
    hearsay: bool = True
    """Whether what a third power will do may be told as what one has heard."""
    told: tuple[ActOrder, ...] = ()
    """Orders that the addressee told the speaker of: whether they are planned still may be asked."""


ATTEMPTS = 8
"""How often `word` draws before it settles for the plainest wording."""


def word(acts: Sequence[SpeechAct], context: WordingContext, rng: Generator) -> str:
    """A message that says these acts.

    Raises:
        WordingError: an act that the grammar cannot say (a proposal without content).
    """
    return _drawn(acts, context, rng)[0]


def word_template(acts: Sequence[SpeechAct], context: WordingContext, rng: Generator) -> tuple[str, Slots]:
    """The same with the slots unfilled, and what they stand for (the plan's, then those of reasons).

    Raises:
        WordingError: an act that the grammar cannot say.
    """
    return _drawn(acts, context, rng)[1:]


def word_once(acts: Sequence[SpeechAct], context: WordingContext, rng: Generator, plain: bool = False) -> str:
    """One draw that nobody reads back: the grammar's own faithfulness is measured on it.

    Args:
        plain: only wordings that name every unit, and no reasons.
    """
    template, slots = _Wording(acts, context, rng, plain).message()
    return _filled(acts, template, slots, context, rng, plain)


def _drawn(acts: Sequence[SpeechAct], context: WordingContext, rng: Generator) -> tuple[str, str, Slots]:
    heard = ReadContext(context.answered, 0)
    text, template, slots = "", "", Slots()
    for attempt in range(ATTEMPTS):
        plain = attempt >= ATTEMPTS // 2
        template, slots = _Wording(acts, context, rng, plain).message()
        text = _filled(acts, template, slots, context, rng, plain)
        if matches(acts, read_text(text, context.speaker, context.addressee, context.board, heard)):
            break
    return text, template, slots


def _filled(
    acts: Sequence[SpeechAct], template: str, slots: Slots, context: WordingContext, rng: Generator, plain: bool
) -> str:
    style = context.style or NameStyle.sample(rng)
    if plain:
        style = replace(style, provinces=ProvinceStyle.FULL)
    text = fill(template, slots, style, rng)
    for quote in (act.quote for act in acts if act.quote):
        text = text.replace(QUOTE, f'"{quote}"' + ("" if quote[-1] in ".!?" else "."), 1)
    return text


QUOTE = "\ue000"
"""Stands for the words of an act while a message is made: they are said as they were, whatever the style around."""


# --- productions -----------------------------------------------------------------------------------------

_INNERMOST = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")


def _expand(text: str, rng: Generator) -> str:
    """One sentence of a production: choices and options drawn, innermost first."""

    def draw(match: re.Match[str]) -> str:
        if match[2] is not None:
            if rng.random() >= 0.4:
                return ""
            match_text = match[2]
        else:
            match_text = match[1]
        options = match_text.split("|")
        return options[int(rng.integers(len(options)))]

    while _INNERMOST.search(text):
        text = _INNERMOST.sub(draw, text)
    return text


def _pick(rng: Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


# --- verb phrases ----------------------------------------------------------------------------------------

_BASE, _ING, _PAST = 0, 1, 2
_SHORT = (ActKind.SMALL_TALK, ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.APOLOGISE)
"""Acts after which the next sentence needs no "also"."""
_ASKING = re.compile(r"(?:Shall|Should|Can|Could) (?:we|I|you)\b[^.?!]*\.?$")
_NO = re.compile(r"No(?:pe)?\b")
_OKAY = re.compile(r"^(?:Ok|Okay|Alright)\b")
"""Where nothing was asked, "ok" does not say yes."""


class _Wording:
    """One draw of a message."""

    def __init__(self, acts: Sequence[SpeechAct], context: WordingContext, rng: Generator, plain: bool) -> None:
        self.acts, self.context, self.rng, self.plain = tuple(acts), context, rng, plain
        self.always_plain, self.recalling = plain, False
        self.board, self.speaker, self.addressee = context.board, context.speaker, context.addressee
        self.map = geography()
        coasts = {
            p: c
            for act in acts
            for said in _all_orders(act)
            if (c := self._coast(said.order))
            for p in (_target(said),)
        }
        self.slots = Slots.of(acts, self.speaker, self.addressee, coasts)
        self.reasons_left = 0 if plain or not context.reasons else 1

    def message(self) -> tuple[str, Slots]:
        """The template and its slots."""
        if not self.acts:
            raise WordingError("expected at least one act to word, got an empty plan")
        parts: list[str] = []
        for number, act in enumerate(self.acts):
            text = _finish(self._act(act))
            if number and self.acts[number - 1].kind not in _SHORT and self.rng.random() < 0.3:
                text = self._joined(act, text)
            parts.append(text)
        text = " ".join(parts)
        if self.context.opening and self.acts[0].kind is not ActKind.SMALL_TALK and self.rng.random() < 0.6:
            greeting = _expand(_pick(self.rng, GREETINGS), self.rng)
            if self.addressee is None:
                greeting = "Hi all! "
            text = greeting + (_lower_first(text) if greeting.endswith(", ") else text)
        if self.rng.random() < 0.2 and text.endswith("."):
            text = text[:-1]
        return text, self.slots

    def _joined(self, act: SpeechAct, text: str) -> str:
        if act.kind in (
            ActKind.SMALL_TALK,
            ActKind.THANK,
            ActKind.APOLOGISE,
            ActKind.AGREE,
            ActKind.REFUSE,
            ActKind.COUNTER,
        ):
            return text
        if text.startswith(
            (
                "Idea",
                "Here",
                "My ",
                "Just",
                "FYI",
                "Heads",
                "If ",
                "<",
                "Please",
                "Proposal",
                "Quick",
                "One ",
                "Question",
                "Deal",
                "Hi",
                "Hey",
            )
        ):
            return text
        return _pick(self.rng, ("Also, ", "And ", "Also, ")) + _lower_first(text)

    # --- acts ----------------------------------------------------------------------------------------

    def _act(self, act: SpeechAct) -> str:
        key, orders = self._production(act)
        # What was said long ago names every unit, by its place: it may have gone since.
        self.recalling = act.quote is not None
        self.plain = self.always_plain or self.recalling
        for _ in range(20):
            text = _expand(_pick(self.rng, SENTENCES[key]), self.rng)
            if self.board.phase != FIRST_PHASE:
                text = text.replace("of opening", "of moving")
            if act.kind is ActKind.AGREE and not self.context.answered:
                text = _OKAY.sub("Yes", text)
            if act.kind is ActKind.REFUSE and _NO.match(text) and self._answers_several():
                continue  # a no to everything
            filled = self._substitute(text, act, orders)
            if filled is not None:
                return filled.removesuffix(".") + "?" if _ASKING.match(filled) else filled
        raise WordingError(f"expected an act that can be worded, got {act.kind} with {len(act.orders)} orders")

    def _production(self, act: SpeechAct) -> tuple[str, tuple[ActOrder, ...]]:
        """Which sentences an act takes, and the orders that its verb phrase says."""
        orders = act.orders
        negative = act.polarity is Polarity.NOT
        suffix = "_not" if negative else ""
        mine = tuple(said for said in orders if said.power is self.speaker)
        theirs = tuple(said for said in orders if said.power is self.addressee)
        third = bool(orders) and not mine and not theirs
        match act.kind:
            case ActKind.PROPOSE | ActKind.COUNTER:
                if not orders:
                    if not act.powers:
                        return ("ask_places" if act.provinces else "ask_open"), orders
                    return "propose_attack" + suffix, orders
                if theirs and not mine and len(theirs) == len(orders):
                    if act.kind is ActKind.COUNTER and not negative:
                        return "counter", orders
                    return "propose" + suffix, orders
                return "propose_both", orders
            case ActKind.REQUEST_SUPPORT:
                return ("request" if theirs or not orders else "propose_both"), orders
            case ActKind.OFFER:
                return ("offer_if" if act.condition is not None else "offer"), orders
            case ActKind.AGREE | ActKind.REFUSE:
                return self._answer(act, mine)
            case ActKind.PROMISE | ActKind.INFORM:
                return self._statement(act, mine, theirs, third, suffix)
            case ActKind.DEMILITARISE:
                return "demilitarise" + suffix, orders
            case ActKind.BOUNCE:
                if act.powers:
                    return "bounce_third" + suffix, orders
                return "bounce" + suffix, orders
            case ActKind.ASK:
                if orders:
                    told = all(item in self.context.told for item in orders)
                    return ("ask_third" if third else "ask_told" if told else "ask"), orders
                return ("ask_places" if act.provinces else "ask_powers" if act.powers else "ask_open"), orders
            case ActKind.WARN:
                if orders:
                    return "warn_orders", orders
                return ("warn_places" if act.provinces else "warn"), orders
            case ActKind.THREATEN:
                if orders and act.condition is not None:
                    return "threaten_do", orders
                if orders:
                    return "threaten_move", orders
                return ("threaten_if" if act.condition is not None else "threaten"), orders
            case ActKind.THANK:
                return ("thank_do" if orders else self._thanks(act)), orders
            case ActKind.DENY | ActKind.CLAIM_PAST if act.quote is not None:
                return self._of_words(act, third, suffix), orders
            case ActKind.DENY:
                return ("deny_do" if orders else "deny"), orders
            case ActKind.CLAIM_PAST:
                if not orders:
                    known = "claim_past_word" if self._past(act) else "claim_past_open"
                    place = "claim_past_place" + ("_tried" if self._is_stopped(act) else "")
                    return (place if act.provinces else known), orders
                if third:
                    return "claim_past_third" + (suffix or ("_tried" if self._is_stopped(act) else "")), orders
                if mine:
                    return "claim_past_own_" + ("said_not" if negative else self._said_or_done(act)), orders
                return f"claim_past_{self._said_or_done(act)}{suffix}", orders
            case ActKind.ALLY:
                if negative:
                    return "ally_not", orders
                if act.powers:
                    return _pick(self.rng, ("ally", "ally_attack")), orders
                return _pick(self.rng, ("ally", "ally_peace")), orders
            case ActKind.APOLOGISE:
                past = act.phase is not None and act.phase < self.board.phase
                return ("apologise_past" if past else "apologise"), orders
        return self._small_talk(act), orders

    def _of_words(self, act: SpeechAct, third: bool, suffix: str) -> str:
        """Sentences about words said before: the speaker's own, or the addressee's."""
        tells = act.kind is ActKind.CLAIM_PAST
        name = ("said" if tells else "deny_said") + ("" if sayer(act) is self.speaker else "_you")
        if act.quote:
            return name + "_quoted"
        if act.orders:
            return name + ("_do" if not tells else "_third" if third else "") + suffix
        if act.provinces:
            return f"{name}_places{suffix}"
        if not tells:
            return name
        raise WordingError(f"expected words with an order or a place, got {act.kind} without either")

    def _said_or_done(self, act: SpeechAct) -> str:
        """Whether a claim is about what was done or what was said: whichever is true; without a record, either."""
        given = [o for record in self._past(act) for o in record.orders.get(act.orders[0].power, ())]
        if not given:
            return "done" if self.rng.random() < 0.25 else "said"
        done = all(any(same_move(o, said.order) for o in given) for said in act.orders)
        if done is not (act.polarity is Polarity.DO):
            return "said"
        return "tried" if done and self._is_stopped(act) else "done"

    def _is_stopped(self, act: SpeechAct) -> bool:
        """Whether a move that an act tells of, or else every move to its places, did not get there."""
        for record in self._past(act):
            if act.orders:
                return any(
                    same_move(o, item.order) and record.is_stopped(o)
                    for item in act.orders
                    for o in record.orders.get(item.power, ())
                )
            theirs = () if self.addressee is None else record.orders.get(self.addressee, ())
            going = [o for o in theirs if enters(o, act.provinces)]
            return bool(going) and all(record.is_stopped(o) for o in going)
        return False

    def _past(self, act: SpeechAct) -> list[PhaseRecord]:
        """The record of the phase that an act speaks of, where the board is a view of a game that has one."""
        history: Sequence[PhaseRecord] = getattr(self.board, "history", ())
        return [record for record in history if record.phase == act.phase]

    def _thanks(self, act: SpeechAct) -> str:
        """Thanks for what was done in an earlier phase, or for what was said: news, help, or whatever it was."""
        if act.phase is not None and act.phase < self.board.phase:
            given = [o for record in self._past(act) for o in record.orders.get(self.addressee or self.speaker, ())]
            places = [u.province for record in self._past(act) for u in record.board.units(self.speaker)]
            helped = any(o.aided is not None and o.aided.province in places for o in given)
            return "thank_help_past" if helped else "thank_kept"
        heard = self.context.answered
        helping = (OrderKind.SUPPORT, OrderKind.CONVOY)
        binding = [act for act in heard if act.kind in COMMITTING and act.polarity is Polarity.DO]
        theirs = [said.order for act in binding for said in act.orders if said.power is self.addressee]
        if any(order.kind in helping and self._aided_power(order) is self.speaker for order in theirs):
            return "thank_help"
        return "thank_news" if any(act.kind in TELLING for act in heard) else "thank"

    def _small_talk(self, act: SpeechAct) -> str:
        """Greetings belong to a beginning, a stall to a question, comments to a game under way.

        What comes after other acts greets nobody.
        """
        heard = {act.kind for act in self.context.answered}
        first = self.board.phase == FIRST_PHASE
        asked = heard - {ActKind.SMALL_TALK, ActKind.THANK, ActKind.INFORM}
        follows = self.acts[0] is not act
        if asked and (follows or len(self.acts) == 1 or not (first or self.context.opening)):
            rest = follows and self._answers_several() and any(a.kind in ANSWERING for a in self.acts)
            return "evade" if asked == {ActKind.ASK} else "stall_rest" if rest else "stall"
        if first or self.context.opening:
            begun = self.board.phase.year > FIRST_PHASE.year
            return "hello" if begun else "greet_back" if heard else "greet"
        return "small_talk"

    def _answer(self, act: SpeechAct, mine: tuple[ActOrder, ...]) -> tuple[str, tuple[ActOrder, ...]]:
        name = "agree" if act.kind is ActKind.AGREE else "refuse"
        heard = [said for heard in self.context.answered for said in heard.orders]
        if name == "refuse" and act.provinces and not act.orders and (what := self._refused(act)) is not None:
            return what, act.orders
        understood = bool(self.context.answered) and {str(said) for said in heard} == {str(said) for said in act.orders}
        if not act.orders or (understood and (self.rng.random() < 0.5 or not mine)) or not mine:
            return name, act.orders
        return name + "_do", mine

    def _answers_several(self) -> bool:
        """Whether more than one thing was asked, so that a bare word answers all of it."""
        return sum(heard.kind in REQUESTING for heard in self.context.answered) > 1

    def _refused(self, act: SpeechAct) -> str | None:
        """What a no to one of several proposals is about; None where a bare no says enough."""
        heard = [h for h in self.context.answered if h.kind in REQUESTING]
        about = {h.kind for h in heard if set(h.provinces) == set(act.provinces)}
        if len(heard) < 2 or not about & {ActKind.DEMILITARISE, ActKind.BOUNCE}:
            return None
        return "refuse_zone" if ActKind.DEMILITARISE in about else "refuse_bounce"

    def _statement(
        self, act: SpeechAct, mine: tuple[ActOrder, ...], theirs: tuple[ActOrder, ...], third: bool, suffix: str
    ) -> tuple[str, tuple[ActOrder, ...]]:
        orders = act.orders
        name = "promise" if act.kind is ActKind.PROMISE else "inform"
        if act.condition is not None:
            if suffix:
                raise WordingError(f"expected what is done on a condition, got what is not, in {act.kind}")
            return "offer_if", orders
        if third:
            heard = self.context.hearsay and self.rng.random() < 0.4
            return "inform_third" + ("_heard" if heard else "") + suffix, orders
        if theirs and not mine:
            return "inform_you", orders
        if orders:
            return name + suffix, orders
        if act.provinces and suffix:
            return "promise_out", orders
        if name == "promise" and suffix:
            return "promise_peace", orders
        if len(act.powers) == 2:
            return "inform_third_attack", orders
        if act.powers:
            return "inform_attack" + suffix, orders
        return "small_talk", orders

    def _substitute(self, text: str, act: SpeechAct, orders: tuple[ActOrder, ...]) -> str | None:
        """The sentence with its braces filled; None if the act has not what they ask for."""
        later = self._when(act)

        def put(match: re.Match[str]) -> str:
            value = self._brace(match[1], act, orders)
            if value is None:
                raise _MissingError
            return value

        try:
            text = re.sub(r"\{(\w+)\}", put, text)
        except _MissingError:
            return None
        if later:
            text = text.replace(" this turn", "").replace("this turn", "")
        return text

    def _brace(self, name: str, act: SpeechAct, orders: tuple[ActOrder, ...]) -> str | None:
        rng = self.rng
        places = [slot for place in act.provinces if (slot := self.slots.province_slot(place))]
        third = [
            power
            for power in (*act.powers, *(said.power for said in act.orders))
            if power not in (self.speaker, self.addressee)
        ]
        whom = [slot for power in dict.fromkeys(third) if (slot := self.slots.power_slot(power))]
        match name:
            case "vp" | "ing" | "past":
                if not orders:
                    if act.kind is ActKind.REQUEST_SUPPORT and act.provinces:
                        return ("support me into " if name == "vp" else "supporting me into ") + _listed(places)
                    if act.kind is ActKind.REQUEST_SUPPORT:
                        return "support me" if name == "vp" else "supporting me"
                    if act.provinces and act.kind in (ActKind.OFFER, ActKind.PROMISE):
                        return {"vp": "stay out of ", "ing": "staying out of ", "past": "stayed out of "}[
                            name
                        ] + _listed(places)
                    return None
                form = {"vp": _BASE, "ing": _ING, "past": _PAST}[name]
                joint = " or " if act.polarity is Polarity.NOT else " and "
                return self._phrase(orders, form, joint) + self._when(act)
            case "notation" | "list":
                if not orders or any(
                    said.order.kind in (OrderKind.BUILD, OrderKind.DISBAND, OrderKind.HOLD, OrderKind.WAIVE)
                    for said in orders
                ):
                    return None
                return _listed([self._notation(said) for said in orders]) + self._when(act)
            case "noun":
                return (
                    self._support_noun(orders)
                    if orders
                    else (("support into " + _listed(places)) if places else "support")
                )
            case "cond":
                return None if act.condition is None else self._condition(act.condition)
            case "places":
                return _listed(places) if places else None
            case "place":
                return places[0] if places else None
            case "whom" | "targets" | "who":
                if not whom:
                    return None
                return _listed(whom) if name == "targets" else whom[0]
            case "other":
                other = (
                    [self.slots.power_slot(power) or "" for power in act.powers if power is not third[0]]
                    if third
                    else []
                )
                if act.powers[1:] and act.powers[1] is self.addressee:
                    return "you"
                return other[0] if other else None
            case "against":
                return f" against {_listed(whom)}" if whom else ""
            case "did":
                return self._did(act)
            case "when":
                when = "" if act.phase is None else when_said(act.phase, self.board.phase)
                return f"{when} " if when else ""
            case "quote":
                return QUOTE
            case "name":
                return "<W0>" if self.addressee is not None else "all"
            case "keep":
                return "?"
            case "mark":
                return "."
            case "comment":
                return _expand(_pick(rng, COMMENTS), rng) if self.reasons_left else None
            case "reason":
                return self._reason(act)
        return None

    def _did(self, act: SpeechAct) -> str:
        """Yes, where what is answered asked about words, or said that there were none."""
        asked = [heard for heard in self.context.answered if heard.quote is not None]
        first = act is next((a for a in self.acts if a.kind is not ActKind.SMALL_TALK), None)
        if not first or not any(heard.kind in (ActKind.ASK, ActKind.DENY) and heard.orders for heard in asked):
            return ""
        who = "I" if sayer(act) is self.speaker else "you"
        return _pick(self.rng, (f"{who} did: ", f"yes, {who} did: ", f"{who} did: "))

    def _reason(self, act: SpeechAct) -> str | None:
        if self.reasons_left == 0:
            return None
        self.reasons_left -= 1
        pool = REFUSE_REASONS if act.kind is ActKind.REFUSE else REASONS
        text = _expand(_pick(self.rng, pool), self.rng)
        if "{big}" in text:
            rivals = [p for p in Power if p not in (self.speaker, self.addressee) and self.board.units(p)]
            if not rivals:
                return None
            big = max(rivals, key=lambda power: len(self.board.units(power)))
            self.slots = self.slots.with_power(big)
            slot = self.slots.power_slot(big)
            if slot is None:
                return None
            text = text.replace("{big}", slot)
        return text

    def _when(self, act: SpeechAct) -> str:
        if act.phase is None or act.phase == self.board.phase or act.phase < self.board.phase:
            return ""
        return " next turn"

    def _condition(self, condition: SpeechAct) -> str:
        """After "if you"."""
        negative = condition.polarity is Polarity.NOT
        if condition.orders:
            if any(said.power is not self.addressee for said in condition.orders):
                raise _MissingError
            phrase = self._phrase(condition.orders, _BASE)
            return f"don't {phrase}" if negative else phrase
        places = [slot for place in condition.provinces if (slot := self.slots.province_slot(place))]
        if places and negative:
            return _pick(self.rng, ("stay out of ", "keep out of ")) + _listed(places)
        if places:
            return "don't stay out of " + _listed(places)
        raise _MissingError

    # --- orders --------------------------------------------------------------------------------------

    def _phrase(self, orders: Sequence[ActOrder], form: int, joint: str = " and ") -> str:
        """A verb phrase that says the orders: "move to Bur and support Par"."""
        return _listed([self._verb_phrase(said, form) for said in orders], joint)

    def _verb_phrase(self, said: ActOrder, form: int) -> str:
        match said.order.kind:
            case OrderKind.MOVE | OrderKind.RETREAT:
                return self._move(said, form)
            case OrderKind.HOLD:
                unit = self._unit_slot(said.order.unit)
                verb = _pick(
                    self.rng,
                    (
                        "hold in|holding in|held in",
                        "hold|holding|held",
                        "stay in|staying in|stayed in",
                        "stay put in|staying put in|stayed put in",
                    ),
                )
                return f"{verb.split('|')[form]} {unit}"
            case OrderKind.SUPPORT:
                return self._support(said, form)
            case OrderKind.CONVOY:
                return self._convoy(said, form)
            case OrderKind.BUILD:
                kind = "an army" if said.order.unit and said.order.unit.kind is UnitKind.ARMY else "a fleet"
                return f"{('build', 'building', 'built')[form]} {kind} in {self._unit_slot(said.order.unit)}"
            case OrderKind.DISBAND:
                return f"{('disband', 'disbanding', 'disbanded')[form]} {self._described(said.power, said.order.unit)}"
        raise WordingError(f"expected an order with words, got {said.order}")

    def _unit_slot(self, unit: Unit | None) -> str:
        slot = None if unit is None else self.slots.province_slot(unit.province)
        if slot is None:
            raise WordingError(f"expected a plan of at most 8 provinces, got no slot for {unit}")
        return slot

    def _owner(self, power: Power, actor: Power | None = None) -> str:
        """ "my", "your", "Turkey's"; "his" where Turkey itself acts."""
        if power is self.speaker:
            return "my"
        if power is self.addressee:
            return "your"
        if power is actor:
            return "his"
        slot = self.slots.power_slot(power)
        if slot is None:
            self.slots = self.slots.with_power(power)
            slot = self.slots.power_slot(power)
        return "the" if slot is None else f"{slot}'s"

    def _described(self, power: Power, unit: Unit | None, actor: Power | None = None) -> str:
        """ "my army in Paris", or just "Paris"."""
        slot = self._unit_slot(unit)
        draw = self.rng.random()
        if draw < 0.4 or self.recalling:
            return slot
        kind = f"{slot[:-1]}:kind>"
        if draw < 0.8:
            return f"{self._owner(power, actor)} {kind} in {slot}"
        return f"{self._owner(power, actor)} {slot} {kind}"

    def _move(self, said: ActOrder, form: int) -> str:
        order = said.order
        assert order.target is not None
        start, goal = self._unit_slot(order.unit), self._place_slot(order.target)
        rng = self.rng
        sending = _pick(rng, ("move|moving|moved", "send|sending|sent", "bring|bringing|brought"))
        verb = _pick(rng, ("move|moving|moved", "move|moving|moved", "go|going|went", "head|heading|headed"))
        options = [
            f"{sending.split('|')[form]} {self._described(said.power, order.unit, said.power)} to {goal}",
            f"{verb.split('|')[form]} from {start} to {goal}",
            f"{('move', 'moving', 'moved')[form]} {start} {_pick(rng, ('to', 'into', 'to'))} {goal}",
            f"{('move', 'moving', 'moved')[form]} {start}-{goal}",
        ]
        if not self.plain and order.unit is not None and self._is_only_mover(said.power, order):
            options += [f"{verb.split('|')[form]} to {goal}", f"{('move', 'moving', 'moved')[form]} into {goal}"]
            if self._is_prize(said.power, order.target) and form != _PAST:  # what was tried was not always had
                options += [f"{('take', 'taking', 'took')[form]} {goal}", f"{('go', 'going', 'went')[form]} for {goal}"]
        elif not self.plain and self._is_prize(said.power, order.target) and form != _PAST:
            options.append(f"{('take', 'taking', 'took')[form]} {goal} {_pick(rng, ('with', 'from'))} {start}")
        text = _pick(rng, options)
        return f"{text} by convoy" if order.via_convoy and rng.random() < 0.7 else text

    def _is_prize(self, power: Power, location: Location) -> bool:
        """Whether a place is a centre to be taken: none where its unit stands, nor an empty one of its own."""
        place = province_of(location)
        return place in self.map.centers and not has(self.board, power, place)

    def _place_slot(self, location: Location) -> str:
        slot = self.slots.province_slot(province_of(location))
        if slot is None:
            raise WordingError(f"expected a plan of at most 8 provinces, got no slot for {location}")
        return slot

    def _is_only_mover(self, power: Power, order: Order) -> bool:
        assert order.target is not None
        place = province_of(order.target)
        units = [unit for unit in self.board.units(power) if self.map.reaches(unit, place)]
        return units == [order.unit]

    def _is_only_supporter(self, power: Power, order: Order) -> bool:
        place = _goal(order)
        units = [
            u
            for u in self.board.units(power)
            if self.map.reaches(u, place) and u != order.aided and u.province != place
        ]
        return units == [order.unit]

    def _aided_power(self, order: Order) -> Power | None:
        standing = None if order.aided is None else self.board.unit_at(order.aided.province)
        return None if standing is None else standing[0]

    def _object(self, power: Power | None, subject: Power) -> str | None:
        if power is None:
            return None
        if power is subject:
            return "myself" if power is self.speaker else None
        if power is self.speaker:
            return "me"
        if power is self.addressee:
            return "you"
        return self.slots.power_slot(power)

    def _support(self, said: ActOrder, form: int) -> str:
        order, rng = said.order, self.rng
        assert order.aided is not None
        helper, aided = self._unit_slot(order.unit), self._unit_slot(order.aided)
        verb = ("support", "supporting", "supported")[form]
        owner = self._aided_power(order)
        named = f" {_pick(rng, ('with', 'from', 'with'))} {helper}"
        if rng.random() < 0.3 and not self.recalling:
            named = f" with {self._owner(said.power, said.power)} {helper[:-1]}:kind> in {helper}"
        must_name = self.plain or not self._is_only_supporter(said.power, order)
        tail = named if must_name or rng.random() < 0.25 else ""
        described = aided if owner is None else self._described(owner, order.aided, said.power)
        if order.target is None:
            options = [f"{verb} {described}{tail}", f"{verb} {aided} to hold{tail}"]
            if form == _BASE and rng.random() < 0.3:
                options.append(f"support-hold {aided}{tail}")
            if not self.plain:
                options.append(f"{('use', 'using', 'used')[form]} {helper} to support {aided}")
            return _pick(rng, options)
        goal = self._place_slot(order.target)
        options = [
            f"{verb} {aided}-{goal}{tail}",
            f"{verb} {aided} {_pick(rng, ('to', 'into'))} {goal}{tail}",
            f"{verb} {described} to {goal}{tail}",
            f"{('use', 'using', 'used')[form]} {helper} to support {aided} to {goal}",
        ]
        someone = self._object(owner, said.power)
        only = owner is not None and self._is_only_mover(owner, Order(OrderKind.MOVE, order.aided, order.target))
        by = named.replace(" from ", " with ")
        if someone is not None and not self.plain:
            options.append(
                f"{verb} {someone} from {aided} {_pick(rng, ('to', 'into'))} {goal}{by if must_name else ''}"
            )
            if only:
                suffix = by if must_name else ""
                options += [f"{verb} {someone} {_pick(rng, ('into', 'to', 'into'))} {goal}{suffix}"] * 3
                if owner is not None and owner is not said.power:
                    options.append(
                        f"{verb} {self._owner(owner)} {_pick(rng, ('move', 'attack', 'move'))} to {goal}{suffix}"
                    )
        return _pick(rng, options)

    def _support_noun(self, orders: Sequence[ActOrder]) -> str | None:
        """ "support into Bel" after "I could use"."""
        if len(orders) != 1 or orders[0].order.kind is not OrderKind.SUPPORT or orders[0].power is not self.addressee:
            return None
        order = orders[0].order
        owner = self._aided_power(order)
        if owner is not self.speaker or order.target is None or self.plain:
            return None
        helper, goal = self._unit_slot(order.unit), self._place_slot(order.target)
        if not self._is_only_mover(owner, Order(OrderKind.MOVE, order.aided, order.target)):
            return None
        tail = "" if self._is_only_supporter(orders[0].power, order) and self.rng.random() < 0.6 else f" from {helper}"
        return f"support {_pick(self.rng, ('into', 'to', 'into'))} {goal}{tail}"

    def _convoy(self, said: ActOrder, form: int) -> str:
        order, rng = said.order, self.rng
        assert order.target is not None
        fleet, army, goal = self._unit_slot(order.unit), self._unit_slot(order.aided), self._place_slot(order.target)
        verb = ("convoy", "convoying", "convoyed")[form]
        owner = self._aided_power(order)
        tail = f" {_pick(rng, ('with', 'via', 'using'))} {fleet}"
        someone = self._object(owner, said.power)
        options = [f"{verb} {army} to {goal}{tail}"]
        if owner is not None:
            options.append(f"{verb} {self._owner(owner)} army in {army} to {goal}{tail}")
        if someone is not None and someone != "myself":
            options.append(f"{verb} {someone} from {army} to {goal}{tail}")
        return _pick(rng, options)

    def _notation(self, said: ActOrder) -> str:
        """ "Par-Bur", "Mar S Par-Bur"; "Paris to Burgundy"."""
        order = said.order
        unit = self._unit_slot(order.unit)
        arrow = _pick(self.rng, ("-", " to ", "-"))
        if order.kind is OrderKind.MOVE and order.target is not None:
            return f"{unit}{arrow}{self._place_slot(order.target)}"
        aided = self._unit_slot(order.aided)
        if order.kind is OrderKind.CONVOY and order.target is not None:
            return f"{unit} convoys {aided} to {self._place_slot(order.target)}"
        verb = _pick(self.rng, ("supports", "S", "support")) if arrow == "-" else "supports"
        if order.target is None:
            return f"{unit} {verb} {aided}" + ("" if verb == "S" else " to hold")
        return f"{unit} {verb} {aided}{arrow}{self._place_slot(order.target)}"

    def _coast(self, order: Order) -> str:
        """The coast that must be said for a move, as it is not the usual one."""
        if order.target is None or "/" not in order.target or order.unit is None:
            return ""
        mover = order.aided if order.kind is OrderKind.SUPPORT else order.unit
        if mover is None or mover.kind is not UnitKind.FLEET:
            return ""
        usual = self.map.destination(mover, province_of(order.target))
        return "" if usual == order.target else order.target[4:]


class _MissingError(Exception):
    """A production asks for what the act does not have."""


def _all_orders(act: SpeechAct) -> tuple[ActOrder, ...]:
    return act.orders if act.condition is None else (*act.orders, *act.condition.orders)


def _target(said: ActOrder) -> Province:
    assert said.order.target is not None
    return province_of(said.order.target)


def _goal(order: Order) -> Province:
    if order.target is not None:
        return province_of(order.target)
    assert order.aided is not None
    return order.aided.province


def _listed(parts: Sequence[str], joint: str = " and ") -> str:
    if len(parts) < 3:
        return joint.join(parts)
    return ", ".join(parts[:-1]) + joint + parts[-1]


def _finish(text: str) -> str:
    """A sentence with its first letter capital, one mark at its end and no doubled blanks."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([.,!?])", r"\1", text)
    text = re.sub(r"([.!?])\.", r"\1", text)
    if text and text[-1] not in (".", "!", "?", QUOTE):
        text += "."
    if not text.startswith("<"):
        text = text[0].upper() + text[1:]
    return text


def _lower_first(text: str) -> str:
    if text.startswith(("I ", "I'", "<", "DMZ", "FYI")):
        return text
    return text[0].lower() + text[1:]
