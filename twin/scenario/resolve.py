"""From a tree to a typed scenario: kind of network, overrides, types, then everything that holds across sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from twin import registry
from twin.errors import Problem
from twin.scenario.checks import country_codes, unreachable_dates
from twin.scenario.mended import Mended, mended
from twin.scenario.merge import without_removed
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Key, Node, Path_, find, key_text, put
from twin.scenario.overrides import Override, applied, without
from twin.scenario.uncertain_paths import is_own_word, ranges
from twin.scenario.validate import own_problems, problem_at, validate
from twin.scenario.values import flatten
from twin.scenario.wording import nearest


@dataclass(frozen=True, slots=True)
class Interpreted:
    """What a tree means: `spec` is None if there are problems. `spec_class` is known as soon as the kind of network is."""

    tree: Node
    spec: SpecModel | None
    spec_class: type[SpecModel] | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    mended: Mended | None = None
    """If there are problems: what is left without the wrong entries, to ask about the rest."""


def interpret(
    tree: Node, overrides: Sequence[Override], *, top: str, removed: frozenset[Path_] = frozenset(), is_variant: bool = True
) -> Interpreted:
    """The tree with `overrides` applied, typed and checked. In a variant, ranges whose value is gone go with it."""
    tree = without_removed(tree)
    for path in removed:
        tree = without(tree, path)
    kind_override = next((one.node for one in reversed(overrides) if one.path == ("network", "kind")), None)
    network, problems = _network(kind_override or find(tree, ("network", "kind")), tree, top)
    if network is None:
        return _as_if_nearest(tree, overrides, problems, top=top, removed=removed)
    tree, wrong_paths = applied(tree, overrides, network.spec, top=top)
    problems += wrong_paths
    spec, found = validate(tree, network.spec, top=top)
    problems += found
    if spec is None and all(problem.path.startswith("uncertain.") for problem in found):  # the rest can be asked about all the same
        tree = _without_wrong_ranges(tree, [problem.path for problem in found])
        spec, _ = validate(tree, network.spec, top=top)
    if spec is None:
        rest = mended(tree, network.spec, top=top)
        late = [] if rest is None else _late(rest, tree, overrides, found, top=top, is_variant=is_variant)
        return Interpreted(tree, None, network.spec, tuple(problems + country_codes(tree, top=top) + late), mended=rest)
    dropped: list[Problem] = []
    if is_variant:
        tree, spec = _without_lost_ranges(tree, spec)
    else:
        above = [one.path for one in overrides]
        tree, spec = _without_lost_ranges(tree, spec, below=_replaced_by_a_child(tree, spec))
        was, (tree, spec) = tree, _without_lost_ranges(tree, spec, below=above)
        dropped = _dropped(was, tree, above, top)
    unreachable, warnings = unreachable_dates(spec, tree, top=top)
    warnings = [*warnings, *dropped]
    problems += own_problems(spec, tree, top=top) + country_codes(tree, top=top) + unreachable
    problems += ranges(spec, tree, top=top, of_variant=is_variant)
    return Interpreted(tree, None if problems else spec, network.spec, tuple(problems), tuple(warnings))


def _late(
    rest: Mended, tree: Node, overrides: Sequence[Override], found: list[Problem], *, top: str, is_variant: bool
) -> list[Problem]:
    """What is asked of a scenario that stands, asked of what is left without the wrong entries (`found`)."""
    late = list(rest.problems)
    if rest.knows_calendar:
        late += unreachable_dates(rest.spec, tree, top=top)[0]
    late += rest.own(top=top)
    if (section := tree.child("uncertain")) is not None:
        with_ranges = _without_wrong_ranges(replace(rest.tree, value={**rest.tree.entries, "uncertain": section}), [problem.path for problem in found])
        model = rest.with_ranges_of(with_ranges)
        below = None if is_variant else [*(one.path for one in overrides), *_replaced_by_a_child(with_ranges, model)]
        with_ranges, model = _without_lost_ranges(with_ranges, model, below=below)
        told = ranges(model, with_ranges, top=top, of_variant=is_variant)
        late += [problem for problem in told if not rest.is_echo(tuple(problem.path.split("."))[1:])]
    return late


def _as_if_nearest(tree: Node, overrides: Sequence[Override], problems: list[Problem], *, top: str, removed: frozenset[Path_]) -> Interpreted:
    """A scenario of an unknown kind of network, read as one of the kind that is spelt most alike, for what else is wrong with it."""
    path = ("network", "kind")
    written = next((one.node for one in reversed(overrides) if one.path == path), None) or find(tree, path)
    near = nearest(written.value, registry.network_kinds()) if written is not None and isinstance(written.value, str) else None
    if written is None or near is None:
        return Interpreted(tree, None, None, tuple(problems))
    others = [one for one in overrides if one.path != path]
    other = interpret(put(tree, path, replace(written, value=near)), others, top=top, removed=removed, is_variant=False)
    more = [problem for problem in other.problems if problem.code != "missing_field"]
    rest = Mended(other.spec, other.tree, [path]) if other.spec is not None else other.mended
    return Interpreted(tree, None, other.spec_class, tuple(problems + more), mended=rest)


def _network(node: Node | None, tree: Node, top: str) -> tuple[registry.Network | None, list[Problem]]:
    path = ("network", "kind")
    if node is None or not isinstance(node.value, str):
        known = registry.network_kinds()
        section = tree.child("network")
        message = f"expected the kind of network, one of {', '.join(known)}." if known else "no kind of network is installed."
        spot = node.spot if node is not None else section.named_at if section is not None else None
        hint = "Extend a network (extends: networks/...), or give network.kind."
        return None, [problem_at(spot, "missing_field" if node is None else "wrong_type", message, path, suggestion=hint, top=top)]
    try:
        return registry.network(node.value), []
    except KeyError:
        known = registry.network_kinds()
        near = nearest(node.value, known)
        message = f'there is no kind of network "{node.value}"; installed are {", ".join(known) or "none"}.'
        return None, [
            problem_at(node.spot, "unknown_choice", message, path, suggestion=f'Did you mean "{near}"?' if near else None, top=top)
        ]


def _without_wrong_ranges(tree: Node, paths: list[str]) -> Node:
    section = tree.child("uncertain")
    if section is None:
        return tree
    wrong = {key for key in section.entries for path in paths if f"{path}.".startswith(f"uncertain.{key_text(key)}.")}
    kept: dict[Key, Node] = {key: node for key, node in section.entries.items() if key not in wrong}
    entries: dict[Key, Node] = {**tree.entries, "uncertain": Node(kept, section.spot, section.key_spot)}
    return Node(entries, tree.spot, tree.key_spot)


def _without_lost_ranges(tree: Node, spec: SpecModel, *, below: Sequence[Path_] | None = None) -> tuple[Node, SpecModel]:
    """Without ranges whose value is gone; with `below` only those under one of these paths, which something has replaced."""
    section = tree.child("uncertain")
    if section is None:
        return tree, spec
    values = flatten(spec)
    kept: dict[Key, Node] = {
        key: node for key, node in section.entries.items()
        if (path := tuple(key_text(key).split("."))) in values or is_own_word(node) or not (below is None or _is_below(path, below))
    }  # fmt: skip
    if len(kept) == len(section.entries):
        return tree, spec
    entries: dict[Key, Node] = dict(tree.entries)
    entries["uncertain"] = Node(kept, section.spot, section.key_spot)
    ranges_ = getattr(spec, "uncertain", None)
    if isinstance(ranges_, dict):
        names = {key_text(key) for key in kept}
        spec = spec.model_copy(update={"uncertain": {name: value for name, value in ranges_.items() if name in names}})
    return Node(entries, tree.spot, tree.key_spot), spec


def _replaced_by_a_child(tree: Node, spec: SpecModel) -> list[Path_]:
    """Branches in which a range of a parent has lost its value because a file nearer to the reader wrote the branch anew."""
    section = tree.child("uncertain")
    values = flatten(spec)
    found = []
    for key, node in section.entries.items() if section is not None else ():
        path = tuple(key_text(key).split("."))
        if node.named_at.source.role != "parent" or path in values:
            continue
        branch = next((path[:depth] for depth in range(len(path) - 1, 0, -1) if find(tree, path[:depth]) is not None), None)
        if branch is not None and (there := find(tree, branch)) is not None and there.spot.source != node.named_at.source:
            found.append(branch)
    return found


def _is_below(path: Path_, above: Sequence[Path_]) -> bool:
    return any(len(one) < len(path) and path[: len(one)] == one for one in above)


def _dropped(before: Node, after: Node, above: Sequence[Path_], top: str) -> list[Problem]:
    """A note for each range that went with the branch that it spoke of."""
    section, left = before.child("uncertain"), after.child("uncertain")
    if section is None or left is None:
        return []
    return [
        problem_at(
            node.named_at, "range_without_value", f"{key_text(key)} is gone with what was set above it; its range is left out.",
            ("uncertain", key_text(key)), top=top,
        )
        for key, node in section.entries.items() if key not in left.entries and _is_below(tuple(key_text(key).split(".")), above)
    ]  # fmt: skip
