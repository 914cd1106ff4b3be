"""Small worlds in which every mechanism that a kind of network offers is at work within a few months."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kept import Kept, settled

from twin.scenario import Scenario, load

TESTS = Path(__file__).parents[1]
LICENCE = "{kind: operator_licence, jurisdiction: %s, effective: %s, cost_usd_per_node_per_year: %s, enforcement: {inspection_probability_per_year: 1, fine_usd: 1e6}}"


def licence(place: str, effective: str, usd: float) -> str:
    return LICENCE % (place, effective, usd)


def ban(place: str, effective: str, share: float = 0.5) -> str:
    return f"{{kind: ban, jurisdiction: {place}, effective: {effective}, compliance_share: {share}}}"


@dataclass(frozen=True)
class SwitchWorld:
    """A scenario made small; its mechanisms are switched on the morning of day `off` and it is lived for `days`."""

    source: str | Path
    sets: tuple[str, ...]
    off: int
    days: int
    variant: str | None = None
    kind: str = ""
    """Row of docs/mechanisms.md; default: the name of the world."""
    only: tuple[str, ...] = ()
    """Mechanisms that are looked at here, by their kind; default: all."""
    slow: bool = False

    def scenario(self, *more: str) -> Scenario:
        return load(self.source, variant=self.variant, sets=[*self.sets, *more])


FEW_PROVIDERS = (
    "providers.capacity_miners.operators_count=60",
    "providers.data_dealers.operators_count=40",
    "providers.data_centers.operators_count=20",
)
FEW_MINERS = ("miners.farms.operators_count=40", "miners.data_centers.operators_count=20")
STATED = "taper.from_rules=false"
IONET = (
    "operators.halls.n_sites=20", "operators.halls.n_at_start=8", "operators.homes.n_sites=60", "operators.homes.n_at_start=40",
    "customers.training.gpu_hours_per_day=1500", "customers.inference.gpu_hours_per_day=1500", "calendar.start=2024-07-01", STATED, "taper.begins=2024-09-01", "taper.done=2025-03-01",
)  # fmt: skip
WORLDS: dict[str, SwitchWorld] = {
    "wireless": SwitchWorld(
        TESTS / "goldens" / "town-of-laws.yaml",
        (
            "taper.begins=2021-04-01", "taper.done=2021-08-01", "token.TWN.emission={kind: halving, starts: 2020-12-01, tokens_per_day: 400, halves_every_days: 60}",
            "token.TWN.price={kind: random_walk, volatility_per_year: 0.5, start_usd: 1}", "adversaries.farm.from=2021-02-01", "customers.small_buyers.rebate_share=0.3",
            "verification.denylist.false_positive_probability_per_month=0.3", "regulation.duty.announced=2021-03-01", "regulation.duty.effective=2021-05-01",
            "regulation.whisper.effective=2021-03-15", "regulation.levy.effective=2021-03-01", "regulation.levy.levy_share=5", "regulation.end.effective=2021-05-15",
        ),
        off=100, days=160,
    ),
    "mobile": SwitchWorld(
        "helium-mobile-us",
        (
            "place.sites.count=3000", "token.HNT.price={kind: replay_fixed, series: hnt-usd-monthly, until: 2025-03-01, then: {kind: random_walk, volatility_per_year: 1.1}}", "hardware.makers={shop: {stage_days: {production: {median: 10, p90: 20}}}}", "record.cells_h3_resolution=4", "calendar.start=2025-05-01", "calendar.end=2029-06-01", STATED, "taper.begins=2025-08-20", "taper.done=2026-08-01",
            f"regulation={{paper: {licence('US', '2025-03-01', 200)}, end: {ban('US', '2025-09-15', 0.3)}}}",
            "adversaries={drawer: {device: indoor, nodes: 40, from: 2025-05-10, spread_months: 4, payback_limit_months: 1000}}",
            "verification={escrow: true, carriers: {detection_probability_per_missing_user_month: 0.02, false_accusation_share: 0.1}}",
        ),
        off=116, days=170,
    ),
    "sensing": SwitchWorld(
        TESTS / "sensing" / "village.yaml",
        (
            "customers.buyers.rebate_share=0.3", "rewards.stations.pays_out_in_full=true", "adversaries.rooms.from=2024-07-25", "hardware.makers={shop: {stage_days: {production: {median: 10, p90: 20}}}}",
            f"regulation={{paper: {licence('SE', '2024-03-01', 20)}, end: {ban('SE', '2024-08-20')}}}",
        ),
        off=220, days=260,
    ),
    "sensing at fixed rates": SwitchWorld(
        TESTS / "sensing" / "village.yaml",
        (
            "rewards.stations={kernel: fixed_rate, tokens_per_station_per_day: {2024-01-01: 1}, allocation_tokens: 12_000}", "token.WX.emission=null", STATED,
            "taper.begins=2024-06-01", "taper.done=2024-08-01",
        ),
        off=160, days=240, kind="sensing", only=("taper",),
    ),
    "energy": SwitchWorld(
        TESTS / "energy" / "hamlet.yaml",
        (
            "hardware.makers={shop: {stage_days: {production: {median: 10, p90: 20}}}}", "markets.sweden.programme.season_months=[1, 2, 8, 11, 12]", "token.E.price.volatility_per_year=0.5",
            f"regulation={{paper: {licence('SE', '2024-05-01', 30)}, end: {ban('SE', '2024-08-15', 0.3)}, "
            "cut: {kind: curtailment, jurisdiction: SE, effective: 2024-06-01, curtailed_share: 0.3}}",
        ),
        off=200, days=260,
    ),
    "mapping": SwitchWorld(
        TESTS / "goldens" / "island-of-liars.yaml",
        (
            "operators.drivers.drivers=40", "operators.drivers.quitting.reference_pay_usd_per_week=0.1", "customers.spot={within_km: 2, starts: 2024-03-11, ends: 2024-04-30}", "hardware.generations.dashcam.failure_hazard_per_month=0.1", "token.HONEY.price.start_usd=0.3", "token.HONEY.emission.scale_share_by_date={2024-03-01: 0.5}",
            "verification.overlap_consensus.rule.strike_above_flagged_share=0", "regulation.permit.effective=2024-04-01", "regulation.ban.effective=2024-04-10",
            f"regulation.paper={licence('NR', '2024-02-15', 30)}",
            f"regulation.end={ban('NR', '2024-03-20', 0.3)}",
        ),
        off=50, days=150,
    ),
    "compute by credits": SwitchWorld(
        "akash-world",
        (
            "calendar.start=2024-03-20", "operators.halls.n_sites=20", "operators.small_rooms.n_sites=30", "customers.images.gpu_hours_per_day=100", "taper.begins=2024-05-01", "taper.done=2024-08-01",
            "shocks.us_closes={enabled: true, starts: 2024-04-01, ends: 2024-06-01}", "shocks.demand_halves={enabled: true, starts: 2024-04-20}",
            "adversaries.paper_hall.from=2024-03-25", "verification.false_alarm_probability_per_check=0.3", "rewards.incentives.pool_2024.ends=2024-05-25",
            "token.AKT.price={kind: replay_fixed, series: akt-usd-quarterly, until: 2024-03-25, then: {kind: random_walk, volatility_per_year: 0.9}}",
            f"regulation={{paper: {licence('DE', '2024-03-25', 300)}, end: {ban('FR', '2024-05-20', 1)}}}",
        ),
        off=52, days=92,
    ),
    "compute by pools": SwitchWorld(
        "render-world",
        (
            "operators.enthusiasts.n_sites=120", "operators.enthusiasts.n_at_start=40", "operators.farms.n_sites=30", "operators.farms.n_at_start=8",
            "customers.studios.gpu_hours_per_day=300", "customers.artists.gpu_hours_per_day=400", STATED, "taper.begins=2024-05-20", "taper.done=2024-10-01",
            "shocks.demand_halves={enabled: true, starts: 2024-05-25}", "verification.false_alarm_probability_per_check=0.2",
            "adversaries={flood: {from: 2024-05-30, spread_days: 20, n_nodes: 20, n_claimed_gpus: 4, gpu: RTX4090}}", "token.RENDER.price={kind: replay_fixed, series: render-usd-monthly, until: 2024-03-01, then: {kind: random_walk, volatility_per_year: 0.9}}",
            f"regulation={{paper: {licence('US', '2024-03-15', 2_000)}, end: {ban('US', '2024-06-20')}}}",
        ),
        off=165, days=200, slow=True,
    ),
    "compute by blocks": SwitchWorld(
        "ionet-world",
        (
            *IONET, "rewards.stake_starts=2024-08-10", "token.IO.price={kind: replay_fixed, series: ionet-token-usd, until: 2024-08-01, then: {kind: random_walk, volatility_per_year: 1.0}}", "adversaries.april_2024={from: 2024-09-10, spread_days: 20, n_nodes: 30}", "shocks.china_closes={enabled: true, starts: 2024-08-15}",
            "shocks.demand_halves={enabled: true, starts: 2024-08-20}", "verification.false_alarm_probability_per_check=0.2",
            f"regulation={{paper: {licence('US', '2024-08-01', 20_000)}, end: {ban('US', '2024-10-10')}}}",
        ),
        off=80, days=120, slow=True,
    ),
    "compute by the engine": SwitchWorld(
        "ionet-world", (*IONET, "rewards.engine.starts=2024-07-20", "adversaries.april_2024.from=2024-07-20"), off=80, days=110, variant="incentive_engine",
        kind="compute by blocks", only=("taper",), slow=True,
    ),
    "filecoin": SwitchWorld(
        "filecoin-world",
        (
            *FEW_PROVIDERS, "taper.begins=2022-12-20", "taper.done=2025-01-01", "regulation.china_notice.enabled=true", "regulation.china_notice.effective=2022-11-20",
            "token.FIL.price={kind: replay_fixed, series: filecoin-usd-monthly, until: 2022-11-01, then: {kind: random_walk, volatility_per_year: 0.8}}", "customers.cloud_buyers.rebate_share=0.3", f"regulation.paper={licence('US', '2022-11-10', 90_000)}", f"regulation.end={ban('KR', '2023-01-10')}",
            "audits.starts=2022-11-01", "audits.false_positive_probability_per_month=0.3",
        ),
        off=80, days=130, kind="storage on Filecoin",
    ),
    "arweave": SwitchWorld(
        "arweave-world",
        (
            *FEW_MINERS, "taper.begins=2026-02-01", "taper.done=2029-06-09", "token.AR.price={kind: random_walk, volatility_per_year: 0.5, start_usd: 5}",
            f"regulation={{paper: {licence('CN', '2026-01-01', 30)}, end: {ban('CN', '2026-03-01')}}}",
            "adversaries={sharers: {nodes: 40, speed_multiple: 2000, from: 2025-11-20, spread_months: 4, payback_limit_months: 100000}}",
            "verification.copies={detection_probability_per_month: 0.2, false_positive_probability_per_month: 0.3}",
        ),
        off=90, days=130, kind="storage on Arweave",
    ),
}  # fmt: skip


@cache
def before(name: str) -> tuple[tuple[str, ...], Kept]:
    """What a world offers, and its life with everything on."""
    world, kept = settled(WORLDS[name].scenario())
    world.clock.run(until_day=WORLDS[name].days - 1)
    return world.mechanisms.names, kept


def switched(name: str, mechanism: str, *turns: tuple[int, bool], days: int | None = None) -> tuple[Any, Kept]:
    """A life in which a mechanism is switched on the morning of some days."""
    world, kept = settled(WORLDS[name].scenario())
    for day, on in turns:
        if day:
            world.clock.run(until_day=day - 1)
        world.switch(mechanism, on)
    world.clock.run(until_day=(days or WORLDS[name].days) - 1)
    return world, kept


def first_difference(a: Kept, b: Kept) -> int | None:
    """The first day on which any column differs between two lives, over the days that both have; None: there is none."""
    for day, (one, other) in enumerate(zip(a.days, b.days, strict=False)):
        if any(one[column] != other[column] and not (one[column] != one[column] and other[column] != other[column]) for column in one):
            return day
    return None
