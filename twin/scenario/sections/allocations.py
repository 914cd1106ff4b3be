"""Who holds locked tokens: how many, when they come free, and how their holders sell. Part of `token:`, for a price that clears."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, Share, SpecModel
from twin.scenario.sections.price import cleared_of


class PanicSpec(SpecModel):
    """A holder who sells after a fall, whatever the price."""

    fall_share: float = Field(0.5, gt=0, lt=1, description="a price so far below the highest of `over_days` frightens; assumed")
    over_days: int = Field(30, ge=1, le=360, description="days whose highest price is remembered; assumed")
    sells_share: Share = Field(0.5, description="of what is free and not sold, offered then; assumed")
    calm_days: int = Field(180, ge=1, le=3650, description="days without another panic; assumed")


class SellsSpec(SpecModel):
    """How a holder sells what has come free. No day takes more than a hundredth of holders' float from one holder; the rest waits."""

    at_once_share: Share = Field(0.3, description="of what comes free today, offered today; assumed")
    of_the_rest_share_per_month: Share = Field(0.03, description="of all else that is free and not sold; assumed")
    floor_usd: float = Field(0.0, ge=0, description="below this price the holder waits, but for a panic; assumed")
    panic: PanicSpec | None = Field(None, description="left out: nothing frightens this holder")


class AllocationSpec(SpecModel):
    """Tokens of one holder that come free by the calendar.

    Of `tokens`, d days after `starts` and with c, v and a for cliff, vesting and share at once, this share is free: a before the cliff; from it on
    a + (1 - a) (d - c) / v where the line begins at the cliff, a + (1 - a) d / v where the cliff catches up; never more than all. v = 0: all at the cliff.
    """

    tokens: float = Field(ge=0, description="all of them, free ones among them")
    starts: date = Field(description="day from which days are counted; it may lie before the calendar", json_schema_extra={"outside_calendar": "any"})
    at_once_share: Share = Field(0.0, description="free on `starts`")
    cliff_days: int = Field(0, ge=0, le=7305, description="days without anything beyond `at_once_share`")
    cliff: Literal["line_begins", "catches_up"] = Field("line_begins", description="line_begins: the line starts at the cliff; catches_up: the cliff frees what a line from `starts` would have")
    vesting_days: int = Field(0, ge=0, le=7305, description="days of the line; 0: all at the cliff")
    owner: Literal["investors", "staff", "foundation", "treasury", "community"] = Field("investors", description="whose they are, for tables and the report")
    account: str | None = Field(
        None, min_length=1, description="account of the network's books into which its rules mint this holder's tokens: they come free out of it, by the calendar stated and as far as they are there; left out: they are locked apart"
    )
    is_in_supply: bool = Field(True, description="false: minted on the day on which they come free, and not a part of the supply before")
    sells: SellsSpec = SellsSpec()

    @model_validator(mode="after")
    def _the_line_reaches_the_cliff(self) -> AllocationSpec:
        if self.cliff == "catches_up" and 0 < self.vesting_days < self.cliff_days:
            raise ValueError(f"a line of {self.vesting_days} days ends before its cliff after {self.cliff_days}; with `catches_up` give at least as many `vesting_days`")
        return self

    @model_validator(mode="after")
    def _minted_once(self) -> AllocationSpec:
        if self.account is not None and not self.is_in_supply:
            raise ValueError(f"what comes out of the account `{self.account}` is minted into it by the network's own rules: leave `is_in_supply` out")
        return self

    @property
    def is_locked_apart(self) -> bool:
        """Whether its tokens exist from the first day on and wait."""
        return self.is_in_supply and self.account is None


class TreasurySpec(SpecModel):
    """The project's treasury: what it has, what it spends, and what it does when that does not last."""

    opening_usd: float = Field(0.0, ge=0, description="dollars of its own on the first day")
    opening_tokens: float = Field(0.0, ge=0, description="tokens of its own on the first day, out of those that exist and nobody trades")
    spends_usd_per_month: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="what it means to spend, by date; nothing before the first")
    sells_to_cover: bool = Field(True, description="it offers tokens worth what a month's spending lacks; assumed")
    buy_back_share_of_income: Share = Field(0.0, description="of what came in over a month, that buys tokens on the first of the next; they stay with it")
    keeps_months: float = Field(6.0, ge=0, le=1200, description="with a runway this short it buys nothing back; assumed")


class HeldTokenSpec(SpecModel):
    """A token some of which is locked; the price stands in the sections of the kind."""

    allocations: dict[str, AllocationSpec] = Field({}, description="holders whose tokens come free by the calendar, by name")

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """Sellers whom no price hears, and sellers who are counted twice."""
        cleared = cleared_of(getattr(self, "price", None))
        if cleared is None and getattr(self, "treasury", None) is not None:
            yield "treasury", "open_loop_price", "a treasury that sells and buys needs a price that hears it, and this one is an open loop", "price: {kind: cleared, ...}, or leave the treasury out"
        if not self.allocations:
            return
        if cleared is None:
            yield "allocations", "open_loop_price", "nobody's sale moves this price: it is an open loop, and what holders sell would be lost in it", "price: {kind: cleared, ...}, or leave the allocations out"
            return
        sold = {} if cleared.history is None else cleared.history.sold
        for name in sorted(set(self.allocations) & set(sold)):
            yield (
                ("allocations", name), "counted_twice", f"what {name} sold stands in `price.history.sold`, too, and would be counted twice",
                "leave it out there: within history an allocation sells by its own rule",
            )  # fmt: skip
