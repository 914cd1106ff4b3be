"""The subsidy that a wireless scenario's rules schedule, from the network's first emission on."""

from __future__ import annotations

import numpy as np

from twin.economy.emission import days_of_rules, first_day, tokens_per_day
from twin.economy.shared_token import smoothed_share
from twin.kinds.wireless.buckets import scheduled_subsidy_tokens
from twin.kinds.wireless.spec import WirelessScenario
from twin.outcomes import Schedule


def schedule_of(spec: WirelessScenario) -> Schedule:
    """Tokens a day offered to hotspots by the rules alone."""
    token = spec.first_token
    start = first_day(token.emission)
    days = days_of_rules(start, spec.calendar.end)
    other = spec.rewards.other_sub_network
    offered = scheduled_subsidy_tokens(
        spec.rewards,
        days,
        scheduled_tokens=tokens_per_day(token.emission, days),
        other_share=smoothed_share(other.share_target, other.share_smoothing_days, days),
    )
    return Schedule(start, np.asarray(offered, np.float64))
