"""A store as a bot would have filled it, for the tests of the desk."""

from __future__ import annotations

import time
from pathlib import Path

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.hosting.store import Standing, Store, StoredSeat
from dialogue.acts import ActKind, ActOrder, SpeechAct
from engine.notation import parse_order
from engine.types import Intent, Phase, PlannedOrders, Power

PHASE = Phase.parse("S1901M")
EVIL = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> \u202eanihc"


def proposal(text: str = "Will you move to Burgundy? I stay out of it.") -> OutgoingMessage:
    """What France says to Germany, with what it means by it."""
    order = parse_order("A MUN - BUR")
    act = SpeechAct(ActKind.PROPOSE, Power.FRANCE, Power.GERMANY, (ActOrder(Power.GERMANY, order),))
    own = PlannedOrders(Power.FRANCE, PHASE, (parse_order("A PAR - PIC"), parse_order("F BRE - MAO")))
    intent = Intent(Power.FRANCE, Power.GERMANY, own, PlannedOrders(Power.GERMANY, PHASE, (order,)))
    return OutgoingMessage(Power.GERMANY, text, (act,), intent, "grammar")


def take_france(store: Store) -> StoredSeat:
    """The seat of France in game 1042."""
    return store.take_seat("https://webdiplomacy.example", "1042", Power.FRANCE, "cicero-lite", 7, "agent: {}\n")


def fill(path: Path) -> tuple[Store, StoredSeat]:
    """A store with a seat that is talking, and two messages that wait: a proposal, and one with markup in it."""
    store = Store(path)
    seat = take_france(store)
    store.beat(seat.id, PHASE, "talking", time.time() + 900)
    store.mean_orders(seat.id, PHASE, (parse_order("A PAR - PIC"), parse_order("F BRE - MAO")), final=False)
    evil = OutgoingMessage(None, EVIL, source="model")
    store.mean(seat.id, PHASE, [proposal(), evil], Standing.WAITING)
    store.note(f"a message arrived: {EVIL}", seat.id)
    return store, seat
