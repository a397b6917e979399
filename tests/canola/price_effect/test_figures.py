"""Words of charts and tables of page 40."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tradeexposure.canola.price_effect import figures


@pytest.mark.parametrize(("count", "others"), [(1, "one other crop"), (4, "four other crops"), (6, "six other crops")])
def test_the_text_of_the_chart_of_crops_counts_them(count: int, others: str):
    alt = figures.crops_alt(pd.DataFrame({"estimate": [0.0] * count}))
    assert alt == f"Dots with 95% intervals of the effect for Prairie canola and {others}. All intervals include zero."


def test_tables_speak_in_words() -> None:
    frame = pd.DataFrame({"series": ["soybean_oil"], "p_level": [1e-9], "rank_1": [0.25]})
    shown = figures.p_words(frame)
    assert shown.iloc[0].tolist() == ["soybean oil", "under 0.001", "0.250"]
    assert figures.named(pd.DataFrame({"model": ["vecm_1"]}), "model")["model"].item() == "VECM, one relation"


def test_a_model_or_price_that_the_notebook_adds_is_drawn_by_its_own_name() -> None:
    added = {"model": "first_difference", "variables": "crude", "lags": 2, "deterministic": "season"}
    frame = pd.DataFrame([{**added, "start": "1990-01", "estimate": -0.1, "low": -0.2, "high": 0.1, "crop": "rye"}])
    drawn = (figures.curve(frame), figures.models(frame), figures.crops(frame, canola=(-0.1, -0.2, 0.0)))
    for chart, name in zip(drawn, ("crude", "first difference", "rye"), strict=True):
        assert f'"{name}"' in json.dumps(chart.to_dict()).lower()


def test_other_lags_and_terms_of_the_cells_keep_their_names() -> None:
    cells = [("complex", "1990-01", 6, terms, lags, lags) for terms in ("constant", "trend") for lags in (1, 3)]
    ranks = pd.DataFrame(cells, columns=["variables", "start", "series", "terms", "lags", "rank_trace"])
    headings = ["Canola and …", "From", "1 lag", "3 lags", "trend, 1 lag", "trend, 3 lags", "Full rank"]
    assert [*figures.rank_table(ranks)] == headings
    assert figures.terms(["C(month)[T.2]", "d3_canola"]) == {
        "C(month)[T.2]": "C(month)[T.2]", "d3_canola": "Change of Prairie canola, 3 months before",
    }  # fmt: skip
