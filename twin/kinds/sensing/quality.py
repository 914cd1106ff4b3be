"""Quality and uptime of each station: a level of the place, to which every day's quality returns with a little noise."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv

from twin.arrays import Floats
from twin.kernel import Streams
from twin.kinds.sensing.spec import QualitySpec


class Quality:
    """`share` and `online_share` of every site, as they are or would be with a station on it."""

    def __init__(self, spec: QualitySpec, streams: Streams, n: int) -> None:
        self.spec, self.streams, self.n = spec, streams, n
        slots = np.arange(n)
        mean, sd = spec.site_mean_share, spec.site_sd_share
        weight = mean * (1 - mean) / sd**2 - 1
        if weight <= 0:
            raise ValueError("no spread of shares has this mean and standard deviation")
        self.level: Floats = betaincinv(mean * weight, (1 - mean) * weight, streams.uniform("site quality", 0, slots))
        self.share: Floats = self.level.copy()
        self.online_share = 1 - np.minimum(spec.downtime_share.at(streams.normal("downtime", 0, slots)), 1.0)

    def advance(self, day: int, days: int) -> None:
        """Quality after so many more days: q += k (level - q) + noise, day by day, in one exact step."""
        keep = (1 - self.spec.returns_share_per_day) ** days
        one = (1 - self.spec.returns_share_per_day) ** 2
        spread = self.spec.noise_share_per_day * np.sqrt((1 - one**days) / (1 - one)) if one < 1 else 0.0
        noise = self.streams.normal("quality", day, np.arange(self.n)) if spread else 0.0
        self.share = np.clip(self.level + (self.share - self.level) * keep + spread * noise, 0.0, 1.0)

    def satellites(self) -> Floats:
        """Effective satellites that a station on each site would track, by its quality."""
        worst, best = self.spec.n_satellites_at_worst, self.spec.n_satellites_at_best
        return worst + (best - worst) * self.share
