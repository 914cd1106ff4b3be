"""The page says how many people its map holds, beside the place list."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic_run import write_synthetic_run

from twin.report.place_people import people_words
from twin.report.view import View


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    folder: Path = tmp_path_factory.mktemp("place")
    return View(write_synthetic_run(folder, rings=4))


def test_people_of_the_map_stand_beside_those_of_the_list(view, monkeypatch):
    cells = view.run.table("cells")
    inside = f"{cells.people[cells.inside].sum():,.0f}"
    words = people_words(view)
    assert words.startswith(f"{inside} people live in the study area") and "608,462 for Gothenburg" in words and "2,000 per km²" in words
    monkeypatch.setitem(view.run.spec["place"], "population", {"density": "by_city"})
    assert "spread by city" in people_words(view)


def test_elsewhere_nothing_is_said(view, monkeypatch):
    monkeypatch.setitem(view.run.spec["place"], "area", {"country": "CH"})
    assert people_words(view) == ""
    monkeypatch.setitem(view.run.spec["place"], "area", {"city": "A town that no list has"})
    assert people_words(view) == ""
