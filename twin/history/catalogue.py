"""The metrics, by what a scenario must be to answer them: those of every kind, and those of one network as a whole."""

from __future__ import annotations

from typing import Literal

from twin.history.metric import Metric, Terms

Tracks = Literal["behaviour", "protocol", "outside"]


def _stock(name: str, unit: str, title: str, definition: str, *columns: str, tracks: Tracks = "behaviour", adds_up: bool = False, given: str = "") -> Metric:
    return Metric(name, unit, title, "stock", definition, tracks, _terms(columns, 1.0), adds_up=adds_up, given=given)


def _flow(name: str, unit: str, title: str, definition: str, *columns: str, tracks: Tracks = "behaviour", by: float = 1.0) -> Metric:
    return Metric(name, unit, title, "flow", definition, tracks, _terms(columns, by))


def _share(name: str, title: str, definition: str, part: Terms, whole: Terms, *, tracks: Tracks = "behaviour") -> Metric:
    return Metric(name, "share", title, "share", definition, tracks, part, whole)


def _terms(columns: tuple[str, ...], by: float) -> Terms:
    return tuple((name, by) for name in columns)


SHARED: tuple[Metric, ...] = (
    _stock("nodes_online", "nodes", "nodes online", "nodes of the scenario's own area that really serve at the end of the day", "nodes_online"),
    _stock("nodes_onboarded", "nodes", "nodes onboarded", "nodes of the scenario's own area that ever went online, since the first day of the run: right where there was nothing before it", "nodes_arrived", adds_up=True),
    _flow("nodes_joined_per_day", "nodes/day", "nodes that came", "nodes of the scenario's own area that went online for the first time", "nodes_arrived"),
    _flow("nodes_left_per_day", "nodes/day", "nodes that left", "nodes of the scenario's own area whose host took them off for good", "nodes_left"),
    _flow("revenue_usd_per_day", "USD/day", "revenue", "money really paid by external customers of the scenario's own area", "revenue_usd"),
    _flow("minted_tokens_per_day", "tokens/day", "tokens minted", "tokens minted by the network", "minted_tokens", tracks="protocol"),
    _flow("burned_tokens_per_day", "tokens/day", "tokens burned", "tokens burned for good, whatever for", "burned_tokens"),
    _stock("supply_tokens", "tokens", "tokens that exist", "all tokens that exist: at the start and minted, less burned", "supply_tokens", tracks="protocol"),
    _stock("circulating_tokens", "tokens", "tokens in circulation", "tokens that are not locked, unvested, unreleased, unclaimed or the protocol's own", "circulating_tokens", tracks="protocol"),
    _stock("price_usd", "USD", "price of the token", "price of the network's token in dollars; mean of the days of a window", "price_usd", tracks="outside"),
)  # fmt: skip
"""Of every kind, as far as its daily table has the columns. Nodes and revenue are those that are simulated (a city's, in the scenario of a city), tokens those of the whole network."""

OF_OWN_AREA = frozenset({"nodes_online", "nodes_onboarded", "nodes_joined_per_day", "nodes_left_per_day", "revenue_usd_per_day"})
"""Metrics that count what is simulated: of a place, they are not the network's."""

CHAIN: tuple[Metric, ...] = (
    _stock("raw_power_eib", "EiB", "raw power", "raw-byte power that is proven on the chain", "raw_power_eib"),
    _stock("quality_power_eib", "EiB", "quality-adjusted power", "power on the chain with verified data counted tenfold", "quality_power_eib"),
    _stock("locked_tokens", "tokens", "tokens locked", "pledge of providers and block rewards not yet vested", "locked_tokens", tracks="protocol"),
    _stock("mined_tokens", "tokens", "tokens mined so far", "block rewards minted since the chain began", "minted_total_tokens", tracks="protocol"),
    _stock("burnt_tokens", "tokens", "tokens burned so far", "tokens burned since the chain began", "burnt_tokens"),
)  # fmt: skip
"""Of Filecoin in both modes: the series that the peers' equations give, too."""

