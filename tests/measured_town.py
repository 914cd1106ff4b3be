"""A network that a user would bring: a scenario file of his own, and what he has seen of it in a table of his own. Small enough to be lived many times."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

TOWN = """\
# Stations of a town's own network, made up for tests.
schema: 1
title: A measured town
seed: 11
calendar: {start: 2024-01-01, end: 2026-01-01}
network: {kind: sensing, recount_every_days: 7}
place:
  area: {city: Visby, country: SE, radius_km: 5}
  h3_resolution: 8
  sites: {count: 150, people_power: 0.8}
  probes: {count: 50}
hardware:
  generations: {station: {price_usd: 60}}
  every: {power_w: 2, durability: {life_years: 5, failure_hazard_per_month: 0.01, repair_days: {median: 10, p90: 20}}}
location: {kind: capacity, h3_resolution: 8, nodes_per_cell: 4, cluster_radius_m: 30}
service: {kind: within_radius, radius_km: 1}
rewards: {stations: {kernel: pool_by_score}}
revenue: {burned_share: 0.5, operators_share: 0.3}
operators:
  people: {owners_share: 1.0, payback_limit_months: {median: 12, p90: 24}, labour_usd_per_month: 1, interest: {innovation_per_month: 0.04, imitation_per_month: 0.15}}
customers:
  buyers: {kind: subscribers, potential_usd_per_year: 20_000, adoption_years: 1}
token:
  TOWN:
    reference_price_usd: 1
    supply_before_tokens: 100_000
    emission: {kind: dated_schedule, tokens_per_year: {2024-01-01: 36_500}, scale_share_by_date: {2024-01-01: 1}}
    price: {kind: random_walk, volatility_per_year: 0.2, start_usd: 1}
taper: {from_rules: true}
verdict: {}
uncertain:
  operators.people.interest.innovation_per_month: {low: 0.01, likely: 0.04, high: 0.12, log: true}
  customers.buyers.potential_usd_per_year: {kind: lognormal, median: 20_000, p90: 60_000, low: 1_000, high: 400_000}
  hardware.every.durability.failure_hazard_per_month: {kind: uniform, low: 0, high: 0.03}
variants:
  half_pay: {token.TOWN.emission.scale_share_by_date: {2024-01-01: 1, 2025-01-15: 0.5}}
sources: {"*": assumed}
"""
TRUTH = {"operators.people.interest.innovation_per_month": 0.025, "customers.buyers.potential_usd_per_year": 45_000}
"""What the town really is, which its scenario does not say."""


def write_town(folder: Path) -> Path:
    """The user's scenario file."""
    path = folder / "measured-town.yaml"
    path.write_text(TOWN, encoding="utf-8")
    return path


def write_history(folder: Path, scenario: Path, *, until: date = date(2025, 12, 31), luck: int = 77) -> Path:
    """What the user saw of it, a row a month: a life of the truth with luck of its own."""
    from twin.life import life
    from twin.scenario import load

    town = load(scenario).variant("truth", TRUTH)
    daily = life(town, replicate=luck).daily.set_index("date")
    daily.index = pd.to_datetime(daily.index)
    rows = ["# title: What the town saw", "network,metric,start,date,value,unit,source"]
    for month in pd.date_range("2024-02-01", until + timedelta(days=1), freq="MS"):
        last = month - timedelta(days=1)
        first = last.replace(day=1)
        rows.append(f"measured-town,nodes_online,,{last.date()},{daily.loc[last, 'nodes_online']},nodes,town hall")
        rows.append(f"measured-town,revenue_usd_per_day,{first.date()},{last.date()},{daily.loc[first:last, 'revenue_usd'].mean():.4f},USD/day,town hall")
    path = folder / "history.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
