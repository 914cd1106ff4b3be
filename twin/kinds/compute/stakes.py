"""Stakes: what a node must put up to count, what it gets back after a cooldown, what is taken from it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.arrays import Floats, Ints
from twin.kernel import Clock
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


class Stakes:
    """Stake of every node. `take_moves` tells the books what was put up or given back."""

    def __init__(self, clock: Clock, spec: ComputeScenario, sites: Sites, nodes: Columns) -> None:
        self.clock, self.nodes, self.is_fake = clock, nodes, sites.is_fake
        self.tokens = nodes.writer("stakes").stake_tokens
        self.asked_tokens = stakes_asked(spec, sites)
        self.cooldown_days = spec.verification.cooldown_days
        self.asked = False
        """Whether a node without a stake counts for nothing."""
        self._without = np.array([False] * len(spec.operators) + [not cheat.stakes for cheat in spec.adversaries.values()])[sites.group]
        self._bought = self._bought_by_fakes = self._freed = 0.0
        self._unlock: dict[int, float] = defaultdict(float)

    def ask(self) -> None:
        """From today a node without stake does not count."""
        self.asked = True
        self.put_up(np.flatnonzero(self.nodes.online))

    def count(self) -> NDArray[np.bool_]:
        """Nodes that have put up what is asked of them."""
        return np.asarray(self.tokens >= self.asked_tokens * (1 - 1e-9)) if self.asked else np.ones(len(self.tokens), bool)

    def put_up(self, nodes: Ints) -> None:
        """Where stakes are asked they are bought for nodes that have none (those who cheat without one stay without)."""
        if not self.asked:
            return
        need = np.where(self._without[nodes], 0.0, np.maximum(self.asked_tokens[nodes] - self.tokens[nodes], 0.0))
        self.tokens[nodes] += need
        fake = self.is_fake[nodes]
        self._bought += float(need[~fake].sum())
        self._bought_by_fakes += float(need[fake].sum())

    def slash(self, nodes: Ints, share: float) -> float:
        """Takes a share of their stakes; tokens."""
        slashed = self.tokens[nodes] * share
        self.tokens[nodes] -= slashed
        return float(slashed.sum())

    def give_back(self, nodes: Ints) -> None:
        """Who leaves gets the stake back after the cooldown."""
        if len(nodes) and self.tokens[nodes].any():
            self._unlock[self.clock.day + self.cooldown_days] += float(self.tokens[nodes].sum())
            self.tokens[nodes] = 0.0

    def end_cooldowns(self) -> None:
        """What is due today is free."""
        self._freed += self._unlock.pop(self.clock.day, 0.0)

    def take_moves(self) -> dict[str, float]:
        """Tokens bought for stakes, by fakes too, and given back since the last call; and what all that was put up comes to."""
        moves = {
            "bought_tokens": self._bought, "bought_by_fakes_tokens": self._bought_by_fakes, "freed_tokens": self._freed,
            "asked_tokens": float(self.tokens.sum()) + sum(self._unlock.values()), "asked_of_fakes_tokens": float(self.tokens[self.is_fake].sum()),
        }  # fmt: skip
        self._bought = self._bought_by_fakes = self._freed = 0.0
        return moves
