"""Policies of a run at work: what they measure every evening, when they decide, what the solvency bound lets them commit, and the table of their months.

A decision falls in the morning, after the price of the day and before anybody is paid, on what was measured up to the evening before. It waits on the clock:
one process for each policy. The share holds from that day on; for emission in `Steered`, by which every kind's rules multiply, for a buy-back in the treasury.
Dollars that a share would commit in a month are share x base, with
    emission, pot bound:      base = tokens a day by the rules alone x today's price x days of a month
    emission, runway bound:   base = what operators were paid of emission over `over_days` / the shares of those days, at today's price, a month
    buy-back:                 base = the treasury's income of the month that ended
and the bound is the lowest of: share of holders' pot; dollars of the treasury over months of runway (for a buy-back its dollars less so many months of spending).
While the taper is held at its level of T0 (switch `taper` off) a policy of emission decides nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import date, timedelta
from math import inf
from typing import Any, Protocol

from twin.economy.clearing import ClearingMarket
from twin.economy.control import BOUND, Decided, rule_of
from twin.economy.held import Fading
from twin.economy.pay_out import TREASURY
from twin.economy.treasury import Treasury
from twin.errors import InputError, Problem
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, ProcessGenerator
from twin.outcomes import Schedule
from twin.scenario import Scenario
from twin.scenario.sections.policies import EMISSION, DatedShareSpec, PidSpec, ThresholdSpec
from twin.state import USD, Ledger, Today
from twin.world.chronicle import Chronicle
from twin.world.judged_year import Online
from twin.world.mechanisms import Mechanisms
from twin.world.schedules import scheduled_on

Spec = PidSpec | ThresholdSpec | DatedShareSpec
OPERATORS_DAYS = 28
"""Days over which a policy by the calendar means what operators are paid (assumed)."""
COLUMNS = (
    "month", "policy", "kind", "steers", "measures", "aim", "measured", "share", "wanted_share", "held_by", "committed_usd_per_month", "most_usd_per_month", "n_decisions",
)  # fmt: skip


class Run(Protocol):
    """What a policy sees of a run."""

    scenario: Scenario
    spec: Any
    clock: Clock
    today: Today
    chronicle: Chronicle
    mechanisms: Mechanisms
    nodes: Online

    @property
    def fading(self) -> Fading:
        """Whether subsidies fade, and the share of them that is emitted."""

    @property
    def ledger(self) -> Ledger:
        """All money and tokens."""


def let_steer(world: Run, treasury: Treasury | None) -> dict[str, dict[str, list[Any]]]:
    """The enabled policies of a scenario act from now on; their table so far. Raises InputError `nothing_to_steer` where a kind emits by no rule that asks for a share."""
    stated = {name: policy for name, policy in world.spec.policies.items() if policy.enabled}
    if not stated:
        return {}
    rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for name, policy in stated.items():
        if policy.steers == EMISSION and not world.fading.steered.exists:
            raise InputError(Problem("nothing_to_steer", "nothing in this kind of network is emitted by a rule that a policy could steer.", path=f"policies.{name}.steers"))
        _Policy(world, name, policy, treasury, rows)
    return {"policies_monthly": rows}


class _Policy:
    """One policy of one life."""

    def __init__(self, world: Run, name: str, spec: Spec, treasury: Treasury | None, rows: dict[str, list[Any]]) -> None:
        self.world, self.name, self.spec, self.treasury, self.rows, self.clock = world, name, spec, treasury, rows, world.clock
        self.on = True
        self._steered = world.fading.steered
        base = 1.0
        self._by_rules: Schedule | None = None
        """What the rules alone schedule; None where they do not, or the calendar alone steers."""
        if spec.steers == EMISSION:
            self._steered.begin(self.clock.n_days)
            if spec.by_state:
                self._by_rules = world.scenario.network.schedule(world.spec.model_copy(update={"policies": {}}))
            self._tell_schedule()
        else:
            assert treasury is not None
            base = treasury.buy_back_share
        self._base_share = self.share = base
        """Before the first decision, and now."""
        self._rule = rule_of(spec, base_share=base)
        self._decided, self._n_decisions, self._measured = Decided(base, base), 0, None  # type: tuple[Decided, int, float | None]
        self._committed_usd = self._most_usd = None  # type: float | None
        self._last_day: int | None = None
        days = OPERATORS_DAYS if isinstance(spec, DatedShareSpec) else spec.over_days
        self._days: deque[Mapping[str, float]] = deque(maxlen=days)
        self.clock.every_day(self._put_in_force, lane=Lane.SHOCK, sub=9, name=f"{name}: the share of the day")
        self.clock.every_day(self._measure, lane=Lane.OBSERVE, sub=1, name=f"{name}: what it measures")
        self.clock.process(self._waits(), f"{name}: decisions")
        world.mechanisms.offer(f"policy:{name}", self._switch)
        world.chronicle.month_ended.append(self._month_over)

    # -- when ------------------------------------------------------------------------------------------------------
    def _decision_days(self) -> list[int]:
        spec, n = self.spec, self.clock.n_days
        if isinstance(spec, DatedShareSpec):
            days = [max((day - self.clock.start).days, 0) for day in spec.share_by_date]
            if spec.by_state:  # a bound may hold on any day
                return list(range(min(days), n))
            return sorted({day for day in days if day < n})
        first = (spec.starts - self.clock.start).days  # before the run where another file, which this one extends, says so: its days go on
        return list(range(first if first >= 0 else first % spec.every_days, n, spec.every_days))

    def _waits(self) -> ProcessGenerator:
        for day in self._decision_days():
            yield self.clock.at(day, Lane.SHOCK, 8)
            self._decide()

    def _switch(self, on: bool) -> None:
        """Whether its share holds from now on; off, the rules alone do. On again, it goes on with the share that it has."""
        self.on = on

    # -- what it knows ---------------------------------------------------------------------------------------------
    def _measure(self) -> None:
        """The evening's numbers."""
        today, steered = self.world.today, self._steered
        self._days.append({
            "nodes_online": float(self.world.nodes.online.sum()), "service_share": today.service_share, "price_usd": today.price_usd, "revenue_usd": today.revenue_usd,
            "emission_usd": today.emission_usd, "operators_usd": today.operator_emission_usd + today.operator_customer_usd + today.operator_grant_usd,
            "operators_tokens": today.operator_emission_usd / today.pay_price_usd if today.pay_price_usd > 0 else 0.0, "share": steered.on(self.clock.day),
        })  # fmt: skip

    def _sum(self, column: str) -> float:
        return sum(day[column] for day in self._days)

    def _now(self) -> float | None:
        """What it measures, mean over its days; None where nobody can tell."""
        if not self._days or isinstance(self.spec, DatedShareSpec):
            return None
        match self.spec.measures:
            case "pay_usd_per_node_month":
                nodes = self._sum("nodes_online")
                return self._sum("operators_usd") * DAYS_PER_MONTH / nodes if nodes > 0 else None
            case "revenue_over_emission":
                emitted, revenue = self._sum("emission_usd"), self._sum("revenue_usd")
                if revenue > 0 and self._sum("share") == 0:  # it has stopped emission itself: any revenue is more than that
                    return inf
                return revenue / emitted if emitted > 0 else None
            case name:
                return self._sum(name) / len(self._days)

    # -- the bound -------------------------------------------------------------------------------------------------
    def _bounds(self) -> list[tuple[float, float]]:
        """(dollars a month that a share of 1 commits, dollars a month that it may), for each bound that is stated."""
        spec, found = self.spec.bound, []
        market = self.world.chronicle.market
        if spec.most_pot_share_per_month is not None:
            assert isinstance(market, ClearingMarket)  # the loader asks for one
            found.append((self._base_usd(), spec.most_pot_share_per_month * float(market.pool.pot_usd)))
        if spec.least_runway_months is not None:
            months = spec.least_runway_months
            if self.spec.steers == EMISSION:
                usd = max(self.world.ledger.balance(USD, TREASURY), 0.0)
                found.append((self._operators_usd(), usd / months))
            else:
                assert self.treasury is not None
                found.append((self._base_usd(), max(self.treasury.usd - months * self.treasury.wanted_usd_per_month, 0.0)))
        return found

    def _base_usd(self) -> float:
        if self.spec.steers == EMISSION:
            return self._steered.by_rules_tokens(self.clock.day) * self.world.today.price_usd * DAYS_PER_MONTH
        assert self.treasury is not None
        return self.treasury.income_usd_of((self.clock.today.replace(day=1) - timedelta(days=1)).replace(day=1))

    def _operators_usd(self) -> float:
        """What operators would get a month of emission at a share of 1, by what they got."""
        shares = self._sum("share")
        return self._sum("operators_tokens") / shares * self.world.today.pay_price_usd * DAYS_PER_MONTH if shares > 0 else 0.0

    # -- what it does ----------------------------------------------------------------------------------------------
    def _decide(self) -> None:
        day = self.clock.day
        if self.spec.steers == EMISSION and self.world.fading.is_held(day):
            return
        months = 0.0 if self._last_day is None else (day - self._last_day) / DAYS_PER_MONTH
        if self._last_day is None and not isinstance(self.spec, DatedShareSpec):
            months = self.spec.every_days / DAYS_PER_MONTH
        self._last_day, self._measured = day, self._now()
        bounds = self._bounds()
        most = min((may / base if base > 0 else inf for base, may in bounds), default=inf)
        was = self._decided.held_by
        self._decided = self._rule.decide(self.clock.today, self._measured, months=months, most_share=most)
        self.share, self._n_decisions = self._decided.share, self._n_decisions + 1
        tight = min(bounds, key=lambda each: each[1] / each[0] if each[0] > 0 else inf, default=None)
        self._committed_usd, self._most_usd = (None, None) if tight is None else (self.share * tight[0], tight[1])
        if self._decided.held_by == BOUND and was != BOUND:
            self.world.chronicle.note("policy_bound", subject=self.name, value=self.share, unit="share; the solvency bound holds it")

    def _put_in_force(self) -> None:
        share = self.share if self.on else self._base_share
        if self.spec.steers != EMISSION:
            assert self.treasury is not None
            self.treasury.buy_back_share = share
        elif not self.world.fading.is_held(day := self.clock.day) and share != self._steered.on(day):
            self._steered.set(day, share)
            self._tell_schedule()

    def _tell_schedule(self) -> None:
        """The column of what is scheduled: what the rules say, with the shares so far and, for the days to come, the share of today."""
        rules, clock = self._by_rules, self.clock
        if rules is None:
            return
        tokens, skipped = rules.tokens_per_day.copy(), (clock.start - rules.start).days
        first = max(skipped, 0)
        within = slice(max(-skipped, 0), min(clock.n_days, len(tokens) - skipped))
        tokens[first : first + within.stop - within.start] = self._steered.of(tokens[first : first + within.stop - within.start], within)
        self.world.chronicle.scheduled_subsidy = scheduled_on(Schedule(rules.start, tokens), clock, self.world.spec.taper.mean_days)

    def _month_over(self, today: date) -> None:
        spec = self.spec
        found = {
            "month": today.replace(day=1), "policy": self.name, "kind": spec.kind, "steers": spec.steers, "measures": "" if isinstance(spec, DatedShareSpec) else spec.measures,
            "aim": self._rule.aims_at, "measured": None if self._measured == inf else self._measured, "share": self.share if self.on else self._base_share, "wanted_share": self._decided.wanted_share,
            "held_by": self._decided.held_by, "committed_usd_per_month": self._committed_usd, "most_usd_per_month": self._most_usd, "n_decisions": self._n_decisions,
        }  # fmt: skip
        self._n_decisions = 0
        for name, values in self.rows.items():
            values.append(found[name])
