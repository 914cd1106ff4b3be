"""Dollar prices by date, and credits per packet."""

from __future__ import annotations

from datetime import date

import pytest

from twin.networks.wireless.fees_and_credits import assert_location_usd, burned_tokens, credits_usd, onboarding_usd, packet_credits


def test_packets(helium):
    """One credit per started 24 bytes, at least one, per copy (dossier section 2)."""
    assert packet_credits([0, 1, 24, 25, 48, 242], helium.credits).tolist() == [1, 1, 1, 2, 2, 11]
    assert packet_credits(30, helium.credits, copies=3) == 6
    assert float(credits_usd(320_000 * 33.75, helium.credits)) == pytest.approx(108)


@pytest.mark.parametrize(
    ("day", "onboarding", "assertion"),
    [
        (date(2020, 6, 28), 0, 0),
        (date(2021, 1, 1), 60, 10),
        (date(2023, 4, 19), 50, 5),
        (date(2025, 4, 9), 12, 1),
        (date(2026, 8, 1), 1.5, 0.5),
    ],
)
def test_fees_by_date(helium, day, onboarding, assertion):
    """$40 + two statements of place in 2021; the statements that come with it are general knowledge, unverified."""
    assert onboarding_usd(helium.credits, day) == pytest.approx(onboarding)
    assert assert_location_usd(helium.credits, day) == assertion


def test_burn():
    assert burned_tokens(100, price_usd=0.25) == 400
    assert burned_tokens(0, price_usd=0) == 0
