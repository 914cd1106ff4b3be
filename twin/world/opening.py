"""What holders of a token begin with, held against what operators are to be paid in the first year: said before a run, and on its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from twin.economy.clearing import ClearingMarket
from twin.economy.emission import first_day, supply_before
from twin.economy.sellers import sellers_before
from twin.errors import Problem
from twin.geo.map_cache import cache_folder
from twin.judging import dated_by_rules
from twin.kernel import DAYS_PER_YEAR, Clock
from twin.scenario import Scenario
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.price import ConstantPriceSpec, cleared_of
from twin.scenario.sections.token import TokenSpec
from twin.world.markets import market_of

POT_OF_FEW_YEARS = 2.0
"""Where holders' pot is worth fewer years of the first year's emission than this, the verdict rests on the pot (assumed)."""
MOVES_LITTLE_ABOVE = 0.9
"""Where the rest of the network answers to the mint's worth with at least this elasticity, pay here moves with its tenth power or less: little (assumed)."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Opening:
    """Holders' dollars and tokens on the day of the listing, and the first year's scheduled subsidy from then on."""

    pot_usd: float
    float_tokens: float
    price_usd: float
    """As dated or stated, whatever the pot is; what pot and float make it where nothing else says."""
    price_is: str
    subsidy_tokens: float
    answers_elasticity: float = 0.0
    """How the number of nodes elsewhere answers to what the mint is worth; 0: there is no elsewhere, or it does not answer."""

    @property
    def pot_over_first_year(self) -> float:
        """Holders' dollars over those that the first year's subsidy is worth at the opening price."""
        return self.pot_usd / (self.subsidy_tokens * self.price_usd)

    @property
    def float_over_first_year(self) -> float:
        """Holders' tokens over those of the first year's subsidy."""
        return self.float_tokens / self.subsidy_tokens

    @property
    def is_pot_small(self) -> bool:
        """Whether operators of the first years could take out what holders have ready."""
        return self.pot_over_first_year < POT_OF_FEW_YEARS

    @property
    def rests_on_the_pot(self) -> bool:
        """Whether what operators could be paid rests on a small pot; not where nodes elsewhere come and go with it, and pay by node stays."""
        return self.is_pot_small and not self.rest_answers

    @property
    def rest_answers(self) -> bool:
        """Whether as many come or go elsewhere as the mint's worth feeds, so that pay here moves little with the pot."""
        return self.answers_elasticity >= MOVES_LITTLE_ABOVE

    @property
    def facts(self) -> dict[str, float | str]:
        """What the manifest says of it."""
        return {
            "pot_over_first_year": self.pot_over_first_year, "float_over_first_year": self.float_over_first_year,
            "opening_price_usd": self.price_usd, "opening_price_is": self.price_is, "rests_on_the_pot": self.rests_on_the_pot,
            "rest_answers": self.rest_answers,
        }  # fmt: skip


def opening_of(scenario: Scenario, *, cache: Path | None = None) -> Opening | None:
    """What holders begin with; None where the price does not clear, or no rule schedules a subsidy."""
    spec = scenario.spec
    schedule, market = scenario.network.schedule(spec), _market(scenario, cache)
    if schedule is None or market is None:
        return None
    first = max((market.listed_on - schedule.start).days, 0)
    tokens = float(schedule.tokens_per_day[first : first + round(DAYS_PER_YEAR)].sum())
    if tokens <= 0:
        return None
    return Opening(float(market.pool.opening_usd), float(market.pool.opening_tokens), *_price(market), tokens, _answers(scenario, market))


def _price(market: ClearingMarket) -> tuple[float, str]:
    """The opening price that does not hang on the pot, if there is one, and where it is from."""
    history, stated = market.history, market.spec.start_usd
    if history is not None:
        row = min(max((market.listed_on - history.first).days, 0), history.n_days - 1)
        return float(history.price_usd[row]), "dated"
    return (market.price_usd, "what pot and float make it") if stated is None else (stated, "stated")


def _answers(scenario: Scenario, market: ClearingMarket) -> float:
    """The elasticity of nodes elsewhere; 0 where nothing is outside, or no history says what was minted (`Books.open_to_entry`)."""
    outside: Any = getattr(scenario.spec, "outside", None)
    return float(outside.answers_elasticity) if outside is not None and market.history is not None and len(market.history.minted_usd) else 0.0


