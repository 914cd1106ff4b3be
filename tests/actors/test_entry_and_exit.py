"""Who enters, who stays, who leaves, who moves: each rule of the crowd against a network that pays what the test says."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from crowd import ROOTED, STAYS, STUBBORN, Crowd, crowd, fill, group

from twin.kernel import DAYS_PER_MONTH
from twin.scenario.model import Spread
from twin.scenario.sections.operators import InterestSpec, LeavingSpec, RelocationSpec
from twin.state import NodeState

N = 6_000
Z_0_0001 = 3.89


def bought(c) -> np.ndarray:
    return np.concatenate([slots for _, slots in c.ordered]) if c.ordered else np.empty(0, np.int64)


# -- entering ----------------------------------------------------------------------------------------------------------


def test_nobody_buys_above_his_limit_and_everybody_below_it() -> None:
    """600 USD at 40, 50 and 60 USD a month pay back in 15, 12 and 10 months; the limit is 12 for all and not quite enough."""
    promised = np.repeat([40.0, 50.0, 60.0], N // 3)
    c = crowd(N, 400, promised=promised, pay=1000.0)
    c.clock.run()
    online = c.nodes.online.reshape(3, -1).mean(axis=1)
    assert online[0] == 0 and online[1] == 0  # 12 is not below 12
    assert online[2] > 0.99
    assert np.unique(c.operators.reckoning.payback_months(np.arange(N))) == pytest.approx([10.0, 12.0, 15.0], rel=1e-3)


def test_only_limits_above_the_payback_are_among_the_buyers() -> None:
    """Limits differ by lognormal luck: all who look and have patience buy, and nobody else."""
    specs = {"all": group(payback_limit_months=Spread(median=12, p90=24))}
    c = crowd(N, 400, specs=specs, promised=50.0, pay=1000.0)
    c.clock.run()
    limit = c.operators.owners.payback_limit_months
    assert not c.nodes.online[limit <= 12].any() and c.nodes.online[limit > 12].mean() > 0.99
    assert 0.4 < (limit <= 12).mean() < 0.6


def test_running_cost_counts_for_those_who_count_it() -> None:
    """At 60 USD a month and 0.5 USD a day a box nets 45: 13.3 months for who counts, 10 for who does not."""
    specs = {"count": group(owners_share=0.5), "ignore": group(owners_share=0.5, counts_running_cost=False)}
    c = crowd(N, 200, specs=specs, promised=60.0, pay=1000.0, running_usd_per_day=0.5)
    c.clock.run()
    counts = c.operators.owners.group == 0
    assert not c.nodes.online[counts].any() and c.nodes.online[~counts].mean() > 0.99


def test_nobody_buys_at_a_loss_however_patient() -> None:
    specs = {"all": group(payback_limit_months=Spread(median=1e6, p90=1e6))}
    c = crowd(500, 200, specs=specs, promised=10.0, pay=1000.0, running_usd_per_day=0.5)
    c.clock.run()
    assert not len(bought(c))


def test_a_duty_that_is_only_announced_keeps_buyers_away() -> None:
    c = crowd(1000, 300, promised=60.0, pay=1000.0)
    c.costs.announce_duty("licence", np.arange(500), 0.5)
    c.clock.run(until_day=200)
    assert not c.nodes.online[:500].any() and c.nodes.online[500:].mean() > 0.98
    assert (c.costs.duty_usd_per_day(np.arange(1000)) == 0).all()


@pytest.mark.parametrize(("p", "q"), [(0.05, 0.0), (0.002, 0.4)])
def test_interest_spreads_as_in_bass(p: float, q: float) -> None:
    """Everybody who looks buys, and is promised just what it asks: the adopted share follows F' = F + (1 − F)(1 − exp(−(p + qF))) month by month."""
    asks = Spread(median=6.2, p90=6.2)  # a device pays back in 6 months
    specs = {"all": group(interest=InterestSpec(innovation_per_month=p, imitation_per_month=q), payback_limit_months=asks)}
    c = crowd(N, 24 * 30, specs=specs)
    c.clock.run()
    when = np.full(N, 10**6)
    for day, slots in c.ordered:
        when[slots] = day // 30
    expected = 0.0
    for month in range(24):
        expected += (1 - expected) * (1 - np.exp(-(p + q * expected)))
        seen = (when <= month).mean()
        # luck of early adopters is multiplied by those who imitate them: a wide band for q > 0, the binomial one without
        band = Z_0_0001 * np.sqrt(expected * (1 - expected) / N) * (1 if q == 0 else 6)
        assert abs(seen - expected) < band + 1e-3, f"month {month}"
    assert expected > 0.6


