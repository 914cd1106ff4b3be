"""A kind of network in 120 lines: what it does not write it inherits from the shared rooms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from kept import lived

from twin import registry
from twin.build import build
from twin.run import Run, run
from twin.scenario import Scenario, load

HERE = Path(__file__).parent
LONGEST = 120


@pytest.fixture(scope="module")
def air() -> Iterator[Scenario]:
    import toy_kind  # registers itself

    assert toy_kind
    yield load(HERE / "air.yaml")
    registry._NETWORKS.pop("air", None)


@pytest.fixture(scope="module")
def finished(air: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(air, out=tmp_path_factory.mktemp("air"))


def test_it_is_short() -> None:
    assert len((HERE / "toy_kind.py").read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_it_reaches_verdict_report_and_map(finished: Run) -> None:
    assert finished.verdict.outcome.value != "not_judged"
    page = finished.report.read_text(encoding="utf-8")
    assert "air station" in page and "town_hall" in page
    coverage = finished.map("coverage_share")
    assert len(coverage) > 50 and coverage.coverage_share.max() > 0.5
    daily = finished.table("network_daily")
    assert daily.nodes_online.max() > 30 and daily.usage_constant_usd.max() > 0
    np.testing.assert_allclose(daily.supply_tokens.iloc[-1], 100_000 + daily.minted_tokens.sum() - daily.burned_tokens.sum(), rtol=1e-9)


def test_it_inherits_law_cheats_and_checks(finished: Run) -> None:
    kinds = set(finished.table("events").kind)
    assert {"rule_effective", "cheat_enters", "cheat_caught", "honest_station_denied"} <= kinds


def test_it_inherits_switches(air: Scenario) -> None:
    names = {"subsidy", "cheats", "verification_errors", "supply_delay", "price_noise", "law:permit"}
    world = build(air)
    assert names <= set(world.mechanisms.names)
    for name, column in (
        ("cheats", "nodes_online_as_seen"),
        ("law:permit", "operator_cost_usd"),
        ("subsidy", "minted_tokens"),
        ("supply_delay", "nodes_online"),
    ):
        (_, kept), (_, bare) = lived(air, until_day=400), lived(air, until_day=400, without=(name,))
        assert (kept.series(column) != bare.series(column)).any(), name


def test_it_inherits_replicates(air: Scenario) -> None:
    lives = []
    for replicate in (0, 0, 1):
        _, kept = lived(air, until_day=200, replicate=replicate)
        lives.append(kept.series("nodes_online"))
    assert (lives[0] == lives[1]).all() and (lives[0] != lives[2]).any()
