"""The protocol file as spec models, and sites in H3 order made from resolution-12 cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from twin.geo import hexes
from twin.kinds.wireless.proof_spec import DataCreditsSpec, ProofOfCoverageSpec, RewardsSpec
from twin.scenario.sections.token import TokenSpec

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "data" / "helium"


@dataclass(frozen=True)
class Protocol:
    """The sections of `scenarios/networks/helium-iot.yaml` that are about protocol and token."""

    proof: ProofOfCoverageSpec
    rewards: RewardsSpec
    credits: DataCreditsSpec
    token: TokenSpec


@dataclass
class CellSites:
    """The smallest thing the density rule accepts as a site pool."""

    cell12: np.ndarray
    cells: dict[int, np.ndarray] = field(default_factory=dict)
    first: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.cell12)


@pytest.fixture(scope="session")
def helium_text() -> dict:
    return yaml.safe_load((ROOT / "scenarios" / "networks" / "helium-iot.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def helium(helium_text: dict) -> Protocol:
    return Protocol(
        ProofOfCoverageSpec.model_validate(helium_text["proof_of_coverage"]),
        RewardsSpec.model_validate(helium_text["rewards"]),
        DataCreditsSpec.model_validate(helium_text["data_credits"]),
        TokenSpec.model_validate(helium_text["token"]["HNT"]),
    )


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], pd.DataFrame]:
    return lambda name: pd.read_csv(VECTORS / f"{name}.csv")


@pytest.fixture(scope="session")
def sites_of() -> Callable[[np.ndarray], CellSites]:
    def build(cell12: np.ndarray) -> CellSites:
        sites = CellSites(np.sort(np.asarray(cell12, np.uint64)))
        for resolution in range(11, 3, -1):
            ids = hexes.parents(sites.cell12, resolution)
            first = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
            sites.cells[resolution], sites.first[resolution] = ids[first], np.append(first, len(ids)).astype(np.int32)
        return sites

    return build
