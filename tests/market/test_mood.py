"""The mood: each term alone on paper, and all of them together in a thousand lives of ten years."""

from __future__ import annotations

import numpy as np
import pytest

from twin.economy.clearing import Mood, Pool
from twin.economy.clearing.pool import bought_up_to_tokens, most_bought_tokens
from twin.scenario.sections.cleared import MoodSpec

STILL = {"value_per_day": 0.0, "trend_gain": 0.0, "regime_days": None}


def mood(noise: float = 0.0, price: float = 1.0, **terms: object) -> Mood:
    return Mood(MoodSpec.model_validate(STILL | terms), price_usd=price, noise_per_day=noise)


def test_half_of_a_distance_from_rest_is_gone_after_the_half_life() -> None:
    one = mood(usual_share=0.8)
    assert one.ratio == pytest.approx(4.0)
    one.hold(0.0)
    for _ in range(180):
        one.step()
    assert float(one.own) == pytest.approx(np.log(4.0) / 2)


def test_news_fades_with_the_same_half_life() -> None:
    one = mood()
    one.hear(-0.5)
    for _ in range(360):
        one.step()
    assert float(one.news) == pytest.approx(-0.125) and float(one.own) == 0.0


def test_a_token_without_burn_is_not_punished_for_having_no_news() -> None:
    quiet, absolute = mood(value_per_day=0.002), mood(value_per_day=0.002, value_pull="absolute")
    for one in (quiet, absolute):
        for _ in range(300):
            one.step()
            one.observe(price_usd=1.0, burned_usd=0.0, float_tokens=1e6)
    assert float(quiet.own) == 0.0
    assert float(absolute.own) < -0.7


def test_value_counts_from_its_level_and_is_clipped() -> None:
    one = mood(value_per_day=0.002, half_life_days=1e9)
    for _ in range(90):
        one.observe(price_usd=1.0, burned_usd=100.0, float_tokens=1e6)
    one.step()
    assert float(one.own) == 0.0
    for _ in range(90):
        one.observe(price_usd=1.0, burned_usd=200.0, float_tokens=1e6)
    one.step()
    assert float(one.own) == pytest.approx(0.002 * np.log(2), rel=1e-6)
    for _ in range(90):
        one.observe(price_usd=1.0, burned_usd=1e9, float_tokens=1e6)
    before = float(one.own)
    one.step()
    level = np.log(100.0 * 365.25 * 20 / 1e6)
    assert float(one.own) - before == pytest.approx(0.002 * (3.0 - level), rel=1e-3)


def test_trend_adds_its_part_of_a_quarters_rise() -> None:
    one = mood(trend_gain=0.3, half_life_days=1e9)
    one.observe(price_usd=np.e, burned_usd=0.0, float_tokens=1.0)
    one.step()
    assert float(one.own) == pytest.approx(0.3 / 90, rel=1e-6)


def test_a_trend_that_explodes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"less than or equal to 0\.6"):
        MoodSpec(trend_gain=0.7)


def test_regimes_last_as_long_as_they_say_and_shift_the_rest() -> None:
    many = Mood(MoodSpec.model_validate(STILL | {"regime_days": 100.0}), price_usd=np.ones(400), noise_per_day=0.0)
    luck, changes, seen = np.random.default_rng(1), 0, np.zeros(3)
    for _ in range(1_000):
        before = many.regime
        many.step(regime_luck=luck.uniform(size=400))
        changes += int((many.regime != before).sum())
        seen += np.bincount(many.regime, minlength=3)
    assert changes / (400 * 1_000) == pytest.approx(1 / 100, rel=0.05)
    assert (seen / seen.sum()).min() > 0.28
    assert np.abs(many.own).max() < 0.5


