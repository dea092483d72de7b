"""How an agent stands with the others, by the ledger and the record, and what it therefore wants of the search.

    w_q = weights_q + loyalty·trust_q·[peace or an alliance with q stands] − (1 − forgiveness)·K·grievance_q

with K = 0.5, the last term −1 at the least.  Over movement phases t, up to the last one T,

    grievance_q = Σ_t (1 − forgiveness)^(T − t) · (orders of q in t that attack me + promises to me that q broke in t)

so that with forgiveness 0 nothing fades, and with 1/2 half of it is forgotten with every movement phase.  Nothing is
kept: whoever has the ledger and the game finds the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from cicero_lite.steer.controls import Controls
from dialogue.acts import ActKind
from dialogue.memory import Ledger, Status
from dialogue.situation import touches
from engine.game import GameView
from engine.types import PhaseKind, Power
from planner.preferences import Preferences

_HARM = 0.5
"""K: what a grievance of 1 makes the score of its cause count for, with no forgiveness."""
_MOST_HARM = 1.0
"""However much was done: whoever would give more than its own score to hurt another throws the game away."""


def preferences_of(controls: Controls, ledger: Ledger, view: GameView) -> Preferences:
    """What the ledger's power wants beside its own score, and what it will not do."""
    return Preferences(
        weights=weights_of(controls, ledger, view),
        aggression=controls.aggression,
        risk=controls.risk,
        targets=controls.targets,
        lambda_factor=controls.lambda_,
        spared=controls.forbidden.powers,
        closed=controls.forbidden.provinces,
    )


def weights_of(controls: Controls, ledger: Ledger, view: GameView) -> dict[Power, float]:
    """w: what the score of each other power counts for, where it counts at all."""
    weights: dict[Power, float] = defaultdict(float)
    others = [power for power in view.alive if power is not ledger.power]
    for power in others:
        weights[power] += controls.weights.get(power, 0.0)
    if controls.loyalty:
        for power in allies(ledger, view):
            weights[power] += controls.loyalty * ledger.trust(power)
    if controls.forgiveness < 1:
        for power, grievance in grievances(ledger, view, controls.forgiveness).items():
            weights[power] -= min(_MOST_HARM, (1 - controls.forgiveness) * _HARM * grievance)
    return {power: weights[power] for power in others if weights[power]}


def allies(ledger: Ledger, view: GameView) -> tuple[Power, ...]:
    """With whom peace or an alliance stands: agreed, and neither has attacked the other since."""
    found = []
    for other in view.alive:
        if other is ledger.power or not (agreed := ledger.accepted(ActKind.ALLY, other)):
            continue
        since = max(request.phase for request in agreed)
        played = [r for r in view.history if r.phase.kind is PhaseKind.MOVEMENT and not r.phase < since]
        pairs = ((ledger.power, other), (other, ledger.power))
        if not any(touches(r.board, order, to) for r in played for by, to in pairs for order in r.orders.get(by, ())):
            found.append(other)
    return tuple(found)


def grievances(ledger: Ledger, view: GameView, forgiveness: float) -> dict[Power, float]:
    """What each living power has done to the ledger's, faded; those that did nothing are left out."""
    me, kept = ledger.power, 1 - forgiveness
    total: dict[Power, float] = defaultdict(float)
    broken = Counter((p.by, p.phase) for p in ledger.promises_to(me, status=Status.BROKEN))
    for record in view.history:
        if record.phase.kind is not PhaseKind.MOVEMENT:
            continue
        for power in view.alive:
            if power is not me:
                attacks = sum(touches(record.board, order, me) for order in record.orders.get(power, ()))
                total[power] = kept * total[power] + attacks + broken[power, record.phase]
    return {power: grievance for power, grievance in total.items() if grievance}
