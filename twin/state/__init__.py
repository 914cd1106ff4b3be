"""What the world holds: columns, accrued rewards, the ledger. Data without decisions."""

from twin.state.accrual import ALL, Accrual, PoolSpec
from twin.state.columns import Column, Columns, Writer
from twin.state.ledger import USD, Flow, FlowKey, Funding, Ledger, Relation
from twin.state.nodes import BLOCK, BlockGroup, NodeState
from twin.state.note import Note
from twin.state.today import Today

__all__ = [
    "ALL",
    "BLOCK",
    "USD",
    "Accrual",
    "BlockGroup",
    "Column",
    "Columns",
    "Flow",
    "FlowKey",
    "Funding",
    "Ledger",
    "NodeState",
    "Note",
    "PoolSpec",
    "Relation",
    "Today",
    "Writer",
]
