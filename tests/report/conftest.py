"""One synthetic run for all tests of the report."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from twin.record import RunFolder

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def synthetic_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of 7.5 years in Göteborg with invented numbers; read only."""
    from synthetic_run import write_synthetic_run

    return write_synthetic_run(tmp_path_factory.mktemp("runs"))
