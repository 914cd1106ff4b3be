"""What users bring: boundaries and node lists, each fault with its own code and a message that says where."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from twin.errors import InputError
from twin.geo import area, local_plane, street_import, user_files
from twin.scenario.sections.place import AreaSpec

HISINGEN = shapely.Polygon([(11.8, 57.7), (12.0, 57.7), (12.0, 57.8), (11.8, 57.8)])
VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def feature(geometry: shapely.Geometry) -> dict[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(geometry))}],
    }


def given(base: Path, **words: object) -> area.StudyArea:
    return area.study_area(AreaSpec(**words), base_dir=base)


def refused(base: Path, **words: object) -> InputError:
    with pytest.raises(InputError) as caught:
        given(base, **words)
    assert len(caught.value.problems) == 1
    return caught.value


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.gpkg", "a.parquet", "metres.gpkg", "metres.parquet"])
def test_the_same_boundary_is_read_from_every_format(tmp_path, name):
    frame = gpd.GeoDataFrame(geometry=[HISINGEN], crs=4326)
    if name.startswith("metres"):
        frame = frame.to_crs(3006)
    path = tmp_path / name
    match path.suffix:
        case ".parquet":
            frame.to_parquet(path)
        case ".gpkg":
            frame.to_file(path, driver="GPKG", layer="city")
        case _:
            path.write_text(json.dumps(feature(HISINGEN)), encoding="utf-8")
    read = given(tmp_path, file=name).geometry
    assert shapely.hausdorff_distance(read, HISINGEN) < 1e-6
    assert local_plane.area_km2(read) == pytest.approx(132, rel=0.01)


def test_a_layer_is_chosen_by_name(tmp_path):
    gpd.GeoDataFrame(geometry=[HISINGEN], crs=4326).to_file(tmp_path / "two.gpkg", driver="GPKG", layer="city")
    gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_file(tmp_path / "two.gpkg", driver="GPKG", layer="square")
    assert shapely.equals(given(tmp_path, file="two.gpkg", layer="square").geometry, shapely.box(0, 0, 1, 1))
    error = refused(tmp_path, file="two.gpkg")
    assert error.codes == ("unknown_layer",) and "city, square" in str(error)


def test_a_self_intersecting_boundary_is_refused_and_says_where(tmp_path):
    bow_tie = shapely.Polygon([(11.8, 57.7), (12.0, 57.8), (12.0, 57.7), (11.8, 57.8)])
    (tmp_path / "bow.geojson").write_text(json.dumps(feature(bow_tie)))
    error = refused(tmp_path, file="bow.geojson")
    assert error.codes == ("invalid_boundary",)
    assert "57.75000 N, 11.90000 E" in str(error) and "self-intersection" in str(error)


@pytest.mark.parametrize(
    ("name", "document", "code"),
    [
        ("none.geojson", {"type": "FeatureCollection", "features": []}, "empty_area"),
        ("point.geojson", feature(shapely.Point(12, 57)), "empty_area"),
        ("swapped.geojson", feature(shapely.Polygon([(57.7, 111.8), (57.7, 112.0), (57.8, 112.0)])), "swapped_coordinates"),
        ("metres.geojson", feature(shapely.box(319_000, 6_400_000, 320_000, 6_401_000)), "wrong_crs"),
        ("topology.json", {"type": "Topology", "objects": {}}, "broken_geodata"),
        ("untyped.json", {"features": []}, "broken_geodata"),
        ("short.geojson", {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}, "broken_geodata"),
    ],
)
def test_unusable_geojson_has_a_code_each(tmp_path, name, document, code):
    (tmp_path / name).write_text(json.dumps(document))
    assert refused(tmp_path, file=name).codes == (code,)


def test_a_reference_system_that_does_not_fit_the_coordinates_is_refused(tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.box(319_000, 6_400_000, 320_000, 6_401_000)], crs=4326).to_parquet(tmp_path / "liar.parquet")
    error = refused(tmp_path, file="liar.parquet")
    assert error.codes == ("wrong_crs",) and "EPSG:4326" in str(error)


def test_files_that_are_not_what_their_name_says_are_refused(tmp_path):
    (tmp_path / "vrt.geojson").write_text(VRT)
    (tmp_path / "vrt.gpkg").write_text(VRT)
    (tmp_path / "vrt.csv").write_text(VRT)
    (tmp_path / "vrt.osm").write_text(VRT)
    (tmp_path / "empty.geojson").write_text("")
    with zipfile.ZipFile(tmp_path / "zip.geojson", "w") as archive:
        archive.writestr("a.geojson", json.dumps(feature(HISINGEN)))
    (tmp_path / "sqlite.gpkg").write_bytes(b"SQLite format 3\0" + bytes(100))
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + bytes(50))
    (tmp_path / "vrt.osm.gz").write_bytes(gzip.compress(VRT.encode()))
    for name in ("vrt.geojson", "vrt.gpkg", "empty.geojson", "zip.geojson", "sqlite.gpkg", "cut.parquet"):
        assert refused(tmp_path, file=name).codes == ("refused_geodata",), name
    assert "VRT" in str(refused(tmp_path, file="vrt.geojson"))
    assert refused(tmp_path, points="vrt.csv").codes == ("refused_geodata",)
    for name in ("vrt.osm", "vrt.osm.gz"):
        with pytest.raises(InputError) as caught:
            street_import.import_streets(name, base_dir=tmp_path)
        assert caught.value.codes == ("refused_geodata",)


@pytest.mark.parametrize(
    "name",
    [
        "https://example.org/a.geojson",
        "/vsicurl/https://example.org/a.geojson",
        "/vsizip/a.zip/a.geojson",
        "../a.geojson",
        "/etc/hostname",
        "a.vrt",
        "a.shp",
        "a.zip",
        ".",
    ],
)
def test_addresses_virtual_paths_other_folders_and_other_formats_are_refused(tmp_path, name):
    inner = tmp_path / "scenario"
    inner.mkdir()
    for place in (tmp_path / "a.geojson", inner / "a.vrt", inner / "a.shp", inner / "a.zip"):
        place.write_text(json.dumps(feature(HISINGEN)))
    assert refused(inner, file=name).codes == ("refused_geodata",)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    inner = tmp_path / "scenario"
    inner.mkdir()
    (tmp_path / "secret.geojson").write_text(json.dumps(feature(HISINGEN)))
    (inner / "link.geojson").symlink_to(tmp_path / "secret.geojson")
    assert refused(inner, file="link.geojson").codes == ("refused_geodata",)


def test_a_missing_file_and_a_large_one(tmp_path, monkeypatch):
    assert refused(tmp_path, file="nowhere.geojson").codes == ("geodata_not_found",)
    (tmp_path / "large.geojson").write_text(json.dumps(feature(HISINGEN)))
    monkeypatch.setitem(user_files.LARGEST_MB, user_files.Kind.GEOJSON, 1e-5)
    assert refused(tmp_path, file="large.geojson").codes == ("geodata_too_large",)


def test_nodes_of_a_csv_make_an_area_around_them(tmp_path):
    (tmp_path / "nodes.csv").write_text("id;Latitude;Longitude\n1;57.70;11.97\n2;57.90;12.50\n")
    made = given(tmp_path, points="nodes.csv", buffer_km=3)
    assert local_plane.area_km2(made.geometry) == pytest.approx(2 * 3.14159 * 9, rel=0.02)
    assert made.geometry.contains(shapely.Point(12.50, 57.90))


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("lat,lng\n11.97,57.70\n12.0,57.72\n", "swapped_coordinates", "exchange"),
        ("lat,lng\n147.2,-42.9\n", "swapped_coordinates", "latitudes reach 147.20"),
        ("lat,lng\n6400000,319000\n", "wrong_crs", "not degrees"),
        ("lat,lon_wgs\n57.7,11.97\n", "missing_column", "no column lng; it has lat, lon_wgs"),
        ("x,y\n57.7,11.97\n", "missing_column", "lat and lng"),
        ("lat,lng\n57.7,11.97\n57.7,\n", "not_a_coordinate", "found lat '57.7', lng ''"),
        ("lat,lng\n57.7,nan\n", "not_a_coordinate", "nan"),
        ("lat,lng\n", "empty_area", "no rows"),
    ],
)
def test_unusable_node_lists_have_a_code_each(tmp_path, text, code, words):
    (tmp_path / "nodes.csv").write_text(text)
    error = refused(tmp_path, points="nodes.csv")
    assert error.codes == (code,) and words in str(error)


def test_lonely_nodes_are_not_taken_for_swapped_ones(tmp_path):
    (tmp_path / "buoys.csv").write_text("lat,lng\n45.0,-30.0\n")
    assert not given(tmp_path, points="buoys.csv").geometry.is_empty


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"city": "Atlantis Nova"}, "unknown_place"),
        ({"city": "Gothenburg"}, "ambiguous_place"),
        ({"city": "Gothenburg", "country": "SW"}, "unknown_country"),
        ({"country": "XX"}, "unknown_country"),
        ({"country": "TK"}, "no_outline"),
        ({"admin1": "Californa", "country": "US"}, "unknown_place"),
        ({"county": "Alleghany", "state": "Pennsylvania"}, "unknown_place"),
        ({"county": "Allegheny", "state": "Pensilvania"}, "unknown_place"),
    ],
)
def test_areas_that_do_not_exist(tmp_path, words, code):
    error = refused(tmp_path, **words)
    assert error.codes == (code,) and error.problems[0].path.startswith("place.area.") or code == "no_outline"


@pytest.mark.parametrize(
    ("words", "km2"),
    [
        ({"country": "CH"}, 41_285),
        ({"admin1": "California", "country": "US"}, 423_970),
        ({"county": "Allegheny", "state": "Pennsylvania"}, 1_929),
    ],
)
def test_areas_by_unit_have_their_known_size(tmp_path, words, km2):
    """Areas from the statistical offices, total area; outlines are generalised and leave out some water."""
    assert local_plane.area_km2(given(tmp_path, **words).geometry) == pytest.approx(km2, rel=0.04)
