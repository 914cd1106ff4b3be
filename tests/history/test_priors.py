"""Normal scores of what is uncertain: members are the draws of an ensemble, and bounds hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from measured_town import write_town

from twin.errors import InputError
from twin.history.priors import priors_of
from twin.scenario import Scenario, load

POTENTIAL, FAILURE = "customers.buyers.potential_usd_per_year", "hardware.every.durability.failure_hazard_per_month"


@pytest.fixture
def town(tmp_path: Path) -> Scenario:
    return load(write_town(tmp_path))


def test_member_j_begins_as_draw_j(town: Scenario) -> None:
    priors = priors_of(town)
    scores = priors.scores(5, seed=town.seed)
    for member in range(5):
        drawn, by_units = town.drawn(member), town.drawn(member, u_by_path=dict(zip(priors.paths, priors.units(scores)[member], strict=True)))
        for at, path in enumerate(priors.paths):
            assert drawn.value(path) == pytest.approx(priors.values(scores)[member, at], rel=1e-9)
            assert by_units.value(path) == pytest.approx(drawn.value(path), rel=1e-9)


def test_bounds_hold_whatever_the_score(town: Scenario) -> None:
    priors = priors_of(town, [POTENTIAL, FAILURE])
    low, high = priors.values(np.full((1, 2), -40.0))[0], priors.values(np.full((1, 2), 40.0))[0]
    assert low.tolist() == pytest.approx([1_000, 0], abs=1e-9) and high.tolist() == pytest.approx([400_000, 0.03])
    middle = priors.values(np.linspace(-3, 3, 50)[:, None] * np.ones(2))
    assert (np.diff(middle, axis=0) > 0).all()


def test_a_further_parameter_moves_nobody_elses_scores(town: Scenario) -> None:
    one, all_ = priors_of(town, [POTENTIAL]), priors_of(town)
    np.testing.assert_array_equal(one.scores(9, seed=1)[:, 0], all_.scores(9, seed=1)[:, all_.paths.index(POTENTIAL)])


def test_all_that_is_wrong_with_the_names_is_told_at_once(town: Scenario) -> None:
    with pytest.raises(InputError) as wrong:
        priors_of(town, ["customers.buyers.potential_usd", "seed", FAILURE, FAILURE])
    assert sorted(wrong.value.codes) == ["duplicate_parameter", "no_prior", "no_prior"]
    assert POTENTIAL in str(wrong.value)


def test_what_an_option_states_is_known_and_cannot_be_fitted(tmp_path: Path) -> None:
    stated = load(write_town(tmp_path), sets=[f"{POTENTIAL}=5000"])
    with pytest.raises(InputError, match="stated by an option"):
        priors_of(stated, [POTENTIAL])
    assert POTENTIAL not in priors_of(stated).paths


def test_more_than_fifty_parameters_are_refused(tmp_path: Path) -> None:
    path = write_town(tmp_path)
    groups = "".join(f"  c{i}: {{kind: subscribers, potential_usd_per_year: 1, adoption_years: 1}}\n" for i in range(51))
    more = "".join(f"  customers.c{i}.adoption_years: {{kind: uniform, low: 0.5, high: 2}}\n" for i in range(51))
    text = path.read_text(encoding="utf-8").replace("customers:\n", f"customers:\n{groups}").replace("uncertain:\n", f"uncertain:\n{more}")
    path.write_text(text, encoding="utf-8")
    large = load(path)
    with pytest.raises(InputError) as wrong:
        priors_of(large)
    assert wrong.value.codes == ("too_many_parameters",)


def test_without_anything_uncertain_there_is_nothing_to_fit(tmp_path: Path) -> None:
    known = load(write_town(tmp_path), sets=["uncertain=null"])
    with pytest.raises(InputError, match="nothing is uncertain"):
        priors_of(known)
