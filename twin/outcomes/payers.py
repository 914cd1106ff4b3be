"""Who pays, in words: one customer, or a group of many small ones that a scenario gives one name."""

from __future__ import annotations

from collections.abc import Collection


def payer_words(name: str, groups: Collection[str]) -> str:
    """"one customer", or "one group of customers (city sensors)"."""
    return f"one group of customers ({name.replace('_', ' ')})" if name in groups else "one customer"
