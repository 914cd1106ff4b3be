"""How many people the map of a run holds, beside what the place list says."""

from __future__ import annotations

from twin.errors import InputError
from twin.geo import places
from twin.report.view import View


def people_words(view: View) -> str:
    """A sentence for the map of a city: people in the study area, those listed for the place, and the law that spread them; empty elsewhere."""
    place = (view.run.spec or {}).get("place") or {}
    area, population = place.get("area") or {}, place.get("population") or {}
    if not area.get("city") or not view.run.has("cells"):
        return ""
    try:
        listed = places.find(area["city"], country=area.get("country"), admin1=area.get("admin1"))
    except InputError:
        return ""  # the run is older than today's place list
    cells = view.run.table("cells", columns=["people", "inside"])
    law = (
        "by city"
        if population.get("density") == "by_city"
        else f"from {population.get('centre_density_per_km2', 2_000):,.0f} per km² in every town's middle"
    )
    return (
        f"{cells.people[cells.inside].sum():,.0f} people live in the study area on this map, spread {law}; the place list has {listed.population:,}"
        f" for {listed.name}, wherever its borders run."
    )
