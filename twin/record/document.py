"""Writes `docs/tables.md` from the declarations: `python -m twin.record.document docs/tables.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from twin.record.tables import TABLES, WIRELESS_DAILY, Field

INTRO = """# Tables of a run

Generated from `twin/record/tables.py` by `python -m twin.record.document docs/tables.md`; do not edit by hand.

A run folder holds each table as `<name>.parquet` (in an unfinished folder as `<name>/part-000.parquet`, ...). Unit and meaning of every
column stand in the files too. `cells.parquet` is GeoParquet: QGIS and GeoPandas open it as it is. Read them with
`twin.record.open_run(folder).table(name)`, or with any Parquet reader. The columns of `verdict` are complete only together with those
that the file itself declares.
"""


def tables_markdown() -> str:
    """The page as Markdown text."""
    parts = [INTRO]
    for table in TABLES.values():
        order = f" Rows stand in the order of {', '.join(f'`{name}`' for name in table.order)}." if table.order else ""
        parts += [f"## {table.name}\n\n{table.meaning}{order}\n", _rows(table.fields)]
        if table.name == "network_daily":
            parts += ["### network_daily of a wireless network, besides\n", _rows(WIRELESS_DAILY)]
    return "\n".join(parts)


def _rows(fields: tuple[Field, ...]) -> str:
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    lines += [f"| `{f.name}` | {f.dtype} | {f.unit} | {f.meaning} |" for f in fields]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(tables_markdown(), encoding="utf-8")
