"""Luck: distributions, independence, and whose fate changes when one node is missing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twin.kernel import Streams, hash_uniform

N = 200_000
SLOTS = np.arange(N)
PINNED_UNIFORM = [0.08122254364165171, 0.49735966140242993, 0.6937488469165484]
PINNED_GENERATOR = 0.06715495613791878
NOISE = 5.0 / np.sqrt(N)
"""Five standard deviations of a correlation of independent numbers: one false alarm in two million."""


def test_the_numbers_are_a_promise():
    """Stored results name a seed; these values must never change."""
    streams = Streams(2021, 3)
    assert streams.uniform("churn", 5, [0, 1, 999_999], [0, 0, 2]).tolist() == PINNED_UNIFORM
    assert streams.at("price", 4).random() == PINNED_GENERATOR


@pytest.mark.parametrize(
    ("draw", "law"),
    [
        (lambda s: s.uniform("a", 1, SLOTS), stats.uniform()),
        (lambda s: s.normal("b", 2, SLOTS), stats.norm()),
        (lambda s: s.exponential("c", 3, SLOTS, mean=40.0), stats.expon(scale=40)),
        (lambda s: s.lognormal("d", 4, SLOTS, median=12.0, sigma=0.6), stats.lognorm(0.6, scale=12)),
        (lambda s: s.uniform("e", 0, SLOTS // 8, SLOTS % 8), stats.uniform()),
    ],
)
def test_laws(draw, law):
    assert stats.kstest(draw(Streams(1)), law.cdf).pvalue > 1e-4


def test_correlations_are_noise():
    """Between epochs, purposes, replicates, seeds, lives, neighbouring slots, and keys that differ in one bit."""
    base = Streams(1).uniform("churn", 0, SLOTS)
    others = [Streams(1).uniform("churn", epoch, SLOTS) for epoch in range(1, 6)]
    others += [Streams(1).uniform(name, 0, SLOTS) for name in ("churm", "exit")]
    others += [Streams(2).uniform("churn", 0, SLOTS), Streams(1, 1).uniform("churn", 0, SLOTS)]
    others += [Streams(1).uniform("churn", 0, SLOTS, np.full(N, life)) for life in (1, 2, 3)]
    others += [np.roll(base, shift) for shift in (1, 2, 3, 64, 1024)]
    key = Streams(1).key("churn")
    others += [hash_uniform(key ^ (1 << bit), SLOTS) for bit in range(0, 64, 5)]
    table = np.corrcoef([base, *others])
    worst = np.abs(table - np.eye(len(table))).max()
    assert worst < NOISE * 1.3  # worst of 496 pairs: 6.5 standard deviations


def test_open_interval_and_inverse_functions_stay_finite():
    u = hash_uniform(0, np.arange(2_000_000))
    assert 0.0 < u.min() and u.max() < 1.0
    assert ((np.uint64(2**52 - 1)).astype(np.float64) + 0.5) * 2.0**-52 < 1.0  # the largest number the hash can return
    assert np.isfinite(Streams(9).normal("x", 0, np.arange(500_000))).all()


def test_asking_for_fewer_slots_in_any_order_gives_the_same_numbers():
    streams = Streams(5, 2)
    whole = streams.uniform("x", 7, SLOTS, SLOTS % 3)
    ask = np.random.default_rng(0).permutation(N)[:1000]
    assert np.array_equal(streams.uniform("x", 7, ask, ask % 3), whole[ask])
    assert np.array_equal(streams.uniform("x", 7, ask.astype(np.int32), (ask % 3).astype(np.int8)), whole[ask])
    assert np.array_equal(hash_uniform(5, SLOTS, 3), hash_uniform(5, SLOTS.reshape(2, -1), 3).ravel())  # in parts and in one piece
    assert np.array_equal(streams.uniform("x", 7, SLOTS[:10]), streams.uniform("x", 7, SLOTS[:10], np.zeros(10, np.int8)))


@pytest.mark.parametrize("seed", [0, 5, 2**40])
def test_a_few_numbers_asked_without_an_array_are_the_same_numbers(seed):
    streams = Streams(seed, 2)
    assert all(streams.uniforms("x", day, 4) == streams.uniform("x", day, np.arange(4)).tolist() for day in range(200))


def test_pairs_do_not_fall_together():
    """The two multipliers make a lattice without a short vector, so two pairs of numbers below 2^30 never meet before the mixing."""
    a, b, modulus = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95, 1 << 64
    u, v = (modulus, 0), (-b * pow(a, -1, modulus) % modulus, 1)  # all (x, y) with a·x + b·y = 0 modulo 2^64
    while True:  # Lagrange's reduction of a lattice in the plane
        if u[0] ** 2 + u[1] ** 2 > v[0] ** 2 + v[1] ** 2:
            u, v = v, u
        dot, norm = u[0] * v[0] + u[1] * v[1], u[0] ** 2 + u[1] ** 2
        step = (2 * dot + norm) // (2 * norm)
        if step == 0:
            break
        v = (v[0] - step * u[0], v[1] - step * u[1])
    assert max(abs(u[0]), abs(u[1])) > 2**30
    rows, columns = np.meshgrid(np.arange(1500), np.arange(1500))
    assert np.unique(hash_uniform(77, rows.ravel(), columns.ravel())).size == rows.size
    assert hash_uniform(77, 3, 4) != hash_uniform(77, 4, 3)


def test_variants_are_coupled_node_by_node():
    """A larger hazard ends each node earlier or at the same time, never another one instead."""
    streams = Streams(3)
    assert (streams.exponential("life", 0, SLOTS, mean=90.0) < streams.exponential("life", 0, SLOTS, mean=100.0)).all()
    for draw in (streams.normal, streams.exponential):
        order = np.argsort(streams.uniform("life", 0, SLOTS))
        assert (np.diff(draw("life", 0, SLOTS)[order]) >= 0).all()
    u = streams.uniform("exit", 12, SLOTS)
    assert not np.any((u < 0.016) & ~(u < 0.034))


def test_generators_are_fresh_and_apart():
    streams = Streams(11)
    assert streams.at("price", 2).random() == streams.at("price", 2).random()
    draws = {streams.at("price", 3).random(), streams.at("price", 2).random(), streams.at("cost", 2).random()}
    draws |= {Streams(12).at("price", 2).random(), Streams(11, 1).at("price", 2).random()}
    assert len(draws) == 5


def exits(missing: int | None, days: int = 300, n: int = 9_000) -> np.ndarray:
    streams, alive, left = Streams(5), np.ones(n, bool), np.full(n, -1)
    if missing is not None:
        alive[missing] = False
    for day in range(days):
        slots = np.flatnonzero(alive[day % 30 :: 30]) * 30 + day % 30
        gone = slots[streams.uniform("exit", day, slots) < 0.05]
        alive[gone], left[gone] = False, day
    return left


def test_removing_one_node_changes_nobody_elses_fate():
    """With one shared stream most fates would change (30,919 of 50,000 in the prototype)."""
    assert np.array_equal(np.delete(exits(None), 17), np.delete(exits(17), 17))
