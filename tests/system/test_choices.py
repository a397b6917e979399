"""Another window, baseline or forecast origin, by a parameter alone, or another choice in a cell: the page follows.

Run with papermill as anybody would, outside the project's own runner.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import papermill.__main__ as command
import pytest
from papermill.exceptions import PapermillExecutionError

from tradeexposure.core import published_rows
from tradeexposure.runner.kernels import refusals

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Page:
    """An executed notebook: texts by cell id, published rows, how it ended."""

    cells: list[dict[str, Any]]
    status: int
    told: str

    def text(self, cell: str) -> str:
        """All that a cell shows."""
        outputs = next(entry for entry in self.cells if entry["id"] == cell)["outputs"]
        return "\n".join("".join(output["data"]["text/plain"]) for output in outputs if "data" in output)

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Published numbers by identifier."""
        return {row["result_id"]: row for row in published_rows.numbers_of({"cells": self.cells})}

    def drawn(self, cell: str) -> str:
        """The specifications of the charts of a cell, titles and alternative texts among them."""
        outputs = next(entry for entry in self.cells if entry["id"] == cell)["outputs"]
        return json.dumps([output.get("data", {}) for output in outputs], ensure_ascii=False)


def papermill(folder: Path, notebook: str, *parameters: str, edits: Mapping[str, str] | None = None) -> Page:
    """The command as it is typed, but in this process, so that papermill is imported once; `edits`: old → new text."""
    (source,) = (ROOT / "notebooks").glob(f"{notebook}_*.ipynb")
    edited, out, text = folder / source.name, folder / "out.ipynb", source.read_text("utf-8")
    for old, new in (edits or {}).items():
        old, new = (json.dumps(part)[1:-1] for part in (old, new))
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    edited.write_text(text, "utf-8")
    typed = [str(edited), str(out), "--no-progress-bar", "--cwd", str(source.parent), "-k", "python3", *parameters]
    status, message = 0, ""
    try:
        command.papermill.main(typed, standalone_mode=False)
    except click.ClickException as error:
        status, message = error.exit_code, error.format_message()
    except PapermillExecutionError as error:
        status, message = 1, str(error)
    return Page(json.loads(out.read_text("utf-8"))["cells"], status, message)


@pytest.mark.slow
def test_another_baseline_of_2019_reaches_the_answer(tmp_path: Path) -> None:
    page = papermill(tmp_path, "30", "-y", 'baseline_2019: ["2014-08", "2018-02"]')
    assert page.status == 0, page.told
    months = "March 2019 to February 2020 (baseline August 2014 to February 2018)"
    assert "2014-08 to 2018-02" in page.text("windows")
    assert f"In {months} China" in page.text("answer") and months in page.text("effects")
    assert f", {months};" in page.rows["canola.trade_effect.2019"]["label"]
    for chart in ("fan-2019", "placebo", "curve", "headline"):
        assert months in page.drawn(chart), chart
    answer, sentence = page.text("answer"), f"“no other crop and destination lost as much in {months}”: found 0."
    assert "baseline_2019 = ['2014-08', '2018-02']" in answer and sentence in answer
    assert "of 2019" not in answer and "in 2019" not in answer


@pytest.mark.slow
def test_another_window_and_baseline_of_2025_reach_the_answer(tmp_path: Path) -> None:
    chosen = ("-y", 'window_2025: ["2025-03", "2025-09"]', "-y", 'baseline_2025: ["2022-08", "2024-06"]')
    page = papermill(tmp_path, "30", *chosen)
    assert page.status == 0, page.told
    months = "March 2025 to September 2025 (baseline August 2022 to June 2024)"
    for cell in ("paths", "bounds", "permutation", "answer"):
        assert months in page.text(cell), cell
    for chart in ("fan-2025", "diversion", "headline"):
        assert months in page.drawn(chart), chart
    assert page.rows["canola.shortfall_kt.2025"]["label"].endswith(months)
    answer = page.text("answer")
    assert "window_2025 = ['2025-03', '2025-09']; baseline_2025 = ['2022-08', '2024-06']" in answer
    assert f"“every range of the shortfall of {months} holds zero”: found " in answer


@pytest.mark.slow
def test_another_window_of_the_price_reaches_the_answer(tmp_path: Path) -> None:
    page = papermill(tmp_path, "40", "-y", 'window_2019: ["2019-03", "2019-12"]')
    assert page.status == 0, page.told
    months = "March 2019 to December 2019"
    assert f"From {months}" in page.text("answer")
    assert page.rows["canola.price_effect.2019"]["label"].endswith("2019-03 to 2019-12")
    assert page.rows["canola.grower_cost_cad.canada.2019"]["method"].endswith("parts of 2019; negative is a gain")
    assert "2019-03 to 2020-02, here 2019-03 to 2019-12" in page.text("compare")
    assert "scaled to 10 of its 17 months" in page.text("compare")
    for chart in ("headline", "models", "curve", "placebos", "crops", "incidence"):
        assert months in page.drawn(chart), chart


