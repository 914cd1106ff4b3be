"""What a run writes down, declared once: every column has a name, a type, a unit and a meaning.

`docs/tables.md` is generated from here, and the same words travel inside the Parquet files. A network adds its own columns to
`network_daily` with `NETWORK_DAILY.with_columns(...)`, and leaves out what has no meaning for it (`absent_from`): such a column is absent, not zero.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from twin.record.fields import Field as Field  # every table names its columns with it: it is asked for here
from twin.record.fields import Table as Table
from twin.record.pressure_tables import PRESSURE_TABLES


def _count(name: str, meaning: str) -> Field:
    return Field(name, "int64", "count", meaning)


def _number(name: str, unit: str, meaning: str) -> Field:
    return Field(name, "float64", unit, meaning)


_DAY = "USD/day"

NETWORK_DAILY = Table(
    "network_daily",
    "One row a day for the whole network. True values count honest and dishonest nodes alike; `_as_seen` is what the network's own checks see.",
    ("date",),
    (
        Field("date", "date", "date", "the day"),
        _number("price_usd", "USD/token", "price of the network's token that the day settles with"),
        _count("nodes_online", "nodes that really serve at the end of SERVE, fake ones not counted"),
        _count("nodes_online_as_seen", "nodes that the network believes to be online, fake ones included"),
        _count("nodes_offline", "nodes installed but silent"),
        _count("nodes_denied", "nodes on the network's denylist"),
        _count("nodes_ordered", "nodes ordered and not yet online"),
        _count("nodes_in_drawer", "nodes that were taken off and kept, neither sold nor scrapped"),
        _count("nodes_arrived", "nodes that went online for the first time this day"),
        _count("nodes_failed", "nodes that broke this day"),
        _count("nodes_left", "nodes whose host took them off for good this day"),
        _number("service_share", "1", "S: service offered, demand-weighted usable quality over all cells"),
        _number("service_share_as_seen", "1", "S as the network's own checks would see it"),
        _number("usage_constant_usd", _DAY, "Q: paid usage of external customers at fixed reference prices"),
        _number("usage_constant_usd_as_seen", _DAY, "all billed usage at fixed reference prices, self-dealing included"),
        _number("revenue_usd", _DAY, "R: money really paid by external customers, rebates off"),
        _number("revenue_token_usd", _DAY, "R_token: part of R that burns tokens for good or buys them for operators"),
        _number("outside_revenue_token_usd", _DAY, "the same of the rest of the network, which is not simulated but shares the emission"),
        _number("emission_usd", _DAY, "M: value of all tokens that emission puts into circulation, whoever gets them"),
        _number("backed_share", "1", "beta: customer-backed part of an emitted dollar, min(1, R_token/M) over the trailing 30 days"),
        _number("operator_emission_usd", _DAY, "emission received by operators"),
        _number("operator_customer_usd", _DAY, "customers' money and stable coin passed on to operators"),
        _number("operator_grant_usd", _DAY, "grants received by operators"),
        _number("operator_fee_funded_usd", _DAY, "fees, the part of F that customers pay: customer postings + beta x emission postings to operators"),
        _number("operator_cost_usd", _DAY, "O: operators' avoidable cost (power, backhaul, rent, labour, compliance, stake x hurdle rate)"),
        _number(
            "operator_replacement_usd",
            _DAY,
            "K: replacement cost of the nodes online, at today's price, spread over their life at the hurdle rate",
        ),
        _number("minted_tokens", "tokens/day", "tokens minted"),
        _number("burned_tokens", "tokens/day", "tokens burned"),
        _number("supply_tokens", "tokens", "all tokens that exist: genesis + minted - burned"),
        _number("circulating_tokens", "tokens", "of these, tokens that are not locked, unvested, unreleased, unclaimed or the protocol's own"),
        _number("undistributed_tokens", "tokens", "minted and not yet paid out to anybody"),
        _number("new_hardware_usd", _DAY, "money spent on new nodes by all operators"),
        _number("scheduled_subsidy_tokens", "tokens/day", "s: subsidy to operators that the emission rules alone schedule, or that they were really paid where it follows the state of the network; 28-day mean"),
    ),
)

def capacity_fields(unit: str, what: str) -> tuple[Field, Field]:
    """C of a kind of network, true and as its own checks would see it; `unit` is the kind's own."""
    return (
        Field("capacity", "float64", unit, f"C: {what}, of honest nodes that run"),
        Field("capacity_as_seen", "float64", unit, "C as the network's own checks would see it"),
    )


