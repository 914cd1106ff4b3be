"""History as mood and new money: with the dated flows of the whole token the clearing equation is solved backwards, once, without any run.

Every morning the pot follows the value of the float (half-life 90 days): who comes after a rise, who leaves after a fall. Then the mood is the one at
which the day's flows clear at the dated price, held within a share of wealth of [0.1, 0.9]; what is missing beyond that is new money of the day.
Replayed with the dated flows both give the dated price; replayed with other flows, a price that answers to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.economy.clearing.mood import mood_of
from twin.economy.clearing.pool import Pool
from twin.errors import InputError, Problem
from twin.geo.map_cache import digest_of, kept, made_by

Floats = NDArray[np.float64]
FOLLOWS_HALF_LIFE_DAYS = 90.0
"""The pot follows the value of the float with this half-life (assumed)."""
SHARE_LEAST, SHARE_MOST = 0.1, 0.9
"""Within these holders' share of wealth in the token is taken to have moved; beyond, money came or left (assumed)."""


@dataclass(frozen=True, eq=False)
class DatedFlows:
    """What the whole token's holders were offered and what was spent on tokens, by day from `first` on."""

    first: date
    price_usd: Floats
    offered_tokens: Floats
    """Sold by everybody, less purchases stated in tokens."""
    spent_usd: Floats
    """Dollars spent on tokens."""
    opening_float_tokens: float
    minted_tokens: Floats | None = None
    """The whole token's mint; None: nobody knows."""
    dated: NDArray[np.bool_] | None = None
    """Days whose price is a row of the table; None: all."""


@dataclass(frozen=True, slots=True)
class Skill:
    """How far the price of a life lies from history on dated points: shares of the dated price."""

    n_points: int
    median_share: float
    worst_share: float
    worst_day: date


@dataclass(frozen=True, eq=False)
class History:
    """Mood and new money of each day from `first` on, and the pot, the float and the price of the dated flows."""

    first_day: str
    mood: Floats
    new_money_usd: Floats
    new_money_share: Floats
    """The same as a share of the pot that it found."""
    pot_usd: Floats
    """At the start of each day, and after the last."""
    float_tokens: Floats
    price_usd: Floats
    spent_usd: Floats
    minted_usd: Floats
    """Dollar value of each day's mint; empty where it is not known."""
    dated: NDArray[np.bool_]
    noise_per_day: float
    usual_share: float
    """Share of their wealth that holders are taken to want in the token at rest."""
    reset_share: float
    """Part of the pot that comes (below zero: leaves) after the last day, so that mood is at rest and the price stays: the end of history is no forecast."""

    @property
    def first(self) -> date:
        """Date of the first day."""
        return date.fromisoformat(self.first_day)

    @property
    def n_days(self) -> int:
        """Days of history."""
        return len(self.mood)

    def reset_at(self, rest: float) -> float:
        """The reset share of a life whose mood at rest is another."""
        return (1.0 + self.reset_share) * math.exp(mood_of(self.usual_share) - rest) - 1.0

    def skill(self, prices_usd: Floats, *, start: date) -> Skill | None:
        """Of a life's price by day from `start` on; None where no dated point lies in it.

        A life whose flows are the dated ones has none to show. Beyond 25 % the flows of the model are wrong, not the market.
        """
        offset = (start - self.first).days
        rows = np.flatnonzero(self.dated)
        rows = rows[(rows >= offset) & (rows < offset + len(prices_usd))]
        if not len(rows):
            return None
        apart = prices_usd[rows - offset] / self.price_usd[rows] - 1.0
        worst = int(np.argmax(np.abs(apart)))
        return Skill(len(rows), float(np.median(np.abs(apart))), float(apart[worst]), self.first + timedelta(days=int(rows[worst])))


Offers = Callable[[float, float], float]
"""Tokens that holders who look at the market offer on a day, after its price (USD) and with the float that it left; the next morning takes them."""


