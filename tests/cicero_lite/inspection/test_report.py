"""What an inspection tells: candidates, expectations, beliefs with evidence, pairs, convergence, messages."""

from __future__ import annotations

import json

import pytest

from cicero_lite.arena.codec import encode
from cicero_lite.inspection import Changes, Inspection, Moment, NewMessage, inspect, reconstruct
from engine.notation import parse_order
from engine.types import Phase, Power
from tests.inspected_game import SPRING, record

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND


@pytest.fixture(scope="module")
def opening() -> Inspection:
    """France before any talk, but for one message of Germany's."""
    said = NewMessage(GERMANY, FRANCE, "I promise to move Munich to Ruhr. Will you support me into Belgium?")
    return inspect(reconstruct(record(), Moment(SPRING, FRANCE, heard=0), Changes(new_messages=(said,))))


def test_candidates_have_chances_before_and_after_and_scores(opening: Inspection) -> None:
    assert opening.candidates[0].orders == opening.orders
    assert all(0 <= c.anchor <= 1 and 0 <= c.probability <= 1 and 0 <= c.score <= 1 for c in opening.candidates)
    best = max(opening.candidates, key=lambda c: c.score)
    assert best.score - opening.candidates[0].score < 0.05
    assert set(opening.others) == set(Power) - {FRANCE}
    assert sum(opening.scores.values()) == pytest.approx(1, abs=0.05)


def test_beliefs_come_with_their_evidence(opening: Inspection) -> None:
    belief = opening.beliefs[GERMANY]
    word = next(w for w in belief.words if w.order == parse_order("A MUN - RUH"))
    assert (word.by, word.kind) == (GERMANY, "promise")
    assert word.credence == pytest.approx(word.trust * record().config.credence.promise)
    assert belief.promises[0].order == word.order
    assert sum(belief.types.values()) <= 1 + 1e-9
    assert opening.beliefs[ENGLAND].words == ()


def test_tables_show_what_two_powers_do_to_one_another(opening: Inspection) -> None:
    assert len(opening.pairs) == 21
    table = next(t for t in opening.pairs if {t.first, t.second} == {FRANCE, GERMANY})
    assert (len(table.scores), len(table.scores[0])) == (len(table.rows), len(table.columns))
    mine = table.rows if table.first is FRANCE else table.columns
    assert mine[0] == opening.orders
    assert len({cell for row in table.scores for cell in row}) > 1


def test_the_search_converges(opening: Inspection) -> None:
    steps = opening.convergence.steps
    numbers = [step.iteration for step in steps]
    assert numbers[:2] == [1, 2]
    assert numbers == sorted(set(numbers))
    assert opening.convergence.is_exploitability
    assert all(gap > -1e-9 for step in steps for gap in step.gaps.values())
    assert sum(steps[-1].gaps.values()) < sum(steps[0].gaps.values())
    assert len(steps[-1].chances[FRANCE]) == len(opening.convergence.actions[FRANCE])


def test_messages_are_compared_with_silence(opening: Inspection) -> None:
    choice = next(c for c in opening.choices if c.recipient is GERMANY)
    worths = [m.worth for m in choice.alternatives]
    assert choice.is_due
    assert worths == sorted(worths, reverse=True)
    assert choice.said in {said.text for said in opening.said if said.recipient is GERMANY}
    assert {d.text for d in opening.drafts} >= {said.text for said in opening.said}


def test_a_phase_without_talk_or_tables() -> None:
    winter = next((r.phase for r in record().game.history if str(r.phase).endswith("A")), Phase.parse("W1901A"))
    found = inspect(reconstruct(record(), Moment(winter, FRANCE)))
    assert not found.choices
    assert not found.said
    assert not found.pairs
    assert not found.convergence.is_exploitability
    assert found.convergence.steps


def test_it_is_plain_values_for_a_page(opening: Inspection) -> None:
    text = json.dumps(encode(opening))
    assert len(text) < 300_000
    assert json.loads(text)["power"] == "FRANCE"
