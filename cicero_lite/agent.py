"""The negotiating agent, read from top to bottom: it hears, plans, means, says, checks, and orders.

    understanding   what was said to me -> acts, kept in the ledger
    search          board + beliefs -> policies and scores of every power, my action
    observation     what was played + what was predicted -> beliefs about the players
    intents         my action + what I want of each recipient
    speech plan     whom to write to now, or nobody; which acts, of several that are compared
    generation      speech plan -> candidate messages, each read back as acts
    filters         each candidate -> verdicts with reasons

This is the only file that knows both the planner and the dialogue.  They speak to each other in the types of
`engine.types`; `_Judge` hands the speech planner the few questions that it may ask of a search.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.agent_state import AgentState, MeantActs, StandingPlan, Suspicion
from cicero_lite.arena.log import (
    Believed,
    Drafted,
    Event,
    EventLog,
    FilterFinding,
    IntentFormed,
    ModelFailed,
    ModelUsed,
    NotImposed,
    PhaseResolved,
    PlayerBelief,
    PromiseSettled,
    Searched,
    Silent,
    SpeechPlanned,
    Steered,
    Understood,
)
from cicero_lite.config import AgentConfig
from cicero_lite.steer.controls import NEUTRAL, Controls
from cicero_lite.steer.speaking import speech_of
from cicero_lite.steer.standing import preferences_of
from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.disclosing import disclosures
from dialogue.filters import Disclosure, Effect, FilterContext, FilterVerdict, filters_named, passes, review
from dialogue.fluency import FluencyJudge, judge_of
from dialogue.formality import best_toned
from dialogue.generation import Draft, Knowledge, draft_many
from dialogue.hypotheses import as_if_said, told
from dialogue.incoming import NOT_READ, Attention
from dialogue.language_model import (
    SHIPPED_WEIGHTS,
    EndpointConfig,
    LanguageModel,
    LanguageModelError,
    Precision,
    Scorer,
    Usage,
)
from dialogue.lies import Basis, Listener, told_to
from dialogue.memory import Ledger, Promise, Status
from dialogue.prompt import Candour
from dialogue.public_press import draft_public, plan_public, review_public
from dialogue.records import act_of
from dialogue.situation import Instructions
from dialogue.speech import (
    SpeechOptions,
    SpeechPlan,
    abstentions,
    commitments,
    considered,
    corrections,
    evidence,
    plan_message,
    plan_speech,
    sayable,
    within_budget,
    without,
)
from dialogue.understanding import Reading, read
from engine.board import Board
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import (
    POWERS,
    Action,
    Commitment,
    IllegalOrderError,
    Intent,
    Message,
    Order,
    OrderKind,
    Phase,
    PhaseKind,
    Policy,
    Power,
)
from planner.intents import intents
from planner.models import shared_evaluator
from planner.observation import learned, teach
from planner.opponents import OpponentBeliefs
from planner.plan import Plan, contains
from planner.rollout import Evaluator
from planner.search import foresee, search
from planner.talk import Beliefs
from planner.talk_value import TalkValue

_LOGGED_ACTIONS = 8
"""Actions of each power that the log keeps of a search."""
_BELIEVED = 0.75
"""How far others are taken to believe our words when messages are compared; the ledger's prior of theirs."""
_ORDERED_IN = {
    PhaseKind.MOVEMENT: (OrderKind.HOLD, OrderKind.MOVE, OrderKind.SUPPORT, OrderKind.CONVOY),
    PhaseKind.RETREATS: (OrderKind.RETREAT, OrderKind.DISBAND),
    PhaseKind.ADJUSTMENTS: (OrderKind.BUILD, OrderKind.DISBAND, OrderKind.WAIVE),
}
_STUDIED_PHASES = 6
"""Movement phases of a game joined late from which it learns what the players are like; each costs a search."""


def build_agent(power: Power, config: AgentConfig, seed: int, events: EventLog) -> NegotiatingAgent:
    """The agent for one seat, with its language model loaded (once for all seats of a process) if it is asked at all.

    Raises:
        LanguageModelError: the language model's files are missing or damaged, or its endpoint cannot be asked.
    """
    model = language_model(config)
    return NegotiatingAgent(power, config, model, shared_evaluator(config.search), np.random.default_rng(seed), events)


def language_model(config: AgentConfig) -> LanguageModel | None:
    """The language model that words messages, loaded once for all seats of a process; None: none is asked.

    Raises:
        LanguageModelError: as `build_agent`.
    """
    if config.generation.candidates == 0:
        return None
    if config.endpoint.url is not None:
        return _endpoint(config.endpoint)
    with _LOADING:
        return _load_model(config.model or str(SHIPPED_WEIGHTS), config.adapter, config.device, config.precision)


