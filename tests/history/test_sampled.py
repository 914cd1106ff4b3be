"""A part of the sites in place of all of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from measured_town import write_history, write_town

from twin.errors import InputError
from twin.history import posterior
from twin.history.calibrate import fitted
from twin.history.named import Named
from twin.history.observations import read
from twin.history.priors import priors_of
from twin.history.sampled import part_of
from twin.scenario import load

POTENTIAL = "customers.buyers.potential_usd_per_year"


def test_a_part_has_its_share_of_sites_tokens_and_customers(tmp_path: Path) -> None:
    town = load(write_town(tmp_path))
    part = part_of(town, 0.2, free={})
    assert part.value("place.sites.count") == 30 and part.value(POTENTIAL) == 4_000
    changed = {path for path in town.provenance if part.provenance.get(path) and part.value(path) != town.value(path)}
    assert "token.TOWN.emission.scale_share" in changed or "token.TOWN.emission_scale_share" in changed


def test_what_is_fitted_is_drawn_from_its_share(tmp_path: Path) -> None:
    town = load(write_town(tmp_path))
    priors = priors_of(town)
    part = part_of(town, 0.2, free=priors.distributions)
    u = dict.fromkeys(priors.paths, 0.3)
    assert set(part.unknowns) == set(priors.paths)
    assert part.drawn(0, u_by_path=u).value(POTENTIAL) == pytest.approx(0.2 * town.drawn(0, u_by_path=u).value(POTENTIAL))
    other = "hardware.every.durability.failure_hazard_per_month"
    assert part.drawn(0, u_by_path=u).value(other) == town.drawn(0, u_by_path=u).value(other)


@pytest.mark.parametrize(("file", "share", "codes"), [("town", 1.5, ("out_of_range",)), ("town", 0.0, ("out_of_range",)), ("filecoin-world", 0.1, ("no_sites",))])
def test_what_cannot_be_a_part(tmp_path: Path, file: str, share: float, codes: tuple[str, ...]) -> None:
    scenario = load(write_town(tmp_path) if file == "town" else file)
    with pytest.raises(InputError) as wrong:
        part_of(scenario, share, free={})
    assert wrong.value.codes == codes


def test_a_fit_on_a_part_is_held_to_the_whole(tmp_path: Path) -> None:
    town = write_town(tmp_path)
    seen = read(write_history(tmp_path, town, until=date(2024, 3, 31)), network="measured-town")
    fit = fitted(Named(str(town)), seen, until=date(2024, 3, 31), parameters=[POTENTIAL], members=4, steps=1, least_members=2, sites_share=0.5, out=tmp_path)
    assert fit.carried is not None and len(fit.carried.distance) == 6
    assert fit.whole_apart is not None and set(fit.whole_apart) == {"nodes_online", "revenue_usd_per_day"}
    assert max(fit.whole_apart.values()) < 1.0   # on the scale of logarithms: carried over within a factor of e in the worst of two tiny worlds
    assert fit.values.min() >= 1_000   # in the unit of the whole
    posterior.write(fit)
    assert load(fit.folder / "posterior.yaml").value("place.sites.count") == 150
