"""Draws of what is not known: distributions against what is known on paper, luck by path, and a drawn scenario beside its variants."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from twin.errors import InputError
from twin.scenario import dump, load, shipped
from twin.scenario.sections.uncertain import Distribution, UncertainSpec
from twin.scenario.uncertain import SMALLEST_UNIT, extremes, quantile, unit_of, values_at

BODY = """\
seed: 5
hardware: {generations: {a: {price_usd: 100}}}
operators: {few: {sells_share: 0.3}, many: {payback_limit_months: {median: 12, p90: 40}}}
customers:
  meters: {kind: contract, sensors: 50, starts: 2022-01-01}
uncertain:
  operators.few.sells_share: {low: 0.1, likely: 0.3, high: 0.9}
  operators.many.sells_share: {kind: uniform, low: 0.5, high: 1}
  operators.many.payback_limit_months.median: {kind: loguniform, low: 3, high: 30}
  customers.meters.sensors: {low: 10, likely: 50, high: 60}
variants:
  generous: {operators.few.sells_share: 0.25}
  alone: {operators.many: null}
  wide: {uncertain: {operators.few.sells_share: {kind: choice, values: [0.2, 0.8]}}}
sources:
  operators.few: a talk
"""

MIDDLES = (np.arange(20_000) + 0.5) / 20_000
"""Midpoints of equal slices of (0, 1): the mean of the quantile over them is the mean of the distribution."""


def distribution(**said: Any) -> Distribution:
    made: Distribution = TypeAdapter(UncertainSpec).validate_python(said)
    return made


def moments(one: Distribution) -> tuple[float, float]:
    values = np.array([quantile(one, u) for u in MIDDLES])
    return float(values.mean()), float(values.var())


@pytest.mark.parametrize(("low", "likely", "high"), [(1, 5, 20), (0.05, 0.2, 0.5), (0, 0, 1), (0, 1, 1), (-3, 2, 4)])
def test_pert_has_the_mean_and_variance_of_its_three_points(low: float, likely: float, high: float) -> None:
    """(low + 4 likely + high) / 6 and (mean - low)(high - mean) / 7: the beta distribution with alpha + beta = 6."""
    mean, variance = moments(distribution(low=low, likely=likely, high=high))
    expected = (low + 4 * likely + high) / 6
    assert mean == pytest.approx(expected, rel=1e-4)
    assert variance == pytest.approx((expected - low) * (high - expected) / 7, rel=1e-3)


def test_drawn_pert_keeps_within_its_sampling_error_of_mean_and_variance() -> None:
    """4,000 draws: four standard errors, deterministic because the seed is."""
    one = distribution(low=1, likely=5, high=20)
    values = np.array([quantile(one, unit_of(1, draw, "a.b")) for draw in range(4000)])
    mean, variance = 41 / 6, (41 / 6 - 1) * (20 - 41 / 6) / 7
    assert values.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / 4000))
    assert values.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / 4000))


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ({"low": 1, "likely": 5, "high": 20}, stats.beta(1 + 16 / 19, 1 + 60 / 19, 1, 19)),
        ({"kind": "triangular", "low": 1, "likely": 5, "high": 20}, stats.triang(4 / 19, 1, 19)),
        ({"kind": "triangular", "low": 1, "likely": 1, "high": 20}, stats.triang(0, 1, 19)),
        ({"kind": "uniform", "low": -1, "high": 3}, stats.uniform(-1, 4)),
        ({"kind": "loguniform", "low": 0.1, "high": 10}, stats.loguniform(0.1, 10)),
        ({"kind": "normal", "mean": 3, "sd": 2}, stats.norm(3, 2)),
        ({"kind": "normal", "mean": 3, "sd": 2, "low": 0, "high": 4}, stats.truncnorm(-1.5, 0.5, 3, 2)),
        ({"kind": "lognormal", "median": 5, "p90": 20}, stats.lognorm(math.log(4) / stats.norm.ppf(0.9), 0, 5)),
    ],
)
def test_a_quantile_is_the_inverse_of_the_stated_distribution(said: dict[str, Any], same: Any) -> None:
    one = distribution(**said)
    for u in (1e-9, 0.01, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9):
        assert quantile(one, u) == pytest.approx(same.ppf(u), rel=1e-9, abs=1e-12)


def test_log_pert_is_pert_of_the_logarithm() -> None:
    log, plain = distribution(low=1, likely=10, high=1000, log=True), distribution(low=0, likely=1, high=3)
    for u in (0.01, 0.5, 0.99):
        assert math.log10(quantile(log, u)) == pytest.approx(quantile(plain, u), abs=1e-12)


def test_a_cut_lognormal_is_the_rest_scaled_up() -> None:
    one = distribution(kind="lognormal", median=5, p90=20, low=5, high=20)
    assert quantile(one, 0.5) == pytest.approx(stats.lognorm(math.log(4) / stats.norm.ppf(0.9), 0, 5).ppf(0.7))
    assert 5 <= quantile(one, SMALLEST_UNIT) and quantile(one, 1 - SMALLEST_UNIT) <= 20


def test_a_choice_takes_each_value_by_its_weight() -> None:
    one = distribution(kind="choice", values=[1, 2, 4], weights=[1, 1, 2])
    assert [quantile(one, u) for u in (0.1, 0.249, 0.251, 0.49, 0.51, 0.99)] == [1, 1, 2, 2, 4, 4]
    equal = distribution(kind="choice", values=[1, 2, 4])
    assert moments(equal)[0] == pytest.approx(7 / 3, rel=1e-3)


@given(st.floats(SMALLEST_UNIT, 1 - SMALLEST_UNIT), st.floats(SMALLEST_UNIT, 1 - SMALLEST_UNIT))
def test_values_rise_with_their_number_and_stay_within_the_extremes(one: float, other: float) -> None:
    for said in (
        {"low": 1, "likely": 5, "high": 20},
        {"low": 1, "likely": 5, "high": 20, "log": True},
        {"kind": "triangular", "low": 1, "likely": 5, "high": 20},
        {"kind": "loguniform", "low": 1, "high": 20},
        {"kind": "normal", "mean": 3, "sd": 2, "low": 0},
        {"kind": "lognormal", "median": 5, "p90": 20, "high": 30},
        {"kind": "choice", "values": [1, 2, 4]},
    ):
        drawn_from = distribution(**said)
        below, above = quantile(drawn_from, min(one, other)), quantile(drawn_from, max(one, other))
        ends = extremes(drawn_from).values()
        assert below <= above * (1 + 1e-12) and min(ends) <= below and above <= max(ends)


@pytest.mark.parametrize("u", [0, 1, -0.1, 1.1, math.nan])
def test_a_number_outside_of_the_open_interval_is_refused(u: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(distribution(low=1, likely=2, high=3), u)


@pytest.mark.parametrize(
    "said",
    [
        {"low": 1, "likely": 2}, {"low": 2, "likely": 2, "high": 2}, {"low": 1, "likely": 3, "high": 2}, {"low": 0, "likely": 1, "high": 2, "log": True},
        {"kind": "uniform", "low": 1, "likely": 1, "high": 2}, {"kind": "uniform", "low": 2, "high": 1}, {"kind": "loguniform", "low": 0, "high": 1},
        {"kind": "normal", "mean": 1, "sd": 0}, {"kind": "normal", "mean": 1, "sd": 1, "low": 2, "high": 2}, {"kind": "normal", "mean": 0, "sd": 1, "low": 9},
        {"kind": "lognormal", "median": 2, "p90": 2}, {"kind": "lognormal", "median": 0, "p90": 2}, {"kind": "lognormal", "median": 1, "p90": 2, "high": 0},
        {"kind": "choice", "values": [1]}, {"kind": "choice", "values": [1, 1]}, {"kind": "choice", "values": [1, 2], "weights": [1, 0]},
        {"kind": "choice", "values": [1, 2], "weights": [1]}, {"kind": "beta", "a": 1}, {"low": "1", "likely": 2, "high": 3}, 3,
    ],
)  # fmt: skip
def test_a_distribution_that_cannot_be(said: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(UncertainSpec).validate_python(said)


def test_luck_is_keyed_by_seed_draw_and_name() -> None:
    assert unit_of(1, 0, "a.b") == unit_of(1, 0, "a.b")
    assert len({unit_of(1, 0, "a.b"), unit_of(2, 0, "a.b"), unit_of(1, 1, "a.b"), unit_of(1, 0, "a.c")}) == 4
    assert unit_of(1, 7, "operators.few.sells_share") == 0.7182986826222303  # pinned: published draws must not move


def test_paths_and_draws_are_independent() -> None:
    """3,000 draws of three paths and two seeds: no correlation above four standard errors, and each is uniform (Kolmogorov-Smirnov)."""
    columns = np.array(
        [[unit_of(seed, draw, path) for draw in range(3000)] for seed, path in ((1, "a.b"), (1, "a.c"), (2, "a.b"), (1, "operators.few"))]
    )
    assert np.abs(np.corrcoef(columns) - np.eye(4)).max() < 4 / math.sqrt(3000)
    assert np.abs([np.corrcoef(column[:-1], column[1:])[0, 1] for column in columns]).max() < 4 / math.sqrt(3000)
    assert min(stats.kstest(column, "uniform").pvalue for column in columns) > 1e-3


def test_values_are_asked_of_every_path_and_of_no_other() -> None:
    spec = {"a": distribution(kind="uniform", low=0, high=2), "b": distribution(kind="uniform", low=10, high=20)}
    assert values_at(spec, {"b": 0.5, "a": 0.25, "c": 0.1}) == {"a": 0.5, "b": 15}
    with pytest.raises(ValueError, match="given for b"):
        values_at(spec, {"a": 0.5})


def test_a_draw_sets_every_unknown_value_and_says_so(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    third = scenario.drawn(3)
    expected = values_at(scenario.spec.uncertain, {path: unit_of(5, 3, path) for path in scenario.spec.uncertain})
    assert third.spec.operators["few"].sells_share == expected["operators.few.sells_share"]
    assert third.spec.operators["many"].sells_share == expected["operators.many.sells_share"]  # a default in the file
    assert third.spec.operators["many"].payback_limit_months.median == expected["operators.many.payback_limit_months.median"]
    assert third.spec.operators["many"].payback_limit_months.p90 == 40
    assert third.spec.customers["meters"].sensors == round(expected["customers.meters.sensors"])
    assert type(third.spec.customers["meters"].sensors) is int
    said = third.provenance["operators.few.sells_share"]
    assert (str(said), said.citation, said.is_default) == ("draw 3", "a talk", False)
    assert str(third.provenance["operators.many.payback_limit_months.p90"]) == "a.yaml:7"
    assert (third.label, third.draw, scenario.label, scenario.draw) == ("draw 3", 3, "base", None)
    assert third.hash != scenario.hash and scenario.drawn(4).hash not in (third.hash, scenario.hash)
    assert scenario.spec.operators["few"].sells_share == 0.3


def test_a_single_run_is_never_drawn(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    assert scenario.draw is None and scenario.spec.operators["few"].sells_share == 0.3
    assert scenario.drawn(0) != scenario
    certain = load(write("b.yaml", BODY.split("uncertain:")[0]))
    assert certain.drawn(2) == certain and certain.drawn(2).hash == certain.hash and certain.drawn(2).label == "draw 2"


def test_the_same_draw_is_the_same_scenario_in_every_process(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    there = pickle.loads(pickle.dumps(scenario.drawn(3)))
    assert there == scenario.drawn(3) == load("a.yaml").drawn(3) and there.hash == scenario.drawn(3).hash
    assert there.variant("generous") == scenario.variant("generous").drawn(3)
    assert load(write("again.yaml", dump(there))) == there
    assert scenario.drawn(1).drawn(3) == scenario.drawn(3)


def test_another_uncertain_path_moves_nobody_elses_value(write: Any) -> None:
    few = load(write("a.yaml", BODY)).drawn(3)
    more = load(write("b.yaml", BODY.replace("uncertain:\n", "uncertain:\n  hardware.every.power_w: {low: 4, likely: 5, high: 9}\n"))).drawn(3)
    assert more.spec.operators == few.spec.operators and more.spec.customers == few.spec.customers
    assert more.spec.hardware.every.power_w != 5
    turned = load(write("c.yaml", BODY.replace("  operators.few.sells_share: {low: 0.1, likely: 0.3, high: 0.9}\n", "") + "  #\n"))
    assert turned.drawn(3).spec.operators["many"] == few.spec.operators["many"]


def test_what_a_variant_or_an_option_states_is_not_drawn_over(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    generous = scenario.variant("generous").drawn(3)
    assert generous.spec.operators["few"].sells_share == 0.25
    assert generous.spec.customers == scenario.drawn(3).spec.customers
    assert generous.label == "generous, draw 3" and str(generous.provenance["operators.few.sells_share"]) == "variant generous (a.yaml:16)"
    assert set(scenario.variant("generous").unknowns) == set(scenario.unknowns) - {"operators.few.sells_share"}
    option = load("a.yaml", sets=["customers.meters.sensors=20"]).drawn(3)
    assert option.spec.customers["meters"].sensors == 20 and option.spec.operators == scenario.drawn(3).spec.operators
    mine = scenario.variant("mine", {"operators.many.sells_share": 0.6}).drawn(3)
    assert mine.spec.operators["many"].sells_share == 0.6
    alone = scenario.variant("alone").drawn(3)
    assert list(alone.spec.operators) == ["few"] and alone.spec.operators["few"] == scenario.drawn(3).spec.operators["few"]
    assert scenario.variant("wide").drawn(3).spec.operators["few"].sells_share in (0.2, 0.8)


def test_a_path_into_a_distribution_is_told_how_to_set_it(write: Any) -> None:
    write("a.yaml", BODY)
    with pytest.raises(InputError, match=r"set as a whole: uncertain=\{PATH"):
        load("a.yaml", sets=["uncertain.operators.few.sells_share.high=0.8"])


def test_a_child_that_writes_a_branch_anew_leaves_the_ranges_in_it_behind(write: Any) -> None:
    write("a.yaml", BODY)
    child = load(write("b.yaml", "extends: a\ncustomers: {meters: {kind: market}}\n"))
    assert set(child.unknowns) == set(load("a.yaml").unknowns) - {"customers.meters.sensors"}
    with pytest.raises(InputError, match="no customers.meters.sensor "):
        load(write("c.yaml", "extends: a\nuncertain: {customers.meters.sensor: {low: 10, likely: 50, high: 60}}\n"))


def test_the_order_of_variant_seed_and_draw_does_not_matter(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    for variant in scenario.variants:
        one, other = scenario.variant(variant).drawn(3), scenario.drawn(3).variant(variant)
        assert one == other and one.hash == other.hash and one.label == other.label and one.provenance == other.provenance
    assert scenario.with_seed(9).drawn(3) == scenario.drawn(3).with_seed(9)
    assert scenario.with_seed(9).drawn(3).spec.operators != scenario.drawn(3).spec.operators


def test_the_reference_of_a_drawn_variant_is_the_drawn_file(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    assert scenario.variant("generous").drawn(3).reference == scenario.drawn(3)
    assert scenario.variant("alone").drawn(3).reference == scenario.drawn(3)


def test_a_design_hands_in_its_own_numbers(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    middle = scenario.drawn(0, u_by_path=dict.fromkeys(scenario.unknowns, 0.5))
    assert middle.spec.operators["many"].sells_share == 0.75
    assert middle.spec.operators["many"].payback_limit_months.median == pytest.approx(math.sqrt(90))
    assert middle.variant("generous") == scenario.variant("generous").drawn(0, u_by_path=dict.fromkeys(scenario.unknowns, 0.5))
    assert middle.reference == middle
    with pytest.raises(ValueError, match="given for"):
        scenario.drawn(0, u_by_path={"operators.few.sells_share": 0.5})


def test_a_draw_is_a_whole_number_from_zero(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    for bad in (-1, 1.5, True, "3"):
        with pytest.raises(InputError):
            scenario.drawn(bad)  # type: ignore[arg-type]


def test_drawn_values_that_do_not_go_together_say_which_draw(write: Any) -> None:
    """Each end is sound beside the other's plain value, but a large median and a small p90 are no spread."""
    body = "operators: {few: {payback_limit_months: {median: 12, p90: 24}}}\nuncertain:\n" + "".join(
        f"  operators.few.payback_limit_months.{name}: {{kind: uniform, low: {low}, high: {high}}}\n"
        for name, low, high in (("median", 1, 24), ("p90", 12, 30))
    )
    scenario = load(write("a.yaml", body))
    with pytest.raises(InputError, match="p90 .* must not be smaller than the median") as caught:
        scenario.drawn(8, u_by_path={"operators.few.payback_limit_months.median": 0.9, "operators.few.payback_limit_months.p90": 0.1})
    assert "draw 8" in caught.value.problems[0].render()


