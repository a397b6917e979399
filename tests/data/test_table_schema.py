"""Shares lie from 0 to 1 and keys tell every row apart, or the first that does not is named."""

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
