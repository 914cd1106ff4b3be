"""Variants that any scenario has without stating them: what a held price, a regime of the market, a shock or cheats in number would do to it.

Each is worked out from the scenario's own values, as dotted paths with new values, and nothing else is changed. A file's own variant of the same name goes
first. Some scenarios cannot have some of them: asking for one raises `CannotBe` with the reason. All sizes are assumed; they are those of a bad year, not of a
forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np

from twin import registry
from twin.errors import Problem
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.price import ConstantPriceSpec, SeriesPriceSpec
from twin.scenario.series import load_series
from twin.units import DAYS_PER_YEAR

FLAT_PRICE = "flat_price"
CRASH = "crash"
CRASH_MOOD_LOG_RATIO, CRASH_POT_SHARE = -1.5, 0.5
"""What the news of a crash adds to the mood, and the part of holders' dollars that leaves."""
DAYS_AFTER_HISTORY = 90
"""A shock comes so long after the last dated price, or in the middle of the calendar where that is too late."""
ATTACK_MULTIPLE = 10
SHOCK_DEMAND_SHARE, SHOCK_DAYS = 0.5, round(DAYS_PER_YEAR)
"""What is left of customers' demand in a made shock, and for how long."""
BUYERS = ("customers", "markets", "uploaders")
"""Sections of those who buy what a network does."""
SIZES = ("farms", "nodes", "n_claimed_gpus", "n_nodes", "drivers", "sites")
"""Fields that say how large a campaign of cheats is; the first that a campaign has is multiplied. A claim of so many cards stands before the nodes that make it: more nodes
are more sites, for which luck would be drawn from the first day."""
LIMITS = ("most_nodes", "budget_usd")
"""Fields that say how far a campaign may grow; multiplied where they are stated, nodes where nodes are what grows."""
CONTROLLED_MOST_SHARE, CONTROLLED_POT_SHARE = 2.0, 0.05
"""The most of what the rules emit that a made controller emits, and the most of holders' pot that it commits in a month."""
RESERVE_DAYS = round(DAYS_PER_YEAR)
"""A treasury that pays in dollars begins with the worth of so many days of operators' emission."""
RESERVE_USD = 1_000_000.0
"""What it begins with where emission depends on the state of the network."""


class CannotBe(Exception):
    """A scenario cannot have a made variant; the text says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a made variant is worked out from: the typed values, and the folder whose tables they name (None: bundled ones alone)."""

    spec: Any
    base_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """One made variant: what it does, in words, and the dotted paths that it changes."""

    does: str
    changes: Callable[[Facts], dict[str, Any]]


# -- the price -----------------------------------------------------------------------------------------------------
def _flat_price(facts: Facts) -> dict[str, Any]:
    prices = {name: getattr(token, "price", None) for name, token in facts.spec.token.items()}
    found = {f"token.{name}.price": {"kind": "constant_from", "date": "taper_begin"} for name, price in prices.items() if price is not None and price.kind != "constant_from"}
    return found or _cannot("the price is held by the scenario itself")


def _regime(name: str) -> Callable[[Facts], dict[str, Any]]:
    return lambda facts: {f"token.{token}.price.mood.regime": name for token, _ in _markets(facts)}


def _crash(facts: Facts) -> dict[str, Any]:
    found = {}
    for token, market in _markets(facts, moves_by_itself=False):
        name = CRASH if CRASH not in market.announced else f"made_{CRASH}"
        day = shock_day(facts)
        if market.listing_date is not None and day < market.listing_date:
            day = _middle(market.listing_date, facts.spec.calendar.end)
        if day >= facts.spec.calendar.end:
            _cannot("nobody can trade the token before the calendar ends")
        found[f"token.{token}.price.announced.{name}"] = {"date": day, "mood_log_ratio": CRASH_MOOD_LOG_RATIO, "pot_share": CRASH_POT_SHARE}
    return found


def _markets(facts: Facts, *, moves_by_itself: bool = True) -> list[tuple[str, ClearedPriceSpec]]:
    """Tokens whose market clears, and moves by itself before the calendar ends."""
    found = _cleared(facts)
    if not found:
        _cannot("no market clears here: the price is held, or told from outside")
    ends = [last for _, market in found if (last := _last_dated(market, facts.base_dir)) is not None]
    if moves_by_itself and ends and min(ends) + timedelta(days=1) >= facts.spec.calendar.end:
        _cannot(f"the market of the token follows dated prices until {min(ends)}, and so to the end of the calendar")
    return found


