"""What is ready to run, and a first file of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twin import registry
from twin.errors import InputError, Problem, RunError
from twin.scenario import shipped
from twin.scenario.documents import header_of
from twin.scenario.holder import Scenario
from twin.scenario.loading import find_file, load
from twin.scenario.nodes import Conflict, Node, Path_, dotted, find, key_of_text, key_text, plain
from twin.scenario.scalars import write_scalar
from twin.scenario.shape import slots_at
from twin.scenario.wording import expectation
from twin.scenario.yamltext import read_file


@dataclass(frozen=True, slots=True)
class Ready:
    """A bundled scenario: its name, title, the first lines of its comment, and its calendar."""

    name: str
    title: str
    shows: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworkParts:
    """A kind of network and the named networks of that kind, which a scenario may extend."""

    kind: str
    node_noun: str
    summary: str
    parts: tuple[str, ...]


def ready_scenarios() -> list[Ready]:
    """All bundled scenarios, by name. A file that cannot be read stands there with its first problem."""
    found = []
    for name in shipped.bundled_names():
        path = shipped.bundled_path(name)
        if path is None:
            continue
        try:
            tree = read_file(path, label=f"{name}.yaml")
        except InputError as error:
            found.append(Ready(name, "cannot be read", error.problems[0].message, ()))
            continue
        variants = tree.child("variants")
        found.append(
            Ready(
                name,
                _words(tree, "title"),
                header_of(tree.spot.source.lines),
                tuple(str(key) for key in variants.entries) if variants else (),
            )
        )
    return found


def networks() -> list[NetworkParts]:
    """All kinds of network with the bundled parts that state them."""
    parts: dict[str, list[str]] = {}
    for name in shipped.bundled_names(with_parts=True):
        path = shipped.bundled_path(name)
        if "/" not in name or path is None:
            continue
        try:
            kind = find(read_file(path, label=f"{name}.yaml"), ("network", "kind"))
        except InputError:
            continue
        if kind is not None and isinstance(kind.value, str):
            parts.setdefault(kind.value, []).append(name)
    known = [registry.network(kind) for kind in registry.network_kinds()]
    return [NetworkParts(one.kind, one.node_noun, one.summary, tuple(parts.get(one.kind, ()))) for one in known]


def _words(tree: Node, key: str) -> str:
    node = tree.child(key)
    return node.value if node is not None and isinstance(node.value, str) else ""


def new_scenario(name: str, *, like: str, folder: Path | None = None, whole: bool = False) -> Path:
    """Writes `name`.yaml, a commented scenario to edit, and returns its path; refuses to overwrite.

    By default the file extends the bundled scenario `like` and lists what is most often changed, commented out, with unit and meaning;
    with `whole` it is a copy of its text. Raises InputError for a bad name, an unknown scenario or a file that exists.
    """
    stem = name.removesuffix(".yaml")
    if not stem or stem.startswith(".") or any(character in stem for character in '/\\:*?"<>|\0') or not stem.isprintable():
        raise InputError(Problem("bad_name", f'"{name}" is no name for a file.', suggestion="Use letters, digits and hyphens: my-network."))
    model = load(like)
    folder = folder or Path()
    target = folder / f"{stem}.yaml"
    if stem in shipped.bundled_names():
        raise InputError(
            Problem("exists", f'"{stem}" is a bundled scenario.', suggestion="Choose another name: the bundled one would be found first.")
        )
    text = _copy(find_file(like), stem, like) if whole else _extension(model, stem, _extends_name(like, model, folder))
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise InputError(Problem("exists", f"{target} exists and is left as it is.", suggestion="Choose another name.")) from None
    except OSError as error:
        raise RunError(f"{target} could not be written: {error.strerror or error}") from error
    return target


def _copy(path: Path, stem: str, like: str) -> str:
    text = path.read_text(encoding="utf-8-sig")
    return f"# {stem}: a copy of {like}, to edit.\n#   twin check {stem}.yaml    all problems at once\n#   twin run {stem}.yaml\n#\n{text}"


_OFTEN_CHANGED = (
    "place.area",
    "place.population.centre_density_per_km2",
    "hardware.generations",
    "hardware.every.power_w",
    "operators",
    "customers",
    "adversaries",
    "token",
    "verdict.kept_share",
)


def _extension(model: Scenario, stem: str, like: str) -> str:
    calendar = model.spec.calendar
    lines = [
        f"# {stem}: what differs from {like}. Everything not said here is as there; `twin explain {like}` shows it all.",
        f"#   twin check {stem}.yaml     all problems at once, nothing is run",
        f"#   twin run {stem}.yaml",
        "# A mapping adds to the one it extends; a number, a text or a list replaces; null removes an inherited entry.",
        "schema: 1",
        f"title: {write_scalar(f'{stem}, after {model.spec.title}')}",
        f"extends: {write_scalar(like)}",
        f"seed: {model.seed}",
        f"calendar: {{start: {calendar.start}, end: {calendar.end}}}",
        "",
        "# The fields most often changed, with their present values. Take away the # of a line and of the lines it stands in.",
    ]
    for section in dict.fromkeys(prefix.split(".")[0] for prefix in _OFTEN_CHANGED):
        lines += _commented(model, section, [prefix for prefix in _OFTEN_CHANGED if prefix.split(".")[0] == section])
    lines += [
        "",
        "# variants:                                    # named sets of dotted paths with new values",
        "#   half_rewards: {token.HNT.emission.scale_share: 0.5}"
        if "HNT" in getattr(model.spec, "token", {})
        else "#   my_variant: {verdict.kept_share: 0.5}",
        "",
        "sources:",
        '  "*": assumed                                 # say where your numbers come from: path prefix, then a citation',
    ]
    return "\n".join(lines) + "\n"


def _extends_name(like: str, model: Scenario, folder: Path) -> str:
    assert model.path is not None
    if model.path.suffix and shipped.bundled_path(like) == model.path:
        return like
    if model.path.resolve().parent == folder.resolve():
        return model.path.stem
    raise InputError(
        Problem(
            "outside_folder",
            f"{like} lies in another folder, and a scenario extends only files beside it.",
            suggestion="Make a whole copy: --whole.",
        )
    )


def _commented(model: Scenario, section: str, prefixes: list[str]) -> list[str]:
    """What the file itself states of a section, as nested YAML with every line commented, with unit and meaning behind it."""
    node = model._tree.child(section)
    lines = _nested(model, (section,), node, prefixes) if node is not None else []
    return ["#", *lines] if lines else []


def _nested(model: Scenario, path: Path_, node: Node, prefixes: list[str]) -> list[str]:
    shown = dotted(path)
    inside = any(shown == prefix or shown.startswith(prefix + ".") for prefix in prefixes)
    if not inside and not any(prefix.startswith(shown + ".") for prefix in prefixes):
        return []
    head = f"# {'  ' * (len(path) - 1)}{write_scalar(key_of_text(path[-1]))}:"
    if isinstance(node.value, dict):
        below = [line for key, entry in node.entries.items() for line in _nested(model, (*path, key_text(key)), entry, prefixes)]
        return [head, *below] if below else []
    if node.spot.source.role == "parent" or isinstance(node.value, Conflict):
        return []
    value = "[" + ", ".join(str(plain(item)) for item in node.value) + "]" if isinstance(node.value, list) else write_scalar(node.value)
    slots = slots_at(type(model.spec), path, model._tree)
    words = next((slot.description for slot in slots if slot.description), None) or expectation(slots, path)
    return [f"{head} {value} ".ljust(48) + f"# {words}" if words != value else f"{head} {value}"]
