"""Makes the replay page: a whole game in one HTML file that asks for nothing outside itself.

The map is in the page once.  Every phase is a handful of strings and paths (see `_phase_data`), which the
script in ``assets/replay.js`` lays over it.  Words of players and files are data: they travel as JSON, are
put into the page as text only, and the page's policy lets no script run but its own.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cicero_lite.arena.codec import encode
from cicero_lite.arena.log import Event
from cicero_lite.errors import CiceroLiteError
from cicero_lite.web.files import asset, digest, filled, sheet
from engine.drawing import Geometry, RenderError, load_geometry, style
from engine.game import DRAW_NOTE
from engine.marks import DISLODGED_SHIFT, Mark, has_failed, order_marks
from engine.notation import parse_order
from engine.render import ARMY_SHAPE, FLEET_SHAPE, SHORT_NAMES, Scene, influence_over, map_layer, scene_of
from engine.types import POWERS, EngineError, NotationError, OrderResult, Power, Province

Json: TypeAlias = dict[str, Any]

_OWN_SHOWN, _OTHERS_SHOWN = 6, 3
"""Actions of a power in the panel that says why."""
_SEASONS = {"S": "Spring", "F": "Fall", "W": "Winter"}
_KINDS = {"M": "orders", "R": "retreats", "A": "adjustments"}


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src '{digest}'; base-uri 'none'; form-action 'none'"


SCRIPTS = ("board.js", "replay.js", "ledger.js", "why.js", "start.js")
"""Of the page, in this order."""


class ReplayError(CiceroLiteError, ValueError):
    """A game of which no page can be made."""


def replay_html(game: Mapping[str, Any], events: Sequence[Event | Mapping[str, Any]] = (), reader: bool = False) -> str:
    """The page of one game.

    Args:
        game: a saved game, as `engine.game.Game.to_saved_game` or the ``diplomacy`` package writes it; where messages
            are left out, the others have their `Message.sequence` as ``sequence``.
        events: the game's log, typed or as read from JSON; empty for games that have none.
        reader: whether promises were found by our reader, not told by the agents that made them.

    Raises:
        ReplayError: the game lacks what a page needs; one line says what and in which phase.
    """
    data = replay_data(game, [event_data(event) for event in events], reader)
    script = "".join(map(asset, SCRIPTS))
    return replay_page(data, script, style() + sheet("replay.css"), _POLICY.format(digest=digest(script)))


def replay_page(data: Json, script: str, sheet: str, policy: str) -> str:
    """The page around what `replay_data` gives.

    Args:
        data: of the game.
        script: all of the page's.
        sheet: its style.
        policy: its Content-Security-Policy.
    """
    drawing = load_geometry(data["map"])
    parts = {
        "TITLE": html.escape(f"{data['id']} · cicero-lite replay"),
        "POLICY": policy,
        "STYLE": sheet,
        "VIEWBOX": f"0 0 {drawing.width} {drawing.height}",
        "MAP": map_layer(data["map"]),
        "DATA": _inline_json(data),
        "SCRIPT": script,
    }
    return filled("replay.html", parts)


def replay_data(game: Mapping[str, Any], events: Sequence[Json] = (), reader: bool = False) -> Json:
    """What the page's script works on, as plain JSON values.

    Args:
        game: as for `replay_html`.
        events: the same, as plain values.
        reader: whether promises were found by our reader, not told by the agents that made them.

    Raises:
        ReplayError: as `replay_html`.
    """
    phases = game.get("phases") if isinstance(game, Mapping) else None
    if not isinstance(phases, list) or not phases:
        raise ReplayError("no replay: expected a saved game with a non-empty list 'phases'")
    map_name = str(game.get("map", "standard"))
    try:
        drawing = load_geometry(map_name)
    except RenderError as error:
        raise ReplayError(f"no replay: {error}") from None
    scenes, stored = [], []
    for number, phase in enumerate(phases):
        where = f"phase {number} ({phase.get('name', '?')})" if isinstance(phase, Mapping) else f"phase {number}"
        try:
            scenes.append(scene_of({"name": phase["name"], **phase["state"]} if "state" in phase else phase))
            stored.append(_phase_data(phase, scenes[-1], drawing))
        except (EngineError, KeyError, TypeError, AttributeError) as error:
            problem = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise ReplayError(f"no replay: {where}: {problem}") from None
    places = [p for p, region in drawing.regions.items() if region.is_playable and not region.is_water]
    for entry, scene, influence in zip(stored, scenes, influence_over(scenes), strict=True):
        entry["owners"] = _letters(scene.owners, places)
        entry["influence"] = _letters(influence, places)
    talks = _Talks(phases)
    talks.read(events)
    return {
        "id": str(game.get("id", "game")),
        "map": map_name,
        "powers": [p.value for p in POWERS],
        "short": [SHORT_NAMES[p] for p in POWERS],
        "agents": talks.agents,
        "places": places,
        "shapes": {"A": ARMY_SHAPE, "F": FLEET_SHAPE},
        "phases": stored,
        "messages": talks.messages,
        "notes": talks.notes,
        "plans": list(talks.plans.values()),
        "beliefs": talks.beliefs,
        "reader": int(reader),
    }


# --- phases ------------------------------------------------------------------------------------------------


def phase_title(name: str) -> str:
    """The phase in words.

    >>> phase_title("F1903R")
    'Fall 1903, retreats'
    """
    if len(name) == 6 and name[0] in _SEASONS and name[-1] in _KINDS:
        return f"{_SEASONS[name[0]]} {name[1:5]}, {_KINDS[name[-1]]}"
    return "The end" if name == "COMPLETED" else name


def _phase_data(phase: Mapping[str, Any], scene: Scene, drawing: Geometry) -> Json:
    """One phase, compact; each of ``units`` is power, kind, location, x, y, whether dislodged."""
    units = []
    for token in scene.tokens:
        x, y = drawing.place(token.unit.location)
        dx, dy = DISLODGED_SHIFT if token.is_dislodged else (0, 0)
        unit = token.unit
        units.append([token.power.number, unit.kind.value, unit.location, x + dx, y + dy, int(token.is_dislodged)])
    given = {Power.parse(p): [str(o) for o in its or ()] for p, its in (phase.get("orders") or {}).items()}
    results = {str(u): [str(r) for r in its or ()] for u, its in (phase.get("results") or {}).items()}
    readable = {p: [o for o in its if _is_readable(o)] for p, its in given.items()}
    counts = [sum(owner is p for owner in scene.owners.values()) for p in POWERS]
    return {
        "name": str(phase["name"]),
        "title": phase_title(str(phase["name"])) + _shared(phase),
        "units": units,
        "marks": [mark_data(mark, drawing) for mark in order_marks(readable, results, drawing)],
        "orders": [_order_row(p, text, results) for p in POWERS for text in given.get(p, ())],
        "known": int(bool(results)),
        "counts": counts,
    }


def _shared(phase: Mapping[str, Any]) -> str:
    """Who shares the draw with which the game has ended, in words; empty: nobody."""
    note = str(phase.get("state", {}).get("note", ""))
    names = [name.strip().title() for name in note.removeprefix(DRAW_NOTE).split(",")]
    return f": a draw of {listed(names)}" if note.startswith(DRAW_NOTE) else ""


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["Austria", "France", "Italy"]), listed(["France"])
    ('Austria, France and Italy', 'France')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _is_readable(text: str) -> bool:
    try:
        parse_order(text)
    except NotationError:
        return False
    return True


def _order_row(power: Power, text: str, results: Mapping[str, Sequence[str]]) -> list[Any]:
    """Row of the table of orders: power, order, results, whether it failed."""
    if not _is_readable(text):
        return [power.number, text, "not readable", 1]
    order = parse_order(text)
    known = set(OrderResult)
    outcome = [OrderResult(r) for r in results.get(str(order.unit), ()) if r in known]
    return [power.number, text, ", ".join(outcome), int(has_failed(order, outcome))]


def mark_data(mark: Mark, drawing: Geometry) -> list[Any]:
    """Kind, power, line, head, cross or 0, failed, words, and of a unit to be built its kind and place."""
    ghost: Any = 0
    if mark.token is not None:
        ghost = [mark.token.kind.value, *drawing.place(mark.token.location)]
    cross = 0 if mark.cross is None else [round(mark.cross[0], 1), round(mark.cross[1], 1)]
    return [mark.kind.value, mark.power.number, mark.line, mark.head, cross, int(mark.is_failed), mark.text, ghost]


def _letters(owners: Mapping[Province, Power], places: Sequence[str]) -> str:
    """One character a place: the number of its power, or a dot."""
    return "".join(str(owners[Province(p)].number) if Province(p) in owners else "." for p in places)


# --- talks -------------------------------------------------------------------------------------------------


class _Talks:
    """Messages of the saved game, with what the log knows about each."""

    def __init__(self, phases: Sequence[Mapping[str, Any]]) -> None:
        self.messages: list[Json] = []
        self.notes: list[Json] = []
        """What is shown between messages: promises settled, silences with a reason."""
        self.plans: dict[tuple[int, str], Json] = {}
        """By phase and power: the last plan, what it expected, and how it changed."""
        self.beliefs: list[list[Any]] = []
        """Phase after which, whose, and in words."""
        self.agents: dict[str, str] = {}
        self._phase_numbers = {str(phase.get("name")): number for number, phase in enumerate(phases)}
        self._plan: dict[tuple[str, str], Json] = {}
        self._drafts: dict[tuple[str, str], list[Json]] = {}
        self._heard: dict[tuple[int, str], list[int]] = {}
        """By phase and power: places of the messages that it heard since its last search."""
        for number, phase in enumerate(phases):
            for message in phase.get("messages") or ():
                said = {
                    "phase": number,
                    "from": str(message.get("sender", "?")),
                    "to": str(message.get("recipient", "GLOBAL")),
                    "text": str(message.get("message", message.get("text", ""))),
                }
                if isinstance(message.get("sequence"), int):
                    said["sequence"] = message["sequence"]
                self.messages.append(said)
        self._places = {m.get("sequence", place): place for place, m in enumerate(self.messages)}

    def read(self, events: Sequence[Json]) -> None:
        """Takes in the log, in order; events it does not know are passed over."""
        for event in events:
            handler = getattr(self, f"_on_{event.get('event')}", None)
            if handler is None:
                continue
            try:
                handler(event)
            except (KeyError, TypeError, AttributeError, IndexError) as error:
                raise ReplayError(f"no replay: event {event.get('event')!r} lacks or misforms {error}") from None

    def _message(self, said: Json) -> Json | None:
        place = self._places.get(said.get("sequence"))
        message = None if place is None else self.messages[place]
        return message if message and (message["text"], message["from"]) == (said["text"], said["sender"]) else None

    def _on_game_started(self, event: Json) -> None:
        self.agents = {str(p): str(a) for p, a in event["agents"].items()}

    def _on_searched(self, event: Json) -> None:
        power = event["power"]
        policy = event["policies"].get(power)
        if policy is None or event["phase"] not in self._phase_numbers:
            return
        number = self._phase_numbers[event["phase"]]
        before = self.plans.get((number, power))
        changed = list(before["changed"]) if before is not None else []
        heard = self._heard.pop((number, power), [])
        if not changed or changed[-1][1] != event["action"]:
            changed.append([heard, event["action"]])
        self.plans[number, power] = {
            "phase": number,
            "power": power,
            "score": round(event["expected_scores"].get(power, 0.0), 4),
            "chosen": event["action"],
            "top": _top_actions(event, power, _OWN_SHOWN),
            "others": {p: _top_actions(event, p, _OTHERS_SHOWN) for p in event["policies"] if p != power},
            "heard": [[e["power"], e["order"], round(e["credence"], 2)] for e in event.get("expected", ())],
            "changed": changed,
        }

    def _on_believed(self, event: Json) -> None:
        if event["phase"] in self._phase_numbers:
            self.beliefs.append([self._phase_numbers[event["phase"]], event["power"], list(event["words"])])

    def _on_speech_planned(self, event: Json) -> None:
        self._plan[event["sender"], event["recipient"] or "GLOBAL"] = event

    def _on_drafted(self, event: Json) -> None:
        rejected = [v for v in event["verdicts"] if v["verdict"] == "reject"]
        draft = {
            "text": event["text"],
            "source": event["source"],
            "by": [[str(v["filter"]), str(v.get("reason", ""))] for v in rejected],
        }
        self._drafts.setdefault((event["sender"], event["recipient"] or "GLOBAL"), []).append(draft)

    def _on_sent(self, event: Json) -> None:
        said = event["message"]
        pair = (said["sender"], said["recipient"] or "GLOBAL")
        drafts, plan = self._drafts.pop(pair, []), self._plan.pop(pair, None)
        message = self._message(said)
        if message is None:
            return
        message["acts"] = [act_words(act) for act in event.get("acts", ())]
        message["source"] = str(event.get("source", ""))
        message["rejected"] = [draft for draft in drafts if draft["by"]]
        message["drafts"] = len(drafts)
        if plan is not None:
            message["reason"] = str(plan.get("reason", ""))
            message["worth"] = plan.get("worth")
            others = zip(plan.get("passed_over_acts", ()), plan.get("passed_over", ()), strict=False)
            message["others"] = [[[act_words(act) for act in acts], worth] for acts, worth in others]
        if event.get("intent"):
            message["intent"] = intent_words(event["intent"])

    def _on_understood(self, event: Json) -> None:
        message = self._message(event["message"])
        if message is not None:
            self._heard.setdefault((message["phase"], event["power"]), []).append(
                self._places[event["message"]["sequence"]]
            )
            reading = {
                "power": event["power"],
                "acts": [act_words(act) for act in event["acts"]],
                "unread": [str(clause) for clause in event.get("unread", ())],
            }
            message.setdefault("read", []).append(reading)

    def _on_silent(self, event: Json) -> None:
        recipient = event.get("recipient")
        drafts = self._drafts.pop((event["sender"], recipient), []) if recipient else []
        if (drafts or recipient) and event["phase"] in self._phase_numbers:
            self.notes.append(
                {
                    "phase": self._phase_numbers[event["phase"]],
                    "kind": "silent",
                    "from": event["sender"],
                    "to": recipient,
                    "text": str(event.get("reason", "")),
                    "rejected": [draft for draft in drafts if draft["by"]],
                }
            )

    def _on_promise_settled(self, event: Json) -> None:
        if event["phase"] in self._phase_numbers:
            self.notes.append(
                {
                    "phase": self._phase_numbers[event["phase"]],
                    "kind": str(event["outcome"]),
                    "from": event["power"],
                    "to": event["to"],
                    "text": act_words({**event["act"], "phase": None})[1],
                    "rejected": [],
                    "said": event.get("message"),
                }
            )


def _top_actions(event: Json, power: str, count: int) -> list[list[Any]]:
    """Orders, chance, chance before the search, and expected score of a power's likeliest actions."""
    policy = event["policies"][power]
    values, anchors = (event.get(key, {}).get(power) or [] for key in ("values", "anchors"))

    def at(numbers: Sequence[float], place: int) -> float | None:
        return round(numbers[place], 4) if place < len(numbers) else None

    rows = zip(policy["actions"], policy["probabilities"], strict=False)
    return [[actions, round(p, 4), at(anchors, n), at(values, n)] for n, (actions, p) in enumerate(rows)][:count]


