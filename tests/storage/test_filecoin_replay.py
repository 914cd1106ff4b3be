"""Filecoin from 2022-10-10 with the real power, onboarding and burn: our books beside facts of the chain, and beside the peer's errors."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.kinds.storage.replay import Observed, Replayed, replay
from twin.scenario import load

HISTORY = Path(__file__).parents[3] / "shared" / "data" / "history"
FACTS = Path(__file__).parents[1] / "data" / "storage" / "filecoin_chain_facts.csv"
START = date(2022, 10, 10)
HELD_DAYS = 170
"""From 2024-09-01 the daily series is kept aside: the mean flows of the 90 days before go on."""


@pytest.fixture(scope="module")
def replayed() -> Replayed:
    if not HISTORY.is_dir():
        pytest.skip("the daily series of Filecoin are not here")
    daily = pd.read_csv(HISTORY / "filecoin_network_daily.csv")
    observed = Observed(
        daily.raw_power_eib.to_numpy(), daily.qa_power_eib.to_numpy(), daily.onboarded_qa_pib.to_numpy(), daily.burnt_fil_daily.fillna(0.0).to_numpy()
    )
    return replay(load("filecoin-world").spec.filecoin, observed.held_for(HELD_DAYS), start=START)


def facts() -> list[dict[str, str]]:
    with FACTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: f"{fact['quantity']} {fact['date']}")
def test_our_error_is_smaller_than_the_peers(fact: dict[str, str], replayed: Replayed) -> None:
    ours = 100 * (replayed.on(date.fromisoformat(fact["date"]))[fact["quantity"]] / float(fact["value"]) - 1)
    assert abs(ours) < abs(float(fact["peer_error_percent"])), f"{ours:+.2f} %"


def test_the_ledger_and_the_protocols_identity_agree_every_day(replayed: Replayed) -> None:
    assert np.abs(replayed.gap_to_identity_tokens).max() < 1.0


def test_unvested_rewards_of_the_first_day_are_those_of_180_days_of_mining() -> None:
    if not HISTORY.is_dir():
        pytest.skip("the daily series of Filecoin are not here")
    mined = pd.read_csv(HISTORY / "filecoin_early_daily.csv").set_index("date").cumulative_mined_reward_fil.dropna()
    per_day = mined[mined.index <= "2022-10-10"].diff().dropna().to_numpy()[-180:]
    locked = float((0.75 * per_day[::-1] * (180 - np.arange(180)) / 180).sum())
    assert load("filecoin-world").spec.filecoin.opening.unvested_tokens == pytest.approx(locked, rel=1e-3)


def test_held_flows_are_the_mean_of_the_last_days() -> None:
    days = np.arange(1.0, 201.0)
    held = Observed(days, 2 * days, 3 * days, np.ones(200)).held_for(10, mean_days=50)
    assert len(held.raw_eib) == 210 and held.raw_eib[-1] == pytest.approx(210.0)
    assert held.onboarded_quality_pib[-1] == pytest.approx(3 * days[-50:].mean())
