"""Which metrics a scenario's tables can answer, and which network it is of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from twin.errors import InputError, Problem
from twin.history.catalogue import ARWEAVE, CHAIN, FILECOIN, OF_KIND, SHARED
from twin.history.metric import Metric
from twin.scenario import Scenario

__all__ = ["Metric", "all_metrics", "is_of_a_place", "metric_of", "metrics_of", "network_of"]

_PARTS = "networks/"


def network_of(scenario: Scenario) -> str:
    """Name of the network that observations call it by: that of the part it extends (`networks/filecoin`: filecoin), else the scenario's own name."""
    for label in scenario.ancestry:
        if _PARTS in label:
            return label.rsplit("/", 1)[1].rsplit(".", 1)[0]
    return scenario.name


def is_of_a_place(scenario: Scenario) -> bool:
    """Whether it simulates a place and not the whole network."""
    place = getattr(scenario.spec, "place", None)
    return place is not None and not place.area.world


def metrics_of(scenario: Scenario) -> dict[str, Metric]:
    """Name -> metric of those that this scenario's tables can answer, in the order of the catalogue.

    What is known of a network as a whole is answered by a scenario of the whole network only; the scenario of a place answers for the place (`nodes_online`).
    """
    return {metric.name: metric for metric in (*_of_network(scenario.spec, is_of_a_place(scenario)), *_shared_by(scenario.spec))}


def metric_of(scenario: Scenario, name: str) -> Metric:
    """The metric `name`. InputError, which names those that there are, where the scenario has none of that name."""
    known = metrics_of(scenario)
    if name not in known:
        raise InputError(unknown_metric(name, known, network_of(scenario)))
    return known[name]


def unknown_metric(name: str, known: Iterable[str], network: str) -> Problem:
    """What is wrong with a metric that a network does not have."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return Problem("unknown_metric", f"{network} has no metric {name!r}; it has: {', '.join(names)}", suggestion=f"did you mean {near[0]}?" if near else None)


def all_metrics() -> dict[str, Metric]:
    """Name -> metric of every kind of network. A name means the same, and has the same unit, wherever it stands."""
    return {metric.name: metric for metric in (*CHAIN, *FILECOIN, *ARWEAVE, *chain.from_iterable(OF_KIND.values()), *SHARED)}


_NOT_IN_STORAGE = frozenset({"nodes_onboarded", "nodes_joined_per_day", "nodes_left_per_day"})
"""Providers bring power by the sector: nothing of theirs comes and goes as a node."""
_IN_COMPAT = frozenset({"minted_tokens_per_day", "burned_tokens_per_day", "supply_tokens", "circulating_tokens", "price_usd"})
"""The peers' equations know the chain and nobody on it."""
_BY_POOLS = frozenset({"nodes_rewarded", "wallets_left_per_day"})
"""Known of weekly pools, which pay wallets; their suppliers get no customers' money."""


def _of_network(spec: Any, is_of_a_place: bool) -> tuple[Metric, ...]:
    """Metrics of the network as a whole that a scenario with this spec simulates."""
    kind = spec.network.kind
    if kind == "storage":
        return ARWEAVE if spec.network.protocol == "arweave" else CHAIN if _is_compat(spec) else CHAIN + FILECOIN
    if is_of_a_place and (kind in ("wireless", "mobile") or (kind == "sensing" and spec.outside is None)):
        return ()
    found = OF_KIND.get(kind, ())
    if kind == "compute":
        by_pools = spec.rewards.kind == "weekly_pools"
        return tuple(metric for metric in found if metric.name != "suppliers_usd_per_day" and by_pools or metric.name not in _BY_POOLS and not by_pools)
    factors = {}
    if kind == "mobile":  # usage is counted at one price, which gives the GB
        factors = {("carrier_gb_per_day", "usage_constant_usd"): 1 / spec.offload.reference_usd_per_gb}
    elif kind == "wireless":
        factors = {(name, "data_credits"): spec.data_credits.usd_per_credit for name in ("credits_burned_usd_per_day", "iot_data_usd_per_day")}
    return tuple(_with_factors(metric, factors) for metric in found if not metric.given or _is_given(spec, metric.given))


def _with_factors(metric: Metric, factors: Mapping[tuple[str, str], float]) -> Metric:
    """The metric with what the scenario says a column is worth; `factors` by metric and column."""
    return replace(metric, terms=tuple((column, factors.get((metric.name, column), by)) for column, by in metric.terms))


def _is_given(spec: Any, path: str) -> bool:
    """Whether any entry of `section.*.field` has a series."""
    section, _, field = path.split(".")
    return any(getattr(entry, field, None) is not None for entry in getattr(spec, section).values())


def _shared_by(spec: Any) -> tuple[Metric, ...]:
    if _is_compat(spec):
        return tuple(metric for metric in SHARED if metric.name in _IN_COMPAT)
    return tuple(metric for metric in SHARED if spec.network.kind != "storage" or metric.name not in _NOT_IN_STORAGE)


def _is_compat(spec: Any) -> bool:
    return bool(getattr(spec.network, "compat", "none") != "none")
