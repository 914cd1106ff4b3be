"""Planet kernel and city graph on the same town: mean witnesses and proof units; and the kernel's own bookkeeping."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from radio_maps import radio_of, town

from twin.kinds.wireless import hearing_kernel
from twin.kinds.wireless.hearing import HONEST, Hearing
from twin.kinds.wireless.hearing_city import HearingCity, build_audible_graph
from twin.kinds.wireless.hearing_kernel import build_hearing_kernel
from twin.kinds.wireless.hearing_planet import HearingPlanet
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES

SPEC, MAX_WITNESSES = RadioSpec(), 14


def units(hearing: Hearing, online: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Witnesses, beacon units and witness units of each slot by HIP-15, written out here so that only hearing is compared."""
    w = hearing.witnesses().astype(float)
    m = np.minimum(w, MAX_WITNESSES)
    transmit = np.where(m <= 4, m / 4, 2 - 0.8 ** np.maximum(m - 4, 0))
    receive = np.where(m <= 4, 1.0, (4 - (1 - 0.8 ** np.maximum(m - 4, 0))) / np.maximum(m, 1))
    q = np.where(online, receive * np.minimum(1, MAX_WITNESSES / np.maximum(w, 1)), 0)
    return w, np.where(online, transmit, 0), hearing.spread(q).astype(float)


@pytest.mark.parametrize(
    ("n", "people", "region", "share", "tolerance"),
    [
        (300, 3e5, "US915", 1.0, 0.15),
        (1500, 6e5, "US915", 0.3, 0.15),
        (1500, 6e5, "EU868", 1.0, 0.15),
        (3000, 6e5, "US915", 1.0, 0.15),
        (3000, 6e5, "EU868", 0.5, 0.15),
    ],
)
def test_city_and_planet_agree(n: int, people: float, region: str, share: float, tolerance: float) -> None:
    sites = town(n, people=people)
    site = radio_of(sites, region=region)
    online = np.random.default_rng(2).random(n) < share
    city: Hearing = HearingCity(build_audible_graph(sites, site, SPEC, seed=3))
    planet: Hearing = HearingPlanet(build_hearing_kernel(sites, site, SPEC, first_fine=sites.first_fine, first_coarse=sites.first_coarse))
    got = []
    for hearing in (city, planet):
        hearing.set_online(np.flatnonzero(online), True)
        got.append([column[online] for column in units(hearing, online)])
    exact, kernel = got
    means = [(float(a.mean()), float(b.mean())) for a, b in zip(exact, kernel, strict=True)]
    alike = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(exact, kernel, strict=True)]
    print(f"\n{n} sites, {region}, {share:.0%} on: " + "; ".join(
        f"{name} city {a:.3f} planet {b:.3f} ({b / a - 1:+.0%}), correlation {r:.2f}"
        for name, (a, b), r in zip(("witnesses", "beacon units", "witness units"), means, alike, strict=True)
    ))  # fmt: skip
    assert means[0][1] == pytest.approx(means[0][0], rel=tolerance)
    assert means[1][1] == pytest.approx(means[1][0], rel=0.12)
    assert means[2][1] == pytest.approx(means[2][0], rel=0.12)
    assert min(alike) > 0.7


@pytest.fixture(scope="module")
def planet() -> HearingPlanet:
    sites = town(900)
    site = radio_of(sites)
    mixed = replace(site, region=np.where(sites.lng_deg < 11.9, 1, 0).astype(np.int8))
    return HearingPlanet(build_hearing_kernel(sites, mixed, SPEC, first_fine=sites.first_fine, first_coarse=sites.first_coarse))


def test_every_witness_is_heard_by_somebody(planet: HearingPlanet) -> None:
    """Total witnesses from the beaconer's side equal the total from the listener's side, with and without a one-sided cut."""
    fresh = planet.with_power_offset(0.0)
    fresh.set_online(np.arange(0, 900, 2), True)
    q = np.random.default_rng(0).random(900).astype(np.float32)
    for hearing in (fresh, fresh.with_power_offset(np.where(np.arange(900) < 450, -10, 0))):
        assert float((hearing.witnesses() * q).sum()) == pytest.approx(float(hearing.spread(q).sum()), rel=1e-3)


