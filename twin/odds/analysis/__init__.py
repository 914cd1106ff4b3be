"""What many lives say together: odds, differences, survival, what decides them. Pure functions of tables; no files, no processes."""

from twin.odds.analysis.chances import Odds, odds, odds_by_variant
from twin.odds.analysis.intervals import Interval, Method, wilson
from twin.odds.analysis.paired import PairedLife, PairedOdds, paired_life, paired_odds
from twin.odds.analysis.runs import Status, class_counts, of_variant
from twin.odds.analysis.stopping import Look, look
from twin.odds.analysis.survival import Survival, survival

__all__ = [
    "Interval",
    "Look",
    "Method",
    "Odds",
    "PairedLife",
    "PairedOdds",
    "Status",
    "Survival",
    "class_counts",
    "look",
    "odds",
    "odds_by_variant",
    "of_variant",
    "paired_life",
    "paired_odds",
    "survival",
    "wilson",
]
