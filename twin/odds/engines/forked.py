"""One warm parent that forks each life: modules are imported and maps are open already, so a life starts at once and shares their memory."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from twin.errors import StoreError
from twin.odds.answers import Answer, Stage
from twin.odds.engines.engine import TRIES, Work
from twin.odds.folder import StudyFolder
from twin.odds.rows import RunRow

WAIT_S = 1.0
DISK_FULL = 75
"""How a child says that its results could not be written."""
PR_SET_PDEATHSIG = 1


@dataclass
class _Child:
    row: RunRow
    pid: int
    said: bytearray = field(default_factory=bytearray)


class Forked:
    """At most `workers` children at a time."""

    name = "local"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`. A child that is killed is replaced, and its row tried again."""
        tries: dict[str, int] = {}
        again: list[RunRow] = []
        with selectors.DefaultSelector() as children:
            try:
                while True:
                    while len(children.get_map()) < self.workers and (row := again.pop() if again else next(rows, None)) is not None:
                        _begin(work, row, children)
                    if not children.get_map():
                        return
                    for key, _ in children.select(WAIT_S):
                        child: _Child = key.data
                        if (read := os.read(key.fd, 65536)) != b"":
                            child.said += read
                            continue
                        children.unregister(key.fd)
                        os.close(key.fd)
                        answer = _ended(child)
                        if answer is None:
                            tries[child.row.key] = tries.get(child.row.key, 0) + 1
                            if tries[child.row.key] < TRIES:
                                again.append(child.row)
                                continue
                            answer = Answer(child.row.key, Stage.KILLED, f"its process was killed {TRIES} times (by hand, or for want of memory).")
                            StudyFolder(work.folder).write_failure(child.row, answer)
                        yield child.row, answer
                    idle()
            finally:
                for key in list(children.get_map().values()):
                    os.kill(key.data.pid, signal.SIGKILL)
                    os.waitpid(key.data.pid, 0)
                    os.close(key.fd)


def _begin(work: Work, row: RunRow, children: selectors.BaseSelector) -> None:
    readable, writable = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - runs in the child
        status = 1
        try:
            os.close(readable)
            die_with(parent)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.write(writable, work.live(row).to_json().encode())
            status = 0
        except StoreError as error:
            os.write(writable, str(error).encode())
            status = DISK_FULL
        finally:
            os._exit(status)
    os.close(writable)
    children.register(readable, selectors.EVENT_READ, _Child(row, pid))


def _ended(child: _Child) -> Answer | None:
    """The child's answer; None where it was killed before it had one."""
    _, status = os.waitpid(child.pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == DISK_FULL:
        raise StoreError(child.said.decode(errors="replace"))
    return Answer.from_json(child.said.decode()) if status == 0 and child.said else None


def die_with(parent: int) -> None:
    """From now on this process ends when its parent does, where the system can arrange that; a killed client then leaves nobody behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
