"""Campaigns that learn: each looks at its own sum now and then, and enters, grows, shrinks, turns to another exploit or keeps a probe running.

With gain g (USD a month), outlay o and stake S (USD) of one more node, the hazard l that it believes in and a plan of H months,

    E = (1 - exp(-l H)) / l   months that it expects to be paid       P = 1 - exp(-l H)   chance of being caught by then
    profit = g E - o - S P     it enters or grows while that is above zero, and turns where another exploit of the kind promises more
    it shrinks where g < l S: what a node brings in a month is less than it stands to lose in one

A kind hands over a `Trick` for each of its exploits; this file is the same for all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.beliefs import Beliefs
from twin.integrity.campaigns import Campaign, Exploit
from twin.kernel import DAYS_PER_MONTH, Clock
from twin.state import Note

Usd = TypeVar("Usd", float, NDArray[np.float64])
"""Of one node, or of each of many."""


class Trick(Protocol):
    """One exploit of a kind, as a campaign that learns reckons with it and carries it out."""

    name: str
    """As a scenario calls the exploit."""
    checks: tuple[str, ...]
    """Names of the checks that look at it, as the world watches them."""

    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """What one more node brings in a month, running cost off."""

    def outlay_usd(self, campaign: Campaign) -> float:
        """What one more node costs before it earns."""

    def booked_usd(self, campaign: Campaign) -> float:
        """The part of that which stands on the books as hardware, from whoever it is bought."""

    def at_stake_usd(self, campaign: Campaign) -> float:
        """What a node loses when it is caught, beside itself."""

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """Up to so many more nodes; returns those that there was room for."""

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These leave, uncaught."""

    def mine(self, campaign: Campaign) -> Slots:
        """Those that run today."""

    def coming(self, campaign: Campaign) -> int:
        """How many are on their way or under repair."""


@dataclass(slots=True)
class Account:
    """What a campaign did since somebody last looked."""

    spent_usd: float = 0.0
    """Outlays, and stakes lost."""
    entered: int = 0
    left: int = 0
    """Of its own will; who was caught is the checks' to count."""


@dataclass(slots=True)
class _Mind:
    """What a campaign remembers from one look to the next."""

    looked_day: int | None = None
    running: int = 0
    """On the evening of the last look, whoever came or went by it counted."""
    spent_usd: float = 0.0
    caught: Counter[str] = field(default_factory=Counter)
    """By check, since the last look."""
    caught_after_days: int = 0
    """Days from the last look until each of them was caught, added up."""


def node_days(*, then: int, now: int, days: int, caught: int, caught_after_days: int) -> float:
    """Node-days between two looks: whoever was caught ran until that day, and whoever else came or went did so halfway.

    So `now` for all days, the caught for theirs, and half of the days for the rest, then - now - caught (below zero where some arrived).
    """
    return max((then + now) / 2 * days + caught_after_days - caught * days / 2, 0.0)


def months_paid(hazard_per_month: float, months: float) -> float:
    """E: months for which a node expects to be paid within so many."""
    return -math.expm1(-hazard_per_month * months) / hazard_per_month if hazard_per_month > 0 else months


def profit_usd(gain_usd_per_month: Usd, outlay_usd: float, at_stake_usd: Usd, *, hazard_per_month: float, months: float) -> Usd:
    """What one more node is expected to leave over the plan: g E - o - S P."""
    left: Usd = gain_usd_per_month * months_paid(hazard_per_month, months) - outlay_usd + at_stake_usd * math.expm1(-hazard_per_month * months)
    return left


