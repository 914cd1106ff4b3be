"""A folder of format 1 is read under today's names, and stays as it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from twin.errors import InputError
from twin.record import RunFolder, open_run
from twin.record.encode import ContentHash

JANUARY, FEBRUARY = date(2021, 1, 1), date(2021, 2, 1)
DAILY = {
    "date": pa.array([JANUARY, date(2021, 1, 2)], pa.date32()), "price_usd": [1.5, 1.6], "nodes_online": [3, 4], "boxes_in_drawer": [0, 1], "boxes_arrived": [3, 1],
    "boxes_failed": [0, 2], "boxes_left": [0, 1], "usage_constant_usd": [0.0, 1.0], "operator_grant_usd": [0.0, 0.0], "batteries_moved": [0, 5],
}  # fmt: skip
OPERATORS = {"month": pa.array([JANUARY, FEBRUARY], pa.date32()), "group": ["roofs", "roofs"], "nodes_online": [3, 4], "boxes_in_drawer": [0, 1]}
MONEY = ("earned_tokens", "earned_usd", "fee_funded_usd", "cost_usd", "profit_usd", "share_in_profit", "sold_tokens")
OPERATORS |= {"entered": [3, 1], "left": [0, 1], **{name: [0.0, 1.0] for name in MONEY}}
EVENTS = {
    "date": pa.array([JANUARY, JANUARY, FEBRUARY], pa.date32()), "lane": ["ARRIVE", "DECIDE", "SHOCK"], "kind": ["boxes_fail", "boxes_move", "rule_announced"],
    "subject": ["fleet", "fleet", "licence"], "jurisdiction": ["", "", "SE"], "count": [2, 5, 0], "value": [1.0, 5.0, None], "unit": ["", "", ""], "note": ["", "", ""],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished run as depin-twin 0.1 left it, with the tables whose names have changed since."""
    stated = {}
    for name, columns in {"network_daily": DAILY, "operators_monthly": OPERATORS, "events": EVENTS}.items():
        table = pa.table(columns)
        unit = pa.field("boxes_left", pa.int64(), metadata={"unit": "count", "meaning": "boxes whose host took them off"})
        if name == "network_daily":
            at = table.schema.get_field_index("boxes_left")
            table = table.set_column(at, unit, table.column("boxes_left"))
        pq.write_table(table, tmp_path / f"{name}.parquet")
        content = ContentHash(table.schema)
        content.update(table)
        stated[name] = {"rows": table.num_rows, "content_hash": content.hexdigest(), "columns": table.column_names}
    manifest = {"format": 1, "status": "complete", "title": "Roofs", "versions": {"depin-twin": "0.1.0"}, "tables": stated}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


def test_columns_have_todays_names(folder: Path) -> None:
    run = open_run(folder)
    assert list(run.table("network_daily")) == [
        "date", "price_usd", "nodes_online", "nodes_in_drawer", "nodes_arrived", "nodes_failed", "nodes_left", "usage_constant_usd", "operator_grant_usd", "nodes_moved",
    ]  # fmt: skip
    assert run.table("network_daily").nodes_moved.tolist() == [0, 5]
    assert list(run.table("operators_monthly"))[:4] == ["month", "group", "nodes_online", "nodes_in_drawer"]
    assert run.units("network_daily")["nodes_left"] == ("count", "boxes whose host took them off")


def test_columns_and_rows_are_asked_for_by_todays_names(folder: Path) -> None:
    run = open_run(folder)
    assert run.table("network_daily", columns=["nodes_left", "nodes_online"], rows=[("nodes_in_drawer", ">", 0)]).to_dict("list") == {"nodes_left": [1], "nodes_online": [4]}
    assert run.table("events", rows=[("kind", "==", "nodes_move")])["count"].tolist() == [5]
    with pytest.raises(InputError, match="no column"):
        run.table("network_daily", columns=["boxes_left"])


def test_events_have_todays_kinds(folder: Path) -> None:
    assert open_run(folder).table("events").kind.tolist() == ["nodes_fail", "nodes_move", "rule_announced"]


def test_months_have_todays_names(folder: Path) -> None:
    run = open_run(folder)
    months = [(month, rows.nodes_in_drawer.tolist()) for month, rows in run.by_month("operators_monthly")]
    assert months == [(JANUARY, [0]), (FEBRUARY, [1])]
    assert [list(rows) for _, rows in run.by_month("operators_monthly", columns=["nodes_in_drawer"])] == [["month", "nodes_in_drawer"]] * 2


def test_its_hashes_still_hold(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert open_run(folder).check() == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_it_says_what_its_nodes_are_called_no_more_than_it_did(folder: Path) -> None:
    assert open_run(folder).nouns.nodes == "nodes"


def test_a_folder_of_today_is_read_as_it_is(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert "boxes_left" in RunFolder(folder, manifest | {"format": 2}).table("network_daily")
    assert isinstance(open_run(folder).table("network_daily"), pd.DataFrame)


def test_its_report_can_be_drawn(folder: Path) -> None:
    from twin.report import write_report

    assert "Nodes and usage" in write_report(folder).read_text("utf-8")
