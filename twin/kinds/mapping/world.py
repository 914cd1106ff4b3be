"""A mapping scenario put together: drivers on real streets, the two maps, the weekly books, and who watches.

Columns of `network_daily` that a map has no such thing for are 0: nodes_offline and boxes_in_drawer (a camera drives or is gone), undistributed_tokens
(a share that nobody here earned goes to the rest of the map). Pay and mint stand on the Sundays that close a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors.hardware_prices import hardware_prices
from twin.economy.emission import day_range, values_on
from twin.economy.market import Market
from twin.economy.opex import replacement_cost_usd_per_year
from twin.errors import InputError, Problem
from twin.geo import jurisdictions
from twin.judging import taper_of
from twin.kernel import DAYS_PER_YEAR, Clock, Streams
from twin.kinds.mapping.books import Books, open_books
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.ground import MapGround, lay_out
from twin.kinds.mapping.people_spec import StreetCameraRuleSpec
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.spec import MappingScenario
from twin.kinds.mapping.watch import MAPPING_DAILY, MapObserver, on_dates
from twin.outcomes import Evidence, NodeYear, Schedule, Taper, Verdict, evidence_window
from twin.outcomes.taper import trailing_mean
from twin.record import Recorder
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import Accrual, Ledger, Today
from twin.world.cells import cell_lookup
from twin.world.judged_year import JudgedYear

Floats = NDArray[np.float64]


@dataclass
class MappingTwin:
    """Everything of one run, wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    spec: MappingScenario
    clock: Clock
    ground: MapGround
    drivers: Drivers
    road: Road
    books: Books
    ledger: Ledger
    today: Today
    taper: Taper
    observer: MapObserver
    judged_year: JudgedYear
    scheduled_subsidy: Floats
    """Tokens a day that the rules would mint for coverage at the progress of the map elsewhere."""
    schedule: Schedule | None = None
    """Emission depends on the map, so there is none."""

    daily_fields = MAPPING_DAILY

    @property
    def usage_constant_usd(self) -> Floats:
        """Q by day of the run, USD a day."""
        return self.observer.usage_constant_usd

    @property
    def licence(self) -> str | None:
        """ODbL where a street graph was driven on."""
        return self.ground.licence

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run."""
        return self.scenario.hash_with(self.ground.checksums)

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.observer.recorder = recorder

    def end_subsidies(self) -> None:
        """Mint, re-mint and the foundation's bounties end today."""
        self.books.subsidy_on = False

    def node_year(self) -> NodeYear | None:
        """What each driver did over the judged year, liars too."""
        return self.judged_year.nodes()

    def cells(self) -> dict[str, Any]:
        """What a dense cell number means."""
        return cell_lookup(self.ground.map)

    def addressable_usd_per_day(self) -> float:
        """What external buyers would pay if every street they want were always fresh."""
        return sum(
            float(self.ground.length_km[self.books.wanted[name]].sum()) * each.credits_per_km * each.credit_price_usd / 7
            for name, each in self.books.buyers.items()
            if not each.affiliate
        )

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        window = evidence_window(daily, verdict)
        rows = window.rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        paid = self.books.paid_by_customer
        affiliates = {name for name, each in self.books.buyers.items() if each.affiliate}
        external = {name: usd for name, usd in paid.items() if name not in affiliates}
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows()),
            {name: float(usd[rows].sum()) for name, usd in external.items()},
            customers_year_before_usd={name: float(usd[before].sum()) for name, usd in external.items()} if rows.start >= 365 else None,
            affiliates_usd=sum(float(paid[name][rows].sum()) for name in affiliates),
        )

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        streets = self.ground.streets
        return {
            "variant": self.scenario.label,
            "replicate": 0,
            "geodata": dict(self.ground.checksums),
            "attributions": list(self.ground.attributions),
            "sites": self.drivers.n_honest,
            "demand_points": int((self.ground.length_km > 0).sum()),
            "street_graph": streets.about() if streets else {"streets": "coverage law", "street_km": self.ground.street_km},
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }


