"""Flows of crops by market: zeros kept, the European Union and the rest summed, and input that must be refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.canola.exposure import crop_flows
from tradeexposure.core.errors import BadInput

MONTHS = pd.date_range("2018-08", "2020-07", freq="MS", name="month")


def exports() -> pd.DataFrame:
    """Two crops; canola to Italy in one month only, wheat nowhere but China."""
    rows = [{"month": month, "grain": "wheat", "destination": "China P.R.", "volume_kt": 10.0} for month in MONTHS]
    rows += [{"month": month, "grain": "canola", "destination": "Japan", "volume_kt": 5.0} for month in MONTHS[::2]]
    rows += [{"month": MONTHS[0], "grain": "canola", "destination": name, "volume_kt": 3.0}
             for name in ("Italy", "Spain", "China P.R.", "Oman")]  # fmt: skip
    return pd.DataFrame(rows)


def test_flows_hold_every_month_keep_zeros_and_sum_the_union_and_the_rest():
    every = crop_flows.flows(exports(), crops=["canola", "wheat"])
    found = crop_flows.markets_apart(every, markets=["China", "Japan", "European Union"])
    assert found.groupby(["crop", "destination"]).size().eq(len(MONTHS)).all()
    wide = crop_flows.by_month(found)
    assert wide.loc["2018-08-01"].to_dict() == {"China": 3, "European Union": 6, "Japan": 5, "Other": 3}
    assert wide.loc["2018-09-01"].sum() == 0
    assert found["volume_kt"].sum() == exports()["volume_kt"].sum()


def test_flows_refuse_unknown_markets_crops_and_holes():
    with pytest.raises(BadInput, match="Atlantis"):
        crop_flows.markets_apart(crop_flows.flows(exports(), crops=["canola"]), markets=["Atlantis"])
    with pytest.raises(BadInput, match="barley"):
        crop_flows.flows(exports(), crops=["barley"])
    table = exports()
    with pytest.raises(BadInput, match="2018-10"):
        crop_flows.flows(table[table["month"] != "2018-10-01"], crops=["canola"])
    with pytest.raises(BadInput, match="oats"):
        crop_flows.by_month(crop_flows.flows(exports(), crops=["canola"]), crop="oats")
