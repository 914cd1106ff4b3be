"""What a week mints for the map, which part of it reaches the study area, and what one more driver may expect of that."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.economy.held import Fading, Remembered
from twin.kernel import Clock
from twin.kinds.mapping.outside import Outside
from twin.kinds.mapping.rewards import map_progress_mint, progress, region_multiplier, region_weight
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.rules_spec import MapProgressEmissionSpec, MapRewardsSpec
from twin.scenario.model import value_on

STREETS_OF_THE_WORLD_KM = 60e6
"""K belongs to the streets of the world (dossier 5): an area that is the whole map gets its part of it."""
DAYS_PER_WEEK = 7
COVERAGE_SHARE = 0.9
"""Before the first date (docs.hivemapper.com)."""


class Mint:
    """The weekly mint follows the progress of the whole map and ends with the contributors' allocation."""

    def __init__(
        self, clock: Clock, emission: MapProgressEmissionSpec, rewards: MapRewardsSpec, outside: Outside, *, fading: Fading, street_km: float, area_km2: float
    ) -> None:
        self.clock, self.emission, self.rewards, self.outside, self.street_km = clock, emission, rewards, outside, street_km
        self.minted = outside.minted_before_tokens
        """Of the contributors' allocation."""
        self.on = True
        self.answer: Callable[[], float] = lambda: 1.0
        """What multiplies the progress elsewhere."""
        self._for_coverage, self._steered, self._full_tokens_per_day = Remembered(fading), fading.steered, 0.0
        fading.steered.emits(lambda day: self._full_tokens_per_day)
        elsewhere, a = outside.spec, rewards.density_exponent
        self._own = region_weight(street_km, area_km2, density_exponent=a)
        self._elsewhere = region_weight(elsewhere.street_km, elsewhere.street_km / elsewhere.density_km_per_km2, density_exponent=a) if elsewhere else 0.0

    def progress_elsewhere(self) -> float:
        """Weighted progress of all other regions today: the dated one, and what drivers there answer to what the mint is worth."""
        return min(float(self.outside.progress[self.clock.day]) * self.answer(), 1.0)

    def switch(self, on: bool) -> None:
        """Whether anything is minted for the map from now on."""
        self.on = on

    def region_share(self, region_progress: float | Floats) -> Floats:
        """Share of the coverage pool that goes to the study area at a progress: weight · progress · multiplier over that of all."""
        p, elsewhere = np.asarray(region_progress, np.float64), self.outside.spec
        if elsewhere is None:
            return np.where(p > 0, 1.0, 0.0)
        multiplied = self.clock.today >= self.rewards.multiplier_from
        own = self._own * p * (region_multiplier(p) if multiplied else 1.0)
        there = self._elsewhere * self.progress_elsewhere() * (elsewhere.multiplier_ratio if multiplied else 1.0)
        share: Floats = own / np.maximum(own + there, 1e-300)
        return share

    def map_progress(self, region_progress: float | Floats) -> Floats:
        """GMP: weighted progress of all regions, 0 to 1."""
        p = np.asarray(region_progress, np.float64)
        if self.outside.spec is None:
            return p
        gmp: Floats = (self._own * p + self._elsewhere * self.progress_elsewhere()) / (self._own + self._elsewhere)
        return gmp

    def pool_tokens(self, region_progress: float | Floats) -> Floats:
        """A week's mint at a progress of the study area."""
        return self._pool_tokens(region_progress, steered_share=self._steered.on(self.clock.day))

    def _pool_tokens(self, region_progress: float | Floats, *, steered_share: float) -> Floats:
        emission, day = self.emission, self.clock.today
        if not self.on or day < emission.starts:
            return np.zeros(np.shape(region_progress))
        full = emission.tokens_per_week_at_full_progress * emission.scale_share * value_on(emission.scale_share_by_date, day, 1.0) * steered_share
        if self.outside.spec is None:
            full *= self.street_km / STREETS_OF_THE_WORLD_KM
        return map_progress_mint(self.map_progress(region_progress), tokens_at_full_progress=full, still_mintable=emission.contributor_allocation_tokens - self.minted)

    def take_week(self, region_progress: float, *, anybody: bool) -> float:
        """Mints a week; nothing where the area is the whole map and nobody earned credit."""
        mints = anybody or self.outside.spec is not None
        pool = float(self.pool_tokens(region_progress)) if mints else 0.0
        self._full_tokens_per_day = float(self._pool_tokens(region_progress, steered_share=1.0)) / DAYS_PER_WEEK if mints else 0.0
        self.minted += pool
        return pool

    def for_coverage(self, pool_tokens: float) -> float:
        """What drivers everywhere get of a week's mint, tokens; with the taper held the mean of what they got before it. Asked once a week."""
        return self._for_coverage.on(self.clock.day, self.coverage_share() * pool_tokens) if self.on else 0.0

    def expected_for_coverage(self, region_progress: Floats) -> Floats:
        """The same for weeks to come, at a progress of the study area."""
        by_rules: Floats = self.coverage_share() * self.pool_tokens(region_progress)
        held = self._for_coverage.held(self.clock.day) if self.on else None
        return by_rules if held is None else np.full(by_rules.shape, held)

    def coverage_share(self) -> float:
        """Share of the mint that is paid for coverage."""
        return value_on(self.rewards.coverage_share, self.clock.today, COVERAGE_SHARE)


def expected_usd_per_week(
    lookers: NDArray[np.int64], road: Road, mint: Mint, *, in_line: bool, price_usd: float, reminted_tokens: float, remint_share: float
) -> Floats:
    """What each looker would earn next week, those who stand before it in the line counted in, or as the only one: more km raise progress a little and are shared by all.

    Customers' money: what was minted again last week for streets sold, and `remint_share` of what buyers would pay for streets that nobody drives yet.
    """
    if not len(lookers):
        return np.zeros(0)
    people = road.drivers.people
    unique, total = road.windows_km()
    km = (people.km_per_day * people.days_per_week)[lookers]
    before = np.cumsum(km) - km if in_line else 0.0
    more = total + before + km
    covered = np.minimum(mint.street_km, unique + 2 * (more - total))
    p = progress(covered, more, street_km=mint.street_km, rule=road.progress_rule())
    length = road.ground.length_km
    wanted_usd_per_km = 7 * float((road.wanted_value * length).sum()) / max(float(length.sum()), 1e-9)
    for_new_streets = np.maximum(covered - unique, 0.0) * wanted_usd_per_km * remint_share
    usd = mint.expected_for_coverage(p) * mint.region_share(p) * price_usd + reminted_tokens * price_usd + for_new_streets
    expected: Floats = usd * km * people.quality[lookers] / np.maximum(more * people.quality.mean(), 1e-9)
    return expected
