"""A life that goes on twice: the same luck from a day on, with something switched, beside the one that is recorded.

Where a process can be forked, a child takes over on that day and answers through a pipe while the parent lives on; elsewhere the life is repeated from its
first day. SimPy generators cannot be copied, so these are the two ways there are.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from typing import Any

from twin.build import build
from twin.record import Recorder
from twin.record.in_memory import NoStore
from twin.world import World

Act = Callable[[World], Any]
"""What the other life does from its day on; returns something that JSON can hold."""


class Fork:
    """Another life that began on a day of this one."""

    def __init__(self, world: World, act: Act, *, day: int) -> None:
        """`day` is the first that the other life lives by itself; `world` has run to the day before."""
        self._act, self._day, self._world, self._child = act, day, world, 0
        if hasattr(os, "fork") and threading.active_count() == 1:
            self._pipe = self._forked()

    def answer(self) -> Any:
        """Waits for what the other life has to say."""
        if not self._child:
            return self._act(again(self._world, until_day=self._day - 1))
        with os.fdopen(self._pipe, "rb") as pipe:
            text = pipe.read()
        child, self._child = self._child, 0
        os.waitpid(child, 0)
        if not text:
            raise RuntimeError("a life that was forked off ended without an answer")
        return json.loads(text)

    def give_up(self) -> None:
        """Ends the other life, if nobody has waited for it."""
        if self._child:
            os.kill(self._child, 9)
            os.close(self._pipe)
            os.waitpid(self._child, 0)
            self._child = 0

    def _forked(self) -> int:
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover - runs in the child
            status = 1
            try:
                os.close(readable)
                alone(self._world)
                os.write(writable, json.dumps(self._act(self._world)).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writable)
        self._child = child
        return readable


def alone(world: World) -> None:
    """From now on the days of this life are kept in memory, and neither maps, groups, events nor the ledger are written."""
    chronicle, store = world.chronicle, no_store(world)
    chronicle.spec = chronicle.spec.model_copy(update={"cells": "none", "operators": "none"})
    if isinstance(chronicle.recorder, Recorder):
        chronicle.recorder.go_on_with(store)
    else:
        chronicle.recorder = None


def again(world: World, *, until_day: int) -> World:
    """The same life once more from its first day."""
    twin = build(world.scenario, replicate=world.replicate, draw=world.draw, cache=world.cache, dated=world.dated)
    twin.record_with(Recorder(no_store(twin), start=twin.clock.start, n_days=twin.clock.n_days))
    alone(twin)
    twin.clock.run(until_day=until_day)
    return twin


def no_store(world: World) -> NoStore:
    """A store that keeps nothing of this world's tables."""
    return NoStore(extra_columns=world.daily_fields, absent_columns=world.absent_fields)
