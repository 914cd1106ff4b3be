"""Policies that steer emission or buy-back while a network lives: by a controller, by thresholds, or by the calendar. Section `policies:` of every scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel
from twin.scenario.sections.price import cleared_of

EMISSION, BUY_BACK = "emission", "buy_back"
Level = Annotated[float, Field(ge=0)]


class BoundSpec(SpecModel):
    """The solvency bound: dollars that a policy may commit at most, whatever it aims at. At each decision the lowest of what is stated holds."""

    most_pot_share_per_month: float | None = Field(None, gt=0, description="dollars a month at most this share of holders' pot; a price that clears has one")
    least_runway_months: float | None = Field(None, gt=0, description="what pays must last so many months at what is committed: the treasury that pays operators in dollars, or the one that buys back")


class SteersSpec(SpecModel):
    """What every policy says of itself."""

    enabled: bool = Field(True, description="false: felt only where a variant enables it")
    steers: Literal["emission", "buy_back"] = Field(
        "emission",
        description="emission: the share of what the rules emit that is emitted, 1 before the first decision; buy_back: the share of the treasury's income that buys tokens back, before the first decision as `token.*.treasury` says",
    )
    bound: BoundSpec = BoundSpec()

    @property
    def by_state(self) -> bool:
        """Whether what it decides depends on the state of the network, and not on the calendar alone."""
        return True


class FeedbackSpec(SteersSpec):
    """A policy that measures the network and decides at intervals."""

    starts: date = Field(description="day of the first decision")
    every_days: int = Field(28, ge=1, le=3650, description="days from one decision to the next; assumed")
    measures: Literal["nodes_online", "service_share", "pay_usd_per_node_month", "revenue_over_emission", "price_usd"] = Field(
        description="nodes_online: nodes that run; service_share: S, as truly served; pay_usd_per_node_month: what operators are paid over the nodes that run; revenue_over_emission: "
        "customers' dollars over the dollars of all emission; price_usd"
    )
    over_days: int = Field(28, ge=1, le=3650, description="days up to the evening before a decision over which it means; fewer where there are none; assumed")

    @property
    def is_reversed(self) -> bool:
        """Whether a larger share lowers what is measured: revenue over emission, by emission, and the price, by emission."""
        return self.steers == EMISSION and self.measures in ("revenue_over_emission", "price_usd")


class PidSpec(FeedbackSpec):
    """A controller: share = where it stood + proportional + integral + derivative part of the error, which is (aim - measured) / aim; the other way round where a larger share lowers it."""

    kind: Literal["pid"] = "pid"
    aim: float | None = Field(None, gt=0, description="value of what is measured that it aims at, in its unit; left out: what it measures at the first decision at which it measures more than nothing")
    least_share: float = Field(0.0, ge=0, description="lowest share that it decides; assumed")
    most_share: float = Field(1.0, ge=0, description="highest share that it decides; above 1 more is emitted than the rules schedule; assumed")
    proportional_gain: float = Field(0.5, ge=0, description="share for an error of the whole aim; assumed")
    integral_gain_per_month: float = Field(0.1, ge=0, description="share for an error of the whole aim that lasts a month; it stops where a limit holds (anti-windup); assumed")
    derivative_gain_months: float = Field(0.0, ge=0, description="share for what is measured moving by the whole aim in a month, against the move; assumed")
    most_step_share: float | None = Field(None, gt=0, description="largest change of the share from one decision to the next; left out: any. The solvency bound may take it further down")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most_share < self.least_share:
            raise ValueError(f"most_share ({self.most_share:g}) is below least_share ({self.least_share:g})")
        if self.steers == BUY_BACK and self.most_share > 1:
            raise ValueError("most_share of a buy-back is a share of income: at most 1")
        return self


class ThresholdSpec(FeedbackSpec):
    """Two thresholds: below the lower one share holds, above the upper one another; in between nothing changes."""

    kind: Literal["threshold"] = "threshold"
    lower: float = Field(ge=0, description="below it `below_share` holds, in the unit of what is measured")
    upper: float = Field(gt=0, description="above it `above_share` holds")
    below_share: Level = Field(description="the share below the lower threshold")
    above_share: Level = Field(description="the share above the upper threshold")

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.upper < self.lower:
            raise ValueError(f"upper ({self.upper:g}) is below lower ({self.lower:g})")
        if self.steers == BUY_BACK and max(self.below_share, self.above_share) > 1:
            raise ValueError("below_share and above_share of a buy-back are shares of income: at most 1")
        return self


class DatedShareSpec(SteersSpec):
    """The calendar alone: a share by date."""

    kind: Literal["schedule"] = "schedule"
    share_by_date: Dated[Level] = Field(min_length=1, description="the share from each date on")

    @model_validator(mode="after")
    def _is_a_share(self) -> Self:
        if self.steers == BUY_BACK and max(self.share_by_date.values()) > 1:
            raise ValueError("share_by_date of a buy-back are shares of income: at most 1")
        return self

    @property
    def by_state(self) -> bool:
        """The calendar decides, but where a bound may hold."""
        return self.bound != BoundSpec()


PolicySpec = Annotated[PidSpec | ThresholdSpec | DatedShareSpec, Field(discriminator="kind")]


def under_policies(schedule: Any, spec: Any) -> Any:
    """A scheduled subsidy (`twin.outcomes.Schedule`) under the policies of a scenario: times its share by the calendar; None where a policy follows the network's state, so that no rule tells it."""
    for policy in getattr(spec, "policies", {}).values():
        if schedule is None or not policy.enabled or policy.steers != EMISSION:
            continue
        if policy.by_state:
            return None
        days = np.datetime64(schedule.start, "D") + np.arange(len(schedule.tokens_per_day))
        shares = np.array([1.0, *policy.share_by_date.values()])
        since = np.array(list(policy.share_by_date), dtype="datetime64[D]")
        schedule = replace(schedule, tokens_per_day=schedule.tokens_per_day * shares[np.searchsorted(since, days, side="right")])
    return schedule


