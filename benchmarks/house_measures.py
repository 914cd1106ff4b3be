"""What is measured of a house: what a kind costs, what is written twice, circles of imports, what only tests call."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.house_sources import House, Module, imports_of

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class OfKind:
    """What one kind of network costs. Shares are of distinct code lines: those that stand literally in a file of another kind."""

    files: int
    lines: int
    put_together: int
    """Lines of what lists its parts."""
    worlds: tuple[int, ...]
    """Lines of each `<protocol>_world.py`, the longest first; `world.py` only says there which of them a scenario means. None in a kind of one world."""
    repeated_share: float
    repeated_share_put_together: float

    @property
    def put_together_said(self) -> str:
        """The lines, and where there are several worlds how many, and the longest."""
        return f"{self.put_together:,}" if not self.worlds else f"{self.put_together:,} in {len(self.worlds)}, the longest {self.worlds[0]:,}"


def of_kinds(house: House) -> dict[str, OfKind]:
    """Every kind of a checkout."""
    written = {kind: _code(house.of_kind(kind)) for kind in house.kinds}
    found = {}
    for kind, lines in written.items():
        elsewhere = set().union(*(theirs for other, theirs in written.items() if other != kind))
        files, together = house.of_kind(kind), house.put_together(kind)
        found[kind] = OfKind(
            len(files),
            sum(module.n_lines for module in files),
            sum(module.n_lines for module in together),
            tuple(sorted((module.n_lines for module in together if module.path.stem.endswith("_world")), reverse=True)),
            _share(lines, elsewhere),
            _share(_code(together), elsewhere),
        )
    return found


def _code(modules: Iterable[Module]) -> set[str]:
    return {line for module in modules for line in module.code_lines}


def _share(lines: set[str], elsewhere: set[str]) -> float:
    return len(lines & elsewhere) / len(lines) if lines else 0.0


# -- circles ------------------------------------------------------------------------------------------------------------------
def circles(house: House) -> list[tuple[str, ...]]:
    """Groups of modules each of which imports every other, by however many steps (strongly connected), largest first."""
    edges = {name: imports_of(module, house.by_name) for name, module in house.by_name.items()}
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:  # Tarjan 1972
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in sorted(edges[name]):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            at = stack.index(name)
            group, stack[at:] = stack[at:], []
            if len(group) > 1:
                found.append(tuple(sorted(group)))

    for name in sorted(edges):
        if name not in order:
            visit(name)
    return sorted(found, key=lambda group: (-len(group), group))


def pairs(house: House) -> list[tuple[str, str]]:
    """Modules that import each other directly."""
    edges = {name: imports_of(module, house.by_name) for name, module in house.by_name.items()}
    return sorted((one, other) for one in edges for other in edges[one] if one < other and one in edges[other])


# -- one definition each ------------------------------------------------------------------------------------------------------
def _morning_price(module: Module) -> Iterator[int]:
    """Asks a market for the price of the day: a call `<market>.advance(..., uniform=...)`."""
    for call in _calls(module, "advance"):
        if any(keyword.arg == "uniform" for keyword in call.keywords):
            yield call.lineno


def _plan_row(module: Module) -> Iterator[int]:
    """Writes the plan of the clock as rows of the manifest: a comprehension over `<clock>.plan()`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.comprehension) and isinstance(node.iter, ast.Call) and _called(node.iter) == "plan":
            yield node.iter.lineno


def _month_of_ledger(module: Module) -> Iterator[int]:
    """Writes the ledger's month: a call `<recorder>.monthly("ledger_monthly", ...)`."""
    for call in _calls(module, "monthly"):
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == "ledger_monthly":
            yield call.lineno


def _lognormal(module: Module) -> Iterator[int]:
    """Makes a lognormal's sigma from its 90th percentile: a call `log(...)` over something named `p90`, once a module."""
    for call in _calls(module, "log"):
        if any(getattr(node, "attr", getattr(node, "id", None)) == "p90" for argument in call.args for node in ast.walk(argument)):
            yield call.lineno
            return


def _defines(*names: str) -> Callable[[Module], Iterator[int]]:
    def look(module: Module) -> Iterator[int]:
        for function in _functions(module):
            if function.name.lstrip("_") in names:
                yield function.lineno

    look.__doc__ = f"Defines a function named {' or '.join(f'`{name}`' for name in names)}, the lines of a Protocol not counted."
    return look


