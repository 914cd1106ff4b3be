"""The parts of a Filecoin-like network: chain, providers, customers, audits and law."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.actors.law_effects import effects_on_nodes
from twin.actors.law_of_demand import DataLocalisation, Levy
from twin.actors.law_of_money import EntryCosts
from twin.actors.law_of_nodes import Closures
from twin.actors.operators import Parties
from twin.actors.operators.storage_providers import StorageProviderPolicy
from twin.arrays import Slots
from twin.geo.jurisdictions import reached
from twin.integrity.wronged import Wronged
from twin.kernel import DAYS_PER_MONTH, Lane
from twin.kinds.storage.audits import Audits, Honesty
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.commitments import Commitments, Flows
from twin.kinds.storage.customer_places import Placing
from twin.kinds.storage.electricity import prices_of_electricity
from twin.kinds.storage.filecoin_trade import FilecoinTrade
from twin.kinds.storage.groups import Groups
from twin.kinds.storage.minds import AUDITS, Minds
from twin.kinds.storage.moving import ProvidersAbroad
from twin.kinds.storage.outlook import Outlook
from twin.kinds.storage.policing import Leaving, ProviderBan
from twin.kinds.storage.providers import Providers, groups_of
from twin.kinds.storage.rewards import BlockRewards
from twin.kinds.storage.solstice import Solstice
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.standing import Standing
from twin.scenario.model import SeriesRef
from twin.world import World
from twin.world.guard import Bill
from twin.world.law_reach import DemandPlaces, enact, nodes_moved, places_of
from twin.world.node_sums import DailySums
from twin.world.spot_ground import SpotGround


def watch_audits(world: World, audits: Audits, duties: Duties, minds: Minds | None) -> None:
    """The world counts what audits find, and who pays for their looks."""
    providers, everybody, spec = audits.providers, np.arange(audits.providers.n), audits.spec
    bill = Bill(
        lambda usd: world.books.pay_for_checks(usd, by=spec.paid_by), lambda usd_per_day: duties.impose_duty(f"check: {AUDITS}", everybody, usd_per_day),
        looks_per_day=1 / DAYS_PER_MONTH,
    )  # fmt: skip
    nobodys = np.full(providers.n, -1)
    world.watch(
        audits.inspection, name=AUDITS, campaign_of=lambda slots: (nobodys if minds is None else minds.number)[slots], sanctions=audits.sanctions,
        wronged=Wronged(providers.n, life=np.zeros(providers.n, np.int32), gone=lambda slots: ~providers.online[slots], denied_days=spec.barred_days), bill=bill,
    )  # fmt: skip


def furnish(world: World) -> None:
    """Books of the chain, providers and their reviews, sectors, rewards, audits, law."""
    spec: StorageScenario = world.spec
    protocol, observed = spec.filecoin, spec.flows
    assert protocol is not None
    clock, streams, note = world.clock, world.streams, world.chronicle.note
    chain = ChainBooks(clock, protocol, world.token_name, world.today, backing_days=spec.verdict.backing_days, fading=world.fading)
    parties = Parties(world.society, spec.providers, groups_of(spec.providers.values()))
    providers = Providers(spec, protocol, streams, parties)
    standing = Standing([each.where for each in spec.providers.values()], providers.group, streams.uniform("provider place", 0, np.arange(providers.n)))
    household, guessed = prices_of_electricity(providers.countries, section="providers", strict=spec.network.strict)
    world.ground = ground = SpotGround(
        standing.places(providers.codes()), also=np.concatenate([standing.places(np.full(providers.n, code)) for code in spec.abroad] or [np.empty(0, np.int64)]),
        map_resolution=spec.record.cells_h3_resolution, guessed_prices=guessed, cache=world.cache,
    )  # fmt: skip

    def table(name: str) -> np.ndarray:
        return world.series(SeriesRef(series=name, until=observed.until if observed else None, then="hold"))

    flows, solstice = Flows(observed, table), Solstice(protocol.solstice)
    outlook = Outlook(clock, chain, providers, solstice, household_usd_per_kwh=household)
    deciding = StorageProviderPolicy(clock, streams, parties, outlook, spec.decisions)
    commitments = Commitments(clock, chain, outlook, deciding, flows)
    sums = DailySums(providers.n, "online_days")
    rewards = BlockRewards(clock, chain, commitments, sums, Groups(parties.names, providers.group, sums))
    leaving = Leaving(clock, streams, chain, providers, note)
    audits = Audits(spec.audits, leaving)
    minds = None
    if spec.campaigns:
        minds = Minds(
            clock, providers, world.guard.beliefs, spec.providers, probe_luck=streams.uniform("probes", 0, np.arange(providers.n)), note=note, tables=world.pressure_tables
        )  # fmt: skip
        outlook.minds, world.guard.learning = minds, minds
        audits.inspection.listeners.append(minds.tell)

    def move(who: Slots, codes: NDArray[np.str_]) -> None:
        providers.move(who, codes)
        ground.move(who, standing.places(codes, who))
        nodes_moved(world)

    def later(name: str, day: int, act: Callable[[], None]) -> None:
        clock.on(day, act, lane=Lane.ARRIVE, sub=1, name=f"{name}: providers seal abroad")

    ban = ProviderBan(leaving, move=move, later=later)
    trade = FilecoinTrade(world, chain=chain, rewards=rewards, leaving=leaving, audits=audits, ban=ban, sums=sums, ground=ground, minds=minds)

    def review() -> None:
        certain = deciding.hear(outlook.pay_usd_per_month())
        if minds is not None:
            minds.look()
        outlook.see(trade.bill_usd, certain_share=certain, ordered_pib=commitments.ordered_quality_pib())
        leaving.end_lasting_faults()
        leaving.quit(deciding.decide(leaving.fee_usd() if flows.on(clock.day, clock.today) is None else None))

        if minds is not None:
            minds.probe(deciding.grows_pib_per_day)

    entry = EntryCosts(providers.law_price_share, providers.law_setup_usd, today=world.today)
    commitments.bought = entry.imported
    duties = Duties(providers.duty_usd_per_day, providers.announced_duty_usd_per_day)
    effects = effects_on_nodes(
        providers, clock=clock, streams=streams, duties=duties,
        closures=Closures(providers.n, close=leaving.shut, reopen=leaving.reopen), entry=entry, note=note,
        movers=ProvidersAbroad(settle=move, today=lambda: clock.day, later=later),
    )  # fmt: skip
    effects |= {"usage_levy": Levy(providers, trade.places.levies), "data_localisation": DataLocalisation(providers, Placing(trade.places, providers)), "provider_ban": ban}
    buyers = DemandPlaces.in_countries(trade.places.codes)
    enact(world, effects, reach=partial(reached, sites=ground, points=buyers), nodes=lambda: places_of(ground), points=places_of(buyers))
    clock.every_day(trade.sales, lane=Lane.SERVE, sub=0, name="customers come, go and pay")
    clock.every_day(commitments.step, lane=Lane.PROVE, sub=0, name="sectors end, are renewed and added; pledge")
    clock.every_month(audits.look, lane=Lane.PROVE, sub=5, name="audits of verified data and of capacity", day_of_month=10)
    clock.every_day(lambda: rewards.settle(trade.bill_usd), lane=Lane.SETTLE, sub=0, name="mint, vesting, pay, fees, balance check")
    clock.every_month(review, lane=Lane.DECIDE, sub=0, name="providers review what to add, renew and end")
    world.mechanisms.offer("unlocks", chain.switch_unlocks)
    world.mechanisms.offer("cheats", Honesty(chain, providers, deciding).switch_cheats)
    for part in (audits, outlook):
        world.mechanisms.offer("slashing", part.switch_slashing, exists=spec.audits.taken_share_of_pledge > 0)
    watch_audits(world, audits, duties, minds)
    world.open(trade, chain, sums, providers, live_by="online_days", rebates=True)
    world.today.price_usd = world.chronicle.market.price_usd
    if minds is not None:
        minds.look()
    outlook.see(0.0, certain_share=np.ones(providers.n), ordered_pib=0.0)
    deciding.decide()