SHARED_TOKEN_DAILY: tuple[Field, ...] = (
    _number("token_revenue_usd", _DAY, "R_token of all networks that share the token: what their customers burn"),
    _number("token_emission_usd", _DAY, "M of all networks that share the token"),
    _number("token_backed_share", "1", "beta of the whole token: min(1, of these two) over the trailing 30 days; `backed_share` is that of the network that is judged"),
)
"""What a network that shares its token adds to `network_daily`."""

WIRELESS_DAILY: tuple[Field, ...] = (
    *capacity_fields("people", "people within reach of each hotspot, added up over hotspots: who is heard by three counts three times"),
    *SHARED_TOKEN_DAILY,
    _count("sensors_connected", "customers' sensors with a plan and with coverage"),
    _number("data_credits", "credits/day", "data credits spent on packets"),
    _number("fees_usd", _DAY, "fees that the network burns besides data: onboarding, location assertion"),
    _number("mean_density_scale", "1", "mean transmit scale of the online hotspots (HIP-17/HIP-104)"),
    _number("median_pay_usd_per_month", "USD/month", "median pay of an online hotspot"),
    _count("orders_backlog", "hotspots ordered that the makers have not yet shipped"),
    _count("fake_online", "hotspots online at a false location"),
    _number("fake_share_of_proof", "1", "share of the proof rewards that fake hotspots take"),
    _number("people_covered", "people", "people within reach of at least one hotspot"),
    _number("fakes_paid_usd", _DAY, "what hotspots of farms are paid, at the day's offers (where a ring learns)"),
)
"""What a wireless network adds to `network_daily`."""

CELLS = Table(
    "cells",
    "Lookup of the dense cell index (GeoParquet, WGS 84): one row for each H3 cell of the study area and its margin.",
    ("cell",),
    (
        Field("cell", "int32", "index", "dense index of the cell, in H3 order"),
        Field("h3", "uint64", "H3 index", "H3 cell"),
        _number("lat_deg", "degrees", "latitude of the centre"),
        _number("lng_deg", "degrees", "longitude of the centre"),
        _number("people", "people", "residents"),
        Field("country", "text", "ISO 3166-1 alpha-2", "country of the centre"),
        Field("admin1", "text", "name", "first-order administrative unit of the centre"),
        Field("land_class", "int8", "0 open, 1 suburban, 2 urban", "settlement density"),
        Field(
            "inside", "bool", "true/false", "true: in the study area; false: in its margin, where nodes hear and crowd but are not reported"
        ),
        Field("geometry", "geometry", "degrees, WGS 84", "outline of the cell"),
    ),
)

CELLS_MONTHLY = Table(
    "cells_monthly",
    "One row for each cell and month in which anything stood or was covered there; a cell without a row has zeros.",
    ("month", "cell"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("cell", "int32", "index", "dense index into `cells`"),
        Field("online", "int32", "count", "nodes that really serve in this cell at the end of the month"),
        Field("online_as_seen", "int32", "count", "nodes that the network believes to be online here"),
        Field("coverage_share", "float32", "1", "share of the cell that is served, in the words of the kind (`nouns.covered` of the manifest)"),
        Field("users", "float32", "nouns.users", "what is used in this cell, in the unit that the manifest states"),
        Field("pay_usd", "float32", "USD/month", "pay of an online node here, mean of the month"),
        Field("fake", "int32", "count", "nodes that claim this cell and are not there"),
    ),
)

OPERATORS_MONTHLY = Table(
    "operators_monthly",
    "One row for each group of operators and month, and for each campaign of cheats: who earns and who loses.",
    ("month", "group"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("group", "text", "name", "group of operators, or campaign of cheats, as the scenario names it"),
        _count("nodes_online", "nodes of the group that serve at the end of the month"),
        _count("nodes_ordered", "nodes of the group on order"),
        _count("nodes_in_drawer", "nodes of the group taken off and kept"),
        _count("entered", "nodes of the group that went online for the first time"),
        _count("left", "nodes that the group took off for good"),
        _number("earned_tokens", "tokens/month", "tokens earned"),
        _number("earned_usd", "USD/month", "pay from all sources and own use, valued on the day it was posted"),
        _number("fee_funded_usd", "USD/month", "fees: part of that pay which customers fund"),
        _number("cost_usd", "USD/month", "O: avoidable cost"),
        _number("profit_usd", "USD/month", "earned_usd - cost_usd"),
        _number("share_in_profit", "1", "share of the group's online nodes that earn at least their avoidable cost"),
        _number("sold_tokens", "tokens/month", "tokens the group sold"),
    ),
)

LEDGER_MONTHLY = Table(
    "ledger_monthly",
    "Money and tokens that moved, summed by month, asset, accounts, reason and funding.",
    ("month", "asset", "source", "target", "reason", "funding"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("asset", "text", "name", "token, credit or USD"),
        Field("source", "text", "account", "account that gave"),
        Field("target", "text", "account", "account that got"),
        Field("reason", "text", "name", "why it moved"),
        Field("funding", "text", "customer, emission, grant, own_use or empty", "what paid an operator"),
        _number("amount", "units of the asset", "sum of the postings"),
        _number("amount_usd", "USD", "the same, each posting valued on its day"),
    ),
)

