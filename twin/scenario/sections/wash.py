"""What looks for usage that somebody sells to itself."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from twin.scenario.sections.cheating import CheckSpec


class WashChecksSpec(CheckSpec):
    """Who pays whom: payments that come back to the pocket they came from. A week's look at all who were paid for usage."""

    detection_probability_per_month: float = Field(0.1, ge=0, le=1, description="assumed: for one all of whose usage is self-dealt; in proportion where a part is")
    false_accusation_probability_per_month: float = Field(0.0005, ge=0, le=1, description="assumed: of an honest one that has a single customer, or one next door")
    denied_days: int = Field(30, ge=1, description="assumed: days for which an honest one that was accused is out; who deals with itself is out for good. Not where steps are stated")
    starts: date | None = Field(None, description="first day of looks; default: the first day of the calendar")
