"""The four investor questions with grades and numbers; no total score."""

from __future__ import annotations

from typing import Any

from twin.report.numbers import with_unit
from twin.report.section import Section, render
from twin.report.view import View

GRADES = {"pass": "pass", "watch": "watch", "fail": "fail", "not_applicable": "not applicable"}
TITLES = {
    "emission": "Shape of emission",
    "sustainability": "Path to sustainability",
    "collateral": "Function of the collateral",
    "demand": "Real external demand",
}


def questions_section(view: View) -> Section:
    """One card for each answer of the scorecard."""
    title = "The four investor questions"
    answers = view.parsed("scorecard")
    if not isinstance(answers, list) or not answers:
        return Section("questions", title, absent="the run has no scorecard")
    cards = [_card(answer) for answer in answers]
    graded = ", ".join(
        f"{sum(card['grade'] == grade for card in cards)} {name}"
        for grade, name in GRADES.items()
        if any(card["grade"] == grade for card in cards)
    )
    return Section(
        "questions", title, f"Each grade shows its numbers; there is no total. Here: {graded}.", render("questions", cards=cards)
    )


def _card(answer: dict[str, Any]) -> dict[str, Any]:
    question, grade = str(answer.get("question", "")), str(answer.get("grade", "not_applicable"))
    numbers = [
        {
            "name": str(n.get("meaning") or n.get("name", "")),
            "value": "–" if n.get("value") is None else with_unit(n["value"], str(n.get("unit", ""))),
            "known": n.get("value") is not None,
        }
        for n in answer.get("numbers", [])
    ]
    return {
        "title": answer.get("title") or TITLES.get(question, question), "grade": grade if grade in GRADES else "not_applicable", "grade_name": GRADES.get(grade, grade),
        "reason": answer.get("reason", ""), "numbers": numbers,
    }  # fmt: skip
