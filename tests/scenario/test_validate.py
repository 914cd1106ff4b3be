"""What the user reads when a value does not fit, on a small network whose words are ours."""

from __future__ import annotations

from typing import Any

import pytest

from twin.errors import InputError, Problem
from twin.scenario import load


def problems(name: str) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        load(name)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "code", "path", "message", "suggestion"),
    [
        ("operators: {few: {sels_share: 1}}", "unknown_field", "operators.few.sels_share", 'not a field of "operators.few"', '"sells_share"'),
        ("operators: {few: {power_w: 1}}", "unknown_field", "operators.few.power_w", "not a field", "hardware.every.power_w"),
        ("operators: {few: {payback_limit_days: 300}}", "wrong_unit", "operators.few.payback_limit_days", "unit", '"payback_limit_months" (a mapping'),
        ("hardware: {every: {power_kw: 1}}", "wrong_unit", "hardware.every.power_kw", "unit", "a number of watts, at least 0"),
        ("hardware: {every: {power_w: nine}}", "wrong_type", "hardware.every.power_w", 'a number of watts, at least 0; found text "nine"', None),
        ("hardware: {every: {power_w: -1}}", "out_of_range", "hardware.every.power_w", "at least 0; found -1", None),
        ("hardware: {generations: {a: {price_usd: -3}}}", "out_of_range", "hardware.generations.a.price_usd", "US dollars, at least 0; found -3", None),
        ("operators: {few: {payback_limit_months: {median: 3}}}", "missing_field", "operators.few.payback_limit_months.p90", "number of months", None),
        ("operators: {few: {payback_limit_months: [3]}}", "wrong_type", "operators.few.payback_limit_months", "a mapping with median, p90 or a number of months", None),
        ("operators: {few: {payback_limit_months: {median: 3, p90: 1}}}", "invalid_value", "operators.few.payback_limit_months.p90", "p90 (1)", None),
        ("operators: {few: {limits_usd: [1, 2, 3]}}", "out_of_range", "operators.few.limits_usd", "too short or too long", None),
        ("operators: {few: {limits_usd: [1, x]}}", "wrong_type", "operators.few.limits_usd.1", "found text", None),
        ("operators: {few: {sells_share: 0.13}}", "unlucky", "operators.few.sells_share", "thirteen", "Write 0.12."),
        ("customers: {m: {kind: market, price_usd: {sries: x}}}", "missing_field", "customers.m.price_usd.series", "series", 'Rename "sries"'),
        ("customers: {m: {kind: market, price_usd: {2021-01-01: 1, soon: 2}}}", "wrong_type", "customers.m.price_usd.soon", "a date (YYYY-MM-DD) as the key", None),
        ("customers: {m: {kind: contract, sensors: 1, starts: 2022-01-01, churn_hazard_per_month: 0.1}}", "unknown_field", "customers.m.churn_hazard_per_month", "not a field", None),
        ("customers: {m: {kind: kontract}}", "unknown_choice", "customers.m.kind", "one of contract, market", '"contract"'),
        ("customers: {m: {}}", "missing_field", "customers.m.kind", "one of contract, market", None),
        ("country: 46", "wrong_type", "country", "expected text; found 46", 'Quote it if it is text: "46".'),
        ("country: uk", "unknown_country", "country", '"uk"', '"GB"'),
        ("country: Sveden", "unknown_country", "country", '"Sveden"', '"SE"'),
        ("token: {T: {scale_share_by_date: {2022-01-01: -1}}}", "out_of_range", "token.T.scale_share_by_date.2022-01-01", "at least 0; found -1", None),
        ("operators.few: {}", "dotted_name", "operators.few", "no dot", "operators: {few"),
        ("customers: {m: {kind: contract, sensors: 1, starts: 2026-01-01}}", "unreachable_date", "customers.m.starts", "never reached", None),
        ("customers: {m: {kind: contract, sensors: 1, starts: 2020-12-31}}", "unreachable_date", "customers.m.starts", "before the first day", None),
        ("customers: {m: {kind: market, price_usd: {2020-01-01: 1, 2025-01-01: 2}}}", "unreachable_date", "customers.m.price_usd.2025-01-01", "never reached", None),
        ("variants: {v: [1]}", "wrong_type", "variants.v", "", None),
    ],
)  # fmt: skip
def test_one_problem(write: Any, text: str, code: str, path: str, message: str, suggestion: str | None) -> None:
    said = [problem for problem in problems(write("a.yaml", text + "\n")) if problem.path == path]
    assert [problem.code for problem in said] == [code]
    assert message in said[0].message
    assert said[0].line is not None
    if suggestion is not None:
        assert suggestion in (said[0].suggestion or "")


