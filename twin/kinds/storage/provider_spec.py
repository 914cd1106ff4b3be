"""Who stores, where, at what cost, and what they claim; who pays; what looks for cheats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel, Spread
from twin.scenario.sections.cheating import CheckSpec
from twin.scenario.sections.customers import Affiliate, OwnTerms
from twin.scenario.sections.operators import StayingSpec
from twin.scenario.sections.regulation import DataLocalisationSpec, OnEveryKind, RuleOfLawSpec, UsageLevySpec

LEAST_TIB = 10.0
"""Least power that wins blocks (builtin-actors)."""
Strategy = Literal["capacity", "verified", "self_dealt", "self_dealt_with_copy", "hollow_capacity"]
"""What a provider puts into new sectors: nothing anybody asked for (counts once); a client's verified data (tenfold); data of its own that it
had verified as a client's (tenfold), without a copy to hand out or with one that passes retrieval tests; capacity without all the disks that it claims (once)."""
CHEATS: tuple[Strategy, ...] = ("self_dealt", "self_dealt_with_copy", "hollow_capacity")
"""Those that claim what is not there, as scenarios name them."""
MOST_OPERATORS = 20_000
Where = Literal["cloud_regions", "towns"]


class RunningCostsSpec(SpecModel):
    """USD a year for a raw TiB: defaults of a public what-if tool (CELtd/sp_cost_web), assumptions and no measurements."""

    colocation_usd_per_tib_per_year: float = Field(5.0, ge=0, description="sp_cost_web has 6 with power; the electricity of the country is added here")
    power_w_per_tib: float = Field(1.2, ge=0, description="assumed: disk of 16 TB at 8 W, server, sealing and cooling")
    industrial_share_of_household_price: float = Field(0.65, gt=0, le=2, description="assumed: what a machine room pays for electricity over what a household pays")
    bandwidth_usd_per_tib_per_year: float = Field(6.0, ge=0, description="sp_cost_web, 10 Gbps class; a tenth of it where nothing is served")
    staff_usd_per_tib_per_year: float = Field(8.0, ge=0, description="sp_cost_web")
    sealing_usd_per_tib_per_year: float = Field(1.3, ge=0, description="sp_cost_web; counted at commitment")
    gas_usd_per_tib_per_year: float = Field(0.1, ge=0, description="sp_cost_web without deal publishing (2.2 with)")
    publishing_usd_per_tib_per_year: float = Field(2.1, ge=0, description="sp_cost_web: gas with deal publishing less gas without")
    preparation_usd_per_tib_per_year: float = Field(1.0, ge=0, description="sp_cost_web; data only")
    selling_usd_per_tib_per_year: float = Field(8.0, ge=0, description="sp_cost_web, business development for verified data; honest only")
    copy_usd_per_tib_per_year: float = Field(7.0, ge=0, description="sp_cost_web: unsealed copy to hand out")
    served_bandwidth_share_of_idle: float = Field(0.1, ge=0, le=1, description="sp_cost_web: bandwidth of who serves nothing")
    capex_usd_per_tib: float = Field(25.0, ge=0, description="USD 15.4 of disks in 2022 (Backblaze), servers and racks assumed; range 12 to 50")
    capex_decline_share_per_year: float = Field(0.09, ge=0, lt=1, description="disks 2017 to 2022 (Backblaze)")
    life_years: float = Field(5.0, gt=0, description="assumed")


class ProviderLearnsSpec(SpecModel):
    """What a group of providers believes of audits: it counts what is caught of its own and hears what is caught of others, by way of cheating."""

    first_guess_catch_probability_per_month: float = Field(0.05, ge=0, lt=1, description="assumed: before it has seen anything, of a provider, by each way of cheating")
    first_guess_node_months: float = Field(24.0, gt=0, le=10_000, description="assumed: provider-months of its own that weigh as much as the guess")
    memory_half_life_months: float = Field(6.0, gt=0, le=120, description="assumed: what it saw so long ago counts half")
    hears_share: float = Field(0.5, ge=0, le=1, description="assumed: how much counts what other groups that learn see of the same way of cheating")
    probe_share: float = Field(0.02, ge=0, le=1, description="assumed: part of its providers that keeps a little of it where it does not pay, so that the group notices when nobody looks any more")


