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
