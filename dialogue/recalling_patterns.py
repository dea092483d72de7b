"""What sentences about words look like: the frames of saying, and what stands before and behind them.

Of sentences put plainly (`dialogue.saying_verbs.plain`).  In a frame the group ``who`` (or ``heard``, ``whose``,
``giver``) is who is said to have said it, ``whom`` to whom, and ``rest`` what; `dialogue.recalling` takes them apart.
"""

from __future__ import annotations

import re

from dialogue.saying_verbs import POWERS, SAID, SAY, SAYING

_WHO = rf"(?P<who>you|i|we|{POWERS})"
_YOU = (
    r"you(?!'| (?:(?:would|were|was|are|could|should|had|have|might|wo|ca|do|did)(?:n't)?|will|can|never|"
    r"plan(?:ned)?|intend(?:ed)?|meant|wanted)\b)"
)
""" "You" as whom, not as who: "told you", beside "said you would"."""
_WHOM = (
    rf"me|us|{_YOU}|him|her|them|{POWERS}(?! channel)|(?:any|every|some)(?:one|body)(?: else)?|"
    rf"(?:the )?others?(?: players)?|"
    r"another (?:power|player)"
)
_OBJECT = rf"(?:,? (?:to |with |of )?(?P<whom>{_WHOM})(?!\w| and\b))?"
_SURELY = (
    r"(?: (?:\w{2,}ly|not|ever|never|just|once|also|both|yourself|myself|even|been|indeed|then|first|"
    r"at any (?:point|time|stage)|at (?:some|one) point|in fact|at all|so much as|do|did))*"
)
NOT = r"(?:n't| not)"
ASKED_WHAT = re.compile(
    r"\b(?:what|which \w+)(?: exactly| precisely| else| all| was it| is it)?(?: that)?(?: again)? "
    rf"(?:(?:did|have|had|were) (?:i hear(?:d)? )?{_WHO}|have i heard (?P<heard>you)){_SURELY} "
    rf"(?:{SAY}|{SAID}|{SAYING})\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
WHAT_IT_WAS = re.compile(
    r"\b(?:what(?:ever)?|all|anything|everything)(?: (?:was|is) it)?(?: again)?(?: exactly)? ?(?:that )?"
    rf"\b{_WHO}(?: have| had|'ve|'d)?{_SURELY} {SAID}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
WANTED = re.compile(
    r"\b(?:remind|tell|repeat|say|forg[eo]t\w*|recall|remember|recollect|know|wonder|lost|quote|hear|"
    r"look up|check|clear|sure)\b",
    re.I,
)
"""What wants to be told "what you said": "consistent with what you said" does not."""
WHAT_WERE = re.compile(
    r"\bwhat(?:'s| (?:was|were|is|are|have|has))(?: been)? (?:(?P<who>your|my) (?:exact )?"
    r"(?:words?|promises?|assurances?|commitments?|statements?)|(?:\w+ )?(?:on|in the) record from (?P<whose>you|me))"
    rf"(?: been)?(?: (?:again|exactly))?{_OBJECT}(?P<rest>.*)$",
    re.I,
)
WHAT_LINE_WAS = re.compile(
    r"\bwhat (?:was|had been|has been) (?P<who>your|my) (?:line|position|stance|message|answer|story)(?P<rest>.*)$",
    re.I,
)
WHETHER = re.compile(
    rf"\b(?:(?:did|have|had|has){NOT}?|(?:(?:were|are|was){NOT}?(?= we\b)|were{NOT}?(?= (?:you|i){_SURELY} "
    rf"{SAYING}))) {_WHO}{NOT}?{_SURELY} (?:{SAY}|{SAID}|{SAYING})\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
WAS_IT = re.compile(
    rf"\b(?:was|were|is|are)(?:{NOT})? (?:it )?(?P<who>you|i)(?:{NOT})?(?: the one)? (?:who|that|to have)(?: had)?"
    rf"{_SURELY} {SAID}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
REMEMBERED = re.compile(
    rf"\b(?P<owner>i|you)?\s?(?P<no>(?:do|did|can|could)(?:{NOT})|can't|cannot|never)?\s?(?:do )?"
    r"\b(?:remember|recall|recollect|deny|denied|admit|have|noted|memory of|record of|stand by|forget|forgotten)"
    rf"(?: (?P<who>you|me|us|your|my))?(?: down)?(?: as)?(?: ever)? (?:{SAYING}|having{_SURELY} {SAID})\b"
    rf"{_OBJECT}(?P<rest>.*)$",
    re.I,
)
STATED = re.compile(
    r"(?:^|[,;:(–—-] ?|\b(?:tell me|know|remember|sure|recall|check|ask|asking|asked(?: me)?|confirm|wonder|wondering|"
    r"remind me|see) if |"
    r"\b(?!(?:as|like|than|what|which|where|how|why|if|unless|once|until|should|all|everything|than|not|"
    r"nor|are|is|were|was)\b)"
    r"[\w']+[,:]? |\b(?:message|time|place|point) where |\bhow come )"
    rf"(?P<who>you|i|we)(?:(?P<did> did(?:{NOT})?{_SURELY}| (?:forgot|failed|neglected) to) {SAY}|"
    rf"(?P<unreal>(?<=\byou) (?:could|should|ought to) have)(?: ever| just| at least)? {SAID}(?!.* if )|"
    rf"(?: have| had|'ve|'d| were(?= \w+ing\b))?(?P<adv>(?:{NOT})?{_SURELY}) (?:{SAID}|(?<=were ){SAYING}))\b"
    rf"{_OBJECT}(?P<rest>.*)$",
    re.I,
)
AND_STATED = re.compile(
    rf"\b(?P<who>you|i)\b(?P<adv>) [^,;:]*? and(?: then)?{_SURELY} {SAID}\b{_OBJECT}(?P<rest> .*)$", re.I
)
""" "You looked at me and said ..."."""
NAMED = re.compile(
    r"(?<!\bdo i have )\b(?P<who>your|my) (?:word|promise|assurance)\b(?: to (?:me|you))?(?: was| had been)?"
    r"(?P<rest> (?:to|not to|that) .*)$",
    re.I,
)
_BEEN = r"(?:have|had)(?=(?:n't)?(?: \w+){0,2} been\b)"
PASSIVE = re.compile(
    rf"\b(?:(?P<asked>was|were|{_BEEN}){NOT}? (?P<heard>i|you|it)|(?P<hearer>i|you|it) (?:was|were|{_BEEN}))"
    rf"(?P<adv>(?:{NOT})?{_SURELY}) {SAID}(?: to (?:you|me))?"
    r"(?: (?:by|between|among)(?: the two of)? (?P<giver>you|me|us|both of us|(?:any|no)(?:body|one)))?"
    r"(?P<rest>,? (?:that|to|not to|you|i)\b.*)$",
    re.I,
)
""" "I was never told that ...", "was it agreed between us that ...?", "were you told by me that ...?"."""
ELLIPTIC = re.compile(
    rf"^(?:so |and |but |what[,?!]? )?(?:(?P<who>me|i|you)[,?!] )?(?P<adv>(?:ever |never )?)"
    rf"(?:{SAID}|(?:(?<=ever )|(?<=[,?!] )){SAY})\b{_OBJECT}"
    r"(?P<rest>[ ,:]*(?:(?:that|so|this|it|you|i|we|to|not|no|anything|nothing|something|about|support|\w+ing)\b.*)?)$",
    re.I,
)
""" "Said you'd hold, did you?": whose words, the tag says; "me, say I'd hold?"."""
TAG = re.compile(
    r"[,.]* *(?:\b(?:did(?:n't| not)? (?:you|i|we)(?: not)?|right|correct|no|yes|remember|true|or (?:not|no)|"
    r"is(?:n't| not) (?:it|that so|that right)|was(?:n't| not) it|am i (?:wrong|right|mistaken)|or am i \w+|"
    r"have(?:n't| not) you|had(?:n't| not) you|were(?:n't| not) you|don't you (?:remember|recall)|eh|huh))[ ?.!]*$",
    re.I,
)
CONFIRM = re.compile(
    r"(?:(?:did|didn't|have|haven't) (?:you|i|we)(?: not)?|"
    r"(?:is|isn't|was|wasn't) (?:that|it)(?: not)? (?:right|so|true|correct)|"
    r"right|true|correct|yes|no|yes or no|or not|remember|am i (?:right|wrong|mistaken)|is that a lie)\?+",
    re.I,
)
"""A question that asks only whether what was just said is so."""
TRULY = re.compile(
    r"\b(?:is|was|isn't|wasn't) it (?:not )?(?:true|right|correct|so|the case)\b|\bam i right\b|"
    r"\b(?:confirm|tell me (?:honestly|whether|if)|whether|check)\b",
    re.I,
)
TOPIC = re.compile(
    r"^[ ,]*(?:(?:anything|nothing|something|things?|a word|so much as a word)(?: at all)? )?"
    r"(?:about|regarding|concerning|on|as to|with regard to|for|in regard to|of)\b",
    re.I,
)
NOTHING = re.compile(r"^[ ,]*(?:nothing|not a word|no word)\b", re.I)
ANYTHING = re.compile(r"^[ ,]*(?:anything|something)(?: at all| else)?[ ,.]*$", re.I)
SHIFTED = re.compile(r"\b(?:would|wouldn't|was|wasn't|were|could|had)\b|'d\b|^[ ,]*(?:(?:not|never) )?to\b", re.I)
""" "I said I would", beside "as I told you, I will", which says it anew."""
NEVER_BEFORE = re.compile(
    r"\b(?:at no (?:point|time|stage)|not once|never(?: once)?|no way|in no way|by no means|nowhere|"
    r"on no occasion)[ ,]*$",
    re.I,
)
""" "At no point did you tell me": no question."""
WHY = re.compile(r"\b(?:why|how come|what (?:made you|for))\b", re.I)
NOT_SO = re.compile(
    rf"\b(?:(?:do|did|does|can|could|would|will){NOT}|can't|cannot|never|no longer)(?: \w+ly| ever| even)? "
    r"(?:think|believe|remember|recall|recollect|hear|heard|see|find|accept|know)\b(?!.*\b(?:if|whether)\b)|"
    rf"(?:\b(?:is|was|'s){NOT}|\bnot) (?:at all |really )?(?:true|right|correct|so|the case)\b|"
    r"\b(?:a lie|untrue|false|nonsense|news to me|wrong to say|denied|(?<!\bdare )(?<!not )(?<!n't )deny)\b|"
    r"\bno (?:memory|recollection|record|trace)\b|"
    r"\byou (?:keep |kept |are |were )?(?:claim|say|insist|pretend|alleg|accus)\w*(?: me of)?(?: that)?[ ,]*$",
    re.I,
)
"""What stands before words that were, it says, not said."""
DOUBT = re.compile(
    r"\b(?:whether|i wonder|wondering|i forget|remind me|refresh my memory|confirm|correct me|"
    r"am i (?:right|wrong|mistaken)|"
    r"(?:know|remember|recall|sure|check|see|ask|asked me|asking|tell me|find out|figure out|make out) if|"
    r"is it (?:true|so))\b",
    re.I,
)
"""What makes a question of words, whosever they are."""
CHALLENGE = re.compile(
    r"\bi(?:'d| had| have|'ve)?(?: could have)? (?:thought|sworn|believed?|understood)\b|\bunder the impression\b|"
    r"\b(?:seem to|do|distinctly|clearly|i) (?:remember|recall)\b|\bmemory serves\b|\bunless i|\bas far as i\b|"
    r"\bif i (?:remember|recall|am not|'m not|understood)\b|\bto my (?:knowledge|recollection)\b|\baccording to\b|"
    r"\b(?:notes|record|messages) (?:say|says|show|have)\b|\bdoubt\w*\b|\bdeny\b|\bhow come\b",
    re.I,
)
"""What calls on the one whose words they are to say yes or no."""
RETORT = re.compile(
    r"(?:no,? |but |well,? |sorry,? )?(?:(?:and )?(?:i|we) (?:did|have|had)(?:n't| not)(?: at all)?|"
    r"(?:and )?(?:i|we) never (?:did|have)|never|"
    r"(?:that|this|it)(?:'s| is| was) (?:not (?:true|so|right)|a lie|false|wrong|nonsense|untrue))[ .!]*",
    re.I,
)
"""A sentence that says only that what was just said is not so."""
WITH_ANOTHER = re.compile(rf"\b(?:{POWERS}|he|she|they) and $", re.I)
""" "England and I agreed": not the two who talk."""
FURTHER = re.compile(
    r"(?:,? (?:and (?:that|this|now)|whatever|because|so (?:please|stop|why|what|that|don't)|although|"
    r"though|please|thanks|thank you)\b"
    r"|;).*$",
    re.I,
)
"""What comes after the words and is none of them."""
CONTENT_CLAUSE = re.compile(
    r"^(?:(?:and|but|so|well|ok|hey)[ ,]+)?(?P<that>(?:that )?(?:you|i|we)(?:'d|'ll|'re|'m| (?:would|will|"
    r"were|was|are|am|"
    r"wouldn't|won't|weren't|wasn't|planned|intended|meant))\b.*?)"
    r"[ ,:;–—-]*(?:(?:that(?:'s| is| was)|this is|it(?:'s| is|"
    r" was)) (?:what|how))?[ ,:;–—-]*$",
    re.I,
)
"""Words that stand before "you said so"."""
THAT = re.compile(
    r"^[ ,:]*(?:that|so|it|this|the same|any such thing|such a thing|anything like that|anything of the (?:sort|kind)|"
    r"any of that|those words|these words|no such thing|nothing of the (?:sort|kind))?[ ,.!?]*$",
    re.I,
)
BEFORE = re.compile(
    r"(?:\b(?:yes|yeah|indeed|right|no|nope|true|of course|correct|ok|okay|sure|i did(?: not|n't)?|"
    r"you did(?: not|n't)?|i did say so|you did say so|not quite|not exactly|wait|hey|well|not so)[ ,.:;!–—-]*)+$",
    re.I,
)
ABOUT_DOING = re.compile(r"^[ ,]*(?:about|of|on)(?P<doing> (?:not )?[a-z]+ing\b.*)$", re.I)
OWN_TOPIC = re.compile(r"[ ,]*(?:for|on|of)\b", re.I)
""" "Agreed on Burgundy" is no telling about it."""
BARE_PLACE = re.compile(r"^ (?:the )?[A-Z][\w. ]*(?: (?:to (?:me|you)|at all))?[ ,]*$")
