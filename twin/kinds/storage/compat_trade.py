"""What `compat: mechafil` tells its world: the peers' series. The equations know the chain and nobody on it, so there is no verdict."""

from __future__ import annotations

from collections.abc import Mapping

from twin.arrays import Floats
from twin.kernel import Clock
from twin.kinds.storage.aggregate import Aggregate
from twin.kinds.storage.tables import COMPAT_ABSENT, COMPAT_FIELDS
from twin.state import Today
from twin.world.trade import Plain, Row

COLUMNS = {
    "raw_power_eib": "raw_eib", "quality_power_eib": "quality_eib", "baseline_eib": "baseline_eib", "network_time_days": "network_time_days",
    "locked_tokens": "locked_tokens", "pledged_tokens": "locked_pledge_tokens", "unvested_tokens": "locked_reward_tokens",
    "circulating_tokens": "circulating_tokens", "vested_tokens": "vested_tokens", "burnt_tokens": "burnt_tokens", "minted_total_tokens": "minted_tokens",
    "pledge_tokens_per_32_gib": "pledge_tokens_per_sector",
}  # fmt: skip
"""Our name -> the series of the aggregate."""


class CompatTrade(Plain):
    """A network without providers, customers or costs."""

    daily_fields = COMPAT_FIELDS
    absent_fields = COMPAT_ABSENT

    def __init__(self, clock: Clock, today: Today, series: Aggregate, *, genesis_tokens: float) -> None:
        """`genesis_tokens` existed before the first block."""
        self.clock, self.today, self.series, self._genesis_tokens = clock, today, series, genesis_tokens

    def step(self) -> None:
        """The peers' tokens of the day."""
        day, series, today = self.clock.day, self.series, self.today
        today.minted_tokens = float(series.reward_tokens_per_day[day])
        today.burned_tokens = float(series.burnt_tokens[day] - series.burnt_tokens[day - 1]) if day else 0.0
        today.emission_usd = today.minted_tokens * today.price_usd
        today.supply_tokens = self._genesis_tokens + float(series.minted_tokens[day] - series.burnt_tokens[day])

    def row(self, counts: Mapping[str, int]) -> Row:
        """The peers' series."""
        day, today = self.clock.day, self.today
        nobody: Row = {"nodes_online": 0, "scheduled_subsidy_tokens": today.minted_tokens}
        return nobody | {name: float(getattr(self.series, own)[day]) for name, own in COLUMNS.items()}

    def addressable_usd_per_day(self) -> float:
        """No customers."""
        return 0.0

    def paid(self, days: slice) -> tuple[dict[str, float], float]:
        """Nobody."""
        return {}, 0.0

    def payers(self) -> Mapping[str, tuple[Floats, float]]:
        """Nobody."""
        return {}

    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {"compat": "mechafil"}
