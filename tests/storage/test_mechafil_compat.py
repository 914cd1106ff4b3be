"""`compat: mechafil`: every listed day and series of the peers' reference scenario A, read from a scenario file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from twin.errors import InputError
from twin.kinds.storage.aggregate import Aggregate, Inputs, forecast
from twin.kinds.storage.mechafil_spec import BY_DAY
from twin.life import life
from twin.scenario import load

SCENARIO = Path(__file__).parent / "mechafil-reference-a.yaml"
TABLE = Path(__file__).parents[1] / "data" / "storage" / "mechafil_reference_a.csv"
SERIES = {
    "network_RBP_EIB": "raw_eib", "network_QAP_EIB": "quality_eib", "network_baseline_EIB": "baseline_eib", "network_time": "network_time_days",
    "cum_network_reward": "minted_tokens", "day_network_reward": "reward_tokens_per_day", "total_vest": "vested_tokens", "network_gas_burn": "burnt_tokens",
    "network_locked": "locked_tokens", "network_locked_pledge": "locked_pledge_tokens", "network_locked_reward": "locked_reward_tokens",
    "circ_supply": "circulating_tokens", "day_pledge_per_QAP": "pledge_tokens_per_sector",
}  # fmt: skip


def computed(variant: str | None) -> Aggregate:
    spec = load(SCENARIO, variant=variant).spec
    n_days = (spec.calendar.end - spec.calendar.start).days
    mode = spec.mechafil
    inputs = Inputs(*(np.full(n_days, getattr(mode, name)) for name in BY_DAY))
    return forecast(mode, inputs, start=spec.calendar.start, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=mode.disbursed_reserve_tokens)


@pytest.mark.parametrize(("variant", "gamma"), [(None, "1.0"), ("gamma_07", "0.7")])
def test_all_listed_days_and_series_agree_to_1e_8(variant: str | None, gamma: str) -> None:
    ours = computed(variant)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["gamma"] == gamma]
    assert len(rows) == 13 and len(ours.raw_eib) == 1825
    for name, own in SERIES.items():
        theirs = np.array([float(row[name]) for row in rows])
        mine = getattr(ours, own)[[int(row["day"]) for row in rows]]
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, err_msg=name)


def test_quality_is_capped_in_the_output_only() -> None:
    spec = load(SCENARIO, sets=["mechafil.raw_pib=1000", "mechafil.onboarding_pib_per_day=0"]).spec
    mode = spec.mechafil
    inputs = Inputs(np.zeros(10), np.full(10, mode.verified_share), np.full(10, mode.renewal_share))
    ours = forecast(mode, inputs, start=spec.calendar.start, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=0.0)
    np.testing.assert_allclose(ours.quality_eib, 10 * ours.raw_eib)


def power_by_the_peers_steps(onboarding: np.ndarray, renewal: np.ndarray, *, first: float, term: int, runoff: int) -> tuple[np.ndarray, np.ndarray]:
    """(power at the end of each day, renewed): their recursion with an array for each input, as `power.forecast_power_stats` scans it."""
    renewed, expired = np.zeros(len(onboarding)), np.zeros(len(onboarding))
    for day in range(len(onboarding)):
        known = first / runoff if day < runoff else 0.0
        modelled = onboarding[day - term] + renewed[day - term] if day - term >= 0 else 0.0
        expired[day] = known + modelled
        renewed[day] = expired[day] * renewal[day]
    return first + onboarding.cumsum() - expired.cumsum() + renewed.cumsum(), renewed


def test_inputs_by_date_are_the_peers_arrays(tmp_path: Path) -> None:
    """Steps, a table and a plain number in one run: raw and quality-adjusted power by the peers' recursion, a day later, as they shift it."""
    table = "# unit: share\n# between: linear\ndate,value,source\n2025-01-01,0.9,assumed\n2025-03-02,0.3,assumed\n2025-12-31,0.5,assumed\n"
    (tmp_path / "verified.csv").write_text(table)
    path = tmp_path / "by-date.yaml"
    path.write_text(SCENARIO.read_text())
    changes = ["mechafil.onboarding_pib_per_day={2025-01-01: 3.0, 2025-02-01: 1.0, 2025-05-01: 6.5}", "mechafil.verified_share={series: verified}",
               "mechafil.renewal_share={2024-06-01: 0.8, 2025-03-01: 0.2}", "mechafil.term_days=60", "mechafil.runoff_days=90", "calendar.end=2025-09-01"]  # fmt: skip
    scenario = load(path, sets=changes)
    daily = life(scenario).daily
    days = np.arange(np.datetime64("2025-01-01"), np.datetime64("2025-09-01"))
    onboarding = np.where(days < np.datetime64("2025-02-01"), 3.0, np.where(days < np.datetime64("2025-05-01"), 1.0, 6.5))
    renewal = np.where(days < np.datetime64("2025-03-01"), 0.8, 0.2)
    verified = np.interp((days - days[0]).astype(float), [0, 60, 364], [0.9, 0.3, 0.5])
    raw, _ = power_by_the_peers_steps(onboarding, renewal, first=4300.0, term=60, runoff=90)
    quality, _ = power_by_the_peers_steps(onboarding * (1 + 9 * verified), renewal, first=23500.0, term=60, runoff=90)
    np.testing.assert_allclose(np.asarray(daily["raw_power_eib"]), np.r_[4300.0, raw[:-1]] / 1024, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(daily["quality_power_eib"]), np.minimum(np.r_[23500.0, quality[:-1]], 10 * np.r_[4300.0, raw[:-1]]) / 1024, rtol=1e-12)


