"""The daily books of one sub-network on a token that it shares with another.

Order of one day: burns (own customers, fees, the rest of the network, the other sub-network, the project) → mint → pots → pay by weight, no node
touched → ledger → balance check. A pot that nobody has earned is not minted. All hosts are paid in tokens; how much of that customers back is β of the
trailing settlements (VERDICT 2). The ledger books all simulated nodes, those in a margin of the map too; what `today` says of operators is the study area alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.economy.backing import Backing
from twin.economy.books import TokenBooks, open_ledger
from twin.economy.emission import supply_before
from twin.economy.held import Fading, beyond_share
from twin.economy.shared_token import OTHER_SUB_NETWORK, UNDISTRIBUTED, DayMint, Pots, SharedToken
from twin.kernel import Clock
from twin.scenario.sections.token import TokenSpec
from twin.state import Accrual, Ledger, Relation, Today

Floats = NDArray[np.float64]
COST, TIME = "cost", "time"
"""Pools of the accrual that are paid a rate: avoidable cost, and days on which a node ran."""
TOKEN_BACKED = "token_backed_usd"
"""Measure of the accrual: `backed_usd` by the beta of the whole token."""
ACCOUNTS = (
    ("customers", Relation.EXTERNAL), ("outside", Relation.EXTERNAL), (OTHER_SUB_NETWORK, Relation.EXTERNAL), ("project", Relation.PROJECT),
    ("operators_accrued", Relation.OPERATOR), ("operators", Relation.OPERATOR), ("market", Relation.HOLDER),
)  # fmt: skip
NEXT_TO_NOTHING_USD = 1e-9
ROUNDING_SHARE = 1e-9
"""Less of the pots than this is the rounding of shares, and no pay of the rest of the network."""


class Split(Protocol):
    """The rule that splits a day's mint. `data_usd` is what this network's customers burned for data, `share` as in `Given`."""

    def __call__(self, day: date, mint: DayMint, *, part: float, data_usd: float, price_usd: float, share: float) -> Pots:
        """Pots of so much of the day's mint."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is given by day of the run; USD a day but the share."""

    share: Floats
    """Share of the mint, founders gone, of the sub-network that has the top-up."""
    outside_data_usd: Floats
    """Burned by customers of the rest of this network."""
    other_data_usd: Floats
    """Burned by customers of the other sub-network."""
    other_burn_usd: Floats
    """Burned beside that by the other sub-network."""
    project_burn_usd: Floats
    """Burned by decision of the project, no customer; a subsidy."""


@dataclass(frozen=True)
class SubNetwork:
    """What tells one sub-network from another in the books."""

    split: Split
    accounts: tuple[str, ...]
    """Ledger accounts that its split pays beside nodes; `stakers` are holders, the others the project's."""
    usage_pool: str
    """Pool of the accrual whose weights are the paid usage that a node delivers."""
    has_top_up: bool
    """The demand-linked mint is for its own data; False: it is for the other sub-network's, which gets it from here."""
    project_buys: str
    """What the project's own money buys, for the ledger."""
    released_share: float = 0.0
    """Part of the mints by decision that counts as put into circulation on the day."""
    burned_by_ledger: bool = False
    """`burned_tokens` is the difference of two sums of the ledger, and not dollars over price; equal but for rounding."""


class HeldPools:
    """Pools of nodes with the taper held: what the schedule alone gave each before T0 in place of what it gives today; burns minted again come on top."""

    def __init__(self, clock: Clock, token: SharedToken, split: Split, share: Floats, fading: Fading) -> None:
        self.clock, self.token, self.split, self.share, self.fading = clock, token, split, share, fading

    def scheduled(self, row: int) -> Mapping[str, float]:
        """Tokens by pool of the schedule of a day of the run, as if next to nothing were sold (what data does not use goes where the rules say)."""
        mint, day = DayMint(self.token.scheduled_tokens(row), 0.0), self.clock.start + timedelta(days=row)
        return self.split(day, mint, part=1.0, data_usd=NEXT_TO_NOTHING_USD, price_usd=1.0, share=float(self.share[row])).pools

    @cached_property
    def level(self) -> Mapping[str, float]:
        """Mean tokens by pool before T0."""
        before = [self.scheduled(row) for row in range(*self.fading.before().indices(self.clock.n_days))]
        return {pool: sum(each[pool] for each in before) / len(before) for pool in before[0]}

    def hold(self, pots: Pots) -> Pots:
        """The day's pots with held pools."""
        today = self.scheduled(self.clock.day)
        return replace(pots, pools={pool: max(tokens + self.level[pool] - today[pool], 0.0) for pool, tokens in pots.pools.items()})


