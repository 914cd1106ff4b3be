"""One day of a token that two sub-networks share: schedule, re-minted burns, demand-linked top-up, and mints by decision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.economy.deployer_band import deployer_band
from twin.economy.emission import as_days, day_range, other_mint_tokens, tokens_per_day, values_on
from twin.economy.net_emission import NetEmission
from twin.economy.steered import Steered
from twin.scenario.sections.token import TokenSpec, TopUpSpec

FOUNDERS, OTHER_SUB_NETWORK, SUB_TOKEN_TREASURY, UNDISTRIBUTED = "founders", "other_sub_network", "sub_token_treasury", "undistributed"
"""Names of pots that are no pool of nodes: taken before the sub-networks part, of the other one, kept in a sub-token's treasury, not minted."""


def smoothed_share(targets: Mapping[date, float], smoothing_days: Mapping[date, int], dates: ArrayLike) -> NDArray[np.float64]:
    """Share of the mint that goes to the other sub-network on each day: it moves toward the dated target by one part in `smoothing_days` a day.

    `S[t] = (n-1)/n S[t-1] + 1/n target[t]` (HIP-141), from the first target's date on, where it starts at the target; 0 before.
    """
    wanted = as_days(dates)
    result = np.zeros(len(wanted))
    if not targets or not len(wanted) or wanted.max() < np.datetime64(min(targets), "D"):
        return result
    days = np.arange(np.datetime64(min(targets), "D"), wanted.max() + 1)
    target, memory = values_on(targets, days, 0.0), values_on(smoothing_days, days, 1.0)
    share = np.empty(len(days))
    current = float(target[0])
    for row, (aim, n) in enumerate(zip(target.tolist(), memory.tolist(), strict=True)):
        current += (aim - current) / n
        share[row] = current
    known = wanted >= days[0]
    result[known] = share[(wanted[known] - days[0]).astype(np.int64)]
    return result


@dataclass(frozen=True, slots=True)
class DayMint:
    """Tokens minted on one day, by reason."""

    scheduled_tokens: float
    net_tokens: float
    top_up_to_all_tokens: float = 0.0
    top_up_to_data_tokens: float = 0.0
    overflow_tokens: float = 0.0
    """Part of the other sub-network's data pool that goes to stakers instead; moves tokens, mints none."""
    other_tokens: Mapping[str, float] = field(default_factory=dict)
    """Mints outside the schedule, by ledger account."""

    @property
    def to_split_tokens(self) -> float:
        """The mint that passes the normal split."""
        return self.scheduled_tokens + self.net_tokens + self.top_up_to_all_tokens


@dataclass(frozen=True, slots=True)
class Pots:
    """One day's mint, split; the two mappings together sum to it."""

    pools: Mapping[str, float]
    """Tokens by reward pool of nodes; every pool is named, unused ones hold 0."""
    others: Mapping[str, float]
    """Tokens of everybody else by name; `undistributed` is not minted, `other_sub_network` leaves this network."""

    @property
    def pool_tokens(self) -> float:
        """Sum of what nodes get."""
        return math.fsum(self.pools.values())

    def in_scope_tokens(self, unearned_tokens: float = 0.0) -> float:
        """Tokens put into circulation for this sub-network: its pots less what nobody earned, and its part of what founders take before the sub-networks part.

        M of VERDICT, held to the sub-network that is judged: what the other sub-network's customers burn does not make this one's hosts paid.
        """
        elsewhere, founders = self.others.get(OTHER_SUB_NETWORK, 0.0), self.others.get(FOUNDERS, 0.0)
        own = math.fsum(tokens for name, tokens in self.others.items() if name not in (FOUNDERS, OTHER_SUB_NETWORK, UNDISTRIBUTED)) + self.pool_tokens
        return own + founders * (own / (own + elsewhere) if own + elsewhere > 0 else 0.0) - unearned_tokens

    def circulating_tokens(self, unearned_tokens: float = 0.0) -> float:
        """Tokens put into circulation for all networks that share the token: everything but what nobody earned."""
        return math.fsum(tokens for name, tokens in self.others.items() if name != UNDISTRIBUTED) + self.pool_tokens - unearned_tokens

    def times(self, part: float) -> Pots:
        """That part of every pot."""
        return Pots({name: each * part for name, each in self.pools.items()}, {name: each * part for name, each in self.others.items()})


class SharedToken:
    """The mint of each day of a run; remembers only the smoothed burn."""

    def __init__(self, token: TokenSpec, *, start: date, end: date, steered: Steered | None = None) -> None:
        """`steered` is the share that a policy lets through of the schedule (None: there is none)."""
        steered = Steered() if steered is None else steered
        days = day_range(start, end)
        self._start, self._token = start, token
        self._scheduled = tokens_per_day(token.emission, days)
        self._steered = steered
        steered.emits(lambda row: float(self._scheduled[row]))
        self._other = [(mint.account, other_mint_tokens(mint, days)) for mint in token.other_mints.values()]
        self.net_emission = NetEmission(token.net_emission)

    def scheduled_tokens(self, row: int) -> float:
        """Mint of the schedule on a day of the run, a policy's share of it."""
        return float(self._scheduled[row]) * self._steered.on(row)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ledger accounts of the mints by decision."""
        return tuple(mint.account for mint in self._token.other_mints.values())

    def top_up_rule(self, day: date) -> TopUpSpec | None:
        """The top-up rule in force on `day`: the latest enabled row."""
        rules = [rule for since, rule in self._token.top_up.items() if since <= day and rule.enabled]
        return rules[-1] if rules else None

    def mint(
        self, day: date, *, burned_tokens: float, price_usd: float, other_charged_usd: float = 0.0, other_share: float = 0.0
    ) -> DayMint:
        """The day's mint; call once a day, in order.

        `burned_tokens` are the burns of the whole network that day; `other_charged_usd` the data bill of the sub-network that has the top-up and
        `other_share` its share of the mint.
        """
        row = (day - self._start).days
        scheduled = self.scheduled_tokens(row)
        net = self.net_emission.step(day, burned_tokens=burned_tokens)
        others: dict[str, float] = {}
        for account, amounts in self._other:
            if amounts[row]:
                others[account] = others.get(account, 0.0) + float(amounts[row])
        rule = self.top_up_rule(day)
        if rule is None:
            return DayMint(scheduled, net, other_tokens=others)
        band = deployer_band(
            rule,
            charged_usd=other_charged_usd,
            price_usd=price_usd,
            emission_tokens=scheduled,
            net_tokens=net,
            smoothed_burn_tokens=self.net_emission.smoothed_burn_tokens,
            net_cap_tokens=self.net_emission.cap_tokens(day),
            sub_network_share=other_share,
        )
        to_all = rule.minted_to == "all_pools"
        return DayMint(
            scheduled,
            net,
            top_up_to_all_tokens=band.top_up_tokens if to_all else 0.0,
            top_up_to_data_tokens=0.0 if to_all else band.top_up_tokens,
            overflow_tokens=band.overflow_tokens,
            other_tokens=others,
        )
