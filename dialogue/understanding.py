"""The reader: a message -> speech acts, and what it could not read.

One reader for everything: it understands other players, makes the plans that the language model learns from, and
reads our own drafts back (`matches`).  It reads a clause's frame ("I won't", "could you", "let's", "you promised to")
and then its verb phrase (`phrases`).  A clause that names places and does not parse is reported as unread, never
guessed.  Other players' text is data: whatever it says, it only ever becomes acts.

Conventions of the acts it makes:
    AGREE and REFUSE carry the orders and provinces agreed to or refused, polarity DO; where the text says only "yes",
    they are those of the message answered.  PROMISE of polarity NOT with provinces: to stay out of them.  An order
    that cannot be made out leaves its provinces in `provinces`.  A condition is an INFORM act of what must come true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import Board
from dialogue.clauses import MAX_READ, Sentence, read_names, sentences
from dialogue.phrases import Deed, DeedKind, Form, Phrases, Scene, is_verb
from engine.notation import same_move
from engine.types import Message, Order, OrderKind, Phase, PhaseKind, Power, Province, Season, province_of


@dataclass(frozen=True)
class ReadContext:
    """What "yes", "that" and "there" refer to."""

    heard: tuple[SpeechAct, ...] = ()
    """The acts of the message that is answered."""
    sequence: int | None = None
    """Its `Message.sequence`."""


@dataclass(frozen=True)
class Reading:
    """A message, understood."""

    acts: tuple[SpeechAct, ...]
    unread: tuple[str, ...] = ()
    """Clauses that name places or orders and were not understood."""


def read(message: Message, view: Board, talk: Sequence[Message] = ()) -> Reading:
    """The acts of a message.  Never raises, whatever the text.

    Args:
        message: the message.
        view: the board it was written over.
        talk: earlier messages, oldest first; those between the two powers are looked at.
    """
    return read_text(message.text, message.sender, message.recipient, view, _context(message, view, talk))


def _context(message: Message, view: Board, talk: Sequence[Message]) -> ReadContext:
    """The other side's latest messages, read by themselves; their own context is looked up one step only."""
    if message.recipient is None:
        return ReadContext()
    pair = {message.sender, message.recipient}
    earlier = [m for m in talk if m.recipient is not None and {m.sender, m.recipient} == pair]
    earlier = [m for m in earlier if m.sequence < message.sequence][-4:]
    heard: list[SpeechAct] = []
    sequence = None
    for before in reversed(earlier):
        if before.sender is message.sender and sequence is not None:
            break
        if before.sender is message.sender:
            continue
        if before.phase != message.phase and sequence is None and before.phase.next_movement < message.phase:
            break
        acts = read_text(before.text, before.sender, before.recipient, view).acts
        if sequence is None:
            sequence = before.sequence
        heard = [*acts, *heard]
    return ReadContext(tuple(heard), sequence)


def read_text(
    text: str, speaker: Power, addressee: Power | None, view: Board, previous: ReadContext | None = None
) -> Reading:
    """The acts of a text said by `speaker` to `addressee` (None: to all) over a board.  Never raises."""
    try:
        return _Reader(text, speaker, addressee, view, previous or ReadContext()).read()
    except (RecursionError, IndexError, KeyError, ValueError):  # hostile text must not stop a game
        return Reading((), (text[:MAX_READ],))


# --- frames ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    name: str
    subject: str = "I"
    confidence: float = 1.0
    negative: bool = False
    power: Power | None = None


