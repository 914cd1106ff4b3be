"""What a scenario would be without the entries that are wrong, so that what else is wrong is told at once. Nothing is ever run from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from twin.errors import Problem
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Node, Path_, deepest, find, key_text, put
from twin.scenario.shape import key_of, models_at, slots_at, tag_values
from twin.scenario.validate import as_input, own_problems, validate

MOST_TURNS = 12
"""Entries that are left out can make others wrong; after so many turns it is given up."""
KIND, OF_ANOTHER_KIND = "kind", "It belongs to kind:"
WIDE = {("calendar", "start"): date(1900, 1, 1), ("calendar", "end"): date(2200, 1, 1)}
"""Where a day of the calendar could not be read; no date is held against these."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A scenario that stands, and how it differs from the one that was written."""

    spec: SpecModel
    tree: Node
    touched: list[Path_] = field(default_factory=list)
    """Entries that were moved within their bounds, given another kind, or left out."""
    lacks_blocks: bool = False
    """Whole blocks were left out, or sections that must be there (None in `spec`): what one section asks of another can no longer be told."""
    problems: list[Problem] = field(default_factory=list)
    """Wrong in blocks of an unknown kind, read as the kind that comes nearest to what was written."""

    @property
    def knows_calendar(self) -> bool:
        """First and last day are those that were written."""
        return all(path[0] != "calendar" for path in self.touched)

    def is_echo(self, path: Path_) -> bool:
        """A problem here may come from the mending: something at, above or below was touched."""
        return any(one[: len(path)] == path or path[: len(one)] == one for one in self.touched)

    def own(self, *, top: str) -> list[Problem]:
        """What the spec classes have to say of what was not touched."""
        return [problem for problem in own_problems(self.spec, self.tree, top=top, but_root=self.lacks_blocks) if not self._echoes(problem)]

    def with_ranges_of(self, tree: Node) -> SpecModel:
        """The scenario with what stands under `uncertain` in a tree; without any where that cannot be read."""
        section = tree.child("uncertain")
        annotation: Any = type(self.spec).model_fields["uncertain"].annotation
        try:
            stated = TypeAdapter[Any](annotation).validate_python({} if section is None else as_input(section), by_alias=True, by_name=False)
        except ValidationError:
            stated = {}
        return self.spec.model_copy(update={"uncertain": stated})

    def _echoes(self, problem: Problem) -> bool:
        path = tuple(problem.path.split("."))
        words = f"{problem.message} {problem.suggestion or ''}"
        return self.is_echo(path) or any(one[:-1] == path[:-1] or one[-1] in words for one in self.touched)


def mended(tree: Node, spec: type[SpecModel], *, top: str) -> Mended | None:
    """The scenario with amounts moved within their bounds, unknown kinds read as others and further wrong entries left out; None where that comes to no end."""
    tree = replace(tree, value={key: node for key, node in tree.entries.items() if key not in ("variants", "uncertain")})
    touched: list[Path_] = []
    guessed: list[Path_] = []
    lacks, found = False, dict[tuple[str, str], Problem]()
    for _ in range(MOST_TURNS):
        model, problems = validate(tree, spec, top=top)
        found |= {(problem.path, problem.code): problem for problem in _sure(problems, guessed)}
        if model is not None:
            return Mended(model, tree, touched, lacks, list(found.values()))
        gone: list[Path_] = []
        lost: list[str] = []
        for problem in problems:
            path = tuple(problem.path.split("."))
            if any(path[: len(one)] == one for one in gone):
                continue
            node, depth = deepest(tree, path)
            if problem.code == "missing_field" and path in WIDE and depth == 1:
                tree, depth = put(tree, path, replace(node, value=WIDE[path])), len(path)
            elif depth == len(path) and problem.code == "out_of_range" and (amount := _within(tree, spec, path, node.value)) is not None:
                tree = put(tree, path, replace(node, value=amount))
            elif depth == len(path) and problem.code == "unknown_choice" and path[-1] == KIND and (kind := _nearest_kind(tree, spec, path, top=top)) is not None:
                tree = put(tree, path, replace(node, value=kind))
                guessed.append(path[:-1])
            elif depth > 0:
                lacks |= isinstance(node.value, dict)
                tree = _without(tree, path[:depth])
                gone.append(path[:depth])
            else:
                lost.append(path[0])
                continue
            touched.append(path[:depth])
        if len(lost) == len(problems):
            return Mended(_in_parts(tree, spec), tree, [*touched, *((name,) for name in lost)], True, list(found.values()))
    return None


def _in_parts(tree: Node, spec: type[SpecModel]) -> SpecModel:
    """A scenario without sections that it must have, each of the others checked by itself."""
    written, parts = as_input(tree), dict[str, Any]()
    for name, each in spec.model_fields.items():
        if (key := key_of(name, each)) not in written:
            parts[name] = None if each.is_required() else each.get_default(call_default_factory=True)
            continue
        annotation: Any = each.annotation
        try:
            parts[name] = TypeAdapter[Any](annotation).validate_python(written[key], by_alias=True, by_name=False)
        except ValidationError:
            parts[name] = None
    return spec.model_construct(**parts)


def _sure(problems: Iterable[Problem], guessed: list[Path_]) -> list[Problem]:
    """Those in blocks of a guessed kind that would be wrong whatever kind was meant."""
    sure = []
    for problem in problems:
        path = tuple(problem.path.split("."))
        inside = any(path[: len(block)] == block and path != block for block in guessed)
        if inside and problem.code not in ("missing_field", "dotted_name") and not (problem.suggestion or "").startswith(OF_ANOTHER_KIND):
            sure.append(problem)
    return sure


def _nearest_kind(tree: Node, spec: type[SpecModel], path: Path_, *, top: str) -> str | None:
    """The kind with which least of the block is wrong; None where the block has but one."""
    block, node = path[:-1], find(tree, path)
    kinds = sorted({kind for model in models_at(spec, block, tree) for kind in tag_values(model, KIND)})
    if node is None or len(kinds) < 2:
        return None

    def n_wrong(kind: str) -> int:
        problems = validate(put(tree, path, replace(node, value=kind)), spec, top=top)[1]
        return sum(tuple(problem.path.split("."))[: len(block)] == block for problem in problems)

    return min(kinds, key=n_wrong)


def _within(tree: Node, spec: type[SpecModel], path: Path_, value: object) -> float | None:
    """The bound that an amount lies beyond; None where there is none that it may equal."""
    if not isinstance(value, int | float):
        return None
    for slot in slots_at(spec, path, tree):
        for bound in (*slot.bounds, *(slot.field.metadata if slot.field is not None else ())):
            least, most, above = (getattr(bound, name, None) for name in ("ge", "le", "gt"))
            if least is not None and value < least:
                return least  # type: ignore[no-any-return]
            if most is not None and value > most:
                return most  # type: ignore[no-any-return]
            if above is not None and value <= above:
                return above + 1  # type: ignore[no-any-return]
    return None


def _without(node: Node, path: Path_) -> Node:
    kept = {key: _without(below, path[1:]) if key_text(key) == path[0] else below for key, below in node.entries.items() if len(path) > 1 or key_text(key) != path[0]}
    return replace(node, value=kept)
