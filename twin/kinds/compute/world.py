"""The parts of a compute network: places, costs, the yard's day of hours, providers who come and go, those who only claim, books by its rule of rewards."""

from __future__ import annotations

from functools import partial

import numpy as np

from twin.actors.costs import Duties
from twin.actors.law_effects import effects_on_nodes
from twin.actors.law_of_demand import DataLocalisation, Levy
from twin.actors.law_of_grids import LoadShedding
from twin.actors.law_of_money import EntryCosts
from twin.actors.law_of_nodes import Closures
from twin.actors.operators import Parties
from twin.actors.operators import staying as staying_module
from twin.actors.operators.providers import ProviderPolicy
from twin.economy.node_by_node import NodeBooks
from twin.kernel import Lane
from twin.kinds.compute import providers as providers_module
from twin.kinds.compute import stakes as stakes_module
from twin.kinds.compute.asking import AskingPrices
from twin.kinds.compute.block_rewards import BlockRewards
from twin.kinds.compute.cheats_world import cheating_of, hollow_jobs_of, let_cheat_and_look, tricks_of
from twin.kinds.compute.checks import SpotChecks
from twin.kinds.compute.closed_halls import ClosedHalls
from twin.kinds.compute.construction import Construction
from twin.kinds.compute.credit_rewards import CreditRewards
from twin.kinds.compute.demand import Demand, rows_of
from twin.kinds.compute.demand_shocks import DemandShocks
from twin.kinds.compute.ground import lay_out
from twin.kinds.compute.halls_abroad import HallsAbroad
from twin.kinds.compute.hopes import Hopes
from twin.kinds.compute.node_costs import NodeCosts
from twin.kinds.compute.pay import Payroll, RewardRule
from twin.kinds.compute.pool_rewards import PoolRewards
from twin.kinds.compute.presence import Presence
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.rewards_spec import BlockRewardsSpec, CreditsSpec, WeeklyPoolsSpec
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.stakes import Stakes
from twin.kinds.compute.trade import ComputeTrade
from twin.kinds.compute.yard import Yard
from twin.state import Columns
from twin.world import World
from twin.world.law_reach import enact, places_of
from twin.world.node_sums import DailySums


