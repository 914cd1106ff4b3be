"""Where nodes stand: cloud-region cities and populated places, with the price of electricity there and the round trip to users."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.geo import electricity, places, shipped
from twin.geo.area import StudyArea
from twin.integrity.campaigns import luck_of_accounts
from twin.kernel import Streams
from twin.kinds.compute.latency import BASE_MS, HOME_BASE_MS, backbone, fibre_ms, great_circle_km, round_trips_ms
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.supply_spec import ProviderSpec

CLOUDS = "clouds/cloud_regions.parquet"


@dataclass(frozen=True, eq=False)
class Sites:
    """One row for each node that might ever stand; honest groups first, then those who only claim."""

    group: NDArray[np.int64]
    campaign: NDArray[np.int64]
    """Number of the campaign of those who only claim; -1: honest."""
    gpu: NDArray[np.int64]
    real_gpus: NDArray[np.int64]
    claimed_gpus: NDArray[np.int64]
    place: NDArray[np.int64]
    """City of the backbone that the node hangs on; devices of one city form a cluster."""
    lat_deg: Floats
    lng_deg: Floats
    country: NDArray[np.str_]
    usd_per_kwh: Floats
    rtt_ms: Floats
    """Row for each city of users, column for each node."""
    is_home: NDArray[np.bool_]
    guessed_prices: tuple[str, ...]
    """Countries without an electricity price of their own: they have their continent's mean."""
    luck: NDArray[np.int64]
    """Number of the luck of each."""
    is_reserved: NDArray[np.bool_]
    """Room for accounts of campaigns that learn, taken or not: no price follows from it."""

    @property
    def n(self) -> int:
        """Nodes that might stand."""
        return len(self.group)

    @cached_property
    def is_fake(self) -> NDArray[np.bool_]:
        """Sites of those who only claim."""
        return np.asarray(self.campaign >= 0)


def draw_sites(spec: ComputeScenario, area: StudyArea, streams: Streams) -> Sites:
    """Draws the places of all nodes. Raises `no_place` where the area has none of the kind asked for, `no_electricity_price` under strict."""
    clouds = shipped.table(CLOUDS).drop_duplicates("city").sort_values("city").reset_index(drop=True)
    lat, lng = clouds.lat.to_numpy(float), clouds.lon.to_numpy(float)
    city_names = clouds.city.to_numpy(str)
    gpus = list(spec.hardware)
    parts: list[tuple[NDArray[np.int64], ...]] = []
    spots: list[tuple[Floats, Floats, NDArray[np.str_]]] = []
    homes: list[NDArray[np.bool_]] = []
    inside_cloud = _inside(area, lat, lng)
    for number, (name, group) in enumerate(spec.operators.items()):
        where = _homes if group.where == "homes" else _halls
        found = where(name, group, area, streams, clouds=(lat, lng, clouds.cc.to_numpy(str), inside_cloud))
        mix = np.array([group.mix_share.get(gpu, 0.0) for gpu in gpus])
        u = streams.uniform(f"class of gpu of {name}", 0, np.arange(group.n_sites))
        gpu = np.searchsorted(np.cumsum(mix / mix.sum()), u, side="right").clip(0, len(gpus) - 1)
        n = group.n_sites
        parts.append((np.full(n, number), gpu, np.full(n, group.n_gpus), np.full(n, group.n_gpus)))
        spots.append(found)
        homes.append(np.full(n, group.where == "homes"))
    first_cheat = len(spec.operators)
    for number, (name, cheat) in enumerate(spec.adversaries.items()):
        n = cheat.at_most
        pick = np.flatnonzero(inside_cloud)[(streams.uniform(f"place of {name}", 0, np.arange(n)) * inside_cloud.sum()).astype(int)]
        parts.append((np.full(n, first_cheat + number), np.full(n, gpus.index(cheat.gpu)), np.zeros(n, int), np.full(n, cheat.n_claimed_gpus)))
        spots.append((lat[pick], lng[pick], clouds.cc.to_numpy(str)[pick]))
        homes.append(np.zeros(n, bool))
    group_of, gpu_of, real, claimed = (np.concatenate(columns).astype(np.int64) for columns in zip(*parts, strict=True))
    node_lat, node_lng = np.concatenate([spot[0] for spot in spots]), np.concatenate([spot[1] for spot in spots])
    country, home = np.concatenate([spot[2] for spot in spots]).astype(str), np.concatenate(homes)
    price, guessed = electricity.household_usd_per_kwh(country.tolist())
    if guessed and spec.network.strict_electricity:
        message = f"no electricity price of its own for {', '.join(guessed)}"
        raise InputError(Problem("no_electricity_price", message, path="network.strict_electricity", suggestion="false takes the continent's mean"))
    reserved = np.array([False] * first_cheat + [cheat.learns is not None for cheat in spec.adversaries.values()])[group_of]
    luck = luck_of_accounts(sum(group.n_sites for group in spec.operators.values()), {name: cheat.at_most for name, cheat in spec.adversaries.items()})
    nearest, gap_km = _nearest_city(node_lat, node_lng, lat, lng)
    hubs = _hubs(spec, city_names)
    ways = round_trips_ms(backbone(lat, lng), hubs, len(lat))
    rtt = ways[:, nearest] + fibre_ms(gap_km) + np.where(home, HOME_BASE_MS, BASE_MS)
    return Sites(group_of, np.maximum(group_of - first_cheat, -1), gpu_of, real, claimed, nearest, node_lat, node_lng, country, price, rtt, home, guessed, luck, reserved)