def test_off_means_silent_and_adding_a_box_only_adds(planet: HearingPlanet) -> None:
    hearing = planet.with_power_offset(0.0)
    assert hearing.witnesses().sum() == 0
    hearing.set_online([5], True)
    assert hearing.witnesses()[5] == pytest.approx(0, abs=1e-6)
    hearing.set_online(np.arange(100), True)
    before = hearing.witnesses()
    hearing.set_online([500], True)
    after = hearing.witnesses()
    assert np.all(after[:100] >= before[:100] - 1e-5)
    expected = before_it_came(hearing, 700)
    hearing.set_online([700], True)
    assert hearing.witnesses()[700] == pytest.approx(expected, rel=1e-4)
    hearing.set_online(np.arange(900), False)
    assert hearing.witnesses().sum() == 0


def before_it_came(hearing: Hearing, slot: int) -> float:
    """What a box on a slot that is off would have."""
    assert hearing.witnesses()[slot] == 0
    return float(hearing.witnesses(everywhere=True)[slot])


def test_regions_do_not_hear_each_other(planet: HearingPlanet) -> None:
    kernel, hearing = planet.kernel, planet.with_power_offset(0.0)
    region = np.repeat(kernel.fine.region, kernel.fine.size)
    assert {REGION_NAMES[row] for row in np.unique(region)} == {"US915", "EU868"}
    hearing.set_online(np.flatnonzero(region == 0), True)
    alone = hearing.witnesses()
    hearing.set_online(np.flatnonzero(region == 1), True)
    assert hearing.witnesses()[region == 0] == pytest.approx(alone[region == 0], abs=1e-4)


def test_fakes_stay_among_themselves_on_the_planet_too(planet: HearingPlanet) -> None:
    hearing = planet.with_power_offset(0.0)
    hearing.set_online(np.arange(900), True)
    honest = hearing.witnesses()
    hearing.set_fake(np.arange(10, 25), 3)
    w = hearing.witnesses()
    assert np.all(w[10:25] == 14)
    assert np.all(hearing.spread(np.full(900, 0.5))[10:25] == 7)
    assert w[200:].sum() < honest[200:].sum()
    hearing.set_fake(np.arange(10, 25), HONEST)
    assert hearing.witnesses() == pytest.approx(honest)


def test_a_cut_takes_witnesses_where_it_holds_and_nowhere_else(planet: HearingPlanet) -> None:
    hearing = planet.with_power_offset(0.0)
    hearing.set_online(np.arange(900), True)
    region = np.repeat(planet.kernel.fine.region, planet.kernel.fine.size)
    cut = hearing.with_power_offset(np.where(region == 1, -6.0, 0.0))
    assert cut.witnesses()[region == 0] == pytest.approx(hearing.witnesses()[region == 0], abs=1e-4)
    assert 0.3 < cut.witnesses()[region == 1].sum() / hearing.witnesses()[region == 1].sum() < 0.8
    with pytest.raises(ValueError, match="only be cut"):
        hearing.with_power_offset(1.0)


def test_two_layers_give_what_one_fine_layer_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    sites = town(1200)
    site, online = radio_of(sites), np.arange(1200)
    got = []
    for near_km in (hearing_kernel.NEAR_KM, 80.0):
        monkeypatch.setattr(hearing_kernel, "NEAR_KM", near_km)
        hearing = HearingPlanet(build_hearing_kernel(sites, site, SPEC, first_fine=sites.first_fine, first_coarse=sites.first_coarse))
        hearing.set_online(online, True)
        got.append(hearing.witnesses())
    assert got[0].mean() == pytest.approx(got[1].mean(), rel=0.08)
    assert np.corrcoef(got[0], got[1])[0, 1] > 0.98
