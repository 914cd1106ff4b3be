"""What every run has, once: a scenario, a clock, luck, the day's numbers, a taper, a market, a chronicle, switches; a kind of network furnishes the rest.

`build` makes a `World` and hands it to the kind's `furnish(world)`, which puts in the ground, the parties and the books, and ends with `world.open(...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.economy.clearing import ClearingMarket
from twin.economy.held import Fading
from twin.economy.shared_token_books import TOKEN_BACKED
from twin.geo.map_cache import cache_folder
from twin.integrity.inspection import Inspection
from twin.judging import Dated, dated_by_rules
from twin.kernel import Clock, Streams
from twin.outcomes import Evidence, NodeYear, Schedule, Verdict, evidence_window
from twin.outcomes.questions import YEAR
from twin.record import Recorder
from twin.record.tables import TOKEN_FEES, Field
from twin.scenario import Scenario
from twin.scenario.order import in_order_of_names
from twin.scenario.sections.customers import groups_of
from twin.scenario.series import load_series
from twin.state import Ledger, Today
from twin.world.chronicle import LEDGER_ORDER, Chronicle
from twin.world.finding_dates import FindsDates
from twin.world.guard import Bill, CampaignOf, Guard, PutOut
from twin.world.judged_year import JudgedYear, Online
from twin.world.markets import market_of
from twin.world.mechanisms import Mechanisms, Switch
from twin.world.node_sums import NodeSums
from twin.world.opening import opening_of
from twin.world.reality import alive_on
from twin.world.schedules import scheduled_on
from twin.world.thinning import Thinned, thinned
from twin.world.trade import Books, Ground, Trade

if TYPE_CHECKING:
    from twin.actors.customers.customers import Customers
    from twin.actors.law import Law
    from twin.actors.society import Society
    from twin.economy.treasury import Treasury
    from twin.integrity.sanctions import Penalties
    from twin.integrity.wronged import Wronged


@dataclass(frozen=True)
class Nowhere:
    """The ground of a network whose nodes stand at no place."""

    checksums: Mapping[str, str] = field(default_factory=dict)
    attributions: tuple[str, ...] = ()
    licence: str | None = None
    guessed_prices: tuple[str, ...] = ()

    def cells(self) -> dict[str, Any] | None:
        """No map."""
        return None


class World:
    """One life of one scenario, wired and ready: `clock.run()` lives it."""

    trade: Trade
    books: Books
    sums: NodeSums
    judged_year: JudgedYear

    def __init__(
        self, scenario: Scenario, *, replicate: int = 0, draw: int | None = None, cache: Path | None = None, dated: Dated | None = None,
        finds_dates: bool = False,
    ) -> None:  # fmt: skip
        """`replicate` is the life's luck, `draw` says by which draw of the `uncertain` block the scenario was made, `cache` where maps are kept
        (None: the user's cache folder), `dated` by what it is judged (None: by rules alone); `finds_dates`: it tells so itself, being lived."""
        self.scenario, self.replicate, self.draw, self.cache = scenario, replicate, draw, cache_folder(cache)
        self.spec = in_order_of_names(scenario.spec)
        """The scenario's values; whatever has a name stands in the order of names."""
        self.base_dir = scenario.path.parent if scenario.path else None
        self.clock = Clock(self.spec.calendar.start, self.spec.calendar.end)
        self.streams = Streams(scenario.seed, replicate)
        self.today = Today()
        self.inspections: list[Inspection] = []
        """What looks for cheats."""
        self.token_name, self.token = next(iter(self.spec.token.items()))
        self.dated, self.finds_dates = dated_by_rules(scenario) if dated is None else dated, finds_dates
        self.taper = self.dated.taper
        self.schedule: Schedule | None = scenario.network.schedule(self.spec)
        """Subsidy that this variant's rules schedule; None where emission depends on the state of the network."""
        market = market_of(scenario, self.token_name, self.token.price, clock=self.clock, base_dir=self.base_dir, taper_begin=self.taper.begins, cache=self.cache)
        self.chronicle = Chronicle(
            self.clock, self.streams, self.today, market, self.spec.record,
            mean_days=self.spec.taper.mean_days, reference_price_usd=self.token.reference_price_usd,
        )  # fmt: skip
        if self.schedule is not None:
            self.chronicle.scheduled_subsidy = scheduled_on(self.schedule, self.clock, self.spec.taper.mean_days)
        self.mechanisms = Mechanisms(self.clock)
        self.mechanisms.offer("price_noise", self.chronicle.switch_noise, exists=market.has_noise)
        self.ground: Ground = Nowhere()
        self.law: Law | None = None
        """Its rules of law, as the kind enacts them; None before, and where a kind knows no law."""
        self.thinned: Thinned | None = None
        """What would have been served with fewer nodes, on the evening of T0; None before, and where the kind cannot tell."""
        self.pressure_tables: dict[str, dict[str, list[Any]]] = {}
        """Tables of what presses on a network, columns by name, so far; only those of mechanisms that the scenario states."""

    # -- for the kind that furnishes it ----------------------------------------------------------------------------
    @cached_property
    def society(self) -> Society:
        """The register of parties that choose; Mesa is imported here, when the first of them is made."""
        from twin.actors.society import Society

        return Society()

    @cached_property
    def customers(self) -> Customers:
        """All who buy what the network does; a kind adds each with what it physically buys."""
        from twin.actors.customers.customers import Customers

        return Customers(self.clock, self.society, self.today, streams=self.streams, note=self.chronicle.note, demand_share_by_date=self.spec.customers_demand_share)

    @cached_property
    def guard(self) -> Guard:
        """Who cheats and who looks."""
        guard = Guard(self.clock, getattr(self.spec, "campaigns", None) or getattr(self.spec, "adversaries", {}), self.pressure_tables)
        self.chronicle.month_ended.append(guard.month_ended)
        self.chronicle.told.append(guard.told)
        return guard

    @cached_property
    def fading(self) -> Fading:
        """Whether subsidies fade by their rules: a kind hands it to its emission. Asking for it offers the switch `taper`, if T0 lies in the calendar."""
        begins = self.taper.begins
        day = (begins - self.clock.start).days if begins is not None and self.clock.start <= begins < self.clock.end else None
        fading = Fading(day, mean_days=self.spec.taper.mean_days)
        if day is not None:
            self.mechanisms.offer("taper", fading.switch)
        return fading

    def series(self, ref: Any) -> Floats:
        """A table by day of the run, as a scenario refers to it (`series`, `until`, `then`, `value_multiple`); a plain number is the same every day."""
        if not hasattr(ref, "series"):
            return np.full(self.clock.n_days, float(ref))
        values = load_series(ref.series, base_dir=self.base_dir).daily(self.clock.start, self.clock.n_days, until=ref.until, then=ref.then)
        return values if ref.value_multiple == 1.0 else values * ref.value_multiple

    def open(
        self, trade: Trade, books: Books, sums: NodeSums, nodes: Online, *,
        inside: NDArray[np.bool_] | None = None, sales: Callable[[], None] | None = None, live_by: str = "replacement_usd", acts: bool = True,
        subsidy: Switch | None = None, rebates: bool = False,
    ) -> None:  # fmt: skip
        """The last act of furnishing: the judged year and the chronicle take their places on the clock; the rest of the network may answer to the market.

        `inside` marks the nodes that are judged (None: all); `sales` sets usage and revenue of the day, unless the kind does so in an act of its own.
        `live_by` is a measure of `sums` that grows only while a node is live.
        `acts` is False where nobody is judged and an act of the kind calls the chronicle's morning and evening.
        `subsidy` is how it is switched (None: in the books); `rebates`: whether customers of this kind may be given some.
        """
        self.trade, self.books, self.sums, self.nodes = trade, books, sums, nodes
        self.chronicle.attend(trade, books, sums)
        if isinstance(self.chronicle.market, ClearingMarket):
            books.trade_on(self.chronicle.market)
        token = self.token
        treasury: Treasury | None = None
        if getattr(token, "allocations", {}) or getattr(token, "treasury", None) is not None:
            treasury = self._let_hold()
        if getattr(token, "pay_out_in", "tokens") == "usd":  # providers of storage need tokens to pledge, and have no such field
            books.pay_in_dollars(reserve_usd=token.pay_out_reserve_usd, mean_days=token.pay_out_mean_days)
        if self.spec.policies:
            from twin.world.policies import let_steer  # only where a scenario states one

            self.pressure_tables |= let_steer(self, treasury)
        if (outside := getattr(self.spec, "outside", None)) is not None:
            books.open_to_entry(self.chronicle.market, elasticity=outside.answers_elasticity)
        if rebates:
            self.mechanisms.offer("rebates", self.customers.switch_rebates, within=["subsidy"])
        here, self.finds_dates = np.ones(len(nodes.online), bool) if inside is None else inside, self.finds_dates and acts
        if acts:
            self.mechanisms.offer("subsidy", subsidy or books.switch_subsidy)
            self.judged_year = JudgedYear.on(self.clock, nodes, sums, self.taper, self.spec.verdict, inside=here, live_by=live_by)
            self.judged_year.on_taper = self._see_taper
            if self.finds_dates:
                FindsDates(self.clock, self.judged_year, self.chronicle.paid_subsidy, self.spec.taper, self.spec.verdict, began=self._taper_began)
            self.chronicle.take_places(sales=sales)
        else:
            self.judged_year = JudgedYear(self.clock, nodes, sums, None, here)

    def _let_hold(self) -> Treasury | None:
        """Those who hold locked tokens, and a treasury that trades, take their places; the treasury."""
        from twin.world.holders import let_hold  # with Mesa, as `society`

        assert isinstance(self.chronicle.market, ClearingMarket)  # nobody may hold beside an open loop: the loader says so
        tables, treasury = let_hold(
            self.clock, self.books, self.chronicle.market, self.token, society=self.society, account=self.trade.treasury_accounts[0], note=self.chronicle.note,
            offer=self.mechanisms.offer,
        )  # fmt: skip
        self.pressure_tables |= tables
        return treasury

    # -- for those who live and judge it ---------------------------------------------------------------------------
    @property
    def ledger(self) -> Ledger:
        """All money and tokens."""
        return self.books.ledger

    @property
    def daily_fields(self) -> tuple[Field, ...]:
        """Columns that this kind of network adds to `network_daily`."""
        return self.trade.daily_fields

    @property
    def more_columns(self) -> dict[str, tuple[Field, ...]]:
        """Columns that this kind of network adds to its tables, by table."""
        return {
            "network_daily": self.trade.daily_fields, "operators_monthly": self.trade.group_fields, "judged_nodes": (TOKEN_FEES,) if TOKEN_BACKED in self.sums.measures else (),
        }

    @property
    def absent_fields(self) -> frozenset[str]:
        """Columns that have no meaning for this kind of network."""
        return self.trade.absent_fields

    @property
    def licence(self) -> str | None:
        """Licence of exported tables where the map's data asks for one."""
        return self.ground.licence

    @property
    def usage_constant_usd(self) -> Floats:
        """Q by day of the run, USD a day; filled as the run goes on."""
        return self.chronicle.usage_constant_usd

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run: resolved values, seed, checksums of the place's data."""
        off = self.mechanisms.off
        return self.scenario.hash_with(dict(self.ground.checksums) | ({"switched off": " ".join(off)} if off else {}))

    def switch(self, mechanism: str, on: bool) -> None:
        """Switches a mechanism from now on; before the first day it never was (or always is). `mechanisms.names` lists them."""
        self.mechanisms.switch(mechanism, on)

    def watch(
        self, inspection: Inspection, *, name: str = "", campaign_of: CampaignOf | None = None,
        sanctions: Penalties | None = None, wronged: Wronged | None = None, bill: Bill | None = None, put_out: PutOut | None = None,
    ) -> None:  # fmt: skip
        """A check of this run: its errors can be switched off, and whoever asks finds it in `inspections`.

        With a `name`, and told to whom nodes belong, campaigns that learn hear what it finds of them, and where its scenario asks for it its months are counted
        and its looks paid.
        """
        self.inspections.append(inspection)
        self.guard.knows(inspection, name)
        if campaign_of is not None:
            self.guard.listen(inspection, name, campaign_of, sanctions=sanctions, wronged=wronged, bill=bill, put_out=put_out)
        self.mechanisms.offer("verification_errors", inspection.switch_errors)

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.chronicle.recorder = recorder

    def cells(self) -> Mapping[str, Any] | None:
        """The table `cells`; None for a network without a map."""
        return self.ground.cells()

    @property
    def subsidy(self) -> Schedule:
        """s of this life: as its rules schedule it; where emission follows the state of the network as it was paid, over the days that were lived."""
        if self.schedule is not None:
            return self.schedule
        return Schedule(self.clock.start, self.chronicle.paid_subsidy.by_day[: self.clock.day + 1])

    def _see_taper(self) -> None:
        self.thinned = thinned(self.trade.service_if, self.nodes.online, self.streams, self.trade.reach)

    def _taper_began(self, began: bool) -> None:
        self.thinned = None
        if began:
            self._see_taper()

    def learn(self, dated: Dated) -> None:
        """By what this life, which had to find it out, is judged."""
        self.dated, self.taper, self.finds_dates = dated, dated.taper, False
        self.judged_year.window = dated.taper.judged_year(self.spec.verdict)

    def customers_rows(self) -> dict[str, Any] | None:
        """The table `customers_daily`; None where nobody paid."""
        start, found = np.datetime64(self.clock.start, "D"), []
        for name, (usd, largest) in sorted(self.trade.payers().items()):
            days = np.flatnonzero(usd > 0)
            found.append(pd.DataFrame({"date": start + days, "customer": name, "paid_usd": usd[days], "largest_buyer_share": largest}))
        rows = pd.concat(found).sort_values(["date", "customer"], kind="stable") if found else pd.DataFrame()
        return {str(name): rows[name].to_numpy() for name in rows} if len(rows) else None

    def node_year(self) -> NodeYear | None:
        """What each node did over the judged year; None if it was not run."""
        return self.judged_year.nodes()

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices."""
        return self.trade.addressable_usd_per_day()

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        ground, taper, opening = self.ground, self.taper, opening_of(self.scenario, cache=self.cache)
        return {
            "variant": self.scenario.label,
            "switched_off": list(self.mechanisms.off),
            "replicate": self.replicate,
            **({"draw": self.draw} if self.draw is not None else {}),
            "geodata": dict(ground.checksums),
            "attributions": list(ground.attributions),
            "assumed_electricity": list(ground.guessed_prices),
            **self.trade.facts(),
            "market": {**self.chronicle.market.facts, **(opening.facts if opening is not None else {})},
            "real_network": alive_on(self.scenario),
            "groups_of_customers": groups_of(getattr(self.spec, "customers", {})),
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": taper.begins, "done": taper.done, "origin": taper.origin, "reason": taper.reason},
        }

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        external, affiliates = self.trade.paid(rows)
        before = self.trade.paid(slice(rows.start - YEAR, rows.start))[0] if rows.start >= YEAR else None
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows(), columns=["month", *LEDGER_ORDER, "amount", "amount_usd"]),
            external,
            customers_year_before_usd=before,
            affiliates_usd=affiliates,
            schedule=self.schedule,
            collateral=self.trade.collateral(daily, rows),
            treasury_accounts=self.trade.treasury_accounts,
            groups=groups_of(getattr(self.spec, "customers", {})),
        )