def test_half_of_the_noise_is_mood_and_half_is_money_and_money_is_closed_on_average() -> None:
    lives = 20_000
    many, luck = Mood(MoodSpec.model_validate(STILL), price_usd=np.ones(lives), noise_per_day=0.08), np.random.default_rng(2)
    pool, first = Pool(np.full(lives, 1e6), 1e6), np.zeros(lives)
    many.step(luck.standard_normal(lives))
    pool.add(many.money_share(luck.standard_normal(lives)) * pool.pot_usd)
    first = np.log(pool.trade(many.ratio))
    assert first.std() == pytest.approx(0.08, rel=0.02)
    assert np.log(many.ratio).std() == pytest.approx(0.08 / np.sqrt(2), rel=0.02)
    assert np.mean(pool.new_money_usd) / 1e6 == pytest.approx(0.0, abs=0.002)


TERMS: list[tuple[dict[str, object], float]] = [
    ({}, 0.08),
    ({"trend_gain": 0.6, "half_life_days": 400.0}, 0.08),
    ({"trend_gain": 0.6, "regime_log_ratio": 1.0, "regime_days": 60.0, "usual_share": 0.8}, 0.08),
    ({"trend_gain": 0.0, "value_pull": "absolute", "usual_share": 0.2}, 0.15),
    ({"trend_gain": 0.45, "value_pull": "absolute", "value_per_day": 0.005, "half_life_days": 90.0}, 0.15),
]


def test_a_thousand_lives_of_ten_years_with_every_term_are_finite() -> None:
    """Emission from nothing to ten floats a year, burns from nothing to a pot a year, stakes, news, and noise up to 0.15 a day.

    Value can hold the mood as far from rest as its longest pull (2 x 3 factors e, where dearness cannot end because all is sold at once) against reversion.
    """
    luck = np.random.default_rng(20_261_128)
    for terms, noise in TERMS:
        spec = MoodSpec.model_validate(terms)
        furthest, pool = lived(spec, noise, luck, lives=200)
        pool.check()
        pull = 6 * spec.value_per_day / (1 - 0.5 ** (1 / spec.half_life_days))
        assert furthest < pull + spec.regime_log_ratio + 6.0, terms
        assert furthest < 6.0 or terms, "the defaults"


def lived(spec: MoodSpec, noise: float, luck: np.random.Generator, *, lives: int) -> tuple[float, Pool]:
    """Ten years of so many lives: the largest |m| seen, and the pools."""
    pot, tokens = 10 ** luck.uniform(4, 9, lives), 10 ** luck.uniform(4, 10, lives)
    pool, furthest = Pool(pot, tokens), 0.0
    many = Mood(spec, price_usd=pot / tokens, noise_per_day=noise)
    emission = tokens / 365 * np.where(luck.uniform(size=lives) < 0.1, 0.0, 10 ** luck.uniform(-2, 1, lives))
    burns = pot / 365 * np.where(luck.uniform(size=lives) < 0.2, 0.0, 10 ** luck.uniform(-4, 0, lives))
    for day in range(3_650):
        normal, uniform = luck.standard_normal((2, lives)), luck.uniform(size=(2, lives))
        pool.add(many.money_share(normal[0]) * pool.pot_usd)
        many.step(normal[1], uniform[0])
        if day == 1_000:
            many.hear(-0.5)
            pool.add(-0.2 * pool.pot_usd)
        sold, spent = emission * 2 * uniform[1], burns * (1 + np.sin(day / 50))
        ratio, limit = many.ratio, 1.02 * many.ratio * pool.pot_usd / pool.float_tokens
        room = most_bought_tokens(ratio, pool.float_tokens, sold_tokens=sold)
        wanted = bought_up_to_tokens(limit, ratio, pool.pot_usd, pool.float_tokens, sold_tokens=sold, spent_usd=spent)
        bought = np.where(uniform[1] < 0.3, np.minimum(room, wanted), 0.0)
        price = pool.trade(ratio, sold_tokens=sold, bought_tokens=bought, spent_usd=spent)
        many.observe(price_usd=price, burned_usd=spent, float_tokens=pool.float_tokens)
        furthest = max(furthest, float(np.abs(many.own).max()))
        assert np.isfinite(price).all() and np.greater(price, 0).all()
    assert np.greater(pool.pot_usd, 0).all() and np.greater(pool.float_tokens, 0).all()
    return furthest, pool
