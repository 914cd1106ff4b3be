"""The protocol of a proof-of-coverage network as data: what a hotspot must prove, how a mint is split, what data costs.

Everything here is by date. The numbers of Helium IoT stand in `scenarios/networks/helium-iot.yaml`; the algorithms that read them
stand in `density.py`, `proof.py`, `rules.py`, `buckets.py` and `fees_and_credits.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SeriesRef, Share, SpecModel, must_sum_to_one
from twin.scenario.sections.sub_network import SplitRowSpec

Positive = Annotated[float, Field(gt=0)]

HOTSPOT_POOLS = ("challenger", "beacon", "witness", "data")
PROOF_FIELDS = ("challenger", "validator_challenger", "beacon", "witness")
OTHER_FIELDS = ("founders", "consensus", "operations", "operations_fund", "oracles", "stakers")


class BeaconRateSpec(SpecModel):
    """How often a hotspot is asked to send a beacon: exactly one of three rules."""

    blocks_between_challenges: int | None = Field(None, ge=1, description="each hotspot about once in so many blocks")
    network_challenges_per_block: float | None = Field(None, gt=0, description="so many in the whole network per block, whoever is active")
    beacons_per_day: float | None = Field(None, ge=0, description="each hotspot so often a day")

    @model_validator(mode="after")
    def _one_rule(self) -> BeaconRateSpec:
        if (
            sum(value is not None for value in (self.blocks_between_challenges, self.network_challenges_per_block, self.beacons_per_day))
            != 1
        ):
            raise ValueError("give exactly one of blocks_between_challenges, network_challenges_per_block, beacons_per_day")
        return self


class WitnessLimitsSpec(SpecModel):
    """Which hotspots that heard a beacon are paid for it."""

    most_paid: Dated[Annotated[int, Field(ge=1)]] = Field(min_length=1, description="most witnesses that are paid per beacon")
    chosen: Dated[Literal["at_random", "first_to_arrive"]] = Field(min_length=1, description="how they are chosen if more heard it")
    nearest_steps: Dated[Annotated[int, Field(ge=0)]] = Field(
        min_length=1, description="a witness nearer than this does not count; grid steps of resolution 11"
    )
    farthest_km: Dated[Positive | Literal["unlimited"]] = Field(
        {}, description="a witness farther away does not count; unlimited before the first date"
    )
    free_space_check: Dated[bool] = Field(
        {}, description="whether a report louder than free space allows is refused; false before the first date"
    )
    two_way_hours: Dated[Positive] = Field(
        {}, description="a witness must itself have had a valid beacon and a valid report within so many hours"
    )


class UnitsSpec(SpecModel):
    """Reward units of one beacon (HIP-15), or one each to the sender and to every witness."""

    rule: Literal["one_each", "hip15"]
    full_pay_witnesses: int = Field(4, ge=1, description="up to so many witnesses each earns one unit and the sender its share of one")
    decay: Share = Field(0.8, description="each further witness adds this much less")


class DensityRowSpec(SpecModel):
    """How many hotspots a cell of one resolution may hold at full pay."""

    neighbours: int = Field(ge=1, description="occupied cells, itself included, from which on the target grows")
    target: int = Field(ge=1, description="hotspots at full pay while the neighbourhood is empty; a cell with as many counts as occupied")
    most: int = Field(ge=1, description="hotspots at full pay however full the neighbourhood")


class ProofOfCoverageSpec(SpecModel):
    """What proves coverage, by date."""

    block_seconds: float = Field(60.0, gt=0, description="target length of a block")
    beacons: Dated[BeaconRateSpec] = Field(min_length=1, description="how often a hotspot sends")
    witnesses: WitnessLimitsSpec
    units: Dated[UnitsSpec] = Field(min_length=1, description="units of one beacon")
    interactive_days: Dated[Positive] = Field(
        {}, description="a hotspot without any proof for so long does not crowd others; never forgotten before the first date"
    )
    density: Dated[dict[int, DensityRowSpec]] = Field(
        {}, description="transmit scale by H3 resolution (HIP-17); no scale before the first date"
    )

    @model_validator(mode="after")
    def _density_resolutions(self) -> ProofOfCoverageSpec:
        for since, table in self.density.items():
            if not table or min(table) < 0 or max(table) > 10 or sorted(table) != list(range(min(table), max(table) + 1)):
                raise ValueError(
                    f"the density table of {since} needs every H3 resolution from its coarsest to its finest, none finer than 10"
                )
        return self


class SplitSpec(SplitRowSpec):
    """Shares of a pool; a row sums to one."""

    founders: Share = 0.0
    consensus: Share = 0.0
    challenger: Share = Field(0.0, description="hotspots that send challenges, equal pay per challenge")
    validator_challenger: Share = Field(0.0, description="validators that send challenges instead of hotspots")
    beacon: Share = 0.0
    witness: Share = 0.0
    data_at_most: Share = Field(0.0, description="hotspots that carry data")
    operations: Share = 0.0
    operations_fund: Share = 0.0
    unused_data: (
        dict[
            Literal["challenger", "validator_challenger", "beacon", "witness", "operations", "operations_fund", "oracles", "stakers"], Share
        ]
        | Literal["pro_rata_to_proof"]
    ) = Field("pro_rata_to_proof", description="where the unused part of the data bucket goes")

    @model_validator(mode="after")
    def _sums_to_one(self) -> SplitSpec:
        must_sum_to_one((getattr(self, name) for name in (*OTHER_FIELDS, *PROOF_FIELDS, "data_at_most")), of="a row")
        if isinstance(self.unused_data, dict):
            must_sum_to_one(self.unused_data.values(), of="`unused_data`")
        if self.unused_data == "pro_rata_to_proof" and self.data_at_most > 0 and not any(getattr(self, name) for name in PROOF_FIELDS):
            raise ValueError("`unused_data` cannot go to proof pools that are empty; name the pools")
        return self


class OtherSubNetworkSpec(SpecModel):
    """The sub-network that shares the token and is not simulated: its share of the mint, and what its customers burn."""

    share_target: Dated[Share] = Field(min_length=1, description="share of the daily mint it is heading for; none before the first date")
    share_smoothing_days: Dated[Annotated[int, Field(ge=1)]] = Field(
        {}, description="each day closes one part in so many of the gap (1: at once); 1 before the first date"
    )
    data_usd_per_day: SeriesRef = Field(description="data credits its customers burn, USD a day")
    other_burn_usd_per_day: Dated[Annotated[float, Field(ge=0)]] = Field(
        {}, description="burned by decision of its owner, no customer; USD a day"
    )


class RewardsSpec(SpecModel):
    """How a day's mint is split, by date."""

    one_pool: Dated[SplitSpec] = Field(min_length=1, description="shares of the whole mint while there is one pool")
    sub_networks_from: date = Field(description="first day on which the mint is split between two sub-networks")
    founders_share: Dated[Share] = Field(
        {}, description="taken from the whole mint before it goes to the sub-networks; none before the first date"
    )
    sub_network: Dated[SplitSpec] = Field(min_length=1, description="shares of this sub-network's pool")
    other_sub_network: OtherSubNetworkSpec

    @model_validator(mode="after")
    def _rows_cover_time(self) -> RewardsSpec:
        if min(self.sub_network) > self.sub_networks_from:
            raise ValueError("`sub_network` needs a row on or before `sub_networks_from`")
        if any(row.founders for row in self.sub_network.values()):
            raise ValueError("founders are paid before the sub-networks: `founders_share`, not a share of a row")
        return self


class DataCreditsSpec(SpecModel):
    """Prices fixed in dollars and paid by burning tokens."""

    usd_per_credit: float = Field(1e-5, gt=0, description="one credit pays for up to 24 bytes of one packet, for each copy bought")
    onboarding_usd: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="to register a full hotspot; free before the first date")
    assert_location_usd: Dated[Annotated[float, Field(ge=0)]] = Field(
        {}, description="to state a hotspot's place; free before the first date"
    )
    asserts_with_onboarding: int = Field(1, ge=0, description="location statements paid together with the registration")
