"""Who paid whom for what, from the ledger."""

from __future__ import annotations

from typing import Any

import pandas as pd

from twin.report.flow_drawing import draw_flows, words
from twin.report.numbers import usd
from twin.report.section import Section, render
from twin.report.view import View

MOST_ROWS = 18
LEAST_SHARE = 0.001


def flows_section(view: View) -> Section:
    """For each asset: bands from payers to payees over the whole run, and a table by year. All in USD of the day."""
    title = "Money flows"
    ledger = view.ledger
    if not len(ledger) or not float(ledger.amount_usd.abs().sum()) > 0:
        return Section("flows", title, absent="the ledger recorded no flow of money")
    flows = _forward(ledger)
    totals = flows.groupby("asset").amount_usd.sum().sort_values(ascending=False)
    assets = [str(asset) for asset, total in totals.items() if total > LEAST_SHARE * totals.sum()]
    years = sorted(flows.year.unique())
    blocks = [_block(asset, flows[flows.asset == asset], years) for asset in assets]
    lead = (
        "Every token and dollar moves by a posting between two named accounts; each is valued in USD on its day. "
        + "; ".join(f"{asset}: {usd(totals[asset])} moved" for asset in assets)
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


def _block(asset: str, flows: pd.DataFrame, years: list[int]) -> dict[str, Any]:
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
    return {"asset": asset, "drawing": draw_flows(flows), "rows": rows, "others": others}
