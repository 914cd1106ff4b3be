"""The ground a wireless network stands on: area, sites, demand points, radio of every site, and the map's cells for the record.

City and planet differ here only: a grid with margin and explicit neighbours, or the world's places and the kernel of counts per cell. Everything in a
`Terrain` depends on the place, its own seed and the radio section; who hears whom is kept in the cache folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo import area as areas
from twin.geo import electricity, grid, hexes, jurisdictions, shipped, sites
from twin.geo.grid import CellGrid
from twin.geo.sites import Points, SitePool
from twin.kinds.wireless.coverage import Coverage, ProbeLinks, link_probes
from twin.kinds.wireless.hearing import Hearing
from twin.kinds.wireless.hearing_city import HearingCity, load_or_build
from twin.kinds.wireless.hearing_kernel import build_hearing_kernel
from twin.kinds.wireless.hearing_planet import HearingPlanet
from twin.kinds.wireless.radio import SiteRadio, draw_site_radio, positions_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import region_rows
from twin.kinds.wireless.rules import rules_on
from twin.kinds.wireless.spec import WirelessScenario
from twin.scenario.table import load_table

MOST_NEIGHBOURLY_SITES = 30_000
"""Above so many sites the kernel of counts per cell takes the place of explicit neighbours."""
KM_PER_STEP = 0.04375
"""One grid step of resolution 11: eight steps are about 350 m (HIP-136)."""
WORLD_MAP_RESOLUTION = 5


def cache_folder() -> Path:
    """Where maps are kept between runs: `$TWIN_CACHE`, else the user's cache folder."""
    stated = os.environ.get("TWIN_CACHE")
    return Path(stated) if stated else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "depin-twin"


