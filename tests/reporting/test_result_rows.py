"""Parts of a year in identifiers and words."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.reporting.result_rows import latest

TEXT = "@From: {x.@latest} @in; {x.@before}"


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ("2025-10", "From January to October 2025: {x.2025_jan_oct} in January to October 2025; {x.2024_jan_oct}"),
        ("2026-12", "In 2026: {x.2026} in 2026; {x.2025}"),
    ],
)
def test_what_is_held_of_the_newest_year(last: str, text: str):
    assert latest(pd.Series(pd.date_range("2020-01", last, freq="MS"))).fill(TEXT) == text
