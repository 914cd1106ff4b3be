"""Series on the scale of the fit: errors from the rows themselves, beginnings from nothing, and what is wrong with a question."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from measured_town import write_town

from twin.errors import InputError
from twin.history.observations import Observed
from twin.history.tracks import START_SHARE, facts_of, rows_on, scatter, tracks_of
from twin.scenario import Scenario, load

MONTH_ENDS = np.array(["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"], dtype="datetime64[D]")


@pytest.fixture
def town(tmp_path: Path) -> Scenario:
    return load(write_town(tmp_path))


def seen(metric: str, values, *, unit: str = "nodes", bounds: tuple[str, ...] | None = None) -> Observed:
    n = len(values)
    return Observed("measured-town", metric, unit, MONTH_ENDS[:n], MONTH_ENDS[:n], np.array(values, float), bounds or ("=",) * n, ("here",) * n)


def test_rows_scatter_around_their_neighbours_and_a_line_does_not() -> None:
    assert scatter(np.arange(20.0)) == 0
    noise = np.random.default_rng(2).normal(0, 0.2, 3000)
    assert scatter(np.arange(3000) * 0.5 + noise) == pytest.approx(0.2, rel=0.05)
    bent = np.concatenate([np.zeros(30), np.arange(30.0)])
    assert scatter(bent) == 0   # a turn is no error


def test_only_rows_in_time_and_no_bounds(town: Scenario) -> None:
    rows = {"nodes_online": seen("nodes_online", [10, 20, 30, 40, 50, 60], bounds=("=", "<", "=", "=", "=", "="))}
    [track] = tracks_of(town, rows, until=date(2024, 5, 31), since=date(2024, 2, 1))
    assert track.observed.values.tolist() == [30, 40, 50] and track.is_log and not track.stated
    assert track.error == 0.1   # of three rows nobody knows the scatter
    np.testing.assert_allclose(track.unscaled(track.values), [30, 40, 50])


def test_a_beginning_from_nothing_has_a_logarithm(town: Scenario) -> None:
    [track] = tracks_of(town, {"nodes_online": seen("nodes_online", [0, 20, 40, 60, 80, 100])}, until=date(2024, 6, 30))
    assert track.shift == START_SHARE * 50
    np.testing.assert_allclose(track.unscaled(track.values), [0, 20, 40, 60, 80, 100], atol=1e-9)
    assert track.unscaled(np.array([-50.0])) == 0


def test_errors_are_as_stated(town: Scenario) -> None:
    [track] = tracks_of(town, {"nodes_online": seen("nodes_online", [10, 20, 30, 40, 50, 60])}, until=date(2024, 6, 30), errors={"nodes_online": 0.07})
    assert track.stated and facts_of([track]).error.tolist() == [0.07] * 6


def test_rules_and_what_lies_outside_are_not_fitted_unless_named(town: Scenario) -> None:
    rows = {"price_usd": seen("price_usd", [1, 1, 1, 1, 1, 1], unit="USD"), "nodes_online": seen("nodes_online", [1, 2, 3])}
    assert [track.metric.name for track in tracks_of(town, rows, until=date(2024, 6, 30))] == ["nodes_online"]
    assert [track.metric.name for track in tracks_of(town, rows, until=date(2024, 6, 30), names=["price_usd"])] == ["price_usd"]
    with pytest.raises(InputError, match="follow from rules, or from outside"):
        tracks_of(town, {"price_usd": rows["price_usd"]}, until=date(2024, 6, 30))


def test_a_question_without_rows_says_where_they_are(town: Scenario) -> None:
    with pytest.raises(InputError, match="the rows go from 2024-01-31 to 2024-06-30"):
        tracks_of(town, {"nodes_online": seen("nodes_online", [1, 2, 3, 4, 5, 6])}, until=date(2024, 1, 15))


def test_rows_that_nobody_has_seen(town: Scenario) -> None:
    stock, flow = tracks_of(
        town, {"nodes_online": seen("nodes_online", [1, 2, 3]), "revenue_usd_per_day": seen("revenue_usd_per_day", [1, 2, 3], unit="USD/day")}, until=date(2024, 6, 30)
    )
    asked = [date(2025, 1, 31), date(2025, 7, 31)]
    assert rows_on(stock, asked, window_days=30).starts.tolist() == asked
    quarter_ends = seen("renewed_share", [0.1, 0.2, 0.3], unit="share")
    [on_days] = tracks_of(load("filecoin-world", sets=["calendar.start=2023-12-01", "flows=null"]), {"renewed_share": quarter_ends}, until=date(2024, 6, 30))
    assert rows_on(on_days, asked, window_days=30).starts.tolist() == asked
    assert rows_on(flow, asked, window_days=30).starts.tolist() == [date(2025, 1, 2), date(2025, 7, 2)]
