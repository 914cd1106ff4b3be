"""A small run folder with plausible numbers, written through `RunStore`: invented, only to have something to draw.

The place is a disk of hexagons around Göteborg; hotspots rise until the price falls, a farm cheats for a year, a contract comes in 2023.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import shapely

from twin.nouns import Nouns
from twin.outcomes.columns import VERDICT_TABLE
from twin.record import Recorder, RunFolder, RunStore, Status, open_run
from twin.record.tables import WIRELESS_DAILY

START, END = date(2021, 1, 1), date(2028, 7, 1)
T0, T1 = date(2023, 8, 1), date(2026, 8, 1)
JUDGED = (T1 + timedelta(days=180), T1 + timedelta(days=545))
GROUPS = {"hobbyists": 0.62, "earners": 0.27, "fleet": 0.11}

NOUNS = Nouns(
    node="hotspot", nodes="hotspots", service="coverage", capacity="people covered", covered="share of the cell's people within reach", users="sensors"
)

SCENARIO = {
    "schema": 1,
    "title": "Helium IoT in Göteborg, 2021 to 2028",
    "seed": 7,
    "calendar": {"start": "2021-01-01", "end": "2028-07-01"},
    "place": {
        "area": {"city": "Gothenburg", "country": "SE"},
        "h3_resolution": 8,
        "margin_km": 15,
        "population": {"kind": "kernel_with_streets"},
    },
    "hardware": {"every": {"power_w": 5, "durability": {"life_years": 6, "failure_hazard_per_month": 0.01}}},
    "operators": {name: {"owners_share": share} for name, share in GROUPS.items()},
    "customers": {"water_meters": {"kind": "contract", "sensors": 40000, "credits_per_sensor_per_day": 33.75, "starts": "2023-04-01"}},
    "verdict": {"kept_share": 0.7, "floor_share": 0.2, "hurdle_rate_per_year": 0.15},
    "note": "<script>alert('x')</script> & \"quotes\"",
}


def write_synthetic_run(parent: Path, *, until: date = END, interrupted: bool = False, rings: int = 18, verdict: bool = True) -> RunFolder:
    """A run folder named `synthetic-...` under `parent`, with every table filled."""
    rng = np.random.default_rng(7)
    cells = np.sort(np.array([h3.str_to_int(c) for c in h3.grid_disk(h3.latlng_to_cell(57.7089, 11.9746, 8), rings)], np.uint64))
    about = {
        "name": "helium-iot-goteborg", "title": SCENARIO["title"], "seed": 7, "scenario_hash": "5ca1ab1e" * 4, "calendar": SCENARIO["calendar"],
        "scenario": SCENARIO, "command": ["twin", "run", "helium-iot-goteborg"],
        "provenance": {"calendar.start": "helium-iot-goteborg.yaml:9", "hardware.every.power_w": "networks/helium-iot.yaml:41", "verdict.kept_share": "default", "seed": "--seed"},
        "sources": {"hardware.every.power_w": "maker data sheets", "customers.*.credits_per_sensor_per_day": "HIP-146", "*": "assumed"},
        "geodata": {"places/cities1000.parquet": "17298e72", "roads/goteborg.edges.parquet": "aa00bb11"},
        "attributions": ["GeoNames (geonames.org), CC BY 4.0", "© OpenStreetMap contributors, ODbL 1.0", "Made with Natural Earth"],
        "streets": "goteborg", "nouns": NOUNS.stated(),
    }  # fmt: skip
    with RunStore.create(
        parent,
        name="synthetic",
        run_hash="5ca1ab1e",
        about=about,
        extra_columns={"network_daily": WIRELESS_DAILY},
        licence="ODbL-1.0",
        overwrite=True,
    ) as store:
        n_days = (until - START).days
        weight = _write_cells(store, cells, rng)
        daily = _daily(n_days, rng)
        recorder = Recorder(store, start=START, n_days=n_days)
        for day in range(n_days):
            recorder.daily(day, {name: column[day] for name, column in daily.items()})
            _events_of(recorder, day)
            today = START + timedelta(days=day)
            if (today + timedelta(days=1)).day == 1:
                _month(recorder, today, day, daily, weight, rng)
        if interrupted:
            store.stop(Status.INTERRUPTED, "interrupted by the user or the system")
            return open_run(store.folder)
        if verdict:
            store.write("verdict", {name: [value] for name, value in verdict_row().items()}, declared=VERDICT_TABLE)
        store.finish(outcome="coasting", timings_s={"build": 3.1, "run": 4.2})
    return open_run(store.folder)


def _write_cells(store: RunStore, cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    names = [h3.int_to_str(int(c)) for c in cells]
    lat, lng = np.array([h3.cell_to_latlng(c) for c in names]).T
    shapes = [shapely.Polygon([(y, x) for x, y in h3.cell_to_boundary(c)]) for c in names]
    km = np.hypot((lat - 57.7089) * 111.2, (lng - 11.9746) * 111.2 * np.cos(np.radians(57.7)))
    people = np.where(lng < 11.82, 0.0, 2500 * np.exp(-km / 4.5) * rng.lognormal(0, 0.7, len(cells)))
    land = np.digitize(people, [60, 900])
    store.write("cells", {
        "cell": np.arange(len(cells)), "h3": cells, "lat_deg": lat, "lng_deg": lng, "people": people, "country": "SE", "admin1": "Västra Götaland",
        "land_class": land, "inside": km < 11, "geometry": [shapely.to_wkb(s) for s in shapes],
    })  # fmt: skip
    return people / people.sum()


def _daily(n_days: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    t = np.arange(n_days) / 365.25
    year = 2021 + t
    price = np.interp(year, [2021, 2021.85, 2022.5, 2023.8, 2024.2, 2025, 2026.4, 2029], [1.5, 48, 8, 1.5, 8.5, 5.5, 1.1, 0.9])
    price = price * np.exp(np.cumsum(rng.normal(0, 0.012, n_days)) * 0.6)
    online = np.interp(year, [2021, 2021.6, 2022.6, 2023.5, 2025, 2026.8, 2028.6], [15, 190, 560, 430, 300, 175, 120]).round()
    fake = np.interp(year, [2021.66, 2021.8, 2022.6, 2022.9], [0, 15, 15, 0]).round()
    sensors = (1500 * np.clip(t - 0.8, 0, None) ** 1.2 + np.where(year > 2023.25, 21000 * np.clip((year - 2023.25) / 0.8, 0, 1), 0)).round()
    credits = sensors * 33.75
    usage = credits * 1e-5
    emission_tokens = np.where(year < 2021.58, 24.0, np.where(year < 2023.58, 12.0, np.where(year < 2025.58, 6.0, 1.2)))
    emission = emission_tokens * price * online / 600
    fee_funded = np.minimum(usage * 0.7, emission)
    cost = online * 5e-3 * 24 * 0.17 + online * 0.03
    share = np.clip(1 - np.exp(-online / 130), 0, 1)
    columns = dict(
        price_usd=price, nodes_online=online, nodes_online_as_seen=online + fake, nodes_offline=(online * 0.06).round(), nodes_denied=np.roll(fake, 60) * (t > 0.9),
        nodes_ordered=np.clip(np.gradient(online) * 120, 0, None).round(), nodes_in_drawer=np.clip(560 - online, 0, None) * (year > 2022.6), nodes_arrived=rng.poisson(0.5, n_days),
        nodes_failed=rng.poisson(online * 0.01 / 30), nodes_left=rng.poisson(online * 0.01 / 30), service_share=share, service_share_as_seen=np.clip(share + fake / 900, 0, 1),
        usage_constant_usd=usage, usage_constant_usd_as_seen=usage * 1.02, revenue_usd=usage, revenue_token_usd=usage, emission_usd=emission * 1.6,
        backed_share=np.clip(usage / (emission * 1.6), 0, 1), operator_emission_usd=emission, operator_customer_usd=0 * t, operator_grant_usd=np.where((year > 2024) & (year < 2024.6), 3.0, 0),
        outside_revenue_token_usd=usage * 0.0, circulating_tokens=usage * 0.0 + 1e8, capacity=online * 1.0, capacity_as_seen=online * 1.0, operator_fee_funded_usd=fee_funded, operator_cost_usd=cost, operator_replacement_usd=online * 250 * 0.264 / 365, minted_tokens=emission_tokens * 1.6, burned_tokens=usage / price,
        supply_tokens=5000 + np.cumsum(emission_tokens * 1.6 - usage / price), undistributed_tokens=0 * t, new_hardware_usd=np.clip(np.gradient(online), 0, None) * 400,
        scheduled_subsidy_tokens=emission_tokens, sensors_connected=sensors, data_credits=credits, fees_usd=0.5 + 0 * t, token_revenue_usd=2.0 + 0 * t, token_emission_usd=8.0 + 0 * t, token_backed_share=0.25 + 0 * t, mean_density_scale=np.interp(online, [0, 600], [1, 0.55]),
        median_pay_usd_per_month=emission / np.maximum(online, 1) * 30 * 0.7, orders_backlog=np.clip(np.gradient(online) * 100, 0, None).round(), fake_online=fake,
        fake_share_of_proof=fake / (online + fake) * 1.6, people_covered=590_000 * share, fakes_paid_usd=np.zeros(n_days),
    )  # fmt: skip
    return {name: np.asarray(column, float) for name, column in columns.items()}


def _month(recorder: Recorder, today: date, day: int, daily: dict[str, np.ndarray], weight: np.ndarray, rng: np.random.Generator) -> None:
    days = slice(max(day - 29, 0), day + 1)
    online = rng.multinomial(int(daily["nodes_online"][day]), weight**0.8 / (weight**0.8).sum())
    seen = np.flatnonzero((online > 0) | (weight > 0))
    fake = np.zeros(len(weight), int)
    fake[np.argsort(weight)[-60:-45]] = int(daily["fake_online"][day] > 0)
    pay = daily["median_pay_usd_per_month"][day]
    coverage = np.clip(1 - np.exp(-online * 1.1 - weight * daily["nodes_online"][day] * 5), 0, 1)
    recorder.monthly("cells_monthly", today, {
        "cell": seen, "online": online[seen], "online_as_seen": (online + fake)[seen], "coverage_share": coverage[seen],
        "users": daily["sensors_connected"][day] * weight[seen], "pay_usd": np.where(online > 0, pay * (0.4 + 1.2 * np.exp(-online / 3)), 0)[seen], "fake": fake[seen],
    })  # fmt: skip
    rows, emission = [], daily["operator_emission_usd"][days].sum()
    for name, share in GROUPS.items():
        n, cost = (
            int(daily["nodes_online"][day] * share),
            daily["operator_cost_usd"][days].sum() * share * (1.6 if name == "fleet" else 0.9),
        )
        earned = emission * share
        rows.append({
            "group": name, "nodes_online": n, "nodes_ordered": int(daily["nodes_ordered"][day] * share), "nodes_in_drawer": int(daily["nodes_in_drawer"][day] * share),
            "entered": int(15 * share), "left": int(n * 0.02), "earned_tokens": earned / daily["price_usd"][day], "earned_usd": earned,
            "fee_funded_usd": daily["operator_fee_funded_usd"][days].sum() * share, "cost_usd": cost, "profit_usd": earned - cost,
            "share_in_profit": float(np.clip(earned / cost / 2, 0, 1)), "sold_tokens": 0.5 * earned / daily["price_usd"][day],
        })  # fmt: skip
    recorder.monthly("operators_monthly", today, pd.DataFrame(rows))
    price, fees = daily["price_usd"][day], daily["revenue_usd"][days].sum()
    flows = [
        ("HNT", "mint", "operators_accrued", "proof of coverage", "emission", emission / price, emission),
        ("HNT", "mint", "outside", "rest of the network", "emission", emission / price * 0.4, emission * 0.4),
        ("HNT", "mint", "treasury", "foundation share", "", emission / price * 0.1, emission * 0.1),
        ("HNT", "operators_accrued", "operators", "claim", "emission", emission / price, emission),
        ("HNT", "operators", "market", "sale", "", emission / price * 0.6, emission * 0.6),
        ("USD", "customers", "burn", "data credits", "customer", fees, fees),
        ("USD", "market", "operators", "sale", "", emission * 0.6, emission * 0.6),
        (
            "USD",
            "operators",
            "world",
            "power and backhaul",
            "",
            daily["operator_cost_usd"][days].sum(),
            daily["operator_cost_usd"][days].sum(),
        ),
        ("USD", "operators", "world", "hardware", "", daily["new_hardware_usd"][days].sum(), daily["new_hardware_usd"][days].sum()),
    ]
    names = ("asset", "source", "target", "reason", "funding", "amount", "amount_usd")
    recorder.monthly("ledger_monthly", today, {name: [flow[i] for flow in flows] for i, name in enumerate(names)})
    recorder.month_done()


def _events_of(recorder: Recorder, day: int) -> None:
    dated = {
        date(2021, 9, 1): ("ARRIVE", "farm", "desk_farm", "", 15, "hotspots that claim to stand elsewhere"),
        date(2022, 3, 2): ("PROVE", "denylist", "denylist", "", 9, "release after neighbour evidence"),
        date(2023, 4, 1): ("DECIDE", "contract_starts", "water_meters", "SE", 40_000, "one buyer, five years"),
        date(2024, 6, 1): ("SHOCK", "rule_announced", "power_cut", "SE", 0, "spectrum power limit, 10 dB lower, from 2025"),
        date(2025, 1, 1): ("SHOCK", "rule_effective", "power_cut", "SE", 0, "spectrum power limit"),
        date(2028, 4, 1): ("DECIDE", "contract_ends", "water_meters", "SE", 21_000, "not renewed"),
    }
    event = dated.get(START + timedelta(days=day))
    if event:
        lane, kind, subject, jurisdiction, count, note = event
        recorder.event(
            day, lane=lane, kind=kind, subject=subject, jurisdiction=jurisdiction, count=count, value=float(count), unit="count", note=note
        )


def verdict_row() -> dict[str, object]:
    """A verdict with every column filled."""
    funding = {
        "fee_funded_usd": 1650.0, "subsidy_usd": 310.0, "grant_usd": 40.0, "hosts_pocket_usd": 7450.0, "avoidable_cost_usd": 4100.0,
        "replacement_cost_usd": 4900.0, "profit_usd": 410.0,
    }  # fmt: skip
    numbers = [
        ("usage_carried_full", 0.08, "1", "carried in full"),
        ("treasury_runway_months", None, "months", "runway at J's spending"),
        ("supply_growth_per_year", 0.031, "1/year", "growth"),
    ]
    card = [
        {
            "question": q,
            "title": title,
            "grade": grade,
            "reason": reason,
            "numbers": [dict(zip(("name", "value", "unit", "meaning"), n, strict=True)) for n in numbers],
        }
        for q, title, grade, reason in (
            ("emission", "Shape of emission", "pass", "emission falls, and supply grows by 3.1% a year"),
            ("sustainability", "Path to sustainability", "watch", "fees pay running cost but not replacement"),
            ("collateral", "Function of the collateral", "not_applicable", "the network asks for none"),
            ("demand", "Real external demand", "fail", "one customer pays 71% of revenue"),
        )
    ]
    share = {0.1: "niche", 0.15: "coasting", 0.2: "coasting", 0.25: "coasting", 0.3: "subsidy_dependent"}
    outcome_map = [{"kept_share": k, "floor_share": f, "outcome": share[f]} for k in (0.5, 0.6, 0.7, 0.8, 0.9) for f in share]
    values: dict[str, object] = {
        "outcome": "coasting", "reason": "", "survives": False, "alive": True, "propped_by": None, "near_the_line": "floor_share", "price_out_of_range": False,
        "sentence": "Coasting: lives off hardware that nobody would buy again; in the judged year (2027-01-28 to 2028-01-28) customers paid for 71% of the best subsidised "
        "year's usage (USD 8.52 a day against USD 12.00): hotspots whose fees pay their running cost delivered 43%, hotspots whose fees also pay for a new one 17%.",
        "paid_usage_kept": 0.71, "usage_carried_cash": 0.43, "usage_carried_full": 0.17, "service_kept": 0.62, "paid_usage_kept_as_seen": 0.73, "service_kept_as_seen": 0.63,
        "subsidy_share": 0.158, "fee_coverage": 0.183, "T0": T0, "T1": T1, "T0_usd": date(2022, 6, 20), "price_lead_days": 407, "judged_from": JUDGED[0], "judged_until": JUDGED[1],
        "reference_usage_usd_per_day": 12.0, "judged_usage_usd_per_day": 8.52, "addressable_usd_per_day": 15.0, "reference_service_share": 0.9, "judged_service_share": 0.56,
        "spells": "[]", "in_profit_of_live": 0.21, "in_profit_of_starters": 0.08, "cash_positive_of_live": 0.55, "cash_positive_of_starters": 0.24, "kept_after_cutoff": 0.66,
        "cutoff_disagrees": True, "cutoff_reason": "usage stayed although fees did not pay for it: hosts who ignore their cost, or who have sunk it",
        "scorecard": json.dumps(card), "funding": json.dumps(funding), "outcome_map": json.dumps(outcome_map),
    }  # fmt: skip
    return {name: values.get(name) for name in VERDICT_TABLE.column_names}
