"""`place:` where the network is: the area, who lives there, where a node may stand, where coverage is probed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from twin.scenario.model import SpecModel

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]

# What an area may be given by, and which further keys go with it.
AREA_KEYS: dict[str, frozenset[str]] = {
    "city": frozenset({"country", "admin1", "radius_km"}),
    "county": frozenset({"state"}),
    "bbox": frozenset(),
    "file": frozenset({"layer"}),
    "points": frozenset({"buffer_km"}),
    "world": frozenset(),
    "admin1": frozenset({"country"}),
    "country": frozenset(),
}


class AreaSpec(SpecModel):
    """The study area, given in one way: a city, a country, an admin-1 unit, a US county, a bounding box, a file, points, or the world."""

    city: str | None = Field(None, min_length=1, description="name of a populated place, own or other name; two matches need the country")
    country: str | None = Field(None, description="ISO 3166-1 alpha-2 code, for example SE")
    admin1: str | None = Field(
        None, min_length=1, description="first-level unit, for example California; with a city it tells namesakes apart"
    )
    county: str | None = Field(None, min_length=1, description="US county, without the word County")
    state: str | None = Field(None, min_length=1, description="US state of the county, for example Pennsylvania")
    bbox: tuple[Longitude, Latitude, Longitude, Latitude] | None = Field(None, description="west, south, east, north in degrees")
    file: str | None = Field(None, min_length=1, description="GeoJSON, GeoPackage or GeoParquet in the scenario's folder")
    layer: str | None = Field(None, min_length=1, description="layer of the file, if it has several")
    points: str | None = Field(
        None, min_length=1, description="CSV in the scenario's folder with columns lat and lng: the area is what lies near"
    )
    buffer_km: float | None = Field(None, gt=0, le=500, description="how far around the points the area reaches; 5 unless stated (assumed)")
    radius_km: float | None = Field(
        None, gt=0, le=500, description="radius of a city's disc; unless stated that of its people at 2,000 per km²"
    )
    world: Literal[True] | None = Field(None, description="the whole planet")

    @model_validator(mode="after")
    def _given_in_one_way(self) -> AreaSpec:
        given = self.model_fields_set & {name for name in type(self).model_fields if getattr(self, name) is not None}
        kind = next((key for key in AREA_KEYS if key in given), None)
        if kind is None:
            raise ValueError(f"needs one of {', '.join(AREA_KEYS)}")
        extra = sorted(given - {kind} - AREA_KEYS[kind])
        if extra:
            raise ValueError(
                f"{', '.join(extra)} does not go with {kind}; with it go: {', '.join(sorted(AREA_KEYS[kind])) or 'no other keys'}"
            )
        if kind == "admin1" and self.country is None:
            raise ValueError("admin1 needs the country too")
        if kind == "county" and self.state is None:
            raise ValueError("county needs the state too")
        return self

    @field_validator("bbox")
    @classmethod
    def _box_is_open(cls, box: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            raise ValueError("bbox is west, south, east, north, with west < east and south < north")
        return box

    @property
    def kind(self) -> str:
        """Which of the ways the area is given in."""
        return next(key for key in AREA_KEYS if getattr(self, key) is not None)


class PopulationSpec(SpecModel):
    """How a town's people are spread over the map: they thin out exponentially from its centre (Clark 1951)."""

    kind: Literal["kernel", "kernel_with_streets"] = Field(
        "kernel", description="with streets, people follow street length where the graph reaches"
    )
    streets: str | None = Field(None, min_length=1, description="a shipped street graph by name, or an OSM file in the scenario's folder")
    centre_density_per_km2: float = Field(
        2_000, gt=0, description="people per km² in a town's middle; 2,000 with streets misplaces 22 % of people on 133 zones of Coquimbo"
    )

    density: Literal["one", "by_city"] = Field(
        "one", description="one: every town's middle has centre_density_per_km2; by_city: published densities and, elsewhere, what they teach (docs/people.md)"
    )
    density_factor: float = Field(1.0, gt=0, le=10, description="by_city only: all densities of middles times this")

    @model_validator(mode="after")
    def _the_law_has_its_own_words(self) -> PopulationSpec:
        stray = "centre_density_per_km2" if self.density == "by_city" else "density_factor"
        if stray in self.model_fields_set and getattr(self, stray) != type(self).model_fields[stray].default:
            raise ValueError(f"{stray} does not go with density {self.density}")
        return self

    @model_validator(mode="after")
    def _streets_fit_the_kind(self) -> PopulationSpec:
        if (self.kind == "kernel_with_streets") != (self.streets is not None):
            raise ValueError("streets go with kind kernel_with_streets, and it needs them")
        return self


