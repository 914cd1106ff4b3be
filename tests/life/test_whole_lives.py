"""Whole small runs: the same seed gives the same bytes, an empty town starts, one without rewards ends, and the books close."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from kept import earned, parts, settled, sums_of
from town import first_difference, live, sites_of, town

from twin import cutoff, forks
from twin.state import NodeState

HERE = Path(__file__).parent
DAYS = 330
OUTSIDE = {
    "outside": {
        "hotspots": {"series": "helium-iot-active", "until": date(2026, 2, 15), "then": "hold"},
        "units_per_hotspot_per_day": 8,
        "data_usd_per_day": {"series": "helium-iot-data-usd", "until": date(2025, 12, 31), "then": "hold"},
    },
    "token.TWN.emission.tokens_per_day": 100_000,
}


@pytest.fixture(scope="module")
def lived():
    return live(until_day=DAYS)


def test_the_same_seed_gives_the_same_bytes_in_one_process_and_in_another(lived) -> None:
    _, kept = lived
    _, again = live(until_day=DAYS)
    assert again.digests() == kept.digests()
    code = f"import json; from town import live; print(json.dumps(live(until_day={DAYS})[1].digests()))"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parents[1])]), "PYTHONHASHSEED": "12345"}
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert json.loads(there.stdout) == kept.digests()
    assert set(kept.digests()) == {"network_daily", "events", "cells_monthly", "operators_monthly", "ledger_monthly"}


def test_another_seed_is_another_life_on_the_same_map(lived) -> None:
    twin, kept = lived
    other, other_kept = live(seed=6, until_day=60)
    assert first_difference(other_kept, kept.until(61)) < 40
    assert (sites_of(other).cell12 == sites_of(twin).cell12).all()


def test_an_empty_network_starts_because_pay_is_offered(lived) -> None:
    _, kept = lived
    assert kept.series("nodes_online")[0] == 0 and kept.series("undistributed_tokens")[0] == pytest.approx(180)
    assert kept.series("nodes_ordered")[:4].max() > 0 and kept.series("nodes_online")[200] > 100


def test_where_nothing_is_offered_nobody_ever_buys() -> None:
    _, kept = live({"token.TWN.emission.scale_share": 0}, until_day=DAYS)
    for name in ("nodes_online", "nodes_ordered", "new_hardware_usd", "minted_tokens", "emission_usd", "backed_share"):
        assert kept.series(name).max() == 0, name


def test_the_books_close(lived) -> None:
    twin, kept = lived
    posted = sum(flow.amount for key, flow in twin.ledger.flows.items() if (key.source, key.target) == ("mint", "operators_accrued"))
    assert earned(twin, "tokens").sum() == pytest.approx(posted, rel=1e-6)
    minted, burned, supply = (kept.series(name) for name in ("minted_tokens", "burned_tokens", "supply_tokens"))
    np.testing.assert_allclose(supply[1:] - supply[:-1], minted[1:] - burned[1:], atol=1e-6)
    np.testing.assert_allclose(burned * kept.series("price_usd"), kept.series("revenue_token_usd") + kept.series("fees_usd"), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(minted + kept.series("undistributed_tokens"), 200.0, rtol=1e-9)
    np.testing.assert_allclose(kept.series("emission_usd"), minted * kept.series("price_usd"), rtol=1e-6)
    revenue, emission = kept.series("revenue_token_usd"), kept.series("emission_usd")
    beta = [min(1, revenue[max(d - 29, 0) : d + 1].sum() / emission[max(d - 29, 0) : d + 1].sum()) for d in range(DAYS + 1)]
    np.testing.assert_allclose(kept.series("backed_share"), beta, rtol=1e-9)
    assert not any(key.target == "outside" and flow.amount > 1e-6 for key, flow in twin.ledger.flows.items())


def test_nobody_pays_for_what_nobody_hears(lived) -> None:
    twin, kept = lived
    covered = parts(twin).network.service.covered()
    heard = sum(float(plan.sensors[covered].sum()) * plan.credits_per_sensor for plan in parts(twin).sensors.small)
    assert kept.series("data_credits")[-1] == pytest.approx(heard, rel=1e-9) and heard > 0
    assert kept.series("data_credits")[0] == 0  # no box, no bill


def test_counts_of_the_study_area_agree_with_the_columns(lived) -> None:
    twin, kept = lived
    inside, nodes = sites_of(twin).inside, twin.nodes
    assert 0 < inside.sum() < len(inside)
    last = kept.days[-1]
    assert last["nodes_online"] == (nodes.online & inside).sum()
    assert last["nodes_ordered"] == ((nodes.state == NodeState.ORDERED) & inside).sum()
    assert last["nodes_in_drawer"] == (nodes.drawer & inside).sum()


def test_rows_of_groups_add_up_to_the_network(lived) -> None:
    _, kept = lived
    for table_month, groups in kept.tables["operators_monthly"]:
        row = next(row for day, row in enumerate(kept.days) if _last_of_month(day, table_month))
        assert groups["nodes_online"].sum() == row["nodes_online"]
    entered = sum(groups["entered"].sum() for _, groups in kept.tables["operators_monthly"])
    assert entered >= kept.series("nodes_arrived").sum() > 0


def _last_of_month(day: int, month: object) -> bool:
    start = np.datetime64("2021-01-01")
    return start + day == np.datetime64(month)


def test_counting_more_often_changes_little(lived) -> None:
    """Weights recounted daily instead of weekly: totals over the year within 3 % (money) and 5 % (people who decide on it)."""
    _, weekly = lived
    _, daily = live({"network.recount_every_days": 1}, until_day=DAYS)
    for name, tolerance in {"minted_tokens": 0.03, "operator_emission_usd": 0.03, "nodes_online": 0.05, "revenue_usd": 0.05, "new_hardware_usd": 0.08}.items():
        assert daily.series(name).sum() == pytest.approx(weekly.series(name).sum(), rel=tolerance), name
    assert daily.digests() != weekly.digests()


def test_without_rewards_those_who_count_their_cost_leave_and_the_others_stay_longer() -> None:
    """Rewards end on the first day of the second year, customers pay next to nothing (dossier check 13)."""
    changes = {
        "calendar.end": date(2024, 7, 1),
        "token.TWN.emission.scale_share_by_date": {date(2022, 1, 1): 0},
        "customers.small_buyers.credits_per_sensor_per_day": 34,
        "hardware.every.power_w": 150,  # some 20 USD a month: more than nearly anybody bears who counts it
    }
    twin, kept = live(changes)
    groups = [columns for _, columns in kept.tables["operators_monthly"]]
    peak, last = groups[11]["nodes_online"], groups[-1]["nodes_online"]
    earners, hobbyists = last / peak  # groups stand in the order of their names
    assert peak.min() > 20
    assert earners < 0.1 and hobbyists > 3 * earners and hobbyists > 0.25
    counts = parts(twin).parties.group == parts(twin).parties.names.index("earners")
    assert not (twin.nodes.state[counts] == NodeState.ORDERED).any()
    assert kept.series("new_hardware_usd")[-365:].sum() == 0


def test_beside_a_large_outside_the_town_takes_its_share_and_no_more() -> None:
    twin, kept = live(OUTSIDE, until_day=DAYS)
    shares = [sums_of(twin).share(pool) for pool in ("challenger", "beacon", "witness")]
    assert 0 < max(shares) < 0.02 and kept.series("nodes_online")[-1] > 20
    minted = {
        target: sum(flow.amount for key, flow in twin.ledger.flows.items() if (key.source, key.target) == ("mint", target))
        for target in ("operators_accrued", "outside", "stakers")
    }
    offered = 100_000.0 * (DAYS + 1)
    assert minted["operators_accrued"] + minted["outside"] == pytest.approx(0.9 * offered, rel=1e-6)
    assert minted["stakers"] == pytest.approx(0.1 * offered, rel=1e-9)
    assert minted["operators_accrued"] < 0.02 * offered
    assert kept.series("undistributed_tokens").max() == pytest.approx(0, abs=1e-6)


JUDGED = {
    "calendar.end": date(2022, 6, 1),
    "token.TWN.emission.scale_share_by_date": {date(2021, 7, 1): 0.4, date(2021, 12, 1): 0.09},
    "verdict": {"settle_days": 20, "judged_days": 100, "reference_days": 100, "cutoff": "on"},
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork a process")
def test_the_cut_off_of_a_fork_is_that_of_a_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways give the same number, it is below the kept usage, and the run itself goes on as if nobody had asked."""
    scenario, forked = town(JUDGED), []
    real = forks.Fork._forked
    monkeypatch.setattr(forks.Fork, "_forked", lambda self: forked.append(self) or real(self))
    monkeypatch.setattr(forks.threading, "active_count", lambda: 1)
    twin, kept = settled(scenario)
    by_fork = cutoff.live_and_try(twin, scenario)
    monkeypatch.delattr(os, "fork")
    second, second_kept = settled(scenario)
    by_second_run = cutoff.live_and_try(second, scenario)
    assert len(forked) == 2 and by_fork == by_second_run
    assert by_fork.kept_after_cutoff is not None and by_fork.kept_after_cutoff > 0 and by_fork.without_taper is not None
    undisturbed, calm = settled(scenario)
    undisturbed.clock.run()
    assert kept.digests() == second_kept.digests() == calm.digests()
