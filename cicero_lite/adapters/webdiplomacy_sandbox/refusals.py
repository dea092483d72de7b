"""The answers that are no success, in the words and with the status codes of the site."""

from __future__ import annotations

_SOFTWARE_BUG = (
    "Error: Error triggered: {}.This was probably caused by a software bug. "
    "The details of this error have been successfully logged and will be attended to by a developer."
)

PLAIN = "text/plain;charset=UTF-8"
HTML = "text/html; charset=UTF-8"
JSON = "application/json"


class RefusalError(Exception):
    """Ends a request with this answer."""

    def __init__(self, status: int, content_type: str, body: str) -> None:
        super().__init__(body)
        self.status = status
        self.content_type = content_type
        self.body = body


def bad_request(body: str) -> RefusalError:
    """400: an argument is missing or wrong."""
    return RefusalError(400, PLAIN, body)


def forbidden(body: str) -> RefusalError:
    """403: not with this key."""
    return RefusalError(403, PLAIN, body)


def uncaught(reason: str) -> RefusalError:
    """501: an exception that the site did not catch."""
    return RefusalError(501, PLAIN, _SOFTWARE_BUG.format(reason))


def php_error(reason: str) -> RefusalError:
    """509: a warning of PHP or a deadlock of its data base, which the site makes fatal."""
    return RefusalError(509, HTML, _SOFTWARE_BUG.format(reason))


def notice(body: str) -> RefusalError:
    """200, yet no success: the site speaks to a browser."""
    return RefusalError(200, HTML, body)


NO_EXPLICIT_PERMISSION = "User does not have explicit permission to make this API call."
MOVED_ON = "Please refresh: The game has moved on, you can no longer alter these orders, please refresh."
MAINTENANCE = "Error: Server is in maintenance mode; only admins can fully interact with the server."
DEADLOCK = "Deadlock found when trying to get lock; try restarting transaction"
