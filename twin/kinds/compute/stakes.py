"""Stakes: what a node must put up to count, what it gets back after a cooldown, what is taken from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.arrays import Floats, Ints
from twin.kernel import Clock, in_turn
from twin.kinds.compute.places import Sites
from twin.kinds.compute.rewards_spec import BlockRewardsSpec
from twin.kinds.compute.spec import ComputeScenario
from twin.state import Column, Columns

COLUMNS = (Column("stake_tokens", np.float64, 0.0, "tokens", "stake put up", "stakes"),)


def min_stake_tokens(multiplier: ArrayLike, gpus: ArrayLike, *, tokens_per_gpu: float = 200.0) -> Floats:
    """Stake that makes a device count: 200 IO × max(1, multiplier) × GPUs."""
    return np.asarray(tokens_per_gpu * np.maximum(1.0, np.asarray(multiplier, np.float64)) * np.asarray(gpus))


def stakes_asked(spec: ComputeScenario, sites: Sites) -> Floats:
    """Tokens that each node puts up: the least that counts, or what its group has decided on; none by rules without a stake."""
    multiple = np.array([gpu.reward_multiple for gpu in spec.hardware.values()])[sites.gpu]
    per_gpu = spec.rewards.stake_tokens_per_gpu if isinstance(spec.rewards, BlockRewardsSpec) else 0.0
    tokens = min_stake_tokens(multiple, sites.claimed_gpus, tokens_per_gpu=per_gpu)
    for number, group in enumerate(spec.operators.values()):
        if group.stake_tokens_per_gpu is not None:
            mine = sites.group == number
            tokens[mine] = group.stake_tokens_per_gpu * sites.real_gpus[mine]
    return tokens


def stakes_asked_from(spec: ComputeScenario) -> date | None:
    """First day on which a node must put up a stake; None: never."""
    rewards = spec.rewards
    return rewards.stake_starts if isinstance(rewards, BlockRewardsSpec) and rewards.stake_tokens_per_gpu > 0 else None


class Stakes:
    """Stake of every node: what it has ordered on the market, and what it has put up of that. `take_moves` tells the books what to buy or to give back."""

    def __init__(self, clock: Clock, spec: ComputeScenario, sites: Sites, nodes: Columns, *, waits_for_the_market: Callable[[], bool]) -> None:
        """`waits_for_the_market`: whether a stake is ordered and found later, or bought at once."""
        self.clock, self.nodes, self.is_fake, self._waits = clock, nodes, sites.is_fake, waits_for_the_market
        self.tokens = nodes.writer("stakes").stake_tokens
        self.asked_tokens = stakes_asked(spec, sites)
        self.cooldown_days = spec.verification.cooldown_days
        self.asked = False
        """Whether a node without a stake counts for nothing."""
        self._without = np.array([False] * len(spec.operators) + [not cheat.stakes for cheat in spec.adversaries.values()])[sites.group]
        self.ordered_tokens = np.zeros(sites.n)
        """What each waits for."""
        self._turn = np.zeros(sites.n, np.int64)
        """Who ordered first is served first."""
        self._orders = 0
        self._bought = self._bought_by_fakes = self._freed = 0.0
        self._unlock: dict[int, float] = defaultdict(float)

    def ask(self) -> None:
        """From today a node without stake does not count."""
        self.asked = True
        self.put_up(np.flatnonzero(self.nodes.online))

    def count(self) -> NDArray[np.bool_]:
        """Nodes that have put up what is asked of them; what is only ordered does not count."""
        return np.asarray(self.tokens >= self.asked_tokens * (1 - 1e-9)) if self.asked else np.ones(len(self.tokens), bool)

    def put_up(self, nodes: Ints) -> None:
        """Where stakes are asked nodes that have none order them (those who cheat without one stay without)."""
        if not self.asked:
            return
        need = np.maximum(self.asked_tokens[nodes] - self.tokens[nodes] - self.ordered_tokens[nodes], 0.0)
        need[self._without[nodes]] = 0.0
        if self._waits():
            first = need > 0
            self._turn[nodes[first]] = self._orders + np.arange(first.sum())
            self._orders += int(first.sum())
            self.ordered_tokens[nodes] += need
            return
        self.tokens[nodes] += need
        fake = self.is_fake[nodes]
        self._bought += float(need[~fake].sum())
        self._bought_by_fakes += float(need[fake].sum())

    def receive(self, held_tokens: float) -> None:
        """What the market has found this morning goes to those who wait, in their turn. `held_tokens` is all that lies in the account of stakes."""
        waiting = np.flatnonzero(self.ordered_tokens > 0)
        found = held_tokens - in_turn(self.tokens) - self._cooling_tokens()
        if not len(waiting) or found <= 0:
            return
        waiting = waiting[np.argsort(self._turn[waiting], kind="stable")]
        ordered = self.ordered_tokens[waiting]
        gets = np.clip(found * (1 + 1e-12) - (np.cumsum(ordered) - ordered), 0.0, ordered)
        self.tokens[waiting] += gets
        self.ordered_tokens[waiting] -= gets

    def slash(self, nodes: Ints, share: float) -> float:
        """Takes a share of their stakes; tokens."""
        slashed = self.tokens[nodes] * share
        self.tokens[nodes] -= slashed
        return float(slashed.sum())

    def give_back(self, nodes: Ints) -> None:
        """Who leaves gets the stake back after the cooldown, and orders no more."""
        self.ordered_tokens[nodes] = 0.0
        if len(nodes) and self.tokens[nodes].any():
            self._unlock[self.clock.day + self.cooldown_days] += float(self.tokens[nodes].sum())
            self.tokens[nodes] = 0.0

    def end_cooldowns(self) -> None:
        """What is due today is free."""
        self._freed += self._unlock.pop(self.clock.day, 0.0)

    def _cooling_tokens(self) -> float:
        """Given back, and still in the account of stakes."""
        return sum(self._unlock.values()) + self._freed

    def take_moves(self) -> dict[str, float]:
        """Tokens bought for stakes, by fakes too, and given back since the last call; and what waits for the market tonight."""
        moves = {
            "bought_tokens": self._bought, "bought_by_fakes_tokens": self._bought_by_fakes, "freed_tokens": self._freed,
            "ordered_tokens": in_turn(self.ordered_tokens[~self.is_fake]), "ordered_by_fakes_tokens": in_turn(self.ordered_tokens[self.is_fake]),
        }  # fmt: skip
        self._bought = self._bought_by_fakes = self._freed = 0.0
        return moves
