"""Sectors end, are renewed and slashed without losing a byte or a token; the chain's supply is what its ledger holds."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from protocol_identity import by_identity

from twin.economy.held import Fading
from twin.errors import LedgerError
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.filecoin_spec import FilecoinSpec, OpeningSpec, SolsticeSpec
from twin.kinds.storage.sectors import CAPACITY, PIB_PER_EIB, TENFOLD, Sectors
from twin.kinds.storage.solstice import Solstice
from twin.scenario import load
from twin.state import Today

PROTOCOL = FilecoinSpec(
    opening=OpeningSpec(
        raw_eib=10.0, quality_eib=12.0, minted_tokens=200e6, realised_eib_days=3000.0, pledged_tokens=100e6, unvested_tokens=20e6, burnt_tokens=30e6
    )
)


def test_a_first_stock_runs_off_evenly_and_completely() -> None:
    sectors = Sectors(2, longest_days=30)
    sectors.stock(CAPACITY, np.array([10.0, 20.0]), np.array([1.0, 2.0]), runs_off_days=10)
    gone = [sectors.expire(day)[0][CAPACITY] for day in range(10)]
    np.testing.assert_allclose(gone, np.tile([1.0, 2.0], (10, 1)))
    np.testing.assert_allclose(sectors.raw_pib, 0.0, atol=1e-12)
    np.testing.assert_allclose(sectors.pledge_tokens, 0.0, atol=1e-12)


def test_what_is_committed_ends_on_its_last_day_with_its_pledge() -> None:
    sectors = Sectors(1, longest_days=180)
    sectors.commit(TENFOLD, np.array([5.0]), np.array([50.0]), day=3, term_days=180)
    assert all(not sectors.expire(day)[0].any() for day in range(4, 183))
    raw, pledge = sectors.expire(183)
    assert (raw[TENFOLD, 0], pledge[TENFOLD, 0]) == (5.0, 50.0)
    with pytest.raises(ValueError, match="term of 181 days"):
        sectors.commit(TENFOLD, np.array([1.0]), np.array([1.0]), day=0, term_days=181)


def test_early_ends_downgrades_and_slashes_add_up() -> None:
    rng = np.random.default_rng(3)
    sectors = Sectors(4, longest_days=100)
    for day in range(60):
        sectors.expire(day)
        for kind in (CAPACITY, TENFOLD):
            sectors.commit(kind, rng.random(4), rng.random(4), day=day, term_days=int(rng.integers(1, 100)))
    who = np.array([1, 3])
    raw, pledge = sectors.raw_pib.copy(), sectors.pledge_tokens.copy()
    assert (sectors.mean_age_days(CAPACITY, 60) > 0).all() and (sectors.mean_age_days(CAPACITY, 60) < 60).all()
    taken = sectors.slash(TENFOLD, who, 0.1)
    assert taken == pytest.approx(0.1 * pledge[TENFOLD, who].sum())
    np.testing.assert_allclose(sectors.downgrade(who), raw[TENFOLD, who])
    np.testing.assert_allclose(sectors.raw_pib.sum(axis=0), raw.sum(axis=0))
    assert not sectors.raw_pib[TENFOLD, who].any()
    ended, freed = sectors.end_now(CAPACITY, who, 1.0)
    np.testing.assert_allclose(ended, raw[:, who].sum(axis=0))
    assert freed.sum() == pytest.approx(pledge[:, who].sum() - taken)
    left = sum(sectors.expire(day)[0].sum() for day in range(60, 161))
    assert left == pytest.approx(raw[:, [0, 2]].sum())


def chain_of(spec: FilecoinSpec, *, price_usd: float = 4.0) -> ChainBooks:
    return ChainBooks(SimpleNamespace(start=date(2023, 1, 1), today=date(2023, 1, 1), day=0), spec, "FIL", Today(price_usd=price_usd), backing_days=30, fading=Fading(None, mean_days=28))


def test_circulating_supply_is_what_is_free_on_the_ledger_day_by_day() -> None:
    chain = chain_of(PROTOCOL)
    for chain.clock.day in range(400):
        chain.unlock()
        chain.mint(8.0, provider_share=0.9, service_share=0.05)
        chain.pay_service()
        chain.lock(chain.pledge_per_pib(network_quality_pib=12.0 * PIB_PER_EIB) * 10)
        chain.release(300_000.0)
        chain.burn_fees(5_000.0, "gas")
        chain.burn_fees(700.0, "fault fee", from_locked=True)
        chain.burn_pledge(10.0, "slash")
        chain.ledger.check(chain.clock.day)
        assert chain.circulating_tokens() == pytest.approx(by_identity(chain), abs=1.0)
    assert chain.unvested_tokens == pytest.approx(chain.queue.locked_tokens, rel=1e-9)
    with pytest.raises(LedgerError):
        chain.burn_fees(-1.0, "gas")


def test_a_mint_switched_off_mints_nothing_and_comes_back() -> None:
    spec = PROTOCOL.model_copy(update={"minting": PROTOCOL.minting.model_copy(update={"scale_share": 0.0})})
    assert chain_of(spec).mint(8.0) == 0.0
    one, two = chain_of(PROTOCOL), chain_of(PROTOCOL)
    one.switch_subsidy(False)
    assert one.mint(8.0) == 0.0 and one.minted_tokens == 200e6
    one.switch_subsidy(True)
    assert two.mint(8.0) > two.mint(8.0) == one.mint(8.0) > 0


def test_unlocks_switched_off_stand_still() -> None:
    chain = chain_of(load("filecoin-world").spec.filecoin)
    before = chain.vested_tokens
    chain.switch_unlocks(False)
    chain.unlock()
    assert chain.vested_tokens == before
    chain.switch_unlocks(True)
    chain.unlock()
    assert chain.vested_tokens > before


def test_solstice_shifts_reward_to_service_only_as_customers_pay() -> None:
    rules = SolsticeSpec(enabled=True, starts=date(2027, 1, 1))
    idle, busy = Solstice(rules), Solstice(rules)
    assert Solstice(SolsticeSpec()).split(date(2030, 1, 1), 1e9) == (1.0, 0.0)
    for day in range(3 * 365):
        today = date.fromordinal(date(2027, 1, 1).toordinal() + day)
        without, paid = idle.split(today, 0.0), busy.split(today, 1e6)
        assert without[0] + without[1] <= 1 + 1e-12 and paid[0] + paid[1] <= 1 + 1e-12
    assert idle.gates_met == 0 and without == (pytest.approx(0.5), pytest.approx(0.10))
    assert busy.gates_met == 8 and paid == (pytest.approx(0.5), pytest.approx(0.5))
