"""Storage providers who learn what audits find: what a find costs by the closed form, when a turn pays, that they leave once audits sharpen and come again in a holiday, and what all that is to the honest."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from goldens.worlds import WORLDS
from kept import Kept, lived, moved, settled

from twin.errors import InputError
from twin.integrity.beliefs import Beliefs
from twin.integrity.learning import profit_usd
from twin.kernel import DAYS_PER_MONTH
from twin.kinds.storage.economics import STRATEGIES
from twin.kinds.storage.providers import VERIFIED
from twin.scenario import Scenario, load

GOLDEN = WORLDS["pressure-filecoin"].sets
SHARP, HOLIDAY = date(2024, 1, 1), date(2026, 6, 1)
PLAIN = tuple(each for each in GOLDEN if not each.startswith("audits=")) + ("calendar.end=2027-12-01",)
LEARNING = (*PLAIN, "audits.detection_multiple={2024-01-01: 60, 2026-06-01: 0}")
"""Audits with the one penalty of the network, which sharpen and go on holiday."""
CALENDAR = (
    *(each for each in PLAIN if ".learns=" not in each and ".fills_with=" not in each), "providers.data_dealers.fills_with=[self_dealt, self_dealt_with_copy, verified, capacity]",
    "providers.hollow_farms.fake_capacity_share=0.6",
)  # fmt: skip
DEALT = STRATEGIES.index("self_dealt")


def filecoin(*sets: str, base: tuple[str, ...] = LEARNING) -> Scenario:
    return load("filecoin-world", sets=(*base, *sets))


@cache
def life(*sets: str) -> tuple[Any, Kept]:
    return lived(filecoin(*sets))


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def months_of(world: Any, group: str, strategy: str = "self_dealt") -> pd.DataFrame:
    rows = pd.DataFrame(world.pressure_tables["strategies_monthly"])
    return rows[(rows.group == group) & (rows.strategy == strategy)].set_index("month")


# -- closed forms ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("hazard", [0.002, 0.05, 0.3, 3.0])
def test_what_is_feared_is_what_a_find_takes_over_the_term(hazard: float) -> None:
    """By a sum over days in place of E and P: paid tenfold until the find, once from then on, and the pledge's part lost on the day of the find."""
    world, _ = settled(filecoin())
    outlook = world.trade.rewards.outlook
    minds = outlook.minds
    minds.beliefs.hazard = lambda name, checks: hazard
    certain = np.ones(world.trade.providers.n)
    outlook.see(0.0, certain_share=certain, ordered_pib=0.0)
    seen, who = outlook.prospects, minds.members["data_dealers"][0]
    years = world.trade.providers.protocol.terms.verified_days / 365
    quality = float(world.trade.providers.quality_pib().sum())
    extra = 9 * outlook._reward_usd_per_tib_per_year(quality)
    days = np.arange(0.5, years * 365)
    alive, per_day = np.exp(-hazard / DAYS_PER_MONTH * days), hazard / DAYS_PER_MONTH
    lost = (extra / 365 * (1 - alive) + 0.1 * seen.pledge_usd_per_tib[DEALT, who] * per_day * alive).sum()
    assert seen.penalty_usd_per_tib_per_year[DEALT, who] == pytest.approx(lost / years, rel=5e-3 if hazard < 1 else 0.05)


def test_a_turn_to_clients_comes_at_the_hazard_that_the_sums_foretell() -> None:
    """The hazard at which a client's data return as much: found by halving on the closed form, and by what providers choose on either side."""
    world, _ = settled(filecoin())
    outlook = world.trade.rewards.outlook
    minds, providers, certain = outlook.minds, world.trade.providers, np.ones(world.trade.providers.n)
    who = minds.members["data_dealers"][0]

    def looked(hazard: float) -> Any:
        minds.beliefs.hazard = lambda name, checks: hazard if "with_copy" not in checks[0] else 99.0
        outlook.see(0.0, certain_share=certain, ordered_pib=0.0)
        return outlook.prospects

    free, months = looked(0.0), providers.protocol.terms.verified_days / 365 * 12
    gain = 9 * outlook._reward_usd_per_tib_per_year(float(providers.quality_pib().sum())) / 12
    stake = 0.1 * free.pledge_usd_per_tib[DEALT, who]
    worth_more = (free.profit_usd_per_tib_per_year[DEALT, who] - free.profit_usd_per_tib_per_year[VERIFIED, who]) * months / 12
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        loss = gain * months - profit_usd(gain, 0.0, stake, hazard_per_month=middle, months=months)
        low, high = (middle, high) if loss < worth_more else (low, middle)
    assert 0.001 < low < 1
    for hazard, chosen in ((0.999 * low, DEALT), (1.001 * low, VERIFIED)):
        looked(hazard)
        assert providers.tenfold_with[who] == chosen


