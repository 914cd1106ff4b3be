"""Kinds of events and the lane of the day in which each happens. A kind that is not declared here cannot be noted."""

from __future__ import annotations

from twin.kernel import Lane

EVENT_LANES: dict[str, Lane] = {
    # law
    "rule_announced": Lane.SHOCK,
    "rule_effective": Lane.SHOCK,
    "rule_repealed": Lane.SHOCK,
    "fines": Lane.SHOCK,
    "shut_down_by_law": Lane.SHOCK,
    "owners_move_abroad": Lane.SHOCK,
    # nodes
    "nodes_fail": Lane.ARRIVE,
    "nodes_move": Lane.DECIDE,
    "tariffs_change": Lane.DECIDE,
    "providers_quit": Lane.DECIDE,
    # customers
    "contract_signed": Lane.DECIDE,
    "contract_renewed": Lane.DECIDE,
    "contract_lost": Lane.DECIDE,
    "customer_left": Lane.PROVE,
    "event_missed": Lane.SERVE,
    # money
    "pay_out_reserve_short": Lane.SETTLE,
    "token_worthless": Lane.SHOCK,
    "holders_panic": Lane.PROVE,
    "treasury_short": Lane.SETTLE,
    "policy_bound": Lane.SHOCK,
    # cheats
    "farm_enters": Lane.DECIDE,
    "farm_moves": Lane.DECIDE,
    "farm_gives_up": Lane.DECIDE,
    "cheat_enters": Lane.DECIDE,
    "cheat_stays_away": Lane.DECIDE,
    "campaign_grows": Lane.DECIDE,
    "campaign_shrinks": Lane.DECIDE,
    "campaign_turns": Lane.DECIDE,
    "campaign_probes": Lane.DECIDE,
    "fake_gpus": Lane.ARRIVE,
    # checks
    "denylist_release": Lane.PROVE,
    "rings_found": Lane.PROVE,
    "cheat_caught": Lane.PROVE,
    "honest_station_denied": Lane.PROVE,
    "fabricated_passes_caught": Lane.PROVE,
    "honest_drivers_flagged": Lane.PROVE,
    "fakes_caught": Lane.PROVE,
    "fake_capacity_caught": Lane.PROVE,
    "self_dealing_caught": Lane.PROVE,
    "honest_provider_stripped": Lane.PROVE,
    "honest_miner_denied": Lane.PROVE,
}
