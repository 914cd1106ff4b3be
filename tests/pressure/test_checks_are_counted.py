"""What checks cost, whom they punish, who wins an appeal and who is driven out, lived through and read from the tables of a run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import Kept, lived, moved

from twin.run import run
from twin.scenario import load

HERE = Path(__file__).parent
HAMLET = HERE.parent / "energy" / "hamlet.yaml"


@cache
def life(*sets: str, variant: str | None = "steps", until_day: int | None = None) -> tuple[Any, Kept]:
    return lived(load(HERE / "stations.yaml", sets=sets, variant=variant), until_day)


def table(world: Any, name: str) -> pd.DataFrame:
    return pd.DataFrame(world.pressure_tables[name])


def test_months_of_checks_add_up_to_what_was_found_and_paid() -> None:
    world, kept = life()
    months, inspection = table(world, "checks_monthly"), world.inspections[0]
    assert (months.check == "device checks").all() and len(months) == 48
    assert months.caught.sum() == inspection.caught > 0 and months.wronged.sum() == inspection.false_positives > 0
    assert (months.warned + months.withheld + months.banned).sum() == (months.caught + months.wronged).sum() == months.appeals.sum()
    assert months.warned.sum() > months.withheld.sum() > months.banned.sum() > 0 and 0 < months.cleared.sum() <= months.wronged.sum()
    looks = np.where(np.arange(48) < 18, 1, np.where(np.arange(48) < 33, 4, 0))
    assert months.cost_usd.to_numpy() == pytest.approx(0.5 * months.looked_at * looks) and moved(world, "USD", "project", "world", reason="verification") == pytest.approx(months.cost_usd.sum())
    assert (months.looked_at[33:] == 0).all() and (months.caught[33:] == 0).all()


def test_months_of_a_campaign_add_up_to_what_it_did() -> None:
    world, kept = life(variant=None)
    months = table(world, "campaigns_monthly")
    assert months.caught.sum() == kept.series("cheats_caught")[-1] and months.nodes.iloc[-1] == kept.series("fake_online")[-1]
    running = int((world.nodes.fake >= 0).sum())
    assert months.entered.sum() == months.left.sum() + months.caught.sum() + running
    assert months.spent_usd.sum() == pytest.approx(300 * months.entered.sum())
    assert months.taken_usd.sum() == pytest.approx(kept.series("fakes_paid_usd").sum(), rel=1e-9) and months.taken_usd.max() > 0
    assert months.budget_left_usd.isna().all()
    per_node = kept.series("fakes_paid_usd")[500:900] / kept.series("fake_online")[500:900]
    assert per_node.mean() == pytest.approx(2 * 0.8, rel=0.1)  # two tokens a day at the mean quality, a dollar each


def test_a_warned_cheat_goes_on_and_is_put_out_at_the_third_strike() -> None:
    """So more of them run than where each find takes one away; campaigns count those that were put out."""
    world, kept = life()
    plain, months = life(variant=None)[1], table(world, "campaigns_monthly")
    assert kept.series("fake_online").mean() > 1.2 * plain.series("fake_online").mean()
    assert 0 < months.caught.sum() < kept.series("cheats_caught")[-1]


def test_without_errors_nobody_is_wronged_and_fewer_leave() -> None:
    """The causal number of driven out is the pair; the count of the table is at least about as large."""
    world, kept = life()
    just, bare = lived(load(HERE / "stations.yaml", variant="steps"), without=("verification_errors",))
    months, without = table(world, "checks_monthly"), table(just, "checks_monthly")
    assert without.wronged.sum() == without.driven_out.sum() == 0 < months.driven_out.sum() <= months.wronged.sum()
    assert bare.series("nodes_left").sum() <= kept.series("nodes_left").sum()


@pytest.mark.parametrize("payer", ["treasury", "nodes"])
def test_another_pays(payer: str) -> None:
    world, kept = life(f"verification.checks.paid_by={payer}", until_day=396)
    plain, other = life(until_day=396)
    cost = table(world, "checks_monthly").cost_usd.sum()
    assert not world.ledger.is_open("project")
    if payer == "treasury":
        assert 0 < moved(world, "USD", "treasury", "world", reason="verification") == pytest.approx(cost)
        assert cost < table(plain, "checks_monthly").cost_usd.sum()  # it has no more than customers left it
    else:
        extra = kept.series("operator_cost_usd") - other.series("operator_cost_usd")
        online = kept.series("nodes_online_as_seen")
        same = kept.series("nodes_online_as_seen") == other.series("nodes_online_as_seen")
        assert extra[:31] == pytest.approx(0) and same[40:60].any()
        assert np.median((extra / online)[40:60][same[40:60]]) == pytest.approx(0.5 / 7, rel=1e-3)


def test_meters_lose_their_stake_by_steps() -> None:
    sets = (
        "verification.meters.sanctions={steps: [{n_strikes: 1, what: slash, share: 0.5}, {n_strikes: 2, what: ban, days: 90}]}", "verification.meters.appeal={}",
        "verification.meters.cost_usd_per_look=0.01", "adversaries.careful.sites=20", "adversaries.careful.learns={}", "calendar.end=2026-01-01",
    )  # fmt: skip
    world, kept = lived(load(HAMLET, sets=sets))
    months = table(world, "checks_monthly")
    assert months.slashed_tokens.sum() > 0 and months.banned.sum() > 0 and months.cleared.sum() > 0
    stake = world.trade.network.stake_usd(np.arange(world.nodes.n))
    assert 0 < world.guard.learning.tricks["fake_meters"].at_stake_usd(None) <= 0.5 * stake.max()
    assert kept.series("fakes_paid_usd").max() > 0


def test_a_run_has_the_tables_and_one_that_states_nothing_has_none(tmp_path: Path) -> None:
    with_them = run(load(HERE / "stations.yaml", sets=("calendar.end=2024-06-01",), variant="steps"), out=tmp_path, report=False).folder
    assert with_them.has("checks_monthly") and with_them.has("campaigns_monthly") and len(with_them.table("checks_monthly")) == 5
    assert "fakes_paid_usd" in with_them.table("network_daily")
    without = run(load(HERE.parent / "sensing" / "village.yaml", sets=("calendar.end=2024-07-01",)), out=tmp_path, report=False).folder
    assert not without.has("checks_monthly") and not without.has("campaigns_monthly") and "fakes_paid_usd" not in without.table("network_daily")