@dataclass(frozen=True, eq=False)
class Terrain:
    """Where boxes can stand, where customers are, and what radio makes of it."""

    sites: SitePool
    points: Points
    people_of_point: NDArray[np.float64]
    """Residents each demand point stands for; 0 in the margin, where nobody buys."""
    map: CellGrid
    site_cell: NDArray[np.int32]
    """Row in `map` of each site, -1 outside it."""
    point_cell: NDArray[np.int32]
    region: NDArray[np.int16]
    """Region of each site, for cohorts: one for a city, a country each for the world."""
    usd_per_kwh: NDArray[np.float64]
    site_radio: SiteRadio
    radio: RadioSpec
    explicit: bool
    seed: int
    attributions: tuple[str, ...]
    licence: str | None
    guessed_prices: tuple[str, ...]
    """Countries without an electricity price of their own; they have their continent's mean."""
    cache: Path | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> dict[str, Any]:
        """The table `cells`: what a dense cell number means."""
        return self.map.lookup()

    def hearing(self) -> Hearing:
        """Who hears whom, nobody on the air yet."""
        if self.explicit:
            return HearingCity(load_or_build(self.sites, self.site_radio, self.radio, seed=self.seed, folder=self.cache))
        return HearingPlanet(build_hearing_kernel(self.sites, self.site_radio, self.radio, first_fine=self.sites.first[7], first_coarse=self.sites.first[6]))

    @cached_property
    def links(self) -> ProbeLinks:
        """Which demand points each site could serve."""
        return self._links(self.site_radio)

    def _links(self, site: SiteRadio) -> ProbeLinks:
        return link_probes(self.sites, site, self.points, self.radio, shadowing=self.explicit, seed=self.seed)

    def coverage(self) -> Coverage:
        """Counts of boxes per demand point, nobody on the air yet."""
        return Coverage(self.links)

    def coverage_at_power(self, coverage: Coverage, offset_db: NDArray[np.float32]) -> Coverage:
        """The same boxes on the air when sensors near each site send with that many dB more (at most 0)."""
        if self.explicit:
            built = Coverage(self.links.without(-offset_db))
        else:
            weaker = replace(self.site_radio, uplink_budget_db=self.site_radio.uplink_budget_db + offset_db)
            built = Coverage(self._links(weaker))
        built.set_fake(np.flatnonzero(coverage.fake))
        built.set_online(np.flatnonzero(coverage.online | coverage.online_fake), True)
        return built

    def distance_km(self, slot: int, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """Straight distance of sites from one site."""
        some = positions_km(self.sites.lat_deg[slots], self.sites.lng_deg[slots])
        return np.asarray(np.linalg.norm(some - positions_km(self.sites.lat_deg[[slot]], self.sites.lng_deg[[slot]]), axis=1))

    def reach(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sites and demand points under the law of a jurisdiction. Raises InputError `unknown_jurisdiction` where it touches nothing."""
        slots = np.flatnonzero(jurisdictions.under(self.sites.jurisdictions, rule)[self.sites.jurisdiction])
        points = np.flatnonzero(jurisdictions.under(self.points.jurisdictions, rule)[self.points.jurisdiction])
        if not len(slots) and not len(points):
            known = sorted({str(each) for each in self.sites.jurisdictions if each.country})
            shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
            raise InputError(
                Problem("unknown_jurisdiction", f"no site lies in {rule!r}", path="regulation", suggestion=f"the map has {shown}")
            )
        return slots, points


def lay_out(spec: WirelessScenario, *, base_dir: Path | None, cache: Path | None) -> Terrain:
    """The terrain of a scenario."""
    place = spec.place
    area = areas.study_area(place.area, base_dir=base_dir or Path.cwd())
    density = place.population.centre_density_per_km2
    seed = place.sites.seed
    if area.is_world:
        prior = place.sites.country_prior
        table = _shares(prior, base_dir) if isinstance(prior, str) else prior
        pool = sites.draw_in_world(
            place.sites.count, people_power=place.sites.people_power, country_prior=table, seed=seed, centre_density_per_km2=density
        )
        points = sites.draw_people(area, place.probes.count, seed=seed, centre_density_per_km2=density)
        resolution = spec.record.cells_h3_resolution or WORLD_MAP_RESOLUTION
        seen = hexes.distinct(pool.cells[resolution], hexes.parents(points.cell12, resolution))
        cells = grid.grid_of_cells(seen, centre_density_per_km2=density)
        residents = float(cells.people.sum())
        region = _countries(pool)
    else:
        fine = grid.build_grid(area, resolution=place.h3_resolution, margin_km=place.margin_km, population=place.population)
        pool = sites.draw_in_grid(fine, place.sites.count, people_power=place.sites.people_power, seed=seed)
        points = sites.draw_people(fine, place.probes.count, seed=seed, centre_density_per_km2=density)
        cells, resolution = fine, place.h3_resolution
        residents = float(fine.people[fine.inside].sum())
        region = np.zeros(pool.n, np.int16)
    people = np.where(points.inside, residents / max(int(points.inside.sum()), 1), 0.0)
    radio = _with_rules(spec)
    country = [each.country for each in pool.jurisdictions]
    site_radio = draw_site_radio(
        pool,
        radio,
        region=region_rows(pool.jurisdiction, country),
        height_m=spec.hardware.every.antenna_height_m,
        gain_dbi=spec.hardware.every.gain_dbi,
        seed=seed,
    )
    prices, guessed = electricity.household_usd_per_kwh(country)
    explicit = spec.network.hearing == "neighbours" or (spec.network.hearing is None and pool.n <= MOST_NEIGHBOURLY_SITES)
    streets = place.population.streets
    return Terrain(
        sites=pool,
        points=points,
        people_of_point=people,
        map=cells,
        site_cell=hexes.rows_of(cells.ids, hexes.parents(pool.cell12, resolution)),
        point_cell=hexes.rows_of(cells.ids, hexes.parents(points.cell12, resolution)),
        region=region,
        usd_per_kwh=prices[pool.jurisdiction],
        site_radio=site_radio,
        radio=radio,
        explicit=explicit,
        seed=seed,
        attributions=cells.licences,
        licence="ODbL-1.0" if streets else None,
        guessed_prices=guessed,
        cache=cache or cache_folder(),
        checksums={path: entry.sha256_file for path, entry in shipped.manifest().items()},
    )


def _shares(name: str, base_dir: Path | None) -> dict[str, float]:
    table = load_table(name, base_dir)
    return dict(zip(table["iso2"], table["share"], strict=True))


def _countries(pool: SitePool) -> NDArray[np.int16]:
    """A dense number for each country that has a site."""
    names = sorted({each.country for each in pool.jurisdictions})
    row = np.array([names.index(each.country) for each in pool.jurisdictions], np.int16)
    return row[pool.jurisdiction]


def _with_rules(spec: WirelessScenario) -> RadioSpec:
    """The radio section with the witness distances that the protocol's rules ask for on the first day."""
    rules = rules_on(spec.proof_of_coverage, spec.calendar.start)
    nearest = rules.nearest_steps * KM_PER_STEP
    witness = spec.radio.witness.model_copy(update={"nearest_km": nearest, "farthest_km": min(rules.farthest_km, spec.radio.witness.farthest_km)})
    return spec.radio.model_copy(update={"witness": witness})