_W = r"(?P<w>@[wd]\d+(?: (?:and|/) @[wd]\d+)?|the @d\d+|the @a\d+|he|she|they)"
_NP = r"(?!(?:the )?@p\d| ?there\b)"
_N = r"(?P<n>not |never |no longer )?"
_SUPPORT_NOUN = r"(?=(?:support|help|convoy|convoys)\b)"
_FRAME_TABLE: tuple[tuple[str, _Frame], ...] = (
    # past, said and promised
    (
        rf"(?P<s>i|you|we|{_W}) (?:(?:have|had|has) )?(?:promised|said|told me|told you|agreed|swore|claimed|assured me|assured you|"
        r"told us|guaranteed)(?: me| you)?(?: that)?(?: with me| with you)?(?: (?:i|you|he|she|they|we|@w\d+))?(?: (?:would|will|was|were|is|"
        r"are|am|should|could))?(?: going to(?= \w)| not going to)? ?(?P<n>not |never )?(?:to )?(?P<n2>not )?(?:be )?",
        _Frame("past_word", "?"),
    ),
    (rf"(?P<s>i|you|we|{_W}) did (?P<n>not |never )?", _Frame("past", "?")),
    (
        r"(?P<s>i) never (?:said|promised|told you|agreed)(?: that)?(?: i)?(?: would| was going to)?(?: to)? ",
        _Frame("deny"),
    ),
    (rf"why did (?P<s>you|{_W}) (?P<n>not )?", _Frame("ask", "?")),
    (rf"did (?P<s>you|{_W}) (?P<n>not )?", _Frame("ask", "?")),
    # refusing
    (
        r"(?:i (?:can not|could not|will not be able to|would not(?: be able to)?|am (?:not able|unable|not willing|not comfortable|"
        r"reluctant|not in a position|not ready|not keen|not happy|hesitant|not prepared|not interested|afraid i can not|"
        r"afraid i will not|afraid i have to)(?: to be able)?(?: to| with| in| on| be)*|"
        r"do not (?:want|think i (?:can|should|will|could)|feel comfortable|wish|feel like|really want)(?: be able)?(?: to)?|"
        r"would (?:rather|prefer) not(?: to)?|refuse to|decline to|have no interest in|have no plans to)"
        r"|(?:can not|no can do on|unable to|will not be able to)) ",
        _Frame("cannot"),
    ),
    # committing
    (
        rf"i (?:can )?(?:do )?(?:promise|swear|guarantee|pledge|vow|commit)(?: you| to you)?(?: that)?(?: i will| i am going to| i would)?"
        rf" {_N}(?:to )?(?P<n2>not )?",
        _Frame("promise"),
    ),
    (
        rf"(?:you have|i give you|on) my word(?: that| on it)?(?: ,)?(?: i will| i am going to)? {_N}(?:to )?",
        _Frame("promise"),
    ),
    (rf"you can (?:count on|rely on|trust) me {_N}to {_N.replace('<n>', '<n2>')}", _Frame("promise")),
    (rf"(?:i commit|i am committed) {_N}to {_N.replace('<n>', '<n2>')}", _Frame("promise")),
    # wishing for support
    (
        rf"(?:i (?:need|want|could use|would like|would love|would appreciate|would need|am asking for|ask for|request|was hoping for|"
        rf"am hoping for|am looking for|would welcome|would accept)|need|want|could i (?:get|have)|can i (?:get|have|count on)|may i (?:get|have)|"
        rf"requesting|looking for|any chance (?:of|for|i could get|i can get|at)|how about|would appreciate|would love)(?: to (?:have|get|ask for))?"
        rf"(?: your| a| some| an| any)* {_SUPPORT_NOUN}",
        _Frame("propose", "you"),
    ),
    # wishing
    (
        r"i (?:would like to|want to|would love to|wanted to|would prefer to|prefer to|need to|have to|must|should|would rather|"
        r"may|might|hope to|may have to|will probably have to|would want to|might have to) (?:be )?",
        _Frame("inform", confidence=0.6),
    ),
    (
        r"i (?:would )?(?:really )?(?:like|want|love|prefer|need|welcome)(?: to (?:have|set up|arrange|propose|agree to|agree on|keep))? "
        r"(?=(?:a|an|some|the|our)? ?(?:peace|dmz|bounce|alliance|truce|nonaggression|pact|partnership|non))",
        _Frame("together", "we"),
    ),
    (
        r"i do not (?:want|need|like) (?=(?:a|an|some|the|our)? ?(?:peace|dmz|bounce|alliance|truce|nonaggression|pact|partnership))",
        _Frame("together", "we", negative=True),
    ),
    (r"i do not think (?:that )?you (?:should|need to|have to|ought to) ", _Frame("propose", "you", negative=True)),
    (r"i do not think (?:that )?we (?:should|need to|have to|ought to) ", _Frame("together", "we", negative=True)),
    (r"i (?:want|need|would like) us to ", _Frame("together", "we")),
    # offering
    (
        r"i (?:can offer(?: you)?(?: to)?|offer(?: you)?(?: to)?|am offering(?: to)?|will offer(?: to)?|would be (?:happy|willing|glad|able|ok|okay|open|fine|down|delighted|prepared|game)(?: to| with)?|"
        r"am (?:happy|willing|glad|able|ok|okay|open|down|prepared|fine|more than happy|ready|game|good)(?: to| with)|"
        r"will be able to|will be happy to|will be glad to|may be able to|might be able to|should be able to|would gladly|"
        r"can|could|would) ",
        _Frame("offer"),
    ),
    (rf"(?:happy|glad|willing|able|more than happy|ready) to {_NP}", _Frame("offer")),
    (
        r"(?:(?:do|would|did) you )?(?:want|like|need|prefer|rather have)(?: it if)? (?:me to|me|i) (?:to )?(?=\w)",
        _Frame("offer"),
    ),
    (r"(?:shall|should|can|could|may|might) i (?=(?:support|convoy|help|offer|lend|give|cover)\b)", _Frame("offer")),
    (r"(?:how about|what if|what about|suppose|say) i (?:were to |could |can |just )?", _Frame("offer")),
    (
        rf"(?:do you |would you |you )?(?:want|need|like|prefer|care for|could you use|fancy)(?: my| a| some| any)? {_SUPPORT_NOUN}",
        _Frame("offer", "I_noun"),
    ),
    (
        rf"(?:i can offer(?: you)?|i offer(?: you)?|you (?:can )?have)(?: my| a| some)? {_SUPPORT_NOUN}",
        _Frame("offer", "I_noun"),
    ),
    (r"(?:shall|should|can|could|may|might) i ", _Frame("ask", "I")),
    # what I want of you
    (
        r"i (?:would like|want|need|would love|would appreciate|would prefer|would ask|ask|am asking|suggest|propose|recommend|"
        r"would suggest|would propose|would recommend|hope|was hoping|am hoping|would rather|advise|would want|prefer|think|believe|"
        r"would be grateful|would be happy|am counting on|beg|urge)(?: that| it if| it| for| if)?(?: you)"
        rf"(?: (?:to|should|could|would|can|will|might|did|ought to|have to|need to|must))* {_N}(?:to )?(?:just )?",
        _Frame("propose", "you"),
    ),
    (
        rf"i (?:would )?(?:suggest|propose|recommend|think|say|hope|want|would like|would love|would prefer)(?: that| for| to)? (?:we|us)"
        rf"(?: (?:should|could|can|both|to|might|ought to|need to|must))* {_N}",
        _Frame("together", "we"),
    ),
    (
        r"i (?:would )?(?:suggest|propose|recommend|was thinking of proposing) (?=\w+ing\b|an?\b|dmz)",
        _Frame("together", "we"),
    ),
    (r"i (?:would )?(?:suggest|propose|recommend) ", _Frame("together", "we")),
    # informing
    (rf"i (?:will|shall) {_N}", _Frame("promise")),
    (
        rf"i (?:am|was) {_N}(?:going to|planning to|planning on|planning|intending to|about to|looking to|trying to|aiming to|set to|"
        rf"looking at|set on|committed to) {_NP}",
        _Frame("inform"),
    ),
    (
        rf"i (?:am|was|have been) {_N}(?:thinking of|thinking about|thinking|hoping to|leaning towards|leaning toward|considering|inclined to|"
        rf"tempted to) {_NP}",
        _Frame("inform", confidence=0.5),
    ),
    (rf"i (?P<n>do not |no longer )?(?:plan|intend|mean|aim|expect)(?: on| to) (?:be )?{_NP}", _Frame("inform")),
    (
        rf"(?:(?:my|the|our) )?(?:current )?(?:plan|idea|intention|thought|thinking|orders|order|moves|move|goal|aim)(?: for this turn| for now)? "
        rf"(?:is|are|was|will be) {_N}(?:still )?(?:to |for )?",
        _Frame("inform"),
    ),
    (
        r"i (?:have )?(?:ordered|set|entered|submitted|put in|have)(?: orders| my orders)?(?: for| to| of)? (?=@p|my |the |army |fleet )",
        _Frame("inform"),
    ),
    (rf"i am {_N}(?=\w+ing\b)(?!going to )", _Frame("inform")),
    (rf"i am {_N}(?=going to )", _Frame("inform")),
    # proposing to both
    (
        rf"(?:let us|shall we|should we|can we|could we|we should|we could|we can|we might|we ought to|we need to|we must|we will|"
        rf"we would|we are going to|want to|care to|fancy|may we|might we|we have to|would you like to|do you want to|you want to|"
        rf"would you care to|wish to|feel like|what do you say we|what say we|can we both|we both)"
        rf"(?: (?:agree to|agree on|agree that we|agree|both|all|try to|plan to|plan on|have|do|set up|keep|maybe|arrange to|make))?? {_N}(?:to )?",
        _Frame("together", "we"),
    ),
    (
        r"(?:are you|you|would you be|would you both be|r you) (?:up for|down for|game for|interested in|open to|ok with|okay with|good with|cool with|"
        r"fine with|up to|down to|game to|willing to|happy to|able to|ok to|okay to|ready to|agreeable to|on board with|still up for|"
        r"in for|amenable to|keen on|keen to|happy with|comfortable with|alright with|good to|open for|prepared to|free to|into)"
        r"(?: (?:us|me|a|an|the idea of|this))*? ",
        _Frame("propose_both", "you"),
    ),
    (
        r"(?:interested in|up for|down for|open to|any interest in|down to|game for|game to|willing to)(?: us)? ",
        _Frame("propose_both", "you"),
    ),
    (
        rf"(?:how about|what about|what if|how would you feel about|how do you feel about|what do you think about|what do you think of|"
        rf"what do you say to|what would you say to|what do you say about|thoughts on|thoughts about|suppose|why not|have you thought about|have you considered|"
        rf"why do not|why do|do you think|i wonder if|maybe|what would you think about|what would you think of|how does|how would)"
        rf"(?: if| that)?(?: (?P<s>you|we|us|both of us|you and i|you and me|me))?"
        rf"(?: (?:should|could|can|were to|to|both|just|all|would|might|having|agreeing to))* {_N}",
        _Frame("propose_both", "s"),
    ),
    (r"we (?=(?:both )?(?:bounce|dmz|keep|stay|work|ally|attack)\b)", _Frame("together", "we")),
    # asking
    (
        rf"are you {_N}(?:going to|planning to|planning on|planning|intending to|thinking of|thinking about|thinking|looking to|trying to|about to|"
        rf"hoping to|aiming to|expecting to|looking at|set on|considering) {_NP}",
        _Frame("ask", "you"),
    ),
    (rf"are you {_N}(?=\w+ing\b)(?!going to )", _Frame("ask", "you")),
    (rf"are you {_N}(?=going to )", _Frame("ask", "you")),
    (r"(?:do you|you) (?:still )?(?:plan|intend|expect|mean|aim)(?: on| to) (?:be )?", _Frame("ask_you", "you")),
    (r"will you be (?=\w+ing\b)", _Frame("ask", "you")),
    (r"will you (?P<n>not )?(?!be )", _Frame("will_you", "you")),
    (
        rf"(?:is|are|will|does|would|could|might|can) {_W} (?P<n>not )?(?:going to {_NP}|planning to |planning on |want to |plan to |be )?",
        _Frame("ask", "w"),
    ),
    # proposing to you
    (
        rf"(?:can|could|would|can not|could not|would not) you {_N}(?:be (?:willing|able|open|ok|okay|interested|up|down|happy|kind enough|prepared|so kind)(?: to| as to| with| in| for)? |"
        rf"mind |consider |agree to |please |want to |like to |be |maybe |possibly |ever |both )*(?P<n2>not )?",
        _Frame("propose", "you"),
    ),
    (
        r"(?:do|would|will) you (?:think you (?:can|could|will|would|might)|care to|prefer to|have any interest in|have interest in|mind) ",
        _Frame("propose", "you"),
    ),
    (
        r"(?:any chance|is there any chance|is there a chance|chance|is it possible|any way|would it be possible|possible)(?: that| of| for)?"
        r"(?: you)?(?: can| could| would| will| might| to)* ",
        _Frame("propose", "you"),
    ),
    (
        r"(?:mind|would you mind|makesure|makesure to|makesure that you|makesure you|try to|remember to|feel free to|be ready to|"
        r"go ahead and|consider|you (?:had )?better|please|maybe|try) (?P<n>not |not to )?(?:to )?",
        _Frame("propose", "you"),
    ),
    (
        rf"(?:it would be|that would be|would be|it is|it might be|it may be|it would mean a lot|i think it is|it will be|best|might be|better|"
        rf"it would help(?: me)?(?: a lot| out)?|it would be)"
        rf"(?: (?:great|nice|good|best|helpful|awesome|lovely|cool|better|ideal|wise|smart|amazing|super helpful|wonderful|perfect|huge|"
        rf"really helpful|very helpful|a big help|fantastic|useful|safer|easier|most helpful|a good idea|a great help))?"
        rf"(?: for me| for us| for you| for both of us)?(?: if| to see)? (?:(?P<s>you|we|i) )?(?:could |can |would |to |were to |will |did )*{_N}(?:to )?",
        _Frame("propose_both", "s"),
    ),
    (
        rf"you (?:are best off|should|could|can|might|may|ought to|need to|must|have to|would|might want to|may want to|are better off|are free to|"
        rf"are welcome to|should be able to|will want to|will need to|would do well to|probably want to|would want to|had better) {_N}(?:to )?(?:be )?(?:just )?",
        _Frame("propose", "you"),
    ),
    (
        rf"you (?:will|are going to|are planning to|are planning on|plan to|plan on|intend to|are about to|would be) {_N}(?:be )?{_NP}",
        _Frame("expect", "you", 0.7),
    ),
    (rf"you are {_N}(?=\w+ing\b)", _Frame("expect", "you", 0.7)),
    (rf"we are {_N}(?=\w+ing\b)", _Frame("together", "we", 0.8)),
    (
        r"(?:do not|never) (?!you\b|we\b|i\b|they\b|know|think|worry|trust|forget|have\b|want|need|believe|mind)",
        _Frame("propose", "you", negative=True),
    ),
    # others
    (
        rf"{_W} (?:has |have )?(?:says|tells me|claims|told me|said|mentioned|confirmed|swears|is saying|has agreed|promised me)"
        rf"(?: that)?(?: (?:he|she|they|@w\d+))?(?: (?:is|are|will|would|was|were|wants|plans|intends))*(?: going| planning)?(?: to)? {_N}(?:be )?",
        _Frame("other", "w", 0.8),
    ),
    (
        rf"{_W} (?:is|are|was|were|is also) {_N}(?:going to|planning to|planning on|planning|about to|likely to|trying to|thinking of|"
        rf"thinking about|looking to|set to|coming to|intending to|hoping to|expected to|preparing to|liable to) {_NP}",
        _Frame("other", "w"),
    ),
    (
        rf"{_W} (?:will|may|might|could|can|would|should|wants to|plans to|intends to|needs to|has to|must|seems to|want to|plan to|"
        rf"intend to|is bound to|is likely to|is sure to) {_N}(?:be |try to |be able to )?",
        _Frame("other", "w"),
    ),
    (rf"{_W} (?:is|are) {_N}(?=\w+ing\b)", _Frame("other", "w")),
)
_FRAMES = tuple((re.compile(pattern), frame) for pattern, frame in _FRAME_TABLE)
_FIRST = {
    "how": "how", "what": "what", "why": "why",
}  # fmt: skip

