"""Every number of a verdict follows from the tables of its run: recomputed here by the definition, for small worlds of every kind and for all bundled scenarios."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.goldens.worlds import WORLDS
from tests.outcomes.from_tables import WEEK, Tables
from twin.run import Run, run
from twin.scenario import Scenario
from twin.scenario.shipped import bundled_names

EVERY_KIND = {
    "wireless-city": ("verdict.reference_days=100",), "mobile": (), "sensing-streets": (), "energy": (), "mapping-law": (),
    "compute-grants": ("verdict.reference_days=28",), "compute-pools": ("verdict.reference_days=28",), "filecoin": (), "arweave": (), "wireless-town": ("verdict.reference_days=100",),
}  # fmt: skip
"""Small worlds with a judged year; where no whole year lies before the end of the taper the best subsidised year is shorter."""


def lived(scenario: Scenario, out: Path) -> Tables:
    return Tables(run(scenario, out=out, report=False).path)


def small(world: str) -> Scenario:
    return replace(WORLDS[world], sets=(*WORLDS[world].sets, *EVERY_KIND[world])).scenario()


def same(found: float, said: float | None) -> bool:
    return said is not None and found == pytest.approx(float(said), rel=1e-9, abs=1e-12)


def holds(tables: Tables) -> None:
    """The whole verdict, from the tables alone."""
    said = tables.said
    assert tables.taper() == (said.T0, said.T1)
    assert tables.outcome() == said.outcome
    collapse = tables.collapse()
    if said.outcome == "collapsed":
        assert (None if collapse is None else collapse[0]) == said.collapse_date
    every = WEEK if "map_progress" in tables.daily else 1
    if tables.has("backed_share"):
        settled = np.flatnonzero(np.diff(tables.series("backed_share"), prepend=np.nan) != 0) if every > 1 else slice(None)
        assert tables.backed_share(settles_every=every)[settled] == pytest.approx(
            tables.series("backed_share")[settled], rel=1e-9, abs=1e-12
        )
    share = tables.largest_customer()
    assert (share is None and pd.isna(said.largest_customer_share)) or same(share or 0.0, said.largest_customer_share)
    if said.outcome == "not_judged":
        return
    for name, token in (("backed_share", False), ("token_backed_share", True)):
        if tables.has(name):
            assert same(float(tables.series(name)[tables.year()].mean()), said[name])
            assert tables.backed_share(settles_every=1, token=token) == pytest.approx(tables.series(name), rel=1e-9, abs=1e-12) or every > 1
        else:
            assert pd.isna(said[name])
    best, mean = tables.kept("usage_constant_usd")
    assert same(best, said.reference_usage_usd_per_day) and same(mean, said.judged_usage_usd_per_day)
    if best > 0:
        assert same(mean / best, said.paid_usage_kept)
    served, serving = tables.kept("service_share")
    if served > 0:
        assert same(serving / served, said.service_kept)
    nodes = tables.nodes
    assert nodes is not None and (nodes.node.diff().dropna() > 0).all()
    if nodes.usage_usd.sum() > 0:
        assert same(mean / best * tables.carried(full=False), said.usage_carried_cash) and same(
            mean / best * tables.carried(full=True), said.usage_carried_full
        )
    if "fees_by_token_usd" in nodes and nodes.usage_usd.sum() > 0 and best > 0:
        assert same(mean / best * tables.carried(full=True, fees="fees_by_token_usd"), said.usage_carried_full_by_token)
        assert tables.outcome(fees="fees_by_token_usd") == said.outcome_by_token
    total = nodes.drop(columns=["node", "live_on_taper", "live_in_year", "live_at_end"]).sum()
    pay, cost = total.fees_usd + total.own_use_usd + total.subsidy_usd, total.avoidable_cost_usd + total.replacement_cost_usd
    if pay > 0:
        assert same(total.subsidy_usd / pay, said.subsidy_share)
    if cost > 0:
        assert same(total.fees_usd / cost, said.fee_coverage)
    balance = nodes.fees_usd + nodes.own_use_usd + nodes.subsidy_usd - nodes.avoidable_cost_usd - nodes.replacement_cost_usd
    funding = json.loads(said.funding)
    pocket, profit = -balance.clip(upper=0).sum(), balance.clip(lower=0).sum()
    assert pay + pocket == pytest.approx(cost + profit, rel=1e-9)
    assert same(pocket, funding["hosts_pocket_usd"]) and same(profit, funding["profit_usd"])


def supply_holds(tables: Tables) -> None:
    """Supply = genesis + minted − burned on every day."""
    daily = tables.daily
    made = (daily.minted_tokens - daily.burned_tokens).to_numpy()
    step = np.diff(daily.supply_tokens.to_numpy())
    assert step == pytest.approx(made[1:], abs=1e-9 * float(daily.supply_tokens.abs().max()))


def dollars_hold(tables: Tables) -> None:
    """No dollar is made: whatever an account of this ledger gave it got before, from `world` in the end."""
    rows = tables.read("ledger_monthly")
    rows = rows[rows.asset == "USD"]
    total = float(rows.amount.abs().sum())
    months = sorted(rows.month.unique())
    got = rows.pivot_table(index="month", columns="target", values="amount", aggfunc="sum").reindex(months).fillna(0.0).cumsum()
    gave = rows.pivot_table(index="month", columns="source", values="amount", aggfunc="sum").reindex(months).fillna(0.0).cumsum()
    balance = got.sub(gave, fill_value=0.0)
    assert float(balance.sum(axis=1).abs().max()) <= 1e-9 * total
    below = {name for name in balance if name not in ("world", "genesis") and float(balance[name].min()) < -1e-9 * total}
    assert below == set()


def nodes_add_up(tables: Tables) -> None:
    """Sums by node over J are those of the days, where all nodes are in the study area."""
    rows = tables.year()
    for columns, name in (
        (("fees_usd",), "operator_fee_funded_usd"),
        (("avoidable_cost_usd",), "operator_cost_usd"),
        (("replacement_cost_usd",), "operator_replacement_usd"),
    ):
        by_node = float(sum(tables.nodes[column].sum() for column in columns))  # type: ignore[index]
        assert by_node == pytest.approx(float(tables.series(name)[rows].sum()), rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("world", EVERY_KIND)
def test_the_verdict_of_a_small_world_follows_from_its_tables(world: str, tmp_path: Path) -> None:
    tables = lived(small(world), tmp_path)
    assert tables.said.outcome != "not_judged"
    holds(tables)
    nodes_add_up(tables)
    supply_holds(tables)
    dollars_hold(tables)


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_names())
def test_the_verdict_of_a_bundled_scenario_follows_from_its_tables(name: str, bundled: Callable[[str], Run]) -> None:
    tables = Tables(bundled(name).path)
    holds(tables)
    supply_holds(tables)
    dollars_hold(tables)
