"""The market of a run's token: open loops move by themselves, a market that clears is asked every morning.

The history of a token is worked out from the scenario as it stands in its file, so that no seed, draw, variant or option changes what holders once wanted.
Only `allocations` count as they are lived, those of a variant or a draw too: who sold beside the dated flows is a guess about the same past, whose price is
a fact; another guess means that holders wanted something else. What it would have been without the unlocks is told by the switch `unlocks`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from twin.arrays import Floats
from twin.economy.clearing import ClearingMarket, DatedFlows, History, history_of, noise_per_day, price_by_day
from twin.economy.emission import values_on
from twin.economy.market import Market, frozen
from twin.economy.sellers import sellers_of_history
from twin.errors import InputError, Problem
from twin.kernel import Clock
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
    """Mood and new money of the token's dated prices and flows; None where it has none. They are the file's own, whatever a variant or a draw changes,
    but for their end: a variant that states an earlier `until` is told no price after it (`twin backtest` cuts there)."""
    if price.history is None:
        return None
    in_file = cleared_of(getattr(scenario.reference.spec.token.get(token), "price", None))
    plain = in_file if in_file is not None and in_file.history is not None else price
    spec = plain.history
    assert spec is not None
    table = load_series(spec.series, base_dir=base_dir)
    ends = min(spec.until or table.last, price.history.until or table.last)
    rows = table.dates <= np.datetime64(ends)
    days, values = table.dates[rows].astype(np.int64), table.values[rows]
    begins = max(table.first, plain.listing_date or table.first)
    before = (begins - table.first).days
    if not len(days) or before > days[-1] - days[0]:
        raise InputError(
            Problem(
                "no_dated_price",
                f"{spec.series} has no row from {begins} to {ends}",
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
    held = getattr(scenario.spec.token.get(token), "allocations", {})
    sellers = partial(sellers_of_history, held, start=scenario.spec.calendar.start, begins=begins)
    return history_of(
        flows, usual_share=plain.mood.usual_share, noise_per_day=noise_per_day(days, values), folder=cache, offers=(lambda: sellers().step) if held else None,
        offers_by=json.dumps([scenario.spec.calendar.start.isoformat(), {name: each.model_dump(mode="json") for name, each in held.items()}], sort_keys=True),
    )  # fmt: skip
