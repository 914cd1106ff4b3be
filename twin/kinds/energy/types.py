"""Kinds of household by group, price zone and latitude: a year of each from representative days, and what it is worth at the tariffs of a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.kernel import Streams
from twin.kinds.energy import income, solar
from twin.kinds.energy.dispatch import LOAD_SHAPE, Days, Rules, run_days
from twin.kinds.energy.prices import hourly_usd_per_mwh
from twin.kinds.energy.spec import EnergyScenario, GridMarketSpec, ProgrammeSpec, SolarSpec, SystemSpec
from twin.scenario.model import value_on
from twin.units import DAYS_PER_YEAR

BAND_DEG = 2.0
MID_MONTH_DAY = np.array([15, 45, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349])
DAYS_IN_MONTH = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
SHORTEST_DAY, LONGEST_DAY = 355, 172


@dataclass(frozen=True, eq=False)
class Types:
    """Rows: kinds of household that stand on some site."""

    group: NDArray[np.int64]
    zone: NDArray[np.int64]
    lat_deg: Floats
    clearness: Floats
    winter_clearness: Floats

    @property
    def n(self) -> int:
        """Number of kinds."""
        return len(self.group)

    def clearness_on(self, day_of_year: int) -> Floats:
        """Clearness index of the date: between the year's mean and that of the shortest day, by the season."""
        winter = 0.5 + 0.5 * np.cos(2 * np.pi * (day_of_year - np.where(self.lat_deg >= 0, SHORTEST_DAY, LONGEST_DAY)) / DAYS_PER_YEAR)
        return self.clearness + (self.winter_clearness - self.clearness) * winter

    def yield_on(self, day_of_year: int) -> Floats:
        """kWh per kW of panels on an average day of that date."""
        return solar.yield_kwh_per_kw(self.lat_deg, day_of_year, self.clearness_on(day_of_year))


def types_of(lat_deg: Floats, group: NDArray[np.integer], zone: NDArray[np.integer], spec: SolarSpec) -> tuple[Types, NDArray[np.int64]]:
    """The kinds that stand on sites, and the row of each site. Raises InputError `no_solar_data` for sites beyond the table of skies."""
    last = spec.skies[-1].up_to_latitude_deg
    beyond = np.flatnonzero(np.abs(lat_deg) > last)
    if len(beyond):
        furthest = float(lat_deg[beyond[np.argmax(np.abs(lat_deg[beyond]))]])
        raise InputError(
            Problem(
                "no_solar_data",
                f"{len(beyond)} sites lie beyond {last:g} degrees, where the table of skies ends (the furthest at {furthest:.1f})",
                path="solar.skies",
                suggestion="add a row with a clearness index for that latitude, or choose an area nearer to the equator",
            )
        )
    band = np.rint(lat_deg / BAND_DEG).astype(np.int64)
    kinds, row = np.unique(np.column_stack([group, zone, band]), axis=0, return_inverse=True)
    middle = kinds[:, 2] * BAND_DEG
    sky = np.searchsorted([each.up_to_latitude_deg for each in spec.skies], np.minimum(np.abs(middle), last))
    clear = np.array([each.clearness_index for each in spec.skies])
    winter = np.array([each.clearness_index if each.winter_clearness_index is None else each.winter_clearness_index for each in spec.skies])
    return Types(kinds[:, 0], kinds[:, 1], middle, clear[sky], winter[sky]), row.ravel()


@dataclass(frozen=True, eq=False)
class Year:
    """What each kind does in a year, kWh; `without` has no system."""

    used_kwh: Floats
    imported_kwh: Floats
    exported_kwh: Floats
    solar_kwh: Floats
    sold_dear_usd: Floats
    event_kw: Floats
    battery_kw: Floats
    capex_usd: Floats
    annuity_usd_per_year: Floats
    running_usd_per_year: Floats
    pv_kw: Floats
    fade_share_per_year: Floats
    """Capacity that the battery loses."""


