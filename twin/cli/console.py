"""What the command line says and where: results on the output, everything else on the error stream; errors, and how far a run is."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable
from datetime import date, timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from twin.errors import InputError, Problem

QUIET_S = 2.0
"""Work that is over sooner needs no sign of life (where nobody watches a bar)."""
REFRESH_S = 0.1
LINE_EVERY_S = 15.0


def output() -> Console:
    """The console for results. Paths are never wrapped or coloured, so that they can be copied."""
    return Console(emoji=False, highlight=False, soft_wrap=True)


def errors() -> Console:
    """The console for everything that is no result."""
    return Console(stderr=True, emoji=False, highlight=False, soft_wrap=True)


def say_error(text: str) -> None:
    """One plain text on the error stream."""
    errors().print(text, markup=False)


def show_problems(error: BaseException) -> None:
    """Every problem of an InputError, and how many there are."""
    problems = error.problems if isinstance(error, InputError) else ()
    for problem in problems:
        say_error(problem.render())
    n = len(problems)
    say_error(f"{n} problem{'' if n == 1 else 's'}. Nothing was run.")


def show_warnings(warnings: Iterable[Problem]) -> None:
    """Problems that do not stop a run."""
    for warning in warnings:
        say_error(f"warning: {warning.render()}")


def show_failure(error: BaseException) -> None:
    """A run that failed: the reason, then when it happened and what was kept."""
    say_error(f"failed: {error}")
    _show_notes(error)


def show_interruption(error: BaseException) -> None:
    """A run that the user stopped."""
    say_error("interrupted.")
    _show_notes(error)


def show_surprise(error: BaseException) -> None:
    """An error that nobody foresaw, in one line, and how to see the whole of it."""
    say_error(f"failed unexpectedly: {type(error).__name__}: {_first_line(str(error))}")
    _show_notes(error)
    say_error("  This is a fault of depin-twin, not of your input. Give --traceback to see where it happened.")


def show_traceback(error: BaseException) -> None:
    """The whole of an error, for who asked for it."""
    say_error("".join(traceback.format_exception(error)).rstrip())


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"


def _show_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        say_error(f"  {note}")


class Watch:
    """Shows how far a run is: a bar on a terminal, elsewhere a line now and then once it takes longer than two seconds.

    Call it with what is being done, how many steps are done and how many there are; where there are several, they are days since `start`. It draws in the
    caller's thread: a second thread would keep the run from forking for its cut-off test.
    """

    def __init__(self, *, start: date, quiet: bool = False) -> None:
        self._start = start
        self._quiet = quiet
        self._console = errors()
        self._began = time.monotonic()
        self._next = 0.0 if self._console.is_terminal else QUIET_S
        self._what = ""
        self._live: Live | None = None
        self._days = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("days, {task.fields[today]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            expand=True,
            auto_refresh=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._quiet:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Takes note; draws at most ten times a second, or a line every quarter of a minute."""
        elapsed = time.monotonic() - self._began
        changed, self._what = what != self._what, what
        if self._quiet or (elapsed < self._next and not (changed and self._live is not None)):
            return
        today = f"{self._start + timedelta(days=max(done - 1, 0))}" if of > 1 else ""
        if self._live is None:
            self._next = elapsed + LINE_EVERY_S
            say_error(f"{what}: {today}, {done:,} of {of:,} days" if today else what)
            return
        self._next = elapsed + REFRESH_S
        if not today:
            self._live.update(Text(what), refresh=True)
            return
        if self._task is None:
            self._task = self._days.add_task(what, total=of, today=today)
        self._days.update(self._task, completed=done, today=today)
        self._live.update(self._days, refresh=True)
