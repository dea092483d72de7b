"""What tests of live play share: where systemd would listen, and the secrets that a process names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cicero_lite.hosting.logs import Secrets


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd would listen on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is named as a secret from now on."""
    named: list[str] = []
    add = Secrets.add

    def noted(self: Secrets, value: str) -> None:
        named.append(value)
        add(self, value)

    monkeypatch.setattr(Secrets, "add", noted)
    return named
