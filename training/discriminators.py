"""`python -m training discriminators`: judges of nonsense, from people's messages and spoilt ones.

Real messages of the training games, and of our grammar, against counterfactual corruptions of them
(`cicero_lite.bench.corruptions`): words garbled or filled in for the judge of words, names swapped and messages of
other moments for the judge of the moment.  Whatever a judge is measured by comes from games that it did not see: games
are dealt into folds, phrases are counted and weights fitted in the others.  The shipped judges learn from all, with the
thresholds that the folds gave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from rich.progress import track

from cicero_lite.bench.attack_wordings import Lot
from cicero_lite.bench.corruptions import SWAPS, Pool, garble, infill, successors
from cicero_lite.bench.originals import Corpus, Original, OriginalsError, private_messages, public_corpus
from dialogue.acts import SpeechAct
from dialogue.discriminators import (
    RECALLS,
    Discriminator,
    Discriminators,
    Moment,
    Phrases,
    moment_features,
    tokens_of,
    word_features,
)
from dialogue.grammar import WordingError, word
from dialogue.names import find_names
from dialogue.understanding import read
from engine.saved import SeatedGame
from training.annotate import generated_plans
from training.folds import fold_of_each, games_with_talk, shuffled
from training.logistic import fit_yes
from training.runs import SHARED_DATA, MetricsLog, parse_config, start_run

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

_MISPLACING = (
    "power_swap",
    "demonym_swap",
    "place_swap",
    "abbreviation_swap",
    "season_change",
    "wrong_recipient",
    "wrong_phase",
    "wrong_board",
    "non_sequitur",
)
"""What the judge of the moment learns to tell."""


@dataclass(frozen=True)
class DiscriminatorTraining:
    """Fit the judges of nonsense."""

    out: Path = Path("runs/discriminators")
    """Folder of the run; the judges land in its `discriminators.safetensors`."""
    data: Path = SHARED_DATA
    """Folder of the public games."""
    per_game: int = 500
    """Real messages of a game, at most."""
    per_message: int = 2
    """Spoilt messages made of each, at most, for either judge."""
    own: int = 1500
    """Messages of our grammar that the judge of words must let pass."""
    folds: int = 5
    """Into which games are dealt."""
    penalty: float = 1.0
    """Of the squared weights."""
    least: int = 4
    """In how many messages a feature has to be."""
    seed: int = 0
    """Of whatever is drawn."""


@dataclass(frozen=True)
class Sample:
    """A text, spoilt or not, with what the judges look at."""

    game: str
    """"" for our grammar's."""
    kind: str
    """"" for real ones."""
    tokens: tuple[str, ...]
    moment: tuple[str, ...] = ()
    """Features; empty where the judge of the moment has nothing to learn."""


def main(argv: Sequence[str]) -> int:
    """Fit as the command line says; flat, to be read from top to bottom."""
    config = parse_config(DiscriminatorTraining, argv, "discriminators")
    games = games_with_talk(config.data, config.folds)
    start_run(config.out, "discriminators", config, resume=False)
    log = MetricsLog(config.out)
    rng = default_rng(config.seed)
    samples = [*_of_people(games, config, rng), *_of_our_own(config, rng)]
    fold_of = fold_of_each({s.game for s in samples if s.game}, config.folds, rng)
    folds = np.array([fold_of.get(s.game, n % config.folds) for n, s in enumerate(samples)])

    words = [s for s in samples if s.kind in ("", "garbled", "infilled")]
    of_words = np.array([s.kind in ("", "garbled", "infilled") for s in samples])
    spoilt = np.array([s.kind != "" for s in words])
    crossed: list[list[str]] = [[] for _ in words]
    for fold in range(config.folds):
        held = folds[of_words] == fold
        others = [s for s, n in zip(samples, folds.tolist(), strict=True) if n != fold]
        phrases = Phrases.counted(_press(games, others, [g for g, n in fold_of.items() if n != fold]))
        for n in np.flatnonzero(held).tolist():
            crossed[n] = word_features(words[n].tokens, phrases)
    chances = _crossed(crossed, spoilt, folds[of_words], config)
    judge = Discriminator(fit_yes(crossed, spoilt, config.penalty, config.least), _thresholds(chances[spoilt]))
    _report("words", words, chances, judge, log)

    placed = [s for s in samples if s.moment]
    of_moment = np.array([bool(s.moment) for s in samples])
    wrong = np.array([s.kind != "" for s in placed])
    bags = [s.moment for s in placed]
    chances = _crossed(bags, wrong, folds[of_moment], config)
    moment = Discriminator(fit_yes(bags, wrong, config.penalty, config.least), _thresholds(chances[wrong]))
    _report("moment", placed, chances, moment, log)

    phrases = Phrases.counted(_press(games, samples, fold_of))
    path = config.out / "discriminators.safetensors"
    Discriminators(phrases, judge, moment).save(path)
    print(f"the judges are in {path} ({path.stat().st_size / 1e6:.2f} MB)")
    return 0