def _inside(area: StudyArea, lat: Floats, lng: Floats) -> NDArray[np.bool_]:
    if area.is_world:
        return np.ones(len(lat), bool)
    return np.asarray(shapely.contains_xy(area.geometry, lng, lat))


def _halls(
    name: str, group: ProviderSpec, area: StudyArea, streams: Streams, *, clouds: tuple[Floats, Floats, NDArray[np.str_], NDArray[np.bool_]]
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    lat, lng, code, inside = clouds
    return _drawn(name, group, streams, lat, lng, code, np.where(inside, 1.0, 0.0))


def _homes(
    name: str, group: ProviderSpec, area: StudyArea, streams: Streams, *, clouds: tuple[Floats, Floats, NDArray[np.str_], NDArray[np.bool_]]
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    towns = places.settlements()
    lat, lng = towns.lat_deg.to_numpy(), towns.lng_deg.to_numpy()
    return _drawn(name, group, streams, lat, lng, towns.cc.to_numpy(str), np.where(_inside(area, lat, lng), towns.people.to_numpy(), 0.0))


def _drawn(
    name: str, group: ProviderSpec, streams: Streams, lat: Floats, lng: Floats, code: NDArray[np.str_], weight: Floats
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Places by weight; with shares by country each country has its share, whatever its weight."""
    if group.share_by_country:
        spread = np.zeros(len(weight))
        for country, share in group.share_by_country.items():
            there = (code == country) * weight
            spread += share * there / there.sum() if there.sum() > 0 else 0.0
        weight = spread
    if weight.sum() <= 0:
        raise InputError(Problem("no_place", f"there is no place for {name} in the area", path=f"operators.{name}.where", suggestion="widen the area or the countries"))
    edges = np.cumsum(weight) / weight.sum()
    pick = np.searchsorted(edges, streams.uniform(f"place of {name}", 0, np.arange(group.n_sites))).clip(0, len(edges) - 1)
    return lat[pick], lng[pick], code[pick]


def _nearest_city(lat: Floats, lng: Floats, city_lat: Floats, city_lng: Floats) -> tuple[NDArray[np.int64], Floats]:
    km = great_circle_km(lat[:, None], lng[:, None], city_lat[None, :], city_lng[None, :])
    nearest = km.argmin(axis=1)
    return nearest, km[np.arange(len(lat)), nearest]


def _hubs(spec: ComputeScenario, names: NDArray[np.str_]) -> list[int]:
    row = {name: number for number, name in enumerate(names.tolist())}
    unknown = [city for city in spec.users.users_share_by_city if city not in row]
    if unknown:
        raise InputError(
            Problem("unknown_city", f"no cloud region stands in {', '.join(unknown)}", path="users.users_share_by_city", suggestion=", ".join(sorted(row)[:12]) + ", …")
        )
    return [row[city] for city in spec.users.users_share_by_city]


