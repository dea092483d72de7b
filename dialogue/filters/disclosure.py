"""Rejects what is untrue about being a machine: the disclosure policy."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, Disclosure, FilterContext, FilterVerdict, verdict
from dialogue.incoming import readable

_MACHINE = (
    r"(?:bots?|chat ?bots?|machines?|robots?|a\.?i\.?|computers?|(?:computer )?programs?|softwares?|algorithms?"
    r"|language models?|(?:chat ?)?gpt|neural net\w*|automat\w+|scripts?)"
)
_HUMAN = (
    r"(?:humans?|(?:real|actual|living|genuine|regular) (?:\w+ )?(?:persons?|people|man|woman|guy|girl|player|being)"
    r"|an? person|flesh and blood)"
)
_ME = r"(?:i|i'm|i'd|i've|me|my|myself|here)"
_NOT = r"(?:not|no|never|hardly|\w+n't|if)"
_LEAGUE = r"(?! (?:alliance|attack|war|team|pact|vs|against))"
""" "An AI alliance" is one of Austria and Italy."""
_DENIES = re.compile(
    rf"\b{_ME}\b[^.?!]{{0,40}}\b{_HUMAN}\b|\b{_HUMAN}\b[^.?!]{{0,20}}\b{_ME}\b"
    rf"|\b(?:you're|you are) (?:\w+ ){{0,2}}(?:to|with|against) (?:an? )?(?:\w+ )?{_HUMAN}\b"
    rf"|\bas human as\b|\bhuman being\b"
    rf"|\b{_NOT}\b[^.?!]{{0,25}}\ban? (?:\w+ )?{_MACHINE}\b{_LEAGUE}|\bno {_MACHINE}\b{_LEAGUE}"
    rf"|\ban? {_MACHINE}[?,!]+ (?:no|not|never|haha|lol|me)\b|\b(?:me|i), an? {_MACHINE}\b{_LEAGUE}",
    re.IGNORECASE,
)
_ADMITS = re.compile(
    rf"\b(?:i'm|i am|as) (?:\w+ ){{0,2}}an? (?:\w+ )?{_MACHINE}\b|\bi am (?:chat ?gpt|openai)\b", re.IGNORECASE
)
_ASKS = re.compile(
    rf"\b(?:are|r|is) (?:you|u|this|it)\b[^.?!]{{0,24}}\b(?:{_MACHINE}|human|(?:real|actual) (?:person|player))\b"
    rf"|\b(?:you're|you are|ur|sound like|must be|think you're)\b[^.?!]{{0,12}}\b{_MACHINE}\b"
    rf"|^\W*(?:human|{_MACHINE}) or (?:human|{_MACHINE})\b",
    re.IGNORECASE,
)


def disclosure(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Nobody is told that the writer is a person; who did not ask is not told that it is a machine."""
    return verdict("disclosure", _problem(draft.text.replace("’", "'"), context))


def asks_whether_machine(text: str) -> bool:
    """Whether a text asks its reader if it is a machine, or says so.

    >>> asks_whether_machine("Are you a bot?"), asks_whether_machine("Are you going to Munich?")
    (True, False)
    """
    return _ASKS.search(readable(text).text) is not None


def _problem(text: str, context: FilterContext) -> str | None:
    if match := _DENIES.search(text):
        return f"denies being a machine: {match[0]!r}"
    match = _ADMITS.search(text)
    if match is None:
        return None
    if context.config.disclosure is Disclosure.SILENT:
        return f"says what it is, which filtering.disclosure forbids: {match[0]!r}"
    answers = context.plan.answers
    asked = answers is not None and asks_whether_machine(answers.text)
    return None if asked else f"says unasked what it is: {match[0]!r}"
