"""Tables of what presses on a network: each exists only in the runs of scenarios that state the mechanism."""

from __future__ import annotations

from twin.record.fields import Field, Table

HOLDERS_MONTHLY = Table(
    "holders_monthly",
    "Holders of locked tokens, month by month: what came free, what they hold, what they sold. Absent where the token states no `allocations`.",
    ("month", "holder"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("holder", "text", "name", "the allocation, as the scenario names it"),
        Field("owner", "text", "word", "whose tokens they are: investors, staff, foundation, treasury or community"),
        Field("locked_tokens", "float64", "tokens", "not free on the last evening of the month"),
        Field("unlocked_tokens", "float64", "tokens", "came free in the month"),
        Field("held_tokens", "float64", "tokens", "free and not offered on the last evening of the month"),
        Field("sold_tokens", "float64", "tokens", "taken by the market in the month; what was offered on an evening is taken the next morning"),
        Field("sold_usd", "float64", "USD", "what they brought"),
    ),
)

TREASURY_MONTHLY = Table(
    "treasury_monthly",
    "The project's treasury, month by month: what it has, took in, spent, sold and bought back. Absent where the token states no `treasury`.",
    ("month",),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("usd", "float64", "USD", "dollars that it has on the last evening of the month"),
        Field("tokens", "float64", "tokens", "tokens that it has then"),
        Field("income_usd", "float64", "USD", "came in, but for its own sales"),
        Field("spent_usd", "float64", "USD", "paid out, but for tokens"),
        Field("unpaid_usd", "float64", "USD", "meant to be spent, and not there"),
        Field("sold_tokens", "float64", "tokens", "sold to cover spending"),
        Field("sold_usd", "float64", "USD", "what all its sales brought"),
        Field("bought_tokens", "float64", "tokens", "bought back"),
        Field("bought_usd", "float64", "USD", "put up for that"),
        Field("runway_months", "float64", "months", "dollars, and tokens at half of their price, over what it meant to spend in the last 90 days; empty where it spends nothing"),
    ),
)

CHECKS_MONTHLY = Table(
    "checks_monthly",
    "One row for each check and month: what it looked at, found and cost, and what followed. Absent where no check of the scenario changes by date, costs anything or punishes by steps, and no campaign learns.",
    ("month", "check"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("check", "text", "name", "check, as its kind calls it"),
        Field("looked_at", "int64", "count", "nodes looked at, as often as they were"),
        Field("cheats_looked_at", "int64", "count", "of these, cheats"),
        Field("caught", "int64", "count", "cheats found"),
        Field("wronged", "int64", "count", "honest nodes accused"),
        Field("warned", "int64", "count", "penalties by steps: warnings"),
        Field("withheld", "int64", "count", "pay withheld for a while"),
        Field("slashed_tokens", "float64", "tokens/month", "taken of stakes"),
        Field("banned", "int64", "count", "put out"),
        Field("appeals", "int64", "count", "appeals begun"),
        Field("cleared", "int64", "count", "appeals won"),
        Field("driven_out", "int64", "count", "honest nodes accused earlier that left within the penalty and 90 days; some would have left anyway"),
        Field("cost_usd", "float64", "USD/month", "what the looks cost whoever pays for them"),
    ),
)

CAMPAIGNS_MONTHLY = Table(
    "campaigns_monthly",
    "One row for each campaign that learns and month: its size, what it believes and what it took. Absent where none learns.",
    ("month", "campaign"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("campaign", "text", "name", "adversary, as the scenario names it"),
        Field("exploit", "text", "name", "what it does at the end of the month"),
        Field("nodes", "int64", "count", "its nodes that run at the end of the month"),
        Field("entered", "int64", "count", "nodes that it ordered"),
        Field("left", "int64", "count", "nodes that it took off itself"),
        Field("caught", "int64", "count", "nodes that checks found"),
        Field("believed_catch_probability_per_month", "float64", "1", "chance that a node is caught within a month, as it believed at its last look"),
        Field("gain_usd_per_month", "float64", "USD/month", "what it thinks that one more node would bring, running cost off"),
        Field("taken_usd", "float64", "USD/month", "what its nodes were paid, less what usage lost that they sold to themselves"),
        Field("spent_usd", "float64", "USD/month", "outlays and stakes lost"),
        Field("budget_left_usd", "float64", "USD", "what is left of its purse; empty: it has no end"),
    ),
)

LAW_MONTHLY = Table(
    "law_monthly",
    "Rules of law, month by month: whom each has tonight, who complies and who hides, and what it took. Absent where no enabled rule holds in an `area`, by `hazard` or with `answers`, or is a "
    "`privacy_duty`, an `import_tariff`, an `investment_subsidy`, a `usage_levy`, an `interconnection` rule, a `curtailment`, a `data_localisation` or a `token_classification`; where it is there it holds all rules.",
    ("month", "rule"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("rule", "text", "name", "the rule, as the scenario names it"),
        Field("kind", "text", "word", "kind of rule"),
        Field("jurisdiction", "text", "words", "where it holds: a jurisdiction, or the polygon in words"),
        Field("in_force", "bool", "1", "whether it is felt on the last evening of the month"),
        Field("nodes_under", "int64", "count", "honest nodes that run under it then"),
        Field("claimed_under", "int64", "count", "nodes that are only claimed and seem to"),
        Field("complied", "int64", "count", "of the honest ones, those that do what a duty asks"),
        Field("hiding", "int64", "count", "of the honest ones, those that go without and may be fined"),
        Field("closed", "int64", "count", "sites that it keeps shut: a ban of those who obey, or too many fines"),
        Field("fines_usd", "float64", "USD/month", "fines paid in the month, by who answers one by one"),
        Field("duties_usd", "float64", "USD/month", "import duty paid"),
        Field("setup_usd", "float64", "USD/month", "what nodes set up because it asks for it"),
        Field("touched", "float64", "touched_unit", "what only rules of its kind do, in the month or on its last evening; empty: nothing of the sort, or not in force"),
        Field("touched_unit", "text", "words", "what `touched` counts"),
    ),
)