def test_steps_that_do_not_differ_are_a_plain_number() -> None:
    plain = life(load(SCENARIO, sets=["calendar.end=2026-12-01"])).daily
    stepped = life(load(SCENARIO, sets=["calendar.end=2026-12-01", "mechafil.renewal_share={2025-01-01: 0.8, 2026-01-01: 0.8}"])).daily
    for name in ("raw_power_eib", "locked_tokens", "circulating_tokens"):
        assert np.array_equal(np.asarray(plain[name]), np.asarray(stepped[name])), name


def test_a_later_renewal_moves_pledge_from_the_day_after_its_date_only() -> None:
    plain = life(load(SCENARIO, sets=["calendar.end=2026-12-01"])).daily
    falls = life(load(SCENARIO, sets=["calendar.end=2026-12-01", "mechafil.renewal_share={2025-01-01: 0.8, 2026-01-01: 0.4}"])).daily
    day = 365
    before, after = (np.asarray(each["locked_tokens"]) for each in (plain, falls))
    assert np.array_equal(before[: day + 1], after[: day + 1]) and before[day + 1] > after[day + 1]


@pytest.mark.parametrize(
    ("change", "code"),
    [("mechafil.renewal_share={2025-06-01: 0.8}", "no_first_value"), ("mechafil.renewal_share={2025-01-01: 1.2}", "out_of_range"), ("mechafil.onboarding_pib_per_day={2025-01-01: -1}", "out_of_range")],
)  # fmt: skip
def test_wrong_values_by_date_are_refused(change: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        load(SCENARIO, sets=[change])
    assert {problem.code for problem in caught.value.problems} == {code}


def test_a_table_of_percent_is_no_table_of_shares(tmp_path: Path) -> None:
    (tmp_path / "percent.csv").write_text("# unit: percent\n# between: step\ndate,value,source\n2025-01-01,80,assumed\n")
    path = tmp_path / "by-date.yaml"
    path.write_text(SCENARIO.read_text())
    with pytest.raises(InputError, match="is a share, and table percent says 80"):
        life(load(path, sets=["mechafil.renewal_share={series: percent, until: 2025-01-01, then: hold}", "calendar.end=2025-03-01"]))
