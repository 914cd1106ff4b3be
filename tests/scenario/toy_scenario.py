"""A small kind of network for tests of the loader: it changes only when these tests do. A module of its own, so that what it defines can be pickled whatever other folder is tested beside it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from twin.scenario.model import Dated, SeriesRef, SpecModel, Spread
from twin.scenario.sections.uncertain import UncertainSpec


class Calendar(SpecModel):
    start: date
    end: date


class Kind(SpecModel):
    kind: Literal["toy"] = "toy"


class Meter(SpecModel):
    """A buyer with a contract."""

    kind: Literal["contract"] = "contract"
    sensors: int = Field(gt=0, description="meters under the contract")
    starts: date = Field(description="first day")
    ends: date | None = None
    announced: date | None = None
    enabled: bool = True


class Crowd(SpecModel):
    """Many small buyers."""

    kind: Literal["market"] = "market"
    churn_hazard_per_month: float = Field(0.01, ge=0, le=1, description="assumed")
    price_usd: float | SeriesRef | Dated[float] = 1.0


class Owners(SpecModel):
    """A group of owners."""

    payback_limit_months: Spread | float = Field(24.0, description="assumed")
    sells_share: float = Field(1.0, ge=0, le=1, description="share sold at once")
    limits_usd: tuple[float, float] = (0.0, 1.0)


class Box(SpecModel):
    price_usd: float = Field(ge=0)
    power_w: float | None = None


class Every(SpecModel):
    power_w: float = Field(5.0, ge=0, description="maker data sheets")


class Hardware(SpecModel):
    generations: dict[str, Box] = {}
    every: Every = Every()


class Token(SpecModel):
    scale_share_by_date: Dated[Annotated[float, Field(ge=0)]] = {}
    price: dict[str, Any] = {}


class Toy(SpecModel):
    """Root of a toy scenario."""

    schema_version: int = Field(1, alias="schema")
    title: str = Field(min_length=1)
    seed: int = Field(1, ge=0)
    calendar: Calendar
    network: Kind = Kind()
    country: str | None = None
    hardware: Hardware = Hardware()
    operators: dict[str, Owners] = {}
    customers: dict[str, Annotated[Meter | Crowd, Field(discriminator="kind")]] = {}
    token: dict[str, Token] = {}
    uncertain: dict[str, UncertainSpec] = {}
    variants: dict[str, dict[str, Any]] = {}
    sources: dict[str, str] = {}

    def problems(self) -> list[tuple[str, str, str, str | None]]:
        greedy = [name for name, owners in self.operators.items() if owners.sells_share == 0.13]
        return [(f"operators.{name}.sells_share", "unlucky", "thirteen is unlucky.", "Write 0.12.") for name in greedy]
