"""The benchmarks of what agents write: whether it is what they mean, follows what they mean, pleases, and is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cicero_lite.bench.options import (
    GAMES,
    AsJson,
    BenchError,
    ConfigFiles,
    Seed,
    Settings,
    choice,
    counting_bar,
    show_result,
)

if TYPE_CHECKING:
    from cicero_lite.config import Config

Model = Annotated[str | None, typer.Option(help="Another language model's folder or hub name.", metavar="MODEL")]
Adapter = Annotated[str | None, typer.Option(help="Folder of a LoRA adapter for it.", metavar="FOLDER")]
Device = Annotated[str | None, typer.Option(help="Where it runs: cpu, cuda, mps; default: cpu.", metavar="DEVICE")]
Precision = Annotated[
    str | None, typer.Option(help="Of its weights: auto, fp32, bf16, 8bit; default: auto.", metavar="KIND")
]
Data = Annotated[
    Path | None,
    typer.Option(help="Public games (.jsonl.gz) to write in; default: those held back, if there.", metavar="FILE"),
]
Until = Annotated[int, typer.Option(help="Last year of a game of self-play.", metavar="YEAR")]


def consistency(
    messages: Annotated[
        int, typer.Option(help="To be written, half in self-play, half from people's seats.", metavar="NUMBER")
    ] = 1000,
    seed: Seed = 0,
    until: Until = 1902,
    model: Model = None,
    adapter: Adapter = None,
    device: Device = None,
    precision: Precision = None,
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every candidate, judged, as JSON lines.", metavar="FILE")
    ] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Have agents write, and read whether the orders that each message proposes are those of its intent."""
    from cicero_lite.bench.consistency import cases, json_lines, measure
    from cicero_lite.output import check_folder, write_files

    _at_least_one("--messages", messages)
    if out is not None:
        check_folder(out.parent)
    resolved = _config(config, settings, seed, until, model, adapter, device, precision)
    with counting_bar("messages") as reached:
        found, judged = measure(resolved, messages, seed, _games(data, as_json), reached)
    if out is not None:
        write_files(out.parent, {out.name: json_lines(judged)})
    show_result(found, [*found.lines(), *cases(judged)], as_json)


