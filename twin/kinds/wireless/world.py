"""The parts of a wireless network: hotspots on roofs that prove coverage to each other, and sensors whose data they carry.

What is drawn from the map depends on the place and its own seed; what is drawn from `Streams` depends on the run's.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from twin.actors import costs as costs_module
from twin.actors import fleet as fleet_module
from twin.actors import operators as operators_module
from twin.actors.customers.incumbents import alternative_multiples
from twin.actors.law_of_demand import Levies
from twin.actors.operators import Offer
from twin.arrays import Slots
from twin.economy.emission import day_range, values_on
from twin.economy.shared_token import smoothed_share
from twin.economy.shared_token_books import Given, SubNetwork
from twin.integrity import denylist as denylist_module
from twin.integrity import farms as farms_module
from twin.kernel import DAY_S, Lane
from twin.kinds.wireless.buckets import ACCOUNTS, split_part
from twin.kinds.wireless.fees_and_credits import assert_location_usd, onboarding_usd
from twin.kinds.wireless.network import MEASURES, POOLS, Outside, Wireless
from twin.kinds.wireless.radio_map import radio_map
from twin.kinds.wireless.rules import change_dates
from twin.kinds.wireless.sensors import Prices
from twin.kinds.wireless.service import Service
from twin.kinds.wireless.site_proof import SiteProof
from twin.kinds.wireless.spec import WirelessScenario
from twin.kinds.wireless.trade import WirelessTrade, sensors_of
from twin.state import Accrual, Columns
from twin.world import World
from twin.world.devices import devices_of, law_on_devices, owners_decide, think_again_monthly
from twin.world.farms_on_guard import farms_and_list
from twin.world.ground import ground_of_place
from twin.world.sub_network import books_of_sub_network

COLUMNS = (
    *fleet_module.COLUMNS, *operators_module.COLUMNS, *costs_module.COLUMNS, *farms_module.COLUMNS, *denylist_module.COLUMNS,
)  # fmt: skip


def furnish(world: World) -> None:
    """Ground, hotspots, network, customers, books, owners, list, farms, law."""
    spec: WirelessScenario = world.spec
    clock, streams, today, note, credits = world.clock, world.streams, world.today, world.chronicle.note, spec.data_credits
    ground = ground_of_place(world)
    sites, radio = ground.sites, radio_map(spec, ground.sites, ground.points, cache=world.cache)
    nodes, inside = Columns(sites.n, COLUMNS), sites.inside
    accrual = Accrual(sites.n, POOLS, MEASURES, settlements=clock.n_days)
    devices = devices_of(world, nodes, ground, inside=inside)
    prices, fleet, costs = devices.prices, devices.fleet, devices.costs
    given = given_by_day(world)
    service = Service(radio.coverage(), ground.people_of_point, at_power=radio.coverage_at_power)
    network = Wireless(
        clock, SiteProof(spec.proof_of_coverage, streams, sites, radio.hearing(), start=clock.start), service,
        Outside(spec.outside, world.series(spec.outside.hotspots if spec.outside else 0.0), given.outside_data_usd), nodes=nodes, accrual=accrual,
        inside=inside, changes=fleet.take_changes, cost_usd_per_day=costs.total_usd_per_day,
        usd_at_points=lambda served: sensors.credits_at_points(served) * (credits.usd_per_credit * world.customers.demand_share(clock.today)), subsidy_held=lambda: world.fading.is_held(clock.day), today=today,
    )  # fmt: skip
    for day in change_dates(spec.proof_of_coverage, start=clock.start, end=clock.end):
        clock.on(day, network.change_rules, lane=Lane.SHOCK, sub=6, name="a rule of the protocol changes")
    clock.every_day(network.serve, lane=Lane.SERVE, sub=0, name="consequences of what came and went: hearing, coverage, weights")
    clock.every(spec.network.recount_every_days * DAY_S, network.mark_due, lane=Lane.SERVE, sub=1, name="recount falls due")
    clock.every_day(network.prove, lane=Lane.PROVE, sub=0, name="density scale and proof units (when due)")
    levies = Levies(len(ground.people_of_point))
    sensors = sensors_of(
        clock, streams, world.customers, spec.customers, people=ground.people_of_point, coverage=service,
        prices=Prices(credits.usd_per_credit, levies.share, credits.usd_per_credit), note=note,
        alternative=lambda each: alternative_multiples(each, ground.map, ground.point_cell),
    )  # fmt: skip

    def adopt() -> None:
        world.customers.review()
        sensors.recount()

    clock.every_month(adopt, lane=Lane.DECIDE, sub=3, name="customers adopt and churn", day_of_month=3)
    service.listener, service.demand = sensors.cover_changed, sensors.demand()
    rules = SubNetwork(
        split=partial(split_part, spec.rewards), accounts=ACCOUNTS, usage_pool="data", has_top_up=False, project_buys="usage of affiliates, and rebates"
    )
    books = books_of_sub_network(world, devices, accrual, rules, given, inside_share=network.inside_share)
    network.outside.answer = books.rest_answers
    clock.every_day(books.settle, lane=Lane.SETTLE, sub=0, name="settlement: mint, split, pay, burn, check")

    def order(slots: Slots, lives: NDArray[np.int16]) -> None:
        price = devices.new_usd()
        devices.order(slots, lives, paid_usd=price)
        books.buy_hardware(len(slots) * price, inside_share=float(inside[slots].mean()))
        books.pay_fees(len(slots) * onboarding_usd(credits, clock.today))

    def new_hotspot_usd() -> float:
        return devices.new_usd() + onboarding_usd(credits, clock.today)

    offer = Offer(new_hotspot_usd, spec.hardware.used_price_share, order, lambda: float(prices.replacement_usd[clock.day]))
    reckoning = owners_decide(
        world, nodes, devices, sites, accrual, network, offer, claimed=books.claim,
        elsewhere=lambda: float(network.outside.hotspots(clock.day)), paid_assert=lambda hotspots: books.pay_fees(hotspots * assert_location_usd(credits, clock.today)),
    )  # fmt: skip
    farms, denylist = farms_and_list(world, nodes, devices, network, sites, distance_km=radio.distance_km, new_device_usd=new_hotspot_usd, deliver=order)
    law_on_devices(world, nodes, devices, ground, costs_changed=network.eligibility_changed, radio=network, levies=levies)

    def payback_months(slots: Slots) -> NDArray[np.float64]:
        """Of those who wait for a hotspot; rings that ordered for a farm do not think again."""
        return np.where(nodes.fake[slots] >= 0, 0.0, reckoning.payback_of_waiting_months(slots))

    think_again_monthly(world, devices, payback_months, books.refund)
    trade = WirelessTrade(
        world, devices, network=network, sensors=sensors, books=books, farms=farms, denylist=denylist, ground=ground, explicit=radio.explicit, levies=levies,
    )  # fmt: skip
    if world.fading.begins_day is not None:
        world.mechanisms.offer("taper", lambda on: network.hold_proof())
    world.open(trade, books, accrual, nodes, inside=inside, sales=trade.sales, rebates=True)


def given_by_day(world: World) -> Given:
    """What the rest of the network and the other sub-network do, by day."""
    spec, other, clock = world.spec, world.spec.rewards.other_sub_network, world.clock
    days = day_range(clock.start, clock.end)
    return Given(
        share=smoothed_share(other.share_target, other.share_smoothing_days, days),
        outside_data_usd=world.series(spec.outside.data_usd_per_day if spec.outside else 0.0),
        other_data_usd=world.series(other.data_usd_per_day),
        other_burn_usd=values_on(other.other_burn_usd_per_day, days, 0.0),
        project_burn_usd=np.zeros(clock.n_days),
    )
