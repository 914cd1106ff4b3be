"""What is known of a row once somebody has tried to live it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Stage(Enum):
    """How far a life had come when it failed."""

    DRAW = "draw"
    BUILD = "build"
    LIFE = "life"
    JUDGE = "judge"
    WRITE = "write"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says of one row. Small: what the life left is on the disk already."""

    key: str
    failed_at: Stage | None = None
    """None: the life is finished and its marker stands."""
    message: str = ""
    seconds: float = 0.0
    """Processor time of the life."""
    n_bytes: int = 0
    """Of the files that it left."""
    peak_mb: float = 0.0
    """Most memory that its process held, MB."""

    @property
    def is_done(self) -> bool:
        """Whether the life came to its end."""
        return self.failed_at is None

    def to_json(self) -> str:
        """As one line."""
        return json.dumps(asdict(self) | {"failed_at": None if self.failed_at is None else self.failed_at.value})

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """The answer in a line."""
        given = json.loads(text)
        return cls(**given | {"failed_at": None if given["failed_at"] is None else Stage(given["failed_at"])})


@dataclass(frozen=True, slots=True)
class Left:
    """What a finished life leaves beside its series: the content of its marker."""

    variant: str
    draw: int | None
    replicate: int
    key: str
    verdict: Mapping[str, Any]
    """The row of the table `verdict`; dates as ISO text."""
    drawn: Mapping[str, float] = field(default_factory=dict)
    """Path -> drawn value."""
    more: Mapping[str, float] = field(default_factory=dict)
    """Further numbers of the life."""
    seconds: float = 0.0
    n_bytes: int = 0
    peak_mb: float = 0.0
