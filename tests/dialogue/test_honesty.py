"""What each level of honesty says, what its word weighs, and what the filters let it say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.expectations import abstentions, commitments, corrections
from dialogue.filters import FILTERS, FilterContext, Verdict
from dialogue.honesty import Honesty
from dialogue.situation import SpeechConfig, SpeechPlan
from engine.notation import parse_order
from tests.dialogue.table import (
    ENGLAND,
    FRANCE,
    GERMANY,
    OPENINGS,
    ScriptedJudge,
    Table,
    act,
    kinds,
    orders_of,
)

PLAN = tuple(map(parse_order, OPENINGS[FRANCE]))
SUPPORT = "A MUN S A PAR - BUR"


@dataclass(frozen=True)
class Read:
    acts: tuple[SpeechAct, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A draft that says what it was meant to."""

    acts: tuple[SpeechAct, ...]
    text: str = "..."
    matches: bool = True

    @property
    def reading(self) -> Read:
        return Read(self.acts)


def at(level: Honesty) -> Table:
    return Table(SpeechConfig(honesty=level))


def rejected(filter: str, table: Table, said: SpeechAct) -> bool:
    """Whether a filter rejects that France says this to Germany, as it plans its opening."""
    plan = SpeechPlan(FRANCE, GERMANY, (said,))
    view, ledger = table.game.view(FRANCE), table.ledgers[FRANCE]
    context = FilterContext(view, ledger, plan, PLAN, honesty=table.config.honesty)
    return FILTERS[filter](Draft((said,)), context).verdict is Verdict.REJECT


@pytest.mark.parametrize("firm", [True, False])
def test_the_price_of_a_word_falls_from_level_to_level(firm: bool) -> None:
    prices = [SpeechConfig(honesty=level).price(firm) for level in Honesty]
    assert all(first >= second for first, second in pairwise(prices))
    assert prices[0] > 1, "no gain in score outweighs a binding word"
    assert prices[1] == (SpeechConfig().price_of_promise if firm else SpeechConfig().price_of_inform)
    assert prices[2:] == [0.0, 0.0]
    assert SpeechConfig(Honesty.BINDING, price_of_promise=0.0, price_of_inform=0.0).price(firm) == prices[0]


@pytest.mark.parametrize("level", Honesty)
def test_promises_to_do_and_not_to_do_weigh_what_the_level_says(level: Honesty) -> None:
    table = at(level)
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - PIC"))
    table.say(act(ActKind.PROMISE, FRANCE, ENGLAND, "F BRE - ENG", polarity=Polarity.NOT))
    ledger, view = table.ledgers[FRANCE], table.game.view(FRANCE)
    given = commitments(ledger, FRANCE, view.phase, table.config) + abstentions(ledger, FRANCE, view, table.config)
    assert [str(c.order) for c in given] == ["A PAR - PIC", "F BRE - ENG"]
    assert {c.price for c in given} == {table.config.price(firm=True)}


@pytest.mark.parametrize("level", Honesty)
def test_only_cheap_talk_grants_what_costs_dear(level: Honesty) -> None:
    table = at(level)
    table.judges[GERMANY] = ScriptedJudge(regrets={SUPPORT: 0.5})
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, SUPPORT, of=GERMANY))
    answer = table.answer(GERMANY, FRANCE)
    granted = level is Honesty.CHEAP_TALK
    assert (ActKind.AGREE in kinds(answer)) is granted
    assert (ActKind.REFUSE in kinds(answer)) is not granted


@pytest.mark.parametrize("level", Honesty)
@pytest.mark.parametrize("said", [(ActKind.ALLY, ""), (ActKind.DEMILITARISE, "BUR"), (ActKind.BOUNCE, "PIC")])
def test_only_cheap_talk_agrees_to_peace_and_bounces_that_it_does_not_mean(
    level: Honesty, said: tuple[ActKind, str]
) -> None:
    table = at(level)
    table.plans[FRANCE] = ("A PAR - BUR", "A MAR S A PAR - BUR", "F BRE - MAO")
    if said[0] is ActKind.ALLY:  # a plan that attacks Germany
        table.play()
        table.plans = {FRANCE: ("A BUR - MUN", "A MAR - SPA", "F MAO - POR")}
    table.judges[FRANCE] = ScriptedJudge(regrets={"A PAR - PIC": 0.3, "F BRE - PIC": 0.3})
    table.say(act(said[0], GERMANY, FRANCE, provinces=said[1]))
    assert (ActKind.AGREE in kinds(table.answer(FRANCE, GERMANY))) is (level is Honesty.CHEAP_TALK)


