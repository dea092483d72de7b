"""Taking a seat on a server of the package over a line that is cut."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from cicero_lite.adapters.diplomacy_server_client import Entered, SeatClient
from cicero_lite.adapters.diplomacy_server_connection import UnreachableError
from cicero_lite.hosting import join


class CutClient:
    """Its line is cut so many times."""

    def __init__(self, cuts: int) -> None:
        self.tries, self._cuts = 0, cuts

    def enter(self) -> Entered:
        self.tries += 1
        if self.tries <= self._cuts:
            raise UnreachableError("the connection was lost")
        return cast(Entered, "entered")


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "_WAITS_S", (0.0, 0.0, 0.0))


@pytest.mark.parametrize("cuts", [0, 3])
def test_a_line_that_is_cut_while_joining_is_tried_again(cuts: int) -> None:
    client = CutClient(cuts)
    assert join.enter(cast(SeatClient, client), threading.Event()) == cast(Entered, "entered")
    assert client.tries == cuts + 1


def test_a_server_that_is_not_there_is_told_after_some_tries_or_at_once_if_the_process_is_to_end() -> None:
    ending = threading.Event()
    for tries in (4, 1):
        client = CutClient(9)
        with pytest.raises(UnreachableError):
            join.enter(cast(SeatClient, client), ending)
        assert client.tries == tries
        ending.set()
