"""What many lives say together: odds, differences, survival, what decides them. Pure functions of tables; no files, no processes."""

from twin.odds.analysis.chances import Odds, odds, odds_by_variant
from twin.odds.analysis.first_effects import FirstEffects, first_effects
from twin.odds.analysis.intervals import Interval, Method, wilson
from twin.odds.analysis.paired import PairedLife, PairedOdds, paired_life, paired_odds
from twin.odds.analysis.runs import Status, class_counts, of_variant
from twin.odds.analysis.sensitivity import Failed, Indices, Screening, morris_effects, sobol_indices
from twin.odds.analysis.stopping import Look, look
from twin.odds.analysis.survival import Survival, survival

__all__ = [
    "Failed",
    "FirstEffects",
    "Indices",
    "Interval",
    "Look",
    "Method",
    "Odds",
    "PairedLife",
    "PairedOdds",
    "Screening",
    "Status",
    "Survival",
    "class_counts",
    "first_effects",
    "look",
    "morris_effects",
    "odds",
    "odds_by_variant",
    "of_variant",
    "paired_life",
    "paired_odds",
    "sobol_indices",
    "survival",
    "wilson",
]
