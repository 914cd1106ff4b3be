"""A wireless scenario put together: the one place that knows all its parts.

Geography first (area, sites, probes, who hears whom), then state (columns, accrual, ledger), then the parties on the clock. What is drawn here
from the map depends on the place and its own seed; what is drawn from `Streams` depends on the run's seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors import costs as costs_module
from twin.actors import fleet as fleet_module
from twin.actors import operators as operators_module
from twin.actors.costs import Costs
from twin.actors.customers import Customers, DemandPoints, Prices
from twin.actors.fleet import Fleet
from twin.actors.hardware_prices import HardwarePrices, hardware_prices
from twin.actors.makers import Makers
from twin.actors.operators import Offer, Operators
from twin.actors.owners import draw_owners
from twin.actors.regulators import Regulation
from twin.actors.society import Society
from twin.economy.market import Market
from twin.economy.opex import avoidable_usd_per_day, replacement_cost_usd_per_year
from twin.economy.settlement import Exogenous, Settlement, open_ledger
from twin.economy.shared_token import SharedToken, smoothed_share
from twin.errors import InputError, Problem
from twin.integrity import denylist as denylist_module
from twin.integrity import farms as farms_module
from twin.integrity.denylist import Denylist
from twin.integrity.farms import Farms
from twin.judging import taper_of
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Clock, Streams
from twin.kinds.wireless.buckets import split_mint
from twin.kinds.wireless.fees_and_credits import assert_location_usd, onboarding_usd
from twin.kinds.wireless.ground import Terrain, lay_out
from twin.kinds.wireless.network import MEASURES, POOLS, Wireless
from twin.kinds.wireless.spec import WirelessScenario
from twin.kinds.wireless.subsidy import schedule_of
from twin.kinds.wireless.watch import Observer
from twin.outcomes import Evidence, NodeYear, Schedule, Taper, Verdict, evidence_window
from twin.outcomes.taper import trailing_mean
from twin.record import Recorder
from twin.record.tables import WIRELESS_DAILY
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import Accrual, Columns, Ledger, Today
from twin.world.cells import cell_lookup
from twin.world.judged_year import JudgedYear

COLUMNS = (
    *fleet_module.COLUMNS,
    *operators_module.COLUMNS,
    *costs_module.COLUMNS,
    *farms_module.COLUMNS,
    *denylist_module.COLUMNS,
)


@dataclass
class WirelessTwin:
    """Everything of one run, wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    spec: Any
    terrain: Terrain
    clock: Clock
    nodes: Columns
    accrual: Accrual
    ledger: Ledger
    today: Today
    network: Wireless
    fleet: Fleet
    makers: Makers
    operators: Operators
    customers: Customers
    settlement: Settlement
    denylist: Denylist | None
    farms: Farms
    regulation: Regulation
    prices: HardwarePrices
    taper: Taper
    observer: Observer
    judged_year: JudgedYear
    paid_usd: NDArray[np.float32]
    """What the box last ordered for each site cost; a cancelled order pays it back, fees stay burned."""
    schedule: Schedule
    scheduled_subsidy: NDArray[np.float64]
    """Tokens a day that this variant's rules schedule, 28-day mean, by day of the run."""

    daily_fields = WIRELESS_DAILY

    @property
    def usage_constant_usd(self) -> NDArray[np.float64]:
        """Q by day of the run, USD a day."""
        return self.observer.usage_constant_usd

    @property
    def licence(self) -> str | None:
        """ODbL where streets weighted the people."""
        return self.terrain.licence

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.observer.recorder = recorder

    def node_year(self) -> NodeYear | None:
        """What each box of the study area did over the judged year."""
        return self.judged_year.nodes()

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices."""
        return self.customers.addressable_usd_per_day()

    def cells(self) -> dict[str, Any]:
        """What a dense cell number means."""
        return cell_lookup(self.terrain.map)

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        window = evidence_window(daily, verdict)
        rows = window.rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        paid = self.observer.paid_by_customer
        external = {name: usd for name, usd in paid.items() if not self.spec.customers[name].affiliate}
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows()),
            {name: float(usd[rows].sum()) for name, usd in external.items()},
            customers_year_before_usd={name: float(usd[before].sum()) for name, usd in external.items()} if rows.start >= 365 else None,
            affiliates_usd=sum(float(usd[rows].sum()) for name, usd in paid.items() if name not in external),
            schedule=self.schedule,
        )

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run: resolved values, seed, checksums of the place's data."""
        return self.scenario.hash_with(self.terrain.checksums)

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        return {
            "variant": self.scenario.label,
            "replicate": 0,
            "geodata": dict(self.terrain.checksums),
            "attributions": list(self.terrain.attributions),
            "assumed_electricity": list(self.terrain.guessed_prices),
            "sites": self.terrain.sites.n,
            "demand_points": len(self.terrain.people_of_point),
            "hearing": "neighbours" if self.terrain.explicit else "kernel",
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }

    def end_subsidies(self) -> None:
        """Emission, grants and project purchases end today (the cut-off test)."""
        self.settlement.subsidy_on = False
        self.customers.end_rebates()


