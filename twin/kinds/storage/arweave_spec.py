"""What the protocol of an Arweave-like network lays down: inflation, the upload fee and the endowment, the price of storage, replicas."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from twin.kinds.storage.copies_spec import PackingSpec
from twin.scenario.model import SpecModel


class BlocksSpec(SpecModel):
    """The chain's clock."""

    seconds: float = Field(128.9, gt=0, description="observed block time, 128 to 129 s; the target is 120 s (ArweaveTeam/arweave)")
    opening_blocks_count: float = Field(ge=0, description="height on the first day")


class InflationSpec(SpecModel):
    """Smooth exponential: 0.2 x genesis x ln 2 / halving x 2^(-height / halving) tokens a block."""

    genesis_tokens: float = Field(55e6, gt=0, description="ArweaveTeam/arweave ar_inflation")
    pool_share: float = Field(0.2, ge=0, description="0.2 x 55 M = 11 M mined in all (ar_inflation)")
    halves_every_blocks_count: float = Field(262_800.0, gt=0, description="ar_inflation")
    scale_share: float = Field(1.0, ge=0, description="multiplies every block's inflation; 0 turns the subsidy off, 1 is the protocol")


class UploadFeeSpec(SpecModel):
    """What an upload costs: storage for good at today's price, declining, times the replicas, and a little for the miner."""

    replicas_target: int = Field(20, ge=1, description="since fork 2.6 (ar_pricing)")
    decline_share_per_year: float = Field(0.005, gt=0, lt=1, description="yearly decline of storage cost assumed by the protocol (ar_pricing); its constant is -ln(1 - 0.005)")
    miner_addon_share: float = Field(0.05, ge=0, le=1, description="added to the endowment's part; 1/21 of the whole at 0.05 (ar_pricing)")


class StoragePriceSpec(SpecModel):
    """Price of a GiB-minute in winston (1e-12 token)."""

    opening_winston_per_gib_minute: float = Field(340.0, gt=0, description="upper bound since 2024-03-26 (ar_pricing_transition)")
    rule: Literal["transition", "measured", "fixed_decline"] = Field("transition", description="fixed_decline: falls by `decline_share_per_year` and listens to nothing")
    decline_share_per_year: float = Field(0.005, gt=-1, lt=1, description="with fixed_decline: yearly fall of the price; negative: storage gets dearer in tokens")
    transition_starts: date = Field(date(2024, 11, 20), description="fork 2.9 (ar_pricing_transition)")
    transition_blocks_count: float = Field(518_400.0, gt=0, description="24 months at 120 s (ar_pricing_transition)")
    update_every_blocks_count: float = Field(50.0, gt=0, description="ar_pricing")
    old_weight: float = Field(0.9, ge=0, lt=1, description="weight of the old price in each update (ar_pricing)")
    history_blocks_count: float = Field(64_800.0, gt=0, description="blocks over which income and mined space are averaged (fork 2.8)")


class EndowmentSpec(SpecModel):
    """The pool that pays miners when inflation and fees no longer do."""

    opening_tokens: float = Field(330_000.0, ge=0, description="almost 330,000 AR, undated page of about 2025 (arweavehub)")
    latch_tokens: float = Field(10_000.0, ge=0, description="the latch reopens above this (ar_pricing)")
    opening_kryder_multiple: float = Field(1.0, ge=1, description="doubled each time the pool runs dry (ar_pricing)")


class ReplicasSpec(SpecModel):
    """How many copies miners keep: income over cost draws disks in, loss drives them out."""

    opening_copies_count: float = Field(200.0, ge=1, description="one estimate of 2023-03 (yourresearchedge)")
    running_usd_per_tb_per_year: float = Field(4.0, ge=0, description="hosting, server and staff of a raw TB; with disk and power about 8 to 9, the dossier's general figure; assumed")
    power_w_per_tb: float = Field(0.6, ge=0, description="assumed: 10 W of a 20 TB disk and its share of the host")
    industrial_share_of_household_price: float = Field(0.65, gt=0, le=2, description="assumed: what a machine room pays for electricity over what a household pays")
    capex_usd_per_tb: float = Field(14.0, ge=0, description="USD 0.014 per GB, 2022-11 (Backblaze)")
    life_years: float = Field(5.0, gt=0, description="assumed")
    resale_share: float = Field(0.1, ge=0, lt=1, description="assumed: of a new disk's price on the day, what a used one sells for; as for machines, and as half the price for a fifth of devices")
    cost_decline_share_per_year: float = Field(0.07, ge=-0.5, lt=1, description="all of it; measured disks fell 9 % a year 2017 to 2022; 5 to 9 % assumed")
    step_share_per_day: float = Field(0.02, ge=0, le=1, description="space of a miner changes by at most this share in a day (dossier): on five times the interest, where disks pay back in a 25th of its limit")


class ArweaveSpec(SpecModel):
    """The protocol of an Arweave-like network and the state it starts from."""

    blocks: BlocksSpec
    inflation: InflationSpec = InflationSpec()
    upload_fee: UploadFeeSpec = UploadFeeSpec()
    price: StoragePriceSpec = StoragePriceSpec()
    endowment: EndowmentSpec = EndowmentSpec()
    replicas: ReplicasSpec = ReplicasSpec()
    packing: PackingSpec = PackingSpec()
    opening_weave_tb: float = Field(gt=0, description="data stored on the first day")
    opening_supply_tokens: float = Field(65.65e6, gt=0, description="circulating, 2026-04 (CoinGecko)")
    held_reward_days: int = Field(30, ge=1, description="rewards are held 21,600 blocks (ar_rewards)")
