"""However a file is mangled, the loader answers with a scenario or with problems that name a place in it; never with a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.scenario import load, shipped

WORDS = [
    "null",
    "x",
    "-1",
    "0",
    "1e9",
    "true",
    "2021-01-01",
    "[]",
    "{}",
    "[1, 2]",
    "{a: 1}",
    "{2021-01-01: 3}",
    "{kind: x}",
    "{low: 1, likely: 2, high: 3}",
    '""',
    "~",
    "",
]


def mangled(lines: list[str], luck: random.Random) -> list[str]:
    lines = list(lines)
    for _ in range(luck.randint(1, 4)):
        at = luck.randrange(len(lines))
        line = lines[at]
        match luck.randrange(6):
            case 0:
                del lines[at]
            case 1 if ":" in line:
                lines[at] = line[: line.index(":") + 1] + " " + luck.choice(WORDS)
            case 2 if ":" in line:
                lines[at] = line[: line.rindex(":") + 1] + " " + luck.choice(WORDS) + ("}" * line.count("{"))
            case 3:
                lines[at] = " " * luck.randrange(5) + line.lstrip()
            case 4 if len(line) > 4:
                where = luck.randrange(len(line))
                lines[at] = line[:where] + luck.choice(":{}[],#&*!|>'\"%@`-? \t._x") + line[where + luck.randrange(2) :]
            case _:
                lines.insert(at, luck.choice(lines))
    return lines


@pytest.mark.parametrize("seed", range(6))
def test_mangled_files(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    luck = random.Random(seed)
    whole = (shipped.scenarios_dir() / "helium-iot-goteborg.yaml").read_text(encoding="utf-8").splitlines()
    n_refused = 0
    for _ in range(25):
        Path("m.yaml").write_text("\n".join(mangled(whole, luck)) + "\n", encoding="utf-8")
        try:
            load("m.yaml")
        except InputError as error:
            n_refused += 1
            assert all(problem.file is not None and problem.message and problem.render() for problem in error.problems)
    assert n_refused > 5
