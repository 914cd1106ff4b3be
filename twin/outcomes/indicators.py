"""The quantities a verdict is made of: what was kept of paid usage and service, and who carried it (VERDICT 2 and 4)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.outcomes.taper import trailing_mean


@dataclass(frozen=True, slots=True)
class NodeYear:
    """What each node did over the judged year J: one row per slot that was live on any day of it, or on T0.

    Sums over J; nodes that left during J count for what they delivered, earned and cost until then. USD are net of selling cost.
    """

    usage_usd: NDArray[np.float64]
    """Paid usage delivered, constant prices (q; only its proportions matter)."""
    fee_funded_usd: NDArray[np.float64]
    """Pay that customers fund: `customer` postings and the backed part of emission (fees; with own use it is F)."""
    subsidy_usd: NDArray[np.float64]
    """Pay that nobody's custom funds: the unbacked part of emission, and grants (V)."""
    avoidable_cost_usd: NDArray[np.float64]
    """Power, backhaul, rent, labour, fees, compliance, stake x hurdle rate, whether the host counts it or not (O)."""
    replacement_cost_usd: NDArray[np.float64]
    """What it takes to put a node of today's generation there again, as an annuity for the days live (K)."""
    node: NDArray[np.int64] | None = None
    """Number of each node's slot; None: rows are numbered from 0."""
    grant_usd: NDArray[np.float64] | None = None
    """The part of `subsidy_usd` that was paid as grants; None: there were none."""
    own_use_usd: NDArray[np.float64] | None = None
    """What the node is worth to its owner without the network; None: nothing."""
    token_backed_usd: NDArray[np.float64] | None = None
    """`fee_funded_usd` by the beta of the whole token; None: no other network shares it."""
    live_on_taper: NDArray[np.bool_] | None = None
    """Was live on T0; None: survivorship is not reported."""
    live_in_year: NDArray[np.bool_] | None = None
    """Was live on at least one day of J; None: every row."""
    live_at_end: NDArray[np.bool_] | None = None
    """Is live on the last day of J; None: as `live_in_year`."""

    @property
    def own_use(self) -> NDArray[np.float64]:
        """Own use by node, USD; zeros where there is none."""
        return np.zeros(len(self.usage_usd)) if self.own_use_usd is None else self.own_use_usd

    @property
    def unsubsidised_usd(self) -> NDArray[np.float64]:
        """F by node: fees and own use, USD."""
        return self.fee_funded_usd + self.own_use

    def rows(self) -> dict[str, object]:
        """The columns of the table `judged_nodes`."""
        n = len(self.usage_usd)
        nothing, everyone = np.zeros(n), np.ones(n, np.bool_)
        in_year = everyone if self.live_in_year is None else self.live_in_year
        return {
            "node": np.arange(n) if self.node is None else self.node,
            "usage_usd": self.usage_usd,
            "fees_usd": self.fee_funded_usd,
            **({} if self.token_backed_usd is None else {"fees_by_token_usd": self.token_backed_usd}),
            "own_use_usd": self.own_use,
            "subsidy_usd": self.subsidy_usd,
            "grant_usd": nothing if self.grant_usd is None else self.grant_usd,
            "avoidable_cost_usd": self.avoidable_cost_usd,
            "replacement_cost_usd": self.replacement_cost_usd,
            "live_on_taper": [None] * n if self.live_on_taper is None else self.live_on_taper,
            "live_in_year": in_year,
            "live_at_end": in_year if self.live_at_end is None else self.live_at_end,
        }

    def __post_init__(self) -> None:
        n = len(self.usage_usd)
        for field in fields(self):
            column = getattr(self, field.name)
            if column is None:
                continue
            if np.shape(column) != (n,):
                raise ValueError(f"{field.name} has shape {np.shape(column)}, not one value for each of {n} nodes")
            if column.dtype != np.bool_ and not np.isfinite(column).all():
                raise ValueError(f"{field.name} has values that are not finite")
        if n and float(self.usage_usd.min()) < 0:
            raise ValueError("usage_usd is negative somewhere")


@dataclass(frozen=True, slots=True)
class Funding:
    """Who paid for the judged year, USD: fee_funded + own_use + subsidy + hosts_pocket = avoidable_cost + replacement_cost + profit."""

    fee_funded_usd: float
    subsidy_usd: float
    grant_usd: float
    """Part of `subsidy_usd`."""
    hosts_pocket_usd: float
    avoidable_cost_usd: float
    replacement_cost_usd: float
    profit_usd: float
    own_use_usd: float = 0.0
    """Part of F that nobody pays; `fee_funded_usd` is the rest of it."""

    @property
    def subsidy_share(self) -> float | None:
        """Share of operators' pay that nobody's custom funds; None without pay."""
        pay = self.fee_funded_usd + self.own_use_usd + self.subsidy_usd
        return self.subsidy_usd / pay if pay > 0 else None

    @property
    def is_mostly_own_use(self) -> bool:
        """More than half of F is own use: then nobody may say that customers pay."""
        return self.own_use_usd > self.fee_funded_usd

    @property
    def fee_coverage(self) -> float | None:
        """Fees over all cost, replacement included; own use is no fee. None without cost."""
        cost = self.avoidable_cost_usd + self.replacement_cost_usd
        return self.fee_funded_usd / cost if cost > 0 else None