@pytest.mark.parametrize("name", shipped.bundled_names())
def test_every_bundled_scenario_can_be_drawn(name: str) -> None:
    scenario = load(name)
    for draw in range(3):
        one = scenario.drawn(draw)
        assert (one.hash != scenario.hash) == bool(scenario.spec.uncertain)
        assert {path for path, origin in one.provenance.items() if str(origin) == f"draw {draw}"} == set(scenario.spec.uncertain)


def test_the_hash_of_a_plain_range_is_as_it_was(write: Any) -> None:
    """Saying the kind that is understood changes nothing; another kind does."""
    plain = load(write("a.yaml", BODY))
    said = load(write("b.yaml", BODY.replace("{low: 0.1, likely", "{kind: pert, log: false, low: 0.1, likely")))
    other = load(write("c.yaml", BODY.replace("{low: 0.1, likely", "{kind: triangular, low: 0.1, likely")))
    assert plain.hash == said.hash != other.hash


def test_a_child_replaces_a_distribution_as_a_whole(write: Any) -> None:
    write("parent.yaml", BODY)
    child = load(write("a.yaml", "extends: parent\nuncertain: {operators.few.sells_share: {kind: uniform, low: 0, high: 1}}\n"))
    assert child.spec.uncertain["operators.few.sells_share"].kind == "uniform" and len(child.spec.uncertain) == 4
    without = load(write("b.yaml", "extends: parent\nuncertain: {operators.few.sells_share: null}\n"))
    assert len(without.spec.uncertain) == 3 and without.drawn(1).spec.operators["few"].sells_share == 0.3


def test_the_reference_keeps_what_a_design_does_not_know(tmp_path) -> None:
    """A variant that states all but one unknown is drawn by that one's number; its reference, which has them all, draws no other."""
    from measured_town import write_town

    town = load(write_town(tmp_path))
    free, *held = sorted(town.unknowns)
    fitted = town.variant("fitted", {path: town.value(path) for path in held}).drawn(0, u_by_path={free: 0.9})
    assert fitted.reference.value(free) == fitted.value(free) != town.value(free)
    assert [fitted.reference.value(path) for path in held] == [town.value(path) for path in held]