@pytest.mark.parametrize("level", Honesty)
def test_only_cheap_talk_lies_when_asked(level: Honesty) -> None:
    table = at(level)
    table.play()
    table.plans = {FRANCE: ("A BUR - MUN", "A MAR - SPA", "F MAO - POR")}
    table.say(act(ActKind.ASK, GERMANY, FRANCE, "A BUR - MUN", of=FRANCE))
    answer = table.answer(FRANCE, GERMANY)
    denied = orders_of(answer, ActKind.INFORM) == ["A BUR - MUN"]
    assert denied is (level is Honesty.CHEAP_TALK)
    if denied and answer is not None:
        assert answer.acts[0].polarity is Polarity.NOT
    table.say(act(ActKind.ASK, ENGLAND, FRANCE, "F MAO - NAO", of=FRANCE))
    pleasing = [a for a in (table.answer(FRANCE, ENGLAND) or SpeechPlan(FRANCE, ENGLAND, ())).acts if a.orders]
    says_so = any(a.polarity is Polarity.DO and str(a.orders[0].order) == "F MAO - NAO" for a in pleasing)
    assert says_so is (level is Honesty.CHEAP_TALK)


@pytest.mark.parametrize("level", Honesty)
def test_who_is_not_bound_promises_one_what_breaks_a_word_to_another(level: Honesty) -> None:
    table = at(level)
    table.judges[GERMANY] = ScriptedJudge(regrets={SUPPORT: 0.001})
    table.say(act(ActKind.PROMISE, GERMANY, ENGLAND, "A MUN - RUH"))
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, SUPPORT, of=GERMANY))
    assert (ActKind.AGREE in kinds(table.answer(GERMANY, FRANCE))) is not level.scruples.binds


@pytest.mark.parametrize("level", Honesty)
@pytest.mark.parametrize(
    "said",
    [
        act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - BUR", polarity=Polarity.NOT),
        act(ActKind.INFORM, FRANCE, GERMANY, "A PAR - PIC"),
        act(ActKind.PROMISE, FRANCE, GERMANY, provinces="BUR", polarity=Polarity.NOT),
    ],
)
def test_the_filters_let_nobody_lie_but_cheap_talk(level: Honesty, said: SpeechAct) -> None:
    assert rejected("intention", at(level), said) is level.scruples.sincere


@pytest.mark.parametrize("level", Honesty)
def test_no_level_tells_an_attack_to_its_victim(level: Honesty) -> None:
    table = at(level)
    table.play()
    assert rejected("intention", table, act(ActKind.INFORM, FRANCE, GERMANY, "A BUR - MUN"))


@pytest.mark.parametrize("level", Honesty)
def test_the_filters_let_who_is_not_bound_contradict_what_others_were_told(level: Honesty) -> None:
    table = at(level)
    table.say(act(ActKind.PROMISE, FRANCE, ENGLAND, "A PAR - PIC"))
    said = act(ActKind.INFORM, FRANCE, GERMANY, "A PAR - BUR")
    assert rejected("promises", table, said) is level.scruples.binds
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - PIC"))
    assert rejected("promises", table, said), "what the hearer was told is contradicted at no level"


def test_a_promise_on_a_condition_that_is_taken_back_binds_no_more() -> None:
    table = at(Honesty.BINDING)
    condition = act(ActKind.INFORM, GERMANY, FRANCE, "A BER - KIE")
    table.say(act(ActKind.OFFER, FRANCE, GERMANY, "A PAR - PIC", condition=condition))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    ledger, view = table.ledgers[FRANCE], table.game.view(FRANCE)

    def bound() -> list[str]:
        return [str(c.order) for c in commitments(ledger, FRANCE, view.phase, table.config)]

    assert bound() == ["A PAR - PIC"]
    assert corrections(ledger, PLAN, view)
    table.say(act(ActKind.REFUSE, GERMANY, FRANCE, "A BER - KIE", of=GERMANY))
    assert bound() == []
    assert not corrections(ledger, PLAN, view)
    table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A BER - KIE"))
    assert bound() == ["A PAR - PIC"], "given again"
