"""Writes `docs/tables.md` from the declarations: `python -m twin.outcomes.document docs/tables.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from twin.outcomes.columns import VERDICT_TABLE
from twin.record.tables import TABLES, TOKEN_FEES, WIRELESS_DAILY, Field

INTRO = """# Tables of a run

Generated from `twin/record/tables.py` and `twin/outcomes/columns.py` by `python -m twin.outcomes.document docs/tables.md`; do not edit by hand.

A run folder holds each table as `<name>.parquet` (in an unfinished folder as `<name>/part-000.parquet`, ...). Unit and meaning of every
column stand in the files too. `cells.parquet` is GeoParquet: QGIS and GeoPandas open it as it is. Read them with
`twin.record.open_run(folder).table(name)`, or with any Parquet reader.

A network adds columns of its own to `network_daily`; one that has no meaning for it is absent from `network_daily`, `operators_monthly` and
`cells_monthly`, not zero ([network-columns.md](network-columns.md) lists both by kind). `price_usd`, `nodes_online`, `minted_tokens`, `burned_tokens`, `circulating_tokens` and
`supply_tokens` stand in every run. Here nodes are called nodes; the manifest states the kind's own `nouns`.

The folder's layout has format 2. Folders of format 1 are read under today's names: it had `boxes_` for `nodes_` in columns and kinds of
events, and zeros in place of columns without meaning.
"""


def tables_markdown() -> str:
    """The page as Markdown text."""
    parts = [INTRO]
    for table in {**TABLES, VERDICT_TABLE.name: VERDICT_TABLE}.values():
        order = f" Rows stand in the order of {', '.join(f'`{name}`' for name in table.order)}." if table.order else ""
        parts += [f"## {table.name}\n\n{table.meaning}{order}\n", _rows(table.fields)]
        if table.name == "network_daily":
            parts += ["### network_daily of a wireless network, besides\n", _rows(WIRELESS_DAILY)]
        if table.name == "judged_nodes":
            parts += ["### judged_nodes of a network that shares its token, besides\n", _rows((TOKEN_FEES,))]
    return "\n".join(parts)


def _rows(fields: tuple[Field, ...]) -> str:
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    lines += [f"| `{f.name}` | {f.dtype} | {f.unit} | {f.meaning} |" for f in fields]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(tables_markdown(), encoding="utf-8")
