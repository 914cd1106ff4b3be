"""Dossier checks 10, 15 and 16: the deployer band, and the days of a token that two sub-networks share."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from twin.economy.deployer_band import deployer_band
from twin.economy.shared_token import SharedToken
from twin.scenario.sections.token import TopUpSpec

CHARGED_USD = 0.10 * 91_000
NET_CAP = 1_643.83561643
E_2026 = 20_547.94520548
MOBILE_SHARE = 0.625 / 0.7
HIP149 = TopUpSpec(floor_share_of_charge=0.5, cap_multiple_of_charge=3, data_share_of_sub_network=0.7, minted_to="all_pools")
HIP150 = TopUpSpec(floor_share_of_charge=0.8, cap_multiple_of_charge=3, data_share_of_sub_network=0.94, minted_to="data")


def total(day):
    """All that is minted on a day."""
    return day.to_split_tokens + day.top_up_to_data_tokens + sum(day.other_tokens.values())


def band(rule, *, price, emission=E_2026, charged=CHARGED_USD, share=MOBILE_SHARE):
    """A day on which the customers' burn of the same size has gone on long enough to be smooth."""
    burn = charged / price
    return deployer_band(
        rule,
        charged_usd=charged,
        price_usd=price,
        emission_tokens=emission,
        net_tokens=min(burn, NET_CAP),
        smoothed_burn_tokens=burn,
        net_cap_tokens=NET_CAP,
        sub_network_share=share,
    )


@pytest.mark.parametrize(
    ("price", "top_up", "usd_per_gb"),
    [(0.10, 50_608, 0.05), (0.20, 14_208, 0.05), (0.27, 4_771, 0.05), (0.33, 0, 0.0503), (1.0, 0, 0.1524), (2.5, 0, 0.30)],
)
def test_hip149_band(price, top_up, usd_per_gb):
    """Check 10 [1 HNT, last digit of $/GB]."""
    day = band(HIP149, price=price)
    assert day.base_tokens == pytest.approx(13_869.9, abs=0.1)
    assert day.top_up_tokens == pytest.approx(top_up, abs=1)
    assert day.pay_share_of_charge * 0.10 == pytest.approx(usd_per_gb, abs=5e-5)
    assert day.overflow_tokens == pytest.approx(2_949.9 if price == 2.5 else 0, abs=0.1)


@pytest.mark.parametrize(("emission", "top_up"), [(20_548, 4_771), (10_274, 15_045), (5_137, 20_182), (0, 25_319)])
def test_taper_under_hip149(emission, top_up):
    """Check 15 [1 HNT]: the floor is paid at any schedule, and net issuance stays at -6,741 a day."""
    day = band(HIP149, price=0.27, emission=emission)
    assert day.top_up_tokens == pytest.approx(top_up, abs=1)
    assert day.pay_share_of_charge * 0.10 == pytest.approx(0.05)
    assert emission + NET_CAP + day.top_up_tokens - CHARGED_USD / 0.27 == pytest.approx(-6_741, abs=1)


def test_floor_that_burns_cannot_fund():
    """Section 7.5: with zero schedule the floor needs a reach of one half; at .45 pay is $0.045/GB. Without a top-up it is $0.00305."""
    assert band(HIP149, price=0.27, emission=0, share=0.45 / 0.7).pay_share_of_charge * 0.10 == pytest.approx(0.045)
    assert band(HIP149, price=0.27, emission=0, share=0.5 / 0.7).pay_share_of_charge * 0.10 == pytest.approx(0.05)
    without = HIP149.model_copy(update={"floor_share_of_charge": 0.0})
    assert band(without, price=0.27, emission=0).pay_share_of_charge * 0.10 == pytest.approx(0.00305, abs=5e-6)


