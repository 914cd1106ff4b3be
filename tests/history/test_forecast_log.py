"""A log that is only ever appended to: whole entries or none, nothing rewritten, every change found."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from twin.errors import InputError
from twin.history.forecast_log import CONTENT, HEAD, append, read_log


def rows(origin: str = "2025-01-31", n: int = 4, **more: str) -> list[dict[str, str]]:
    plain = dict.fromkeys(CONTENT, "x") | {"origin_date": origin, "location": "town", "scenario_hash": "abc", "calibration": "", "target": 'nodes, "online"'} | more
    return [{**plain, "output_type_id": str(i / 10), "value": repr(i / 3)} for i in range(n)]


def test_entries_follow_one_another_and_stay(tmp_path: Path) -> None:
    log = tmp_path / "deep" / "log.csv"
    first = append(log, rows())
    before = log.read_bytes()
    append(log, rows("2025-02-28"))
    assert log.read_bytes().startswith(before)
    found = read_log(log)
    assert [entry.digest for entry in found.entries][0] == first.digest and len(found.entries) == 2 and not found.cut_off
    assert found.entries[1].rows[0]["previous"] == first.digest
    assert pd.read_csv(log)["value"].tolist() == [i / 3 for i in range(4)] * 2   # a plain table for everybody else


def test_the_same_forecast_twice_is_refused_or_a_new_version(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    append(log, rows())
    before = log.read_bytes()
    with pytest.raises(InputError) as wrong:
        append(log, rows())
    assert wrong.value.codes == ("forecast_exists",) and log.read_bytes() == before
    assert append(log, rows(), new_version=True).rows[0]["version"] == "2"
    assert append(log, rows(calibration="other")).rows[0]["version"] == "1"


@pytest.mark.parametrize("kept", [1, 30, len(HEAD) - 1, len(HEAD) + 3, -1, -40, -250])
def test_what_a_crash_leaves_never_counted_and_goes(tmp_path: Path, kept: int) -> None:
    log = tmp_path / "log.csv"
    append(log, rows())
    whole = log.read_bytes()
    if kept < 0:
        append(log, rows("2025-02-28"))
    both = log.read_bytes()
    log.write_bytes(both[:kept])
    found = read_log(log)
    assert found.cut_off and len(found.entries) == (1 if kept < 0 else 0)
    append(log, rows("2025-02-28"))
    assert log.read_bytes() == (both if kept < 0 else log.read_bytes()) and not read_log(log).cut_off
    assert kept > 0 or log.read_bytes().startswith(whole)


@pytest.mark.parametrize("at", ["value", "row", "whole entry", "order"])
def test_every_change_is_found(tmp_path: Path, at: str) -> None:
    log = tmp_path / "log.csv"
    for origin in ("2025-01-31", "2025-02-28", "2025-03-31"):
        append(log, rows(origin))
    lines = log.read_text().split("\n")
    if at == "value":
        lines[2] = lines[2].replace(repr(1 / 3), "0.4")
    elif at == "row":
        del lines[6]
    elif at == "whole entry":
        del lines[5:9]
    else:
        lines[1:5], lines[5:9] = lines[5:9], lines[1:5]
    log.write_text("\n".join(lines))
    with pytest.raises(InputError) as wrong:
        read_log(log)
    assert wrong.value.codes == ("log_edited",)
    before = log.read_bytes()
    with pytest.raises(InputError):
        append(log, rows("2025-04-30"))
    assert log.read_bytes() == before


def test_another_file_is_no_log(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(InputError) as wrong:
        append(other, rows())
    assert wrong.value.codes == ("not_a_log",) and other.read_text() == "a,b\n1,2\n"
    with pytest.raises(InputError) as wrong:
        read_log(tmp_path / "none.csv")
    assert wrong.value.codes == ("no_log",)
