"""`python -m training fluency`: how odd the words of a text are, by a language model's surprise.

Real messages of people in the training games against jumbled copies of them (`cicero_lite.bench.corruptions`): words
garbled or filled in.  Limits are told by the share of real messages beyond them, each judged by weights that were
fitted without its game.  The language model learned from these games, and is surprised less by them than by others: in
games that it does not know, more of people's messages lie beyond.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from rich.progress import track

from cicero_lite.bench.corruptions import garble, infill, successors
from cicero_lite.bench.originals import eligible, private_messages
from dialogue.fluency import FLUENCY_FILE, SHARES, Floats, Fluency, figures, prompt_for, slotted
from dialogue.language_model import SHIPPED_WEIGHTS, TokenScore
from dialogue.lm import LocalModel
from engine.saved import SeatedGame
from training.folds import fold_of_each, games_with_talk
from training.logistic import fit_dense
from training.runs import SHARED_DATA, ExampleFileError, MetricsLog, parse_config, start_run

_SMOOTHING = 0.5
"""Added to the count of every token."""


@dataclass(frozen=True)
class FluencyTraining:
    """Fit what tells how odd the words of a text are."""

    out: Path = Path("runs/fluency")
    """Folder of the run; what belongs beside the model lands in its `fluency.safetensors`."""
    data: Path = SHARED_DATA
    """Folder of the public games."""
    model: str = str(SHIPPED_WEIGHTS)
    """Folder of the language model."""
    per_game: int = 90
    """Real messages of a game, at most."""
    least_words: int = 4
    """Shorter messages are left out: they cannot be jumbled."""
    most_words: int = 30
    """Longer ones are left out: nearly all of them give away that they are jumbled in other ways."""
    folds: int = 5
    """Into which games are dealt."""
    seed: int = 0
    """Of whatever is drawn."""


@dataclass(frozen=True)
class Sample:
    """A text with its surprise."""

    game: str
    kind: str
    """"" for real ones."""
    tokens: tuple[TokenScore, ...]


def main(argv: Sequence[str]) -> int:
    """Fit as the command line says; flat, to be read from top to bottom."""
    config = parse_config(FluencyTraining, argv, "fluency")
    games = games_with_talk(config.data, config.folds)
    model = LocalModel.load(config.model)
    start_run(config.out, "fluency", config, resume=False)
    rng = default_rng(config.seed)
    samples = [sample for seated in track(games, "messages") for sample in _of_game(seated, model, config, rng)]
    jumbled = np.array([sample.kind != "" for sample in samples])
    if jumbled.all() or not jumbled.any():
        raise ExampleFileError(f"expected messages of people that can be jumbled in {config.data}, got none")
    log_shares = _log_shares([s for s in samples if not s.kind], model.vocabulary_size)
    rows = np.array([figures(sample.tokens, log_shares) for sample in samples])
    fold_of = fold_of_each({sample.game for sample in samples}, config.folds, rng)
    folds = np.array([fold_of[sample.game] for sample in samples])
    oddity = np.zeros(len(samples))
    for fold in range(config.folds):
        held = folds == fold
        oddity[held] = rows[held] @ _fit(rows[~held], jumbled[~held])
    limits = np.quantile(oddity[~jumbled], [1 - share for share in SHARES])
    Fluency(log_shares, _fit(rows, jumbled), limits).save(config.out / FLUENCY_FILE)
    _report(samples, oddity, limits, MetricsLog(config.out))
    print(f"put {config.out / FLUENCY_FILE} into the model's folder")
    return 0


def _of_game(seated: SeatedGame, model: LocalModel, config: FluencyTraining, rng: Generator) -> Iterator[Sample]:
    """People's messages of a game, and a garbled and a filled-in copy of each."""
    after = successors(message.text for message in private_messages(seated.game))
    every = [
        (record, message)
        for record, message in eligible(seated)
        if config.least_words <= len(message.text.split()) <= config.most_words
    ]
    for place in sorted(rng.permutation(len(every))[: config.per_game].tolist()):
        record, message = every[place]
        assert message.recipient is not None  # eligible messages are private
        prompt = prompt_for(message.phase, message.sender, message.recipient, model.prompt)
        made = (
            ("", message.text),
            ("garbled", garble(message.text, rng)),
            ("infilled", infill(message.text, after, rng)),
        )
        texts = {
            kind: slotted(text, record.board, message.sender, message.recipient, model.prompt)
            for kind, text in made
            if text is not None
        }
        for kind, tokens in zip(texts, model.token_scores(prompt, list(texts.values())), strict=True):
            yield Sample(seated.game.game_id, kind, tuple(tokens))


def _log_shares(real: Sequence[Sample], size: int) -> Floats:
    """``[size]``: of each token among all."""
    counts = Counter(token.token for sample in real for token in sample.tokens)
    every = np.array([counts[token] + _SMOOTHING for token in range(size)])
    return np.asarray(np.log(every / every.sum()))


def _fit(rows: Floats, jumbled: NDArray[np.bool_]) -> Floats:
    """Weights of the figures as they come; fitted to figures of one scale, sound and jumbled counting alike."""
    middle, spread = rows.mean(0), rows.std(0)
    middle[0], spread[0] = 0, 1  # the bias
    spread[spread == 0] = 1
    share = jumbled.mean()
    weights: Floats = (
        fit_dense((rows - middle) / spread, jumbled, np.where(jumbled, 0.5 / share, 0.5 / (1 - share))) / spread
    )
    weights[0] -= middle @ weights
    return weights


def _report(samples: Sequence[Sample], oddity: Floats, limits: Floats, log: MetricsLog) -> None:
    """What each limit stops, by kind, in games that the weights were not fitted to."""
    kinds = np.array([sample.kind for sample in samples])
    print(f"{(kinds == '').sum()} real messages, {(kinds != '').sum()} jumbled")
    for share, limit in zip(SHARES, limits.tolist(), strict=True):
        stopped = {kind: float((oddity > limit)[kinds == kind].mean()) for kind in ("garbled", "infilled")}
        log.write({"step": 0, "seconds": 0.0, "share": share, "limit": limit, **stopped})
        print(f"  share {share}: " + ", ".join(f"{kind} {value:.3f}" for kind, value in stopped.items()))
