"""Rings that vouch for each other, sought in the graph of who vouches for whom.

Suspects are nodes that miss most of those who stand near enough to hear each other, or have nobody near. Communities of suspects (label propagation over some receipts of each), and those
who have a fifth of their vouches with one, are taken for rings where they vouch for each other and hardly for anybody else, and miss whom they should hear:

    inside share = vouches within / all vouches of its members        missed share = pairs (member, outsider near it) in which neither vouches / all such pairs
    score        = inside share x missed share

Where no outsider stands near, nothing tells a ring from a remote village whose word is true: the missed share is then what the check assumes, and honest villages pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.arrays import Bools, Floats

SEED = 7
"""Of the order in which label propagation goes about."""
Ints = NDArray[np.int64]
JOINS_FROM_SHARE = 0.2
"""assumed: of the vouches of one that joins a community"""
MOST_ROUNDS = 5
NOBODY = -1
"""Label of whom no community has."""


@dataclass(frozen=True)
class Vouches:
    """Receipts: who sent a beacon, who reports to have heard it, and how often."""

    n: int
    sender: Ints
    witness: Ints
    receipts: Floats

    @cached_property
    def _known(self) -> Ints:
        """Pairs (witness, sender), sorted."""
        known = self.witness * self.n + self.sender
        return known if np.all(known[1:] >= known[:-1]) else np.sort(known)

    def vouch(self, pairs: Ints) -> Bools:
        """Whether one of the two of each row vouches for the other."""
        found = np.zeros(len(pairs), np.bool_)
        if len(self._known):
            for one, other in ((0, 1), (1, 0)):
                asked = pairs[:, one] * self.n + pairs[:, other]
                found |= self._known[np.minimum(np.searchsorted(self._known, asked), len(self._known) - 1)] == asked
        return found

    def all_of_each(self) -> Floats:
        """Vouches for and of each node."""
        return np.asarray(np.bincount(self.sender, self.receipts, minlength=self.n) + np.bincount(self.witness, self.receipts, minlength=self.n))

    def among(self, some: Bools) -> Pairs:
        """Pairs of these, both ways together."""
        both = some[self.sender] & some[self.witness]
        sender, witness = self.sender[both], self.witness[both]
        pair, row = np.unique(np.minimum(sender, witness) * self.n + np.maximum(sender, witness), return_inverse=True)
        return Pairs(pair // self.n, pair % self.n, np.bincount(row, self.receipts[both], minlength=len(pair)).astype(np.float64))


class Pairs(NamedTuple):
    """Nodes that vouch for each other, each pair once: `one` < `other`, and how much they do."""

    one: Ints
    other: Ints
    weight: Floats

    def strongest(self, most: int, luck: Floats) -> Bools:
        """Which of them are looked at: of each node so many, drawn by luck (0 to 1, of each pair) in proportion to what they weigh; a pair that either has drawn."""
        key = np.log(luck) / self.weight
        node, pair = np.concatenate([self.one, self.other]), np.tile(np.arange(len(self.one)), 2)
        order = np.lexsort((-key[pair], node))
        node, pair = node[order], pair[order]
        kept = np.zeros(len(self.one), np.bool_)
        kept[pair[np.arange(len(node)) - np.searchsorted(node, node) < most]] = True
        return kept


class Communities(NamedTuple):
    """What is known of each community."""

    size: Ints
    inside_share: Floats
    missed_share: Floats

    @property
    def score(self) -> Floats:
        """From 0 to 1."""
        return np.asarray(self.inside_share * self.missed_share)


def neighbours(place_km: NDArray[np.float64], *, nearest_km: float, within_km: float) -> Ints:
    """Pairs that stand near enough to hear each other, and far enough that it counts: rows (one, other)."""
    pairs = np.asarray(cKDTree(place_km).query_pairs(within_km, output_type="ndarray"), np.int64).reshape(-1, 2)
    return pairs[np.linalg.norm(place_km[pairs[:, 0]] - place_km[pairs[:, 1]], axis=1) >= nearest_km] if nearest_km else pairs


class Near(NamedTuple):
    """Pairs that should hear each other, and which of them do not."""

    pairs: Ints
    silent: Bools

    @classmethod
    def of(cls, pairs: Ints, vouches: Vouches) -> Near:
        """By what they vouch."""
        return cls(pairs, ~vouches.vouch(pairs))


def suspects_of(n: int, near: Near, *, from_share: float) -> Bools:
    """Who of `n` nodes misses at least so much of those near, or has nobody near."""
    should = sum(np.bincount(near.pairs[:, end], minlength=n) for end in (0, 1))
    missed = sum(np.bincount(near.pairs[:, end], near.silent, minlength=n) for end in (0, 1))
    return np.asarray(missed >= from_share * np.asarray(should))


def labels_of(pairs: Pairs, some: Bools, *, luck: Floats, most_receipts: int) -> Ints:
    """Number of the community of each of these nodes, by label propagation over the strongest pairs; NOBODY of the others, and of who is alone in one."""
    kept = pairs.strongest(most_receipts, luck)
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(some).tolist())
    graph.add_weighted_edges_from(zip(pairs.one[kept].tolist(), pairs.other[kept].tolist(), pairs.weight[kept].tolist(), strict=True))
    labels = np.full(len(some), NOBODY, np.int64)
    sought = nx.community.fast_label_propagation_communities(graph, weight="weight", seed=SEED)
    found = sorted((sorted(members) for members in sought if len(members) > 1), key=lambda each: each[0])
    for number, members in enumerate(found):
        labels[members] = number
    return labels


def grown(vouches: Vouches, labels: Ints) -> Ints:
    """Communities with those who joined them: whoever has a fifth of its vouches or more within one, round by round. A member whose siblings claim to stand around it misses few and is no suspect."""
    labels, n = labels.copy(), int(labels.max(initial=NOBODY)) + 1
    total, within, new = vouches.all_of_each(), np.zeros(vouches.n * n), labels != NOBODY
    for _ in range(MOST_ROUNDS if n else 0):
        for one, other in ((vouches.sender, vouches.witness), (vouches.witness, vouches.sender)):
            joined = np.flatnonzero(new[other])
            within += np.bincount(one[joined] * n + labels[other[joined]], vouches.receipts[joined], minlength=len(within))
        by_node = within.reshape(vouches.n, n)
        best = by_node.argmax(axis=1)
        new = (total > 0) & (labels == NOBODY) & (by_node[np.arange(vouches.n), best] >= JOINS_FROM_SHARE * total)
        if not new.any():
            break
        labels[new] = best[new]
    return labels


def communities_of(vouches: Vouches, labels: Ints, near: Near, *, alone_missed_share: float) -> Communities:
    """Size, inside share and missed share of each community; `near` are all that should hear each other."""
    n, member = int(labels.max(initial=NOBODY)) + 1, labels >= 0
    one, other = labels[vouches.sender], labels[vouches.witness]
    same = (one == other) & (one >= 0)
    inside = 2 * np.bincount(one[same], vouches.receipts[same], minlength=n)
    all_ = np.bincount(labels[member], vouches.all_of_each()[member], minlength=n)
    ends = labels[near.pairs]
    apart = ends[:, 0] != ends[:, 1]
    ends, silent = ends[apart], near.silent[apart]
    should, missed = np.zeros(n), np.zeros(n)
    for end in (0, 1):
        of_one = ends[:, end] >= 0
        should += np.bincount(ends[of_one, end], minlength=n)
        missed += np.bincount(ends[of_one, end], silent[of_one], minlength=n)
    return Communities(
        np.bincount(labels[member], minlength=n), np.divide(inside, all_, out=np.zeros(n), where=all_ > 0),
        np.divide(missed, should, out=np.full(n, alone_missed_share), where=should > 0),
    )  # fmt: skip


def are_rings(found: Communities, n: int, *, flagged_from_share: float, fewest_nodes: int, most_share: float) -> Bools:
    """Which communities of a network of `n` nodes are taken for rings: large enough to be paid, small enough not to be the network, and with a score from so much on."""
    return np.asarray((found.size >= fewest_nodes) & (found.size <= most_share * n) & (found.score >= flagged_from_share))
