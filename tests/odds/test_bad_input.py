"""Bad input: priors that leave the bounds, a variant that fails for some lives, a store of another version, two clients at once. Each is told, and harms nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small import SHORT, VILLAGE, village
from test_page import page_of_studies, words_of
from typer.testing import CliRunner

from twin.cli import app
from twin.errors import InputError
from twin.odds.designs import draws, replicates
from twin.odds.engines.forked import Forked
from twin.odds.folder import RESULTS
from twin.odds.living import live_plan
from twin.odds.lock import StudyLock
from twin.odds.rows import Plan
from twin.odds.study import Study

SETS = [part for one in SHORT for part in ("--set", one)]
LIMIT = "operators.people.payback_limit_months"
WIDE = f"uncertain={{{LIMIT}.p90: {{kind: uniform, low: 20, high: 26}}}}"
STRICT = {"strict": {f"{LIMIT}.median": 23}}
"""A median of 23 months is above the 90th percentile of about half of the draws."""


def command(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def digest_of(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.blake2b(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return live_plan(Plan(village(), replicates(1)), out=tmp_path, engine=Forked(1))


@pytest.mark.parametrize("prior", ["{kind: uniform, low: 0.2, high: 1.7}", "{low: -0.5, likely: 0.2, high: 0.9}"])
def test_a_prior_that_leaves_the_bounds_is_told_before_the_first_life(prior: str, tmp_path: Path) -> None:
    said = command("ensemble", str(VILLAGE), *SETS, "--set", f"uncertain={{operators.people.owners_share: {prior}}}", "--draws", "3", "--out", str(tmp_path), code=2)
    assert "operators.people.owners_share cannot be" in said and "a share" in said and "Nothing was run" in said
    assert not list(tmp_path.iterdir())


def test_a_variant_that_fails_for_some_lives_leaves_the_other_whole(tmp_path: Path) -> None:
    plan = Plan(village(f"{LIMIT}.median=15", WIDE), draws(8), ("base", "strict"), changes=STRICT)
    study = live_plan(plan, out=tmp_path, engine=Forked(1))
    rows, failures = study.rows(), study.failures()
    assert rows.loc["base"].tolist() == [8, 0, 0] and 0 < rows.loc["strict", "failed"] < 8 and rows.loc["strict", "pending"] == 0
    assert set(failures["variant"]) == {"strict"} and set(failures["stage"]) == {"draw"} and failures["message"].str.contains("payback_limit_months").all()
    n_failed = int(rows.loc["strict", "failed"])
    assert f"{n_failed} failed" in study.odds("strict").sentence() and "failed" not in study.odds("base").sentence()
    assert study.compare("base", "strict").n == 8 and study.compare("base", "strict").n_without_verdict == 8  # these lives are too short to be judged
    page = page_of_studies(tmp_path, study)
    assert f"draw {n_failed}" in words_of(page, "failures")
    again = live_plan(plan, out=tmp_path, engine=Forked(1), resume=True)
    assert again.content() == study.content() and len(again.failures()) == n_failed


def test_a_store_of_another_version_is_not_touched(study: Study) -> None:
    said = json.loads((study.path / "study.json").read_text())
    (study.path / "study.json").write_text(json.dumps(said | {"format": 99}))
    before = digest_of(study.path)
    told = command("odds", str(study.path), code=2)
    assert "was written as format 99; this version reads format 1" in told
    with pytest.raises(InputError, match="format 99"):
        live_plan(Plan(village(), replicates(2)), out=study.path.parent, engine=Forked(1), resume=True)
    assert digest_of(study.path) == before


def test_results_with_other_columns_are_read(study: Study) -> None:
    """A version of the same format that knows more columns, or fewer: those that this one knows are read, the missing ones are empty."""
    block = next((study.path / "tables" / RESULTS).glob("*.parquet"))
    table = pq.read_table(block)
    pq.write_table(table.drop_columns(["nodes_most"]).append_column("of_the_future", pa.array([1.0])), block)
    results = Study(study.path).results()
    assert len(results) == 1 and results["nodes_most"].isna().all() and results["nodes_last"].notna().all() and "of_the_future" not in results


def test_two_clients_at_once_by_real_processes(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "twin.cli", "ensemble", str(VILLAGE), *SETS, "--lives", "90", "-j", "1", "--no-page", "--out", str(tmp_path), "--resume"]
    first = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("*/locks/whole.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    second = subprocess.run(arguments, capture_output=True, text=True, check=False)
    try:
        out, errors = first.communicate(timeout=900)  # ninety lives, on a machine that may have other work
    finally:
        first.kill()
    assert first.returncode == 0, errors
    assert second.returncode == 2 and "another client works on this study" in " ".join((second.stdout + second.stderr).split())
    study = Study(next(tmp_path.glob("village-*")))
    assert study.rows().loc["base"].tolist() == [90, 0, 0] and not list((study.path / "locks").glob("*.json")) and "90 lives" in " ".join(out.split())


def test_a_lock_that_is_being_written_counts(study: Study) -> None:
    lock = study.path / "locks" / "whole.json"
    lock.write_text("")
    with pytest.raises(InputError, match="began just now"), StudyLock(study.path):
        pass
    old = time.time() - 60
    os.utime(lock, (old, old))
    with StudyLock(study.path):  # left by somebody who was killed before it was written
        assert json.loads(lock.read_text())["pid"] == os.getpid()
