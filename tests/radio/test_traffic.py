"""Who carries the data: against a plain loop, kept by change, and nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from radio_maps import radio_of, town

from twin.kinds.wireless.coverage import Coverage, link_probes
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
    weights = traffic.data_weights(sensors)
    expected = np.zeros(300)
    linked = LINKS.matrix().toarray() > 0
    for probe in range(1500):
        hearers = np.flatnonzero(linked[:, probe] & coverage.online)
        expected[hearers] += sensors[probe] * min(copies, len(hearers)) / max(len(hearers), 1)
    assert weights == pytest.approx(expected, rel=1e-5)
    assert weights[[1, 2, 3]].tolist() == [0, 0, 0]
    assert weights.sum() == pytest.approx((sensors * np.minimum(copies, coverage.count())).sum(), rel=1e-5)
    assert 0 < sensors[coverage.covered()].sum() < sensors.sum()


def test_weights_kept_by_change_equal_weights_afresh() -> None:
    coverage, rng = Coverage(LINKS), np.random.default_rng(7)
    traffic, judge = DataTraffic(coverage), DataTraffic(coverage)
    sensors = rng.random(1500) * 5
    traffic.data_weights(sensors)
    for day in range(60):
        slots, on = rng.choice(300, 20, replace=False), bool(rng.random() < 0.6)
        before = traffic.weights()
        changed = traffic.update(coverage.set_online(slots, on), flipped_slots=slots)
        moved = np.flatnonzero(traffic.weights() != before)
        assert set(moved.tolist()) <= set(changed.tolist())
        if day % 11 == 5:
            liars = rng.choice(300, 5, replace=False)
            traffic.update(coverage.set_fake(liars, bool(rng.random() < 0.5)), flipped_slots=liars)
        if day % 13 == 2:
            here = rng.choice(1500, 30, replace=False)
            sensors[here] = rng.random(30) * 9
            traffic.update(here, sensors=sensors[here])
    assert traffic.weights() == pytest.approx(judge.data_weights(sensors), abs=1e-4)
    assert traffic.weights().sum() == pytest.approx(sensors[coverage.covered()].sum(), rel=1e-5)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="copies"):
        DataTraffic(Coverage(LINKS), copies=0)
    with pytest.raises(ValueError, match="1500 probes"):
        DataTraffic(Coverage(LINKS)).data_weights(np.ones(3))
