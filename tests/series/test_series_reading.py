"""Series files are read strictly: every wrong row is named with its line, all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InputError
from twin.scenario.csvfile import parse_number
from twin.scenario.series import Between, load_series

GOOD = """# title: a test
# unit: usd
# between: log
# before: 0.5 (assumed: no market)
date,value,source
2021-01-01,1,A
2021-01-11,100,"B, with a comma"
2021-01-21,4,C
"""


def write(folder: Path, text: str, name: str = "mine") -> str:
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return name


def problems_of(folder: Path, text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as caught:
        load_series(write(folder, text), base_dir=folder)
    assert caught.value.exit_code == 2
    return [(problem.code, problem.line) for problem in caught.value.problems]


def test_a_good_file(tmp_path: Path) -> None:
    series = load_series(write(tmp_path, GOOD), base_dir=tmp_path)
    assert (series.unit, series.between, series.before, series.title) == ("usd", Between.LOG, 0.5, "a test")
    assert series.sources == ("A", "B, with a comma", "C")
    assert (series.first, series.last) == (date(2021, 1, 1), date(2021, 1, 21))
    assert not series.values.flags.writeable and not series.dates.flags.writeable


def test_log_interpolation_is_geometric_and_hits_rows_to_the_bit(tmp_path: Path) -> None:
    values = load_series(write(tmp_path, GOOD), base_dir=tmp_path).daily(date(2020, 12, 30), 23)
    assert values[:2].tolist() == [0.5, 0.5]
    assert values[[2, 12, 22]].tolist() == [1.0, 100.0, 4.0]
    assert values[7] == pytest.approx(10.0, rel=1e-12)  # half way between 1 and 100
    assert values[17] == pytest.approx(20.0, rel=1e-12)  # half way between 100 and 4


def test_linear_and_step(tmp_path: Path) -> None:
    linear = load_series(write(tmp_path, GOOD.replace("log", "linear"), "a"), base_dir=tmp_path).daily(date(2021, 1, 1), 21)
    assert linear[5] == pytest.approx(50.5) and linear[15] == pytest.approx(52.0)
    step = load_series(write(tmp_path, GOOD.replace("log", "step"), "b"), base_dir=tmp_path).daily(date(2021, 1, 1), 21)
    assert step.tolist() == [1.0] * 10 + [100.0] * 10 + [4.0]


def test_what_comes_after_the_end(tmp_path: Path) -> None:
    series = load_series(write(tmp_path, GOOD), base_dir=tmp_path)
    start = date(2021, 1, 10)
    assert series.daily(start, 14, then="hold")[-2:].tolist() == [4.0, 4.0]
    assert series.daily(start, 14, then="zero")[-3:].tolist() == [4.0, 0.0, 0.0]
    assert series.daily(start, 4, until=date(2021, 1, 11), then=7.5).tolist()[1:] == [100.0, 7.5, 7.5]
    assert series.daily(start, 12, until=date(2021, 1, 16), then="hold")[-1] == pytest.approx(20.0)
    assert series.on(date(2021, 1, 11)) == 100.0
    assert series.daily(start, 0).shape == (0,)


@pytest.mark.parametrize(
    ("until", "then", "n_days", "code"),
    [
        (None, None, 13, "series_ends"),
        (date(2021, 1, 15), None, 7, "series_ends"),
        (date(2021, 1, 22), "hold", 20, "series_until"),
        (None, "stay", 13, "series_then"),
        (None, float("nan"), 13, "series_then"),
        (None, -1.0, 13, "series_then"),
        (None, True, 13, "series_then"),
    ],
)
def test_unreachable_dates(tmp_path: Path, until: date | None, then: str | float | None, n_days: int, code: str) -> None:
    series = load_series(write(tmp_path, GOOD), base_dir=tmp_path)
    with pytest.raises(InputError) as caught:
        series.daily(date(2021, 1, 10), n_days, until=until, then=then)
    assert caught.value.codes == (code,)
    if code == "series_ends":
        assert str(until or date(2021, 1, 21)) in str(caught.value)


def test_exactly_to_the_end_needs_no_then(tmp_path: Path) -> None:
    assert load_series(write(tmp_path, GOOD), base_dir=tmp_path).daily(date(2021, 1, 10), 12)[-1] == 4.0


def test_before_the_first_row(tmp_path: Path) -> None:
    series = load_series(write(tmp_path, GOOD.replace("# before: 0.5 (assumed: no market)\n", "")), base_dir=tmp_path)
    assert series.before is None
    with pytest.raises(InputError) as caught:
        series.daily(date(2020, 12, 31), 3)
    assert caught.value.codes == ("series_starts",) and "2021-01-01" in str(caught.value)


def test_all_problems_at_once_with_lines(tmp_path: Path) -> None:
    text = """# unit: usd
