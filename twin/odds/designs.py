"""Which lives to live: draws of what is not known, and the luck that each of them is lived with.

A design is a table of points. A point is a draw (a number, and for each path of `uncertain` a number u in (0, 1) for
`scenario.drawn(draw, u_by_path=...)`; docs/uncertain.md) and a replicate, which is the luck. Every variant lives the same points, so
differences of variants are paired on parameters and luck.

Draws that are to be averaged have luck of their own: draw j with n lives each takes the replicates j·n to j·n + n − 1. With one
luck in all draws the odds would be those of that luck. Paths are sorted by name, so the order of a file decides nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from twin.arrays import Floats, Ints
from twin.kernel import Streams

BLOCKS = 8
"""Independently scrambled designs; t over their means needs at least as many (VERDICT 7)."""
MORRIS_LEVELS = 4
MOST_POINTS = 1_000_000
_OPEN = 2.0**-53
"""Numbers stay this far from 0 and 1, as those of `scenario.drawn` do."""


class Layout(StrEnum):
    """How the points of a design lie."""

    REPLICATES = "replicates"
    DRAWS = "draws"
    FACTORIAL = "factorial"
    LATIN_HYPERCUBE = "latin_hypercube"
    SOBOL = "sobol"
    SALTELLI = "saltelli"
    MORRIS = "morris"


@dataclass(frozen=True, slots=True)
class Point:
    """One life to live, in every variant."""

    draw: int | None
    """None: parameters as the scenario states them."""
    replicate: int
    u_by_path: dict[str, float] | None
    """None: the numbers that `scenario.drawn(draw)` makes by itself, or no draw."""


@dataclass(frozen=True, slots=True)
class Design:
    """A table of points, in the order in which they are to be lived."""

    layout: Layout
    paths: tuple[str, ...]
    draw: Ints
    """-1: parameters as the scenario states them."""
    replicate: Ints
    block: Ints
    """The independently scrambled design that a point belongs to; of Morris' layout the trajectory."""
    u: Floats | None
    """Points by paths; None: each draw's own numbers."""

    def __len__(self) -> int:
        return len(self.draw)

    def __iter__(self) -> Iterator[Point]:
        return (self.point(row) for row in range(len(self)))

    def point(self, row: int) -> Point:
        """The point in that row."""
        draw = int(self.draw[row])
        numbers = None if self.u is None else dict(zip(self.paths, self.u[row].tolist(), strict=True))
        return Point(None if draw < 0 else draw, int(self.replicate[row]), numbers)

    @property
    def blocks(self) -> dict[int, int] | None:
        """Draw -> block, where points of one block are not independent of each other (for `analysis.odds`); else None."""
        if self.layout not in (Layout.LATIN_HYPERCUBE, Layout.SOBOL):
            return None
        return dict(zip(self.draw.tolist(), self.block.tolist(), strict=True))

    def table(self) -> pa.Table:
        """The design as a table: `draw` (missing: none), `replicate`, `block`, and one column of u a path."""
        columns = {"draw": pa.array(self.draw, pa.int64(), mask=self.draw < 0), "replicate": pa.array(self.replicate, pa.int64()), "block": pa.array(self.block, pa.int64())}
        return pa.table(columns if self.u is None else columns | {path: pa.array(self.u[:, at]) for at, path in enumerate(self.paths)})


def replicates(n: int) -> Design:
    """`n` lives with the parameters that the scenario states: luck alone."""
    _refuse(n, "replicates")
    none, one = np.broadcast_to(np.int64(-1), n), np.broadcast_to(np.int64(0), n)  # one number each, however many lives
    return Design(Layout.REPLICATES, (), none, np.arange(n), one, None)


def draws(n_draws: int, *, lives_each: int = 1) -> Design:
    """Independent draws from the priors, with the numbers that each draw has by itself; one life each is the best use of a budget for the odds."""
    _refuse(n_draws * lives_each, "draws and lives each")
    draw = np.repeat(np.arange(n_draws), lives_each)
    return Design(Layout.DRAWS, (), draw, np.arange(len(draw)), np.zeros(len(draw), np.int64), None)


def factorial(levels: Mapping[str, int], *, lives_each: int = 1) -> Design:
    """Every combination of levels: of L levels of a path the quantiles (i + 1/2)/L of its prior. All combinations live the same luck, so that cells can be compared."""
    paths = tuple(sorted(levels))
    if not paths or min(levels.values()) < 1:
        raise ValueError("a factorial design needs at least one path, and at least one level of each")
    n_draws = math.prod(levels.values())
    _refuse(n_draws * lives_each, "combinations and lives each")
    grids = [(np.arange(levels[path]) + 0.5) / levels[path] for path in paths]
    u = np.repeat(np.array(list(itertools.product(*grids))), lives_each, axis=0)
    draw = np.repeat(np.arange(n_draws), lives_each)
    return Design(Layout.FACTORIAL, paths, draw, np.tile(np.arange(lives_each), n_draws), np.zeros(len(draw), np.int64), u)


def latin_hypercube(paths: Sequence[str], n_draws: int, *, seed: int, blocks: int = BLOCKS, lives_each: int = 1) -> Design:
    """`blocks` independent Latin hypercubes of n_draws/blocks points (McKay, Beckman and Conover 1979), by `scipy.stats.qmc`."""
    from scipy.stats import qmc

    names, size = _sizes(paths, n_draws, blocks, lives_each)
    made = [qmc.LatinHypercube(len(names), rng=_luck(seed, "Latin hypercube", block)).random(size) for block in range(blocks)]
    return _in_blocks(Layout.LATIN_HYPERCUBE, names, made, lives_each)


