"""The table `cells_monthly` from the cells of a map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.kernel import DAYS_PER_MONTH


def cells_row(
    n: int, row: NDArray[np.integer], *, online: NDArray[np.bool_], fake: NDArray[np.bool_], pay_usd_per_day: NDArray[np.floating],
    coverage_share: NDArray[Any], users: NDArray[Any], covered_too: bool = True,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    """A month of `cells_monthly`: nodes by the cell in which they stand (or claim to), mean pay there, coverage and users as the kind counts them.

    `row` is the cell of each node (-1: outside the map), `n` the number of cells; only cells with something in them get a row, and those
    covered or used without a node too if `covered_too`.
    """
    known = row >= 0
    seen = np.bincount(row[online & known], minlength=n)
    lies = np.bincount(row[online & fake & known], minlength=n)
    pay = np.bincount(row[known], pay_usd_per_day[known], minlength=n) * DAYS_PER_MONTH / np.maximum(seen, 1)
    cells = np.flatnonzero((seen > 0) | (covered_too & ((coverage_share > 0) | (users > 0))))
    return {
        "cell": cells.astype(np.int32),
        "online": (seen - lies)[cells].astype(np.int32),
        "online_as_seen": seen[cells].astype(np.int32),
        "coverage_share": coverage_share[cells].astype(np.float32),
        "users": users[cells].astype(np.float32),
        "pay_usd": pay[cells].astype(np.float32),
        "fake": lies[cells].astype(np.int32),
    }
