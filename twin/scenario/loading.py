"""`load`: a file or a name becomes a validated `Scenario`, or every problem at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from twin.errors import InputError, Problem
from twin.scenario import shipped
from twin.scenario.checks import cited_paths
from twin.scenario.citations import may_meet
from twin.scenario.documents import Document, read_document, with_citations
from twin.scenario.holder import Scenario
from twin.scenario.made import MADE
from twin.scenario.nodes import Node, Path_, find, key_text
from twin.scenario.overrides import Override, applied, from_options, of_variant, swallowed
from twin.scenario.resolve import Interpreted, interpret
from twin.scenario.validate import unique, with_origin, without_echoes
from twin.scenario.values import flatten
from twin.scenario.wording import nearest


def load(
    path_or_name: str | os.PathLike[str], *, sets: Iterable[str] = (), variant: str | None = None, seed: int | None = None
) -> Scenario:
    """The scenario in a file, or the bundled one of that name, with its variant and `--set` values applied and all of it checked.

    `sets` are texts like `operators.hobbyists.sells_share=0.5`; later ones win, and they win over the variant. `seed` wins over the stated one.
    A variant that is made of any scenario (`twin.scenario.made`) is worked out from what the options leave. Every variant that stands in the file is checked too. Raises InputError with all problems; nothing is run.
    """
    path = find_file(path_or_name)
    document = read_document(path)
    tree = with_citations(document)
    options, problems = from_options(sets)
    problems += document.problems
    base = interpret(tree, options, top=document.label, removed=document.removed, is_variant=False)
    problems += base.problems
    alone = base if not options else interpret(tree, (), top=document.label, removed=document.removed, is_variant=False)
    sound = alone if alone.spec is not None else base
    reached = list(flatten(sound.spec)) if sound.spec is not None else []
    for name in _variant_names(sound.tree):
        problems += _problems_of_variant(name, sound, document, reached)
    if sound.spec is not None:
        cited = [(pattern, node.named_at) for pattern, node in document.sources.get(document.label, {}).items()]
        problems += cited_paths(cited, reached, top=document.label)
    elif sound.mended is not None:
        model, wrong = sound.mended.spec, sound.mended.touched
        changed = [one.path for name in _variant_names(sound.tree) for one in of_variant(sound.tree, name, top=document.label)[0]]
        unknown = [*wrong, *changed]
        cited = [
            (pattern, node.named_at) for pattern, node in document.sources.get(document.label, {}).items()
            if not any(may_meet(pattern, path) for path in unknown)
        ]  # fmt: skip
        problems += cited_paths(cited, flatten(model), top=document.label)
    chosen = base
    is_made = variant in MADE and variant not in _variant_names(base.tree)
    if variant is not None and not is_made:
        changes, missing = of_variant(base.tree, variant, top=document.label)
        problems += missing
        if not missing and base.spec is not None:
            again = [one for one in options if not one.node.is_removal or find(base.tree, one.path) is not None or any(one.path[0] == each.path[0] for each in changes)]
            chosen = interpret(base.tree, [*changes, *again], top=document.label)
            problems += [with_origin(problem, f'variant "{variant}"') for problem in chosen.problems]
    if problems or chosen.spec is None:
        raise InputError(unique(without_echoes(problems)))
    scenario = Scenario(
        chosen.spec,
        path.stem,
        path,
        _seed_of(chosen.spec),
        label="base" if variant is None or is_made else variant,
        warnings=(*chosen.warnings, *swallowed(options)),
        notes=document.notes,
        _document=document,
        _tree=chosen.tree,
        _sets=tuple(options),
        _of_file=variant is None and not options,
    )
    if is_made:
        scenario = scenario.variant(str(variant))
    return scenario if seed is None else scenario.with_seed(seed)


def find_file(path_or_name: str | os.PathLike[str]) -> Path:
    """The file that a path or a bundled name means. Raises InputError with the nearest name that exists."""
    text = os.fspath(path_or_name)
    if not text or "\0" in text:
        raise InputError(Problem("unknown_scenario", "expected a file or the name of a scenario."))
    path = Path(text)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        if path.exists():
            raise InputError(Problem("unreadable_file", "expected a YAML file.", file=text))
    bundled = shipped.bundled_path(text)
    if bundled is not None:
        return bundled
    if not path.suffix and Path(f"{text}.yaml").is_file():
        return Path(f"{text}.yaml")
    if path.is_file():
        raise InputError(Problem("unreadable_file", "the name of a scenario file ends in .yaml.", file=text))
    known = shipped.bundled_names()
    near = nearest(path.stem, known)
    beside = nearest(path.name, [one.name for one in path.parent.glob("*.yaml")][:200]) if path.parent.is_dir() else None
    hint = (
        f'Did you mean "{path.parent / beside}"?'
        if beside and path.suffix
        else f'Did you mean "{near}"?'
        if near
        else f"Bundled are {', '.join(known)}."
    )
    raise InputError(Problem("unknown_scenario", f'there is no file and no bundled scenario "{text}".', suggestion=hint))


def _variant_names(tree: Node) -> Sequence[str]:
    section = tree.child("variants")
    return [key_text(key) for key in section.entries] if section is not None else []


def _problems_of_variant(name: str, base: Interpreted, document: Document, reached: list[Path_]) -> list[Problem]:
    """What is wrong with one variant; its new paths are added to `reached`."""
    changes, problems = of_variant(base.tree, name, top=document.label)
    if problems or base.spec_class is None:
        return problems
    if base.spec is None:  # the file itself does not stand: look where the variant points, and what it would make of what is left
        found = [] if base.mended is None else interpret(base.mended.tree, changes, top=document.label).problems
        told = [with_origin(problem, f'variant "{name}"') for problem in found if base.mended is not None and not base.mended.is_echo(tuple(problem.path.split(".")))]
        return [*_dead_ends(base, changes, document.label), *told]
    result = interpret(base.tree, changes, top=document.label)
    if result.spec is not None:
        reached += flatten(result.spec)
    return [with_origin(problem, f'variant "{name}"') for problem in result.problems]


def _dead_ends(base: Interpreted, changes: list[Override], top: str) -> list[Problem]:
    assert base.spec_class is not None
    return applied(base.tree, changes, base.spec_class, top=top)[1]


def _seed_of(spec: object) -> int:
    return int(getattr(spec, "seed", 0))