class SitesSpec(SpecModel):
    """Where a node may ever stand: a fixed number of sites, drawn once for the place, the same in every run."""

    count: int = Field(20_000, ge=1, le=20_000_000, description="sites in the area and its margin (assumed: ample for one city)")
    people_power: float = Field(1.0, ge=0, le=2, description="a place attracts sites as people to this power; 1 as people live (assumed)")
    country_prior: dict[str, Annotated[float, Field(ge=0)]] | str = Field(
        {},
        description="world only: share of sites by country code, the rest of one going to other countries by people; or a table (iso2, share) by name",
    )
    seed: int = Field(1, ge=0, description="luck of the sites; not the seed of the run")

    @field_validator("country_prior")
    @classmethod
    def _shares_add_up(cls, prior: dict[str, float] | str) -> dict[str, float] | str:
        if isinstance(prior, dict) and sum(prior.values()) > 1 + 1e-9:
            raise ValueError(f"shares of country_prior add up to {sum(prior.values()):.4g}, more than 1")
        return prior


class InterestFieldSpec(SpecModel):
    """How interest in owning a device varies from neighbourhood to neighbourhood, beside how many people live there: a smooth random field (docs/people.md)."""

    sd: float = Field(0.0, ge=0, le=3, description="standard deviation of log interest before anybody has a device; 0: none (off)")
    km: float = Field(3.0, gt=0.1, le=500, description="two places so far apart correlate by 0.61; fitted, see docs/people.md")
    half_at_share: float = Field(0.1, gt=0, description="share of sites that hold or held a device at which the deviation is half as large (assumed)")


class ProbesSpec(SpecModel):
    """Points where coverage is looked at, drawn like people."""

    count: int = Field(10_000, ge=1, le=5_000_000, description="number of probes (assumed: 0.5 % standard error of a covered share)")


class PlaceSpec(SpecModel):
    """Area, margin, grid and people."""

    area: AreaSpec
    margin_km: float = Field(0.0, ge=0, le=500, description="a ring outside the area: simulated, not reported")
    h3_resolution: int = Field(8, ge=4, le=11, description="H3 resolution of the map; 8 is about 0.74 km² a cell")
    population: PopulationSpec = PopulationSpec()
    sites: SitesSpec = SitesSpec()
    probes: ProbesSpec = ProbesSpec()
    interest: InterestFieldSpec = InterestFieldSpec()

    def counted_alone(self, network: str) -> Iterable[tuple[Any, str, str, str]]:
        """The problem with a margin, for a network in which nothing outside the area changes what happens inside."""
        if self.margin_km:
            yield ("place", "margin_km"), "no_margin", f"{network} is counted in its area alone.", "leave margin_km out"

    def without_field(self, network: str) -> Iterable[tuple[Any, str, str, str]]:
        """The problem with a field of interest, for a network whose operators do not come by word of mouth."""
        if self.interest.sd:
            yield ("place", "interest"), "no_field", f"who joins {network} does not go by interest.", "leave interest out"

    @model_validator(mode="after")
    def _world_has_no_margin(self) -> PlaceSpec:
        if self.area.world and self.margin_km:
            raise ValueError("the world has no margin")
        if self.sites.country_prior and not self.area.world:
            raise ValueError("sites.country_prior goes with area {world: true}")
        return self
