"""Until when the real network is known to have lived: the last dated price or number of nodes that nobody assumed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.scenario.values import flatten

NODE_COUNTS = frozenset({"hotspots", "stations", "hotspots_reference", "map_progress"})
"""Fields whose dated tables count what really ran."""
PRICES = frozenset({"history", "price", "before"})
"""Fields whose dated table is the token's price."""
ASSUMED = "assumed"


def alive_on(scenario: Scenario) -> dict[str, object]:
    """For the manifest: `alive_on`, the last such day, `by`, what says so, and `is_part`, whether the network goes on outside the scenario; empty where no dated table does."""
    base_dir = scenario.path.parent if scenario.path is not None else None
    values, found = flatten(scenario.spec), []
    for path, name in values.items():
        of = path[-2] if len(path) > 1 else ""
        what = "number of nodes" if of in NODE_COUNTS else "price" if path[0] == "token" and of in PRICES else ""
        if path[-1] == "series" and what and (day := _last(str(name), values.get((*path[:-1], "until")), base_dir)) is not None:
            found.append((day, what))
    if not found:
        return {}
    last, by = max(found)
    return {"alive_on": last, "by": by, "is_part": getattr(scenario.spec, "outside", None) is not None}


def _last(name: str, until: Any, base_dir: Path | None) -> date | None:
    """The last dated row above zero that is not assumed, up to a day."""
    table = load_series(name, base_dir=base_dir)
    rows = [
        row for row, source in enumerate(table.sources)
        if not source.strip().lower().startswith(ASSUMED) and table.values[row] > 0 and (until is None or table.dates[row] <= np.datetime64(until))
    ]  # fmt: skip
    last: date | None = table.dates[rows[-1]].astype(object) if rows else None
    return last
