"""The rules of Helium Mobile as the scenarios read them."""

from __future__ import annotations

import pytest
import yaml
from mobile_tables import ROOT

from twin.kinds.mobile.proof_spec import MobileProofSpec
from twin.kinds.mobile.rewards_spec import MobileRewardsSpec
from twin.scenario.sections.token import TokenSpec


@pytest.fixture(scope="session")
def rules() -> dict:
    return yaml.safe_load((ROOT / "scenarios" / "networks" / "helium-mobile.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def rewards(rules) -> MobileRewardsSpec:
    return MobileRewardsSpec.model_validate(rules["rewards"])


@pytest.fixture(scope="session")
def proof(rules) -> MobileProofSpec:
    return MobileProofSpec.model_validate(rules["proof"])


@pytest.fixture(scope="session")
def hnt(rules) -> TokenSpec:
    return TokenSpec.model_validate(rules["token"]["HNT"])