def _cleared(facts: Facts) -> list[tuple[str, ClearedPriceSpec]]:
    """Tokens whose market clears."""
    return [(name, token.price) for name, token in facts.spec.token.items() if isinstance(getattr(token, "price", None), ClearedPriceSpec)]


def _last_dated(market: ClearedPriceSpec, base_dir: Path | None) -> date | None:
    """The last day on which a market follows its history; None without one."""
    history = market.history
    return None if history is None else history.until or load_series(history.series, base_dir=base_dir).last


def shock_day(facts: Facts) -> date:
    """The day of a made shock: 90 days after the last dated price, or the middle of the calendar where that lies outside of it or there is none."""
    calendar = facts.spec.calendar
    prices = [getattr(token, "price", None) for token in facts.spec.token.values()]
    ends = [last for price in prices if isinstance(price, ClearedPriceSpec) and (last := _last_dated(price, facts.base_dir)) is not None]
    day = max(ends) + timedelta(days=DAYS_AFTER_HISTORY) if ends else calendar.start
    return day if calendar.start < day < calendar.end else _middle(calendar.start, calendar.end)


def _middle(first: date, end: date) -> date:
    return first + (end - first) // 2


# -- pay, and cheats -----------------------------------------------------------------------------------------------
def _stable_pay(facts: Facts) -> dict[str, Any]:
    if not getattr(facts.spec, "operators_earn_tokens", True):
        _cannot("operators earn dollars, from customers and grants, and no token")
    found: dict[str, Any] = {}
    for name, token in facts.spec.token.items():
        if not hasattr(token, "pay_out_in"):
            _cannot("providers need tokens to pledge, so the token has no `pay_out_in`")
        if token.pay_out_in == "usd":
            _cannot("operators are paid in dollars already")
        if isinstance(token.price, ConstantPriceSpec) and token.price.moving is None:
            _cannot("the price never moves, so a token is as good as dollars")
        found |= {f"token.{name}.pay_out_in": "usd", f"token.{name}.pay_out_reserve_usd": _reserve_usd(facts, token)}
    return found


def _reserve_usd(facts: Facts, token: Any) -> float:
    """A year of operators' scheduled emission from the first that the calendar has, at the price of its first day; three digits, USD."""
    calendar = facts.spec.calendar
    schedule = registry.network(facts.spec.network.kind).schedule(facts.spec)
    if schedule is None:
        return RESERVE_USD
    from_day = max((calendar.start - schedule.start).days, 0)
    tokens = np.asarray(schedule.tokens_per_day)[from_day:]
    paid = np.flatnonzero(tokens > 0)
    if not len(paid):
        _cannot("the rules emit nothing to operators within the calendar")
    first = int(paid[0])
    usd = float(tokens[first : first + RESERVE_DAYS].sum()) * _price_usd(token.price, schedule.start + timedelta(days=from_day + first), facts.base_dir)
    return float(f"{usd:.3g}") if usd > 0 else RESERVE_USD


def _price_usd(price: Any, day: date, base_dir: Path | None) -> float:
    """What a token costs on a day as far as a file states it: a dated price, the first one, or that of the opening pot and float; 0 where none of them is stated."""
    if isinstance(price, ConstantPriceSpec):
        return price.price_usd if price.price_usd is not None else _price_usd(price.moving, day, base_dir)
    if isinstance(price, SeriesPriceSpec) or (isinstance(price, ClearedPriceSpec) and price.history is not None):
        series = load_series(price.series if isinstance(price, SeriesPriceSpec) else price.history.series, base_dir=base_dir)  # type: ignore[union-attr]
        return series.on(min(max(day, series.first), series.last))
    if getattr(price, "start_usd", None) is not None:
        return float(price.start_usd)
    if isinstance(price, ClearedPriceSpec) and price.opening_pot_usd is not None and price.opening_float_tokens is not None:
        share = price.mood.usual_share
        return price.opening_pot_usd / price.opening_float_tokens * share / (1 - share)
    return 0.0


