"""Places, countries, jurisdictions: found by any of their names, and errors that name what was meant."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from twin.errors import InputError
from twin.geo import countries, jurisdictions, places
from twin.geo.jurisdictions import Jurisdiction


@pytest.mark.parametrize("name", ["Gothenburg", "Göteborg", "goteborg", "GÖTEBORG", "Gøteborg"])
def test_a_city_is_found_by_its_own_and_other_names(name):
    place = places.find(name, country="SE")
    assert (place.geonameid, place.country, place.admin1, place.population) == (2711537, "SE", "Västra Götaland", 608_462)
    assert abs(place.lat_deg - 57.70716) < 1e-4 and abs(place.lng_deg - 11.96679) < 1e-4


def test_other_names_need_no_country_when_only_one_place_has_them():
    assert places.find("Göteborg").geonameid == 2711537
    assert places.find("Zurich").country == "CH"
    assert places.find("Praha").name == "Prague"


def test_two_matches_are_an_error_that_lists_both():
    with pytest.raises(InputError) as caught:
        places.find("Gothenburg")
    assert caught.value.codes == ("ambiguous_place",)
    assert "Västra Götaland, SE" in str(caught.value) and "Nebraska, US" in str(caught.value)


def test_namesakes_in_one_country_are_told_apart_by_the_first_level_unit():
    with pytest.raises(InputError) as caught:
        places.find("Springfield", country="US")
    assert caught.value.codes == ("ambiguous_place",) and "admin1" in str(caught.value)
    assert places.find("Springfield", country="US", admin1="Illinois").admin1 == "Illinois"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(InputError) as caught:
        places.find("Gotenburgh", country="SE")
    assert caught.value.codes == ("unknown_place",) and "Gothenburg" in str(caught.value)


def test_a_name_that_exists_elsewhere_says_where():
    with pytest.raises(InputError) as caught:
        places.find("Göteborg", country="NO")
    assert caught.value.codes == ("unknown_place",) and "SE" in str(caught.value)


@pytest.mark.parametrize(("code", "meant"), [("SW", "SE"), ("UK", "GB"), ("Sweden", "SE"), ("se", "SE"), ("SWE", "SE"), ("Swedn", "SE")])
def test_a_wrong_country_code_gets_the_one_that_was_meant(code, meant):
    with pytest.raises(InputError) as caught:
        places.find("Gothenburg", country=code)
    assert caught.value.codes == ("unknown_country",) and meant in (caught.value.problems[0].suggestion or "")


def test_norway_is_a_country():
    assert countries.checked("NO") == "NO"
    assert countries.table().name["NO"] == "Norway"


def test_search_lists_the_largest_first():
    found = places.search("Springfield")
    assert len(found) > 10
    assert [place.population for place in found] == sorted((place.population for place in found), reverse=True)
    assert places.search("Neubrandenb")[0].name == "Neubrandenburg"
    assert places.search("---") == []


def test_every_place_lies_in_a_country_that_the_table_knows():
    assert set(places.table().cc) <= set(countries.table().index)


def test_parts_of_a_city_hold_nobody_and_no_country_is_overfull():
    table = places.table()
    assert (table.pop_model[table.section] == 0).all()
    people = table.groupby("cc").pop_model.sum()
    national = countries.table().population.reindex(people.index)
    with_census = national > 0
    assert (people[with_census] <= 0.951 * national[with_census]).mean() > 0.9  # the cap, and GeoNames' own rounding for islets


def test_large_countries_all_have_land():
    large = countries.table().index[countries.table().population > 50_000]
    assert set(large) <= set(countries.polygons().index)


def test_a_jurisdiction_is_under_the_rules_of_its_country_and_unit():
    here = Jurisdiction("US", "California")
    assert here.is_under("US") and here.is_under("US/California") and here.is_under("")
    assert not here.is_under("US/Nevada") and not here.is_under("SE")
    assert str(here) == "US/California" and str(Jurisdiction("SE")) == "SE"
    assert jurisdictions.under((here, Jurisdiction("SE")), "US").tolist() == [True, False]


def test_points_know_their_law_by_unit_or_by_the_nearest_unit_of_a_given_country():
    lat, lng = np.array([37.77, 57.70, 40.0]), np.array([-122.42, 11.97, -40.0])
    assert list(map(str, jurisdictions.at(lat, lng))) == ["US/California", "SE/Västra Götaland", ""]
    forced = jurisdictions.at(lat[1:2], lng[1:2], country=np.array(["NO"]))
    assert forced[0].country == "NO" and forced[0].admin1


def test_names_are_found_as_if_all_had_been_folded():
    main, other = places._rows_by_name()
    assert max(map(len, [*main, *other])) <= places.LONGEST_KEY
    odd = [key for key in [*main, *other] if not key.isascii()][:10]
    for key in [*list(main)[:: len(main) // 20], *list(other)[:: len(other) // 20], *odd, "paris", "a", "nowhereatall", "zzz", "", "x" * 1000]:
        assert places._called(key) == (main.get(key, []), other.get(key, [])), key


@pytest.mark.parametrize("box", [(11.0, 57.0, 12.5, 58.0), (5.5, 43.0, 17.0, 49.0), (-180, -90, 180, 90), (-140, -40, -130, -30)])
def test_outlines_near_a_region_are_those_that_touch_it(box):
    region = shapely.box(*box)
    everywhere, near = countries.polygons(), countries.polygons_near(region)
    touching = [code for code, land in everywhere.items() if land.intersects(region)]
    assert set(touching) <= set(near.index) and list(near.index) == sorted(near.index)
    assert all(shapely.equals_exact(near[code], everywhere[code]) for code in near.index)
