"""How much self-dealt usage pays where a pot is shared by usage: the sums that the head of `twin/integrity/wash.py` states and the model itself does not compute with."""

from __future__ import annotations

import math


def from_pot_usd(own_usd: float, *, pot_usd: float, others_usd: float) -> float:
    """What own usage earns of a pot that is shared by usage."""
    return pot_usd * own_usd / (own_usd + others_usd) if own_usd > 0 else 0.0


def best_alone_usd(*, pot_usd: float, others_usd: float, lost_share: float) -> float:
    """Self-dealt usage that leaves one dealer most: sqrt(P U / l) - U, none where that is below zero; without bound where nothing is lost."""
    return max(math.sqrt(pot_usd * others_usd / lost_share) - others_usd, 0.0) if lost_share > 0 else math.inf


def exhausted_usd(*, pot_usd: float, others_usd: float, lost_share: float) -> float:
    """Self-dealt usage of many dealers at which one more dollar pays nobody: P / l - U."""
    return max(pot_usd / lost_share - others_usd, 0.0) if lost_share > 0 else math.inf
