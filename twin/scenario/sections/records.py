"""What a run writes down."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twin.scenario.model import SpecModel


class RecordSpec(SpecModel):
    """Tables and their grain."""

    network: Literal["daily"] = "daily"
    cells: Literal["monthly", "quarterly", "none"] = Field("monthly", description="how often the map is written down")
    cells_h3_resolution: int | None = Field(None, ge=2, le=10, description="coarser cells for the map table; default: that of the place, 5 for the world")
    operators: Literal["by_group_monthly", "none"] = "by_group_monthly"
