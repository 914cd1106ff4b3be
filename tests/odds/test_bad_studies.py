"""What can be wrong with a study, and that nothing in it is harmed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small import village

from twin.errors import InputError
from twin.odds.designs import draws, replicates
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.lock import StudyLock
from twin.odds.rows import Plan
from twin.odds.study import Study

NOT_TOGETHER = (
    "uncertain={operators.people.payback_limit_months.median: {kind: uniform, low: 18, high: 23}, operators.people.payback_limit_months.p90: {kind: uniform, low: 13, high: 30}}"
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return live_plan(Plan(village(), replicates(1)), out=tmp_path, engine=Forked(1))


def test_draws_that_do_not_go_together_are_failures_of_their_rows_alone(tmp_path: Path) -> None:
    plan = Plan(village(NOT_TOGETHER), draws(6))
    study = live_plan(plan, out=tmp_path, engine=Forked(2))
    failures = study.failures()
    assert 0 < len(failures) < 6 and set(failures["stage"]) == {"draw"}
    assert failures["message"].str.contains("draw").all()
    assert len(study.results()) == 6


def test_two_clients_on_one_study(study: Study) -> None:
    plan = Plan(village(), replicates(2))
    with StudyLock(study.path), pytest.raises(InputError) as refused:
        live_plan(plan, out=study.path.parent, engine=Forked(1), resume=True)
    assert refused.value.codes == ("study_in_use",)
    with StudyLock(study.path, (0, 2)), pytest.raises(InputError):
        live_plan(plan, out=study.path.parent, engine=Forked(1), resume=True)  # a shard is at work: the whole waits
    with StudyLock(study.path, (0, 2)), StudyLock(study.path, (1, 2)):
        pass  # shards do not exclude each other
    assert len(study.results()) == 1


def test_a_lock_of_a_process_that_is_no_more_is_forgotten(study: Study) -> None:
    code = f"from twin.odds.lock import StudyLock; from pathlib import Path; import os; StudyLock(Path({str(study.path)!r})).__enter__(); os._exit(0)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert list((study.path / "locks").glob("*.json"))
    with StudyLock(study.path):
        pass
    assert not list((study.path / "locks").glob("*.json"))


def test_a_study_of_another_version_is_told(study: Study) -> None:
    said = json.loads((study.path / "study.json").read_text())
    (study.path / "study.json").write_text(json.dumps(said | {"format": 99}))
    with pytest.raises(InputError) as refused:
        Study(study.path)
    assert refused.value.codes == ("study_of_another_version",)


def test_lives_of_two_versions_are_not_one_study(study: Study) -> None:
    said = json.loads((study.path / "study.json").read_text())
    (study.path / "study.json").write_text(json.dumps(said | {"versions": said["versions"] | {"depin-twin": "0.0.9"}}))
    with pytest.raises(InputError, match=r"lived by depin-twin 0\.0\.9") as refused:
        live_plan(Plan(village(), replicates(1)), out=study.path.parent, resume=True)
    assert refused.value.codes == ("study_of_another_version",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}'])
def test_a_manifest_that_is_none(study: Study, text: str) -> None:
    (study.path / "study.json").write_text(text)
    with pytest.raises(InputError) as refused:
        Study(study.path)
    assert refused.value.codes == ("study_unreadable",)


def test_a_folder_with_other_files_is_left_alone(study: Study, tmp_path: Path) -> None:
    out = tmp_path / "other"
    (out / study.path.name).mkdir(parents=True)
    (out / study.path.name / "letters.txt").write_text("mine")
    with pytest.raises(InputError) as refused:
        live_plan(Plan(village(), replicates(1)), out=out, engine=Forked(1))
    assert refused.value.codes == ("not_a_study",)
    assert [path.name for path in (out / study.path.name).iterdir()] == ["letters.txt"]


def test_what_was_cut_off_while_writing_is_nobodys(study: Study) -> None:
    key = study.results()["key"][0]
    beside = study.folder.marker("ab" + key[2:])
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.write_text('{"variant": "ba')
    (study.path / "parts" / key[:2]).mkdir(parents=True, exist_ok=True)
    (study.path / "parts" / key[:2] / f"{key}.parquet.here-1.tmp").write_bytes(b"PAR1")
    assert len(Study(study.path).results()) == 1
    again = live_plan(Plan(village(), replicates(2)), out=study.path.parent, engine=Forked(1), resume=True)
    assert len(again.results()) == 2
