"""Secrets of servers: read from a file or an environment variable, never from the command line."""

from __future__ import annotations

import os
from pathlib import Path


class KeyPlaceError(ValueError):
    """No usable key where it should be."""


def read_key(whose: str, key_variable: str | None, key_file: str | None) -> str | None:
    """The key, without the space around it; None: neither place is named.

    Args:
        whose: what it opens, for our errors: ``the endpoint``.
        key_variable: name of an environment variable.
        key_file: path of a file that holds the key alone; not looked at if the variable is named.

    Raises:
        KeyPlaceError: nothing there, or no key; the message never shows what is there.
    """
    if key_variable is not None:
        key = os.environ.get(key_variable, "").strip()
        if not key:
            raise KeyPlaceError(f"expected {whose}'s key in the environment variable {key_variable}, got none")
        return _checked(key, key_variable)
    if key_file is not None:
        try:
            key = Path(key_file).expanduser().read_text(encoding="utf-8").strip()
        except UnicodeDecodeError:  # whose message would show a part of the file
            raise KeyPlaceError(f"cannot read {whose}'s key from {key_file}: expected text in UTF-8") from None
        except OSError as error:
            raise KeyPlaceError(f"cannot read {whose}'s key from {key_file}: {error}") from None
        return _checked(key, key_file)
    return None


def _checked(key: str, where: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key or not key:
        raise KeyPlaceError(f"expected a key of letters, digits and signs in {where}, got something else")
    return key
