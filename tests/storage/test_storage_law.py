"""Law on storage networks: notices that are older than the run, what miners are told, rules that a protocol does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import settled

from twin.errors import InputError
from twin.scenario import load

FEW = ["providers.capacity_miners.operators_count=90", "providers.data_dealers.operators_count=60", "providers.data_centers.operators_count=30"]
FEW_MINERS = ["miners.farms.operators_count=40", "miners.data_centers.operators_count=20"]
BAN = "regulation={shut: {kind: ban, jurisdiction: CN, effective: 2025-12-15, compliance_share: 0.8}}"
LICENCE = "regulation={paper: {kind: operator_licence, jurisdiction: CN, effective: %s, cost_usd_per_node_per_year: %d, enforcement: {inspection_probability_per_year: 1, fine_usd: 1e9}}}"


def notices(effective: str, *more: str) -> tuple[Any, Any]:
    return settled(load("filecoin-world", variant="china_2021", sets=[*FEW, f"regulation.china_notice.effective={effective}", *more]))


def test_a_notice_that_is_older_than_the_run_is_felt_from_the_first_day() -> None:
    (old, kept), (calm, other) = notices("2021-03-01"), notices("2022-10-01")
    under = old.ground.reach("CN")[0]
    for world in (old, calm):
        world.clock.run(until_day=20)
    assert (old.trade.providers.new_factor[under] < 1).all() and (calm.trade.providers.new_factor == 1).all()
    assert kept.events[0]["kind"] == "rule_effective" and kept.events[0]["day"] == 0
    assert kept.series("onboarded_pib_per_day")[0] < other.series("onboarded_pib_per_day")[0]


def test_who_went_before_the_first_day_stands_where_the_scenario_says() -> None:
    """Those who take ninety days in the median are on their way as the run begins, or gone: nobody leaves on the first day who had left before."""
    more = ("regulation.china_notice.moving_share=0.5",)
    moved = {}
    for effective in ("2020-01-01", "2021-05-15", "2021-07-15"):
        world, _ = notices(effective, *more)
        world.clock.run(until_day=200)
        moved[effective] = world.trade.ban.moved
    assert moved["2020-01-01"] == 0 < moved["2021-05-15"] < moved["2021-07-15"]


def test_a_notice_is_switched_by_its_name_and_who_is_under_way_arrives() -> None:
    world, _ = notices("2021-07-25", "regulation.china_notice.moving_share=0.5")
    assert "law:china_notice" in world.mechanisms.names
    world.clock.run(until_day=30)
    under = world.ground.reach("CN")[0]
    assert (world.trade.providers.new_factor[under] < 1).all()
    world.switch("law:china_notice", False)
    world.clock.run(until_day=31)
    assert (world.trade.providers.new_factor == 1).all()


def miners(*sets: str, until_day: int = 90, switches: tuple[tuple[int, bool], ...] = ()) -> tuple[Any, Any]:
    world, kept = settled(load("arweave-world", sets=[*FEW_MINERS, "calendar.end=2027-01-01", *sets]))
    for day, on in switches:
        world.clock.run(until_day=day)
        world.switch(next(name for name in world.mechanisms.names if name.startswith("law:")), on)
    world.clock.run(until_day=until_day)
    return world, kept


def test_a_ban_closes_the_miners_of_a_country_and_they_return_with_their_disks() -> None:
    world, kept = miners(BAN, switches=((60, False),))
    chinese = world.ground.reach("CN")[0]
    space = kept.series("mined_space_pb")
    assert kept.of_kind("rule_effective")[0]["count"] == len(chinese)
    assert space[30] < 0.95 * space[29] and space[61] > 1.03 * space[60]
    assert world.trade.miners.online[chinese].mean() > 0.9 and not world.trade.miners.duty_usd_per_day.any()


def test_a_licence_is_a_cost_of_the_miner_and_drives_out_the_small_ones() -> None:
    (_, free), (_, cheap), (world, dear) = miners(), miners(LICENCE % ("2025-12-15", 100)), miners(LICENCE % ("2025-12-15", 1_000_000), until_day=400)
    np.testing.assert_array_equal(free.series("operator_cost_usd")[:30], cheap.series("operator_cost_usd")[:30])
    chinese = len(world.ground.reach("CN")[0])
    assert cheap.series("operator_cost_usd")[30] - free.series("operator_cost_usd")[30] == pytest.approx(chinese * 100 / 365.25, rel=1e-3)
    assert dear.series("nodes_online")[-1] < dear.series("nodes_online")[29]


STAY = tuple(
    f"providers.{group}.staying={{ignored_loss_usd_per_month: {{median: 1e12, p90: 1e12}}}}" for group in ("capacity_miners", "data_dealers", "data_centers", "hollow_farms")
)
"""So that nobody pays the fee for ending sectors before their term: what shrinks shrinks by letting them expire."""


def held_under_a_licence(usd_per_year: int, counts: str) -> float:
    """PiB that Chinese providers hold two years later, where nobody ends sectors early."""
    rule = (LICENCE % ("2023-02-01", usd_per_year)).replace("fine_usd: 1e9", "fine_usd: 1e12")
    counting = (f"providers.{group}.counts_running_cost={counts}" for group in ("capacity_miners", "data_dealers", "data_centers", "hollow_farms"))
    world, kept = settled(load("filecoin-world", sets=[*FEW, *STAY, *counting, "flows=null", rule]))
    world.clock.run(until_day=800)
    assert not kept.of_kind("providers_quit")
    return float(world.trade.providers.raw_pib()[world.ground.reach("CN")[0]].sum())


def test_a_ruinous_licence_lets_sectors_expire_and_a_small_one_hardly_any() -> None:
    """Bills are counted by everybody, running cost by who counts it: nothing is renewed or added under a licence that no sector can carry."""
    free, cheap, dear, ruinous = (held_under_a_licence(usd, "true") for usd in (0, 1_000, 1_000_000, 100_000_000))
    assert cheap == pytest.approx(free, rel=0.02)
    assert ruinous < 0.02 * free and ruinous < dear < free
    assert held_under_a_licence(100_000_000, "false") < 0.02 * held_under_a_licence(0, "false")


def test_a_licence_that_nobody_pays_is_fined() -> None:
    rule = "regulation={paper: {kind: operator_licence, jurisdiction: CN, effective: 2025-12-01, cost_usd_per_node_per_year: 900, enforcement: {inspection_probability_per_year: 0.9, fine_usd: 100}}}"
    _, kept = miners(rule)
    assert kept.of_kind("fines") and all(event["value"] == 100 * event["count"] for event in kept.of_kind("fines"))


@pytest.mark.parametrize(("name", "rule", "known"), [("arweave-world", "provider_ban", "operator_licence, ban"), (Path(__file__).with_name("mechafil-reference-a.yaml"), "ban", "no law at all")])
def test_a_rule_that_does_nothing_to_a_protocol_is_refused_with_those_it_knows(name: str, rule: str, known: str) -> None:
    with pytest.raises(InputError) as raised:
        load(name, sets=[f"regulation.paper={{kind: {rule}, jurisdiction: CN, effective: 2026-01-01}}"])
    assert raised.value.codes == ("no_effect_of_law",) and known in str(raised.value)


def test_a_rule_cannot_end_before_it_begins() -> None:
    with pytest.raises(InputError, match="before it takes effect"):
        load("arweave-world", sets=["regulation={shut: {kind: ban, jurisdiction: CN, effective: 2026-12-15, repealed: 2026-01-01}}"])