@pytest.mark.slow
def test_another_window_of_the_tariff_reaches_the_answer(tmp_path: Path) -> None:
    page = papermill(tmp_path, "60", "-y", 'tariff_window: ["2025-05", "2025-12"]')
    assert page.status == 0, page.told
    assert "in May to December 2025 they were" in page.text("answer")
    assert "From May to December 2025" in page.text("ranks") and "2025-05 to 2025-12" in page.text("ranks")
    assert page.rows["ev.us_auto_tariff_effect.2025"]["label"].endswith("2025-05 to 2025-12")


#: Notebook → a parameter, its value, and how the label of a number of it ends.
ANOTHER = {
    "40": ("fit_2025", "2024-12", "canola.price_effect.2025_mar.fit_2024_12", "(fitted to 2024-12)"),
    "60": ("price_low", "50000", "ev.demand_elasticity.bev.50000", "at C$50,000, pooled estimate"),
}


@pytest.mark.slow
@pytest.mark.parametrize("number", ANOTHER)
def test_another_fit_or_price_has_numbers_of_its_own(tmp_path: Path, number: str) -> None:
    name, value, result_id, ending = ANOTHER[number]
    page = papermill(tmp_path, number, "-p", name, value)
    assert page.status == 0, page.told
    assert page.rows[result_id]["label"].endswith(ending)


@pytest.mark.slow
def test_another_forecast_origin_reaches_the_answer(tmp_path: Path) -> None:
    page = papermill(tmp_path, "10", "-p", "check_origin", "2023-12")
    assert page.status == 0, page.told
    assert "From December 2023 the middle model said" in page.text("detail") and "2023-12" in page.text("chances")
    row = page.rows["trade.double_non_us.2035.probability.origin_2023-12"]
    assert "seen from December 2023" in row["label"]


@pytest.mark.slow
def test_another_window_and_other_choices_in_cells_reach_sentences_and_methods(tmp_path: Path) -> None:
    edits = {
        "cluster=None": 'cluster="destination"',
        '"wheat and barley": ["wheat", "barley"],': '"wheat and oats": ["wheat", "oats"],',
        'case_months, month_before = ("2024-09", ': 'case_months, month_before = ("2024-10", ',
    }
    page = papermill(tmp_path, "30", "-y", 'window_2019: ["2019-04", "2020-03"]', edits=edits)
    assert page.status == 0, page.told
    assert "2016-04" in page.text("permutation") and "2016-03" not in page.text("permutation")
    untrue = "ranges of the second design of April 2019 to March 2020 (baseline August 2014 to February 2019) lie below"
    assert untrue in page.text("answer")
    rows = page.rows
    assert rows["canola.trade_effect.2019.robust_errors"]["method"].endswith("standard error by 9 clusters")
    assert "Against wheat and oats seed to China" in page.text("triple")
    assert "against wheat and oats" in rows["canola.trade_effect.2019.triple_difference"]["method"]
    assert "From October to December 2024 China's" in page.text("case")


@pytest.mark.slow
def test_a_sample_that_names_would_not_follow_is_refused(tmp_path: Path) -> None:
    page = papermill(tmp_path, "60", edits={'("Ontario",), "2024Q3"': '("Ontario",), "2024Q2"'})
    assert page.status and "say Ontario and 2024Q3”: found Ontario; 2024Q2" in page.told


#: Notebook → what is typed, and what is said. `tests/reporting/test_parameters.py` has all kinds of values, and that
#: every notebook checks its own.
WRONG = {
    "30": (
        ("-y", 'baseline_2019: ["2014-08", "2019-06"]'),
        "baseline: 2019: found 2014-08 to 2019-06; allowed: months",
    ),
    "90": (
        ("-p", "scenaro", "deal_2026"),
        "notebooks/90_write_brief.ipynb: scenaro: found a name that this notebook does not have",
    ),
}


@pytest.mark.parametrize("number", WRONG)
def test_a_parameter_that_cannot_be_is_refused_in_one_line(tmp_path: Path, number: str) -> None:
    typed, refusal = WRONG[number]
    page = papermill(tmp_path, number, *typed)
    assert page.status == refusals.Refused.exit_code and page.told.startswith(refusal) and "\n" not in page.told
    stopped = [output for cell in page.cells for output in cell.get("outputs", ()) if output["output_type"] == "error"]
    assert [output["ename"] for output in stopped] == ["BadInput"]  # the notebook is kept as it stopped
