"""The subsidy that rules alone schedule: where they are a token's emission and nothing else, and by day of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.arrays import Floats
from twin.economy.emission import days_of_rules, first_day, tokens_per_day
from twin.kernel import Clock
from twin.outcomes import Schedule
from twin.outcomes.taper import trailing_mean


def schedule_of_emission(spec: Any, *, share: float = 1.0) -> Schedule:
    """Tokens a day of the scenario's one token since its first emission; `share` of it is offered to operators."""
    token = spec.first_token
    start = first_day(token.emission)
    return Schedule(start, tokens_per_day(token.emission, days_of_rules(start, spec.calendar.end)) * share * token.emission_scale_share)


def scheduled_on(schedule: Schedule, clock: Clock, mean_days: int) -> Floats:
    """Scheduled subsidy by day of the run, trailing mean over `mean_days`, tokens a day; 0 before the first emission."""
    mean = trailing_mean(schedule.tokens_per_day, mean_days, before=0.0)
    first = (clock.start - schedule.start).days
    found: Floats = mean[first : first + clock.n_days] if first >= 0 else np.r_[np.zeros(-first), mean][: clock.n_days]
    return found
