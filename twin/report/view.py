"""A run as the report sees it: its tables, the dates of its verdict, and what is not there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from twin.nouns import Nouns
from twin.record import RunFolder
from twin.report.charts import Marks, Series, TimeChart, thin
from twin.report.numbers import is_missing

SMOOTH_DAYS = 28


@dataclass(frozen=True)
class View:
    """Reads each table once; a table that was not written is empty, a value that is missing is None."""

    run: RunFolder

    def _table(self, name: str) -> pd.DataFrame:
        return self.run.table(name) if self.run.has(name) else pd.DataFrame()

    @cached_property
    def nouns(self) -> Nouns:
        """What this network's nodes, service and users are called."""
        return self.run.nouns

    @cached_property
    def daily(self) -> pd.DataFrame:
        """`network_daily`."""
        return self._table("network_daily")

    @cached_property
    def operators(self) -> pd.DataFrame:
        """`operators_monthly`."""
        return self._table("operators_monthly")

    @cached_property
    def cheats(self) -> frozenset[str]:
        """Campaigns of cheats, by the names that `operators_monthly` gives them beside groups of operators."""
        return frozenset(self.run.spec.get("adversaries") or {})

    def named(self, group: str) -> str:
        """A group in words; a campaign of cheats is called one."""
        words = str(group).replace("_", " ")
        return f"{words} (cheats)" if group in self.cheats else words

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """`ledger_monthly`."""
        return self._table("ledger_monthly")

    @cached_property
    def income(self) -> pd.DataFrame:
        """`operator_income`."""
        return self._table("operator_income")

    @cached_property
    def spending(self) -> pd.DataFrame:
        """`customer_dollars`."""
        return self._table("customer_dollars")

    @cached_property
    def holders(self) -> pd.DataFrame:
        """`holders_monthly`."""
        return self._table("holders_monthly")

    @cached_property
    def law(self) -> pd.DataFrame:
        """`law_monthly`."""
        return self._table("law_monthly")

    @cached_property
    def state(self) -> pd.DataFrame:
        """`state_monthly`."""
        return self._table("state_monthly")

    @cached_property
    def treasury(self) -> pd.DataFrame:
        """`treasury_monthly`."""
        return self._table("treasury_monthly")

    @cached_property
    def policies(self) -> pd.DataFrame:
        """`policies_monthly`."""
        return self._table("policies_monthly")

    @cached_property
    def checks(self) -> pd.DataFrame:
        """`checks_monthly`."""
        return self._table("checks_monthly")

    @cached_property
    def rings(self) -> pd.DataFrame:
        """`rings`."""
        return self._table("rings")

    @cached_property
    def campaigns(self) -> pd.DataFrame:
        """`campaigns_monthly`."""
        return self._table("campaigns_monthly")

    @cached_property
    def events(self) -> pd.DataFrame:
        """`events`."""
        return self._table("events")

    @cached_property
    def cells_inside(self) -> pd.Series:
        """Dense indices of the cells in the study area, its margin left out."""
        cells = self.run.table("cells", columns=["cell", "inside"])
        return cells.cell[cells.inside]

    def margin_nodes(self) -> tuple[int, int] | None:
        """Nodes online in the margin and in all cells in the last month of the map; None without maps."""
        months = self.run.months() if self.run.has("cells") else []
        if not months:
            return None
        rows = self.run.table("cells_monthly", columns=["cell", "online"], rows=[("month", "==", months[-1])])
        return int(rows.online[~rows.cell.isin(self.cells_inside)].sum()), int(rows.online.sum())

    @cached_property
    def units(self) -> dict[str, tuple[str, str]]:
        """Unit and meaning of the columns of `network_daily`."""
        return self.run.units("network_daily") if self.run.has("network_daily") else {}

    @cached_property
    def verdict(self) -> dict[str, Any]:
        """The row of `verdict` with plain values: dates as dates, missing ones None; empty if there is none."""
        frame = self._table("verdict")
        if not len(frame):
            return {}
        row = frame.iloc[0].to_dict()
        return {
            name: None if is_missing(value) else value.date() if isinstance(value, pd.Timestamp) else value for name, value in row.items()
        }

    def parsed(self, name: str) -> Any:
        """A JSON column of the verdict, or None."""
        text = self.verdict.get(name)
        try:
            return json.loads(text) if isinstance(text, str) and text else None
        except ValueError:
            return None

    def spec_verdict(self) -> dict[str, Any]:
        """Thresholds of the verdict as the scenario states them."""
        return self._section("verdict")

    def spec_taper(self) -> dict[str, Any]:
        """Thresholds of the taper as the scenario states them."""
        return self._section("taper")

    def taper_origin(self) -> str:
        """Where T0 and T1 come from: `rules`, `stated` or `life`; empty where the manifest does not say."""
        taper = self.run.manifest.get("taper")
        return str(taper.get("origin", "")) if isinstance(taper, dict) else ""

    def _section(self, name: str) -> dict[str, Any]:
        stated = self.run.spec.get(name)
        return stated if isinstance(stated, dict) else {}

    @property
    def start(self) -> date:
        """First day of the tables."""
        first: date = self.daily["date"].iloc[0].date()
        return first

    @cached_property
    def marks(self) -> Marks:
        """T0, T1 and the judged year, where they are known."""
        dates = tuple((name, self.verdict[name]) for name in ("T0", "T1") if self.verdict.get(name))
        band = (self.verdict.get("judged_from"), self.verdict.get("judged_until"))
        return Marks(dates, band if all(band) else None)  # type: ignore[arg-type]

    def has(self, *names: str) -> bool:
        """True if `network_daily` has these columns and at least two days."""
        return len(self.daily) > 1 and all(name in self.daily for name in names)

    def column(self, name: str) -> np.ndarray:
        """A column of `network_daily` as floats; zeros if it is not there."""
        return self.daily[name].to_numpy(float) if name in self.daily else np.zeros(len(self.daily))

    def days(self, first: date, last: date) -> slice:
        """Rows of `network_daily` from `first` up to, not including, `last`."""
        return slice(max((first - self.start).days, 0), max((last - self.start).days, 0))

    def chart(
        self,
        title: str,
        unit: str,
        *lines: tuple[str, np.ndarray, str, str],
        is_log: bool = False,
        smooth: bool = False,
        height: int = 250,
        ceiling: float | None = None,
    ) -> TimeChart:
        """A chart of daily values: (name, values, colour, kind) each, thinned to means of equal blocks, 28 days long if `smooth`."""
        made, step = [], 1
        for name, values, colour, kind in lines:
            means, step = thin(_trailing(values, SMOOTH_DAYS) if smooth else values)
            made.append(Series(name, means, colour, kind))  # type: ignore[arg-type]
        return TimeChart(title, self.start, made, unit, step, is_log, self.marks, height, ceiling)


def _trailing(values: np.ndarray, days: int) -> np.ndarray:
    """Mean of each day and those before it, as many as there are up to `days`."""
    sums = np.concatenate([[0.0], np.nancumsum(np.asarray(values, float))])
    n = np.arange(1, len(values) + 1)
    first = np.maximum(n - days, 0)
    return np.asarray((sums[n] - sums[first]) / (n - first))
