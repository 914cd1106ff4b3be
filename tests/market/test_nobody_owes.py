"""In every small world, on every evening: no account but `world`, `mint` and what lay before the start is below zero in any asset, and all dollars add up to nothing."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
from kept import settled

from twin.kernel import Lane
from twin.state import USD, Ledger

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

BELOW_ZERO = {"world", "mint", "genesis", "rounding"}
"""`genesis` is what existed before the start, `rounding` the crumbs of float64 (held to 1e-9 by the ledger's check)."""
QUICK = ("energy", "mapping-island", "arweave-fixed", "compute-grants", "sensing-fixed")
TOLERANCE = 1e-9


def owed(ledger: Ledger, token: str) -> list[str]:
    """Accounts that have spent what they do not have, and assets whose sums are not zero."""
    found = []
    for asset in (USD, token):
        balances = dict(ledger.balances(asset))
        largest = max((abs(amount) for amount in balances.values()), default=0.0)
        largest = max(largest, 1.0)
        found += [f"{account}: {amount} {asset}" for account, amount in balances.items() if amount < -TOLERANCE * largest and account not in BELOW_ZERO]
        if not abs(math.fsum(balances.values())) <= TOLERANCE * largest:
            found.append(f"{asset} add up to {math.fsum(balances.values())}")
    return found


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in WORLDS])
def test_every_evening_everybody_has_what_was_spent(name: str) -> None:
    world, _ = settled(WORLDS[name].scenario())
    found: list[str] = []

    def look() -> None:
        found.extend(f"{world.clock.today}: {each}" for each in owed(world.ledger, world.token_name))

    world.clock.every_day(look, lane=Lane.OBSERVE, sub=9, name="who owes")
    world.clock.run()
    assert found == []
