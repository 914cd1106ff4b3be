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
from twin.kernel import Lane
from twin.kinds.storage.arweave_trade import ArweaveTrade
from twin.kinds.storage.electricity import prices_of_electricity
from twin.kinds.storage.groups import Groups
from twin.kinds.storage.keeping import Keeping
from twin.kinds.storage.mining import Members, Miners
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.standing import Standing
from twin.kinds.storage.weave import Weave
from twin.state import Columns, Relation
from twin.world import World
from twin.world.law_reach import DemandPlaces, enact, places_of
from twin.world.node_sums import DailySums
from twin.world.spot_ground import SpotGround

ACCOUNTS = (
    ("customers", Relation.EXTERNAL), ("endowment", Relation.PROJECT), ("treasury", Relation.PROJECT), ("held", Relation.OPERATOR),
    ("operators", Relation.OPERATOR), ("market", Relation.HOLDER),
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
    world.ground = ground = SpotGround(place, also=place, map_resolution=spec.record.cells_h3_resolution, guessed_prices=guessed, cache=world.cache)
    miners = Miners(
        protocol.replicas, space_tb=members.space_tb, cost_multiple=members.cost_multiple, usd_per_kwh=household[members.country],
        hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year,
    )  # fmt: skip
    parties = Parties(world.society, spec.miners, members.group)
    ledger = open_ledger(clock.start, world.token_name, supply_tokens=0.0, accounts=ACCOUNTS)
    books = TokenBooks(clock, ledger, world.token_name, world.today, backing_settlements=spec.verdict.backing_days)
    for account, tokens in (("endowment", protocol.endowment.opening_tokens), ("market", protocol.opening_supply_tokens)):
        books.move("genesis", account, tokens, "held before the first day", usd=0.0)
    sums = DailySums(len(members.group), "online_days")
    deciding = MinerPolicy(clock, world.streams, Columns(len(members.group), COLUMNS), parties, miners, protocol.replicas)
    keeping = Keeping(
        books, Weave(clock, protocol, world.fading), miners, sums, Groups(parties.names, members.group, sums),
        sells_share=parties.of("sells_share"), decide=deciding.decide,
    )  # fmt: skip
    trade = ArweaveTrade(world, keeping, sums, ground)

    note = world.chronicle.note
    entry = EntryCosts(miners.law_price_share, miners.law_setup_usd, today=world.today)
    miners.bought, miners.entered = entry.imported, entry.bought
    effects = effects_on_nodes(
        miners, clock=clock, streams=world.streams, duties=Duties(miners.duty_usd_per_day, miners.announced_duty_usd_per_day),
        closures=Closures(len(members.group), close=miners.close, reopen=miners.reopen), entry=entry, note=note,
    )  # fmt: skip
    effects["usage_levy"] = Levy(miners, trade.places.levies)
    uploaders = DemandPlaces.in_countries(trade.places.codes)
    enact(world, effects, reach=partial(reached, sites=ground, points=uploaders), nodes=places_of(ground), points=places_of(uploaders))

    def settle() -> None:
        keeping.settle(trade.fee_tokens, uploaded_tb=trade.uploaded_tb)

    clock.every_day(trade.sales, lane=Lane.SERVE, sub=0, name="uploads and their fees")
    clock.every_day(settle, lane=Lane.SETTLE, sub=0, name="inflation, need, payout, held rewards, balance check")
    clock.every_day(keeping.mine, lane=Lane.DECIDE, sub=0, name="miners add and drop space; the protocol measures its price")
    world.open(trade, books, sums, miners, live_by="online_days", subsidy=keeping.weave.switch_subsidy)
