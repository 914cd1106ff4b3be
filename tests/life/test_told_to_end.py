"""A process that is asked to end while a run is written: once, in the main thread, and only where nobody else listens."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from twin.errors import Terminated
from twin.told_to_end import ASKS, ends_when_told


@pytest.mark.parametrize("ask", ASKS)
def test_it_ends_once_and_what_was_there_is_put_back(ask: signal.Signals) -> None:
    before = signal.getsignal(ask)
    signal.signal(ask, signal.SIG_DFL)
    try:
        with pytest.raises(Terminated) as caught, ends_when_told():
            try:
                os.kill(os.getpid(), ask)
            finally:
                os.kill(os.getpid(), ask)  # while things are put away
        assert caught.value.code == 128 + ask and signal.getsignal(ask) is signal.SIG_DFL
    finally:
        signal.signal(ask, before)


def test_who_listens_already_goes_on_listening() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        with ends_when_told():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_another_thread_takes_no_signals() -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    def look() -> None:
        with ends_when_told():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


class _PutAway:
    """Python swallows whatever is raised while this is put away."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_word_that_a_finaliser_swallowed_is_said_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with pytest.raises(Terminated) as caught, ends_when_told():
            _PutAway()
            time.sleep(10)
        assert caught.value.code == 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
