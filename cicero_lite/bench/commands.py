"""``cicero-lite bench``: a command for each benchmark; parses, measures, prints."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cicero_lite.bench import live_commands, message_commands
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

app = typer.Typer(
    help="Measure a part: rules, planner, agreement with people, reader, lies, language model, talk, live play, speed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Policy = Annotated[str, typer.Option(help="Anchor: rules, network, or a network's file.", metavar="POLICY")]
Value = Annotated[str, typer.Option(help="Value: threat, network, or a network's file.", metavar="VALUE")]


_TESTS = Path("tests") / "dialogue"  # of the source tree, whose root is the folder to run this in
_CASES, _POSITIONS = _TESTS / "reader_cases.jsonl", _TESTS / "reader_positions.json"
_LABELS = _TESTS / "press_labels.jsonl"
_PERFT = Path("tests") / "engine" / "perft"


@app.command()
def rules(
    phases: Annotated[int, typer.Option(help="Movement phases to play.", metavar="NUMBER")] = 2000,
    seed: Seed = 0,
    play: Annotated[str, typer.Option(help="Orders drawn: uniform, coherent or both.", metavar="KIND")] = "both",
    coherent: Annotated[bool, typer.Option("--coherent", help="The same as --play coherent.")] = False,
    against: Annotated[
        str, typer.Option(help="Compare with: package (the arbiter judges), or arbiter.", metavar="RULES")
    ] = "package",
    until: Annotated[int, typer.Option(help="Last year of a game.", metavar="YEAR")] = 1915,
    legal_every: Annotated[
        int, typer.Option(help="Compare the legal orders in every so many phases; 0: never.", metavar="NUMBER")
    ] = 1,
    jobs: Annotated[int, typer.Option(help="Processes to play in.", metavar="NUMBER")] = 1,
    log: Annotated[
        Path | None, typer.Option(help="Keep what is done; the same command goes on from there.", metavar="FILE")
    ] = None,
    arbiter: Annotated[
        Path | None, typer.Option(help="Default: tests/engine/arbiter.py of the source tree.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play random games on our rules and others side by side; exit status 1 if a difference stays open."""
    from cicero_lite.bench.rules import Against, Play, Settings, compare_rules
    from cicero_lite.bench.rules_progress import showing

    chosen = choice(Play, "--play", "coherent" if coherent and play == "both" else play)
    if coherent and chosen is not Play.COHERENT:
        raise BenchError(f"--coherent is --play coherent, but --play {play} was given, too")
    against_what = choice(Against, "--against", against)
    settings = Settings(phases, chosen, seed, against_what, until, legal_every, arbiter)
    with showing(phases) as progress:
        found = compare_rules(settings, jobs, log, progress)
    show_result(found, found.lines(), as_json)
    if found.open:
        raise typer.Exit(1)


