"""What every settlement shares: accounts, hardware bought and paid back, claims and sales, beta, and the day's minted and burned tokens.

A kind's own settlement says what customers' money and emission become (its rewards); everything that is the same in all of them stands here once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from twin.economy.backing import Backing
from twin.economy.clearing import Cleared, ClearingMarket
from twin.economy.desk import Desk
from twin.economy.free_entry import FreeEntry
from twin.economy.market import Market
from twin.economy.pay_out import TREASURY, PayOut
from twin.kernel import Clock
from twin.state import USD, Funding, Ledger, Relation, Today


def open_ledger(start: date, token: str, *, supply_tokens: float, accounts: Iterable[tuple[str, Relation]]) -> Ledger:
    """A ledger of one token and dollars; what exists already lies with holders on the market. None of the accounts may be below zero in the evening."""
    ledger = Ledger(start)
    ledger.add_asset(token)
    for name, relation in accounts:
        ledger.open(name, relation)
    ledger.set_price(token, 0.0)
    if supply_tokens > 0:
        ledger.post(token, "genesis", "market", supply_tokens, reason="supply before the first day", day=0, usd=0.0)
    return ledger


HELD_BACK = frozenset({
    "allocation", "endowment", "foundation", "held", "kept", "map_operations", "operators_accrued", "pledge", "stake", "sub_token_treasury", "treasury", "unvested", "vault",
})  # fmt: skip
"""Accounts of any kind whose tokens exist and do not circulate: unreleased, locked, not yet claimed, or the protocol's own."""


OWN_POCKET = "own pocket"
CHEATS = "adversaries"
"""Account of all campaigns of cheats, where a kind tells their dollars apart; opened at their first outlay elsewhere."""
POCKETS = {"operators": OWN_POCKET, "adversaries": OWN_POCKET, "treasury": "project's own money"}
"""Who pays out of its own pocket where an account has no more dollars, and under what reason. Losers' pockets as far as winners' dollars do not cover them:
the ledger knows all operators as one; the verdict counts own pocket node by node."""
MARKET, MARKET_MAKER = "market", "market_maker"


