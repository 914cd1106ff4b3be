"""Where the reference values of mobile networks lie."""

from __future__ import annotations

from pathlib import Path

from bulk import FACTS

ROOT = Path(__file__).parents[2]
DATA = FACTS / "mobile"
