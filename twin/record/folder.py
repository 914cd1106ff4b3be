"""Where a run may write: a new folder, an unfinished one, or a finished one that the user gives up."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import IO

from twin.errors import InputError, Problem
from twin.record import manifest
from twin.record.manifest import Status
from twin.record.tables import TABLES

try:
    import fcntl
except ImportError:  # not a POSIX system: no advisory locks, two runs into one folder are not noticed
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = "run.lock"
OTHER_FILES = (manifest.FILE_NAME, "run.log", "report.html", "map.html", ".ballast")


class FolderLock:
    """An advisory lock on a run folder, held as long as its writer lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._handle: IO[bytes] | None = None

    def take(self) -> bool:
        """True if the lock was free and is ours now."""
        handle = self._path.open("ab")
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Lets go and removes the lock file."""
        if self._handle is not None:
            self._path.unlink(missing_ok=True)
            self._handle.close()
            self._handle = None


def is_being_written(folder: Path) -> bool:
    """True if a living process holds the folder's lock."""
    path = folder / LOCK_NAME
    if fcntl is None or not path.exists():
        return False
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def prepare_folder(folder: Path, *, overwrite: bool) -> FolderLock:
    """Makes the folder or checks that it may be used, and locks it. Nothing in it is touched yet; every refusal is an `InputError`."""
    _refuse_foreign(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
        lock = FolderLock(folder)
        taken = lock.take()
    except OSError as exc:
        fault = f"cannot be written to: {exc.strerror or exc}. Nothing was run."
        raise InputError(Problem("output_not_writable", fault, file=folder, suggestion="Choose another folder with --out.")) from exc
    if not taken:
        raise InputError(Problem("run_in_progress", "another run is writing into this folder. Nothing was run.", file=folder))
    if _status_in(folder) == Status.COMPLETE and not overwrite:
        lock.release()
        message = f"holds a finished run ({folder.name}). Nothing was run."
        raise InputError(
            Problem("run_exists", message, file=folder, suggestion="Give --overwrite to replace it, or another folder with --out.")
        )
    return lock


def clear_run_folder(folder: Path) -> None:
    """Removes what an earlier run left in the folder, and nothing else."""
    for name in OTHER_FILES:
        (folder / name).unlink(missing_ok=True)
    for name in TABLES:
        (folder / f"{name}.parquet").unlink(missing_ok=True)
        (folder / f"{name}.parquet.tmp").unlink(missing_ok=True)
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem("output_not_writable", "is a file, not a folder. Nothing was run.", file=folder))
    if folder.is_dir() and not (folder / manifest.FILE_NAME).exists():
        strangers = sorted({entry.name for entry in os.scandir(folder)} - {LOCK_NAME, ".probe", *OTHER_FILES})
        if strangers:
            seen = ", ".join(strangers[:3])
            message = f"is not empty and not a run folder (it holds {seen}). Nothing was run."
            raise InputError(Problem("not_a_run_folder", message, file=folder, suggestion="Choose another folder with --out."))


def _status_in(folder: Path) -> str | None:
    try:
        document = json.loads((folder / manifest.FILE_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return document.get("status") if isinstance(document, dict) else None
