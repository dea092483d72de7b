"""What of an inspection a player may see while the game goes on: the agent's thoughts, but nobody else's words.

A game's people may be allowed to look into agents in phases that are over.  An agent knows what others told it in
private, and its beliefs about them, the orders that it expects of them and what it would write to them are full of
that.  So what is left is what it weighed for itself and towards the one who looks.
"""

from __future__ import annotations

from dataclasses import replace

from cicero_lite.inspection.findings import Choice, Inspection, Word
from dialogue.acts import TELLING, SpeechAct
from engine.types import Power

VEILED = (
    "The game goes on: what it made of the other powers and its talks with them stay closed until it is over, and so "
    "do the wordings that it considered."
)


def seen_by(found: Inspection, power: Power, heard: int) -> Inspection:
    """What a player may see of an agent.

    Args:
        found: everything about a moment of the agent.
        power: who looks.
        heard: messages of the phase that the agent knew, of those that this power may read.
    """
    two = {found.power, power}
    belief = found.beliefs.get(power)
    way = found.convergence
    return replace(
        found,
        heard=heard,
        scores={p: score for p, score in found.scores.items() if p in two},
        others={p: actions for p, actions in found.others.items() if p is power},
        # What third powers said of this one's orders, they said to the agent.
        beliefs={} if belief is None else {power: replace(belief, words=_words(belief.words, power))},
        pairs=tuple(table for table in found.pairs if {table.first, table.second} == two),
        convergence=replace(
            way,
            actions={p: actions for p, actions in way.actions.items() if p in two},
            steps=tuple(
                replace(
                    step,
                    chances={p: chances for p, chances in step.chances.items() if p in two},
                    gaps={p: gap for p, gap in step.gaps.items() if p in two},
                )
                for step in way.steps
            ),
        ),
        choices=tuple(_choice(choice, two) for choice in found.choices if choice.recipient is power),
        # An intent tells of the next phase, too, which may not be over.
        said=tuple(replace(said, intent=None) for said in found.said if said.recipient in (power, None)),
        drafts=(),
        doubts=(*found.doubts, VEILED),
    )


def _words(words: tuple[Word, ...], power: Power) -> tuple[Word, ...]:
    return tuple(word for word in words if word.by in (power, None))


def _choice(choice: Choice, two: set[Power]) -> Choice:
    kept = (message for message in choice.alternatives if not any(_tells_of_others(act, two) for act in message.acts))
    return replace(choice, alternatives=tuple(kept))


def _tells_of_others(act: SpeechAct, two: set[Power]) -> bool:
    """Whether an act passes on what a third power does, which that power may have told."""
    return act.kind in TELLING and any(item.power not in two for item in act.orders)
