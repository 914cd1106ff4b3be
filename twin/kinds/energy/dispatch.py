"""A household's day by the hour: sun, load, battery, tariff; representative days instead of a year.

Rows are (household type, representative day); the loop runs over 24 hours for all rows at once. Losses are taken on discharge. On an event day the
battery comes full and holds its power through the event; otherwise it charges at cheap hours and from surplus sun, and serves load and dear hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats

LOAD_SHAPE = np.array([.028, .024, .022, .021, .022, .027, .038, .045, .043, .039, .037, .037, .038, .037, .036, .038, .045, .056, .066, .069, .067, .060, .052, .053])  # fmt: skip
"""assumed: a household's share of the day's use by hour, with an evening peak"""
LOAD_SHAPE /= LOAD_SHAPE.sum()


@dataclass(frozen=True)
class Rules:
    """What the battery follows."""

    reserve_share: float
    efficiency_share: float
    low_usd_per_mwh: float
    high_usd_per_mwh: float


@dataclass(frozen=True)
class Days:
    """Flows of each row over its day, kWh at the meter; `event_kw` is the mean power delivered in the event's hours."""

    imported: Floats
    exported: Floats
    exported_dear: Floats
    """Part of `exported` that the battery sent out at dear hours."""
    dear_usd: Floats
    """What that part is worth at wholesale prices."""
    event_kw: Floats
    solar: Floats


def run_days(
    *, solar_kwh: Floats, load_kwh: Floats, price_usd_per_mwh: Floats, battery_kwh: Floats, battery_kw: Floats, rules: Rules,
    event_hours: tuple[int, int] | None = None, sells_at_wholesale: NDArray[np.bool_] | bool = False,
) -> Days:  # fmt: skip
    """One day of every row: `solar_kwh`, `load_kwh` and `price_usd_per_mwh` are (rows, 24), the battery (rows,).

    `event_hours` are first and last + 1 hour of an event, for all rows, in which the battery came full.
    """
    n = len(battery_kwh)
    usable = (1 - rules.reserve_share) * battery_kwh
    floor = rules.reserve_share * battery_kwh
    soc = np.where(battery_kwh > 0, battery_kwh if event_hours else floor + usable / 2, 0.0)
    start = soc.copy()
    imported, exported, dear, dear_usd, event = (np.zeros(n) for _ in range(5))
    sells = np.broadcast_to(np.asarray(sells_at_wholesale), (n,))
    for hour in range(24):
        price, sun, need = price_usd_per_mwh[:, hour], solar_kwh[:, hour], load_kwh[:, hour]
        surplus = np.maximum(sun - need, 0.0)
        lack = np.maximum(need - sun, 0.0)
        room = battery_kwh - soc
        can = np.minimum(battery_kw, np.maximum(soc - floor, 0.0) * rules.efficiency_share)
        out, charge_grid = np.zeros(n), np.zeros(n)
        if event_hours is not None and event_hours[0] <= hour < event_hours[1]:
            left = event_hours[1] - hour
            out = np.minimum(battery_kw, np.maximum(soc - floor, 0.0) * rules.efficiency_share / left)
            event += out / (event_hours[1] - event_hours[0])
        else:
            waits = event_hours is not None and hour < event_hours[0]
            cheap = (price < rules.low_usd_per_mwh) & sells
            charge_grid = np.where(cheap, np.minimum(battery_kw, room), 0.0)
            high = (price > rules.high_usd_per_mwh) & sells
            if not waits:
                out = np.where(cheap, 0.0, np.where(high, can, np.minimum(can, lack)))
        from_sun = np.minimum(np.minimum(surplus, battery_kw - charge_grid), room - charge_grid)
        from_sun = np.where(out > 0, 0.0, np.maximum(from_sun, 0.0))
        soc = np.clip(soc + charge_grid + from_sun - out / rules.efficiency_share, 0.0, battery_kwh)
        net = need + charge_grid + from_sun - sun - out
        imported += np.maximum(net, 0.0)
        sent = np.maximum(-net, 0.0)
        exported += sent
        by_battery = np.where((price > rules.high_usd_per_mwh) & sells, np.minimum(sent, out), 0.0)
        dear += by_battery
        dear_usd += by_battery * price / 1000
    imported += np.maximum(start - soc, 0.0)  # what was taken from the battery over the day is bought back
    exported += np.maximum(soc - start, 0.0) * rules.efficiency_share
    return Days(imported, exported, dear, dear_usd, event, solar_kwh.sum(axis=1))
