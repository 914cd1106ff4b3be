"""Who carries the data: against a plain loop, as the counts stand when asked, and nothing lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from radio_maps import radio_of, town

from twin.kinds.wireless import probe_links
from twin.kinds.wireless import traffic as traffic_module
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.probe_links import link_probes
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.traffic import DataTraffic

SITES, PROBES = town(300), town(1500, seed=9)
LINKS = link_probes(SITES, radio_of(SITES), PROBES, RadioSpec(), shadowing=True, seed=1)


@pytest.mark.parametrize("copies", [1.0, 2.0])
def test_every_hearer_gets_its_equal_part(copies: float) -> None:
    coverage, rng = Coverage(LINKS), np.random.default_rng(3)
    coverage.set_online(rng.choice(300, 200, replace=False), True)
    coverage.set_fake([1, 2, 3], True)
    sensors = rng.poisson(3.0, 1500).astype(float)
    traffic = DataTraffic(coverage, copies=copies)
    traffic.put_sensors(sensors)
    weights = traffic.weights()
    expected = np.zeros(300)
    linked = LINKS.matrix().toarray() > 0
    for probe in range(1500):
        hearers = np.flatnonzero(linked[:, probe] & coverage.online)
        expected[hearers] += sensors[probe] * min(copies, len(hearers)) / max(len(hearers), 1)
    assert weights == pytest.approx(expected, rel=1e-5)
    assert weights[[1, 2, 3]].tolist() == [0, 0, 0]
    assert weights.sum() == pytest.approx((sensors * np.minimum(copies, coverage.count())).sum(), rel=1e-5)
    assert 0 < sensors[coverage.covered()].sum() < sensors.sum()


def test_weights_of_some_slots_are_those_of_all_and_follow_the_counts() -> None:
    coverage, rng = Coverage(LINKS), np.random.default_rng(7)
    traffic = DataTraffic(coverage)
    sensors = rng.random(1500) * 5
    traffic.put_sensors(sensors)
    for day in range(60):
        coverage.set_online(rng.choice(300, 20, replace=False), bool(rng.random() < 0.6))
        if day % 11 == 5:
            coverage.set_fake(rng.choice(300, 5, replace=False), bool(rng.random() < 0.5))
        asked = rng.permutation(300)[: int(rng.integers(0, 300))]
        judge = DataTraffic(coverage)
        judge.put_sensors(sensors)
        assert traffic.weights_of(asked).tobytes() == judge.weights()[asked].tobytes()
        assert traffic.weights_of(slice(None)).tobytes() == judge.weights().tobytes()
    assert traffic.weights().sum() == pytest.approx(sensors[coverage.covered()].sum(), rel=1e-5)


def test_few_and_many_slots_are_added_up_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(11)
    on, sensors, found = rng.choice(300, 200, replace=False), rng.random(1500) * 5, []
    for many, chunk in ((0, 1_000_000), (1_000, 1_000_000), (1_000, 700), (1_000, 1)):
        monkeypatch.setattr(traffic_module, "MANY", many)
        monkeypatch.setattr(probe_links, "CHUNK_LINKS", chunk)
        coverage = Coverage(replace(LINKS))
        coverage.set_online(on, True)
        traffic = DataTraffic(coverage)
        traffic.put_sensors(sensors)
        found.append(traffic.weights().tobytes())
    assert len(set(found)) == 1


def test_the_callers_numbers_are_copied() -> None:
    coverage = Coverage(LINKS)
    coverage.set_online(np.arange(300), True)
    traffic, sensors = DataTraffic(coverage), np.ones(1500)
    traffic.put_sensors(sensors)
    before = traffic.weights()
    sensors[:] = 0
    assert traffic.weights().tobytes() == before.tobytes()


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="copies"):
        DataTraffic(Coverage(LINKS), copies=0)
    with pytest.raises(ValueError, match="1500 probes"):
        DataTraffic(Coverage(LINKS)).put_sensors(np.ones(3))
