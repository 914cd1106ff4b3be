"""Drivers as they come and go: who buys a dashcam, whose breaks, who gets tired of it, who lies.

Slots are fixed: the honest groups first, then the accounts of each adversary. A slot's drives, quality and limits stay its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from twin.actors.hardware_prices import HardwarePrices
from twin.actors.spreads import draw_spread
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Clock, Streams
from twin.kinds.mapping.spec import MappingScenario
from twin.state import Column, Columns, NodeState
from twin.units import probability_from_hazard

Floats = NDArray[np.float64]
Slots = NDArray[np.int64]
NO_LIFE = 10**9

COLUMNS = (
    Column("state", np.int8, NodeState.PROSPECT, "", "NodeState of the slot", "drivers"),
    Column("online", np.bool_, False, "", "a camera that records, or an account that lies", "drivers"),
    Column("due", np.int64, NO_LIFE, "day", "day an order arrives", "drivers"),
    Column("worn_out", np.int64, NO_LIFE, "day", "day the camera is worn out", "drivers"),
    Column("life", np.int64, 0, "", "cameras this slot has had", "drivers"),
    Column("weeks_below", np.float64, 0.0, "weeks", "weeks in a row with pay below the reference", "drivers"),
    Column("reputation", np.float64, 1.0, "", "factor on credit: halved by a strike, recovers slowly", "drivers"),
    Column("back", np.int64, NO_LIFE, "day", "day a banned cheat returns", "drivers"),
)
REPUTATION_RECOVERY_PER_WEEK = 0.05
"""Share of the gap to one that a clean week closes (assumed)."""
LIARS_PATIENCE_WEEKS = 12
"""Weeks in a row that lying may cost more than it brings (assumed)."""
QUALITY = (8.0, 2.0)
"""Beta of a driver's quality (dossier 5, assumed)."""


