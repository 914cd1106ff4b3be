"""The market of a run's token: open loops move by themselves, a market that clears is asked every morning.

The history of a token is worked out from the scenario as it stands in its file, so that no seed, draw, variant or option changes what holders once wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from twin.arrays import Floats
from twin.economy.clearing import ClearingMarket, DatedFlows, History, history_of, noise_per_day, price_by_day
from twin.economy.emission import values_on
from twin.economy.market import Market, frozen
from twin.errors import InputError, Problem
from twin.geo.map_cache import cache_folder
from twin.judging import dated_by_rules
from twin.kernel import DAYS_PER_YEAR, Clock
from twin.scenario import Scenario
from twin.scenario.sections.cleared import ClearedPriceSpec, DatedTokensSpec
from twin.scenario.sections.price import PriceSpec, cleared_of
from twin.scenario.series import load_series


def market_of(
    scenario: Scenario, token: str, price: PriceSpec, *, clock: Clock, base_dir: Path | None, taper_begin: date | None, cache: Path
) -> Market | ClearingMarket:
    """The market of a token as its `price` says."""
    cleared = cleared_of(price)
    if cleared is None:
        assert not isinstance(price, ClearedPriceSpec)
        return Market(
            price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=taper_begin
        )
    fixed_from, fixed_usd = frozen(price, taper_begin)
    history = dated_history(scenario, token, cleared, base_dir=base_dir, cache=cache)
    return ClearingMarket(cleared, start=clock.start, history=history, fixed_from=fixed_from, fixed_usd=fixed_usd)


def dated_history(scenario: Scenario, token: str, price: ClearedPriceSpec, *, base_dir: Path | None, cache: Path) -> History | None:
    """Mood and new money of the token's dated prices and flows; None where it has none."""
    if price.history is None:
        return None
    in_file = cleared_of(getattr(scenario.reference.spec.token.get(token), "price", None))
    plain = in_file if in_file is not None and in_file.history is not None else price
    spec = plain.history
    assert spec is not None
    table = load_series(spec.series, base_dir=base_dir)
    rows = table.dates <= np.datetime64(spec.until or table.last)
    days, values = table.dates[rows].astype(np.int64), table.values[rows]
    begins = max(table.first, plain.listing_date or table.first)
    before = (begins - table.first).days
    if not len(days) or before > days[-1] - days[0]:
        raise InputError(
            Problem(
                "no_dated_price",
                f"{spec.series} has no row from {begins} to {spec.until or table.last}",
                path=f"token.{token}.price.history",
            )
        )
    prices = price_by_day(days, values)[before:]

    def daily(ref: Any) -> Floats:
        """A dated flow by day of history; after its last row it holds."""
        if not hasattr(ref, "series"):
            return np.full(len(prices), float(ref))
        table = load_series(ref.series, base_dir=base_dir)
        return table.daily(begins, len(prices), until=ref.until, then=ref.then or "hold")

    def total(flows: Mapping[str, DatedTokensSpec]) -> Floats:
        """Tokens of all who are named, by day of history."""
        every = np.datetime64(begins) + np.arange(len(prices))
        each = [daily(flow.tokens_per_day) * values_on(flow.share, every, 1.0) for flow in flows.values()]
        return np.asarray(sum(each, np.zeros(len(prices))))

    spent = np.asarray(sum((daily(flow.usd_per_day) for flow in spec.spent.values()), np.zeros(len(prices))))
    minted = None if spec.minted_tokens_per_day is None else daily(spec.minted_tokens_per_day)
    dated = np.zeros(len(prices), bool)
    dated[(days - days[0] - before)[days - days[0] >= before]] = True
    flows = DatedFlows(begins, prices, total(spec.sold) - total(spec.locked), spent, spec.opening_float_tokens, minted, dated)
    return history_of(flows, usual_share=plain.mood.usual_share, noise_per_day=noise_per_day(days, values), folder=cache)


POT_OF_FEW_YEARS = 2.0
"""Where holders' pot is worth fewer years of the first year's emission than this, the verdict rests on the pot (assumed)."""


def pot_over_first_year(scenario: Scenario, *, cache: Path | None = None) -> float | None:
    """Holders' pot on the first day over the scheduled subsidy of the first year at the opening price; None where one of them is not known beforehand."""
    spec = scenario.spec
    token, about = next(iter(spec.token.items()))
    schedule = scenario.network.schedule(spec)
    if cleared_of(about.price) is None or schedule is None:
        return None
    clock = Clock(spec.calendar.start, spec.calendar.end)
    base_dir = scenario.path.parent if scenario.path else None
    market = market_of(scenario, token, about.price, clock=clock, base_dir=base_dir, taper_begin=dated_by_rules(scenario).taper.begins, cache=cache_folder(cache))
    assert isinstance(market, ClearingMarket)
    first = max((clock.start - schedule.start).days, 0)
    tokens = float(schedule.tokens_per_day[first : first + round(DAYS_PER_YEAR)].sum())
    return float(market.pool.opening_usd) / (tokens * market.price_usd) if tokens > 0 else None


def market_words(scenario: Scenario) -> str:
    """What `twin check` always says of the market: holders' pot over the first year's subsidy, or that the price is an open loop."""
    price = next(iter(scenario.spec.token.values())).price
    if cleared_of(price) is None:
        return "price: open loop, it answers neither to what operators sell nor to what customers buy"
    years = pot_over_first_year(scenario)
    if years is None:
        return "price: clears every day; holders' pot over the first year's subsidy is not known beforehand, as the subsidy follows the network's state"
    return f"price: clears every day; holders begin with {years:.2g} x the first year's scheduled subsidy at the opening price"


def market_warnings(scenario: Scenario) -> Iterable[Problem]:
    """`never_listed`: nobody can trade before the run ends; `rests_on_the_pot`: operators of the first year could take out what holders have ready."""
    token, about = next(iter(scenario.spec.token.items()))
    cleared, end = cleared_of(about.price), scenario.spec.calendar.end
    if cleared is not None and cleared.listing_date is not None and cleared.listing_date >= end:
        yield Problem(
            "never_listed",
            f"nobody can sell or buy a token before {cleared.listing_date}, and the run ends on {end}: its price stands still and no dollar comes out of it.",
            file=scenario.file, path=f"token.{token}.price.listing_date", suggestion="list it earlier, or let the calendar end later",
        )  # fmt: skip
    years = pot_over_first_year(scenario)
    if years is not None and years < POT_OF_FEW_YEARS:
        yield Problem(
            "rests_on_the_pot",
            f"holders have {years:.2g} x the first year's subsidy ready, at the opening price: what operators can be paid rests on opening_pot_usd more than on emission.",
            file=scenario.file, path=f"token.{token}.price",
            suggestion="say so beside the verdict, and try holders_money_scale 0.1 and 10",
        )  # fmt: skip
