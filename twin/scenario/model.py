"""The few value types that every section of a scenario is made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

T = TypeVar("T")


class SpecModel(BaseModel):
    """A frozen piece of a scenario; a key that no field reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False, use_attribute_docstrings=False)


class Spread(SpecModel):
    """People and boxes differ: a lognormal by its median and 90th percentile, drawn once per member."""

    median: float = Field(ge=0, description="half of the members lie below")
    p90: float = Field(ge=0, description="nine of ten members lie below")


class SeriesRef(SpecModel):
    """A dated series by name: a table that ships with the package, or a CSV file beside the scenario."""

    series: str = Field(description="name of the table, without .csv")
    until: date | None = Field(None, description="last day taken from the table")
    then: str | float | None = Field(None, description="what comes after `until`: hold, zero, or a number in the unit of the series")


def _sorted_by_date(value: dict[date, T]) -> dict[date, T]:
    return dict(sorted(value.items()))


Dated = Annotated[dict[date, T], AfterValidator(_sorted_by_date)]
"""A value by the date from which it holds: `{2026-01-01: 0.5, 2027-01-01: 0.2}`."""


def value_on(dated: dict[date, T], day: date, before: T) -> T:
    """The value in force on `day`; `before` if the first date lies later."""
    current = before
    for since, value in dated.items():
        if since > day:
            break
        current = value
    return current
