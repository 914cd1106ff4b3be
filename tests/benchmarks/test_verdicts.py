"""The table of verdicts: a row for a scenario and each of its variants, and one for a life that does not come to its end."""

from __future__ import annotations

import pytest

from benchmarks import verdicts
from twin.errors import RunError


def test_a_row_for_each_variant(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[tuple[str, str | None]] = []
    monkeypatch.setattr(verdicts, "row_of", lambda name, variant: asked.append((name, variant)) or f"| {name} {variant} |")
    verdicts.main(["energy-coquimbo"])
    assert asked[0] == ("energy-coquimbo", None) and ("energy-coquimbo", "glow") in asked
    assert capsys.readouterr().out.splitlines()[:2] == list(verdicts.HEAD)
    asked.clear()
    verdicts.main(["--plain"])
    assert len(asked) >= 16 and all(variant is None for _, variant in asked)


def test_the_row_says_what_the_verdict_says(monkeypatch: pytest.MonkeyPatch) -> None:
    row = verdicts.row_of("filecoin-world", "china_2021").split(" | ")
    assert row[0] == "| `filecoin-world`, `china_2021`" and row[1] == "not judged" and row[-1].endswith(" |")

    def breaks(*_: object) -> None:
        raise RunError("out of space\nsecond line")

    monkeypatch.setattr(verdicts, "life", breaks)
    assert verdicts.row_of("filecoin-world", None).endswith("| failed | | | out of space |")
