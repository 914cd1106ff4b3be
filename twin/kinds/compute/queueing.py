"""Waiting in front of c like servers: Erlang's formulas for exponential service."""

from __future__ import annotations


def erlang_b(servers: int, load_erlang: float) -> float:
    """Probability that all servers are busy when nobody may wait. Recursion B(c) = a B / (c + a B)."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load_erlang * blocked / (server + load_erlang * blocked)
    return blocked


def erlang_c(servers: int, load_erlang: float) -> float:
    """Probability of having to wait; 1 where the load reaches the servers."""
    if load_erlang <= 0:
        return 0.0
    if servers <= load_erlang:
        return 1.0
    blocked = erlang_b(servers, load_erlang)
    return blocked / (1 - load_erlang / servers * (1 - blocked))
