"""Mesa's part: the register of parties that choose. Mesa never owns time and draws no luck."""

from __future__ import annotations

import mesa


class Society(mesa.Model):
    """All decision makers of one run, in the order they were made."""

    def __init__(self) -> None:
        super().__init__(rng=0)  # fixed: keyed luck comes from kernel.streams, never from here
