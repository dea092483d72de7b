"""How people name provinces and powers: recognising the names in text, and writing them into slots.

Two directions over one table of surface forms.  `find_names` reads: full names, codes, nicknames,
misspellings, with the case rules that keep "war", "con" or "pie" English words unless an arrow or an order
stands beside them.  `Slots`, `fill` and `delexicalise` write: a template says ``<P0>`` and ``<W0>``, and code
puts the names in, so that no wording can name a place outside its plan.

Slot scheme
-----------
``<W0>`` is the addressee (None in public press), ``<W1>`` the speaker, ``<W2>``..``<W5>`` further powers in
the order in which the plan first mentions them. ``<P0>``..``<P7>`` are provinces in the order of first
mention. The order of mention within a plan: act by act; within an act its condition first, then its orders
(each: the unit's province, the aided unit's province, the target), then ``provinces`` and ``powers``; an
order's power counts as mentioned where the order stands. Variants of a slot: ``<P0:kind>`` "army" or
"fleet", ``<P0:k>`` "A" or "F" (the unit that the plan has there), ``<W2:adj>`` "Austrian", ``<W2:people>``
"the Austrians".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from numpy.random import Generator

from dialogue.acts import SpeechAct
from engine.types import POWERS, Power, Province, Unit, UnitKind, province_of


class SlotError(ValueError):
    """A template or a plan that the slots cannot serve."""


class Standing(Protocol):
    """The one thing that reading a name may ask of the board."""

    def unit_at(self, province: Province) -> tuple[Power, Unit] | None:
        """The unit in a province, and whose."""
        ...


@dataclass(frozen=True)
class ProvinceNames:
    """The surface forms of one province."""

    code: Province
    full: str
    article: bool
    """Whether the full name and the nicknames that are no codes take "the" in a sentence."""
    nicknames: tuple[str, ...]
    """Written and read."""
    aliases: tuple[str, ...]
    """Read, never written."""


_TABLE = """
ADR|the Adriatic Sea|the Adriatic|adri,adrs,adriatic sea
AEG|the Aegean Sea|the Aegean|aegs,egean,agean,agean sea
ALB|Albania||
ANK|Ankara||
APU|Apulia||
ARM|Armenia||
BAL|the Baltic Sea|the Baltic|
BAR|the Barents Sea|the Barents|barrents,barent sea
BEL|Belgium||belg
BER|Berlin||berl
BLA|the Black Sea|the Black|bs,blk,blacksea
BOH|Bohemia||
BRE|Brest||
BUD|Budapest||buda
BUL|Bulgaria|Bulg|bulga
BUR|Burgundy|Burg|burgandy
CLY|Clyde||
CON|Constantinople||cons,const,constan,constantinopole,istanbul
DEN|Denmark||denm
EDI|Edinburgh||edinborough,edin,edinburg
ENG|the English Channel|the Channel,EC|ech,engc,chan,eng channel,eng ch,la manche
FIN|Finland||
GAL|Galicia||galecia,galica,galacia,gali
GAS|Gascony|Gasc|
GRE|Greece||greec
HEL|the Helgoland Bight|Helgoland,Helg|heligoland,heligoland bight,hgb,helgo,helgoland bright,helgoland blight,heligoland blight
HOL|Holland|Holl|netherlands,the netherlands
ION|the Ionian Sea|the Ionian|ionia,ionic,ions,ion sea
IRI|the Irish Sea|the Irish Sea|irish,irs
KIE|Kiel||
LON|London||lond
LVN|Livonia||livo,lva,livon
LVP|Liverpool||liver,lvpl,livp,lpl,lpool,liverp
LYO|the Gulf of Lyon|GoL,the Gulf of Lyon|lyon,lyons,gulf of lyons,gulf of lion,gulf lyon,lyon gulf,golyon,goly
BOT|the Gulf of Bothnia|GoB,Bothnia|gulf of both,bothn,gulf bothnia
MAO|the Mid-Atlantic Ocean|the Mid-Atlantic,Mid|midatlantic,mid atlantic sea,mat,midatl,mid atl,midatlantic ocean
MAR|Marseilles|Mars|marseille,marsaille,marsailles,marseiles
MOS|Moscow|Mosc|
MUN|Munich||muni
NAF|North Africa|N. Africa|n afr,nafr,naf,northafrica
NAO|the North Atlantic Ocean|the North Atlantic|n atlantic,natl,nat,nao,norat
NAP|Naples||
NTH|the North Sea|the North Sea|nths,north see,ns,n sea,nsea,nts,northsea
NWG|the Norwegian Sea|the Norwegian Sea|norwegian,norw sea,nrg,nwgs,nor sea,norwsea,norg
NWY|Norway||nwy,nrwy,norwy
PAR|Paris||
PIC|Picardy||picardie
PIE|Piedmont|Pied|peidmont,piemonte
POR|Portugal|Port|
PRU|Prussia||prus
ROM|Rome||
RUH|Ruhr||
RUM|Rumania|Romania|roumania
SER|Serbia|Serb|
SEV|Sevastopol|Sevas|sevastapol,sebastopol,sevast,seva
SIL|Silesia||sile
SKA|the Skagerrak|Skag,the Skagerrak|skagerrack,skagarak,skaggerak,skagerak,skaggerack,skagg,skager
SMY|Smyrna||smyr
SPA|Spain||spn
STP|St. Petersburg|St Pete,St. Pete|st petersburg,saint petersburg,saint pete,stpete,st p,petersburg,st petes,st peter,st petersberg,pete
SWE|Sweden||swed
SYR|Syria||
TRI|Trieste|Triest|trie,treiste,triste
TUN|Tunis|Tunis|tunisia
TUS|Tuscany|Tusc|
TYR|Tyrolia||tyrol,tyrl,tyl,trl,tyro,tryolia,tyrollia,tirol
TYS|the Tyrrhenian Sea|Tyrr,the Tyrrhenian|tyrs,tyrr sea,tyrhennian,tyn,tyrhenian,tyrrenian,tyrrhenian sea,tyrrh,tyrrhen,tyrhennian sea
UKR|Ukraine||ukra,the ukraine
VEN|Venice||venetia,veni
VIE|Vienna||vien
WAL|Wales||
WAR|Warsaw||wars
WES|the Western Mediterranean|West Med,the Western Med,WMed|western mediteranean,w med,wms,wme,western mediterranean sea,west mediterranean,western med,westmed
YOR|Yorkshire|York|yorks
EAS|the Eastern Mediterranean|East Med,the Eastern Med,EMed|eastern mediteranean,e med,ems,eme,eastern mediterranean sea,east mediterranean,eastmed
"""  # noqa: E501


def _parse_table() -> dict[Province, ProvinceNames]:
    names = {}
    for line in _TABLE.strip().splitlines():
        code, full, nicknames, aliases = line.split("|")
        names[Province(code)] = ProvinceNames(
            Province(code),
            full.removeprefix("the "),
            full.startswith("the "),
            tuple(nickname for nickname in nicknames.split(",") if nickname),
            tuple(alias for alias in aliases.split(",") if alias),
        )
    return dict(sorted(names.items()))


PROVINCE_NAMES: Mapping[Province, ProvinceNames] = _parse_table()
"""Every province of the standard map."""

POWER_NAMES: Mapping[Power, tuple[str, str, str]] = {
    Power.AUSTRIA: ("Austria", "Austrian", "the Austrians"),
    Power.ENGLAND: ("England", "English", "the English"),
    Power.FRANCE: ("France", "French", "the French"),
    Power.GERMANY: ("Germany", "German", "the Germans"),
    Power.ITALY: ("Italy", "Italian", "the Italians"),
    Power.RUSSIA: ("Russia", "Russian", "the Russians"),
    Power.TURKEY: ("Turkey", "Turkish", "the Turks"),
}
"""Name, adjective and people of each power."""

_POWER_ALIASES: Mapping[str, tuple[Power, str]] = {
    **{
        form: (power, "name")
        for power, forms in {
            Power.AUSTRIA: ("aus", "archduke", "austria hungary", "a-h"),
            Power.ENGLAND: ("eng", "britain", "great britain", "engl", "uk", "gb"),
            Power.FRANCE: ("fra", "frank", "france"),
            Power.GERMANY: ("ger", "germ", "kaiser"),
            Power.ITALY: ("ita", "pope", "ital"),
            Power.RUSSIA: ("rus", "tsar", "czar", "russ"),
            Power.TURKEY: ("tur", "turk", "sultan", "the sultan", "ottomans"),
        }.items()
        for form in forms
    },
    "british": (Power.ENGLAND, "adj"),
    "brits": (Power.ENGLAND, "people"),
    "brit": (Power.ENGLAND, "people"),
    "englishman": (Power.ENGLAND, "people"),
    "frenchman": (Power.FRANCE, "people"),
    "frenchie": (Power.FRANCE, "people"),
    "ottoman": (Power.TURKEY, "adj"),
}
_SINGLE_LETTERS = {
    "E": Power.ENGLAND,
    "F": Power.FRANCE,
    "G": Power.GERMANY,
    "R": Power.RUSSIA,
    "T": Power.TURKEY,
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HOMOGRAPHS = _words(
    "war con gas den pie par mar bar fin mid arm bot vie nor bud pic spa nap tri ion black lyon mars "
    "port york irish norwegian ec bs ns pied cons wars nat both hel tun pete norw baltic chan const "
    "tyro mat"
)
"""Forms that are also English words: in lower case they count only beside an arrow or an order word."""
_RISKY = _words("war con par bar fin mid arm bot vie nor bud mar both mat den pie pete port wars mars cons black")
"""Homographs for which a preposition is not enough ("in war", "at par"): another name must be near."""

_AMBIGUOUS: Mapping[str, tuple[Province, ...]] = {
    "liv": (Province("LVN"), Province("LVP")),
    "nor": (Province("NWY"), Province("NWG")),
    "tyr": (Province("TYR"), Province("TYS")),
    "atlantic": (Province("MAO"), Province("NAO")),
    "the atlantic": (Province("MAO"), Province("NAO")),
    "norw": (Province("NWY"), Province("NWG")),
    "east": (Province("EAS"),),
    "gulf": (Province("LYO"), Province("BOT")),
}
_DROPPED = frozenset({"east", "gulf"})


class NameKind(StrEnum):
    """What a name names."""

    PROVINCE = "province"
    POWER = "power"
    ADJECTIVE = "adjective"
    PEOPLE = "people"


@dataclass(frozen=True)
class Mention:
    """A name found in a text."""

    start: int
    end: int
    kind: NameKind
    provinces: tuple[Province, ...] = ()
    """The provinces it may be, likeliest first; empty for a power's name."""
    power: Power | None = None
    coast: str = ""
    """``NC``, ``SC``, ``EC`` where the text names a coast."""
    confidence: float = 1.0

    @property
    def province(self) -> Province | None:
        """The likeliest province."""
        return self.provinces[0] if self.provinces else None


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, tuple[NameKind, tuple[Province, ...], Power | None]]:
    """Normalised form -> what it names."""
    entries: dict[str, tuple[NameKind, tuple[Province, ...], Power | None]] = {}
    for names in PROVINCE_NAMES.values():
        forms = (str(names.code), names.full, *names.nicknames, *names.aliases)
        for form in forms:
            entries[_normal(form)] = (NameKind.PROVINCE, (names.code,), None)
    for form, provinces in _AMBIGUOUS.items():
        if form not in _DROPPED:
            entries[form] = (NameKind.PROVINCE, provinces, None)
    for power, (name, adjective, people) in POWER_NAMES.items():
        entries[name.lower()] = (NameKind.POWER, (), power)
        entries[adjective.lower()] = (NameKind.ADJECTIVE, (), power)
        entries[people.lower().removeprefix("the ")] = (
            NameKind.ADJECTIVE if people.endswith(("ish", "ch")) else NameKind.PEOPLE,
            (),
            power,
        )
    kinds = {"name": NameKind.POWER, "adj": NameKind.ADJECTIVE, "people": NameKind.PEOPLE}
    for form, (power, kind) in _POWER_ALIASES.items():
        entries[_normal(form)] = (kinds[kind], (), power)
    entries["eng"] = (NameKind.POWER, (Province("ENG"),), Power.ENGLAND)
    return entries