def test_a_cheat_is_found_after_the_reciprocal_of_its_chance() -> None:
    """By monthly looks at p = 1 - (1 - c)^m the looks until the find are 1 / p in the mean, whoever it is."""
    world, _ = lived(filecoin("providers.data_dealers.operators_count=400"), 100)
    audits, providers = world.trade.audits, world.trade.providers
    slots = np.flatnonzero(providers.seen_as() == DEALT)
    chance = 1 - (1 - audits.spec.catch_probability_per_month) ** 60
    audits.inspection.clock = SimpleNamespace(day=0, today=SHARP)
    looks, left = np.zeros(len(slots)), np.ones(len(slots), bool)
    for look in range(1, 200):
        audits.inspection.clock = SimpleNamespace(day=31 * look, today=SHARP)
        found = np.isin(slots, audits.inspection.look(slots[left], np.ones(int(left.sum()), bool), np.full(int(left.sum()), audits.spec.catch_probability_per_month)).cheats)
        looks[found], left[found] = look, False
    assert len(slots) > 300 and not left.any()
    assert abs(looks.mean() * chance - 1) < 4 * math.sqrt((1 - chance) / len(slots))


def test_what_fakes_are_paid_is_their_part_of_the_reward_and_the_honest_have_the_rest() -> None:
    """Of a day: the reward is shared by quality-adjusted power, false or not. On day 70 of a life and of the same life whose cheats end that morning."""
    scenario = filecoin()
    (world, kept), (fair, clean) = settled(scenario), settled(scenario)
    for each in (world, fair):
        each.clock.run(until_day=69)
    false, quality = world.trade.providers.false_quality_pib().sum(), world.trade.providers.quality_pib().sum()
    honest = np.flatnonzero(~world.trade.providers.is_cheat())
    paid = [each.sums.earned("tokens")[honest].sum() for each in (world, fair)]
    fair.switch("cheats", False)
    for each in (world, fair):
        each.clock.run(until_day=70)
    got, would = (each.sums.earned("tokens")[honest].sum() - before for each, before in zip((world, fair), paid, strict=True))
    assert false / quality > 0.05 and got / would == pytest.approx(1 - false / quality, abs=0.005)
    minted = world.trade.chain.reward_tokens * world.today.price_usd
    assert kept.series("fakes_paid_usd")[-1] == pytest.approx(minted * kept.series("fake_share_of_proof")[-1], rel=1e-9)
    assert clean.series("fakes_paid_usd")[-1] == 0


def test_self_dealt_data_is_no_usage_and_no_revenue() -> None:
    """Customers' usage and money are those of paid data alone, with cheats and without; what is seen of usage has all that is dealt on top."""
    scenario = filecoin()
    (world, kept), (_, clean) = lived(scenario, 200), lived(scenario, 200, without=("cheats",))
    trade, providers = world.trade, world.trade.providers
    assert providers.dealt_pib().sum() > 100
    assert kept.series("usage_constant_usd")[-1] == pytest.approx(sum(each.paid_pib * each._served() for each in trade.data) * trade.usd_per_pib_per_day)
    assert kept.series("usage_constant_usd")[0] == clean.series("usage_constant_usd")[0] and kept.series("revenue_usd")[0] == clean.series("revenue_usd")[0] > 0
    seen = kept.series("usage_constant_usd_as_seen") - kept.series("usage_constant_usd")
    assert seen[0] > 0 and not (clean.series("usage_constant_usd_as_seen") - clean.series("usage_constant_usd")).any()
    assert moved(world, "USD", "customers", "operators") == pytest.approx(kept.series("revenue_usd").sum())


# -- what they make of it --------------------------------------------------------------------------------------------
def foretold_looks(world: Any, *, pays: bool, hazard: float, before: float, nodes: float, deters: float) -> int:
    """Looks after which a group that sees exactly the mean of finds comes to believe in more, or in less, than what deters it."""
    spec = world.spec.providers["data_dealers"]
    mind = Beliefs({"group": SimpleNamespace(learns=spec.learns, may_turn_to=("self_dealt",))}, (), exploit_of={"group": ""})
    remembered = nodes / (1 - 0.5 ** (1 / spec.learns.memory_half_life_months))
    mind.note(0, "group", "audits", caught=before * remembered, node_months=remembered, exploit="self_dealt")
    for look in range(1, 80):
        mind.note(round(look * DAYS_PER_MONTH), "group", "audits", caught=hazard * nodes, node_months=nodes, exploit="self_dealt")
        if (mind.hazard("group", ("audits",)) < deters) == pays:
            return look
    raise AssertionError("never")