def history_of(
    flows: DatedFlows, *, usual_share: float, noise_per_day: float, folder: Path | None = None, offers: Callable[[], Offers] | None = None, offers_by: str = ""
) -> History:
    """Mood and new money of dated flows, kept in `folder` under a digest of all that they were made from. `offers` makes those who sell beside the dated
    flows, anew for each time that history is worked out; `offers_by` says by what they do so."""
    known = [np.zeros(0) if each is None else each for each in (flows.dated, flows.minted_tokens)]
    arrays = (flows.price_usd, flows.offered_tokens, flows.spent_usd, *known)
    more = () if offers is None else (offers_by, made_by(Path(__file__).parents[1]))
    digest = digest_of(
        made_by(Path(__file__).parent), flows.first.isoformat(), flows.opening_float_tokens, usual_share, noise_per_day, *arrays, *more
    )
    return kept(
        "market", digest, lambda: inverted(flows, usual_share=usual_share, noise_per_day=noise_per_day, offers=None if offers is None else offers()),
        folder=folder, classes=(History,),
    )  # fmt: skip


def inverted(flows: DatedFlows, *, usual_share: float, noise_per_day: float, offers: Offers | None = None) -> History:
    """Solves the clearing equation for mood and new money, day by day. Raises InputError where the dated flows cannot have been.

    `offers` are sold beside the dated flows, those of a day on the next, so that a life in which the same holders sell replays the dated price.
    """
    rest = math.exp(mood_of(usual_share))
    least, most = mood_of(SHARE_LEAST), mood_of(SHARE_MOST)
    follows = 1.0 - 0.5 ** (1.0 / FOLLOWS_HALF_LIFE_DAYS)
    n_days = len(flows.price_usd)
    minted = np.zeros(0) if flows.minted_tokens is None else flows.minted_tokens * flows.price_usd
    dated = np.ones(n_days, bool) if flows.dated is None else flows.dated
    mood, money, share, pots, floats = np.zeros(n_days), np.zeros(n_days), np.zeros(n_days), np.zeros(n_days + 1), np.zeros(n_days + 1)
    pool = Pool(float(flows.price_usd[0]) * flows.opening_float_tokens / rest, flows.opening_float_tokens)
    waiting = 0.0
    for day, (price, offered, spent) in enumerate(
        zip(flows.price_usd.tolist(), flows.offered_tokens.tolist(), flows.spent_usd.tolist(), strict=True)
    ):
        if offers is not None:
            offered += waiting
        before, held = float(pool.pot_usd), float(pool.float_tokens)
        pots[day], floats[day] = before, held
        kept_usd = price * (held + offered) - spent
        """Value of the float after the day's trade."""
        if kept_usd <= 0:
            raise _impossible(flows, day)
        come = (price * held / rest - before) * follows
        left_usd = before + come + spent - price * offered
        m = math.log(kept_usd / left_usd) if left_usd > 0 else math.inf
        if not least <= m <= most:
            m = min(max(m, least), most)
            come = kept_usd * math.exp(-m) - spent + price * offered - before
        if before + come <= 0:
            raise _impossible(flows, day)
        mood[day], money[day], share[day] = m, come, come / before
        pool.add(come)
        pool.trade(math.exp(m), sold_tokens=max(offered, 0.0), bought_tokens=max(-offered, 0.0), spent_usd=spent)
        if offers is not None:
            waiting = offers(price, float(pool.float_tokens))
    pots[n_days], floats[n_days] = float(pool.pot_usd), float(pool.float_tokens)
    pool.check()
    reset = float(flows.price_usd[-1]) * floats[n_days] / rest / pots[n_days] - 1.0
    return History(
        flows.first.isoformat(),
        mood,
        money,
        share,
        pots,
        floats,
        flows.price_usd,
        flows.spent_usd,
        minted,
        dated,
        noise_per_day,
        usual_share,
        reset,
    )


def _impossible(flows: DatedFlows, day: int) -> InputError:
    when = flows.first + timedelta(days=day)
    return InputError(
        Problem(
            "dated_flows_impossible", f"on {when} more tokens were bought than holders can have had",
            suggestion="give a larger opening_float_tokens or sold_share, or look at the dated purchases of that time",
        )
    )  # fmt: skip
