"""Fees against subsidy, and what it cost to run the network."""

from __future__ import annotations

import numpy as np

from twin.report.charts import draw
from twin.report.numbers import percent, usd
from twin.report.section import Section, render
from twin.report.sections.income import income_chart, market_words, who_paid
from twin.report.sections.spending import spending_chart, spending_words
from twin.report.view import View

NEEDED = ("operator_fee_funded_usd", "operator_emission_usd", "operator_cost_usd", "operator_replacement_usd")


def money_section(view: View) -> Section:
    """F, V, O and K over time, in dollars and on a logarithmic scale."""
    title = "Fees against subsidy"
    if not view.has(*NEEDED):
        return Section("money", title, absent="no daily amounts were recorded")
    fees, running, replacing = view.column(NEEDED[0]), view.column(NEEDED[2]), view.column(NEEDED[3])
    pay = view.column(NEEDED[1]) + view.column("operator_customer_usd") + view.column("operator_grant_usd")
    subsidy = np.maximum(pay - fees, 0.0)
    full = running + replacing
    stacked = view.chart(
        "What operators were paid, by who paid it",
        "USD a day, mean of 28 days",
        ("F: paid by customers", fees, "fees", "area"),
        ("V: subsidy (newly issued tokens, grants)", subsidy, "subsidy", "area"),
        ("O + K: running cost and replacement", full, "cost", "line"),
        smooth=True,
        height=290,
    )
    log = view.chart(
        "The same on a logarithmic scale: when do fees pay?",
        "USD a day, mean of 28 days",
        ("F: paid by customers", fees, "fees", "line"),
        ("V: subsidy", subsidy, "subsidy", "line"),
        ("O: running cost", running, "cost", "line"),
        ("O + K: with replacement", full, "cost", "dashed"),
        is_log=True,
        smooth=True,
        height=290,
    )
    years, signature = view.daily["date"].dt.year.to_numpy(), income_chart(view)
    rows = [_year(int(year), years == year, fees, subsidy, running, replacing) for year in np.unique(years)]
    lead = f"Pay of the whole run, valued when it was earned, is {usd(pay.sum())}: {percent(fees.sum() / pay.sum()) if pay.sum() else 'nothing'} of it funded by customers. {who_paid(view)}"
    charts = [draw(chart) for chart in (signature, spending_chart(view), stacked, log) if chart is not None]
    words = [*market_words(view), *([spent] if (spent := spending_words(view)) else [])]
    return Section("money", title, lead.strip(), render("money", charts=charts, rows=rows, words=words))


def _year(
    year: int, rows: np.ndarray, fees: np.ndarray, subsidy: np.ndarray, running: np.ndarray, replacing: np.ndarray
) -> dict[str, object]:
    f, v, o, k = (float(column[rows].sum()) for column in (fees, subsidy, running, replacing))
    return {
        "year": year,
        "days": int(rows.sum()),
        "fees": f,
        "subsidy": v,
        "running": o,
        "replacement": k,
        "coverage": f / (o + k) if o + k else None,
    }
