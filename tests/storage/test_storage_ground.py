"""Providers and miners stand in places: the map adds up to the network, law reaches by place, who moves leaves the map of the country."""

from __future__ import annotations

import numpy as np
import pytest
from kept import settled

from twin.build import build
from twin.errors import InputError
from twin.geo import spots
from twin.scenario import load

FEW = ["providers.capacity_miners.operators_count=90", "providers.data_dealers.operators_count=60", "providers.data_centers.operators_count=30"]


def test_rooms_stand_in_cities_with_a_cloud_region_where_the_country_has_one() -> None:
    where = spots.table()
    country = np.array(["DE", "DE", "VN", "VN"])
    rows = spots.picked(country, clouds=np.array([True, False, True, False]), luck=np.array([0.3, 0.3, 0.3, 0.3]))
    assert (where.country[rows] == country).all()
    assert where.has_cloud[rows].tolist() == [True, False, False, False] and rows[2] == rows[3]
    with pytest.raises(InputError) as raised:
        spots.picked(np.array(["XX"]), clouds=np.zeros(1, bool), luck=np.full(1, 0.5))
    assert raised.value.codes == ("no_place",)


def test_towns_are_drawn_by_people() -> None:
    where, luck = spots.table(), (np.arange(4000) + 0.5) / 4000
    rows = spots.picked(np.full(4000, "FI"), clouds=np.zeros(4000, bool), luck=luck)
    towns = (where.country == "FI") & ~where.has_cloud
    share = np.bincount(rows, minlength=len(towns))[towns] / 4000
    np.testing.assert_allclose(share, where.weight[towns] / where.weight[towns].sum(), atol=5e-4)


def test_the_map_of_a_month_adds_up_to_the_network() -> None:
    world, kept = settled(load("filecoin-world", sets=[*FEW, "calendar.end=2023-03-01", "record.cells=quarterly"]))
    world.clock.run()
    months = kept.table("cells_monthly").groupby("month")
    daily = kept.by_date(world.clock.start)
    assert [str(month) for month in months.groups] == ["2022-12-31", "2023-02-28"]
    for month, rows in months:
        row = daily.loc[str(month)]
        assert rows.online.sum() == row.nodes_online and rows.fake.sum() == row.fake_online
        assert rows.users.sum() == pytest.approx(row.paid_pib, rel=1e-5)
    in_quarter = months.get_group(max(months.groups))
    usd_per_day = float((in_quarter.pay_usd * in_quarter.online_as_seen).sum()) / (365.25 / 12)
    assert usd_per_day == pytest.approx((daily.operator_emission_usd + daily.operator_customer_usd)["2023-01-01":].mean(), rel=0.01)
    cells = world.cells()
    assert cells is not None and set(cells["country"]) <= {*world.trade.providers.countries} and kept.table("cells_monthly").cell.max() < len(cells["h3"])


def test_who_moves_abroad_leaves_the_law_of_the_country() -> None:
    world, _ = settled(load("filecoin-world", variant="china_2021", sets=FEW))
    ground, providers, home = world.ground, world.trade.providers, world.trade.providers.country.copy()
    under = ground.reach("CN")[0]
    np.testing.assert_array_equal(under, np.flatnonzero(providers.codes() == "CN"))
    world.clock.run()
    moved = np.flatnonzero(providers.country != home)
    assert 0 < len(moved) == world.trade.ban.moved
    np.testing.assert_array_equal(ground.reach("CN")[0], np.setdiff1d(under, moved))
    assert (spots.table().country[ground.place] == providers.codes()).all()


def test_a_rule_may_reach_a_part_of_a_country() -> None:
    sets = [*FEW, "regulation.china_notice.jurisdiction=CN/Guangdong"]
    whole, part = (build(load("filecoin-world", variant="china_2021", sets=each)) for each in (FEW, sets))
    everywhere, here = whole.ground.reach("CN")[0], part.ground.reach("CN/Guangdong")[0]
    assert 0 < len(here) < len(everywhere) and np.isin(here, everywhere).all()
    part.clock.run(until_day=80)
    cut = np.flatnonzero(part.trade.providers.new_factor < 1)
    assert len(cut) and np.isin(cut, here).all()
    with pytest.raises(InputError) as raised:
        build(load("filecoin-world", variant="china_2021", sets=[*FEW, "regulation.china_notice.jurisdiction=BR"]))
    assert raised.value.codes == ("unknown_jurisdiction",)


def test_miners_of_one_luck_stand_in_one_place_whatever_the_price() -> None:
    few = ["miners.farms.operators_count=40", "miners.data_centers.operators_count=20", "calendar.end=2026-03-01"]
    (one, kept), (other, _) = (settled(load("arweave-world", variant=variant, sets=few)) for variant in (None, "dear_token"))
    np.testing.assert_array_equal(one.ground.place, other.ground.place)
    one.clock.run()
    rows = kept.table("cells_monthly")
    assert rows[rows.month == rows.month.max()].users.sum() == pytest.approx(1000 * kept.series("mined_space_pb")[-1], rel=1e-5)