def test_dates_that_are_no_problem(write: Any) -> None:
    """A contract that ends later, a rule announced earlier, a table that begins as history, an entry that is switched off."""
    meter = "kind: contract, sensors: 1, starts: 2022-01-01"
    entries = [
        f"{meter}, ends: 2040-01-01",
        f"{meter}, announced: 2010-01-01",
        "kind: market, price_usd: {2010-01-01: 1}",
        "kind: contract, sensors: 1, starts: 2040-01-01, enabled: false",
    ]
    assert load(write("a.yaml", "customers:\n" + "".join(f"  c{n}: {{{entry}}}\n" for n, entry in enumerate(entries)))).warnings == ()


def test_an_inherited_date_out_of_reach_is_a_warning(write: Any) -> None:
    write("parent.yaml", "schema: 1\nnetwork: {kind: toy}\ncustomers: {m: {kind: contract, sensors: 1, starts: 2030-01-01}}\n")
    scenario = load(write("a.yaml", "extends: parent\n"))
    assert [(warning.code, warning.file, warning.line) for warning in scenario.warnings] == [("unreachable_date", "parent.yaml", 3)]


def test_all_problems_come_at_once_in_order(write: Any) -> None:
    found = problems(
        write("a.yaml", "seed: 012\noperators: {few: {sels_share: 1, sells_share: 7}}\nhardware: {every: {power_w: x}}\nseed: 3\n")
    )
    assert [(problem.code, problem.line) for problem in found] == [
        ("ambiguous_scalar", 5),
        ("unknown_field", 6),
        ("out_of_range", 6),
        ("wrong_type", 7),
        ("duplicate_key", 8),
    ]


def test_an_inherited_field_that_does_not_fit_says_how_to_remove_it(write: Any) -> None:
    write("parent.yaml", "schema: 1\nnetwork: {kind: toy}\ncustomers: {m: {kind: market, churn_hazard_per_month: 0.2}}\n")
    [problem] = problems(write("a.yaml", "extends: parent\nvariants: {v: {customers.m.churn_hazard: 1}}\n"))
    assert problem.code == "unknown_path" and problem.origin == 'variant "v"' and "churn_hazard_per_month" in (problem.suggestion or "")
    write("parent.yaml", "schema: 1\nnetwork: {kind: toy}\ncustomers: {m: {kind: market, churn: 0.2}}\n")
    [problem] = problems(write("a.yaml", "extends: parent\n"))
    assert "`churn: null` removes it" in (problem.suggestion or "") and "which a.yaml extends" in (problem.origin or "")


def test_a_variant_is_valid_in_its_own_right(write: Any) -> None:
    body = "operators: {few: {payback_limit_months: {median: 2, p90: 3}}}\nvariants: {v: {operators.few.payback_limit_months.p90: 1}, w: {operators.few.sells_share: 0.13}}\n"
    found = problems(write("a.yaml", body))
    assert [(problem.code, problem.origin, problem.line) for problem in found] == [
        ("invalid_value", 'variant "v"', 6),
        ("unlucky", 'variant "w"', 6),
    ]


def test_a_range_must_be_one_that_the_field_takes(write: Any) -> None:
    body = "operators: {few: {sells_share: 0.3}}\nuncertain: {operators.few.sells_share: {low: 0, likely: 0.3, high: 1.5}, operators.few.limits_usd: {low: 0, likely: 0, high: 1}, seed: {low: 1, likely: 2, high: 3}}\n"
    assert [(problem.code, problem.path) for problem in problems(write("a.yaml", body))] == [
        ("out_of_range", "uncertain.operators.few.sells_share.high"),
        ("not_a_number", "uncertain.operators.few.limits_usd"),
        ("not_to_draw", "uncertain.seed"),
    ]
