"""History as mood and new money: with the dated flows its price comes back, with others it answers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from twin.economy.clearing import ClearingMarket, DatedFlows, History, history_of, inverted, noise_per_day, price_by_day
from twin.errors import InputError
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.series import load_series

HNT = load_series("hnt-usd-monthly")
START, LISTED = date(2020, 6, 30), date(2020, 6, 30)
UNTIL = date(2024, 8, 31)


def dated(scale: float = 1.0) -> DatedFlows:
    """HNT with some 96,000 tokens a day sold, halved once, and customers who burn a little."""
    known = HNT.dates <= np.datetime64(UNTIL)
    days = HNT.dates[known].astype(np.int64)
    price = price_by_day(days, HNT.values[known])
    offered = np.where(np.arange(len(price)) < 397, 96_000.0, 48_000.0) * 0.6 * scale
    return DatedFlows(START, price, offered, np.linspace(10.0, 6_000.0, len(price)), 30e6)


@pytest.fixture(scope="module")
def history() -> History:
    return inverted(dated(), usual_share=0.5, noise_per_day=0.06)


def spec(**more: object) -> ClearedPriceSpec:
    facts = {"kind": "cleared", "history": {"series": "hnt-usd-monthly", "opening_float_tokens": 30e6}}
    return ClearedPriceSpec.model_validate(facts | more)


def live(
    history: History, flows: DatedFlows, *, start: date = START, days: int | None = None, **more: object
) -> tuple[ClearingMarket, np.ndarray]:
    """A life with these flows: the market, and its price by day."""
    market = ClearingMarket(spec(**more), start=start, history=history)
    first = (start - START).days
    prices = []
    for row in range(first, len(flows.price_usd) if days is None else first + days):
        known = min(row, len(flows.price_usd) - 1)
        market.sell("operators", float(flows.offered_tokens[known]))
        market.spend("customers", float(flows.spent_usd[known]), "usage", by_customers=True)
        prices.append(market.clear(START + timedelta(days=row)).price_usd)
    return market, np.array(prices)


def test_the_dated_flows_bring_history_back(history: History) -> None:
    flows = dated()
    _, prices = live(history, flows)
    points = (HNT.dates[HNT.dates <= np.datetime64(UNTIL)] - np.datetime64(START)).astype(int)
    np.testing.assert_allclose(prices[points], HNT.values[: len(points)], rtol=1e-12)
    np.testing.assert_allclose(prices, flows.price_usd, rtol=1e-12)


@pytest.mark.parametrize("follows", ["dollars", "pot"])
def test_a_life_that_begins_later_finds_the_dated_pot(history: History, follows: str) -> None:
    flows = dated()
    _, prices = live(history, flows, start=date(2022, 3, 3), new_money_follows=follows)
    np.testing.assert_allclose(prices, flows.price_usd[(date(2022, 3, 3) - START).days :], rtol=1e-12)


def test_holders_want_between_a_tenth_and_nine_tenths(history: History) -> None:
    share = 1 / (1 + np.exp(-history.mood))
    assert share.min() >= 0.1 - 1e-12 and share.max() <= 0.9 + 1e-12
    assert (history.pot_usd > 0).all() and (history.float_tokens > 0).all() and (history.new_money_share > -1).all()


def test_ten_times_the_emission_is_a_lower_price_and_no_more_than_the_pots_dollars(history: History) -> None:
    flows = dated()
    base, prices = live(history, flows)
    in_dollars, cheap = live(history, dated(10.0))
    as_share, cheaper = live(history, dated(10.0), new_money_follows="pot")
    assert cheap[-2] < 0.3 * prices[-2] and cheaper[-2] < 0.05 * prices[-2]
    assert 1.0 < in_dollars.pool.sales_usd / base.pool.sales_usd < 2.0
    assert as_share.pool.sales_usd < 0.5 * base.pool.sales_usd
    _, dear = live(history, dated(0.5))
    assert dear[-2] > prices[-2]


def test_holders_money_is_linear(history: History) -> None:
    """Without purchases in dollars, price and dollars taken are linear in the pot and in new money."""
    flows = dated()
    quiet = DatedFlows(flows.first, flows.price_usd, flows.offered_tokens, 0 * flows.spent_usd, flows.opening_float_tokens)
    ours = inverted(quiet, usual_share=0.5, noise_per_day=0.06)
    base, _ = live(ours, quiet)
    rich, _ = live(ours, quiet, holders_money_scale=10.0)
    poor, _ = live(ours, quiet, holders_money_scale=0.1)
    assert rich.pool.sales_usd == pytest.approx(10 * base.pool.sales_usd, rel=1e-9)
    assert poor.pool.sales_usd == pytest.approx(0.1 * base.pool.sales_usd, rel=1e-9)


def test_the_end_of_history_is_no_forecast(history: History) -> None:
    """On the last day the pot becomes worth the float at rest: without flows and without noise the price then stays where it is."""
    flows = dated()
    market, prices = live(history, flows)
    assert market.pool.pot_usd == pytest.approx(market.price_usd * float(market.pool.float_tokens), rel=1e-9)
    quiet = ClearingMarket(spec(mood={"trend_gain": 0, "value_per_day": 0}), start=UNTIL + timedelta(days=1), history=history)
    assert quiet.price_usd == pytest.approx(flows.price_usd[-1])
    for day in range(400):
        quiet.clear(UNTIL + timedelta(days=1 + day))
    assert quiet.price_usd == pytest.approx(flows.price_usd[-1], rel=1e-9)


@pytest.mark.parametrize("start", [date(2022, 3, 3), UNTIL, UNTIL + timedelta(days=1), UNTIL + timedelta(days=500)])
def test_a_stated_pot_is_the_pot_whenever_a_life_begins(history: History, start: date) -> None:
    assert ClearingMarket(spec(opening_pot_usd=1e6), start=start, history=history).pool.pot_usd == 1e6
    assert ClearingMarket(spec(opening_pot_usd=1e6, holders_money_scale=3.0), start=start, history=history).pool.pot_usd == 3e6


def test_a_life_with_another_rest_has_no_jump_either(history: History) -> None:
    flows = dated()
    market, prices = live(history, flows, mood={"usual_share": 0.8, "trend_gain": 0, "value_per_day": 0})
    assert market.price_usd == pytest.approx(flows.price_usd[-1])
    after = market.clear(UNTIL + timedelta(days=1)).price_usd
    assert after == pytest.approx(prices[-1], rel=1e-9)


def test_every_life_gains_or_loses_the_same_share(history: History) -> None:
    changes = []
    for scale in (1.0, 5.0):
        market, _ = live(history, dated(scale), days=len(history.mood) - 1)
        market.clear(UNTIL)
        last = market.history.new_money_usd[-1]  # type: ignore[union-attr]
        come = last if last >= 0 else 0.0
        changes.append((market, come))
    for market, _ in changes:
        assert np.exp(market.mood.rest) * market.pool.pot_usd == pytest.approx(market.price_usd * market.pool.float_tokens, rel=1e-6)


def test_flows_that_cannot_have_been_are_refused() -> None:
    flows = dated()
    with pytest.raises(InputError, match="more tokens were bought") as caught:
        inverted(
            DatedFlows(flows.first, flows.price_usd, flows.offered_tokens, flows.spent_usd + 1e9, 30e6), usual_share=0.5, noise_per_day=0.06
        )
    assert caught.value.codes == ("dated_flows_impossible",)


def test_history_is_kept_by_content(tmp_path: Path) -> None:
    first = history_of(dated(), usual_share=0.5, noise_per_day=0.06, folder=tmp_path)
    again = history_of(dated(), usual_share=0.5, noise_per_day=0.06, folder=tmp_path)
    assert len(list(tmp_path.glob("market-*"))) == 1
    assert (first.mood == again.mood).all() and first.reset_share == again.reset_share and again.first == START
    history_of(dated(1.01), usual_share=0.5, noise_per_day=0.06, folder=tmp_path)
    assert len(list(tmp_path.glob("market-*"))) == 2


def test_noise_comes_from_dated_points_alone() -> None:
    days = np.arange(0, 300, 10)
    walk = np.exp(np.cumsum(np.where(np.arange(30) % 2, 0.1, -0.1)))
    assert noise_per_day(days, walk) == pytest.approx(0.1 / np.sqrt(10))
    assert noise_per_day(days[:23], walk[:23]) == 0.08


def test_a_long_gap_wanders_and_a_short_one_does_not() -> None:
    days, prices = np.array([0, 40, 240, 241]), np.array([1.0, 2.0, 1.0, 3.0])
    daily = price_by_day(days, prices)
    assert (daily[days] == prices).all()
    assert np.allclose(np.diff(np.log(daily[:41])), np.log(2) / 40)
    assert 0.04 < np.diff(np.log(daily[40:241])).std() < 0.12
    assert (price_by_day(days, prices) == daily).all()
    other = price_by_day(np.array([0, 20, 40, 240, 241]), np.array([1.0, 1.5, 2.0, 1.0, 3.0]))
    assert np.allclose(other[40:241], daily[40:241])


def test_over_a_year_and_more_the_line_is_straight() -> None:
    """Nobody quoted a price there, and a bridge would only be the luck of its seed: io.net's 22 months hold 5.19 USD by noise where the line says 1.11."""
    days, prices = np.array([0, 365, 400]), np.array([4.0, 1.0, 2.0])
    daily = price_by_day(days, prices)
    assert np.allclose(np.diff(np.log(daily[:366])), -np.log(4) / 365)


