"""Rings sought in the graph of who vouches for whom, lived through: found at the first look at which they are large enough, listed after the delay, heard of, paid for; and evidence where a claim can be tested."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import Kept, lived, parts, settled

from twin.errors import InputError
from twin.integrity.denylist import DENYLIST
from twin.integrity.ring_check import RINGS
from twin.integrity.where import Near
from twin.kernel import DAYS_PER_MONTH
from twin.run import run
from twin.scenario import Scenario, load

HERE = Path(__file__).parent
EVERY, DELAY, RELEASE = 60, 7, 7
BLIND = "verification.denylist.detection_probability_per_month=0"
"""Nobody but the graph finds anybody."""


def town(*sets: str, variant: str | None = "sought") -> Scenario:
    return load(HERE / "ring-town.yaml", sets=sets, variant=variant)


@cache
def life(*sets: str, variant: str | None = "sought") -> tuple[Any, Kept]:
    return lived(town(*sets, variant=variant))


def table(world: Any, name: str) -> pd.DataFrame:
    return pd.DataFrame(world.pressure_tables[name])


def test_a_ring_is_found_whole_at_the_first_look_and_listed_after_the_delay() -> None:
    """Time to catch: it comes on day 31 and is there within some weeks, so that the look of day 60 finds all of it; the list is published seven days later, at the next release."""
    world, kept = life(BLIND, "calendar.end=2022-07-01")
    rings = table(world, "rings")
    first = rings.iloc[0]
    day = (first.day - world.clock.start).days
    assert day == EVERY and first.cheats == first.members == kept.series("fake_online")[day - 1] >= 5 and first.wronged == 0
    assert first.inside_share == first.missed_share == first.score == 1.0 and 0 <= first.tested_share <= 1
    release = next(event for event in kept.of_kind("denylist_release") if event["count"] > event["value"])
    assert release["day"] == -(-(day + DELAY) // RELEASE) * RELEASE and release["count"] - release["value"] == first.cheats


def test_a_ring_hears_by_which_check_it_was_found_and_the_check_is_counted_and_paid_for() -> None:
    world, _ = life(BLIND)
    checks, campaigns = table(world, "checks_monthly"), table(world, "campaigns_monthly")
    sought = checks[checks.check == RINGS]
    assert sought.caught.sum() == table(world, "rings").cheats.sum() > 10 and sought.wronged.sum() == 0
    assert campaigns.caught.sum() == sought.caught.sum()
    assert sought.cost_usd.sum() == pytest.approx(0.02 * sought.looked_at.sum()) and checks[checks.check == DENYLIST].caught.sum() == 0
    beliefs, row = world.guard.beliefs, world.guard.beliefs._row["desk"]
    by_check = {name: float(beliefs._caught[row, beliefs.add_check(f"{name} of spoofed_locations")]) for name in (RINGS, DENYLIST)}
    assert by_check[RINGS] > 0 == by_check[DENYLIST]
    assert world.guard.untested() == []


def test_nobody_looks_in_a_holiday_and_nothing_is_drawn_where_nothing_is_sought() -> None:
    world, _ = life(BLIND)
    assert table(world, "rings").day.max().year == 2023
    plain, _ = lived(load(HERE / "ring-town.yaml", sets=(BLIND, "calendar.end=2022-07-01")))
    assert "rings" not in plain.pressure_tables and len(plain.inspections) == 1


def test_who_is_taken_for_a_ring_gets_the_steps_of_the_list() -> None:
    """Warned at the first look, put out at the second: only then does the ring hear of it, and by the check that found it."""
    steps = "verification.denylist.sanctions={steps: [{n_strikes: 1, what: warning}, {n_strikes: 2, what: ban, days: 365}]}"
    world, kept = life(BLIND, steps, "calendar.end=2022-09-01")
    rings, campaigns, checks = (table(world, name) for name in ("rings", "campaigns_monthly", "checks_monthly"))
    first, second = ((day - world.clock.start).days for day in sorted(set(rings.day))[:2])
    assert second == first + EVERY
    fakes = kept.series("fake_online")
    assert fakes[first + 2 * RELEASE] >= fakes[first]  # a warning takes nobody away
    assert campaigns.caught.sum() == checks.banned.sum() > 0 and checks.warned.sum() > 0
    by_check = world.guard.beliefs._caught[world.guard.beliefs._row["desk"], world.guard.beliefs.add_check(f"{RINGS} of spoofed_locations")]
    assert by_check > 0


def test_honest_ones_are_wronged_by_a_low_threshold_unless_errors_are_off() -> None:
    """From two tenths on communities of people behind hills are rings, too; they are listed, and some leave. With the mechanism off none is accused."""
    low = ("verification.rings.flagged_from_share=0.2", "verification.rings.should_hear_km=4", "calendar.end=2023-06-01", "place.area.radius_km=60")
    world, kept = life(*low)
    sought = table(world, "checks_monthly").groupby("check").sum(numeric_only=True).loc[RINGS]
    assert sought.wronged > 10 and sought.wronged == table(world, "rings").wronged.sum()
    silent, _ = settled(town(*low))
    silent.switch("verification_errors", False)
    silent.clock.run()
    assert table(silent, "checks_monthly").wronged.sum() == 0 < table(silent, "rings").wronged.sum()
    assert kept.series("nodes_denied").max() > 10


def test_the_graph_holds_who_hears_whom() -> None:
    """As many pairs as there are witnesses of all beacons; a ring hears itself alone; a beacon that more hear than are paid is a receipt less sure."""
    world, _ = settled(town(BLIND))
    world.clock.run(until_day=300)
    network, hearing = parts(world).network, parts(world).network.proof.hearing
    slots = np.flatnonzero(world.nodes.online)
    witness, sender = hearing.pairs(slots)
    heard = hearing.witnesses()
    np.testing.assert_array_equal(np.bincount(sender, minlength=len(heard)), heard)
    fake = world.nodes.fake >= 0
    assert fake[slots].sum() >= 5 and (fake[witness] == fake[sender]).all()
    vouches = network.vouches(slots)
    paid = np.bincount(vouches.sender, vouches.receipts, minlength=vouches.n)
    np.testing.assert_allclose(paid, np.minimum(heard[slots], 14), rtol=1e-6)
    some = slots[::2]
    witness, sender = hearing.pairs(some)
    assert len(witness) and np.isin(witness, some).all() and np.isin(sender, some).all()


# -- where a claim can be tested ---------------------------------------------------------------------------------------
def chances(world: Any) -> tuple[np.ndarray, np.ndarray]:
    """Of each cheat on this evening, the chance that a look finds it, and whether its claim lies in the hull of honest ones within reach."""
    trade, seen = parts(world), []
    denylist = trade.denylist
    fakes = np.flatnonzero(world.nodes.online & (world.nodes.fake >= 0))
    denylist.inspection.look = lambda slots, fake, chance: seen.append((slots[fake], chance[fake])) or (slots[:0], slots[:0])
    for _ in range(28):
        world.clock.run(until_day=world.clock.day + 1)
    chance = np.full(world.nodes.n, np.nan)
    for slots, each in seen:
        chance[slots] = each
    sites, honest = world.ground.sites, np.flatnonzero(world.nodes.online & (world.nodes.fake < 0))
    at = np.column_stack([sites.lat_deg, sites.lng_deg])
    inside = Near.of_sphere(at[fakes], at[honest], within_km=denylist.spec.observers_within_km).can_be_tested()
    known = ~np.isnan(chance[fakes])
    return chance[fakes][known], inside[known]


@pytest.mark.parametrize("evidence", ["neighbours", "hull"])
def test_outside_the_hull_of_honest_observers_evidence_is_none(evidence: str) -> None:
    """Few hotspots in Lapland, no chance without evidence: 1 - (1 - p min(1, h / 3))^(28 / 30.44) inside their hull, and nothing outside it where the theorem is heeded."""
    many = ("adversaries.desk.learns.grows_share_per_look=4", f"verification.denylist.evidence={evidence}")
    world, _ = settled(town(*many, variant="remote"))
    world.clock.run(until_day=400)
    chance, inside = chances(world)
    assert inside.any() and not inside.all()
    most = 1 - 0.9 ** (28 / DAYS_PER_MONTH)
    assert chance[inside].max() == pytest.approx(most, rel=1e-6)
    assert (chance[~inside] > 0).any() == (evidence == "neighbours")


def test_a_ring_out_of_everybodys_sight_is_found_less_where_the_theorem_is_heeded() -> None:
    caught = {}
    for evidence in ("neighbours", "hull"):
        world, _ = life(f"verification.denylist.evidence={evidence}", variant="remote")
        months = table(world, "campaigns_monthly")
        caught[evidence] = months.caught.sum() / months.nodes.sum()
    assert 0 < caught["hull"] < 0.9 * caught["neighbours"]


def test_how_many_can_be_tested_in_a_town_and_far_out() -> None:
    """The share of honest hotspots inside the hull of the others within 12 km: nearly all of a town, and about half of a few farms in Lapland (the figure: `python -m benchmarks.rings`)."""
    shares = []
    for variant in ("sought", "remote"):
        world, _ = settled(town(BLIND, variant=variant))
        world.clock.run(until_day=500)
        honest = np.flatnonzero(world.nodes.online & (world.nodes.fake < 0))
        shares.append(parts(world).network.tested(honest, within_km=12).mean())
    assert shares[0] > 0.9 and 0.3 < shares[1] < 0.8


# -- what may be stated ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (("verification.denylist=null",), "rings goes with denylist"),
        (("network.hearing=kernel",), "by counts per cell"),
        (("verification.rings.sanctions={steps: [{n_strikes: 1, what: warning}]}",), "sanctions"),
        (("verification.rings.detection_multiple={2023-01-01: 5}",), "1"),
        (("verification.denylist.evidence=guess",), "neighbours"),
    ],
)
def test_what_cannot_be_is_refused(sets: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        town(*sets)


def test_the_page_tells_of_rings_found_and_wrongly_found(tmp_path: Path) -> None:
    done = run(town("calendar.end=2023-06-01", "place.area.radius_km=60", "verification.rings.flagged_from_share=0.2", "verification.rings.should_hear_km=4"), out=tmp_path)
    rings = done.folder.table("rings")
    assert rings.wronged.sum() > 0 < rings.cheats.sum()
    page = done.report.read_text(encoding="utf-8")
    section = page[page.index('id="integrity"') :]
    section = section[: section.index("</section>")]
    honest = int((rings.cheats == 0).sum())
    assert f"{len(rings)} communities that vouch for each other alone were taken for rings, of which {honest} were honest hotspots and nobody else" in section
    assert f"{int(rings.cheats.sum())} cheats and {int(rings.wronged.sum())} honest members in all" in section
    for words in ("Taken for a ring", "near and not heard", "claims that could be tested"):
        assert words in section
