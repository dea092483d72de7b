"""The webDiplomacy sandbox as the server of a soak, in this process; its journal tells which orders it took."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from cicero_lite.adapters.settings import ClientConfig
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_game import HistoryError, read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_press import plain_text
from cicero_lite.adapters.webdiplomacy_responses import PHASE_NAMES, GameStatus, SeatRef
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.game_status import status_reply
from cicero_lite.adapters.webdiplomacy_sandbox.journal import Journal
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules, MemberStatus, SiteGame, SitePhase
from cicero_lite.adapters.webdiplomacy_votes import DRAW
from cicero_lite.bench.soak_checks import ServerAccount, Spoken
from cicero_lite.bench.soak_kills import When
from cicero_lite.bench.soak_servers import played_phases
from cicero_lite.output import write_secret
from engine.types import POWERS, Power

_GAMEMASTER_S = 0.5
_MOMENTS = {"game/sendmessage": When.SENDING, "game/orders": When.ORDERING}
_HASTE = ("live.table.typing=false", "live.table.quiet_share=0.02")
"""What makes clients talk faster than people do; settings of the user come after."""
_BAD_REQUEST = 400


class WebdipSoakServer:
    """A site with faults."""

    def __init__(self, folder: Path, phase_minutes: int, faults: str, seed: int) -> None:
        """Opens a game.

        Args:
            folder: for the keys and the journal.
            phase_minutes: length of a phase.
            faults: as `FaultPolicy.parse` reads them.
            seed: of the faults.

        Raises:
            ConfigError: faults that there are not.
            OutputError: the folder cannot be written.
        """
        self._folder, self._journal = folder, folder / "journal.jsonl"
        self._server = SandboxServer(
            policy=FaultPolicy.parse(faults, seed),
            gamemaster_interval_s=_GAMEMASTER_S,
            seats_are_bots=False,  # so that their votes end the game
            journal=self._journal,
        )
        self._game = self._server.open_game(GameRules(name="soak", phase_minutes=phase_minutes))
        self._power_of = {account.user_id: COUNTRIES[n] for n, account in enumerate(self._server.seats, start=1)}
        self._calls_seen = 0
        for number, account in enumerate(self._server.seats, start=1):
            write_secret(self._key_file(COUNTRIES[number]), account.key)

    def __enter__(self) -> Self:
        """Starts to answer."""
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops to answer."""
        self._server.stop()

    def _key_file(self, power: Power) -> Path:
        return self._folder / f"{power.value.lower()}.key"

    def arguments(self, power: Power) -> Sequence[str]:
        """See `SoakServer`."""
        haste = [word for setting in _HASTE for word in ("--set", setting)]
        return ["webdip", "--url", self._server.url, "--key-file", str(self._key_file(power)), *haste]

    @property
    def turn(self) -> int:
        """See `SoakServer`."""
        return self._game.turn

    @property
    def at_hand(self) -> str:
        """See `SoakServer`."""
        return f"{self._game.phase} of turn {self._game.turn}"

    @property
    def is_over(self) -> bool:
        """See `SoakServer`."""
        return self._game.is_finished

    @property
    def faults_met(self) -> Mapping[str, int]:
        """See `SoakServer`."""
        return {fault.value: count for fault, count in self._server.api.faults.met.items()}

    def happened(self) -> Mapping[Power, frozenset[When]]:
        """See `SoakServer`."""
        new = self._server.api.calls[self._calls_seen :]
        self._calls_seen += len(new)
        found: dict[Power, frozenset[When]] = {}
        for call in new:
            if call.route in _MOMENTS and call.user_id in self._power_of:
                power = self._power_of[call.user_id]
                found[power] = found.get(power, frozenset()) | {_MOMENTS[call.route]}
        return found

    def end_game(self) -> bool:
        """Has the seven agree on a draw."""
        for power in POWERS:
            client = WebDiplomacyClient(ClientConfig(self._server.url, key_file=str(self._key_file(power))))
            try:
                if not self._game.is_finished:
                    client.set_vote(SeatRef(game_id=self._game.game_id, country_id=COUNTRY_OF[power]), DRAW, True)
            finally:
                client.close()
        return True

    def stop(self) -> None:
        """See `SoakServer`."""
        self._server.stop()

    def account(self) -> ServerAccount:
        """See `SoakServer`."""
        game, calls = self._game, self._server.api.calls
        said = [m for m in game.messages if m.sender in COUNTRIES and not m.is_note]
        return ServerAccount(
            phases=played_phases(game.game.history),
            at_hand=None if game.is_finished else game.game.phase,
            messages=tuple(
                Spoken(
                    COUNTRIES[m.sender],
                    COUNTRIES.get(m.recipient),
                    plain_text(m.text),
                    after_end=m.phase is SitePhase.FINISHED,
                )
                for m in said
            ),
            put_off=tuple(plain_text(m.text) for m in game.messages if m.sender == 0),
            left=tuple(power for power, member in game.members.items() if member.status is MemberStatus.LEFT),
            orders_taken=tuple(_orders_taken(Journal(self._journal).entries())),
            orders_refused=sum((call.route, call.status) == ("game/orders", _BAD_REQUEST) for call in calls),
            mistakes=tuple(
                f"{self._power_of[bug.user_id].title()} {bug.mistake} ({bug.detail})"
                for bug in self._server.site.bugs.found
            ),
            rebuilt=tuple(_rebuilt(game)),
        )


def _orders_taken(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    for entry in entries:
        if entry["kind"] == "call" and entry["query"].get("route") == "game/orders":
            body = json.loads(entry["body"])
            yield int(body["turn"]), PHASE_NAMES.index(body["phase"])


def _rebuilt(game: SiteGame) -> Iterator[str]:
    """Plays again what the site tells of its history, and compares the positions."""
    try:
        served = read_game(GameStatus.model_validate_json(json.dumps(status_reply(game, None))), POWERS[0])
    except HistoryError as error:
        yield str(error)
        return
    for ours, theirs in zip(served.game.history, game.game.history, strict=False):
        if ours.position != theirs.position:
            yield f"another position in {theirs.phase}"
    if len(served.game.history) != len(game.game.history):
        yield f"{len(served.game.history)} phases, the server has played {len(game.game.history)}"
