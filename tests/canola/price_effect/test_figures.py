"""Words of charts of page 40 that follow their figures."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.canola.price_effect import figures


@pytest.mark.parametrize(("count", "others"), [(1, "one other crop"), (4, "four other crops"), (6, "six other crops")])
def test_the_text_of_the_chart_of_crops_counts_them(count: int, others: str):
    alt = figures.crops_alt(pd.DataFrame({"estimate": [0.0] * count}))
    assert alt == f"Dots with 95% intervals of the effect for Prairie canola and {others}. All intervals include zero."