# --- samples -----------------------------------------------------------------------------------------------------


def _of_people(games: Sequence[SeatedGame], config: DiscriminatorTraining, rng: Generator) -> Iterator[Sample]:
    """People's messages, real and spoilt, game by game."""
    every = {g.game.game_id: private_messages(g.game) for g in games}
    for number, seated in enumerate(track(games, "messages")):
        try:
            corpus = public_corpus([seated], config.per_game, config.seed + number)
        except OriginalsError:
            continue
        pool = Pool(Corpus((), every), Lot.TAUGHT)
        for at in corpus.originals:
            yield _sample("", at.message.text, at, both=True)
            yield from _spoilt(at, pool, config, rng)


def _spoilt(at: Original, pool: Pool, config: DiscriminatorTraining, rng: Generator) -> Iterator[Sample]:
    made = 0
    for kind in shuffled(_MISPLACING, rng):
        text = SWAPS[kind](at, pool, rng) if made < config.per_message else None
        if text is not None:
            made += 1
            yield _sample(kind, text, at, both=True)
    for kind in shuffled(("garbled", "infilled"), rng)[: config.per_message]:
        text = SWAPS[kind](at, pool, rng)
        if text is not None:
            yield _sample(kind, text, at, both=False)


def _sample(kind: str, text: str, at: Original, both: bool) -> Sample:
    mentions = find_names(text, at.view)
    game, tokens = at.view.game_id, tokens_of(text, mentions)
    if not both:
        return Sample(game, kind, tokens)
    reading = at.reading if not kind else read(replace(at.message, text=text), at.view, at.talk)
    acts: Sequence[SpeechAct] = reading.acts
    where = Moment(at.view, at.ledger, at.recipient)
    return Sample(game, kind, tokens, tuple(moment_features(text, mentions, acts, len(reading.unread), where)))


def _of_our_own(config: DiscriminatorTraining, rng: Generator) -> Iterator[Sample]:
    """Our grammar's messages, and the same garbled and filled in."""
    texts = []
    for occasion in generated_plans(config.own, config.seed):
        try:
            texts.append(word(occasion.acts, occasion.context, rng))
        except WordingError:
            continue
    following = successors(texts)
    for text in texts:
        yield Sample("", "", tokens_of(text, find_names(text)))
        for kind, bad in (("garbled", garble(text, rng)), ("infilled", infill(text, following, rng))):
            if bad is not None:
                yield Sample("", kind, tokens_of(bad, find_names(bad)))


def _press(games: Sequence[SeatedGame], samples: Sequence[Sample], names: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The tokens of every message of some games, and of our grammar's among some samples."""
    for seated in games:
        if seated.game.game_id in names:
            for message in private_messages(seated.game):
                yield tokens_of(message.text, find_names(message.text))
    yield from (s.tokens for s in samples if s.game == s.kind == "")


# --- fits --------------------------------------------------------------------------------------------------------


def _crossed(
    bags: Sequence[Sequence[str]], spoilt: Bools, folds: NDArray[np.int64], config: DiscriminatorTraining
) -> Floats:
    """The chance that each is spoilt, by a judge that learned from the other folds."""
    chances = np.zeros(len(bags), np.float32)
    for fold in range(config.folds):
        learn = np.flatnonzero(folds != fold).tolist()
        weights = fit_yes([bags[n] for n in learn], spoilt[learn], config.penalty, config.least)
        judge = Discriminator(weights, np.zeros(len(RECALLS), np.float32))
        for n in np.flatnonzero(folds == fold).tolist():
            chances[n] = judge.chance(bags[n])
    return chances


def _thresholds(chances: Floats) -> Floats:
    """The chances from which on each of `RECALLS` of the spoilt messages is stopped."""
    return np.quantile(chances, [1 - recall for recall in RECALLS]).astype(np.float32)


def _report(name: str, samples: Sequence[Sample], chances: Floats, judge: Discriminator, log: MetricsLog) -> None:
    """What each threshold stops: of all spoilt messages, of each kind, of people's real ones, of our own."""
    kinds = np.array([s.kind for s in samples])
    people = np.array([s.kind == "" and s.game != "" for s in samples])
    ours = np.array([s.kind == "" and s.game == "" for s in samples])
    print(f"{name}: {people.sum()} real, {(kinds != '').sum()} spoilt messages; {len(judge.weights.keys)} features")
    for recall, threshold in zip(RECALLS, judge.thresholds.tolist(), strict=True):
        stopped = chances >= threshold
        shares = {kind: float(stopped[kinds == kind].mean()) for kind in sorted(set(kinds.tolist()) - {""})}
        figures: Mapping[str, float] = {
            "recall": recall,
            "threshold": threshold,
            "false_alarm": float(stopped[people].mean()),
            "own": float(stopped[ours].mean()) if ours.any() else 0.0,
            **shares,
        }
        log.write({"step": 0, "seconds": 0.0, "judge": name, **figures})
        print("  " + ", ".join(f"{key} {value:.3f}" for key, value in figures.items()))