class ProviderSpec(SpecModel):
    """A group of providers who decide alike."""

    operators_count: int = Field(gt=0, le=MOST_OPERATORS, description="providers of the group")
    power_share: float = Field(gt=0, le=1, description="share of the first day's raw power")
    capacity_pib: Spread = Field(Spread(median=1.43, p90=10.1), description="size differences; Starboard quantiles of 2022-08: lognormal with sigma 1.53")
    country_share: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(min_length=1, description="where they stand, ISO 3166-1 alpha-2, shares that add up to 1")
    where: Where = Field("towns", description="cities with a cloud region of the country, or its populated places by people")
    fills_with: tuple[Strategy, ...] = Field(min_length=1, description="what the group may put into new sectors; the best expected profit is chosen")
    opening_verified_share: float = Field(0.0, ge=0, le=1, description="share of the group's first raw power that counts tenfold")
    fake_capacity_share: float = Field(0.0, ge=0, lt=1, description="share of the claimed capacity behind which there is no disk")
    learns: ProviderLearnsSpec | None = Field(None, description="left out, it reckons with the true chance of being caught, and what it fakes it always fakes; stated, with what it believes, and it turns from one way of filling sectors to another")
    serves_customers: bool = Field(False, description="offers storage to paying customers")
    cost_multiple: Spread = Field(Spread(median=1.0, p90=1.6), description="running cost of a provider over the table's; assumed")
    counts_running_cost: bool = Field(True, description="false: renews whatever it costs to run; bills of law are counted by everybody")
    sells_share: float = Field(0.7, ge=0, le=1, description="share of liquid rewards sold at once; assumed")
    payback_limit_months: Spread = Field(
        Spread(median=24, p90=48), description="adds sectors when all money in them, pledge back at the end of the term, is back sooner than this; assumed"
    )
    staying: StayingSpec = Field(StayingSpec(), description="what it counts on when it compares running on to the end of its terms with the fee for leaving")

    @model_validator(mode="after")
    def _is_large_enough(self) -> ProviderSpec:
        if self.capacity_pib.median * 1024 < LEAST_TIB:
            raise ValueError(f"a median of {self.capacity_pib.median * 1024:g} TiB is below the least power that wins blocks, {LEAST_TIB:g} TiB")
        return self

    @model_validator(mode="after")
    def _shares_add_up(self) -> ProviderSpec:
        total = sum(self.country_share.values())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of `country_share` add up to {total:g} instead of 1")
        return self

    @model_validator(mode="after")
    def _says_how_it_fakes(self) -> ProviderSpec:
        hollow = "hollow_capacity" in self.fills_with
        if hollow and self.learns is None:
            raise ValueError("hollow_capacity in fills_with goes with learns: who does not learn fakes all it has, by fake_capacity_share alone")
        if self.learns is not None and hollow != (self.fake_capacity_share > 0):
            raise ValueError("a group that learns fakes capacity by hollow_capacity in fills_with, of which fake_capacity_share has no disk: state both or neither")
        if self.learns is not None and not self.may_turn_to:
            raise ValueError(f"learns is about audits of cheats: fills_with names none of {', '.join(CHEATS)}")
        return self

    @property
    def cheats(self) -> bool:
        """Whether it claims what is not there."""
        return bool(self.may_turn_to) or self.fake_capacity_share > 0

    @property
    def may_turn_to(self) -> tuple[Strategy, ...]:
        """Ways of cheating that it may choose."""
        return tuple(each for each in self.fills_with if each in CHEATS)


