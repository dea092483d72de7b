"""Commands start without what takes long to import: every process of an experiment is one."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["cicero_lite.cli", "cicero_lite.config", "cicero_lite.agent", "cicero_lite.arena.match"]
)
def test_torch_is_imported_where_it_is_used(module: str) -> None:
    code = f"import sys, {module}; print([name for name in ('torch', 'transformers') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_settings_of_servers_need_no_clients() -> None:
    code = "import sys, cicero_lite.config; print([name for name in ('httpx', 'tenacity') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
