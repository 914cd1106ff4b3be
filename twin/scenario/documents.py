"""One scenario file and everything it extends, as one tree; the texts are read here, types come later."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twin.errors import InputError, Problem
from twin.scenario import shipped
from twin.scenario.citations import is_pattern
from twin.scenario.merge import conflicts, join, overlay, overlay_ranges, overlay_variants, removals
from twin.scenario.nodes import Key, Node, Path_, Spot, dotted, find, key_text
from twin.scenario.upgrades import check_schema
from twin.scenario.validate import problem_at
from twin.scenario.wording import nearest
from twin.scenario.yamltext import parse_file

OF_ONE_FILE = ("title", "description", "extends", "schema", "sources")
"""Keys that a file says about itself; a child does not inherit them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file with its parents resolved. `sources` are the citations of each file by its label; `ancestry` its files, itself first."""

    tree: Node
    label: str
    path: Path
    sources: Mapping[str, Mapping[str, Node]]
    ancestry: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    removed: frozenset[Path_] = frozenset()
    header: str = ""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the texts and their merging; entries that could not be read are left out of the tree."""


@dataclass
class _Session:
    """What one call of `read_document` has read so far; a file that is extended twice is read once."""

    top: str
    root: Path
    done: dict[Path, Document] = field(default_factory=dict)


def read_document(path: Path) -> Document:
    """The file at `path` merged with all it extends. Raises InputError where a text or a parent cannot be read at all."""
    label = label_of(path)
    return _read(path, label, chain=(), session=_Session(label, path.parent))


def label_of(path: Path) -> str:
    """How a file is called in messages: relative to the working directory if it lies there, bundled ones by `scenarios/`."""
    resolved = path.resolve()
    bundled = shipped.scenarios_dir().resolve()
    here = Path.cwd()
    if resolved.is_relative_to(here):
        return resolved.relative_to(here).as_posix()
    if resolved.is_relative_to(bundled):
        return (Path("scenarios") / resolved.relative_to(bundled)).as_posix()
    return os.fspath(path)


def _read(path: Path, label: str, *, chain: tuple[tuple[Path, str], ...], session: _Session) -> Document:
    real = path.resolve()
    if real in session.done:
        return session.done[real]
    text, problems = parse_file(path, label=label, parent=bool(chain))
    if not isinstance(text.value, dict):
        raise InputError(problem_at(text.spot, "wrong_type", "a scenario is a mapping: lines of `key: value`.", ""))
    text, notes, found = check_schema(text, top=session.top)
    if any(problem.code == "newer_schema" for problem in found):
        raise InputError(problems + found)
    problems += found
    sources, found = _sources(text, session.top)
    problems += found
    parents: list[Document] = []
    lost: list[Problem] = []
    for name, node in _names(text, problems, session.top):
        try:
            parents.append(_parent(name, node, path, label, chain, session))
        except InputError as error:
            lost += error.problems
    if lost:  # without a parent nothing more can be said of the child
        raise InputError(problems + lost)
    own = Node({key: below for key, below in text.entries.items() if key not in ("extends", "sources")}, text.spot)
    base = _joined(parents, text)
    tree = _laid_over(base, own)
    problems += _unsettled(tree, text, session.top) + _nothing_to_remove(own, base, session.top)
    lineage = dict.fromkeys(label_ for parent in parents for label_ in parent.ancestry[parent.label])
    document = Document(
        tree,
        label,
        path,
        {label: sources} | {key: value for parent in parents for key, value in parent.sources.items()},
        {label: (label, *lineage)} | {key: value for parent in parents for key, value in parent.ancestry.items()},
        tuple(notes) + tuple(note for parent in parents for note in parent.notes),
        frozenset(
            where for where, _ in removals(Node({key: below for key, below in tree.entries.items() if key != "variants"}, tree.spot))
        ),
        header_of(text.spot.source.lines),
        tuple(problems) + tuple(problem for parent in parents for problem in parent.problems),
    )
    session.done[real] = document
    return document


def header_of(lines: tuple[str, ...]) -> str:
    """The comment at the head of a file, without its hashes: what the scenario shows and what to look at."""
    taken: list[str] = []
    for line in lines:
        if not line.startswith("#"):
            break
        taken.append(line.removeprefix("#").removeprefix(" ").rstrip())
    return "\n".join(taken).strip("\n")


def _names(text: Node, problems: list[Problem], top: str) -> list[tuple[str, Node]]:
    node = text.child("extends")
    if node is None:
        return []
    items = node.value if isinstance(node.value, list) else [node]
    names: list[tuple[str, Node]] = []
    for item in items:
        if not isinstance(item.value, str) or not item.value:
            problems.append(problem_at(item.spot, "wrong_type", "expected the name of a scenario, or a list of names.", "extends", top=top))
        elif item.value in [name for name, _ in names]:
            problems.append(problem_at(item.spot, "duplicate_parent", f'"{item.value}" stands twice.', "extends", top=top))
        else:
            names.append((item.value, item))
    return names


