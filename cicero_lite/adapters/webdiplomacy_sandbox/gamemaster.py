"""The game master: makes games, and now and then looks which are to be processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox.adjudication import begin_phase, finish, phase_seconds, process_phase
from cicero_lite.adapters.webdiplomacy_sandbox.press import announce
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    Account,
    GameRules,
    Member,
    MemberStatus,
    OrderFlag,
    PlayerTypes,
    Site,
    SiteGame,
    SitePhase,
)
from cicero_lite.adapters.webdiplomacy_sandbox.territories import country_name
from cicero_lite.adapters.webdiplomacy_sandbox.voting import apply_votes
from engine.game import Game
from engine.types import PhaseKind

_DAY_S = 24 * 3600
_SUBMITTED = frozenset({OrderFlag.SAVED, OrderFlag.COMPLETED, OrderFlag.READY})


def new_game(site: Site, rules: GameRules, seats: Sequence[Account], game: Game | None = None) -> SiteGame:
    """A game that begins now.

    Args:
        site: where.
        rules: its settings.
        seats: seven accounts, in the order of the country ids.
        game: the position to begin from, of a movement or adjustment phase; None: spring 1901.
    """
    site.look_at_clock()
    text = None if game is None else game.to_text()
    site.record("game", rules=asdict(rules), seats=[account.user_id for account in seats], text=text)
    now, game = site.now, Game() if game is None else game
    number = site.new_game_id()
    members = [
        Member(7 * (number - 1) + country, account, power, rules.excused_missed_turns, last_seen=now)
        for (country, power), account in zip(COUNTRIES.items(), seats, strict=True)
    ]
    made = SiteGame(number, rules, members, game, now)
    for member in members:
        if not game.units(member.power) and not game.centers(member.power):
            member.status = MemberStatus.DEFEATED
    begin_phase(made, SitePhase.BUILDS if game.phase.kind is PhaseKind.ADJUSTMENTS else SitePhase.DIPLOMACY, now)
    site.games[number] = made
    return made


def run(site: Site) -> None:
    """One round of the game master over all games."""
    site.look_at_clock()
    changed = False
    for game in list(site.games.values()):
        changed |= apply_votes(site, game)
        if game.game_id in site.games and game.process_time is not None and not game.is_finished:
            changed |= _look_after(game, game.process_time, site.now)
    if changed:
        site.record("gamemaster")


def _look_after(game: SiteGame, deadline: int, now: int) -> bool:
    """Whether there was anything to do."""
    playing = list(game.playing())
    all_ready = bool(playing) and all(member.flags & {OrderFlag.READY, OrderFlag.NONE} for member in playing)
    if all_ready:
        _process(game, now)
    elif deadline <= now:
        late = [member for member in playing if OrderFlag.NONE not in member.flags and not member.flags & _SUBMITTED]
        if late and game.rules.player_types is not PlayerTypes.VERSUS_BOTS:
            _extend(game, late, now)
        else:
            _process(game, now)
    return all_ready or deadline <= now


def _process(game: SiteGame, now: int) -> None:
    only_bots = all(member.account.is_bot for member in game.playing())
    if only_bots and game.rules.player_types is not PlayerTypes.MEMBERS:
        finish(game, "Drawn")
    else:
        process_phase(game, now)


def _extend(game: SiteGame, late: list[Member], now: int) -> None:
    """Puts off the deadline for those who have not ordered; everybody's Ready is gone."""
    for member in late:
        member.missed_phases += 1
        if member.excuses:
            member.excuses -= 1
        else:
            member.status = MemberStatus.LEFT
    for member in game.members.values():
        member.flags -= {OrderFlag.READY}
    seconds = min(_DAY_S, phase_seconds(game))
    game.process_time = now + seconds
    names = ", ".join(country_name(member.country) for member in late)
    announce(game, f"Missing orders for {names}, extending deadline by {seconds // 3600} hour(s).", now)
