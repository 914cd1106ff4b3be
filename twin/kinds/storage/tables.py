"""The columns that storage networks add to `network_daily`."""

from __future__ import annotations

from twin.record.tables import Field, capacity_fields


def _n(name: str, unit: str, meaning: str) -> Field:
    return Field(name, "float64", unit, meaning)


def _c(name: str, meaning: str) -> Field:
    return Field(name, "int64", "count", meaning)


CHAIN_FIELDS: tuple[Field, ...] = (
    _n("raw_power_eib", "EiB", "raw-byte power on the chain"),
    _n("quality_power_eib", "EiB", "quality-adjusted power on the chain"),
    _n("baseline_eib", "EiB", "baseline that raw power is held against"),
    _n("network_time_days", "days", "effective network time theta"),
    _n("locked_tokens", "tokens", "pledge and unvested rewards"),
    _n("pledged_tokens", "tokens", "pledge locked"),
    _n("unvested_tokens", "tokens", "block rewards not yet vested"),
    _n("vested_tokens", "tokens", "genesis allocation released"),
    _n("burnt_tokens", "tokens", "burned since the chain began"),
    _n("minted_total_tokens", "tokens", "block rewards minted since the chain began"),
    _n("pledge_tokens_per_32_gib", "tokens", "initial pledge of a new sector of 32 GiB that counts once"),
)

FILECOIN_FIELDS: tuple[Field, ...] = (
    *capacity_fields("EiB", "disks that are there"),
    *CHAIN_FIELDS,
    _n("onboarded_pib_per_day", "PiB/day", "raw power added"),
    _n("expired_pib_per_day", "PiB/day", "raw power whose term ended"),
    _n("renewed_pib_per_day", "PiB/day", "of that, committed again"),
    _n("ended_early_pib_per_day", "PiB/day", "raw power ended before its term"),
    _n("real_capacity_eib", "EiB", "raw power with a disk behind it"),
    _n("verified_claimed_pib", "PiB", "data that counts tenfold, as the chain sees it"),
    _n("verified_real_pib", "PiB", "of that, a client's data on a disk that is there"),
    _n("paid_pib", "PiB", "data that customers pay for"),
    _n("reward_usd_per_tib_per_year", "USD/TiB/year", "block reward of a raw TiB that counts tenfold"),
    _n("running_cost_usd_per_tib_per_year", "USD/TiB/year", "mean running cost of a raw TiB, pledge not counted"),
    _n("faulty_share", "1", "share of the power that fails its proof"),
    _n("gas_and_fees_tokens", "tokens/day", "burned as gas, daily fee and fault fees"),
    _c("fake_online", "providers that are paid on a false claim"),
    _n("fake_share_of_proof", "1", "share of block rewards paid on false claims"),
    _n("fakes_paid_usd", "USD/day", "block rewards paid on false claims"),
    _n("audits_caught", "providers", "cheats caught by audits so far"),
    _n("audits_false_positives", "providers", "honest providers stripped by audits so far"),
    _n("audits_detection_per_month", "1", "share of cheats caught in a month, over the run so far"),
    _n("slashed_tokens", "tokens", "pledge burned as a penalty so far"),
    _n("largest_country_share", "1", "share of raw power in the country that has most of it"),
    _n("moved_abroad", "providers", "providers that moved out from under a notice of law so far"),
)
"""Filecoin-like."""

ARWEAVE_FIELDS: tuple[Field, ...] = (
    *capacity_fields("PB", "space mined"),
    _n("weave_tb", "TB", "data stored for good"),
    _n("uploaded_tb_per_day", "TB/day", "data uploaded"),
    _n("endowment_tokens", "tokens", "tokens in the endowment"),
    _n("endowment_years_left", "years", "years the pool would last without uploads, inflation and fees if storage got cheaper by the yearly share that the protocol counts on; 1000 for more or for ever"),
    _n("upload_fee_tokens_per_gib", "tokens/GiB", "what an upload costs"),
    _n("upload_fee_usd_per_gib", "USD/GiB", "the same in dollars"),
    _n("price_winston_per_gib_minute", "winston/GiB/minute", "price of storage by which the protocol pays"),
    _n("needed_tokens_per_day", "tokens/day", "what miners need at that price"),
    _n("inflation_tokens_per_day", "tokens/day", "block inflation"),
    _n("taken_tokens_per_day", "tokens/day", "paid out of the endowment"),
    _n("debt_tokens", "tokens", "minted because the pool was dry, so far"),
    _n("kryder_multiple", "1", "multiplier of upload fees, doubled when the pool runs dry"),
    _n("copies", "copies", "copies of the weave that miners keep"),
    _n("mined_space_pb", "PB", "space mined"),
    _n("miner_cost_usd_per_tb_per_year", "USD/TB/year", "mean cost of a mined TB, disk included"),
    _n("miner_income_usd_per_tb_per_year", "USD/TB/year", "income of a mined TB"),
    _n("held_reward_tokens", "tokens", "rewards held back for their thirty days"),
    _n("copies_as_seen", "copies", "copies of the weave that answer challenges, whether they are kept or made up"),
    _c("fake_online", "pretended miners, who share one copy among several"),
    _n("fake_share_of_proof", "1", "share of miners' income that goes to them"),
    _n("fakes_paid_usd", "USD/day", "the same in dollars"),
    _c("cheats_caught", "of those, caught since the first day"),
    _c("honest_accused", "honest miners taken for such since the first day"),
    _n("slashed_tokens", "tokens", "held rewards burned since the first day"),
)
"""Arweave-like."""

COMPAT_FIELDS: tuple[Field, ...] = tuple(field for field in CHAIN_FIELDS if field.name != "pledge_tokens_per_32_gib") + (
    _n("pledge_tokens_per_32_gib", "tokens", "pledge of 32 GiB of quality-adjusted power, by the peers' rule"),
)
"""`compat: mechafil`."""

_NO_HARDWARE = {"nodes_offline", "nodes_ordered", "nodes_in_drawer", "nodes_arrived", "nodes_failed", "nodes_left"}
"""Providers and miners bring power by the sector and the disk: nothing of theirs is in the post, under repair or kept for later."""
FILECOIN_ABSENT = frozenset({*_NO_HARDWARE, "operator_grant_usd", "undistributed_tokens", "outside_revenue_token_usd", "coverage_share"})
"""Nobody gives grants, what is minted is paid at once, and no customer has to be near a provider: no place is covered or not."""
FILECOIN_WITHOUT_LEARNING_ABSENT = FILECOIN_ABSENT | {"fakes_paid_usd"}
"""The share that false claims take says it where nobody learns and no check is counted."""
ARWEAVE_ABSENT = FILECOIN_ABSENT | {"fake"}
"""Nor does anybody claim to be where he is not."""
ARWEAVE_WITHOUT_CHEATS_ABSENT = ARWEAVE_ABSENT | {
    "nodes_denied", "copies_as_seen", "fake_online", "fake_share_of_proof", "fakes_paid_usd", "cheats_caught", "honest_accused", "slashed_tokens",
}  # fmt: skip
"""Nobody cheats and nobody looks for cheats."""
COMPAT_ABSENT = ARWEAVE_ABSENT | {
    "nodes_denied",
    "nodes_online_as_seen", "service_share", "service_share_as_seen", "usage_constant_usd", "usage_constant_usd_as_seen", "revenue_usd", "revenue_token_usd", "backed_share",
    "operator_emission_usd", "operator_customer_usd", "operator_fee_funded_usd", "operator_cost_usd", "operator_replacement_usd", "new_hardware_usd",
}  # fmt: skip
"""The peers' equations know the chain and nobody on it."""
