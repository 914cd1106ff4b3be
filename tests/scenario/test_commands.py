"""list, new, check, explain and schema as the user sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from twin import registry
from twin.cli.console import say_error
from twin.cli.scenario_commands import register
from twin.errors import InputError, Problem
from twin.scenario import load, shipped
from twin.scenario.catalogue import new_scenario


def run(*arguments: str, extra: Any = None) -> Any:
    app = Typer()
    register(app, extra_sections=extra)
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, list(arguments))


def test_list_names_what_is_ready() -> None:
    said = run("list").stdout
    for name in shipped.bundled_names():
        assert name in said
    assert "wireless" in said and "networks/helium-iot" in said
    assert "Does a LoRa network in one Swedish city outlive its rewards?" in said


def test_line_100_is_a_number_and_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    """`:100:` between colons is the name of a picture to the library that prints."""
    say_error("a.yaml:100:7  seed")
    assert capsys.readouterr().err == "a.yaml:100:7  seed\n"


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("like", ["helium-iot-goteborg", "helium-iot-world"])
def test_new_writes_a_scenario_that_is_sound_and_changes_nothing(write: Any, like: str, whole: bool) -> None:
    result = run("new", "mine", "--like", like, *(["--whole"] if whole else []))
    assert result.exit_code == 0, result.output
    assert load("mine.yaml").hash == load(like).hash
    before = Path("mine.yaml").read_bytes()
    again = run("new", "mine", "--like", like)
    assert again.exit_code == 2 and "exists" in again.stderr
    assert Path("mine.yaml").read_bytes() == before


def test_the_commented_lines_of_a_new_scenario_are_its_present_values(write: Any) -> None:
    """Every comment taken away at once gives the same scenario: no line is stale, misspelt or wrongly indented."""
    path = new_scenario("mine", like="helium-iot-goteborg")
    head, _, fields = path.read_text(encoding="utf-8").partition("# The fields most often changed")
    fields, marker, tail = fields.partition("\n\n# variants:")
    opened = "\n".join(line.removeprefix("# ") for line in fields.split("\n")[1:] if line != "#")
    path.write_text(f"{head}{opened}{marker}{tail}", encoding="utf-8")
    assert "sells_share: 0.3" in opened and not opened.startswith("#")
    assert load("mine.yaml").hash == load("helium-iot-goteborg").hash


@pytest.mark.parametrize("name", ["../mine", "", ".hidden", "a/b", "helium-iot-goteborg"])
def test_new_refuses_names(write: Any, name: str) -> None:
    with pytest.raises(InputError):
        new_scenario(name, like="helium-iot-goteborg")
    assert list(Path().iterdir()) == []


def test_check_says_ok_with_a_summary_and_warnings(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = registry.network("toy")
    registry._NETWORKS.pop("toy", None)
    registry.register_network(
        "toy",
        spec=toy.spec,
        furnish="x:y",
        node_noun="toy",
        checks=lambda scenario: [Problem("too_short", f"{scenario.name} cannot be judged.")],
    )
    result = run("check", write("a.yaml", "operators: {few: {sells_share: 0.5}}\n"))
    assert result.exit_code == 0
    assert "a.yaml: OK. A toy" in result.stdout and "1461 days (4.0 years)" in result.stdout
    assert "warning:   a cannot be judged." in result.stdout
    assert "operators.few.sells_share" in result.stdout.split("neither a citation")[1]
    assert "hardware.every.power_w" not in result.stdout


def test_explain_shows_value_unit_origin_source_and_what_others_add(write: Any) -> None:
    name = write("a.yaml", "hardware: {every: {power_w: 6}}\nsources: {hardware: a data sheet}\n")
    said = run("explain", name, "--set", "seed=4", extra=lambda scenario: [("Taper", [["begins", scenario.spec.calendar.start]])]).stdout
    assert "6 watts" in said and "a.yaml:5" in said and "a data sheet" in said and "--set seed=4" in said
    assert "Taper" in said and "2021-01-01" in said.split("Taper")[1]
    assert "operators" not in run("explain", name, "--only", "hardware").stdout
    assert run("explain", "nothing-like-this").exit_code == 2


def test_schema_prints_json(write: Any) -> None:
    assert json.loads(run("schema", "--kind", "toy").stdout)["properties"]["country"]
    assert run("schema", "--out", "s.json").exit_code == 0
    assert json.loads(Path("s.json").read_text())["$schema"].endswith("2020-12/schema")
    assert run("schema", "--kind", "sail").exit_code == 2


def test_bundled_scenarios_are_found_in_another_folder(write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write("elsewhere/only.yaml", "")
    monkeypatch.setenv(shipped.ENVIRONMENT, str(tmp_path / "elsewhere"))
    assert shipped.bundled_names() == ("only",)
    assert load("only").name == "only"