_AUXILIARY = re.compile(
    r"(?:be able to|be happy to|be willing to|be glad to|try to|try and|trying to|go ahead and|going ahead and|continue to|continuing to|"
    r"keep (?=\w+ing)|start (?=\w+ing)|consider (?=\w+ing)|of (?=\w+ing)|about (?=\w+ing)|agree to|agreeing to|be (?=\w+ing)|manage to|"
    r"do (?=(?:the )?@p)|consider (?=@p)|get to|plan to|plan on|want to|need to|have to|like to|both|choose to|end up|commit to|order|just|to(?! (?:the )?@p))\s?"
)
_THINK = re.compile(
    r"(?:(?:i (?:think|believe|guess|hear|heard|bet|suspect|know|fear|worry|expect|feel like|assume|would say|am sure|am pretty sure|"
    r"am worried|am afraid|am guessing|noticed|see|understand|reckon|gather|imagine|feel|suppose|hear from @[wd]\d+|heard from @[wd]\d+)|(?:it )?(?:looks|seems|sounds) like|it (?:seems|appears)|"
    r"rumou?r has it|word is|apparently|fyi|(?:a |quick )?heads up|so you know|to be honest|honestly|as far as i know|note|remember|"
    r"my guess is|in case you (?:did not|do not) know|for your information|you should know|just so you know|the word is|rumou?r is|"
    r"careful|be careful|be warned|warning|watch out|beware|i (?:want|wanted) you to know|do you (?:think|know|know if|know whether|believe|reckon)(?: if| whether)?|letting you know|just letting you know|let you know|"
    r"to let you know|i am pretty sure|pretty sure|word of warning|between us|a word of warning)"
    r"(?: that)?(?: [,:])? )"
)
_WARNING = re.compile(
    r"(?:fyi|(?:a |quick )?heads up|careful|be careful|be warned|warning|watch out|beware|word of warning|a word of|for your info|just so|so you know)"
)
_WATCH = re.compile(
    r"(?:(?:please |you should |you need to |you may want to |better |you better |i would |i should )?(?:watch out for|watch for|watch|look out for|beware of|beware|"
    r"be careful of|be careful about|be careful with|be careful around|careful of|careful with|do not trust|keep an eye on|be wary of|be on guard against|"
    r"guard against|mind|never trust|i would not trust|you can not trust)) "
    r"(?:out for )?(?:the )?(?P<w>@[wad]\d+)(?: (?:army|fleet|unit|units|fleets|armies|attack))?(?: (?:in|at|around|near|from|on|going for|moving to|into|attacking|taking) (?:the )?(?P<p>@p\d+))?"
)
_COMING = re.compile(
    rf"{_W} (?:is|are|will be) (?:coming for|coming after|coming at|after|out to get|a threat to|a danger to|plotting against|"
    r"gunning for|planning against|lining up against|eyeing) (?P<o>you|us|the |your |@[wd]\d+)(?: (?P<p>@p\d+))?"
)
_THREAT = re.compile(
    r"(?:or else|you will regret|you (?:are going to|will) pay|i will make you pay|i will make sure you|do not make me|i will have no choice|"
    r"i will retaliate|i will (?:come|be coming) (?:after|for) you|i will not forget|there will be consequences|i will throw|"
    r"expect (?:a war|an attack|retaliation|my armies|consequences)|you will be sorry|i will hit back|i will have to hit back|"
    r"i am coming for you|we will be at war|it means war|you will not like)"
)
_POLITE_IF = re.compile(
    r"(?:if|when|whenever) (?:you (?:want|like|wish|need|can|could|are (?:able|up for it|interested|ok with that|okay with that|ok|okay|down|game|willing|"
    r"free|up for that|happy with that)|agree|do not mind|would like|prefer|would not mind|have no objection|think so|would|ask|are in)(?: it| me to| that| to)?"
    r"|that is (?:ok|okay|fine|alright|cool|good|all right|possible)(?: with you| by you)?|that works(?: for you)?|possible|so|not|it helps|that helps|"
    r"needed|necessary|it is ok|it works for you|that would help|that helps you|ok)(?= |$)(?! (?:to|me|@p|support|move|hold|stay|leave|into)\b)"
)
_PURPOSE = re.compile(
    r"(?:so(?: that)? (?:i|we|you|they|he|@w\d+|nobody|neither of us|both of us|our|your|my)(?: \w+)? (?:can|could|do not|does not|may|will not|"
    r"would|might|am not|is not|have|get|gets|has|stay|know|need|needs)\b|in order to |to (?:keep|stop|protect|cover|make|help|avoid|prevent|be |show|prove|secure|"
    r"get |give|free|slow|build|put|contain|guard|block)|for (?:next|the) (?:year|turn|season)|otherwise )"
)
_NEEDED = re.compile(
    r"(?:i|we) (?:need|have|want)(?: to (?:keep|use))? (?:(?:my|the|our) )?(?:(?:army|fleet|unit) (?:in|at) )?(?:the )?@p\d+(?: (?:and|,) @p\d+)* "
    r"(?:to|for|in order to) (?:cover|guard|protect|defend|hold|block|watch|stop|elsewhere|keep|something else)(?: (?:against|off|out|the|my|from|in|@[wda]\d+|'s|@p\d+))*"
)
_CONDITION = re.compile(
    r"(?:but )?(?:only )?(?P<k>if|unless|as long as|so long as|provided(?: that)?|assuming(?: that)?|once|in case|on the condition that|on condition that)"
    r" (?:you |@w\d+ )?(?=.)"
)
_EXCHANGE = re.compile(r"(?:in exchange|in return|in trade)(?: for)? (?:(?:you|your|some|a|having you|getting) )*")
_IF_SUBJECT = re.compile(
    rf"(?:(?P<s>you|i|we|{_W}) )?(?:(?:agree to|can|could|will|would|promise to|promise|are going to|are willing to|do|were to|want to|plan to|"
    r"are|am|is|decide to|commit to|does|intend to|help me|are able to|try to|guarantee(?: me)?(?: that)?(?: you)?(?: will)?)(?= )\s)?(?P<n>not |never )?(?:to )?(?P<n2>not )?"
)
_PAST_FLAG = re.compile(
    r"\b(?:last|previous|earlier this) (?:turn|season|phase|year|spring|fall|autumn|round)\b|\byesterday\b|\blast time\b"
)
_NEXT_FLAG = re.compile(
    r"\b(?:(?:for |in |by |and )?(?:the )?(?:next|coming|following) (?:turn|season|phase|spring|fall|autumn|year|round|move)|after that|later on|later|the turn after|"
    r"down the road|eventually|soon after|in the long run|then next turn)\b"
)
_SEASON_FLAG = re.compile(r"\b(?:in|this|for|come|by) (?:the )?(?P<s>spring|fall|autumn)(?: of)?(?: \d+)?\b")
_NOW_FLAG = re.compile(
    r"\b(?:(?:for |in |on )?(?:this|the current) (?:turn|season|phase|year|round|move)|right now|for now|at the moment|this time|first turn|from now on|for the time being|right away|immediately|tonight|today)\b"
)
_ADVERBS = frozenset(
    (
        "also probably definitely just still really actually now again certainly gladly happily simply personally honestly perhaps "
        "totally likely first too currently already maybe possibly hopefully please only basically kindly obviously clearly "
        "either anyway though however absolutely surely finally quickly safely successfully ideally initially even"
    ).split()
)
_ASSENTING = frozenset("absolutely definitely certainly gladly surely".split())
"""Adverbs that by themselves, at the start, say yes."""
_HEDGES = frozenset("probably perhaps maybe possibly hopefully likely".split())
_CONNECTORS = frozenset(
    ", and but so then plus : ' while whereas although since because as well or / that which who where with".split()
)


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(line.split()) for line in text.split("|")), key=len, reverse=True))


_OPENERS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (
        "deny",
        _phrases(
            "i never said that|i did not say that|i did not promise that|i never promised that|i never agreed to that|that is not true|"
            "that is not what i said|i did no such thing|that is a lie|not true|i never did that|i never did|i did not do that|that is false|"
            "i never said anything of the sort|i did not agree to that|no i did not|i never said so|i said no such thing|i never told anyone that|"
            "that is simply not true|it is not true|it is not so|that is not correct|it is a lie|i did not lie to you|i did not lie|i never lied to you|i have not lied|that was not me|it was not me"
        ),
    ),
    (
        "refuse",
        _phrases(
            "no|nope|nah|no thanks|no thank you|no way|no deal|not interested|i am not interested|i would rather not|i can not|i can not do that|"
            "i am afraid not|i am afraid i can not|i am afraid i can not do that|not possible|that does not work|that does not work for me|"
            "does not work for me|i do not think so|unfortunately not|i refuse|i decline|i must decline|i have to decline|i will pass|hard pass|"
            "i will have to pass|i have to pass|absolutely not|not yet|that is not possible|i do not like that|i do not like that idea|"
            "i do not want to|i do not want that|i can not agree to that|i can not accept that|that will not work|that will not work for me|"
            "i have to say no|i must refuse|i have to refuse|not a chance|i am going to pass|i am going to say no|that is a no|it is a no|"
            "i can not make that work|not this time|i will not|i will not do that|can not do that|can not do it|i can not do it|i would not|"
            "i am not comfortable with that|i am not up for that|no can do|i do not think that works|i do not think i can|i do not see it|"
            "i will not be able to|i will not be able to do that|not for me|i think not|i can not commit to that"
        ),
    ),
    (
        "agree",
        _phrases(
            "yes|yeah|yep|yup|yea|ya|aye|sure|sure thing|deal|agreed|ofcourse|absolutely|definitely|sounds good|sounds great|sounds like a plan|"
            "sounds perfect|sounds fine|sounds good to me|sounds great to me|works for me|that works|that works for me|i am in|i am down|"
            "i am game|count me in|i agree|i accept|fine by me|fine with me|you got it|you have got it|will do|can do|consider it done|"
            "gladly|with pleasure|that is fine|that is fine by me|that is fine with me|that is good|great idea|good idea|good plan|great plan|"
            "i like it|i like that|i like the idea|i like that idea|i like that plan|love it|that sounds good|that sounds great|that sounds like a plan|"
            "it is a deal|we have a deal|by all means|for sure|certainly|confirmed|done|i am on board|on board|i am up for that|i am happy to|"
            "happy to|i would be happy to|i would love to|i can do that|i can do it|i will do it|yes please|i am ok with that|i am okay with that|"
            "i am fine with that|i am good with that|i am happy with that|that is ok|that is okay|that is a deal|you have a deal|you have yourself a deal|"
            "i will do that|ok deal|okay deal|ok sounds good|okay sounds good|ok will do|okay will do|i agree with that|i am all for it|i am all for that|"
            "that suits me|suits me|makes sense to me|i am happy to do that|happy to do that|let us do it|let us do that|"
            "i accept your offer|i accept your proposal|we are agreed|agreed on that|that is agreed|roger that|works|it works for me|"
            "that works well for me|that works great|i can agree to that|i can live with that|i am with you|i am in favor|you can count on me|"
            "you can count on it|count on it|you have my word|i promise|yes i will|yes i can|yes i do|yes i would|yes i am|sure i can|sure i will|"
            "i will|i can|i do|i am|as you wish|no problem|not a problem|no objection|no objections|that is fair|fair enough|good call|all good"
        ),
    ),
    ("soft", _phrases("ok|okay|k|kk|great|perfect|alright|all right|fine|cool|awesome|excellent|good|nice|very well|right|lovely|wonderful|amazing|brilliant|oh ok|ok great|ok cool|okay great|ok good|got it|understood|makes sense|ah ok")),
    (
        "thank",
        _phrases(
            "thanks|thank you|many thanks|much appreciated|appreciate it|i appreciate it|i appreciate that|cheers|thanks a lot|"
            "thanks so much|thank you so much|thank you very much|thanks very much|much obliged|i owe you one|i owe you|i am grateful|"
            "very kind of you|appreciated|i really appreciate it|i appreciate the help|thanks again|thanks man|thanks for that|thank you for that|thanks for the help|"
            "thanks for the offer|thank you for the offer|thanks for letting me know|thank you for letting me know|thanks for the heads up|"
            "thanks for your help|thank you for your help|thanks for your support|thank you for your support|thanks for the support|"
            "thanks for the info|thanks for your message|thanks for being honest|thanks for the offer though|thanks anyway|that is kind of you"
        ),
    ),
    (
        "apologise",
        _phrases(
            "sorry|my bad|i apologize|i apologise|my apologies|apologies|i am sorry|i am so sorry|forgive me|so sorry|sorry about that|sorry for that|"
            "i am sorry about that|i am sorry for that|i owe you an apology|please forgive me|i am really sorry|i am very sorry|my mistake|"
            "i am sorry about last turn|sorry about last turn|sorry for the confusion|i regret that|no hard feelings|i feel bad about that|"
            "i feel bad about last turn|i am truly sorry|i made a mistake"
        ),
    ),
    (
        "greet",
        _phrases(
            "hi|hello|hey|greetings|good morning|good evening|good afternoon|howdy|yo|hiya|hi there|hello there|hey there|dear|sup|"
            "salutations|bonjour|guten tag|ciao|hey man|hey friend|hello friend|hi again|hey again|hello again|well hello|merhaba|buongiorno|"
            "good day|well met|hi neighbor|hi neighbour|hello neighbor|hello neighbour|hey neighbor|hey neighbour|my friend|friend|mate|buddy|dude|man|bro"
        ),
    ),
    ("filler", _phrases("well|oh|ah|hmm|hm|haha|lol|ha|um|uh|btw|by the way|do not worry|in that case|that said|that being said|look|listen|to be clear|in any case|for what it is worth|fwiw|i mean|you know|like i said|here is the thing|here is my idea|here is the plan|here is an idea|quick question|question|one idea|an idea|idea|unfortunately|i am afraid|fortunately|luckily|in return|in exchange|other than that|on my end|on my side|for my part|as for me|frankly|truthfully|to be fair|no worries|no rush|i was thinking|i am thinking|alternatively|or|if anything|at least|and yes|this turn|instead|rather|more importantly|one more thing|another thing|oh and|ps|anyway|in return for that")),
)  # fmt: skip
_OPENER_INDEX: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
for _name, _entries in _OPENERS:
    for _entry in _entries:
        _OPENER_INDEX.setdefault(_entry[0], []).append((_name, _entry))
