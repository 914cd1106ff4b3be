"""What one unquoted word means."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from twin.scenario.nodes import Source
from twin.scenario.scalars import ScalarTrouble, read_scalar, write_scalar
from twin.scenario.yamltext import read_text


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("12:30", "12:30"), ("e5", "e5"), ("-", "-"),
        ("true", True), ("false", False), ("null", None),
        ("0", 0), ("-7", -7), ("+7", 7), ("14_000", 14_000), ("1_000_000", 1_000_000), ("14_000.5", 14_000.5), ("0.20", 0.2), (".5", 0.5), ("1e-4", 1e-4),
        ("2021-05-01", date(2021, 5, 1)), ("2024-02-29", date(2024, 2, 29)),
        ("1.2.3", "1.2.3"), ("3km", "3km"), ("30 %", "30 %"), ("a-b", "a-b"), ("HIP-15", "HIP-15"),
    ],
)  # fmt: skip
def test_a_word_means_one_thing(word: str, value: object) -> None:
    read = read_scalar(word)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("word", ["1e6", "10e6", "5E3"])
def test_a_whole_number_in_exponent_form_is_whole(word: str) -> None:
    assert read_scalar(word) == int(float(word))
    assert isinstance(read_scalar(word), int)


@pytest.mark.parametrize(
    ("word", "code", "fix"),
    [
        ("012", "ambiguous_scalar", "leading zeros"), ("0x1F", "ambiguous_scalar", "in tens"), ("0o17", "ambiguous_scalar", "in tens"),
        ("1:30:00", "ambiguous_scalar", "a time"), ("~", "ambiguous_scalar", "null"), ("NULL", "ambiguous_scalar", "null"),
        ("True", "ambiguous_scalar", "Write true"), ("FALSE", "ambiguous_scalar", "Write false"), (".inf", "no_number", "finite"), (".nan", "no_number", "finite"),
        ("1,000", "ambiguous_scalar", "1"), ("1_0", "ambiguous_scalar", "three digits"), ("5.", "ambiguous_scalar", "5.0"), ("<<", "ambiguous_scalar", "extends"),
        ("2021-02-30", "bad_date", "month and day"), ("2021-2-3", "bad_date", "YYYY-MM-DD"), ("2021-02", "bad_date", "YYYY-MM-DD"),
        ("2021-05-01T10:00:00", "bad_date", "time of day"), ("01/02/2021", "bad_date", "YYYY-MM-DD"), ("0000-01-01", "bad_date", "month and day"),
        ("1e400", "out_of_range", "finite"), ("9" * 41, "out_of_range", "characters"), ("", "empty_value", "null"),
    ],
)  # fmt: skip
def test_a_word_that_could_mean_two_things_is_refused_with_the_fix(word: str, code: str, fix: str) -> None:
    with pytest.raises(ScalarTrouble) as caught:
        read_scalar(word)
    assert caught.value.code == code
    assert fix in caught.value.suggestion


values = (
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False) | st.dates() | st.text()
)


@given(values)
def test_what_is_written_reads_back(value: object) -> None:
    tree = read_text(f"schema: {write_scalar(value)}\n", Source("x", "file"))  # type: ignore[arg-type]
    node = tree.child("schema")
    assert node is not None
    assert node.value == value
    assert isinstance(node.value, bool) == isinstance(value, bool)
    assert isinstance(node.value, str) == isinstance(value, str)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=12))
def test_a_word_is_text_exactly_as_written_or_no_text(word: str) -> None:
    try:
        read = read_scalar(word)
    except ScalarTrouble:
        return
    assert read == word or not isinstance(read, str)


def test_where_yaml_1_2_has_one_reading_ours_is_that_one() -> None:
    """Floats and integers in plain decimal form read as in PyYAML, whose rules for them are the same."""
    for word in ["3", "-12", "0.5", "2.50", "-0.001", "1.5e+3"]:
        assert read_scalar(word) == yaml.safe_load(word)
