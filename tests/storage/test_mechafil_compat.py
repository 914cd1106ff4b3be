"""`compat: mechafil`: every listed day and series of the peers' reference scenario A, read from a scenario file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from twin.kinds.storage.aggregate import Aggregate, forecast
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
    return forecast(mode, start=spec.calendar.start, n_days=n_days, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=mode.disbursed_reserve_tokens)


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
    ours = forecast(mode, start=spec.calendar.start, n_days=10, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=0.0)
    np.testing.assert_allclose(ours.quality_eib, 10 * ours.raw_eib)
