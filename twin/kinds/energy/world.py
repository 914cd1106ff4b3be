"""An energy scenario put together. Q is what grids pay for events, readiness, capacity and dear hours at the first prices ever stated; S is committed power
over the power that zones want.

Columns of the common table that have no meaning here: `boxes_in_drawer` (a system stays on its roof) and `operator_grant_usd` are 0; `nodes_denied` are
sites flagged by the meter check. Own savings on the bill are no revenue: they lower the cost of running and replacing a system (docs/networks/energy.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors import fleet as fleet_module
from twin.actors.fleet import Fleet
from twin.actors.hardware_prices import hardware_prices
from twin.actors.makers import Makers
from twin.actors.spreads import draw_spread
from twin.economy.emission import first_day, tokens_per_day
from twin.economy.market import Market
from twin.errors import InputError, Problem
from twin.geo import jurisdictions
from twin.judging import taper_of
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.kinds.energy import network as network_module
from twin.kinds.energy.network import BASELINE, MEASURES, POOLS, SERVICE, VESTED, Energy
from twin.kinds.energy.spec import EnergyScenario
from twin.kinds.energy.types import types_of, years_of
from twin.outcomes import Collateral, Evidence, NodeYear, Schedule, Taper, Verdict, evidence_window
from twin.record import Recorder
from twin.record.tables import Field
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import BLOCK, USD, Accrual, BlockGroup, Columns, Ledger, NodeState, Today
from twin.world.cells import cell_lookup
from twin.world.ground import Ground, lay_out
from twin.world.judged_year import JudgedYear
from twin.world.legacy_books import Books, Offer, open_books
from twin.world.legacy_watch import GroupSums, Watch
from twin.world.world import scheduled_on

YEARS_BEYOND = 10
CLAIM_GROUPS = 30
ENERGY_DAILY: tuple[Field, ...] = (
    Field("systems_owned", "int64", "count", "households with panels or battery, in the network or not"),
    Field("committed_kw", "float64", "kW", "power that running batteries hold for an event, wear taken off"),
    Field("delivered_kw", "float64", "kW", "power delivered in today's events"),
    Field("solar_kwh", "float64", "kWh/day", "output of all roofs in the network"),
    Field("token_only_online", "int64", "count", "households online that would not have joined without the token"),
    Field("events_missed", "int64", "count", "missed events of single households since the first day"),
    Field("fakes_flagged", "int64", "count", "fake meters found since the first day"),
    Field("fake_online", "int64", "count", "sites online whose sun never shone"),
    Field("batteries_moved", "int64", "count", "batteries that moved house since the first day"),
    Field("vested_usd", "float64", "USD/day", "own deposits that flow back to farms; neither fee nor subsidy"),
)


@dataclass
class EnergyTwin:
    """Everything of one run, wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    spec: EnergyScenario
    ground: Ground
    clock: Clock
    nodes: Columns
    accrual: Accrual
    ledger: Ledger
    today: Today
    network: Energy
    fleet: Fleet
    books: Books
    taper: Taper
    schedule: Schedule
    watch: Watch
    judged_year: JudgedYear
    sums: GroupSums
    paid_by_zone: NDArray[np.float64]
    sold: NDArray[np.float64]
    _claimed: NDArray[np.float64] = field(repr=False)

    daily_fields = ENERGY_DAILY

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
            "variant": self.scenario.label, "replicate": 0, "geodata": dict(self.ground.checksums), "attributions": list(self.ground.attributions),
            "assumed_electricity": [], "sites": self.ground.sites.n, "kinds_of_household": self.network.types.n,
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }  # fmt: skip

    def end_subsidies(self) -> None:
        """Emission ends today (the cut-off test)."""
        self.books.subsidy_on = False

    def node_year(self) -> NodeYear | None:
        """What each site did over the judged year."""
        return self.judged_year.nodes()

    def addressable_usd_per_day(self) -> float:
        """What the zones would pay for all the power they want, at reference prices."""
        network, total = self.network, 0.0
        for z, market in enumerate(network.markets):
            per_event, ready, capacity, _ = network.prices_on(market, reference=True)
            events = market.programme.n_events_per_season if market.programme else 0
            hours = 24.0 * market.ancillary_won_share
            total += market.wanted_kw * (per_event * events / 365 + ready / 1000 * hours + capacity / 1000)
            mine = network.types.zone == z
            kw = network.year.event_kw[mine]
            if kw.any():
                total += market.wanted_kw * float((network.year.sold_dear_usd[mine] / np.maximum(kw, 1e-9))[kw > 0].mean()) / 365
        return total

    def cells(self) -> Mapping[str, Any]:
        """What a dense cell number means."""
        return cell_lookup(self.ground.map)

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        names = self.network.zone_names
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows()),
            {name: float(self.paid_by_zone[z, rows].sum()) for z, name in enumerate(names)},
            customers_year_before_usd={name: float(self.paid_by_zone[z, before].sum()) for z, name in enumerate(names)} if rows.start >= 365 else None,
            schedule=self.schedule,
            collateral=self._collateral(),
        )

    def _collateral(self) -> Collateral | None:
        hosts, network = self.spec.hosts, self.network
        if hosts.stake_usd_per_kw == 0 or not network.year.event_kw.any():
            return None
        here = network.kind[network.nodes.online] if network.nodes.online.any() else np.arange(network.types.n)
        checks = self.spec.verification.meters
        daily = checks.plausible_probability_per_day if checks and self.spec.adversaries else 0.0
        gain = float(network.token_income()[here].mean()) if self.spec.adversaries else 0.0
        return Collateral(
            caught_probability_per_year=1 - (1 - daily) ** 365,
            stake_usd=float(network.year.event_kw[here].mean()) * hosts.stake_usd_per_kw,
            slash_share=1.0,
            honest_margin_usd_per_year=float(network.income_without_token()[here].mean()),
            gain_usd_per_year=gain,
        )

    # -- what the observer asks --------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage and revenue of the day, as the network counted them."""
        today, network = self.today, self.network
        today.usage_constant_usd = today.usage_constant_usd_as_seen = network.usage_usd
        today.revenue_usd = network.revenue_usd
        share = network.kw_of_zone * network.served_share
        self.paid_by_zone[:, self.clock.day] = network.revenue_usd * share / max(float(share.sum()), 1e-12)

    def claim(self) -> None:
        """A thirtieth of the sites claims its tokens and sells the group's share."""
        block = BlockGroup(self.clock.day % CLAIM_GROUPS, CLAIM_GROUPS)
        slots = block.slots(self.network.n)
        self.accrual.settle(block)
        tokens = self.accrual.earned("tokens")[slots]
        fresh = tokens - self._claimed[slots]
        self._claimed[slots] = tokens
        group = self.network.group[slots]
        sells = np.array([each.sells_share for each in self.network.groups])
        sold = np.bincount(group, fresh * sells[group], minlength=len(sells))
        self.sold += sold
        self.books.claim(float(fresh.sum()), float(sold.sum()))

    def own_row(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Columns that energy adds to the daily table."""
        network, nodes = self.network, self.nodes
        return {
            "systems_owned": int(nodes.owns.sum()),
            "committed_kw": float(network.kw_of_zone.sum()),
            "delivered_kw": network.delivered_kw,
            "solar_kwh": network.solar_kwh,
            "token_only_online": int((nodes.online & nodes.token_only).sum()),
            "events_missed": network.missed_events,
            "fakes_flagged": network.flagged_fakes,
            "fake_online": int((nodes.online & (nodes.fake >= 0)).sum()),
            "batteries_moved": network.moved,
            "vested_usd": network.vested_usd_per_day(),
        }

    def take_slots(self, what: str) -> NDArray[np.int64]:
        """Sites where something `failed` or `moved` to since the last call."""
        return self.network.take_slots(what)

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; `coverage_share` is the part of the cell's sites that are in the network, `users` committed kW."""
        n, row = self.ground.map.n, self.ground.site_cell
        known, online, fake = row >= 0, self.nodes.online, self.nodes.fake >= 0
        seen = np.bincount(row[online & known], minlength=n)
        lies = np.bincount(row[online & fake & known], minlength=n)
        sites = np.bincount(row[known], minlength=n)
        kw = np.where(online & ~fake, self.network.year.event_kw[self.network.kind], 0.0)
        pay = np.bincount(row[known], self.network.pay_usd_per_day()[known], minlength=n) * DAYS_PER_MONTH / np.maximum(seen, 1)
        cells = np.flatnonzero(seen > 0)
        return {
            "cell": cells.astype(np.int32),
            "online": (seen - lies)[cells].astype(np.int32),
            "online_as_seen": seen[cells].astype(np.int32),
            "coverage_share": ((seen - lies) / np.maximum(sites, 1))[cells].astype(np.float32),
            "users": np.bincount(row[known], kw[known], minlength=n)[cells].astype(np.float32),
            "pay_usd": pay[cells].astype(np.float32),
            "fake": lies[cells].astype(np.int32),
        }

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of households."""
        network, nodes = self.network, self.nodes
        n = len(network.groups)
        total = self.sums.take()
        entered, left, sold = network.entered.copy(), network.left.copy(), self.sold.copy()
        network.entered[:], network.left[:], self.sold[:] = 0, 0, 0

        def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.bincount(network.group[mask], minlength=n)

        online = count(nodes.online)
        in_profit = nodes.online & (network.pay_usd_per_day() >= self.accrual.weights("cost"))
        return {
            "group": list(self.spec.operators), "nodes_online": online, "nodes_ordered": count(nodes.state == NodeState.ORDERED),
            "boxes_in_drawer": count(nodes.drawer), "entered": entered, "left": left,
            "earned_tokens": total["tokens"], "earned_usd": total["usd"], "fee_funded_usd": total["backed_usd"], "cost_usd": total["cost_usd"],
            "profit_usd": total["usd"] - total["cost_usd"], "share_in_profit": count(in_profit) / np.maximum(online, 1), "sold_tokens": sold,
        }  # fmt: skip


def schedule_of(spec: EnergyScenario) -> Schedule:
    """Tokens a day offered to households by the rules alone: baseline and service pots in full."""
    token = next(iter(spec.token.values()))
    start = first_day(token.emission)
    days = np.arange(np.datetime64(start, "D"), np.datetime64(spec.calendar.end, "D") + round(YEARS_BEYOND * 365.25))
    share = spec.hosts.baseline_share + spec.hosts.service_share
    return Schedule(start, tokens_per_day(token.emission, days) * share * token.emission_scale_share)


def build(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> EnergyTwin:
    """The twin of a scenario on its first day. Nothing of an energy map is slow enough to be kept in `cache`."""
    spec: EnergyScenario = scenario.spec
    clock = Clock(spec.calendar.start, spec.calendar.end)
    streams = Streams(scenario.seed, replicate)
    base_dir = scenario.path.parent if scenario.path else None
    token_name, token = next(iter(spec.token.items()))
    taper = taper_of(scenario)
    ground = lay_out(spec.place, base_dir=base_dir, map_resolution=spec.record.cells_h3_resolution)
    n = ground.sites.n
    zone = zones_of(spec, ground)
    group = _groups(spec, streams, n)
    types, kind = types_of(ground.sites.lat_deg, group, zone, spec.solar)
    year = years_of(types, spec, streams)
    nodes = Columns(n, (*fleet_module.COLUMNS, *network_module.COLUMNS))
    accrual = Accrual(n, POOLS, MEASURES, settlements=clock.n_days, weight_dtype=np.float64)
    today = Today()
    watch = Watch(clock, streams, ground.sites, cells=spec.record.cells, groups=spec.record.operators)
    fleet = Fleet(clock, streams, nodes, spec.hardware.every, inside=np.ones(n, bool))
    makers = Makers(clock, streams, spec.hardware, on_arrival=fleet.arrive)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=base_dir)
    ledger = Ledger(clock.start)
    open_books(ledger, token_name, supply_tokens=token.supply_before_tokens)
    bother = np.empty(n)
    for index, each in enumerate(spec.operators.values()):
        mine = np.flatnonzero(group == index)
        bother[mine] = draw_spread(streams, "bother", mine, spread=each.bother_usd_per_year)

    def join(slots: NDArray[np.int64], lives: NDArray[np.int16]) -> None:
        books.buy_hardware(len(slots) * float(prices.replacement_usd[clock.day]))
        makers.order(slots, lives)

    def pays(usd: float, reason: str) -> None:
        if reason == "systems":
            today.new_hardware_usd += usd
        target = {"systems": "world", "deposits": "treasury"}.get(reason, "market")
        ledger.post(USD, "operators", target, usd, reason=reason, day=clock.day)

    def burns(usd: float) -> None:
        books.burns_at_once_tokens += usd / max(today.price_usd, 1e-12)

    network = Energy(
        clock, streams, spec, sites=ground.sites, zone=zone, group=group, kind=kind, types=types, year=year, bother_usd=bother, nodes=nodes, accrual=accrual,
        fleet=fleet, join=join, pays_usd=pays, burns_usd=burns, hurdle_rate=spec.verdict.hurdle_rate_per_year, today=today, note=watch.note,
    )  # fmt: skip
    days = np.datetime64(clock.start, "D") + np.arange(clock.n_days)
    emitted = tokens_per_day(token.emission, days) * token.emission_scale_share
    hosts = spec.hosts

    def offers() -> list[Offer]:
        """Baseline by score; service by what grids paid, the part of the pot that was served: an event's power over that committed."""
        pot = float(emitted[clock.day])
        served = float(network.served_share.mean())
        return [Offer(BASELINE, pot * hosts.baseline_share), Offer(SERVICE, pot * hosts.service_share * (served if network.revenue_usd > 0 else 0.0))]

    def vested() -> dict[tuple[str, str], float]:
        usd = network.vested_usd_per_day()
        if usd > 0:
            ledger.post(USD, "treasury", "operators", usd, reason="own deposits", day=clock.day)
        return {("vested_usd", VESTED): usd}

    books = Books(
        clock, token_name=token_name, accrual=accrual, ledger=ledger, today=today, offers=offers,
        treasury_tokens=lambda: float(emitted[clock.day]) * (1 - hosts.baseline_share - hosts.service_share), replacement_usd_per_day=np.ones(clock.n_days),
        burned_share=spec.revenue.burned_share, operators_share=spec.revenue.hosts_share, outside_weight={}, outside_revenue_usd=np.zeros(clock.n_days), more_pots=vested,
    )  # fmt: skip
    market = Market(token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=taper.begins)
    schedule = schedule_of(spec)
    twin = EnergyTwin(
        scenario, spec, ground, clock, nodes, accrual, ledger, today, network, fleet, books, taper, schedule, watch,
        JudgedYear.on(clock, nodes, accrual, taper, spec.verdict, inside=np.ones(n, bool)), GroupSums(accrual, group, len(spec.operators)),
        np.zeros((len(spec.markets), clock.n_days)), np.zeros(len(spec.operators)), np.zeros(-(-n // BLOCK) * BLOCK),
    )  # fmt: skip
    clock.every_day(twin.claim, lane=Lane.DECIDE, sub=1, name="households claim and sell (one in thirty a day)")
    watch.attach(twin, market, twin.sales, scheduled_on(schedule, clock, spec.taper.mean_days))
    return twin


def zones_of(spec: EnergyScenario, ground: Ground) -> NDArray[np.int64]:
    """Price zone of every site: the narrowest jurisdiction that holds there. Raises InputError `no_market` where none does."""
    zone = np.full(ground.sites.n, -1, np.int64)
    order = sorted(enumerate(spec.markets.values()), key=lambda pair: "/" in pair[1].jurisdiction)
    for index, market in order:
        zone[jurisdictions.under(ground.sites.jurisdictions, market.jurisdiction)[ground.sites.jurisdiction]] = index
    missing = np.flatnonzero(zone < 0)
    if len(missing):
        names = sorted({str(ground.sites.jurisdictions[k]) for k in np.unique(ground.sites.jurisdiction[missing])})
        raise InputError(
            Problem("no_market", f"{len(missing)} sites have no price zone: {', '.join(names[:8])}", path="markets", suggestion="add a market for the whole country")
        )
    return zone


def _groups(spec: EnergyScenario, streams: Streams, n: int) -> NDArray[np.int64]:
    bounds = np.cumsum([each.households_share for each in spec.operators.values()])
    luck = streams.uniform("household group", 0, np.arange(n))
    return np.minimum(np.searchsorted(bounds, luck, side="right"), len(bounds) - 1).astype(np.int64)
