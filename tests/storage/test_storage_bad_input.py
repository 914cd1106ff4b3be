"""What is wrong in a storage scenario is said clearly, and nothing is run."""

from __future__ import annotations

import pytest

from twin.build import build
from twin.errors import InputError
from twin.scenario import load

WRONG = [
    ("filecoin-world", "filecoin.terms.capacity_days=-180", "filecoin.terms.capacity_days", "greater than 0"),
    ("filecoin-world", "filecoin.terms.verified_days=90", "filecoin.terms.verified_days", "below the protocol's minimum of 180"),
    ("filecoin-world", "filecoin.opening.pledged_tokens=-1", "filecoin.opening.pledged_tokens", "at least 0"),
    ("filecoin-world", "filecoin.opening.quality_eib=3", "filecoin.opening.quality_eib", "cannot stand on"),
    ("filecoin-world", "filecoin.pledge.lock_target_share=1.5", "filecoin.pledge.lock_target_share", "1"),
    ("filecoin-world", "providers.data_centers.capacity_pib={median: 0.001, p90: 0.01}", "providers.data_centers", "least power that wins blocks"),
    ("filecoin-world", "providers.data_centers.power_share=0.5", "providers", "add up to"),
    ("filecoin-world", "providers.data_centers.country_share.US=0.9", "providers.data_centers.country_share", "instead of 1"),
    ("filecoin-world", "providers=null", "providers", "providers"),
    ("arweave-world", "arweave=null", "arweave", "needs the section `arweave`"),
    ("arweave-world", "arweave.endowment.opening_tokens=-5", "arweave.endowment.opening_tokens", "at least 0"),
    ("arweave-world", "miners.farms.space_share=0.1", "miners", "add up to"),
    ("arweave-world", "network.compat=mechafil", "mechafil", "needs the section `mechafil`"),
]


@pytest.mark.parametrize(("name", "change", "path", "words"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_value_is_named_with_what_was_expected(name: str, change: str, path: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        load(name, sets=[change])
    assert any(problem.path.startswith(path) for problem in raised.value.problems)
    assert words in str(raised.value)


def test_a_price_path_that_ends_before_the_horizon_stops_before_the_first_day() -> None:
    with pytest.raises(InputError) as raised:
        build(load("filecoin-world", sets=["token.FIL.price={kind: replay_fixed, series: filecoin-usd-monthly}"]))
    assert raised.value.codes == ("series_ends",)
    assert "say what comes then" in str(raised.value)


def test_a_country_without_an_electricity_price_takes_its_continents_mean_unless_strict() -> None:
    change = ["providers.hollow_farms.country_share={UG: 1.0, CN: null}"]
    twin = build(load("filecoin-world", sets=change))
    assert "UG" in twin.about()["assumed_electricity"]
    with pytest.raises(InputError) as raised:
        build(load("filecoin-world", sets=[*change, "network.strict=true"]))
    assert "no_electricity_price" in raised.value.codes and "UG" in str(raised.value)