def problems_of_policies(spec: Any) -> Iterable[tuple[Any, str, str, str]]:
    """What a policy cannot do in a scenario: paths, codes, messages, suggestions, of all of them at once."""
    token_name, token = next(iter(spec.token.items()))
    cleared, treasury = cleared_of(getattr(token, "price", None)), getattr(token, "treasury", None)
    before: dict[str, str] = {}
    for name, policy in spec.policies.items():
        if not policy.enabled:
            continue
        at = ("policies", name)
        if policy.steers in before:
            yield (*at, "steers"), "steered_twice", f"{before[policy.steers]} steers {policy.steers}, too, and only one can.", "enabled: false in one of them"
        before.setdefault(policy.steers, name)
        if policy.steers == EMISSION and (why := spec.why_emission_is_not_steered):
            yield (*at, "steers"), "nothing_to_steer", f"{why}.", "leave the policy out, or steer buy_back of a treasury"
        if policy.steers == BUY_BACK and treasury is None:
            yield (*at, "steers"), "nothing_to_steer", "no treasury of the token buys anything back.", f"token.{token_name}.treasury: {{...}}"
        if getattr(policy, "measures", "") == "service_share":
            for field in ("aim", "lower"):
                if (value := getattr(policy, field, None)) is not None and value > 1:
                    yield (*at, field), "out_of_reach", f"service_share is a share, and never above 1; found {value:g}.", "a share from 0 to 1"
        if policy.bound.most_pot_share_per_month is not None and cleared is None:
            yield (*at, "bound", "most_pot_share_per_month"), "open_loop_price", "this price is an open loop: no holders' pot stands behind it.", "price: {kind: cleared, ...}, or another bound"
        if policy.bound.least_runway_months is not None and policy.steers == EMISSION and getattr(token, "pay_out_in", "tokens") != "usd":
            yield (
                (*at, "bound", "least_runway_months"), "no_treasury_pays", "operators are paid in new tokens: no treasury pays them, so none can run dry.",
                f"token.{token_name}.pay_out_in: usd with a reserve, or most_pot_share_per_month",
            )  # fmt: skip