def build(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> WirelessTwin:
    """The twin of a scenario on its first day. `cache` keeps what depends on the map alone (who hears whom)."""
    spec: WirelessScenario = scenario.spec
    clock = Clock(spec.calendar.start, spec.calendar.end)
    streams = Streams(scenario.seed, replicate)
    base_dir = scenario.path.parent if scenario.path else None
    token_name, token = next(iter(spec.token.items()))
    if len(spec.token) > 1:
        raise InputError(Problem("too_many_tokens", "a wireless network has one token", path="token"))
    taper = taper_of(scenario)
    terrain = lay_out(spec, base_dir=base_dir, cache=cache)
    n = terrain.sites.n

    nodes = Columns(n, COLUMNS)
    accrual = Accrual(n, POOLS, MEASURES, settlements=clock.n_days)
    today = Today()
    society = Society()
    exogenous = _exogenous(spec, clock, base_dir)
    outside_hotspots = _series(spec.outside.hotspots, clock, base_dir) if spec.outside else np.zeros(clock.n_days)

    owners = draw_owners(spec.operators, terrain.region, streams)
    costs = Costs(nodes, _running_usd_per_day(spec, terrain, owners.group))
    fleet = Fleet(clock, streams, nodes, spec.hardware.every.durability, inside=terrain.sites.inside)
    makers = Makers(clock, streams, spec.hardware, on_arrival=fleet.arrive)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=base_dir)

    points = DemandPoints(terrain.people_of_point, terrain.points.jurisdiction)
    levy = np.zeros(len(terrain.people_of_point))
    observer = Observer(clock, terrain.sites.inside)
    network = Wireless(
        clock,
        streams,
        spec,
        sites=terrain.sites,
        nodes=nodes,
        accrual=accrual,
        hearing=terrain.hearing(),
        coverage=terrain.coverage(),
        coverage_at_power=terrain.coverage_at_power,
        changes=fleet.take_changes,
        cost_usd_per_day=costs.total_usd_per_day,
        outside_hotspots=outside_hotspots,
        outside_data_usd=exogenous.outside_data_usd,
        credits_at_points=lambda: customers.credits_at_points(),
        people_of_point=terrain.people_of_point,
        today=today,
    )
    customers = Customers(
        clock,
        streams,
        society,
        spec.customers,
        points=points,
        coverage=network,
        prices=Prices(spec.data_credits.usd_per_credit, levy, spec.data_credits.usd_per_credit),
        note=observer.note,
    )
    network.cover_listener = customers.cover_changed
    supply = _supply_before(token, spec)
    ledger = open_ledger(clock.start, token_name, supply_tokens=supply, other_accounts=_other_accounts(spec))
    replacement = replacement_cost_usd_per_year(
        prices.replacement_usd,
        hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year,
        life_years=spec.hardware.every.durability.life_years,
    ) / DAYS_PER_YEAR

    def rates() -> dict[tuple[str, str], float]:
        day = clock.day
        today.operator_cost_usd = accrual.total("cost") * network.inside_share("cost")
        today.operator_replacement_usd = accrual.total("time") * network.inside_share("time") * float(replacement[day])
        return {
            ("cost_usd", "cost"): 1.0,
            ("replacement_usd", "time"): float(replacement[day]),
            ("usage_usd", "data"): today.usage_constant_usd,
        }

    settlement = Settlement(
        clock,
        token_name=token_name,
        token=SharedToken(token, start=clock.start, end=clock.end),
        split=lambda day, **kwargs: split_mint(spec.rewards, day, **kwargs),
        exogenous=exogenous,
        accrual=accrual,
        ledger=ledger,
        today=today,
        rates=rates,
        inside_share=network.inside_share,
    )

    paid_usd = np.zeros(n, np.float32)

    def order(slots: NDArray[np.int64], lives: NDArray[np.int16]) -> None:
        price = float(prices.new_usd[clock.day])
        paid_usd[slots] = price
        settlement.buy_hardware(len(slots) * price, inside_share=float(terrain.sites.inside[slots].mean()))
        settlement.pay_fees(len(slots) * onboarding_usd(spec.data_credits, clock.today))
        makers.order(slots, lives)

    def new_box_usd() -> float:
        return float(prices.new_usd[clock.day]) + onboarding_usd(spec.data_credits, clock.today)

    operators = Operators(
        clock,
        streams,
        society,
        nodes,
        specs=spec.operators,
        owners=owners,
        fleet=fleet,
        accrual=accrual,
        network=network,
        costs=costs,
        offer=Offer(new_box_usd, spec.hardware.used_price_share, order, lambda: float(prices.replacement_usd[clock.day])),
        inside=terrain.sites.inside,
        today=today,
        claimed=settlement.claim,
        neighbourhood=(terrain.sites.first[5], terrain.sites.rows(5)),
        paid_assert=lambda boxes: settlement.pay_fees(boxes * assert_location_usd(spec.data_credits, clock.today)),
    )
    deny = spec.verification.denylist
    denylist = None if deny is None else Denylist(clock, streams, nodes, deny, network=network, note=observer.note, inside=terrain.sites.inside)
    farms = Farms(
        clock,
        streams,
        society,
        nodes,
        spec.adversaries,
        network=network,
        fleet=fleet,
        sites=np.flatnonzero(terrain.sites.inside),
        distance_km=terrain.distance_km,
        new_box_usd=new_box_usd,
        deliver=order,
        running_usd_per_month=float(np.median(nodes.running_usd_per_day)) * DAYS_PER_MONTH,
        months_until_listed=Denylist.months_until_listed(deny),
        note=observer.note,
    )
    regulation = Regulation(
        clock,
        streams,
        society,
        nodes,
        spec.regulation,
        reach=terrain.reach,
        costs=costs,
        fleet=fleet,
        radio=network,
        levy_share=levy,
        costs_changed=network.eligibility_changed,
        note=observer.note,
    )
    market = Market(
        token.price,
        start=clock.start,
        end=clock.end,
        series=lambda name: load_series(name, base_dir=base_dir),
        taper_begin=taper.begins,
    )
    schedule = schedule_of(spec)
    mean = trailing_mean(schedule.tokens_per_day, spec.taper.mean_days, before=0.0)
    first = (clock.start - schedule.start).days
    scheduled = mean[first : first + clock.n_days] if first >= 0 else np.r_[np.zeros(-first), mean][: clock.n_days]
    twin = WirelessTwin(
        scenario, spec, terrain, clock, nodes, accrual, ledger, today, network, fleet, makers, operators, customers, settlement,
        denylist, farms, regulation, prices, taper, observer, JudgedYear.on(clock, nodes, accrual, taper, spec.verdict, inside=terrain.sites.inside), paid_usd, schedule, scheduled,
    )  # fmt: skip
    observer.attach(twin, market, streams)
    return twin