def build(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> MappingTwin:
    """The twin of a scenario on its first day. Nothing of it is kept between runs: the route pool of a city takes seconds."""
    spec: MappingScenario = scenario.spec
    clock = Clock(spec.calendar.start, spec.calendar.end)
    streams = Streams(scenario.seed, replicate)
    base_dir = scenario.path.parent if scenario.path else None
    token_name, token = next(iter(spec.token.items()))
    taper = taper_of(scenario)
    prices = hardware_prices(cast(Any, spec.hardware), start=clock.start, n_days=clock.n_days, base_dir=base_dir)
    drivers = Drivers(clock, streams, spec, prices)
    ground = lay_out(spec, drivers.group, streams, base_dir=base_dir)
    road = Road(clock, streams, spec, ground, drivers)
    today = Today()
    observer = MapObserver(clock)
    progress_outside, burn_outside, minted_before = _outside(spec, clock, base_dir)
    ledger = open_books(spec, clock, token_name, token, minted_before)
    lives = np.array([each.life_years for each in spec.hardware.generations.values()])
    replacement = (
        replacement_cost_usd_per_year(
            prices.replacement_usd, hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, life_years=lives[np.maximum(prices.generation, 0)]
        )
        / DAYS_PER_YEAR
    )
    books = Books(
        clock,
        spec,
        road,
        drivers,
        ledger,
        today,
        token_name=token_name,
        token=token,
        minted_before=minted_before,
        outside_progress=progress_outside,
        outside_burn_usd=burn_outside,
        replacement_usd_per_day=replacement,
        note=observer.note,
    )
    market = Market(token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=taper.begins)
    judged = JudgedYear.on(clock, drivers.nodes, cast(Accrual, books.earnings), taper, spec.verdict, inside=np.ones(drivers.n, bool))
    twin = MappingTwin(
        scenario, spec, clock, ground, drivers, road, books, ledger, today, taper, observer, judged, _scheduled(spec, clock, progress_outside, ground)
    )
    observer.attach(twin, market, streams)
    for name, rule in spec.regulation.items():
        if rule.enabled:
            _regulate(twin, name, rule, streams)
    return twin


def _outside(spec: MappingScenario, clock: Clock, base_dir: Path | None) -> tuple[Floats, Floats, float]:
    """Progress and customers' burn elsewhere by day of the run, and what had been minted before the first day at that progress."""
    if spec.outside is None:
        return np.zeros(clock.n_days), np.zeros(clock.n_days), 0.0
    token = next(iter(spec.token.values())).emission
    ref, burn = spec.outside.map_progress, spec.outside.burn_usd_per_day
    table = load_series(ref.series, base_dir=base_dir)
    before = 0.0
    if token.starts < clock.start:
        past = table.daily(token.starts, (clock.start - token.starts).days, until=ref.until, then=ref.then)
        scale = values_on(token.scale_share_by_date, day_range(token.starts, clock.start), 1.0)
        before = float((past * scale).sum()) * token.scale_share * token.tokens_per_week_at_full_progress / 7
    progress = table.daily(clock.start, clock.n_days, until=ref.until, then=ref.then)
    if progress.max() > 1:
        raise InputError(Problem("progress_above_one", f"{ref.series} has a progress above 1", path="outside.map_progress", suggestion="a share from 0 to 1"))
    return progress, load_series(burn.series, base_dir=base_dir).daily(clock.start, clock.n_days, until=burn.until, then=burn.then), before


def _scheduled(spec: MappingScenario, clock: Clock, progress: Floats, ground: MapGround) -> Floats:
    """28-day mean of what the rules would mint for coverage, tokens a day."""
    token = next(iter(spec.token.values())).emission
    days = day_range(clock.start, clock.end)
    on = days >= np.datetime64(token.starts, "D")
    at = progress if spec.outside is not None else np.full(clock.n_days, ground.street_km / 60e6)
    rate = token.tokens_per_week_at_full_progress / 7 * token.scale_share * values_on(token.scale_share_by_date, days, 1.0)
    tokens = rate * at * values_on(spec.rewards.coverage_share, days, 0.9) * on
    return trailing_mean(tokens, spec.taper.mean_days, before=float(tokens[0]))


def _regulate(twin: MappingTwin, name: str, rule: StreetCameraRuleSpec, streams: Streams) -> None:
    """A permit costs every driver who obeys; a ban takes the cameras of those who obey down."""
    law = twin.ground.map.jurisdictions
    if not jurisdictions.under(law, rule.jurisdiction).any():
        known = ", ".join(sorted({str(each) for each in law if each.country}))
        raise InputError(Problem("unknown_jurisdiction", f"no street lies in {rule.jurisdiction!r}", path=f"regulation.{name}", suggestion=f"the map has {known}"))
    drivers = twin.drivers
    obeys = np.flatnonzero(streams.uniform(f"obeys {name}", 0, np.arange(drivers.n_honest)) < rule.compliance_share)

    def begin() -> None:
        count = int(drivers.nodes.online[obeys].sum())
        twin.observer.note("rule_effective", subject=name, jurisdiction=rule.jurisdiction, count=count, unit="nodes_online")
        if rule.kind == "street_camera_ban":
            drivers.forbid(obeys)
        else:
            drivers.duty_usd_per_day[obeys] += rule.cost_usd_per_driver_per_year / DAYS_PER_YEAR

    def end() -> None:
        twin.observer.note("rule_repealed", subject=name, jurisdiction=rule.jurisdiction)
        if rule.kind == "street_camera_ban":
            drivers.may_drive[obeys] = True
        else:
            drivers.duty_usd_per_day[obeys] -= rule.cost_usd_per_driver_per_year / DAYS_PER_YEAR

    on_dates(twin.clock, rule.effective, begin, f"rule {name}")
    on_dates(twin.clock, rule.repealed, end, f"rule {name} repealed")
