"""`scenarios/networks/helium-iot.yaml` itself: read alike by the loader, and a source for everything."""

from __future__ import annotations

from datetime import date

from twin.scenario import load


def leaves(value, path=""):
    if isinstance(value, dict) and not any(isinstance(key, date) for key in value):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}" if path else str(key))
    else:
        yield path


def test_the_loader_reads_the_same_protocol(helium):
    spec = load("helium-iot-goteborg").spec
    assert spec.proof_of_coverage == helium.proof
    assert spec.rewards == helium.rewards
    assert spec.data_credits == helium.credits
    assert spec.token["HNT"].emission == helium.token.emission
    assert spec.token["HNT"].top_up == helium.token.top_up


def test_every_value_has_a_source(helium_text):
    sources = helium_text["sources"]
    values = [
        path
        for path in leaves(
            {key: below for key, below in helium_text.items() if key in ("token", "proof_of_coverage", "rewards", "data_credits")}
        )
    ]
    assert len(values) > 30
    assert [path for path in values if not any(path == source or path.startswith(f"{source}.") for source in sources)] == []


def test_every_source_stands_for_something(helium_text):
    for source in helium_text["sources"]:
        value = helium_text
        for part in source.split("."):
            key = date.fromisoformat(part) if part[:2] == "20" else part
            assert key in value, source
            value = value[key]
