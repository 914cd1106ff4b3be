"""`compat: mechafil` as a run: the peers' aggregate series, day by day, through the same tables and report.

The equations know the chain and nobody on it: no providers, customers or costs, so those columns are 0 and the run ends without a verdict.
Beyond the peers' own series nothing is computed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from twin.economy.market import Market
from twin.judging import taper_of
from twin.kernel import Clock, Lane, Streams
from twin.kinds.storage.aggregate import forecast
from twin.kinds.storage.rows import common_row
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.tables import COMPAT_FIELDS
from twin.outcomes import Evidence, NodeYear, Verdict
from twin.record import Recorder
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import Ledger, Today


class CompatTwin:
    """Satisfies `twin.build.Twin`."""

    daily_fields = COMPAT_FIELDS
    licence: str | None = None
    schedule = None

    def __init__(self, scenario: Scenario) -> None:
        spec: StorageScenario = scenario.spec
        self.scenario, mode = scenario, spec.mechafil
        assert mode is not None
        self.clock = clock = Clock(spec.calendar.start, spec.calendar.end)
        self.taper = taper_of(scenario)
        self.today = Today()
        self.streams = Streams(scenario.seed, 0)
        base_dir = scenario.path.parent if scenario.path else None
        token = next(iter(spec.token.values()))
        self.market = Market(
            token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=self.taper.begins
        )
        self.series = forecast(
            mode, start=clock.start, n_days=clock.n_days, minting=mode.minting, unlocks=mode.unlocks, reserve_tokens=mode.disbursed_reserve_tokens
        )
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)
        clock.every_day(self._day, lane=Lane.OBSERVE, name="the peers' series of the day")

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run."""
        return self.scenario.hash_with({})

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        return {"variant": self.scenario.label, "replicate": 0, "compat": "mechafil"}

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.recorder = recorder

    def end_subsidies(self) -> None:
        """The peers have no such switch: their forecast is made before the first day."""

    def node_year(self) -> NodeYear | None:
        """Nobody is simulated."""
        return None

    def addressable_usd_per_day(self) -> float:
        """No customers."""
        return 0.0

    def cells(self) -> None:
        """No map."""

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """The shape of emission is all there is."""
        return Evidence(daily, pd.DataFrame(Ledger(self.clock.start).flow_rows(), columns=["month", "asset", "source", "target", "reason", "funding", "amount", "amount_usd"]), {})

    def _day(self) -> None:
        day, series, today = self.clock.day, self.series, self.today
        luck = float(self.streams.uniform("price", day, np.zeros(1, np.int64))[0])
        today.price_usd = self.market.advance(self.clock.today, uniform=luck)
        today.minted_tokens = float(series.reward_tokens_per_day[day])
        today.burned_tokens = float(series.burnt_tokens[day] - series.burnt_tokens[day - 1]) if day else 0.0
        today.emission_usd = today.minted_tokens * today.price_usd
        today.supply_tokens = float(series.circulating_tokens[day])
        if self.recorder is None:
            return
        row = common_row(today, nodes_online=0, nodes_as_seen=0, scheduled_subsidy_tokens=today.minted_tokens)
        names = {
            "raw_power_eib": series.raw_eib, "quality_power_eib": series.quality_eib, "baseline_eib": series.baseline_eib,
            "network_time_days": series.network_time_days, "locked_tokens": series.locked_tokens, "pledged_tokens": series.locked_pledge_tokens,
            "unvested_tokens": series.locked_reward_tokens, "circulating_tokens": series.circulating_tokens, "vested_tokens": series.vested_tokens,
            "burnt_tokens": series.burnt_tokens, "minted_total_tokens": series.minted_tokens, "pledge_tokens_per_32_gib": series.pledge_tokens_per_sector,
        }  # fmt: skip
        self.recorder.daily(day, row | {name: float(values[day]) for name, values in names.items()})
