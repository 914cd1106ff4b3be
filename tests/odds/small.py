"""A sensing village of half a year, small enough to be lived many times."""

from __future__ import annotations

from pathlib import Path

from twin.scenario import Scenario, load

VILLAGE = Path(__file__).parents[1] / "sensing" / "village.yaml"
SHORT = ("calendar.end=2024-08-01", "place.sites.count=60", "place.probes.count=50")
UNCERTAIN = ("uncertain={operators.people.owners_share: {kind: uniform, low: 0.2, high: 1.0}, customers.buyers.potential_usd_per_year: {kind: uniform, low: 1000, high: 30000}}",)


def village(*more: str) -> Scenario:
    return load(VILLAGE, sets=(*SHORT, *more))


def uncertain_village(*more: str) -> Scenario:
    return village(*UNCERTAIN, *more)