_ROLES = {"ally": "against", "ask": "about"}
"""What the powers named are to an act, where its kind does not say it."""


def act_words(act: Mapping[str, Any]) -> list[str]:
    """The kind of an act and its content, both to be shown."""
    kind = str(act["kind"]).replace("_", " ")
    parts = [f"{str(o['power']).title()} {o['order']}" for o in act.get("orders", ())]
    parts += [str(p) for p in act.get("provinces", ())]
    powers = ", ".join(str(p).title() for p in act.get("powers", ()))
    words = " ".join([", ".join(parts), *([_ROLES.get(str(act["kind"]), ""), powers] if powers else [])]).strip()
    if act.get("polarity") == "not":
        words = f"not {words}".strip()
    if act.get("phase"):
        words += f" ({act['phase']})"
    if act.get("condition"):
        condition = act_words(act["condition"])
        words += f" if {condition[0]} {condition[1]}"
    return [kind, words.strip()]


def intent_words(intent: Mapping[str, Any]) -> list[list[Any]]:
    """Rows of power, phase and orders: what it will play, what it wants, what it expects later."""
    rows = [["plays", intent["own"]], ["wants", intent["wanted"]]]
    rows += [["later", later] for later in intent.get("later", ())]
    return [[word, row["power"], row["phase"], list(row["orders"])] for word, row in rows]


# --- the file ----------------------------------------------------------------------------------------------


def event_data(event: Event | Mapping[str, Any]) -> Json:
    """An event as plain values."""
    return dict(event) if isinstance(event, Mapping) else {"event": event.TAG, **encode(event)}


def _inline_json(data: Json) -> str:
    """JSON that can stand inside a script element: nothing in it can close the element or open another."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
