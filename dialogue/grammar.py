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

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import Board, geography
from dialogue.names import NameStyle, ProvinceStyle, Slots, fill
from dialogue.understanding import ReadContext, matches, read_text
from engine.types import Location, Order, OrderKind, Power, Province, Unit, UnitKind, province_of


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
    return _filled(template, slots, context, rng, plain)


def _drawn(acts: Sequence[SpeechAct], context: WordingContext, rng: Generator) -> tuple[str, str, Slots]:
    heard = ReadContext(context.answered, 0)
    text, template, slots = "", "", Slots()
    for attempt in range(ATTEMPTS):
        plain = attempt >= ATTEMPTS // 2
        template, slots = _Wording(acts, context, rng, plain).message()
        text = _filled(template, slots, context, rng, plain)
        if matches(acts, read_text(text, context.speaker, context.addressee, context.board, heard)):
            break
    return text, template, slots


def _filled(template: str, slots: Slots, context: WordingContext, rng: Generator, plain: bool) -> str:
    style = context.style or NameStyle.sample(rng)
    if plain:
        style = replace(style, provinces=ProvinceStyle.FULL)
    return fill(template, slots, style, rng)


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


_SENTENCES: dict[str, tuple[str, ...]] = {
    "propose": (
        "(Can|Could|Would) you {vp}[ this turn]?",
        "(How about|What about|What if) you {vp}?",
        "How about {ing}?",
        "(I think|I feel like) you should {vp}[, {reason}].",
        "You should [probably |really ]{vp}[, {reason}].",
        "I'd (like|love|prefer) you to {vp}[, if that's ok].",
        "Would you (mind {ing}|be willing to {vp}|consider {ing}|be open to {ing}|be up for {ing}|be ok with {ing})?",
        "[Is there ]any chance you (could|can) {vp}?",
        "(Maybe|Perhaps) you could {vp}?",
        "It would (be great|be nice|help|help me a lot|be really helpful|be best for us both) if you could {vp}.",
        "Please {vp}[ this turn].",
        "(Why not|Why don't you) {vp}?",
        "Do you think you could {vp}?",
        "I (suggest|propose) you {vp}[, {reason}].",
        "(My suggestion|My proposal|Idea|Here's an idea): {vp}.",
        "Make sure to {vp}.",
        "[You could ]{vp}[, what do you think]?",
        "I was hoping you (could|would) {vp}.",
        "Are you (willing|able|free) to {vp}?",
        "{notation}?",
        "What do you think about {ing}?",
        "You might want to {vp}[, {reason}].",
        "Let me suggest something: {vp}.",
        "If I may make a suggestion, you should {vp}.",
    ),
    "propose_not": (
        "Please don't {vp}[ this turn].",
        "(Can|Could) you [please ]not {vp}[, please]?",
        "You shouldn't {vp}[, {reason}].",
        "I'd (rather|prefer) you not {vp}.",
        "Don't {vp}[, please].",
        "I don't think you should {vp}.",
        "I'd appreciate it if you didn't {vp}.",
        "Would you mind not {ing}?",
    ),
    "propose_both": (
        "How about {list}?",
        "What (about|if we do) {list}?",
                "I suggest {list}.",
        "What do you think about {list}?",
    ),
    "propose_attack": (
        "(You should|I think you should|You could) (attack|go after|hit|stab|turn on) {whom}[, {reason}].",
        "(How about|What about|What if) you (attack|go after|hit) {whom}?",
        "(Can|Could|Would) you (attack|go after) {whom}[ this turn| soon]?",
        "Would you be (up for|open to|interested in) attacking {whom}?",
    ),
    "propose_attack_not": (
        "Please don't (attack|go after) {whom}.",
        "You shouldn't (attack|go after) {whom}[, {reason}].",
    ),
    "request": (
        "(Can|Could|Would|Will) you [please ]{vp}[ this turn]?",
        "(Can|Could) you {vp}? (It'd help a lot.|I'd owe you one.|That would be great.|It would mean a lot.)",
        "Would you (mind {ing}|be willing to {vp}|be able to {vp}|consider {ing}|be up for {ing}|be open to {ing})?",
        "[Is there ]any chance you (could|can|would) {vp}?",
        "I'd (appreciate it|be grateful|really appreciate it|love it) if you could {vp}.",
        "Please {vp}[ if you can].",
        "I (need|want|would like|would love) you to {vp}.",
        "It would (be great|help|be a big help|be awesome|mean a lot|be really helpful) if you could {vp}.",
        "Do you think you (could|can) {vp}?",
        "Are you (able|willing) to {vp}[ this turn]?",
        "Mind {ing}?",
        "How about you {vp}?",
        "I was hoping you (could|would) {vp}.",
        "(Quick question|Question|One idea): could you {vp}?",
        "[Hey, ](could I get|can I get|could you give me|can you give me) {noun}?",
        "I (could use|need|would like|would appreciate|would love) [your |some ]{noun}.",
        "Would you (give|lend) me {noun}?",
    ),
    "offer": (
        "I (can|could) {vp}[ if you('d like| want| need it)].",
        "(Want|Would you like|Do you want) me to {vp}?",
        "I'd be (happy|glad|willing|ok|more than happy) to {vp}".replace("more than happy", "happy") + "[ if that helps].",
        "I'm (willing|happy|prepared|ready|glad) to {vp}[ if you want].",
        "How about I {vp}?",
        "What if I {vp}?",
        "I can offer to {vp}.",
        "I'll be able to {vp}[ if you need it].",
        "Happy to {vp}[ if that helps| if you want].",
        "I could {vp}, what do you think?",
        "I would gladly {vp}.",
    ),
    "offer_if": (
        "If you {cond}, I'll {vp}.",
        "I'll {vp} if you {cond}.",
        "I can {vp}(, but only if| if| as long as| provided) you {cond}.",
        "I'm (willing|happy) to {vp} (if|as long as) you {cond}.",
        "If you {cond}, (then I can|I can|I could|then I'll) {vp}.",
        "As long as you {cond}, I'll {vp}.",
        "(Deal idea|Proposal|Here's my offer|My offer): I'll {vp} if you {cond}.",
        "I would {vp} if you {cond}.",
        "(Assuming|Provided) you {cond}, I'll {vp}.",
    ),
    "agree": (
        "(Yes|Yeah|Yep|Sure|Sure thing|Ok|Okay|Of course|Absolutely|Definitely)(!|.)",
        "(Sounds good|Sounds great|Sounds good to me|Sounds like a plan|That works|That works for me|Works for me)(!|.)",
        "(Deal|Agreed|It's a deal|We have a deal|You've got a deal|Count me in|I'm in|I'm down)(!|.)".replace(
            "You've got a deal", "You have a deal"
        ),
        "(Great idea|Good idea|Good plan|I like it|I like that plan|I like that idea)(!|.)",
        "(I agree|I can do that|I'll do that|I'm happy to do that|Happy to|Will do|Can do|Consider it done|You got it)(!|.)",
        "(That's fine with me|Fine by me|I'm ok with that|I'm good with that|I'm on board|I can live with that)(!|.)",
        "Yes, (I can do that|I'll do that|that works for me|sounds good|let's do it|deal)(!|.)",
        "(Ok|Sure|Yes|Alright), (sounds good|deal|will do|agreed|that works)(!|.)",
    ),
    "agree_do": (
        "(Yes|Sure|Ok|Of course|Yeah|Yep|Absolutely|No problem|Sure thing|Deal|Agreed|Definitely), I('ll| can| will) {vp}.",
        "(Sounds good|Deal|Agreed|That works for me|Works for me|Sounds like a plan)(,|.|!) I'll {vp}.",
        "(Yes|Sure|Ok|Yeah), I'm {ing}[ this turn].",
        "(Yes|Sure|Yeah), happy to {vp}.",
        "(Yes|Sure|Deal|Ok), I'll {vp}[, you have my word].",
        "(Happy to|Will do|Consider it done|You got it|Gladly)(.|!) I'll {vp}.",
    ),
    "refuse": (
        "(No thanks|No, sorry|Nope|No way|No deal|Not interested|I'm afraid not|No, I can't do that|Sorry, no)[, {reason}].",
        "(Sorry|I'm sorry), (I can't do that|I can't|that doesn't work for me|no|I have to say no|I can't agree to that)[, {reason}].",
        "(That doesn't work for me|I'd rather not|I'll have to pass|I'll pass|I don't think so|I must decline)[, {reason}].",
        "(Unfortunately|Sadly) I can't do that[, {reason}].".replace("|Sadly", "|Sorry,"),
        "No, (that doesn't work for me|I can't do that|not this time|I'd rather not)[, {reason}].",
        "I'm not (comfortable|up for) (with |)that[, {reason}].".replace("(comfortable|up for) (with |)", "(comfortable with |up for )"),
    ),
    "refuse_do": (
        "(Sorry|I'm sorry|Unfortunately|I'm afraid), I can't {vp}[, {reason}].".replace("|I'm afraid", ""),
        "(No|Nope|Sorry|No, sorry), I (can't|won't|won't be able to) {vp}[, {reason}].",
        "(Sorry|No), but I can't {vp}[ this turn][, {reason}].".replace("(Sorry|No)", "Sorry"),
        "(Sorry|No), I'd rather not {vp}[, {reason}].",
        "(Sorry|No), I'm not (willing|able|going) to {vp}[, {reason}].".replace("|going", ""),
        "I'm afraid I can't {vp}[, {reason}].",
        "No, I don't want to {vp}[, {reason}].",
    ),
    "counter": (
        "(How about|What about|What if) you {vp} instead?",
        "Instead, (could|can|would) you {vp}?",
        "(Could|Can|Would) you {vp} instead?",
        "Maybe you could {vp} instead?",
        "I think you should {vp} instead[, {reason}].",
        "(I'd prefer|I'd like) you to {vp} instead.",
        "Why don't you {vp} instead?",
    ),
    "promise": (
        "I'll [definitely ]{vp}[ this turn].",
        "I will {vp}[, I promise].".replace("[, I promise]", ""),
        "I promise (I'll|to|that I'll) {vp}.",
        "You have my word that I'll {vp}.",
        "I swear I'll {vp}.",
        "(Ok|Alright|Right), I'll {vp}.".replace("(Ok|Alright|Right), ", ""),
        "You can count on me to {vp}.",
        "I give you my word that I'll {vp}.",
        "I'll {vp}, (no worries|don't worry|as promised|guaranteed)".replace("|as promised|guaranteed", "") + ".",
    ),
    "promise_not": (
        "I won't {vp}[ this turn].",
        "I promise (I won't|not to) {vp}.",
        "I will not {vp}[, don't worry].",
        "You have my word that I won't {vp}.",
        "I swear I won't {vp}.",
        "Don't worry, I won't {vp}.",
    ),
    "promise_out": (
        "I'll stay out of {places}[, I promise| this turn|, don't worry].".replace("|, I promise", "").replace(", I promise|", ""),
        "I promise (I'll|to) (stay|keep) out of {places}.",
        "I will (stay|keep) out of {places}.",
        "You have my word that I'll stay out of {places}.",
    ),
    "promise_peace": (
        "I won't (attack|stab) you[, I promise].".replace("[, I promise]", "[, don't worry]"),
        "I promise not to attack you.",
        "I'm not going to (attack|stab) you.",
        "You have my word that I won't attack you.",
    ),
    "inform": (
        "I'm {ing}[ this turn].",
        "I'm going to {vp}[ this turn].",
        "I('m planning| plan| intend) to {vp}.",
        "My plan is to {vp}.",
        "(Just so you know|FYI|Heads up|For your information), I'm {ing}.",
        "I've (ordered|set) {notation}.".replace("I've (ordered|set)", "I'm ordering"),
        "{notation} for me[ this turn].",
        "I'm (about|set) to {vp}.",
        "My (orders|moves) are {notation}.",
        "(Just letting you know|Wanted to let you know) that I'm {ing}.".replace("|Wanted to let you know", ""),
        "I think I'll {vp}.",
        "I want to {vp}[, {reason}].",
        "I'm {ing}, {reason}.",
        "I'll be {ing}.",
        "I need to {vp}[ this turn][, {reason}].",
    ),
    "inform_not": (
        "I'm not {ing}[ this turn].",
        "I'm not (going|planning) to {vp}.",
        "I don't (plan|intend) to {vp}.",
        "(Just so you know|FYI), I'm not {ing}.",
    ),
    "inform_third": (
        "{who} is (going to|planning to|about to) {vp}.",
        "(I think|I hear|I heard|I believe|I'm pretty sure|My guess is|I suspect) [that ]{who} (will|is going to) {vp}.",
        "{who} (told me|says|said) he('s| is) {ing}.",
        "{who} (told me|says) (he'll|he will) {vp}.",
        "(Looks like|Apparently|Word is|Rumor has it) {who} is {ing}.",
        "{who} will {vp}.",
        "{who} wants to {vp}.",
        "{who} is {ing}.",
    ),
    "inform_third_not": (
        "{who} (is not|isn't) going to {vp}.",
        "(I think|I hear) {who} (won't|will not) {vp}.",
        "{who} (told me|says) he won't {vp}.",
        "{who} isn't {ing}.",
    ),
    "inform_you": (
        "(I assume|I guess|I take it|I expect|I think) you('re| are) {ing}.".replace("|I take it", ""),
        "You're going to {vp}, I (guess|think|assume).",
        "I expect you will {vp}.",
    ),
    "inform_attack": (
        "I'm going (to attack|after|to go after) {whom}[, {reason}].",
        "I'm (attacking|going after) {whom}[ this turn| soon].".replace(" soon", " this turn"),
        "I (plan|intend) to (attack|go after|hit) {whom}.",
        "My plan is to attack {whom}[, {reason}].",
    ),
    "inform_attack_not": (
        "I'm not going (to attack|after) {whom}.",
        "I don't (plan|intend) to (attack|go after) {whom}.",
    ),
    "inform_third_attack": (
        "{who} (is going to|is planning to|will|wants to) (attack|stab|go after|hit) {other}.",
        "(I think|I hear|Apparently|Looks like) {who} is (attacking|going after) {other}.",
        "{who} (told me|said) (he'll|he's going to) attack {other}.",
    ),
    "demilitarise": (
        "(How about|What about|Shall we agree on) a DMZ in {places}?",
        "(Shall we|Can we|Could we) (DMZ|demilitarize) {places}[ for now]?",
        "(Let's|We should) (DMZ|demilitarize) {places}[ for now].",
        "(Let's|We should|Can we|Could we) (stay out of|keep out of) {places}{mark}",
        "(Let's|We should|Can we|Could we) keep {places} (empty|clear|demilitarized|neutral|a DMZ){mark}",
        "(I'd like|I would like|I want|I propose|I suggest) a DMZ in {places}[, {reason}].",
        "(Want to|Do you want to|Would you like to|Care to) (DMZ|demilitarize|keep out of|stay out of) {places}?",
        "Are you (ok with|open to|up for|interested in|fine with) a DMZ in {places}?",
        "DMZ in {places}?",
        "DMZ {places}?",
        "Let's (make|keep) {places} a DMZ[, ok]{mark}".replace("[, ok]", ""),
        "Would you be (open to|up for|interested in|ok with) (a DMZ in|keeping out of|staying out of|demilitarizing) {places}?".replace("|demilitarizing", ""),
        "I think we should (stay out of|DMZ|keep out of) {places}[, {reason}].",
        "(Can we agree to|Let's agree to) (stay out of|keep out of|DMZ) {places}{mark}",
        "{places} as a DMZ?",
    ),
    "demilitarise_not": (
        "I don't want a DMZ in {places}[, {reason}].",
        "Let's not (DMZ|demilitarize) {places}.",
        "I don't think we should (DMZ|demilitarize) {places}.".replace("I don't think we should", "We should not"),
    ),
    "bounce": (
        "(Let's|Shall we|Can we|Could we|Should we|We should) bounce in {places}{mark}",
        "(How about|What about|Shall we arrange) a bounce in {places}?",
        "(Want to|Do you want to|Care to) bounce in {places}[ this turn]?",
        "Bounce in {places}?",
        "Let's (arrange|plan|have|do) a bounce in {places}.",
        "(I'd like|I suggest|I propose|I want) (to bounce|a bounce) in {places}.".replace("(I'd like|I suggest|I propose|I want) (to bounce|a bounce)", "(I'd like|I suggest|I propose|I want) a bounce"),
        "Are you (ok with|up for|open to|fine with) a bounce in {places}?",
        "I think we should bounce in {places}[, {reason}].",
        "We (can|could) bounce in {places}[, {reason}].",
        "(Would you be up for|You up for|Interested in) a bounce in {places}?",
        "I'm going to bounce (you |)in {places}.",
        "Let's just bounce in {places}, (it's safest|that's safe for both of us|ok)?",
    ),
    "bounce_third": (
        "(Let's|We should|Can we|Could we) bounce {whom} in {places}{mark}",
        "(Can|Could) you bounce {whom} (in|out of) {places}?",
        "I('ll| will|'m going to) bounce {whom} (in|out of) {places}.",
        "You should bounce {whom} (in|out of) {places}.",
    ),
    "bounce_third_not": (
        "(Please don't|Don't) bounce {whom} (in|out of) {places}.",
        "Let's not bounce {whom} in {places}.",
        "I (won't|'m not going to) bounce {whom} in {places}.".replace("(won't|'m not going to)", "won't"),
    ),
    "bounce_not": (
        "Let's not bounce in {places}.",
        "I don't want to bounce in {places}.".replace("I don't want to", "We shouldn't"),
        "I won't bounce you in {places}.",
        "Please don't bounce me in {places}.",
    ),
    "ask": (
        "Are you {ing}[ this turn]?",
        "Are you [still ](planning|going) to {vp}?",
        "Do you (plan|intend) to {vp}?",
        "Are you thinking (of|about) {ing}?",
        "(So, are|Are) you {ing}, or (what|something else)?".replace(", or (what|something else)", ""),
    ),
    "ask_third": (
        "Is {who} (going to|planning to) {vp}?",
        "Will {who} {vp}?",
        "Do you (think|know if) {who} (will|is going to) {vp}?",
        "Is {who} {ing}?",
    ),
    "ask_places": (
        "What (are your plans|are you planning|are you thinking|do you want to do) (for|in|with|about) {places}?".replace("|with|about", ""),
        "What's your plan for {places}?",
        "What do you (want to do|have in mind) (about|with|for) {places}?",
        "What's going on (in|with) {places}?",
        "What should we do about {places}?",
        "Any (plans|thoughts) (for|on) {places}?",
        "How do you see {places}?",
    ),
    "ask_powers": (
        "What do you think (about|of) {whom}?",
        "Have you (heard|had any word) from {whom}?",
        "Do you trust {whom}?",
        "(Any|Have you any) news from {whom}?",
        "What('s| is) {whom} (up to|planning|telling you)?",
        "How are things with {whom}?",
        "What's your read on {whom}?",
        "Do you know what {whom} is (planning|up to)?",
        "Any idea what {whom} is up to?",
    ),
    "ask_open": (
        "What are you (thinking|planning)[ this turn]?",
        "What('s| is) your plan[ this turn]?",
        "What are your (plans|moves)[ this turn]?",
        "What do you have in mind?",
        "(How|What) are you thinking (of moving|of opening|of playing this)?".replace("(How|What)", "How"),
        "Any thoughts?",
        "What would you like to do[ this turn]?",
        "How do you see this turn?",
        "Where are you headed[ this turn]?",
        "What do you (think|say)?",
        "How should we play this?",
    ),
    "warn": (
        "Watch out for {whom}[, {comment}].",
        "Be careful (of|with) {whom}[, {comment}].",
        "(Don't trust|Keep an eye on|Beware of) {whom}[, {comment}].",
        "{who} is going to (attack|stab) you[ soon| this turn].".replace(" soon|", ""),
        "(I think|I hear|I heard|I'm pretty sure|I suspect) {who} is (coming for you|going to attack you|planning to attack you|going to stab you).",
        "(Heads up|Careful|FYI|Just a heads up), {who} (is coming for you|wants to attack you|is going to attack you).",
        "{who} (told me|said) he's going to attack you.",
        "You should watch out for {whom}.",
        "I'd watch out for {whom} if I were you.".replace(" if I were you", ""),
    ),
    "warn_places": (
        "Watch out for {whom} in {place}.",
        "Be careful of {whom} in {place}.",
        "Keep an eye on {whom} in {place}.",
        "Beware of {whom} in {place}.",
    ),
    "warn_orders": (
        "(Watch out|Careful|Heads up|Be careful|Just a heads up|FYI), {who} is (going to {vp}|{ing}).",
        "(Watch out|Careful|Be careful), I think {who} (will|is going to) {vp}.",
        "(Heads up|FYI), {who} (told me he's|is) {ing}.",
        "(Watch out|Careful|Warning): {who} is (about|planning) to {vp}.",
    ),
    "threaten": (
        "(If this goes on|Keep this up and) you will regret it.".replace("(If this goes on|Keep this up and) y", "Y"),
        "(Don't make me come after you|I will retaliate|You will regret this|You'll pay for this|I will make you pay).",
        "I won't forget this. You will regret it.".replace("I won't forget this. ", ""),
        "I'll have no choice but to come after you.",
        "(I will come after you|I'm going to attack you|I'll attack you)[, {reason}].".replace("[, {reason}]", ""),
    ),
    "threaten_do": (
        "If you {cond}, I'll {vp}.",
        "I'll {vp} if you {cond}.",
        "(I warn you|Be warned|Warning): if you {cond}, I'll {vp}.".replace("I warn you|", ""),
        "If you {cond}, (I will|then I'll|I'm going to) {vp}.",
    ),
    "threaten_if": (
        "If you {cond}, you will regret it.",
        "If you {cond}, (I will retaliate|I will make you pay|I'll come after you|I will have no choice but to come after you).",
    ),
    "apologise": (
        "(Sorry about that|My apologies|I'm sorry|My bad|I apologize|Sorry about last turn|I'm really sorry|So sorry)(.|!)",
        "(I owe you an apology|Please forgive me|I made a mistake|I'm sorry about last turn).",
        "(I'm sorry|Sorry|I apologize), (no hard feelings|I hope we can move past it|it wasn't personal|I had no choice|I panicked).",
        "Sorry for the confusion[.]",
    ),
    "thank": (
        "(Thanks|Thank you|Many thanks|Thanks a lot|Thank you so much|Much appreciated|Thanks so much|Cheers)(.|!)",
        "(I appreciate it|I really appreciate it|I owe you one|Thanks, I appreciate it|Thanks, I owe you one)(.|!)",
        "(Thanks|Thank you) for (letting me know|the heads up|your help|your support|the info|being honest|that)(.|!)",
        "(Thanks for your help, it means a lot|Thank you, that helps a lot|Thanks, that's very kind of you)(.|!)",
    ),
    "thank_do": (
        "(Thanks|Thank you|Many thanks) for {ing}(.|!)",
        "(Thanks a lot|Thanks so much|Thank you so much) for {ing}(.|!)",
    ),
    "deny": (
        "(I never said that|I didn't say that|That's not true|That's not what I said|I did no such thing|I never promised that)(.|!)",
        "(That's not true|Not true), (I never said that|I didn't do that|I would never do that to you).".replace("|I would never do that to you", ""),
        "I don't know who told you that, but (it's not true|I never said that).",
        "(No, that's not true|I never agreed to that|That is simply not true|I didn't lie to you).".replace("No, that's", "That's"),
    ),
    "deny_do": (
        "I (didn't|did not) {vp}.",
        "I never (said|promised) I would {vp}.",
        "I never (agreed|promised) to {vp}.",
        "I never said I would {vp}.",
    ),
    "claim_past": (
        "You (promised|said you would|told me you would|agreed) {to}{vp}[, remember].".replace("[, remember]", ""),
        "[Last turn ]you {past}.",
        "You said you'd {vp}.",
    ),
    "claim_past_not": (
        "You (promised|agreed) not to {vp}.",
        "You (said|told me|promised) you wouldn't {vp}.",
        "[Last turn ]you didn't {vp}.",
    ),
    "claim_past_own": (
        "[Last turn ]I {past}.",
        "I (said|told you|promised) I would {vp}.",
    ),
    "claim_past_third": ("[Last turn ]{who} {past}.", "{who} {past} (|, remember).".replace(" (|, remember)", "")),
    "claim_past_open": (
        "You (lied to me|stabbed me|broke your word|broke your promise|broke our deal|betrayed me)(.|!)",
        "You attacked me[, remember].".replace("[, remember]", ""),
    ),
    "ally": (
        "(Let's|Shall we|Should we|We should|Can we|Could we) work together{against}{mark}",
        "(Want to|Do you want to|Would you like to|Care to) (work together|ally|team up){against}?",
        "(How about|What about) (an alliance|working together|teaming up){against}?",
        "(I'd like|I would like|I propose|I want) an alliance{against}[, {reason}].",
        "(I'd like|I would like) to (work with you|work together|ally with you){against}[, {reason}].".replace("(I'd like|I would like) to", "I want us to").replace("work with you|", "").replace("|ally with you", "|be allies"),
        "Are you (interested in|open to|up for) (an alliance|working together|teaming up){against}?",
        "I think we should (work together|team up|be allies){against}[, {reason}].",
        "Would you be (interested in|open to|up for) (an alliance|working together){against}?",
        "Let's be allies{against}[, {reason}].",
    ),
    "ally_peace": (
        "(How about|What about|Are you open to|Would you be up for|Shall we agree on) (a non-aggression pact|peace|a truce)?",
        "(Let's|Can we) (make peace|agree to a non-aggression pact|have a truce){mark}",
        "(I'd like|I propose|I want) (a non-aggression pact|peace|a truce)[ between us].",
    ),
    "ally_attack": (
        "(Let's|Shall we|Should we|We should|Can we|We could) (attack|take out|go after|gang up on|take down) {targets}[ together]{mark}",
        "(Want to|Do you want to|Would you like to) (attack|take out|go after|take on) {targets}[ together| with me]?".replace("| with me", ""),
        "(How about|What about|What if) we (attack|go after|take out) {targets}[ together]?",
        "I think we should (attack|go after|take out) {targets}[, {reason}].",
    ),
    "ally_not": (
        "I don't want an alliance.",
        "I can't (work with you|ally with you)[, {reason}].".replace("|ally with you", ""),
        "Let's not (work together|be allies).",
    ),
    "small_talk": (
        "(Hi|Hey|Hello|Greetings|Hi there|Good morning|Good evening) {name}(!|,) (how are you|how's it going|good luck|nice to meet you|hope you're well|good luck this game){end}",
        "(Hi|Hey|Hello) {name}(!|.)",
        "(Good luck|Good luck this game|Good luck out there|Best of luck|Have fun)[, {name}](!|.)",
        "(Haha|Lol), (fair enough|nice one|that was fun|what a turn|this game is wild).".replace("fair enough|", ""),
        "(Nice moves|Well played|Good turn|What a turn|That was a wild turn|Interesting turn|This is getting exciting)(!|.)",
        "(Let me think about it|I'll get back to you|Let me get back to you|Give me a minute|One moment|Let me check).",
        "(No worries|All the best|Talk soon|Let's keep talking|Keep in touch|Let's stay in touch)(!|.)",
        "(I hope we can get along|I look forward to talking|Looking forward to a good game|I hope this is a fun game)(!|.)",
        "It's good to hear from you[, {name}](!|.)",
    ),
}  # fmt: skip

