"""The subsidy that a mobile scenario's rules schedule."""

from __future__ import annotations

from twin.economy.emission import days_of_rules, tokens_per_day
from twin.economy.shared_token import smoothed_share
from twin.kinds.mobile.buckets import scheduled_host_tokens
from twin.kinds.mobile.spec import MobileScenario
from twin.outcomes import Schedule


def schedule_of(spec: MobileScenario) -> Schedule:
    """Tokens a day offered to access points by the schedule alone: no re-minted burns, no demand-linked top-up. Recorded; the taper's dates are stated."""
    token = spec.first_token
    start = max(min(spec.rewards.pool), min(spec.rewards.share_target))
    days = days_of_rules(start, spec.calendar.end)
    share = smoothed_share(spec.rewards.share_target, spec.rewards.share_smoothing_days, days)
    return Schedule(start, scheduled_host_tokens(spec.rewards, days, scheduled_tokens=tokens_per_day(token.emission, days), own_share=share))
