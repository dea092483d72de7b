"""How many messages of people are taken to be about words said before.

Hardly any message between players asks what was said; so a reader that finds such questions everywhere shows here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cicero_lite.bench.press_sample import HumanMessage, PressKey
from cicero_lite.bench.shares import Share
from dialogue.incoming import readable
from dialogue.recalling import Recalled, recalled
from dialogue.understanding import words_of


@dataclass(frozen=True)
class Taken:
    """A message with a sentence that is taken to be about words."""

    key: PressKey
    text: str
    asks: bool
    denies: bool
    words: str
    """What was said, in the first person; "": what was said is asked, or "that"."""


@dataclass(frozen=True)
class PressTaken:
    """How many of people's messages are taken to be about words of the two who talk."""

    messages: int
    taken: Share
    asking: Share
    """Of all: those that would be answered yes or no."""
    denying: Share
    found: tuple[Taken, ...]

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal, and the sentences found."""
        lines = [f"{self.messages} messages of people to one other; Wilson, 95 %"]
        lines += [f"taken to be about words           {self.taken}"]
        lines += [
            f"  as a question                   {self.asking}",
            f"  as a denial                     {self.denying}",
        ]
        for one in self.found:
            how = "asks" if one.asks else "denies" if one.denies else "says"
            lines += ["", f"{one.key}: {how}: {one.words}", f"    {one.text}"]
        return lines


def measure_taken(press: Iterable[HumanMessage]) -> PressTaken:
    """Looks through messages of people for sentences about words.

    Args:
        press: the messages; those to all are passed over, as "you" is nobody in them.
    """
    count = 0
    found: list[Taken] = []
    for said in press:
        message = said.message
        if message.recipient is None:
            continue
        count += 1
        text = readable(message.text).text
        two = (message.sender, message.recipient)
        about = [one for one in recalled(text, *two, said.board) if one.to in two and _is_clear(one, said)]
        if about:
            first = about[0]
            asks, denies = any(one.asks for one in about), any(one.denies and not one.asks for one in about)
            found.append(Taken(said.key, text[first.start : first.end].strip(), asks, denies, first.words))
    return PressTaken(
        messages=count,
        taken=Share.among(len(found), count),
        asking=Share.among(sum(one.asks for one in found), count),
        denying=Share.among(sum(one.denies for one in found), count),
        found=tuple(found),
    )


def _is_clear(said: Recalled, message: HumanMessage) -> bool:
    """Whether something can be answered to it: what nobody can make out is passed over in play, too."""
    return not said.words or words_of(said, message.board) is not None
