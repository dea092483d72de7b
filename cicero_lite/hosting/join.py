"""What ``cicero-lite join`` does: plays one seat on a server of the ``diplomacy`` package until the game is over."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from cicero_lite.adapters.diplomacy_server import DiplomacyServerTable
from cicero_lite.adapters.diplomacy_server_client import Account, Entered, NewGame, SeatClient, SeatPlace, SignInError
from cicero_lite.adapters.diplomacy_server_connection import Connection, UnreachableError
from cicero_lite.config import Config
from cicero_lite.errors import ConfigError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.seats import Player, host_of, take_seat
from cicero_lite.hosting.service import LeftError, Service, Waits, Watched, live_service
from cicero_lite.hosting.settings import STORE
from cicero_lite.hosting.store import Store, StoredSeat
from cicero_lite.registry import check_agent_name
from dialogue.keys import KeyPlaceError, read_key
from engine.types import Power

_WAITS_S = (0.5, 1.0, 2.0)
"""Between tries to take the seat."""
_PRESS = {"full": (), "public": ("PUBLIC_PRESS",), "none": ("NO_PRESS",)}


@dataclass(frozen=True)
class Join:
    """What is wanted."""

    host: str
    port: int
    game: str
    power: Power
    user: str
    password_file: Path | None = None
    password_variable: str | None = None
    registration_file: Path | None = None
    agent: str = "cicero"
    store: Path | None = None
    """None: `STORE`."""
    once: bool = False
    watched: Watched = field(default_factory=Watched)
    is_new_config: bool = False
    """Whether a game under way takes the agent's settings that are given now."""
    new_game: NewGame | None = None
    """Made where there is none of the name; None: that is an error."""


def new_game(press: str, deadline_s: int, players: int) -> NewGame:
    """The game to make.

    Args:
        press: ``full``, ``public`` or ``none``.
        deadline_s: seconds a phase; 0: a phase ends when all are ready.
        players: how many powers are played.

    Raises:
        ConfigError: there is no such press, or a number is out of range.
    """
    if press not in _PRESS:
        raise ConfigError(f"--press: expected {', '.join(_PRESS)}, got {press!r}")
    if deadline_s < 0 or not 1 <= players <= 7:
        raise ConfigError(
            f"--deadline, --players: expected 0 or more seconds, 1 to 7 players; got {deadline_s}, {players}"
        )
    return NewGame((*_PRESS[press], "POWER_CHOICE", "IGNORE_ERRORS"), deadline_s, players)


def run_join(wanted: Join, config: Config, console: Console) -> int:
    """Plays, and shows what happens.

    Returns:
        The exit code.

    Raises:
        CiceroLiteError: the server, the account, the game, the power or the store are not what was expected.
    """
    check_agent_name(wanted.agent)
    account, place, path = _account(wanted), _place(wanted), wanted.store or STORE
    with ExitStack() as stack, live_service(wanted.watched, config, console) as service:
        for secret in (account.password, place.registration_password or ""):
            service.secrets.add(secret)
        store = service.open_store(path)
        connection = Connection(wanted.host, wanted.port, count=service.metrics.request)
        client = SeatClient(connection, account, place, wanted.new_game, service.secrets.add)
        stack.callback(client.close)
        entered = enter(client, service.ending)
        player = Player(wanted.agent, config, wanted.is_new_config)
        seat = take_seat(store, f"ws://{connection.where}", wanted.game, client.power, player)
        closed = _sit(client, entered, seat, player, wanted.once, store, service)
        if closed is None:
            service.lines.tell(seat, f"left for now; everything is kept in {path}")
    return 0


def enter(client: SeatClient, ending: threading.Event) -> Entered:
    """Takes the seat; a line that is cut meanwhile is tried again.

    Args:
        client: the way to the seat.
        ending: set when the process is to end.

    Raises:
        UnreachableError: no server there, in spite of several tries.
        DiplomacyServerError: the server says no.
    """
    for wait_s in _WAITS_S:
        try:
            return client.enter()
        except UnreachableError:
            if ending.wait(wait_s):
                raise
    return client.enter()


def _sit(
    client: SeatClient,
    entered: Entered,
    seat: StoredSeat,
    player: Player,
    once: bool,
    store: Store,
    service: Service,
) -> object:
    """Plays the seat; the result, or None if there is none yet."""
    tell, live = service.lines.tell, player.config.live
    guard = Guard(store, live.host.mode, lambda line: tell(None, line))
    gate = Gate(live.host.thinking, service.metrics.thinking)
    host = host_of(seat, player, store, guard, gate, lambda what: tell(seat, what))
    host.show_life()

    waits = Waits(host, service.ending, once)
    own = replace(live.seat, turns=1, quiet_share=0.0, quiet_s=0.0) if once else live.seat
    table = DiplomacyServerTable(client, own, host.note, host.permits, waits.unsaid, waits.sleep, waits.rest)
    try:
        host.wait_for_requests(waits.sleep)
        table.join(entered)
        service.watchdog(store, lambda: {seat.id}).start()
        return host.run(table, once)
    except LeftError:
        return None


def _account(wanted: Join) -> Account:
    file = None if wanted.password_file is None else str(wanted.password_file)
    password = _secret("the account", wanted.password_variable, file)
    if password is None:
        raise SignInError(
            f"expected the password of user {wanted.user} in a file or an environment variable, got neither; name one "
            "with --password-file or --password-variable (the server makes the account if it is new)"
        )
    return Account(wanted.user, password)


def _place(wanted: Join) -> SeatPlace:
    file = None if wanted.registration_file is None else str(wanted.registration_file)
    return SeatPlace(wanted.game, wanted.power, _secret("the game", None, file))


def _secret(whose: str, variable: str | None, file: str | None) -> str | None:
    try:
        return read_key(whose, variable, file)
    except KeyPlaceError as error:
        raise SignInError(str(error)) from None
