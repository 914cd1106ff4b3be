"""What decides it: Sobol indices of parameters and of luck, and Morris' screening, each with intervals.

With A and B the outcomes of two independent points, A_j that of A with factor j taken from B, V the variance:

    first order  S_j = mean[B (A_j − A)] / V       (Saltelli et al. 2010, Comput. Phys. Commun. 181:259, eq. b of table 2)
    total        T_j = mean[(A − A_j)²] / 2V       (Jansen 1999, Comput. Phys. Commun. 117:35)

S_j is the part of the variance that knowing j alone would take away, T_j the part that is left while only j is not known. Luck is the
last factor. The estimates equal SALib's; its bootstrap takes scrambled points for independent ones, so intervals are made by leaving
out one independently scrambled block after the other (jackknife, t over blocks).

A failed run is never imputed in silence: indices refuse it, or are told as the range of two assumptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from twin.arrays import Floats, Ints
from twin.nouns import listed
from twin.odds.analysis.chances import FEWEST_BLOCKS
from twin.odds.analysis.intervals import Z95, Method, percent, percent_range, t_factor, t_interval
from twin.odds.analysis.naming import written
from twin.odds.analysis.runs import Status, survives
from twin.odds.designs import Design, Layout

LUCK = "luck"
"""Name of the factor that is not a parameter."""
MOST_BOUNDED_SHARE = 0.1
"""With more failed runs than one in ten the range of the two assumptions says nothing (assumed)."""


MATTERS_FROM = 0.1
"""A parameter matters from this share of the largest mu* on (a convention of screening)."""
MOST_NAMED = 4
"""Of more parameters together a sentence says how many they are."""
ONE_WAY = 0.5
"""From this share of mu* on the signed mean mu says which way the quantity goes (assumed)."""


class Failed(StrEnum):
    """What to do with runs that have no verdict."""

    REFUSE = "refuse"
    BOUND = "bound"
    """Once all of them died, once all survived: a range of two assumptions, not a strict bound."""


@dataclass(frozen=True, slots=True)
class Indices:
    """Sobol indices, largest total first: `factor`, `first`, `first_low`, `first_high`, `total`, `total_low`, `total_high` (95 %)."""

    quantity: str
    table: pd.DataFrame
    n_lives: int
    n_failed: int
    """Lives without a verdict; in the table as the range of two assumptions."""
    reason: str | None
    """Why there are no indices; the table is then empty."""

    def sentence(self) -> str:
        """The largest total index, how sure it is, and luck."""
        if self.reason is not None:
            return self.reason
        parameters = self.table[self.table["factor"] != LUCK]
        top, luck = parameters.iloc[0], self.table[self.table["factor"] == LUCK]
        said = f"{top['factor']} has a part in {percent(_share(top['total']))} % of the variance of {_words(self.quantity)} ({_between(top, 'total')}), alone {percent(_share(top['first']))} % ({_between(top, 'first')})"
        if len(luck):
            said += f"; luck has a part in {percent(_share(luck['total'].iloc[0]))} % ({_between(luck.iloc[0], 'total')})"
        if len(parameters) > 1 and parameters["total_high"].iloc[1:].max() > top["total_low"]:
            said += "; which is the largest is not certain"
        if self.n_failed:
            said += f"; {self.n_failed} of {self.n_lives:,} lives have no verdict: the ranges hold whether all of them died or survived"
        return said + "."


@dataclass(frozen=True, slots=True)
class Screening:
    """Morris' effects, largest first: `factor`, `effect` (mu*, mean size), `effect_low`, `effect_high` (95 %), `mean` (mu, signed), `spread` (sigma).

    An effect is the change of the quantity over the change of u, so its size is that of a move through the whole prior.
    """

    quantity: str
    table: pd.DataFrame
    n_lives: int
    n_failed: int
    """Lives without a verdict; in the table as the range of two assumptions."""

    @property
    def n_trajectories(self) -> int:
        """Trajectories of the design."""
        return self.n_lives // (len(self.table) + 1)

    @property
    def threshold(self) -> float:
        """The mu* from which on a parameter matters."""
        return MATTERS_FROM * float(self.table["effect"].max())

    def way(self, row: pd.Series) -> str:
        """Which way the quantity goes with a parameter: "survival rises with it"."""
        if row["effect"] == 0:
            return "moves nothing"
        share = row["mean"] / row["effect"]
        return f"{_words(self.quantity)} {'rises with it' if share > ONE_WAY else 'falls with it' if share < -ONE_WAY else 'goes both ways'}"

    def sentence(self) -> str:
        """Which parameters matter for certain, which may, which hardly do, and how that is told: by the interval of mu* and a tenth of the largest; then what sigma adds."""
        if self.table["effect"].max() == 0:
            return f"No step moves {_words(self.quantity)} in {self.n_trajectories:,} trajectories ({self.n_lives:,} lives): nothing decides it."
        low, high = self.table["effect_low"], self.table["effect_high"]
        matter, still = self.table[low > self.threshold], self.table[self.table["effect"] == 0]
        hardly = self.table[(high < self.threshold) & (self.table["effect"] > 0)]
        perhaps = self.table[(low <= self.threshold) & (high >= self.threshold) & (self.table["effect"] > 0)]
        n = len(self.table)
        if len(matter):
            each = [f"{row['factor']} (mu* {written(row['effect'], '')}, {written(row['effect_low'], '')} to {written(row['effect_high'], '')}; {self.way(row)})" for _, row in matter.iterrows()]
            said = f"{listed(each)} {'matters' if len(matter) == 1 else 'matter'} for {_words(self.quantity)}"
        else:
            said = f"None of {n} parameters is sure to matter for {_words(self.quantity)}"
        said += f"; of {_named(perhaps)} {self.n_trajectories:,} trajectories do not say" if len(perhaps) else ""
        said += f"; {_named(hardly)} hardly {'does' if len(hardly) == 1 else 'do'}" if len(hardly) else ""
        said += f"; no step of {_named(still)} moves it" if len(still) else ""
        said += f". mu* is the mean size of the change, as if one parameter moved through its whole range; it matters where its 95 % interval lies above a tenth of the largest mu* ({written(self.threshold, '')})."
        uneven = matter[matter["spread"] >= matter["effect"]]
        if len(uneven):
            said += f" sigma, the spread of the changes, is as large as mu* or larger for {listed(uneven['factor'].tolist())}: what a step does hangs on the other parameters, on luck, or on where in its range it begins."
        if self.n_failed:
            said += f" {self.n_failed} of {self.n_lives:,} lives have no verdict: the intervals hold whether all of them died or survived."
        return said


def sobol_indices(design: Design, results: pd.DataFrame, *, of: str = "survives", failed: Failed = Failed.REFUSE, z: float = Z95) -> Indices:
    """Sobol indices of a design by `designs.saltelli`. `of`: "survives" (1 or 0), or a column of numbers in `results`, which holds one variant.

    Raises ValueError where lives are missing, where some have no verdict and `failed` is REFUSE, and with fewer than eight blocks.
    """
    if design.layout is not Layout.SALTELLI:
        raise ValueError(f"Sobol indices take the layout of Saltelli, not {design.layout}")
    k = len(design.paths)
    y, n_failed = _outcomes(design, results, of)
    block: Ints = design.block.reshape(-1, k + 3)[:, 0]
    if len(np.unique(block)) < FEWEST_BLOCKS:
        raise ValueError(f"intervals take at least {FEWEST_BLOCKS} independently scrambled designs, found {len(np.unique(block))}")
    factors = [*design.paths, LUCK]
    found = []
    for filled in _assumed(y, of, failed):
        if np.ptp(filled) == 0:
            return Indices(of, pd.DataFrame(columns=["factor"]), len(y), n_failed, f"All {len(y):,} lives have the same {_words(of)}: nothing decides it.")
        rows = filled.reshape(-1, k + 3)
        found.append({
            "first": _jackknifed(first_order, rows, block, z=z),
            "total": _jackknifed(total_order, rows, block, z=z),
        })  # fmt: skip
    table = pd.DataFrame({"factor": factors})
    for name in ("first", "total"):
        table[name] = np.mean([each[name][0] for each in found], axis=0)
        table[f"{name}_low"] = np.min([each[name][1] for each in found], axis=0)
        table[f"{name}_high"] = np.max([each[name][2] for each in found], axis=0)
    return Indices(of, table.sort_values("total", ascending=False, ignore_index=True), len(y), n_failed, None)


def first_order(rows: Floats) -> Floats:
    """S of every factor from rows (A, A_1, …, A_k, B)."""
    a, mixed, b = _centred(rows)
    return (b[:, None] * (mixed - a[:, None])).mean(axis=0) / np.concatenate([a, b]).var()  # type: ignore[no-any-return]


def total_order(rows: Floats) -> Floats:
    """T of every factor from rows (A, A_1, …, A_k, B)."""
    a, mixed, b = _centred(rows)
    return 0.5 * ((a[:, None] - mixed) ** 2).mean(axis=0) / np.concatenate([a, b]).var()  # type: ignore[no-any-return]


def morris_effects(design: Design, results: pd.DataFrame, *, of: str = "survives", failed: Failed = Failed.REFUSE, z: float = Z95) -> Screening:
    """Elementary effects of a design by `designs.morris`, with t intervals over its trajectories; arguments and refusals as `sobol_indices`."""
    if design.layout is not Layout.MORRIS or design.u is None:
        raise ValueError(f"elementary effects take the layout of Morris, not {design.layout}")
    k = len(design.paths)
    if len(design) < 2 * (k + 1):
        raise ValueError("intervals take at least two trajectories")
    y, n_failed = _outcomes(design, results, of)
    moves = np.diff(design.u.reshape(-1, k + 1, k), axis=1)
    which = np.abs(moves).argmax(axis=2)
    size = np.take_along_axis(moves, which[:, :, None], axis=2)[:, :, 0]
    found = []
    for filled in _assumed(y, of, failed):
        effects = np.empty(which.shape)
        np.put_along_axis(effects, which, np.diff(filled.reshape(-1, k + 1), axis=1) / size, axis=1)
        found.append(effects)
    rows = []
    for j, path in enumerate(design.paths):
        ends = [t_interval(np.abs(effects[:, j]), z=z, method=Method.T, within=(0.0, np.inf)) for effects in found]
        rows.append({
            "factor": path,
            "effect": float(np.mean([np.abs(effects[:, j]).mean() for effects in found])),
            "effect_low": min(end.low for end in ends),
            "effect_high": max(end.high for end in ends),
            "mean": float(np.mean([effects[:, j].mean() for effects in found])),
            "spread": float(np.mean([effects[:, j].std(ddof=1) for effects in found])),
        })  # fmt: skip
    return Screening(of, pd.DataFrame(rows).sort_values("effect", ascending=False, ignore_index=True), len(y), n_failed)


def _centred(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """A, the mixed points, and B, less the mean of all: a mean far from 0 would add noise to S."""
    y = rows - rows.mean()
    return y[:, 0], y[:, 1:-1], y[:, -1]


def _jackknifed(statistic: Callable[[Floats], Floats], rows: Floats, block: Ints, *, z: float) -> tuple[Floats, Floats, Floats]:
    """(estimate, low, high): estimate ± t(m−1) · sqrt((m−1)/m Σ (without block i − their mean)²)."""
    names = np.unique(block)
    m = len(names)
    whole = statistic(rows)
    without = np.array([statistic(rows[block != name]) for name in names])
    half = t_factor(m - 1, z=z) * np.sqrt((m - 1) / m * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    return whole, whole - half, whole + half


def _outcomes(design: Design, results: pd.DataFrame, of: str) -> tuple[Floats, int]:
    """The quantity in the order of the design (NaN: no verdict), and how many have none."""
    if results["variant"].nunique() != 1:
        raise ValueError("expected the runs of one variant: take of_variant(results, name)")
    ended = results[results["status"].isin([Status.DONE, Status.FAILED])]
    if of == "survives":
        values = survives(ended)
    elif of not in ended:
        raise ValueError(f"the results have no column {of!r}; study.results().columns names them")
    else:
        values = np.where(ended["status"] == Status.DONE, ended[of].to_numpy(np.float64, na_value=np.nan), np.nan)
    keyed = pd.Series(values, index=pd.MultiIndex.from_arrays([ended["draw"].fillna(-1).astype(np.int64), ended["replicate"].astype(np.int64)]))
    wanted = pd.MultiIndex.from_arrays([design.draw, design.replicate])
    there = wanted.isin(keyed.index)
    if not there.all():
        raise ValueError(f"{int((~there).sum()):,} of the design's {len(design):,} lives have not ended; run them first")
    y = keyed.reindex(wanted).to_numpy(np.float64)
    return y, int(np.isnan(y).sum())


def _assumed(y: Floats, of: str, failed: Failed) -> list[Floats]:
    """The outcomes to work with: as they are, or once as if all without a verdict had died, and once as if all had survived."""
    lost = np.isnan(y)
    if not lost.any():
        return [y]
    said = f"{int(lost.sum()):,} of {len(y):,} lives have no {_verdict(of)}"
    if failed is Failed.REFUSE:
        raise ValueError(f"{said}, and an index cannot leave them out: run them again, or ask for the range of two assumptions (failed={Failed.BOUND.value!r})")
    if of != "survives":
        raise ValueError(f"{said}: only survival has two ends to assume")
    if lost.mean() > MOST_BOUNDED_SHARE:
        raise ValueError(f"{said}, more than one in ten: a range of two assumptions would say nothing")
    return [np.where(lost, end, y) for end in (0.0, 1.0)]


def _named(parameters: pd.DataFrame) -> str:
    """Their names, or how many there are."""
    return listed(parameters["factor"].tolist()) if len(parameters) <= MOST_NAMED else f"{len(parameters)} others"


def _words(of: str) -> str:
    return "survival" if of == "survives" else of


def _verdict(of: str) -> str:
    return "verdict" if of == "survives" else of


def _share(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))


def _between(row: pd.Series, name: str) -> str:
    return percent_range(_share(row[f"{name}_low"]), _share(row[f"{name}_high"]))
