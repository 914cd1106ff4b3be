"""Many hotspots on one antenna, lived through: paid like honest ones beside it, seen by the network as cover that is not there, found by their signals alone, and no ring in anybody's graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import lived, parts, settled

from twin.errors import InputError
from twin.kernel import DAYS_PER_MONTH
from twin.scenario import Scenario, load

HERE = Path(__file__).parent
ROOF = "adversaries={roof: {exploit: split_antenna, nodes: 10, most_nodes: 40, from: 2022-06-01, entry_cost_usd_per_node: 20, learns: {grows_share_per_look: 1}}}"
STILL = "verification.denylist.detection_multiple={}"


def town(*sets: str) -> Scenario:
    alone = ("adversaries.desk=null",) if ROOF in sets else ()
    return load(HERE / "ring-town.yaml", sets=("calendar.end=2024-01-01", STILL, *alone, *sets))


def fakes_of(world: Any) -> np.ndarray:
    return np.flatnonzero(world.nodes.online & (world.nodes.fake >= 0))


def test_they_stand_beside_each_other_hear_like_honest_ones_and_cover_nothing() -> None:
    """On the same day the same sites with honest hotspots would serve more; as the network sees it they do."""
    world, kept = settled(town(ROOF, "verification.denylist.split_antenna_probability_per_month=0"))
    world.clock.run(until_day=400)
    network, fakes = parts(world).network, fakes_of(world)
    assert len(fakes) >= 20
    assert kept.of_kind("campaign_grows")[0]["count"] == 5
    network.recount()
    heard = network.proof.hearing.witnesses()
    assert heard[fakes].min() > 0 and network.proof.hearing.pairs(fakes)[0].size >= 0
    honest = np.flatnonzero(world.nodes.online & (world.nodes.fake < 0))
    witness, sender = network.proof.hearing.pairs(np.union1d(fakes, honest))
    assert np.isin(witness[np.isin(sender, fakes)], honest).mean() > 0.5  # honest ones vouch for them
    assert kept.series("capacity")[-1] < kept.series("capacity_as_seen")[-1] and kept.series("fakes_paid_usd")[-1] > 0
    assert not network.service.plain.coverage.online[fakes].any() and network.service.plain.coverage.online_fake[fakes].all()


def test_their_signals_alone_give_them_away() -> None:
    """1 - (1 - p min(1, h / 3))^(28 / 30.44) by look, whatever the list would find of a farm; none is careless."""
    world, _ = settled(town(ROOF, "verification.denylist.split_antenna_probability_per_month=0.2", "verification.denylist.detection_probability_per_month=0", "verification.denylist.free_space_catch_share=1"))
    denylist, expected = parts(world).denylist, []
    look = denylist.inspection.look

    def spy(slots: Any, fake: Any, chance: Any) -> Any:
        seen_by = np.minimum(parts(world).network.honest_neighbours(slots[fake]) / 3, 1)
        foretold = 1 - (1 - 0.2 * seen_by) ** (28 / DAYS_PER_MONTH)
        np.testing.assert_allclose(chance[fake], foretold, rtol=1e-9)
        expected.append((foretold.sum(), (foretold * (1 - foretold)).sum()))
        return look(slots, fake=fake, chance=chance)

    denylist.inspection.look = lambda slots, fake, chance: spy(slots, fake, chance)
    world.clock.run()
    mean, variance = np.sum(expected, axis=0)
    assert mean > 20 and abs(denylist.inspection.ever.caught - mean) < 4 * np.sqrt(variance)


def test_in_the_graph_they_are_honest() -> None:
    world, _ = lived(town(ROOF, "verification.rings={looks_every_days: 60}", "verification.denylist.split_antenna_probability_per_month=0"))
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"]).groupby("check").sum(numeric_only=True)
    assert checks.loc["rings"].cheats_looked_at > 100 and checks.loc["rings"].caught == 0


def test_a_ring_whose_antennas_are_found_turns_to_a_desk_and_takes_its_hotspots_along() -> None:
    """What runs when it turns lies in its drawer and comes again for the entry alone; an antenna paid more until it was found."""
    turns = (ROOF, "adversaries.roof.may_turn_to=[spoofed_locations]", "verification.denylist.split_antenna_probability_per_month=0.95", "verification.denylist.detection_probability_per_month=0")
    world, kept = lived(town(*turns, "verification.denylist.timing.release_every_days=2"))
    months = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    turned = kept.of_kind("campaign_turns")
    assert [event["subject"] for event in turned] == ["roof"] and list(dict.fromkeys(months.exploit)) == ["split_antenna", "spoofed_locations"]
    split, desk = (months[months.exploit == name] for name in ("split_antenna", "spoofed_locations"))
    assert split.caught.sum() > 0 and desk.caught[1:].sum() == 0 and desk.nodes.max() > 15
    devices = (months.spent_usd.sum() - 20 * months.entered.sum()) / 110
    assert devices == pytest.approx(round(devices)) and devices < months.entered.sum()
    assert split.gain_usd_per_month.max() > desk.gain_usd_per_month.max()


@pytest.mark.parametrize(("sets", "words"), [((ROOF.replace(", learns: {grows_share_per_look: 1}", "").replace("most_nodes: 40, ", ""),), "goes with learns"), (("adversaries.desk.may_turn_to=[spoofed_locations]",), "what it does already")])
def test_what_cannot_be_is_refused(sets: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        town(*sets)