_REASONS = (
    "{big} is getting too (big|strong)",
    "{big} is growing too fast",
    "{big} can't be allowed to win",
    "{big} worries me",
    "it's (good|safer|better) for both of us",
    "it helps (us both|both of us)",
    "it's the safest (option|play)",
    "I don't want a war with you",
    "so (that )we can (focus on|deal with) {big}".replace("(that )", ""),
    "we'd both gain from it",
    "{big} is the real threat",
    "I don't want to see {big} run away with this",
)
_REFUSE_REASONS = (
    "I can't afford the risk",
    "it's too risky[ for me]",
    "I don't trust {big}",
    "I can't spare the unit",
    "I need my units elsewhere",
    "I have to watch {big}",
    "I'm already committed",
    "I need to look after myself first",
    "that would leave me exposed",
    "I'm too exposed as it is",
)
_COMMENTS = (
    "he's (lying to everyone|not to be trusted|up to something|playing both sides)",
    "I don't like his moves",
    "he said some odd things to me",
)
_GREETINGS = (
    "(Hi|Hey|Hello|Hi there|Hey there) <W0>(!|,|.) ",
    "(Hey|Hi)(!|,) ",
    "<W0>, ",
    "Hello <W0>! ",
    "(Good morning|Greetings) <W0>! ",
)


