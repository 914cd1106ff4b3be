"""What the rules that every kind of network knows do to its nodes, by kind of rule; a kind adds its own to these."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.actors.law import Effect
from twin.actors.law_moves import Border, Movers
from twin.actors.law_of_money import EntryCosts, ImportTariff, InvestmentSubsidy, PrivacyDuty
from twin.actors.law_of_nodes import Ban, Closures, Licence, Nodes
from twin.arrays import Slots
from twin.kernel import Clock, Streams
from twin.state import Note


def effects_on_nodes(
    nodes: Nodes, *, clock: Clock, streams: Streams, duties: Duties, closures: Closures, entry: EntryCosts, note: Note,
    costs_changed: Callable[[Slots], None] = lambda slots: None, owner: NDArray[np.integer] | None = None, movers: Movers | None = None,
) -> dict[str, Effect]:  # fmt: skip
    """Effects by kind of rule. `costs_changed` hears whose duty began or ended; `owner` of each node by slot (None: each has its own); `movers` where nodes can be
    taken across a border."""
    licence = Licence(nodes, clock=clock, streams=streams, duties=duties, closures=closures, note=note, costs_changed=costs_changed, owner=owner)
    privacy = PrivacyDuty(nodes, entry, clock=clock, streams=streams, duties=duties, closures=closures, note=note, costs_changed=costs_changed, owner=owner)
    if movers is not None:
        licence.border = privacy.border = Border(movers, streams, n=len(entry.price_share), online=lambda: nodes.online, today=lambda: clock.day, note=note)
    return {
        "operator_licence": licence,
        "ban": Ban(nodes, streams=streams, closures=closures),
        "privacy_duty": privacy,
        "import_tariff": ImportTariff(nodes, entry),
        "investment_subsidy": InvestmentSubsidy(nodes, entry),
    }
