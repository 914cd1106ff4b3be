"""What the analyses read of a table of results: one row per run, with its variant, draw, replicate, status and outcome.

`draw` is a whole number, or missing where the parameters stand as the scenario states them. A run that failed, and a run whose
class is `not_judged` (VERDICT 5: "run failed, no taper, or horizon too short"), say neither that the network lives nor that it
dies: both have no verdict. Runs that have not ended are left out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from twin.arrays import Bools, Floats, Ints
from twin.outcomes.classes import Outcome

NEEDED = ("variant", "draw", "replicate", "status", "outcome")


class Status(StrEnum):
    """How far a run has come."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Lives:
    """The ended runs of one variant, by row: whether it survives (1 or 0; NaN: no verdict), and which draw and replicate it is."""

    variant: str
    survives: Floats
    draw: Ints
    """-1: the parameters as the scenario states them."""
    replicate: Ints
    n_waiting: int
    """Runs that have not ended."""
    n_failed: int
    """Runs that failed; the rest of those without verdict lived, and could not be judged."""

    @property
    def n(self) -> int:
        """Ended runs."""
        return len(self.survives)

    @property
    def judged(self) -> Bools:
        """Which of them have a verdict."""
        return ~np.isnan(self.survives)

    @property
    def parameters_fixed(self) -> bool:
        """All runs have the same parameters, so that only luck differs."""
        return len(np.unique(self.draw)) <= 1


def of_variant(results: pd.DataFrame, variant: str) -> pd.DataFrame:
    """The rows of one variant. Raises ValueError where there is none of that name."""
    there = [str(name) for name in results["variant"].unique()]
    if variant not in there:
        raise ValueError(f"no run of variant {variant!r}; there are {', '.join(there) or 'no runs'}")
    return results[results["variant"] == variant]


def lives_of(results: pd.DataFrame) -> Lives:
    """The ended runs of the one variant that `results` holds, in their order.

    Raises ValueError where columns are missing, where there are several variants, where a run stands twice, and where only
    some runs are drawn: odds of luck alone and odds of ignorance are not to be mixed.
    """
    if missing := [name for name in NEEDED if name not in results.columns]:
        raise ValueError(f"the table of results has no column {', '.join(missing)}")
    variants = results["variant"].unique()
    if len(variants) != 1:
        raise ValueError(f"expected the runs of one variant, found {len(variants)}: take of_variant(results, name)")
    ended = results[results["status"].isin([Status.DONE, Status.FAILED])]
    if ended.duplicated(["draw", "replicate"]).any():
        raise ValueError("a run stands twice: the same variant, draw and replicate")
    if 0 < int(ended["draw"].isna().sum()) < len(ended):
        raise ValueError("some runs are drawn from what is not known, and some are not: their odds are not to be mixed")
    return Lives(
        variant=str(variants[0]),
        survives=survives(ended),
        draw=ended["draw"].fillna(-1).to_numpy(np.int64),
        replicate=ended["replicate"].to_numpy(np.int64),
        n_waiting=len(results) - len(ended),
        n_failed=int((ended["status"] == Status.FAILED).sum()),
    )


def survives(results: pd.DataFrame) -> Floats:
    """1 where a run ended as self-sustaining or niche, 0 where it ended otherwise, NaN where it has no verdict."""
    found = np.full(len(results), np.nan)
    outcome = results["outcome"].to_numpy(object)
    done = (results["status"] == Status.DONE).to_numpy(bool)
    for each in Outcome:
        if each is not Outcome.NOT_JUDGED:
            found[done & (outcome == each.value)] = float(each.survives)
    return found


def class_counts(results: pd.DataFrame) -> pd.DataFrame:
    """Runs by variant (row) and class (column, in the order of the tests), and those that failed or have not ended; whole numbers."""
    names = [each.value for each in Outcome]
    status = results["status"].to_numpy(object)
    ends = np.where(status == Status.DONE, results["outcome"].to_numpy(object), np.where(status == Status.FAILED, "failed", "not_ended"))
    counts = pd.crosstab(results["variant"].to_numpy(object), ends, rownames=["variant"], colnames=["outcome"])
    if unknown := set(counts.columns) - {*names, "failed", "not_ended"}:
        raise ValueError(f"no class of outcome is called {', '.join(sorted(map(str, unknown)))}")
    return counts.reindex(columns=[*names, "failed", "not_ended"], fill_value=0).loc[list(dict.fromkeys(results["variant"]))]


def blocks_of(draw: Ints, blocks: Mapping[int, int]) -> Ints:
    """The independently scrambled design that each run's draw belongs to. Raises ValueError where a draw has none."""
    if missing := sorted(set(draw.tolist()) - set(blocks)):
        raise ValueError(f"the design has no draw {', '.join(map(str, missing[:5]))}")
    return np.array([blocks[j] for j in draw.tolist()], np.int64)
