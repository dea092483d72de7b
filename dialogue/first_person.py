"""Words put back into the mouth of who said them: "(you said) you'd support me" -> "I will support you".

What is said to be done is put in the verbs that the reader knows best, too: "sit tight in", "not go anywhere near".
"""

from __future__ import annotations

import re

SAID_AS = re.compile(r"^[ ,]*(?:(?:that|this|how|as|:|the (?:words|following))[ ,:]+|:[ ]*)+", re.I)
_INFINITIVE = re.compile(r"^(?P<n>(?:not|never) )?to (?P<n2>not |never )?(?P<vp>.+)$", re.I)
_GERUND = re.compile(r"^(?P<negated>not )?(?P<verb>[a-z]+)ing\b(?P<rest>.*)$", re.I)
""" "(You spoke of) moving to Burgundy"."""
_NOUN = re.compile(r"^(?:(?:my|your|a|some|the|full) )*(?P<what>support|convoy|help)\b(?P<rest>.*)$", re.I)
JOINT = re.compile(
    r"^(?:on |to |upon |about )?(?:(?:a|an|the|our) )?(?:mutual )?(?P<what>dmz|demilitari[sz]\w+|bounce|peace|truce|"
    r"alliance|non-?aggression\b.*|pact)\b(?P<rest>.*)$",
    re.I,
)
_DOING = (
    "would",
    "'d",
    "will",
    "'ll",
    "were",
    "are",
    "'re",
    "can",
    "could",
    "should",
    "had",
    "have",
    "wouldn't",
    "weren't",
    "won't",
    "aren't",
    "both",
    "never",
    "plan",
    "planned",
    "intend",
    "intended",
    "wanted",
    "might",
    "and",
    "was",
    "only",
)
_WORD = re.compile(r"[A-Za-z]+(?:n't)?|'(?:d|ll|re|ve|m|s)\b|[^A-Za-z']+|'")
_THEIR = {"your": "my", "yours": "mine", "yourself": "myself", "me": "you", "my": "your", "mine": "yours"}
_THEIR |= {"myself": "yourself", "i": "you"}
_TENSES = tuple(
    (re.compile(pattern, re.I), replacement)
    for pattern, replacement in (
        (r"\b(I|you|we|he|she|they|it)'d\b", r"\1 would"),
        (r"\bwouldn't\b", "would not"),
        (r"\bweren't\b", "were not"),
        (r"\bwasn't\b", "was not"),
        (r"\bI (?:were|was)\b", "I am"),
        (r"\bI are\b", "I am"),
        (r"\bI're\b", "I am"),
        (r"\byou (?:was|am)\b", "you are"),
        (r"\byou'm\b", "you are"),
        (r"\bwould\b", "will"),
        (r"\bcould\b", "can"),
        (r"\bwere\b", "are"),
        (r"\bwas\b", "is"),
        (r"\bavoid(?= \w)", "stay out of"),
        (r"\bplanned\b", "plan"),
        (r"\bintended\b", "intend"),
        (r"\bwanted\b", "want"),
    )
)

