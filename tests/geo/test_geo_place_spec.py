"""`place:` of a scenario: one way to give an area, and no key that nothing reads."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from twin.scenario.sections.place import AREA_KEYS, AreaSpec, PlaceSpec, PopulationSpec, SitesSpec


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({"city": "Gothenburg", "country": "SE"}, "city"),
        ({"city": "Springfield", "country": "US", "admin1": "Illinois", "radius_km": 12}, "city"),
        ({"country": "SE"}, "country"),
        ({"admin1": "California", "country": "US"}, "admin1"),
        ({"county": "Allegheny", "state": "Pennsylvania"}, "county"),
        ({"bbox": [11.8, 57.6, 12.1, 57.8]}, "bbox"),
        ({"file": "city.gpkg", "layer": "city"}, "file"),
        ({"points": "nodes.csv", "buffer_km": 4}, "points"),
        ({"world": True}, "world"),
    ],
)
def test_each_way_to_give_an_area(words, kind):
    assert AreaSpec(**words).kind == kind
    assert kind in AREA_KEYS


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"radius_km": 5},
        {"country": "SE", "radius_km": 5},
        {"city": "Gothenburg", "bbox": [11, 57, 12, 58]},
        {"city": "Gothenburg", "world": True},
        {"admin1": "California"},
        {"county": "Allegheny"},
        {"file": "a.gpkg", "buffer_km": 3},
        {"bbox": [12, 57, 11, 58]},
        {"bbox": [11, 57, 12, 95]},
        {"world": False},
        {"city": "Gothenburg", "radius_km": -1},
        {"town": "Gothenburg"},
    ],
)
def test_areas_given_in_no_way_two_ways_or_wrongly(words):
    with pytest.raises(ValidationError):
        AreaSpec(**words)


def test_streets_go_with_the_kind_that_reads_them():
    assert PopulationSpec(kind="kernel_with_streets", streets="goteborg").streets == "goteborg"
    for words in ({"streets": "goteborg"}, {"kind": "kernel_with_streets"}, {"kind": "uniform"}, {"centre_density_per_km2": 0}):
        with pytest.raises(ValidationError):
            PopulationSpec(**words)


def test_the_world_has_no_margin_and_only_the_world_a_country_prior():
    world = {"area": {"world": True}, "sites": {"count": 1000, "country_prior": {"US": 0.4}}}
    assert PlaceSpec(**world).sites.country_prior == {"US": 0.4}
    for words in ({**world, "margin_km": 5}, {**world, "area": {"country": "SE"}}):
        with pytest.raises(ValidationError):
            PlaceSpec(**words)
    with pytest.raises(ValidationError, match="more than 1"):
        SitesSpec(country_prior={"US": 0.7, "SE": 0.6})


def test_the_example_of_the_documents_is_a_place():
    place = PlaceSpec(
        area={"city": "Gothenburg", "country": "SE"},
        margin_km=15,
        h3_resolution=8,
        population={"kind": "kernel_with_streets", "streets": "goteborg", "centre_density_per_km2": 2_000},
    )
    assert place.sites.count > 0 and place.probes.count > 0
