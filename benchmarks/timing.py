"""Wall time of a piece of work, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version


def best_seconds(work: Callable[[], object], *, repeats: int = 5, before: Callable[[], object] | None = None) -> float:
    """Shortest of `repeats` times in seconds; `before` prepares each of them and is not counted."""
    best = float("inf")
    for _ in range(repeats):
        if before is not None:
            before()
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def machine() -> str:
    """One line that says what was measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "simpy", "mesa"))
    return f"Python {platform.python_version()}, {packages}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, one used"
