"""Accounts without cards as campaigns that learn reckon with them: what one more brings by the rules of the day, what it costs, what it has staked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from twin.arrays import Slots
from twin.integrity.campaigns import Campaign
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR
from twin.kinds.compute.asking import AskingPrices
from twin.kinds.compute.cheats_spec import FakeGpusSpec
from twin.kinds.compute.deeds import Deeds
from twin.kinds.compute.demand import HOURS
from twin.kinds.compute.hollow import HollowJobs
from twin.kinds.compute.pay import RewardRule
from twin.kinds.compute.penalties import Penalties
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.self_dealing import SelfDealing
from twin.state import NodeState

MONTHS_PER_YEAR = DAYS_PER_YEAR / DAYS_PER_MONTH


@dataclass(frozen=True, eq=False)
class Card:
    """What a card costs who has it only to answer puzzles."""

    usd: Callable[[], float]
    """Today's price, less what it brings when it is sold again."""
    kwh_per_month: float


@dataclass(frozen=True, eq=False)
class Sums:
    """What campaigns reckon with."""

    providers: Providers
    rewards: RewardRule
    asking: AskingPrices
    penalties: Penalties
    hollow: HollowJobs | None
    dealing: SelfDealing
    price_usd: Callable[[], float]
    """Of a token."""
    slash_share: float
    """Of the stake, lost by who is caught."""
    hurdle_rate_per_year: float
    """Return that is asked of what lies in a stake."""
    cards: Mapping[str, Card]
    """By class."""


class GpuTrick:
    """One exploit. All accounts of a campaign claim the same, so that any of its sites stands for the next."""

    def __init__(self, name: str, sums: Sums, *, checks: tuple[str, ...]) -> None:
        self.name, self.sums, self.checks = name, sums, checks

    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """Pay of one more account by the rules, prices and rivals of today, less its server, the power of its cards where it has any, and the return that its stake would bring elsewhere."""
        site, spec = self._site(campaign), campaign.spec
        locked = self._stake_usd(campaign, site) * self.sums.hurdle_rate_per_year / MONTHS_PER_YEAR
        power = 0.0 if (card := self._card(spec)) is None else card.kwh_per_month * spec.n_claimed_gpus * float(self.sums.providers.sites.usd_per_kwh[site])
        return self.pay_usd_per_day(campaign.number, site, spec) * DAYS_PER_MONTH - float(spec.running_usd_per_node_per_month) - locked - power

    def pay_usd_per_day(self, number: int, site: int, spec: FakeGpusSpec) -> float:
        """What the rules of today leave one more account of a campaign, before its own cost; what self-dealt usage loses is off."""
        sums = self.sums
        usd = sums.rewards.presence_usd_per_day(site, self.name)
        if self.name == "hollow_jobs":
            usd += self._billed_usd_per_day(number, site, spec)
        if self.name == "self_dealt":
            dealt = sums.dealing.usd_of_one(site)
            usd += sums.rewards.wash_terms().net_usd(dealt, reward_usd_per_usd=spec.lands_share * sums.rewards.usage_usd_per_usd(site, dealt))
        return usd

    def outlay_usd(self, campaign: Campaign) -> float:
        """Setting it up, and the cards, where it has any."""
        card = self._card(campaign.spec)
        return float(campaign.spec.setup_usd_per_node) + (0.0 if card is None else card.usd() * campaign.spec.n_claimed_gpus)

    def booked_usd(self, campaign: Campaign) -> float:
        """Nothing: cards that only answer puzzles are no machines of the network."""
        return 0.0

    def at_stake_usd(self, campaign: Campaign) -> float:
        """The part of its stake that is taken from who is caught, at today's price."""
        return self._stake_usd(campaign, self._site(campaign)) * self.sums.slash_share if self.sums.penalties.slashing_on else 0.0

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """New accounts, which nobody knows; those that were shut out are forgotten."""
        providers, mine = self.sums.providers, self._sites(campaign)
        free = mine[~providers.nodes.online[mine] & (providers.nodes.state[mine] != NodeState.OFFLINE)][:nodes]
        if len(free):
            providers.begin_anew(free)
        return np.asarray(free)

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These leave, and get their stakes back after the cooldown."""
        self.sums.providers.leave(slots, NodeState.PROSPECT)

    def mine(self, campaign: Campaign) -> Slots:
        """Those that run."""
        mine = self._sites(campaign)
        return np.asarray(mine[self.sums.providers.nodes.online[mine]])

    def coming(self, campaign: Campaign) -> int:
        """Those that are suspended and may come back."""
        return int(np.count_nonzero(self.sums.providers.nodes.state[self._sites(campaign)] == NodeState.OFFLINE))

    # -- inside ----------------------------------------------------------------------------------------------------
    def _card(self, spec: FakeGpusSpec) -> Card | None:
        return self.sums.cards[spec.has_gpu] if self.name == "forged_class" and spec.has_gpu is not None else None

    def _sites(self, campaign: Campaign) -> Slots:
        return np.flatnonzero(self.sums.providers.sites.campaign == campaign.number)

    def _site(self, campaign: Campaign) -> int:
        return int(self._sites(campaign)[0])

    def _stake_usd(self, campaign: Campaign, site: int) -> float:
        stakes = self.sums.penalties.stakes
        return float(stakes.asked_tokens[site]) * self.sums.price_usd() if stakes.asked and campaign.spec.stakes else 0.0

    def _billed_usd_per_day(self, number: int, site: int, spec: FakeGpusSpec) -> float:
        """What customers pay until they notice, as far as it reaches who took the job."""
        sums = self.sums
        assert sums.hollow is not None
        honest = sums.providers.nodes.online & ~sums.providers.sites.is_fake
        use = float(sums.asking.use[honest].mean()) if honest.any() else 0.0
        passes = float(spec.passes_share) if sums.asking.by_tier else 1.0
        guess = float(sums.providers.sites.claimed_gpus[site]) * HOURS * use * float(sums.asking.usd()[site]) * sums.hollow.paid_share * passes
        billed = sums.hollow.usd_per_day(number, guess=guess)
        return billed * sums.rewards.paid_per_billed_usd(site, billed)


def best_pay_usd_per_year(tricks: Mapping[str, GpuTrick], deeds: Deeds) -> float:
    """What the best paid account of all campaigns could be left a year by the rules of today, whatever its campaign does now."""
    found = [0.0]
    for number, spec in enumerate(deeds.specs):
        site = int(np.flatnonzero(deeds.sites.campaign == number)[0])
        found += [tricks[name].pay_usd_per_day(number, site, spec) * DAYS_PER_YEAR for name in (spec.exploit, *spec.may_turn_to)]
    return max(found)
