"""The whole of a mapping scenario."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from twin.kinds.mapping.cheats_spec import MapCheatsSpec, MappingVerificationSpec
from twin.kinds.mapping.people_spec import BountySpec, DashcamsSpec, DriverGroupSpec, MapCustomerSpec, MapRuleSpec
from twin.kinds.mapping.rules_spec import MappingOutsideSpec, MapRewardsSpec, MapTokenSpec
from twin.scenario.model import SpecModel
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.sections.root import CommonSpec, NetworkSpec


class MappingNetworkSpec(NetworkSpec):
    """Drivers with dashcams who keep a street map fresh."""

    kind: Literal["mapping"] = "mapping"
    ground: Literal["streets", "coverage_law"] = Field("streets", description="trips on the street graph, or the closed-form law where there is none")


class TripsSpec(SpecModel):
    """How trips are made on the street graph."""

    n_places: int = Field(4_000, ge=2, le=50_000, description="ends of trips, spread over the graph; few places leave dead ends undriven")
    attraction_spread_scale: float = Field(1.0, ge=0, le=4, description="standard deviation of the logarithm of a place's pull; 1 and 1.5 in the dossier's grid runs")
    arterial_advantage_ratio: float = Field(1.0, gt=0, le=5, description="speed of tertiary streets and above times this; 1: the map's own speeds")
    n_habit_trips: int = Field(60, ge=2, le=1_000, description="trips in a driver's book, driven round; assumed")
    seed: int = Field(1, ge=0, description="luck of the places; not the seed of the run")


class CoverageLawSpec(SpecModel):
    """Streets without a graph: tiles whose popularity is gamma."""

    street_km: float = Field(1_000.0, gt=0, description="length of street in the area")
    tile_km: float = Field(0.11, gt=0, description="mean length of a street segment; 0.108 in Göteborg, 0.112 in Coquimbo (shipped graphs)")
    popularity_shape_factor: float = Field(0.351, gt=0, le=5, description="gamma shape, fitted to three Manhattan anchors in sample; use 0.15 to 0.8")
    driving_efficiency: float = Field(0.7, gt=0, le=1, description="share of km that are not driven twice at once; assumed, 0.4 to 1")


class MappingScenario(CommonSpec):
    """A whole mapping scenario."""

    network: MappingNetworkSpec = MappingNetworkSpec()
    place: PlaceSpec
    outside: MappingOutsideSpec | None = Field(None, description="the map elsewhere; left out, the area is the whole map and K shrinks to its streets")
    trips: TripsSpec = TripsSpec()
    law: CoverageLawSpec = CoverageLawSpec()
    hardware: DashcamsSpec
    operators: dict[str, DriverGroupSpec] = Field(min_length=1)
    customers: dict[str, MapCustomerSpec] = {}
    adversaries: dict[str, MapCheatsSpec] = {}
    verification: MappingVerificationSpec = MappingVerificationSpec()
    regulation: dict[str, MapRuleSpec] = {}
    rewards: MapRewardsSpec = MapRewardsSpec()
    token: dict[str, MapTokenSpec] = Field(min_length=1, max_length=1)  # type: ignore[assignment]

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """What the fields alone cannot know."""
        yield from self.place.without_field("a mapping network")
        if self.network.ground == "streets" and self.place.population.streets is None:
            yield (
                "place.population",
                "no_streets",
                "trips on streets need a street graph",
                "population: {kind: kernel_with_streets, streets: goteborg}, or network: {ground: coverage_law}",
            )
        if self.place.area.world:
            yield "place.area", "world_of_streets", "a map of the whole world has no street graph here", "take a city, and say under `outside` what the rest does"
        if (possible := self.verification.possible) is not None:
            most = possible.most_km_per_hour * possible.hours_per_day
            for name, group in self.operators.items():
                if group.km_per_day.median >= most:
                    yield "verification.possible", "refuses_honest_drivers", f"{most:g} km a day are less than half of {name} drive", "a higher speed or more hours"
        for name, customer in self.customers.items():
            if isinstance(customer, BountySpec) and customer.ends <= self.calendar.start:
                yield f"customers.{name}.ends", "bounty_is_over", "the bounty ends before the run starts", "a later date, or no bounty"
