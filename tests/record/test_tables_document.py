"""The declarations and the page that is generated from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twin.outcomes.document import tables_markdown
from twin.record.fields import ARROW_TYPES, Field
from twin.record.tables import TABLES, WIRELESS_DAILY

GOLDENS = Path(__file__).parents[1] / "goldens" / "baselines"
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_page_is_up_to_date() -> None:
    page = (ARCHITECTURE.parent / "tables.md").read_text("utf-8")
    assert page == tables_markdown(), "run: python -m twin.outcomes.document docs/tables.md"


def test_every_column_of_every_golden_world_stands_on_a_page() -> None:
    pages = "".join((ARCHITECTURE.parent / name).read_text("utf-8") for name in ("tables.md", "network-columns.md"))
    worlds = [json.loads(path.read_text("utf-8")) for path in sorted(GOLDENS.glob("*.json"))]
    found = {f"{table}.{column}" for world in worlds for table, columns in world.items() if table != "plan" for column in columns if column != "rows"}
    assert len(found) > 150 and sorted(name for name in found if f"| `{name.split('.')[1]}` |" not in pages) == []


def test_every_column_has_a_known_type_a_unit_and_a_meaning() -> None:
    for table in TABLES.values():
        for field in (*table.fields, *WIRELESS_DAILY):
            assert field.dtype in ARROW_TYPES and field.unit and len(field.meaning) > 4, f"{table.name}.{field.name}"


@pytest.mark.parametrize("name", ["network_daily", "cells_monthly", "operators_monthly", "ledger_monthly", "events"])
def test_columns_are_those_of_the_contract(name: str) -> None:
    """Every column declared for a table is named in the contract between the packages."""
    text = ARCHITECTURE.read_text("utf-8")
    assert [column for column in TABLES[name].column_names if column not in text] == []


def test_a_column_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="price_usd"):
        TABLES["network_daily"].with_columns([Field("price_usd", "float64", "USD/token", "again")])