REPEATED: dict[str, Callable[[Module], Iterator[int]]] = {
    "the morning's price": _morning_price,
    "the plan's row": _plan_row,
    "run_hash": _defines("run_hash"),
    "evidence": _defines("evidence"),
    "the ledger's month": _month_of_ledger,
    "a lognormal from p90": _lognormal,
    "end_subsidies": _defines("end_subsidies"),
    "switch_subsidy": _defines("switch_subsidy", "switch_subsidies", "end_subsidy"),
}
"""What should stand in one place each, and the pattern by which a place is found; `switch_subsidy` once a kind is as it should be."""


def places(house: House, what: str) -> list[str]:
    """Every place of one of `REPEATED`, as `twin/kinds/x/world.py:12`."""
    return [f"{module.path.as_posix()}:{line}" for module in house.modules for line in REPEATED[what](module)]


# -- what only tests call ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Uncalled:
    """A function that nothing in `twin` names. `in_tests`: a test does."""

    place: str
    name: str
    in_tests: bool


def uncalled(house: House) -> list[Uncalled]:
    """Functions and methods of `twin` whose name stands nowhere in `twin` outside of their own body.

    By name alone, so a name that two functions share hides both: the count is a lower bound. Not asked are the lines of a Protocol, methods of
    classes that build on a library's (it calls them), names with two underscores, what a decorator registers (validators, commands), and the
    public names of the package itself, those of its classes among them. A name inside a text counts as used where the text is a name or ends in `:name`, which is how the
    registry and `getattr` name things.
    """
    used = [_used_names(module.tree) for module in house.modules]
    everywhere: dict[str, int] = {}
    for names in used:
        for name, count in names.items():
            everywhere[name] = everywhere.get(name, 0) + count
    in_tests = {name for module in house.tests for name in _used_names(module.tree) | _imported_names(module.tree)}
    public, handed_out, ours = _public_names(house), _handed_out(house), {node.name for module in house.modules for node in _classes(module)}
    found = []
    for module in house.modules:
        of_library = {id(each) for node in _classes(module) if _builds_on_a_library(node, ours) for each in node.body}
        of_users = {id(each) for node in _classes(module) if node.name in handed_out for each in node.body if not getattr(each, "name", "_").startswith("_")}
        for function in _functions(module):
            name = function.name
            if name.startswith("__") or name in public or id(function) in of_library | of_users or _is_registered(function):
                continue
            if everywhere.get(name, 0) == _used_names(function).get(name, 0):  # only itself
                found.append(Uncalled(f"{module.path.as_posix()}:{function.lineno}", name, name in in_tests))
    return found


_A_NAME = re.compile(r"(?:[\w.]+:)?([A-Za-z_]\w*)")


def _used_names(tree: ast.AST) -> dict[str, int]:
    counts: dict[str, int] = {}
    for node in ast.walk(tree):
        name = None
        if isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.keyword):
            name = node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := _A_NAME.fullmatch(node.value)):
            name = match[1]
        if name is not None:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _imported_names(tree: ast.AST) -> dict[str, int]:
    return {alias.name: 1 for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}


def _public_names(house: House) -> set[str]:
    """What `twin/__init__.py` hands out: somebody outside calls it."""
    root = house.by_name.get("twin")
    return set(_used_names(root.tree)) | set(_imported_names(root.tree)) if root is not None else set()


def _handed_out(house: House) -> set[str]:
    """What stands in `twin.__all__`; the public methods of these classes are called from outside, too."""
    root = house.by_name.get("twin")
    for node in root.tree.body if root is not None else ():
        if isinstance(node, ast.Assign) and [_name_of(target) for target in node.targets] == ["__all__"]:
            return set(_used_names(node.value))
    return set()


def _builds_on_a_library(node: ast.ClassDef, ours: set[str]) -> bool:
    return any(_name_of(base) not in ours | {"Protocol", "Generic", None} for base in node.bases)


def _is_registered(function: Function) -> bool:
    plain = {"property", "cached_property", "staticmethod", "classmethod", "cache", "contextmanager"}
    return any(_name_of(decorator) not in plain for decorator in function.decorator_list)


# -- syntax --------------------------------------------------------------------------------------------------------------------
def _classes(module: Module) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))


def _functions(module: Module) -> Iterator[Function]:
    """Every function and method, but the lines of a Protocol."""
    promises = {id(each) for node in _classes(module) if "Protocol" in map(_name_of, node.bases) for each in node.body}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and id(node) not in promises:
            yield node


def _calls(module: Module, name: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and _called(node) == name)


def _called(call: ast.Call) -> str | None:
    return _name_of(call.func)


def _name_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call | ast.Subscript):
        return _name_of(node.func if isinstance(node, ast.Call) else node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