_UNIT = r"(?:(?:the|my) (?:army|fleet|unit|troops) (?:in|at) )?"
_NO_PREPOSITION = r"(?!(?:to|from|with|in|into|on|by|against|and|or|unless|if|for|this|next|until|as|support)\b)"
_NAME = (
    rf"(?:the )?{_NO_PREPOSITION}(?!(?:you|me|it|him|her|them|us|any|no|an?|(?:any|no|"
    rf"some)thing)\b)\w[\w.-]*(?: {_NO_PREPOSITION}\w[\w.-]*){{0,2}}"
)
_AT = rf"{_UNIT}(?P<unit>{_NAME})"
_TO = rf"(?P<goal>{_NAME})"
_ALONE = r"(?=[ ,.]*$)"
_GO = (
    r"(?:go|move|march|head|get|walk|push|step|advance|sail|come|cross|make a move|send (?:anything|"
    r"anyone|a unit|units))"
)
_INTO = r"(?:(?:over |across |back |down |up )?(?:in)?to|on|against|in)"
_STAY_OUT = r"stay out of \g<goal>"
_DEEDS = tuple(
    (re.compile(pattern, re.I), replacement)
    for pattern, replacement in (
        # To a place.
        (rf"\b(?:end up|land|arrive|finish|wind up|turn up|be) in {_TO}{_ALONE}", r"go to \g<goal>"),
        (rf"\b(?:make|aim) for {_TO}", r"go to \g<goal>"),
        (rf"\btarget {_TO}", r"attack \g<goal>"),
        (rf"\b(?:use|turn) {_AT} (?:against|on) {_TO}", r"move \g<unit> to \g<goal>"),
        (rf"\b(?:touch|bother) {_TO} with {_AT}", r"move \g<unit> to \g<goal>"),
        (
            rf"\b(?:get|relocate|transfer|play|sail|swing|throw|move|put) {_AT} {_INTO} {_TO}{_ALONE}",
            r"move \g<unit> to \g<goal>",
        ),
        (rf"\b(?:cross|move|go|march) (?:out of|from) {_AT} {_INTO} {_TO}", r"move \g<unit> to \g<goal>"),
        (rf"\border {_AT} (?:-+>?|to) {_TO}{_ALONE}", r"move \g<unit> to \g<goal>"),
        (rf"\bleave {_AT} (?:for|to go to) {_TO}", r"move \g<unit> to \g<goal>"),
        # With a unit made to do it.
        (rf"\b(?:have|let|make|get) {_AT} (?:to )?(?:hold|stay|remain){_ALONE}", r"hold \g<unit>"),
        (rf"\b(?:have|let|make) {_AT} {_GO} {_INTO} {_TO}{_ALONE}", r"move \g<unit> to \g<goal>"),
        (
            rf"\b(?:have|let|make|use) {_AT} (?:to )?(?P<deed>(?:support|back|take|attack|enter|hit)\b.+?)[ ,.]*$",
            r"\g<deed> with \g<unit>",
        ),
        # Out of a place.
        (
            rf"\b(?:stay off|keep off|(?:stand|steer|keep|stay) (?:well )?(?:clear of|away from)|"
            rf"have no designs on|respect|"
            rf"refrain from (?:entering|(?:going|moving) (?:in)?to)|"
            rf"(?:keep|have) (?:my|all|any|all my) \w+ (?:off|out of|away from|clear of)) {_TO}",
            _STAY_OUT,
        ),
        (rf"\b(?:leave|let) {_TO} (?:be|alone|to you|in peace|untouched|empty){_ALONE}", _STAY_OUT),
        (rf"\btreat {_TO} as (?:a |an )?(?:dmz|neutral|demilitari[sz]ed\b.*|off limits)", _STAY_OUT),
        (rf"\b(?:not|never) (?:{_GO} )?(?:anywhere |at all |even )*near {_TO}{_ALONE}", _STAY_OUT),
        (
            rf"\b(?:not|never) (?:touch|set foot in|bother|threaten|approach|invade|occupy|hit|"
            rf"(?:put|have|send) (?:anything|a unit|any units?) {_INTO}|{_GO} {_INTO}) {_TO}{_ALONE}",
            _STAY_OUT,
        ),
        (rf"\b(?:make|plan) no (?:moves?|attacks?) {_INTO} {_TO}{_ALONE}", _STAY_OUT),
        # At a place.
        (
            rf"\b(?:sit (?:tight|still)|stand(?: still| pat)?|stay (?:put|still)|hold (?:my ground|firm|still)|"
            rf"dig in|sit) "
            rf"(?:in|at) {_TO}{_ALONE}",
            r"stay in \g<goal>",
        ),
        (rf"\b(?:keep|leave) (?:the|my) (?:army|fleet|unit|troops) (?:in|at) {_TO}{_ALONE}", r"hold \g<goal>"),
        (rf"\b(?:keep|leave) {_AT} (?:still|put|in place|where it is|at home|there){_ALONE}", r"hold \g<unit>"),
        (rf"\b(?:not move(?: from| out of)?|do nothing with) {_AT}{_ALONE}", r"hold \g<unit>"),
        # In support.
        (
            rf"\b(?:give|lend|offer) (?P<aided>{_NAME}) support {_INTO} {_TO} (?:from|with) {_AT}",
            r"support \g<aided> to \g<goal> from \g<unit>",
        ),
        (rf"\b(?:give|lend|offer) (?P<aided>{_NAME}) support (?:from|with) {_AT}", r"support \g<aided> from \g<unit>"),
        (
            rf"\b(?:get|help) (?P<aided>{_NAME}) {_INTO} {_TO} with support from {_AT}",
            r"support \g<aided> to \g<goal> from \g<unit>",
        ),
        (
            rf"\b(?:prop up|shore up|protect|defend|cover|assist) {_TO} (?:from|with) {_AT}",
            r"support \g<goal> from \g<unit>",
        ),
        (rf"\bsupport (?P<aided>{_NAME})'s (?:move|attack|advance) {_INTO} {_TO}", r"support \g<aided> to \g<goal>"),
        (
            rf"\bsupport the (?:move|attack|advance) (?:from|of) (?P<aided>{_NAME}) {_INTO} {_TO}",
            r"support \g<aided> to \g<goal>",
        ),
    )
)  # fmt: skip
"""What is done, put plainly."""