def looks_until_faded(world: Any, before: float, after: float, *, nodes: float) -> int:
    """Looks after which a belief has faded so far when so many probes run and nobody is found; what is remembered at first is what gives that belief."""
    learns = world.spec.providers["data_dealers"].learns
    guess, weight, kept = -math.log1p(-learns.first_guess_catch_probability_per_month), learns.first_guess_node_months, 0.5 ** (1 / learns.memory_half_life_months)
    rows = months_of(world, "data_dealers")
    exposed = rows.providers[rows.index < HOLIDAY][::-1].to_numpy()
    months = float((exposed * kept ** np.arange(len(exposed))).sum())
    caught = before * (weight + months) - guess * weight
    for look in range(1, 60):
        caught, months = kept * caught, kept * months + nodes
        if (guess * weight + caught) / (weight + months) <= after:
            return look
    raise AssertionError("never")


def test_they_cheat_while_it_pays_leave_once_audits_sharpen_and_come_again_in_a_holiday() -> None:
    world, kept = life()
    rows = months_of(world, "data_dealers")
    members = world.spec.providers["data_dealers"].operators_count
    assert (rows.chooses[(rows.index >= date(2023, 5, 1)) & (rows.index < SHARP)] == members).all()
    # leaving: believed hazard of the first guess no longer deters once some experience is there, and sixty looks in place of one do
    sharp = 1 - (1 - 0.004) ** 60
    gone = next(month for month in rows.index if month >= SHARP and rows.chooses[month] < members / 2)
    deters = max(float(-np.log1p(-rows.believed_catch_probability_per_month[month])) for month in rows.index if month < gone and rows.chooses[month] == members)
    foretold = foretold_looks(world, pays=False, hazard=sharp, before=0.004, nodes=members, deters=deters)
    months = (gone.year - SHARP.year) * 12 + gone.month - SHARP.month
    assert abs(months - foretold) <= 2
    share = kept.series("fake_share_of_proof")
    assert share[day_of(world, SHARP) - 1] > 0.3 and share[day_of(world, HOLIDAY) - 1] < 0.05
    # coming again: nobody is found any more, memories fade by half in six months
    back = next(month for month in rows.index if month > HOLIDAY and rows.chooses[month] > members / 2 and rows.chooses[month] > rows.chooses[HOLIDAY])
    assert HOLIDAY < back < HOLIDAY + timedelta(days=540)
    assert rows.believed_catch_probability_per_month[back] < 0.7 * rows.believed_catch_probability_per_month[HOLIDAY]
    fading = -np.log1p(-rows.believed_catch_probability_per_month[[HOLIDAY, back]].to_numpy())
    waited = (back.year - HOLIDAY.year) * 12 + back.month - HOLIDAY.month
    cheating = rows.providers[(rows.index >= HOLIDAY) & (rows.index < back)].mean()
    assert abs(waited - looks_until_faded(world, *fading, nodes=cheating)) <= 3
    assert kept.series("audits_caught")[day_of(world, HOLIDAY) + 15] == kept.series("audits_caught")[-1]
    assert share[-1] > 5 * share[day_of(world, HOLIDAY) - 1]
    assert {"campaign_turns", "self_dealing_caught", "fake_capacity_caught"} <= kept.kinds()


def test_turning_honest_makes_no_false_sector_true() -> None:
    """Self-dealt sectors that stand stay so until they end, are caught or are renewed with a client's data; clients' data come beside them."""
    world, kept = lived(filecoin("audits.catch_probability_per_month=0", "audits.catch_probability_with_copy_per_month=0", base=PLAIN), 600)
    minds, providers = world.trade.rewards.outlook.minds, world.trade.providers
    minds.beliefs.hazard = lambda name, checks: 5.0
    world.clock.run(until_day=631)
    before, real = providers.dealt_pib().sum(), kept.series("verified_real_pib")[-1]
    assert before > 200
    world.clock.run(until_day=690)
    dealers = minds.members["data_dealers"]
    honest = ~minds.probes[dealers]
    assert (providers.tenfold_with[dealers][honest] == VERIFIED).all()
    after = providers.dealt_pib().sum()
    assert 0.8 * before < after < before and kept.series("verified_real_pib")[-1] > real + 10


def test_everything_is_the_same_until_the_first_look_that_differs() -> None:
    (world, kept), (_, dull) = life(), lived(filecoin("audits.detection_multiple={}"), 600)
    first = day_of(world, date(2024, 1, 10))
    for column, values in kept.all_series().items():
        np.testing.assert_array_equal(values[:first], dull.series(column)[:first], err_msg=column)
    assert kept.series("audits_caught")[first + 200 - 1] > dull.series("audits_caught")[-1] if first + 200 < 600 else kept.series("audits_caught")[500] > dull.series("audits_caught")[500]


