"""How a run is judged: when the taper starts and ends, and the thresholds of the verdict.

Every default is a convention, taken from the definition of the verdict (VERDICT, with its section).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel


class TaperSpec(SpecModel):
    """When the subsidy fades: derived from the emission rules, or two stated dates."""

    from_rules: bool = Field(True, description="derive both dates from the subsidy in tokens a day: as scheduled, or as the reference's own life pays it where emission depends on the network's state (VERDICT 3)")
    begins_below_share: float = Field(
        0.75,
        gt=0,
        lt=1,
        description="begins after the last day with at least this share of the largest subsidy (VERDICT 3; one half is a halving's own line)",
    )
    done_below_share: float = Field(
        0.1, gt=0, lt=1, description="done after the last day with at least this share of the largest subsidy (VERDICT 3)"
    )
    mean_days: int = Field(28, ge=1, description="the schedule is smoothed by a trailing mean over these days (VERDICT 3)")
    begins: date | None = Field(
        None, description="stated first day of the taper, in place of the one that rules or the reference's own life give (VERDICT 3)"
    )
    done: date | None = Field(None, description="stated day on which the taper is done (VERDICT 3)")
    price_below_share: float = Field(
        0.5, gt=0, lt=1, description="the price has tapered when the subsidy in USD stays below this share of its peak (VERDICT 3)"
    )
    price_mean_days: int = Field(90, ge=1, description="days of the mean that the price's own taper is read from (VERDICT 3)")

    @model_validator(mode="after")
    def _one_source_of_dates(self) -> TaperSpec:
        if (self.begins is None) != (self.done is None):
            raise ValueError("`begins` and `done` are stated together or not at all")
        if self.begins is not None and self.done is not None and self.begins > self.done:
            raise ValueError(f"the taper is done ({self.done}) before it begins ({self.begins})")
        if self.begins is not None and self.from_rules and "from_rules" in self.model_fields_set:
            raise ValueError("`from_rules: true` and stated dates contradict each other; say `from_rules: false` to use the dates")
        if self.begins is None and not self.from_rules:
            raise ValueError("`from_rules: false` needs the dates `begins` and `done`")
        if self.done_below_share >= self.begins_below_share:
            raise ValueError("`done_below_share` must be smaller than `begins_below_share`")
        return self


class PriceRange(SpecModel):
    """The token prices for which the scenario claims to be a fair picture."""

    low: float = Field(ge=0, description="USD per token")
    high: float = Field(gt=0, description="USD per token")

    @model_validator(mode="after")
    def _ordered(self) -> PriceRange:
        if self.low >= self.high:
            raise ValueError("`low` must be smaller than `high`")
        return self


class VerdictSpec(SpecModel):
    """Thresholds and windows of the verdict."""

    kept_share: float = Field(
        0.7,
        gt=0,
        le=1,
        description="usage carried in full, as a share of the best subsidised year, that counts as self-sustaining (VERDICT 5)",
    )
    floor_share: float = Field(0.2, gt=0, lt=1, description="below this share nothing worth the name is left (VERDICT 5)")
    near_the_line: float = Field(
        0.05, ge=0, lt=0.5, description="distance of usage carried in full from a threshold that is reported beside the class (VERDICT 5)"
    )
    started_share: float = Field(
        0.02, gt=0, lt=1, description="share of the addressable demand below which a network never started (VERDICT 5)"
    )
    hurdle_rate_per_year: float = Field(
        0.15, ge=0, lt=2, description="return that owners ask of capital: replacement of nodes, and stake (VERDICT 2)"
    )
    reference_days: int = Field(365, ge=28, description="length of the best subsidised year (VERDICT 4; whole years cancel seasons)")
    settle_days: int = Field(180, ge=0, description="days between the end of the taper and the judged year (VERDICT 4)")
    judged_days: int = Field(365, ge=28, description="length of the judged year (VERDICT 4)")
    backing_days: int = Field(30, ge=1, description="trailing days over which customers' burns are set against emission (VERDICT 2)")
    collapse_below_share: float = Field(
        0.2, gt=0, lt=1, description="share of its own best year below which service or usage counts as gone (VERDICT 6)"
    )
    collapse_days: int = Field(180, ge=1, description="days in a row that make a collapse (VERDICT 6)")
    collapse_mean_days: int = Field(28, ge=1, description="days of the mean that the collapse is read from (VERDICT 6)")
    recovery_share: float = Field(0.5, gt=0, le=1, description="share of its own best year above which a network has recovered (VERDICT 6)")
    price_range_usd: PriceRange | None = Field(
        None, description="token prices that the scenario claims to cover; outside, the verdict is flagged (VERDICT 5)"
    )
    cutoff: Literal["auto", "on", "off"] = Field(
        "auto", description="second run with every subsidy cut after the taper; auto: for a single run of a city (VERDICT 5)"
    )
    cutoff_disagreement: float = Field(
        0.2, gt=0, le=1, description="gap between the class and the cut-off run that is printed as a disagreement (VERDICT 5)"
    )

    @model_validator(mode="after")
    def _ordered(self) -> VerdictSpec:
        if self.floor_share >= self.kept_share:
            raise ValueError("`floor_share` must be smaller than `kept_share`")
        if self.collapse_below_share >= self.recovery_share:
            raise ValueError("`collapse_below_share` must be smaller than `recovery_share`")
        return self
