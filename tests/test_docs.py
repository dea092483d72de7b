"""The examples of the documentation run, and its links lead somewhere."""

import doctest
import json
import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_examples_of_the_engine_page() -> None:
    found = doctest.testfile(str(DOCS / "engine.md"), module_relative=False, encoding="utf-8")
    assert found.attempted > 30
    assert found.failed == 0


def test_the_gallery_leads_to_what_is_there() -> None:
    folder = DOCS / "gallery"
    games: dict[str, dict[str, Any]] = {}
    for page in folder.glob("*.html"):
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"))
        if found is not None:
            games[page.name] = json.loads(found[1])
            assert page.stat().st_size < 1_500_000
    assert len(games) == 5
    links = re.findall(r'href="(\w+\.html)(?:#([^"]*))?"', (folder / "index.html").read_text(encoding="utf-8"))
    assert {name for name, _ in links} == set(games)
    for name, address in links:
        if address:
            phase, view, *what = address.split("/")
            number = [one["name"] for one in games[name]["phases"]].index(phase)
            assert view in ("orders", "talks", "why")
            assert view != "talks" or games[name]["messages"][int(what[0])]["phase"] == number
            assert view != "why" or (number, what[0]) in {(p["phase"], p["power"]) for p in games[name]["plans"]}


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), DOCS.parent / "README.md"], ids=lambda page: page.stem)
def test_links_between_files_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
