"""A mobile scenario put together. Q is the GB carried for external customers at one fixed price; S is the part of all places' passers-by that is served.

Columns of the common table that have no meaning here: `operator_customer_usd` and `operator_grant_usd` (hosts are paid in tokens alone) are 0, and what is
seen equals what is true, since nobody cheats in this kind yet (location and call-record fraud of HIP-119 to HIP-144 is not modelled).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

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
from twin.actors.operators import Offer, Operators
from twin.actors.owners import Owners, draw_owners
from twin.actors.regulators import Regulation
from twin.actors.society import Society
from twin.economy.emission import supply_before, tokens_per_day
from twin.economy.market import Market
from twin.economy.opex import avoidable_usd_per_day, replacement_cost_usd_per_year
from twin.economy.shared_token import SharedToken, smoothed_share
from twin.judging import taper_of
from twin.kernel import DAYS_PER_YEAR, Clock, Lane, Streams
from twin.kinds.mobile import network as network_module
from twin.kinds.mobile.books import Given, MobileBooks, open_books
from twin.kinds.mobile.buckets import scheduled_host_tokens
from twin.kinds.mobile.customers import Demand, demand_of
from twin.kinds.mobile.ground import MobileGround, lay_out
from twin.kinds.mobile.network import MEASURES, POOLS, Devices, Mobile
from twin.kinds.mobile.places import Places, places_of
from twin.kinds.mobile.spec import DeviceSpec, MobileScenario
from twin.kinds.mobile.view import MOBILE_DAILY, Footprint, cells_row, groups_row
from twin.outcomes import Evidence, NodeYear, Schedule, Taper, Verdict, evidence_window
from twin.outcomes.taper import trailing_mean
from twin.record import Recorder
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import Accrual, Columns, Ledger, Today
from twin.world.cells import cell_lookup
from twin.world.judged_year import JudgedYear
from twin.world.legacy_watch import GroupSums, Watch, Watched

YEARS_BEYOND = 10
COLUMNS = (*fleet_module.COLUMNS, *operators_module.COLUMNS, *costs_module.COLUMNS, *network_module.COLUMNS)


@dataclass
class MobileTwin:
    """Everything of one run, wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    spec: MobileScenario
    ground: MobileGround
    places: Places
    devices: Devices
    clock: Clock
    nodes: Columns
    accrual: Accrual
    ledger: Ledger
    today: Today
    network: Mobile
    fleet: Fleet
    makers: Makers
    operators: Operators
    owners: Owners
    demand: Demand
    books: MobileBooks
    prices: HardwarePrices
    taper: Taper
    schedule: Schedule
    watch: Watch
    judged_year: JudgedYear
    sums: GroupSums
    footprint: Footprint
    paid_by_customer: dict[str, NDArray[np.float64]]

    daily_fields = MOBILE_DAILY
    licence: str | None = None

    @property
    def usage_constant_usd(self) -> NDArray[np.float64]:
        """Q by day of the run, USD a day."""
        return self.watch.usage_constant_usd

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
            "attributions": list(self.ground.map.licences),
            "assumed_electricity": list(self.ground.guessed_prices),
            "sites": self.ground.sites.n,
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }

    def end_subsidies(self) -> None:
        """Emission and the project's own purchases end today (the cut-off test)."""
        self.books.subsidy_on = False

    def node_year(self) -> NodeYear | None:
        """What each access point did over the judged year."""
        return self.judged_year.nodes()

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers at its largest, at the reference price: the GB that reality carried for them."""
        external = sum((buyer.gb_wanted * buyer.is_external for buyer in self.demand.buyers), np.zeros(self.clock.n_days))
        return float(external.max()) * self.spec.offload.reference_usd_per_gb

    def cells(self) -> Mapping[str, Any]:
        """What a dense cell number means."""
        return cell_lookup(self.ground.map)

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        revenue = {each.name: self.paid_by_customer[each.name] * each.is_external for each in self.demand.buyers}
        affiliates = sum(float((self.paid_by_customer[each.name] * ~each.is_external)[rows].sum()) for each in self.demand.buyers)
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows()),
            {name: float(usd[rows].sum()) for name, usd in revenue.items()},
            customers_year_before_usd={name: float(usd[before].sum()) for name, usd in revenue.items()} if rows.start >= 365 else None,
            affiliates_usd=affiliates,
            schedule=self.schedule,
        )

    # -- what the observer asks --------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage and revenue of the day: each buyer's GB for an access point of mean popularity, times what runs."""
        day, carried, sales = self.clock.day, self.network.carried_hotspots, self.books.sales
        sales.external_usd = sales.affiliate_usd = external_gb = all_gb = 0.0
        for buyer in self.demand.buyers:
            gb = float(buyer.gb_per_hotspot[day]) * carried
            usd = gb * float(self.demand.usd_per_gb[day])
            self.paid_by_customer[buyer.name][day] = usd
            all_gb += gb
            if buyer.is_external[day]:
                sales.external_usd, external_gb = sales.external_usd + usd, external_gb + gb
            else:
                sales.affiliate_usd += usd
        today, reference = self.today, self.spec.offload.reference_usd_per_gb
        today.usage_constant_usd, today.usage_constant_usd_as_seen = external_gb * reference, all_gb * reference
        today.billed_usd = sales.billed_usd

    def own_row(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Columns that mobile adds to the daily table."""
        day, online = self.clock.day, self.nodes.online
        gb = self.network.carried_hotspots * float(self.demand.gb_per_hotspot[day])
        covered = self.footprint.today(self.clock, online)
        n = int(online.sum())
        pay = self.today.operator_emission_usd
        return {
            "gb_carried": gb,
            "users": gb * 1000 / float(self.demand.mb_per_user_day[day]),
            "outdoor_online": int((online & self.devices.outdoor).sum()),
            "indoor_online": int((online & ~self.devices.outdoor & self.devices.earns_points).sum()),
            "converted_online": int((online & ~self.devices.earns_points).sum()),
            "pay_usd_per_gb": pay / gb if gb > 0 else 0.0,
            "mean_pay_usd_per_month": pay / n * DAYS_PER_YEAR / 12 if n else 0.0,
            "proof_pay_usd": self.accrual.paid["usd", "proof"],
            "top_up_tokens": self.books.top_up_tokens,
            "overflow_tokens": self.books.overflow_tokens,
            "affiliates_usd": self.books.sales.affiliate_usd,
            **covered,
        }

    def take_slots(self, what: str) -> NDArray[np.int64]:
        """Sites where something `failed` or `moved` to since the last call."""
        return self.network.take_slots(what)

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight."""
        return cells_row(self)

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of hosts."""
        return groups_row(self)


def schedule_of(spec: MobileScenario) -> Schedule:
    """Tokens a day offered to access points by the schedule alone: no re-minted burns, no demand-linked top-up. Recorded; the taper's dates are stated."""
    token = next(iter(spec.token.values()))
    start = max(min(spec.rewards.pool), min(spec.rewards.share_target))
    days = np.arange(np.datetime64(start, "D"), np.datetime64(spec.calendar.end, "D") + round(YEARS_BEYOND * 365.25))
    share = smoothed_share(spec.rewards.share_target, spec.rewards.share_smoothing_days, days)
    return Schedule(start, scheduled_host_tokens(spec.rewards, days, scheduled_tokens=tokens_per_day(token.emission, days), own_share=share))


def build(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> MobileTwin:
    """The twin of a scenario on its first day. Nothing of a mobile map is slow enough to be kept in `cache`."""
    spec: MobileScenario = scenario.spec
    clock = Clock(spec.calendar.start, spec.calendar.end)
    streams = Streams(scenario.seed, replicate)
    base_dir = scenario.path.parent if scenario.path else None
    token_name, token = next(iter(spec.token.items()))
    taper = taper_of(scenario)
    ground = lay_out(spec.place, spec.neighbourhoods, base_dir=base_dir, map_resolution=spec.record.cells_h3_resolution)
    n = ground.sites.n
    nodes = Columns(n, COLUMNS)
    accrual = Accrual(n, POOLS, MEASURES, settlements=clock.n_days)
    today, society, inside = Today(), Society(), np.ones(n, bool)
    watch = Watch(clock, streams, ground.sites, cells=spec.record.cells, groups=spec.record.operators)

    owners = draw_owners(dict(spec.operators), ground.sites.jurisdiction, streams)
    kinds = list(spec.hardware.devices)
    kind = np.array([kinds.index(each.device) for each in spec.operators.values()])[owners.group]
    devices = _devices(spec, kind, clock)
    places = places_of(ground.sites, ground.people_per_km2, spec.offload, streams)
    costs = Costs(nodes, _running_usd_per_day(spec, ground, owners.group, kind))
    fleet = Fleet(clock, streams, nodes, spec.hardware.every.durability, inside=inside)
    makers = Makers(clock, streams, spec.hardware, on_arrival=fleet.arrive)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=base_dir)
    demand = demand_of(spec, clock, places, streams, base_dir)
    network = Mobile(
        clock, streams, spec, places=places, devices=devices, nodes=nodes, accrual=accrual, gb_per_hotspot=demand.gb_per_hotspot,
        mb_per_user_day=demand.mb_per_user_day, changes=fleet.take_changes, cost_usd_per_day=costs.total_usd_per_day, today=today,
    )  # fmt: skip
    ledger = open_books(clock, token_name, token, supply_tokens=max(supply_before(token, clock.start), 0.0))
    replacement = replacement_cost_usd_per_year(
        prices.replacement_usd, hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, life_years=spec.hardware.every.durability.life_years
    ) / DAYS_PER_YEAR  # fmt: skip
    books = MobileBooks(
        clock, token_name=token_name, token=SharedToken(token, start=clock.start, end=clock.end), rewards=spec.rewards, given=_given(spec, clock, base_dir),
        accrual=accrual, ledger=ledger, today=today, replacement_usd_per_day=replacement,
    )  # fmt: skip
    # one price for all in the decisions: an owner whose box costs c times the reference has 1/c of the patience, which is the same inequality
    fee = np.array([each.onboarding_usd for each in spec.hardware.devices.values()])
    all_in = np.array([each.price_usd for each in spec.hardware.devices.values()]) + fee
    reference = float(prices.replacement_usd[0])
    owners.payback_limit_months[:] = owners.payback_limit_months * (reference / np.maximum(all_in, 1e-3))[kind]

    def order(slots: NDArray[np.int64], lives: NDArray[np.int16]) -> None:
        books.buy_hardware(float(devices.price_share[slots].sum()) * float(prices.replacement_usd[clock.day]))
        books.pay_fees(float(fee[kind[slots]].sum()))
        makers.order(slots, lives)

    operators = Operators(
        clock, streams, society, nodes, specs=dict(spec.operators), owners=owners, fleet=fleet, accrual=accrual, network=network, costs=costs,
        offer=Offer(lambda: float(prices.new_usd[clock.day]), spec.hardware.used_price_share, order), today=today, claimed=books.claim,
        neighbourhood=(ground.sites.first[5], ground.sites.rows(5)), paid_assert=lambda boxes: None,
    )  # fmt: skip
    Regulation(
        clock, streams, society, nodes, dict(spec.regulation), reach=ground.reach, costs=costs, fleet=fleet, radio=_NoPowerRules(), levy_share=np.zeros(0),
        costs_changed=network.eligibility_changed, note=watch.note,
    )  # fmt: skip
    market = Market(token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=taper.begins)
    schedule = schedule_of(spec)
    twin = MobileTwin(
        scenario, spec, ground, places, devices, clock, nodes, accrual, ledger, today, network, fleet, makers, operators, owners, demand, books, prices,
        taper, schedule, watch, JudgedYear.on(clock, nodes, accrual, taper, spec.verdict, inside=inside),
        GroupSums(accrual, owners.group, len(owners.group_names)), Footprint(ground.sites.cell12, places, devices.outdoor),
        {buyer.name: np.zeros(clock.n_days) for buyer in demand.buyers},
    )  # fmt: skip
    clock.every_month(lambda: _second_thoughts(twin), lane=Lane.DECIDE, sub=2, name="buyers in the queue think again", day_of_month=20)
    mean = trailing_mean(schedule.tokens_per_day, spec.taper.mean_days, before=0.0)
    first = (clock.start - schedule.start).days
    watch.attach(cast(Watched, twin), market, twin.sales, mean[first : first + clock.n_days] if first >= 0 else np.r_[np.zeros(-first), mean][: clock.n_days])
    return twin


class _NoPowerRules:
    """Wi-Fi access points are under no limit of transmitting power that a rule here could lower."""

    def cut_power(self, slots: NDArray[np.int64], *, gateways_db: float, devices_db: float) -> None:
        raise AssertionError("no rule of a mobile scenario limits power")


def _second_thoughts(twin: MobileTwin) -> None:
    gone = twin.makers.reconsider(twin.operators.payback_months)
    if len(gone):
        twin.fleet.cancel(gone)
        twin.books.refund(float(twin.devices.price_share[gone].sum()) * float(twin.prices.replacement_usd[twin.clock.day]))


def _devices(spec: MobileScenario, kind: NDArray[np.int64], clock: Clock) -> Devices:
    each: list[tuple[str, DeviceSpec]] = list(spec.hardware.devices.items())
    reference = max(hardware_prices(spec.hardware, start=clock.start, n_days=1).replacement_usd[0], 1e-3)
    return Devices(
        outdoor=np.array([name == "outdoor" for name, _ in each])[kind],
        earns_points=np.array([device.earns_points for _, device in each])[kind],
        price_share=np.array([device.price_usd / reference for _, device in each])[kind],
        starts_day=np.array([(device.starts - clock.start).days for _, device in each])[kind],
    )


def _given(spec: MobileScenario, clock: Clock, base_dir: Path | None) -> Given:
    rewards, days = spec.rewards, np.datetime64(clock.start, "D") + np.arange(clock.n_days)
    burn = np.zeros(clock.n_days)
    for since, usd in rewards.project_burn_usd_per_day.items():
        burn[days >= np.datetime64(since, "D")] = usd
    ref = rewards.other_data_usd_per_day
    other = load_series(ref.series, base_dir=base_dir).daily(clock.start, clock.n_days, until=ref.until, then=ref.then)
    return Given(smoothed_share(rewards.share_target, rewards.share_smoothing_days, days), other, burn)


def _running_usd_per_day(spec: MobileScenario, ground: MobileGround, group: NDArray[np.int8], kind: NDArray[np.int64]) -> NDArray[np.float64]:
    per_group = list(spec.operators.values())

    def of(name: str) -> NDArray[np.float64]:
        return np.array([getattr(each, name) for each in per_group])[group]

    return avoidable_usd_per_day(
        power_w=np.array([each.power_w for each in spec.hardware.devices.values()])[kind],
        usd_per_kwh=ground.usd_per_kwh,
        backhaul_usd_per_month=of("backhaul_usd_per_month"),
        site_rent_usd_per_month=of("site_rent_usd_per_month"),
        labour_usd_per_month=of("labour_usd_per_month"),
    )
