"""Most hotspots leave at once: small buyers' sensors go where cover falls, and stay and grow where the few that are left still hear all."""

from __future__ import annotations

from typing import Any

import numpy as np
from kept import Kept, parts
from town import settle_down

LEAVE, END = 400, 640
IN_THE_OPEN = {"radio.link": {"margin_db": 0}}
"""Sensors outdoors, as the small ones of a bundled city are: one hotspot hears half a town. The town's own need 32 dB to spare."""


def most_leave(changes: dict[str, Any]) -> tuple[Any, Kept, np.ndarray]:
    """A town in which on one day all sites but those of one hotspot in thirty are closed; what the small buyers had the evening before."""
    twin, kept = settle_down({"customers.small_buyers.adoption_years": {"median": 3, "p90": 5}, **changes})
    twin.clock.run(until_day=LEAVE)
    before = parts(twin).sensors.small[0].sensors.copy()
    running = np.flatnonzero(twin.nodes.online)
    left = running[twin.streams.uniform("test: stays", 0, running) < 1 / 30]
    twin.trade.fleet.ban(np.setdiff1d(np.arange(len(twin.nodes.state)), left))
    twin.clock.run(until_day=END)
    return twin, kept, before


def test_sensors_leave_where_nobody_hears_them_any_more() -> None:
    twin, kept, before = most_leave({})
    buyers = parts(twin).sensors.small[0]
    covered = buyers.coverage.covered()
    assert kept.series("people_covered")[LEAVE + 1] < 0.5 * kept.series("people_covered")[LEAVE]
    assert kept.series("capacity")[LEAVE + 1] < 0.1 * kept.series("capacity")[LEAVE]
    assert buyers.sensors[~covered].sum() < 0.3 * before[~covered].sum()
    assert kept.series("sensors_connected")[END] < 0.5 * kept.series("sensors_connected")[LEAVE]
    assert kept.series("usage_constant_usd")[END] < 0.5 * kept.series("usage_constant_usd")[LEAVE]


def test_sensors_that_one_hotspot_serves_as_well_go_on_growing() -> None:
    """What such a sensor buys does not get worse: capacity falls by nine tenths, and nearly every place is still heard as before."""
    twin, kept, before = most_leave(IN_THE_OPEN)
    buyers = parts(twin).sensors.small[0]
    assert kept.series("capacity")[LEAVE + 1 :].max() < 0.1 * kept.series("capacity")[LEAVE]
    heard = buyers.coverage.covered() & (buyers.trust.kept == 1)
    assert heard.mean() > 0.95 < kept.series("service_share")[END]
    assert buyers.sensors[heard].sum() > 1.1 * before[heard].sum() and kept.series("sensors_connected")[END] > kept.series("sensors_connected")[LEAVE]