def _normal(form: str) -> str:
    return " ".join(re.findall(r"[a-z]+", form.lower().removeprefix("the ")))


@lru_cache(maxsize=1)
def _deletions() -> dict[str, tuple[str, ...]]:
    """Long names by what is left when up to two letters are dropped, to find misspellings quickly."""
    table: dict[str, list[str]] = {}
    for form in sorted(_lexicon()):
        if len(form) >= _FUZZY_LENGTH and " " not in form:
            for key in sorted(_drop(form, 2 if len(form) >= _FUZZY_LENGTH_TWO else 1)):
                table.setdefault(key, []).append(form)
    return {key: tuple(forms) for key, forms in table.items()}


_FUZZY_LENGTH, _FUZZY_LENGTH_TWO = 6, 9
_ENGLISH = _words(
    "tries channels truest "
    "series serious spare sweeten trade trance romance finance chance advance prance german germans "
    "italians rushing turned turkeys engaged moving viable verona tunes tunnel paired parish parties "
    "berths brests finals finland syrian prussian serbian albanian bulgarian norse wanes rumors "
    "hollands tuscan gallic greed ukrainian hungarian russia russian england english liverpool "
    "livonia albanians prussians bohemian picard warsaw marseille burgund armed armenian smyrnan "
    "danish swedish belgian roman venetian viennese spanish"
)