for _bucket in _OPENER_INDEX.values():
    _bucket.sort(key=lambda pair: -len(pair[1]))
_SHORT_YES = frozenset({"i will", "i can", "i do", "i am", "done", "works", "man", "friend", "dear", "good", "right", "i would not", "i will not", "i can not", "no", "sure", "great", "k", "like", "happy to", "i do not want to", "i would be happy to", "i am happy to", "i would love to", "i do not think i can", "i promise", "you can count on me", "i agree", "i will not be able to", "i am afraid", "or", "you have my word", "sorry", "dear", "gladly", "nice", "fine", "cool", "i would rather not", "question", "idea", "deal", "i am afraid i can not", "i am thinking", "i was thinking", "i refuse", "i decline", "look", "i am in", "well", "i can live with that", "i am down", "i am game", "no way", "yes i can", "yes i will", "yes i would", "yes i am", "yes i do", "sure i can", "sure i will", "thanks", "thank you", "you know", "i mean", "instead", "rather", "ha", "i owe you", "let us do that", "let us do it"})  # fmt: skip
"""Openers that are often the beginning of a longer clause; they stand alone only before a break."""
_BREAKS = frozenset(", : ? and but so because since as if ' then".split())
_ALWAYS = frozenset(
    {"no", "sure", "great", "thanks", "thank you", "sorry", "ha", "well", "fine", "cool", "nice", "deal", "gladly"}
)

_FUTURE_COMMIT = {
    "promise": ActKind.PROMISE,
    "inform": ActKind.INFORM,
    "offer": ActKind.OFFER,
    "expect": ActKind.INFORM,
    "other": ActKind.INFORM,
}
_REQUESTS = frozenset(
    {
        ActKind.PROPOSE,
        ActKind.REQUEST_SUPPORT,
        ActKind.OFFER,
        ActKind.COUNTER,
        ActKind.BOUNCE,
        ActKind.DEMILITARISE,
        ActKind.ALLY,
        ActKind.ASK,
    }
)
"""Acts that a "yes" or "no" can answer."""


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, speaker: Power, addressee: Power | None, board: Board, previous: ReadContext) -> None:
        self.speaker, self.addressee, self.board, self.previous = speaker, addressee, board, previous
        self.text, self.mentions = read_names(text, board)
        recent = tuple(said for act in previous.heard for said in act.orders)
        self.scene = Scene(
            _Now(board), speaker, addressee, self.mentions, recent=recent, place=_last_place(previous.heard)
        )
        self.scene.third = _last_third(previous.heard, speaker, addressee)
        self.acts: list[SpeechAct] = []
        self.unread: list[str] = [text[MAX_READ:]] if len(text) > MAX_READ else []
        self.soft = ""
        """A word that may agree: "ok", or only a nicety such as "great"."""

    def read(self) -> Reading:
        for sentence in sentences(self.text, self.mentions):
            self._sentence(sentence)
        return Reading(self._finish(), tuple(self.unread))

    # --- the acts together --------------------------------------------------------------------------

    def _finish(self) -> tuple[SpeechAct, ...]:
        acts = self.acts
        idle = all(act.kind is ActKind.SMALL_TALK for act in acts)
        if self.soft and not any(act.kind in (ActKind.AGREE, ActKind.REFUSE, ActKind.COUNTER) for act in acts):
            if any(act.kind in _REQUESTS - {ActKind.ASK} for act in self.previous.heard):
                acts.insert(0, replace(self._answer(ActKind.AGREE), confidence=0.6))
            elif idle and not self.unread:
                alone = not self.previous.heard and self.soft == "ok"
                acts.append(
                    replace(self._act(ActKind.AGREE), confidence=0.6) if alone else self._act(ActKind.SMALL_TALK)
                )
        refused = [said for act in acts if act.kind is ActKind.REFUSE for said in act.orders]
        merged: list[SpeechAct] = []
        for act in acts:
            if act.kind is ActKind.AGREE and refused:
                act = replace(act, orders=tuple(said for said in act.orders if not _holds(refused, said)))
            if act.kind in (ActKind.SMALL_TALK, ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.APOLOGISE):
                twin = next((n for n, seen in enumerate(merged) if seen.kind is act.kind), None)
                if twin is not None and (
                    not act.orders or not merged[twin].orders or act.orders == merged[twin].orders
                ):
                    old = merged[twin]
                    merged[twin] = replace(
                        old,
                        orders=old.orders or act.orders,
                        provinces=tuple(dict.fromkeys((*old.provinces, *act.provinces))),
                        powers=tuple(dict.fromkeys((*old.powers, *act.powers))),
                    )
                    continue
            if act not in merged:
                merged.append(act)
        if len(merged) > 1 and any(act.kind is not ActKind.SMALL_TALK for act in merged):
            merged = [act for act in merged if act.kind is not ActKind.SMALL_TALK] + [
                act for act in merged if act.kind is ActKind.SMALL_TALK
            ]
        return tuple(merged)

    def _act(self, kind: ActKind, **fields: object) -> SpeechAct:
        return replace(SpeechAct(kind, self.speaker, self.addressee), **fields)  # type: ignore[arg-type]

    def _answer(self, kind: ActKind) -> SpeechAct:
        """An agreement or refusal, with what it answers."""
        asked = [act for act in self.previous.heard if act.kind in _REQUESTS]
        if any(act.kind is not ActKind.ASK for act in asked):
            asked = [act for act in asked if act.kind is not ActKind.ASK]
        return self._act(
            kind,
            orders=tuple(dict.fromkeys(said for act in asked if act.polarity is Polarity.DO for said in act.orders)),
            provinces=tuple(dict.fromkeys(place for act in asked for place in act.provinces)),
            powers=tuple(dict.fromkeys(power for act in asked if act.kind is ActKind.ALLY for power in act.powers)),
            answers=self.previous.sequence,
        )

    # --- a sentence ----------------------------------------------------------------------------------

    def _sentence(self, sentence: Sentence) -> None:
        text = " ".join(sentence.tokens)
        is_past = _PAST_FLAG.search(text) is not None
        text = _PAST_FLAG.sub("", text)
        now = self.board.phase
        text = _NEXT_FLAG.sub(lambda match: " ~later " if "year" in match[0] else " ~next ", text)
        season = _SEASON_FLAG.search(text)
        if season is not None:
            wanted = Season.SPRING if season["s"] == "spring" else Season.FALL
            other = wanted is not now.season or now.kind is not PhaseKind.MOVEMENT
            text = _SEASON_FLAG.sub(" ~next " if other else "", text)
        text = _NOW_FLAG.sub("", text)
        raw = text.split()
        hedged = any(word in _HEDGES for word in raw)
        instead = "instead" in raw
        tokens = [
            word
            for n, word in enumerate(raw)
            if word not in _ADVERBS or (word in _ASSENTING and (n == 0 or raw[n - 1] == ","))
        ]
        tokens = [word for word in tokens if word != "instead"]
        tokens = self._without_vocatives(tokens)
        _Clauses(self, tokens, sentence, is_past, hedged, instead).read()

    def _without_vocatives(self, tokens: list[str]) -> list[str]:
        """The tokens less the addressee's name where it only calls ("Turkey, ...", "..., Turkey")."""

        def calls(token: str) -> bool:
            if not token.startswith("@w"):
                return False
            power = self.mentions[int(token[2:])].power
            return self.addressee is None or power is self.addressee

        if len(tokens) > 1 and calls(tokens[0]) and tokens[1] in (",", ":"):
            tokens = tokens[2:]
        if len(tokens) > 1 and calls(tokens[-1]) and tokens[-2] == ",":
            tokens = tokens[:-2]
        if len(tokens) == 1 and calls(tokens[0]):
            return []
        return [t for n, t in enumerate(tokens) if not (calls(t) and n and tokens[n - 1] in _GREETINGS)]


_GREETINGS = frozenset(
    "hi hello hey greetings dear morning evening afternoon howdy thanks you yo sorry yes no sure there again".split()
)


