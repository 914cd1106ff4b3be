"""The table of skill in the docs is the one that ships, and every bundled scenario stands in it or is said to have nothing to score."""

from __future__ import annotations

from benchmarks.skill import BEGIN, END, PAGE, WAYS, page_of
from twin.history.shipped_skill import read_table
from twin.scenario.shipped import bundled_names


def test_the_page_says_what_the_table_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip() == page_of(read_table()).strip()


def test_every_bundled_scenario_has_a_row() -> None:
    assert set(bundled_names()) == set(read_table()["scenario"])


def test_scenarios_that_are_cut_otherwise_are_bundled() -> None:
    assert set(WAYS) <= set(bundled_names())
