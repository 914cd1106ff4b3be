"""The exported JSON Schema accepts what the loader accepts, as far as a schema can say it, and refuses unknown keys."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twin.scenario import shipped
from twin.scenario.nodes import Node, key_text
from twin.scenario.schema import scenario_schema
from twin.scenario.yamltext import read_file


def as_editor_sees(node: Node) -> Any:
    """The file's own data as a JSON editor reads it: dates are text, null stays."""
    if isinstance(node.value, dict):
        return {key_text(key): as_editor_sees(below) for key, below in node.value.items()}
    if isinstance(node.value, list):
        return [as_editor_sees(below) for below in node.value]
    return node.value.isoformat() if isinstance(node.value, date) else node.value


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return scenario_schema(["wireless"])


@pytest.fixture(scope="module")
def schema_of_all_kinds() -> dict[str, Any]:
    return scenario_schema()


def errors(schema: dict[str, Any], data: Any) -> list[str]:
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", sorted(shipped.scenarios_dir().rglob("*.yaml")), ids=lambda path: path.stem)
def test_bundled_files_fit(schema_of_all_kinds: dict[str, Any], path: Path) -> None:
    assert errors(schema_of_all_kinds, as_editor_sees(read_file(path, label=path.name))) == []


@pytest.mark.parametrize(
    "part",
    [
        {"operators": {"anyone": {"sells_share": 0.5}}},
        {"operators": {"anyone": None}},
        {"token": {"HNT": {"emission": {"scale_share_by_date": {"2026-01-01": 0.5}}}}},
        {"extends": ["a", "b"], "variants": {"x": {"any.path": None}}, "uncertain": {"a.b": {"low": 1, "likely": 2, "high": 3}}},
        {"hardware": {"every": {"power_w": 5}, "generations": {"mine": {"from": "2021-01-01"}}}},
    ],
)
def test_parts_fit(schema: dict[str, Any], part: dict[str, Any]) -> None:
    assert errors(schema, {"schema": 1} | part) == []


@pytest.mark.parametrize(
    "part",
    [
        {"operatrs": {}},
        {"operators": {"anyone": {"sells_shar": 0.5}}},
        {"operators": {"any.one": {}}},
        {"operators": {"anyone": {"sells_share": 2}}},
        {"token": {"HNT": {"emission": {"scale_share_by_date": {"soon": 0.5}}}}},
        {"hardware": {"generations": {"mine": {"starts": "2021-01-01"}}}},
        {"uncertain": {"a.b": {"median": 1}}},
        {"schema": 2},
    ],
)
def test_mistakes_do_not_fit(schema: dict[str, Any], part: dict[str, Any]) -> None:
    assert errors(schema, {"schema": 1} | part)


def test_words_carry_unit_default_and_source(schema: dict[str, Any]) -> None:
    power = schema["$defs"]["EveryDeviceSpec"]["properties"]["power_w"]["description"]
    assert "Unit: watts." in power and "Default: 5" in power and "data sheets" in power


def test_two_kinds_of_network_share_one_schema() -> None:
    both = scenario_schema(["toy", "wireless"])
    jsonschema.Draft202012Validator.check_schema(both)
    assert errors(both, {"schema": 1, "country": "SE", "network": {"kind": "toy"}}) == []
    assert errors(both, {"schema": 1, "network": {"kind": "wireless", "recount_every_days": 3}}) == []
    assert errors(both, {"schema": 1, "network": {"kind": "sail"}})
