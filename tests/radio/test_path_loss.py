"""Checks 7 and 8 of the dossier, and the link budget."""

from __future__ import annotations

import numpy as np
import pytest
from radio_maps import HEIGHT_M, radio_of, town

from twin.kinds.wireless import radio, regions
from twin.kinds.wireless.radio_spec import LogDistanceSet, RadioSpec, RegionName
from twin.scenario.model import Spread

# Dossier 6.3: device 14 dBm, 2 dBi gateway, 868 MHz, 1.5 m, 10 dB margin; km urban, suburban, open
REACH_KM = {
    (6, 7): (1.02, 1.80, 5.26), (6, 12): (2.10, 3.72, 10.84), (15, 7): (1.44, 2.64, 8.31), (15, 10): (2.28, 4.20, 13.2),
    (15, 12): (3.11, 5.73, 18.0), (30, 7): (1.92, 3.66, 12.3), (30, 12): (4.35, 8.29, 27.8),
}  # fmt: skip


@pytest.mark.parametrize(("height_m", "factor"), REACH_KM)
def test_hata_inverted_gives_the_table_of_the_dossier(height_m: int, factor: int) -> None:
    model = radio.okumura_hata(868, lower_height_m=1.5)
    budget = 14 + 2 - radio.GATEWAY_SENSITIVITY_DBM[factor] - 10
    reach = model.reach_km(budget, land_class=[2, 1, 0], height_m=height_m)
    assert reach == pytest.approx(REACH_KM[height_m, factor], rel=0.02)


def test_oulu_set_reaches_what_the_dossier_says() -> None:
    model = radio.log_distance(LogDistanceSet.OULU)
    for factor, km in ((7, 2.0), (12, 7.0)):
        budget = 14 + 2 - radio.GATEWAY_SENSITIVITY_DBM[factor] - 10
        assert model.reach_km(budget, land_class=1, height_m=6) == pytest.approx(km, rel=0.03)


def test_log_distance_sets_hit_their_reference_points() -> None:
    assert radio.log_distance(LogDistanceSet.DENSE_URBAN).loss_db(0.04, land_class=2, height_m=6) == pytest.approx(127.41)
    assert radio.log_distance(LogDistanceSet.NS3).loss_db(1.0, land_class=0, height_m=6) == pytest.approx(7.7 + 37.6 * 3)
    mixed = radio.log_distance(LogDistanceSet.BY_LAND_CLASS)
    assert mixed.loss_db(1.0, land_class=[0, 2], height_m=6) == pytest.approx([128.95, 127.41 + 20.8 * np.log10(25)])


def test_free_space_loss() -> None:
    assert radio.free_space_loss_db([1, 5, 100], 904.6) == pytest.approx([91.58, 105.56, 131.58], abs=0.01)
    assert 27 + 1 + 1 - radio.free_space_loss_db(1, 904.6) == pytest.approx(-62.58, abs=0.01)
    assert 14 + 2 + 2 - radio.free_space_loss_db(5, 867.5) == pytest.approx(-87.19, abs=0.01)
    assert radio.free_space(904.6).loss_db(5, land_class=2, height_m=30) == pytest.approx(105.56, abs=0.01)


@pytest.mark.parametrize("kind", ["okumura_hata", "log_distance", "free_space"])
def test_reach_is_the_inverse_of_loss(kind: str) -> None:
    model = radio.loss_model(RadioSpec(path_loss={"kind": kind}), 904.6, lower_height_m=1.5)
    land, height, distance = np.array([0, 1, 2]), np.array([5.0, 12.0, 40.0]), np.array([0.4, 3.0, 20.0])
    assert model.reach_km(model.loss_db(distance, land_class=land, height_m=height), land_class=land, height_m=height) == pytest.approx(
        distance
    )


