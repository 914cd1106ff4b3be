"""The subsidy that rules alone schedule, where they are a token's emission and nothing else."""

from __future__ import annotations

from typing import Any

from twin.economy.emission import days_of_rules, first_day, tokens_per_day
from twin.outcomes import Schedule


def schedule_of_emission(spec: Any, *, share: float = 1.0) -> Schedule:
    """Tokens a day of the scenario's one token since its first emission; `share` of it is offered to operators."""
    token = spec.first_token
    start = first_day(token.emission)
    return Schedule(start, tokens_per_day(token.emission, days_of_rules(start, spec.calendar.end)) * share * token.emission_scale_share)
