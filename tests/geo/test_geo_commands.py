"""`twin geo` as a person uses it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from twin.cli.geo_commands import app

VILLAGE = Path(__file__).parents[1] / "data" / "geo" / "village.osm"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_places_lists_namesakes():
    code, text = run("places", "Göteborg")
    assert code == 0 and "Västra Götaland" in text and "608,462" in text
    code, text = run("places", "Gothenburg", "--country", "US")
    assert code == 0 and "Nebraska" in text and "Västra" not in text


def test_places_say_what_the_study_area_holds():
    code, text = run("places", "Neubrandenburg", "--radius-km", 5)
    assert code == 0 and "Study area of Neubrandenburg, DE: 78 km²" in text and "by_city" in text and "centre_per_km2" in text
    code, text = run("places", "Boulogne-Billancourt")
    assert code == 0 and "24,000 ~" in text
    code, text = run("places", "Kreuzberg", "--country", "DE")
    assert code == 0 and "part" in text
    code, text = run("places", "Yaren")
    assert code == 0 and "Study area of Yaren" in text
    assert run("places", "Paris", "--radius-km", 600)[0] == 2


def test_an_unknown_place_ends_with_code_2_and_a_suggestion():
    code, text = run("places", "Gotenburgh")
    assert code == 2 and "Did you mean" in text and "1 problem" in text


def test_streets_of_a_shipped_graph_and_of_a_file():
    code, text = run("streets", "nauru")
    assert code == 0 and "286" in text and "ODbL" in text
    code, text = run("streets", VILLAGE)
    assert code == 0 and "1 unconnected parts" in text
    assert run("streets", VILLAGE.parent / "nothing.osm")[0] == 2


def test_check_reads_boundaries_nodes_and_streets(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[11.8, 57.7], [12.0, 57.7], [12.0, 57.8], [11.8, 57.8], [11.8, 57.7]]]}
    (tmp_path / "a.geojson").write_text(json.dumps(square))
    (tmp_path / "n.csv").write_text("lat,lng\n57.7,11.9\n")
    code, text = run("check", tmp_path / "a.geojson")
    assert code == 0 and "132." in text and "h3_resolution 8" in text
    assert run("check", tmp_path / "n.csv")[0] == 0
    assert run("check", VILLAGE)[0] == 0
    (tmp_path / "v.geojson").write_text("<OGRVRTDataSource/>")
    code, text = run("check", tmp_path / "v.geojson")
    assert code == 2 and "VRT" in text


@pytest.mark.parametrize(("name", "layers"), [("nauru", {"streets": 286, "nodes": 224}), ("cloud_regions", {"cloud_regions": 267})])
def test_export_writes_a_geopackage_once(tmp_path, name, layers):
    target = tmp_path / "out.gpkg"
    code, text = run("export", name, "--gpkg", target)
    assert code == 0 and "out.gpkg" in text
    with sqlite3.connect(target) as database:
        assert {layer: database.execute(f'SELECT count(*) FROM "{layer}"').fetchone()[0] for layer in layers} == layers
    assert run("export", name, "--gpkg", target)[0] == 2
    assert run("export", "atlantis", "--gpkg", tmp_path / "b.gpkg")[0] == 2
    assert run("export", name, "--gpkg", tmp_path / "nowhere" / "b.gpkg")[0] == 2