FILECOIN: tuple[Metric, ...] = (
    _flow("onboarded_raw_pib_per_day", "PiB/day", "raw power onboarded", "raw-byte power of sectors proven for the first time", "onboarded_pib_per_day"),
    _flow("renewed_raw_pib_per_day", "PiB/day", "raw power renewed", "raw-byte power whose term was extended", "renewed_pib_per_day"),
    _share("renewed_share", "share renewed", "of the raw-byte power whose term ends, the part that is committed again", (("renewed_pib_per_day", 1),), (("expired_pib_per_day", 1),)),
    _share("stored_share", "power that holds a client's data", "data in active deals over raw-byte power; the model counts data that is claimed to be verified", (("verified_claimed_pib", 1 / 1024),), (("raw_power_eib", 1),)),
)  # fmt: skip
"""Of Filecoin's providers."""

ARWEAVE: tuple[Metric, ...] = (
    _stock("weave_tb", "TB", "data stored", "data stored for good since the chain began", "weave_tb"),
    _flow("uploaded_tb_per_day", "TB/day", "data uploaded", "data added to the weave", "uploaded_tb_per_day"),
    _stock("upload_fee_usd_per_gib", "USD/GiB", "fee of an upload", "what a GiB costs to store for good, dollars of the day", "upload_fee_usd_per_gib", tracks="protocol"),
    _stock("upload_fee_tokens_per_gib", "tokens/GiB", "fee of an upload, in tokens", "what a GiB costs to store for good, tokens", "upload_fee_tokens_per_gib", tracks="protocol"),
    _stock("endowment_tokens", "tokens", "tokens in the endowment", "tokens in the pool that pays miners when inflation does not", "endowment_tokens", tracks="protocol"),
)  # fmt: skip
"""Of Arweave."""

WIRELESS: tuple[Metric, ...] = (
    _stock("hotspots_onboarded", "hotspots", "hotspots onboarded", "hotspots ever added to the register of the first chain, which nobody leaves", "nodes_arrived", adds_up=True),
    _flow("hotspots_onboarded_per_day", "hotspots/day", "hotspots that came", "hotspots that were added to the register, of either chain", "nodes_arrived"),
    _stock("hotspots_active", "hotspots", "hotspots on the air", "hotspots that take part in proof of coverage, fake ones included where the network does not know them", "nodes_online_as_seen"),
    _stock("hotspots_rewarded", "hotspots", "hotspots rewarded", "hotspots with a reward in the period that the source counts; the model counts all that the network believes to be online", "nodes_online_as_seen"),
    Metric("credits_burned_usd_per_day", "USD/day", "data credits burned", "flow", "data credits burned at 0.00001 USD each: data, onboarding and location fees", "behaviour", (("fees_usd", 1.0), ("data_credits", 1e-5))),
    _flow("iot_data_usd_per_day", "USD/day", "data paid", "data credits burned for packets at 0.00001 USD each, no fees", "data_credits", by=1e-5),
    _stock("sensors", "devices", "sensors", "customers' devices that send", "sensors_connected"),
)  # fmt: skip
"""Of Helium IoT as a whole."""

