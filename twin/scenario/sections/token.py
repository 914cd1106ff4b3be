"""The `token:` section: how much of a token is minted by date, what else adds to its supply, and how its price moves."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel
from twin.scenario.sections.allocations import HeldTokenSpec, TreasurySpec
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.price import ConstantPriceSpec, PriceSpec, SeriesPriceSpec


class _EmissionSpec(SpecModel):
    scale_share: float = Field(1.0, ge=0, description="multiplies the scheduled emission on every day; re-minted burns are not touched")
    scale_share_by_date: Dated[Annotated[float, Field(ge=0)]] = Field(
        {}, description="multiplies the scheduled emission from each date on; 1 before the first"
    )


class DatedScheduleSpec(_EmissionSpec):
    """Yearly amounts by date, spread evenly over the days of each emission year; after the last row they halve by rule."""

    kind: Literal["dated_schedule"] = "dated_schedule"
    tokens_per_year: Dated[Annotated[float, Field(ge=0)]] = Field(min_length=1, description="tokens a year from this anniversary on")
    halves_every_years: int | None = Field(
        None, ge=1, description="after the last row: halved at each anniversary of this many years; left out, the last row holds"
    )
    ends: date | None = Field(None, description="first day without emission")
    minting_efficiency: Dated[Annotated[float, Field(ge=0, le=1)]] = Field(
        {}, description="share of the schedule that was really minted, by date; 1 before the first"
    )

    @model_validator(mode="after")
    def _ends_after_last_row(self) -> DatedScheduleSpec:
        if self.ends is not None and self.ends <= max(self.tokens_per_year):
            raise ValueError("`ends` must lie after the last date of `tokens_per_year`")
        return self


class HalvingSpec(_EmissionSpec):
    """A daily amount that halves after each fixed span of days."""

    kind: Literal["halving"]
    starts: date
    tokens_per_day: float = Field(ge=0)
    halves_every_days: int = Field(ge=1)
    ends: date | None = Field(None, description="first day without emission")


class ConstantSpec(_EmissionSpec):
    """The same amount every day."""

    kind: Literal["constant"]
    starts: date
    tokens_per_day: float = Field(ge=0)
    ends: date | None = Field(None, description="first day without emission")


class ExponentialSpec(_EmissionSpec):
    """A daily amount that shrinks by the same share each year of 365 days, every day a little."""

    kind: Literal["exponential"]
    starts: date
    tokens_per_day: float = Field(ge=0)
    decay_share_per_year: float = Field(ge=0, lt=1, description="0.2: each day mints 20 % less than the same day 365 days before")
    ends: date | None = Field(None, description="first day without emission")


class TableSpec(_EmissionSpec):
    """A daily amount by date; each row holds until the next."""

    kind: Literal["table"]
    tokens_per_day: Dated[Annotated[float, Field(ge=0)]] = Field(min_length=1)


EmissionSpec = Annotated[DatedScheduleSpec | HalvingSpec | ConstantSpec | ExponentialSpec | TableSpec, Field(discriminator="kind")]


class NetEmissionSpec(SpecModel):
    """Burned tokens that are minted again for operators, up to a cap that does not halve."""

    cap_tokens_per_day: Dated[Annotated[float, Field(ge=0)]] = Field(description="most that is minted again; nothing before the first date")
    smoothing_days: Dated[Annotated[int, Field(ge=1)]] = Field(
        {}, description="burns are averaged with this memory (1: the day's own burn); 1 before the first date"
    )


class OtherMintSpec(SpecModel):
    """Tokens minted to one account by a decision, outside the schedule: supply, not reward."""

    account: str = Field(description="ledger account that receives them")
    starts: date = Field(description="first day with a mint")
    tokens_per_day: float = Field(ge=0)
    flat_days: int = Field(ge=1, description="days with the full amount")
    taper_days: int = Field(0, ge=0, description="further days over which the amount falls in equal steps to zero")


class TopUpSpec(SpecModel):
    """Burns beyond the net-emission cap that are minted again until the hosts of one data service get a floor of its charge."""

    enabled: bool = Field(True, description="false: this row of rules never came into force, the one before holds on")
    floor_share_of_charge: float = Field(ge=0, description="least pay of hosts, as a share of what customers are charged")
    cap_multiple_of_charge: float = Field(
        gt=0, description="most pay of hosts, as a multiple of what customers are charged; the rest goes to stakers"
    )
    data_share_of_sub_network: float = Field(gt=0, le=1, description="share of the sub-network's pool that is paid for data")
    minted_to: Literal["all_pools", "data"] = Field(description="whether the top-up passes the normal split or goes to the data pool alone")


class TradedTokenSpec(HeldTokenSpec):
    """What every token that customers' money buys and burns has: a price, and how much of it is for sale."""

    reference_price_usd: float = Field(gt=0, description="only to add up several tokens; no behaviour reads it")
    for_sale_share_per_day: float = Field(0.01, gt=0, le=1, description="most of the supply that those who buy to burn find on the market in a day; assumed")
    price: PriceSpec
    treasury: TreasurySpec | None = Field(None, description="what the project's treasury spends, sells and buys back; left out, it does what the kind's rules say alone")
    pay_out_in: Literal["tokens", "usd"] = Field("tokens", description="usd: a treasury takes over what operators earn, at the mean price of the last days, and bears the difference")
    pay_out_reserve_usd: float = Field(0.0, ge=0, description="usd: the treasury's own money on the first day; while it can pay only a part, the rest is paid in tokens")
    pay_out_mean_days: int = Field(90, ge=1, le=3650, description="usd: days over which the treasury means the price; assumed")

    @model_validator(mode="after")
    def _a_treasury_has_money(self) -> TradedTokenSpec:
        if self.pay_out_in == "usd" and self.pay_out_reserve_usd == 0:
            raise ValueError("`pay_out_in: usd` needs a `pay_out_reserve_usd` above 0: a treasury that begins with nothing never pays, and so never has a token to sell")
        return self


class TokenSpec(TradedTokenSpec):
    """One token: what mints it, what its price does."""

    emission: EmissionSpec
    net_emission: NetEmissionSpec | None = Field(None, description="re-minting of burned tokens; left out: what is burned is gone")
    other_mints: dict[str, OtherMintSpec] = Field({}, description="mints outside the schedule, by name")
    top_up: Dated[TopUpSpec] = Field({}, description="demand-linked mint, by date")
    burned_for_good_tokens: Dated[Annotated[float, Field(ge=0)]] = Field(
        {},
        description="tokens burned and never minted again up to each date (points, linear in between); read only for the supply on the first day of a run",
    )

    @model_validator(mode="after")
    def _price_starts_somewhere(self) -> TokenSpec:
        moving = self.price.moving if isinstance(self.price, ConstantPriceSpec) else self.price
        if isinstance(moving, SeriesPriceSpec):
            if getattr(moving.then, "start_usd", None) is not None:
                raise ValueError("the price after a series starts at its last price; leave `start_usd` out")
        elif moving is not None and not isinstance(moving, ClearedPriceSpec) and moving.start_usd is None:
            raise ValueError("a price that does not follow a series needs `start_usd`")
        return self
