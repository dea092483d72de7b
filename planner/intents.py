"""Plan -> intents: what each message may be conditioned on.

Cicero's rule BEST_POP: of what the recipient could plausibly play, want what is best for the
sender; what comes next is the rule policy's likeliest play after the expected orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine._core import Batch, Position
from engine.game import GameView
from engine.types import POWERS, Action, Intent, Order, Phase, PhaseKind, PlannedOrders, Power
from planner.candidates import CandidateConfig, Codes, rule_policy
from planner.geometry import Geometry, geometry
from planner.options import Situation, situation
from planner.plan import Plan, contains

PLAUSIBLE = 0.1
"""An action is plausible whose probability is at least this share of the likeliest one's."""
_UNTALKED = 0.001
"""The same for the anchor, which says less: search finds good actions that rules of thumb miss."""
_LATER = CandidateConfig(chains=12, foreign_supports=0)


def intents(
    plan: Plan, view: GameView, wanted_orders: Mapping[Power, Sequence[Order]] | None = None
) -> dict[Power, Intent]:
    """What the planning power means to do and wants of each other living power.

    Args:
        plan: of the phase at hand.
        view: the same position.
        wanted_orders: orders that are wanted of others whatever they are worth; those that are not legal are left out.
    """
    found: dict[Power, Intent] = {}
    own = PlannedOrders(plan.power, plan.phase, plan.action)
    for recipient in view.alive:
        if recipient is plan.power:
            continue
        wanted = _with_orders(plan, view, recipient, (wanted_orders or {}).get(recipient, ()))
        later = _later(plan, view.position, recipient, wanted)
        found[recipient] = Intent(plan.power, recipient, own, PlannedOrders(recipient, plan.phase, wanted), later)
    return found


def wanted_action(plan: Plan, recipient: Power) -> Action:
    """The best for the planning power among what the recipient could plausibly play.

    Plausible: a tenth of the likeliest action's probability under its policy, and not out of the question
    under its anchor.  When nothing is both, its likeliest action.
    """
    policy, anchor = plan.policies[recipient], plan.anchors[recipient]
    least = PLAUSIBLE * max(policy.probabilities)
    least_anchor = _UNTALKED * max(anchor.probabilities)
    plausible = [
        (value, -number)
        for number, (p, q, value) in enumerate(
            zip(policy.probabilities, anchor.probabilities, plan.values_to_me[recipient], strict=True)
        )
        if p >= least and q >= least_anchor
    ]
    return policy.actions[-max(plausible)[1]] if plausible else policy.most_likely


def _with_orders(plan: Plan, view: GameView, recipient: Power, orders: Sequence[Order]) -> Action:
    """The likeliest candidate with all these orders; else what is wanted anyway, with these in place of its own."""
    legal = [form for order in orders if (form := view.legal_form(recipient, order)) is not None]
    if not legal:
        return wanted_action(plan, recipient)
    for action in plan.policies[recipient].actions:  # likeliest first
        if contains(action, legal):
            return action
    instead = {order.unit: order for order in legal}
    return tuple(instead.get(order.unit, order) for order in wanted_action(plan, recipient))


def _later(plan: Plan, position: Position, recipient: Power, wanted: Action) -> tuple[PlannedOrders, ...]:
    """Both powers' likeliest orders in the next movement phase, if everybody plays as expected."""
    if plan.phase.kind is not PhaseKind.MOVEMENT:
        return ()
    board = geometry(position.map.name)
    expected: Mapping[Power, Action] = {p: plan.policies[p].most_likely for p in POWERS} | {
        plan.power: plan.action,
        recipient: wanted,
    }
    codes = [tuple(board.code(order) for order in expected[p]) for p in POWERS]
    following = _next_movement(position, codes, board)
    if following is None:
        return ()
    phase = Phase.parse(following.phase)
    here = situation(following, board)
    pair = (plan.power, recipient)
    return tuple(PlannedOrders(p, phase, board.action(likeliest(here, p.number))) for p in pair)


def _next_movement(position: Position, codes: Sequence[Codes], board: Geometry) -> Position | None:
    """The next movement phase, retreats and adjustments played by the rule policy; None if the game ends."""
    batch = Batch(position, [[c] for c in codes], np.zeros((1, len(POWERS)), np.int32), 1)
    batch.settle()
    position = batch.position(0)
    while not position.is_over and not position.phase.endswith("M"):
        here = situation(position, board)
        position, _ = position.step([list(likeliest(here, p)) for p in range(len(POWERS))])
    return None if position.is_over else position


def likeliest(here: Situation, power: int) -> Codes:
    """The rule policy's likeliest action among a few drawn, always the same for a position."""
    policy = rule_policy(here, power)
    actions = policy.likely(_LATER, np.random.default_rng(0))
    return actions[int(np.argmax(policy.energies(actions)))]
