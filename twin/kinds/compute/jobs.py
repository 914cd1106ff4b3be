"""Jobs as counts: what arrives, who waits how long, what runs where. No object stands for a job."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from twin.arrays import Floats, Ints
from twin.kinds.compute.demand_spec import JobSpec
from twin.scenario.model import Spread, lognormal_sigma

LONGEST_WAIT_HOURS = 96
"""Ages beyond are kept together: patience decides, not memory."""


def lognormal_of(spread: Spread) -> tuple[float, float]:
    """Location and scale of the logarithm."""
    median = max(spread.median, 1e-9)
    return math.log(median), lognormal_sigma(median, max(spread.p90, 1e-9))


def cut_mean(spread: Spread, longest: float) -> float:
    """Mean of a lognormal cut at `longest`: m e^(s²/2) Φ((ln L − μ − s²)/s) + L (1 − Φ((ln L − μ)/s))."""
    mu, sigma = lognormal_of(spread)
    if sigma == 0:
        return min(spread.median, longest)
    edge = (math.log(longest) - mu) / sigma
    return math.exp(mu + sigma**2 / 2) * float(ndtr(edge - sigma)) + longest * (1 - float(ndtr(edge)))


def leaving_by_age(patience: Spread) -> Floats:
    """Probability that a job which has waited a whole hours leaves within the next, for a = 0, 1, … (lognormal patience)."""
    mu, sigma = lognormal_of(patience)
    edges = np.log(np.arange(1, LONGEST_WAIT_HOURS + 1))
    stays = np.concatenate(([1.0], 1 - ndtr((edges - mu) / max(sigma, 1e-9))))
    return np.asarray(1 - np.divide(stays[1:], stays[:-1], out=np.zeros(LONGEST_WAIT_HOURS), where=stays[:-1] > 1e-12))


class Waiting:
    """Jobs (or GPU-hours of flow) in the queue by class-and-city row and hours waited."""

    def __init__(self, patience: list[Spread]) -> None:
        self.leaves = np.array([leaving_by_age(each) for each in patience])
        self.count = np.zeros_like(self.leaves)

    def arrive(self, jobs: Floats) -> None:
        """New ones, at age 0."""
        self.count[:, 0] += jobs

    @property
    def total(self) -> Floats:
        """How many wait, by row."""
        return np.asarray(self.count.sum(axis=1))

    def take(self, served: Floats) -> Floats:
        """Serves that many of each row, oldest first; returns how many were served by row and age."""
        rows = np.flatnonzero(served)
        oldest = self.count[rows, ::-1]
        before = np.cumsum(oldest, axis=1) - oldest
        taken = np.zeros_like(self.count)
        taken[rows] = np.minimum(np.maximum(served[rows, None] - before, 0.0), oldest)[:, ::-1]
        self.count -= taken
        return taken

    def age(self) -> Floats:
        """An hour passes; returns how many lost patience, by row."""
        gone = self.count * self.leaves
        stay = self.count - gone
        self.count = np.zeros_like(stay)
        self.count[:, 1:] = stay[:, :-1]
        self.count[:, -1] += stay[:, -1]
        return np.asarray(gone.sum(axis=1))


@dataclass
class Running:
    """Leases of an hour or more, one row for each batch that started together: arrays of equal length."""

    node: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    kind: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Row of the queue it came from: class and city."""
    gpus: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    left_hours: Floats = field(default_factory=lambda: np.zeros(0))
    done_hours: Floats = field(default_factory=lambda: np.zeros(0))
    usd_per_hour: Floats = field(default_factory=lambda: np.zeros(0))

    NAMES = ("node", "kind", "gpus", "left_hours", "done_hours", "usd_per_hour")

    def start(self, node: Ints, kind: Ints, gpus: Ints, hours: Floats, usd_per_hour: Floats) -> None:
        """Adds rows."""
        for name, new in zip(self.NAMES, (node, kind, gpus, hours, np.zeros(len(node)), usd_per_hour), strict=True):
            setattr(self, name, np.concatenate((getattr(self, name), new)))

    def drop(self, rows: NDArray[np.bool_]) -> None:
        """Takes rows away."""
        stay = ~rows
        for name in self.NAMES:
            setattr(self, name, getattr(self, name)[stay])


class Lengths:
    """Lengths of jobs by class: lognormal, cut at the longest, at least a quarter of an hour; half of it where the job ends early."""

    def __init__(self, jobs: list[JobSpec]) -> None:
        self._mu, self._sigma = np.array([lognormal_of(job.duration_hours) for job in jobs]).T
        self._longest = np.array([job.longest_hours for job in jobs])
        self._ends_early = np.array([job.ends_early_share for job in jobs])

    def drawn(self, job: Ints, length: Floats, fate: Floats) -> Floats:
        """Hours of jobs of these classes, from two uniform numbers each."""
        hours = np.clip(np.exp(self._mu[job] + self._sigma[job] * ndtri(length)), 0.25, self._longest[job])
        return np.asarray(np.where(fate < self._ends_early[job], hours / 2, hours))


def mean_hours(spec: JobSpec) -> float:
    """Mean length of a job, early ends included."""
    return cut_mean(spec.duration_hours, spec.longest_hours) * (1 - 0.5 * spec.ends_early_share)
