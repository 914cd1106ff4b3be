"""The parts of a sensing network: stations on roofs, rooms and poles, and who buys what they measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.actors import costs as costs_module
from twin.actors import fleet as fleet_module
from twin.actors import operators as operators_module
from twin.actors.operators import Offer as BoxOffer
from twin.economy.pots_and_rates import PotsAndRates
from twin.integrity.campaigns import Campaigns, campaigns_of
from twin.kernel import DAY_S, Lane
from twin.kinds.sensing import cheats as cheats_module
from twin.kinds.sensing import network as network_module
from twin.kinds.sensing.cheats import LOOKS_EVERY_DAYS, Cheats, Checks
from twin.kinds.sensing.demand_units import units_of
from twin.kinds.sensing.network import Sensing, pools_of
from twin.kinds.sensing.offers import Offers
from twin.kinds.sensing.spec import SensingScenario
from twin.kinds.sensing.subscribers import Subscribers
from twin.kinds.sensing.trade import SensingTrade
from twin.state import Accrual, Columns
from twin.world import World
from twin.world.boxes import boxes_of, law_on_boxes, owners_decide, think_again_monthly
from twin.world.ground import lay_out

Slots = NDArray[np.int64]
COLUMNS = (
    *fleet_module.COLUMNS, *operators_module.COLUMNS, *costs_module.COLUMNS, *cheats_module.COLUMNS, *network_module.COLUMNS,
)  # fmt: skip


def furnish(world: World) -> None:
    """Ground, boxes, network, books, owners, cheats, checks, law."""
    spec: SensingScenario = world.spec
    clock, streams, today, note = world.clock, world.streams, world.today, world.chronicle.note
    world.ground = ground = lay_out(spec.place, base_dir=world.base_dir, map_resolution=spec.record.cells_h3_resolution)
    world.chronicle.sites = ground.sites
    units, unit_cell = units_of(spec.service, ground)
    n = ground.sites.n
    nodes, inside = Columns(n, COLUMNS), np.ones(n, bool)
    pools, measures = pools_of(spec)
    accrual = Accrual(n, pools, measures, settlements=clock.n_days)
    boxes = boxes_of(world, nodes, region=ground.region, usd_per_kwh=ground.usd_per_kwh, inside=inside)
    prices, fleet, makers = boxes.prices, boxes.fleet, boxes.makers
    buyers = [Subscribers(name, each, units.weight, start=clock.start) for name, each in spec.customers.items()]
    network = Sensing(
        clock, streams, spec, sites=ground.sites, units=units, nodes=nodes, accrual=accrual, buyers=buyers,
        changes=fleet.take_changes, cost_usd_per_day=boxes.costs.total_usd_per_day, today=today,
    )  # fmt: skip
    clock.every_day(network.follow, lane=Lane.SERVE, sub=0, name="stations that came and went")
    clock.every(spec.network.recount_every_days * DAY_S, network.recount, lane=Lane.SERVE, sub=1, name="quality, places and service counted anew")
    clock.every_month(network.month, lane=Lane.DECIDE, sub=3, name="buyers subscribe and churn", day_of_month=3)
    if network.streaks:
        clock.every(7 * DAY_S, network.week, lane=Lane.PROVE, sub=1, name="streaks of connected weeks")
    nobody = np.zeros(clock.n_days)
    outside_stations = world.series(spec.outside.stations) if spec.outside else nobody
    outside_usd = world.series(spec.outside.revenue_usd_per_day) if spec.outside else nobody
    offers = Offers(spec, clock, network, outside_stations, outside_usd, today)
    books = PotsAndRates(
        clock, token_name=world.token_name, supply_tokens=world.token.supply_before_tokens, accrual=accrual, today=today, offers=offers,
        treasury_tokens=offers.treasury_tokens, replacement_usd_per_day=boxes.replacement_usd_per_day, burned_share=spec.revenue.burned_share,
        operators_share=spec.revenue.operators_share, backing_days=spec.verdict.backing_days, outside_weight=offers.outside_weights(),
        outside_revenue_usd=outside_usd, rebates_usd=lambda: trade.rebates_usd(),
    )  # fmt: skip
    offers.books = books

    def deliver(slots: Slots, lives: NDArray[np.int16], pays: bool = True) -> None:
        if pays:
            books.buy_hardware(len(slots) * float(prices.replacement_usd[clock.day]))
        makers.order(slots, lives)

    def new_box_usd() -> float:
        return float(prices.new_usd[clock.day])

    reckoning = owners_decide(world, nodes, boxes, ground.sites, accrual, network, BoxOffer(new_box_usd, 0.5, deliver), claimed=books.claim)
    cheats = Cheats(clock, streams, nodes, network=network, fleet=fleet, new_box_usd=new_box_usd, deliver=deliver, note=note)
    campaigns = Campaigns(clock, campaigns_of(world.society, clock, spec.adversaries), cheats)
    on_guard = spec.verification.checks
    checks = None if on_guard is None else Checks(clock, streams, nodes, on_guard, spec.adversaries, network=network, cheats=cheats, note=note)
    if checks is not None:
        clock.every(LOOKS_EVERY_DAYS * DAY_S, checks.look, lane=Lane.PROVE, sub=2, name="readings compared with neighbours and the sun")
    law_on_boxes(world, nodes, boxes, reach=ground.reach, costs_changed=network.eligibility_changed)
    think_again_monthly(
        world, boxes, reckoning.payback_months, lambda gone: books.refund(len(gone) * float(prices.replacement_usd[clock.day]))
    )
    trade = SensingTrade(
        world, boxes, network=network, buyers=buyers, checks=checks, ground=ground, unit_cell=unit_cell, outside_stations=outside_stations
    )
    trade.books = books
    world.mechanisms.offer("subsidy", books.switch_subsidy)
    world.mechanisms.offer("subsidy", trade.end_rebates)
    world.mechanisms.offer("rebates", trade.end_rebates)
    world.mechanisms.offer("cheats", campaigns.switch)
    if checks is not None:
        world.mechanisms.offer("verification_errors", checks.inspection.switch_errors)
    world.open(trade, books, accrual, nodes, sales=trade.sales)
