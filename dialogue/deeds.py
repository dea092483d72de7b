"""What a verb phrase says, who says it to whom over which board, and the verbs that may lead one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dialogue.acts import ActOrder
from dialogue.board import Board
from dialogue.names import Mention
from engine.types import Power, Province, UnitKind


class DeedKind(StrEnum):
    """What is done."""

    ORDER = "order"
    """A move, hold, support, convoy, build or removal."""
    BOUNCE = "bounce"
    DMZ = "dmz"
    ALLY = "ally"
    ATTACK = "attack"
    """Goes against a power."""
    BACK = "back"
    """Support of a power, with no place said."""
    SAME = "same"
    """"do that": what the other side asked for."""


class Form(StrEnum):
    """The verb's form."""

    BASE = "base"
    ING = "ing"
    THIRD = "third"
    PAST = "past"
    NONE = "none"
    """No verb: "Par-Bur"."""


@dataclass(frozen=True)
class Deed:
    """A verb phrase, read."""

    kind: DeedKind
    form: Form
    orders: tuple[ActOrder, ...] = ()
    provinces: tuple[Province, ...] = ()
    """Named where no order could be made out."""
    powers: tuple[Power, ...] = ()
    is_negative: bool = False
    is_aid: bool = False
    """A support or convoy, made out or not."""
    confidence: float = 1.0


@dataclass(frozen=True)
class UnitPhrase:
    """A unit as described: "my fleet in the Channel"."""

    places: tuple[Province, ...]
    owner: Power | None = None
    kind: UnitKind | None = None
    explicit: bool = False
    """Said to be a unit, not just a place."""


@dataclass
class Scene:
    """Who speaks to whom over which board, and what was mentioned so far."""

    board: Board
    speaker: Power
    addressee: Power | None
    mentions: Sequence[Mention] = ()
    third: Power | None = None
    """Whom "he" and "they" mean."""
    place: Province | None = None
    """What "there" and "it" mean."""
    ordered: list[ActOrder] = field(default_factory=list)
    """Orders made out in this message so far."""
    recent: tuple[ActOrder, ...] = ()
    """Orders of the message that is answered."""


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _forms(lemma: str, third: str, ing: str, *past: str) -> dict[str, tuple[str, Form]]:
    return {
        lemma: (lemma, Form.BASE),
        third: (lemma, Form.THIRD),
        ing: (lemma, Form.ING),
        **dict.fromkeys(past, (lemma, Form.PAST)),
    }


def verbs(*rows: str) -> dict[str, tuple[str, Form]]:
    table: dict[str, tuple[str, Form]] = {}
    for row in rows:
        words = row.split()
        table.update(_forms(words[0], words[1], words[2], *words[3:]))
    return table


GO = verbs(
    "move moves moving moved",
    "go goes going went gone",
    "head heads heading headed",
    "march marches marching marched",
    "sail sails sailing sailed",
    "advance advances advancing advanced",
    "slide slides sliding slid",
    "shift shifts shifting shifted",
    "push pushes pushing pushed",
    "step steps stepping stepped",
    "walk walks walking walked",
    "open opens opening opened",
    "return returns returning returned",
    "retreat retreats retreating retreated",
    "come comes coming came",
    "swing swings swinging swung",
    "fall falls falling fell",
    "get gets getting got",
    "pull pulls pulling pulled",
)
SEND = verbs(
    "send sends sending sent",
    "bring brings bringing brought",
    "order orders ordering ordered",
    "put puts putting",
    "use uses using used",
    "have has having had",
)
TAKE = verbs(
    "take takes taking took taken",
    "grab grabs grabbing grabbed",
    "capture captures capturing captured",
    "occupy occupies occupying occupied",
    "enter enters entering entered",
    "hit hits hitting",
    "invade invades invading invaded",
    "retake retakes retaking retook",
    "recapture recaptures recapturing recaptured",
    "tap taps tapping tapped",
    "seize seizes seizing seized",
    "snag snags snagging snagged",
    "cut cuts cutting",
    "nab nabs nabbing nabbed",
    "attack attacks attacking attacked",
    "strike strikes striking struck",
)
HOLD = verbs(
    "hold holds holding held",
    "stay stays staying stayed",
    "sit sits sitting sat",
    "remain remains remaining remained",
)
SUPPORT = verbs(
    "support supports supporting supported",
    "help helps helping helped",
    "assist assists assisting assisted",
    "back backs backing backed",
)
CONVOY = verbs(
    "convoy convoys convoying convoyed",
    "ferry ferries ferrying ferried",
    "transport transports transporting transported",
)
BOUNCE = verbs("bounce bounces bouncing bounced", "block blocks blocking blocked")
BUILD = verbs("build builds building built")
DISBAND = verbs("disband disbands disbanding disbanded", "remove removes removing removed")
AGAINST = verbs(
    "attack attacks attacking attacked",
    "stab stabs stabbing stabbed",
    "fight fights fighting fought",
    "hit hits hitting",
    "target targets targeting targeted",
    "eliminate eliminates eliminating eliminated",
    "crush crushes crushing crushed",
    "invade invades invading invaded",
    "destroy destroys destroying destroyed",
    "contain contains containing contained",
    "stop stops stopping stopped",
    "carve carves carving carved",
    "backstab backstabs backstabbing backstabbed",
)
KEEP = verbs("keep keeps keeping kept", "leave leaves leaving left", "make makes making made")
ALLY = verbs(
    "work works working worked",
    "ally allies allying allied",
    "team teams teaming teamed",
    "partner partners partnering partnered",
    "cooperate cooperates cooperating cooperated",
    "collaborate collaborates collaborating collaborated",
)

OBJECTS = {
    "me": "I",
    "myself": "I",
    "us": "I",
    "you": "you",
    "yourself": "you",
    "him": "they",
    "her": "they",
    "them": "they",
}
OWNERS = {"my": "I", "mine": "I", "our": "we", "your": "you", "his": "they", "her": "they", "their": "they"}
UNIT_WORDS = {
    "army": UnitKind.ARMY,
    "armies": UnitKind.ARMY,
    "fleet": UnitKind.FLEET,
    "fleets": UnitKind.FLEET,
    "boat": UnitKind.FLEET,
    "ship": UnitKind.FLEET,
    "navy": UnitKind.FLEET,
    "unit": None,
    "troops": None,
    "guy": None,
    "units": None,
}
TOWARDS = frozenset({"to", "into", ">", "onto", "in", "towards", "toward", "for", "on", "against", "through", "'"})
PARTICLES = word_set(
    "back up down over out straight across forward onwards on ahead right all through north south east west"
)
FREE = word_set("empty clear open neutral dmz vacant free alone unoccupied demilitarised demilitarized peaceful")
MODALS = word_set("will should can could would might may shall")
NEAR_UNIT = word_set("in from at of on off over sitting currently stationed")


def is_verb(word: str) -> Form | None:
    """The form of a word that may lead a verb phrase; None: it is none."""
    for table in (
        GO,
        SEND,
        TAKE,
        HOLD,
        SUPPORT,
        CONVOY,
        BOUNCE,
        BUILD,
        DISBAND,
        AGAINST,
        KEEP,
        ALLY,
    ):
        if word in table:
            return table[word][1]
    return None


def is_attack(word: str) -> bool:
    """Whether a word says that a place is attacked rather than gone to."""
    return word in AGAINST or word in ("take", "taking", "invade")
