"""What a user can get wrong, from the file to the exit code: 2, all of it said, nothing written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import BAD, TOWN, twin, twin_process

from twin.record import open_run
from twin.record.manifest import Status

FOUND_BY_THE_LOADER = {
    "misspelt_key": (":5:15  operators.hobbyists.sels_share", 'Did you mean "sells_share"?'),
    "wrong_unit": (":4:9  place.margin_m", 'Did you mean "margin_km"'),
    "duplicate_key": (":7:3  place.margin_km", '"margin_km" stands here a second time; the first is in line 5.'),
    "unreachable_date": (":5:59  adversaries.late_farm.from", "2031-01-01 is never reached: the calendar ends on 2022-01-01."),
    "negative_price": (":5:45  hardware.generations.indoor_gateway.price_usd", "expected a number of US dollars, from 0 to 1e+06"),
    "billion_laughs": (":2:9", "anchors (&a) are not part of a scenario."),
    "extends_itself": (":3:10  extends", "a scenario cannot extend itself"),
}
FOUND_ON_THE_MAP = {
    "norway_is_no_boolean": (":4:22  place.area.city", "no place of at least 1,000 people is called 'Visby' in NO"),
    "unknown_place": (":4:22  place.area.city", "Did you mean Visby, SE?"),
    "ambiguous_place": (":4:22  place.area.city", "17 places are called 'Springfield'"),
    "self_intersecting": (":5:60  place.area.file", "self-intersection at 57.65000 N, 18.30000 E"),
    "empty_area": (":5:60  place.area.file", "'nothing.geojson' has no features"),
    "open_sea": (":4:66  place.area", "no place of at least 1,000 people reaches the study area"),
    "swapped_coordinates": (":5:62  place.area.points", "lat and lng seem swapped"),
    "vrt_renamed": (":5:60  place.area.file", "it is a VRT, which names other files"),
}
ALL = FOUND_BY_THE_LOADER | FOUND_ON_THE_MAP


def test_every_bad_file_is_tried() -> None:
    assert {path.stem for path in BAD.glob("*.yaml")} - {"town"} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_run_says_what_is_wrong_and_writes_nothing(name: str, tmp_path: Path) -> None:
    spot, said = ALL[name]
    done = twin("run", BAD / f"{name}.yaml", "--out", tmp_path / "runs")
    assert done.exit_code == 2, done.output
    assert f"{name}.yaml{spot}" in done.stderr
    assert said in done.stderr
    assert done.stderr.endswith("1 problem. Nothing was run.\n")
    assert "Traceback" not in done.output and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(set(ALL) - {"open_sea"}))
def test_check_says_the_same(name: str) -> None:
    """All but a place where nobody lives, which is found where sites are drawn."""
    done = twin("check", BAD / f"{name}.yaml")
    assert done.exit_code == 2
    assert ALL[name][1] in done.stderr and done.stdout == ""


def test_no_is_norway(tmp_path: Path) -> None:
    shutil.copy(TOWN, tmp_path)
    own = tmp_path / "bergen.yaml"
    own.write_text("schema: 1\ntitle: Bergen\nextends: town\nplace: {area: {city: Bergen, country: NO}}\n", encoding="utf-8")
    assert twin("check", own).exit_code == 0
    assert "country NO" in " ".join(twin("explain", own, "--only", "place.area").output.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["helium-iot-gotebrg"], 'Did you mean "helium-iot-goteborg"?'),
        ([TOWN, "--set", "place.margin_km=two"], "place.margin_km"),
        ([TOWN, "--set", "place.margin_km"], "place.margin_km"),
        ([TOWN, "--variant", "pooor"], 'Did you mean "poor"?'),
        ([TOWN, "--seed", "-1"], "at least 0"),
    ],
)
def test_wrong_options_are_told_like_wrong_files(arguments: list[object], said: str, tmp_path: Path) -> None:
    done = twin("run", *arguments, "--out", tmp_path / "runs")
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    taken = tmp_path / "runs"
    taken.write_text("mine", encoding="utf-8")
    done = twin("run", TOWN, "--out", taken)
    assert done.exit_code == 2, done.output
    assert "cannot be written to" in done.stderr and "Choose another folder with --out." in done.stderr
    assert taken.read_text(encoding="utf-8") == "mine"


def skip_without_mounts(done: object) -> None:
    stderr = getattr(done, "stderr", "")
    if any(word in stderr for word in ("unshare:", "mount:")):
        pytest.skip(f"this system does not let us mount a tmpfs: {stderr.strip()[:100]}")


def test_a_read_only_folder(tmp_path: Path) -> None:
    out = tmp_path / "runs"
    out.mkdir()
    done = twin_process("run", TOWN, "--out", out, cwd=tmp_path, before=f"mount -t tmpfs -o ro tmpfs '{out}'")
    skip_without_mounts(done)
    assert done.returncode == 2, done.stderr
    assert "Read-only file system. Nothing was run." in done.stderr
    assert done.stdout == "" and "Traceback" not in done.stderr


@pytest.mark.parametrize(("size", "kept"), [("300k", "nothing was kept"), ("460k", "Kept and readable: ")])
def test_a_full_disk(size: str, kept: str, tmp_path: Path) -> None:
    """The input is fine and the run fails: exit 1, and what was kept is said. The folder is copied out before the disk goes."""
    out, saved = tmp_path / "runs", tmp_path / "saved"
    out.mkdir()
    before = f"mount -t tmpfs -o size={size} tmpfs '{out}'"
    done = twin_process("run", TOWN, "--out", out, cwd=tmp_path, before=before, after=f"cp -r '{out}' '{saved}'")
    skip_without_mounts(done)
    assert done.returncode == 1, done.stderr
    assert "No space left on device" in done.stderr and kept in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
    (folder,) = saved.iterdir()
    if kept.startswith("Kept"):
        run = open_run(folder)
        assert run.status is Status.FAILED and kept in run.manifest["reason"]
        assert len(run.table("network_daily")) == 365


@pytest.mark.parametrize("command", ["report", "map"])
def test_pages_of_a_broken_folder(command: str, tmp_path: Path) -> None:
    assert twin(command, tmp_path / "nowhere").exit_code == 2
    done = twin(command, tmp_path)
    assert done.exit_code == 2
    assert "is not a run folder: manifest.json is missing" in done.stderr
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    done = twin(command, tmp_path)
    assert done.exit_code == 2
    assert "manifest.json cannot be read" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
