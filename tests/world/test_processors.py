"""The same bytes whichever kernels the linear algebra library would choose for the processor."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LIVED = """
import json, sys, tempfile
from pathlib import Path
from goldens.golden import lived
from goldens.worlds import WORLDS
print(json.dumps(lived(WORLDS[sys.argv[1]].scenario(), Path(tempfile.mkdtemp())), sort_keys=True))
"""
KERNELS = ("Prescott", "Haswell")
"""SSE3, and AVX2 with fused multiply and add; every processor on which the tests run has both."""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="kernels of other processors have other names")
@pytest.mark.parametrize("name", ["arweave", "wireless-town", "compute-pools"])
def test_a_life_is_the_same_on_other_kernels(name: str, tmp_path: Path) -> None:
    found = []
    for kernel in KERNELS:
        env = {**os.environ, "OPENBLAS_CORETYPE": kernel, "TWIN_CACHE": str(tmp_path / kernel), "PYTHONPATH": os.pathsep.join((str(TESTS.parent), str(TESTS)))}
        found.append(subprocess.run([sys.executable, "-c", LIVED, name], env=env, cwd=TESTS, check=True, capture_output=True, text=True).stdout)
    assert found[0] == found[1]
