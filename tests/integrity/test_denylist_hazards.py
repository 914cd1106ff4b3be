"""The list: how fast it finds fakes, how often it errs, when entries begin and end, and that it names boxes and not sites.

Statistical checks have an error rate of one in ten thousand for a correct program and a luck of its own (fixed seed: pass or fail for good).
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from den import START, Den, list_spec

from twin.integrity.denylist import SHIFTS
from twin.kernel import DAYS_PER_MONTH

N = 8_000
Z_0_0001 = 3.89
EVERY = np.arange(N)


def looks(n_days: int, release_every: int = 7) -> int:
    """How often each box has been looked at by the release of day `n_days`, if it stood there from the first."""
    return (n_days // release_every + 1) // SHIFTS


def share_listed(neighbours: float, months: float, **changes: float) -> tuple[float, float]:
    """Share of fakes listed after whole turns of looks within so many months, and the chance on paper."""
    deny = list_spec(**({"detection_probability_per_month": 0.2, "timing": {"delay_days": 0, "denied_days": 10_000}} | changes))
    n_days = round(months * DAYS_PER_MONTH / (7 * SHIFTS)) * 7 * SHIFTS
    den = Den(N, n_days, deny=deny, neighbours=neighbours)
    den.place(EVERY, farm=0)
    den.clock.run()
    turns = looks(n_days - 1)
    evidence = min(neighbours / 3, 1)
    monthly = 0.2 * (0.2 + 0.8 * evidence)
    return float(den.denied.mean()), 1 - (1 - monthly) ** (turns * SHIFTS * 7 / DAYS_PER_MONTH)


@pytest.mark.parametrize("neighbours", [0, 1, 3, 12])
def test_fakes_are_listed_at_the_stated_hazard(neighbours: float) -> None:
    """p·(blind + (1 − blind)·min(1, neighbours/3)) a month, p = 0.2."""
    seen, expected = share_listed(neighbours, 6)
    assert abs(seen - expected) < Z_0_0001 * np.sqrt(expected * (1 - expected) / N)


def test_more_honest_neighbours_find_more_up_to_enough() -> None:
    shares = [share_listed(k, 6)[0] for k in (0, 1, 2, 3, 30)]
    assert shares[0] < shares[1] < shares[2] < shares[3] == shares[4]


def test_honest_boxes_are_listed_at_the_false_positive_rate() -> None:
    deny = list_spec(false_positive_probability_per_month=0.01, timing={"delay_days": 0, "denied_days": 10_000})
    den = Den(N, 364, deny=deny)
    den.place(EVERY)
    den.clock.run()
    expected = 1 - 0.99 ** (looks(363) * SHIFTS * 7 / DAYS_PER_MONTH)
    assert abs(den.denied.mean() - expected) < Z_0_0001 * np.sqrt(expected * (1 - expected) / N)
    listed = [facts for _, facts in den.of_kind("denylist_release")]
    assert sum(facts["count"] for facts in listed) == sum(facts["value"] for facts in listed) == den.denied.sum()


def test_without_false_positives_no_honest_box_is_ever_listed() -> None:
    den = Den(N, 364, deny=list_spec(detection_probability_per_month=0.5, free_space_catch_share=0.5))
    den.place(EVERY[: N // 2], farm=0)
    den.place(EVERY[N // 2 :])
    den.clock.run()
    assert den.denied[: N // 2].mean() > 0.8 and not den.denied[N // 2 :].any()


def test_the_careless_are_caught_at_the_first_release_that_looks_at_them() -> None:
    """A quarter of the boxes a week: after one turn exactly the careless share is listed, without any delay, and nobody later."""
    den = Den(N, 200, deny=list_spec(free_space_catch_share=0.05))
    den.place(EVERY, farm=0)
    den.clock.run(until_day=0)
    first = den.denied.sum()
    den.clock.run(until_day=7 * (SHIFTS - 1))
    caught = den.denied.copy()
    assert abs(caught.mean() - 0.05) < Z_0_0001 * np.sqrt(0.05 * 0.95 / N)
    assert abs(first / caught.sum() - 1 / SHIFTS) < 0.08
    den.clock.run(until_day=180)
    assert (den.denied == caught).all()


def test_without_the_rule_nobody_is_caught_by_free_space() -> None:
    den = Den(N, 60, deny=list_spec(free_space_catch_share=0.5))
    den.checks_free_space = False
    den.place(EVERY, farm=0)
    den.clock.run()
    assert not den.denied.any()


def test_evidence_waits_for_the_stated_delay() -> None:
    deny = list_spec(detection_probability_per_month=1.0, blind_detection_share=1.0)
    den = Den(N, 200, deny=deny)
    den.place(EVERY, farm=0)
    den.clock.run(until_day=27)
    assert not den.denied.any()
    shares = []
    for week in range(SHIFTS):
        den.clock.run(until_day=28 + 7 * week)
        shares.append(den.denied.mean())
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.75, 1.0], atol=0.01)  # found with certainty, a quarter a week


def test_an_entry_ends_after_its_term_and_weights_are_told() -> None:
    deny = list_spec(free_space_catch_share=1.0, timing={"denied_days": 70, "delay_days": 0, "release_every_days": 7})
    den = Den(64, 300, deny=deny)
    den.place(np.arange(64), farm=0)
    den.clock.run(until_day=0)
    on = den.denied.copy()
    assert on.all() and den.denylist.listed == 64
    den.checks_free_space = False
    den.clock.run(until_day=69)
    assert den.denied.all()
    den.clock.run(until_day=70)
    assert not den.denied.any() and den.denylist.listed == 0
    told = [day for day, slots in den.changed if len(slots) == 64]
    assert told == [0, 70]


def test_first_release_on_its_date_and_none_where_nothing_is_paid_for_proof() -> None:
    deny = list_spec(free_space_catch_share=1.0, starts=START + timedelta(days=50))
    den = Den(640, 120, deny=deny)
    den.place(np.arange(640), farm=0)
    den.clock.run(until_day=49)
    assert not den.denied.any()
    den.pays = False
    den.clock.run(until_day=90)
    assert not den.denied.any()
    den.pays = True
    den.clock.run()
    assert den.denied.all()


def test_the_list_names_a_box_not_a_site() -> None:
    """The liar leaves and an honest stranger puts up a box on the same roof: neither old evidence nor an old entry touches him."""
    caught, suspected = np.arange(32), np.arange(32, 64)
    deny = list_spec(detection_probability_per_month=1.0, blind_detection_share=1.0, timing={"denied_days": 1000})
    den = Den(64, 200, deny=deny)
    den.place(np.r_[caught, suspected], farm=0)
    den.clock.run(until_day=27)  # all are under suspicion, nobody is listed
    den.fleet.retire(suspected)
    den.nodes.writer("adversaries").fake[suspected] = -1
    den.place(suspected)
    for day in range(28, 56):  # no evidence gathered against the strangers can be published before day 63
        den.clock.run(until_day=day)
        assert not den.denied[suspected].any()
    assert den.denied[caught].all()
    den.fleet.retire(caught)
    den.nodes.writer("adversaries").fake[caught] = -1
    den.place(caught)
    den.clock.run(until_day=67)
    assert not den.denied.any() and den.denylist.listed == 0
    den.clock.run()
    assert not den.denied.any()


def test_a_listed_box_does_not_escape_by_a_rest_in_the_drawer() -> None:
    den = Den(64, 200, deny=list_spec(free_space_catch_share=1.0, timing={"denied_days": 1000}))
    den.place(np.arange(64), farm=0)
    den.clock.run(until_day=30)
    den.fleet.retire(np.arange(64), keep_in_drawer=True)
    den.clock.run(until_day=60)
    den.fleet.plug_in(np.arange(64))
    den.clock.run(until_day=90)
    assert den.denied.all() and den.denylist.listed == 64


def test_the_count_of_entries_follows_any_course() -> None:
    """Boxes come, go and are replaced at random for two years; the running count equals the entries that hold."""
    rng = np.random.default_rng(8)
    deny = list_spec(detection_probability_per_month=0.4, false_positive_probability_per_month=0.05, timing={"denied_days": 50})
    den = Den(640, 730, deny=deny)
    den.place(np.arange(320), farm=0)
    den.place(np.arange(320, 640))
    listed_ever = 0
    for day in range(6, 728, 7):
        leavers = rng.permutation(640)[:20]
        leavers = leavers[den.nodes.online[leavers]]
        den.fleet.retire(leavers)
        den.place(leavers)
        den.clock.run(until_day=day + 1)  # a release day
        assert den.denylist.listed == den.denied.sum()
        listed_ever += den.denylist.listed > 0
    assert listed_ever > 50


def test_cheats_elsewhere_change_no_honest_box() -> None:
    deny = list_spec(detection_probability_per_month=0.3, false_positive_probability_per_month=0.02, timing={"delay_days": 7})
    denied = []
    for cheats in (0, 500):
        den = Den(2000, 365, deny=deny)
        den.place(np.arange(500, 2000))
        if cheats:
            den.place(np.arange(cheats), farm=0)
        den.clock.run()
        denied.append(den.denied[500:].copy())
    assert (denied[0] == denied[1]).all() and denied[0].any()