class _Now:
    """A board as the phrases see it; keeps the lookups of a reading in one place."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.unit_at = board.unit_at
        self.owner_of = board.owner_of
        self.units = board.units

    @property
    def phase(self) -> Phase:
        return self._board.phase


class _Clauses:
    """Reads the clauses of one sentence from left to right."""

    def __init__(
        self,
        reader: _Reader,
        tokens: list[str],
        sentence: Sentence,
        is_past: bool,
        hedged: bool,
        instead: bool,
    ) -> None:
        self.reader, self.tokens, self.sentence = reader, tokens, sentence
        self.is_past, self.hedged, self.instead = is_past, hedged, instead
        self.phase: Phase | None = None
        self.question = sentence.is_question
        self.phrases = Phrases(tokens, reader.scene)
        self.frame: _Frame | None = None
        self.condition: SpeechAct | None = None
        self.warned = False
        self.after_yes = False
        self.sorry = False
        self.last: list[int] = []
        """Indices of the acts of the clause read last, for a condition that follows."""

    def rest(self, i: int) -> str:
        return " ".join(self.tokens[i:])

    def read(self) -> None:
        i = 0
        acts_before = len(self.reader.acts)
        unread_before = len(self.reader.unread)
        while i < len(self.tokens):
            i = self._step(i)
        quiet = len(self.reader.acts) == acts_before and len(self.reader.unread) == unread_before
        if quiet and not self.reader.soft and self.tokens:
            self.reader.acts.append(self.reader._act(ActKind.ASK if self.question else ActKind.SMALL_TALK))

    def _step(self, i: int) -> int:
        """Reads what begins at a token; returns where to go on."""
        token = self.tokens[i]
        if token.startswith("~"):
            phase = _later(self.reader.board.phase, token == "~later")
            trails = i > 0 and self.tokens[i - 1] not in _CONNECTORS
            if trails and self.last:
                for index in self.last:
                    self.reader.acts[index] = replace(self.reader.acts[index], phase=phase)
                self.last = []
            elif not trails:
                self.phase = phase
            return i + 1
        if token in _CONNECTORS or token == "?":
            if token in ("but", "because", "since"):
                self.frame = None
            if token == "that" and (opened := self._opener(i)) is not None:
                return opened
            if not (token in ("so", "as", "with") and _PURPOSE.match(self.rest(i))) and not (
                token in ("so", "as") and _CONDITION.match(self.rest(i))
            ):
                return i + 1
        rest = self.rest(i)
        polite = _POLITE_IF.match(rest)
        if polite is not None:
            self._soften()
            return i + _count(polite[0])
        if _CONDITION.match(rest):
            return self._condition(i, _CONDITION.match(rest))
        exchange = _EXCHANGE.match(rest)
        if exchange is not None and " for " in exchange[0] + " ":
            return self._exchange(i + _count(exchange[0]))
        if _PURPOSE.match(rest) and (i > 0 or token in ("so", "in")):
            return self._skip_reason(i)
        opened = self._opener(i)
        if opened is not None:
            return opened
        think = _THINK.match(rest)
        if think is not None and _count(think[0]) < len(self.tokens) - i:
            self.warned = self.warned or _WARNING.match(think[0]) is not None
            watch = _WATCH.match(rest)
            if watch is None:
                return i + _count(think[0])
        special = self._special(i, rest)
        if special is not None:
            return special
        framed = self._framed(i, rest)
        if framed is not None:
            return framed
        bare = self._bare(i)
        if bare is not None:
            return bare
        return self._unread(i)

    # --- openers ------------------------------------------------------------------------------------

    def _opener(self, i: int) -> int | None:
        if i > 0 and self.tokens[i - 1] not in _BREAKS and not self.after_opener(i):
            return None
        for name, entry in _OPENER_INDEX.get(self.tokens[i], ()):
            end = i + len(entry)
            if tuple(self.tokens[i:end]) != entry:
                continue
            text = " ".join(entry)
            following = self.tokens[end] if end < len(self.tokens) else ","
            if (
                text in _SHORT_YES
                and following not in _BREAKS
                and not (text in _ALWAYS and self._starts_clause(end, name))
            ):
                continue
            if name not in ("filler", "greet") and following in ("@p0", "'s"):
                continue
            if self.question and name in ("agree", "refuse", "soft") and end >= len(self.tokens):
                continue
            return self._opened(name, entry, end)
        return None

    def after_opener(self, i: int) -> bool:
        return self._opened_at == i

    _opened_at = -1

    def _starts_clause(self, i: int, name: str) -> bool:
        word = self.tokens[i]
        if name == "refuse":
            return word in ("i", "we", "you", "it", "that", "sorry", "thanks", "thank", "way", "not", "need")
        if name in ("thank", "apologise"):
            return word in ("for", "i", "but", "about", "man", "to", "that", "you", "we", "@w0", "@w1", "no", "not")
        return word in (
            "i",
            "we",
            "you",
            "that",
            "let",
            "will",
            "can",
            "happy",
            "sounds",
            "it",
            "thing",
            "moving",
            "supporting",
            "if",
            "my",
        )

    def _opened(self, name: str, entry: tuple[str, ...], end: int) -> int:
        reader = self.reader
        self._opened_at = end
        while end < len(self.tokens) and self.tokens[end] in ("man", "friend", "mate", "buddy", "dude", "bro", "there"):
            end += 1
        self._opened_at = end
        following = self.rest(end)
        match name:
            case "agree":
                reader.acts.append(reader._answer(ActKind.AGREE))
                self.after_yes = True
            case "soft":
                reader.soft = (
                    "ok" if entry[0] in ("ok", "okay", "alright", "fine", "k", "kk") else reader.soft or "nice"
                )
            case "refuse":
                reader.acts.append(reader._answer(ActKind.REFUSE))
                self.sorry = True
            case "deny":
                reader.acts.append(reader._act(ActKind.DENY, answers=reader.previous.sequence))
            case "thank":
                return self._thanked(ActKind.THANK, end)
            case "apologise":
                if re.match(
                    r"(?:(?:,|but|,? ?i)\s?)*(?:i )?(?:can not|could not|will not|need|am not|would|have to|do not|must|no\b|am unable|am afraid)",
                    following,
                ):
                    self.sorry = True
                else:
                    return self._thanked(ActKind.APOLOGISE, end)
            case "greet":
                reader.acts.append(reader._act(ActKind.SMALL_TALK))
        self.last = [len(reader.acts) - 1] if name in ("agree", "refuse") else self.last
        return end

    def _thanked(self, kind: ActKind, i: int) -> int:
        """ "thanks for supporting me into Bel", "sorry about Burgundy"."""
        reader = self.reader
        if i < len(self.tokens) and self.tokens[i] in ("for", "about", "that"):
            who = reader.addressee if kind is ActKind.THANK else reader.speaker
            j = i + 1
            while j < len(self.tokens) and self.tokens[j] in ("the", "your", "my", "i", "not", "having", "you"):
                j += 1
            found = self.phrases.deed(j, (who,) if who is not None else ())
            if found is not None:
                deed = found[0]
                reader.acts.append(
                    reader._act(kind, orders=deed.orders, provinces=() if deed.orders else deed.provinces)
                )
                return found[1]
            end = self._segment_end(i + 1)
            places = self._places(i, end)
            reader.acts.append(reader._act(kind, provinces=places))
            return end
        reader.acts.append(reader._act(kind))
        return i

    # --- conditions ---------------------------------------------------------------------------------

    def _condition(self, i: int, match: re.Match[str] | None) -> int:
        assert match is not None
        head = self.tokens[i : i + _count(match[0])]
        words = [word for word in head if word != "you" and not word.startswith("@w")]
        j = i + len(words)
        read = self._what_if(j, negative=match["k"] == "unless")
        if read is None:
            end = self._segment_end(i + 1)
            if self._places(i, end):
                self.reader.unread.append(self.sentence.source)
                return len(self.tokens)
            self._soften()
            return end
        condition, end = read
        while end < len(self.tokens) and self.tokens[end] in ("and", ",") and (more := self._what_if(end + 1, False)):
            if not more[0].orders or self.tokens[end] == ",":
                break
            condition = replace(condition, orders=(*condition.orders, *more[0].orders))
            end = more[1]
        if self.last and i > 0:
            acts = self.reader.acts
            for index in self.last:
                acts[index] = self._conditional(acts[index], condition)
            self.last = []
        else:
            self.condition = condition
            if end < len(self.tokens) and self.tokens[end] in (",", "then"):
                end += 1
        return end

    def _what_if(self, i: int, negative: bool) -> tuple[SpeechAct, int] | None:
        """What must come true, as an INFORM act."""
        reader = self.reader
        match = _IF_SUBJECT.match(self.rest(i) + " ")
        if match is None:
            return None
        subject: Power | None = reader.addressee
        if match["s"]:
            subject = self._subject(match["s"], match["w"])
        elif i > 0 and self.tokens[i - 1] in ("i",):
            subject = reader.speaker
        j = i + _count(match[0])
        negative ^= bool(match["n"]) ^ bool(match["n2"])
        if subject is None:
            return None
        actors = (reader.speaker, subject) if match["s"] == "we" and subject is not reader.speaker else (subject,)
        if match["s"] == "we" and reader.addressee is not None:
            actors = (reader.speaker, reader.addressee)
        found = self.phrases.deed(j, actors)
        if found is None:
            return None
        deed = found[0]
        negative ^= deed.is_negative
        if deed.kind is DeedKind.SAME:
            asked = reader._answer(ActKind.AGREE)
            return reader._act(ActKind.INFORM, orders=asked.orders, provinces=asked.provinces), found[1]
        kind = ActKind.INFORM
        provinces = () if deed.orders else deed.provinces
        powers = deed.powers if deed.kind in (DeedKind.ATTACK, DeedKind.ALLY) else ()
        if deed.kind is DeedKind.DMZ:
            negative = not negative
        return (
            reader._act(
                kind,
                orders=deed.orders,
                provinces=provinces,
                powers=powers,
                polarity=Polarity.NOT if negative else Polarity.DO,
            ),
            found[1],
        )

    def _conditional(self, act: SpeechAct, condition: SpeechAct) -> SpeechAct:
        kind = act.kind
        own = kind in (ActKind.PROMISE, ActKind.INFORM)
        if own and act.polarity is Polarity.DO and self._hostile(act):
            kind = ActKind.THREATEN
        elif own:
            kind = ActKind.OFFER
        return replace(act, kind=kind, condition=condition)

    def _hostile(self, act: SpeechAct) -> bool:
        """Whether the speaker's orders go against the addressee."""
        addressee = self.reader.addressee
        if addressee is None:
            return False
        for said in act.orders:
            if said.order.kind is OrderKind.MOVE and said.order.target is not None:
                place = province_of(said.order.target)
                standing = self.reader.board.unit_at(place)
                if self.reader.board.owner_of(place) is addressee or (standing and standing[0] is addressee):
                    return True
        return addressee in act.powers and act.kind is ActKind.THREATEN

    def _exchange(self, i: int) -> int:
        reader = self.reader
        found = self.phrases.deed(i, (reader.addressee,) if reader.addressee else ())
        if found is None or not self.last:
            end = self._segment_end(i)
            if self._places(i, end):
                reader.unread.append(self.sentence.source)
                return len(self.tokens)
            return end
        deed = found[0]
        condition = reader._act(ActKind.INFORM, orders=deed.orders, provinces=() if deed.orders else deed.provinces)
        for index in self.last:
            reader.acts[index] = self._conditional(reader.acts[index], condition)
        return found[1]

    def _soften(self) -> None:
        """ "if you want": what was promised is only offered."""
        for index in self.last:
            act = self.reader.acts[index]
            if act.kind in (ActKind.PROMISE, ActKind.INFORM) and all(
                s.power is self.reader.speaker for s in act.orders
            ):
                self.reader.acts[index] = replace(act, kind=ActKind.OFFER)

    # --- special patterns ---------------------------------------------------------------------------

    def _special(self, i: int, rest: str) -> int | None:
        reader = self.reader
        needed = _NEEDED.match(rest)
        if needed is not None:
            return i + _count(needed[0])
        watch = _WATCH.match(rest)
        if watch is not None:
            power = reader.mentions[int(watch["w"][2:])].power
            if power is not None and power not in (reader.speaker, reader.addressee):
                places = () if watch["p"] is None else reader.mentions[int(watch["p"][2:])].provinces[:1]
                reader.acts.append(reader._act(ActKind.WARN, powers=(power,), provinces=places))
                reader.scene.third = power
                self.warned = True
                return i + _count(watch[0])
        coming = _COMING.match(rest)
        if (
            coming is not None
            and (who := self._third(coming["w"])) is not None
            and coming["o"] in ("you", "us", "your ", "the ")
        ):
            places = () if coming["p"] is None else reader.mentions[int(coming["p"][2:])].provinces[:1]
            if not self.question:
                reader.acts.append(reader._act(ActKind.WARN, powers=who, provinces=places))
                return i + _count(coming[0])
        threat = _THREAT.match(rest)
        if threat is not None and "@p" not in rest:
            reader.acts.append(reader._act(ActKind.THREATEN, condition=self._take_condition()))
            return len(self.tokens)
        lied = re.match(
            r"you (?:have )?(?:lied|stabbed me|broke (?:your (?:word|promise)|our (?:deal|agreement))|betrayed me|attacked me|backstabbed me)",
            rest,
        )
        if lied is not None:
            reader.acts.append(reader._act(ActKind.CLAIM_PAST))
            return i + _count(lied[0])
        return None

    def _take_condition(self) -> SpeechAct | None:
        condition, self.condition = self.condition, None
        return condition

    # --- frames -------------------------------------------------------------------------------------

    def _framed(self, i: int, rest: str) -> int | None:
        matched: tuple[_Frame, int] | None = None
        for pattern, frame in _FRAMES:
            match = pattern.match(rest + " ")
            if match is None or not match[0].strip():
                continue
            groups = match.groupdict()
            negative = bool(groups.get("n")) ^ bool(groups.get("n2")) ^ frame.negative
            if frame.name == "past_word" and "not going" in match[0]:
                negative = True
            subject = frame.subject
            power: Power | None = None
            if subject in ("?", "s"):
                subject = {"i": "I", "me": "I", "you": "you", None: "both", "you and me": "we", "you and i": "we"}.get(
                    groups.get("s"), "we" if groups.get("s") in ("we", "us", "both of us") else "w"
                )
            if subject == "w":
                thirds = self._third(groups.get("w"))
                if thirds is None:
                    continue
                power = thirds[0]
                if power is self.reader.addressee:
                    subject = "you"
                elif power is self.reader.speaker:
                    subject = "I"
            found = replace(frame, subject=subject, negative=negative, power=power)
            if frame.name == "past_word" and subject == "w":
                found = replace(found, name="other", confidence=0.8)
            end = self._apply(i, i + _count(match[0]), found)
            if end is not None:
                return end
            matched = matched or (found, i + _count(match[0]))
        if matched is not None and matched[0].name in ("ask", "ask_you", "will_you", "propose_both") and self.question:
            return self._asked(i)
        return None

    def _third(self, word: str | None) -> tuple[Power, ...] | None:
        """The powers that the subject of a clause names."""
        if word in (None, ""):
            return None
        if word in ("he", "she", "they"):
            third = self.reader.scene.third
            return None if third is None else (third,)
        powers = tuple(
            power
            for number in re.findall(r"@[wda](\d+)", word or "")
            if (power := self.reader.mentions[int(number)].power) is not None
        )
        if powers:
            self.reader.scene.third = powers[0]
        return powers or None

    def _subject(self, word: str, third: str | None) -> Power | None:
        if word == "i":
            return self.reader.speaker
        if word in ("you", "we"):
            return self.reader.addressee
        found = self._third(third or word)
        return None if found is None else found[0]

    def _apply(self, start: int, i: int, frame: _Frame) -> int | None:
        """Reads the verb phrase after a frame; None: there is none."""
        while (aux := _AUXILIARY.match(self.rest(i))) and aux[0].strip():
            i += _count(aux[0])
        actors = self._actors(frame)
        if frame.subject == "I_noun":
            actors = (self.reader.speaker,)
        if frame.name in ("past", "past_word", "deny"):
            self._past_units()
        ordered = len(self.reader.scene.ordered)
        found = self.phrases.deed(i, actors)
        if found is None and frame.name == "together" and "want to" in " ".join(self.tokens[start:i]):
            found = self.phrases.deed(i, actors)
        if found is None:
            del self.reader.scene.ordered[ordered:]
            return self._refused_power(i, frame)
        deed, end = found
        if not self._fits(deed, frame):
            del self.reader.scene.ordered[ordered:]
            return None
        self._emit(deed, frame)
        self.frame = frame
        return end

    def _refused_power(self, i: int, frame: _Frame) -> int | None:
        return None

    def _past_units(self) -> None:
        """Past orders are resolved on today's board; units that have moved on stay provinces."""

    def _actors(self, frame: _Frame) -> tuple[Power, ...]:
        reader = self.reader
        both = tuple(power for power in (reader.speaker, reader.addressee) if power is not None)
        you = () if reader.addressee is None else (reader.addressee,)
        match frame.subject:
            case "I" | "I_noun":
                return (reader.speaker,)
            case "you":
                return you
            case "w":
                return () if frame.power is None else (frame.power,)
            case "both":
                return you or both
        return both

    def _fits(self, deed: Deed, frame: _Frame) -> bool:
        """Whether a verb phrase can follow a frame: its form, and whose units are ordered."""
        if deed.form is Form.PAST and frame.name not in ("past", "past_word", "ask", "propose_both", "deny"):
            if frame.name not in ("inform",) or deed.kind is not DeedKind.ORDER:
                return False
        if frame.subject in ("I", "you", "w") and deed.orders and not deed.is_aid:
            actors = self._actors(frame)
            if deed.orders[0].power not in actors:
                return (
                    frame.name in ("propose", "propose_both", "past_word", "expect", "ask") and deed.form is Form.NONE
                )
        return True

    # --- acts from a frame and a verb phrase --------------------------------------------------------

    def _emit(self, deed: Deed, frame: _Frame) -> None:
        reader = self.reader
        act = self._make(deed, frame)
        confidence = min(frame.confidence, deed.confidence, 0.6 if self.hedged else 1.0)
        if frame.name in ("ask", "ask_you", "will_you") or act.kind is ActKind.ASK:
            confidence = deed.confidence
        phase = self.phase
        if act.kind is ActKind.CLAIM_PAST and self.is_past:
            phase = _previous(reader.board.phase)
        act = replace(act, confidence=confidence, phase=phase)
        if self.condition is not None and act.kind not in (ActKind.AGREE,):
            act = self._conditional(act, self.condition)
        if self.last and self.frame is frame and act.condition is None and self._merge(act):
            return
        reader.acts.append(act)
        self.last = [len(reader.acts) - 1]

    def _merge(self, act: SpeechAct) -> bool:
        """Joins an act to the one before of the same kind: one act, several orders."""
        acts = self.reader.acts
        if len(self.last) != 1 or not act.orders:
            return False
        old = acts[self.last[0]]
        if not old.orders or replace(act, orders=(), confidence=1.0) != replace(old, orders=(), confidence=1.0):
            return False
        acts[self.last[0]] = replace(old, orders=(*old.orders, *(o for o in act.orders if o not in old.orders)))
        return True

    def _make(self, deed: Deed, frame: _Frame) -> SpeechAct:
        reader = self.reader
        negative = frame.negative ^ deed.is_negative
        polarity = Polarity.NOT if negative else Polarity.DO
        provinces = () if deed.orders else deed.provinces
        name = frame.name
        if name == "will_you":
            name = "propose" if deed.is_aid or deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY) else "ask"
        if name == "ask_you":
            name = "ask" if self.question else "expect"
        if name == "expect" and self.question:
            name = "ask"
        if name == "propose_both":
            name = "together" if frame.subject in ("we", "both") and not deed.orders else "propose"
            if frame.subject == "I":
                name = "offer"
        if name in ("other",) and self.question:
            name = "ask"
        if deed.kind is DeedKind.SAME:
            return self._same(name, negative)
        if deed.kind is not DeedKind.ORDER and deed.kind is not DeedKind.BACK:
            return self._make_other(deed, name, frame, negative)
        powers = deed.powers if deed.kind is DeedKind.BACK and not deed.orders else ()
        powers = tuple(power for power in powers if power not in (reader.speaker, reader.addressee))
        fields = {"orders": deed.orders, "provinces": provinces, "powers": powers, "polarity": polarity}
        match name:
            case "promise" | "inform" | "offer" | "expect":
                kind = _FUTURE_COMMIT[name]
                if name == "offer" and self.after_yes:
                    kind = ActKind.PROMISE
                if kind is ActKind.OFFER and negative:
                    kind = ActKind.REFUSE
                    fields["polarity"] = Polarity.DO
                if negative and self._was_asked(deed.orders):
                    return reader._act(ActKind.REFUSE, orders=deed.orders, answers=reader.previous.sequence)
                if name in ("promise", "inform") and self.question and name == "inform":
                    kind = ActKind.INFORM
                return reader._act(kind, **fields)
            case "cannot":
                if self.sorry or self._was_asked(deed.orders) or deed.is_aid:
                    return reader._act(
                        ActKind.REFUSE,
                        orders=deed.orders,
                        provinces=provinces,
                        powers=powers,
                        answers=reader.previous.sequence,
                    )
                fields["polarity"] = Polarity.DO if negative else Polarity.NOT
                return reader._act(ActKind.INFORM, **fields)
            case "ask":
                return reader._act(ActKind.ASK, **fields)
            case "past" | "past_word" | "deny":
                if name == "deny" or (name == "past" and frame.negative and frame.subject == "I"):
                    fields["polarity"] = Polarity.DO
                    return reader._act(ActKind.DENY, **fields)
                return reader._act(ActKind.CLAIM_PAST, **fields)
            case "other":
                third = self._actors(frame)
                kind = ActKind.WARN if self.warned else ActKind.INFORM
                if not deed.orders or kind is ActKind.WARN:
                    fields["powers"] = tuple(dict.fromkeys((*third, *powers)))
                return reader._act(kind, **fields)
        kind = ActKind.PROPOSE
        if self.instead:
            kind = ActKind.COUNTER
        elif deed.is_aid and name == "propose" and self._aids_other(deed):
            kind = ActKind.REQUEST_SUPPORT
        return reader._act(kind, **fields)

    def _aids_other(self, deed: Deed) -> bool:
        """Whether the addressee is asked to help a unit that is not its own."""
        if not deed.orders:
            return True
        aided = deed.orders[-1].order.aided
        standing = None if aided is None else self.reader.board.unit_at(aided.province)
        return standing is None or standing[0] is not self.reader.addressee

    def _was_asked(self, orders: Sequence[ActOrder]) -> bool:
        asked = [said for act in self.reader.previous.heard if act.kind in _REQUESTS for said in act.orders]
        return bool(orders) and all(_holds(asked, said) for said in orders)

    def _same(self, name: str, negative: bool) -> SpeechAct:
        if name in ("promise", "inform", "offer"):
            return self.reader._answer(ActKind.REFUSE if negative else ActKind.AGREE)
        if name == "cannot":
            return self.reader._answer(ActKind.REFUSE)
        if name in ("past", "past_word", "deny"):
            return self.reader._act(ActKind.DENY if negative or name == "deny" else ActKind.CLAIM_PAST)
        if name == "together" and self.previous_asked():
            return self.reader._answer(ActKind.AGREE)
        return self.reader._act(ActKind.ASK if self.question else ActKind.SMALL_TALK)

    def previous_asked(self) -> bool:
        return any(act.kind in _REQUESTS for act in self.reader.previous.heard)

    def _make_other(self, deed: Deed, name: str, frame: _Frame, negative: bool) -> SpeechAct:
        """Bounces, demilitarised zones, alliances, attacks on a power."""
        reader = self.reader
        polarity = Polarity.NOT if negative else Polarity.DO
        own = frame.subject == "I"
        content = {"provinces": deed.provinces, "powers": deed.powers, "polarity": polarity}
        if name in ("past", "past_word", "deny"):
            kind = ActKind.DENY if name == "deny" or (negative and own) else ActKind.CLAIM_PAST
            if kind is ActKind.DENY:
                content["polarity"] = Polarity.DO
            return reader._act(kind, **content)
        if name == "cannot" and deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY):
            return reader._act(
                ActKind.REFUSE, provinces=deed.provinces, powers=deed.powers, answers=reader.previous.sequence
            )
        match deed.kind:
            case DeedKind.DMZ:
                if name == "other" or (name == "ask" and frame.subject == "w"):
                    kind = ActKind.INFORM if name == "other" else ActKind.ASK
                    return reader._act(kind, **{**content, "powers": self._actors(frame)})
                if own and name in ("promise", "inform") and deed.form is not Form.NONE and self._stays_out():
                    flipped = Polarity.DO if negative else Polarity.NOT
                    return reader._act(
                        ActKind.PROMISE if name == "promise" else ActKind.INFORM,
                        provinces=deed.provinces,
                        polarity=flipped,
                    )
                return reader._act(ActKind.DEMILITARISE, provinces=deed.provinces, polarity=polarity)
            case DeedKind.BOUNCE:
                if name == "ask" and frame.subject != "I":
                    powers = (*deed.powers, *(self._actors(frame) if frame.subject == "w" else ()))
                    return reader._act(ActKind.ASK, **{**content, "powers": powers})
                if name == "other":
                    kind = ActKind.WARN if self.warned else ActKind.INFORM
                    return reader._act(kind, **{**content, "powers": (*self._actors(frame), *deed.powers)})
                return reader._act(ActKind.BOUNCE, **content)
            case DeedKind.ALLY:
                if name in ("other", "expect") or (name == "ask" and deed.powers and frame.subject != "we"):
                    powers = (*(self._actors(frame) if frame.subject == "w" else ()), *deed.powers)
                    return reader._act(
                        ActKind.ASK if name == "ask" else ActKind.INFORM, **{**content, "powers": powers}
                    )
                return reader._act(ActKind.ALLY, **content)
        return self._attack(deed, name, frame, negative)

    def _stays_out(self) -> bool:
        words = set(self.tokens)
        return "dmz" not in words and bool(
            words & {"out", "away", "leave", "leaving", "off", "clear", "vacate", "vacating"}
        )

    def _attack(self, deed: Deed, name: str, frame: _Frame, negative: bool) -> SpeechAct:
        reader = self.reader
        polarity = Polarity.NOT if negative else Polarity.DO
        targets = deed.powers
        at_you = reader.addressee in targets
        content = {"provinces": deed.provinces, "powers": targets, "polarity": polarity}
        match name:
            case "promise" | "inform" | "offer" | "cannot":
                if name == "cannot":
                    return reader._act(ActKind.PROMISE, **{**content, "polarity": Polarity.NOT})
                if at_you and not negative:
                    return reader._act(ActKind.THREATEN, **{**content, "powers": ()})
                return reader._act(ActKind.PROMISE if name == "promise" else ActKind.INFORM, **content)
            case "other":
                who = self._actors(frame)
                if at_you and not negative:
                    return reader._act(ActKind.WARN, **{**content, "powers": who})
                kind = ActKind.WARN if self.warned else ActKind.INFORM
                return reader._act(kind, **{**content, "powers": tuple(dict.fromkeys((*who, *targets)))})
            case "ask" | "expect":
                who = self._actors(frame) if frame.subject == "w" else ()
                targets = tuple(power for power in (*who, *targets) if power is not reader.speaker)
                kind = ActKind.ASK if name == "ask" else ActKind.INFORM
                return reader._act(kind, **{**content, "powers": targets})
            case "together":
                return reader._act(ActKind.ALLY, **content)
        kind = ActKind.COUNTER if self.instead else ActKind.PROPOSE
        return reader._act(kind, **{**content, "powers": tuple(p for p in targets if p is not reader.speaker)})

    # --- clauses without a frame --------------------------------------------------------------------

    def _bare(self, i: int) -> int | None:
        """A verb phrase by itself ("moving to Bur", "support me into Bel", "Par-Bur"), or a third power's."""
        reader = self.reader
        past = self._past_clause(i)
        if past is not None:
            return past
        other = re.match(rf"{_W} (?=\w)", self.rest(i))
        if other is not None and (who := self._third(other["w"])) is not None:
            j = i + _count(other[0])
            form = is_verb(self.tokens[j]) if j < len(self.tokens) else None
            if form in (Form.THIRD, Form.BASE, Form.ING):
                found = self.phrases.deed(j, who)
                if found is not None and found[0].form in (Form.THIRD, Form.BASE, Form.ING):
                    self._emit(found[0], _Frame("other", "w", 0.8, power=who[0]))
                    return found[1]
        ordered = len(reader.scene.ordered)
        you = () if reader.addressee is None else (reader.addressee,)
        found = None
        if self.frame is not None:
            found = self.phrases.deed(i, self._actors(self.frame))
            if (
                found is not None
                and self._fits(found[0], self.frame)
                and (found[0].form is not Form.NONE or found[0].is_aid or found[0].orders[:1])
            ):
                if not (
                    found[0].form is Form.NONE
                    and found[0].orders
                    and found[0].orders[0].power not in self._actors(self.frame)
                    and self.frame.name not in ("together", "propose_both")
                ):
                    self._emit(found[0], self.frame)
                    return found[1]
            del reader.scene.ordered[ordered:]
        word = self.tokens[i]
        if word in ("i", "you", "we", "he", "they"):
            return None
        leading = is_verb(word)
        actors: tuple[Power, ...] = you
        if leading is Form.ING and not self.question:
            actors = (reader.speaker,)
        found = self.phrases.deed(i, actors)
        if found is None:
            return None
        deed, end = found
        frame = self._bare_frame(deed)
        if frame is None:
            del reader.scene.ordered[ordered:]
            return None
        self._emit(deed, frame)
        self.frame = frame
        return end

    def _bare_frame(self, deed: Deed) -> _Frame | None:
        if deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY):
            if deed.form is Form.PAST:
                return _Frame("past", "I")
            return _Frame("together", "we")
        match deed.form:
            case Form.ING:
                return _Frame("ask", "you", 0.8) if self.question else _Frame("inform", "I")
            case Form.BASE:
                return _Frame("propose", "you", 0.9)
            case Form.PAST:
                return _Frame("past", "I")
            case Form.NONE:
                if not deed.orders:
                    return None
                power = deed.orders[0].power
                if power is self.reader.speaker:
                    return _Frame("ask", "I") if self.question and not deed.is_aid else _Frame("inform", "I", 0.9)
                if power is self.reader.addressee:
                    return _Frame("propose", "you", 0.8)
                return _Frame("other", "w", 0.7, power=power)
        return None

    def _past_clause(self, i: int) -> int | None:
        match = re.match(rf"(?P<s>i|you|we|{_W}) (?:(?:have|had|has) )?(?P<n>not |never )?(?=\w)", self.rest(i))
        if match is None:
            return None
        j = i + _count(match[0])
        if j >= len(self.tokens) or is_verb(self.tokens[j]) is not Form.PAST:
            if not (self.is_past and j < len(self.tokens) and self.tokens[j] in ("hit", "put", "cut", "bounce")):
                return None
        subject = self._subject(match["s"], match["w"])
        if subject is None:
            return None
        actors = (subject, self.reader.speaker) if match["s"] == "we" else (subject,)
        found = self.phrases.deed(j, actors)
        if found is None:
            return None
        names = {"i": "I", "you": "you", "we": "we"}
        frame = _Frame("past", names.get(match["s"], "w"), negative=bool(match["n"]), power=subject)
        if self.question:
            frame = replace(frame, name="ask")
        self._emit(found[0], frame)
        self.frame = frame
        return found[1]

    # --- what is left -------------------------------------------------------------------------------

    def _segment_end(self, i: int) -> int:
        """Where the clause that begins at a token ends."""
        j = i
        while j < len(self.tokens):
            token = self.tokens[j]
            if token in (",", "but", "because", ":", "?") or (token in ("and", "so", "then", "if", "while") and j > i):
                return j
            j += 1
        return j

    def _places(self, i: int, end: int) -> tuple[Province, ...]:
        places = [m.provinces[0] for n in range(i, end) if (m := self.phrases.mention(n, "p")) is not None]
        return tuple(dict.fromkeys(places))

    def _powers(self, i: int, end: int) -> tuple[Power, ...]:
        powers = [m.power for n in range(i, end) if (m := self.phrases.mention(n, "wad")) is not None]
        known = (self.reader.speaker, self.reader.addressee)
        return tuple(dict.fromkeys(power for power in powers if power is not None and power not in known))

    def _skip_reason(self, i: int) -> int:
        """Passes over a purpose ("so that we can take Munich next year"), which claims nothing."""
        j = i + 1
        while j < len(self.tokens):
            if self.tokens[j] in (",", "but", "if", "unless") and j + 1 < len(self.tokens):
                return j
            j += 1
        return j

    def _asked(self, i: int) -> int:
        """A question whose verb phrase says nothing more than what it is about."""
        end = len(self.tokens)
        act = self.reader._act(
            ActKind.ASK, provinces=self._places(i, end), powers=self._powers(i, end), phase=self.phase
        )
        self.reader.acts.append(act)
        return end

    def _unread(self, i: int) -> int:
        """A clause that none of the rules reads."""
        rest = self.rest(i)
        if self.question and re.match(
            r"(?:what|where|who|whom|how|when|which|why|any|have you|did you|do you|are you|is|does|did|will|has|have|would|should|can|could|may|so what|thoughts|anything|got)\b",
            rest,
        ):
            return self._asked(i)
        end = self._segment_end(i)
        end = max(end, i + 1)
        if self._places(i, end):
            if self.question and i == 0 and end == len(self.tokens) and len(self.tokens) <= 4:
                return self._asked(i)
            self.reader.unread.append(self.sentence.source)
            return len(self.tokens) if self.frame is None else end
        if self.question and end == len(self.tokens) and self._powers(i, end):
            return self._asked(i)
        while end < len(self.tokens) and self.tokens[end] == ",":
            end += 1
        self.frame = None
        return end


