"""What tells what a clause of people's press does, and what it is about: the features of the learned reader.

They are strings; `learned_reader` hashes them. Training and play make them by the same functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogue.acts import Polarity, SpeechAct
from dialogue.board import Board
from dialogue.clauses import read_names
from dialogue.contents import Candidate, Named
from dialogue.reading import ReadContext, Reading
from dialogue.tagging import STOPS, Clause, Token, WordGroups, clause_features, tokenise
from dialogue.understanding import context_of, read_text
from engine.types import Message, Power


def kind_name(act: SpeechAct) -> str:
    """What an act does, as the learned reader names it: its kind, with ``-`` where it denies."""
    return f"{act.kind}{'-' if act.polarity is Polarity.NOT else ''}"


@dataclass(frozen=True)
class Heard:
    """A message as it is about to be read."""

    message: Message
    board: Board
    context: ReadContext
    """What it may answer, by the rules' reading."""
    last: Message | None
    """The message before it between the two."""
    text: str
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, message: Message, board: Board, talk: Sequence[Message]) -> Heard:
        """A message over a board, after the talk before it."""
        pair = {message.sender, message.recipient}
        before = [] if message.recipient is None else [m for m in talk if {m.sender, m.recipient} == pair]
        before = [m for m in before if m.recipient is not None and m.sequence < message.sequence]
        text, mentions = read_names(message.text, board)
        tokens = tokenise(text, mentions, message.sender, message.recipient)
        context = context_of(message, board, talk)
        return cls(message, board, context, before[-1] if before else None, text, tokens)

    def read(self, start: int, end: int, mark: str = "") -> Reading:
        """The rules' reading of a stretch of the text, with a mark after it unless it has it."""
        text = self.message.text[start:end]
        text = text if text.endswith(mark) else text + mark
        return read_text(text, self.message.sender, self.message.recipient, self.board, self.context)


@dataclass(frozen=True)
class ByRules:
    """What the rules read of a message and of its clauses."""

    whole: Reading
    alone: tuple[Reading, ...]
    """Each clause by itself."""
    steps: tuple[Reading, ...]
    """What each adds to the reading of the text before it."""

    @classmethod
    def of(cls, heard: Heard, clauses: Sequence[Clause]) -> ByRules:
        """The rules' readings of a message cut into clauses."""
        tokens = heard.tokens
        whole = heard.read(0, len(heard.text))
        alone: list[Reading] = []
        steps: list[Reading] = []
        before: tuple[SpeechAct, ...] = ()
        for index, clause in enumerate(clauses):
            start, end = tokens[clause.first].start, tokens[clause.end - 1].end
            mark = _asked_by(tokens, clause)
            alone.append(heard.read(start, end, mark))
            is_last = index == len(clauses) - 1
            so_far = whole if is_last else alone[0] if index == 0 else heard.read(0, end, mark)
            steps.append(Reading(_added(before, so_far.acts), so_far.unread))
            before = so_far.acts
        return cls(whole, tuple(alone), tuple(steps))


def _asked_by(tokens: Sequence[Token], clause: Clause) -> str:
    """A question mark if the sentence of a clause ends with one."""
    for token in tokens[clause.end - 1 :]:
        if token.text in STOPS:
            return "?" if token.text == "?" else ""
    return ""


def _added(before: Sequence[SpeechAct], after: Sequence[SpeechAct]) -> tuple[SpeechAct, ...]:
    left = [act.content for act in before]
    new: list[SpeechAct] = []
    for act in after:
        if act.content in left:
            left.remove(act.content)
        else:
            new.append(act)
    return tuple(new)


def kind_cues(heard: Heard, clauses: Sequence[Clause], index: int, rules: ByRules, groups: WordGroups) -> Iterator[str]:
    """What tells what a clause does: its words, the talk before it, and what the rules read in it."""
    yield from clause_features(heard.tokens, clauses, index, groups)
    yield from _talk_cues(heard, clauses[index], index)
    yield from _rule_cues(rules, index, heard.tokens[clauses[index].end - 1].text == "?")


