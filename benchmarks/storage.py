"""Seconds for one 1,825-day run of `compat: mechafil`, from the loaded scenario to all series; best and median of twenty.

    python -m benchmarks.storage
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from twin.kinds.storage.aggregate import Inputs, forecast
from twin.kinds.storage.mechafil_spec import BY_DAY
from twin.scenario import load

SCENARIO = Path(__file__).parents[1] / "tests" / "storage" / "mechafil-reference-a.yaml"
RUNS = 20


def main() -> None:
    """Prints the measurement beside the peers' published one."""
    began = time.perf_counter()
    spec = load(SCENARIO).spec
    loaded = time.perf_counter() - began
    mode, n_days = spec.mechafil, (spec.calendar.end - spec.calendar.start).days
    inputs = Inputs(*(np.full(n_days, getattr(mode, name)) for name in BY_DAY))
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        forecast(mode, inputs, start=spec.calendar.start, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=mode.disbursed_reserve_tokens)
        seconds.append(time.perf_counter() - began)
    print(f"{n_days} days: best {min(seconds):.4f} s, median {statistics.median(seconds):.4f} s; reading the scenario once {loaded:.3f} s")
    print("peers on two cores: mechafil 1.9 1.4 to 1.8 s; mechafil-jax 1.3 to 1.7 s at the first call, 0.0015 s after that")


if __name__ == "__main__":
    main()
