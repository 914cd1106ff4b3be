"""Who earns and who loses: nodes of campaigns stand in rows of their own, and in no group of honest owners, whatever site they claim."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from goldens.worlds import WORLDS
from kept import lived

from twin.state import ALL, NodeState
from twin.world.cheats_apart import CheatsApart
from twin.world.node_sums import MONEY, DailySums, GroupSums


def test_a_site_that_changes_hands_pays_each_for_its_own_days() -> None:
    """Three sites earn a token a day. The second is a cheat's from day 10 to day 19, the third another's from day 5 on: 10 and 25 of 90 tokens are theirs, the rest the groups'."""
    n = 3
    nodes = SimpleNamespace(n=n, fake=np.full(n, -1, np.int32), online=np.ones(n, bool), state=np.full(n, NodeState.ONLINE, np.int8))
    sums = DailySums(n)
    apart = CheatsApart(nodes, sums, ["one", "two"], rows=slice(None), campaign_of=lambda numbers: numbers.astype(np.int64))
    groups = GroupSums(sums, np.array([0, 0, 1]), 2, less=apart.earned)
    for day in range(30):
        if day == 5:
            nodes.fake[2] = 1
        if day in (10, 20):
            nodes.fake[1] = 0 if day == 10 else -1
            nodes.online[1] = day == 10
        apart.evening()  # booked before the new node is paid
        sums.add(**{name: np.ones(n) for name in MONEY})
        apart.evening()
        if day == 14:
            assert groups.take()["tokens"].tolist() == [15 + 10, 5]
            row = apart.take_rows(nodes.online, with_drawer=True)
            assert row["earned_tokens"].tolist() == [5, 10] and row["entered"].tolist() == [1, 1] and row["nodes_online"].tolist() == [1, 1]
    assert groups.take()["tokens"].tolist() == [15 + 10, 0]
    row = apart.take_rows(nodes.online, with_drawer=False)
    assert row["earned_tokens"].tolist() == [5, 15] and row["left"].tolist() == [1, 0] and "nodes_in_drawer" not in row
    assert not apart.sold(np.array([2]), np.array([4.0])).any() and apart.sold(np.array([0]), np.array([1.0])).all()
    assert apart.take_rows(nodes.online, with_drawer=False)["sold_tokens"].tolist() == [0, 4]


@pytest.mark.parametrize("name", ["pressure-stations", "pressure-wireless"])
def test_rows_add_up_and_cheats_have_what_they_were_paid(name: str) -> None:
    world, kept = lived(WORLDS[name].scenario(), 546 if name == "pressure-stations" else None)
    table, cheats = kept.table("operators_monthly"), list(world.spec.adversaries)
    until = (table.month.max() - world.clock.start).days
    world.sums.settle(ALL)
    last = table[table.month == table.month.max()]
    daily = kept.by_date(world.clock.start)
    honest, fakes = last[~last.group.isin(cheats)], last[last.group.isin(cheats)]
    assert honest.nodes_online.sum() == daily.nodes_online.iloc[until] and fakes.nodes_online.sum() == daily.fake_online.iloc[until]
    assert set(last.group) == {*world.spec.operators, *cheats}
    taken = pd.DataFrame(world.pressure_tables["campaigns_monthly"]).groupby("campaign").taken_usd.sum()
    rows = table[table.group.isin(cheats)].groupby("group").earned_usd.sum()
    assert rows.sum() > 1_000
    for campaign in cheats:
        assert rows[campaign] == pytest.approx(taken.get(campaign, 0.0), rel=2e-3, abs=1.0), campaign  # a list of pay on the day, by float32 weights
    if until == world.clock.day:
        assert table.earned_usd.sum() == pytest.approx(world.sums.earned("usd").sum(), rel=1e-9)


def test_honest_pay_a_node_is_that_of_honest_nodes() -> None:
    """In the town of stations each that runs is paid a fixed rate: honest rows hold no month of a fake."""
    world, kept = lived(WORLDS["pressure-stations"].scenario(), 365)
    table = kept.table("operators_monthly")
    daily = kept.by_date(world.clock.start)
    paid = daily.nodes_online.resample("MS").sum()
    people = table[table.group == "people"].copy()
    people["month"] = pd.to_datetime(people.month).dt.to_period("M").dt.to_timestamp()
    rate = people.set_index("month").earned_usd / paid.reindex(people.month).to_numpy()
    assert (rate[people.set_index("month").earned_usd > 0] < 2.0 + 1e-6).all()  # two tokens a day at one dollar
