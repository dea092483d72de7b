"""What tests share: the public data, where it is there, and each other."""

import os
import sys
from pathlib import Path

import pytest

# Before anything imports torch: on busy cores its threads wait for each other, many times longer than one alone takes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests import the arbiter and the DATC cases as ``tests.engine``.  Last in the path, so that an installed wheel is
# tested rather than the folders beside the tests, which lack the compiled rules.
sys.path.append(str(Path(__file__).resolve().parents[1]))

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public games; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public games (../shared/data) are not beside this checkout")
    return SHARED_DATA
