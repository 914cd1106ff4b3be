"""Bad input is told before anything runs; a region without an electricity price is flagged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from market_days import changed

from twin.build import build
from twin.errors import InputError


def codes(name: str, **changes: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        build(changed(name, **changes))
    return [problem.code for problem in caught.value.problems]


def test_a_stake_below_the_minimum() -> None:
    assert codes("ionet-world", operators__halls__stake_tokens_per_gpu=1_999) == ["stake_below_minimum"]


def test_a_gap_in_the_emission_table() -> None:
    table = {date(2024, 7, 1): 3e6, date(2024, 9, 1): 3e6}
    assert codes("ionet-world", rewards__emission__tokens_by_month=table) == ["emission_gap"]


def test_a_price_path_that_ends_before_the_horizon() -> None:
    assert codes("render-world", token__RENDER__price={"kind": "replay_fixed", "series": "render-usd-monthly"}) == ["series_ends"]
    assert codes("akash-world", customers__training__alternative_usd_per_gpu_hour={"then": None}) == ["series_ends"]


def test_names_that_nothing_stands_behind() -> None:
    assert codes("akash-world", operators__halls__mix_share={"H900": 1.0}) == ["unknown_gpu"]
    assert codes("akash-world", customers__training__min_memory_gb=500) == ["no_such_memory"]
    assert codes("akash-world", operators__halls__n_at_start=500) == ["too_few_sites"]
    assert codes("akash-world", users__users_share_by_city={"Atlantis": 1.0}) == ["unknown_city"]
    assert codes("akash-world", network__clearing="tiered") == ["clearing_and_rewards"]


def test_cheats_and_penalties_that_the_rules_do_not_know() -> None:
    assert codes("ionet-world", adversaries__april_2024__exploit="idle_claims") == ["no_such_exploit"]
    assert codes("akash-world", adversaries__paper_hall__exploit="forged_class", adversaries__paper_hall__has_gpu="A100") == ["no_such_exploit"]
    assert codes("ionet-world", adversaries__april_2024__exploit="forged_class") == ["has_gpu_and_class"]
    assert codes("ionet-world", adversaries__april_2024__exploit="forged_class", adversaries__april_2024__has_gpu="H900") == ["unknown_gpu"]
    assert codes("akash-world", verification__sanctions={"steps": [{"n_strikes": 1, "what": "slash", "share": 0.5}]}) == ["no_such_penalty"]
    assert codes("render-world", verification__wash={"sanctions": {"steps": [{"n_strikes": 1, "what": "slash", "share": 0.5}]}}) == ["no_such_penalty"]


def test_a_country_without_a_price_has_its_continents_mean_and_says_so() -> None:
    twin = build(changed("ionet-world", operators__halls__share_by_country={"PL": 1.0}))
    assert "PL" in twin.about()["assumed_electricity"]
    sites = twin.ground.sites
    halls = sites.group == 0
    assert set(sites.country[halls]) == {"PL"} and sites.usd_per_kwh[halls] == pytest.approx(0.245)     # Europe, 2025-Q2


def test_strict_makes_it_an_error() -> None:
    change = {"operators__halls__share_by_country": {"PL": 1.0}, "network__strict_electricity": True}
    assert codes("ionet-world", **change) == ["no_electricity_price"]


def test_an_area_without_a_place() -> None:
    assert codes("ionet-world", operators__halls__share_by_country={"NR": 1.0}) == ["no_place"]
