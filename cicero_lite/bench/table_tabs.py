"""Tabs at the seats of tables: what a person does in them by mouse and keyboard, and what they showed, and when."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources

from cicero_lite.bench.browser import BrowserError, Tab
from engine.types import Power

DOMAINS = ("Page", "Runtime")
"""Of the browser's protocol that a tab needs."""
SHOWN_MS = 60_000
"""How long a tab waits to be shown what was done in it; then that counts as lost."""


class Did(StrEnum):
    """What a person does in a tab."""

    ORDER = "order"
    """A click where a unit goes, shown when the order stands in the list and on the board."""
    MESSAGE = "message"
    """Enter below what was written, shown when it stands in the talk as one that the server has."""
    STEP = "phase"
    """A click that goes one phase back, shown when the board of that phase is."""


@dataclass(frozen=True)
class Note:
    """Something that happened in a page."""

    what: str
    at: float
    """Milliseconds since 1970, on one clock for all tabs; of what is shown, when its frame was painted."""
    value: str = ""
    ms: float = 0.0
    """How long it took."""
    served: float = 0.0
    """Of a request, milliseconds from the sending to the first byte of the answer."""
    sent: float = 0.0
    """Of a request, when it was sent, as `at`."""
    bytes: int = 0
    """Of an answer."""


@dataclass(frozen=True)
class Act:
    """Something that a person did."""

    did: Did
    value: str
    """The order's or the message's text; of a step, the phase that was at hand."""
    at: float
    """When it was about to be done, as `Note.at`."""


@dataclass
class SeatedTab:
    """A tab at a seat; others may be at the same one."""

    tab: Tab
    game: int = 0
    units: Sequence[str] = ()
    """Where the units stand that are ordered in this tab."""
    recipient: str = ""
    """The power that is written to in it."""
    acts: list[Act] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        script = resources.files("cicero_lite.bench").joinpath("table_watch.js").read_text(encoding="utf-8")
        self.tab.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def sit(self, address: str, game: int, recipient: Power, units: Sequence[str]) -> None:
        """Opens a seat's page, and the talk with a power; what was done and noted before is forgotten."""
        self.game, self.units, self.recipient, self.acts, self.notes = game, units, recipient.value, [], []
        self.tab.go("about:blank")
        self.tab.go(address)
        self.tab.sees(
            "document.getElementById('all')?.hidden === false && document.querySelector('#tokens .token') !== null"
        )
        self.tab.click(f'#threads [data-thread="{recipient}"]')

    # --- what a person does --------------------------------------------------------------------------------

    def another_order(self, rng: random.Random) -> str:
        """Picks one of the units by a click; an order, not the one it has, that a click on the board gives it."""
        self.pick(rng.choice(self.units))
        labels: list[str] = self.tab.js(
            "[...document.querySelectorAll('#goals path')].map((e) => e.getAttribute('aria-label'))"
        )
        orders = [order for label in labels if (order := label.partition(": ")[2]) != "choose"]
        rng.shuffle(orders)
        for order in orders:
            if order != self.ordered(order.split()[1][:3]) and self._spot(_goal(order)) is not None:
                return order
        raise BrowserError(f"expected an order that a click gives to one of {', '.join(self.units)}, got none")

    def pick(self, unit: str) -> None:
        """Picks the unit in a place."""
        self.tab.press("Escape")
        self._click(f"document.querySelector('#tokens .mine[data-at=\"{unit}\"]')")

    def ordered(self, unit: str) -> str:
        """The order of a unit that the list shows."""
        return str(self.tab.js(f"document.querySelector('#orders select[data-unit={unit}]')?.value ?? ''"))

    def order(self, order: str) -> None:
        """Clicks where the picked unit goes by this order."""
        self._do(Did.ORDER, order, lambda: self._click(_goal(order)))

    def say(self, text: str) -> None:
        """Writes a message and sends it with Enter."""
        self._click("document.getElementById('words')")
        self.tab.write(text)
        self._do(Did.MESSAGE, text, lambda: self.tab.press("Enter"))

    def is_shown(self, did: Did) -> bool:
        """Waits for what was done last of this kind to be shown; whether it is in time."""
        return bool(self.tab.js(f"tableWatch.awaited['{did}']"))

    def await_link(self) -> None:
        """Waits until the page has no word of a lost connection, or for as long as `is_shown` would."""
        end = time.monotonic() + SHOWN_MS / 1000
        while self.tab.js("document.getElementById('link').textContent") and time.monotonic() < end:
            time.sleep(0.1)

    def step(self) -> None:
        """Goes a phase back, and to the phase at hand again."""
        title = self.tab.js("document.getElementById('phase').textContent")
        self.acts.append(Act(Did.STEP, title, _now()))
        self._click("document.getElementById('back')")
        self.tab.sees(f"document.getElementById('phase').textContent !== {json.dumps(title)}")
        self._click("document.getElementById('now')")
        self.tab.sees("document.getElementById('now').disabled")

    def _do(self, did: Did, value: str, act: Callable[[], None]) -> None:
        self.tab.js(f"tableWatch.awaited['{did}'] = tableWatch.shows('{did}', {json.dumps(value)}, {SHOWN_MS}); null")
        self.acts.append(Act(did, value, _now()))
        act()

    def _click(self, element: str) -> None:
        spot = self.tab.until(lambda: self._spot(element), f"{element}, to click on")
        self.tab.click_at(*spot)

    def _spot(self, element: str) -> list[float] | None:
        found: list[float] | None = self.tab.js(f"((e) => e && tableWatch.spot(e))({element})")
        return found

    # --- what the page showed ------------------------------------------------------------------------------

    def take_notes(self) -> None:
        """Takes what the page has noted since it was asked last."""
        self.notes += [Note(**note) for note in self.tab.js("tableWatch.taken()")]

    def shown(self, did: Did, value: str, since: float) -> float | None:
        """When something was shown first after a moment; None: it was not."""
        return self.first(did, since, lambda note: did is Did.STEP or note.value == value)

    def begun(self, act: Act) -> float | None:
        """When the page got the click or the key of an act."""
        return self.first("keydown" if act.did is Did.MESSAGE else "click", act.at - _SLACK_MS)

    def first(self, what: str, since: float, fits: Callable[[Note], bool] = lambda note: True) -> float | None:
        """When something of a kind happened first after a moment; None: it did not."""
        return min((n.at for n in self.notes if n.what == what and n.at >= since and fits(n)), default=None)

    def orders(self) -> set[str]:
        """The orders that the list shows."""
        return set(self.tab.js("[...document.querySelectorAll('#orders select')].map((s) => s.value).filter(Boolean)"))


_SLACK_MS = 2.0
"""The browser's clock and ours may differ so much."""


def _goal(order: str) -> str:
    return (
        f"[...document.querySelectorAll('#goals path')].find((e) => e.ariaLabel.endsWith({json.dumps(': ' + order)}))"
    )


def _now() -> float:
    return time.time() * 1000
