"""The operator from a run's tables to what was observed: windows, shares, and nothing outside of the run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from twin.errors import TwinError
from twin.history.metric import Metric
from twin.history.metrics import metric_of, metrics_of
from twin.history.observations import Observed
from twin.history.observing import observe
from twin.scenario import load

START = date(2023, 1, 1)
FILECOIN = load("filecoin-world")


def seen(metric: Metric, *windows: tuple[str, str]) -> Observed:
    starts, dates = (np.array([window[i] for window in windows], dtype="datetime64[D]") for i in (0, 1))
    n = len(windows)
    return Observed("filecoin", metric.name, metric.unit, starts, dates, np.ones(n), ("=",) * n, ("a page",) * n)


def test_a_stock_is_its_day_a_flow_the_mean_of_its_window() -> None:
    table = {"raw_power_eib": np.arange(10.0), "onboarded_pib_per_day": np.arange(10.0) * 2}
    stock, flow = metric_of(FILECOIN, "raw_power_eib"), metric_of(FILECOIN, "onboarded_raw_pib_per_day")
    windows = [("2023-01-01", "2023-01-01"), ("2023-01-10", "2023-01-10"), ("2023-01-02", "2023-01-05")]
    assert observe(table, START, FILECOIN, stock, seen(stock, *windows)).tolist() == [0, 9, 2.5]
    assert observe(table, START, FILECOIN, flow, seen(flow, *windows)).tolist() == [0, 18, 5]


def test_a_share_is_one_sum_over_the_other() -> None:
    share = metric_of(FILECOIN, "renewed_share")
    table = {"renewed_pib_per_day": np.array([1.0, 1, 0]), "expired_pib_per_day": np.array([1.0, 9, 0])}
    said = observe(table, START, FILECOIN, share, seen(share, ("2023-01-01", "2023-01-02"), ("2023-01-03", "2023-01-03")))
    assert said[0] == pytest.approx(0.2) and np.isnan(said[1])  # not the mean of 1 and 1/9; and nothing expired on the third day


def test_nothing_is_said_outside_of_the_run() -> None:
    stock = metric_of(FILECOIN, "raw_power_eib")
    said = observe({"raw_power_eib": np.ones(3)}, START, FILECOIN, stock, seen(stock, ("2022-12-31", "2022-12-31"), ("2022-12-31", "2023-01-01"), ("2023-01-03", "2023-01-04"), ("2023-01-01", "2023-01-03")))
    assert np.isnan(said[:3]).all() and said[3] == 1


def test_what_adds_up_counts_from_the_first_day() -> None:
    came = Metric("came", "nodes", "came", "stock", "came so far", "behaviour", (("nodes_arrived", 1),), adds_up=True)
    assert observe({"nodes_arrived": np.array([2, 0, 3])}, START, FILECOIN, came, seen(came, ("2023-01-02", "2023-01-02"), ("2023-01-03", "2023-01-03"))).tolist() == [2, 5]


def test_a_missing_column_is_named() -> None:
    stock = metric_of(FILECOIN, "raw_power_eib")
    with pytest.raises(TwinError, match="network_daily has no raw_power_eib"):
        observe({"nodes_online": np.ones(3)}, START, FILECOIN, stock, seen(stock, ("2023-01-01", "2023-01-01")))


def test_what_no_column_tells_is_read_from_the_series_that_the_scenario_is_given() -> None:
    mobile = load("helium-mobile-us")
    subscribers = metric_of(mobile, "subscribers")
    said = observe({"users": np.ones(400)}, START, mobile, subscribers, seen(subscribers, ("2023-12-31", "2023-12-31"), ("2022-12-31", "2022-12-31")))
    assert said[0] == 23868 and np.isnan(said[1])
    doubled = mobile.variant("twice", {"customers.own_subscribers.subscribers.value_multiple": 2})
    assert observe({"users": np.ones(400)}, START, doubled, subscribers, seen(subscribers, ("2023-12-31", "2023-12-31")))[0] == 2 * 23868


def test_a_scenario_that_is_given_no_subscribers_says_nothing_of_them() -> None:
    mobile = load("helium-mobile-us")
    assert "subscribers" not in metrics_of(mobile.variant("carriers alone", {"customers.own_subscribers": None}))


def test_credits_are_worth_what_the_scenario_says() -> None:
    world = load("helium-iot-world").variant("dear", {"data_credits.usd_per_credit": 2e-5})
    metric = metric_of(world, "credits_burned_usd_per_day")
    said = observe({"data_credits": np.array([1e6]), "fees_usd": np.array([5.0])}, START, world, metric, seen(metric, ("2023-01-01", "2023-01-01")))
    assert said.tolist() == pytest.approx([25])


def test_gigabytes_of_carriers_come_from_usage_at_one_price() -> None:
    mobile = load("helium-mobile-us")
    metric = metric_of(mobile, "carrier_gb_per_day")
    assert observe({"usage_constant_usd": np.array([10.0])}, START, mobile, metric, seen(metric, ("2023-01-01", "2023-01-01"))).tolist() == pytest.approx([100])  # 0.10 USD a GB