def fluency_judge(config: AgentConfig, model: LanguageModel | None) -> FluencyJudge | None:
    """What tells how odd the words of a text are; None: the model cannot, or nothing in its folder says how.

    Raises:
        FluencyFileError: the file in the model's folder is damaged, or another model's.
    """
    if not isinstance(model, Scorer) or config.adapter is not None or "fluency" not in config.filters:
        return None
    return judge_of(model, Path(config.model or SHIPPED_WEIGHTS))


_LOADING = threading.Lock()
"""One model is loaded at a time: transformers leaves weights out when two threads load."""


@cache
def _endpoint(config: EndpointConfig) -> LanguageModel:
    from dialogue.endpoint import EndpointModel

    return EndpointModel(config)


@cache
def _load_model(place: str, adapter: str | None, device: str, precision: Precision) -> LanguageModel:
    # Imported late: torch is slow to load, and not every agent talks.
    from dialogue.lm import LocalModel

    return LocalModel.load(place, adapter, device, precision)


class NegotiatingAgent:
    """One power's player: plans by search, talks by plan, and keeps a ledger of every word."""

    def __init__(
        self,
        power: Power,
        config: AgentConfig,
        model: LanguageModel | None,
        evaluator: Evaluator,
        rng: np.random.Generator,
        events: EventLog,
    ) -> None:
        """Seats the agent.

        Args:
            power: whom it plays.
            config: settings of every stage.
            model: words the messages; None: the grammar alone does.
            evaluator: scores of joint actions, which seats may share.
            rng: the agent's own.
            events: where it records what it thinks.
        """
        self.power = power
        self.config = config
        self.ledger = Ledger(power, config.memory)
        self.players: OpponentBeliefs | None = None
        """What it believes of the other players; None: its beliefs stay as they are."""
        if config.search.adapt:
            self.players = OpponentBeliefs.start(len(POWERS), config.search.opponents.among(evaluator.source.styles))
            self.ledger.reliability = self._reliability
        suspects_by = config.suspects_by
        self._listener = Listener(suspects_by, Basis.BOTH) if suspects_by is not None else None
        self._controls = self._announced = NEUTRAL
        self._follow(config.controls)
        self._model = model
        self._asked = Usage()
        """What the model's server was asked by this agent."""
        self._fluency = fluency_judge(config, model)
        self._evaluator = evaluator
        self._rng = rng
        self._events = events
        self._plan: Plan | None = None
        self._standing: StandingPlan | None = None
        """What the plan of an earlier process decided, until it is searched for again."""
        self._meant: tuple[Plan, dict[Power, Intent]] | None = None
        """The intents of the last plan that was asked for them."""
        self._heard_since_plan = True
        self._held = False
        """Whether the plan stands whatever is heard; see `hold_to`."""
        self._planned_acts: dict[tuple[Power | None, str], tuple[SpeechAct, ...]] = {}
        self._settled: set[Phase] = set()
        self._phase: Phase | None = None
        self._not_imposed: set[tuple[Phase, Order]] = set()
        """Imposed orders of which the log says that they cannot be given."""
        self._attention = Attention(config.hearing)
        self._elapsed: float | None = None
        self._passed_over: dict[SpeechPlan, tuple[SpeechPlan, ...]] = {}
        """The alternatives to what is about to be said, for the log."""

    # --- what the session calls ------------------------------------------------------------------------

    def begin_phase(self, view: GameView) -> None:
        """Forgets the last phase's plan and takes in whatever was said and played before."""
        self._plan, self._standing, self._heard_since_plan, self._held, self._elapsed = None, None, True, False, None
        self._planned_acts.clear()
        self._take_note(view)
        self._announce()

    def hear(self, message: Message, view: GameView) -> None:
        """Reads a message: its acts go into the ledger, and the plan is due for another look."""
        self._take_note(view)

    def watch_clock(self, elapsed: float) -> None:
        """Takes note of the share of the phase's time that has passed, 0 to 1."""
        self._elapsed = elapsed

    def speak(self, view: GameView) -> list[OutgoingMessage]:
        """What to send now; empty: nothing to say."""
        if self._controls.verbosity == 0:
            self._log(Silent(self.power, view.phase, reason="its controls keep it silent"))
            return []
        plan = self.plan(view)
        said = [*self._say(self._speech_plans(plan, view), view), *self._say_publicly(view)]
        if not said:
            self._log(Silent(self.power, view.phase, reason="nothing to say"))
        return said

    def act(self, view: GameView, power: Power) -> Action:
        """The orders of the phase: the action that the last message was conditioned on, unless talk came after."""
        return self.orders_so_far(view)

    def orders_so_far(self, view: GameView) -> Action:
        """The orders of the phase as things stand."""
        self._take_note(view)
        meant = self._action_in(view.phase)
        up_to_date = self._held or not self._heard_since_plan
        return meant if meant is not None and up_to_date else self._think(view).action

    def expected_score(self, view: GameView) -> float:
        """What its plan expects of playing on, as things stand."""
        return self.plan(view).expected_scores[self.power]

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Settles promises, mine and theirs, by the orders that were really given, and learns about the others.

        Only of phases that it planned: where it had nothing to order, it would have to search anew.
        """
        known = record.phase in self._settled
        self._remember(record.messages, record)
        self._settle(record)
        if not known and self._action_in(record.phase) is not None:
            self._learn(record, self._plan)
        if self._model is not None and self._model.usage is not None:
            used = self._asked
            counts = (used.requests, used.prompt_tokens, used.text_tokens, used.cost)
            self._log(ModelUsed(self.power, record.phase, *counts))

    def write_to(self, recipient: Power, view: GameView) -> OutgoingMessage | None:
        """A message to this power now, whatever the budgets say; None: every draft was rejected."""
        plan = self.plan(view)
        corrected = [p for p in self._corrections(plan, view) if p.recipient is recipient]
        meant, judge, config = self._intents(plan, view), _Judge(plan), self._speech
        options = plan_message(
            view, self.power, recipient, meant, self.ledger, judge, config, self._rng, self._held,
            self._instructions(view.phase),
        )  # fmt: skip
        planned = [*corrected, *(o.best for o in self._judged([options], plan, view))]
        said = self._say(planned[:1], view)
        return said[0] if said else None

    def could_say(self, view: GameView) -> list[SpeechOptions]:
        """What it would choose among if it spoke now: to whom, and every alternative with its worth, best first."""
        plan = self.plan(view)
        return self._judged(self._options(plan, view), plan, view)

    def plan(self, view: GameView) -> Plan:
        """What it will do and expects of everybody, as things stand."""
        self._take_note(view)
        return self._think(view)

    def hold_to(self, intent: Intent, view: GameView) -> None:
        """Makes it mean this until the phase ends, whatever its search says and whatever it hears.

        Its orders become the intent's, and so does what it wants of the intent's recipient; what the search thinks of
        orders stays.  What it would promise, offer or ask for beyond these orders is left unsaid.
        """
        held = replace(self.plan(view), action=intent.own.orders)
        self._plan, self._held = held, True
        self._meant = held, {**intents(held, view), intent.recipient: intent}

    @property
    def controls(self) -> Controls:
        """Those in force."""
        return self._controls

    def steer(self, controls: Controls) -> None:
        """Takes these controls from here on: the next plan and the next message follow them.

        Promises given stay, at the price that its honesty now gives them.
        """
        if controls != self._controls:
            self._follow(controls)
            self._heard_since_plan, self._meant = True, None
            self._announce()

    # --- from process to process -----------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """All that it knows, as JSON values; see `AgentState`."""
        standing = self._standing
        if self._plan is not None:
            meant = self._meant[1] if self._meant is not None and self._meant[0] is self._plan else {}
            standing = StandingPlan(self._plan.phase, self._plan.action, tuple(meant.values()))
        return AgentState(
            ledger=self.ledger.to_json(),
            suspicions=tuple(Suspicion(*item) for item in self.ledger.suspicions.items()),
            players=None if self.players is None else self.players.to_json(),
            settled=tuple(sorted(self._settled)),
            meant=tuple(MeantActs(*key, acts) for key, acts in self._planned_acts.items()),
            plan=standing,
            attention=self._attention.heeded(),
            rng=self._rng.bit_generator.state,
            has_heard=self._heard_since_plan,
            is_held=self._held,
            elapsed=self._elapsed,
            controls=self._controls,
        ).to_json()

    def restore(self, state: Mapping[str, Any], view: GameView) -> None:
        """Goes on where `state` was asked for, perhaps in an earlier phase of the game that the view shows.

        In the same phase the plan stands: the others' policies are searched for again if they are asked for, but its
        action is the same until something new is heard or promised.

        Raises:
            ValueError: values of another form.
        """
        before = AgentState.from_json(state, view)
        reliability = self.ledger.reliability
        self.ledger = Ledger.from_json(before.ledger, self.config.memory)
        self.ledger.reliability = reliability
        self.ledger.suspicions = {item.message: item.suspicion for item in before.suspicions}
        if self.players is not None and before.players is not None:
            players = OpponentBeliefs.from_json(before.players)
            if players.config == self.players.config:  # else the configuration was changed meanwhile
                self.players = players
                learned_of = {step.phase for steps in players.steps for step in steps}
                for record in view.history:
                    if str(record.phase) in learned_of:
                        teach(self._evaluator, self.power, record)
        if before.controls is not None:
            self._announced = before.controls
            self._follow(before.controls)
        self._settled = set(before.settled)
        self._planned_acts = {(item.recipient, item.text): item.acts for item in before.meant}
        self._plan, self._meant, self._standing = None, None, before.plan
        self._attention = Attention(self.config.hearing)
        self._attention.heed(before.attention)
        self._rng.bit_generator.state = before.rng
        self._heard_since_plan, self._held, self._elapsed = before.has_heard, before.is_held, before.elapsed

    def _action_in(self, phase: Phase) -> Action | None:
        """What it means to order in this phase; None: it has no plan for it."""
        plan = self._plan if self._plan is not None else self._standing
        return plan.action if plan is not None and plan.phase == phase else None

    def _search_again(self, standing: StandingPlan, view: GameView) -> None:
        """Makes a plan around what an earlier process decided; its random numbers are none of the agent's."""
        beliefs, rng = self._beliefs(self.ledger, view), deepcopy(self._rng)
        self._plan = replace(self._search(view, beliefs, None, rng), action=standing.action)
        if standing.intents:
            self._meant = self._plan, {intent.recipient: intent for intent in standing.intents}

    # --- understanding ---------------------------------------------------------------------------------

    def _take_note(self, view: GameView) -> None:
        """Brings the ledger up to what the view shows; of a game joined late, all of it."""
        self._phase = view.phase
        missed = [record for record in view.history if record.phase not in self._settled]
        moves = [record.phase for record in missed if record.phase.kind is PhaseKind.MOVEMENT]
        for record in missed:
            self._remember(record.messages, record)
            self._settle(record)
            if record.phase in moves[-_STUDIED_PHASES:]:
                self._learn(record)
        self._remember(view.messages, view)

    def _remember(self, messages: Sequence[Message], where: GameView | PhaseRecord) -> None:
        board = where if isinstance(where, GameView) else where.board
        known = {e.message.sequence for e in self.ledger.entries if e.message.phase == board.phase}
        for number, message in enumerate(messages):
            if message.sequence in known:
                continue
            own = message.sender is self.power
            acts = self._planned_acts.get((message.recipient, message.text)) if own else None
            if not own and not self._attention.has_room(message):
                self._log(Understood(self.power, message, (), (NOT_READ,)))
                acts = ()
            if acts is None:
                reading = self._read(message, board, messages[:number])
                acts = reading.acts
                if not own:
                    self._heard_since_plan = True
                    suspicion = self._suspicion(message, board, messages[:number])
                    self._log(Understood(self.power, message, reading.acts, reading.unread, suspicion))
            self.ledger.record(message, acts)
        meant = self._action_in(board.phase)
        if meant is not None and self._scruples.binds:
            given = self.ledger.promises_by(self.power, status=Status.OPEN, phase=board.phase)
            self._heard_since_plan |= not all(promise.is_kept_by(meant) for promise in given)

    def _read(self, message: Message, board: Board, talk: Sequence[Message]) -> Reading:
        reader = read if message.sender is self.power else self.config.hears_by
        return reader(message, board, talk)

    def _suspicion(self, message: Message, board: Board, talk: Sequence[Message]) -> float | None:
        """How far a private message is suspected to be a lie, kept for whatever follows from it; None: nobody asks."""
        if self._listener is None or message.recipient is not self.power:
            return None
        suspicion = round(self._listener.suspicion(told_to(self.ledger, message, board, talk)), 4)
        self.ledger.suspicions[message.sequence] = suspicion
        return suspicion

    def _settle(self, record: PhaseRecord) -> None:
        self._settled.add(record.phase)
        for promise in self.ledger.settle(record):
            self._note_word(promise)
            if promise.to is not None:
                act = act_of(promise, promise.to)
                outcome, said = promise.status.value, promise.message
                event = PromiseSettled(promise.by, promise.to, record.phase, act, outcome, said)
                if event not in self._settled_before():
                    self._log(event)

    def _settled_before(self) -> list[Event]:
        """What was logged since the phase was resolved: at one table both parties settle the same promise."""
        return list(takewhile(lambda event: not isinstance(event, PhaseResolved), reversed(self._events.events)))

    # --- what the others are like ----------------------------------------------------------------------

    def _learn(self, record: PhaseRecord, plan: Plan | None = None) -> None:
        """Weighs what everybody ordered against what the plan predicted; without a plan, what it would have."""
        if self.players is None:
            return
        prediction = plan.prediction if plan is not None else None
        if prediction is None:
            beliefs = Beliefs(players=self.players)
            prediction = foresee(record.position, self.power, beliefs, self.config.search, self._rng, self._evaluator)
        self.players = learned(self.players, prediction, record)
        teach(self._evaluator, self.power, record)
        self._log(_believed(self.power, self.players, record))

    def _note_word(self, promise: Promise) -> None:
        """A promise of another to this power, kept or broken, says how reliable its speaker is."""
        if self.players is None or promise.by is self.power or promise.status not in (Status.KEPT, Status.BROKEN):
            return
        by, kept = promise.by.number, promise.status is Status.KEPT
        self.players = self.players.note_promise(by, self.power.number, kept, self.ledger.weight_of(promise))

    def _reliability(self, power: Power) -> float:
        """The chance that a power keeps its word to this one."""
        assert self.players is not None
        return self.players.reliability(power.number, self.power.number)

    # --- search ----------------------------------------------------------------------------------------

    def _think(self, view: GameView, about_to_promise: Sequence[Commitment] = ()) -> Plan:
        """The plan for the phase at hand, made anew only when something was heard, or is to be promised."""
        if self._plan is None and self._standing is not None and self._standing.phase == view.phase:
            self._search_again(self._standing, view)
        current = self._plan is not None and self._plan.phase == view.phase
        up_to_date = not self._heard_since_plan and not about_to_promise
        if self._plan is not None and current and (self._held or up_to_date):
            return self._plan
        if self.config.credence.interest and not current:
            # By what would be played without a word it is judged whom words serve.
            unsaid = Beliefs(players=self.players, consider=considered(self.ledger, view))
            self._plan = self._search(view, unsaid, None, self._rng)
        beliefs, rng = self._beliefs(self.ledger, view, about_to_promise), self._rng.bit_generator.state
        self._plan = self._search(view, beliefs, self._plan, self._rng)
        self._heard_since_plan = False
        self._log(_searched(self._plan, view, rng))
        return self._plan

    def _search(self, view: GameView, beliefs: Beliefs, previous: Plan | None, rng: np.random.Generator) -> Plan:
        """A search by these beliefs and the controls."""
        config, evaluator = self.config.search, self._evaluator
        steered = self._steered(beliefs, view)
        try:
            return search(view, self.power, steered, config, rng, previous, evaluator)
        except IllegalOrderError as error:  # each is legal, as was seen to, but not all together
            if not steered.imposed:
                raise
            for order in steered.imposed:
                self._cannot_impose(order, view.phase, str(error))
            return search(view, self.power, replace(steered, imposed=()), config, rng, previous, evaluator)

    def _steered(self, beliefs: Beliefs, view: GameView) -> Beliefs:
        """The beliefs with what the controls add."""
        if self._controls.is_neutral:
            return beliefs
        wanted = self._instructions(view.phase).wanted
        asked = [(power, order) for power, orders in wanted.items() for order in orders]
        return replace(
            beliefs,
            consider=(*beliefs.consider, *asked),
            imposed=self._imposed(view),
            preferences=preferences_of(self._controls, self.ledger, view),
        )

    def _imposed(self, view: GameView) -> tuple[Order, ...]:
        """The imposed orders that are legal now; of others that are for this kind of phase the log tells."""
        found = []
        for order in self._controls.imposed.own_orders(view.phase):
            legal = view.legal_form(self.power, order)
            if legal is not None:
                found.append(legal)
            elif order.kind in _ORDERED_IN[view.phase.kind]:
                self._cannot_impose(order, view.phase, "not legal in this phase")
        return tuple(found)

    def _cannot_impose(self, order: Order, phase: Phase, reason: str) -> None:
        if (phase, order) not in self._not_imposed:
            self._not_imposed.add((phase, order))
            self._log(NotImposed(self.power, phase, order, reason))

    def _instructions(self, phase: Phase) -> Instructions:
        """What the operator wants to have and not to have said."""
        controls = self._controls
        wanted = {p: o for p, o in controls.imposed.wanted_orders(phase).items() if p is not self.power}
        return Instructions(wanted, frozenset(controls.forbidden.acts))

    def _intents(self, plan: Plan, view: GameView) -> dict[Power, Intent]:
        if self._meant is None or self._meant[0] is not plan:
            self._meant = plan, intents(plan, view, self._instructions(view.phase).wanted)
        return self._meant[1]

    def _beliefs(self, ledger: Ledger, view: GameView, about_to_promise: Sequence[Commitment] = ()) -> Beliefs:
        """What a ledger says about the phase at hand."""
        speech = self._speech
        current = self._plan is not None and self._plan.phase == view.phase
        planned = self._plan.action if self._plan is not None and current else ()
        weighs = self._plan is not None and current and self.config.credence.interest != 0
        interest = _Judge(self._plan).interest if self._plan is not None and weighs else None
        return Beliefs(
            expected=evidence(ledger, view, self.config.credence, interest),
            commitments=(*commitments(ledger, self.power, view.phase, speech, planned), *about_to_promise),
            abstentions=tuple(abstentions(ledger, self.power, view, speech)),
            consider=considered(ledger, view),
            players=self.players,
        )

    # --- speech ----------------------------------------------------------------------------------------

    def _speech_plans(self, plan: Plan, view: GameView) -> list[SpeechPlan]:
        """What it is, if asked; corrections of what no longer holds; answers; what is worth saying unasked."""
        candid = self.config.filtering.disclosure is Disclosure.TRUTHFUL
        disclosed = disclosures(self.ledger, view) if candid else []
        answered = {p.recipient for p in disclosed}
        corrected = [*disclosed, *(p for p in self._corrections(plan, view) if p.recipient not in answered)]
        told_so = {p.recipient for p in corrected}
        options = [o for o in self._options(plan, view) if o.recipient not in told_so]
        judged = self._judged(options, plan, view)
        self._passed_over = {o.best: o.alternatives[1:] for o in judged}
        return [*corrected, *within_budget(judged, view, self.ledger, self._speech)]

    def _corrections(self, plan: Plan, view: GameView) -> list[SpeechPlan]:
        return corrections(self.ledger, plan.action, view) if self._scruples.warns else []

    def _options(self, plan: Plan, view: GameView) -> list[SpeechOptions]:
        meant, judge = self._intents(plan, view), _Judge(plan)
        config, elapsed = self._speech, self._elapsed
        asked = self._instructions(view.phase)
        return plan_speech(view, self.power, meant, self.ledger, judge, config, self._rng, elapsed, self._held, asked)

    def _judged(self, options: Sequence[SpeechOptions], plan: Plan, view: GameView) -> list[SpeechOptions]:
        """The options, their alternatives ranked by what each would do to the others' play, and so to our score.

        One solution of the game of pairs for each alternative that names orders, and one without any of them.  What
        asks for something counts as granted, as often as it is.
        """
        compared = {o: o.alternatives[: self._speech.judged] for o in options}
        telling = {
            o for o, plans in compared.items() if any(map(_has_content, plans)) and (len(plans) > 1 or not o.due)
        }
        after = {p: as_if_said(self.ledger, p, view.phase) for o in telling for p in compared[o]}
        orders = [item for ledger in (self.ledger, *after.values()) for item in considered(ledger, view)]
        value = TalkValue.of(plan, orders) if after else None
        if value is None:
            return list(options)

        now = value.score(self._told(self.ledger, view))
        scores = {p: value.score(self._told(ledger, view)) for p, ledger in after.items()}
        worths = {p: p.manners + p.consent * (score - now) for p, score in scores.items()}
        return [o.ranked(worths) if o in telling else o for o in options]

    def _say(self, plans: Sequence[SpeechPlan], view: GameView) -> list[OutgoingMessage]:
        """Drafts every plan, reviews every draft, and lets the best that passes out."""
        if forbidden := self._instructions(view.phase).forbidden:
            plans = [spared for speech in plans if (spared := without(speech, forbidden))]
        plan, plans = self._stand_by([short for speech in plans if (short := sayable(speech))], view)
        meant = self._intents(plan, view) if plans else {}
        drafts = self._drafts(plans, meant, view)
        said = []
        for speech, candidates in zip(plans, drafts, strict=True):
            intent = meant[speech.recipient]
            self._log(IntentFormed(intent))
            self._log(_planned(speech, view.phase, self._passed_over.get(speech, ())))
            chosen = self._best_passing(speech, candidates, plan.action, view)
            if chosen is None:
                self._log(Silent(self.power, view.phase, speech.recipient, "every draft was rejected"))
                continue
            self._planned_acts[speech.recipient, chosen.text] = speech.acts
            said.append(OutgoingMessage(speech.recipient, chosen.text, speech.acts, intent, chosen.source.value))
        return said

    def _say_publicly(self, view: GameView) -> list[OutgoingMessage]:
        """A word to all, if there is one worth it and every filter lets it pass."""
        public = plan_public(view, self.ledger, self._speech, self._rng)
        if public is None or not self._instructions(view.phase).permits(public.acts):
            return []
        draft, own = draft_public(public, view, self._rng), self._think(view).action
        verdicts = review_public(draft, public, view, self.ledger, own, self.config.filtering, self._filters)
        self._log(SpeechPlanned(self.power, None, view.phase, public.acts, reason=public.reason))
        self._log(_drafted(self.power, None, draft, verdicts, view.phase))
        if not passes(verdicts):
            return []
        self._planned_acts[None, draft.text] = public.acts
        return [OutgoingMessage(None, draft.text, public.acts, source=draft.source.value)]

    def _drafts(self, plans: Sequence[SpeechPlan], meant: Mapping[Power, Intent], view: GameView) -> list[list[Draft]]:
        """The candidates for each plan; the grammar's alone where the language model gives no answer."""
        if not plans:
            return []
        config, talks = self.config.generation, [view.talk_with(p.recipient) for p in plans]
        candour, tone = Candour.HONEST if self._scruples.sincere else None, self._controls.formality
        before = None if self._model is None else self._model.usage
        try:
            known = Knowledge(self.ledger, meant, candour)
            return draft_many(plans, view, talks, self._model, config, self._rng, known, tone)
        except LanguageModelError as error:
            self._log(ModelFailed(self.power, view.phase, str(error)))
            return draft_many(plans, view, talks, None, config, self._rng, formality=tone)
        finally:
            after = None if self._model is None else self._model.usage
            if before is not None and after is not None:
                self._asked += after.since(before)

    def _stand_by(self, plans: Sequence[SpeechPlan], view: GameView) -> tuple[Plan, list[SpeechPlan]]:
        """Makes what is about to be promised part of the plan, and drops what the plan will not hold after all.

        Who need not mean what it says says it as it is.
        """
        if not self._scruples.sincere:
            return self._think(view), list(plans)
        price = self._speech.price_of_promise  # at any level: what would not hold now is not promised
        promised = [_promised(p, view.phase, price) for p in plans]
        every = [commitment for given in promised for commitment in given]
        plan = self._think(view)
        if all(contains(plan.action, [c.order]) for c in every):
            return plan, list(plans)
        plan = self._think(view, every)
        kept = []
        for speech, given in zip(plans, promised, strict=True):
            if all(contains(plan.action, [c.order]) for c in given) and (
                true := _as_planned(speech, plan.action, view)
            ):
                kept.append(true)
            else:
                self._log(Silent(self.power, view.phase, speech.recipient, "would promise what the plan does not hold"))
        return plan, kept

    def _best_passing(self, plan: SpeechPlan, candidates: Sequence[Draft], own: Action, view: GameView) -> Draft | None:
        """The best draft that every filter passes, the first unless its controls want another tone.

        All are reviewed, so that the log can count rejections.
        """
        honesty, effect = self._speech.honesty, self._effect(plan, view)
        as_odd = None if self._fluency is None else self._fluency.of(view, plan.recipient)
        context = FilterContext(
            view, self.ledger, plan, own, self.config.filtering, honesty, effect, as_odd,
            forbidden=self._instructions(view.phase).forbidden,
        )  # fmt: skip
        passing = []
        for draft in candidates:
            verdicts = review(draft, context, self._filters)
            self._log(_drafted(plan.sender, plan.recipient, draft, verdicts, view.phase))
            if passes(verdicts):
                passing.append(draft)
        return best_toned(passing, self._controls.formality)

    def _effect(self, speech: SpeechPlan, view: GameView) -> Callable[[Sequence[SpeechAct]], Effect | None]:
        """What saying some acts in place of the planned ones would do, by the game of pairs behind the plan."""

        @cache
        def effect(acts: tuple[SpeechAct, ...]) -> Effect | None:
            after = as_if_said(self.ledger, replace(speech, acts=acts), view.phase)
            orders = [item for ledger in (self.ledger, after) for item in considered(ledger, view)]
            value = TalkValue.of(self._think(view), orders)
            if value is None:
                return None
            now, then = (value.foreseen(self._told(ledger, view)) for ledger in (self.ledger, after))
            return Effect(then.score - now.score, then.intent - now.intent)

        return lambda acts: effect(tuple(acts))

    def _told(self, ledger: Ledger, view: GameView) -> Beliefs:
        """What a ledger says about the phase at hand, to us and by us to the others."""
        beliefs = self._beliefs(ledger, view)
        mine = told(ledger, view, _BELIEVED, self.config.credence)
        return replace(beliefs, expected=(*beliefs.expected, *mine))

    # --- controls ----------------------------------------------------------------------------------------

    def _follow(self, controls: Controls) -> None:
        """Sets what depends on the controls."""
        self._controls = controls
        self._speech = speech_of(controls, self.config.speech)
        self._scruples = self._speech.honesty.scruples
        names = (*self.config.filters, *(("forbidden",) if controls.forbidden.acts else ()))
        self._filters = filters_named(tuple(dict.fromkeys(names)))

    def _announce(self) -> None:
        """Logs the controls if they are others than it said last."""
        if self._phase is not None and self._controls != self._announced:
            self._announced = self._controls
            self._log(Steered(self.power, self._phase, self._controls))

    def _log(self, event: Event) -> None:
        self._events.append(event)


