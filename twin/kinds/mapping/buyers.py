"""Buyers of fresh kilometres: what each is billed for every day by the map as seen, and what of it is real."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import Bought, Buys, Tender, Terms
from twin.actors.customers.uptake import taken_share
from twin.arrays import Floats
from twin.kernel import Clock
from twin.kinds.mapping.people_spec import BountySpec, FreshKmSpec
from twin.kinds.mapping.rewards import sellable_usd
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.tiles import Tiles

FRESH_DAYS = 28.0
"""What counts as fresh where no buyer says otherwise."""


class FreshStreets(Buys):
    """The streets that one buyer wants, each once a week, as long as they are fresh."""

    def __init__(self, clock: Clock, spec: FreshKmSpec, road: Road, wanted: NDArray[np.bool_]) -> None:
        """`wanted` marks tiles."""
        self.clock, self.spec, self.road, self.wanted = clock, spec, road, wanted
        bought = taken_share(spec.price_multiple, alternative_usd=spec.alternative_multiple, elasticity=spec.price_elasticity, stated_at_usd=1.0)
        self.bought_share = float(bought)
        """Of the kilometres it would buy at the reference price, those that it buys at the price asked."""
        self.usd_per_km_per_day = sellable_usd(self.bought_share, credits_per_km=spec.credits_per_km, credit_price_usd=spec.credit_price_usd) / 7
        """Usage of a wanted kilometre that is fresh, at the reference price."""
        self._keen: Floats | None = None
        """Of the kilometres that it would buy without levies, those that it buys with them, by tile; None: nobody asks a levy."""
        self.real_share = 1.0
        """Of what it was billed for last, what is fresh in truth."""

    def reprice(self, levy_share: Floats) -> None:
        """What states add to the price, by tile, from now on."""
        if not levy_share.any():
            self._keen = None
            return
        spec = self.spec
        bought = taken_share(
            spec.price_multiple * (1 + levy_share), alternative_usd=np.full(len(levy_share), spec.alternative_multiple), elasticity=spec.price_elasticity, stated_at_usd=1.0
        )  # fmt: skip
        self._keen = bought / self.bought_share

    def _km(self, streets: NDArray[np.bool_]) -> float:
        """Kilometres that it buys of some streets."""
        rows = np.flatnonzero(streets)
        km = self.road.ground.length_km[rows]
        return float((km if self._keen is None else km * self._keen[rows]).sum())

    def usd_per_km_of_tile(self) -> Floats | float:
        """Usage of a kilometre of each tile that is fresh, where it is wanted."""
        return self.usd_per_km_per_day if self._keen is None else self.usd_per_km_per_day * self._keen

    def billed_usd(self, today: date) -> Floats:
        """What it is billed for the day by tile, at the price asked."""
        fresh = self.wanted & self.road.seen.fresh(self.clock.day + 1.0, within_days=self.spec.maximum_age_days)
        return np.asarray(fresh * self.road.ground.length_km * self.usd_per_km_of_tile() * (self.demand_share(today) * self.spec.price_multiple))

    def today(self, today: date) -> Bought:
        """A seventh of the week's price of each wanted kilometre that the seen map holds fresh; it is content if enough of that is real."""
        now = self.clock.day + 1.0
        seen, true = (self.wanted & tiles.fresh(now, within_days=self.spec.maximum_age_days) for tiles in (self.road.seen, self.road.true))
        billed_km, real_km = (self._km(streets) for streets in (seen, seen & true))
        usd_per_km = self.usd_per_km_per_day * self.demand_share(today)
        seen_usd, real_usd = usd_per_km * billed_km, usd_per_km * real_km
        billed_usd = seen_usd * self.spec.price_multiple
        if billed_km <= 0:
            return Bought(real_usd, seen_usd, billed_usd)
        self.real_share = real_km / billed_km
        return Bought(real_usd, seen_usd, billed_usd, content=real_km >= self.spec.needs_true_share * billed_km)

    def potential_usd_per_day(self) -> float:
        """If every street it wants were always fresh."""
        return float(self.road.ground.length_km[self.wanted].sum()) * self.spec.credits_per_km * self.spec.credit_price_usd / 7

    def farewell(self) -> Mapping[str, object]:
        """How little of it was real."""
        return {"value": self.real_share, "unit": "real_share", "note": "was sold streets that nobody drove"}


class Buyers:
    """All buyers of a run by name."""

    def __init__(self, clock: Clock, specs: Mapping[str, FreshKmSpec], road: Road) -> None:
        self.clock, self.road = clock, road
        self.each = {name: FreshStreets(clock, spec, road, road.ground.wanted(spec, name)) for name, spec in specs.items()}
        length = road.ground.length_km
        wanted = [(each.wanted, each.spec.maximum_age_days) for each in self.each.values()] or [(length > 0, FRESH_DAYS)]
        self._wanted = [(np.flatnonzero(mask), length[mask], age) for mask, age in wanted]
        """Tiles of each buyer, their lengths, and how old they may be."""
        self._wanted_km = max(sum(float(km.sum()) for _, km, _ in self._wanted), 1e-12)

    def service(self) -> tuple[float, float]:
        """S, true and as seen: share of the streets that anybody here would ever buy that is fresh enough for its buyer; all streets at 28 days without buyers."""
        return self.service_on(self.road.true), self.service_on(self.road.seen)

    def service_on(self, tiles: Tiles) -> float:
        """The same on any map."""
        now = self.clock.day + 1.0
        fresh = (km[np.flatnonzero(tiles.fresh(now, within_days=age)[rows])] for rows, km, age in self._wanted)
        return sum(float(km.sum()) for km in fresh) / self._wanted_km


def terms_of(spec: FreshKmSpec | BountySpec) -> Terms:
    """A bounty buys nothing by the day; its budget is paid when a week is settled."""
    if isinstance(spec, BountySpec):
        return Terms()
    wins = taken_share(spec.price_multiple, alternative_usd=spec.alternative_multiple, elasticity=spec.price_elasticity)
    tender = Tender(spec.contract_years, float(wins))
    return Terms(starts=spec.starts, ends=spec.ends, affiliate=spec.affiliate, patience_days=spec.patience_days, tender=tender)
