"""Months of each network: what burns, what is minted, who is paid, who waits."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from market_days import lived

from twin.kinds.compute.emission import decaying_months_tokens


@pytest.fixture(scope="module")
def render():
    return lived("render-world", 180)


def test_render_burns_95_percent_of_revenue(render) -> None:
    _, days, _ = render
    assert days.revenue_usd.sum() > 0
    burned_usd = (days.burned_tokens * days.price_usd).to_numpy()                          # the next morning, when the market clears
    np.testing.assert_allclose(burned_usd[1:], 0.95 * days.revenue_usd.to_numpy()[:-1], rtol=1e-6, atol=0.01)
    np.testing.assert_allclose(days.revenue_token_usd, 0.95 * days.revenue_usd)
    assert "operator_customer_usd" not in days          # nodes live off pools


def test_render_pays_its_pools_each_week(render) -> None:
    """43,758.7 a week up to 2024-06-05, then 15,000 and 2,884.6; nothing on other days."""
    _, days, _ = render
    tokens = (days.operator_emission_usd / days.price_usd).to_numpy()
    paid = np.flatnonzero(tokens > 0)
    assert (np.diff(paid) == 7).all() and paid[0] == 6
    assert tokens[paid[:24]] == pytest.approx(43_758.7, rel=1e-9)
    assert tokens[paid[24]] == pytest.approx(15_000 + 2_884.6, rel=1e-6)


def test_render_mints_several_for_each_one_burned_in_its_first_half_year(render) -> None:
    """Epochs 1 to 52 had 5.62 (dossier 2.9), single weeks 2.7 to 35."""
    _, days, _ = render
    assert 3 < days.minted_to_burned[days.minted_to_burned > 0].median() < 15


def test_dear_tier_waits_less(render) -> None:
    twin, days, _ = render
    assert days.p95_wait_hours.mean() < 6 and days.jobs_lost.sum() < 0.01 * days.jobs_arrived.sum()
    assert 2.2 < days.usd_per_gpu_hour.mean() < 3.2     # between EUR 1.25 and 2.50 per 1,000 OBh on cards of 660 and 1,300


def test_ionet_emits_by_the_table() -> None:
    """From July 2024 the months of the documents, to the token: both pools have somebody eligible."""
    _, days, _ = lived("ionet-world", 275, variant="honest")
    by_month = days.minted_tokens.groupby(days.index.to_period("M")).sum()
    table = decaying_months_tokens(base_tokens=500e6, rate_per_year=0.08, monthly_factor=0.989849199, months=240, cap_tokens=300e6)
    assert by_month.iloc[:3].sum() == 0
    np.testing.assert_allclose(by_month.iloc[3:9], table[:6], rtol=1e-9)


def test_akash_escrow_takes_and_grants() -> None:
    """Before the engine 20 % of stable-coin bills and 4 % of the others stay with the protocol: 15.2 % of all; some run dry."""
    twin, days, _ = lived("akash-world", 90)
    assert days.operator_customer_usd.sum() == pytest.approx(days.revenue_usd.sum() * (1 - 0.7 * 0.20 - 0.3 * 0.04), rel=1e-9)
    before, after = days[:"2024-02-29"], days["2024-03-01":]
    assert before.operator_grant_usd.sum() == 0 and after.operator_grant_usd.min() > 0
    assert (days.emission_usd > 0).all() and (days.operator_emission_usd == 0).all()      # inflation is the stakers'


def test_akash_pays_in_credits_once_the_engine_runs() -> None:
    change = {"calendar__start": date(2026, 3, 1), "operators__halls__n_at_start": 30, "adversaries__paper_hall": None}
    twin, days, _ = lived("akash-world", 70, **change)
    assert (days.credits_outstanding_usd[:"2026-03-22"] == 0).all() and (days.credits_outstanding_usd["2026-03-24":] > 0).all()   # bought the next morning
    after = days["2026-04-15":]
    assert (after.operator_customer_usd + after.operator_emission_usd).sum() == pytest.approx(after.revenue_usd.sum(), rel=1e-6)
    ledger = twin.ledger
    assert ledger.balance("AKT", "vault") == pytest.approx(twin.trade.rewards.engine.vault_tokens, rel=1e-9)


def test_without_a_seed_a_fallen_price_stops_new_leases_until_credits_are_spent() -> None:
    """Tokens bought at one price cover credits at nine tenths of it; below that nobody tops up, and when the credits are gone nobody gets in."""
    fall = {"token__AKT__price": {"kind": "constant_from", "date": date(2026, 4, 10), "price_usd": 0.30}}
    start = {"calendar__start": date(2026, 3, 1), "operators__halls__n_at_start": 30, "adversaries__paper_hall": None}
    _, halted, _ = lived("akash-world", 75, variant="no_vault_seed", **start, **fall)
    _, seeded, _ = lived("akash-world", 75, **start, **fall, rewards__engine__seed_usd=100_000)
    assert halted.collateral_ratio["2026-04-10"] < 0.9 < seeded.collateral_ratio["2026-04-10"]
    during = halted.credits_outstanding_usd["2026-04-10":"2026-04-14"].to_numpy()
    assert (np.diff(during) < 0).all()                                     # nothing is topped up
    shut = halted.index[halted.jobs_arrived == 0]
    assert len(shut) and shut[0] > halted.index[41] and (seeded.jobs_arrived > 0).all()
    assert (halted.jobs_arrived["2026-05-01":] > 0).all()                  # nothing outstanding any more: the engine starts afresh
    assert halted.operator_emission_usd["2026-04-10":"2026-04-20"].sum() > 0     # what the vault did not cover was minted


def test_leased_is_not_busy() -> None:
    _, days, _ = lived("akash-world", 30)
    assert (days.gpu_hours_busy < days.gpu_hours_leased).all() and (days.gpu_hours_leased <= 24 * days.gpus_online + 24).all()


def test_same_seed_same_days() -> None:
    one, two = lived("ionet-world", 25)[1], lived("ionet-world", 25)[1]
    assert one.equals(two)
    assert not one.equals(lived("ionet-world", 25, seed=2)[1])
