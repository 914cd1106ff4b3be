"""Runs the command line, inside this process or as one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from twin.cli import app

ROOT = Path(__file__).resolve().parents[2]
BAD = Path(__file__).parent / "bad"
TOWN = BAD / "town.yaml"
COMMAND = [sys.executable, "-c", "from twin.cli import main; main()"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "OMP_NUM_THREADS": "1"}


def twin(*arguments: object) -> Result:
    """The command in this process; `output` holds both streams, `stdout` and `stderr` each of them."""
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(argument) for argument in arguments], prog_name="twin")


def twin_process(*arguments: object, cwd: Path, before: str = "", after: str = "true") -> subprocess.CompletedProcess[str]:
    """The command as a process; `before` and `after` are shell commands around it, with mounts of their own."""
    command = [*COMMAND, *(str(argument) for argument in arguments)]
    if before:
        command = ["unshare", "--mount", "--map-root-user", "sh", "-c", f'{before} && "$0" "$@"; code=$?; {after}; exit $code', *command]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=180)