def _drop(word: str, count: int) -> set[str]:
    keys = {word}
    frontier = {word}
    for _ in range(count):
        frontier = {form[:i] + form[i + 1 :] for form in frontier for i in range(len(form))}
        keys |= frontier
    return keys


@lru_cache(maxsize=4096)
def _closest(word: str) -> str | None:
    """The long name that a word misspells; None if it is none, or could be two."""
    if len(word) < _FUZZY_LENGTH - 1 or len(word) > 20 or word in _ENGLISH:
        return None
    allowed = 2 if len(word) >= _FUZZY_LENGTH_TWO - 1 else 1
    found: dict[str, int] = {}
    table = _deletions()
    for key in sorted(_drop(word, allowed)):
        for form in table.get(key, ()):
            limit = 2 if len(form) >= _FUZZY_LENGTH_TWO else 1
            distance = _distance(word, form)
            if distance <= limit and word[0] == form[0]:
                found[form] = distance
    if not found:
        return None
    best = min(found.values())
    winners = sorted(form for form, distance in found.items() if distance == best)
    lexicon = _lexicon()
    return winners[0] if len({lexicon[form] for form in winners}) == 1 else None


def _distance(first: str, second: str) -> int:
    """Edits between two words, a swap of neighbours counting one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        after = [i]
        for j, b in enumerate(second, 1):
            cost = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            after.append(cost)
        before, row = row, after
    return row[-1]


_WORD = re.compile(r"[A-Za-z]+")
_CAPITAL = re.compile(r"[A-Z]")
_COAST = re.compile(
    r"(?:'s)?(?:\s?[/(]\s?(?P<slash>[nsew])\.?c\.?\)?|\s(?P<bare>[nsew])c\b|"
    r"[ ,]\(?(?:on )?(?:the )?(?P<word>north|south|east|west)(?:ern)?[ -]coast\)?)",
    re.IGNORECASE,
)
_TWO_COASTS = frozenset({"SPA", "STP", "BUL"})
_ARROW_AFTER = re.compile(r"\s*(?:-+>?|=+>|>+|–|—|→|/(?![a-z]c\b))\s*(?:[A-Z][A-Za-z]|[a-z]{3})")
_ARROW_BEFORE = re.compile(r"[A-Za-z.)]\s*(?:-+>?|=+>|>+|–|—|→|/)\s*$")
_ORDER_BEFORE = re.compile(
    r"(?:\b(?:to|into|in|from|at|via|of|use|using|take|taking|hold|holding|support|supporting|cover|covering|"
    r"bounce|tap|cut|"
    r"leave|keep|get|your|my|his|their|army|fleet|for|towards|through|move|moving|dmz|open|enter|out|over|the)|"
    r"(?<![A-Za-z])[AF])\s+$",
    re.IGNORECASE,
)
_PLACE_BEFORE = re.compile(
    r"\b(?:to|into|in|in the|the|through|out of|of|from the|to the|into the|via|toward|towards)\s+$",
    re.IGNORECASE,
)
_TAKEN = _words("war con par bar fin arm vie nor bud mar den")
_TAKE_BEFORE = re.compile(
    r"\b(?:take|taking|took|hit|hitting|tap|tapping|attack|attacking|support|supporting|cover|covering|enter|into) $"
)
_NOTHING_AFTER = re.compile(r"$|[,.?!;)]| (?:with|from|and|now|this|next|if|so|but|back|or|hold|to hold|holding)\b")
"""A risky homograph that is taken or entered, nothing following, is the province."""
_INTO_BLACK = re.compile(r"\b(?:in|into|to|take|taking|from|enter|leave) (?:the )?$")
_BLACK_THING = re.compile(r" (?:and white|or white|market|hole|friday|sheep|list|box|eye|cat)\b")
_UNIT_BEFORE = re.compile(r"(?:^|[\s,;])F [A-Z][A-Za-z]{2} $")
_UNIT_AFTER = re.compile(r" (?:fleet|unit)\b", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?\n:]['\")]*\s*)$")


def find_names(text: str, board: Standing | None = None) -> tuple[Mention, ...]:
    """The provinces and powers that a text names, in text order, not overlapping.

    Args:
        text: any text at all.
        board: settles names that may be two provinces ("Liv"): the one where a unit stands comes first.

    >>> [str(m.province or m.power) for m in find_names("Austria: Par-Bur, no war")]
    ['AUSTRIA', 'PAR', 'BUR']
    """
    words = list(_WORD.finditer(text))
    capitals = len(_CAPITAL.findall(text))
    shouting = len(words) > 6 and capitals > 0.55 * (len(text) - text.count(" "))
    found: list[tuple[Mention, str]] = []
    lexicon = _lexicon()
    position = 0
    while position < len(words):
        length, form = _longest(text, words, position, lexicon)
        if length == 0:
            if (power := _by_letter(text, words[position])) is not None:
                start, end = words[position].span()
                found.append((Mention(start, end, NameKind.POWER, power=power, confidence=0.8), form))
            position += 1
            continue
        start, end = words[position].start(), words[position + length - 1].end()
        mention = _mention(text, start, end, form, lexicon[form], board)
        found.append((mention, form))
        position += length
        while position < len(words) and words[position].start() < mention.end:
            position += 1
    return _keep_names(text, found, shouting)


def _by_letter(text: str, word: re.Match[str]) -> Power | None:
    """The power that a capital letter by itself stands for ("G and E are allied"); None: it is no such letter."""
    power = _SINGLE_LETTERS.get(word[0])
    before, after = text[: word.start()], text[word.end() :]
    if power is None or _LETTER_BESIDE.search(before[-2:]) or _LETTER_BESIDE.match(after[:2]):
        return None
    if power is Power.FRANCE and not (_AND_LETTER.match(after) or _LETTER_AND.search(before)):
        return None
    return power


_LETTER_BESIDE = re.compile(r"[\w/.*]$|['-]$|[/*-]|'(?!s)|\.\w")
_AND_LETTER = re.compile(r"(?: and | or |, ?| & )[EGRT]\b(?!/)")
_LETTER_AND = re.compile(r"\b[EGRT](?: and | or |, ?| & )$")


def _longest(
    text: str,
    words: Sequence[re.Match[str]],
    position: int,
    lexicon: Mapping[str, tuple[NameKind, tuple[Province, ...], Power | None]],
) -> tuple[int, str]:
    """How many words from `position` make the longest known name, and its normal form; 0: none."""
    best, form, key = 0, "", ""
    for length in range(1, 5):
        if position + length > len(words):
            break
        word = words[position + length - 1]
        if length > 1:
            gap = text[words[position + length - 2].end() : word.start()]
            if gap not in (" ", "-", ". ", ".", "  "):
                break
        key = word[0].lower() if length == 1 else f"{key} {word[0].lower()}"
        if key in lexicon:
            best, form = length, key
    if best == 0:
        word = words[position]
        near = _closest(word[0].lower())
        if near is not None:
            return 1, near
    return best, form


def _mention(
    text: str,
    start: int,
    end: int,
    form: str,
    entry: tuple[NameKind, tuple[Province, ...], Power | None],
    board: Standing | None,
) -> Mention:
    kind, provinces, power = entry
    confidence = 1.0 if _normal(text[start:end]) == form else 0.8
    coast = ""
    if kind is NameKind.PROVINCE:
        if form in _AMBIGUOUS and text[start:end].isupper() and text[start:end] == "TYR":
            provinces = provinces[:1]
        if len(provinces) > 1:
            confidence = 0.7
            if board is not None and form != "tyr":
                provinces = tuple(sorted(provinces, key=lambda place: board.unit_at(place) is None))
        if provinces[0] in _TWO_COASTS:
            match = _COAST.match(text, end)
            if match is not None:
                coast = (match["slash"] or match["bare"] or match["word"][0]).upper() + "C"
                coast = "SC" if coast == "WC" and provinces[0] == "SPA" else coast
                end = match.end()
    return Mention(start, end, kind, provinces, power, coast, confidence)


def _keep_names(text: str, found: Sequence[tuple[Mention, str]], shouting: bool) -> tuple[Mention, ...]:
    kept: list[Mention] = []
    for index, (mention, form) in enumerate(found):
        surface = text[mention.start : mention.end]
        before, after = text[: mention.start], text[mention.end :]
        lowered = surface.islower() or (shouting and len(form) <= 4)
        at_start = surface.istitle() and _SENTENCE_START.search(before[-4:]) is not None
        arrow = _ARROW_AFTER.match(after[:8]) is not None or _ARROW_BEFORE.search(before[-6:]) is not None
        near = _name_near(text, found, index)
        if form == "eng" and mention.power is Power.ENGLAND:
            place = arrow or near or _PLACE_BEFORE.search(before[-10:]) is not None
            place = place or _UNIT_AFTER.match(after) is not None or _UNIT_BEFORE.search(before[-8:]) is not None
            if surface == "ENG" and "TUR" not in text and "FRA" not in text:
                place = place or _ORDER_BEFORE.search(before[-12:]) is not None
            mention = (
                replace(mention, kind=NameKind.PROVINCE, power=None, confidence=0.8)
                if place
                else replace(mention, provinces=(), confidence=0.8)
            )
        elif mention.power is not None:
            if lowered and form in ("frank", "pope", "ita", "uk", "rus", "aus") and form not in ("aus", "rus", "ita"):
                continue
        elif form in _HOMOGRAPHS and (lowered or (at_start and form in _RISKY and not arrow)):
            if form in ("bs", "ns", "ec") and not (arrow or near):
                continue
            ordered = _ORDER_BEFORE.search(before[-14:]) is not None
            taken = form in _TAKEN and _TAKE_BEFORE.search(before[-10:]) and _NOTHING_AFTER.match(after)
            sea = taken or (form == "black" and _INTO_BLACK.search(before[-12:]) and not _BLACK_THING.match(after))
            if not (arrow or near or sea or (ordered and form not in _RISKY)):
                continue
            mention = replace(mention, confidence=min(mention.confidence, 0.8))
        elif surface in ("BS", "Mid") and not (arrow or near or _ORDER_BEFORE.search(before[-14:])):
            continue
        kept.append(mention)
    return tuple(kept)


_BETWEEN = re.compile(
    r"\s*(?:to|into|in to|supports?|s|c|&|=>|->|-|>|and|or|,|via|through)\s*(?:the|hold|a|f|army|fleet)?\s*",
    re.IGNORECASE,
)


def _name_near(text: str, found: Sequence[tuple[Mention, str]], index: int) -> bool:
    """Whether another place name stands beside this one, joined as in an order ("war to gal")."""
    mention = found[index][0]
    neighbours = []
    if index > 0:
        neighbours.append((found[index - 1], text[found[index - 1][0].end : mention.start]))
    if index + 1 < len(found):
        neighbours.append((found[index + 1], text[mention.end : found[index + 1][0].start]))
    return any(
        (other.kind is NameKind.PROVINCE or form == "eng")
        and len(gap) < 16
        and _BETWEEN.fullmatch(gap) is not None
        and not (form in _HOMOGRAPHS and text[other.start : other.end].islower() and gap.strip() in (",", "and", "or"))
        for (other, form), gap in neighbours
    )


# --- slots -----------------------------------------------------------------------------------------------

MAX_PROVINCES = 8
MAX_POWERS = 6


@dataclass(frozen=True)
class Slots:
    """What the numbered slots of one message stand for (see the module's head)."""

    provinces: tuple[Province, ...] = ()
    """``<P0>``, ``<P1>``, ..."""
    powers: tuple[Power | None, ...] = (None, None)
    """``<W0>`` the addressee, ``<W1>`` the speaker, then the others."""
    kinds: tuple[UnitKind | None, ...] = ()
    """The kind of unit the plan has in each province; None: no unit of the plan stands there."""
    coasts: tuple[str, ...] = ()
    """The coast to be named with each province, "" for none."""

    @classmethod
    def of(
        cls,
        acts: Iterable[SpeechAct],
        speaker: Power | None = None,
        addressee: Power | None = None,
        coasts: Mapping[Province, str] | None = None,
    ) -> Slots:
        """The slots of a speech plan.

        Args:
            acts: the plan; its first act gives speaker and addressee unless they are passed.
            coasts: provinces whose coast must be said.

        Raises:
            SlotError: more than 8 provinces or 6 powers.
        """
        acts = tuple(acts)
        if acts:
            speaker = speaker or acts[0].speaker
            addressee = addressee or acts[0].addressee
        provinces: dict[Province, UnitKind | None] = {}
        powers: dict[Power, None] = {}
        for act in acts:
            _collect(act, provinces, powers)
        others = [power for power in powers if power not in (speaker, addressee)]
        slots = cls(
            tuple(provinces),
            (addressee, speaker, *others),
            tuple(provinces.values()),
            tuple((coasts or {}).get(place, "") for place in provinces),
        )
        if len(slots.provinces) > MAX_PROVINCES or len(slots.powers) > MAX_POWERS:
            raise SlotError(
                f"expected a plan of at most {MAX_PROVINCES} provinces and {MAX_POWERS} powers, got "
                f"{len(slots.provinces)} and {len(slots.powers)}: split it into messages"
            )
        return slots

    def province_slot(self, province: Province) -> str | None:
        """``<P2>`` for the third province; None: it has no slot."""
        return f"<P{self.provinces.index(province)}>" if province in self.provinces else None

    def power_slot(self, power: Power, variant: str = "") -> str | None:
        """``<W0>``, or with a variant ``<W0:adj>``; None: it has no slot."""
        if power not in self.powers:
            return None
        return f"<W{self.powers.index(power)}{':' + variant if variant else ''}>"

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every slot that a template over these slots may use."""
        slots: list[str] = []
        for number, kind in enumerate(self.kinds):
            slots.append(f"<P{number}>")
            if kind is not None:
                slots += [f"<P{number}:kind>", f"<P{number}:k>"]
        for number, power in enumerate(self.powers):
            if power is not None:
                slots += [f"<W{number}>", f"<W{number}:adj>", f"<W{number}:people>"]
        return tuple(slots)

    def with_province(self, province: Province, kind: UnitKind | None = None) -> Slots:
        """These slots with one province more; unchanged if it is there, or if all slots are taken."""
        if province in self.provinces or len(self.provinces) >= MAX_PROVINCES:
            return self
        return replace(
            self,
            provinces=(*self.provinces, province),
            kinds=(*self.kinds, kind),
            coasts=(*self.coasts, ""),
        )

    def with_power(self, power: Power) -> Slots:
        """These slots with one power more; unchanged if it is there, or if all slots are taken."""
        if power in self.powers or len(self.powers) >= MAX_POWERS:
            return self
        return replace(self, powers=(*self.powers, power))


def _collect(act: SpeechAct, provinces: dict[Province, UnitKind | None], powers: dict[Power, None]) -> None:
    if act.condition is not None:
        _collect(act.condition, provinces, powers)
    for said in act.orders:
        powers.setdefault(said.power)
        order = said.order
        for unit in (order.unit, order.aided):
            if unit is not None and provinces.get(unit.province) is None:
                provinces[unit.province] = unit.kind
        if order.target is not None:
            provinces.setdefault(province_of(order.target), None)
    for place in act.provinces:
        provinces.setdefault(place, None)
    for power in act.powers:
        powers.setdefault(power)


class ProvinceStyle(StrEnum):
    """How a writer names provinces."""

    FULL = "full"
    CODE = "code"
    """Bur"""
    UPPER = "upper"
    """BUR"""
    NICKNAME = "nickname"
    """A nickname where there is one, else the full name."""


@dataclass(frozen=True)
class NameStyle:
    """How one writer spells: the same throughout a message."""

    provinces: ProvinceStyle = ProvinceStyle.FULL
    lower: bool = False
    """All lower case, as in hasty chat."""

    @classmethod
    def sample(cls, rng: Generator) -> NameStyle:
        """A style as common as it is among people: 58 % full names."""
        style = ("full", "full", "full", "full", "nickname", "code", "code", "upper")[int(rng.integers(8))]
        return cls(ProvinceStyle(style), bool(rng.random() < 0.15))


_SLOT = re.compile(r"<([PW])(\d)(?::(\w+))?>")
_BARE_BEFORE = re.compile(
    r"(?:(?:^|[\s(,;:.!?/])[AF] |[->–→/] ?|\bthe |'s |:adj> |\b(?:my|your|his|her|their|its|our) |\b(?:army|fleet) )$"
)
_HYPHEN = re.compile(r"(?<=>)-(?=<P\d>)")
_BARE_AFTER = re.compile(r" ?(?:-|->|>|–|→|/)")
_START = re.compile(r"(?:^|[.!?]['\")]*\s+|\n\s*)$")


def fill(template: str, slots: Slots, style: NameStyle, rng: Generator) -> str:
    """The text of a template: every slot replaced by a surface form, one form per place in a message.

    Seas and the Channel get their article where English wants one; names at the start of a sentence are
    capitalised; `style.lower` lowers the text, save forms that only capitals keep apart from English words.

    Raises:
        SlotError: the template uses a slot that the plan does not have.

    >>> import numpy as np
    >>> slots = Slots((Province("BLA"), Province("RUM")), (Power.TURKEY,), (None, None), ("", ""))
    >>> fill("Hi <W0>, I'm moving <P0> to <P1>.", slots, NameStyle(), np.random.default_rng(0))
    "Hi Turkey, I'm moving the Black Sea to Rumania."
    """
    forms = tuple(_province_form(place, style, rng) for place in slots.provinces)
    if style.provinces in (ProvinceStyle.FULL, ProvinceStyle.NICKNAME):
        template = _HYPHEN.sub(" to ", template)
    pieces: list[str] = []
    last = 0
    coast_said: set[int] = set()
    for match in _SLOT.finditer(template):
        piece = template[last : match.start()]
        pieces.append(piece.lower() if style.lower else piece)
        last = match.end()
        so_far = template[: match.start()]
        number = int(match[2])
        if match[1] == "P":
            word = _fill_province(match, slots, forms, style, template, coast_said)
        else:
            if number >= len(slots.powers) or slots.powers[number] is None:
                raise SlotError(f"expected a slot among {', '.join(slots.allowed)}, got {match[0]}")
            word = _power_form(slots.powers[number], match[3] or "", so_far)
            word = word.lower() if style.lower else word
        if not style.lower and _START.search(so_far):
            word = word[:1].upper() + word[1:]
        pieces.append(word)
    piece = template[last:]
    pieces.append(piece.lower() if style.lower else piece)
    return "".join(pieces)


def _fill_province(
    match: re.Match[str],
    slots: Slots,
    forms: Sequence[str],
    style: NameStyle,
    template: str,
    coast_said: set[int],
) -> str:
    number = int(match[2])
    if number >= len(slots.provinces):
        raise SlotError(f"expected a slot among {', '.join(slots.allowed)}, got {match[0]}")
    if match[3] in ("kind", "k"):
        kind = slots.kinds[number]
        if kind is None:
            raise SlotError(f"expected a slot of a province with a unit of the plan, got {match[0]}")
        if match[3] == "k":
            return kind.value
        return "army" if kind is UnitKind.ARMY else "fleet"
    form = forms[number]
    before, after = template[: match.start()], template[match.end() :]
    if form.startswith("the ") and (_BARE_BEFORE.search(before) or _BARE_AFTER.match(after)):
        form = form.removeprefix("the ")
    if slots.coasts[number] and number not in coast_said:
        coast_said.add(number)
        form = f"{form} ({slots.coasts[number].lower()})"
    return form.lower() if style.lower and _normal(form) not in _HOMOGRAPHS else form


def _province_form(province: Province, style: NameStyle, rng: Generator) -> str:
    names = PROVINCE_NAMES[province]
    full = f"the {names.full}" if names.article else names.full
    match style.provinces:
        case ProvinceStyle.CODE if province not in _CODE_AVOIDED:
            return province.title()
        case ProvinceStyle.UPPER:
            return str(province)
        case ProvinceStyle.NICKNAME if names.nicknames:
            return names.nicknames[int(rng.integers(len(names.nicknames)))]
    return full


_CODE_AVOIDED = frozenset({"NAO", "MAO", "NWG", "TYS", "EAS", "ENG", "BAR", "NAF"})
"""Codes that people do not write in title case, or that would read as a power."""


def _power_form(power: Power | None, variant: str, before: str) -> str:
    assert power is not None
    name, adjective, people = POWER_NAMES[power]
    match variant:
        case "adj":
            return adjective
        case "people":
            return people.removeprefix("the ") if before.endswith("the ") else people
    return name


_ARTICLE = re.compile(r"\b[Tt]he $")
_KIND_BEFORE = re.compile(r"\b(army|fleet)( (?:in|from|at|on) )$", re.IGNORECASE)
_LETTER_BEFORE = re.compile(r"(?<![A-Za-z'])[AF](?= $)")


def delexicalise(text: str, board: Standing | None = None, slots: Slots | None = None) -> tuple[str, Slots]:
    """A real message as a template, and what its slots stand for.

    Names that `slots` lacks get the next free numbers (the result's `provinces` and `powers` grow); what
    finds no number any more stays text.

    Args:
        text: the message.
        board: settles ambiguous names, and gives the kinds of units for ``<P0:kind>``.
        slots: of the message's acts, so that the plan's numbers are used.

    >>> slots = Slots((), (Power.AUSTRIA, Power.FRANCE))
    >>> delexicalise("Hi Austria! I'm taking the Black Sea, Par-Bur?", slots=slots)[0]
    "Hi <W0>! I'm taking <P0>, <P1>-<P2>?"
    """
    slots = slots or Slots()
    pieces: list[str] = []
    last = 0
    for mention in find_names(text, board):
        before = text[last : mention.start]
        if mention.province is not None:
            standing = None if board is None else board.unit_at(mention.province)
            slots = slots.with_province(mention.province, None if standing is None else standing[1].kind)
            slot = slots.province_slot(mention.province)
            if slot is None:
                continue
            if PROVINCE_NAMES[mention.province].article:
                before = _ARTICLE.sub("", before)
            if slots.kinds[slots.provinces.index(mention.province)] is not None:
                before = _KIND_BEFORE.sub(rf"{slot[:-1]}:kind>\2", before)
                before = _LETTER_BEFORE.sub(f"{slot[:-1]}:k>", before)
        else:
            assert mention.power is not None
            slots = slots.with_power(mention.power)
            surface = text[mention.start : mention.end].lower()
            variant = {NameKind.ADJECTIVE: "adj", NameKind.PEOPLE: "people"}.get(mention.kind, "")
            if variant == "adj" and _ARTICLE.search(before) and surface in ("english", "french", "british"):
                variant = "people"
            if variant == "people" and surface.endswith(("s", "h")):
                before = _ARTICLE.sub("", before)
            elif variant == "people":
                variant = "adj"
            slot = slots.power_slot(mention.power, variant)
            if slot is None:
                continue
        pieces += [before, slot]
        last = mention.end
    return "".join(pieces) + text[last:], slots


assert len(PROVINCE_NAMES) == 75
assert len(POWER_NAMES) == len(POWERS)