def test_each_group_looks_on_its_own_day_and_each_site_once_a_month() -> None:
    specs = {"a": group(owners_share=0.5), "b": group(owners_share=0.5)}
    c = crowd(200, 90, specs=specs, promised=1.0)
    c.clock.run()
    days = {day: slots for day, slots in enumerate(c.network.asked)}
    asked = np.concatenate(list(days.values()))
    assert len(asked) <= 3 * 200 and (np.bincount(asked, minlength=200) <= 3).all()
    assert not len(bought(c))


# -- staying and leaving -----------------------------------------------------------------------------------------------


def test_annoyed_owners_leave_at_the_stated_hazard() -> None:
    leaving = STAYS.model_copy(update={"annoyance_hazard_per_month": 0.05, "drawer_share": 0.0})
    specs = {"all": group(leaving=leaving, interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    c = crowd(N, 361, specs=specs)
    fill(c)
    c.clock.run()
    stay = np.exp(-0.05 * 12 * 30 / DAYS_PER_MONTH)
    assert c.operators.parties.left.sum() == c.fleet.counts["left"] == N - c.nodes.online.sum()
    assert abs(c.nodes.online.mean() - stay) < Z_0_0001 * np.sqrt(stay * (1 - stay) / N)


def loser(**changes: float) -> LeavingSpec:
    plain = {"annoyance_hazard_per_month": 0, "drawer_share": 0, "resale_share": 0}
    return LeavingSpec(**(plain | changes))


def test_losing_owners_leave_by_what_each_would_bear() -> None:
    """A loss of 5.1 USD a month is more than 61 % would bear (median 4, p90 12); the first look that counts is after a whole month of running."""
    specs = {"all": group(leaving=loser(), interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    c = crowd(N, 30 * 8, specs=specs, pay=1.0, running_usd_per_day=0.2)
    fill(c)
    c.clock.run(until_day=29)
    assert c.nodes.online.all()  # nobody judges a box by its first days
    bears = 1 - NormalDist().cdf(np.log((0.2 * DAYS_PER_MONTH - 1) / 4) / (np.log(12 / 4) / NormalDist().inv_cdf(0.9)))
    for month in range(1, 8):
        c.clock.run(until_day=29 + 30 * month)
        assert abs(c.nodes.online.mean() - bears) < Z_0_0001 * np.sqrt(bears * (1 - bears) / N), f"month {month}"


def test_a_licence_of_fifty_thousand_dollars_empties_the_place_within_two_reviews() -> None:
    specs = {"ignore": group(leaving=loser(), counts_running_cost=False)}
    c = crowd(1000, 180, specs=specs, pay=30.0)
    fill(c)
    c.clock.run(until_day=89)
    assert c.nodes.online.all()
    c.costs.impose_duty("licence", np.arange(1000), 50_000 / 365.25)
    c.clock.run(until_day=149)
    assert c.nodes.online.mean() < 0.05


def test_owners_sell_a_device_that_is_worth_more_than_what_it_will_earn_until_nobody_buys() -> None:
    """Half of 600 USD for a fifth of the sellers is 60: more than six months of 2 USD. Those who find used devices unsold before them stay."""
    specs = {"all": group(leaving=LeavingSpec(annoyance_hazard_per_month=0, drawer_share=0, resale_share=0.2), interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    c = crowd(1000, 360, specs=specs, pay=2.0)
    fill(c)
    c.clock.run()
    assert 0 < c.operators.parties.left.sum() < 100 and len(c.operators.used_devices[0]) > 0


def test_a_promise_draws_more_and_those_on_the_way_less() -> None:
    """Payback in a ninth of the limit triples the interest; with half of all devices still on the way the promise is half."""
    interest = InterestSpec(innovation_per_month=0.02, imitation_per_month=0)
    looked = []
    for promised in (12.0, 450.0):
        c = crowd(N, 120, specs={"all": group(interest=interest, payback_limit_months=Spread(median=12, p90=12))}, promised=promised, pay=promised)
        c.clock.run()
        looked.append(c.operators._promise[0])
    assert looked[0] == pytest.approx(np.sqrt(12 * 12 / 600), rel=0.05) and looked[1] == pytest.approx(3.0, rel=0.05)


def test_those_who_do_not_count_their_cost_stay() -> None:
    specs = {
        "count": group(owners_share=0.5, leaving=loser()),
        "ignore": group(owners_share=0.5, leaving=loser(), counts_running_cost=False),
    }
    c = crowd(N, 360, specs=specs, pay=1.0, running_usd_per_day=0.2)
    fill(c)
    c.clock.run()
    counts = c.operators.owners.group == 0
    assert c.nodes.online[~counts].all() and c.nodes.online[counts].mean() < 0.7


def test_a_duty_of_law_counts_for_everybody() -> None:
    specs = {"ignore": group(leaving=loser(), counts_running_cost=False)}
    c = crowd(1000, 360, specs=specs, pay=1.0)
    c.costs.impose_duty("licence", np.arange(500), 0.2)
    fill(c)
    c.clock.run()
    assert c.nodes.online[500:].all() and c.nodes.online[:500].mean() < 0.7


def test_a_box_back_from_repair_or_drawer_is_not_judged_by_the_days_it_stood_still() -> None:
    """Pay covers cost three times over, but a few days' pay spread over a month does not: nobody runs from a box that has just come back."""
    specs = {"all": group(leaving=loser())}
    c = crowd(640, 200, specs=specs, pay=10.0, promised=0.0, running_usd_per_day=0.1)
    fill(c)
    c.clock.run(until_day=60)
    every = np.arange(640)
    c.fleet.retire(every, keep_in_drawer=True)
    c.clock.run(until_day=75)
    c.fleet.plug_in(every)
    moved = every[320:]  # their blocks look on days 95 to 99
    c.fleet.take_down(moved)
    c.fleet.bring(moved, born_day=c.nodes.born_day[moved].copy(), after_days=20)
    c.clock.run()
    assert c.nodes.online.all() and c.operators.parties.left.sum() == 0


def test_fate_of_boxes_given_up() -> None:
    leaving = LeavingSpec(
        annoyance_hazard_per_month=1.0, drawer_share=0.6, resale_share=0.2,
        drawer_returns_below_payback_months=0,
    )  # fmt: skip
    specs = {"all": group(leaving=leaving, interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    c = crowd(N, 60, specs=specs)
    fill(c)
    c.clock.run()
    left = int(c.operators.parties.left.sum())
    drawer, used = c.nodes.drawer.sum() / left, len(c.operators.used_devices[0]) / left
    se = np.sqrt(0.25 / left)
    assert left > N / 3 and abs(drawer - 0.6) < Z_0_0001 * se and abs(used - 0.2) < Z_0_0001 * se


ALL_LOOK = InterestSpec(innovation_per_month=1.0, imitation_per_month=5.0)
NOBODY_LOOKS = InterestSpec(innovation_per_month=0, imitation_per_month=0)


def drawers(n: int, n_days: int, *, interest: InterestSpec, bother_usd: float = 10.0, promised: Any = 100.0) -> Crowd:
    """Every site has a box in its drawer; none costs anything to run."""
    specs = {"all": group(interest=interest, leaving=STAYS.model_copy(update={"bother_usd": bother_usd}))}
    c = crowd(n, n_days, specs=specs, promised=promised)
    fill(c)
    c.fleet.retire(np.arange(n), keep_in_drawer=True)
    return c


@pytest.mark.parametrize(("bother_usd", "back_from_usd"), [(10.0, 4.0), (8.0, 3.0), (20.0, 7.0), (0.0, 3.0)])
def test_a_box_comes_out_of_the_drawer_when_it_pays_for_the_bother(bother_usd: float, back_from_usd: float) -> None:
    """Ten dollars of bother: 4 USD a month repay it in 2.5 months (below 3: back), 3 USD in 3.3 (stays)."""
    promised = np.tile([3.0, 4.0, 6.0, 7.0], 50)
    c = drawers(200, 180, interest=ALL_LOOK, bother_usd=bother_usd, promised=promised)
    c.clock.run()
    assert (c.nodes.online == (promised >= back_from_usd)).all() and c.operators.parties.entered.sum() == 0


def test_a_box_stays_in_the_drawer_of_an_owner_who_never_looks() -> None:
    c = drawers(200, 180, interest=NOBODY_LOOKS)
    c.clock.run()
    assert not c.nodes.online.any() and c.nodes.drawer.all()


def test_owners_of_drawers_look_as_often_as_prospects() -> None:
    """Bass: everybody here once had a box, so 1 - exp(-(0.05 + 0.25)) = 26 % look in the first month, each on the luck of the site."""
    interest = InterestSpec(innovation_per_month=0.05, imitation_per_month=0.25)
    c = drawers(N, 30, interest=interest)
    c.clock.run()
    chance = 1 - np.exp(-0.3)
    assert abs(c.nodes.online.mean() - chance) < Z_0_0001 * np.sqrt(chance * (1 - chance) / N)


def test_what_a_box_earned_between_two_looks_is_claimed_though_it_never_met_one() -> None:
    """Boxes start on the first day and stop on the third; most of their owners look for the first time later than that."""
    c = crowd(640, 70, specs={"all": group(interest=NOBODY_LOOKS)}, pay=30.0)
    fill(c)
    c.clock.run(until_day=2)
    c.fleet.take_down(np.arange(640))
    c.clock.run()
    c.accrual.settle()
    claimed = sum(tokens for tokens, _ in c.claims)
    assert claimed == pytest.approx(c.accrual.earned("tokens").sum(), rel=1e-9) and claimed > 640


def test_what_the_margin_does_is_lived_and_not_counted() -> None:
    """A third of the sites lie outside the study area: they buy, claim, sell and leave, and only the rest is in the counts."""
    leaving = LeavingSpec(annoyance_hazard_per_month=0.3, resale_share=0)
    inside = np.arange(900) % 3 > 0
    counted, lived = (crowd(900, 200, specs={"all": group(leaving=leaving)}, inside=each) for each in (inside, None))
    for c in (counted, lived):
        c.clock.run()
    assert (counted.nodes.state == lived.nodes.state).all() and counted.claims == lived.claims
    first = np.concatenate([slots for _, slots in counted.ordered])
    assert counted.operators.parties.entered.sum() == inside[first].sum() < len(first) == lived.operators.parties.entered.sum()
    assert counted.operators.parties.sold_tokens.sum() == pytest.approx(counted.nodes.looked_tokens[inside].sum(), rel=1e-9)
    assert 0 < counted.operators.parties.left.sum() < lived.operators.parties.left.sum()


def test_used_boxes_go_at_half_price_without_the_queue_and_keep_their_age() -> None:
    """New ones pay back in 15 months, used ones in 7.5: with a limit of 12 exactly the used boxes find a buyer."""
    c = crowd(300, 60, promised=40.0, pay=1000.0)
    c.operators.used_devices[0] = [-1000] * 10 + [-500] * 7
    c.clock.run()
    assert c.nodes.online.sum() == 17 and not len(bought(c)) and c.operators.used_devices[0] == []
    born = c.nodes.born_day[c.nodes.online]
    assert sorted(born.tolist()) == [-1000] * 10 + [-500] * 7


# -- moving ------------------------------------------------------------------------------------------------------------


def test_movers_go_where_it_promises_enough_and_no_two_to_one_roof() -> None:
    """Half of the sites pay nothing, the other half well; those who lose try one free roof a month."""
    promised = np.repeat([0.0, 50.0], 500)
    moving = RelocationSpec(hazard_per_month=1.0, needs_gain=2.0, takes_days=14, cost_usd=10.0)
    specs = {"all": group(relocation=moving, leaving=STAYS, staying=STUBBORN, interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    c = crowd(1000, 200, specs=specs, pay=promised, running_usd_per_day=0.2)
    poor = np.arange(300)
    fill(c, poor)
    c.clock.run()
    assert c.nodes.online[:500].sum() + c.nodes.online[500:].sum() + (c.nodes.state == NodeState.ORDERED).sum() == 300  # no box is lost or doubled
    assert c.nodes.online[500:].sum() > 250
    assert sum(c.asserted) == c.fleet.counts["moved"] > 0 and c.fleet.counts["left"] == 0
    assert (c.nodes.born_day[500:][c.nodes.online[500:]] == 0).all()


@pytest.mark.parametrize(("change", "moves"), [({}, True), ({"needs_gain": 100.0}, False), ({"cost_usd": 1e6}, False)])
def test_a_move_must_be_worth_it(change: dict, moves: bool) -> None:
    moving = RelocationSpec(**({"hazard_per_month": 1.0, "needs_gain": 2.0, "takes_days": 14, "cost_usd": 10.0} | change))
    specs = {"all": group(relocation=moving, leaving=STAYS, staying=STUBBORN, interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    c = crowd(1000, 120, specs=specs, pay=np.repeat([1.0, 50.0], 500), running_usd_per_day=0.2)
    fill(c, np.arange(100))
    c.clock.run()
    assert bool(c.nodes.online[500:].any()) is moves


def test_two_places_are_compared_at_the_numbers_of_today() -> None:
    """Pay falls to a tenth everywhere: nobody moves for it, nor stays for the memory of better months where another roof still pays ten times as much."""
    moving = RelocationSpec(hazard_per_month=1.0, needs_gain=2.0, takes_days=14, cost_usd=10.0)
    specs = {"all": group(relocation=moving, leaving=STAYS, staying=STUBBORN, interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    moved = []
    for elsewhere in (10.0, 100.0):
        c = crowd(1000, 240, specs=specs, pay=np.repeat([100.0, elsewhere], 500))
        fill(c, np.arange(100))
        c.clock.run(until_day=120)
        assert not c.nodes.online[500:].any()
        c.paid_usd_per_month[:500] = 10.0
        c.clock.run(until_day=180)
        moved.append(int((c.nodes.state[500:] != NodeState.PROSPECT).sum()))
    assert moved[0] == 0 < 50 < moved[1]


# -- claims ------------------------------------------------------------------------------------------------------------


def test_claims_add_up_to_what_was_earned_and_groups_sell_their_share() -> None:
    specs = {"sells": group(owners_share=0.5, sells_share=1.0), "holds": group(owners_share=0.5, sells_share=0.25)}
    c = crowd(640, 91, specs=specs, pay=30.0)
    fill(c)
    c.clock.run()
    claimed, sold = (sum(each) for each in zip(*c.claims, strict=True))
    at_last_look = c.nodes.looked_tokens
    assert claimed == pytest.approx(at_last_look.sum(), rel=1e-12) and claimed > 0
    by_group = np.bincount(c.operators.owners.group, at_last_look, minlength=2)
    assert sold == pytest.approx(by_group @ [1.0, 0.25], rel=1e-12)
    assert c.operators.parties.sold_tokens.sum() == pytest.approx(sold, rel=1e-12)
    assert c.nodes.looked_day.min() > 60  # everybody has looked within the last thirty days


def test_neighbours_fate_changes_nobody_elses_luck() -> None:
    """A tenth of the sites lose their pay: exactly they leave sooner; every other box lives and leaves on the same day as before."""
    leaving = LeavingSpec(annoyance_hazard_per_month=0.04, resale_share=0)
    specs = {"all": group(leaving=leaving, relocation=ROOTED, interest=InterestSpec(innovation_per_month=0, imitation_per_month=0))}
    gone: list[np.ndarray] = []
    hit = np.arange(0, 2000, 10)
    for struck in (False, True):
        pay = np.full(2000, 30.0)
        pay[hit] = 1.0 if struck else 30.0
        c = crowd(2000, 360, specs=specs, pay=pay, promised=0.0, running_usd_per_day=0.2)
        fill(c)
        last = np.full(2000, -1)
        for day in range(360):
            c.clock.run(until_day=day)
            last[c.nodes.online] = day
        gone.append(last)
    others = np.setdiff1d(np.arange(2000), hit)
    assert (gone[0][others] == gone[1][others]).all() and len(np.unique(gone[0][others])) > 50
    assert (gone[1][hit] <= gone[0][hit]).all() and (gone[1][hit] < gone[0][hit]).mean() > 0.5
