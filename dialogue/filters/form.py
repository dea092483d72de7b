"""Rejects what is no clean line of text: leftover slots, broken punctuation, strange glyphs, too little or too much."""

from __future__ import annotations

import re
import unicodedata

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict

_SLOT = re.compile(r"<[^<>\s]{1,12}>|<\||\|>|</?s>|[\[\]{}\\]|▁|##")
_PUNCTUATION = re.compile(r"\s[,.!?;](?!\.)|,[,!?;]|\.{8,}|[!?]{7,}|;;|::|^[,.;!?)]|\(\s*\)|--{3,}")
_HANGING = re.compile(r"(?:,|\b(?:and|or|but|the|an|into|because|my|your|our|i'll|i'm))\s*[.!?]?$", re.IGNORECASE)
"""Words that no English sentence ends on."""
_FACE = re.compile(r"[:;=8]'?-?[()DPp]")
"""A face such as ":)" leaves a bracket open and means no harm."""


def form(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text is a whole, clean message of bearable length."""
    return verdict("form", _problem(draft.text, context.config.max_characters))


def _problem(text: str, max_characters: int) -> str | None:
    if not any(c.isalpha() for c in text):
        return "has no words"
    if len(text) > max_characters:
        return f"has {len(text)} characters, more than {max_characters}"
    if match := _SLOT.search(text):
        return f"leftover markup {match[0]!r}"
    for character in text:
        if character == "\N{REPLACEMENT CHARACTER}" or (
            character not in "\n" and unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
        ):
            return f"strange glyph {character!r}"
        if character.isalpha() and not unicodedata.name(character, "").startswith("LATIN"):
            return f"letter of another alphabet {character!r}"
    if match := _PUNCTUATION.search(_FACE.sub("", text).strip()):
        return f"broken punctuation {match[0]!r}"
    bare = _FACE.sub("", text)
    if bare.count("(") != bare.count(")") or bare.count('"') % 2:
        return "unbalanced brackets or quotes"
    if _HANGING.search(text.strip()):
        return f"breaks off at {text.strip().split()[-1]!r}"
    return None
