"""Properties and borders of the accrual."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import RunError
from twin.state import ALL, Accrual, BlockGroup, PoolSpec

POOLS = [PoolSpec("pot"), PoolSpec("rate", "rate")]
MEASURES = {"tokens": ("pot",), "usd": ("pot", "rate")}
weights = st.one_of(st.just(0.0), st.floats(1e-4, 1e4))
amounts = st.one_of(st.just(0.0), st.floats(1e-2, 1e6))
slots = st.lists(st.integers(0, 149), unique=True, max_size=20)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("reweigh"), slots, weights, weights),
        st.tuples(st.just("bulk"), st.integers(0, 150), weights, weights),
        st.tuples(st.just("outside"), weights),
        st.tuples(st.just("pay"), amounts, amounts, amounts),
        st.tuples(st.just("settle"), slots),
        st.tuples(st.just("group"), st.integers(0, 2)),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_history_pays_what_a_direct_sum_pays(history):
    n = 150
    accrual, want = Accrual(n, POOLS, MEASURES, 50, np.float64), {"tokens": np.zeros(n), "usd": np.zeros(n)}
    pot, rate, outside = np.zeros(n), np.zeros(n), 0.0
    for what, *arguments in history:
        if what in ("reweigh", "bulk"):
            where, w, r = arguments
            where = np.array(where, np.int64) if what == "reweigh" else slice(where)
            accrual.reweigh(where, {"pot": w, "rate": r})
            pot[where], rate[where] = w, r
        elif what == "outside":
            outside = arguments[0]
            accrual.set_outside("pot", outside)
        elif what == "pay":
            tokens, usd, hourly = arguments
            accrual.pay({("tokens", "pot"): tokens, ("usd", "pot"): usd, ("usd", "rate"): hourly})
            everybody = pot.sum() + outside
            if everybody > 0:
                want["tokens"] += tokens * pot / everybody
                want["usd"] += usd * pot / everybody
            else:
                assert accrual.undistributed["tokens", "pot"] == tokens
            want["usd"] += hourly * rate
        elif what == "settle":
            accrual.settle(np.array(arguments[0], np.int64))
        else:
            accrual.settle(BlockGroup(arguments[0], 3))
        assert np.isclose(accrual.total("pot"), pot.sum(), rtol=1e-12, atol=0)
    accrual.settle()
    for measure, truth in want.items():
        assert np.allclose(accrual.earned(measure), truth, rtol=1e-11, atol=0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.permutations(range(5)))
def test_exchanging_nodes_exchanges_their_pay(seed, order):
    rng = np.random.default_rng(seed)
    w, pots = rng.random((6, 5)), rng.random(6)
    one, two = (Accrual(5, POOLS, MEASURES, 10, np.float64) for _ in range(2))
    for day in range(6):
        one.reweigh(ALL, {"pot": w[day]})
        two.reweigh(np.array(order), {"pot": w[day]})
        for accrual in (one, two):
            accrual.pay({("tokens", "pot"): pots[day]})
    one.settle()
    two.settle()
    assert np.allclose(one.earned("tokens"), two.earned("tokens")[list(order)], rtol=1e-12)


def test_when_settling_happens_does_not_matter():
    lazy, eager = (Accrual(1000, POOLS, MEASURES, 400) for _ in range(2))
    rng = np.random.default_rng(0)
    for _ in range(400):
        who, w = rng.choice(1000, 50, replace=False), rng.random(50)
        for accrual in (lazy, eager):
            accrual.reweigh(who, {"pot": w, "rate": 1 - w})
            accrual.pay({("tokens", "pot"): 10.0, ("usd", "pot"): 3.0, ("usd", "rate"): 0.1})
        eager.settle()
    lazy.settle()
    for measure in lazy.measures:
        assert np.allclose(lazy.earned(measure), eager.earned(measure), rtol=1e-12, atol=1e-15)
    assert lazy.total("pot") == eager.total("pot")


def test_slices_indices_masks_and_groups_settle_the_same():
    n = 1000
    rng = np.random.default_rng(3)
    weight, copies = rng.random(n), [Accrual(n, POOLS, MEASURES, 9) for _ in range(4)]
    groups = np.unique(np.concatenate([BlockGroup(1, 4).slots(n), BlockGroup(3, 4).slots(n)]))
    mask = np.zeros(n, bool)
    mask[groups] = True
    for accrual in copies:
        accrual.reweigh(ALL, {"pot": weight, "rate": 2.0})
        accrual.pay({("usd", "pot"): 5.0, ("usd", "rate"): 0.5})
    copies[0].settle(groups[::-1])
    copies[1].settle(mask)
    for group in (1, 3):
        copies[2].settle(BlockGroup(group, 4))
    for low in groups[:: len(groups)]:
        copies[3].settle(slice(low, n))
    for accrual in copies[:3]:
        assert np.array_equal(accrual.earned("usd"), copies[0].earned("usd"))
        assert np.array_equal(accrual.marks, mask.astype(np.int16))
    assert np.array_equal(copies[3].earned("usd")[mask], copies[0].earned("usd")[mask])
    assert sorted(np.concatenate([BlockGroup(g, 4).slots(n) for g in range(4)]).tolist()) == list(range(n))


def test_share_and_outside():
    accrual = Accrual(10, POOLS, MEASURES, 9)
    assert accrual.share("pot") == 0.0
    accrual.reweigh(slice(0, 4), {"pot": 1.0})
    assert accrual.share("pot") == 1.0
    accrual.set_outside("pot", 12.0)
    assert accrual.share("pot") == 0.25 and accrual.total("pot") == 4.0
    accrual.pay({("tokens", "pot"): 100.0})
    assert accrual.paid["tokens", "pot"] == 25.0 and accrual.offered["tokens", "pot"] == 100.0
    accrual.reweigh(slice(0, 4), {"pot": 0.0})
    accrual.pay({("tokens", "pot"): 100.0})  # all of it goes outside: distributed, but not here
    assert accrual.paid["tokens", "pot"] == 0.0 and accrual.undistributed["tokens", "pot"] == 0.0
    with pytest.raises(RunError):
        accrual.set_outside("rate", 1.0)


def test_nobody_left_leaves_no_remainder_in_the_total():
    """0.1 + 0.2 − 0.3 is not 0 in float64; a pot divided by such a remainder would pay astronomic amounts to nobody."""
    accrual = Accrual(3, POOLS, MEASURES, 9, np.float64)
    for slot, weight in enumerate((0.1, 0.2, 0.3)):
        accrual.reweigh(np.array([slot]), {"pot": weight})
    for slot in (2, 0, 1):
        accrual.reweigh(np.array([slot]), {"pot": 0.0})
    assert accrual.total("pot") == 0.0
    accrual.pay({("tokens", "pot"): 7.0})
    assert accrual.undistributed["tokens", "pot"] == 7.0


def test_one_early_node_of_little_weight_does_not_spoil_later_days():
    """It lifts the running sum to 1e18, where plain float64 counts in steps of 128."""
    accrual = Accrual(2, POOLS, MEASURES, 1000, np.float64)
    accrual.reweigh(np.array([0]), {"pot": 1e-12})
    accrual.pay({("tokens", "pot"): 1e6})
    accrual.reweigh(ALL, {"pot": [0.0, 1e6]})
    for _ in range(999):
        accrual.pay({("tokens", "pot"): 1e6})
    accrual.settle()
    assert accrual.earned("tokens") == pytest.approx([1e6, 999e6], rel=1e-13)


def test_a_giant_that_leaves_takes_its_rounding_with_it():
    """1e9 + 1e-3 − 1e9 is off by 1e-5 of what remains in float64."""
    accrual = Accrual(2, POOLS, MEASURES, 9, np.float64)
    accrual.reweigh(ALL, {"pot": [1e9, 1e-3]})
    accrual.reweigh(np.array([0]), {"pot": 0.0})
    assert accrual.total("pot") == 1e-3


def test_totals_do_not_drift():
    accrual, rng = Accrual(100, POOLS, MEASURES, 20_000, np.float64), np.random.default_rng(1)
    for _ in range(20_000):
        who = rng.integers(0, 100, 1)
        accrual.reweigh(who, {"pot": rng.lognormal(0, 6)})
        accrual.pay({("tokens", "pot"): 1.0})
    assert abs(accrual.total("pot") / accrual.weights("pot").sum() - 1) < 1e-12


def test_long_runs_get_wider_bookmarks_and_an_end():
    assert Accrual(5, POOLS, MEASURES, 32_767).marks.dtype == np.int16
    long = Accrual(5, POOLS, MEASURES, 40_000, np.float64)
    assert long.marks.dtype == np.int32
    long.reweigh(ALL, {"rate": 1.0})
    for _ in range(40_000):
        long.pay({("usd", "rate"): 1.0})
    long.settle()
    assert (long.earned("usd") == 40_000).all()
    with pytest.raises(RunError, match="40001"):
        long.pay({})


def test_misuse_is_refused():
    accrual = Accrual(10, POOLS, MEASURES, 9)
    for wrong in (-1.0, np.nan, np.inf):
        with pytest.raises(RunError):
            accrual.reweigh(np.array([1]), {"pot": wrong})
    with pytest.raises(AssertionError, match="twice"):
        accrual.reweigh(np.array([3, 1, 3]), {"pot": 1.0})
    for slots in (np.array([10]), np.array([-1]), slice(0, 10, 2), np.ones(4, bool)):
        with pytest.raises(RunError):
            accrual.settle(slots)
    with pytest.raises(RunError, match="not a listed"):
        accrual.pay({("tokens", "rate"): 1.0})
    with pytest.raises(RunError):
        accrual.pay({("tokens", "pot"): np.nan})
    with pytest.raises(ValueError, match="read-only"):
        accrual.weights("pot")[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        accrual.earned("usd")[0] = 1.0
    with pytest.raises(RunError):
        Accrual(10, POOLS, {"tokens": ("poot",)}, 9)
    with pytest.raises(RunError):
        Accrual(10, [PoolSpec("a"), PoolSpec("a")], {}, 9)
