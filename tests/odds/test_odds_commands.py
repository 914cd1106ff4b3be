"""The commands of many lives, on the smallest studies there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import SHORT, UNCERTAIN, VILLAGE
from typer.testing import CliRunner

from twin.cli import app
from twin.odds.study import Study

SETS = [part for one in (*SHORT, *UNCERTAIN) for part in ("--set", one)]


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("studies")
    said("compare", str(VILLAGE), "base", "points", *SETS, "--draws", "3", "--out", str(out))
    return out


def study_in(folder: Path) -> Study:
    return Study(next(folder.glob("village-*")))


def test_a_study_says_its_odds_and_differences(studies: Path) -> None:
    text = said("odds", str(study_in(studies).path))
    assert "base and points: 0 of 3 lives survive" in text and text.count("0 of 3 lives survive") == 1 and "3 pairs on the same luck" in text and "not judged" in text


def test_the_same_study_is_refused_and_goes_on_when_asked(studies: Path) -> None:
    again = ["compare", str(VILLAGE), "base", "points", *SETS, "--draws", "3", "--out", str(studies)]
    assert "Give --resume" in said(*again, code=2)
    assert study_in(studies).path.name in said(*again, "--resume", "--quiet")
    assert "3 pairs on the same luck" in said(*again, "--resume")  # nothing is left to live


def test_that_no_life_will_be_judged_is_said_before_they_are_lived(tmp_path: Path) -> None:
    assert "will end without a verdict" in said("ensemble", str(VILLAGE), *SETS, "--lives", "1", "--no-page", "--out", str(tmp_path))


def test_tables_answer_queries(studies: Path) -> None:
    pytest.importorskip("duckdb", reason="the extra `analysis` is not installed")
    study = study_in(studies)
    counts = study.sql("select variant, count(*) as n, avg(drawn['operators.people.owners_share']) as share from results group by variant order by variant")
    assert counts["n"].tolist() == [3, 3] and counts["share"].between(0.2, 1.0).all()
    assert study.sql("select count(distinct key) as n from network_daily")["n"][0] == 6


def test_what_decides_is_said_with_its_size(tmp_path: Path) -> None:
    text = said("sensitivity", str(VILLAGE), *SETS, "-n", "2", "--of", "nodes_last", "--out", str(tmp_path))
    assert "operators.people.owners_share" in text and "No step moves nodes_last in 2 trajectories (6 lives): nothing decides it." in text and "sigma" in text
    assert (study_in(tmp_path).path / "study.html").is_file()
    assert "no column 'nodes'" in said("sensitivity", str(VILLAGE), *SETS, "-n", "2", "--of", "nodes", "--out", str(tmp_path), "--resume", code=2)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--shard", "3/2"), "expected I/N"),
        (("--design", "sobol"), "none were asked for"),
        (("--design", "cube", "--draws", "9"), "expected random"),
        (("--address", "tcp://127.0.0.1:1"), "--engine dask"),
        (("--variant", "nobody"), "no variant of the file"),
        (("--only", "abc"), "no row of this study"),
        (("--record", "all"), "expected verdict, network or cells"),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_lived(more: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    assert reason in said("ensemble", str(VILLAGE), *SETS, "--lives", "1", "--out", str(tmp_path), *more, code=2)
    assert not list(tmp_path.glob("village-*/tables"))
