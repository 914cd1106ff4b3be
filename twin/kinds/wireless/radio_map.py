"""What radio makes of a map: how loud and high each site is, who hears whom, which demand points each site could serve.

City and planet differ here only: explicit neighbours with their own shadows, or the kernel of counts per cell and disks. Everything depends on the
place, its own seed and the radio section, and is kept (twin.geo.map_cache).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.geo import map_cache
from twin.geo.sites import Points, SitePool
from twin.kernel import streams
from twin.kinds.wireless import hearing_city, hearing_kernel
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.hearing import Hearing
from twin.kinds.wireless.hearing_city import AudibleGraph, HearingCity, build_audible_graph
from twin.kinds.wireless.hearing_kernel import HearingKernel, build_hearing_kernel
from twin.kinds.wireless.hearing_planet import HearingPlanet
from twin.kinds.wireless.probe_links import ProbeLinks, link_probes
from twin.kinds.wireless.radio import SiteRadio, draw_site_radio, positions_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import region_rows
from twin.kinds.wireless.rules import KM_PER_STEP, rules_on
from twin.kinds.wireless.spec import MOST_NEIGHBOURLY_SITES, WirelessScenario


@dataclass(frozen=True, eq=False)
class RadioOfSites:
    """What is kept of a map."""

    site: SiteRadio
    links: ProbeLinks
    """Which demand points each site could serve."""
    heard: AudibleGraph | HearingKernel
    """Neighbours one by one, or counts per cell."""


CLASSES = (RadioOfSites, SiteRadio, ProbeLinks, *hearing_city.CLASSES, *hearing_kernel.CLASSES)


@dataclass(frozen=True, eq=False)
class RadioMap:
    """Radio of every site of a map."""

    sites: SitePool
    points: Points
    radio: RadioSpec
    explicit: bool
    """Neighbours one by one; False: counts per cell."""
    seed: int
    of_sites: RadioOfSites

    def hearing(self) -> Hearing:
        """Who hears whom, nobody on the air yet."""
        heard = self.of_sites.heard
        return HearingCity(heard) if isinstance(heard, AudibleGraph) else HearingPlanet(heard)

    def coverage(self) -> Coverage:
        """Counts of hotspots per demand point, nobody on the air yet."""
        return Coverage(self.of_sites.links)

    def coverage_at_power(self, coverage: Coverage, offset_db: NDArray[np.float32]) -> Coverage:
        """The same hotspots on the air when sensors near each site send with that many dB more (at most 0)."""
        if self.explicit:
            built = Coverage(self.of_sites.links.without(-offset_db), needs=coverage.needs)
        else:
            site = self.of_sites.site
            weaker = replace(site, uplink_budget_db=site.uplink_budget_db + offset_db)
            built = Coverage(link_probes(self.sites, weaker, self.points, self.radio, shadowing=False, seed=self.seed), needs=coverage.needs)
        built.set_fake(np.flatnonzero(coverage.fake))
        built.set_online(np.flatnonzero(coverage.online | coverage.online_fake), True)
        return built

    def distance_km(self, slot: int, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """Straight distance of sites from one site."""
        some = positions_km(self.sites.lat_deg[slots], self.sites.lng_deg[slots])
        return np.asarray(np.linalg.norm(some - positions_km(self.sites.lat_deg[[slot]], self.sites.lng_deg[[slot]]), axis=1))


def radio_map(spec: WirelessScenario, sites: SitePool, points: Points, *, cache: Path | None = None) -> RadioMap:
    """The radio of a scenario's sites and demand points. `cache` is the folder where it is kept; None: it is made and not kept."""
    radio, seed, antennas = _with_rules(spec), spec.place.sites.seed, spec.hardware.every
    region = region_rows(sites.jurisdiction, [each.country for each in sites.jurisdictions])
    explicit = spec.network.hearing == "neighbours" or (spec.network.hearing is None and sites.n <= MOST_NEIGHBOURLY_SITES)

    def make() -> RadioOfSites:
        site = draw_site_radio(sites, radio, region=region, height_m=antennas.antenna_height_m, gain_dbi=antennas.gain_dbi, seed=seed)
        links = link_probes(sites, site, points, radio, shadowing=explicit, seed=seed)
        if explicit:
            return RadioOfSites(site, links, build_audible_graph(sites, site, radio, seed=seed))
        return RadioOfSites(site, links, build_hearing_kernel(sites, site, radio, first_fine=sites.first[7], first_coarse=sites.first[6]))

    digest = map_cache.digest_of(
        map_cache.made_by(Path(__file__).parent, Path(streams.__file__).parent),
        radio.model_dump(mode="json"), antennas.antenna_height_m.model_dump(mode="json"), antennas.gain_dbi.model_dump(mode="json"), explicit, seed,
        region, sites.lat_deg, sites.lng_deg, sites.land_class, sites.first[7], sites.first[6], points.lat_deg, points.lng_deg, points.land_class,
    )  # fmt: skip
    of_sites = map_cache.kept("radio", digest, make, classes=CLASSES, folder=cache)
    return RadioMap(sites, points, radio, explicit, seed, of_sites)


def _with_rules(spec: WirelessScenario) -> RadioSpec:
    """The radio section with the witness distances that the protocol's rules ask for on the first day."""
    rules = rules_on(spec.proof_of_coverage, spec.calendar.start)
    nearest = rules.nearest_steps * KM_PER_STEP
    witness = spec.radio.witness.model_copy(update={"nearest_km": nearest, "farthest_km": min(rules.farthest_km, spec.radio.witness.farthest_km)})
    return spec.radio.model_copy(update={"witness": witness})
