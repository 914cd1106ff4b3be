"""The parts of a mapping network: drivers on real streets, two maps, buyers, weekly books, checks and the law."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from twin.actors.costs import Duties
from twin.actors.customers.sale import Buys
from twin.actors.hardware_prices import HardwarePrices, hardware_prices
from twin.actors.law_effects import effects_on_nodes
from twin.actors.law_of_demand import Levies, Levy
from twin.actors.law_of_money import EntryCosts
from twin.actors.law_of_nodes import Closures
from twin.actors.operators import Parties
from twin.actors.operators import drivers as deciding_module
from twin.actors.operators.drivers import DriverPolicy
from twin.economy.books import open_ledger
from twin.economy.opex import replacement_cost_usd_per_year
from twin.integrity.possible import BOUND
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Lane
from twin.kinds.mapping import drivers as drivers_module
from twin.kinds.mapping.books import ACCOUNTS, CHEATS, MapBooks
from twin.kinds.mapping.bounties import Bounties
from twin.kinds.mapping.buyers import FRESH_DAYS, Buyers, terms_of
from twin.kinds.mapping.camera_rules import CameraRule, reach_of
from twin.kinds.mapping.checks import Accounts, Checks, bound_of, checks_of
from twin.kinds.mapping.consensus import Overlap
from twin.kinds.mapping.dealing import Dealing, wash_checks
from twin.kinds.mapping.drivers import Dashcams, Drivers
from twin.kinds.mapping.ground import lay_out
from twin.kinds.mapping.lately import Lately
from twin.kinds.mapping.lies import Lies
from twin.kinds.mapping.lying import DAYS_PER_WEEK, Takings, tricks_of
from twin.kinds.mapping.mint import Mint, expected_usd_per_week
from twin.kinds.mapping.outside import outside_of
from twin.kinds.mapping.people import groups_of, people_of
from twin.kinds.mapping.people_spec import BountySpec, DashcamsSpec, FreshKmSpec
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.spec import MappingScenario
from twin.kinds.mapping.trade import MappingTrade
from twin.state import Columns, NodeState, Relation
from twin.units import probability_from_hazard
from twin.world import World
from twin.world.cheats import let_cheat
from twin.world.law_reach import DemandPlaces, enact, places_of
from twin.world.node_sums import DailySums
from twin.world.watched_devices import watch_accounts

WEEK_S, SUNDAY = 7 * 86_400, 6
GONE = (NodeState.PROSPECT, NodeState.RETIRED, NodeState.BANNED)


def furnish(world: World) -> None:
    """Drivers, ground, bounties, liars, road, checks, mint, buyers, books, law."""
    spec: MappingScenario = world.spec
    clock, streams, today, token, note = world.clock, world.streams, world.today, world.token, world.chronicle.note
    group = groups_of(spec)
    parties = Parties(world.society, spec.operators, group)
    people = people_of(parties, spec.adversaries, streams)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=world.base_dir)
    dashcams = _dashcams(spec.hardware, prices)
    replacement = replacement_cost_usd_per_year(
        prices.replacement_usd, hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, life_years=dashcams.life_years
    ) / DAYS_PER_YEAR  # fmt: skip
    nodes = Columns(people.n, (*drivers_module.COLUMNS, *deciding_module.COLUMNS))
    drivers = Drivers(clock, streams, nodes, people, dashcams, list(spec.adversaries.values()))
    one_of_many = world.replicate > 0 or world.scenario.draw is not None
    world.ground = ground = lay_out(spec, group, streams, base_dir=world.base_dir, cache=world.cache, one_of_many=one_of_many)
    bounties = Bounties({name: each for name, each in spec.customers.items() if isinstance(each, BountySpec)}, ground)
    consensus = spec.verification.overlap_consensus
    overlap = Overlap(len(ground.length_km), window_days=consensus.rule.window_days if consensus else 28)
    bound = bound_of(spec.verification.possible, clock, streams)
    lies = Lies(streams, spec.adversaries, drivers, overlap, ground.length_km, exploit_of=world.guard.exploit_of.__getitem__, bound=bound)
    begins = world.taper.begins
    oldest = max([FRESH_DAYS, *(each.maximum_age_days for each in spec.customers.values() if isinstance(each, FreshKmSpec))])
    lately = Lately(until_day=None if begins is None else (begins - clock.start).days, days=ceil(oldest) + 1)
    road = Road(clock, streams, spec.rewards, ground=ground, drivers=drivers, lies=lies, overlap=overlap, bounties=bounties, lately=lately)
    dealing = Dealing(list(spec.adversaries.values()), lies, drivers, ground.length_km)
    accounts = Accounts(drivers, road, lies, list(spec.adversaries), note)
    checks = Checks(accounts, clock, [*checks_of(spec.verification, clock, streams, accounts, overlap), *wash_checks(spec.verification.wash, clock, streams, accounts, dealing)])
    outside = outside_of(spec.outside, token.emission, clock, world.base_dir)
    mint = Mint(clock, token.emission, spec.rewards, outside, fading=world.fading, street_km=ground.street_km, area_km2=ground.area_km2)
    sums = DailySums(drivers.n, "grant_usd")
    buyers = Buyers(clock, {name: each for name, each in spec.customers.items() if isinstance(each, FreshKmSpec)}, road)
    for name, each in spec.customers.items():
        world.customers.add(name, buyers.each.get(name, Buys()), terms_of(each))
    ledger = open_ledger(clock.start, world.token_name, supply_tokens=token.genesis_tokens + outside.minted_before_tokens, accounts=(*ACCOUNTS, (CHEATS, Relation.ADVERSARY)) if dealing.may_be else ACCOUNTS)
    books = MapBooks(
        clock, ledger, world.token_name, today, backing_settlements=max(spec.verdict.backing_days // 7, 1), for_sale_share_per_day=token.for_sale_share_per_day,
        consumption=token.consumption, mint=mint, road=road, payers=world.customers, sums=sums, replacement_usd_per_day=replacement,
    )  # fmt: skip
    deciding = DriverPolicy(
        clock, streams, parties, cameras=drivers, payback_limit_months=people.payback_limit_months,
        expected_usd_per_week=lambda slots, *, in_line: expected_usd_per_week(
            slots, road, mint, in_line=in_line, price_usd=today.pay_price_usd, reminted_tokens=books.last.reminted_here_tokens, remint_share=books.remint_share()
        ),
    )  # fmt: skip
    mint.answer = books.rest_answers
    books.dealing = dealing if dealing.may_be else None
    takings, levies = Takings(len(spec.adversaries)), Levies(len(ground.length_km))
    trade = MappingTrade(world, parties, road=road, checks=checks, mint=mint, buyers=buyers, books=books, sums=sums, takings=takings, levies=levies)

    def decide() -> None:
        deciding.decide(road.n_week, books.last.pay_usd)
        drivers.liars_give_up(books.last.pay_usd)
        if world.guard.someone_learns:
            trade.campaigns_see()

    first_sunday_s = (SUNDAY - clock.start.weekday()) % 7 * 86_400
    clock.every_day(drivers.morning, lane=Lane.ARRIVE, sub=0, name="cameras arrive, fail, wear out; banned liars return")
    clock.every_day(road.drive, lane=Lane.SERVE, sub=0, name="drives of the day")
    clock.every_day(trade.sell, lane=Lane.SERVE, sub=5, name="buyers pay for fresh kilometres")
    clock.every(WEEK_S, trade.hold_claims, lane=Lane.PROVE, sub=0, name="claims are held against other drivers", offset_s=first_sunday_s)
    clock.every(WEEK_S, books.settle, lane=Lane.SETTLE, sub=0, name="settlement: mint, share, pay, burn, check", offset_s=first_sunday_s)
    clock.every(WEEK_S, decide, lane=Lane.DECIDE, sub=0, name="drivers quit or look at the sum", offset_s=first_sunday_s)
    duties, closures = Duties(drivers.duty_usd_per_day, np.zeros(drivers.n)), Closures(drivers.n, close=drivers.forbid, reopen=drivers.allow)
    entry = EntryCosts(drivers.law_price_share, drivers.law_setup_usd, today=today)
    drivers.bought = entry.bought
    rule = CameraRule(drivers, streams, duties=duties, closures=closures)
    effects = effects_on_nodes(nodes, clock=clock, streams=streams, duties=duties, closures=closures, entry=entry, note=note)
    effects |= {"street_camera_permit": rule, "street_camera_ban": rule}
    streets = replace(DemandPlaces.on_cells(ground.tile_cell, ground.map), lat_deg=ground.tile_lat_deg, lng_deg=ground.tile_lng_deg)
    effects["usage_levy"] = Levy(nodes, levies)
    enact(world, effects, reach=reach_of(ground.map.jurisdictions, drivers, streets), nodes=ground.homes, points=places_of(streets), made_up=lambda: np.arange(drivers.n) >= drivers.n_honest)
    let_cheat(world, drivers, tricks=tricks_of(drivers, lies, takings, checks=tuple(check.name for check in checks.each)), lane=Lane.ARRIVE, sub=0)
    world.mechanisms.offer("supply_delay", drivers.switch_delay)
    world.mechanisms.offer("subsidy", mint.switch)
    if any(each.paid_by == "foundation" for each in bounties.specs.values()):
        world.mechanisms.offer("grants", books.switch_grants)
    for check in checks.each:
        watch_accounts(world, check, nodes, campaign_of=drivers.campaigns_of, gone=GONE, duties=duties, looks_per_day=1 / DAYS_PER_WEEK)
    if bound is not None:
        world.watch(bound.inspection, name=BOUND, campaign_of=drivers.campaigns_of, sanctions=bound.penalties)
    world.open(trade, books, sums, nodes)


def _dashcams(spec: DashcamsSpec, prices: HardwarePrices) -> Dashcams:
    models, sold = list(spec.generations.values()), np.maximum(prices.generation, 0)
    return Dashcams(
        price_usd=prices.new_usd,
        life_years=np.array([each.life_years for each in models])[sold],
        failure_probability=np.array([float(probability_from_hazard(each.failure_hazard_per_month)) for each in models])[sold],
        plan_usd_per_day=(np.array([each.data_plan_usd_per_month for each in models]) / DAYS_PER_MONTH)[sold],
        delivery_days=spec.delivery_days,
    )
