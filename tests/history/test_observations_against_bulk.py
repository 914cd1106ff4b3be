"""The shipped tables say what the whole series say, from which they were taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bulk import BULK

from twin.history.observations import Observed, shipped

pytestmark = pytest.mark.bulk
HISTORY = BULK / "history"
FIRST_OF_FILECOIN = np.datetime64("2022-10-10")


def days_of(name: str, date: str = "date") -> pd.DataFrame:
    path: Path = HISTORY / name
    return pd.read_csv(path, parse_dates=[date]).set_index(date)


def means(series: pd.Series, seen: Observed) -> list[float]:
    return [float(series[str(start) : str(day)].mean()) for start, day in zip(seen.starts, seen.dates, strict=True)]


@pytest.mark.parametrize(
    ("metric", "column"),
    [
        ("raw_power_eib", "raw_power_eib"), ("quality_power_eib", "qa_power_eib"), ("burnt_tokens", "burnt_fil_cumulative"),
        ("onboarded_raw_pib_per_day", "onboarded_raw_pib"), ("renewed_raw_pib_per_day", "renewed_raw_pib"), ("burned_tokens_per_day", "burnt_fil_daily"),
    ],
)  # fmt: skip
def test_filecoin_week_by_week(metric: str, column: str) -> None:
    seen, whole = shipped("filecoin")[metric], days_of("filecoin_network_daily.csv")[column]
    at = [i for i, start in enumerate(seen.starts) if start >= FIRST_OF_FILECOIN]
    assert len(at) >= 97
    assert seen.values[at].tolist() == pytest.approx([means(whole, seen)[i] for i in at], rel=1e-4)


def test_subscribers_and_access_points_by_the_tracker() -> None:
    whole, tables = days_of("helium_mobile_daily.csv"), shipped("helium-mobile")
    for metric, column in (("subscribers", "subscribers_cumulative"), ("access_points_onboarded", "hotspots_onboarded_cumulative")):
        seen = tables[metric]
        at = [i for i, day in enumerate(seen.dates) if day <= whole.index[-1].to_numpy()]
        assert len(at) > 50 and seen.values[at].tolist() == [float(whole[column][str(seen.dates[i])]) for i in at]


def test_renders_burn_and_wallets_by_epoch() -> None:
    epochs, tables = days_of("render_epochs.csv", "epoch_start_date"), shipped("render")
    for metric, column, days in (("burned_tokens_per_day", "burned_render", 7), ("burned_usd_per_day", "burned_usd", 7), ("nodes_rewarded", "nodes_any", 1)):
        seen = tables[metric]
        at = [i for i, start in enumerate(seen.starts) if pd.Timestamp(start) in epochs.index]
        assert len(at) == 62 and seen.values[at].tolist() == pytest.approx([float(epochs[column][str(seen.starts[i])]) / days for i in at], rel=1e-4)


def test_data_credits_of_helium_week_by_week() -> None:
    whole = days_of("network_revenue_weekly_2019_2022.csv", "week_start")
    whole = whole[whole.network == "helium"].revenue_usd_sum
    seen = shipped("helium-iot")["credits_burned_usd_per_day"]
    assert (seen.dates - seen.starts == np.timedelta64(6, "D")).all()
    assert seen.values.tolist() == pytest.approx([float(whole[str(start)]) / 7 for start in seen.starts], rel=1e-4)
