"""`Scenario`: a validated, frozen scenario with the origin of each of its values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin import registry
from twin.errors import InputError, Problem
from twin.scenario.citations import citation
from twin.scenario.documents import Document, with_citations
from twin.scenario.made import MADE, CannotBe, Facts, changes_of, refusal, those_of
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Node, Path_, Spot, dotted, find, key_text, plain
from twin.scenario.overrides import Override, from_python, of_variant
from twin.scenario.resolve import Interpreted, interpret
from twin.scenario.sections.uncertain import Distribution
from twin.scenario.shape import slots_at
from twin.scenario.tables_used import tables_used
from twin.scenario.uncertain import unit_of, values_at
from twin.scenario.uncertain_paths import as_overrides, drawn_paths
from twin.scenario.upgrades import SCHEMA
from twin.scenario.values import flatten

OUTSIDE_THE_HASH = frozenset({"title", "description", "sources", "record", "variants", "schema", "seed"})
"""Sections whose change leaves the run as it was (schema and seed enter the hash by themselves)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, in words, and who says so (None: nobody)."""

    where: str
    citation: str | None
    is_default: bool = False
    spot: Spot | None = None

    def __str__(self) -> str:
        return self.where


@dataclass(frozen=True, eq=False)
class Scenario:
    """A whole scenario: typed values, where each came from, and its variants. Two are equal if all values and seeds are; variants and citations beside them do not count."""

    spec: Any
    name: str
    path: Path | None
    seed: int
    label: str = "base"
    draw: int | None = None
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    _document: Document = field(repr=False, kw_only=True)
    _tree: Node = field(repr=False, kw_only=True)
    _sets: tuple[Override, ...] = field(default=(), repr=False, kw_only=True)
    _plain: Scenario | None = field(default=None, repr=False, kw_only=True)
    _units: Mapping[str, float] | None = field(default=None, repr=False, kw_only=True)
    """Of a drawn scenario: the scenario before the draw, and the numbers of a design (None: by hash). Whatever changes it changes that one and draws again, those paths alone that the design knows:
    where a variant held the others, its reference keeps what it states of them."""
    _of_file: bool = field(default=False, repr=False, kw_only=True)
    """The file as it stands, without variant, options or anything from Python: its own reference."""

    @property
    def network(self) -> registry.Network:
        """The registered kind of network that the scenario is of."""
        return registry.network(self.spec.network.kind)

    @property
    def stated_seed(self) -> int:
        """The seed that the file or `--set` states, or the default; `seed` is the one in force."""
        node = self._tree.child("seed")
        return node.value if node is not None and isinstance(node.value, int) else int(type(self.spec).model_fields["seed"].default)

    @property
    def file(self) -> str:
        """How messages call the scenario's file."""
        return self._document.label

    @property
    def ancestry(self) -> tuple[str, ...]:
        """How messages call the files that the scenario is made of: its own, then those that it extends."""
        return self._document.ancestry[self._document.label]

    @property
    def header(self) -> str:
        """The comment at the head of the file: what the scenario shows and what to look at."""
        return self._document.header

    @cached_property
    def hash(self) -> str:
        """SHA-256 in hex over the resolved values, the tables they name, seed and schema version; title, sources, variants and record are outside."""
        return self.hash_with({})

    def hash_with(self, extra: Mapping[str, str]) -> str:
        """The hash with further facts mixed in, such as checksums of place data."""
        values = self.spec.model_dump(mode="json", by_alias=True, exclude=set(_names_of(type(self.spec), OUTSIDE_THE_HASH)))
        extra = {**tables_used(values, base_dir=self.path.parent if self.path else None), **extra}
        whole = {"schema": SCHEMA, "seed": self.seed, "values": values} | ({"extra": extra} if extra else {})
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def provenance(self) -> Mapping[str, Origin]:
        """Dotted path -> origin of every value, defaults included."""
        return MappingProxyType({dotted(path): self._origin(path) for path in self._values})

    @cached_property
    def _values(self) -> dict[Path_, Any]:
        return flatten(self.spec)

    def value(self, path: str) -> Any:
        """The value at a dotted path, defaults included. KeyError where there is none."""
        return self._by_dotted_path[path]

    @cached_property
    def _by_dotted_path(self) -> dict[str, Any]:
        return {dotted(path): value for path, value in self._values.items()}

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """Path pattern -> citation, of this file and its parents; `provenance` says which one holds for a value."""
        found: dict[str, str] = {}
        for label, patterns in self._document.sources.items():
            for pattern, node in patterns.items():
                if label == self.file or pattern != "*":
                    found.setdefault(pattern, str(node.value))
        return MappingProxyType(found)

    @cached_property
    def reference(self) -> Scenario:
        """The file without its variant and options: what a variant's taper dates are taken from (VERDICT 3).

        Options that say how to judge (`taper`, `verdict`, `calendar`) belong to it; those that change what happens do not. A draw does.
        """
        if self._plain is not None:
            base_plain = self._plain.reference
            return self if base_plain is self._plain else self._again(base_plain)
        if self._of_file:
            return self
        about_judging = [one for one in self._sets if one.path and one.path[0] in ("taper", "verdict", "calendar")]
        tree = with_citations(self._document)
        base: Interpreted = interpret(tree, about_judging, top=self.file, removed=self._document.removed, is_variant=False)
        if base.spec is None:
            return self  # the file needs its options to be valid: then they are part of what is compared
        return replace(self, spec=_with_seed(base.spec, self.seed), label="base", warnings=base.warnings, _tree=base.tree, _sets=())

    @property
    def variants(self) -> Mapping[str, Mapping[str, Any]]:
        """Name -> {dotted path: value} of the variants that stand in the file."""
        section = self._tree.child("variants")
        if section is None:
            return MappingProxyType({})
        return MappingProxyType(
            {
                key_text(name): {key_text(path): plain(value) for path, value in below.entries.items()}
                for name, below in section.entries.items()
            }
        )

    @cached_property
    def made(self) -> Mapping[str, Mapping[str, Any]]:
        """Name -> {dotted path: value} of the variants that are made of any scenario, as far as this one can have them and states none of that name."""
        return MappingProxyType({name: changes for name, changes in those_of(self._facts)[0].items() if name not in self.variants})

    @cached_property
    def not_made(self) -> Mapping[str, str]:
        """Name -> reason of the made variants that this scenario cannot have."""
        return MappingProxyType({name: why for name, why in those_of(self._facts)[1].items() if name not in self.variants})

    @property
    def _facts(self) -> Facts:
        return Facts(self.spec, self.path.parent if self.path else None)

    def variant(self, name: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
        """The variant `name` of the file, or one that is made of any scenario, or, with `overrides` {dotted path: value}, a new one under that label.

        A made variant is worked out from the values as they stand, options included. Values follow the rules of the file: a mapping merges, a table by date and all else replaces, None removes. Raises InputError.
        """
        if self._plain is not None:
            return self._again(self._plain.variant(name, overrides))
        if overrides is not None:
            if name in self.variants:
                raise InputError(
                    Problem(
                        "duplicate_variant",
                        f'"{name}" is a variant of the file already.',
                        file=self.file,
                        suggestion="Choose another label.",
                    )
                )
            return self._changed(name, from_python(overrides, label=name))
        if name in MADE and name not in self.variants:
            try:
                return self._changed(name, from_python(changes_of(name, self._facts), label=name))
            except CannotBe as reason:
                raise InputError(refusal(name, str(reason), file=self.file)) from None
        changes, problems = of_variant(self._tree, name, top=self.file)
        if problems:
            raise InputError(problems)
        return self._changed(name, [*changes, *self._sets])

    def with_seed(self, seed: int) -> Scenario:
        """The same scenario with other luck; of a drawn one also the draw of that seed."""
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InputError(Problem("out_of_range", f"expected a seed, a whole number of at least 0; found {seed!r}.", path="seed"))
        if self._plain is not None:
            return self._again(self._plain.with_seed(seed))
        return replace(self, seed=seed, spec=_with_seed(self.spec, seed))

    @property
    def unknowns(self) -> Mapping[str, Distribution]:
        """Path -> distribution of every value that a draw sets here: all of `uncertain` but what this variant or an option states."""
        plain_one = self._plain or self
        return MappingProxyType(drawn_paths(plain_one.spec, plain_one._tree))

    def drawn(self, draw: int, *, u_by_path: Mapping[str, float] | None = None) -> Scenario:
        """The scenario with every unknown value drawn: number `draw`, counted from 0, keyed by seed and path.

        `u_by_path` hands in the numbers in (0, 1) of a design in place of the hash; one for each of `unknowns`, further ones are not
        looked at, so the same numbers serve every variant. A drawn scenario that is drawn again is drawn afresh. Raises InputError where
        the values do not go together, ValueError where a number of the design is missing or outside of (0, 1).
        """
        if isinstance(draw, bool) or not isinstance(draw, int) or draw < 0:
            raise InputError(Problem("out_of_range", f"expected the number of a draw, at least 0; found {draw!r}.", path="draw"))
        return self._drawn(draw, u_by_path)

    def _drawn(self, draw: int, u_by_path: Mapping[str, float] | None, *, only_given: bool = False) -> Scenario:
        """`only_given`: what the numbers of a design do not know stays as it is stated."""
        plain_one = self._plain or self
        unknowns = drawn_paths(plain_one.spec, plain_one._tree)
        if only_given and u_by_path is not None:
            unknowns = {path: distribution for path, distribution in unknowns.items() if path in u_by_path}
        units = {path: unit_of(plain_one.seed, draw, path) for path in unknowns} if u_by_path is None else u_by_path
        layer = as_overrides(values_at(unknowns, units), plain_one.spec, plain_one._tree, draw=draw)
        changed = plain_one._changed(f"draw {draw}" if plain_one.label == "base" else f"{plain_one.label}, draw {draw}", layer)
        return replace(changed, draw=draw, _plain=plain_one, _units=None if u_by_path is None else dict(u_by_path))

    def _again(self, plain_one: Scenario) -> Scenario:
        assert self.draw is not None
        return plain_one._drawn(self.draw, self._units, only_given=True)

    def _changed(self, label: str, changes: list[Override]) -> Scenario:
        result: Interpreted = interpret(self._tree, changes, top=self.file)
        if result.spec is None:
            raise InputError(result.problems)
        return replace(self, spec=_with_seed(result.spec, self.seed), label=label, warnings=result.warnings, _tree=result.tree, _of_file=False)

    def _origin(self, path: Path_) -> Origin:
        spot, through = self._spot_of(path)
        slots = slots_at(type(self.spec), path, self._tree)
        about = next((slot.description for slot in slots if slot.description), None)
        if path == ("seed",) and self.seed != self.stated_seed:
            return Origin("--seed", "command line")
        if spot is None:
            said = citation(path, file=None, sources=self._document.sources, ancestry=self._document.ancestry, default=about)
            return Origin(f"default ({about})" if about else "default", said, is_default=True)
        file = spot.source.label if spot.source.role in ("file", "parent") else self.file
        said = citation(through, file=file, sources=self._document.sources, ancestry=self._document.ancestry)
        where = spot.describe() + (f", as {dotted(through)}" if through != path else "")
        return Origin(where, said, spot=spot)

    def _spot_of(self, path: Path_) -> tuple[Spot | None, Path_]:
        """Where a value stands, and by which path: its own, or that of an `every` block beside its named mapping."""
        tries = [path] + [
            (*path[:at], "every", *path[at + 2 :]) for at in range(len(path) - 3, 0, -1) if find(self._tree, path[: at + 2]) is not None
        ]
        for tried in tries:
            node = find(self._tree, tried)
            if node is not None and not node.is_removal:
                return node.spot, tried
        for at in range(len(path) - 2, 0, -1):  # a spec class moved the value one level down
            tried = (*path[:at], *path[at + 1 :])
            node = find(self._tree, tried)
            if node is not None and not node.entries and not node.is_removal and tried not in self._values:
                return node.spot, tried
        return None, path

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario) or self.seed != other.seed:
            return False
        beside: dict[str, Any] = {name: {} for name in ("variants", "sources") if name in type(self.spec).model_fields}
        return bool(self.spec.model_copy(update=beside) == other.spec.model_copy(update=beside))

    def __hash__(self) -> int:
        return hash(self.hash)

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            name: getattr(self, name)
            for name in ("spec", "name", "path", "seed", "label", "draw", "warnings", "notes", "_document", "_tree", "_sets", "_plain", "_units")
        }
        return _restored, (state,)


def _restored(state: dict[str, Any]) -> Scenario:
    return Scenario(**state)


def _names_of(spec: type[SpecModel], keys: frozenset[str]) -> list[str]:
    return [name for name, one in spec.model_fields.items() if (one.alias or name) in keys]


def _with_seed(spec: SpecModel, seed: int) -> SpecModel:
    return spec.model_copy(update={"seed": seed}) if getattr(spec, "seed", seed) != seed else spec
