"""Small worlds of every kind of network, with as much switched on as a few seconds allow; their results are pinned column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from twin.scenario import Scenario, load

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class World:
    """A scenario, bundled or of the tests, made small."""

    source: str | Path
    sets: tuple[str, ...] = ()
    variant: str | None = None
    changes: dict[str, object] = field(default_factory=dict)

    def scenario(self) -> Scenario:
        scenario = load(self.source, variant=self.variant, sets=self.sets)
        return scenario.variant("small", self.changes) if self.changes else scenario


FEW_PROVIDERS = ("providers.capacity_miners.operators_count=60", "providers.data_dealers.operators_count=40", "providers.data_centers.operators_count=20")
PRESSED = (
    "calendar.end=2025-07-01", "token.WX.price={kind: cleared, start_usd: 1, opening_float_tokens: 20_000}",
    "regulation.duty={kind: operator_licence, area: {bbox: [18.29, 57.5, 18.5, 57.8]}, announced: 2024-04-01, effective: 2024-06-01, cost_usd_per_node_per_year: 5, "
    "answers: {compliance_usd_per_node_per_year: {median: 2, p90: 8}}, enforcement: {inspection_probability_per_year: 0.4, fine_usd: 20, n_fines_to_close: 2}}",
    "regulation.maybe={kind: ban, jurisdiction: SE, hazard: {per_year: 3, from: 2024-03-01, until: 2025-03-01, notice_days: 60, lasts_days: 90}, compliance_share: 0.3}",
    "regulation.data={kind: privacy_duty, jurisdiction: SE, effective: 2024-07-01, setup_usd_per_node: 3, answers: {compliance_usd_per_node_per_year: {median: 3, p90: 9}, hide: false}}",
    "regulation.tariff={kind: import_tariff, jurisdiction: SE, effective: 2024-09-01, repealed: 2025-03-01, tariff_share: 0.25}",
    "regulation.security={kind: token_classification, jurisdiction: SE, announced: 2024-10-01, effective: 2025-01-01, mood_log_ratio: -0.4, pot_share: 0.1}",
)

WORLDS: dict[str, World] = {
    # a city whose boxes hear each other one by one; an own file with denylist, farms and three kinds of law
    "wireless-town": World(TESTS / "goldens" / "town-of-laws.yaml"),
    # the real protocol by date, sub-networks, data credits, an outside; neighbours
    "wireless-city": World("helium-iot-goteborg", ("place.sites.count=500", "place.probes.count=500", "calendar.end=2024-07-01", "regulation.power_cut.enabled=true",
                           "regulation.power_cut.announced=2022-06-01", "regulation.power_cut.effective=2022-09-01", "taper.from_rules=false", "taper.begins=2021-06-01",
                           "taper.done=2021-12-01", "customers.water_meters.starts=2021-09-01")),
    # the world: hearing by kernel, cells of countries
    "wireless-world": World("helium-iot-world", ("place.sites.count=8000", "place.probes.count=2000", "calendar.end=2023-01-01", "regulation.licence_duty.enabled=true",
                            "regulation.licence_duty.announced=2021-09-01", "regulation.licence_duty.effective=2022-01-01", "regulation.china_ban.enabled=true",
                            "adversaries.table_farms.farms=12")),
    "mobile": World("helium-mobile-us", ("place.sites.count=3000", "record.cells_h3_resolution=4", "calendar.end=2029-06-01", "taper.begins=2025-01-01", "taper.done=2026-08-01")),
    "sensing-score": World(TESTS / "sensing" / "village.yaml"),
    "sensing-points": World(TESTS / "sensing" / "village.yaml", ("calendar.end=2026-01-01",), "points"),
    "sensing-fixed": World(TESTS / "sensing" / "village.yaml", (), "fixed"),
    # an outside that shares pots, stations on streets, a permit
    "sensing-streets": World("375ai-goteborg", ("place.sites.count=400", "place.probes.count=300", "calendar.end=2030-01-01", "regulation.camera_permit.enabled=true",
                             "regulation.camera_permit.announced=2026-01-01", "regulation.camera_permit.effective=2026-06-01", "taper.from_rules=false",
                             "taper.begins=2026-01-01", "taper.done=2027-06-01")),
    # what law can do beside that: rules by polygon and by hazard, owners who answer one by one; on a market, so that holders hear of it
    "pressure-village": World(TESTS / "sensing" / "village.yaml", PRESSED),
    "energy": World(TESTS / "energy" / "hamlet.yaml"),
    # campaigns that learn under checks that sharpen and go on holiday: one turns to another exploit, one has a purse that ends; meters that claim no more than the sky
    "pressure-stations": World(TESTS / "pressure" / "stations.yaml", (), "crowd"),
    # penalties by steps, appeals, looks that somebody pays for; honest ones are driven out
    "pressure-steps": World(TESTS / "pressure" / "stations.yaml", (), "steps"),
    "pressure-meters": World(TESTS / "energy" / "hamlet.yaml", ("adversaries={bold: {sites: 10, most_nodes: 40, budget_usd: 9_000, from: 2024-06-01, claim_multiple: 4, learns: {planning_months: 24}}}",
                             "verification.meters.detection_multiple={2025-03-01: 20}", "verification.meters.cost_usd_per_look=0.01", "verification.meters.paid_by=nodes",
                             "verification.meters.sanctions={steps: [{n_strikes: 1, what: slash, share: 0.5}, {n_strikes: 2, what: ban, days: 90}]}", "verification.meters.appeal={}", "token.E.emission.halves_every_days=1000", "calendar.end=2026-07-01")),
    # a ring of hotspots that learns, under a list that sharpens, punishes by steps, hears appeals and is paid for by the look
    "pressure-wireless": World(TESTS / "pressure" / "ring-town.yaml", (), "steps"),
    # the same ring sought in the graph of who vouches for whom, and evidence that counts inside the hull of honest observers alone; another splits its antenna; for a while nobody is paid for coverage
    "pressure-rings": World(TESTS / "pressure" / "ring-town.yaml", ("adversaries.roof={exploit: split_antenna, may_turn_to: [spoofed_locations], nodes: 10, from: 2022-06-01, entry_cost_usd_per_node: 20, learns: {}}",
                            "proof_of_coverage.beacons={2020-01-01: {beacons_per_day: 4}, 2022-04-20: {beacons_per_day: 0}, 2022-07-01: {beacons_per_day: 4}}"), "sought"),
    # made-up access points: one campaign learns, one has a purse, one keeps to its calendar, one comes late and leaves when pay for coverage ends; carriers' data sharpen and go on holiday; pay is held in escrow
    "pressure-mobile": World("helium-mobile-us", ("place.sites.count=3000", "record.cells_h3_resolution=4", "calendar.start=2024-10-01", "calendar.end=2026-09-01", "taper.from_rules=false",
                             "taper.begins=2025-02-01", "taper.done=2026-02-01", "token.HNT.emission.scale_share=0.2", "operators.converted.interest.imitation_per_month=0.1",
                             "adversaries={drawer: {device: indoor, nodes: 30, most_nodes: 200, from: 2024-10-20, learns: {first_guess_node_months: 24, memory_half_life_months: 3, grows_share_per_look: 1, probe_nodes: 2}},"
                             " leaked_keys: {nodes: 12, from: 2024-12-01, spread_months: 3, buys_nodes: false, entry_cost_usd_per_node: 5, payback_limit_months: 3},"
                             " rich: {device: outdoor, nodes: 4, from: 2024-11-01, budget_usd: 30_000, most_nodes: 40, learns: {}},"
                             " sleepers: {device: indoor, nodes: 4, most_nodes: 8, from: 2026-03-05, learns: {hears_share: 0, looks_every_days: 14}}}",
                             "verification={escrow: true, carriers: {starts: 2024-11-01, denied_days: 45, cost_usd_per_look: 0.01, false_accusation_share: 0.02, detection_probability_per_missing_user_month: 0.002,"
                             " detection_multiple: {2025-06-01: 40, 2026-03-01: 0}}}")),
    "energy-glow": World(TESTS / "energy" / "hamlet.yaml", ("calendar.end=2026-07-01",), "glow"),
    "mapping-island": World(TESTS / "goldens" / "island-of-liars.yaml"),
    # made-up drives and old recordings: campaigns that learn, turn, claim less or keep to their calendar; checks sharpen and go on holiday; penalties by strikes and at once
    "pressure-mapping": World(TESTS / "pressure" / "drivers.yaml", (), "crowd"),
    # warned, unpaid, shut out for a while, with an appeal; honest drivers among them
    "pressure-drivers": World(TESTS / "pressure" / "drivers.yaml", (), "steps"),
    # streets by the closed law, an outside, bounties, liars caught and back, a camera permit
    "mapping-law": World("hivemapper-goteborg", ("network.ground=coverage_law", "law.street_km=400", "operators.commuters.drivers=80", "operators.ride_hail.drivers=30",
                         "operators.parcel_vans.drivers=20", "operators.taxis.drivers=20", "calendar.end=2025-09-01", "taper.begins=2023-10-01", "taper.done=2024-02-01",
                         "regulation.street_camera_rule.enabled=true", "customers.road_works.starts=2024-05-02", "customers.road_works.ends=2024-06-30")),
    # fakes in the reward season with a stake, weak checks at first: they are paid, caught and slashed, and come again
    "compute-blocks": World("ionet-world", ("operators.halls.n_sites=20", "operators.halls.n_at_start=8", "operators.homes.n_sites=60", "operators.homes.n_at_start=40",
                            "customers.training.gpu_hours_per_day=1500", "customers.inference.gpu_hours_per_day=1500", "calendar.end=2026-05-01", "verdict.settle_days=30", "taper.from_rules=false",
                            "taper.begins=2024-10-01", "taper.done=2025-03-01", "adversaries.april_2024={from: 2024-09-01, spread_days: 30, n_nodes: 30, n_claimed_gpus: 8, gpu: RTX4090, stakes: true, returns: true}",
                            "verification.catch_probability={2024-04-01: 0.0005, 2025-02-01: 0.95}", "shocks.china_closes.enabled=true",
                            "shocks.china_closes.starts=2025-01-01", "shocks.demand_halves.enabled=true", "shocks.demand_halves.starts=2025-09-01")),
    "compute-engine": World("ionet-world", ("operators.halls.n_sites=20", "operators.halls.n_at_start=8", "operators.homes.n_sites=60", "operators.homes.n_at_start=40",
                            "customers.training.gpu_hours_per_day=1500", "customers.inference.gpu_hours_per_day=1500", "calendar.end=2025-06-01", "rewards.engine.starts=2024-10-11", "taper.from_rules=false", "taper.begins=2024-10-01", "taper.done=2025-03-01"), "incentive_engine"),
    "compute-grants": World("akash-world", ("operators.halls.n_sites=20", "operators.small_rooms.n_sites=30", "calendar.end=2025-06-10", "verdict.settle_days=30", "customers.images.gpu_hours_per_day=100", "taper.begins=2024-03-01",
                            "taper.done=2024-05-01", "shocks.us_closes.enabled=true", "shocks.us_closes.starts=2025-01-01", "shocks.us_closes.ends=2025-03-01",
                            "adversaries.paper_hall.from=2024-06-01")),
    # accounts without cards that learn, under a stake: claims that turn to renting themselves, jobs that come to nothing; puzzles that honest hosts pay for, steps and appeals, who pays whom
    "pressure-compute": World(TESTS / "pressure" / "gpu-mill.yaml", (
        "calendar.end=2026-06-01", "adversaries.mill.may_turn_to=[self_dealt]", "adversaries.hollow={from: 2024-10-01, n_nodes: 2, most_nodes: 6, n_claimed_gpus: 4, gpu: H100, exploit: hollow_jobs, budget_usd: 60_000, learns: {looks_every_days: 20}}",
        "adversaries.relabelled={from: 2024-11-01, n_nodes: 2, most_nodes: 12, n_claimed_gpus: 2, gpu: H100, has_gpu: RTX4090, exploit: forged_class, learns: {}}", "adversaries.copies={from: 2025-01-15, n_nodes: 3, n_claimed_gpus: 2, gpu: RTX4090, exploit: hollow_jobs, returns: true}", "rewards.hired_score_share=0.1", "verification.checks_per_failed_job=0.01", "verification.hired_catch_share=0.5",
        "verification.false_alarm_probability_per_check=0.03", "verification.cost_usd_per_look=0.0005", "verification.paid_by=nodes", "verification.sanctions={steps: [{n_strikes: 1, what: slash, share: 0.5}, {n_strikes: 2, what: ban, days: 40}]}",
        "verification.appeal={}", "verification.wash={cost_usd_per_look: 0.05}")),
    # a programme that pays cards it has not seen and a bonus on leases: idle claims, leases without cards until a complaint brings the auditor, hosts that rent themselves
    "pressure-leases": World("akash-world", ("operators.halls.n_sites=20", "operators.small_rooms.n_sites=30", "calendar.end=2025-06-10", "verdict.settle_days=30", "customers.images.gpu_hours_per_day=100", "taper.begins=2024-03-01", "taper.done=2024-05-01",
                             "rewards.incentives.pool_2024={unseen_share: 0.5, lease_bonus_share: 0.5}", "adversaries={paper_hall: {from: 2024-03-05, n_nodes: 3, most_nodes: 8, n_claimed_gpus: 8, gpu: H100, stakes: false, exploit: idle_claims,"
                             " may_turn_to: [hollow_jobs], learns: {looks_every_days: 15}}, own_tenants: {from: 2024-06-01, n_nodes: 3, most_nodes: 12, n_claimed_gpus: 8, gpu: RTX4090, stakes: false, exploit: self_dealt, learns: {}}}",
                             "verification.checks_per_failed_job=0.02", "verification.wash={detection_probability_per_month: 0.3, cost_usd_per_look: 0.2, paid_by: treasury, sanctions: {steps: [{n_strikes: 1, what: warning}, {n_strikes: 2, what: withhold, days: 30},"
                             " {n_strikes: 3, what: ban, days: 60}]}, appeal: {}}")),
    # forged clients, copied frames and self-dealt work share Render's pools; who is accused of renting itself is out for a while
    "pressure-pools": World("render-world", ("operators.enthusiasts.n_sites=120", "operators.enthusiasts.n_at_start=40", "operators.farms.n_sites=30", "operators.farms.n_at_start=8", "customers.studios.gpu_hours_per_day=1500", "customers.artists.gpu_hours_per_day=2500",
                            "rewards.job_tokens_per_week={2023-12-20: 6251.2, 2024-06-05: 2142.9}", "rewards.availability_tokens_per_week={2024-06-05: 412.1}", "calendar.end=2025-04-01", "verdict.settle_days=30", "taper.from_rules=false", "taper.begins=2024-06-05", "taper.done=2024-08-01",
                            "adversaries={copies: {from: 2024-02-01, n_nodes: 3, most_nodes: 10, n_claimed_gpus: 4, gpu: RTX4090, stakes: false, exploit: hollow_jobs, learns: {}}, idle: {from: 2024-07-01, n_nodes: 5, most_nodes: 20, n_claimed_gpus: 8, gpu: RTX4090, stakes: false,"
                            " exploit: idle_claims, learns: {}}, own_artists: {from: 2024-02-01, n_nodes: 5, most_nodes: 40, n_claimed_gpus: 4, gpu: RTX4090, stakes: false, exploit: self_dealt, lands_share: 0.8, learns: {}}}",
                            "verification={checks_per_hour: {2023-12-20: 0.01}, catch_probability: {2023-12-20: 0.1}, checks_per_failed_job: 0.001, wash: {starts: 2024-09-01, false_accusation_probability_per_month: 0.02}}")),
    # accounts that claim cards: no pool pays them, weak checks find them and accuse honest hosts now and then. Pools, supply, float and the dated flows are a
    # seventh of Render's, as hosts are, so that a host is paid and the price answers as in the full scenario
    "compute-pools": World("render-world", ("adversaries={idle_claims: {from: 2024-08-01, spread_days: 30, n_nodes: 20, n_claimed_gpus: 4, gpu: RTX4090, stakes: false, returns: true}}",
                           "verification={checks_per_hour: {2024-09-15: 0.05}, catch_probability: {2024-09-15: 0.1}, false_alarm_probability_per_check: 0.1}",
                           "operators.enthusiasts.n_sites=120", "operators.enthusiasts.n_at_start=40", "operators.farms.n_sites=30", "operators.farms.n_at_start=8",
                           "customers.studios.gpu_hours_per_day=300", "customers.artists.gpu_hours_per_day=400", "rewards.job_tokens_per_week={2023-12-20: 6251.2, 2024-06-05: 2142.9}",
                           "rewards.availability_tokens_per_week={2024-06-05: 412.1}", "rewards.other_tokens_per_month={2023-12-20: 81489, 2024-12-20: 59286}",
                           "token.RENDER.supply_tokens=75_714_286", "token.RENDER.price.history.opening_float_tokens=18_571_429",
                           "token.RENDER.price.history.sold.operators.tokens_per_day.value_multiple=0.142857", "token.RENDER.price.history.spent.work.usd_per_day.value_multiple=0.142857",
                           "calendar.end=2025-12-01", "verdict.settle_days=30", "taper.from_rules=false", "taper.begins=2024-06-05", "taper.done=2024-10-01")),
    "filecoin": World("filecoin-world", (*FEW_PROVIDERS, "calendar.end=2027-12-01", "taper.begins=2023-06-01", "taper.done=2025-01-01", "regulation.china_notice.enabled=true",
                      "regulation.china_notice.effective=2025-09-24", "regulation.china_notice.moving_share=0.1")),
    # groups of providers that learn, and turn from one way of filling sectors to another; audits sharpen, go on holiday, cost and punish by steps; more than disks can seal is refused
    "pressure-filecoin": World("filecoin-world", (*FEW_PROVIDERS, "calendar.end=2028-07-01", "taper.begins=2023-06-01", "taper.done=2025-01-01", "providers.data_dealers.learns={first_guess_catch_probability_per_month: 0.03}",
                               "providers.data_dealers.fills_with=[self_dealt, self_dealt_with_copy, verified, capacity]", "providers.hollow_farms.learns={hears_share: 0.3, memory_half_life_months: 9, probe_share: 0.2}",
                               "providers.hollow_farms.fills_with=[hollow_capacity, self_dealt, capacity]", "providers.hollow_farms.power_share=0.103", "providers.capacity_miners.power_share=0.52",
                               "audits={detection_multiple: {2024-01-01: 60, 2026-06-01: 0}, cost_usd_per_look: 400, paid_by: nodes, most_seal_share_of_disks_per_day: 0.005, appeal: {success_probability: 0.7},"
                               " sanctions: {steps: [{n_strikes: 1, what: slash, share: 0.05}, {n_strikes: 2, what: ban, days: 150}]}}")),
    "filecoin-2021": World("filecoin-world", FEW_PROVIDERS, "china_2021"),
    "mechafil": World(TESTS / "storage" / "mechafil-reference-a.yaml", ("calendar.end=2026-07-01",)),
    "arweave": World("arweave-world", ("calendar.end=2031-03-01", "miners.farms.operators_count=40", "miners.data_centers.operators_count=20")),
    "arweave-fixed": World("arweave-world", ("calendar.end=2029-01-01", "miners.farms.operators_count=20", "miners.data_centers.operators_count=10",
                           "uploaders.archives.ends=2027-01-01"), "fixed_price"),
    # miners who claim replicas of their own and keep one for several: one campaign learns, one has a purse, one keeps to its calendar, one packs no faster than others and stays away;
    # a check that costs, errs, sharpens and goes on holiday; of what one disk cannot serve nothing is paid
    "pressure-arweave": World("arweave-world", ("calendar.end=2030-01-01", "miners.farms.operators_count=40", "miners.data_centers.operators_count=20", "arweave.packing.disk_read_mib_per_second=60",
                              "adversaries={chips: {nodes: 4, most_nodes: 60, speed_multiple: 2000, from: 2026-03-01, claims_per_copy: 20, learns: {memory_half_life_months: 4, grows_share_per_look: 0.5, probe_nodes: 2}},"
                              " rich: {nodes: 2, most_nodes: 20, speed_multiple: 2000, from: 2026-04-01, tb_per_node: 100, budget_usd: 20_000, learns: {}},"
                              " steady: {nodes: 6, speed_multiple: 2000, from: 2026-05-01, spread_months: 3, payback_limit_months: 60}, plain: {nodes: 3, from: 2026-05-01, spread_months: 0}}",
                              "verification.copies={starts: 2026-06-01, detection_probability_per_month: 0.02, false_positive_probability_per_month: 0.004, denied_days: 45, cost_usd_per_look: 2,"
                              " detection_multiple: {2027-06-01: 25, 2028-09-01: 0}}")),
    # locked tokens come free and are sold, minted as they come free, and sold in fright; on a market, as no open loop hears a sale
    "pressure-holders": World(TESTS / "goldens" / "held-village.yaml"),
    # emission by a controller that its solvency bound holds, a buy-back by the calendar that must keep a runway; and thresholds, in pots of points
    "pressure-policy": World(TESTS / "goldens" / "held-village.yaml", ("calendar.end=2026-01-01", "token.WX.treasury.opening_usd=3_000",
                             "policies.emission={kind: pid, starts: 2024-05-01, every_days: 14, measures: pay_usd_per_node_month, over_days: 21, aim: 20, most_share: 2, least_share: 0.2, most_step_share: 0.5, "
                             "proportional_gain: 1, integral_gain_per_month: 0.3, derivative_gain_months: 0.1, bound: {most_pot_share_per_month: 0.05}}",
                             "policies.back={kind: schedule, steers: buy_back, share_by_date: {2024-03-01: 0.8, 2025-01-01: 0.4}, bound: {least_runway_months: 5}}")),
    "pressure-thresholds": World(TESTS / "sensing" / "village.yaml", ("calendar.end=2026-01-01",
                                 "policies.brake={kind: threshold, starts: 2024-06-01, measures: nodes_online, lower: 150, upper: 205, below_share: 1, above_share: 0.3}"), "points"),
    # law of grids and money: a levy that sellers bear, a subsidy whose budget ends, a line for leave to feed in, hours in which half may not be sold
    "pressure-grid": World(TESTS / "energy" / "hamlet.yaml", (
        "calendar.end=2026-07-01", "regulation.levy={kind: usage_levy, jurisdiction: SE, effective: 2024-09-01, repealed: 2025-09-01, levy_share: 0.1}",
        "regulation.gift={kind: investment_subsidy, jurisdiction: SE, effective: 2024-04-01, subsidy_share: 0.3, budget_usd: 20_000}",
        "regulation.line={kind: interconnection, jurisdiction: SE, announced: 2024-03-01, effective: 2024-06-01, fee_usd_per_system: 40, wait_days: 20, most_systems_per_month: 15}",
        "regulation.noon={kind: curtailment, jurisdiction: SE, effective: 2025-03-01, curtailed_share: 0.5, from_hours: 10, until_hours: 14}")),
    # law of data and of machines that draw power: users of one country bound to its halls, halls of another standing still at the grid's call, a levy on what a third leases
    "pressure-bound": World("akash-world", (
        "operators.halls.n_sites=20", "operators.small_rooms.n_sites=30", "calendar.end=2024-12-01", "verdict.settle_days=30", "customers.images.gpu_hours_per_day=100", "taper.begins=2024-03-01",
        "taper.done=2024-05-01", "adversaries.paper_hall.from=2024-06-01", "regulation.stay={kind: data_localisation, jurisdiction: DE, effective: 2024-04-01, repealed: 2024-09-01, bound_share: 0.8}",
        "regulation.call={kind: curtailment, jurisdiction: US, effective: 2024-05-01, curtailed_share: 0.2, from_hours: 21, until_hours: 3}",
        "regulation.levy={kind: usage_levy, jurisdiction: US, effective: 2024-06-01, levy_share: 0.3}",
        "regulation.go={kind: operator_licence, jurisdiction: JP, effective: 2024-02-15, cost_usd_per_node_per_year: 100_000, enforcement: {inspection_probability_per_year: 1, fine_usd: 1e7}, answers: {move: {cost_usd_per_node: {median: 1_000, p90: 2_000}, days: 30, to_share_by_country: {CA: 0.6, DE: 0.4}}}}")),
}  # fmt: skip
