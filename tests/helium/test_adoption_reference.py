"""Dossier check 12: the supply-limited adoption model that was calibrated to 13 dated counts, written out as its section 4.4 has it.

The twin does not use it; it is the yardstick for the twin's own makers and operators, and a test that the emission and the price
that ship with the package are the ones it was calibrated with.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from twin.economy.emission import scheduled_tokens_per_day

ORDERS_PER_MONTH, PAYBACK_SCALE_MONTHS, CAPACITY_CAP = 62_400, 30.5, 73_900
HARDWARE_USD, RUNNING_COST_USD_PER_MONTH = 450, 1


def aggregate_adoption(mean_price_usd, tokens_per_month, hotspot_share, *, onboarded=14_402.0):
    """Onboarded hotspots and backlog at the end of each month: reward from last month's count, orders, shipping, cancellations."""
    backlog, onboarded_end, backlog_end = 0.0, [], []
    for month, (price, tokens, share) in enumerate(zip(mean_price_usd, tokens_per_month, hotspot_share, strict=True)):
        reward_usd = tokens * share / onboarded * price
        payback_months = HARDWARE_USD / max(reward_usd - RUNNING_COST_USD_PER_MONTH, 1e-6)
        backlog += ORDERS_PER_MONTH * math.exp(-payback_months / PAYBACK_SCALE_MONTHS)
        shipped = min(backlog, CAPACITY_CAP, 1_576 * 1.629**month)
        onboarded += shipped
        backlog -= shipped
        backlog *= math.exp(-max(0.0, payback_months - 12) / 24)
        onboarded_end.append(onboarded)
        backlog_end.append(backlog)
    return np.array(onboarded_end), np.array(backlog_end)


def test_aggregate_adoption(helium, vectors):
    """[1 %] against the calibrated series; [0.01 %] against a faithful run with the rounded parameters."""
    prices, reference = vectors("hnt_price_monthly_mean"), vectors("adoption_calibration")
    assert prices["month"].tolist() == reference["month"].tolist()
    months = [date.fromisoformat(f"{month}-01") for month in prices["month"]]
    year = scheduled_tokens_per_day(helium.token.emission, months) * 365
    share = [0.60 if month < date(2021, 8, 1) else 0.61 for month in months]
    onboarded, backlog = aggregate_adoption(prices["mean_close"], year / 12, share)
    assert onboarded == pytest.approx(reference["onboarded_end"].to_numpy(), rel=0.01)
    at = dict(zip(prices["month"], onboarded, strict=True))
    stated = {"2021-05": 40_638, "2021-10": 283_940, "2022-02": 579_540, "2022-05": 801_240, "2023-01": 965_916}
    assert [at[month] for month in stated] == pytest.approx(list(stated.values()), rel=1e-4)
    assert backlog.max() == pytest.approx(366_500, rel=0.01)
    assert prices["month"][int(backlog.argmax())] == "2021-08"
