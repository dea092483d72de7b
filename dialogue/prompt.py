"""What the language model is given, as one line of plain text: the same for play, training and every model.

Two versions, and a model's folder says which it was trained on (`prompt.json`, see `PromptConfig`):

1. The *short form* of the shipped small model: the speech plan and what it answers.  Places and powers are numbered
   slots, `<P0>` the first place of the plan, `<W0>` the addressee.

       S1901M FRANCE to GERMANY <heard> <propose> <say> <agree> <promise> <W1> A <P0> - <P1> <book> <msg>

2. The *full form*: sections, each of which can be left out, the speech plan last.  A slot is called by what it stands
   for, `<BUR>` or `<GERMANY>`, the same in every section, so that a message can say what the sections tell.

       <board> .. <orders> .. <ledger> .. <talk> .. <intents> .. <head> F1901M FRANCE to GERMANY
       <controls> voice people <heard> <propose> <say> <promise> <FRANCE> A <PAR> - <BUR> <msg>

The plan stands right before the message: a small model is not bound by what stands further away.  A prompt that is too
long loses the least useful parts first, in the order of `Detail`.  `plan_text` and `briefing` write its pieces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from dialogue.acts import ActKind
from dialogue.names import MAX_POWERS, MAX_PROVINCES, POWER_NAMES, PROVINCE_NAMES, SlotError, Slots
from engine.types import POWERS, Power, Province

SLOTS: tuple[str, ...] = (
    *(f"<P{n}{variant}>" for n in range(MAX_PROVINCES) for variant in ("", ":kind", ":k")),
    *(f"<W{n}{variant}>" for n in range(MAX_POWERS) for variant in ("", ":adj", ":people")),
)
"""Every numbered slot there can be."""

NAMED_SLOTS: tuple[str, ...] = (
    *(f"<{place}{variant}>" for place in PROVINCE_NAMES for variant in ("", ":kind", ":k")),
    *(f"<{power}{variant}>" for power in POWER_NAMES for variant in ("", ":adj", ":people")),
)
"""Every slot of the full form."""

HEARD, SAY, MSG = "<heard>", "<say>", "<msg>"


class Voice(StrEnum):
    """Whose way of writing is asked for: the two sources the shipped model learnt from."""

    PEOPLE = "<people>"
    """As people write in public games: livelier, and less exact."""
    BOOK = "<book>"
    """As our grammar writes: exact."""


class Candour(StrEnum):
    """Whether the writer means what it says, where that is known."""

    HONEST = "honest"
    LYING = "lying"


@dataclass(frozen=True)
class Controls:
    """How a message is to be written; each is told by name."""

    voice: Voice
    candour: Candour | None = None
    """None: not told."""

    def __str__(self) -> str:
        told = f"voice {self.voice.name.lower()}"
        return told if self.candour is None else f"{told} , candour {self.candour}"


class Section(StrEnum):
    """A part of the full form, in the order of the prompt."""

    BOARD = "board"
    """Units and centres, by power."""
    ORDERS = "orders"
    """What was ordered since the last movement phase began, and what came of it."""
    LEDGER = "ledger"
    """What the two promised each other, and what became of it."""
    TALK = "talk"
    """What the two wrote to each other."""
    INTENTS = "intents"
    """What the speaker means to order, and what it hopes that the addressee will."""
    HEAD = "head"
    """Phase, speaker and addressee; never left out."""
    CONTROLS = "controls"
    """How the message is to be written."""
    PLAN = "plan"
    """What is answered, and the acts to be said."""


class Form(StrEnum):
    """How much a prompt tells: what training draws from, and what perplexity is measured with."""

    TEXT = "text"
    """The talk and the controls alone."""
    STATE = "state"
    """And the board, the last orders, the ledger."""
    INTENTS = "intents"
    """And the intents."""
    PLAN = "plan"
    """And the plan: everything."""
    PLAN_ALONE = "plan_alone"
    """The plan and the controls, nothing else."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is told."""
        return _FORMS[self]


