"""A process that the system asks to end (SIGTERM, a terminal that closes) ends as one that the user stops: with a folder that says so."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from twin.errors import Terminated

TOLD_AGAIN_AFTER_S = 0.05
ASKS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def ends_when_told() -> Iterator[None]:
    """Raises Terminated where the process is at when it is told to end, once: what is being put away then is not disturbed.

    Only in the main thread, where alone Python takes signals, and only for signals that nobody else handles or ignores. Where Python happens to be in a
    finaliser, which swallows whatever is raised there, the process is told again a moment later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told = 0  # the signal by which it was; 0: it was not

    def end(number: int, _: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = number
            raise Terminated(128 + number)

    def swallowed(ignored: sys.UnraisableHookArgs) -> None:
        nonlocal told
        if not isinstance(ignored.exc_value, Terminated):
            before(ignored)
            return
        again, told = told, 0
        threading.Timer(TOLD_AGAIN_AFTER_S, os.kill, (os.getpid(), again)).start()

    taken = [ask for ask in ASKS if signal.getsignal(ask) is signal.SIG_DFL]
    for ask in taken:
        signal.signal(ask, end)
    before, sys.unraisablehook = sys.unraisablehook, swallowed
    try:
        yield
    finally:
        sys.unraisablehook = before
        for ask in taken:
            signal.signal(ask, signal.SIG_DFL)