STATE_MONTHLY = Table(
    "state_monthly",
    "What the state took and gave by rule of law, month by month, beside fines and duties (`law_monthly`). Absent where no enabled rule is a `usage_levy`, an `investment_subsidy` or an "
    "`interconnection` rule, or lets owners move; where it is there it holds all rules.",
    ("month", "rule"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("rule", "text", "name", "the rule, as the scenario names it"),
        Field("kind", "text", "word", "kind of rule"),
        Field("levies_usd", "float64", "USD/month", "levies on usage, paid by customers beside the bill, or kept from what grids pay"),
        Field("fees_usd", "float64", "USD/month", "fees paid by systems that join a grid"),
        Field("granted_usd", "float64", "USD/month", "paid to those who bought hardware"),
        Field("moved", "int64", "count", "nodes that their owners took across the border in the month"),
        Field("budget_left_usd", "float64", "USD", "what may still be paid out, on the last evening; empty: the rule has no budget or is not in force"),
        Field("waiting", "int64", "count", "sites that wait for the grid's leave then"),
    ),
)

STRATEGIES_MONTHLY = Table(
    "strategies_monthly",
    "Groups of storage providers that learn, month by month, by what they fill sectors with: honest ways and ways of cheating. Absent where no group states `learns`.",
    ("month", "group", "strategy"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("group", "text", "name", "group of providers"),
        Field("strategy", "text", "name", "way of filling sectors"),
        Field("providers", "int64", "count", "providers at whom audits look as at such a one; of `capacity`, those at whom they do not look"),
        Field("chooses", "int64", "count", "providers that would fill new capacity, or new tenfold sectors, in this way"),
        Field("pib", "float64", "PiB", "raw power that stands, filled in this way"),
        Field("believed_catch_probability_per_month", "float64", "1", "chance that a provider is caught within a month, as the group believed at its last look; 0 of honest ways"),
        Field("profit_usd_per_tib_per_year", "float64", "USD/TiB/year", "what it would leave on disks already there, capital for the pledge and what is feared taken off; median provider"),
    ),
)

POLICIES_MONTHLY = Table(
    "policies_monthly",
    "What policies of emission and buy-back measured and decided, month by month. Absent where the scenario states no enabled policy.",
    ("month", "policy"),
    (
        Field("month", "date", "date", "first day of the month"),
        Field("policy", "text", "name", "the policy, as the scenario names it"),
        Field("kind", "text", "word", "pid, threshold or schedule"),
        Field("steers", "text", "word", "emission or buy_back"),
        Field("measures", "text", "word", "what it measures; empty: it follows the calendar"),
        Field("aim", "float64", "of what is measured", "value that it aims at; of two thresholds the lower one; empty: it follows the calendar"),
        Field("measured", "float64", "of what is measured", "mean at its last decision; empty before it, and where nobody could tell"),
        Field("share", "float64", "1", "share in force on the last evening of the month"),
        Field("wanted_share", "float64", "1", "what the last decision wanted before any limit"),
        Field("held_by", "text", "word", "limit that its share stands at: level, step or bound; empty: none"),
        Field("committed_usd_per_month", "float64", "USD/month", "dollars that the last decision committed, as the tightest bound counts them; empty: no bound is stated"),
        Field("most_usd_per_month", "float64", "USD/month", "dollars that it might commit by that bound"),
        Field("n_decisions", "int64", "count", "decisions in the month"),
    ),
)

RINGS = Table(
    "rings",
    "One row for each community of the graph of who vouches for whom that was taken for a ring, and what was true of it. Absent where the scenario states no `verification.rings`.",
    ("day", "ring"),
    (
        Field("day", "date", "date", "day of the look"),
        Field("ring", "int64", "index", "number of the ring since the first day"),
        Field("members", "int64", "count", "nodes taken for its members"),
        Field("cheats", "int64", "count", "of these, cheats"),
        Field("wronged", "int64", "count", "of these, honest; not accused where `verification_errors` is off"),
        Field("inside_share", "float64", "1", "share of its members' vouches that are for each other"),
        Field("missed_share", "float64", "1", "share of pairs of a member and an outsider near it in which neither hears the other; what the check assumes where there are none"),
        Field("score", "float64", "1", "the one times the other"),
        Field("tested_share", "float64", "1", "share of its members whose asserted place lies inside the hull of honest nodes within `observers_within_km`"),
    ),
)

PRESSURE_TABLES = (HOLDERS_MONTHLY, TREASURY_MONTHLY, CHECKS_MONTHLY, CAMPAIGNS_MONTHLY, LAW_MONTHLY, STATE_MONTHLY, STRATEGIES_MONTHLY, POLICIES_MONTHLY, RINGS)
