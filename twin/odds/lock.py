"""Who works on a study: a file that is made if it is not there, which every filesystem can, and touched while its holder lives.

No `flock`: network filesystems lose it. A lock whose holder has not touched it for five minutes (or who was of this machine and is no more) was left by somebody who was killed, and is taken over.
Shards hold locks of their own and exclude only who works on the whole study.
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from twin.errors import InputError, Problem

TOUCHED_EVERY_S = 10.0
LEFT_AFTER_S = 300.0
WRITTEN_WITHIN_S = 10.0
"""A lock that says nothing is being written by its holder, unless it is older than this (assumed)."""


class StudyLock:
    """Held by the client of a study, or of one shard of it. Call `touch` now and then."""

    def __init__(self, folder: Path, shard: tuple[int, int] = (0, 1)) -> None:
        self._folder, self._shard = folder / "locks", shard
        self._path = self._folder / ("whole.json" if shard[1] == 1 else f"shard-{shard[0]}-of-{shard[1]}.json")
        self._mine = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S"), "mark": os.urandom(8).hex()}
        self._touched = 0.0

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in self._folder.glob("*.json"):
            whole = self._shard[1] == 1 or other.name == "whole.json"
            if whole or other == self._path or other.name.rpartition("-")[2] != f"{self._shard[1]}.json":
                self._refuse_unless_left(other)
        try:
            with self._path.open("x", encoding="utf-8") as handle:
                json.dump(self._mine, handle)
        except FileExistsError:
            self._refuse_unless_left(self._path)
            self._path.write_text(json.dumps(self._mine), encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if _said_in(self._path).get("mark") == self._mine["mark"]:
            self._path.unlink(missing_ok=True)

    def touch(self) -> None:
        """Says that the holder lives; does something only every ten seconds."""
        now = time.monotonic()
        if now - self._touched > TOUCHED_EVERY_S:
            self._touched = now
            os.utime(self._path)

    def _refuse_unless_left(self, path: Path) -> None:
        said = _said_in(path)
        age_s = self._age_s(path)
        if self._is_dead(said) or age_s > LEFT_AFTER_S or (not said and age_s > WRITTEN_WITHIN_S):
            path.unlink(missing_ok=True)
            return
        raise InputError(
            Problem(
                "study_in_use",
                f"another client works on this study{_who(said)}. Nothing was run.",
                file=self._folder.parent,
                suggestion=f"Wait for it, or stop it; a client that was killed is forgotten after {LEFT_AFTER_S:.0f} seconds.",
            )
        )

    def _is_dead(self, said: dict[str, Any]) -> bool:
        """Whether its holder was a process of this machine that is no more."""
        if said.get("host") != self._mine["host"] or os.name != "posix":
            return False
        try:
            os.kill(int(said["pid"]), 0)
        except ProcessLookupError:
            return True
        except (OSError, KeyError, ValueError):
            return False
        return False

    def _age_s(self, path: Path) -> float:
        """Seconds since the lock was touched, by the clock of the filesystem: hosts' clocks differ."""
        probe = self._folder / f".now-{self._mine['mark']}"
        probe.touch()
        try:
            return probe.stat().st_mtime - path.stat().st_mtime
        except FileNotFoundError:
            return LEFT_AFTER_S + 1
        finally:
            probe.unlink(missing_ok=True)


def _who(said: dict[str, Any]) -> str:
    return f": process {said.get('pid')} on {said.get('host')}, since {said.get('since')}" if said else ", and began just now"


def _said_in(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return said if isinstance(said, dict) else {}
