"""Takes the README's pictures of pages, with a Chromium and the games of docs/gallery.

    python docs/images/take.py --runs runs                # all of them
    python docs/images/take.py --runs runs table          # one

``runs`` has the folders that the commands of docs/gallery/README.md make: the inspector and the table go on from their
games, the replay and the gallery are those in docs/gallery.  Agents answer at the table as they like, so that its
picture is another each time.
"""

from __future__ import annotations

import argparse
import base64
import io
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from PIL import Image

from cicero_lite.bench.browser import PATIENCE_S, Tab, browser, chromium
from cicero_lite.config import load_config
from cicero_lite.inspection import open_record
from cicero_lite.web.door import checked_door
from cicero_lite.web.inspector import InspectorServer
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import PERSON, TableSettings
from cicero_lite.web.table.store import TableStore
from engine.types import POWERS, Phase, Power

IMAGES = Path(__file__).resolve().parent
ROOT = IMAGES.parents[1]
SCALE = 2
COLORS = 160
"""Of a picture: few enough for a small file, enough for letters and map."""


def main() -> None:
    """Takes the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(PICTURES), choices=[*PICTURES, []], metavar="NAME")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the games of docs/gallery are")
    given = parser.parse_args()
    program = chromium()
    if program is None:
        parser.error("no Chromium here: apt-get install chromium, or set CHROMIUM")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(program, Path(profile)) as tab:
        tab.call("Emulation.setScrollbarsHidden", hidden=True)
        media = [
            {"name": "prefers-color-scheme", "value": "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        tab.call("Emulation.setEmulatedMedia", features=media)
        for name in given.names:
            PICTURES[name](tab, given.runs)


def replay(tab: Tab, runs: Path) -> None:
    """Why France ordered what it did, and after whose words its plan changed."""
    size(tab, 1320, 960)
    tab.go((ROOT / "docs/gallery/alliance.html").as_uri() + "#S1903M/why/FRANCE")
    tab.sees("document.querySelector('#why .changes') !== null")
    take(tab, "replay")


def gallery(tab: Tab, runs: Path) -> None:
    """The first game of the index."""
    size(tab, 1180, 860)
    tab.go((ROOT / "docs/gallery/index.html").as_uri())
    tab.sees("document.querySelectorAll('section.game').length > 1")
    size(tab, 1180, tab.js("Math.ceil(document.querySelector('section.game').getBoundingClientRect().bottom) + 16"))
    take(tab, "gallery")


def inspector(tab: Tab, runs: Path) -> None:
    """What Turkey would have written if its word had bound it."""
    size(tab, 1320, 860)
    with InspectorServer(open_record(runs / "personas"), checked_door("127.0.0.1", 0, (), None)) as server:
        tab.go(f"{server.url}#{server.token}")
        tab.sees("document.getElementById('tokens') !== null")
        tab.js("location.hash = '#F1906M/talks/198'")
        tab.sees("document.querySelector('.message.sought') !== null")
        tab.click(".message.sought details.why > summary")
        tab.click(".message.sought .look-inside")
        tab.sees("document.querySelectorAll('#inspector .column').length === 1")
        tab.click("#inspector .asking > summary")
        tab.choose("#honesty", "binding")
        tab.click("#what-if .go")
        tab.sees("document.querySelectorAll('#inspector .column').length === 2")
        tab.click("#inspector .asking > summary")
        take(tab, "inspector")


def table(tab: Tab, runs: Path) -> None:
    """France, a person, talks with Germany while its orders are on the map."""
    size(tab, 1320, 860)
    before = set(threading.enumerate())
    seats = dict.fromkeys(POWERS, "cicero") | {Power.FRANCE: PERSON}
    settings = TableSettings(seats, think="16it", seed=7)
    saved = open_record(runs / "alliance").game.at_phase(Phase.parse("S1904M")).to_saved_game()
    with tempfile.TemporaryDirectory() as folder:
        config = load_config((), ["play.rounds=2"])
        rooms = Rooms(TableStore(Path(folder) / "web.sqlite"), config, {})
        with closing(rooms), TableServer(rooms, checked_door("127.0.0.1", 0, (), None)) as server:
            game = rooms.open(settings, saved)
            tab.go(server.url.rstrip("/") + server.link(game, Power.FRANCE))
            tab.sees("document.querySelector('#tokens .token') !== null")
            tab.click("#tab-orders")
            for order in ("A BUR - BEL", "F WES - MAO", "A PIE - TYR", "A BRE H", "A MAR - BUR"):
                tab.click("#order-text")
                tab.write(order)
                tab.press("Enter")
            tab.click("#tab-talks")
            for words in (
                "Shall we work together against England?",
                "Can you support Burgundy to Belgium with Holland?",
            ):
                say(tab, "GERMANY", words)
            # what was clicked is in view; what is around it, too
            tab.js("for (const part of document.querySelectorAll('html, .right, #talks, .talk')) part.scrollTop = 0")
            tab.js("thread.scrollTop = thread.scrollHeight")
            take(tab, "table")
    for agent in set(threading.enumerate()) - before:
        agent.join(PATIENCE_S)  # they think to the end of their turns


def say(tab: Tab, power: str, words: str) -> None:
    """Writes to an agent, and waits for what it answers."""
    tab.click(f'#threads [data-thread="{power}"]')
    heard = f"document.querySelectorAll('#thread .message.{power}').length"
    before = tab.js(heard)
    tab.js("words.focus()")
    tab.write(words)
    tab.press("Enter")
    tab.sees(f"{heard} > {before}")


def size(tab: Tab, width: int, height: int) -> None:
    """The window, in pixels of CSS."""
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=SCALE, mobile=False)


def take(tab: Tab, name: str) -> None:
    """Writes what is in the window."""
    shown = Image.open(io.BytesIO(base64.b64decode(tab.call("Page.captureScreenshot")["data"]))).convert("RGB")
    few = shown.quantize(COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    file = IMAGES / f"{name}.png"
    few.save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {few.width} x {few.height}, {file.stat().st_size / 1000:.0f} kB")


PICTURES: Mapping[str, Callable[[Tab, Path], None]] = {
    "replay": replay,
    "gallery": gallery,
    "inspector": inspector,
    "table": table,
}

if __name__ == "__main__":
    main()
