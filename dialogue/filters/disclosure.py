"""Rejects what is untrue about being a machine: the disclosure policy."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, Disclosure, FilterContext, FilterVerdict, verdict

_MACHINE = (
    r"(?:bots?|chat ?bots?|machines?|robots?|a\.?i\.?|computers?|(?:computer )?programs?|softwares?|algorithms?"
    r"|language models?|(?:chat ?)?gpt|neural net\w*|automat\w+|scripts?)"
)
_MYSELF = r"(?:i|i'm|i am|me|here|myself|we)"
_DENIES = re.compile(
    rf"\b(?:i'm|i am|i'm definitely|i really am) (?:\w+ ){{0,2}}(?:not|no|never|hardly)\b[^.?!]{{0,20}}\b{_MACHINE}\b"
    rf"|\b(?:no|not an?|there's no|without any)\s+{_MACHINE}\b[^.?!]{{0,20}}\b{_MYSELF}\b"
    rf"|\b{_MYSELF}\b[^.?!]{{0,12}}\bnot an? {_MACHINE}\b"
    rf"|\bif i (?:were|was) an? {_MACHINE}\b"
    rf"|\b(?:me|i), an? {_MACHINE}\?"
    r"|\bi(?:'m| am| really am| was)\b[^.?!]{0,40}\b(?:human|(?:real|actual|living|genuine|flesh)[ -](?:\w+ )?"
    r"(?:person|man|woman|guy|girl|player|being|human)|(?:am|just|only) a person)\b"
    r"|\bi(?:'m| am) a (?:person|human)\b|\bflesh and blood\b|\bas human as\b|\bhuman being\b"
    r"|\b(?:talk|chat|speak|play|deal|writ)ing (?:to|with|against) an? (?:\w+ )?(?:human|person)\b"
    r"|\bhuman (?:like you|too|here|behind)\b",
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
    return _ASKS.search(text) is not None


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
