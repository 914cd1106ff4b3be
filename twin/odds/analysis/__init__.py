"""What many lives say together: odds, differences, survival, what decides them. Pure functions of tables; no files, no processes."""

from twin.odds.analysis.because import BecauseOfTaper
from twin.odds.analysis.chances import Odds, odds, odds_by_variant
from twin.odds.analysis.discovery import Discovery, Region, discover
from twin.odds.analysis.fans import Fan, fan
from twin.odds.analysis.first_effects import FirstEffects, first_effects
from twin.odds.analysis.intervals import Interval, Method, wilson
from twin.odds.analysis.low_return import DailyLife, LowReturn, low_return
from twin.odds.analysis.paired import PairedLife, PairedOdds, paired_life, paired_odds
from twin.odds.analysis.price import PriceThirds, odds_within_price_range, price_thirds, with_price
from twin.odds.analysis.runs import Status, class_counts, of_variant
from twin.odds.analysis.sensitivity import Failed, Indices, Screening, morris_effects, sobol_indices
from twin.odds.analysis.stopping import Look, look
from twin.odds.analysis.survival import Survival, survival

__all__ = [
    "BecauseOfTaper",
    "DailyLife",
    "Discovery",
    "Failed",
    "Fan",
    "FirstEffects",
    "Indices",
    "Interval",
    "Look",
    "LowReturn",
    "Method",
    "Odds",
    "PairedLife",
    "PairedOdds",
    "PriceThirds",
    "Region",
    "Screening",
    "Status",
    "Survival",
    "class_counts",
    "discover",
    "fan",
    "first_effects",
    "look",
    "low_return",
    "morris_effects",
    "odds",
    "odds_by_variant",
    "odds_within_price_range",
    "of_variant",
    "paired_life",
    "paired_odds",
    "price_thirds",
    "sobol_indices",
    "survival",
    "wilson",
    "with_price",
]
