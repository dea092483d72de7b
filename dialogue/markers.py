"""Patterns and words by which the reader tells what a clause is: a condition, a warning, a question, an approval."""

from __future__ import annotations

import re

from dialogue.deeds import word_set
from dialogue.frames import W

THINK = re.compile(
    r"(?:(?:(?:i )?(?:think|guess|assume|suspect|figure|expect|suppose|bet)|i (?:believe|hear|heard|know|fear|worry|"
    r"feel like|would say|"
    r"am sure|am pretty sure|am expecting|am assuming|am hearing|am hoping|"
    r"(?:was|am) thinking(?= (?:that |maybe )?(?:i|you|we|he|she|they|@w\d+|it)\b|"
    r" @p\d+ (?:for|to) (?:me|you)\b)|would think|would guess|"
    r"would assume|would imagine|mean|do believe|do think|still think|"
    r"am worried|am afraid|am guessing|noticed|see|understand|reckon|gather|imagine|feel|suppose|hear from "
    r"@[wd]\d+|heard from @[wd]\d+)|(?:it )?(?:is |was )?(?:looks|seems|sounds|looking|seeming) like|"
    r"it (?:seems|appears)|"
    r"(?:i (?:am |will )?)?(?:going |go |to |work |working )*(?:with|under|on) the (?:assumption|impression) that|"
    r"(?:i have it on good authority|i have (?:heard|been told|been informed|reason to believe)|i am told|i was told|"
    r"word on the street is|i got word|i have a feeling|according to @[wd]\d+)|"
    r"i (?:get|got|have) the (?:impression|feeling|sense) (?:that)?|"
    r"my (?:own |only |main |best )?(?:sense|feeling|impression|hunch|bet|worry|fear|concern|hope|understanding|read|"
    r"suspicion|expectation|assumption) is|"
    r"(?:there is )?(?:a |an )?(?:very )?(?:high|good|decent|strong|fair|solid|real) "
    r"(?:likelihood|chance|possibility|probability)|"
    r"(?:it is )?(?:very |most |quite |pretty |highly |more )*(?:likely|possible|clear|obvious|certain|"
    r"safe to assume|fair to say|true)(?: that)?|"
    r"(?:i )?(?:just )?(?:want|wanted|would like|wish|have) to (?:give you a heads up|let you know|tell you|"
    r"point out|mention|warn you|"
    r"inform you|make clear|be clear)(?: that)?|"
    r"(?:the )?(?:good|bad|other|only|main) (?:news|thing|problem|issue) is|the (?:thing|problem|point|issue|"
    r"fact|truth) is|"
    r"(?:i am )?glad|maybe|in fact|after all|at this point|of note|long term|short term|in the meantime|besides|also|"
    r"at least|even better|either way|worst case|best case|"
    r"rumou?r has it|word is|apparently|fyi|(?:a |quick )?heads up|so you know|to be honest|honestly|as far as "
    r"i know|note|remember|"
    r"my guess is|in case you (?:did not|do not) know|for your information|you should know|just so you know|the "
    r"word is|rumou?r is|"
    r"careful|be careful|be warned|warning|watch out|beware|i (?:want|wanted) you to know|do you (?:think|know|"
    r"know if|know whether|believe|reckon)(?: if| whether)?(?= (?!i\b))|letting you know|just letting you know|"
    r"let you know|to let you know|i am pretty sure|pretty sure|word of warning|between us|a word of warning)"
    r"(?: that)?(?: [,:])? )"
)
DOUBT = re.compile(
    r"(?:i )?(?:(?:do|would|did) not (?:really )?(?:think|believe|expect|suspect|see|imagine|feel like|"
    r"anticipate)|(?:seriously |highly )?doubt|there is (?:no|little) (?:chance|way|likelihood))"
    r"(?: that| like)? (?=i |you |we |he |she |they |@w|the @|@p|it will |it would |it is )(?!you should|"
    r"you need|we should|we need)"
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
POLITE_IF = re.compile(
    r"(?:if|when|whenever) (?:you (?:want|like|wish|need|can|could|are (?:able|up for it|interested|ok with "
    r"that|okay with that|ok|okay|down|game|willing|"
    r"free|up for that|happy with that)|agree|do not mind|would like|prefer|would not mind|have no objection|"
    r"think so|would|ask|are in)(?: it| me to| that| to)?"
    r"|that is (?:ok|okay|fine|alright|cool|good|all right|possible)(?: with you| by you)?|that works(?: for "
    r"you)?|possible|so|not|it helps|that helps|"
    r"needed|necessary|it is ok|it works for you|that would help|that helps you|ok)(?= ?$| [,?:']| (?:i|we|then|"
    r"and|but|so|please|let|just|can|could|will|my|at|though|too|this|next|for|though|man|or|@w)\b)"
)
PURPOSE = re.compile(
    r"(?:so(?: that)? (?:i|we|you|they|he|@w\d+|nobody|neither of us|both of us|our|your|my)(?: \w+)? (?:can|"
    r"could|do not|does not|may|will not|"
    r"would|might|am not|is not|have|get|gets|has|stay|know|need|needs)\b|in order to |to (?:keep|stop|protect|"
    r"cover|make|help|avoid|prevent|be |show|prove|secure|"
    r"get |give|free|slow|build|put|contain|guard|block)|for (?:next|the) (?:year|turn|season)|otherwise |"
    r"(?:it|that|which|this) (?:means|would mean|meant|will mean)\b)"
)
CONDITION = re.compile(
    r"(?:but )?(?:only )?(?P<k>if|unless|as long as|so long as|provided(?: that)?|assuming(?: that)?|once|in "
    r"case|on the condition that|on condition that)"
    r" (?:you |@w\d+ )?(?=.)"
)
FIRM = frozenset({"once", "in case", "unless"})
"""Conditions that, where they are not made out, leave what is said as it is."""
NOTICED = re.compile(
    r"(?:i |we )?(?:have |just |also )*(?:noticed|notice|saw|see|seen|liked|like)(?: that)? (?P<w>@w\d+) 's (?:\w+ )?"
    r"(?:move|attack|build|retreat|push|units?|army|fleet)(?: (?:move|going|moving))? (?:to|in|into|on|at|"
    r"near) (?:the )?(?P<p>@p\d+)"
)
"""What a third power has done, as a noun: "I just noticed Turkey's move to Armenia"."""
HAVING = word_set("have has had want wants wanted need needs needed lose loses lost")
"""Verbs that by themselves ask for nothing."""
ADVICE = re.compile(
    r"if i (?:were|was|am) (?P<whom>you|in your|@w\d+|him|her|them|he|they|the @[ad]\d+|in (?:his|"
    r"their))(?: (?:shoes|position|place|situation))?"
    r"(?: ,| then)*"
)
"""Advice in the first person."""
WITHOUT_SUBJECT = word_set(
    "can will could unable going planning thinking trying looking hoping considering debating about aiming "
    "intending still"
)
"""Words that begin a clause without its subject ("can't do that") only after a break."""
WISHED = re.compile(
    r"(?:, |then )*(?:(?:that|it|this) (?:would|will|might|could)(?: really| also| definitely|"
    r" certainly)? (?:be|help|make|mean|go)|"
    r"i (?:would|will) (?:really |greatly |very much )?(?:appreciate|love|like|be (?:very |really |"
    r"so )?(?:grateful|happy|thankful)))\b"
)
"""After "if you do so": it was a request ("if you could support Tri, that would be nice")."""
CIRCUMSTANCE = word_set("with without of about by from like than despite")
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
ADVERBS = word_set(
    "also probably definitely just still really actually now again certainly gladly happily simply personally "
    "honestly perhaps "
    "totally likely first too currently already maybe possibly hopefully please only basically kindly obviously "
    "clearly "
    "either anyway though however absolutely surely finally quickly safely successfully ideally initially even"
)
ASSENTING = word_set("absolutely definitely certainly gladly surely")
"""Adverbs that by themselves, at the start, say yes."""
HEDGES = word_set("probably perhaps maybe possibly hopefully likely")
CONNECTORS = word_set(
    ", and but so then plus : ' while whereas although since because as well or / that which who where with"
)
AGREES = re.compile(
    r"(?:(?:that|this|it|the rest|rest|everything|all of that|all that|those|your plan|the plan|that plan|"
    r"your idea|that idea|idea|"
    r"both|plan|they) )?(?:all )?(?:would |will |might |could |does |do |also |definitely |all )*"
    r"(?:sounds?|looks?|seems?|works?|is|be|makes?|are) "
    r"(?:really |pretty |very |perfectly |totally |absolutely |all |so |like a |a |like |just |super )*"
    r"(?:good|great|fine|perfect|reasonable|fair|solid|excellent|awesome|ideal|lovely|wonderful|amazing|helpful|"
    r"appreciated|okay|ok|"
    r"cool|plan|right|sense|deal|agreeable|acceptable|wise|smart|dope|nice|true|workable|doable|sensible|fantastic)"
    r"(?: plan| idea| call| point| move| deal| to me| for me| with me| by me| enough| thing| though| then| man|"
    r" too)*(?= |$)"
)
"""An answer that approves: "that all looks good to me"."""
CONTENT = re.compile(
    r"(?:i am |i would be )?(?:happy|fine|good|cool|ok|okay|on board|down|content|in|all in|in favor|in favour|"
    r"comfortable|pleased) (?:with|for|on|of) "
    r"(?:that|this|it|the|your|those|all)(?: of)?(?: that| this| the)?(?: \w+)?(?= (?:,|\?|and|but|so|i|if)\b|$| ,)"
    r"|i (?:will|can) do (?:what|whatever|as) you (?:want|say|ask|like|wish|need)(?= (?:,|and|but|so|i|if)\b|$| ,)"
    r"|i can (?:definitely |totally |certainly )?(?:work|live|deal|roll) with (?:that|it|this)(?= (?:,|and|but|"
    r"so|i|if)\b|$| ,)"
    r"|i (?:really |do |also )?(?:like|love|dig|agree with|agree to|support|accept) (?:that|this|the|your|it|"
    r"all of)(?: \w+)?"
    r"(?= (?:,|and|but|so|i|if)\b|$| ,)"
)
"""An answer that says it is content: "I'm happy with that arrangement"."""
APPROVED = word_set(", : ? and but so because then i we let thanks thank please will can my here")
"""Words that may follow an approval; others make it a comment ("that is good luck")."""
MILD = re.compile(r"\b(?:true|right|fair|sense|point|smart|nice|wise|cool|helpful)\b")
"""Approvals that only take up what was said, unless something was asked."""
YEAH = word_set("yeah yep yup yea ya aye true absolutely definitely certainly right indeed no nope nah ofcourse")
"""Words that answer, or only take up what was said."""
QUESTION = re.compile(
    r"(?:so |and |but |well |ok |hey |also )?(?:am i|(?:(?:i )?(?:was|am) )?(?:wondering|curious) "
    r"(?:if|whether|what|how|about|who|where|when|why)|how come|(?:why|what|where|who|how|when|which) (?:is|are|was|"
    r"were|do|does|did|will|would|"
    r"can|could|should|has|have|about|makes|made|happened)|(?:do|does|did|are|is|have|has) (?:you|i|we|he|she|"
    r"they|it|@w\d+|your|my|the))\b"
    r"(?!.*@p\d+ >)"
)
"""A question written without its mark."""
_WHOM = W.replace("?P<w>", "?:")
_VERY = (
    r"(?:not |too |very |so |really |pretty |quite |getting |becoming |growing |looking |being |starting to |a |an |"
    r"the |in |on |my |our |your |bit |big |huge |real |total |little |more |most |much |way |going to be |already |"
    r"all |now |kinda |rather |super |extremely |always |never |fairly |kind of |sort of |far |still |be |get |become |"
    r"look )*"
)
_QUALITY = (
    r"(?:strong|stronger|strongest|weak|weaker|big|bigger|biggest|large|fast|dangerous|quiet|silent|friendly|"
    r"trustworthy|untrustworthy|annoying|crazy|mess|dead|toast|gone|done|eliminated|out|finished|threat|problem|liar|"
    r"lost|busy|nice|mad|angry|upset|desperate|crumbling|collapsing|dying|growing|winning|losing|ahead|behind|trouble|"
    r"lead|ally|allies|friend|friends|enemy|enemies|neighbor|neighbour|concern|worried|nervous|unpredictable|"
    r"unreliable|reliable|aggressive|sneaky|snake|rat|wild|wildcard|card|tough|scared|scary|key|leader|juggernaut|"
    r"player|issue|spot|position|danger|risk|worrying|worrisome|talkative|responsive|unresponsive|dumb|"
    r"civil disorder|nmr|active|inactive|good|great|bad|fine|stubborn|confused|confusing|difficult|weird|strange|"
    r"interesting|smart|clever|target|loser|winner|honest|dishonest|vulnerable|exposed|distracted|occupied|suspicious)"
)
REMARK = re.compile(
    r"(?:i (?:do |did |can |would |will |have |never |not |fully |to |really )*(?:trust|trusted|like|liked|fear|hate|"
    rf"distrust|mistrust|watch) {_WHOM}|"
    rf"(?:that |which |and )*{_WHOM} (?:is|are|was|were|seems|seem|looks|look|has been|have been|will be|would be|"
    rf"'s|can be|could be|might be|may be|gets|got|remains|feels|sounds|becomes|has|have) {_VERY}{_QUALITY}"
    r"(?: (?:to|for) (?:me|us|you|all of us|both of us|everyone|each of us))?(?: one)?|"
    rf"{_WHOM} (?:worries|scares|annoys|concerns|bothers) (?:me|us)|"
    rf"{_WHOM} can not be (?:allowed to (?:win|grow|solo)|trusted)|"
    r"(?:i |we |(?=have not ))(?:am |are |was |were |have |had |will |would |can |did |do |not |been |just |never |to |"
    r"going |need |should |try |trying |yet )*(?:talk|talked|talking|chat|chatted|chatting|speak|spoke|spoken|speaking|"
    r"communicate|communicated|message|messaged|messaging|write|wrote|written|check|checked|checking|reach|reached|"
    r"reaching|hear|heard|hearing|ask|asked|asking|contact|contacted|get|gotten|got|have|had|tell|told) "
    r"(?:a |any |anything |much |back |out |in |word |some |message |messages |news |to |with |from |it |that )*"
    rf"{_WHOM}(?: (?:about (?:that|this|it)|yet|either|too|lately|recently|at all|so far|as well|back))*|"
    rf"(?:good|best of) luck (?:with|against) {_WHOM}|"
    rf"{_WHOM} (?:has |have |did |do |does |is |are |had |not |never |also |been )*(?:answer|answered|responded|"
    r"respond|replied|reply|written|wrote|messaged|messaging|talked|talking|talk|talks|chatting|reached out|spoken|"
    r"spoke|offered (?:me|us) (?:an |the )?(?:alliance|deal)|lied|lying)"
    r"(?: (?:back|to me|to us|to you|me|us|with me|with us|yet|at all|much|either|too))*"
    r")(?= (?:,|\?|and|but|so|because|then)(?: |$)|$)"
)
"""What is said of a third power and claims nothing that is of use: opinions, and whom one talks to."""
TAGS = word_set("right correct yes no ok okay huh eh yeah though")
"""Words by which a statement asks to be confirmed."""
WELCOME = re.compile(
    r"(?:would|might|could|will|is|sounds|seems|makes)(?: (?:really|very|now|probably|definitely|be|a|an|pretty))* "
    r"(?:great|nice|good|best|grand|awesome|ideal|wise|smart|perfect|helpful|appreciated|useful|fun|amazing|"
    r"sense|lovely)"
)
"""After an act that is only named, what makes it a wish ("going after England would be grand")."""
MAIN_CLAUSE = re.compile(
    r"(?:i|you|we|he|she|they|@w\d+) (?:will|would|can|could|should|am|are|is|was|were|shall|may|might|have|had|"
    r"has|do|does|"
    r"did|want|wants|need|must|plan|think|promise|guess|hope)\b|let us\b|please\b|can you\b|could you\b|"
    r"would you\b|will you\b"
)
"""How a main clause begins."""
NO_CLAUSE_AFTER = word_set(
    "that if unless whether when where what who how why because than which as while until before after the a of "
    "to for with "
    "and like about from not"
)
"""Words after which a clause is no main clause."""
SUBORDINATING = word_set(
    "said says say told tell tells think thinks thought know knows knew believe claims claimed if unless "
    "whether when because "
    "suppose imagine wonder wondering saying hear heard guess hope hoping assume expected wish except"
)
"""Words by which a clause may govern the one after it."""
COPULAS = word_set("is was will would sounds sucks helps makes seems looks does has might did are works")
"""After a bare order they make it a thing talked about ("Par-Bur is impossible")."""
