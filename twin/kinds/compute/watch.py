"""What is written down of a compute network: a row a day in its own units, groups once a month, events as they come."""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane
from twin.kinds.compute.providers import Caught
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.yard import Day
from twin.record import Recorder
from twin.record.tables import Field
from twin.state import NodeState
from twin.world.daily_row import todays_row

if TYPE_CHECKING:
    from twin.kinds.compute.world import ComputeTwin

Floats = NDArray[np.float64]
HOURS = 24


def _number(name: str, unit: str, meaning: str) -> Field:
    return Field(name, "float64", unit, meaning)


def _count(name: str, meaning: str) -> Field:
    return Field(name, "int64", "count", meaning)


COMPUTE_DAILY: tuple[Field, ...] = (
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
    _number("collateral_ratio", "1", "value of the vault over credits outstanding (burn-mint engine); 99: hardly any"),
    _number("credits_outstanding_usd", "USD", "credits that tenants hold"),
    _number("sustainability_ratio", "1", "fees over target pay, mean of 30 days (incentive engine)"),
    _count("fakes_online", "accounts that claim GPUs which they do not have"),
    _number("fakes_paid_usd", "USD/day", "pay of those accounts"),
    _count("fakes_caught", "accounts caught by checks"),
    _count("false_alarms", "honest nodes accused by checks"),
    _number("slashed_tokens", "tokens/day", "stake taken"),
    _number("staked_tokens", "tokens", "stake put up"),
    _count("halls_waiting_power", "halls that wait for their turn to be connected"),
    _count("halls_waiting_crew", "halls whose machines wait for a crew"),
)
"""What a compute network adds to `network_daily`."""

EVENT_LANES = {"rule_effective": Lane.SHOCK, "rule_repealed": Lane.SHOCK, "fakes_caught": Lane.PROVE}


