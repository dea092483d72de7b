"""The frames of clauses: what stands before a verb phrase, and says who would do it and how it is meant.

"I won't", "could you", "let's", "you promised to": patterns over tokens (see `clauses`), tried in order; the first
whose verb phrase reads wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogue.deeds import base_verbs
from engine.types import Power


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
_PLAN = (
    r"(?:my|the|our|one|another) (?:\w+ )?(?:plan|idea|option|thought|goal|way) (?:is|was|would be|will be|might be)"
)
SUPPORT_NOUN = r"(?=(?:support|help|convoy|convoys)\b)"
FRAME_TABLE: tuple[tuple[str, Frame], ...] = (
    (
        rf"{W} and (?:i|me) (?:are |both |will |can |should |would |plan to |planning to |agreed to |agreed on |have |"
        rf"want to |going to )*",
        Frame("other", "w"),
    ),
    (rf"(?:i|me) and {W} (?:are |both |will |can |should |have |would )*", Frame("other", "w")),
    (
        rf"{W} (?:is|are|was|were|seems|seem) {N}(?:cool|fine|ok|okay|good|happy|on board|down|alright|"
        rf"willing) with (?:me|us|you|my|our) (?=\w+ing\b)",
        Frame("asked", "w", 0.8),
    ),
    # what others ask, and are asked to do
    (
        rf"{W} (?:has |have |is |are |just )*(?:wants|want|asked|asks|asking|told|tells|telling|begged|begging|"
        rf"ordered|"
        r"wanted|offered|offering|offers|proposed|proposes|suggested|suggests|suggesting|expects|expect|needs)"
        r"(?: for)? (?:me|us)(?: both)? (?:to |for |that i |if i )(?:would |could |can |"
        r"should )?(?P<n>not )?(?:be |help |in )?",
        Frame("asked", "w", 0.8),
    ),
    (
        rf"(?:i|we) (?:am |are |was |will |would |can |could |have been |have |want to |need to |have to |"
        rf"should |might )*"
        r"(?:going to |trying to |try to |working on |hoping to |be )*(?:try |help )?"
        r"(?:convince|convincing|persuade|persuading|get|getting|encourage|encouraging|push|pushing|ask|asking|"
        r"talk|talking|"
        rf"nudge|nudging|tell|telling|trick|tricking|lobby|lobbying) {W} (?:to |into |on |not to )(?:help (?:me|"
        rf"us) )?",
        Frame("other", "w", 0.7),
    ),
    (
        rf"i (?:have |just |already )*(?:told|asked|convinced|persuaded|encouraged|got|advised|"
        rf"urged) {W} (?P<n>not )?to ",
        Frame("past", "w"),
    ),
    # threatening
    (
        r"(?:i will have no (?:other )?choice but to|i will be (?:forced|compelled) to|"
        r"you (?:leave|are leaving|left) me no (?:other )?choice but to|you (?:force|are forcing) me to) ",
        Frame("threaten"),
    ),
    # past, said and promised
    (
        rf"(?P<s>i|you|we|{W}) (?:(?:have|had|has) )?(?:promised|said|told me|told you|agreed|"
        rf"swore|claimed|"
        rf"assured me|assured you|"
        r"told us|guaranteed)(?: me| you)?(?: that)?(?: with me| with you)?(?: (?:i|you|he|she|they|we|"
        r"@w\d+))?(?: (?:would|will|was|were|is|"
        r"are|am|should|could))?(?: going to(?= \w)| not going to)? ?(?P<n>not |never )?(?:to )?(?P<n2>not "
        r")?(?:be )?",
        Frame("past_word", "?"),
    ),
    (r"(?P<s>i|you|we) (?:have |had )?(?:offered|threatened|asked|wanted) to ", Frame("past_word", "?")),
    (rf"(?P<s>i|you|we|{W}) did (?P<n>not |never )?", Frame("past", "?")),
    (
        r"(?P<s>i) never (?:said|promised|told you|agreed)(?: that)?(?: i)?(?: would| was going to)?(?: to)? ",
        Frame("deny"),
    ),
    (
        rf"(?:so )?(?:why|when|how|where) (?:would|will|are|do|should|could|can|is|does|is it that) (?P<s>you|i|"
        rf"we|{W}) (?P<n>not )?"
        r"(?:going to |planning to |planning on |want to |plan to |intend to |have to |need to |even |ever |be |"
        r"still )*",
        Frame("ask", "?"),
    ),
    (r"why (?=(?:move|go|take|attack|support|send|build|leave|open|stab|help|retreat|hold)\b)", Frame("ask", "you")),
    (rf"how come (?P<s>i|you|we|{W}) (?P<n>not )?", Frame("ask", "?")),
    (
        r"do you (?:think|believe|reckon|know)(?: that| if| whether)? (?P<s>i) (?:can|could|will|would|should|might|"
        r"am going to|have to|need to) ",
        Frame("ask", "?"),
    ),
    (
        r"i (?:was not|was never|had no (?:plans?|intentions?|interest) (?:of|to|in)) (?:going to |planning to |"
        r"trying to |planning on )?(?!the @p|@p)",
        Frame("deny"),
    ),
    (rf"why did (?P<s>you|{W}) (?P<n>not )?", Frame("ask", "?")),
    (rf"did (?P<s>you|{W}) (?P<n>not )?", Frame("ask", "?")),
    (
        rf"(?:(?:i )?(?:was|am) )?(?:wondering|curious|hoping to (?:know|learn|hear)|asking|"
        rf"interested to (?:know|hear)|"
        rf"trying to find out)(?: to know)? (?:if|whether) (?P<s>you|we|i|{W}) "
        r"(?:will |would |are |is |were |was |have |had |could |can |might |may |want |plan |going |planning |to |"
        r"on |be |still |interested in )*(?P<n>not )?",
        Frame("ask", "?"),
    ),
    # refusing
    (
        r"i am not (?:really |too |very )?(?:comfortable|happy|ok|okay|fine|cool|thrilled|keen) (?:with|on|"
        r"about) (?:you|your) ",
        Frame("propose", "you", negative=True),
    ),
    (
        r"(?:i (?:can not|could not|will not be able to|would not(?: be able to)?|am (?:not able|unable|not "
        r"willing|not comfortable|"
        r"reluctant|not in a position|not ready|not keen|not happy|hesitant|not prepared|not interested|"
        r"not sure i can|"
        r"not sure i will be able|not sure i am (?:ready|willing|able|comfortable)|not too keen|"
        r"not that interested|afraid "
        r"i can not|"
        r"afraid i will not|afraid i have to)(?: to be able)?(?: to| with| in| on| be)*|"
        r"do not (?:want|think i (?:can|should|will|could)|feel comfortable|wish|feel like|really want)(?: be "
        r"able)?(?: to)?|"
        r"would (?:rather|prefer) not(?: to)?|refuse to|decline to|"
        r"have no (?:interest|plans?|intentions?|desire|wish) (?:in|to|of))"
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
        r"(?:i )?do not suppose (?:you (?:can|could|would|will|might)(?: be (?:willing|able) to)?|i (?:can|"
        r"could) (?:convince|get|persuade|ask|talk|tempt) "
        r"you (?:to|into)) ",
        Frame("propose", "you"),
    ),
    (
        r"(?:just |do )?let me know if you (?:can|could|would|will|want to|are (?:able|willing|happy|ok|open|"
        r"free)(?: to| with)?|"
        r"would (?:like|be willing|be able|be ok|be open) to) ",
        Frame("propose", "you"),
    ),
    (
        rf"i was {N}(?=\w+ing\b)(?!going |planning |thinking |hoping |trying |looking |considering |wondering |"
        rf"expecting |"
        r"assuming |leaning |about |being )",
        Frame("past", "I"),
    ),
    (
        r"i (?:have |just |already )*(?:placed|put|entered|submitted|sent|given|gave|set)(?: in)? (?:the |my |"
        r"an |all my )?"
        r"(?:orders?|moves?)(?: in)? (?:to|for) ",
        Frame("inform"),
    ),
    # wishing for support
    (
        rf"(?:i (?:(?:will |am going to )?need|"
        rf"want|could use|would like|would love|would appreciate|would need|am asking for|ask for|"
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
        r"i (?:(?:will |would |may |might |do |really )*(?:like to|want to|love to|wanted to|prefer to|need to|"
        r"have to|hope to|"
        r"try to|try and|try|decided to|decide to|intend to|end up|get to|seem to)|must|should|would rather|"
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
        r"i (?:would )?(?:prefer|like|love|appreciate|feel better|be happier)(?: it)?(?: more|"
        r" better)? if (?:we|us)(?: could| can| would| just| both)* ",
        Frame("together", "we"),
    ),
    (
        r"i (?:am looking for|am searching for|need|want|could use|would like|would love) "
        r"(?=(?:an|a|some) (?:\w+ )?(?:ally|partner) against)",
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
        r"(?:(?:do|would|did) )?(?:you )?(?:still )?(?:want|like|need|prefer|rather have)(?: it if)? (?:me to|"
        r"me|i) (?:to )?(?=\w)",
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
        rf"(?:i can offer(?: you)?|i offer(?: you)?|you (?:can |will )?have(?: got)?)(?: my| a| some)? {SUPPORT_NOUN}",
        Frame("offer", "I_noun"),
    ),
    (r"(?:shall|should|can|could|may|might) i ", Frame("ask", "I")),
    # consent
    (
        r"(?:i am |i would be |i am perfectly |i am totally |totally |perfectly )?(?:cool|fine|ok|okay|good|"
        r"happy|comfortable|alright|on board|down|"
        r"all right|content) (?:with|for|if) you(?: to)?(?: having| being)? (?:to )?",
        Frame("consent", "you"),
    ),
    (
        r"(?:i )?(?:do not|would not|will not) (?:really )?(?:mind|object|care)(?: if| to)?(?: you)(?: to)? ",
        Frame("consent", "you"),
    ),
    # asking leave
    (
        r"(?:so )?(?:would |do |will )?you (?:do not |would not |will not )?(?:mind|have (?:a|any|"
        r"an) (?:problem|problems|issue|issues|objection|objections)|care|object|be (?:ok|okay|fine|cool|"
        r"alright|upset|mad|offended) (?:with|if)|be bothered)"
        r"(?: with| if| to)*(?: it)?(?: if)? (?:i|me|my) (?:were to |was to |to )?",
        Frame("ask", "I"),
    ),
    (r"mind if i (?:were to )?", Frame("ask", "I")),
    # what I want of you
    (
        r"(?:i will |i |do |would )?(?:you )?(?:want|need|like) "
        r"(?=(?:the |my |your )?(?:(?:army|fleet|unit) )?@p\d+ to )",
        Frame("unit_wanted"),
    ),
    (
        r"i (?:want|need|would like|would love|would prefer)(?: to have| to see)? you (?=(?:out of|away from|"
        r"off of) )",
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
        r"i (?:would be|am) (?:very |really |quite )?(?:interested in|open to|up for|down for|all for|in favor of) "
        r"(?=(?:a|an|some) )",
        Frame("together", "we"),
    ),
    (
        r"(?:just )?let me know (?:what )?(?:if|whether|when|where|how)(?: much)? you (?:do |would |will |"
        r"might |ever )*"
        r"(?:need|want|could use|like|prefer)(?: my| a| some| any| the)* (?=(?:support|help|convoy)\b)",
        Frame("offer", "I_noun"),
    ),
    # informing
    (rf"i (?:will|shall) {N}", Frame("promise")),
    (
        rf"i (?:am|was|have been) {N}(?:going to|planning to|planning on|planning|intending to|about to|"
        rf"looking to|trying "
        rf"to|aiming to|set to|looking at|set on|committed to|working on|working to|focusing on|focused on|"
        rf"preparing to|"
        rf"getting ready to|prepping to|gearing up to|attempting to|supposed to|fully committed to) {NP}",
        Frame("inform"),
    ),
    (
        rf"i (?:am|was|have been) {N}(?:thinking of|thinking about|thinking|thinking i (?:will|would|might|"
        rf"could)|hoping to|"
        rf"leaning towards|leaning toward|considering|debating|inclined to|tempted to|contemplating|"
        rf"thinking that i (?:will|would|might|could)|likely to|probably) {NP}",
        Frame("inform", confidence=0.5),
    ),
    (
        rf"i (?:do )?(?P<n>do not |not |no longer )?(?:still )?(?:plan|intend|mean|aim|expect)(?: on|"
        rf" to) (?:be )?{NP}",
        Frame("inform"),
    ),
    (
        rf"{_PLAN} for me to {N}",
        Frame("inform"),
    ),
    (
        rf"{_PLAN} for you to {N}",
        Frame("propose", "you"),
    ),
    (
        rf"{_PLAN} for us to {N}",
        Frame("together", "we"),
    ),
    (
        rf"{_PLAN} for {W} to {N}",
        Frame("other", "w", 0.7),
    ),
    (
        rf"(?:(?:my|the|our) )?(?:current |preferred |ideal |main |initial )?"
        rf"(?:plan|idea|intention|thought|thinking|orders|order|moves|move|"
        rf"preference|"
        rf"goal|aim)(?: for this turn| for now)? "
        rf"(?:is|are|was|will be|would be) {N}(?:still )?(?:to |for )?",
        Frame("inform"),
    ),
    (
        r"i (?:have|had) (?:my |the |all my )?(?:orders?|moves?) (?:in |set |already |entered |"
        r"submitted )*(?:to|for) ",
        Frame("inform"),
    ),
    (
        r"i (?:have |am |was |will be |will |just )*(?:ordered|set|entered|submitted|put in|have|doing|do|"
        r"ordering|order|running|playing|"
        r"submitting|putting in|entering|going with)(?: orders| my orders| the following| in)?(?: for| to| of|"
        r" as)?(?: :)? "
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
        r"you (?:can not|could not|will not be able to|would not be able to|are not able to|"
        r"can never) (?:really |just |even )*",
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
        rf"(?:still |probably |just )*{N}(?:going to|planning to|planning on|thinking of|thinking about|"
        rf"trying to|looking to|hoping to|"
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
        rf"(?:can|could|would|can not|could not|would not) you {N}(?:feel (?:comfortable|ok|okay|good about|"
        rf"fine)(?: with| about)? |be (?:comfortable|willing|able|open|ok|okay|interested|"
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
        rf"(?:it would be|that would be|would be|it is|it might be|it may be|i think it is|it will be|may be|"
        rf"might be) "
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
        rf"has agreed to|agreed to|have agreed to|"
        rf"(?:has |have )?(?:offered|threatened|volunteered|pledged|vowed) to|refuses to|is unlikely to|"
        rf"tries to|hopes to|has no (?:plans|intention) (?:to|of)) {N}(?:be |try to |try and |be able to |"
        rf"be (?:tempted|inclined|ready|prepared|willing|happy|forced) to |have to |want to |"
        rf"need to |probably )*",
        Frame("other", "w"),
    ),
    (rf"{W} (?:was|were|had been|has been|have been) {N}(?=\w+ing\b)(?!going |planning |hoping )", Frame("past", "w")),
    (rf"{W} (?:is|are|will be|keeps) {N}(?=\w+ing\b)", Frame("other", "w")),
    (
        rf"{W} (?:is|are|seems) {N}(?:very |really |totally )?(?=(?:anti|pro|hostile|friendly|allied|aligned|"
        rf"against|with)\b)",
        Frame("other", "w"),
    ),
    (
        rf"{W} (?:is|are|seems|seem|sounds) {N}(?:on board|onboard|open|against|down|in|ok|okay|fine|good|happy|"
        rf"cool|poised|ready|set|keen|willing|eager|determined|interested|hell bent|intent) (?:with|for|to|on|in) ",
        Frame("other", "w"),
    ),
    (
        rf"{W} (?:has|have|claims|said|says) (?:he |they )?(?:has |have )?no (?:interest|intention|plans|"
        rf"desire) (?:in|of|to) ",
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
    r"(?:able to|willing to|happy to|be able to|be happy to|be willing to|be glad to|try to|try and|trying to|"
    r"go ahead and|going ahead and|"
    rf"continue to|continuing to|see (?:if|whether) (?:i|we) can|all (?={_BASE})|"
    r"keep (?=\w+ing)|handle (?=\w+ing)|between (?=\w+ing)|start (?=\w+ing)|consider (?=\w+ing)|of (?=\w+ing)|"
    r"about (?=\w+ing)|agree to|agreeing to|"
    r"be (?=\w+ing)|manage to|work towards|work on (?=\w+ing)|working on (?=\w+ing)|working towards|"
    r"focus on (?=\w+ing)|"
    r"focusing on (?=\w+ing)|try (?=\w+ing)|makesure to|makesure that you|makesure you|be sure to|remember to|"
    r"please|help (?=take\b|get\b|push\b|stop\b)|"
    r"have no choice but to|have to|do (?=(?:the )?@p)|consider (?=@p)|get to(?! (?:the )?@p)|plan to|plan on|want to|"
    r"need to|"
    r"have to|like to|both|choose to|end up|commit to|order|just|to(?! (?:the )?@p))\s?"
)
