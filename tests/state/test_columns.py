from __future__ import annotations

import numpy as np
import pytest

from twin.errors import RunError
from twin.state import BLOCK, BlockGroup, Column, Columns, NodeState

DECLARED = (
    Column("state", np.int8, NodeState.PROSPECT, "", "what stands there", "fleet"),
    Column("opex_usd_per_month", np.float32, 2.5, "usd_per_month", "what it costs to run", "operators"),
    Column("life", np.int16, 0, "", "boxes ever placed there", "fleet"),
)


def test_readers_see_what_the_writer_writes_and_cannot_write():
    columns = Columns(100, DECLARED)
    fleet = columns.writer("fleet")
    fleet.state[3] = NodeState.ONLINE
    fleet.life += 1
    assert columns.state[3] == NodeState.ONLINE and columns.state.dtype == np.int8 and (columns.life == 1).all()
    assert (columns.opex_usd_per_month == 2.5).all() and columns.n == 100
    with pytest.raises(ValueError, match="read-only"):
        columns.state[3] = 0
    with pytest.raises(ValueError, match="read-only"):
        columns.state += 1
    assert not hasattr(fleet, "opex_usd_per_month")
    assert columns.writer("fleet") is fleet
    with pytest.raises(RunError, match="fleet, operators"):
        columns.writer("market")


def test_an_array_cannot_be_bound_anew():
    columns = Columns(5, DECLARED)
    for holder in (columns, columns.writer("fleet")):
        with pytest.raises(AttributeError, match="in place"):
            holder.state = np.zeros(5, np.int8)


@pytest.mark.parametrize("name", ["state", "writer", "n", "declarations", "_x", "two words"])
def test_names_that_cannot_be(name):
    with pytest.raises(RunError):
        Columns(5, [*DECLARED, Column(name, np.int8, 0, "", "", "fleet")])


def test_the_groups_of_blocks_are_a_partition():
    n = 10 * BLOCK + 7
    groups = [BlockGroup(g, 4) for g in range(4)]
    assert np.array_equal(np.sort(np.concatenate([g.slots(n) for g in groups])), np.arange(n))
    padded = np.arange(11 * BLOCK)
    assert all(np.array_equal(g.rows(padded).ravel()[: g.slots(n).size], g.slots(n)) for g in groups)
    with pytest.raises(ValueError):
        BlockGroup(4, 4)
