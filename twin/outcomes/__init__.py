"""What became of a network: taper, indicators, collapse, verdict and scorecard."""

from __future__ import annotations

from twin.outcomes.beside import Beside, Known, WithoutTaper
from twin.outcomes.classes import Outcome, Prop, outcome_map
from twin.outcomes.collapse import Fate, Side, Spell
from twin.outcomes.columns import VERDICT_TABLE
from twin.outcomes.deterrence import reward_share
from twin.outcomes.indicators import Funding, NodeYear, backed_share, best_year, replacement_usd_per_year
from twin.outcomes.judgement import judge
from twin.outcomes.questions import evidence_window, scorecard_of
from twin.outcomes.scorecard import Answer, Collateral, Evidence, Grade, Number, Scorecard
from twin.outcomes.taper import Schedule, Taper, TaperOrigin, Window, added_at_reference, find_taper, why_not_judged
from twin.outcomes.verdict import Verdict

__all__ = [
    "VERDICT_TABLE",
    "Answer",
    "Beside",
    "Collateral",
    "Evidence",
    "Fate",
    "Funding",
    "Grade",
    "Known",
    "NodeYear",
    "Number",
    "Outcome",
    "Prop",
    "Schedule",
    "Scorecard",
    "Side",
    "Spell",
    "Taper",
    "TaperOrigin",
    "Verdict",
    "Window",
    "WithoutTaper",
    "added_at_reference",
    "backed_share",
    "best_year",
    "evidence_window",
    "find_taper",
    "judge",
    "outcome_map",
    "replacement_usd_per_year",
    "reward_share",
    "scorecard_of",
    "why_not_judged",
]
