"""The few value types that every section of a scenario is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema

T = TypeVar("T")

_SCALARS = frozenset({"str", "int", "float", "bool", "date"})
_NOT_SCHEMAS = frozenset({"default", "metadata", "serialization", "cls", "config"})


def _strict_scalars(schema: Any) -> None:
    """Make every scalar in a core schema strict, in place: text is no number, a number no date; lists still become tuples."""
    if isinstance(schema, dict):
        if schema.get("type") in _SCALARS:
            schema.setdefault("strict", True)
        for key, below in schema.items():
            if key not in _NOT_SCHEMAS:
                _strict_scalars(below)
    elif isinstance(schema, list | tuple):
        for below in schema:
            _strict_scalars(below)


class SpecModel(BaseModel):
    """A frozen piece of a scenario; a key that no field reads is an error, and no scalar is taken for another.

    A subclass may say more about itself, which the loader asks for after all fields are valid:
    `def problems(self) -> Iterable[tuple[path, code, message, suggestion]]`, with paths (dotted or tuples) below itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_by_name=True, validate_by_alias=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _strict_scalars(schema)
        return schema


Z90 = 1.2815515655446004
"""The 90th percentile of the standard normal."""


def lognormal_sigma(median: float, p90: float) -> float:
    """Standard deviation of the logarithm of a lognormal by its median and 90th percentile: ln(p90 / median) / 1.2816; 0 where all are alike."""
    return float(np.log(max(p90 / median, 1.0)) / Z90) if median > 0 else 0.0


def must_sum_to_one(shares: Iterable[float], of: str) -> None:
    """Raises ValueError where the shares of something do not add up to one."""
    if abs((total := math.fsum(shares)) - 1) > 1e-9:
        raise ValueError(f"the shares of {of} must add up to 1, not {total:.6g}")


def at_most_the_whole(**shares: float) -> None:
    """Raises ValueError where these fields, parts of one whole, add up to more than it."""
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"{' and '.join(shares)} add up to more than 1")


class Spread(SpecModel):
    """People and nodes differ: a lognormal by its median and 90th percentile, drawn once per member."""

    median: float = Field(ge=0, description="half of the members lie below")
    p90: float = Field(ge=0, description="nine of ten members lie below")

    @model_validator(mode="after")
    def _ordered(self) -> Spread:
        if self.p90 < self.median:
            raise ValueError(f"p90 ({self.p90:g}) must not be smaller than the median ({self.median:g})")
        if self.median == 0 and self.p90 > 0:
            raise ValueError("a median of 0 leaves no room for a p90 above 0")
        return self

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return lognormal_sigma(self.median, self.p90)

    def at(self, normal: ArrayLike) -> NDArray[np.float64]:
        """The members at these standard normals, in the unit of the spread: median · exp(sigma · normal)."""
        return np.asarray(self.median * np.exp(self.sigma * np.asarray(normal, np.float64)))


class SeriesRef(SpecModel):
    """A dated series by name: a table that ships with the package, or a CSV file beside the scenario."""

    series: str = Field(description="name of the table, without .csv")
    until: date | None = Field(None, description="last day taken from the table")
    then: str | float | None = Field(None, description="what comes after `until`: hold, zero, or a number in the unit of the series")
    value_multiple: float = Field(1.0, ge=0, description="multiplies every value of the table")


def _sorted_by_date(value: dict[date, T]) -> dict[date, T]:
    return dict(sorted(value.items()))


Share = Annotated[float, Field(ge=0, le=1)]
"""Part of a whole."""
Dated = Annotated[dict[date, T], AfterValidator(_sorted_by_date)]
"""A value by the date from which it holds: `{2026-01-01: 0.5, 2027-01-01: 0.2}`."""


def value_on(dated: Mapping[date, T], day: date, before: T) -> T:
    """The value in force on `day`; `before` if the first date lies later."""
    current = before
    for since, value in dated.items():
        if since > day:
            break
        current = value
    return current
