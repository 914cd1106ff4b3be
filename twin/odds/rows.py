"""The unit of work of a study: a run row, which is one life of one variant, under one draw of what is not known, with one replicate of luck."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from twin.arrays import Ints
from twin.errors import InputError, Problem
from twin.odds.designs import Design, replicates
from twin.odds.held_markets import held_markets
from twin.scenario import Scenario
from twin.scenario.made import refusal
from twin.scenario.wording import nearest

BASE = "base"
"""The name of the scenario as its file states it, among variants."""

Recorded = Literal["verdict", "network", "cells"]
"""What a life leaves: its verdict alone, its daily series of the network too, or also the cells of its map on the last day."""


def variants_of(scenario: Scenario, changes: Mapping[str, Any] | None = None) -> list[str]:
    """The variants that a study of a scenario may have: the file as it stands, the file's own, those given beside it, and those made of any scenario that this one can have."""
    own = sorted({*scenario.variants, *(changes or {})} - {BASE})
    return [BASE, *own, *(name for name in scenario.made if name not in own)]


KEYS_TOGETHER = 4096
"""Rows whose keys are made at a time: few enough that they weigh nothing beside the plan."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One life. `draw` is the number of a draw of `uncertain`, or None: parameters as stated."""

    index: int
    variant: str
    draw: int | None
    replicate: int
    key: str
    """Identity by content: a digest of scenario, variant, drawn values' numbers and replicate; 24 hexadecimal digits."""


def unknown_variant(name: str, known: Sequence[str], file: Path | str | None, of: str) -> Problem:
    """That `of` (the file, the study) has no variant of that name, which it has, and which one may be meant."""
    like = nearest(name, known)
    return Problem("unknown_variant", f'"{name}" is no variant of {of}. It has: {", ".join(known)}.', file=file, suggestion=None if like is None else f"Did you mean {like}?")


@dataclass(frozen=True)
class Plan:
    """Which lives a study has: every point of the design in every variant. Variants of one point share their luck and stand together."""

    scenario: Scenario
    design: Design = field(default_factory=lambda: replicates(1))
    variants: tuple[str, ...] = (BASE,)
    record: Recorded = "network"
    forks: bool = False
    """Whether each life makes the cut-off and no-taper forks too."""
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Variants that do not stand in the file: name -> {dotted path: value}. Those that are made of any scenario need not be given."""

    def __post_init__(self) -> None:
        problems, scenario = [], self.scenario
        if self.is_drawn and not scenario.unknowns:
            problems.append(Problem("nothing_uncertain", "draws were asked for, and the scenario has no `uncertain` block.", file=scenario.file, suggestion="State what is not known (docs/uncertain.md), or leave out --draws."))
        elif self.design.u is not None and (unknown := set(scenario.unknowns) ^ set(self.design.paths)):
            problems.append(Problem("design_misfit", f"the design is not of what is uncertain here: {', '.join(sorted(unknown))}.", file=scenario.file))
        known = variants_of(scenario, self.changes)
        refused = {name: why for name, why in scenario.not_made.items() if name not in self.changes}
        problems += [refusal(name, refused[name], file=scenario.file) if name in refused else unknown_variant(name, known, scenario.file, "the file") for name in self.variants if name not in known]
        if len(set(self.variants)) < len(self.variants):
            problems.append(Problem("duplicate_variant", f"a variant is named twice: {', '.join(self.variants)}.", file=scenario.file, suggestion=f"The file has: {', '.join(known)}."))
        if problems:
            raise InputError(problems)

    def __len__(self) -> int:
        return len(self.design) * len(self.variants)

    @property
    def is_drawn(self) -> bool:
        """Whether lives have parameters of their own."""
        return bool((self.design.draw >= 0).any())

    @cached_property
    def digest(self) -> str:
        """Of what decides the lives but not how many there are, so that a study may grow."""
        fixed = {"variants": self._hashes, "record": self.record, "cutoff": self.forks, "layout": self.design.layout.value}
        return hashlib.blake2b(json.dumps(fixed, sort_keys=True).encode(), digest_size=12).hexdigest()

    @cached_property
    def _hashes(self) -> dict[str, str]:
        """Variant -> hash of its values. All are resolved here, so that a wrong variant is told before the first life."""
        return {name: self.variant(name).hash for name in self.variants}

    def variant(self, name: str) -> Scenario:
        """The scenario of a variant, undrawn."""
        return self.scenario if name == BASE else self.scenario.variant(name, self.changes.get(name))

    def stated(self, name: str) -> Mapping[str, Any]:
        """Dotted path -> value of all that a variant changes, in the file or not; empty for the base."""
        return self.changes.get(name) or self.scenario.variants.get(name) or self.scenario.made.get(name, {})

    def scenario_of(self, row: RunRow) -> Scenario:
        """The scenario of a row with its unknown values drawn. Raises InputError where drawn values do not go together."""
        one = self.variant(row.variant)
        if row.draw is None:
            return one
        numbers = self.design.point(row.index // len(self.variants)).u_by_path
        if row.variant != BASE and (held := held_markets(self.scenario, one)):
            base = self.scenario.drawn(row.draw, u_by_path=numbers)
            one = one.variant(f"{row.variant}, market drawn", {there: base.value(path) for path, there in held.items() if path in base.unknowns})
        return one.drawn(row.draw, u_by_path=numbers)

    def row(self, index: int) -> RunRow:
        """The row of a number, 0 to len(self) - 1."""
        at, of_variant = divmod(index, len(self.variants))
        variant, draw, replicate = self.variants[of_variant], int(self.design.draw[at]), int(self.design.replicate[at])
        return RunRow(index, variant, None if draw < 0 else draw, replicate, self._key(variant, at, draw, replicate))

    def _key(self, variant: str, at: int, draw: int, replicate: int) -> str:
        numbers = "" if self.design.u is None else json.dumps(sorted(zip(self.design.paths, self.design.u[at].tolist(), strict=True)))
        text = f"{self._hashes[variant]}|{variant}|{'' if draw < 0 else draw}|{numbers}|{replicate}|{self.record}|{int(self.forks)}"
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def keys(self, shard: tuple[int, int] = (0, 1)) -> Iterator[tuple[Ints, list[str]]]:
        """Numbers and keys of the rows that `rows` gives, some thousand at a time: a million of them in seconds."""
        (i, n), several = shard, range(len(self.variants))
        points = np.arange(i, len(self.design), n)
        for first in range(0, len(points), KEYS_TOGETHER):
            some = points[first : first + KEYS_TOGETHER]
            lives = list(zip(some.tolist(), self.design.draw[some].tolist(), self.design.replicate[some].tolist(), strict=True))
            yield (some[:, None] * len(self.variants) + several).ravel(), [self._key(variant, *life) for life in lives for variant in self.variants]

    def rows(self, shard: tuple[int, int] = (0, 1)) -> Iterator[RunRow]:
        """All rows, or those of every n-th point from the i-th on of shard (i, n), so that a pair stays on one shard."""
        i, n = shard
        for at in range(i, len(self.design), n):
            for of_variant in range(len(self.variants)):
                yield self.row(at * len(self.variants) + of_variant)
