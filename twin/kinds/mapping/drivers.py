"""Drivers and their dashcams as they come and go: what is on its way, what breaks, who is shut out, who lies.

Slots are fixed: the honest groups first, then the accounts of each adversary. A slot's drives, quality and limits stay its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Clock, Streams
from twin.kinds.mapping.cheats_spec import MapCheatsSpec
from twin.kinds.mapping.people import People
from twin.state import Column, Columns, NodeState

NO_LIFE = 10**9

COLUMNS = (
    Column("state", np.int8, NodeState.PROSPECT, "", "NodeState of the slot", "drivers"),
    Column("online", np.bool_, False, "", "a camera that records, or an account that lies", "drivers"),
    Column("due", np.int64, NO_LIFE, "day", "day an order arrives", "drivers"),
    Column("worn_out", np.int64, NO_LIFE, "day", "day the camera is worn out", "drivers"),
    Column("life", np.int64, 0, "", "cameras this slot has had", "drivers"),
    Column("poor_weeks", np.float64, 0.0, "weeks", "weeks in a row in which lying cost more than it brought", "drivers"),
    Column("reputation", np.float64, 1.0, "", "factor on credit: halved by a strike, recovers slowly", "drivers"),
    Column("back", np.int64, NO_LIFE, "day", "day a banned cheat returns, or an honest driver who was taken for one", "drivers"),
    Column("withheld_until", np.int64, -1, "day", "first day whose week is paid again", "drivers"),
)
REPUTATION_RECOVERY_PER_WEEK = 0.05
"""Share of the gap to one that a clean week closes (assumed)."""
LIARS_PATIENCE_WEEKS = 12
"""Weeks in a row that lying may cost more than it brings (assumed)."""


@dataclass(frozen=True, eq=False)
class Dashcams:
    """The model in the shops, by day of the run; where none is sold the price is infinite and the rest is that of the first model."""

    price_usd: Floats
    life_years: Floats
    """Median life of one that arrives on a day."""
    failure_probability: Floats
    """That one fails on a day."""
    plan_usd_per_day: Floats
    """Data plan."""
    delivery_days: int


class Drivers:
    """All slots, honest and lying."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, people: People, dashcams: Dashcams, adversaries: list[MapCheatsSpec]
    ) -> None:
        self.clock, self.streams, self.people, self.dashcams = clock, streams, people, dashcams
        self.n_honest, self.n = people.n_honest, people.n
        self.nodes = nodes
        self._own = nodes.writer("drivers")
        self.duty_usd_per_day = np.zeros(self.n)
        """What the law asks of an online driver."""
        self.law_price_share, self.law_setup_usd = np.zeros(self.n), np.zeros(self.n)
        """What law adds to the price of a camera of each, a share, and what must be set up with it, USD."""
        self.bought: Callable[[Slots, float], None] = lambda slots, usd: None
        """Hears of cameras bought, and their price: law takes its part."""
        self.may_drive = np.ones(self.n, bool)
        """False where a ban is obeyed."""
        self._lie_cost = np.array([each.cost_usd_per_month for each in adversaries])[people.liar_of] / DAYS_PER_MONTH if adversaries else np.zeros(0)
        self._returns_after = [each.returns_after_days for each in adversaries]
        self._learns = np.array([each.learns is not None for each in adversaries], bool)[people.liar_of] if adversaries else np.zeros(0, bool)
        """By account that might lie: whether its campaign decides by its sum."""
        self._counts: Counter[str] = Counter()
        self._bought_usd = 0.0
        self._delays = True

    # -- reading

    @property
    def honest_online(self) -> Slots:
        """Slots of honest drivers whose camera records."""
        return np.flatnonzero(self.nodes.online[: self.n_honest])

    @property
    def liars_online(self) -> Slots:
        """Slots of accounts that lie."""
        return np.flatnonzero(self.nodes.online[self.n_honest :]) + self.n_honest

    def campaigns_of(self, liars: Slots) -> Slots:
        """Number of the campaign of each account that lies."""
        return np.asarray(self.people.liar_of[liars - self.n_honest], np.int64)

    def campaign_of(self, liar: int) -> int:
        """Number of the campaign of an account that lies."""
        return int(self.people.liar_of[liar - self.n_honest])

    def cost_usd_per_day(self) -> Floats:
        """O of each slot if it is online: data plan, labour, permit; for liars what lying costs."""
        cost = np.empty(self.n)
        cost[: self.n_honest] = self.dashcams.plan_usd_per_day[self.clock.day] + self.people.labour_usd_per_day
        cost[self.n_honest :] = self._lie_cost
        return cost + self.duty_usd_per_day

    def on_the_road(self) -> tuple[Slots, Floats]:
        """Honest drivers who drive today, and how many km: up to five days fall on workdays, the rest on the weekend."""
        online = self.honest_online
        days = self.people.days_per_week[online]
        share = np.minimum(days / 5, 1.0) if self.clock.today.weekday() < 5 else np.maximum(days - 5, 0.0) / 2
        drives = (self.streams.uniform("drives", self.clock.day, online) < share) & self.may_drive[online]
        return online[drives], self.people.km_per_day[online[drives]]

    def take_counts(self) -> Counter[str]:
        """Cameras that arrived and failed, and drivers who left, since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def take_bought_usd(self) -> float:
        """Paid for cameras since the last call."""
        usd, self._bought_usd = self._bought_usd, 0.0
        return usd

    # -- what happens

    def morning(self) -> None:
        """Orders arrive, cameras fail or are worn out, banned liars return."""
        day, own = self.clock.day, self._own
        self._arrive(np.flatnonzero((own.state == NodeState.ORDERED) & (own.due <= day)))
        online = self.honest_online
        fails = self.streams.uniform("failure", day, online, own.life[online]) < self.dashcams.failure_probability[day]
        fails |= own.worn_out[online] <= day
        self._take_down(online[fails])
        self._counts["failed"] += int(fails.sum())
        returns = np.flatnonzero((own.state == NodeState.BANNED) & (own.back <= day))
        own.reputation[returns] = 1.0
        self._readmit(returns)

    def switch_delay(self, on: bool) -> None:
        """Whether cameras take time to arrive from now on; without, they are there within the call that orders them. What is under way stays under way."""
        self._delays = on

    def _arrive(self, slots: Slots) -> None:
        """Cameras that were ordered record from now on."""
        if not len(slots):
            return
        day, own = self.clock.day, self._own
        luck = self.streams.normal("life", 0, slots, own.life[slots])
        years = self.dashcams.life_years[day] * np.exp(0.25 * luck)  # spread of a life as of other devices (assumed)
        own.worn_out[slots] = day + np.maximum((years * DAYS_PER_YEAR).astype(np.int64), 1)
        self._put_online(slots)

    def _put_online(self, slots: Slots) -> None:
        self._own.state[slots], self._own.online[slots] = NodeState.ONLINE, True
        self._counts["arrived"] += len(slots)

    def _take_down(self, slots: Slots) -> None:
        own = self._own
        own.state[slots], own.online[slots], own.worn_out[slots], own.poor_weeks[slots] = NodeState.PROSPECT, False, NO_LIFE, 0.0

    def allow(self, slots: Slots) -> None:
        """The law lets these drivers buy and drive again."""
        self.may_drive[slots] = True

    def forbid(self, slots: Slots) -> None:
        """The law takes the cameras of these drivers down, and they buy no new one."""
        self.may_drive[slots] = False
        driving = slots[self.nodes.online[slots]]
        self._take_down(driving)
        self._counts["left"] += len(driving)

    def ban(self, slots: Slots, until_day: int | None = None) -> None:
        """The network shuts accounts out, for good where no day is given; some liars come back under another name."""
        own = self._own
        own.online[slots], own.state[slots] = False, NodeState.BANNED
        if until_day is not None:
            own.back[slots[slots < self.n_honest]] = until_day
        for slot in slots[slots >= self.n_honest]:
            wait = self._returns_after[self.people.liar_of[slot - self.n_honest]]
            own.back[slot] = NO_LIFE if wait is None else self.clock.day + wait

    def withhold(self, slots: Slots, until_day: int) -> None:
        """Weeks that end before this day are not paid."""
        self._own.withheld_until[slots] = until_day

    def restore(self, slots: Slots) -> None:
        """Paid again from today; who was shut out drives again."""
        own = self._own
        own.withheld_until[slots] = np.minimum(own.withheld_until[slots], self.clock.day)
        self._readmit(slots[own.state[slots] == NodeState.BANNED])

    def _readmit(self, slots: Slots) -> None:
        """Accounts that were shut out are open again; whom the law has forbidden to drive meanwhile takes the camera down."""
        own = self._own
        own.state[slots], own.online[slots], own.back[slots] = NodeState.ONLINE, True, NO_LIFE
        self._take_down(slots[~self.may_drive[slots]])

    def act(self, campaign: Campaign) -> int | None:
        """The accounts of a campaign begin to lie."""
        mine = self._lying(campaign)
        self._put_online(mine[self._own.state[mine] == NodeState.PROSPECT])
        return None

    def stop(self, campaign: Campaign) -> None:
        """They stop at once and do not come back."""
        own, mine = self._own, self._lying(campaign)
        self._counts["left"] += int(own.online[mine].sum())
        lying = mine[(own.state[mine] == NodeState.ONLINE) | (own.state[mine] == NodeState.BANNED)]
        self._take_down(lying)
        own.back[lying], own.reputation[lying] = NO_LIFE, 1.0

    def _lying(self, campaign: Campaign) -> Slots:
        return np.flatnonzero(self.people.liar_of == campaign.number) + self.n_honest

    def lying(self, campaign: Campaign) -> Slots:
        """Its accounts that lie today."""
        mine = self._lying(campaign)
        return np.asarray(mine[self.nodes.online[mine]])

    def open_accounts(self, campaign: Campaign, accounts: int) -> Slots:
        """So many new accounts of a campaign begin to lie, as far as it may have any; those that were shut out are forgotten."""
        own, mine = self._own, self._lying(campaign)
        new = mine[~own.online[mine]][:accounts]
        own.life[new] += 1
        own.back[new], own.reputation[new], own.withheld_until[new] = NO_LIFE, 1.0, -1
        self._put_online(new)
        return np.asarray(new)

    def close_accounts(self, slots: Slots) -> None:
        """These stop lying."""
        self.leave(slots)

    def mark(self, struck: Slots, clean: Slots) -> None:
        """A strike halves a reputation, a clean week mends it a little."""
        own = self._own
        own.reputation[struck] *= 0.5
        own.reputation[clean] += REPUTATION_RECOVERY_PER_WEEK * (1 - own.reputation[clean])

    def leave(self, slots: Slots) -> None:
        """These drivers take their cameras down."""
        self._take_down(slots)
        self._counts["left"] += len(slots)

    def liars_give_up(self, pay_usd: Floats) -> None:
        """Once a week: accounts that have long been paid less than lying costs stop for good, unless their campaign does the sum."""
        own, liars = self._own, self.liars_online
        liars = liars[~self._learns[liars - self.n_honest]]
        poor = pay_usd[liars] < 7 * self.cost_usd_per_day()[liars]
        own.poor_weeks[liars] = np.where(poor, own.poor_weeks[liars] + 1, 0.0)
        tired_of_it = liars[own.poor_weeks[liars] >= LIARS_PATIENCE_WEEKS]
        own.state[tired_of_it], own.online[tired_of_it] = NodeState.RETIRED, False
        self._counts["left"] += len(tired_of_it)

    def prospects(self) -> Slots:
        """Honest drivers without a camera who may put one up."""
        return np.flatnonzero((self._own.state[: self.n_honest] == NodeState.PROSPECT) & self.may_drive[: self.n_honest])

    def price_usd(self) -> float:
        """Of a camera today; infinite where none is sold."""
        return float(self.dashcams.price_usd[self.clock.day])

    def outlay_usd(self, slots: Slots) -> Floats:
        """What a camera costs each of them today, with all that law adds to its price."""
        return np.asarray(self.price_usd() * (1 + self.law_price_share[slots]) + self.law_setup_usd[slots])

    def order(self, slots: Slots) -> None:
        """These drivers pay for a camera; it is on its way, or there at once where nothing is delayed."""
        own = self._own
        own.state[slots], own.due[slots] = NodeState.ORDERED, self.clock.day + self.dashcams.delivery_days
        own.life[slots] += 1
        if len(slots):
            self._bought_usd += len(slots) * self.price_usd()
            self.bought(slots, self.price_usd())
        if not self._delays:
            self._arrive(slots)
