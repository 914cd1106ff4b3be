"""The metrics, by what a scenario must be to answer them: those of every kind, and those of one network as a whole."""

from __future__ import annotations

from twin.history.metric import Metric

SHARED: tuple[Metric, ...] = (
    Metric("nodes_online", "nodes", "nodes online", "stock", "nodes of the scenario's own area that really serve at the end of the day", "behaviour", (("nodes_online", 1),)),
    Metric("nodes_joined_per_day", "nodes/day", "nodes that came", "flow", "nodes that went online for the first time", "behaviour", (("nodes_arrived", 1),)),
    Metric("nodes_left_per_day", "nodes/day", "nodes that left", "flow", "nodes whose host took them off for good", "behaviour", (("nodes_left", 1),)),
    Metric("revenue_usd_per_day", "USD/day", "revenue", "flow", "money really paid by external customers of the scenario's own area", "behaviour", (("revenue_usd", 1),)),
    Metric("minted_tokens_per_day", "tokens/day", "tokens minted", "flow", "tokens minted by the network", "protocol", (("minted_tokens", 1),)),
    Metric("burned_tokens_per_day", "tokens/day", "tokens burned", "flow", "tokens burned for good, whatever for", "behaviour", (("burned_tokens", 1),)),
    Metric("supply_tokens", "tokens", "tokens that exist", "stock", "all tokens that exist: at the start and minted, less burned", "protocol", (("supply_tokens", 1),)),
    Metric("circulating_tokens", "tokens", "tokens in circulation", "stock", "tokens that are not locked, unvested, unreleased, unclaimed or the protocol's own", "protocol", (("circulating_tokens", 1),)),
    Metric("price_usd", "USD", "price of the token", "stock", "price of the network's token in dollars; mean of the days of a window", "outside", (("price_usd", 1),)),
)  # fmt: skip
"""Of every kind, as far as its daily table has the columns. They count what is simulated: a city's nodes in the scenario of a city."""

CHAIN: tuple[Metric, ...] = (
    Metric("raw_power_eib", "EiB", "raw power", "stock", "raw-byte power that is proven on the chain", "behaviour", (("raw_power_eib", 1),)),
    Metric("quality_power_eib", "EiB", "quality-adjusted power", "stock", "power on the chain with verified data counted tenfold", "behaviour", (("quality_power_eib", 1),)),
    Metric("locked_tokens", "tokens", "tokens locked", "stock", "pledge of providers and block rewards not yet vested", "protocol", (("locked_tokens", 1),)),
    Metric("mined_tokens", "tokens", "tokens mined so far", "stock", "block rewards minted since the chain began", "protocol", (("minted_total_tokens", 1),)),
    Metric("burnt_tokens", "tokens", "tokens burned so far", "stock", "tokens burned since the chain began", "protocol", (("burnt_tokens", 1),)),
)  # fmt: skip
"""Of Filecoin in both modes: the series that the peers' equations give, too."""

FILECOIN: tuple[Metric, ...] = (
    Metric("onboarded_raw_pib_per_day", "PiB/day", "raw power onboarded", "flow", "raw-byte power of sectors proven for the first time", "behaviour", (("onboarded_pib_per_day", 1),)),
    Metric("renewed_raw_pib_per_day", "PiB/day", "raw power renewed", "flow", "raw-byte power whose term was extended", "behaviour", (("renewed_pib_per_day", 1),)),
    Metric("renewed_share", "share", "share renewed", "share", "of the raw-byte power whose term ends, the part that is committed again", "behaviour", (("renewed_pib_per_day", 1),), (("expired_pib_per_day", 1),)),
    Metric("stored_share", "share", "power that holds a client's data", "share", "data in active deals over raw-byte power; the model counts data that is claimed to be verified", "behaviour", (("verified_claimed_pib", 1 / 1024),), (("raw_power_eib", 1),)),
)  # fmt: skip
"""Of Filecoin's providers."""
