"""What is not known: a distribution by dotted path, drawn once per draw of an ensemble. A single run uses the plain value."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, SerializerFunctionWrapHandler, Tag, model_serializer, model_validator

from twin.scenario.model import SpecModel, lognormal_sigma

LEAST_MASS = 1e-6
"""A cut normal or lognormal keeps at least this share of its probability; with less the inverse loses its digits."""


class PertSpec(SpecModel):
    """Three points (PERT, lambda 4): a beta distribution on `low` to `high` with the mean (low + 4 likely + high) / 6."""

    kind: Literal["pert"] = "pert"
    low: float = Field(description="smallest")
    likely: float = Field(description="most likely")
    high: float = Field(description="largest")
    log: bool = Field(False, description="true: the logarithm of the value is PERT between the logarithms of the three points")

    @model_validator(mode="after")
    def _ordered(self) -> PertSpec:
        _three_points(self.low, self.likely, self.high)
        if self.log:
            _above_zero(self.low, "with `log: true`")
        return self

    @model_serializer(mode="wrap")
    def _briefly(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Three points as they are written: the kind is understood, and `log` stands there only where it is true."""
        return {key: value for key, value in handler(self).items() if key != "kind" and (key, value) != ("log", False)}


class TriangularSpec(SpecModel):
    """Three points joined by straight lines; the mean is (low + likely + high) / 3, so the ends weigh more than in PERT."""

    kind: Literal["triangular"]
    low: float = Field(description="smallest")
    likely: float = Field(description="most likely")
    high: float = Field(description="largest")

    @model_validator(mode="after")
    def _ordered(self) -> TriangularSpec:
        _three_points(self.low, self.likely, self.high)
        return self


class UniformSpec(SpecModel):
    """Every value between two ends is equally likely."""

    kind: Literal["uniform"]
    low: float = Field(description="smallest")
    high: float = Field(description="largest")

    @model_validator(mode="after")
    def _ordered(self) -> UniformSpec:
        _two_ends(self.low, self.high)
        return self


class LoguniformSpec(SpecModel):
    """Every ratio is equally likely: the logarithm is uniform between the logarithms of the ends."""

    kind: Literal["loguniform"]
    low: float = Field(description="smallest, greater than 0")
    high: float = Field(description="largest")

    @model_validator(mode="after")
    def _ordered(self) -> LoguniformSpec:
        _two_ends(self.low, self.high)
        _above_zero(self.low, "in a loguniform")
        return self


class NormalSpec(SpecModel):
    """A normal by mean and standard deviation, both before it is cut at `low` and `high` (where they are given)."""

    kind: Literal["normal"]
    mean: float = Field(description="mean, in the unit of the value")
    sd: float = Field(gt=0, description="standard deviation, in the unit of the value")
    low: float | None = Field(None, description="nothing below is drawn; what is left is scaled up")
    high: float | None = Field(None, description="nothing above is drawn; what is left is scaled up")

    @model_validator(mode="after")
    def _keeps_something(self) -> NormalSpec:
        _cut(self.low, self.high, self.mean, self.sd)
        return self


class LognormalSpec(SpecModel):
    """A lognormal by median and 90th percentile, both before it is cut at `low` and `high` (where they are given)."""

    kind: Literal["lognormal"]
    median: float = Field(gt=0, description="half of the draws lie below")
    p90: float = Field(gt=0, description="nine of ten draws lie below")
    low: float | None = Field(None, description="nothing below is drawn; what is left is scaled up")
    high: float | None = Field(None, description="nothing above is drawn; what is left is scaled up")

    @model_validator(mode="after")
    def _keeps_something(self) -> LognormalSpec:
        if self.p90 <= self.median:
            raise ValueError(f"`p90` ({self.p90:g}) must be greater than `median` ({self.median:g})")
        if self.low is not None:
            _above_zero(self.low, "in a lognormal")
        if self.high is not None and self.high <= 0:
            raise ValueError(f"`high` ({self.high:g}) must be greater than 0 in a lognormal: nothing lies below")
        low, high = (None if end is None else math.log(end) for end in (self.low, self.high))
        _cut(low, high, math.log(self.median), self.sigma)
        return self

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm: ln(p90 / median) / 1.2816."""
        return lognormal_sigma(self.median, self.p90)


class ChoiceSpec(SpecModel):
    """One of some values, all equally likely or by `weights`."""

    kind: Literal["choice"]
    values: tuple[float, ...] = Field(min_length=2, description="what is chosen from")
    weights: tuple[Annotated[float, Field(gt=0)], ...] | None = Field(
        None, description="one for each of the values, in any scale; left out, all are equally likely"
    )

    @model_validator(mode="after")
    def _one_weight_each(self) -> ChoiceSpec:
        if len(set(self.values)) < len(self.values):
            raise ValueError("`values` holds a number twice; give it a weight instead")
        if self.weights is not None and len(self.weights) != len(self.values):
            raise ValueError(f"`weights` has {len(self.weights)} entries for {len(self.values)} values")
        return self


Distribution = PertSpec | TriangularSpec | UniformSpec | LoguniformSpec | NormalSpec | LognormalSpec | ChoiceSpec
"""Everything that may stand at a path under `uncertain`."""


def _kind_of_distribution(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("kind", "pert"))
    return str(getattr(value, "kind", "pert"))


UncertainSpec = Annotated[
    Annotated[PertSpec, Tag("pert")]
    | Annotated[TriangularSpec, Tag("triangular")]
    | Annotated[UniformSpec, Tag("uniform")]
    | Annotated[LoguniformSpec, Tag("loguniform")]
    | Annotated[NormalSpec, Tag("normal")]
    | Annotated[LognormalSpec, Tag("lognormal")]
    | Annotated[ChoiceSpec, Tag("choice")],
    Discriminator(_kind_of_distribution),
]
"""A distribution by its `kind`; without one it is PERT."""


def _three_points(low: float, likely: float, high: float) -> None:
    _two_ends(low, high)
    if not low <= likely <= high:
        raise ValueError(f"`likely` ({likely:g}) must lie between `low` ({low:g}) and `high` ({high:g})")


def _two_ends(low: float, high: float) -> None:
    if low >= high:
        raise ValueError(f"`high` ({high:g}) must be greater than `low` ({low:g})")


def _above_zero(low: float, where: str) -> None:
    if low <= 0:
        raise ValueError(f"`low` ({low:g}) must be greater than 0 {where}: it has no logarithm")


def _cut(low: float | None, high: float | None, mean: float, sd: float) -> None:
    if low is not None and high is not None and low >= high:
        raise ValueError("`high` must be greater than `low`")
    below, above = (0.0 if low is None else _phi((low - mean) / sd), 1.0 if high is None else _phi((high - mean) / sd))
    if above - below < LEAST_MASS:
        raise ValueError("`low` and `high` cut away all of it; move them to where the distribution has its weight")


def _phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
