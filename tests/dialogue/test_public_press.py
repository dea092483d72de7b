"""Public press: seldom, harmless, true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialogue.acts import ActKind, Polarity
from dialogue.filters import DEFAULT_FILTERS, FilterConfig, passes
from dialogue.generation import Draft, Source
from dialogue.public_press import PublicPlan, Topic, draft_public, plan_public, review_public
from dialogue.speech import SpeechConfig
from engine.notation import parse_order
from engine.types import Phase, Power
from tests.dialogue.table import ENGLAND, FRANCE, GERMANY, ITALY, Table, act

SPRING = Phase.parse("S1901M")


def planned(table: Table, power: Power, config: SpeechConfig | None = None) -> set[Topic]:
    """What a power may say to all, whatever the draw."""
    found = set()
    for seed in range(20):
        view, rng = table.game.view(power), np.random.default_rng(seed)
        plan = plan_public(view, table.ledgers[power], config or table.config, rng)
        if plan is not None:
            found.add(plan.topic)
    return found


def plan_of(table: Table, power: Power, topic: Topic) -> PublicPlan:
    for seed in range(40):
        view, rng = table.game.view(power), np.random.default_rng(seed)
        plan = plan_public(view, table.ledgers[power], table.config, rng)
        if plan is not None and plan.topic is topic:
            return plan
    raise AssertionError(f"no {topic}")


def publish(table: Table, power: Power, plan: PublicPlan) -> Draft:
    """Says it, if every filter lets it pass."""
    view = table.game.view(power)
    draft = draft_public(plan, view, np.random.default_rng(0))
    own = tuple(map(parse_order, table.plans.get(power, ())))
    verdicts = review_public(draft, plan, view, table.ledgers[power], own, FilterConfig(), DEFAULT_FILTERS)
    assert passes(verdicts), verdicts
    assert draft.matches
    table.say(*plan.acts, text=draft.text)
    return draft


def test_one_power_greets_and_the_others_leave_it_at_that() -> None:
    table = Table()
    assert planned(table, FRANCE) == {Topic.GREETING}
    draft = publish(table, FRANCE, plan_of(table, FRANCE, Topic.GREETING))
    assert "good luck" in draft.text.lower()
    assert table.game.messages[-1].recipient is None
    assert planned(table, GERMANY) == planned(table, FRANCE) == set()


def test_it_can_be_switched_off_and_ends_after_a_few() -> None:
    table = Table()
    assert planned(table, FRANCE, SpeechConfig(public=False)) == set()
    assert planned(table, FRANCE, SpeechConfig(max_public=0)) == set()


def broken_word(source: ActKind = ActKind.PROMISE) -> Table:
    table = Table()
    table.say(act(source, GERMANY, FRANCE, "A MUN - RUH"), text="I promise to move to Ruhr.")
    table.play({GERMANY: ["A MUN H"]})
    table.plans = {FRANCE: ("A PAR - BUR",)}
    return table


def test_a_firm_word_broken_is_told_to_all_once_with_what_was_not_done() -> None:
    table = broken_word()
    plan = plan_of(table, FRANCE, Topic.GRIEVANCE)
    (claim,) = plan.acts
    assert (claim.kind, claim.polarity, claim.addressee) == (ActKind.CLAIM_PAST, Polarity.NOT, None)
    draft = publish(table, FRANCE, plan)
    assert "Germany did not" in draft.text
    assert "promised" in draft.text
    table.play({})
    assert Topic.GRIEVANCE not in planned(table, FRANCE)


def test_a_mere_announcement_changed_is_no_grievance() -> None:
    assert planned(broken_word(ActKind.INFORM), FRANCE) == set()
    assert Topic.GRIEVANCE not in planned(broken_word(), ENGLAND), "nor is a word to somebody else"


def test_a_false_claim_is_answered_with_the_truth_and_a_true_one_with_silence() -> None:
    for given, answered in ((True, {Topic.TRUTH}), (False, set())):
        table = Table()
        table.play({GERMANY: ["A MUN - BUR" if given else "A MUN H"], FRANCE: ["A PAR - BUR"]})
        table.plans = {}
        claim = act(ActKind.CLAIM_PAST, FRANCE, GERMANY, "A MUN - BUR", of=GERMANY, polarity=Polarity.NOT, phase=SPRING)
        public = replace(claim, addressee=None)
        table.say(public, text="Germany did not move from Munich to Burgundy, as he had promised me.")
        assert planned(table, GERMANY) == answered
        if given:
            publish(table, GERMANY, plan_of(table, GERMANY, Topic.TRUTH))
            table.play({})
            table.say(public, text="Germany did not move from Munich to Burgundy, as he had promised me.")
            assert planned(table, GERMANY) == set(), "once"


def test_insults_and_threats_get_no_public_answer() -> None:
    table = Table()
    table.play({})
    table.plans = {}
    threat = act(ActKind.THREATEN, FRANCE, GERMANY)
    table.say(replace(threat, addressee=None), text="I will crush Germany.")
    assert planned(table, GERMANY) == set()


def years(table: Table, count: int) -> None:
    until = table.game.phase.year + count
    while table.game.phase.year < until:
        table.play({})


def test_where_nothing_moves_any_more_it_would_take_a_draw() -> None:
    table = Table()
    years(table, 1)
    assert Topic.DRAW not in planned(table, ITALY)
    years(table, 2)
    assert Topic.DRAW in planned(table, ITALY)
    assert "draw" in publish(table, ITALY, plan_of(table, ITALY, Topic.DRAW)).text


def test_who_took_much_is_congratulated_by_name() -> None:
    table = Table()
    table.play({GERMANY: ["F KIE - DEN", "A MUN - RUH", "A BER - KIE"]})
    table.play({GERMANY: ["A RUH - BEL", "A KIE - HOL"]})
    years(table, 1)
    assert table.game.phase.season == "S"
    draft = publish(table, ITALY, plan_of(table, ITALY, Topic.CONGRATULATION))
    assert "Germany" in draft.text
    assert Topic.CONGRATULATION not in planned(table, GERMANY), "nobody congratulates himself"


@pytest.mark.parametrize("text", ["Shut up, you liars!", "I am moving to Burgundy, all."])
def test_what_may_not_be_said_to_one_may_not_be_said_to_all(text: str) -> None:
    table = Table()
    plan = plan_of(table, FRANCE, Topic.GREETING)
    view = table.game.view(FRANCE)
    draft = Draft(text, plan.acts, draft_public(plan, view, np.random.default_rng(0)).reading, Source.GRAMMAR, "", True)
    own = (parse_order("A PAR - PIC"),)
    verdicts = review_public(draft, plan, view, table.ledgers[FRANCE], own, FilterConfig(), DEFAULT_FILTERS)
    assert passes(verdicts) is (text.startswith("I am"))  # reading it back is `draft_public`'s business
