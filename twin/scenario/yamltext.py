"""YAML text to a tree of nodes: strict, safe, every value with its line and column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from twin.errors import InputError, Problem
from twin.scenario.nodes import Key, Node, Source, Spot, dotted, key_text
from twin.scenario.scalars import ScalarTrouble, read_scalar

MAX_BYTES = 1 << 20
"""Largest scenario file, 1 MiB; real ones have a few kilobytes."""
MAX_DEPTH = 24
"""Deepest nesting; real ones have six levels."""
MAX_VALUES = 50_000
"""Most values in one file."""


def read_file(path: Path, *, label: str, parent: bool = False) -> Node:
    """The tree of one YAML file. Raises InputError with all problems of its text."""
    return read_text(_decoded(path, label), Source(label, "parent" if parent else "file", path))


def read_text(text: str, source: Source) -> Node:
    """The tree of a YAML text; `source` gets its lines. Raises InputError with all problems."""
    source = replace(source, lines=tuple(text.splitlines()))
    return _Reader(text, source).tree()


def _decoded(path: Path, label: str) -> str:
    try:
        if not path.is_file():
            raise InputError(Problem("unreadable_file", "expected a YAML file.", file=label))
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(Problem("unreadable_file", f"could not be read: {error.strerror or error}.", file=label)) from error
    if len(raw) > MAX_BYTES:
        raise InputError(
            Problem(
                "too_large",
                "is larger than 1 MiB, the most a scenario may have.",
                file=label,
                suggestion="Put data into a CSV file and name it.",
            )
        )
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(Problem("not_utf8", "is UTF-16 text.", file=label, line=1, column=1, suggestion="Save it as UTF-8."))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        text = raw.decode("utf-8", errors="replace").split("\n")[line - 1]
        raise InputError(
            Problem(
                "not_utf8",
                f"byte 0x{raw[error.start]:02x} is not UTF-8.",
                file=label,
                line=line,
                column=column,
                source_line=text,
                suggestion="Save the file as UTF-8.",
            )
        ) from None


class _Reader:
    """One pass over the events of PyYAML's parser; its own resolver and constructors are never asked."""

    def __init__(self, text: str, source: Source) -> None:
        self.text, self.source = text, source
        self.problems: list[Problem] = []
        self.n_values = 0
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)

    def tree(self) -> Node:
        """The root mapping. Raises InputError."""
        root: Node | None = None
        try:
            for event in self.events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        self._fail(
                            event.start_mark, "second_document", "a second document begins here; a scenario is one.", "Delete the line ---."
                        )
                    if event.version not in (None, (1, 2)):
                        self._note(event.start_mark, "ambiguous_scalar", "a scenario is YAML 1.2.", "Delete the %YAML line.")
                    root = self._node(next(self.events), (), 0)
        except yaml.reader.ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1
            self._fail_at(
                line,
                1,
                "bad_character",
                f"character U+{ord(str(error.character)):04X} is not allowed in YAML."
                if isinstance(error.character, str)
                else str(error.reason),
                None,
            )
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        if self.problems:
            raise InputError(sorted(self.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
        if root is None:
            return Node({}, Spot(self.source, 1, 1))
        return root

    def _node(self, event: yaml.Event, path: tuple[str, ...], depth: int) -> Node:
        mark = event.start_mark
        self.n_values += 1
        if self.n_values > MAX_VALUES:
            self._fail(mark, "too_large", f"a scenario has at most {MAX_VALUES} values.", "Put data into a CSV file and name it.")
        if depth > MAX_DEPTH:
            self._fail(mark, "too_deep", f"nested deeper than {MAX_DEPTH} levels.", None)
        if isinstance(event, yaml.AliasEvent):
            self._fail(
                mark, "alias", "aliases (*name) are not part of a scenario.", 'Use `extends`, `every` or a variant; quote a star: "*".'
            )
        assert isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent)
        if event.anchor is not None:
            self._fail(mark, "alias", f"anchors (&{event.anchor}) are not part of a scenario.", "Use `extends`, `every` or a variant.")
        if event.tag is not None:
            self._note(mark, "tag", f"tags ({event.tag}) are not part of a scenario.", "Write the plain value.", path)
        spot = self._spot(mark)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(spot, path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(spot, path, depth)
        return Node(self._scalar(event, path), spot)

    def _mapping(self, spot: Spot, path: tuple[str, ...], depth: int) -> Node:
        entries: dict[Key, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, path)
            below = (*path, "?" if key is None else key_text(key))
            at = self._spot(event.start_mark)
            node = self._node(next(self.events), below, depth + 1)
            if key is None:
                continue
            twin = next((old for old in entries if key_text(old) == key_text(key)), None)
            if twin is not None:
                first = entries[twin].named_at.line
                self._note(
                    event.start_mark,
                    "duplicate_key",
                    f'"{key_text(key)}" stands here a second time; the first is in line {first}.',
                    "Keep one of the two.",
                    below,
                )
                continue
            entries[key] = replace(node, key_spot=at)
        return Node(entries, spot)

    def _list(self, spot: Spot, path: tuple[str, ...], depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, str(len(items))), depth + 1))
        return Node(items, spot)

    def _key(self, event: yaml.Event, path: tuple[str, ...]) -> Key | None:
        if not isinstance(event, yaml.ScalarEvent):
            self._fail(
                event.start_mark,
                "alias" if isinstance(event, yaml.AliasEvent) else "bad_key",
                "a key must be a word, a number or a date.",
                'Quote a star: "*".',
            )
            raise AssertionError  # _fail raises
        if event.tag is not None or event.anchor is not None:
            self._fail(event.start_mark, "tag", "a key carries neither tag nor anchor.", None)
        value = self._scalar(event, path)
        if isinstance(value, bool) or value is None or isinstance(value, float) or value == "":
            if event.value != "" or not self.problems:
                self._note(event.start_mark, "bad_key", f"{event.value or 'nothing'} cannot be a key.", "Quote it if it is a name.", path)
            return None
        if isinstance(value, str | int | date):
            return value
        raise AssertionError(value)

    def _scalar(self, event: yaml.ScalarEvent, path: tuple[str, ...]) -> str | int | float | bool | date | None:
        if event.style is not None:
            return str(event.value)
        try:
            return read_scalar(event.value)
        except ScalarTrouble as trouble:
            self._note(event.start_mark, trouble.code, trouble.message, trouble.suggestion, path)
            return "?"

    def _spot(self, mark: Any) -> Spot:
        return Spot(self.source, mark.line + 1, mark.column + 1)

    def _note(self, mark: Any, code: str, message: str, suggestion: str | None, path: tuple[str, ...] = ()) -> None:
        line = mark.line + 1
        label = self.source.label
        self.problems.append(Problem(code, message, label, line, mark.column + 1, dotted(path), self.source.line(line), suggestion))

    def _fail(self, mark: Any, code: str, message: str, suggestion: str | None) -> None:
        self._note(mark, code, message, suggestion)
        raise InputError(self.problems)

    def _fail_at(self, line: int, column: int, code: str, message: str, suggestion: str | None) -> None:
        self.problems.append(Problem(code, message, self.source.label, line, column, "", self.source.line(line), suggestion))

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        text = self.source.line(line) or ""
        if "\t" in text[: len(text) - len(text.lstrip())] or "\\t" in (error.problem or ""):
            self._fail_at(line, column, "tab", "a tab stands where YAML wants spaces.", "Indent with spaces.")
        else:
            self._fail_at(line, column, "yaml_syntax", f"this is not YAML: {error.problem or error.context}.", _advice(error.problem or ""))


def _advice(problem: str) -> str | None:
    if "mapping values are not allowed" in problem:
        return "Check the indentation of this line and the one above; quote text that holds a colon."
    if "could not find expected ':'" in problem:
        return "Every line of a mapping reads `key: value`."
    if "expected <block end>" in problem:
        return "Check the indentation: entries of one mapping begin in the same column."
    return None
