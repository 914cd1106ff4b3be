"""Networks of nodes whose token fills pots and rates: the token, what becomes of customers' money, and the sections that every such scenario has."""

from __future__ import annotations

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel, at_most_the_whole
from twin.scenario.sections.cheating import DeviceVerificationSpec, FakeDevicesSpec
from twin.scenario.sections.hardware import HardwareSpec
from twin.scenario.sections.operators import OperatorSpec
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.sections.regulation import NodeRuleSpec
from twin.scenario.sections.root import CommonSpec
from twin.scenario.sections.token import EmissionSpec, TradedTokenSpec


class PotsTokenSpec(TradedTokenSpec):
    """One token: what is emitted by schedule, if anything is, and what its price does."""

    emission: EmissionSpec | None = Field(None, description="schedule that pools share; left out where the kernels themselves say what is paid")
    emission_scale_share: float = Field(1.0, ge=0, description="multiplies every pot and rate on every day")
    supply_before_tokens: float = Field(0.0, ge=0, description="circulating on the first day of the run")

    @property
    def exists_before_tokens(self) -> float:
        """Tokens that exist before the first day."""
        return self.supply_before_tokens


class RevenueSpec(SpecModel):
    """Where a customer's dollar goes."""

    burned_share: float = Field(0.0, ge=0, le=1, description="buys tokens on the market and burns them")
    operators_share: float = Field(0.0, ge=0, le=1, description="passed on to stations in money, by what they delivered; the rest stays with the project")

    @model_validator(mode="after")
    def _no_more_than_all(self) -> RevenueSpec:
        at_most_the_whole(burned_share=self.burned_share, operators_share=self.operators_share)
        return self


class DeviceScenario(CommonSpec):
    """A network of nodes that people own, paid from pots and rates of one token; a kind adds its service, rewards and customers."""

    token: dict[str, PotsTokenSpec] = Field(min_length=1, max_length=1)  # type: ignore[assignment]
    place: PlaceSpec
    hardware: HardwareSpec
    revenue: RevenueSpec = RevenueSpec()
    operators: dict[str, OperatorSpec] = Field(min_length=1)
    adversaries: dict[str, FakeDevicesSpec] = {}
    verification: DeviceVerificationSpec = DeviceVerificationSpec()
    regulation: dict[str, NodeRuleSpec] = {}
