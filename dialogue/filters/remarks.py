"""Rejects remarks on places, powers and numbers: they say something, and no plan holds what."""

from __future__ import annotations

import re

from dialogue.acts import ActKind
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, sentences, verdict
from dialogue.names import find_names
from dialogue.recalling import unquoted
from dialogue.understanding import read_text

_NUMBER = re.compile(r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|dozen)\b", re.IGNORECASE)


def remarks(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """A sentence that names somebody or somewhere, or a number, does what its plan says, and does not only remark."""
    if context.is_public:  # its texts are fixed
        return verdict("remarks", None)
    for sentence in sentences(unquoted(context.beyond(draft.text))):
        if '""' in sentence:
            continue  # it tells words said before, which `past` looks up
        others = [m for m in find_names(sentence, context.view) if m.power is not context.recipient]
        if not others and not _NUMBER.search(sentence):
            continue
        reading = read_text(sentence, context.sender, context.recipient, context.view)
        if all(act.kind is ActKind.SMALL_TALK for act in reading.acts):
            return verdict("remarks", f"only remarks: {sentence!r}")
    return verdict("remarks", None)