_TEXT = (Section.TALK, Section.HEAD, Section.CONTROLS)
_STATE = (*_TEXT, Section.BOARD, Section.ORDERS, Section.LEDGER)
_FORMS = {
    Form.TEXT: _TEXT,
    Form.STATE: _STATE,
    Form.INTENTS: (*_STATE, Section.INTENTS),
    Form.PLAN: tuple(Section),
    Form.PLAN_ALONE: (Section.HEAD, Section.CONTROLS, Section.PLAN),
}


class Detail(StrEnum):
    """How soon a piece is left out of a prompt that is too long: the first named goes first, of its kind the oldest.

    *Near* are powers named in the plan and those that border on both who talk; *far* the others.
    """

    OLD_TALK = "all but the last six messages"
    FAR_BOARD = "board of powers far from the talk"
    FAR_ORDERS = "last orders of powers far from the talk"
    OLD_WORDS = "promises settled before the last movement phase"
    NEAR_ORDERS = "last orders of powers near the talk"
    NEAR_BOARD = "board of powers near the talk"
    TALK = "all but the last two messages"
    OWN_ORDERS = "last orders of the two who talk"
    WORDS = "promises open, or settled last"
    OWN_BOARD = "board of the two who talk"
    LAST_TALK = "the last two messages"
    INTENTS = "intents"
    KEPT = "head, controls and plan: never left out"


@dataclass(frozen=True)
class Piece:
    """What a prompt tells or leaves out as a whole."""

    section: Section
    detail: Detail
    text: str


class PromptFileError(ValueError):
    """A `prompt.json` that is damaged, or tells of prompts that this version of the project does not write."""


SHORT, FULL = 1, 2
"""Versions of the prompt; a change of what a version writes is a new version."""

PROMPT_FILE = "prompt.json"
"""File in a model's folder, or in its adapter's, that says on which prompts it was trained."""


