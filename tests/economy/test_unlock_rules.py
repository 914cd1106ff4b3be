"""What of an allocation is free on a day: closed forms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from twin.economy.unlocks import unlocked_share, unlocked_tokens
from twin.scenario.sections.allocations import AllocationSpec


def allocation(**facts: Any) -> AllocationSpec:
    return AllocationSpec.model_validate({"tokens": 100e6, "starts": date(2024, 7, 1), **facts})


SEED = allocation(cliff_days=365, vesting_days=1095)


def test_a_line_that_begins_at_the_cliff() -> None:
    """io.net's seed: nothing up to and on the cliff, then 91,324.2 a day; half of it 365 + 547.5 days after the start."""
    assert unlocked_tokens(SEED, date(2025, 7, 1)) == 0.0
    for day in (date(2025, 7, 2), date(2026, 2, 3)):
        assert unlocked_tokens(SEED, day) - unlocked_tokens(SEED, day - timedelta(days=1)) == pytest.approx(91_324.200913242, rel=1e-9)
    half = (unlocked_share(SEED, 365 + 547) + unlocked_share(SEED, 365 + 548)) / 2
    assert half == pytest.approx(0.5, rel=1e-12)
    assert unlocked_share(SEED, 365 + 1095) == 1.0 == unlocked_share(SEED, 9999)


def test_a_cliff_that_catches_up() -> None:
    """WeatherXM's supporters: 365 of 1,461 days at once."""
    supporters = allocation(tokens=30e6, cliff_days=365, cliff="catches_up", vesting_days=1461)
    assert unlocked_share(supporters, 364) == 0.0
    assert unlocked_share(supporters, 365) == pytest.approx(0.24982888, rel=1e-6)
    assert unlocked_tokens(supporters, date(2025, 7, 1)) == pytest.approx(7_494_866.5, abs=0.5)


def test_a_part_is_free_at_once_and_never_more_than_all() -> None:
    some = allocation(at_once_share=0.16, cliff_days=10, vesting_days=100)
    assert [unlocked_share(some, days) for days in (-1, 0, 9, 10)] == [0.0, 0.16, 0.16, 0.16]
    assert unlocked_share(some, 60) == pytest.approx(0.16 + 0.84 * 0.5)
    assert unlocked_share(some, 110) == 1.0
    cliff = allocation(cliff_days=10)
    assert (unlocked_share(cliff, 9), unlocked_share(cliff, 10)) == (0.0, 1.0)


def test_days_on_which_nothing_came_free_are_late_days() -> None:
    assert unlocked_tokens(SEED, date(2026, 1, 31), late_days=30) == unlocked_tokens(SEED, date(2026, 1, 1))


def test_a_line_that_ends_before_its_cliff_is_refused() -> None:
    with pytest.raises(ValidationError, match="ends before its cliff after 365"):
        allocation(cliff_days=365, cliff="catches_up", vesting_days=100)
