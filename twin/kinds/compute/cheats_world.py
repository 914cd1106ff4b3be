"""Those who claim GPUs that are not there, and what looks for them, put together: exploits, checks and their penalties, and who pays for looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from twin.actors.costs import Duties
from twin.arrays import Floats, Slots
from twin.integrity.inspection import Found
from twin.integrity.wash import LOOKS_EVERY_DAYS, WASH_CHECKS, WashChecks
from twin.kernel import DAY_S, DAYS_PER_MONTH, Lane
from twin.kinds.compute.asking import AskingPrices, Imposture
from twin.kinds.compute.cheats_spec import EXPLOITS
from twin.kinds.compute.checks import SPOT_CHECKS, SpotChecks, penalise_at_once
from twin.kinds.compute.deeds import Deeds
from twin.kinds.compute.demand import HOURS
from twin.kinds.compute.fake_gpus import FakeGpus
from twin.kinds.compute.gpu_tricks import Card, GpuTrick, Sums
from twin.kinds.compute.hollow import HollowJobs
from twin.kinds.compute.node_costs import NodeCosts
from twin.kinds.compute.pay import RewardRule
from twin.kinds.compute.penalties import Penalties
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.self_dealing import SelfDealing
from twin.kinds.compute.stakes import Stakes
from twin.kinds.compute.unit_costs import REFERENCE_UTILISATION, break_even_usd_per_hour
from twin.kinds.compute.yard import Day
from twin.state import NodeState
from twin.world import World
from twin.world.cheats import let_cheat
from twin.world.watched_devices import watch_devices

GONE = (NodeState.BANNED, NodeState.PROSPECT)
PUZZLING_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class Cheating:
    """Accounts of campaigns on their sites, what they do today, what a network does to them, and the spot checks."""

    fakes: FakeGpus
    deeds: Deeds
    penalties: Penalties
    checks: SpotChecks


def cheating_of(world: World, providers: Providers, stakes: Stakes, *, failed_jobs: Callable[[], Floats]) -> Cheating:
    """Before anybody is paid: rules of reward look at what accounts do. `failed_jobs` of today by node, of which customers complain."""
    spec, clock, streams, note, sites = world.spec, world.clock, world.streams, world.chronicle.note, providers.sites
    fakes = FakeGpus(clock, streams, list(spec.adversaries.values()), sites, providers=providers, cooldown_days=spec.verification.cooldown_days, note=note)
    deeds = Deeds(sites, spec.adversaries, providers.nodes.online, exploit_of=lambda: world.guard.exploit_of)
    penalties = Penalties(clock, sites, providers=providers, stakes=stakes, fakes_shut_out=fakes.shut_out)
    checks = SpotChecks(clock, streams, spec.verification, sites, providers=providers, penalties=penalties, deeds=deeds, failed_jobs=failed_jobs, note=note)
    return Cheating(fakes, deeds, penalties, checks)


def hollow_jobs_of(world: World, deeds: Deeds, rewards: RewardRule) -> HollowJobs | None:
    """None where nobody may take jobs without cards."""
    return HollowJobs(world.clock, world.streams, deeds, paid_share=float(rewards.pays_failed_jobs)) if "hollow_jobs" in deeds.possible else None


def tricks_of(world: World, cheating: Cheating, rewards: RewardRule, asking: AskingPrices, hollow: HollowJobs | None, costs: NodeCosts) -> dict[str, GpuTrick]:
    """By name of the exploit; those who have no cards learn what to ask for them."""
    deeds, verification, nodes, sites = cheating.deeds, world.spec.verification, cheating.checks.providers.nodes, cheating.penalties.sites
    if deeds.possible & {"hollow_jobs", "self_dealt"}:
        full_cost = break_even_usd_per_hour(costs.cost, REFERENCE_UTILISATION)
        asking.imposture = Imposture(sites.is_fake, lambda: nodes.online & ~sites.is_fake, below_share=deeds.stated("undercut_share"), full_cost_usd=full_cost)
    sums = Sums(
        cheating.checks.providers, rewards, asking, cheating.penalties, hollow, SelfDealing(deeds, asking), price_usd=lambda: world.today.price_usd,
        slash_share=verification.most_slashed_share, hurdle_rate_per_year=world.spec.verdict.hurdle_rate_per_year, cards=_cards(world, costs),
    )  # fmt: skip
    spot, wash = (SPOT_CHECKS,) if cheating.checks.exist else (), (WASH_CHECKS,) if verification.wash is not None else ()
    return {name: GpuTrick(name, sums, checks=(*spot, *(wash if name == "self_dealt" else ()))) for name in EXPLOITS}


def _cards(world: World, costs: NodeCosts) -> dict[str, Card]:
    """Cards that only answer puzzles work a quarter of their hours (at most 15 minutes of each, dossier 3.4)."""

    def usd(number: int, resale_share: float) -> float:
        return float(costs.capex_usd[number, world.clock.day]) * (1 - resale_share)

    return {
        name: Card(partial(usd, number, gpu.resale_share), gpu.card_power_w / 1000 * PUZZLING_SHARE * HOURS * DAYS_PER_MONTH)
        for number, (name, gpu) in enumerate(world.spec.hardware.items())
    }  # fmt: skip


def let_cheat_and_look(world: World, cheating: Cheating, tricks: dict[str, GpuTrick], costs: NodeCosts, duties: Duties, *, done: Callable[[], Day]) -> None:
    """Campaigns come, checks look. `done` is the day's market."""
    clock, checks, sites, nodes = world.clock, cheating.checks, cheating.penalties.sites, cheating.checks.providers.nodes
    clock.every_day(checks.end_appeals, lane=Lane.ARRIVE, sub=2, name="those cleared of an accusation come back")
    let_cheat(world, cheating.fakes, tricks=tricks, lane=Lane.ARRIVE, sub=2)
    clock.every_day(checks.check, lane=Lane.PROVE, sub=0, name="spot checks")
    watch = partial(
        watch_devices, world, nodes=nodes, denied_days=round(world.spec.verification.appeal_months * DAYS_PER_MONTH), duties=duties, costs_changed=costs.duties_changed,
        campaign_of=lambda slots: sites.campaign[slots], life=nodes.life, gone=GONE, borne_by=np.flatnonzero(~sites.is_fake),
    )  # fmt: skip
    watch(checks, SPOT_CHECKS, looks_per_day=1.0, looks=checks.looks_per_day)
    if (wash := _wash_checks(world, cheating, done)) is not None:
        clock.every(LOOKS_EVERY_DAYS * DAY_S, wash.look, lane=Lane.PROVE, sub=1, name="who pays whom")
        watch(wash, WASH_CHECKS, looks_per_day=1 / LOOKS_EVERY_DAYS)


def _wash_checks(world: World, cheating: Cheating, done: Callable[[], Day]) -> WashChecks | None:
    """Looks at who pays whom; None where the scenario states none."""
    spec, penalties = world.spec.verification.wash, cheating.penalties
    if spec is None:
        return None
    online, life, everywhere = penalties.providers.nodes.online, penalties.providers.nodes.life, np.ones(penalties.sites.n)

    def usage() -> tuple[Slots, Floats]:
        own = done().dealt_usd * everywhere
        paid = np.flatnonzero((done().bill_usd + own > 0) & online)
        return paid, own[paid] / (done().bill_usd + own)[paid]

    def penalise(found: Found) -> None:
        penalise_at_once(checks.inspection, penalties, found, slash_share=world.spec.verification.slash_share, days=spec.denied_days)
        if len(found.cheats):
            world.chronicle.note("self_dealing_caught", subject=WASH_CHECKS, count=len(found.cheats))

    checks = WashChecks(world.clock, world.streams, penalties.sites.n, spec, usage=usage, verbs=penalties.verbs, penalise=penalise, life=life, luck_of=penalties.sites.luck)
    return checks
