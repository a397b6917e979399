"""Words of charts and tables of page 40."""

from __future__ import annotations

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


def test_tables_write_shares_in_percent() -> None:
    for name, table in figures.TABLES.items():
        assert set(table["written"]) <= set(table["columns"]), name
    assert figures.TABLES["choices"]["written"]["median"] == "change"
