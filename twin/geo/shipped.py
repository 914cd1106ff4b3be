"""The maps that ship with the package: where they are, what they are, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from twin.errors import InputError, Problem, RunError

OVERRIDE = "TWIN_GEODATA"
MANIFEST = "MANIFEST.json"


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """One shipped table and its papers; `attribution` must be printed wherever the data is drawn."""

    path: str
    rows: int
    bytes: int
    sha256_file: str
    sha256_content: str
    source: str
    licence: str
    attribution: str


@cache
def folder() -> Path:
    """The folder of the shipped maps: `$TWIN_GEODATA`, else the checkout's geodata/, else the copy inside the wheel."""
    stated = os.environ.get(OVERRIDE)
    package = Path(__file__).resolve().parents[1]
    places = [Path(stated)] if stated else [package.parent / "geodata", package / "_data" / "geodata"]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    raise InputError(
        Problem(
            "geodata_missing",
            f"the shipped maps are not there (looked in {looked})",
            suggestion=f"reinstall, or point {OVERRIDE} to the folder that holds {MANIFEST}",
        )
    )


@cache
def manifest() -> dict[str, ShippedFile]:
    """Every shipped table by its path below the folder, for example `roads/goteborg.edges.parquet`."""
    listed = json.loads((folder() / MANIFEST).read_text(encoding="utf-8"))["files"]
    return {path: ShippedFile(path=path, **facts) for path, facts in listed.items()}


def verified(path: str) -> Path:
    """The file's place on disk, after its bytes have been compared with the manifest (some 2 ms per MB)."""
    if path not in manifest():
        raise InputError(Problem("geodata_unknown", f"{path!r} is not among the shipped maps: {', '.join(sorted(manifest()))}"))
    place = folder() / path
    if not place.is_file():
        raise InputError(Problem("geodata_missing", f"{place} is listed in {MANIFEST} but not there", suggestion="reinstall the package"))
    if hashlib.sha256(place.read_bytes()).hexdigest() != manifest()[path].sha256_file:
        raise RunError(f"{place} differs from {MANIFEST}: damaged or edited; reinstall the package or rebuild with geodata/build.py")
    return place


@cache
def table(path: str) -> pd.DataFrame:
    """A shipped table, read once per process: do not write into it."""
    return pd.read_parquet(verified(path))


@cache
def layer(path: str) -> gpd.GeoDataFrame:
    """A shipped table with geometries (WGS 84), read once per process: do not write into it."""
    return gpd.read_parquet(verified(path))


def attributions(paths: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """The lines to print under whatever was made from these shipped files, in order, each once."""
    return tuple(dict.fromkeys(manifest()[path].attribution for path in paths))
