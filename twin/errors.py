"""The exception tree. Codes are a promise; wording is not.

* `InputError`: what the user gave is wrong. Carries every problem found at once; the command line exits with 2.
* `RunError`: the run itself failed (a broken balance, a full disk). The command line exits with 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the input, and how to mend it.

    `code` is stable (`unknown_field`); `path` is the dotted path inside the scenario; `line` and `column` count from 1.
    `origin` names the variant, parent file or option that set the value if it was not `file` itself.
    """

    code: str
    message: str
    file: Path | str | None = None
    line: int | None = None
    column: int | None = None
    path: str = ""
    source_line: str | None = None
    suggestion: str | None = None
    origin: str | None = None

    def render(self) -> str:
        """The problem as the user reads it: where, the line itself, what was expected, what to do."""
        spot = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        head = "  ".join(part for part in (spot, self.path) if part)
        body = [head] if head else []
        if self.source_line is not None and self.line is not None:
            body.append(f"{self.line:>6} | {self.source_line.rstrip()}")
        body.append("  " + self.message)
        if self.suggestion:
            body.append("  " + self.suggestion)
        if self.origin:
            body.append(f"  (set by {self.origin})")
        return "\n".join(body)


class TwinError(Exception):
    """Everything that this package raises on purpose."""

    exit_code = 1


class InputError(TwinError):
    """The input is wrong; nothing was run. `problems` holds all of them."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(problem.render() for problem in self.problems))

    @property
    def codes(self) -> tuple[str, ...]:
        """The stable codes, in the order of the problems."""
        return tuple(problem.code for problem in self.problems)


class RunError(TwinError):
    """The run failed after it had started; what is on disk stays readable."""


class Terminated(SystemExit):
    """The system asked the process to end while a run was being written. The code is 128 and the number of the signal."""


class LedgerError(RunError):
    """Postings do not balance: the run stops."""


class StoreError(RunError):
    """Results could not be written (a full disk, a folder that vanished)."""
