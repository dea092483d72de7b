"""Answers and courtesies: yes, no, thanks, sorry."""

from __future__ import annotations

import re

from dialogue.acts import ActKind, Polarity
from dialogue.deeds import Form, is_verb
from dialogue.making import Making
from dialogue.markers import AGREES, APPROVED, CONNECTORS, CONTENT, MILD, YEAH
from dialogue.openers import ALWAYS, BREAKS, OPENER_INDEX, SHORT_YES
from dialogue.reading_state import count_words

_AFTER_ANSWER = frozenset(
    {"i", "we", "you", "let", "will", "can", "then", "man", "with", "for", "to", "by", "on", "me", "thanks", "thank"}
    | {"sorry", "my", "friend", "mate", "buddy", "here", "it", "that", "~next", "do", "please", "too", "there"}
)
"""Words that may follow an answer without a break: "sounds good I will move"; "that is good luck" is none."""


class Answers(Making):
    """Reads what a clause opens with, if that says something by itself."""

    def _opener(self, i: int) -> int | None:
        if i > 0 and self.tokens[i - 1] not in BREAKS and not self.after_opener(i):
            return None
        for name, entry in OPENER_INDEX.get(self.tokens[i], ()):
            end = i + len(entry)
            if tuple(self.tokens[i:end]) != entry:
                continue
            text = " ".join(entry)
            following = self.tokens[end] if end < len(self.tokens) else ","
            if (
                text == "i agree"
                and following in ("to", "with", "on")
                and (content := self._agreed_on(end)) is not None
            ):
                return content
            if (
                text in SHORT_YES
                and following not in BREAKS
                and not (text in ALWAYS and self._starts_clause(end, name))
            ):
                continue
            if text in ("i am", "i do", "i can", "i will") and following in ("so", "because", "since"):
                continue  # "I am so tired"
            if text == "sure" and following in ("you", "it", "that", "he", "they"):
                continue
            goes_on = following in BREAKS or following in _AFTER_ANSWER or following.startswith("@w")
            if name in ("agree", "refuse") and len(entry) > 1 and not goes_on:
                continue
            aside = i > 0 and not self.after_opener(i) and any(token not in CONNECTORS for token in self.tokens[:i])
            if aside and name in ("agree", "refuse") and len(entry) == 1 and end < len(self.tokens):
                continue  # "Turkey, of course, is asking me ..."
            if name not in ("filler", "greet") and following in ("@p0", "'s"):
                continue
            if self.question and name in ("agree", "refuse", "soft") and end >= len(self.tokens):
                continue
            return self._opened(name, entry, end)
        return None

    def _approved(self, i: int, rest: str) -> int | None:
        """ "That all looks good to me"."""
        match = AGREES.match(rest) or CONTENT.match(rest)
        if match is None or self.question or (i > 0 and self.tokens[i - 1] not in BREAKS and not self.after_opener(i)):
            return None
        end = i + count_words(match[0])
        if end < len(self.tokens) and self.tokens[end] not in APPROVED:
            return None
        if MILD.search(match[0]) and self.reader.previous.heard and not self.previous_asked():
            self.reader.acts.append(self.reader.act(ActKind.SMALL_TALK))
            return end
        mild = MILD.search(match[0]) and end < len(self.tokens)
        self.reader.acts.append(self.reader.act(ActKind.AGREE) if mild else self.reader.answer(ActKind.AGREE))
        self.last = [len(self.reader.acts) - 1]
        return end

    def _starts_clause(self, i: int, name: str) -> bool:
        word = self.tokens[i]
        if name == "refuse":
            return word in ("i", "we", "you", "it", "that", "sorry", "thanks", "thank", "way", "not", "need")
        if name in ("thank", "apologise"):
            return word in ("for", "i", "but", "about", "man", "to", "that", "you", "we", "@w0", "@w1", "no", "not")
        return word in (
            "i",
            "we",
            "you",
            "that",
            "let",
            "will",
            "can",
            "happy",
            "sounds",
            "it",
            "thing",
            "moving",
            "supporting",
            "if",
            "my",
        )

    def _opened(self, name: str, entry: tuple[str, ...], end: int) -> int:
        reader = self.reader
        self.opened_at = end
        while end < len(self.tokens) and self.tokens[end] in ("man", "friend", "mate", "buddy", "dude", "bro", "there"):
            end += 1
        self.opened_at = end
        following = self.rest(end)
        match name:
            case "agree" if (content := self._agreed_on(end)) is not None:
                return content
            case "agree":
                self._note_weak(entry, end - len(entry), end)
                reader.acts.append(reader.answer(ActKind.AGREE, end < len(self.tokens)))
                self.after_yes = True
            case "soft":
                reader.soft = (
                    "ok" if entry[0] in ("ok", "okay", "alright", "fine", "k", "kk") else reader.soft or "nice"
                )
            case "refuse":
                self._note_weak(entry, end - len(entry), end)
                reader.acts.append(reader.answer(ActKind.REFUSE, end < len(self.tokens)))
                self.sorry = True
            case "deny":
                reader.acts.append(reader.act(ActKind.DENY, answers=reader.previous.sequence))
            case "thank":
                return self._thanked(ActKind.THANK, end)
            case "apologise":
                past = re.match(r"(?:, |but |i )*could not ", following) and not self.previous_asked()
                if not past and re.match(
                    r"(?:(?:,|but|,? ?i)\s?)*(?:i )?(?:can not|could not|will not|need|am not|would|have to|do "
                    r"not|must|no\b(?! hard)|am unable|am afraid)",
                    following,
                ):
                    self.sorry = True
                else:
                    return self._thanked(ActKind.APOLOGISE, end)
            case "greet":
                reader.acts.append(reader.act(ActKind.SMALL_TALK))
        self.last = [len(reader.acts) - 1] if name in ("agree", "refuse") else self.last
        return end

    def _agreed_on(self, i: int) -> int | None:
        """What is agreed to where it is named: "agreed on the bounce in Gal"."""
        if i + 1 >= len(self.tokens) or self.tokens[i] not in ("on", "to", "with", "about", "for", "re"):
            return None
        reader = self.reader
        end = self._segment_end(i + 1)
        both = tuple(power for power in (reader.speaker, reader.addressee) if power is not None)
        j = i + 1 + (self.tokens[i + 1] in ("the", "a", "that", "your", "this"))
        found = self.phrases.deed(j, both)
        orders = found[0].orders if found is not None else ()
        places = found[0].provinces if found is not None else self._places(i, end)
        if not orders and not places:
            return None
        act = reader.act(
            ActKind.AGREE, orders=orders, provinces=() if orders else places, answers=reader.previous.sequence
        )
        reader.acts.append(act)
        self.last = [len(reader.acts) - 1]
        return end if found is None else found[1]

    def _note_weak(self, entry: tuple[str, ...], i: int, end: int) -> None:
        """ "Yeah, he is strong" agrees to nothing if nothing was asked."""
        heard = self.reader.previous.heard
        known = bool(heard) or self.reader.addressee is None
        if len(entry) == 1 and self.reader.asked_oneself and end == len(self.tokens) and i == 0:
            self.weak = len(self.reader.acts)
        goes_on = end < len(self.tokens) or end > len(entry)
        if len(entry) == 1 and entry[0] in YEAH and goes_on and known and not self.previous_asked():
            self.weak = len(self.reader.acts)

    def _thanked(self, kind: ActKind, i: int) -> int:
        """ "thanks for supporting me into Bel", "sorry about Burgundy"."""
        reader = self.reader
        named = i < len(self.tokens) and self.tokens[i] in ("for", "about", "that")
        doing = i < len(self.tokens) and is_verb(self.tokens[i]) is Form.ING
        if named or doing:
            who = reader.addressee if kind is ActKind.THANK else reader.speaker
            j = i + 1 if named else i
            while j < len(self.tokens) and self.tokens[j] in ("the", "your", "my", "i", "not", "having", "you"):
                j += 1
            found = self.phrases.deed(j, (who,) if who is not None else ())
            negative = "not" in self.tokens[i:j]
            end = self._segment_end(i + 1)
            if found is not None and (found[0].orders or found[0].provinces or not self._places(i, end)):
                deed = found[0]
                polarity = Polarity.NOT if negative ^ deed.is_negative else Polarity.DO
                reader.acts.append(
                    reader.act(
                        kind,
                        orders=deed.orders,
                        provinces=() if deed.orders else deed.provinces,
                        polarity=polarity,
                    )
                )
                return found[1]
            reader.acts.append(reader.act(kind, provinces=self._places(i, end)))
            return end
        reader.acts.append(reader.act(kind))
        return i
