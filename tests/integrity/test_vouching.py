"""Rings in graphs whose answer is known on paper: cliques with and without outside vouches, villages joined by one link, a remote village that is honest and looks like a ring."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from twin.integrity.vouching import (
    NOBODY,
    Communities,
    Near,
    Pairs,
    Vouches,
    are_rings,
    communities_of,
    grown,
    labels_of,
    neighbours,
    suspects_of,
)

Links = list[tuple[int, int]]


def graph(n: int, pairs: Links, weight: float | list[float] = 1.0) -> Vouches:
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    return Vouches(n, ends[:, 0], ends[:, 1], np.broadcast_to(np.asarray(weight, float), len(ends)).copy())


def should(vouches: Vouches, near: Links) -> Near:
    """Who should hear whom."""
    return Near.of(np.array(near, np.int64).reshape(-1, 2), vouches)


def looked_at(vouches: Vouches, labels: np.ndarray, near: Links, *, alone: float = 0.5) -> Communities:
    """What is known of these communities."""
    return communities_of(vouches, labels, should(vouches, near), alone_missed_share=alone)


def clique(members: range) -> Links:
    return list(combinations(members, 2))


def sought(vouches: Vouches, near: Links, *, alone: float = 0.5, from_share: float = 0.6, most: float = 0.5) -> tuple[np.ndarray, Communities, np.ndarray]:
    """Labels, communities, and which of these are taken for rings."""
    suspects = suspects_of(vouches.n, should(vouches, near), from_share=from_share)
    pairs = vouches.among(suspects)
    labels = labels_of(pairs, suspects, luck=np.random.default_rng(3).uniform(size=len(pairs.one)), most_receipts=8)
    labels = grown(vouches, labels)
    found = looked_at(vouches, labels, near, alone=alone)
    return labels, found, are_rings(found, vouches.n, flagged_from_share=from_share, fewest_nodes=4, most_share=most)


def honest_lattice(n: int, reach: int = 6) -> Links:
    """So many in a circle, each of whom hears the nearest on either side."""
    return sorted({(min(i, j), max(i, j)) for i in range(n) for j in ((i + k) % n for k in range(1, reach + 1))})


def test_a_clique_that_nobody_else_hears_among_people_who_should_is_found() -> None:
    """Sixty honest ones in a circle; ten on a desk claim to stand among them: inside share 1, missed share 1."""
    honest, ring = honest_lattice(60), range(60, 70)
    near = honest + [(i, j) for j in ring for i in range((j - 60) * 6, (j - 60) * 6 + 6)]
    labels, found, rings = sought(graph(70, honest + clique(ring)), near)
    assert len(set(labels[60:])) == 1 and (labels[:60] == NOBODY).all()
    assert found.score[labels[60]] == pytest.approx(1.0) and found.size[labels[60]] == 10
    assert rings[labels[60]] and rings.sum() == 1


def test_a_clique_that_its_neighbours_hear_is_none() -> None:
    """The same ten really stand there, and each hears its six neighbours: 45 pairs within and 60 to others, so that 90 / 150 of its vouches are inside and none is missed."""
    honest, friends = honest_lattice(60), range(60, 70)
    near = [(i, j) for j in friends for i in range((j - 60) * 6, (j - 60) * 6 + 6)]
    vouches = graph(70, honest + clique(friends) + near)
    labels = np.where(np.arange(70) >= 60, 1, 0)  # even where they are looked at as a community
    found = looked_at(vouches, labels, near)
    assert found.inside_share[1] == pytest.approx(90 / 150) and found.missed_share[1] == found.score[1] == 0
    assert not sought(vouches, near + honest)[2].any()


@pytest.mark.parametrize(("lent", "flagged"), [(0, True), (10, True), (30, False)])
def test_vouches_that_honest_ones_lend_hide_a_ring(lent: int, flagged: bool) -> None:
    """Of sixty pairs that should hear each other so many do: inside 90 / (90 + lent), missed 1 - lent / 60, score 1, 0.75 and 0.375."""
    ring = range(60, 70)
    near = [(i, j) for j in ring for i in range((j - 60) * 6, (j - 60) * 6 + 6)]
    vouches = graph(70, honest_lattice(60) + clique(ring) + near[:: 60 // lent] if lent else honest_lattice(60) + clique(ring))
    labels = np.where(np.arange(70) >= 60, 1, 0)
    found = looked_at(vouches, labels, near)
    assert found.score[1] == pytest.approx(90 / (90 + lent) * (1 - lent / 60))
    assert are_rings(found, 70, flagged_from_share=0.6, fewest_nodes=4, most_share=0.5)[1] == flagged


def test_members_whose_siblings_claim_to_stand_around_them_are_found_by_the_others() -> None:
    """Of a clique of ten, six stand side by side and miss but a third of those near them; four stand alone among honest ones, are suspects, and all of them are one ring."""
    ring, near = range(60, 70), list(combinations(range(60, 66), 2))
    near += [(i, j) for j in range(60, 66) for i in (j - 60, j - 50)] + [(i, j) for j in range(66, 70) for i in range((j - 66) * 8, (j - 66) * 8 + 8)]
    suspects = suspects_of(70, should(graph(70, honest_lattice(60) + clique(ring)), near), from_share=0.6)
    assert suspects[60:].tolist() == [False] * 6 + [True] * 4
    labels, found, rings = sought(graph(70, honest_lattice(60) + clique(ring)), near + honest_lattice(60))
    assert len(set(labels[60:])) == 1 and labels[60] != NOBODY
    assert rings[labels[60]] and found.size[labels[60]] == 10 and found.score[labels[60]] == 1.0


def test_two_villages_joined_by_one_link_are_two() -> None:
    """Two cliques of eight with a pair between them: each has 56 of 57 of its vouches inside."""
    labels, found, _ = sought(graph(16, [*clique(range(8)), *clique(range(8, 16)), (7, 8)]), [])
    assert len(set(labels[:8])) == len(set(labels[8:])) == 1 and labels[0] != labels[15]
    np.testing.assert_allclose(found.inside_share, 56 / 57)


@pytest.mark.parametrize(("alone", "flagged"), [(1.0, True), (0.5, False), (0.0, False)])
def test_a_remote_village_looks_like_a_ring_to_who_counts_silence(alone: float, flagged: bool) -> None:
    """Nobody stands near enough to hear it: what the check assumes of such places decides, and nothing else can."""
    village = range(60, 68)
    labels, found, rings = sought(graph(68, honest_lattice(60) + clique(village)), honest_lattice(60), alone=alone)
    assert found.inside_share[labels[60]] == 1.0 and found.missed_share[labels[60]] == alone
    assert rings[labels[60]] == flagged


def test_the_network_itself_and_pairs_are_no_rings() -> None:
    labels, _, rings = sought(graph(20, clique(range(20))), [], alone=1.0)
    assert len(set(labels)) == 1 and not rings.any()
    assert not sought(graph(23, [*clique(range(20)), (20, 21), (21, 22)]), [], alone=1.0)[2].any()


def test_receipts_both_ways_are_one_pair_and_the_strongest_are_looked_at() -> None:
    vouches = Vouches(4, np.array([2, 0, 0, 3]), np.array([0, 2, 1, 0]), np.array([0.5, 0.25, 1.0, 0.125]))
    assert list(zip(*vouches.among(np.ones(4, bool)), strict=True)) == [(0, 1, 1.0), (0, 2, 0.75), (0, 3, 0.125)]
    assert list(zip(*vouches.among(np.arange(4) != 2), strict=True)) == [(0, 1, 1.0), (0, 3, 0.125)]
    assert vouches.vouch(np.array([[2, 0], [1, 3], [0, 3], [3, 0]])).tolist() == [True, False, True, True]
    assert vouches.all_of_each().tolist() == [1.875, 1.0, 0.75, 0.125]
    star = Pairs(np.zeros(4, np.int64), np.arange(1, 5), np.array([1.0, 2, 3, 4]))
    assert star.strongest(1, np.full(4, 0.5)).all()  # each of the others draws the one pair that it has
    hub = Pairs(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1.0, 1.0, 8.0]))
    drawn = np.mean([hub.strongest(1, np.random.default_rng(seed).uniform(size=3)) for seed in range(200)], axis=0)
    assert drawn[2] > 0.9 and 0.3 < drawn[0] < 0.8 and drawn.sum() < 2.3  # the heavy pair is drawn by both its ends


def test_suspects_miss_most_of_those_near_or_have_nobody_near() -> None:
    near = should(graph(6, [(0, 1), (1, 2), (3, 4)]), [(0, 1), (0, 2), (1, 2), (2, 3), (0, 3)])
    assert suspects_of(6, near, from_share=0.6).tolist() == [True, False, True, True, True, True]  # miss 2 of 3, 0 of 2, 2 of 3, 2 of 2; nobody near
    assert suspects_of(6, near, from_share=0.7).tolist() == [False, False, False, True, True, True]


def test_who_should_hear_each_other() -> None:
    place = np.array([[0.0, 0.0], [0.2, 0.0], [1.0, 0.0], [4.0, 0.0]])
    assert neighbours(place, nearest_km=0.35, within_km=2).tolist() == [[0, 2], [1, 2]]
    assert len(neighbours(place, nearest_km=0, within_km=2)) == 3