@dataclass(frozen=True, slots=True)
class Survivorship:
    """Share of nodes in profit, twice over: among those live in J, and among those live on T0 (who left is not in profit)."""

    in_profit_of_live: float | None
    in_profit_of_starters: float | None
    cash_positive_of_live: float | None
    cash_positive_of_starters: float | None


def replacement_usd_per_year(capex_usd: ArrayLike, *, life_years: ArrayLike, hurdle_rate_per_year: float) -> NDArray[np.float64]:
    """Yearly cost of having the hardware replaced for ever: `capex · r / (1 − (1+r)^(−life))`; straight-line at a rate of zero."""
    capex = np.asarray(capex_usd, dtype=np.float64)
    life = np.asarray(life_years, dtype=np.float64)
    if (life <= 0).any():
        raise ValueError("life_years must be positive")
    if hurdle_rate_per_year == 0:
        return np.asarray(capex / life)
    return np.asarray(capex * hurdle_rate_per_year / -np.expm1(-life * np.log1p(hurdle_rate_per_year)))


def backed_share(revenue_token_usd: ArrayLike, emission_usd: ArrayLike, *, days: int) -> NDArray[np.float64]:
    """Customer-backed part of an emitted dollar on each day: `min(1, R_token / M)` over the trailing `days`; 0 without emission."""
    revenue = trailing_mean(revenue_token_usd, days)
    emission = trailing_mean(emission_usd, days)
    return np.clip(np.divide(revenue, emission, out=np.zeros_like(revenue), where=emission > 0), 0.0, 1.0)


def best_year_rows(series: ArrayLike, *, until_day: int, days: int) -> slice | None:
    """The rows of the whole `days` that end at or before `until_day` and have the largest mean; None if there are not as many."""
    values = np.asarray(series, dtype=np.float64)[: max(until_day, 0)]
    if len(values) < days:
        return None
    end = int(trailing_mean(values, days)[days - 1 :].argmax()) + days
    return slice(end - days, end)


def best_year(series: ArrayLike, *, until_day: int, days: int) -> float | None:
    """Largest mean over `days` whole days that end at or before `until_day`, in the unit of the series; None if no whole year is there."""
    values = np.asarray(series, dtype=np.float64)[: max(until_day, 0)]
    if len(values) < days:
        return None
    return float(trailing_mean(values, days)[days - 1 :].max())


def by_token(nodes: NodeYear) -> NodeYear | None:
    """The same nodes with the beta of the whole token; None where no other network shares it."""
    if nodes.token_backed_usd is None:
        return None
    pay = nodes.fee_funded_usd + nodes.subsidy_usd
    return replace(nodes, fee_funded_usd=nodes.token_backed_usd, subsidy_usd=np.maximum(pay - nodes.token_backed_usd, 0.0))


def carried_shares(nodes: NodeYear) -> tuple[float, float] | None:
    """Shares of paid usage delivered by nodes whose F pays (running cost, running cost and replacement); None if no usage is attributed."""
    total = float(nodes.usage_usd.sum())
    if total <= 0:
        return None
    cash = nodes.unsubsidised_usd >= nodes.avoidable_cost_usd
    full = nodes.unsubsidised_usd >= nodes.avoidable_cost_usd + nodes.replacement_cost_usd
    return float(nodes.usage_usd[cash].sum()) / total, float(nodes.usage_usd[cash & full].sum()) / total


def funding_of(nodes: NodeYear) -> Funding:
    """Sums over the nodes; what a node lacks comes out of its host's pocket, what it has left is profit."""
    balance = nodes.unsubsidised_usd + nodes.subsidy_usd - nodes.avoidable_cost_usd - nodes.replacement_cost_usd
    return Funding(
        fee_funded_usd=float(nodes.fee_funded_usd.sum()),
        subsidy_usd=float(nodes.subsidy_usd.sum()),
        grant_usd=0.0 if nodes.grant_usd is None else float(nodes.grant_usd.sum()),
        hosts_pocket_usd=float(-np.minimum(balance, 0.0).sum()),
        avoidable_cost_usd=float(nodes.avoidable_cost_usd.sum()),
        replacement_cost_usd=float(nodes.replacement_cost_usd.sum()),
        profit_usd=float(np.maximum(balance, 0.0).sum()),
        own_use_usd=float(nodes.own_use.sum()),
    )


def survivorship_of(nodes: NodeYear) -> Survivorship:
    """Shares of nodes whose pay covers all cost (in profit) or the running cost (cash positive); None where nobody is counted."""
    everyone = np.ones(len(nodes.usage_usd), dtype=np.bool_)
    live = everyone if nodes.live_in_year is None else nodes.live_in_year
    stayed = live if nodes.live_at_end is None else nodes.live_at_end
    pay = nodes.unsubsidised_usd + nodes.subsidy_usd
    cash = pay >= nodes.avoidable_cost_usd
    full = cash & (pay >= nodes.avoidable_cost_usd + nodes.replacement_cost_usd)

    def share(good: NDArray[np.bool_], among: NDArray[np.bool_] | None) -> float | None:
        if among is None or not among.any():
            return None
        return float(np.count_nonzero(good & among) / np.count_nonzero(among))

    return Survivorship(
        in_profit_of_live=share(full, live),
        in_profit_of_starters=share(full & stayed, nodes.live_on_taper),
        cash_positive_of_live=share(cash, live),
        cash_positive_of_starters=share(cash & stayed, nodes.live_on_taper),
    )
