"""How far a study is: lives a second, time left, failures so far, and what it will weigh on the disk."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from twin.odds.answers import Answer

FIRST_LIVES = 4
"""After so many lives their cost is taken for that of all."""


@dataclass
class Tally:
    """What has come back so far in this session."""

    of: int
    """Lives that this session has to live."""
    already: int = 0
    """Finished before it began."""
    done: int = 0
    failed: int = 0
    n_bytes: int = 0
    seconds: float = 0.0
    """Processor time of finished lives."""
    peak_mb: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def add(self, answer: Answer) -> None:
        """One more answer."""
        if answer.is_done:
            self.done += 1
            self.n_bytes += answer.n_bytes
            self.seconds += answer.seconds
            self.peak_mb = max(self.peak_mb, answer.peak_mb)
        else:
            self.failed += 1

    @property
    def ended(self) -> int:
        """Lives that ended in this session, well or not."""
        return self.done + self.failed

    @property
    def lives_per_s(self) -> float:
        """Rate of this session."""
        return self.ended / max(time.monotonic() - self.began, 1e-9)

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at that rate; None before anybody knows."""
        return (self.of - self.ended) / self.lives_per_s if self.ended else None

    @property
    def expected_bytes(self) -> float | None:
        """What the lives of this session will weigh, from the first ones."""
        return self.of * self.n_bytes / self.done if self.done and self.done >= min(FIRST_LIVES, self.of) else None
