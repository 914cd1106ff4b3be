"""Operators: who enters, who stays, who moves, who leaves. Parties (groups of operators) are Mesa agents in every kind; a policy says how they decide."""

from twin.actors.operators.box_owners import COLUMNS, BoxOwnerPolicy, Offer
from twin.actors.operators.parties import Choice, Parties, Party, Policy

Operators = BoxOwnerPolicy

__all__ = ["COLUMNS", "BoxOwnerPolicy", "Choice", "Offer", "Operators", "Parties", "Party", "Policy"]
