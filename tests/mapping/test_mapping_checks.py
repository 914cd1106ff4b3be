"""The dossier's numeric checks M1 to M10, and where they come from as a table of facts."""

from __future__ import annotations

import numpy as np
import pytest
from bulk import BULK, FACTS, rows_of
from street_law import coverage_in_each_part, effective_vehicle_days, passes_per_vehicle_day, vehicles_for

from benchmarks import coverage_law as law
from twin.kinds.mapping.rewards import ProgressRule, consume, map_progress_mint, progress, region_multiplier, upload_factor
from twin.kinds.mapping.tiles import NEVER, Tiles, multiplier

DATA = FACTS / "mapping" / "published_checks.csv"
B, K = law.MANHATTAN_PASSES_PER_SEGMENT, law.MANHATTAN_POPULARITY_SHAPE
PUBLISHED_IN_EACH_THIRD = 0.50


def facts(check: str) -> list[dict[str, str]]:
    return [row for row in rows_of(DATA) if row["id"] == check]


def expected(check: str) -> list[float]:
    return [float(row["expected"]) for row in facts(check)]


def test_m1_coverage_of_manhattan() -> None:
    np.testing.assert_allclose(law.coverage_share([10, 30, 1000], passes=B, shape=K), expected("M1"), atol=1e-3)


def test_m2_vehicles_for_a_coverage() -> None:
    np.testing.assert_allclose(vehicles_for([0.8, 0.9], passes=B, shape=K), expected("M2"), atol=0.5)
    assert vehicles_for(1.0, passes=B, shape=K) == np.inf
    assert law.coverage_share(vehicles_for(0.37, passes=B, shape=K), passes=B, shape=K) == pytest.approx(0.37)


def test_m3_the_law_fails_in_parts_of_a_day() -> None:
    """A documented limit: 0.581 where 0.50 was published; eight points, more than any other anchor misses."""
    said = coverage_in_each_part(355, parts=3, passes=B, shape=K)
    assert said == pytest.approx(expected("M3")[0], abs=1e-3)
    assert said - PUBLISHED_IN_EACH_THIRD == pytest.approx(0.081, abs=2e-3)
    in_sample = np.abs(law.coverage_share([10, 30, 1000], passes=B, shape=K) - [1 / 3, 0.5, 0.85]).max()
    assert said - PUBLISHED_IN_EACH_THIRD > 10 * in_sample
    assert coverage_in_each_part(355, parts=1, passes=B, shape=K) == pytest.approx(law.coverage_share(355, passes=B, shape=K))


@pytest.mark.parametrize(("rate", "weekly"), list(zip([1 / 28, 1 / 7, 1.0], expected("M4"), strict=True)))
def test_m4_m5_what_a_tile_pays_a_week(rate: float, weekly: float) -> None:
    """Poisson passes one by one: 1 - exp(-7 lambda) a week; each pass earns less as there are more."""
    rng = np.random.default_rng(4)
    times = np.cumsum(rng.exponential(1 / rate, 400_000))
    earned = multiplier(times[1:], times[:-1], replenish_days=7)
    assert -np.expm1(-7 * rate) == pytest.approx(weekly, abs=1e-4)
    assert earned.sum() / (times[-1] / 7) == pytest.approx(weekly, rel=0.01)
    assert earned.mean() == pytest.approx(weekly / (7 * rate), rel=0.01)


@pytest.mark.parametrize("rate", [1 / 28, 1 / 7, 1.0, 5.0])
def test_a_day_at_a_time_pays_what_single_passes_pay(rate: float) -> None:
    tiles = Tiles(np.ones(4_000), replenish_days=7)
    rng = np.random.default_rng(5)
    paid = 0.0
    for day in range(200):
        passes = rng.poisson(rate, 4_000).astype(float)
        mean = tiles.drive(day, passes)
        paid += float((mean * passes).sum()) if day >= 60 else 0.0
    assert paid / 4_000 / 20 == pytest.approx(-np.expm1(-7 * rate), rel=0.012)


def test_a_tile_never_pays_more_than_two_a_week() -> None:
    """One for the first pass, then at most one in all, whatever the driving."""
    rng = np.random.default_rng(6)
    tiles = Tiles(np.ones(500), replenish_days=7)
    paid = np.zeros((60, 500))
    for day in range(60):
        passes = (rng.poisson(3, 500) * (rng.random(500) < 0.3)).astype(float)
        paid[day] = tiles.drive(day, passes) * passes
    week = np.array([paid[day : day + 7].sum(axis=0) for day in range(53)])
    assert week.max() <= 2 and week.max() > 1
    assert week[7:].mean() <= 1.0


