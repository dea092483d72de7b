"""The examples of the documentation run."""

import doctest
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_examples_of_the_engine_page() -> None:
    found = doctest.testfile(str(DOCS / "engine.md"), module_relative=False, encoding="utf-8")
    assert found.attempted > 30
    assert found.failed == 0
