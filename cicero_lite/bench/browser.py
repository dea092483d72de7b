"""A real browser for tests and measurements of pages: a headless Chromium, driven through its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from cicero_lite.bench.options import BenchError

PATIENCE_S = 180.0
"""How long a condition may take to come true; a machine may be busy."""
_DOMAINS = ("Page", "Runtime", "Log", "Network")


class BrowserError(BenchError):
    """A browser, or a page in it, that does not do what is expected."""


def chromium() -> str | None:
    """Where a Chromium is: what the environment's CHROMIUM names, else what the system has; None: there is none."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


class Tab:
    """One page in the browser; what is done to it, a person could do with mouse and keyboard."""

    def __init__(self, socket: ClientConnection, domains: Sequence[str] = _DOMAINS) -> None:
        """Takes a page over.

        Args:
            socket: to the page.
            domains: of the protocol, of which `events` shall tell.
        """
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        """What the browser told unasked: console messages, exceptions, log entries."""
        for domain in domains:
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """The result of a command of the protocol.

        Raises:
            BrowserError: there is none.
        """
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: expected an answer of the browser, got {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def go(self, url: str) -> None:
        """Opens an address."""
        self.call("Page.navigate", url=url)

    def js(self, expression: str) -> Any:
        """The value of an expression in the page.

        Raises:
            BrowserError: it has none.
        """
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise BrowserError(f"expected a value of {expression[:200]}, got {got['exceptionDetails']}")
        return got["result"].get("value")

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Waits for something to come true, and returns it.

        Raises:
            BrowserError: it never does.
        """
        end = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            if time.monotonic() > end:
                raise BrowserError(f"never seen in the page: {what}")
            time.sleep(0.05)
        return found

    def sees(self, expression: str) -> Any:
        """Waits for an expression in the page to be true."""
        return self.until(lambda: self.js(expression), expression)

    def click(self, selector: str, words: str = "") -> None:
        """Clicks on the middle of the first visible element with these words."""
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})].find((e) => e.textContent.includes("
            f"{json.dumps(words)}) && e.getClientRects().length && !e.disabled)"
        )
        self.sees(f"{find} !== undefined")
        self.js(f"{find}.scrollIntoView({{block: 'center'}})")
        box = self.js(f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({find}.getBoundingClientRect())")
        self.click_at(*box)

    def click_at(self, x: float, y: float) -> None:
        """Clicks where it says, in pixels from the corner of the window."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str, modifiers: int = 0) -> None:
        """Presses a key; modifiers: 2 is Control."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9}
        code = codes.get(key, ord(key[0].upper()))
        written = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        text = {"text": written} if written and not modifiers else {}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, modifiers=modifiers, **text
            )

    def write(self, text: str) -> None:
        """Writes in place of all that stands in the field with the focus."""
        self.js("document.activeElement.select()")
        self.call("Input.insertText", text=text)

    def choose_file(self, selector: str, path: Path) -> None:
        """Chooses a file in a field for files."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.call("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])

    def choose(self, selector: str, value: str) -> None:
        """Chooses an entry of a list."""
        field = f"document.querySelector({json.dumps(selector)})"
        self.js(
            f"{field}.value = {json.dumps(value)}; {field}.dispatchEvent(new Event('change', {{bubbles: true}})); null"
        )
        if self.js(f"{field}.value") != value:
            raise BrowserError(f"{selector}: expected an entry {value}")

    def picture(self, path: Path, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Takes a picture of the page."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


class Browser:
    """A browser that runs."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        """Of its first process."""
        self._port = port

    @contextmanager
    def first_tab(self) -> Iterator[Tab]:
        """The empty page with which it starts; at the end the browser is closed."""
        with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
            pages = client.get(f"http://127.0.0.1:{self._port}/json/list").json()
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        with connect(address, proxy=None, max_size=None, open_timeout=PATIENCE_S) as socket:
            tab = Tab(socket)
            yield tab
            with contextlib.suppress(Exception):
                tab.call("Browser.close")

    @contextmanager
    def window(self, opener: Tab, domains: Sequence[str] = ()) -> Iterator[Tab]:
        """An empty page in a window of its own: all windows are drawn, while of tabs in one window only the first is.

        Args:
            opener: any page of the browser.
            domains: see `Tab`.
        """
        target = opener.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        address = f"ws://127.0.0.1:{self._port}/devtools/page/{target}"
        with connect(address, proxy=None, max_size=None, open_timeout=PATIENCE_S) as socket:
            yield Tab(socket, domains)


@contextmanager
def launched(program: str, folder: Path) -> Iterator[Browser]:
    """A browser, which ends with `with`; the folder keeps its profile.

    Raises:
        BrowserError: it does not start.
    """
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    options += ["--disable-background-networking", "--disable-component-update", "--window-size=1280,900"]
    # Pages of the browser itself, behind the field for addresses, that are drawn all the time.
    options += ["--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup"]
    running = subprocess.Popen(
        [program, *options, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Browser(running.pid, _port(folder / "DevToolsActivePort", running))
    finally:
        running.terminate()
        running.wait()


@contextmanager
def browser(program: str, folder: Path) -> Iterator[Tab]:
    """The one empty page of a new browser; the folder keeps its profile."""
    with launched(program, folder) as started, started.first_tab() as tab:
        yield tab


@contextmanager
def second_tab(folder: Path) -> Iterator[Tab]:
    """Another tab of the browser that keeps its profile in this folder."""
    port = (folder / "DevToolsActivePort").read_text().split()[0]
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        page = client.put(f"http://127.0.0.1:{port}/json/new?about:blank").json()
        with connect(page["webSocketDebuggerUrl"], proxy=None, max_size=None, open_timeout=PATIENCE_S) as socket:
            yield Tab(socket)
        client.get(f"http://127.0.0.1:{port}/json/close/{page['id']}")


@contextmanager
def tab_at(folder: Path, part: str) -> Iterator[Tab]:
    """The tab that a click has opened, in the browser that keeps its profile in this folder: part of its address."""
    port = (folder / "DevToolsActivePort").read_text().split()[0]
    end = time.monotonic() + PATIENCE_S
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        while not (found := [p for p in client.get(f"http://127.0.0.1:{port}/json/list").json() if part in p["url"]]):
            assert time.monotonic() < end, f"never opened: {part}"
            time.sleep(0.05)
        (page,) = found
        with connect(page["webSocketDebuggerUrl"], proxy=None, max_size=None, open_timeout=PATIENCE_S) as socket:
            tab = Tab(socket)
            tab.until(lambda: _is_loaded(tab, part), f"{part} is loaded")
            yield tab
        client.get(f"http://127.0.0.1:{port}/json/close/{page['id']}")


def _is_loaded(tab: Tab, part: str) -> bool:
    """Whether a page of this address is there; between two pages there is nothing to be asked."""
    with contextlib.suppress(AssertionError):
        return bool(tab.js(f"location.href.includes({json.dumps(part)}) && document.readyState === 'complete'"))
    return False


def _port(file: Path, running: subprocess.Popen[bytes]) -> int:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and running.poll() is None:
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        time.sleep(0.05)
    raise BrowserError(f"expected a browser that starts, got exit status {running.poll()}")
