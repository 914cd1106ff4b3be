"""A disk that runs full, for real: a small tmpfs where we may mount one, and the system's own limit on the size of a file."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from twin.record import open_run
from twin.record.manifest import Status

SCRIPT = """
import sys
from datetime import date, timedelta
from pathlib import Path
import numpy as np
from twin.errors import StoreError
from twin.record import Recorder, RunStore
{limit}
try:
    with RunStore.create(Path(sys.argv[1]), name="town", run_hash="0123456789", about={{"title": "A town"}}, flush_every_s=0) as store:
        recorder = Recorder(store, start=date(2021, 1, 1), n_days=3650)
        names = [name for name in store.table("network_daily").column_names if name != "date"]
        rng = np.random.default_rng(7)
        for day in range(3650):
            recorder.daily(day, dict(zip(names, rng.integers(0, 1 << 40, len(names)).tolist())))
            if day % 30 == 29:
                n = {rows}
                noise = rng.integers(0, 1 << 30, n).astype(np.int32)
                recorder.monthly("cells_monthly", date(2021, 1, 1) + timedelta(days=day), dict(cell=np.arange(n, dtype=np.int32), online=noise,
                    online_as_seen=noise, coverage_share=rng.random(n), users=rng.random(n), pay_usd=rng.random(n), fake=0))
                recorder.month_done()
        store.finish()
except StoreError as exc:
    print(type(exc.__cause__).__name__, exc.__cause__.errno, exc)
"""


def run_script(script: str, out: Path, *, before: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(out)]
    if before:
        command = ["unshare", "--mount", "--map-root-user", "sh", "-c", before + ' && exec "$0" "$@"', *command]
    return subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=120)


def test_limit_on_file_size(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    limit = textwrap.dedent("""
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    """)
    done = run_script(SCRIPT.format(limit=limit, rows="2_000 * (1 + day // 60)"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OSError 27 "), done.stdout
    assert "Kept and readable: network_daily, cells_monthly, at most up to 202" in done.stdout
    run = open_run(tmp_path / "town-01234567")
    assert run.status is Status.FAILED and "Kept and readable" in run.manifest["reason"]
    daily = run.table("network_daily")
    assert str(daily["date"].max().date()) <= run.manifest["reached"] and len(daily) % 30 == 0 and len(daily) > 0
    assert len(run.table("cells_monthly")) > 0 and not list(run.path.rglob("*.tmp"))
    assert "StoreError" in (run.path / "run.log").read_text()


def test_full_tmpfs(tmp_path: Path) -> None:
    """A tmpfs of 2 MB in a private mount namespace; what it held is copied out before it goes."""
    out, saved = tmp_path / "disk", tmp_path / "saved"
    out.mkdir()
    script = SCRIPT.format(limit="", rows="4_000") + f"\nimport shutil; shutil.copytree(sys.argv[1], {str(saved)!r})\n"
    done = run_script(script, out, before=f"mount -t tmpfs -o size=2m tmpfs '{out}'")
    if not saved.exists() and any(word in done.stderr for word in ("unshare", "mount", "not permitted")):
        pytest.skip(f"this system does not let us mount a tmpfs: {done.stderr.strip()[:100]}")
    assert done.stdout.startswith("OSError 28 "), done.stdout + done.stderr
    run = open_run(saved / "town-01234567")
    assert run.status is Status.FAILED and "No space left on device" in run.manifest["reason"]
    assert len(run.table("network_daily")) > 0 and not any(out.iterdir())
