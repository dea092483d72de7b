"""What a comparison of rules found, in numbers and in words, with one shrunk case for each cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cicero_lite.bench.chunks import KEPT_OPEN, Case, Chunk, Play, Tally
from cicero_lite.bench.differential import Cause, Finding, Verdict
from cicero_lite.bench.shrink import Find, shrink
from cicero_lite.bench.situations import Situation

_Key = TypeVar("_Key")
_KINDS = {"M": "movement", "R": "retreat", "A": "build"}


@dataclass(frozen=True)
class Example:
    """A difference, as small as it could be made."""

    case: Case
    """As it was met."""
    shrunk: Situation | None
    """None if it was not shrunk: no movement phase, or not to be seen on a board set up for the purpose."""
    finding: Finding
    """Of the shrunk situation, else of the case."""

    def lines(self) -> list[str]:
        """The case to read: who stands where with which orders, and what each of the rules says."""
        shown = self.shrunk or self.case.situation
        found = self.finding
        where = f"{self.case.play} chunk {self.case.chunk}, game {self.case.game}, {self.case.situation.phase}"
        how = "shrunk" if self.shrunk else "as it was"
        if self.shrunk is None and self.case.situation.phase.endswith("M") and found.cause is not Cause.LEGAL_ORDERS:
            how = "not to be seen on a board set up anew, so not shrunk"
        lines = [f"{found.cause} ({found.verdict})", f"  met in {where}; {how}, {shown.phase}:"]
        for power, units in shown.units.items():
            orders = shown.orders.get(power, ())
            lines.append(f"    {power:<8} {', '.join(orders or units)}")
        for power, lost in shown.retreats.items():
            places = [f"{unit} (may retreat to {', '.join(to) or 'nowhere'})" for unit, to in lost.items()]
            lines.append(f"    {power:<8} dislodged: {', '.join(places)}; orders: {shown.orders.get(power, ())}")
        if found.ours:
            lines += [f"    ours:    {found.ours}"]
            lines += [f"    package: {found.theirs}"] if found.theirs else []
            lines += [f"    arbiter: {found.right}"] if found.right else []
        return [*lines, *([f"    {found.detail}"] if found.detail else [])]


@dataclass(frozen=True)
class RulesReport:
    """What a comparison found; counts of all its chunks."""

    against: str
    settings: str
    version: str
    commits: tuple[str, ...]
    """Of the sources that played the chunks."""
    code: str
    """Fingerprint of the compiled rules, the players, the arbiter and the package."""
    arbiter: str | None
    """Name of its file; None: there was none."""
    games: int
    phases: Mapping[str, int]
    """Phases compared, by kind: M, R, A."""
    by_play: Mapping[str, tuple[int, int]]
    """Kind of play -> movement phases compared, and those that differ."""
    years: Mapping[str, int]
    """Movement phases by year."""
    legal_phases: int
    legal_orders: int
    tallies: tuple[Tally, ...]
    """Phases that differ, by cause and verdict."""
    examples: tuple[Example, ...]
    """One for each cause and verdict; of open ones, several."""
    our_step_s: float
    """CPU time, as below."""
    rival_step_s: float
    our_legal_s: float
    rival_legal_s: float
    seconds: float
    """CPU time in all."""

    @property
    def differing(self) -> int:
        """Phases that differ."""
        return sum(tally.phases for tally in self.tallies)

    @property
    def open(self) -> int:
        """Differences that speak against our rules, or that nobody has explained or judged."""
        return sum(t.phases for t in self.tallies if Finding(t.cause, t.verdict, "").is_open)

    @property
    def step_ratio(self) -> float:
        """How many times faster our step is than set orders and process, both from Python."""
        return self.rival_step_s / self.our_step_s if self.our_step_s else 0.0

    @property
    def legal_ratio(self) -> float:
        """The same for listing all legal orders."""
        return self.rival_legal_s / self.our_legal_s if self.our_legal_s else 0.0

    def lines(self) -> list[str]:
        """The report in words."""
        kinds = ", ".join(f"{self.phases.get(kind, 0)} {name}" for kind, name in _KINDS.items())
        by_play = "; ".join(
            f"{play}: {differing} of {phases} movement phases differ ({100 * differing / phases:.2f} %)"
            for play, (phases, differing) in self.by_play.items()
        )
        causes = sorted(_totals((t.cause, t.phases) for t in self.tallies).items(), key=lambda item: -item[1])
        verdicts = _totals((t.verdict, t.phases) for t in self.tallies)
        return [
            f"our rules against {self.against}: {self.settings}",
            f"cicero-lite {self.version}, commit {' and '.join(self.commits)}, code {self.code}, "
            + (f"arbiter {self.arbiter}" if self.arbiter else "no arbiter: tests/engine/arbiter.py is not there"),
            f"{sum(self.phases.values())} phases compared ({kinds}) in {self.games} games; "
            f"half of the movement phases in {_median(self.years)} or later",
            by_play,
            f"differing phases, by cause: {self.differing}",
            *(f"  {phases} phases: {cause}" for cause, phases in causes),
            *(f"  {verdicts[verdict]} times {verdict}" for verdict in Verdict if verdict in verdicts),
            f"open differences: {self.open}",
            *self._speed(),
            *(line for example in self.examples for line in ["", *example.lines()]),
        ]

    def _speed(self) -> list[str]:
        lines = []
        if self.legal_phases:
            wrong = _totals((t.cause, t.phases) for t in self.tallies)[Cause.LEGAL_ORDERS]
            lines.append(
                f"legal orders: {self.legal_orders} in {self.legal_phases} phases compared, {wrong} phases differ; "
                f"listed {self.legal_ratio:.0f} times as fast"
            )
        phases = max(sum(self.phases.values()), 1)
        lines.append(
            f"step: {self.step_ratio:.0f} times as fast ({1e6 * self.our_step_s / phases:.1f} us against "
            f"{1e6 * self.rival_step_s / phases:.0f} us); {phases / max(self.seconds, 1e-9):.0f} phases "
            f"compared a second of one core"
        )
        return lines


def report_on(
    chunks: Sequence[Chunk],
    find: Find,
    *,
    against: str,
    settings: str,
    version: str,
    commits: tuple[str, ...],
    code: str,
    arbiter: str | None,
) -> RulesReport:
    """Adds chunks up and shrinks their first cases with ``find``; in the order given, so the same for the same."""
    tallies = _totals(((t.cause, t.verdict), t.phases) for chunk in chunks for t in chunk.tallies)
    return RulesReport(
        against,
        settings,
        version,
        commits,
        code,
        arbiter,
        sum(chunk.games for chunk in chunks),
        _totals(item for chunk in chunks for item in chunk.phases.items()),
        _by_play(chunks),
        dict(sorted(_totals(item for chunk in chunks for item in chunk.years.items()).items())),
        sum(chunk.legal_phases for chunk in chunks),
        sum(chunk.legal_orders for chunk in chunks),
        tuple(Tally(cause, verdict, phases) for (cause, verdict), phases in sorted(tallies.items())),
        tuple(_examples(chunks, find)),
        sum(chunk.our_step_s for chunk in chunks),
        sum(chunk.rival_step_s for chunk in chunks),
        sum(chunk.our_legal_s for chunk in chunks),
        sum(chunk.rival_legal_s for chunk in chunks),
        sum(chunk.seconds for chunk in chunks),
    )


_ELSEWHERE = (Cause.LEGAL_ORDERS, Cause.RETREATS, Cause.BUILDS, Cause.FOLLOW_UP)
"""Causes that are no differences of a movement phase."""


def _by_play(chunks: Sequence[Chunk]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for play in Play:
        own = [chunk for chunk in chunks if chunk.play is play]
        differing = sum(t.phases for chunk in own for t in chunk.tallies if t.cause not in _ELSEWHERE)
        if own:
            found[play.value] = (sum(chunk.phases.get("M", 0) for chunk in own), differing)
    return found


def _examples(chunks: Sequence[Chunk], find: Find) -> list[Example]:
    shown: Counter[tuple[Cause, Verdict]] = Counter()
    examples = []
    for case in (case for chunk in chunks for case in chunk.cases):
        key = (case.finding.cause, case.finding.verdict)
        if shown[key] >= (KEPT_OPEN if case.finding.is_open else 1):
            continue
        shown[key] += 1
        shrunk = None if case.finding.cause in _ELSEWHERE else shrink(case.situation, case.finding, find)
        examples.append(Example(case, *((None, case.finding) if shrunk is None else shrunk)))
    # What speaks against us comes last, where a terminal shows it.
    return sorted(examples, key=lambda example: (example.finding.is_open, example.finding.cause))


def _totals(counts: Iterable[tuple[_Key, int]]) -> Counter[_Key]:
    total: Counter[_Key] = Counter()
    for key, count in counts:
        total[key] += count
    return total


def _median(years: Mapping[str, int]) -> str:
    """The year by which half of the phases were played."""
    seen = 0
    for year, count in years.items():
        seen += count
        if 2 * seen >= sum(years.values()):
            return year
    return "none"
