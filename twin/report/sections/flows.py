"""Who paid whom for what, from the ledger."""

from __future__ import annotations

from typing import Any

import pandas as pd

from twin.report.flow_drawing import draw_flows, words
from twin.report.numbers import usd
from twin.report.section import Section, render
from twin.report.view import View

MOST_ROWS = 18
PARTIES = ("operators", "customers", "adversar", "affiliate")
"""Accounts that begin so belong to somebody whom the run simulates; all others are the token's."""
USAGE = "usage"


def flows_section(view: View) -> Section:
    """For each asset: bands from payers to payees over the whole run, and a table by year. All in USD of the day."""
    title = "Money flows"
    ledger = view.ledger
    if not len(ledger) or not float(ledger.amount_usd.abs().sum()) > 0:
        return Section("flows", title, absent="the ledger recorded no flow of money")
    flows = _forward(ledger)
    here = flows.source.str.startswith(PARTIES) | flows.target.str.startswith(PARTIES) | (flows.reason == USAGE)
    years = sorted(flows.year.unique())
    blocks, said = [], []
    for part, words_for in ((flows[here], "operators and customers of this run"), (flows[~here], "everybody else")):
        totals = part.groupby("asset").amount_usd.sum().sort_values(ascending=False)
        for asset in totals.index[totals > 0]:
            blocks.append(_block(f"{asset}: {words_for}", part[part.asset == asset], years))
            said.append(f"{usd(totals[asset])} in {asset} among {words_for}")
    lead = (
        "Every token and dollar moves by a posting between two named accounts; each is valued in USD on its day. Moved: "
        + "; ".join(said)
        + "."
    )
    return Section("flows", title, lead, render("flows", blocks=blocks, years=years))


def _forward(ledger: pd.DataFrame) -> pd.DataFrame:
    """The flows with positive amounts: a negative one is a flow the other way."""
    flows = ledger.fillna({"funding": "", "reason": ""}).assign(year=ledger.month.dt.year)
    back = flows.amount_usd < 0
    turned = (
        flows.loc[back]
        .rename(columns={"source": "target", "target": "source"})
        .assign(amount=lambda f: -f.amount, amount_usd=lambda f: -f.amount_usd)
    )
    return pd.concat([flows.loc[~back], turned], ignore_index=True)


def _block(title: str, flows: pd.DataFrame, years: list[int]) -> dict[str, Any]:
    keys = ["source", "target", "reason", "funding"]
    wide = flows.pivot_table(index=keys, columns="year", values="amount_usd", aggfunc="sum", fill_value=0.0).reindex(
        columns=years, fill_value=0.0
    )
    wide["total"] = wide.sum(axis=1)
    wide = wide.sort_values("total", ascending=False)
    rows = [
        {
            "source": words(s),
            "target": words(t),
            "reason": words(r),
            "funding": f,
            "years": [float(values[y]) for y in years],
            "total": float(values["total"]),
        }
        for (s, t, r, f), values in wide.head(MOST_ROWS).iterrows()
    ]
    rest = wide.iloc[MOST_ROWS:]
    others = {"n": len(rest), "years": [float(rest[y].sum()) for y in years], "total": float(rest.total.sum())} if len(rest) else None
    return {"title": title, "drawing": draw_flows(flows), "rows": rows, "others": others}
