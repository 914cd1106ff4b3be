"""The subsidy that a wireless scenario's rules schedule, from the network's first emission on."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from twin.economy.emission import day_range, first_day, tokens_per_day
from twin.economy.shared_token import smoothed_share
from twin.kinds.wireless.buckets import scheduled_subsidy_tokens
from twin.kinds.wireless.spec import WirelessScenario
from twin.outcomes import Schedule

YEARS_BEYOND = 10
"""How far past the horizon the rules are read, so that a calendar that is too short can be told how long would do."""


def schedule_of(spec: WirelessScenario) -> Schedule:
    """Tokens a day offered to hotspots by the rules alone."""
    token = next(iter(spec.token.values()))
    start = first_day(token.emission)
    days = day_range(start, spec.calendar.end + timedelta(days=round(YEARS_BEYOND * 365.25)))
    other = spec.rewards.other_sub_network
    offered = scheduled_subsidy_tokens(
        spec.rewards,
        days,
        scheduled_tokens=tokens_per_day(token.emission, days),
        other_share=smoothed_share(other.share_target, other.share_smoothing_days, days),
    )
    return Schedule(start, np.asarray(offered, np.float64))
