"""What every run has, once, whatever kind of network it is of."""

from __future__ import annotations

from twin.world.world import World

__all__ = ["World"]
