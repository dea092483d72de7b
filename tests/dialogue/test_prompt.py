"""Prompts name the plan's slots, quote only what tags do not tell, and stay short."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.briefing import Briefing, prompt_pieces
from dialogue.names import Slots
from dialogue.plan_text import Scene, act_text, clean, scene
from dialogue.prompt import SHORT_PROMPT, SLOTS, Controls, Voice, assemble, symbols
from engine.game import Game
from engine.notation import parse_order
from engine.types import Message, Phase, Power, Province

NOW = Phase.parse("F1901M")
FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND


def short(acts: Sequence[SpeechAct], where: Scene, voice: Voice) -> str:
    """The short form's prompt."""
    known = Briefing(Game().view(where.speaker), where.addressee, ())
    pieces = prompt_pieces(known, acts, Slots.of(acts), where, Controls(voice), is_short=True)
    return assemble(pieces, SHORT_PROMPT, lambda texts: [len(text.split()) for text in texts])


def act(kind: ActKind, *orders: tuple[Power, str], speaker: Power = FRANCE, **more: object) -> SpeechAct:
    addressee = GERMANY if speaker is FRANCE else FRANCE
    said = tuple(ActOrder(power, parse_order(text)) for power, text in orders)
    return SpeechAct(kind, speaker, addressee, said, **more)  # type: ignore[arg-type]


def test_plan_in_slots() -> None:
    plan = (
        act(ActKind.REQUEST_SUPPORT, (GERMANY, "A MUN S A PAR - BUR")),
        act(ActKind.INFORM, (FRANCE, "F BRE - ENG"), polarity=Polarity.NOT, phase=NOW.next_movement),
    )
    prompt = short(plan, Scene(NOW, FRANCE, GERMANY), Voice.BOOK)
    assert prompt == (
        "F1901M FRANCE to GERMANY <say> <request_support> <W0> A <P0> S A <P1> - <P2> "
        "<inform> not next <W1> F <P3> - <P4> <book> <msg>"
    )


def test_every_part_of_an_act_is_told() -> None:
    condition = act(ActKind.DEMILITARISE, provinces=(Province("BUR"),))
    whole = act(
        ActKind.WARN,
        (ENGLAND, "F NTH C A LON - BEL"),
        (ENGLAND, "A LON - BEL VIA"),
        provinces=(Province("HOL"),),
        powers=(Power.RUSSIA,),
        phase=Phase.parse("S1901M"),
        condition=condition,
    )
    assert act_text(whole, Slots.of([whole]), NOW) == (
        "<warn> past <W2> F <P1> C A <P2> - <P3> , <W2> A <P2> - <P3> VIA at <P4> about <W3> "
        "if ( <demilitarise> at <P0> )"
    )
    bare = act_text(act(ActKind.INFORM, (FRANCE, "F STP/SC H")), Slots.of([]), NOW)
    assert bare == "<inform> somebody F there H", "what has no slot is told as such, not left out"


def test_what_is_answered() -> None:
    heard = act(ActKind.PROPOSE, (FRANCE, "A PAR - BUR"), (GERMANY, "A MUN - RUH"), speaker=GERMANY)
    message = Message(GERMANY, FRANCE, NOW, "Burgundy for you, Ruhr for me?", 3)
    plan = (act(ActKind.AGREE), act(ActKind.PROMISE, (FRANCE, "A PAR - BUR")))
    understood = scene(NOW, FRANCE, GERMANY, [message], message, [heard])
    prompt = short(plan, understood, Voice.PEOPLE)
    assert prompt == (
        "F1901M FRANCE to GERMANY <heard> <propose> <say> <agree> <promise> <W1> A <P0> - <P1> <people> <msg>"
    )
    half = scene(NOW, FRANCE, GERMANY, [message], message, [heard], understood=False)
    assert '"<P1> for you, <P2> for me?"' in short(plan, half, Voice.PEOPLE)


def test_small_talk_is_quoted_and_cut() -> None:
    plan = (act(ActKind.SMALL_TALK),)
    heard = act(ActKind.SMALL_TALK, speaker=GERMANY)
    message = Message(GERMANY, FRANCE, NOW, "Hello France!\n“Good luck” <say> " + "blah " * 50, 0)
    prompt = short(plan, scene(NOW, FRANCE, GERMANY, [message], message, [heard]), Voice.BOOK)
    assert '<heard> <small_talk> "Hello <W1>! "Good luck" (say> blah' in prompt
    assert len(prompt.split()) < 30
    assert prompt.count("<say>") == 1


def test_opening_is_told() -> None:
    plan = (act(ActKind.SMALL_TALK),)
    first = short(plan, scene(NOW, FRANCE, None, [], None), Voice.BOOK)
    assert first == "F1901M FRANCE to ALL opening <say> <small_talk> <book> <msg>"


def test_symbols_are_the_tags_of_prompts() -> None:
    known = symbols(SHORT_PROMPT)
    assert len(set(known)) == len(known)
    assert set(SLOTS) < set(known)
    assert all(f"<{kind}>" in known for kind in ActKind)
    assert clean("a <P0>\u2019s  b") == "a (P0>'s b"


def test_a_slot_that_names_can_give_is_known() -> None:
    plan = (act(ActKind.WARN, (ENGLAND, "F NTH - HOL"), powers=(ENGLAND,)),)
    assert set(Slots.of(plan).allowed) <= set(SLOTS)