def group_of_slots(spec: MappingScenario) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Group of each honest slot, and adversary of each lying one."""
    honest = np.repeat(np.arange(len(spec.operators)), [each.drivers for each in spec.operators.values()]).astype(np.int8)
    liars = np.repeat(np.arange(len(spec.adversaries)), [each.drivers for each in spec.adversaries.values()]).astype(np.int8)
    return honest, liars


@dataclass
class Counts:
    """What happened since it was last taken."""

    arrived: int = 0
    failed: int = 0
    left: int = 0


class Drivers:
    """All slots, honest and lying."""

    def __init__(self, clock: Clock, streams: Streams, spec: MappingScenario, prices: HardwarePrices) -> None:
        self.clock, self.streams, self.spec, self.prices = clock, streams, spec, prices
        self.group, self.liar_of = group_of_slots(spec)
        self.n_honest, self.n = len(self.group), len(self.group) + len(self.liar_of)
        self.nodes = Columns(self.n, COLUMNS)
        self._own = self.nodes.writer("drivers")
        groups = list(spec.operators.values())
        slots = np.arange(self.n_honest)

        def spread(purpose: str, name: str) -> Floats:
            drawn = [draw_spread(streams, purpose, slots, spread=getattr(each, name)) for each in groups]
            return np.stack(drawn)[self.group, slots]

        def of(name: str) -> Floats:
            return np.array([getattr(each, name) for each in groups], np.float64)[self.group]

        self.km_per_day = spread("km per day", "km_per_day")
        self.payback_limit_months = spread("payback limit", "payback_limit_months")
        self.upload_delay_hours = spread("upload delay", "upload_delay_hours")
        self.days_per_week, self.looks_hazard, self.sells_share = of("days_per_week"), of("looks_hazard_per_month"), of("sells_share")
        self.quality = betaincinv(*QUALITY, streams.uniform("quality", 0, slots))
        quits = [each.quitting for each in groups]
        self._quit = {name: np.array([getattr(each, name) for each in quits])[self.group] for name in type(quits[0]).model_fields}
        self.labour_usd_per_day = of("labour_usd_per_month") / DAYS_PER_MONTH
        self.duty_usd_per_day = np.zeros(self.n)
        """What the law asks of an online driver."""
        self.may_drive = np.ones(self.n, bool)
        """False where a ban is obeyed."""
        models = list(spec.hardware.generations.values())
        self._life_years = np.array([each.life_years for each in models])
        self._failure = np.array([each.failure_hazard_per_month for each in models])
        self._plan = np.array([each.data_plan_usd_per_month for each in models]) / DAYS_PER_MONTH
        liars = list(spec.adversaries.values())
        self._lie_cost = np.array([each.cost_usd_per_month for each in liars])[self.liar_of] / DAYS_PER_MONTH if liars else np.zeros(0)
        self.counts = Counts()
        self.bought_usd = 0.0

    # -- reading

    @property
    def honest_online(self) -> Slots:
        """Slots of honest drivers whose camera records."""
        return np.flatnonzero(self.nodes.online[: self.n_honest])

    @property
    def liars_online(self) -> Slots:
        """Slots of accounts that lie."""
        return np.flatnonzero(self.nodes.online[self.n_honest :]) + self.n_honest

    def model_sold(self) -> int:
        """Index of the generation in the shops; the last one known if none is."""
        return max(int(self.prices.generation[self.clock.day]), 0)

    def cost_usd_per_day(self) -> Floats:
        """O of each slot if it is online: data plan, labour, permit; for liars what lying costs."""
        cost = np.empty(self.n)
        cost[: self.n_honest] = self._plan[self.model_sold()] + self.labour_usd_per_day
        cost[self.n_honest :] = self._lie_cost
        return cost + self.duty_usd_per_day

    def on_the_road(self) -> tuple[Slots, Floats]:
        """Honest drivers who drive today, and how many km: up to five days fall on workdays, the rest on the weekend."""
        online = self.honest_online
        days = self.days_per_week[online]
        share = np.minimum(days / 5, 1.0) if self.clock.today.weekday() < 5 else np.maximum(days - 5, 0.0) / 2
        drives = (self.streams.uniform("drives", self.clock.day, online) < share) & self.may_drive[online]
        return online[drives], self.km_per_day[online[drives]]

    def take_counts(self) -> Counts:
        """What happened since the last call."""
        counts, self.counts = self.counts, Counts()
        return counts

    # -- what happens

    def morning(self) -> None:
        """Orders arrive, cameras fail or are worn out, liars start, banned ones return."""
        day, own = self.clock.day, self._own
        arrived = np.flatnonzero((own.state == NodeState.ORDERED) & (own.due <= day))
        own.state[arrived], own.online[arrived] = NodeState.ONLINE, True
        self.counts.arrived += len(arrived)
        model = self.model_sold()
        luck = self.streams.normal("life", 0, arrived, own.life[arrived])
        years = self._life_years[model] * np.exp(0.25 * luck)  # spread of a life as of other boxes (assumed)
        own.worn_out[arrived] = day + np.maximum((years * DAYS_PER_YEAR).astype(np.int64), 1)
        online = self.honest_online
        hazard = float(probability_from_hazard(float(self._failure[model])))
        fails = (self.streams.uniform("failure", day, online, own.life[online]) < hazard) | (own.worn_out[online] <= day)
        self._take_down(online[fails])
        self.counts.failed += int(fails.sum())
        for number, each in enumerate(self.spec.adversaries.values()):
            mine = np.flatnonzero(self.liar_of == number) + self.n_honest
            if self.clock.today == each.starts or (day == 0 and each.starts < self.clock.start):
                own.online[mine], own.state[mine] = True, NodeState.ONLINE
                self.counts.arrived += len(mine)
        returns = np.flatnonzero((own.state == NodeState.BANNED) & (own.back <= day))
        own.state[returns], own.online[returns], own.back[returns], own.reputation[returns] = NodeState.ONLINE, True, NO_LIFE, 1.0

    def _take_down(self, slots: Slots) -> None:
        own = self._own
        own.state[slots], own.online[slots], own.worn_out[slots], own.weeks_below[slots] = NodeState.PROSPECT, False, NO_LIFE, 0.0

    def forbid(self, slots: Slots) -> None:
        """The law takes the cameras of these drivers down, and they buy no new one."""
        self.may_drive[slots] = False
        driving = slots[self.nodes.online[slots]]
        self._take_down(driving)
        self.counts.left += len(driving)

    def ban(self, slots: Slots) -> None:
        """The network shuts accounts out; some liars come back under another name."""
        own = self._own
        own.online[slots], own.state[slots] = False, NodeState.BANNED
        after = [each.returns_after_days for each in self.spec.adversaries.values()]
        for slot in slots[slots >= self.n_honest]:
            wait = after[self.liar_of[slot - self.n_honest]]
            own.back[slot] = NO_LIFE if wait is None else self.clock.day + wait

    def mark(self, struck: Slots, clean: Slots) -> None:
        """A strike halves a reputation, a clean week mends it a little."""
        own = self._own
        own.reputation[struck] *= 0.5
        own.reputation[clean] += REPUTATION_RECOVERY_PER_WEEK * (1 - own.reputation[clean])

    def quit_or_stay(self, week: int, pay_usd: Floats) -> None:
        """Once a week: who earns less than the reference for longer leaves sooner (hazard · (1 + weeks below / 8), capped); liars give up after some poor weeks."""
        own, online = self._own, self.honest_online
        below = pay_usd[online] < self._quit["reference_pay_usd_per_week"][online]
        own.weeks_below[online] = np.where(below, own.weeks_below[online] + 1, 0.0)
        tired = self._quit["loss_hazard_per_week"][online] * (1 + own.weeks_below[online] / 8)
        hazard = np.where(below, np.minimum(tired, self._quit["hazard_cap_per_week"][online]), self._quit["content_hazard_per_week"][online])
        leaves = online[self.streams.uniform("quit", week, online, own.life[online]) < -np.expm1(-hazard)]
        self._take_down(leaves)
        self.counts.left += len(leaves)
        liars = self.liars_online
        poor = pay_usd[liars] < 7 * self.cost_usd_per_day()[liars]
        own.weeks_below[liars] = np.where(poor, own.weeks_below[liars] + 1, 0.0)
        tired_of_it = liars[own.weeks_below[liars] >= LIARS_PATIENCE_WEEKS]
        own.state[tired_of_it], own.online[tired_of_it] = NodeState.RETIRED, False
        self.counts.left += len(tired_of_it)

    def look(self, week: int, expected_usd_per_week: Floats) -> Slots:
        """Prospects who do the sum this week and buy, given what each expects to earn; the price is paid, the camera is on its way."""
        own, day = self._own, self.clock.day
        price = float(self.prices.new_usd[day])
        looks = np.zeros(self.n_honest, bool)
        looks[self.lookers(week)] = True
        margin = (expected_usd_per_week / 7 - self.cost_usd_per_day()[: self.n_honest]) * DAYS_PER_MONTH
        payback = price / np.maximum(margin, 1e-6)
        buys = np.flatnonzero(looks & (payback <= self.payback_limit_months)) if np.isfinite(price) else np.empty(0, np.int64)
        own.state[buys], own.due[buys] = NodeState.ORDERED, day + self.spec.hardware.delivery_days
        own.life[buys] += 1
        self.bought_usd += len(buys) * price
        return buys

    def lookers(self, week: int) -> Slots:
        """Who would look this week if there were something to earn, in the order of their luck."""
        slots = np.flatnonzero((self._own.state[: self.n_honest] == NodeState.PROSPECT) & self.may_drive[: self.n_honest])
        luck = self.streams.uniform("looks", week, slots)
        order = np.argsort(luck)
        return slots[order][luck[order] < -np.expm1(-self.looks_hazard[slots[order]] * 7 / DAYS_PER_MONTH)]
