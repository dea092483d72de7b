"""The speed of the planner as tables."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.bench.engine_batch import PartSpeed
from cicero_lite.bench.planner import CANDIDATES, MIDDLE, PlannerSpeed
from cicero_lite.bench.planner_parts import SAMPLES
from cicero_lite.bench.planner_stages import Stage


def show(found: PlannerSpeed, console: Console) -> None:
    """Prints the tables, and below them what was measured where."""
    console.print(_plans(found))
    console.print(_parts(found))
    for line in _lines(found):
        console.print(line, highlight=False, soft_wrap=True)


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column(first)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _plans(found: PlannerSpeed) -> Table:
    threads = _threads(found.settings.threads)
    table = _table("A plan for seven powers, seconds", "", "1 thread", "share", "by rules", "ratio", threads, "gain")
    alone, rules, whole = found.plan_one_thread, found.plan_by_rules, found.plan
    rows = [("median", alone.plan_s, rules.plan_s, whole.plan_s)]
    rows += [(f"- {stage}", alone.stages_s[stage], rules.stages_s[stage], whole.stages_s[stage]) for stage in Stage]
    rows += [("again after talk, median", alone.again_s, rules.again_s, whole.again_s)]
    rows += [("worst", alone.worst_s, rules.worst_s, whole.worst_s)]
    for label, one, by_rules, many in rows:
        share = f"{100 * one / alone.plan_s:.0f} %" if label == "median" or label.startswith("-") else ""
        table.add_row(
            label, _seconds(one), share, _seconds(by_rules), _ratio(one, by_rules), _seconds(many), _ratio(one, many)
        )
    return table


def _seconds(number: float) -> str:
    return f"{number:.3f}"


def _ratio(number: float, of: float) -> str:
    """Nothing where there is next to nothing to compare."""
    return f"{number / of:.2f}x" if of >= 0.002 else ""


def _threads(count: int) -> str:
    return f"{count} thread{'s' if count > 1 else ''}, wall"


def _parts(found: PlannerSpeed) -> Table:
    threads = found.settings.threads
    table = _table("Parts, a second, best of several", "", "1 thread", _threads(threads), "gain")
    rows: list[tuple[str, PartSpeed]] = [(f"positions valued: {name}", part) for name, part in found.values.items()]
    rows += [(f"joint actions, rules and value: {name}", part) for name, part in found.joint_actions.items()]
    for label, part in rows:
        table.add_row(label, f"{part.per_second_one:,.0f}", f"{part.per_second:,.0f}", f"{part.speedup:.2f}x")
    if (policy := found.policy) is not None:
        table.add_row("policy network: positions encoded", f"{policy.positions_per_s:,.0f}", "", "")
        table.add_row("policy network: joint orders drawn", f"{policy.samples_per_s:,.0f}", "", "")
        table.add_row("policy network: joint orders judged", f"{policy.judged_per_s:,.0f}", "", "")
    return table


def _lines(found: PlannerSpeed) -> list[str]:
    settings, machine, plan = found.settings, found.settings.machine, found.plan
    versions = ", ".join(f"{name} {version}" for name, version in settings.versions.items())
    commit = "none" if settings.commit is None else settings.commit[:10] + (" with changes" if settings.dirty else "")
    load = "unknown" if machine.load_average is None else f"{machine.load_average:.1f}"
    lines = [
        f"plans: anchor {settings.policy}, value {settings.value}, {settings.positions} positions of spring {MIDDLE}, "
        f"{CANDIDATES} candidates drawn a power, {plan.actions:.0f} of all powers in the end, {settings.iterations} "
        f"iterations, {plan.joint_actions:,.0f} joint actions scored outside local search",
        "1 thread: its processor time; by rules: the same with rules of thumb as anchor and the value threat, made by "
        "turns; ratio: to that; gain: of threads, which rules and values share",
        "positions valued: one phase after those, retreats played out first"
        + ("" if found.policy is None else f"; policy network: {SAMPLES} joint orders a power at once"),
        f"{machine.cpu}, {machine.cores} cores, load average {load} at the start",
        f"seed {settings.seed}; {versions}; commit {commit}",
    ]
    if machine.load_average is not None and machine.load_average + settings.threads > machine.cores + 0.5:
        lines.append("Other programs were busy: ratios say more than seconds here, and the gain of threads nothing.")
    if settings.quick:
        lines.append("--quick: one position says little of how fast anything is.")
    return lines
