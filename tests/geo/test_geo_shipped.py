"""The shipped maps: complete, unaltered, with their papers."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.rebuild.manifest import content_sha256
from twin.errors import InputError, RunError
from twin.geo import boundaries, countries, electricity, places, shipped

REPOSITORY = Path(__file__).resolve().parents[2]
GEODATA = REPOSITORY / "geodata"


@pytest.fixture(autouse=True)
def _forget():
    yield
    shipped.folder.cache_clear()
    shipped.manifest.cache_clear()


def test_the_manifest_lists_every_file_that_ships():
    on_disk = {str(path.relative_to(GEODATA)) for pattern in ("*.parquet", "*.csv", "*.js") for path in GEODATA.rglob(pattern)}
    assert on_disk == set(shipped.manifest())


@pytest.mark.parametrize("path", sorted(shipped.manifest()))
def test_each_file_has_the_bytes_rows_and_content_that_the_manifest_says(path):
    facts = shipped.manifest()[path]
    place = shipped.verified(path)
    assert place.stat().st_size == facts.bytes
    assert facts.source and facts.licence and facts.attribution
    if path.endswith(".csv"):
        frame = pd.read_csv(place, keep_default_na=False)
    elif path.endswith(".parquet"):
        frame = gpd.read_parquet(place) if path.startswith(("boundaries/", "roads/")) and "nodes" not in path else pd.read_parquet(place)
    else:
        return
    assert len(frame) == facts.rows
    assert content_sha256(frame) == facts.sha256_content


def test_all_maps_together_stay_under_twelve_megabytes():
    assert sum(path.stat().st_size for path in GEODATA.rglob("*") if path.is_file() and "__pycache__" not in path.parts) < 12_000_000


def test_every_folder_has_its_licence_and_streets_say_odbl():
    for folder in ("boundaries", "places", "roads", "clouds"):
        assert (GEODATA / folder / "LICENSE").is_file()
    assert "opendatacommons.org/licenses/odbl" in (GEODATA / "roads" / "LICENSE").read_text()
    assert "Apache License" in (GEODATA / "vendor" / "h3-js.LICENSE").read_text()
    assert {facts.licence for path, facts in shipped.manifest().items() if path.startswith("roads/")} == {"ODbL-1.0"}
    assert {facts.licence for path, facts in shipped.manifest().items() if path.startswith("places/")} == {"CC-BY-4.0"}


def test_the_content_hash_ignores_the_order_of_rows_and_sees_a_changed_value():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, np.nan, 2.0], "c": ["x", None, "z"]})
    assert content_sha256(frame) == content_sha256(frame.iloc[::-1])
    assert content_sha256(frame) != content_sha256(frame.assign(a=[1, 2, 4]))


def test_a_damaged_file_is_noticed_at_load(tmp_path, monkeypatch):
    (tmp_path / "places").mkdir()
    for name in ("MANIFEST.json", "places/countries.parquet"):
        shutil.copy(GEODATA / name, tmp_path / name)
    monkeypatch.setenv("TWIN_GEODATA", str(tmp_path))
    shipped.folder.cache_clear()
    shipped.manifest.cache_clear()
    assert shipped.folder() == tmp_path
    assert shipped.verified("places/countries.parquet").is_file()
    with (tmp_path / "places" / "countries.parquet").open("r+b") as file:
        file.seek(100)
        file.write(b"\0\0\0\0")
    with pytest.raises(RunError, match="damaged or edited"):
        shipped.verified("places/countries.parquet")
    with pytest.raises(InputError) as caught:
        shipped.verified("places/cities1000.parquet")
    assert caught.value.codes == ("geodata_missing",)
    with pytest.raises(InputError) as caught:
        shipped.verified("places/nowhere.parquet")
    assert caught.value.codes == ("geodata_unknown",)


def test_no_maps_at_all_is_told_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("TWIN_GEODATA", str(tmp_path))
    shipped.folder.cache_clear()
    with pytest.raises(InputError, match="TWIN_GEODATA"):
        shipped.folder()


def test_nested_places_are_the_ones_the_rule_finds():
    """The rule of the rebuild, applied to the shipped columns: what it marks is marked."""
    sys.path.insert(0, str(REPOSITORY))
    try:
        from geodata.rebuild.places import _nested
    finally:
        sys.path.remove(str(REPOSITORY))
    table = places.table()
    assert np.array_equal(_nested(table, table.section.to_numpy()), table.section.to_numpy())
    # A million people fill a disc of 12.6 km. In it: a suburb, a twin more than half as large, a foreign town; beyond it, a town.
    made = pd.DataFrame(
        {
            "geonameid": range(5),
            "cc": ["SE", "SE", "SE", "NO", "SE"],
            "lat": [0.0, 0.05, 0.05, 0.05, 0.2],
            "lon": [0.0, 0.05, -0.05, 0.0, 0.0],
            "population": [1_000_000, 100_000, 600_000, 50_000, 30_000],
        }
    )
    assert _nested(made, np.zeros(5, bool)).tolist() == [False, True, False, False, False]


def test_electricity_has_a_price_for_every_country_and_names_the_guessed_ones():
    codes = list(countries.table().index)
    price, guessed = electricity.household_usd_per_kwh(codes)
    assert ((price > 0.01) & (price < 0.6)).all() and len(price) == len(codes)
    assert "SE" not in guessed and "CL" in guessed and list(guessed) == sorted(set(guessed))
    by_code = dict(zip(codes, price, strict=True))
    assert (by_code["US"], by_code["CL"], by_code["CH"], by_code["AQ"]) == (0.193, 0.206, 0.245, 0.165)
    assert electricity.household_usd_per_kwh([""])[0].tolist() == [0.165]
    with (GEODATA / "electricity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["status"] in ("sourced", "weak", "unverified") for row in rows)
    assert {row["code"] for row in rows if row["scope"] == "country"} <= set(codes)


def test_outlines_for_maps_are_cut_simplified_and_credited():
    around = (10.0, 56.0, 14.0, 59.0)
    fine, coarse = (boundaries.outlines(around, "country", width_px=px) for px in (2_000, 100))
    assert set(fine.country) == {"SE", "NO", "DK"} and fine.attrs["attribution"] == "Made with Natural Earth"
    assert np.allclose(fine.total_bounds, around, atol=1e-6)
    assert coarse.geometry.count_coordinates().sum() < fine.geometry.count_coordinates().sum() / 3
    counties = boundaries.outlines((-80.5, 40, -79.5, 41), boundaries.Level.COUNTY)
    assert "Allegheny" in set(counties.name) and set(counties.country) == {"US"}
    units = boundaries.outlines(countries.land("CH"), "admin1")
    assert {"Zürich", "Bern"} <= set(units.name)
