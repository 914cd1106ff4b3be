"""Dossier checks 1 and 2, the supplement, and the emission kinds."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from twin.economy.emission import day_range, other_mint_tokens, scheduled_tokens_per_day, supply_before, tokens_per_day
from twin.economy.net_emission import NetEmission
from twin.scenario.sections.token import EmissionSpec

KIND = TypeAdapter(EmissionSpec)
START = date(2019, 8, 1)


@pytest.mark.parametrize(
    ("day", "tokens"),
    [
        (date(2020, 8, 1), 60_000_000),
        (date(2021, 8, 1), 120_000_000),
        (date(2022, 8, 1), 150_000_000),
        (date(2023, 4, 19), 171_452_055),
        (date(2023, 8, 1), 180_000_000),
        (date(2025, 1, 1), 201_287_671),
        (date(2025, 8, 1), 210_000_000),
        (date(2026, 6, 8), 216_390_411),
        (date(2027, 8, 1), 225_000_000),
        (date(2029, 8, 1), 232_500_000),
    ],
)
def test_scheduled_cumulative(helium, day, tokens):
    """Check 1 [1 HNT]."""
    assert scheduled_tokens_per_day(helium.token.emission, day_range(START, day)).sum() == pytest.approx(tokens, abs=1)


def test_daily_rows_of_the_program(helium, vectors):
    """The rule gives the daily rows that the program has on chain, to its eight decimals."""
    table = vectors("emission_schedule")
    got = scheduled_tokens_per_day(helium.token.emission, table["start_utc"].to_numpy("datetime64[D]"))
    assert got == pytest.approx(table["hnt_per_day"].to_numpy(), abs=1e-8)
    starts = table["start_utc"].to_numpy("datetime64[D]")
    cumulative = [scheduled_tokens_per_day(helium.token.emission, np.arange(np.datetime64(START, "D"), start)).sum() for start in starts]
    assert cumulative == pytest.approx(table["scheduled_cumulative_at_start"].tolist(), abs=1)


def test_halves_to_year_50_and_stops(helium):
    days = day_range(START, date(2075, 1, 1))
    daily = scheduled_tokens_per_day(helium.token.emission, days)
    assert daily.sum() == pytest.approx(240e6 * (1 - 2.0**-25), abs=1)
    assert daily[days >= np.datetime64("2069-08-01")].sum() == 0
    assert daily[days == np.datetime64("2069-07-31")][0] > 0


def test_supply_in_june_2026(helium):
    """Check 1, supply reconciliation: 216.39 - 17 - 9.5 - 10.3 + 2.9 = 182.5M on chain [0.1M], here from the parameter file alone."""
    assert supply_before(helium.token, date(2026, 6, 8)) == pytest.approx(182.5e6, abs=0.1e6)
    assert supply_before(helium.token, date(2023, 4, 18)) == pytest.approx(144.9e6, abs=0.05e6)
    assert supply_before(helium.token, START) == 0


def test_losses_of_the_old_chain(helium):
    lost = scheduled_tokens_per_day(helium.token.emission, day_range(START, date(2023, 4, 18))) - tokens_per_day(
        helium.token.emission, day_range(START, date(2023, 4, 18))
    )
    assert lost[:366].sum() == pytest.approx(17e6, abs=5_000)
    assert lost[366:].sum() == pytest.approx(9.5e6, abs=10_000)


def test_net_emission_after_one_burn(helium):
    """Check 2 [0.1 HNT]: one burn of 50,000 HNT is minted again over weeks, up to the cap."""
    net, day = NetEmission(helium.token.net_emission), date(2026, 1, 1)
    smoothed, minted = [], []
    for n in range(400):
        minted.append(net.step(day + timedelta(days=n), burned_tokens=50_000 if n == 0 else 0))
        smoothed.append(net.smoothed_burn_tokens)
    assert [smoothed[n] for n in (0, 7, 10)] == pytest.approx([7_142.9, 2_428.0, 1_529.0], abs=0.1)
    assert [n for n in range(400) if minted[n] < 1_643.83561643][0] == 10
    assert sum(minted) == pytest.approx(27_141.3, abs=0.1)


def test_net_emission_by_era(helium):
    """Burned for good before 2021-09-13; capped but not smoothed until 2025-03-11 (check 2: 1,643.8)."""
    for day, expected in [(date(2021, 9, 12), 0), (date(2021, 9, 13), 1_643.83561643), (date(2025, 3, 11), 1_643.83561643)]:
        assert NetEmission(helium.token.net_emission).step(day, burned_tokens=50_000) == pytest.approx(expected, abs=1e-6)
    assert NetEmission(helium.token.net_emission).step(date(2024, 1, 1), burned_tokens=12.5) == 12.5
    assert NetEmission(helium.token.net_emission).step(date(2025, 3, 12), burned_tokens=70) == pytest.approx(10)
    assert NetEmission(None).step(date(2025, 3, 12), burned_tokens=70) == 0


def test_supplement_and_treasury(helium):
    """Checks 10 and 16: 360 flat and 720 falling epochs sum to 141.12M [1 HNT]; HIP-138's 237 payments to 2.9M."""
    mints = helium.token.other_mints
    days = day_range(date(2024, 1, 1), date(2031, 1, 1))
    supplement, treasury = other_mint_tokens(mints["supplement"], days), other_mint_tokens(mints["mobile_treasury"], days)
    assert supplement.sum() == pytest.approx(141_120_000, abs=1)
    assert supplement[days < np.datetime64("2027-08-01")].sum() == pytest.approx(70_560_000, abs=1)
    assert days[supplement > 0][[0, -1]].astype(str).tolist() == ["2026-08-06", "2029-07-20"]
    assert treasury.sum() == pytest.approx(2_900_000, abs=1)
    assert days[treasury > 0][[0, -1]].astype(str).tolist() == ["2024-12-07", "2025-07-31"]


