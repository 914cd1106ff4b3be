"""What a file under pressure may not say is told before anything runs, where it stands and once."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kept import lived

from twin.beforehand import found_on_the_map
from twin.build import build
from twin.errors import InputError, Problem
from twin.scenario import load

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

HERE = Path(__file__).parent
MOVE = "regulation.paper={kind: operator_licence, jurisdiction: %s, effective: %s, cost_usd_per_node_per_year: 5, answers: {move: {cost_usd_per_node: {median: 1, p90: 2}, to_share_by_country: {%s}}}}"


def refused(source: Path | str, *sets: str) -> list[Problem]:
    with pytest.raises(InputError) as found:
        load(source, sets=sets)
    return list(found.value.problems)


def test_a_chance_is_a_chance_and_a_rate_is_none_below_nothing() -> None:
    wrong = ("verification.catch_probability={2024-04-01: 2, 2024-05-01: -1}", "verification.checks_per_hour={2024-04-01: -1}")
    found = {(each.code, each.path) for each in refused(HERE / "gpu-mill.yaml", *wrong)}
    assert found == {
        ("out_of_range", "verification.catch_probability.2024-04-01"), ("out_of_range", "verification.catch_probability.2024-05-01"), ("out_of_range", "verification.checks_per_hour.2024-04-01"),
    }  # fmt: skip


def test_a_wrong_step_is_told_of_once_and_its_list_is_not_called_too_short() -> None:
    (found,) = refused(HERE / "stations.yaml", "verification.checks.sanctions={steps: [{n_strikes: 1, what: warning, days: 3}]}")
    assert (found.code, found.path) == ("invalid_value", "verification.checks.sanctions.steps.0.days")


def test_each_choice_is_offered_once() -> None:
    (found,) = refused(HERE / "stations.yaml", "policies.one={kind: pid, starts: 2024-06-01, measures: node_online}")
    assert found.message.count("price_usd") == 1 and found.suggestion == 'Did you mean "nodes_online"?'


@pytest.mark.parametrize("source", ["stations.yaml", "drivers.yaml"])
def test_where_nobody_can_move_a_rule_that_lets_them_is_refused_before_the_run(source: str) -> None:
    place = {"stations.yaml": "SE", "drivers.yaml": "NR"}[source]
    assert [(each.code, each.path) for each in refused(HERE / source, MOVE % (place, "2024-06-01", "NO: 1"))] == [("nobody_moves", "regulation.paper.answers.move")]


def test_who_moves_goes_to_a_country() -> None:
    (found,) = refused(HERE / "gpu-mill.yaml", MOVE % ("US", "2024-09-01", "XX: 1"))
    assert (found.code, found.path) == ("unknown_country", "regulation.paper.answers.move.to_share_by_country.XX")


def test_rules_that_touch_nobody_are_told_of_all_at_once_and_by_name() -> None:
    levy = "regulation.{}={{kind: usage_levy, {}, effective: 2024-03-01, levy_share: 0.5}}"
    sets = (levy.format("one", "jurisdiction: NO"), levy.format("two", "jurisdiction: FI"), levy.format("three", "area: {bbox: [0, 0, 1, 1]}"))
    with pytest.raises(InputError) as found:
        build(load(HERE / "stations.yaml", sets=sets))
    assert {(each.code, each.path) for each in found.value.problems} == {
        ("unknown_jurisdiction", "regulation.one.jurisdiction"), ("unknown_jurisdiction", "regulation.two.jurisdiction"), ("empty_area", "regulation.three.area"),
    }  # fmt: skip


NORWAY = "regulation.one={kind: operator_licence, jurisdiction: NO, effective: 2024-06-01, cost_usd_per_node_per_year: 5%s}"


@pytest.mark.parametrize(
    ("source", "said", "problem"),
    [
        (HERE / "stations.yaml", NORWAY % "", ("unknown_jurisdiction", "regulation.one.jurisdiction")),
        ("ionet-world", "operators.halls.share_by_country={NR: 1}", ("no_place", "operators.halls.where")),
        (HERE / "stations.yaml", NORWAY % ", enabled: false", None),
    ],
)
def test_what_a_run_would_refuse_on_its_first_morning_is_found_by_a_check(source: Path | str, said: str, problem: tuple[str, str] | None) -> None:
    """Rules that reach nobody and groups that find no place are only known on the map; a rule that is switched off reaches nobody in a run, too."""
    scenario = load(source, sets=(said,))
    if problem is None:
        found_on_the_map(scenario)
        return
    with pytest.raises(InputError) as by_check:
        found_on_the_map(scenario)
    with pytest.raises(InputError) as by_run:
        build(scenario)
    assert [(each.code, each.path) for each in by_check.value.problems] == [problem] == [(each.code, each.path) for each in by_run.value.problems]
    assert by_check.value.problems[0].file is not None


def test_a_subsidy_is_taken_off_the_hardware_that_it_pays_for_on_the_day_on_which_that_is_booked() -> None:
    """What operators spend on hardware is never below nothing: halls are settled a day after they were ordered, and so is what the state pays back."""
    gift = "regulation.gift={kind: investment_subsidy, jurisdiction: US, effective: 2024-02-01, subsidy_share: 0.9, budget_usd: 90_000}"
    given = WORLDS["pressure-pools"]
    _, kept = lived(load(given.source, variant=given.variant, sets=(*given.sets, gift)), 120)
    spent = kept.series("new_hardware_usd")
    assert spent.min() >= 0 and np.count_nonzero(spent) > 0


def test_a_check_that_begins_after_the_last_day_is_warned_of() -> None:
    scenario = load(HERE / "stations.yaml", sets=("verification.checks.starts=2050-01-01", "verification.checks.detection_multiple={2020-01-01: 2, 2053-01-01: 0}"))
    assert {(each.code, each.path) for each in scenario.warnings} == {
        ("unreachable_date", "verification.checks.starts"), ("unreachable_date", "verification.checks.detection_multiple.2053-01-01"),
    }  # fmt: skip
