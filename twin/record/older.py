"""What folders of earlier formats called things, so that they are read under today's names. No folder is changed.

Columns without meaning for a network stood in format 1 as zeros, and are read as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Renamed:
    """Names of one table, then -> now: its columns, and its kinds of event."""

    columns: Mapping[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict)

    def now(self, part: pa.Table) -> pa.Table:
        """The rows of a file under today's names."""
        part = part.rename_columns([self.columns.get(name, name) for name in part.column_names])
        if self.kinds and "kind" in part.column_names:
            kind = part.column("kind")
            for then, now in self.kinds.items():
                kind = pc.if_else(pc.equal(kind, then), now, kind)
            at = part.schema.get_field_index("kind")
            part = part.set_column(at, part.schema.field(at), kind)
        return part


_OF_NODES = {f"boxes_{what}": f"nodes_{what}" for what in ("in_drawer", "arrived", "failed", "left", "moved")}
_FORMATS: Mapping[int, Mapping[str, Renamed]] = MappingProxyType(
    {
        1: {
            "network_daily": Renamed(_OF_NODES | {"batteries_moved": "nodes_moved"}),
            "operators_monthly": Renamed({"boxes_in_drawer": "nodes_in_drawer"}),
            "events": Renamed({}, {"boxes_fail": "nodes_fail", "boxes_move": "nodes_move"}),
        }
    }
)


def renamed_since(written_in: int, table: str) -> Renamed | None:
    """What a table of a folder in that format calls otherwise; None if nothing."""
    return _FORMATS.get(written_in, {}).get(table)