def years_of(types: Types, spec: EnergyScenario, streams: Streams) -> Year:
    """Runs representative days of every month by the hour, and one event day, for all kinds."""
    groups, markets = list(spec.operators.values()), list(spec.markets.values())
    systems = [groups[g].system for g in types.group]
    battery_kwh, battery_kw, pv_kw = (np.array([getattr(each, name) for each in systems]) for name in ("battery_kwh", "battery_kw", "pv_kw"))
    load = np.array([groups[g].load_kwh_per_day for g in types.group])
    rules = Rules(spec.battery_reserve_share, spec.battery_efficiency_share, spec.low_usd_per_mwh, spec.high_usd_per_mwh)
    sells = np.array([markets[z].sells_at_wholesale for z in types.zone])
    totals = {name: np.zeros(types.n) for name in ("imported", "exported", "exported_dear", "dear_usd", "solar")}
    event_kw = np.zeros(types.n)
    for month in range(12):
        some, event = _month(types, spec, streams, month, pv_kw, load, battery_kwh, battery_kw, rules, sells)
        events = np.array([_events_in(markets[z].programme, month) for z in types.zone])
        ordinary = DAYS_IN_MONTH[month] - events
        for name in totals:
            totals[name] = totals[name] + getattr(some, name) * ordinary + (getattr(event, name) * events if event is not None else 0.0)
        if event is not None:
            event_kw = np.maximum(event_kw, np.where(events > 0, event.event_kw, 0.0))
    capex = np.array([s.pv_kw * s.solar_usd_per_kw + s.battery_kwh * s.battery_usd_per_kwh for s in systems])
    yearly = np.array([_annuity(groups[g].discount_share_per_year, groups[g].system) for g in types.group])
    return Year(
        used_kwh=load * DAYS_IN_MONTH.sum(), imported_kwh=totals["imported"], exported_kwh=totals["exported"] - totals["exported_dear"], solar_kwh=totals["solar"],
        sold_dear_usd=totals["dear_usd"], event_kw=event_kw, battery_kw=battery_kw * (battery_kwh > 0), capex_usd=capex, annuity_usd_per_year=yearly,
        running_usd_per_year=np.array([s.running_usd_per_year for s in systems]), pv_kw=pv_kw,
        fade_share_per_year=np.array([s.fade_share_per_year for s in systems]),
    )  # fmt: skip


def _annuity(rate: float, system: SystemSpec) -> float:
    solar_usd = system.pv_kw * system.solar_usd_per_kw
    battery_usd = system.battery_kwh * system.battery_usd_per_kwh
    return solar_usd * income.annuity_share(rate, system.solar_life_years) + battery_usd * income.annuity_share(rate, system.battery_life_years)


def _events_in(programme: ProgrammeSpec | None, month: int) -> float:
    if programme is None or month + 1 not in programme.season_months:
        return 0.0
    return programme.n_events_per_season / len(programme.season_months)


def _month(
    types: Types, spec: EnergyScenario, streams: Streams, month: int, pv_kw: Floats, load: Floats, battery_kwh: Floats, battery_kw: Floats, rules: Rules,
    sells: NDArray[np.bool_],
) -> tuple[Days, Days | None]:  # fmt: skip
    """Mean of the month's representative days, and its event day where any zone has one."""
    day = int(MID_MONTH_DAY[month])
    per_kw = types.yield_on(day)
    shape = solar.hourly_shape(solar.day_length_hours(types.lat_deg, day))
    markets = list(spec.markets.values())
    total: list[Floats] = []
    first: dict[str, Floats] = {}
    for sample in range(spec.network.representative_days):
        rng = streams.at("representative day", month * 100 + sample)
        cloud = 1.0 if spec.network.representative_days == 1 else rng.uniform(spec.solar.cloud_low_multiple, spec.solar.cloud_high_multiple)
        prices = np.stack([hourly_usd_per_mwh(market.wholesale, 1, rng, solar_shape=np.maximum(shape.mean(axis=0), 1e-9))[0] for market in markets])
        flows = {"solar_kwh": (pv_kw * per_kw * cloud)[:, None] * shape, "load_kwh": load[:, None] * LOAD_SHAPE, "price_usd_per_mwh": prices[types.zone]}
        found = run_days(**flows, battery_kwh=battery_kwh, battery_kw=battery_kw, rules=rules, sells_at_wholesale=sells)
        total.append(np.stack([found.imported, found.exported, found.exported_dear, found.dear_usd, found.event_kw, found.solar]))
        if sample == 0:
            first = flows
    mean = np.mean(total, axis=0)
    return Days(*mean), _event_day(types, markets, month, first, battery_kwh, battery_kw, rules)