def _count(text: str) -> int:
    return len(text.split())


def _later(now: Phase, is_year: bool) -> Phase:
    following = now.next_movement
    return following.next_movement if is_year and now.season is Season.SPRING else following


def _previous(now: Phase) -> Phase:
    if now.season is Season.SPRING:
        return Phase(now.year - 1, Season.FALL, PhaseKind.MOVEMENT)
    if now.kind is PhaseKind.MOVEMENT:
        return Phase(now.year, Season.SPRING, PhaseKind.MOVEMENT)
    return Phase(now.year, Season.FALL, PhaseKind.MOVEMENT)


def _last_place(acts: Sequence[SpeechAct]) -> Province | None:
    for act in reversed(acts):
        for said in reversed(act.orders):
            if said.order.target is not None:
                return province_of(said.order.target)
        if act.provinces:
            return act.provinces[-1]
    return None


def _last_third(acts: Sequence[SpeechAct], speaker: Power, addressee: Power | None) -> Power | None:
    for act in reversed(acts):
        for power in reversed((*(said.power for said in act.orders), *act.powers)):
            if power not in (speaker, addressee):
                return power
    return None


def _same_order(first: ActOrder, second: ActOrder) -> bool:
    return first.power is second.power and same_move(first.order, second.order)


def _holds(orders: Iterable[ActOrder], wanted: ActOrder) -> bool:
    return any(_same_order(said, wanted) for said in orders)


