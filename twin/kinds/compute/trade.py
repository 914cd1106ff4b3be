"""What a compute network tells its world. Q is GPU-hours leased at reference prices; S is, for each row of demand, the share of all demand that GPUs within its
reach and memory could carry, weighted by GPU-hours wanted. The whole is settled daily, from 24 hourly steps of matching and billing.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors.customers.sale import Terms
from twin.actors.operators import Parties
from twin.arrays import Floats, Ints
from twin.economy.node_by_node import NodeBooks
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, in_turn, weighted
from twin.kinds.compute.checks import SpotChecks, caught_within, rates_on
from twin.kinds.compute.demand import HOURS
from twin.kinds.compute.gpu_tricks import GpuTrick, best_pay_usd_per_year
from twin.kinds.compute.ground import ComputeGround
from twin.kinds.compute.node_costs import NodeCosts
from twin.kinds.compute.pay import RewardRule
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.self_dealing import SelfDealing
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.stakes import stakes_asked_from
from twin.kinds.compute.supply_spec import ProviderSpec
from twin.kinds.compute.yard import Day, Yard
from twin.outcomes import Collateral, reward_share
from twin.record.tables import Field, capacity_fields
from twin.state import NodeState
from twin.world import World
from twin.world.cells import cells_row
from twin.world.node_sums import GroupSums, NodeSums, group_row
from twin.world.trade import Plain, Row


def _number(name: str, unit: str, meaning: str) -> Field:
    return Field(name, "float64", unit, meaning)


def _count(name: str, meaning: str) -> Field:
    return Field(name, "int64", "count", meaning)


COMPUTE_DAILY: tuple[Field, ...] = (
    *capacity_fields("GPUs", "GPUs on, mean of the day"),
    _count("gpus_online", "GPUs that are really there and on, mean of the day"),
    _count("gpus_claimed", "GPUs that nodes claim to run, real or not, as the network's explorer would show"),
    _number("gpu_hours_leased", "GPU-hours/day", "hours of GPUs that customers leased"),
    _number("gpu_hours_busy", "GPU-hours/day", "part of the leased hours in which the cards work"),
    _number("leased_share", "1", "leased over all hours of GPUs that are on"),
    _number("usd_per_gpu_hour", "USD/GPU-hour", "mean price of a leased hour"),
    _number("p95_wait_hours", "hours", "wait that one served job in twenty exceeds"),
    _number("jobs_arrived", "jobs/day", "jobs that came"),
    _number("jobs_lost", "jobs/day", "jobs that lost patience, or were interrupted and could not go on"),
    _number("jobs_interrupted", "jobs/day", "jobs that lost their machine"),
    _number("jobs_waiting", "jobs", "jobs in the queue at midnight"),
    _number("minted_to_burned", "1", "tokens paid to nodes over tokens burned in the last reward week (weekly pools)"),
    _number("collateral_ratio", "times", "value of the vault over credits outstanding (burn-mint engine); 99: hardly any"),
    _number("credits_outstanding_usd", "USD", "credits that tenants hold"),
    _number("sustainability_ratio", "1", "fees over target pay, mean of 30 days (incentive engine)"),
    _count("fakes_online", "accounts that claim GPUs which they do not have"),
    _number("fakes_paid_usd", "USD/day", "pay of those accounts"),
    _count("fakes_caught", "accounts caught by checks"),
    _count("false_alarms", "honest nodes accused by checks"),
    _number("slashed_tokens", "tokens/day", "stake taken"),
    _number("staked_tokens", "tokens", "stake put up"),
    _number("hollow_gpu_hours", "GPU-hours/day", "hours sold by accounts that have no cards, until somebody noticed; no usage"),
    _number("hollow_usd", "USD/day", "what customers paid for them"),
    _number("self_dealt_usd", "USD/day", "what accounts rent from themselves; no customer's, and no usage"),
    _count("halls_waiting_power", "halls that wait for their turn to be connected"),
    _count("halls_waiting_crew", "halls whose machines wait for a crew"),
)
"""What a compute network adds to `network_daily`."""
COMPUTE_ABSENT = frozenset({"nodes_in_drawer", "nodes_failed", "outside_revenue_token_usd"})
"""A machine that breaks is off for hours and mended, and none is kept for later; each rule of rewards leaves out more."""
COMPUTE_WITHOUT_HOLLOW_JOBS_ABSENT = frozenset({"hollow_gpu_hours", "hollow_usd"})
"""Nobody takes jobs without cards."""
COMPUTE_WITHOUT_SELF_DEALT_ABSENT = frozenset({"self_dealt_usd"})
"""Nobody rents itself."""


class ComputeTrade(Plain):
    """Providers at work, as the chronicle and the verdict ask them; the hours, the settlement and the decisions of a day as the clock asks for them."""

    daily_fields = COMPUTE_DAILY
    treasury_accounts: tuple[str, ...] = ("treasury", "company", "vault", "fee_vault")
    done: Day
    """Sums of today's hours."""

    def __init__(
        self, world: World, ground: ComputeGround, sums: NodeSums, parties: Parties[ProviderSpec], providers: Providers, yard: Yard, *,
        costs: NodeCosts, checks: SpotChecks, books: NodeBooks, rewards: RewardRule, tricks: Mapping[str, GpuTrick],
    ) -> None:  # fmt: skip
        spec: ComputeScenario = world.spec
        self.clock, self.today, self.spec, self.ground, self.sums = world.clock, world.today, spec, ground, sums
        self.parties, self.providers, self.nodes, self.sites, self.stakes = parties, providers, providers.nodes, providers.sites, providers.stakes
        self.yard, self.demand, self.costs, self.checks, self.books, self.rewards = yard, yard.demand, costs, checks, books, rewards
        self.tricks, self.guard, self.deeds, self.hollow, self.dealing = tricks, world.guard, checks.deeds, yard.hollow, SelfDealing(checks.deeds, yard.asking)
        self.absent_fields = COMPUTE_ABSENT | rewards.absent_fields
        for exploit, columns in (("hollow_jobs", COMPUTE_WITHOUT_HOLLOW_JOBS_ABSENT), ("self_dealt", COMPUTE_WITHOUT_SELF_DEALT_ABSENT)):
            if exploit not in self.deeds.possible:
                self.absent_fields |= columns
        self.customer_countries = tuple(sorted(set(ground.users.country.tolist())))
        self.customers, self.slashes_from = world.customers, stakes_asked_from(spec)
        for (name, each), leased in zip(spec.customers.items(), self.demand.leased, strict=True):
            self.customers.add(name, leased, Terms(starts=each.starts))
        honest = ~self.sites.is_fake
        self.group_sums = GroupSums(sums, self.sites.group[honest], len(parties), rows=np.flatnonzero(honest), by_node=True)
        self._leased_hours = np.zeros(self.sites.n)
        self._at_last_map = (-1, np.zeros(self.sites.n), np.zeros(self.sites.n))

    # -- acts of the day -------------------------------------------------------------------------------------------
    def morning(self) -> None:
        """Whether new jobs are let in today; stakes that the market has found count from now on."""
        self.demand.gate = self.rewards.open_share()
        self.stakes.receive(self.books.staked_tokens)

    def serve(self) -> None:
        """24 hours of the market; usage of the day, and how much of all that is wanted the nodes could serve."""
        self.yard.welcome(self.providers.take_newcomers())
        self.done = done = self.yard.run_day()
        self._leased_hours += done.leased_hours
        for leased, hours, usd in zip(self.demand.leased, done.hours_by_job.tolist(), done.bill_by_job.tolist(), strict=True):
            leased.lease(hours, usd)
        self.customers.sell()
        if done.bill_by_city is not None:
            self.demand.levies.collect(done.bill_by_city)
        today, online = self.today, self.nodes.online
        today.usage_constant_usd = today.usage_constant_usd_as_seen = in_turn(done.usage_usd)
        if "self_dealt" in self.deeds.possible:
            done.dealt_hours, done.dealt_usd = self.dealing.hours(), self.dealing.usd()
        if (claimed := in_turn(done.dealt_hours) + self._hollow_hours()) > 0:
            true_hours = in_turn(done.leased_hours)
            today.usage_constant_usd_as_seen += claimed * (today.usage_constant_usd / true_hours if true_hours > 0 else self.demand.mean_reference_usd)
        today.service_share = self._service(np.where(online, self.sites.real_gpus * done.online_hours, 0.0))
        today.service_share_as_seen = self._service(np.where(online, self.sites.claimed_gpus * done.online_hours, 0.0))

    def settle(self) -> None:
        """Bills, what the rewards make of them and of emission, costs, sales, stakes."""
        done, books, day, nodes = self.done, self.books, self.clock.day, self.nodes
        books.open_day(done.bill_usd)
        if (dealt := in_turn(done.dealt_usd)) > 0:
            self.rewards.book_self_dealt(dealt)
        pay = self.rewards.pay(done)
        books.settle(
            customer_usd=pay.customer_usd, emission_tokens=pay.emission_tokens, grant_usd=pay.grant_usd, usage_usd=done.usage_usd,
            cash_usd=self.costs.cash_usd(done, live=nodes.online), replacement_usd=self.costs.replacement_usd(day) * (nodes.online & ~self.sites.is_fake),
            stake_tokens=nodes.stake_tokens,
        )  # fmt: skip
        books.today.new_hardware_usd += self.providers.take_law_usd()  # with the hardware, which is settled the day after it was ordered
        self._tell_guard()
        appeal_days = round(self.spec.verification.appeal_months * DAYS_PER_MONTH)
        books.book_stakes(**self.stakes.take_moves(), slashed_tokens=self.checks.penalties.slashed_tokens, burned_after_days=appeal_days)
        books.close()

    def _tell_guard(self) -> None:
        """What campaigns were paid today, less what they lost by renting themselves."""
        if self.guard.learning is not None:
            fake = self.sites.is_fake
            lost = np.broadcast_to(self.done.dealt_usd, fake.shape)[fake] * self.rewards.wash_terms().lost_share
            self.guard.take(self.sites.campaign[fake], self.books.income_usd[fake] - lost)
        if self.hollow is not None:
            self.hollow.close_day(self.nodes.online)

    def _hollow_hours(self) -> float:
        return in_turn(self.hollow.sold_hours) if self.hollow is not None else 0.0

    def _wanted(self) -> tuple[Ints | slice, Floats]:
        """Rows of demand that stand for anybody today, and GPU-hours a day that might be bought by each."""
        rows, some = self.demand.rows, self.demand.standing
        return some, self.demand.potential_gpu_hours(self.clock.today)[rows.job[some]] * rows.weight[some]

    def _service(self, hours: Floats) -> float:
        """S, given GPU-hours on by node."""
        (some, weight), wanted = self._wanted(), self.demand.potential_gpu_hours(self.clock.today)
        if weight.sum() <= 0:
            return 0.0
        reach = weighted(self.yard.terms.may_serve[some], hours)
        return float((weight * np.minimum(1.0, reach / wanted.sum())).sum() / weight.sum())

    def service_if(self, on: NDArray[np.bool_]) -> float:
        """S if of the nodes that run only these did."""
        return self._service(np.where(self.nodes.online & on, self.sites.real_gpus * self.done.online_hours, 0.0))

    # -- customers and stakes --------------------------------------------------------------------------------------
    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's classes of jobs, at reference prices."""
        return self.demand.addressable_usd_per_day()

    def paid(self, days: slice) -> tuple[dict[str, float], float]:
        """Paid by each customer, USD: the largest of each class by its share, the others of like size or smaller. There are no affiliates."""
        found: dict[str, float] = {}
        for name, usd in self.customers.paid(days)[0].items():
            largest = self.spec.customers[name].largest_buyer_share
            others = ceil((1 - largest) / largest)
            found[f"{name}: largest"] = usd * largest
            found |= {f"{name}: other {number + 1}": usd * (1 - largest) / others for number in range(others)}
        return found, 0.0

    def payers(self) -> Mapping[str, tuple[Floats, float]]:
        """By class of jobs."""
        return {name: (usd, self.spec.customers[name].largest_buyer_share) for name, (usd, _) in super().payers().items()}

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral:
        """Stake of the mean honest node against a year's pay of one that claims as much and has nothing; by the rules of the last day, paid as over `days`."""
        nodes, year, rewards = self.nodes, daily.iloc[days], self.rewards
        honest = nodes.online & ~self.sites.is_fake
        staked = honest & (nodes.stake_tokens > 0)
        mean = staked if staked.any() else honest
        node_days, shared = float(year.nodes_online_as_seen.sum()), rewards.shared_with_fakes()
        gain = float(year[list(shared)].to_numpy().sum()) / node_days * DAYS_PER_YEAR if node_days > 0 else 0.0
        checks, finds = rates_on(self.spec.verification, self.clock.today)
        if self.deeds.possible & rewards.pays_for - {"fake_gpus"}:
            gain = best_pay_usd_per_year(self.tricks, self.deeds)
        return Collateral(
            gain_usd_per_year=None if rewards.no_fake_is_paid_because else gain,
            unpaid_because=rewards.no_fake_is_paid_because,
            looks_per_year=24 * DAYS_PER_YEAR if checks > 0 else 0.0,
            catch_probability_per_look=caught_within(1, checks_per_hour=checks, catch_probability=finds) if checks > 0 else None,
            stake_usd=float(nodes.stake_tokens[staked].mean()) * float(year.price_usd.mean()) if staked.any() else 0.0,
            slash_share=self.spec.verification.most_slashed_share,
            honest_margin_usd_per_year=max(float(nodes.margin_usd_per_day[mean].mean()) * DAYS_PER_YEAR, 0.0) if mean.any() else 0.0,
            of="mean host",
            locked_share_of_supply=in_turn(nodes.stake_tokens) / float(year.supply_tokens.iloc[-1]),
            cheats_reward_share=reward_share(daily.fakes_paid_usd, daily),
        )

    # -- tables ----------------------------------------------------------------------------------------------------
    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {"sites": self.sites.n}

    def take_counts(self) -> Mapping[str, int]:
        """Who came and went today."""
        return self.providers.take_counts()

    def row(self, counts: Mapping[str, int]) -> Row:
        """Nodes, GPUs, jobs, what the rule of rewards measures, fakes and stakes."""
        nodes, sites, done, rewards, building = self.nodes, self.sites, self.done, self.rewards, self.providers.construction
        online, fake, found = nodes.online, sites.is_fake, self.checks.inspection.last
        hours, leased = in_turn(done.online_hours * sites.real_gpus), in_turn(done.leased_hours)
        return {
            "nodes_online": int((online & ~fake).sum()),
            "nodes_online_as_seen": int(online.sum()),
            "nodes_offline": int((online & ~self.yard.presence.on).sum()),
            "nodes_denied": int((nodes.state == NodeState.BANNED).sum()),
            "nodes_ordered": building.under_way,
            "nodes_arrived": counts["arrived"],
            "nodes_left": counts["left"],
            "capacity": hours / HOURS,
            "capacity_as_seen": in_turn(done.online_hours * sites.claimed_gpus * online) / HOURS,
            "gpus_online": round(hours / HOURS),
            "gpus_claimed": int((sites.claimed_gpus * online).sum()),
            "gpu_hours_leased": leased,
            "gpu_hours_busy": done.busy_hours,
            "leased_share": leased / hours if hours > 0 else 0.0,
            "usd_per_gpu_hour": in_turn(done.bill_usd) / leased if leased > 0 else 0.0,
            "p95_wait_hours": done.p95_wait_hours,
            "jobs_arrived": done.jobs_arrived,
            "jobs_lost": done.jobs_lost,
            "jobs_interrupted": done.jobs_interrupted,
            "jobs_waiting": done.waiting_jobs,
            "minted_to_burned": rewards.minted_to_burned,
            "collateral_ratio": rewards.collateral_ratio,
            "credits_outstanding_usd": rewards.credits_usd,
            "sustainability_ratio": rewards.sustainability_ratio,
            "fakes_online": int((online & fake).sum()),
            "fakes_paid_usd": in_turn(self.books.income_usd[fake]),
            "fakes_caught": found.caught,
            "false_alarms": found.false_positives,
            "slashed_tokens": self.checks.penalties.slashed_tokens,
            "staked_tokens": in_turn(nodes.stake_tokens),
            "hollow_gpu_hours": self._hollow_hours(),
            "hollow_usd": in_turn(self.hollow.sold_usd) if self.hollow is not None else 0.0,
            "self_dealt_usd": in_turn(done.dealt_usd),
            "halls_waiting_power": building.waiting_power,
            "halls_waiting_crew": building.waiting_crew,
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight: `coverage_share` of all GPU-hours wanted lies within round trip and memory of what really stands in a cell, `users` are GPU-hours leased a day.

        Pay and leased hours are means since the last map.
        """
        ground, online, fake = self.ground, self.nodes.online, self.sites.is_fake
        n, row = len(ground.cell_ids), ground.site_cell
        day, usd, hours = self._at_last_map
        self._at_last_map = self.clock.day, self.sums.earned("usd").copy(), self._leased_hours.copy()
        days = max(self.clock.day - day, 1)
        (some, wanted), real = self._wanted(), online & ~fake
        serves = np.zeros((n, len(wanted)), bool)
        np.logical_or.at(serves, row[real], self.yard.terms.may_serve[some][:, real].T)
        return cells_row(
            n, row, online=online, fake=fake, pay_usd_per_day=(self._at_last_map[1] - usd) / days, coverage_share=weighted(serves, wanted) / max(float(wanted.sum()), 1e-12),
            users=np.bincount(row, (self._leased_hours - hours) / days, minlength=n),
        )  # fmt: skip

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of providers."""
        nodes, names, money = self.nodes, self.parties.names, self.group_sums.take()

        def by_group(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.bincount(self.sites.group[mask & ~self.sites.is_fake], minlength=len(names))

        entered, left, _ = self.parties.take_counts()
        return group_row(
            names, money, nodes_online=by_group(nodes.online), nodes_ordered=by_group(nodes.state == NodeState.ORDERED),
            entered=entered, left=left,
            in_profit=by_group(nodes.online & (nodes.margin_usd_per_day >= 0)), sold_tokens=money["tokens"] * self.parties.values("sells_share"),
        )  # fmt: skip
