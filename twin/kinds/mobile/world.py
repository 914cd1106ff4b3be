"""The parts of a mobile network: access points where people pass by, carriers whose phones hang on them, a token that another sub-network shares."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.actors import costs as costs_module
from twin.actors import fleet as fleet_module
from twin.actors import operators as operators_module
from twin.actors.law_of_demand import Levies
from twin.actors.operators import Offer
from twin.arrays import Slots
from twin.economy.emission import day_range, values_on
from twin.economy.shared_token import smoothed_share
from twin.economy.shared_token_books import Given, SubNetwork
from twin.geo import grid
from twin.geo.sites import NO_POINTS
from twin.integrity import fake_devices
from twin.integrity.fake_devices import LOOKS_EVERY_DAYS
from twin.kernel import DAY_S, DAYS_PER_MONTH, Lane
from twin.kinds.mobile.access_points import access_points_of, kind_of, power_w
from twin.kinds.mobile.buckets import ACCOUNTS, split_part
from twin.kinds.mobile.customers import demand_of
from twin.kinds.mobile.escrow import Escrow
from twin.kinds.mobile.fake_radios import CARRIER_CHECKS, CarrierChecks, FakeRadios, RadioTrick
from twin.kinds.mobile.neighbourhoods import MAP_RESOLUTION, draw_places
from twin.kinds.mobile.network import MEASURES, POOLS, Mobile
from twin.kinds.mobile.places import places_of
from twin.kinds.mobile.proof_spec import DeviceKind
from twin.kinds.mobile.spec import MobileScenario
from twin.kinds.mobile.trade import MobileTrade
from twin.state import Accrual, Columns
from twin.world import World
from twin.world import ground as ground_module
from twin.world.cheats import let_cheat
from twin.world.devices import devices_of, law_on_devices, owners_decide, think_again_monthly
from twin.world.ground import Ground, country_shares, ground_of, kept_ground, stand_on
from twin.world.sub_network import books_of_sub_network
from twin.world.watched_devices import watch_devices

COLUMNS = (*fleet_module.COLUMNS, *operators_module.COLUMNS, *costs_module.COLUMNS, *fake_devices.COLUMNS)


def furnish(world: World) -> None:
    """Ground, access points, customers, network, books, hosts, law."""
    spec: MobileScenario = world.spec
    clock, streams, ground = world.clock, world.streams, stand_on(world, lay_out(world))
    sites, nodes = ground.sites, Columns(ground.sites.n, COLUMNS)
    accrual = Accrual(sites.n, POOLS, MEASURES, settlements=clock.n_days)
    devices = devices_of(world, nodes, ground, power_w=lambda owners: power_w(spec, owners.group))
    owners, prices = devices.owners, devices.prices
    access_points = access_points_of(spec, owners.group, reference_usd=float(prices.replacement_usd[0]), start=clock.start)
    owners.payback_limit_months[:] = owners.payback_limit_months * access_points.patience_share
    places = places_of(sites, (ground.map.people / ground.map.area_km2)[ground.site_cell], spec.offload, streams)
    demand = demand_of(spec, clock, places, streams, world.series)
    network = Mobile(
        devices.at_work(world, nodes, accrual), spec, streams, places=places, devices=access_points, demand=demand, cost_usd_per_day=devices.costs.total_usd_per_day
    )
    clock.every_day(network.follow, lane=Lane.SERVE, sub=0, name="access points that came and went")
    clock.every(spec.network.recount_every_days * DAY_S, network.recount, lane=Lane.SERVE, sub=1, name="crowding, users and points counted anew")
    rules = SubNetwork(
        split=partial(split_part, spec.rewards), accounts=ACCOUNTS, usage_pool="usage", has_top_up=True,
        project_buys="usage of affiliates, and burns by decision",
        released_share=spec.rewards.supplement_released_share, burned_by_ledger=True,
    )  # fmt: skip
    books = books_of_sub_network(world, devices, accrual, rules, given_by_day(world))
    clock.every_day(books.settle, lane=Lane.SETTLE, sub=0, name="settlement: burns, mint and pay band, split, pay, check")

    escrow = None
    if spec.verification.escrow:
        escrow = Escrow(
            clock, nodes, accrual, sells_share=devices.parties.of("sells_share"), release=books.claim,
            burns=lambda tokens: books.move("operators_accrued", "burn", tokens, "held in escrow, of cheats"),
        )  # fmt: skip
        world.mechanisms.offer("slashing", escrow.switch_slashing)

    def buy(slots: Slots, lives: NDArray[np.int16], pays: bool = True) -> None:
        price = float(prices.replacement_usd[clock.day]) * devices.makers.street_factor() if pays else 0.0
        devices.order(slots, lives, paid_usd=access_points.price_share[slots] * price)
        books.buy_hardware(float(access_points.price_share[slots].sum()) * price)
        books.pay_fees(float(access_points.fee_usd[slots].sum()))

    def make_up(slots: Slots, lives: NDArray[np.int16], pays: bool) -> None:
        buy(slots, lives, pays)
        if escrow is not None:
            escrow.begins(slots)

    def device_usd(kind: DeviceKind) -> tuple[float, float]:
        device = spec.hardware.devices[kind]
        return devices.new_usd() * device.price_usd / float(prices.replacement_usd[0]), device.onboarding_usd

    offer = Offer(devices.new_usd, spec.hardware.used_price_share, buy)
    reckoning = owners_decide(world, nodes, devices, sites, accrual, network, offer, claimed=books.claim if escrow is None else escrow.claim)
    kinds, on_guard, checks = kind_of(spec, owners.group), spec.verification.carriers, None
    fakes = FakeRadios(
        clock, streams, nodes, spec.adversaries, network=network, fleet=devices.fleet, device_usd=device_usd,
        is_kind=lambda kind: np.asarray(kinds == list(spec.hardware.devices).index(kind)), deliver=make_up, note=world.chronicle.note,
    )  # fmt: skip
    trick = RadioTrick(
        fakes, checks=() if on_guard is None else (CARRIER_CHECKS,), escrow=escrow, running_usd_per_month=lambda slots: devices.costs.running_usd_per_day(slots) * DAYS_PER_MONTH
    )
    let_cheat(world, fakes, tricks={trick.name: trick})
    if on_guard is not None:
        checks = CarrierChecks(clock, streams, nodes, on_guard, list(spec.adversaries), network=network, fakes=fakes, escrow=escrow, note=world.chronicle.note)
        clock.every(LOOKS_EVERY_DAYS * DAY_S, checks.look, lane=Lane.PROVE, sub=2, name="carriers' data held against claims")
        watch_devices(
            world, checks, CARRIER_CHECKS, nodes, denied_days=on_guard.denied_days, duties=devices.costs, costs_changed=network.eligibility_changed, looks_per_day=1 / LOOKS_EVERY_DAYS
        )
    levies = Levies(sites.n, of_nodes=True)
    law_on_devices(world, nodes, devices, ground, costs_changed=network.eligibility_changed, levies=levies)
    think_again_monthly(world, devices, lambda slots: np.where(nodes.fake[slots] < 0, reckoning.payback_months(slots), 0.0), books.refund)
    trade = MobileTrade(world, devices, network=network, demand=demand, books=books, ground=ground, checks=checks, escrow=escrow, levies=levies)
    world.open(trade, books, accrual, nodes, sales=trade.sales)


def lay_out(world: World) -> Ground:
    """Places in neighbourhoods on cells of the map; nobody draws demand points, since customers are counted by what runs."""
    spec: MobileScenario = world.spec
    resolution = spec.record.cells_h3_resolution or MAP_RESOLUTION

    def make() -> Ground:
        pool = draw_places(spec.place, spec.neighbourhoods, country_prior=country_shares(spec.place, world.base_dir))
        cells = grid.grid_of_cells(pool.cells[resolution], population=spec.place.population)
        return ground_of(pool, NO_POINTS, cells, resolution=resolution, region=pool.jurisdiction)

    decided_by = [spec.neighbourhoods.model_dump(mode="json"), resolution]
    return kept_ground(make, spec.place, Path(__file__).parent, Path(ground_module.__file__), base_dir=world.base_dir, decided_by=decided_by, cache=world.cache)


def given_by_day(world: World) -> Given:
    """What the other sub-network and the project do, by day."""
    rewards, clock = world.spec.rewards, world.clock
    days, nothing = day_range(clock.start, clock.end), np.zeros(clock.n_days)
    return Given(
        share=smoothed_share(rewards.share_target, rewards.share_smoothing_days, days),
        outside_data_usd=nothing,
        other_data_usd=world.series(rewards.other_data_usd_per_day),
        other_burn_usd=nothing,
        project_burn_usd=values_on(rewards.project_burn_usd_per_day, days, 0.0),
    )