# --- read-back -------------------------------------------------------------------------------------------

_OWN = frozenset({ActKind.PROMISE, ActKind.INFORM})
_ASKING = frozenset({ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER})
_SAID_AS: dict[ActKind, frozenset[ActKind]] = {
    ActKind.PROPOSE: _ASKING,
    ActKind.REQUEST_SUPPORT: _ASKING,
    ActKind.COUNTER: _ASKING,
    ActKind.PROMISE: _OWN | {ActKind.AGREE},
    ActKind.INFORM: _OWN | {ActKind.AGREE, ActKind.WARN},
    ActKind.WARN: frozenset({ActKind.WARN, ActKind.INFORM}),
    ActKind.AGREE: frozenset({ActKind.AGREE}),
    ActKind.REFUSE: frozenset({ActKind.REFUSE}),
}
"""By which acts of a reading an act of a plan counts as said; others only by their own kind."""
_HARMLESS = frozenset({ActKind.SMALL_TALK, ActKind.THANK, ActKind.APOLOGISE})


def matches(planned: Sequence[SpeechAct], reading: Reading) -> bool:
    """Whether a text says its plan: every planned act, and no order, place, answer or power beyond the plan.

    PROMISE and INFORM of own orders count as one, as do PROPOSE, REQUEST_SUPPORT and COUNTER; an AGREE or REFUSE may
    take its orders from the clause that follows it ("Yes, I'll support Par-Bur").  Polarity, condition, whose
    order it is and (unless past) the phase must be the same.  Coasts aside.
    """
    if reading.unread:
        return False
    return all(_is_said(act, planned, reading.acts) for act in planned) and all(
        _is_planned(act, planned, reading.acts) for act in reading.acts
    )


