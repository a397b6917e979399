"""Shares lie from 0 to 1, keys tell every row apart, parts are no more than their whole: the first fault is named."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.data import table_schema


@pytest.mark.parametrize("wrong", [-0.1, 1.0001, 42.0])
def test_a_share_outside_its_bounds_is_named(wrong: float) -> None:
    assert table_schema.check_shares(pd.Series([0.0, 0.5, 1.0]), where="t", key="share").tolist() == [0, 0.5, 1]
    with pytest.raises(BadInput, match=f"^t: share: found {wrong:g}; allowed: a share from 0 to 1"):
        table_schema.check_shares(pd.Series([0.5, wrong]), where="t", key="share")


def test_a_key_is_all_of_its_columns() -> None:
    rows = pd.DataFrame({"year": [2024, 2024, 2025], "place": ["ab", "sk", "ab"]})
    table_schema.check_key(rows, ["year", "place"], where="t")
    with pytest.raises(BadInput, match=r"found year=2024, place=ab twice"):
        table_schema.check_key(pd.concat([rows, rows.head(1)]), ["year", "place"], where="t")


def test_parts_are_no_more_than_their_whole_nor_a_figure_than_the_one_that_bounds_it() -> None:
    fields = [
        {"name": "year", "type": "integer"}, {"name": "geo", "type": "string"},
        {"name": "duty", "type": "number", "unit": "CAD", "at_most": "value"},
        {"name": "value", "type": "number", "unit": "CAD"}, {"name": "yield", "type": "number", "unit": "kg per ha"},
    ]  # fmt: skip
    described = {"schema": {"fields": fields}, "key": ["year", "geo"], "whole": {"geo": "Canada"}}
    rows = pd.DataFrame({"year": 2024, "geo": ["Canada", "Alberta", "Manitoba"], "duty": [3.0, 2.0, 1.0],
                         "value": [100.0, 60.0, 41.0], "yield": [2.0, 2.0, 2.0]})  # fmt: skip
    table_schema.check_sizes(rows, described, where="t")
    with pytest.raises(BadInput, match="value, 2024, all but Canada: found 120; allowed: at most the 100 of Canada"):
        table_schema.check_sizes(rows.replace(41.0, 60.0), described, where="t")
    with pytest.raises(BadInput, match=r"row 4, column duty: found 42\.0; allowed: at most what value has in that row"):
        table_schema.check_sizes(rows.replace(1.0, 42.0), described, where="t")
