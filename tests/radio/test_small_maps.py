"""Maps with next to nothing on them."""

from __future__ import annotations

import numpy as np
import pytest
from radio_maps import radio_of, town

from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.hearing import Hearing
from twin.kinds.wireless.hearing_city import HearingCity, build_audible_graph
from twin.kinds.wireless.hearing_kernel import build_hearing_kernel
from twin.kinds.wireless.hearing_planet import HearingPlanet
from twin.kinds.wireless.probe_links import link_probes
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.traffic import DataTraffic


def hearings(n: int, spec: RadioSpec) -> tuple[Hearing, Hearing]:
    sites = town(n)
    site = radio_of(sites, spec=spec)
    kernel = build_hearing_kernel(sites, site, spec, first_fine=sites.first_fine, first_coarse=sites.first_coarse)
    return HearingCity(build_audible_graph(sites, site, spec, seed=1)), HearingPlanet(kernel)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_handful_of_boxes(n: int) -> None:
    for hearing in hearings(n, RadioSpec()):
        hearing.set_online(np.arange(n), True)
        w = hearing.witnesses()
        assert w.shape == (n,)
        assert np.all(np.isfinite(w))
        assert np.all((w >= 0) & (w <= n - 1 + 1e-4) | (n > 2))
        assert np.all(np.isfinite(hearing.spread(np.ones(n))))


def test_transmitters_that_nobody_hears() -> None:
    deaf = RadioSpec(link={"gateway_eirp_dbm": -20, "indoor": {"share": 1, "loss_db": 60, "loss_sd_db": 0}})
    for hearing in hearings(50, deaf):
        hearing.set_online(np.arange(50), True)
        assert hearing.witnesses().sum() == pytest.approx(0, abs=1e-3)


def test_no_shadowing_is_allowed() -> None:
    still = RadioSpec(path_loss={"shadowing_sd_db": 0})
    city, planet = hearings(600, still)
    for hearing in (city, planet):
        hearing.set_online(np.arange(600), True)
    assert planet.witnesses().mean() == pytest.approx(city.witnesses().mean(), rel=0.2)


def test_one_site_and_one_probe() -> None:
    sites, probes = town(1), town(1)
    for shadowing in (True, False):
        coverage = Coverage(link_probes(sites, radio_of(sites), probes, RadioSpec(), shadowing=shadowing, seed=1))
        coverage.set_online([0], True)
        assert coverage.covered_share() == 1
        traffic = DataTraffic(coverage)
        traffic.put_sensors([3.0])
        assert traffic.weights().tolist() == [3.0]
