"""The benchmark compares like with like: its three versions of the minimal model end with the same nodes and the same dollars."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import minimal


@pytest.mark.parametrize(("n", "days"), [(1_000, 300), (2_000, 95)])
def test_columns_processes_and_agents_agree(n, days):
    world = minimal.world_of(n, days)
    columns = minimal.run_columns(world, weight_dtype=np.float64)
    assert 0.1 * n < columns.online < 0.95 * n  # both kinds of exit happen
    for run in (minimal.run_processes, minimal.run_agents):
        other = run(world)
        assert other.online == columns.online and other.node_days == columns.node_days
        assert other.earned_usd == pytest.approx(columns.earned_usd, rel=1e-11)