def test_a_shock_of_ones_own_fades_beside_the_replay(history: History) -> None:
    """News takes a fifth of the pot and half a unit of mood; of the mood half is back after 180 days."""
    heard = date(2021, 6, 1)
    flows = dated()
    market, prices = live(history, flows, announced={"security": {"date": heard}})
    row = (heard - START).days
    assert (prices[:row] == live(history, flows)[1][:row]).all()
    assert prices[row] / flows.price_usd[row] == pytest.approx(0.8 * np.exp(-0.5), rel=0.02)
    assert float(market.mood.news) == pytest.approx(-0.5 * 0.5 ** ((UNTIL - heard).days / 180))


def test_skill_is_told_on_dated_points_alone(history: History) -> None:
    flows = dated()
    _, prices = live(history, flows, start=date(2022, 1, 1))
    skill = history.skill(prices, start=date(2022, 1, 1))
    assert skill is not None and abs(skill.worst_share) < 1e-12 and skill.n_points == len(prices)
    prices[100] *= 1.5
    worse = history.skill(prices, start=date(2022, 1, 1))
    assert worse is not None and worse.worst_share == pytest.approx(0.5) and worse.worst_day == date(2022, 1, 1) + timedelta(days=100)
    assert history.skill(prices, start=date(2030, 1, 1)) is None
