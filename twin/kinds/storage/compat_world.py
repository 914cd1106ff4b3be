"""`compat: mechafil` as a run: the peers' aggregate series, day by day, through the same tables and report; beyond them nothing is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.arrays import Floats
from twin.economy.books import TokenBooks, open_ledger
from twin.economy.emission import day_range, values_on
from twin.errors import InputError, Problem
from twin.kernel import Lane
from twin.kinds.storage.aggregate import Inputs, forecast
from twin.kinds.storage.compat_trade import CompatTrade
from twin.kinds.storage.mechafil_spec import BY_DAY, SHARES
from twin.kinds.storage.spec import StorageScenario
from twin.world import World
from twin.world.node_sums import DailySums


def _by_day(world: World, name: str, value: Any) -> Floats:
    """A number, numbers by the date from which they hold, or a table, for each day of the run; InputError where a table of shares holds more than 1."""
    if isinstance(value, dict):
        return values_on(value, day_range(world.clock.start, world.clock.end), np.nan)
    found = world.series(value)
    if name in SHARES and found.max() > 1:
        raise InputError(
            Problem("share_above_one", f"`mechafil.{name}` is a share, and table {value.series} says {found.max():g}", path=f"mechafil.{name}", suggestion="shares from 0 to 1; divide percent by 100")
        )
    return found


class Nobody:
    """No nodes."""

    online = np.zeros(0, bool)


def furnish(world: World) -> None:
    """The forecast, and one act that tells it day by day; it has no switches, as it is made before the first day."""
    spec: StorageScenario = world.spec
    mode, clock, chronicle = spec.mechafil, world.clock, world.chronicle
    assert mode is not None
    inputs = Inputs(*(_by_day(world, name, getattr(mode, name)) for name in BY_DAY))
    series = forecast(mode, inputs, start=clock.start, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=mode.disbursed_reserve_tokens)
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
