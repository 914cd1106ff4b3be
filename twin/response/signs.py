"""The signs that must come out, with their reasons: data in `signs.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

FILE = Path(__file__).with_name("signs.yaml")
Sign = Literal["up", "down", "not_up", "not_down"]
Grade = Literal["sure", "usual", "open"]
CHANCE_SHARE = 0.05
WORDS: Mapping[str, str] = {"up": "rises", "down": "falls", "not_up": "does not rise", "not_down": "does not fall"}


@dataclass(frozen=True)
class Expectation:
    """One row: when this lever is turned, this quantity moves so."""

    lever: str
    quantity: str
    sign: Sign
    grade: Grade
    because: str
    but: Mapping[str, str] = field(default_factory=dict)
    """Kind or scenario -> why it does not hold there."""

    def excuse(self, kind: str, scenario: str) -> str | None:
        """Why this does not hold for a scenario; None: it does."""
        return self.but.get(kind) or self.but.get(scenario)

    def holds(self, before: float, after: float) -> bool:
        """Whether a quantity moved so. Equal to the last digits is no move; what must not move may by `CHANCE_SHARE`: other luck is met on another road."""
        gap, size = after - before, max(abs(before), abs(after))
        match self.sign:
            case "up":
                return gap > 1e-9 * size
            case "down":
                return -gap > 1e-9 * size
            case "not_up":
                return gap <= CHANCE_SHARE * size
            case "not_down":
                return -gap <= CHANCE_SHARE * size


@cache
def expectations() -> tuple[Expectation, ...]:
    """All rows of `signs.yaml`, in its order."""
    return tuple(Expectation(**row) for row in yaml.safe_load(FILE.read_text(encoding="utf-8")))