# between: log
date,value,source
2021-02-30,1,A
2021-03-01,-2,A
2021-03-01,3,A
2021-02-01,nan,A
2021-04-01,0,A
2021-05-01,1_000,
20210601,inf,A
2021-07-01,5,A,B
2021-08-01,5,"A
"""
    assert problems_of(tmp_path, text) == [
        ("bad_date", 4),
        ("negative_value", 5),
        ("duplicate_date", 6),
        ("unsorted", 7),
        ("not_a_number", 7),
        ("not_positive", 8),
        ("not_a_number", 9),
        ("missing_source", 9),
        ("bad_date", 10),
        ("not_a_number", 10),
        ("bad_row", 11),
        ("bad_row", 12),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# unit: usd\n", "", [("missing_setting", None)]),
        ("# unit: usd", "# unit: US dollars!", [("bad_unit", 2)]),
        ("# between: log\n", "", [("missing_setting", None)]),
        ("# between: log", "# between: cubic", [("bad_between", 3)]),
        ("# between: log", "# betwen: log", [("missing_setting", None), ("unknown_setting", 3)]),
        ("# title: a test", "# unit: eur", [("duplicate_setting", 2)]),
        ("0.5 (assumed: no market)", "0.5", [("missing_source", 4)]),
        ("0.5 (assumed: no market)", "low (assumed)", [("bad_before", 4)]),
        ("0.5 (assumed: no market)", "-1 (assumed)", [("bad_before", 4)]),
        ("date,value,source", "date,price,source", [("bad_columns", None)]),
        ("date,value,source", "source,value,date", [("bad_columns", None)]),
        (GOOD, "", [("no_columns", None), ("missing_setting", None), ("missing_setting", None)]),
        (GOOD[GOOD.index("2021") :], "", [("no_rows", None)]),
    ],
)
def test_bad_heads(tmp_path: Path, old: str, new: str, expected: list[tuple[str, int | None]]) -> None:
    assert problems_of(tmp_path, GOOD.replace(old, new)) == expected


def test_message_shows_the_line_and_the_fix(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_series(write(tmp_path, GOOD.replace("2021-01-11,", "11/01/2021,")), base_dir=tmp_path)
    text = str(caught.value)
    assert "mine.csv:7" in text and '11/01/2021,100,"B, with a comma"' in text and "YYYY-MM-DD" in text


def test_many_problems_are_cut_with_a_count(tmp_path: Path) -> None:
    text = "# unit: usd\n# between: step\ndate,value,source\n" + "x,1,A\n" * 120
    with pytest.raises(InputError) as caught:
        load_series(write(tmp_path, text), base_dir=tmp_path)
    assert len(caught.value.problems) == 51
    assert "70 more" in caught.value.problems[-1].message


def test_binary_and_large_files(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(GOOD.replace("a test", "Göteborg").encode("latin-1"))
    (tmp_path / "nulls.csv").write_bytes(GOOD.encode() + b"\x00")
    (tmp_path / "large.csv").write_bytes(GOOD.encode() + b"#" * 2_000_000)
    for name, code in (("latin", "not_text"), ("nulls", "not_text"), ("large", "file_too_large")):
        with pytest.raises(InputError) as caught:
            load_series(name, base_dir=tmp_path)
        assert caught.value.codes == (code,)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_series("mine", base_dir=tmp_path).values.tolist() == [1.0, 100.0, 4.0]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../outside", "mine.csv", "", ".hidden", "a b", "http://x/y"])
def test_names_that_are_no_names(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD, "outside")
    folder = tmp_path / "scenario"
    folder.mkdir()
    with pytest.raises(InputError) as caught:
        load_series(name, base_dir=folder)
    assert caught.value.codes == ("series_name",)


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "outside")
    folder = tmp_path / "scenario"
    folder.mkdir()
    (folder / "inside.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(InputError) as caught:
        load_series("inside", base_dir=folder)
    assert caught.value.codes == ("series_name",)


def test_beside_the_scenario_comes_first_and_unknown_names_suggest(tmp_path: Path) -> None:
    assert load_series("hnt-usd-monthly", base_dir=tmp_path).last == date(2026, 8, 18)
    write(tmp_path, GOOD, "hnt-usd-monthly")
    assert load_series("hnt-usd-monthly", base_dir=tmp_path).last == date(2021, 1, 21)
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", GOOD)
    assert load_series("sub/mine", base_dir=tmp_path).values[1] == 100.0
    with pytest.raises(InputError) as caught:
        load_series("hnt-usd-montly", base_dir=tmp_path)
    assert caught.value.codes == ("unknown_series",)
    assert caught.value.problems[0].suggestion == "did you mean hnt-usd-monthly?"


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    first = load_series(write(tmp_path, GOOD), base_dir=tmp_path).sha256
    assert load_series(write(tmp_path, GOOD), base_dir=tmp_path).sha256 == first
    assert load_series(write(tmp_path, GOOD.replace("100", "101")), base_dir=tmp_path).sha256 != first


@given(st.text(max_size=12))
def test_only_plain_finite_numbers_are_numbers(text: str) -> None:
    value = parse_number(text)
    assert value is None or (np.isfinite(value) and float(text) == value and text.strip("+-.eE0123456789") == "")