@app.command()
def games(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Games (.jsonl, .jsonl.gz, .json); default: the public ones of ../shared/data."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play stored games again by our rules, phase by phase; exit status 1 if a difference is not known to the data."""
    from cicero_lite.bench.games import replay_files

    found = replay_files(files or [GAMES / f"games-{part}.jsonl.gz" for part in ("train", "validation")])
    show_result(found, found.lines(), as_json)
    if found.unknown:
        raise typer.Exit(1)


@app.command()
def perft(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of cases; default: those of tests/engine/perft.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Put what is counted now into the files.")] = False,
    limit: Annotated[int, typer.Option(help="Joint orders of one count, at most.", metavar="NUMBER")] = 10_000_000,
    as_json: AsJson = False,
) -> None:
    """Try all joint orders of small positions and count what happens; exit status 1 if a count has changed."""
    from cicero_lite.bench.perft import measure, read_file, write_file

    paths = files or sorted(_PERFT.glob("*.txt"))
    if not paths:
        raise BenchError(f"no cases in {_PERFT}; expected to run in the root of the source tree, or files to be named")
    if limit < 1:
        raise BenchError(f"--limit: expected 1 or more, got {limit}")
    read = [read_file(path) for path in paths]
    found = measure((case for file in read for case in file.cases), limit)
    if write:
        counted = iter(found.cases)
        for file in read:
            write_file(file, [next(counted).case for _ in file.cases])
    show_result(found, found.lines(), as_json)
    if found.differences and not write:
        raise typer.Exit(1)


@app.command("engine")
def engine_speed(
    games: Annotated[int, typer.Option(help="Random games of each of the two kinds.", metavar="NUMBER")] = 40,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option(help="Of the batch; 0: one for each core.", metavar="NUMBER")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Only see that it works, in a few seconds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Time the rules, and the diplomacy package by turns, over the same positions and orders."""
    from rich.console import Console

    from cicero_lite.bench.engine import Settings, measure_engine
    from cicero_lite.bench.engine_report import show

    with Console(stderr=True).status("") as status:
        found = measure_engine(Settings(games, seed, threads, quick), status.update)
    if as_json:
        show_result(found, [], as_json)
    else:
        show(found, Console())


@app.command("planner")
def planner_speed(
    policy: Policy = "network",
    value: Value = "network",
    positions: Annotated[int, typer.Option(help="Positions to plan in.", metavar="NUMBER")] = 7,
    threads: Annotated[int, typer.Option(help="0: one for each core.", metavar="NUMBER")] = 0,
    seed: Seed = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Only see that it works, in a few seconds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Time whole plans stage by stage, the values, and the policy network, on positions from the middle of games."""
    from rich.console import Console

    from cicero_lite.bench.planner import Settings, measure_planner
    from cicero_lite.bench.planner_report import show

    with Console(stderr=True).status("") as status:
        found = measure_planner(Settings(policy, value, positions, threads, seed, quick), status.update)
    if as_json:
        show_result(found, [], as_json)
    else:
        show(found, Console())


@app.command()
def words(
    data: Annotated[
        Path | None,
        typer.Option(help="Games with talk, one a line; default: the held-back public ones.", metavar="FILE"),
    ] = None,
    policy: Policy = "network",
    config: ConfigFiles = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one setting, as of the reader or the credences."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Also compare the scores of a language model that knows intents: folder or hub name.", metavar="MODEL"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how much talk tells of the orders that people then give, beside the board alone."""
    from rich.console import Console

    from cicero_lite.bench.words import measure
    from cicero_lite.bench.words_report import show
    from cicero_lite.config import load_config
    from planner.models import load_source

    agent = load_config(config or (), settings or ()).agent
    games, source = data or GAMES / "games-validation.jsonl.gz", load_source(policy)
    if model is None:
        found = measure(games, source, policy, agent)
    else:
        from cicero_lite.bench.word_scores import load_scorer, scored

        scorer = load_scorer(model)
        with counting_bar("cases") as reached:
            found = measure(games, source, policy, agent, partial(scored, model=scorer, reached=reached))
    if as_json:
        show_result(found, [], as_json)
    else:
        show(found, Console())


@app.command()
def people(
    data: Annotated[
        Path, typer.Option(help="Folder of the public games; the held-back ones are used.", metavar="DIR")
    ] = GAMES,
    policy: Policy = "network",
    value: Value = "threat",
    lambdas: Annotated[
        str | None,
        typer.Option(
            help="Prices, with commas; default: nine from 0 to 1. The anchor comes by itself.", metavar="VALUES"
        ),
    ] = None,
    limit: Annotated[int, typer.Option(help="Most movement phases, drawn at random; 0: all.", metavar="NUMBER")] = 0,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Draw it: .png, .svg or .pdf.", metavar="FILE")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the search with people's orders in held-back games, at one price of leaving the anchor after another."""
    from rich.console import Console

    from cicero_lite.arena.plot import check_picture
    from cicero_lite.bench.people import LAMBDAS, Settings, compare
    from cicero_lite.bench.people_report import draw, show

    if out is not None:
        check_picture(out)
    prices = LAMBDAS if lambdas is None else _numbers("--lambdas", lambdas)
    settings = Settings(policy, value, prices, limit, seed)
    with counting_bar("movement phases") as reached:
        found = compare(data, settings, reached)
    if out is not None:
        draw(found, out)
    if as_json:
        show_result(found, [], as_json)
    else:
        show(found, Console())


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise BenchError(f"{option}: expected numbers with commas between them, got {text!r}") from None


@app.command()
def press(
    events: Annotated[Path, typer.Argument(help="The events.jsonl of a game.", metavar="EVENTS")],
    as_json: AsJson = False,
) -> None:
    """Count the talks of a game: messages, drafts that each filter rejected, promises kept."""
    from cicero_lite.arena.log import read_events
    from cicero_lite.bench.press import count

    found = count(read_events(events))
    show_result(found, found.lines(), as_json)


@app.command()
def wording(
    count: Annotated[int, typer.Option(help="Random plans of each kind.", metavar="NUMBER")] = 60,
    seed: Seed = 0,
) -> None:
    """Read the grammar's sentences back: how many say their plan, and how many also pass for a changed plan."""
    import numpy as np

    from cicero_lite.bench.wording import measure

    found = measure(count, np.random.default_rng(seed))
    tried = sum(found.tried.values())
    print(f"{tried} random acts worded once: {100 * found.share:.2f} % read back as planned")
    for kind, number in found.tried.items():
        if found.faithful[kind] < number:
            print(f"  {kind.value:<16} {found.faithful[kind]} of {number}")
    print(f"{found.accepted_wrongly} of {found.changed} also passed for a plan changed in polarity, order or place")


@app.command()
def reader(
    cases: Annotated[Path, typer.Option(help="Labelled messages.", metavar="FILE")] = _CASES,
    positions: Annotated[Path, typer.Option(help="The positions they were written on.", metavar="FILE")] = _POSITIONS,
    labels: Annotated[
        Path, typer.Option(help="Labels of people's messages in public games.", metavar="FILE")
    ] = _LABELS,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the public games; default: ../shared/data, where it is there.", metavar="DIR"),
    ] = None,
    games: Annotated[
        Path | None,
        typer.Option(help="The public games of the labels; default: those held back, in that folder.", metavar="FILE"),
    ] = None,
    by_rules: Annotated[
        bool, typer.Option("--rules", help="Read people's messages by the rules alone, as our own drafts are.")
    ] = False,
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Also compare with AMR and DAIDE of labelled press; half a minute.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read messages that the grammar did not write: made ones, people's, and, if asked, annotated press."""
    from rich.console import Console

    from cicero_lite.bench.games import HELD_BACK
    from cicero_lite.bench.reader_report import measure_reader, show

    for path in (cases, positions, labels):
        if not path.is_file():
            raise BenchError(
                f"no such file: {path}; expected labelled messages, as in tests/dialogue of the source tree"
            )
    folder = data or GAMES
    told = games is not None
    games = games or folder / HELD_BACK
    if data is None and not told and not annotations and not games.is_file():
        games = None
    found = measure_reader(cases, positions, labels, games, folder if annotations else None, by_rules)
    if as_json:
        show_result(found, [], as_json)
        return
    show(found, Console())
    if games is None:
        print(f"people's messages are not measured: no {folder / HELD_BACK}; --data names another folder")


@app.command()
def lies(
    file: Annotated[
        Path | None,
        typer.Argument(help="Labelled press (.jsonl, .jsonl.gz); default: the held-back part.", metavar="FILE"),
    ] = None,
    games: Annotated[
        list[Path] | None,
        typer.Option(help="Public games with the boards of its messages; default: those beside it.", metavar="FILE"),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="Models that `python -m training lies` made; default: the shipped.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell lies from truths in messages that their senders judged, beside those who read them at the time."""
    from rich.console import Console

    from cicero_lite.bench.lies import measure_lies
    from cicero_lite.bench.lies_report import show
    from cicero_lite.bench.truths import load_truths, with_stakes
    from cicero_lite.stakes import UNSEARCHED
    from dialogue.lies import load, shipped_models
    from planner.models import load_evaluator

    path = file or GAMES / "press-labelled-validation.jsonl.gz"
    beside = [path.parent / f"games-{part}.jsonl.gz" for part in ("train", "validation")]
    judged = load_truths(path, games if games is not None else [its for its in beside if its.is_file()])
    models = shipped_models() if weights is None else load(weights)
    with counting_bar("messages") as reached:
        judged = with_stakes(judged, UNSEARCHED, load_evaluator(UNSEARCHED), reached)
    found = measure_lies(path, judged, models)
    if as_json:
        show_result(found, [], as_json)
    else:
        show(found, Console())


@app.command()
def dialogue(
    plans: Annotated[int, typer.Option(help="Random speech plans to word.", metavar="NUMBER")] = 200,
    seed: Seed = 0,
    model: Annotated[
        str | None, typer.Option(help="Another language model's folder or hub name.", metavar="MODEL")
    ] = None,
    adapter: Annotated[str | None, typer.Option(help="Folder of a LoRA adapter for it.", metavar="FOLDER")] = None,
    device: Annotated[str, typer.Option(help="Where it runs: cpu, cuda, mps.", metavar="DEVICE")] = "cpu",
    precision: Annotated[str, typer.Option(help="Of its weights: auto, fp32, bf16, 8bit.", metavar="KIND")] = "auto",
    human: Annotated[
        Path | None,
        typer.Option(help="Public games (.jsonl.gz) to compare with; default: those held back.", metavar="FILE"),
    ] = None,
    messages: Annotated[int, typer.Option(help="Messages of people's to predict, at most.", metavar="NUMBER")] = 200,
    as_json: AsJson = False,
) -> None:
    """Word random plans with the language model and read them back; predict people's messages; time it all."""
    from cicero_lite.bench.dialogue import measure
    from dialogue.language_model import SHIPPED_WEIGHTS, Precision
    from dialogue.lm import LocalModel

    if plans < 1:
        raise BenchError(f"--plans: expected 1 or more, got {plans}")
    held_back = GAMES / "games-validation.jsonl.gz"
    games = human or (held_back if held_back.is_file() else None)
    kind = choice(Precision, "--precision", precision)
    loaded = LocalModel.load(model or SHIPPED_WEIGHTS, adapter, device, kind)
    found = measure(plans, seed, loaded, games, messages)
    show_result(found, found.lines(), as_json)


@app.command()
def talks(
    seeds: Annotated[int, typer.Option(help="Games, one for each seed.", metavar="NUMBER")] = 20,
    seed: Annotated[int, typer.Option(help="The first one.", metavar="NUMBER")] = 0,
    until: Annotated[int, typer.Option(help="Last year played.", metavar="YEAR")] = 1901,
    out: Annotated[
        Path | None, typer.Option(help="Page to write, in Markdown; default: print it.", metavar="FILE")
    ] = None,
    config: ConfigFiles = None,
    settings: Settings = None,
) -> None:
    """Play games of seven agents; write down the talk of one pair of each, unselected, with what stands behind it."""
    import shlex

    from cicero_lite.bench.talks import markdown
    from cicero_lite.bench.talks import talks as converse
    from cicero_lite.config import load_config
    from cicero_lite.output import check_folder, write_files
    from cicero_lite.progress import CountingBars

    if seeds < 1:
        raise BenchError(f"--seeds: expected 1 or more, got {seeds}")
    if out is not None:
        check_folder(out.parent)
    resolved = load_config(config or (), settings or (), [("--until", {"play": {"until": until, "seed": seed}})])
    words = ["cicero-lite", "bench", "talks", "--seeds", str(seeds), "--seed", str(seed), "--until", str(until)]
    words += [word for path in config or () for word in ("--config", str(path))]
    words += [word for setting in settings or () for word in ("--set", setting)]
    words += [] if out is None else ["--out", str(out)]
    counting = CountingBars()
    with counting.bars:
        line = counting.bars.add_task("games", total=seeds)
        found = converse(resolved, seeds, lambda done: counting.reached(line, done, seeds))
    page = markdown(found, shlex.join(words))
    if out is None:
        print(page, end="")
    else:
        write_files(out.parent, {out.name: page})
        print(out)


for command in (
    message_commands.consistency,
    message_commands.filters,
    message_commands.steering,
    message_commands.pairs,
    message_commands.tally,
    message_commands.honesty,
    message_commands.attacks,
    message_commands.truth,
    message_commands.recall,
    live_commands.soak,
    live_commands.capacity,
    live_commands.table,
):
    app.command()(command)