def steering(
    pairs: Annotated[int, typer.Option(help="Pairs of messages to be written.", metavar="NUMBER")] = 200,
    seed: Seed = 0,
    until: Until = 1902,
    model: Model = None,
    adapter: Adapter = None,
    device: Device = None,
    precision: Precision = None,
    data: Data = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Have each message written twice, meaning one thing and another; read whether it changed accordingly."""
    from cicero_lite.bench.steering import measure_steering

    _at_least_one("--pairs", pairs)
    resolved = _config(config, settings, seed, until, model, adapter, device, precision)
    with counting_bar("pairs") as reached:
        found = measure_steering(resolved, pairs, seed, _games(data, as_json), reached)
    show_result(found, found.lines(), as_json)


def filters(
    messages: Annotated[
        int, typer.Option(help="Real messages of people, of each game one in turn.", metavar="NUMBER")
    ] = 400,
    per_kind: Annotated[int, typer.Option(help="Spoilt messages of each kind, at most.", metavar="NUMBER")] = 100,
    self_play: Annotated[
        int, typer.Option(help="Messages of our agents, from a game among themselves; 0: none.", metavar="NUMBER")
    ] = 60,
    seed: Seed = 0,
    games: Annotated[
        Path | None,
        typer.Option(
            help="Games with press (.jsonl[.gz], or a saved game); default: those held back, if there.", metavar="FILE"
        ),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Try a filter of yours, too: file.py:function.", metavar="FILTER"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every message tried, with all verdicts, as JSON lines.", metavar="FILE")
    ] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Try the filters on real messages and on spoilt ones: what each stops, alone and in the chain."""
    from cicero_lite.agent import fluency_judge, language_model
    from cicero_lite.bench import filters as bench
    from cicero_lite.bench.games import HELD_BACK
    from cicero_lite.bench.moments import self_play as play_among_themselves
    from cicero_lite.bench.originals import Corpus, own_corpus, public_corpus, read_games
    from cicero_lite.output import check_folder, write_files

    _at_least_one("--messages", messages)
    _at_least_one("--per-kind", per_kind)
    if out is not None:
        check_folder(out.parent)
    resolved = _config(config, settings, seed, 1902, None, None, None, None)
    chain = bench.chain_of([*resolved.agent.filters, *(added or ())])
    held_back = GAMES / HELD_BACK
    place = games or (held_back if held_back.is_file() else None)
    if place is None and self_play < 1:
        raise BenchError(f"expected messages to try: --games, or {held_back}, or --self-play, got none")
    corpus = Corpus(()) if place is None else public_corpus(read_games(place), messages, seed)
    with counting_bar("messages") as reached:
        attempts = play_among_themselves(resolved, seed, self_play) if self_play > 0 else []
        corpus += own_corpus(attempts)
        fluency = fluency_judge(resolved.agent, language_model(resolved.agent))
        found, tried = bench.measure(
            corpus, chain, resolved.agent.filtering, per_kind, seed, attempts, reached, fluency
        )
    if out is not None:
        write_files(out.parent, {out.name: bench.json_lines(tried)})
    show_result(found, found.lines(), as_json)


def pairs(
    out: Annotated[Path, typer.Option(help="Folder for the sheet, the answers and the key.", metavar="DIR")],
    pairs: Annotated[int, typer.Option(help="Pairs of messages on the sheet.", metavar="NUMBER")] = 100,
    against: Annotated[
        str, typer.Option(help="Whose messages ours are compared with: grammar or cicero.", metavar="WHOM")
    ] = "grammar",
    seed: Seed = 0,
    until: Until = 1902,
    model: Model = None,
    adapter: Adapter = None,
    device: Device = None,
    precision: Precision = None,
    data: Data = None,
    config: ConfigFiles = None,
    settings: Settings = None,
) -> None:
    """Write a sheet of messages in pairs, ours and another's for the same moment, to be judged blind."""
    from cicero_lite.bench.pairs import ANSWERS, SHEET, Against, check_new, find_pairs, write_comparison
    from cicero_lite.output import check_folder

    _at_least_one("--pairs", pairs)
    whom = choice(Against, "--against", against)
    check_folder(out)
    check_new(out)
    resolved = _config(config, settings, seed, until, model, adapter, device, precision)
    games = _games(data, whom is Against.CICERO)
    with counting_bar("pairs") as reached:
        found = find_pairs(resolved, whom, pairs, seed, games, reached)
    write_comparison(out, found, resolved, seed)
    print(f"{len(found.pairs)} pairs from {found.moments} moments: read {out / SHEET}, answer in {out / ANSWERS}, then")
    print(f"cicero-lite bench tally {out}")


def tally(
    folder: Annotated[Path, typer.Argument(help="Folder of a comparison, its answers filled in.", metavar="FOLDER")],
    as_json: AsJson = False,
) -> None:
    """Count the answers to a sheet of pairs: wins, losses, ties."""
    from cicero_lite.bench.tally import tally as count

    found = count(folder)
    show_result(found, found.lines(), as_json)


def honesty(
    games: Annotated[int, typer.Option(help="Of each level; a multiple of 7 is fair.", metavar="NUMBER")] = 28,
    until: Annotated[int, typer.Option(help="Last year played.", metavar="YEAR")] = 1904,
    seed: Seed = 0,
    levels: Annotated[
        str | None, typer.Option(help="Levels of honesty, with commas; default: all.", metavar="LEVELS")
    ] = None,
    processes: Annotated[int, typer.Option(help="Play so many games at once.", metavar="NUMBER")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Keep the games here, as JSON lines, and go on from them.", metavar="FILE")
    ] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Play one seat at each level of honesty among six as configured: promises kept, trust, score, with intervals."""
    from cicero_lite.bench.honesty import measure_honesty
    from dialogue.honesty import Honesty

    named = Honesty if levels is None else [choice(Honesty, "--levels", word.strip()) for word in levels.split(",")]
    resolved = _config(config, settings, seed, until, None, None, None, None)
    with counting_bar("games") as reached:
        found = measure_honesty(resolved, list(named), games, processes, out, reached)
    show_result(found, found.lines(), as_json)


def attacks(
    cases: Annotated[
        Path | None, typer.Option(help="Attacks to try; default: those of the project.", metavar="FILE")
    ] = None,
    seed: Seed = 0,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Send hostile messages to an agent that thinks briefly: do orders follow them, does it tell what it must not?"""
    from cicero_lite.bench.attacks import CASES, measure, read_attacks
    from cicero_lite.config import load_config

    file = read_attacks(cases or CASES)
    resolved = load_config(
        config or (), ["agent.search.think=16it", "agent.generation.candidates=2", *(settings or ())]
    )
    with counting_bar("attacks") as reached:
        found = measure(file, resolved, seed, reached)
    show_result(found, found.lines(), as_json)
    if found.all.changed.count or found.all.bound.count or found.all.leaked.count:
        raise typer.Exit(1)


def truth(
    games: Annotated[int, typer.Option(help="Games to be played, one a seed.", metavar="NUMBER")] = 2,
    seed: Seed = 0,
    until: Annotated[int, typer.Option(help="Last year of a game.", metavar="YEAR")] = 1903,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the games here; those finished are not played again.", metavar="DIR")
    ] = None,
    model: Model = None,
    adapter: Adapter = None,
    device: Device = None,
    precision: Precision = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every message, checked, as JSON lines.", metavar="FILE")
    ] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Play games of seven agents; check every message against board, orders, words and open promises."""
    from cicero_lite.bench.truth import json_lines, measure_truth
    from cicero_lite.output import check_folder, write_files

    _at_least_one("--games", games)
    if out is not None:
        check_folder(out.parent)
    resolved = _config(config, settings, seed, until, model, adapter, device, precision)
    with counting_bar("games") as reached:
        found, played = measure_truth(resolved, games, keep, reached)
    if out is not None:
        write_files(out.parent, {out.name: json_lines(played)})
    show_result(found, found.lines(), as_json)


def recall(
    questions: Annotated[int, typer.Option(help="To be asked, 28 at the end of each talk.", metavar="NUMBER")] = 280,
    seed: Seed = 0,
    wordings: Annotated[
        str,
        typer.Option(
            help="Of the questions: known, fresh, unseen, tuning, judging or second (docs/ledger.md).", metavar="WHICH"
        ),
    ] = "known",
    press: Annotated[
        Path | None,
        typer.Option(help="Games: asks nothing, counts people's messages taken to ask.", metavar="FILE"),
    ] = None,
    model: Model = None,
    adapter: Adapter = None,
    device: Device = None,
    precision: Precision = None,
    config: ConfigFiles = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Ask an agent after long talks what was said in them, near and far back, truly and falsely."""
    if press is not None:
        from cicero_lite.bench.press_sample import human_press
        from cicero_lite.bench.recall_press import measure_taken

        taken = measure_taken(human_press(press))
        show_result(taken, taken.lines(), as_json)
        return
    from cicero_lite.bench.recall import measure_recall
    from cicero_lite.bench.recall_talks import wordings_by_name

    sets = wordings_by_name()
    if wordings not in sets:
        raise BenchError(f"--wordings: expected one of {', '.join(sets)}, got {wordings!r}")
    _at_least_one("--questions", questions)
    resolved = _config(config, settings, seed, 1901, model, adapter, device, precision)
    with counting_bar("questions") as reached:
        found, _ = measure_recall(resolved, questions, seed, sets[wordings], reached)
    show_result(found, found.lines(), as_json)


# --- parts -----------------------------------------------------------------------------------------------


def _at_least_one(option: str, number: int) -> None:
    if number < 1:
        raise BenchError(f"{option}: expected 1 or more, got {number}")


def _config(
    files: Sequence[Path] | None,
    settings: Sequence[str] | None,
    seed: int,
    until: int,
    model: str | None,
    adapter: str | None,
    device: str | None,
    precision: str | None,
) -> Config:
    from cicero_lite.config import load_config

    named = {"model": model, "adapter": adapter, "device": device, "precision": precision}
    of_agent: list[tuple[str, dict[str, Any]]] = [
        (f"--{name}", {"agent": {name: value}}) for name, value in named.items() if value is not None
    ]
    of_game: list[tuple[str, dict[str, Any]]] = [
        ("--seed", {"play": {"seed": seed}}),
        ("--until", {"play": {"until": until}}),
    ]
    return load_config(files or (), settings or (), [*of_game, *of_agent])


def _games(data: Path | None, quiet: bool) -> Path | None:
    """The public games; None, and a word of it, where the held-back ones are not there."""
    from cicero_lite.bench.games import HELD_BACK

    held_back = GAMES / HELD_BACK
    if data is not None or held_back.is_file():
        return data or held_back
    if not quiet:
        print(f"self-play alone: no {held_back}; --data names other public games")
    return None
