"""The sources of one checkout as text and syntax trees: nothing that is measured is ever imported."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SHORTEST_LINE = 12
"""Characters of the shortest line that is compared between kinds: below are brackets, `else:`, `return None`."""


@dataclass(frozen=True)
class Module:
    """One Python file. `name` is its dotted name, a package by the name of its folder; `path` is relative to the checkout."""

    path: Path
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @cached_property
    def n_lines(self) -> int:
        """All lines of the file, as `wc -l` counts them."""
        return self.text.count("\n")

    @cached_property
    def code_lines(self) -> tuple[str, ...]:
        """Lines of code, stripped: without imports, docstrings, comments, and without what is shorter than `SHORTEST_LINE`."""
        lines = _without_comments(self.text)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import | ast.ImportFrom) or _is_bare_text(node):
                for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                    lines[number - 1] = ""
        stripped = (line.strip() for line in lines)
        return tuple(line for line in stripped if len(line) >= SHORTEST_LINE)


def _is_bare_text(node: ast.AST) -> bool:
    """A docstring, of a module, class, function or attribute: text that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _without_comments(text: str) -> list[str]:
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return lines


class House:
    """The package `twin` of one checkout, and the names that its tests use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules = tuple(_modules(root, "twin"))
        self.tests = tuple(_modules(root, "tests"))
        if not self.modules:
            raise FileNotFoundError(f"no package `twin` in {root}")

    @cached_property
    def by_name(self) -> dict[str, Module]:
        return {module.name: module for module in self.modules}

    @property
    def is_old(self) -> bool:
        """The layout before kinds had a folder of their own: `networks/<kind>` and `assembly/<kind>*`."""
        return (self.root / "twin" / "networks").is_dir()

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        folder = self.root / "twin" / ("networks" if self.is_old else "kinds")
        return tuple(sorted(path.name for path in folder.iterdir() if (path / "__init__.py").is_file()))

    def of_kind(self, kind: str) -> tuple[Module, ...]:
        """The files of a kind: its folder, and in the old layout what put it together."""
        return tuple(module for module in self.modules if self.kind_of(module) == kind)

    def kind_of(self, module: Module) -> str | None:
        """The kind that a file belongs to; None for the shared rooms."""
        part, *below = module.path.parts[1:]
        if part in ("kinds", "networks") and len(below) > 1:
            return below[0]
        if part == "assembly":
            return next((kind for kind in self.kinds if below[0].removesuffix(".py").split("_")[0] == kind), None)
        return None

    def put_together(self, kind: str) -> tuple[Module, ...]:
        """What lists the parts of a kind: `world.py` (and `<protocol>_world.py`), in the old layout all of `assembly/<kind>*`."""
        if self.is_old:
            return tuple(module for module in self.of_kind(kind) if module.path.parts[1] == "assembly")
        return tuple(module for module in self.of_kind(kind) if module.path.stem == "world" or module.path.stem.endswith("_world"))


def _modules(root: Path, package: str) -> Iterator[Module]:
    for path in sorted((root / package).rglob("*.py")):
        relative = path.relative_to(root)
        parts = relative.parent.parts if path.name == "__init__.py" else relative.with_suffix("").parts
        if not any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
            yield Module(relative, ".".join(parts), path.read_text(encoding="utf-8"))


def imports_of(module: Module, known: Iterable[str]) -> set[str]:
    """Modules of ours that a file names in an import, wherever it stands: at the top, inside a function, under TYPE_CHECKING.

    `from twin.geo import grid` names `twin.geo.grid` where that is a module, else `twin.geo`.
    """
    names, found = set(known), set()
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in names else base for alias in node.names}
    return (found & names) - {module.name}