class DecisionsSpec(SpecModel):
    """How providers answer to profit."""

    discount_rate_per_year: float = Field(0.1, ge=0, lt=5, description="assumed, range 0.1 to 0.6; the lowest, as providers count their pledge in tokens")
    renewal_most_share: float = Field(0.95, ge=0, le=1, description="renewed where renewing pays well; assumed")
    renewal_softness_share_of_cost: float = Field(1.0, gt=0, description="margin, over cost, that moves renewals from a half to three quarters; assumed")
    appetite_share_per_month: float = Field(0.25, ge=0, le=1, description="growth of own capacity per month at a payback as long as its limit; twice that at a quarter of it; assumed")


class FlowsSpec(SpecModel):
    """Observed flows that replace the providers' decisions up to a day."""

    until: date = Field(description="last day with observed flows; then providers decide")
    onboarding_pib_per_day: str = Field(description="series: raw power added, PiB a day")
    renewal_share: str = Field(description="series: share of expiring raw power that is renewed")
    verified_share: str = Field(description="series: share of onboarded power that counts tenfold")
    after: Literal["decide", "hold"] = Field("decide", description="hold: the flows of the last day go on instead")


class InCountries(SpecModel):
    """Where customers stand."""

    country_share: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(
        {}, description="where its buyers stand, ISO 3166-1 alpha-2; what is left of 1 stands nowhere that law reaches; read by levies and data localisation; assumed"
    )

    @model_validator(mode="after")
    def _no_more_than_all(self) -> InCountries:
        if sum(self.country_share.values()) > 1 + 1e-6:
            raise ValueError(f"the shares of `country_share` add up to {sum(self.country_share.values()):g}, more than 1")
        return self


class StorageCustomersSpec(OwnTerms, InCountries):
    """Buyers who adopt by price and trust and leave when their data is no longer at hand."""

    is_group: ClassVar[bool] = True
    """Many small buyers, not one."""

    potential_pib: float = Field(ge=0, description="data that would come at the reference price if everybody willing came")
    opening_pib: float = Field(0.0, ge=0, description="data that pays on the first day")
    price_usd_per_tib_per_month: Dated[Annotated[float, Field(ge=0)]] = Field({date(2020, 1, 1): 2.5}, description="list price by date (Filecoin Onchain Cloud 2026)")
    alternative_usd_per_tib_per_month: float = Field(6.0, gt=0, description="price of the incumbent's hot storage (6 USD per TB and month, Backblaze B2; general knowledge, unverified)")
    price_elasticity: float = Field(1.0, ge=0, description="share at a price by 1 / (1 + (price / alternative)^(2 elasticity)), over that at the reference price; assumed")
    adoption_years: float = Field(6.0, gt=0, description="time constant with which willing buyers come; assumed")
    churn_hazard_per_month: float = Field(0.01, ge=0, le=1, description="assumed, when served well")
    unserved_churn_hazard_per_month: float = Field(0.2, ge=0, le=1, description="of data that no provider has at hand; assumed")
    growth_share_per_year: float = Field(0.0, gt=-1, le=5, description="growth of the potential; scenario, range -0.5 to 3")


class AuditSpec(CheckSpec):
    """What looks for false claims, and what a find costs."""

    cannot: ClassVar[Mapping[str, str]] = {"withhold": "a chain pays whoever wins a block"}

    catch_probability_per_month: float = Field(0.004, ge=0, le=1, description="a self-dealing provider, retrieval never answered; assumed: the chain itself cannot tell, reviewers sometimes do")
    catch_probability_with_copy_per_month: float = Field(0.001, ge=0, le=1, description="one that keeps a copy to pass retrieval tests; assumed")
    catch_fake_probability_per_month: float = Field(0.3, ge=0, le=1, description="capacity without disks: a missed proof is seen within a day, a forged one later; assumed")
    false_positive_probability_per_month: float = Field(0.0005, ge=0, le=1, description="an honest provider of verified data; assumed")
    starts: date = Field(date(2023, 1, 1), description="first month with audits; assumed")
    slash_share_of_pledge: float = Field(0.1, ge=0, le=1, description="part of the pledge that is burned beside the termination fee; the protocol has none for verified data: assumed")
    barred_days: int = Field(180, ge=0, description="no new sectors for that long; assumed")
    most_seal_share_of_disks_per_day: float | None = Field(None, gt=0, le=1, description="of what is claimed in a day, what exceeds this share of the disks that a provider really has is refused: sealing writes every byte (assumed; the dossier has 0.001 to 0.05 for what a provider can seal). Left out, nothing is refused")

    @property
    def taken_share_of_pledge(self) -> float:
        """What the hardest penalty takes of a pledge."""
        return self.hardest_slash_share if self.sanctions is not None else self.slash_share_of_pledge