def furnish(world: World) -> None:
    """Places, costs, nodes and their stakes, fakes, checks, books, rewards, demand, the yard."""
    spec: ComputeScenario = world.spec
    clock, streams, today, note = world.clock, world.streams, world.today, world.chronicle.note
    world.ground = ground = lay_out(spec, streams, base_dir=world.base_dir, cache=world.cache)
    sites, gpus = ground.sites, spec.hardware.values()
    costs = NodeCosts(spec, sites, np.array([world.series(gpu.capex_usd) for gpu in gpus]))
    cloud_usd = np.array([world.series(gpu.cloud_usd_per_hour) for gpu in gpus])
    nodes = Columns(sites.n, (*providers_module.COLUMNS, *stakes_module.COLUMNS, *staying_module.COLUMNS))
    stakes = Stakes(clock, spec, sites, nodes, waits_for_the_market=lambda: books.waits_for_the_market)
    construction = Construction(clock, streams, spec.construction, begin=clock.process, on_arrival=lambda node: providers.arrive(node))
    parties = Parties(world.society, spec.operators, sites.group)
    providers = Providers(clock, streams, nodes, spec.operators, costs=costs, stakes=stakes, construction=construction, counts=parties, price_usd=lambda: today.price_usd)
    cheating = cheating_of(world, providers, stakes, failed_jobs=lambda: hollow.failed_jobs if hollow is not None else np.zeros(sites.n))
    checks = cheating.checks
    closures = Closures(sites.n, close=providers.close, reopen=providers.reopen)
    providers.closed = closures.closed
    halls, demand_shocks = ClosedHalls(clock, spec.shocks, sites, closures, note), DemandShocks(spec.shocks)
    sums = DailySums(sites.n, "grant_usd")
    sells = parties.of("sells_share", others=1.0)
    books = NodeBooks(
        clock, today, world.token_name, supply_tokens=world.token.supply_tokens, sums=sums, is_fake=sites.is_fake, sells_share=sells,
        hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, backing_days=spec.verdict.backing_days, for_sale_share_per_day=world.token.for_sale_share_per_day,
        hardware_usd=providers.take_hardware_usd,
    )  # fmt: skip
    rewards = rewards_of(world, spec, books, costs, checks, mean_sells_share=float(np.mean(sells)))
    hollow = hollow_jobs_of(world, cheating.deeds, rewards)
    alternative = {number: world.series(job.alternative_usd_per_gpu_hour) for number, job in enumerate(spec.customers.values())}
    demand = Demand(clock, streams, spec, rows_of(spec), alternative=alternative, city_lng_deg=ground.users.lng_deg, scale=lambda today: demand_shocks.scale(today) * world.customers.demand_share(today))
    asking = AskingPrices(
        spec.network, sites, costs.bidding, index=np.array([gpu.octanebench_index for gpu in gpus])[sites.gpu],
        cloud_usd=lambda: cloud_usd[:, clock.day], price_of_tier=rewards.usd_per_index_hour, take_share=rewards.take_share,
    )  # fmt: skip
    yard = Yard(clock, streams, spec, sites, demand, asking=asking, presence=Presence(spec, sites, nodes.online), hollow=hollow)
    tricks = tricks_of(world, cheating, rewards, asking, hollow, costs)
    trade = ComputeTrade(world, ground, sums, parties, providers, yard, costs=costs, checks=checks, books=books, rewards=rewards, tricks=tricks)

    hopes = Hopes(asking, costs)
    providers.hope = hopes.usd_per_day
    deciding = ProviderPolicy(clock, streams, parties, providers, classes=tuple(spec.hardware))

    def decide() -> None:
        providers.remember(books.income_usd, books.cash_usd)
        hopes.see(trade.done, books.income_usd, honest=~sites.is_fake)
        deciding.decide(books.cash_usd)
        stakes.end_cooldowns()

    clock.every_day(halls.act, lane=Lane.SHOCK, sub=1, name="halls closed and opened by law")
    duties = Duties(costs.duty_usd_per_day, costs.announced_duty_usd_per_day)
    let_cheat_and_look(world, cheating, tricks, costs, duties, done=lambda: trade.done)
    clock.every_day(trade.serve, lane=Lane.SERVE, sub=0, name="24 hours of the market")
    clock.every_day(trade.settle, lane=Lane.SETTLE, sub=0, name="settlement: bills, pay, burn, stake, check")
    clock.every_day(decide, lane=Lane.DECIDE, sub=0, name="who leaves, who orders")
    if isinstance(spec.rewards, BlockRewardsSpec) and spec.rewards.stake_starts is not None:
        clock.on(max(spec.rewards.stake_starts, clock.start), stakes.ask, lane=Lane.SHOCK, sub=2, name="stakes are asked for")
    entry = EntryCosts(costs.law_price_share, costs.law_setup_usd, today=providers)
    providers.bought = entry.bought
    effects = effects_on_nodes(
        nodes, clock=clock, streams=streams, duties=duties, closures=closures, entry=entry,
        note=note, costs_changed=costs.duties_changed, movers=HallsAbroad(providers),
    )  # fmt: skip
    shedding = LoadShedding(nodes, clock=clock, streams=streams)
    yard.called = shedding.stands_still
    effects |= {"usage_levy": Levy(nodes, demand.levies), "curtailment": shedding, "data_localisation": DataLocalisation(nodes, yard)}
    enact(world, effects, reach=ground.reach_of_law, nodes=ground.places_of_law, points=places_of(ground.users), made_up=lambda: sites.is_fake)
    switches = world.mechanisms
    if isinstance(rewards, CreditRewards):
        switches.offer("grants", rewards.grants.switch)
    switches.offer("supply_delay", construction.switch_delay)
    switches.offer("slashing", cheating.penalties.switch_slashing, exists=trade.slashes_from is not None)
    for name in spec.shocks:
        switches.offer(f"shock:{name}", partial(halls.switch, name))
        switches.offer(f"shock:{name}", partial(demand_shocks.switch, name))
    world.open(trade, books, sums, nodes)


def rewards_of(world: World, spec: ComputeScenario, books: NodeBooks, costs: NodeCosts, checks: SpotChecks, *, mean_sells_share: float) -> RewardRule:
    """The rule by which this scenario pays."""
    payroll = Payroll(world.clock, spec, costs.sites, checks.providers.nodes, books, world.today, world.fading, checks.deeds)
    penalties = checks.penalties
    match spec.rewards:
        case CreditsSpec() as rewards:
            return CreditRewards(payroll, rewards, mean_sells_share=mean_sells_share, penalties=penalties)
        case WeeklyPoolsSpec() as rewards:
            return PoolRewards(payroll, rewards, usd_per_eur=world.series(rewards.usd_per_eur), penalties=penalties)
        case BlockRewardsSpec() as rewards:
            return BlockRewards(payroll, rewards, cost=costs.cost, checks=checks)
