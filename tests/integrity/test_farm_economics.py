"""When a ring enters, where its boxes claim to stand, and what it does when the list finds them or the money ends."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from den import START, Den, farm_spec, list_spec

from twin.integrity.denylist import Denylist
from twin.scenario.sections.hardware import DurabilitySpec
from twin.state import NodeState


@pytest.mark.parametrize(("net_pay", "enters"), [(33.0, False), (34.0, True)])
def test_a_ring_enters_when_the_outlay_comes_back_within_its_patience(net_pay: float, enters: bool) -> None:
    """Box 300 and entry 100 USD against a year of patience: worth it above 400/12 = 33.33 USD a month after running cost."""
    den = Den(500, 20, farms={"desk": farm_spec()}, pay_usd_per_month=net_pay + 1.0)
    den.clock.run()
    assert bool(den.nodes.online.any()) is enters
    assert (den.nodes.fake >= 0).sum() == den.nodes.online.sum() == (10 if enters else 0)


@pytest.mark.parametrize(("detection", "enters"), [(0.5, False), (0.25, False), (0.1, True), (0.0, True)])
def test_detection_economics(detection: float, enters: bool) -> None:
    """Payback 400/80 = 5 months. Mean time to a listing is 1/p + 28/30.4375 months: 2.9, 4.9 (too soon), 10.9 and never."""
    deny = list_spec(detection_probability_per_month=detection)
    expected = {0.5: 2.9199, 0.25: 4.9199, 0.1: 10.9199, 0.0: np.inf}[detection]
    assert Denylist.months_until_listed(deny) == pytest.approx(expected, abs=0.0001)
    den = Den(500, 8, farms={"desk": farm_spec()}, deny=deny, pay_usd_per_month=81.0)
    den.clock.run()
    assert bool(den.farms.slots().size) is enters


def test_a_ring_that_stays_away_looks_again_each_month() -> None:
    den = Den(500, 100, farms={"desk": farm_spec()}, pay_usd_per_month=10.0)
    den.clock.run(until_day=45)
    assert not den.events
    den.pay[:] = 100.0
    den.clock.run()
    (day, facts), *more = den.of_kind("farm_enters")
    assert day == 60 and facts["count"] == 10 and not more


def test_farms_claim_distinct_free_sites_and_never_an_occupied_one() -> None:
    """Twenty farms of ten on 400 sites, half of which hold honest boxes."""
    den = Den(400, 200, farms={"desk": farm_spec(farms=20, spread_months=3.0)})
    honest = np.arange(0, 400, 2)
    den.place(honest)
    den.clock.run()
    fakes = np.flatnonzero(den.nodes.fake >= 0)
    assert len(fakes) > 100 and not np.isin(fakes, honest).any()
    claimed = sum(len(ring.slots) for ring in den.farms.rings)
    assert claimed == len(fakes) == len(np.unique(den.farms.slots()))
    for ring in den.farms.rings:
        assert (den.nodes.fake[ring.slots] == ring.farm).all() and len(ring.slots) <= 10
    assert (den.claimed_as_fake == den.nodes.fake).all()  # the network was told the same


def test_a_site_that_another_ring_claims_is_not_free_though_its_order_was_cancelled() -> None:
    den = Den(300, 10, farms={"desk": farm_spec()})
    den.pay[40:] = 500.0  # the claimed ones would be the better
    den.nodes.writer("adversaries").fake[40:] = 7
    den.clock.run()
    assert len(den.farms.slots()) == 10 and den.farms.slots().max() < 40


def test_farms_come_over_the_stated_time() -> None:
    den = Den(3000, 400, farms={"desk": farm_spec(farms=6, spread_months=6.0, starts=START + timedelta(days=20))})
    den.clock.run()
    days = [day for day, _ in den.of_kind("farm_enters")]
    assert len(days) == 6 and min(days) >= 20 and max(days) <= 20 + 180 and len(set(days)) == 6


def test_a_ring_takes_the_best_sites_it_sees() -> None:
    den = Den(2000, 10, farms={"desk": farm_spec()})
    den.pay[:] = 50.0
    den.pay[::3] = 90.0
    den.clock.run()
    assert (den.pay[den.farms.slots()] == 90.0).all()


def denied_by_hand(den: Den, slots: np.ndarray, until: int) -> None:
    den.nodes.writer("verification").denied_until[slots] = until


def test_denied_boxes_move_on_while_that_pays() -> None:
    den = Den(500, 120, farms={"desk": farm_spec()}, pay_usd_per_month=100.0)
    den.clock.run(until_day=10)
    old = den.farms.slots().copy()
    denied_by_hand(den, old[:4], 10_000)
    den.clock.run(until_day=40)
    (day, facts), *_ = den.of_kind("farm_moves")
    new = den.farms.slots()
    assert facts["count"] == 4 and day == 30
    assert not np.isin(old[:4], new).any() and np.isin(old[4:], new).all() and len(new) == 10
    assert (den.nodes.fake[old[:4]] == -1).all() and (den.nodes.state[old[:4]] == NodeState.RETIRED).all()
    assert den.nodes.online[new].all() and (den.nodes.born_day[new] == 0).all()  # the same boxes, with their age
    assert den.fleet.counts["arrived"] == 10 and den.fleet.counts["left"] == 0


@pytest.mark.parametrize("why", ["does not return", "does not pay any more", "no site is free"])
def test_denied_boxes_end_when_moving_is_no_use(why: str) -> None:
    den = Den(500, 120, farms={"desk": farm_spec(returns_after_denial=why != "does not return")}, pay_usd_per_month=100.0)
    den.clock.run(until_day=10)
    old = den.farms.slots().copy()
    denied_by_hand(den, old[:4], 10_000)
    if why == "does not pay any more":
        den.pay[:] = 5.0  # 100 USD of entry cost against 4 a month
    if why == "no site is free":
        den.place(np.flatnonzero(den.nodes.state == NodeState.PROSPECT))
    den.clock.run(until_day=40)
    (_, facts), *_ = den.of_kind("farm_gives_up")
    assert facts["count"] == 4 and not den.of_kind("farm_moves")
    assert not den.nodes.online[old[:4]].any() and den.nodes.online[old[4:]].all()
    assert den.farms.rings[0].active  # six boxes still earn


def test_a_farm_ends_when_its_pay_no_longer_covers_its_power() -> None:
    den = Den(500, 120, farms={"desk": farm_spec()})
    den.clock.run(until_day=10)
    mine = den.farms.slots().copy()
    den.pays = False  # coverage is no longer paid
    den.clock.run()
    assert not den.nodes.online[mine].any() and (den.nodes.fake == -1).all() and not den.farms.rings[0].active
    assert den.of_kind("farm_gives_up")[0][1]["count"] == 10


def test_an_ended_farm_comes_back_when_it_is_worth_it_again() -> None:
    den = Den(500, 200, farms={"desk": farm_spec()})
    den.clock.run(until_day=10)
    den.pays = False
    den.clock.run(until_day=70)
    den.pays = True
    den.clock.run()
    assert len(den.of_kind("farm_enters")) == 2 and len(den.farms.slots()) == 10


def test_a_site_whose_fake_box_is_gone_for_good_is_nobodys_lie_any_more() -> None:
    """Boxes that break for good, or whose order was cancelled, free their sites; who comes there later is honest."""
    den = Den(500, 400, farms={"desk": farm_spec()}, durability=DurabilitySpec(life_years=0.25, life_sd_share=0, failure_hazard_per_month=0))
    den.clock.run(until_day=85)
    mine = den.farms.slots().copy()
    assert len(mine) == 10
    den.pay[:] = 10.0  # the ring will not buy again
    den.clock.run(until_day=130)
    assert not den.nodes.online.any() and (den.nodes.fake == -1).all() and den.farms.slots().size == 0
    den.place(mine)
    assert (den.nodes.fake[mine] == -1).all() and (den.claimed_as_fake == -1).all()


def test_another_farm_changes_nothing_for_the_first() -> None:
    """The candidates of a ring hang on the ring alone; a rival on other sites leaves its choice as it was."""
    one = Den(5000, 60, farms={"desk": farm_spec()})
    two = Den(5000, 60, farms={"desk": farm_spec(), "garage": farm_spec(starts=START + timedelta(days=3))})
    for den in (one, two):
        den.clock.run()
    assert (one.farms.rings[0].slots == two.farms.rings[0].slots).all() and len(two.farms.slots()) == 20
