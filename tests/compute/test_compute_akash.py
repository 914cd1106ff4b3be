"""Checks 7 to 9: burn-mint engine, escrow, and the auction worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from dossier import expected
from rules_on_paper import MICRO, EscrowAccount, blocks_covered, paid_tokens, rate_per_block

from twin.kinds.compute.burn_mint import BurnMintEngine
from twin.kinds.compute.clearing import Asks, ClusterAssembly, Leases, Orders, ReverseAuction, Tiers
from twin.kinds.compute.escrow import BLOCK_SECONDS


def test_a_risen_price_burns_and_a_fallen_one_mints() -> None:
    engine = BurnMintEngine(mint_spread_share=0.0)
    assert engine.top_up(1000, 1.14).burned_tokens == expected("bme_burn_1000usd_p1.14")
    paid = engine.settle(1000, 1.50)
    assert paid_tokens(paid) == expected("bme_pay_at_1.50") and paid.minted_tokens == 0
    assert paid_tokens(paid) - 1000 / 1.14 == expected("bme_net_at_1.50")
    fallen = BurnMintEngine(mint_spread_share=0.0)
    fallen.top_up(1000, 1.14)
    assert fallen.settle(1000, 0.90).minted_tokens == expected("bme_shortfall_at_0.90")


def test_mint_epochs_lengthen_below_the_warning() -> None:
    for ratio, name in ((0.93, "bme_epoch_blocks_cr_9300"), (0.90, "bme_epoch_blocks_cr_9000")):
        engine = BurnMintEngine(vault_tokens=ratio * 100, outstanding_usd=100)
        assert engine.epoch_blocks(1.0) == expected(name)
    assert BurnMintEngine(vault_tokens=50, outstanding_usd=100).epoch_blocks(1.0) == 14_400
    assert BurnMintEngine(vault_tokens=100, outstanding_usd=100).epoch_blocks(1.0) == 10


def test_the_breaker_halts_top_ups_and_lets_go_at_the_restart() -> None:
    engine = BurnMintEngine()
    engine.top_up(1000, 1.0)
    assert engine.observe(1.0) == pytest.approx(1 / 0.9975) and not engine.halted
    assert engine.observe(0.89) < 0.9 and engine.halted
    assert engine.top_up(500, 0.89).credits_usd == 0
    assert paid_tokens(engine.settle(100, 0.89)) == pytest.approx(100 / 0.89)     # who has credits still gets out
    engine.observe(0.92)
    assert engine.halted                                                          # above the halt, below the restart
    engine.observe(0.99)
    assert not engine.halted and engine.top_up(500, 0.99).credits_usd > 0


def test_a_seeded_vault_bears_a_fall() -> None:
    engine = BurnMintEngine()
    engine.top_up(1000, 1.0)
    engine.seed(250)
    engine.observe(0.80)
    assert not engine.halted


def test_escrow_by_the_block() -> None:
    assert rate_per_block(2.69) * MICRO == expected("escrow_uact_per_block_2.69usd_h")
    assert blocks_covered(10, 2.69) == expected("escrow_blocks_for_10_act")
    assert blocks_covered(10, 2.69) * BLOCK_SECONDS / 3600 == expected("escrow_hours_for_10_act")


def test_an_account_that_ran_dry_is_noticed_at_the_next_touch() -> None:
    account = EscrowAccount(10.0, 2.69)
    assert account.settle(1000) == pytest.approx(4.85694444)
    assert not account.is_overdrawn
    assert account.settle(3000) == pytest.approx(10 - 4.85694444)
    assert account.is_overdrawn and account.unsettled_usd == pytest.approx(3000 * rate_per_block(2.69) - 10)


FREE = np.array([4, 4, 8, 2])
ASKS = Asks(np.array([1.60, 1.85, 2.10, 1.40]), np.array([0.95, 0.99, 0.97, 0.60]), np.arange(4), np.ones(4))
ORDERS = Orders(np.array([4, 4, 2, 4]), np.array([2.60, 2.00, 1.50, 2.00]))
ALL = np.ones((4, 4), bool)


def test_auction_by_hand() -> None:
    leases = ReverseAuction(ORDERS, ASKS, ALL, reputation_weight=1.0).clear(np.ones(4, np.int64), FREE)
    assert list(zip(leases.order.tolist(), leases.ask.tolist(), strict=True)) == [(0, 0), (1, 1), (2, 3)]
    spend = float((leases.gpus * leases.usd_per_hour).sum())
    assert spend == expected("auction_spend_per_hour")
    assert leases.gpus.sum() / FREE.sum() == expected("auction_utilisation")
    assert spend * 0.8 == expected("auction_provider_net_tau20")
    engine = BurnMintEngine()
    burned = engine.top_up(spend / (1 - 0.0025), 0.50)
    assert burned.burned_tokens == expected("auction_bme_burn_with_spread")
    assert paid_tokens(engine.settle(spend, 0.55)) == expected("auction_bme_mint_at_0.55")


def test_without_reputation_the_cheapest_wins() -> None:
    leases = ReverseAuction(Orders(np.array([2]), np.array([3.0])), ASKS, ALL[:1], reputation_weight=0.0).clear(np.array([1]), FREE)
    assert leases.ask.tolist() == [3]
    leases = ReverseAuction(Orders(np.array([2]), np.array([3.0])), ASKS, ALL[:1], reputation_weight=1.0).clear(np.array([1]), FREE)
    assert leases.ask.tolist() == [0]


def test_a_batch_fills_provider_after_provider_and_never_splits_a_job() -> None:
    leases = ReverseAuction(Orders(np.array([3]), np.array([3.0])), ASKS, ALL[:1]).clear(np.array([10]), FREE)
    assert dict(zip(leases.ask.tolist(), leases.gpus.tolist(), strict=True)) == {0: 3, 1: 3, 2: 6}


def test_a_cluster_is_whole_or_nothing() -> None:
    asks, free = Asks(np.ones(4), np.array([0.9, 0.95, 0.9, 0.9]), np.array([0, 0, 1, 2]), np.ones(4)), np.array([4, 4, 6, 2])

    def leased(gpus: int, jobs: int, cap_usd: float) -> Leases:
        return ClusterAssembly(Orders(np.array([gpus]), np.array([cap_usd])), asks, np.ones((1, 4), bool)).clear(np.array([jobs]), free)

    leases = leased(6, 3, 2.0)
    assert dict(zip(leases.ask.tolist(), leases.gpus.tolist(), strict=True)) == {1: 4, 0: 2, 2: 6}
    assert len(leased(9, 1, 2.0).gpus) == 0
    assert len(leased(6, 1, 0.9).gpus) == 0


def test_tier_two_goes_first_and_power_is_equalised() -> None:
    asks, free = Asks(np.ones(4), np.ones(4), np.arange(4), np.array([100.0, 90, 20, 10])), np.ones(4, np.int64)
    orders = Orders(np.array([1, 1, 1]), np.full(3, 9.0))
    tiers = np.array([2, 2, 3])
    leases = Tiers(orders, asks, np.ones((3, 4), bool), order_tier=tiers, ask_tier=np.array([2, 2, 2, 3])).clear(np.array([2, 2, 9]), free)
    by_order = {number: sorted(leases.ask[leases.order == number].tolist()) for number in range(3)}
    assert by_order == {0: [0, 3], 1: [1, 2], 2: []}      # 100 | 90, then 20 to the weaker, then a tier-3 node to the one with 100 against 110
    alone = Tiers(Orders(np.array([1]), np.array([9.0])), asks, np.ones((1, 4), bool), order_tier=np.array([3]), ask_tier=np.array([2, 2, 2, 3]))
    assert alone.clear(np.array([9]), free).ask.tolist() == [3]


def test_what_an_ask_may_not_serve_is_left_alone() -> None:
    none = np.zeros((4, 4), bool)
    for market in (ReverseAuction(ORDERS, ASKS, none), ClusterAssembly(ORDERS, ASKS, none),
                   Tiers(ORDERS, ASKS, none, order_tier=np.full(4, 2), ask_tier=np.full(4, 2))):  # fmt: skip
        assert len(market.clear(np.ones(4, np.int64), FREE).gpus) == 0
