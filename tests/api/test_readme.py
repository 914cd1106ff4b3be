"""The README holds: its Python runs, its commands exist, its files and pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import twin
from twin.cli.late import COMMANDS
from twin.record import open_run

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow  # two lives of a city, half a minute
def test_its_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    run, poorer = names["run"], names["poorer"]
    assert isinstance(run, twin.Run) and isinstance(poorer, twin.Scenario)
    said = capsys.readouterr().out
    assert said.startswith(run.verdict.sentence() + "\n")
    assert said.splitlines()[-1] in [outcome.value for outcome in twin.Outcome]
    folders = sorted(tmp_path.glob("runs/*"))
    assert len(folders) == 2 and all(open_run(folder).complete for folder in folders)
    assert poorer.spec.token["HNT"].emission.scale_share == 0.5
    left = {path.name for path in run.path.iterdir()}
    table = {name for row in re.findall(r"^\| (`.*?) \|", README, re.MULTILINE) for name in re.findall(r"`([\w.]+)`", row)}
    assert left == table, "what a run leaves is what the README says"


def test_its_commands_exist() -> None:
    named = set(re.findall(r"(?:^ {4}|`|bin/)twin ([a-z]+)\b", README, re.MULTILINE))
    assert named and named <= set(COMMANDS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^ {4}make (\w+)", README, re.MULTILINE))
    assert targets == {"demo", "test"} and all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_its_links_and_folders_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    folders = re.findall(r"^ {4}([\w/]+/) {2,}", README, re.MULTILINE)
    assert len(links) > 5 and len(folders) == 6
    assert [name for name in [*links, *folders] if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", ["report.png", "map.png"])
def test_its_pictures_are_small(name: str) -> None:
    picture = (ROOT / "docs" / "images" / name).read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n" and len(picture) < 300_000
