"""What a run left, as one hash a column and one for the plan: enough to say which column moved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy._core._multiarray_umath import __cpu_features__

from twin.build import build
from twin.kernel import Clock
from twin.run import run
from twin.scenario import Scenario

BASELINES = Path(__file__).with_name("baselines")
MACHINE = Path(__file__).with_name("machine.json")
Hashes = dict[str, dict[str, str]]
"""Table, then column, then hash; the plan stands as the table `plan`."""


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def hash_of_column(column: pa.ChunkedArray) -> str:
    """SHA-256 of type and values; nulls and text by their JSON."""
    kind = str(column.type).encode()
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        if column.null_count == 0:
            return _digest(kind, column.to_numpy().tobytes())
    return _digest(kind, json.dumps([None if value is None else str(value) for value in column.to_pylist()]).encode())


def hashes_of_run(folder: Path) -> Hashes:
    """Every column of every table in a run folder."""
    found: Hashes = {}
    for path in sorted([*folder.glob("*.parquet"), *(each for each in folder.iterdir() if each.is_dir() and any(each.glob("*.parquet")))]):
        table = pq.read_table(path)
        found[path.stem] = {name: hash_of_column(table.column(name)) for name in table.column_names}
        found[path.stem]["rows"] = str(table.num_rows)
    return found


def hash_of_plan(clock: Clock) -> str:
    """Who acts when: lane, sub-lane, name and cadence, in order."""
    rows = [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in clock.plan()]
    return _digest(json.dumps(rows).encode())


def lived(scenario: Scenario, out: Path) -> Hashes:
    """The hashes of one whole run, verdict included, and of its plan."""
    found = hashes_of_run(run(scenario, out=out, report=False).path)
    return found | {"plan": {"plan": hash_of_plan(build(scenario).clock)}}


def read(name: str) -> Hashes | None:
    """The committed hashes of a world; None if there are none yet."""
    path = BASELINES / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write(name: str, found: Hashes) -> None:
    """Makes them the committed ones."""
    BASELINES.mkdir(exist_ok=True)
    (BASELINES / f"{name}.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def moved(before: Hashes, after: Hashes) -> list[str]:
    """`table.column` of all that differs, with what happened to it."""
    found = []
    for table in sorted({*before, *after}):
        old, new = before.get(table), after.get(table)
        if old is None or new is None:
            found.append(f"{table}: {'new table' if old is None else 'gone'}")
            continue
        for column in sorted({*old, *new}):
            if column not in new:
                found.append(f"{table}.{column}: gone")
            elif column not in old:
                found.append(f"{table}.{column}: new")
            elif old[column] != new[column]:
                found.append(f"{table}.{column}: {old[column]} rows, now {new[column]}" if column == "rows" else f"{table}.{column}: moved")
    return found


def machine() -> dict[str, str]:
    """What the last digit of a logarithm depends on: NumPy's version and the widest vector instructions that it finds."""
    widest = next((name for name in ("X86_V4", "AVX512_SKX", "X86_V3", "AVX2") if __cpu_features__.get(name)), "narrower")
    return {"numpy": np.__version__, "vectors": "AVX512" if widest in ("X86_V4", "AVX512_SKX") else widest}


def made_elsewhere() -> str | None:
    """Why hashes made on another kind of machine cannot be compared here; None if they can."""
    there = json.loads(MACHINE.read_text(encoding="utf-8"))
    here = machine()
    return None if there == here else f"the committed hashes were made with {there}, here is {here}: exp and log may differ in their last digit"


def write_machine() -> None:
    """Notes what this machine is, beside the hashes that it made."""
    MACHINE.write_text(json.dumps(machine()) + "\n", encoding="utf-8")
