"""Votes: casting them, the notes they leave, and what happens when all who count have voted alike."""

from __future__ import annotations

from cicero_lite.adapters.webdiplomacy_sandbox.adjudication import finish
from cicero_lite.adapters.webdiplomacy_sandbox.press import post
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import php_error
from cicero_lite.adapters.webdiplomacy_sandbox.site import Member, Site, SiteGame, Vote


def set_vote(site: Site, game: SiteGame, member: Member, vote: Vote, wanted: bool) -> str:
    """game/setvote: casts a vote or takes it back, and applies a vote that passes.

    Returns:
        The reply, in bare text; a first vote begins with a comma.
    """
    before = [] if member.votes is None else [v for v in Vote if v in member.votes]
    if (vote in before) == wanted:
        return ",".join(before)
    text = _change(member, vote, wanted)
    # The site reads the vote after changing it, and so notes the opposite.
    _note(site, game, member, vote, cast=not wanted)
    apply_votes(site, game)
    return text


def toggle_vote(site: Site, game: SiteGame, member: Member, vote: Vote) -> str:
    """game/togglevote: the same, but a vote that passes waits for the game master.

    Raises:
        RefusalError: 509 before the first vote of the member.
    """
    if member.votes is None:
        raise php_error("explode(): Passing null to parameter #2 ($string) of type string is deprecated")
    wanted = vote not in member.votes
    text = _change(member, vote, wanted)
    _note(site, game, member, vote, cast=wanted)
    return text


def apply_votes(site: Site, game: SiteGame) -> bool:
    """Does what all members that count have voted for: those still playing, without bots.

    Returns:
        Whether a vote has passed.
    """
    voters = [member for member in game.playing() if not member.account.is_bot]
    if not voters or game.is_finished:
        return False
    passed = set.intersection(*(set(member.votes or ()) for member in voters))
    if Vote.CANCEL in passed:
        del site.games[game.game_id]
    elif Vote.DRAW in passed:
        finish(game, "Drawn")
    elif Vote.PAUSE in passed:
        _toggle_pause(game, site.now)
    return not passed.isdisjoint({Vote.CANCEL, Vote.DRAW, Vote.PAUSE})


def _change(member: Member, vote: Vote, wanted: bool) -> str:
    # An empty column is split into one empty word, to which the vote is added.
    words = (member.vote_text or "").split(",")
    words = [*words, vote.value] if wanted else [word for word in words if word != vote]
    member.votes = {Vote(word) for word in words if word}
    return ",".join(words)


def _note(site: Site, game: SiteGame, member: Member, vote: Vote, cast: bool) -> None:
    text = f"{'Voted' if cast else 'Un-Voted'} for {vote}"
    post(game, member.country, member.country, text, site.now)


def _toggle_pause(game: SiteGame, now: int) -> None:
    if game.process_time is not None:
        game.pause_time_remaining, game.process_time = game.process_time - now, None
    else:
        game.process_time, game.pause_time_remaining = now + (game.pause_time_remaining or 0), None
    for member in game.members.values():
        if member.votes is not None:
            member.votes.discard(Vote.PAUSE)