def _market(scenario: Scenario, cache: Path | None) -> ClearingMarket | None:
    """The market as the life will find it on its first day, whenever a taper that only a life tells may make its price constant."""
    spec = scenario.spec
    token, about = next(iter(spec.token.items()))
    if cleared_of(about.price) is None:
        return None
    base_dir = scenario.path.parent if scenario.path else None
    market = market_of(
        scenario, token, about.price, clock=Clock(spec.calendar.start, spec.calendar.end), base_dir=base_dir, taper_begin=dated_by_rules(scenario).taper.begins or spec.calendar.end,
        cache=cache_folder(cache),
    )  # fmt: skip
    assert isinstance(market, ClearingMarket)
    return market


def market_words(scenario: Scenario) -> str:
    """What `twin check` always says of the market: holders' dollars and tokens over the first year's subsidy, or that the price is an open loop."""
    price = next(iter(scenario.spec.token.values())).price
    if cleared_of(price) is None:
        return "price: open loop, it answers neither to what operators sell nor to what customers buy"
    opening = opening_of(scenario)
    if opening is None:
        return "price: clears every day; holders' pot over the first year's subsidy is not known beforehand, as the subsidy follows the network's state"
    return (
        f"price: clears every day; holders begin with {opening.pot_usd:,.0f} USD, {opening.pot_over_first_year:.2g} x what the first year's scheduled subsidy is worth at the opening "
        f"price ({opening.price_usd:.3g} USD, {opening.price_is}), and with {opening.float_over_first_year:.2g} x its tokens"
    )


def market_warnings(scenario: Scenario) -> Iterable[Problem]:
    """`never_listed`: nobody can trade before the run ends; `rests_on_the_pot`: operators of the first year could take out what holders have ready;
    `small_pot_elsewhere`: they could, but the rest of the network answers to it;
    `read_by_nothing`: a treasury that pays nobody in dollars, a history that only a file can change."""
    token, about = next(iter(scenario.spec.token.items()))
    cleared, end = cleared_of(about.price), scenario.spec.calendar.end
    if getattr(about, "pay_out_in", "usd") == "tokens" and about.pay_out_reserve_usd > 0:
        yield Problem(
            "read_by_nothing", "operators are paid in tokens, so no treasury spends this reserve: it changes nothing.",
            path=f"token.{token}.pay_out_reserve_usd", suggestion="pay_out_in: usd makes the treasury pay; or leave the reserve out",
        )  # fmt: skip
    if cleared is not None and cleared.listing_date is not None and cleared.listing_date >= end:
        yield Problem(
            "never_listed",
            f"nobody can sell or buy a token before {cleared.listing_date}, and the run ends on {end}: its price stands still and no dollar comes out of it.",
            path=f"token.{token}.price.listing_date", suggestion="list it earlier, or let the calendar end later",
        )  # fmt: skip
    in_file = cleared_of(getattr(scenario.reference.spec.token.get(token), "price", None))
    if cleared is not None and in_file is not None and in_file.history is not None and in_file.history != cleared.history:
        yield Problem(
            "read_by_nothing", "what holders once wanted is worked out from the file's own history, whatever a variant or --set says of it: this changes nothing.",
            path=f"token.{token}.price.history", suggestion="write it in a file of its own, or turn holders_money_scale, opening_pot_usd or new_money_follows",
        )  # fmt: skip
    opening = opening_of(scenario)
    if opening is None:
        return
    if opening.is_pot_small and opening.rest_answers:
        yield Problem(
            "small_pot_elsewhere",
            f"holders have {opening.pot_usd:,.0f} USD ready, {opening.pot_over_first_year:.2g} x what the first year's subsidy is worth at the opening price; "
            "but the rest of the network answers to what the mint is worth: with a smaller pot fewer share it elsewhere, so pay here moves little.",
            path=f"token.{token}.price",
            suggestion="say so beside the verdict, and try holders_money_scale 0.1 and 10, or outside.answers_elasticity 0",
        )  # fmt: skip
    elif opening.rests_on_the_pot:
        yield Problem(
            "rests_on_the_pot",
            f"holders have {opening.pot_usd:,.0f} USD ready, {opening.pot_over_first_year:.2g} x what the first year's subsidy is worth at the opening price: "
            "what operators can be paid rests on this pot more than on emission.",
            path=f"token.{token}.price",
            suggestion="say so beside the verdict, and try holders_money_scale 0.1 and 10",
        )  # fmt: skip


