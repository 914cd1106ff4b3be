"""YAML text to nodes: what is refused, and where values are said to stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.errors import InputError
from twin.scenario.nodes import Source, dotted, walk
from twin.scenario.yamltext import MAX_BYTES, read_file, read_text


def codes(text: str) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        read_text(text, Source("x.yaml", "file"))
    return caught.value.codes


def test_every_value_knows_its_line_and_column() -> None:
    tree = read_text("a: 1\nb:\n  c: [2,\n      3]\n  2021-05-01: {d: x}\n", Source("x.yaml", "file"))
    spots = {dotted(path): (node.spot.line, node.spot.column) for path, node in walk(tree) if path}
    assert spots["a"] == (1, 4)
    assert spots["b.c.1"] == (4, 7)
    assert spots["b.2021-05-01.d"] == (5, 19)
    keys = {dotted(path): (node.key_spot.line, node.key_spot.column) for path, node in walk(tree) if node.key_spot}
    assert keys["b.2021-05-01"] == (5, 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\n", "duplicate_key"),
        ("2021-01-01: 1\n'2021-01-01': 2\n", "duplicate_key"),
        ("a: &x 1\n", "alias"),
        ("a: *x\n", "alias"),
        ("*: assumed\n", "alias"),
        ("a: !!python/name:os.system\n", "tag"),
        ("a: !mine {b: 1}\n", "tag"),
        ("a: 1\n---\nb: 2\n", "second_document"),
        ("%YAML 1.1\n---\na: 1\n", "ambiguous_scalar"),
        ("a:\n\t- 1\n", "tab"),
        ("a: {b: 1\n", "yaml_syntax"),
        ("a: b: c\n", "yaml_syntax"),
        ("a: \x07\n", "bad_character"),
        ("true: 1\n", "bad_key"),
        ("1.5: 1\n", "bad_key"),
        ("? [a, b]\n: 1\n", "bad_key"),
        ("a: 14,000\nb: {c: 14,000}\n", "ambiguous_scalar"),
        ("a: " + "[" * 200 + "]" * 200, "too_deep"),
        ("a: [" + "1," * 60_000 + "]", "too_large"),
    ],
)
def test_refused(text: str, code: str) -> None:
    assert code in codes(text)


def test_a_merge_key_is_not_merged() -> None:
    assert codes("a: {<<: {b: 1}}\n") == ("ambiguous_scalar",)


def test_billion_laughs_is_refused_before_it_grows() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert codes(laughs) == ("alias",)


def test_files_are_read_strictly(tmp_path: Path) -> None:
    def code_of(raw: bytes) -> str:
        (tmp_path / "x.yaml").write_bytes(raw)
        with pytest.raises(InputError) as caught:
            read_file(tmp_path / "x.yaml", label="x.yaml")
        return caught.value.codes[0]

    assert code_of("title: Göteborg".encode("latin-1")) == "not_utf8"
    assert code_of("title: Göteborg".encode("utf-16")) == "not_utf8"
    assert code_of(b"# " + b"x" * MAX_BYTES) == "too_large"
    with pytest.raises(InputError, match="YAML file"):
        read_file(tmp_path, label="a folder")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("schema: 1\n".encode("utf-8-sig"))
    node = read_file(tmp_path / "x.yaml", label="x").child("schema")
    assert node is not None and node.value == 1