def _talk_cues(heard: Heard, clause: Clause, index: int) -> Iterator[str]:
    words = [token.text for token in heard.tokens[clause.first : clause.end] if not token.is_mark]
    lead = words[0] if words else ""
    opens = index == 0
    if heard.message.recipient is None:
        yield "to all"
    if heard.last is None:
        yield "last:none"
    else:
        own = heard.last.sender is heard.message.sender
        yield f"last:{own} {heard.last.phase == heard.message.phase}"
        yield f"last:{own} {lead} {opens}"
        if not own:
            asked = heard.last.text.rstrip().endswith("?")
            yield f"asked:{asked} {opens}"
            yield f"asked:{asked} {lead} {opens}"
    for kind in sorted({kind_name(act) for act in heard.context.heard}):
        yield f"h:{kind} {opens}"
        yield f"h:{kind} {lead}"


def _rule_cues(rules: ByRules, index: int, asked: bool) -> Iterator[str]:
    both = []
    for name, reading in (("ra", rules.alone[index]), ("rs", rules.steps[index])):
        kinds = sorted({kind_name(act) for act in reading.acts}) or ["none"]
        for kind in kinds:
            yield f"{name}:{kind}"
            yield f"{name}:{kind} {asked}"
        yield f"{name}all:{'+'.join(kinds)}"
        yield f"{name}un:{bool(reading.unread)}"
        for act in reading.acts:
            yield f"{name}c:{kind_name(act)} {bool(act.orders)} {bool(act.provinces)} {bool(act.powers)}"
        both.append("+".join(kinds))
    yield f"rar:{'|'.join(both)}"
    for kind in sorted({kind_name(act) for act in rules.whole.acts}):
        yield f"rw:{kind}"


_PRONOUN = re.compile(r"\b(?:he|him|his|they|them|their|she|it|that|this|there|here|those|both|us|we)\b")
_LATER = re.compile(r"\b(?:next|later|then|after|eventually|soon|future|year|fall|spring|winter)\b")
_AID = re.compile(r"\b(?:support\w*|help\w*|convoy\w*|back\w*|cut\w*|supp|s)\b")


def content_cues(
    kind: str, candidate: Candidate, count: int, names: Named, text: str, message: Message
) -> Iterator[str]:
    """What tells whether an act of a kind is about a content.

    Args:
        kind: as `kind_name` gives it.
        candidate: the content, and how it was arrived at.
        count: how many candidates there are.
        names: the names in the clause.
        text: the clause.
        message: that it is part of.
    """
    content, low = candidate.content, text.lower()
    shape = f"{min(len(content.orders), 3)}{min(len(content.provinces), 3)}{min(len(content.powers), 3)}"
    parts = "".join(
        letter for letter, part in zip("OPW", (content.orders, content.provinces, content.powers), strict=True) if part
    )
    orders = "".join(sorted({_owner(said.power, message) + said.order.kind.value[:3] for said in content.orders}))
    for cue in (f"shape:{shape}", f"parts:{parts}", f"orders:{orders}"):
        yield cue
        yield f"{cue} {kind}"
    if content.orders:
        yield f"later:{_LATER.search(low) is not None}"
        aids = any(said.order.aided is not None for said in content.orders)
        yield f"aid:{aids} {_AID.search(low) is not None}"
    for source in candidate.sources:
        yield f"src:{source}"
        yield f"src:{source} {kind}"
        way, _, what = source.partition(" ")
        if way in ("alone", "step"):
            yield f"same:{way} {what == kind.rstrip('-')}"
    yield f"ways:{min(len(candidate.sources), 4)}"
    places = {*content.provinces, *content.ordered}
    powers = set(content.powers) | {said.power for said in content.orders}
    missing = min(len(set(names.provinces) - places), 2)
    further = min(len(set(content.provinces) - set(names.provinces)), 2)
    unnamed = min(len(set(names.powers) - powers), 2)
    beyond = min(len(set(content.powers) - set(names.powers)), 2)
    yield f"missing:{missing} {bool(content.orders)}"
    yield f"missing:{missing} {bool(content.orders)} {kind}"
    yield f"further:{further} {kind}"
    for cue in (f"unnamed:{unnamed}", f"beyond:{beyond}"):
        yield cue
        yield f"{cue} {kind}"
    for word in sorted(set(_PRONOUN.findall(low))):
        yield f"pro:{word} {further > 0} {beyond > 0}"
        if content.orders:
            yield f"proo:{word}"
    yield f"n:{min(count, 4)} {shape}"
    lead = low.split()[:2]
    yield f"lead:{' '.join(lead)} {parts}"
    yield f"lead1:{' '.join(lead[:1])} {parts}"


def _owner(power: Power, message: Message) -> str:
    return "M" if power is message.sender else "Y" if power is message.recipient else "T"
