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
    """What "there" and "it" mean: the province this message named last."""
    recent_place: Province | None = None
    """The one that the messages before named last: "there", where this one has named none."""
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
    "withdraw withdraws withdrawing withdrew withdrawn",
    "rotate rotates rotating rotated",
    "sneak sneaks sneaking sneaked snuck",
    "slip slips slipping slipped",
    "creep creeps creeping crept",
    "expand expands expanding expanded",
    "land lands landing landed",
    "try tries trying tried",
    "aim aims aiming aimed",
    "shoot shoots shooting shot",
    "end ends ending ended",
    "drop drops dropping dropped",
    "hop hops hopping hopped",
    "turn turns turning turned",
    "bring brings bringing brought",
    "send sends sending sent",
    "crash crashes crashing crashed",
    "sweep sweeps sweeping swept",
    "swoop swoops swooping swooped",
    "dive dives diving dived",
    "waltz waltzes waltzing waltzed",
    "jump jumps jumping jumped",
    "pop pops popping popped",
    "squeeze squeezes squeezing squeezed",
    "break breaks breaking broke broken",
    "storm storms storming stormed",
    "roll rolls rolling rolled",
    "reposition repositions repositioning repositioned",
)
SEND = verbs(
    "send sends sending sent",
    "bring brings bringing brought",
    "order orders ordering ordered",
    "swing swings swinging swung",
    "drop drops dropping dropped",
    "place places placing placed",
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
    "poke pokes poking poked",
    "secure secures securing secured",
    "steal steals stealing stole stolen",
    "snatch snatches snatching snatched",
    "reclaim reclaims reclaiming reclaimed",
    "regain regains regaining regained",
    "conquer conquers conquering conquered",
    "claim claims claiming",
    "pick picks picking picked",
    "reach reaches reaching reached",
    "swipe swipes swiping swiped",
    "fill fills filling filled",
    "snap snaps snapping snapped",
    "nick nicks nicking nicked",
    "contest contests contesting contested",
)
ATTACKING = word_set(
    "attack attacking attacks hit hitting take taking invade invading strike stab destroy crush target"
)
COVER = verbs(
    "cover covers covering covered",
    "defend defends defending defended",
    "guard guards guarding guarded",
    "protect protects protecting protected",
    "garrison garrisons garrisoning garrisoned",
    "threaten threatens threatening threatened",
    "pressure pressures pressuring pressured",
)
"""What is done about a place without an order that could be named."""
HAVE = verbs(
    "have has having had",
    "keep keeps keeping kept",
    "get gets getting got gotten",
    "want wants wanting wanted",
    "need needs needing needed",
    "lose loses losing lost",
    "like likes liking liked",
    "prefer prefers preferring preferred",
    "consider considers considering considered",
    "eye eyes eyeing eyed",
    "risk risks risking risked",
)
"""Whose a province is to be."""
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
BOUNCE = verbs("bounce bounces bouncing bounced", "block blocks blocking blocked", "bump bumps bumping bumped")
BUILD = verbs("build builds building built", "rebuild rebuilds rebuilding rebuilt")
DISBAND = verbs(
    "disband disbands disbanding disbanded",
    "remove removes removing removed",
    "dissolve dissolves dissolving dissolved",
    "delete deletes deleting deleted",
    "decommission decommissions decommissioning decommissioned",
    "scrap scraps scrapping scrapped",
)
AGAINST = verbs(
    "attack attacks attacking attacked",
    "stab stabs stabbing stabbed",
    "backstab backstabs backstabbing backstabbed",
    "betray betrays betraying betrayed",
    "fight fights fighting fought",
    "hit hits hitting",
    "target targets targeting targeted",
    "eliminate eliminates eliminating eliminated",
    "crush crushes crushing crushed",
    "squash squashes squashing squashed",
    "squish squishes squishing squished",
    "squeeze squeezes squeezing squeezed",
    "smash smashes smashing smashed",
    "invade invades invading invaded",
    "destroy destroys destroying destroyed",
    "kill kills killing killed",
    "conquer conquers conquering conquered",
    "dismantle dismantles dismantling dismantled",
    "cripple cripples crippling crippled",
    "weaken weakens weakening weakened",
    "contain contains containing contained",
    "stop stops stopping stopped",
    "slow slows slowing slowed",
    "check checks checking checked",
    "surround surrounds surrounding surrounded",
    "pressure pressures pressuring pressured",
    "threaten threatens threatening threatened",
    "carve carves carving carved",
    "split splits splitting",
    "overrun overruns overrunning overran",
    "steamroll steamrolls steamrolling steamrolled",
    "roll rolls rolling rolled",
    "run runs running ran",
    "knock knocks knocking knocked",
    "wipe wipes wiping wiped",
    "finish finishes finishing finished",
    "beat beats beating",
    "push pushes pushing pushed",
    "drive drives driving drove driven",
    "go goes going went gone",
    "move moves moving moved",
    "head heads heading headed",
    "march marches marching marched",
    "come comes coming came",
    "focus focuses focusing focused",
    "concentrate concentrates concentrating concentrated",
    "turn turns turning turned",
    "strike strikes striking struck",
    "gang gangs ganging ganged",
    "deal deals dealing dealt",
    "take takes taking took taken",
    "launch launches launching launched",
    "declare declares declaring declared",
    "screw screws screwing screwed",
    "swing swings swinging swung",
    "break breaks breaking broke broken",
    "muscle muscles muscling muscled",
    "gun guns gunning gunned",
    "plot plots plotting plotted",
    "chase chases chasing chased",
    "hurt hurts hurting",
    "engage engages engaging engaged",
    "handle handles handling handled",
    "block blocks blocking blocked",
    "kick kicks kicking kicked",
    "force forces forcing forced",
    "boot boots booting booted",
)
SIDING = verbs(
    "side sides siding sided",
    "throw throws throwing threw thrown",
    "join joins joining joined",
    "help helps helping helped",
    "assist assists assisting assisted",
    "support supports supporting supported",
    "back backs backing backed",
    "feed feeds feeding fed",
    "protect protects protecting protected",
    "defend defends defending defended",
    "save saves saving saved",
)
GIVE = verbs(
    "give gives giving gave given",
    "hand hands handing handed",
    "cede cedes ceding ceded",
    "concede concedes conceding conceded",
    "grant grants granting granted",
    "return returns returning returned",
    "offer offers offering offered",
    "lend lends lending lent",
    "promise promises promising",
    "surrender surrenders surrendering surrendered",
    "trade trades trading traded",
    "gift gifts gifting gifted",
)
LET = verbs("let lets letting", "allow allows allowing allowed")
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
    "himself": "they",
    "herself": "they",
    "themselves": "they",
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
ATTEMPTS = word_set("shot stab go run crack swing play move push look step advance attempt grab")
"""What may be taken or made at a place: "take a shot at Greece"."""
BARED = word_set("vulnerable undefended exposed unguarded unprotected uncovered weak defenseless unsupported short")
"""What a place may be left without being left empty."""
FREE = word_set("empty clear open neutral dmz vacant free alone unoccupied demilitarised demilitarized peaceful")
MODALS = word_set("will should can could would might may shall")
SUBJECT_OF = MODALS | word_set("is are was were has have had does did do seems wants needs plans said told says must")
"""Words before which a power or a pronoun is the subject of a clause."""
ENDS = frozenset({"", ",", "?", "and", "but", "or", "if"})
"""What may follow a phrase that is complete."""
ORDER_WORDS = word_set("> to into support supports supporting s hold holds holding convoy convoys c")
"""Words before which a place is the unit that is ordered."""
NEAR_UNIT = word_set("in from at of on off over sitting currently stationed")


_TABLES = (GO, SEND, TAKE, HOLD, SUPPORT, CONVOY, BOUNCE, BUILD, COVER, DISBAND, KEEP, ALLY, AGAINST, SIDING, GIVE, LET)


def is_verb(word: str) -> Form | None:
    """The form of a word that may lead a verb phrase; None: it is none."""
    for table in _TABLES:
        if word in table:
            return table[word][1]
    return None


def base_verbs() -> tuple[str, ...]:
    """Every verb in its base form."""
    return tuple(sorted({word for table in _TABLES for word, (_, form) in table.items() if form is Form.BASE}))


def is_attack(word: str) -> bool:
    """Whether a word says that a place is attacked rather than gone to."""
    return word in ATTACKING
