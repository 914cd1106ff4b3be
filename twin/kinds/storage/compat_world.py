"""`compat: mechafil` as a run: the peers' aggregate series, day by day, through the same tables and report; beyond them nothing is computed."""

from __future__ import annotations

import numpy as np

from twin.economy.books import TokenBooks, open_ledger
from twin.kernel import Lane
from twin.kinds.storage.aggregate import forecast
from twin.kinds.storage.compat_trade import CompatTrade
from twin.kinds.storage.spec import StorageScenario
from twin.world import World
from twin.world.node_sums import DailySums


class Nobody:
    """No nodes."""

    online = np.zeros(0, bool)


def furnish(world: World) -> None:
    """The forecast, and one act that tells it day by day; it has no switches, as it is made before the first day."""
    spec: StorageScenario = world.spec
    mode, clock, chronicle = spec.mechafil, world.clock, world.chronicle
    assert mode is not None
    series = forecast(mode, start=clock.start, n_days=clock.n_days, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=mode.disbursed_reserve_tokens)
    genesis = mode.disbursed_reserve_tokens + sum(tranche.tokens for tranche in mode.unlocks.tranches.values())
    trade = CompatTrade(clock, world.today, series, genesis_tokens=genesis)
    ledger = open_ledger(clock.start, world.token_name, supply_tokens=0.0, accounts=())
    books = TokenBooks(clock, ledger, world.token_name, world.today, backing_settlements=spec.verdict.backing_days)

    def day() -> None:
        chronicle.price_of_the_morning()
        trade.step()
        chronicle.evening()

    clock.every_day(day, lane=Lane.OBSERVE, name="the peers' series of the day")
    world.open(trade, books, DailySums(0), Nobody(), acts=False)
