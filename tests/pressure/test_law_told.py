"""What a run tells of its rules of law: a table by month that agrees with the ledger, and a section of the report; neither where only older kinds of rule are stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from goldens.worlds import WORLDS
from kept import lived

from twin.report.law_outlines import MOST_CORNERS, _coarse_enough, outlines_of_rules
from twin.report.map_payload import map_data
from twin.report.page import report_page
from twin.run import run
from twin.scenario import load

STATIONS = Path(__file__).parent / "stations.yaml"
VILLAGE = Path(__file__).parents[1] / "sensing" / "village.yaml"


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run(WORLDS["pressure-village"].scenario(), out=tmp_path_factory.mktemp("law"), report=False)


def test_the_table_has_a_row_for_each_rule_and_month_and_agrees_with_the_ledger(pressed: Any) -> None:
    table, ledger = pressed.table("law_monthly"), pressed.table("ledger_monthly")
    assert len(table) == 5 * 18 and not table.duplicated(["month", "rule"]).any()
    for column, reason in (("fines_usd", "fine"), ("duties_usd", "import duty"), ("setup_usd", "set up because law asks for it")):
        paid = ledger[(ledger.reason == reason) & (ledger.source == "operators")].amount.sum()
        assert table[column].sum() == pytest.approx(paid) and paid > 0
    months = pd.to_datetime(table.month)
    duty = table[(table.rule == "duty") & table.in_force]
    assert (duty.complied + duty.hiding == duty.nodes_under).all() and duty.complied.min() > 0 < duty.hiding.min() and duty.closed.max() > 0
    assert not table[(table.rule == "tariff") & (months >= "2025-03-01")].in_force.any()
    assert (table[table.rule == "maybe"].closed > 0).sum() == 3, "closed while the ban of this life holds: from late May to late August"


def test_made_up_nodes_are_told_apart_from_those_that_stand_under_a_rule() -> None:
    """Those of the daily table; owners who answer are honest ones alone."""
    duty = "regulation.data={kind: privacy_duty, jurisdiction: SE, effective: 2024-07-01, setup_usd_per_node: 1, answers: {compliance_usd_per_node_per_year: {median: 3, p90: 9}, hide: false}}"
    world, kept = lived(load(STATIONS, sets=(duty, "adversaries.made_up.entry_cost_usd_per_node=100", "calendar.end=2024-12-01")))
    table, daily = pd.DataFrame(world.law.rows), kept.by_date(world.clock.start)
    for each in table[table.in_force].itertuples():
        evening = daily.loc[pd.Timestamp(each.month) + pd.offsets.MonthEnd()]
        assert (each.nodes_under, each.claimed_under, each.complied) == (evening.nodes_online, evening.fake_online, evening.nodes_online)
    assert table.claimed_under.max() > 3


def test_curtailment_and_localisation_say_what_they_did(tmp_path: Path) -> None:
    """Machines stand still for a fifth of six hours a day in the mean; bound jobs are leased somewhere while the rule holds, and not after it."""
    bound = WORLDS["pressure-bound"]
    done = run(load(bound.source, sets=(*bound.sets, "regulation.stay.jurisdiction=US", "calendar.end=2024-10-01")), out=tmp_path, report=False)
    table = done.table("law_monthly").set_index("rule")
    call, stay = table.loc["call"], table.loc["stay"]
    held = call[call.in_force]
    days = (pd.to_datetime(held.month) + pd.offsets.MonthEnd()).dt.day
    assert held.touched.sum() == pytest.approx((0.2 * 6 * days * held.nodes_under).sum(), rel=0.25) and (held.touched_unit == "hours of nodes that stood still").all()
    assert stay.touched[stay.in_force].max() > 0 and stay.touched[~stay.in_force].isna().all()
    page = report_page(done.folder)
    assert "hours of nodes that stood still" in page and "GPU-hours a day of bound jobs were leased there" in page


def test_the_report_says_what_each_rule_did(pressed: Any) -> None:
    page = report_page(pressed.folder)
    assert "Rules of law" in page and "Maybe (ban, SE): known from 2024-03-28, in force from 2024-05-27 until 2024-08-24" in page
    assert "fines came to" in page and "never came" not in page


def test_the_report_says_who_went_across_the_border(tmp_path: Path) -> None:
    done = run(WORLDS["pressure-bound"].scenario(), out=tmp_path, report=False)
    moved = int(done.table("state_monthly").moved.sum())
    assert moved > 0 and f"taken across the border: {moved}" in report_page(done.folder)


def test_the_map_has_the_outline_of_the_polygon(pressed: Any) -> None:
    """One rule has a polygon, a rectangle: five points, drawn as one line of the role `law`."""
    (outline,) = outlines_of_rules(pressed.folder)
    assert outline.bounds == (18.29, 57.5, 18.5, 57.8)
    found = map_data(pressed.folder)
    assert found is not None and [layer["role"] for layer in found.payload["layers"]].count("law") == 1
    assert "Red outlines on the map" in report_page(pressed.folder)


def test_outlines_are_drawn_no_finer_than_they_can_be_told_apart() -> None:
    fine = shapely.Point(18.3, 57.6).buffer(0.5, quad_segs=4_000)
    (coarse,) = _coarse_enough([fine])
    assert shapely.get_num_coordinates(coarse) <= MOST_CORNERS and shapely.hausdorff_distance(coarse, fine) < 0.002
    assert _coarse_enough([shapely.box(0, 0, 1, 1)]) == [shapely.box(0, 0, 1, 1)]


def test_older_kinds_of_rule_leave_no_table(tmp_path: Path) -> None:
    rule = "regulation.end={kind: ban, jurisdiction: SE, effective: 2024-03-01}"
    done = run(load(VILLAGE, sets=["calendar.end=2024-08-01", rule]), out=tmp_path, report=False)
    assert not done.folder.has("law_monthly") and 'id="law"' not in report_page(done.folder)
