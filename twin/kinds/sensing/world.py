"""The parts of a sensing network: stations on roofs, rooms and poles, and who buys what they measure."""

from __future__ import annotations

import numpy as np

from twin.actors.customers.incumbents import alternative_multiples
from twin.actors.customers.sale import Terms
from twin.actors.law_of_demand import Levies
from twin.economy.pots_and_rates import pools_of
from twin.kernel import DAY_S, Lane
from twin.kinds.sensing import network as network_module
from twin.kinds.sensing.demand_units import units_of
from twin.kinds.sensing.network import Sensing, pays_a_rate
from twin.kinds.sensing.offers import Offers
from twin.kinds.sensing.spec import SensingScenario
from twin.kinds.sensing.subscribers import Subscribers
from twin.kinds.sensing.trade import SensingTrade
from twin.state import Accrual, Columns
from twin.world import World, owned_devices
from twin.world.devices import devices_of
from twin.world.ground import ground_of_place
from twin.world.law_reach import DemandPlaces
from twin.world.owned_devices import own_and_watch, paid_from_pots


def furnish(world: World) -> None:
    """Ground, stations, network, books, owners, cheats, checks, law."""
    spec: SensingScenario = world.spec
    clock, today, ground = world.clock, world.today, ground_of_place(world)
    units, unit_cell = units_of(spec.service, ground)
    n = ground.sites.n
    nodes = Columns(n, (*owned_devices.COLUMNS, *network_module.COLUMNS))
    accrual = Accrual(n, *pools_of({name: pays_a_rate(each) for name, each in spec.rewards.items()}), settlements=clock.n_days)
    devices = devices_of(world, nodes, ground)
    buyers = {
        name: Subscribers(
            each, units.weight, lambda: network.service.share, alternative=alternative_multiples(each, ground.map, unit_cell), start=clock.start, last=clock.end
        ) for name, each in spec.customers.items()
    }  # fmt: skip
    payers = {
        buyers[name]: world.customers.add(name, buyers[name], Terms(starts=each.starts, rebate_share=each.rebate_share, affiliate=each.affiliate))
        for name, each in spec.customers.items()
    }
    network = Sensing(
        devices.at_work(world, nodes, accrual), spec, world.streams, sites=ground.sites, units=units, buyers=payers,
        cost_usd_per_day=devices.costs.total_usd_per_day,
    )  # fmt: skip
    clock.every_day(network.follow, lane=Lane.SERVE, sub=0, name="stations that came and went")
    clock.every(spec.network.recount_every_days * DAY_S, network.recount, lane=Lane.SERVE, sub=1, name="quality, places and service counted anew")

    levies = Levies(len(units.weight))

    def reprice() -> None:
        for each in buyers.values():
            each.reprice(levies.share)
        network.customers_changed()

    levies.changed = reprice

    def sell() -> None:
        world.customers.sell()
        if levies.any:
            levies.collect(sum((buyer.billed_usd(clock.today) for buyer, payer in payers.items() if payer.buys_on(clock.today)), np.zeros(len(units.weight))))

    def subscribe() -> None:
        world.customers.review()
        network.customers_changed()

    clock.every_month(subscribe, lane=Lane.DECIDE, sub=3, name="buyers subscribe and churn", day_of_month=3)
    if network.streaks:
        clock.every(7 * DAY_S, network.week, lane=Lane.PROVE, sub=1, name="streaks of connected weeks")
    nobody = np.zeros(clock.n_days)
    outside_stations = world.series(spec.outside.stations) if spec.outside else nobody
    outside_usd = world.series(spec.outside.revenue_usd_per_day) if spec.outside else nobody
    offers = Offers(spec, clock, network, outside_stations, outside_usd, today, world.fading)
    books = paid_from_pots(
        world, accrual, operators_share=spec.revenue.operators_share, offers=offers, treasury_tokens=offers.treasury_tokens, outside_weight=offers.outside_weights(),
        outside_revenue_usd=outside_usd, replacement_usd_per_day=devices.replacement_usd_per_day, rebates_usd=lambda: world.customers.rebates_usd,
        rest_sells_share=devices.parties.mean_of("sells_share"),
    )  # fmt: skip
    offers.books = books

    checks = own_and_watch(
        world, devices, network, books, ground, adversaries=spec.adversaries, on_guard=spec.verification.checks,
        asserted_at=network.places.asserted_at, one_roof_pays_once=spec.location.cluster_radius_m > 0, checks_name="readings compared with neighbours and the sun",
        levies=levies, demand=DemandPlaces.on_cells(unit_cell, ground.map),
    )  # fmt: skip
    trade = SensingTrade(
        world, devices, checks, network=network, books=books, ground=ground, unit_cell=unit_cell, stations_elsewhere=offers.stations_elsewhere
    )
    world.open(trade, books, accrual, nodes, sales=sell, rebates=True)
