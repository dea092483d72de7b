"""The server of the ``diplomacy`` package as a process: ``python -m cicero_lite.bench.package_server PORT DIR``.

It offers the standard map alone, since to read all maps takes minutes on a new machine, saves every second, and makes
cheap hashes of passwords.
"""

from __future__ import annotations

import sys

import bcrypt
from diplomacy import Server
from diplomacy.engine.map import Map


class StandardServer(Server):  # type: ignore[misc]
    """A server with one map."""

    def _load_available_maps(self) -> None:
        standard = Map("standard")
        self.available_maps["standard"] = {
            "powers": list(standard.powers),
            "supply_centers": list(standard.scs),
            "loc_type": standard.loc_type.copy(),
            "loc_abut": standard.loc_abut.copy(),
            "aliases": standard.aliases.copy(),
        }


def _cheap_salt(rounds: int = 4, prefix: bytes = b"2b") -> bytes:
    return _salt(4, prefix)


if __name__ == "__main__":
    _salt, bcrypt.gensalt = bcrypt.gensalt, _cheap_salt
    StandardServer(server_dir=sys.argv[2], backup_delay_seconds=1).start(port=int(sys.argv[1]))
