"""Sections a wireless scenario has beside the common ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from twin.kinds.wireless.proof_spec import DataCreditsSpec, ProofOfCoverageSpec, RewardsSpec
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.scenario.sections.root import NetworkSpec, ScenarioSpec

MOST_NEIGHBOURLY_SITES = 30_000
"""Above so many sites the kernel of counts per cell takes the place of explicit neighbours."""


class WirelessNetworkSpec(NetworkSpec):
    """A network of hotspots that prove coverage and carry data."""

    kind: Literal["wireless"] = "wireless"
    recount_every_days: int = Field(
        7, ge=1, le=31, description="how often scale and proof units of all hotspots are counted anew; hotspots that come or go are counted the same day"
    )
    hearing: Literal["neighbours", "kernel"] | None = Field(
        None, description="explicit neighbours, or the kernel of counts per cell; default: neighbours up to 30,000 sites, the kernel above"
    )


class WirelessScenario(ScenarioSpec):
    """A whole wireless scenario."""

    network: WirelessNetworkSpec = WirelessNetworkSpec()
    radio: RadioSpec = RadioSpec()
    proof_of_coverage: ProofOfCoverageSpec
    rewards: RewardsSpec
    data_credits: DataCreditsSpec = DataCreditsSpec()

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """A graph of who hears whom that nobody draws."""
        by_counts = self.network.hearing == "kernel" or (self.network.hearing is None and self.place.sites.count > MOST_NEIGHBOURLY_SITES)
        if self.verification.rings is not None and by_counts:
            yield (
                ("verification", "rings"), "nobody_by_name", "rings are sought among neighbours by name, and here hotspots hear each other by counts per cell.",
                f"hearing: neighbours, which {MOST_NEIGHBOURLY_SITES:,} sites can have; or leave rings out",
            )  # fmt: skip