MOBILE: tuple[Metric, ...] = (
    _stock("access_points_onboarded", "access points", "access points onboarded", "Wi-Fi access points ever registered, as the tracker of the chain counts them; no CBRS radios", "nodes_arrived", adds_up=True),
    _stock("hotspots_reported", "access points", "hotspots by reports", "mobile hotspots as quarterly reports and proposals count them, converted routers included: another definition than the tracker's", "nodes_arrived", adds_up=True),
    _stock("access_points_rewarded", "access points", "access points rewarded", "Wi-Fi access points with a reward on a day; the model counts all that run", "nodes_online"),
    _stock("subscribers", "subscribers", "subscribers", "subscribers of the project's own plan by tokens issued to them (the tracker's count)", tracks="outside", given="customers.*.subscribers"),
    _stock("subscribers_reported", "subscribers", "subscribers by reports", "sign-ups of the project's own plan by quarterly reports: another definition than the tracker's", tracks="outside", given="customers.*.subscribers"),
    _flow("carrier_gb_per_day", "GB/day", "data of carriers", "data carried for other operators' phones; from the day on which the project's own plan is no affiliate the model counts that, too; its usage at one price, over that price", "usage_constant_usd"),
    _flow("data_gb_per_day", "GB/day", "data carried", "data carried for all phones that is charged", "gb_carried"),
    _flow("mobile_data_usd_per_day", "USD/day", "data paid", "data credits burned for packets at 0.00001 USD each, no fees", "revenue_usd", "affiliates_usd"),
)  # fmt: skip
"""Of Helium Mobile as a whole."""

SENSING: tuple[Metric, ...] = (
    _stock("stations_active", "stations", "stations active", "stations that the network believes to be online, everywhere", "nodes_online_as_seen", "outside_stations"),
    _stock("stations_rewarded", "stations", "stations rewarded", "stations with a reward on a day, everywhere; the model counts all that the network believes to be online", "nodes_online_as_seen", "outside_stations"),
)  # fmt: skip
"""Of a network of stations as a whole: those of the scenario's own area and those of the rest, which it is given."""

MAPPING: tuple[Metric, ...] = (
    _stock("map_progress_share", "share", "map progress", "weighted progress of all regions, which scales the weekly mint", "map_progress"),
)  # fmt: skip
"""Of Hivemapper as a whole."""

COMPUTE: tuple[Metric, ...] = (
    _stock("gpus_online", "GPUs", "GPUs online", "GPUs that are really there and on", "gpus_online"),
    _stock("gpus_displayed", "GPUs", "GPUs displayed", "GPUs that the network's explorer shows, real or not", "gpus_claimed"),
    _stock("gpus_verified", "GPUs", "GPUs verified", "GPUs that passed the network's own check, mean of the days; the model counts those that are there", "gpus_online"),
    _stock("gpus_cluster_ready", "GPUs", "GPUs ready for a cluster", "GPUs that could be hired at once; the model counts those that are there", "gpus_online"),
    _stock("providers_active", "providers", "providers active", "providers of GPUs with an offer", "nodes_online"),
    _share("leased_share", "share of GPU hours leased", "leased hours over all hours of GPUs that are on", (("gpu_hours_leased", 1 / 24),), (("gpus_online", 1),)),
    _flow("burned_usd_per_day", "USD/day", "burned, in dollars", "what customers paid that was spent on tokens to burn them", "revenue_token_usd"),
    _flow("suppliers_usd_per_day", "USD/day", "paid to suppliers", "customers' money passed on to suppliers, no block rewards", "operator_customer_usd"),
    _stock("nodes_rewarded", "wallets", "nodes rewarded", "wallets with a reward in the week; the model counts nodes online, and a wallet may own several", "nodes_online"),
    _flow("wallets_left_per_day", "wallets/day", "nodes that left", "wallets whose last reward fell into the window, and that had none in eight weeks and more after it; the model counts nodes taken off for good", "nodes_left"),
)  # fmt: skip
"""Of a network of GPUs as a whole, as far as its reward rule has the columns."""

ENERGY: tuple[Metric, ...] = (
    _stock("committed_kw", "kW", "power committed", "power that running batteries hold for an event", "committed_kw"),
)  # fmt: skip
"""Of households with a battery."""

OF_KIND: dict[str, tuple[Metric, ...]] = {"wireless": WIRELESS, "mobile": MOBILE, "sensing": SENSING, "mapping": MAPPING, "compute": COMPUTE, "energy": ENERGY}
"""Kind -> metrics of its networks; storage has two protocols."""
