"""Pages generated from published numbers: stems, one row each, what may stand in a cell of a Markdown table."""

from __future__ import annotations

import pandas as pd
import samplenotebook as sample

from tradeexposure.publishing import results_docs


def numbers() -> pd.DataFrame:
    shared = {"notebook": "30_estimate_it", "low": float("nan"), "high": float("nan"), "digits": 3, "period": "2019"}
    rows = [
        {"result_id": "canola.effect.2019", "label": "Effect | <b>", "value": -0.687, "unit": "change", "method": "a"},
        {"result_id": "canola.effect.2019.p_value", "label": "p", "value": 0.03, "unit": "pvalue", "method": "b"},
        {"result_id": "canola.effect_kt.2019", "label": "Seed", "value": 3190.0, "unit": "kilotonnes", "method": ""},
        {"result_id": "canola.effect.2025", "label": "Later", "value": -0.5, "unit": "change", "method": "a"},
        {"result_id": "scenario.ev.cars.first_year", "label": "Cars", "value": 3e4, "unit": "count", "method": ""},
    ]
    return pd.DataFrame(rows).assign(**shared)


def test_catalogue_has_one_row_for_each_stem() -> None:
    lines = results_docs.catalogue(numbers()).splitlines()
    assert [line for line in lines if line.startswith("| `")] == [
        "| `canola.effect` | 3 | Effect \\| &lt;b> | change, pvalue | `30_estimate_it` | a (and 1 more) |",
        "| `canola.effect_kt` | 1 | Seed | kilotonnes | `30_estimate_it` | as published |",
        "| `scenario.ev.cars` | 1 | Cars | count | `30_estimate_it` | as published |",
    ]


def test_answers_stand_below_the_title_of_their_notebook() -> None:
    page = results_docs.answers({"First": numbers().iloc[:1], "Second": numbers().iloc[2:3]})
    places = [page.index(text) for text in ("## First", "−68.7%", "## Second", "3,190 kt")]
    assert places == sorted(places)
    assert page.endswith("|\n") and "\n\n\n" not in page


def test_readme_table_keeps_its_columns() -> None:
    lines = results_docs.readme_table(sample.published()).splitlines()
    assert lines[2] == "| Two-way trade | C$118.9 bn | – | 2024 |"
    assert lines[3] == "| &lt;b>Odds&lt;/b> \\| doubling | 20.0% | 10.0% to 30.0% |  |"
