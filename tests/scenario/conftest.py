"""What tests of the loader share: a toy kind is known to it, and files are written below an empty folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scenario.toy_scenario import Toy

from twin import registry


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    registry.register_network("toy", spec=Toy, furnish="twin.build:build", node_noun="toy")
    yield
    registry._NETWORKS.pop("toy", None)


HEAD = "schema: 1\ntitle: A toy\ncalendar: {start: 2021-01-01, end: 2025-01-01}\nnetwork: {kind: toy}\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a file below an empty working directory and returns its name; without `schema:` it gets the head of a sound toy."""
    monkeypatch.chdir(tmp_path)

    def put(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if "schema:" in text else HEAD + text, encoding="utf-8")
        return name

    return put
