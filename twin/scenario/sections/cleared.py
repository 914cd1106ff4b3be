"""The price as what clears the market once a day: holders own a pot of dollars and the float of tokens, and their mood says how they split their wealth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as calendar_date  # a field below is called `date`
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SeriesRef, SpecModel

TREND_EXPLODES = 0.6
"""A trend above this is refused: above about 1.1 a rise feeds itself for ever (tried on paper: the sum of its own echoes exceeds one)."""


class MoodSpec(SpecModel):
    """How the mood m = ln(a / (1 - a)) moves from day to day, a being the share of their wealth that holders want in the token."""

    usual_share: float = Field(0.5, gt=0, lt=1, description="share of holders' wealth in the token at rest; assumed")
    half_life_days: float = Field(
        180.0, gt=0, description="days after which half of a mood's distance from rest is gone, of announced news too; assumed"
    )
    value_per_day: float = Field(
        0.002, ge=0, le=0.05, description="pull of value: mood a day for each factor e between worth and price; assumed"
    )
    value_multiple_years: float = Field(
        20.0, gt=0, description="what holders think a token is worth, in years of customers' burn for the whole float; assumed"
    )
    value_memory_days: int = Field(90, ge=1, description="days over which customers' burn is averaged; assumed")
    value_pull: Literal["news", "absolute"] = Field(
        "news", description="news: the distance between worth and price counts from its level when the life begins; absolute: from zero"
    )
    trend_gain: float = Field(
        0.3,
        ge=0,
        le=TREND_EXPLODES,
        description="mood gained over `trend_memory_days` for each factor e that the price rose in them; assumed",
    )
    trend_memory_days: int = Field(90, ge=1, description="days over which a rise is seen; assumed")
    regime_log_ratio: float = Field(
        0.5, ge=0, le=3, description="what a bull market adds to the mood at rest, and a bear market takes; assumed"
    )
    regime: Literal["by_chance", "calm", "bull", "bear"] = Field(
        "by_chance", description="by_chance: calm, bull and bear markets follow each other; else the one market that holds from the end of history on"
    )
    regime_days: float | None = Field(
        360.0, ge=2, description="mean days of a calm, a bull or a bear market; left empty, there are none; assumed"
    )
    noise_per_day: float | None = Field(
        None,
        ge=0,
        le=1,
        description="standard deviation of a day's log price; left out, that of the dated prices, 0.08 where they are fewer than 24 (assumed)",
    )
    noise_in_money_share: float = Field(
        0.5, ge=0, le=1, description="part of the noise's variance that is money coming and going; the rest is mood; assumed"
    )


class AnnouncedRuleSpec(SpecModel):
    """News that everybody hears on one day, such as a token being classed as a security: mood falls, and a part of the money leaves."""

    enabled: bool = Field(True, description="false: it never happens")
    date: calendar_date = Field(description="day on which it is heard")
    mood_log_ratio: float = Field(-0.5, ge=-3, le=3, description="added to the mood, halved every `half_life_days`; assumed")
    pot_share: float = Field(0.2, ge=0, lt=1, description="part of holders' dollars that leaves for good; assumed")


class DatedTokensSpec(SpecModel):
    """Tokens that somebody sold or locked, by date."""

    tokens_per_day: SeriesRef | float = Field(description="a dated table, which holds after its last row, or the same every day")
    share: Dated[Annotated[float, Field(ge=0, le=1)]] = Field({}, description="part of it, by date; all before the first date")


class DatedDollarsSpec(SpecModel):
    """Dollars that somebody spent on tokens, by date."""

    usd_per_day: SeriesRef | float = Field(description="a dated table, which holds after its last row, or the same every day")


class HistorySpec(SpecModel):
    """Dated prices, and what the whole token's holders bought and sold: from these the mood and the new money of each day are worked out, without any run."""

    series: str = Field(description="dated price, name of the table, without .csv")
    until: calendar_date | None = Field(None, description="last day taken from it; left out, its last row")
    opening_float_tokens: float = Field(gt=0, description="tokens in holders' hands on the first dated day")
    minted_tokens_per_day: SeriesRef | float | None = Field(
        None, description="the whole token's mint; with it the rest of a network answers to what its pay is worth"
    )
    sold: dict[str, DatedTokensSpec] = Field({}, description="who sold: mint by its rules or as observed, unlocks, stakes given back")
    locked: dict[str, DatedTokensSpec] = Field({}, description="who bought tokens to stake, pledge or lock them")
    spent: dict[str, DatedDollarsSpec] = Field({}, description="who spent dollars on tokens: customers' burns, fees, buy-backs")


class ClearedPriceSpec(SpecModel):
    """A price at which what is offered meets what holders want; it answers to every sale and purchase."""

    kind: Literal["cleared"]
    history: HistorySpec | None = Field(
        None, description="replayed as mood and new money, so that the price of a life answers to its own flows"
    )
    start_usd: float | None = Field(
        None, gt=0, description="first price, where there is no history; left out, what pot, float and mood make it"
    )
    opening_float_tokens: float | None = Field(
        None, gt=0, description="tokens in holders' hands on the first day; with a history, as dated there"
    )
    opening_pot_usd: float | None = Field(
        None,
        ge=1,
        le=1e15,
        description="dollars that holders hold ready on the first day, before `holders_money_scale`; left out, as dated in the history, "
        "without one worth the float at the usual share; from 1 to 1e15 USD, more than the world's wealth (assumed)",
    )
    holders_money_scale: float = Field(
        1.0, ge=1e-6, le=1e6, description="multiplies the opening pot and all new money; from a millionth to a million (assumed)"
    )
    new_money_follows: Literal["dollars", "pot"] = Field(
        "dollars",
        description="dollars: replayed inflow is the same in dollars; pot: the same share of the pot. What leaves is always a share",
    )
    listing_date: calendar_date | None = Field(
        None, description="first day on which anybody can sell or buy; left out, the first day, or the first dated one"
    )
    mood: MoodSpec = MoodSpec()
    announced: dict[str, AnnouncedRuleSpec] = Field({}, description="news by name")

    @model_validator(mode="after")
    def _knows_where_it_starts(self) -> ClearedPriceSpec:
        if self.history is not None:
            if self.start_usd is not None or self.opening_float_tokens is not None:
                raise ValueError(
                    "with a `history` the first price and float are dated there; leave `start_usd` and `opening_float_tokens` out"
                )
            return self
        if self.opening_float_tokens is None:
            raise ValueError("without a `history` the price needs `opening_float_tokens`")
        if (self.start_usd is None) == (self.opening_pot_usd is None):
            raise ValueError("of `start_usd` and `opening_pot_usd` give one: the other follows, as price x float = pot x a / (1 - a)")
        return self

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """News before anybody can trade."""
        for name, news in self.announced.items():
            if self.listing_date is not None and news.date < self.listing_date:
                yield (
                    ("announced", name, "date"),
                    "before_listing",
                    f"{news.date} lies before the listing on {self.listing_date}",
                    "news moves a market that is open",
                )
