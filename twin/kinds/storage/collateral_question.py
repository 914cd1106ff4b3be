"""What stands against cheating in a Filecoin-like run, for the investor's question about collateral."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from twin.kinds.storage.customers import TIB_PER_PIB
from twin.kinds.storage.economics import STRATEGIES
from twin.kinds.storage.sectors import TENFOLD
from twin.outcomes.scorecard import Collateral

if TYPE_CHECKING:
    from twin.kinds.storage.filecoin_world import FilecoinTwin


def collateral_of(twin: FilecoinTwin, daily: pd.DataFrame, rows: slice) -> Collateral:
    """Chance of being caught, stake, and what dealing with oneself brings over the best honest use, as of the last day; shares over `rows`."""
    providers, audits, price = twin.providers, twin.spec.audits, twin.today.price_usd
    cheats = providers.is_cheat()
    stake = providers.sectors.pledge_tokens.sum(axis=0) * price
    seen = providers.prospects.profit_usd_per_tib_per_year
    tenfold = providers.sectors.raw_pib[TENFOLD] * TIB_PER_PIB
    verified, dealt = seen[STRATEGIES.index("verified")], seen[STRATEGIES.index("self_dealt")]
    gain = np.maximum(dealt - np.maximum(verified, seen[0]), 0.0) * tenfold
    who = cheats if cheats.any() else np.ones(providers.n, bool)
    return Collateral(
        caught_probability_per_year=1 - (1 - audits.catch_probability_per_month) ** 12,
        stake_usd=float(stake[who].sum()),
        slash_share=audits.slash_share_of_pledge,
        honest_margin_usd_per_year=float((np.maximum(verified, 0.0) * tenfold)[who].sum()),
        gain_usd_per_year=float(gain[who].sum()) if cheats.any() else 0.0,
        locked_share_of_supply=float((daily["locked_tokens"] / (daily["circulating_tokens"] + daily["locked_tokens"]).clip(lower=1.0)).to_numpy()[rows].mean()),
        cheats_reward_share=float(daily["fake_share_of_proof"].to_numpy()[rows].mean()),
    )
