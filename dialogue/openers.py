"""Fixed phrases at the start of a clause that by themselves say something: yes, no, thanks, sorry, hello."""

from __future__ import annotations

from dialogue.deeds import word_set


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
            "so maybe not|maybe not|probably not|i guess not|definitely not|not now|not right now|rather not|"
            "i would prefer you do not|i would prefer you did not|i would rather you do not|"
            "i would rather you did not|i would prefer not|please do not|no|nope|nah|not really|not at all|"
            "i do not think that is a good idea|that is not a good idea|bad "
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
            "no , you are right|no , that is fine|no , of course|no , go ahead|no problem|no worries at all|"
            "no you are right|you are right|no that is fine|no objection|why not|"
            "yeppers|yuppers|you bet|word|bet|yessir|yes sir|aye aye|hell yeah|hell yes|cool cool|yes|yeah|yep|"
            "yup|yea|ya|aye|sure|sure thing|deal|agreed|ofcourse|absolutely|definitely|sounds good|"
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
            "exactly|fair|indeed|correct|understood|gotcha|roger|of course|same|likewise|lovely|wonderful|"
            "amazing|brilliant|oh ok|ok great|ok cool|okay great|ok good|got it|understood|"
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
            "very kind of you|appreciated|i really appreciate it|i appreciate you|i appreciate your|"
            "i appreciate the|i really appreciate you|i really appreciate your|i appreciate the help|"
            "thanks again|thanks man|"
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
            "oh no|oh man|oh yes that|well|oh|ah|hmm|hm|haha|lol|ha|um|uh|btw|by the way|i promise|"
            "you have my word|no hard feelings|"
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
        "i would prefer not|i will|i can|i do|i am|done|works|man|friend|dear|good|right|i would not|i will not|"
        "i can not|no|sure|"
        "great|k|like|happy to|i do not want to|i would be happy to|i am happy to|i would love to|i do not think i "
        "can|i promise|you can count on me|i agree|i will not be able to|i am afraid|or|you have my word|sorry|"
        "gladly|nice|fine|cool|i would rather not|question|idea|deal|i am afraid i can not|i am thinking|i was "
        "thinking|i refuse|i decline|look|i am in|well|i can live with that|i am down|i am game|no way|yes i can|"
        "yes i will|yes i would|yes i am|yes i do|sure i can|sure i will|thanks|thank you|you know|i mean|instead|"
        "rather|ha|i owe you|let us do that|let us do it"
    )
)
"""Openers that are often the beginning of a longer clause; they stand alone only before a break."""
BREAKS = word_set(", : ? and but so because since as if ' then")
ALWAYS = frozenset(
    {"no", "sure", "great", "thanks", "thank you", "sorry", "ha", "well", "fine", "cool", "nice", "deal", "gladly"}
)
