"""Every kind of network and every kind of rule: it is known and has an effect, or it is refused with the reason that stands in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from world.switch_worlds import WORLDS

from twin.build import build
from twin.errors import InputError
from twin.scenario.sections.law_by_kind import REFUSED, REFUSED_BY_PROTOCOL
from twin.scenario.sections.price import cleared_of

RULES = {
    "operator_licence": "cost_usd_per_node_per_year: 30", "ban": "compliance_share: 0.5", "privacy_duty": "setup_usd_per_node: 1", "import_tariff": "tariff_share: 0.1",
    "investment_subsidy": "subsidy_share: 0.1, budget_usd: 1000", "token_classification": "pot_share: 0.1", "usage_levy": "levy_share: 0.1",
    "spectrum_power_limit": "gateways_cut_db: 3", "data_localisation": "bound_share: 0.5", "curtailment": "curtailed_share: 0.1", "interconnection": "wait_days: 30",
    "street_camera_permit": "cost_usd_per_driver_per_year: 30", "street_camera_ban": "compliance_share: 0.5", "provider_ban": "moving_share: 0.1",
}  # fmt: skip
"""All kinds of rule, and enough of each to be complete."""
NAMES = [name for name in WORLDS if not WORLDS[name].only]


def rule(name: str, kind: str) -> str:
    last = WORLDS[name].scenario().spec.calendar.end - timedelta(days=1)
    return f"regulation.zz_{kind}={{kind: {kind}, area: {{bbox: [-180, -90, 180, 90]}}, effective: {last}, {RULES[kind]}}}"


def placed(name: str) -> list[str]:
    """Customers of storage stand somewhere, where a file says so."""
    spec = WORLDS[name].scenario().spec
    if spec.network.kind != "storage":
        return []
    section = "customers" if spec.network.protocol == "filecoin" else "uploaders"
    return [f"{section}.{each}.country_share={{US: 0.5}}" for each in getattr(spec, section)]


def refused(spec: Any) -> dict[str, str]:
    return dict(REFUSED[spec.network.kind]) | dict(REFUSED_BY_PROTOCOL[spec.network.protocol] if spec.network.kind == "storage" else {})


def known(spec: Any) -> set[str]:
    """Kinds of rule that the spec's own union has."""
    union = get_args(type(spec).model_fields["regulation"].annotation)[1]
    arms = get_args(get_args(union)[0]) if hasattr(union, "__metadata__") else get_args(union)
    return {name for arm in arms for name in get_args(arm.model_fields["kind"].annotation)}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_refused_is_known_and_nothing_else(name: str) -> None:
    spec = WORLDS[name].scenario().spec
    assert known(spec) - set(refused(spec)) == set(RULES) - set(refused(spec)), "a new kind of rule stands in the matrix of law_by_kind and here"


@pytest.mark.parametrize("name", NAMES)
def test_what_does_nothing_is_refused_with_the_reason(name: str) -> None:
    for kind, why in refused(WORLDS[name].scenario().spec).items():
        with pytest.raises(InputError) as told:
            WORLDS[name].scenario(rule(name, kind), *placed(name))
        (problem,) = told.value.problems
        assert problem.code == "no_effect_of_law" and why in problem.message and (problem.path or "").startswith(f"regulation.zz_{kind}"), problem


@pytest.mark.parametrize("name", [name if name in ("sensing", "energy", "arweave", "mapping", "compute by credits") else pytest.param(name, marks=pytest.mark.slow) for name in NAMES])
def test_what_is_known_has_an_effect(name: str) -> None:
    """All rules that a kind knows at once: each reaches somebody, or a place of customers, and can be switched."""
    spec = WORLDS[name].scenario().spec
    clears = cleared_of(spec.first_token.price) is not None
    wanted = [kind for kind in sorted(set(RULES) - set(refused(spec))) if clears or kind != "token_classification"]
    world = build(WORLDS[name].scenario(*(rule(name, kind) for kind in wanted), *placed(name)))
    assert world.law is not None
    ours = {each.rule.kind: each for each in world.law.regulators if each.name.startswith("zz_")}
    assert set(ours) == set(wanted)
    assert all(len(each.slots) or len(each.points) for kind, each in ours.items() if kind != "token_classification")


def test_a_levy_where_nobody_buys_is_refused() -> None:
    """Halls stand in France, and none of the cities of users does."""
    with pytest.raises(InputError, match=r"no customer"):
        build(WORLDS["compute by credits"].scenario("regulation.zz={kind: data_localisation, jurisdiction: FR, effective: 2024-04-01}"))


def test_who_pays_for_storage_must_stand_somewhere() -> None:
    with pytest.raises(InputError, match=r"no customer here has one"):
        WORLDS["arweave"].scenario("regulation.zz={kind: usage_levy, jurisdiction: US, effective: 2026-01-01, levy_share: 0.1}")
