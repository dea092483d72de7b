"""Agreement with people as a table and as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.arena.axis import Axis
from cicero_lite.arena.plot import check_picture, draw_points, label_values, new_figure, save_figure
from cicero_lite.bench.agreement import Agreement, Mean
from cicero_lite.bench.people import PeopleResult
from cicero_lite.output import commit_told


def show(found: PeopleResult, console: Console) -> None:
    """Prints the table, and below it what was compared."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    table.add_column("λ")
    for column in ("orders %", "nats", "actions %", "nats", "gain %", "regret %", "KL"):
        table.add_column(column, justify="right", no_wrap=True)
    for label, its in _rows(found):
        table.add_row(
            label,
            _cell(its.order_accuracy, 100, 1),
            _cell(its.order_cross_entropy, 1, 2),
            _cell(its.action_accuracy, 100, 1),
            _cell(its.action_cross_entropy, 1, 2),
            _cell(its.gain, 100, 2),
            _cell(its.regret, 100, 2),
            _cell(its.divergence, 1, 2),
        )
    console.print(table)
    for line in _lines(found):
        console.print(line, highlight=False, soft_wrap=True)


def _rows(found: PeopleResult) -> Iterator[tuple[str, Agreement]]:
    for at in found.lambdas:
        yield f"{at.lambda_:g}", at.agreement
    yield "∞, anchor", found.anchor
    yield "types", found.types


def _cell(mean: Mean, times: int, digits: int) -> str:
    """So many times the mean, with its interval below."""
    if mean.low is None or mean.high is None:
        return f"{times * mean.mean:.{digits}f}"
    return f"{times * mean.mean:.{digits}f}\n{times * mean.low:.{digits}f}–{times * mean.high:.{digits}f}"


def _caption(found: PeopleResult) -> str:
    settings = found.settings
    commit = commit_told(found.commit, found.dirty)
    return (
        f"{found.games} held-back games, {found.phases} movement phases, {found.actions} actions of people, "
        f"{found.orders} orders; anchor {settings.policy}, value {settings.value}, {commit}"
    )


def _lines(found: PeopleResult) -> list[str]:
    return [
        _caption(found),
        f"{100 * found.proposed:.0f} % of the actions were among the search's candidates, the others were added; "
        f"{found.candidates:.1f} candidates in the mean",
        "orders, actions: foretold, and -log probability; gain: expected score, in hundredths, less the anchor's; "
        "regret: what the best candidate would score more; KL: from the anchor; types: as the search predicts "
        "others in play; below a figure: 95 % interval, all powers of a phase being one observation",
    ]


def draw(found: PeopleResult, path: Path) -> None:
    """Writes the picture: orders foretold against λ, and against expected score.

    Args:
        found: what was compared.
        path: .png, .svg or .pdf.

    Raises:
        ArenaError: the path is that of no picture.
        OutputError: it cannot be written.
    """
    check_picture(path)
    points = [*((at.lambda_, at.agreement) for at in found.lambdas), (math.inf, found.anchor)]
    axis = Axis(tuple(lambda_ for lambda_, _ in points), "")
    labels = [f"{lambda_:g}" if lambda_ < math.inf else "∞" for lambda_, _ in points]
    figure = new_figure(10.4)
    against_lambda, against_score = figure.subplots(1, 2)

    for name, measured, color in (
        ("orders", [its.order_accuracy for _, its in points], "C0"),
        ("whole actions", [its.action_accuracy for _, its in points], "C1"),
    ):
        means, bounds = [100 * m.mean for m in measured], [_percent(m) for m in measured]
        draw_points(against_lambda, axis, means, bounds, name, color)
    for mean, color in ((found.types.order_accuracy, "C0"), (found.types.action_accuracy, "C1")):
        against_lambda.axhline(100 * mean.mean, linestyle="--", linewidth=1, color=color)
    against_lambda.plot([], [], linestyle="--", linewidth=1, color="0.4", label="types, as in play")
    label_values(against_lambda, axis, labels)
    against_lambda.tick_params("x", labelsize=8)
    against_lambda.set_xlabel("λ: price, in score, of a nat away from the anchor (∞)")
    against_lambda.set_ylabel("foretold, %, 95 % interval")
    against_lambda.set_ylim(bottom=0)
    against_lambda.legend(loc="center right", fontsize=8)

    gains = [100 * its.gain.mean for _, its in points]
    entropies = [its.order_cross_entropy.mean for _, its in points]
    against_score.plot(gains, entropies, marker="o", color="C0", label="equilibrium at one λ")
    for label, gain, entropy in zip(labels, gains, entropies, strict=True):
        # The curve leaves the anchor to the right and ends upwards: labels stand above it, then left of it.
        steep = gain > max(gains) / 2
        against_score.annotate(
            label, (gain, entropy), xytext=(-5, 3) if steep else (0, 6), textcoords="offset points",
            ha="right" if steep else "center", fontsize=7,
        )  # fmt: skip
    types = found.types
    against_score.plot(
        100 * types.gain.mean, types.order_cross_entropy.mean, marker="*", markersize=11, linestyle="", color="C3",
        label="types, as in play",
    )  # fmt: skip
    against_score.set_xlabel("expected score over the anchor's, in hundredths")
    against_score.set_ylabel("cross-entropy of people's orders, nats a unit")
    against_score.legend(loc="upper left", fontsize=8)

    for axes in (against_lambda, against_score):
        axes.grid(alpha=0.3)
    figure.suptitle("agreement with people, and what it costs", fontsize=11)
    figure.supxlabel(_caption(found), fontsize=7)
    save_figure(figure, path)


def _percent(mean: Mean) -> tuple[float | None, float | None]:
    if mean.low is None or mean.high is None:
        return None, None
    return 100 * mean.low, 100 * mean.high


__all__ = ["draw", "show"]
