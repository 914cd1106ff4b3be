"""The parts of an energy network: households, their roofs and batteries, the grids that pay them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.actors import fleet as fleet_module
from twin.actors.costs import Duties
from twin.actors.fleet import Fleet
from twin.actors.hardware_prices import hardware_prices
from twin.actors.law import Effect
from twin.actors.law_of_demand import Levies
from twin.actors.law_of_devices import effects_on_devices
from twin.actors.law_of_grids import Curtailment, FeedingIn, Interconnection
from twin.actors.law_of_money import EntryCosts
from twin.actors.makers import Makers
from twin.actors.operators import Parties
from twin.actors.operators import households as households_module
from twin.actors.operators.households import HouseholdPolicy
from twin.economy.opex import replacement_cost_usd_per_year
from twin.kernel import Lane
from twin.kinds.energy import network as network_module
from twin.kinds.energy.fake_meters import METER_CHECK, FakeMeters, MeterCheck
from twin.kinds.energy.network import MEASURES, OWN_USE, POOLS, VESTED, Energy
from twin.kinds.energy.rewards import Offers
from twin.kinds.energy.spec import EnergyScenario
from twin.kinds.energy.trade import EnergyTrade
from twin.kinds.energy.types import types_of, years_of
from twin.kinds.energy.zones import groups_of, zones_of
from twin.state import Accrual, Columns, Funding, Relation
from twin.world import World
from twin.world.cheats import let_cheat
from twin.world.device_network import AtWork
from twin.world.ground import ground_of_place
from twin.world.law_reach import enact, places_of
from twin.world.owned_devices import paid_from_pots
from twin.world.watched_devices import watch_devices


def furnish(world: World) -> None:
    """Ground, households, batteries, programmes, books, meters held against the sun."""
    spec: EnergyScenario = world.spec
    clock, streams, today, note = world.clock, world.streams, world.today, world.chronicle.note
    ground = ground_of_place(world)
    n = ground.sites.n
    zone = zones_of(spec.markets, ground.sites)
    group = groups_of(list(spec.operators.values()), streams, n)
    types, kind = types_of(ground.sites.lat_deg, group, zone, spec.solar)
    parties = Parties(world.society, spec.operators, group)
    nodes = Columns(n, (*fleet_module.COLUMNS, *households_module.COLUMNS, *network_module.COLUMNS))
    accrual = Accrual(n, POOLS, MEASURES, settlements=clock.n_days, weight_dtype=np.float64)
    fleet = Fleet(clock, streams, nodes, spec.hardware.every, inside=np.ones(n, bool))
    makers = Makers(clock, streams, spec.hardware, on_arrival=fleet.arrive)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=world.base_dir)

    device_usd_per_year = replacement_cost_usd_per_year(
        prices.replacement_usd, hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, life_years=spec.hardware.every.life_years
    )

    def join(slots: NDArray[np.int64], lives: NDArray[np.int16]) -> None:
        books.buy_hardware(len(slots) * float(prices.replacement_usd[clock.day]))
        entry.bought(slots, float(prices.replacement_usd[clock.day]))
        makers.order(slots, lives)

    def pays(usd: float, reason: str) -> None:
        if reason == "systems":
            today.new_hardware_usd += usd
        target = {"systems": "world", "deposits": "treasury"}.get(reason)
        if target is None:
            books.give_up(usd, reason)
        else:
            books.pay("operators", target, usd, reason)

    def burns(usd: float) -> None:
        books.give_up_tokens(usd)

    network = Energy(
        AtWork(clock, today, nodes, accrual, fleet.take_changes), spec, streams, sites=ground.sites, zone=zone, kind=kind, types=types, year=years_of(types, spec, streams),
        fleet=fleet, join=join, pays_usd=pays, burns_usd=burns, hurdle_rate=spec.verdict.hurdle_rate_per_year, note=note, device_usd_per_year=lambda: float(device_usd_per_year[clock.day]), demand_share=world.customers.demand_share,
    )  # fmt: skip
    households = HouseholdPolicy(
        clock, streams, nodes, parties, programme=network, fleet=fleet, neighbourhood=(ground.sites.first[5], ground.sites.rows(5))
    )
    clock.every_month(households.decide, lane=Lane.DECIDE, sub=0, name="households buy, join, move and leave", day_of_month=5)
    clock.every_day(network.serve, lane=Lane.SERVE, sub=1, name="sun, events and markets of the day")
    duties, on_guard = Duties(network.duty_usd_per_day, network.announced_duty_usd_per_day), spec.verification.meters
    fakes = FakeMeters(
        streams, nodes, fleet=fleet, join=join, note=note, clock=clock, paid=network, meter_usd=lambda: float(prices.replacement_usd[clock.day]),
        check=on_guard,
    )  # fmt: skip
    let_cheat(world, fakes, tricks={fakes.name: fakes})
    if on_guard is not None:
        network.meters = MeterCheck(clock, streams, nodes, on_guard, list(spec.adversaries.values()), fakes=fakes, note=note, paid=network)
        watch_devices(world, network.meters, METER_CHECK, nodes, denied_days=on_guard.denied_days, duties=duties, costs_changed=network.law_changed, looks_per_day=1.0)
    for day in network.change_dates():
        clock.on(day, network.new_tariffs, lane=Lane.SHOCK, sub=6, name="tariffs, programmes or tax credits change")

    def vested_and_saved() -> dict[tuple[str, str], float]:
        usd = network.vested_usd_per_day()
        books.pay("treasury", "operators", usd, "own deposits")
        own_use_usd = accrual.total(OWN_USE)
        books.pay("world", "own_use", own_use_usd, "bills saved")
        books.pay("own_use", "operators", own_use_usd, "bills saved", funding=Funding.OWN_USE)
        return {("vested_usd", VESTED): usd, ("own_use_usd", OWN_USE): 1.0}

    offers = Offers(spec, clock, network, world.fading)
    books = paid_from_pots(
        world, accrual, operators_share=spec.revenue.hosts_share, offers=offers, treasury_tokens=offers.treasury_tokens,
        replacement_usd_per_day=np.ones(clock.n_days), more_pots=vested_and_saved,
    )  # fmt: skip
    books.ledger.open("own_use", Relation.OPERATOR)
    entry = EntryCosts(network.law_price_share, network.law_setup_usd, today=today, changed=network.hardware_prices_changed)
    network.bought = entry.imported
    levies = Levies(n, of_nodes=True, borne_by_sellers=True)
    levies.changed = lambda: network.levies_changed(levies.kept_share)
    effects: dict[str, Effect] = effects_on_devices(
        nodes, clock=clock, streams=streams, costs=duties, fleet=fleet,
        entry=entry, costs_changed=network.law_changed, note=note, levies=levies,
    )  # fmt: skip
    feeding_in = FeedingIn(network.may_sell_share, clock=clock, changed=network.law_changed)
    network.joined = feeding_in.joined
    effects |= {"curtailment": Curtailment(nodes, feeding_in), "interconnection": Interconnection(nodes, feeding_in, network.connection_usd)}
    if any(rule.enabled and rule.kind == "interconnection" for rule in spec.regulation.values()):
        clock.every_day(feeding_in.let_in, lane=Lane.ARRIVE, sub=4, name="systems that waited are let into the grid")
    enact(world, effects, reach=ground.reach, nodes=places_of(ground.sites), points=places_of(ground.points), made_up=lambda: nodes.fake >= 0)
    trade = EnergyTrade(world, network, parties, fleet, ground, levies)
    trade.books = books
    clock.every_day(trade.claim, lane=Lane.DECIDE, sub=1, name="households claim and sell (one in thirty a day)")
    world.mechanisms.offer("slashing", network.switch_slashing, exists=spec.hosts.stake_usd_per_kw > 0)
    world.mechanisms.offer("supply_delay", makers.switch_delay, exists=makers.take_time)
    world.open(trade, books, accrual, nodes, sales=trade.sales)
