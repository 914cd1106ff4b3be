"""Operators: who enters, who stays, who moves, who leaves. Parties (groups of operators) are Mesa agents in every kind; a policy says how they decide."""

from twin.actors.operators.device_owners import COLUMNS, DeviceOwnerPolicy
from twin.actors.operators.parties import Choice, Parties, Party, Policy
from twin.actors.operators.reckoning import Offer, Reckoning

__all__ = ["COLUMNS", "Choice", "DeviceOwnerPolicy", "Offer", "Parties", "Party", "Policy", "Reckoning"]