OPERATOR_INCOME = Table(
    "operator_income",
    "Dollars that operators took in, by month and by who put them in; refunds of makers left out. Of all simulated operators, those in a margin of the map too.",
    ("month",),
    (
        Field("month", "date", "date", "first day of the month"),
        _number("customers_paid_usd", "USD/month", "customers' payments passed on in money"),
        _number("customers_burned_usd", "USD/month", "of tokens sold on the market, the customers' part: beta when credited x min(sale, value when credited)"),
        _number("holders_usd", "USD/month", "the rest of what the sales brought: holders' money, in an open loop a market maker's"),
        _number("treasury_usd", "USD/month", "from a treasury that pays in dollars, beyond what the tokens that it took over brought it"),
        _number("grants_usd", "USD/month", "grants of project, foundation or community pool"),
        _number("own_pocket_usd", "USD/month", "put in by operators themselves where all their dollars together were spent; not part of the above, and less than the sum over single nodes"),
    ),
)

CUSTOMER_DOLLARS = Table(
    "customer_dollars",
    "What external customers paid, rebates off, by month and by where it went; its four parts add up to what they paid. No customer pays a tax or a supplier in any kind: those are bills of operators.",
    ("month",),
    (
        Field("month", "date", "date", "first day of the month"),
        _number("operators_usd", "USD/month", "passed on in money to those who run nodes, honest or not"),
        _number("operator_tokens_usd", "USD/month", "spent on tokens with which operators are paid"),
        _number("burned_usd", "USD/month", "spent on tokens that are burned: to whoever sold them, and to the price of all that are left"),
        _number("network_usd", "USD/month", "to the network's own purse: treasury, company, foundation, endowment, a vault of fees (below zero in a month in which that pays out what it had kept)"),
        _number("reached_operators_usd", "USD/month", "not a part: of dollars that bought tokens, this month's or earlier ones, what operators took out by selling theirs (`customers_burned_usd` of `operator_income`, at most what had been spent)"),
    ),
)

EVENTS = Table(
    "events",
    "What happened, one flat row for each event that is rarer than daily business: rules, contracts, farms, releases of the denylist.",
    ("date", "lane", "kind", "subject"),
    (
        Field("date", "date", "date", "the day"),
        Field("lane", "text", "name", "lane of the day in which it happened"),
        Field("kind", "text", "name", "sort of event"),
        Field("subject", "text", "name", "rule, customer, maker, adversary it is about"),
        Field("jurisdiction", "text", "SE or US/California", "where it holds; empty: everywhere"),
        _count("count", "how many nodes, sensors or parties it touched"),
        _number("value", "see `unit`", "its size, if it has one"),
        Field("unit", "text", "unit", "unit of `value`"),
        Field("note", "text", "text", "in words"),
    ),
)


def _verdict_date(name: str, meaning: str) -> Field:
    return Field(name, "date", "date", meaning)


VERDICT = Table(
    "verdict",
    "One row: how the run is judged. Definitions and symbols as in the verdict's own page of the documentation.",
    (),
    (
        Field(
            "outcome",
            "text",
            "class",
            "outcome class: not_judged, never_started, collapsed, self_sustaining, niche, coasting, subsidy_dependent",
        ),
        Field("reason", "text", "text", "why there is no verdict; empty where there is one"),
        Field("propped_by", "text", "name", "what carries a subsidy_dependent network: emission, grant or hosts"),
        _number("paid_usage_kept", "1", "kappa: mean paid usage in J over the best subsidised year"),
        _number("usage_carried_cash", "1", "kappa_cash: of that, delivered by nodes whose fees pay their running cost"),
        _number("usage_carried_full", "1", "kappa_full: of that, delivered by nodes whose fees pay running cost and replacement"),
        _number("service_kept", "1", "mean service in J over the best subsidised year"),
        _number("subsidy_share", "1", "V/(F+V) in J"),
        _number("fee_coverage", "1", "fees / sum (O+K) in J; own use is no fee"),
        _verdict_date("T0", "first day of the taper: day after the last with scheduled subsidy at or above 0.75 of its maximum"),
        _verdict_date("T1", "end of the taper: day after the last with scheduled subsidy at or above 0.1 of its maximum"),
        _verdict_date("T0_usd", "day from which the subsidy's USD value stays below half of its maximum; never used for windows"),
        _verdict_date("judged_from", "first day of the judged year J"),
        _verdict_date("judged_until", "day after the last day of J"),
        _verdict_date("collapse_date", "first day of the collapse spell, if any"),
        Field("scorecard", "json", "JSON", "the four investor questions: [{question, grade, numbers: [{name, value, unit, meaning}]}]"),
        Field(
            "funding", "json", "JSON", "funding identity of J in USD: fees and own use (F), subsidy V, hosts' pocket P, running O, replacement K, profit"
        ),
    ),
)

