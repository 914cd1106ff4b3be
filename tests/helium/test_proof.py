"""Dossier checks 3, 7 and 14; choice of witnesses; the rules by date."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from twin.kinds.wireless.proof import beacon_units, chosen_probability, expected_beacon_pay, witness_units
from twin.kinds.wireless.proof_spec import UnitsSpec
from twin.kinds.wireless.radio import free_space_loss_db
from twin.kinds.wireless.rules import change_dates, rules_on

HIP15 = UnitsSpec(rule="hip15", full_pay_witnesses=4, decay=0.8)


def test_hip15_units():
    """Check 3 [1e-4]."""
    w = np.array([1, 4, 5, 8, 14, 25])
    assert witness_units(w, HIP15) == pytest.approx([1, 1, 0.76, 0.4262, 0.2220, 0.1204], abs=1e-4)
    assert beacon_units(w, HIP15) == pytest.approx([0.25, 1, 1.2, 1.5904, 1.8926, 1.9908], abs=1e-4)
    many = np.arange(4, 200)
    assert beacon_units(many, HIP15) + many * witness_units(many, HIP15) == pytest.approx(np.full(len(many), 5.0))
    assert beacon_units(0, HIP15) == witness_units(0, HIP15) == 0


def test_units_before_hip15(helium):
    units = rules_on(helium.proof, date(2020, 12, 15)).units
    assert beacon_units([0, 1, 9], units).tolist() == [0, 1, 1]
    assert witness_units([0, 1, 9], units).tolist() == [0, 1, 1]


def loudest_legal_rssi_dbm(distance_km: float, *, frequency_mhz: float, transmit_power_dbm: float, sender_gain_dbi: float, witness_gain_dbi: float) -> float:
    """Loudest a report may be at its asserted distance, dBm; gains are rounded down to whole decibels as the network does."""
    gains = math.floor(sender_gain_dbi) + math.floor(witness_gain_dbi)
    return transmit_power_dbm + gains - float(free_space_loss_db(distance_km, frequency_mhz))


def test_free_space_check():
    """Check 7 [0.01 dB]."""
    assert free_space_loss_db([1, 5, 100], 904.6) == pytest.approx([91.58, 105.56, 131.58], abs=0.01)
    us = loudest_legal_rssi_dbm(1, frequency_mhz=904.6, transmit_power_dbm=27, sender_gain_dbi=1.2, witness_gain_dbi=1.9)
    eu = loudest_legal_rssi_dbm(5, frequency_mhz=867.5, transmit_power_dbm=14, sender_gain_dbi=2, witness_gain_dbi=2)
    assert (float(us), float(eu)) == pytest.approx((-62.58, -87.19), abs=0.01)


def test_farm_arithmetic():
    """Check 14 [0.1 point]: five boxes on one table earn as much each as fifteen, four times an isolated honest pair."""

    def units_per_box_and_day(nodes: int) -> float:
        pay = expected_beacon_pay(nodes - 1, HIP15, most_paid=14)
        return 4 * float(pay.sender + (nodes - 1) * pay.each_witness)

    assert [units_per_box_and_day(n) for n in (2, 5, 15)] == pytest.approx([5.0, 20.0, 20.0])
    share = 0.08 * units_per_box_and_day(15) / (0.08 * units_per_box_and_day(15) + 0.92 * 12)
    assert share == pytest.approx(0.127, abs=0.001)


def test_expected_units_match_draws():
    """Fourteen at random of w: the expectation is what many draws average to, for sender and witness."""
    rng, w, days = np.random.default_rng(2), 23, 20_000
    paid = np.zeros(w)
    for _ in range(days):
        paid[rng.choice(w, 14, replace=False)] += witness_units(14, HIP15)
    pay = expected_beacon_pay(w, HIP15, most_paid=14)
    assert paid / days == pytest.approx(np.full(w, float(pay.each_witness)), rel=0.03)
    assert float(pay.sender + w * pay.each_witness) == pytest.approx(5.0)
    assert float(expected_beacon_pay(0, HIP15, most_paid=14).each_witness) == 0


@pytest.mark.parametrize("mean", [0.0, 0.305, 3.0, 5.5, 30.0, 500.0])
def test_poisson_units(mean):
    """The table against a draw of a million beacons; where the count hardly matters both readings agree."""
    w = np.minimum(np.random.default_rng(4).poisson(mean, 1_000_000), 14)
    pay = expected_beacon_pay([mean], HIP15, most_paid=14, poisson=True)
    assert pay.sender[0] == pytest.approx(beacon_units(w, HIP15).mean(), abs=0.005)
    assert mean * pay.each_witness[0] == pytest.approx((w * witness_units(w, HIP15)).mean(), abs=0.01)
    plain = expected_beacon_pay([mean], HIP15, most_paid=14)
    assert pay.sender[0] <= plain.sender[0] + 1e-9
    if mean in (0.305, 500.0):
        assert pay.each_witness[0] == pytest.approx(plain.each_witness[0], rel=0.001)


def test_first_to_arrive():
    """Slow ones lose, fast ones win, the total stays; with few witnesses nobody loses."""
    speed = (np.arange(20_000) + 0.5) / 20_000
    for heard in (15, 40, 300):
        chance = chosen_probability(np.full(len(speed), heard), most_paid=14, speed=speed)
        assert chance.mean() == pytest.approx(14 / heard, rel=1e-3)
        assert np.all(np.diff(chance) >= 0)
        assert chance[0] < 0.05
        assert chance[-1] == pytest.approx(1)
    assert chosen_probability(14, most_paid=14, speed=0.0) == 1
    assert chosen_probability([1, 14, 28], most_paid=14).tolist() == [1, 1, 0.5]


@pytest.mark.parametrize(
    ("day", "active", "each"),
    [
        (date(2019, 9, 1), 500, 48),
        (date(2021, 1, 15), 15_000, 6),
        (date(2021, 6, 1), 60_000, 3),
        (date(2022, 4, 1), 700_000, 1_440 / 950),
        (date(2022, 6, 15), 800_000, 0.45),
        (date(2022, 12, 1), 600_000, 0.96),
        (date(2023, 2, 2), 450_000, 4),
        (date(2026, 7, 7), 300_000, 4),
        (date(2026, 7, 8), 300_000, 0),
        (date(2019, 7, 31), 10, 0),
    ],
)
def test_beacons_per_day(helium, day, active, each):
    """Dossier section 3.1, all three eras; 0.45 at rate 250 and 800,000 active is its own example."""
    rules = rules_on(helium.proof, day)
    assert float(rules.beacons_per_day(active)) == pytest.approx(each)
    assert float(rules.beacons_per_day(0)) == 0
    assert rules.pays_proof == (each > 0)


def test_rules_by_date(helium):
    def on(year, month, day):
        return rules_on(helium.proof, date(year, month, day))

    assert [on(*day).most_paid_witnesses for day in [(2019, 9, 1), (2020, 12, 16), (2021, 9, 20), (2021, 10, 6), (2022, 1, 28)]] == [
        5,
        25,
        10,
        18,
        14,
    ]
    assert [on(*day).farthest_km for day in [(2021, 11, 8), (2021, 11, 9), (2021, 11, 10), (2022, 4, 14)]] == [math.inf, 50, math.inf, 100]
    assert [on(*day).nearest_steps for day in [(2019, 12, 16), (2019, 12, 17)]] == [10, 8]
    assert [on(*day).first_to_arrive for day in [(2023, 6, 30), (2023, 7, 1)]] == [False, True]
    assert [on(*day).two_way_hours for day in [(2024, 2, 14), (2024, 2, 15)]] == [None, 48]
    assert [on(*day).interactive_days for day in [(2020, 1, 1), (2021, 1, 1), (2025, 1, 1)]] == [None, 2.5, 2]
    assert on(2020, 12, 15).density is None
    assert [on(*day).density[8].most for day in [(2020, 12, 16), (2024, 1, 27), (2024, 1, 28)]] == [4, 4, 1]


def test_change_dates(helium):
    """Exactly the days on which the rules of a day differ from those of the day before."""
    start, end = date(2019, 8, 1), date(2027, 1, 1)
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    changed = {
        later for earlier, later in zip(days, days[1:], strict=False) if rules_on(helium.proof, earlier) != rules_on(helium.proof, later)
    }
    listed = set(change_dates(helium.proof, start=start, end=end))
    assert changed <= listed
    assert listed - changed == set()
    assert date(2022, 5, 11) in listed
    assert date(2023, 4, 18) in change_dates(helium.rewards, start=start, end=end)
