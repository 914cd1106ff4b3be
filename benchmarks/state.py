"""Cost of the state: `python -m benchmarks.state` (about five seconds).

A million slots, four pools, ten (measure, pool) combinations, float32 weights.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from benchmarks.timing import best_seconds, machine
from twin.state import ALL, Accrual, BlockGroup, Ledger, PoolSpec

N = 1_000_000
POTS = ("beacon", "witness", "data")
MEASURES = {"tokens": POTS, "usd_emission": POTS, "usd_customer": POTS, "cost_usd": ("power",)}


def main() -> None:
    """Print the table."""
    print(machine())
    rng = np.random.default_rng(0)
    accrual = Accrual(N, [*map(PoolSpec, POTS), PoolSpec("power", "rate")], MEASURES, 3_650)
    amounts = {(measure, pool): 1e5 for measure, pools in MEASURES.items() for pool in pools}
    everyone = {pool: rng.random(N, np.float32) for pool in accrual.pools}
    accrual.reweigh(ALL, everyone)
    index, few = BlockGroup(3).slots(N), np.sort(rng.choice(N, 2_000, replace=False))
    some = {pool: rng.random(few.size, np.float32) for pool in accrual.pools}

    def month() -> None:
        """Thirty settlements, reviews of a thirtieth after each: bookmarks as they are in a run."""
        for group in range(30):
            accrual.pay(amounts)
            accrual.settle(BlockGroup(group))
        accrual.pay(amounts)

    rows = (
        ("settle all slots", lambda: accrual.settle()),
        ("settle all, nothing to do", None),
        ("settle a thirtieth, as blocks of 64", lambda: accrual.settle(BlockGroup(3))),
        ("settle a thirtieth, by index", lambda: accrual.settle(index)),
        ("settle and reweigh 2,000 scattered slots", lambda: accrual.reweigh(few, some)),
        ("settle and reweigh all", lambda: accrual.reweigh(ALL, everyone)),
    )
    for name, work in rows:
        if work is None:
            accrual.settle()
            seconds = best_seconds(lambda: accrual.settle())
        else:
            seconds = best_seconds(work, before=month)
        print(f"{name:<44}{seconds * 1e3:8.2f} ms")
    accrual = Accrual(N, [*map(PoolSpec, POTS), PoolSpec("power", "rate")], MEASURES, 3_650)
    accrual.reweigh(ALL, everyone)
    print(f"{'one settlement, all pools':<44}{best_seconds(lambda: accrual.pay(amounts), repeats=50) * 1e6:8.1f} us")
    ledger = Ledger.standard(date(2020, 1, 1))
    ledger.add_asset("HNT")
    ledger.set_price("HNT", 3.0)

    def post() -> None:
        for day in range(1_000):
            ledger.post("HNT", "mint", "operators_accrued", 1.0, reason="proof", funding="emission", day=day)

    print(f"{'one posting':<44}{best_seconds(post) * 1e3:8.2f} us")
    print(f"{'one check of the ledger':<44}{best_seconds(ledger.check, repeats=50) * 1e6:8.2f} us")


if __name__ == "__main__":
    main()
