"""A sensing scenario put together. Q is what external customers pay at reference prices, rebates off; S is the served share of all units of demand.

Columns of the common table that have no meaning here: `operator_grant_usd` (nobody gives grants) is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from twin.actors.fleet import Fleet
from twin.actors.hardware_prices import HardwarePrices, hardware_prices
from twin.actors.makers import Makers
from twin.actors.operators import Offer as BoxOffer
from twin.actors.operators import Operators
from twin.actors.owners import draw_owners
from twin.actors.regulators import Regulation
from twin.actors.society import Society
from twin.economy.market import Market
from twin.economy.opex import avoidable_usd_per_day, replacement_cost_usd_per_year
from twin.judging import taper_of
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Clock, Lane, Streams
from twin.kinds.sensing import cheats as cheats_module
from twin.kinds.sensing import network as network_module
from twin.kinds.sensing.books import Books, open_books
from twin.kinds.sensing.cheats import Cheats, Checks
from twin.kinds.sensing.ground import Ground, lay_out, units_of
from twin.kinds.sensing.network import Sensing, pools_of
from twin.kinds.sensing.offers import Offers, schedule_of, scheduled_on
from twin.kinds.sensing.spec import SensingScenario
from twin.kinds.sensing.subscribers import Subscribers
from twin.kinds.sensing.watch import GroupSums, Watch
from twin.outcomes import Evidence, NodeYear, Schedule, Taper, Verdict, evidence_window
from twin.record import Recorder
from twin.record.tables import Field
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import Accrual, Columns, Ledger, NodeState, Today
from twin.world.cell_lookup import cell_lookup
from twin.world.judged_year import JudgedYear

COLUMNS = (
    *fleet_module.COLUMNS, *operators_module.COLUMNS, *costs_module.COLUMNS, *cheats_module.COLUMNS, *network_module.COLUMNS,
)  # fmt: skip
SENSING_DAILY: tuple[Field, ...] = (
    Field("mean_quality", "float64", "1", "mean quality of the honest stations online"),
    Field("median_pay_usd_per_month", "float64", "USD/month", "median pay of an honest station online"),
    Field("fake_online", "int64", "count", "stations online that claim more than they measure"),
    Field("cheats_caught", "int64", "count", "cheats caught since the first day"),
    Field("held_hexes", "int64", "count", "hexagons with a holder (exclusive hexagons only)"),
    Field("boxes_moved", "int64", "count", "stations on their way to a better place since this day"),
    Field("mined_tokens", "float64", "tokens", "paid to stations of the whole network since the first day"),
    Field("outside_stations", "float64", "count", "stations of the rest of the network"),
    Field("affiliates_usd", "float64", "USD/day", "paid by the project's own affiliates, outside Q and R"),
)


@dataclass
class SensingTwin:
    """Everything of one run, wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    spec: SensingScenario
    ground: Ground
    clock: Clock
    nodes: Columns
    accrual: Accrual
    ledger: Ledger
    today: Today
    network: Sensing
    fleet: Fleet
    makers: Makers
    operators: Operators
    buyers: list[Subscribers]
    books: Books
    cheats: Cheats
    checks: Checks | None
    prices: HardwarePrices
    taper: Taper
    schedule: Schedule | None
    watch: Watch
    judged_year: JudgedYear
    unit_cell: NDArray[np.int32]
    outside_stations: NDArray[np.float64]
    sums: GroupSums
    paid_by_customer: dict[str, NDArray[np.float64]]

    daily_fields = SENSING_DAILY

    @property
    def usage_constant_usd(self) -> NDArray[np.float64]:
        """Q by day of the run, USD a day."""
        return self.watch.usage_constant_usd

    @property
    def licence(self) -> str | None:
        """ODbL where streets made the map."""
        return self.ground.licence

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run."""
        return self.scenario.hash_with(self.ground.checksums)

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.watch.recorder = recorder

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        return {
            "variant": self.scenario.label,
            "replicate": 0,
            "geodata": dict(self.ground.checksums),
            "attributions": list(self.ground.attributions),
            "assumed_electricity": list(self.ground.guessed_prices),
            "sites": self.ground.sites.n,
            "units_of_demand": len(self.network.service.share),
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }

    def end_subsidies(self) -> None:
        """Emission and rebates end today (the cut-off test)."""
        self.books.subsidy_on = False

    def node_year(self) -> NodeYear | None:
        """What each station did over the judged year."""
        return self.judged_year.nodes()

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices."""
        return sum(buyer.addressable_usd_per_day(self.clock.end) for buyer in self.buyers if not buyer.spec.affiliate)

    def cells(self) -> Mapping[str, Any]:
        """What a dense cell number means."""
        return cell_lookup(self.ground.map)

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        external = {buyer.name: self.paid_by_customer[buyer.name] for buyer in self.buyers if not buyer.spec.affiliate}
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows()),
            {name: float(usd[rows].sum()) for name, usd in external.items()},
            customers_year_before_usd={name: float(usd[before].sum()) for name, usd in external.items()} if rows.start >= 365 else None,
            affiliates_usd=sum(float(usd[rows].sum()) for name, usd in self.paid_by_customer.items() if name not in external),
            schedule=self.schedule,
        )

    # -- what the observer asks --------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage and revenue of the day: external customers only, rebates off."""
        today, served = self.today, self.network.service.share
        billed = 0.0
        for buyer in self.buyers:
            usd = float(buyer.paid_usd(served).sum())
            billed += usd
            kept = 1.0 if not self.books.subsidy_on else 1 - buyer.spec.rebate_share
            self.paid_by_customer[buyer.name][self.clock.day] = usd * kept
        external = sum(self.paid_by_customer[buyer.name][self.clock.day] for buyer in self.buyers if not buyer.spec.affiliate)
        today.usage_constant_usd = today.revenue_usd = float(external)
        today.usage_constant_usd_as_seen = billed

    def rebates_usd(self) -> float:
        """What the project pays back today."""
        if not self.books.subsidy_on:
            return 0.0
        served = self.network.service.share
        return sum(float(buyer.paid_usd(served).sum()) * buyer.spec.rebate_share for buyer in self.buyers if not buyer.spec.affiliate)

    def own_row(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Columns that sensing adds to the daily table."""
        true = self.nodes.online & (self.nodes.fake < 0)
        return {
            "mean_quality": float(self.network.quality.share[true].mean()) if true.any() else 0.0,
            "median_pay_usd_per_month": self.network.median_pay_usd_per_month,
            "fake_online": int((self.nodes.online & (self.nodes.fake >= 0)).sum()),
            "cheats_caught": self.checks.caught if self.checks else 0,
            "held_hexes": int((self.network.places.holder >= 0).sum()),
            "boxes_moved": counts["moved"],
            "mined_tokens": self.books.mined_tokens,
            "outside_stations": float(self.outside_stations[self.clock.day]),
            "affiliates_usd": sum(float(usd[self.clock.day]) for name, usd in self.paid_by_customer.items() if self.spec.customers[name].affiliate),
        }

    def take_slots(self, what: str) -> NDArray[np.int64]:
        """Sites where something `failed` or `moved` to since the last call."""
        return self.network.take_slots(what)

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; stations stand where they claim to."""
        n, row = self.ground.map.n, self.ground.site_cell[self.network.places.asserted_at]
        known, online, fake = row >= 0, self.nodes.online, self.nodes.fake >= 0
        seen = np.bincount(row[online & known], minlength=n)
        lies = np.bincount(row[online & fake & known], minlength=n)
        pay = np.bincount(row[known], self.network.pay_usd_per_day()[known], minlength=n) * DAYS_PER_MONTH / np.maximum(seen, 1)
        on_map = self.unit_cell >= 0
        cell, weight = self.unit_cell[on_map], self.network.service.units.weight[on_map]
        share = np.bincount(cell, weight * self.network.service.share[on_map], minlength=n) / np.maximum(np.bincount(cell, weight, minlength=n), 1e-12)
        users = np.bincount(cell, self.network.usd_of_unit[on_map], minlength=n)
        cells = np.flatnonzero((seen > 0) | (share > 0) | (users > 0))
        return {
            "cell": cells.astype(np.int32),
            "online": (seen - lies)[cells].astype(np.int32),
            "online_as_seen": seen[cells].astype(np.int32),
            "coverage_share": np.minimum(share[cells], 1.0).astype(np.float32),
            "users": users[cells].astype(np.float32),
            "pay_usd": pay[cells].astype(np.float32),
            "fake": lies[cells].astype(np.int32),
        }

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of owners."""
        owners, nodes = self.operators.owners, self.nodes
        n = len(owners.group_names)
        total = self.sums.take()
        entered, left, sold = self.operators.take_counts()

        def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.bincount(owners.group[mask], minlength=n)

        online = count(nodes.online)
        return {
            "group": list(owners.group_names), "nodes_online": online, "nodes_ordered": count(nodes.state == NodeState.ORDERED),
            "boxes_in_drawer": count(nodes.drawer), "entered": entered, "left": left,
            "earned_tokens": total["tokens"], "earned_usd": total["usd"], "fee_funded_usd": total["backed_usd"], "cost_usd": total["cost_usd"],
            "profit_usd": total["usd"] - total["cost_usd"],
            "share_in_profit": count(nodes.online & self.network.pays_its_cost()) / np.maximum(online, 1), "sold_tokens": sold,
        }  # fmt: skip


def build(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> SensingTwin:
    """The twin of a scenario on its first day. Nothing of a sensing map is slow enough to be kept in `cache`."""
    spec: SensingScenario = scenario.spec
    clock = Clock(spec.calendar.start, spec.calendar.end)
    streams = Streams(scenario.seed, replicate)
    base_dir = scenario.path.parent if scenario.path else None
    token_name, token = next(iter(spec.token.items()))
    taper = taper_of(scenario)
    ground = lay_out(spec.place, base_dir=base_dir, map_resolution=spec.record.cells_h3_resolution)
    units, unit_cell = units_of(spec.service, ground)
    n = ground.sites.n
    nodes = Columns(n, COLUMNS)
    pools, measures = pools_of(spec)
    accrual = Accrual(n, pools, measures, settlements=clock.n_days)
    today, society = Today(), Society()
    watch = Watch(clock, streams, ground.sites, cells=spec.record.cells, groups=spec.record.operators)
    inside = np.ones(n, bool)

    owners = draw_owners(spec.operators, ground.region, streams)
    costs = Costs(nodes, _running_usd_per_day(spec, ground, owners.group))
    fleet = Fleet(clock, streams, nodes, spec.hardware.every.durability, inside=inside)
    makers = Makers(clock, streams, spec.hardware, on_arrival=fleet.arrive)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=base_dir)
    buyers = [Subscribers(name, each, units.weight, start=clock.start) for name, each in spec.customers.items()]
    network = Sensing(
        clock, streams, spec, sites=ground.sites, units=units, nodes=nodes, accrual=accrual, buyers=buyers,
        changes=fleet.take_changes, cost_usd_per_day=costs.total_usd_per_day, today=today,
    )  # fmt: skip
    ledger = Ledger(clock.start)
    open_books(ledger, token_name, supply_tokens=token.supply_before_tokens)
    outside_stations, outside_usd = (_series(ref, clock, base_dir) for ref in (spec.outside.stations, spec.outside.revenue_usd_per_day)) if spec.outside else (np.zeros(clock.n_days),) * 2
    replacement = replacement_cost_usd_per_year(
        prices.replacement_usd, hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, life_years=spec.hardware.every.durability.life_years
    ) / DAYS_PER_YEAR  # fmt: skip
    offers = Offers(spec, clock, network, outside_stations, outside_usd, today)
    books = Books(
        clock, token_name=token_name, accrual=accrual, ledger=ledger, today=today, offers=offers, treasury_tokens=offers.treasury_tokens,
        replacement_usd_per_day=replacement, burned_share=spec.revenue.burned_share, operators_share=spec.revenue.operators_share,
        outside_weight=offers.outside_weights(), outside_revenue_usd=outside_usd, rebates_usd=lambda: twin.rebates_usd(),
    )  # fmt: skip
    offers.books = books

    def deliver(slots: NDArray[np.int64], lives: NDArray[np.int16], pays: bool = True) -> None:
        if pays:
            books.buy_hardware(len(slots) * float(prices.replacement_usd[clock.day]))
        makers.order(slots, lives)

    def new_box_usd() -> float:
        return float(prices.new_usd[clock.day])

    row5 = ground.sites.rows(5)
    operators = Operators(
        clock, streams, society, nodes, specs=spec.operators, owners=owners, fleet=fleet, accrual=accrual, network=network, costs=costs,
        offer=BoxOffer(new_box_usd, 0.5, deliver), today=today, claimed=books.claim, neighbourhood=(ground.sites.first[5], row5), paid_assert=lambda boxes: None,
    )  # fmt: skip
    cheats = Cheats(clock, streams, nodes, spec.adversaries, network=network, fleet=fleet, new_box_usd=new_box_usd, deliver=deliver, note=watch.note)
    checks_spec = spec.verification.checks
    checks = None if checks_spec is None else Checks(clock, streams, nodes, checks_spec, network=network, cheats=cheats, note=watch.note)
    Regulation(
        clock, streams, society, nodes, dict(spec.regulation), reach=ground.reach, costs=costs, fleet=fleet, radio=_NoRadio(), levy_share=np.zeros(0),
        costs_changed=network.eligibility_changed, note=watch.note,
    )  # fmt: skip
    market = Market(token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=taper.begins)
    schedule = schedule_of(spec)
    twin = SensingTwin(
        scenario, spec, ground, clock, nodes, accrual, ledger, today, network, fleet, makers, operators, buyers, books, cheats, checks, prices, taper,
        schedule, watch, JudgedYear.on(clock, nodes, accrual, taper, spec.verdict, inside=inside), unit_cell, outside_stations,
        GroupSums(accrual, owners.group, len(owners.group_names)), {buyer.name: np.zeros(clock.n_days) for buyer in buyers},
    )  # fmt: skip
    clock.every_month(lambda: _second_thoughts(twin), lane=Lane.DECIDE, sub=2, name="buyers in the queue think again", day_of_month=20)
    watch.attach(twin, market, twin.sales, scheduled_on(schedule, clock, spec.taper.mean_days))
    return twin


class _NoRadio:
    """Stations that measure are under no limit of transmitting power."""

    def cut_power(self, slots: NDArray[np.int64], *, gateways_db: float, devices_db: float) -> None:
        raise AssertionError("no rule of a sensing scenario limits power")


def _second_thoughts(twin: SensingTwin) -> None:
    gone = twin.makers.reconsider(twin.operators.payback_months)
    if len(gone):
        twin.fleet.cancel(gone)
        twin.books.refund(len(gone) * float(twin.prices.replacement_usd[twin.clock.day]))


def _series(ref: Any, clock: Clock, base_dir: Path | None) -> NDArray[np.float64]:
    return load_series(ref.series, base_dir=base_dir).daily(clock.start, clock.n_days, until=ref.until, then=ref.then)


def _running_usd_per_day(spec: SensingScenario, ground: Ground, group: NDArray[np.int8]) -> NDArray[np.float64]:
    per_group = list(spec.operators.values())

    def of(name: str) -> NDArray[np.float64]:
        return np.array([getattr(each, name) for each in per_group])[group]

    return avoidable_usd_per_day(
        power_w=spec.hardware.every.power_w,
        usd_per_kwh=ground.usd_per_kwh,
        backhaul_usd_per_month=of("backhaul_usd_per_month"),
        site_rent_usd_per_month=of("site_rent_usd_per_month"),
        labour_usd_per_month=of("labour_usd_per_month"),
    )
