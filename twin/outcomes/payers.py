"""Who pays, in words: one customer, or a group of many small ones that a scenario gives one name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def groups_of(customers: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the scenario's customers that are many small buyers, in order."""
    return tuple(sorted(name for name, spec in customers.items() if getattr(spec, "is_group", False)))


def payer_words(name: str, groups: Collection[str]) -> str:
    """"one customer", or "one group of customers (city sensors)"."""
    return f"one group of customers ({name.replace('_', ' ')})" if name in groups else "one customer"