def test_a_pass_that_arrives_late_makes_a_tile_as_fresh_as_it_is_old() -> None:
    tiles = Tiles(np.array([1.0, 2.0]), replenish_days=7)
    tiles.map_late(3, np.array([1.0, 0.0]))
    assert tiles.last_days[0] == pytest.approx(3.5) and tiles.last_days[1] == NEVER
    assert tiles.fresh_km(10.0, within_days=7) == 1.0 and tiles.fresh_km(11.0, within_days=7) == 0.0
    tiles.map_late(1, np.array([1.0, 0.0]))
    assert tiles.last_days[0] == pytest.approx(3.5)


def test_m6_the_mint_follows_the_map() -> None:
    said = [map_progress_mint(p, tokens_at_full_progress=10e6, still_mintable=4e9) for p in (0.10, 0.29, 0.60)]
    assert said == pytest.approx(expected("M6"))
    assert map_progress_mint(0.3, tokens_at_full_progress=10e6, still_mintable=5.0) == 5.0


def test_m7_a_region_at_full_score() -> None:
    rule = ProgressRule()
    assert progress(12_000, 45_000, street_km=60_000, rule=rule) == 1.0
    assert progress(11_999, 45_000, street_km=60_000, rule=rule) < 1.0 and progress(12_000, 44_999, street_km=60_000, rule=rule) < 1.0
    assert 45_000 / 7 / 100 == pytest.approx(64.3, abs=0.05)
    assert progress(0, 0, street_km=60_000, rule=rule) == 0.0


def test_m8_m9_burn_and_mint() -> None:
    one = consume(7.50 / 0.02, remint_share=0.25, remint_cap=500_000)
    assert (one.burned, one.reminted) == pytest.approx((375, 93.75))
    other = consume(7.50 / 0.0026, remint_share=0.25, remint_cap=500_000)
    assert (other.burned, other.reminted) == pytest.approx((2884.62, 721.15), abs=0.01)
    assert consume(2_000_000, remint_share=0.25, remint_cap=500_000).reminted == 500_000
    assert consume(3_000_000, remint_share=0.25, remint_cap=500_000).reminted == 500_000
    assert consume(100, remint_share=1.0, remint_cap=None).reminted == 100


@pytest.mark.parametrize(
    ("km_per_day", "nu", "seen"), [(176, 0.95, expected("M10")[0]), (500 / 7, 0.66, expected("M10")[1]), (52, 0.35, expected("M10")[2])]
)
def test_m10_a_week_of_the_same_drivers(km_per_day: float, nu: float, seen: float) -> None:
    passes = passes_per_vehicle_day(km_per_day, street_km=5_000, efficiency=0.7)
    days = effective_vehicle_days(100, 7, novelty_exponent=nu)
    assert law.coverage_share(days, passes=passes, shape=K) == pytest.approx(seen, abs=1e-3)


def test_steps_of_the_multiplier() -> None:
    np.testing.assert_array_equal(region_multiplier([0, 0.69, 0.70, 0.79, 0.80, 0.89, 0.90, 1.0]), [1, 1, 1.5, 1.5, 2, 2, 3, 3])


def test_late_uploads_are_paid_less_and_after_the_deadline_nothing() -> None:
    np.testing.assert_allclose(upload_factor([0, 1, 12.5, 24, 30, 200], hours_to_deadline=100), [1, 1, 0.75, 0.5, 0.5, 0])


def test_the_law_is_found_again_from_its_own_curve() -> None:
    n = np.array([1, 10, 100, 1000])
    found = law.fit(n, law.coverage_share(n, passes=0.11, shape=0.5))
    assert (found.passes, found.shape) == pytest.approx((0.11, 0.5), rel=1e-3) and found.worst_gap < 1e-6
    with pytest.raises(ValueError, match="two points"):
        law.fit([1], [0.1])


@pytest.mark.bulk
def test_the_table_says_what_the_dossier_says() -> None:
    theirs = {row["id"]: row["expected"] for row in rows_of(BULK / "mapping" / "numeric_checks.csv")}
    for check in ("M1", "M2", "M3", "M4", "M10"):
        assert expected(check) == pytest.approx([float(part) for part in theirs[check].split("/")])
