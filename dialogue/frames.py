"""The frames of clauses and the fixed phrases that the reader knows, as patterns over tokens (see `clauses`).

A frame is what stands before a verb phrase and says who would do it and how it is meant: "I won't", "could you",
"let's", "you promised to".  Patterns are tried in order; the first whose verb phrase reads wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogue.deeds import base_verbs
from engine.types import Power


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Frame:
    """What a frame says of the verb phrase after it."""

    name: str
    subject: str = "I"
    confidence: float = 1.0
    negative: bool = False
    power: Power | None = None
    others: tuple[Power, ...] = ()
    """All the third powers that are its subject."""


_POWER = r"(?:@[wd]\d+|the @[ad]\d+)"
W = rf"(?P<w>(?:both )?{_POWER}(?:(?: ,| and| or| /| plus)+ {_POWER})*(?: both)?|he|she|they)"
"""Third powers as the subject of a clause."""
_BASE = rf"(?:{'|'.join(base_verbs())})\b"
NP = r"(?!(?:the )?@p\d| ?there\b)"
N = r"(?P<n>not |never |no longer )?"
SUPPORT_NOUN = r"(?=(?:support|help|convoy|convoys)\b)"
FRAME_TABLE: tuple[tuple[str, Frame], ...] = (
    (
        rf"{W} and (?:i|me) (?:are |both |will |can |should |would |plan to |planning to |agreed to |want to |going to )*",
        Frame("other", "w"),
    ),
    (rf"(?:i|me) and {W} (?:are |both |will |can |should |have |would )*", Frame("other", "w")),
    (
        rf"{W} (?:is|are|was|were|seems|seem) {N}(?:cool|fine|ok|okay|good|happy|on board|down|alright|willing) with (?:me|us|you|my|our) (?=\w+ing\b)",
        Frame("asked", "w", 0.8),
    ),
    # what others ask, and are asked to do
    (
        rf"{W} (?:has |have |is |are |just )*(?:wants|want|asked|asks|asking|told|tells|telling|begged|begging|ordered|"
        r"wanted|offered|offering|offers|proposed|proposes|suggested|suggests|suggesting|expects|expect|needs)"
        r"(?: for)? (?:me|us)(?: both)? (?:to |for |that i |if i )(?:would |could |can |should )?(?P<n>not )?(?:be |help |in )?",
        Frame("asked", "w", 0.8),
    ),
    (
        rf"(?:i|we) (?:am |are |was |will |would |can |could |have been |have |want to |need to |have to |should |might )*"
        r"(?:going to |trying to |try to |working on |hoping to |be )*(?:try |help )?"
        r"(?:convince|convincing|persuade|persuading|get|getting|encourage|encouraging|push|pushing|ask|asking|talk|talking|"
        rf"nudge|nudging|tell|telling|trick|tricking|lobby|lobbying) {W} (?:to |into |on |not to )(?:help (?:me|us) )?",
        Frame("other", "w", 0.7),
    ),
    (
        rf"i (?:have |just |already )*(?:told|asked|convinced|persuaded|encouraged|got|advised|urged) {W} (?P<n>not )?to ",
        Frame("past", "w"),
    ),
    # past, said and promised
    (
        rf"(?P<s>i|you|we|{W}) (?:(?:have|had|has) )?(?:promised|said|told me|told you|agreed|swore|claimed|"
        rf"assured me|assured you|"
        r"told us|guaranteed)(?: me| you)?(?: that)?(?: with me| with you)?(?: (?:i|you|he|she|they|we|"
        r"@w\d+))?(?: (?:would|will|was|were|is|"
        r"are|am|should|could))?(?: going to(?= \w)| not going to)? ?(?P<n>not |never )?(?:to )?(?P<n2>not "
        r")?(?:be )?",
        Frame("past_word", "?"),
    ),
    (rf"(?P<s>i|you|we|{W}) did (?P<n>not |never )?", Frame("past", "?")),
    (
        r"(?P<s>i) never (?:said|promised|told you|agreed)(?: that)?(?: i)?(?: would| was going to)?(?: to)? ",
        Frame("deny"),
    ),
    (
        rf"(?:so )?(?:why|when|how|where) (?:would|will|are|do|should|could|can|is|does|is it that) (?P<s>you|i|we|{W}) (?P<n>not )?"
        r"(?:going to |planning to |planning on |want to |plan to |intend to |have to |need to |even |ever |be |still )*",
        Frame("ask", "?"),
    ),
    (r"why (?=(?:move|go|take|attack|support|send|build|leave|open|stab|help|retreat|hold)\b)", Frame("ask", "you")),
    (rf"why did (?P<s>you|{W}) (?P<n>not )?", Frame("ask", "?")),
    (rf"did (?P<s>you|{W}) (?P<n>not )?", Frame("ask", "?")),
    (
        rf"i (?:was|am) (?:just )?(?:wondering|curious|hoping to (?:know|learn|hear)|asking|interested to (?:know|hear)|"
        rf"trying to find out)(?: to know)? (?:if|whether) (?P<s>you|we|i|{W}) "
        r"(?:will |would |are |is |were |was |have |had |could |can |might |may |want |plan |going |planning |to |"
        r"on |be |still |interested in )*(?P<n>not )?",
        Frame("ask", "?"),
    ),
    # refusing
    (
        r"i am not (?:really |too |very )?(?:comfortable|happy|ok|okay|fine|cool|thrilled|keen) (?:with|on|about) (?:you|your) ",
        Frame("propose", "you", negative=True),
    ),
    (
        r"(?:i (?:can not|could not|will not be able to|would not(?: be able to)?|am (?:not able|unable|not "
        r"willing|not comfortable|"
        r"reluctant|not in a position|not ready|not keen|not happy|hesitant|not prepared|not interested|not sure i can|"
        r"not sure i will be able|not sure i am (?:ready|willing|able|comfortable)|not too keen|not that interested|afraid "
        r"i can not|"
        r"afraid i will not|afraid i have to)(?: to be able)?(?: to| with| in| on| be)*|"
        r"do not (?:want|think i (?:can|should|will|could)|feel comfortable|wish|feel like|really want)(?: be "
        r"able)?(?: to)?|"
        r"would (?:rather|prefer) not(?: to)?|refuse to|decline to|have no interest in|have no plans to)"
        r"|(?:can not|no can do on|unable to|will not be able to)) ",
        Frame("cannot"),
    ),
    # committing
    (
        rf"i (?:can )?(?:do )?(?:promise|swear|guarantee|pledge|vow|commit)(?: you| to you)?(?: that)?(?: i "
        rf"will| i am going to| i would)?"
        rf" {N}(?:to )?(?P<n2>not )?",
        Frame("promise"),
    ),
    (
        rf"(?:you have|i give you|on) my word(?: that| on it)?(?: ,)?(?: i will| i am going to)? {N}(?:to )?",
        Frame("promise"),
    ),
    (rf"you can (?:count on|rely on|trust) me {N}to {N.replace('<n>', '<n2>')}", Frame("promise")),
    (rf"(?:i commit|i am committed) {N}to {N.replace('<n>', '<n2>')}", Frame("promise")),
    (
        r"(?:can|could|may) i (?:please )?(?:ask|request|suggest)(?: that)?(?: you| for you)(?: to)? (?P<n>not )?",
        Frame("propose", "you"),
    ),
    (
        r"(?:i )?do not suppose (?:you (?:can|could|would|will|might)(?: be (?:willing|able) to)?|i (?:can|could) (?:convince|get|persuade|ask|talk|tempt) "
        r"you (?:to|into)) ",
        Frame("propose", "you"),
    ),
    # wishing for support
    (
        rf"(?:i (?:need|want|could use|would like|would love|would appreciate|would need|am asking for|ask for|"
        rf"request|was hoping for|"
        rf"am hoping for|am looking for|would welcome|would accept)|need|do i (?:still )?have|will i (?:still )?have|"
        rf"could i (?:get|have)|can i (?:get|have|"
        rf"count on)|may i (?:get|have)|"
        rf"requesting|looking for|any chance (?:of|for|i could get|i can get|at)|how about|would appreciate|"
        rf"would love)(?: to (?:have|get|ask for))?"
        rf"(?: your| a| some| an| any| defensive| full| continued)* {SUPPORT_NOUN}",
        Frame("propose", "you"),
    ),
    # wishing
    (
        r"i would (?=(?:like|love|prefer) (?:one|both|either|some of|the @p|@p|to have (?:the )?@p))",
        Frame("inform", confidence=0.6),
    ),
    (
        r"i (?:(?:will |would |may |might |do |really )*(?:like to|want to|love to|wanted to|prefer to|need to|have to|hope to|"
        r"try to|try and|tried to|try|decided to|decide to|intend to|end up|get to|seem to)|must|should|would rather|"
        r"may|might) (?:be )?(?:able to )?(?:try to |try and )?",
        Frame("inform", confidence=0.6),
    ),
    (
        r"i (?:would )?(?:really )?(?:like|want|love|prefer|need|welcome)(?: to (?:have|set up|arrange|propose|"
        r"agree to|agree on|keep))? "
        r"(?=(?:that )?(?:the )?@p\d+ (?:be|as|stay|to be|remain|is)\b|(?:a|an|some|the|our)? ?(?:peace|dmz|"
        r"bounce|alliance|truce|nonaggression|pact|partnership|non))",
        Frame("together", "we"),
    ),
    (
        r"i do not (?:want|need|like) (?=(?:a|an|some|the|our)? ?(?:peace|dmz|bounce|alliance|truce|"
        r"nonaggression|pact|partnership))",
        Frame("together", "we", negative=True),
    ),
    (r"i do not think (?:that )?you (?:should|need to|have to|ought to) ", Frame("propose", "you", negative=True)),
    (r"i do not think (?:that )?we (?:should|need to|have to|ought to) ", Frame("together", "we", negative=True)),
    (r"i (?:want|need|would like) us to ", Frame("together", "we")),
    (
        r"i (?:would )?(?:prefer|like|love|appreciate|feel better|be happier)(?: it)?(?: more| better)? if (?:we|us)(?: could| can| would| just| both)* ",
        Frame("together", "we"),
    ),
    (
        r"(?:i )?(?:would prefer|prefer|would rather|would like|would love|want) (?=(?:not to |to )?bounce\b)",
        Frame("together", "we"),
    ),
    (r"(?:i )?(?:would )?(?:prefer|rather) not (?:to )?(?=bounce\b)", Frame("together", "we", negative=True)),
    (
        r"i (?:would (?:like|love|prefer)|want|need) (?:to see )?(?:@w\d+ )?you (?:to )?(?:be )?(?=\w+ing\b)",
        Frame("propose", "you"),
    ),
    # leaving somebody a province
    (r"you (?:can|could|may|get to) (?=(?:have|keep)\b)", Frame("grant", "nobody")),
    (r"you (?=(?:get|keep)\b)", Frame("grant", "nobody")),
    (r"i (?:really |do |just |only |still )*(?=(?:want|need|keep|get)\b)", Frame("inform", confidence=0.6)),
    # offering
    (
        r"i (?:can offer(?: you)?(?: to)?|offer(?: you)?(?: to)?|am offering(?: to)?|will offer(?: to)?|would "
        r"be (?:happy|willing|glad|able|ok|okay|open|fine|down|delighted|prepared|game)(?: to| with)?|"
        r"(?:would )?have no (?:problem|problems|issue|issues|objection|qualms)(?: with| to)?|"
        r"am (?:happy|willing|glad|able|ok|okay|open|down|prepared|fine|more than happy|ready|game|good)(?: to| "
        r"with)|"
        r"will be able to|will be happy to|will be glad to|may be able to|might be able to|should be able to|"
        r"would gladly|"
        r"can|could|would) ",
        Frame("offer"),
    ),
    (rf"(?:happy|glad|willing|able|more than happy|ready) to {NP}", Frame("willing")),
    (
        r"(?:(?:do|would|did) )?(?:you )?(?:still )?(?:want|like|need|prefer|rather have)(?: it if)? (?:me to|me|i) (?:to )?(?=\w)",
        Frame("offer"),
    ),
    (r"(?:shall|should|can|could|may|might) i (?=(?:support|convoy|help|offer|lend|give|cover)\b)", Frame("offer")),
    (r"(?:how about|what if|what about|suppose|say) i (?:were to |could |can |just )?", Frame("offer")),
    (
        rf"(?:do you |would you |you )?(?:want|need|like|prefer|care for|could you use|fancy)(?: my| a| some| "
        rf"any)? {SUPPORT_NOUN}",
        Frame("offer", "I_noun"),
    ),
    (
        rf"(?:i can offer(?: you)?|i offer(?: you)?|you (?:can )?have)(?: my| a| some)? {SUPPORT_NOUN}",
        Frame("offer", "I_noun"),
    ),
    (r"(?:shall|should|can|could|may|might) i ", Frame("ask", "I")),
    # consent
    (
        r"(?:i am |i would be |i am perfectly |i am totally |totally |perfectly )?(?:cool|fine|ok|okay|good|happy|comfortable|alright|on board|down|"
        r"all right|content) (?:with|for|if) you(?: to)?(?: having| being)? (?:to )?",
        Frame("consent", "you"),
    ),
    (
        r"(?:i )?(?:do not|would not|will not) (?:really )?(?:mind|object|care)(?: if| to)?(?: you)(?: to)? ",
        Frame("consent", "you"),
    ),
    # asking leave
    (
        r"(?:so )?(?:would |do |will )?you (?:do not |would not |will not )?(?:mind|have (?:a|any|an) (?:problem|problems|issue|issues|objection|objections)|care|object|be (?:ok|okay|fine|cool|alright|upset|mad|offended) (?:with|if)|be bothered)"
        r"(?: with| if| to)*(?: it)?(?: if)? (?:i|me|my) (?:were to |was to |to )?",
        Frame("ask", "I"),
    ),
    (r"mind if i (?:were to )?", Frame("ask", "I")),
    # what I want of you
    (
        r"(?:do |would )?(?:you )?(?:want|need|like) (?=(?:the |my )?(?:(?:army|fleet|unit) )?@p\d+ to )",
        Frame("unit_wanted"),
    ),
    (
        r"i (?:want|need|would like|would love|would prefer)(?: to have| to see)? you (?=(?:out of|away from|off of) )",
        Frame("together", "we"),
    ),
    (
        r"i (?:would like|want|need|would love|would appreciate|would prefer|would ask|ask|am asking|suggest|"
        r"propose|recommend|"
        r"would suggest|would propose|would recommend|hope|was hoping|am hoping|would rather|advise|would want|"
        r"prefer|think|believe|say|"
        r"would be grateful|would be happy|am counting on|beg|urge)(?: that| it if| it| for| if)?(?: you)"
        rf"(?: (?:to|should|could|would|can|will|might|did|ought to|have to|need to|must))* {N}(?:to )?(?:just )?",
        Frame("propose", "you"),
    ),
    (
        rf"i (?:would )?(?:suggest|propose|recommend|think|say|hope|want|would like|would love|would prefer)(?: "
        rf"that| for| to)? (?:we|us)"
        rf"(?: (?:should|could|can|both|to|might|ought to|need to|must))* {N}",
        Frame("together", "we"),
    ),
    (
        r"i (?:would )?(?:suggest|propose|recommend|was thinking of proposing) (?=\w+ing\b|an?\b|dmz)",
        Frame("together", "we"),
    ),
    (r"i (?:would )?(?:suggest|propose|recommend) ", Frame("together", "we")),
    (
        r"(?:just )?let me know (?:what )?(?:if|whether|when|where|how)(?: much)? you (?:do |would |will |might |ever )*"
        r"(?:need|want|could use|like|prefer)(?: my| a| some| any| the)* (?=(?:support|help|convoy)\b)",
        Frame("offer", "I_noun"),
    ),
    # informing
    (rf"i (?:will|shall) {N}", Frame("promise")),
    (
        rf"i (?:am|was|have been) {N}(?:going to|planning to|planning on|planning|intending to|about to|looking to|trying "
        rf"to|aiming to|set to|looking at|set on|committed to|working on|working to|focusing on|focused on|preparing to|"
        rf"getting ready to|prepping to|gearing up to|attempting to|supposed to|fully committed to) {NP}",
        Frame("inform"),
    ),
    (
        rf"i (?:am|was|have been) {N}(?:thinking of|thinking about|thinking|thinking i (?:will|would|might|could)|hoping to|"
        rf"leaning towards|leaning toward|considering|debating|inclined to|tempted to|contemplating|"
        rf"thinking that i (?:will|would|might|could)|likely to|probably) {NP}",
        Frame("inform", confidence=0.5),
    ),
    (
        rf"i (?:do )?(?P<n>do not |not |no longer )?(?:still )?(?:plan|intend|mean|aim|expect)(?: on| to) (?:be )?{NP}",
        Frame("inform"),
    ),
    (
        rf"(?:(?:my|the|our) )?(?:current )?(?:plan|idea|intention|thought|thinking|orders|order|moves|move|preference|"
        rf"goal|aim)(?: for this turn| for now)? "
        rf"(?:is|are|was|will be) {N}(?:still )?(?:to |for )?",
        Frame("inform"),
    ),
    (
        r"i (?:have|had) (?:my |the |all my )?(?:orders?|moves?) (?:in |set |already |entered |submitted )*(?:to|for) ",
        Frame("inform"),
    ),
    (
        r"i (?:have |am |was |will be |will |just )*(?:ordered|set|entered|submitted|put in|have|doing|do|ordering|order|running|playing|"
        r"submitting|putting in|entering|going with)(?: orders| my orders| the following| in)?(?: for| to| of| as)?(?: :)? "
        r"(?=@p|my |the |army |fleet )",
        Frame("inform"),
    ),
    (rf"i am {N}(?=\w+ing\b)(?!going to )", Frame("inform")),
    (rf"i am {N}(?:going to be )?(?=going to |\w+ing\b)", Frame("inform")),
    (
        rf"i (?:will|would|may|might|am going to|should) (?:probably |likely )?{N}be (?=\w+ing\b)",
        Frame("inform"),
    ),
    (
        r"you (?:can not|could not|will not be able to|would not be able to|are not able to|can never) (?:really |just |even )*",
        Frame("unable", "you"),
    ),
    # not able together
    (
        r"we (?:can not|could not|will not be able to|would not be able to|are not able to|are unable to)(?: to)? ",
        Frame("unable", "we"),
    ),
    # without a subject
    (rf"will {N}(?:be )?(?={_BASE}|\w+ing\b)", Frame("unsaid")),
    (
        rf"(?:still |probably |just )*{N}(?:going to|planning to|planning on|thinking of|thinking about|trying to|looking to|hoping to|"
        rf"considering|debating|about to|aiming to|intending to) {NP}(?=\w+)",
        Frame("unsaid"),
    ),
    # proposing to both
    (
        rf"(?:let us|shall we|should we|can we|could we|we should|we could|we can|we might|we ought to|we need "
        rf"to|we must|we will|"
        rf"we would|we are going to|want to|care to|fancy|may we|might we|we have to|would you like to|do you "
        rf"want to|you want to|"
        rf"would you care to|wish to|feel like|what do you say we|what say we|can we both|we both)"
        rf"(?: (?:agree to|agree on|agree that we|agree|both|all|try to|plan to|plan on|have|do|set up|keep|"
        rf"maybe|arrange to|make))?? {N}(?:to )?",
        Frame("together", "we"),
    ),
    (
        r"(?:are you|you|would you be|would you both be|r you) (?:up for|down for|game for|interested in|open "
        r"to|ok with|okay with|good with|cool with|"
        r"fine with|up to|down to|game to|willing to|happy to|able to|ok to|okay to|ready to|agreeable to|on "
        r"board with|still up for|"
        r"in for|amenable to|keen on|keen to|happy with|comfortable with|alright with|good to|open for|prepared "
        r"to|free to|into)"
        r"(?: (?:us|me|a|an|the idea of|this))*? ",
        Frame("propose_both", "you"),
    ),
    (
        r"(?:interested in|up for|down for|open to|any interest in|down to|game for|game to|willing to)(?: us)? ",
        Frame("propose_both", "you"),
    ),
    (
        rf"(?:how about|what about|what if|how would you feel about|how do you feel about|what do you think "
        rf"about|what do you think of|"
        rf"what do you say to|what would you say to|what do you say about|thoughts on|thoughts about|suppose|"
        rf"why not|have you thought about|have you considered|"
        rf"why do not|why do|do you think|i wonder if|maybe|what would you think about|what would you think of|"
        rf"how does|how would)"
        rf"(?: if| that)?(?: (?P<s>you|we|us|both of us|you and i|you and me|me))?"
        rf"(?: (?:should|could|can|were to|to|both|just|all|would|might|having|agreeing to))* {N}",
        Frame("propose_both", "s"),
    ),
    (r"we (?=(?:both )?(?:bounce|dmz|keep|stay|work|ally|attack)\b)", Frame("together", "we")),
    # asking
    (
        rf"are you {N}(?:going to|planning to|planning on|planning|intending to|thinking of|thinking about|"
        rf"thinking|looking to|trying to|about to|"
        rf"hoping to|aiming to|expecting to|looking at|set on|considering) {NP}",
        Frame("ask", "you"),
    ),
    (rf"are you {N}(?=\w+ing\b)(?!going to )", Frame("ask", "you")),
    (rf"are you {N}(?=going to )", Frame("ask", "you")),
    (r"(?:do you|you) (?:still )?(?:plan|intend|expect|mean|aim)(?: on| to) (?:be )?", Frame("ask_you", "you")),
    (r"will you be (?=\w+ing\b)", Frame("ask", "you")),
    (r"will you (?P<n>not )?(?!be )", Frame("will_you", "you")),
    (
        rf"(?:is|are|will|does|would|could|might|can) {W} (?P<n>not )?(?:going to {NP}|planning to |planning on "
        rf"|want to |plan to |be )?",
        Frame("ask", "w"),
    ),
    # proposing to you
    (
        rf"(?:can|could|would|can not|could not|would not) you {N}(?:feel (?:comfortable|ok|okay|good about|fine)(?: with| about)? |be (?:comfortable|willing|able|open|ok|okay|interested|"
        rf"up|down|happy|kind enough|prepared|so kind)(?: to| as to| with| in| for)? |"
        rf"mind |consider |agree to |please |want to |like to |be |maybe |possibly |ever |both )*(?P<n2>not )?",
        Frame("propose", "you"),
    ),
    (
        r"(?:do|would|will) you (?:think you (?:can|could|will|would|might)|care to|prefer to|have any interest "
        r"in|have interest in|mind) ",
        Frame("propose", "you"),
    ),
    (
        r"(?:any chance|is there any chance|is there a chance|chance|is it possible|any way|would it be "
        r"possible|possible)(?: that| of| for)?"
        r"(?: you)?(?: can| could| would| will| might| to)* ",
        Frame("propose", "you"),
    ),
    (
        r"(?:mind|would you mind|makesure|makesure to|makesure that you|makesure you|try to|remember to|feel "
        r"free to|be ready to|"
        r"go ahead and|consider|you (?:had )?better|please|maybe|try) (?P<n>not |not to )?(?:to )?",
        Frame("propose", "you"),
    ),
    (
        rf"(?:it would mean a lot(?: to me)?|best|better|it would help(?: me)?(?: a lot| out)?|"
        rf"(?:it would be|that would be|would be|it is|it might be|it may be|i think it is|it will be|may be|might be) "
        rf"(?:really |very |so )?(?:great|nice|good|best|helpful|awesome|lovely|cool|better|ideal|wise|smart|"
        rf"amazing|super helpful|wonderful|perfect|huge|"
        rf"really helpful|very helpful|a big help|fantastic|useful|safer|easier|most helpful|a good idea|a "
        rf"great help))"
        rf"(?: for me| for us both| for us| for you| for both of us)?(?: if| to see)? (?:(?P<s>you|we|i) "
        rf")?(?:could |can |"
        rf"would |to |were to |will |did )*{N}(?:to )?",
        Frame("propose_both", "s"),
    ),
    (
        rf"you (?:are best off|should|could|can|might|may|ought to|need to|must|have to|would|might want to|may "
        rf"want to|are better off|are free to|"
        rf"are welcome to|should be able to|will want to|will need to|would do well to|probably want to|would "
        rf"want to|had better) {N}(?:to )?(?:be )?(?:just )?",
        Frame("propose", "you"),
    ),
    (
        rf"you (?:will|are going to|are planning to|are planning on|plan to|plan on|intend to|are about to|"
        rf"would be) {N}(?:be )?{NP}",
        Frame("expect", "you", 0.7),
    ),
    (rf"you are {N}(?=\w+ing\b)", Frame("expect", "you", 0.7)),
    (rf"we are {N}(?=\w+ing\b)", Frame("together", "we", 0.8)),
    (
        r"(?:do not(?: you dare)?|never) (?!you\b|we\b|i\b|they\b|know|think|worry|trust|forget|have\b|want|"
        r"need|believe|mind)",
        Frame("propose", "you", negative=True),
    ),
    (
        rf"i (?!have\b|like\b)(?={_BASE})",
        Frame("inform", confidence=0.8),
    ),
    (
        rf"you (?!have\b|want\b|need\b|like\b|lose\b|risk\b|consider\b|prefer\b)(?={_BASE})",
        Frame("propose", "you", 0.8),
    ),
    (rf"we (?={_BASE})", Frame("together", "we", 0.8)),
    (r"(?:can|could|would|will|should) (?=(?:your|the) (?:army|fleet|unit|@p)|@p)", Frame("propose", "you")),
    # others
    (
        rf"{W} (?:has |have )?(?:says|tells me|claims|told me|said|mentioned|confirmed|swears|is saying|has "
        rf"agreed|promised me)"
        rf"(?: that)?(?: (?:he|she|they|we|@w\d+))?(?: (?:is|are|will|would|was|were|wants|plans|intends))*(?: "
        rf"going| planning)?(?: to)? {N}(?:be )?",
        Frame("other", "w", 0.8),
    ),
    (
        rf"{W} (?:is|are|was|were|is also) {N}(?:going to|planning to|planning on|planning|about to|likely to|"
        rf"trying to|thinking of|"
        rf"thinking about|looking to|set to|coming to|intending to|hoping to|expected to|preparing to|liable "
        rf"to) {NP}",
        Frame("other", "w"),
    ),
    (
        rf"{W} (?:will|may|might|could|can|would|should|wants to|plans to|intends to|needs to|has to|must|seems "
        rf"to|want to|plan to|"
        rf"intend to|tends to|has decided to|decided to|is bound to|is likely to|is sure to|does not want to|"
        rf"has agreed to|agreed to|have agreed to|refuses to|is unlikely to|"
        rf"tries to|hopes to|has no (?:plans|intention) (?:to|of)) {N}(?:be |try to |try and |be able to |have to |want to |"
        rf"need to |probably )*",
        Frame("other", "w"),
    ),
    (rf"{W} (?:was|were|had been|has been|have been) {N}(?=\w+ing\b)(?!going |planning |hoping )", Frame("past", "w")),
    (rf"{W} (?:is|are|will be|keeps) {N}(?=\w+ing\b)", Frame("other", "w")),
    (
        rf"{W} (?:is|are|seems) {N}(?:very |really |totally )?(?=(?:anti|pro|hostile|friendly|allied|aligned|against|with)\b)",
        Frame("other", "w"),
    ),
    (
        rf"{W} (?:is|are|seems|seem|sounds) {N}(?:on board|onboard|open|against|down|in|ok|okay|fine|good|happy|cool|poised|ready|set|keen|willing|eager|determined|interested|hell bent|intent) (?:with|for|to|on|in) ",
        Frame("other", "w"),
    ),
    (
        rf"{W} (?:has|have|claims|said|says) (?:he |they )?(?:has |have )?no (?:interest|intention|plans|desire) (?:in|of|to) ",
        Frame("other", "w", negative=True),
    ),
    (
        rf"{W} (?:may|might|could|will|would|should) (?:order|decide|choose|agree|offer|help)(?: me| us)? (?:to )?",
        Frame("other", "w"),
    ),
)
FRAMES = tuple((re.compile(pattern), frame) for pattern, frame in FRAME_TABLE)
MAY_LEAD = frozenset(re.findall(r"[a-z]+", " ".join(pattern for pattern, _ in FRAME_TABLE)))
"""Every word that may begin a frame, and more: others need not be tried."""
AUXILIARY = re.compile(
    r"(?:able to|willing to|happy to|be able to|be happy to|be willing to|be glad to|try to|try and|trying to|go ahead and|going ahead and|"
    r"continue to|continuing to|"
    r"keep (?=\w+ing)|handle (?=\w+ing)|between (?=\w+ing)|start (?=\w+ing)|consider (?=\w+ing)|of (?=\w+ing)|about (?=\w+ing)|agree to|agreeing to|"
    r"be (?=\w+ing)|manage to|work towards|work on (?=\w+ing)|working on (?=\w+ing)|working towards|focus on (?=\w+ing)|"
    r"focusing on (?=\w+ing)|try (?=\w+ing)|makesure to|makesure that you|makesure you|be sure to|remember to|please|help (?=take\b|get\b|push\b|stop\b)|"
    r"have no choice but to|have to|do (?=(?:the )?@p)|consider (?=@p)|get to|plan to|plan on|want to|need to|"
    r"have to|like to|both|choose to|end up|commit to|order|just|to(?! (?:the )?@p))\s?"
)
THINK = re.compile(
    r"(?:(?:(?:i )?(?:think|guess|assume|suspect|figure|expect|suppose|bet)|i (?:believe|hear|heard|know|fear|worry|"
    r"feel like|would say|"
    r"am sure|am pretty sure|am expecting|am assuming|am hearing|am hoping|"
    r"(?:was|am) thinking(?= (?:that |maybe )?(?:i|you|we|he|she|they|@w\d+|it)\b)|would think|would guess|"
    r"would assume|would imagine|mean|do believe|do think|still think|"
    r"am worried|am afraid|am guessing|noticed|see|understand|reckon|gather|imagine|feel|suppose|hear from "
    r"@[wd]\d+|heard from @[wd]\d+)|(?:it )?(?:is |was )?(?:looks|seems|sounds|looking|seeming) like|it (?:seems|appears)|"
    r"(?:i (?:am |will )?)?(?:going |go |to |work |working )*(?:with|under|on) the (?:assumption|impression) that|"
    r"i (?:get|got|have) the (?:impression|feeling|sense) (?:that)?|"
    r"(?:it is )?(?:very |most |quite |pretty |highly |more )*(?:likely|possible|clear|obvious|certain|safe to assume|fair to say|true)(?: that)?|"
    r"(?:the )?(?:good|bad|other|only|main) (?:news|thing|problem|issue) is|the (?:thing|problem|point|issue|fact|truth) is|"
    r"(?:i am )?glad|maybe|in fact|after all|at this point|of note|long term|short term|in the meantime|besides|also|"
    r"at least|even better|either way|worst case|best case|"
    r"rumou?r has it|word is|apparently|fyi|(?:a |quick )?heads up|so you know|to be honest|honestly|as far as "
    r"i know|note|remember|"
    r"my guess is|in case you (?:did not|do not) know|for your information|you should know|just so you know|the "
    r"word is|rumou?r is|"
    r"careful|be careful|be warned|warning|watch out|beware|i (?:want|wanted) you to know|do you (?:think|know|"
    r"know if|know whether|believe|reckon)(?: if| whether)?|letting you know|just letting you know|let you know|"
    r"to let you know|i am pretty sure|pretty sure|word of warning|between us|a word of warning)"
    r"(?: that)?(?: [,:])? )"
)
DOUBT = re.compile(
    r"(?:i )?(?:(?:do|would|did) not (?:really )?(?:think|believe|expect|suspect|see|imagine|feel like|anticipate)|(?:seriously |highly )?doubt)"
    r"(?: that| like)? (?=i |you |we |he |she |they |@w|the @|@p|it will |it would |it is )(?!you should|you need|we should|we need)"
)
"""A thought that denies what follows: "I don't think he'll move to Tri"."""
WARNING = re.compile(
    r"(?:fyi|(?:a |quick )?heads up|careful|be careful|be warned|warning|watch out|beware|word of warning|a "
    r"word of|for your info|just so|so you know)"
)
WATCH = re.compile(
    r"(?:(?:please |you should |you need to |you may want to |better |you better |i would |i should )?(?:watch "
    r"out for|watch for|watch|look out for|beware of|beware|"
    r"be careful of|be careful about|be careful with|be careful around|careful of|careful with|do not trust|"
    r"keep an eye on|be wary of|be on guard against|"
    r"guard against|mind|never trust|i would not trust|you can not trust)) "
    r"(?:out for )?(?:the )?(?P<w>@[wad]\d+)(?: (?:army|fleet|unit|units|fleets|armies|attack))?(?: (?:in|at|"
    r"around|near|from|on|going for|moving to|into|attacking|taking) (?:the )?(?P<p>@p\d+))?"
)
COMING = re.compile(
    rf"{W} (?:is|are|will be) (?:coming for|coming after|coming at|after|out to get|a threat to|a danger to|"
    rf"plotting against|"
    r"gunning for|planning against|lining up against|eyeing) (?P<o>you|us|the |your |@[wd]\d+)(?: (?P<p>@p\d+))?"
)
THREAT = re.compile(
    r"(?:or else|you will regret|you (?:are going to|will) pay|i will make you pay|i will make sure you|do not "
    r"make me|i will have no choice|"
    r"i will retaliate|i will (?:come|be coming) (?:after|for) you|i will not forget|there will be consequences|"
    r"i will throw|"
    r"expect (?:a war|an attack|retaliation|my armies|consequences)|you will be sorry|i will hit back|i will "
    r"have to hit back|"
    r"i am coming for you|we will be at war|it means war|you will not like)"
)
POLITE_IF = re.compile(
    r"(?:if|when|whenever) (?:you (?:want|like|wish|need|can|could|are (?:able|up for it|interested|ok with "
    r"that|okay with that|ok|okay|down|game|willing|"
    r"free|up for that|happy with that)|agree|do not mind|would like|prefer|would not mind|have no objection|"
    r"think so|would|ask|are in)(?: it| me to| that| to)?"
    r"|that is (?:ok|okay|fine|alright|cool|good|all right|possible)(?: with you| by you)?|that works(?: for "
    r"you)?|possible|so|not|it helps|that helps|"
    r"needed|necessary|it is ok|it works for you|that would help|that helps you|ok)(?= ?$| [,?:']| (?:i|we|then|and|but|so|please|let|just|can|could|will|my|at|though|too|this|next|for|though|man|or|@w)\b)"
)
PURPOSE = re.compile(
    r"(?:so(?: that)? (?:i|we|you|they|he|@w\d+|nobody|neither of us|both of us|our|your|my)(?: \w+)? (?:can|"
    r"could|do not|does not|may|will not|"
    r"would|might|am not|is not|have|get|gets|has|stay|know|need|needs)\b|in order to |to (?:keep|stop|protect|"
    r"cover|make|help|avoid|prevent|be |show|prove|secure|"
    r"get |give|free|slow|build|put|contain|guard|block)|for (?:next|the) (?:year|turn|season)|otherwise |"
    r"(?:it|that|which|this) (?:means|would mean|meant|will mean)\b)"
)
NEEDED = re.compile(
    r"(?:i|we) (?:need|have|want)(?: to (?:keep|use))? (?:(?:my|the|our) )?(?:(?:army|fleet|unit) (?:in|at) "
    r")?(?:the )?@p\d+(?: (?:and|,) @p\d+)* "
    r"(?:to|for|in order to) (?:cover|guard|protect|defend|hold|block|watch|stop|elsewhere|keep|something "
    r"else)(?: (?:against|off|out|the|my|from|in|@[wda]\d+|'s|@p\d+))*"
)
CONDITION = re.compile(
    r"(?:but )?(?:only )?(?P<k>if|unless|as long as|so long as|provided(?: that)?|assuming(?: that)?|once|in "
    r"case|on the condition that|on condition that)"
    r" (?:you |@w\d+ )?(?=.)"
)
FIRM = frozenset({"once", "in case", "unless"})
"""Conditions that, where they are not made out, leave what is said as it is."""
OPINION = re.compile(
    r"(?:what do you (?:think|say)|what say you|how does that sound|does that (?:work|make sense)|sound good|what about you|how about you|"
    r"what do you reckon|your thoughts|any thoughts)(?= ?$| [,?])"
)
"""A question for what the other side thinks, wherever it stands."""
NOTICED = re.compile(
    r"(?:i |we )?(?:have |just |also )*(?:noticed|notice|saw|see|seen|liked|like)(?: that)? (?P<w>@w\d+) 's (?:\w+ )?"
    r"(?:move|attack|build|retreat|push|units?|army|fleet)(?: (?:move|going|moving))? (?:to|in|into|on|at|near) (?:the )?(?P<p>@p\d+)"
)
"""What a third power has done, as a noun: "I just noticed Turkey's move to Armenia"."""
YOURS = re.compile(
    r"(?:the )?(?P<p>@p\d+) (?:is|are|will be|can be|should be) (?:all |still |now )*yours\b(?: to (?:take|keep|have))?"
)
"""A province left to the other side."""
DENIAL = re.compile(
    r"(?:it|that|this) (?:was|is) not (?:really |meant |intended |a |an |any |to be |as )*(?:attack|stab|threat|aimed|directed|move|hostile|"
    r"aggression|lie)\b"
)
"""It was not what it was taken for."""
HAVING = _words("have has had want wants wanted need needs needed lose loses lost")
"""Verbs that by themselves ask for nothing."""
ADVICE = re.compile(
    r"if i (?:were|was|am) (?P<whom>you|in your|@w\d+|him|her|them|he|they|the @[ad]\d+|in (?:his|their))(?: (?:shoes|position|place|situation))?"
    r"(?: ,| then)*"
)
"""Advice in the first person."""
WITHOUT_SUBJECT = _words(
    "can will could unable going planning thinking trying looking hoping considering debating about aiming intending still"
)
"""Words that begin a clause without its subject ("can't do that") only after a break."""
WISHED = re.compile(
    r"(?:, |then )*(?:(?:that|it|this) (?:would|will|might|could)(?: really| also| definitely| certainly)? (?:be|help|make|mean|go)|"
    r"i (?:would|will) (?:really |greatly |very much )?(?:appreciate|love|like|be (?:very |really |so )?(?:grateful|happy|thankful)))\b"
)
"""After "if you do so": it was a request ("if you could support Tri, that would be nice")."""
CIRCUMSTANCE = _words("with without of about by from like than despite")
"""Words before which what a power is doing is no statement ("with Russia getting into Sweden")."""
MEANS = re.compile(r"(?:it|that|which|this) (?:means|would mean|meant|will mean)\b")
"""What would follow from something: no statement of its own."""
EXCHANGE = re.compile(r"(?:in exchange|in return|in trade)(?: for)? (?:(?:you|your|some|a|having you|getting) )*")
IF_SUBJECT = re.compile(
    rf"(?:(?P<s>you|i|we|{W}) )?(?:(?:agree to|can|could|will|would|promise to|promise|are going to|are willing "
    rf"to|do|were to|want to|plan to|"
    r"are|am|is|decide to|commit to|does|intend to|help me|are able to|try to|(?:guarantee|swear|promise|give "
    r"me your word|assure me)(?: me)?(?: that)?(?: you)?(?: will)?)(?= )\s)?(?P<n>not |never )?(?:to )?(?P<n2>not )?"
)
IN_PLACE_OF = re.compile(r"\b(?:instead of|rather than) (?:the |going to |moving to |taking )?@p\d+ ?,?")
PAST_FLAG = re.compile(
    r"\b(?:last|previous|earlier this) (?:turn|season|phase|year|spring|fall|autumn|round)\b|\byesterday\b|"
    r"\blast time\b"
)
NEXT_FLAG = re.compile(
    r"\b(?:(?:for |in |by |and )?(?:the )?(?:next|coming|following) (?:turn|season|phase|spring|fall|autumn|"
    r"year|round|move)|after that|later on|later|the turn after|"
    r"down the road|eventually|soon after|in the long run|then next turn)\b"
)
SEASON_FLAG = re.compile(r"\b(?:in|this|for|come|by) (?:the )?(?P<s>spring|fall|autumn)(?: of)?(?: \d+)?\b")
NOW_FLAG = re.compile(
    r"\b(?:(?:for |in |on )?(?:this|the current) (?:turn|season|phase|year|round|move)|right now|for now|at the "
    r"moment|this time|first turn|from now on|for the time being|right away|immediately|tonight|today)\b"
)
ADVERBS = _words(
    "also probably definitely just still really actually now again certainly gladly happily simply personally "
    "honestly perhaps "
    "totally likely first too currently already maybe possibly hopefully please only basically kindly obviously "
    "clearly "
    "either anyway though however absolutely surely finally quickly safely successfully ideally initially even"
)
ASSENTING = _words("absolutely definitely certainly gladly surely")
"""Adverbs that by themselves, at the start, say yes."""
HEDGES = _words("probably perhaps maybe possibly hopefully likely")
CONNECTORS = _words(
    ", and but so then plus : ' while whereas although since because as well or / that which who where with"
)


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(line.split()) for line in text.split("|")), key=len, reverse=True))


OPENERS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (
        "deny",
        _phrases(
            "i never said that|i did not say that|i did not promise that|i never promised that|i never agreed "
            "to that|that is not true|"
            "that is not what i said|i did no such thing|that is a lie|not true|i never did that|i never did|i "
            "did not do that|that is false|"
            "i never said anything of the sort|i did not agree to that|no i did not|i never said so|i said no "
            "such thing|i never told anyone that|"
            "that is simply not true|it is not true|it is not so|that is not correct|it is a lie|i did not lie "
            "to you|i did not lie|i never lied to you|i have not lied|that was not me|it was not me"
        ),
    ),
    (
        "refuse",
        _phrases(
            "so maybe not|maybe not|probably not|i guess not|definitely not|not now|not right now|rather not|i would prefer you do not|i would prefer you did not|i would rather you do not|i would rather you did not|i would prefer not|please do not|no|nope|nah|not really|not at all|i do not think that is a good idea|that is not a good idea|bad "
            "idea|no thanks|no thank you|no way|no deal|not interested|i am not interested|i would rather not|i "
            "can not|i can not do that|"
            "i am afraid not|i am afraid i can not|i am afraid i can not do that|not possible|that does not "
            "work|that does not work for me|"
            "does not work for me|i do not think so|unfortunately not|i refuse|i decline|i must decline|i have "
            "to decline|i will pass|hard pass|"
            "i will have to pass|i have to pass|absolutely not|not yet|that is not possible|i do not like that|"
            "i do not like that idea|"
            "i do not want to|i do not want that|i can not agree to that|i can not accept that|that will not "
            "work|that will not work for me|"
            "i have to say no|i must refuse|i have to refuse|not a chance|i am going to pass|i am going to say "
            "no|that is a no|it is a no|"
            "i can not make that work|not this time|i will not|i will not do that|can not do that|can not do it|"
            "i can not do it|i would not|"
            "i am not comfortable with that|i am not up for that|no can do|i do not think that works|i do not "
            "think i can|i do not see it|"
            "i will not be able to|i will not be able to do that|not for me|i think not|i can not commit to that"
        ),
    ),
    (
        "agree",
        _phrases(
            "no problem|no worries at all|no you are right|you are right|no that is fine|no objection|why not|yeppers|yuppers|you bet|word|bet|yessir|yes sir|aye aye|hell yeah|hell yes|cool cool|yes|yeah|yep|yup|yea|ya|aye|sure|sure thing|deal|agreed|ofcourse|absolutely|definitely|sounds good|"
            "sounds great|sounds like a plan|"
            "sounds perfect|sounds fine|sounds good to me|sounds great to me|works for me|that works|that works "
            "for me|i am in|i am down|"
            "i am game|count me in|i agree|i accept|fine by me|fine with me|you got it|you have got it|will do|"
            "can do|consider it done|"
            "gladly|with pleasure|that is fine|that is fine by me|that is fine with me|that is good|great idea|"
            "good idea|good plan|great plan|"
            "i like it|i like that|i like the idea|i like that idea|i like that plan|love it|that sounds good|"
            "that sounds great|that sounds like a plan|"
            "it is a deal|we have a deal|by all means|for sure|certainly|confirmed|done|i am on board|on board|"
            "i am up for that|i am happy to|"
            "happy to|i would be happy to|i would love to|i can do that|i can do it|i will do it|yes please|i "
            "am ok with that|i am okay with that|"
            "i am fine with that|i am good with that|i am happy with that|that is ok|that is okay|that is a "
            "deal|you have a deal|you have yourself a deal|"
            "i will do that|ok deal|okay deal|ok sounds good|okay sounds good|ok will do|okay will do|i agree "
            "with that|i am all for it|i am all for that|"
            "that suits me|suits me|makes sense to me|i am happy to do that|happy to do that|let us do it|let "
            "us do that|"
            "i accept your offer|i accept your proposal|we are agreed|agreed on that|that is agreed|roger that|"
            "works|it works for me|"
            "that works well for me|that works great|i can agree to that|i can live with that|i am with you|i "
            "am in favor|you can count on me|"
            "you can count on it|count on it|yes i will|yes i can|yes i do|yes i would|yes i am|sure i can|sure "
            "i will|"
            "i will|i can|i do|i am|as you wish|no problem|not a problem|no objection|no objections|that is "
            "fair|fair enough|good call|all good"
        ),
    ),
    (
        "soft",
        _phrases(
            "ok|okay|k|kk|great|perfect|alright|all right|fine|cool|awesome|excellent|good|nice|very well|right|"
            "exactly|fair|indeed|correct|understood|gotcha|roger|of course|same|likewise|lovely|wonderful|amazing|brilliant|oh ok|ok great|ok cool|okay great|ok good|got it|understood|"
            "makes sense|ah ok"
        ),
    ),
    (
        "thank",
        _phrases(
            "thanks|thank you|many thanks|much appreciated|appreciate it|i appreciate it|i appreciate that|"
            "cheers|thanks a lot|"
            "thanks so much|thank you so much|thank you very much|thanks very much|much obliged|i owe you one|i "
            "owe you|i am grateful|"
            "very kind of you|appreciated|i really appreciate it|i appreciate you|i appreciate your|i appreciate the|i really appreciate you|i really appreciate your|i appreciate the help|thanks again|thanks man|"
            "thanks for that|thank you for that|thanks for the help|"
            "thanks for the offer|thank you for the offer|thanks for letting me know|thank you for letting me "
            "know|thanks for the heads up|"
            "thanks for your help|thank you for your help|thanks for your support|thank you for your support|"
            "thanks for the support|"
            "thanks for the info|thanks for your message|thanks for being honest|thanks for the offer though|"
            "thanks anyway|that is kind of you"
        ),
    ),
    (
        "apologise",
        _phrases(
            "sorry|my bad|i apologize|i apologise|my apologies|apologies|i am sorry|i am so sorry|forgive me|so "
            "sorry|sorry about that|sorry for that|"
            "i am sorry about that|i am sorry for that|i owe you an apology|please forgive me|i am really sorry|"
            "i am very sorry|my mistake|"
            "i am sorry about last turn|sorry about last turn|sorry for the confusion|i regret that|i feel bad "
            "about that|"
            "i feel bad about last turn|i am truly sorry|i made a mistake"
        ),
    ),
    (
        "greet",
        _phrases(
            "hi|hello|hey|greetings|good morning|good evening|good afternoon|howdy|yo|hiya|hi there|hello there|"
            "hey there|dear|sup|"
            "salutations|bonjour|guten tag|ciao|hey man|hey friend|hello friend|hi again|hey again|hello again|"
            "well hello|merhaba|buongiorno|"
            "good day|well met|hi neighbor|hi neighbour|hello neighbor|hello neighbour|hey neighbor|hey "
            "neighbour|my friend|friend|mate|buddy|dude|man|bro"
        ),
    ),
    (
        "filler",
        _phrases(
            "oh no|oh man|oh yes that|well|oh|ah|hmm|hm|haha|lol|ha|um|uh|btw|by the way|i promise|you have my word|no hard feelings|"
            "just kidding|kidding|do not worry|in that case|that said|that being said|look|listen|to be clear|"
            "in any case|for what it is worth|fwiw|i mean|you know|like i said|here is the thing|here is my "
            "idea|here is the plan|here is an idea|quick question|question|one idea|an idea|idea|unfortunately|"
            "i am afraid|fortunately|luckily|in return|in exchange|other than that|on my end|on my side|for my "
            "part|as for me|frankly|truthfully|to be fair|no worries|no rush|i was thinking|i am thinking|"
            "alternatively|or|if anything|at least|and yes|this turn|instead|rather|more importantly|one more "
            "thing|another thing|oh and|ps|anyway|in return for that"
        ),
    ),
)
OPENER_INDEX: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
for _name, _entries in OPENERS:
    for _entry in _entries:
        OPENER_INDEX.setdefault(_entry[0], []).append((_name, _entry))
for _bucket in OPENER_INDEX.values():
    _bucket.sort(key=lambda pair: -len(pair[1]))
SHORT_YES = frozenset(
    " ".join(entry)
    for entry in _phrases(
        "i would prefer not|i will|i can|i do|i am|done|works|man|friend|dear|good|right|i would not|i will not|i can not|no|sure|"
        "great|k|like|happy to|i do not want to|i would be happy to|i am happy to|i would love to|i do not think i "
        "can|i promise|you can count on me|i agree|i will not be able to|i am afraid|or|you have my word|sorry|"
        "gladly|nice|fine|cool|i would rather not|question|idea|deal|i am afraid i can not|i am thinking|i was "
        "thinking|i refuse|i decline|look|i am in|well|i can live with that|i am down|i am game|no way|yes i can|"
        "yes i will|yes i would|yes i am|yes i do|sure i can|sure i will|thanks|thank you|you know|i mean|instead|"
        "rather|ha|i owe you|let us do that|let us do it"
    )
)
"""Openers that are often the beginning of a longer clause; they stand alone only before a break."""
BREAKS = _words(", : ? and but so because since as if ' then")
ALWAYS = frozenset(
    {"no", "sure", "great", "thanks", "thank you", "sorry", "ha", "well", "fine", "cool", "nice", "deal", "gladly"}
)

AGREES = re.compile(
    r"(?:(?:that|this|it|the rest|rest|everything|all of that|all that|those|your plan|the plan|that plan|your idea|that idea|idea|"
    r"both|plan|they) )?(?:all )?(?:would |will |might |could |does |do |also |definitely |all )*"
    r"(?:sounds?|looks?|seems?|works?|is|be|makes?|are) "
    r"(?:really |pretty |very |perfectly |totally |absolutely |all |so |like a |a |like |just |super )*"
    r"(?:good|great|fine|perfect|reasonable|fair|solid|excellent|awesome|ideal|lovely|wonderful|amazing|helpful|appreciated|okay|ok|"
    r"cool|plan|right|sense|deal|agreeable|acceptable|wise|smart|dope|nice|true|workable|doable|sensible|fantastic)"
    r"(?: plan| idea| call| point| move| deal| to me| for me| with me| by me| enough| thing| though| then| man| too)*(?= |$)"
)
"""An answer that approves: "that all looks good to me"."""
CONTENT = re.compile(
    r"(?:i am |i would be )?(?:happy|fine|good|cool|ok|okay|on board|down|content|in|all in|in favor|in favour|comfortable|pleased) (?:with|for|on|of) "
    r"(?:that|this|it|the|your|those|all)(?: of)?(?: that| this| the)?(?: \w+)?(?= (?:,|\?|and|but|so|i|if)\b|$| ,)"
    r"|i (?:will|can) do (?:what|whatever|as) you (?:want|say|ask|like|wish|need)(?= (?:,|and|but|so|i|if)\b|$| ,)"
    r"|i can (?:definitely |totally |certainly )?(?:work|live|deal|roll) with (?:that|it|this)(?= (?:,|and|but|so|i|if)\b|$| ,)"
    r"|i (?:really |do |also )?(?:like|love|dig|agree with|agree to|support|accept) (?:that|this|the|your|it|all of)(?: \w+)?"
    r"(?= (?:,|and|but|so|i|if)\b|$| ,)"
)
"""An answer that says it is content: "I'm happy with that arrangement"."""
APPROVED = _words(", : ? and but so because then i we let thanks thank please will can my here")
"""Words that may follow an approval; others make it a comment ("that is good luck")."""
MILD = re.compile(r"\b(?:true|right|fair|sense|point|smart|nice|wise|cool|helpful)\b")
"""Approvals that only take up what was said, unless something was asked."""
YEAH = _words("yeah yep yup yea ya aye true absolutely definitely certainly right indeed no nope nah ofcourse")
"""Words that answer, or only take up what was said."""
QUESTION = re.compile(
    r"(?:so |and |but |well |ok |hey |also )?(?:am i|(?:why|what|where|who|how|when|which) (?:is|are|was|were|do|does|did|will|would|"
    r"can|could|should|has|have|about|makes|made|happened)|(?:do|does|did|are|is|have|has) (?:you|i|we|he|she|they|it|@w\d+|your|my|the))\b"
    r"(?!.*@p\d+ >)"
)
"""A question written without its mark."""
TAGS = _words("right correct yes no ok okay huh eh yeah though")
"""Words by which a statement asks to be confirmed."""
WELCOME = re.compile(
    r"(?:would|might|could|will|is|sounds|seems|makes)(?: (?:really|very|now|probably|definitely|be|a|an|pretty))* "
    r"(?:great|nice|good|best|grand|awesome|ideal|wise|smart|perfect|helpful|appreciated|useful|fun|amazing|sense|lovely)"
)
"""After an act that is only named, what makes it a wish ("going after England would be grand")."""
MAIN_CLAUSE = re.compile(
    r"(?:i|you|we|he|she|they|@w\d+) (?:will|would|can|could|should|am|are|is|was|were|shall|may|might|have|had|has|do|does|"
    r"did|want|wants|need|must|plan|think|promise|guess|hope)\b|let us\b|please\b|can you\b|could you\b|would you\b|will you\b"
)
"""How a main clause begins."""
NO_CLAUSE_AFTER = _words(
    "that if unless whether when where what who how why because than which as while until before after the a of to for with "
    "and like about from not"
)
"""Words after which a clause is no main clause."""
SUBORDINATING = _words(
    "said says say told tell tells think thinks thought know knows knew believe claims claimed if unless whether when because "
    "suppose imagine wonder wondering saying hear heard guess hope hoping assume expected wish except"
)
"""Words by which a clause may govern the one after it."""

COPULAS = _words("is was will would sounds sucks helps makes seems looks does has might did are works")
"""After a bare order they make it a thing talked about ("Par-Bur is impossible")."""
