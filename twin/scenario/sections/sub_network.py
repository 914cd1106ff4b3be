"""How the part of a mint that falls to one sub-network of a shared token is split: what the rows of every such network state."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twin.scenario.model import Share, SpecModel


class SplitRowSpec(SpecModel):
    """Shares of a pool from a date on, beside those of the network's own pools."""

    data_paid: Literal["by_value", "whole_bucket"] = Field(
        "by_value", description="data at the value of the credits burned, or the whole bucket whatever the value (HIP-149)"
    )
    oracles: Share = 0.0
    stakers: Share = 0.0
    sub_token_worth_share: Share = Field(
        1.0, description="HNT value of what nodes were paid, per HNT of their pools; the rest stays in the sub-token's treasury"
    )
