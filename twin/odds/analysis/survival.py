"""How long networks live once the taper has begun: a survival curve from T0, its causes, and the mean life up to the horizon (VERDICT 7).

Origin is T0, the event is collapse, and only runs that live at T0 are followed; those that never started or were dead by then are
counted first. The curve is the Kaplan–Meier product (Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457) by `scipy.stats.ecdf` of
right-censored days, with log-log intervals. Where all runs end at one horizon it equals the plain share that lives until then.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from twin.arrays import Bools, Floats
from twin.odds.analysis.intervals import Z95, Interval, Method, percent, percent_range
from twin.odds.analysis.runs import Status
from twin.outcomes.classes import Outcome
from twin.units import DAYS_PER_YEAR

NOT_NAMED = "not named"
"""Cause of a collapse that has none in the table."""


@dataclass(frozen=True, slots=True)
class Survival:
    """What became of the runs of one variant after T0."""

    variant: str
    n: int
    """Runs that were lived and have a T0."""
    n_never_started: int
    n_dead_at_taper: int
    n_without_taper: int
    """Runs that were lived and have no T0, or one that lies behind their horizon; in nothing below."""
    n_failed: int
    curve: pd.DataFrame
    """`days` since T0, `at_risk` and `collapsed` on that day, `alive` (share of those that lived at T0), `low`, `high` (95 %)."""
    causes: pd.DataFrame
    """Indexed by days since T0, one column a cause: share of those that lived at T0 that collapsed of it until then. Adds up to 1 − alive."""
    horizon_days: float
    """Days from T0 to the earliest horizon: mean life is counted up to it."""
    mean_life_days: float
    """Restricted mean life: the area under the curve from T0 to there."""
    mean_life_interval: Interval
    several_lives_a_draw: bool
    """Lives of one draw are alike, and the intervals do not know: they are too narrow."""

    @property
    def n_at_risk(self) -> int:
        """Runs that live at T0."""
        return self.n - self.n_never_started - self.n_dead_at_taper

    def alive_at(self, days: float) -> float:
        """Share of the runs alive at T0 that still live `days` later."""
        row = int(np.searchsorted(self.curve["days"].to_numpy(), days, side="right")) - 1
        return float(self.curve["alive"].iloc[max(row, 0)])

    def alive_range(self, days: float) -> tuple[float, float]:
        """The same, if all failed runs had died at once, and if all had lived on."""
        alive, n, lost = self.alive_at(days) * self.n_at_risk, self.n_at_risk, self.n_failed
        return alive / (n + lost), (alive + lost) / (n + lost)

    def mean_life_range_days(self) -> tuple[float, float]:
        """Mean life, if all failed runs had died at T0, and if all had lived to the horizon; days."""
        lived, n, lost = self.mean_life_days * self.n_at_risk, self.n_at_risk, self.n_failed
        return lived / (n + lost), (lived + lost * self.horizon_days) / (n + lost)

    def sentence(self) -> str:
        """Who was dead first, then who lives at the horizon, then the mean life."""
        dead = [f"{count:,} {what}" for count, what in ((self.n_never_started, "never started"), (self.n_dead_at_taper, "had collapsed when the taper began")) if count]
        said = f"Of {self.n:,} lives {' and '.join(dead)}; of the other {self.n_at_risk:,}" if dead else f"Of {self.n:,} lives"
        last = self.curve[self.curve["days"] <= self.horizon_days].iloc[-1]
        years = self.horizon_days / DAYS_PER_YEAR
        said += f" {percent(float(last['alive']))} % have not collapsed {years:.1f} years after the taper began"
        if not math.isnan(float(last["low"])):
            said += f" ({percent_range(float(last['low']), float(last['high']))})"
        mean = self.mean_life_interval
        said += f"; mean life {self.mean_life_days / DAYS_PER_YEAR:.1f} of {years:.1f} years ({mean.low / DAYS_PER_YEAR:.1f} to {mean.high / DAYS_PER_YEAR:.1f})."
        if self.n_failed:
            low, high = self.alive_range(self.horizon_days)
            shortest, longest = (days / DAYS_PER_YEAR for days in self.mean_life_range_days())
            said += f" {self.n_failed:,} failed and are not in it; with them {percent_range(low, high)} have not collapsed at the end, and mean life is {shortest:.1f} to {longest:.1f} years."
        if self.several_lives_a_draw:
            said += " Lives of one draw are alike: the intervals are too narrow."
        return said


def after_taper(results: pd.DataFrame) -> pd.DataFrame:
    """Of every run that was lived and has a T0 before its horizon: `days` since T0 to its collapse or its horizon, `collapsed`, `alive_at_taper`, `never_started`, `horizon_days`, and its `draw`, `replicate`, `cause`."""
    lived = results[(results["status"] == Status.DONE) & _tapers(results)]
    begins, collapse, horizon = (pd.to_datetime(lived[name]) for name in ("taper_begins", "collapse_date", "horizon"))
    to_collapse = (collapse - begins).dt.days.astype(float)
    to_horizon = (horizon - begins).dt.days.astype(float)
    never = (lived["outcome"] == Outcome.NEVER_STARTED).to_numpy(bool)
    collapsed = to_collapse.notna() & ~(to_collapse > to_horizon)
    return pd.DataFrame({
        "draw": lived["draw"],
        "replicate": lived["replicate"],
        "days": to_collapse.where(collapsed, to_horizon),
        "collapsed": collapsed,
        "alive_at_taper": ~never & ~(to_collapse <= 0).to_numpy(bool),
        "never_started": never,
        "horizon_days": to_horizon,
        "cause": lived["cause"],
    })  # fmt: skip


def _tapers(results: pd.DataFrame) -> pd.Series:
    """Whether the taper of a run begins before its horizon."""
    return pd.to_datetime(results["taper_begins"]) < pd.to_datetime(results["horizon"])


def survival(results: pd.DataFrame, *, z: float = Z95) -> Survival:
    """The survival curve of the one variant that `results` holds. Raises ValueError where no run lives at T0."""
    variants = results["variant"].unique()
    if len(variants) != 1:
        raise ValueError(f"expected the runs of one variant, found {len(variants)}: take of_variant(results, name)")
    lived = after_taper(results)
    followed = lived[lived["alive_at_taper"]]
    if followed.empty:
        raise ValueError("no life lives when the taper begins: there is no curve")
    days, collapsed = followed["days"].to_numpy(np.float64), followed["collapsed"].to_numpy(bool)
    horizon = float(followed["horizon_days"].min())
    mean, error = restricted_mean(days, collapsed, horizon)
    draws = followed["draw"].dropna()
    return Survival(
        variant=str(variants[0]),
        n=len(lived),
        n_never_started=int(lived["never_started"].sum()),
        n_dead_at_taper=int((~lived["alive_at_taper"] & ~lived["never_started"]).sum()),
        n_without_taper=int(((results["status"] == Status.DONE) & ~_tapers(results)).sum()),
        n_failed=int((results["status"] == Status.FAILED).sum()),
        curve=kaplan_meier(days, collapsed, z=z),
        causes=cumulative_incidence(days, collapsed, followed["cause"].astype("string").fillna(NOT_NAMED).to_numpy(object)),
        horizon_days=horizon,
        mean_life_days=mean,
        mean_life_interval=Interval(max(mean - z * error, 0.0), min(mean + z * error, horizon), Method.GREENWOOD),
        several_lives_a_draw=bool(draws.duplicated().any() and draws.nunique() > 1),
    )


def kaplan_meier(days: Floats, collapsed: Bools, *, z: float = Z95) -> pd.DataFrame:
    """Share alive by days since T0: `days`, `at_risk`, `collapsed`, `alive`, `low`, `high`; the first row is day 0.

    The log-log interval (Kalbfleisch and Prentice 1980) has no ends where the share is 1 or 0: NaN there. Runs censored on a day count as at risk on it.
    """
    from scipy import stats  # 30 MB and half a second, which no worker needs

    found = stats.ecdf(stats.CensoredData.right_censored(days, ~collapsed)).sf
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # "undefined at some observations": those are the NaN
        ends = found.confidence_interval(float(2 * ndtr(z) - 1), method="log-log")
    times = found.quantiles
    alive = np.concatenate([[1.0], found.probabilities])
    inner = (alive > 0) & (alive < 1)
    return pd.DataFrame({
        "days": np.concatenate([[0.0], times]),
        "at_risk": np.concatenate([[len(days)], (days >= times[:, None]).sum(axis=1)]).astype(np.int64),
        "collapsed": np.concatenate([[0], ((days == times[:, None]) & collapsed).sum(axis=1)]).astype(np.int64),
        "alive": alive,
        "low": np.where(inner, np.concatenate([[np.nan], ends.low.probabilities]), np.nan),
        "high": np.where(inner, np.concatenate([[np.nan], ends.high.probabilities]), np.nan),
    })  # fmt: skip


def cumulative_incidence(days: Floats, collapsed: Bools, cause: np.ndarray) -> pd.DataFrame:
    """Share collapsed of each cause by days since T0, competing causes counted as such: Σ alive(t−) · d_cause(t) / at risk(t).

    (Aalen and Johansen 1978, Scand. J. Stat. 5:141.) The causes add up to 1 − the Kaplan–Meier share; 1 − a Kaplan–Meier curve of each
    cause alone would not.
    """
    times = np.unique(days)
    at_risk = (days >= times[:, None]).sum(axis=1)
    deaths = ((days == times[:, None]) & collapsed).sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod(1 - deaths / at_risk)[:-1]])
    table = pd.DataFrame(index=pd.Index(np.concatenate([[0.0], times]), name="days"))
    for name in sorted(set(cause[collapsed])):
        of_it = ((days == times[:, None]) & collapsed & (cause == name)).sum(axis=1)
        table[name] = np.concatenate([[0.0], np.cumsum(before * of_it / at_risk)])
    return table


def restricted_mean(days: Floats, collapsed: Bools, horizon: float) -> tuple[float, float]:
    """(mean, standard error) of min(life, horizon) in days: the area under the Kaplan–Meier curve up to the horizon.

    Variance Σ area(t_i to horizon)² · d_i / (n_i (n_i − d_i)) (Klein and Moeschberger 2003, eq. 4.5.2), times n/(n−1): with no run
    censored before the horizon it is the variance of the plain mean.
    """
    times = np.unique(days[collapsed & (days < horizon)])
    at_risk = (days >= times[:, None]).sum(axis=1)
    deaths = ((days == times[:, None]) & collapsed).sum(axis=1)
    steps = np.cumprod(1 - deaths / at_risk) if len(times) else np.empty(0)
    widths = np.diff(np.concatenate([[0.0], times, [horizon]]))
    areas = widths * np.concatenate([[1.0], steps])
    beyond = np.cumsum(areas[::-1])[::-1][1:]  # area from each time of death to the horizon
    left = at_risk > deaths
    variance = float(np.sum((beyond**2 * deaths)[left] / (at_risk * (at_risk - deaths))[left]))
    n = len(days)
    return float(areas.sum()), math.sqrt(variance * n / (n - 1)) if n > 1 else math.inf
