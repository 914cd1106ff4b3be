"""What many lives say together: odds, differences, survival, what decides them. Pure functions of tables; no files, no processes."""

from twin.odds.analysis.chances import Odds, odds, odds_by_variant
from twin.odds.analysis.intervals import Interval, Method, wilson
from twin.odds.analysis.runs import Status, class_counts, of_variant
from twin.odds.analysis.stopping import Look, look

__all__ = ["Interval", "Look", "Method", "Odds", "Status", "class_counts", "look", "odds", "odds_by_variant", "of_variant", "wilson"]
