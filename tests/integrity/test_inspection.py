"""What all checks share: errors both ways, luck by purpose, first days, judgements from elsewhere, counts, terms and turns."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from twin.integrity.inspection import Evidence, Found, Inspection, Later, chance_over, cost_usd_per_day, until
from twin.kernel import Clock, Streams
from twin.scenario.sections.cheating import CheckSpec

START = date(2022, 1, 1)
N = 20_000
SLOTS = np.arange(N)
FAKE = SLOTS < N // 2


def inspection(**more: object) -> Inspection:
    return Inspection(Clock(START, START + timedelta(days=30)), Streams(4), "check", **more)  # type: ignore[arg-type]


class Always:
    """A check that looks at everybody."""

    def __init__(self) -> None:
        self.found: Found | None = None

    def evidence(self) -> Evidence | None:
        return Evidence(SLOTS, FAKE, np.where(FAKE, 0.3, 0.01))

    def penalise(self, found: Found) -> None:
        self.found = found


def test_errors_both_ways_at_their_rates() -> None:
    checks = inspection()
    found = checks.look(SLOTS, FAKE, np.where(FAKE, 0.3, 0.01))
    assert len(found.cheats) / (N / 2) == pytest.approx(0.3, abs=0.02) and len(found.wronged) / (N / 2) == pytest.approx(0.01, abs=0.004)
    assert (checks.caught, checks.false_positives) == (len(found.cheats), len(found.wronged)) and checks.ever.caught_share == pytest.approx(0.3, abs=0.02)
    assert FAKE[found.cheats].all() and not FAKE[found.wronged].any()


def test_without_errors_the_same_cheats_are_found_and_nobody_else() -> None:
    plain, just = inspection(), inspection()
    just.switch_errors(False)
    chance = np.where(FAKE, 0.3, 0.01)
    a, b = plain.look(SLOTS, FAKE, chance), just.look(SLOTS, FAKE, chance)
    assert (a.cheats == b.cheats).all() and not len(b.wronged) and just.false_positives == 0


def test_luck_is_that_of_a_node_whoever_else_is_looked_at_and_errors_may_have_their_own() -> None:
    chance = np.full(N, 0.3)
    everybody, few = inspection().look(SLOTS, FAKE, chance), inspection().look(SLOTS[::7], FAKE[::7], chance[::7])
    assert (few.cheats == np.intersect1d(everybody.cheats, SLOTS[::7])).all()
    apart = inspection(purpose_of_errors="alarm").look(SLOTS, FAKE, chance)
    assert (apart.cheats == everybody.cheats).all() and not np.array_equal(apart.wronged, everybody.wronged)


def test_a_look_goes_from_evidence_to_penalty_once_it_has_begun() -> None:
    check, early, late = Always(), inspection(), inspection(starts=START + timedelta(days=10))
    late.hold(check)
    assert check.found is None and late.caught == 0
    early.hold(check)
    early.take(5.0)
    assert check.found is not None and early.last.caught == len(check.found.cheats) and early.last.taken_tokens == early.ever.taken_tokens == 5.0
    early.hold(check)
    assert early.last.taken_tokens == 0.0 and early.ever.taken_tokens == 5.0 and early.ever.cheats_looked_at == N


def test_a_judgement_from_the_kinds_own_statistics_is_counted_alike() -> None:
    checks, hit = inspection(), SLOTS % 100 == 0
    found = checks.judge(SLOTS, fake=FAKE, hit=hit)
    assert len(found.cheats) == len(found.wronged) == N // 200
    checks.switch_errors(False)
    assert not len(checks.judge(SLOTS, fake=FAKE, hit=hit).wronged) and checks.false_positives == N // 200 and hit.sum() == N // 100


def test_looks_in_place_of_one_hold_for_cheats_and_honest_ones_and_a_holiday_looks_at_nobody() -> None:
    """1 - (1 - p)^m: .2 with three looks is .488, .01 is .0297; with one the bytes are those of a check that states nothing."""
    told: list[int] = []
    chance = np.where(FAKE, 0.2, 0.01)
    sharp, plain, away = (inspection(spec=CheckSpec(detection_multiple=multiple)) for multiple in ({START: 3.0}, {START: 1.0}, {START: 0.0}))
    for each in (sharp, plain, away):
        each.listeners.append(lambda found, looked_at: told.append(looked_at))
    found, once, nobody = (each.look(SLOTS, FAKE, chance) for each in (sharp, plain, away))
    for slots, p in ((found.cheats, 0.488), (found.wronged, 0.0297)):
        assert len(slots) / (N / 2) == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / (N / 2)))
    stated_nothing = inspection().look(SLOTS, FAKE, chance)
    assert (once.cheats == stated_nothing.cheats).all() and (once.wronged == stated_nothing.wronged).all()
    assert len(nobody.cheats) == len(nobody.wronged) == away.ever.cheats_looked_at == 0 and told == [N, N]


def test_terms_turns_chances_and_price() -> None:
    later = Later()
    later.add(5, SLOTS[:2])
    later.add(5, SLOTS[4:5])
    assert [batch.tolist() for batch in later.take(5)] == [[0, 1], [4]] and later.take(5) == []
    assert until(10, 20) == 30 and until(30_000, 30_000) == 32_767
    assert chance_over(0.5, 2) == 0.75 and chance_over(np.array([0.0, 1.0]), 3).tolist() == [0.0, 1.0]
    assert cost_usd_per_day(3.0, 100) == pytest.approx(3.0 * 100 / 30.4375)
