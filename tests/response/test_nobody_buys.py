"""The row "nobody buys" of the storage worlds: with `customers x0` there is no customer left, those of the first day among them."""

from __future__ import annotations

import pytest
from goldens.worlds import WORLDS

from twin.response import Answer, Response, respond


def answers(name: str) -> tuple[Response, Answer]:
    """The life with nothing turned, and the one without customers."""
    found = respond(WORLDS[name].scenario(), only=lambda lever: lever.name == "customers x0")
    nobody = found.by_lever["customers x0"]
    assert not nobody.failed and not nobody.lever.absent
    return found, nobody


@pytest.mark.parametrize("name", ["filecoin", "filecoin-2021"])
def test_nobody_buys_on_filecoin(name: str) -> None:
    """Nothing is used and nothing could be bought, and the class says so where there is one."""
    found, nobody = answers(name)
    for quantity in ("usage_usd", "revenue_usd", "operators_customer_usd"):
        assert nobody.values[quantity] == 0 < found.base.values[quantity]
    assert nobody.outcome == ("never_started" if name == "filecoin" else "not_judged")


def test_nobody_buys_on_arweave() -> None:
    """What was paid for before the first day is kept as it is; nobody pays any more."""
    found, nobody = answers("arweave")
    assert nobody.values["revenue_usd"] == 0 < found.base.values["revenue_usd"]
    assert 0 < nobody.values["usage_usd"] < found.base.values["usage_usd"]
