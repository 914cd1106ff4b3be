"""The table `verdict` as this package fills it: the columns that `record` declares, and those that only a verdict knows."""

from __future__ import annotations

from typing import Literal

from twin.record.tables import VERDICT, Field


def _field(name: str, dtype: Literal["bool", "date", "float64", "text", "json", "int64"], unit: str, meaning: str) -> Field:
    return Field(name, dtype, unit, meaning)


_ALL_FIELDS: tuple[Field, ...] = (
    _field("sentence", "text", "text", "the verdict in one sentence"),
    _field("survives", "bool", "true/false", "self_sustaining or niche"),
    _field("alive", "bool", "true/false", "any class but not_judged, never_started and collapsed"),
    _field("near_the_line", "text", "name", "threshold within 0.05 of usage_carried_full: kept_share or floor_share; empty: none"),
    _field("price_out_of_range", "bool", "true/false", "the price left the range that the scenario states; empty: it states none"),
    _field("earliest_horizon", "date", "date", "end of the run from which it could be judged, if it is too short"),
    _field("price_lead_days", "int64", "days", "days by which the price cut the subsidy before the schedule did"),
    _field("reference_usage_usd_per_day", "float64", "USD/day", "Q_ref: paid usage of the best subsidised year, constant prices"),
    _field("judged_usage_usd_per_day", "float64", "USD/day", "mean paid usage in J, constant prices"),
    _field("addressable_usd_per_day", "float64", "USD/day", "demand that the scenario's customers could buy, constant prices"),
    _field("reference_service_share", "float64", "1", "S_ref: service of the best subsidised year"),
    _field("judged_service_share", "float64", "1", "mean service in J"),
    _field("paid_usage_kept_as_seen", "float64", "1", "paid_usage_kept as the network's own checks would see it"),
    _field("service_kept_as_seen", "float64", "1", "service_kept as the network's own checks would see it"),
    _field("collapse_date", "date", "date", "first day of the collapse spell, if any"),
    _field("collapse_side", "text", "name", "supply or demand, whichever gave way first"),
    _field("collapse_before_taper", "bool", "true/false", "the collapse began before T0"),
    _field("spells", "json", "JSON", "spells of low service or usage: [{side, begins, ends, days, fate, lowest_share}]"),
    _field("in_profit_of_live", "float64", "1", "share of the nodes live in J whose pay covers running cost and replacement"),
    _field("in_profit_of_starters", "float64", "1", "the same among all nodes live on T0; who left is not in profit"),
    _field("cash_positive_of_live", "float64", "1", "share of the nodes live in J whose pay covers running cost"),
    _field("cash_positive_of_starters", "float64", "1", "the same among all nodes live on T0; who left is not in profit"),
    _field("kept_after_cutoff", "float64", "1", "kappa_cut: paid usage kept in the year after every subsidy is cut; empty: not run"),
    _field("cutoff_disagrees", "bool", "true/false", "kappa_cut and usage_carried_full differ by more than 0.2"),
    _field("cutoff_reason", "text", "text", "likely reason of that disagreement"),
    _field("backed_share", "float64", "1", "beta of the network that is judged, mean over J"),
    _field("token_backed_share", "float64", "1", "beta of all networks that share the token, mean over J; empty: no other does"),
    _field("usage_carried_cash_by_token", "float64", "1", "usage_carried_cash by the token's beta"),
    _field("usage_carried_full_by_token", "float64", "1", "usage_carried_full by the token's beta"),
    _field("outcome_by_token", "text", "class", "class by the token's beta"),
    _field("capacity_kept", "float64", "1", "mean capacity in J over the largest mean of 365 days"),
    _field("largest_customer", "text", "name", "the external customer, or group of many small ones, that paid most in the best subsidised year"),
    _field("largest_customer_share", "float64", "1", "its part of what external customers paid then"),
    _field("demand_met_by_a_tenth", "float64", "1", "part of the service of T0 that a tenth of its live nodes, taken by keyed luck, still gives"),
    _field("overbuild_at_least", "float64", "1", "nodes live on T0 over as few, taken by luck, as give 95 % of its service: a bound by thinning; 1: three in ten fewer give less"),
    _field("overbuild", "float64", "1", "nodes live on T0 over the fewest that, placed greedily, would have given 95 % of its service; empty: no map of a city says who serves what"),
    _field("overbuild_note", "text", "text", "how that was found, or why it was not"),
    _field("overbuilt", "bool", "true/false", "service stayed above 0.99 while nodes fell by 80 %"),
    _field("bought_in_year", "bool", "true/false", "somebody bought a new node in J"),
    _field("subsidy_left", "float64", "1", "mean subsidy in J over its largest 28-day mean, tokens; above 0.1 it is still paid"),
    _field("own_T0", "date", "date", "T0 of a variant that changes the subsidy, by its own rules; it is judged in the reference's windows"),
    _field("own_T1", "date", "date", "T1 of such a variant"),
    _field("far_from_life", "text", "text", "where stated dates lie more than 60 days from the life that was lived"),
    _field("without_taper_outcome", "text", "class", "class of the same luck with the subsidy held from T0 on; empty: not tried"),
    _field("without_taper_usage_usd_per_day", "float64", "USD/day", "its mean paid usage in J, constant prices"),
    _field("because_of_taper", "bool", "true/false", "it ends in another class, or keeps more than 0.2 more of the usage"),
    _field("outcome_map", "json", "JSON", "class over thresholds: [{kept_share, floor_share, outcome}]"),
)

VERDICT_TABLE = VERDICT.with_columns(field for field in _ALL_FIELDS if field.name not in VERDICT.column_names)
"""The declaration of the one-row table `verdict`."""
