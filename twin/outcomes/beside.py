"""What stands beside the class: capacity kept, whether demand tested supply at all, who brought the usage, and what the subsidy really did (VERDICT 3 and 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.outcomes.classes import Outcome
from twin.outcomes.indicators import best_year_rows
from twin.outcomes.taper import Schedule, Taper, TaperOrigin, Window, find_taper, trailing_mean
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec

Floats = NDArray[np.float64]
SERVED_ABOVE = 0.99
LEFT_SHARE = 0.2
"""Where S stays above the one while nodes fall to the other of their most, supply was not tested."""
STILL_PAID_SHARE = 0.1
FAR_DAYS = 60
KEPT_MORE = 0.2


@dataclass(frozen=True, slots=True)
class WithoutTaper:
    """How the same luck ended with the subsidy held from T0 on."""

    outcome: Outcome
    judged_usage_usd_per_day: float | None


@dataclass(frozen=True, slots=True)
class Known:
    """What tables do not say of a run, from the world that lived it."""

    paid_by: Callable[[slice], Mapping[str, float]] | None = None
    """USD paid by each external customer over some days of the run."""
    demand_met_by_a_tenth: float | None = None
    overbuild_at_least: float | None = None
    overbuild: float | None = None
    overbuild_note: str = ""
    """How overbuild was found, or why it was not: one sentence."""
    subsidy: Schedule | None = None
    """s of this life: as this variant's rules schedule it, or as it was paid where emission follows the state of the network."""
    own_taper: Taper | None = None
    """The dates of a variant that changes the subsidy; None where they are the reference's."""
    is_reference: bool = True
    without_taper: WithoutTaper | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """None: not known."""

    capacity_kept: float | None = None
    """Mean capacity in J over the largest mean of 365 days."""
    largest_customer: str = ""
    largest_customer_share: float | None = None
    """Its part of what external customers paid in the best subsidised year."""
    demand_met_by_a_tenth: float | None = None
    """Part of T0's service that a tenth of the live nodes, taken by luck, still gives."""
    overbuild_at_least: float | None = None
    """Nodes live on T0 over as few, taken by luck, as give 95 % of its service: a bound by thinning."""
    overbuild: float | None = None
    """Nodes live on T0 over the fewest that, placed greedily, would have given 95 % of its service."""
    overbuild_note: str = ""
    overbuilt: bool = False
    """Service stayed above 0.99 while nodes fell by 80 %: demand did not test supply."""
    bought_in_year: bool | None = None
    """Somebody bought a new node in J."""
    subsidy_left: float | None = None
    """Mean subsidy in J over its largest 28-day mean, tokens."""
    own_taper: Taper | None = None
    far_from_life: str = ""
    """Where the stated dates lie far from the life that was lived: which, in words."""
    without_taper: WithoutTaper | None = None

    @property
    def still_paid(self) -> bool:
        """The subsidy in J is above a tenth of its largest: then nothing has faded."""
        return self.subsidy_left is not None and self.subsidy_left > STILL_PAID_SHARE


def beside_of(
    daily: pd.DataFrame, known: Known, taper: Taper, *, start: date, judged: Window | None, spec: VerdictSpec, taper_spec: TaperSpec
) -> Beside:  # fmt: skip
    """All of it for a run that reached the end of its judged year; `judged` is None for one that did not."""
    far = ""
    if known.is_reference and taper.origin is TaperOrigin.STATED and known.subsidy is not None and known.subsidy.tokens_per_day.any():
        far = _far_from_life(taper, find_taper(taper_spec.model_copy(update={"begins": None, "done": None}), known.subsidy))
    name, share = _largest_customer(daily, known, taper, start=start, spec=spec)
    rows = None if judged is None else judged.rows(start)
    return Beside(
        capacity_kept=None if rows is None else _capacity_kept(_column(daily, "capacity"), rows, spec),
        largest_customer=name,
        largest_customer_share=share,
        demand_met_by_a_tenth=known.demand_met_by_a_tenth,
        overbuild_at_least=known.overbuild_at_least,
        overbuild=known.overbuild,
        overbuild_note=known.overbuild_note,
        overbuilt=is_overbuilt(_column(daily, "nodes_online"), _column(daily, "service_share")),
        bought_in_year=None if rows is None else _bought(daily, rows),
        subsidy_left=None if rows is None else _subsidy_left(known.subsidy, rows, start=start, spec=taper_spec),
        own_taper=known.own_taper,
        far_from_life=far,
        without_taper=known.without_taper,
    )


def is_overbuilt(nodes: Floats | None, service: Floats | None) -> bool:
    """Whether S stayed above 0.99 from the day of most nodes until only a fifth of them was left."""
    if nodes is None or service is None or not len(nodes) or nodes.max() <= 0:
        return False
    most = int(nodes.argmax())
    few = np.flatnonzero(nodes[most:] <= LEFT_SHARE * nodes[most])
    return bool(len(few)) and bool((service[most : most + int(few[0]) + 1] > SERVED_ABOVE).all())


def _far_from_life(stated: Taper, lived: Taper) -> str:
    parts = []
    for words, said, was in (("begins to fade", stated.begins, lived.begins), ("is done fading", stated.done, lived.done)):
        if said is not None and (was is None or abs((said - was).days) > FAR_DAYS):
            parts.append(f"the subsidy {words} on {said} as stated, {'never' if was is None else f'on {was}'} in the life that was lived")
    return "; ".join(parts)


def _capacity_kept(capacity: Floats | None, rows: slice, spec: VerdictSpec) -> float | None:
    if capacity is None or len(capacity) < spec.reference_days:
        return None
    most = float(trailing_mean(capacity, spec.reference_days)[spec.reference_days - 1 :].max())
    return float(capacity[rows].mean()) / most if most > 0 else None


def _largest_customer(daily: pd.DataFrame, known: Known, taper: Taper, *, start: date, spec: VerdictSpec) -> tuple[str, float | None]:
    usage = _column(daily, "usage_constant_usd")
    if known.paid_by is None or taper.done is None or usage is None:
        return "", None
    rows = best_year_rows(usage, until_day=(taper.done - start).days, days=spec.reference_days)
    paid = {} if rows is None else {name: usd for name, usd in known.paid_by(rows).items() if usd > 0}
    if not paid:
        return "", None
    name = max(sorted(paid), key=lambda each: paid[each])
    return name, paid[name] / sum(paid.values())


def _bought(daily: pd.DataFrame, rows: slice) -> bool | None:
    spent = _column(daily, "new_hardware_usd")
    return None if spent is None else bool(spent[rows].sum() > 0)


def _subsidy_left(subsidy: Schedule | None, rows: slice, *, start: date, spec: TaperSpec) -> float | None:
    if subsidy is None:
        return None
    first = (start - subsidy.start).days
    smooth = trailing_mean(subsidy.tokens_per_day, spec.mean_days, before=0.0)
    within, most = smooth[max(first + rows.start, 0) : max(first + rows.stop, 0)], float(smooth.max(initial=0.0))
    return float(within.mean()) / most if most > 0 and len(within) else None


def _column(daily: pd.DataFrame, name: str) -> Floats | None:
    return daily[name].to_numpy(dtype=np.float64) if name in daily else None
