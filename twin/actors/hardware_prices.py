"""What a device costs on each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.scenario.model import SeriesRef
from twin.scenario.sections.hardware import GenerationSpec
from twin.scenario.series import load_series

Days = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HardwarePrices:
    """USD by day. `new_usd` is inf on days without a device in the shops; `replacement_usd` then is the last price there was (the first, if none yet).

    `generation` is the index of the generation sold (the one whose price holds), -1 for none.
    """

    new_usd: Days
    replacement_usd: Days
    generation: NDArray[np.int16]


class Shops(Protocol):
    """Hardware with models on sale, of whatever kind of network."""

    @property
    def generations(self) -> Mapping[str, GenerationSpec]:
        """Models by name."""


def hardware_prices(spec: Shops, *, start: date, n_days: int, base_dir: Path | None = None) -> HardwarePrices:
    """Prices of each day from `start`. Of several generations in the shops the newest is bought, of equally new ones the cheapest.

    Raises InputError if no generation is in the shops on any of the days, or a price series does not reach.
    """
    new_usd = np.full(n_days, np.inf)
    generation = np.full(n_days, -1, np.int16)
    newest = np.full(n_days, np.iinfo(np.int64).min)
    for index, (name, each) in enumerate(spec.generations.items()):
        first, last = _on_sale(each, start, n_days)
        if first > last:
            continue
        span = slice(first, last + 1)
        price = _price(each, name, start + timedelta(days=first), last - first + 1, base_dir)
        age = np.int64(-(10**6) if each.starts is None else (each.starts - start).days)
        better = (age > newest[span]) | ((age == newest[span]) & (price < new_usd[span]))
        new_usd[span] = np.where(better, price, new_usd[span])
        generation[span] = np.where(better, index, generation[span])
        newest[span] = np.where(better, age, newest[span])
    sold = np.isfinite(new_usd)
    if not sold.any():
        end = start + timedelta(days=n_days - 1)
        message = f"no generation of hardware is in the shops between {start} and {end}"
        raise InputError(Problem("no_hardware_on_sale", message, path="hardware.generations"))
    known = np.maximum.accumulate(np.where(sold, np.arange(n_days), -1))
    known[known < 0] = np.flatnonzero(sold)[0]
    return HardwarePrices(new_usd, new_usd[known], generation)


def _on_sale(each: GenerationSpec, start: date, n_days: int) -> tuple[int, int]:
    first = 0 if each.starts is None else max((each.starts - start).days, 0)
    last = n_days - 1 if each.until is None else min((each.until - start).days, n_days - 1)
    return first, last


def _price(each: GenerationSpec, name: str, start: date, n_days: int, base_dir: Path | None) -> Days:
    if not isinstance(each.price_usd, SeriesRef):
        return np.full(n_days, each.price_usd)
    series = load_series(each.price_usd.series, base_dir)
    if series.unit != "usd":
        message = f"{series.name} is in {series.unit}, a price needs usd"
        raise InputError(Problem("wrong_unit", message, file=series.path, path=f"hardware.generations.{name}.price_usd"))
    return series.daily(start, n_days, until=each.price_usd.until, then=each.price_usd.then) * each.price_usd.value_multiple
