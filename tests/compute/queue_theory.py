"""Waits by Erlang's formulas, and the queue itself, served first come first served: what the model's Erlang probabilities are held against."""

from __future__ import annotations

import heapq
import math

import numpy as np
from numpy.typing import NDArray

from twin.kinds.compute.queueing import erlang_c

Floats = NDArray[np.float64]


def mean_wait(servers: int, load_erlang: float) -> float:
    """Mean wait in mean service times; infinite where the load reaches the servers."""
    spare = servers - load_erlang
    return erlang_c(servers, load_erlang) / spare if spare > 0 else math.inf


def wait_quantile(servers: int, load_erlang: float, quantile: float = 0.95) -> float:
    """Wait that the share `quantile` does not exceed, in mean service times: 0 where that many do not wait at all."""
    spare = servers - load_erlang
    if spare <= 0:
        return math.inf
    waits = erlang_c(servers, load_erlang)
    return max(0.0, math.log(waits / (1 - quantile)) / spare) if waits > 0 else 0.0


def allen_cunneen_wait(servers: int, load_erlang: float, *, service_cv2: float, arrival_cv2: float = 1.0) -> float:
    """Mean wait in mean service times of a queue with other spreads (squared coefficients of variation); an approximation, useless for heavy tails."""
    return mean_wait(servers, load_erlang) * (arrival_cv2 + service_cv2) / 2


def queue_waits(gaps: Floats, services: Floats, servers: int) -> Floats:
    """Wait of each job, in the unit of the arguments: `gaps` between arrivals, `services` their lengths, first come first served."""
    free_at = [0.0] * servers
    waits = np.empty(len(gaps))
    now = 0.0
    replace = heapq.heapreplace
    for job, (gap, service) in enumerate(zip(gaps.tolist(), services.tolist(), strict=True)):
        now += gap
        start = free_at[0]
        if start < now:
            start = now
        waits[job] = start - now
        replace(free_at, start + service)
    return waits
