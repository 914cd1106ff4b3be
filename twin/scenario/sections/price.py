"""How the price of a token moves: what clears the market, replay, chance, or any of them frozen from a day on."""

from __future__ import annotations

from datetime import date as calendar_date  # a field below is called `date`
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from twin.scenario.model import SpecModel
from twin.scenario.sections.cleared import ClearedPriceSpec


class RandomWalkPriceSpec(SpecModel):
    """Geometric random walk: without drift the expected price stays, while the median falls by half the variance a year."""

    kind: Literal["random_walk"]
    volatility_per_year: float = Field(ge=0, le=5, description="standard deviation of a year's log return")
    drift_per_year: float = Field(0.0, ge=-5, le=5, description="yearly growth rate of the expected price, continuously compounded")
    start_usd: float | None = Field(None, gt=0, description="first price; left out after a series, whose last price it takes")


def _kind_of_then(value: Any) -> str | None:
    if isinstance(value, SpecModel):
        return str(getattr(value, "kind", ""))
    if isinstance(value, dict):
        return str(value.get("kind", ""))
    if isinstance(value, str):
        return "hold"
    return "number"


ThenPriceSpec = Annotated[
    Annotated[RandomWalkPriceSpec, Tag("random_walk")]
    | Annotated[Literal["hold"], Tag("hold")]
    | Annotated[float, Field(gt=0), Tag("number")],
    Discriminator(_kind_of_then),
]


class SeriesPriceSpec(SpecModel):
    """Replay of a dated table, whatever this life sells and buys, then something else. An open loop; a file that says `series` alone means it."""

    kind: Literal["replay_fixed"] = "replay_fixed"
    series: str = Field(description="name of the table, without .csv")
    until: calendar_date | None = Field(None, description="last day taken from the table")
    then: ThenPriceSpec | None = Field(
        None, description="what comes after `until`: hold, a number of USD, or a random_walk that starts at the last price"
    )


REPLAY_FIXED = "replay_fixed"


def _kind_of_price(value: Any) -> str | None:
    if isinstance(value, dict):
        kind = value.get("kind")
        return str(kind) if kind is not None else REPLAY_FIXED
    return getattr(value, "kind", REPLAY_FIXED)


MovingPriceSpec = Annotated[
    Annotated[SeriesPriceSpec, Tag("replay_fixed")]
    | Annotated[RandomWalkPriceSpec, Tag("random_walk")]
    | Annotated[ClearedPriceSpec, Tag("cleared")],
    Discriminator(_kind_of_price),
]


class ConstantPriceSpec(SpecModel):
    """Some other price up to a day, and the price of that day from then on: an open loop from that day.

    What moves the price until then stands under `before`; laid over a price of another kind (by a child or a variant), that price is what stands there.
    A replayed series may stand directly beside `date`. After a price that clears, a market maker with the world's money takes whatever is sold.
    """

    kind: Literal["constant_from"]
    date: calendar_date | Literal["taper_begin"] = Field(description="first day of the constant price, or the anchor taper_begin")
    price_usd: float | None = Field(None, gt=0, description="the constant price; left out, the price of the day before")
    before: MovingPriceSpec | None = Field(None, description="what moves the price up to that day")
    series: str | None = Field(None, description="short for before: {series: ...}")
    until: calendar_date | None = Field(None, description="with `series`: last day taken from the table")
    then: ThenPriceSpec | None = Field(None, description="with `series`: what comes after `until`")

    @property
    def moving(self) -> SeriesPriceSpec | RandomWalkPriceSpec | ClearedPriceSpec | None:
        """What moves the price up to the day."""
        if self.series is None:
            return self.before
        return SeriesPriceSpec(series=self.series, until=self.until, then=self.then)

    @model_validator(mode="after")
    def _knows_a_price(self) -> ConstantPriceSpec:
        if self.before is not None and self.series is not None:
            raise ValueError("`before` and `series` both say what moves the price until then; give one")
        if self.series is None and (self.until is not None or self.then is not None):
            raise ValueError("`until` and `then` belong to a `series`")
        if self.moving is None and self.price_usd is None:
            raise ValueError("a constant price needs `before` (what moves it until then) or `price_usd`")
        return self


OpenMovingPriceSpec = SeriesPriceSpec | RandomWalkPriceSpec
OpenPriceSpec = SeriesPriceSpec | RandomWalkPriceSpec | ConstantPriceSpec
"""Prices that come from outside the loop: no sale or purchase is answered in full."""

PriceSpec = Annotated[
    Annotated[SeriesPriceSpec, Tag("replay_fixed")]
    | Annotated[RandomWalkPriceSpec, Tag("random_walk")]
    | Annotated[ConstantPriceSpec, Tag("constant_from")]
    | Annotated[ClearedPriceSpec, Tag("cleared")],
    Discriminator(_kind_of_price),
]


def cleared_of(price: object) -> ClearedPriceSpec | None:
    """The market that clears, of a price that does so from the first day, be it frozen later; None for open loops."""
    moving = price.moving if isinstance(price, ConstantPriceSpec) else price
    return moving if isinstance(moving, ClearedPriceSpec) else None
