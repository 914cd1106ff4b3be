"""The verdict computed a second time, by its definition (VERDICT 2 to 6), from the tables of a run folder alone: no function of the product computes here."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

LINE = 1e-9
WEEK = 7


class Tables:
    """What a stranger finds in a run folder."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        self.folder, scenario = folder, self.manifest["scenario"]
        self.spec, self.taper_spec = scenario["verdict"], scenario["taper"]
        self.daily = self.read("network_daily")
        self.said = self.read("verdict").iloc[0]
        self.nodes = self.read("judged_nodes") if (folder / "judged_nodes.parquet").exists() else None
        self.start = pd.Timestamp(self.daily.date.iloc[0]).date()

    def read(self, name: str) -> pd.DataFrame:
        return pq.read_table(self.folder / f"{name}.parquet").to_pandas()

    def has(self, column: str) -> bool:
        return column in self.daily

    def series(self, column: str) -> np.ndarray:
        """A daily column; zeros where the network leaves it out."""
        return self.daily[column].to_numpy(float) if self.has(column) else np.zeros(len(self.daily))

    # -- windows
    def taper(self) -> tuple[date | None, date | None]:
        """T0 and T1 from the subsidy by day, scheduled or as the reference's life paid it; stated dates come from the manifest."""
        stated = self.manifest["taper"]
        if stated["origin"] == "stated":
            return _date(stated["begins"]), _date(stated["done"])
        schedule = self.read("subsidy_schedule")
        tokens, first = schedule.tokens_per_day.to_numpy(), pd.Timestamp(schedule.date.iloc[0]).date()
        days = self.taper_spec["mean_days"]
        mean = np.convolve(np.r_[np.zeros(days - 1), tokens], np.full(days, 1 / days), "valid")
        found = []
        for share in (self.taper_spec["begins_below_share"], self.taper_spec["done_below_share"]):
            above = np.flatnonzero(mean >= share * mean.max() * (1 - LINE))
            found.append(None if above[-1] == len(mean) - 1 else first + timedelta(days=int(above[-1]) + 1))
        return found[0], found[1]

    def year(self) -> slice:
        """Rows of J."""
        done = self.taper()[1]
        assert done is not None
        first = (done - self.start).days + self.spec["settle_days"]
        return slice(first, first + self.spec["judged_days"])

    # -- ratios
    def kept(self, column: str) -> tuple[float, float]:
        """Best subsidised year and mean over J of a series."""
        done = self.taper()[1]
        assert done is not None
        values, days = self.series(column), self.spec["reference_days"]
        before = values[: (done - self.start).days]
        best = max(float(before[end - days : end].mean()) for end in range(days, len(before) + 1))
        return best, float(values[self.year()].mean())

    def carried(self, *, full: bool, fees: str = "fees_usd") -> float:
        """Share of usage in J of nodes whose F pays running cost (and replacement)."""
        nodes = self.nodes
        assert nodes is not None
        f, cost = nodes[fees] + nodes.own_use_usd, nodes.avoidable_cost_usd + (nodes.replacement_cost_usd if full else 0.0)
        return float(nodes.usage_usd[(f >= cost) & (f >= nodes.avoidable_cost_usd)].sum() / nodes.usage_usd.sum())

    def largest_customer(self) -> float | None:
        """Part of the largest buyer in what all paid in the best subsidised year; None where nobody paid."""
        done = self.taper()[1]
        if done is None or not (self.folder / "customers_daily.parquet").exists():
            return None
        values, days = self.series("usage_constant_usd")[: max((done - self.start).days, 0)], self.spec["reference_days"]
        if len(values) < days:
            return None
        end = max(range(days, len(values) + 1), key=lambda day: float(values[day - days : day].mean()))
        paid = self.read("customers_daily")
        row = (pd.to_datetime(paid.date) - pd.Timestamp(self.start)).dt.days
        paid = paid[(row >= end - days) & (row < end)]
        if not len(paid):
            return None
        return float((paid.paid_usd * paid.largest_buyer_share).groupby(paid.customer).sum().max() / paid.paid_usd.sum())

    def backed_share(self, *, settles_every: int, token: bool = False) -> np.ndarray:
        """beta by day, of the network that is judged or of all that share its token."""
        days = max(self.spec["backing_days"] // settles_every, 1) * settles_every
        revenue = self.series("revenue_token_usd") + self.series("outside_revenue_token_usd")
        emission = self.series("emission_usd")
        if token:
            revenue, emission = self.series("token_revenue_usd"), self.series("token_emission_usd")
        over = [
            (revenue[max(0, day - days + 1) : day + 1].sum(), emission[max(0, day - days + 1) : day + 1].sum())
            for day in range(len(revenue))
        ]
        return np.array([min(1.0, got / out) if out > 0 else 0.0 for got, out in over])

    # -- collapse
    def collapse(self) -> tuple[date, str] | None:
        """First day and side of the first spell of collapse that begins before the end of J."""
        spec, until = self.spec, len(self.daily)
        if self.said.judged_until is not None:
            until = min(until, max((self.said.judged_until - self.start).days, 0))
        found = []
        for side, column, floor in (
            ("supply", "service_share", spec["started_share"]),
            ("demand", "usage_constant_usd", spec["started_share"] * self.said.addressable_usd_per_day),
        ):
            values = self.series(column)
            for first, end, back in _spells(values, floor=floor, spec=spec, until=until):
                if end - first >= spec["collapse_days"] and not back and (self.said.judged_until is None or first < until):
                    found.append((first, side != "supply", side))
        if not found:
            return None
        first, _, side = min(found)
        return self.start + timedelta(days=first), side

    def outcome(self, *, fees: str = "fees_usd") -> str:
        """The first class that applies."""
        spec = self.spec
        done, said = self.taper()[1], self.said
        ends = self.start + timedelta(days=len(self.daily))
        if done is None or self.year().stop > len(self.daily) or (done - self.start).days < spec["reference_days"] or ends < self.start:
            return "not_judged"
        best, mean = self.kept("usage_constant_usd")
        if best <= 0 or said.addressable_usd_per_day <= 0 or best < spec["started_share"] * said.addressable_usd_per_day:
            return "never_started"
        if self.collapse() is not None or mean / best < spec["floor_share"]:
            return "collapsed"
        full, cash = mean / best * self.carried(full=True, fees=fees), mean / best * self.carried(full=False, fees=fees)
        if full >= spec["kept_share"]:
            return "self_sustaining"
        if full >= spec["floor_share"]:
            return "niche"
        return "coasting" if cash >= spec["floor_share"] else "subsidy_dependent"


def _spells(values: np.ndarray, *, floor: float, spec: dict[str, Any], until: int) -> list[tuple[int, int, bool]]:
    """First and last day of every spell below the share of the best year so far, and whether it was followed by a return before `until`."""
    n, year, span = len(values), spec["reference_days"], spec["collapse_mean_days"]
    total = np.r_[0.0, np.cumsum(values)]
    best, low, share, spells = 0.0, False, np.ones(n), []
    first = 0
    for day in range(n):
        if day + 1 >= year:
            best = max(best, (total[day + 1] - total[day + 1 - year]) / year)
        back = max(day + 1 - span, 0)
        lives = best > 0 and best >= floor
        share[day] = (total[day + 1] - total[back]) / (day + 1 - back) / best if lives else 1.0
        now = lives and share[day] < spec["collapse_below_share"]
        if now and not low:
            first = day
        if low and not now:
            spells.append((first, day))
        low = now
    if low:
        spells.append((first, n))
    return [(a, b, bool((share[b:until] > spec["recovery_share"]).any())) for a, b in spells]


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
