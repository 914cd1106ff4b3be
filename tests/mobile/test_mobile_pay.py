"""Dossier checks 9, 10, 11, 15, 16 and the mobile half of 13, through the buckets and the rules file that scenarios use."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from bulk import rows_of
from mobile_tables import DATA

from twin.economy.deployer_band import deployer_band
from twin.economy.emission import other_mint_tokens
from twin.economy.shared_token import Pots, smoothed_share
from twin.kinds.mobile.buckets import split_mint
from twin.scenario.model import value_on

NET_CAP = 1_643.83561643
GB, USD_PER_GB = 91_000, 0.10
MOBILE_SHARE = 0.625 / 0.7


def all_tokens(pots: Pots) -> float:
    """Sum of all pots."""
    return math.fsum((*pots.pools.values(), *pots.others.values()))


@pytest.mark.parametrize("row", rows_of(DATA / "data_first_days.csv"), ids=lambda row: f"{row['rules_of']}-{row['price_usd']}")
def test_data_comes_first(rewards, row):
    """Check 9 [1 USD]. The legacy row is taken under HNT pay, founders gone."""
    price = float(row["price_usd"])
    pots = split_mint(rewards, date.fromisoformat(row["rules_of"]), mint_tokens=22_191.78, own_share=0.82, data_usd=20_000, price_usd=price)
    assert pots.pools["data"] * price == pytest.approx(float(row["data_usd"]), abs=1)
    assert pots.pools["proof"] * price == pytest.approx(float(row["proof_usd"]), abs=1)
    assert pots.pools["data"] * price / 40_000 == pytest.approx(float(row["usd_per_gb"]), abs=5e-4)
    assert all_tokens(pots) == pytest.approx(22_191.78)


@pytest.mark.parametrize("row", rows_of(DATA / "band_days.csv"), ids=lambda row: f"{row['rules_of']}-{row['scheduled_tokens'][:5]}-{row['price_usd']}")
def test_band_and_what_hosts_are_paid(rewards, hnt, row):
    """Checks 10, 15, 16: the band, then the split of the whole day; hosts get in the buckets what the band promises them."""
    day, price, scheduled = date.fromisoformat(row["rules_of"]), float(row["price_usd"]), float(row["scheduled_tokens"])
    rule = value_on(hnt.top_up, day, None)
    charged = GB * USD_PER_GB
    burn = charged / price
    band = deployer_band(
        rule, charged_usd=charged, price_usd=price, emission_tokens=scheduled, net_tokens=min(burn, NET_CAP),
        smoothed_burn_tokens=burn, net_cap_tokens=NET_CAP, sub_network_share=MOBILE_SHARE,
    )  # fmt: skip
    assert band.top_up_tokens == pytest.approx(float(row["top_up_tokens"]), abs=1)
    assert band.overflow_tokens == pytest.approx(float(row["overflow_tokens"]), abs=0.1)
    to_all = rule.minted_to == "all_pools"
    pots = split_mint(
        rewards, day, mint_tokens=scheduled + NET_CAP + (band.top_up_tokens if to_all else 0), own_share=MOBILE_SHARE, data_usd=charged, price_usd=price,
        top_up_to_data_tokens=0 if to_all else band.top_up_tokens, overflow_tokens=band.overflow_tokens,
    )  # fmt: skip
    assert pots.pools["data"] == pytest.approx(band.host_tokens)
    assert pots.pools["data"] * price / GB == pytest.approx(float(row["usd_per_gb"]), abs=5e-5)
    assert pots.pools["proof"] == 0
    assert all_tokens(pots) == pytest.approx(scheduled + NET_CAP + band.top_up_tokens)
    if row["net_issuance_tokens"]:
        assert all_tokens(pots) - burn == pytest.approx(float(row["net_issuance_tokens"]), abs=1.5)


def test_without_a_top_up_only_the_capped_burn_reaches_hosts(rewards):
    """Check 15, last clause: zero schedule and the rules before HIP-149 pay 0.00305 USD a GB at alpha 0.625."""
    pots = split_mint(rewards, date(2026, 7, 17), mint_tokens=NET_CAP, own_share=MOBILE_SHARE, data_usd=GB * USD_PER_GB, price_usd=0.27)
    assert pots.pool_tokens * 0.27 / GB == pytest.approx(0.00305, abs=5e-6)


def test_overflow_goes_to_stakers(rewards):
    before, after = (
        split_mint(rewards, date(2026, 8, 1), mint_tokens=20_000, own_share=0.9, data_usd=1_000, price_usd=3, overflow_tokens=tokens) for tokens in (0, 500)
    )
    assert before.pools["data"] - after.pools["data"] == pytest.approx(500)
    assert after.others["stakers"] - before.others["stakers"] == pytest.approx(500)


def test_a_day_without_data_pays_no_bucket(rewards):
    pots = split_mint(rewards, date(2026, 8, 1), mint_tokens=20_000, own_share=0.9, data_usd=0, price_usd=1)
    assert pots.pool_tokens == 0
    assert pots.others["undistributed"] == pytest.approx(20_000 * 0.9 * 0.7)


def test_mobile_share_moves_as_the_protocol_score_does(rewards):
    """Check 11 seen from the mobile side [1e-4]: IoT .25 to .11 leaves mobile .8394, .8717, .8834 after 30, 60, 90 days."""
    days = np.datetime64("2026-01-01") + np.array([29, 59, 89])
    share = smoothed_share(rewards.share_target, rewards.share_smoothing_days, days)
    assert 1 - share == pytest.approx([0.1606, 0.1283, 0.1166], abs=1e-4)


def test_mean_pay_does_not_cover_a_home_lines_cost():
    """Check 13, mobile half: 91,000 GB a day at 3.99 cents over 130,000 boxes is 0.85 USD a month, below 1 to 3 USD of running cost."""
    assert 91_000 * 0.0399 / 130_000 * 30.4375 == pytest.approx(0.85, abs=0.005)


def test_supplement(hnt):
    """Check 16: 360 flat days and 720 of taper mint 141,120,000 HNT [1], half of it while flat (check 10)."""
    supplement = hnt.other_mints["supplement"]
    days = np.arange(np.datetime64("2026-08-06"), np.datetime64("2026-08-06") + 1_080)
    amounts = other_mint_tokens(supplement, days)
    assert amounts.sum() == pytest.approx(141_120_000, abs=1)
    assert amounts[:360].sum() == pytest.approx(70_560_000, abs=1)


def test_rows_are_those_of_the_gathered_table(rewards):
    table = rows_of(DATA / "reward_splits.csv")
    assert len(table) == 7
    for row in table:
        ours = value_on(rewards.pool, date.fromisoformat(row["date"]), None)
        assert [ours.data_at_most, ours.service_provider_share, ours.mappers_share, ours.oracles, ours.stakers] == pytest.approx(
            [float(row[name]) for name in ("data_cap", "service_provider", "mappers", "oracles", "stakers")]
        )
        assert ours.proof_share == pytest.approx(float(row["poc_min"]))
