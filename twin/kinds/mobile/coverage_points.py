"""Points of a radio: heartbeat x speed test x location trust x sum over its hexagons of base x rank x oracle (HIP-74, 85, 93, 103, 105, 119, 134, 135)."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.kinds.mobile.proof_spec import HexTemplateSpec, MobileProofSpec, OracleSpec, SpeedTierSpec, TrustSpec
from twin.scenario.model import value_on

A, B, C = 0, 1, 2
"""Footfall and land classes as numbers, best first."""


def template_points(proof: MobileProofSpec, day: date, *, outdoor: bool) -> float:
    """Points of a lone radio before any multiplier; 0 before the radio was admitted."""
    rows: dict[date, HexTemplateSpec | None] = {**(proof.outdoor if outdoor else proof.indoor)}
    template = value_on(rows, day, None)
    return 0.0 if template is None else template.total_points


def oracle_multiplier(rule: OracleSpec | None, *, footfall: ArrayLike, land: ArrayLike, is_urban: ArrayLike) -> Floats:
    """Multiplier of each place (HIP-103); 1 without a rule."""
    foot, ground, town = np.asarray(footfall), np.asarray(land), np.asarray(is_urban, bool)
    if rule is None:
        return np.ones(np.broadcast(foot, ground, town).shape)
    middle = np.where(town, rule.footfall_b_urban_share, rule.footfall_b_rural_share)
    least = np.where(town, np.array(rule.footfall_c_urban_share)[ground], np.array(rule.footfall_c_rural_share)[ground])
    return np.where(foot == A, rule.footfall_a_share, np.where(foot == B, middle, least)).astype(np.float64)


def speed_multiplier(tiers: tuple[SpeedTierSpec, ...], *, down_mbit_per_s: ArrayLike, up_mbit_per_s: ArrayLike, latency_seconds: ArrayLike) -> Floats:
    """Multiplier of each speed test: that of the best tier whose three numbers it reaches, 0 if none."""
    down, up, latency = (np.asarray(each, np.float64) for each in (down_mbit_per_s, up_mbit_per_s, latency_seconds))
    found = np.zeros(np.broadcast(down, up, latency).shape)
    for tier in reversed(tiers):
        reaches = (down >= tier.down_mbit_per_s) & (up >= tier.up_mbit_per_s) & (latency <= tier.latency_seconds)
        found = np.where(reaches, tier.multiplier_share, found)
    return found


def trust_multiplier(rule: TrustSpec, *, off_by_m: ArrayLike) -> Floats:
    """Location trust by the distance between the asserted and the measured place (HIP-119)."""
    distance = np.asarray(off_by_m, np.float64)
    return np.where(distance <= rule.full_within_m, 1.0, np.where(distance <= rule.quarter_within_m, 0.25, 0.0))


def heartbeat_multiplier(hours_heard: ArrayLike, *, needs_hours: float) -> Floats:
    """1 for a radio heard long enough in the day, else 0."""
    return (np.asarray(hours_heard, np.float64) >= needs_hours).astype(np.float64)


def rank_multiplier(hexagon: ArrayLike, signal: ArrayLike, *, shares: tuple[float, ...]) -> Floats:
    """Share of each radio on its hexagon: the strongest get `shares` in turn, further ones nothing; ties go to the earlier row."""
    cell = np.asarray(hexagon)
    order = np.lexsort((np.arange(len(cell)), -np.asarray(signal, np.float64), cell))
    ordered = cell[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(cell) else np.empty(0, np.int64)
    rank = np.arange(len(cell)) - np.repeat(first, np.diff(np.append(first, len(cell))))
    table = np.append(np.asarray(shares, np.float64), 0.0)
    found = np.empty(len(cell))
    found[order] = table[np.minimum(rank, len(shares))]
    return found


def radio_points(
    base_points: ArrayLike,
    *,
    heartbeat: ArrayLike,
    speed: ArrayLike,
    trust: ArrayLike,
    rank: ArrayLike,
    oracle: ArrayLike,
) -> Floats:
    """Points of radios whose hexagons all have the same rank and oracle class."""
    product = np.asarray(base_points, np.float64)
    for multiplier in (heartbeat, speed, trust, rank, oracle):
        product = product * np.asarray(multiplier, np.float64)
    return product
