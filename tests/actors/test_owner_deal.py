"""Who could own which site: shares of groups, sizes of owners, and luck that nobody else's presence changes."""

from __future__ import annotations

import numpy as np
from crowd import group

from twin.actors.owners import draw_owners
from twin.kernel import Streams
from twin.scenario.model import Spread

N = 60_000
ONE_REGION = np.zeros(N, np.int16)


def three_groups() -> dict:
    return {
        "hobbyists": group(owners_share=0.8, payback_limit_months=Spread(median=24, p90=48)),
        "earners": group(owners_share=0.15, nodes_per_owner=Spread(median=4, p90=12), payback_limit_months=Spread(median=12, p90=18)),
        "fleet": group(owners_share=0.05, nodes_per_owner=Spread(median=40, p90=120)),
    }


def test_groups_hold_sites_by_owners_times_boxes() -> None:
    """Share of sites = share of owners × mean boxes an owner; so the share of owners comes out as stated."""
    owners = draw_owners(three_groups(), ONE_REGION, Streams(1))
    count = np.array([len(np.unique(owners.owner[owners.group == g])) for g in range(3)])
    stated = np.array([0.8, 0.15, 0.05])
    # 0.02: a lognormal rounded to whole boxes has not quite the mean of the lognormal
    np.testing.assert_allclose(count / count.sum(), stated, atol=0.02)


def test_sizes_of_owners_are_lognormal() -> None:
    owners = draw_owners(three_groups(), ONE_REGION, Streams(1))
    size = np.bincount(owners.owner[owners.group == 1])
    size = size[size > 0]
    assert abs(np.median(size) - 4) <= 0.5 and abs(np.quantile(size, 0.9) - 12) <= 1
    size = np.bincount(owners.owner[owners.group == 2])
    size = size[size > 0]
    assert abs(np.median(size) / 40 - 1) < 0.15 and abs(np.quantile(size, 0.9) / 120 - 1) < 0.15


def test_an_owner_stays_in_one_group_and_one_region() -> None:
    region = np.repeat(np.arange(6, dtype=np.int16), N // 6)
    owners = draw_owners(three_groups(), region, Streams(1))
    for column in (owners.group, owners.region):
        first = np.full(owners.owner.max() + 1, -1)
        first[owners.owner] = column
        assert (first[owners.owner] == column).all()
    assert owners.cohort().max() < 6 * 3 and len(np.unique(owners.cohort())) == 18


def test_payback_limits_are_lognormal_by_group() -> None:
    owners = draw_owners(three_groups(), ONE_REGION, Streams(1))
    for g, (median, p90) in enumerate([(24, 48), (12, 18), (12, 12)]):
        limit = owners.payback_limit_months[owners.group == g]
        np.testing.assert_allclose([np.median(limit), np.quantile(limit, 0.9)], [median, p90], rtol=0.05)


def test_another_region_changes_nobody_elses_luck() -> None:
    """Sites that follow in a further region leave group and limit of all others as they were; so does a region in front."""
    alone = draw_owners(three_groups(), ONE_REGION, Streams(1))
    more = draw_owners(three_groups(), np.r_[ONE_REGION, np.ones(5_000, np.int16)], Streams(1))
    assert (more.group[:N] == alone.group).all() and (more.payback_limit_months[:N] == alone.payback_limit_months).all()
    split = draw_owners(three_groups(), np.r_[np.zeros(N // 2, np.int16), np.ones(N // 2, np.int16)], Streams(1))
    assert (split.group == alone.group).all() and (split.payback_limit_months == alone.payback_limit_months).all()


def test_another_group_takes_its_share_and_leaves_the_luck_of_the_rest() -> None:
    """With a newcomer some sites change hands; who keeps his group keeps his limit, and no site moves from a later to an earlier group."""
    before = draw_owners(three_groups(), ONE_REGION, Streams(1))
    specs = three_groups() | {"newcomers": group(owners_share=0.2, payback_limit_months=Spread(median=6, p90=9))}
    after = draw_owners(specs, ONE_REGION, Streams(1))
    kept = before.group == after.group
    assert (before.payback_limit_months[kept] == after.payback_limit_months[kept]).all()
    assert (after.group[~kept] > before.group[~kept]).all() and 0 < (~kept).mean() < 0.6
    np.testing.assert_allclose((after.group == 3).mean(), 0.2 / (0.8 * 1.44 + 0.15 * 5.8 + 0.05 * 57 + 0.2), atol=0.02)


def test_other_replicates_have_other_owners() -> None:
    a, b = (draw_owners(three_groups(), ONE_REGION, Streams(1, replicate)) for replicate in (0, 1))
    shares = np.bincount(a.group) / N
    agree = (a.group == b.group).mean()
    assert abs(agree - (shares**2).sum()) < 0.02  # as often as chance has it
