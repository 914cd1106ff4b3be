"""Sections of a compute scenario that say what stands where: GPU classes, groups of providers, how long a hall takes to build."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from twin.scenario.model import SeriesRef, SpecModel, Spread
from twin.scenario.sections.hardware import DeviceUsd
from twin.scenario.sections.operators import StayingSpec


class GpuSpec(SpecModel):
    """A class of GPU."""

    capex_usd: DeviceUsd | SeriesRef = Field(description="price of one card; a number or a series in USD; at most a million (assumed)")
    cloud_usd_per_hour: float | SeriesRef = Field(description="what large clouds ask for an hour of it: a posted price never exceeds this")
    card_power_w: float = Field(gt=0, le=1e5, description="maker's board power at load; at most 100 kW (assumed)")
    memory_gb: float = Field(gt=0, description="memory of one card")
    octanebench_index: float = Field(1.0, gt=0, description="OctaneBench score of one card; read only where work is priced by it")
    reward_multiple: float = Field(1.0, gt=0, description="device multiplier of block rewards; read only there")
    reward_pool: Literal["enterprise", "community"] = Field("enterprise", description="pool of block rewards; read only there")
    life_years: float = Field(5.0, gt=0, description="dossier 4.2: 4 to 6 years in data centers, 3 for hobby cards")
    resale_share: float = Field(0.1, ge=0, lt=1, description="assumed: of the price at the end of that life")


class ProviderSpec(SpecModel):
    """A group of providers who decide alike. A node is what one of them runs at one place, of one class of GPU."""

    where: Literal["cloud_regions", "homes"] = Field(description="cities with a cloud region, or populated places by people")
    mix_share: dict[str, float] = Field(min_length=1, description="shares of the nodes by class of GPU; scaled to add up to one")
    share_by_country: dict[str, float] = Field({}, description="where the nodes may stand, by share; left out: cities alike, homes by people")
    n_sites: int = Field(ge=1, description="nodes that might ever stand")
    n_at_start: int = Field(0, ge=0, description="nodes that run on the first day")
    starts: date | None = Field(None, description="first day the group looks at the numbers; default: the first day")
    n_gpus: int = Field(ge=1, description="GPUs of a node")
    system_factor: float = Field(1.3, ge=1, description="server, network card and switch on top of the cards (dossier 4.1: 1.3 in data centers)")
    power_factor: float = Field(1.4, ge=1, description="power of node over that of its cards (dossier 4.1: 1.4 in data centers)")
    idle_share: float = Field(0.25, ge=0, le=1, description="assumed: power of an idle node over that at load, 0.15 to 0.25")
    power_overhead_ratio: float = Field(1.3, ge=1, description="power of the hall over that of its machines (PUE): 1.2 modern, 1.4 to 1.6 older")
    hosting_usd_per_kw_per_month: float = Field(0.0, ge=0, description="rack space; wholesale 115 to 160 early in 2026")
    electricity_share_of_household: float = Field(1.0, gt=0, description="price paid over that of households; assumed 0.6 for businesses")
    hurdle_rate_per_year: float = Field(0.10, gt=0, le=1, description="return that the group asks of capital when it bids and enters (assumed)")
    payback_limit_months: Spread = Field(
        Spread(median=24, p90=36), description="orders when the node would have paid back sooner than this and in its life; assumed, as long as racks are leased"
    )
    setup_usd: float = Field(10.0, ge=0, description="assumed: what setting up a node is worth in time and nerves, as for a device in a drawer")
    counts_capex: bool = Field(True, description="false: the card was bought for something else")
    online_hours: float | None = Field(None, gt=0, description="mean hours until the owner takes it back; left out: never (dossier 5.3: 10 at home)")
    offline_hours: float = Field(0.9, gt=0, description="assumed: mean hours until it is back")
    hours_between_failures_per_gpu: float = Field(50_677.0, gt=0, description="Llama 3 report: 419 interruptions in 54 days on 16,384 H100")
    entry_share_per_day: float = Field(0.02, ge=0, le=1, description="assumed: sums done a day for every node of the class that runs, at a payback as long as the limit; twice as many at a quarter of it")
    exit_hazard_per_month: float = Field(0.06, ge=0, description="assumed: leaves for other reasons, 0.002 a day")
    staying: StayingSpec = Field(
        StayingSpec(horizon_months=Spread(median=24, p90=36)), description="assumed: racks and feeds are leased for two years; the rest as for everybody"
    )
    patient_until: date | None = Field(None, description="nobody leaves for losses before: they wait for a token that is promised")
    sells_share: float = Field(1.0, ge=0, le=1, description="assumed: share of tokens sold at once")
    stake_tokens_per_gpu: float | None = Field(None, ge=0, description="stake put up; left out: the least that counts")
    wallet_nodes: int = Field(1, ge=1, description="nodes of one wallet; read where large wallets earn less for being there")


class ConstructionSpec(SpecModel):
    """What stands between a decision and a running node in a data center; homes only wait for their cards."""

    permit_days: Spread = Field(Spread(median=60, p90=180), description="assumed: lease of the hall, permits, fire and grid papers")
    power_days: Spread = Field(Spread(median=30, p90=120), description="assumed: connection of a feed, once its turn has come")
    power_crews: int = Field(8, ge=1, description="assumed: feeds that utilities connect at the same time for this network's halls")
    delivery_days: Spread = Field(Spread(median=45, p90=120), description="assumed: from order to dock; 36 to 52 weeks for H100 in 2023")
    delivery_slots: int = Field(60, ge=1, description="assumed: consignments of data centers under way at the same time")
    build_days: Spread = Field(Spread(median=5, p90=15), description="assumed: racking, cabling, burn-in")
    build_crews: int = Field(12, ge=1, description="assumed")
    home_delivery_days: Spread = Field(Spread(median=4, p90=14), description="assumed: a card by parcel")


class ShockSpec(SpecModel):
    """Something from outside, for a time: less demand, halls closed by law, or both."""

    enabled: bool = Field(True, description="false: it never comes")
    starts: date = Field(description="first day")
    ends: date | None = Field(None, description="first day without it; left out: for good")
    demand_scale: float = Field(1.0, ge=0, description="all demand is multiplied by this")
    countries: tuple[str, ...] = Field((), description="nodes of these countries close on the first day and may not open until the end")

    def in_force(self, today: date) -> bool:
        """Whether its dates hold a day."""
        return self.starts <= today and (self.ends is None or today < self.ends)