@dataclass(frozen=True)
class PromptConfig:
    """Which prompts a model is given."""

    version: int = FULL
    """1: the short form; 2: the full form."""
    sections: tuple[Section, ...] = tuple(Section)
    """Sections told; the head always is, and the short form has nothing but head and plan."""
    budget: int = 768
    """Tokens that a prompt may have before pieces are left out."""

    @property
    def is_short(self) -> bool:
        """Whether this is the short form."""
        return self.version == SHORT

    def telling(self, sections: Collection[Section]) -> PromptConfig:
        """The same prompts with only these of their sections."""
        return replace(self, sections=tuple(section for section in self.sections if section in sections))

    def knows(self, form: Form) -> bool:
        """Whether its prompts can tell all of a form; the short form is a plan alone, with its voice."""
        return form is Form.PLAN_ALONE if self.is_short else set(form.sections) <= {*self.sections, Section.HEAD}

    def slots(self, slots: Slots) -> frozenset[str]:
        """The slots that a message with this plan may say, as this prompt writes them."""
        return frozenset(self.write(slot, slots) for slot in slots.allowed)

    def write(self, template: str, slots: Slots) -> str:
        """A text with numbered slots as this prompt writes it."""
        return template if self.is_short else named(template, slots)

    def read(self, template: str, slots: Slots) -> str:
        """The reverse: what a model wrote, with numbered slots.

        Raises:
            SlotError: it names what has no slot.
        """
        return template if self.is_short else numbered(template, slots)

    def save(self, folder: Path) -> None:
        """Write `prompt.json` beside a model."""
        (folder / PROMPT_FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> PromptConfig | None:
        """What the model in a folder was trained on; None: its folder does not say.

        Raises:
            PromptFileError: a version that is not ours, or a damaged file.
        """
        path = folder / PROMPT_FILE
        if not path.is_file():
            return None
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["version"] not in (SHORT, FULL):
                raise PromptFileError(
                    f"expected a model trained on prompts of version {SHORT} or {FULL}, got version {data['version']} "
                    f"in {path}; train it again (python -m training dialogue), or use the project as it was then"
                )
            return cls(data["version"], tuple(Section(name) for name in data["sections"]), int(data["budget"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, PromptFileError):
                raise
            raise PromptFileError(
                f"expected version, sections and budget of a prompt in {path}, got a damaged file ({error!r}); "
                "restore it, or train the model again"
            ) from None


SHORT_PROMPT = PromptConfig(SHORT, (Section.HEAD, Section.PLAN), 256)
"""That of the shipped model."""


def symbols(config: PromptConfig) -> tuple[str, ...]:
    """Texts that a tokenizer made for these prompts keeps in one piece."""
    tags = (HEARD, SAY, MSG, *(f"<{kind}>" for kind in ActKind))
    if config.is_short:
        return (*SLOTS, *tags, *Voice, *POWERS, "ALL")
    return (*NAMED_SLOTS, *tags, *(tag(section) for section in Section if tag(section)), *POWERS, "ALL")


def tag(section: Section) -> str:
    """What a section begins with; nothing before the plan, whose own tags tell it."""
    return "" if section is Section.PLAN else f"<{section}>"


# --- from pieces to a prompt ----------------------------------------------------------------------------


def assemble(pieces: Sequence[Piece], config: PromptConfig, count: Callable[[Sequence[str]], Sequence[int]]) -> str:
    """The prompt: the sections that are told, cut to the budget, and the sign that the message begins.

    Args:
        pieces: in the order of the prompt.
        count: tokens of each of some texts.
    """
    return joined(fitting(pieces, config, count), config)


def fitting(
    pieces: Sequence[Piece], config: PromptConfig, count: Callable[[Sequence[str]], Sequence[int]]
) -> list[Piece]:
    """The pieces that are told: of the sections that are, what the budget has room for; arguments as in `assemble`."""
    told = [piece for piece in pieces if piece.section is Section.HEAD or piece.section in config.sections]
    over = count([joined(told, config)])[0] - config.budget
    if over <= 0:
        return told
    sizes = count([piece.text for piece in told])
    order = list(Detail)
    left_out: set[int] = set()
    # Sorting is stable: within a kind, pieces go in the order of the prompt, in which the oldest stand first.
    for place in sorted(range(len(told)), key=lambda place: order.index(told[place].detail)):
        if over <= 0 or told[place].detail is Detail.KEPT:
            break
        left_out.add(place)
        over -= sizes[place] + 1  # and the sign between two pieces
    return [piece for place, piece in enumerate(told) if place not in left_out]


def joined(pieces: Sequence[Piece], config: PromptConfig) -> str:
    """The prompt that tells these pieces, whatever its length."""
    words: list[str] = []
    section: Section | None = None
    for piece in pieces:
        if not config.is_short:
            words.append(tag(piece.section) if piece.section is not section else ";")
        section = piece.section
        words.append(piece.text)
    return " ".join(word for word in (*words, MSG) if word)


# --- slots by name ----------------------------------------------------------------------------------------


_NUMBERED = re.compile(r"<([PW])(\d)((?::\w+)?)>")
_NAMED = re.compile(r"<([A-Z]+)((?::\w+)?)>")


def named(template: str, slots: Slots) -> str:
    """Numbered slots as what they stand for.

    >>> slots = Slots((Province("BUR"),), (Power.GERMANY, None), (None,), ("",))
    >>> named("Hi <W0>, <P0> is mine.", slots)
    'Hi <GERMANY>, <BUR> is mine.'
    """

    def name(match: re.Match[str]) -> str:
        every: Sequence[str | None] = slots.provinces if match[1] == "P" else slots.powers
        found = every[int(match[2])] if int(match[2]) < len(every) else None
        return match[0] if found is None else f"<{found}{match[3]}>"

    return _NUMBERED.sub(name, template)


def numbered(template: str, slots: Slots) -> str:
    """The reverse of `named`.

    Raises:
        SlotError: the template names a place or power that has no slot.
    """

    def number(match: re.Match[str]) -> str:
        found = match[1]
        if found in slots.provinces:
            return f"<P{slots.provinces.index(Province(found))}{match[2]}>"
        if found in slots.powers:
            return f"<W{slots.powers.index(Power(found))}{match[2]}>"
        raise SlotError(f"expected a slot among {', '.join(named(s, slots) for s in slots.allowed)}, got {match[0]}")

    return _NAMED.sub(number, template)
