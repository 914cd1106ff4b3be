"""How much of an allocation is free on a day: by the calendar alone."""

from __future__ import annotations

from datetime import date

from twin.scenario.sections.allocations import AllocationSpec


def unlocked_share(spec: AllocationSpec, days: int) -> float:
    """Share of an allocation that is free so many days after it starts; 0 before."""
    if days < 0:
        return 0.0
    at_once, cliff, vesting = spec.at_once_share, spec.cliff_days, spec.vesting_days
    if days < cliff:
        return at_once
    if vesting == 0:
        return 1.0
    passed = days - cliff if spec.cliff == "line_begins" else days
    return at_once + (1.0 - at_once) * min(passed / vesting, 1.0)


def unlocked_tokens(spec: AllocationSpec, day: date, *, late_days: int = 0) -> float:
    """Tokens that are free at the end of a day; `late_days` is for how many days nothing came free."""
    return spec.tokens * unlocked_share(spec, (day - spec.starts).days - late_days)
