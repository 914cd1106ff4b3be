"""A claim can be tested inside the hull of honest observers alone (arXiv 2503.07558): inside, every other place is given away by one of them; outside, there is another that nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, Delaunay

from twin.integrity.where import Near

FAR = 1e6


def in_plane(claims: np.ndarray, who: np.ndarray, within_km: float) -> Near:
    """Points of a plane, (east, north): every pair within reach, but for those on one spot."""
    away = who[None] - claims[:, None]
    claim, observer = np.nonzero((np.linalg.norm(away, axis=2) <= within_km) & (away != 0).any(axis=2))
    return Near(len(claims), claim, away[claim, observer])


def can_be_tested(claims: np.ndarray, who: np.ndarray, *, within_km: float) -> np.ndarray:
    return in_plane(claims, who, within_km).can_be_tested()


def widest_gap(claims: np.ndarray, who: np.ndarray, *, within_km: float) -> tuple[np.ndarray, np.ndarray]:
    return in_plane(claims, who, within_km).widest_gap()


def room_to_lie_km(claims: np.ndarray, who: np.ndarray, *, within_km: float) -> np.ndarray:
    """How far from each claim a liar could stand, at least, so that none of its observers can tell; 0 inside their hull, without end where there are none.

    It steps away from the middle of the widest gap: from an observer at distance d, whose direction is off that way by t, it is nearer for the first 2 d cos(t) km.
    """
    near = in_plane(claims, who, within_km)
    gap, middle = near.widest_gap()
    room = np.where(gap < np.pi, 0.0, np.inf)
    open_ = gap[near.claim] >= np.pi
    claim, step = near.claim[open_], -np.column_stack([np.cos(middle), np.sin(middle)])[near.claim[open_]]
    np.minimum.at(room, claim, np.maximum(2 * (near.towards_km[open_] * step).sum(axis=1), 0.0))
    return room


SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])


def may_stand_at(x: np.ndarray, claim: np.ndarray, observers: np.ndarray) -> bool:
    """Whether somebody at x can claim that place: it may seem farther from each observer, and never nearer."""
    return bool((np.linalg.norm(observers - x, axis=1) <= np.linalg.norm(observers - claim, axis=1)).all())


@st.composite
def observers(draw: st.DrawFn) -> np.ndarray:
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).uniform(-10, 10, (draw(st.integers(3, 12)), 2))


@settings(max_examples=60, deadline=None)
@given(observers(), st.integers(0, 2**32 - 1))
def test_inside_the_hull_one_of_them_gives_every_other_place_away(who: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(len(who)), 20)
    claims = weights @ who
    told = can_be_tested(claims, who, within_km=FAR)
    assert told.all()
    assert (room_to_lie_km(claims, who, within_km=FAR) == 0).all()
    for claim, weight in zip(claims, weights, strict=True):
        elsewhere = claim + rng.normal(0, 1, (50, 2)) * 10 ** rng.uniform(-3, 1.5, (50, 1))
        for x in elsewhere:
            nearer = ((who - x) ** 2).sum(axis=1) - ((who - claim) ** 2).sum(axis=1)
            assert weight @ nearer == pytest.approx(((x - claim) ** 2).sum(), rel=1e-6, abs=1e-9)  # the identity of the proof
            assert not may_stand_at(x, claim, who)


@settings(max_examples=60, deadline=None)
@given(observers(), st.integers(0, 2**32 - 1))
def test_outside_there_is_another_place_that_nobody_can_tell_from_it(who: np.ndarray, seed: int) -> None:
    """A step towards all of them, of any length up to the room there is; beyond it the nearest of them would see that it is not there."""
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, 10)
    claims = 40 * np.column_stack([np.cos(angle), np.sin(angle)])
    gap, middle = widest_gap(claims, who, within_km=FAR)
    room = room_to_lie_km(claims, who, within_km=FAR)
    assert (gap > np.pi).all() and (room > 0).all() and not can_be_tested(claims, who, within_km=FAR).any()
    towards = -np.column_stack([np.cos(middle), np.sin(middle)])
    for share, can in ((0.01, True), (0.5, True), (0.999, True), (1.001, False)):
        for claim, step, most in zip(claims, towards, room, strict=True):
            assert may_stand_at(claim + share * most * step, claim, who) is can


@settings(max_examples=40, deadline=None)
@given(observers(), st.integers(0, 2**32 - 1))
def test_the_widest_gap_says_what_a_hull_says(who: np.ndarray, seed: int) -> None:
    claims = np.random.default_rng(seed).uniform(-14, 14, (200, 2))
    hull = Delaunay(who[ConvexHull(who).vertices])
    np.testing.assert_array_equal(can_be_tested(claims, who, within_km=FAR), hull.find_simplex(claims) >= 0)


@pytest.mark.parametrize(
    ("claim", "inside", "gap", "room"),
    [
        ((5.0, 5.0), True, np.pi / 2, 0.0),
        ((5.0, -1e-6), False, np.pi, 0.0),  # hardly outside: hardly any room
        ((15.0, 5.0), False, 2 * np.pi - 2 * np.arctan2(5, 5), 10.0),  # as far on the other side of the near edge
        ((20.0, 5.0), False, 2 * np.pi - 2 * np.arctan2(5, 10), 20.0),
    ],
)
def test_beside_a_square(claim: tuple[float, float], inside: bool, gap: float, room: float) -> None:
    at = np.array([claim])
    assert can_be_tested(at, SQUARE, within_km=FAR)[0] == inside
    assert widest_gap(at, SQUARE, within_km=FAR)[0][0] == pytest.approx(gap, abs=1e-5)
    assert room_to_lie_km(at, SQUARE, within_km=FAR)[0] == pytest.approx(room, abs=1e-4)


def test_few_observers_and_those_out_of_reach_prove_nothing() -> None:
    """None, one or two: a full turn, and half a turn between two, is left; who stands on the spot has no direction."""
    at = np.array([[0.0, 0.0]])
    for who in (np.zeros((0, 2)), np.array([[1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [-1.0, 0.0]]), SQUARE[:1]):
        assert not can_be_tested(at, who, within_km=FAR)[0]
    around = np.array([[3.0, 0.0], [-3.0, 3.0], [-3.0, -3.0]])
    assert can_be_tested(at, around, within_km=5.0)[0] and not can_be_tested(at, around, within_km=4.0)[0]
    assert np.isinf(room_to_lie_km(at, around, within_km=1.0)[0])


def test_on_the_sphere_each_claim_has_its_own_plane() -> None:
    """One hundredth of a degree on Gotland is 1.112 km to the north and 0.594 km to the east; across the 180th meridian neighbours are neighbours."""
    near = Near.of_sphere(np.array([[57.7, 18.3]]), np.array([[57.71, 18.31]]), within_km=5)
    np.testing.assert_allclose(near.towards_km, [[0.594, 1.112]], atol=2e-3)
    ring = np.array([[0.02, 179.99], [-0.02, 179.99], [0.0, -179.98]])
    fiji = Near.of_sphere(np.array([[0.0, 180.0], [0.0, 179.97]]), ring, within_km=10)
    assert fiji.can_be_tested().tolist() == [True, False]
