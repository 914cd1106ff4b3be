"""What radio makes of a map: how loud and high each site is, who hears whom, which demand points each site could serve.

City and planet differ here only: explicit neighbours with their own shadows, or the kernel of counts per cell and disks. Everything depends on the
place, its own seed and the radio section; who hears whom is kept in the cache folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.geo.sites import Points, SitePool
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.hearing import Hearing
from twin.kinds.wireless.hearing_city import HearingCity, load_or_build
from twin.kinds.wireless.hearing_kernel import build_hearing_kernel
from twin.kinds.wireless.hearing_planet import HearingPlanet
from twin.kinds.wireless.probe_links import ProbeLinks, link_probes
from twin.kinds.wireless.radio import SiteRadio, draw_site_radio, positions_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import region_rows
from twin.kinds.wireless.rules import rules_on
from twin.kinds.wireless.spec import WirelessScenario

MOST_NEIGHBOURLY_SITES = 30_000
"""Above so many sites the kernel of counts per cell takes the place of explicit neighbours."""
KM_PER_STEP = 0.04375
"""One grid step of resolution 11: eight steps are about 350 m (HIP-136)."""


def cache_folder() -> Path:
    """Where maps are kept between runs: `$TWIN_CACHE`, else the user's cache folder."""
    stated = os.environ.get("TWIN_CACHE")
    return Path(stated) if stated else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "depin-twin"


@dataclass(frozen=True, eq=False)
class RadioMap:
    """Radio of every site of a map."""

    sites: SitePool
    points: Points
    site_radio: SiteRadio
    radio: RadioSpec
    explicit: bool
    """Neighbours one by one; False: counts per cell."""
    seed: int
    cache: Path | None = None

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
        """Counts of hotspots per demand point, nobody on the air yet."""
        return Coverage(self.links)

    def coverage_at_power(self, coverage: Coverage, offset_db: NDArray[np.float32]) -> Coverage:
        """The same hotspots on the air when sensors near each site send with that many dB more (at most 0)."""
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


def radio_map(spec: WirelessScenario, sites: SitePool, points: Points, *, cache: Path | None) -> RadioMap:
    """The radio of a scenario's sites and demand points."""
    radio, seed = _with_rules(spec), spec.place.sites.seed
    site_radio = draw_site_radio(
        sites,
        radio,
        region=region_rows(sites.jurisdiction, [each.country for each in sites.jurisdictions]),
        height_m=spec.hardware.every.antenna_height_m,
        gain_dbi=spec.hardware.every.gain_dbi,
        seed=seed,
    )
    explicit = spec.network.hearing == "neighbours" or (spec.network.hearing is None and sites.n <= MOST_NEIGHBOURLY_SITES)
    return RadioMap(sites, points, site_radio, radio, explicit, seed, cache or cache_folder())


def _with_rules(spec: WirelessScenario) -> RadioSpec:
    """The radio section with the witness distances that the protocol's rules ask for on the first day."""
    rules = rules_on(spec.proof_of_coverage, spec.calendar.start)
    nearest = rules.nearest_steps * KM_PER_STEP
    witness = spec.radio.witness.model_copy(update={"nearest_km": nearest, "farthest_km": min(rules.farthest_km, spec.radio.witness.farthest_km)})
    return spec.radio.model_copy(update={"witness": witness})
