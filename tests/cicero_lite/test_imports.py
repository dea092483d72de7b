"""Commands start without torch: it takes seconds to import, and every process of an experiment is one."""

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


def test_a_configuration_is_read_without_what_talks_to_servers() -> None:
    clients = ("httpx", "tenacity", "tornado")
    code = f"import sys, cicero_lite.config; print([name for name in {clients} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_a_game_is_played_without_what_serves_pages() -> None:
    servers = ("starlette", "fastapi", "uvicorn")
    code = f"import sys, cicero_lite.session; print([name for name in {servers} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
