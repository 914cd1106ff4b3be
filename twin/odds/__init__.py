"""Odds: many lives of a scenario, on one machine or a cluster, and what they say together."""

from twin.odds.ensemble import ensemble
from twin.odds.rows import Plan, RunRow
from twin.odds.study import Study

__all__ = ["Plan", "RunRow", "Study", "ensemble"]