def affordable(budget_usd: float | None, usd_per_node: float) -> int | None:
    """Nodes that a purse pays for, each with its outlay and its stake; None: as many as there are."""
    return None if budget_usd is None or usd_per_node <= 0 else int(max(budget_usd, 0.0) // usd_per_node)


class Learning:
    """The exploit of campaigns that learn; those that do not go on by their calendar."""

    def __init__(
        self, clock: Clock, beliefs: Beliefs, tricks: Mapping[str, Trick], *, otherwise: Exploit[Campaign] | None, note: Note, before_checks: bool = False,
        pays: Callable[[float], None] = lambda usd: None,
    ) -> None:  # fmt: skip
        """`otherwise` is the kind's own exploit, which acts for campaigns that do not learn and takes away whatever a campaign has.

        `pays` books what it puts in, USD, hardware aside. `before_checks`: campaigns act in the morning, and checks look at who came by it on the same day already.
        """
        self.clock, self.beliefs, self.tricks, self.otherwise, self.note, self.before_checks, self._pays = clock, beliefs, tricks, otherwise, note, before_checks, pays
        self.books_of: dict[str, Account] = {}
        """By name of the adversary."""
        self._campaigns: dict[str, Campaign] = {}
        self._minds: dict[str, _Mind] = {}

    # -- what campaigns do -----------------------------------------------------------------------------------------
    def act(self, campaign: Campaign) -> int | None:
        """A look: what was caught is remembered, and the campaign answers."""
        if campaign.spec.learns is None:
            return self.otherwise.act(campaign) if self.otherwise is not None else None
        self._remember(campaign)
        self._answer(campaign)
        self._mind(campaign.name).running = len(self.trick_of(campaign).mine(campaign))
        return self.clock.day + int(campaign.spec.learns.looks_every_days)

    def stop(self, campaign: Campaign) -> None:
        """All that it runs stops; what it believes stays with the people."""
        if campaign.spec.learns is None or self.otherwise is not None:
            if self.otherwise is not None:
                self.otherwise.stop(campaign)
        else:
            trick = self.trick_of(campaign)
            trick.go(campaign, trick.mine(campaign))
        self._mind(campaign.name).looked_day = None

    def hear(self, check: str, name: str, caught: int) -> None:
        """So many nodes of a campaign were caught today, and lose what is at stake."""
        if (campaign := self._campaigns.get(name)) is not None:
            mind = self._mind(name)
            mind.caught[check] += caught
            if mind.looked_day is not None:
                mind.caught_after_days += caught * (self.clock.day - mind.looked_day + self.before_checks)
            self._spend(name, caught * self.trick_of(campaign).at_stake_usd(campaign))

    # -- what others may ask ---------------------------------------------------------------------------------------
    def trick_of(self, campaign: Campaign) -> Trick:
        """What it does now."""
        return self.tricks[self.beliefs.exploit_of[campaign.name]]

    def hazard_of(self, campaign: Campaign, trick: Trick) -> float:
        """Finds that it expects of a node in a month, if it does this."""
        return self.beliefs.hazard(campaign.name, [seen_by(check, trick.name) for check in trick.checks])

    def budget_left_usd(self, campaign: Campaign) -> float | None:
        """What is left of its purse; None: it has no end."""
        budget = campaign.spec.budget_usd
        return None if budget is None else budget - self._mind(campaign.name).spent_usd

    def month(self, caught: Mapping[str, int], taken_usd: Mapping[str, float]) -> list[dict[str, Any]]:
        """A row for each campaign since the last call, given what was caught of it and what it was paid; then it is counted anew."""
        rows = []
        for name, campaign in sorted(self._campaigns.items()):
            trick, account = self.trick_of(campaign), self.books_of[name]
            rows.append({
                "campaign": name, "exploit": trick.name, "nodes": len(trick.mine(campaign)), "entered": account.entered, "left": account.left, "caught": caught.get(name, 0),
                "believed_catch_probability_per_month": -math.expm1(-self.hazard_of(campaign, trick)), "gain_usd_per_month": trick.gain_usd_per_month(campaign),
                "taken_usd": taken_usd.get(name, 0.0), "spent_usd": account.spent_usd, "budget_left_usd": self.budget_left_usd(campaign),
            })  # fmt: skip
            self.books_of[name] = Account()
        return rows

    # -- inside ----------------------------------------------------------------------------------------------------
    def _mind(self, name: str) -> _Mind:
        return self._minds.setdefault(name, _Mind())

    def _spend(self, name: str, usd: float) -> None:
        self._mind(name).spent_usd += usd
        self.books_of[name].spent_usd += usd

    def _remember(self, campaign: Campaign) -> None:
        """Node-months since the last look, and what each check found of them."""
        self._campaigns[campaign.name] = campaign
        self.books_of.setdefault(campaign.name, Account())
        mind, trick, day = self._mind(campaign.name), self.trick_of(campaign), self.clock.day
        ran_days = 0.0
        if mind.looked_day is not None:
            ran_days = node_days(
                then=mind.running, now=len(trick.mine(campaign)), days=day - mind.looked_day, caught=sum(mind.caught[check] for check in trick.checks), caught_after_days=mind.caught_after_days
            )  # fmt: skip
        for check in trick.checks:
            self.beliefs.note(day, campaign.name, seen_by(check, trick.name), caught=mind.caught[check], node_months=ran_days / DAYS_PER_MONTH)
        mind.looked_day, mind.caught_after_days = day, 0
        mind.caught.clear()

    def _profit(self, campaign: Campaign, trick: Trick) -> float:
        return profit_usd(
            trick.gain_usd_per_month(campaign), trick.outlay_usd(campaign), trick.at_stake_usd(campaign),
            hazard_per_month=self.hazard_of(campaign, trick), months=campaign.spec.learns.planning_months,
        )  # fmt: skip

    def _answer(self, campaign: Campaign) -> None:
        learns, trick = campaign.spec.learns, self.trick_of(campaign)
        gain, outlay, stake = trick.gain_usd_per_month(campaign), trick.outlay_usd(campaign), trick.at_stake_usd(campaign)
        hazard = self.hazard_of(campaign, trick)
        profit = profit_usd(gain, outlay, stake, hazard_per_month=hazard, months=learns.planning_months)
        if self._turns(campaign, max(profit, 0.0)):
            return
        nodes = len(trick.mine(campaign)) + trick.coming(campaign)
        if profit > 0:
            self._enter(campaign, trick, max(1, int(learns.grows_share_per_look * nodes), learns.probe_nodes), nodes, kind="campaign_grows")
            return
        if nodes > learns.probe_nodes and (gain < hazard * stake or gain <= 0):
            self._leave(campaign, trick, min(math.ceil(learns.shrinks_share_per_look * nodes), nodes - learns.probe_nodes))
        elif nodes < learns.probe_nodes and gain * learns.planning_months > outlay:  # a probe could come to pay if nobody looked any more
            self._enter(campaign, trick, learns.probe_nodes - nodes, nodes, kind="campaign_probes")

    def _enter(self, campaign: Campaign, trick: Trick, wanted: int, nodes: int, *, kind: str) -> None:
        outlay, booked = trick.outlay_usd(campaign), trick.booked_usd(campaign)
        left, stake = self.budget_left_usd(campaign), trick.at_stake_usd(campaign)
        paid_for = affordable(None if left is None else left - nodes * stake, outlay + stake)  # what its nodes have at stake is not to be spent twice
        wanted = min(wanted, campaign.spec.at_most - nodes, wanted if paid_for is None else paid_for)
        if wanted <= 0 or not len(slots := trick.come(campaign, wanted)):
            return
        self._spend(campaign.name, outlay * len(slots))
        self._pays((outlay - booked) * len(slots))
        self.books_of[campaign.name].entered += len(slots)
        self._tell(kind, campaign, trick, len(slots), slots=slots)

    def _leave(self, campaign: Campaign, trick: Trick, going: int) -> None:
        slots = trick.mine(campaign)[::-1][:going]  # the last of them: which is all the same
        if not len(slots):
            return
        self.books_of[campaign.name].left += len(slots)
        self._tell("campaign_shrinks", campaign, trick, len(slots), slots=slots)
        trick.go(campaign, slots[::-1])

    def _turns(self, campaign: Campaign, profit: float) -> bool:
        """Whether another exploit promises more: then all go, and the other begins at the next look."""
        others = [self.tricks[name] for name in getattr(campaign.spec, "may_turn_to", ()) if name != self.trick_of(campaign).name]
        first = getattr(campaign.spec, "exploit", "")
        if first and first != self.trick_of(campaign).name:
            others.append(self.tricks[first])
        better, trick = max(((self._profit(campaign, each), each) for each in others), key=lambda pair: pair[0], default=(0.0, None))
        if trick is None or better <= profit:
            return False
        gone = len(self.trick_of(campaign).mine(campaign))
        self.stop(campaign)
        self.books_of[campaign.name].left += gone
        self.beliefs.exploit_of[campaign.name] = trick.name
        self._tell("campaign_turns", campaign, trick, gone)
        return True

    def _tell(self, kind: str, campaign: Campaign, trick: Trick, count: int, **where: Any) -> None:
        chance = -math.expm1(-self.hazard_of(campaign, trick))
        self.note(kind, subject=campaign.name, count=count, value=chance, unit="believed chance of being caught in a month", **where)


def seen_by(check: str, exploit: str) -> str:
    """Under what name a campaign remembers a check: the same look may find one exploit at once and another hardly ever."""
    return f"{check} of {exploit}"
