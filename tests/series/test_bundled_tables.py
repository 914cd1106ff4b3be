"""The tables that ship: each loads, and says what its sources say."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from twin.errors import InputError
from twin.scenario.series import load_series
from twin.scenario.table import bundled_series_dir, load_table

SERIES = sorted(path.stem for path in bundled_series_dir().glob("*.csv") if "# key:" not in path.read_text(encoding="utf-8"))
HNT_MONTH_MEAN_USD = {"2021-03": 6.8004, "2021-11": 41.9016, "2022-06": 10.1577, "2023-06": 1.3137, "2024-12": 7.8514, "2025-09": 2.4532}
"""Means of daily closes, MiM0ulay/assets_risk_metrics data/HNT-USD.csv and jumpotsa/Bybit_Cross_Momentum data/HNTUSDT.csv."""


def test_the_named_tables_are_there() -> None:
    assert set(SERIES) >= {
        "hnt-usd-monthly",
        "helium-iot-onboarded",
        "helium-iot-active",
        "helium-iot-data-usd",
        "helium-mobile-data-usd",
        "helium-denylist-size",
        "helium-hotspot-price",
    }


@pytest.mark.parametrize("name", SERIES)
def test_every_table_loads_and_holds(name: str) -> None:
    series = load_series(name)
    values = series.daily(series.first, (series.last - series.first).days + 1000, then="hold")
    assert np.isfinite(values).all() and (values >= 0).all() and (values[1:] > 0).all()  # a series may begin at nothing
    assert (values[-1000:] == series.values[-1]).all()
    assert min(map(len, series.sources)) > 5


def test_daily_price_keeps_the_month_means() -> None:
    """Two points a month lose little: each month's mean within 12 % (measured 10.8), the median miss below 3 %."""
    series = load_series("hnt-usd-monthly")
    misses = []
    for day, value, source in zip(series.dates, series.values, series.sources, strict=True):
        if "mean of the month" in source:
            first = date.fromisoformat(str(day)).replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
            if following <= series.last:
                misses.append(abs(series.daily(first, (following - first).days).mean() / value - 1))
    assert len(misses) == 64
    assert max(misses) < 0.12
    assert np.median(misses) < 0.03


@pytest.mark.parametrize(("month", "mean_usd"), HNT_MONTH_MEAN_USD.items())
def test_price_at_mid_month_is_the_mean(month: str, mean_usd: float) -> None:
    assert load_series("hnt-usd-monthly").on(date.fromisoformat(f"{month}-15")) == mean_usd


def test_price_around_the_edges() -> None:
    series = load_series("hnt-usd-monthly")
    assert series.on(date(2019, 8, 1)) == 0.30  # assumed: no market
    assert series.on(date(2021, 11, 30)) == 40.3519
    assert 0.19 < series.on(date(2026, 6, 30)) < 0.27
    with pytest.raises(InputError, match="2026-08-18"):
        series.daily(date(2021, 1, 1), 2738)


def test_hotspots_at_the_migration_and_after() -> None:
    onboarded, active = load_series("helium-iot-onboarded"), load_series("helium-iot-active")
    assert onboarded.on(date(2019, 7, 31)) == 0
    assert onboarded.on(date(2020, 12, 24)) == 14_402
    assert onboarded.on(date(2023, 4, 16)) == pytest.approx(980_000)
    assert onboarded.on(date(2023, 4, 20)) == active.on(date(2023, 4, 20)) == 463_354
    assert onboarded.daily(date(2026, 2, 1), 900, until=date(2026, 2, 15), then="hold")[-1] == 376_000
    days = active.daily(date(2019, 8, 1), 2300) / onboarded.daily(date(2019, 8, 1), 2300)
    assert days.max() < 1.10  # sources differ in what they count; never grossly more active than registered


def test_iot_data_credits() -> None:
    series = load_series("helium-iot-data-usd")
    assert series.on(date(2022, 5, 28)) == 428.23
    assert series.on(date(2022, 8, 24)) == 37.43
    assert series.daily(date(2025, 12, 1), 400, until=date(2025, 12, 31), then="hold")[-1] == 124.77
    assert series.on(date(2021, 6, 1)) < 60


def test_the_fivefold_price_cut() -> None:
    series = load_series("helium-mobile-data-usd")
    assert series.on(date(2026, 6, 3)) == 5 * series.on(date(2026, 6, 4)) == 45_500
    assert series.on(date(2023, 1, 1)) == 0


def test_the_denylist_is_reset() -> None:
    series = load_series("helium-denylist-size")
    assert [series.on(date(2022, 1, 27)), series.on(date(2022, 3, 8)), series.on(date(2022, 3, 9))] == [0, 41_544, 3_236]


def test_hardware_price_is_a_step() -> None:
    series = load_series("helium-hotspot-price")
    assert [series.on(date(2019, 8, 1)), series.on(date(2020, 12, 31)), series.on(date(2021, 1, 1))] == [495, 495, 450]


def test_country_shares() -> None:
    table = load_table("helium-country-share")
    assert list(table.columns) == ["iso2", "share", "source"]
    assert table.share.sum() == pytest.approx(1.0, abs=1e-6)
    shares = dict(zip(table.iso2, table.share, strict=True))
    assert shares["US"] == 0.37 and shares["CN"] == 0.10
    assert shares["FR"] == pytest.approx(0.53 * 138 / 1147, abs=1e-8)


def write_table(folder: Path, text: str) -> str:
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    return "mine"


def test_a_table_keeps_namibia_and_types(tmp_path: Path) -> None:
    table = load_table(write_table(tmp_path, "# key: iso2\niso2,share,word,source\nNA,0.25,x,A\nSE,1,y,B\n"), base_dir=tmp_path)
    assert table.iso2.tolist() == ["NA", "SE"]
    assert table.share.tolist() == [0.25, 1.0]
    assert table.word.tolist() == ["x", "y"]


def test_table_problems_all_at_once(tmp_path: Path) -> None:
    text = "# key: iso2\niso2,share,source\nSE,0.5,A\nSE,1.5,A\nSwe,-1,A\nNO,nan,\n"
    with pytest.raises(InputError) as caught:
        load_table(write_table(tmp_path, text), base_dir=tmp_path)
    found = [(problem.code, problem.line) for problem in caught.value.problems]
    assert found == [
        ("duplicate_key", 4),
        ("bad_share", 4),
        ("bad_country", 5),
        ("negative_value", 5),
        ("not_a_number", 6),
        ("missing_source", 6),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("iso2,share,source\nSE,1,A\n", ("missing_setting",)),
        ("# key: iso3\niso2,share\nSE,1\n", ("bad_columns", "bad_columns")),
        ("# key: iso2\niso2,share,share,source\nSE,1,1,A\n", ("bad_columns",)),
        ("# key: iso2\niso2,share,source\nSE,high,A\n", ("not_a_number",)),
    ],
)
def test_table_heads(tmp_path: Path, text: str, codes: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        load_table(write_table(tmp_path, text), base_dir=tmp_path)
    assert caught.value.codes == codes
