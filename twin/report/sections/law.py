"""Rules of law: when each was known and in force, whom it had, what they answered, and what it took."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from twin.report.charts import RIGHT, WIDTH
from twin.report.law_outlines import outlines_of_rules
from twin.report.numbers import count, day, short, usd
from twin.report.scales import date_ticks
from twin.report.section import Section, render
from twin.report.view import View

ROW_PX, NAMES_PX, FOOT_PX = 26, 190, 26
MONEY = ("levies_usd", "fees_usd", "granted_usd", "moved", "waiting")
KNOWN, IN_FORCE = "rule_announced", "rule_effective"


def law_section(view: View) -> Section:
    """A time line of all rules, a table of what they did, and a sentence on each."""
    title, table = "Rules of law", view.law
    if not len(table):
        return Section("law", title, absent="no rule of law of this scenario is told of month by month; those that came stand among the events")
    spans = {str(name): _spans(view, str(name)) for name in dict.fromkeys(table.rule)}
    rows = [_row(view, str(name), each, spans[str(name)]) for name, each in table.groupby("rule", sort=True)]
    felt = sum(bool(each) for each in spans.values())
    given = sum(row["granted_usd"] for row in rows)
    lead = f"{count(len(rows))} rules could come; {count(felt)} of them were known or in force in this run, and the state took {usd(sum(row['took'] for row in rows))}"
    lead += f" and gave {usd(given)}." if given else "."
    return Section("law", title, lead, render("law", drawing=_timeline(view, spans), rows=rows, with_money=bool(len(view.state)), on_the_map=view.run.has("cells") and bool(outlines_of_rules(view.run))))


def _spans(view: View, name: str) -> list[tuple[date, date, bool]]:
    """(from, until, in force) of each time in which a rule was known or in force, by its events; until the day after the last where it still is."""
    end = view.daily["date"].iloc[-1].date() + timedelta(days=1)
    events = view.events
    mine = events[(events.subject == name) & events.kind.isin((KNOWN, IN_FORCE, "rule_repealed"))].sort_values("date", kind="stable") if len(events) else events
    told = [(each["date"].date(), str(each["kind"])) for each in mine.to_dict("records")]
    ends = [*(when for when, _ in told[1:]), end]
    return [(when, until, kind == IN_FORCE) for (when, kind), until in zip(told, ends, strict=True) if kind in (KNOWN, IN_FORCE)] if told else []


def _row(view: View, name: str, table: pd.DataFrame, spans: list[tuple[date, date, bool]]) -> dict[str, Any]:
    money = dict.fromkeys(MONEY, 0.0)
    if len(view.state):
        mine = view.state[view.state.rule == name]
        money = {each: float(mine[each].sum()) for each in MONEY} | {"waiting": float(mine.waiting.max())}
    took = float(table.fines_usd.sum() + table.duties_usd.sum()) + money["levies_usd"] + money["fees_usd"]
    row: dict[str, Any] = {
        "name": _words(name), "kind": _words(table.kind.iloc[0]), "where": str(table.jurisdiction.iloc[0]), "took": took,
        **{each: int(table[each].max()) if each in table else 0 for each in ("nodes_under", "claimed_under", "complied", "hiding", "closed")},
        **{each: float(table[each].sum()) for each in ("fines_usd", "duties_usd", "setup_usd")},
        **money, "touched": _touched(table),
    }  # fmt: skip
    return {**row, "said": _sentence(view, row, spans)}


def _touched(table: pd.DataFrame) -> str:
    """What only rules of its kind do, in words: hours add up over the months, and anything else is that of its last month in force."""
    told = table[table.touched.notna() & (table.touched_unit != "")] if "touched" in table else table[:0]
    if not len(told):
        return ""
    unit, by_month = str(told.touched_unit.iloc[-1]), told.touched.to_numpy(float)
    if unit.startswith("hours"):
        return f"{count(float(by_month.sum()))} {unit}"
    return f"{short(float(by_month[-1]))} {unit} in its last month"


def _sentence(view: View, row: dict[str, Any], spans: list[tuple[date, date, bool]]) -> str:
    """What happened under one rule."""
    name = f"{row['name'][:1].upper()}{row['name'][1:]} ({row['kind']}, {row['where']})"
    force = [(begin, end) for begin, end, holds in spans if holds]
    if not force:
        return f"{name} was known from {day(spans[0][0])} and never in force." if spans else f"{name} never came in this run."
    known = next((begin for begin, _, holds in spans if not holds), None)
    last = view.daily["date"].iloc[-1].date()
    said = f"{name}: " + (f"known from {day(known)}, " if known is not None else "") + f"in force from {day(force[0][0])} "
    said += f"until {day(force[-1][1] - timedelta(days=1))}" if force[-1][1] <= last else "to the end"
    parts = []
    if row["nodes_under"]:
        made_up = f", and {count(row['claimed_under'])} that were made up seemed to" if row["claimed_under"] else ""
        parts.append(f"at most {count(row['nodes_under'])} {'honest ' if made_up else ''}{view.nouns.nodes} ran under it{made_up}")
    if row["touched"]:
        parts.append(row["touched"])
    if row["complied"] or row["hiding"]:
        parts.append(f"at most {count(row['complied'])} complied and {count(row['hiding'])} hid")
    if row["moved"]:
        parts.append(f"taken across the border: {count(row['moved'])}")
    if row["closed"]:
        parts.append(f"sites shut: {count(row['closed'])}")
    parts += [f"{words} {usd(row[key])}" for key, words in (("fines_usd", "fines came to"), ("duties_usd", "import duty came to"), ("setup_usd", "what had to be set up cost")) if row[key]]
    parts += [f"{words} {usd(row[key])}" for key, words in (("levies_usd", "levies came to"), ("fees_usd", "fees of connection came to"), ("granted_usd", "the state paid out")) if row[key]]
    if row["waiting"]:
        parts.append(f"at most {count(row['waiting'])} sites waited for the grid's leave")
    return f"{said}; {', '.join(parts)}." if parts else f"{said}."


def _timeline(view: View, spans: dict[str, list[tuple[date, date, bool]]]) -> Markup:
    """A bar for each rule: pale while it is known, full while it is in force."""
    first, last = view.daily["date"].iloc[0].date(), view.daily["date"].iloc[-1].date()
    height, width = ROW_PX * len(spans) + FOOT_PX, WIDTH - RIGHT - NAMES_PX

    def px(when: date) -> float:
        return float(NAMES_PX + width * min(max((when - first).days / max((last - first).days, 1), 0.0), 1.0))

    parts = [f'<text class="tick" text-anchor="middle" x="{px(when):.1f}" y="{height - 8}">{escape(label)}</text>' for when, label in date_ticks(first, last)]
    for at, (name, each) in enumerate(sorted(spans.items())):
        y = ROW_PX * at + 4
        parts.append(f'<text class="lane" text-anchor="end" x="{NAMES_PX - 10}" y="{y + 13}">{escape(_words(name))}</text>')
        parts.append(f'<line class="grid" x1="{NAMES_PX}" x2="{WIDTH - RIGHT}" y1="{y + 9}" y2="{y + 9}"/>')
        for begin, end, holds in each:
            tip = f"{_words(name)}, {'in force' if holds else 'known'} {day(begin)} to {day(end - timedelta(days=1))}"
            parts.append(
                f'<rect style="fill:var(--fake);opacity:{0.85 if holds else 0.3}" x="{px(begin):.1f}" y="{y + 2}" width="{max(px(end) - px(begin), 1.5):.1f}" height="14"><title>{escape(tip)}</title></rect>'
            )
    return Markup(
        f'<figure class="chart"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="rules of law by date: pale while known, full while in force">{"".join(parts)}</svg></figure>'
    )


def _words(text: Any) -> str:
    return str(text).replace("_", " ")
