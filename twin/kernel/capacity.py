"""Queues of the world: SimPy's Resource, Store and Container whose grants come back through a lane.

Plain SimPy hands out a grant at once, at the same instant and before the next lane. Here whoever waited goes on in
the resource's lane of that instant (or right after the present event, if that lane has passed), so freight never
overtakes a shock and a repair never slips behind the settlement. Processes may hold a request in a `with` block, as
in SimPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simpy.core import BoundClass
from simpy.events import PENDING, Event
from simpy.resources.container import Container, ContainerGet, ContainerPut
from simpy.resources.resource import Request, Resource
from simpy.resources.store import Store, StoreGet, StorePut

from twin.errors import RunError
from twin.kernel.clock import Clock
from twin.kernel.lanes import Lane, LaneEnvironment, lane_key


def _grant(event: Event, value: Any, key: int) -> None:
    if event._value is not PENDING:
        raise RunError(f"{event} was granted twice")
    event._ok, event._value = True, value
    env = event.env
    assert isinstance(env, LaneEnvironment)
    env.push_now(event, key)


class LaneRequest(Request):
    """A request whose grant comes through the resource's lane."""

    resource: LaneResource

    def succeed(self, value: Any = None) -> LaneRequest:
        """Grant it."""
        _grant(self, value, self.resource.key)
        return self


class LaneResource(Resource):
    """`capacity` identical servers (a crew, a production line), first come first served."""

    def __init__(self, clock: Clock, capacity: int = 1, *, lane: Lane, sub: int = 0) -> None:
        self.key = lane_key(lane, sub)
        super().__init__(clock.environment, capacity)

    if TYPE_CHECKING:

        def request(self) -> LaneRequest:
            """Ask for a server; yield it, and release it afterwards."""
            ...

    else:
        request = BoundClass(LaneRequest)


class LaneStorePut(StorePut):
    """A put that is confirmed through the store's lane."""

    resource: LaneStore

    def succeed(self, value: Any = None) -> LaneStorePut:
        """Confirm it."""
        _grant(self, value, self.resource.key)
        return self


class LaneStoreGet(StoreGet):
    """A get that is answered through the store's lane."""

    resource: LaneStore

    def succeed(self, value: Any = None) -> LaneStoreGet:
        """Answer it with the item."""
        _grant(self, value, self.resource.key)
        return self


class LaneStore(Store):
    """Things in the order in which they were put (batches of orders, shipments). Put a batch, not each thing of it."""

    def __init__(self, clock: Clock, capacity: float = float("inf"), *, lane: Lane, sub: int = 0) -> None:
        self.key = lane_key(lane, sub)
        super().__init__(clock.environment, capacity)

    if TYPE_CHECKING:

        def put(self, item: Any) -> LaneStorePut:  # type: ignore[override]
            """Put an item in; waits while the store is full."""
            ...

        def get(self) -> LaneStoreGet:
            """Take the oldest item out; waits while the store is empty."""
            ...

    else:
        put = BoundClass(LaneStorePut)
        get = BoundClass(LaneStoreGet)


class LaneContainerPut(ContainerPut):
    """A put that is confirmed through the container's lane."""

    resource: LaneContainer

    def succeed(self, value: Any = None) -> LaneContainerPut:
        """Confirm it."""
        _grant(self, value, self.resource.key)
        return self


class LaneContainerGet(ContainerGet):
    """A get that is answered through the container's lane."""

    resource: LaneContainer

    def succeed(self, value: Any = None) -> LaneContainerGet:
        """Answer it."""
        _grant(self, value, self.resource.key)
        return self


class LaneContainer(Container):
    """An amount of something alike (a stock of nodes, a budget), `level` of it now."""

    def __init__(self, clock: Clock, capacity: float = float("inf"), initial: float = 0, *, lane: Lane, sub: int = 0) -> None:
        self.key = lane_key(lane, sub)
        super().__init__(clock.environment, capacity, initial)

    if TYPE_CHECKING:

        def put(self, amount: float) -> LaneContainerPut:  # type: ignore[override]
            """Add an amount; waits while there is no room."""
            ...

        def get(self, amount: float) -> LaneContainerGet:  # type: ignore[override]
            """Take an amount; waits until there is as much."""
            ...

    else:
        put = BoundClass(LaneContainerPut)
        get = BoundClass(LaneContainerGet)