JUDGED_NODES = Table(
    "judged_nodes",
    "One row for each node that was live on a day of the judged year J or on T0: sums over J, from which the shares of usage carried follow. Absent where J was not run.",
    ("node",),
    (
        Field("node", "int64", "index", "number of the node's slot"),
        _number("usage_usd", "USD", "q: paid usage delivered, constant prices"),
        _number("fees_usd", "USD", "customer postings + beta x emission postings; with own_use_usd it is F"),
        _number("own_use_usd", "USD", "what the node is worth to its owner without the network; part of F that nobody pays"),
        _number("subsidy_usd", "USD", "V: (1 - beta) x emission postings + grants"),
        _number("grant_usd", "USD", "grants, part of V"),
        _number("avoidable_cost_usd", "USD", "O: running cost, stake x hurdle rate"),
        _number("replacement_cost_usd", "USD", "K: replacement cost for the days live"),
        Field("live_on_taper", "bool", "true/false", "was live on T0; empty where T0 lies outside the calendar"),
        Field("live_in_year", "bool", "true/false", "was live on a day of J"),
        Field("live_at_end", "bool", "true/false", "is live on the last day of J"),
    ),
)

TOKEN_FEES = Field("fees_by_token_usd", "float64", "USD", "`fees_usd` with the beta of the whole token in place of this network's own")
"""What a network that shares its token adds to `judged_nodes`."""

CUSTOMERS_DAILY = Table(
    "customers_daily",
    "What each external customer paid, rebates off: one row a day on which it paid anything. The largest customer is the largest sum of paid_usd x largest_buyer_share. Absent where nobody paid.",
    ("date", "customer"),
    (
        Field("date", "date", "date", "the day"),
        Field("customer", "text", "name", "customer, as the scenario names it; a class of jobs or buyers is one row"),
        _number("paid_usd", _DAY, "paid by it, or by all of the class"),
        _number("largest_buyer_share", "1", "part of that which the largest buyer of the class pays; 1: it is one customer, or a group of which nobody knows the largest"),
    ),
)

SUBSIDY_SCHEDULE = Table(
    "subsidy_schedule",
    "Subsidy to operators that the reference's emission rules alone schedule, since the network's first emission; where emission depends on the state of the "
    "network, what the reference's own life paid, from its first day. T0 and T1 follow from its trailing mean (28 days, nothing before the first). Absent where "
    "it depends on the state and the dates are stated.",
    ("date",),
    (Field("date", "date", "date", "the day"), _number("tokens_per_day", "tokens/day", "scheduled or paid; several tokens are added in USD at reference prices")),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (NETWORK_DAILY, CELLS, CELLS_MONTHLY, OPERATORS_MONTHLY, LEDGER_MONTHLY, EVENTS, VERDICT, JUDGED_NODES, CUSTOMERS_DAILY, SUBSIDY_SCHEDULE, OPERATOR_INCOME, CUSTOMER_DOLLARS, *PRESSURE_TABLES)
}
"""Every table of a run folder by name, with the columns that all networks share."""

ONLY_WHOLE = frozenset({"cells", "verdict", "judged_nodes", "customers_daily", "subsidy_schedule", "operator_income", "customer_dollars", *(table.name for table in PRESSURE_TABLES)})
"""Tables that are written at once, or not at all."""

IN_EVERY_NETWORK = frozenset({"date", "month", "cell", "online", "price_usd", "nodes_online", "minted_tokens", "burned_tokens", "supply_tokens", "circulating_tokens"})
"""Columns that no network leaves out, so that any two runs can be laid beside each other."""
THINNED = ("network_daily", "operators_monthly", "cells_monthly")
"""Tables from which a network leaves out columns; the same name has the same meaning in all."""


def absent_from(tables: Mapping[str, Table], names: Collection[str]) -> dict[str, Table]:
    """The tables of a network without the columns that have no meaning for it. Raises `ValueError` for a name that no table has or every network needs."""
    known = {name for table in THINNED for name in tables[table].column_names}
    if wrong := sorted((set(names) - known) | (set(names) & IN_EVERY_NETWORK)):
        raise ValueError(f"cannot be left out of {', '.join(THINNED)}: {', '.join(wrong)}")
    return {key: table.without(names) if key in THINNED else table for key, table in tables.items()}