def test_a_region_caps_what_it_radiates_and_the_scenario_may_overrule() -> None:
    sites = town(2000)
    us, eu = radio_of(sites, region="US915"), radio_of(sites, region="EU868")
    assert us.eirp_dbm == pytest.approx(np.minimum(27 + us.gain_dbi, 36), abs=1e-5)
    assert eu.eirp_dbm == pytest.approx(np.minimum(14 + eu.gain_dbi, 16.1), abs=1e-5)
    assert (eu.eirp_dbm == np.float32(16.1)).mean() > 0.3
    assert np.all(radio_of(sites, region="EU868", spec=RadioSpec(link={"gateway_eirp_dbm": 14})).eirp_dbm == 14)
    by_region = RadioSpec(link={"gateway_eirp_dbm": {"US915": 20}})
    assert np.all(radio_of(sites, region="US915", spec=by_region).eirp_dbm == 20)
    assert np.array_equal(radio_of(sites, region="EU868", spec=by_region).eirp_dbm, eu.eirp_dbm)


def test_antennas_and_walls_have_the_spread_that_was_asked_for() -> None:
    site = radio_of(town(20_000))
    assert np.median(site.height_m) == pytest.approx(HEIGHT_M.median, rel=0.02)
    assert np.quantile(site.height_m, 0.9) == pytest.approx(HEIGHT_M.p90, rel=0.03)
    indoors = site.indoor_loss_db > 0
    assert indoors.mean() == pytest.approx(RadioSpec().link.indoor.share, abs=0.012)
    assert site.indoor_loss_db[indoors].mean() == pytest.approx(RadioSpec().link.indoor.loss_db, abs=0.3)


def test_luck_of_a_site_does_not_depend_on_the_others() -> None:
    few, many = town(500), town(3000)
    assert np.array_equal(radio_of(few).height_m, radio_of(many).height_m[:500])
    assert not np.array_equal(radio_of(few, seed=2).height_m, radio_of(few, seed=1).height_m)


def test_margin_and_device_power_move_the_uplink_budget() -> None:
    sites = town(100)
    base = radio_of(sites, region="EU868")
    assert base.uplink_budget_db == pytest.approx(14 + 142.5 - 10 + base.gain_dbi - base.indoor_loss_db, abs=1e-3)
    louder = radio_of(sites, region="EU868", spec=RadioSpec(link={"device_eirp_dbm": 20, "margin_db": 3, "uplink_spreading_factor": 7}))
    assert louder.uplink_budget_db - base.uplink_budget_db == pytest.approx(6 + 7 - 12.5, abs=1e-3)


def test_uplink_reach_ends_at_the_horizon() -> None:
    sites = town(5000)
    site = radio_of(sites, spec=RadioSpec(path_loss={"kind": "free_space"}))
    reach = radio.uplink_reach_km(site, RadioSpec(path_loss={"kind": "free_space"}))
    horizon = radio.horizon_km(site.height_m, 1.5)
    assert np.all(reach <= horizon + 1e-4)
    assert np.isclose(reach, horizon).mean() > 0.9
    assert radio.horizon_km(30, 1.5) == pytest.approx(27.6, abs=0.1)


def test_clutter_can_be_one_class_everywhere() -> None:
    assert set(radio_of(town(300)).land_class.tolist()) == {0, 1, 2}
    assert set(radio_of(town(300), spec=RadioSpec(path_loss={"clutter": "suburban"})).land_class.tolist()) == {1}


def test_countries_know_their_region() -> None:
    assert [regions.region_of(code).name for code in ("US", "SE", "cn", "BR", "ID", "KP")] == [
        "US915",
        "EU868",
        "CN470",
        "AU915",
        "AS923_2",
        "EU868",
    ]
    rows = regions.region_rows(np.array([1, 0, -1], np.int16), ["DE", "US"])
    assert [regions.REGION_NAMES[row] for row in rows] == ["US915", "EU868", "EU868"]
    assert set(regions.REGION_OF_COUNTRY.values()) <= set(regions.REGIONS)
    assert set(RegionName.__args__) == set(regions.REGIONS)


def test_a_spread_without_width_is_a_value() -> None:
    assert np.all(Spread(median=3, p90=3).at([-2.0, 0.0, 2.0]) == 3)
    assert np.all(Spread(median=0, p90=0).at([1.0]) == 0)
