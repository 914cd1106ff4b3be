"""The judge of the lazy rewards: every node, every day, summed directly.

Joins, failures, bans, moves and price changes daily; density scale weekly, units monthly; reviews of a thirtieth a
day. Two pot pools of which one pays in three measures, a rate pool for running costs, and a part of the network
outside whose weight changes.
"""

from __future__ import annotations

import numpy as np
import pytest

from twin.state import ALL, Accrual, BlockGroup, PoolSpec

N, DAYS, CELLS = 6_007, 500, 900
MEASURES = {
    "tokens": ("beacon", "data"),
    "usd_emission": ("beacon",),
    "usd_customer": ("data",),
    "usd_backed": ("beacon",),
    "cost_usd": ("power",),
}


class World:
    """The truth: who is online, banned, where, and what each node's weights follow from."""

    def __init__(self) -> None:
        rng = self.rng = np.random.default_rng(1)
        self.online, self.banned = np.zeros(N, bool), np.zeros(N, bool)
        self.cell, self.scale, self.units = rng.integers(0, CELLS, N), np.ones(N), rng.gamma(2, 1, N)
        self.demand, self.watts, self.outside = rng.gamma(1, 5, CELLS), rng.random(N), 0.0

    def weights(self, slots) -> dict[str, np.ndarray]:
        live = np.bincount(self.cell[self.online], minlength=CELLS)
        online = self.online[slots]
        return {
            "beacon": np.where(online & ~self.banned[slots], self.scale[slots] * self.units[slots], 0.0),
            "data": np.where(online, self.demand[self.cell[slots]] / np.maximum(live[self.cell[slots]], 1), 0.0),
            "power": np.where(online, self.watts[slots], 0.0),
        }

    def pass_a_day(self, day: int):
        """Change the world; returns the slots whose weights change."""
        rng = self.rng
        flips, bans, moves = (rng.choice(N, k, replace=False) for k in (200, 20, 30))
        self.online[flips], self.banned[bans] = rng.random(200) < 0.7, rng.random(20) < 0.2
        left = self.cell[moves].copy()
        self.cell[moves] = rng.integers(0, CELLS, 30)
        dirty = np.zeros(CELLS, bool)
        dirty[np.r_[left, self.cell[np.r_[flips, bans, moves]]]] = True  # a move changes two cells
        slots = np.flatnonzero(dirty[self.cell])
        if day % 7 == 0:
            self.scale, slots = np.where(rng.random(N) < 0.4, rng.random(N), self.scale), ALL
        if day % 30 == 0:
            self.units, slots = rng.gamma(2, 1, N), ALL
        if day in (200, 205):  # everybody gone, then back: nobody has weight, the sums must not keep a remainder
            self.online[:], slots = day == 205, ALL
        if day % 11 == 0:
            self.outside = rng.random() * 3_000 if day % 2 else 0.0
        return slots


def run(weight_dtype, *, forget_units: bool = False):
    """Accrual and truth after 500 days. `forget_units` plants the classic fault: one bulk change that is not told to the accrual."""
    world, want = World(), {measure: np.zeros(N) for measure in MEASURES}
    accrual = Accrual(N, [PoolSpec("beacon"), PoolSpec("data"), PoolSpec("power", "rate")], MEASURES, DAYS, weight_dtype)
    undistributed = offered = 0.0
    for day in range(DAYS):
        slots = world.pass_a_day(day)
        if not (forget_units and day % 30 == 0 and day % 7):
            accrual.reweigh(slots, world.weights(slots))
        accrual.set_outside("beacon", world.outside)
        price, pot = float(world.rng.lognormal(0, 1)), {"beacon": 1e6 * 0.999**day, "data": 500.0 + day}
        amounts = {
            ("tokens", "beacon"): pot["beacon"],
            ("tokens", "data"): pot["data"],
            ("usd_emission", "beacon"): pot["beacon"] * price,
            ("usd_customer", "data"): pot["data"] * price if day % 3 else 0.0,
            ("usd_backed", "beacon"): pot["beacon"] * price * 0.1 * (day % 5),
            ("cost_usd", "power"): 0.2 + 0.01 * (day % 9),
        }
        accrual.pay(amounts)
        undistributed += sum(v for (measure, _), v in accrual.undistributed.items() if measure == "tokens")
        offered += pot["beacon"] + pot["data"]
        true_weights = world.weights(slice(None))
        for (measure, pool), amount in amounts.items():
            weight = true_weights[pool]
            total = 1.0 if pool == "power" else weight.sum() + (world.outside if pool == "beacon" else 0.0)
            if total:
                want[measure] += amount * weight / total
        accrual.settle(BlockGroup(day % 30))
    return accrual, want, undistributed, offered


@pytest.mark.parametrize(("weight_dtype", "node", "total"), [(np.float64, 1e-12, 1e-13), (np.float32, 1e-6, 1e-9)])
def test_against_every_node_every_day(weight_dtype, node, total):
    accrual, want, undistributed, offered = run(weight_dtype)
    accrual.settle()
    for measure, truth in want.items():
        got, paid = accrual.earned(measure), truth > 0
        assert paid.sum() > 0.9 * N
        assert np.abs(got[paid] / truth[paid] - 1).max() < node, measure
        assert not got[~paid].any()
        assert abs(got.sum() / truth.sum() - 1) < total
        assert abs(got.sum() / sum(v for (m, _), v in accrual.paid_ever.items() if m == measure) - 1) < 1e-11
    assert 0 < undistributed < 0.05 * offered  # the five days without anybody, as far as nobody outside took it


def test_the_judge_sees_a_forgotten_change_that_totals_hide():
    """The test above would fail if one kind of change were not settled: single nodes err by tens of per cent, the total does not."""
    accrual, want, *_ = run(np.float64, forget_units=True)
    accrual.settle()
    truth = want["cost_usd"]
    assert np.abs(accrual.earned("cost_usd") / truth - 1).max() < 0.2  # power does not depend on units, only on that day's flips
    truth = want["tokens"]
    paid = truth > 0
    assert np.abs(accrual.earned("tokens")[paid] / truth[paid] - 1).max() > 0.3
    assert abs(accrual.earned("tokens").sum() / sum(v for (m, _), v in accrual.paid_ever.items() if m == "tokens") - 1) < 1e-11
