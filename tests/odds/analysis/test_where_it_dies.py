"""Scenario discovery: a planted region is found, in words, and nothing is found where there is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import results

from twin.odds.analysis.discovery import discover, find_region, phi

PATHS = ("market.pot_usd", "hosts.churn_share", "hosts.antenna_height_m.median", "verdict.settle_days", "noise")
LABELS = {"market.pot_usd": "holders' pot"}


def planted(n: int, seed: int, *, inside: float = 0.9, outside: float = 0.1) -> tuple[pd.DataFrame, np.ndarray]:
    """Lives that die mostly where the pot is below 2.1 million USD and churn above 40 %: 0.42 · 0.6 = a quarter of all."""
    rng = np.random.default_rng(seed)
    u = rng.random((n, len(PATHS)))
    region = (u[:, 0] < 0.42) & (u[:, 1] > 0.4)
    dies = rng.random(n) < np.where(region, inside, outside)
    columns = {"market.pot_usd": 5e6 * u[:, 0], "hosts.churn_share": u[:, 1], "hosts.antenna_height_m.median": 20 * u[:, 2], "verdict.settle_days": np.round(90 + 180 * u[:, 3]), "noise": u[:, 4]}
    return results(~dies, draw=range(n), **columns), region


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_region_is_found(seed: int) -> None:
    table, region = planted(1_000, seed)
    found = discover(table, PATHS)
    assert len(found.regions) == 1
    ends = {end.path: end for end in found.regions[0].ends}
    assert set(ends) == {"market.pot_usd", "hosts.churn_share"}
    assert ends["market.pot_usd"].high == pytest.approx(2.1e6, rel=0.1) and ends["market.pot_usd"].low is None
    assert ends["hosts.churn_share"].low == pytest.approx(0.4, abs=0.06) and ends["hosts.churn_share"].high is None
    held = found.regions[0].held_out
    assert held.n == 500 and held.density > 0.8 and held.coverage == pytest.approx(0.25 * 0.9 / (0.25 * 0.9 + 0.75 * 0.1), abs=0.1)


def test_the_region_is_told_in_words_with_units() -> None:
    said = discover(planted(2_000, 1)[0], PATHS).sentence(LABELS)
    assert said.startswith("The network does not survive in 8") or said.startswith("The network does not survive in 9")
    assert "holders' pot is below 2." in said and "million USD" in said and "churn (hosts) is above" in said and " % of all such lives lie there" in said
    assert "1,000 lives that had no part in the search" in said


def test_nothing_is_told_where_luck_alone_decides() -> None:
    told = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        table = results(rng.random(400) < 0.5, draw=range(400), **{path: rng.random(400) for path in PATHS})
        told += bool(discover(table, PATHS).regions)
    assert told <= 3
    assert "clearly more lives do not survive" in discover(table, PATHS).sentence() or told


def test_two_regions_are_found_one_after_the_other() -> None:
    rng = np.random.default_rng(9)
    x = rng.random((4_000, 2))
    dies = rng.random(4_000) < np.where(x[:, 0] < 0.2, 0.95, np.where(x[:, 1] > 0.8, 0.85, 0.05))
    found = discover(results(~dies, draw=range(4_000), a=x[:, 0], b=x[:, 1]), ["a", "b"])
    assert {region.ends[0].path for region in found.regions} == {"a", "b"} and "; it also does not survive in" in found.sentence()


def test_whole_numbers_and_choices_can_bound_a_region() -> None:
    rng = np.random.default_rng(10)
    choice, other = rng.integers(1, 4, 1_000).astype(float), rng.random(1_000)
    dies = rng.random(1_000) < np.where(choice == 3, 0.8, 0.2)
    (region,) = discover(results(~dies, draw=range(1_000), choice=choice, other=other), ["choice", "other"]).regions
    assert [(end.path, end.low, end.high) for end in region.ends] == [("choice", 2.5, None)]


def test_lives_of_one_draw_stay_on_one_side_of_the_check() -> None:
    """Without that the check would know the draws that were searched."""
    rng = np.random.default_rng(12)
    draw, x = np.repeat(range(60), 8), np.repeat(rng.random((60, 8)), 8, axis=0)
    dies = np.repeat(rng.random(60) < 0.5, 8)
    names = [f"p{j}" for j in range(8)]
    found = discover(results(~dies, draw=draw, **dict(zip(names, x.T, strict=True))), names)
    assert all(region.held_out.n == 240 for region in found.regions) and len(found.regions) <= 1


def test_few_deaths_are_not_searched() -> None:
    table = results(np.arange(500) > 30, draw=range(500), a=np.arange(500.0))
    assert "31 of 500 lives do not survive; where is searched from 40 of them" in discover(table, ["a"]).sentence()


def test_lives_that_differ_by_luck_alone_have_no_region() -> None:
    assert "luck alone decides" in discover(results(np.arange(200) % 2 == 0, a=1.0), ["a"]).sentence()


def test_failed_lives_are_left_out_and_said() -> None:
    table, _ = planted(1_000, 3)
    table.loc[:19, "status"] = "failed"
    found = discover(table, PATHS)
    assert found.n == 980 and "20 lives without a verdict are left out" in found.sentence()


def test_phi_is_the_correlation() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random(100) < 0.3, rng.random(100) < 0.6
    assert phi(a, b) == pytest.approx(np.corrcoef(a, b)[0, 1]) and phi(np.ones(100, bool), b) == 0


def test_an_empty_search_ends() -> None:
    assert find_region(np.ones((50, 2)), np.arange(50) % 2 == 0, ["a", "b"]) == ()
