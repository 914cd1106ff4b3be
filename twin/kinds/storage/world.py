"""A storage network put together: which protocol it follows decides which parts it has."""

from __future__ import annotations

from twin.world import World


def furnish(world: World) -> None:
    """The parts of a scenario's protocol; no parts are loaded that it does not have."""
    network = world.spec.network
    if network.compat == "mechafil":
        from twin.kinds.storage.compat_world import furnish as parts
    elif network.protocol == "filecoin":
        from twin.kinds.storage.filecoin_world import furnish as parts
    else:
        from twin.kinds.storage.arweave_world import furnish as parts
    parts(world)
