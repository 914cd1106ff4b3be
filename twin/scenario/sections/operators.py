"""Who runs the hardware: groups of like-minded owners."""

from __future__ import annotations

from pydantic import Field

from twin.scenario.model import SpecModel, Spread


class InterestSpec(SpecModel):
    """How word spreads (Bass diffusion): share of the remaining sites whose owners look at the numbers in a month.

    hazard = innovation + imitation * (sites of the region whose owners ever bought / sites of the region). With `near_share` so much of the imitation follows
    the site's own neighbourhood in place of the region (docs/people.md); the region's mean stays.
    """

    innovation_per_month: float = Field(0.0003, ge=0, le=1, description="assumed: three sites in ten thousand look unprompted")
    imitation_per_month: float = Field(
        0.24, ge=0, le=5, description="assumed; chosen so that the world's orders of 2021 come near the calibrated backlog (dossier 4.4)"
    )
    near_share: float = Field(
        0.0, ge=0, le=1, description="share of imitation that follows the neighbourhood, some 5 km², and not the region; 0: word reaches all alike"
    )


class StayingSpec(SpecModel):
    """How an owner decides whether to stay: what the months ahead would bring against what leaving brings."""

    horizon_months: Spread = Field(Spread(median=6, p90=12), description="assumed: months that an owner looks ahead")
    ignored_loss_usd_per_month: Spread = Field(Spread(median=4, p90=12), description="assumed: a smaller loss is not bothered about")
    memory_half_life_months: float = Field(3.0, gt=0, description="assumed: expected pay follows what came with this memory")
    risk_aversion_exponent: float = Field(1.0, ge=0, le=10, description="assumed: gamma; 0 for who holds by conviction")


class LeavingSpec(SpecModel):
    """When a node goes dark for good, and what becomes of it."""

    annoyance_hazard_per_month: float = Field(0.016, ge=0, le=1, description="dossier 4.3: loss of active IoT hotspots 2023-04 to 2024-01")
    drawer_share: float = Field(0.6, ge=0, le=1, description="assumed: unplugged and kept")
    resale_share: float = Field(0.2, ge=0, le=1, description="assumed: sold on to somebody who would buy at the used price")
    bother_usd: float = Field(10.0, ge=0, description="assumed: what plugging a node in again is worth to its owner in time and nerves")
    drawer_returns_below_payback_months: float = Field(
        3.0, ge=0, description="assumed: a node in a drawer is plugged in again when pay covers cost and a month's bother this soon"
    )


class RelocationSpec(SpecModel):
    """Moving a device to a better site of the same neighbourhood; who counts no cost compares places too."""

    hazard_per_month: float = Field(0.01, ge=0, le=1, description="assumed: share of owners who look at one other place in a month")
    needs_gain: float = Field(2.0, ge=1, description="assumed: the new place must promise this multiple of the pay that came here since the last look")
    takes_days: int = Field(14, ge=0, description="assumed")
    cost_usd: float = Field(10.0, ge=0, description="HIP-40 and the chain: one assert of location, 10 USD in 2020 to 2023")


class OperatorSpec(SpecModel):
    """A group of owners who decide alike."""

    owners_share: float = Field(gt=0, le=1, description="share of all owners")
    nodes_per_owner: Spread = Field(Spread(median=1, p90=3), description="nodes one owner would run if each paid back")
    payback_limit_months: Spread = Field(description="buys when the expected payback is shorter than this")
    counts_running_cost: bool = Field(True, description="false: leaves the node plugged in until it breaks or annoys")
    sells_share: float = Field(1.0, ge=0, le=1, description="share of claimed tokens sold at once")
    backhaul_usd_per_month: float = Field(0.0, ge=0, description="assumed: shares the owner's line")
    site_rent_usd_per_month: float = Field(0.0, ge=0, description="assumed: own roof or window")
    labour_usd_per_month: float = Field(0.0, ge=0, description="assumed")
    interest: InterestSpec = InterestSpec()
    staying: StayingSpec = StayingSpec()
    leaving: LeavingSpec = LeavingSpec()
    relocation: RelocationSpec = RelocationSpec()
