"""Miners of an Arweave-like network: what a mined TB costs each of them, and how much space they keep; and the price the protocol measures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kernel import Streams
from twin.kinds.storage.arweave_spec import ReplicasSpec, StoragePriceSpec
from twin.kinds.storage.economics import HOURS_PER_YEAR
from twin.kinds.storage.endowment import MINUTES_PER_DAY, WINSTON
from twin.kinds.storage.provider_spec import MinerSpec
from twin.kinds.storage.providers import drawn_countries, groups_of, spread_values
from twin.units import DAYS_PER_YEAR

LEAST_TB = 3.6
"""One partition: who mines less takes no part."""


Bought = Callable[[NDArray[np.int64], Floats], None]
"""Hears who bought hardware, and what it cost each, USD."""


def _no_law(slots: NDArray[np.int64], usd: Floats) -> None:
    """Where law asks nothing of who buys."""


@dataclass(frozen=True, slots=True)
class Members:
    """Who mines: columns by miner, as drawn for a run."""

    group: NDArray[np.int8]
    countries: tuple[str, ...]
    country: NDArray[np.int16]
    """Row in `countries`."""
    space_tb: Floats
    """On the first day."""
    cost_multiple: Floats

    @classmethod
    def drawn(cls, specs: Sequence[MinerSpec], streams: Streams, *, space_tb: float) -> Members:
        """Miners of all groups, who share that much space."""
        group = groups_of(specs)
        slots = np.arange(len(group))
        countries, country = drawn_countries([each.country_share for each in specs], group, streams.uniform("miner country", 0, slots))
        size, multiple = streams.exponential("miner size", 0, slots), np.zeros(len(group))
        luck = streams.uniform("miner cost", 0, slots)
        for index, each in enumerate(specs):
            rows = np.flatnonzero(group == index)
            size[rows] *= each.space_share * space_tb / size[rows].sum()
            multiple[rows] = spread_values(each.cost_multiple, luck[rows])
        return cls(group, countries, country, size, multiple)


class Miners:
    """Space by miner, TB, and yearly costs of a TB, USD."""

    def __init__(self, spec: ReplicasSpec, *, space_tb: Floats, cost_multiple: Floats, usd_per_kwh: Floats, hurdle_rate_per_year: float) -> None:
        self.spec, self.space_tb = spec, space_tb.copy()
        electricity = spec.power_w_per_tb / 1000 * HOURS_PER_YEAR * spec.industrial_share_of_household_price * usd_per_kwh
        self._other_usd = spec.running_usd_per_tb_per_year * cost_multiple
        self._running = self._other_usd + electricity
        self.hurdle_rate_per_year = hurdle_rate_per_year
        rate, life = hurdle_rate_per_year, spec.life_years
        self._disk = spec.capex_usd_per_tb * (rate / (1 - (1 + rate) ** -life) if rate > 0 else 1 / life)
        self.decline = 1.0
        self.duty_usd_per_day, self.announced_duty_usd_per_day = np.zeros(len(space_tb)), np.zeros(len(space_tb))
        """What law asks of each miner, and what it will ask; USD a day, however much space it has."""
        self.law_price_share, self.law_setup_usd = np.zeros(len(space_tb)), np.zeros(len(space_tb))
        """What law adds to the price of new disks of each, a share, and what must be set up before a miner begins, USD."""
        self.bought: Bought = _no_law
        self.entered: Bought = _no_law
        """Hear of disks bought by those who mine, and by those who begin, and what they cost each: law takes its part."""
        self._opening_tb = space_tb.copy()
        self._shut_tb, self._left = np.zeros(len(space_tb)), np.zeros(len(space_tb), bool)
        self._closed = np.zeros(len(space_tb), bool)
        self.denied, self.denied_until = np.zeros(len(space_tb), bool), np.zeros(len(space_tb), np.int64)
        """Who was taken for a cheat and is not paid today, and until which day."""
        self.claimed_tb = 0.0
        """Space of others that is paid like theirs, and kept or not."""
        self._count()

    def _count(self) -> None:
        """After each change of space."""
        self.online: NDArray[np.bool_] = self.space_tb >= LEAST_TB
        """Miners with at least a partition."""
        self.mined_tb: Floats = np.where(self.online, self.space_tb, 0.0)
        """Space that takes part, by miner; what is less than a partition stands idle."""
        self.paid_tb: Floats = np.where(self.denied, 0.0, self.mined_tb) if self.denied.any() else self.mined_tb
        """The same of those who are paid."""

    def deny(self, who: NDArray[np.bool_]) -> None:
        """These are not paid from now on, all others are."""
        if (who != self.denied).any():
            self.denied = who
            self._count()

    @property
    def all_paid_tb(self) -> float:
        """Space that shares in the income, claims of others among it."""
        return float(self.paid_tb.sum()) + self.claimed_tb

    def shares(self) -> Floats:
        """Part of all space that is paid, by miner."""
        total = self.all_paid_tb
        return self.paid_tb / total if total > 0 else np.zeros(len(self.paid_tb))

    def kept_shares(self) -> Floats:
        """Part of all honest space that takes part, by miner."""
        total = float(self.mined_tb.sum())
        return self.mined_tb / total if total > 0 else np.zeros(len(self.mined_tb))

    @property
    def running_usd_per_tb_per_year(self) -> Floats:
        """Avoidable cost of a TB, without duties of law: they do not shrink with it."""
        return np.asarray(self._running * self.decline)

    @property
    def duties_usd_per_day(self) -> Floats:
        """What those who take part pay for what law asks."""
        return np.where(self.online, self.duty_usd_per_day, 0.0)

    @property
    def outside_tb(self) -> Floats:
        """What those who left would come back with, if the law lets them: what they began with."""
        return np.where(self._left & ~self._closed, self._opening_tb, 0.0)

    @property
    def disk_usd_per_tb_per_year(self) -> float:
        """Replacement of a TB, as an annuity."""
        return self._disk * self.decline

    @property
    def new_disk_usd_per_tb(self) -> float:
        """What a TB of new disks costs today, without what law adds."""
        return self.spec.capex_usd_per_tb * self.decline

    def outlay_usd_per_tb(self, slots: NDArray[np.int64]) -> Floats:
        """The same with the duty on it, for each of some miners."""
        return np.asarray(self.new_disk_usd_per_tb * (1 + self.law_price_share[slots]))

    @property
    def used_disk_usd_per_tb(self) -> float:
        """What a TB of disks sells for that are no longer wanted."""
        return self.new_disk_usd_per_tb * self.spec.resale_share

    def see(self, day: int) -> None:
        """Costs of a day of the run: they fall over the years."""
        self.decline = (1 - self.spec.cost_decline_share_per_year) ** (day / DAYS_PER_YEAR)

    def close(self, slots: NDArray[np.int64]) -> None:
        """These miners keep no space from now on; they hold on to their disks."""
        self._shut_tb[slots] = self.space_tb[slots]
        self.space_tb[slots], self._closed[slots] = 0.0, True
        self._count()

    def reopen(self, slots: NDArray[np.int64]) -> None:
        """They take up again what they had."""
        self.space_tb[slots], self._shut_tb[slots], self._closed[slots] = self._shut_tb[slots], 0.0, False
        self._count()

    def plug_in(self, slots: NDArray[np.int64], usd_per_kwh: Floats) -> None:
        """These draw their power elsewhere from now on, at another price."""
        spec = self.spec
        self._running[slots] = self._other_usd[slots] + spec.power_w_per_tb / 1000 * HOURS_PER_YEAR * spec.industrial_share_of_household_price * usd_per_kwh

    def leave(self, slots: NDArray[np.int64]) -> None:
        """These take part no more; they sell their disks."""
        self.space_tb[slots], self._left[slots] = 0.0, True
        self._count()

    def enter(self, slots: NDArray[np.int64]) -> float:
        """These come back with what they began with; returns what their disks cost, USD."""
        self.space_tb[slots], self._left[slots] = self._opening_tb[slots], False
        self._count()
        self.entered(slots, self._opening_tb[slots] * self.new_disk_usd_per_tb)
        return float(self._opening_tb[slots].sum()) * self.new_disk_usd_per_tb

    def resize(self, change_share: Floats) -> float:
        """Each miner has that much more or less from now on; returns what new disks cost, USD."""
        bought = self.space_tb * np.maximum(change_share, 0.0)
        self.bought(np.arange(len(bought)), bought * self.new_disk_usd_per_tb)
        bought_tb = float(bought.sum())
        self.space_tb = self.space_tb * (1 + change_share)
        self._count()
        return bought_tb * self.new_disk_usd_per_tb


class MeasuredPrice:
    """Block rewards a minute over mined GiB, averaged over the protocol's history, then blended into the price."""

    def __init__(self, spec: StoragePriceSpec, *, blocks_per_day: float) -> None:
        self.spec = spec
        days = max(round(spec.history_blocks_count / blocks_per_day), 1)
        self._income: deque[float] = deque(maxlen=days)
        self._space: deque[float] = deque(maxlen=days)
        self._keep = spec.old_weight ** (blocks_per_day / spec.update_every_blocks_count)
        self.winston = spec.opening_winston_per_gib_minute

    def step(self, income_tokens: float, *, mined_gib: float, transition_share: float) -> float:
        """Price of the next day. `transition_share`: how far the way from the opening price to the measured one is gone, 0 to 1."""
        self._income.append(income_tokens)
        self._space.append(mined_gib)
        space = sum(self._space)
        measured = sum(self._income) / WINSTON / (MINUTES_PER_DAY * space) if space > 0 else self.winston
        target = self.spec.opening_winston_per_gib_minute * (1 - transition_share) + measured * transition_share
        self.winston = self.winston * self._keep + target * (1 - self._keep)
        return self.winston
