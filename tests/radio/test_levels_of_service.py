"""What a sensor asks for: power to spare and a second gateway. Each level against a plain count, upkeep by change, and whose packets are paid."""

from __future__ import annotations

import numpy as np
import pytest
from radio_maps import radio_of, town

from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.probe_links import link_probes
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.service import PLAIN, Asks, Served, Service

SITES, PROBES = town(200), town(800, seed=9)
LINKS = link_probes(SITES, radio_of(SITES), PROBES, RadioSpec(), shadowing=True, seed=1)
PEOPLE = np.random.default_rng(1).uniform(0, 5, 800)
DEEP = Asks(margin_db=20, gateways=2)
NOBODY = np.empty(0, np.int64)


def at_power(coverage: Coverage, offset_db: np.ndarray) -> Coverage:
    other = Coverage(LINKS.without(-offset_db), needs=coverage.needs)
    other.set_fake(np.flatnonzero(coverage.fake))
    other.set_online(np.flatnonzero(coverage.online | coverage.online_fake), True)
    return other


def service() -> Service:
    return Service(Coverage(LINKS), PEOPLE, at_power=at_power)


def counts(asks: Asks, online: np.ndarray, cut_db: float = 0.0) -> np.ndarray:
    heard = LINKS.without(np.full(200, asks.margin_db + cut_db, np.float32)).matrix().toarray() > 0
    return heard[online].sum(axis=0)


@pytest.mark.parametrize("asks", [PLAIN, DEEP, Asks(20, 1), Asks(0, 3)])
def test_every_level_follows_hotspots_as_a_plain_count_does(asks: Asks) -> None:
    network, rng, online = service(), np.random.default_rng(2), np.zeros(200, bool)
    served, told = network.at(asks), np.zeros(800, bool)

    def listen(level: Served, points: np.ndarray | None, covered: np.ndarray) -> None:
        if level is served:
            told[slice(None) if points is None else points] = covered

    network.listener = listen
    for _ in range(30):
        flips = rng.random(200) < 0.2
        network.follow(np.flatnonzero(flips & ~online), np.flatnonzero(flips & online))
        online ^= flips
        expected = counts(asks, online) >= asks.gateways
        assert (served.covered() == expected).all() and (told == expected).all()
        assert served.share()[0] == pytest.approx(PEOPLE[expected].sum() / PEOPLE.sum())
    network.cut_power(np.arange(200), 6.0)
    assert (served.covered() == (counts(asks, online, 6.0) >= asks.gateways)).all() and (told == served.covered()).all()


def test_meters_deep_indoors_need_far_more_hotspots_than_a_sensor_outdoors() -> None:
    network = service()
    deep = network.at(DEEP)
    network.follow(np.arange(200), NOBODY)
    assert network.plain.share()[0] > deep.share()[0] > 0
    network.demand = {PLAIN: 1.0, DEEP: 3.0}
    assert network.share()[0] == pytest.approx(0.25 * network.plain.share()[0] + 0.75 * deep.share()[0])
    before = deep.share()[0], network.plain.share()[0]
    network.follow(NOBODY, np.arange(200)[::2])
    assert deep.share()[0] / before[0] < network.plain.share()[0] / before[1] < 1  # supply binds deep indoors first


def test_capacity_follows_each_hotspot_that_runs() -> None:
    """People within reach are added up over hotspots: upkeep by change against a plain count, farms only as seen."""
    network, rng, online = service(), np.random.default_rng(4), np.zeros(200, bool)
    for _ in range(10):
        flips = rng.random(200) < 0.2
        network.follow(np.flatnonzero(flips & ~online), np.flatnonzero(flips & online))
        online ^= flips
        assert network.plain.reached()[0] == pytest.approx(counts(PLAIN, online) @ PEOPLE)
    fakes = np.flatnonzero(online)[:20]
    network.set_fake(fakes, True)
    network.recount()
    honest = online.copy()
    honest[fakes] = False
    assert network.plain.reached() == (pytest.approx(counts(PLAIN, honest) @ PEOPLE), pytest.approx(counts(PLAIN, online) @ PEOPLE))
    half, before = np.flatnonzero(online)[::2], network.plain.reached()[0]
    network.follow(NOBODY, half)
    assert network.plain.reached()[0] < 0.65 * before


def test_only_who_hears_a_served_sensor_is_paid_for_it() -> None:
    network, slots = service(), np.arange(200)
    deep = network.at(DEEP)
    network.follow(np.arange(0, 200, 3), NOBODY)
    network.put_sensors(lambda level: np.ones(800) if level is deep else np.zeros(800))
    assert network.carried(slots).sum() == pytest.approx(deep.covered().sum(), rel=1e-5)  # one paid copy of each served sensor
    joined, off = network.if_joined(slots), np.flatnonzero(np.arange(200) % 3)
    for slot in off[:20]:
        network.follow(np.array([slot]), NOBODY)
        assert network.carried(slots)[slot] == pytest.approx(joined[slot], rel=1e-5)
        network.follow(NOBODY, np.array([slot]))
