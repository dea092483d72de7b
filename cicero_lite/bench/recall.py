"""What an agent answers about words: asked, at the end of a long talk, whether and what it said, near and far back.

An agent takes a seat whose talks it has read from the record, as after a restart; a player asks it one question after
another, and it answers as in play, filters included.  An answer is right if, as it is read back, it says yes or no as
the record of the talk's making has it, if everything it says of words beside is so, and every quotation is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cicero_lite.agent import NegotiatingAgent, build_agent
from cicero_lite.arena.log import EventLog
from cicero_lite.bench.options import Reached
from cicero_lite.bench.recall_talks import FAR, TRUE, Kind, LongTalk, Probe, Sense, Told, Wordings, long_talk, probes
from cicero_lite.bench.shares import Share
from cicero_lite.config import Config
from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.recalling import Recalled, recalled
from dialogue.understanding import WordsRead, words_of
from engine.game import GameView
from engine.notation import same_move
from engine.types import Message, OrderKind, province_of

_STREAM = 24
"""Keeps the draw of questions apart from other random numbers."""
_A_TALK = 28
"""Questions asked at the end of one talk: two of each kind."""


@dataclass(frozen=True)
class Answered:
    """A question, and what was answered."""

    kind: Kind
    distance: int
    wording: str
    question: str
    answer: str
    """ "" where the agent was silent."""
    wrong: str
    """What is wrong with the answer; "": nothing."""


@dataclass(frozen=True)
class RecallFigures:
    """How many questions were answered rightly."""

    questions: int
    talks: int
    messages: float
    """Of the pair in a talk, on average, before the questions."""
    right: Share
    on_record: Share
    """Of those about words that are on record."""
    not_on_record: Share
    near: Share
    far: Share
    """Of those about words at least `FAR` messages back."""
    kinds: Mapping[str, Share]
    wrong: tuple[Answered, ...]

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        rows = [
            ("answered rightly", self.right),
            ("words on record", self.on_record),
            ("words not on record", self.not_on_record),
            (f"fewer than {FAR} messages back", self.near),
            (f"{FAR} or more", self.far),
            *((f"  {name}", share) for name, share in self.kinds.items()),
        ]
        lines = [f"{self.questions} questions in {self.talks} talks of {self.messages:.0f} messages; Wilson, 95 %"]
        lines += [f"{name:<32} {share}" for name, share in rows]
        for answer in self.wrong:
            lines += ["", f"{answer.kind}, {answer.distance} back: {answer.question}"]
            lines += [f"    {answer.answer or '(silent)'}", f"    {answer.wrong}"]
        return lines


def measure_recall(
    config: Config,
    questions: int,
    seed: int,
    wordings: Wordings,
    reached: Reached = lambda done, total: None,
) -> tuple[RecallFigures, list[Answered]]:
    """Asks an agent so many questions about what was said.

    Args:
        config: the agent's settings.
        questions: how many.
        seed: draws talks and questions.
        wordings: of the questions.
        reached: told of the number asked.

    Raises:
        LanguageModelError: the language model cannot be loaded.
    """
    found: list[Answered] = []
    lengths: list[int] = []
    number = seed
    while len(found) < questions:
        talk = long_talk(number)
        lengths.append(talk.distance(-1))
        for answered in _asked(config, talk, min(_A_TALK, questions - len(found)), number, wordings):
            found.append(answered)
            reached(len(found), questions)
        number += 1
    return _figures(found, lengths), found


def _asked(config: Config, talk: LongTalk, count: int, seed: int, wordings: Wordings) -> Iterable[Answered]:
    agent = build_agent(talk.me, config.agent.in_game(seed), seed, EventLog())
    view = talk.game.view(talk.me)
    agent.begin_phase(view)
    rng = np.random.default_rng([seed, _STREAM])
    for probe in list(probes(talk, count, wordings, rng)):
        text = _answer(agent, talk, probe)
        wrong = judge(talk, probe, text)
        yield Answered(probe.kind, probe.distance, probe.wording, probe.text, text, wrong)


def _answer(agent: NegotiatingAgent, talk: LongTalk, probe: Probe) -> str:
    """Asks; what is answered is said, too."""
    message = talk.game.say(talk.other, talk.me, probe.text)
    view = talk.game.view(talk.me)
    agent.hear(message, view)
    said = agent.write_to(talk.other, view)
    if said is None:
        talk.game.say(talk.me, talk.other, "One moment.")  # the next question is asked by itself
        return ""
    answer = talk.game.say(talk.me, talk.other, said.text)
    talk.told += _also_told(said.acts, answer)  # what it says beside its answer may be asked about, too
    return said.text


def _also_told(acts: Iterable[SpeechAct], message: Message) -> Iterable[Told]:
    """What a message of the agent says of its own orders, by its plan."""
    assert message.recipient is not None
    for act in acts:
        if act.kind not in (ActKind.INFORM, ActKind.PROMISE):
            continue
        negative = act.polarity is Polarity.NOT
        own = [item.order for item in act.orders if item.power is act.speaker and item.order.unit is not None]
        for order in own:
            assert order.unit is not None
            place = order.unit.province if order.target is None else province_of(order.target)
            sense = Sense.WITHHOLD if negative else Sense.GIVE
            yield Told(message.sender, message.recipient, message.phase, sense, order, place, message.sequence)
        for place in act.provinces if negative else ():
            yield Told(message.sender, message.recipient, message.phase, Sense.STAY_OUT, None, place, message.sequence)


# --- judging -------------------------------------------------------------------------------------------


def judge(talk: LongTalk, probe: Probe, text: str) -> str:
    """What is wrong with an answer; "": nothing."""
    if not text:
        return "silent"
    view = talk.game.view(talk.me)
    said = recalled(text, talk.me, talk.other, view)
    for one in said:
        if (problem := _untrue(one, talk, view)) is not None:
            return problem
    if probe.kind is Kind.PRIVATE:
        return "speaks of words" if said else ""
    telling = [one for one in said if not one.denies and one.by is probe.by]
    denying = [one for one in said if one.denies and one.by is probe.by]
    if probe.kind is Kind.OPEN:
        about = [t for t in talk.between(probe.by, talk.other) for one in telling if _is(one, t, view)]
        return "" if any(probe.claim.place in t.places for t in about) else "does not tell what was said"
    if probe.kind is Kind.NOTHING:
        return "" if any(probe.claim.place in one.provinces for one in denying) else "does not say: nothing"
    if probe.kind in TRUE:
        to = talk.other if probe.by is talk.me else talk.me
        so = [told for told in talk.between(probe.by, to) if told.says(probe.claim)]
        return "" if any(_is(one, told, view) for one in telling for told in so) else "does not say that it was said"
    told = any(not one.words or _is(one, probe.claim, view) for one in denying)
    return "" if told else "does not say that it was not said"


def _untrue(one: Recalled, talk: LongTalk, view: GameView) -> str | None:
    """What a sentence about words says that is not so; None: nothing."""
    to = talk.other if one.by is talk.me else talk.me
    if one.to not in (talk.me, talk.other):
        return "speaks of words to others"
    if one.quote:
        exact = any(one.quote in m.text for m in _messages(talk, one))
        return None if exact else f"quotes what was not said: {one.quote!r}"
    told = [t for t in talk.between(one.by, to) if one.phase in (None, t.phase)]
    if one.is_open:
        about = [t for t in told if t.places & set(one.provinces)]
        return "says that nothing was said" if one.denies and about else None
    if not one.words:
        return None  # "I never said that": what the question asks about, which is judged
    so = any(_is(one, t, view) for t in told)
    if so is one.denies:
        return f"{'denies what was said' if one.denies else 'says what was not said'}: {one.words!r}"
    return None


def _messages(talk: LongTalk, one: Recalled) -> list[Message]:
    everything = [*(m for record in talk.game.history for m in record.messages), *talk.game.messages]
    pair = {talk.me, talk.other}
    return [m for m in everything if m.sender is one.by and m.recipient in pair and one.phase in (None, m.phase)]


def _is(one: Recalled, told: Told, view: GameView) -> bool:
    """Whether a sentence is about words that said this, read over the board on which they were said."""
    read = words_of(one, view, told.phase)
    return read is not None and _says(read, told)


def _says(read: WordsRead, told: Told) -> bool:
    negative = read.polarity is Polarity.NOT
    if negative is (told.sense is Sense.GIVE):
        return False
    named = [item.order for item in read.orders if item.power is told.by]
    if told.order is not None and named:
        return any(same_move(order, told.order) for order in named)
    moves = [o for o in named if o.kind is OrderKind.MOVE and o.target is not None]
    return any(province_of(o.target) == told.place for o in moves if o.target) or set(read.provinces) == {told.place}


def _figures(found: Sequence[Answered], lengths: Sequence[int]) -> RecallFigures:
    def share(those: Iterable[Answered]) -> Share:
        return Share.counted(not one.wrong for one in those)

    return RecallFigures(
        questions=len(found),
        talks=len(lengths),
        messages=sum(lengths) / max(1, len(lengths)),
        right=share(found),
        on_record=share(one for one in found if one.kind in TRUE),
        not_on_record=share(one for one in found if one.kind not in TRUE and one.kind is not Kind.PRIVATE),
        near=share(one for one in found if one.distance < FAR),
        far=share(one for one in found if one.distance >= FAR),
        kinds={kind.value: share(one for one in found if one.kind is kind) for kind in Kind},
        wrong=tuple(one for one in found if one.wrong),
    )