def test_scaling_touches_the_schedule_only(helium):
    days = day_range(date(2025, 12, 30), date(2026, 1, 3))
    scaled = helium.token.emission.model_copy(update={"scale_share": 0.5, "scale_share_by_date": {date(2026, 1, 1): 0.2}})
    assert tokens_per_day(scaled, days) / tokens_per_day(helium.token.emission, days) == pytest.approx([0.5, 0.5, 0.1, 0.1])


def test_other_kinds():
    days = day_range(date(2026, 1, 1), date(2029, 1, 1))
    halving = KIND.validate_python({"kind": "halving", "starts": date(2026, 1, 1), "tokens_per_day": 8.0, "halves_every_days": 365})
    assert scheduled_tokens_per_day(halving, days)[[0, 364, 365, 730]].tolist() == [8, 8, 4, 2]
    constant = KIND.validate_python({"kind": "constant", "starts": date(2026, 1, 2), "tokens_per_day": 3.0, "ends": date(2026, 1, 4)})
    assert scheduled_tokens_per_day(constant, days)[:5].tolist() == [0, 3, 3, 0, 0]
    decay = KIND.validate_python({"kind": "exponential", "starts": date(2026, 1, 1), "tokens_per_day": 10.0, "decay_share_per_year": 0.2})
    assert scheduled_tokens_per_day(decay, days)[[0, 365, 730]] == pytest.approx([10, 8, 6.4])
    total = 10 * (1 - 0.8**3) / (1 - 0.8 ** (1 / 365))
    assert scheduled_tokens_per_day(decay, day_range(date(2026, 1, 1), date(2028, 12, 31))).sum() == pytest.approx(total)
    table = KIND.validate_python({"kind": "table", "tokens_per_day": {date(2026, 1, 3): 5.0, date(2026, 1, 5): 1.0}})
    assert scheduled_tokens_per_day(table, days)[:6].tolist() == [0, 0, 5, 5, 1, 1]


def test_order_of_dates_asked_does_not_matter(helium):
    days = day_range(date(2022, 1, 1), date(2029, 1, 1))
    shuffled = np.random.default_rng(3).permutation(len(days))
    assert np.array_equal(tokens_per_day(helium.token.emission, days)[shuffled], tokens_per_day(helium.token.emission, days[shuffled]))
    assert math.isclose(tokens_per_day(helium.token.emission, "2024-02-29")[0], 15e6 / 366)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "dated_schedule", "tokens_per_year": {}},
        {"kind": "dated_schedule", "tokens_per_year": {date(2026, 1, 1): -1.0}},
        {"kind": "dated_schedule", "tokens_per_year": {date(2026, 1, 1): 1.0}, "ends": date(2025, 1, 1)},
        {"kind": "exponential", "starts": date(2026, 1, 1), "tokens_per_day": 1.0, "decay_share_per_year": 1.0},
        {"kind": "table", "tokens_per_day": {date(2026, 1, 1): 1.0}, "halves_every_years": 2},
    ],
)
def test_wrong_emission_is_refused(wrong):
    with pytest.raises(ValidationError):
        KIND.validate_python(wrong)
