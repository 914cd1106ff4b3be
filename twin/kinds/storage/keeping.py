"""What miners of an Arweave-like network are paid, hold back, sell and spend, day by day. Tokens and USD.

What customers paid reaches miners in tokens, at once or through the pool: both are `customer` postings, so no part of R backs emission a second
time and `revenue_token_usd` is 0. Inflation, and what is minted when the pool is dry, is emission.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from twin.arrays import Floats
from twin.economy.books import TokenBooks
from twin.kinds.storage.endowment import GIB_PER_TB
from twin.kinds.storage.groups import Groups, Sums
from twin.kinds.storage.mining import Miners
from twin.kinds.storage.weave import Income, Weave
from twin.state import Funding
from twin.units import DAYS_PER_YEAR


class Keeping:
    """Settlement once a day."""

    income: Income
    fee_tokens_per_gib: float
    """What an upload costs since the last settlement."""
    income_usd_per_tb_per_year: float
    """Of a mined TB, as miners saw it last."""

    def __init__(self, books: TokenBooks, weave: Weave, miners: Miners, sums: Sums, groups: Groups, *, sells_share: Floats, decide: Callable[[float], float]) -> None:
        """`decide` has miners change their space, given what a mined TB brings a year, and says what they pay for disks, USD."""
        self.books, self.weave, self.miners, self.sums, self.groups, self.today = books, weave, miners, sums, groups, books.today
        self._sells, self._decide = sells_share, decide
        self._held: deque[float] = deque()
        self._held_for_fakes: deque[float] = deque()
        self.fakes_tokens = 0.0
        """Earned today by claims of miners that are not what they say."""
        self.fakes_cost_usd: Callable[[], float] = lambda: 0.0
        """What those cost their owners today."""

    def settle(self, fee_tokens: float, *, uploaded_tb: float) -> None:
        """Fees, inflation, need, payout, held rewards, balance check."""
        books, today, weave = self.books, self.today, self.weave
        income = self.income = weave.settle(fee_tokens, uploaded_gib=uploaded_tb * GIB_PER_TB)
        books.move("customers", "endowment", fee_tokens - income.fee, "upload fee")
        books.move("customers", "held", income.fee, "upload fee", funding=Funding.CUSTOMER)
        books.counterfactual_share = income.beyond_share
        books.reward("held", income.inflation, "block inflation")
        books.move("endowment", "held", min(income.taken, books.balance("endowment")), "endowment", funding=Funding.CUSTOMER)
        books.move("mint", "held", income.debt, "debt of a dry pool", funding=Funding.EMISSION)
        share = self.miners.shares()
        self._held.append(income.total)
        self.fakes_tokens = self._earned_by_claims(income.total)
        self._held_for_fakes.append(self.fakes_tokens)
        if len(self._held) > weave.spec.held_reward_days:
            free = min(self._held.popleft(), books.balance("held"))
            free = max(free - self._release_to_fakes(min(self._held_for_fakes.popleft(), free)), 0.0)
            sells = share if not self.miners.claimed_tb else self.miners.kept_shares()
            books.move("held", "operators", free, "held rewards released")
            books.sell(free * float((self._sells * sells).sum()))
            self.groups.sold(free * self._sells * sells)
        self._account(share)
        books.close()
        price, emitted = today.price_usd, income.inflation + income.debt
        today.emission_usd = today.operator_emission_usd = emitted * price
        today.promised_emission_usd = income.debt * price
        today.operator_customer_usd = income.from_customers * price
        today.backed_share = books.backing.add(revenue_token_usd=today.revenue_token_usd, emission_usd=today.emission_usd)
        self.fee_tokens_per_gib = weave.fee_tokens_per_gib()

    def take_held(self, of_fakes: float, of_honest: float) -> float:
        """Burns a part of what is held for claims that are not what they say, and of what is held for honest miners; returns tokens."""
        held, fakes = np.array(self._held), np.array(self._held_for_fakes)
        from_fakes, from_honest = fakes * of_fakes, (held - fakes) * of_honest
        taken = min(float((from_fakes + from_honest).sum()), self.books.balance("held"))
        left = np.maximum(fakes - from_fakes, 0.0)
        self._held, self._held_for_fakes = deque((left + np.maximum(held - fakes - from_honest, 0.0)).tolist()), deque(left.tolist())
        self.books.move("held", "burn", taken, "held rewards burned")
        return taken

    def _earned_by_claims(self, tokens: float) -> float:
        claimed = self.miners.claimed_tb
        return tokens * claimed / self.miners.all_paid_tb if claimed else 0.0

    def _release_to_fakes(self, tokens: float) -> float:
        """They sell all of it."""
        if tokens:
            self.books.move("held", "adversaries", tokens, "held rewards released")
            self.books.sell(tokens, seller="adversaries")
        return tokens

    def _account(self, share: np.ndarray) -> None:
        """What the day brought and cost each miner."""
        today, miners, income, price = self.today, self.miners, self.income, self.today.price_usd
        cost = miners.mined_tb * miners.running_usd_per_tb_per_year / DAYS_PER_YEAR + miners.duties_usd_per_day
        replacement = miners.mined_tb * miners.disk_usd_per_tb_per_year / DAYS_PER_YEAR
        self.sums.add(
            tokens=income.total * share, usd=income.total * price * share, backed_usd=income.from_customers * price * share,
            usage_usd=today.usage_constant_usd * (share if not miners.claimed_tb and not miners.denied.any() else miners.kept_shares()), cost_usd=cost, replacement_usd=replacement,
            online_days=miners.online.astype(np.float64),
        )  # fmt: skip
        today.operator_cost_usd, today.operator_replacement_usd = float(cost.sum()), float(replacement.sum())
        self.books.pay("operators", "world", today.operator_cost_usd, "running cost")
        if usd := self.fakes_cost_usd():
            self.books.pay("adversaries", "world", usd, "running cost")

    def mine(self) -> None:
        """Miners add and drop space by what it brought today; the protocol measures its price."""
        miners, total, income = self.miners, self.miners.all_paid_tb, self.income.total
        self.income_usd_per_tb_per_year = income * self.today.price_usd * DAYS_PER_YEAR / total if total > 0 else 0.0
        miners.see(self.books.clock.day)
        self.books.buy_hardware(self._decide(self.income_usd_per_tb_per_year), reason="disks")
        if not self.books.is_worthless:  # what shrinking space brings in worthless tokens would be a price without end
            self.weave.measure(income, space_tb=miners.all_paid_tb)
