"""Where a compute network stands: the sites of its nodes, the cities of its users, and what is known of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.geo import shipped
from twin.geo.area import study_area
from twin.kernel import Streams
from twin.kinds.compute.places import CLOUDS, Sites, draw_sites
from twin.kinds.compute.spec import ComputeScenario


@dataclass(frozen=True, eq=False)
class ComputeGround:
    """Sites and users' cities."""

    sites: Sites
    user_lng_deg: NDArray[np.float64]
    attributions: tuple[str, ...]
    checksums: Mapping[str, str]
    licence: str | None = None

    @property
    def guessed_prices(self) -> tuple[str, ...]:
        """Countries without an electricity price of their own."""
        return self.sites.guessed_prices

    def cells(self) -> None:
        """No map: nodes stand at cities, not over an area."""


def lay_out(spec: ComputeScenario, streams: Streams, *, base_dir: Path | None) -> ComputeGround:
    """The ground of a scenario. Raises as `draw_sites` does."""
    area = study_area(spec.place.area, base_dir=base_dir or Path.cwd())
    sites = draw_sites(spec, area, streams)
    lng = shipped.table(CLOUDS).drop_duplicates("city").set_index("city").lon
    return ComputeGround(
        sites, np.array([float(lng[city]) for city in spec.users.users_share_by_city]), area.licences, {CLOUDS: shipped.manifest()[CLOUDS].sha256_file}
    )
