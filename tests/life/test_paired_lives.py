"""Two lives on the same luck: a shock moves what it should and nothing else, before it the days are the same to the last bit."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from kept import Kept, parts, sums_of
from town import days_that_differ, first_difference, live, settle_down, sites_of

from twin.state import NodeState

SHOCK = date(2021, 7, 1)
SHOCK_DAY = (SHOCK - date(2021, 1, 1)).days
END_DAY = 330
FEE = {"data_credits.onboarding_usd": {date(2020, 1, 1): 10, date(2021, 7, 1): 150}}
POWER = {
    "regulation.limit": {
        "kind": "spectrum_power_limit", "jurisdiction": "SE", "effective": date(2021, 7, 1), "repealed": date(2021, 9, 1),
        "gateways_cut_db": 6.0, "devices_cut_db": 19.3,
    }
}  # fmt: skip
FARM = {
    "adversaries.desk": {
        "exploit": "spoofed_locations", "nodes": 12, "from": date(2021, 7, 1), "entry_cost_usd_per_node": 5.0, "payback_limit_months": 60.0,
    }
}  # fmt: skip


class Life:
    """A life with the course of every box: when it began to run, and when and how it ended."""

    def __init__(self, changes: dict[str, Any] | None) -> None:
        self.twin, self.kept = settle_down(changes)
        self.runs: dict[tuple[int, int], tuple[int, int, str]] = {}
        began: dict[tuple[int, int], int] = {}
        before_on = np.zeros(sites_of(self.twin).n, bool)
        before_life = self.twin.nodes.life.copy()
        for day in range(END_DAY):
            self.twin.clock.run(until_day=day)
            nodes = self.twin.nodes
            on, life, state = nodes.online, nodes.life, nodes.state
            for slot in np.flatnonzero(before_on & (~on | (life != before_life))):
                key = (int(slot), int(before_life[slot]))
                how = "failed" if state[slot] == NodeState.OFFLINE else "left"
                self.runs[key] = (began.pop(key), day, how)
            for slot in np.flatnonzero(on & (~before_on | (life != before_life))):
                began[int(slot), int(life[slot])] = day
            before_on, before_life = on.copy(), life.copy()


@pytest.fixture(scope="module")
def base() -> Life:
    return Life(None)


@pytest.fixture(scope="module")
def dearer() -> Life:
    return Life(FEE)


@pytest.fixture(scope="module")
def quieter() -> Life:
    return Life(POWER)


@pytest.fixture(scope="module")
def cheated() -> Life:
    return Life(FARM)


@pytest.mark.parametrize("shocked", ["dearer", "quieter", "cheated"])
def test_before_the_shock_the_days_are_the_same_to_the_last_bit(base: Life, shocked: str, request: pytest.FixtureRequest) -> None:
    other: Life = request.getfixturevalue(shocked)
    first = first_difference(base.kept, other.kept)
    assert SHOCK_DAY <= first <= SHOCK_DAY + 31, days_that_differ(base.kept, other.kept)


@pytest.mark.parametrize("shocked", ["dearer", "quieter", "cheated"])
def test_a_box_that_started_on_the_same_day_fails_on_the_same_day(base: Life, shocked: str, request: pytest.FixtureRequest) -> None:
    """Lifetimes are luck of (slot, life): the shock may make an owner leave sooner, but it cannot make a box last longer or break earlier."""
    other: Life = request.getfixturevalue(shocked)
    same, after = 0, 0
    for key in base.runs.keys() & other.runs.keys():
        (began, ended, how), (began_there, ended_there, how_there) = base.runs[key], other.runs[key]
        if began != began_there:
            continue
        same += 1
        after += ended > SHOCK_DAY
        if how == how_there == "failed":
            assert ended == ended_there, key
        elif how == "failed":
            assert ended_there <= ended, key
        elif how_there == "failed":
            assert ended <= ended_there, key
    assert same > 10 and after > 3


def test_a_fee_shock_is_felt_in_fees_and_orders(base: Life, dearer: Life) -> None:
    """Who already runs a device pays nothing; what it would bring used rises with the fee, so some sell."""
    moved = days_that_differ(base.kept, dearer.kept)
    assert min(moved.values()) >= SHOCK_DAY
    bought = [life.kept.series("new_hardware_usd")[SHOCK_DAY:].sum() for life in (base, dearer)]
    assert bought[1] < 0.8 * bought[0]
    assert dearer.twin.nodes.online.sum() < base.twin.nodes.online.sum()


def test_a_power_cut_moves_cover_that_day_and_its_repeal_restores_the_radio_exactly(base: Life, quieter: Life) -> None:
    moved = days_that_differ(base.kept, quieter.kept)
    assert moved["service_share"] == SHOCK_DAY
    calm, cut = base.kept.series("service_share"), quieter.kept.series("service_share")
    repeal = (date(2021, 9, 1) - date(2021, 1, 1)).days
    assert (cut[SHOCK_DAY:repeal] < calm[SHOCK_DAY:repeal]).all() and cut[SHOCK_DAY] < 0.95 * cut[SHOCK_DAY - 1]
    ours, theirs = parts(base.twin).network, parts(quieter.twin).network
    assert (ours.service.coverage.links.probe == theirs.service.coverage.links.probe).all() and (ours.service.coverage.links.first == theirs.service.coverage.links.first).all()
    assert (ours.proof.hearing.graph.beaconer == theirs.proof.hearing.graph.beaconer).all() and (ours.proof.hearing.graph.first == theirs.proof.hearing.graph.first).all()
    kinds = [(event["day"], event["kind"]) for event in quieter.kept.events if event["subject"] == "limit"]
    assert kinds == [(SHOCK_DAY, "rule_effective"), (repeal, "rule_repealed")]


def covered_by_honest(twin: Any) -> np.ndarray:
    """Which points an honest box that runs could serve, from the links alone."""
    links, heard = parts(twin).network.service.coverage.links, np.zeros(parts(twin).network.service.coverage.n_probes, bool)
    heard[links.of(np.flatnonzero(twin.nodes.online & (twin.nodes.fake < 0)))] = True
    return heard


def test_a_farm_is_seen_and_paid_and_serves_nobody(cheated: Life) -> None:
    twin, kept = cheated.twin, cheated.kept
    (enters,) = kept.of_kind("farm_enters")
    assert enters["day"] == SHOCK_DAY and enters["count"] == 12
    fakes = parts(twin).farms.slots()
    running = fakes[twin.nodes.online[fakes]]
    assert len(running) >= 8
    assert (parts(twin).network.service.covered() == covered_by_honest(twin)).all()
    assert (sums_of(twin).weights("data")[running] == 0).all()
    eligible = running[twin.nodes.denied_until[running] <= twin.clock.day]
    assert len(eligible) and (sums_of(twin).weights("witness")[eligible] > 0).all()
    assert kept.series("fake_share_of_proof")[:SHOCK_DAY].max() == 0 and kept.series("fake_share_of_proof")[-1] > 0
    inside = sites_of(twin).inside
    assert kept.series("fake_online")[-1] == inside[running].sum()
    assert (kept.series("nodes_online_as_seen") - kept.series("nodes_online") == kept.series("fake_online")).all()
    assert (kept.series("service_share_as_seen") >= kept.series("service_share") - 1e-12).all()


def test_evidence_against_a_farm_counts_honest_neighbours_only(cheated: Life) -> None:
    """A box on a desk is witnessed by its siblings; who could miss its signal are the honest boxes around the place it claims."""
    twin = cheated.twin
    fakes = parts(twin).farms.slots()
    parts(twin).network.recount()
    graph, honest = parts(twin).network.proof.hearing.graph, twin.nodes.online & (twin.nodes.fake < 0)
    listener = np.repeat(np.arange(graph.n), np.diff(graph.first))
    heard_by = np.bincount(graph.beaconer[honest[listener]], minlength=graph.n)
    assert parts(twin).network.honest_neighbours(fakes) == pytest.approx(heard_by[fakes])


def test_what_touches_nothing_changes_nothing() -> None:
    """Rules switched off, a customer without potential, a ring that finds nothing worth its while: the same bytes in every table."""
    idle = {
        "regulation.sleeping": {"kind": "ban", "jurisdiction": "SE", "effective": date(2021, 3, 1), "enabled": False},
        "customers.nobody": {"kind": "market", "potential_sensors_per_1000_people": 0},
        "adversaries.patient": {"exploit": "spoofed_locations", "nodes": 5, "from": date(2021, 3, 1), "payback_limit_months": 0.01},
    }
    _, plain = live(until_day=200)
    _, same = live(idle, until_day=200)
    assert plain.digests() == same.without_group("patient").digests()


def test_a_denied_box_keeps_its_data_pay_and_loses_its_proof_pay(base: Life) -> None:
    twin = base.twin
    carriers = np.flatnonzero(twin.nodes.online & (sums_of(twin).weights("data") > 0) & (sums_of(twin).weights("witness") > 0))[:20]
    assert len(carriers) == 20
    data = sums_of(twin).weights("data")[carriers].copy()
    denied_until = twin.nodes.writer("verification").denied_until
    before = denied_until[carriers].copy()
    denied_until[carriers] = 30_000
    parts(twin).network.eligibility_changed(carriers)
    for pool in ("challenger", "beacon", "witness"):
        assert (sums_of(twin).weights(pool)[carriers] == 0).all()
    assert (sums_of(twin).weights("data")[carriers] == data).all()
    denied_until[carriers] = before
    parts(twin).network.eligibility_changed(carriers)
    assert (sums_of(twin).weights("witness")[carriers] > 0).all()


def test_a_single_bit_is_seen() -> None:
    """The comparison itself can fail."""
    a, b = Kept(), Kept()
    a.daily(0, {"x": 1.0})
    b.daily(0, {"x": float(np.nextafter(1.0, 2.0))})
    assert days_that_differ(a, b) == {"x": 0} and a.digests() != b.digests()


def test_two_power_limits_at_once_and_their_repeal_leave_nothing_behind() -> None:
    """Decibels without an exact binary form, repealed in the order they came."""
    first = {"kind": "spectrum_power_limit", "jurisdiction": "SE", "effective": date(2021, 1, 5), "repealed": date(2021, 1, 20)}
    second = first | {"effective": date(2021, 1, 10), "repealed": date(2021, 1, 25)}
    cuts = [{"gateways_cut_db": db, "devices_cut_db": db} for db in (0.1, 0.2)]
    twin, _ = settle_down({"regulation.first": first | cuts[0], "regulation.second": second | cuts[1]})
    n_links = [(parts(twin).network.service.coverage.links.probe.size, parts(twin).network.proof.hearing.graph.beaconer.size)]
    for day in (12, 30):
        twin.clock.run(until_day=day)
        n_links.append((parts(twin).network.service.coverage.links.probe.size, parts(twin).network.proof.hearing.graph.beaconer.size))
    assert n_links[1][0] < n_links[0][0] and n_links[1][1] < n_links[0][1]
    assert n_links[2] == n_links[0]
