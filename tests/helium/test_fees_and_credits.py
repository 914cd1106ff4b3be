"""Dollar prices by date."""

from __future__ import annotations

from datetime import date

import pytest

from twin.kinds.wireless.fees_and_credits import assert_location_usd, onboarding_usd


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


def test_value_of_the_sensors_of_2025(helium):
    """HIP-146: 320,000 sensors at 33.75 credits a day are $108 a day."""
    assert 320_000 * 33.75 * helium.credits.usd_per_credit == pytest.approx(108)
