"""The files that pages are made of: templates, scripts and sheets in ``assets/``; every sheet begins with the theme."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources


def filled(name: str, parts: Mapping[str, str]) -> str:
    """A page of ours with its parts, which stand in it as ``@@NAME@@``."""
    pieces = asset(name).split("@@")
    return "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def digest(text: str) -> str:
    """What `POLICY` calls a script or style sheet by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def asset(name: str) -> str:
    """The text of a file of ours."""
    return resources.files("cicero_lite.web").joinpath("assets", name).read_text(encoding="utf-8")


def sheet(*names: str) -> str:
    """Style sheets of ours, one after another, on top of the colours and margins that all pages have."""
    return "".join(map(asset, ("theme.css", *names)))
