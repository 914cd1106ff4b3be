"""A process that the system asks to end (SIGTERM, a terminal that closes) ends as one that the user stops: with a folder that says so."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from twin.errors import Terminated

ASKS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def ends_when_told() -> Iterator[None]:
    """Raises Terminated where the process is at when it is told to end, once: what is being put away then is not disturbed.

    Only in the main thread, where alone Python takes signals, and only for signals that nobody else handles or ignores.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told = False

    def end(number: int, _: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            raise Terminated(128 + number)

    taken = [ask for ask in ASKS if signal.getsignal(ask) is signal.SIG_DFL]
    for ask in taken:
        signal.signal(ask, end)
    try:
        yield
    finally:
        for ask in taken:
            signal.signal(ask, signal.SIG_DFL)
