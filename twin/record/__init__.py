"""What a run leaves: declared tables, a folder that is readable at every moment, and its reader."""

from __future__ import annotations

from twin.record.manifest import Status, describe_scenario
from twin.record.reader import RunFolder, open_run
from twin.record.recorder import Recorder
from twin.record.store import RunStore

__all__ = ["Recorder", "RunFolder", "RunStore", "Status", "describe_scenario", "open_run"]