@pytest.mark.parametrize(
    ("price", "emission", "top_up", "usd_per_gb", "issuance"),
    [
        (0.27, E_2026, 8_337.7, 0.08, -3_174),
        (0.10, E_2026, 54_174.8, 0.08, None),
        (0.50, E_2026, 0, 0.1023, None),
        (0.27, 0, 25_583, 0.08, -6_476),
    ],
)
def test_hip150(price, emission, top_up, usd_per_gb, issuance):
    """Check 16 [1 HNT]."""
    day = band(HIP150, price=price, emission=emission)
    assert day.top_up_tokens == pytest.approx(top_up, abs=1)
    assert day.pay_share_of_charge * 0.10 == pytest.approx(usd_per_gb, abs=5e-5)
    if issuance is not None:
        assert emission + NET_CAP + day.top_up_tokens - CHARGED_USD / price == pytest.approx(issuance, abs=1)


def test_thresholds():
    """Sections 1.5 and 7.5: the HIP-149 floor binds below $0.33 and its cap above $1.97; HIP-150 below $0.391 and above $1.466."""
    for rule, floor, cap in ((HIP149, 0.328, 1.968), (HIP150, 0.391, 1.466)):
        assert band(rule, price=floor * 0.99).top_up_tokens > 0 == band(rule, price=floor * 1.01).top_up_tokens
        assert band(rule, price=cap * 1.01).overflow_tokens > 0 == band(rule, price=cap * 0.99).overflow_tokens


def test_no_customers_no_band():
    assert band(HIP149, price=0.27, charged=0).top_up_tokens == 0


def test_days_of_the_shared_token(helium):
    """The dated rows: HIP-149's top-up passes the split, HIP-150's does not; supplement and schedule as dated."""
    start = date(2026, 7, 1)
    token, minted = SharedToken(helium.token, start=start, end=date(2028, 1, 1)), {}
    for n in range(500):
        day = start + timedelta(days=n)
        minted[day] = token.mint(
            day, burned_tokens=CHARGED_USD / 0.27, price_usd=0.27, other_charged_usd=CHARGED_USD, other_share=MOBILE_SHARE
        )
    assert minted[date(2026, 7, 21)].top_up_to_all_tokens == 0
    assert minted[date(2026, 8, 5)].top_up_to_all_tokens == pytest.approx(4_771, abs=150)
    assert minted[date(2026, 9, 14)].top_up_to_all_tokens == pytest.approx(4_771, abs=1)
    after = minted[date(2026, 10, 1)]
    assert (after.top_up_to_all_tokens, after.top_up_to_data_tokens) == (0, pytest.approx(8_337.7, abs=1))
    assert after.other_tokens == {"vault": 196_000}
    assert minted[date(2026, 8, 5)].other_tokens == {}
    assert after.to_split_tokens == pytest.approx(E_2026 + NET_CAP)
    assert total(after) == pytest.approx(after.to_split_tokens + 8_337.7 + 196_000, abs=1)
    assert minted[date(2027, 9, 1)].scheduled_tokens == pytest.approx(10_245.9, abs=0.1)
    assert minted[date(2027, 10, 1)].top_up_to_data_tokens < minted[date(2027, 9, 1)].top_up_to_data_tokens


def test_hip150_can_be_switched_off(helium):
    rows = {since: rule.model_copy(update={"enabled": rule.minted_to == "all_pools"}) for since, rule in helium.token.top_up.items()}
    token = SharedToken(helium.token.model_copy(update={"top_up": rows}), start=date(2026, 10, 1), end=date(2026, 11, 1))
    assert token.top_up_rule(date(2026, 10, 1)).minted_to == "all_pools"


def test_before_the_rules_existed(helium):
    token = SharedToken(helium.token, start=date(2021, 9, 1), end=date(2021, 10, 1))
    for n in range(20):
        day = token.mint(date(2021, 9, 1) + timedelta(days=n), burned_tokens=5_000, price_usd=20, other_charged_usd=0)
    assert day.net_tokens == pytest.approx(NET_CAP)
    assert day.top_up_to_all_tokens == day.overflow_tokens == 0
    assert total(day) == pytest.approx(0.9147 * 82_191.78082192 + NET_CAP)
