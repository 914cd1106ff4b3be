"""Takes the pictures of the README from the pages of a run, with a Chromium that is installed.

twin run helium-iot-goteborg; twin map runs/helium-iot-goteborg-*; python docs/images/take.py runs/helium-iot-goteborg-*
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
VIEWS = {"report.png": ("report.html", 1100, 700), "map.png": ("map.html", 960, 660)}
"""Picture: page, width and height in pixels."""


def take(folder: Path) -> None:
    """Writes the pictures beside this file."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        sys.exit("no Chromium found")
    for name, (page, width, height) in VIEWS.items():
        address = (folder / page).resolve(strict=True).as_uri()
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=8000"]
        picture = [f"--window-size={width},{height}", f"--screenshot={HERE / name}", address]
        subprocess.run([browser, *options, *picture], check=True, capture_output=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
