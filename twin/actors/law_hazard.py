"""Rules of law whose day nobody knows: the day of one life, drawn once from a hazard that is the same on every day.

    decided on  from − ln(u) / per_year years        u uniform in (0, 1]: the chance that it was decided within t years is 1 − exp(−per_year · t)

From that day on everybody knows it; it is in force `notice_days` later, for `lasts_days` or for good. A decision on `until` or later never comes.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from twin.kernel import DAYS_PER_YEAR, Streams

NEVER = date.max
"""Day of what never comes; no calendar reaches it."""


def dated(name: str, rule: Any, streams: Streams) -> Any:
    """The rule with the days of this life; one with stated days as it is. The rule that was handed in stays as it was."""
    hazard = rule.hazard
    if hazard is None:
        return rule
    waited_days = -math.log(1.0 - streams.uniforms(f"hazard {name}", 0, 1)[0]) / hazard.per_year * DAYS_PER_YEAR
    days_left = (NEVER - hazard.starts).days - hazard.notice_days - (hazard.lasts_days or 0)
    decided = hazard.starts + timedelta(days=int(waited_days)) if waited_days < days_left else NEVER
    if decided == NEVER or (hazard.until is not None and decided >= hazard.until):
        return rule.model_copy(update={"announced": NEVER, "effective": NEVER})
    effective = decided + timedelta(days=hazard.notice_days)
    repealed = None if hazard.lasts_days is None else effective + timedelta(days=hazard.lasts_days)
    return rule.model_copy(update={"announced": decided, "effective": effective, "repealed": repealed})