def in_first_person(rest: str, swap: bool) -> str:
    """What was said, as who said it would have put it; "" where there is nothing.

    Args:
        rest: what follows "you said", "did you promise", "I told you" in a sentence.
        swap: whether "you" in it is who said it.

    >>> in_first_person(" that you'd support me into Belgium", swap=True)
    'I will support you into Belgium'
    >>> in_first_person(" not to enter Burgundy", swap=True)
    'I will not enter Burgundy'
    """
    rest = SAID_AS.sub("", rest).strip(" ,:;.")
    rest = re.sub(r"^(?:myself|yourself) ", "", rest)
    if not rest:
        return ""
    if swap:
        rest = _swapped(rest)
    joint = JOINT.match(rest)
    if joint is not None:
        return f"Let us have a {joint['what']}{joint['rest']}"
    infinitive = _INFINITIVE.match(rest)
    if infinitive is not None:
        negated = bool(infinitive["n"]) ^ bool(infinitive["n2"])
        rest = f"I will {'not ' if negated else ''}{infinitive['vp']}"
    doing = _GERUND.match(rest)
    if doing is not None:
        rest = f"I will {doing['negated'] or ''}{_base(doing['verb'])}{doing['rest']}"
    noun = _NOUN.match(rest)
    if noun is not None:
        verb = noun["what"].lower()
        return f"I will {verb} you{noun['rest']}"
    for pattern, replacement in (*_TENSES, *_DEEDS):
        rest = pattern.sub(replacement, rest)
    return rest


_SILENT_E = frozenset(
    ("mov", "tak", "leav", "mak", "us", "giv", "hav", "slid", "invad", "advanc", "relocat", "com", "provid")
)
"""Stems that lost an e before -ing."""


def _base(stem: str) -> str:
    """The verb of a gerund less its -ing: "mov" -> "move", "sitt" -> "sit"."""
    if stem in _SILENT_E:
        return f"{stem}e"
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsf" else stem


def _swapped(text: str) -> str:
    """The text with I and you changed for each other."""
    parts = _WORD.findall(text)
    words = [part for part in parts if part.strip()]
    said: list[str] = []
    place = -1
    for part in parts:
        if not part.strip():
            said.append(part)
            continue
        place += 1
        low = part.lower()
        if low == "you":
            following = words[place + 1].lower() if place + 1 < len(words) else ""
            said.append("I" if place == 0 or following in _DOING else "me")
        elif low in _THEIR:
            said.append(_THEIR[low])
        elif low == "am" and said and said[-1].strip() == "" and len(said) > 1 and said[-2] == "you":
            said.append("are")
        else:
            said.append(part)
    return "".join(said)
