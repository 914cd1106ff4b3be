"""The two bundled scenarios, coverage on real streets, and a year of ten thousand drivers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from kept import lived

from benchmarks import coverage_law as law
from benchmarks.mapping import ANCHORS, coverage, table, year
from twin.first_life import dated
from twin.run import Run
from twin.scenario import load


def test_coverage_of_a_real_city_follows_the_law() -> None:
    """Göteborg by up to 300 taxis: the fitted law within three points, the published sum over segments within eight."""
    found = coverage("goteborg", vehicles=(10, 30, 100, 300), n_places=1_000)
    assert list(found.share) == sorted(found.share) and 0.2 < found.share[0] < found.share[-1] < 1
    assert found.law.worst_gap < 0.03 and 0.1 < found.law.shape < 0.8
    np.testing.assert_allclose(found.share, found.expected_from_popularity, atol=0.08)
    assert "33.3%" in table([found]) and f"{found.share[0]:.1%}" in table([found])


def test_the_law_is_no_more_than_an_approximation_of_anchors() -> None:
    said = law.coverage_share(list(ANCHORS), passes=law.MANHATTAN_PASSES_PER_SEGMENT, shape=law.MANHATTAN_POPULARITY_SHAPE)
    assert np.abs(said - list(ANCHORS.values())).max() < 0.006


def test_many_drivers_for_some_days() -> None:
    found = year(drivers=400, days=5, n_places=300)
    assert found["directed_edges"] == 22_408 and found["km"] == pytest.approx(5 * (120 * 180 + 280 * 52))
    assert 0 < found["credit_per_km"] < 1


@pytest.mark.slow
def test_a_year_of_ten_thousand_drivers() -> None:
    found = year()
    assert 0 < found["credit_per_km"] < 1
    assert found["km"] == pytest.approx(365 * (3_000 * 180 + 7_000 * 52))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hivemapper-goteborg", "hivemapper-coquimbo"])
def test_a_bundled_city_ends_with_a_verdict(name: str, bundled: Callable[[str], Run]) -> None:
    done = bundled(name)
    assert done.verdict.outcome.value in {"collapsed", "niche", "coasting", "subsidy_dependent", "self_sustaining"}
    assert done.verdict.kept_after_cutoff is not None and done.verdict.judged is not None
    cells = done.table("cells_monthly")
    assert cells.coverage_share.between(0, 1 + 1e-6).all() and cells.fake.max() > 0
    assert "fabricated_passes_caught" in set(done.table("events").kind)
    assert done.report.stat().st_size > 100_000


@pytest.mark.slow
def test_after_the_taper_thin_streets_go_stale_first() -> None:
    """Coquimbo at a held price, without lies: a year into the taper the thin third has lost more of its freshness than the busy third."""
    scenario = load("hivemapper-coquimbo", variant="held_price", sets=["adversaries.replayed_drives=null"])
    begins = (dated(scenario).taper.begins - scenario.spec.calendar.start).days  # type: ignore[operator]
    _, notes = lived(scenario, begins + 546)
    kept = {name: notes.series(name)[begins + 365 : begins + 545].mean() / notes.series(name)[begins - 180 : begins].mean() for name in ("fresh_thin_share", "fresh_busy_share")}
    assert kept["fresh_thin_share"] < 0.6 * kept["fresh_busy_share"] and kept["fresh_busy_share"] < 1
    assert notes.series("nodes_online")[begins + 545] < 0.5 * notes.series("nodes_online")[begins]
