"""A ground that was kept is taken only for the same place, and for the same content of the files that the scenario names."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from twin.errors import InputError
from twin.geo.sites import SitePool
from twin.scenario.sections.place import AreaSpec, PlaceSpec, PopulationSpec, ProbesSpec, SitesSpec
from twin.world.ground import Ground, lay_out


def place(**area: object) -> PlaceSpec:
    return PlaceSpec(area=AreaSpec(**area), sites=SitesSpec(count=200), probes=ProbesSpec(count=100), population=PopulationSpec())


def outline(folder: Path, west: float) -> None:
    ring = [[west, 57.6], [west + 0.2, 57.6], [west + 0.2, 57.8], [west, 57.8], [west, 57.6]]
    (folder / "town.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))


def laid_out(spec: PlaceSpec, folder: Path, *, cache: Path | None, map_resolution: int | None = None) -> Ground:
    return lay_out(spec, base_dir=folder, map_resolution=map_resolution, cache=cache)


def assert_same(one: Ground, other: Ground) -> None:
    for field in fields(Ground):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert (a.dtype, a.tobytes()) == (b.dtype, b.tobytes()), field.name
        elif isinstance(a, SitePool):
            assert a.cell12.tobytes() == b.cell12.tobytes() and list(a.first) == list(b.first) and list(a.cells) == list(b.cells)
            assert all(a.first[level].tobytes() == b.first[level].tobytes() for level in a.first)
            assert a.rows(8).tobytes() == b.rows(8).tobytes()
        elif field.name in ("attributions", "licence", "guessed_prices", "checksums"):
            assert a == b and type(a) is type(b)
        else:
            assert a.jurisdictions == b.jurisdictions and a.lat_deg.tobytes() == b.lat_deg.tobytes()


@pytest.mark.parametrize("spec", [place(city="Visby", country="SE"), place(world=True)])
def test_found_and_made_are_the_same(spec: PlaceSpec, tmp_path: Path) -> None:
    made, cold, warm = (laid_out(spec, tmp_path, cache=cache) for cache in (None, tmp_path / "cache", tmp_path / "cache"))
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert_same(made, cold)
    assert_same(cold, warm)
    assert warm.reach("SE")[0].tolist() == made.reach("SE")[0].tolist()
    assert all(np.array_equal(value, made.cells()[name]) for name, value in warm.cells().items() if isinstance(value, np.ndarray))


def test_another_content_of_a_file_is_another_ground(tmp_path: Path) -> None:
    cache, spec = tmp_path / "cache", place(file="town.geojson")
    outline(tmp_path, 11.8)
    first = laid_out(spec, tmp_path, cache=cache)
    assert laid_out(spec, tmp_path, cache=cache).sites.lng_deg.tobytes() == first.sites.lng_deg.tobytes()
    outline(tmp_path, 11.9)
    assert laid_out(spec, tmp_path, cache=cache).sites.lng_deg.min() > 11.89 > first.sites.lng_deg.min()
    assert len(list(cache.iterdir())) == 2
    (tmp_path / "town.geojson").unlink()
    with pytest.raises(InputError) as caught:
        laid_out(spec, tmp_path, cache=cache)
    assert caught.value.codes == ("geodata_not_found",)


def test_a_file_is_looked_for_in_the_folder_of_the_scenario_only(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    outline(tmp_path, 11.8)
    for name in ("../town.geojson", "town\0.geojson", str(tmp_path / "town.geojson")):
        with pytest.raises(InputError) as caught:
            laid_out(place(file=name), tmp_path / "inner", cache=tmp_path / "cache")
        assert caught.value.codes == ("refused_geodata",)


def test_another_resolution_of_the_worlds_map_is_another_ground(tmp_path: Path) -> None:
    grounds = [laid_out(place(world=True), tmp_path, cache=tmp_path / "cache", map_resolution=level) for level in (4, 5, 4)]
    assert [each.map.resolution for each in grounds] == [4, 5, 4]
    assert len(list((tmp_path / "cache").iterdir())) == 2
