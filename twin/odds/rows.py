"""The unit of work of a study: a run row, which is one life of one variant, under one draw of what is not known, with one replicate of luck."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from twin.errors import InputError, Problem
from twin.scenario import Scenario

BASE = "base"
"""The name of the scenario as its file states it, among variants."""

Recorded = Literal["verdict", "network"]
"""What a life leaves: its verdict alone, or its daily series of the network too."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One life. `draw` is the number of a draw of `uncertain`, or None: parameters as stated."""

    index: int
    variant: str
    draw: int | None
    replicate: int
    key: str
    """Identity by content: a digest of scenario, variant, drawn values' numbers and replicate; 24 hexadecimal digits."""


@dataclass(frozen=True)
class Plan:
    """Which lives a study has. Rows are numbered so that all variants of one draw and replicate, which share their luck, stand together."""

    scenario: Scenario
    variants: tuple[str, ...] = (BASE,)
    replicates: int = 1
    draws: int | None = None
    """Number of draws of `uncertain`; None: parameters fixed."""
    design: str = "random"
    """How draws are spread; its own numbers stand in `u_by_draw`."""
    u_by_draw: Sequence[Mapping[str, float]] | None = None
    """Numbers in (0, 1) by path, one mapping a draw; None: keyed by seed and path."""
    record: Recorded = "network"
    cutoff: bool = False
    """Whether each life makes the cut-off and no-taper forks too."""
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Variants that do not stand in the file: name -> {dotted path: value}."""

    def __post_init__(self) -> None:
        problems = [
            Problem("out_of_range", f"expected at least 1 {what}; found {value}.", path=what)
            for what, value in (("replicates", self.replicates), ("draws", self.draws)) if value is not None and value < 1
        ]  # fmt: skip
        if self.draws is not None and not self.scenario.unknowns:
            problems.append(Problem("nothing_uncertain", "draws were asked for, and the scenario has no `uncertain` block.", file=self.scenario.file, suggestion="State what is not known (docs/uncertain.md), or leave out --draws."))
        known = {BASE, *self.scenario.variants, *self.changes}
        problems += [
            Problem("unknown_variant", f'"{name}" is no variant of the file. It has: {", ".join(sorted(known))}.', file=self.scenario.file)
            for name in self.variants if name not in known
        ]  # fmt: skip
        if len(set(self.variants)) < len(self.variants):
            problems.append(Problem("duplicate_variant", f"a variant is named twice: {', '.join(self.variants)}."))
        if problems:
            raise InputError(problems)

    def __len__(self) -> int:
        return (self.draws or 1) * self.replicates * len(self.variants)

    @cached_property
    def digest(self) -> str:
        """Of what decides the lives but not how many there are: a study may grow by replicates, and by draws that are keyed by number."""
        fixed: dict[str, Any] = {"variants": self._hashes, "record": self.record, "cutoff": self.cutoff, "drawn": self.draws is not None}
        if self.u_by_draw is not None:
            fixed["design"] = [sorted(units.items()) for units in self.u_by_draw]
        return hashlib.blake2b(json.dumps(fixed, sort_keys=True).encode(), digest_size=12).hexdigest()

    @cached_property
    def _hashes(self) -> dict[str, str]:
        """Variant -> hash of its values. All are resolved here, so that a wrong variant is told before the first life."""
        return {name: self.variant(name).hash for name in self.variants}

    def variant(self, name: str) -> Scenario:
        """The scenario of a variant, undrawn."""
        if name == BASE:
            return self.scenario
        return self.scenario.variant(name, self.changes.get(name))

    def scenario_of(self, row: RunRow) -> Scenario:
        """The scenario of a row with its unknown values drawn. Raises InputError where drawn values do not go together."""
        one = self.variant(row.variant)
        if row.draw is None:
            return one
        return one.drawn(row.draw, u_by_path=None if self.u_by_draw is None else self.u_by_draw[row.draw])

    def row(self, index: int) -> RunRow:
        """The row of a number, 0 to len(self) - 1."""
        rest, at = divmod(index, len(self.variants))
        draw, replicate = divmod(rest, self.replicates)
        return self._row(index, self.variants[at], None if self.draws is None else draw, replicate)

    def rows(self, shard: tuple[int, int] = (0, 1)) -> Iterator[RunRow]:
        """All rows, or every n-th from the i-th on of shard (i, n). The luck of a pair stays on one shard where that is possible."""
        i, n = shard
        pairs = len(self) // len(self.variants)
        for pair in range(i, pairs, n):
            for at in range(len(self.variants)):
                yield self.row(pair * len(self.variants) + at)

    def _row(self, index: int, variant: str, draw: int | None, replicate: int) -> RunRow:
        units = "" if self.u_by_draw is None or draw is None else self._unit_digests[draw]
        text = f"{self._hashes[variant]}|{variant}|{'' if draw is None else draw}|{units}|{replicate}|{self.record}|{int(self.cutoff)}"
        return RunRow(index, variant, draw, replicate, hashlib.blake2b(text.encode(), digest_size=12).hexdigest())

    @cached_property
    def _unit_digests(self) -> list[str]:
        return [hashlib.blake2b(json.dumps(sorted(units.items())).encode(), digest_size=8).hexdigest() for units in self.u_by_draw or ()]
