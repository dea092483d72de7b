"""Small learned judges of a text: whether its words hang together, and whether it belongs into its moment.

Both are logistic models over hashed features, learned from people's messages in the public games and spoilt ones
(``python -m training discriminators``), after the discriminators of Cicero (Bakhtin et al. 2022, supplement), which
were large language models.  `words` looks at the text alone, `moment` at the board, the talk and who writes to whom.
A threshold is told by the share of spoilt messages that it stopped in games that were not learned from.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from dialogue.acts import ActKind, SpeechAct
from dialogue.board import geography
from dialogue.learned_reader import Weights, hashed
from dialogue.memory import Ledger, Remembered, due_phase
from dialogue.names import Mention, find_names
from engine.game import GameView
from engine.types import EngineError, PhaseKind, Power, Province

SHIPPED_DISCRIMINATORS = Path(__file__).parent / "weights" / "discriminators.safetensors"
RECALLS = tuple(n / 20 for n in range(1, 20))
"""Shares of spoilt messages for which thresholds are kept."""
_START, _END = "<s>", "</s>"


class DiscriminatorFileError(EngineError, ValueError):
    """A file that holds no discriminators."""


@dataclass(frozen=True)
class Discriminator:
    """A judge of bags of features."""

    weights: Weights
    thresholds: NDArray[np.float32]
    """``[19]``: chances from which on each of `RECALLS` of the spoilt messages was stopped."""

    def chance(self, features: Iterable[str]) -> float:
        """How likely a text is spoilt, if as many are spoilt as are not: 0 to 1."""
        score = float(self.weights.score(features)[0])
        return 1 / (1 + math.exp(-score)) if score > -500 else 0.0

    def threshold(self, recall: float) -> float:
        """The chance from which on so large a share of spoilt messages is stopped; above 1 for none of them."""
        if recall < RECALLS[0]:
            return 2.0
        return float(np.interp(recall, RECALLS, self.thresholds))


@dataclass(frozen=True)
class Phrases:
    """How often words follow each other in people's press."""

    keys: NDArray[np.uint32]
    """``[N]``, of words, pairs and triples."""
    counts: NDArray[np.uint8]
    """``[N]``, 255 and more being one."""
    total: int
    """Words counted."""

    @classmethod
    def counted(cls, texts: Iterable[Sequence[str]]) -> Phrases:
        """Counts the tokens of some texts."""
        found: Counter[int] = Counter()
        total = 0
        for tokens in texts:
            total += len(tokens)
            for run in _runs(tokens):
                found.update(map(hashed, run))
        keys = np.array(sorted(found), dtype=np.uint32)
        counts = np.array([min(255, found[key]) for key in keys.tolist()], dtype=np.uint8)
        return cls(keys, counts, total)

    @cached_property
    def _count(self) -> Mapping[int, int]:
        return dict(zip(self.keys.tolist(), self.counts.tolist(), strict=True))

    def __call__(self, run: str) -> int:
        return self._count.get(hashed(run), 0)


