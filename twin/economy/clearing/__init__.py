"""The price as what clears the market once a day: holders' pot and float, their mood, history as mood and new money, and everybody's orders."""

from twin.economy.clearing.dated import noise_per_day, price_by_day
from twin.economy.clearing.history import DatedFlows, History, history_of, inverted
from twin.economy.clearing.market import Cleared, ClearingMarket, Luck
from twin.economy.clearing.mood import Mood
from twin.economy.clearing.orders import Fill, Purchase, Side
from twin.economy.clearing.pool import MarketError, Pool, clearing_price_usd

__all__ = [
    "Cleared", "ClearingMarket", "DatedFlows", "Fill", "History", "Luck", "MarketError", "Mood", "Pool", "Purchase", "Side", "clearing_price_usd",
    "history_of", "inverted", "noise_per_day", "price_by_day",
]  # fmt: skip
