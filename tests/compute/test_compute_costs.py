"""Checks 12, 14, 15, 17a: spot checks, latency, cost of an hour, the bid rule."""

from __future__ import annotations

import numpy as np
import pytest
from dossier import expected
from rules_on_paper import break_even_utilisation, caught_probability, expected_loot_usd, majority_error

from twin.kinds.compute import latency
from twin.kinds.compute.checks import caught_within
from twin.kinds.compute.reputation import Reputation
from twin.kinds.compute.unit_costs import bid_usd_per_hour, break_even_usd_per_hour, hour_cost

H100 = hour_cost(capex_usd=30_000, system_factor=1.3, life_years=5, rate_per_year=0.10, resale_share=0.10, load_w=1000, idle_w=250,
                 power_overhead_ratio=1.3, usd_per_kwh=0.08, hosting_usd_per_kw_per_month=140)  # fmt: skip


def nearly(name: str):
    """A check of the dossier, whose year has 8,760 hours where ours has 8,766."""
    return pytest.approx(expected(name).expected, rel=0.0015)


def home_4090(usd_per_kwh: float, capex: float = 1100):
    return hour_cost(capex_usd=capex, system_factor=1.0, life_years=3, rate_per_year=0.10, resale_share=0.30, load_w=500, idle_w=60,
                     power_overhead_ratio=1.0, usd_per_kwh=usd_per_kwh)  # fmt: skip


def test_an_hour_of_an_h100() -> None:
    assert (H100.fixed_usd_per_hour, H100.work_usd_per_hour) == (nearly("h100_c_fix"), expected("h100_c_var"))
    assert break_even_usd_per_hour(H100, 0.7) == nearly("h100_break_even_u0.7")
    assert break_even_usd_per_hour(H100, 0.5) == nearly("h100_break_even_u0.5")
    assert break_even_usd_per_hour(H100, 0.7, take_share=0.20) == nearly("h100_break_even_u0.7_tau0.2")


def test_an_h100_host_needs_58_percent_at_2_35() -> None:
    assert break_even_utilisation(H100, 2.35) == nearly("u_needed_at_2.35")
    assert break_even_utilisation(H100, 2.35) == pytest.approx(0.58, abs=0.005)
    assert break_even_utilisation(H100, 1.70) == nearly("u_needed_at_1.70")
    assert np.isinf(break_even_utilisation(H100, 0.05))


def test_a_4090_at_home() -> None:
    assert break_even_usd_per_hour(home_4090(0.193), 0.3) == nearly("rtx4090_home_us")
    assert break_even_usd_per_hour(home_4090(0.39), 0.3) == nearly("rtx4090_home_de")
    assert break_even_usd_per_hour(home_4090(0.193, 0.0), 0.3) == nearly("rtx4090_home_us_sunk")


@pytest.mark.parametrize("utilisation", [0.593, 0.783, 0.8])
def test_the_bid_rises_with_use(utilisation: float) -> None:
    assert bid_usd_per_hour(H100, utilisation) == nearly(f"bid_rule_h100_u{utilisation:g}")


def test_who_stands_idle_asks_for_the_energy_alone() -> None:
    assert bid_usd_per_hour(H100, 0.2) == pytest.approx(0.078)


def test_spot_checks() -> None:
    assert caught_within(24, checks_per_hour=1, catch_probability=0.05) == expected("detect_24h_qd0.05")
    assert caught_within(168, checks_per_hour=0.1, catch_probability=0.5) == expected("detect_168h_qd0.05")
    assert caught_probability(24, catch_probability=0.05) == expected("detect_24h_qd0.05")
    assert expected_loot_usd(0.5, checks_per_hour=1, catch_probability=0.05) == expected("expected_loot_0.5usd_h")
    assert 200 * 0.26 * 0.5 > expected_loot_usd(0.5, checks_per_hour=1, catch_probability=0.05)
    assert majority_error(0.1, 2) == expected("mfirst_error_phi0.1_M2") and majority_error(0.1, 3) == expected("mfirst_error_phi0.1_M3")


def test_reputation_forgets_and_starts_anew() -> None:
    reputation = Reputation(2)
    reputation.add(np.array([0.0, 100.0]), np.array([10.0, 0.0]))
    assert reputation.value[0] == pytest.approx(9 * 0.98**10 / (9 * 0.98**10 + 0.98**10 + 10))
    assert reputation.value[1] > 0.99
    reputation.reset(np.array([0]))
    assert reputation.value[0] == pytest.approx(0.9)


def test_latency() -> None:
    assert latency.fibre_ms(1000, bend=1.0) == 10 and latency.fibre_ms(1000, bend=2.1) == expected("rtt_1000km_gamma2.1")
    assert latency.fibre_ms(5500, bend=1.0) == expected("rtt_5500km_floor")
    assert latency.fibre_ms(1000) == 21 and latency.fibre_ms(5500) == pytest.approx(55 * 1.7) and latency.fibre_ms(16_000) == pytest.approx(216)


def test_the_backbone_takes_the_quickest_way_and_reaches_everybody() -> None:
    lat, lng = np.array([40.7, 51.5, 48.9, 52.4, 53.3, -33.9, 1.35]), np.array([-74.0, -0.1, 2.35, 4.9, -6.3, 151.2, 103.8])
    ways = latency.round_trips_ms(latency.backbone(lat, lng), list(range(7)), 7)
    assert np.isfinite(ways).all() and np.diag(ways).sum() == 0
    np.testing.assert_allclose(ways, ways.T)
    assert 70 < ways[0, 1] < 110                    # New York to London, 70 to 90 observed
    assert (ways[:, None, :] <= ways[:, :, None] + ways[None, :, :] + 1e-9).all()
    floor = latency.fibre_ms(latency.great_circle_km(lat[:, None], lng[:, None], lat[None], lng[None]), bend=1.0)
    assert (ways >= floor - 1e-9).all()
