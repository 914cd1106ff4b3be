"""Whole worlds: a verdict each, in the network's own units; and the subsidy taken away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from market_days import lived
from rules_on_paper import break_even_utilisation

from twin.build import build
from twin.run import Run
from twin.scenario import load

WORLDS = ("akash-world", "render-world", "ionet-world")


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_a_world_ends_with_a_verdict(name: str, bundled: Callable[[str], Run]) -> None:
    run = bundled(name)
    assert run.verdict.outcome.value not in ("not_judged", "never_started")
    daily = run.table("network_daily")
    assert (daily.gpu_hours_leased > 0).mean() > 0.99 and np.isfinite(daily.select_dtypes("number")).all(axis=None)
    page = run.report.read_text(encoding="utf-8")
    assert "wait that one served job in twenty exceeds" in page or "p95_wait_hours" in page
    assert "GPU-hours" in page


@pytest.mark.parametrize("name", WORLDS)
def test_every_variant_can_be_built_and_judged(name: str) -> None:
    scenario = load(name)
    for variant in scenario.variants:
        twin_ = build(scenario.variant(variant))
        window = twin_.taper.judged_year(scenario.spec.verdict)
        assert window is not None and window.ends <= scenario.spec.calendar.end, variant


def test_an_american_h100_hall_needs_58_percent() -> None:
    """The scenario's own costs: 140 USD a kW and 0.116 a kWh where the dossier's example has 0.08."""
    world = build(load("akash-world"))
    trade, gpus = world.trade, list(world.spec.hardware)
    halls = (trade.parties.group == trade.parties.names.index("halls")) & (trade.sites.country == "US") & (trade.sites.gpu == gpus.index("H100"))
    assert break_even_utilisation(trade.costs.bidding, 2.35)[halls].mean() == pytest.approx(0.58, abs=0.03)


def test_without_rewards_hosts_that_nobody_leases_go() -> None:
    """io.net's halls and homes lease an eighth of their hours: block rewards hold them, and without these most are gone within the year."""
    _, paid, _ = lived("ionet-world", 420, variant="honest")
    _, bare, _ = lived("ionet-world", 420, variant="no_rewards", adversaries__april_2024=None)
    assert paid.nodes_online["2025-05-01":].mean() > 1.5 * bare.nodes_online["2025-05-01":].mean()
    assert bare.leased_share["2025-05-01":].mean() > paid.leased_share["2025-05-01":].mean()
    assert bare.operator_emission_usd.sum() == 0 and (bare.usd_per_gpu_hour["2025-05-01":].mean() > paid.usd_per_gpu_hour["2025-05-01":].mean())


def test_a_grant_holds_hosts_that_tenants_do_not() -> None:
    _, held, _ = lived("akash-world", 240)
    _, alone, _ = lived("akash-world", 240, variant="no_incentives")
    assert held.operator_grant_usd.sum() > 0 == alone.operator_grant_usd.sum()
    assert held.nodes_online["2024-09-01":].mean() > 1.5 * alone.nodes_online["2024-09-01":].mean()
    assert alone.leased_share["2024-09-01":].mean() > 0.58 > held.leased_share["2024-09-01":].mean()
