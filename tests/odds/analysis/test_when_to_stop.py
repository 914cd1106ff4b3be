"""The stopping rule: six looks, z = 2.64, five points, a cap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import results

from twin.odds import designs
from twin.odds.analysis import look, wilson
from twin.odds.analysis.stopping import LOOKS, looks_up_to, n_ended


def test_looks_are_the_published_ones_and_the_cap() -> None:
    assert looks_up_to(1_600) == LOOKS == (50, 100, 200, 400, 800, 1_600)
    assert looks_up_to(300) == (50, 100, 200, 300) and looks_up_to(20) == (20,)
    with pytest.raises(ValueError, match="1,600"):
        looks_up_to(2_000)


def test_a_clear_case_stops_early() -> None:
    found = look(results([True] * 100))
    assert found.stop and found.n == 100
    assert found.half_width == pytest.approx(wilson(100, 100, z=2.64).half_width) and found.half_width <= 0.05
    assert not look(results([True] * 60)).stop


def test_an_even_case_goes_on() -> None:
    found = look(results(np.arange(450) % 2 == 0))
    assert not found.stop and found.n == 400 and found.next_look == 800
    assert look(results(np.arange(800) % 2 == 0)).stop


def test_the_cap_stops() -> None:
    found = look(results(np.arange(120) % 2 == 0), cap=120)
    assert found.stop and "cap" in found.reason


def test_the_first_rows_are_looked_at_not_those_that_end_first() -> None:
    table = results(np.arange(100) % 2 == 0)
    table.loc[30, "status"] = "running"
    assert n_ended(table["status"]) == 30
    assert look(table).n == 30 and not look(table).stop and look(table).next_look == 50


def test_a_design_tells_which_lives_are_missing() -> None:
    for design in (designs.replicates(400), designs.sobol(["a"], 400, seed=1)):
        draw = None if design.draw[0] < 0 else pd.array(design.draw, dtype="Int64")
        table = results(np.arange(400) % 7 > 0, draw=draw, replicate=design.replicate)
        assert look(table.sample(frac=1, random_state=1), design=design) == look(table, blocks=design.blocks)
        assert look(table.drop(index=120), design=design).n == 100
    assert look(table.iloc[:0], design=design).n == 0


def test_failed_runs_keep_it_going() -> None:
    assert look(results([True] * 100)).stop
    assert not look(results([True] * 100, failed=range(10))).stop


def test_six_looks_are_together_right_in_95_of_100() -> None:
    """1,000 studies that stop by the rule: whichever look ended them, its interval at z = 2.64 holds the coin."""
    rng = np.random.default_rng(3)
    right = 0
    for _ in range(1_000):
        survivors = np.cumsum(rng.random(1_600) < 0.3)
        looked = [wilson(int(survivors[n - 1]), n, z=2.64) for n in LOOKS]
        right += all(each.holds(0.3) for each in looked)
    assert right / 1_000 >= 0.95