def _parent(name: str, node: Node, path: Path, label: str, chain: tuple[tuple[Path, str], ...], session: _Session) -> Document:
    def refused(code: str, message: str, suggestion: str | None = None) -> InputError:
        return InputError(problem_at(node.spot, code, message, "extends", suggestion=suggestion, top=session.top))

    folders = list(dict.fromkeys(folder.resolve() for folder in (path.parent, session.root, shipped.scenarios_dir())))
    places = [shipped.inside(folder, name) for folder in folders]
    if all(place is None for place in places):
        raise refused(
            "outside_folder", f'"{name}" leads out of the folder of scenarios.', "Name a bundled scenario, or a file beside this one."
        )
    found = next((place for place in places if place is not None and place.is_file()), None)
    if found is None:
        near = nearest(name, (*shipped.bundled_names(with_parts=True), *_beside(path.parent)))
        message = f'there is no scenario "{name}", neither beside this file nor bundled.'
        raise refused("unknown_parent", message, f'Did you mean "{near}"?' if near else None)
    line = (*chain, (path.resolve(), label))
    if any(found == seen for seen, _ in line):
        names = [seen_label for _, seen_label in line[[seen for seen, _ in line].index(found) :]]
        raise refused("extends_itself", f"a scenario cannot extend itself: {' -> '.join([*names, names[0]])}.")
    return _read(found, label_of(found), chain=line, session=session)


def _beside(folder: Path) -> list[str]:
    try:
        return [path.stem for path in folder.glob("*.yaml")][:200]
    except OSError:
        return []


def _joined(parents: list[Document], text: Node) -> Node | None:
    joined: Node | None = None
    for parent in parents:
        entries: dict[Key, Node] = {key: below for key, below in parent.tree.entries.items() if key not in OF_ONE_FILE}
        tree = Node(entries, parent.tree.spot)
        joined = tree if joined is None else join(joined, tree)
    return None if joined is None else Node(joined.value, text.spot)


def _laid_over(base: Node | None, own: Node) -> Node:
    if base is None:
        return own
    tree = overlay(base, own)
    for section, laid_over in (("variants", overlay_variants), ("uncertain", overlay_ranges)):
        mine, theirs = own.child(section), base.child(section)
        if mine is not None and theirs is not None and isinstance(mine.value, dict) and isinstance(theirs.value, dict):
            tree = Node({**tree.entries, section: laid_over(theirs, mine)}, tree.spot)
    return tree


def _unsettled(tree: Node, text: Node, top: str) -> list[Problem]:
    extends = text.child("extends")
    found = []
    for path, conflict in conflicts(tree):
        said = " and ".join(f"{node.named_at.describe().removeprefix('parent ')} says {_shown(node)}" for node in conflict.nodes)
        spot = extends.named_at if extends is not None else text.spot
        found.append(
            problem_at(
                spot,
                "parents_disagree",
                f"{said}; order does not decide.",
                path,
                suggestion=f'Settle it in this file: give "{dotted(path)}" a value.',
                top=top,
            )
        )
    return found


def _shown(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    return "null" if node.value is None else str(node.value)


def _nothing_to_remove(own: Node, base: Node | None, top: str) -> list[Problem]:
    found = []
    for path, node in removals(own):
        if path[0] == "variants" and len(path) > 2:
            continue
        inherited = find(base, path) if base is not None else None
        if inherited is None:
            message = f'null removes an inherited entry, and no parent has "{dotted(path)}".'
            siblings = find(base, path[:-1]) if base is not None else None
            near = nearest(path[-1], [key_text(key) for key in siblings.entries]) if siblings is not None else None
            hint = f'Did you mean "{near}"?' if near else "Give it a value, or delete the line."
            found.append(problem_at(node.named_at, "nothing_to_remove", message, path, suggestion=hint, top=top))
    return found


def _sources(text: Node, top: str) -> tuple[dict[str, Node], list[Problem]]:
    node = text.child("sources")
    if node is None:
        return {}, []
    problems = []
    if not isinstance(node.value, dict):
        return {}, [problem_at(node.spot, "wrong_type", "expected a mapping of paths to citations.", "sources", top=top)]
    for key, below in node.entries.items():
        if not isinstance(below.value, str) or not below.value.strip():
            problems.append(
                problem_at(below.spot, "wrong_type", "expected a citation in words, or assumed.", f"sources.{key_text(key)}", top=top)
            )
        elif not is_pattern(key_text(key)):
            problems.append(
                problem_at(
                    below.named_at,
                    "bad_wildcard",
                    f'"{key_text(key)}": a star stands for a whole segment.',
                    f"sources.{key_text(key)}",
                    top=top,
                )
            )
    return {key_text(key): below for key, below in node.entries.items()}, problems


def with_citations(document: Document) -> Node:
    """The tree with the citations of the file and its parents, so that the typed scenario carries them."""
    entries: dict[Key, Node] = dict(document.tree.entries)
    merged: dict[Key, Node] = {}
    for label, patterns in document.sources.items():
        for pattern, node in patterns.items():
            if isinstance(node.value, str) and (label == document.label or pattern != "*"):
                merged.setdefault(pattern, node)
    if merged:
        entries["sources"] = Node(merged, document.tree.spot, Spot(document.tree.spot.source))
    return Node(entries, document.tree.spot)