def test_where_nobody_looks_fakes_hurt_the_honest_and_learners_give_way_sooner_than_calendars() -> None:
    """A PiB of an honest provider of clients' data, paid by its share of the pot: least where nobody looks, most where audits are sharp and heard of."""
    paid, share = {}, {}
    for name, scenario in {
        "holiday": filecoin("audits.detection_multiple={2022-10-10: 0}"),
        "sharp": filecoin("audits.detection_multiple={2022-10-10: 60}"),
        "calendar": filecoin("audits.detection_multiple={2022-10-10: 60}", base=CALENDAR),
    }.items():
        world, kept = lived(scenario, day_of_2026 := 1179)
        centers = np.flatnonzero(world.trade.providers.group == list(world.spec.providers).index("data_centers"))
        paid[name] = float(world.sums.earned("usd")[centers].sum())
        share[name] = float(kept.series("fake_share_of_proof")[450:day_of_2026].mean())
    assert share["sharp"] < 0.5 * share["calendar"] < share["holiday"]
    assert paid["sharp"] > 1.2 * paid["holiday"]


def test_penalties_go_by_steps_honest_ones_appeal_and_nodes_pay_for_looks() -> None:
    world, kept = lived(WORLDS["pressure-filecoin"].scenario())
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"])
    assert checks.banned.sum() > 10 and checks.appeals.sum() == checks.caught.sum() + checks.wronged.sum() and checks.cleared.sum() > 0
    assert checks.slashed_tokens.sum() == pytest.approx(kept.series("slashed_tokens")[-1]) and checks.driven_out.sum() > 0
    assert checks.caught.sum() == kept.series("audits_caught")[-1] > 50 and checks.wronged.sum() == kept.series("audits_false_positives")[-1] > 5
    assert (checks.cost_usd[checks.looked_at > 0] >= 400).all() and world.trade.providers.duty_usd_per_day.max() == 0  # a holiday costs nothing
    burned = sum(moved(world, "FIL", "pledge", "burn", reason=reason) for reason in ("slashed by audits", "slashed for capacity without disks"))
    assert burned == pytest.approx(kept.series("slashed_tokens")[-1])
    campaigns = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    assert set(campaigns.campaign) == {"data_dealers", "hollow_farms"} and campaigns.taken_usd.sum() == pytest.approx(kept.series("fakes_paid_usd").sum(), rel=0.02)
    assert world.guard.untested() == []


def test_more_than_disks_can_seal_is_refused() -> None:
    """Who has two fifths of the disks that it claims adds by those, not by its claims."""
    (free, _), (bound, _) = (settled(filecoin(*more, base=PLAIN)) for more in ((), ("audits.most_seal_share_of_disks_per_day=0.01",)))
    hollow = free.trade.rewards.outlook.minds.members["hollow_farms"]
    most = [world.trade.rewards.outlook.most_pib_per_day()[hollow] for world in (free, bound)]
    raw, disks = free.trade.providers.raw_pib()[hollow], free.trade.providers.disks_pib[hollow]
    np.testing.assert_allclose(most[0], np.maximum(0.01 * raw, 0.01))
    np.testing.assert_allclose(most[1], np.maximum(0.01 * disks, 0.01))
    assert (disks < 0.5 * raw).all()


def test_what_cannot_be_is_refused() -> None:
    for sets, words in (
        ("providers.hollow_farms.fills_with=[hollow_capacity]", "goes with learns"),
        ("providers.hollow_farms.learns={}", "state both or neither"),
        ("providers.capacity_miners.learns={}", "names none of"),
        ("audits.sanctions={steps: [{n_strikes: 1, what: withhold, days: 3}]}", "cannot withhold"),
    ):
        with pytest.raises(InputError, match=words):
            load("filecoin-world", sets=(sets,))


def test_an_attack_makes_cheats_ten_times_as_large_beside_the_honest() -> None:
    base, attacked = load("filecoin-world"), load("filecoin-world", variant="attack")
    shares = [{name: group.power_share for name, group in each.spec.providers.items()} for each in (base, attacked)]
    assert sum(shares[1].values()) == pytest.approx(1)
    ratio = {name: shares[1][name] / shares[0][name] for name in shares[0]}
    assert ratio["data_dealers"] == pytest.approx(10 * ratio["data_centers"]) and ratio["hollow_farms"] == pytest.approx(10 * ratio["capacity_miners"])
    assert attacked.value("providers.hollow_farms.operators_count") == 100
