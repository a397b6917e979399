"""The rules for committed notebooks accept a good one and notice each fault."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tradeexposure.runner import notebook_rules, notebooks

WORDS = "This sentence says in plain words what the next cell does and why a reader should care about it. "
OUTPUT = [{"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}]
CELLS = [
    ("title", "# Is one thing so?\n\nHow far is it?"),
    ("contract", "| Reads | Writes | Takes |\n|---|---|---|\n| a table | numbers | nothing |"),
    ("parameters", 'first_year: int = 2018  # first year of the comparison\nlabel: str = "a"  # shown'),
    ("imports", "from tradeexposure.reporting import Book"),
    ("validate-intent", WORDS),
    ("validate", "assert first_year > 2000"),
    ("numbers-intent", f"## Numbers\n\n{WORDS}The duty was 84.8% until 2026-03-01."),
    ("numbers", 'book = Book("10_test_thing")\nbook.check("84.8%", duty == 0.848, duty)'),
    ("checks-heading", f"## Checks\n\n{WORDS}"),
    ("checks", 'assert day == "2025-08-14"\nbook.check("from 1 March", day == "2026-03-01")'),
    ("answer-heading", f"## The answer\n\nFrom 14 August 2025 to 1 March 2026. {WORDS}"),
    ("answer", 'book.say("It is so.")'),
    ("save-heading", f"## Save\n\n{WORDS}"),
    ("save", "book.save()"),
    ("limits", f"## What this does not show\n\n{WORDS}"),
]
CODE = ("parameters", "imports", "validate", "numbers", "checks", "answer", "save")


def good() -> dict[str, Any]:
    cells: list[dict[str, Any]] = []
    for key, source in CELLS:
        cell: dict[str, Any] = {"id": key, "metadata": {}, "source": source, "cell_type": "markdown"}
        if key in CODE:
            shown = copy.deepcopy(OUTPUT) if key in ("answer", "save") else []
            cell |= {"cell_type": "code", "execution_count": CODE.index(key) + 1, "outputs": shown}
        if key in ("parameters", "answer"):
            cell["metadata"]["tags"] = [key]
        cells.append(cell)
    metadata = {"kernelspec": notebooks.KERNELSPEC, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def problems(content: dict[str, Any], folder: Path, name: str = "10_test_thing") -> list[str]:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.ipynb").write_text(json.dumps(content), "utf-8")
    return notebook_rules.notebooks_check(folder)


def test_a_good_notebook_has_none(tmp_path: Path):
    assert problems(good(), tmp_path) == []


def cell(content: dict[str, Any], key: str) -> dict[str, Any]:
    return next(cell for cell in content["cells"] if cell["id"] == key)


@pytest.mark.parametrize(
    ("key", "source", "problem"),
    [
        ("title", "# Test one thing", "the question"),
        ("title", "## Test?", "the question"),
        ("contract", "Nothing.", "reads, writes and takes"),
        ("parameters", "first_year = 2018  # no annotation", "parameter without annotation"),
        ("parameters", "first_year: int = 2018", "parameter without annotation or comment"),
        ("imports", "x = 1", "not the import cell"),
        ("imports", "from tradeexposure import data\n" * 5, "5 imports from tradeexposure; at most 4"),
        ("validate", "import os", "an import outside"),
        ("numbers", "def f():\n    return 1", "def: logic belongs in lib/"),
        ("numbers", "for x in y:\n    x", "for: logic"),
        ("numbers", "while x:\n    x", "while: logic"),
        ("numbers", "try:\n    x\nexcept OSError:\n    y", "try: logic"),
        ("numbers", "class A:\n    x = 1", "class: logic"),
        ("numbers", "x = [a for b in c for a in b]", "comprehensions"),
        ("numbers", "fit.summary()", "summary"),
        ("numbers", 'pd.read_csv("x")', "read_csv: notebooks read and write no files"),
        ("numbers", 'x = "data/tables/x.csv"', "a path: data/tables/x.csv"),
        ("numbers", "x;", "a trailing semicolon"),
        ("numbers", "%matplotlib inline", "no plain Python"),
        ("numbers", "x = 1\n" * 16, "16 lines; at most 15"),
        ("numbers", "duty = 0.848", "84.8 is not asserted"),
        ("numbers", "assert duty == 0.849", "84.8 is not asserted"),
        ("answer", 'book.say("The duty is 14.9% for {x:.0%} of it.")', "14.9 is asserted in no cell"),
        ("answer", 'book.say("The rebate is C$7,000, by 90% of answers to C$1,000.")', "7,000 is asserted in no cell"),
        ("answer", 'assert day == "2024-10-01"\nbook.say("It was 100%.")', "100 is asserted in no cell"),
        ("contract", "Since 2 March 2026.", "2 March 2026 is asserted in no cell; assert 2026-03-02"),
        ("answer", 'assert x\nday = "2026-03-02"\nbook.say("Since 2 March\\n2026.")', "2 March 2026 is asserted in no"),
        ("checks", "x = 1", "this section has no assert"),
        ("answer", "x = 1", "not exactly one book.say cell tagged answer"),
        ("save", "x = 1", "this section has no book.save()"),
        ("limits", "## The end", "the last sections are not"),
    ],
)
def test_a_fault_in_a_cell_is_named(tmp_path: Path, key: str, source: str, problem: str):
    content = good()
    cell(content, key)["source"] = source
    assert any(problem in line for line in problems(content, tmp_path))


@pytest.mark.parametrize(
    ("key", "changed", "problem"),
    [
        ("numbers", {"id": "3f2a91bc"}, 'readable id, such as parameters: "id" in the file'),
        ("numbers", {"id": "Cell_1"}, "readable id"),
        ("numbers", {"id": "checks"}, "the same id"),
        ("numbers", {"execution_count": None}, "execution count None, not 4"),
        ("numbers", {"metadata": {"execution": {"iopub.status.busy": "x"}}}, "timing metadata"),
        ("numbers", {"outputs": [{"output_type": "error"}]}, "an error among its outputs"),
        ("save", {"outputs": []}, "no outputs"),
        ("answer", {"metadata": {}}, "tagged answer"),
    ],
)
def test_a_fault_of_a_cell_is_named(tmp_path: Path, key: str, changed: dict[str, Any], problem: str):
    content = good()
    cell(content, key).update(changed)
    lines = problems(content, tmp_path)
    assert lines
    assert any(problem in line for line in lines)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"nbformat_minor": 4}, "older than format 4.5"),
        ({"metadata": {"kernelspec": {"name": "mine"}}}, "kernelspec is not"),
        ({"metadata": {"language_info": {"version": "3.11.1"}}}, "version of Python"),
        ({"metadata": {"papermill": {}}}, "metadata papermill"),
    ],
)
def test_a_fault_of_the_file_is_named(tmp_path: Path, changed: dict[str, Any], problem: str):
    content = good()
    content["metadata"] = {**content["metadata"], **changed.pop("metadata", {})}
    assert any(problem in line for line in problems({**content, **changed}, tmp_path))


def test_words_that_are_not_plain_are_named(tmp_path: Path):
    content = good()
    cell(content, "title")["source"] = "# Test one thing\n\nIs it so?"
    assert problems(content, tmp_path) == [
        f"{tmp_path}/10_test_thing.ipynb: the title is an order (Test one thing); make it a question or a finding"
    ]


def test_size_is_limited(tmp_path: Path):
    content = good()
    place = content["cells"].index(cell(content, "checks"))
    source = "assert book\n" * 10 + 'book.check("a", book, 1)\n' * 3
    for number in range(30):
        added = copy.deepcopy(cell(content, "checks")) | {"id": f"check-{number}", "source": source}
        content["cells"].insert(place, added)
    text = "\n".join(problems(content, tmp_path))
    assert "37 code cells; at most 34" in text
    assert re.search(r"30\d lines of code; at most 300", text), "claims are counted apart"
    assert "92 lines of claims; at most 60" in text
    assert "words for" in text
    assert "no sentence of intent or reading between two code cells" in text


FIT = 'fit = smf.ols("y ~ x", rows).fit()'
SHOWN = "tables.show(tables.coefficients(fit.params, fit.bse))"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (f"{FIT}\n{SHOWN}\nbook.add_frame(theme.rows(fit))", ""),
        (f"{FIT}\n{SHOWN}\nbounds = theme.bounds(rows, fits={{2019: fit}})", ""),
        (
            f"fits = {{key: {FIT[6:]} for key in keys}}\n{SHOWN.replace('fit.', 'fits[1].')}\nrows = theme.rows(fits)",
            "",
        ),
        ("book.add_frame(theme.estimate(rows))", "no cell fits the equation: call one of fit_ppml, glm, ols"),
        (f"{SHOWN}\nbook.add_frame(theme.rows(fit))", "no cell fits the equation"),
        (f"{FIT}\nbook.add_frame(theme.rows(fit))", "fit is not shown below its equation"),
        (f"{FIT}\n{SHOWN}", "fit is handed to nothing that is published"),
        (
            f"{FIT}\n{SHOWN}\nassert abs(theme.rows(rows) - fit.params) < 1",
            "fit is handed to nothing that is published",
        ),
    ],
)
def test_a_notebook_that_estimates_publishes_the_fit_of_its_cell(tmp_path: Path, source: str, problem: str):
    content = good()
    cell(content, "numbers")["source"] += f"\n{source}"
    cell(content, "numbers")["outputs"] = copy.deepcopy(OUTPUT)
    assert problems(content, tmp_path, "10_count_thing") == []
    lines = problems(content, tmp_path / "estimates", "10_estimate_thing")
    assert [problem in line for line in lines] == [True] if problem else lines == []


def test_name_says_what_it_does(tmp_path: Path):
    assert "NN_verb_noun" in problems(good(), tmp_path, "10_trade")[0]


def test_a_notebook_that_was_not_executed_is_one_line(tmp_path: Path):
    content = good()
    for each in content["cells"]:
        if each["cell_type"] == "code":
            each |= {"execution_count": None, "outputs": []}
    (line,) = problems(content, tmp_path)
    again = "; type: tradeexposure outputs 10_test_thing"
    assert line.endswith(f"cell 3 (parameters): execution count None, not 1, and so with 6 more cells{again}")


def test_what_jupyterlab_saves_in_its_cells_is_one_line(tmp_path: Path):
    content = good()
    for each in content["cells"]:
        if each["cell_type"] == "code":
            each |= {"execution_count": 30}
            each["metadata"]["execution"] = {"iopub.status.busy": "x"}
    (line,) = problems(content, tmp_path)
    assert line.endswith(
        "cell 3 (parameters): timing metadata, and so with 6 more cells; type: tradeexposure outputs 10_test_thing"
    )
