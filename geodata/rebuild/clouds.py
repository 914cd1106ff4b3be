"""Regions of cloud providers with their coordinates (metropolitan, as the source disclaims)."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from geodata.rebuild.archives import archive, member


def regions(folder: Path) -> pd.DataFrame:
    """One row a region: id, provider, region, city, cc, lat, lon, status, gpu."""
    listed = json.loads(member(archive(folder, "mcp-server-cloud-regions-*.tgz"), "data/regions.json"))["regions"]
    rows = [
        (
            region["id"],
            region["provider"],
            region["regionCode"],
            region["location"]["city"],
            region["location"]["countryCode"],
            region["location"]["latitude"],
            region["location"]["longitude"],
            region.get("status"),
            bool(region.get("services", {}).get("gpu")),
        )
        for region in listed
    ]
    return pd.DataFrame(rows, columns=["id", "provider", "region", "city", "cc", "lat", "lon", "status", "gpu"]).dropna(subset=["lat"])