class TokenBooks:
    """One token's books: the part that no kind writes for itself."""

    def __init__(self, clock: Clock, ledger: Ledger, token_name: str, today: Today, *, backing_settlements: int, for_sale_share_per_day: float = 1.0) -> None:
        """`for_sale_share_per_day` of the supply is the most that those who buy to burn find on the market in a day; all of it where nobody does."""
        self.clock, self.ledger, self.token_name, self.today = clock, ledger, token_name, today
        self.subsidy_on = True
        self.backing = Backing(backing_settlements)
        self._for_sale_share_per_day = for_sale_share_per_day
        self.counterfactual_share = 0.0
        """Part of the next rewards that the rules would not pay (the taper is held); the ledger marks it."""
        self._minted = self._burned = 0.0
        self.desk: Desk | None = None
        """Where orders are left for a market that clears; None: everybody trades at once at a price that comes from elsewhere."""
        self.free_entry: FreeEntry | None = None
        """How the rest of the network answers to what the mint is worth; None: it does not."""
        self.pay_out: PayOut | None = None
        """The treasury that pays operators in dollars; None: they are paid in tokens."""

    # -- a market that clears --------------------------------------------------------------------------------------
    def trade_on(self, market: ClearingMarket) -> None:
        """From now on orders wait for the next morning, and nobody is the market of last resort."""
        self.desk = Desk(self.ledger, self.token_name, market)

    def open_to_entry(self, market: Market | ClearingMarket, *, elasticity: float) -> None:
        """From now on the rest of the network answers, if the market clears and its history says what was minted."""
        history = market.history if isinstance(market, ClearingMarket) else None
        if history is not None and len(history.minted_usd):
            self.free_entry = FreeEntry(history.minted_usd, first_row=(self.clock.start - history.first).days, elasticity=elasticity)

    def rest_answers(self) -> float:
        """What multiplies the dated number of nodes of the rest today."""
        return 1.0 if self.free_entry is None else self.free_entry.factor

    def open_market(self) -> None:
        """Before the market is asked: on the day of the listing holders get float and pot."""
        assert self.desk is not None
        self.desk.open_if_listed(self.clock.day)

    def book_morning(self, cleared: Cleared) -> None:
        """What yesterday's orders got this morning."""
        assert self.desk is not None
        self.desk.book(cleared, self.clock.day)

    @property
    def is_worthless(self) -> bool:
        """Whether the token has come to nothing, so that nobody trades it any more."""
        return self.desk is not None and self.desk.market.worthless_from is not None

    # -- pay in dollars --------------------------------------------------------------------------------------------
    def pay_in_dollars(self, *, reserve_usd: float, mean_days: int) -> None:
        """From now on a treasury takes over what operators earn."""
        self.pay_out = PayOut(self.ledger, reserve_usd=reserve_usd, mean_days=mean_days)

    def pay_price_usd(self) -> float:
        """What a token earned today is worth to an operator; asked once a morning, after the market."""
        price = self.today.price_usd
        if self.pay_out is None:
            return price
        if self.desk is None or self.desk.is_open:
            self.pay_out.see(price)
        return self.pay_out.worth_usd(price)

    def given_up(self, tokens: float, sold: float) -> float:
        """Of tokens that operators got, those that they do not keep: what they would sell, and all that is paid in dollars."""
        return sold if self.pay_out is None else sold + (tokens - sold) * self.pay_out.paid_share

    def _take_over(self, tokens: float) -> float:
        """The treasury pays for as many as it can and offers them itself; returns the rest."""
        assert self.pay_out is not None
        taken = self.pay_out.affords(tokens)
        usd = taken * self.pay_out.rate_usd
        self.move("operators", TREASURY, taken, "taken over for dollars", usd=usd)
        self.pay(TREASURY, "operators", usd, "pay in dollars")
        self.sell(self.ledger.balance(self.token_name, TREASURY), seller=TREASURY)
        return tokens - taken

    # -- what the chronicle asks -----------------------------------------------------------------------------------
    def supply_tokens(self) -> float:
        """All tokens that exist: genesis + minted - burned."""
        return self.ledger.supply(self.token_name)

    def circulating_tokens(self) -> float:
        """Tokens that exist and that nothing holds back."""
        held = sum(max(tokens, 0.0) for account, tokens in self.ledger.balances(self.token_name) if account in HELD_BACK)
        return max(0.0, self.supply_tokens() - held)

    def switch_subsidy(self, on: bool) -> None:
        """Emission, grants and the project's own purchases, from now on."""
        self.subsidy_on = on

    def for_sale_tokens(self, *, days: float = 1.0) -> float:
        """Most that buyers find on the market in so many days: the one depth of the market that all who buy to burn meet; holders' float where it clears."""
        if self.desk is not None:
            return float(self.desk.market.pool.float_tokens) if self.desk.is_open else 0.0
        return self._for_sale_share_per_day * days * max(self.ledger.supply(self.token_name), 0.0)

    def found_share(self, asked_usd: float, *, days: float = 1.0) -> float:
        """Share of the tokens that so many dollars ask for which is for sale in so many days; where the market clears, all of them from the listing on."""
        if self.desk is not None:
            return 1.0 if self.desk.is_open else 0.0
        return min(1.0, self.for_sale_tokens(days=days) * self.today.price_usd / max(asked_usd, 1e-12))

    def balance(self, account: str) -> float:
        """Tokens that an account holds."""
        return self.ledger.balance(self.token_name, account)

    # -- what parties do -------------------------------------------------------------------------------------------
    def buy_hardware(self, usd: float, *, inside_share: float = 1.0, reason: str = "hardware") -> None:
        """Operators pay a maker, or for a move; `inside_share` of it is the study area's."""
        self.today.new_hardware_usd += usd * inside_share
        self.pay("operators", "world", usd, reason)

    def refund(self, usd: float) -> None:
        """A maker pays back cancelled orders."""
        self.pay("world", "operators", usd, "cancelled orders")

    def claim(self, tokens: float, sold: float) -> None:
        """Operators claim what they were paid and sell a part on the market."""
        price = self.today.price_usd
        # what single nodes were paid sums to the accrued balance up to rounding of float32 weights; never claim beyond it
        tokens = min(tokens, self.ledger.balance(self.token_name, "operators_accrued"))
        self.move("operators_accrued", "operators", tokens, "claim", usd=tokens * price)
        self.sell(self.given_up(tokens, min(sold, tokens)))

    def sell(self, tokens: float, *, seller: str = "operators") -> None:
        """Tokens to the market, dollars to the seller: at once, or for what the next morning brings. A treasury that pays in dollars comes first."""
        if self.pay_out is not None and seller == "operators":
            tokens = self._take_over(tokens)
        usd = tokens * self.today.price_usd
        if self.desk is not None:
            self.desk.offer(seller, tokens, "sale", day=self.clock.day, usd=usd)
            return
        self.move(seller, "market", tokens, "sale", usd=usd)
        self.pay("market", seller, usd, "sale")

    # -- postings --------------------------------------------------------------------------------------------------
    def pay(self, source: str, target: str, usd: float, reason: str, *, funding: Funding | None = None) -> None:
        """Dollars from one account to another, today."""
        self.ledger.post(USD, source, target, usd, reason=reason, day=self.clock.day, funding=funding)

    def pay_for_checks(self, usd: float, *, by: str = "project") -> float:
        """What looking for cheats costs: the project, out of its own pocket, or another account as far as it has dollars. Returns what was paid."""
        if not usd:
            return 0.0
        if by == "project":
            if not self.ledger.is_open(by):
                self.ledger.open(by, Relation.PROJECT)
            self.pay("world", by, usd, "project's own money")
        else:
            usd = min(usd, max(self.ledger.balance(USD, by), 0.0))
        self.pay(by, "world", usd, "verification")
        return usd

    def pay_for_cheating(self, usd: float) -> None:
        """What campaigns of cheats put into accounts, entries and the like: out of what they have taken where that is told apart, else out of their own pocket."""
        if not usd:
            return
        if not self.ledger.is_open(CHEATS):
            self.ledger.open(CHEATS, Relation.ADVERSARY)
        if (lacks := usd - max(self.ledger.balance(USD, CHEATS), 0.0)) > 0:
            self.pay("world", CHEATS, lacks, "cheats' own pocket")
        self.pay(CHEATS, "world", usd, "outlays of cheats")

    def move(self, source: str, target: str, tokens: float, reason: str, *, funding: Funding | None = None, usd: float | None = None) -> None:
        """Tokens from one account to another, today; valued at today's price unless `usd` says otherwise."""
        self.ledger.post(self.token_name, source, target, tokens, reason=reason, day=self.clock.day, funding=funding, usd=usd)

    def reward(self, target: str, tokens: float, reason: str = "rewards") -> None:
        """Newly minted tokens for operators; what the rules would not pay has a line of its own."""
        beyond = tokens * self.counterfactual_share
        self.move("mint", target, tokens - beyond, reason, funding=Funding.EMISSION)
        if beyond:
            self.move("mint", target, beyond, f"{reason}, counterfactual", funding=Funding.EMISSION)

    def nobody_owes(self) -> None:
        """What was spent beyond what an account had comes from the world, under a reason of its own: out of a pocket, or from an open loop's market maker.

        A price that does not clear finds nobody to sell to or to buy from: what its market lacks, dollars or tokens, the maker gets from the world.
        """
        ledger = self.ledger
        for account, reason in POCKETS.items():
            if ledger.is_open(account) and (held := ledger.balance(USD, account)) < 0:
                self.pay("world", account, -held, reason)
        if self.desk is not None or not ledger.is_open(MARKET):
            return
        for asset in (USD, self.token_name):
            if (held := ledger.balance(asset, MARKET)) < 0:
                if not ledger.is_open(MARKET_MAKER):
                    ledger.open(MARKET_MAKER, Relation.TECHNICAL, overdraft=False)
                for source, target in (("world", MARKET_MAKER), (MARKET_MAKER, MARKET)):
                    ledger.post(asset, source, target, -held, reason="open loop", day=self.clock.day)

    def close(self) -> None:
        """Balances hold; what was minted and burned since the last settlement, and the supply, are the day's."""
        today, ledger, name = self.today, self.ledger, self.token_name
        self.nobody_owes()
        ledger.check(self.clock.day)
        minted, burned = ledger.minted(name), ledger.burned(name)
        today.minted_tokens, self._minted = minted - self._minted, minted
        today.burned_tokens, self._burned = burned - self._burned, burned
        today.supply_tokens = self.supply_tokens()
