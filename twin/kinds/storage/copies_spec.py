"""Copies that are one: what it takes to make the chunks of a replica up when they are asked for, who claims such replicas, and what looks for them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twin.scenario.model import SpecModel
from twin.scenario.sections.cheating import ComesOneByOne, DatedCheckSpec


class PackingSpec(SpecModel):
    """What a challenge asks of a partition of 3.6 TB, and what it takes to answer without having kept the packed replica."""

    read_mib_per_second_per_partition: float = Field(5.0, gt=0, description="replica.2.9, of a full replica (release notes N.2.9.1); composite.1 50, spora_2_6 200 (N.2.8.0)")
    made_up_mib_per_second_per_machine: float = Field(
        0.94, gt=0, description="assumed: 30 MiB/s of a machine of 16 cores in the format spora_2_6, over 32: packing all at once takes 1/32 of that work (N.2.9.1), but one entropy of 8 MiB serves "
        "1,024 chunks spread over a partition (N.2.9.6), of which a challenge asks for one",
    )  # fmt: skip
    machine_usd_per_month: float = Field(60.0, ge=0, description="assumed: rent of such a machine, power included")
    delay_seconds: float = Field(2.0, ge=0, description="assumed: until chunks are made up; meanwhile another miner may find the block: exp(-delay / block time) of answers are in time")
    disk_read_mib_per_second: float | None = Field(
        None, gt=0, description="what a disk of one partition can be read at: all replicas that claim to be different are made up from it, and what it cannot serve is refused. Left out, nothing is refused; 200 is a hard disk (assumed)"
    )


class SharedCopySpec(ComesOneByOne):
    """Miners that claim replicas of their own and keep one for all of them."""

    exploit: Literal["shared_copy"] = "shared_copy"
    nodes: int = Field(ge=1, le=20_000, description="miners that it claims to be")
    tb_per_node: float = Field(250.0, gt=0, description="assumed: space that each claims, about that of a mean miner of 2025")
    claims_per_copy: float = Field(10.0, gt=1, description="replicas claimed for each that is kept; assumed")
    speed_multiple: float = Field(1.0, gt=0, description="chunks that it makes up for the same money, over those of a machine of the table: RandomX is made so that no chip does much better")
    entry_cost_usd_per_node: float = Field(100.0, ge=0, description="assumed: software and addresses, beside the disks of the copy that is kept")


class CopiesCheckSpec(DatedCheckSpec):
    """Challenges asked of all replicas of a sort at one instant: those that are one answer late. No rule of the protocol, which pays whoever answers: a lever."""

    detection_probability_per_month: float = Field(0.05, ge=0, le=1, description="assumed: a pretended miner whose answers come late together")
    false_positive_probability_per_month: float = Field(0.0005, ge=0, le=1, description="assumed: an honest miner with slow disks")
    denied_days: int = Field(60, ge=1, description="assumed: days for which an honest one that was accused is not paid")
    held_share: float = Field(1.0, ge=0, le=1, description="assumed: part of the held rewards of who is caught that is burned, as of who signs twice")


class ArweaveVerificationSpec(SpecModel):
    """What the network does about cheats."""

    copies: CopiesCheckSpec | None = Field(None, description="left out, nobody looks: a chunk that answers in time is paid")