def _is_said(act: SpeechAct, planned: Sequence[SpeechAct], acts: Sequence[SpeechAct]) -> bool:
    kinds = _SAID_AS.get(act.kind, frozenset({act.kind}))
    if act.kind in (ActKind.AGREE, ActKind.REFUSE):
        return _is_answered(act, acts)
    if act.kind is ActKind.COUNTER and not (act.orders or act.provinces or act.powers):
        return any(said.kind in kinds for said in acts)
    candidates = [said for said in acts if said.kind in kinds and _same_frame(act, said)]
    for wanted in act.orders:
        if not any(_holds(said.orders, wanted) for said in candidates):
            return False
    if act.orders:
        return True
    return any(set(act.provinces) <= set(said.provinces) and set(act.powers) <= set(said.powers) for said in candidates)


def _is_answered(act: SpeechAct, acts: Sequence[SpeechAct]) -> bool:
    """An answer is said by its word, with its orders in the answer itself or stated beside it."""
    refuses = act.kind is ActKind.REFUSE
    kinds = (
        {ActKind.REFUSE, ActKind.PROMISE, ActKind.INFORM}
        if refuses
        else {ActKind.AGREE, ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER}
    )
    answer = [said for said in acts if said.kind is act.kind]
    if not answer and not refuses:
        return False
    beside = [
        said
        for said in acts
        if said.kind in kinds
        and (said.kind is act.kind or (said.polarity is Polarity.NOT) == refuses)
        and _same_condition(act.condition, said.condition)
    ]
    if not answer and not (act.orders and beside):
        return False
    if not all(any(_holds(said.orders, wanted) for said in beside) for wanted in act.orders):
        return False
    named = {place for said in beside for place in said.provinces}
    return act.orders != () or set(act.provinces) <= named


def _same_frame(first: SpeechAct, second: SpeechAct) -> bool:
    if first.polarity is not second.polarity or not _same_condition(first.condition, second.condition):
        return False
    past = (ActKind.CLAIM_PAST, ActKind.DENY, ActKind.THANK, ActKind.APOLOGISE)
    return first.kind in past or first.phase == second.phase


def _same_condition(first: SpeechAct | None, second: SpeechAct | None) -> bool:
    if first is None or second is None:
        return first is second
    return (
        first.polarity is second.polarity
        and len(first.orders) == len(second.orders)
        and all(_holds(second.orders, said) for said in first.orders)
        and (bool(first.orders) or set(first.provinces) == set(second.provinces))
    )


def _is_planned(said: SpeechAct, planned: Sequence[SpeechAct], acts: Sequence[SpeechAct]) -> bool:
    """Whether what a text says is within the plan."""
    if said.kind in _HARMLESS and not said.orders and not said.provinces:
        return True
    if said.kind in (ActKind.AGREE, ActKind.REFUSE):
        return _is_planned_answer(said, planned, acts)
    empty = not (said.orders or said.provinces or said.powers)
    if said.kind is ActKind.ASK and empty:
        return True
    for act in planned:
        kinds = set(_SAID_AS.get(act.kind, {act.kind})) | {act.kind}
        if act.kind is ActKind.AGREE:
            kinds |= {ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER}
        if act.kind is ActKind.REFUSE:
            kinds |= {ActKind.PROMISE, ActKind.INFORM}
        if said.kind not in kinds:
            continue
        if act.kind is ActKind.REFUSE and said.kind is not ActKind.REFUSE:
            if said.polarity is not Polarity.NOT:
                continue
        elif not _same_frame(replace(act, phase=said.phase if act.kind is ActKind.AGREE else act.phase), said):
            continue
        within = all(_holds(_orders_of(planned, act), order) for order in said.orders)
        places = {*act.provinces, *(p for o in act.orders for p in _provinces_of(o.order))}
        powers = {*act.powers, *(order.power for order in act.orders)}
        if within and set(said.provinces) <= places and set(said.powers) <= powers:
            return True
    return False


def _orders_of(planned: Sequence[SpeechAct], act: SpeechAct) -> tuple[ActOrder, ...]:
    """The orders that acts of the same kind, polarity and condition plan: a text may say them in one clause."""
    kinds = _SAID_AS.get(act.kind, frozenset({act.kind})) | {act.kind}
    return tuple(said for other in planned if other.kind in kinds and _same_frame(other, act) for said in other.orders)


def _is_planned_answer(said: SpeechAct, planned: Sequence[SpeechAct], acts: Sequence[SpeechAct]) -> bool:
    kinds = {said.kind} | ({ActKind.COUNTER} if said.kind is ActKind.REFUSE else set())
    answers = [act for act in planned if act.kind in kinds]
    negated = [
        act for act in planned if said.kind is ActKind.REFUSE and act.kind in _OWN and act.polarity is Polarity.NOT
    ]
    if not answers and not (negated and all(_holds(_all_orders(negated), order) for order in said.orders)):
        return False
    return True


def _all_orders(acts: Iterable[SpeechAct]) -> tuple[ActOrder, ...]:
    return tuple(said for act in acts for said in act.orders)


def _provinces_of(order: Order) -> tuple[Province, ...]:
    units = [unit.province for unit in (order.unit, order.aided) if unit is not None]
    return (*units, *(() if order.target is None else (province_of(order.target),)))
