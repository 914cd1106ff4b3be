"""YAML text to a tree of nodes: strict, safe, every value with its line and column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import yaml

from twin.errors import InputError, Problem
from twin.scenario.nodes import Key, Node, Scalar, Source, Spot, dotted, key_text
from twin.scenario.scalars import ScalarTrouble, read_scalar

MAX_BYTES = 1 << 20
"""Largest scenario file, 1 MiB; real ones have a few kilobytes."""
MAX_DEPTH = 24
"""Deepest nesting; real ones have six levels."""
MAX_VALUES = 50_000
"""Most values in one file."""


def read_file(path: Path, *, label: str) -> Node:
    """The tree of one YAML file. Raises InputError with all problems of its text."""
    return _sound(parse(_decoded(path, label), Source(label, "file", path)))


def read_text(text: str, source: Source) -> Node:
    """The tree of a YAML text; `source` gets its lines. Raises InputError with all problems."""
    return _sound(parse(text, source))


def parse_file(path: Path, *, label: str, parent: bool) -> tuple[Node, list[Problem]]:
    """The tree of one YAML file without the entries that cannot be read, and the problem of each of those.

    Raises InputError where no tree can be made: broken syntax, anchors, a file too large, another encoding.
    """
    return parse(_decoded(path, label), Source(label, "parent" if parent else "file", path))


def parse(text: str, source: Source) -> tuple[Node, list[Problem]]:
    """As `parse_file`, of a text; `source` gets its lines."""
    source = replace(source, lines=tuple(text.splitlines()))
    return _Reader(text, source).tree()


def _sound(parsed: tuple[Node, list[Problem]]) -> Node:
    tree, problems = parsed
    if problems:
        raise InputError(problems)
    return tree


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

    def tree(self) -> tuple[Node, list[Problem]]:
        """The root, and what had to be left out of it. Raises InputError where there is no telling."""
        root: Node | None = None
        broken = True
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
            broken = False
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
        self.problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
        if broken:
            raise InputError(self.problems)
        return root or Node({}, Spot(self.source, 1, 1)), self.problems

    def _node(self, event: yaml.Event, path: tuple[str, ...], depth: int) -> Node | None:
        """The node that an event begins; None for a word that cannot be read."""
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
        read, value = self._scalar(event, path)
        return Node(value, spot) if read else None

    def _mapping(self, spot: Spot, path: tuple[str, ...], depth: int) -> Node:
        entries: dict[Key, Node] = {}
        lines: dict[str, int | None] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            value_event = next(self.events)
            if _is_empty(value_event) and isinstance(event, yaml.ScalarEvent) and event.style is None and event.value.isdigit():
                hint = "A comma separates entries: write 0.2 for a fraction, 40_000 for thousands."
                self._note(event.start_mark, "ambiguous_scalar", f"{event.value} has no value.", hint, path)
                continue
            key = self._key(event, path)
            below = (*path, "?" if key is None else key_text(key))
            at = self._spot(event.start_mark)
            node = self._node(value_event, below, depth + 1)
            if key is None:
                continue
            if key_text(key) in lines:
                message = f'"{key_text(key)}" stands here a second time; the first is in line {lines[key_text(key)]}.'
                self._note(event.start_mark, "duplicate_key", message, "Keep one of the two.", below)
                continue
            lines[key_text(key)] = at.line
            if node is not None:
                entries[key] = replace(node, key_spot=at)
        return Node(entries, spot)

    def _list(self, spot: Spot, path: tuple[str, ...], depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item = self._node(event, (*path, str(len(items))), depth + 1)
            items += [] if item is None else [item]
        return Node(items, spot)

    def _key(self, event: yaml.Event, path: tuple[str, ...]) -> Key | None:
        if not isinstance(event, yaml.ScalarEvent):
            code = "alias" if isinstance(event, yaml.AliasEvent) else "bad_key"
            self._fail(event.start_mark, code, "a key must be a word, a number or a date.", 'Quote a star: "*".')
        if event.tag is not None or event.anchor is not None:
            self._fail(event.start_mark, "tag", "a key carries neither tag nor anchor.", None)
        n_before = len(self.problems)
        read, value = self._scalar(event, path)
        if read and isinstance(value, str | int | date) and not isinstance(value, bool) and value != "":
            return value
        if len(self.problems) == n_before:
            self._note(event.start_mark, "bad_key", f"{event.value or 'nothing'} cannot be a key.", "Quote it if it is a name.", path)
        return None

    def _scalar(self, event: yaml.ScalarEvent, path: tuple[str, ...]) -> tuple[bool, Scalar]:
        """Whether the word can be read, and its value."""
        if event.style is not None:
            return True, str(event.value)
        try:
            return True, read_scalar(event.value)
        except ScalarTrouble as trouble:
            self._note(event.start_mark, trouble.code, trouble.message, trouble.suggestion, path)
            return False, None

    def _spot(self, mark: Any) -> Spot:
        return Spot(self.source, mark.line + 1, mark.column + 1)

    def _note(self, mark: Any, code: str, message: str, suggestion: str | None, path: tuple[str, ...] = ()) -> None:
        line = mark.line + 1
        label = self.source.label
        self.problems.append(Problem(code, message, label, line, mark.column + 1, dotted(path), self.source.line(line), suggestion))

    def _fail(self, mark: Any, code: str, message: str, suggestion: str | None) -> NoReturn:
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
        elif "alias" in (error.context or ""):
            self._fail_at(line, column, "alias", "aliases (*name) are not part of a scenario.", 'Quote a star: "*".')
        else:
            self._fail_at(line, column, "yaml_syntax", f"this is not YAML: {error.problem or error.context}.", _advice(error.problem or ""))


def _is_empty(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.style is None and event.value == ""


def _advice(problem: str) -> str | None:
    if "mapping values are not allowed" in problem:
        return "Check the indentation of this line and the one above; quote text that holds a colon."
    if "could not find expected ':'" in problem:
        return "Every line of a mapping reads `key: value`."
    if "expected <block end>" in problem:
        return "Check the indentation: entries of one mapping begin in the same column."
    return None