def sobol(paths: Sequence[str], n_draws: int, *, seed: int, blocks: int = BLOCKS, lives_each: int = 1) -> Design:
    """`blocks` Sobol sequences of n_draws/blocks points, each scrambled independently (Owen 1998), by `scipy.stats.qmc`. A longer design begins with the shorter one."""
    names, size = _sizes(paths, n_draws, blocks, lives_each)
    made = [_sobol_points(len(names), size, seed, "Sobol", block) for block in range(blocks)]
    return _in_blocks(Layout.SOBOL, names, made, lives_each)


def saltelli(paths: Sequence[str], n_base: int, *, seed: int, blocks: int = BLOCKS) -> Design:
    """The layout of Sobol indices, with luck as one more factor: n_base · (paths + 3) lives (Saltelli et al. 2010, Comput. Phys. Commun. 181:259).

    For each base row: A, then A with one path after the other from B, then A with the luck of B, then B: the order of SALib's
    `sample.sobol` with `calc_second_order=False` and a last factor "luck". Base row i lives A with replicate 2i and B with 2i + 1.
    """
    names, size = _sizes(paths, n_base, blocks, len(paths) + 3)
    k = len(names)
    base = _interleaved([_sobol_points(2 * k, size, seed, "Saltelli", block) for block in range(blocks)])
    a, b = base[:, :k], base[:, k:]
    u = np.repeat(a[:, None, :], k + 3, axis=1)
    for j in range(k):
        u[:, 1 + j, j] = b[:, j]
    u[:, k + 2] = b
    rows = np.arange(n_base)[:, None]
    position = np.array([*range(k + 1), 0, k + 1])        # A with the luck of B is the draw of A
    from_b = np.array([*[0] * (k + 1), 1, 1])
    flat = (n_base * (k + 3),)
    return Design(
        Layout.SALTELLI,
        names,
        (rows * (k + 2) + position).reshape(flat),
        (2 * rows + from_b).reshape(flat),
        np.broadcast_to(rows % blocks, (n_base, k + 3)).reshape(flat),
        u.reshape(-1, k),
    )


def morris(paths: Sequence[str], n_trajectories: int, *, seed: int, levels: int = MORRIS_LEVELS) -> Design:
    """Trajectories that move one path at a time, each by half of (0, 1): n_trajectories · (paths + 1) lives (Morris 1991, Technometrics 33:161).

    Levels are the quantiles (i + 1/2)/levels. All lives of a trajectory have one luck, so a step differs by the path alone.
    """
    names = _named(paths)
    if levels < 2 or levels % 2:
        raise ValueError(f"Morris' layout takes an even number of levels, found {levels}")
    k = len(names)
    _refuse(n_trajectories * (k + 1), "trajectories by paths + 1")
    rng = _luck(seed, "Morris", 0)
    level = rng.integers(0, levels, (n_trajectories, k))
    order = rng.permuted(np.tile(np.arange(k), (n_trajectories, 1)), axis=1)
    moved_at = np.argsort(order, axis=1)                    # path -> the step that moves it
    has_moved = np.arange(k + 1)[None, :, None] > moved_at[:, None, :]
    steps = np.where(has_moved, (level[:, None, :] + levels // 2) % levels, level[:, None, :])
    n = n_trajectories * (k + 1)
    trajectory = np.repeat(np.arange(n_trajectories), k + 1)
    return Design(Layout.MORRIS, names, np.arange(n), trajectory, trajectory, ((steps + 0.5) / levels).reshape(n, k))


def _sobol_points(dimensions: int, n: int, seed: int, purpose: str, block: int) -> Floats:
    from scipy.stats import qmc

    points: Floats = qmc.Sobol(dimensions, scramble=True, rng=_luck(seed, purpose, block)).random_base2(math.ceil(math.log2(n)))
    return points[:n]


def _luck(seed: int, purpose: str, block: int) -> np.random.Generator:
    return Streams(seed).at(f"design: {purpose}", block)


def _interleaved(blocks: Sequence[Floats]) -> Floats:
    """Point i of every block before point i + 1 of any: a design cut short still holds every block. Strictly inside of (0, 1)."""
    together = np.stack(blocks, axis=1)
    return np.clip(together.reshape(-1, together.shape[-1]), _OPEN, 1 - _OPEN)


def _in_blocks(layout: Layout, paths: tuple[str, ...], made: Sequence[Floats], lives_each: int) -> Design:
    u = np.repeat(_interleaved(made), lives_each, axis=0)
    draw = np.arange(len(u)) // lives_each
    return Design(layout, paths, draw, np.arange(len(u)), draw % len(made), u)


def _sizes(paths: Sequence[str], n: int, blocks: int, lives_each: int) -> tuple[tuple[str, ...], int]:
    if blocks < 1 or n % blocks:
        near = max(round(n / max(blocks, 1)), 1) * max(blocks, 1)
        raise ValueError(f"{n} points do not make {blocks} designs of one size; take {near}")
    _refuse(n * lives_each, "points and lives each")
    return _named(paths), n // blocks


def _named(paths: Sequence[str]) -> tuple[str, ...]:
    names = tuple(sorted(paths))
    if not names or len(set(names)) < len(names):
        raise ValueError("a design needs at least one path of `uncertain`, and each of them once")
    return names


def _refuse(n: int, what: str) -> None:
    if not 1 <= n <= MOST_POINTS:
        raise ValueError(f"{what} make {n:,} lives; a design holds 1 to {MOST_POINTS:,}")