class Watch:
    """Keeps the day's sums until night, then writes them."""

    def __init__(self, clock: Clock, spec: ComputeScenario) -> None:
        self.clock, self.spec = clock, spec
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)
        self._paid = np.zeros((len(spec.customers), clock.n_days))
        self.done: Day
        self.caught = Caught()
        self._before: dict[str, Floats] = {}


    def note(self, kind: str, **facts: Any) -> None:
        """One line of the events table, on today's date."""
        if self.recorder is not None:
            self.recorder.event(self.clock.day, lane=EVENT_LANES.get(kind, Lane.ARRIVE).name, kind=kind, **facts)

    def paid_by_buyer(self, days: slice) -> dict[str, float]:
        """Revenue by customer over some days: the largest of each class by its share, the others of like size or smaller."""
        found: dict[str, float] = {}
        for (name, job), usd in zip(self.spec.customers.items(), self._paid[:, days].sum(axis=1).tolist(), strict=True):
            largest = job.largest_buyer_share
            others = ceil((1 - largest) / largest)
            found[f"{name}: largest"] = usd * largest
            found |= {f"{name}: other {number + 1}": usd * (1 - largest) / others for number in range(others)}
        return found

    def sales(self, twin: ComputeTwin) -> None:
        """Usage of the day, and how much of all that is wanted the nodes could serve."""
        day, today, done = self.clock.day, twin.today, self.done
        self._paid[:, day] = done.bill_by_job
        self.usage_constant_usd[day] = today.usage_constant_usd = today.usage_constant_usd_as_seen = float(done.usage_usd.sum())
        real = np.where(twin.providers.online, twin.sites.real_gpus * done.online_hours, 0.0)
        claimed = np.where(twin.providers.online, twin.sites.claimed_gpus * done.online_hours, 0.0)
        today.service_share, today.service_share_as_seen = self._service(twin, real), self._service(twin, claimed)

    def _service(self, twin: ComputeTwin, hours: Floats) -> float:
        """S: for each row of demand the share of all demand that GPUs within its reach and memory could carry, weighted by GPU-hours wanted."""
        rows = twin.demand.rows
        wanted = twin.demand.potential_gpu_hours(self.clock.today)
        weight = wanted[rows.job] * rows.weight
        if weight.sum() <= 0:
            return 0.0
        reach = twin.yard.may_serve @ hours
        return float((weight * np.minimum(1.0, reach / wanted.sum())).sum() / weight.sum())

    def evening(self, twin: ComputeTwin) -> None:
        """Tables of the day and, on the last of a month, of the month."""
        if self.recorder is not None:
            self.recorder.daily(self.clock.day, self._row(twin))
            tomorrow = date.fromordinal(self.clock.today.toordinal() + 1)
            if tomorrow.day == 1 or self.clock.day == self.clock.n_days - 1:
                self._month_end(twin, self.recorder)
        twin.providers.arrived = twin.providers.left = 0

    def _row(self, twin: ComputeTwin) -> dict[str, float]:
        today, own, sites, done, facts = twin.today, twin.providers, twin.sites, self.done, twin.books.facts
        online, fake = own.online, own.is_fake
        hours = float((done.online_hours * sites.real_gpus).sum())
        leased = float(done.leased_hours.sum())
        return {
            **todays_row(today, scheduled_subsidy_tokens=twin.scheduled_subsidy[self.clock.day]),
            "nodes_online": int((online & ~fake).sum()),
            "nodes_online_as_seen": int(online.sum()),
            "nodes_offline": int((online & ~twin.yard.on).sum()),
            "nodes_denied": int((own.state == NodeState.BANNED).sum()),
            "nodes_ordered": own.construction.under_way,
            "boxes_in_drawer": 0,
            "boxes_arrived": own.arrived,
            "boxes_failed": 0,
            "boxes_left": own.left,
            "gpus_online": round(hours / HOURS),
            "gpus_claimed": int((sites.claimed_gpus * online).sum()),
            "gpu_hours_leased": leased,
            "gpu_hours_busy": done.busy_hours,
            "leased_share": leased / hours if hours > 0 else 0.0,
            "usd_per_gpu_hour": float(done.bill_usd.sum()) / leased if leased > 0 else 0.0,
            "p95_wait_hours": done.p95_wait_hours,
            "jobs_arrived": done.jobs_arrived,
            "jobs_lost": done.jobs_lost,
            "jobs_interrupted": done.jobs_interrupted,
            "jobs_waiting": done.waiting_jobs,
            "minted_to_burned": facts.minted_to_burned,
            "collateral_ratio": facts.collateral_ratio,
            "credits_outstanding_usd": facts.credits_usd,
            "sustainability_ratio": facts.sustainability_ratio,
            "fakes_online": int((online & fake).sum()),
            "fakes_paid_usd": facts.fakes_paid_usd,
            "fakes_caught": self.caught.cheats,
            "false_alarms": self.caught.false_alarms,
            "slashed_tokens": self.caught.slashed_tokens,
            "staked_tokens": float(own.stake.sum()),
            "halls_waiting_power": own.construction.waiting_power,
            "halls_waiting_crew": own.construction.waiting_crew,
        }

    def _month_end(self, twin: ComputeTwin, recorder: Recorder) -> None:
        today = self.clock.today
        if self.spec.record.operators != "none":
            recorder.monthly("operators_monthly", today, self._groups(twin))
        first = today.replace(day=1)
        rows = [row for row in twin.books.ledger.flow_rows() if row["month"] == first]
        rows.sort(key=lambda row: tuple(str(row[name]) for name in ("asset", "source", "target", "reason", "funding")))
        if rows:
            recorder.monthly("ledger_monthly", today, {name: [row[name] for row in rows] for name in rows[0] if name != "month"})
        recorder.month_done()

    def _groups(self, twin: ComputeTwin) -> dict[str, Any]:
        own, sites = twin.providers, twin.sites
        names = list(self.spec.operators)
        n = len(names)

        def total(values: Floats) -> Floats:
            return np.bincount(sites.group, values, minlength=n)[:n].astype(np.float64)

        month: dict[str, Floats] = {}
        for measure in ("tokens", "usd", "backed_usd", "cost_usd"):
            now = twin.books.sums.earned(measure)
            month[measure] = total(now - self._before.get(measure, np.zeros_like(now)))
            self._before[measure] = now.copy()
        online = total(own.online.astype(float))
        in_profit = total((own.online & (own.margin_usd >= 0)).astype(float))
        entered, left = own.entered_by_group.copy(), own.left_by_group.copy()
        own.entered_by_group[:], own.left_by_group[:] = 0, 0
        sells = np.array([group.sells_share for group in self.spec.operators.values()])
        return {
            "group": names,
            "nodes_online": online.astype(np.int64),
            "nodes_ordered": total((own.state == NodeState.ORDERED).astype(float)).astype(np.int64),
            "boxes_in_drawer": np.zeros(n, np.int64),
            "entered": entered,
            "left": left,
            "earned_tokens": month["tokens"],
            "earned_usd": month["usd"],
            "fee_funded_usd": month["backed_usd"],
            "cost_usd": month["cost_usd"],
            "profit_usd": month["usd"] - month["cost_usd"],
            "share_in_profit": in_profit / np.maximum(online, 1),
            "sold_tokens": month["tokens"] * sells,
        }
