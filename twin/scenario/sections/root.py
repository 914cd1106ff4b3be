"""The sections every scenario has, in the order of the story; a kind of network adds its own by subclassing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel
from twin.scenario.sections.cheating import SpoofedLocationsSpec, VerificationSpec
from twin.scenario.sections.customers import CustomerSpec
from twin.scenario.sections.hardware import HardwareSpec
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec
from twin.scenario.sections.law_by_kind import problems_of_moves
from twin.scenario.sections.operators import OperatorSpec
from twin.scenario.sections.outside import OutsideSpec
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.sections.policies import PolicySpec, problems_of_policies
from twin.scenario.sections.records import RecordSpec
from twin.scenario.sections.regulation import RuleSpec
from twin.scenario.sections.token import TokenSpec
from twin.scenario.sections.uncertain import UncertainSpec


class CalendarSpec(SpecModel):
    """First day, and the first day that is no longer simulated."""

    start: date = Field(description="first day of the run")
    end: date = Field(description="first day after the run")

    @model_validator(mode="after")
    def _runs_forward(self) -> CalendarSpec:
        if self.end <= self.start:
            raise ValueError("calendar.end must lie after calendar.start")
        return self


class NetworkSpec(SpecModel):
    """Which kind of network; the kind decides which further sections a scenario has."""

    kind: str = Field(description="a registered kind of network, for example wireless")


class CommonSpec(SpecModel):
    """The sections that a scenario of any kind of network has; a kind adds its own by subclassing."""

    schema_version: int = Field(1, alias="schema", description="version of the scenario grammar")
    title: str = Field(min_length=1, description="one line for reports")
    seed: int = Field(1, ge=0, description="seed of all luck")
    calendar: CalendarSpec
    network: NetworkSpec
    token: dict[str, TokenSpec] = Field(min_length=1, max_length=1)
    customers_demand_share: Dated[Annotated[float, Field(ge=0, le=1)]] = Field(
        {}, description="part of what customers would use that they use, by date, for reasons from outside; all before the first date"
    )
    policies: dict[str, PolicySpec] = Field({}, description="what steers emission or buy-back while the network lives, by name; left out, the rules alone do")
    taper: TaperSpec
    verdict: VerdictSpec
    uncertain: dict[str, UncertainSpec] = {}
    variants: dict[str, dict[str, Any]] = {}
    record: RecordSpec = RecordSpec()
    sources: dict[str, str] = {}

    @property
    def first_token(self) -> Any:
        """The token that the verdict is about; kinds with one token have no other."""
        return next(iter(self.token.values()))

    @property
    def why_emission_is_not_steered(self) -> str:
        """Why no policy can steer what operators are paid of new tokens, as a sentence without its full stop; empty where one can."""
        return ""

    def shared_problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """What holds across sections of every kind, asked for beside a kind's own `problems`."""
        yield from problems_of_policies(self)
        yield from problems_of_moves(self)


class ScenarioSpec(CommonSpec):
    """A scenario of nodes that people buy and put somewhere on a map: every value here is read by something."""

    place: PlaceSpec
    outside: OutsideSpec | None = Field(None, description="the rest of the network; left out, the area is the whole network")
    hardware: HardwareSpec
    operators: dict[str, OperatorSpec] = Field(min_length=1)
    customers: dict[str, CustomerSpec] = {}
    adversaries: dict[str, SpoofedLocationsSpec] = {}
    verification: VerificationSpec = VerificationSpec()
    regulation: dict[str, RuleSpec] = {}
