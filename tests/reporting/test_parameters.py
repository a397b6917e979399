"""A parameter of the wrong type, outside its limits or without a home is told in one line."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from trees import committed_notebooks

from tradeexposure.core.errors import BadInput
from tradeexposure.reporting import parameters
from tradeexposure.runner import notebooks

CELL = (
    "draws: int = 4000  # paths\nlevel: float = 0.95  # of intervals\nbaseline: list = []  # months\n"
    "taxed: str = '2025-12-31'  # a day\narranged: str = '2026-10-01'  # a later one"
)
ALLOWED: dict[str, Any] = {"draws": (1000, 20000), "level": (0.5, 0.99), "baseline": parameters.SPAN,
                           "taxed": parameters.DAY, "arranged": ("2025-12-31", None)}  # fmt: skip


def notebook(*cells: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for cell in cells:
        exec(cell, names)
    return {**names, "In": ["", *cells]}


def test_defaults_pass_and_nothing_was_chosen() -> None:
    assert parameters.check(notebook(CELL), **ALLOWED) == {}


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("draws = 'abc'", "draws: found 'abc'; allowed: a whole number from 1000 to 20000"),
        ("draws = 2000.5", "draws: found 2000.5; allowed: a whole number"),
        ("draws = True", "draws: found True"),
        ("draws = 10", "draws: found 10"),
        ("level = float('nan')", "level: found nan"),
        ("level = '0.9'", "level: found '0.9'; allowed: a number from 0.5 to 0.99"),
        ("drws = 2000", "drws: found a name that this notebook does not have; allowed: draws, level, baseline, taxed"),
        ("baseline = ['2014-8', '2018-02']", "baseline: found ['2014-8', '2018-02']; allowed: two months as"),
        ("baseline = ['2018-02', '2014-08']", "baseline: found"),
        ("baseline = '2014-08'", "baseline: found '2014-08'"),
        ("taxed = '2025-12'", "taxed: found '2025-12'; allowed: a day as 2025-12-31"),
        ("taxed = '2025-02-30'", "taxed: found '2025-02-30'"),
        ("taxed = 20251231", "taxed: found 20251231"),
        ("arranged = '2025-03-01'", "arranged: found '2025-03-01'; allowed: a day as 2025-12-31 from 2025-12-31"),
    ],
)
def test_what_papermill_hands_over_is_refused(typed: str, refusal: str) -> None:
    with pytest.raises(BadInput) as caught:
        parameters.check(notebook(CELL, f"# Parameters\n{typed}"), **ALLOWED)
    assert refusal in str(caught.value) and "\n" not in str(caught.value)


def test_more_draws_than_memory_takes_are_refused_with_the_reason() -> None:
    cells = notebook(CELL, "# Parameters\ndraws = 1000000000")
    with pytest.raises(
        BadInput, match=r"found 1000000000; allowed: a whole number from 1000 to 100000 \(each takes mem"
    ):
        parameters.check(cells, **{**ALLOWED, "draws": parameters.draws(1000)})
    assert parameters.check(notebook(CELL), **{**ALLOWED, "draws": parameters.draws(1000)}) == {}


def test_every_notebook_limits_its_draws_and_is_named() -> None:
    asked = 0
    for book in notebooks.discover():
        source = next(text for cell in book.content["cells"] if "parameters.check(" in (text := notebooks.source(cell)))
        assert parameters.BOOK.search(source)[1] == book.name
        asked += "draws=parameters.draws(" in source or "draws=(1000, 20000)" in source
        assert "draws" not in [param.name for param in book.parameters] or "draws=" in source
    assert asked == sum("draws" in [param.name for param in book.parameters] for book in notebooks.discover())


def test_a_notebook_is_named_by_the_cell_that_checks() -> None:
    cells = notebook(CELL, "# Parameters\ndraws = 10")
    cells["In"].append('parameters.check(globals())\nbook = Book("70_simulate_scenario")')
    with pytest.raises(BadInput, match=r"^notebooks/70_simulate_scenario\.ipynb: draws: found 10; "):
        parameters.check(cells, **ALLOWED)


def test_what_is_typed_into_the_cell_is_refused_too() -> None:
    with pytest.raises(BadInput, match="drws: found a name that this notebook does not have"):
        parameters.check(notebook(CELL.replace("draws", "drws")), **ALLOWED)
    once = notebook(CELL, CELL.replace("draws", "drws"), CELL)
    assert parameters.check(once, **ALLOWED) == {}, "the cell that ran last counts"


def test_choices_are_told() -> None:
    handed_over = "# Parameters\ndraws = 2000\nlevel = 0.95\nbaseline = ['2014-08', '2018-02']"
    chosen = {"draws": 2000, "baseline": ["2014-08", "2018-02"]}
    assert parameters.check(notebook(CELL, handed_over), **ALLOWED) == chosen
    typed = CELL.replace("[]", "['2014-08', '2018-02']")
    assert parameters.check(notebook(typed), **ALLOWED) == {"baseline": ["2014-08", "2018-02"]}


def test_values_are_named_where_only_some_are_allowed() -> None:
    with pytest.raises(BadInput, match="year: found 2023; allowed: a whole number among 2024"):
        parameters.check(notebook("year: int = 2023  # of flows"), year=[2024])


@pytest.mark.parametrize("path", committed_notebooks(), ids=lambda path: path.stem)
def test_every_notebook_checks_all_its_parameters_and_its_claims(path: Any) -> None:
    read = notebooks.read(path)
    cells = [ast.parse(notebooks.source(cell)) for cell in read.content["cells"] if cell["cell_type"] == "code"]
    calls = [node for cell in cells for node in ast.walk(cell) if isinstance(node, ast.Call)]
    called = {ast.unparse(node.func): node for node in calls}
    checked = {word.arg for word in called["parameters.check"].keywords}
    assert checked == {parameter.name for parameter in read.parameters}
    assert {"claims.assert_claims", "book.check", "book.rising"} & set(called)