class _Judge:
    """The questions that the speech planner may ask of a search; see `dialogue.speech.Judge`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def regret(self, orders: Sequence[Order]) -> float | None:
        return self._plan.regret(orders)

    def value_if(self, power: Power, orders: Sequence[Order]) -> float | None:
        return self._plan.value_if(power, orders)

    def probability(self, power: Power, order: Order) -> float:
        return self._plan.probability(power, (order,))

    def cost_to(self, power: Power, orders: Sequence[Order]) -> float | None:
        return self._plan.cost_of(power, orders)

    def worth_of_knowing(self, power: Power, order: Order) -> float:
        return 0.0 if self._value is None else self._value.of_knowing(power, (order,))

    def interest(self, speaker: Power, power: Power, order: Order, given: bool) -> float:
        return 0.0 if self._value is None else self._value.stakes(speaker, power, order, given).edge

    @cached_property
    def _value(self) -> TalkValue | None:
        return TalkValue.of(self._plan)


def _has_content(speech: SpeechPlan) -> bool:
    """Whether a message says anything that a search could take into account."""
    return any(act.orders or act.provinces or act.kind is ActKind.ALLY for act in speech.acts)


def _promised(speech: SpeechPlan, phase: Phase, price: float) -> tuple[Commitment, ...]:
    """The orders of this phase that a message would bind its sender to."""
    return tuple(
        Commitment(phase, item.order, speech.recipient, price)
        for act in speech.acts
        if act.kind in (ActKind.AGREE, ActKind.PROMISE)
        and act.polarity is Polarity.DO
        and act.phase in (None, phase)
        and act.condition is None
        for item in act.orders
        if item.power is speech.sender
    )


def _as_planned(speech: SpeechPlan, action: Action, view: GameView) -> SpeechPlan | None:
    """The message without news of own orders that have changed since; None: nothing is left of it."""
    acts = tuple(
        act
        for act in speech.acts
        if act.kind is not ActKind.INFORM
        or act.polarity is Polarity.NOT
        or act.phase not in (None, view.phase)
        or contains(action, [item.order for item in act.orders if item.power is speech.sender])
    )
    return replace(speech, acts=acts) if acts else None


def _searched(plan: Plan, view: GameView, rng: Mapping[str, Any]) -> Searched:
    policies, values, anchors = {}, {}, {}
    for power in view.alive:
        policy = plan.policies[power]
        top = slice(0, _LOGGED_ACTIONS)
        policies[power] = Policy(power, policy.actions[top], policy.probabilities[top])
        values[power] = plan.values[power][top]
        anchors[power] = tuple(round(p, 5) for p in plan.anchors[power].probabilities[top])
    expected = () if plan.prediction is None else plan.prediction.beliefs.expected
    return Searched(plan.power, plan.phase, policies, plan.expected_scores, plan.action, values, anchors, expected, rng)


def _believed(power: Power, players: OpponentBeliefs, record: PhaseRecord) -> Believed:
    others = [p for p in record.board.alive if p is not power]
    known: dict[Power, PlayerBelief] = {}
    for other in others:
        n = other.number
        names = [f"{kind.style} {kind.lambda_:g}" for kind in players.config.types]
        types = dict(zip(names, players.posterior(n).round(4).tolist(), strict=True))
        hostility = {p: round(float(h), 4) for p, h in zip(POWERS, players.hostility(n), strict=True) if p is not other}
        last = players.steps[n][-1] if players.steps[n] else None
        surprise = round(last.surprise, 4) if last is not None and last.phase == str(record.phase) else None
        known[other] = PlayerBelief(types, hostility, round(players.reliability(n, power.number), 4), surprise)
    return Believed(power, record.phase, known, tuple(players.describe([p.title() for p in POWERS])))


def _planned(speech: SpeechPlan, phase: Phase, passed_over: Sequence[SpeechPlan]) -> SpeechPlanned:
    answers = None if speech.answers is None else speech.answers.sequence
    worths = round(speech.worth, 5), tuple(round(other.worth, 5) for other in passed_over)
    acts = tuple(other.acts for other in passed_over)
    return SpeechPlanned(speech.sender, speech.recipient, phase, speech.acts, answers, speech.reason, *worths, acts)


def _drafted(
    sender: Power, recipient: Power | None, draft: Draft, verdicts: Sequence[FilterVerdict], phase: Phase
) -> Drafted:
    findings = tuple(FilterFinding(v.filter, v.verdict.value, v.reason) for v in verdicts)
    return Drafted(sender, recipient, phase, draft.text, draft.source.value, draft.reading.acts, findings)
