"""How the mobile sub-network's part of a mint is split, by date. The numbers of Helium Mobile stand in `scenarios/networks/helium-mobile.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SeriesRef, Share, SpecModel, must_sum_to_one
from twin.scenario.sections.sub_network import SplitRowSpec

HOST_POOLS = ("data", "proof")
OTHER_FIELDS = {"service_provider": "service_provider_share", "mappers": "mappers_share", "oracles": "oracles", "stakers": "stakers"}
"""Account of everybody else: the field with its share."""


class MobileSplitSpec(SplitRowSpec):
    """Shares of the mobile pool; a row sums to one."""

    data_at_most: Share = Field(description="access points that carry data; what data does not earn goes to proof, unless the whole bucket is paid")
    proof_share: Share = Field(0.0, description="access points that prove coverage, beside the data they leave over")
    service_provider_share: Share = 0.0
    mappers_share: Share = 0.0

    @model_validator(mode="after")
    def _sums_to_one(self) -> MobileSplitSpec:
        must_sum_to_one((self.data_at_most, self.proof_share, *(getattr(self, name) for name in OTHER_FIELDS.values())), of="a row")
        return self

    @property
    def hosts_at_most(self) -> float:
        """Share of the pool that access points get if customers buy little (proof takes the rest) or whatever they buy (whole bucket)."""
        return (self.data_at_most + self.proof_share) * self.sub_token_worth_share


class MobileRewardsSpec(SpecModel):
    """How a day's mint reaches the mobile sub-network and whom it is paid to there."""

    founders_share: Dated[Share] = Field({}, description="taken from the whole mint before it goes to the sub-networks; none before the first date")
    share_target: Dated[Share] = Field(min_length=1, description="mobile share of the daily mint that it is heading for")
    share_smoothing_days: Dated[Annotated[int, Field(ge=1)]] = Field({}, description="each day closes one part in so many of the gap; 1 before the first date")
    pool: Dated[MobileSplitSpec] = Field(min_length=1, description="shares of the mobile pool")
    other_data_usd_per_day: SeriesRef = Field(description="data credits that the IoT sub-network's customers burn, USD a day")
    project_burn_usd_per_day: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="burned by decision of the project, no customer; USD a day")
    supplement_released_share: float = Field(
        0.0, ge=0, le=1, description="assumed: part of the mints by decision that counts as put into circulation on the day (M of the verdict); 0: it stays in the vault"
    )
