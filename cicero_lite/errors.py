"""The mistakes a user can make with the commands; each says in one line what was expected, got and where."""

from __future__ import annotations


class CiceroLiteError(Exception):
    """Base of the errors of this package; the command line prints one line and exits 2."""


class ConfigError(CiceroLiteError, ValueError):
    """A configuration with an unknown key, a wrong type or a value out of range."""


class UnknownAgentError(CiceroLiteError, ValueError):
    """No agent is registered under this name."""


class EventLogError(CiceroLiteError, ValueError):
    """A file that is no event log, or one of another schema version."""


class OutputError(CiceroLiteError, RuntimeError):
    """A place to which the results cannot be written."""


class AdapterError(CiceroLiteError, RuntimeError):
    """A table that was used out of turn."""


class UndeliveredError(AdapterError):
    """A message that its recipient does not get; the game goes on."""


class NotYetDeliveredError(UndeliveredError):
    """A message that has not arrived and may be sent again: the table cannot be reached, or takes none now."""


class UncertainDeliveryError(UndeliveredError):
    """A message that may have arrived, or may yet: the talks will show it."""
