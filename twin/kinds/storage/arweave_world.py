"""The parts of an Arweave-like network: uploads paid once, the endowment, miners who keep copies while that pays."""

from __future__ import annotations

from functools import partial

import numpy as np

from twin.actors.costs import Duties
from twin.actors.law_effects import effects_on_nodes
from twin.actors.law_of_demand import Levy
from twin.actors.law_of_money import EntryCosts
from twin.actors.law_of_nodes import Closures
from twin.actors.operators import Parties
from twin.actors.operators.miners import COLUMNS, MinerPolicy
from twin.economy.books import TokenBooks, open_ledger
from twin.geo.jurisdictions import reached
from twin.integrity.wronged import Wronged
from twin.kernel import DAYS_PER_MONTH, Lane
from twin.kinds.storage.arweave_trade import ArweaveTrade
from twin.kinds.storage.copies_check import CopiesCheck
from twin.kinds.storage.electricity import prices_of_electricity
from twin.kinds.storage.groups import Groups
from twin.kinds.storage.keeping import Keeping
from twin.kinds.storage.mining import Members, Miners
from twin.kinds.storage.moving import MinersAbroad
from twin.kinds.storage.shared_copies import COPIES, SharedCopies
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.standing import Standing
from twin.kinds.storage.weave import Weave
from twin.state import Columns, Relation
from twin.world import World
from twin.world.cheats import let_cheat
from twin.world.guard import Bill
from twin.world.law_reach import DemandPlaces, enact, nodes_moved, places_of
from twin.world.node_sums import DailySums
from twin.world.spot_ground import SpotGround

ACCOUNTS = (
    ("customers", Relation.EXTERNAL), ("endowment", Relation.PROJECT), ("treasury", Relation.PROJECT), ("held", Relation.OPERATOR),
    ("operators", Relation.OPERATOR), ("market", Relation.HOLDER),
)  # fmt: skip


def let_share_copies(world: World, miners: Miners, keeping: Keeping) -> tuple[SharedCopies, CopiesCheck | None]:
    """Pretended miners come by their calendar or by what they believe, and a check looks for them if the scenario has one."""
    spec: StorageScenario = world.spec
    protocol, clock, on_guard = spec.arweave, world.clock, spec.verification.copies
    assert protocol is not None
    lost = on_guard.hardest_slash_share if on_guard is not None and on_guard.sanctions is not None else on_guard.held_share if on_guard is not None else 0.0
    shared = SharedCopies(
        clock, miners, protocol.packing, spec.adversaries, block_seconds=protocol.blocks.seconds, checks=() if on_guard is None else (COPIES,),
        income_usd_per_tb_per_year=lambda: keeping.income_usd_per_tb_per_year, held_days=lost * protocol.held_reward_days, note=world.chronicle.note,
        buys=lambda usd: keeping.books.pay("adversaries", "world", usd, "disks"),
    )  # fmt: skip
    keeping.fakes_cost_usd = shared.running_usd_per_day
    clock.every_day(shared.count, lane=Lane.PROVE, sub=8, name="claims that challenges are answered for")
    let_cheat(world, shared, tricks={shared.name: shared})
    if on_guard is None:
        return shared, None
    check = CopiesCheck(clock, world.streams, on_guard, miners=miners, shared=shared, take_held=keeping.take_held, note=world.chronicle.note)
    clock.every_month(check.look, lane=Lane.PROVE, sub=5, name="challenges of all replicas at one instant", day_of_month=10)
    clock.every_day(check.see, lane=Lane.PROVE, sub=7, name="who is not paid today")
    world.mechanisms.offer("slashing", check.switch_slashing, exists=check.held_share > 0)
    return shared, check


def watch_copies(world: World, check: CopiesCheck, duties: Duties) -> None:
    """The world counts what this check finds, and who pays for its looks."""
    shared, miners, spec = check.shared, check.miners, check.spec
    n, everybody = shared.first + len(shared.here), np.arange(shared.first)

    def left(slots: np.ndarray) -> np.ndarray:
        return np.asarray(np.append(~miners.online, False)[np.minimum(slots, shared.first)])

    world.watch(
        check.inspection, name=COPIES, campaign_of=lambda slots: np.where(slots >= shared.first, np.append(shared.campaign, -1)[np.maximum(slots - shared.first, -1)], -1), sanctions=check.sanctions,
        wronged=Wronged(n, life=np.zeros(n, np.int32), gone=left, denied_days=spec.denied_days),
        bill=Bill(
            lambda usd: world.books.pay_for_checks(usd, by=spec.paid_by), lambda usd_per_day: duties.impose_duty(f"check: {COPIES}", everybody, usd_per_day),
            looks_per_day=1 / DAYS_PER_MONTH,
        ),
    )  # fmt: skip


