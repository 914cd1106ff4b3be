"""Reads the import statements of a package without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "twin"


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a file takes something from."""

    file: Path
    line: int
    module: str
    for_types: bool = False
    """Stands under `if TYPE_CHECKING`, so nothing is loaded."""

    @property
    def top(self) -> str:
        return self.module.split(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def python_files(folder: Path = PACKAGE) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imports_of(file: Path) -> Iterator[Import]:
    """Every import of a file, wherever in it; `from twin import geo` counts as `twin.geo`, a relative import by its full name."""
    package = list(file.relative_to(ROOT).parent.parts)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    typed = {id(inner) for block in blocks for statement in block.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, id(node) in typed)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
            if base == "twin":
                for alias in node.names:
                    yield Import(file, node.lineno, f"twin.{alias.name}", id(node) in typed)
            else:
                yield Import(file, node.lineno, base, id(node) in typed)


def part_of(module: str) -> str:
    """The part of the house that a module of ours belongs to: `twin.geo.hexes` is `geo`, the package itself `twin`."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "twin"


def part_of_file(file: Path) -> str:
    relative = file.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else ("twin" if relative.stem == "__init__" else relative.stem)


ALL_IMPORTS = [found for file in python_files() for found in imports_of(file)]
