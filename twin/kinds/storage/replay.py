"""A Filecoin-like chain driven by observed power and onboarding: what our books then say of supply, beside the chain's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from twin.kinds.storage.chain import Chain
from twin.kinds.storage.filecoin_spec import FilecoinSpec

Floats = NDArray[np.float64]
PIB_PER_EIB = 1024.0


@dataclass(frozen=True, slots=True)
class Observed:
    """Daily rows; row 0 is the day of the opening state."""

    raw_eib: Floats
    quality_eib: Floats
    onboarded_quality_pib: Floats
    burnt_tokens: Floats
    """Burned on the day."""

    def held_for(self, n_days: int, *, mean_days: int = 90) -> Observed:
        """The same, followed by `n_days` with the mean flows of the last `mean_days`."""
        steps = np.arange(1, n_days + 1)

        def on(power: Floats) -> Floats:
            return np.concatenate([power, np.maximum(power[-1] + steps * (power[-1] - power[-1 - mean_days]) / mean_days, 0.01)])

        def flat(flow: Floats) -> Floats:
            return np.concatenate([flow, np.full(n_days, flow[-mean_days:].mean())])

        return Observed(on(self.raw_eib), on(self.quality_eib), flat(self.onboarded_quality_pib), flat(self.burnt_tokens))


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the books say at the end of each day."""

    start: date
    minted_tokens: Floats
    vested_tokens: Floats
    locked_tokens: Floats
    circulating_tokens: Floats
    gap_to_identity_tokens: Floats
    """Ledger less the protocol's identity."""

    def on(self, day: date) -> dict[str, float]:
        """Supply, locked, minted and vested on a day."""
        row = (day - self.start).days
        return {name: float(getattr(self, f"{name}_tokens")[row]) for name in ("circulating", "locked", "minted", "vested")}


def replay(spec: FilecoinSpec, observed: Observed, *, start: date) -> Replayed:
    """Exits are `onboarded - change of power`, with sign: a fault that returns takes its pledge back with it; pledge leaves with the mean of what is locked."""
    chain = Chain(spec, start=start, token="FIL")
    n = len(observed.raw_eib)
    rows = np.zeros((5, n))
    rows[:, 0] = chain.minted_tokens, chain.vested_tokens, chain.locked_tokens, chain.circulating_tokens, 0.0
    for day in range(1, n):
        power, before = float(observed.quality_eib[day]), float(observed.quality_eib[day - 1])
        added = float(observed.onboarded_quality_pib[day]) / PIB_PER_EIB
        chain.unlock(day)
        chain.mint(float(observed.raw_eib[day]), day=day)
        new = chain.pledge_for(added, total_quality_eib=power, today=start + timedelta(days=day))
        left = (added - (power - before)) * chain.pledged_tokens / before
        chain.lock(new + max(-left, 0.0), day=day, price_usd=0.0)
        chain.release(max(left, 0.0), day=day)
        chain.burn_fees(float(observed.burnt_tokens[day]), day=day, price_usd=0.0, reason="observed burn")
        chain.ledger.check(day)
        circulating = chain.circulating_tokens
        rows[:, day] = chain.minted_tokens, chain.vested_tokens, chain.locked_tokens, circulating, circulating - chain.by_identity()
    return Replayed(start, *rows)