# -- a float that cannot be ----------------------------------------------------------------------------------------
def float_problems(scenario: Scenario) -> Iterable[Problem]:
    """`float_not_there`: holders would begin with more tokens than exist on the day of the listing, by the rules of the scenario's file."""
    market = _market(scenario, None)
    if market is None:
        return
    token, about = next(iter(scenario.spec.token.items()))
    wanted, exists = float(market.pool.opening_tokens), tokens_that_exist(scenario, market.listed_on)
    if exists is None or wanted <= exists * (1 + ROUNDING):
        return
    cleared = cleared_of(about.price)
    assert isinstance(cleared, ClearedPriceSpec)
    inside = f"{'.before' if isinstance(about.price, ConstantPriceSpec) else ''}{'' if cleared.history is None else '.history'}"
    yield Problem(
        "float_not_there",
        f"holders would have {wanted:,.0f} tokens on {market.listed_on}, and by the rules of this file no more than {exists:,.0f} exist by then: expected at most those.",
        path=f"token.{token}.price{inside}.opening_float_tokens",
        suggestion="State the tokens that really are in the hands of those who trade, or more that exist before the first day.",
    )  # fmt: skip


def allocation_problems(scenario: Scenario) -> Iterable[Problem]:
    """`locked_not_there`: by the rules of the scenario's file less exists on the first day than is locked then and in holders' hands."""
    token, about = next(iter(scenario.spec.token.items()))
    held, start = getattr(about, "allocations", {}), scenario.spec.calendar.start
    market = _market(scenario, None) if held else None
    exists = None if market is None else _exist(scenario, start)
    if market is None or exists is None:
        return
    sellers = sellers_before(held, start=start, history=market.history)
    locked = sum(seller.locked_tokens for seller in sellers.each.values() if seller.spec.is_locked_apart) + sellers.free_tokens
    wrong = locked_problem(f"{token}.allocations", locked_tokens=locked, float_tokens=float(market.pool.float_tokens), exists_tokens=exists)
    if wrong is not None:
        yield wrong


def locked_problem(token: str, *, locked_tokens: float, float_tokens: float, exists_tokens: float) -> Problem | None:
    """The problem `locked_not_there`, if these tokens are not all there on the first day; `token` is the path below `token`."""
    if locked_tokens <= 0 or locked_tokens + float_tokens <= exists_tokens * (1 + ROUNDING):
        return None
    return Problem(
        "locked_not_there",
        f"{locked_tokens:,.0f} tokens are locked, or free and not sold, on the first day and {float_tokens:,.0f} are holders' float: more than the {exists_tokens:,.0f} that exist then for both.",
        path=f"token.{token}",
        suggestion="Lower them or the float, raise what exists before the first day, or say is_in_supply: false of tokens that are minted as they come free.",
    )


def tokens_that_exist(scenario: Scenario, day: date) -> float | None:
    """The most tokens that exist on a day, as far as rules tell: those of the scenario or of its file, whichever mint more. None: not known.

    The file's too, so that a variant that mints less still has the listing that its file states: it begins with a smaller float.
    """
    found = [tokens for each in (scenario, scenario.reference) if (tokens := _exist(each, day)) is not None]
    return max(found) if found else None


def _exist(scenario: Scenario, day: date) -> float | None:
    """Tokens that exist on a day; all that exist by the end of the calendar where there are none yet."""
    spec: Any = scenario.spec
    about = next(iter(spec.token.values()))
    before = getattr(spec, "exists_before_tokens", getattr(about, "exists_before_tokens", None))
    for until in (day, spec.calendar.end):
        if isinstance(about, TokenSpec):
            begins = min([first_day(about.emission), *(mint.starts for mint in about.other_mints.values())])
            exists = supply_before(about, until) if begins < until else 0.0
        elif before is None:
            return None
        else:
            exists = before + _scheduled(scenario, until)
        if exists > 0:
            return exists
    return 0.0


def _scheduled(scenario: Scenario, until: date) -> float:
    """Tokens that rules pay operators from the first day of the calendar to a day."""
    schedule = scenario.network.schedule(scenario.spec)
    if schedule is None:
        return 0.0
    first, last = (max((day - schedule.start).days, 0) for day in (scenario.spec.calendar.start, until))
    return float(schedule.tokens_per_day[first:last].sum())
