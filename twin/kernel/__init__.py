"""Time, order and luck. Knows nothing of DePIN; the only package that imports simpy."""

from twin.kernel.arrays import distinct, in_turn, smallest, weighted
from twin.kernel.batches import BatchCalendar
from twin.kernel.calendar import DAY_S, DAYS_PER_MONTH, DAYS_PER_YEAR
from twin.kernel.capacity import LaneContainer, LaneResource, LaneStore
from twin.kernel.clock import Clock, PlanRow, ProcessGenerator
from twin.kernel.lanes import Act, Lane, LaneEvent
from twin.kernel.streams import Streams, digest, hash_uniform

__all__ = [
    "DAYS_PER_MONTH",
    "DAYS_PER_YEAR",
    "DAY_S",
    "Act",
    "BatchCalendar",
    "Clock",
    "Lane",
    "LaneContainer",
    "LaneEvent",
    "LaneResource",
    "LaneStore",
    "PlanRow",
    "ProcessGenerator",
    "Streams",
    "digest",
    "distinct",
    "hash_uniform",
    "in_turn",
    "smallest",
    "weighted",
]