# --- verb phrases ----------------------------------------------------------------------------------------

_BASE, _ING, _PAST = 0, 1, 2
_OKAY = re.compile(r"^(?:Ok|Okay|Alright)\b")
"""Where nothing was asked, "ok" does not say yes."""


class _Wording:
    """One draw of a message."""

    def __init__(self, acts: Sequence[SpeechAct], context: WordingContext, rng: Generator, plain: bool) -> None:
        self.acts, self.context, self.rng, self.plain = tuple(acts), context, rng, plain
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
            if number and self.rng.random() < 0.3:
                text = self._joined(act, text)
            parts.append(text)
        text = " ".join(parts)
        if self.context.opening and self.acts[0].kind is not ActKind.SMALL_TALK and self.rng.random() < 0.6:
            greeting = _expand(_pick(self.rng, _GREETINGS), self.rng)
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
        for _ in range(20):
            text = _expand(_pick(self.rng, _SENTENCES[key]), self.rng)
            if act.kind is ActKind.AGREE and not self.context.answered:
                text = _OKAY.sub("Yes", text)
            filled = self._substitute(text, act, orders)
            if filled is not None:
                return filled
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
                    return ("ask_third" if third else "ask"), orders
                return ("ask_places" if act.provinces else "ask_powers" if act.powers else "ask_open"), orders
            case ActKind.WARN:
                if orders:
                    return "warn_orders", orders
                return ("warn_places" if act.provinces else "warn"), orders
            case ActKind.THREATEN:
                if orders and act.condition is not None:
                    return "threaten_do", orders
                return ("threaten_if" if act.condition is not None else "promise" if orders else "threaten"), orders
            case ActKind.THANK:
                return ("thank_do" if orders else "thank"), orders
            case ActKind.DENY:
                return ("deny_do" if orders else "deny"), orders
            case ActKind.CLAIM_PAST:
                if not orders:
                    return "claim_past_open", orders
                return ("claim_past_own" if mine else "claim_past_third" if third else "claim_past" + suffix), orders
            case ActKind.ALLY:
                if negative:
                    return "ally_not", orders
                if act.powers:
                    return _pick(self.rng, ("ally", "ally_attack")), orders
                return _pick(self.rng, ("ally", "ally_peace")), orders
            case ActKind.APOLOGISE:
                return "apologise", orders
        return "small_talk", orders

    def _answer(self, act: SpeechAct, mine: tuple[ActOrder, ...]) -> tuple[str, tuple[ActOrder, ...]]:
        name = "agree" if act.kind is ActKind.AGREE else "refuse"
        heard = [said for heard in self.context.answered for said in heard.orders]
        understood = bool(self.context.answered) and {str(said) for said in heard} == {str(said) for said in act.orders}
        if not act.orders or (understood and (self.rng.random() < 0.5 or not mine)) or not mine:
            return name, act.orders
        return name + "_do", mine

    def _statement(
        self, act: SpeechAct, mine: tuple[ActOrder, ...], theirs: tuple[ActOrder, ...], third: bool, suffix: str
    ) -> tuple[str, tuple[ActOrder, ...]]:
        orders = act.orders
        name = "promise" if act.kind is ActKind.PROMISE else "inform"
        if act.condition is not None:
            return "offer_if", orders
        if third:
            return "inform_third" + suffix, orders
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
            case "name":
                return "<W0>" if self.addressee is not None else "all"
            case "keep":
                return "?"
            case "mark":
                return "."
            case "end":
                return "!" if rng.random() < 0.5 else "?"
            case "to":
                return ""
            case "comment":
                return _expand(_pick(rng, _COMMENTS), rng) if self.reasons_left else None
            case "reason":
                return self._reason(act)
        return None

    def _reason(self, act: SpeechAct) -> str | None:
        if self.reasons_left == 0:
            return None
        self.reasons_left -= 1
        pool = _REFUSE_REASONS if act.kind is ActKind.REFUSE else _REASONS
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

    def _owner(self, power: Power) -> str:
        if power is self.speaker:
            return "my"
        if power is self.addressee:
            return "your"
        slot = self.slots.power_slot(power)
        if slot is None:
            self.slots = self.slots.with_power(power)
            slot = self.slots.power_slot(power)
        return "the" if slot is None else f"{slot}'s"

    def _described(self, power: Power, unit: Unit | None) -> str:
        """ "my army in Paris", or just "Paris"."""
        slot = self._unit_slot(unit)
        draw = self.rng.random()
        if draw < 0.4:
            return slot
        kind = f"{slot[:-1]}:kind>"
        if draw < 0.8:
            return f"{self._owner(power)} {kind} in {slot}"
        return f"{self._owner(power)} {slot} {kind}"

    def _move(self, said: ActOrder, form: int) -> str:
        order = said.order
        assert order.target is not None
        start, goal = self._unit_slot(order.unit), self._place_slot(order.target)
        rng = self.rng
        verb = _pick(rng, ("move|moving|moved", "move|moving|moved", "go|going|went", "head|heading|headed"))
        options = [
            f"{_pick(rng, ('move|moving|moved', 'send|sending|sent', 'bring|bringing|brought')).split('|')[form]} {self._described(said.power, order.unit)} to {goal}",
            f"{verb.split('|')[form]} from {start} to {goal}",
            f"{('move', 'moving', 'moved')[form]} {start} {_pick(rng, ('to', 'into', 'to'))} {goal}",
            f"{('move', 'moving', 'moved')[form]} {start}-{goal}",
        ]
        if not self.plain and order.unit is not None and self._is_only_mover(said.power, order):
            options += [f"{verb.split('|')[form]} to {goal}", f"{('move', 'moving', 'moved')[form]} into {goal}"]
            if province_of(order.target) in self.map.centers:
                options += [f"{('take', 'taking', 'took')[form]} {goal}", f"{('go', 'going', 'went')[form]} for {goal}"]
        elif not self.plain and province_of(order.target) in self.map.centers:
            options.append(f"{('take', 'taking', 'took')[form]} {goal} {_pick(rng, ('with', 'from'))} {start}")
        text = _pick(rng, options)
        return f"{text} by convoy" if order.via_convoy and rng.random() < 0.7 else text

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
        if rng.random() < 0.3:
            named = f" with {self._owner(said.power)} {helper[:-1]}:kind> in {helper}"
        must_name = self.plain or not self._is_only_supporter(said.power, order)
        tail = named if must_name or rng.random() < 0.25 else ""
        described = aided if owner is None else self._described(owner, order.aided)
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
        if someone is not None and not self.plain:
            options.append(
                f"{verb} {someone} from {aided} {_pick(rng, ('to', 'into'))} {goal}{'' if not must_name else named.replace(' from ', ' with ')}"
            )
            if only:
                short = named.replace(" from ", " with ")
                suffix = short if must_name else ""
                options += [f"{verb} {someone} {_pick(rng, ('into', 'to', 'into'))} {goal}{suffix}"] * 3
                if owner is not None and owner is not said.power:
                    options.append(
                        f"{verb} {self._owner(owner)} {_pick(rng, ('move', 'attack', 'move'))} {_pick(rng, ('to', 'into', 'on')) if False else 'on' if False else 'to'} {goal}{suffix}"
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
        helper, aided, goal = self._unit_slot(order.unit), self._unit_slot(order.aided), self._place_slot(order.target)
        if not self._is_only_mover(owner, Order(OrderKind.MOVE, order.aided, order.target)):
            return f"support for {aided}-{goal} from {helper}" if False else None
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
    if text and text[-1] not in ".!?":
        text += "."
    if not text.startswith("<"):
        text = text[0].upper() + text[1:]
    return text


def _lower_first(text: str) -> str:
    if text.startswith(("I ", "I'", "<", "DMZ", "FYI")):
        return text
    return text[0].lower() + text[1:]