def _runs(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """For each token: itself, the pair and the triple that it ends."""
    held = [_START, _START, *tokens, _END]
    for first, second, third in zip(held, held[1:], held[2:], strict=False):
        yield third, f"{second} {third}", f"{first} {second} {third}"


# --- the words alone ---------------------------------------------------------------------------------------

_TOKEN = re.compile(r"@\w+|[a-z]+(?:'[a-z]+)?|\d+|[.,!?;:]")


def tokens_of(text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Words and stops in lower case; names as what they name.

    >>> tokens_of("Is Italy in Tri?", find_names("Is Italy in Tri?"))
    ('is', '@power', 'in', '@place', '?')
    """
    pieces, last = [], 0
    for mention in mentions:
        kind = "place" if mention.power is None else mention.kind.value
        pieces += [text[last : mention.start].lower(), f" @{kind} "]
        last = mention.end
    plain = "".join([*pieces, text[last:].lower()]).replace("’", "'")
    return tuple("#" if token.isdigit() else token for token in _TOKEN.findall(plain))


def word_features(tokens: Sequence[str], phrases: Phrases) -> list[str]:
    """What tells whether the words of a text hang together."""
    logs, strange, unseen, rare = [], 0, 0, 0
    flags: list[bool] = []
    news: list[bool] = []
    for one, two, three in _runs(tokens):
        counts = phrases(one), phrases(two), phrases(three)
        strange += not counts[0]
        unseen += counts[0] > 0 and not counts[1]
        rare += counts[1] > 0 and not counts[2]
        flags.append(counts[0] > 0 and not counts[1])
        news.append(not counts[2])
        logs.append(_log_chance(two, three, counts, phrases))
    length = len(logs)
    size = f"n{min(6, int(math.log2(length)))}"
    twice = sum(a and b for a, b in pairwise(flags))
    lowest = sorted(logs)[:2]
    doubled = sum(a == b for a, b in pairwise(tokens))
    dense = {
        "strange": _step(strange / length, 0.1, 5),
        "unseen": _step(unseen / length, 0.05, 10),
        "unseen_count": min(unseen, 6),
        "rare": _step(rare / length, 0.1, 8),
        "twice": min(twice, 4),
        "rare_count": min(rare, 12),
        "new_run": min(10, max(len(run) for run in "".join(" x"[new] for new in news).split(" "))),
        "mean": _step(-sum(logs) / length, 0.5, 16),
        "least": _step(-lowest[0], 1.0, 16),
        "second": _step(-lowest[-1], 1.0, 16),
        "doubled": min(doubled, 3),
    }
    found = ["bias", size, f"end {tokens[-1] if tokens else ''}", f"start {tokens[0] if tokens else ''}"]
    for name, value in dense.items():
        found += [f"{name} {value}", f"{name} {value} {size}"]
    found += [f"unseen {dense['unseen']} mean {dense['mean']}", f"rare {dense['rare']} unseen {dense['unseen_count']}"]
    for _, two, three in _runs(tokens):
        found += [f"pair {two}", f"triple {three}"]
    return found


def _log_chance(two: str, three: str, counts: tuple[int, int, int], phrases: Phrases) -> float:
    """Of a word after the two before, by "stupid backoff" (Brants et al. 2007)."""
    if counts[2]:
        return math.log(counts[2] / max(1, phrases(three.rpartition(" ")[0])))
    if counts[1]:
        return math.log(0.4 * counts[1] / max(1, phrases(two.split(" ", maxsplit=1)[0])))
    return math.log(0.16 * (counts[0] + 0.5) / phrases.total)


def _step(value: float, width: float, most: int) -> int:
    return min(most, int(value / width))


# --- the moment ------------------------------------------------------------------------------------------

_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|ok|okay|agreed|deal|sounds|no|nope|nah|never|i (?:will|won't|can|can't)|i'll)\b",
    re.I,
)
_HELLO = re.compile(r"^\W*(?:hi|hey|hello|greetings|howdy|dear|good (?:morning|evening|day))\b", re.I)
_WORDS_OF = {
    "builds": re.compile(r"\b(?:build\w*|disband\w*|removal?)\b", re.I),
    "retreats": re.compile(r"\b(?:retreat\w*)\b", re.I),
    "openings": re.compile(r"\b(?:opening|good luck|have fun|1901|first turn|start of the game)\b", re.I),
    "spring": re.compile(r"\bspring\b", re.I),
    "fall": re.compile(r"\b(?:fall|autumn)\b", re.I),
    "thanks": re.compile(r"\b(?:thanks|thank you|thx)\b", re.I),
    "sorry": re.compile(r"\b(?:sorry|apolog\w*)\b", re.I),
}


@dataclass(frozen=True)
class Moment:
    """Who writes to whom, over which board, after which talk."""

    view: GameView
    ledger: Ledger
    """The sender's."""
    recipient: Power

    @property
    def sender(self) -> Power:
        """Who writes."""
        return self.view.power

    @cached_property
    def talk(self) -> tuple[Remembered, ...]:
        """What the two said last, oldest first."""
        return self.ledger.last_messages(self.recipient, 6)

    @cached_property
    def named(self) -> tuple[frozenset[Province], frozenset[Power]]:
        """The places and powers that they named there."""
        mentions = [m for entry in self.talk for m in find_names(entry.message.text, self.view)]
        places = frozenset(place for m in mentions for place in m.provinces)
        return places, frozenset(m.power for m in mentions if m.power is not None)


def moment_features(
    text: str, mentions: Sequence[Mention], acts: Sequence[SpeechAct], unread: int, at: Moment
) -> list[str]:
    """What tells whether a text belongs into its moment."""
    phase = at.view.phase
    last = at.talk[-1] if at.talk else None
    same_phase = last is not None and last.message.phase == phase
    heard = last is not None and last.message.sender is at.recipient and same_phase
    stand = "heard" if heard else "said" if same_phase else "open" if last is not None else "never"
    asked = heard and last is not None and "?" in last.message.text
    found = ["bias", f"stand {stand}", f"kind {phase.kind.value} {phase.season.value}", f"unread {min(unread, 2)}"]
    found.append(f"yes {bool(_YES.search(text))} {stand} {asked}")
    found.append(f"hello {bool(_HELLO.search(text))} {stand} {bool(at.view.history)}")
    year = min(phase.year - at.view.map_data.first_year, 4)
    for name, pattern in _WORDS_OF.items():
        if pattern.search(text):
            found += [f"{name} {phase.kind.value} {phase.season.value}", f"{name} {year}", f"{name} {stand}"]
    shared = _overlap(text, last.message.text) if heard and last is not None else -1
    found += [f"shared {shared} {stand}", f"length {min(5, len(text.split()) // 6)} {stand}"]
    found += [feature for mention in mentions for feature in _of_mention(text, mention, at)]
    found += [feature for act in acts for feature in _of_act(act, at)]
    return found


def _of_mention(text: str, mention: Mention, at: Moment) -> Iterator[str]:
    before = " ".join(re.findall(r"[a-z']+", text[: mention.start].lower())[-1:])
    after = " ".join(re.findall(r"[a-z']+", text[mention.end :].lower())[:1])
    places, powers = at.named
    if mention.power is not None:
        power = mention.power
        role = "you" if power is at.recipient else "me" if power is at.sender else _role(power, at)
        lately = power in powers
        yield f"power {role}"
        yield f"power {role} {mention.kind.value} lately {lately}"
        yield f"{before} power {role}"
        yield f"power {role} {after}"
        return
    place = mention.provinces[0]
    standing = at.view.unit_at(place)
    unit = "empty" if standing is None else _whose(standing[0], at)
    owner = at.view.owner_of(place)
    center = "none" if owner is None else _whose(owner, at)
    reach = f"{_reaches(at.sender, place, at)}{_reaches(at.recipient, place, at)}"
    lately = place in places
    yield f"place unit {unit} reach {reach}"
    yield f"place owner {center} unit {unit}"
    yield f"place lately {lately} reach {reach}"
    yield f"{before} place unit {unit}"
    yield f"{before} place reach {reach}"
    yield f"{before} place owner {center}"
    yield f"place unit {unit} {after}"


def _role(power: Power, at: Moment) -> str:
    if power not in at.view.alive:
        return "dead"
    near = any(_reaches(power, p, at) for who in (at.sender, at.recipient) for p in at.view.centers(who))
    return "near" if near else "far"


def _whose(power: Power, at: Moment) -> str:
    return "mine" if power is at.sender else "yours" if power is at.recipient else "theirs"


def _reaches(power: Power, place: Province, at: Moment) -> int:
    """1: it has a unit there or one that can move there; 0: it has none."""
    board = geography()
    return int(any(unit.province == place or board.reaches(unit, place) for unit in at.view.units(power)))


def _of_act(act: SpeechAct, at: Moment) -> Iterator[str]:
    now = act.kind is not ActKind.CLAIM_PAST and due_phase(act, at.view.phase) == at.view.phase
    moving = at.view.phase.kind is PhaseKind.MOVEMENT
    yield f"act {act.kind.value} {act.polarity.value}"
    for item in act.orders:
        whose = _whose(item.power, at)
        legal = at.view.legal_form(item.power, item.order) is not None if now and moving else None
        yield f"order {act.kind.value} {whose} {item.order.kind.value} legal {legal}"
        yield f"order {whose} legal {legal}"
        target = None if item.order.target is None else at.view.unit_at(Province(item.order.target[:3]))
        yield f"order {whose} {item.order.kind.value} onto {'empty' if target is None else _whose(target[0], at)}"


def _overlap(text: str, other: str) -> int:
    """How many words of four letters and more two texts share, 3 at most."""
    first, second = (set(re.findall(r"[a-z]{4,}", t.lower())) for t in (text, other))
    return min(3, len(first & second))


# --- both, as a file -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Discriminators:
    """Both judges, and the phrases that the first looks up."""

    phrases: Phrases
    words: Discriminator
    moment: Discriminator

    def nonsense(self, text: str, mentions: Sequence[Mention]) -> float:
        """The chance that the words of a text are spoilt."""
        return self.words.chance(word_features(tokens_of(text, mentions), self.phrases))

    def misplaced(
        self, text: str, mentions: Sequence[Mention], acts: Sequence[SpeechAct], unread: int, at: Moment
    ) -> float:
        """The chance that a text was meant for another moment, or has other names in it than were meant."""
        return self.moment.chance(moment_features(text, mentions, acts, unread, at))

    def save(self, path: Path) -> None:
        """Writes the file that `load_discriminators` reads."""
        tensors = {
            "phrases.keys": self.phrases.keys,
            "phrases.counts": self.phrases.counts,
            "phrases.total": np.array([self.phrases.total], dtype=np.int64),
        }
        for name, judge in (("words", self.words), ("moment", self.moment)):
            tensors[f"{name}.keys"] = judge.weights.keys
            tensors[f"{name}.values"] = judge.weights.values.astype(np.float16)
            tensors[f"{name}.thresholds"] = judge.thresholds
        save_file(tensors, path)


@lru_cache(maxsize=2)
def load_discriminators(path: Path = SHIPPED_DISCRIMINATORS) -> Discriminators:
    """The discriminators in a file.

    Raises:
        DiscriminatorFileError: there is no such file, or it holds something else.
    """
    try:
        held = load_file(path)
        phrases = Phrases(held["phrases.keys"], held["phrases.counts"], int(held["phrases.total"][0]))
        words, moment = (
            Discriminator(
                Weights(held[f"{name}.keys"], held[f"{name}.values"].astype(np.float32)), held[f"{name}.thresholds"]
            )
            for name in ("words", "moment")
        )
    except (OSError, KeyError, SafetensorError) as error:
        raise DiscriminatorFileError(
            f"{path}: expected discriminators that `python -m training discriminators` writes, got {error!r}"
        ) from None
    return Discriminators(phrases, words, moment)
