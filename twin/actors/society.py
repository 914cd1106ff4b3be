"""Mesa's part: the register of parties that choose. Mesa never owns time and draws no luck."""

from __future__ import annotations

from itertools import count
from typing import Any

import mesa


class Society(mesa.Model):
    """All decision makers of one run, in the order they were made."""

    def __init__(self) -> None:
        super().__init__(rng=0)  # fixed: keyed luck comes from kernel.streams, never from here
        self._numbers = count(1)

    def register_agent(self, agent: Any) -> None:
        """Takes up a party and numbers it. Mesa counts in a table of its class that keeps every model for ever, and with it the whole world of a life; this society is taken out of it."""
        mesa.Agent._ids.pop(self, None)
        agent.unique_id = next(self._numbers)
        super().register_agent(agent)
