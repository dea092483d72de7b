"""Verb phrases over tokens: "move my army in Paris to Burgundy", "Mar S Par-Bur", "keep the Channel empty".

A small recursive descent.  Each method takes a token position and gives what it read and where it stopped, or None.
Units are resolved on the board; what cannot be resolved stays a list of provinces, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialogue.acts import ActOrder
from dialogue.aids import Aids
from dialogue.dealings import (
    against,
    all_units,
    giving,
    help_against,
    places_named,
    powers_named,
    siding,
    swaying,
)
from dialogue.deeds import (
    ALLY,
    ATTEMPTS,
    BARED,
    BOUNCE,
    BUILD,
    CONVOY,
    COVER,
    DISBAND,
    FREE,
    GO,
    HAVE,
    HOLD,
    KEEP,
    MODALS,
    OBJECTS,
    OWNERS,
    PARTICLES,
    SEND,
    SUPPORT,
    TAKE,
    TOWARDS,
    UNIT_WORDS,
    Deed,
    DeedKind,
    Form,
    UnitPhrase,
    is_verb,
)
from engine.types import Location, Order, OrderKind, Power, Province, Unit, UnitKind


class Phrases(Aids):
    """The phrases of one token sequence."""

    def order(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """An order led by its unit: "Par-Bur", "my army in Paris to Burgundy", "Mar S Par-Bur", "Mun holds"."""
        read = self.unit(i)
        if read is None:
            return None
        phrase, i = read
        if self.at(i) == "and" and (both := self._both_support(phrase, i + 1, powers)) is not None:
            return both
        i = self._skip_modal(i)
        if self.at(i) == "to" and is_verb(self.at(i + 1)) is Form.BASE:
            i += 1  # "want Rum to support you"
        word = self.at(i)
        if (
            word in ("move", "moves", "moving", "go", "goes", "going", "headed", "heading", "heads")
            and self.at(i + 1) in TOWARDS
        ):
            i, word = i + 1, self.at(i + 1)
        elif TAKE.get(word, ("", Form.PAST))[1] is not Form.PAST and self.place(i + 1):
            word = "to"
        elif phrase.kind is not None and self.mention(i, "p") and self.at(i - 2) in UNIT_WORDS:
            i, word = i - 1, ">"  # "F Bal Kie"
        if word in ("to", "into", ">", "onto", "attack") or (word == "in" and phrase.explicit):
            place = self.place(i + 1, pronouns=word != ">")
            if place is None:
                return None
            mention, places, j = place
            if self.at(j) == ">":
                return None  # a path of three places is no single order
            return self._moved(phrase, places, "" if mention is None else mention.coast, (), Form.NONE, j)
        if word in ("hold", "holds", "holding", "stays", "stay", "staying") or self.at(i, 2) == "to hold":
            j = i + (2 if word == "to" else 1)
            j += self.at(j) in ("put", "there", "still")
            return self._held(phrase, (), Form.NONE), j
        if COVER.get(word, ("", Form.BASE))[0] == "cover" and (goal := self.place(i + 1)):
            return self._moved(phrase, goal[1], "", (), Form.NONE, goal[2])
        if word in SUPPORT and word not in ("help", "back", "backs", "helps"):
            return self._support_object(i + 1, powers, Form.NONE, phrase)
        if word in CONVOY:
            return self._convoy_object(i + 1, powers, Form.NONE, phrase)
        return None

    def _both_support(self, first: UnitPhrase, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "Boh and Tyr S Sil-Mun": one support each."""
        read = self.unit(i)
        if read is None or self.at(self._skip_modal(read[1])) not in ("support", "supporting", "supports"):
            return None
        j = self._skip_modal(read[1]) + 1
        before = len(self.scene.ordered)
        orders: list[ActOrder] = []
        end = j
        for supporter in (first, read[0]):
            found = self._support_object(j, powers, Form.NONE, supporter)
            if found is None or not found[0].orders:
                del self.scene.ordered[before:]
                return None
            orders += found[0].orders
            end = found[1]
        return Deed(DeedKind.ORDER, Form.NONE, tuple(orders), is_aid=True), end

    def _skip_modal(self, i: int) -> int:
        """Past "will", "is going to", "should be" after a unit: what follows says what it does."""
        if self.at(i) in ("is", "are"):
            if self.at(i + 1, 2) in ("going to", "about to", "set to", "ready to") and not self.place(i + 3):
                return i + 3
            if self.at(i + 1, 2) in ("support hold", "support holding"):
                return i + 1
            following = is_verb(self.at(i + 1))
            return i + 1 if following is Form.ING or self.at(i + 1) in ("headed", "set") else i
        if self.at(i, 2) in ("needs to", "has to", "need to", "have to", "ought to"):
            return i + 2
        if self.at(i) not in MODALS:
            return i
        i += 1
        if self.at(i, 2) in ("have to", "need to"):
            i += 2
        while self.at(i) in ("be", "then", "go", "ahead", "and", "try"):
            if self.at(i) == "go" and self.at(i + 1) in TOWARDS:
                break
            i += 1
        return i

    def _moved(
        self,
        phrase: UnitPhrase | None,
        places: Sequence[Province],
        coast: str,
        powers: Sequence[Power],
        form: Form,
        i: int,
    ) -> tuple[Deed, int]:
        """A move to a place, with what may follow it: "from Pic", "with my army in Pic", "with support from X"."""
        helpers: list[tuple[UnitPhrase | None, tuple[Power, ...]]] = []
        while True:
            word = self.at(i)
            if word == "from" and phrase is None and (read := self.unit(i + 1)):
                phrase, i = read
                if self.at(i) == "or" and (other := self.place(i + 1)):
                    named = (*phrase.places[:1], *other[1][:1], *places[:1])
                    return Deed(DeedKind.ORDER, form, provinces=named), other[2]
            elif word in ("with", "using") and (aid := self._helper(i + 1)):
                helper, i = aid
                helpers.append(helper)
            elif self.at(i, 2) == "supported by" and (read := self.unit(i + 2)):
                helpers.append((read[0], ()))
                i = read[1]
            elif word in ("with", "using") and phrase is None and (read := self.unit(i + 1)):
                if self.at(read[1]) == "or" and (other := self.place(read[1] + 1)):
                    named = (*read[0].places[:1], *other[1][:1], *places[:1])
                    return Deed(DeedKind.ORDER, form, provinces=named), other[2]
                phrase, i = read
            elif word in ("with", "using") and (read := self.unit(i + 1)):
                return self._with_support(phrase, places, coast, powers, form, read[1], [(read[0], ())])
            elif self.at(i, 2) in ("by convoy", "via convoy", "by sea"):
                i += 2
            elif word in ("via", "through") and self.place(i + 1):
                i = (self.place(i + 1) or (None, (), i + 2))[2]
            else:
                break
        if phrase is None and not helpers and (more := self._further(i)):
            return self._moves(places, more[0], powers, form, more[1], is_choice=self.at(i) == "or")
        return self._with_support(phrase, places, coast, powers, form, i, helpers)

    def _further(self, i: int) -> tuple[tuple[Province, ...], int] | None:
        """The rest of a list of places that a verb takes: "and Ber", ", Kie or Den"."""
        j = i
        while self.at(j) in ("and", "or", "/", ","):
            j += 1
        if j == i or self.mention(j, "p") is None or self.leads_order(j):
            return None
        return places_named(self, j)

    def _moves(
        self,
        first: Sequence[Province],
        more: Sequence[Province],
        powers: Sequence[Power],
        form: Form,
        i: int,
        is_choice: bool,
    ) -> tuple[Deed, int]:
        """Moves to several places; if one of them cannot be made out, or they are a choice, only the places."""
        found = len(self.scene.ordered)
        orders: list[ActOrder] = []
        for place in (first[0], *more):
            move = None if is_choice else self.move(None, (place,), "", powers)
            if move is None or move in orders:
                del self.scene.ordered[found:]
                self.scene.place = more[-1]
                return Deed(DeedKind.ORDER, form, provinces=(first[0], *more)), i
            self._note(move)
            orders.append(move)
        return Deed(DeedKind.ORDER, form, tuple(orders)), i

    def _with_support(
        self,
        phrase: UnitPhrase | None,
        places: Sequence[Province],
        coast: str,
        powers: Sequence[Power],
        form: Form,
        i: int,
        helpers: Sequence[tuple[UnitPhrase | None, tuple[Power, ...]]],
    ) -> tuple[Deed, int]:
        move = self.move(phrase, places, coast, powers)
        named = (*(() if phrase is None else phrase.places[:1]), *places[:1])
        self.scene.place = places[0]
        if move is None or move.order.unit is None:
            return Deed(DeedKind.ORDER, form, provinces=named), i
        self._note(move)
        orders = [move]
        for helper, helping in helpers:
            aid = self.support(helper, helping, move.order.unit, move.order.target)
            if aid is None:
                return Deed(DeedKind.ORDER, form, provinces=named), i
            orders.append(aid)
            self._note(aid)
        return Deed(DeedKind.ORDER, form, tuple(orders)), i

    def deed(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """A verb phrase whose actors are these powers."""
        negative = ceases = False
        while self.at(i) in ("not", "never", "avoid", "without") or self._ceases(i):
            ceases = ceases or self._ceases(i)
            negative, i = True, i + 1
        if self.at(i) in ("go", "come", "going") and self.at(i + 1) == "and":
            i += 2
        if self.at(i) in ("go", "come") and is_verb(self.at(i + 1)) is Form.BASE and self.at(i + 1) not in GO:
            i += 1
        if self.at(i + 1) in ("/", "and") and is_verb(self.at(i)) and is_verb(self.at(i + 2)):
            i += 2  # "tap/take Bul", "take and hold Bel"
        read = self._deed(i, powers)
        if read is None or not negative:
            return read
        form = Form.BASE if ceases else read[0].form  # "stop attacking" is as bare as "attack"
        return replace(read[0], is_negative=not read[0].is_negative, form=form), read[1]

    def _ceases(self, i: int) -> bool:
        """ "stop attacking", "no bounce"."""
        if self.at(i) in ("stop", "quit", "cease"):
            return is_verb(self.at(i + 1)) is Form.ING
        return self.at(i) == "no" and self.at(i + 1) in ("bounce", "bouncing", "bounces")

    def _deed(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """A verb phrase; help of one power may be against another."""
        read = self._deed_proper(i, powers)
        if read is None or read[0].kind is not DeedKind.BACK or self.at(read[1]) not in ("against", "vs", "versus"):
            return read
        named = powers_named(self, read[1] + 1)
        return read if named is None else (replace(read[0], powers=named[0]), named[1])

    def _deed_proper(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        word = self.at(i)
        for reader in (
            self._fixed,
            self._giving,
            self._against,
            self._siding,
            self._ally,
            self._keep,
            self._bounce,
            self._dmz,
        ):
            found = reader(i, powers)
            if found is not None:
                return found
        if word in SUPPORT:
            found = self._support_object(i + 1, powers, SUPPORT[word][1])
            return self._more_supports(found, powers) if found is not None else self._order_deed(i, powers)
        if word in CONVOY:
            return self._convoy_object(i + 1, powers, CONVOY[word][1])
        if word in HOLD and (found := self._hold(i, powers)):
            return found
        if word in BUILD or word in DISBAND:
            return self._adjust(i, powers)
        if word in TAKE and (found := self._take(i, powers)):
            return found
        if self.at(i + 1) in ("a", "an", "my", "another") and self.at(i + 2) in ATTEMPTS:
            goal = self.place(i + 4) if self.at(i + 3) in TOWARDS | {"at"} else None
            if goal is not None:
                return self._moved(None, goal[1], "", powers, Form.ING if word.endswith("ing") else Form.BASE, goal[2])
        if word in COVER and (found := self._cover(i, powers)):
            return found
        if word in HAVE and (found := self._have(i, powers)):
            return found
        if word in GO or word in SEND:
            found = self._send(i, powers) or self._go(i, powers)
            if found is not None:
                return found
        return self._order_deed(i, powers)

    def _order_deed(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        return self.order(i, powers)

    def _fixed(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "do that", "make that move", "go with that": whatever was asked for."""
        word = self.at(i)
        form = {
            "do": Form.BASE,
            "doing": Form.ING,
            "did": Form.PAST,
            "does": Form.THIRD,
            "agree": Form.BASE,
        }.get(word)
        if form is not None and self.at(i + 1) in ("that", "it", "so", "this") and word != "agree":
            return Deed(DeedKind.SAME, form), i + 2
        if self.at(i, 3) in (
            "go with that",
            "go with it",
            "go along with",
            "make that happen",
            "make that move",
        ):
            return Deed(DeedKind.SAME, Form.BASE), i + 3
        if self.at(i, 3) in ("give you that", "give you this"):
            return Deed(DeedKind.SAME, Form.BASE), i + 3
        if self.at(i, 2) in ("agree to", "accept that", "accept this", "honor that", "honour that") and (
            self.at(i + 1) != "to" or self.at(i + 2) in ("that", "it", "this")
        ):
            return Deed(DeedKind.SAME, Form.BASE), i + (3 if self.at(i + 1) == "to" else 2)
        if word in (
            "give",
            "lend",
            "offer",
            "provide",
            "giving",
            "offering",
            "get",
            "want",
            "need",
            "have",
            "use",
        ):
            return self._give_support(i, powers)
        return None

    def _give_support(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "give me support into Bel", "lend your support to my move"."""
        form = Form.ING if self.at(i).endswith("ing") else Form.BASE
        j = i + 1
        someone = self.power(j) if self.at(j) in OBJECTS or self.mention(j, "w") else None
        if someone is not None:
            j = someone[1]
        while self.at(j) in ("your", "my", "a", "some", "the", "any"):
            j += 1
        if self.at(j) not in ("support", "help"):
            return None
        if someone is None:
            return self._support_object(j + 1, powers, form)
        supporter: UnitPhrase | None = None
        j += 1
        if self.at(j) == "from" and (read := self.unit(j + 1)) and self.at(read[1]) in TOWARDS:
            supporter, j = read
        if self.at(j) in ("hold", "holding"):
            return self._supported_hold(j + 1, powers, form, supporter, someone[0])
        if self.at(j) in ("to", "for") and self.at(j + 1) in ("hold", "holding"):
            return self._supported_hold(j + 2, powers, form, supporter, someone[0])
        return self._supported_move(j, powers, form, supporter, (someone[0],))

    def _against(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "attack Turkey", "go after the Austrians", "stab you"; to team up on one is an alliance."""
        if self.at(i) in ("team", "teaming") and self.at(i + 1, 2) in ("up on", "up against"):
            named = powers_named(self, i + 3)
            form = Form.ING if self.at(i) == "teaming" else Form.BASE
            return None if named is None else (Deed(DeedKind.ALLY, form, powers=named[0]), named[1])
        return against(self, i)

    def _siding(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        return help_against(self, i) or swaying(self, i) or siding(self, i)

    def _giving(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        return giving(self, i)

    def _ally(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "work together against Turkey", "a non-aggression pact", "be allies"."""
        start, word = i, self.at(i)
        if word in ("be", "become", "stay", "remain", "being", "stick") and self.at(i + 1) in (
            "allies",
            "friends",
            "partners",
            "allied",
            "together",
            "friendly",
            "peaceful",
        ):
            return self._ally_against(i + 2, Form.BASE)
        if word in ALLY:
            j = i + 1
            j += self.at(j) == "up"
            if self.at(j) == "with" and (someone := self.power(j + 1)):
                j = someone[1]
                if someone[0] not in (self.scene.speaker, self.scene.addressee):
                    return Deed(DeedKind.ALLY, ALLY[word][1], powers=(someone[0],), confidence=0.5), j
            elif self.at(j) == "together" or word not in ("work", "works", "working", "worked"):
                j += self.at(j) == "together"
            elif self.at(j) != "against":
                return None
            return self._ally_against(j, ALLY[word][1])
        if word in (
            "propose",
            "form",
            "make",
            "have",
            "agree",
            "want",
            "like",
            "start",
            "sign",
            "set",
            "keep",
            "need",
            "offer",
            "do",
            "try",
            "go",
            "run",
            "play",
            "love",
        ):
            i += 1
            i += self.at(i) in ("on", "to", "up", "in", "for", "with", "doing", "do", "trying", "running")
        while self.at(i) in (
            "a",
            "an",
            "the",
            "some",
            "this",
            "that",
            "have",
            "long-term",
            "long",
            "term",
            "solid",
            "strong",
            "full",
            "proper",
            "real",
            "good",
        ):
            i += 1
        noun = self.at(i)
        if (
            i > start
            and self._pact(noun)
            and (self.at(i + 1) in ("", ",", "?", "and", "but", "with", "if", "then", "so", "against", "or"))
        ):
            return self._ally_against(i + 1, Form.BASE)
        if noun in ("alliance", "peace", "truce", "partnership", "pact", "nonaggression", "ceasefire"):
            i += 1
            if noun == "nonaggression" and self.at(i) in ("pact", "agreement", "treaty", "deal"):
                i += 1
            if self.at(i) in ("between", "with"):
                i += 1
                while self.at(i) in ("us", "you", "me", "both", "of", "and", "the", "two") or self.mention(i, "wd"):
                    i += 1
            return self._ally_against(i, Form.BASE)
        return None

    def _pact(self, noun: str) -> bool:
        """Whether a word names an alliance of the two who talk: a "triple", or "pact" and their initials."""
        scene = self.scene
        if noun in ("triple", "juggernaut", "lepanto", "wt"):
            return True
        two = {power[0].lower() for power in (scene.speaker, scene.addressee) if power is not None}
        return noun.startswith("pact") and len(noun) > 5 and two <= set(noun[4:])

    def _ally_against(self, i: int, form: Form) -> tuple[Deed, int]:
        powers: list[Power] = []
        while self.at(i) in ("to", "and") and self.at(i + 1) in (
            "attack",
            "take",
            "fight",
            "stop",
            "contain",
            "eliminate",
            "against",
        ):
            i += 1
        if self.at(i) in ("against", "attack", "fight", "stop", "contain", "on", "eliminate") or self.at(i, 2) in (
            "take out",
            "take down",
            "take on",
        ):
            j = i + (2 if self.at(i) == "take" else 1)
            while someone := self.power(j):
                powers.append(someone[0])
                j = someone[1]
                i = j
                if self.at(j) not in ("and", ",", "/"):
                    break
                if self.at(j) == "," and self.at(j + 2) not in ("and", ",", ""):
                    break
                j += 1
        return Deed(DeedKind.ALLY, form, powers=tuple(powers)), i

    def _keep(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "keep the Channel empty", "stay out of Gal", "leave Tyr"."""
        word = self.at(i)
        if self.at(i - 1) == "you" and self.at(i, 2) in ("out of", "away from", "off of") and self.place(i + 2):
            return self._dmz_places(i + 2, Form.BASE)
        verb = KEEP.get(word) or HOLD.get(word) or GO.get(word)
        if word in ("steer", "steering") and self.at(i + 1) in ("clear", "away"):
            verb = ("stay", Form.BASE)
        if word in ("vacate", "vacating", "evacuate", "abandon", "exit", "exiting", "vacated"):
            verb = ("leave", Form.ING if word.endswith("ing") else Form.BASE)
            return self._dmz_places(i + 1, verb[1])
        if word in ("back", "backing", "backs"):
            verb = ("back", Form.ING if word == "backing" else Form.BASE)
        if verb is None:
            return None
        outs = ("out of", "away from", "off of", "off from", "clear of", "back from")
        if self.at(i + 1, 2) in outs and self.place(i + 3, pronouns=True):
            return self._dmz_places(i + 3, verb[1])
        if verb[0] in ("withdraw", "back", "pull", "retreat") and self.at(i + 1) == "from":
            read = self._dmz_places(i + 2, verb[1])
            return None if read is None or self.at(read[1]) in TOWARDS else read
        if word not in KEEP:
            return None
        if verb[0] == "keep" and (kept := self.unit(i + 1)) and self.at(kept[1], 2) in ("out of", "away from"):
            place = self.place(kept[1] + 2, pronouns=True)
            if place is not None:
                deed, end = self._moved(kept[0], place[1], "", powers, verb[1], place[2])
                return replace(deed, is_negative=True), end
        if kept := self.unit(i + 1):
            for words in ("where it is", "in place", "there", "at home", "put", "where they are"):
                if self.at(kept[1], len(words.split())) == words:
                    return self._held(kept[0], powers, verb[1]), kept[1] + len(words.split())
        if self.at(i + 1) == "out" and self.place(i + 2):
            return self._dmz_places(i + 2, verb[1])
        read = self._dmz_places(i + 1, verb[1])
        if read is None:
            return None
        deed, j = read
        k = j
        while self.at(k) in ("as", "a", "be", "to", "completely", "totally", "remain", "stay", "an"):
            k += 1
        if self.at(k) in FREE:
            k += 1
            k += self.at(k) in ("zone", "territory", "space")
            if self.at(k - 1) == "open" and verb[0] == "leave" and word == "left":
                return None
            return deed, k
        if verb[0] == "leave" and k == j and self.at(j) not in BARED:
            return deed, j
        return None

    def _dmz(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "DMZ in Galicia", "DMZ Tyr and Boh", "Galicia as a DMZ"."""
        start = i
        if self.at(i) in (
            "make",
            "have",
            "propose",
            "keep",
            "agree",
            "want",
            "like",
            "do",
            "set",
            "consider",
            "establish",
            "honor",
            "honour",
            "respect",
            "maintain",
            "declare",
            "call",
            "arrange",
            "organize",
            "create",
            "try",
            "form",
            "use",
        ):
            i += 1
            i += self.at(i) in ("up", "on", "to")
        while self.at(i) in ("a", "an", "the", "our", "do", "have"):
            i += 1
        if self.at(i) == "dmz":
            i += 1
            if self.at(i) in ("", ",", "?") and self.scene.recent_place is not None and self.scene.place is None:
                return Deed(DeedKind.DMZ, Form.BASE, provinces=(self.scene.recent_place,)), i
            while self.at(i) in ("in", "at", "for", "on", "over", "of", "between", "us", "the", "zone"):
                i += 1
            return self._dmz_places(i, Form.BASE)
        if self.at(i) == "no" and self.at(i + 1) in UNIT_WORDS:  # "no fleets in the Channel"
            j = i + 2
            while self.at(j) in TOWARDS or self.at(j) in ("or", "and") or self.at(j) in UNIT_WORDS:
                j += 1
            return self._dmz_places(j, Form.BASE)
        read = self._dmz_places(i, Form.NONE)
        if read is None:
            return None
        deed, j = read
        while self.at(j) in (
            "as",
            "a",
            "an",
            "be",
            "is",
            "stay",
            "stays",
            "remain",
            "remains",
            "should",
            "would",
            "will",
            "to",
            "into",
            "can",
            "could",
        ):
            j += 1
        foretold = self.at(j) == "empty" and "will" in self.tokens[read[1] : j]  # "Vienna will be empty"
        if self.at(j) == "dmz" or (
            self.at(j) in ("empty", "neutral", "demilitarized") and j > read[1] and not foretold
        ):
            return replace(deed, form=Form.NONE if start == i else Form.BASE), j + 1
        if self.at(j, 2) == "off limits" and j > read[1]:
            return replace(deed, form=Form.NONE if start == i else Form.BASE), j + 2
        return None

    def _dmz_places(self, i: int, form: Form) -> tuple[Deed, int] | None:
        places: list[Province] = []
        i += self.at(i) == "both"
        j = i
        while place := self.place(j, pronouns=not places):
            if self.at(place[2]) == ">":
                break
            places.append(place[1][0])
            i = place[2]
            j = i
            while self.at(j) in (",", "and", "or", "/", "both"):
                j += 1
            if j == i:
                break
        if not places:
            return None
        self.scene.place = places[-1]
        return Deed(DeedKind.DMZ, form, provinces=tuple(places)), i

    def _bounce(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "bounce in Gal", "bounce Russia out of Swe", "arrange a bounce in the Black Sea"."""
        if self.at(i) in (
            "arrange",
            "agree",
            "have",
            "do",
            "set",
            "plan",
            "repeat",
            "organize",
            "organise",
            "coordinate",
            "stage",
            "call",
            "schedule",
            "want",
            "expect",
            "propose",
            "like",
        ):
            i += 1
            i += self.at(i) in ("up", "to", "on", "for")
        while self.at(i) in (
            "a",
            "the",
            "our",
            "usual",
            "another",
            "friendly",
            "standard",
            "an",
            "arranged",
            "have",
        ):
            i += 1
        where = self.place(i)
        if where is not None and self.at(where[2]) in ("bounce", "bounces"):
            self.scene.place = where[1][0]
            return Deed(DeedKind.BOUNCE, Form.BASE, provinces=where[1][:1]), where[2] + 1
        word = self.at(i)
        if word not in BOUNCE or (word.startswith("block") and not (self.power(i + 1) or self.place(i + 1))):
            return None
        form = BOUNCE[word][1]
        i += 1
        third: tuple[Power, ...] = ()
        while True:
            someone = self.power(i)
            if someone is not None and self.at(someone[1]) != "'s":
                if someone[0] not in (self.scene.speaker, self.scene.addressee):
                    third = (someone[0],)
                i = someone[1]
            elif self.at(i, 2) == "each other" or self.at(i, 2) == "one another":
                i += 2
            elif self.at(i) in (
                "with",
                "out",
                "of",
                "in",
                "at",
                "over",
                "on",
                "from",
                "for",
                "off",
                "there",
                "it",
                "us",
                "both",
                "again",
                "into",
            ):
                if self.at(i) in ("there", "it") and (there := self.place(i, pronouns=True)):
                    return Deed(DeedKind.BOUNCE, form, provinces=there[1], powers=third), i + 1
                i += 1
            else:
                break
        place = self.place(i)
        if place is None:
            return (Deed(DeedKind.BOUNCE, form, powers=third), i) if third or form is not Form.PAST else None
        self.scene.place = place[1][0]
        j = place[2]
        named = places_named(self, i)
        if named is not None and self.at(named[1]) in ("in", "at", "over") and (where := self.place(named[1] + 1)):
            self.scene.place = where[1][0]
            return Deed(DeedKind.BOUNCE, form, provinces=where[1][:1], powers=third), where[2]
        if self.at(j) in ("and", ",", "/", "or") and (more := self.place(j + 1)) and self.at(more[2]) != ">":
            return Deed(DeedKind.BOUNCE, form, provinces=(place[1][0], more[1][0]), powers=third), more[2]
        return Deed(DeedKind.BOUNCE, form, provinces=place[1][:1], powers=third), j

    def _hold(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        form = HOLD[self.at(i)][1]
        if (end := all_units(self, i + 1, powers)) is not None:
            held = tuple(ActOrder(p, Order(OrderKind.HOLD, unit)) for p in powers for unit in self.scene.board.units(p))
            return Deed(DeedKind.ORDER, form, held), end
        j = i + 1
        while self.at(j) in ("put", "in", "at", "with", "onto", "on", "position", "still"):
            j += 1
        read = self.unit(j)
        if read is None:
            there = self.place(j)
            if there is None:
                return None
            read = UnitPhrase(there[1]), there[2]
        deed = self._held(read[0], powers, form)
        j = read[1]
        orders = list(deed.orders)
        while orders and self.at(j) in ("and", ",") and (more := self.unit(j + 1)):
            if self.at(more[1]) in ("to", "into", ">", "support", "supports", "hold", "holds"):
                break
            next_deed = self._held(more[0], powers, form)
            if not next_deed.orders:
                break
            orders += next_deed.orders
            j = more[1]
        if orders:
            deed = replace(deed, orders=tuple(orders))
        return deed, j

    def _take(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        form = TAKE[self.at(i)][1]
        j = i + 1
        if self.at(j) == "a" and self.at(j + 1) in ATTEMPTS and self.at(j + 2) in TOWARDS | {"at"}:
            j += 3
        j += self.at(j) in ("back", "at", "into", "up", "over")
        if word_is_cut := self.at(i) in ("cut", "cutting", "cuts"):
            k = j + (self.at(j) in OWNERS or self.at(j) == "the")
            if self.mention(j, "w") and self.at(j + 1) == "'s":
                k = j + 2
            if self.at(k) == "support" and self.at(k + 1) in ("in", "from", "of", "at"):
                j = k + 2
        for_unit = None if word_is_cut else self.unit(j)
        if for_unit and self.at(for_unit[1]) in ("to", "into", ">"):
            return self._send(i, powers)
        place = self.place(j, pronouns=True)
        if place is None and for_unit is not None:
            place = None, for_unit[0].places, for_unit[1]
        if place is None:
            return None
        mention, places, j = place
        return self._moved(None, places, "" if mention is None else mention.coast, powers, form, j)

    def _cover(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "cover Warsaw with Prussia", "defend Bel and Hol"."""
        lemma, form = COVER[self.at(i)]
        named = places_named(self, i + 1)
        if named is None:
            return None
        places, j = named
        self.scene.place = places[-1]
        if self.at(j) in ("with", "from", "using") and (several := places_named(self, j + 1)) and len(several[0]) > 1:
            return Deed(DeedKind.ORDER, form, provinces=(*places, *several[0])), several[1]
        if self.at(j) in ("with", "from", "using") and (read := self.unit(j + 1)):
            if lemma == "cover" and len(places) == 1 and read[0].places[0] != places[0]:
                return self._moved(read[0], places, "", powers, form, read[1])
            return Deed(DeedKind.ORDER, form, provinces=(*places, read[0].places[0])), read[1]
        return Deed(DeedKind.ORDER, form, provinces=places), j

    def _have(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "want Bulgaria", "keep Denmark", "get Mun and Ber": whose a province is to be, not which unit goes there."""
        lemma, form = HAVE[self.at(i)]
        j = i + 1
        j += 2 if self.at(j, 2) == "to have" else 0
        j += self.at(j) in ("back", "into")
        named = places_named(self, j)
        if named is None and self.at(j, 2) == "it back" and (it := self.place(j, pronouns=True)):
            named = it[1], it[2]
        if named is None:
            return None
        places, j = named
        if self.at(j) in (">", "to", "in", "as", "where", "at", "out", "s", "for", "be") or self.at(j) in FREE:
            return None
        if is_verb(self.at(j)) is Form.BASE and self.at(j) != "back":
            return None  # "have Ruh support Mun"
        j += self.at(j) in ("back", "too")
        self.scene.place = places[-1]
        if lemma == "get" and len(places) == 1:
            return self._moved(None, places, "", powers, form, j)
        return Deed(DeedKind.ORDER, form, provinces=places), j

    def _send(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """A verb with the unit as its object: "send your army in Mun to Bur", "use Pic to support me"."""
        word = self.at(i)
        form = (GO.get(word) or SEND.get(word) or TAKE.get(word) or ("", Form.BASE))[1]
        if (away := self._several(i + 1)) is not None:
            return Deed(DeedKind.ORDER, form, provinces=away[0]), away[1]
        read = self.unit(i + 1) or self._that_unit(i + 1, powers)
        if read is None:
            return self._send_some(i, powers, form)
        phrase, j = read
        if (
            word in SEND
            and (self.at(j) in ("to", "for") or self.at(j) in SUPPORT)
            and self.at(j + (self.at(j) == "to")) in SUPPORT
        ):
            k = j + (self.at(j) in ("to", "for"))
            return self._support_object(k + 1, powers, form, phrase)
        if word in SEND and self.at(j) == "to" and self.at(j + 1) in COVER and (goal := places_named(self, j + 2)):
            return Deed(DeedKind.ORDER, form, provinces=(*phrase.places[:1], *goal[0])), goal[1]
        if word in SEND and self.at(j) == "to" and self.at(j + 1) in CONVOY:
            return self._convoy_object(j + 2, powers, form, phrase)
        if word in SEND and self.at(j) == "to" and self.at(j + 1) in TAKE:
            place = self.place(j + 2, pronouns=True)
            if place is not None:
                coast = "" if place[0] is None else place[0].coast
                return self._moved(phrase, place[1], coast, powers, form, place[2])
        if word in SEND and self.at(j) == "to" and self.at(j + 1) in ("hold", "stay"):
            return self._held(phrase, powers, form), j + 2
        while self.at(j) in PARTICLES:
            j += 1
        if self.at(j) not in ("to", "into", ">", "towards", "onto", "in", "at"):
            return None
        place = self.place(j + 1, pronouns=True)
        if place is None:
            return None
        mention, places, j = place
        if self.at(j) == ">":
            return None
        found = self.standing(phrase)
        if found is not None and powers and found[0] not in powers and phrase.owner is None:
            return Deed(DeedKind.ORDER, form, provinces=(phrase.places[0], places[0])), j
        return self._moved(phrase, places, "" if mention is None else mention.coast, powers, form, j)

    def _several(self, i: int) -> tuple[tuple[Province, ...], int] | None:
        """Units sent off without a goal: "both LYO and WES back"."""
        named = places_named(self, i)
        if (
            named is None
            or len(named[0]) < 2
            or self.at(named[1]) not in PARTICLES
            or self.at(named[1]) in ("on", "in")
        ):
            return None
        j = named[1]
        while self.at(j) in PARTICLES:
            j += 1
        return None if self.at(j) in TOWARDS or self.at(j) in ("of", "from") else (named[0], j)

    def _that_unit(self, i: int, powers: Sequence[Power]) -> tuple[UnitPhrase, int] | None:
        """ "it", "that fleet", "the army": the unit where the talk last was, if it is one of these powers'."""
        kind = None
        if self.at(i) in ("the", "that", "this") and self.at(i + 1) in UNIT_WORDS:
            kind, i = UNIT_WORDS[self.at(i + 1)], i + 1
        elif self.at(i) != "it":
            return None
        place = self.scene.place or self.scene.recent_place
        standing = None if place is None else self.scene.board.unit_at(place)
        if place is None or standing is None or standing[0] not in powers:
            return None
        return (UnitPhrase((place,), kind=kind), i + 1) if kind in (None, standing[1].kind) else None

    def _send_some(self, i: int, powers: Sequence[Power], form: Form) -> tuple[Deed, int] | None:
        """ "send a fleet into the Channel": any unit of that kind."""
        j = i + 1
        j += self.at(j) in ("a", "an", "my", "your", "any", "the", "another")
        if self.at(j) not in UNIT_WORDS:
            return None
        k = j + 1
        while self.at(k) in PARTICLES:
            k += 1
        if self.at(k) not in ("to", "into", "in", "towards"):
            return None
        place = self.place(k + 1)
        if place is None:
            return None
        mention, places, after = place
        movers = [unit for _, unit in self._movers(powers, places[0]) if UNIT_WORDS[self.at(j)] in (None, unit.kind)]
        phrase = UnitPhrase((movers[0].province,)) if len(movers) == 1 else None
        return self._moved(phrase, places, "" if mention is None else mention.coast, powers, form, after)

    def _go(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "go to Bur", "moving into the Channel from Bre", "go for Bel"."""
        word = self.at(i)
        entry = GO.get(word)
        if entry is None:
            return None
        j = i + 1
        phrase: UnitPhrase | None = None
        while self.at(j) in PARTICLES and not (self.at(j) in ("on", "through") and self.place(j + 1)):
            j += 1
        if self.at(j) in ("with", "using") and (read := self.unit(j + 1)) and self.at(read[1]) not in TOWARDS:
            return Deed(DeedKind.ORDER, entry[1], provinces=read[0].places[:1]), read[1]
        if self.at(j) == "from" and (read := self.unit(j + 1)):
            phrase, j = read
        if (
            (own := self.unit(j))
            and self._stands_for(own[0], powers)
            and self.at(own[1]) not in TOWARDS
            and phrase is None
        ):
            return Deed(DeedKind.ORDER, entry[1], provinces=own[0].places[:1]), own[1]  # "pull back Ion"
        if self.at(j) in TOWARDS or (self.at(j) == "after" and self.place(j + 1)):
            j += 1
        elif word not in ("move", "moving", "moves", "go", "going", "goes") and phrase is None:
            return None
        j += self.at(j) in ("take", "attack", "taking", "grab") and self.place(j + 1) is not None
        place = self.place(j)
        if place is None:
            return None
        mention, places, j = place
        if self.at(j) == ">":
            return None
        return self._moved(phrase, places, "" if mention is None else mention.coast, powers, entry[1], j)

    def _adjust(self, i: int, powers: Sequence[Power]) -> tuple[Deed, int] | None:
        """ "build a fleet in Bre", "disband your army in Mun"."""
        word = self.at(i)
        lemma, form = BUILD.get(word) or DISBAND[word]
        read = self.unit(i + 1)
        if read is None:
            return None
        phrase, j = read
        if lemma == "build":
            if phrase.kind is None or len(powers) != 1:
                return Deed(DeedKind.ORDER, form, provinces=phrase.places[:1]), j
            unit = Unit(phrase.kind, Location(phrase.places[0]))
            mention = next((m for m in self.scene.mentions if m.provinces == phrase.places), None)
            if mention is not None and mention.coast and phrase.kind is UnitKind.FLEET:
                unit = Unit(phrase.kind, Location(f"{phrase.places[0]}/{mention.coast}"))
            return Deed(DeedKind.ORDER, form, (ActOrder(powers[0], Order(OrderKind.BUILD, unit)),)), j
        found = self.standing(phrase)
        if found is None:
            return Deed(DeedKind.ORDER, form, provinces=phrase.places[:1]), j
        return Deed(DeedKind.ORDER, form, (ActOrder(found[0], Order(OrderKind.DISBAND, found[1])),)), j