class SharedTokenBooks(TokenBooks):
    """Settlement once a day."""

    def __init__(
        self,
        clock: Clock,
        network: SubNetwork,
        *,
        token_name: str,
        token: TokenSpec,
        given: Given,
        accrual: Accrual,
        today: Today,
        replacement_usd_per_day: Floats,
        backing_days: int,
        fading: Fading,
        inside_share: Callable[[str], float] = lambda pool: 1.0,
        rest_sells_share: float = 1.0,
        supply_tokens: float | None = None,
    ) -> None:
        """`supply_tokens` exist before the first day; None: as many as the token's rules have minted by then.

        `rest_sells_share` of what the rest of the network and the other sub-network earn is sold at once, where the market clears.
        """
        self.token = SharedToken(token, start=clock.start, end=clock.end, steered=fading.steered)
        supply = supply_before(token, clock.start) if supply_tokens is None else supply_tokens
        ledger = _open(clock.start, token_name, supply, (*network.accounts, *self.token.accounts))
        super().__init__(clock, ledger, token_name, today, backing_settlements=backing_days, for_sale_share_per_day=token.for_sale_share_per_day)
        self.network, self.given, self.accrual = network, given, accrual
        self._replacement, self._inside_share, self._rest_sells_share = replacement_usd_per_day, inside_share, rest_sells_share
        self._fading, self._held = fading, HeldPools(clock, self.token, network.split, given.share, fading)
        self.fees_usd = 0.0
        """Fees that hosts paid since the last settlement; burned, never external revenue."""
        self.fees_burned_usd = self.top_up_tokens = self.overflow_tokens = 0.0
        """Of the last settlement."""
        self._token_backing = Backing(backing_days)
        self.token_revenue_usd = self.token_emission_usd = self.token_backed_share = 0.0
        """R_token, M and beta of all networks that share the token, of the last settlement (VERDICT 2)."""

    def pay_fees(self, usd: float) -> None:
        """Hosts pay protocol fees; the tokens are burned at the next settlement."""
        self.fees_usd += usd

    # -- one day ---------------------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Burns, mints, pays and books one day."""
        day, today, given, price, network = self.clock.day, self.today, self.given, self.today.price_usd, self.network
        self.ledger.set_price(self.token_name, price)
        own = today.billed_usd if self.subsidy_on else today.revenue_usd  # the project's own purchases end with the subsidies
        fees, self.fees_usd = self.fees_usd, 0.0
        outside, other, other_burn = (float(usd[day]) for usd in (given.outside_data_usd, given.other_data_usd, given.other_burn_usd))
        project = float(given.project_burn_usd[day]) if self.subsidy_on else 0.0
        asked = own + fees + outside + other + other_burn + project
        found = self.found_share(asked)  # the rest of the money stays with the project, and burns nothing
        burned_tokens = asked * found / price if self.desk is None else self.desk.burned_tokens
        today.revenue_token_usd, today.outside_revenue_token_usd = today.revenue_usd * found, outside * found
        self.fees_burned_usd = fees * found
        mint = self.token.mint(
            self.clock.today, burned_tokens=burned_tokens, price_usd=price, other_charged_usd=own if network.has_top_up else other, other_share=float(given.share[day])
        )
        if self.free_entry is not None:
            self.free_entry.note(mint.to_split_tokens * price)
        self.top_up_tokens, self.overflow_tokens = mint.top_up_to_all_tokens + mint.top_up_to_data_tokens, mint.overflow_tokens
        pots, released = self._pots(mint, 1.0, own + outside), sum(mint.other_tokens.values()) * network.released_share
        if not self.subsidy_on:  # what customers back stays, so that each host is left with its fee-funded pay (VERDICT 5)
            backed, scope = (today.revenue_token_usd + today.outside_revenue_token_usd) / price, pots.in_scope_tokens()
            pots, released = self._pots(mint, min(1.0, backed / scope) if scope > 0 else 0.0, own + outside), 0.0
        self.counterfactual_share = 0.0
        if self.subsidy_on and self._fading.is_held(day):
            by_rules, pots = pots, self._held.hold(pots)
            self.counterfactual_share = beyond_share(pots.pool_tokens, by_rules.pool_tokens)
        self.token_revenue_usd = today.revenue_token_usd + today.outside_revenue_token_usd + other * found
        self._pay(pots, released, 0.0 if network.has_top_up or not self.subsidy_on else mint.top_up_to_data_tokens)
        self._book_mint(mint, pots)
        self._book_burns(found, own=own, fees=fees, outside=outside, other=other + other_burn, project=project)
        self.pay("operators", "world", self.accrual.paid["cost_usd", COST], "running cost and duties")
        self.close()
        if not network.burned_by_ledger:
            today.burned_tokens = burned_tokens

    def beta_row(self) -> dict[str, float]:
        """The columns of the day that say what customers back of the whole token."""
        return {"token_revenue_usd": self.token_revenue_usd, "token_emission_usd": self.token_emission_usd, "token_backed_share": self.token_backed_share}

    def _pots(self, mint: DayMint, part: float, data_usd: float) -> Pots:
        share = float(self.given.share[self.clock.day])
        return self.network.split(self.clock.today, mint, part=part, data_usd=data_usd, price_usd=self.today.price_usd, share=share)

    def _pay(self, pots: Pots, released: float, to_the_other: float) -> None:
        """One settlement of all pools and measures, and what it says of operators; so many tokens are minted for the other sub-network beside the pots."""
        today, accrual, price = self.today, self.accrual, self.today.price_usd
        unearned = sum(tokens for pool, tokens in pots.pools.items() if accrual.total(pool) + accrual.outside(pool) <= 0)
        today.emission_usd = max(pots.in_scope_tokens(unearned) + released, 0.0) * price
        backing = today.revenue_token_usd + today.outside_revenue_token_usd
        today.backed_share = self.backing.add(revenue_token_usd=backing, emission_usd=today.emission_usd)
        self.token_emission_usd = max(pots.circulating_tokens(unearned) + to_the_other + released, 0.0) * price
        self.token_backed_share = self._token_backing.add(revenue_token_usd=self.token_revenue_usd, emission_usd=self.token_emission_usd)
        today.offered_tokens = dict(pots.pools)
        replacement = float(self._replacement[self.clock.day])
        amounts: dict[tuple[str, str], float] = {("cost_usd", COST): 1.0, ("replacement_usd", TIME): replacement, ("usage_usd", self.network.usage_pool): today.usage_constant_usd}
        for pool, tokens in pots.pools.items():
            amounts["tokens", pool], amounts["usd", pool] = tokens, tokens * today.pay_price_usd
            amounts["backed_usd", pool] = tokens * today.pay_price_usd * today.backed_share
            amounts[TOKEN_BACKED, pool] = tokens * today.pay_price_usd * self.token_backed_share
        accrual.pay(amounts)
        today.operator_cost_usd = accrual.total(COST) * self._inside_share(COST)
        today.operator_replacement_usd = accrual.total(TIME) * self._inside_share(TIME) * replacement

    def _book_mint(self, mint: DayMint, pots: Pots) -> None:
        today, paid, undistributed = self.today, self.accrual.paid, self.accrual.undistributed
        own, unpaid = (sum(each["tokens", pool] for pool in pots.pools) for each in (paid, undistributed))
        today.operator_emission_usd = sum(paid["tokens", pool] * self._inside_share(pool) for pool in pots.pools) * today.pay_price_usd
        today.undistributed_tokens = unpaid + pots.others.get(UNDISTRIBUTED, 0.0)
        self.reward("operators_accrued", own)
        scope = sum(pots.pools.values())
        if scope - own - unpaid > ROUNDING_SHARE * scope:
            self.reward("outside", scope - own - unpaid)
            self._sell_of_the_rest("outside", scope - own - unpaid)
        for account, tokens in pots.others.items():
            if account != UNDISTRIBUTED:
                self.move("mint", account, max(tokens, 0.0), "other pots")
                if account == OTHER_SUB_NETWORK:
                    self._sell_of_the_rest(account, max(tokens, 0.0))
        if self.subsidy_on:
            if not self.network.has_top_up:
                self.move("mint", OTHER_SUB_NETWORK, mint.top_up_to_data_tokens, "top-up")
                self._sell_of_the_rest(OTHER_SUB_NETWORK, mint.top_up_to_data_tokens)
            for account, tokens in mint.other_tokens.items():
                self.move("mint", account, tokens, "mint by decision")

    def _book_burns(self, found: float, *, own: float, fees: float, outside: float, other: float, project: float) -> None:
        """Dollars of all who buy tokens to burn them, of which the share `found` finds any, and the tokens burned."""
        revenue, rest = self.today.revenue_usd, max(own - self.today.revenue_usd, 0.0) + project
        if self.desk is not None:
            self._order_burns(found, revenue=revenue, rest=rest, fees=fees, outside=outside, other=other)
            return
        self.pay("world", "customers", revenue, "customers' own money")
        self.pay("customers", "market", revenue * found, "usage")
        self.pay("customers", "project", revenue * (1 - found), "usage for which no tokens were for sale")
        self.pay("world", "project", rest, "project's own money")
        self.pay("project", "market", rest * found, self.network.project_buys)
        self.pay("operators", "market", fees * found, "protocol fees")
        self.pay("operators", "project", fees * (1 - found), "protocol fees")
        burns = ((own, "usage"), (fees, "protocol fees"), (outside, "usage outside"), (other, "other sub-network"), (project, "burns by decision"))
        for usd, reason in burns:
            self.move("market", "burn", usd * found / self.today.price_usd, reason, usd=usd * found)


    def _order_burns(self, found: float, *, revenue: float, rest: float, fees: float, outside: float, other: float) -> None:
        """Dollars of all who buy tokens to burn them, left with the market for the next morning; before the listing the project gets them."""
        spends = (
            ("customers", revenue, "usage", True), ("outside", outside, "usage outside", True), (OTHER_SUB_NETWORK, other, "other sub-network", True),
            ("project", rest, self.network.project_buys, False), ("operators", fees, "protocol fees", False),
        )  # fmt: skip
        for payer, usd, reason, by_customers in spends:
            if payer == "project":
                self.pay("world", payer, usd, "project's own money")
            elif payer != "operators":
                self.pay("world", payer, usd, "customers' own money")
            if payer != "project" and found < 1:
                self.pay(payer, "project", usd * (1 - found), f"{reason}, no tokens for sale")
            assert self.desk is not None
            self.desk.spend(payer, usd * found, reason, day=self.clock.day, by_customers=by_customers)

    def _sell_of_the_rest(self, account: str, tokens: float) -> None:
        """The rest of the network sells as the groups of this one do; only a market that clears asks."""
        if self.desk is not None:
            self.sell(tokens * self._rest_sells_share, seller=account)


def _open(start: date, token: str, supply_tokens: float, others: tuple[str, ...]) -> Ledger:
    """A ledger with the accounts of a burn-and-mint token and of those whom the rules pay beside nodes."""
    more = tuple((name, Relation.HOLDER if name == "stakers" else Relation.PROJECT) for name in dict.fromkeys(others))
    return open_ledger(start, token, supply_tokens=supply_tokens, accounts=(*ACCOUNTS, *more))
