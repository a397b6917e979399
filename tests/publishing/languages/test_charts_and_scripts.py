"""Charts in French: words, names in data, numbers; drawn once; every word of the committed ones has its message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest

from tradeexposure.core import paths
from tradeexposure.data import geography
from tradeexposure.publishing.languages import charts_and_scripts, french_numbers
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.reporting import charts

TOLD = Translator({"Receipts": "Recettes", "Growers of many crops lose": "Des producteurs perdent", "Oats": "Avoine",
                   "Growers lose": "Les producteurs perdent", "Bars of receipts.": "Barres de recettes."})  # fmt: skip
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    data = pd.DataFrame({"crop": ["Oats", "Canada"], "cad": [1.5e9, 3e9]})
    value = alt.X("cad", type="quantitative", title="Receipts", axis=alt.Axis(format="$~s", labelExpr=MONEY))
    name = alt.Y("crop", type="nominal", title=None, sort=["Oats", "Canada"])
    colour = alt.condition(alt.datum.crop == "Oats", alt.value("red"), alt.value("blue"))
    chart = alt.Chart(data).mark_bar().encode(value, name, color=colour, tooltip=["crop"])
    return charts.spec_of(chart, title="Growers lose", alt="Bars of receipts.")


MONEY = "datum.value == 0 ? 'C$0' : replace(datum.label, '$', 'C$')"


def test_words_and_names_are_french_wherever_they_stand(spec: dict[str, Any]) -> None:
    french = charts_and_scripts.chart(spec, TOLD.text)
    assert (french["title"], french["description"]) == (["Les producteurs perdent"], "Barres de recettes.")
    assert french["usermeta"]["title"] == "Les producteurs perdent"
    assert [row["crop"] for row in french["datasets"]["table_1"]] == ["Avoine", "Canada"]
    assert french["encoding"]["x"]["title"] == "Recettes"
    assert french["encoding"]["y"]["sort"] == ["Avoine", "Canada"]
    assert '"Avoine"' in str(french["encoding"]["color"])
    assert [row["cad"] for row in french["datasets"]["table_1"]] == [1.5e9, 3e9]


def test_a_drawing_writes_french_numbers(spec: dict[str, Any]) -> None:
    text = charts.svg(charts_and_scripts.chart(spec, TOLD.text))
    assert f"1,2{NBSP}G$" in text and f"0{NBSP}$" in text and "C$" not in text


LONG = "Une récolte dont le nom français est plus long que la place à côté du dessin"


def named(oats: str) -> dict[str, Any]:
    """A chart of two rows and two colours in French, where oats are called `oats`."""
    data = pd.DataFrame({"crop": ["Oats", "Canada"], "cad": [1.0, 2.0]})
    name = alt.Y("crop", type="nominal", title=None)
    colour = alt.Color("crop", type="nominal", scale=alt.Scale(domain=["Oats", "Canada"]))
    chart = alt.Chart(data).mark_bar().encode(alt.X("cad", type="quantitative"), name, color=colour)
    spec = charts.spec_of(chart, title="Growers lose", alt="Bars of receipts.")
    return charts_and_scripts.chart(spec, Translator({"Oats": oats}).text)


def test_a_legend_of_long_names_has_fewer_columns() -> None:
    columns = [named(oats)["config"]["legend"]["columns"] for oats in ("Avoine", LONG, f"{LONG}, {LONG}")]
    assert columns[0] == columns[1] > columns[2]


REPORTS = paths.CHECKOUT / "reports"
NOTEBOOKS = sorted((REPORTS / "published").glob("*/*.ipynb"))
CODES = set(geography.PROVINCES.values())  # by which shapes of a map are found; nobody reads them


def specifications(value: Any) -> Iterator[dict[str, Any]]:
    """Charts in what a notebook holds."""
    if isinstance(value, dict) and {"$schema", "usermeta"} <= value.keys():
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from specifications(item)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_every_word_of_a_chart_has_its_message(notebook: Path, through: Translator) -> None:
    lost: list[str] = []

    def told(text: str) -> str | None:
        french = through.text(text.replace(french_numbers.SPACE, " "))
        lost.extend([text] if french is None else [])
        return french

    for spec in specifications(json.loads(notebook.read_text("utf-8"))):
        charts_and_scripts.chart(spec, told)
    assert set(lost) <= CODES
