"""Farms of devices that hear each other by wire, the list on which they are put, and rings that are sought in the graph of who vouches for whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.geo import local_plane
from twin.geo.sites import SitePool
from twin.integrity import denylist as denylist_module
from twin.integrity import farms as farms_module
from twin.integrity import ring_check as ring_check_module
from twin.integrity.campaigns import Campaign, Exploit
from twin.integrity.denylist import DENYLIST, Denylist
from twin.integrity.farm_tricks import FarmTrick, SplitAntennaTrick
from twin.integrity.farms import Farms, rings_of
from twin.integrity.ring_check import RINGS, RingCheck
from twin.kernel import DAY_S, DAYS_PER_MONTH, Lane
from twin.state import Columns
from twin.world.cheats import let_act
from twin.world.devices import Devices
from twin.world.watched_devices import watch_devices
from twin.world.world import World


class Network(farms_module.Network, denylist_module.Network, ring_check_module.Network, Protocol):
    """What farms and those who look for them must know of a network."""

    def tested(self, slots: Slots, *, within_km: float) -> NDArray[np.bool_]:
        """Whether the place that each claims lies inside the hull of honest nodes within so many kilometres."""


def farms_and_list(
    world: World, nodes: Columns, devices: Devices, network: Network, sites: SitePool, *, distance_km: Callable[[int, Slots], NDArray[np.float64]],
    new_device_usd: Callable[[], float], deliver: Callable[[Slots, NDArray[np.int16]], None],
) -> tuple[Farms, Denylist | None]:  # fmt: skip
    """Puts rings, the denylist and the search for rings on the clock, as the scenario states them, and has the world watch the checks."""
    clock, streams, note, inside, verification = world.clock, world.streams, world.chronicle.note, sites.inside, world.spec.verification
    on_guard, seek = verification.denylist, verification.rings
    farms = Farms(
        clock, streams, nodes, rings_of(world.society, clock, world.spec.adversaries), network=network, fleet=devices.fleet, sites=np.flatnonzero(inside), distance_km=distance_km,
        new_device_usd=new_device_usd, deliver=deliver, running_usd_per_month=float(np.median(nodes.running_usd_per_day)) * DAYS_PER_MONTH,
        months_until_listed=Denylist.months_until_listed(on_guard), note=note,
    )  # fmt: skip
    if on_guard is None:
        _let_farm(world, farms, checks=())
        return farms, None
    tested = partial(network.tested, within_km=on_guard.observers_within_km)
    denylist = Denylist(clock, streams, nodes, on_guard, network=network, note=note, inside=inside, unplug=farms.unplug, tested=tested, splits=farms.hang_on_one_antenna)
    checks: dict[str, Denylist | RingCheck] = {DENYLIST: denylist}
    if seek is not None:
        place_km = local_plane.on_sphere_km(sites.lat_deg, sites.lng_deg)
        checks[RINGS] = rings = RingCheck(clock, streams, nodes, seek, network=network, denylist=denylist, place_km=place_km, tested=tested, note=note)
        clock.every(seek.looks_every_days * DAY_S, rings.look, lane=Lane.PROVE, sub=1, name="rings sought in the graph of who vouches for whom")
        world.pressure_tables["rings"] = rings.rows
    _let_farm(world, farms, checks=tuple(checks))
    for name, check in checks.items():
        watch_devices(
            world, check, name, nodes, denied_days=on_guard.timing.denied_days, duties=devices.costs, costs_changed=network.eligibility_changed,
            looks_per_day=check.looks_per_day, campaign_of=farms.adversary_of, put_out=denylist.put_out[name],
        )  # fmt: skip
    return farms, denylist


def _let_farm(world: World, farms: Farms, *, checks: tuple[str, ...]) -> None:
    """Rings act, each on its own days; those that learn by what they believe of these checks."""
    exploit: Exploit[Any] = farms
    if world.guard.someone_learns:
        tricks = {trick.name: trick(farms, checks=checks) for trick in (FarmTrick, SplitAntennaTrick)}
        exploit = world.guard.learn(tricks, otherwise=cast(Exploit[Campaign], farms), note=world.chronicle.note, pays=lambda usd: world.books.pay_for_cheating(usd))
    let_act(world, farms.rings, exploit, sub=6)