def _event_day(
    types: Types, markets: list[GridMarketSpec], month: int, flows: dict[str, Floats], battery_kwh: Floats, battery_kw: Floats, rules: Rules
) -> Days | None:
    """The day on which each zone's programme calls an event; None in months without any."""
    found: NDArray[np.float64] | None = None
    for z, market in enumerate(markets):
        programme = market.programme
        if programme is None or not _events_in(programme, month):
            continue
        hours = (programme.begins_after_hours, min(programme.begins_after_hours + programme.event_hours, 24))
        day = run_days(**flows, battery_kwh=battery_kwh, battery_kw=battery_kw, rules=rules, event_hours=hours, sells_at_wholesale=False)
        rows = np.stack([day.imported, day.exported, day.exported_dear, day.dear_usd, day.event_kw, day.solar])
        found = rows if found is None else np.where(types.zone == z, rows, found)
    return None if found is None else Days(*found)


@dataclass(frozen=True, eq=False)
class Worth:
    """USD a year of each kind at the rules and tariffs of one date; new system, before wear."""

    saved_usd: Floats
    """Bill without the system less bill with it."""
    programme_usd: Floats
    ancillary_usd: Floats
    capacity_usd: Floats
    wholesale_usd: Floats
    capex_usd: Floats
    """After the tax credit of the date."""

    @property
    def sold_usd(self) -> Floats:
        """What customers of the network would pay for one such site in a year, before it is shared with the provider."""
        return self.programme_usd + self.ancillary_usd + self.capacity_usd + self.wholesale_usd


def worth_on(types: Types, year: Year, spec: EnergyScenario, day: date) -> Worth:
    """Value of each kind's year at the tariffs of `day`."""
    markets = list(spec.markets.values())

    def zone(of: dict[date, float]) -> float:
        return value_on(of, day, 0.0)

    def per_zone(get: object) -> Floats:
        return np.array([get(market) for market in markets])[types.zone]  # type: ignore[operator]

    retail = per_zone(lambda m: value_on(m.retail_usd_per_kwh, day, next(iter(m.retail_usd_per_kwh.values()))))
    export = per_zone(lambda m: value_on(m.export_usd_per_kwh, day, next(iter(m.export_usd_per_kwh.values()))))
    rate = per_zone(lambda m: zone(m.programme.usd_per_kw_season) * m.programme.participation_share if m.programme else 0.0)
    return Worth(
        saved_usd=retail * year.used_kwh - (retail * year.imported_kwh - export * year.exported_kwh),
        programme_usd=income.season_usd(year.event_kw, usd_per_kw_season=1.0) * rate,
        ancillary_usd=per_zone(lambda m: DAYS_PER_YEAR * float(income.ancillary_usd_per_day(1.0, hours_per_day=ready_hours(m), usd_per_mw_hour=zone(m.ancillary_usd_per_mw_hour), won_share=m.ancillary_won_share))) * year.battery_kw,
        capacity_usd=per_zone(lambda m: income.capacity_usd_per_kw_year(zone(m.capacity_usd_per_mw_day))) * year.event_kw,
        wholesale_usd=year.sold_dear_usd,
        capex_usd=year.capex_usd * (1 - value_on(spec.tax_credit_share, day, 0.0)),
    )


def ready_hours(market: GridMarketSpec) -> float:
    """Mean hours a day in which a battery stands ready, hours of events taken off."""
    programme = market.programme
    return 24.0 - (programme.n_events_per_season * programme.event_hours / DAYS_PER_YEAR if programme else 0.0)