def _series(ref: Any, clock: Clock, base_dir: Path | None) -> NDArray[np.float64]:
    return load_series(ref.series, base_dir=base_dir).daily(clock.start, clock.n_days, until=ref.until, then=ref.then)


def _exogenous(spec: WirelessScenario, clock: Clock, base_dir: Path | None) -> Exogenous:
    """What the rest of the network and the other sub-network do, by day."""
    other = spec.rewards.other_sub_network
    days = np.datetime64(clock.start, "D") + np.arange(clock.n_days)
    share = smoothed_share(other.share_target, other.share_smoothing_days, days)
    burn = np.zeros(clock.n_days)
    for since, usd in other.other_burn_usd_per_day.items():
        burn[days >= np.datetime64(since, "D")] = usd
    outside = _series(spec.outside.data_usd_per_day, clock, base_dir) if spec.outside else np.zeros(clock.n_days)
    return Exogenous(outside, _series(other.data_usd_per_day, clock, base_dir), burn, share)


def _running_usd_per_day(spec: WirelessScenario, terrain: Terrain, group: NDArray[np.int8]) -> NDArray[np.float64]:
    per_group = list(spec.operators.values())

    def of(name: str) -> NDArray[np.float64]:
        return np.array([getattr(each, name) for each in per_group])[group]

    return avoidable_usd_per_day(
        power_w=spec.hardware.every.power_w,
        usd_per_kwh=terrain.usd_per_kwh,
        backhaul_usd_per_month=of("backhaul_usd_per_month"),
        site_rent_usd_per_month=of("site_rent_usd_per_month"),
        labour_usd_per_month=of("labour_usd_per_month"),
    )


def _supply_before(token: Any, spec: WirelessScenario) -> float:
    from twin.economy.emission import supply_before

    return max(supply_before(token, spec.calendar.start), 0.0)


def _other_accounts(spec: WirelessScenario) -> tuple[str, ...]:
    """Ledger accounts that the rules pay beside hotspots."""
    from twin.kinds.wireless.buckets import SUB_TOKEN_TREASURY
    from twin.kinds.wireless.proof_spec import OTHER_FIELDS, PROOF_FIELDS

    named = [mint.account for token in spec.token.values() for mint in token.other_mints.values()]
    return tuple(dict.fromkeys([*OTHER_FIELDS, *PROOF_FIELDS, SUB_TOKEN_TREASURY, *named]))
