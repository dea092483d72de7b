"""Why the agent does what it does, in any phase of any game: what it weighed, believed and expected, and what if.

    record = open_record(Path("runs/seed-7"))               # a game, with its log where there is one
    moment = Moment(Phase.parse("F1903M"), Power.FRANCE)    # when, whose seat, after which messages
    inspection = inspect(reconstruct(record, moment))       # a typed value; `web.inspector` shows it
    changed = inspect(reconstruct(record, moment, Changes(orders=(parse_order("A PAR - BUR"),))))

Nothing here knows of a page.
"""

from __future__ import annotations

from cicero_lite.inspection.changes import NO_CHANGES, Changes, MessageChange, NewMessage, changes_of
from cicero_lite.inspection.findings import Inspection
from cicero_lite.inspection.moments import Moment, Reconstruction, reconstruct
from cicero_lite.inspection.record import GameRecord, InspectionError, open_record
from cicero_lite.inspection.report import inspect

__all__ = [
    "NO_CHANGES",
    "Changes",
    "GameRecord",
    "Inspection",
    "InspectionError",
    "MessageChange",
    "Moment",
    "NewMessage",
    "Reconstruction",
    "changes_of",
    "inspect",
    "open_record",
    "reconstruct",
]
