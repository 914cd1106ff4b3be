"""Odds: many lives of a scenario, on one machine or a cluster, and what they say together. `twin.ensemble` is the way in."""
