"""Nodes stand on the map: cells around their cities, months of them, and whose law holds there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import h3
import numpy as np
import pytest
from kept import earned
from market_days import changed, lived

import twin
from twin.build import build
from twin.errors import InputError
from twin.kernel import DAYS_PER_MONTH


@pytest.fixture(scope="module")
def quarter():
    """July to September 2024: block rewards run, and nobody cheats."""
    return lived("ionet-world", 92, calendar__start=date(2024, 7, 1), adversaries__april_2024=None)


def test_cells_are_those_of_the_cities() -> None:
    ground = build(changed("akash-world")).ground
    cells = ground.cells()
    assert len(cells["h3"]) == len(set(cells["h3"].tolist())) == ground.map.n
    for site in (0, 100, ground.sites.n - 1):
        expected = h3.latlng_to_cell(ground.sites.lat_deg[site], ground.sites.lng_deg[site], 4)
        assert h3.str_to_int(expected) == cells["h3"][ground.site_cell[site]]
    assert (cells["people"] >= 0).all() and "US" in cells["country"]


def test_a_finer_map_on_request() -> None:
    coarse, fine = build(changed("render-world")).ground, build(changed("render-world", record__cells_h3_resolution=7)).ground
    assert h3.get_resolution(h3.int_to_str(int(fine.cell_ids[0]))) == 7
    assert len(fine.cell_ids) > len(coarse.cell_ids)


def test_months_of_cells_add_up_to_the_network(quarter) -> None:
    world, days, kept = quarter
    months = kept.tables["cells_monthly"]
    assert len(months) == 3
    usd = 0.0
    for month, rows in months:
        of_month = days.loc[month.strftime("%Y-%m")]
        assert rows["online"].sum() == of_month.nodes_online.iloc[-1]
        assert rows["online_as_seen"].sum() == of_month.nodes_online_as_seen.iloc[-1] and rows["fake"].sum() == 0
        assert rows["users"].sum() == pytest.approx(of_month.gpu_hours_leased.mean(), rel=1e-5)
        assert ((rows["coverage_share"] >= 0) & (rows["coverage_share"] <= 1)).all() and rows["coverage_share"].max() > 0.9
        usd += (rows["pay_usd"] * np.maximum(rows["online_as_seen"], 1)).sum() / DAYS_PER_MONTH * len(of_month)
    assert usd == pytest.approx(earned(world, "usd").sum(), rel=1e-3)     # a cell that all have left before the month ends has no row


def test_coverage_is_what_the_cell_s_own_gpus_may_serve() -> None:
    """Akash's halls have GPUs for every job; round trips decide: a class with a short budget is out of reach of a far city."""
    world, _, kept = lived("akash-world", 31)
    _, rows = kept.tables["cells_monthly"][-1]
    trade = world.trade
    real = trade.nodes.online & ~trade.sites.is_fake
    still = [int(each) for each, online in zip(rows["cell"], rows["online"], strict=True) if online and online == real[world.ground.site_cell == each].sum()]
    cell = still[0]
    here = np.flatnonzero((world.ground.site_cell == cell) & real)
    wanted = trade.demand.potential_gpu_hours(world.clock.today)[trade.demand.rows.job] * trade.demand.rows.weight
    share = wanted[trade.yard.terms.may_serve[:, here].any(axis=1)].sum() / wanted.sum()
    assert rows["coverage_share"][list(rows["cell"]).index(cell)] == pytest.approx(share, rel=1e-4)  # demand has grown by a day since


def test_claims_stand_where_they_are_made() -> None:
    _, days, kept = lived("ionet-world", 61)                       # 2024-04: the flood
    fakes = [int(rows["fake"].sum()) for _, rows in kept.tables["cells_monthly"]]
    assert fakes[0] == days.loc["2024-04"].fakes_online.iloc[-1] > 0


def test_law_reaches_by_polygon() -> None:
    ground = build(changed("akash-world")).ground
    sites, cities = ground.reach("US")
    assert set(ground.sites.country[sites]) == {"US"} and len(sites) == (ground.sites.country == "US").sum()
    virginia, ashburn = ground.reach("US/Virginia")
    assert 0 < len(virginia) < len(sites) and ashburn.tolist() == [0]       # Ashburn is the first city of users
    assert ((ground.sites.lng_deg[virginia] > -84) & (ground.sites.lat_deg[virginia] < 40)).all()
    assert cities.tolist() == [0] and len(ground.reach("")[0]) == ground.sites.n
    with pytest.raises(InputError, match="no site lies in 'NR'"):
        ground.reach("NR")


def test_the_report_has_a_map(tmp_path: Path) -> None:
    short = changed("akash-world", calendar__end=date(2024, 5, 1), taper__begins=date(2024, 3, 1), taper__done=date(2024, 4, 1), adversaries__paper_hall=None)
    run = twin.run(short, out=tmp_path)
    month = run.map("users")
    assert month.users.sum() > 0 and month.geometry.is_valid.all()
    assert '"cells"' in run.report.read_text(encoding="utf-8")
