"""The explicit graph against a plain pair loop, and its upkeep against computing afresh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from radio_maps import Town, radio_of, town
from scipy.special import ndtri

from benchmarks.pittsburgh import distances_km
from twin.errors import InputError
from twin.kernel.streams import digest, hash_uniform
from twin.kinds.wireless import hearing_city
from twin.kinds.wireless.hearing import HONEST
from twin.kinds.wireless.hearing_city import AudibleGraph, HearingCity, build_audible_graph
from twin.kinds.wireless.radio import SiteRadio, loss_model
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES, REGIONS

SPEC = RadioSpec()


def dense(graph: AudibleGraph) -> np.ndarray:
    hears = np.zeros((graph.n, graph.n))
    hears[np.repeat(np.arange(graph.n), np.diff(graph.first)), graph.beaconer] = 1
    return hears


def pair_margin_db(sites: Town, site: SiteRadio, listener: int, beaconer: int, spec: RadioSpec = SPEC) -> float:
    """One ordered pair, written out once more."""
    plan = REGIONS[REGION_NAMES[site.region[beaconer]]]
    mean = np.radians((sites.lat_deg[listener] + sites.lat_deg[beaconer]) / 2)
    north = 111.1949 * (sites.lat_deg[listener] - sites.lat_deg[beaconer])
    east = 111.1949 * (sites.lng_deg[listener] - sites.lng_deg[beaconer]) * np.cos(mean)
    distance = float(np.hypot(north, east))
    if distance < spec.witness.nearest_km or site.region[listener] != site.region[beaconer]:
        return -np.inf
    model = loss_model(spec, plan.frequency_mhz, lower_height_m=spec.link.lower_hotspot_height_m)
    height = max(site.height_m[listener], site.height_m[beaconer])
    loss = np.mean([float(model.loss_db(distance, land_class=site.land_class[end], height_m=height)) for end in (listener, beaconer)])
    low, high = min(listener, beaconer), max(listener, beaconer)
    shadow = spec.path_loss.shadowing_sd_db * float(ndtri(hash_uniform(digest("3|radio|shadowing"), low, high)[0]))
    sensitivity = {"US915": -137.5, "EU868": -142.5}[plan.name]
    walls = site.indoor_loss_db[listener] + site.indoor_loss_db[beaconer]
    return float(site.eirp_dbm[beaconer] + site.gain_dbi[listener] - walls - loss - shadow - sensitivity)


@pytest.mark.parametrize("region", ["US915", "EU868"])
def test_the_graph_is_the_link_budget_of_every_pair(region: str) -> None:
    sites = town(70, people=2e5)
    site = radio_of(sites, region=region)
    graph = build_audible_graph(sites, site, SPEC, seed=3)
    margin = np.array([[pair_margin_db(sites, site, j, i) if i != j else -np.inf for i in range(sites.n)] for j in range(sites.n)])
    surely, surely_not = margin > 0.05, margin < -0.05
    heard = dense(graph).astype(bool)
    assert np.all(heard[surely])
    assert not np.any(heard[surely_not])
    stored = np.full(margin.shape, np.nan)
    stored[np.repeat(np.arange(graph.n), np.diff(graph.first)), graph.beaconer] = graph.margin / 2
    assert np.nanmax(np.abs(stored - margin)) < 0.6
    assert 0.01 < heard.mean() < 0.5


def test_blocks_do_not_change_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    sites = town(300)
    site = radio_of(sites)
    whole = build_audible_graph(sites, site, SPEC, seed=3)
    monkeypatch.setattr(hearing_city, "BLOCK_ENTRIES", 4000)
    parts = build_audible_graph(sites, site, SPEC, seed=3)
    assert np.array_equal(whole.first, parts.first)
    assert np.array_equal(whole.beaconer, parts.beaconer)


def test_equal_power_hears_both_ways_and_regions_do_not_mix() -> None:
    sites = town(400)
    site = radio_of(sites)
    even = replace(site, eirp_dbm=np.full(400, 28, np.float32), gain_dbi=np.full(400, 1, np.float32))
    hears = dense(build_audible_graph(sites, even, SPEC, seed=3))
    assert np.array_equal(hears, hears.T)
    assert hears.sum() > 1000
    mixed = replace(even, region=(np.arange(400) % 2).astype(np.int8))
    hears = dense(build_audible_graph(sites, mixed, SPEC, seed=3))
    assert hears[::2, 1::2].sum() == hears[1::2, ::2].sum() == 0
    assert hears[::2, ::2].sum() > 100
    assert hears[1::2, 1::2].sum() > 100


def test_too_near_and_too_far_do_not_count() -> None:
    sites = town(800)
    site = radio_of(sites)
    narrow = RadioSpec(witness={"nearest_km": 2.0, "farthest_km": 5.0})
    distance = distances_km(build_audible_graph(sites, site, narrow, seed=3), sites.lat_deg, sites.lng_deg)
    assert 2.0 <= distance.min() < 2.1
    assert 4.9 < distance.max() <= 5.0
    assert distances_km(build_audible_graph(sites, site, SPEC, seed=3), sites.lat_deg, sites.lng_deg).min() >= 0.349


def test_counts_kept_by_change_equal_counts_afresh() -> None:
    sites, rng = town(500), np.random.default_rng(5)
    graph = build_audible_graph(sites, radio_of(sites), SPEC, seed=3)
    city, hears = HearingCity(graph), dense(graph)
    online, group = np.zeros(500, bool), np.full(500, HONEST)
    for day in range(60):
        some = rng.choice(500, 25)
        on = bool(rng.random() < 0.6)
        city.set_online(some, on)
        online[some] = on
        if day % 7 == 3:
            fakes, number = rng.choice(500, 6, replace=False), int(rng.integers(-1, 3))
            city.set_fake(fakes, number)
            group[fakes] = number
    same = (group[:, None] == group[None, :]) & (group != HONEST)[:, None] & ~np.eye(500, dtype=bool)
    audible = np.where((group == HONEST)[:, None] & (group == HONEST)[None, :], hears, same)
    audible = audible * online[:, None] * online[None, :]
    q = rng.random(500)
    assert (group[online] != HONEST).sum() > 5
    assert np.array_equal(city.witnesses(), audible.sum(axis=0))
    assert city.spread(q) == pytest.approx(audible @ q, rel=1e-5)
    would = np.where((group == HONEST)[:, None] & (group == HONEST)[None, :], hears, same)
    assert np.array_equal(city.witnesses(everywhere=True), (would * online[:, None]).sum(axis=0))
    assert city.spread(q, everywhere=True) == pytest.approx(would @ (q * online), rel=1e-5)


def test_fakes_hear_their_desk_and_nobody_else() -> None:
    sites = town(300)
    graph = build_audible_graph(sites, radio_of(sites), SPEC, seed=3)
    city = HearingCity(graph)
    city.set_online(np.arange(300), True)
    honest = city.witnesses()
    city.set_fake([3, 50, 120, 250], 0)
    city.set_fake([4, 51], 7)
    w = city.witnesses()
    assert w[[3, 50, 120, 250]].tolist() == [3, 3, 3, 3]
    assert w[[4, 51]].tolist() == [1, 1]
    assert city.spread(np.ones(300))[[3, 4]].tolist() == [3, 1]
    city.set_fake([3, 50, 120, 250, 4, 51], HONEST)
    assert np.array_equal(city.witnesses(), honest)


def test_a_power_cut_equals_a_map_built_with_less_power() -> None:
    sites = town(400)
    site = radio_of(sites)
    graph = build_audible_graph(sites, site, SPEC, seed=3)
    cut = np.where(np.arange(400) < 200, -6.0, 0.0).astype(np.float32)
    city = HearingCity(graph)
    city.set_online(np.arange(0, 400, 2), True)
    city.set_fake([0, 2], 1)
    after = city.with_power_offset(cut)
    weaker = HearingCity(build_audible_graph(sites, replace(site, eirp_dbm=site.eirp_dbm + cut), SPEC, seed=3))
    weaker.set_online(np.arange(0, 400, 2), True)
    weaker.set_fake([0, 2], 1)
    # margins are kept in half decibels, rounded down: a whole cut of 6 dB is exact
    assert np.array_equal(after.witnesses(), weaker.witnesses())
    assert after.witnesses().sum() < 0.9 * city.witnesses().sum()
    untouched = np.flatnonzero(np.arange(400) >= 200)
    assert np.array_equal(after.witnesses()[untouched], city.witnesses()[untouched])
    assert np.array_equal(after.with_power_offset(0.0).witnesses(), city.witnesses())
    with pytest.raises(ValueError, match="only be cut"):
        city.with_power_offset(3.0)


def test_too_many_links_stop_with_a_message() -> None:
    sites = town(300)
    with pytest.raises(InputError) as caught:
        build_audible_graph(sites, radio_of(sites), SPEC, seed=3, max_links=100)
    assert caught.value.codes == ("too_many_links",)
