"""What nodes are called stands in the manifest; who states nothing has nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin import registry
from twin.nouns import Nouns, capital
from twin.record import RunFolder
from twin.scenario import load


def test_every_kind_has_words_of_its_own() -> None:
    scenarios = ("helium-iot-goteborg", "helium-mobile-us", "geodnet-world", "energy-us", "hivemapper-goteborg", "akash-world", "filecoin-world", "arweave-world")
    words = {name: (scenario := load(name)).network.nouns(scenario.spec) for name in scenarios}
    assert {load(name).network.kind for name in scenarios} == set(registry.network_kinds())
    assert [each.node for each in words.values()] == ["hotspot", "access point", "station", "battery", "dashcam", "provider", "provider", "miner"]
    for each in words.values():
        assert all(each.stated().values()) and "node" not in " ".join(each.stated().values()) and "box" not in " ".join(each.stated().values())


def test_a_kind_that_names_its_node_alone_gets_a_plural() -> None:
    toy = registry.Network("toy", load("akash-world").network.spec, "gadget", "", "nowhere:furnish")
    assert (toy.nouns(None).node, toy.nouns(None).nodes) == ("gadget", "gadgets")


def test_the_manifest_keeps_them(tmp_path: Path) -> None:
    nouns = Nouns(node="battery", nodes="batteries", service="power on call")
    assert RunFolder(tmp_path, {"nouns": nouns.stated()}).nouns == nouns
    assert RunFolder(tmp_path, {}).nouns == Nouns()


@pytest.mark.parametrize("stated", [None, "hotspots", [], {"node": 3, "colour": "red"}, {"nodes": ""}])
def test_a_manifest_that_says_something_else_has_nodes(stated: object, tmp_path: Path) -> None:
    assert RunFolder(tmp_path, {"nouns": stated}).nouns == Nouns()


def test_only_the_first_letter_becomes_a_capital() -> None:
    assert [capital(words) for words in ("access points", "GPU-hours", "")] == ["Access points", "GPU-hours", ""]