def _attack(facts: Facts) -> dict[str, Any]:
    if (attacked := getattr(facts.spec, "attacked", None)) is not None and (own := attacked(ATTACK_MULTIPLE)):
        return dict(own)
    adversaries = getattr(facts.spec, "adversaries", None)
    if adversaries is None:
        _cannot("no campaign of cheats can be stated for this kind of network")
    if not adversaries:
        _cannot("nobody cheats here: `adversaries` is empty")
    found = {}
    for name, campaign in adversaries.items():
        learns = getattr(campaign, "learns", None) is not None  # a ring that learns is one farm, and its nodes are what is multiplied
        size = next((field for field in SIZES if field in type(campaign).model_fields and not (learns and field == "farms")), None)
        if size is None:
            _cannot(f"{name} has no size that could grow")
        for field in (size, *(limit for limit in LIMITS if limit != "most_nodes" or size != "n_claimed_gpus")):
            if getattr(campaign, field, None) is not None:
                found[f"adversaries.{name}.{field}"] = getattr(campaign, field) * ATTACK_MULTIPLE
    return found


def _controlled(facts: Facts) -> dict[str, Any]:
    spec = facts.spec
    if why := getattr(spec, "why_emission_is_not_steered", "a scenario of this kind states no policies"):
        _cannot(why)
    if any(policy.enabled and policy.steers == "emission" for policy in spec.policies.values()):
        _cannot("the scenario states a policy of emission itself")
    first = max([spec.calendar.start, *(market.listing_date for _, market in _cleared(facts) if market.listing_date is not None)])
    starts = _middle(first, shock_day(facts))
    if not starts < spec.calendar.end:
        _cannot("nobody can trade the token before the calendar ends")
    bound = {"bound": {"most_pot_share_per_month": CONTROLLED_POT_SHARE}} if _cleared(facts) else {}
    return {"policies.controlled": {"kind": "pid", "starts": starts, "measures": "nodes_online", "most_share": CONTROLLED_MOST_SHARE, **bound}}


def _demand_shock(facts: Facts) -> dict[str, Any]:
    spec = facts.spec
    if not any(getattr(spec, section, None) for section in BUYERS):
        _cannot("nobody buys anything here")
    if spec.customers_demand_share:
        _cannot("the scenario states `customers_demand_share` itself")
    begins = shock_day(facts)
    back = begins + timedelta(days=SHOCK_DAYS)
    buyers = [each for section in BUYERS for each in (getattr(spec, section, None) or {}).values()]
    if all((ends := getattr(each, "ends", None)) is not None and ends <= begins for each in buyers):
        _cannot(f"the last of those who buy has gone by {begins}, the day of the shock")
    if all((starts := getattr(each, "starts", None)) is not None and starts >= back for each in buyers):
        _cannot(f"nobody buys anything before {back}, when the shock would be over")
    return {"customers_demand_share": {begins: SHOCK_DEMAND_SHARE} | ({back: 1.0} if back < spec.calendar.end else {})}


def _cannot(why: str) -> NoReturn:
    raise CannotBe(why)


MADE: Mapping[str, Made] = MappingProxyType({
    "attack": Made("every campaign of cheats that the scenario states, ten times as large", _attack),
    "bear": Made("holders want less of the token from the end of its dated prices on: one long bear market", _regime("bear")),
    "bull": Made("holders want more of the token from the end of its dated prices on: one long bull market", _regime("bull")),
    "calm": Made("neither bull nor bear markets: the market keeps its noise and what it answers to flows", _regime("calm")),
    "controlled": Made("from half-way to a made shock's day on emission holds the number of nodes that it finds, by a controller that is bound by holders' pot", _controlled),
    CRASH: Made("bad news on one day: half of holders' dollars leave, and the rest want far less of the token", _crash),
    "demand_shock": Made("for a year customers use half of what they would", _demand_shock),
    FLAT_PRICE: Made("the price constant from T0 on", _flat_price),
    "stable_pay": Made("operators are paid in dollars by a treasury that begins with a year of their emission and sells what it takes over", _stable_pay),
})  # fmt: skip
"""Name -> what it does and how it is made."""


def changes_of(name: str, facts: Facts) -> dict[str, Any]:
    """Dotted path -> value of the made variant of that name. Raises CannotBe with the reason where the scenario cannot have it."""
    return MADE[name].changes(facts)


def those_of(facts: Facts) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The made variants that a scenario can have with what they change, and those that it cannot have with the reason."""
    can: dict[str, dict[str, Any]] = {}
    cannot: dict[str, str] = {}
    for name in MADE:
        try:
            can[name] = changes_of(name, facts)
        except CannotBe as reason:
            cannot[name] = str(reason)
    return can, cannot


def refusal(name: str, why: str, *, file: Path | str | None) -> Problem:
    """That a scenario cannot have a made variant."""
    return Problem("no_such_variant", f'the variant "{name}" cannot be made of this scenario: {why}.', file=file, path="variants")