def furnish(world: World) -> None:
    """Miners, books, the protocol, what miners are paid."""
    spec: StorageScenario = world.spec
    protocol = spec.arweave
    assert protocol is not None
    clock = world.clock
    members = Members.drawn(list(spec.miners.values()), world.streams, space_tb=protocol.opening_weave_tb * protocol.replicas.opening_copies_count)
    household, guessed = prices_of_electricity(members.countries, section="miners", strict=spec.network.strict)
    standing = Standing([each.where for each in spec.miners.values()], members.group, world.streams.uniform("miner place", 0, np.arange(len(members.group))))
    place = standing.places(np.array(members.countries)[members.country])
    abroad = [standing.places(np.full(len(place), code)) for code in spec.abroad]
    world.ground = ground = SpotGround(place, also=np.concatenate([place, *abroad]), map_resolution=spec.record.cells_h3_resolution, guessed_prices=guessed, cache=world.cache)
    miners = Miners(
        protocol.replicas, space_tb=members.space_tb, cost_multiple=members.cost_multiple, usd_per_kwh=household[members.country],
        hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year,
    )  # fmt: skip
    parties = Parties(world.society, spec.miners, members.group)
    accounts = (*ACCOUNTS, ("adversaries", Relation.ADVERSARY)) if spec.adversaries else ACCOUNTS
    ledger = open_ledger(clock.start, world.token_name, supply_tokens=0.0, accounts=accounts)
    books = TokenBooks(clock, ledger, world.token_name, world.today, backing_settlements=spec.verdict.backing_days)
    for account, tokens in (("endowment", protocol.endowment.opening_tokens), ("market", protocol.opening_supply_tokens)):
        books.move("genesis", account, tokens, "held before the first day", usd=0.0)
    sums = DailySums(len(members.group), "online_days")
    deciding = MinerPolicy(clock, world.streams, Columns(len(members.group), COLUMNS), parties, miners, protocol.replicas)
    keeping = Keeping(
        books, Weave(clock, protocol, world.fading), miners, sums, Groups(parties.names, members.group, sums),
        sells_share=parties.of("sells_share"), decide=deciding.decide,
    )  # fmt: skip
    shared, check = let_share_copies(world, miners, keeping) if spec.is_policed else (None, None)
    trade = ArweaveTrade(world, keeping, sums, ground, shared=shared, check=check)

    note = world.chronicle.note
    entry = EntryCosts(miners.law_price_share, miners.law_setup_usd, today=world.today)
    miners.bought, miners.entered = entry.imported, entry.bought
    duties = Duties(miners.duty_usd_per_day, miners.announced_duty_usd_per_day)
    if check is not None:
        watch_copies(world, check, duties)
    closures = Closures(len(members.group), close=miners.close, reopen=miners.reopen)
    there, _ = prices_of_electricity(spec.abroad, section="regulation", strict=spec.network.strict) if spec.abroad else (np.empty(0), ())
    movers = MinersAbroad(
        closures, miners, settle=lambda who, codes: ground.move(who, standing.places(codes, who)), usd_per_kwh=dict(zip(spec.abroad, there.tolist(), strict=True)),
        today=lambda: clock.day, later=lambda name, day, act: clock.on(day, act, lane=Lane.ARRIVE, sub=1, name=name),
        arrived=partial(nodes_moved, world),
    )  # fmt: skip
    effects = effects_on_nodes(
        miners, clock=clock, streams=world.streams, duties=duties,
        closures=closures, entry=entry, note=note, movers=movers,
    )  # fmt: skip
    effects["usage_levy"] = Levy(miners, trade.places.levies)
    uploaders = DemandPlaces.in_countries(trade.places.codes)
    enact(world, effects, reach=partial(reached, sites=ground, points=uploaders), nodes=lambda: places_of(ground), points=places_of(uploaders))

    def settle() -> None:
        keeping.settle(trade.fee_tokens, uploaded_tb=trade.uploaded_tb)

    clock.every_day(trade.sales, lane=Lane.SERVE, sub=0, name="uploads and their fees")
    clock.every_day(settle, lane=Lane.SETTLE, sub=0, name="inflation, need, payout, held rewards, balance check")
    clock.every_day(keeping.mine, lane=Lane.DECIDE, sub=0, name="miners add and drop space; the protocol measures its price")
    world.open(trade, books, sums, miners, live_by="online_days", subsidy=keeping.weave.switch_subsidy)
