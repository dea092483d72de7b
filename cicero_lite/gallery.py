"""Makes a gallery of games: an index, and a replay of each, that need nothing but each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cicero_lite.config import load_file_as
from cicero_lite.gallery_cards import Caption, GalleryError, card_of
from cicero_lite.inspection import open_record
from cicero_lite.output import check_folder, write_files
from cicero_lite.view import replay_of
from cicero_lite.web.gallery import gallery_html

INDEX = "index"


@dataclass(frozen=True)
class Captions:
    """A file of captions."""

    title: str = "Gallery of games"
    """Of the whole gallery."""
    about: str = ""
    """What is to be seen in it."""
    games: Mapping[str, Caption] = field(default_factory=dict)
    """By the name of a game's folder, or of its file without the ending."""


def write_gallery(paths: Sequence[Path], out: Path, captions: Path | None = None) -> list[Path]:
    """Writes ``index.html`` and a replay of each game, and returns all of them.

    Args:
        paths: folders that `cicero-lite play` wrote, or saved games; they are shown in this order.
        out: the folder to write into; what is there already is replaced if it has the same name.
        captions: a YAML file of `Captions`.

    Raises:
        GameFileError, EventLogError, InspectionError: a game or its log cannot be read.
        ConfigError: the file of captions cannot be read.
        GalleryError: two games have one name, a caption is of none of them, or what it picks is not in its game.
        OutputError: the folder cannot be written.
    """
    check_folder(out)
    written = Captions() if captions is None else load_file_as(Captions, captions)
    named = _named(paths)
    if unknown := sorted(set(written.games) - set(named)):
        raise GalleryError(f"{captions}: no game {unknown[0]!r}: expected one of {', '.join(sorted(named))}")
    pages, cards = {}, []
    for name, path in named.items():
        record = open_record(path)
        pages[f"{name}.html"] = replay_of(record.game, record.events)
        cards.append(card_of(record, f"{name}.html", written.games.get(name, Caption())))
    pages = {f"{INDEX}.html": gallery_html(written.title, written.about, cards)} | pages
    write_files(out, pages)
    return [out / name for name in pages]


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    """The games by what their replays will be called."""
    named: dict[str, Path] = {}
    for path in paths:
        whole = path.absolute()
        name = re.sub(r"[^\w.-]+", "_", whole.name if path.is_dir() else whole.stem)
        if name in named or name == INDEX:
            there = f"{named[name]}" if name in named else "the index"
            raise GalleryError(f"{path} and {there} would both be {name}.html: rename one of them")
        named[name] = path
    return named


__all__ = ["Captions", "write_gallery"]
