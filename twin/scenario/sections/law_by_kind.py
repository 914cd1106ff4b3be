"""Which rules of law each kind of network knows, and why it does not know the others: the matrix as data. A rule that is not known is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SMALL_POWER = "a node here draws some watts: there is no load for a grid to shed"
SERVED_ON_THE_SPOT = "customers are served by what stands where they are: no node abroad could serve them"
FEEDS_NOTHING = "nothing here feeds into a grid"
NO_RADIO = "nodes here transmit nothing whose reach a limit of power could cut"
NOT_FROM_CARS = "nobody films the street from a car here"
NO_SECTORS = "the notice cuts new sectors and renewals of storage providers, and there are none"

CAMERAS: Mapping[str, str] = {"street_camera_permit": NOT_FROM_CARS, "street_camera_ban": NOT_FROM_CARS}
DEVICES: Mapping[str, str] = {
    "data_localisation": SERVED_ON_THE_SPOT, "curtailment": SMALL_POWER, "interconnection": FEEDS_NOTHING, "provider_ban": NO_SECTORS, "spectrum_power_limit": NO_RADIO, **CAMERAS,
}  # fmt: skip

REFUSED: Mapping[str, Mapping[str, str]] = {
    "wireless": {rule: why for rule, why in DEVICES.items() if rule != "spectrum_power_limit"},
    "mobile": {**DEVICES, "spectrum_power_limit": "access points transmit under the general licence of Wi-Fi, and users are counted by who passes, not by how far a signal reaches"},
    "sensing": DEVICES,
    "mapping": {rule: why for rule, why in DEVICES.items() if rule not in CAMERAS},
    "energy": {rule: why for rule, why in DEVICES.items() if rule not in ("curtailment", "interconnection")},
    "compute": {rule: why for rule, why in DEVICES.items() if rule not in ("curtailment", "data_localisation")},
    "storage": {
        "spectrum_power_limit": NO_RADIO, "interconnection": FEEDS_NOTHING, **CAMERAS,
        "curtailment": "disks must prove what they hold around the clock: who sheds load by the hour stops",
    },
}  # fmt: skip
"""Kind of network -> rule -> why it does nothing there; what is not named is known."""
REFUSED_BY_PROTOCOL: Mapping[str, Mapping[str, str]] = {
    "filecoin": {},
    "arweave": {
        "provider_ban": NO_SECTORS,
        "data_localisation": "every miner keeps the one weave of all uploads: nobody's data can be kept in one country alone, and who obeys uploads nothing (a ban of uploads is uploaders.*.ends)",
    },
}
"""The same within storage, where the protocol decides."""

IN_HOMES = "nodes stand at the homes of their owners: to move across the border is to leave here, and for somebody else to come elsewhere, which owners and newcomers decide as always"
NOBODY_MOVES: Mapping[str, str] = {kind: IN_HOMES for kind in ("wireless", "mobile", "sensing", "energy")} | {
    "mapping": "drivers drive where they live: who would not pay leaves, and somebody else drives elsewhere"
}
"""Kind of network -> why owners there cannot take their nodes across a border (`answers.move`)."""


def why_not(kind_of_network: Any, rule: Any, *, protocol: str | None = None) -> str | None:
    """Why a kind of network does not know a rule; None where it does, or where neither is known."""
    return REFUSED.get(str(kind_of_network), {}).get(str(rule)) or REFUSED_BY_PROTOCOL.get(str(protocol), {}).get(str(rule))


def problems_of_moves(spec: Any) -> Iterable[tuple[Any, str, str, str]]:
    """Rules that let owners move where nobody can: paths, codes, messages, suggestions."""
    if (why := NOBODY_MOVES.get(str(spec.network.kind))) is None:
        return
    for name, rule in getattr(spec, "regulation", {}).items():
        if getattr(getattr(rule, "answers", None), "move", None) is not None:
            yield ("regulation", name, "answers", "move"), "nobody_moves", f"{why}.", "leave it out: owners comply, hide or leave"
