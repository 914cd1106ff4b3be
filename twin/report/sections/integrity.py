"""What the network claims beside what is true."""

from __future__ import annotations

import numpy as np

from twin.nouns import capital
from twin.report.charts import draw
from twin.report.numbers import count, percent, usd
from twin.report.section import Section, render
from twin.report.sections.checks import believed_and_true, campaigns_rows, checks_rows, rings_rows, said_of_checks, said_of_rings
from twin.report.view import View


def integrity_section(view: View) -> Section:
    """Nodes and service as seen and true, fakes, denials, and the verdict's numbers both ways."""
    nodes, title = view.nouns.nodes, "Integrity: claimed against verified"
    if not view.has("nodes_online", "nodes_online_as_seen"):
        return Section("integrity", title, absent="what the network itself would have seen was not recorded")
    true, seen, fake, denied = (view.column(name) for name in ("nodes_online", "nodes_online_as_seen", "fake_online", "nodes_denied"))
    gap = seen - true
    charts = [
        draw(
            view.chart(
                f"{capital(nodes)}: claimed and real",
                nodes,
                ("as the network sees it", seen, "fake", "dashed"),
                ("really serving", true, "nodes", "line"),
            )
        ),
    ]
    if fake.any() or denied.any():
        charts.append(
            draw(
                view.chart(
                    "Fakes, and who is denied",
                    nodes,
                    ("online on a false claim", fake, "fake", "line"),
                    *([("denied pay or a place", denied, "muted", "line")] if view.has("nodes_denied") else []),
                    height=210,
                )
            )
        )
    share = view.column("fake_share_of_proof")
    if share.any():
        charts.append(
            draw(view.chart("Share of rewards that fakes take", "share", ("fakes' share", share, "fake", "area"), height=210))
        )
    paid = view.column("fakes_paid_usd")
    if paid.any():
        charts.append(draw(view.chart("What fakes are paid", "USD a day", ("fakes' pay", paid, "fake", "area"), height=210)))
    charts += [draw(chart) for chart in believed_and_true(view)]
    checks = checks_rows(view.checks)
    verdict = view.verdict
    rows = [
        {"name": name, "true": verdict.get(key), "seen": verdict.get(f"{key}_as_seen")}
        for name, key in (("κ, paid usage kept", "paid_usage_kept"), ("service kept", "service_kept"))
        if verdict.get(key) is not None and verdict.get(f"{key}_as_seen") is not None
    ]
    if not fake.any() and not np.abs(gap).any():
        lead = "Nothing was faked in this run: what the network sees is what there is."
    else:
        worst = int(np.abs(gap).argmax())
        when = view.daily["date"].iloc[worst].strftime("%Y-%m-%d")
        most = f"fakes took up to {percent(share.max())} of a day's rewards" if share.any() else "fakes were paid nothing"
        took = f"fakes were paid {usd(float(paid.sum()))} over the run" if paid.any() else most
        lead = f"At worst ({when}) the network saw {count(seen[worst])} {nodes} where {count(true[worst])} really served; {took}."
    body = render(
        "integrity", charts=[c for c in charts if c], rows=rows, checks=checks, campaigns=campaigns_rows(view.campaigns), rings=rings_rows(view.rings),
        said=[*said_of_checks(view, checks), *said_of_rings(view)], nouns=view.nouns,
    )
    return Section("integrity", title, lead, body)
