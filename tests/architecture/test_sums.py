"""A life has the same bytes on every processor: sums of products of dense arrays are not left to BLAS, whose kernels differ in the last digits (`twin.kernel.weighted`)."""

from __future__ import annotations

import ast
from pathlib import Path

TWIN = Path(__file__).parents[2] / "twin"
SPARSE = {
    "kinds/mapping/routes.py", "kinds/sensing/service.py", "kinds/wireless/hearing_kernel.py", "kinds/wireless/hearing_planet.py", "kinds/wireless/probe_links.py",
}  # fmt: skip
"""Files in which `@` is a product with a sparse matrix: SciPy's own loop, row by row."""
AFTER_LIVES = ("odds/analysis/", "history/")
BLAS = {"dot", "vdot", "inner", "matmul", "tensordot", "einsum", "convolve", "correlate", "linalg", "polyfit", "cov", "corrcoef"}
LENGTHS = "norm"
"""`np.linalg.norm` along an axis adds up by itself."""


def by_blas(tree: ast.AST) -> list[int]:
    """Lines that hand a sum to BLAS or LAPACK."""
    lengths = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == LENGTHS}
    return [
        node.lineno for node in ast.walk(tree)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult))
        or (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np" and node.attr in BLAS and id(node) not in lengths)
    ]  # fmt: skip


def test_no_life_leaves_a_sum_to_the_processor() -> None:
    found = {str(path.relative_to(TWIN).as_posix()): lines for path in sorted(TWIN.rglob("*.py")) if (lines := by_blas(ast.parse(path.read_text(encoding="utf-8"))))}
    assert {file: lines for file, lines in found.items() if file not in SPARSE and not file.startswith(AFTER_LIVES)} == {}
    assert SPARSE <= set(found)
