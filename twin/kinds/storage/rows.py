"""One row of `network_daily` of a Filecoin-like run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twin.kinds.storage.providers import PIB_PER_EIB
from twin.kinds.storage.sectors import TENFOLD
from twin.kinds.storage.tables import ZERO_ROW
from twin.state import Today
from twin.world.daily_row import todays_row

if TYPE_CHECKING:
    from twin.kinds.storage.filecoin_world import FilecoinTwin


def common_row(today: Today, *, nodes_online: int, nodes_as_seen: int, scheduled_subsidy_tokens: float) -> dict[str, float]:
    """The columns that all networks share."""
    return {
        **ZERO_ROW,
        **todays_row(today, scheduled_subsidy_tokens=scheduled_subsidy_tokens),
        "nodes_online": nodes_online,
        "nodes_online_as_seen": nodes_as_seen,
    }


def filecoin_row(twin: FilecoinTwin) -> dict[str, float]:
    """Everything of one evening."""
    providers, chain, finds, figures = twin.providers, twin.chain, twin.audits.finds, twin.figures
    live = twin.live()
    cheats = int((providers.is_cheat() & live).sum())
    raw = providers.raw_pib()
    weight = twin._weight()
    row = common_row(
        twin.today, nodes_online=int(live.sum()) - cheats, nodes_as_seen=int(live.sum()), scheduled_subsidy_tokens=chain.reward_tokens
    )
    row["nodes_denied"] = int(((providers.barred_until > twin.clock.day) & live).sum())
    return row | {
        "raw_power_eib": float(raw.sum()) / PIB_PER_EIB,
        "quality_power_eib": float(providers.quality_pib(weight).sum()) / PIB_PER_EIB,
        "baseline_eib": chain.minting.baseline_eib,
        "network_time_days": chain.minting.network_time_days,
        "locked_tokens": chain.locked_tokens,
        "pledged_tokens": chain.pledged_tokens,
        "unvested_tokens": chain.unvested_tokens,
        "circulating_tokens": chain.circulating_tokens,
        "vested_tokens": chain.vested_tokens,
        "burnt_tokens": chain.burnt_tokens,
        "minted_total_tokens": chain.minted_tokens,
        "pledge_tokens_per_32_gib": figures["pledge_tokens_per_32_gib"],
        "onboarded_pib_per_day": figures["onboarded_pib_per_day"],
        "expired_pib_per_day": figures["expired_pib_per_day"],
        "renewed_pib_per_day": figures["renewed_pib_per_day"],
        "ended_early_pib_per_day": figures.get("ended_early_pib_per_day", 0.0),
        "real_capacity_eib": float((raw * (1 - providers.fake_share)).sum()) / PIB_PER_EIB,
        "verified_claimed_pib": float(providers.sectors.raw_pib[TENFOLD].sum()),
        "verified_real_pib": float(providers.honest_verified_pib().sum()),
        "paid_pib": float(providers.paid_pib.sum()),
        "reward_usd_per_tib_per_year": figures["reward_usd_per_tib_per_year"],
        "running_cost_usd_per_tib_per_year": figures["running_cost_usd_per_tib_per_year"],
        "faulty_share": figures["faulty_share"],
        "gas_and_fees_tokens": figures["gas_and_fees_tokens"],
        "fake_online": cheats,
        "fake_share_of_proof": figures["fake_share_of_proof"],
        "audits_caught": finds.caught,
        "audits_false_positives": finds.false_positives,
        "audits_detection_per_month": finds.detection_rate_per_month,
        "slashed_tokens": finds.slashed_tokens,
        "largest_country_share": float(np.bincount(providers.country, raw).max() / raw.sum()) if raw.any() else 0.0,
        "moved_abroad": twin.notices.moved,
    }