class ProviderBanSpec(RuleOfLawSpec):
    """A notice of law against providers of one jurisdiction: new sectors, renewals, forced ends, moves abroad."""

    kind: Literal["provider_ban"] = "provider_ban"
    new_sectors_cut_share: float = Field(0.7, ge=0, le=1, description="part of new onboarding that ends (dossier: 0.5 to 0.9)")
    renewals_cut_share: float = Field(0.35, ge=0, le=1, description="part of renewals that ends (dossier: 0.2 to 0.5)")
    forced_end_hazard_per_month: float = Field(0.005, ge=0, le=1, description="providers shut down before their term; assumed")
    moving_share: float = Field(0.4, ge=0, le=1, description="providers that move abroad; assumed")
    moving_days: Spread = Field(Spread(median=90, p90=180), description="from the notice until they seal abroad (dossier: 30 to 180)")
    moving_to_share_by_country: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field({"SG": 0.4, "US": 0.3, "KR": 0.3}, description="where they go; assumed")

    @model_validator(mode="after")
    def _all_go_somewhere(self) -> ProviderBanSpec:
        if abs(sum(self.moving_to_share_by_country.values()) - 1) > 1e-6:
            raise ValueError("the shares of `moving_to_share_by_country` must add up to 1")
        return self


StorageRuleSpec = Annotated[OnEveryKind | UsageLevySpec | DataLocalisationSpec | ProviderBanSpec, Field(discriminator="kind")]


class MinerSpec(SpecModel):
    """A group of Arweave miners."""

    operators_count: int = Field(gt=0, le=20_000, description="miners of the group")
    space_share: float = Field(gt=0, le=1, description="share of the first day's mined space")
    country_share: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(min_length=1, description="where they stand, ISO 3166-1 alpha-2, shares that add up to 1")
    where: Where = Field("towns", description="cities with a cloud region of the country, or its populated places by people")
    cost_multiple: Spread = Field(Spread(median=1.0, p90=1.5), description="cost of a miner over the table's; assumed")
    sells_share: float = Field(0.8, ge=0, le=1, description="share of rewards sold when they come free; assumed")
    payback_limit_months: Spread = Field(Spread(median=24, p90=48), description="buys disks that pay back sooner than this; assumed")
    staying: StayingSpec = Field(StayingSpec(), description="what it counts on when it compares staying with leaving")

    @model_validator(mode="after")
    def _shares_add_up(self) -> MinerSpec:
        total = sum(self.country_share.values())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of `country_share` add up to {total:g} instead of 1")
        return self


class UploadersSpec(InCountries):
    """Who uploads for good: demand by the price in dollars of a GiB."""

    opening_tb_per_day: float = Field(ge=0, description="uploads on the first day at the first day's price")
    price_elasticity: float = Field(0.5, ge=0, le=5, description="uploads move as (first price / price) to this power; assumed")
    growth_share_per_year: float = Field(0.0, gt=-1, le=5, description="growth at an unchanged price; scenario")
    most_tb_per_day: float = Field(10.0, ge=0, description="no more than this, however cheap; assumed")
    ends: date | None = Field(None, description="first day without uploads")
    affiliate: Affiliate = False
